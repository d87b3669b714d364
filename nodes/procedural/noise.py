"""Noises: they tile at every setting, and their spread is known, so that a threshold means the same everywhere."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.declare import Band, Flow, Gray, Range, Seed, node
from nodes.kernels import f32, kernel
from nodes.kernels.hash import stream
from nodes.kernels.lattice import SIGMA, lattice_mean, octave_sum, octaves_of
from nodes.kernels.worley import cells_of

Cells = Annotated[int, Range(1, 256)]
Octaves = Annotated[int, Range(1, 12)]
Gain = Annotated[float, Range(0.0, 1.0)]
Lacunarity = Annotated[float, Range(1.2, 4.0)]


@node
def fbm(
    band: Band,
    cells: Cells = 4,
    octaves: Octaves = 6,
    gain: Gain = 0.5,
    lacunarity: Lacunarity = 2.0,
    spread: Annotated[float, Range(0.0, 0.5)] = 0.16,
    basis: Literal["perlin", "value"] = "perlin",
    seed: Seed = 0,
    offset: Flow | None = None,
) -> Gray:
    """Fractal noise: the sum of octaves of lattice noise, each finer and weaker than the one before.

    Its mean is 0.5, and over many cells its standard deviation is `spread`, whatever the gain and the number of
    octaves; of few cells each seed shows a sample. It tiles for every lacunarity, since each octave's number of cells
    is rounded. Octaves finer than two pixels are left out, and fade in up to four, so that a small picture is
    the large one seen from afar.

    Parameters
    ----------
    cells : cells of the first octave across the tile
    octaves : how many layers of detail
    gain : how strong each octave is against the one before
    lacunarity : how much finer each octave is than the one before
    spread : standard deviation of the result; at 0.16 two tones in a thousand leave 0 to 1
    basis : perlin is smooth, value is blocky and heavier
    """
    periods, visible, seeds = octaves_of(band.height, band.width, cells, octaves, lacunarity, seed)
    weights = gain ** np.arange(octaves)
    scale = spread / (SIGMA[basis] * math.sqrt(float((weights**2).sum())))
    amplitudes = (weights[: len(visible)] * visible * scale).astype(np.float32)
    out = band.empty()
    octave_sum(out, band.top, band.height, periods, amplitudes, seeds, basis, offset)
    middle = 0.5
    if basis == "value":
        middle -= sum(a * lattice_mean(*p, int(s)) for a, p, s in zip(amplitudes, periods.tolist(), seeds, strict=True))
    out += f32(middle)
    return out


@kernel
def _ridge(octave, weight, total, ridge, sharpness, share, missing, amplitude):
    """Add one octave's crests; the part of it that is too fine to be seen counts with its mean, `missing`."""
    for i in range(total.size):
        crest = max(ridge - abs(octave[i]), f32(0))
        signal = (missing + share * (crest * crest - missing)) * weight[i]
        weight[i] = min(signal * sharpness, f32(1))
        total[i] += signal * amplitude


@lru_cache(maxsize=64)
def _mean_crest(ridge: float) -> float:
    """Return the mean of (ridge - |n|)^2, cut off at 0, for n of a normal distribution of deviation 1/3."""
    n = np.linspace(-2, 2, 4001)
    density = np.exp(-4.5 * n * n)
    return float((np.maximum(ridge - np.abs(n), 0) ** 2 * density).sum() / density.sum())


@node(bound=0.05)
def ridged(
    band: Band,
    cells: Cells = 4,
    octaves: Octaves = 6,
    gain: Gain = 0.5,
    lacunarity: Lacunarity = 2.0,
    ridge: Annotated[float, Range(0.2, 2.0)] = 1.0,
    sharpness: Annotated[float, Range(0.0, 8.0)] = 2.0,
    seed: Seed = 0,
    offset: Flow | None = None,
) -> Gray:
    """Ridged noise: crests where each octave passes zero, detail only on the crests of the octave before.

    After Musgrave's ridged multifractal, scaled so that a point on the crest of every octave is 1 and the farthest from
    all crests about 0. Octaves too fine to be seen count with their mean, so that all sizes are equally bright.

    Parameters
    ----------
    cells : cells of the first octave across the tile
    gain : how strong each octave is against the one before
    ridge : height of the crests before squaring; lower makes them thinner
    sharpness : how much detail keeps to the crests of the octave before
    """
    periods, visible, seeds = octaves_of(band.height, band.width, cells, octaves, lacunarity, seed)
    amplitude = np.array([1 / (3 * SIGMA["perlin"])], np.float32)
    octave, weight = np.zeros((band.rows, band.width), np.float32), np.ones((band.rows, band.width), np.float32)
    total = band.empty()
    total.fill(0)
    whole = ridge**2 * sum(gain**k for k in range(octaves))
    missing = f32(_mean_crest(ridge))
    for k in range(octaves):
        seen = k < len(visible)
        if seen:
            one = slice(k, k + 1)
            octave_sum(octave, band.top, band.height, periods[one], amplitude, seeds[one], "perlin", offset)
        share = f32(visible[k] if seen else 0)
        flat = (octave.reshape(-1), weight.reshape(-1), total.reshape(-1))
        _ridge(*flat, f32(ridge), f32(sharpness), share, missing, f32(gain**k / whole))
    return total


class Voronoi(NamedTuple):
    f1: Gray
    f2: Gray
    edge: Gray
    id: Gray


@node(bound=0.05)
def voronoi(
    band: Band,
    cells: Cells = 8,
    jitter: Annotated[float, Range(0.0, 1.0)] = 1.0,
    metric: Literal["euclidean", "manhattan", "chebyshev"] = "euclidean",
    seed: Seed = 0,
    offset: Flow | None = None,
) -> Voronoi:
    """Cellular noise: one point in each cell of a grid, and what is near it.

    `f1` and `f2` are the distances to the nearest and second nearest point, `edge` the exact distance to the border of
    the nearest point's region, all in cells; `id` is a random tone for each region. All are exact on the torus.

    Parameters
    ----------
    cells : cells across the tile
    jitter : 0 puts the points in the middle of their cells, 1 anywhere in them
    metric : how distance is measured for `f1` and `f2`; `edge` is always Euclidean
    """
    down = max(1, round(cells * band.height / band.width))
    pictures = {name: band.empty(name) if band.wants(name) else None for name in Voronoi._fields}
    cells_of(
        pictures,
        band.top,
        band.height,
        band.width,
        band.rows,
        cells,
        down,
        (stream(seed, 0), stream(seed, 1)),
        jitter,
        metric,
        offset,
    )
    return Voronoi(**pictures)  # type: ignore[arg-type]  # None stands for an output that nobody reads
