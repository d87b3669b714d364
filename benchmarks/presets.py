"""The shipped presets: all maps at full size, the wait after an edit, and the preview in light.

Maps and edits are timed with two threads. `render` is a process of its own, for its peak memory:
`python -m benchmarks.presets brick_wall 2048 2` prints the better of two renders after one that compiles.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.peers import peak_mb
from benchmarks.processes import module, process, say
from materials.cache import Cache
from materials.graph import Exposed
from materials.render import Graph, load, presets, render
from materials.shade import preview
from nodes.parameters import Choice, Parameter, Range, SeedValue, Switch

THREADS = 2
EDIT_SIZE = 512
PREVIEW_SIZES = (256, 512)
TARGETS = {"cpu_s": 4.0, "edit_ms": 150.0, "preview_256_cpu_ms": 80.0, "preview_512_cpu_ms": 250.0}
"""What we aim at, the first for all maps at 2048²."""


def run(size: int = 2048, rounds: int = 3) -> list[dict[str, Any]]:
    """Return a row for each preset."""
    rows = []
    for name in presets():
        row: dict[str, Any] = {"preset": name, "nodes": len(load(name).document.nodes), "size": size}
        row |= process(module("benchmarks.presets", name, size, THREADS), 1) or {}
        edits = edit_seconds(load(name), EDIT_SIZE, rounds)
        row["edit_ms"] = {parameter: round(1000 * seconds, 1) for parameter, seconds in edits.items()}
        row["edit_median_ms"] = round(statistics.median(row["edit_ms"].values()), 1)
        row["edit_worst_ms"] = max(row["edit_ms"].values())
        row["preview_cpu_ms"] = preview_milliseconds(load(name), rounds)
        rows.append(row)
        say(f"preset {name}", row)
    return rows


def edit_seconds(graph: Graph, size: int, rounds: int) -> dict[str, float]:
    """Return the wall seconds from a new value of each exposed parameter to all maps, the least of some rounds.

    The cache is warm: it holds what a render of the graph as it was saved has left there, and nothing of other edits.
    """
    found = {}
    for entry in graph.document.exposed:
        settings = {entry.name: another_value(graph, entry)}
        render(graph.with_settings(settings), size, threads=THREADS)  # compiles what only the new value needs
        taken = []
        for _ in range(rounds):
            cache = Cache()
            render(graph, size, threads=THREADS, cache=cache)
            start = time.perf_counter()
            render(graph.with_settings(settings), size, threads=THREADS, cache=cache)
            taken.append(time.perf_counter() - start)
        found[entry.name] = min(taken)
    return found


def another_value(graph: Graph, entry: Exposed) -> Any:
    """Return a value that an exposed parameter may take and has not: a number goes a fourth of its longer way."""
    node = graph.document.node(entry.node)
    field = node.type.field(entry.parameter) if node.type else None
    assert field is not None, f"{entry.name} leads to no parameter"
    value = node.parameters[entry.parameter]
    match field.parameter:
        case Switch():
            return not value
        case Choice(options=options):
            return options[(options.index(value) + 1) % len(options)]
        case Range() | SeedValue():
            return _moved(value, entry, field.parameter)
        case _:
            return _darker(value)


def _moved(value: float, entry: Exposed, parameter: Parameter) -> float:
    ends = parameter.ends()
    low = ends[0] if entry.low is None else entry.low
    high = ends[1] if entry.high is None else entry.high
    end = high if high - value >= value - low else low
    step = (end - value) / 4
    if isinstance(parameter, SeedValue) or getattr(parameter, "whole", False):
        return value + (max(1, round(step)) if step > 0 else min(-1, round(step)))
    return value + step


def _darker(value: Any) -> Any:
    """Return colours a tenth darker, alone or as the stops of a gradient, which stay where they are."""
    if isinstance(value, int | float):
        return 0.9 * value
    if len(value) == 2:
        return (value[0], _darker(value[1]))
    return tuple(_darker(part) for part in value)


def preview_milliseconds(graph: Graph, rounds: int) -> dict[str, float]:
    """Return the processor time of a picture in light by shape and size, the least of some rounds."""
    maps = render(graph, EDIT_SIZE, threads=THREADS)
    found = {}
    for shape in ("sphere", "plane"):
        for size in PREVIEW_SIZES:
            taken = _cpu_seconds(lambda shape=shape, size=size: preview(maps, shape, size, threads=THREADS), rounds)
            found[f"{shape}_{size}"] = round(1000 * min(taken), 1)
    return found


def _cpu_seconds(work: Callable[[], Any], rounds: int) -> list[float]:
    work()  # compiles
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return taken


def main(arguments: Sequence[str]) -> None:
    graph, size, threads = load(arguments[0]), int(arguments[1]), int(arguments[2])
    wall = []

    def work() -> None:
        start = time.perf_counter()
        render(graph, size, threads=threads)
        wall.append(time.perf_counter() - start)

    cpu = _cpu_seconds(work, 2)
    print(json.dumps({"wall_s": round(min(wall), 3), "cpu_s": round(min(cpu), 3), "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main(sys.argv[1:])
