"""A picture as three independent Gaussian planes, which may be blended or phase-shuffled, and the way back.

Colours are taken along the principal axes of their square roots, and the tones of each axis are given a normal
distribution by rank (Deliot and Heitz, Procedural Stochastic Textures by Tiling and Blending, GPU Zen 2, 2019). The
tables of the way back are interpolated; they are not prefiltered, since an exemplar has its final size already.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nodes.arrays import widen
from nodes.kernels import f32
from nodes.kernels.gaussian import FARTHEST, TABLE, by_code, moments, project
from nodes.kernels.pointwise import count_tones
from nodes.patch.exemplar import perceptual

Law = Literal["exemplar", "normal"]

LEVEL = 1e-5
"""Below this, in square roots of light, tones along an axis do not differ but by rounding."""

CODES = 65536
"""Even parts of the range of tones that are told apart: all levels of a picture of 8 bits."""


@dataclass(frozen=True)
class Gaussianised:
    """A picture's planes, each of mean 0 and deviation 1 or all 0, and what leads back to its colours.

    planes : float32 (h, w, 3). tables, axes, bounds : as `nodes.kernels.gaussian.coloured` takes them.
    """

    planes: np.ndarray
    tables: np.ndarray
    axes: np.ndarray
    bounds: np.ndarray


def gaussianised(picture: np.ndarray, law: Law = "exemplar") -> Gaussianised:
    """Return a picture (h, w) or (h, w, 3) as Gaussian planes.

    law : "exemplar", the planes are Gaussian by rank and the way back has the tones of the picture; "normal", the
    planes are the tones themselves, brought to deviation 1, and Gaussian numbers give Gaussian tones.
    """
    image = widen(picture) if picture.ndim == 2 else picture
    colours = np.ascontiguousarray(perceptual(image).reshape(-1, 3))
    mean, axes, bounds = principal_axes(colours)
    parts = np.empty((3, len(colours)), np.float32)
    project(colours, mean, axes, parts)
    planes, tables = np.empty((len(colours), 3), np.float32), np.empty((3, TABLE), np.float32)
    for channel, part in enumerate(parts):
        tables[channel] = (_by_rank if law == "exemplar" else _by_scale)(part, planes, channel)
    if law == "normal":
        bounds[0], bounds[1] = 0, max(1.0, bounds[1].max())
    return Gaussianised(planes.reshape(image.shape), tables, np.vstack([axes, mean]), bounds**2)


def principal_axes(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of colours (n, 3), the axes they vary along, the longest last, and their bounds; float32."""
    sums, bounds = np.zeros(9), np.repeat(np.array([[np.inf], [-np.inf]], np.float32), 3, axis=1)
    moments(colours, sums, bounds)
    mean = sums[:3] / len(colours)
    products = sums[[3, 4, 5, 4, 6, 7, 5, 7, 8]].reshape(3, 3) / len(colours)
    axes = np.linalg.eigh(products - np.outer(mean, mean))[1].T
    return mean.astype(np.float32), np.ascontiguousarray(axes, np.float32), bounds


@functools.cache
def _normal() -> tuple[np.ndarray, np.ndarray]:
    """Return Gaussian numbers, evenly spaced, and the share of all that lies below each."""
    numbers = np.linspace(-FARTHEST, FARTHEST, TABLE)
    return numbers, np.array([0.5 + 0.5 * math.erf(number / math.sqrt(2)) for number in numbers])


def _by_rank(part: np.ndarray, planes: np.ndarray, channel: int) -> np.ndarray:
    """Write a plane of Gaussian numbers in the order of the tones; return the table from them to tones.

    Equal tones get one number, that of their middle rank.
    """
    low, high = float(part.min()), float(part.max())
    numbers, below = _normal()
    if not high - low > LEVEL:
        planes[:, channel] = 0
        return np.full(TABLE, (low + high) / 2, np.float32)
    counts = count_tones(part, low, high, CODES)
    there = np.flatnonzero(counts)
    ends = np.cumsum(counts[there], dtype=np.int64) / part.size
    shares = counts[there] / part.size
    own = np.interp(ends - shares / 2, below, numbers)
    own -= (own * shares).sum()
    table = np.zeros(CODES, np.float32)
    table[there] = own
    by_code(part, f32(low), f32(CODES / (high - low)), table, planes, channel)
    tones = low + (there + 0.5) * ((high - low) / CODES)
    return tones[np.minimum(np.searchsorted(ends, below), len(tones) - 1)].astype(np.float32)


def _by_scale(part: np.ndarray, planes: np.ndarray, channel: int) -> np.ndarray:
    """Write a plane of the tones brought to deviation 1; return the table from it to tones."""
    deviation = float(part.std(dtype=np.float64))
    planes[:, channel] = part / deviation if deviation > LEVEL else 0
    return (_normal()[0] * deviation).astype(np.float32)
