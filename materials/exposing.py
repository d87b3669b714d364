"""Edits of what a document shows of its nodes' parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from materials.changes import Change, Edit, SetFields
from materials.errors import GraphError
from materials.expressions import renamed
from materials.graph import NAME, Document, Exposed, Node


@dataclass(frozen=True)
class Expose(Edit):
    """Show a parameter as the document's own."""

    entry: Exposed

    def apply(self, document: Document) -> Change:
        if any(entry.name == self.entry.name for entry in document.exposed):
            raise GraphError(f"there is an exposed parameter {self.entry.name!r} already")
        _check_entry(document, self.entry)
        return replace(document, exposed=(*document.exposed, self.entry)), SetFields.of(document, "exposed")


def _check_entry(document: Document, entry: Exposed) -> None:
    node = document.node(entry.node)
    if not NAME.fullmatch(entry.name):
        raise GraphError(f"{entry.name[:40]!r} is no name", hint="letters, digits and _, at most 128")
    if node.type is not None and node.type.field(entry.parameter) is None:
        raise GraphError(f"there is no parameter {entry.parameter!r}", where=node.label)


@dataclass(frozen=True)
class SetExposed(Edit):
    """Change an exposed parameter: name, label, group, range or what it shows. Presets and expressions follow."""

    name: str
    entry: Exposed

    def apply(self, document: Document) -> Change:
        names = [entry.name for entry in document.exposed]
        if self.name not in names:
            raise GraphError(f"there is no exposed parameter {self.name!r}")
        name = self.entry.name
        if name != self.name and name in names:
            raise GraphError(f"there is an exposed parameter {name!r} already")
        _check_entry(document, self.entry)
        exposed = tuple(self.entry if entry.name == self.name else entry for entry in document.exposed)
        made = replace(document, exposed=exposed)
        if name != self.name:
            presets = {
                preset: {name if key == self.name else key: value for key, value in values.items()}
                for preset, values in document.presets.items()
            }
            made = replace(made, presets=presets, nodes=_reading(document.nodes, {self.name: name}))
        return made, SetFields.of(document, "exposed", "presets", "nodes")


def _reading(nodes: Mapping[str, Node], names: Mapping[str, str]) -> dict[str, Node]:
    """Return nodes whose expressions read other names."""
    made = dict(nodes)
    for id, node in nodes.items():
        if node.expressions:
            texts = {parameter: renamed(text, names) for parameter, text in node.expressions.items()}
            made[id] = replace(node, expressions=texts)
    return made


@dataclass(frozen=True)
class Reorder(Edit):
    """Move an exposed parameter in front of another one, or, with None, to the end."""

    name: str
    before: str | None

    def apply(self, document: Document) -> Change:
        entries = {entry.name: entry for entry in document.exposed}
        if missing := {self.name, self.before} - {None} - entries.keys():
            raise GraphError(f"there is no exposed parameter {missing.pop()!r}")
        moved = entries.pop(self.name)
        rest = list(entries.values())
        at = len(rest) if self.before in (None, self.name) else list(entries).index(str(self.before))
        return replace(document, exposed=(*rest[:at], moved, *rest[at:])), SetFields.of(document, "exposed")


@dataclass(frozen=True)
class Hide(Edit):
    """No longer show a parameter as the document's own."""

    name: str

    def apply(self, document: Document) -> Change:
        kept = tuple(entry for entry in document.exposed if entry.name != self.name)
        if len(kept) == len(document.exposed):
            raise GraphError(f"there is no exposed parameter {self.name!r}")
        return replace(document, exposed=kept), SetFields.of(document, "exposed")
