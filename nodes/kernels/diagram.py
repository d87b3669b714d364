"""The Voronoi diagram of a jittered lattice on the torus, and pictures read from it.

A point lies in each cell of a lattice. Its region is what is left of the plane when the bisector with every other
point has cut it; the points whose bisectors are left at the end are its neighbours. That is found once. After it,

- the border's distance inside a region is the least of the distances to its neighbours' bisectors, each of which is
  linear along a row of pixels, and the second nearest point is always a neighbour;
- along a row, the next region is behind the bisector that the row meets first, so that a row is a walk of runs;
- from any region, stepping over bisectors that a place lies beyond leads to the region it lies in.

All of it is exact. Places are in cells; indices of sites count rows of the lattice first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, high16, low16

RINGS = 5
"""Rings of cells tried for neighbours at most; a region with a point in every cell never reaches farther."""
CORNERS = 48
"""Room for the corners of a region while it is cut."""
NEAR = np.array(
    sorted(
        ((p, q) for p in range(-RINGS, RINGS + 1) for q in range(-RINGS, RINGS + 1) if p or q),
        key=lambda cell: (max(abs(cell[0]), abs(cell[1])), cell[0] ** 2 + cell[1] ** 2),
    )
)
"""Cells about a cell, ring by ring and in each the nearest first: what is cut by them is soon small."""
LANES = 16
"""Pixels filled at once; lines of pixels have so many to spare."""
UNSEEN = 1e9
TINY = -1e-6
"""How far beyond a bisector a place must lie to be in another region: rounding must not make a walk go on for ever."""


@dataclass(frozen=True)
class Diagram:
    """Sites, and of each its neighbours: those of site k are entries `first[k]` to `first[k + 1]`.

    x, y : (n) in the site's own cell, 0 to 1. tone : (n) a random number 0 to 1.
    right, below : (m) cells from a site's cell to its neighbour's. target : (m) the neighbour.
    lines : (m, 4) unit vector to the neighbour, half its distance, and how far along a row a distance of 1 to the
    bisector is; `UNSEEN` for bisectors that a walk to the right never crosses.
    measures : (n, 8) of each region, from its site: area, first moments x, y, second moments xx, yy, xy, its left and
    its upper end. extents : (n, 2) its width and height.
    """

    across: int
    down: int
    x: np.ndarray
    y: np.ndarray
    tone: np.ndarray
    first: np.ndarray
    right: np.ndarray
    below: np.ndarray
    target: np.ndarray
    lines: np.ndarray
    measures: np.ndarray
    extents: np.ndarray

    @property
    def pairs(self) -> np.ndarray:
        """Return the labels (site plus 1) of sites that share a border, (k, 2), each pair once, sorted."""
        owner = np.repeat(np.arange(self.x.size), np.diff(self.first))
        pairs = np.sort(np.stack([owner, self.target], axis=1), axis=1) + 1
        return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.int32)


@inline
def point_x(h, jitter):
    return f32(0.5) + jitter * (low16(h) * f32(1 / 65536) + f32(0.5 / 65536) - f32(0.5))


@inline
def point_y(h, jitter):
    return f32(0.5) + jitter * (high16(h) * f32(1 / 65536) + f32(0.5 / 65536) - f32(0.5))


@kernel
def _scatter(across, down, seed, tone_seed, jitter, x, y, tone):
    """Write each cell's point, with a border of `RINGS` cells about the lattice that repeats it."""
    for q in range(x.shape[0]):
        at = np.int32((q - RINGS) % down)
        for p in range(x.shape[1]):
            to = np.int32((p - RINGS) % across)
            h = hash32(to, at, seed)
            x[q, p], y[q, p] = point_x(h, jitter), point_y(h, jitter)
            tone[q, p] = high16(hash32(to, at, tone_seed)) * f32(1 / 65536)


