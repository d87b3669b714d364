"""A journal of what is done to an open document, so that nothing is lost when the process dies.

A journal is a file of lines in a folder of ours: first the document, then what each edit changed, each line with its
checksum. Lines reach the system one by one, so that a killed process loses none; they reach the disk every two seconds.
Now and then the file is written anew, whole or not at all. A lock beside it is held as long as the process lives.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from materials import files
from materials.deltas import apply_delta, delta
from materials.document import parse_document, to_data
from materials.errors import ExportError, GraphError
from materials.graph import Document

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

SUFFIX, LOCK = ".journal", ".lock"
SYNC_SECONDS, SNAPSHOT_SECONDS, SNAPSHOT_EDITS = 2.0, 30.0, 500
MAX_BYTES = 512 * 2**20


class Journal:
    """The journal of one open document; see `Journal.start`.

    A journal never stands in the way of work: what goes wrong with it is told in `trouble`, and it tries again.
    """

    def __init__(self, file: Path, lock: IO[bytes], document: Document, path: Path | None, edits: int) -> None:
        self.file = file
        self.trouble = ""
        self.clock: Callable[[], float] = time.monotonic
        self._lock = lock
        self._last = document
        self._path = path
        self._edits = edits
        self._handle: IO[bytes] | None = None
        self._lines = 0
        self._synced = self._snapped = 0.0
        self._dirty = False

    @classmethod
    def start(cls, folder: Path, document: Document, path: Path | None = None, *, edits: int = 0) -> Journal:
        """Return a new journal in a folder of ours, with the document in it.

        path : the document's own file, None if it was never saved. edits : how many it has beyond that file.

        Raises
        ------
        ExportError
            If the folder cannot be made or written to.
        """
        files.make_folder(folder)
        with contextlib.suppress(OSError):
            folder.chmod(0o700)
        file = folder / (uuid.uuid4().hex + SUFFIX)
        lock = _locked(file.with_suffix(LOCK))
        if lock is None:
            raise ExportError(f"no journal can be kept in {folder}", path=folder)
        journal = cls(file, lock, document, path, edits)
        try:
            journal._snapshot()
        except ExportError:
            journal.close()
            raise
        return journal

    def append(self, old: Document, new: Document, text: str) -> None:
        """Enter what leads to `new` from what was entered last, `old` unless steps were left out."""
        change = delta(self._last, new)
        self._last = new
        if not change:
            return
        self._edits += 1
        now = self.clock()
        try:
            if self._handle is None or self._lines >= SNAPSHOT_EDITS or now - self._snapped >= SNAPSHOT_SECONDS:
                self._snapshot()
                return
            line = _line({"n": self._edits, "text": text, **change})
            if self._handle.write(line) != len(line):
                raise OSError("the line was cut off")
            self._lines, self._dirty = self._lines + 1, True
            if now - self._synced >= SYNC_SECONDS:
                self.sync()
        except (ExportError, OSError, ValueError) as error:
            self._fail(error)

    def sync(self) -> None:
        """Bring what was entered to the disk; meant to be called when nothing is done for a while."""
        if self._dirty and self._handle is not None:
            try:
                os.fsync(self._handle.fileno())
            except OSError as error:
                self._fail(error)
        self._dirty, self._synced = False, self.clock()

    def saved(self, document: Document, path: Path) -> None:
        """Begin anew with a document that its own file now holds."""
        self._last, self._path, self._edits = document, path, 0
        try:
            self._snapshot()
        except (ExportError, ValueError) as error:
            self._fail(error)

    def close(self, discard: bool = True) -> None:
        """End the journal; with `discard` nothing is left of it, else it waits to be recovered."""
        self.sync()
        self._drop()
        if discard:
            with contextlib.suppress(OSError):
                self.file.unlink(missing_ok=True)
        self._lock.close()
        if discard:
            with contextlib.suppress(OSError):
                self.file.with_suffix(LOCK).unlink(missing_ok=True)

    def _snapshot(self) -> None:
        """Write the journal anew with nothing in it but the document as it is."""
        head = {"journal": 1, "path": str(self._path) if self._path else "", "edits": self._edits}
        line = _line(head | {"graph": to_data(self._last)})
        self._drop()
        files.write_bytes(self.file, line)
        self._handle = open(self.file, "ab", buffering=0)  # each line is one write to the system  # noqa: SIM115
        self._lines, self._dirty, self.trouble = 0, False, ""
        self._snapped = self._synced = self.clock()

    def _drop(self) -> None:
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.close()
        self._handle = None

    def _fail(self, error: Exception) -> None:
        self.trouble = str(error)
        self._drop()  # the next edit writes the journal anew


# ---- after a crash ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recovery:
    """A document whose process died: its title, its own file if it has one, and how many edits that file lacks.

    when : seconds since 1970. damage : what of it is lost, in words; empty if nothing is.
    """

    file: Path
    title: str
    path: Path | None
    edits: int
    when: float
    damage: str = field(default="")

    def document(self) -> Document:
        """Return the document as it was last.

        Raises
        ------
        GraphError
            If what can be read of the journal makes no document.
        """
        read = _read(self.file)
        if read is None:
            raise GraphError(f"the journal {self.file.name} cannot be read")
        return parse_document(read.data)

    def discard(self) -> None:
        """Delete the journal."""
        for path in (self.file, self.file.with_suffix(LOCK)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def pending(folder: Path) -> list[Recovery]:
    """Return what processes that died have left, newest first; a journal that cannot be read is put aside as `.bad`."""
    found = []
    for file in sorted(folder.glob("*" + SUFFIX)):
        lock = _locked(file.with_suffix(LOCK))
        if lock is None:
            continue  # its process lives
        with lock:
            recovery = _recovery(file)
            if recovery is not None and recovery.edits:
                found.append(recovery)
            elif recovery is not None:
                recovery.discard()
            else:
                with contextlib.suppress(OSError):
                    file.replace(file.with_suffix(".bad"))
                    file.with_suffix(LOCK).unlink()
    return sorted(found, key=lambda recovery: -recovery.when)


def _recovery(file: Path) -> Recovery | None:
    read = _read(file)
    if read is None:
        return None
    path = Path(read.path) if read.path else None
    title = str(read.data.get("title", "Untitled"))
    return Recovery(file, title, path, read.edits, file.stat().st_mtime, read.damage)


@dataclass
class _Replay:
    """A document's data as far as a journal could be followed."""

    data: dict[str, Any]
    path: str
    edits: int
    damage: str = ""


