"""What was done to a document, step by step, so that it can be taken back and done again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from materials.edits import Edit
from materials.graph import Document, same_work

LIMIT = 1000

Listener = Callable[[Document, Document, str], None]
"""Called with the old and the new document and what was done, in words."""


@dataclass(frozen=True)
class Step:
    """An edit that leads from here to the neighbouring document, and what the step is called."""

    edit: Edit
    text: str


class History:
    """A document that changes by edits, and all that was done to it.

    A gesture, such as a drag, lies between `begin` and `commit`: each preview takes the place of the one before, and
    the whole is one step. While it lasts nothing else may change the document.
    """

    def __init__(self, document: Document, on_change: Listener | None = None, limit: int = LIMIT) -> None:
        self.document = document
        self.on_change = on_change
        self._saved: Document | None = document
        self._done: deque[Step] = deque(maxlen=limit)
        self._undone: list[Step] = []
        self._begun: Document | None = None
        self._gesture = ""
        self._back: Edit | None = None

    # ---- steps ----

    def do(self, edit: Edit, text: str) -> None:
        """Make an edit as one step; what was taken back before can no longer be done again.

        Raises
        ------
        GraphError
            If the edit makes no sense; nothing has changed then.
        """
        self._check_idle()
        document, back = edit.apply(self.document)
        self._enter(Step(back, text))
        self._show(document, text)

    def undo(self) -> None:
        """Take back the last step."""
        self._check_idle()
        step = self._done[-1]
        document, forth = step.edit.apply(self.document)
        self._done.pop()
        self._undone.append(Step(forth, step.text))
        self._show(document, f"Undo {step.text}")

    def redo(self) -> None:
        """Do again the step that was taken back last."""
        self._check_idle()
        step = self._undone[-1]
        document, back = step.edit.apply(self.document)
        self._undone.pop()
        self._done.append(Step(back, step.text))
        self._show(document, f"Redo {step.text}")

    @property
    def can_undo(self) -> bool:
        return bool(self._done) and not self.is_in_gesture

    @property
    def can_redo(self) -> bool:
        return bool(self._undone) and not self.is_in_gesture

    @property
    def undo_text(self) -> str:
        """What `undo` takes back, in words; empty if there is nothing."""
        return self._done[-1].text if self._done else ""

    @property
    def redo_text(self) -> str:
        """What `redo` does again, in words; empty if there is nothing."""
        return self._undone[-1].text if self._undone else ""

    # ---- gestures ----

    @property
    def is_in_gesture(self) -> bool:
        return self._begun is not None

    def begin(self, text: str) -> None:
        """Begin a gesture that will be one step."""
        self._check_idle()
        self._begun, self._gesture, self._back = self.document, text, None

    def preview(self, edit: Edit) -> None:
        """Show an edit of the document as it was at `begin`, in place of the preview before.

        Raises
        ------
        GraphError
            If the edit makes no sense; the preview before stays.
        """
        document, self._back = edit.apply(self._at_begin())
        self._show(document, self._gesture)

    def commit(self) -> bool:
        """End the gesture and enter what it shows as a step; return whether it changed anything."""
        begun, back = self._at_begin(), self._back
        self._begun = self._back = None
        if back is None or self.document == begun:
            self._show(begun, self._gesture)
            return False
        self._enter(Step(back, self._gesture))
        return True

    def abandon(self) -> None:
        """End the gesture as if it had never begun."""
        begun = self._at_begin()
        self._begun = self._back = None
        self._show(begun, self._gesture)

    # ---- saving ----

    @property
    def is_modified(self) -> bool:
        """Whether the document differs from what was saved, but for where it was left."""
        return self._saved is None or not same_work(self._saved, self.document)

    def mark_saved(self) -> None:
        """Say that the document as it is now is the one in the file."""
        self._saved = self.document

    def mark_unsaved(self) -> None:
        """Say that no file holds the document, as after a recovery."""
        self._saved = None

    def look(self, document: Document) -> None:
        """Take a document that is the same work, left elsewhere; this is no step."""
        assert same_work(self.document, document)
        self._show(document, "")

    # ---- inside ----

    def _enter(self, step: Step) -> None:
        self._done.append(step)
        self._undone.clear()

    def _show(self, document: Document, text: str) -> None:
        old, self.document = self.document, document
        if self.on_change is not None and old is not document:
            self.on_change(old, document, text)

    def _check_idle(self) -> None:
        if self._begun is not None:
            raise RuntimeError(f"the gesture {self._gesture!r} has not ended")

    def _at_begin(self) -> Document:
        if self._begun is None:
            raise RuntimeError("no gesture has begun")
        return self._begun
