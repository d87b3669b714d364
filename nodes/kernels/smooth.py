"""Gaussian blur on the torus: direct where it is narrow, by way of a smaller picture where it is wide.

Narrow: two passes of a sampled Gaussian. Wide: the picture is averaged under tents f pixels apart, blurred small, and
brought back with cubic B-splines. Tent, small Gaussian and B-spline have variances that add up to the one asked for, so
the result is a Gaussian to 1e-4 of the signal, smooth enough to take normals of, at a constant cost per pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.declare import Band
from nodes.kernels.compile import f32, inline, kernel

NARROW = 6.0
"""Standard deviation in pixels up to which the direct way is taken."""

SMALL = 4.0
"""Standard deviation, in its own pixels, of the blur on the smaller picture."""


def taps(sigma: float) -> np.ndarray:
    """Return the right half of a sampled Gaussian, the middle first; the whole sums to 1. 4 sigma wide."""
    radius = math.ceil(4 * sigma)
    weights = np.exp(-0.5 * (np.arange(radius + 1) / max(sigma, 1e-9)) ** 2)
    return (weights / (2 * weights.sum() - weights[0])).astype(np.float32)


@inline
def pair(before, after, weight, i):
    return weight * (before[i] + after[i])


@kernel
def _blur_rows(image, down, across, top, out, line, wide):
    """Blur rows `top`... of `image` (H, W * c) into `out` (h, W, c), first down the columns, then across.

    Four pairs of taps are added at a time: the running sum is read and written a quarter as often.
    """
    height, length = image.shape
    columns, channels = out.shape[1], out.shape[2]
    reach = across.size - 1
    for y in range(out.shape[0]):
        middle = image[(top + y) % height]
        for i in range(line.size):
            line[i] = middle[i] * down[0]
        k = 1
        while k + 3 < down.size:
            a, b = image[(top + y - k) % height], image[(top + y + k) % height]
            c, d = image[(top + y - k - 1) % height], image[(top + y + k + 1) % height]
            e, f = image[(top + y - k - 2) % height], image[(top + y + k + 2) % height]
            g, h = image[(top + y - k - 3) % height], image[(top + y + k + 3) % height]
            u, v, w, z = down[k], down[k + 1], down[k + 2], down[k + 3]
            for i in range(line.size):
                line[i] += pair(a, b, u, i) + pair(c, d, v, i) + pair(e, f, w, i) + pair(g, h, z, i)
            k += 4
        while k < down.size:
            a, b, u = image[(top + y - k) % height], image[(top + y + k) % height], down[k]
            for i in range(line.size):
                line[i] += pair(a, b, u, i)
            k += 1
        # The row with its own ends joined on, as often as the blur reaches round.
        for i in range(reach):
            at = (columns - 1 - i % columns) * channels
            to = (reach - 1 - i) * channels
            for part in range(channels):
                wide[to + part] = line[at + part]
                wide[(reach + columns + i) * channels + part] = line[(i % columns) * channels + part]
        start = reach * channels
        inner = wide[start : start + length]
        for i in range(inner.size):
            inner[i] = line[i]
        target = out[y].reshape(length)
        for i in range(target.size):
            target[i] = inner[i] * across[0]
        k = 1
        while k + 3 < across.size:
            s = k * channels
            a, b = wide[start - s : start - s + length], wide[start + s : start + s + length]
            s += channels
            c, d = wide[start - s : start - s + length], wide[start + s : start + s + length]
            s += channels
            e, f = wide[start - s : start - s + length], wide[start + s : start + s + length]
            s += channels
            g, h = wide[start - s : start - s + length], wide[start + s : start + s + length]
            u, v, w, z = across[k], across[k + 1], across[k + 2], across[k + 3]
            for i in range(target.size):
                target[i] += pair(a, b, u, i) + pair(c, d, v, i) + pair(e, f, w, i) + pair(g, h, z, i)
            k += 4
        while k < across.size:
            s, u = k * channels, across[k]
            a, b = wide[start - s : start - s + length], wide[start + s : start + s + length]
            for i in range(target.size):
                target[i] += pair(a, b, u, i)
            k += 1


def blur_rows(image: np.ndarray, down: np.ndarray, across: np.ndarray, top: int, out: np.ndarray) -> np.ndarray:
    """Return rows of a picture blurred with two half Gaussians; see `taps`."""
    height, width = image.shape[:2]
    channels = image.size // (height * width)
    line = np.empty(width * channels, np.float32)
    wide = np.empty((width + 2 * (across.size - 1)) * channels, np.float32)
    _blur_rows(image.reshape(height, -1), down, across, top, out.reshape(len(out), width, channels), line, wide)
    return out


@dataclass(frozen=True)
class Small:
    """A picture blurred at a smaller size, to be brought back by `enlarged`."""

    image: np.ndarray


def shrunk(band: Band, image: np.ndarray, sigma: float) -> Small:
    """Return the blurred picture at a size where the blur is about four pixels wide."""
    height, width = image.shape[:2]
    scale = max(1.0, sigma / SMALL)
    rows, columns = max(1, round(height / scale)), max(1, round(width / scale))
    small = _averaged_by_bands(band, image, rows, columns)
    halves = []
    for size, count in ((height, rows), (width, columns)):
        factor = size / count
        # The tent over whole pixels has variance f^2/6 + 1/12, the B-spline f^2/3.
        rest = sigma**2 - factor**2 / 6 - 1 / 12 - factor**2 / 3
        halves.append(taps(math.sqrt(max(rest, 0.0)) / factor))
    blurred = np.empty_like(small)

    def work(top: int, bottom: int) -> None:
        first, last = _share(top, bottom, height, rows)
        blur_rows(small, halves[0], halves[1], first, blurred[first:last])

    band.each(work)
    return Small(blurred)


def _share(top: int, bottom: int, height: int, rows: int) -> tuple[int, int]:
    """Return the rows of a smaller picture that fall to a band of the large one; each falls to just one."""
    return -(-top * rows // height), -(-bottom * rows // height)


def _averaged_by_bands(band: Band, image: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the picture averaged under tents, each row of the result in one piece whatever the bands."""
    height, width = image.shape[:2]
    channels = image.size // (height * width)
    result = np.empty((rows, columns, *image.shape[2:]), np.float32)
    down, down_shares = _tents(height, rows)
    across, across_shares = _tents(width, columns)
    across, across_shares = (across * channels).astype(np.uint32), np.ascontiguousarray(across_shares.T)

    def work(top: int, bottom: int) -> None:
        first, last = _share(top, bottom, height, rows)
        line = np.empty((width + len(across_shares)) * channels, np.float32)
        out = result[first:last].reshape(last - first, columns * channels)
        here = slice(first, last)
        _average(image.reshape(height, -1), down[here], down_shares[here], across, across_shares, line, out, channels)

    band.each(work)
    return result


