"""Scattering stamps over the tile: in rows, at random, or as cones that grow from points."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions, Stamps
from nodes.declare import Angle, Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.points import raise_cones
from nodes.kernels.scattering import Laid, as_cones, at_random, in_grid
from nodes.kernels.stamps import MODES, draw, levels, look_up_labels

Form = Literal["disc", "square", "brick", "capsule", "dome", "paraboloid", "bell", "cone", "pyramid"]
Blend = Literal["max", "add", "subtract", "over", "height"]
Share = Annotated[float, Range(0.0, 1.0)]


class Scattered(NamedTuple):
    height: Gray
    mask: Gray
    regions: Regions
    uv: Flow
    random: Gray


class Cones(NamedTuple):
    field: Gray
    regions: Regions
    random: Gray
    point: Flow


@node(reach="whole", carries="opaque", scratch=56)
def stamp_source(
    a: Gray,
    b: Gray | None,
    c: Gray | None,
    d: Gray | None,
    x: Share = 0.0,
    y: Share = 0.0,
    width: Share = 1.0,
    height: Share = 1.0,
    columns: Annotated[int, Range(1, 8)] = 1,
    rows: Annotated[int, Range(1, 8)] = 1,
    cutoff: Share = 0.0,
) -> Stamps:
    """One to four pictures as stamps to scatter; a sheet of several is cut into its parts.

    A stamp's height is the picture's; where it is `cutoff` or lower, the stamp has a hole. Smaller copies are averaged
    over what each pixel covers.

    Parameters
    ----------
    x, y : upper left corner of what is cut out
    width, height : size of what is cut out, at least a pixel; it goes on across the border
    columns, rows : how many stamps lie side by side in it
    cutoff : what is no higher is not part of the stamp
    """
    found = []
    for picture in (a, b, c, d):
        if picture is None:
            continue
        size_y, size_x = picture.shape
        top, left = round(y * size_y), round(x * size_x)
        edges_y = top + np.round(np.arange(rows + 1) * max(height * size_y, rows) / rows).astype(np.int64)
        edges_x = left + np.round(np.arange(columns + 1) * max(width * size_x, columns) / columns).astype(np.int64)
        for row in range(rows):
            for column in range(columns):
                ys, xs = np.arange(*edges_y[row : row + 2]) % size_y, np.arange(*edges_x[column : column + 2]) % size_x
                part = picture[np.ix_(ys, xs)]
                there = part > cutoff
                found.append(levels(np.stack([np.where(there, part, 0), there], axis=2)))
    return Stamps(tuple(found))


def _drawn(
    band: Band, laid: Laid, blend: str, softness: float, background: np.ndarray | None, offset: np.ndarray | None
) -> Scattered:
    """Return the rows of a band of the stamps laid over `background`."""
    none = np.empty((0, 0, 2), np.float32)
    height, mask, random = band.empty("height"), band.empty("mask"), band.empty("random")
    uv = band.empty("uv", 2) if band.wants("uv") else none
    labels = np.empty((band.rows, band.width), np.int32)
    height[:] = 0 if background is None else background
    placed = laid.placed
    draw(
        placed.geometry,
        placed.which,
        placed.first,
        placed.items,
        placed.across,
        placed.down,
        placed.pixels,
        none if offset is None else offset,
        band.top,
        f32(band.height),
        f32(band.width),
        MODES.index(blend),
        f32(max(softness, 1e-4)),
        height,
        mask,
        labels,
        uv,
    )
    if band.wants("random"):
        look_up_labels(labels.reshape(-1), laid.tone, random.reshape(-1))
    return Scattered(height, mask, Regions(labels, laid.table), uv, random)


# ---- in rows --------------------------------------------------------------------------------------


@node(
    prepare=in_grid,
    carries="opaque",
    steers=("scale_map", "rotation_map", "displacement_map", "picture_map", "value_map"),
)
def tile_sampler(
    band: Band,
    stamps: Stamps | None = None,
    columns: Annotated[int, Range(1, 128)] = 10,
    rows: Annotated[int, Range(1, 128)] = 10,
    shift: Share = 0.5,
    position_jitter: Annotated[float, Range(0.0, 4.0)] = 0.4,
    form: Form = "brick",
    relative_to: Literal["cell", "square", "tile"] = "square",
    length: Annotated[float, Range(0.0, 4.0)] = 1.0,
    breadth: Annotated[float, Range(0.0, 4.0)] = 0.7,
    scale: Annotated[float, Range(0.0, 4.0)] = 1.2,
    scale_jitter: Share = 0.4,
    scale_map_amount: Share = 1.0,
    rotation: Annotated[float, Angle()] = 0.0,
    rotation_jitter: Annotated[float, Angle(0.0, 360.0)] = 90.0,
    rotation_map_amount: Annotated[float, Angle()] = 360.0,
    displacement: Annotated[float, Length(-0.5, 0.5)] = 0.05,
    displacement_angle: Annotated[float, Angle()] = 0.0,
    threshold: Share = 0.5,
    drop: Share = 0.0,
    picture: Literal["random", "sequence", "map"] = "random",
    value: Share = 1.0,
    value_jitter: Share = 0.7,
    value_by: Literal["map", "scale", "row", "column", "index"] = "map",
    value_amount: Share = 1.0,
    blend: Blend = "max",
    softness: Share = 0.1,
    reverse: bool = False,
    seed: Seed = 0,
    scale_map: Gray | None = None,
    rotation_map: Gray | None = None,
    displacement_map: Gray | None = None,
    mask: Gray | None = None,
    picture_map: Gray | None = None,
    value_map: Gray | None = None,
    background: Gray | None = None,
    offset: Flow | None = None,
    prepared: Laid | None = None,
) -> Scattered:
    """Stamps in rows and columns, each varied in place, size, turn, picture and height.

    Maps are read at each stamp's middle. Stamps may overlap any number deep; the grid's order, row by row, decides who
    lies on top where the blend asks. With an odd number of rows, rows cannot alternate: each is then shifted against
    the one above by the multiple of 1/rows nearest to `shift`, so that the tile closes. `uv` and `random` are those of
    the stamp that shows; a region's box and area are those of the whole stamp, seen or not.

    Parameters
    ----------
    shift : of every second row, in cells
    position_jitter : how far a stamp may lie from its cell's middle; 1 reaches the cell's borders
    form : what is scattered where no stamps are connected
    relative_to : what length and breadth are counted in: the cell's sides, its shorter side, or the tile's width
    length, breadth : of a stamp, along its own axis and across
    scale : of both
    scale_jitter : how much smaller some are
    scale_map_amount : how far the scale map counts; no stamp gets more than 4 times as large
    rotation : counter-clockwise
    rotation_jitter : the width of the range of random turns
    rotation_map_amount : the turn where the rotation map is 1
    displacement : how far stamps move where the displacement map is 1
    displacement_angle : where to, counter-clockwise from the right
    threshold : stamps whose middle lies where the mask is lower are left out
    drop : share of stamps that are left out at random
    picture : which of several stamps: at random, in turn, or by the picture map
    value : height of the stamps
    value_jitter : how much lower some are
    value_by : what else the height follows; "map" is the value map
    value_amount : how far it does
    blend : max; add; subtract; over, the later on top; or height, as max with soft joints
    softness : of the joints where the blend is height
    reverse : lays the last stamp first
    background : what the stamps are laid on
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    return _drawn(band, prepared, blend, softness, background, offset)


