"""Patterns laid in courses: bricks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Angle, Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.courses import cover, draw, label, look_up_cells
from nodes.kernels.hash import hash_array, stream, uniform_array
from nodes.kernels.section import rise

Profile = Literal["linear", "round", "smooth", "hollow"]
Share = Annotated[float, Range(0.0, 1.0)]

JOINTS, COURSES, SPLIT, SPLIT_SIDE, TURN, PLACE_X, PLACE_Y, TAPER, CORNER, TONE, SHIFT, COUNT = range(12)
"""One stream of randomness for each use, so that turning one on leaves the others as they are."""
ID_STREAM = 0xB1


class Pattern(NamedTuple):
    height: Gray
    mask: Gray
    regions: Regions
    uv: Flow
    random: Gray


@dataclass(frozen=True)
class Cells:
    """Rows of cells that fill the tile: where they lie, before anything is drawn in them.

    origin : where the first row begins; edges : (rows + 1) from 0 to 1, from there.
    starts : (rows) where each row's first cell begins; row, low, high : of each cell, low and high from that start.
    name : of each cell, a number that stays its own when others change.
    """

    origin: float
    edges: np.ndarray
    starts: np.ndarray
    row: np.ndarray
    low: np.ndarray
    high: np.ndarray
    name: np.ndarray


@dataclass(frozen=True)
class Courses:
    """Cells with a box in each, ready to draw."""

    cells: Cells
    first: np.ndarray
    boxes: np.ndarray
    tone: np.ndarray
    table: dict[str, np.ndarray]
    neighbours: np.ndarray


def _row_edges(rows: int, jitter: float, seed: int) -> tuple[float, np.ndarray]:
    """Return where the first row begins and the rows' edges from there; each moves by at most 0.4 of a row."""
    moved = (np.arange(rows) + 0.8 * jitter * (uniform_array(np.arange(rows), 0, stream(seed, COURSES)) - 0.5)) / rows
    return float(moved[0]), np.append(moved - moved[0], 1.0)


