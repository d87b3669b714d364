"""Maps as the preview samples them: eight linear numbers a texel, in mip levels whose sides are powers of two.

A texel holds red, green, blue, metallic, the two slopes of the surface, ambient occlusion, and the sum of the squared
GGX width and the squared slopes. All of them may be averaged, so one filter serves near and far: the width that a
filtered texel stands for is what is left of the last number without the squares of the mean slopes, so bumps that
are too small to be seen become roughness instead of glitter (Olano and Baker, LEAN Mapping, 2010).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from materials import texel_kernels as kernels
from materials.errors import UsageError
from nodes import opencv
from nodes.arrays import MAPS
from nodes.declare import CHANNELS
from nodes.kernels import f32

USED = ("base_color", "metallic", "roughness", "normal", "height", "ambient_occlusion", "opacity", "emission")

KEPT = 3
"""Sizes of texels that `Textures` remembers: one to turn with, and what is refined to."""


@dataclass(frozen=True, eq=False)
class Texels:
    """The mip levels of a material, one after the other in flat arrays.

    levels : int64 (n, 3): the first texel, height and width of each.
    surface, extra : eight numbers a texel; height : one. extra holds emission and opacity, or is a single texel.
    lowest, highest : the height's range; aspect : the tile's height over its width.
    """

    levels: np.ndarray
    surface: np.ndarray
    height: np.ndarray
    extra: np.ndarray
    has_extra: bool
    lowest: float
    highest: float
    aspect: float

    @property
    def width(self) -> int:
        return int(self.levels[0, 2])


class Textures:
    """Maps that remember the texels last made of them: seen again from elsewhere they are not made again.

    share : height 1 over height 0, in widths of the tile.
    """

    def __init__(self, maps: Mapping[str, np.ndarray]) -> None:
        self.maps = maps
        self.share = getattr(maps, "depth_cm", 1.0) / getattr(maps, "size_cm", 100.0)
        self._made: OrderedDict[tuple[int, float], Texels] = OrderedDict()
        self._lock = threading.Lock()

    def built(self, finest: int, exaggeration: float = 1.0) -> Texels:
        """Return the texels; see `build`."""
        key = finest, float(exaggeration)
        with self._lock:
            if key not in self._made:
                self._made[key] = build(self.maps, finest, self.share, exaggeration)
                while len(self._made) > KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]


def checked(maps: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], int, int]:
    """Return the maps that a preview uses as float32, and their height and width.

    Raises
    ------
    UsageError
        If there is none, or they differ in size, or one has the wrong number of channels.
    """
    found: dict[str, np.ndarray] = {}
    for name in USED:
        if name in maps:
            try:
                image = np.ascontiguousarray(maps[name], np.float32)
            except (TypeError, ValueError):
                raise UsageError(f"map {name} is no picture", hint="an array of numbers") from None
            channels = CHANNELS[MAPS[name][0]]
            if image.ndim != (2 if channels == 1 else 3) or (channels > 1 and image.shape[2] != channels):
                raise UsageError(f"map {name} has the shape {image.shape}", hint=f"it needs {channels} channels")
            found[name] = image
    sizes = {image.shape[:2] for image in found.values()}
    if not sizes:
        raise UsageError("there is no map to preview", hint=", ".join(USED))
    if len(sizes) > 1 or min(next(iter(sizes))) < 1:
        told = ", ".join(f"{name} {image.shape[1]}x{image.shape[0]}" for name, image in found.items())
        raise UsageError(f"the maps differ in size: {told}")
    height, width = next(iter(sizes))
    return found, height, width


def build(maps: Mapping[str, np.ndarray], finest: int, depth: float, exaggeration: float = 1.0) -> Texels:
    """Return the texels of maps.

    finest : the width that the finest level needs; a preview of 512 pixels has no use for all of a 4096 map.
    depth : height 1 over height 0, in widths of the tile. exaggeration : times depth, and times the normals' slopes.
    """
    found, height, width = checked(maps)
    rows, columns = _power_of_two(height), _power_of_two(width)
    while columns > finest and rows > 1:
        rows, columns = rows // 2, columns // 2
    small = {name: _reduced(image, rows, columns) for name, image in found.items() if name != "normal"}
    relief = small.get("height", _neutral("height", rows, columns))
    if "normal" in found:
        slopes = np.empty((height, width, 3), np.float32)
        kernels.slopes_of_normals(found["normal"], f32(exaggeration), slopes)
        slopes = _reduced(slopes, rows, columns)
    else:
        slopes = np.empty((rows, columns, 3), np.float32)
        across = 0.5 * columns * depth * exaggeration
        down = 0.5 * rows * depth * exaggeration * width / height
        kernels.slopes_of_height(relief, f32(across), f32(down), slopes)
    levels = _levels(rows, columns)
    count = int(levels[-1, 0] + levels[-1, 1] * levels[-1, 2])
    surface = np.empty((count, kernels.TEXEL), np.float32)
    kernels.pack(
        *(small.get(name, _neutral(name, rows, columns)) for name in ("base_color", "metallic", "roughness")),
        slopes,
        small.get("ambient_occlusion", _neutral("ambient_occlusion", rows, columns)),
        surface,
    )
    heights = np.empty((count, 1), np.float32)
    heights[: rows * columns, 0] = relief.reshape(-1)
    has_extra = "emission" in small or "opacity" in small
    extra = np.zeros((count if has_extra else 1, kernels.TEXEL), np.float32)
    if has_extra:
        extra[: rows * columns, :3] = small.get("emission", _neutral("emission", rows, columns)).reshape(-1, 3)
        extra[: rows * columns, 3] = small.get("opacity", _neutral("opacity", rows, columns)).reshape(-1)
    for values in (surface, heights, extra)[: 3 if has_extra else 2]:
        for finer, coarser in zip(levels[:-1], levels[1:], strict=True):
            kernels.halve(values, *map(int, finer), *map(int, coarser))
        if not np.isfinite(values[-1].sum(dtype=np.float64)):  # the mean of all: NaN if any of them is
            raise UsageError("a map holds NaN or infinity")
    return Texels(
        levels,
        surface.reshape(-1),
        heights.reshape(-1),
        extra.reshape(-1),
        has_extra,
        float(relief.min()),
        float(relief.max()),
        height / width,
    )


def _power_of_two(size: int) -> int:
    return 1 << (size.bit_length() - 1)


def _neutral(name: str, rows: int, columns: int) -> np.ndarray:
    kind, value = MAPS[name]
    shape = (rows, columns) if CHANNELS[kind] == 1 else (rows, columns, CHANNELS[kind])
    return np.broadcast_to(np.asarray(value, np.float32), shape).copy()


def _reduced(image: np.ndarray, rows: int, columns: int) -> np.ndarray:
    if image.shape[:2] == (rows, columns):
        return image
    cv2 = opencv.cv2
    return np.ascontiguousarray(cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA))


def _levels(rows: int, columns: int) -> np.ndarray:
    found: list[Any] = [(0, rows, columns)]
    while rows * columns > 1:
        start = found[-1][0] + rows * columns
        rows, columns = max(1, rows // 2), max(1, columns // 2)
        found.append((start, rows, columns))
    return np.array(found, np.int64)
