"""Nodes that exist in tests only: the plainest one of every kind the engine can run."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from nodes.arrays import Material, Origin, Regions, Stamps
from nodes.declare import REGISTRY, Angle, Band, Color, Flow, Gray, Image, Length, Picture, Range, Seed, Text, node
from nodes.kernels.hash import uniform_array


class Two(NamedTuple):
    first: Gray
    second: Color


@node(neutral=0.25)
def t_ramp(band: Band, scale: Annotated[float, Range(0, 10)] = 1.0, seed: Seed = 0, offset: Flow | None = None) -> Gray:
    """A ramp down the rows, plus noise for the seed."""
    rows = (np.arange(band.top, band.bottom, dtype=np.float32) + np.float32(0.5)) / np.float32(band.height)
    out = band.empty()
    noise = uniform_array(np.arange(band.width)[None], np.arange(band.top, band.bottom)[:, None], seed)
    out[:] = rows[:, None] * np.float32(scale) + noise * np.float32(0.1)
    if offset is not None:
        out += offset[..., 0]
    return out


@node
def t_gain(image: Image, gain: Annotated[float, Range(-4, 4)] = 2.0, mask: Gray | None = None) -> Image:
    """The picture times `gain`."""
    weight = 1 if mask is None else (mask[..., None] if image.ndim == 3 else mask)
    return image * (1 + (np.float32(gain) - 1) * weight)


@node
def t_same(image: Image) -> Image:
    """The picture itself, the very same array."""
    return image


@node
def t_add(a: Image, b: Image | None = None) -> Image:
    """The sum of two pictures."""
    return a if b is None else a + b


@node(reach=1)
def t_below(band: Band, image: Image) -> Image:
    """Each pixel is the one below it, wrapped."""
    return image[np.arange(band.top + 1, band.bottom + 1) % band.height]


def _mean(band: Band, image: np.ndarray) -> np.float32:
    sums = band.each(lambda top, bottom: image[top:bottom].sum(dtype=np.float32))
    return np.float32(sum(sums, np.float32(0)) / image.size)


@node(prepare=_mean)
def t_centred(image: Gray, prepared: float = 0.0) -> Gray:
    """The picture less its mean."""
    return image - prepared


@node(reach="whole")
def t_flip(image: Gray) -> Gray:
    """The picture upside down."""
    return image[::-1]


@node(reach="whole")
def t_warner(band: Band, image: Gray, text: Annotated[str, Text()] = "it is gray") -> Gray:
    """The picture itself, with a warning."""
    band.warn(text)
    return image


@node
def t_warner_by_rows(band: Band, image: Gray) -> Gray:
    """The picture itself, with a warning for each band, and one for the last."""
    if band.bottom == band.height:
        band.warn("it ends")
    band.warn("it has rows")
    return image


@node
def t_two(image: Gray) -> Two:
    """A picture, and the same in colour."""
    return Two(image, np.repeat(image[..., None], 3, axis=2))


@node
def t_lengths(
    band: Band, length: Annotated[float, Length(0, 1)] = 0.5, angle: Annotated[float, Angle()] = 180.0
) -> Gray:
    """A constant picture of the length in pixels plus the angle in radians."""
    return np.full((band.rows, band.width), length + angle, np.float32)


@node
def t_stripes(band: Band) -> Regions:
    """Two regions, upper and lower half."""
    rows = np.arange(band.top, band.bottom)[:, None] * 2 // band.height + 1
    labels = np.repeat(rows, band.width, axis=1).astype(np.int32)
    table = {
        "id": np.array([7, 9], np.uint32),
        "bbox": np.array([[0, 0, 1, 0.5], [0, 0.5, 1, 0.5]], np.float32),
        "centroid": np.array([[0.5, 0.25], [0.5, 0.75]], np.float32),
        "area": np.array([0.5, 0.5], np.float32),
        "angle": np.zeros(2, np.float32),
    }
    return Regions(labels, table, np.array([[1, 2]], np.int32))


@node
def t_paint(regions: Regions) -> Gray:
    """The id of the region at each pixel."""
    return regions.table["id"].astype(np.float32)[regions.labels - 1]


@node
def t_origin(band: Band) -> Origin:
    """Each pixel comes from row y, column 0 of exemplar 0."""
    y = np.repeat(np.arange(band.top, band.bottom, dtype=np.int32)[:, None], band.width, axis=1)
    return Origin(np.zeros_like(y), y, np.zeros_like(y), np.ones(y.shape, np.float32))


class Copied(NamedTuple):
    out: Gray
    origin: Origin


@node(reach="whole", carries="origin", copies=("picture", "image"))
def t_copy(
    band: Band,
    image: Gray | None = None,
    hole: Gray | None = None,
    picture: Annotated[str, Picture()] = "",
    weight: Annotated[float, Range(0, 1)] = 1.0,
) -> Copied:
    """The picture upside down on the left and in holes, elsewhere the image moved by three columns; over mid gray."""
    rows, columns = np.indices((band.height, band.width), np.int32)
    source = (columns * 2 >= band.width).astype(np.int32)
    if hole is not None:
        source[hole > 0.5] = 0
    shape = (band.height, band.width) if picture is None else picture.shape[:2]
    y = np.where(source == 0, (band.height - 1 - rows) % shape[0], rows)
    x = np.where(source == 0, columns % shape[1], (columns + 3) % band.width)
    empty = np.full((band.height, band.width), 0.5, np.float32)
    gray = empty if picture is None else (picture if picture.ndim == 2 else picture[..., 1])
    copied = np.where(source == 0, gray[y % shape[0], x % shape[1]], (empty if image is None else image)[rows, x])
    there = np.where(source == 0, picture is not None, image is not None) * np.float32(weight)
    out = (copied * there + empty * (1 - there)).astype(np.float32)
    origin = Origin(source, y, x, there.astype(np.float32), (shape, (band.height, band.width)))
    return Copied(out, origin)


@node
def t_rows_of(origin: Origin) -> Gray:
    """The row that each pixel comes from."""
    return origin.y.astype(np.float32)


@node(reach="whole")
def t_stamps(image: Gray) -> Stamps:
    """The picture as one stamp with one smaller level."""
    return Stamps(((image, np.ascontiguousarray(image[::2, ::2])),))


@node
def t_stamp_mean(band: Band, stamps: Stamps) -> Gray:
    """The mean of the first stamp."""
    return np.full((band.rows, band.width), stamps.pictures[0][0].mean(), np.float32)


@node
def t_flow(image: Gray) -> Flow:
    """A field that points right by the picture."""
    return np.stack([image, np.zeros_like(image)], axis=2)


@node
def t_as_material(base_color: Color, height: Gray) -> Material:
    """A material of two maps, as a value on a wire."""
    return Material({"base_color": base_color, "height": height})


@node
def t_height_of(material: Material) -> Gray:
    """The height of a material."""
    return material.maps["height"]


@node(reach=3)
def t_height_around(band: Band, material: Material) -> Gray:
    """The height of a material, three rows further down."""
    return material.maps["height"][np.arange(band.top + 3, band.bottom + 3) % band.height]


@node
def t_broken(image: Gray) -> Gray:
    """A node that fails."""
    raise ZeroDivisionError("no luck")


SAMPLES = sorted(key for key in REGISTRY if key.startswith("t_"))
