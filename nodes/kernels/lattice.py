"""Gradient, value and simplex noise on lattices that wrap, one or more octaves a row.

On a fixed row, noise inside one lattice cell is `L(x) + fade(x) * (R(x) - L(x))` with L and R linear in x.
So without an offset the lattice is hashed once per row of cells, the blend down the row and the
amplitude go into four numbers a cell, and a pixel costs about 13 operations. With an offset each pixel has
its own cell and hashes its four corners. Both give the same picture within 1e-6.

Simplex noise lies on a triangular lattice whose rows are whole: every second row is shifted by half a cell, which
closes on the torus for any number of cells across and an even number of rows. So the triangles are
equilateral but for rounding the number of rows, instead of Perlin's skewed square, which does not tile. A point
is reached by at most four corners, two in the row above and two in that below; no triangle needs finding.

An octave is a row of `periods` (cells across, cells down) and a hash stream.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, hash_array, high16, low16, stream

BASES = ("perlin", "value", "simplex")
UNROLL = 16  # pixels written at once; a run of pixels may overshoot its cell by UNROLL - 1
MANY = 65536  # cells over which the mean of value noise is within 0.002 of 0
SPLIT = 2048  # a coordinate is a multiple of 1 / SPLIT plus a rest, so that times a period it stays exact

# Standard deviation of one octave over positions and seeds: 8 A B for unit gradients (half of each squared
# component) and 4 C**2 / 3 for values in [-1, 1], with A, B, C integrals of (1 - fade)**2 and its product with t**2.
_FADE = np.polynomial.Polynomial([1, 0, 0, -10, 15, -6]) ** 2
_PLAIN, _MOMENT = (float(p.integ()(1)) for p in (_FADE, _FADE * np.polynomial.Polynomial([0, 0, 1])))
# For simplex, corners lie at 2 / sqrt(3) to a square cell, each giving (REACH - r**2)**4 times g . r.
REACH = 0.75
ROW = math.sqrt(0.75)  # from row to row of a triangular lattice of edge 1; REACH is its square
SIGMA = {
    "perlin": math.sqrt(4 * _PLAIN * _MOMENT),
    "value": math.sqrt(4 * _PLAIN**2 / 3),
    "simplex": math.sqrt(2 * math.pi / math.sqrt(3) * REACH**10 / 180),
}


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


# ---- simplex ---------------------------------------------------------------------------------------


@inline
def bump(x, yy, rise, slope):
    """Return what a corner `x` across gives, for its squared height, its gradient down times height, and across."""
    w = max(f32(REACH) - (x * x + yy), f32(0))
    w *= w
    return w * w * (slope * x + rise)


@kernel
def fill_triangles(line, starts, firsts, step, height, upper, lower, flip):
    """Fill in the noise of a row `height` below the corners `upper`, in halves of cells; see `fill_runs`.

    upper, lower : (2, cells + 1) gradients across and down; flip : 1 if it is the upper row that is shifted.
    """
    cells = upper.shape[1] - 1
    above, below = f32(ROW) * height, f32(ROW) * (height - f32(1))
    above_square, below_square = above * above, below * below
    for run in range(starts.size - 1):
        left, right = run // 2, run // 2 + 1
        odd = run % 2
        shifted = left if odd else (left - 1 if left > 0 else cells - 1)
        up = shifted if flip else left
        low = left if flip else shifted
        after_up, after_low = (up + 1, right) if flip else (right, low + 1)
        here = f32(0.5) * f32(odd)
        there = f32(0.5) - here
        up_start, low_start = (there, here) if flip else (here, there)
        s0, s1, s2, s3 = upper[0, up], upper[0, after_up], lower[0, low], lower[0, after_low]
        r0, r1, r2, r3 = upper[1, up], upper[1, after_up], lower[1, low], lower[1, after_low]
        r0, r1, r2, r3 = r0 * above, r1 * above, r2 * below, r3 * below
        first = firsts[run]
        x = np.uint64(starts[run])
        for block in range((starts[run + 1] - starts[run] + UNROLL - 1) // UNROLL):
            begin = f32(np.int32(block * UNROLL))
            for j in range(UNROLL):
                t = ((f32(np.int32(j)) + begin) * step + first) * f32(0.5)
                a, b = t + up_start, t + low_start
                line[x + np.uint64(j)] = (
                    bump(a, above_square, r0, s0)
                    + bump(a - f32(1), above_square, r1, s1)
                    + bump(b, below_square, r2, s2)
                    + bump(b - f32(1), below_square, r3, s3)
                )
            x += np.uint64(UNROLL)


@kernel
def _triangle_rows(out, top, height, periods, amplitudes, seeds):
    """Write rows `top`... of the sum of the octaves of simplex noise."""
    width = out.shape[1]
    line = np.empty(width + UNROLL, np.float32)
    out[:] = f32(0)
    for k in range(periods.shape[0]):
        across, down = periods[k]
        starts, firsts = np.empty(2 * across + 1, np.int64), np.empty(2 * across + 1, np.float32)
        corners = np.empty((2, 2, across + 1), np.float32)
        cell_runs(starts, firsts, width)
        step = f32(2 * across) / f32(width)
        known = np.int64(-1)
        octave, amplitude = line[:width], amplitudes[k]
        for r in range(out.shape[0]):
            place = (2 * (top + r) + 1) * down
            cell = place // (2 * height)
            if known != cell:
                known = cell
                lattice_row(corners[0, 0], corners[0, 1], np.int32(cell), seeds[k], False)
                lattice_row(corners[1, 0], corners[1, 1], np.int32((cell + 1) % down), seeds[k], False)
            y = f32(place - cell * 2 * height) / f32(2 * height)
            fill_triangles(line, starts, firsts, step, y, corners[0], corners[1], cell % 2)
            row = out[r]
            for x in range(row.size):
                row[x] += amplitude * octave[x]


@inline
def pair(left, after, before, t, row, shifted, height, seed):
    """Return what the two corners of a row give that lie left and right of the place `t` in a cell."""
    late = t >= f32(0.5)
    first = (left if late else before) if shifted else left
    second = (after if late else left) if shifted else after
    x = (t - f32(0.5) if late else t + f32(0.5)) if shifted else t
    g0x, g0y = direction(hash32(first, row, seed))
    g1x, g1y = direction(hash32(second, row, seed))
    yy = height * height
    return bump(x, yy, g0y * height, g0x) + bump(x - f32(1), yy, g1y * height, g1x)


@kernel
def _triangle_points(row, xs, dx, coarse_y, dy, across, down, amplitude, seed):
    """Add one octave of simplex noise at the points (xs + dx, coarse_y + dy) of the tile."""
    last = np.int32(across - f32(1))
    for x in range(row.size):
        left, after, tx = cell_of(xs[x], dx[x], across)
        above, below, ty = cell_of(coarse_y, dy[x], down)
        before = last if left == 0 else np.int32(left - 1)
        upper = pair(left, after, before, tx, above, (above & 1) == 1, f32(ROW) * ty, seed)
        lower = pair(left, after, before, tx, below, (below & 1) == 1, f32(ROW) * (ty - f32(1)), seed)
        row[x] += amplitude * (upper + lower)


@inline
def within_half(shift):
    """Return an offset modulo the tile, in [-0.5, 0.5]; what is no number counts as none."""
    wrapped = shift - np.floor(shift + f32(0.5))
    return wrapped if abs(wrapped) <= f32(0.5) else f32(0)


@kernel
def _moved(out, top, height, periods, amplitudes, seeds, basis, offset):
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
            if basis == 2:
                _triangle_points(row, coarse, dx, coarse_y, dy, across, down, amplitudes[k], seeds[k])
            else:
                _points(row, coarse, dx, coarse_y, dy, across, down, amplitudes[k], seeds[k], basis == 0)


# ---- what the nodes call ---------------------------------------------------------------------------


def octaves_of(
    height: int,
    width: int,
    cells: int,
    octaves: int,
    lacunarity: float,
    seed: int,
    cells_y: int = 0,
    basis: str = "perlin",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the octaves a picture can show: cells across and down, how visible each is (0 to 1), and hash streams.

    An octave fades in between two and four pixels a cell, on its shorter side; finer ones are left out.
    With `cells_y` 0 the cells are square.
    """
    periods, visible, seeds = [], [], []
    for k in range(octaves):
        across = round(cells * lacunarity**k)
        down = cells_y * lacunarity**k if cells_y else across * height / width
        pixels = min(width / across, height / down) if cells_y else width / across
        t = min(max((pixels - 2) / 2, 0.0), 1.0)
        if t > 0:
            rows = max(1, round(down)) if basis != "simplex" else 2 * max(1, round(down / (2 * ROW)))
            periods.append((across, rows))
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
    elif offset is not None:
        moved = np.ascontiguousarray(offset, np.float32)
        _moved(out, top, height, periods, amplitudes, seeds, BASES.index(basis), moved)
    elif basis == "simplex":
        _triangle_rows(out, top, height, periods, amplitudes, seeds)
    else:
        _rows(out, top, height, periods, amplitudes, seeds, basis == "perlin")
