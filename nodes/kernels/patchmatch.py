"""Patch search and vote on the torus: PatchMatch (Barnes 2009) inside texture optimisation (Kwatra 2005).

A patch is 7 x 7 texels. It is named by its centre, in the output and in the exemplar. Rows are worked in bands that
read each other only as they were before the sweep, so that any number of threads gives the same bits.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.quilting import below, off_lattice, toll

RADIUS = 3
PATCH = (2 * RADIUS + 1) ** 2
CELL = 4
"""Texels of the exemplar to a side of a cell in which uses are counted."""

HUGE = f32(1e30)


@inline
def patch_distance(exemplar, picture, sy, sx, y, x, best):
    """Return the squared distance of an exemplar's patch and a wrapped one of the output, given up beyond `best`."""
    height, width, planes = picture.shape
    total = f32(0)
    inside = y >= RADIUS and x >= RADIUS and y < height - RADIUS and x < width - RADIUS
    for a in range(-RADIUS, RADIUS + 1):
        there = exemplar[sy + a, sx - RADIUS : sx + RADIUS + 1]
        if inside:
            here = picture[y + a, x - RADIUS : x + RADIUS + 1]
            for b in range(there.shape[0]):
                for c in range(planes):
                    apart = there[b, c] - here[b, c]
                    total += apart * apart
        else:
            for b in range(there.shape[0]):
                for c in range(planes):
                    apart = there[b, c] - picture[(y + a) % height, (x + b - RADIUS) % width, c]
                    total += apart * apart
        if total >= best:
            break
    return total


@kernel
def uneven_rows(field_y, field_x, held, active, step, top, bottom):
    """Set active[i, j] where the texels of a patch do not all come from one place: the others match already."""
    height, width = field_y.shape
    for i in range(top, bottom):
        for j in range(active.shape[1]):
            y, x = i * step, j * step
            sy, sx = np.int64(field_y[y, x]), np.int64(field_x[y, x])
            uneven, free = False, False
            for a in range(-RADIUS, RADIUS + 1):
                row = (y + a) % height
                for b in range(-RADIUS, RADIUS + 1):
                    column = (x + b) % width
                    free |= not held[row, column]
                    uneven |= field_y[row, column] != sy + a or field_x[row, column] != sx + b
            active[i, j] = uneven and free


