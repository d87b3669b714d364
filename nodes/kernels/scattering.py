"""Where stamps and cones lie: in a grid, at random places, and what the maps say there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nodes.declare import Band
from nodes.kernels.compile import f32
from nodes.kernels.hash import hash_array, stream, uniform_array
from nodes.kernels.points import prune, sizes, strew
from nodes.kernels.sampling import sample
from nodes.kernels.stamps import Placed, Sheet, Sprites, place

PLACE_X, PLACE_Y, SCALE, TURN, DROP, VALUE, PICTURE, TONE, POINTS, POINTS_Y, POINTS_MASK, SIZE, BEND, ASPECT = range(14)
"""One stream of randomness for each use, so that turning one on leaves the others as they are."""
ID_STREAM = 0xC3
LARGEST = 4.0
"""A map makes stamps this many times as large at most: all copies of a stamp must fit in memory."""


@dataclass(frozen=True)
class Laid:
    """Stamps or cones that are ready to draw, a random tone for each, and the table of their regions."""

    placed: Placed
    tone: np.ndarray
    table: dict[str, np.ndarray]


def _read(picture: np.ndarray | None, x: np.ndarray, y: np.ndarray, band: Band, absent: float) -> np.ndarray:
    """Return a picture's values at places in pixels of the tile, `absent` everywhere if there is none.

    What is no number counts as 0.
    """
    if picture is None or not len(x):
        return np.full(len(x), absent)
    ys, xs = (at.astype(np.float32)[None] - f32(0.5) for at in (y, x))
    found = sample(picture, ys, xs, np.empty_like(ys))[0].astype(np.float64)
    return np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)


def _toward(amount: float, value: np.ndarray) -> np.ndarray:
    """Return 1 at amount 0 and `value` at 1."""
    return 1 + amount * (value - 1)


def _lay(band: Band, sprites: Sprites, form: str, stamps: Sheet | None, names: np.ndarray, tone: np.ndarray) -> Laid:
    """Return sprites ready to draw; names : (n, 2), numbers that stay a stamp's own when others change."""
    length, breadth = sprites.length, sprites.breadth
    small = np.minimum(length, breadth)
    oval = False
    if stamps is not None and stamps.pictures:
        share = np.array([np.mean(picture[0][..., -1] > 0) for picture in stamps.pictures])[sprites.picture]
        area = length * breadth * share
    elif form in ("square", "pyramid"):
        area = length * breadth
    elif form in ("brick", "capsule"):
        area = length * breadth - (4 - np.pi) * (small * (0.5 if form == "capsule" else 0.15)) ** 2
    else:
        area, oval = np.pi / 4 * length * breadth, True
    size = np.array([band.width, band.height])
    half = np.stack(sprites.box(oval), axis=1) / size
    centre = np.stack([sprites.x, sprites.y], axis=1) / size
    corner = np.floor(centre - half)
    table = {
        "id": hash_array(names[:, 0], names[:, 1], ID_STREAM),
        "bbox": np.concatenate([centre - half - corner, 2 * half], axis=1).astype(np.float32),
        "centroid": (centre - corner).astype(np.float32),
        "area": np.minimum(area / (band.width * band.height), 1).astype(np.float32),
        "angle": (sprites.angle + np.where(breadth > length, np.pi / 2, 0)).astype(np.float32),
    }
    placed = place(sprites, form, stamps, band.height, band.width)
    return Laid(placed, tone.astype(np.float32), table)


def _order(kept: np.ndarray, reverse: bool) -> np.ndarray:
    """Return which stamps are laid, the lowest first."""
    order = np.flatnonzero(kept)
    return order[::-1] if reverse else order


def in_grid(
    band: Band,
    stamps: Sheet | None,
    scale_map: np.ndarray | None,
    rotation_map: np.ndarray | None,
    displacement_map: np.ndarray | None,
    mask: np.ndarray | None,
    picture_map: np.ndarray | None,
    value_map: np.ndarray | None,
    columns: int,
    rows: int,
    shift: float,
    form: str,
    relative_to: str,
    length: float,
    breadth: float,
    scale: float,
    scale_jitter: float,
    scale_map_amount: float,
    rotation: float,
    rotation_jitter: float,
    rotation_map_amount: float,
    position_jitter: float,
    displacement: float,
    displacement_angle: float,
    threshold: float,
    drop: float,
    picture: str,
    value: float,
    value_jitter: float,
    value_by: str,
    value_amount: float,
    reverse: bool,
    seed: int,
) -> Laid:
    """Place stamps by the grid's cells: see `tile_sampler`."""
    row, column = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
    random = [uniform_array(column, row, stream(seed, use)).astype(np.float64) for use in range(TONE + 1)]
    # Rows cannot alternate if they are odd in number: each is then shifted on against the one above.
    along = shift * (row % 2) if rows % 2 == 0 else row * (np.ceil(shift * rows - 0.5) / rows)
    wide, high = band.width / columns, band.height / rows
    x = (column + 0.5 + along + position_jitter * (random[PLACE_X] - 0.5)) * wide
    y = (row + 0.5 + position_jitter * (random[PLACE_Y] - 0.5)) * high
    far = displacement * _read(displacement_map, x, y, band, 0.0)
    x, y = x + far * np.cos(displacement_angle), y - far * np.sin(displacement_angle)
    here = (x, y, band)
    relative = (1 - scale_jitter * random[SCALE]) * _toward(scale_map_amount, _read(scale_map, *here, 1.0))
    relative = np.clip(relative, 0, LARGEST)
    unit_x, unit_y = {"cell": (wide, high), "square": (min(wide, high),) * 2, "tile": (band.width,) * 2}[relative_to]
    angle = rotation + rotation_jitter * (random[TURN] - 0.5)
    angle = angle + rotation_map_amount * _read(rotation_map, *here, 0.0)
    if value_by == "map":
        by = _read(value_map, *here, 1.0)
    else:
        index = row * columns + column
        last = {"row": (row, rows), "column": (column, columns), "index": (index, rows * columns)}
        by = relative if value_by == "scale" else last[value_by][0] / max(last[value_by][1] - 1, 1)
    tall = value * (1 - value_jitter * random[VALUE]) * _toward(value_amount, by)
    count = len(stamps.pictures) if stamps is not None else 1
    choice = {
        "random": random[PICTURE] * count,
        "sequence": (row * columns + column) % count,
        "map": _read(picture_map, *here, 0.0) * count,
    }[picture]
    chosen = np.clip(np.floor(choice), 0, max(count - 1, 0)).astype(np.int64)
    kept = (random[DROP] >= drop) & (_read(mask, *here, 1.0) >= threshold)
    kept &= np.minimum(length, breadth) * scale * relative > 0
    order = _order(kept, reverse)
    sprites = Sprites(
        x[order],
        y[order],
        (unit_x * length * scale * relative)[order],
        (unit_y * breadth * scale * relative)[order],
        angle[order],
        tall[order],
        np.zeros(len(order)),
        chosen[order],
    )
    return _lay(band, sprites, form, stamps, np.stack([column, row], axis=1)[order], random[TONE][order])


