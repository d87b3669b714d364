"""How a graph is laid out on the canvas: frames and comments, the ways of wires, and where it was left."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from materials.errors import GraphError

Point = tuple[float, float]

FRAME_KINDS = ("frame", "comment")
MOST_POINTS = 100


@dataclass(frozen=True)
class Route:
    """How a link is drawn: through the points of `via`, or, as a portal, as two named stubs."""

    via: tuple[Point, ...] = ()
    portal: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


def route_of(data: Any, link: str) -> Route:
    """Return the route that a file's block describes.

    Raises
    ------
    GraphError
        If it is none.
    """
    where = f"route of {link}"
    block = _block(data, where)
    via, portal = block.get("via", []), block.get("portal", False)
    if not isinstance(via, list) or len(via) > MOST_POINTS:
        raise GraphError(f"via must be a list of at most {MOST_POINTS} points", where=where)
    if not isinstance(portal, bool):
        raise GraphError("portal must be true or false", where=where)
    points = tuple(_point(point, where) for point in via)
    return Route(points, portal, {key: value for key, value in block.items() if key not in {"via", "portal"}})


def route_data(route: Route) -> dict[str, Any]:
    """Return a route as it is saved."""
    data: dict[str, Any] = {"via": [list(point) for point in route.via]} if route.via else {}
    if route.portal:
        data["portal"] = True
    return data | dict(route.extra)


def frame_of(data: Any) -> Mapping[str, Any]:
    """Return a frame or comment as it is, its known parts checked: title, rect, kind, text and colour.

    rect : left, top, width, height. colour : the name of a section of nodes, whose tint it takes.
    """
    block = _block(data, "frame")
    where = f'frame "{str(block.get("title", ""))[:40]}"'
    for name, longest in (("title", 1000), ("text", 10_000), ("colour", 100)):
        text = block.get(name, "")
        if not isinstance(text, str) or len(text) > longest or "\0" in text:
            raise GraphError(f"{name} must be a text of at most {longest} characters", where=where)
    if block.get("kind", "frame") not in FRAME_KINDS:
        raise GraphError(f"kind must be {' or '.join(FRAME_KINDS)}", where=where)
    numbers = _numbers(block.get("rect"), 4)
    if numbers is None or min(numbers[2:]) < 0:
        raise GraphError("rect must be four numbers: left, top, width, height", where=where)
    return block


def view_of(data: Any) -> Mapping[str, Any]:
    """Return where a graph was left, its known parts checked: centre, zoom, selected and shown."""
    block = _block(data, "view")
    if "centre" in block and _numbers(block["centre"], 2) is None:
        raise GraphError("centre must be two numbers", where="view")
    zoom = block.get("zoom", 1)
    if not _is_number(zoom) or zoom <= 0:
        raise GraphError("zoom must be a number above 0", where="view")
    selected = block.get("selected", [])
    if not isinstance(selected, list) or not all(isinstance(id, str) for id in selected):
        raise GraphError("selected must be a list of nodes", where="view")
    if not isinstance(block.get("shown", ""), str):
        raise GraphError("shown must be node.output", where="view")
    return block


def _block(data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise GraphError(f"{where} must be a JSON object")
    return dict(data)


def _point(data: Any, where: str) -> Point:
    numbers = _numbers(data, 2)
    if numbers is None:
        raise GraphError("a point must be two numbers", where=where)
    return numbers[0], numbers[1]


def _numbers(data: Any, count: int) -> tuple[float, ...] | None:
    """Return so many finite numbers, or None if that is not what it is."""
    if not isinstance(data, list | tuple) or len(data) != count or not all(_is_number(part) for part in data):
        return None
    return tuple(float(part) for part in data)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 and math.isfinite(value)