@kernel
def _cut(corner, owner, count, side, name, spare, spare_owner):
    """Cut a region along a line; `side` says how far beyond it each corner lies. Return the number of corners.

    corner : (CORNERS, 2), those in use first. owner : whose bisector leads from each corner to the next.
    """
    kept = 0
    for k in range(count):
        after = k + 1 if k + 1 < count else 0
        if side[k] <= 0:
            spare[kept, 0], spare[kept, 1], spare_owner[kept] = corner[k, 0], corner[k, 1], owner[k]
            kept += 1
        if (side[k] <= 0) != (side[after] <= 0):
            t = side[k] / (side[k] - side[after])
            spare[kept, 0] = corner[k, 0] + t * (corner[after, 0] - corner[k, 0])
            spare[kept, 1] = corner[k, 1] + t * (corner[after, 1] - corner[k, 1])
            spare_owner[kept] = name if side[k] <= 0 else owner[k]
            kept += 1
    for k in range(kept):
        corner[k, 0], corner[k, 1], owner[k] = spare[k, 0], spare[k, 1], spare_owner[k]
    return kept


@kernel
def _region(x, y, near, row, column, corner, owner, side, spare, spare_owner):
    """Write the corners of a site's region, from the site, and whose bisectors its sides are; return their number."""
    x0, y0 = np.float64(x[row, column]), np.float64(y[row, column])
    far = RINGS + 1.0
    count = 4
    for k in range(4):
        corner[k, 0] = far if k in (1, 2) else -far
        corner[k, 1] = far if k >= 2 else -far
        owner[k] = -1
    reach = 2 * far * far
    for k in range(near.shape[0]):
        p, q = near[k, 0], near[k, 1]
        apart = max(abs(p), abs(q)) - 1  # a point of that cell is at least so far away
        if apart * apart >= 4 * reach:
            break
        dx, dy = p + x[row + q, column + p] - x0, q + y[row + q, column + p] - y0
        square = dx * dx + dy * dy
        if square >= 4 * reach:
            continue
        beyond = False
        for i in range(count):
            side[i] = dx * corner[i, 0] + dy * corner[i, 1] - 0.5 * square - 1e-9
            beyond |= side[i] > 0
        if beyond:
            count = _cut(corner, owner, count, side, k, spare, spare_owner)
            reach = 0.0
            for i in range(count):
                reach = max(reach, corner[i, 0] ** 2 + corner[i, 1] ** 2)
    return count


@kernel
def _measure(corner, count, out, extent):
    """Write a polygon's area, its first and second moments, its upper left corner and its extent."""
    out[:] = 0
    low_x, low_y, high_x, high_y = corner[0, 0], corner[0, 1], corner[0, 0], corner[0, 1]
    for k in range(count):
        after = k + 1 if k + 1 < count else 0
        a, b, c, d = corner[k, 0], corner[k, 1], corner[after, 0], corner[after, 1]
        cross = a * d - c * b
        out[0] += cross / 2
        out[1] += cross * (a + c) / 6
        out[2] += cross * (b + d) / 6
        out[3] += cross * (a * a + a * c + c * c) / 12
        out[4] += cross * (b * b + b * d + d * d) / 12
        out[5] += cross * (a * d + 2 * a * b + 2 * c * d + c * b) / 24
        low_x, low_y, high_x, high_y = min(low_x, a), min(low_y, b), max(high_x, a), max(high_y, b)
    out[6], out[7] = low_x, low_y
    extent[0], extent[1] = high_x - low_x, high_y - low_y