@kernel
def search_rows(
    exemplar,
    picture,
    patch_y,
    patch_x,
    before_y,
    before_x,
    cost,
    active,
    valid,
    use,
    rate,
    lattice,
    places,
    forwards,
    draws,
    seed,
    step,
    top,
    bottom,
):
    """Improve the patches of rows `top` to `bottom`: four neighbours' places and `draws` nearer and nearer ones.

    before_y, before_x : all patches before the sweep. use : patches at home in each cell, this band's own copy.
    lattice, places : steps that offsets had better be, see `quilting.toll`. rate : what a patch pays for each use.
    valid : where a patch may have its centre.
    """
    h, w, _ = exemplar.shape
    rows, columns = patch_y.shape
    sign = np.int64(-1) if forwards else np.int64(1)
    for i0 in range(bottom - top):
        i = top + i0 if forwards else bottom - 1 - i0
        for j0 in range(columns):
            j = j0 if forwards else columns - 1 - j0
            if not active[i, j]:
                continue
            y, x = i * step, j * step
            cy, cx = np.int64(patch_y[i, j]), np.int64(patch_x[i, j])
            use[cy // CELL, cx // CELL] -= f32(1)
            fee = rate * use[cy // CELL, cx // CELL] + f32(PATCH) * toll(lattice, places, cy, cx, y, x)
            best = patch_distance(exemplar, picture, cy, cx, y, x, HUGE) + fee
            own = fee
            reach = max(h, w) // 2
            for k in range(4 + draws):
                if k < 4:
                    di = np.int64(0) if k == 1 else sign
                    dj = np.int64(0) if k == 0 else (-sign if k == 2 else sign)
                    ni, nj = (i + di) % rows, (j + dj) % columns
                    if top <= ni and ni < bottom:
                        ty, tx = np.int64(patch_y[ni, nj]) - di * step, np.int64(patch_x[ni, nj]) - dj * step
                    else:
                        ty, tx = np.int64(before_y[ni, nj]) - di * step, np.int64(before_x[ni, nj]) - dj * step
                else:
                    ty = cy + below(2 * reach + 1, 2 * k, y * 65536 + x, seed) - reach
                    tx = cx + below(2 * reach + 1, 2 * k + 1, y * 65536 + x, seed) - reach
                    reach = max(1, reach // 2)
                    if lattice.shape[0] > 0 and ty >= 0 and tx >= 0 and ty < h and tx < w:
                        away_y, away_x = off_lattice(lattice, places[ty, tx, 0] - f32(y), places[ty, tx, 1] - f32(x))
                        ty, tx = ty - np.int64(np.rint(away_y)), tx - np.int64(np.rint(away_x))
                if ty < 0 or tx < 0 or ty >= h or tx >= w or (ty == cy and tx == cx) or not valid[ty, tx]:
                    continue
                fee = rate * use[ty // CELL, tx // CELL] + f32(PATCH) * toll(lattice, places, ty, tx, y, x)
                if fee >= best:
                    continue
                found = patch_distance(exemplar, picture, ty, tx, y, x, best - fee) + fee
                if found < best:
                    best, own, cy, cx = found, fee, ty, tx
            patch_y[i, j], patch_x[i, j] = cy, cx
            cost[i, j] = best - own
            use[cy // CELL, cx // CELL] += f32(1)


@inline
def place_of(k, count, step, size):
    """Return where patch number `k` stands, unwrapped, if a row of `count` of them goes round `size` texels."""
    if k < 0:
        return (k + count) * step - size
    if k >= count:
        return (k - count) * step + size
    return k * step


@kernel
def vote_rows(exemplar, patch_y, patch_x, cost, soft, kept, picture, field_y, field_x, voted, step, top, bottom):
    """Set texels to the mean of what the patches over them say, and their field to the nearest of these.

    A patch weighs 1 / (cost + soft). Texels that are `kept` stay as they are.
    """
    height, width, _ = picture.shape
    rows, columns = patch_y.shape
    mean = np.empty(voted, np.float32)
    most = (2 * RADIUS + 2) ** 2
    said_y, said_x = np.empty(most, np.int64), np.empty(most, np.int64)
    for y in range(top, bottom):
        low_i, high_i = (y - RADIUS) // step, -((-y - RADIUS) // step)
        for x in range(width):
            if kept[y, x]:
                continue
            low_j, high_j = (x - RADIUS) // step, -((-x - RADIUS) // step)
            mean[:] = f32(0)
            weights, count, one = f32(0), 0, True
            for i in range(low_i, high_i + 1):
                a = y - place_of(i, rows, step, height)
                if a < -RADIUS or a > RADIUS:
                    continue
                for j in range(low_j, high_j + 1):
                    b = x - place_of(j, columns, step, width)
                    if b < -RADIUS or b > RADIUS:
                        continue
                    ty, tx = np.int64(patch_y[i % rows, j % columns]) + a, np.int64(patch_x[i % rows, j % columns]) + b
                    said_y[count], said_x[count] = ty, tx
                    count += 1
                    one &= ty == said_y[0] and tx == said_x[0]
                    weight = f32(1) / (cost[i % rows, j % columns] + soft)
                    weights += weight
                    for c in range(voted):
                        mean[c] += weight * exemplar[ty, tx, c]
            if one:
                field_y[y, x], field_x[y, x] = said_y[0], said_x[0]
                for c in range(voted):
                    picture[y, x, c] = exemplar[said_y[0], said_x[0], c]
                continue
            for c in range(voted):
                mean[c] /= weights
                picture[y, x, c] = mean[c]
            least = HUGE
            for k in range(count):
                apart = f32(0)
                for c in range(voted):
                    away = exemplar[said_y[k], said_x[k], c] - mean[c]
                    apart += away * away
                if apart < least:
                    least = apart
                    field_y[y, x], field_x[y, x] = said_y[k], said_x[k]
