"""The pictures of a library as a program sees them, and as a document lists them."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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

    sha256 : of the bytes that were looked at, empty where the file could not be read.
    axes : by the names of `materials.descriptors.AXES`; colours : by name, the largest share first.
    palette : sRGB codes and their shares.
    """

    folder: Path
    facts: Facts
    sha256: str = ""
    bytes: int = 0
    modified: int = 0
    width: int = 0
    height: int = 0
    axes: Mapping[str, float] = field(default_factory=dict)
    colours: Mapping[str, float] = field(default_factory=dict)
    palette: Mapping[str, float] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return self.facts.file

    @property
    def path(self) -> Path:
        return files.inside(self.folder, self.facts.file)

    def as_data(self) -> dict[str, Any]:
        """Return the item as plain data."""
        facts = {name: getattr(self.facts, name) for name in ("file", *ledger.NEEDED, "notes", "width_cm")}
        facts |= {"tags": list(self.facts.tags), "missing": list(self.facts.missing)}
        measured = {"sha256": self.sha256, "bytes": self.bytes, "size": [self.width, self.height]}
        shares = {"colours": dict(self.colours), "palette": dict(self.palette)}
        return {**facts, **measured, "axes": dict(self.axes), **shares}


def read(db: sqlite3.Connection, folder: Path, clause: str = "", values: tuple[Any, ...] = ()) -> list[Item]:
    """Return the items of an index that a clause of SQL picks."""
    columns = "facts, sha256, bytes, modified, width, height, ratio, row"
    rows = db.execute(f"SELECT {columns} FROM items LEFT JOIN numbers USING (id) {clause}", values)
    return [_item(folder, *row) for row in rows]


def _item(folder: Path, text: str, *columns: Any) -> Item:
    *measured, ratio, row = columns
    item = Item(folder, indexes.facts_of(text), *measured)
    if row is None:
        return item
    if len(row) != 4 * LENGTH:
        raise Damaged("numbers are missing")
    seen = Descriptors.of_rows(np.frombuffer(row, np.float32))
    axes = dict(zip(MEASURED, seen.axes.tolist(), strict=True))
    if item.facts.width_cm:
        numbers = np.array([axes["coarseness"], ratio, item.facts.width_cm])
        axes["grain"] = float(finding.grain_cm(*numbers))
    shares = sorted(zip(COLOURS, seen.shares.tolist(), strict=True), key=lambda pair: -pair[1])
    return replace(
        item,
        axes={name: round(value, 4) for name, value in axes.items()},
        colours={name: round(share, 3) for name, share in shares if share > 0.05},
        palette={descriptors.code_of_lab(lab): round(share, 3) for *lab, share in seen.palette.tolist() if share},
    )


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
