"""What can be said about every node from its declaration: lists, help, pages, warm-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from materials.driving import driven
from materials.errors import UsageError
from materials.graph import Document, Exposed
from materials.render import Graph, physical_size
from nodes.catalogue import catalogue, node_type, similar
from nodes.declare import Kind, Length, NodeType

SECTIONS = (
    "source", "noise", "grunge", "marks", "shape", "pattern", "packing", "weave", "wood", "grain", "scatter", "tone",
    "mix", "formula", "colour", "channels", "filter", "warp", "region", "surface", "mask", "wear", "material",
    "covers", "weather", "coats", "synthesis", "fill", "repair", "tiling", "transfer", "photograph",
)  # fmt: skip
"""The order of the menu; sections that are not named come last."""


def _rank(kind: NodeType) -> tuple[int, str, str]:
    place = SECTIONS.index(kind.section) if kind.section in SECTIONS else len(SECTIONS)
    return place, kind.section, kind.key


def all_nodes() -> list[dict[str, Any]]:
    """Return key, section, title and summary of every node, by section."""
    return [
        {"key": kind.key, "section": kind.section, "title": kind.title, "summary": kind.summary}
        for kind in sorted(catalogue().values(), key=_rank)
    ]


def one_node(key: str) -> dict[str, Any]:
    """Return all that a node's declaration says, as plain data.

    Raises
    ------
    UsageError
        If there is no such node.
    """
    kind = node_type(key)
    if kind is None:
        close = similar(key)
        raise UsageError(f"there is no node {key!r}", hint=f"did you mean {', '.join(close)}?" if close else "")
    return {
        "key": kind.key,
        "version": kind.version,
        "section": kind.section,
        "title": kind.title,
        "summary": kind.summary,
        "help": kind.help,
        "inputs": [
            {"name": socket.name, "kind": socket.kind.value, "optional": socket.optional, "around": socket.around}
            for socket in kind.sockets
        ],
        "parameters": [
            {
                "name": field.name,
                "type": type(field.parameter).__name__,
                "accepts": field.parameter.describe(),
                "default": field.default,
                "help": field.help,
            }
            for field in kind.fields
        ],
        "outputs": [{"name": output.name, "kind": output.kind.value} for output in kind.outputs],
        "reads": kind.reach if isinstance(kind.reach, str) else "a neighbourhood",
        "credit": kind.carries,
    }


def prose(kind: NodeType) -> str:
    """Return a node's help without its Parameters section, which the table shows."""
    return kind.help.split("\nParameters\n")[0].strip()


def as_text(entry: dict[str, Any]) -> str:
    """Return a node's description for a terminal."""
    kind = node_type(entry["key"])
    assert kind is not None
    lines = [f"{entry['title']} ({entry['key']}, {entry['section']})", "", prose(kind), ""]
    for title, rows in (("inputs", _input_rows(entry)), ("parameters", _parameter_rows(entry))):
        if rows:
            width = max(len(row[0]) for row in rows)
            lines += [title, *(f"  {name:<{width}}  {text}" for name, text in rows), ""]
    lines.append("gives " + ", ".join(f"{output['name']} ({output['kind']})" for output in entry["outputs"]))
    return "\n".join(lines)


def _input_rows(entry: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["name"], row["kind"] + (", optional" if row["optional"] else "")) for row in entry["inputs"]]


def _parameter_rows(entry: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (
            row["name"],
            f"{row['accepts']}; default {_short(row['default'])}" + (f". {row['help']}" if row["help"] else ""),
        )
        for row in entry["parameters"]
    ]


def _short(value: Any) -> str:
    if isinstance(value, str):
        return value or "none"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 48 else text[:45] + "..."


def warm(progress: Callable[[float, str], None]) -> int:
    """Run every node once per kind of picture it takes, so that its kernels are compiled; return their number."""
    kinds = sorted(catalogue().values(), key=_rank)
    for number, kind in enumerate(kinds):
        progress(number / len(kinds), kind.title)
        for sample in samples(kind):
            sample()
    return len(kinds)


