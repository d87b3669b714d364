"""Regions: finding the islands of a mask, giving each its own tone, colour, slope or place, and choosing among them."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Angle, Band, Color, Flow, Gray, Image, Length, Range, Seed, Swatch, node
from nodes.kernels import f32
from nodes.kernels.components import facing, find_runs, join_runs, measure, paint
from nodes.kernels.hash import hash_array, stream, uniform_array
from nodes.kernels.oklab import FROM_CONE, TO_ROOT, to_oklab
from nodes.kernels.regional import (
    FIXED,
    add_up,
    paint_color,
    paint_gradient,
    paint_places,
    paint_random,
    paint_values,
    paint_vectors,
)

ID_GRID = 64
ID_STREAM = 0x1D


@node(reach="whole", carries="opaque")
def flood_fill(
    band: Band,
    mask: Gray,
    threshold: Annotated[float, Range(0.0, 1.0)] = 0.5,
    connectivity: Literal["4", "8"] = "4",
    minimum_area: Annotated[float, Range(0.0, 0.1, "of the tile")] = 0.0,
    gap: Annotated[float, Length(0.0, 0.05)] = 0.01,
) -> Regions:
    """The islands of a mask as regions, across the tile's borders.

    A region keeps its identity, and so its random tones, as long as its centre stays in the same cell of a grid of 64
    by 64, whatever happens elsewhere; within a cell the larger comes first. A region that runs round the tile has the
    whole axis as its box and the axis' middle as its centre.

    Parameters
    ----------
    threshold : what is above belongs to a region
    connectivity : whether pixels that touch at a corner only are one region (8) or two (4)
    minimum_area : smaller regions become background
    gap : regions count as neighbours over this much background along a row or a column
    """
    height, width = mask.shape
    parts = band.each(lambda top, bottom: find_runs(mask[top:bottom], f32(threshold)))
    counts = np.concatenate([np.diff(part[0]) for part in parts])
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    start, end = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    region, shift, round_tile = join_runs(first, start, end, width, connectivity == "8")
    moments = measure(first, start, end, region, shift, len(round_tile), width)
    kept = np.flatnonzero(moments[:, 0] >= minimum_area * height * width)
    table, order = _table(moments[kept], round_tile[kept], height, width)
    label_of = np.zeros(len(moments), np.int32)
    label_of[kept[order]] = np.arange(1, len(kept) + 1)
    labels_of_run = label_of[region]
    labels = np.empty((height, width), np.int32)
    band.each(lambda top, bottom: paint(first, start, end, labels_of_run, labels[top:bottom], top))
    pairs = np.unique(facing(first, start, end, labels_of_run, labels, max(1, round(gap))))
    neighbours = np.stack([pairs >> 32, pairs & 0xFFFFFFFF], axis=1).astype(np.int32)
    return Regions(labels, table, neighbours)


def _table(
    moments: np.ndarray, round_tile: np.ndarray, height: int, width: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the table of regions from their moments, sorted by id, and which region each of its rows is."""
    size = np.array([width, height], np.float64)
    pixels = moments[:, :1]
    mean = moments[:, 1:3] / pixels
    spread_x, spread_y, together = (moments[:, 3:6] / pixels - mean[:, [0, 1, 0]] * mean[:, [0, 1, 1]]).T
    # Rows go down and angles up, hence the sign.
    angle = 0.5 * np.arctan2(-2 * together, spread_x - spread_y)
    corner = np.where(round_tile, 0.0, moments[:, 6:8] / size)
    extent = np.where(round_tile, 1.0, (moments[:, 8:10] - moments[:, 6:8]) / size)
    centre = np.where(round_tile, 0.5, mean / size)
    tile = np.floor(corner)
    corner, centre = corner - tile, centre - tile
    area = pixels[:, 0] / (height * width)
    ids = _stable_ids(centre % 1.0, area)
    order = np.argsort(ids, kind="stable")
    table = {
        "id": ids[order],
        "bbox": np.concatenate([corner, extent], axis=1).astype(np.float32)[order],
        "centroid": centre.astype(np.float32)[order],
        "area": area.astype(np.float32)[order],
        "angle": angle.astype(np.float32)[order],
    }
    return table, order


