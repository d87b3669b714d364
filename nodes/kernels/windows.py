"""Windows of an exemplar on a triangle grid that closes round the tile: read, weighted and blended.

About each vertex lies a hexagonal window of the exemplar, and in each triangle three of them overlap. Every second
row of vertices is shifted by half a step, so an even number of rows closes on the torus.

The tables have a row for each row of vertices and the first again, a column for each vertex of a row, `MARGIN` before
and as many after and one: what lies across the border is looked up like the rest. Their entries are where a window is
nailed on the tile (y, x), where in the exemplar (y, x), and the cosine and sine by which it is turned.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.elementary import power
from nodes.kernels.gaussian import coloured
from nodes.kernels.hash import hash32
from nodes.kernels.sampling import in_tile, wrapped

MARGIN = 2

NEVER_GONE = f32(1e-5)
"""The weight of a window beyond the exemplar's border, where only an exemplar too small for its windows has none."""


@inline
def _corners(y, x, step_y, step_x, rows):
    """Return the weights, rows and columns of the three vertices about a place, the columns counted from the margin."""
    down = y / step_y
    j = min(max(np.int64(down), 0), rows - 1)
    v = down - f32(j)
    odd = j & 1
    across = x / step_x - f32(0.5) * f32(odd)
    left = np.floor(across)
    u = across - left
    i = np.int64(left) + MARGIN
    below = i + odd
    half = f32(0.5) * v
    if u < half:
        return f32(1) - v, half - u, u + half, j, j + 1, j + 1, i, below - 1, below
    if u > f32(1) - half:
        return f32(1) - v, f32(1) - u + half, u - f32(1) + half, j, j + 1, j + 1, i + 1, below, below + 1
    return f32(1) - half - u, u - half, v, j, j, j + 1, i, i + 1, below


@inline
def _place(y, x, nailed, j, i, frame):
    """Return where in the exemplar a place of the tile lies, in the window of a vertex, and how far it has faded."""
    dy, dx = y - nailed[0, j, i], x - nailed[1, j, i]
    cosine, sine = nailed[4, j, i], nailed[5, j, i]
    from_y = nailed[2, j, i] + (sine * dx + cosine * dy) + f32(0.5)
    from_x = nailed[3, j, i] + (cosine * dx - sine * dy) + f32(0.5)
    inside = min(min(from_y, frame[2] - from_y), min(from_x, frame[3] - from_x))
    faded = min(max(inside * frame[4] + frame[5], NEVER_GONE), f32(1))
    return from_y * frame[0] - f32(0.5), from_x * frame[1] - f32(0.5), faded


@inline
def _neighbours(y, x, height, width, wraps):
    """Return the four pixels about a place, and how far it lies from the first."""
    low_y, low_x = np.floor(y), np.floor(x)
    y0, x0 = np.int64(low_y), np.int64(low_x)
    if wraps:
        y0, x0 = wrapped(y0, height), wrapped(x0, width)
        y1, x1 = wrapped(y0 + 1, height), wrapped(x0 + 1, width)
    else:
        y1, x1 = min(max(y0 + 1, 0), height - 1), min(max(x0 + 1, 0), width - 1)
        y0, x0 = min(max(y0, 0), height - 1), min(max(x0, 0), width - 1)
    return y0, x0, y1, x1, y - low_y, x - low_x


@inline
def _between(planes, c, y0, x0, y1, x1, part_y, part_x):
    upper = planes[y0, x0, c] + part_x * (planes[y0, x1, c] - planes[y0, x0, c])
    lower = planes[y1, x0, c] + part_x * (planes[y1, x1, c] - planes[y1, x0, c])
    return upper + part_y * (lower - upper)


@inline
def _tap(planes, y, x, wraps):
    """Return three planes between their pixels; on a pixel, that pixel alone is read."""
    y0, x0, y1, x1, part_y, part_x = _neighbours(y, x, planes.shape[0], planes.shape[1], wraps)
    if part_y == f32(0) and part_x == f32(0):
        return planes[y0, x0, 0], planes[y0, x0, 1], planes[y0, x0, 2]
    return (
        _between(planes, 0, y0, x0, y1, x1, part_y, part_x),
        _between(planes, 1, y0, x0, y1, x1, part_y, part_x),
        _between(planes, 2, y0, x0, y1, x1, part_y, part_x),
    )


