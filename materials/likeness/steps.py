"""Terms that look at steps between neighbouring rows and columns: straight seams inside, and the border when tiled."""

from __future__ import annotations

import numpy as np

from materials.likeness.picture import lab


def steps(image: np.ndarray, axis: int) -> np.ndarray:
    """Return the mean step of colour from each row to the next (axis 0) or column to column (axis 1)."""
    return np.abs(np.diff(image, axis=axis)).mean(axis=(1 - axis, 2))


def line_spike(image: np.ndarray) -> float:
    """Return how far the three strongest rows or columns of steps stand out of those around, in robust deviations."""
    image, worst = lab(image), 0.0
    for axis in (0, 1):
        profile = steps(image, axis)
        around = np.lib.stride_tricks.sliding_window_view(np.pad(profile, 7, mode="edge"), 15)
        profile = profile - np.median(around, axis=1)
        deviation = 1.4826 * np.median(np.abs(profile - np.median(profile))) + 1e-4
        worst = max(worst, float(np.sort(profile)[-3:].mean() / deviation))
    return worst


def line_seam(exemplar: np.ndarray, result: np.ndarray) -> float:
    return line_spike(result) / max(line_spike(exemplar), 4.0)


def wrap_grad(image: np.ndarray) -> float:
    """Return how far the step across the border stands out of those inside, in their deviations; the worse axis."""
    image, worst = lab(image), -np.inf
    for axis in (0, 1):
        inside = steps(image, axis)
        border = np.abs(np.take(image, 0, axis) - np.take(image, -1, axis)).mean()
        worst = max(worst, float((border - inside.mean()) / (inside.std() + 0.05 * inside.mean() + 1e-6)))
    return worst
