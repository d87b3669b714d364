"""Where the bricks of a bond lie: rectangles that fill the torus, and the rows of pieces that they are looked up by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Lots:
    """Rectangles that fill the tile, one for each brick with half of its joints.

    left, top, wide, high : (n) in fractions of the tile, unwrapped.
    upright : (n) whether the brick's own length runs down the tile.
    name, row : (n) two numbers that stay a brick's own when others change.
    """

    left: np.ndarray
    top: np.ndarray
    wide: np.ndarray
    high: np.ndarray
    upright: np.ndarray
    name: np.ndarray
    row: np.ndarray


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


def lots_of(cells: Cells) -> Lots:
    """Return the cells of courses as rectangles."""
    row = cells.row
    return Lots(
        cells.starts[row] + cells.low,
        cells.origin + cells.edges[row],
        cells.high - cells.low,
        np.diff(cells.edges)[row],
        np.zeros(len(row), bool),
        cells.name,
        row,
    )


def herringbone(lines: np.ndarray, edges: np.ndarray) -> Lots:
    """Return bricks two squares long and one wide, lying and standing by turns along each diagonal.

    lines, edges : where the columns and rows of squares begin, and the end; numbers of both are multiples of 4.
    """
    columns, rows = len(lines) - 1, len(edges) - 1
    y, x = np.divmod(np.arange(rows * columns), columns)
    turn = (x - y) % 4
    begins = (turn == 0) | (turn == 3)
    return _on_squares(lines, edges, x[begins], y[begins], turn[begins] == 3)


def basket(lines: np.ndarray, edges: np.ndarray) -> Lots:
    """Return pairs of bricks that fill two squares by two, lying and standing by turns like a chessboard."""
    columns, rows = len(lines) - 1, len(edges) - 1
    y, x = np.divmod(np.arange(rows * columns), columns)
    upright = (x // 2 + y // 2) % 2 == 1
    begins = np.where(upright, y, x) % 2 == 0
    return _on_squares(lines, edges, x[begins], y[begins], upright[begins])


def _on_squares(lines: np.ndarray, edges: np.ndarray, x: np.ndarray, y: np.ndarray, upright: np.ndarray) -> Lots:
    right, below = np.append(lines, lines[1:] + 1), np.append(edges, edges[1:] + 1)
    wide = right[x + np.where(upright, 1, 2)] - right[x]
    high = below[y + np.where(upright, 2, 1)] - below[y]
    return Lots(lines[x], edges[y], wide, high, upright, 2 * x, y)


def split(lots: Lots, cut: np.ndarray, place: np.ndarray) -> Lots:
    """Return the lots with those of `cut` broken across, at a share `place` of their length."""
    wide = np.where(cut & ~lots.upright, lots.wide * place, lots.wide)
    high = np.where(cut & lots.upright, lots.high * place, lots.high)
    left, top = lots.left + np.where(lots.upright, 0, wide), lots.top + np.where(lots.upright, high, 0)
    # Two places for each brick, the second used by the other part of a split one.
    used = np.stack([np.ones_like(cut), cut], axis=1)
    pairs = (
        (lots.left, left),
        (lots.top, top),
        (wide, np.where(lots.upright, wide, lots.wide - wide)),
        (high, np.where(lots.upright, lots.high - high, high)),
        (lots.upright, lots.upright),
        (lots.name, lots.name + 1),
        (lots.row, lots.row),
    )
    return Lots(*(np.stack(pair, axis=1)[used] for pair in pairs))


def slabs(lots: Lots) -> tuple[Cells, np.ndarray, np.ndarray]:
    """Cut rectangles at every height where one begins or ends, into rows of pieces.

    Returns the pieces, the lot each belongs to, and how far below its lot's top its row begins, in tiles.
    """
    origin = float(lots.top[0])
    # Sums of the same lengths in another order differ in the last bits.
    begin = np.round(lots.top - origin, 9) % 1.0
    end = np.round(lots.top + lots.high - origin, 9) % 1.0
    edges = np.unique(np.concatenate([begin, end]))
    rows = len(edges)
    first, last = np.searchsorted(edges, begin), np.searchsorted(edges, end)
    count = (last - first - 1) % rows + 1
    owner = np.repeat(np.arange(len(first)), count)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    row = (first[owner] + step) % rows
    left = np.round(lots.left, 9) % 1.0
    starts = np.full(rows, 2.0)
    np.minimum.at(starts, row, left[owner])
    low = left[owner] - starts[row]
    order = np.lexsort((low, row))
    owner, row, low = owner[order], row[order], low[order]
    sunk = (edges[row] - begin[owner]) % 1.0
    cells = Cells(origin, np.append(edges, 1.0), starts, row, low, low + lots.wide[owner], np.zeros_like(row))
    return cells, owner, sunk


def touching(cells: Cells, first: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Return the pairs of labels of lots whose pieces share an edge, sorted."""
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
    found = np.sort(owner[np.concatenate(pairs)], axis=1) + 1
    return np.unique(found[found[:, 0] != found[:, 1]], axis=0).astype(np.int32)
