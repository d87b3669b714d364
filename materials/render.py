"""From a document to its texture maps: the one call behind the facade, the command line and the app."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from materials import document as documents, rates
from materials.cache import Cache
from materials.driving import with_settings
from materials.embedded import embedded_graph
from materials.errors import GraphError, UsageError
from materials.evaluate import CacheLost, Cancel, Progress, Sink, evaluate
from materials.flatten import Feed, Flat, bypassed, flatten
from materials.graph import Document, Node, Source, without_view
from materials.maps import Maps
from materials.plan import Plan, plan
from materials.sources import Sources
from materials.taint import Key, Taint
from nodes.arrays import Value, kind_of
from nodes.catalogue import node_type, similar
from nodes.declare import Kind, NodeType

PRESETS = Path(__file__).resolve().parent.parent / "presets"

MAX_PIXELS = 2**30
"""Largest picture that is rendered: 32768 x 32768."""


@dataclass(frozen=True)
class Graph:
    """A document and the folder that its relative paths start from."""

    document: Document
    folder: Path | None = None
    name: str = "material"

    def with_settings(self, settings: Mapping[str, Any]) -> Graph:
        """Return the graph with parameters set; see `materials.driving.with_settings`."""
        return replace(self, document=with_settings(self.document, settings))

    def with_preset(self, name: str) -> Graph:
        """Return the graph with one of the document's own presets applied."""
        if name not in self.document.presets:
            raise GraphError(f"there is no preset {name!r}", hint=", ".join(self.document.presets) or "it has none")
        return self.with_settings(self.document.presets[name])


def presets() -> dict[str, Path]:
    """Return the shipped presets by name."""
    return {path.stem: path for path in sorted(PRESETS.glob("*" + documents.SUFFIX))}


def load(name: str | Path) -> Graph:
    """Return a shipped preset by name, or the graph in a file: a document, or a picture that holds one.

    Raises
    ------
    UsageError
        If it is neither the name of a preset nor a file.
    SourceError, GraphError
        If the file cannot be read or holds no graph.
    """
    path = Path(name)
    shipped = presets()
    if str(name) in shipped:
        path = shipped[str(name)]
    elif not path.is_file():
        raise UsageError(f"{name} is neither a file nor a preset", hint=f"presets: {', '.join(shipped)}")
    if path.suffix.lower() in {".png", ".exr", ".tiff", ".tif"}:
        return Graph(documents.loads(embedded_graph(path)), path.parent, path.stem)
    return Graph(documents.load(path), path.parent, path.stem)


