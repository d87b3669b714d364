"""Layouts: blocks of the examples on the torus, several times over, the best of them kept and mended."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nodes.declare import Band
from nodes.kernels.hash import stream
from nodes.kernels.quilting import LATTICE, halve, lay_block, seam_energy, seams_of
from nodes.patch.atlas import SMALLEST_BLOCK, Atlas, Style, starts

BLOCKS = (1.0, 1.25, 0.9, 1.5)
"""Sides of the blocks of one layout and the next: what repeats wants smaller ones, what tears larger."""

OFF_LATTICE = 20.0
"""What an offset costs that is a whole period off, in variances a texel."""

MARKED = 0.15
"""Least logarithm of a grain's stretch that counts."""

OVERLAP = 0.35
QUILT_PENALTY, NEARNESS, NEAR, TOLERANCE = 1.5, 4.0, 0.55, 0.05
TWINS = 6.0

Block = tuple[float, float]
"""Height and width."""


@dataclass
class Canvas:
    """The output at one level: its planes, its field, and what is held."""

    planes: np.ndarray
    y: np.ndarray
    x: np.ndarray
    held: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        return self.y.shape[0], self.y.shape[1]

    def cropped(self, height: int, width: int) -> Canvas:
        """Return the canvas without what lies beyond a size."""
        if self.size == (height, width):
            return self
        parts = (self.planes, self.y, self.x, self.held)
        return Canvas(*(np.ascontiguousarray(part[:height, :width]) for part in parts))