def _boxes(
    band: Band,
    cells: Cells,
    gap: float,
    rounding: float,
    rounding_jitter: float,
    angle_jitter: float,
    position_jitter: float,
    taper: float,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n, 8) boxes in the cells, as `draw` takes them, and the angle of each."""
    random = [uniform_array(cells.name, cells.row, stream(seed, use)).astype(np.float64) for use in range(12)]
    height = np.diff(cells.edges)[cells.row] * band.height
    a, b = ((cells.high - cells.low) * band.width - gap) / 2, (height - gap) / 2
    small = np.minimum(a, b) <= 0
    # A turned box must stay in its cell, so it shrinks; the steepest turn leaves half of it.
    limit = np.arctan(0.5 * np.where(small, 0, np.minimum(a, b) / np.maximum(np.maximum(a, b), 1e-9)))
    angle = np.clip(angle_jitter * (2 * random[TURN] - 1), -limit, limit)
    c, s = np.cos(angle), np.abs(np.sin(angle))
    a, b = (a * c - b * s) / (c * c - s * s), (b * c - a * s) / (c * c - s * s)
    wedge = taper * (2 * random[TAPER] - 1)
    thin = b * (1 - np.abs(wedge))
    radius = np.clip(rounding * (1 + rounding_jitter * (2 * random[CORNER] - 1)), 0, np.maximum(np.minimum(a, thin), 0))
    play = position_jitter * gap / 2
    x = (cells.low + cells.high) / 2 * band.width + play * (2 * random[PLACE_X] - 1)
    y = cells.edges[cells.row] * band.height + height / 2 + play * (2 * random[PLACE_Y] - 1)
    middle = b * (1 - np.abs(wedge) / 2)
    slope = np.where(small, 0, b * wedge / 2 / np.where(small, 1, a))
    return np.stack([x, y, a, middle, slope, np.cos(angle), np.sin(angle), radius], axis=1), angle


def _table(band: Band, cells: Cells, boxes: np.ndarray, angle: np.ndarray) -> dict[str, np.ndarray]:
    """Return the region table of the boxes."""
    size = np.array([band.width, band.height])
    x, y, a, b, slope, c, s, radius = boxes.T
    a, b = np.maximum(a, 0), np.maximum(b, 0)
    high = b + np.abs(slope) * a
    half = np.stack([a * c + high * np.abs(s), a * np.abs(s) + high * c], axis=1) / size
    centre = np.stack([x / band.width + cells.starts[cells.row], y / band.height + cells.origin], axis=1)
    corner = centre - half
    centre, corner = centre - np.floor(corner), corner - np.floor(corner)
    upright = np.where(high > a, np.pi / 2, 0.0)
    return {
        "id": hash_array(cells.name, cells.row, ID_STREAM),
        "bbox": np.concatenate([corner, 2 * half], axis=1).astype(np.float32),
        "centroid": centre.astype(np.float32),
        "area": ((4 * a * b - (4 - np.pi) * radius**2) / (band.width * band.height)).astype(np.float32),
        "angle": (angle + upright).astype(np.float32),
    }


def _neighbours(cells: Cells, first: np.ndarray) -> np.ndarray:
    """Return the pairs of labels of cells that share an edge, sorted."""
    rows, length = len(cells.starts), cells.high - cells.low
    pairs = []
    for row in range(rows):
        here = np.arange(first[row], first[row + 1])
        pairs.append(np.stack([here, np.roll(here, -1)], axis=1))
        below = (row + 1) % rows
        there = np.arange(first[below], first[below + 1])
        start, end = cells.starts[row] + cells.low[here, None], cells.starts[below] + cells.low[there]
        ahead, behind = (end - start) % 1.0, (start - end) % 1.0
        touch = (ahead < length[here, None] - 1e-6) | (behind < length[there] - 1e-6)
        i, k = np.nonzero(touch)
        pairs.append(np.stack([here[i], there[k]], axis=1))
    found = np.sort(np.concatenate(pairs), axis=1) + 1
    return np.unique(found[found[:, 0] != found[:, 1]], axis=0).astype(np.int32)


def _courses(band: Band, cells: Cells, seed: int, gap: float, **shape: float) -> Courses:
    first = np.searchsorted(cells.row, np.arange(len(cells.starts) + 1)).astype(np.int64)
    boxes, angle = _boxes(band, cells, gap, seed=seed, **shape)
    tone = uniform_array(cells.name, cells.row, stream(seed, TONE))
    return Courses(
        cells, first, boxes.astype(np.float32), tone, _table(band, cells, boxes, angle), _neighbours(cells, first)
    )


def _drawn(band: Band, courses: Courses, bevel: float, profile: Profile, offset: np.ndarray | None) -> Pattern:
    """Return the rows of a band of a pattern."""
    cells = courses.cells
    shape = (band.rows, band.width)
    none = np.empty((0, 0, 2), np.float32)
    depth, cell = np.empty(shape, np.float32), np.empty(shape, np.int32)
    uv = band.empty("uv", 2) if band.wants("uv") else none
    draw(
        cells.edges.astype(np.float32),
        cells.starts.astype(np.float32),
        courses.first,
        cells.high.astype(np.float32),
        f32(cells.origin),
        courses.boxes,
        none if offset is None else offset,
        band.top,
        f32(band.height),
        f32(band.width),
        depth,
        cell,
        uv,
    )
    depth, cell = depth.reshape(-1), cell.reshape(-1)
    height, mask, random = band.empty("height"), band.empty("mask"), band.empty("random")
    labels = np.empty(shape, np.int32)
    if band.wants("height"):
        rise(depth, bevel, 1.0, profile, height)
    if band.wants("mask"):
        cover(depth, mask.reshape(-1))
    if band.wants("random"):
        look_up_cells(cell, courses.tone, random.reshape(-1))
    if band.wants("regions"):
        label(depth, cell, labels.reshape(-1))
    return Pattern(height, mask, Regions(labels, courses.table, courses.neighbours), uv, random)


def _row_shifts(rows: int, bond: str, shift: float, seed: int) -> np.ndarray:
    """Return how far each row is shifted, in bricks, such that the last row meets the first."""
    row = np.arange(rows)
    if bond == "stack":
        return np.zeros(rows)
    if bond == "random":
        return uniform_array(row, 0, stream(seed, SHIFT)).astype(np.float64)
    if rows % 2 == 0:
        return shift * (row % 2)
    return row * (np.ceil(shift * rows - 0.5) / rows)


def _lay_bricks(
    band: Band,
    columns: int,
    rows: int,
    shift: float,
    bond: str,
    mortar: float,
    rounding: float,
    rounding_jitter: float,
    length_jitter: float,
    row_jitter: float,
    position_jitter: float,
    angle_jitter: float,
    taper: float,
    split: float,
    split_place: float,
    seed: int,
) -> Courses:
    origin, edges = _row_edges(rows, row_jitter, seed)
    row, column = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
    moved = 0.8 * length_jitter * (uniform_array(column, row, stream(seed, JOINTS)) - 0.5)
    joints = ((column + moved) / columns).reshape(rows, columns)
    starts = (joints[:, 0] + _row_shifts(rows, bond, shift, seed) / columns) % 1.0
    joints = np.append(joints - joints[:, :1], np.ones((rows, 1)), axis=1)
    low, high = joints[:, :-1].reshape(-1), joints[:, 1:].reshape(-1)
    cut = uniform_array(column, row, stream(seed, SPLIT)) < split
    nearer = uniform_array(column, row, stream(seed, SPLIT_SIDE)) < 0.5
    middle = low + (high - low) * np.where(nearer, split_place, 1 - split_place)
    # Two places for each brick, the second used by the other part of a split one.
    used = np.stack([np.ones_like(cut), cut], axis=1)
    cells = Cells(
        origin,
        edges,
        starts,
        np.repeat(row, 2)[used.reshape(-1)],
        np.stack([low, middle], axis=1)[used],
        np.stack([np.where(cut, middle, high), high], axis=1)[used],
        np.stack([2 * column, 2 * column + 1], axis=1)[used],
    )
    return _courses(
        band,
        cells,
        seed,
        mortar,
        rounding=rounding,
        rounding_jitter=rounding_jitter,
        angle_jitter=angle_jitter,
        position_jitter=position_jitter,
        taper=taper,
    )


@node(prepare=_lay_bricks, carries="opaque")
def bricks(
    band: Band,
    columns: Annotated[int, Range(1, 64)] = 6,
    rows: Annotated[int, Range(1, 128)] = 12,
    shift: Share = 0.5,
    bond: Literal["running", "stack", "random"] = "running",
    mortar: Annotated[float, Length(0.0, 0.1)] = 0.008,
    rounding: Annotated[float, Length(0.0, 0.2)] = 0.004,
    rounding_jitter: Share = 0.0,
    bevel: Annotated[float, Length(0.0, 0.2)] = 0.006,
    profile: Profile = "round",
    length_jitter: Share = 0.0,
    row_jitter: Share = 0.0,
    position_jitter: Share = 0.0,
    angle_jitter: Annotated[float, Angle(0.0, 30.0)] = 0.0,
    taper: Share = 0.0,
    split: Share = 0.0,
    split_place: Annotated[float, Range(0.1, 0.9)] = 0.35,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Courses | None = None,
) -> Pattern:
    """Bricks in courses, with mortar between them.

    Every brick stays within its joints whatever the jitters, so mortar never gets thinner than nothing and no brick
    covers another. With an odd number of rows, rows cannot alternate: each is then shifted against the one above by
    the multiple of 1/rows nearest to `shift`, and the tile still closes. `uv` and `random` go on under the mortar, so
    that they can be mixed by `mask`; `regions` has the bricks alone.

    Parameters
    ----------
    shift : of every second row in the running bond, in bricks
    bond : running shifts every second row, stack none, random each by its own amount
    mortar : width of the joints
    rounding : radius of the corners
    rounding_jitter : how much that radius differs, as a share of it
    bevel : how far inside the edge the full height is reached
    profile : the section of the bevel
    length_jitter : how far upright joints move; 1 is 0.4 of a brick either way
    row_jitter : how far the joints between rows move; 1 is 0.4 of a row either way
    position_jitter : how far a brick moves within its joints; 1 until it may touch
    angle_jitter : turns bricks by up to this, either way; they shrink to stay in their joints
    taper : how much one end may be thinner than the other; 1 to a point
    split : share of the bricks that are broken in two
    split_place : where they break, from either end
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    return _drawn(band, prepared, bevel, profile, offset)
