"""Patterns of rectangles: bricks, stones and panels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Angle, Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.ashlar import broken, coursed, halved, on_lines, packed
from nodes.kernels.bolts import add_bolts
from nodes.kernels.bonds import Cells, Lots, basket, herringbone, lots_of, slabs, split as break_lots
from nodes.kernels.hash import stream, uniform_array
from nodes.laying import (
    JOINTS,
    SHIFT,
    SPLIT,
    SPLIT_SIDE,
    Courses,
    Pattern,
    Profile,
    Share,
    drawn,
    finished,
    laid,
    places,
    row_edges,
)

Bond = Literal["running", "stack", "random", "flemish", "english", "herringbone", "basket"]
Rule = Literal["ashlar", "coursed", "broken"]

BOLTED, RAISED = 20, 21
"""Further streams of randomness, after those that all patterns share."""


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
    origin, edges = row_edges(rows, crosswise, seed)
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
    origin, edges = row_edges(rows, crosswise, seed)
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
    return laid(
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
    return drawn(band, prepared, bevel, profile, offset)


def _lay_uneven(
    band: Band,
    columns: int,
    rows: int,
    longest: int,
    tallest: int,
    rule: Rule,
    mortar: float,
    rounding: float,
    rounding_jitter: float,
    length_jitter: float,
    row_jitter: float,
    position_jitter: float,
    angle_jitter: float,
    taper: float,
    seed: int,
) -> Courses:
    lay = {"ashlar": packed, "coursed": coursed, "broken": broken}[rule]
    blocks = lay(columns, rows, longest, tallest, seed)
    origin, edges = row_edges(rows, row_jitter, seed)
    k = np.arange(columns)
    lines = (k + 0.8 * length_jitter * (uniform_array(k, 0, stream(seed, JOINTS)).astype(np.float64) - 0.5)) / columns
    lots = on_lines(blocks, np.append(lines, lines[0] + 1), edges + origin, band.height / band.width)
    return laid(
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


@node(prepare=_lay_uneven, carries="opaque")
def uneven_bricks(
    band: Band,
    columns: Annotated[int, Range(1, 64)] = 12,
    rows: Annotated[int, Range(1, 64)] = 12,
    longest: Annotated[int, Range(1, 16)] = 4,
    tallest: Annotated[int, Range(1, 16)] = 2,
    rule: Rule = "ashlar",
    mortar: Annotated[float, Length(0.0, 0.1)] = 0.008,
    rounding: Annotated[float, Length(0.0, 0.2)] = 0.006,
    rounding_jitter: Share = 0.5,
    bevel: Annotated[float, Length(0.0, 0.2)] = 0.012,
    profile: Profile = "round",
    length_jitter: Share = 0.4,
    row_jitter: Share = 0.3,
    position_jitter: Share = 0.0,
    angle_jitter: Annotated[float, Angle(0.0, 30.0)] = 0.0,
    taper: Share = 0.0,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Courses | None = None,
) -> Pattern:
    """Bricks, stones or slabs of unlike length and height, in a wall or a floor without a crack between them.

    All lie on a grid of units, `columns` by `rows`; a brick takes up to `longest` units by `tallest`. Its lines are
    shared by the bricks beside them, so whatever the jitters no brick covers another. The outputs are those of
    `bricks`.

    Parameters
    ----------
    columns, rows : units across and down the tile
    longest, tallest : the largest brick, in units
    rule : ashlar puts bricks side by side as they come, coursed in rows, broken breaks large blocks across
    mortar : width of the joints
    rounding : radius of the corners
    rounding_jitter : how much that radius differs, as a share of it
    bevel : how far inside the edge the full height is reached
    profile : the section of the bevel
    length_jitter : how far the upright lines of the grid move; 1 is 0.4 of a unit either way
    row_jitter : how far the level lines move; 1 is 0.4 of a unit either way
    position_jitter : how far a brick moves within its joints; 1 until it may touch
    angle_jitter : turns bricks by up to this, either way; they shrink to stay in their joints
    taper : how much one end may be thinner than the other; 1 to a point
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    return drawn(band, prepared, bevel, profile, offset)


class Panels(NamedTuple):
    height: Gray
    mask: Gray
    regions: Regions
    uv: Flow
    random: Gray
    local: Flow
    depth: Gray
    bolts: Gray


@dataclass(frozen=True)
class Plating:
    """Panels laid, and where the bolts of each lie, as `add_bolts` takes them."""

    courses: Courses
    bolts: np.ndarray
    level: np.ndarray


