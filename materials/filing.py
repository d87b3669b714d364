"""Documents and their folders: opened from what a user points at, saved with the parts from outside that they name.

A document's paths are relative to its folder. So a picture that is taken into it from elsewhere is copied into that
folder, and saving it in another folder brings its parts along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from materials import document as documents, files, intake, ledger, pictures
from materials.embedded import embedded_graph
from materials.errors import ExportError, IntarsiaError, SourceError
from materials.graph import NAME, Document, Source
from materials.render import PRESETS
from materials.sources import MAX_BYTES
from materials.upgrades import SCHEMA

WITH_GRAPHS = (".png", ".exr", ".tif", ".tiff")
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".webp")
PLACE = "pictures"
"""The folder beside a document that pictures from elsewhere are copied into."""


@dataclass(frozen=True)
class Opened:
    """A document, the folder its paths start from, the file that saving writes, and why it must not be changed."""

    document: Document
    folder: Path | None
    path: Path | None
    locked: str = ""


def open_document(path: Path) -> Opened:
    """Return the document in a file: its own, or one inside a picture that Intarsia exported.

    A shipped preset, and a graph from a picture, are opened as new documents: saving asks for a place.

    Raises
    ------
    SourceError, GraphError
        If the file cannot be read or holds no document.
    """
    path = path.absolute()
    if path.suffix.lower() in WITH_GRAPHS:
        return Opened(documents.loads(embedded_graph(path)), path.parent, None)
    document = documents.load(path)
    if path.parent == PRESETS.absolute():
        return Opened(document, path.parent, None)
    return Opened(document, path.parent, path, newer(document))


def newer(document: Document) -> str:
    """Return why a document must not be saved here; nothing if it may be."""
    if document.schema <= SCHEMA:
        return ""
    unknown = sum(node.type is None or node.version > node.type.version for node in document.nodes.values())
    many = f" {unknown} nodes are unknown here and kept as they are."
    kept = ("", " 1 node is unknown here and kept as it is.", many)[min(unknown, 2)]
    return f"Made by a newer version.{kept}"


def holds_graph(path: Path) -> bool:
    """Return whether a file is a document, or a picture with one inside."""
    if path.suffix.lower() == documents.SUFFIX:
        return True
    if path.suffix.lower() not in WITH_GRAPHS:
        return False
    try:
        embedded_graph(path)
    except IntarsiaError:
        return False
    return True


def save_document(document: Document, folder: Path | None, path: Path) -> list[str]:
    """Write a document, and beside it the parts it names; return what could not be brought along, a line each.

    folder : where its paths started from until now.

    Raises
    ------
    ExportError, GraphError
        If it cannot be written; the old file is as it was.
    """
    moved = folder is not None and folder.resolve() != path.parent.resolve()
    missing = bring_parts(document, folder, path.parent) if moved and folder is not None else []
    documents.save(document, path)
    files.sweep(path.parent)  # of what a process that died while it saved has left
    return missing


def bring_parts(document: Document, folder: Path, place: Path) -> list[str]:
    """Copy the parts that a document names to another folder; return what could not be brought along, a line each."""
    missing: list[str] = []
    for name, sha256 in _parts(document):
        try:
            _bring(folder, place, name, sha256)
        except IntarsiaError as error:
            missing.append(f"{name}: {error.what}")
    return missing


def _parts(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the path and hash of every picture a document names, and the path of every document it links to."""
    work = [document]
    for current in work:  # grows while we walk it
        yield from ((source.path, source.sha256) for source in current.sources.values())
        for node in current.nodes.values():
            if node.graph is not None:
                work.append(node.graph)
            elif node.file:
                yield node.file, ""


def _bring(folder: Path, place: Path, name: str, sha256: str) -> None:
    """Copy one part to the same relative path below another folder; what is there already is left alone."""
    target = place / name
    if target.exists():
        if not sha256 or hashlib.sha256(files.open_regular(target, MAX_BYTES)).hexdigest() == sha256:
            return
        raise ExportError("another file of that name is there", path=target)
    data = files.open_regular(files.inside(folder, name), MAX_BYTES)
    files.make_folder(target.parent)
    files.write_bytes(target, data)
    if not sha256 and target.suffix == documents.SUFFIX:
        for inner, inner_hash in _parts(documents.loads(data)):
            _bring((folder / name).parent, target.parent, inner, inner_hash)


def take_picture(document: Document, folder: Path, path: Path) -> tuple[Source, bool]:
    """Return the entry of a picture in a document's ledger, and whether it is new there.

    A picture from outside the document's folder is copied into it. What is known of it, from a CREDITS.toml beside it,
    is entered; what is not stays open until someone says it.

    Raises
    ------
    SourceError
        If it is no picture that can be read.
    """
    data = files.open_regular(path, MAX_BYTES)
    pictures.header(data)
    sha256 = hashlib.sha256(data).hexdigest()
    known = next((source for source in document.sources.values() if source.sha256 == sha256), None)
    if known is not None:
        return known, False
    try:
        name = path.resolve().relative_to(folder.resolve()).as_posix()
        files.check_relative(name)
    except (ValueError, SourceError):
        name = f"{PLACE}/{intake.copied(data, files.make_folder(folder / PLACE), path.name)}"
    facts = ledger.beside(path)
    entry = Source(
        _free_name(document, path.stem),
        name,
        sha256,
        title=facts.title or path.stem.replace("_", " "),
        author=facts.author,
        licence=facts.licence,
        source=facts.source,
        changes=str(facts.extra.get("changes", "")),
    )
    return entry, True


def put_back(source: Source, folder: Path, path: Path) -> bool:
    """Copy a picture to where the ledger of a document in a folder has it; return False if it is another picture.

    Raises
    ------
    SourceError, ExportError
        If it cannot be read or copied.
    """
    data = files.open_regular(path, MAX_BYTES)
    if hashlib.sha256(data).hexdigest() != source.sha256:
        return False
    target = files.inside(folder, source.path)
    files.make_folder(target.parent)
    files.write_bytes(target, data)
    return True


def _free_name(document: Document, stem: str) -> str:
    """Return a name for a source like the stem of its file that is not taken."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter == "_") else "_" for letter in stem)
    plain = (plain if NAME.fullmatch(plain) else f"picture_{plain}")[:100].rstrip("_") or "picture"
    number, name = 2, plain
    while name in document.sources:
        name, number = f"{plain}_{number}", number + 1
    return name
