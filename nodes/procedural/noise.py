"""Noises: they tile at every setting, and their spread is known, so that a threshold means the same everywhere.

| noise | mean | standard deviation |
| --- | --- | --- |
| `fbm`, any basis, `billow` | 0.5 | `spread` |
| `ridged`, normalised | 0.5 | 0.16 |
| `white_noise` | 0.5 | `spread`, at every size |
| `blue_noise` | 0.5 | that of 0 to 1 evenly, 0.289 |

The factors behind them are constants of each basis (`nodes.kernels.lattice.SIGMA`, `nodes.kernels.laws`), never taken
from the picture at hand, so that another seed or size shifts no threshold. They hold over many cells or
over seeds; of few cells each seed shows a sample.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels import f32, kernel
from nodes.kernels.diagram import Diagram
from nodes.kernels.dither import thresholds
from nodes.kernels.grain import grain_noise
from nodes.kernels.hash import hash_array, stream
from nodes.kernels.lattice import SIGMA, lattice_mean, octave_sum, octaves_of
from nodes.kernels.laws import fold_law, mean_crest, ridge_law
from nodes.kernels.worley import cells_of, diagram_of

Cells = Annotated[int, Range(1, 256)]
Octaves = Annotated[int, Range(1, 12)]
Gain = Annotated[float, Range(0.0, 1.0)]
Lacunarity = Annotated[float, Range(1.2, 4.0)]
CellsDown = Annotated[int, Range(0, 256)]
Spread = Annotated[float, Range(0.0, 0.5)]
Warp = Annotated[float, Range(0.0, 2.0)]
Basis = Literal["perlin", "value", "simplex"]

WARP_X, WARP_Y = 100, 101
"""Streams of the two noises that move the coordinates."""


def _moved(
    band: Band, cells: int, cells_y: int, gain: float, seed: int, warp: float, offset: np.ndarray | None
) -> np.ndarray | None:
    """Return the offset plus a warp, whose standard deviation is `warp` cells of the first octave each way."""
    if warp == 0:
        return offset
    moves = np.empty((band.rows, band.width, 2), np.float32)
    plane = np.empty((band.rows, band.width), np.float32)
    weights = gain ** np.arange(3)
    scale = warp / (SIGMA["perlin"] * math.sqrt(float((weights**2).sum())))
    down = cells_y or max(1.0, cells * band.height / band.width)
    for axis, (use, count) in enumerate(((WARP_X, cells), (WARP_Y, down))):
        octaves = octaves_of(band.height, band.width, cells, 3, 2.0, stream(seed, use), cells_y)
        amplitudes = (weights[: len(octaves[1])] * octaves[1] * scale / count).astype(np.float32)
        octave_sum(plane, band.top, band.height, octaves[0], amplitudes, octaves[2], "perlin", offset)
        moves[..., axis] = plane
    return moves if offset is None else moves + offset


@node
def fbm(
    band: Band,
    cells: Cells = 4,
    octaves: Octaves = 6,
    gain: Gain = 0.5,
    lacunarity: Lacunarity = 2.0,
    spread: Spread = 0.16,
    basis: Basis = "perlin",
    cells_y: CellsDown = 0,
    warp: Warp = 0.0,
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
    basis : perlin is smooth, value is blocky and heavier, simplex has no directions of its own
    cells_y : cells of the first octave down the tile; 0 makes them square, few or many stretch the noise
    warp : how far the noise is moved by a noise of its own, in cells; it stays as sharp as it was
    """
    offset = _moved(band, cells, cells_y, gain, seed, warp, offset)
    periods, visible, seeds = octaves_of(band.height, band.width, cells, octaves, lacunarity, seed, cells_y, basis)
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


RIDGED_SPREAD = 0.16


