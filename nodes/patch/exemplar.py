"""Pictures to copy from, at the size at which they will be seen."""

from __future__ import annotations

import numpy as np

from nodes.kernels import f32
from nodes.kernels.sampling import averaged, sample


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
