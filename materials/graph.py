"""The graph as plain, immutable data, and the questions that can be asked of it.

A change makes a new document that shares all unchanged parts with the old one; changes are made by
`materials.edits` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from materials.errors import GraphError
from materials.layout import Route
from nodes.catalogue import node_type
from nodes.declare import Kind, NodeType

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
"""What ids of nodes and names of sources, exposed parameters and ports look like."""

SUBGRAPH, GRAPH_INPUT, GRAPH_OUTPUT = "subgraph", "graph_input", "graph_output"
MATERIAL_OUTPUT = "material_output"
STRUCTURE = {SUBGRAPH, GRAPH_INPUT, GRAPH_OUTPUT}
"""Keys that the graph itself gives a meaning to: they vanish when it is flattened."""

MAX_NODES, MAX_LINKS, MAX_NESTING = 20_000, 100_000, 64


@dataclass(frozen=True)
class Node:
    """A node in a graph: a declared key and the values of its parameters.

    parameters hold all parameters of the node, and unknown ones as they were loaded.
    expressions drive parameters by name; see `materials.driving`.
    graph is the embedded document of a subgraph, file the path of a linked one.
    extra holds what a newer version wrote here.
    """

    id: str
    key: str
    version: int = 1
    title: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)
    bypass: bool = False
    graph: Document | None = None
    file: str = ""
    expressions: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> NodeType | None:
        return node_type(self.key)

    @property
    def first_output(self) -> str:
        """The name of the first output; of an embedded subgraph that of its first port. Empty where not known."""
        if self.type is not None:
            return self.type.outputs[0].name
        for node in self.graph.nodes.values() if self.graph is not None else ():
            if node.key == GRAPH_OUTPUT:
                return str(node.parameters.get("name", node.id))
        return ""

    @property
    def label(self) -> str:
        """The node as error messages name it: its kind, and its title or id."""
        return f'{self.key} "{self.title or self.id}"'


@dataclass(frozen=True, order=True)
class Link:
    """A wire from an output to a socket; written `source.output -> target.socket`."""

    source: str
    output: str
    target: str
    socket: str

    def __str__(self) -> str:
        return f"{self.source}.{self.output} -> {self.target}.{self.socket}"


@dataclass(frozen=True)
class Exposed:
    """A parameter that the document shows as its own."""

    name: str
    node: str
    parameter: str
    label: str = ""
    group: str = ""
    low: float | None = None
    high: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A part from outside: where it is, what its bytes are, whose it is and under which licence."""

    name: str
    path: str
    sha256: str
    title: str = ""
    author: str = ""
    licence: str = ""
    source: str = ""
    changes: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A graph and everything that is saved with it. Equal documents render equal pictures.

    frames : see `layout.frame_of`. routes : how links are drawn, by their text.
    view : where the graph was left, see `layout.view_of`; no part of the work itself, see `same_work`.
    """

    title: str = "Untitled"
    author: str = ""
    licence: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    exposed: tuple[Exposed, ...] = ()
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    frames: tuple[Mapping[str, Any], ...] = ()
    checks: tuple[str, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    view: Mapping[str, Any] = field(default_factory=dict)
    schema: int = 1
    extra: Mapping[str, Any] = field(default_factory=dict)

    def node(self, id: str) -> Node:
        """Return a node by id, or raise `GraphError` naming similar ids."""
        try:
            return self.nodes[id]
        except KeyError:
            raise GraphError(f"there is no node {id!r}", hint=similar(id, self.nodes)) from None

    def incoming(self) -> dict[str, dict[str, Link]]:
        """Return each node's links by socket; a socket takes one link."""
        found: dict[str, dict[str, Link]] = {}
        for link in self.links:
            found.setdefault(link.target, {})[link.socket] = link
        return found

    def outputs(self) -> dict[str, tuple[str, str]]:
        """Return what the document makes: name to node and output.

        These are the maps of its material output, then its graph outputs by their port's name, or, where
        it has neither, the first output of every node that nothing reads.
        """
        incoming = self.incoming()
        found: dict[str, tuple[str, str]] = {}
        read = {link.source for link in self.links}
        for node in self.nodes.values():
            if node.key == GRAPH_OUTPUT:
                found[str(node.parameters.get("name", node.id))] = (node.id, "out")
            elif node.key == MATERIAL_OUTPUT and node.id not in read:
                found |= {socket: (node.id, socket) for socket in incoming.get(node.id, {})}
        if not found:
            for node in self.nodes.values():
                if node.id not in read and (first := node.first_output):
                    found[node.id] = (node.id, first)
        return found


def similar(name: str, names: Iterable[str]) -> str:
    import difflib  # only when something is wrong

    close = difflib.get_close_matches(name, list(names), n=3)
    return f"did you mean {' or '.join(close)}?" if close else ""


