"""Gradient and value noise on an integer lattice that wraps, one or more octaves a row.

On a fixed row, noise inside one lattice cell is `L(x) + fade(x) * (R(x) - L(x))` with L and R linear in x.
So without an offset the lattice is hashed once per row of cells, the blend down the row and the
amplitude go into four numbers a cell, and a pixel costs about 13 operations. With an offset each pixel has
its own cell and hashes its four corners. Both give the same picture within 1e-6.

An octave is a row of `periods` (cells across, cells down) and a hash stream.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, hash_array, high16, low16, stream

UNROLL = 16  # pixels written at once; a run of pixels may overshoot its cell by UNROLL - 1
MANY = 65536  # cells over which the mean of value noise is within 0.002 of 0
SPLIT = 2048  # a coordinate is a multiple of 1 / SPLIT plus a rest, so that times a period it stays exact

# Standard deviation of one octave over positions and seeds: 8 A B for unit gradients (half of each squared
# component) and 4 C**2 / 3 for values in [-1, 1], with A, B, C integrals of (1 - fade)**2 and its product with t**2.
_FADE = np.polynomial.Polynomial([1, 0, 0, -10, 15, -6]) ** 2
_PLAIN, _MOMENT = (float(p.integ()(1)) for p in (_FADE, _FADE * np.polynomial.Polynomial([0, 0, 1])))
SIGMA = {"perlin": math.sqrt(4 * _PLAIN * _MOMENT), "value": math.sqrt(4 * _PLAIN**2 / 3)}


@inline
def fade(t):
    """Return Perlin's quintic: 0 at 0, 1 at 1, first and second derivative 0 at both ends."""
    return t * t * t * (t * (t * f32(6) - f32(15)) + f32(10))


@inline
def direction(h):
    """Return a unit vector (to 0.2 %) at a uniform angle: polynomials for sin and cos, which vectorise."""
    t = low16(h) * f32(1 / 32768) - f32(1)
    tt = t * t
    sine = t * (f32(1) - tt) * (f32(3.13903273) + tt * (f32(-1.9949143) + tt * f32(0.43389253)))
    cosine = f32(0.99856644) + tt * (f32(-4.88817568) + tt * (f32(3.81917906) + tt * f32(-0.93092028)))
    return cosine, sine


@inline
def signed(h):
    """Return a number in [-1, 1]."""
    return high16(h) * f32(1 / 32767.5) - f32(1)


# ---- without an offset: runs of pixels in one cell ------------------------------------------------


@kernel
def cell_runs(starts, firsts, width):
    """Fill in the first pixel of each cell across and where in the cell it lies (0 to 1)."""
    period = starts.size - 1
    for cell in range(period + 1):
        start = (2 * width * cell + period - 1) // (2 * period)
        starts[cell] = start
        firsts[cell] = f32((2 * start + 1) * period - 2 * width * cell) / f32(2 * width)


@kernel
def lattice_row(across, down, row, stream, value):
    """Fill in the gradients at the corners of one lattice row; for value noise `down` holds the values."""
    last = across.size - 1
    for cell in range(last):
        h = hash32(np.int32(cell), row, stream)
        if value:
            across[cell] = f32(0)
            down[cell] = signed(h)
        else:
            across[cell], down[cell] = direction(h)
    across[last], down[last] = across[0], down[0]


@kernel
def blend_down(slope, level, upper, lower, y, value):
    """Fold the blend between two lattice rows at height `y` into a slope and a level a corner."""
    v = fade(y)
    above, below = f32(1) - v, v
    rise_above, rise_below = above, below
    if not value:
        rise_above, rise_below = above * y, below * (y - f32(1))
    for corner in range(slope.size):
        slope[corner] = above * upper[0, corner] + below * lower[0, corner]
        level[corner] = rise_above * upper[1, corner] + rise_below * lower[1, corner]


