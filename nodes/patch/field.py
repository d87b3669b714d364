"""The patch field: for every texel of a tile, which texel of which example it copies.

One core serves all nodes that work by example. Blocks are laid on the torus at the size at which an example is some
128 texels wide (image quilting, several times over, the best kept); then, from there to the full size, each level
doubles the field and relaxes it: every patch looks for the place that fits what its neighbours put down, all patches
vote on each texel's colour, and the texel copies the nearest of what they proposed. So nothing is averaged, and the
result is no picture but an origin, which serves any number of maps.

Efros and Freeman 2001 (quilting), Kwatra 2005 (vote), Barnes 2009 (search), Kaspar 2015 (even use).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from nodes import opencv
from nodes.arrays import Origin
from nodes.declare import Band
from nodes.kernels import f32
from nodes.kernels.hash import stream
from nodes.kernels.patchmatch import CELL, RADIUS, search_rows, uneven_rows, vote_rows
from nodes.kernels.quilting import LATTICE, halve, lay_block, seam_energy, seams_of
from nodes.patch.exemplar import fitted, perceptual

LAYOUT_SIDE = 128
"""An example's shorter side, about, at the level where blocks are laid."""

SMALLEST = 16
"""Examples and tiles with a shorter side are only repeated."""

SMALLEST_BLOCK = 6


@dataclass(frozen=True)
class Example:
    """A picture to copy from, all its maps at one size.

    maps : float32 (h, w) or (h, w, c), the first is the colour, linear. weights : how much each counts in a match.
    guide : float32 (h, w, g), what is compared with the target, or None. usable : bool (h, w), None for all.
    places : float32 (h, w, 2), row and column where each texel would lie if the example were even; None where it is.
    """

    maps: tuple[np.ndarray, ...]
    weights: tuple[float, ...] = (1.0,)
    guide: np.ndarray | None = None
    places: np.ndarray | None = None
    usable: np.ndarray | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.maps[0].shape[0], self.maps[0].shape[1]


@dataclass(frozen=True)
class Held:
    """Texels of the output whose origin is given.

    mask : bool (H, W). y, x : int32 (H, W), which texel of example `source` each copies.
    """

    mask: np.ndarray
    y: np.ndarray
    x: np.ndarray
    source: int = 0

    @classmethod
    def in_place(cls, mask: np.ndarray) -> Held:
        """Return held texels of an example that has the size of the output."""
        there = np.indices(mask.shape, np.int32)
        return cls(mask, there[0], there[1])


@dataclass(frozen=True)
class Style:
    """How a synthesis weighs things; see docs/guide/synthesis.md for what each was measured to give.

    motif : side of the blocks as a share of an example's shorter side: what is smaller stays whole.
    layouts : how many are laid on a tile of four times the example's area, of which the best is kept; on larger
    tiles luck evens out, and fewer are.
    evenness : how much places that are used already are avoided, 1 is the measured default.
    structure : weight of tone and edges at motif scale, which carry courses and boards.
    guidance : weight of the guide planes where blocks are laid; half of it at each finer level.
    lattice : vectors (dy, dx) in texels after which the examples repeat: offsets are kept to whole steps of them.
        The tile must be whole steps high and wide.
    """

    motif: float = 0.156
    layouts: int = 8
    evenness: float = 1.0
    structure: float = 0.5
    guidance: float = 1.0
    rounds: int = 2
    lattice: tuple[tuple[float, float], ...] = ()


BLOCKS = (1.0, 1.25, 0.9, 1.5)
"""Sides of the blocks of one layout and the next: what repeats wants smaller ones, what tears larger."""

OFF_LATTICE = 20.0
"""What an offset costs that is a whole period off, in variances a texel."""

MARKED = 0.15
"""Least logarithm of a grain's stretch that counts."""

OVERLAP = 0.35
QUILT_PENALTY, NEARNESS, NEAR, TOLERANCE = 1.5, 4.0, 0.55, 0.05
TWINS = 6.0
USE_RATE = 0.3
SWEEPS, DRAWS = 2, 4


# ---- examples, side by side ----------------------------------------------------------------------


