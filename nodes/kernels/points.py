"""Points strewn on the torus, and the field of cones that stand on them."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, stream, uniform_array
from nodes.kernels.sampling import in_tile

TRIES = 32
"""How often a point looks for a place that the mask and its neighbours allow before it is given up."""


@inline
def _unit(a, b, seed):
    """Return a number in [0, 1) for a pair of integers, the same as `uniform_array`."""
    return f32(np.float64(hash32(a, b, seed) >> 8) * (1.0 / 16777216.0))


@kernel
def _strew(count, width, height, spacing, mask, seed_x, seed_y, seed_mask, cells_x, cells_y, head, after, xs, ys, kept):
    """Throw points in their order; write the places of those that find one, and which they are. Return their number.

    head : (cells_y, cells_x) the last point in each cell, -1 for none; after : of each point, the one before in its
    cell. A cell is at least `spacing` wide, or else there is one.
    """
    found = 0
    for i in range(count):
        for trial in range(TRIES):
            x, y = _unit(i, trial, seed_x) * width, _unit(i, trial, seed_y) * height
            if mask.size:
                row = min(np.int64(y / height * f32(mask.shape[0])), mask.shape[0] - 1)
                column = min(np.int64(x / width * f32(mask.shape[1])), mask.shape[1] - 1)
                if _unit(i, trial, seed_mask) >= mask[row, column]:
                    continue
            cx = min(np.int64(x / width * f32(cells_x)), cells_x - 1)
            cy = min(np.int64(y / height * f32(cells_y)), cells_y - 1)
            free = True
            if spacing > f32(0):
                for ny in range(cy - min(1, cells_y - 1), cy + 2):
                    for nx in range(cx - min(1, cells_x - 1), cx + 2):
                        k = head[ny % cells_y, nx % cells_x]
                        while k >= 0:
                            dx, dy = abs(xs[k] - x), abs(ys[k] - y)
                            dx, dy = min(dx, width - dx), min(dy, height - dy)
                            if dx * dx + dy * dy < spacing * spacing:
                                free = False
                                k = -1
                            else:
                                k = after[k]
            if free:
                xs[found], ys[found], kept[found] = x, y, i
                after[found], head[cy, cx] = head[cy, cx], found
                found += 1
                break
    return found


def strew(
    count: int, width: float, height: float, spacing: float, mask: np.ndarray | None, seed: int, use: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x and y of points in pixels, and the number of each from 0 to count - 1; some may have found no place.

    spacing : no two lie nearer to each other on the torus; mask : the chance of a point where it is thrown, or None.
    seed, use : three streams from `use` on are taken.
    """
    cells_x, cells_y = (int(min(max(size // spacing, 1), 1024)) if spacing > 0 else 1 for size in (width, height))
    xs, ys, kept = np.empty(count, np.float32), np.empty(count, np.float32), np.empty(count, np.int64)
    head, after = np.full((cells_y, cells_x), -1, np.int64), np.empty(count, np.int64)
    density = np.empty((0, 0), np.float32) if mask is None else mask
    streams = [stream(seed, use + i) for i in range(3)]
    found = _strew(
        count, f32(width), f32(height), f32(spacing), density, *streams, cells_x, cells_y, head, after, xs, ys, kept
    )
    return xs[:found], ys[:found], kept[:found]


def sizes(kept: np.ndarray, count: int, small: float, large: float, law: float, seed: int) -> np.ndarray:
    """Return sizes from large to small, one for each number in `kept`: the number above a size falls with its power.

    Each has its own rank, so that a few large ones are as many under every seed. law : the power; 0 gives as many in
    each octave.
    """
    small, large = max(min(small, large), 1e-9), max(small, large, 1e-9)
    rank = (kept + uniform_array(kept, 0, seed).astype(np.float64)) / count
    if law < 1e-3:
        return large * (small / large) ** rank
    return (large**-law + rank * (small**-law - large**-law)) ** (-1 / law)


@kernel
def prune(cones, first, items, across, down, bucket_width, bucket_height, skirt, kept_first, kept):
    """Keep of each bucket's list only the cones that may be the highest somewhere in it.

    cones : as `raise_cones` reads them; kept_first, kept : as long as `first` and `items`, written over.
    """
    reach = f32(0.5) * np.sqrt(bucket_width * bucket_width + bucket_height * bucket_height)
    count = 0
    for bucket in range(across * down):
        x = (f32(bucket % across) + f32(0.5)) * bucket_width
        y = (f32(bucket // across) + f32(0.5)) * bucket_height
        sure = -skirt
        for i in range(first[bucket], first[bucket + 1]):
            sure = max(sure, _height(cones[items[i]], x, y) - reach * cones[items[i], 8])
        for i in range(first[bucket], first[bucket + 1]):
            cone = cones[items[i]]
            if _height(cone, x, y) + reach * cone[8] >= sure - f32(0.01):
                kept[count] = items[i]
                count += 1
        kept_first[bucket + 1] = count


@inline
def _height(cone, x, y):
    """Return the height of a cone over a place."""
    dx, dy = cone[0] - x, cone[1] - y
    u, v = dx * cone[3] + dy * cone[4], dx * cone[5] + dy * cone[6]
    return cone[2] - np.sqrt(u * u + v * v)


@kernel
def raise_cones(cones, first, items, across, down, offset, top, height, width, skirt, field, labels, centre):
    """Write the highest cone over each pixel, no lower than -skirt, which it is (+ 1, 0 for none) and the way to it.

    cones : float32 (n, 9), x, y, radius, what a step right and a step down are along the cone's ellipse and across,
    its number, and how steep it is at the steepest. offset : (rows, W, 2) or (0, 0, 2); centre : (rows, W, 2) in
    fractions of the tile, or (0, 0, 2) where it is not wanted. Other lengths in pixels.
    """
    columns = field.shape[1]
    per_x, per_y = f32(across) / width, f32(down) / height
    xs, ys, which = np.empty(columns, np.float32), np.empty(columns, np.float32), np.empty(columns, np.int32)
    buckets = np.empty(columns, np.int32)
    for y in range(field.shape[0]):
        middle = f32(top + y) + f32(0.5)
        for x in range(xs.size):
            xs[x], ys[x] = f32(np.int32(x)) + f32(0.5), middle
        if offset.size:
            warp = offset[y]
            for x in range(xs.size):
                at_x, at_y = xs[x] + warp[x, 0] * width, ys[x] + warp[x, 1] * height
                xs[x], ys[x] = in_tile(at_x, width), in_tile(at_y, height)
        for x in range(xs.size):
            bucket_x, bucket_y = min(np.int32(xs[x] * per_x), across - 1), min(np.int32(ys[x] * per_y), down - 1)
            buckets[x] = bucket_y * across + bucket_x
        begin = 0
        while begin < columns:
            bucket, end = buckets[begin], begin + 1
            while end < columns and buckets[end] == bucket:
                end += 1
            run_x, run_y, best, found = xs[begin:end], ys[begin:end], field[y, begin:end], which[begin:end]
            for x in range(best.size):
                best[x], found[x] = -skirt, np.int32(-1)
            for i in range(first[bucket], first[bucket + 1]):
                cone, n = cones[items[i]], np.int32(items[i])
                middle_x, middle_y, radius = cone[0], cone[1], cone[2]
                ux, uy, vx, vy = cone[3], cone[4], cone[5], cone[6]
                for x in range(best.size):
                    dx, dy = middle_x - run_x[x], middle_y - run_y[x]
                    u, v = dx * ux + dy * uy, dx * vx + dy * vy
                    high = radius - np.sqrt(u * u + v * v)
                    found[x] = n if high > best[x] else found[x]
                    best[x] = max(best[x], high)
            begin = end
        for x in range(columns):
            n = which[x]
            labels[y, x] = np.int32(cones[n, 7]) + 1 if n >= 0 else 0
            if centre.size:
                centre[y, x, 0] = (cones[n, 0] - xs[x]) / width if n >= 0 else f32(0)
                centre[y, x, 1] = (cones[n, 1] - ys[x]) / height if n >= 0 else f32(0)
