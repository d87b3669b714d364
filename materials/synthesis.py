"""From photographs to a picture like them, larger and without a seam: the one call behind facade and command line.

A synthesis is a small graph, like any other: it can be saved, opened, verified and credited. Pictures that have no
file are entered as they are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from materials import credits as crediting, document as documents, files, ledger, pictures
from materials.embedded import CREDITS_TEXT, GRAPH_TEXT
from materials.errors import UsageError
from materials.evaluate import Cancel, Progress, evaluate
from materials.flatten import flatten
from materials.graph import Document, Link, Node, Source
from materials.maps import Maps
from materials.plan import plan
from materials.render import Graph, render, size_of
from materials.sources import MAX_BYTES, Sources
from nodes.arrays import Origin
from nodes.catalogue import node_type
from nodes.declare import Kind, NodeType

METHODS = {
    "patches": "blocks laid and mended, texel by texel copied: the best there is",
    "quilt": "blocks cut along the lines where they differ least: quick",
    "blend": "three pieces blended everywhere: for noise-like surfaces, quickest",
    "hex": "hexagons with soft borders: quickest for small motifs",
    "phase": "the same spectrum with other phases: for surfaces without shapes",
    "tileable": "the picture itself, its borders grown together",
    "fill": "the picture itself, filled where the mask is white",
    "expand": "the picture itself, grown on all sides",
}
KEYS = {
    "patches": "synthesize",
    "quilt": "quilt",
    "blend": "tile_and_blend",
    "hex": "hex_tile",
    "phase": "phase_noise",
    "tileable": "make_tileable",
    "fill": "fill",
    "expand": "expand",
}
IN_PLACE = ("tileable", "fill")
"""Methods that keep the picture's own size."""

Given = str | Path | np.ndarray


@dataclass(frozen=True, eq=False)
class Synthesis:
    """What a synthesis made: the picture, where every pixel is from, and what it took.

    picture : float32 (H, W, 3), linear. origin : None where pixels are blends of many.
    maps : the other maps, by name. report : plain data.
    """

    picture: np.ndarray
    origin: Origin | None
    report: Mapping[str, Any]
    maps: Mapping[str, np.ndarray] = field(default_factory=dict)
    graph: Graph = field(default_factory=lambda: Graph(Document()))
    sources: tuple[Source, ...] = ()

    def __repr__(self) -> str:
        height, width = self.picture.shape[:2]
        return f"<Synthesis {width}x{height} by {self.report['method']} from {len(self.report['sources'])} pictures>"


# ---- what is given ---------------------------------------------------------------------------------


@dataclass
class _Pictures:
    """Pictures by the names that a document gives them: files in one folder, or arrays."""

    folder: Path | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def enter(self, name: str, given: Given, facts: Mapping[str, str]) -> None:
        if isinstance(given, np.ndarray):
            image = np.ascontiguousarray(given, np.float32)
            if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3) or 0 in image.shape:
                raise UsageError(f"{name} has the shape {image.shape}; a picture is (h, w) or (h, w, 3)")
            if not np.isfinite(image).all():
                raise UsageError(f"{name} holds NaN or infinity")
            self.arrays[name], self.sizes[name] = image, (image.shape[0], image.shape[1])
            return
        path = Path(given).resolve()
        if self.folder is None:
            self.folder = path.parent
        if path.parent != self.folder:
            raise UsageError(
                f"{path.name} lies in another folder than the first picture",
                hint="put the pictures of one synthesis into one folder, so that it can be opened and verified",
            )
        data = files.open_regular(path, MAX_BYTES)
        head = pictures.header(data)
        known = {**facts_of(path), **{key: text for key, text in facts.items() if text}}
        self.sizes[name] = (head.height, head.width)
        self.sources[name] = replace(Source(name, path.name, hashlib.sha256(data).hexdigest()), **known)

    def opener(self, graph: Graph) -> Any:
        """Return what gives a node the pixels of a name."""
        by_file = Sources(flatten(graph.document, graph.folder))

        def opened(path: str, name: str) -> tuple[np.ndarray, str]:
            if name not in self.arrays:
                return by_file(path, name)
            image = self.arrays[name]
            return image, hashlib.blake2b(image.tobytes() + str(image.shape).encode(), digest_size=16).hexdigest()

        return opened


