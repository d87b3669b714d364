"""Pictures as the metric sees them: sRGB-encoded RGB, 0 to 1, of three channels, in its own pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from materials.files import open_regular
from materials.pictures import linear_to_srgb, read
from materials.sources import MAX_BYTES
from nodes import opencv


def opened(path: Path) -> np.ndarray:
    """Return a picture file's pixels, linear."""
    return read(open_regular(path, MAX_BYTES), name=path.name)


def seen(linear: np.ndarray) -> np.ndarray:
    """Return a linear picture, gray or RGB, as it is seen: encoded, of three channels, at the steps of 8 bits."""
    encoded = linear_to_srgb(np.clip(np.asarray(linear, np.float32), 0, 1))
    if encoded.ndim == 2:
        encoded = np.repeat(encoded[..., None], 3, axis=2)
    return np.ascontiguousarray(np.round(encoded[..., :3] * 255) / 255, np.float32)


def luma(image: np.ndarray) -> np.ndarray:
    return opencv.cv2.cvtColor(image, opencv.cv2.COLOR_RGB2GRAY)


def lab(image: np.ndarray) -> np.ndarray:
    return opencv.cv2.cvtColor(np.clip(image, 0, 1), opencv.cv2.COLOR_RGB2LAB)


def halved(image: np.ndarray) -> np.ndarray:
    size = (max(1, image.shape[1] // 2), max(1, image.shape[0] // 2))
    return opencv.cv2.resize(image, size, interpolation=opencv.cv2.INTER_AREA)


def smoothed(image: np.ndarray, sigma: float) -> np.ndarray:
    return opencv.cv2.GaussianBlur(image, (0, 0), sigma)


def middle(image: np.ndarray, side: int) -> np.ndarray:
    """Return the middle of a picture, at most `side` pixels high and wide."""
    top, left = (max(0, (length - side) // 2) for length in image.shape[:2])
    return np.ascontiguousarray(image[top : top + side, left : left + side])
