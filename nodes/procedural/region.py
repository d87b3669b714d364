"""Regions: finding the islands of a mask, and giving each its own tone, colour or slope."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Angle, Band, Color, Gray, Length, Range, Seed, Swatch, node
from nodes.kernels import f32, inline, kernel
from nodes.kernels.components import facing, find_runs, join_runs, measure, paint
from nodes.kernels.hash import hash32, hash_array, stream
from nodes.kernels.oklab import FROM_CONE, TO_ROOT, to_oklab

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


@inline
def _random_of(id, seed):
    """Return a region's number in [0, 1) in a stream."""
    return f32(np.float64(hash32(id, 0, seed) >> 8) * (1.0 / 16777216.0))


@kernel
def _paint_random(labels, ids, seed, low, high, background, out):
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        last, value = 0, background
        for x in range(row.size):
            label = row[x]
            if label != last:
                last = label
                value = low + _random_of(ids[label - 1], seed) * (high - low) if label else background
            to[x] = value


@node(carries="opaque")
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
    _paint_random(regions.labels, regions.table["id"], stream(seed, 0), f32(low), f32(high), f32(background), out)
    return out


@kernel
def _paint_color(labels, ids, seeds, base, spread, to_root, from_cone, background, out):
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        last, r, g, b = 0, background[0], background[1], background[2]
        for x in range(row.size):
            label = row[x]
            if label != last:
                last = label
                r, g, b = background[0], background[1], background[2]
                if label:
                    id = ids[label - 1]
                    light = max(base[0] + spread[0] * (_random_of(id, seeds[0]) - f32(0.5)), f32(0))
                    chroma = base[1] * max(f32(1) + spread[1] * (_random_of(id, seeds[1]) - f32(0.5)), f32(0))
                    hue = base[2] + spread[2] * (_random_of(id, seeds[2]) - f32(0.5))
                    u, v = chroma * f32(np.cos(np.float64(hue))), chroma * f32(np.sin(np.float64(hue)))
                    p = (to_root[0, 0] * light + to_root[0, 1] * u + to_root[0, 2] * v) ** 3
                    q = (to_root[1, 0] * light + to_root[1, 1] * u + to_root[1, 2] * v) ** 3
                    s = (to_root[2, 0] * light + to_root[2, 1] * u + to_root[2, 2] * v) ** 3
                    r = max(from_cone[0, 0] * p + from_cone[0, 1] * q + from_cone[0, 2] * s, f32(0))
                    g = max(from_cone[1, 0] * p + from_cone[1, 1] * q + from_cone[1, 2] * s, f32(0))
                    b = max(from_cone[2, 0] * p + from_cone[2, 1] * q + from_cone[2, 2] * s, f32(0))
            to[x, 0], to[x, 1], to[x, 2] = r, g, b


@node(carries="opaque")
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
    _paint_color(
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


@kernel
def _paint_gradient(labels, ids, boxes, seed, angle, spread, top, height, width, out):
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        last, right, down, middle, away = 0, f32(0), f32(0), f32(0), f32(0)
        for x in range(row.size):
            label = row[x]
            if label == 0:
                to[x] = f32(0)
                continue
            if label != last:
                last = label
                box = boxes[label - 1]
                turn = angle + spread * (_random_of(ids[label - 1], seed) - f32(0.5))
                cosine, sine = f32(np.cos(np.float64(turn))), f32(-np.sin(np.float64(turn)))
                extent = max(abs(cosine) * box[2] * width + abs(sine) * box[3] * height, f32(1))
                right, down = cosine * width / extent, sine * height / extent
                middle = box[0] + f32(0.5) * box[2]
                away = (f32(top + y) + f32(0.5)) / height - (box[1] + f32(0.5) * box[3])
                away -= np.floor(away + f32(0.5))
            across = (f32(x) + f32(0.5)) / width - middle
            across -= np.floor(across + f32(0.5))
            to[x] = min(max(f32(0.5) + across * right + away * down, f32(0)), f32(1))


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
    _paint_gradient(
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
