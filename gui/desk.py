"""The documents that are open, and what the app remembers of those that were: without any widget."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject

from gui.session import Session
from materials import edits, filing, journal, recent
from materials.cache import Cache
from materials.errors import ExportError
from materials.graph import MATERIAL_OUTPUT, Document, Node
from materials.home import state_folder
from nodes.kernels.compile import user_folder

JOURNALS = "journals"
WORTH_KEEPING = 0.25
"""Seconds of work from which a result is written to disk: writing costs a drag more than making it again."""

MEMORY = 1 << 30
"""Bytes of pictures that are kept, of all documents together."""


class Desk(QObject):
    """Opens, keeps and closes documents; all share one cache of pictures."""

    def __init__(self, cache: Cache | None = None) -> None:
        super().__init__()
        self.cache = cache or Cache(memory=MEMORY, folder=user_folder() / "results", least=WORTH_KEEPING)
        self.sessions: list[Session] = []

    # ---- opening ----

    def new(self, template: Path | None = None) -> Session:
        """Return a new document: empty but for its output, or like a template."""
        if template is None:
            return self._take(filing.Opened(empty(), None, None))
        opened = filing.open_document(template)
        return self._take(filing.Opened(opened.document, opened.folder, None))

    def open(self, path: Path) -> Session:
        """Return the document in a file; the one that is open already, if it is.

        Raises
        ------
        IntarsiaError
            If the file cannot be read or holds no document.
        """
        path = path.absolute()
        known = next((session for session in self.sessions if session.path == path), None)
        if known is not None:
            return known
        session = self._take(filing.open_document(path))
        self._note(session)
        return session

    def recover(self, found: journal.Recovery) -> Session:
        """Return a document with the edits that were not saved, and let go of their journal."""
        document, path = found.document(), found.path
        folder = path.parent if path is not None else None
        session = self._take(filing.Opened(document, folder, path), found.edits)
        session.history.mark_unsaved()
        found.discard()
        return session

    def _take(self, opened: filing.Opened, edits: int = 0) -> Session:
        session = Session(opened.document, opened.folder, self.cache, opened.path, opened.locked)
        if not opened.locked:
            with contextlib.suppress(ExportError):  # a full or read-only home: then nothing can be kept for a crash
                journals = state_folder() / JOURNALS
                session.journal = journal.Journal.start(journals, opened.document, opened.path, edits=edits)
        session.saved.connect(partial(self._note, session))
        self.sessions.append(session)
        return session

    def _note(self, session: Session) -> None:
        """Put a document at the head of the recent files."""
        if session.path is not None:
            with contextlib.suppress(ExportError):
                recent.remember(state_folder(), session.path, session.title)

    # ---- what was left ----

    def recoveries(self) -> list[journal.Recovery]:
        """Return the documents that an app which ended badly left with edits that were not saved."""
        return journal.pending(state_folder() / JOURNALS)

    def recent(self) -> list[recent.Recent]:
        """Return the files that were opened last, newest first."""
        return recent.recent(state_folder())

    def forget(self, path: Path) -> None:
        """Take a file out of the recent ones."""
        with contextlib.suppress(ExportError):
            recent.forget(state_folder(), path)

    def close(self, session: Session) -> None:
        """Close a document; edits that are not saved are given up."""
        session.discard()
        session.close()
        self.sessions.remove(session)


def empty() -> Document:
    """Return a document with an output and nothing else."""
    made, _ = edits.AddNode(Node("material", MATERIAL_OUTPUT)).apply(Document())
    return made
