"""Blue noise: a tile of thresholds by void and cluster (Ulichney, The void-and-cluster method, 1993)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nodes.kernels.compile import kernel
from nodes.kernels.lattice import within_half

SIDE = 64
SOFTNESS = 1.9
"""Width in pixels of the hill that each point adds; 1.5 in the paper, wider clears more of the low frequencies."""


@lru_cache(maxsize=8)
def tile(height: int, width: int) -> np.ndarray:
    """Return ranks from 0 to 1 of a torus of pixels: those below any rank are spread evenly; float32."""
    count = height * width
    y = np.minimum(np.arange(height), height - np.arange(height))[:, None]
    x = np.minimum(np.arange(width), width - np.arange(width))
    hill = np.exp(-(y * y + x * x) / (2 * SOFTNESS**2))
    hills = np.tile(hill, (2, 2))
    crowd, taken = np.zeros((height, width)), np.zeros((height, width), bool)

    def toggle(place: int) -> None:
        row, column = divmod(place, width)
        taken[row, column] = not taken[row, column]
        sign = 1.0 if taken[row, column] else -1.0
        crowd[:] += sign * hills[height - row : 2 * height - row, width - column : 2 * width - column]

    def cluster() -> int:
        return int(np.where(taken, crowd, -np.inf).argmax())

    def void() -> int:
        return int(np.where(taken, np.inf, crowd).argmin())

    first = max(1, count // 10)
    for place in np.random.default_rng(1).permutation(count)[:first]:
        toggle(int(place))
    for _ in range(count):  # the tightest point moves to the largest void until that is where it was
        tight = cluster()
        toggle(tight)
        empty = void()
        toggle(empty)
        if empty == tight:
            break
    ranks, start = np.empty(count), taken.copy()
    order = []
    for _ in range(first):
        order.append(cluster())
        toggle(order[-1])
    ranks[order] = np.arange(first)[::-1]
    crowd[:] = 0
    taken[:] = False
    for place in np.flatnonzero(start):
        toggle(int(place))
    for rank in range(first, count):
        empty = void()
        ranks[empty] = rank
        toggle(empty)
    return ((ranks.reshape(height, width) + 0.5) / count).astype(np.float32)


def side_for(size: int) -> int:
    """Return the side of a tile that repeats without a seam along `size` pixels, or else SIDE."""
    divisors = [side for side in range(SIDE // 2, SIDE * 3 // 2 + 1) if size % side == 0]
    return min(divisors, key=lambda side: abs(side - SIDE)) if divisors else min(size, SIDE)


@kernel
def _lay_out(tile, down, across, top, height, width, offset, out):
    rows, columns = tile.shape
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            v, u = top + y, x
            if offset.size:
                v += np.int64(np.rint(within_half(offset[y, x, 1]) * height))
                u += np.int64(np.rint(within_half(offset[y, x, 0]) * width))
            out[y, x] = tile[(v % height + down) % rows, (u % width + across) % columns]


def thresholds(out: np.ndarray, top: int, height: int, seed: int, offset: np.ndarray | None) -> np.ndarray:
    """Write rows `top`... of thresholds that tile; the seed moves and mirrors the tile."""
    width = out.shape[1]
    ranks = tile(side_for(height), side_for(width))
    if seed & 1:
        ranks = ranks[::-1]
    if seed & 2:
        ranks = ranks[:, ::-1]
    down, across = (seed >> 2) % ranks.shape[0], (seed >> 14) % ranks.shape[1]
    moved = np.empty((0, 0, 2), np.float32) if offset is None else offset
    _lay_out(np.ascontiguousarray(ranks), down, across, top, height, width, moved, out)
    return out
