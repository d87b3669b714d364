"""What can be plugged where: the inputs and outputs of nodes, subgraphs included, and what flows there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from materials.graph import GRAPH_INPUT, GRAPH_OUTPUT, SUBGRAPH, Document, Link, Node, fits, order
from materials.nested import ports
from nodes.declare import Kind

Inside = Callable[[Node], Document | None]
"""Gives the document within a subgraph; None where it is not one, or cannot be had."""


def embedded(node: Node) -> Document | None:
    """Return the document that a subgraph holds itself; linked files are not looked into."""
    return node.graph


class Port(NamedTuple):
    """An input or output; kind is None where it is not known, as for ports of subgraphs."""

    name: str
    kind: Kind | None
    optional: bool = True


def inputs_of(node: Node, inside: Inside = embedded) -> tuple[Port, ...]:
    """Return a node's inputs in order; none for kinds that are not known here."""
    if node.type is not None:
        return tuple(Port(socket.name, socket.kind, socket.optional) for socket in node.type.sockets)
    if node.key == GRAPH_OUTPUT:
        return (Port("value", None),)
    inner = inside(node) if node.key == SUBGRAPH else None
    if inner is None:
        return ()
    return tuple(Port(name, _read_as(inner, id, inside)) for id, name in ports(inner, GRAPH_INPUT).items())


def outputs_of(node: Node, inside: Inside = embedded) -> tuple[Port, ...]:
    """Return a node's outputs in order; none for kinds that are not known here."""
    if node.type is not None:
        return tuple(Port(output.name, output.kind) for output in node.type.outputs)
    if node.key == GRAPH_INPUT:
        return (Port("out", None),)
    inner = inside(node) if node.key == SUBGRAPH else None
    if inner is None:
        return ()
    known, fed = kinds(inner, inside), inner.incoming()
    names = ports(inner, GRAPH_OUTPUT)
    return tuple(Port(name, _fed_by(known, fed.get(id, {}))) for id, name in names.items())


def _read_as(inner: Document, id: str, inside: Inside) -> Kind | None:
    """Return what the first reader of a graph input takes."""
    for link in inner.links:
        if link.source == id:
            port = named(inputs_of(inner.nodes[link.target], inside), link.socket)
            return port.kind if port else None
    return None


def _fed_by(known: Mapping[tuple[str, str], Kind | None], sockets: Mapping[str, Link]) -> Kind | None:
    link = sockets.get("value")
    return known.get((link.source, link.output)) if link else None


def named(found: Iterable[Port], name: str) -> Port | None:
    """Return the port of a name, or None."""
    return next((port for port in found if port.name == name), None)


def kinds(document: Document, inside: Inside = embedded) -> dict[tuple[str, str], Kind | None]:
    """Return what flows out of each output by node and name: gray or colour told apart, where that can be known."""
    found: dict[tuple[str, str], Kind | None] = {}
    fed = document.incoming()
    for id in order(document):
        node = document.nodes[id]
        arriving = {
            found.get((link.source, link.output))
            for socket, link in fed.get(id, {}).items()
            if node.type is not None and (own := node.type.socket(socket)) and own.kind is Kind.IMAGE
        }
        for port in outputs_of(node, inside):
            kind = _read_as(document, id, inside) if node.key == GRAPH_INPUT else port.kind
            if kind is Kind.IMAGE and not arriving & {None, Kind.IMAGE}:
                kind = Kind.COLOR if Kind.COLOR in arriving else Kind.GRAY
            found[id, port.name] = kind
    return found


def joins(made: Kind | None, read: Kind | None) -> bool:
    """Return whether a wire may run between two kinds; one that is not known is let through, as in `check_link`."""
    return made is None or read is None or fits(made, read)
