"""The cheapest cut between two parts of a picture, on the torus: the largest flow from one to the other (Dinic, 1970).

Pixels are joined to their four neighbours by pipes as wide as it costs to cut there. Capacities are whole numbers, so
a cut is exact.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nodes.kernels.compile import inline, kernel
from nodes.kernels.poisson import box_of, cut_out

FREE, INSIDE, OUTSIDE = 0, 1, 2

EXACT = 60000
"""Free pixels up to which the cheapest of all cuts is looked for; some 0.1 s."""

SCALE = 1000.0
"""What the mean cost of a cut counts, before it is rounded to a whole number."""


@inline
def _beside(i, direction, seams, height, width):
    """Return the pixel left of (0), right of (1), above (2) or below (3) a pixel, on the torus."""
    row = 1 if direction < 2 else width
    across = (seams[i] >> direction) & 1
    round_ = row * ((width if direction < 2 else height) * across - 1)
    return i + round_ if direction % 2 == 0 else i - round_


def _seams(height: int, width: int) -> np.ndarray:
    """Return, for each pixel, a bit for each direction in which its neighbour lies over the tile's border."""
    seams = np.zeros((height, width), np.uint8)
    seams[:, 0] |= 1
    seams[:, -1] |= 2
    seams[0] |= 4
    seams[-1] |= 8
    return seams.reshape(-1)


@kernel
def _levels(parts, pipes, seams, height, width, ends, level, queue):
    """Write how many pipes with room lie between each pixel and the outside, -1 for no way; return whether flow can.

    ends : the pixels of the outside that touch others. `level` must be -1 but where the last queue has been.
    """
    for k in range(1, queue[0] + 1):
        level[queue[k]] = -1
    count, reached = 0, False
    for k in range(ends.size):
        level[ends[k]] = 0
        count += 1
        queue[count] = ends[k]
    first = 0
    while first < count:
        first += 1
        i = queue[first]
        if parts[i] == 1:
            reached = True
            continue
        for direction in range(4):
            j = _beside(i, direction, seams, height, width)
            if level[j] < 0 and parts[j] != 2 and pipes[j, direction ^ 1] > 0:
                level[j] = level[i] + 1
                count += 1
                queue[count] = j
    queue[0] = count
    return reached


@kernel
def _send(parts, pipes, seams, height, width, starts, level, tried, path, ways):
    """Send all the flow from inside to outside that goes down the levels."""
    for k in range(starts.size):
        start = starts[k]
        if level[start] < 0:
            continue
        length, i = 0, start
        path[0] = start
        while True:
            if parts[i] == 2:
                least = pipes[path[0], ways[0]]
                for step in range(length):
                    least = min(least, pipes[path[step], ways[step]])
                full = 0
                for step in range(length - 1, -1, -1):
                    pipes[path[step], ways[step]] -= least
                    pipes[path[step + 1], ways[step] ^ 1] += least
                    if pipes[path[step], ways[step]] == 0:
                        full = step
                length, i = full, path[full]
                continue
            while tried[i] < 4:
                j = _beside(i, tried[i], seams, height, width)
                if pipes[i, tried[i]] > 0 and level[j] == level[i] - 1 and parts[j] != 1:
                    break
                tried[i] += 1
            if tried[i] < 4:
                ways[length] = tried[i]
                i = _beside(i, tried[i], seams, height, width)
                length += 1
                path[length] = i
            elif length == 0:
                break
            else:
                length -= 1
                i = path[length]
                tried[i] += 1


def _touching(parts: np.ndarray, part: int) -> np.ndarray:
    """Return the numbers of the pixels of a part that have a neighbour of another."""
    other = parts != part
    beside = np.roll(other, 1, 0) | np.roll(other, -1, 0) | np.roll(other, 1, 1) | np.roll(other, -1, 1)
    return np.flatnonzero(beside & ~other).astype(np.int32)


def _pooled(values: np.ndarray, function: np.ufunc) -> np.ndarray:
    """Return each two by two pixels as one; those at an odd end are alone."""
    for axis in (0, 1):
        values = function.reduceat(values, np.arange(0, values.shape[axis], 2), axis=axis)
    return values


