"""Wood: boards in rows, and the rings of the logs they were sawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Angle, Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.bonds import Cells
from nodes.kernels.hash import stream, uniform_array
from nodes.kernels.lattice import SIGMA
from nodes.kernels.rings import board_rows
from nodes.laying import (
    COUNT,
    JOINTS,
    SHIFT,
    TONE,
    Courses,
    Pattern,
    Profile,
    Share,
    courses,
    drawn,
    row_edges,
)
from nodes.procedural.grain import visible


def stratified(ids: np.ndarray, seed: int) -> np.ndarray:
    """Return a number in [0, 1) for each id, one in each of as many equal strata: few members differ evenly."""
    order = np.argsort(uniform_array(ids, 0, seed), kind="stable")
    rank = np.empty(len(ids), np.float64)
    rank[order] = np.arange(len(ids))
    return (rank + uniform_array(ids, 1, seed)) / max(len(ids), 1)


def _board_row(row: int, count: int, jitter: float, seed: int) -> np.ndarray:
    """Return the `count + 1` ends of a row's boards, 0 to 1."""
    lengths = 1 - 0.8 * jitter * uniform_array(np.arange(count), row, stream(seed, JOINTS)).astype(np.float64)
    return np.append(0.0, np.cumsum(lengths) / lengths.sum())


def _stagger(joints: np.ndarray, others: np.ndarray, candidates: np.ndarray) -> float:
    """Return the candidate start whose joints stay farthest from those of the rows beside."""
    if others.size == 0:
        return float(candidates[0])
    away = np.abs((candidates[:, None, None] + joints[:-1, None] - others + 0.5) % 1.0 - 0.5)
    return float(candidates[np.argmax(away.min(axis=(1, 2)))])


def _lay_planks(
    band: Band,
    rows: int,
    fewest: int,
    most: int,
    gap: float,
    rounding: float,
    length_jitter: float,
    row_jitter: float,
    seed: int,
) -> Courses:
    origin, edges = row_edges(rows, row_jitter, seed)
    fewest, most = min(fewest, most), max(fewest, most)
    drawn = uniform_array(np.arange(rows), 0, stream(seed, COUNT))
    counts = fewest + np.minimum((drawn * (most - fewest + 1)).astype(np.int64), most - fewest)
    ends = [_board_row(row, int(count), length_jitter, seed) for row, count in enumerate(counts)]
    starts: list[float] = []
    for row, joints in enumerate(ends):
        beside = [row - 1] if row else []
        if row == rows - 1 and row > 1:
            beside.append(0)
        others = np.concatenate([np.empty(0), *((starts[other] + ends[other][:-1]) % 1.0 for other in beside)])
        candidates = uniform_array(np.arange(8), row, stream(seed, SHIFT)).astype(np.float64)
        starts.append(_stagger(joints, others, candidates))
    cells = Cells(
        origin,
        edges,
        np.array(starts),
        np.repeat(np.arange(rows), counts),
        np.concatenate([joints[:-1] for joints in ends]),
        np.concatenate([joints[1:] for joints in ends]),
        np.concatenate([np.arange(count) for count in counts]),
    )
    plain = dict.fromkeys(("rounding_jitter", "angle_jitter", "position_jitter", "taper"), 0.0)
    laid = courses(band, cells, seed, gap, rounding=rounding, **plain)
    # A tile has few boards: free draws would often make most of them alike.
    return replace(laid, tone=stratified(laid.table["id"], stream(seed, TONE)).astype(np.float32))


