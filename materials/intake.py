"""Pictures on their way into a library: found in folders, with what is said beside them, and given safe names."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from materials import files, ledger, pictures
from materials.cards import MAX_BYTES
from materials.errors import SourceError, UsageError
from materials.ledger import Facts

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".exr"}


@dataclass(frozen=True)
class Arrival:
    """A picture that is to be entered: where it is, what it shall be called, and what is said beside it."""

    path: Path
    name: str
    facts: Facts


def arrivals(path: Path, own: Path, said: Callable[[Path], Mapping[str, Facts]]) -> Iterator[Arrival]:
    """Walk the pictures of a file or folder.

    own : the library's folder, where names stay as they are. said : what stands beside the pictures of a folder.

    Raises
    ------
    SourceError
        If a CREDITS.toml beside them is damaged, or names paths that leave its folder.
    """
    path = Path(os.path.abspath(path))
    if not path.is_dir():
        yield Arrival(path, path.name, said(path.parent).get(path.name, Facts("picture")))
        return
    around = said(path)
    beside: Mapping[str, Facts] = {}
    last = ""
    for name in walk(path):
        place, _, file = name.rpartition("/")
        if place and place != last:
            beside, last = said(path / place), place
        told = (beside.get(file) if place else None) or around.get(name) or Facts("picture")
        yield Arrival(path / name, name if path.is_relative_to(own) else f"{path.name}/{name}", told)


def walk(folder: Path) -> Iterator[str]:
    """Walk the pictures below a folder, in order, by names relative to it; links and hidden things are left out."""
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith(".") and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def check_walked(name: str) -> None:
    """Raise `SourceError` if `walk` would not come by a file of that name in a library's folder."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in SUFFIXES or any(part.startswith(".") for part in path.parts):
        raise SourceError(f"{name} is not called as a picture", hint=f"it must end in {', '.join(sorted(SUFFIXES))}")


def said(folder: Path) -> Mapping[str, Facts]:
    """Return what the CREDITS.toml of a folder says, by file."""
    path = folder / ledger.NAME
    if not os.path.lexists(path):
        return {}
    return ledger.parse(files.open_regular(path, ledger.MAX_BYTES)).entries


def hash_of(path: Path) -> str:
    """Return a file's SHA-256, empty where it cannot be read."""
    try:
        return hashlib.sha256(files.open_regular(path, MAX_BYTES)).hexdigest()
    except SourceError:
        return ""


def copied(data: bytes, folder: Path, name: str) -> str:
    """Write a file below a folder and return its name there: `name`, made safe, with a number where that is taken.

    A file of that name with the same bytes is taken as it is.
    """
    name = "/".join(safe(part) for part in name.split("/"))
    suffix = PurePosixPath(name).suffix
    stem = name.removesuffix(suffix)
    if suffix.lower() not in SUFFIXES:
        stem, suffix = name, f".{pictures.header(data).format}"
    for count in range(1, 10_000):
        tried = f"{stem}{suffix}" if count == 1 else f"{stem}-{count}{suffix}"
        path = files.inside(folder, tried)
        if not os.path.lexists(folder / tried):
            files.make_folder(path.parent)
            files.write_bytes(path, data)
            return tried
        if hash_of(path) == hashlib.sha256(data).hexdigest():
            return tried
    raise UsageError(f"there are too many files named {name}")


def safe(name: str) -> str:
    """Return a name that every system takes for a file, as near to a given one as can be."""
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    stem = re.sub(r"[^\w \-+(),.]", "_", stem).strip(" .")[:60] or "picture"
    try:
        files.check_relative(stem)
    except SourceError:
        stem = f"picture_{stem}"
    return stem + dot + re.sub(r"\W", "", suffix)[:12]
