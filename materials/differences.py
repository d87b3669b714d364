"""What changed from one document to another, told in an artist's terms."""

from __future__ import annotations

from typing import Any

from materials.graph import Document, Node

FIELDS = ("title", "author", "licence", "description", "tags", "exposed", "presets", "checks", "sources")


def difference(old: Document, new: Document) -> list[str]:
    """Return what changed from `old` to `new`, a line each, in terms of nodes, parameters and links."""
    lines = []
    for id in old.nodes:
        if id not in new.nodes:
            lines.append(f"- {old.nodes[id].label}")
    for id, node in new.nodes.items():
        before = old.nodes.get(id)
        if before is None:
            lines.append(f"+ {node.label}")
        elif before != node:
            lines += _node_difference(before, node)
    lines += [f"- {link}" for link in sorted(set(old.links) - set(new.links))]
    lines += [f"+ {link}" for link in sorted(set(new.links) - set(old.links))]
    for field in FIELDS:
        if getattr(old, field) != getattr(new, field):
            lines.append(f"~ {field}: {_brief(getattr(old, field))} -> {_brief(getattr(new, field))}")
    return lines


def _node_difference(old: Node, new: Node) -> list[str]:
    lines = []
    for name in {**old.parameters, **new.parameters}:
        before, after = old.parameters.get(name), new.parameters.get(name)
        if before != after:
            lines.append(f"~ {new.label}: {name} {_brief(before)} -> {_brief(after)}")
    for name in {**old.expressions, **new.expressions}:
        before, after = old.expressions.get(name), new.expressions.get(name)
        if before != after:
            lines.append(f"~ {new.label}: {name} {_driver(before)} -> {_driver(after)}")
    for name in ("key", "version", "title", "bypass", "file"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            lines.append(f"~ {new.label}: {name} {_brief(before)} -> {_brief(after)}")
    if old.graph is not None and new.graph is not None and old.graph != new.graph:
        lines += [f"{line[:2]}{new.id}/{line[2:]}" for line in difference(old.graph, new.graph)]
    return lines


def _driver(text: str | None) -> str:
    return "not driven" if text is None else f"driven by {_brief(text)}"


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
