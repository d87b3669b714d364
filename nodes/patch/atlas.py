"""Examples to copy from, side by side in one array, and what is compared of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nodes import opencv
from nodes.kernels import f32
from nodes.kernels.patchmatch import RADIUS
from nodes.patch.exemplar import perceptual

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
    mending : how many blocks are laid anew where seams are worst, however much the layout repeats; None lays some, and
        only where it repeats little.
    """

    motif: float = 0.156
    layouts: int = 8
    evenness: float = 1.0
    structure: float = 0.5
    guidance: float = 1.0
    rounds: int = 2
    lattice: tuple[tuple[float, float], ...] = ()
    mending: int | None = None


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
            starts(self.halved().usable, SMALLEST_BLOCK // 2, SMALLEST_BLOCK // 2).any() and self.centres().any()
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


def starts(usable: np.ndarray, tall: int, wide: int) -> np.ndarray:
    """Return where a block of usable texels may begin."""
    total = np.pad(usable.astype(np.int32), ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    if min(total.shape[0] - tall, total.shape[1] - wide) < 1:
        return np.zeros((max(usable.shape[0] - tall + 1, 1), max(usable.shape[1] - wide + 1, 1)), bool)
    inside = total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]
    return inside == tall * wide


def room(usable: np.ndarray) -> bool:
    """Return whether a block and a patch find room in what is usable of an example; bool (h, w)."""
    rows, columns = usable.shape
    even = np.pad(usable, ((0, -rows % 4), (0, -columns % 4)))
    return Atlas(np.zeros((*even.shape, 1), np.float32), even, np.zeros((*even.shape, 2), np.float32), 1).serves()
