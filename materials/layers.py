"""Nodes that belong together, laid out in columns and rows from left to right.

Columns are filled from the right, the node with the longest way behind it first, so many rows at most (Coffman and
Graham 1972). Rows follow the middle of what a node is joined to, as by Sugiyama, Tagawa and Toda (1981), then nodes
change places in their columns as long as that makes wires more level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SWEEPS, PASSES = 4, 6
"""How often rows are set from both sides, and how often places are changed at most."""


@dataclass(frozen=True)
class Wire:
    """A link between two nodes that are laid out, and how far down their ports are, in rows."""

    source: str
    target: str
    leaves: float = 0.0
    enters: float = 0.0


@dataclass
class Grid:
    """Where nodes lie: columns and rows from 0, and how many rows each takes."""

    column: dict[str, int]
    row: dict[str, int] = field(default_factory=dict)
    spans: Mapping[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> int:
        return max(self.column.values()) + 1

    def stacks(self) -> list[list[str]]:
        """Return the nodes of each column."""
        found: list[list[str]] = [[] for _ in range(self.columns)]
        for id, column in self.column.items():
            found[column].append(id)
        return found

    @property
    def rows(self) -> int:
        """How many rows the fullest column needs."""
        return max(sum(self.spans[id] for id in stack) for stack in self.stacks())


def columns_of(spans: Mapping[str, int], wires: Sequence[Wire], limit: int) -> Grid:
    """Return the columns of nodes, each to the right of all it reads, with no more rows than `limit` if that can be."""
    feeds: dict[str, list[str]] = {id: [] for id in spans}
    unread = dict.fromkeys(spans, 0)
    for wire in wires:
        feeds[wire.target].append(wire.source)
        unread[wire.source] += 1
    depth = _depths(spans, feeds)
    places = {id: place for place, id in enumerate(spans)}
    ready = [id for id, count in unread.items() if count == 0]
    placed: list[list[str]] = []
    while ready:
        ready.sort(key=lambda id: (-depth[id], -places[id]))
        taken: list[str] = []
        left = limit
        for id in ready:
            if spans[id] <= left or not taken:
                taken.append(id)
                left -= spans[id]
        chosen = set(taken)
        ready = [id for id in ready if id not in chosen]
        for id in taken:
            for source in feeds[id]:
                unread[source] -= 1
                if unread[source] == 0:
                    ready.append(source)
        placed.append(taken)
    column = {id: place for place, stack in enumerate(reversed(placed)) for id in stack}
    return Grid({id: column[id] for id in spans}, spans=spans)


def _depths(spans: Mapping[str, int], feeds: Mapping[str, list[str]]) -> dict[str, int]:
    """Return how many nodes lie one before the other before each."""
    depth: dict[str, int] = {}
    for start in spans:
        stack = [start]
        while stack:
            id = stack[-1]
            missing = [source for source in feeds[id] if source not in depth] if id not in depth else []
            if missing:
                stack += missing
                continue
            stack.pop()
            depth[id] = max((depth[source] + 1 for source in feeds[id]), default=0)
    return depth


# ---- rows --------------------------------------------------------------------------------------------


def set_rows(grid: Grid, wires: Sequence[Wire], rows: int) -> None:
    """Give every node a row of 0 to `rows`, so that wires are as level as may be."""
    joined: dict[str, list[tuple[str, float]]] = {id: [] for id in grid.column}
    for wire in wires:
        joined[wire.source].append((wire.target, wire.enters - wire.leaves))
        joined[wire.target].append((wire.source, wire.leaves - wire.enters))
    stacks = grid.stacks()
    for stack in reversed(stacks):
        _lay(grid, stack, joined, rows)
    for _ in range(SWEEPS):
        for stack in [*stacks, *reversed(stacks)]:
            _lay(grid, stack, joined, rows)
    cells = {(grid.column[id], row + step): id for id, row in grid.row.items() for step in range(grid.spans[id])}
    for _ in range(PASSES):
        if sum(_improve(grid, id, joined, cells, rows) for id in grid.column) == 0:
            break
    top = min(grid.row.values())
    grid.row = {id: row - top for id, row in grid.row.items()}


def _lay(grid: Grid, stack: list[str], joined: Mapping[str, list[tuple[str, float]]], rows: int) -> None:
    """Put the nodes of a column in the order of where their wires would be level, and as near to there as fits."""
    wished: dict[str, float] = {}
    for place, id in enumerate(stack):
        found = [grid.row[other] + down for other, down in joined[id] if other in grid.row]
        wished[id] = sum(found) / len(found) if found else float(grid.row.get(id, place))
    stack.sort(key=lambda id: wished[id])
    free = max(rows - sum(grid.spans[id] for id in stack), 0)
    starts: list[float] = []
    above = 0
    blocks: list[tuple[float, int]] = []  # pooled wishes, as of nodes without height
    for id in stack:
        mean, count = wished[id] - above, 1
        above += grid.spans[id]
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    starts = [min(max(mean, 0.0), free) for mean, count in blocks for _ in range(count)]
    above = 0
    for id, start in zip(stack, starts, strict=True):
        grid.row[id] = round(start) + above
        above += grid.spans[id]


def _improve(
    grid: Grid,
    id: str,
    joined: Mapping[str, list[tuple[str, float]]],
    cells: dict[tuple[int, int], str],
    rows: int,
) -> bool:
    """Move a node to the row of its column where wires are most level, changing places; return whether it moved."""
    column, here, span = grid.column[id], grid.row[id], grid.spans[id]
    best, there = -1e-6, here
    own = _strain(grid, id, here, joined)
    for row in range(rows - span + 1):
        held = {cells.get((column, row + step), id) for step in range(span)} - {id}
        if row == here or len(held) > 1 or (held and (span > 1 or grid.spans[next(iter(held))] > 1)):
            continue
        gain = _strain(grid, id, row, joined) - own
        for other in held:
            gain += _strain(grid, other, here, joined) - _strain(grid, other, row, joined)
        if gain < best:
            best, there = gain, row
    if there == here:
        return False
    other = cells.get((column, there)) if span == 1 else None
    for step in range(span):
        del cells[column, here + step]
    if other is not None:
        grid.row[other] = here
        cells[column, here] = other
    grid.row[id] = there
    cells |= {(column, there + step): id for step in range(span)}
    return True


def _strain(grid: Grid, id: str, row: int, joined: Mapping[str, list[tuple[str, float]]]) -> float:
    """Return how far from level the wires of a node would be in a row."""
    total = 0.0
    for other, down in joined[id]:
        off = abs(grid.row[other] + down - row)
        total += off + 0.05 * off * off
    return total