@kernel
def fill_runs(line, starts, firsts, step, slope, level):
    """Fill in the noise of a row; `line` needs UNROLL spare places, since a run overshoots and is overwritten."""
    for cell in range(starts.size - 1):
        left, left_slope = level[cell], slope[cell]
        right_slope = slope[cell + 1]
        lift, tilt = level[cell + 1] - right_slope - left, right_slope - left_slope
        first = firsts[cell]
        x = np.uint64(starts[cell])  # unsigned: a signed index is tested for wrap-around and not vectorised
        for block in range((starts[cell + 1] - starts[cell] + UNROLL - 1) // UNROLL):
            begin = f32(np.int32(block * UNROLL))
            for j in range(UNROLL):
                t = (f32(np.int32(j)) + begin) * step + first
                line[x + np.uint64(j)] = (left + left_slope * t) + fade(t) * (lift + tilt * t)
            x += np.uint64(UNROLL)


@kernel
def _rows(out, top, height, periods, amplitudes, seeds, perlin):
    """Write rows `top`... of the sum of the octaves."""
    width, octaves = out.shape[1], periods.shape[0]
    begin = np.zeros(octaves + 1, np.int64)
    for k in range(octaves):
        begin[k + 1] = begin[k] + periods[k, 0] + 1
    starts = np.empty(begin[octaves], np.int64)
    columns = np.empty((3, begin[octaves]), np.float32)  # where each run starts in its cell; slope; level
    upper = np.empty((octaves, 2, periods[:, 0].max() + 1), np.float32)
    lower = np.empty_like(upper)
    known = np.full(octaves, -1, np.int64)
    line = np.empty(width + UNROLL, np.float32)
    for k in range(octaves):
        cell_runs(starts[begin[k] : begin[k + 1]], columns[0, begin[k] : begin[k + 1]], width)
    for r in range(out.shape[0]):
        row = out[r]
        row[:] = f32(0)
        for k in range(octaves):
            across, down = periods[k]
            place = (2 * (top + r) + 1) * down
            cell = place // (2 * height)
            if known[k] != cell:
                known[k] = cell
                above, below = np.int32(cell), np.int32((cell + 1) % down)
                lattice_row(upper[k, 0, : across + 1], upper[k, 1, : across + 1], above, seeds[k], not perlin)
                lattice_row(lower[k, 0, : across + 1], lower[k, 1, : across + 1], below, seeds[k], not perlin)
            y = f32(place - cell * 2 * height) / f32(2 * height)
            own = slice(begin[k], begin[k + 1])
            blend_down(columns[1, own], columns[2, own], upper[k], lower[k], y, not perlin)
            fill_runs(line, starts[own], columns[0, own], f32(across) / f32(width), columns[1, own], columns[2, own])
            amplitude = amplitudes[k]
            octave = line[:width]
            for x in range(row.size):
                row[x] += amplitude * octave[x]


# ---- with an offset: each pixel has its own cell ---------------------------------------------------


@inline
def corner(h, x, y, perlin):
    """Return what a lattice corner gives to the point (x, y) from it."""
    if perlin:
        across, down = direction(h)
        return across * x + down * y
    return signed(h)


@inline
def cell_of(coarse, rest, period):
    """Return the cell of a coordinate, wrapped, the next cell, and the place in the cell."""
    whole = coarse * period
    a = np.floor(whole)
    t = (whole - a) + rest * period
    b = np.floor(t)
    cell = a + b
    cell = cell + period if cell < f32(0) else cell
    cell = cell - period if cell >= period else cell
    after = cell + f32(1)
    after = f32(0) if after >= period else after
    return np.int32(cell), np.int32(after), t - b


@kernel
def _points(row, xs, dx, coarse_y, dy, across, down, amplitude, seed, perlin):
    """Add one octave at the points (xs + dx, coarse_y + dy) of the tile."""
    for x in range(row.size):
        left, right, tx = cell_of(xs[x], dx[x], across)
        above, below, ty = cell_of(coarse_y, dy[x], down)
        upper_left = corner(hash32(left, above, seed), tx, ty, perlin)
        upper_right = corner(hash32(right, above, seed), tx - f32(1), ty, perlin)
        lower_left = corner(hash32(left, below, seed), tx, ty - f32(1), perlin)
        lower_right = corner(hash32(right, below, seed), tx - f32(1), ty - f32(1), perlin)
        v = fade(ty)
        start, end = upper_left + v * (lower_left - upper_left), upper_right + v * (lower_right - upper_right)
        row[x] += amplitude * (start + fade(tx) * (end - start))


@inline
def within_half(shift):
    """Return an offset modulo the tile, in [-0.5, 0.5]; what is no number counts as none."""
    wrapped = shift - np.floor(shift + f32(0.5))
    return wrapped if abs(wrapped) <= f32(0.5) else f32(0)


@kernel
def _moved(out, top, height, periods, amplitudes, seeds, perlin, offset):
    """Write rows `top`... of the sum of the octaves, each pixel moved by `offset`."""
    width = out.shape[1]
    parts = np.empty((4, width), np.float32)
    coarse, rest, dx, dy = parts[0], parts[1], parts[2], parts[3]
    for x in range(width):
        u = (x + 0.5) / width
        coarse[x] = np.floor(u * SPLIT) / SPLIT
        rest[x] = u - np.floor(u * SPLIT) / SPLIT
    for r in range(out.shape[0]):
        row, shift = out[r], offset[r]
        v = (top + r + 0.5) / height
        coarse_y = f32(np.floor(v * SPLIT) / SPLIT)
        rest_y = f32(v - np.floor(v * SPLIT) / SPLIT)
        for x in range(row.size):
            row[x] = f32(0)
            dx[x] = rest[x] + within_half(shift[x, 0])
            dy[x] = rest_y + within_half(shift[x, 1])
        for k in range(periods.shape[0]):
            across, down = f32(periods[k, 0]), f32(periods[k, 1])
            _points(row, coarse, dx, coarse_y, dy, across, down, amplitudes[k], seeds[k], perlin)


# ---- what the nodes call ---------------------------------------------------------------------------


def octaves_of(
    height: int, width: int, cells: int, octaves: int, lacunarity: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the octaves a picture can show: cells across and down, how visible each is (0 to 1), and hash streams.

    An octave fades in between two and four pixels a cell; finer ones are left out.
    """
    periods, visible, seeds = [], [], []
    for k in range(octaves):
        across = round(cells * lacunarity**k)
        t = min(max((width / across - 2) / 2, 0.0), 1.0)
        if t > 0:
            periods.append((across, max(1, round(across * height / width))))
            visible.append(t * t * (3 - 2 * t))
            seeds.append(stream(seed, k))
    shape = (len(periods), 2)
    return np.array(periods, np.int64).reshape(shape), np.array(visible), np.array(seeds, np.uint32)


@lru_cache(maxsize=256)
def lattice_mean(across: int, down: int, seed: int) -> float:
    """Return the mean of an octave of value noise, which is that of its lattice; 0 for many cells, which is near."""
    if across * down > MANY:
        return 0.0
    h = hash_array(np.arange(across)[None], np.arange(down)[:, None], seed)
    return float(((h >> np.uint32(16)) / 32767.5 - 1).mean())


def octave_sum(
    out: np.ndarray,
    top: int,
    height: int,
    periods: np.ndarray,
    amplitudes: np.ndarray,
    seeds: np.ndarray,
    basis: str,
    offset: np.ndarray | None,
) -> None:
    """Write rows `top`... of the sum of the octaves times `amplitudes`; one octave has mean 0 and `SIGMA[basis]`."""
    if not len(periods):
        out.fill(0)
    elif offset is None:
        _rows(out, top, height, periods, amplitudes, seeds, basis == "perlin")
    else:
        moved = np.ascontiguousarray(offset, np.float32)
        _moved(out, top, height, periods, amplitudes, seeds, basis == "perlin", moved)
