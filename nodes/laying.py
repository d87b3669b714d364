"""What patterns of laid pieces share: their outputs, the boxes in their lots, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Band, Flow, Gray, Range
from nodes.kernels import f32
from nodes.kernels.bonds import Cells, Lots, lots_of, touching
from nodes.kernels.courses import cover, draw, label, look_up_cells
from nodes.kernels.hash import hash_array, stream, uniform_array
from nodes.kernels.section import rise

Profile = Literal["linear", "round", "smooth", "hollow"]
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


def row_edges(rows: int, jitter: float, seed: int) -> tuple[float, np.ndarray]:
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


def laid(
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


def courses(band: Band, cells: Cells, seed: int, gap: float, **shape: float) -> Courses:
    """Return a box in each cell."""
    count = len(cells.row)
    return laid(band, lots_of(cells), cells, np.arange(count), np.zeros(count), seed, gap, **shape)


def places(
    band: Band, courses: Courses, offset: np.ndarray | None, local: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return each pixel's depth, region, and its uv and place there where they are wanted; the place if `local` too."""
    cells = courses.cells
    shape = (band.rows, band.width)
    none = np.empty((0, 0, 2), np.float32)
    depth, cell = np.empty(shape, np.float32), np.empty(shape, np.int32)
    uv = band.empty("uv", 2) if band.wants("uv") else none
    place = band.empty("local", 2) if local or band.wants("local") else none
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
        place,
    )
    return depth, cell, uv, place


def drawn(band: Band, courses: Courses, bevel: float, profile: Profile, offset: np.ndarray | None) -> Pattern:
    """Return the rows of a band of a pattern."""
    made = places(band, courses, offset)
    return finished(band, *made, courses.tone, courses.table, courses.neighbours, bevel, profile)


def finished(
    band: Band,
    depth: np.ndarray,
    cell: np.ndarray,
    uv: np.ndarray,
    local: np.ndarray,
    tone: np.ndarray,
    table: dict[str, np.ndarray],
    neighbours: np.ndarray,
    bevel: float,
    profile: Profile,
) -> Pattern:
    """Return the outputs of a pattern, from how deep each pixel lies inside its cell in pixels and which cell it is."""
    deep, depth, cell = depth, depth.reshape(-1), cell.reshape(-1)
    height, mask, random, clamped = (band.empty(name) for name in ("height", "mask", "random", "depth"))
    labels = np.empty(deep.shape, np.int32)
    if band.wants("height"):
        rise(depth, bevel, 1.0, profile, height)
    if band.wants("mask"):
        cover(depth, mask.reshape(-1))
    if band.wants("random"):
        look_up_cells(cell, tone, random.reshape(-1))
    if band.wants("regions"):
        label(depth, cell, labels.reshape(-1))
    if band.wants("depth"):
        np.clip(deep * f32(1 / band.width), f32(-DEEPEST), f32(DEEPEST), out=clamped)
    return Pattern(height, mask, Regions(labels, table, neighbours), uv, random, local, clamped)
