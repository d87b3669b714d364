"""Makes the pages in docs/nodes from the declarations of the nodes, each with a rendered picture.

usage: python -m docs.build [--check]

With --check nothing is written; the exit code is 1 if a page is missing, stale or left over.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from gui import samples
from materials import reference
from materials.pictures import encode_png, linear_to_srgb
from materials.render import run
from nodes.arrays import Origin, Stamps
from nodes.catalogue import catalogue
from nodes.declare import NodeType
from nodes.opencv import cv2

FOLDER = Path(__file__).resolve().parent / "nodes"


def page(entry: dict[str, Any]) -> str:
    """Return a node's page as Markdown."""
    kind = catalogue()[entry["key"]]
    lines = [f"# {entry['title']}", "", f"`{entry['key']}`, in *{entry['section']}*, version {entry['version']}", ""]
    lines += [f"![{entry['title']}](images/{entry['key']}.png)", "", reference.prose(kind), ""]
    if entry["inputs"]:
        lines += ["## Inputs", "", "| name | kind | |", "| --- | --- | --- |"]
        for row in entry["inputs"]:
            notes = [note for note, holds in (("optional", row["optional"]), ("reads around", row["around"])) if holds]
            lines.append(f"| `{row['name']}` | {row['kind']} | {', '.join(notes)} |")
        lines.append("")
    if entry["parameters"]:
        lines += ["## Parameters", "", "| name | accepts | default | |", "| --- | --- | --- | --- |"]
        for row in entry["parameters"]:
            accepts = row["accepts"].replace("|", "\\|")
            lines.append(f"| `{row['name']}` | {accepts} | {_default(row['default'])} | {row['help']} |")
        lines.append("")
    outputs = ", ".join(f"`{row['name']}` ({row['kind']})" for row in entry["outputs"])
    return "\n".join([*lines, "## Outputs", "", outputs, ""])


def _default(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"`{text}`" if text else ""


def index() -> str:
    """Return the list of all nodes as Markdown."""
    lines = ["# Nodes", "", "Made by `python -m docs.build` from the nodes themselves.", ""]
    section = ""
    for entry in reference.all_nodes():
        if entry["section"] != section:
            section = entry["section"]
            lines += ["", f"## {section.capitalize()}", ""]
        lines.append(f"- [{entry['title']}]({entry['key']}.md): {entry['summary']}")
    return "\n".join(lines) + "\n"


# ---- pictures ------------------------------------------------------------------------------------


def picture(kind: NodeType) -> np.ndarray:
    """Return a picture of a node at work, sRGB codes (h, w, 3); several outputs side by side."""
    return np.concatenate([_visible(value, name) for name, value in samples.outputs(kind).items()], axis=1)


def _visible(value: Any, name: str = "") -> np.ndarray:
    if not isinstance(value, np.ndarray):
        labels = getattr(value, "labels", None)
        if isinstance(value, Stamps):  # the largest of its pictures
            return _visible(
                cv2.resize(value.pictures[0][0][..., 0], (samples.SIZE, samples.SIZE), interpolation=cv2.INTER_AREA)
            )
        if isinstance(value, Origin):  # rows in green, columns in red
            rows, columns = value.sizes[0] if value.sizes else value.y.shape
            return _visible(np.stack([value.x / columns, value.y / rows, value.source / 3], axis=2) ** 2.2)
        if labels is None:  # a material: its colour
            return _visible(value.maps["base_color"])
        return _visible(run("region_color", value, lightness=0.5, chroma=1.0, hue=300.0))
    if value.ndim == 2:
        codes = np.clip(value, 0, 1)[..., None].repeat(3, axis=2)
    elif value.shape[2] == 2:
        shown = value % 1.0 if name == "uv" else 0.5 + 4 * value
        codes = np.clip(np.concatenate([shown, np.full_like(value[..., :1], 0.5)], axis=2), 0, 1)
    else:
        codes = linear_to_srgb(np.clip(value, 0, 1))
    return (codes * 255 + 0.5).astype(np.uint8)


def main(check: bool) -> int:
    """Write the pages, or compare them; return the exit code."""
    wanted = {"index.md": index()} | {
        f"{entry['key']}.md": page(reference.one_node(entry["key"])) for entry in reference.all_nodes()
    }
    if check:
        there = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
        pictures = {path.stem for path in (FOLDER / "images").glob("*.png")}
        stale = sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))
        stale += sorted(f"images/{key}.png" for key in pictures ^ set(catalogue()))
        for name in stale:
            print(f"docs/nodes/{name} is not up to date: run python -m docs.build", file=sys.stderr)
        return 1 if stale else 0
    (FOLDER / "images").mkdir(parents=True, exist_ok=True)
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8")
    for kind in catalogue().values():
        (FOLDER / "images" / f"{kind.key}.png").write_bytes(encode_png(picture(kind), {}, colour=True, level=9))
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
