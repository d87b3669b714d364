"""The exact Euclidean distance to a mask, on the torus.

Two passes after Felzenszwalb and Huttenlocher (2012): down the columns by counting, along the rows by the
lower envelope of parabolas, over a row continued by half its length on both sides.
"""

from __future__ import annotations

import numpy as np

from nodes.declare import Band
from nodes.kernels.compile import f32, kernel
from nodes.kernels.sampling import wrapped

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
def _along(nearest, top, squared, column, down, places, borders):
    """Write, for each pixel of some rows, the squared distance and the shift of the nearest mask pixel."""
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
                down[y, x] = 0
                continue
            while k + 1 < count and borders[k + 1] < x:
                k += 1
            p = places[k]
            rows_down = row[p % width]
            g = np.float64(rows_down)
            squared[y, x] = np.float64(x - p) * (x - p) + g * g
            column[y, x] = p - x
            down[y, x] = rows_down


def to_mask(band: Band, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distance in pixels to the nearest pixel of a mask, and where that is, as columns and rows from here.

    inside : bool (H, W). Where the mask is empty the distance is 1e15 and the shifts are 0.
    """
    height, width = inside.shape
    nearest = np.empty((height, width), np.int32)
    _down(inside, nearest, np.empty(width, np.int32))
    squared = np.empty((height, width), np.float32)
    column, rows = np.empty((height, width), np.int32), np.empty((height, width), np.int32)

    def work(top: int, bottom: int) -> None:
        places, borders = np.empty(2 * width + 4, np.int64), np.empty(2 * width + 4)
        here = slice(top, bottom)
        _along(nearest, top, squared[here], column[here], rows[here], places, borders)
        np.sqrt(squared[here], out=squared[here])

    band.each(work)
    return squared, column, rows


@kernel
def _refine(mask, threshold, sign, reach, distance, columns, rows, top, out):
    """Write the distance to where the mask crosses the threshold, just before the nearest pixel on the other side."""
    height, width = mask.shape
    for y in range(out.shape[0]):
        for x in range(width):
            far = distance[y, x]
            if far < f32(0.5):
                continue
            if far > reach:
                out[y, x] = sign * far
                continue
            dx, dy = columns[y, x], rows[y, x]
            unit = f32(1) / far
            step_x, step_y = np.int64(np.rint(dx * unit)), np.int64(np.rint(dy * unit))
            qy, qx = wrapped(top + y + dy, height), wrapped(x + dx, width)
            beyond = mask[qy, qx]
            before = mask[wrapped(qy - step_y, height), wrapped(qx - step_x, width)]
            rest = min(max((threshold - beyond) / (before - beyond), f32(0)), f32(1)) if before != beyond else f32(0.5)
            back = rest * np.sqrt(f32(step_x * step_x + step_y * step_y))
            out[y, x] = sign * (far - back)


def to_edge(band: Band, mask: np.ndarray, threshold: float, reach: float) -> np.ndarray:
    """Return how many pixels deep each pixel lies in a mask, negative outside, to a fraction of a pixel.

    The edge runs where the mask, straight between pixels, crosses the threshold; beyond `reach` pixels it is told less
    exactly. Without an edge it is 1e15 away.
    """
    inside = mask > f32(threshold)
    out = np.empty(mask.shape, np.float32)
    for sign, other in ((1.0, ~inside), (-1.0, inside)):
        field, columns, rows = to_mask(band, other)

        def work(top: int, bottom: int, sign=sign, field=field, columns=columns, rows=rows) -> None:  # type: ignore[no-untyped-def]  # bound early
            part = slice(top, bottom)
            _refine(mask, f32(threshold), f32(sign), f32(reach), field[part], columns[part], rows[part], top, out[part])

        band.each(work)
    return out
