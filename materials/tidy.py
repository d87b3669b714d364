"""Where nodes come to lie: aligned, spread, or the whole graph tidied from left to right.

Tidying follows Sugiyama, Tagawa and Toda (1981): columns by what reads what, order in a column by the middle of what
a node is joined to, places by those middles pushed apart. Wires that pass columns run through the gaps between nodes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from materials import boxes
from materials.boxes import COLUMN, FIRST_PORT, HEADER, PORT_PITCH, ROW, WIDTH, Box, box_of, height_of, snapped
from materials.carrying import chosen
from materials.edits import Edit, Group, SetMeta, SetNode
from materials.errors import GraphError
from materials.graph import Document, Link, Node, order
from materials.layout import Point, Route
from materials.ports import inputs_of, outputs_of

Edge = Literal["left", "right", "top", "bottom", "centre", "middle"]
Axis = Literal["across", "down"]

GAP = ROW - HEADER - boxes.PICTURE - boxes.FOOT
"""What is left free below a node of usual height."""

PASS, SWEEPS = 16, 12
"""Height kept free for a wire that passes a column; how often the order is improved."""


def align(document: Document, ids: Collection[str], edge: Edge) -> Edit:
    """Return the edit that brings nodes to one line: an edge of what they cover, its centre (x) or its middle (y)."""
    found = [document.nodes[id] for id in chosen(document, ids)]
    whole = boxes.around(box_of(node) for node in found)
    moves = {}
    for node in found:
        box, (x, y) = box_of(node), node.position
        match edge:
            case "left":
                x = whole.left
            case "right":
                x = whole.right - WIDTH
            case "top":
                y = whole.top
            case "bottom":
                y = whole.bottom - (box.bottom - box.top)
            case "centre":
                x = whole.centre[0] - WIDTH / 2
            case "middle":
                y = whole.centre[1] - (box.bottom - box.top) / 2
            case _:
                raise GraphError(f"there is no edge {edge!r}", hint="left, right, top, bottom, centre, middle")
        moves[node.id] = (snapped(x), snapped(y))
    return _moving(document, moves)


def spread(document: Document, ids: Collection[str], axis: Axis) -> Edit:
    """Return the edit that makes the gaps between nodes alike, the outermost staying; never less than they need."""
    found = [document.nodes[id] for id in chosen(document, ids)]
    side = 0 if axis == "across" else 1
    found.sort(key=lambda node: node.position[side])
    sizes = [WIDTH if side == 0 else height_of(node) for node in found]
    first, last = found[0].position[side], found[-1].position[side] + sizes[-1]
    gaps = len(found) - 1
    gap = max((last - first - sum(sizes)) / gaps, float(boxes.SNAP)) if gaps else 0.0
    moves: dict[str, Point] = {}
    place = first
    for node, size in zip(found, sizes, strict=True):
        x, y = node.position
        moves[node.id] = (snapped(place), y) if side == 0 else (x, snapped(place))
        place += size + gap
    return _moving(document, moves)


def _moving(document: Document, moves: dict[str, Point]) -> Edit:
    return Group(
        tuple(SetNode(id, "position", place) for id, place in moves.items() if document.nodes[id].position != place)
    )


# ---- a whole graph ---------------------------------------------------------------------------------


@dataclass
class _Slot:
    """A node in its column, or the place where a wire passes one."""

    height: float
    node: str = ""
    y: float = 0.0
    before: list[tuple[_Slot, float, float]] = field(default_factory=list)
    after: list[tuple[_Slot, float, float]] = field(default_factory=list)
    """What it is joined to on either side, with how far below the tops of both the wire ends."""


def tidy(document: Document, ids: Collection[str] | None = None) -> Edit:
    """Return the edit that lays nodes out in columns from left to right; all nodes if none are named.

    Wires keep clear of nodes: where a straight one would not, its route passes through the gap kept free for it. The
    top left corner of what is laid out stays where it is. Frames grow and move with the nodes in them.
    """
    moved = chosen(document, document.nodes.keys() if ids is None else ids)
    inside = set(moved)
    links = [link for link in document.links if link.source in inside and link.target in inside]
    nodes = {id: document.nodes[id] for id in moved}
    columns, passing = _columns(document, nodes, links)
    for _ in range(SWEEPS):
        _sweep(columns)
    _place(columns)
    corner = boxes.around(box_of(node) for node in nodes.values())
    top = min(slot.y for column in columns for slot in column)
    moves = {
        slot.node: (snapped(corner.left + place * COLUMN), snapped(corner.top + slot.y - top))
        for place, column in enumerate(columns)
        for slot in column
        if slot.node
    }
    made = replace(
        document, nodes={**document.nodes, **{id: replace(nodes[id], position=at) for id, at in moves.items()}}
    )
    found: list[Edit] = [_moving(document, moves)]
    routes = {text: route for text, route in document.routes.items() if text not in {str(link) for link in links}}
    for link in links:
        via = _via(passing.get(link, []), corner, top)
        old = document.routes.get(str(link), Route())
        if old.portal or (via and runs_behind(made, link)):
            routes[str(link)] = replace(old, via=() if old.portal else via)
    if routes != document.routes:
        found.append(SetMeta("routes", routes))
    frames = tuple(_refitted(document, made, frame, inside) for frame in document.frames)
    if frames != document.frames:
        found.append(SetMeta("frames", frames))
    return Group(tuple(found))


def _columns(
    document: Document, nodes: dict[str, Node], links: Sequence[Link]
) -> tuple[list[list[_Slot]], dict[Link, list[tuple[int, _Slot]]]]:
    """Return the columns, and the places where long wires pass some."""
    column = _levels(document, nodes, links)
    slots = {id: _Slot(height_of(node) + GAP, id) for id, node in nodes.items()}
    found: list[list[_Slot]] = [[] for _ in range(max(column.values()) + 1)]
    for id in sorted(nodes, key=lambda id: nodes[id].position[1]):
        found[column[id]].append(slots[id])
    passing: dict[Link, list[tuple[int, _Slot]]] = {}
    shared: dict[tuple[str, str, int], _Slot] = {}  # wires of one output run together
    for link in links:
        last, leaves = slots[link.source], _port_height(nodes[link.source], link.output, False)
        for place in range(column[link.source] + 1, column[link.target]):
            key = link.source, link.output, place
            if key not in shared:
                shared[key] = _Slot(PASS)
                found[place].append(shared[key])
                _join(last, leaves, shared[key], PASS / 2)
            last, leaves = shared[key], PASS / 2
            passing.setdefault(link, []).append((place, last))
        _join(last, leaves, slots[link.target], _port_height(nodes[link.target], link.socket, True))
    return found, passing


def _join(left: _Slot, leaves: float, right: _Slot, enters: float) -> None:
    left.after.append((right, leaves, enters))
    right.before.append((left, enters, leaves))


def _levels(document: Document, nodes: dict[str, Node], links: Sequence[Link]) -> dict[str, int]:
    """Return the column of each node: after all that it reads, and as near to its first reader as that allows."""
    feeds: dict[str, list[str]] = {}
    readers: dict[str, list[str]] = {}
    for link in links:
        feeds.setdefault(link.target, []).append(link.source)
        readers.setdefault(link.source, []).append(link.target)
    walk = [id for id in order(document) if id in nodes]
    level: dict[str, int] = {}
    for id in walk:
        level[id] = max((level[source] + 1 for source in feeds.get(id, ())), default=0)
    for id in reversed(walk):  # what nothing feeds moves up to what reads it
        if id in readers:
            level[id] = min(level[reader] for reader in readers[id]) - 1
    lowest = min(level.values())
    return {id: place - lowest for id, place in level.items()}


def _port_height(node: Node, name: str, is_input: bool) -> float:
    ports = inputs_of(node) if is_input else outputs_of(node)
    place = next((place for place, port in enumerate(ports) if port.name == name), 0)
    return HEADER + FIRST_PORT + PORT_PITCH * place


def _sweep(columns: list[list[_Slot]]) -> None:
    """Order each column by the middle of what it is joined to: once from the left, once from the right."""
    for walk, side in ((columns[1:], "before"), (columns[-2::-1], "after")):
        _stack(columns)
        for column in walk:
            wanted = {id(slot): _wanted(slot, getattr(slot, side)) for slot in column}
            column.sort(key=lambda slot: wanted[id(slot)])
            _stack([column])


def _wanted(slot: _Slot, joined: list[tuple[_Slot, float, float]]) -> float:
    """Return where the top of a slot would be if its wires were level."""
    if not joined:
        return slot.y
    return sum(other.y + theirs - own for other, own, theirs in joined) / len(joined)


def _stack(columns: list[list[_Slot]]) -> None:
    """Put the slots of columns one below the other, the middle of each column at 0."""
    for column in columns:
        y = -sum(slot.height for slot in column) / 2
        for slot in column:
            slot.y = y
            y += slot.height


def _place(columns: list[list[_Slot]]) -> None:
    """Move slots towards where their wires are level without changing their order."""
    for turn in range(SWEEPS):
        walk = columns if turn % 2 == 0 else columns[::-1]
        for column in walk:
            joined = [slot.before if turn % 2 == 0 else slot.after for slot in column]
            _settle(column, [_wanted(slot, own) for slot, own in zip(column, joined, strict=True)])
    for column in columns:
        y = float("-inf")
        for slot in column:  # onto the grid downwards, so that nothing overlaps
            slot.y = math.ceil(max(slot.y, y) / boxes.SNAP) * float(boxes.SNAP)
            y = slot.y + slot.height


def _settle(column: list[_Slot], wanted: list[float]) -> None:
    """Put slots as near to where they want to be as they may lie without overlapping: blocks that touch share a middle.

    This is isotonic regression by pooling (Barlow et al. 1972) of wishes less the heights above.
    """
    above, total = [], 0.0
    for slot in column:
        above.append(total)
        total += slot.height
    blocks: list[tuple[float, int]] = []
    for place, wish in enumerate(wanted):
        mean, count = wish - above[place], 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    starts = [mean for mean, count in blocks for _ in range(count)]
    for slot, start, offset in zip(column, starts, above, strict=True):
        slot.y = start + offset


def _via(passing: list[tuple[int, _Slot]], corner: Box, top: float) -> tuple[Point, ...]:
    """Return points on either side of each column that a wire passes, so that it is level while it does."""
    points: list[Point] = []
    for place, slot in passing:
        y = snapped(corner.top + slot.y - top + PASS / 2)
        left = snapped(corner.left + place * COLUMN)
        points += [(left - 8.0, y), (left + WIDTH + 8.0, y)]
    ends = [points[:1], points[-1:]]
    inner = zip(points, points[1:], points[2:], strict=False)
    bends = [here for before, here, after in inner if not before[1] == here[1] == after[1]]
    return (*ends[0], *bends, *ends[1])


def runs_behind(document: Document, link: Link) -> list[str]:
    """Return the ids of the nodes that a link drawn without a route runs behind."""
    source, target = document.nodes[link.source], document.nodes[link.target]
    start = source.position[0] + WIDTH, source.position[1] + _port_height(source, link.output, False)
    end = target.position[0], target.position[1] + _port_height(target, link.socket, True)
    reach = min(max(abs(end[0] - start[0]) / 2, 28.0), 150.0)
    whole = boxes.around([Box(*start, *start), Box(*end, *end)])
    points: list[Point] = []
    found = []
    for node in document.nodes.values():
        box = box_of(node)
        near = box.left < whole.right and box.right > whole.left and box.top < whole.bottom and box.bottom > whole.top
        if node.id in (link.source, link.target) or not near:
            continue
        points = points or [_curve(start, end, reach, step / 48) for step in range(1, 48)]
        if any(box.holds(*point) for point in points):
            found.append(node.id)
    return found


def _curve(start: Point, end: Point, reach: float, t: float) -> Point:
    """Return a point of a wire: a cubic that leaves and arrives level."""
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    x = a * start[0] + b * (start[0] + reach) + c * (end[0] - reach) + d * end[0]
    return x, (a + b) * start[1] + (c + d) * end[1]


def _refitted(document: Document, made: Document, frame: Mapping[str, Any], moved: set[str]) -> Mapping[str, Any]:
    """Return a frame around the same nodes as before, if all of them were moved."""
    held = boxes.inside(document, frame)
    if not held or not moved.issuperset(held):
        return frame
    old, own = boxes.frame_box(frame), boxes.around(box_of(document.nodes[id]) for id in held)
    new = boxes.around(box_of(made.nodes[id]) for id in held)
    left, top = new.left - max(own.left - old.left, 16), new.top - max(own.top - old.top, 32)
    right, bottom = new.right + max(old.right - own.right, 16), new.bottom + max(old.bottom - own.bottom, 16)
    return {**frame, "rect": [left, top, right - left, bottom - top]}
