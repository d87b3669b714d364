"""Pictures with the waves of another one and random phases (Galerne, Gousseau and Morel, 2011; IPOL, 2011)."""

from __future__ import annotations

import numpy as np

from nodes.kernels.gaussian import draw_phases
from nodes.patch.exemplar import fitted

FADE = 0.1
"""How much of a picture's side fades out at either border before it is set in a larger one."""


def spot(picture: np.ndarray, height: int, width: int, columns: float) -> np.ndarray:
    """Return a picture as seen with `columns` of it on the tile's width, or its middle if that is larger."""
    rows, across = picture.shape[:2]
    scale = width / columns / across
    kept_y, kept_x = min(rows, max(1, round(height / scale))), min(across, max(1, round(width / scale)))
    top, left = (rows - kept_y) // 2, (across - kept_x) // 2
    size = (max(1, min(height, round(kept_y * scale))), max(1, min(width, round(kept_x * scale))))
    return fitted(picture[top : top + kept_y, left : left + kept_x], *size)


def periodic(plane: np.ndarray) -> np.ndarray:
    """Return the periodic component of a plane: what is left when the smooth field of its border jumps is taken off.

    Moisan, Periodic plus Smooth Image Decomposition, 2011.
    """
    height, width = plane.shape
    jumps = np.zeros_like(plane)
    across, down = plane[:, -1] - plane[:, 0], plane[-1] - plane[0]
    jumps[:, 0] += across
    jumps[:, -1] -= across
    jumps[0] += down
    jumps[-1] -= down
    waves = 2 * np.cos(2 * np.pi * np.fft.fftfreq(height))[:, None]
    waves = waves + 2 * np.cos(2 * np.pi * np.fft.rfftfreq(width)) - 4
    waves[0, 0] = 1
    smooth = np.fft.rfft2(jumps) / waves.astype(np.float32)
    smooth[0, 0] = 0
    return plane - np.fft.irfft2(smooth, s=(height, width))


def _fade(length: int, whole: int) -> np.ndarray:
    """Return a window that falls smoothly to 0 at both ends; 1 everywhere if the length fills the whole."""
    if length >= whole:
        return np.ones(length, np.float32)
    depth = np.minimum(np.arange(length) + 0.5, length - np.arange(length) - 0.5) / max(FADE * length, 0.5)
    t = np.clip(depth, 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def shuffled(plane: np.ndarray, seed: int, out: np.ndarray, channel: int, tell) -> None:
    """Write a plane of random phases into one of (H, W, c): the waves of a plane no larger, and its variance."""
    height, width = out.shape[:2]
    rows, columns = plane.shape
    inside = periodic(plane - plane.mean(dtype=np.float64).astype(np.float32))
    inside *= _fade(rows, height)[:, None] * _fade(columns, width)
    large = np.zeros((height, width), np.float32)
    large[:rows, :columns] = inside
    spectrum = np.fft.rfft2(large)
    spectrum[0, 0] = 0
    draw_phases(spectrum, width, np.uint32(seed))
    noise = np.fft.irfft2(spectrum, s=(height, width))
    variance = float(np.square(noise, dtype=np.float64).mean())
    wanted = float(plane.var(dtype=np.float64))
    out[..., channel] = noise * np.float32(np.sqrt(wanted / variance) if variance > 1e-12 else 0)
