"""Stones that fill the torus: cells of weighted points (a power diagram), and how far each pixel is from a border.

Which points matter where is found once, for each square of a coarse grid. All rests on one fact: the signed distance
from x to the border between the cells of p and q,

    t_pq(x) = (|x - q|^2 - w_q - |x - p|^2 + w_p) / (2 |p - q|),

is linear in x with a gradient of length 1. So within a square of centre c and half diagonal h it differs from t_pq(c)
by at most h, and p can own a pixel of the square only if t_pq(c) >= -h for every q, and q can count there for a pixel
of p only if t_pq(c) - h <= least + h + cut, with `least` the smallest t_pq(c) of all q and `cut` how much farther than
the nearest border another may be and still count. Copies of the points in other tiles are points of their own.

Corners are rounded by a soft minimum of these distances, t_min - s log sum w((t - t_min) / s), where (1 - x / 8)^8
stands for e^-x: it ends, and needs no exponential.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodes.kernels.compile import f32, kernel
from nodes.kernels.sampling import in_tile

SOFT_REACH = 8.0
"""Borders this many times the softness farther than the nearest one count for nothing."""


@dataclass(frozen=True)
class Packing:
    """Weighted points in a tile 1 wide and `ratio` high, with what matters in each square of a coarse grid.

    points : (n, 2); weights : (n); softness : over which length borders melt into one another, 0 for not at all.
    grid : columns and rows of squares. first : (squares + 1) into the candidates of each square.
    who, place : (m) and (m, 3) number, and x, y and weight of each candidate.
    border : (m + 1) into the borders of each candidate. beside, line : (k) and (k, 3) who lies behind each, and a unit
    normal and the distance from the candidate's point.
    """

    points: np.ndarray
    weights: np.ndarray
    ratio: float
    softness: float
    grid: tuple[int, int]
    first: np.ndarray
    who: np.ndarray
    place: np.ndarray
    border: np.ndarray
    beside: np.ndarray
    line: np.ndarray

    @property
    def count(self) -> int:
        return len(self.weights)


@kernel
def _nearest(xs, ys, weights, ratio, x, y):
    """Return the power of the best point at (x, y), its number, and the way to its nearest copy."""
    least, best, to_x, to_y = np.inf, 0, 0.0, 0.0
    for q in range(xs.size):
        dx, dy = xs[q] - x, ys[q] - y
        dx -= np.floor(dx + 0.5)
        dy -= ratio * np.floor(dy / ratio + 0.5)
        power = dx * dx + dy * dy - weights[q]
        if power < least:
            least, best, to_x, to_y = power, q, dx, dy
    return least, best, to_x, to_y


@kernel
def relax(xs, ys, weights, ratio, columns, rows, step):
    """Move each point by `step` of the way to the middle of its cell, measured at the middles of a grid."""
    count = np.zeros(xs.size)
    sum_x, sum_y = np.zeros(xs.size), np.zeros(xs.size)
    for j in range(rows):
        for i in range(columns):
            _, best, dx, dy = _nearest(xs, ys, weights, ratio, (i + 0.5) / columns, (j + 0.5) / rows * ratio)
            count[best] += 1
            sum_x[best] -= dx
            sum_y[best] -= dy
    for q in range(xs.size):
        if count[q]:
            x, y = xs[q] + step * sum_x[q] / count[q], ys[q] + step * sum_y[q] / count[q]
            xs[q], ys[q] = x - np.floor(x), y - ratio * np.floor(y / ratio)


@kernel
def _widest(xs, ys, weights, ratio, columns, rows):
    """Return a bound on the square of how far a pixel is from the point of its cell, less that point's weight."""
    half = 0.5 * np.hypot(1 / columns, ratio / rows)
    widest = 0.0
    for j in range(rows):
        for i in range(columns):
            _, best, dx, dy = _nearest(xs, ys, weights, ratio, (i + 0.5) / columns, (j + 0.5) / rows * ratio)
            widest = max(widest, (np.hypot(dx, dy) + half) ** 2 - weights[best])
    return widest


@kernel
def _grown(array, count):
    """Return a one-dimensional array with room for one more."""
    if count < array.size:
        return array
    return np.concatenate((array, np.empty_like(array)))


