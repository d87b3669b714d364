"""Everything that is timed, by one command: `python -m benchmarks [--quick] [--only PART] [--out FILE]`.

Peers are run in the same go where they are installed, and results are given as ratios to them, since seconds
depend on the machine. Figures are the best of several rounds. The results are printed and saved as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import app, blender, library, noise, presets, synthesis
from benchmarks.processes import ROOT, process, say

SYSTEM_PYTHON = "/usr/bin/python3"


def small_graph(sizes: list[int]) -> list[dict[str, Any]]:
    """Noise, cells, mix, blur, levels, normal to 8 bit, in Intarsia, GEGL and libvips, two threads each."""
    rows = []
    for size in sizes:
        script = str(ROOT / "benchmarks" / "peers.py")
        ours = process([sys.executable, "-m", "benchmarks.peers", "intarsia", str(size), "2"])
        peers = {
            "gegl": process([SYSTEM_PYTHON, script, "gegl", str(size), "2"], 2),
            "vips": process([sys.executable, script, "vips", str(size), "2"], 2),
        }
        row: dict[str, Any] = {"size": size, "intarsia": ours}
        for name, peer in peers.items():
            if peer and ours:
                row[name] = {**peer, "times_ours": round(peer["wall_s"] / ours["wall_s"], 1)}
        rows.append(row)
        say(f"small graph {size}", row)
    return rows


MATERIAL = """
import json, sys
from benchmarks.graphs import material
from materials.render import Graph, render
size, threads, rounds = map(int, sys.argv[1:])
best = None
for _ in range(rounds + 1):
    maps = None
    maps = render(Graph(material()), size, threads=threads)
    report = maps.report
    if best is None or report["cpu_seconds"] < best["cpu_seconds"]:
        best = report
from benchmarks.peers import peak_mb
print(json.dumps({"wall_s": best["seconds"], "cpu_s": best["cpu_seconds"], "peak_mb": peak_mb(),
                  "predicted_mb": round(best["predicted_bytes"] / 2**20)}))
"""


def material_graph(sizes: list[int]) -> list[dict[str, Any]]:
    """25 nodes, nine channels of maps as floats in memory: time, peak memory, one and two threads."""
    rows = []
    for size in sizes:
        for threads in (1, 2):
            command = [sys.executable, "-c", MATERIAL, str(size), str(threads), "3" if size < 8192 else "1"]
            row = {"size": size, "threads": threads, **(process(command, 2) or {})}
            rows.append(row)
            say(f"25 nodes {size}, {threads} threads", row)
    return rows


def whole_process() -> list[dict[str, Any]]:
    """`intarsia render` from nothing to files on the disk, warm kernels; the median of seven."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for preset, size in (("brick_wall", 512), ("brick_wall", 1024), ("granite_setts", 512)):
            command = [sys.executable, "-m", "materials.cli", "render", preset, "--size", str(size), "--out", folder]
            row = {"preset": preset, "size": size, "wall_s": _median(lambda command=command: _silent(command), 7)}
            rows.append(row)
            say(f"process {preset} {size}", row)
        row = {"verb": "nodes", "wall_s": _median(lambda: _silent([sys.executable, "-m", "materials.cli", "nodes"]), 5)}
        rows.append(row)
        say("process nodes", row)
    return rows


def _silent(command: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment)


def _median(work: Callable[[], None], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return round(sorted(taken)[rounds // 2], 3)


def formats(size: int) -> list[dict[str, Any]]:
    """Export of six maps that are rendered already, by format and target."""
    import intarsia
    from materials.export import export

    maps = intarsia.render("brick_wall", size=size)
    rows = []
    for target, format in (
        ("generic", "png8"),
        ("generic", "png16"),
        ("generic", "exr"),
        ("generic", "tiff"),
        ("unreal", None),
    ):
        with tempfile.TemporaryDirectory() as folder:
            start, cpu = time.perf_counter(), time.process_time()
            paths = export(maps, folder, target, format=format)
            row = {
                "size": size,
                "target": target,
                "format": format or "its own",
                "wall_s": round(time.perf_counter() - start, 3),
                "cpu_s": round(time.process_time() - cpu, 3),
                "mb": round(sum(path.stat().st_size for path in paths) / 2**20, 1),
            }
        rows.append(row)
        say(f"export {target} {format}", row)
    return rows


def noises(sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Our noises and pyfastnoisesimd's, one thread."""
    rows = noise.run(sizes)
    for row in rows:
        say(f"{row['case']} {row['size']} {row['engine']}", {k: row[k] for k in ("mpx_per_s", "ratio_to_peer")})
    return rows


PARTS: dict[str, tuple[Callable[[Any], list[dict[str, Any]]], Any, Any]] = {
    "noise": (noises, (256, 512, 1024, 2048, 4096), (256, 1024)),
    "small_graph": (small_graph, [1024, 2048, 4096], [512]),
    "material_graph": (material_graph, [512, 1024, 2048, 4096, 8192], [512, 1024]),
    "presets": (presets.run, 2048, 512),
    "blender": (blender.run, [1024, 2048], [512]),
    "whole_process": (lambda _: whole_process(), None, None),
    "formats": (formats, 2048, 512),
    "synthesis": (synthesis.run, 512, 256),
    "app": (app.run, 3, 1),
    "library": (library.run, [1000, 10_000], [500]),
}
"""What is timed, by name: the function, its sizes, and its sizes where it must be quick."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; the file keeps its other parts")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results.json")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    if options.only and options.out.exists():
        results = json.loads(options.out.read_text("utf-8"))
    results["machine"] = {
        "processors": os.cpu_count(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }
    for name in options.only or PARTS:
        work, sizes, quick = PARTS[name]
        results[name] = work(quick if options.quick else sizes)
    options.out.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(f"saved to {options.out}")


if __name__ == "__main__":
    main()
