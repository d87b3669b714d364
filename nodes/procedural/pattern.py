"""Patterns laid in courses: bricks."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from nodes.declare import Angle, Band, Flow, Length, Range, Seed, node
from nodes.kernels.bonds import Cells, Lots, basket, herringbone, lots_of, slabs, split as break_lots
from nodes.kernels.hash import stream, uniform_array
from nodes.laying import JOINTS, SHIFT, SPLIT, SPLIT_SIDE, Courses, Pattern, Profile, Share, drawn, laid, row_edges

Bond = Literal["running", "stack", "random", "flemish", "english", "herringbone", "basket"]


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
