"""CREDITS.toml: whose pictures lie in a folder. The file is the truth; people write in it, and so do we.

    [[exemplar]]
    file = "soil.png"
    title = "Crumbly brown soil"
    author = "FWishbringer"
    licence = "LicenseRef-PublicDomain"
    source = "https://example.org/soil"
    notes = "Overcast sky, phone, from 1.5 m"
    width_cm = 80
    tags = ["ground", "soil"]

An entry that changes is written anew; comments and all other entries stay as they are, letter by letter.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from materials import files, licences
from materials.errors import LicenceError, SourceError

NAME = "CREDITS.toml"
MAX_BYTES = 64 * 2**20
MAX_ENTRIES = 100_000
MAX_TEXT = 4096
MAX_TAGS = 100

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*exemplar[ \t]*\]\][ \t]*(?:#.*)?\r?$", re.MULTILINE)
_TEXTS = ("title", "author", "licence", "source", "notes", "sha256")
NEEDED = ("title", "author", "licence", "source")
"""Facts without which an item is incomplete."""


@dataclass(frozen=True)
class Facts:
    """What people say of a picture. Nothing here can be read from its pixels.

    file : relative to the folder, with `/`. notes : how it was taken. width_cm : of the surface that it shows, 0 where
    nobody knows. sha256 : of the file that all this was said of. extra : what else the entry holds, such as `changes`.
    """

    file: str
    title: str = ""
    author: str = ""
    licence: str = ""
    source: str = ""
    notes: str = ""
    width_cm: float = 0.0
    tags: tuple[str, ...] = ()
    sha256: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of facts that are needed and not there."""
        return tuple(name for name in NEEDED if not getattr(self, name).strip())

    def filled(self, other: Facts) -> Facts:
        """Return these facts with those that are missing taken from others; the file and its hash stay."""
        own, others = self.values(), other.values()
        told = {each.name: others[each.name] for each in fields(self) if each.name in own and not own[each.name]}
        return replace(self, **told, extra={**other.extra, **self.extra})

    def values(self) -> dict[str, Any]:
        """Return all facts but those that come from the file itself, and what else the entry holds."""
        names = [each.name for each in fields(self) if each.name not in ("file", "sha256", "extra")]
        return {**self.extra, **{name: getattr(self, name) for name in names}}

    def with_values(self, values: Mapping[str, Any]) -> Facts:
        """Return the facts with some replaced, checked as if they stood in the file."""
        return _facts({"file": self.file, "sha256": self.sha256, **self.values(), **values})


@dataclass(frozen=True)
class Ledger:
    """The entries of a CREDITS.toml, in the file's order, and its text: what stands before them, then one part each."""

    entries: Mapping[str, Facts] = field(default_factory=dict)
    head: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "".join([self.head, *self.parts.values()])

    def with_entries(self, facts: Iterable[Facts]) -> Ledger:
        """Return the ledger with entries added, or replaced where there is one of that file."""
        entries, parts, head = dict(self.entries), dict(self.parts), self.head
        for each in facts:
            if entries.get(each.file) == each:
                continue
            if each.file in parts:
                parts[each.file] = _rewritten(each, parts[each.file])
            else:
                last = next(reversed(parts), None)
                if last is not None:
                    parts[last] = _ended(parts[last])
                head = _ended(head) if head and last is None else head
                parts[each.file] = as_toml(each)
            entries[each.file] = each
        return Ledger(entries, head, parts)

    def without(self, names: Iterable[str]) -> Ledger:
        """Return the ledger without the entries of some files."""
        gone = set(names)
        return Ledger(
            {name: facts for name, facts in self.entries.items() if name not in gone},
            self.head,
            {name: part for name, part in self.parts.items() if name not in gone},
        )

    def moved(self, names: Mapping[str, str]) -> Ledger:
        """Return the ledger with files renamed, old name to new; each entry stays in its place."""
        entries, parts = {}, {}
        for name, facts in self.entries.items():
            new = names.get(name, name)
            entries[new] = replace(facts, file=new)
            parts[new] = self.parts[name] if new == name else _rewritten(entries[new], self.parts[name])
        return Ledger(entries, self.head, parts)


# ---- reading -------------------------------------------------------------------------------------


def parse(data: bytes) -> Ledger:
    """Return a ledger from the bytes of a CREDITS.toml.

    Raises
    ------
    SourceError
        If it is no TOML, if a path leaves the folder or comes twice, or if a fact is of the wrong type.
    """
    if len(data) > MAX_BYTES:
        raise SourceError(f"{NAME} has more than {MAX_BYTES // 2**20} MB", path=NAME)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        found = tomllib.loads(text).get("exemplar", [])
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{NAME} cannot be read: {str(error)[:200]}", path=NAME) from None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise SourceError(f"{NAME}: exemplar must be [[exemplar]], a table for each picture", path=NAME)
    if len(found) > MAX_ENTRIES:
        raise SourceError(f"{NAME} has {len(found)} entries, at most {MAX_ENTRIES} are read", path=NAME)
    entries: dict[str, Facts] = {}
    for block in found:
        facts = _facts(block)
        if facts.file in entries:
            raise SourceError(f"{NAME} has {facts.file!r} twice", path=NAME, hint="keep one of the entries")
        entries[facts.file] = facts
    return Ledger(entries, *_parts(text, entries))


