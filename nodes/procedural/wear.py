"""What use and weather do: worn edges, dirt in hollows, streaks that run down.

Masks have three causes: where it happens (an edge, a hollow, below a source), patches, since it happens more in some
places than in others, and a tearing noise that breaks its border.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.declare import Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels import f32, kernel
from nodes.kernels.bend import bends_of
from nodes.kernels.hash import stream, uniform_array
from nodes.kernels.lattice import SIGMA, octave_sum, octaves_of
from nodes.kernels.running import along, carried, parts, running_maximum
from nodes.procedural.surface import Depth, ambient_occlusion

Direction = Literal["down", "up", "right", "left"]
Unit = Annotated[float, Range(0.0, 1.0)]

PATCHES, TEARS = 0, 1
"""Streams of the noises that break a mask up."""


def _noise(band: Band, cells: int, octaves: int, seed: int, out: np.ndarray, top: int) -> None:
    """Write rows of fractal noise of mean 0 and deviation 1."""
    periods, visible, seeds = octaves_of(band.height, band.width, cells, octaves, 2.3, seed)
    weights = 0.7 ** np.arange(octaves)
    weights = weights / (SIGMA["perlin"] * np.sqrt((weights**2).sum()))
    octave_sum(
        out, top, band.height, periods, (weights[: len(visible)] * visible).astype(np.float32), seeds, "perlin", None
    )


@kernel
def _tear(cause, patch, tear, breakup, threshold, softness, out):
    for y in range(out.shape[0]):
        where, coarse, fine, row = cause[y], patch[y], tear[y], out[y]
        for x in range(row.size):
            c = where[x]
            near = min(c * f32(6), f32(1))  # what has no cause is not torn either
            value = c * (f32(1) + breakup * (f32(0.7) * coarse[x] + f32(0.6) * fine[x]))
            t = min(max((value - threshold) / softness + f32(0.5), f32(0)), f32(1))
            row[x] = t * t * (f32(3) - f32(2) * t) * near


def _torn(
    band: Band, cause: np.ndarray, noise: np.ndarray | None, amount: float, breakup: float, softness: float, seed: int
) -> np.ndarray:
    """Return a cause made into a mask with a broken border."""
    out = np.empty_like(cause)
    threshold = (1 - amount) * (1 + breakup)  # an amount of a half takes about half of what is clear

    def work(top: int, bottom: int) -> None:
        coarse, fine = np.empty((2, bottom - top, band.width), np.float32)
        _noise(band, 4, 2, stream(seed, PATCHES), coarse, top)
        if noise is None:
            _noise(band, 24, 4, stream(seed, TEARS), fine, top)
        else:
            fine = (noise[top:bottom] - f32(0.5)) * f32(6)
        here = slice(top, bottom)
        _tear(cause[here], coarse, fine, f32(breakup), f32(threshold), f32(0.04 + softness), out[here])

    band.each(work)
    return out if amount > 0 else np.zeros_like(out)


@node(reach="whole", carries="opaque", bound=0.04, scratch=16)
def edge_wear(
    band: Band,
    height: Gray,
    noise: Gray | None = None,
    amount: Unit = 0.5,
    width: Annotated[float, Length(0.0, 0.05)] = 0.004,
    breakup: Unit = 0.7,
    softness: Unit = 0.1,
    depth: Annotated[float, Depth] = 0.02,
    seed: Seed = 0,
) -> Gray:
    """Where edges are worn off a height field: sharp chips along its ridges, more in some places than in others.

    Parameters
    ----------
    noise : tears the border instead of the node's own noise
    amount : 0 nothing is worn, 1 all that is an edge
    width : how far wear reaches from an edge, as a fraction of the tile
    breakup : 0 follows the edges evenly, 1 in torn patches
    softness : how soft the border is
    depth : how far height 1 rises above height 0, as a fraction of the tile's width
    """
    level = (height - height[0, 0]) * f32(depth * band.width)
    bend = bends_of(band, level, width / 2, 3)
    edges = np.clip(bend * f32(2), 0, 1)
    return _torn(band, edges, noise, amount, breakup, softness, seed)


@node(reach="whole", carries="opaque", bound=0.04, scratch=20)
def dirt(
    band: Band,
    height: Gray,
    noise: Gray | None = None,
    amount: Unit = 0.55,
    radius: Annotated[float, Length(0.0, 0.1)] = 0.015,
    breakup: Unit = 0.5,
    softness: Unit = 0.5,
    depth: Annotated[float, Depth] = 0.05,
    seed: Seed = 0,
) -> Gray:
    """Where dirt gathers on a height field: in hollows and at the foot of walls, in patches, thinning out.

    What the sky does not reach (as `ambient_occlusion` has it) and what is hollow count alike.

    Parameters
    ----------
    noise : tears the border instead of the node's own noise
    amount : 0 clean, 1 all that is not quite open
    radius : how far from a wall dirt gathers, as a fraction of the tile
    breakup : 0 follows the hollows evenly, 1 in torn patches
    softness : how soft the border is
    depth : how far height 1 rises above height 0, as a fraction of the tile's width
    """
    hidden = np.empty_like(height)
    level = (height - height[0, 0]) * f32(depth * band.width)
    bend = bends_of(band, level, radius / 4, 3)

    def work(top: int, bottom: int) -> None:
        rows = Band(band.height, band.width, top, bottom)
        here = hidden[top:bottom]
        np.subtract(f32(1), ambient_occlusion(rows, height, radius, depth), out=here)
        here *= f32(1.6)
        np.maximum(here, bend[top:bottom] * f32(-1.5), out=here)
        np.clip(here, 0, 1, out=here)

    band.each(work)
    return _torn(band, hidden, noise, amount, breakup, softness, seed)


# ---- what runs down ------------------------------------------------------------------------------


class Running(NamedTuple):
    value: Gray
    distance: Gray


@node(reach="whole", carries="opaque", steers=("length_map",), bound=0.05, scratch=18)
def running_max(
    band: Band,
    source: Gray,
    length_map: Gray | None = None,
    drift: Flow | None = None,
    length: Annotated[float, Length(0.0, 2.0)] = 0.25,
    direction: Direction = "down",
) -> Running:
    """What runs from a source along a direction and dies away: the largest of all that lies before, less its distance.

    It runs round the tile, so the result tiles. `distance` is how far back the value comes from, in fractions of the
    tile along the direction, at most 1.

    Parameters
    ----------
    source : 1 runs the whole length, less runs shorter
    length_map : times the length, at each pixel that is run over; 0 stops it
    drift : how far sideways it has been carried, in fractions of the tile; only the part across the direction counts
    length : how far 1 runs until it is gone, as a fraction of the tile's width
    """
    sideways = direction in ("right", "left")
    start = along(source, direction)
    rate = _decay(length, np.ones((1, start.shape[1])) if length_map is None else along(length_map, direction))
    shift = None
    if drift is not None:
        shift = along(drift[..., 1] * f32(band.height) if sideways else drift[..., 0] * f32(band.width), direction)
    value, age = running_maximum(band, carried(band, start, shift), rate, direction in ("up", "left"))
    value = along(carried(band, value, shift, back=True), direction)
    if not band.wants("distance"):
        return Running(value, value)
    return Running(value, _distance(band, age, shift, direction))


def _distance(band: Band, age: np.ndarray, shift: np.ndarray | None, direction: str) -> np.ndarray:
    share = np.minimum(age * f32(1 / age.shape[0]), 1)
    return along(carried(band, share, shift, back=True), direction)


def _decay(length: float, times: np.ndarray) -> np.ndarray:
    """Return what is lost at each pixel for a length in pixels and what it is multiplied by."""
    return (1 / np.maximum(np.maximum(times, 0) * length, 1e-3)).astype(np.float32)


class Leaks(NamedTuple):
    mask: Gray
    core: Gray
    distance: Gray


@node(reach="whole", carries="opaque", bound=0.05, scratch=30)
def leaks(
    band: Band,
    source: Gray,
    length: Annotated[float, Length(0.0, 2.0)] = 0.5,
    width: Annotated[float, Length(0.0005, 0.1)] = 0.008,
    breakup: Unit = 0.6,
    halo: Unit = 0.4,
    drift: Annotated[float, Length(0.0, 0.1)] = 0.005,
    direction: Direction = "down",
    seed: Seed = 0,
) -> Leaks:
    """Streaks that run down from a source: rust below bolts, soot below sills, water on concrete.

    Each column has its own length, most of them short (a random number squared). A dark core, broken down its length,
    lies in a wider and fainter stain. `core` is the first alone, `distance` how far below its source each pixel
    lies, in fractions of the tile.

    Parameters
    ----------
    source : where streaks start; 1 runs the whole length, less runs shorter
    length : of the longest streaks, as a fraction of the tile's width
    width : of a streak, as a fraction of the tile
    breakup : how much the core comes and goes down its length
    halo : how strong the wide stain is beside the core
    drift : how far streaks wander sideways
    """
    start = along(source, direction)
    up = direction in ("up", "left")
    wander = _wander(band, start.shape, drift, stream(seed, 4)) if drift > 0.05 else None
    straight = carried(band, start, wander)
    longest = _columns(start.shape[1], width, stream(seed, 2))
    core, age = running_maximum(band, straight, _decay(length, longest), up)
    core *= 1 - f32(breakup) * _gaps(band, start.shape, width, stream(seed, 3))
    mask = core
    if halo > 0:
        wide = _columns(start.shape[1], width * 5, stream(seed, 5))
        faint, _ = running_maximum(band, straight, _decay(length * 0.8, wide), up)
        mask = np.maximum(core, faint * f32(halo))
    mask = along(carried(band, mask, wander, back=True), direction)
    inner = along(carried(band, core, wander, back=True), direction) if band.wants("core") else mask
    return Leaks(mask, inner, _distance(band, age, wander, direction) if band.wants("distance") else mask)


def _seen(pixels: float) -> float:
    """Return how much is seen of what is some pixels wide: it fades in between one and three."""
    t = min(max((pixels - 1) / 2, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def _columns(count: int, width: float, seed: int) -> np.ndarray:
    """Return a row of lengths, 0 to 1 and mostly short: squares of random numbers, `width` pixels apart."""
    cells = max(1, round(count / width))
    place = (np.arange(count) + 0.5) / count * cells
    low = np.floor(place).astype(np.int64)
    share = place - low
    share = share * share * (3 - 2 * share)
    numbers = uniform_array(np.arange(cells), 0, seed).astype(np.float64)
    mixed = numbers[low % cells] * (1 - share) + numbers[(low + 1) % cells] * share
    mean = 1 / 3
    return (mean + (mixed**2 - mean) * _seen(width))[None].astype(np.float32)


def _by_rows(band: Band, shape: tuple[int, ...], periods: list[tuple[int, int]], seed: int) -> np.ndarray:
    """Return the sum of octaves of noise of given cells across and down, of mean 0 and deviation 1."""
    out = np.empty(shape, np.float32)
    count = len(periods)
    visible = [_seen(min(shape[1] / across, shape[0] / down)) for across, down in periods]
    amplitudes = (np.array(visible) / (SIGMA["perlin"] * np.sqrt(count))).astype(np.float32)
    seeds = np.array([stream(seed, k) for k in range(count)], np.uint32)

    def work(top: int, bottom: int) -> None:
        here = parts(shape[0], band.height, top, bottom)
        if here.stop > here.start:
            octave_sum(out[here], here.start, shape[0], np.array(periods), amplitudes, seeds, "perlin", None)

    band.each(work)
    return out


def _gaps(band: Band, shape: tuple[int, ...], width: float, seed: int) -> np.ndarray:
    """Return where a core is broken, 0 to 1: noise stretched along the streaks."""
    across = max(1, round(shape[1] / (width * 1.5)))
    down = max(1, round(across / 12 * shape[0] / shape[1]))
    noise = _by_rows(band, shape, [(across, down), (across, max(1, 3 * down))], seed)
    return np.clip(noise * f32(0.5) + f32(0.5), 0, 1)


def _wander(band: Band, shape: tuple[int, ...], drift: float, seed: int) -> np.ndarray:
    """Return how far sideways streaks wander, in pixels; slowly across, so that neighbours wander together."""
    down = max(1, round(2 * shape[0] / shape[1]))
    return _by_rows(band, shape, [(3, down), (11, 4 * down)], seed) * f32(drift)