def at_random(
    band: Band,
    stamps: Sheet | None,
    size_map: np.ndarray | None,
    rotation_map: np.ndarray | None,
    mask: np.ndarray | None,
    count: int,
    smallest: float,
    largest: float,
    law: float,
    spacing: float,
    form: str,
    aspect: float,
    aspect_jitter: float,
    bend: float,
    rotation: float,
    rotation_jitter: float,
    rotation_map_amount: float,
    value: float,
    value_jitter: float,
    value_by_size: float,
    reverse: bool,
    seed: int,
) -> Laid:
    """Place stamps at random, the largest first: see `splatter`."""
    x, y, number = strew(count, band.width, band.height, spacing, mask, seed, POINTS)
    x, y = x.astype(np.float64), y.astype(np.float64)
    random = [uniform_array(number, 1, stream(seed, use)).astype(np.float64) for use in range(ASPECT + 1)]
    length = sizes(number, count, smallest, largest, law, stream(seed, SIZE))
    tall = value * (1 - value_jitter * random[VALUE])
    tall = tall * _toward(value_by_size, length / max(smallest, largest, 1e-9))
    length = length * np.clip(_read(size_map, x, y, band, 1.0), 0, LARGEST)
    angle = rotation + rotation_jitter * (random[TURN] - 0.5)
    angle = angle + rotation_map_amount * _read(rotation_map, x, y, band, 0.0)
    pictures = len(stamps.pictures) if stamps is not None else 1
    order = _order(length > 0, reverse)
    sprites = Sprites(
        x[order],
        y[order],
        length[order],
        (length * aspect * (1 - aspect_jitter * random[ASPECT]))[order],
        angle[order],
        tall[order],
        (bend / 2 * (2 * random[BEND] - 1))[order],
        np.minimum(random[PICTURE] * pictures, max(pictures - 1, 0)).astype(np.int64)[order],
    )
    names = np.stack([number, np.zeros_like(number)], axis=1)
    return _lay(band, sprites, form, stamps, names[order], random[TONE][order])


def as_cones(
    band: Band,
    mask: np.ndarray | None,
    count: int,
    smallest: float,
    largest: float,
    law: float,
    aspect_jitter: float,
    spacing: float,
    skirt: float,
    seed: int,
) -> Laid:
    """Place cones, the largest first: see `cones`."""
    x, y, number = strew(count, band.width, band.height, spacing, mask, seed, POINTS)
    radius = sizes(number, count, smallest, largest, law, stream(seed, SIZE))
    turn, stretch, tone = (
        uniform_array(number, 1, stream(seed, use)).astype(np.float64) for use in (TURN, ASPECT, TONE)
    )
    angle, root = np.pi * turn, np.sqrt(1 + aspect_jitter * stretch)
    nothing, names = np.zeros(len(x)), np.stack([number, np.zeros_like(number)], axis=1)
    x, y = x.astype(np.float64), y.astype(np.float64)
    reach = Sprites(
        x,
        y,
        2 * (radius + skirt) * root,
        2 * (radius + skirt) / root,
        angle,
        nothing,
        nothing,
        nothing.astype(np.int64),
    )
    inside = Sprites(x, y, 2 * radius * root, 2 * radius / root, angle, nothing, nothing, nothing.astype(np.int64))
    laid = _lay(band, reach, "disc", None, names, tone)
    table = _lay(band, inside, "disc", None, names, tone).table
    placed = laid.placed
    label = placed.which[:, 0]
    c, s = np.cos(angle), np.sin(angle)
    columns = (radius, c / root, -s / root, s * root, c * root, np.arange(len(x)), root)
    shape = np.stack([placed.geometry[:, 0], placed.geometry[:, 1], *(column[label] for column in columns)], axis=1)
    shape = np.ascontiguousarray(shape, np.float32)
    first, items = np.zeros_like(placed.first), np.empty_like(placed.items)
    side = (f32(band.width / placed.across), f32(band.height / placed.down))
    prune(shape, placed.first, placed.items, placed.across, placed.down, *side, f32(skirt), first, items)
    return Laid(replace(placed, geometry=shape, first=first, items=items), laid.tone, table)