def lay(
    atlas: Atlas, canvas: Canvas, style: Style, side: int, block: Block, seed: int, lattice: np.ndarray, band: Band
) -> None:
    """Fill a canvas with blocks, row after row, each where it fits those laid before.

    side : an example's shorter side at this level. block : how large, about.
    """
    height, width = canvas.size
    half = atlas.halved()
    tall, wide = (_even(length, size, side) for length, size in zip(block, canvas.size, strict=True))
    allowed = starts(half.usable, tall // 2, wide // 2)
    while not allowed.any() and max(tall, wide) > SMALLEST_BLOCK:
        tall, wide = (max(SMALLEST_BLOCK, length // 4 * 2) for length in (tall, wide))
        allowed = starts(half.usable, tall // 2, wide // 2)
    overlaps = [max(2, round(length * OVERLAP)) for length in (tall, wide)]
    rows, columns = max(1, round(height / (tall - overlaps[0]))), max(1, round(width / (wide - overlaps[1])))
    picture_half = np.zeros((atlas.planes.shape[2], height // 2, width // 2), np.float32)
    halve(canvas.planes, picture_half, canvas.held, 0, 0, height, width)
    places = np.array(
        [(i * height // rows & ~1, j * width // columns & ~1) for i in range(rows) for j in range(columns)]
    )
    even = rows * columns * tall * wide / (4 * max(int(allowed.sum()), 1))
    use = np.zeros((atlas.planes.shape[0] // LATTICE + 1, atlas.planes.shape[1] // LATTICE + 1), np.float32)
    known = canvas.held.copy()
    exemplar_half = np.ascontiguousarray(half.planes.transpose(2, 0, 1))
    sources = np.zeros((rows * columns, 2), np.int64)
    total = np.empty(allowed.shape, np.float32)
    penalty, reach = QUILT_PENALTY * style.evenness, NEAR * side
    for index in range(rows * columns):
        lay_block(
            index, atlas.planes, exemplar_half, allowed, canvas.planes, picture_half, known, canvas.held,
            canvas.y, canvas.x, sources, places, use, total, atlas.voted, tall, wide, *overlaps, even,
            penalty, NEARNESS * style.evenness, reach, TOLERANCE, lattice, atlas.places, seed,
        )  # fmt: skip
        if index % 16 == 0:
            band.tell(0.0)


TRIES = 560
"""Blocks laid anew on a layout, unless a style says."""

RARE = 0.015
"""Share of twins up to which a layout is mended: blocks laid anew repeat more."""

MENDED = (1.5, 1.0, 2.0)
"""Sides of the blocks laid anew, in turn."""


def mended(
    atlas: Atlas, laid: Canvas, style: Style, side: int, block: Block, seed: int, lattice: np.ndarray, band: Band
) -> Canvas:
    """Return a canvas with blocks laid anew where seams are worst; what tears more than before is taken back."""
    canvas = Canvas(laid.planes.copy(), laid.y.copy(), laid.x.copy(), laid.held)
    height, width = canvas.size
    half = atlas.halved()
    exemplar_half = np.ascontiguousarray(half.planes.transpose(2, 0, 1))
    picture_half = np.zeros((atlas.planes.shape[2], height // 2, width // 2), np.float32)
    halve(canvas.planes, picture_half, canvas.held, 0, 0, height, width)
    known = np.ones(canvas.size, bool)
    use = np.zeros((atlas.planes.shape[0] // LATTICE + 1, atlas.planes.shape[1] // LATTICE + 1), np.float32)
    seams = np.empty(canvas.size, np.float32)
    seams_of(atlas.planes, canvas.y, canvas.x, atlas.voted, 0, 0, seams)
    tired = np.ones((height // 2, width // 2), np.float32)
    sizes = _mending_blocks(half, block, canvas.size, side)
    tries = TRIES if style.mending is None else style.mending
    for index in range(tries if sizes else 0):
        tall, wide, laps, allowed = sizes[index % len(sizes)]
        y0, x0 = _worst(seams, tired, tall, wide, *laps)
        rows, columns = (np.arange(y0 - 1, y0 + tall + 1) % height)[:, None], np.arange(x0 - 1, x0 + wide + 1) % width
        inner = rows[1 + laps[0] : -1 - laps[0]], columns[1 + laps[1] : -1 - laps[1]]
        before = canvas.y[rows, columns], canvas.x[rows, columns], canvas.planes[rows, columns]
        known[inner] = canvas.held[inner]
        lay_block(
            0, atlas.planes, exemplar_half, allowed, canvas.planes, picture_half, known, canvas.held,
            canvas.y, canvas.x, np.zeros((1, 2), np.int64), np.array([[y0, x0]]), use,
            np.empty(allowed.shape, np.float32), atlas.voted, tall, wide, *laps, 1.0,
            0.0, 0.0, 1.0, TOLERANCE, lattice, atlas.places, stream(seed, index),
        )  # fmt: skip
        known[inner] = True
        found = np.empty((tall + 2, wide + 2), np.float32)
        seams_of(atlas.planes, canvas.y, canvas.x, atlas.voted, y0 - 1, x0 - 1, found)
        if found.sum() < seams[rows, columns].sum():
            seams[rows, columns] = found
        else:
            canvas.y[rows, columns], canvas.x[rows, columns], canvas.planes[rows, columns] = before
            halve(canvas.planes, picture_half, known, y0, x0, tall, wide)
        if index % 16 == 0:
            band.tell(0.0)
    return canvas


def _mending_blocks(
    half: Atlas, block: Block, size: tuple[int, int], side: int
) -> list[tuple[int, int, list[int], np.ndarray]]:
    """Return the blocks that are laid anew in turn: height, width, overlaps, and where they may begin."""
    found = []
    for factor in MENDED:
        tall, wide = (_even(length * factor, room, side) for length, room in zip(block, size, strict=True))
        laps = [max(2, round(length * OVERLAP)) for length in (tall, wide)]
        allowed = starts(half.usable, tall // 2, wide // 2)
        if (
            allowed.any()
            and min(tall - 2 * laps[0], wide - 2 * laps[1]) >= 2
            and max(tall - size[0], wide - size[1]) < -2
        ):
            found.append((tall, wide, laps, allowed))
    return found


def _worst(
    seams: np.ndarray, tired: np.ndarray, tall: int, wide: int, overlap_y: int, overlap_x: int
) -> tuple[int, int]:
    """Return where to lay a block so that its inner part meets the worst seams, and halve their weight for later."""
    height, width = seams.shape
    rows, columns = tall // 2 - overlap_y, wide // 2 - overlap_x
    pooled = seams.reshape(height // 2, 2, width // 2, 2).sum(axis=(1, 3)) * tired
    total = np.pad(np.pad(pooled, ((0, rows), (0, columns)), mode="wrap"), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    inside = total[rows:, columns:] - total[:-rows, columns:] - total[rows:, :-columns] + total[:-rows, :-columns]
    y, x = divmod(int(inside[: height // 2, : width // 2].argmax()), width // 2)
    tired[(np.arange(y, y + rows) % (height // 2))[:, None], np.arange(x, x + columns) % (width // 2)] *= 0.5
    return (2 * y - overlap_y) % height & ~1, (2 * x - overlap_x) % width & ~1


def _even(length: float, size: int, side: int) -> int:
    """Return a block's side as an even number of texels that fits the tile and the example."""
    return min(max(SMALLEST_BLOCK, round(length / 2) * 2), size // 4 * 2, side // 4 * 2)


def stretch_of(atlas: Atlas) -> float:
    """Return how much longer upright than across blocks had better be: above 1 for an upright grain, 1 for none.

    The square root of how much larger steps are across than down, for grains that are clearly marked.
    """
    across, down = (np.diff(atlas.planes[..., : atlas.voted], axis=axis) for axis in (1, 0))
    inside = atlas.usable[:, 1:] & atlas.usable[:, :-1], atlas.usable[1:] & atlas.usable[:-1]
    steps = [
        (part[where] ** 2).mean(dtype=np.float64) + 1e-9 for part, where in zip((across, down), inside, strict=True)
    ]
    ratio = float(steps[0] / steps[1]) ** 0.25
    return min(max(ratio, 0.6), 1.7) if abs(math.log(ratio)) > MARKED else 1.0


def twin_share(canvas: Canvas, columns: int, window: int) -> float:
    """Return the share of texels whose whole window is copied from a place that occurs at least twice."""
    y, x = canvas.y.astype(np.int64), canvas.x.astype(np.int64)
    whole = np.ones(y.shape, bool)
    for dy, dx in ((window, 0), (0, window), (window, window)):
        whole &= np.roll(y, (-dy, -dx), (0, 1)) == y + dy
        whole &= np.roll(x, (-dy, -dx), (0, 1)) == x + dx
    place = (y * columns + x)[whole]
    return float(np.count_nonzero(np.bincount(place)[place] >= 2) / y.size) if place.size else 0.0


def cost_of(atlas: Atlas, canvas: Canvas) -> float:
    """Return how bad a layout is: what its seams tear, more where it repeats itself."""
    seams = seam_energy(atlas.planes, canvas.y, canvas.x, atlas.voted)
    led = atlas.planes[canvas.y, canvas.x, atlas.voted :] - canvas.planes[..., atlas.voted :]
    return (seams + float((led**2).sum())) * (1 + TWINS * twin_share(canvas, atlas.planes.shape[1], 9))


def lattice_rows(vectors: tuple[tuple[float, float], ...], level: int) -> np.ndarray:
    """Return a lattice as the kernels read it, at a level; float32 (n, 5), see `nodes.kernels.quilting.off_lattice`."""
    if not vectors:
        return np.zeros((0, 5), np.float32)
    basis = np.array(vectors, np.float64) / 2**level
    inverse = np.linalg.pinv(basis).T
    shortest = float(np.sqrt((basis**2).sum(axis=1)).min())
    cost = np.full((len(basis), 1), OFF_LATTICE / shortest**2)
    return np.hstack([inverse, basis, cost]).astype(np.float32)


def best_layout(
    atlas: Atlas,
    empty: Canvas,
    style: Style,
    side: int,
    level: int,
    seed: int,
    band: Band,
    show: Callable[[Canvas], None] | None,
) -> Canvas:
    """Return the best of several layouts over what is held of a canvas; show the first."""

    def one(number: int, _: int) -> tuple[float, Canvas]:
        canvas = Canvas(empty.planes.copy(), empty.y.copy(), empty.x.copy(), empty.held)
        length = side * style.motif * BLOCKS[number % len(BLOCKS)]
        block = (length * stretch, length / stretch)
        lay(atlas, canvas, style, side, block, stream(seed, number), lattice_rows(style.lattice, level), band)
        if show and number == 0:
            show(canvas)
        return cost_of(atlas, canvas), canvas

    stretch = stretch_of(atlas)
    share = 4 * int(atlas.usable.sum()) / empty.held.size
    count = max(1, round(style.layouts * min(1.0, share)))
    found = band.each(one, [(number, number + 1) for number in range(count)])
    cost, best = min(found, key=lambda pair: pair[0])
    insisted = style.mending is not None
    if style.rounds and (insisted or twin_share(best, atlas.planes.shape[1], 9) < RARE):
        block = (side * style.motif * stretch, side * style.motif / stretch)
        again = mended(atlas, best, style, side, block, stream(seed, 999), lattice_rows(style.lattice, level), band)
        best = again if cost_of(atlas, again) < cost else best
    return best
