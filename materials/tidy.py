"""Where nodes come to lie: aligned, spread, or the whole graph tidied from left to right.

What belongs together is found and laid out in `materials.blocks`; the ways of wires are found in `materials.channels`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal

from materials import blocks, boxes, channels
from materials.boxes import WIDTH, box_of, frame_box, height_of, snapped
from materials.carrying import chosen
from materials.edits import Edit, Group, SetMeta, SetNode
from materials.errors import GraphError
from materials.graph import Document, Link
from materials.layout import Point, Route

Edge = Literal["left", "right", "top", "bottom", "centre", "middle"]
Axis = Literal["across", "down"]


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


def tidy(document: Document, ids: Collection[str] | None = None) -> Edit:
    """Return the edit that lays nodes out from left to right; all nodes and frames if none are named.

    Frames stay around their nodes, as blocks that are set on shelves like words on a page. Wires keep clear of nodes;
    those that would go back or far are drawn as portals, and portals stay. The top left corner of what is laid out
    stays where it is. Frames of which only some nodes are named stay as they are.
    """
    moved = chosen(document, document.nodes.keys() if ids is None else ids)
    inside = set(moved)
    frames = _frames_with(document, inside)
    links = [link for link in document.links if link.source in inside and link.target in inside]
    laid = blocks.lay_out(document, blocks.blocks_of(document, moved, frames), links)
    covered = [box_of(document.nodes[id]) for id in moved] + [frame_box(document.frames[frame]) for frame in frames]
    corner = boxes.around(covered)
    x, y = snapped(corner.left), snapped(corner.top)
    moves = {id: (x + left, y + top) for id, (left, top) in laid.nodes.items()}
    placed = {id: replace(document.nodes[id], position=at) for id, at in moves.items()}
    made = replace(document, nodes={**document.nodes, **placed})
    found: list[Edit] = [_moving(document, moves)]
    routes = _routes(made, links, laid.portals)
    if routes != document.routes:
        found.append(SetMeta("routes", routes))
    rects = {frame: [x + left, y + top, *size] for frame, (left, top, *size) in laid.frames.items()}
    fitted = tuple(
        {**frame, "rect": rects[place]} if place in rects else frame for place, frame in enumerate(document.frames)
    )
    if fitted != document.frames:
        found.append(SetMeta("frames", fitted))
    return Group(tuple(found))


def _frames_with(document: Document, inside: set[str]) -> list[int]:
    """Return the frames that move with some nodes: those with no other nodes; empty ones only if all nodes move."""
    found = []
    for place, frame in enumerate(document.frames):
        held = boxes.inside(document, frame) if frame.get("kind") != "comment" else []
        if inside.issuperset(held) and (held or len(inside) == len(document.nodes)):
            found.append(place)
    return found


def _routes(made: Document, links: Sequence[Link], portals: Collection[Link]) -> dict[str, Route]:
    """Return the routes of a document after some of its nodes were laid out."""
    names = {str(link) for link in links}
    routes = {text: route for text, route in made.routes.items() if text not in names}
    old = {link: made.routes.get(str(link), Route()) for link in links}
    stubs = {link for link in links if link in portals or old[link].portal}
    dots = channels.routed(made, [link for link in links if link not in stubs])
    for link in links:
        route = replace(old[link], via=dots.get(link, ()), portal=link in stubs)
        if route != Route():
            routes[str(link)] = route
    return routes
