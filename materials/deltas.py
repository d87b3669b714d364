"""What differs between two documents, as small JSON values, and a document's data brought from one to the other.

Documents that came from each other by edits share what did not change, so that nearly all is told by identity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from materials.document import node_data, to_data
from materials.graph import Document, Link, Node


def delta(old: Document, new: Document) -> dict[str, Any]:
    """Return what must change in the data of `old` to make that of `new`; empty if nothing."""
    found: dict[str, Any] = {}
    if old.nodes is not new.nodes:
        found |= _nodes(old, new)
    if old.links is not new.links and old.links != new.links:
        found["links"] = _links(old.links, new.links)
    if any(getattr(old, name) is not getattr(new, name) for name in _META):
        before, after = _meta(old), _meta(new)
        if changed := {key: value for key, value in after.items() if key not in before or before[key] != value}:
            found["meta"] = changed
        if gone := [key for key in before if key not in after]:
            found["gone"] = gone
    return found


_META = tuple(name for name in Document.__dataclass_fields__ if name not in ("nodes", "links"))


def _meta(document: Document) -> dict[str, Any]:
    data = to_data(replace(document, nodes={}, links=()))
    return {key: value for key, value in data.items() if key not in ("nodes", "links")}


def _nodes(old: Document, new: Document) -> dict[str, Any]:
    """Return the nodes that changed, by id, null for those that went; and the order if it is not the plain one."""
    changed: dict[str, Any] = {id: None for id in old.nodes if id not in new.nodes}
    for id, node in new.nodes.items():
        before = old.nodes.get(id)
        if before is None:
            changed[id] = {"=": node_data(node)}
        elif before is not node and before != node:
            changed[id] = _node(before, node)
    found: dict[str, Any] = {"nodes": changed} if changed else {}
    plain = [id for id in old.nodes if id in new.nodes] + [id for id in new.nodes if id not in old.nodes]
    if plain != list(new.nodes):
        found["order"] = list(new.nodes)
    return found


def _node(old: Node, new: Node) -> dict[str, Any]:
    if old.graph is None or new.graph is None:
        return {"=": node_data(new)}
    found: dict[str, Any] = {}
    if replace(old, graph=None) != replace(new, graph=None):
        found["~"] = node_data(replace(new, graph=None))
    if inner := delta(old.graph, new.graph):
        found["graph"] = inner
    return found


def _links(old: tuple[Link, ...], new: tuple[Link, ...]) -> dict[str, Any]:
    before, after = set(old), set(new)
    added = [link for link in new if link not in before]
    if [link for link in old if link in after] + added == list(new):
        return {"-": [str(link) for link in old if link not in after], "+": [str(link) for link in added]}
    return {"=": [str(link) for link in new]}


def apply_delta(data: dict[str, Any], change: dict[str, Any]) -> None:
    """Bring a document's data from one state to the next, in place.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the change is none of this data.
    """
    nodes = data["nodes"]
    for id, block in change.get("nodes", {}).items():
        if block is None:
            del nodes[id]
        elif "=" in block:
            nodes[id] = block["="]
        else:
            graph = nodes[id]["graph"]
            if "graph" in block:
                apply_delta(graph, block["graph"])
            nodes[id] = {**block.get("~", nodes[id]), "graph": graph}
    if "order" in change:
        data["nodes"] = {id: nodes[id] for id in change["order"]}
    if "links" in change:
        links = change["links"]
        gone = set(links.get("-", ()))
        kept = [link for link in data["links"] if link not in gone] if gone else data["links"]
        data["links"] = links["="] if "=" in links else kept + links["+"]
    data.update(change.get("meta", {}))
    for key in change.get("gone", ()):
        del data[key]
