"""Pictures with the waves of another one and random phases (Galerne, Gousseau and Morel, 2011; IPOL, 2011)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nodes.kernels.gaussian import draw_phases
from nodes.patch.exemplar import fitted

Each = Callable[[Callable[[int, int], Any]], list[Any]]

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


def shuffled(plane: np.ndarray, seed: int, out: np.ndarray, channel: int, each: Each) -> float:
    """Write random phases into a plane of (H, W, c): the waves of another plane, no larger, that is set in it.

    Returns what the result must be multiplied by to have the variance of that other plane.

    each : calls a function of (top, bottom) for bands of rows that cover (H, W), as `Band.each`.
    """
    height, width = out.shape[:2]
    rows, columns = plane.shape
    inside = periodic(plane - plane.mean(dtype=np.float64).astype(np.float32))
    inside *= _fade(rows, height)[:, None] * _fade(columns, width)
    half = width // 2 + 1
    spectrum = np.zeros((height, half), np.complex64)

    def across(top: int, bottom: int) -> None:
        last = min(bottom, rows)
        if top < last:
            spectrum[top:last] = np.fft.rfft(inside[top:last], width)

    def down(top: int, bottom: int) -> None:
        part = np.s_[:, top * half // height : bottom * half // height]
        waves = np.ascontiguousarray(np.fft.fft(spectrum[part], axis=0))
        draw_phases(waves, part[1].start, width, np.uint32(seed))
        spectrum[part] = np.fft.ifft(waves, axis=0)

    def back(top: int, bottom: int) -> float:
        noise = np.fft.irfft(spectrum[top:bottom], width)
        out[top:bottom, :, channel] = noise
        return float(np.square(noise, dtype=np.float64).sum())

    each(across)
    each(down)
    variance = sum(each(back)) / (height * width)
    return math.sqrt(plane.var(dtype=np.float64) / variance) if variance > 1e-12 else 0.0
