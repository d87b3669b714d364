"""A near-regular picture made even, so that whole periods of it close on the tile."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nodes.arrays import Origin
from nodes.patch.bend import terms_of
from nodes.patch.lattice import Lattice, Vector, fitted_scale, straight_places, straightened

GRID = 16
"""Places to a side at which a bend is turned round."""


@dataclass(frozen=True, eq=False)
class Evened:
    """How a picture is made even.

    vectors : its lattice afterwards, in pixels.
    """

    lattice: Lattice
    scale: tuple[float, float]
    vectors: tuple[Vector, ...]

    def picture(self, picture: np.ndarray) -> np.ndarray:
        """Return a picture of the lattice's size made even."""
        return straightened(picture, self.lattice, self.scale)

    def places(self) -> np.ndarray:
        """Return where each pixel of the picture would lie if it were even; float32 (h, w, 2), row and column."""
        shape = self.lattice.shape
        grid = np.stack(np.meshgrid(*(np.linspace(0, size - 1, GRID) for size in shape), indexing="ij"))
        straight = grid.copy()
        for _ in range(8):  # the bend is small beside the picture: this closes in fast
            straight = grid - np.tensordot(self.lattice.bend, terms_of(straight[0], straight[1], shape), axes=1)
        terms = terms_of(grid[0], grid[1], shape).reshape(-1, GRID * GRID)
        back = np.linalg.lstsq(terms.T, (straight - grid).reshape(2, -1).T)[0]  # a cubic again
        there = np.indices(shape, np.float32)
        shifts = np.tensordot(back.T.astype(np.float32), terms_of(there[0], there[1], shape).astype(np.float32), axes=1)
        scaled = (there + shifts + 0.5) * np.array(self.scale, np.float32).reshape(2, 1, 1) - np.float32(0.5)
        return np.ascontiguousarray(scaled.transpose(1, 2, 0), np.float32)

    def origin(self, origin: Origin) -> Origin:
        """Return an origin in the even picture as one in the picture itself: the nearest pixel."""
        rows, columns = self.lattice.shape
        there = straight_places(self.lattice, self.scale)
        y = np.clip(np.rint(there[0]), 0, rows - 1).astype(np.int32)[origin.y, origin.x]
        x = np.clip(np.rint(there[1]), 0, columns - 1).astype(np.int32)[origin.y, origin.x]
        return replace(origin, y=y, x=x, sizes=((rows, columns),))


def evened(lattice: Lattice, height: int, width: int) -> Evened | None:
    """Return how to make a picture even for a tile, or None where that cannot be had.

    A whole number of periods must fit the tile, and courses alone must not drift by more than half of their height: in
    such perspective what is in step in one place is not in another.
    """
    scale = fitted_scale(lattice, height, width)
    period = min(float(np.hypot(*vector)) for vector in lattice.vectors)
    if scale is None or (len(lattice.vectors) == 1 and np.abs(lattice.bend).max() > 0.5 * period):
        return None
    vectors = tuple((dy * scale[0], dx * scale[1]) for dy, dx in lattice.even)
    return Evened(lattice, scale, vectors)
