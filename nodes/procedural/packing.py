"""Stones, cells and hexagons that fill the tile, with joints between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Band, Flow, Gray, Length, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.courses import label, look_up_cells
from nodes.kernels.hash import hash_array, stream, uniform_array
from nodes.kernels.packing import (
    Packing,
    cover_beside_joints,
    cut_facets,
    draw_packing,
    measure_packing,
    neighbours_of,
    pack,
    relax,
)
from nodes.kernels.section import rise

Profile = Literal["linear", "round", "smooth", "hollow"]
Share = Annotated[float, Range(0.0, 1.0)]

PLACE_X, PLACE_Y, WEIGHT, TONE, FACET_TURN, FACET_SLOPE, FACET_PLACE = range(7)
"""One stream of randomness for each use, so that turning one on leaves the others as they are."""
ID_STREAM = 0xC0
SLIMMEST = 8.0
"""Tiles longer than this many times their width have stones longer than wide."""
SOFTEST = 0.12
"""Over which length borders melt at most, in spacings of the stones."""
WEIGHTIEST = 0.8
"""How far the powers of two stones differ at most, in squared spacings."""


class Stones(NamedTuple):
    height: Gray
    mask: Gray
    edge: Gray
    regions: Regions
    random: Gray
    local: Flow


@dataclass(frozen=True)
class Laid:
    """A packing with its region table, and a tone and the facets of each stone."""

    packing: Packing
    table: dict[str, np.ndarray]
    neighbours: np.ndarray
    tone: np.ndarray
    planes: np.ndarray


def _ratio(band: Band) -> float:
    return float(np.clip(band.height / band.width, 1 / SLIMMEST, SLIMMEST))


def _laid(
    band: Band,
    points: np.ndarray,
    weights: np.ndarray,
    rounding: float,
    gap: float,
    seed: int,
    facets: int = 0,
    facet_depth: float = 0.0,
) -> Laid:
    """Return a packing of points in a tile 1 wide, numbered as they come."""
    ratio, count = _ratio(band), len(weights)
    softness = SOFTEST * rounding * np.sqrt(ratio / count)
    packing = pack(points, weights, ratio, softness)
    number = np.arange(count)
    table = {"id": hash_array(number, 0, ID_STREAM), **measure_packing(packing, gap / 2 / band.width)}
    turn, slope, place = (
        uniform_array(number[:, None], np.arange(facets), stream(seed, use)).astype(np.float64)
        for use in (FACET_TURN, FACET_SLOPE, FACET_PLACE)
    )
    # Each plane leaves the top at 0.1 to 0.6 of the stone's radius.
    fall = facet_depth * (0.4 + 0.6 * slope)
    radius = np.sqrt(np.maximum(table["area"][:, None] * ratio, 1e-6) / np.pi)
    turn = 2 * np.pi * (turn + np.arange(facets) if facets == 1 else (np.arange(facets) + turn) / max(facets, 1))
    planes = np.stack(
        [-fall * np.cos(turn) / radius, -fall * np.sin(turn) / radius, 1 + fall * (0.1 + 0.5 * place)], axis=-1
    )
    tone = uniform_array(number, 0, stream(seed, TONE))
    return Laid(packing, table, neighbours_of(packing), tone, planes.astype(np.float32))


def _drawn(band: Band, laid: Laid, gap: float, bevel: float, profile: Profile, offset: np.ndarray | None) -> Stones:
    """Return the rows of a band of stones."""
    facets = laid.planes.shape[1] and band.wants("height")
    local = band.empty("local", 2) if facets or band.wants("local") else np.empty((0, 0, 2), np.float32)
    depth, cell = draw_packing(laid.packing, band.top, band.rows, band.height, band.width, offset, local)
    height, mask, random, edge = (band.empty(name) for name in ("height", "mask", "random", "edge"))
    if band.wants("edge"):
        edge[:] = depth
    labels = np.empty(depth.shape, np.int32)
    np.multiply(depth, f32(band.width), out=depth)
    if band.wants("mask"):
        cover_beside_joints(depth.reshape(-1), f32(gap / 2), mask.reshape(-1))
    np.subtract(depth, f32(gap / 2), out=depth)
    if band.wants("height"):
        rise(depth, bevel, 1.0, profile, height)
    if facets:
        cut_facets(height, cell, local, laid.planes, f32(0.06))
    deep, cell = depth.reshape(-1), cell.reshape(-1)
    if band.wants("random"):
        look_up_cells(cell, laid.tone, random.reshape(-1))
    if band.wants("regions"):
        label(deep, cell, labels.reshape(-1))
    return Stones(height, mask, edge, Regions(labels, laid.table, laid.neighbours), random, local)


def _lay_stones(
    band: Band,
    count: int,
    relaxation: int,
    size_variation: float,
    rounding: float,
    gap: float,
    facets: int,
    facet_depth: float,
    seed: int,
) -> Laid:
    ratio, number = _ratio(band), np.arange(count)
    xs, ys, weigh = (
        uniform_array(number, 0, stream(seed, use)).astype(np.float64) for use in (PLACE_X, PLACE_Y, WEIGHT)
    )
    ys *= ratio
    weights = WEIGHTIEST * size_variation * ratio / count * (weigh - 0.5)
    # Some sixty places to a stone, and never fewer than a small tile needs.
    places = max(4096.0, 60.0 * count)
    columns, rows = (max(1, round(np.sqrt(places * part))) for part in (1 / ratio, ratio))
    for _ in range(relaxation):
        relax(xs, ys, weights, ratio, columns, rows, 0.9)
    return _laid(band, np.stack([xs, ys], axis=1), weights, rounding, gap, seed, facets, facet_depth)


@node(prepare=_lay_stones, carries="opaque")
def cobble_packing(
    band: Band,
    count: Annotated[int, Range(2, 400)] = 46,
    relaxation: Annotated[int, Range(0, 20)] = 4,
    size_variation: Share = 0.5,
    gap: Annotated[float, Length(0.0, 0.1)] = 0.012,
    rounding: Share = 0.6,
    bevel: Annotated[float, Length(0.0, 0.2)] = 0.035,
    profile: Profile = "round",
    facets: Annotated[int, Range(0, 6)] = 3,
    facet_depth: Share = 0.35,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Laid | None = None,
) -> Stones:
    """Stones of unlike size packed side by side, with rounded corners and joints of one width.

    The stones are the cells of weighted points that were moved to the middle of their cells some times (Lloyd). `edge`
    is the distance to the border in widths of the tile, 0 in the middle of a joint; `local` the place from the stone's
    point, in widths of the tile. `random`, `edge` and `local` go on under the joints; `regions` has the stones alone.

    Parameters
    ----------
    count : how many stones
    relaxation : how often points move to the middle of their stones; 0 leaves slivers, many make stones alike
    size_variation : how much stones differ in size beyond chance
    gap : width of the joints
    rounding : of the corners; 1 lets borders melt over an eighth of the stones' spacing
    bevel : how far inside the edge the full height is reached
    profile : the section of the bevel
    facets : how many planes cut the top of each stone
    facet_depth : how far down a facet may reach at the stone's edge, as a share of its height
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    return _drawn(band, prepared, gap, bevel, profile, offset)


