"""The ports of the nodes of a graph as they are drawn: each with the kind that is on it, as far as the graph tells."""

from __future__ import annotations

from dataclasses import dataclass

from materials.errors import IntarsiaError
from materials.graph import Document, Link, Node
from materials.ports import Inside, inputs_of, kinds, outputs_of
from nodes.declare import Kind


@dataclass(frozen=True)
class Port:
    """A place on a node where a wire ends; `kind` is "Gray", "Color", … as far as the graph tells, else "Image"."""

    name: str
    kind: str
    optional: bool = False


@dataclass(frozen=True)
class Ports:
    """What a node has to be joined by, and the inputs that it needs and nothing feeds."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    missing: tuple[str, ...] = ()


def same_ports(old: Document, new: Document) -> bool:
    """Whether the nodes of two graphs have the same ports for certain: between two steps of a drag they do."""
    if old.links is not new.links or old.nodes.keys() != new.nodes.keys():
        return False
    return all(old.nodes[id] is node or _alike(old.nodes[id], node) for id, node in new.nodes.items())


def _alike(old: Node, new: Node) -> bool:
    if new.type is None or old.key != new.key:  # subgraphs and their ports, which files and names decide
        return False
    return old.version == new.version and old.bypass == new.bypass


def ports_of(graph: Document, inside: Inside) -> dict[str, Ports]:
    """Return the ports of all nodes of a graph, by id."""
    try:
        known = kinds(graph, inside)
    except IntarsiaError:  # links in a circle
        known = {}
    incoming = graph.incoming()
    return {id: _ports(node, graph, inside, known, incoming.get(id, {})) for id, node in graph.nodes.items()}


def _ports(
    node: Node,
    graph: Document,
    inside: Inside,
    known: dict[tuple[str, str], Kind | None],
    fed: dict[str, Link],
) -> Ports:
    """Return a node's ports; those of an unknown node are the ones that wires end at."""
    inputs = inputs_of(node, inside)
    outputs = outputs_of(node, inside)
    if not inputs and not outputs and node.type is None:
        return _from_links(node.id, graph)
    found = []
    for port in inputs:
        link = fed.get(port.name)
        either = port.kind in (None, Kind.IMAGE)
        kind = known.get((link.source, link.output)) if link is not None and either else port.kind
        found.append(Port(port.name, _word(kind), port.optional))
    missing = tuple(
        port.name for port in inputs if node.type is not None and not port.optional and port.name not in fed
    )
    made = tuple(Port(port.name, _word(known.get((node.id, port.name)))) for port in outputs)
    return Ports(tuple(found), made, missing)


def _word(kind: Kind | None) -> str:
    return (kind or Kind.IMAGE).value


def _from_links(id: str, graph: Document) -> Ports:
    """Return the ports that a node of unknown kind is seen to have."""
    inputs = dict.fromkeys(link.socket for link in graph.links if link.target == id)
    outputs = dict.fromkeys(link.output for link in graph.links if link.source == id)
    any_kind = _word(None)
    return Ports(tuple(Port(name, any_kind, True) for name in inputs), tuple(Port(name, any_kind) for name in outputs))