# ---- at random ------------------------------------------------------------------------------------


@node(prepare=at_random, carries="opaque", steers=("size_map", "rotation_map"))
def splatter(
    band: Band,
    stamps: Stamps | None = None,
    count: Annotated[int, Range(1, 20000)] = 400,
    smallest: Annotated[float, Length(0.0, 0.5)] = 0.02,
    largest: Annotated[float, Length(0.0, 0.5)] = 0.14,
    law: Annotated[float, Range(0.0, 6.0)] = 1.7,
    spacing: Annotated[float, Length(0.0, 0.25)] = 0.01,
    form: Form = "dome",
    aspect: Annotated[float, Range(0.01, 1.0)] = 1.0,
    aspect_jitter: Annotated[float, Range(0.0, 0.9)] = 0.3,
    bend: Share = 0.0,
    rotation: Annotated[float, Angle()] = 0.0,
    rotation_jitter: Annotated[float, Angle(0.0, 360.0)] = 360.0,
    rotation_map_amount: Annotated[float, Angle()] = 360.0,
    value: Share = 1.0,
    value_jitter: Share = 0.3,
    value_by_size: Share = 0.5,
    blend: Blend = "max",
    softness: Share = 0.1,
    reverse: bool = False,
    seed: Seed = 0,
    mask: Gray | None = None,
    size_map: Gray | None = None,
    rotation_map: Gray | None = None,
    background: Gray | None = None,
    offset: Flow | None = None,
    prepared: Laid | None = None,
) -> Scattered:
    """Stamps at random places, few large and many small ones, no two nearer than wanted.

    Maps are read at each stamp's middle. The largest are placed first and lie lowest; a stamp that finds no place in 32
    throws is left out. Capsules that are thin and bent make needles, hairs and litter. `uv` and `random` are those of
    the stamp that shows; a region's box and area are those of the whole stamp, seen or not.

    Parameters
    ----------
    count : how many stamps are thrown
    smallest, largest : length of the stamps
    law : how small ones prevail: the number above a size falls with this power of it; 0 gives as many in each octave
    spacing : no two middles lie nearer to each other
    form : what is scattered where no stamps are connected
    aspect : breadth, as a share of the length
    aspect_jitter : how much narrower some are
    bend : how far stamps may curve, either way; at 1 the sag is half of the length
    rotation : counter-clockwise
    rotation_jitter : the width of the range of random turns
    rotation_map_amount : the turn where the rotation map is 1
    value : height of the stamps
    value_jitter : how much lower some are
    value_by_size : how far small ones are lower
    blend : max; add; subtract; over, the later on top; or height, as max with soft joints
    softness : of the joints where the blend is height
    reverse : lays the smallest first
    mask : the chance that a thrown stamp stays
    size_map : multiplies the size, by 4 at most
    background : what the stamps are laid on
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    return _drawn(band, prepared, blend, softness, background, offset)


# ---- cones ----------------------------------------------------------------------------------------


@node(prepare=as_cones, carries="opaque", neutral=0.0)
def cones(
    band: Band,
    count: Annotated[int, Range(1, 20000)] = 200,
    smallest: Annotated[float, Length(0.0005, 0.25)] = 0.004,
    largest: Annotated[float, Length(0.0005, 0.25)] = 0.1,
    law: Annotated[float, Range(0.0, 6.0)] = 1.5,
    aspect_jitter: Annotated[float, Range(0.0, 3.0)] = 0.8,
    spacing: Annotated[float, Length(0.0, 0.25)] = 0.0,
    skirt: Annotated[float, Length(0.005, 0.25)] = 0.08,
    seed: Seed = 0,
    mask: Gray | None = None,
    offset: Flow | None = None,
    prepared: Laid | None = None,
) -> Cones:
    """A field of cones about random points: the radius of each point less the distance to it, the highest counts.

    It is positive inside the circles and falls by the distance outside, so that thresholds of one field give a front
    at every age: rust, moss, lichen. In fractions of the tile's width, exact down to -skirt, where it ends. `random`
    and `point`, the way to the middle, are those of the nearest cone, 0 where there is none; `regions` are where the
    field is above 0.

    Parameters
    ----------
    count : how many points are thrown
    smallest, largest : radius of the cones
    law : how small ones prevail: the number above a radius falls with this power of it; 0 gives as many in each octave
    aspect_jitter : how much longer than wide some are; 1 is twice as long
    spacing : no two points lie nearer to each other
    skirt : how far outside the field goes on
    mask : the chance that a thrown point stays
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    none, placed = np.empty((0, 0, 2), np.float32), prepared.placed
    field, random, labels = band.empty("field"), band.empty("random"), np.empty((band.rows, band.width), np.int32)
    point = band.empty("point", 2) if band.wants("point") else none
    raise_cones(
        placed.geometry,
        placed.first,
        placed.items,
        placed.across,
        placed.down,
        none if offset is None else offset,
        band.top,
        f32(band.height),
        f32(band.width),
        f32(skirt),
        field,
        labels,
        point,
    )
    if band.wants("random"):
        look_up_labels(labels.reshape(-1), prepared.tone, random.reshape(-1))
    labels[field <= 0] = 0
    field /= f32(band.width)
    return Cones(field, Regions(labels, prepared.table), random, point)
