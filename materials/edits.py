"""All changes to a document, each reversible, as plain data: the same for the app, a script and a merge.

`edit.apply(document)` returns the new document and the edit that undoes it. An edit that makes no sense raises
`GraphError` and changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from materials import files
from materials.changes import (
    Change as Change,
    Edit as Edit,
    Group as Group,
    PutNode,
    Replace as Replace,
    SetFields,
)
from materials.differences import difference as difference
from materials.driving import driven
from materials.errors import GraphError, SourceError
from materials.exposing import Expose as Expose, Hide as Hide, Reorder as Reorder, SetExposed as SetExposed
from materials.expressions import ExpressionError, expression_of
from materials.graph import (
    NAME,
    SUBGRAPH,
    Document,
    Link,
    Node,
    Source,
    check_link,
    checked,
    kept_routes,
    order,
    validate,
)
from materials.layout import Route, frame_of, route_data, route_of, view_of
from materials.nested import Inside as Inside


@dataclass(frozen=True)
class AddNode(Edit):
    """Add a node; parameters it does not state take their defaults. `before` keeps its place in the order."""

    node: Node
    before: str | None = None

    def apply(self, document: Document) -> Change:
        node = _new(document, self.node)
        return replace(document, nodes=_inserted(document.nodes, node, self.before)), RemoveNode(node.id)


def _new(document: Document, node: Node) -> Node:
    """Return a node as it enters a document, complete, or raise `GraphError`."""
    if node.id in document.nodes:
        raise GraphError(f"there is a node {node.id!r} already")
    if not NAME.fullmatch(node.id):
        raise GraphError(f"{node.id[:40]!r} is no id", hint="letters, digits and _, at most 128")
    kind = node.type
    if kind is None or node.version > kind.version:  # kept as it is, and not run
        return node
    given = {name: checked(node, name, value) for name, value in node.parameters.items()}
    return replace(node, version=kind.version, parameters={**kind.defaults(), **given})


def _inserted(nodes: Mapping[str, Node], node: Node, before: str | None) -> dict[str, Node]:
    """Return nodes with one more, in front of the one with id `before` or at the end."""
    result: dict[str, Node] = {}
    for id, other in nodes.items():
        if id == before:
            result[node.id] = node
        result[id] = other
    result.setdefault(node.id, node)
    return result


@dataclass(frozen=True)
class RemoveNode(Edit):
    """Remove a node with its links, their routes and what the document shows of its parameters."""

    id: str

    def apply(self, document: Document) -> Change:
        node = document.node(self.id)
        ids = list(document.nodes)
        after = ids[ids.index(self.id) + 1 :]
        changed = _without(document, {self.id})
        fields = SetFields.of(document, "links", "exposed", "routes")
        return changed, _Restore(node, after[0] if after else None, fields)


@dataclass(frozen=True)
class _Restore(Edit):
    """Put back a removed node, exactly as it was."""

    node: Node
    before: str | None
    fields: SetFields

    def apply(self, document: Document) -> Change:
        nodes = _inserted(document.nodes, self.node, self.before)
        return replace(document, nodes=nodes, **self.fields.values), RemoveNode(self.node.id)


def _without(document: Document, ids: Collection[str]) -> Document:
    """Return the document without some nodes and what hangs on them."""
    made = replace(
        document,
        nodes={id: node for id, node in document.nodes.items() if id not in ids},
        links=tuple(link for link in document.links if link.source not in ids and link.target not in ids),
        exposed=tuple(entry for entry in document.exposed if entry.node not in ids),
    )
    return replace(made, routes=kept_routes(made))


@dataclass(frozen=True)
class AddAll(Edit):
    """Add many parts at once, checked once; `routes` are of the links among `links`."""

    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    frames: tuple[Mapping[str, Any], ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)

    def apply(self, document: Document) -> Change:
        nodes = dict(document.nodes)
        for node in self.nodes:
            if node.id in nodes:
                raise GraphError(f"there is a node {node.id!r} already")
            nodes[node.id] = _new(document, node)
        if taken := document.sources.keys() & self.sources.keys():
            raise GraphError(f"there is a source {min(taken)!r} already")
        made = replace(
            document,
            nodes=nodes,
            links=(*document.links, *self.links),
            frames=(*document.frames, *(frame_of(frame) for frame in self.frames)),
            sources={**document.sources, **self.sources} if self.sources else document.sources,
            routes={**document.routes, **self.routes} if self.routes else document.routes,
        )
        validate(made)
        return made, SetFields.of(document, "nodes", "links", "frames", "sources", "routes")


@dataclass(frozen=True)
class RemoveAll(Edit):
    """Remove many nodes at once, as `RemoveNode` does one."""

    ids: tuple[str, ...]

    def apply(self, document: Document) -> Change:
        for id in self.ids:
            document.node(id)
        return _without(document, set(self.ids)), SetFields.of(document, "nodes", "links", "exposed", "routes")


@dataclass(frozen=True)
class SetParameter(Edit):
    """Set one parameter of a node."""

    id: str
    name: str
    value: Any

    def apply(self, document: Document) -> Change:
        node = document.node(self.id)
        value = checked(node, self.name, self.value)
        return PutNode(self.id, "parameters", {**node.parameters, self.name: value}).apply(document)


@dataclass(frozen=True)
class SetExpression(Edit):
    """Let an expression drive a parameter, or, with None, nothing."""

    id: str
    name: str
    text: str | None

    def apply(self, document: Document) -> Change:
        node = document.node(self.id)
        kept = {name: text for name, text in node.expressions.items() if name != self.name}
        if self.text is None:
            if len(kept) == len(node.expressions):
                raise GraphError(f"nothing drives {self.name}", where=node.label)
            return PutNode(self.id, "expressions", kept).apply(document)
        try:
            expression_of(self.text)
        except ExpressionError as error:
            raise GraphError(f"the expression of {self.name} {error}", where=node.label) from None
        made, undo = PutNode(self.id, "expressions", {**node.expressions, self.name: self.text}).apply(document)
        try:
            driven(made)
        except (
            GraphError
        ):  # a name that is not there, a circle, a range: refused now, unless the graph is broken anyway
            if _drives(document):
                raise
        return made, undo


def _drives(document: Document) -> bool:
    try:
        driven(document)
    except GraphError:
        return False
    return True


@dataclass(frozen=True)
class SetNode(Edit):
    """Change what is not a parameter: a node's title, position or bypass, a subgraph's graph or file."""

    id: str
    field: str
    value: Any

    def apply(self, document: Document) -> Change:
        node = document.node(self.id)
        return PutNode(self.id, self.field, _node_field(node, self.field, self.value)).apply(document)


def _node_field(node: Node, field: str, value: Any) -> Any:
    """Return a new value of a node's field as it is kept, or raise `GraphError`."""
    match field:
        case "title" if isinstance(value, str) and len(value) <= 1000 and "\0" not in value:
            return value
        case "bypass" if isinstance(value, bool):
            return value
        case "position":
            try:
                x, y = (float(part) for part in value)
            except (TypeError, ValueError):
                x = y = math.nan
            if abs(x) < 1e9 and abs(y) < 1e9:
                return x, y
        case "graph" if node.key == SUBGRAPH and (value is None or isinstance(value, Document)):
            return value
        case "file" if node.key == SUBGRAPH and isinstance(value, str):
            try:
                return files.check_relative(value) or value if value else value
            except SourceError as error:
                raise GraphError(error.what, where=node.label, hint=error.hint) from None
        case "title" | "bypass" | "graph" | "file":
            pass
        case _:
            raise GraphError(f"a node has no {field!r} that can be set")
    raise GraphError(f"{str(value)[:40]!r} is no {field}", where=node.label)


