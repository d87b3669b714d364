"""Cellular noise (Worley 1996): nearest and second nearest point, and the exact distance to the border.

Euclidean distances are read from the Voronoi diagram (`kernels.diagram`), which is made once and says for every region
which points can matter in it. Other metrics try the points about each pixel ring by ring: every point in ring r is at
least r - 1 cells away, so that this is exact too.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.diagram import RINGS, Diagram, diagram, point_x, point_y, read_moved, read_rows
from nodes.kernels.hash import hash32, high16


@inline
def separation(metric, dx, dy):
    if metric == 0:
        return abs(dx) + abs(dy)
    return max(abs(dx), abs(dy))


@kernel
def _nearest(f1, f2, tones, top, height, across, down, seed, tone_seed, jitter, metric, offset):
    """Write rows `top`... of the wanted pictures, pixel by pixel, in another metric; unwanted ones have no rows."""
    rows = max(max(f1.shape[0], f2.shape[0]), tones.shape[0])
    width = max(max(f1.shape[1], f2.shape[1]), tones.shape[1])
    for y in range(rows):
        for x in range(width):
            u = (x + 0.5) / width * across
            v = (top + y + 0.5) / height * down
            if offset.shape[0]:
                u += offset[y, x, 0] * across
                v += offset[y, x, 1] * down
            cell_x, cell_y = np.int64(np.floor(u)), np.int64(np.floor(v))
            fx, fy = f32(u - cell_x), f32(v - cell_y)
            near, second, tone = f32(1e9), f32(1e9), f32(0)
            for ring in range(RINGS + 1):
                if ring > 1 and f32(ring - 1) >= second:
                    break
                for q in range(-ring, ring + 1):
                    stride = 1 if abs(q) == ring else max(2 * ring, 1)
                    for p in range(-ring, ring + 1, stride):
                        to, at = np.int32((cell_x + p) % across), np.int32((cell_y + q) % down)
                        h = hash32(to, at, seed)
                        d = separation(metric, point_x(h, jitter) + f32(p) - fx, point_y(h, jitter) + f32(q) - fy)
                        if d < near:
                            second, near = near, d
                            tone = high16(hash32(to, at, tone_seed)) * f32(1 / 65536)
                        elif d < second:
                            second = d
            if f1.shape[0]:
                f1[y, x] = near
            if f2.shape[0]:
                f2[y, x] = second
            if tones.shape[0]:
                tones[y, x] = tone


METRICS = ("manhattan", "chebyshev")
NONE = {1: np.empty((0, 0), np.float32), 2: np.empty((0, 0, 2), np.float32)}
NO_LABELS = np.empty((0, 0), np.int32)
_making = threading.Lock()


def diagram_of(across: int, down: int, seeds: tuple[int, int], jitter: float) -> Diagram:
    """Return a diagram, made once however many threads ask for it."""
    with _making:
        return diagram(across, down, seeds, jitter)


def cells_of(
    pictures: Mapping[str, np.ndarray | None],
    top: int,
    height: int,
    across: int,
    down: int,
    seeds: tuple[int, int],
    jitter: float,
    metric: str = "euclidean",
    offset: np.ndarray | None = None,
) -> None:
    """Write rows `top`... of a picture of `height` rows: the wanted ones of f1, f2, edge, id, point and labels.

    f1, f2, edge are in cells; id is a random tone; point (h, w, 2) leads to the region's point, in fractions of the
    tile; labels (h, w) int32 number the cells of the lattice from 1, row by row. f1, f2 and id go by the metric, the
    others are Euclidean.
    """
    wanted = {name: picture for name, picture in pictures.items() if picture is not None}
    moved = NONE[2] if offset is None else offset
    if metric != "euclidean":
        others = [wanted.pop(name, NONE[1]) for name in ("f1", "f2", "id")]
        if any(picture.size for picture in others):
            lattice = (np.uint32(seeds[0]), np.uint32(seeds[1]), f32(jitter), METRICS.index(metric))
            _nearest(*others, top, height, across, down, *lattice, moved)
    if not wanted:
        return
    made = diagram_of(across, down, seeds, jitter)
    given = [wanted.get(name, NONE[1]) for name in ("f1", "f2", "edge", "id")]
    given += [wanted.get("point", NONE[2]), wanted.get("labels", NO_LABELS)]
    sites = (made.x, made.y, made.tone, made.first, made.right, made.below, made.target, made.lines)
    if offset is None:
        read_rows(*given, top, height, across, down, *sites)
    else:
        read_moved(*given, top, height, across, down, *sites, moved)
