"""Carrying one distribution over into another: along a line by quantiles, in more dimensions line by line.

The map between two distributions on a line that moves them least takes each quantile to its like. In colour or among
neighbouring pixels it is approached by doing so along one random direction after another (Rabin and others,
Wasserstein barycenter, 2011; Pitié and others, 2007).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodes.kernels.compile import f32, kernel
from nodes.kernels.hash import uniform_array

TABLE = 2048
"""Entries of a map along a line."""

BLOCK = 1 << 16
"""Pixels whose moments are added up at a time."""

QUANTILES = 512
"""Quantiles that a map is made of: fewer follow the example less closely, more follow its noise."""


class LineMap(NamedTuple):
    """A rising map along a line: a table at even steps from `low` to `high`, straight on beyond them."""

    low: np.float32
    factor: np.float32
    table: np.ndarray


def quantiles(values: np.ndarray, count: int = QUANTILES) -> np.ndarray:
    """Return `count` quantiles, from the least to the greatest value; float64."""
    ordered = np.sort(values, axis=None)
    places = np.linspace(0, ordered.size - 1, count)
    low = np.minimum(places.astype(np.int64), max(ordered.size - 2, 0))
    first, second = ordered[low].astype(np.float64), ordered[np.minimum(low + 1, ordered.size - 1)]
    return first + (places - low) * (second - first)


def _table(at: np.ndarray, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return where the source's quantiles go, at some places; of many equal ones the middle one counts."""
    values, first, counts = np.unique(source, return_index=True, return_counts=True)
    return np.interp(at, values, target[first + counts // 2]).astype(np.float32)


def line_map(source: np.ndarray, target: np.ndarray) -> LineMap:
    """Return the map that takes each of the source's quantiles to the target's."""
    low, high = float(source[0]), float(source[-1])
    if high - low < 1e-12:  # one value has no spread to keep: it goes to the middle
        return LineMap(f32(low), f32(0), np.full(2, target.mean(), np.float32))
    table = _table(np.linspace(low, high, TABLE), source, target)
    return LineMap(f32(low), f32((TABLE - 1) / (high - low)), table)


@kernel
def _carry(values, low, factor, table, out):
    last = f32(table.size - 1)
    for i in range(values.size):
        place = (values[i] - low) * factor
        inner = min(max(place, f32(0)), last)
        at = min(np.int32(inner), np.int32(table.size - 2))
        first, second = table[np.uint32(at)], table[np.uint32(at) + np.uint32(1)]
        out[i] = first + (inner - f32(at)) * (second - first)


def carry(values: np.ndarray, by: LineMap, out: np.ndarray) -> np.ndarray:
    """Write where a map takes values; `out` may be `values`."""
    _carry(values.reshape(-1), *by, out.reshape(-1))
    return out


@kernel
def _carry_between(values, shares, low, factor, tables, out):
    last, rows = f32(tables.shape[1] - 1), f32(tables.shape[0] - 1)
    for i in range(values.size):
        place = min(max((values[i] - low) * factor, f32(0)), last)
        at = min(np.int32(place), np.int32(tables.shape[1] - 2))
        height = min(max(shares[i] * rows, f32(0)), rows)
        row = min(np.int32(height), np.int32(tables.shape[0] - 2))
        part = place - f32(at)
        one = tables[row, at] + part * (tables[row, at + 1] - tables[row, at])
        other = tables[row + 1, at] + part * (tables[row + 1, at + 1] - tables[row + 1, at])
        out[i] = one + (height - f32(row)) * (other - one)


def carry_between(
    values: np.ndarray, shares: np.ndarray, pairs: list[tuple[np.ndarray, np.ndarray]], out: np.ndarray
) -> np.ndarray:
    """Write where values are taken by the map of their share, or by what lies between two; `out` may be `values`.

    pairs : quantiles of source and target for shares at even steps from 0 to 1, or one pair for all of them.
    """
    if len(pairs) == 1:
        return carry(values, line_map(*pairs[0]), out)
    low, high = min(source[0] for source, _ in pairs), max(source[-1] for source, _ in pairs)
    tables = np.stack([_table(np.linspace(low, high, TABLE), *pair) for pair in pairs])
    factor = (TABLE - 1) / (high - low) if high - low > 1e-12 else 0.0
    _carry_between(values.reshape(-1), shares.reshape(-1), f32(low), f32(factor), tables, out.reshape(-1))
    return out


# ---- colours as a whole ----


def _root(matrix: np.ndarray, power: float = 0.5) -> np.ndarray:
    """Return a symmetric matrix to a power; directions without spread stay without."""
    values, vectors = np.linalg.eigh(matrix)
    values = np.where(values > 1e-12, np.maximum(values, 1e-12) ** power, 0)
    return (vectors * values) @ vectors.T


def _moments(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the covariance of colours (3, n), added up in blocks."""
    total, products = np.zeros(3), np.zeros((3, 3))
    for at in range(0, colours.shape[1], BLOCK):
        block = colours[:, at : at + BLOCK].astype(np.float64)
        total += block.sum(axis=1)
        products += np.einsum("in,jn->ij", block, block)
    mean = total / colours.shape[1]
    return mean, products / colours.shape[1] - np.outer(mean, mean)


def linear_map(source: np.ndarray, target: np.ndarray, together: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrix and the shift that give colours (3, n) the target's mean and spread, moving them least."""
    means, spreads = zip(*(_moments(colours) for colours in (source, target)), strict=True)
    if not together:
        spreads = tuple(np.diag(np.diag(spread)) for spread in spreads)
    half, back = _root(spreads[0]), _root(spreads[0], -0.5)
    matrix = back @ _root(half @ spreads[1] @ half) @ back
    return matrix, means[1] - matrix @ means[0]


@kernel
def _carry_linear(x, y, z, matrix, shift):
    for i in range(x.size):
        p, q, r = x[i], y[i], z[i]
        x[i] = matrix[0, 0] * p + matrix[0, 1] * q + matrix[0, 2] * r + shift[0]
        y[i] = matrix[1, 0] * p + matrix[1, 1] * q + matrix[1, 2] * r + shift[1]
        z[i] = matrix[2, 0] * p + matrix[2, 1] * q + matrix[2, 2] * r + shift[2]


def carry_linear(planes: np.ndarray, matrix: np.ndarray, shift: np.ndarray) -> None:
    """Carry three planes of colours by a matrix and a shift, in place; not by a library whose bits hang on the size."""
    _carry_linear(*(plane.reshape(-1) for plane in planes), matrix.astype(np.float32), shift.astype(np.float32))


# ---- directions among colours ----


def turns(count: int, seed: int) -> np.ndarray:
    """Return random rotations, float32 (count, 3, 3), the first of them none."""
    first, second = (np.maximum(uniform_array(np.arange(count * 9), use, seed), 1e-7) for use in (0, 1))
    normal = np.sqrt(-2 * np.log(first.astype(np.float64))) * np.cos(2 * np.pi * second)
    found = np.linalg.qr(normal.reshape(count, 3, 3))[0]
    found[:1] = np.eye(3)
    return found.astype(np.float32)


@kernel
def _carry_turned(x, y, z, turn, lows, factors, tables):
    """Carry colours along the three axes of a turned frame."""
    last = f32(tables.shape[1] - 1)
    for i in range(x.size):
        p, q, r = x[i], y[i], z[i]
        for axis in range(3):
            a, b, c = turn[axis, 0], turn[axis, 1], turn[axis, 2]
            value = a * p + b * q + c * r
            inner = min(max((value - lows[axis]) * factors[axis], f32(0)), last)
            at = min(np.int32(inner), np.int32(tables.shape[1] - 2))
            first, second = tables[axis, at], tables[axis, at + 1]
            change = first + (inner - f32(at)) * (second - first) - value
            x[i] += a * change
            y[i] += b * change
            z[i] += c * change


class Turned(NamedTuple):
    """A map of colours along the three axes of a turned frame."""

    turn: np.ndarray
    lows: np.ndarray
    factors: np.ndarray
    tables: np.ndarray


def _smoothed(by: LineMap, sigma: float) -> LineMap:
    """Return a map with its changes blurred along the line: each bend would show as a contour in a smooth picture."""
    if sigma == 0 or by.factor == 0:
        return by
    at = by.low + np.arange(by.table.size) / by.factor
    reach = int(3 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    change = np.convolve(np.pad(by.table - at, reach, mode="edge"), weights / weights.sum(), mode="valid")
    return by._replace(table=(at + change).astype(np.float32))


def turned_map(source: np.ndarray, target: np.ndarray, turn: np.ndarray, sigma: float = 0.0) -> Turned:
    """Return the map that gives colours (3, n) the target's quantiles along the axes of a frame.

    sigma : blur of the map, in entries of its table.
    """
    maps = []
    for axis in turn:
        ends = [quantiles(axis[0] * x + axis[1] * y + axis[2] * z) for x, y, z in (source, target)]
        maps.append(_smoothed(line_map(*ends), sigma))
    tables = np.stack([np.resize(m.table, TABLE) for m in maps])
    return Turned(turn, np.array([m.low for m in maps]), np.array([m.factor for m in maps]), tables)


def carry_colours(planes: list[np.ndarray] | np.ndarray, by: Turned) -> None:
    """Carry three planes of colours, in place."""
    _carry_turned(*(plane.reshape(-1) for plane in planes), *by)


# ---- directions among neighbouring pixels ----


def directions(channels: int, count: int, seed: int) -> np.ndarray:
    """Return random unit weights of the 3 by 3 pixels around one in all channels, (count, c, 3, 3)."""
    size = channels * 9
    first, second = (uniform_array(np.arange(count * size), use, seed).astype(np.float64) for use in (0, 1))
    normal = np.sqrt(-2 * np.log(np.maximum(first, 1e-9))) * np.cos(2 * np.pi * second)
    weights = normal.reshape(count, size)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    return weights.reshape(count, channels, 3, 3).astype(np.float32)


@kernel
def _add_shifted(row, shift, weight, to):
    """Add a row, wrapped and shifted to the left, times a weight."""
    rest = row.size - shift
    here, there = row[shift:], to[:rest]
    for x in range(there.size):
        there[x] += weight * here[x]
    here, there = row[:shift], to[rest:]
    for x in range(there.size):
        there[x] += weight * here[x]


@kernel
def project(planes, weights, first, step, out):
    """Write, at rows `first`, `first + step`..., the weighted sum of the 3 by 3 pixels around each, in all planes.

    planes : (c, h, w); weights : (c, 3, 3); out : (rows, w).
    """
    channels, height, width = planes.shape
    for r in range(out.shape[0]):
        to = out[r]
        for x in range(to.size):
            to[x] = f32(0)
        for c in range(channels):
            for dy in range(3):
                row = planes[c, (first + r * step + dy - 1 + height) % height]
                for dx in range(3):
                    _add_shifted(row, (dx - 1 + width) % width, weights[c, dy, dx], to)


@kernel
def push(change, weights, top, bottom, planes):
    """Add to some rows what the changes of all pixels times their weights are there: `project`, transposed."""
    channels, height, width = planes.shape
    for c in range(channels):
        for y in range(top, bottom):
            to = planes[c, y]
            for dy in range(3):
                row = change[(y - dy + 1 + height) % height]
                for dx in range(3):
                    _add_shifted(row, (1 - dx + width) % width, weights[c, dy, dx], to)