@dataclass(frozen=True)
class Connect(Edit):
    """Join an output to a socket; a link that is there already is replaced."""

    link: Link

    def apply(self, document: Document) -> Change:
        link = self.link
        check_link(link, document.node(link.source), document.node(link.target))
        kept = tuple(old for old in document.links if (old.target, old.socket) != (link.target, link.socket))
        changed = replace(document, links=(*kept, link))
        order(changed)
        return replace(changed, routes=kept_routes(changed)), SetFields.of(document, "links", "routes")


@dataclass(frozen=True)
class Disconnect(Edit):
    """Take the link out of a socket."""

    target: str
    socket: str

    def apply(self, document: Document) -> Change:
        kept = tuple(link for link in document.links if (link.target, link.socket) != (self.target, self.socket))
        if len(kept) == len(document.links):
            raise GraphError(f"nothing is connected to {self.socket}", where=document.node(self.target).label)
        changed = replace(document, links=kept)
        return replace(changed, routes=kept_routes(changed)), SetFields.of(document, "links", "routes")


@dataclass(frozen=True)
class SetRoute(Edit):
    """Draw a link through other points or as a portal; None draws it straight."""

    link: Link
    route: Route | None

    def apply(self, document: Document) -> Change:
        text = str(self.link)
        if self.link not in document.links:
            raise GraphError(f"there is no link {text}")
        routes = {link: route for link, route in document.routes.items() if link != text}
        if self.route is not None:
            routes[text] = route_of(route_data(self.route), text)
        return replace(document, routes=routes), SetFields.of(document, "routes")


@dataclass(frozen=True)
class SetMeta(Edit):
    """Set what belongs to the document as a whole; see `FIELDS`."""

    field: str
    value: Any

    FIELDS = ("title", "author", "licence", "description", "tags", "checks", "frames", "presets", "sources")
    FIELDS += ("routes", "view")

    def apply(self, document: Document) -> Change:
        if self.field not in self.FIELDS:
            raise GraphError(f"a document has no {self.field!r} that can be set", hint=", ".join(self.FIELDS))
        made, undo = SetFields({self.field: self._checked()}).apply(document)
        return replace(made, routes=kept_routes(made)), undo

    def _checked(self) -> Any:
        match self.field:
            case "frames":
                return tuple(frame_of(frame) for frame in self.value)
            case "routes":
                return {link: route_of(route_data(route), link) for link, route in self.value.items()}
            case "view":
                return view_of(self.value)
        return self.value
