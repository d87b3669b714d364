"""Where windows of an exemplar lie on the tile: a triangle grid that closes, a random place for each vertex."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.arrays import widen
from nodes.kernels.hash import hash_array, stream, uniform_array
from nodes.kernels.sampling import averaged
from nodes.kernels.windows import MARGIN, swap_windows
from nodes.patch.exemplar import fitted, perceptual

R2 = (0.7548776662466927, 0.5698402909980532)
"""Powers of the inverse of the plastic number."""

FADE = 0.2
"""How wide the border of an exemplar is along which windows fade, in steps of the grid."""

DETAIL = 4
"""Coarse pixels to a step of the grid when windows are fitted to each other."""

TWINS = 6.0
"""What it costs that two neighbours show the same, in variances of the exemplar; they meet in three places."""

TRIALS, MOST_TRIALS = 120, 200_000
"""How often a vertex tries to swap its window for another, and all together."""

NO_OFFSET = np.empty((0, 0, 2), np.float32)


@dataclass(frozen=True)
class Windows:
    """Windows on a tile, in the form that `nodes.kernels.windows` reads.

    nailed : float32 (6, rows + 1, columns + 2 * MARGIN + 1). steps, size : float32 (2,), y first. frame :
    float32 (6,), see `blend_windows`.
    """

    nailed: np.ndarray
    steps: np.ndarray
    size: np.ndarray
    frame: np.ndarray


def seen_size(picture: np.ndarray, width: int, columns: float) -> tuple[int, int]:
    """Return the rows and columns a picture has when `columns` of it lie side by side on `width` pixels."""
    rows, across = picture.shape[:2]
    wide = max(1, round(width / columns))
    return max(1, round(wide * rows / across)), wide


def no_larger(picture: np.ndarray, seen: tuple[int, int]) -> np.ndarray:
    """Return a picture at the size at which it is seen; one that would be enlarged stays, and is read between pixels."""
    height, width = (min(own, wanted) for own, wanted in zip(picture.shape[:2], seen, strict=True))
    return fitted(picture, height, width)


def grid(size: tuple[int, int], seen: tuple[int, int], spacing: float) -> tuple[int, int]:
    """Return rows and columns of vertices on the tile, nearly `spacing` shorter sides of the exemplar apart.

    The rows are even, so that the grid closes, and the windows narrow enough for the exemplar where it can be.
    """
    step = max(1.0, spacing * min(seen))
    columns = max(1, round(size[1] / step), math.ceil(size[1] / max(seen[1] - 4, 1)))
    rows = 2 * max(1, round(size[0] / (math.sqrt(0.75) * step) / 2), math.ceil(size[0] * 2 / 3 / max(seen[0] - 4, 1)))
    return min(rows, 2 * size[0]), min(columns, size[1])


def windows(
    size: tuple[int, int],
    picture: np.ndarray,
    seen: tuple[int, int],
    spacing: float,
    rotation: float,
    wraps: bool,
    fit: bool,
    seed: int,
) -> Windows:
    """Return windows at scattered places of an exemplar.

    Where a window is the nearest it lies inside the exemplar; what of it lies farther off fades at the border. An
    exemplar that wraps has no border.

    size : of the tile. picture : the exemplar; seen : its size on the tile. rotation : up to which angle a window is
    turned either way, in radians. fit : put windows beside each other that meet in the same tones.
    """
    rows, columns = grid(size, seen, spacing)
    step_y, step_x = size[0] / rows, size[1] / columns
    j, i = np.mgrid[0 : rows + 1, -MARGIN : columns + MARGIN + 1]
    own_j, own_i = j % rows, i % columns
    # Whole pixels, so that windows which are not turned are copied pixel by pixel.
    at_y = np.floor(own_j * step_y) + j // rows * size[0]
    at_x = np.floor((own_i + 0.5 * (own_j % 2)) * step_x) + i // columns * size[1]
    reach = np.array([step_y * 2 / 3, step_x / 2])
    if rotation > 0:
        reach[:] = max(step_y * 2 / 3, math.hypot(step_x / 2, step_y / 3))
    turns = (uniform_array(*np.meshgrid(range(columns), range(rows)), stream(seed, 2)) * 2 - 1) * rotation
    turns = np.stack([np.cos(turns), np.sin(turns)]).astype(np.float32)
    middles = np.stack(
        [
            _within(share, length, far, wraps)
            for share, length, far in zip(scattered(rows, columns, seed), seen, reach, strict=True)
        ]
    ).astype(np.float32)
    if fit:
        _fit(picture, seen, middles, turns, np.array([step_y, step_x], np.float32), wraps, seed)
    nailed = np.stack([at_y, at_x, *middles[:, own_j, own_i], *turns[:, own_j, own_i]])
    fade = (0.0, 1.0) if wraps else (1 / max(FADE * step_x, 1.0), 0.0)
    frame = (*np.divide(picture.shape[:2], seen), *seen, *fade)
    return Windows(*(np.array(each, np.float32) for each in (nailed, (step_y, step_x), size, frame)))


def scattered(rows: int, columns: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a pair of shares, 0 to 1, for each vertex: together evenly spread, those of neighbours unrelated.

    They are the points of Roberts' sequence R2 in random order, so that no two windows show nearly the same.
    """
    j, i = np.mgrid[0:rows, 0:columns]
    order = np.argsort(hash_array(i, j, stream(seed, 0)), axis=None, kind="stable")
    rank = np.empty(order.size)
    rank[order] = np.arange(order.size)
    starts = uniform_array(np.arange(2), np.zeros(2), stream(seed, 1))
    shares = [np.modf(start + rank * step)[0] for start, step in zip(starts, R2, strict=True)]
    return shares[0].reshape(rows, columns), shares[1].reshape(rows, columns)


def _within(share: np.ndarray, length: int, reach: float, wraps: bool) -> np.ndarray:
    """Return whole places along one side of an exemplar that the middles of windows of that reach may have.

    Many lie as near to the border as they may, so that what is there is seen as often as the rest.
    """
    place = np.floor(share * length)
    if wraps:
        return place
    margin = min(math.ceil(reach) + 1, (length - 1) // 2)
    return np.clip(place, margin, length - 1 - margin)


def _fit(
    picture: np.ndarray,
    seen: tuple[int, int],
    middles: np.ndarray,
    turns: np.ndarray,
    steps: np.ndarray,
    wraps: bool,
    seed: int,
) -> None:
    """Swap the middles of windows so that neighbours meet in like tones, as seen from so far that details blur."""
    coarse = [max(1, round(length * DETAIL / step)) for length, step in zip(seen, steps, strict=True)]
    small = perceptual(averaged(picture, *coarse))
    small = widen(small) if small.ndim == 2 else small
    scale = np.divide(small.shape[:2], seen).astype(np.float32)
    trials = min(TRIALS * middles[0].size, MOST_TRIALS)
    twins = TWINS * float(small.reshape(-1, 3).var(axis=0, dtype=np.float64).sum())
    swap_windows(small, middles, turns, steps, scale, wraps, np.float32(twins), trials, np.uint32(stream(seed, 3)))
