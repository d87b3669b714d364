"""A near-regular picture made even, so that whole periods of it close on the tile."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nodes.arrays import Origin
from nodes.patch.bend import terms_of
from nodes.patch.lattice import Lattice, Vector, fitted_scale, straight_places, straightened

STILL = 0.3
"""Pixels by which an even picture may differ from its straight places and is kept as it is, to the bit."""


@dataclass(frozen=True, eq=False)
class Evened:
    """How a picture is made even.

    vectors : its lattice afterwards, in pixels. y, x : where each pixel of the even picture lies in the picture itself.
    """

    lattice: Lattice
    scale: tuple[float, float]
    vectors: tuple[Vector, ...]
    y: np.ndarray
    x: np.ndarray

    @property
    def still(self) -> bool:
        """Whether the picture is even enough as it is."""
        if self.y.shape != self.lattice.shape:
            return False
        y, x = np.indices(self.y.shape)
        return bool(max(np.abs(self.y - y).max(), np.abs(self.x - x).max()) < STILL)

    def picture(self, picture: np.ndarray) -> np.ndarray:
        """Return a picture of the lattice's size made even."""
        return picture if self.still else straightened(picture, self.lattice, self.scale)

    def places(self) -> np.ndarray:
        """Return where each pixel of the picture would lie if it were even; float32 (h, w, 2), row and column."""
        shape = self.lattice.shape
        there = np.indices(shape, np.float64)
        straight = there.copy()
        for _ in range(8):  # the bend is small beside the picture: this closes in fast
            straight = there - np.tensordot(self.lattice.bend, terms_of(*straight, shape), axes=1)
        scaled = (straight + 0.5) * np.array(self.scale).reshape(2, 1, 1) - 0.5
        return np.ascontiguousarray(scaled.transpose(1, 2, 0), np.float32)

    def origin(self, origin: Origin) -> Origin:
        """Return an origin in the even picture as one in the picture itself: the nearest pixel."""
        if self.still:
            return origin
        rows, columns = self.lattice.shape
        y = np.clip(np.rint(self.y), 0, rows - 1).astype(np.int32)[origin.y, origin.x]
        x = np.clip(np.rint(self.x), 0, columns - 1).astype(np.int32)[origin.y, origin.x]
        return replace(origin, y=y, x=x, sizes=((rows, columns),))


def evened(lattice: Lattice, height: int, width: int) -> Evened | None:
    """Return how to make a picture even for a tile, or None where no whole number of its periods fits the tile."""
    scale = fitted_scale(lattice, height, width)
    if scale is None:
        return None
    y, x = straight_places(lattice, scale)
    vectors = tuple((dy * scale[0], dx * scale[1]) for dy, dx in lattice.even)
    return Evened(lattice, scale, vectors, y, x)