@node(prepare=_lay_planks, carries="opaque")
def planks(
    band: Band,
    rows: Annotated[int, Range(1, 64)] = 8,
    fewest: Annotated[int, Range(1, 16)] = 1,
    most: Annotated[int, Range(1, 16)] = 3,
    length_jitter: Share = 0.5,
    row_jitter: Share = 0.0,
    gap: Annotated[float, Length(0.0, 0.05)] = 0.003,
    rounding: Annotated[float, Length(0.0, 0.1)] = 0.001,
    bevel: Annotated[float, Length(0.0, 0.1)] = 0.003,
    profile: Profile = "round",
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Courses | None = None,
) -> Pattern:
    """Boards of many lengths in rows, joints never close to those of the row beside.

    `uv` and `random` go on into the gaps, so that they can be mixed by `mask`; `regions` has the boards alone. The
    tones of `random` are spread evenly: of n boards, one lies in each nth of the range.

    Parameters
    ----------
    fewest, most : how many boards one row may hold, across the whole tile
    length_jitter : how much the boards of a row differ in length; 1 is five to one
    row_jitter : how much the rows differ in height; 1 moves their joints by 0.4 of a row either way
    gap : between two boards
    rounding : radius of the corners
    bevel : how far inside the edge the full height is reached
    profile : the section of the bevel
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    return drawn(band, prepared, bevel, profile, offset)


# ---- growth rings --------------------------------------------------------------------------------

TALLY = 64
"""How many logs have rings of their own; more boards than that share them, each with its own seed."""
WARPS = (
    (93.0, 32.0, 2, 1.96, False),
    (25.0, 5.7, 3, 0.36, False),
    (7.9, 1.25, 2, 0.08, False),
    (79.0, 43.0, 2, 1.3, True),
    (14.0, 4.0, 3, 0.16, True),
)
"""How a log is bent: size of the waves along and across, octaves, amplitude, in mean rings; and whether in depth."""
(PITH, DEPTH, TILT, TILT_DEPTH, WIDTH, QUARTER, SIDE, KNOTS, KNOT_X, KNOT_Y, KNOT_SIZE, KNOT_LONG, KNOT_SKEW, YEARS,
 WARP, SHIFT_X, SHIFT_Y, RING_TONE, KNOT_SHAPE) = range(19)  # fmt: skip


class GrowthRings(NamedTuple):
    late: Gray
    early: Gray
    ring: Gray
    random: Gray
    radius: Gray
    tangential: Gray
    flow: Flow
    knot: Gray
    knot_angle: Gray
    knot_size: Gray


@dataclass(frozen=True)
class Logs:
    """The logs of all boards, as the kernel takes them; row 0 is what lies in no board."""

    corners: np.ndarray
    ids: np.ndarray
    logs: np.ndarray
    tables: np.ndarray
    first: np.ndarray
    knots: np.ndarray
    years: np.ndarray


def _between(t: np.ndarray, low: float, high: float) -> np.ndarray:
    return low + (high - low) * t


def _years(logs: int, count: int, jitter: float, seed: int) -> np.ndarray:
    """Return where each year's ring begins, (logs, count), in mean widths: fat and lean years, always outwards."""
    k, log = np.arange(-3, count + 3)[None], np.arange(logs)[:, None]
    draws = [uniform_array(k, log, stream(stream(seed, YEARS), n)).astype(np.float64) - 0.5 for n in range(3)]
    single = np.sum(draws, axis=0)
    decade = np.sum([single[:, n : n + count] for n in range(7)], axis=0) / math.sqrt(7)
    # The exponential of a sum with variance 0.33 has this mean.
    width = np.exp(jitter * (0.9 * decade + 0.45 * single[:, 3:-3]) - 0.165 * jitter**2)
    return (np.cumsum(width, axis=1) - width[:, :1]).astype(np.float32)


