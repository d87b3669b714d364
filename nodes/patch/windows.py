"""Where windows of an exemplar lie on the tile: a triangle grid that closes, a place of its own for each vertex."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nodes.arrays import widen
from nodes.kernels import f32
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

TRIALS, MOST_TRIALS, AT_ONCE = 120, 200_000, 20_000
"""How often a vertex tries to swap its window for another, all together, and before the call tells."""

NO_OFFSET = np.empty((0, 0, 2), np.float32)


@dataclass(frozen=True)
class Windows:
    """Windows on a tile, in the form that `nodes.kernels.windows` reads.

    nailed : float32 (6, rows + 1, columns + 2 * MARGIN + 1). steps, size : float32 (2,), y first.
    frame : float32 (6,), see `blend_windows`.
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
    """Return a picture as it is seen, or as it is if it would be enlarged: it is then read between its pixels."""
    height, width = (min(own, wanted) for own, wanted in zip(picture.shape[:2], seen, strict=True))
    return fitted(picture, height, width)


def windows(
    size: tuple[int, int],
    picture: np.ndarray,
    columns: float,
    spacing: float,
    rotation: float,
    wraps: bool,
    seed: int,
    tell: Callable[[float], None],
) -> Windows:
    """Return windows at scattered places of an exemplar, `columns` of which lie side by side on the tile.

    Where a window is the nearest it lies inside the exemplar; what of it lies farther off fades at the border. An
    exemplar that wraps has no border.

    size : of the tile. spacing : of the grid, in shorter sides of the exemplar. rotation : up to which angle a
    window is turned either way, in radians. tell : is told now and then how much is done; see `Band.tell`.
    """
    seen = seen_size(picture, size[1], columns)
    lengths = (picture.shape[0] / picture.shape[1], 1.0)
    tile = (size[0] / size[1] * columns, columns)
    rows, across = (min(count, 2 * pixels) for count, pixels in zip(_grid(tile, lengths, spacing), size, strict=True))
    reach = _reach(tile[0] / rows, tile[1] / across, rotation > 0)
    turns = (uniform_array(*np.meshgrid(range(across), range(rows)), stream(seed, 2)) * 2 - 1) * rotation
    turns = np.stack([np.cos(turns), np.sin(turns)]).astype(np.float32)
    # In widths of the exemplar up to here: the same windows are found at every size.
    middles = _middles(scattered(rows, across, seed), lengths, reach, wraps)
    _fit(picture, lengths, middles, turns, (tile[0] / rows, tile[1] / across), wraps, seed, tell)
    steps = (size[0] / rows, size[1] / across)
    fade = (0.0, 1.0) if wraps else (1 / max(FADE * steps[1], 1.0), 0.0)
    stored = np.minimum(picture.shape[:2], seen)
    nailed = _nailed(size, steps, seen, middles / np.reshape(lengths, (2, 1, 1)), turns)
    return Windows(*(np.array(each, np.float32) for each in (nailed, steps, size, (*stored / seen, *seen, *fade))))


def _grid(tile: tuple[float, float], lengths: tuple[float, float], spacing: float) -> tuple[int, int]:
    """Return rows and columns of vertices on a tile; rows are even, so that the grid closes.

    They are nearly as far apart as asked, but not so far that a window is larger than the exemplar.
    """
    step = spacing * min(lengths)
    columns = max(1, round(tile[1] / step), math.ceil(tile[1] / lengths[1]))
    rows = 2 * max(1, round(tile[0] / (math.sqrt(0.75) * step) / 2), math.ceil(tile[0] * 2 / 3 / lengths[0]))
    return rows, columns


def _reach(step_y: float, step_x: float, turned: bool) -> tuple[float, float]:
    """Return how far from its middle a window is the nearest, along y and x."""
    if not turned:
        return step_y * 2 / 3, step_x / 2
    far = max(step_y * 2 / 3, math.hypot(step_x / 2, step_y / 3))
    return far, far


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


def _middles(
    shares: tuple[np.ndarray, np.ndarray], lengths: tuple[float, float], reach: tuple[float, float], wraps: bool
) -> np.ndarray:
    """Return where in the exemplar windows have their middle, (2, rows, columns), in its widths.

    Many lie as near to the border as they may, so that what is there is seen as often as the rest.
    """
    found = []
    for share, length, far in zip(shares, lengths, reach, strict=True):
        margin = 0.0 if wraps else min(far, length / 2)
        found.append(np.clip(share * length, margin, length - margin))
    return np.array(found, np.float32)


def _fit(
    picture: np.ndarray,
    lengths: tuple[float, float],
    middles: np.ndarray,
    turns: np.ndarray,
    steps: tuple[float, float],
    wraps: bool,
    seed: int,
    tell: Callable[[float], None],
) -> None:
    """Swap the middles of windows so that neighbours meet in like tones, as seen from so far that details blur."""
    coarse = [max(1, round(length * DETAIL / step)) for length, step in zip(lengths, steps, strict=True)]
    # A sixteenth of a coarse pixel is fine enough to average over.
    every = max(1, min(own // (16 * wanted) for own, wanted in zip(picture.shape[:2], coarse, strict=True)))
    small = perceptual(averaged(picture[::every, ::every], *coarse))
    small = widen(small) if small.ndim == 2 else small
    scale = np.divide(small.shape[:2], lengths).astype(np.float32)
    trials = min(TRIALS * middles[0].size, MOST_TRIALS)
    twins = TWINS * float(small.reshape(-1, 3).var(axis=0, dtype=np.float64).sum())
    sides = np.array(steps, np.float32)
    for first in range(0, trials, AT_ONCE):
        tell(first / trials)
        last = min(first + AT_ONCE, trials)
        swap_windows(small, middles, turns, sides, scale, wraps, f32(twins), first, last, np.uint32(stream(seed, 3)))


def _nailed(
    size: tuple[int, int], steps: tuple[float, float], seen: tuple[int, int], shares: np.ndarray, turns: np.ndarray
) -> np.ndarray:
    """Return the table that the kernels look windows up in, those across the borders of the tile with it.

    Places are whole pixels, so that windows which are not turned are copied pixel by pixel.
    """
    rows, columns = turns.shape[1:]
    j, i = np.mgrid[0 : rows + 1, -MARGIN : columns + MARGIN + 1]
    own_j, own_i = j % rows, i % columns
    at_y = np.floor(own_j * steps[0]) + j // rows * size[0]
    at_x = np.floor((own_i + 0.5 * (own_j % 2)) * steps[1]) + i // columns * size[1]
    middles = np.floor(shares * np.reshape(seen, (2, 1, 1)))
    middles = np.clip(middles, 0, np.reshape(seen, (2, 1, 1)) - 1)
    return np.stack([at_y, at_x, *middles[:, own_j, own_i], *turns[:, own_j, own_i]])