@kernel
def _connect(x, y, near, across, down, first, right, below, target, lines, measures, extents):
    """Write every site's neighbours and measures; return how many neighbours there are in all."""
    corner, spare = np.empty((CORNERS, 2)), np.empty((CORNERS, 2))
    side = np.empty(CORNERS)
    owner, spare_owner = np.empty(CORNERS, np.int64), np.empty(CORNERS, np.int64)
    total = 0
    for site in range(across * down):
        row, column = site // across + RINGS, site % across + RINGS
        count = _region(x, y, near, row, column, corner, owner, side, spare, spare_owner)
        _measure(corner, count, measures[site], extents[site])
        first[site] = total
        for k in range(count):
            p, q = near[owner[k], 0], near[owner[k], 1]
            dx = p + np.float64(x[row + q, column + p]) - x[row, column]
            dy = q + np.float64(y[row + q, column + p]) - y[row, column]
            length = np.sqrt(dx * dx + dy * dy)
            right[total], below[total] = p, q
            target[total] = (row - RINGS + q) % down * across + (column - RINGS + p) % across
            lines[total, 0], lines[total, 1], lines[total, 2] = dx / length, dy / length, length / 2
            lines[total, 3] = length / dx if dx > 1e-7 * length else UNSEEN
            total += 1
    first[across * down] = total
    return total


@lru_cache(maxsize=4)  # all bands of a picture read the same one, and so does the next picture of an edited graph
def diagram(across: int, down: int, seeds: tuple[int, int], jitter: float) -> Diagram:
    """Return the diagram of a lattice of `across` by `down` cells.

    seeds : of the places and of the tones. jitter : 0 for points in the middle of their cells, 1 for anywhere in them.
    """
    sites = across * down
    bordered = np.empty((3, down + 2 * RINGS, across + 2 * RINGS), np.float32)
    _scatter(across, down, np.uint32(seeds[0]), np.uint32(seeds[1]), f32(jitter), *bordered)
    x, y, tone = (np.ascontiguousarray(b[RINGS:-RINGS, RINGS:-RINGS]).reshape(-1) for b in bordered)
    # By Euler's formula a site has six neighbours on average; eight, where four regions meet in every corner.
    room = 8 * sites + CORNERS
    first = np.empty(sites + 1, np.int64)
    right, below, target = (np.empty(room, np.int32) for _ in range(3))
    lines = np.empty((room, 4), np.float32)
    measures, extents = np.empty((sites, 8)), np.empty((sites, 2))
    total = _connect(
        bordered[0], bordered[1], NEAR, across, down, first, right, below, target, lines, measures, extents
    )
    right, below, target, lines = right[:total], below[:total], target[:total], lines[:total]
    return Diagram(across, down, x, y, tone, first, right, below, target, lines, measures, extents)


# ---- reading pictures --------------------------------------------------------------------------------


@kernel
def _step_to(x, y, first, right, below, target, lines, across, down, place_x, place_y, row, column):
    """Return row and column, unwrapped, of the site whose region a place lies in, from one that is not far."""
    site = row % down * across + column % across
    moving = True
    while moving:
        dx, dy = f32(place_x - column - x[site]), f32(place_y - row - y[site])
        moving = False
        least, to = f32(TINY), np.int64(0)
        for m in range(first[site], first[site + 1]):
            beyond = lines[m, 2] - lines[m, 0] * dx - lines[m, 1] * dy
            if beyond < least:
                least, to, moving = beyond, m, True
        if moving:
            row, column, site = row + below[to], column + right[to], np.int64(target[to])
    return row, column


@kernel
def _square(ramp, start, blocks, base, other, out):
    """Write squared distances of a run of pixels to a point: `base` + `ramp` aside, `other` up or down squared."""
    i, j = np.uint64(start), np.uint64(0)
    for _ in range(blocks):
        for lane in range(LANES):
            dx = ramp[j + np.uint64(lane)] + base
            out[i + np.uint64(lane)] = dx * dx + other
        i, j = i + np.uint64(LANES), j + np.uint64(LANES)


