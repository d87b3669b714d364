"""Relaxing: patches look for better places and vote, and every texel copies the nearest of what they propose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from nodes import opencv
from nodes.declare import Band
from nodes.kernels import f32
from nodes.kernels.hash import stream
from nodes.kernels.patchmatch import CELL, RADIUS, search_rows, uneven_rows, vote_rows
from nodes.patch.atlas import Atlas, Style
from nodes.patch.layout import Canvas

USE_RATE = 0.3
SWEEPS, DRAWS = 2, 4


def relax(atlas: Atlas, canvas: Canvas, style: Style, step: int, seed: int, lattice: np.ndarray, band: Band) -> None:
    """Let patches look for better places and vote, `style.rounds` times; a patch on every `step`-th texel.

    Patches that lie in one piece of an example fit perfectly already and are left alone.
    """
    height, width = canvas.size
    valid = atlas.centres()
    home_y, home_x = atlas.homes()
    patches = Patches.on(canvas, step)
    mean_use = patches.cost.size * CELL * CELL / max(int(valid.sum()), 1)
    rate = f32(USE_RATE * style.evenness * (2 * RADIUS + 1) ** 2 / mean_use)
    for turn in range(style.rounds):
        there = canvas.y[::step, ::step], canvas.x[::step, ::step]
        patches.y, patches.x = home_y[there], home_x[there]
        band.each(partial(uneven_rows, canvas.y, canvas.x, canvas.held, patches.active, step), patches.bands)
        use = np.zeros((-(-valid.shape[0] // CELL), -(-valid.shape[1] // CELL)), np.float32)
        np.add.at(use, (patches.y // CELL, patches.x // CELL), 1)
        for sweep in range(SWEEPS):
            number = stream(seed, 17 * turn + sweep)
            one = partial(_search, atlas, canvas, patches, patches.before(), valid, use, rate, lattice, sweep, number)
            use = use + sum(own - use for own in band.each(one, patches.bands))
        soft = f32(0.2 * float(patches.cost.mean(dtype=np.float64)) + 1e-6)
        band.each(partial(_vote, atlas, canvas, patches, patches.kept(canvas), soft), _bands(height, width))


@dataclass
class Patches:
    """Patches on every `step`-th texel: the centre each copies, what it costs, and whether it is searched."""

    step: int
    y: np.ndarray
    x: np.ndarray
    cost: np.ndarray
    active: np.ndarray
    bands: list[tuple[int, int]]

    @classmethod
    def on(cls, canvas: Canvas, step: int) -> Patches:
        shape = (-(-canvas.size[0] // step), -(-canvas.size[1] // step))
        zeros = np.zeros(shape, np.int32)
        return cls(step, zeros, zeros, np.zeros(shape, np.float32), np.zeros(shape, bool), _bands(*shape))

    def kept(self, canvas: Canvas) -> np.ndarray:
        """Return the texels that no searched patch covers, and those that are held; bool (H, W)."""
        covered = np.zeros(canvas.size, np.uint8)
        covered[:: self.step, :: self.step] = self.active
        reach = min(RADIUS, *canvas.size)
        covered = opencv.cv2.dilate(
            np.pad(covered, reach, mode="wrap"), np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
        )
        return (covered[reach:-reach, reach:-reach] == 0) | canvas.held

    def before(self) -> tuple[np.ndarray, np.ndarray]:
        return self.y.copy(), self.x.copy()


def _search(
    atlas: Atlas,
    canvas: Canvas,
    patches: Patches,
    before: tuple[np.ndarray, np.ndarray],
    valid: np.ndarray,
    use: np.ndarray,
    rate: np.float32,
    lattice: np.ndarray,
    sweep: int,
    seed: int,
    top: int,
    bottom: int,
) -> np.ndarray:
    """Improve a band of patches; return the uses of each cell as this band leaves them."""
    own = use.copy()
    search_rows(
        atlas.planes, canvas.planes, patches.y, patches.x, *before, patches.cost, patches.active, valid, own, rate,
        lattice, atlas.places, sweep % 2 == 0, DRAWS, seed, patches.step, top, bottom,
    )  # fmt: skip
    return own


def _vote(
    atlas: Atlas, canvas: Canvas, patches: Patches, kept: np.ndarray, soft: np.float32, top: int, bottom: int
) -> None:
    """Set a band of texels, and their field, from the patches over them, but for those that are kept."""
    vote_rows(
        atlas.planes, patches.y, patches.x, patches.cost, soft, kept, canvas.planes, canvas.y, canvas.x,
        atlas.voted, patches.step, top, bottom,
    )  # fmt: skip


def _bands(height: int, width: int) -> list[tuple[int, int]]:
    """Return bands of rows of some 16000 patches: small enough to stop at, a function of the size alone."""
    rows = max(8, min(16384 // max(width, 1), -(-height // 4)))
    return [(top, min(top + rows, height)) for top in range(0, height, rows)]
