"""Autocorrelation of a picture that does not wrap, and what repeats in it."""

from __future__ import annotations

import numpy as np

from materials.likeness.picture import halved, luma, smoothed
from nodes import opencv

LEAST_OVERLAP = 0.2
LARGE = 512


def autocorrelation(gray: np.ndarray, smoothing: float) -> np.ndarray:
    """Return how like a picture is to itself shifted, -1 to 1, shift (0, 0) in the middle; (2H - 1, 2W - 1).

    The picture is taken less its own blur of sigma `smoothing`. Only the overlap is compared, which is normalised by
    itself.
    """
    plane = (gray - smoothed(gray, smoothing)).astype(np.float64)
    height, width = plane.shape
    best = opencv.cv2.getOptimalDFTSize
    size = (best(2 * height), best(2 * width))
    products = np.fft.irfft2(np.abs(np.fft.rfft2(plane, size)) ** 2, size)
    down, across = np.arange(1 - height, height), np.arange(1 - width, width)
    sums = np.zeros((height + 1, width + 1))
    sums[1:, 1:] = (plane**2).cumsum(axis=0).cumsum(axis=1)
    rows = np.maximum(down, 0), height + np.minimum(down, 0)
    columns = np.maximum(across, 0), width + np.minimum(across, 0)
    inside = sums[rows[1]] - sums[rows[0]]
    energy = inside[:, columns[1]] - inside[:, columns[0]]
    norm = np.sqrt(np.maximum(energy * energy[::-1, ::-1], 1e-9))
    return products[down[:, None], across[None]] / norm


def repetition_peak(image: np.ndarray, nearest: float) -> float:
    """Return the highest autocorrelation at shifts of more than `nearest` pixels that leave a fifth overlapping."""
    gray = luma(image)
    while max(gray.shape) > LARGE:
        gray, nearest = halved(gray), nearest / 2
    found = autocorrelation(gray, max(2.0, min(gray.shape) / 16))
    height, width = gray.shape
    down, across = np.abs(np.arange(1 - height, height))[:, None], np.abs(np.arange(1 - width, width))[None]
    meant = (np.hypot(down, across) > nearest) & ((height - down) * (width - across) > LEAST_OVERLAP * height * width)
    return float(found[meant].max()) if meant.any() else 0.0
