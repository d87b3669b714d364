"""Pictures to copy from, at the size at which they will be seen."""

from __future__ import annotations

import numpy as np

from nodes.arrays import Origin, widen
from nodes.declare import Band
from nodes.kernels import f32
from nodes.kernels.sampling import averaged, sample

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


def fitted(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a picture at another size: smaller ones are exact means, larger ones bilinear; float32, C-contiguous.

    Pixels are kept as they are where the size stays. Borders are not wrapped.

    picture : (h, w) or (h, w, c).
    """
    small = averaged(picture, height, width)
    if small.shape[:2] == (height, width):
        return small
    rows, columns = small.shape[:2]
    y = np.clip((np.arange(height) + 0.5) * (rows / height) - 0.5, 0, rows - 1).astype(np.float32)
    x = np.clip((np.arange(width) + 0.5) * (columns / width) - 0.5, 0, columns - 1).astype(np.float32)
    out = np.empty((height, width, *small.shape[2:]), np.float32)
    return sample(small, *_grid(y, x), out)


def _grid(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shape = (len(y), len(x))
    return np.ascontiguousarray(np.broadcast_to(y[:, None], shape)), np.ascontiguousarray(np.broadcast_to(x, shape))


def perceptual(picture: np.ndarray) -> np.ndarray:
    """Return a linear picture as roughly even steps of brightness, to compare colours in; the square root, signed."""
    return np.sqrt(np.maximum(picture, f32(0)), dtype=np.float32)


def seen(picture: np.ndarray, band: Band, columns: float) -> np.ndarray:
    """Return a picture at the size at which it is seen if `columns` of it lie side by side on the tile."""
    width = max(1, round(band.width / columns))
    height = max(1, round(width * picture.shape[0] / picture.shape[1]))
    return fitted(picture, height, width)


def as_color(picture: np.ndarray) -> np.ndarray:
    """Return a picture with three channels."""
    return picture if picture.ndim == 3 else widen(picture)


def as_gray(picture: np.ndarray) -> np.ndarray:
    """Return a picture with one channel, the luminance of a coloured one."""
    return picture if picture.ndim == 2 else (picture @ LUMINANCE).astype(np.float32)


def ranked(image: np.ndarray) -> np.ndarray:
    """Return for each pixel the share of pixels that are darker, 0 to 1; equal ones share one rank. Gray."""
    values, place, count = np.unique(image, return_inverse=True, return_counts=True)
    middle = (np.cumsum(count) - 0.5 * count) / image.size
    return middle[place].reshape(image.shape).astype(np.float32)


def blank(band: Band) -> Origin:
    """Return the origin of pixels that were copied from nowhere."""
    nothing = np.zeros((band.height, band.width), np.int32)
    return Origin(nothing, nothing.copy(), nothing.copy(), np.zeros(nothing.shape, np.float32))