@node(bound=0.05)
def ridged(
    band: Band,
    cells: Cells = 4,
    octaves: Octaves = 6,
    gain: Gain = 0.5,
    lacunarity: Lacunarity = 2.0,
    ridge: Annotated[float, Range(0.2, 2.0)] = 1.0,
    sharpness: Annotated[float, Range(0.0, 8.0)] = 2.0,
    cells_y: CellsDown = 0,
    warp: Warp = 0.0,
    normalise: bool = False,
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
    cells_y : cells of the first octave down the tile; 0 makes them square, few or many stretch the noise
    warp : how far the noise is moved by a noise of its own, in cells; crests stay as sharp as they were
    normalise : whether the mean is 0.5 and the standard deviation 0.16, for every setting and seed
    """
    offset = _moved(band, cells, cells_y, gain, seed, warp, offset)
    periods, visible, seeds = octaves_of(band.height, band.width, cells, octaves, lacunarity, seed, cells_y)
    amplitude = np.array([1 / (3 * SIGMA["perlin"])], np.float32)
    octave, weight = np.zeros((band.rows, band.width), np.float32), np.ones((band.rows, band.width), np.float32)
    total = band.empty()
    total.fill(0)
    whole = ridge**2 * sum(gain**k for k in range(octaves))
    missing = f32(mean_crest(ridge))
    for k in range(octaves):
        seen = k < len(visible)
        if seen:
            one = slice(k, k + 1)
            octave_sum(octave, band.top, band.height, periods[one], amplitude, seeds[one], "perlin", offset)
        share = f32(visible[k] if seen else 0)
        flat = (octave.reshape(-1), weight.reshape(-1), total.reshape(-1))
        _ridge(*flat, f32(ridge), f32(sharpness), share, missing, f32(gain**k / whole))
    if normalise:
        mean, sigma = ridge_law(ridge, sharpness, gain, octaves)
        total -= f32(mean)
        total *= f32(RIDGED_SPREAD / sigma)
        total += f32(0.5)
    return total


@node
def billow(
    band: Band,
    cells: Cells = 4,
    octaves: Octaves = 6,
    gain: Gain = 0.5,
    lacunarity: Lacunarity = 2.0,
    spread: Spread = 0.16,
    basis: Basis = "simplex",
    cells_y: CellsDown = 0,
    warp: Warp = 0.0,
    seed: Seed = 0,
    offset: Flow | None = None,
) -> Gray:
    """Billowing noise: round lumps with creases between them, and lumps on the lumps.

    Each octave is folded where it passes zero, 2 |n| - 1, and brought to mean 0. The mean of the sum is 0.5 and its
    standard deviation `spread`, as of `fbm`; it leans to the dark side, with rare bright tops.

    Parameters
    ----------
    cells : cells of the first octave across the tile
    octaves : how many layers of detail
    gain : how strong each octave is against the one before
    lacunarity : how much finer each octave is than the one before
    spread : standard deviation of the result
    basis : what is folded: simplex creases run any way, those of perlin keep to its grid, value is blocky and heavier
    cells_y : cells of the first octave down the tile; 0 makes them square, few or many stretch the noise
    warp : how far the noise is moved by a noise of its own, in cells; creases stay as sharp as they were
    """
    offset = _moved(band, cells, cells_y, gain, seed, warp, offset)
    periods, visible, seeds = octaves_of(band.height, band.width, cells, octaves, lacunarity, seed, cells_y, basis)
    weights = gain ** np.arange(octaves)
    mean, sigma = fold_law(basis)
    scale = spread / (sigma * math.sqrt(float((weights**2).sum())))
    total = band.empty()
    total.fill(0.5)
    octave = np.empty((band.rows, band.width), np.float32)
    for k, seen in enumerate(visible):
        amplitude, one = weights[k] * seen * scale, slice(k, k + 1)
        amplitudes = np.array([amplitude], np.float32)
        octave_sum(octave, band.top, band.height, periods[one], amplitudes, seeds[one], basis, offset)
        np.abs(octave, out=octave)
        octave -= f32(amplitude * mean)
        total += octave
    return total


class Voronoi(NamedTuple):
    f1: Gray
    f2: Gray
    edge: Gray
    id: Gray
    point: Flow
    regions: Regions


CELL_ID = 0x7C


def _table(made: Diagram) -> dict[str, np.ndarray]:
    """Return the region table of a diagram, its regions in the order of their cells."""
    size = np.array([made.across, made.down])
    column, row = np.tile(np.arange(made.across), made.down), np.repeat(np.arange(made.down), made.across)
    site = np.stack([column + made.x, row + made.y], axis=1)
    area, moments = made.measures[:, :1], made.measures[:, 1:6]
    middle = moments[:, :2] / area
    spread = moments[:, 2:] / area - middle[:, [0, 1, 0]] * middle[:, [0, 1, 1]]
    corner, centre = (site + made.measures[:, 6:8]) / size, (site + middle) / size
    tile = np.floor(corner)
    return {
        "id": hash_array(column, row, CELL_ID),
        "bbox": np.concatenate([corner - tile, made.extents / size], axis=1).astype(np.float32),
        "centroid": (centre - tile).astype(np.float32),
        "area": (area[:, 0] / (made.across * made.down)).astype(np.float32),
        # Rows go down and angles up, hence the sign.
        "angle": (0.5 * np.arctan2(-2 * spread[:, 2], spread[:, 0] - spread[:, 1])).astype(np.float32),
    }


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
    the nearest point's region, all in cells; `id` is a random tone for each region. `point` leads from each pixel to
    its region's point: a vector warp by it reads another picture there, so that each region gets one value of it. All
    are exact on the torus.

    Parameters
    ----------
    cells : cells across the tile
    jitter : 0 puts the points in the middle of their cells, 1 anywhere in them
    metric : how distance is measured for `f1`, `f2` and `id`; the others are always Euclidean
    offset : added to the coordinates, in fractions of the tile
    """
    down = max(1, round(cells * band.height / band.width))
    seeds = (stream(seed, 0), stream(seed, 1))
    pictures = {name: band.empty(name) if band.wants(name) else None for name in ("f1", "f2", "edge", "id")}
    pictures["point"] = band.empty("point", 2) if band.wants("point") else None
    labels = pictures["labels"] = np.empty((band.rows, band.width), np.int32) if band.wants("regions") else None
    cells_of(pictures, band.top, band.height, cells, down, seeds, jitter, metric, offset)
    regions = None
    if labels is not None:
        made = diagram_of(cells, down, seeds, jitter)
        regions = Regions(labels, _table(made), made.pairs)
    found = [pictures[name] for name in ("f1", "f2", "edge", "id", "point")]
    return Voronoi(*found, regions)  # type: ignore[arg-type]  # None stands for an output that nobody reads


# Each size draws its own grain where that is finer than its pixels, so a picture made small is smoother.
@node(bound=0.2)
def white_noise(
    band: Band,
    grain: Annotated[float, Length(0.0, 0.05)] = 0.0015,
    spread: Spread = 0.16,
    distribution: Literal["normal", "uniform"] = "normal",
    seed: Seed = 0,
    offset: Flow | None = None,
) -> Gray:
    """Grain: random tones that know nothing of each other farther than a grain apart.

    Mean 0.5 and standard deviation `spread` at every resolution and grain, not by the picture but by construction.
    Grain finer than 0.8 pixels is one free tone a pixel: a smaller picture then shows as strong a grain, of its own
    pixels, where an averaged one would turn flat. Coarser grain is the same picture at every size.

    Parameters
    ----------
    grain : how wide a grain is; 0 is a pixel
    spread : standard deviation of the result
    distribution : normal tones have tails; uniform ones stay within 1.73 times the spread, all equally often
    """
    out = band.empty()
    grain_noise(
        out, band.top, band.height, grain, (stream(seed, 0), stream(seed, 1)), distribution == "uniform", offset
    )
    out *= f32(spread)
    out += f32(0.5)
    return out


@node(bound=0.3)
def blue_noise(band: Band, seed: Seed = 0, offset: Flow | None = None) -> Gray:
    """Blue noise: a threshold for each pixel, near ones unlike, for dithering, stippling and jitter without clumps.

    Every tone from 0 to 1 is equally often there, and the pixels below any tone lie evenly apart. By void and cluster
    (Ulichney 1993) on a tile of about 64 pixels, of a side that divides the picture's where there is one from 32 to 96;
    else a seam in the spacing, not in the tones, is left at the border. It belongs to pixels, not to the
    material: another size is another picture. An offset is rounded to pixels.
    """
    return thresholds(band.empty(), band.top, band.height, stream(seed, 0), offset)
