"""Texels in the making and in the reading: slopes, mip levels, bilinear samples and streaks of them.

What a texel's eight numbers are is told in `materials.texels`. Helpers of kernels are plain functions here, not pasted
ones: the compiler decides, and compiling stays short.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels import f32, kernel

TEXEL = 8
"""Numbers of a texel."""

STEEPEST = f32(4)
"""Slopes beyond this are cut: a few texels of a wall must not outweigh all the rest in the squares."""

ZERO, ONE, HALF = f32(0), f32(1), f32(0.5)


@kernel
def slopes_of_normals(normal, scale, out):
    """Give the slope to the right, the slope upwards, and the sum of their squares."""
    for y in range(normal.shape[0]):
        for x in range(normal.shape[1]):
            up = max(normal[y, x, 2] * f32(2) - f32(1), f32(0.05))
            right = (f32(1) - normal[y, x, 0] * f32(2)) / up
            top = (f32(1) - normal[y, x, 1] * f32(2)) / up
            right = min(max(right * scale, -STEEPEST), STEEPEST)
            top = min(max(top * scale, -STEEPEST), STEEPEST)
            out[y, x, 0] = right
            out[y, x, 1] = top
            out[y, x, 2] = right * right + top * top


@kernel
def slopes_of_height(height, across, down, out):
    rows, columns = height.shape
    for y in range(rows):
        above, below = (y - 1) % rows, (y + 1) % rows
        for x in range(columns):
            left, right = (x - 1) % columns, (x + 1) % columns
            a = (height[y, right] - height[y, left]) * across
            b = (height[above, x] - height[below, x]) * down
            a = min(max(a, -STEEPEST), STEEPEST)
            b = min(max(b, -STEEPEST), STEEPEST)
            out[y, x, 0] = a
            out[y, x, 1] = b
            out[y, x, 2] = a * a + b * b


@kernel
def pack(colour, metallic, roughness, slopes, occlusion, out):
    rows, columns = metallic.shape
    for y in range(rows):
        for x in range(columns):
            texel = out[y * columns + x]
            width = roughness[y, x] * roughness[y, x]
            texel[0] = colour[y, x, 0]
            texel[1] = colour[y, x, 1]
            texel[2] = colour[y, x, 2]
            texel[3] = metallic[y, x]
            texel[4] = slopes[y, x, 0]
            texel[5] = slopes[y, x, 1]
            texel[6] = occlusion[y, x]
            texel[7] = width * width + slopes[y, x, 2]


@kernel
def halve(values, start, rows, columns, next_start, next_rows, next_columns):
    """Average pairs of a level into the next; a side of 1 stays 1."""
    down, right = rows // next_rows, columns // next_columns
    for y in range(next_rows):
        for x in range(next_columns):
            a = start + y * down * columns + x * right
            b = a + right - 1
            c = a + (down - 1) * columns
            d = c + right - 1
            target = values[next_start + y * next_columns + x]
            for i in range(target.size):
                target[i] = (values[a, i] + values[b, i] + values[c, i] + values[d, i]) * f32(0.25)


@kernel
def height_at(heights, start, rows, columns, u, v):
    x, y = u * f32(columns) - HALF, v * f32(rows) - HALF
    left, top = np.floor(x), np.floor(y)
    a, b = x - left, y - top
    i, j = np.int64(left) & (columns - 1), np.int64(top) & (rows - 1)
    i2, j2 = (i + 1) & (columns - 1), (j + 1) & (rows - 1)
    upper, lower = start + j * columns, start + j2 * columns
    p = heights[upper + i] + (heights[upper + i2] - heights[upper + i]) * a
    q = heights[lower + i] + (heights[lower + i2] - heights[lower + i]) * a
    return p + (q - p) * b


@kernel
def gather(texels, start, rows, columns, u, v, weight, out):
    """Add a bilinear sample of eight channels, times a weight.

    All are read before any is written: then they are read and written as one vector.
    """
    x, y = u * f32(columns) - HALF, v * f32(rows) - HALF
    left, top = np.floor(x), np.floor(y)
    a, b = x - left, y - top
    i, j = np.int64(left) & (columns - 1), np.int64(top) & (rows - 1)
    i2, j2 = (i + 1) & (columns - 1), (j + 1) & (rows - 1)
    w3, w2, w1 = weight * a * b, weight * (ONE - a) * b, weight * a * (ONE - b)
    w0 = weight - w1 - w2 - w3
    p, q = (start + j * columns + i) * 8, (start + j * columns + i2) * 8
    r, s = (start + j2 * columns + i) * 8, (start + j2 * columns + i2) * 8
    c0 = out[0] + w0 * texels[p] + w1 * texels[q] + w2 * texels[r] + w3 * texels[s]
    c1 = out[1] + w0 * texels[p + 1] + w1 * texels[q + 1] + w2 * texels[r + 1] + w3 * texels[s + 1]
    c2 = out[2] + w0 * texels[p + 2] + w1 * texels[q + 2] + w2 * texels[r + 2] + w3 * texels[s + 2]
    c3 = out[3] + w0 * texels[p + 3] + w1 * texels[q + 3] + w2 * texels[r + 3] + w3 * texels[s + 3]
    c4 = out[4] + w0 * texels[p + 4] + w1 * texels[q + 4] + w2 * texels[r + 4] + w3 * texels[s + 4]
    c5 = out[5] + w0 * texels[p + 5] + w1 * texels[q + 5] + w2 * texels[r + 5] + w3 * texels[s + 5]
    c6 = out[6] + w0 * texels[p + 6] + w1 * texels[q + 6] + w2 * texels[r + 6] + w3 * texels[s + 6]
    c7 = out[7] + w0 * texels[p + 7] + w1 * texels[q + 7] + w2 * texels[r + 7] + w3 * texels[s + 7]
    out[0], out[1], out[2], out[3], out[4], out[5], out[6], out[7] = c0, c1, c2, c3, c4, c5, c6, c7


@kernel
def filtered(texels, levels, lod, u, v, across, down, probes, out):
    """Write the mean of eight channels over a streak of texels, probe by probe, between two levels."""
    for c in range(8):
        out[c] = ZERO
    lod = min(max(lod, ZERO), f32(levels.shape[0] - 1))
    level = min(np.int64(lod), levels.shape[0] - 1)
    part = lod - f32(level)
    weight = ONE / f32(probes)
    for probe in range(probes):
        place = (f32(probe) + HALF) * weight - HALF
        x, y = u + across * place, v + down * place
        if part < f32(0.97) or level + 1 >= levels.shape[0]:
            share = weight * (ONE - part)
            gather(texels, levels[level, 0], levels[level, 1], levels[level, 2], x, y, share, out)
        if part > ZERO and level + 1 < levels.shape[0]:
            share = weight * part if part < f32(0.97) else weight
            level2 = level + 1
            gather(texels, levels[level2, 0], levels[level2, 1], levels[level2, 2], x, y, share, out)
