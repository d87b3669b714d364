"""Cellular noise (Worley 1996) by rows: nearest and second nearest point, and the exact distance to the border.

One point lies in each lattice cell. For the nine cells about a pixel the points are laid out along the row once for
each row of cells, so that each is tried on all pixels at once. What lies farther is tried in rings, cell by
cell, and only where it could still matter. That is exact: every point in ring r is at least r - 1 cells away.

For the border: the bisector of the nearest point with a point at distance D is at least (D - F1) / 2 away, so
points beyond F1 + 2 * border, for the border found so far, need not be tried.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, high16, low16

RINGS = 5
"""Rings tried at most. The border of a cell is never farther than that can show."""


@inline
def point_x(h, jitter):
    return f32(0.5) + jitter * (low16(h) * f32(1 / 65536) + f32(0.5 / 65536) - f32(0.5))


@inline
def point_y(h, jitter):
    return f32(0.5) + jitter * (high16(h) * f32(1 / 65536) + f32(0.5 / 65536) - f32(0.5))


@inline
def two_nearest(d, near, second):
    """Return the two smallest of three squared distances, of which two are in order."""
    return min(near, d), min(second, max(near, d))


@kernel
def _try(dx, py, fy, f1, f2):
    """Try three points for each pixel, those of one row of cells: keep the two smallest squared distances."""
    for x in range(f1.size):
        u, v, w = py[0, x] - fy, py[1, x] - fy, py[2, x] - fy
        near, second = two_nearest(dx[0, x] * dx[0, x] + u * u, f1[x], f2[x])
        near, second = two_nearest(dx[1, x] * dx[1, x] + v * v, near, second)
        near, second = two_nearest(dx[2, x] * dx[2, x] + w * w, near, second)
        f1[x], f2[x] = near, second


@kernel
def _try_which(dx, py, fy, slot, f1, f2, which):
    """Try three points for each pixel, and keep the number of the nearest too; the first is number `slot`."""
    slot, after, last = np.int32(slot), np.int32(slot + 1), np.int32(slot + 2)
    for x in range(f1.size):
        u, v, w = py[0, x] - fy, py[1, x] - fy, py[2, x] - fy
        d, e, f = dx[0, x] * dx[0, x] + u * u, dx[1, x] * dx[1, x] + v * v, dx[2, x] * dx[2, x] + w * w
        near, second, best = f1[x], f2[x], which[x]
        best = slot if d < near else best
        near, second = two_nearest(d, near, second)
        best = after if e < near else best
        near, second = two_nearest(e, near, second)
        best = last if f < near else best
        near, second = two_nearest(f, near, second)
        f1[x], f2[x], which[x] = near, second, best


@kernel
def _try_where(dx, py, fy, f1, f2, near_x, near_y):
    """Try three points for each pixel, and keep where the nearest is."""
    for x in range(f1.size):
        u, v, w = py[0, x] - fy, py[1, x] - fy, py[2, x] - fy
        d, e, f = dx[0, x] * dx[0, x] + u * u, dx[1, x] * dx[1, x] + v * v, dx[2, x] * dx[2, x] + w * w
        near, second, at_x, at_y = f1[x], f2[x], near_x[x], near_y[x]
        at_x, at_y = (dx[0, x] if d < near else at_x), (u if d < near else at_y)
        near, second = two_nearest(d, near, second)
        at_x, at_y = (dx[1, x] if e < near else at_x), (v if e < near else at_y)
        near, second = two_nearest(e, near, second)
        at_x, at_y = (dx[2, x] if f < near else at_x), (w if f < near else at_y)
        near, second = two_nearest(f, near, second)
        f1[x], f2[x], near_x[x], near_y[x] = near, second, at_x, at_y


@kernel
def _look_up(which, source, shift, out):
    for x in range(out.size):
        out[x] = source[np.uint32(which[x]), np.uint32(x)] - shift


@kernel
def _try_far(px, py, ident, start, step, f1, f2, near_x, near_y, near_id):
    """Try one far point on a run of pixels; `py` counts from the row."""
    for j in range(f1.size):
        dx = px - (f32(np.int32(start + j)) + f32(0.5)) * step
        d = dx * dx + py * py
        if d < f1[j]:
            near_x[j], near_y[j], near_id[j] = dx, py, ident
        f2[j] = min(f2[j], max(f1[j], d))
        f1[j] = min(f1[j], d)


@inline
def bisector(dx, dy, near_x, near_y, f1, over, under):
    """Return the nearer of two bisectors, as the fraction over / under of squared double distances.

    Fractions are compared crosswise, which spares a division for each point.
    """
    square_distance = dx * dx + dy * dy
    apart = square_distance + f1 - f32(2) * (dx * near_x + dy * near_y)
    m = square_distance - f1
    m *= m
    closer = (m * under < over * apart) & (apart > f32(1e-6))  # `and` would branch
    return (m if closer else over), (apart if closer else under)


@kernel
def _border(dx, py, fy, f1, near_x, near_y, over, under):
    """Try one row of the nine cells' points for each pixel as neighbours of the nearest."""
    for x in range(over.size):
        u, v = over[x], under[x]
        u, v = bisector(dx[0, x], py[0, x] - fy, near_x[x], near_y[x], f1[x], u, v)
        u, v = bisector(dx[1, x], py[1, x] - fy, near_x[x], near_y[x], f1[x], u, v)
        u, v = bisector(dx[2, x], py[2, x] - fy, near_x[x], near_y[x], f1[x], u, v)
        over[x], under[x] = u, v