def _stable_ids(centre: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Return a hash of the grid cell that each centre lies in; the larger first where several share one."""
    cell = np.floor(centre * ID_GRID).astype(np.int64) % ID_GRID
    cell = cell[:, 0] + ID_GRID * cell[:, 1]
    order = np.lexsort((centre[:, 0], centre[:, 1], -area, cell))
    in_order = cell[order]
    rank = np.empty(len(cell), np.int64)
    rank[order] = np.arange(len(cell)) - np.searchsorted(in_order, in_order)
    return hash_array(cell, rank, ID_STREAM)


@node(carries="opaque", steers=("regions",))
def region_random(
    band: Band,
    regions: Regions,
    low: Annotated[float, Range(0.0, 1.0)] = 0.0,
    high: Annotated[float, Range(0.0, 1.0)] = 1.0,
    background: Annotated[float, Range(0.0, 1.0)] = 0.0,
    seed: Seed = 0,
) -> Gray:
    """One random tone for each region.

    Parameters
    ----------
    low, high : between which the tones lie
    background : the tone where no region is
    """
    out = band.empty()
    paint_random(regions.labels, regions.table["id"], stream(seed, 0), f32(low), f32(high), f32(background), out)
    return out


@node(carries="opaque", steers=("regions",))
def region_color(
    band: Band,
    regions: Regions,
    color: Annotated[tuple, Swatch()] = (0.35, 0.12, 0.07),
    lightness: Annotated[float, Range(0.0, 1.0)] = 0.15,
    chroma: Annotated[float, Range(0.0, 2.0)] = 0.4,
    hue: Annotated[float, Angle(0.0, 360.0)] = 20.0,
    background: Annotated[tuple, Swatch()] = (0.0, 0.0, 0.0),
    seed: Seed = 0,
) -> Color:
    """One random colour for each region, around a base colour, as the eye counts distance (OKLCh, Ottosson 2020).

    Parameters
    ----------
    color : the middle of the random colours
    lightness : how far apart the lightest and the darkest may lie; 0 is none, 1 from black to white
    chroma : how much colourfulness differs, as a share of the base's
    hue : how far apart hues may lie
    background : the colour where no region is
    """
    light, u, v = to_oklab(color)
    base = np.array([light, np.hypot(u, v), np.arctan2(v, u)], np.float32)
    out = band.empty(channels=3)
    paint_color(
        regions.labels,
        regions.table["id"],
        np.array([stream(seed, use) for use in range(3)], np.int64),
        base,
        np.array([lightness, chroma, hue], np.float32),
        TO_ROOT.astype(np.float32),
        FROM_CONE.astype(np.float32),
        np.array(background, np.float32),
        out,
    )
    return out


@node(carries="opaque")
def region_gradient(
    band: Band,
    regions: Regions,
    angle: Annotated[float, Angle()] = 0.0,
    spread: Annotated[float, Range(0.0, 1.0)] = 1.0,
    seed: Seed = 0,
) -> Gray:
    """A ramp from 0 to 1 over each region's box, for tilting bricks and stones; 0 where no region is.

    Parameters
    ----------
    angle : where the ramp rises to, counter-clockwise from the right
    spread : how much the angle differs from region to region; 0 not at all, 1 all ways
    """
    out = band.empty()
    paint_gradient(
        regions.labels,
        regions.table["id"],
        regions.table["bbox"],
        stream(seed, 0),
        f32(angle),
        f32(spread * 2 * np.pi),
        band.top,
        f32(band.height),
        f32(band.width),
        out,
    )
    return out


# ---- what is known of regions --------------------------------------------------------------------


class RegionData(NamedTuple):
    x: Gray
    y: Gray
    width: Gray
    height: Gray
    area: Gray
    index: Gray
    angle: Gray


@node(carries="opaque")
def region_data(
    band: Band,
    regions: Regions,
    background: Annotated[float, Range(0.0, 1.0)] = 0.0,
) -> RegionData:
    """What is known of each region, as one tone over all of it: where it is, how large, which, and how it lies.

    `x` and `y` are its centre, `width` and `height` its box, all in fractions of the tile; `area` is its area over that
    of the largest region; `index` its place in reading order, 0 the first and 1 the last; `angle` that of its
    longer axis, counter-clockwise from the right, 0 to 1 for half a turn.

    Parameters
    ----------
    background : the tone where no region is
    """
    first = RegionData._fields[0]
    found = {}
    for name in RegionData._fields:
        if name == first or band.wants(name):
            values = np.concatenate([[background], _column(regions, name)]).astype(np.float32)
            found[name] = band.empty(name)
            paint_values(regions.labels, values, found[name])
    return RegionData(**{name: found.get(name, found[first]) for name in RegionData._fields})


def _column(regions: Regions, name: str) -> np.ndarray:
    """Return a number from 0 to 1 for each region; see `region_data`."""
    table = regions.table
    match name:
        case "x" | "y":
            return table["centroid"][:, "xy".index(name)] % 1.0
        case "width" | "height":
            return np.minimum(table["bbox"][:, 2 if name == "width" else 3], 1)
        case "area":
            return table["area"] / max(float(table["area"].max(initial=0)), 1e-12)
        case "index":
            # Centres of one row differ in the last digits.
            row, column = np.round(table["centroid"][:, 1] % 1.0 * 512), table["centroid"][:, 0] % 1.0
            place = np.empty(regions.count)
            place[np.lexsort((column, row))] = np.arange(regions.count)
            return place / max(regions.count - 1, 1)
        case _:
            return table["angle"] / np.pi % 1.0


@node(carries="opaque")
def region_uv(band: Band, regions: Regions) -> Flow:
    """Where in its region's box each pixel lies: x from 0 at the left to 1, y from 0 at the top to 1."""
    out = band.empty(channels=2)
    size = (f32(band.height), f32(band.width))
    paint_places(regions.labels, regions.table["bbox"], band.top, *size, out)
    return out


@node(carries="opaque")
def region_offset(
    band: Band,
    regions: Regions,
    x: Annotated[float, Range(0.0, 1.0, "of the tile")] = 1.0,
    y: Annotated[float, Range(0.0, 1.0, "of the tile")] = 1.0,
    seed: Seed = 0,
) -> Flow:
    """One random shift for each region, to be the `offset` of a generator: grain then does not run over a joint.

    Parameters
    ----------
    x, y : from how far apart the shifts come; 1 anywhere on the tile, 0 none
    """
    ids = regions.table["id"]
    shifts = np.zeros((regions.count + 1, 2), np.float32)
    for axis, amount in enumerate((x, y)):
        shifts[1:, axis] = (uniform_array(ids, 0, stream(seed, axis)) - f32(0.5)) * f32(amount)
    out = band.empty(channels=2)
    paint_vectors(regions.labels, shifts, out)
    return out


@node(carries="opaque", steers=("regions",))
def region_select(
    band: Band,
    regions: Regions,
    share: Annotated[float, Range(0.0, 1.0)] = 0.5,
    smallest: Annotated[float, Range(0.0, 1.0)] = 0.0,
    largest: Annotated[float, Range(0.0, 1.0)] = 1.0,
    first: Annotated[float, Range(0.0, 1.0)] = 0.0,
    last: Annotated[float, Range(0.0, 1.0)] = 1.0,
    invert: bool = False,
    seed: Seed = 0,
) -> Gray:
    """The regions that meet every condition, white; the others and the background black.

    Parameters
    ----------
    share : how many are drawn at random; 1 takes all
    smallest, largest : area allowed, over that of the largest region
    first, last : place in reading order allowed, 0 the first region and 1 the last
    invert : takes the other regions instead; the background stays black
    """
    chosen = uniform_array(regions.table["id"], 0, stream(seed, 0)) < share
    for name, low, high in (("area", smallest, largest), ("index", first, last)):
        value = _column(regions, name)
        chosen &= (value >= low - 1e-6) & (value <= high + 1e-6)
    values = np.concatenate([[False], chosen != invert]).astype(np.float32)
    out = band.empty()
    paint_values(regions.labels, values, out)
    return out


def _sampled(band: Band, image: np.ndarray, regions: Regions, mode: str) -> np.ndarray:
    """Return each region's value of a picture, (count + 1, channels), the background's first."""
    channels = image.reshape(*image.shape[:2], -1)
    values = np.zeros((regions.count + 1, channels.shape[2]), np.float32)
    if mode == "centre":
        size = (band.width, band.height)
        x, y = (np.floor(regions.table["centroid"][:, k] % 1.0 * size[k]).astype(int) % size[k] for k in (0, 1))
        values[1:] = channels[y, x]
        return values

    def work(top: int, bottom: int) -> np.ndarray:
        sums = np.zeros((regions.count + 1, channels.shape[2] + 1), np.int64)
        add_up(regions.labels[top:bottom], channels[top:bottom], sums[:, 1:])
        sums[:, 0] = np.bincount(regions.labels[top:bottom].reshape(-1), minlength=len(sums))
        return sums

    sums = np.sum(band.each(work), axis=0)
    values[1:] = sums[1:, 1:] / (np.maximum(sums[1:, :1], 1) * float(FIXED))
    return values


@node(carries="mix", steers=("regions",), prepare=_sampled)
def region_sample(
    band: Band,
    image: Image,
    regions: Regions,
    mode: Literal["mean", "centre"] = "mean",
    prepared: np.ndarray | None = None,
) -> Image:
    """One tone or colour of a picture for each region, flat over all of it; black where no region is.

    Parameters
    ----------
    mode : mean of the picture over the region, or what lies at its centre
    """
    out = band.like(image)
    assert prepared is not None
    if image.ndim == 2:
        paint_values(regions.labels, prepared[:, 0], out)
    else:
        paint_vectors(regions.labels, prepared, out)
    return out