def _lay_cells(band: Band, cells: int, jitter: float, rounding: float, gap: float, seed: int) -> Laid:
    down = max(1, round(cells * band.height / band.width))
    y, x = np.divmod(np.arange(cells * down), cells)
    # The points of `voronoi`, so that both nodes have the same cells at the same seed.
    h = hash_array(x, y, stream(seed, 0))
    px = x + 0.5 + jitter * ((h & 0xFFFF).astype(np.float64) / 65536 - 0.5)
    py = y + 0.5 + jitter * ((h >> np.uint32(16)).astype(np.float64) / 65536 - 0.5)
    points = np.stack([px / cells, py / down * _ratio(band)], axis=1)
    return _laid(band, points, np.zeros(len(points)), rounding, gap, seed)


@node(prepare=_lay_cells, carries="opaque")
def mortar_cells(
    band: Band,
    cells: Annotated[int, Range(1, 64)] = 8,
    jitter: Share = 0.8,
    gap: Annotated[float, Length(0.0, 0.1)] = 0.012,
    rounding: Share = 0.25,
    bevel: Annotated[float, Length(0.0, 0.2)] = 0.02,
    profile: Profile = "round",
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Laid | None = None,
) -> Stones:
    """Irregular cells with mortar of one width between them, as in crazy paving, dried mud or giraffe skin.

    The cells are those of `voronoi` at the same seed and jitter. `edge` is the distance to the border in widths of the
    tile, 0 in the middle of the mortar; `local` the place from the cell's point, in widths of the tile. `random`,
    `edge` and `local` go on under the mortar; `regions` has the cells alone.

    Parameters
    ----------
    cells : cells across the tile
    jitter : 0 gives squares, 1 the most unlike cells
    gap : width of the mortar
    rounding : of the corners; 1 lets borders melt over an eighth of the cells' spacing
    bevel : how far inside the edge the full height is reached
    profile : the section of the bevel
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    return _drawn(band, prepared, gap, bevel, profile, offset)


def _lay_hexagons(
    band: Band, columns: int, position_jitter: float, size_jitter: float, rounding: float, gap: float, seed: int
) -> Laid:
    ratio = _ratio(band)
    rows = 2 * max(1, round(columns * ratio / np.sqrt(3)))
    y, x = np.divmod(np.arange(columns * rows), columns)
    play_x, play_y, weigh = (
        uniform_array(x, y, stream(seed, use)).astype(np.float64) - 0.5 for use in (PLACE_X, PLACE_Y, WEIGHT)
    )
    across = (x + 0.5 * (y % 2) + 0.25 + 0.7 * position_jitter * play_x) / columns
    down = (y + 0.5 + 0.7 * position_jitter * play_y) / rows
    points = np.stack([across % 1.0, down % 1.0 * ratio], axis=1)
    return _laid(band, points, 0.5 * size_jitter * ratio / len(points) * weigh, rounding, gap, seed)


@node(prepare=_lay_hexagons, carries="opaque")
def hexagon_tiles(
    band: Band,
    columns: Annotated[int, Range(1, 32)] = 8,
    gap: Annotated[float, Length(0.0, 0.1)] = 0.008,
    rounding: Share = 0.0,
    bevel: Annotated[float, Length(0.0, 0.2)] = 0.012,
    profile: Profile = "round",
    position_jitter: Share = 0.0,
    size_jitter: Share = 0.0,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Laid | None = None,
) -> Stones:
    """Hexagonal tiles in rows, a corner up, with joints of one width.

    The number of rows is the even one that keeps them most regular. `edge` is the distance to the border in widths of
    the tile, 0 in the middle of a joint; `local` the place from the hexagon's middle, in widths of the tile. `random`,
    `edge` and `local` go on under the joints; `regions` has the hexagons alone.

    Parameters
    ----------
    columns : hexagons across
    gap : width of the joints
    rounding : of the corners; 1 lets borders melt over an eighth of the spacing
    bevel : how far inside the edge the full height is reached
    profile : the section of the bevel
    position_jitter : how far middles move; 1 is up to a third of the spacing
    size_jitter : how much hexagons differ in size
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    return _drawn(band, prepared, gap, bevel, profile, offset)
