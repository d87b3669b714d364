"""The pictures of a library as a program sees them, and as a document lists them."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from materials import descriptors, files, finding, index as indexes, intake, ledger
from materials.cards import MAX_BYTES
from materials.descriptors import COLOURS, LENGTH, MEASURED, Descriptors
from materials.errors import SourceError
from materials.graph import NAME, Source
from materials.index import Damaged
from materials.ledger import Facts


@dataclass(frozen=True)
class Item:
    """A picture of a library: its facts, its size in pixels, and what it looks like.

    numbers : see `Descriptors.rows`; sha256 : of the bytes that were looked at. Both are empty where they could not be.
    modified : nanoseconds, as the file system has it.
    """

    folder: Path
    facts: Facts
    numbers: bytes = field(default=b"", repr=False)
    sha256: str = ""
    bytes: int = 0
    modified: int = 0
    width: int = 0
    height: int = 0

    @property
    def file(self) -> str:
        return self.facts.file

    @property
    def path(self) -> Path:
        """Where the file is; raises `SourceError` if it leads out of the folder."""
        return files.inside(self.folder, self.facts.file)

    @cached_property
    def seen(self) -> Descriptors | None:
        return Descriptors.of_rows(np.frombuffer(self.numbers, np.float32)) if self.numbers else None

    @cached_property
    def axes(self) -> Mapping[str, float]:
        """Numbers by the names of `materials.descriptors.AXES`; grain is among them where the width is known."""
        if self.seen is None:
            return {}
        found = dict(zip(MEASURED, self.seen.axes.tolist(), strict=True))
        if self.facts.width_cm:
            ratio = max(self.width, self.height) / self.width
            found["grain"] = float(finding.grain_cm(found["coarseness"], ratio, self.facts.width_cm))
        return {name: round(value, 4) for name, value in found.items()}

    @cached_property
    def colours(self) -> Mapping[str, float]:
        """Shares of basic colours by name, the largest first."""
        if self.seen is None:
            return {}
        shares = sorted(zip(COLOURS, self.seen.shares.tolist(), strict=True), key=lambda pair: -pair[1])
        return {name: round(share, 3) for name, share in shares if share > 0.05}

    @cached_property
    def palette(self) -> Mapping[str, float]:
        """Shares of the picture's own colours by sRGB code, the largest first."""
        if self.seen is None:
            return {}
        return {descriptors.code_of_lab(lab): round(share, 3) for *lab, share in self.seen.palette.tolist() if share}

    def as_data(self) -> dict[str, Any]:
        """Return the item as plain data."""
        facts = {name: getattr(self.facts, name) for name in ("file", *ledger.NEEDED, "notes", "width_cm")}
        facts |= {"tags": list(self.facts.tags), "missing": list(self.facts.missing)}
        measured = {"sha256": self.sha256, "bytes": self.bytes, "size": [self.width, self.height]}
        shares = {"colours": dict(self.colours), "palette": dict(self.palette)}
        return {**facts, **measured, "axes": dict(self.axes), **shares}


def read(db: sqlite3.Connection, folder: Path, clause: str = "", values: tuple[Any, ...] = ()) -> list[Item]:
    """Return the items of an index that a clause of SQL picks."""
    columns = "facts, coalesce(row, x''), sha256, bytes, modified, width, height"
    found = []
    query = f"SELECT {columns} FROM items LEFT JOIN numbers USING (id) {clause}"
    for facts, numbers, *measured in db.execute(query, values):
        if len(numbers) not in (0, 4 * LENGTH):
            raise Damaged("numbers are missing")
        found.append(Item(folder, indexes.facts_of(facts), numbers, *measured))
    return found


def as_source(item: Item, folder: str | Path, name: str | None = None) -> Source:
    """Return an item as a document in `folder` lists it, copied to `exemplars/` there unless it lies below it already.

    name : what nodes call it; made from the file's name where None.

    Raises
    ------
    SourceError
        If the picture is missing, or its bytes are not those that were entered.
    """
    data = files.open_regular(item.path, MAX_BYTES)
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != (item.facts.sha256 or item.sha256):
        raise SourceError(f"{item.file} is not the picture that was entered: its bytes have changed", path=item.file)
    root = Path(folder).resolve()
    if item.path.is_relative_to(root):
        path = item.path.relative_to(root).as_posix()
    else:
        path = intake.copied(data, root, f"exemplars/{Path(item.file).name}")
    facts, changes = item.facts, item.facts.extra.get("changes", "")
    return Source(
        name=name or _source_name(item.file),
        path=path,
        sha256=sha256,
        title=facts.title,
        author=facts.author,
        licence=facts.licence,
        source=facts.source,
        changes=changes if isinstance(changes, str) else "",
    )


def _source_name(file: str) -> str:
    name = re.sub(r"\W+", "_", Path(file).stem, flags=re.ASCII).strip("_").lower()
    name = name if name and not name[0].isdigit() else f"photo_{name}"
    return name if NAME.fullmatch(name) else "photo"
