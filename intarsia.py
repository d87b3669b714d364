"""Intarsia: procedural materials from graphs of small, explainable parts.

>>> import intarsia
>>> graph = intarsia.load("brick_wall")
>>> maps = intarsia.render(graph, size=1024, seed=3, set={"bricks.columns": 12})
>>> maps["base_color"].shape
(1024, 1024, 3)
>>> files = intarsia.export(maps, "out", target="unreal")
>>> intarsia.preview(maps, shape="sphere", size=512).shape
(512, 512, 3)

Pictures are float32, linear, row 0 on top: `(height, width)` or `(height, width, 3)`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import materials
import nodes

_HERE = Path(__file__).resolve().parent
for _package in (materials, nodes):
    if Path(_package.__file__ or "").resolve().parent.parent != _HERE:
        raise ImportError(
            f"another package named {_package.__name__!r} hides Intarsia's own ({_package.__file__}); "
            "install Intarsia into an environment of its own"
        )

from materials.errors import IntarsiaError  # noqa: E402  # only after the check above

if TYPE_CHECKING:
    import numpy as np

    from materials.cache import Cache
    from materials.evaluate import Cancel, Progress
    from materials.library import Library
    from materials.maps import Maps
    from materials.render import Graph
    from materials.synthesis import Given, Synthesis

__version__ = materials.VERSION

__all__ = [
    "IntarsiaError",
    "__version__",
    "export",
    "library",
    "load",
    "presets",
    "preview",
    "render",
    "run",
    "save",
    "synthesize",
]


def load(name: str | Path) -> Graph:
    """Return a graph: a shipped preset by name, an `.intarsia` file, or a picture that one is embedded in."""
    from materials import render as engine

    return engine.load(name)


def presets() -> list[str]:
    """Return the names of the shipped presets."""
    from materials import render as engine

    return list(engine.presets())


def save(graph: Graph, path: str | Path) -> None:
    """Write a graph to a file; an old file stays until the new one is whole."""
    from materials import document

    document.save(graph.document, path)


def render(
    graph: Graph | str | Path,
    size: int | tuple[int, int] = 1024,
    seed: int = 0,
    set: Mapping[str, Any] | None = None,
    outputs: Collection[str] | None = None,
    *,
    threads: int | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    memory: int | None = None,
) -> Maps:
    """Render a graph's texture maps.

    Parameters
    ----------
    graph : a graph, a file, or a preset's name.
    size : pixels of the square tile, or (width, height).
    seed : a variation of the whole graph; 0 is the graph as it was saved.
    set : parameters by `node.parameter` or by the name of an exposed one.
    outputs : which maps; also `node` or `node.output` to look inside. None for all.
    threads : None for INTARSIA_THREADS or all processors. The result is the same for any number.
    memory : bytes that the run may take; it is refused before it starts if they are not enough.

    Returns
    -------
    A mapping from a map's name to float32 `(height, width)` or `(height, width, 3)`, linear.

    Raises
    ------
    IntarsiaError
        With a message that says what is wrong, where in the graph, and what would work.
    """
    from materials import render as engine

    found = engine.load(graph) if isinstance(graph, str | Path) else graph
    return engine.render(
        found.with_settings(set or {}),
        size,
        seed=seed,
        outputs=outputs,
        threads=threads,
        cache=cache,
        progress=progress,
        cancel=cancel,
        budget=memory,
    )


def run(key: str, *pictures: Any, size: int | tuple[int, int] | None = None, **arguments: Any) -> Any:
    """Run one node without a graph, for example `run("fbm", size=512, cells=8)` or `run("blur", image, radius=0.01)`.

    Pictures and parameters go by name, lengths as fractions of the tile, angles in degrees. Returns an array, or a
    NamedTuple where the node has several outputs.
    """
    from materials import render as engine

    return engine.run(key, *pictures, size=size, **arguments)


def preview(
    maps: Mapping[str, np.ndarray],
    shape: str = "sphere",
    size: int = 512,
    environment: str = "studio",
    **options: Any,
) -> np.ndarray:
    """Return a picture of maps in light, uint8 sRGB `(size, size, 3)`, ready to be saved.

    Parameters
    ----------
    maps : what `render` returned, or pictures by the names of maps.
    shape : sphere, plane, cube or cylinder.
    environment : studio, overcast, daylight or sunset.
    options : `camera`, `tiles`, `depth`, `turn`, `shift`, `exposure`, `threads`, see `materials.shade.shade`.
    """
    from materials import shade

    return shade.preview(maps, shape, size, environment=environment, **options)


def export(maps: Maps, folder: str | Path, target: str = "generic", **options: Any) -> list[Path]:
    """Write maps as the files that an engine loads, with credits beside and inside them; return their paths.

    Parameters
    ----------
    target : a name that `intarsia targets` lists, or a TOML file of the same form.
    options : `format`, `name`, see `materials.export.export`.
    """
    from materials import export as writer

    return writer.export(maps, folder, target, **options)


def synthesize(
    picture: Given | Sequence[Given], size: int | tuple[int, int] | None = None, **options: Any
) -> Synthesis:
    """Return a picture like a photograph, or like several, of any size and tileable.

    >>> made = intarsia.synthesize("soil.png", 1024, seed=3)  # doctest: +SKIP
    >>> made.picture.shape, made.origin.y[0, 0], made.report["cpu_seconds"]  # doctest: +SKIP

    Parameters
    ----------
    picture : a file, an array (h, w) or (h, w, 3), float32, linear; or up to four of them, which are mixed.
    size : pixels of a square tile, or (width, height); twice the picture's shorter side unless given.
    options : `method`, `seed`, `guide`, `mask`, `maps`, `threads`, `progress`, `cancel` and the parameters of the
        method's node, see `materials.synthesis.synthesize`.

    Returns
    -------
    What has `picture`, `origin` (source, row and column of every pixel), `maps` and `report`.
    """
    from materials import synthesis

    return synthesis.synthesize(picture, size, **options)


def library(folder: str | Path | None = None) -> Library:
    """Return a library of photographs: add, search and look at them, see `materials.library.Library`.

    folder : where the pictures are; None for the user's own, "shipped" for those that come with Intarsia.

    >>> [found.item.file for found in intarsia.library("shipped").search("soil")]
    ['soil.png']
    """
    from materials.library import Library

    return Library(folder)
