"""The ways of wires between nodes that lie still: straight, or level through the gaps between rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from materials import boxes
from materials.boxes import WIDTH, Box, box_of, port_height
from materials.graph import Document, Link
from materials.layout import Point

LEAVE = 24
"""How far from a port a wire has come level with the gap it runs through."""
TRACKS, SHARED = (0, 8, 16), 48
"""Where in a gap wires run, and how much further a wire goes rather than on top of another."""


def runs_behind(document: Document, link: Link) -> list[str]:
    """Return the ids of the nodes that a link drawn without a route runs behind."""
    return _behind({id: box_of(node) for id, node in document.nodes.items()}, link, *ends_of(document, link))


def _behind(placed: Mapping[str, Box], link: Link, start: Point, end: Point) -> list[str]:
    reach = min(max(abs(end[0] - start[0]) / 2, 28.0), 150.0)
    left, top, right, bottom = boxes.around([Box(*start, *start), Box(*end, *end)])
    points: list[Point] = []
    found = []
    for id, box in placed.items():
        near = box[0] < right and box[2] > left and box[1] < bottom and box[3] > top
        if not near or id in (link.source, link.target):
            continue
        points = points or [_curve(start, end, reach, step / 48) for step in range(1, 48)]
        if any(box.holds(*point) for point in points):
            found.append(id)
    return found


def ends_of(document: Document, link: Link) -> tuple[Point, Point]:
    """Return where a link's two ports are on the canvas."""
    source, target = document.nodes[link.source], document.nodes[link.target]
    leaves, enters = port_height(source, link.output, False), port_height(target, link.socket, True)
    return (
        (source.position[0] + WIDTH, source.position[1] + leaves),
        (target.position[0], target.position[1] + enters),
    )


def _curve(start: Point, end: Point, reach: float, t: float) -> Point:
    """Return a point of a wire: a cubic that leaves and arrives level."""
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    x = a * start[0] + b * (start[0] + reach) + c * (end[0] - reach) + d * end[0]
    return x, (a + b) * start[1] + (c + d) * end[1]


def routed(document: Document, links: Iterable[Link]) -> dict[Link, tuple[Point, ...]]:
    """Return the dots of those links that would run behind nodes: level through the gap that is least out of the way.

    Wires of one output run together as far as they can, those of others beside each other.
    """
    found: dict[Link, tuple[Point, ...]] = {}
    taken: list[tuple[float, float, float, tuple[str, str]]] = []
    placed = {id: box_of(node) for id, node in document.nodes.items()}
    for link in links:
        start, end = ends_of(document, link)
        if not _behind(placed, link, start, end):
            continue
        left, right = start[0] + LEAVE, end[0] - LEAVE
        y = _gap(placed, link, (left, right), (start[1], end[1]), taken)
        taken.append((y, left, right, (link.source, link.output)))
        found[link] = ((left, y), (right, y))
    return found


def _gap(
    placed: Mapping[str, Box],
    link: Link,
    between: tuple[float, float],
    heights: tuple[float, float],
    taken: list[tuple[float, float, float, tuple[str, str]]],
) -> float:
    """Return the height at which a wire passes all nodes in its way."""
    left, right = between
    own = link.source, link.output
    others = [box for id, box in placed.items() if id not in (link.source, link.target)]
    spans = [(box.top, box.bottom) for box in others if box.left < right + 8 and box.right > left - 8]
    tries = {math.ceil(bottom / boxes.SNAP) * boxes.SNAP + track for _, bottom in spans for track in TRACKS}
    tries |= {math.floor(top / boxes.SNAP) * boxes.SNAP - boxes.SNAP for top, _ in spans}
    tries |= {int(boxes.snapped(height)) for height in heights}

    def cost(y: float) -> tuple[float, float]:
        away = abs(y - heights[0]) + abs(y - heights[1])
        held = any(at == y and start < right and end > left and who != own for at, start, end, who in taken)
        return away + (SHARED if held else 0), y

    return float(min((y for y in tries if not any(top < y < bottom for top, bottom in spans)), key=cost))
