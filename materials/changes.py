"""What an edit is, and the plainest of them that all others are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from materials.graph import Document

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
class PutNode(Edit):
    """Replace one field of a node, unchecked."""

    id: str
    field: str
    value: Any

    def apply(self, document: Document) -> Change:
        node = document.node(self.id)
        undo = PutNode(self.id, self.field, getattr(node, self.field))
        changed = replace(node, **{self.field: self.value})
        return replace(document, nodes={**document.nodes, self.id: changed}), undo


@dataclass(frozen=True)
class SetFields(Edit):
    """Replace fields of the document, unchecked."""

    values: Mapping[str, Any]

    @staticmethod
    def of(document: Document, *fields: str) -> SetFields:
        """Return the edit that brings fields back to what they are now."""
        return SetFields({field: getattr(document, field) for field in fields})

    def apply(self, document: Document) -> Change:
        return replace(document, **self.values), SetFields.of(document, *self.values)


@dataclass(frozen=True)
class Replace(Edit):
    """Put a whole document in place of another."""

    document: Document

    def apply(self, document: Document) -> Change:
        return self.document, Replace(document)
