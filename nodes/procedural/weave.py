"""Cloth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Band, Flow, Gray, Range, Seed, Text, node
from nodes.kernels.hash import hash_array, stream, uniform_array
from nodes.kernels.weave import SECTION, draw_strands

Share = Annotated[float, Range(0.0, 1.0)]
Threads = Annotated[int, Range(1, 128)]
Matrix = Literal["plain", "twill_2_1", "twill_2_2", "twill_3_1", "satin", "basket", "custom"]

MATRICES = {
    "plain": "10/01",
    "twill_2_1": "110/011/101",
    "twill_2_2": "1100/0110/0011/1001",
    "twill_3_1": "1110/0111/1011/1101",
    "satin": "11110/11011/01111/11101/10111",
    "basket": "1100/1100/0011/0011",
}
"""A row for each weft, a figure for each warp: 1 where the warp lies on top."""
LARGEST_MATRIX = 16
TONE, WIDTH, PLACE, PHASE = range(4)
ID_STREAM = 0xE4


class Cloth(NamedTuple):
    height: Gray
    mask: Gray
    warp: Gray
    regions: Regions
    uv: Flow
    direction: Flow
    random: Gray


def read_matrix(text: str) -> np.ndarray:
    """Return a matrix written as rows of 0 and 1 with "/" between them, int8; raise `ValueError` for anything else."""
    rows = [row.strip() for row in text.split("/")]
    if not all(rows) or any(set(row) - {"0", "1"} for row in rows):
        raise ValueError(f'must be rows of 0 and 1 with / between them, such as 1100/0110/0011/1001, not "{text}"')
    if len({len(row) for row in rows}) > 1:
        raise ValueError("must have rows of one length, a 0 or 1 for each warp")
    if max(len(rows), len(rows[0])) > LARGEST_MATRIX:
        raise ValueError(f"must have at most {LARGEST_MATRIX} rows and columns, not {len(rows)} and {len(rows[0])}")
    return np.array([[int(figure) for figure in row] for row in rows], np.int8)


@dataclass(frozen=True)
class Draft(Text):
    """A weave written as rows of 0 and 1."""

    longest: int = 2 * LARGEST_MATRIX**2

    def check(self, value: Any) -> str:
        read_matrix(super().check(value))
        return value

    def describe(self) -> str:
        return "rows of 0 and 1 with / between them"

    def ends(self) -> tuple[Any, ...]:
        return ("1", "/".join(["10" * (LARGEST_MATRIX // 2)] * LARGEST_MATRIX))


@dataclass(frozen=True)
class Loom:
    """What `draw_strands` reads, and the table of the floats."""

    over: np.ndarray
    middles: np.ndarray
    halves: np.ndarray
    tones: np.ndarray
    labels: np.ndarray
    phases: np.ndarray
    section: np.ndarray
    shape: tuple[float, float, float]
    table: dict[str, np.ndarray]
    neighbours: np.ndarray


@dataclass(frozen=True)
class Floats:
    """Stretches of strands that lie on top: which one is seen at each crossing, and where each begins.

    at : (strands, crossings) label from 1, 0 where the strand lies under. strand, start, length : of each.
    """

    at: np.ndarray
    strand: np.ndarray
    start: np.ndarray
    length: np.ndarray


def _floats(on: np.ndarray) -> Floats:
    """Return the floats of strands that lie on top where `on`, (strands, crossings); a strand closes on itself."""
    begins = on & ~np.roll(on, 1, axis=1)
    begins[:, 0] |= on.all(axis=1)
    in_strand = np.cumsum(begins, axis=1)
    before = np.cumsum(in_strand[:, -1]) - in_strand[:, -1]
    # What comes before the first beginning goes on from the strand's end.
    number = before[:, None] + np.where(in_strand > 0, in_strand, in_strand[:, -1:])
    at = np.where(on, number, 0)
    strand, start = np.nonzero(begins)
    return Floats(at, strand, start, np.bincount(at.reshape(-1), minlength=len(strand) + 1)[1:])


def _seen(at: np.ndarray) -> np.ndarray:
    """Return the float seen in the first and the second half of each crossing: its own, or the nearest on top."""
    seen = np.repeat(at[..., None], 2, axis=2)
    for away in range(1, at.shape[1]):
        for half, shifts in enumerate(((away, -away), (-away, away))):
            for shift in shifts:
                empty = seen[..., half] == 0
                seen[..., half][empty] = np.roll(at, shift, axis=1)[empty]
        if seen.all():
            break
    return seen.astype(np.int32)


def _lay_strands(
    matrix: Matrix,
    pattern: str,
    across: int,
    down: int,
    gap: float,
    exponent: float,
    crimp: float,
    thickness_jitter: float,
    twist: float,
    plies: int,
    seed: int,
) -> Loom:
    unit = read_matrix(pattern if matrix == "custom" else MATRICES[matrix])
    down, across = (size * -(-count // size) for count, size in zip((down, across), unit.shape, strict=True))
    over = np.tile(unit, (down // unit.shape[0], across // unit.shape[1]))
    strand = np.arange(across + down)
    # Strands are named apart from the other system's, so that more warps leave the wefts as they are.
    name = (np.where(strand < across, strand, strand - across), strand >= across)
    tone, thin, place, phase = (uniform_array(*name, stream(seed, use)) for use in (TONE, WIDTH, PLACE, PHASE))
    halves = (1 - gap) / 2 * (1 - 0.5 * thickness_jitter * thin)
    middles = 0.5 + (0.5 - halves) * thickness_jitter * (2 * place - 1)
    warps, wefts = _floats(over.T == 1), _floats(over == 0)
    seen = np.stack([_seen(warps.at).transpose(1, 0, 2), _seen(wefts.at)])
    seen[1][seen[1] > 0] += len(warps.strand)
    loom = Loom(
        over,
        middles.astype(np.float32),
        halves.astype(np.float32),
        tone,
        np.ascontiguousarray(seen),
        phase,
        ((1 - np.linspace(0, 1, SECTION + 1) ** 2) ** exponent).astype(np.float32),
        (crimp, twist, float(plies)),
        {},
        np.empty((0, 2), np.int32),
    )
    return replace(loom, **_measured(loom, warps, wefts))


def _measured(loom: Loom, warps: Floats, wefts: Floats) -> dict[str, Any]:
    """Return the table of the floats, from a picture with some pixels to a strand, and who lies beside whom.

    Floats are neighbours that are seen at crossings beside one another.
    """
    down, across = loom.over.shape
    height, width = (count * int(np.clip(512 // count, 4, 8)) for count in (down, across))
    labels = np.empty((height, width), np.int32)
    _draw(loom, Band(height, width, 0, height), None, np.empty((height, width), np.float32), {}, labels)
    count = len(warps.strand) + len(wefts.strand)
    reach = np.concatenate([warps.start + warps.length / 2, wefts.start + wefts.length / 2])
    strand = np.concatenate([warps.strand, wefts.strand]) + 0.5
    is_warp = np.arange(count) < len(warps.strand)
    middle = np.stack([np.where(is_warp, strand, reach) / across, np.where(is_warp, reach, strand) / down], axis=1)
    y, x = np.nonzero(labels)
    of = labels[y, x] - 1
    away = np.stack([(x + 0.5) / width, (y + 0.5) / height], axis=1) - middle[of]
    away -= np.floor(away + 0.5)
    area = np.bincount(of, minlength=count)
    moved = np.stack([np.bincount(of, away[:, axis], count) for axis in (0, 1)], axis=1) / np.maximum(area, 1)[:, None]
    low, high = np.zeros((count, 2)), np.zeros((count, 2))
    np.minimum.at(low, of, away - 0.5 / np.array([width, height]))
    np.maximum.at(high, of, away + 0.5 / np.array([width, height]))
    name = np.concatenate([warps.strand, wefts.strand + (1 << 16)]), np.concatenate([warps.start, wefts.start])
    table = {
        "id": hash_array(*name, ID_STREAM),
        "bbox": np.concatenate([(middle + low) % 1.0, high - low], axis=1).astype(np.float32),
        "centroid": ((middle + moved) % 1.0).astype(np.float32),
        "area": (area / labels.size).astype(np.float32),
        "angle": np.where(is_warp, np.pi / 2, 0.0).astype(np.float32),
    }
    on_top = np.where(loom.over == 1, warps.at.T, wefts.at + len(warps.strand))
    beside = [np.stack([on_top.reshape(-1), np.roll(on_top, -1, axis).reshape(-1)], axis=1) for axis in (0, 1)]
    pairs = np.unique(np.sort(np.concatenate(beside), axis=1), axis=0)
    neighbours = pairs[pairs[:, 0] != pairs[:, 1]].astype(np.int32)
    return {"table": table, "neighbours": neighbours}


def _draw(
    loom: Loom,
    band: Band,
    offset: np.ndarray | None,
    warp: np.ndarray,
    pictures: dict[str, np.ndarray],
    labels: np.ndarray,
) -> None:
    """Draw the rows of a band of cloth into the pictures given."""
    gray, flow = np.empty((0, 0), np.float32), np.empty((0, 0, 2), np.float32)
    down, across = loom.over.shape
    draw_strands(
        loom.over,
        loom.middles,
        loom.halves,
        loom.tones,
        loom.labels,
        loom.phases,
        loom.section,
        (down, across),
        loom.shape,
        flow if offset is None else offset,
        band.top,
        (float(band.height), float(band.width)),
        pictures.get("height", gray),
        pictures.get("mask", gray),
        warp,
        pictures.get("uv", flow),
        pictures.get("direction", flow),
        pictures.get("random", gray),
        labels,
    )


@node(prepare=_lay_strands, carries="opaque", bound=0.05)
def weave(
    band: Band,
    matrix: Matrix = "twill_2_2",
    pattern: Annotated[str, Draft()] = "1100/0110/0011/1001",
    across: Threads = 24,
    down: Threads = 24,
    gap: Annotated[float, Range(0.0, 0.8)] = 0.06,
    exponent: Annotated[float, Range(0.1, 4.0)] = 0.6,
    crimp: Share = 0.35,
    thickness_jitter: Share = 0.2,
    twist: Share = 0.35,
    plies: Annotated[int, Range(1, 8)] = 2,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: Loom | None = None,
) -> Cloth:
    """Woven cloth: strands down the tile (warp) and across it (weft), one over the other as a matrix says.

    `warp` is 1 where the warp is on top. `regions` has the floats, that is each stretch of a strand that lies on top of
    one or more others; `random` is a tone for each whole strand. `uv` runs along the strand once round the tile, and
    across it; `direction` is the unit vector along it. Numbers of strands are rounded up to whole repeats of the
    matrix, so that the cloth closes.

    Parameters
    ----------
    matrix : the weave; satin is the one of five strands, basket two by two
    pattern : the custom matrix, a row of figures for each weft, 1 where the warp lies on top
    across, down : number of warps and of wefts
    gap : between two strands, as a share of their spacing
    exponent : section of a strand; 0.5 is a circle, 1 a parabola, less is flatter
    crimp : how far strands rise and dive, against their thickness
    thickness_jitter : how much strands differ in width and place
    twist : depth of the grooves between a strand's fibres
    plies : grooves to a crossing
    offset : added to the coordinates, in fractions of the tile
    """
    assert prepared is not None
    pictures = {name: band.empty(name) for name in ("height", "mask", "random") if band.wants(name)}
    pictures |= {name: band.empty(name, 2) for name in ("uv", "direction") if band.wants(name)}
    warp, labels = band.empty("warp"), np.empty((band.rows, band.width), np.int32)
    _draw(prepared, band, offset, warp, pictures, labels)
    regions = Regions(labels, prepared.table, prepared.neighbours)
    unread = {name: warp for name in ("height", "mask", "random") if name not in pictures}
    unread |= {name: np.empty((0, 0, 2), np.float32) for name in ("uv", "direction") if name not in pictures}
    return Cloth(warp=warp, regions=regions, **pictures, **unread)
