"""A selection made a subgraph of its own, and the reverse; the pictures stay the same."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from materials import boxes
from materials.carrying import Names, chosen, free_name, reads, sources_of, with_sources
from materials.driving import Place, with_settings
from materials.edits import Edit, Replace
from materials.errors import GraphError
from materials.expressions import renamed
from materials.gestures import new_id, upstream
from materials.graph import (
    GRAPH_INPUT,
    GRAPH_OUTPUT,
    MATERIAL_OUTPUT,
    NAME,
    SUBGRAPH,
    Document,
    Exposed,
    Link,
    Node,
    kept_routes,
    validate,
)
from materials.layout import Route
from materials.nested import inner_of, ports

STAY = {GRAPH_INPUT, GRAPH_OUTPUT, MATERIAL_OUTPUT}
"""Kinds that say what a document itself takes and gives: a selection leaves them where they are."""


def enclose(document: Document, ids: Collection[str], title: str = "Subgraph") -> tuple[Edit, str]:
    """Return the edit that makes a subgraph of nodes, and the id of its node.

    What crosses its wall gets a port, one for each wire's source. Exposed parameters stay exposed, presets and
    expressions are carried over. Material outputs and ports of the document stay outside.
    """
    moved = [id for id in chosen(document, ids) if document.nodes[id].key not in STAY]
    if not moved:
        raise GraphError("nothing here can be put into a subgraph", hint="outputs and ports of a graph stay outside")
    _check_whole(document, set(moved))
    name = re.sub(r"\W+", "_", title.lower(), flags=re.ASCII).strip("_")
    work = _Enclosing(document, dict.fromkeys(moved), new_id(document, name if NAME.fullmatch(name) else SUBGRAPH))
    return Replace(work.made(title)), work.id


def _check_whole(document: Document, moved: set[str]) -> None:
    """Raise `GraphError` if a wire leaves the selection and comes back to it."""
    behind: set[str] = set()
    for link in document.links:
        if link.target in moved and link.source not in moved and link.source not in behind:
            behind |= {link.source, *upstream(document, link.source)}
    beyond = moved & behind
    if beyond:
        between = [id for id in behind - moved if upstream(document, id) & moved]
        raise GraphError(
            f"{', '.join(sorted(between)[:5])} lies between nodes of the selection",
            hint="select it too, or leave some out",
        )


@dataclass
class _Enclosing:
    """Sorts a document's parts into what goes inside and what stays."""

    document: Document
    moved: dict[str, None]
    id: str
    inside: dict[str, Node] = field(default_factory=dict)
    inner_links: list[Link] = field(default_factory=list)
    outer_links: list[Link] = field(default_factory=list)
    shown: dict[Place, Exposed] = field(default_factory=dict)
    entries: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    exits: dict[tuple[str, str], str] = field(default_factory=dict)

    def made(self, title: str) -> Document:
        document = self.document
        self.inside = {id: document.nodes[id] for id in self.moved}
        box = boxes.around(boxes.box_of(node) for node in self.inside.values())
        for link in document.links:
            self.sort(link, box)
        for id, output in document.outputs().values():
            if id in self.moved:  # what the document makes is still to be had
                self.leave(id, output, box)
        exposed = tuple(self.outer_entry(entry) for entry in document.exposed)
        presets = {
            name: {self.setting(key): value for key, value in preset.items()}
            for name, preset in document.presets.items()
        }
        lifted = self.lift()
        outer = self.outer_nodes()
        inner = self.inner(title)
        node = self.node(inner, lifted)
        made = replace(
            document,
            nodes={id: node if id == self.id else outer[id] for id in self.order()},
            links=tuple(dict.fromkeys(self.outer_links)),
            exposed=exposed,
            presets=presets,
            frames=tuple(frame for frame in document.frames if frame not in inner.frames),
        )
        made = replace(made, routes=kept_routes(made))
        validate(inner)
        validate(made)
        return made

    def inner(self, title: str) -> Document:
        """Return the document inside, once all parts are sorted."""
        made = Document(
            title=title,
            nodes=self.inside,
            links=tuple(self.inner_links),
            exposed=tuple(self.shown.values()),
            frames=tuple(boxes.frames_of(self.document, self.moved)),
            sources=sources_of(self.document, self.inside.values()),
            routes=self.document.routes,
        )
        return replace(made, routes=kept_routes(made))

    def node(self, inner: Document, lifted: dict[str, str]) -> Node:
        """Return the subgraph's node; what is driven inside is left to be driven."""
        values = {}
        for (id, parameter), entry in self.shown.items():
            part = self.inside[id]
            if parameter in part.parameters and parameter not in part.expressions:
                values[entry.name] = part.parameters[parameter]
        centre = boxes.centre_of(self.document.nodes[id] for id in self.moved)
        return Node(
            self.id,
            SUBGRAPH,
            title=inner.title,
            parameters=values,
            position=centre,
            graph=inner,
            expressions=lifted,
        )

    def order(self) -> list[str]:
        """Return the ids outside, the subgraph where its first node was."""
        first = next(iter(self.moved))
        found = []
        for id in self.document.nodes:
            if id == first:
                found.append(self.id)
            if id not in self.moved:
                found.append(id)
        return found

    def sort(self, link: Link, box: boxes.Box) -> None:
        match link.source in self.moved, link.target in self.moved:
            case True, True:
                self.inner_links.append(link)
            case False, True:
                node, port = self.entry(link, box)
                self.outer_links.append(Link(link.source, link.output, self.id, port))
                self.inner_links.append(Link(node, "out", link.target, link.socket))
            case True, False:
                port = self.leave(link.source, link.output, box)
                self.outer_links.append(Link(self.id, port, link.target, link.socket))
            case _:
                self.outer_links.append(link)

    def entry(self, link: Link, box: boxes.Box) -> tuple[str, str]:
        """Return the node and the name of the port by which what feeds a link comes in."""
        feed = link.source, link.output
        if feed not in self.entries:
            port = free_name(link.socket, [name for _, name in self.entries.values()])
            id = free_name(port, self.inside.keys() | self.document.nodes.keys())
            place = (box.left - boxes.COLUMN, box.top + len(self.entries) * boxes.ROW)
            self.inside[id] = Node(id, GRAPH_INPUT, parameters={"name": port}, position=place)
            self.entries[feed] = id, port
        return self.entries[feed]

    def leave(self, source: str, output: str, box: boxes.Box) -> str:
        """Return the name of the port by which an output leaves."""
        if (source, output) not in self.exits:
            port = free_name(source if output == "out" else output, self.exits.values())
            id = free_name(f"{port}_out", self.inside.keys() | self.document.nodes.keys())
            place = (box.right + boxes.COLUMN - boxes.WIDTH, box.top + len(self.exits) * boxes.ROW)
            self.inside[id] = Node(id, GRAPH_OUTPUT, parameters={"name": port}, position=place)
            self.inner_links.append(Link(source, output, id, "value"))
            self.exits[source, output] = port
        return self.exits[source, output]

    def show(self, place: Place, entry: Exposed | None = None) -> str:
        """Return the name by which the subgraph shows a parameter of a node inside."""
        if place not in self.shown:
            name = free_name(entry.name if entry else place[1], [own.name for own in self.shown.values()])
            self.shown[place] = replace(entry or Exposed(name, *place), name=name)
        return self.shown[place].name

    def outer_entry(self, entry: Exposed) -> Exposed:
        if entry.node not in self.moved:
            return entry
        return replace(entry, node=self.id, parameter=self.show((entry.node, entry.parameter), entry))

    def setting(self, key: str) -> str:
        """Return the key of a preset's value as it is called outside."""
        id, _, parameter = key.rpartition(".")
        return f"{self.id}.{self.show((id, parameter))}" if id in self.moved else key

    def outside(self, text: str, places: dict[str, Place]) -> str:
        """Return an expression as it is written outside."""
        return renamed(
            text, {name: f"{self.id}.{self.show(place)}" for name, place in places.items() if place[0] in self.moved}
        )

    def lift(self) -> dict[str, str]:
        """Take out of the nodes inside what reads parameters outside; return it by what the subgraph calls it."""
        lifted: dict[str, str] = {}
        for id in self.moved:
            node, kept = self.inside[id], {}
            for name, text in node.expressions.items():
                places = reads(self.document, node, name)
                if all(place[0] in self.moved for place in places.values()):
                    kept[name] = renamed(text, {read: ".".join(place) for read, place in places.items()})
                else:
                    lifted[self.show((id, name))] = self.outside(text, places)
            self.inside[id] = replace(node, expressions=kept)
        return lifted

    def outer_nodes(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for id, node in self.document.nodes.items():
            if id not in self.moved:
                texts = {
                    name: self.outside(
                        text, {read: place for read, place in reads(self.document, node, name).items() if "." in read}
                    )
                    for name, text in node.expressions.items()
                }
                found[id] = replace(node, expressions=texts) if texts else node
        return found


# ---- the reverse -----------------------------------------------------------------------------------


def dissolve(document: Document, id: str) -> Edit:
    """Return the edit that puts what is in a subgraph in its place.

    Presets and checks of the inner document go; its parameters have the values that the subgraph's node gave them.
    """
    node = document.node(id)
    if node.file:
        raise GraphError(f"it links to {node.file}", where=node.label, hint="embed the file first")
    inner = with_settings(inner_of(document, id), node.parameters)
    names = Names(set(document.nodes) - {id})
    new = names.give(own for own, part in inner.nodes.items() if part.key not in (GRAPH_INPUT, GRAPH_OUTPUT))
    shown = {entry.name: (new[entry.node], entry.parameter) for entry in inner.exposed if entry.node in new}
    outside = {f"{id}.{name}": ".".join(place) for name, place in shown.items()}
    parts, added = with_sources(
        (_with_named_reads(inner, inner.nodes[own]) for own in new), inner.sources, document.sources
    )
    x, y = _offset(node, [inner.nodes[own] for own in new])
    placed = {part.id: part for part in (boxes.moved(names.node(part), x, y) for part in parts)}
    for name, text in node.expressions.items():
        if name in shown:
            target, parameter = shown[name]
            placed[target] = replace(placed[target], expressions={**placed[target].expressions, parameter: text})
    nodes: dict[str, Node] = {}
    for other, outer in document.nodes.items():
        nodes |= placed if other == id else {other: outer}
    links = _dissolved_links(document, id, inner, new)
    routes = {**document.routes, **_shifted_routes(inner, new, x, y)}
    made = replace(
        document,
        nodes=_reading(nodes, outside),
        links=links,
        exposed=tuple(entry for old in document.exposed if (entry := _dissolved_entry(old, id, shown))),
        presets=_dissolved_presets(document, outside),
        frames=(*document.frames, *(boxes.shifted(frame, x, y) for frame in inner.frames)),
        sources={**document.sources, **added} if added else document.sources,
        routes=routes,
    )
    made = replace(made, routes=kept_routes(made))
    validate(made)
    return Replace(made)


def _offset(node: Node, parts: list[Node]) -> tuple[float, float]:
    """Return by how much the parts of a subgraph are moved so that their middle is where its node was."""
    if not parts:
        return 0.0, 0.0
    x, y = boxes.centre_of(parts)
    return node.position[0] - x, node.position[1] - y


def _reading(nodes: dict[str, Node], names: dict[str, str]) -> dict[str, Node]:
    """Return nodes whose expressions read parameters by other names."""
    return {
        id: replace(node, expressions={name: renamed(text, names) for name, text in node.expressions.items()})
        if node.expressions
        else node
        for id, node in nodes.items()
    }


def _shifted_routes(inner: Document, new: dict[str, str], x: float, y: float) -> dict[str, Route]:
    """Return the routes of links between nodes inside, by the links' texts outside."""
    found = {}
    for link in inner.links:
        route = inner.routes.get(str(link))
        if route is not None and link.source in new and link.target in new:
            text = str(replace(link, source=new[link.source], target=new[link.target]))
            found[text] = replace(route, via=tuple((left + x, top + y) for left, top in route.via))
    return found


def _with_named_reads(inner: Document, node: Node) -> Node:
    """Return a node whose expressions name parameters by their node alone."""
    if not node.expressions:
        return node
    texts = {}
    for name, text in node.expressions.items():
        places = reads(inner, node, name)
        texts[name] = renamed(text, {read: ".".join(place) for read, place in places.items()})
    return replace(node, expressions=texts)


def _dissolved_links(document: Document, id: str, inner: Document, new: dict[str, str]) -> tuple[Link, ...]:
    """Return the links of a document once a subgraph's wall is gone."""
    fed_outside, fed_inside = document.incoming().get(id, {}), inner.incoming()
    sockets = ports(inner, GRAPH_INPUT)
    exits = {name: own for own, name in ports(inner, GRAPH_OUTPUT).items()}

    def real(source: str, output: str) -> tuple[str, str] | None:
        """Follow an output inside to the node that computes it, or out through a port."""
        for _ in range(len(inner.nodes) + 1):
            if source in new:
                return new[source], output
            if source in sockets:
                feed = fed_outside.get(sockets[source])
                return (feed.source, feed.output) if feed else None
            feed = fed_inside.get(source, {}).get("value")
            if feed is None:
                return None
            source, output = feed.source, feed.output
        return None

    links: list[Link] = []
    for link in document.links:
        if link.target == id:
            continue
        if link.source != id:
            links.append(link)
        elif link.output in exits and (feed := real(exits[link.output], "out")):
            links.append(Link(*feed, link.target, link.socket))
    for link in inner.links:
        if link.target in new and (feed := real(link.source, link.output)):
            links.append(Link(*feed, new[link.target], link.socket))
    return tuple(links)


def _dissolved_entry(entry: Exposed, id: str, shown: dict[str, Place]) -> Exposed | None:
    if entry.node != id:
        return entry
    place = shown.get(entry.parameter)
    return replace(entry, node=place[0], parameter=place[1]) if place else None


def _dissolved_presets(document: Document, outside: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {
        name: {outside.get(key, key): value for key, value in preset.items()}
        for name, preset in document.presets.items()
    }