@inline
def _fill(ramp, start, blocks, base, other, high, slope, count, square, least):
    """Write squared distances as `_square` does, and the least of `count` lines, `high` - `slope` * x.

    Eight lines at once; there are at least eight, those that are not needed far up.
    """
    h0, h1, h2, h3, h4, h5, h6, h7 = high[0], high[1], high[2], high[3], high[4], high[5], high[6], high[7]
    s0, s1, s2, s3, s4, s5, s6, s7 = slope[0], slope[1], slope[2], slope[3], slope[4], slope[5], slope[6], slope[7]
    i, j = np.uint64(start), np.uint64(0)
    for _ in range(blocks):
        for lane in range(LANES):
            x = ramp[j + np.uint64(lane)] + base
            square[i + np.uint64(lane)] = x * x + other
            a, b = min(h0 - s0 * x, h1 - s1 * x), min(h2 - s2 * x, h3 - s3 * x)
            c, d = min(h4 - s4 * x, h5 - s5 * x), min(h6 - s6 * x, h7 - s7 * x)
            least[i + np.uint64(lane)] = min(min(a, b), min(c, d))
        i, j = i + np.uint64(LANES), j + np.uint64(LANES)
    for k in range(np.uint64(8), count):
        for lane in range(np.uint64(blocks * LANES)):
            at = np.uint64(start) + lane
            least[at] = min(least[at], high[k] - slope[k] * (ramp[lane] + base))


@kernel
def _root(source, more, factor, out):
    """Write the root of one line, or of the sum of two."""
    if more.size:
        for x in range(out.size):
            out[x] = np.sqrt(max(source[x] + more[x], f32(0)))
    elif factor == 2:
        for x in range(out.size):
            out[x] = np.sqrt(source[x])
    else:
        for x in range(out.size):
            out[x] = max(source[x], f32(0))


@kernel
def _paint(start, stop, line, value):
    for i in range(np.uint64(start), np.uint64(stop)):
        line[i] = value


@kernel
def _point(ramp, start, stop, base, dy, across, down, line):
    for i in range(np.uint64(start), np.uint64(stop)):
        line[i, 0] = -(ramp[i - np.uint64(start)] + base) / across
        line[i, 1] = -dy / down


@kernel
def read_rows(
    f1, f2, edge, tones, point, labels, top, height, across, down, x, y, tone, first, right, below, target, lines
):
    """Write rows `top`... of the wanted pictures, by walking from region to region; unwanted ones have no rows."""
    rows = max(max(f1.shape[0], f2.shape[0]), max(edge.shape[0], tones.shape[0]))
    width = max(max(f1.shape[1], f2.shape[1]), max(edge.shape[1], tones.shape[1]))
    rows, width = max(rows, max(point.shape[0], labels.shape[0])), max(width, max(point.shape[1], labels.shape[1]))
    scale = across / width
    per_cell = f32(width / across)
    ramp = np.empty(width + LANES, np.float32)
    for i in range(ramp.size):
        ramp[i] = f32(i * scale)
    line = np.empty((3, width + LANES), np.float32)
    square, border, second = line[0], line[1], line[2]
    high, slope = np.empty(CORNERS, np.float32), np.empty(CORNERS, np.float32)
    nothing = np.empty(0, np.float32)
    row, column = np.int64(0), np.int64(0)
    for line_number in range(rows):
        place = (top + line_number + 0.5) * down / height
        row, column = np.int64(np.floor(place)), np.int64(0)
        row, column = _step_to(x, y, first, right, below, target, lines, across, down, 0.5 * scale, place, row, column)
        site = np.uint64(row % down * across + column % across)
        start = 0
        while start < width:
            dy = f32(place - row - y[site])
            begin = np.uint64(first[site])
            count = np.uint64(first[site + np.uint64(1)]) - begin
            leave, to = f32(UNSEEN), begin
            for k in range(count):
                m = begin + k
                away = lines[m, 2] - lines[m, 1] * dy
                high[k], slope[k] = away, lines[m, 0]
                met = away * lines[m, 3] if lines[m, 3] < f32(UNSEEN) else f32(UNSEEN)
                to = m if met < leave else to
                leave = min(met, leave)
            for k in range(count, np.uint64(8)):
                high[k], slope[k] = f32(UNSEEN), f32(0)
            # From here on the row lies beyond the bisector; on it, both sides are right.
            behind = (f32(column + x[site]) + min(leave, f32(1e6))) * per_cell - f32(0.5)
            stop = min(max(np.int64(np.ceil(behind)), start), width)
            if stop > start:
                base = f32((start + 0.5) * scale - column - x[site])
                blocks = (stop - start + LANES - 1) // LANES
                if edge.shape[0]:
                    _fill(ramp, start, blocks, base, dy * dy, high, slope, count, square, border)
                elif f1.shape[0] and not f2.shape[0]:
                    _square(ramp, start, blocks, base, dy * dy, square)
                if f2.shape[0]:
                    # Squared, the neighbour at distance D is 2 D times its bisector's distance farther than the site.
                    for k in range(count):
                        apart = f32(4) * lines[begin + k, 2]
                        high[k], slope[k] = high[k] * apart, slope[k] * apart
                    _fill(ramp, start, blocks, base, dy * dy, high, slope, count, square, second)
                if tones.shape[0]:
                    _paint(start, stop, tones[line_number], tone[site])
                if labels.shape[0]:
                    _paint(start, stop, labels[line_number], np.int32(site + np.uint64(1)))
                if point.shape[0]:
                    _point(ramp, start, stop, base, dy, f32(across), f32(down), point[line_number])
            start = stop
            row, column, site = row + below[to], column + right[to], np.uint64(target[to])
        if f1.shape[0]:
            _root(square, nothing, 2, f1[line_number])
        if f2.shape[0]:
            _root(square, second, 2, f2[line_number])
        if edge.shape[0]:
            _root(border, nothing, 1, edge[line_number])


