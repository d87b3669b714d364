"""Where a tiled picture lies in a pane: fitting, zooming at a point, moving, and which pixel is under a point.

All lengths are device pixels. Tiles are a whole number of pixels wide and high and begin at whole pixels, so that no
seam shows between them that is not in the picture. Needs no Qt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

LARGEST = 96.0
"""Device pixels a pixel of the picture can be magnified to, unless it takes more to fit."""

SMALLEST = 8
"""Device pixels that a tile keeps."""


@dataclass(frozen=True)
class Geometry:
    """A picture of `rows` by `columns`, repeated `tiles` times each way; its first tile is at (left, top)."""

    rows: int = 1
    columns: int = 1
    tiles: int = 1
    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0

    @property
    def tile_width(self) -> int:
        return max(1, round(self.columns * self.scale))

    @property
    def tile_height(self) -> int:
        return max(1, round(self.rows * self.scale))

    @property
    def corner(self) -> tuple[int, int]:
        """Where the first tile begins, x and y."""
        return round(self.left), round(self.top)

    @property
    def extent(self) -> tuple[int, int]:
        """Width and height of all tiles."""
        return self.tiles * self.tile_width, self.tiles * self.tile_height

    def pixel_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column of the picture's pixel under a point, None beside the picture."""
        left, top = self.corner
        across, down = x - left, y - top
        width, height = self.extent
        if not (0 <= across < width and 0 <= down < height):
            return None
        column = int(across % self.tile_width * self.columns / self.tile_width)
        row = int(down % self.tile_height * self.rows / self.tile_height)
        return min(row, self.rows - 1), min(column, self.columns - 1)

    def box_of(self, row: int, column: int, tile: tuple[int, int] = (0, 0)) -> tuple[float, float, float, float]:
        """Return where a pixel of the picture lies in one of the tiles: x, y, width, height."""
        wide, high = self.tile_width / self.columns, self.tile_height / self.rows
        left, top = self.corner
        return (
            left + tile[1] * self.tile_width + column * wide,
            top + tile[0] * self.tile_height + row * high,
            wide,
            high,
        )

    def tile_at(self, x: float, y: float) -> tuple[int, int]:
        """Return row and column of the tile under a point, the nearest one beside the picture."""
        left, top = self.corner
        across, down = (x - left) // self.tile_width, (y - top) // self.tile_height
        return int(min(max(down, 0), self.tiles - 1)), int(min(max(across, 0), self.tiles - 1))

    def fitted(self, width: float, height: float, margin: float) -> Geometry:
        """Return it as large as a pane takes it, in the middle."""
        room = max(1.0, width - 2 * margin), max(1.0, height - 2 * margin)
        scale = min(room[0] / (self.tiles * self.columns), room[1] / (self.tiles * self.rows))
        # A tile is rounded down, lest the last one is cut off.
        longest = max(self.columns, self.rows)
        scale = max(1, math.floor(longest * scale)) / longest
        made = replace(self, scale=scale)
        wide, high = made.extent
        return replace(made, left=float(round((width - wide) / 2)), top=float(round((height - high) / 2)))

    def zoomed(self, factor: float, x: float, y: float) -> Geometry:
        """Return it larger or smaller, with what is under a point staying there."""
        least = SMALLEST / max(self.rows, self.columns)
        return self.scaled(min(max(self.scale * factor, least), max(LARGEST, self.scale)), x, y)

    def scaled(self, scale: float, x: float, y: float) -> Geometry:
        """Return it at a scale, with what is under a point staying there."""
        across, down = (x - self.left) / self.tile_width, (y - self.top) / self.tile_height
        made = replace(self, scale=scale)
        return replace(made, left=x - across * made.tile_width, top=y - down * made.tile_height)

    def moved(self, across: float, down: float, width: float, height: float) -> Geometry:
        """Return it elsewhere, but for a part of it that stays in a pane of this size."""
        wide, high = self.extent
        keep_x, keep_y = min(32, wide, width), min(32, high, height)
        return replace(
            self,
            left=min(max(self.left + across, keep_x - wide), width - keep_x),
            top=min(max(self.top + down, keep_y - high), height - keep_y),
        )
