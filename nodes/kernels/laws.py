"""How folded and ridged noise is distributed: constants of a setting, the same for every seed and size.

They are taken from a fixed sample of each basis, drawn once: octaves are independent, so one octave's tones in
twelve columns stand for any sum or product of up to twelve octaves.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nodes.kernels.hash import stream
from nodes.kernels.lattice import SIGMA, octave_sum

SIDE = 192
CELLS = 70  # no divisor of SIDE, so that all places in a cell are met; even, for simplex
OCTAVES = 12


@lru_cache(maxsize=4)
def octave_sample(basis: str) -> np.ndarray:
    """Return tones of twelve independent octaves in units of their standard deviation, (12, n) float32."""
    sample = np.empty((OCTAVES, SIDE, SIDE), np.float32)
    one = np.array([1 / SIGMA[basis]], np.float32)
    for k in range(OCTAVES):
        seeds = np.array([stream(0x1A35, k)], np.uint32)
        octave_sum(sample[k], 0, SIDE, np.array([[CELLS, CELLS]]), one, seeds, basis, None)
        # Moved apart, since all octaves are 0 at their lattice points, which must not fall together.
        sample[k] = np.roll(sample[k], (31 * k, 53 * k), (0, 1))
    return sample.reshape(OCTAVES, -1)


@lru_cache(maxsize=4)
def fold_law(basis: str) -> tuple[float, float]:
    """Return mean and standard deviation of |n| for an octave n of amplitude 1."""
    folded = np.abs(octave_sample(basis)).astype(np.float64) * SIGMA[basis]
    return float(folded.mean()), float(folded.std())


@lru_cache(maxsize=64)
def mean_crest(ridge: float) -> float:
    """Return the mean of (ridge - |n|)^2, cut off at 0, for n of a normal distribution of deviation 1/3."""
    n = np.linspace(-2, 2, 4001)
    density = np.exp(-4.5 * n * n)
    return float((np.maximum(ridge - np.abs(n), 0) ** 2 * density).sum() / density.sum())


@lru_cache(maxsize=64)
def ridge_law(ridge: float, sharpness: float, gain: float, octaves: int) -> tuple[float, float]:
    """Return mean and standard deviation of ridged noise of many cells, scaled as the node scales it."""
    weight, total = 1.0, 0.0
    for k, octave in enumerate(octave_sample("perlin")[:octaves]):
        signal = np.maximum(ridge - np.abs(octave) / 3, 0) ** 2 * weight
        weight = np.minimum(signal * sharpness, 1)
        total = total + signal * gain**k
    total = total / (ridge**2 * sum(gain**k for k in range(octaves)))
    return float(np.mean(total)), max(float(np.std(total)), 1e-6)