@dataclass(frozen=True)
class Atlas:
    """All examples in one array at one level, one below the other.

    planes : float32 (h, w, voted + guides). usable : bool (h, w). places : float32 (h, w, 2), see `Example`.
    """

    planes: np.ndarray
    usable: np.ndarray
    places: np.ndarray
    voted: int

    def halved(self) -> Atlas:
        size = (self.planes.shape[1] // 2, self.planes.shape[0] // 2)
        planes = opencv.cv2.resize(self.planes, size, interpolation=opencv.cv2.INTER_AREA)
        four = self.usable.reshape(size[1], 2, size[0], 2)
        places = opencv.cv2.resize(self.places, size, interpolation=opencv.cv2.INTER_AREA) * f32(0.5) - f32(0.25)
        planes = np.ascontiguousarray(planes.reshape(size[1], size[0], -1))
        return Atlas(planes, np.asarray(four.all(axis=(1, 3))), places, self.voted)

    def serves(self) -> bool:
        """Return whether a block and a patch find room somewhere."""
        return bool(
            _starts(self.halved().usable, SMALLEST_BLOCK // 2, SMALLEST_BLOCK // 2).any() and self.centres().any()
        )

    def centres(self) -> np.ndarray:
        """Return where a whole patch around a texel is usable; bool (h, w)."""
        side = 2 * RADIUS + 1
        return opencv.cv2.erode(self.usable.astype(np.uint8), np.ones((side, side), np.uint8), borderValue=0) > 0

    def homes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return for each texel row and column of the nearest centre of a whole patch."""
        centres = self.centres()
        _, labels = opencv.cv2.distanceTransformWithLabels(
            (~centres).astype(np.uint8), opencv.cv2.DIST_L2, 5, labelType=opencv.cv2.DIST_LABEL_PIXEL
        )
        labels = np.asarray(labels, np.int64)
        y, x = np.nonzero(centres)
        row = np.zeros(int(labels.max()) + 1, np.int32)
        column = np.zeros_like(row)
        row[labels[y, x]], column[labels[y, x]] = y, x
        return row[labels], column[labels]


def levels_of(examples: Sequence[Example]) -> int:
    """Return how many halvings bring the examples to the size at which blocks are laid.

    Several are searched together: what counts is the side of the square that all would fill, up to twice the smallest.
    """
    smallest = min(min(example.size) for example in examples)
    area = sum(example.size[0] * example.size[1] for example in examples)
    side = max(smallest, min(math.sqrt(area) / 1.9, 2 * smallest))
    return max(0, round(math.log2(side / LAYOUT_SIDE)))


def atlas_of(examples: Sequence[Example], style: Style, levels: int) -> tuple[Atlas, list[int]]:
    """Return the atlas at full size, and the top row of each example in it.

    Distances are in units of the examples' variance, so that no constant depends on contrast.
    """
    grain = 2 ** (levels + 2)  # every level and the half size of the coarsest stay whole
    heights = [-(-example.size[0] // grain) * grain for example in examples]
    width = max(-(-example.size[1] // grain) * grain for example in examples)
    tops = [sum(heights[:k]) for k in range(len(examples))]
    compared = _compared(examples)
    guides = 0 if examples[0].guide is None else examples[0].guide.shape[2]
    own = compared[0].shape[2]
    voted = own + (2 if style.structure > 0 else 0)
    planes = np.zeros((sum(heights), width, voted + guides), np.float32)
    usable = np.zeros(planes.shape[:2], bool)
    places = np.indices(planes.shape[:2], np.float32).transpose(1, 2, 0).copy()
    for example, maps, top in zip(examples, compared, tops, strict=True):
        rows, columns = example.size
        there = planes[top : top + rows, :columns]
        there[..., :own] = maps
        if voted > own:
            there[..., own:voted] = structure_of(example) * f32(style.structure)
        if guides:
            there[..., voted:] = example.guide
        usable[top : top + rows, :columns] = True if example.usable is None else example.usable
        if example.places is not None:
            places[top : top + rows, :columns] = example.places
    return Atlas(planes, usable, places, voted), tops


def _compared(examples: Sequence[Example]) -> list[np.ndarray]:
    """Return the maps of each example as one array (h, w, c) of unit variance, each map its weight's share of it.

    Mean and deviation are those of all examples together.
    """
    weights = examples[0].weights
    parts: list[list[np.ndarray]] = [[] for _ in examples]
    for k, weight in enumerate(weights):
        maps = [(perceptual(one.maps[k]) if k == 0 else one.maps[k]).reshape(*one.size, -1) for one in examples]
        count = sum(map.shape[0] * map.shape[1] for map in maps)
        mean = sum(map.sum(axis=(0, 1), dtype=np.float64) for map in maps) / count
        spread = sum(((map - mean) ** 2).sum(dtype=np.float64) for map in maps) / count
        scale = math.sqrt(weight / sum(weights)) / (math.sqrt(spread) + 1e-6)
        for part, map in zip(parts, maps, strict=True):
            part.append((map - mean) * scale)
    return [np.concatenate(part, axis=2).astype(np.float32) for part in parts]


def structure_of(example: Example) -> np.ndarray:
    """Return tone and density of edges at the scale of motifs, each of unit deviation; (h, w, 2)."""
    tone = perceptual(example.maps[0]).reshape(*example.size, -1).mean(axis=2)
    fine = opencv.cv2.GaussianBlur(tone, (0, 0), 1.0)
    edges = opencv.cv2.magnitude(
        opencv.cv2.Sobel(fine, opencv.cv2.CV_32F, 1, 0), opencv.cv2.Sobel(fine, opencv.cv2.CV_32F, 0, 1)
    )
    found = []
    for plane in (tone, edges):
        plane = opencv.cv2.GaussianBlur(plane, (0, 0), max(min(example.size) / 64, 0.5))
        found.append((plane - plane.mean()) / (plane.std() + 1e-6))
    return np.stack(found, axis=2).astype(np.float32)


# ---- laying blocks ---------------------------------------------------------------------------------


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
    allowed = _starts(half.usable, tall // 2, wide // 2)
    while not allowed.any() and max(tall, wide) > SMALLEST_BLOCK:
        tall, wide = (max(SMALLEST_BLOCK, length // 4 * 2) for length in (tall, wide))
        allowed = _starts(half.usable, tall // 2, wide // 2)
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
"""Blocks laid anew on a layout."""

RARE = 0.025
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
    for index in range(TRIES if sizes else 0):
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
        allowed = _starts(half.usable, tall // 2, wide // 2)
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


def _starts(usable: np.ndarray, tall: int, wide: int) -> np.ndarray:
    """Return where a block of usable texels may begin."""
    total = np.pad(usable.astype(np.int32), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    if min(total.shape[0] - tall, total.shape[1] - wide) < 1:
        return np.zeros((max(usable.shape[0] - tall + 1, 1), max(usable.shape[1] - wide + 1, 1)), bool)
    inside = total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]
    return inside == tall * wide


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


# ---- relaxing --------------------------------------------------------------------------------------


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


def double(canvas: Canvas, planes: np.ndarray, held: np.ndarray) -> Canvas:
    """Return the canvas of the next finer level: each texel becomes the four it was made of."""
    height, width = held.shape
    y, x = (np.repeat(np.repeat(2 * part, 2, axis=0), 2, axis=1)[:height, :width] for part in (canvas.y, canvas.x))
    y[1::2] += 1
    x[:, 1::2] += 1
    return Canvas(planes, y, x, held)


# ---- the whole -------------------------------------------------------------------------------------


def synthesize(
    examples: Sequence[Example],
    band: Band,
    seed: int,
    style: Style | None = None,
    target: np.ndarray | None = None,
    held: Held | None = None,
    show: Callable[[Origin], None] | None = None,
) -> Origin:
    """Return where every texel of a tile is copied from.

    examples : one or several, of the size at which they are seen. band : the size of the tile, and where to tell.
    target : float32 (H, W, g), what the copied texels' guide is to be. held : texels that are given.
    show : takes the first layout, the origin of a smaller tile in smaller examples.

    Raises
    ------
    ValueError
        If no block of the examples is usable as a whole.
    """
    style = style or Style()
    size = (band.height, band.width)
    sizes = tuple(example.size for example in examples)
    if min(*size, *(min(one) for one in sizes)) < SMALLEST:
        return repeated(sizes, *size)
    atlas, tops = atlas_of(examples, style, levels_of(examples))
    atlases = [atlas]
    for _ in range(levels_of(examples)):
        atlases.append(atlases[-1].halved())
    while not atlases[-1].serves():  # what is usable may be narrow
        atlases.pop()
        if not atlases:
            raise ValueError("too little of the examples is usable: nowhere a piece of 8 by 8 pixels")
    levels = len(atlases) - 1
    guides = _guides(target, atlas, size, levels, style)
    masks = _held(held, size, levels)
    side = min(min(one) for one in sizes) >> levels
    for level, each in enumerate(atlases):
        each.planes[..., atlas.voted :] *= f32(style.guidance * 0.5 ** (levels - level))
    small = tuple((rows >> levels, columns >> levels) for rows, columns in sizes)
    first = (lambda laid: show(_origin(laid, [top >> levels for top in tops], small))) if show else None
    nowhere = np.zeros(masks[levels].shape, np.int32)
    canvas = Canvas(_planes(atlases[levels], guides[levels]), nowhere, nowhere.copy(), masks[levels])
    for level in range(levels, -1, -1):
        if level < levels:
            canvas = double(canvas, _planes(atlases[level], guides[level]), masks[level])
        _hold(atlases[level], canvas, held, tops, level)
        if level == levels:
            canvas = _layout(atlases[level], canvas, style, side, level, seed, band, first)
        if level == 0:
            canvas = canvas.cropped(*size)
        canvas.planes[..., : atlas.voted] = atlases[level].planes[canvas.y, canvas.x, : atlas.voted]
        step = 1 if level == levels else 2
        relax(atlases[level], canvas, style, step, stream(seed, 1000 + level), lattice_rows(style.lattice, level), band)
        band.tell(1 - 0.5 * level / (levels + 1))
    return _origin(canvas, tops, sizes)


def room(usable: np.ndarray) -> bool:
    """Return whether a block and a patch find room in what is usable of an example; bool (h, w)."""
    rows, columns = usable.shape
    even = np.pad(usable, ((0, -rows % 4), (0, -columns % 4)))
    return Atlas(np.zeros((*even.shape, 1), np.float32), even, np.zeros((*even.shape, 2), np.float32), 1).serves()


def repeated(sizes: tuple[tuple[int, int], ...], height: int, width: int) -> Origin:
    """Return the origin of a tile that repeats the first example from its corner."""
    rows, columns = sizes[0]
    y, x = np.broadcast_arrays(np.arange(height)[:, None] % rows, np.arange(width) % columns)
    one = np.ones((height, width), np.float32)
    return Origin(np.zeros((height, width), np.int32), y.astype(np.int32), x.astype(np.int32), one, sizes)


def lattice_rows(vectors: tuple[tuple[float, float], ...], level: int) -> np.ndarray:
    """Return a lattice as the kernels read it, at a level; float32 (n, 5), see `nodes.kernels.quilting.off_lattice`."""
    if not vectors:
        return np.zeros((0, 5), np.float32)
    basis = np.array(vectors, np.float64) / 2**level
    inverse = np.linalg.pinv(basis).T
    shortest = float(np.sqrt((basis**2).sum(axis=1)).min())
    cost = np.full((len(basis), 1), OFF_LATTICE / shortest**2)
    return np.hstack([inverse, basis, cost]).astype(np.float32)


def _layout(
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
    if style.rounds and twin_share(best, atlas.planes.shape[1], 9) < RARE:
        block = (side * style.motif * stretch, side * style.motif / stretch)
        again = mended(atlas, best, style, side, block, stream(seed, 999), lattice_rows(style.lattice, level), band)
        best = again if cost_of(atlas, again) < cost else best
    return best


def _planes(atlas: Atlas, guide: np.ndarray) -> np.ndarray:
    planes = np.zeros((*guide.shape[:2], atlas.planes.shape[2]), np.float32)
    planes[..., atlas.voted :] = guide
    return planes


def _level_sizes(size: tuple[int, int], levels: int) -> list[tuple[int, int]]:
    """Return the output's size at each level, finest first; the coarsest is even, since blocks are matched at half."""
    grain = 2 ** (levels + 1)
    coarse = tuple(-(-length // grain) * 2 for length in size)
    finer = [tuple(-(-length // 2**level) for length in size) for level in range(levels)]
    return [(rows, columns) for rows, columns in [*finer, coarse]]


def _guides(target: np.ndarray | None, atlas: Atlas, size: tuple[int, int], levels: int, style: Style) -> list:
    count = atlas.planes.shape[2] - atlas.voted
    if (0 if target is None else target.shape[2]) != count:
        raise ValueError("the examples' guide and the target's have not the same planes")
    found = []
    for level, (rows, columns) in enumerate(_level_sizes(size, levels)):
        guide = np.zeros((rows, columns, count), np.float32)
        if target is not None:
            guide[:] = fitted(target, rows, columns) * f32(style.guidance * 0.5 ** (levels - level))
        found.append(guide)
    return found


def _held(held: Held | None, size: tuple[int, int], levels: int) -> list[np.ndarray]:
    """Return what is held at each level: coarse texels that cover nothing else."""
    found = []
    for level, (rows, columns) in enumerate(_level_sizes(size, levels)):
        mask = np.zeros((rows, columns), bool)
        if held is not None:
            grain = 2**level
            wide = np.pad(held.mask, ((0, -size[0] % grain), (0, -size[1] % grain)))
            four = wide.reshape(wide.shape[0] // grain, grain, wide.shape[1] // grain, grain)
            part = np.asarray(four.all(axis=(1, 3)))
            mask[: part.shape[0], : part.shape[1]] = part[:rows, :columns]
        found.append(mask)
    return found


def _hold(atlas: Atlas, canvas: Canvas, held: Held | None, tops: list[int], level: int) -> None:
    """Lay down what is held."""
    if held is None:
        return
    y, x = np.nonzero(canvas.held)
    there = y << level, x << level
    canvas.y[y, x] = (held.y[there] + tops[held.source]) >> level
    canvas.x[y, x] = held.x[there] >> level
    canvas.planes[y, x, : atlas.voted] = atlas.planes[canvas.y[y, x], canvas.x[y, x], : atlas.voted]


def _origin(canvas: Canvas, tops: list[int], sizes: tuple[tuple[int, int], ...]) -> Origin:
    source = np.searchsorted(np.array(tops), canvas.y, side="right").astype(np.int32) - np.int32(1)
    y = canvas.y - np.array(tops, np.int32)[source]
    return Origin(source, y, canvas.x, np.ones(canvas.size, np.float32), sizes)
