"""Where nodes and frames lie on the canvas, in its units: how large a node is drawn, what a frame is around."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from materials.graph import Document, Node
from materials.ports import inputs_of, outputs_of

SNAP = 8
WIDTH, HEADER, PICTURE, FOOT = 120, 24, 120, 14
FIRST_PORT, PORT_PITCH, PORTS_BESIDE = 20, 24, 5
FIRST_ROW, ROW_PITCH, ROWS_FROM = 14, 20, 4
"""Inputs of materials are named rows below the picture, where there are so many."""
COLUMN, ROW = 176, 184
"""Least distance of columns and of rows."""


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def has_rows(node: Node) -> bool:
    """Return whether a node's inputs are named rows below its picture."""
    return node.type is not None and node.type.section == "material" and len(inputs_of(node)) >= ROWS_FROM


def height_of(node: Node) -> float:
    """Return how high a node is drawn with the line below it."""
    rows = 8 + ROW_PITCH * len(inputs_of(node)) if has_rows(node) else 0
    return HEADER + PICTURE + rows + FOOT


def port_height(node: Node, name: str, is_input: bool) -> float:
    """Return how far below a node's top one of its ports is drawn; of one that is not there, the first's place."""
    names = [port.name for port in (inputs_of(node) if is_input else outputs_of(node))]
    place = names.index(name) if name in names else 0
    if is_input and has_rows(node):
        return HEADER + PICTURE + FIRST_ROW + ROW_PITCH * place
    pitch = min(PORT_PITCH, (PICTURE - 12) / max(len(names) - 1, 1))
    return HEADER + (FIRST_PORT if len(names) <= PORTS_BESIDE else 6) + pitch * place


def box_of(node: Node) -> Box:
    """Return the rectangle that a node is drawn in."""
    x, y = node.position
    return Box(x, y, x + WIDTH, y + height_of(node))


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest rectangle around several; at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def snapped(number: float) -> float:
    """Return the nearest place on the grid."""
    return float(round(number / SNAP) * SNAP)


def frame_box(frame: Mapping[str, Any]) -> Box:
    """Return the rectangle of a frame."""
    left, top, width, height = (float(part) for part in frame["rect"])
    return Box(left, top, left + width, top + height)


def inside(document: Document, frame: Mapping[str, Any]) -> list[str]:
    """Return the ids of the nodes in a frame: those whose middle it holds."""
    box = frame_box(frame)
    return [id for id, node in document.nodes.items() if box.holds(*box_of(node).centre)]


def frames_of(document: Document, ids: Collection[str]) -> list[Mapping[str, Any]]:
    """Return the frames that go with some nodes: those with nodes in them and no other nodes."""
    chosen = set(ids)
    return [frame for frame in document.frames if (held := inside(document, frame)) and chosen.issuperset(held)]


def shifted(frame: Mapping[str, Any], x: float, y: float) -> Mapping[str, Any]:
    """Return a frame moved by so much."""
    left, top, width, height = frame["rect"]
    return {**frame, "rect": [left + x, top + y, width, height]}


def moved(node: Node, x: float, y: float) -> Node:
    """Return a node moved by so much."""
    return replace(node, position=(node.position[0] + x, node.position[1] + y))


def centre_of(nodes: Iterable[Node]) -> tuple[float, float]:
    """Return the middle of some nodes, on the grid."""
    x, y = around(box_of(node) for node in nodes).centre
    return snapped(x), snapped(y)