def samples(kind: NodeType, size: int = 16) -> list[Callable[[], Any]]:
    """Return calls that run a node on small pictures: gray and colour where it takes both, inputs bare and full."""
    import numpy as np

    from materials.render import run
    from nodes.arrays import Material, Regions
    from nodes.declare import Choice

    ramp = np.linspace(0, 1, size * size, dtype=np.float32).reshape(size, size)
    colour = np.repeat(ramp[..., None], 3, axis=2)
    regions: Regions | None = None
    if any(socket.kind is Kind.REGIONS for socket in kind.sockets):
        regions = run("flood_fill", (ramp > 0.5).astype(np.float32))
    plain = {
        Kind.GRAY: ramp,
        Kind.COLOR: colour,
        Kind.FLOW: colour[..., :2] * np.float32(0.01),
        Kind.REGIONS: regions,
        Kind.MATERIAL: Material({"base_color": colour, "height": ramp}),
    }
    if any(socket.kind not in plain and socket.kind is not Kind.IMAGE for socket in kind.sockets):
        return []
    choices: list[dict[str, Any]] = [{}]
    for field in kind.fields:
        if isinstance(field.parameter, Choice):
            choices += [{field.name: option} for option in field.parameter.options if option != field.default]
    calls = []
    for image in (ramp, colour) if any(socket.kind is Kind.IMAGE for socket in kind.sockets) else (ramp,):
        for full in (False, True):
            pictures = {
                socket.name: image if socket.kind is Kind.IMAGE else plain[socket.kind]
                for socket in kind.sockets
                if full or not socket.optional
            }
            shape = {} if pictures else {"size": size}
            calls += [_call(run, kind.key, {**pictures, **choice, **shape}) for choice in choices]
    return calls


def _call(run: Callable[..., Any], key: str, arguments: dict[str, Any]) -> Callable[[], Any]:
    return lambda: run(key, **arguments)


# ---- materials -------------------------------------------------------------------------------------


def one_material(graph: Graph) -> dict[str, Any]:
    """Return what a graph says of itself and all that it lets one set, as plain data; lengths in centimetres too."""
    document = driven(graph.document)
    size_cm, depth_cm = physical_size(document)
    return {
        "name": graph.name,
        "title": document.title,
        "author": document.author,
        "licence": document.licence,
        "description": document.description,
        "tags": list(document.tags),
        "size_cm": size_cm,
        "depth_cm": depth_cm,
        "nodes": len(document.nodes),
        "parameters": [_exposed(document, entry, size_cm) for entry in document.exposed],
        "presets": {name: dict(values) for name, values in document.presets.items()},
        "sources": [
            {"title": source.title, "author": source.author, "licence": source.licence}
            for source in document.sources.values()
        ],
    }


def _exposed(document: Document, entry: Exposed, size_cm: float) -> dict[str, Any]:
    node = document.node(entry.node)
    field = node.type.field(entry.parameter) if node.type else None
    row = {
        "name": entry.name,
        "label": entry.label or entry.name,
        "group": entry.group,
        "parameter": f"{entry.node}.{entry.parameter}",
        "value": node.parameters.get(entry.parameter),
        "low": entry.low,
        "high": entry.high,
        "accepts": field.parameter.describe() if field else "",
        "unit": getattr(field.parameter, "unit", "") if field else "",
    }
    if field and isinstance(field.parameter, Length) and entry.low is not None and entry.high is not None:
        row["cm"] = [round(float(number) * size_cm, 4) for number in (entry.low, entry.high, row["value"])]
    return row


def material_as_text(entry: dict[str, Any]) -> str:
    """Return a material's description as a page for the terminal."""
    lines = [f"{entry['title']} ({entry['name']}), {entry['author']}, {entry['licence']}", "", entry["description"], ""]
    lines.append(f"{entry['size_cm']:g} cm wide, {entry['depth_cm']:g} cm deep, {entry['nodes']} nodes")
    group = None
    for row in entry["parameters"]:
        if row["group"] != group:
            group = row["group"]
            lines += ["", group or "parameters"]
        lines.append(f"  {row['name']:<18} {row['label']:<22} {_span(row)}")
    if entry["presets"]:
        lines += ["", "presets", *(f"  {name}" for name in entry["presets"])]
    if entry["sources"]:
        lines += ["", "made with", *(f"  {s['title']}, {s['author']}, {s['licence']}" for s in entry["sources"])]
    return "\n".join(lines)


def _span(row: dict[str, Any]) -> str:
    """Return a parameter's range and value in words."""
    if "cm" in row:
        low, high, value = row["cm"]
        return f"{low:g} to {high:g} cm, now {value:g} cm; as {row['low']:g} to {row['high']:g} of the tile"
    if row["low"] is None or row["high"] is None:
        value = row["value"]
        shown = value if isinstance(value, int | float | str | bool) else ""
        return f"{row['accepts']}{f', now {shown}' if shown != '' else ''}"
    unit = f" {row['unit']}" if row["unit"] else ""
    return f"{row['low']:g} to {row['high']:g}{unit}, now {row['value']:g}{unit}"
