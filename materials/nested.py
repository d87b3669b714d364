"""Edits inside embedded subgraphs; the graphs around them follow what becomes of ports and exposed parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from materials.changes import Change, Edit, Replace
from materials.driving import Place
from materials.errors import GraphError
from materials.graph import GRAPH_INPUT, GRAPH_OUTPUT, Document, Link, kept_routes
from materials.layout import Route

Names = dict[str, str]


@dataclass(frozen=True)
class Inside(Edit):
    """An edit made inside embedded subgraphs; `path` has the ids of their nodes from the outermost in.

    A link outside follows its port when that is renamed and goes when that goes; so do values of exposed parameters.
    """

    path: tuple[str, ...]
    edit: Edit

    def apply(self, document: Document) -> Change:
        levels = [document]
        for id in self.path:
            levels.append(inner_of(levels[-1], id))
        made, undo = self.edit.apply(levels[-1])
        if not self.path:
            return made, undo
        for outer, inner, id in zip(levels[-2::-1], levels[:0:-1], reversed(self.path), strict=True):
            made = _followed(outer, id, inner, made)
        return made, Replace(document)


def inner_of(document: Document, id: str) -> Document:
    """Return the document embedded in a node, or raise `GraphError`."""
    node = document.node(id)
    if node.graph is None:
        hint = "embed the file first" if node.file else ""
        raise GraphError("there is no graph embedded here", where=node.label, hint=hint)
    return node.graph


def ports(document: Document, key: str) -> Names:
    """Return the names of a document's ports of a kind, by the id of their node."""
    return {node.id: str(node.parameters.get("name", node.id)) for node in document.nodes.values() if node.key == key}


def _shown(document: Document) -> dict[Place, str]:
    return {(entry.node, entry.parameter): entry.name for entry in document.exposed}


def _renamed(old: dict, new: dict) -> dict[str, str | None]:
    """Return what became of names that changed: the new name, or None for one that is gone."""
    present = set(new.values())
    changed = {name: new.get(place) for place, name in old.items() if new.get(place) != name}
    return {name: other for name, other in changed.items() if other is not None or name not in present}


def _followed(outer: Document, id: str, old: Document, new: Document) -> Document:
    """Return a document around a subgraph that changed from `old` to `new`."""
    node = outer.nodes[id]
    changed = [
        _renamed(ports(old, GRAPH_INPUT), ports(new, GRAPH_INPUT)),
        _renamed(ports(old, GRAPH_OUTPUT), ports(new, GRAPH_OUTPUT)),
        _renamed(_shown(old), _shown(new)),
    ]
    sockets, outputs, parameters = changed
    values = {parameters.get(name, name): value for name, value in node.parameters.items()}
    texts = {parameters.get(name, name): text for name, text in node.expressions.items()}
    node = replace(
        node,
        graph=new,
        parameters={name: value for name, value in values.items() if name is not None},
        expressions={name: text for name, text in texts.items() if name is not None},
    )
    made = replace(outer, nodes={**outer.nodes, id: node})
    if not any(changed):
        return made
    links: list[Link] = []
    routes: dict[str, Route] = {}
    for link in outer.links:
        socket = sockets.get(link.socket, link.socket) if link.target == id else link.socket
        output = outputs.get(link.output, link.output) if link.source == id else link.output
        if socket is not None and output is not None:
            links.append(replace(link, socket=socket, output=output))
            if str(link) in outer.routes:
                routes[str(links[-1])] = outer.routes[str(link)]
    exposed = []
    for entry in outer.exposed:
        name = parameters.get(entry.parameter, entry.parameter) if entry.node == id else entry.parameter
        if name is not None:
            exposed.append(replace(entry, parameter=name))
    made = replace(made, links=tuple(links), routes=routes, exposed=tuple(exposed))
    return replace(made, routes=kept_routes(made))
