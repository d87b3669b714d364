"""Thin strokes, in pieces of straight line; and round spots on a jittered grid.

Without an offset strokes are drawn piece by piece, so the cost is that of the pixels they cover; with one, which may
send a pixel anywhere, it asks the pieces listed in its bucket. Both give the same picture. Everything is in
pixels and wraps. What is narrower than a pixel is drawn a pixel wide and as much fainter, so that its coverage is
that of the true width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, high16
from nodes.kernels.lattice import within_half

BUCKETS = 128
"""Buckets across at most."""


@dataclass(frozen=True)
class Strokes:
    """Pieces of stroke and the buckets they are listed in.

    pieces : (n, 7) float32: middle x, y, direction x, y, half of the length, where along the stroke (0 to 1) the middle
        is, and what half of the length is there; whose : (n) the stroke of each.
    style : (strokes, 6) float32: width, strength, tone, how often it may break, how far its strength wanders, and a
        number of its own, below 2**24.
    first : (buckets + 1), listed : the pieces of each bucket; grid : buckets down and across.
    """

    pieces: np.ndarray
    whose: np.ndarray
    style: np.ndarray
    first: np.ndarray
    listed: np.ndarray
    grid: tuple[int, int]


@kernel
def _list(pieces, margins, height, width, down, across, first, listed, fill):
    """Count the pieces near each bucket into `first`, shifted by one; or list them, moving `first` on."""
    tall, wide = f32(height) / f32(down), f32(width) / f32(across)
    corner = f32(0.5) * np.sqrt(tall * tall + wide * wide)
    for n in range(pieces.shape[0]):
        x, y, ux, uy, half = pieces[n, 0], pieces[n, 1], pieces[n, 2], pieces[n, 3], pieces[n, 4]
        reach_x, reach_y = abs(ux) * half + margins[n], abs(uy) * half + margins[n]
        left, right = np.int64(np.floor((x - reach_x) / wide)), np.int64(np.floor((x + reach_x) / wide))
        above, below = np.int64(np.floor((y - reach_y) / tall)), np.int64(np.floor((y + reach_y) / tall))
        right, below = min(right, left + across - 1), min(below, above + down - 1)
        for j in range(above, below + 1):
            for i in range(left, right + 1):
                dx, dy = (f32(i) + f32(0.5)) * wide - x, (f32(j) + f32(0.5)) * tall - y
                along = min(max(dx * ux + dy * uy, -half), half)
                dx, dy = dx - along * ux, dy - along * uy
                limit = margins[n] + corner
                # Where the margin spans the tile, a copy of the piece may be nearer than the one looked at.
                if dx * dx + dy * dy <= limit * limit or margins[n] > f32(0.25) * min(tall * down, wide * across):
                    bucket = (j % down) * across + i % across
                    if fill:
                        listed[first[bucket]] = n
                    first[bucket + (0 if fill else 1)] += 1


def bucketed(pieces: np.ndarray, whose: np.ndarray, style: np.ndarray, height: int, width: int) -> Strokes:
    """Return strokes ready to be asked for at any pixel."""
    down, across = max(1, min(BUCKETS, height // 8)), max(1, min(BUCKETS, width // 8))
    pieces = np.ascontiguousarray(pieces, np.float32)
    margins = (np.maximum(style[whose, 0], 1) / 2 + 0.5).astype(np.float32)
    counts, none = np.zeros(down * across + 1, np.int64), np.empty(0, np.int32)
    _list(pieces, margins, height, width, down, across, counts, none, False)
    first = np.cumsum(counts)
    listed = np.empty(first[-1], np.int32)
    _list(pieces, margins, height, width, down, across, first[:-1].copy(), listed, True)
    whose = np.ascontiguousarray(whose, np.int32)
    return Strokes(pieces, whose, np.ascontiguousarray(style, np.float32), first, listed, (down, across))


@inline
def wander(place, which, seed):
    """Return smooth noise along a line, 0 to 1."""
    cell = np.floor(place)
    t = place - cell
    here = high16(hash32(np.int32(cell), np.int32(which), seed))
    after = high16(hash32(np.int32(cell) + 1, np.int32(which), seed))
    return (here + t * t * (f32(3) - f32(2) * t) * (after - here)) * f32(1 / 65535)


@inline
def touch(dx, dy, pieces, n, style, stroke, torn_seed, level_seed, broken, taper, is_round, known):
    """Return what a piece gives to a place (dx, dy) from its middle: height, coverage, and where along the stroke.

    A height that could not pass the one `known` there is left 0.
    """
    half, thick = pieces[n, 4], style[stroke, 0]
    a = min(max(dx * pieces[n, 2] + dy * pieces[n, 3], -half), half)
    dx, dy = dx - a * pieces[n, 2], dy - a * pieces[n, 3]
    reach = f32(0.5) * max(thick, f32(1)) + f32(0.5)
    square = dx * dx + dy * dy
    height = covered = s = f32(0)
    if square < reach * reach:
        s = pieces[n, 5] + a / max(half, f32(1e-6)) * pieces[n, 6]
        present = f32(1)
        if taper > f32(0):
            present = min(max(min(s, f32(1) - s) * f32(2) / max(taper, f32(1e-3)), f32(0)), f32(1))
        if broken > f32(0):
            torn = wander(s * style[stroke, 3], style[stroke, 5], torn_seed)
            present *= min(max((torn - broken * f32(1.1)) * f32(10) + f32(1), f32(0)), f32(1))
        if present > f32(0):
            d = np.sqrt(square)
            covered = min(thick, f32(1)) * present * min(reach - d, f32(1))
            strength = style[stroke, 1]
            if strength * covered > known:
                strength *= f32(1) - style[stroke, 4] * wander(s * f32(3), style[stroke, 5], level_seed)
            else:
                strength = f32(0)
            t = min(f32(2) * d / max(thick, f32(1)), f32(1))
            height = (
                strength * covered * (np.sqrt(f32(1) - f32(0.96) * t * t) if is_round else f32(1) - f32(0.8) * t * t)
            )
    return height, covered, s


@kernel
def _draw(top, height, pieces, whose, style, seeds, broken, taper, is_round, outs, along, way):
    """Draw piece by piece into rows of height, mask and tone, and of where along its stroke or which way a pixel is."""
    rows, width = outs.shape[1], outs.shape[2]
    for n in range(pieces.shape[0]):
        stroke = whose[n]
        x, y, ux, uy, half = pieces[n, 0], pieces[n, 1], pieces[n, 2], pieces[n, 3], pieces[n, 4]
        reach = f32(0.5) * max(style[stroke, 0], f32(1)) + f32(0.5)
        far_x, far_y = abs(ux) * half + reach, abs(uy) * half + reach
        above, below = np.int64(np.floor(y - far_y)), np.int64(np.ceil(y + far_y))
        if above >= 0 and below <= height and (below < top or above > top + rows):
            continue
        for line in range(above, below):
            r = line % height - top
            if r < 0 or r >= rows:
                continue
            dy = f32(line) + f32(0.5) - y
            first, last = x - far_x, x + far_x
            if abs(uy) > f32(1e-3):
                middle, aside = x + dy * ux / uy, reach / abs(uy)
                first, last = max(first, middle - aside), min(last, middle + aside)
            for column in range(np.int64(np.floor(first)), np.int64(np.ceil(last))):
                c = column if 0 <= column < width else column % width
                h, covered, s = touch(
                    f32(column) + f32(0.5) - x,
                    dy,
                    pieces,
                    n,
                    style,
                    stroke,
                    seeds[0],
                    seeds[1],
                    broken,
                    taper,
                    is_round,
                    outs[0, r, c],
                )
                outs[1, r, c] = max(outs[1, r, c], covered)
                if h > outs[0, r, c]:
                    outs[0, r, c], outs[2, r, c] = h, style[stroke, 2]
                    if along.size:
                        along[r, c] = s
                    if way.size:
                        way[r, c, 0], way[r, c, 1] = ux * covered, uy * covered


@kernel
def _ask(
    top,
    height,
    offset,
    pieces,
    whose,
    style,
    first,
    listed,
    down,
    across,
    seeds,
    broken,
    taper,
    is_round,
    outs,
    along,
    way,
):
    """Write the same, each pixel moved by `offset`, asking the pieces of its bucket."""
    rows, width = outs.shape[1], outs.shape[2]
    tall, wide = f32(height), f32(width)
    for r in range(rows):
        for x in range(width):
            px = f32(x) + f32(0.5) + within_half(offset[r, x, 0]) * wide
            py = f32(top + r) + f32(0.5) + within_half(offset[r, x, 1]) * tall
            px -= np.floor(px / wide) * wide
            py -= np.floor(py / tall) * tall
            column, line = np.int64(px / wide * f32(across)), np.int64(py / tall * f32(down))
            bucket = min(line, down - 1) * across + min(column, across - 1)
            for k in range(first[bucket], first[bucket + 1]):
                n = listed[k]
                stroke = whose[n]
                dx, dy = px - pieces[n, 0], py - pieces[n, 1]
                dx -= np.rint(dx / wide) * wide
                dy -= np.rint(dy / tall) * tall
                h, covered, s = touch(
                    dx, dy, pieces, n, style, stroke, seeds[0], seeds[1], broken, taper, is_round, outs[0, r, x]
                )
                outs[1, r, x] = max(outs[1, r, x], covered)
                if h > outs[0, r, x]:
                    outs[0, r, x], outs[2, r, x] = h, style[stroke, 2]
                    if along.size:
                        along[r, x] = s
                    if way.size:
                        way[r, x, 0], way[r, x, 1] = pieces[n, 2] * covered, pieces[n, 3] * covered


def draw_strokes(
    strokes: Strokes,
    top: int,
    height: int,
    rows: int,
    width: int,
    offset: np.ndarray | None,
    seeds: tuple[int, int],
    broken: float,
    taper: float,
    is_round: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (3, rows, width) height, mask and tone; then where along the stroke, or which way if `is_round`.

    taper : share of the stroke over which its two ends fade, together.
    """
    outs = np.zeros((3, rows, width), np.float32)
    along = np.zeros((0, 0) if is_round else (rows, width), np.float32)
    way = np.zeros((rows, width, 2) if is_round else (0, 0, 2), np.float32)
    table = strokes.pieces, strokes.whose, strokes.style
    how = np.array(seeds, np.uint32), f32(broken), f32(taper), is_round
    if offset is None:
        _draw(top, height, *table, *how, outs, along, way)
    else:
        _ask(top, height, offset, *table, strokes.first, strokes.listed, *strokes.grid, *how, outs, along, way)
    return outs, along, way