def facts_of(path: Path) -> dict[str, str]:
    """Return title, author, licence, source and changes of a picture, as far as the CREDITS.toml beside it tells."""
    values = ledger.beside(path).values()
    names = ("title", "author", "licence", "source", "changes")
    return {name: str(values[name]) for name in names if values.get(name)}


# ---- the graph -------------------------------------------------------------------------------------


class _Builder:
    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.links: list[Link] = []

    def add(self, id: str, key: str, settings: Mapping[str, Any], **inputs: str) -> NodeType:
        """Add a node; its inputs are the first outputs of other nodes."""
        kind = node_type(key)
        assert kind is not None
        known = {field.name for field in kind.fields}
        if wrong := sorted(set(settings) - known):
            raise UsageError(f"{key} has no setting {wrong[0]!r}", hint=f"it has {', '.join(sorted(known))}")
        x = 240.0 * len(self.nodes)
        self.nodes[id] = Node(id, key, kind.version, "", {**kind.defaults(), **settings}, (x, 0.0))
        for socket, source in inputs.items():
            made = self.nodes[source].type
            assert made is not None
            self.links.append(Link(source, made.outputs[0].name, id, socket))
        return kind


def _graph(
    method: str,
    entered: _Pictures,
    names: Sequence[str],
    maps: Sequence[str],
    guided: bool,
    width: int,
    settings: Mapping[str, Any],
    author: str,
) -> Graph:
    """Return the graph that makes a picture `width` pixels wide from the pictures that were entered."""
    build, own, count = _Builder(), dict(settings), len(names)
    columns = {name: width / entered.sizes[name][1] for name in names}
    key = KEYS[method]
    if method in IN_PLACE:
        build.add("photograph", "image", {"picture": names[0]})
        wired = {"image": "photograph"}
        if method == "fill":
            build.add("holes", "image_gray", {"picture": "mask"})
            wired["hole"] = "holes"
        build.add("made", key, own, **wired)
    elif count > 1:
        masks = {}
        for letter in "bcd"[: count - 1]:
            build.add(f"where_{letter}", "fbm", {"cells": 4, "octaves": 3, "seed": 17 * ord(letter)})
            build.add(
                f"plan_{letter}",
                "histogram_scan",
                {"position": 1 / count, "contrast": 0.95},
                image=f"where_{letter}",
            )
            masks[letter] = f"plan_{letter}"
        for letter, name in zip("abcd", names, strict=False):
            own = {f"picture_{letter}": name, f"columns_{letter}": columns[name], **own}
        build.add("made", "mash_up", own, **masks)
    elif guided:
        build.add("plan", "image_gray", {"picture": "guide"})
        own = {"picture": names[0], "columns": columns[names[0]], **own}
        build.add("made", "texture_by_numbers", own, guide="plan")
    else:
        own = {"picture": names[0], "columns": columns[names[0]], **own}
        own |= {f"{map}_picture": map for map in maps}
        build.add("made", key, own)
    document = Document(
        title="Synthesis", author=author, nodes=build.nodes, links=tuple(build.links), sources=dict(entered.sources)
    )
    return Graph(document, entered.folder, "synthesis")


