"""Our noises against other libraries, one thread each.

`run` times what is importable; a peer that is not installed is left out. pyfastnoisesimd has no wheel for
recent Python; `pip install --no-build-isolation --no-deps pyfastnoisesimd` builds it where CPATH names the folder
that `numpy.get_include()` returns.
The peer's noise does not tile; ours does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nodes.declare import Band, row_bands
from nodes.kernels.diagram import diagram
from nodes.procedural.noise import fbm, voronoi

OURS, PEER = "intarsia", "pyfastnoisesimd"
OCTAVES, CELLS, POINTS = 8, 4, 64
ROUNDS = 5


def _banded(size: int, make: Callable[[Band], Any], outputs: Sequence[str]) -> Callable[[], None]:
    """Return work that makes a picture band by band into buffers that are there already, as the engine does."""
    buffers = {name: np.zeros((size, size), np.float32) for name in outputs}

    def work() -> None:
        diagram.cache_clear()  # or only the first round would make it
        for top, bottom in row_bands(size, size):
            provide = lambda name, shape, top=top, bottom=bottom: buffers[name][top:bottom]  # noqa: E731
            make(Band(size, size, top, bottom, frozenset(outputs), provide))

    return work


def _ours(size: int) -> dict[str, Callable[[], None]]:
    def cells(band: Band) -> Any:
        return voronoi(band, cells=POINTS)

    return {
        "fbm": _banded(size, lambda band: fbm(band, cells=CELLS, octaves=OCTAVES), ["out"]),
        "worley f1": _banded(size, cells, ["f1"]),
        "worley f1 f2": _banded(size, cells, ["f1", "f2"]),
        "worley f1 edge": _banded(size, cells, ["f1", "edge"]),
    }


def _peer(size: int) -> dict[str, Callable[[], None]]:
    """Return the peer's work by case; it has no exact edge, so that case is measured against its F1 alone."""
    try:
        import pyfastnoisesimd as simd
    except ImportError:
        return {}
    out = simd.empty_aligned([1, size, size])

    def noise(kind: Any, frequency: float) -> Any:
        made = simd.Noise(seed=1, numWorkers=1)
        made.noiseType, made.frequency = kind, frequency
        return made

    perlin = noise(simd.NoiseType.PerlinFractal, CELLS / size)
    perlin.fractal.octaves, perlin.fractal.lacunarity, perlin.fractal.gain = OCTAVES, 2.0, 0.5
    nearest, both = (noise(simd.NoiseType.Cellular, POINTS / size) for _ in range(2))
    nearest.cell.returnType = simd.CellularReturnType.Distance
    both.cell.returnType = simd.CellularReturnType.Distance2Add

    def fill(made: Any) -> Callable[[], None]:
        # Its own genAsGrid calls numpy.product, which is gone; this is what it calls in turn.
        return lambda: made._fns.FillNoiseSet(out, 0, 0, 0, 1, size, size)

    return {
        "fbm": fill(perlin),
        "worley f1": fill(nearest),
        "worley f1 f2": fill(both),
        "worley f1 edge": fill(nearest),
    }


def _seconds(work: Sequence[Callable[[], None]]) -> list[float]:
    """Return the least thread CPU seconds of each; the rounds are interleaved, so that all meet the same load."""
    best = [float("inf")] * len(work)
    for one in work:
        one()  # compiles, and touches the memory
    for _ in range(ROUNDS):
        for k, one in enumerate(work):
            start = time.thread_time()
            one()
            best[k] = min(best[k], time.thread_time() - start)
    return best


def run(sizes: Sequence[int] = (256, 512, 1024, 2048, 4096)) -> list[dict[str, Any]]:
    """Return a row for each case, size and engine; `ratio_to_peer` above 1 means that ours is faster."""
    rows = []
    for size in sizes:
        ours, peer = _ours(size), _peer(size)
        for case, work in ours.items():
            contest = {OURS: work} | ({PEER: peer[case]} if case in peer else {})
            seconds = dict(zip(contest, _seconds(list(contest.values())), strict=True))
            for engine, spent in seconds.items():
                ratio = seconds[PEER] / spent if engine == OURS and PEER in seconds else None
                rows.append(
                    {
                        "case": case,
                        "size": size,
                        "engine": engine,
                        "seconds": spent,
                        "mpx_per_s": size * size / spent / 1e6,
                        "ratio_to_peer": ratio,
                    }
                )
    return rows


if __name__ == "__main__":
    for row in run():
        ratio = "" if row["ratio_to_peer"] is None else f"{row['ratio_to_peer']:6.2f}x"
        print(f"{row['case']:15s} {row['size']:5d} {row['engine']:16s} {row['mpx_per_s']:8.0f} Mpx/s {ratio}")
