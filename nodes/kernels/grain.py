"""White noise of a grain: random tones on a lattice, weighted by a bell and divided by the length of the weights.

That division keeps the standard deviation the same at every place, on a lattice point and between them. The bell
(1 - (d / 3)^2)^4 is within 1 % a Gaussian of 0.9 lattice cells, so the lattice does not show either.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, high16, low16
from nodes.kernels.lattice import within_half
from nodes.kernels.pointwise import TABLE, look_up

TAPS = 6
BELL = 0.9  # standard deviation of the bell, in lattice cells
FINEST = 0.8  # grain in pixels below which each pixel has a tone of its own
TAIL = 4.0  # deviations from the mean that the table from normal to uniform tones reaches


@inline
def tone(h):
    """Return a tone of mean 0 and deviation 1: the sum of two uniform numbers, which filtering makes normal."""
    return (low16(h) + high16(h) - f32(65535)) * f32(2.4494897 / 65536)


@inline
def even(h):
    """Return a number in (0, 1), each equally often, of 24 bits."""
    return (high16(h) * f32(256) + np.floor(low16(h) * f32(1 / 256)) + f32(0.5)) * f32(1 / 16777216)


@inline
def bell(d):
    w = max(f32(1) - d * d * f32(1 / 9), f32(0))
    w *= w
    return w * w


@kernel
def _pixels(out, top, height, seed, offset):
    """Write one number from 0 to 1 for each pixel."""
    width = out.shape[1]
    for y in range(out.shape[0]):
        row = out[y]
        if offset.size:
            for x in range(row.size):
                u = (x + np.int64(np.rint(within_half(offset[y, x, 0]) * width))) % width
                v = (top + y + np.int64(np.rint(within_half(offset[y, x, 1]) * height))) % height
                row[x] = even(hash32(u, v, seed))
        else:
            for x in range(row.size):
                row[x] = even(hash32(np.int32(x), np.int32(top + y), seed))


@kernel
def _filter_row(values, low, weights, out):
    """Write one lattice row at the columns of the picture."""
    for x in range(out.size):
        i = np.uint32(low[x])
        out[x] = (
            weights[0, x] * values[i]
            + weights[1, x] * values[i + np.uint32(1)]
            + weights[2, x] * values[i + np.uint32(2)]
            + weights[3, x] * values[i + np.uint32(3)]
            + weights[4, x] * values[i + np.uint32(4)]
            + weights[5, x] * values[i + np.uint32(5)]
        )


@kernel
def _hash_row(values, row, period, seed):
    for i in range(values.size):
        values[i] = tone(hash32(np.int32(i % period), np.int32(row), seed))


@kernel
def _rows(out, across, down, low, weights, low_y, weights_y, seed):
    """Write rows of the filtered lattice; each lattice row is filtered across once."""
    values = np.empty(across + 6, np.float32)
    rows = np.empty((6, out.shape[1]), np.float32)
    known = np.full(6, -1, np.int64)
    for y in range(out.shape[0]):
        line = out[y]
        line[:] = f32(0)
        for tap in range(6):
            j = (low_y[y] + tap) % down
            slot = (low_y[y] + tap) % 6
            if known[slot] != low_y[y] + tap:
                known[slot] = low_y[y] + tap
                _hash_row(values, j, across, seed)
                _filter_row(values, low, weights, rows[slot])
            weight, part = weights_y[tap, y], rows[slot]
            for x in range(line.size):
                line[x] += weight * part[x]


@kernel
def _weigh(places, low, weights):
    """Write the lattice point three before each place and the six weights from there, of square sum 1."""
    for x in range(places.size):
        below = np.floor(places[x])
        t = places[x] - below
        low[x] = np.int32(below) - np.int32(2)
        w0, w1, w2 = bell(t + f32(2)), bell(t + f32(1)), bell(t)
        w3, w4, w5 = bell(t - f32(1)), bell(t - f32(2)), bell(t - f32(3))
        scale = f32(1) / np.sqrt(w0 * w0 + w1 * w1 + w2 * w2 + w3 * w3 + w4 * w4 + w5 * w5)
        weights[0, x], weights[1, x], weights[2, x] = w0 * scale, w1 * scale, w2 * scale
        weights[3, x], weights[4, x], weights[5, x] = w3 * scale, w4 * scale, w5 * scale


@kernel
def _add_taps(row, low_x, low_y, weight_x, weight_y, right, below, across, down, seed):
    for x in range(row.size):
        i, j = low_x[x] + right, low_y[x] + below
        i = np.int32(i + across if i < 0 else (i - across if i >= across else i))
        j = np.int32(j + down if j < 0 else (j - down if j >= down else j))
        row[x] += weight_x[x] * weight_y[x] * tone(hash32(i, j, seed))


@kernel
def _moved(out, top, height, across, down, seed, offset):
    width = out.shape[1]
    places, low = np.empty((2, width), np.float32), np.empty((2, width), np.int32)
    weights = np.empty((2, 6, width), np.float32)
    for y in range(out.shape[0]):
        row, shift = out[y], offset[y]
        v = (top + y + 0.5) / height
        for x in range(width):
            u = (x + 0.5) / width + within_half(shift[x, 0])
            w = v + within_half(shift[x, 1])
            places[0, x] = f32((u - np.floor(u)) * across)
            places[1, x] = f32((w - np.floor(w)) * down)
            row[x] = f32(0)
        for axis in range(2):
            _weigh(places[axis], low[axis], weights[axis])
        for below in range(6):
            for right in range(6):
                taps = weights[0, right], weights[1, below]
                steps = np.int32(right), np.int32(below), np.int32(across), np.int32(down)
                _add_taps(row, low[0], low[1], taps[0], taps[1], steps[0], steps[1], steps[2], steps[3], seed)


@lru_cache(maxsize=1)
def _normal_of_even() -> np.ndarray:
    """Return normal tones for a number from 0 to 1, each entry the least extreme of its share, of deviation 1."""
    inverse = NormalDist().inv_cdf
    table = np.array([inverse((i + 0.5) / TABLE) for i in range(TABLE)])
    middle = (table[1:] + table[:-1]) / 2  # between entries it is interpolated
    variance = np.mean(middle**2 + np.diff(table) ** 2 / 12)
    return (table / np.sqrt(variance)).astype(np.float32)


@lru_cache(maxsize=1)
def _even_of_normal() -> np.ndarray:
    """Return uniform tones of deviation 1 for a normal one, mapped from -TAIL..TAIL to 0..1."""
    share = NormalDist().cdf
    table = [share(TAIL * (2 * i / (TABLE - 1) - 1)) for i in range(TABLE)]
    return ((np.array(table) - 0.5) * np.sqrt(12)).astype(np.float32)


def grain_noise(
    out: np.ndarray,
    top: int,
    height: int,
    size: float,
    seeds: tuple[int, int],
    uniform: bool,
    offset: np.ndarray | None,
) -> np.ndarray:
    """Write rows `top`... of white noise of mean 0 and deviation 1, its grain `size` pixels wide."""
    width = out.shape[1]
    if size < FINEST:
        _pixels(out, top, height, np.uint32(seeds[0]), np.empty((0, 0, 2), np.float32) if offset is None else offset)
        if not uniform:
            return look_up(out, _normal_of_even(), out)
        out -= f32(0.5)
        out *= f32(np.sqrt(12))
        return out
    # A grain is two deviations of the bell wide.
    across = max(TAPS, round(2 * BELL * width / size))
    down = max(TAPS, round(2 * BELL * height / size))
    seed = np.uint32(seeds[1])
    if offset is not None:
        _moved(out, top, height, across, down, seed, offset)
    else:
        axes = []
        for start, count, full, period in ((0, width, width, across), (top, len(out), height, down)):
            places = ((np.arange(start, start + count) + 0.5) / full * period).astype(np.float32)
            low, weights = np.empty(count, np.int32), np.empty((TAPS, count), np.float32)
            _weigh(places, low, weights)
            axes.append((low, weights))
        (low, weights), (low_y, weights_y) = axes
        _rows(out, across, down, low % across, weights, low_y.astype(np.int64) + down, weights_y, seed)
    if uniform:
        out *= f32(0.5 / TAIL)
        out += f32(0.5)
        look_up(out, _even_of_normal(), out)
    return out