def synthesize(
    picture: Given | Sequence[Given],
    size: int | tuple[int, int] | None = None,
    *,
    method: str | None = None,
    seed: int = 0,
    tileable: bool = True,
    guide: Given | None = None,
    mask: Given | None = None,
    maps: Mapping[str, Given] | None = None,
    facts: Mapping[str, str] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    preview: Callable[[np.ndarray], None] | None = None,
    **settings: Any,
) -> Synthesis:
    """Return a picture like one photograph or several, of any size, with the origin of every pixel.

    Parameters
    ----------
    picture : a file, an array (h, w) or (h, w, 3), float32, linear; or up to four of them, which are mixed.
    size : pixels of a square tile or (width, height); twice the picture's shorter side unless given.
    method : a name of `METHODS`; patches unless given, fill with a mask, tileable if no size is given but asked for.
    tileable : every method's result tiles; False is refused, so that nobody counts on a border that is not there.
    guide : a picture of what is wanted where, dark to light as in the photograph.
    mask : where the picture is to be filled: white.
    maps : other maps of the same photograph, by name: height, roughness and normal are matched with the colour,
        any other is carried along.
    facts : title, author, licence (SPDX) and source of the pictures, where no CREDITS.toml beside them tells.
    preview : takes a coarse picture, smaller than the result, as soon as there is one.
    settings : parameters of the node behind the method, see `intarsia nodes KEY`.

    Raises
    ------
    UsageError
        If what is asked for does not go together.
    """
    given = [picture] if isinstance(picture, str | Path | np.ndarray) else list(picture)
    if not 1 <= len(given) <= 4:
        raise UsageError(f"a synthesis takes one to four pictures, not {len(given)}")
    if not tileable:
        raise UsageError("every result tiles: there is no method here that leaves its borders open")
    method = method or ("fill" if mask is not None else "patches")
    if method not in METHODS:
        raise UsageError(f"there is no method {method!r}", hint=", ".join(METHODS))
    _check(method, len(given), guide, mask, maps)
    entered = _Pictures()
    names: list[str] = []
    for one in given:
        names.append(_named(one, names))
        entered.enter(names[-1], one, facts or {})
    for name, one in (("guide", guide), ("mask", mask), *(maps or {}).items()):
        if one is not None:
            entered.enter(name, one, facts or {})
    own = entered.sizes[names[0]]
    if method in IN_PLACE:
        if size is not None and size_of(size) != own:
            raise UsageError(f"{method} keeps the picture's own size, {own[1]}x{own[0]}", hint="leave the size out")
        height, width = own
    else:
        height, width = size_of(2 * min(own) if size is None else size)
    joint = [name for name in maps or {} if name in ("height", "roughness", "normal")]
    author = (facts or {}).get("author", "")
    graph = _graph(method, entered, names, joint, guide is not None, width, {**settings, "seed": seed}, author)
    outputs = _outputs(graph.document.nodes["made"])
    made = plan(
        flatten(graph.document, graph.folder), height, width, outputs=list(outputs), pictures=entered.opener(graph)
    )
    show = (lambda path, output, image: preview(image)) if preview else None
    values, took = evaluate(made, threads=threads, progress=progress, cancel=cancel, preview=show)
    results: dict[str, Any] = {name: values[path] for path, name in outputs.items()}
    color, origin = next(results[name] for name in ("color", "image", "out") if name in results), results.get("origin")
    carried = {name: results[name] for name in joint}
    for name in maps or {}:
        if name not in carried and origin is not None:
            carried[name] = _carried(entered, name, origin, graph)
    report = {
        "method": method,
        "seed": seed,
        "size": [width, height],
        "seconds": round(took.seconds, 4),
        "cpu_seconds": round(took.cpu_seconds, 4),
        "sources": shares_of(origin, names),
        "warnings": [found.text for found in took.warnings],
    }
    return Synthesis(color, origin, report, carried, graph, tuple(entered.sources.values()))


def _named(given: Given, taken: Sequence[str]) -> str:
    """Return a source's name: that of its file, so that credits can be read."""
    stem = "picture" if isinstance(given, np.ndarray) else re.sub(r"\W", "_", Path(given).stem, flags=re.ASCII)[:64]
    name = stem if re.match("[A-Za-z_]", stem) else f"picture_{stem}"
    taken = [*taken, "guide", "mask", "height", "roughness", "normal"]
    return next(one for k in range(1, 9) if (one := name if k == 1 else f"{name}_{k}") not in taken)


def _check(method: str, count: int, guide: Given | None, mask: Given | None, maps: Mapping[str, Given] | None) -> None:
    if count > 1 and method != "patches":
        raise UsageError(f"{method} takes one picture, not {count}", hint="patches mixes several")
    if guide is not None and (count > 1 or method != "patches"):
        raise UsageError("a guide goes with one picture and the method patches")
    if (mask is not None) != (method == "fill"):
        raise UsageError("fill needs a mask, and nothing else takes one")
    if maps and (count > 1 or method not in ("patches", "quilt") or guide is not None):
        raise UsageError("other maps go with one picture, without a guide, and the methods patches and quilt")


def _outputs(node: Node) -> dict[str, str]:
    kind = node.type
    assert kind is not None
    return {f"{node.id}.{output.name}": output.name for output in kind.outputs}


def _carried(entered: _Pictures, name: str, origin: Origin, graph: Graph) -> np.ndarray:
    """Return another map, copied from where the colour was."""
    from nodes.patch.exemplar import fitted

    image, _ = entered.opener(graph)("made", name)
    return fitted(image, *origin.sizes[0])[origin.y, origin.x]