def size_of(size: int | tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) of a size given as a number or as (width, height)."""
    width, height = (size, size) if isinstance(size, int) else size
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise UsageError(f"the size {width}x{height} is outside 1x1 to 32768x32768")
    return height, width


def prepare(
    graph: Graph,
    size: int | tuple[int, int],
    *,
    seed: int = 0,
    outputs: Collection[str] | None = None,
    cache: Cache | None = None,
    streamed: bool = False,
) -> tuple[Plan, Sources]:
    """Return the plan of a render, and the sources that it opened."""
    height, width = size_of(size)
    flat = bypassed(flatten(graph.document, graph.folder))
    sources = Sources(flat)
    made = plan(
        flat,
        height,
        width,
        seed=seed,
        outputs=outputs,
        pictures=sources,
        cached=cache.__contains__ if cache else lambda key: False,
        streamed=streamed,
        apart=True,
    )
    return made, sources


def render(
    graph: Graph,
    size: int | tuple[int, int] = 1024,
    *,
    seed: int = 0,
    outputs: Collection[str] | None = None,
    threads: int | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    budget: int | None = None,
    sink: Sink | None = None,
) -> Maps:
    """Render a graph's outputs at a size; return them as maps with what is known about them.

    Parameters
    ----------
    size : pixels of a square tile, or (width, height).
    seed : variation of the whole graph; 0 leaves every node's own seed as it is.
    outputs : names of outputs, or of nodes (`node` or `node.output`) to look at; None for all outputs.
    sink : takes the maps band by band, then the returned maps hold no pictures.
    """
    values: dict[str, Value] | None = None
    while values is None:
        made, sources = prepare(graph, size, seed=seed, outputs=outputs, cache=cache, streamed=sink is not None)
        try:
            values, report = evaluate(
                made, threads=threads, cache=cache, sink=sink, progress=progress, cancel=cancel, budget=budget
            )
        except CacheLost:  # an entry left the cache between planning and running: plan again
            continue
    expected = rates.predict(made)
    data = {**report.as_data(), "predicted_cpu_seconds": round(expected, 6)}
    rates.learn(data)
    return _maps(graph, made, values, data, sources, seed)


def output_kinds(graph: Graph, size: int | tuple[int, int] = 1) -> dict[str, Kind]:
    """Return the pictures that a graph makes, by name, without computing any."""
    made, _ = prepare(graph, size)
    kinds = {name: made.calls[index].kinds[output] for name, (index, output) in made.outputs.items()}
    return {name: kind for name, kind in kinds.items() if kind in (Kind.GRAY, Kind.COLOR)}


def _maps(
    graph: Graph,
    made: Plan,
    values: Mapping[str, Value],
    report: Mapping[str, Any],
    sources: Sources,
    seed: int,
) -> Maps:
    pictures = {name: _writable(value) for name, value in values.items() if isinstance(value, np.ndarray)}
    size_cm, depth_cm = physical_size(graph.document)
    named = sources.named({key for taint in made.taint.values() for key in taint.all})
    return Maps(
        pictures,
        width=made.width,
        height=made.height,
        size_cm=size_cm,
        depth_cm=depth_cm,
        name=graph.name,
        seed=seed,
        graph=documents.dumps(without_view(graph.document)),
        title=graph.document.title,
        author=graph.document.author,
        licence=graph.document.licence,
        sources=tuple({source.name: source for source in named.values()}.values()),
        uses={name: _uses(taint, named) for name, taint in made.taint.items()},
        nodes={
            call.path: f"{call.type.key} {call.type.version}" for call in made.calls if call.type.section != "engine"
        },
        report=report,
    )


def _uses(taint: Taint, named: Mapping[Key, Source]) -> dict[str, str]:
    steering = {named[key].name: "control" for key in sorted(taint.control)}
    return {**steering, **{named[key].name: "value" for key in sorted(taint.value)}}


def _writable(image: np.ndarray) -> np.ndarray:
    return image if image.flags.writeable else image.copy()


def physical_size(document: Document) -> tuple[float, float]:
    for node in document.nodes.values():
        if node.key == "material_output":
            return float(node.parameters["size_cm"]), float(node.parameters["depth_cm"])
    return 100.0, 1.0


# ---- one node without a graph --------------------------------------------------------------------


def run(
    key: str,
    *pictures: Value,
    size: int | tuple[int, int] | None = None,
    threads: int | None = None,
    folder: Path | None = None,
    **named: Any,
) -> Any:
    """Run one node: pictures by position or by name, parameters by name; see the node's help for both.

    Lengths are fractions of the tile and angles degrees, as in files.

    Parameters
    ----------
    size : pixels of a square tile or (width, height), for nodes that get no picture; 512 unless stated.

    Returns
    -------
    Its result: an array, or a NamedTuple of the node's outputs.

    Raises
    ------
    UsageError
        If there is no such node, or an argument that it does not have.
    GraphError
        If a parameter is out of range or a picture is missing or of the wrong kind.
    """
    kind = node_type(key)
    if kind is None:
        close = similar(key)
        raise UsageError(f"there is no node {key!r}", hint=f"did you mean {', '.join(close)}?" if close else "")
    given, parameters = _sorted_arguments(kind, pictures, named)
    height, width = _common_size(given, size)
    node = Node(id=key, key=kind.key, version=kind.version, parameters={**kind.defaults(), **parameters})
    feeds: dict[str, Feed] = {socket: (f"<{socket}>", "out") for socket in given}
    outputs = {output.name: (key, output.name) for output in kind.outputs}
    flat = Flat({key: node}, {key: feeds}, {}, outputs)
    bound = {feeds[socket]: value for socket, value in given.items()}
    made = plan(flat, height, width, given=bound, pictures=_direct_pictures)
    values, _ = evaluate(made, threads=threads)
    results = [values[output.name] for output in kind.outputs]
    if len(results) == 1:
        return results[0]
    result_class = inspect.signature(kind.function, eval_str=True).return_annotation
    return result_class(*results)


def _direct_pictures(path: str, name: str) -> tuple[np.ndarray, str]:
    """Read a picture whose path was given instead of a source's name."""
    import hashlib

    from materials import files, pictures
    from materials.sources import MAX_BYTES

    data = files.open_regular(Path(name), MAX_BYTES)
    return pictures.read(data, name=name), hashlib.sha256(data).hexdigest()


