"""Is an export what its credits say it is: rendered again from the graph inside it and compared file by file."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from materials import document as documents, embedded, files, pictures, target as layouts
from materials.errors import BudgetError, Cancelled, IntarsiaError, SourceError
from materials.export import export_graph
from materials.ownership import recorded
from materials.render import PRESETS, Graph
from materials.synthesis import files_again
from nodes import opencv

SAME = "the same bytes"
SYNTHESIS = "synthesis"
"""What stands in the place of a target in the credits of a synthesis."""


@dataclass(frozen=True)
class Finding:
    """What was found of one file."""

    file: str
    ok: bool
    what: str

    def __str__(self) -> str:
        return f"{'ok    ' if self.ok else 'WRONG '} {self.file}: {self.what}"


@dataclass(frozen=True)
class Verdict:
    """What was found of all files; `problem` says why they could not be rendered again, where that is so."""

    findings: tuple[Finding, ...]
    problem: str = ""

    @property
    def ok(self) -> bool:
        return not self.problem and bool(self.findings) and all(finding.ok for finding in self.findings)

    def as_data(self) -> dict[str, Any]:
        findings = [{"file": one.file, "ok": one.ok, "what": one.what} for one in self.findings]
        return {"ok": self.ok, "problem": self.problem, "files": findings}


def verify(path: Path, folder: Path | None = None, target: str | None = None, **options: Any) -> Verdict:
    """Render an export again and compare.

    Parameters
    ----------
    path : an exported picture, or the credits file beside it; this one tells of all files.
    folder : where the graph's sources and linked files are; the export's own folder, and for shipped presets theirs,
        unless given. Nothing outside of it is read.
    target : the target's file, where it is none of ours.
    options : `threads`, `budget`, `progress`, `cancel` of the render.

    Raises
    ------
    SourceError
        If there are no credits in it, or they are damaged.
    """
    place = path.resolve().parent
    data, graph = recorded(path)
    hashes = _hashes(data, path, place)
    there, findings = _present(hashes, place)
    if not graph:
        graph = _embedded(there)
    if not graph:
        problem = "none of its pictures is there with its graph inside, so they cannot be rendered again"
        return Verdict(tuple(findings), problem)
    if hashlib.sha256(graph.encode()).hexdigest() != data.get("graph_sha256"):
        return Verdict(tuple(findings), "the graph in it is not the one that its credits name")
    try:
        again = _again(data, graph, [folder] if folder else [place, PRESETS], target, options)
    except (Cancelled, BudgetError):
        raise
    except IntarsiaError as error:
        hint = "" if folder else "; --folder says where the graph's sources are"
        return Verdict(tuple(findings), f"it cannot be rendered again: {error}{hint}")
    return Verdict((*findings, *(_compared(name, there[name], hashes[name], again) for name in there)), "")


def _hashes(data: Mapping[str, Any], path: Path, place: Path) -> dict[str, str]:
    """Return the files to look at with their recorded hashes, nothing where there is none."""
    if path.suffix == ".json":
        listed = data.get("files")
        if not isinstance(listed, dict) or not all(isinstance(value, str) for value in listed.values()):
            raise SourceError(f"the credits in {path.name} are damaged", path=path)
        return dict(listed)
    try:
        sidecar, _ = recorded(files.inside(place, f"{data.get('name')}.credits.json"))
        same = sidecar.get("graph_sha256") == data.get("graph_sha256")
        return {path.name: str(sidecar["files"][path.name]) if same else ""}
    except (IntarsiaError, KeyError, TypeError):
        return {path.name: ""}


def _present(hashes: Mapping[str, str], place: Path) -> tuple[dict[str, bytes], list[Finding]]:
    """Return the bytes of the files that can be read, and what is wrong with the others."""
    there, findings = {}, []
    for name in sorted(hashes):
        try:
            there[name] = files.open_regular(files.inside(place, name), embedded.MAX_PICTURE)
        except IntarsiaError as error:
            findings.append(Finding(name, False, str(error)))
    return there, findings


def _embedded(there: Mapping[str, bytes]) -> str:
    """Return the graph inside the first file that holds one."""
    for data in there.values():
        try:
            if text := embedded.texts(data).get(embedded.GRAPH_TEXT):
                return text
        except IntarsiaError:
            continue
    return ""


def _again(
    data: Mapping[str, Any], graph: str, folders: list[Path], target: str | None, options: Mapping[str, Any]
) -> dict[str, bytes]:
    """Return the files of the same export made now, by name."""
    name, size, seed = data.get("name"), data.get("size"), data.get("seed")
    if not isinstance(size, list) or len(size) != 2 or not all(type(side) is int for side in size):
        size = None
    if size is None or type(seed) is not int or not isinstance(name, str) or not name:
        raise SourceError("its credits do not say how it was rendered: an older version wrote them")
    if target is None:
        target = str(data.get("target"))
        if target not in (SYNTHESIS, *layouts.names()):  # it may be a path to anywhere
            raise SourceError(f"there is no target {target!r} here", hint="--target names its file")
    document = documents.loads(graph)
    folder = next((each for each in folders if _has_all(document, each)), folders[0])
    if target == SYNTHESIS:
        return files_again(Graph(document, folder, name), (size[0], size[1]), name, **options)
    with tempfile.TemporaryDirectory(prefix="intarsia-") as place:
        _, paths = export_graph(
            Graph(document, folder, name),
            place,
            target,
            size=(size[0], size[1]),
            seed=seed,
            format=str(data.get("format") or "") or None,
            name=name,
            grants={source["name"]: source["grant"] for source in data["sources"] if source.get("grant")},
            profile=str(data.get("profile") or "") or None,
            **options,
        )
        return {path.name: path.read_bytes() for path in paths}


def _has_all(document: documents.Document, folder: Path) -> bool:
    """Return whether a folder holds a file for every source and every linked graph that a document names."""
    names = [source.path for source in document.sources.values()]
    names += [node.file for node in document.nodes.values() if node.file]
    try:
        return all(files.inside(folder, name).is_file() for name in names)
    except IntarsiaError:
        return False


def _compared(name: str, data: bytes, recorded_hash: str, again: Mapping[str, bytes]) -> Finding:
    """Compare a file's bytes with what was recorded, and its pixels with what is rendered now."""
    changed = bool(recorded_hash) and hashlib.sha256(data).hexdigest() != recorded_hash
    if name not in again:
        if changed or not recorded_hash:
            return Finding(name, False, "its bytes are not those that were written" if changed else NOT_MADE)
        return Finding(name, True, "its bytes are those that were written; it is not rendered again")
    if data == again[name]:
        return Finding(name, not changed, "its bytes are not those of the credits" if changed else SAME)
    try:
        difference = _difference(data, again[name])
    except IntarsiaError as error:
        return Finding(name, False, f"it cannot be read: {error}")
    if changed:
        return Finding(name, False, f"its bytes are not those that were written; {difference or 'its pixels are'}")
    return Finding(name, not difference, difference or "the same pixels")


NOT_MADE = "the graph makes no such file"


def _difference(one: bytes, other: bytes) -> str:
    """Return how two pictures differ, in their own codes; nothing where no pixel does."""
    first, second = _codes(one), _codes(other)
    if first.shape != second.shape or first.dtype != second.dtype:
        return f"it is {_layout(first)}, rendered again {_layout(second)}"
    apart = np.abs(first.astype(np.float64) - second.astype(np.float64))
    changed = ~(apart == 0)
    if not changed.any():
        return ""
    pixels = changed if changed.ndim == 2 else changed.any(axis=2)
    return f"{int(pixels.sum())} of {pixels.size} pixels differ, by {float(np.nanmax(apart)):g} at most"


def _codes(data: bytes) -> np.ndarray:
    """Return a picture's pixels as they are stored."""
    checked = pictures.read(data)
    if pictures.header(data).format == "exr":
        return checked
    found = opencv.cv2.imdecode(np.frombuffer(data, np.uint8), opencv.cv2.IMREAD_UNCHANGED)
    if found is None:
        raise SourceError("the picture is damaged")
    return found


def _layout(codes: np.ndarray) -> str:
    return f"{codes.shape[1]}x{codes.shape[0]} of {codes.dtype}"
