"""Masks for what happens to a surface: dirt, moss, wear."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.declare import Band, Flow, Gray, Range, Seed, Weights, node
from nodes.kernels import f32, kernel
from nodes.kernels.elementary import ramp
from nodes.kernels.hash import stream
from nodes.kernels.lattice import SIGMA, octave_sum, octaves_of
from nodes.procedural.tone import Histogram, histogram_of

Weight = Annotated[float, Range(-4.0, 4.0)]
SPREAD = 0.16
"""Standard deviation of a noise of weight 1, that of fbm's defaults."""

LEAST_TORN = f32(0.35)
"""What is left of the tears where they are weakest: an edge without any looks sprayed on."""

SAMPLE = 1024
"""Up to this size the covered share is found from all pixels, above from as many as fit."""


class MaskBuilder(NamedTuple):
    mask: Gray
    field: Gray


@dataclass(frozen=True)
class Noises:
    """What the three noises of a mask are made of."""

    patch_cells: int
    tear_cells: int
    tear_octaves: int
    tear_gain: float
    seed: int

    def noise(self, size: tuple[int, int], rows: tuple[int, int], use: int, offset: np.ndarray | None) -> np.ndarray:
        """Return one of the noises with mean 0: the patches (0), the tears (1) or how torn it is where (2)."""
        cells, octaves, gain = (
            (self.patch_cells, 4, 0.5),
            (self.tear_cells, self.tear_octaves, self.tear_gain),
            (2 * self.patch_cells, 2, 0.5),
        )[use]
        periods, visible, seeds = octaves_of(*size, cells, octaves, 2.0, stream(self.seed, use))
        weights = gain ** np.arange(octaves)
        scale = SPREAD / (SIGMA["perlin"] * math.sqrt(float((weights**2).sum())))
        out = np.empty((rows[1] - rows[0], size[1]), np.float32)
        amplitudes = (weights[: len(visible)] * visible * scale).astype(np.float32)
        octave_sum(out, rows[0], size[0], periods, amplitudes, seeds, "perlin", offset)
        return out


@kernel
def _add_up(cause, patch, tear, where, cause_weight, patch_weight, tear_weight, variety, out):
    for i in range(out.size):
        torn = min(max(f32(1) + variety * where[i], LEAST_TORN), f32(3))
        out[i] = f32(0.5) + patch_weight * patch[i] + tear_weight * torn * tear[i]
    for i in range(cause.size):
        out[i] += cause_weight * (cause[i] - f32(0.5))


def _field(
    size: tuple[int, int],
    rows: tuple[int, int],
    noises: Noises,
    weights: tuple[float, float, float, float],
    cause: np.ndarray | None,
    offset: np.ndarray | None,
    out: np.ndarray,
) -> np.ndarray:
    """Return `out` filled with the sum of cause, patches and tears, around 0.5."""
    _, patch, tear, variety = weights
    flat_noise = np.zeros(out.size, np.float32)
    parts = [
        noises.noise(size, rows, use, offset).reshape(-1) if counts else flat_noise
        for use, counts in enumerate((patch, tear, tear and variety))
    ]
    flat = np.empty(0, np.float32) if cause is None else np.ascontiguousarray(cause).reshape(-1)
    _add_up(flat, *parts, *(f32(weight) for weight in weights), out.reshape(-1))
    return out


