"""Lattice noise by rows.

On one row of pixels, gradient noise inside one cell is `L(x) + fade(x) (R(x) - L(x))` with L and R linear in x. So
the lattice is hashed once for each row of cells, the blend in y and the amplitude fold into two numbers for each
lattice column, and the pixels of a cell need a dozen operations and no table. With an offset to the coordinates every
pixel hashes its own corners.
"""

from __future__ import annotations

import math

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, high16, low16, stream


@inline
def fade(t):
    """Return the quintic ease of Perlin's improved noise."""
    return t * t * t * (t * (t * f32(6) - f32(15)) + f32(10))


@inline
def signed_low(h):
    return low16(h) * f32(1 / 32768) - f32(1)


@inline
def signed_high(h):
    return high16(h) * f32(1 / 32768) - f32(1)


def _fade_moments() -> tuple[float, float]:
    """Return the integrals over a cell of (1 - fade)^2 and of x^2 (1 - fade)^2, by the midpoint rule."""
    x = (np.arange(100_000) + 0.5) / 100_000
    left = (1 - x**3 * (x * (x * 6 - 15) + 10)) ** 2
    return float(left.mean()), float((left * x * x).mean())


_I0, _I2 = _fade_moments()
SIGMA = {"perlin": math.sqrt(8 / 3 * _I0 * _I2), "value": math.sqrt(4 / 3 * _I0 * _I0)}
"""Standard deviation of one octave: corners are independent, their parts uniform in -1 to 1."""


@kernel
def _rows(out, top, height, periods, amplitudes, seeds, gradient):
    """Write the sum of octaves for rows `top`... ; periods (n, 2) are cells across and down."""
    width = out.shape[1]
    octaves = periods.shape[0]
    widest = 0
    for k in range(octaves):
        widest = max(widest, periods[k, 0])
    lattice = np.zeros((octaves, 2, 3, widest + 1), np.float32)  # upper and lower row: value, x slope, y slope
    known = np.full(octaves, -1, np.int64)
    starts = np.empty((octaves, widest + 1), np.int64)
    level, rise = np.empty(widest + 1, np.float32), np.empty(widest + 1, np.float32)
    for k in range(octaves):
        across = periods[k, 0]
        for c in range(across + 1):
            starts[k, c] = min(max(np.int64(np.ceil(np.float64(c) * width / across - 0.5)), 0), width)
    for y in range(out.shape[0]):
        row = out[y]
        for x in range(row.size):
            row[x] = f32(0)
        for k in range(octaves):
            across, down = periods[k, 0], periods[k, 1]
            place = (top + y + 0.5) * down / height
            cell = np.int64(place)
            fy = f32(place - cell)
            if known[k] != cell:
                known[k] = cell
                for side in range(2):
                    value, slope_x, slope_y = lattice[k, side, 0], lattice[k, side, 1], lattice[k, side, 2]
                    at = np.int32((cell + side) % down)
                    for c in range(across):
                        h = hash32(np.int32(c), at, seeds[k])
                        if gradient:
                            slope_x[c], slope_y[c] = signed_low(h), signed_high(h)
                        else:
                            value[c] = signed_high(h)
                    value[across], slope_x[across], slope_y[across] = value[0], slope_x[0], slope_y[0]
            v = fade(fy)
            upper, lower = amplitudes[k] * (f32(1) - v), amplitudes[k] * v
            a, b = lattice[k, 0], lattice[k, 1]
            a0, a1, a2, b0, b1, b2 = a[0], a[1], a[2], b[0], b[1], b[2]
            for c in range(across + 1):
                level[c] = upper * (a0[c] + a2[c] * fy) + lower * (b0[c] + b2[c] * (fy - f32(1)))
                rise[c] = upper * a1[c] + lower * b1[c]
            step = f32(across / width)
            for c in range(across):
                start, stop = starts[k, c], starts[k, c + 1]
                first = f32((start + 0.5) * across / width - c)
                left, left_rise, right_rise = level[c], rise[c], rise[c + 1]
                gap, gap_rise = level[c + 1] - right_rise - left, right_rise - left_rise
                run = row[start:stop]
                for j in range(run.size):
                    fx = f32(np.int32(j)) * step + first
                    run[j] += left + left_rise * fx + fade(fx) * (gap + gap_rise * fx)


@inline
def corner(x, y, across, down, seed, dx, dy, gradient):
    """Return what one lattice point adds at a distance; the point is taken on the torus."""
    h = hash32(np.int32(x % across), np.int32(y % down), seed)
    if gradient:
        return signed_low(h) * dx + signed_high(h) * dy
    return signed_high(h)


@kernel
def _moved(out, top, height, periods, amplitudes, seeds, gradient, offset):
    """Write the sum of octaves where each pixel's coordinates are moved by `offset` (h, w, 2), in tiles."""
    width = out.shape[1]
    for y in range(out.shape[0]):
        for x in range(width):
            u = (x + 0.5) / width + offset[y, x, 0]
            v = (top + y + 0.5) / height + offset[y, x, 1]
            total = f32(0)
            for k in range(periods.shape[0]):
                across, down = periods[k, 0], periods[k, 1]
                cell_x, cell_y = np.int64(np.floor(u * across)), np.int64(np.floor(v * down))
                fx, fy = f32(u * across - cell_x), f32(v * down - cell_y)
                a = corner(cell_x, cell_y, across, down, seeds[k], fx, fy, gradient)
                b = corner(cell_x + 1, cell_y, across, down, seeds[k], fx - f32(1), fy, gradient)
                c = corner(cell_x, cell_y + 1, across, down, seeds[k], fx, fy - f32(1), gradient)
                d = corner(cell_x + 1, cell_y + 1, across, down, seeds[k], fx - f32(1), fy - f32(1), gradient)
                s = fade(fx)
                upper, lower = a + s * (b - a), c + s * (d - c)
                total += amplitudes[k] * (upper + fade(fy) * (lower - upper))
            out[y, x] = total


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
    """Write rows of a sum of octaves of noise, each about 0 with standard deviation SIGMA times its amplitude."""
    if offset is None:
        _rows(out, top, height, periods, amplitudes, seeds, basis == "perlin")
    else:
        _moved(out, top, height, periods, amplitudes, seeds, basis == "perlin", offset)


def octaves_of(
    height: int, width: int, cells: int, octaves: int, lacunarity: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return periods (n, 2), visibility and seeds of the octaves that a size can show.

    Periods are whole numbers, so that every octave tiles, and each has a hash stream of its own. Visibility falls
    from 1 at four pixels a cell to 0 at two; what is narrower is left out.
    """
    periods, visible, seeds = [], [], []
    for k in range(octaves):
        across = round(cells * lacunarity**k)
        down = max(1, round(across * height / width))
        share = min(max((min(width / across, height / down) - 2) / 2, 0.0), 1.0)
        if k == 0 and share == 0:
            share = 1.0  # a picture of a few pixels still shows something
        if share > 0:
            periods.append((across, down))
            visible.append(share)
            seeds.append(stream(seed, k))
    return np.array(periods, np.int64), np.array(visible), np.array(seeds, np.uint32)
