"""Marks: spots, scratches and fibres, scattered; each knows its own size, tone and way."""

from __future__ import annotations

import math
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.declare import Angle, Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels.hash import stream, uniform_array
from nodes.kernels.strokes import Strokes, bucketed, draw_spots, draw_strokes

Share = Annotated[float, Range(0.0, 1.0)]
Law = Annotated[float, Range(0.25, 8.0)]

PLACE_X, PLACE_Y, SIZE, KEPT, TONE, STRENGTH, TURN, BEND, WIDTH, PHASE, BREAKS, WANDER = range(12)
"""One stream of randomness for each use, so that turning one on leaves the others as they are."""

PIECES = {"scratch": 8, "fiber": 24}
PRESSURE = 0.6
"""How much of the depth's variation happens along a scratch."""


def _at(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a whole picture's tones at places given in tiles, each at the pixel it falls in."""
    height, width = picture.shape
    rows = np.minimum((y % 1.0 * height).astype(np.int64), height - 1)
    return picture[rows, np.minimum((x % 1.0 * width).astype(np.int64), width - 1)]


# ---- spots -----------------------------------------------------------------------------------------


class Spots(NamedTuple):
    height: Gray
    mask: Gray
    random: Gray
    point: Flow


def _spots(
    band: Band,
    cells: int,
    smallest: float,
    largest: float,
    law: float,
    share: float,
    jitter: float,
    faintest: float,
    by_size: float,
    clusters: np.ndarray | None,
    seed: int,
) -> np.ndarray:
    """Return the spots as `draw_spots` takes them."""
    down = max(1, round(cells * band.height / band.width))
    i, j = np.meshgrid(np.arange(cells), np.arange(down))
    random = {use: uniform_array(i, j, stream(seed, use)) for use in (PLACE_X, PLACE_Y, SIZE, KEPT, TONE, STRENGTH)}
    x = (i + 0.5 + jitter * (random[PLACE_X] - 0.5)) / cells
    y = (j + 0.5 + jitter * (random[PLACE_Y] - 0.5)) / down
    size = random[SIZE] ** law
    radius = (smallest + (largest - smallest) * size) * band.width / cells
    chance = share if clusters is None else share * _at(clusters, x, y)
    strength = faintest + (1 - faintest) * random[STRENGTH]
    strength *= 1 - by_size * (1 - radius / max(radius.max(), 1e-9))
    radius = np.where(random[KEPT] < chance, radius, 0)
    return np.stack([x * band.width, y * band.height, radius, random[TONE], strength], axis=2).astype(np.float32)


@node(prepare=_spots, carries="opaque", steers=("clusters",), neutral=0.0, bound=0.03)
def spots(
    band: Band,
    cells: Annotated[int, Range(1, 256)] = 16,
    smallest: Annotated[float, Range(0.0, 2.0, "cells")] = 0.06,
    largest: Annotated[float, Range(0.0, 2.0, "cells")] = 0.6,
    law: Law = 4.0,
    share: Share = 0.9,
    jitter: Share = 1.0,
    faintest: Share = 0.3,
    by_size: Share = 0.3,
    softness: Share = 0.0,
    profile: Literal["disc", "dome", "cone", "bell"] = "dome",
    clusters: Gray | None = None,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: np.ndarray | None = None,
) -> Spots:
    """Spots of many sizes, one in each cell of a grid at most: pores, pebbles, specks, drops, lichen.

    `height` is the highest of the spots at a pixel and `mask` what they cover, both as strong as the spot is; `random`
    is a tone for each spot, 0 outside, and `point` the way to the middle of the spot seen, in tiles, 0 outside.
    Spots reach over their cells and over each other. One smaller than a pixel fades by its area.

    Parameters
    ----------
    cells : cells across the tile
    smallest, largest : radius, in cells
    law : power of the random number that picks the radius; above 1 small spots are many and large ones rare
    share : how many cells have a spot
    jitter : 0 puts the spots in the middle of their cells, 1 anywhere in them
    faintest : how strong the weakest spot is; the others lie between it and 1
    by_size : how much weaker small spots are than large ones
    softness : how much of the radius the edge takes
    profile : the section of `height`: flat, round, straight or eased into the ground
    clusters : how likely a spot is where its middle falls, times `share`
    """
    outs, point = draw_spots(prepared, band.top, band.height, band.rows, band.width, offset, softness, profile)  # type: ignore[arg-type]  # from prepare
    return Spots(outs[0], outs[1], outs[2], point)


# ---- strokes ---------------------------------------------------------------------------------------


def _paths(
    band: Band,
    x: np.ndarray,
    y: np.ndarray,
    length: np.ndarray,
    headings: np.ndarray,
    style: np.ndarray,
) -> Strokes:
    """Return strokes that start at (x, y), in tiles, and go on by equal pieces in the headings (strokes, pieces)."""
    count, parts = headings.shape
    ux, uy = np.cos(headings), -np.sin(headings)
    piece = length[:, None] / parts
    middle = np.arange(parts) + 0.5
    # Each stroke's middle, not its start, lies where it was placed.
    along_x, along_y = np.cumsum(ux, axis=1) - ux / 2, np.cumsum(uy, axis=1) - uy / 2
    px = x[:, None] * band.width + (along_x - ux.sum(axis=1, keepdims=True) / 2) * piece
    py = y[:, None] * band.height + (along_y - uy.sum(axis=1, keepdims=True) / 2) * piece
    px, py = px - np.floor(px / band.width) * band.width, py - np.floor(py / band.height) * band.height
    half = np.broadcast_to(piece / 2, headings.shape)
    place = np.broadcast_to(middle / parts, headings.shape)
    pieces = np.stack([px, py, ux, uy, half, place, np.full_like(px, 0.5 / parts)], axis=2).reshape(-1, 7)
    return bucketed(pieces, np.repeat(np.arange(count), parts), style, band.height, band.width)


def _thrown(count: int, clusters: np.ndarray | None, seed: int) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """Return random numbers for each use, of the strokes that are kept, and the strokes' own numbers."""
    number = np.arange(count)
    random = {use: uniform_array(number, 0, stream(seed, use)).astype(np.float64) for use in range(12)}
    if clusters is not None:
        kept = random[KEPT] < _at(clusters, random[PLACE_X], random[PLACE_Y])
        random, number = {use: values[kept] for use, values in random.items()}, number[kept]
    return random, number


class Scratches(NamedTuple):
    height: Gray
    mask: Gray
    random: Gray
    along: Gray


def _scratches(
    band: Band,
    count: int,
    shortest: float,
    longest: float,
    law: float,
    thickness: float,
    thickness_jitter: float,
    curvature: float,
    angle: float,
    spread: float,
    depth_jitter: float,
    clusters: np.ndarray | None,
    seed: int,
) -> Strokes:
    random, number = _thrown(count, clusters, seed)
    length = shortest + (longest - shortest) * random[SIZE] ** law
    parts = PIECES["scratch"]
    heading = angle + math.pi * spread * (random[TURN] - 0.5)
    bend = 2 * math.pi * curvature * (random[BEND] - 0.5)
    headings = heading[:, None] + bend[:, None] * ((np.arange(parts) + 0.5) / parts - 0.5)
    thick = thickness * (1 - thickness_jitter * random[WIDTH])
    strength = 1 - depth_jitter * random[STRENGTH]
    breaks = 2 + 60 * length / band.width
    wander = np.full_like(thick, PRESSURE * depth_jitter)
    style = np.stack([thick, strength, random[TONE], breaks, wander, number], axis=1)
    return _paths(band, random[PLACE_X], random[PLACE_Y], length, headings, style)


# Tone, place and way are picked, not averaged, and a thin stroke is a pixel wide at any size.
@node(prepare=_scratches, carries="opaque", steers=("clusters",), neutral=0.0, bound=0.05)
def scratches(
    band: Band,
    count: Annotated[int, Range(0, 10000)] = 160,
    shortest: Annotated[float, Length(0.0, 1.0)] = 0.02,
    longest: Annotated[float, Length(0.0, 1.0)] = 0.35,
    law: Law = 2.5,
    thickness: Annotated[float, Length(0.0, 0.02)] = 0.003,
    thickness_jitter: Share = 0.6,
    curvature: Share = 0.12,
    angle: Annotated[float, Angle()] = 20.0,
    spread: Share = 0.5,
    depth_jitter: Share = 0.6,
    broken: Share = 0.3,
    taper: Share = 0.6,
    clusters: Gray | None = None,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Strokes | None = None,
) -> Scratches:
    """Scratches: thin grooves thrown over the tile, of many lengths, bent, torn and fading at their ends.

    `height` is how deep the deepest is, 1 at most, rounded below; `mask` what they cover; `random` a tone for each
    scratch and `along` how far along it a pixel is, 0 to 1, both 0 outside. Narrower than a pixel, a scratch is
    fainter instead, so that it covers what it should at every size.

    Parameters
    ----------
    count : how many
    shortest, longest : length from end to end
    law : power of the random number that picks the length; above 1 long ones are rare
    thickness : of the widest
    thickness_jitter : how much narrower the narrowest is
    curvature : how far scratches bend, half of them to either side; 1 is up to half a turn
    angle : the way they run, counter-clockwise from the right
    spread : how far they stray from that; 1 is any way
    depth_jitter : how much shallower some are, and how much one varies along its way
    broken : how much of each is missing
    taper : share of the length over which the ends fade
    clusters : how likely a scratch is where its middle falls
    """
    seeds = stream(seed, BREAKS), stream(seed, WANDER)
    size = band.top, band.height, band.rows, band.width
    outs, along, _ = draw_strokes(prepared, *size, offset, seeds, broken, taper, False)  # type: ignore[arg-type]  # from prepare
    return Scratches(outs[0], outs[1], outs[2], along)


class Fibers(NamedTuple):
    height: Gray
    mask: Gray
    random: Gray
    direction: Flow


def _fibers(
    band: Band,
    count: int,
    length: float,
    length_jitter: float,
    thickness: float,
    thickness_jitter: float,
    waviness: float,
    waves: float,
    curl: float,
    angle: float,
    spread: float,
    clusters: np.ndarray | None,
    seed: int,
) -> Strokes:
    random, number = _thrown(count, clusters, seed)
    parts = PIECES["fiber"]
    t = (np.arange(parts) + 0.5) / parts
    heading = angle + math.pi * spread * (random[TURN] - 0.5)
    # A turn of random strength to either side, and a wave of two lengths that never line up.
    bend = 4 * math.pi * curl * (random[BEND] - 0.5)
    phase = 2 * math.pi * random[PHASE][:, None]
    often = waves * (0.6 + 0.8 * random[WANDER][:, None])
    wave = np.sin(2 * math.pi * often * t + phase) + 0.6 * np.sin(2 * math.pi * 2.3 * often * t + 2.7 * phase)
    headings = heading[:, None] + bend[:, None] * (t - 0.5) + 1.2 * waviness * wave
    lengths = length * (1 - length_jitter * random[SIZE])
    thick = thickness * (1 - thickness_jitter * random[WIDTH])
    level = 0.35 + 0.65 * random[STRENGTH]
    rest = np.zeros_like(thick)
    style = np.stack([thick, level, random[TONE], rest, rest + 0.35, number], axis=1)
    return _paths(band, random[PLACE_X], random[PLACE_Y], lengths, headings, style)


@node(prepare=_fibers, carries="opaque", steers=("clusters",), neutral=0.0, bound=0.2, scratch=4)
def fibers(
    band: Band,
    count: Annotated[int, Range(0, 20000)] = 1500,
    length: Annotated[float, Length(0.0, 1.0)] = 0.18,
    length_jitter: Share = 0.6,
    thickness: Annotated[float, Length(0.0, 0.02)] = 0.003,
    thickness_jitter: Share = 0.5,
    waviness: Share = 0.3,
    waves: Annotated[float, Range(0.0, 8.0)] = 1.0,
    curl: Annotated[float, Range(0.0, 2.0, "turns")] = 0.25,
    angle: Annotated[float, Angle()] = 0.0,
    spread: Share = 1.0,
    taper: Share = 0.15,
    clusters: Gray | None = None,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Strokes | None = None,
) -> Fibers:
    """Fibres: hairs, lint, felt, straw; thin round threads that wave and curl, lying over each other.

    `height` is the highest thread at a pixel, round in section, each at a level of its own that rises and sinks along
    it; `mask` what they cover, `random` a tone for each, `direction` the way it runs, of length `mask`, x right and
    y down. Thinner than a pixel, a fibre is fainter instead.

    Parameters
    ----------
    count : how many
    length : of the longest
    length_jitter : how much shorter the shortest is
    thickness : of the thickest
    thickness_jitter : how much thinner the thinnest is
    waviness : how far they sway to either side; 1 bends them back
    waves : how often they do along their length
    curl : how far they turn in all, either way
    angle : the way they run, counter-clockwise from the right
    spread : how far they stray from that; 1 is any way
    taper : share of the length over which the ends fade
    clusters : how likely a fibre is where its middle falls
    """
    seeds = stream(seed, BREAKS), stream(seed, WANDER)
    size = band.top, band.height, band.rows, band.width
    outs, _, way = draw_strokes(prepared, *size, offset, seeds, 0.0, taper, True)  # type: ignore[arg-type]  # from prepare
    return Fibers(outs[0], outs[1], outs[2], way)