@kernel
def blend_windows(planes, nailed, steps, size, frame, wraps, sharpness, alike, tables, axes, bounds, offset, top, out):
    """Blend three windows of Gaussian planes so that their variance stays, and give them the exemplar's colours.

    planes : (h, w, 3). steps, size : of the grid and of the tile, in pixels, y first. frame : pixels of the
    planes to one of the tile, y first, the exemplar's size on the tile, and by which line windows fade at its border.
    alike : (3,), how windows correlate, from `agreement`. tables, axes, bounds : as `coloured` takes them.
    offset : (h, W, 2) or empty.
    """
    rows, moved = nailed.shape[1] - 1, offset.shape[0] > 0
    for line in range(out.shape[0]):
        row = out[line]
        for column in range(row.shape[0]):
            y, x = f32(top + line) + f32(0.5), f32(column) + f32(0.5)
            if moved:
                y = in_tile(y + offset[line, column, 1] * size[0], size[0])
                x = in_tile(x + offset[line, column, 0] * size[1], size[1])
            wa, wb, wc, ja, jb, jc, ia, ib, ic = _corners(y, x, steps[0], steps[1], rows)
            if sharpness == f32(2):
                wa, wb, wc = wa * wa, wb * wb, wc * wc
            elif sharpness != f32(1):
                wa, wb, wc = power(wa, sharpness), power(wb, sharpness), power(wc, sharpness)
            y, x = y - f32(0.5), x - f32(0.5)
            ya, xa, fa = _place(y, x, nailed, ja, ia, frame)
            yb, xb, fb = _place(y, x, nailed, jb, ib, frame)
            yc, xc, fc = _place(y, x, nailed, jc, ic, frame)
            wa, wb, wc = wa * fa, wb * fb, wc * fc
            squares, pairs = wa * wa + wb * wb + wc * wc, f32(2) * (wa * wb + wb * wc + wc * wa)
            pairs *= pairs / squares  # windows agree the more the more they overlap
            norm0 = f32(1) / np.sqrt(squares + alike[0] * pairs)
            norm1 = f32(1) / np.sqrt(squares + alike[1] * pairs)
            norm2 = f32(1) / np.sqrt(squares + alike[2] * pairs)
            a0, a1, a2 = _tap(planes, ya, xa, wraps)
            b0, b1, b2 = _tap(planes, yb, xb, wraps)
            c0, c1, c2 = _tap(planes, yc, xc, wraps)
            row[column, 0], row[column, 1], row[column, 2] = coloured(
                (wa * a0 + wb * b0 + wc * c0) * norm0,
                (wa * a1 + wb * b1 + wc * c1) * norm1,
                (wa * a2 + wb * b2 + wc * c2) * norm2,
                tables,
                axes,
                bounds,
            )