def _tents(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return, for `count` tents over a row of pixels, the first pixel under each and the share of those from there.

    A tent is as wide as two of its steps, so that two neighbours overlap, and is integrated over each pixel.
    """
    step = size / count
    middle = (np.arange(count) + 0.5) * step
    starts = np.floor(middle - step).astype(np.int64)
    ends = starts[:, None] + np.arange(int(np.ceil(2 * step)) + 2)
    place = np.clip((ends - middle[:, None]) / step, -1, 1)
    area = place + 0.5 - 0.5 * place * np.abs(place)  # under the tent up to there, less a constant
    shares = np.diff(area, axis=1)
    return starts % size, (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


@kernel
def _average(image, starts, shares, columns, column_shares, line, out, channels):
    """Write rows of averages: rows of pixels added up by their share first, then the columns.

    columns : where in a row the pixels under each tent begin; column_shares : (pixels, tents).
    """
    height, length = image.shape
    row = line[:length]
    total = np.empty(columns.size, np.float32)
    for r in range(out.shape[0]):
        for i in range(row.size):
            row[i] = f32(0)
        for k in range(shares.shape[1]):
            weight, pixels = shares[r, k], image[(starts[r] + k) % height]
            if weight > f32(0):
                for i in range(row.size):
                    row[i] += weight * pixels[i]
        for i in range(line.size - length):
            line[length + i] = line[i % length]
        for c in range(channels):
            for b in range(total.size):
                total[b] = f32(0)
            for k in range(column_shares.shape[0]):
                share, first = column_shares[k], np.uint32(k * channels + c)
                for b in range(total.size):
                    total[b] += share[b] * line[columns[b] + first]
            for b in range(total.size):
                out[r, b * channels + c] = total[b]


def _spline(places: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first of four neighbours, and their cubic B-spline weights (4, n), for places in pixels."""
    low = np.floor(places)
    t = places - low
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6
    return (low.astype(np.int64) - 1) % count, weights.astype(np.float32)


@kernel
def _enlarge(small, rows, row_weights, columns, column_weights, out, line):
    """Write rows brought back from `small` (rows, columns * c); column_weights : (4, width)."""
    count_y, length = small.shape
    channels = out.shape[2]
    inner, values = line[:length], np.empty(columns.size, np.float32)
    for y in range(out.shape[0]):
        r = rows[y]
        a, b = small[r], small[(r + 1) % count_y]
        c, d = small[(r + 2) % count_y], small[(r + 3) % count_y]
        w0, w1, w2, w3 = row_weights[0, y], row_weights[1, y], row_weights[2, y], row_weights[3, y]
        for i in range(inner.size):
            inner[i] = w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i]
        for i in range(3 * channels):
            line[length + i] = line[i % length]
        v0, v1, v2, v3 = column_weights[0], column_weights[1], column_weights[2], column_weights[3]
        step = np.uint32(channels)
        for k in range(channels):
            for x in range(values.size):
                at = columns[x] + np.uint32(k)
                values[x] = (
                    v0[x] * line[at]
                    + v1[x] * line[at + step]
                    + v2[x] * line[at + step + step]
                    + v3[x] * line[at + step + step + step]
                )
            row = out[y]
            for x in range(values.size):
                row[x, k] = values[x]


def enlarged(small: Small, height: int, width: int, top: int, out: np.ndarray) -> np.ndarray:
    """Return rows of a shrunk picture at the full size."""
    count_y, count_x = small.image.shape[:2]
    channels = small.image.size // (count_y * count_x)
    rows, row_weights = _spline((np.arange(top, top + len(out)) + 0.5) * (count_y / height) - 0.5, count_y)
    columns, column_weights = _spline((np.arange(width) + 0.5) * (count_x / width) - 0.5, count_x)
    line = np.empty((count_x + 3) * channels, np.float32)
    _enlarge(
        small.image.reshape(count_y, -1),
        rows,
        row_weights,
        (columns * channels).astype(np.uint32),
        column_weights,
        out.reshape(len(out), width, channels),
        line,
    )
    return out


__all__ = ["NARROW", "Small", "blur_rows", "enlarged", "shrunk", "taps"]