def beside(path: Path) -> Facts:
    """Return what the CREDITS.toml beside a picture says of it; empty facts where there is none, or no entry."""
    ledger = path.parent / NAME
    if not ledger.is_file():
        return Facts(path.name)
    return parse(files.open_regular(ledger, MAX_BYTES)).entries.get(path.name, Facts(path.name))


def _parts(text: str, entries: Mapping[str, Facts]) -> tuple[str, dict[str, str]]:
    """Return what stands before the first entry, and the text of each, written anew where it cannot be cut."""
    starts = [found.start() for found in _HEADER.finditer(text)]
    if len(starts) != len(entries):
        return "", {name: as_toml(facts) + "\n" for name, facts in entries.items()}
    ends = [*starts, len(text)]
    pieces = [text[start:end] for start, end in zip(ends, ends[1:], strict=False)]
    return text[: ends[0]], dict(zip(entries, pieces, strict=True))


def _facts(block: Mapping[str, Any]) -> Facts:
    name = block.get("file")
    if not isinstance(name, str):
        raise SourceError(f"{NAME} has an entry without a file", path=NAME)
    files.check_relative(name)
    texts = {key: _text(block.get(key, ""), name, key) for key in _TEXTS}
    extra = {key: value for key, value in block.items() if key not in {*_TEXTS, "file", "tags", "width_cm"}}
    if not texts["source"] and isinstance(extra.get("source_package"), str):
        texts["source"] = ", ".join(str(extra[key]) for key in ("source_package", "source_path") if key in extra)
    if texts["sha256"] and not re.fullmatch("[0-9a-f]{64}", texts["sha256"]):
        raise SourceError(f"{NAME}: sha256 of {name} must be 64 hexadecimal digits", path=name)
    return Facts(name, **texts, width_cm=_width(block.get("width_cm", 0), name), tags=_tags(block, name), extra=extra)


def _text(value: Any, name: str, key: str) -> str:
    if not isinstance(value, str):
        raise SourceError(f"{NAME}: {key} of {name} must be text", path=name)
    if len(value) > MAX_TEXT:
        raise SourceError(f"{NAME}: {key} of {name} has more than {MAX_TEXT} characters", path=name)
    return value.strip()


def _width(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e6 or math.isnan(value):
        raise SourceError(f"{NAME}: width_cm of {name} must be a number of centimetres", path=name)
    return float(value)


def _tags(block: Mapping[str, Any], name: str) -> tuple[str, ...]:
    tags = block.get("tags", [])
    if not isinstance(tags, list | tuple) or not all(isinstance(tag, str) and len(tag) <= 100 for tag in tags):
        raise SourceError(f"{NAME}: tags of {name} must be a list of words", path=name)
    if len(tags) > MAX_TAGS:
        raise SourceError(f"{NAME}: {name} has more than {MAX_TAGS} tags", path=name)
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


# ---- writing -------------------------------------------------------------------------------------


def as_toml(facts: Facts) -> str:
    """Return an entry as it stands in the file; what is not known is left out."""
    values: dict[str, Any] = {"file": facts.file}
    values |= {key: value for key in _TEXTS if (value := getattr(facts, key))}
    if facts.width_cm:
        values["width_cm"] = int(facts.width_cm) if facts.width_cm == int(facts.width_cm) else facts.width_cm
    if facts.tags:
        values["tags"] = list(facts.tags)
    values |= facts.extra
    lines = [f"{_key(key)} = {_toml(value)}" for key, value in values.items()]
    return "\n".join(["[[exemplar]]", *lines, ""])


def _rewritten(facts: Facts, part: str) -> str:
    """Return an entry's new text with what stood between the old one and the next entry: empty lines, comments."""
    lines = part.splitlines(keepends=True)
    own = max((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), default=0)
    return as_toml(facts) + "".join(lines[own + 1 :])


def _ended(text: str) -> str:
    """Return text with an empty line at its end."""
    return text.rstrip("\n") + "\n\n"


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: Any) -> str:
    """Return a value as TOML on one line: whatever `tomllib` can have read."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return "true" if value else "false"
        case float() if math.isinf(value) or math.isnan(value):
            return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        case int() | float():
            return repr(value)
        case list() | tuple():
            return "[" + ", ".join(_toml(part) for part in value) + "]"
        case dict():
            return "{" + ", ".join(f"{_key(key)} = {_toml(part)}" for key, part in value.items()) + "}"
        case _:
            return value.isoformat()  # dates and times


# ---- judging -------------------------------------------------------------------------------------


def licence_problem(facts: Facts) -> str:
    """Return why pictures made from this one may not be shared, nothing where they may."""
    from materials.credits import check_licences
    from materials.graph import Source

    try:
        check_licences(
            [Source(name=f'"{facts.title or facts.file}"', path=facts.file, sha256="", licence=facts.licence)]
        )
    except LicenceError as error:
        return error.what
    return ""


def licence_is_known(licence: str) -> bool:
    """Return whether it is known what a licence asks: an SPDX expression, or the public domain."""
    return licences.together([licence]).reason != licences.UNKNOWN


def lacking(facts: Facts) -> tuple[str, ...]:
    """Return the needed facts that are not known; a licence that says nothing to us counts as not known."""
    missing = facts.missing
    return missing if "licence" in missing or licence_is_known(facts.licence) else (*missing, "licence")