@kernel
def agreement(planes, nailed, steps, size, frame, wraps, sharpness, every, sums):
    """Add up how windows agree where they overlap.

    sums : (4,); the first three, one a plane, divided by the last are their correlation, which grows with the overlap.
    Only each `every`-th pixel of each such row is looked at.
    """
    rows = nailed.shape[1] - 1
    for line in range(np.int64(size[0]) // every):
        for column in range(np.int64(size[1]) // every):
            y, x = f32(line * every) + f32(0.5), f32(column * every) + f32(0.5)
            wa, wb, wc, ja, jb, jc, ia, ib, ic = _corners(y, x, steps[0], steps[1], rows)
            wa, wb, wc = power(wa, sharpness), power(wb, sharpness), power(wc, sharpness)
            y, x = y - f32(0.5), x - f32(0.5)
            ya, xa, fa = _place(y, x, nailed, ja, ia, frame)
            yb, xb, fb = _place(y, x, nailed, jb, ib, frame)
            yc, xc, fc = _place(y, x, nailed, jc, ic, frame)
            wa, wb, wc = wa * fa, wb * fb, wc * fc
            norm = f32(1) / (wa * wa + wb * wb + wc * wc)
            ab, bc, ca = wa * wb * norm, wb * wc * norm, wc * wa * norm
            a0, a1, a2 = _tap(planes, ya, xa, wraps)
            b0, b1, b2 = _tap(planes, yb, xb, wraps)
            c0, c1, c2 = _tap(planes, yc, xc, wraps)
            sums[0] += ab * a0 * b0 + bc * b0 * c0 + ca * c0 * a0
            sums[1] += ab * a1 * b1 + bc * b1 * c1 + ca * c1 * a1
            sums[2] += ab * a2 * b2 + bc * b2 * c2 + ca * c2 * a2
            sums[3] += f32(2) * (ab + bc + ca) * (ab + bc + ca)


@kernel
def mix_windows(planes, nailed, steps, size, frame, wraps, sharpness, contrast, offset, top, color, height, slopes):
    """Mix three windows by sharpened weights; the last plane says which of them comes forward.

    planes : (h, w, c), colour, then height and slopes where they are, last the key. sharpness : an exponent; 0 takes
    the nearest window alone. color, height, slopes : (h, W, 3), (h, W), (2, h, W), the last two maybe empty.
    """
    rows, count, moved = nailed.shape[1] - 1, planes.shape[2] - 1, offset.shape[0] > 0
    total, tap = np.empty(count, np.float32), np.empty(count + 1, np.float32)
    bent = slopes.shape[1] > 0
    least = power(f32(1e-4), f32(1) / max(sharpness, f32(1)))
    for line in range(color.shape[0]):
        for column in range(color.shape[1]):
            y, x = f32(top + line) + f32(0.5), f32(column) + f32(0.5)
            if moved:
                y = in_tile(y + offset[line, column, 1] * size[0], size[0])
                x = in_tile(x + offset[line, column, 0] * size[1], size[1])
            wa, wb, wc, ja, jb, jc, ia, ib, ic = _corners(y, x, steps[0], steps[1], rows)
            y, x = y - f32(0.5), x - f32(0.5)
            best = max(wa, max(wb, wc))
            sum_, first = f32(0), True
            for c in range(count):
                total[c] = f32(0)
            for corner in range(3):
                weight, j, i = wa, ja, ia
                if corner == 1:
                    weight, j, i = wb, jb, ib
                elif corner == 2:
                    weight, j, i = wc, jc, ic
                if sharpness == f32(0):
                    weight = f32(1) if weight == best and first else f32(0)
                    first = first and weight == f32(0)
                    if weight == f32(0):
                        continue
                else:
                    weight /= best
                    if weight < least:
                        continue
                    if weight < f32(1):
                        weight = power(weight, sharpness)
                from_y, from_x, faded = _place(y, x, nailed, j, i, frame)
                y0, x0, y1, x1, part_y, part_x = _neighbours(from_y, from_x, planes.shape[0], planes.shape[1], wraps)
                for c in range(count + 1):
                    tap[c] = planes[y0, x0, c]
                if part_y != f32(0) or part_x != f32(0):
                    for c in range(count + 1):
                        tap[c] = _between(planes, c, y0, x0, y1, x1, part_y, part_x)
                if sharpness != f32(0):
                    weight *= faded * (f32(1) + contrast * (tap[count] - f32(1)))
                if bent:
                    across, down = tap[count - 2], tap[count - 1]
                    cosine, sine = nailed[4, j, i], nailed[5, j, i]
                    tap[count - 2] = cosine * across + sine * down
                    tap[count - 1] = cosine * down - sine * across
                sum_ += weight
                for c in range(count):
                    total[c] += weight * tap[c]
            share = f32(1) / sum_
            color[line, column, 0] = total[0] * share
            color[line, column, 1] = total[1] * share
            color[line, column, 2] = total[2] * share
            if height.shape[0] > 0:
                height[line, column] = total[3] * share
            if bent:
                slopes[0, line, column] = total[count - 2] * share
                slopes[1, line, column] = total[count - 1] * share


# ---- which window lies where ----------------------------------------------------------------------


@inline
def _coarse(small, y, x, wraps):
    """Return the nearest pixel to a place, in pixels."""
    j, i = np.int64(np.floor(y)), np.int64(np.floor(x))
    if wraps:
        return wrapped(j, small.shape[0]), wrapped(i, small.shape[1])
    return min(max(j, 0), small.shape[0] - 1), min(max(i, 0), small.shape[1] - 1)


@kernel
def _misfit(small, middles, turns, steps, scale, wraps, twins, j, i):
    """Return by how much the window of a vertex differs from its six neighbours, at three places of each joint.

    A neighbour that shows nearly the same, not what comes next, counts as `twins` besides.
    """
    rows, columns = middles.shape[1:]
    odd, total = j & 1, f32(0)
    for side in range(6):
        dj = 0 if side < 2 else (1 if side < 4 else -1)
        right = side & 1
        ahead = f32(right) * f32(2) - f32(1)
        dy, dx = f32(dj) * steps[0], ahead * (steps[1] if dj == 0 else f32(0.5) * steps[1])
        k, n = wrapped(j + dj, rows), wrapped(i + (2 * right - 1 if dj == 0 else odd - 1 + right), columns)
        off_y, off_x = middles[0, k, n] - middles[0, j, i], middles[1, k, n] - middles[1, j, i]
        next_y, next_x = off_y - dy, off_x - dx
        apart = min(off_y * off_y + off_x * off_x, f32(4) * (next_y * next_y + next_x * next_x))
        total += twins * max(f32(0), f32(1) - apart / (f32(1.7) * steps[1] * steps[1]))
        for point in range(-1, 2):
            # Along the joint, which runs across the way from one vertex to the other.
            along = f32(point) * f32(0.29)
            own_y, own_x = dy * f32(0.5) + along * dx, dx * f32(0.5) - along * dy
            ay, ax = _turned(middles, turns, scale, own_y, own_x, j, i)
            by, bx = _turned(middles, turns, scale, own_y - dy, own_x - dx, k, n)
            a0, a1 = _coarse(small, ay, ax, wraps)
            b0, b1 = _coarse(small, by, bx, wraps)
            for c in range(3):
                apart = small[a0, a1, c] - small[b0, b1, c]
                total += apart * apart
    return total


@inline
def _turned(middles, turns, scale, y, x, j, i):
    """Return where in the coarse exemplar lies what a window shows at (y, x) from its middle."""
    cosine, sine = turns[0, j, i], turns[1, j, i]
    from_y, from_x = middles[0, j, i] + (sine * x + cosine * y), middles[1, j, i] + (cosine * x - sine * y)
    return from_y * scale[0], from_x * scale[1]


@kernel
def swap_windows(small, middles, turns, steps, scale, wraps, twins, first, last, seed):
    """Let pairs of vertices drawn by lot swap their windows wherever that makes neighbours meet better.

    small : the exemplar, coarse, (h, w, 3). middles : (2, rows, columns), where in the exemplar each window has its
    middle, written over. turns : (2, rows, columns), cosine and sine. scale : coarse pixels to a unit of length.
    twins : what it costs that neighbours show the same. first, last : which of the draws are made.
    """
    rows, columns = middles.shape[1:]
    count = np.uint32(rows * columns)
    for trial in range(first, last):
        a, b = np.int64(hash32(trial, 0, seed) % count), np.int64(hash32(trial, 1, seed) % count)
        ja, ia, jb, ib = a // columns, a % columns, b // columns, b % columns
        before = _misfit(small, middles, turns, steps, scale, wraps, twins, ja, ia)
        before += _misfit(small, middles, turns, steps, scale, wraps, twins, jb, ib)
        _swap(middles, ja, ia, jb, ib)
        after = _misfit(small, middles, turns, steps, scale, wraps, twins, ja, ia)
        after += _misfit(small, middles, turns, steps, scale, wraps, twins, jb, ib)
        if after >= before:
            _swap(middles, ja, ia, jb, ib)


@inline
def _swap(middles, ja, ia, jb, ib):
    for axis in range(2):
        kept = middles[axis, ja, ia]
        middles[axis, ja, ia] = middles[axis, jb, ib]
        middles[axis, jb, ib] = kept
