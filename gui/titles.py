"""What nodes are called, everywhere alike."""

from __future__ import annotations

from materials.graph import SUBGRAPH, Node
from nodes.catalogue import node_type
from nodes.declare import sentence_case


def title_of(node: Node) -> str:
    """Return what a node is called: its own title, or that of what it is."""
    if node.title:
        return node.title
    if node.type is not None:
        return node.type.title
    if node.key == SUBGRAPH and node.graph is not None and node.graph.title not in ("", "Untitled"):
        return node.graph.title
    name = str(node.parameters.get("name", "")) if node.key.startswith("graph_") else ""
    return name or sentence_case(node.key)


def title_of_kind(key: str) -> str:
    """Return what a kind of node is called."""
    kind = node_type(key)
    return kind.title if kind is not None else sentence_case(key)
