"""Previews beside an export: which pictures, and the maps they are made of, kept small while the maps stream by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from materials import environments, shade, sheet
from materials.errors import UsageError
from materials.maps import Maps
from materials.texels import USED
from nodes import opencv
from nodes.declare import CHANNELS, Kind, row_bands

SHARPEST = 2
"""Texels that a pixel of a preview has at least, where the maps have them: the tile is seen larger than it is."""


@dataclass(frozen=True)
class Previews:
    """What is shown: shapes in light, each a square of `size` pixels, and a contact sheet."""

    shapes: tuple[str, ...] = ("sphere", "plane")
    size: int = 1024
    environment: str = "studio"

    def __post_init__(self) -> None:
        for shape in self.shapes:
            if shape not in shade.SHAPES:
                raise UsageError(f"there is no shape {shape!r}", hint=", ".join(shade.SHAPES))
        if not shade.SIZES[0] <= self.size <= shade.SIZES[1]:
            raise UsageError(f"a preview of {self.size} pixels cannot be made", hint="{} to {}".format(*shade.SIZES))
        if self.environment not in environments.names():
            raise UsageError(f"there is no environment {self.environment!r}", hint=", ".join(environments.names()))

    def wanted(self, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
        """Return the maps of a render that a preview shows.

        Raises
        ------
        UsageError
            If it makes none.
        """
        found = {name: kind for name, kind in kinds.items() if name in USED}
        if not found:
            raise UsageError("there is nothing to preview: it makes no map of a material", hint=", ".join(USED))
        return found

    def bytes(self, kept: Kept) -> int:
        """Return about how much memory the pictures take when they are made."""
        pixels = max(self.size, sheet.WIDTHS[0]) ** 2
        return kept.pixels * 4 * (8 + 8 + 1 + 6) * 4 // 3 + pixels * 4 * 11

    def pictures(
        self, maps: Maps, name: str, threads: int | None = None, check: Callable[[], None] = lambda: None
    ) -> dict[str, np.ndarray]:
        """Return the pictures by the names of their files, without the ending; uint8 sRGB."""
        options: dict[str, Any] = {"environment": self.environment, "threads": threads, "check": check}
        found = {f"{name}_preview_{shape}": shade.preview(maps, shape, self.size, **options) for shape in self.shapes}
        found[f"{name}_sheet"] = sheet.contact_sheet(maps, **options)
        return found


class Kept:
    """Small copies of maps that come by band by band, each texel the mean of a square of pixels.

    kinds : the maps that are kept. finest : texels along the longer side that are enough.
    """

    def __init__(self, kinds: Mapping[str, Kind], height: int, width: int, finest: int) -> None:
        rows = row_bands(height, width)[0][1]
        factor = 1
        # A square never reaches over the end of a band, so bands may come in any order, from any thread.
        while max(height, width) >= 2 * factor * finest and not any(n % (2 * factor) for n in (height, width, rows)):
            factor *= 2
        self.factor, self.height, self.width = factor, height // factor, width // factor
        self.maps = {
            name: np.empty((self.height, self.width, CHANNELS[kind])[: 2 if CHANNELS[kind] == 1 else 3], np.float32)
            for name, kind in kinds.items()
        }

    @property
    def pixels(self) -> int:
        return self.height * self.width

    @property
    def bytes(self) -> int:
        return sum(image.nbytes for image in self.maps.values())

    def band(self, name: str, top: int, rows: np.ndarray) -> None:
        """Take rows of a map; others than those that are kept pass."""
        if name in self.maps:
            first, count = top // self.factor, len(rows) // self.factor
            part = self.maps[name][first : first + count]
            if self.factor == 1:
                part[:] = rows
            else:
                cv2 = opencv.cv2
                cv2.resize(rows, (self.width, count), dst=part, interpolation=cv2.INTER_AREA)

    def as_maps(self, maps: Maps) -> Maps:
        """Return what is known of the render with the small copies as its pictures; its size stays the render's."""
        return replace(maps, pictures=self.maps)