def _read(file: Path) -> _Replay | None:
    """Follow a journal to its end, or to the first line that is not whole; None if there is no document in it."""
    try:
        lines = file.read_bytes().split(b"\n") if file.stat().st_size <= MAX_BYTES else []
        head = _content(lines[0]) if lines else None
    except OSError:
        return None
    if head is None or not isinstance(head.get("graph"), dict):
        return None
    replay = _Replay(head["graph"], str(head.get("path", "")), int(head.get("edits", 0)))
    torn = lines[-1] != b""  # the process died while it wrote: that edit was never done
    lines = lines[1:-1]
    try:
        for place, change in enumerate(map(_content, lines)):
            if change is None or change["n"] != replay.edits + 1:
                replay.damage = f"the last {len(lines) - place} edits are lost: the journal is damaged"
                break
            apply_delta(replay.data, change)
            replay.edits += 1
    except (KeyError, TypeError, ValueError, AttributeError):
        replay.damage = "the last edits are lost: the journal is damaged"
    if torn and not replay.damage:
        replay.damage = "the edit that was being made is lost"
    return replay


def _line(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return _sum(text) + b" " + text + b"\n"


def _content(line: bytes) -> dict[str, Any] | None:
    """Return what a line holds, or None if it is not whole."""
    if line[:16] != _sum(line[17:]):
        return None
    try:
        content = json.loads(line[17:])
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _sum(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=8).hexdigest().encode()


def _locked(path: Path) -> IO[bytes] | None:
    """Return an open file that is ours until it is closed, or the process ends; None if it is another's."""
    try:
        handle = open(path, "ab")  # noqa: SIM115  # it stays open as long as the lock is held
    except OSError:
        return None
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


__all__ = ["Journal", "Recovery", "pending"]
