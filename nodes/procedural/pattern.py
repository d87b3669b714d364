"""Patterns laid in courses: bricks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Angle, Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.bonds import Cells, Lots, basket, herringbone, lots_of, slabs, split as break_lots, touching
from nodes.kernels.courses import cover, draw, label, look_up_cells
from nodes.kernels.hash import hash_array, stream, uniform_array
from nodes.kernels.section import rise

Profile = Literal["linear", "round", "smooth", "hollow"]
Bond = Literal["running", "stack", "random", "flemish", "english", "herringbone", "basket"]
Share = Annotated[float, Range(0.0, 1.0)]

JOINTS, COURSES, SPLIT, SPLIT_SIDE, TURN, PLACE_X, PLACE_Y, TAPER, CORNER, TONE, SHIFT, COUNT = range(12)
"""One stream of randomness for each use, so that turning one on leaves the others as they are."""
ID_STREAM = 0xB1


DEEPEST = 0.1
"""What the output `depth` is clamped to either side, in fractions of the tile."""


class Pattern(NamedTuple):
    height: Gray
    mask: Gray
    regions: Regions
    uv: Flow
    random: Gray
    local: Flow
    depth: Gray


@dataclass(frozen=True)
class Courses:
    """Rows of cells with the box of each, ready to draw; `owner` is the region that a cell belongs to."""

    cells: Cells
    first: np.ndarray
    owner: np.ndarray
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
    lots: Lots,
    gap: float,
    rounding: float,
    rounding_jitter: float,
    angle_jitter: float,
    position_jitter: float,
    taper: float,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n, 8) boxes in the lots, as `draw` takes them but from each lot's corner, and the angle of each."""
    random = [uniform_array(lots.name, lots.row, stream(seed, use)).astype(np.float64) for use in range(12)]
    wide, high = lots.wide * band.width, lots.high * band.height
    a, b = (wide - gap) / 2, (high - gap) / 2
    a, b = np.where(lots.upright, b, a), np.where(lots.upright, a, b)
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
    x = wide / 2 + play * (2 * random[PLACE_X] - 1)
    y = high / 2 + play * (2 * random[PLACE_Y] - 1)
    middle = b * (1 - np.abs(wedge) / 2)
    slope = np.where(small, 0, b * wedge / 2 / np.where(small, 1, a))
    angle = angle + np.where(lots.upright, np.pi / 2, 0)
    return np.stack([x, y, a, middle, slope, np.cos(angle), np.sin(angle), radius], axis=1), angle


def _table(band: Band, lots: Lots, boxes: np.ndarray, angle: np.ndarray) -> dict[str, np.ndarray]:
    """Return the region table of the boxes."""
    size = np.array([band.width, band.height])
    x, y, a, b, slope, c, s, radius = boxes.T
    a, b, c, s = np.maximum(a, 0), np.maximum(b, 0), np.abs(c), np.abs(s)
    high = b + np.abs(slope) * a
    half = np.stack([a * c + high * s, a * s + high * c], axis=1) / size
    centre = np.stack([x / band.width + lots.left, y / band.height + lots.top], axis=1)
    corner = centre - half
    centre, corner = centre - np.floor(corner), corner - np.floor(corner)
    across = np.where(high > a, np.pi / 2, 0.0)
    return {
        "id": hash_array(lots.name, lots.row, ID_STREAM),
        "bbox": np.concatenate([corner, 2 * half], axis=1).astype(np.float32),
        "centroid": centre.astype(np.float32),
        "area": ((4 * a * b - (4 - np.pi) * radius**2) / (band.width * band.height)).astype(np.float32),
        "angle": (angle + across).astype(np.float32),
    }


def _laid(
    band: Band, lots: Lots, cells: Cells, owner: np.ndarray, sunk: np.ndarray, seed: int, gap: float, **shape: float
) -> Courses:
    """Return the boxes of the lots in the cells they are cut into; `sunk` as `slabs` gives it."""
    first = np.searchsorted(cells.row, np.arange(len(cells.starts) + 1)).astype(np.int64)
    boxes, angle = _boxes(band, lots, gap, seed=seed, **shape)
    placed = boxes[owner]
    placed[:, 0] += cells.low * band.width
    placed[:, 1] += (cells.edges[cells.row] - sunk) * band.height
    tone = uniform_array(lots.name, lots.row, stream(seed, TONE))
    table, pairs = _table(band, lots, boxes, angle), touching(cells, first, owner)
    return Courses(cells, first, owner.astype(np.int32), placed.astype(np.float32), tone, table, pairs)


def _courses(band: Band, cells: Cells, seed: int, gap: float, **shape: float) -> Courses:
    """Return a box in each cell."""
    count = len(cells.row)
    return _laid(band, lots_of(cells), cells, np.arange(count), np.zeros(count), seed, gap, **shape)


