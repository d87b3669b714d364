"""The small graph in other programs: noise, cells, mix, blur, levels, normal, to 8 bit.

Each is a process of its own that prints wall and processor seconds of the second of two runs, and its peak memory:
`python benchmarks/peers.py vips 2048 2`. They are not pixel for pixel the same graph: each uses its own noises and its
own slope operator, of the same octaves and sizes. GEGL needs Debian's gir1.2-gegl-0.4 and python3-gi, and runs under
the system's Python; libvips the packages pyvips and pyvips-binary.
"""

from __future__ import annotations

import json
import os
import sys
import time


def peak_mb() -> int:
    """Return this process's peak memory; getrusage would count its parent's before the program was loaded."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def vips(size: int, threads: int):
    """Return a function that renders the graph with libvips."""
    os.environ["VIPS_CONCURRENCY"] = str(threads)
    import pyvips

    pyvips.cache_set_max(0)

    def run() -> None:
        noise = None
        for octave in range(4):
            part = pyvips.Image.perlin(size, size, cell_size=max(1, size // (8 << octave))) * (0.5**octave)
            noise = part if noise is None else noise + part
        cells = pyvips.Image.worley(size, size, cell_size=size // 24) * (24 / size)
        mixed = (noise * 0.25 + 0.5) * 0.5 + cells * 0.5
        soft = mixed.cast("float").gaussblur(4 * size / 2048)
        level = (soft - 0.1) / 0.7
        across = level.conv(pyvips.Image.new_from_array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]))
        down = level.conv(pyvips.Image.new_from_array([[-3, -10, -3], [0, 0, 0], [3, 10, 3]]))
        scale = 0.02 * size / 32
        x, y = across * -scale, down * scale
        length = (x * x + y * y + 1) ** 0.5
        normal = (x / length).bandjoin([y / length, 1 / length]) * 127.5 + 127.5
        normal.cast("uchar").write_to_memory()

    return run


def gegl(size: int, threads: int):
    """Return a function that renders the graph with GEGL."""
    os.environ["GEGL_THREADS"] = str(threads)
    import gi

    gi.require_version("Gegl", "0.4")
    from gi.repository import Gegl

    Gegl.init([])
    Gegl.config().set_property("threads", threads)

    def node(graph, operation: str, *sources, **settings):
        made = graph.create_child(operation)
        for name, value in settings.items():
            made.set_property(name.replace("_", "-"), value)
        for pad, source in zip(("input", "aux"), sources, strict=False):
            source.connect_to("output", made, pad)
        return made

    def run() -> None:
        graph = Gegl.Node()
        noise = node(graph, "gegl:perlin-noise", alpha=2.0, scale=2.0, zoff=0.5, n=4)
        cells = node(graph, "gegl:cell-noise", scale=24 / size, shape=2.0, rank=1, iterations=1, palettize=False)
        mixed = node(graph, "gegl:mix", noise, cells, ratio=0.5)
        sigma = 4 * size / 2048
        soft = node(graph, "gegl:gaussian-blur", mixed, std_dev_x=sigma, std_dev_y=sigma)
        level = node(graph, "gegl:levels", soft, in_low=0.1, in_high=0.8)
        normal = node(graph, "gegl:normal-map", level, scale=10.0)
        rectangle = Gegl.Rectangle()
        rectangle.width, rectangle.height = size, size
        crop = node(graph, "gegl:crop", normal, width=float(size), height=float(size))
        buffer = Gegl.Buffer.new("R'G'B' u8", 0, 0, size, size)
        write = node(graph, "gegl:write-buffer", crop, buffer=buffer)
        write.process()

    return run


def intarsia(size: int, threads: int):
    """Return a function that renders the graph with Intarsia, quantised to 8 bits by band."""
    import numpy as np

    from benchmarks.graphs import small
    from materials.quantise import quantise
    from materials.render import Graph, render

    graph = Graph(small())

    def run() -> None:
        codes = np.empty((size, size, 3), np.uint8)

        def sink(name: str, top: int, rows) -> None:
            for channel in range(3):
                quantise(rows, channel, codes[top : top + len(rows)], channel, top=top)

        render(graph, size, threads=threads, sink=sink)

    return run


def main() -> None:
    name, size, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    work = {"vips": vips, "gegl": gegl, "intarsia": intarsia}[name](size, threads)
    work()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"wall_s": round(wall, 4), "cpu_s": round(cpu, 4), "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