def _narrowed(parts: np.ndarray, across: np.ndarray, down: np.ndarray, tell: Callable[[], None] | None) -> np.ndarray:
    """Return the parts with only what is near the cut at half the size left free (Lombaert and others, 2005)."""
    height, width = parts.shape
    # Of unlike pixels the inside counts first, then what is free.
    small = _pooled(np.array([1, 2, 0], np.int8)[parts], np.maximum)
    small = np.array([OUTSIDE, FREE, INSIDE], np.int8)[small]
    costs = across.copy(), down.copy()
    costs[0][:, 1::2] = costs[1][1::2] = 0
    inside = _cut(small, _pooled(costs[0], np.add), _pooled(costs[1], np.add), tell)
    near = inside != np.roll(inside, 1, axis=0)
    near |= np.roll(near, -1, axis=0)
    beside = inside != np.roll(inside, 1, axis=1)
    near |= beside | np.roll(beside, -1, axis=1)
    for axis in (0, 1, 0, 1):
        near = near | np.roll(near, 1, axis) | np.roll(near, -1, axis)
    near, inside = (a.repeat(2, axis=0).repeat(2, axis=1)[:height, :width] for a in (near, inside))
    return np.where((parts == FREE) & ~near, np.where(inside, INSIDE, OUTSIDE), parts).astype(np.int8)


def _cut(parts: np.ndarray, across: np.ndarray, down: np.ndarray, tell: Callable[[], None] | None) -> np.ndarray:
    if np.count_nonzero(parts == FREE) > EXACT:
        parts = _narrowed(parts, across, down, tell)
    height, width = parts.shape
    pipes = np.stack([across, np.roll(across, -1, axis=1), down, np.roll(down, -1, axis=0)], axis=2).reshape(-1, 4)
    ends, starts = _touching(parts, OUTSIDE), _touching(parts, INSIDE)
    parts, seams = parts.reshape(-1), _seams(height, width)
    level, queue, path = (np.full(parts.size + 1, -1, np.int32) for _ in range(3))
    queue[0] = 0
    ways = np.empty(parts.size + 1, np.int8)
    while _levels(parts, pipes, seams, height, width, ends, level, queue):
        _send(parts, pipes, seams, height, width, starts, level, np.zeros(parts.size, np.int8), path, ways)
        if tell is not None:
            tell()
    return ((level[: parts.size] < 0) & (parts != OUTSIDE)).reshape(height, width)


def cut(parts: np.ndarray, across: np.ndarray, down: np.ndarray, tell: Callable[[], None] | None = None) -> np.ndarray:
    """Return the pixels on the inner side of the cheapest cut, bool (h, w); of equal cuts the one that holds most.

    Where more than `EXACT` pixels are free it is the cheapest near the cheapest cut at half the size.

    Parameters
    ----------
    parts : int8 (h, w), INSIDE, OUTSIDE, or FREE for those to be shared out
    across, down : (h, w), what a cut costs between a pixel and its left, its upper neighbour; 0 or more
    tell : called many times a second
    """
    inside = parts == INSIDE
    if not inside.any() or not (parts == FREE).any():
        return inside
    if not (parts == OUTSIDE).any():
        return np.ones_like(inside)
    box = box_of(parts != OUTSIDE)
    small, *costs = (np.ascontiguousarray(cut_out(array, box)) for array in (parts, across, down))
    scale = SCALE / max(float(np.mean([cost[small == FREE] for cost in costs])), 1e-20)
    # The 1 makes of equal cuts the shortest the best.
    left, up = (1 + np.rint(np.minimum(cost * scale, 1e6)).astype(np.int32) for cost in costs)
    inner = _cut(small, left, up, tell)
    rows = (np.arange(box.top, box.top + box.height) % len(inside))[:, None]
    columns = np.arange(box.left, box.left + box.width) % inside.shape[1]
    inside[rows, columns] |= inner
    return inside