@kernel
def _border_far(px, py, start, step, f1, near_x, near_y, over, under):
    """Try one far point on a run of pixels; `py` counts from the row."""
    for j in range(over.size):
        dx = px - (f32(np.int32(start + j)) + f32(0.5)) * step
        over[j], under[j] = bisector(dx, py, near_x[j], near_y[j], f1[j], over[j], under[j])


@inline
def beyond(px, py, first, last):
    """Return the squared distance of a point to a run of pixels from `first` to `last` at height 0."""
    gap = max(max(first - px, px - last), f32(0))
    return gap * gap + py * py


@inline
def exceeds(values, start, stop, limit):
    """Return whether any of some values is above the limit; counted, since that is vectorised and a maximum is not."""
    count = 0
    for x in range(start, stop):
        count += values[np.uint32(x)] > limit
    return count > 0


@inline
def largest(values, start, stop):
    """Return the largest of some values >= 0, of four runs side by side, since a maximum waits for the one before."""
    a = b = c = d = f32(0)
    x = np.uint32(start)
    for _ in range((stop - start) // 4):
        a, b = max(a, values[x]), max(b, values[x + np.uint32(1)])
        c, d = max(c, values[x + np.uint32(2)]), max(d, values[x + np.uint32(3)])
        x = np.uint32(x + np.uint32(4))
    for y in range(np.int64(x), stop):
        a = max(a, values[np.uint32(y)])
    return max(max(a, b), max(c, d))


@kernel
def _reach(f1, over, under, out):
    for x in range(out.size):
        out[x] = np.sqrt(f1[x]) + np.sqrt(over[x] / under[x])


@kernel
def _lattice_rows(cell, across, down, seed, value_seed, jitter, xs, ys, ids, tracked):
    """Write the points of the rows of cells about `cell`, in cells from its corner."""
    for q in range(xs.shape[0]):
        at = np.int32((cell + q - RINGS) % down)
        for c in range(xs.shape[1]):
            to = np.int32((c - RINGS) % across)
            h = hash32(to, at, seed)
            xs[q, c] = point_x(h, jitter) + f32(c - RINGS)
            ys[q, c] = point_y(h, jitter) + f32(q - RINGS)
            if tracked:
                ids[q, c] = high16(hash32(to, at, value_seed)) * f32(1 / 65536)


@kernel
def _lay_out(starts, step, xs, ys, ids, dx, py, value, tracked):
    """Write, for each of the nine cells about a pixel, its point along the row: x from the pixel, y, and its id."""
    for c in range(starts.size - 1):
        start, stop = starts[c], starts[c + 1]
        for slot in range(9):
            q, p = RINGS - 1 + slot // 3, c + RINGS - 1 + slot % 3
            run, run_y, run_id = dx[slot, start:stop], py[slot, start:stop], value[slot, start:stop]
            for j in range(run.size):
                run[j] = xs[q, p] - (f32(np.int32(start + j)) + f32(0.5)) * step
                run_y[j] = ys[q, p]
                if tracked:
                    run_id[j] = ids[q, p]


@kernel
def _far_nearest(c, u, v, step, fy, xs, ys, ids, f1, f2, near_x, near_y, near_id, second):
    """Try the points beyond the nine cells on pixels `u` to `v`, those of cell `c`, ring by ring while they matter.

    Rows come whole and are cut only where a point is tried: a cut counts references, which takes longer than the test.
    """
    first, last = (u + f32(0.5)) * step, (v - f32(0.5)) * step
    for ring in range(2, RINGS + 1):
        bound = largest(f2 if second else f1, u, v)
        if f32((ring - 1) * (ring - 1)) >= bound:
            break
        for q in range(RINGS - ring, RINGS + ring + 1):
            stride = 1 if abs(q - RINGS) == ring else 2 * ring
            for p in range(c + RINGS - ring, c + RINGS + ring + 1, stride):
                px, py = xs[q, p], ys[q, p] - fy
                if beyond(px, py, first, last) < bound:
                    _try_far(px, py, ids[q, p], u, step, f1[u:v], f2[u:v], near_x[u:v], near_y[u:v], near_id[u:v])


@kernel
def _far_border(c, u, v, step, fy, xs, ys, f1, near_x, near_y, over, under, reach):
    """Try the points beyond the nine cells as neighbours on pixels `u` to `v`, ring by ring while they matter."""
    first, last = (u + f32(0.5)) * step, (v - f32(0.5)) * step
    far = largest(reach, u, v)
    for ring in range(2, RINGS + 1):
        if f32(ring - 1) >= far:
            break
        for q in range(RINGS - ring, RINGS + ring + 1):
            # A side of the ring whose nearest corner is too far need not be looked at point by point.
            if q == RINGS - ring and fy + f32(ring - 1) >= far:
                continue
            if q == RINGS + ring and f32(ring) - fy >= far:
                continue
            stride = 1 if abs(q - RINGS) == ring else 2 * ring
            p = c + RINGS - ring
            while p <= c + RINGS + ring:  # a range with such a stride would divide
                px, py = xs[np.uint32(q), np.uint32(p)], ys[np.uint32(q), np.uint32(p)] - fy
                if beyond(px, py, first, last) < far * far:
                    _border_far(px, py, u, step, f1[u:v], near_x[u:v], near_y[u:v], over[u:v], under[u:v])
                p += stride
        if f32(ring) >= far:  # what lies in the next ring did not matter before, and borders only come nearer
            break
        _reach(f1[u:v], over[u:v], under[u:v], reach[u:v])
        far = largest(reach, u, v)


@kernel
def _root(source, factor, out):
    for x in range(out.size):
        out[x] = factor * np.sqrt(source[x])


@kernel
def _rows(f1, f2, edge, value, top, height, across, down, seed, value_seed, jitter, second, tracked, bordered):
    """Write rows `top`... of the wanted pictures; those that are not wanted have no rows."""
    rows = max(max(f1.shape[0], f2.shape[0]), max(edge.shape[0], value.shape[0]))
    width = max(max(f1.shape[1], f2.shape[1]), max(edge.shape[1], value.shape[1]))
    lattice = np.empty((3, 2 * RINGS + 1, across + 2 * RINGS), np.float32)
    xs, ys, ids = lattice[0], lattice[1], lattice[2]
    laid = np.empty((3, 9, width), np.float32)
    dx, py, ident = laid[0], laid[1], laid[2]
    line = np.empty((8, width), np.float32)
    which = np.zeros(width, np.int32)
    a, b, near_x, near_y, near_id = line[0], line[1], line[2], line[3], line[4]
    over, under, reach = line[5], line[6], line[7]
    step = f32(across / width)
    starts = np.empty(across + 1, np.int64)
    for c in range(across + 1):
        starts[c] = min(max(np.int64(np.ceil(np.float64(c) * width / across - 0.5)), 0), width)
    known = np.int64(-1)
    for y in range(rows):
        place = (top + y + 0.5) * down / height
        cell = np.int64(place)
        fy = f32(place - cell)
        if cell != known:
            known = cell
            _lattice_rows(cell, across, down, seed, value_seed, jitter, xs, ys, ids, tracked)
            _lay_out(starts, step, xs, ys, ids, dx, py, ident, tracked)
        for x in range(a.size):
            a[x] = f32(1e9)
            b[x] = f32(1e9)
            over[x] = f32(1e9)
            under[x] = f32(1)
        if value.shape[0]:
            for q in range(0, 9, 3):
                _try_which(dx[q : q + 3], py[q : q + 3], fy, q, a, b, which)
            _look_up(which, dx, f32(0), near_x)
            _look_up(which, py, fy, near_y)
            _look_up(which, ident, f32(0), near_id)
        elif bordered:
            for q in range(0, 9, 3):
                _try_where(dx[q : q + 3], py[q : q + 3], fy, a, b, near_x, near_y)
        else:
            for q in range(0, 9, 3):
                _try(dx[q : q + 3], py[q : q + 3], fy, a, b)
        for c in range(across):
            u, v = starts[c], starts[c + 1]
            if exceeds(b if second else a, u, v, f32(1)):
                _far_nearest(c, u, v, step, fy, xs, ys, ids, a, b, near_x, near_y, near_id, second)
        if bordered:
            for q in range(0, 9, 3):
                _border(dx[q : q + 3], py[q : q + 3], fy, a, near_x, near_y, over, under)
            _reach(a, over, under, reach)
            for c in range(across):
                u, v = starts[c], starts[c + 1]
                if exceeds(reach, u, v, f32(1)):
                    _far_border(c, u, v, step, fy, xs, ys, a, near_x, near_y, over, under, reach)
        if f1.shape[0]:
            _root(a, f32(1), f1[y])
        if f2.shape[0]:
            _root(b, f32(1), f2[y])
        if edge.shape[0]:
            for x in range(width):
                over[x] = over[x] / under[x]
            _root(over, f32(0.5), edge[y])
        if value.shape[0]:
            last = value[y]
            for x in range(last.size):
                last[x] = near_id[x]


@inline
def separation(metric, dx, dy):
    if metric == 0:
        return np.sqrt(dx * dx + dy * dy)
    if metric == 1:
        return abs(dx) + abs(dy)
    return max(abs(dx), abs(dy))


@kernel
def _moved(f1, f2, edge, value, top, height, width, across, down, seed, value_seed, jitter, metric, offset, rows):
    """Write the pictures pixel by pixel: for other metrics, and for coordinates moved by `offset`."""
    for y in range(rows):
        for x in range(width):
            u = (x + 0.5) / width * across
            v = (top + y + 0.5) / height * down
            if offset.shape[0]:
                u += offset[y, x, 0] * across
                v += offset[y, x, 1] * down
            cell_x, cell_y = np.int64(np.floor(u)), np.int64(np.floor(v))
            fx, fy = f32(u - cell_x), f32(v - cell_y)
            near, second, euclidean = f32(1e9), f32(1e9), f32(1e9)
            nx, ny, nid = f32(0), f32(0), f32(0)
            for ring in range(RINGS + 1):
                if ring > 1 and f32(ring - 1) >= max(second, euclidean):
                    break
                for q in range(-ring, ring + 1):
                    stride = 1 if abs(q) == ring else max(2 * ring, 1)
                    for p in range(-ring, ring + 1, stride):
                        to, at = np.int32((cell_x + p) % across), np.int32((cell_y + q) % down)
                        h = hash32(to, at, seed)
                        dx, dy = point_x(h, jitter) + f32(p) - fx, point_y(h, jitter) + f32(q) - fy
                        d = separation(metric, dx, dy)
                        straight = separation(0, dx, dy)
                        if straight < euclidean:
                            euclidean, nx, ny = straight, dx, dy
                        if d < near:
                            second, near = near, d
                            nid = high16(hash32(to, at, value_seed)) * f32(1 / 65536)
                        elif d < second:
                            second = d
            if f1.shape[0]:
                f1[y, x] = near
            if f2.shape[0]:
                f2[y, x] = second
            if value.shape[0]:
                value[y, x] = nid
            if edge.shape[0]:
                border = f32(1e9)
                for ring in range(RINGS + 1):
                    if ring > 1 and f32(ring - 1) >= euclidean + f32(2) * border:
                        break
                    for q in range(-ring, ring + 1):
                        stride = 1 if abs(q) == ring else max(2 * ring, 1)
                        for p in range(-ring, ring + 1, stride):
                            h = hash32(np.int32((cell_x + p) % across), np.int32((cell_y + q) % down), seed)
                            dx, dy = point_x(h, jitter) + f32(p) - fx, point_y(h, jitter) + f32(q) - fy
                            ux, uy = dx - nx, dy - ny
                            square = ux * ux + uy * uy
                            if square > f32(1e-10):
                                border = min(border, abs((dx + nx) * ux + (dy + ny) * uy) * f32(0.5) / np.sqrt(square))
                edge[y, x] = border


METRICS = ("euclidean", "manhattan", "chebyshev")


def cells_of(
    pictures: dict[str, np.ndarray | None],
    top: int,
    height: int,
    width: int,
    rows: int,
    across: int,
    down: int,
    seeds: tuple[int, int],
    jitter: float,
    metric: str,
    offset: np.ndarray | None,
) -> None:
    """Write rows of the wanted ones of f1, f2, edge and id; distances in cells."""
    none = np.empty((0, 0), np.float32)
    wanted = [none if pictures[name] is None else pictures[name] for name in ("f1", "f2", "edge", "id")]
    seed, value_seed = np.uint32(seeds[0]), np.uint32(seeds[1])
    if offset is None and metric == "euclidean":
        second, bordered = pictures["f2"] is not None, pictures["edge"] is not None
        tracked = bordered or pictures["id"] is not None
        _rows(*wanted, top, height, across, down, seed, value_seed, f32(jitter), second, tracked, bordered)
    else:
        moved = np.empty((0, 0, 2), np.float32) if offset is None else offset
        kind = METRICS.index(metric)
        _moved(*wanted, top, height, width, across, down, seed, value_seed, f32(jitter), kind, moved, rows)