def shares_of(origin: Origin | None, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return how much of a picture each source makes, and how much of the source was used at all."""
    if origin is None:
        return [{"name": names[0], "share": 1.0}]
    found = []
    for number, name in enumerate(names):
        chosen = origin.source == number
        rows, columns = origin.sizes[number] if number < len(origin.sizes) else (1, 1)
        used = np.zeros((max(rows, 1), max(columns, 1)), bool)
        used[origin.y[chosen], origin.x[chosen]] = True
        share = float((origin.weight * chosen).mean(dtype=np.float64))
        found.append({"name": name, "share": round(share, 6), "used": round(float(used.mean()), 6)})
    return found


def warnings(picture: Given, told: Sequence[str] = ()) -> list[str]:
    """Return what in a photograph will show in what is made of it: repeats, uneven light, blur, and the like.

    told : what nodes said already, in the same words or about; a report's `warnings`.
    """
    from nodes.patch.preparation import warnings_of

    if not isinstance(picture, np.ndarray):
        picture = pictures.read(files.open_regular(picture, MAX_BYTES), name=str(picture))
    found = [finding for finding in warnings_of(picture) if not any(finding.opening in text for text in told)]
    return [f"{finding.text}; {finding.help}" for finding in found]


# ---- to a file -------------------------------------------------------------------------------------


def save(result: Synthesis, path: str | Path, *, grants: crediting.Grants | None = None) -> list[Path]:
    """Write a synthesis and its maps as PNG, with its graph inside, and credits beside and inside; return the paths.

    Colours are 8-bit sRGB: what was copied from an 8-bit photograph has its very codes.

    Raises
    ------
    LicenceError
        If the pictures' licences do not allow it; see `materials.credits.check_licences`.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path.name} is no PNG file", hint="give the file a name that ends in .png")
    crediting.check_licences(result.sources, grants)
    height, width = result.picture.shape[:2]
    document = documents.dumps(result.graph.document)
    about = Maps(
        {},
        width,
        height,
        name=path.stem,
        graph=document,
        title=path.stem,
        author=result.graph.document.author,
        sources=result.sources,
        nodes={node.id: f"{node.key} {node.version}" for node in result.graph.document.nodes.values()},
        report=result.report,
    )
    how, shown = crediting.Export("synthesis", name=path.stem), ["color", *result.maps]
    inside = crediting.as_json(crediting.credits_data(about, how, shown, {}, grants))
    texts = {GRAPH_TEXT: document, CREDITS_TEXT: inside}
    written = {path.name: _encoded(result.picture, texts)}
    for name, image in result.maps.items():
        written[f"{path.stem}_{name}.png"] = _encoded(image, texts, linear=name != "base_color")
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in written.items()}
    data = crediting.credits_data(about, how, shown, sums, grants)
    data["shares"] = result.report["sources"]
    written[f"{path.stem}.credits.json"] = crediting.as_json(data).encode()
    files.make_folder(path.parent)
    files.write_all({path.parent / name: contents for name, contents in written.items()})
    return [path.parent / name for name in written]


def files_again(graph: Graph, size: tuple[int, int], name: str, **options: Any) -> dict[str, bytes]:
    """Return the files that `save` would write for a synthesis's graph, without texts, for comparing their pixels.

    Maps that were carried along are left out: the graph does not make them.
    """
    node = graph.document.nodes.get("made")
    if node is None or node.type is None:
        raise UsageError("its graph is not that of a synthesis")
    kinds = {output.name: output.kind for output in node.type.outputs}
    wanted = [output for output, kind in kinds.items() if kind in (Kind.GRAY, Kind.COLOR, Kind.IMAGE)]
    maps = render(graph, size, outputs=[f"made.{output}" for output in wanted], **options)
    first = next(output for output in ("color", "image", "out") if output in wanted)
    found = {f"{name}.png": _encoded(maps[f"made.{first}"], {})}
    others = {output: maps[f"made.{output}"] for output in wanted if output != first}
    return found | {f"{name}_{output}.png": _encoded(image, {}, linear=True) for output, image in others.items()}


def _encoded(image: np.ndarray, texts: Mapping[str, str], linear: bool = False) -> bytes:
    """Return a picture as PNG: colours 8-bit sRGB, other maps 16-bit as they are."""
    image = np.clip(image, 0, 1)
    if linear or image.ndim == 2:
        return pictures.encode_png((image * 65535 + 0.5).astype(np.uint16), texts, False)
    return pictures.encode_png((pictures.linear_to_srgb(image) * 255 + 0.5).astype(np.uint8), texts, True)


__all__ = ["METHODS", "Synthesis", "facts_of", "save", "shares_of", "synthesize", "warnings"]
