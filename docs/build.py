"""Makes the pages in docs/nodes from the declarations of the nodes, each with a rendered picture.

usage: python -m docs.build [--check]

With --check nothing is written; the exit code is 1 if a page is missing, stale or left over.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from materials import reference
from materials.pictures import encode_png, linear_to_srgb
from materials.render import run
from nodes.catalogue import catalogue
from nodes.declare import Kind, NodeType

FOLDER = Path(__file__).resolve().parent / "nodes"
SIZE = 192


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


PHOTOGRAPH = str(FOLDER.parent.parent / "presets" / "exemplars" / "pink_rock.png")

SETTINGS: dict[str, dict[str, Any]] = {
    "ambient_occlusion": {"depth": 0.15, "radius": 0.05},
    "blur": {"radius": 0.02},
    "bricks": {"length_jitter": 0.2, "angle_jitter": 2.0, "bevel": 0.02, "rounding": 0.01},
    "curve": {"points": ((0.0, 0.0), (0.4, 1.0), (0.6, 0.3), (1.0, 1.0))},
    "image": {"picture": PHOTOGRAPH, "rows": 2, "wrap": "mirror"},
    "image_gray": {"picture": PHOTOGRAPH, "rows": 2, "wrap": "mirror"},
    "levels": {"in_low": 0.3, "in_high": 0.7, "out_low": 0.2},
    "normal_from_height": {"depth": 0.06},
    "oklch_adjust": {"hue": 120.0},
    "shape": {"form": "star", "scale": 0.8},
    "transform": {"columns": 2, "rows": 2, "rotation": 45.0},
}
"""What a picture is made with where the defaults show too little."""

# ---- pictures ------------------------------------------------------------------------------------


def subject(kind: Kind, number: int) -> Any:
    """Return a picture that shows what a node does: stones, cloud, clay or regions."""
    stones = run("voronoi", size=SIZE, cells=5, seed=2)
    form = run("levels", stones.edge, in_low=0.03, in_high=0.3)
    cloud = run("fbm", size=SIZE, cells=5, seed=4, spread=0.2)
    match kind:
        case Kind.COLOR:
            stops = ((0.0, (0.05, 0.03, 0.02)), (0.4, (0.36, 0.13, 0.06)), (1.0, (0.8, 0.55, 0.36)))
            return run("gradient_map", run("blend", form, cloud, opacity=0.5), stops=stops)
        case Kind.FLOW:
            return run("to_flow", cloud, run("fbm", size=SIZE, cells=5, seed=9, spread=0.2), amount=0.1)
        case Kind.REGIONS:
            return run("flood_fill", form, threshold=0.3)
    return form if number == 0 else cloud


def picture(kind: NodeType) -> np.ndarray:
    """Return a picture of a node at work, sRGB codes (h, w, 3); several outputs side by side."""
    given = {
        socket.name: subject(socket.kind, number)
        for number, socket in enumerate(kind.sockets)
        if not (socket.optional and socket.name in ("mask", "offset"))
    }
    result = run(kind.key, **given, **SETTINGS.get(kind.key, {}), **({} if given else {"size": SIZE}))
    values = [result] if len(kind.outputs) == 1 else list(result)
    names = [output.name for output in kind.outputs]
    return np.concatenate([_visible(value, name) for value, name in zip(values, names, strict=True)], axis=1)


def _visible(value: Any, name: str = "") -> np.ndarray:
    if not isinstance(value, np.ndarray):
        labels = getattr(value, "labels", None)
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