def _covered(
    band: Band,
    cause: np.ndarray | None,
    offset: np.ndarray | None,
    patch_cells: int,
    tear_cells: int,
    tear_octaves: int,
    tear_gain: float,
    cause_weight: float,
    patch_weight: float,
    tear_weight: float,
    variety: float,
    cut: str,
    seed: int,
) -> Histogram | None:
    """Return how the field's tones are spread, from every pixel or from a grid of them; None if nobody asks."""
    if cut == "level":
        return None
    step = max(1, -(-max(band.height, band.width) // SAMPLE))
    cause = None if cause is None else cause[::step, ::step]
    offset = None if offset is None else offset[::step, ::step]
    size = (-(-band.height // step), -(-band.width // step))
    noises = Noises(patch_cells, tear_cells, tear_octaves, tear_gain, seed)
    weights = (cause_weight, patch_weight, tear_weight, variety / SPREAD)
    whole = np.empty(size, np.float32)
    return histogram_of(_field(size, (0, size[0]), noises, weights, cause, offset, whole))


@kernel
def _cut(field, level, half, mask):
    for i in range(mask.size):
        field[i] += f32(0.5) - level
        mask[i] = ramp(f32(0.5) - half, f32(0.5) + half, field[i])


def _cause_weights(cause: np.ndarray | None, cause_weight: float, patch_weight: float, tear_weight: float) -> Weights:
    """Return the cause's part of the sum that the mask is cut from."""
    total = abs(cause_weight) + abs(patch_weight) + abs(tear_weight)
    return Weights({} if cause is None or total == 0 else {"cause": abs(cause_weight) / total}, exact=False)


@node(carries="mix", weights=_cause_weights, prepare=_covered, bound=0.06, scratch=22)
def mask_builder(
    band: Band,
    cause: Gray | None = None,
    offset: Flow | None = None,
    cut: Literal["share", "level"] = "share",
    coverage: Annotated[float, Range(0.0, 1.0)] = 0.4,
    level: Annotated[float, Range(-1.0, 2.0)] = 0.55,
    softness: Annotated[float, Range(0.0, 1.0)] = 0.06,
    cause_weight: Weight = 0.6,
    patch_weight: Weight = 1.0,
    tear_weight: Weight = 0.45,
    patch_cells: Annotated[int, Range(1, 64)] = 3,
    tear_cells: Annotated[int, Range(2, 256)] = 28,
    tear_octaves: Annotated[int, Range(1, 8)] = 5,
    tear_gain: Annotated[float, Range(0.0, 1.0)] = 0.65,
    variety: Annotated[float, Range(0.0, 1.0)] = 0.6,
    seed: Seed = 0,
    prepared: Histogram | None = None,
) -> MaskBuilder:
    """A torn mask from a cause, such as cavities, a noise of patches and a noise that tears the edge.

    One of the three alone always reads as an effect; together they look grown. `field` is what the mask is cut from,
    0.5 at the mask's edge: cut it higher for what lies deep inside, lower for a halo, and all edges keep together.

    Parameters
    ----------
    cause : where it is bright the mask is more likely
    cut : share holds the covered share, whatever the cause; with level a stronger cause covers more
    coverage : share of the tile that the mask covers
    level : tone of the sum that is the edge, where the middle of cause and noises is 0.5
    softness : over how many tones of the field the edge is spread: 0.06 for moss, 0.15 for chips, 0.3 for dirt
    cause_weight, patch_weight, tear_weight : how much each of the three counts; below 0 it is turned round
    patch_cells : cells of the patches across the tile
    tear_cells : cells of the tears' first octave across the tile
    tear_octaves : how many layers of tears, each twice as fine
    tear_gain : how strong each of them is against the one before
    variety : how much the tearing differs from place to place: 0 is alike everywhere
    """
    noises = Noises(patch_cells, tear_cells, tear_octaves, tear_gain, seed)
    weights = (cause_weight, patch_weight, tear_weight, variety / SPREAD)
    size, rows = (band.height, band.width), (band.top, band.bottom)
    field, mask = band.empty("field"), band.empty("mask")
    _field(size, rows, noises, weights, cause, offset, field)
    if prepared is not None:
        level = prepared.tone_above(coverage)
    _cut(field.reshape(-1), f32(level), f32(softness / 2), mask.reshape(-1))
    if cut == "share" and coverage in (0, 1):
        mask.fill(coverage)
    return MaskBuilder(mask, field)
