"""A document with its past and its future: every change as a step that can be taken back."""

from __future__ import annotations

from collections.abc import Callable

from materials.edits import Edit
from materials.graph import Document

LIMIT = 1000

OnChange = Callable[[Document, Document, str], None]


class History:
    """A document and the steps that led to it."""

    def __init__(self, document: Document, on_change: OnChange | None = None) -> None:
        self.document = document
        self._on_change = on_change
        self._past: list[tuple[str, Document]] = []
        self._future: list[tuple[str, Document]] = []
        self._gesture: tuple[str, Document] | None = None
        self._saved = document

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    @property
    def undo_text(self) -> str:
        return self._past[-1][0] if self._past else ""

    @property
    def redo_text(self) -> str:
        return self._future[-1][0] if self._future else ""

    @property
    def is_modified(self) -> bool:
        return self.document is not self._saved

    def mark_saved(self) -> None:
        self._saved = self.document

    def _put(self, document: Document, text: str) -> None:
        old, self.document = self.document, document
        if self._on_change is not None and old is not document:
            self._on_change(old, document, text)

    def do(self, edit: Edit, text: str) -> None:
        document, _ = edit.apply(self.document)
        self._past = [*self._past[-LIMIT + 1 :], (text, self.document)]
        self._future.clear()
        self._put(document, text)

    def begin(self, text: str) -> None:
        self._gesture = text, self.document

    def preview(self, edit: Edit) -> None:
        assert self._gesture is not None
        document, _ = edit.apply(self._gesture[1])
        self._put(document, self._gesture[0])

    def commit(self) -> None:
        assert self._gesture is not None
        text, before = self._gesture
        self._gesture = None
        if before is not self.document:
            self._past = [*self._past[-LIMIT + 1 :], (text, before)]
            self._future.clear()

    def abandon(self) -> None:
        assert self._gesture is not None
        text, before = self._gesture
        self._gesture = None
        self._put(before, text)

    def undo(self) -> None:
        if self._past:
            text, before = self._past.pop()
            self._future.append((text, self.document))
            self._put(before, text)

    def redo(self) -> None:
        if self._future:
            text, after = self._future.pop()
            self._past.append((text, self.document))
            self._put(after, text)
