"""Rectangles of unlike size that fill the torus: stones on a grid of units, and panels broken up again and again."""

from __future__ import annotations

import numpy as np

from nodes.kernels.bonds import Lots
from nodes.kernels.hash import stream, uniform_array

LENGTH, HEIGHT, AXIS, PLACE, WHETHER, START = range(6)
"""One stream of randomness for each use."""
PLACES = np.array([1 / 2, 1 / 2, 1 / 3, 2 / 3, 1 / 4, 3 / 4])
"""Where a panel is broken: at the half as often as at the thirds and quarters."""
TRIES = 12
"""How many ways to lay a course are looked at; the one whose joints lie farthest from those above is kept."""


def _sizes(use: int, seed: int, columns: int, rows: int, most: int) -> np.ndarray:
    """Return a random whole number from 1 to `most` for each unit."""
    y, x = np.mgrid[0:rows, 0:columns]
    return 1 + np.minimum((uniform_array(x, y, stream(seed, use)) * most).astype(np.int64), most - 1)


def packed(columns: int, rows: int, longest: int, tallest: int, seed: int) -> np.ndarray:
    """Return rectangles (n, 4) of units, left, top, width and height, put down one by one where the first free unit is.

    Each is as large as it was drawn, or as the free space lets it be.
    """
    wide = _sizes(LENGTH, seed, columns, rows, min(longest, columns))
    high = _sizes(HEIGHT, seed, columns, rows, min(tallest, rows))
    free = np.ones((rows, columns), bool)
    found = []
    # Some of those that lie across the tile's borders come first, or there would be a joint all along them.
    border = (uniform_array(np.arange(rows), 1, stream(seed, START)) < 0.5).nonzero()[0]
    first = [(y, columns - 1) for y in border.tolist()]
    border = (uniform_array(np.arange(columns), 2, stream(seed, START)) < 0.5).nonzero()[0]
    first += [(rows - 1, x) for x in border.tolist()]
    for y, x in first + [(y, x) for y in range(rows) for x in range(columns)]:
        if not free[y, x]:
            continue
        across = (x + np.arange(wide[y, x])) % columns
        taken = np.flatnonzero(~free[y, across])
        across = across[: taken[0]] if taken.size else across
        down = (y + np.arange(high[y, x])) % rows
        taken = np.flatnonzero(~free[np.ix_(down, across)].all(axis=1))
        down = down[: taken[0]] if taken.size else down
        free[np.ix_(down, across)] = False
        found.append((x, y, len(across), len(down)))
    return np.array(found, np.int64)


def _parts(total: int, most: int, random: np.ndarray) -> list[int]:
    """Return whole numbers that add up to `total`, none above `most`."""
    sizes = []
    for number in random:
        left = total - sum(sizes)
        if left == 0:
            break
        size = min(1 + int(number * most), left)
        # No lone unit at the end where it can be had.
        sizes.append(size - 1 if left - size == 1 and size > 1 and most > 1 else size)
    return sizes


def coursed(columns: int, rows: int, longest: int, tallest: int, seed: int) -> np.ndarray:
    """Return rectangles as `packed` does, in courses of unlike height whose joints avoid those of the course above."""
    heights = _parts(rows, min(tallest, rows), uniform_array(np.arange(rows), 0, stream(seed, HEIGHT)))
    found, top, above, first = [], 0, np.empty(0, np.int64), np.empty(0, np.int64)
    for course, height in enumerate(heights):
        best = None
        for attempt in range(TRIES):
            number = course * TRIES + attempt
            random = uniform_array(np.arange(columns), number, stream(seed, LENGTH))
            lengths = np.array(_parts(columns, min(longest, columns), random))
            start = int(uniform_array(number, 0, stream(seed, START)) * columns)
            joints = (start + np.cumsum(lengths) - lengths) % columns
            others = np.concatenate([above, first]) if course == len(heights) - 1 else above
            near = np.abs((joints[:, None] - others + columns / 2) % columns - columns / 2)
            rank = (int((near < 1).sum()), -float(near.min(initial=columns)), len(lengths) / columns)
            if best is None or rank < best[0]:
                best = (rank, joints, lengths)
        _, joints, lengths = best  # type: ignore[misc]  # at least one was tried
        found.append(np.stack([joints, np.full_like(joints, top), lengths, np.full_like(joints, height)], axis=1))
        above, first = joints, joints if course == 0 else first
        top += height
    return np.concatenate(found)


def broken(columns: int, rows: int, longest: int, tallest: int, seed: int) -> np.ndarray:
    """Return rectangles as `packed` does: large blocks, broken across until none is too long or too tall."""
    blocks = [tuple(block) for block in packed(columns, rows, 3 * longest, 3 * tallest, seed)]
    found = []
    while blocks:
        x, y, wide, high = blocks.pop()
        longer, taller = wide / longest, high / tallest
        if max(longer, taller) <= 1:
            found.append((x, y, wide, high))
            continue
        upright = taller > longer
        size = high if upright else wide
        random = float(uniform_array(x + 1000 * wide, y + 1000 * high, stream(seed, PLACE)))
        at = 1 + int(random * (size - 1))
        if upright:
            blocks += [(x, y, wide, at), (x, (y + at) % rows, wide, high - at)]
        else:
            blocks += [(x, y, at, high), ((x + at) % columns, y, wide - at, high)]
    return np.array(sorted(found, key=lambda block: (block[1], block[0])), np.int64)


def on_lines(blocks: np.ndarray, lines: np.ndarray, edges: np.ndarray, ratio: float) -> Lots:
    """Return rectangles of units as lots.

    lines, edges : where the columns and rows of units begin, and the end, in tiles. ratio : of the tile's sides.
    """
    x, y, wide, high = blocks.T
    right, below = np.append(lines, lines[1:] + 1), np.append(edges, edges[1:] + 1)
    across, down = right[x + wide] - right[x], below[y + high] - below[y]
    return Lots(lines[x], edges[y], across, down, down * ratio > across, 2 * x, y)


def halved(lots: Lots, levels: int, share: float, least: float, ratio: float, seed: int) -> Lots:
    """Return the lots, a `share` of them broken in two, `levels` times over, mostly across their longer side.

    No part is narrower than `least`, in widths of the tile.
    """
    path = np.ones(len(lots.left), np.int64)
    name = lots.name + 4096 * lots.row
    left, top, wide, high = lots.left, lots.top, lots.wide, lots.high
    for _ in range(levels):
        random = [uniform_array(name, path, stream(seed, use)).astype(np.float64) for use in (WHETHER, AXIS, PLACE)]
        tall = high * ratio / wide
        # Nearly square ones break either way.
        upright = np.where(np.abs(np.log(tall)) < 0.4, random[1] < 0.5, tall > 1)
        place = PLACES[(random[2] * len(PLACES)).astype(np.int64)]
        side = np.where(upright, high * ratio, wide) * np.minimum(place, 1 - place)
        cut = (random[0] < share) & (side >= least)
        one_wide, one_high = np.where(cut & ~upright, wide * place, wide), np.where(cut & upright, high * place, high)
        used = np.stack([np.ones_like(cut), cut], axis=1)
        pairs = (
            (left, np.where(upright, left, left + one_wide)),
            (top, np.where(upright, top + one_high, top)),
            (one_wide, np.where(upright, wide, wide - one_wide)),
            (one_high, np.where(upright, high - one_high, high)),
            (name, name),
            (np.where(cut, 2 * path, path), 2 * path + 1),
        )
        left, top, wide, high, name, path = (np.stack(pair, axis=1)[used] for pair in pairs)
    return Lots(left, top, wide, high, high * ratio > wide, name, path)
