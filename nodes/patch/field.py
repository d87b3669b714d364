"""The patch field: for every texel of a tile, which texel of which example it copies.

One core serves all nodes that work by example. Blocks are laid on the torus at the size at which an example is some
128 texels wide (image quilting, several times over, the best kept); then, from there to the full size, each level
doubles the field and relaxes it: every patch looks for the place that fits what its neighbours put down, all patches
vote on each texel's colour, and the texel copies the nearest of what they proposed. So nothing is averaged, and the
result is no picture but an origin, which serves any number of maps.

Efros and Freeman 2001 (quilting), Kwatra 2005 (vote), Barnes 2009 (search), Kaspar 2015 (even use).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nodes.arrays import Origin
from nodes.declare import Band
from nodes.kernels import f32
from nodes.kernels.hash import stream
from nodes.patch.atlas import SMALLEST, Atlas, Example, Style, atlas_of, levels_of, room
from nodes.patch.exemplar import fitted
from nodes.patch.layout import Canvas, best_layout, lattice_rows
from nodes.patch.relaxing import relax


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
            canvas = best_layout(atlases[level], canvas, style, side, level, seed, band, first)
        if level == 0:
            canvas = canvas.cropped(*size)
        canvas.planes[..., : atlas.voted] = atlases[level].planes[canvas.y, canvas.x, : atlas.voted]
        step = 1 if level == levels else 2
        relax(atlases[level], canvas, style, step, stream(seed, 1000 + level), lattice_rows(style.lattice, level), band)
        band.tell(1 - 0.5 * level / (levels + 1))
    return _origin(canvas, tops, sizes)


def repeated(sizes: tuple[tuple[int, int], ...], height: int, width: int) -> Origin:
    """Return the origin of a tile that repeats the first example from its corner."""
    rows, columns = sizes[0]
    y, x = np.broadcast_arrays(np.arange(height)[:, None] % rows, np.arange(width) % columns)
    one = np.ones((height, width), np.float32)
    return Origin(np.zeros((height, width), np.int32), y.astype(np.int32), x.astype(np.int32), one, sizes)


def double(canvas: Canvas, planes: np.ndarray, held: np.ndarray) -> Canvas:
    """Return the canvas of the next finer level: each texel becomes the four it was made of."""
    height, width = held.shape
    y, x = (np.repeat(np.repeat(2 * part, 2, axis=0), 2, axis=1)[:height, :width] for part in (canvas.y, canvas.x))
    y[1::2] += 1
    x[:, 1::2] += 1
    return Canvas(planes, y, x, held)


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


__all__ = ["SMALLEST", "Example", "Held", "Style", "repeated", "room", "synthesize"]
