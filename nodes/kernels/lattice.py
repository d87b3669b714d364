"""Gradient and value noise on an integer lattice that wraps, one or more octaves a row.

On a fixed row, noise inside one lattice cell is `L(x) + fade(x) * (R(x) - L(x))` with L and R linear in x.
So without an offset the lattice is hashed once per row of cells, the blend down the row and the
amplitude go into four numbers a cell, and a pixel costs about 13 operations. With an offset each pixel has
its own cell and hashes its four corners. Both give the same picture within 1e-6.

An octave is a row of `periods` (cells across, cells down) and a hash stream.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import add32, hash32, high16, low16

UNROLL = 16  # pixels written at once; a run of pixels may overshoot its cell by UNROLL - 1
SPLIT = 2048  # a coordinate is a multiple of 1 / SPLIT plus a rest, so that times a period it stays exact


@inline
def fade(t):  # noqa: ANN001, ANN201
    """Return Perlin's quintic: 0 at 0, 1 at 1, first and second derivative 0 at both ends."""
    return t * t * t * (t * (t * f32(6) - f32(15)) + f32(10))


@inline
def direction(h):  # noqa: ANN001, ANN201
    """Return a unit vector (to 0.2 %) at a uniform angle: polynomials for sin and cos, which vectorise."""
    t = low16(h) * f32(1 / 32768) - f32(1)
    tt = t * t
    sine = t * (f32(1) - tt) * (f32(3.13903273) + tt * (f32(-1.9949143) + tt * f32(0.43389253)))
    cosine = f32(0.99856644) + tt * (f32(-4.88817568) + tt * (f32(3.81917906) + tt * f32(-0.93092028)))
    return cosine, sine


@inline
def signed(h):  # noqa: ANN001, ANN201
    """Return a number in [-1, 1]."""
    return high16(h) * f32(1 / 32767.5) - f32(1)


# ---- without an offset: runs of pixels in one cell ------------------------------------------------


@kernel
def cell_runs(starts, firsts, width):  # noqa: ANN001, ANN201
    """Fill in the first pixel of each cell across and where in the cell it lies (0 to 1)."""
    period = starts.size - 1
    for cell in range(period + 1):
        start = (2 * width * cell + period - 1) // (2 * period)
        starts[cell] = start
        firsts[cell] = f32((2 * start + 1) * period - 2 * width * cell) / f32(2 * width)


@kernel
def lattice_row(across, down, row, stream, value):  # noqa: ANN001, ANN201
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
def blend_down(slope, level, upper, lower, y, value):  # noqa: ANN001, ANN201
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
def fill_runs(line, starts, firsts, step, slope, level):  # noqa: ANN001, ANN201
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
