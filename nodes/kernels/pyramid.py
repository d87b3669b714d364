"""A picture as levels of detail, each half as large as the one before, on the torus and at any size.

A level is what a picture loses by being averaged under tents two pixels wide each way and brought back by a cubic
B-spline (Burt and Adelson, The Laplacian pyramid, 1983). The levels add up to the picture whatever is done to sizes.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nodes.kernels.compile import f32, kernel

SMALLEST = 8
"""Pixels along the shorter side below which no further level is made."""


@kernel
def _add_rows(source, starts, weights, out):
    """Write rows that are weighted sums of rows from `starts` on, wrapped; weights : (rows, taps)."""
    height = source.shape[0]
    for y in range(out.shape[0]):
        to = out[y]
        for x in range(to.size):
            to[x] = f32(0)
        for k in range(weights.shape[1]):
            row, weight = source[(starts[y] + k) % height], weights[y, k]
            for x in range(to.size):
                to[x] += weight * row[x]


@kernel
def _add_columns(source, starts, weights, line, out):
    """Write columns that are weighted sums of columns from `starts` on, wrapped; weights : (taps, columns)."""
    taps, width = weights.shape[0], source.shape[1]
    for y in range(out.shape[0]):
        row, to = source[y], out[y]
        for x in range(width):
            line[x] = row[x]
        for x in range(taps):
            line[width + x] = line[x % width]
        for x in range(to.size):
            to[x] = f32(0)
        for k in range(taps):
            weight, shift = weights[k], np.uint32(k)
            for x in range(to.size):
                to[x] += weight[x] * line[starts[x] + shift]


@lru_cache(maxsize=64)
def _tents(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where `count` tents over a row of pixels start, and the share of each pixel under them, (count, taps)."""
    step = size / count
    middle = (np.arange(count) + 0.5) * step
    starts = np.floor(middle - step).astype(np.int64)
    borders = starts[:, None] + np.arange(int(np.ceil(2 * step)) + 2)
    place = np.clip((borders - middle[:, None]) / step, -1, 1)
    shares = np.diff(place + 0.5 - 0.5 * place * np.abs(place), axis=1)
    return starts % size, (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


@lru_cache(maxsize=64)
def _splines(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first of four neighbours of `count` pixels brought back from `size`, and their weights (count, 4)."""
    places = (np.arange(count) + 0.5) * (size / count) - 0.5
    low = np.floor(places)
    t = places - low
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3], axis=1) / 6
    return (low.astype(np.int64) - 1) % size, weights.astype(np.float32)


def _weighed(plane: np.ndarray, height: int, width: int, by) -> np.ndarray:  # type: ignore[no-untyped-def]  # a function above
    """Return a plane at another size, each pixel a weighted sum of old ones."""
    rows = np.empty((height, plane.shape[1]), np.float32)
    _add_rows(plane, *by(plane.shape[0], height), rows)
    starts, weights = by(plane.shape[1], width)
    out = np.empty((height, width), np.float32)
    line = np.empty(plane.shape[1] + weights.shape[1], np.float32)
    _add_columns(rows, starts.astype(np.uint32), np.ascontiguousarray(weights.T), line, out)
    return out


def resized(plane: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a plane at the size of a level, averaged under tents on the way."""
    return plane if plane.shape == (height, width) else _weighed(plane, height, width, _tents)


def levels_of(plane: np.ndarray, count: int) -> list[np.ndarray]:
    """Return up to `count` levels of detail, the finest first, and after them what is left, the smallest picture."""
    levels = []
    while len(levels) < count and min(plane.shape) >= 2 * SMALLEST:
        height, width = plane.shape
        small = _weighed(plane, -(-height // 2), -(-width // 2), _tents)
        levels.append(plane - _weighed(small, height, width, _splines))
        plane = small
    return [*levels, plane]


def put_together(levels: list[np.ndarray]) -> np.ndarray:
    """Return the plane that levels were made of; the opposite of `levels_of`."""
    plane = levels[-1]
    for level in levels[-2::-1]:
        plane = level + _weighed(plane, level.shape[0], level.shape[1], _splines)
    return plane


__all__ = ["levels_of", "put_together", "resized"]
