"""Drawing rounded boxes side by side, each in cells of its own, so that none covers another.

The cells lie in rows, and several may belong to one box, so that boxes of any bond can be looked up. A row of pixels
is cut into runs that lie in one cell, and the depth inside that cell's box is the inner loop.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, kernel

FARTHEST = f32(1 << 20)
"""Places are moved by no more than this many tiles; beyond, float32 knows no place in the tile any more."""


@kernel
def _cut(us, vs, origin, edges, starts, first, ends, begin, cell, course):
    """Cut a row of pixels at places (us, vs) into runs of one cell each; return their number.

    Run i begins at pixel `begin[i]` and lies in `cell[i]` of row `course[i]`.
    """
    rows = starts.size
    count, x = 0, 0
    while x < us.size:
        down = vs[x] - origin
        down -= np.floor(down)
        row = min(np.int64(down * f32(rows)), rows - 1)
        while row > 0 and down < edges[row]:
            row -= 1
        while row < rows - 1 and down >= edges[row + 1]:
            row += 1
        start, number, last = starts[row], first[row], first[row + 1] - 1
        along = us[x] - start
        along -= np.floor(along)
        k = number + min(np.int64(along * f32(last + 1 - number)), last - number)
        while k > number and along < ends[k - 1]:
            k -= 1
        while k < last and along >= ends[k]:
            k += 1
        # Rounding may give 1, which belongs to the last cell.
        left, right = ends[k - 1] if k > number else f32(0), ends[k] if k < last else f32(2)
        upper, lower = edges[row], edges[row + 1] if row < rows - 1 else f32(2)
        begin[count], cell[count], course[count] = x, k, row
        count += 1
        x += 1
        while x < us.size:
            along = us[x] - start
            along -= np.floor(along)
            down = vs[x] - origin
            down -= np.floor(down)
            if not (left <= along < right and upper <= down < lower):
                break
            x += 1
    begin[count] = us.size
    return count


@kernel
def draw(edges, starts, first, ends, owner, origin, boxes, offset, top, height, width, depth, cells, uv, local):
    """Write each pixel's depth in pixels inside its cell's box (negative outside), whose it is, and its place there.

    owner : (n) the box that each cell belongs to, the number that is written.
    boxes : (n, 8) of each cell in pixels: middle x from its row's first joint and y from the first row's upper edge,
    half length, half height at the middle and its rise along x, cosine and sine of its turn, radius of its corners.
    offset : (rows, W, 2) or (0, 0, 2) for none; uv, local : (rows, W, 2) or (0, 0, 2) where not wanted.
    uv goes from 0 to 1 along the box and across; local is in widths of the tile from the middle, along its axes.
    """
    columns = depth.shape[1]
    us, vs = np.empty(columns, np.float32), np.empty(columns, np.float32)
    begin, cell, course = np.empty(columns + 1, np.int64), np.empty(columns, np.int64), np.empty(columns, np.int64)
    for y in range(depth.shape[0]):
        middle = (f32(top + y) + f32(0.5)) / height
        for x in range(us.size):
            us[x] = (f32(np.int32(x)) + f32(0.5)) / width
            vs[x] = middle
        if offset.size:
            warp = offset[y]
            for x in range(us.size):
                u, v = us[x] + warp[x, 0], vs[x] + warp[x, 1]
                # What is no number would be looked up outside the tables.
                us[x] = u if abs(u) <= FARTHEST else f32(0)
                vs[x] = v if abs(v) <= FARTHEST else f32(0)
        runs = _cut(us, vs, origin, edges, starts, first, ends, begin, cell, course)
        for i in range(runs):
            a, b = begin[i], begin[i + 1]
            start, box = starts[course[i]], boxes[cell[i]]
            box_x, box_y, length, half, taper, cosine, sine, radius = (
                box[0], box[1], box[2], box[3], box[4], box[5], box[6], box[7]
            )  # fmt: skip
            cells[y, a:b] = owner[cell[i]]
            run_u, run_v, run = us[a:b], vs[a:b], depth[y, a:b]
            for x in range(run.size):
                along, down = run_u[x] - start, run_v[x] - origin
                px = (along - np.floor(along)) * width - box_x
                py = (down - np.floor(down)) * height - box_y
                rx, ry = px * cosine - py * sine, px * sine + py * cosine
                qx = abs(rx) - length + radius
                qy = abs(ry) - (half + taper * rx) + radius
                ox, oy = max(qx, f32(0)), max(qy, f32(0))
                run[x] = radius - np.sqrt(ox * ox + oy * oy) - min(max(qx, qy), f32(0))
            if uv.size:
                place = uv[y, a:b]
                wide, high = f32(0.5) / max(length, f32(0.5)), f32(0.5) / max(half, f32(0.5))
                for x in range(run.size):
                    along, down = run_u[x] - start, run_v[x] - origin
                    px = (along - np.floor(along)) * width - box_x
                    py = (down - np.floor(down)) * height - box_y
                    place[x, 0] = min(max((px * cosine - py * sine) * wide + f32(0.5), f32(0)), f32(1))
                    place[x, 1] = min(max((px * sine + py * cosine) * high + f32(0.5), f32(0)), f32(1))
            if local.size:
                place, wide = local[y, a:b], f32(1) / width
                for x in range(run.size):
                    along, down = run_u[x] - start, run_v[x] - origin
                    px = (along - np.floor(along)) * width - box_x
                    py = (down - np.floor(down)) * height - box_y
                    place[x, 0] = (px * cosine - py * sine) * wide
                    place[x, 1] = (px * sine + py * cosine) * wide


@kernel
def cover(depth, out):
    """Write how much of each pixel lies inside: 1 px of soft edge."""
    for i in range(out.size):
        out[i] = min(max(f32(0.5) + depth[i], f32(0)), f32(1))


@kernel
def label(depth, cells, out):
    """Write each pixel's cell plus 1 inside its box, 0 outside."""
    for i in range(out.size):
        out[i] = cells[i] + np.int32(1) if depth[i] > f32(0) else np.int32(0)


@kernel
def look_up_cells(cells, values, out):
    """Write the value of each pixel's cell."""
    for i in range(out.size):
        out[i] = values[cells[i]]