def order(document: Document) -> list[str]:
    """Return the ids of all nodes, each after what it reads; first come first among equals.

    Raises
    ------
    GraphError
        If there is a cycle; the message walks it.
    """
    waiting = dict.fromkeys(document.nodes, 0)
    readers: dict[str, list[str]] = {}
    for link in document.links:
        waiting[link.target] += 1
        readers.setdefault(link.source, []).append(link.target)
    ready = [id for id, count in waiting.items() if count == 0]
    done: list[str] = []
    for id in ready:  # grows while we walk it
        done.append(id)
        for reader in readers.get(id, ()):
            waiting[reader] -= 1
            if waiting[reader] == 0:
                ready.append(reader)
    if len(done) < len(document.nodes):
        raise GraphError("the links run in a circle: " + _cycle(document, set(done)), hint="cut one of these links")
    return done


def _cycle(document: Document, done: set[str]) -> str:
    """Walk upstream from a node that is never ready until a node comes again."""
    before = {link.target: link.source for link in document.links if link.source not in done}
    walk = [next(id for id in before if id not in done)]
    while walk[-1] not in walk[:-1] and len(walk) <= len(before):
        walk.append(before[walk[-1]])
    circle = walk[walk.index(walk[-1]) :][::-1]
    shown = circle if len(circle) <= 12 else [*circle[:6], "…", *circle[-5:]]
    return " -> ".join(shown)


def validate(document: Document) -> None:
    """Check that every link joins things that exist and fit, and that nothing runs in a circle.

    Links from and to nodes of unknown kinds are let through: they are kept, not judged.
    """
    taken: set[tuple[str, str]] = set()
    for link in document.links:
        source, target = document.node(link.source), document.node(link.target)
        if (link.target, link.socket) in taken:
            raise GraphError(f"{link.socket} has two links", where=target.label, hint="keep one of them")
        taken.add((link.target, link.socket))
        check_link(link, source, target)
    order(document)


def check_link(link: Link, source: Node, target: Node) -> None:
    """Raise `GraphError` if a link names a port that is not there or joins kinds that do not fit."""
    made = read = None
    if source.type is not None:
        output = source.type.output(link.output)
        if output is None:
            names = ", ".join(out.name for out in source.type.outputs)
            raise GraphError(f"there is no output {link.output!r}", where=source.label, hint=f"it has {names}")
        made = output.kind
    if target.type is not None:
        socket = target.type.socket(link.socket)
        if socket is None:
            names = ", ".join(socket.name for socket in target.type.sockets) or "none"
            raise GraphError(f"there is no input {link.socket!r}", where=target.label, hint=f"its inputs: {names}")
        read = socket.kind
    if made and read and not fits(made, read):
        raise GraphError(
            f"{link.socket} takes {read.value}, {source.label} gives {made.value}",
            where=target.label,
            hint="to_grayscale makes Gray of Color" if (made, read) == (Kind.COLOR, Kind.GRAY) else "",
        )


def fits(made: Kind, read: Kind) -> bool:
    """Return whether an output of kind `made` may be wired to a socket of kind `read`."""
    pictures = {Kind.GRAY, Kind.COLOR, Kind.IMAGE}
    if read is Kind.IMAGE or made is Kind.IMAGE:
        return made in pictures and read in pictures
    return made is read or (made is Kind.GRAY and read is Kind.COLOR)


def checked(node: Node, name: str, value: Any) -> Any:
    """Return a parameter's value in canonical form, or raise `GraphError` in the artist's terms."""
    if node.type is None:
        if node.key == SUBGRAPH and node.graph is not None:
            entry = next((entry for entry in node.graph.exposed if entry.name == name), None)
            if entry is not None and entry.node in node.graph.nodes:
                return checked(node.graph.nodes[entry.node], entry.parameter, value)
        return value
    found = node.type.field(name)
    if found is None:
        names = [field.name for field in node.type.fields]
        raise GraphError(f"there is no parameter {name!r}", where=node.label, hint=similar(name, names) or _list(names))
    try:
        return found.parameter.check(value)
    except ValueError as error:
        raise GraphError(f"{name} {error}", where=node.label, hint=_default(found.default)) from None


def _list(names: list[str]) -> str:
    return f"it has {', '.join(names)}" if names else "it has no parameters"


def kept_routes(document: Document) -> Mapping[str, Route]:
    """Return the routes of links that are there; the very same if all are."""
    if not document.routes:
        return document.routes
    links = {str(link) for link in document.links}
    if links.issuperset(document.routes):
        return document.routes
    return {link: route for link, route in document.routes.items() if link in links}


def without_view(document: Document) -> Document:
    """Return the document, and those embedded in it, without their views; the very same if there is none."""
    nodes = {
        id: replace(node, graph=inner)
        for id, node in document.nodes.items()
        if node.graph is not None and (inner := without_view(node.graph)) is not node.graph
    }
    if not nodes and not document.view:
        return document
    return replace(document, nodes={**document.nodes, **nodes}, view={})


def same_work(one: Document, other: Document) -> bool:
    """Return whether two documents are the same but for where they were left."""
    return one is other or without_view(one) == without_view(other)


def _default(value: Any) -> str:
    text = str(value)
    return f"the default is {text}" if len(text) < 40 else ""