def _knots_of(
    ids: np.ndarray, boxes: np.ndarray, sawn_flat: np.ndarray, aspect: float, knots: float, size: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the knots (k, 6) and where each board's begin; they keep apart, each in its stretch of the board."""
    length, high = boxes[:, 2].astype(np.float64), boxes[:, 3].astype(np.float64) * aspect
    wanted = knots * length * _between(stratified(ids, stream(seed, KNOTS)), 0.2, 1.8)
    room = length / max(8 * size, 1e-3)
    count = np.floor(np.minimum(wanted, room) + uniform_array(ids, 2, stream(seed, KNOTS))) * sawn_flat
    count = np.minimum(count, 32).astype(np.int64)
    first = np.concatenate([[0, 0], np.cumsum(count)]).astype(np.int64)
    board = np.repeat(np.arange(len(ids)), count)
    slot = np.arange(len(board)) - np.repeat(first[1:-1], count)
    draw = [uniform_array(ids[board], slot, stream(seed, use)).astype(np.float64) for use in range(KNOT_SKEW + 1)]
    stretch = length[board] / np.maximum(count[board], 1)
    x = (slot + _between(draw[KNOT_X], 0.25, 0.75)) * stretch
    y = _between(draw[KNOT_Y], -0.33, 0.33) * high[board]
    radius = np.maximum(size * _between(draw[KNOT_SIZE] ** 1.3, 0.15, 1.0), 1e-5)
    longer = _between(draw[KNOT_LONG], 1.15, 1.7)
    skew = _between(draw[KNOT_SKEW], -0.036, 0.036)
    reach = np.minimum(8 * radius, 0.2)
    return np.stack([x, y, radius, longer, skew, reach], axis=1).astype(np.float32).reshape(-1, 6), first


def _saw(
    band: Band,
    ring_width: float,
    year_jitter: float,
    pith: float,
    tilt: float,
    waviness: float,
    quarter_sawn: float,
    knots: float,
    knot_size: float,
    seed: int,
    regions: Regions | None,
) -> Logs:
    """Draw a log for each board: flat sawn ones near the pith, quarter sawn ones far beside it."""
    aspect = band.height / band.width
    ring_width, pith, knot_size = ring_width / band.width, pith / band.width, knot_size / band.width
    ids = np.zeros(1, np.uint32) if regions is None else regions.table["id"]
    boxes = np.array([[0, -0.5, 1, 1]], np.float32) if regions is None else regions.table["bbox"]
    n = len(ids)
    draw = {use: stratified(ids, stream(seed, use)) for use in (PITH, DEPTH, TILT, TILT_DEPTH, WIDTH, QUARTER, SIDE)}
    quarter = draw[QUARTER] < quarter_sawn
    side = np.where(draw[SIDE] < 0.5, -1.0, 1.0)
    beside = np.where(quarter, side * _between(draw[PITH], 3.5, 5.4), _between(draw[PITH], -1, 1)) * pith
    depth = np.where(quarter, _between(draw[DEPTH], 0.1, 1.0), _between(draw[DEPTH], 0.45, 1.55)) * pith
    tilt_across = _between(draw[TILT], -0.5, 0.5) * math.tan(tilt)
    rise = draw[TILT_DEPTH]
    tilt_depth = np.where(rise < 0.5, -1, 1) * _between((2 * rise) % 1, 0.3, 1.0) * math.tan(tilt)
    width = ring_width * _between(draw[WIDTH], 0.72, 1.28)
    shift = [uniform_array(ids, 0, stream(seed, use)) * (regions is not None) for use in (SHIFT_X, SHIFT_Y)]
    length, high = boxes[:, 2].astype(np.float64), boxes[:, 3].astype(np.float64) * aspect
    logs = np.stack([length / 2, beside, depth, tilt_across, tilt_depth, 1 / width, *shift], axis=1)
    logs = np.concatenate([logs[:1] if n else np.ones((1, 8)), logs])
    # Whatever radius a board may show, with room for the warps.
    far = np.abs(beside) + depth + high + math.tan(tilt) * length + (4 * waviness + 4) * ring_width + knot_size
    count = int(min(np.max(far / width, initial=1.0), 8192) * 1.3) + 16
    tables = np.arange(n) % TALLY
    mean_y = boxes[:, 1] + boxes[:, 3] / 2
    corners = np.concatenate([np.zeros((1, 2)), np.stack([boxes[:, 0], mean_y], axis=1)])
    pieces, first = _knots_of(ids, boxes, ~quarter, aspect, knots, knot_size, seed)
    if regions is None:  # no label, and the whole tile is its board
        corners[:], first = 0, first[1:]
    return Logs(
        corners.astype(np.float32),
        np.concatenate([ids[:1] if n else np.zeros(1, np.uint32), ids]).astype(np.uint32),
        logs.astype(np.float32),
        np.concatenate([[0], tables]).astype(np.int64),
        first,
        pieces,
        _years(max(1, min(n, TALLY)), count, year_jitter, seed),
    )


def _bends(band: Band, ring_width: float, waviness: float, seed: int) -> tuple[np.ndarray, ...]:
    """Return periods, amplitudes, hash streams of the octaves that bend a log, and which of them do so in depth."""
    size = ring_width / band.width
    found = []
    for number, (along, across, octaves, amplitude, inward) in enumerate(WARPS):
        weights = 0.5 ** np.arange(octaves)
        scale = 0.5 * amplitude * size * waviness / (SIGMA["perlin"] * math.sqrt(float((weights**2).sum())))
        for k in range(octaves):
            cells = max(1, round(2**k / (along * size)))
            down = max(1, round(2**k * band.height / band.width / (across * size)))
            seen = visible(min(band.width / cells, band.height / down))
            if seen:
                found.append(
                    (cells, down, weights[k] * scale * seen, stream(stream(seed, WARP), 16 * number + k), inward)
                )
    columns = list(zip(*found, strict=True)) or [[], [], [], [], []]
    periods = np.stack([np.array(columns[0], np.float32), np.array(columns[1], np.float32)], axis=1)
    return (
        periods.reshape(-1, 2),
        np.array(columns[2], np.float32),
        np.array(columns[3], np.uint32),
        np.array(columns[4], np.bool_),
    )


def _profile_means(share: float, uneven: float) -> np.ndarray:
    """Return the mean of late and of early wood over a ring, for rings too fine to be seen."""
    f = (np.arange(512) + 0.5) / 512

    def step(low: float, high: float) -> np.ndarray:
        t = np.clip((f - low) / (high - low), 0, 1)
        return t * t * (3 - 2 * t)

    late = step(0.5 * share, 0.97) ** 1.5 + step(0.08, 0)
    return np.array([late.mean() * (1 - uneven / 2), step(1.1 * share, 0.2 * share).mean()], np.float32)


NONE, NONE_2 = np.empty((0, 0), np.float32), np.empty((0, 0, 2), np.float32)


@node(prepare=_saw, carries="opaque", bound=0.05)
def growth_rings(
    band: Band,
    ring_width: Annotated[float, Length(0.001, 0.1)] = 0.0047,
    year_jitter: Share = 0.4,
    early_share: Annotated[float, Range(0.1, 0.9)] = 0.5,
    contrast_jitter: Share = 0.65,
    pith: Annotated[float, Length(0.0, 0.5)] = 0.043,
    tilt: Annotated[float, Angle(0.0, 15.0)] = 4.0,
    waviness: Annotated[float, Range(0.0, 2.0)] = 1.0,
    quarter_sawn: Share = 0.25,
    knots: Annotated[float, Range(0.0, 8.0)] = 1.5,
    knot_size: Annotated[float, Length(0.0, 0.1)] = 0.025,
    seed: Seed = 0,
    regions: Regions | None = None,
    local: Flow | None = None,
    prepared: Logs | None = None,
) -> GrowthRings:
    """The year rings of wood: each board is a cut through its own log, a warped cone of rings with knots in it.

    Flat sawn boards show arches, quarter sawn ones lines, and the grain parts round knots. Without `regions`, say of
    `planks`, one log fills the tile and closes upon itself, so that it tiles. `late` and `early` are averaged over
    each pixel and fade to their mean where rings are finer than two pixels; `ring`, the place in the ring from 0 to 1,
    and `random`, a tone for each ring, are not. Rings follow one another outwards, whatever the noise, and never close
    into islands. `flow` is the place along the board and across, bent with the grain, in widths of the tile:
    coordinates for fibres and pores. `knot` is the distance from the nearest knot, 1/8 at its edge and 1 from 8 of its
    radii on, `knot_angle` the way from its middle as a part of a turn, `knot_size` its radius against the largest.

    Parameters
    ----------
    ring_width : mean width of a year, seen square; boards differ by a quarter either way; waves grow with it
    year_jitter : how unlike fat and lean years are
    early_share : how much of a ring the early wood takes
    contrast_jitter : how much fainter the late wood of the faintest year is
    pith : mean depth of the pith under flat sawn boards; quarter sawn ones lie four times as far beside it
    tilt : steepest angle between a board and its log, which draws the arches out or together
    waviness : how far the log is bent and dented
    quarter_sawn : share of the boards that are quarter sawn; they have no knots
    knots : how many a board as long as the tile has, in the mean
    knot_size : radius of the largest
    regions : the boards
    local : place along a board and across, from its middle, in widths of the tile
    """
    assert prepared is not None
    aspect = band.height / band.width
    labels = np.zeros((band.rows, band.width), np.int32) if regions is None else np.ascontiguousarray(regions.labels)
    made = {
        name: band.empty(name, 2 if name == "flow" else 1) if band.wants(name) else (NONE_2 if name == "flow" else NONE)
        for name in GrowthRings._fields
    }
    board_rows(
        NONE_2 if local is None else np.ascontiguousarray(local),
        labels,
        prepared.corners,
        prepared.ids,
        prepared.logs,
        prepared.tables,
        prepared.first,
        prepared.knots,
        prepared.years,
        *_bends(band, ring_width, waviness, seed),
        np.uint32(stream(seed, RING_TONE)),
        np.uint32(stream(seed, KNOT_SHAPE)),
        f32(early_share),
        f32(contrast_jitter),
        _profile_means(early_share, contrast_jitter),
        regions is None,
        band.top,
        f32(band.height),
        f32(aspect),
        f32(max(knot_size / band.width, 1e-5)),
        *(made[name] for name in ("radius", "ring", "random", "late", "early", "tangential", "flow")),
        *(made[name] for name in ("knot", "knot_angle", "knot_size")),
    )
    return GrowthRings(**made)