# ---- spots -----------------------------------------------------------------------------------------

PROFILES = ("disc", "dome", "cone", "bell")


@inline
def gap(low, high, place):
    """Return how far a place is from a stretch of numbers."""
    return max(max(low - place, place - high), f32(0))


@kernel
def _near(spots, column, line, rings, tall, wide, found):
    """Write the spots that reach into a cell: x, y as seen from there, radius, tone, strength; return how many."""
    down, across = spots.shape[0], spots.shape[1]
    left, above = f32(column) * wide, f32(line) * tall
    count = 0
    for j in range(line - rings[1], line + rings[1] + 1):
        row = spots[j % down]
        base_y = f32(j - j % down) * tall
        for i in range(column - rings[0], column + rings[0] + 1):
            spot = row[i % across]
            if spot[2] > f32(0):
                x, y = spot[0] + f32(i - i % across) * wide, spot[1] + base_y
                reach = max(spot[2], f32(0.5)) + f32(0.5)
                dx, dy = gap(left, left + wide, x), gap(above, above + tall, y)
                if dx * dx + dy * dy < reach * reach:
                    found[count, 0], found[count, 1], found[count, 2] = x, y, spot[2]
                    found[count, 3], found[count, 4] = spot[3], spot[4]
                    count += 1
    return count