def _lay_panels(
    band: Band,
    columns: int,
    rows: int,
    largest: int,
    levels: int,
    split: float,
    gap: float,
    rounding: float,
    raised: float,
    bolted: float,
    bolt_size: float,
    bolt_inset: float,
    bolt_spacing: float,
    seed: int,
) -> Plating:
    ratio = band.height / band.width
    blocks = packed(columns, rows, largest, largest, seed)
    lots = on_lines(blocks, np.arange(columns + 1) / columns, np.arange(rows + 1) / rows, ratio)
    lots = halved(lots, levels, split, 0.16 / columns, ratio, seed)
    plain = {"rounding_jitter": 0.0, "angle_jitter": 0.0, "position_jitter": 0.0, "taper": 0.0}
    made = laid(band, lots, *slabs(lots), seed, gap, rounding=rounding, **plain)
    # A box lies along its longer side, so the first half is that one.
    wide, high = lots.wide * band.width, lots.high * band.height
    long, short = np.where(lots.upright, high, wide), np.where(lots.upright, wide, high)
    across, down = (long - gap) / 2 - bolt_inset, (short - gap) / 2 - bolt_inset
    steps = [
        2 * half / np.maximum(np.rint(2 * half / max(bolt_spacing, 2.5 * bolt_size, 1e-6)), 1)
        for half in (across, down)
    ]
    has = (uniform_array(lots.name, lots.row, stream(seed, BOLTED)) < bolted) & (np.minimum(across, down) > bolt_size)
    bolts = np.where(has[:, None], np.stack([across, down, *steps], axis=1), 0)
    level = 1 - raised * uniform_array(lots.name, lots.row, stream(seed, RAISED))
    return Plating(made, bolts.astype(np.float32), level.astype(np.float32))


@node(prepare=_lay_panels, carries="opaque")
def panels(
    band: Band,
    columns: Annotated[int, Range(1, 16)] = 4,
    rows: Annotated[int, Range(1, 16)] = 4,
    largest: Annotated[int, Range(1, 8)] = 2,
    levels: Annotated[int, Range(0, 6)] = 4,
    split: Share = 0.6,
    gap: Annotated[float, Length(0.0, 0.05)] = 0.006,
    rounding: Annotated[float, Length(0.0, 0.1)] = 0.006,
    bevel: Annotated[float, Length(0.0, 0.1)] = 0.004,
    profile: Profile = "linear",
    raised: Share = 0.5,
    bolted: Share = 0.35,
    bolt_size: Annotated[float, Length(0.0, 0.05)] = 0.004,
    bolt_inset: Annotated[float, Length(0.0, 0.1)] = 0.012,
    bolt_spacing: Annotated[float, Length(0.0, 0.5)] = 0.06,
    bolt_height: Share = 0.15,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Plating | None = None,
) -> Panels:
    """Panels of a hull, a machine or a facade: plates of a few sizes, broken up again and again, some of them bolted.

    Plates of up to `largest` units lie on a grid; a share of them is broken at the half, a third or a quarter, and the
    parts again. `bolts` are round heads, set in from the edges, in every corner and evenly between. The other outputs
    are those of `bricks`.

    Parameters
    ----------
    columns, rows : units across and down the tile
    largest : side of the largest plate, in units
    levels : how often plates are broken up
    split : share of the plates that are, each time
    gap : between plates
    rounding : radius of the corners
    bevel : how far inside the edge the full height is reached
    profile : the section of the bevel
    raised : how much plates differ in height
    bolted : share of the plates that have bolts
    bolt_size : radius of a bolt's head
    bolt_inset : from a plate's edge to the middle of its bolts
    bolt_spacing : from bolt to bolt, about; never nearer than their heads
    bolt_height : how far heads rise over their plate, as a share of the height
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    laid_out = prepared.courses
    depth, cell, uv, local = places(band, laid_out, offset, local=True)
    made = finished(band, depth, cell, uv, local, laid_out.tone, laid_out.table, laid_out.neighbours, bevel, profile)
    bolts = band.empty("bolts")
    bolts.fill(0)
    if bolted > 0 and bolt_size > 0:
        add_bolts(local, cell, prepared.bolts, f32(bolt_size), f32(band.width), bolts)
    if band.wants("height"):
        level = prepared.level[cell]
        np.multiply(made.height, level, out=made.height)
        made.height[:] += bolts * f32(bolt_height)
        made.height[:] *= f32(1 / (1 + bolt_height))
    return Panels(*made, bolts)
