"""The exact Euclidean distance to a mask, on the torus.

Two passes after Felzenszwalb and Huttenlocher (2012): down the columns by counting, along the rows by the
lower envelope of parabolas, over a row continued by half its length on both sides.
"""

from __future__ import annotations

import numpy as np

from nodes.declare import Band
from nodes.kernels.compile import f32, kernel

FAR = 1 << 28


@kernel
def _down(inside, nearest, below):
    """Write the signed rows to the nearest pixel of the mask in each column, down positive; FAR where there is none."""
    height, width = inside.shape
    for lap in range(2):  # the second lap knows what lies over the border
        for y in range(height):
            row, before = nearest[y], nearest[y - 1 if y > 0 else height - 1]
            for x in range(width):
                first = lap == 0 and y == 0
                row[x] = 0 if inside[y, x] else (FAR if first else min(before[x] + 1, FAR))
    for x in range(width):
        below[x] = FAR
    for lap in range(2):
        for y in range(height - 1, -1, -1):
            row = nearest[y]
            for x in range(width):
                below[x] = 0 if inside[y, x] else min(below[x] + 1, FAR)
                if lap == 1:
                    row[x] = below[x] if below[x] < row[x] else -row[x]


@kernel
def _along(nearest, top, squared, column, places, borders):
    """Write, for each pixel of some rows, the squared distance and the column shift of the nearest mask pixel."""
    width = nearest.shape[1]
    half = width // 2 + 1
    for y in range(squared.shape[0]):
        row = nearest[top + y]
        count = 0
        for q in range(-half, width + half):
            g = np.float64(row[q % width])
            if abs(g) >= FAR:
                continue
            high = g * g + np.float64(q) * q
            cross = -1e30
            while count > 0:
                p = places[count - 1]
                g = np.float64(row[p % width])
                cross = (high - g * g - np.float64(p) * p) / (2.0 * (q - p))
                if cross > borders[count - 1]:
                    break
                count -= 1
                cross = -1e30
            borders[count] = cross
            places[count] = q
            count += 1
        k = 0
        for x in range(width):
            if count == 0:
                squared[y, x] = f32(1e30)
                column[y, x] = 0
                continue
            while k + 1 < count and borders[k + 1] < x:
                k += 1
            p = places[k]
            g = np.float64(row[p % width])
            squared[y, x] = np.float64(x - p) * (x - p) + g * g
            column[y, x] = p - x


def to_mask(band: Band, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distance in pixels to the nearest pixel of a mask, and where that is, as columns and rows from here.

    inside : bool (H, W). Where the mask is empty the distance is 1e15 and the shifts are 0.
    """
    height, width = inside.shape
    nearest = np.empty((height, width), np.int32)
    _down(inside, nearest, np.empty(width, np.int32))
    squared = np.empty((height, width), np.float32)
    column = np.empty((height, width), np.int32)

    def work(top: int, bottom: int) -> None:
        places, borders = np.empty(2 * width + 4, np.int64), np.empty(2 * width + 4)
        _along(nearest, top, squared[top:bottom], column[top:bottom], places, borders)
        np.sqrt(squared[top:bottom], out=squared[top:bottom])

    band.each(work)
    rows = np.take_along_axis(nearest, (np.arange(width)[None] + column) % width, axis=1)
    return squared, column, np.where(np.abs(rows) >= FAR, 0, rows)
