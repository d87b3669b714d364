"""Image quilting as published (Efros and Freeman 2001), plainly: a peer to compare with, not ours.

Blocks in raster order, each drawn from those whose overlap fits nearly best, joined along the cheapest cut. It neither
tiles nor minds how often a place is used.
"""

from __future__ import annotations

import numpy as np

from nodes.opencv import cv2

BLOCK, OVERLAP, TOLERANCE = 48, 16, 0.1


def quilt(
    exemplar: np.ndarray, size: int, seed: int, block: int = BLOCK, overlap: int = OVERLAP, astray: bool = False
) -> np.ndarray:
    """Return a picture of size x size pixels quilted from an exemplar (h, w, 3) float32.

    astray : take any block, whether it fits or not; for pictures that are meant to be bad.
    """
    draw = np.random.default_rng(seed)
    step = block - overlap
    count = max(1, -(-(size - overlap) // step))
    side = count * step + overlap
    picture = np.zeros((side, side, 3), np.float32)
    room = [length - block + 1 for length in exemplar.shape[:2]]
    for number in range(count * count):
        y, x = number // count * step, number % count * step
        target = picture[y : y + block, x : x + block]
        if number == 0 or astray:
            row, column = draw.integers(0, room[0]), draw.integers(0, room[1])
        else:
            row, column = _fitting(exemplar, target, overlap, y > 0, x > 0, draw)
        piece = exemplar[row : row + block, column : column + block]
        difference = ((piece - target) ** 2).sum(axis=2)
        keep = np.ones((block, block), bool)
        if x > 0:
            keep[:, :overlap] &= beyond_cut(difference[:, :overlap])
        if y > 0:
            keep[:overlap] &= beyond_cut(difference[:overlap].T).T
        target[keep] = piece[keep]
    return picture[:size, :size].copy()


def _fitting(
    exemplar: np.ndarray, target: np.ndarray, overlap: int, above: bool, left: bool, draw: np.random.Generator
) -> tuple[int, int]:
    """Return the origin of a block whose overlap differs by at most 1.1 times the least squared difference."""
    block = target.shape[0]
    rows, columns = exemplar.shape[0] - block + 1, exemplar.shape[1] - block + 1
    error = np.zeros((rows, columns), np.float32)
    if above:
        error += cv2.matchTemplate(exemplar[: rows + overlap - 1], target[:overlap], cv2.TM_SQDIFF)
    if left:
        strip = np.ascontiguousarray(exemplar[:, : columns + overlap - 1])
        error += cv2.matchTemplate(strip, np.ascontiguousarray(target[:, :overlap]), cv2.TM_SQDIFF)
    error = np.maximum(error, 0)
    good = np.flatnonzero(error.ravel() <= error.min() * (1 + TOLERANCE) + 1e-6)
    return divmod(int(good[draw.integers(0, len(good))]), columns)


def beyond_cut(difference: np.ndarray) -> np.ndarray:
    """Return which pixels lie on or right of the cheapest path from top to bottom, by dynamic programming."""
    cost = difference.copy()
    for row in range(1, len(cost)):
        before = np.pad(cost[row - 1], 1, constant_values=np.inf)
        cost[row] += np.minimum(np.minimum(before[:-2], before[1:-1]), before[2:])
    beyond = np.zeros(cost.shape, bool)
    at = int(np.argmin(cost[-1]))
    for row in range(len(cost) - 1, -1, -1):
        if row < len(cost) - 1:
            first = max(0, at - 1)
            at = first + int(np.argmin(cost[row, first : at + 2]))
        beyond[row, at:] = True
    return beyond