@kernel
def _spots(top, height, offset, spots, softness, profile, rings, outs, point):
    """Write height, mask and tone of the spots, and the way to the middle of the one seen."""
    rows, width = outs.shape[1], outs.shape[2]
    tall, wide = f32(height) / f32(spots.shape[0]), f32(width) / f32(spots.shape[1])
    found = np.empty(((2 * rings[0] + 1) * (2 * rings[1] + 1), 5), np.float32)
    known_column = known_line = np.int64(-1)
    count = 0
    for r in range(rows):
        for x in range(width):
            px, py = f32(x) + f32(0.5), f32(top + r) + f32(0.5)
            if offset.size:
                px += within_half(offset[r, x, 0]) * f32(width)
                py += within_half(offset[r, x, 1]) * f32(height)
                px -= np.floor(px / f32(width)) * f32(width)
                py -= np.floor(py / f32(height)) * f32(height)
            column, line = np.int64(px / wide), np.int64(py / tall)
            if column != known_column or line != known_line:
                known_column, known_line = column, line
                count = _near(spots, column, line, rings, tall, wide, found)
            cover = seen = to_x = to_y = f32(0)
            best = f32(-1)  # so that a spot is seen at its rim too, where its height is 0
            for k in range(count):
                radius = found[k, 2]
                # A disc whose edge is a pixel wide covers 1 / 12 more than one of its radius.
                shown = np.sqrt(max(radius * radius - f32(1 / 12), f32(0.25)))
                reach = shown + f32(0.5)
                dx, dy = found[k, 0] - px, found[k, 1] - py
                square = dx * dx + dy * dy
                if square >= reach * reach:
                    continue
                d = np.sqrt(square)
                covered = min(f32(3) * radius * radius, f32(1))
                covered *= min(min(reach - d, f32(1)), (reach - d) / max(softness * shown, f32(1)))
                covered *= found[k, 4]
                t = min(d / shown, f32(1))
                h = covered
                if profile == 1:
                    h *= np.sqrt(f32(1) - t * t)
                elif profile == 2:
                    h *= f32(1) - t
                elif profile == 3:
                    h *= (f32(1) - t * t) * (f32(1) - t * t)
                cover = max(cover, covered)
                if h > best:
                    best, seen, to_x, to_y = h, found[k, 3], dx, dy
            outs[0, r, x], outs[1, r, x], outs[2, r, x] = max(best, f32(0)), cover, seen
            point[r, x, 0], point[r, x, 1] = to_x / f32(width), to_y / f32(height)


def draw_spots(
    spots: np.ndarray,
    top: int,
    height: int,
    rows: int,
    width: int,
    offset: np.ndarray | None,
    softness: float,
    profile: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return (3, rows, width) height, mask and tone, and (rows, width, 2) the way to the middle, in tiles.

    spots : (down, across, 5) float32, one for each cell: x, y and radius in pixels (0 for none), tone and strength.
    """
    outs, point = np.empty((3, rows, width), np.float32), np.empty((rows, width, 2), np.float32)
    moved = np.empty((0, 0, 2), np.float32) if offset is None else offset
    down, across = spots.shape[:2]
    widest = max(float(spots[..., 2].max()), 0.5) + 0.5
    rings = np.array([math.ceil(widest * across / width), math.ceil(widest * down / height)])
    _spots(top, height, moved, spots, f32(softness), PROFILES.index(profile), rings, outs, point)
    return outs, point
