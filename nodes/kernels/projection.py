"""Reading a picture through a perspective: cubic, and averaged over what each new pixel covers."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel

MOST = 8
"""Samples along each side of a new pixel, at most."""

SLACK = 0.2
"""How much larger than an old pixel a new one may be and still be a single sample: what aliases there is not seen."""


@inline
def reflected(i, n):
    """Return an index of a picture that goes on as its own mirror image."""
    if i < 0 or i >= n:
        i = i % (2 * n)
        i = i if i < n else 2 * n - 1 - i
    return i


@inline
def cubic(t):
    """Return the four weights of Catmull and Rom's spline at a share between the inner two."""
    return (
        ((f32(-0.5) * t + f32(1)) * t - f32(0.5)) * t,
        (f32(1.5) * t - f32(2.5)) * t * t + f32(1),
        ((f32(-1.5) * t + f32(2)) * t + f32(0.5)) * t,
        (f32(0.5) * t - f32(0.5)) * t * t,
    )


@inline
def seen(matrix, y, x):
    """Return row and column in the old picture of a place in the new one; borders of pixels are whole numbers."""
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    return (
        (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / depth,
        (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / depth,
    )


@kernel
def project(picture, matrix, out):
    """Write a picture (h, w, c) as seen through a matrix from new places (x, y, 1) to old ones, in pixels.

    Each new pixel is the mean of samples that lie no further than an old pixel apart, so that nothing aliases.
    """
    height, width, channels = picture.shape
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            top_y, top_x = seen(matrix, np.float64(y), x + 0.5)
            low_y, low_x = seen(matrix, y + 1.0, x + 0.5)
            left_y, left_x = seen(matrix, y + 0.5, np.float64(x))
            right_y, right_x = seen(matrix, y + 0.5, x + 1.0)
            down = np.sqrt((low_y - top_y) ** 2 + (low_x - top_x) ** 2)
            across = np.sqrt((right_y - left_y) ** 2 + (right_x - left_x) ** 2)
            rows = min(max(np.int64(np.ceil(down - SLACK)), 1), MOST)
            columns = min(max(np.int64(np.ceil(across - SLACK)), 1), MOST)
            share = f32(1) / f32(rows * columns)
            for c in range(channels):
                out[y, x, c] = f32(0)
            for i in range(rows):
                for j in range(columns):
                    at_y, at_x = seen(matrix, y + (i + 0.5) / rows, x + (j + 0.5) / columns)
                    at_y, at_x = at_y - 0.5, at_x - 0.5
                    first_y, first_x = np.int64(np.floor(at_y)), np.int64(np.floor(at_x))
                    y0, y1, y2, y3 = cubic(f32(at_y - first_y))
                    x0, x1, x2, x3 = cubic(f32(at_x - first_x))
                    a, b = reflected(first_x - 1, width), reflected(first_x, width)
                    d, e = reflected(first_x + 1, width), reflected(first_x + 2, width)
                    for k in range(4):
                        row = picture[reflected(first_y - 1 + k, height)]
                        weight = (y0 if k == 0 else (y1 if k == 1 else (y2 if k == 2 else y3))) * share
                        for c in range(channels):
                            out[y, x, c] += weight * (x0 * row[a, c] + x1 * row[b, c] + x2 * row[d, c] + x3 * row[e, c])
