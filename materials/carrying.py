"""Parts of a document carried into another one: ids, sources and expressions made to fit there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from materials.driving import Place, driven, place_of
from materials.errors import GraphError
from materials.expressions import ExpressionError, expression_of, renamed
from materials.graph import GRAPH_INPUT, GRAPH_OUTPUT, Document, Node, Source
from materials.nested import ports
from nodes.declare import Picture


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: itself, or with the next free number, as `blur_2`."""
    stem = re.sub(r"_\d+$", "", name) or name
    made, number = name, 1
    while made in taken:
        number += 1
        made = f"{stem[:120]}_{number}"
    return made


def chosen(document: Document, ids: Collection[str]) -> list[str]:
    """Return ids in the document's order, or raise `GraphError` where one is not there or there is none."""
    for id in ids:
        document.node(id)
    if not ids:
        raise GraphError("nothing is selected")
    wanted = set(ids)
    return [id for id in document.nodes if id in wanted]


@dataclass
class Names:
    """Free ids for nodes that enter a document, and what expressions that read them are to say."""

    taken: set[str]
    ids: dict[str, str] = field(default_factory=dict)

    def give(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the new id of each."""
        for id in ids:
            self.ids[id] = free_name(id, self.taken)
            self.taken.add(self.ids[id])
        return self.ids

    def text(self, text: str) -> str:
        """Return an expression with its `node.parameter` names by the new ids."""
        names = {}
        for name in expression_of(text).names:
            id, dot, parameter = name.partition(".")
            if dot and id in self.ids:
                names[name] = f"{self.ids[id]}.{parameter}"
        return renamed(text, names)

    def node(self, node: Node) -> Node:
        """Return a node under its new id."""
        texts = {name: self.text(text) for name, text in node.expressions.items()}
        return replace(node, id=self.ids[node.id], expressions=texts)


def reads(document: Document, node: Node, name: str) -> dict[str, Place]:
    """Return what the expression of a node's parameter reads, by the name it says; nothing if it makes no sense."""
    try:
        names = expression_of(node.expressions[name]).names
        return {read: place_of(document, (node.id, name), read) for read in names}
    except (ExpressionError, GraphError):
        return {}


def with_free_ports(document: Document, nodes: Iterable[Node]) -> list[Node]:
    """Return nodes that enter a document, those that are ports of a graph with names no other port has."""
    taken = {key: set(ports(document, key).values()) for key in (GRAPH_INPUT, GRAPH_OUTPUT)}
    found = []
    for node in nodes:
        if node.key in taken:
            name = free_name(str(node.parameters.get("name", node.id)), taken[node.key])
            taken[node.key].add(name)
            node = replace(node, parameters={**node.parameters, "name": name})
        found.append(node)
    return found


def on_their_own(document: Document, ids: Collection[str]) -> list[Node]:
    """Return nodes as they are without the others: what others drove has its value, names of exposed parameters go."""
    try:
        now = driven(document)
    except GraphError:
        now = document
    found = []
    for node in (document.nodes[id] for id in ids):
        texts, values = {}, dict(node.parameters)
        for name, text in node.expressions.items():
            places = reads(document, node, name)
            if all(place[0] in ids for place in places.values()):
                texts[name] = renamed(text, {read: ".".join(place) for read, place in places.items()})
            elif name in now.nodes[node.id].parameters:
                values[name] = now.nodes[node.id].parameters[name]
        found.append(replace(node, parameters=values, expressions=texts))
    return found


def sources_of(document: Document, nodes: Iterable[Node]) -> dict[str, Source]:
    """Return the entries of a document's sources that nodes name."""
    named = {name for node in nodes for name in _named(node).values()}
    return {name: source for name, source in document.sources.items() if name in named}


def _named(node: Node) -> dict[str, str]:
    """Return the sources that a node names, by parameter."""
    fields = node.type.fields if node.type is not None else ()
    return {
        field.name: str(node.parameters.get(field.name)) for field in fields if isinstance(field.parameter, Picture)
    }


def with_sources(
    nodes: Iterable[Node], sources: Mapping[str, Source], there: Mapping[str, Source]
) -> tuple[list[Node], dict[str, Source]]:
    """Return nodes that name their sources as the document they enter is to list them, and what is new in its list."""
    new: dict[str, str] = {}
    added: dict[str, Source] = {}
    for name, source in sources.items():
        if there.get(name) == source:
            new[name] = name
        else:
            new[name] = free_name(name, {*there, *added})
            added[new[name]] = replace(source, name=new[name])
    found = []
    for node in nodes:
        changed = {field: new[name] for field, name in _named(node).items() if name in new}
        found.append(replace(node, parameters={**node.parameters, **changed}) if changed else node)
    return found, added
