"""Makes docs/gallery: every preset in light, its maps on a sheet, and a page that shows them.

usage: python -m docs.gallery [--check] [PRESET...]

With --check nothing is made; the exit code is 1 if a preset has no pictures or no place on the page. With names, only
those presets' pictures are made again; the page always shows all.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from materials import shade, sheet
from materials.files import make_folder, write_all
from materials.graph import Document
from materials.render import Graph, load, presets, render
from nodes import opencv

FOLDER = Path(__file__).resolve().parent / "gallery"
SIZE = 2048
PICTURES = ("sphere", "plane", "sheet")
SIDE, SHEET = 640, 1280
LARGEST = 250_000
COLUMNS = 3

FACTS = FOLDER / "facts.json"
"""What was measured when a preset's pictures were made, so that the page can be made without making them again."""


def pictures(name: str) -> tuple[dict[Path, bytes], dict[str, Any]]:
    """Return a preset's pictures as files, and what making its maps took."""
    graph = load(name)
    render(graph, 64)  # compiled before it is timed
    start = time.perf_counter()
    maps = render(graph, SIZE)
    seconds = time.perf_counter() - start
    made = {
        "sphere": shade.preview(maps, "sphere", SIDE),
        "plane": shade.preview(maps, "plane", SIDE),
        "sheet": sheet.contact_sheet(maps, width=SHEET),
    }
    files = {FOLDER / f"{name}_{kind}.jpg": as_jpeg(picture) for kind, picture in made.items()}
    facts = {"seconds": round(seconds, 2), "cpu_seconds": round(maps.report["cpu_seconds"], 2), "size": SIZE}
    return files, {**facts, "maps": list(maps)}


def as_jpeg(picture: np.ndarray) -> bytes:
    """Return a JPEG file below the limit, at the best quality that keeps it there."""
    cv2 = opencv.cv2
    for quality in (90, 86, 82, 76, 70, 60):
        _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(data) <= LARGEST:
            break
    return data.tobytes()


# ---- the page ------------------------------------------------------------------------------------


def page(facts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page as Markdown: spheres in a table, then a section for each preset."""
    graphs = {name: load(name) for name in presets()}
    lines = [
        "# Gallery",
        "",
        "Made by `python -m docs.gallery` from the shipped presets. Every picture is our own renderer's, without",
        "retouching: `intarsia render NAME --preview --out out` makes the same.",
        "",
    ]
    lines += _table(graphs)
    for name, graph in graphs.items():
        lines += _section(name, graph, facts.get(name, {}))
    return "\n".join(lines) + "\n"


def _table(graphs: Mapping[str, Graph]) -> list[str]:
    names = list(graphs)
    rows = ["| " * COLUMNS + "|", "| --- " * COLUMNS + "|"]
    for start in range(0, len(names), COLUMNS):
        cells = [
            f"[![{_escaped(graphs[name].document.title)}]({name}_sphere.jpg)](#{name})<br>"
            f"{_escaped(graphs[name].document.title)}"
            for name in names[start : start + COLUMNS]
        ]
        rows.append("| " + " | ".join(cells + [""] * (COLUMNS - len(cells))) + " |")
    return [*rows, ""]


def _section(name: str, graph: Graph, facts: Mapping[str, Any]) -> list[str]:
    document = graph.document
    owner = ", ".join(part for part in (document.author, document.licence) if part)
    lines = [f'<a id="{name}"></a>', "", f"## {_escaped(document.title)}", "", f"`{name}`, {_escaped(owner)}", ""]
    if document.description:
        lines += [_escaped(document.description), ""]
    lines += [f"| ![on a sphere]({name}_sphere.jpg) | ![on a plane]({name}_plane.jpg) |", "| --- | --- |", ""]
    lines += [f"[All maps]({name}_sheet.jpg)", ""]
    lines += [f"- {len(document.nodes)} nodes{_timing(facts)}"]
    if document.exposed:
        lines.append("- parameters: " + ", ".join(f"`{entry.name}`" for entry in document.exposed))
    if document.presets:
        lines.append("- variants: " + ", ".join(_escaped(title) for title in document.presets))
    lines += _sources(document)
    return [*lines, ""]


def _timing(facts: Mapping[str, Any]) -> str:
    if not facts:
        return ""
    return f"; {len(facts['maps'])} maps of {facts['size']} pixels took {facts['cpu_seconds']:g} s of processor time"


def _sources(document: Document) -> list[str]:
    return [
        f"- with *{_escaped(source.title or source.name)}* by {_escaped(source.author)}, {source.licence}"
        for source in document.sources.values()
    ]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


# ---- the command ---------------------------------------------------------------------------------


def missing() -> list[str]:
    """Return what a preset lacks: its pictures, or its place on the page."""
    path = FOLDER / "README.md"
    text = path.read_text("utf-8") if path.is_file() else ""
    lacking = [name for name in presets() if f'<a id="{name}"></a>' not in text]
    return [f"{name} has no place on the page" for name in lacking] + [
        f"{name}_{kind}.jpg is not there"
        for name in presets()
        for kind in PICTURES
        if not (FOLDER / f"{name}_{kind}.jpg").is_file()
    ]


def main(arguments: list[str]) -> int:
    """Make the gallery, or look whether it is whole; return the exit code."""
    if "--check" in arguments:
        for line in missing():
            print(f"docs/gallery: {line}: run python -m docs.gallery", file=sys.stderr)
        return 1 if missing() else 0
    unknown = [name for name in arguments if name not in presets()]
    if unknown:
        print(f"there is no preset {unknown[0]!r}; there are {', '.join(presets())}", file=sys.stderr)
        return 2
    make_folder(FOLDER)
    facts = json.loads(FACTS.read_text("utf-8")) if FACTS.is_file() else {}
    for name in arguments or presets():
        files, facts[name] = pictures(name)
        write_all(files)
        print(f"{name}: {facts[name]['cpu_seconds']:g} s, {sum(map(len, files.values())) / 1000:.0f} KB")
    facts = {name: facts[name] for name in presets() if name in facts}
    texts = {FACTS: json.dumps(facts, indent=1) + "\n", FOLDER / "README.md": page(facts)}
    write_all({path: text.encode() for path, text in texts.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
