"""All changes to a document, each reversible, as plain data: the same for the app, a script and a merge.

`edit.apply(document)` returns the new document and the edit that undoes it. An edit that makes no sense raises
`GraphError` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from materials.errors import GraphError
from materials.graph import NAME, Document, Exposed, Link, Node, check_link, checked, order

Change = tuple[Document, "Edit"]


class Edit:
    """A change to a document; the base of all edits."""

    def apply(self, document: Document) -> Change:
        """Return the changed document and the edit that takes the change back."""
        raise NotImplementedError


@dataclass(frozen=True)
class Group(Edit):
    """Several edits as one step; if one of them fails none is made."""

    edits: tuple[Edit, ...]

    def apply(self, document: Document) -> Change:
        undo: list[Edit] = []
        for edit in self.edits:
            document, back = edit.apply(document)
            undo.append(back)
        return document, Group(tuple(reversed(undo)))


@dataclass(frozen=True)
class AddNode(Edit):
    """Add a node; parameters it does not state take their defaults. `before` keeps its place in the order."""

    node: Node
    before: str | None = None

    def apply(self, document: Document) -> Change:
        if self.node.id in document.nodes:
            raise GraphError(f"there is a node {self.node.id!r} already")
        if not NAME.fullmatch(self.node.id):
            raise GraphError(f"{self.node.id[:40]!r} is no id", hint="letters, digits and _, at most 128")
        node, kind = self.node, self.node.type
        if kind is not None:
            given = {name: checked(node, name, value) for name, value in node.parameters.items()}
            node = replace(node, version=kind.version, parameters={**kind.defaults(), **given})
        return replace(document, nodes=_inserted(document.nodes, node, self.before)), RemoveNode(node.id)


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
    """Remove a node with its links and what the document shows of its parameters."""

    id: str

    def apply(self, document: Document) -> Change:
        node = document.node(self.id)
        ids = list(document.nodes)
        after = ids[ids.index(self.id) + 1 :]
        undo = _Restore(node, after[0] if after else None, document.links, document.exposed)
        nodes = {id: other for id, other in document.nodes.items() if id != self.id}
        links = tuple(link for link in document.links if self.id not in (link.source, link.target))
        exposed = tuple(entry for entry in document.exposed if entry.node != self.id)
        return replace(document, nodes=nodes, links=links, exposed=exposed), undo


@dataclass(frozen=True)
class _Restore(Edit):
    """Put back a removed node, exactly as it was."""

    node: Node
    before: str | None
    links: tuple[Link, ...]
    exposed: tuple[Exposed, ...]

    def apply(self, document: Document) -> Change:
        nodes = _inserted(document.nodes, self.node, self.before)
        return replace(document, nodes=nodes, links=self.links, exposed=self.exposed), RemoveNode(self.node.id)


@dataclass(frozen=True)
class SetParameter(Edit):
    """Set one parameter of a node."""

    id: str
    name: str
    value: Any

    def apply(self, document: Document) -> Change:
        node = document.node(self.id)
        value = checked(node, self.name, self.value)
        return _Put(self.id, "parameters", {**node.parameters, self.name: value}).apply(document)


@dataclass(frozen=True)
class SetNode(Edit):
    """Change what is not a parameter: a node's `title`, `position` or `bypass`."""

    id: str
    field: str
    value: Any

    def apply(self, document: Document) -> Change:
        if self.field not in {"title", "position", "bypass"}:
            raise GraphError(f"a node has no {self.field!r} that can be set")
        return _Put(self.id, self.field, self.value).apply(document)


@dataclass(frozen=True)
class _Put(Edit):
    id: str
    field: str
    value: Any

    def apply(self, document: Document) -> Change:
        node = document.node(self.id)
        undo = _Put(self.id, self.field, getattr(node, self.field))
        changed = replace(node, **{self.field: self.value})
        return replace(document, nodes={**document.nodes, self.id: changed}), undo


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
        return changed, _Set("links", document.links)


@dataclass(frozen=True)
class Disconnect(Edit):
    """Take the link out of a socket."""

    target: str
    socket: str

    def apply(self, document: Document) -> Change:
        kept = tuple(link for link in document.links if (link.target, link.socket) != (self.target, self.socket))
        if len(kept) == len(document.links):
            raise GraphError(f"nothing is connected to {self.socket}", where=document.node(self.target).label)
        return replace(document, links=kept), _Set("links", document.links)


@dataclass(frozen=True)
class _Set(Edit):
    """Replace one field of the document."""

    field: str
    value: Any

    def apply(self, document: Document) -> Change:
        return replace(document, **{self.field: self.value}), _Set(self.field, getattr(document, self.field))


@dataclass(frozen=True)
class SetMeta(Edit):
    """Set what belongs to the document as a whole; see `FIELDS`."""

    field: str
    value: Any

    FIELDS = ("title", "author", "licence", "description", "tags", "checks", "frames", "presets", "sources")

    def apply(self, document: Document) -> Change:
        if self.field not in self.FIELDS:
            raise GraphError(f"a document has no {self.field!r} that can be set", hint=", ".join(self.FIELDS))
        return _Set(self.field, self.value).apply(document)


@dataclass(frozen=True)
class Expose(Edit):
    """Show a parameter as the document's own."""

    entry: Exposed

    def apply(self, document: Document) -> Change:
        if any(entry.name == self.entry.name for entry in document.exposed):
            raise GraphError(f"there is an exposed parameter {self.entry.name!r} already")
        node = document.node(self.entry.node)
        if node.type is not None and node.type.field(self.entry.parameter) is None:
            raise GraphError(f"there is no parameter {self.entry.parameter!r}", where=node.label)
        return replace(document, exposed=(*document.exposed, self.entry)), _Set("exposed", document.exposed)


@dataclass(frozen=True)
class Hide(Edit):
    """No longer show a parameter as the document's own."""

    name: str

    def apply(self, document: Document) -> Change:
        kept = tuple(entry for entry in document.exposed if entry.name != self.name)
        if len(kept) == len(document.exposed):
            raise GraphError(f"there is no exposed parameter {self.name!r}")
        return replace(document, exposed=kept), _Set("exposed", document.exposed)


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
    for field in ("title", "author", "licence", "description", "tags", "exposed", "presets", "checks", "sources"):
        if getattr(old, field) != getattr(new, field):
            lines.append(f"~ {field}: {_brief(getattr(old, field))} -> {_brief(getattr(new, field))}")
    return lines


def _node_difference(old: Node, new: Node) -> list[str]:
    lines = []
    for name in {**old.parameters, **new.parameters}:
        before, after = old.parameters.get(name), new.parameters.get(name)
        if before != after:
            lines.append(f"~ {new.label}: {name} {_brief(before)} -> {_brief(after)}")
    for name in ("key", "version", "title", "bypass", "file"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            lines.append(f"~ {new.label}: {name} {_brief(before)} -> {_brief(after)}")
    if old.graph is not None and new.graph is not None and old.graph != new.graph:
        lines += [f"{line[:2]}{new.id}/{line[2:]}" for line in difference(old.graph, new.graph)]
    return lines


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