def _drawn(band: Band, courses: Courses, bevel: float, profile: Profile, offset: np.ndarray | None) -> Pattern:
    """Return the rows of a band of a pattern."""
    cells = courses.cells
    shape = (band.rows, band.width)
    none = np.empty((0, 0, 2), np.float32)
    depth, cell = np.empty(shape, np.float32), np.empty(shape, np.int32)
    uv, local = (band.empty(name, 2) if band.wants(name) else none for name in ("uv", "local"))
    draw(
        cells.edges.astype(np.float32),
        cells.starts.astype(np.float32),
        courses.first,
        cells.high.astype(np.float32),
        courses.owner,
        f32(cells.origin),
        courses.boxes,
        none if offset is None else offset,
        band.top,
        f32(band.height),
        f32(band.width),
        depth,
        cell,
        uv,
        local,
    )
    deep, depth, cell = depth, depth.reshape(-1), cell.reshape(-1)
    height, mask, random, clamped = (band.empty(name) for name in ("height", "mask", "random", "depth"))
    labels = np.empty(shape, np.int32)
    if band.wants("height"):
        rise(depth, bevel, 1.0, profile, height)
    if band.wants("mask"):
        cover(depth, mask.reshape(-1))
    if band.wants("random"):
        look_up_cells(cell, courses.tone, random.reshape(-1))
    if band.wants("regions"):
        label(depth, cell, labels.reshape(-1))
    if band.wants("depth"):
        np.clip(deep * f32(1 / band.width), f32(-DEEPEST), f32(DEEPEST), out=clamped)
    return Pattern(height, mask, Regions(labels, courses.table, courses.neighbours), uv, random, local, clamped)


def _row_lengths(row: int, columns: int, bond: Bond) -> np.ndarray:
    """Return the lengths of a row's bricks, before any jitter."""
    if bond == "flemish":
        return np.tile([2.0, 1.0], columns) / (3 * columns)
    if bond == "english" and row % 2:
        return np.full(2 * columns, 1 / (2 * columns))
    return np.full(columns, 1 / columns)


def _row_shifts(rows: int, bond: Bond, shift: float, seed: int) -> np.ndarray:
    """Return how far each row is shifted, in bricks (Flemish: pairs), such that the last row meets the first."""
    row = np.arange(rows)
    if bond == "stack":
        return np.zeros(rows)
    if bond == "random":
        return uniform_array(row, 0, stream(seed, SHIFT)).astype(np.float64)
    if bond == "english":
        # Headers lie on the middle and on the joints of stretchers; the odd row out covers the first row's joints.
        shifts = 0.25 * (row % 2)
        if rows % 2 and rows > 1:
            shifts[-1] = 0.5
        return shifts
    shift = 0.5 if bond == "flemish" else shift
    if rows % 2 == 0:
        return shift * (row % 2)
    return row * (np.ceil(shift * rows - 0.5) / rows)


def _lay_rows(
    columns: int, rows: int, shift: float, bond: Bond, lengthwise: float, crosswise: float, seed: int
) -> Lots:
    """Return the lots of a bond that is laid in rows."""
    origin, edges = _row_edges(rows, crosswise, seed)
    shifts = _row_shifts(rows, bond, shift, seed) / columns
    starts, row, low, high, name = [], [], [], [], []
    for y in range(rows):
        lengths = _row_lengths(y, columns, bond)
        k = np.arange(len(lengths))
        moved = 0.8 * lengthwise * (uniform_array(k, y, stream(seed, JOINTS)) - 0.5)
        joints = np.cumsum(lengths) - lengths + moved * np.minimum(lengths, np.roll(lengths, 1))
        starts.append((joints[0] + shifts[y]) % 1.0)
        ends = np.append(joints - joints[0], 1.0)
        row.append(np.full(len(k), y))
        low.append(ends[:-1])
        high.append(ends[1:])
        name.append(2 * k)
    joined = (np.concatenate(part) for part in (row, low, high, name))
    return lots_of(Cells(origin, edges, np.array(starts), *joined))


def _lay_squares(columns: int, rows: int, bond: Bond, lengthwise: float, crosswise: float, seed: int) -> Lots:
    """Return the lots of a bond whose bricks lie and stand, each two squares of a grid."""
    columns, rows = 4 * -(-columns // 2), 4 * -(-rows // 4)
    origin, edges = _row_edges(rows, crosswise, seed)
    k = np.arange(columns)
    lines = (k + 0.8 * lengthwise * (uniform_array(k, 0, stream(seed, JOINTS)).astype(np.float64) - 0.5)) / columns
    lay = herringbone if bond == "herringbone" else basket
    return lay(np.append(lines, lines[0] + 1), edges + origin)


def _lay_bricks(
    band: Band,
    columns: int,
    rows: int,
    shift: float,
    bond: Bond,
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
    if bond in ("herringbone", "basket"):
        lots = _lay_squares(columns, rows, bond, length_jitter, row_jitter, seed)
    else:
        lots = _lay_rows(columns, rows, shift, bond, length_jitter, row_jitter, seed)
    column = lots.name // 2
    cut = uniform_array(column, lots.row, stream(seed, SPLIT)) < split
    nearer = uniform_array(column, lots.row, stream(seed, SPLIT_SIDE)) < 0.5
    lots = break_lots(lots, cut, np.where(nearer, split_place, 1 - split_place))
    return _laid(
        band,
        lots,
        *slabs(lots),
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
    bond: Bond = "running",
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
    """Bricks in one of seven bonds, with mortar between them.

    Every brick stays within its joints whatever the jitters, so mortar never gets thinner than nothing and no brick
    covers another. With an odd number of rows, rows cannot alternate: each is then shifted against the one above by
    the multiple of 1/rows nearest to `shift`, and the tile still closes. Herringbone and basket are laid on a grid of
    squares, two to a brick, `rows` squares high; `columns` is rounded up to even there and `rows` to a multiple of 4.

    `uv`, `random` and `local` go on under the mortar, so that they can be mixed by `mask`; `regions` has the bricks
    alone. `local` is the place from the brick's middle along its own axes, in widths of the tile. `depth` is the
    distance to the brick's edge in widths of the tile, positive inside, within -0.1 and 0.1.

    Parameters
    ----------
    columns : bricks across; in the Flemish bond pairs of a long and a short one, in the English the long ones
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
