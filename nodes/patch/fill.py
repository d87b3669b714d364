"""What is missing of a picture, grown from the rest of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from nodes.arrays import Origin, take
from nodes.declare import Band, Color, Gray, Image, Length, Picture, Range, Seed, node
from nodes.patch.exemplar import as_color, blank, seen
from nodes.patch.field import SMALLEST, Example, Held, Style, room, synthesize as origin_of

Motif = Annotated[float, Range(0.03, 0.5, "of the picture")]
SCRATCH = 120.0


class Filled(NamedTuple):
    image: Image
    origin: Origin


class Grown(NamedTuple):
    color: Color
    origin: Origin


def _regrown(image: np.ndarray, lost: np.ndarray, band: Band, seed: int, motif: float) -> Filled:
    """Return a picture with what is lost grown anew from what is not."""
    if not lost.any() or min(lost.shape) < SMALLEST or not room(~lost):
        there = np.indices(lost.shape, np.int32)
        size = (lost.shape[0], lost.shape[1])
        here = Origin(np.zeros(size, np.int32), there[0], there[1], np.ones(size, np.float32), (size,))
        return Filled(image.copy(), here)
    example = Example((image,), usable=~lost)
    style = Style(motif=motif, layouts=4, evenness=0.5)
    origin = origin_of([example], band, seed, style, held=Held.in_place(~lost))
    return Filled(take({0: image}, origin), origin)


@node(reach="whole", carries="origin", copies=("image",), scratch=SCRATCH)
def make_tileable(
    band: Band,
    image: Image,
    border: Annotated[float, Length(0.02, 0.25)] = 0.08,
    axes: Literal["both", "across", "down"] = "both",
    seed: Seed = 0,
    motif: Motif = 0.08,
) -> Filled:
    """A picture whose borders meet: a strip along them is grown anew from the rest, all else stays as it is.

    Other maps of the picture follow by its origin, cut along the same lines.

    Parameters
    ----------
    border : width of the strip on each side
    axes : across closes left and right, down top and bottom
    motif : side of the pieces that the strip is made of
    """
    rows, columns = image.shape[:2]
    y = np.minimum(np.arange(rows), np.arange(rows)[::-1])[:, None] < border
    x = np.minimum(np.arange(columns), np.arange(columns)[::-1])[None] < border
    lost = (y if axes != "across" else np.zeros_like(y)) | (x if axes != "down" else np.zeros_like(x))
    return _regrown(image, lost, band, seed, motif)


@node(reach="whole", carries="origin", copies=("image",), scratch=SCRATCH)
def fill(
    band: Band,
    image: Image,
    hole: Gray,
    seed: Seed = 0,
    motif: Motif = 0.06,
) -> Filled:
    """A picture with its holes filled from the rest of it.

    Where nothing is a hole, or too little is left to copy from, the picture stays as it is.

    Parameters
    ----------
    hole : more than 0.5 is filled, the rest is kept to the bit
    motif : side of the pieces that it is filled with
    """
    return _regrown(image, hole > 0.5, band, seed, motif)


@node(reach="whole", carries="origin", copies=("picture",), scratch=SCRATCH)
def expand(
    band: Band,
    picture: Annotated[Any, Picture()] = "",
    columns: Annotated[float, Range(1.0, 16.0)] = 2.0,
    x: Annotated[float, Range(0.0, 1.0, "of the room")] = 0.5,
    y: Annotated[float, Range(0.0, 1.0, "of the room")] = 0.5,
    seed: Seed = 0,
    motif: Motif = 0.12,
) -> Grown:
    """A photograph kept whole in its place, and grown on all sides until the tile is full and closes.

    Parameters
    ----------
    picture : a source of the document
    columns : how many widths of the picture the tile is wide
    x, y : where it lies: 0 left and top, 1 right and bottom
    motif : side of the pieces that are grown
    """
    if picture is None:
        return Grown(np.full((band.height, band.width, 3), 0.5, np.float32), blank(band))
    color = as_color(seen(picture, band, columns))
    rows, width = min(color.shape[0], band.height), min(color.shape[1], band.width)
    color = np.ascontiguousarray(color[:rows, :width])
    grain = 8  # a place that every level has
    top = round((band.height - rows) * y) // grain * grain
    left = round((band.width - width) * x) // grain * grain
    mask = np.zeros((band.height, band.width), bool)
    mask[top : top + rows, left : left + width] = True
    from_y, from_x = np.zeros(mask.shape, np.int32), np.zeros(mask.shape, np.int32)
    from_y[top : top + rows], from_x[:, left : left + width] = np.arange(rows)[:, None], np.arange(width)
    style = Style(motif=motif, layouts=4)
    origin = origin_of([Example((color,))], band, seed, style, held=Held(mask, from_y, from_x))
    return Grown(take({0: color}, origin), origin)
