"""The ports of the nodes of a graph, and the kinds of picture on them as far as the graph tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from materials.errors import IntarsiaError
from materials.graph import GRAPH_INPUT, GRAPH_OUTPUT, SUBGRAPH, Document, Node, order
from nodes.declare import Kind

ANY = Kind.IMAGE.value

Opened = Callable[[Node], Document | None]
"""Gives the inside of a subgraph, embedded or linked; None where it cannot be had."""


@dataclass(frozen=True)
class Port:
    """A place on a node where a wire ends; `kind` is "Gray", "Color", … as far as the graph tells, else "Image"."""

    name: str
    kind: str
    optional: bool = False


@dataclass(frozen=True)
class Ports:
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


def ports_of(graph: Document, opened: Opened) -> dict[str, Ports]:
    """Return the ports of all nodes of a graph, by id."""
    incoming = graph.incoming()
    asked = _asked(graph)
    found: dict[str, Ports] = {}
    try:
        ids = order(graph)
    except IntarsiaError:  # links in a circle: kinds are then known less well
        ids = list(graph.nodes)
    for id in ids:
        node = graph.nodes[id]
        plain = _plain(node, graph, opened, asked)
        fed = {}
        for socket, link in incoming.get(id, {}).items():
            source = found.get(link.source)
            port = next((port for port in source.outputs if port.name == link.output), None) if source else None
            if port is not None:
                fed[socket] = port.kind
        found[id] = _resolved(plain, fed)
    return found


def _resolved(ports: Ports, fed: dict[str, str]) -> Ports:
    """Return ports with gray-or-colour outputs as what is fed makes them: colour, if any picture is."""
    either = [port.name for port in ports.inputs if port.kind == ANY]
    kinds = [fed[name] for name in either if name in fed and fed[name] != ANY]
    made = Kind.COLOR.value if Kind.COLOR.value in kinds else kinds[0] if kinds else ANY
    inputs = tuple(
        replace(port, kind=fed[port.name]) if port.kind == ANY and port.name in fed else port for port in ports.inputs
    )
    outputs = tuple(replace(port, kind=made) if port.kind == ANY else port for port in ports.outputs)
    return Ports(inputs, outputs)


def _plain(node: Node, graph: Document, opened: Opened, asked: dict[str, str]) -> Ports:
    """Return a node's ports as it declares them."""
    if node.type is not None:
        inputs = tuple(Port(socket.name, socket.kind.value, socket.optional) for socket in node.type.sockets)
        return Ports(inputs, tuple(Port(output.name, output.kind.value) for output in node.type.outputs))
    if node.key == GRAPH_INPUT:
        return Ports((), (Port("out", asked.get(node.id, ANY)),))
    if node.key == GRAPH_OUTPUT:
        return Ports((Port("value", ANY, True),), ())
    inside = opened(node) if node.key == SUBGRAPH else None
    if inside is None:
        return _from_links(node.id, graph)
    within = ports_of(inside, opened)
    inputs, outputs = [], []
    for inner in inside.nodes.values():
        name = str(inner.parameters.get("name", inner.id))
        if inner.key == GRAPH_INPUT:
            inputs.append(Port(name, within[inner.id].outputs[0].kind, True))
        elif inner.key == GRAPH_OUTPUT:
            outputs.append(Port(name, within[inner.id].inputs[0].kind))
    return Ports(tuple(inputs), tuple(outputs))


def _asked(graph: Document) -> dict[str, str]:
    """Return what the readers of each graph input take, where they agree on one kind."""
    found: dict[str, set[str]] = {}
    for link in graph.links:
        target = graph.nodes.get(link.target)
        socket = target.type.socket(link.socket) if target is not None and target.type is not None else None
        if socket is not None:
            found.setdefault(link.source, set()).add(socket.kind.value)
    return {id: kinds.pop() for id, kinds in found.items() if len(kinds) == 1}


def _from_links(id: str, graph: Document) -> Ports:
    """Return the ports that a node of unknown kind is seen to have."""
    inputs = dict.fromkeys(link.socket for link in graph.links if link.target == id)
    outputs = dict.fromkeys(link.output for link in graph.links if link.source == id)
    return Ports(tuple(Port(name, ANY, True) for name in inputs), tuple(Port(name, ANY) for name in outputs))