def _sorted_arguments(
    kind: NodeType, pictures: tuple[Value, ...], named: Mapping[str, Any]
) -> tuple[dict[str, Value], dict[str, Any]]:
    if len(pictures) > len(kind.sockets):
        names = ", ".join(socket.name for socket in kind.sockets) or "none"
        raise UsageError(f"{kind.key} takes {len(kind.sockets)} pictures ({names}), not {len(pictures)}")
    given: dict[str, Value] = {socket.name: value for socket, value in zip(kind.sockets, pictures, strict=False)}
    parameters: dict[str, Any] = {}
    for name, value in named.items():
        if kind.socket(name):
            if value is not None:
                given[name] = value
        elif kind.field(name):
            parameters[name] = value
        else:
            names = [*(socket.name for socket in kind.sockets), *(field.name for field in kind.fields)]
            raise UsageError(f"{kind.key} has no argument {name!r}", hint=f"it takes {', '.join(names)}")
    for name, value in given.items():
        given[name] = _picture(kind, name, value)
    return given, parameters


def _picture(kind: NodeType, name: str, value: Value) -> Value:
    """Return a picture given to a node as contiguous float32, or say why it is none."""
    socket = kind.socket(name)
    assert socket is not None
    if isinstance(value, np.ndarray):
        value = np.ascontiguousarray(value, np.float32)
        if not np.isfinite(value.sum(dtype=np.float64)):
            raise GraphError(f"{name} holds NaN or infinity", where=kind.key)
    try:
        made = kind_of(value)
    except ValueError as error:
        raise GraphError(f"{name}: {error}", where=kind.key) from None
    wanted = {socket.kind} if socket.kind is not Kind.IMAGE else {Kind.GRAY, Kind.COLOR}
    if made not in wanted and not (made is Kind.GRAY and socket.kind is Kind.COLOR):
        raise GraphError(f"{name} takes {socket.kind.value}, not {made.value}", where=kind.key)
    return value


def _common_size(given: Mapping[str, Value], size: int | tuple[int, int] | None) -> tuple[int, int]:
    from nodes.arrays import planes

    sizes = {array.shape[:2] for value in given.values() for array in planes(value).values()}
    if size is not None:
        sizes.add(size_of(size))
    if len(sizes) > 1:
        raise UsageError(f"the pictures differ in size: {', '.join(f'{w}x{h}' for h, w in sorted(sizes))}")
    return next(iter(sizes), (512, 512))


def as_settings(pairs: Collection[str]) -> dict[str, Any]:
    """Return `NAME=VALUE` texts as settings; a value is JSON, or else a word."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"{pair!r} is no setting", hint="write NODE.PARAM=VALUE")
        settings[name.strip()] = _value(text)
    return settings


def _value(text: str) -> Any:
    """Return a number written in any usual way, other JSON, or else the text itself."""
    for read in (json.loads, float):
        try:
            return read(text)
        except ValueError:
            pass
    return text


__all__ = ["Graph", "as_settings", "load", "presets", "render", "run"]
