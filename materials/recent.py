"""The files that were opened last, kept in a folder of ours; a list that is damaged is put aside and begun anew."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from materials import files
from materials.errors import GraphError, SourceError
from materials.strict_json import parse_json

NAME, MOST = "recent.json", 30
MAX_BYTES = 2**20


@dataclass(frozen=True)
class Recent:
    """A file that was opened: where it is, its document's title, when (seconds since 1970), and whether it is gone."""

    path: Path
    title: str
    when: float
    missing: bool = False


def recent(folder: Path) -> list[Recent]:
    """Return the files that were opened last, newest first; a damaged list is kept as `.bad` and counts as empty."""
    file = folder / NAME
    if not file.exists():
        return []
    try:
        entries = parse_json(files.open_regular(file, MAX_BYTES).decode())
        found = [_entry(entry) for entry in entries["recent"][:MOST]]
    except (SourceError, GraphError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        with contextlib.suppress(OSError):
            file.replace(file.with_suffix(".bad"))
        return []
    return sorted(found, key=lambda entry: -entry.when)


def remember(folder: Path, path: Path, title: str, when: float | None = None) -> list[Recent]:
    """Put a file at the head of the list; return the list.

    Raises
    ------
    ExportError
        If the list cannot be written.
    """
    path = path.absolute()
    entry = Recent(path, title, time.time() if when is None else when, not path.exists())
    kept = [old for old in recent(folder) if old.path != path]
    return _written(folder, [entry, *kept][:MOST])


def forget(folder: Path, path: Path) -> list[Recent]:
    """Take a file out of the list; return the list."""
    return _written(folder, [entry for entry in recent(folder) if entry.path != path.absolute()])


def _entry(data: Any) -> Recent:
    if not isinstance(data["path"], str) or not isinstance(data["title"], str):
        raise TypeError("no entry")
    path = Path(data["path"])
    return Recent(path, data["title"], float(data["when"]), not path.exists())


def _written(folder: Path, entries: list[Recent]) -> list[Recent]:
    data = {"recent": [{"path": str(entry.path), "title": entry.title, "when": entry.when} for entry in entries]}
    files.make_folder(folder)
    files.write_bytes(folder / NAME, json.dumps(data, indent=1, ensure_ascii=False).encode())
    return entries