@kernel
def _gather(xs, ys, weights, level, of_level, x, y, radius, near, power, apart):
    """Write number, power and distance of the points within a radius of (x, y); return how many, and the best."""
    count, best = 0, 0
    for k in range(of_level):
        q = level[k]
        dx, dy = xs[q] - x, ys[q] - y
        square = dx * dx + dy * dy
        if square <= radius * radius:
            near[count], power[count], apart[count] = q, square - weights[q], np.sqrt(square)
            if power[count] < power[best]:
                best = count
            count += 1
    return count, best


@kernel
def _find(xs, ys, weights, columns, rows, ratio, reach, spacing, cut):
    """Return the candidates of each square and the borders of each, as numbers of the points given (copies too)."""
    half = 0.5 * np.hypot(1 / columns, ratio / rows) + 1e-5  # a pixel's place is rounded
    spread = weights.max() - weights.min()
    first, border = np.empty(columns * rows + 1, np.int32), np.empty(64, np.int32)
    owner, behind = np.empty(64, np.int32), np.empty(64, np.int32)
    owners, borders = 0, 0
    level, near = np.empty(xs.size, np.int32), np.empty(xs.size, np.int32)
    power, apart, away = np.empty(xs.size), np.empty(xs.size), np.empty(xs.size)
    for j in range(rows):
        y = (j + 0.5) / rows * ratio
        of_level = 0
        for q in range(xs.size):
            if abs(ys[q] - y) <= reach + half:
                level[of_level] = q
                of_level += 1
        for i in range(columns):
            x = (i + 0.5) / columns
            first[j * columns + i] = owners
            before, borders_before = owners, borders
            radius = min(3 * spacing, reach + half)
            enough = False
            while not enough:
                owners, borders = before, borders_before
                count, best = _gather(xs, ys, weights, level, of_level, x, y, radius, near, power, apart)
                enough = count > 1
                limit = (apart[best] + half) ** 2 - weights[near[best]]
                for a in range(count):
                    p = near[a]
                    if max(apart[a] - half, 0.0) ** 2 - weights[p] > limit:
                        continue
                    least = np.inf
                    for b in range(count):
                        dx, dy = xs[near[b]] - xs[p], ys[near[b]] - ys[p]
                        away[b] = (power[b] - power[a]) / (2 * np.sqrt(dx * dx + dy * dy)) if b != a else np.inf
                        least = min(least, away[b])
                    if least < -half:
                        continue
                    owner, border = _grown(owner, owners), _grown(border, owners + 1)
                    owner[owners], border[owners] = p, borders
                    owners += 1
                    far = least + 2 * half + cut
                    for b in range(count):
                        if away[b] <= far:
                            behind = _grown(behind, borders)
                            behind[borders] = near[b]
                            borders += 1
                    # How far a point may be from the middle and still count, as `pack` argues; never too little,
                    # since fewer points can only make `least` larger.
                    enough &= radius >= half + far + np.sqrt((apart[a] + half + far) ** 2 + spread)
                enough |= radius >= reach + half
                radius = min(1.4 * radius, reach + half)
    first[-1] = owners
    border[owners] = borders
    return first, owner[:owners], border[: owners + 1], behind[:borders]


