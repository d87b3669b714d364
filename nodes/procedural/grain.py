"""Patterns at given coordinates: along the grain of wood, the threads of cloth, round a stone; anew in every region."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Band, Flow, Gray, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.hash import stream, uniform_array
from nodes.kernels.lattice import SIGMA
from nodes.kernels.local import LONGEST, noise_rows, spindle_rows

Cells = Annotated[int, Range(1, 4096)]
Share = Annotated[float, Range(0.0, 1.0)]
NO_FLOW, NO_LABELS, NO_GRAY = np.empty((0, 0, 2), np.float32), np.empty((0, 0), np.int32), np.empty((0, 0), np.float32)


def shifts_of(regions: Regions | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each region's coordinates are shifted, (n + 1, 2) in tiles, and its id; row 0 is no region."""
    ids = np.zeros(1, np.uint32) if regions is None else np.append(np.uint32(0), regions.table["id"])
    shifts = np.stack([uniform_array(ids, axis, stream(seed, 101)) for axis in (0, 1)], axis=1)
    shifts[0] = 0
    return shifts.astype(np.float32), ids.astype(np.uint32)


def visible(pixels: float) -> float:
    """Return how much of an octave of that many pixels a cell is seen: none below 1.5, all above 2.5."""
    t = min(max(pixels - 1.5, 0.0), 1.0)
    return t * t * (3 - 2 * t)


@node(carries="opaque")
def local_noise(
    band: Band,
    cells_x: Cells = 3,
    cells_y: Cells = 24,
    octaves: Annotated[int, Range(1, 10)] = 5,
    gain: Share = 0.6,
    spread: Annotated[float, Range(0.0, 0.5)] = 0.16,
    seed: Seed = 0,
    coordinates: Flow | None = None,
    regions: Regions | None = None,
    offset: Flow | None = None,
) -> Gray:
    """Fractal noise, stretched as you like, at coordinates that come from elsewhere: fibres, streaks, brushed metal.

    With the flow of `growth_rings` it follows the grain round the knots; with regions it begins anew in each. Without
    coordinates it is made on the tile and tiles. Its mean is 0.5 and its standard deviation `spread`. Octaves finer
    than 1.5 pixels are left out, and fade in up to 2.5.

    Parameters
    ----------
    cells_x : cells of the first octave along x, in the width of the tile
    cells_y : cells of the first octave along y, in the same length
    octaves : how many layers of detail
    gain : how strong each octave is against the one before
    spread : standard deviation of the result; at 0.16 two tones in a thousand leave 0 to 1
    coordinates : where each pixel lies, in widths of the tile; the tile's own without
    regions : each gets a noise of its own
    offset : added to the coordinates, in fractions of the tile
    """
    down = max(1, round(cells_y * band.height / band.width))
    weights = gain ** np.arange(octaves)
    scale = spread / (SIGMA["perlin"] * math.sqrt(float((weights**2).sum())))
    seen = np.array([visible(min(band.width / cells_x, band.height / down) / 2**k) for k in range(octaves)])
    count = int((seen > 0).sum())
    shifts, ids = shifts_of(regions, seed)
    periods = np.array([[cells_x * 2**k, down * 2**k] for k in range(count)], np.float32).reshape(count, 2)
    out = band.empty()
    noise_rows(
        out,
        NO_FLOW if coordinates is None else np.ascontiguousarray(coordinates),
        NO_FLOW if offset is None else np.ascontiguousarray(offset),
        NO_LABELS if regions is None else np.ascontiguousarray(regions.labels),
        shifts,
        ids,
        band.top,
        f32(band.height),
        periods,
        (weights * seen * scale)[:count].astype(np.float32),
        np.array([stream(seed, k) for k in range(count)], np.uint32),
        f32(0.5),
    )
    return out


@node(carries="opaque", steers=("density",))
def spindles(
    band: Band,
    cells_x: Cells = 24,
    cells_y: Cells = 96,
    direction: Literal["along", "across"] = "along",
    amount: Share = 0.6,
    length: Share = 0.9,
    length_jitter: Share = 0.8,
    thickness: Share = 0.3,
    lean: Annotated[float, Range(-1.0, 1.0)] = 0.0,
    jitter: Share = 1.0,
    softness: Share = 0.5,
    strength_jitter: Share = 0.6,
    seed: Seed = 0,
    density: Gray | None = None,
    coordinates: Flow | None = None,
    regions: Regions | None = None,
    offset: Flow | None = None,
) -> Gray:
    """Short strokes with pointed ends, one to a cell of a stretched grid: pores and rays of wood, hairs, dashes, nicks.

    `density` says where they stand, each at full strength: fewer rather than fainter. With the flow of `growth_rings`
    they follow the grain; with regions each has its own. What is thinner or shorter than a pixel keeps its share of
    the pixel, not its size.

    Parameters
    ----------
    cells_x : cells along x, in the width of the tile
    cells_y : cells along y, in the same length
    direction : whether they lie along x or along y
    amount : share of the cells that have one where `density` is 1
    length : of the longest, in cells
    length_jitter : how much shorter the shortest are; most are short
    thickness : at the middle, in cells
    lean : how far one end is moved aside, as a share of the length in cells
    jitter : how far from the middle of their cells they lie
    softness : how much of the width the edge takes
    strength_jitter : how much fainter the faintest are
    density : scales `amount`
    coordinates : where each pixel lies, in widths of the tile; the tile's own without
    regions : each gets strokes of its own
    offset : added to the coordinates, in fractions of the tile
    """
    down = max(1, round(cells_y * band.height / band.width))
    half, longest = thickness / 2, length * LONGEST
    # A leaning one must stay within half a cell of its middle, or neighbouring cells would cut it.
    leaning = math.copysign(min(abs(lean), (0.5 - half) / max(longest, 1e-6)), lean)
    form = [longest, length_jitter, half, leaning, 2 * softness, 1 - strength_jitter, jitter, amount]
    # What one covers of its cell, in the mean: a lens, from the shortest to the longest.
    long = longest * (1 - length_jitter * (1 - ((np.arange(256) + 0.5) / 256) ** 2))
    mean = float((8 / 3 * half * long * np.sqrt(long / max(longest, 1e-6))).mean()) * (1 - strength_jitter / 2)
    shifts, ids = shifts_of(regions, seed)
    out = band.empty()
    spindle_rows(
        out,
        NO_FLOW if coordinates is None else np.ascontiguousarray(coordinates),
        NO_FLOW if offset is None else np.ascontiguousarray(offset),
        NO_LABELS if regions is None else np.ascontiguousarray(regions.labels),
        shifts,
        ids,
        NO_GRAY if density is None else np.ascontiguousarray(density),
        band.top,
        f32(band.height),
        f32(cells_x),
        f32(down),
        np.array(form, np.float32),
        np.array([stream(seed, use) for use in (0, 1)], np.uint32),
        direction == "across",
        f32(mean),
    )
    return out