@kernel
def read_moved(
    f1,
    f2,
    edge,
    tones,
    point,
    labels,
    top,
    height,
    across,
    down,
    x,
    y,
    tone,
    first,
    right,
    below,
    target,
    lines,
    move,
):
    """Write rows as `read_rows` does, at coordinates moved by `move` (rows, width, 2), in fractions of the tile."""
    width = move.shape[1]
    wide, high = np.float64(across), np.float64(down)
    for line_number in range(move.shape[0]):
        middle = (top + line_number + 0.5) / height
        # Each row starts anew: on a border, which of both sides is found depends on where the walk came from.
        row, column, site = np.float64(UNSEEN), np.float64(UNSEEN), np.uint64(0)
        for i in range(width):
            place_x = ((i + 0.5) / width + move[line_number, i, 0]) * wide
            place_y = (middle + move[line_number, i, 1]) * high
            if abs(place_x - column) + abs(place_y - row) > 4:
                row, column = np.floor(place_y), np.floor(place_x)
                site = np.uint64(np.int64(row) % down * across + np.int64(column) % across)
            while True:
                dx, dy = f32(place_x - column - x[site]), f32(place_y - row - y[site])
                border, second, to = f32(UNSEEN), f32(UNSEEN), np.uint64(0)
                for m in range(np.uint64(first[site]), np.uint64(first[site + np.uint64(1)])):
                    away = lines[m, 2] - lines[m, 0] * dx - lines[m, 1] * dy
                    second = min(second, away * lines[m, 2])
                    to = m if away < border else to
                    border = min(border, away)
                if border >= f32(TINY):
                    break
                row, column, site = row + below[to], column + right[to], np.uint64(target[to])
            square = dx * dx + dy * dy
            if f1.shape[0]:
                f1[line_number, i] = np.sqrt(square)
            if f2.shape[0]:
                f2[line_number, i] = np.sqrt(max(square + f32(4) * second, f32(0)))
            if edge.shape[0]:
                edge[line_number, i] = max(border, f32(0))
            if tones.shape[0]:
                tones[line_number, i] = tone[site]
            if labels.shape[0]:
                labels[line_number, i] = site + np.uint64(1)
            if point.shape[0]:
                point[line_number, i, 0], point[line_number, i, 1] = -dx / f32(across), -dy / f32(down)