def pack(points: np.ndarray, weights: np.ndarray, ratio: float, softness: float = 0.0) -> Packing:
    """Return the packing of points in a tile 1 wide and `ratio` high, ready to draw.

    No two points may lie at the same place.
    """
    points, weights = points.astype(np.float32).astype(np.float64), weights.astype(np.float32).astype(np.float64)
    xs, ys = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    spacing = np.sqrt(ratio / len(weights))
    columns, rows = (int(np.clip(np.ceil(3.5 * length / spacing), 4, 192)) for length in (1.0, ratio))
    cut = SOFT_REACH * softness
    coarse = (max(columns // 3, 4), max(rows // 3, 4))
    widest = np.sqrt(_widest(xs, ys, weights, ratio, *coarse) + weights.max())
    # From a pixel to a border that counts is at most widest + cut, and from there to the point behind it the second
    # term: at the border both points have the same power.
    reach = widest + cut + np.sqrt((2 * widest + cut) ** 2 + np.ptp(weights))
    right, down = int(np.ceil(reach)) + 1, int(np.ceil(reach / ratio)) + 1
    shift = np.stack(np.meshgrid(np.arange(-right, right + 1), np.arange(-down, down + 1) * ratio), axis=-1)
    copies = (points + shift.reshape(-1, 1, 2)).reshape(-1, 2)
    who = np.tile(np.arange(len(weights)), shift.size // 2)
    within = ((copies > -reach - 0.1) & (copies < np.array([1.0, ratio]) + reach + 0.1)).all(axis=1)
    copies, who = copies[within], who[within]
    heavy = weights[who]
    places = (np.ascontiguousarray(copies[:, axis]) for axis in (0, 1))
    first, owner, border, behind = _find(*places, heavy, columns, rows, ratio, reach, spacing, cut)
    front = np.repeat(owner, np.diff(border))
    normal = copies[behind] - copies[front]
    length = np.hypot(normal[:, 0], normal[:, 1])
    away = (length**2 + heavy[front] - heavy[behind]) / (2 * length)
    return Packing(
        points,
        weights,
        ratio,
        softness,
        (columns, rows),
        first,
        who[owner].astype(np.int32),
        np.column_stack([copies[owner], heavy[owner]]).astype(np.float32),
        border,
        who[behind].astype(np.int32),
        np.column_stack([normal / length[:, None], away]).astype(np.float32),
    )


@kernel
def _look_around(us, vs, grid, ratio, first, place, square, least, best):
    """Write which candidate owns each pixel of a row at places (us, vs), both wrapped."""
    columns, rows = np.int32(grid[0]), np.int32(grid[1])
    wide, high = f32(columns), f32(rows) / ratio
    for x in range(us.size):
        across, down = min(np.int32(us[x] * wide), columns - 1), min(np.int32(vs[x] * high), rows - 1)
        square[x] = down * columns + across
    start = 0
    while start < us.size:
        stop = start + 1
        while stop < us.size and square[stop] == square[start]:
            stop += 1
        u, v, low, of = us[start:stop], vs[start:stop], least[start:stop], best[start:stop]
        low[:] = f32(1e9)
        for c in range(first[square[start]], first[square[start] + 1]):
            px, py, weight, number = place[c, 0], place[c, 1], place[c, 2], np.int32(c)
            for x in range(u.size):
                ex, ey = u[x] - px, v[x] - py
                power = ex * ex + ey * ey - weight
                of[x] = number if power < low[x] else of[x]
                low[x] = min(power, low[x])
        start = stop


@kernel
def _measure_depth(dx, dy, lines, softness, total, depth):
    """Write the distance of places from their point's borders: the least, or the soft minimum."""
    depth[:] = f32(1e9)
    for b in range(lines.shape[0]):
        nx, ny, far = lines[b, 0], lines[b, 1], lines[b, 2]
        for x in range(depth.size):
            depth[x] = min(depth[x], far - nx * dx[x] - ny * dy[x])
    if softness == f32(0):
        return
    total[:] = f32(0)
    sharp = f32(1) / (f32(SOFT_REACH) * softness)
    for b in range(lines.shape[0]):
        nx, ny, far = lines[b, 0], lines[b, 1], lines[b, 2]
        for x in range(depth.size):
            part = max(f32(1) - (far - nx * dx[x] - ny * dy[x] - depth[x]) * sharp, f32(0))
            part *= part
            part *= part
            total[x] += part * part
    for x in range(depth.size):
        if total[x] > f32(1):
            depth[x] -= softness * np.log(total[x])


@kernel
def _draw(grid, first, who, place, border, line, softness, ratio, offset, top, height, width, depth, cell, local):
    """Write what `draw_packing` returns; pictures of size 0 are not wanted."""
    size = depth.shape[1]
    us, vs, least, total = (
        np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    )  # fmt: skip
    square, best = np.empty(size, np.int32), np.empty(size, np.int32)
    for y in range(depth.shape[0]):
        down = (f32(top + y) + f32(0.5)) / height
        for x in range(us.size):
            us[x] = (f32(np.int32(x)) + f32(0.5)) / width
            vs[x] = down * ratio
        if offset.size:
            warp = offset[y]
            for x in range(us.size):
                u, v = us[x] + warp[x, 0], down + warp[x, 1]
                us[x] = in_tile(u, f32(1))
                vs[x] = in_tile(v, f32(1)) * ratio
        _look_around(us, vs, grid, ratio, first, place, square, least, best)
        row, of, start = depth[y], cell[y], 0
        while start < size:
            number, stop = best[start], start + 1
            while stop < size and best[stop] == number:
                stop += 1
            dx, dy, px, py = us[start:stop], vs[start:stop], place[number, 0], place[number, 1]
            for x in range(dx.size):
                dx[x] -= px
                dy[x] -= py
            lines = line[border[number] : border[number + 1]]
            _measure_depth(dx, dy, lines, softness, total[start:stop], row[start:stop])
            of[start:stop] = who[number]
            start = stop
        if local.size:
            to = local[y]
            for x in range(us.size):
                to[x, 0] = us[x]
                to[x, 1] = vs[x]


def draw_packing(
    packing: Packing,
    top: int,
    rows: int,
    height: int,
    width: int,
    offset: np.ndarray | None = None,
    local: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each pixel is from the border of its cell, in widths of the tile, and which cell it is in.

    local : (rows, width, 2), gets the place from the cell's point.
    """
    depth, cell = np.empty((rows, width), np.float32), np.empty((rows, width), np.int32)
    none = np.empty((0, 0, 2), np.float32)
    _draw(
        packing.grid,
        packing.first,
        packing.who,
        packing.place,
        packing.border,
        packing.line,
        f32(packing.softness),
        f32(packing.ratio),
        none if offset is None else offset,
        top,
        f32(height),
        f32(width),
        depth,
        cell,
        none if local is None else local,
    )
    return depth, cell


@kernel
def cover_beside_joints(depth, half, out):
    """Write how much of each pixel is stone: all but the joint, from -half to half of the border, and the corners.

    depth : distance to the border in pixels; half : half a joint's width. A joint narrower than a pixel fades.
    """
    for i in range(out.size):
        d = depth[i]
        # Beyond the border lies another stone, but where a corner is rounded nothing does.
        joint = min(d + f32(0.5), half) - max(d - f32(0.5), f32(2) * min(d, f32(0)) - half)
        out[i] = f32(1) - min(max(joint, f32(0)), f32(1))


@kernel
def cut_facets(height, cell, local, planes, melt):
    """Cut each stone's height by its planes, (n, k, 3): rise along x and along y, and height at its point.

    melt : over which height a plane and what it cuts run into each other.
    """
    for y in range(height.shape[0]):
        row, who, place = height[y], cell[y], local[y]
        for k in range(planes.shape[1]):
            for x in range(row.size):
                plane = planes[who[x], k]
                cut = place[x, 0] * plane[0] + place[x, 1] * plane[1] + plane[2]
                near = max(melt - abs(row[x] - cut), f32(0)) / melt
                row[x] = max(min(row[x], cut) - near * near * melt * f32(0.25), f32(0))


@kernel
def _moments(depth, cell, local, deep, out):
    """Sum over the pixels of each cell deeper than `deep`: 1, x, y, xx, yy, xy, and the extremes of x and y."""
    for y in range(depth.shape[0]):
        for x in range(depth.shape[1]):
            if depth[y, x] > deep:
                to, px, py = out[cell[y, x]], local[y, x, 0], local[y, x, 1]
                to[0] += 1
                to[1] += px
                to[2] += py
                to[3] += px * px
                to[4] += py * py
                to[5] += px * py
                to[6], to[7] = min(to[6], px), min(to[7], py)
                to[8], to[9] = max(to[8], px), max(to[9], py)


@kernel
def _clip(polygon, behind, count, nx, ny, far, number):
    """Cut a convex polygon by the line at `far` along (nx, ny); return its number of corners.

    behind : the line that each side lies on, from its corner to the next. A line met before cuts nothing.
    """
    far += 1e-6
    kept, old, of = 0, polygon[:count].copy(), behind[:count].copy()
    for i in range(count):
        k = (i + 1) % count
        here, there = far - nx * old[i, 0] - ny * old[i, 1], far - nx * old[k, 0] - ny * old[k, 1]
        if here > 0:
            polygon[kept], behind[kept] = old[i], of[i]
            kept += 1
        if (here > 0) != (there > 0):
            polygon[kept] = old[i] + (old[k] - old[i]) * (here / (here - there))
            # Going out, the next side is the new line; coming in, what is left of the old side.
            behind[kept] = number if here > 0 else of[i]
            kept += 1
    return kept


@kernel
def _who_touches(who, border, beside, line, order, pairs):
    """Write pairs of cells that share a side, from all the borders of each; return how many.

    order : candidates sorted by `who`.
    """
    found = 0
    polygon, behind = np.empty((256, 2)), np.empty(256, np.int64)
    start = 0
    while start < order.size:
        stop = start
        while stop < order.size and who[order[stop]] == who[order[start]]:
            stop += 1
        polygon[0], polygon[1], polygon[2], polygon[3] = (-9, -9), (9, -9), (9, 9), (-9, 9)
        behind[:4], count = -1, 4
        for i in range(start, stop):
            for b in range(border[order[i]], border[order[i] + 1]):
                if count < 250:
                    count = _clip(polygon, behind, count, line[b, 0], line[b, 1], line[b, 2], b)
        for i in range(count):
            k = (i + 1) % count
            side = np.hypot(polygon[k, 0] - polygon[i, 0], polygon[k, 1] - polygon[i, 1])
            if behind[i] >= 0 and side > 1e-5:
                pairs[found, 0], pairs[found, 1] = who[order[start]], beside[behind[i]]
                found += 1
        start = stop
    return found


def neighbours_of(packing: Packing) -> np.ndarray:
    """Return pairs of labels of cells that share a border, by cutting each cell's polygon."""
    order = np.argsort(packing.who, kind="stable")
    pairs = np.empty((64 * packing.count + 64, 2), np.int32)
    found = _who_touches(packing.who, packing.border, packing.beside, packing.line, order, pairs)
    pairs = np.unique(np.sort(pairs[:found], axis=1) + 1, axis=0)
    return pairs[pairs[:, 0] != pairs[:, 1]].astype(np.int32)


def measure_packing(packing: Packing, deep: float) -> dict[str, np.ndarray]:
    """Return columns of a region table for what lies deeper than `deep` in each cell.

    Measured at some thousand places that do not depend on the picture's size; a cell with nothing in it has area 0 and
    its point as its box and centre.
    """
    width = int(np.clip(24 * np.sqrt(packing.count / packing.ratio), 192, 1024))
    height = int(np.clip(round(width * packing.ratio), 1, 2048))
    local = np.empty((height, width, 2), np.float32)
    depth, cell = draw_packing(packing, 0, height, height, width, None, local)
    moments = np.zeros((packing.count, 10))
    moments[:, 6:8], moments[:, 8:] = np.inf, -np.inf
    _moments(depth, cell, local, f32(deep), moments)
    some = moments[:, 0] > 0
    moments[~some, 6:] = 0
    n = np.maximum(moments[:, 0], 1)
    x, y, xx, yy, xy = (moments[:, 1:6] / n[:, None]).T
    size = np.array([1.0, packing.ratio])
    pixel = np.where(some[:, None], 0.5 / np.array([width, height]), 0)
    corner = (packing.points + moments[:, 6:8]) / size - pixel
    far = (packing.points + moments[:, 8:]) / size + pixel
    centre = (packing.points + np.stack([x, y], axis=1)) / size
    return {
        "bbox": np.concatenate([corner - np.floor(corner), far - corner], axis=1).astype(np.float32),
        "centroid": (centre - np.floor(centre)).astype(np.float32),
        "area": (moments[:, 0] / (width * height)).astype(np.float32),
        # Rows go down and angles up, hence the sign.
        "angle": (0.5 * np.arctan2(-2 * (xy - x * y), xx - x * x - yy + y * y)).astype(np.float32),
    }
