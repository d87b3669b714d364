"""Reading a picture between its pixels, on the torus; and making it smaller without aliasing."""

from __future__ import annotations

import numpy as np

from nodes.declare import Band
from nodes.kernels.compile import f32, inline, kernel


@inline
def wrapped(i, n):
    """Return an index on the torus; quick for those already inside."""
    if i < 0 or i >= n:
        i = i % n
    return i


@inline
def in_tile(place, size):
    """Return a place modulo the tile, from 0 to its size; what is no number, or too large to tell, counts as 0."""
    place -= np.floor(place / size) * size
    return place if place >= f32(0) and place <= size else f32(0)


@kernel
def _sample_gray(source, ys, xs, out):
    height, width = source.shape
    for y in range(out.shape[0]):
        row, row_y, row_x = out[y], ys[y], xs[y]
        for x in range(row.size):
            low_y, low_x = np.floor(row_y[x]), np.floor(row_x[x])
            part_y, part_x = row_y[x] - low_y, row_x[x] - low_x
            y0, x0 = wrapped(np.int64(low_y), height), wrapped(np.int64(low_x), width)
            y1, x1 = y0 + 1 if y0 + 1 < height else 0, x0 + 1 if x0 + 1 < width else 0
            upper = source[y0, x0] + part_x * (source[y0, x1] - source[y0, x0])
            lower = source[y1, x0] + part_x * (source[y1, x1] - source[y1, x0])
            row[x] = upper + part_y * (lower - upper)


@kernel
def _sample_channels(source, ys, xs, out):
    height, width, channels = source.shape
    for y in range(out.shape[0]):
        row_y, row_x = ys[y], xs[y]
        for x in range(row_x.size):
            low_y, low_x = np.floor(row_y[x]), np.floor(row_x[x])
            part_y, part_x = row_y[x] - low_y, row_x[x] - low_x
            y0, x0 = wrapped(np.int64(low_y), height), wrapped(np.int64(low_x), width)
            y1, x1 = y0 + 1 if y0 + 1 < height else 0, x0 + 1 if x0 + 1 < width else 0
            for c in range(channels):
                upper = source[y0, x0, c] + part_x * (source[y0, x1, c] - source[y0, x0, c])
                lower = source[y1, x0, c] + part_x * (source[y1, x1, c] - source[y1, x0, c])
                out[y, x, c] = upper + part_y * (lower - upper)


def sample(source: np.ndarray, ys: np.ndarray, xs: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return a picture at places between its pixels, bilinear, wrapped.

    source : (H, W) or (H, W, c). ys, xs : float32 (h, w), in pixels; 0 is the centre of the first pixel.
    out : (h, w) or (h, w, c), written over.
    """
    (_sample_gray if source.ndim == 2 else _sample_channels)(source, ys, xs, out)
    return out


def places(height: int, width: int, top: int, bottom: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of every pixel of a band, as float32 (h, w)."""
    ys = np.empty((bottom - top, width), np.float32)
    ys[:] = np.arange(top, bottom, dtype=np.float32)[:, None]
    xs = np.empty_like(ys)
    xs[:] = np.arange(width, dtype=np.float32)
    return ys, xs


def laid(
    band: Band, picture: np.ndarray, columns: int, rows: int, wrap: str, offset: np.ndarray | None, out: np.ndarray
) -> np.ndarray:
    """Return a band of the picture laid `columns` by `rows` times over the tile."""
    ys, xs = places(band.height, band.width, band.top, band.bottom)
    if offset is not None:
        xs += offset[..., 0] * f32(band.width)
        ys += offset[..., 1] * f32(band.height)
    for axis, size, count, length in (
        (xs, band.width, columns, picture.shape[1]),
        (ys, band.height, rows, picture.shape[0]),
    ):
        axis += f32(0.5)
        axis *= f32(count * length / size)
        if wrap == "mirror":
            # Back and forth: twice the length is one period, its second half runs backwards.
            axis -= np.floor(axis / f32(2 * length)) * f32(2 * length)
            np.subtract(f32(length), np.abs(axis - f32(length)), out=axis)
            np.clip(axis, f32(0.5), f32(length - 0.5), out=axis)
        axis -= f32(0.5)
    return sample(picture, ys, xs, out)


def averaged(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a picture at a smaller size, each new pixel the exact mean of the area it covers; float32.

    Sizes that are not smaller stay as they are.
    """
    for axis, size in ((0, height), (1, width)):
        old = image.shape[axis]
        if size >= old:
            continue
        # The integral of the picture, read at the borders of the new pixels.
        total = np.cumsum(image, axis=axis, dtype=np.float64)
        total = np.concatenate([np.zeros_like(np.take(total, [0], axis=axis)), total], axis=axis)
        borders = np.arange(size + 1) * (old / size)
        low = np.minimum(borders.astype(np.int64), old - 1)
        share = (borders - low).reshape([-1 if a == axis else 1 for a in range(image.ndim)])
        read = np.take(total, low, axis=axis)
        read = read + share * (np.take(total, low + 1, axis=axis) - read)
        image = (np.diff(read, axis=axis) * (size / old)).astype(np.float32)
    return np.ascontiguousarray(image, np.float32)


__all__ = ["averaged", "in_tile", "laid", "places", "sample", "wrapped"]
