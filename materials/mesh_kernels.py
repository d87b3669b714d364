"""Meshes under rays: a tree of boxes, the triangle that is met, and the relief that it wears.

boxes : (n, 6), least and greatest corner. links : (n, 2), of a leaf its first triangle and how many; else the second
child and 0, the first child being the next node. corners : (m, 9), a corner and the two edges from it. worn : (m, 26),
three normals, three directions of texture right, three texture coordinates, the side of texture up, and how dense
the texture lies.

True displacement would need a shell of prisms round every triangle and a march through each that a ray crosses, ten
times the work of the mesh itself. Instead the relief is marched in the plane of the triangle that was met (Policarpo
et al., 2005): bumps hide one another and throw shadows, but the outline stays the mesh's own.
"""

from __future__ import annotations

import numpy as np

from materials.texel_kernels import height_at
from nodes.kernels import f32, kernel

STACK = 128
LEAF = 4
DEEP = 40
"""Below this depth triangles are shared out by number, so that the tree cannot outgrow the stack."""

MOST_STEPS = 24
MOST_SHADOW_STEPS = 10

FAR = f32(1e9)
THIN = f32(1e-6)
ZERO, ONE, HALF, TWO = f32(0), f32(1), f32(0.5), f32(2)


@kernel
def grow(middles, lows, highs, order, boxes, links):
    """Write a tree over triangles, halving the widest spread of their middles; return how many nodes it has."""
    waiting = np.empty((4 * STACK, 4), np.int64)
    waiting[0, 0], waiting[0, 1], waiting[0, 2], waiting[0, 3] = 0, order.size, 0, -1
    left, used = 1, 0
    low, high = np.empty(3, np.float32), np.empty(3, np.float32)
    while left > 0:
        left -= 1
        first, last, depth, parent = waiting[left, 0], waiting[left, 1], waiting[left, 2], waiting[left, 3]
        node = used
        used += 1
        if parent >= 0:
            links[parent, 0] = node
        for c in range(3):
            boxes[node, c], boxes[node, 3 + c], low[c], high[c] = FAR, -FAR, FAR, -FAR
        for k in range(first, last):
            triangle = order[k]
            for c in range(3):
                boxes[node, c] = min(boxes[node, c], lows[triangle, c])
                boxes[node, 3 + c] = max(boxes[node, 3 + c], highs[triangle, c])
                low[c] = min(low[c], middles[triangle, c])
                high[c] = max(high[c], middles[triangle, c])
        if last - first <= LEAF:
            links[node, 0], links[node, 1] = first, last - first
            continue
        axis = 0
        for c in range(1, 3):
            if high[c] - low[c] > high[axis] - low[axis]:
                axis = c
        middle = part(middles, order, first, last, axis, HALF * (low[axis] + high[axis]))
        if middle in (first, last) or depth > DEEP:
            middle = (first + last) // 2
        links[node, 1] = 0
        # The second child is done after all of the first: it learns its number when its turn comes.
        waiting[left, 0], waiting[left, 1], waiting[left, 2], waiting[left, 3] = middle, last, depth + 1, node
        left += 1
        waiting[left, 0], waiting[left, 1], waiting[left, 2], waiting[left, 3] = first, middle, depth + 1, -1
        left += 1
    return used


@kernel
def part(middles, order, first, last, axis, where):
    """Bring triangles that lie below a place to the front; return where the others begin."""
    middle = first
    for k in range(first, last):
        triangle = order[k]
        if middles[triangle, axis] < where:
            order[k] = order[middle]
            order[middle] = triangle
            middle += 1
    return middle


@kernel
def entry(boxes, node, ox, oy, oz, ix, iy, iz, best):
    """Return where a ray enters a box before a distance, or `FAR`."""
    a, b = (boxes[node, 0] - ox) * ix, (boxes[node, 3] - ox) * ix
    near, far = min(a, b), max(a, b)
    a, b = (boxes[node, 1] - oy) * iy, (boxes[node, 4] - oy) * iy
    near, far = max(near, min(a, b)), min(far, max(a, b))
    a, b = (boxes[node, 2] - oz) * iz, (boxes[node, 5] - oz) * iz
    near, far = max(near, min(a, b)), min(far, max(a, b))
    near = max(near, ZERO)
    return near if near <= far * f32(1.0000004) and near < best else FAR


@kernel
def inverted(towards):
    if abs(towards) < f32(1e-12):
        return f32(1e12) if towards >= ZERO else f32(-1e12)
    return ONE / towards


@kernel
def crossed(corners, k, ox, oy, oz, dx, dy, dz):
    """Return the distance to a triangle's plane within its edges, or -1, and the place by its two edges."""
    ax, ay, az = corners[k, 3], corners[k, 4], corners[k, 5]
    bx, by, bz = corners[k, 6], corners[k, 7], corners[k, 8]
    px, py, pz = dy * bz - dz * by, dz * bx - dx * bz, dx * by - dy * bx
    volume = ax * px + ay * py + az * pz
    if abs(volume) < f32(1e-14):
        return f32(-1), ZERO, ZERO
    inverse = ONE / volume
    sx, sy, sz = ox - corners[k, 0], oy - corners[k, 1], oz - corners[k, 2]
    a = (sx * px + sy * py + sz * pz) * inverse
    qx, qy, qz = sy * az - sz * ay, sz * ax - sx * az, sx * ay - sy * ax
    b = (dx * qx + dy * qy + dz * qz) * inverse
    # A hair beyond the edge counts: no ray may slip between two neighbours.
    if a < f32(-2e-5) or b < f32(-2e-5) or a + b > f32(1.00002):
        return f32(-1), ZERO, ZERO
    return (bx * qx + by * qy + bz * qz) * inverse, a, b


@kernel
def nearest(boxes, links, corners, ox, oy, oz, dx, dy, dz, reach, least, any_will_do, stack):
    """Return the distance to the first triangle on a ray, or -1, its number, and the place by its two edges."""
    ix, iy, iz = inverted(dx), inverted(dy), inverted(dz)
    best, found, best_a, best_b = reach, -1, ZERO, ZERO
    depth = 0
    if entry(boxes, 0, ox, oy, oz, ix, iy, iz, best) < FAR:
        stack[0], depth = 0, 1
    while depth > 0:
        depth -= 1
        node = np.int64(stack[depth])
        if links[node, 1] > 0:
            for k in range(links[node, 0], links[node, 0] + links[node, 1]):
                t, a, b = crossed(corners, k, ox, oy, oz, dx, dy, dz)
                if least < t < best:
                    best, found, best_a, best_b = t, k, a, b
            if any_will_do and found >= 0:
                break
            continue
        one, two = node + 1, np.int64(links[node, 0])
        a = entry(boxes, one, ox, oy, oz, ix, iy, iz, best)
        b = entry(boxes, two, ox, oy, oz, ix, iy, iz, best)
        if a > b:
            one, two, a, b = two, one, b, a
        if b < FAR:
            stack[depth] = two
            depth += 1
        if a < FAR:
            stack[depth] = one
            depth += 1
    return (best if found >= 0 else f32(-1)), found, best_a, best_b


@kernel
def dress(worn, k, a, b, dx, dy, dz, frame):
    """Write the directions of texture right, texture up and outwards at a place of a triangle."""
    c = ONE - a - b
    nx = worn[k, 0] * c + worn[k, 3] * a + worn[k, 6] * b
    ny = worn[k, 1] * c + worn[k, 4] * a + worn[k, 7] * b
    nz = worn[k, 2] * c + worn[k, 5] * a + worn[k, 8] * b
    inverse = ONE / np.sqrt(max(nx * nx + ny * ny + nz * nz, THIN))
    nx, ny, nz = nx * inverse, ny * inverse, nz * inverse
    rx = worn[k, 9] * c + worn[k, 12] * a + worn[k, 15] * b
    ry = worn[k, 10] * c + worn[k, 13] * a + worn[k, 16] * b
    rz = worn[k, 11] * c + worn[k, 14] * a + worn[k, 17] * b
    along = rx * nx + ry * ny + rz * nz
    rx, ry, rz = rx - nx * along, ry - ny * along, rz - nz * along
    length = np.sqrt(rx * rx + ry * ry + rz * rz)
    if length < f32(1e-4):  # directions that cancel: any that lies in the surface
        rx, ry, rz = (ONE - nx * nx, -nx * ny, -nx * nz) if abs(nx) < f32(0.8) else (-ny * nx, ONE - ny * ny, -ny * nz)
        length = np.sqrt(rx * rx + ry * ry + rz * rz)
    rx, ry, rz = rx / length, ry / length, rz / length
    side = worn[k, 24]
    frame[0], frame[1], frame[2] = rx, ry, rz
    frame[3] = (ny * rz - nz * ry) * side
    frame[4] = (nz * rx - nx * rz) * side
    frame[5] = (nx * ry - ny * rx) * side
    if nx * dx + ny * dy + nz * dz > ZERO and abs(nx * dx + ny * dy + nz * dz) > f32(0.2):
        nx, ny, nz = -nx, -ny, -nz  # seen from behind
    frame[6], frame[7], frame[8] = nx, ny, nz


@kernel
def meet(
    boxes, links, corners, worn, form, heights, levels, pixel, ox, oy, oz, dx, dy, dz, frame, stack
):  # fmt: skip
    """Return the distance to a mesh, or -1, where its relief is met in the texture, its density, the heights' level."""
    t, k, a, b = nearest(boxes, links, corners, ox, oy, oz, dx, dy, dz, FAR, ZERO, False, stack)
    if t <= ZERO:
        return t, ZERO, ZERO, ONE, 0
    c = ONE - a - b
    u = (worn[k, 18] * c + worn[k, 20] * a + worn[k, 22] * b) * form[9] + form[7]
    v = (worn[k, 19] * c + worn[k, 21] * a + worn[k, 23] * b) * form[10] + form[8]
    denser = worn[k, 25] * form[9]
    dress(worn, k, a, b, dx, dy, dz, frame)
    lod = np.log2(max(t * pixel * denser * f32(levels[0, 2]), ONE))
    level = min(np.int64(lod + HALF), levels.shape[0] - 1)
    thick = form[3] - form[4]
    if thick < THIN:
        return t, u, v, denser, level
    start, rows, columns = levels[level, 0], levels[level, 1], levels[level, 2]
    inwards = max(-(dx * frame[6] + dy * frame[7] + dz * frame[8]), f32(0.22))
    across = (dx * frame[0] + dy * frame[1] + dz * frame[2]) / inwards * denser
    down = -(dx * frame[3] + dy * frame[4] + dz * frame[5]) / inwards * denser / form[1]
    texels = np.sqrt(across * across + down * down) * thick * f32(columns)
    steps = min(np.int64(texels) + 2, MOST_STEPS)
    elevation, before, gap_before = form[3], form[3], ONE
    for step in range(steps + 1):
        elevation = form[3] - thick * f32(step) / f32(steps)
        ground = height_at(heights, start, rows, columns, u - across * elevation, v - down * elevation)
        gap = elevation - (ground - HALF) * form[2]
        if gap <= ZERO:
            if step > 0:
                elevation = before + (elevation - before) * gap_before / (gap_before - gap)
            break
        before, gap_before = elevation, gap
    return t, u - across * elevation, v - down * elevation, denser, level


@kernel
def reached(
    boxes, links, corners, form, heights, levels, level, light, x, y, z, u, v, denser, facing, frame, stack
):  # fmt: skip
    """Return how much of the key light reaches a place past the mesh and past the relief around it, 0 to 1."""
    bias = f32(0.006)
    t, _, _, _ = nearest(
        boxes, links, corners, x + bias * frame[6], y + bias * frame[7], z + bias * frame[8], light[0], light[1],
        light[2], FAR, f32(0.012), True, stack,
    )  # fmt: skip
    if t > ZERO:
        return ZERO
    thick = form[3] - form[4]
    if thick < THIN:
        return ONE
    start, rows, columns = levels[level, 0], levels[level, 1], levels[level, 2]
    here = (height_at(heights, start, rows, columns, u, v) - HALF) * form[2]
    outwards = max(facing, f32(0.07))
    reach = min((form[3] - here) / outwards, f32(10) * thick)
    across = (light[0] * frame[0] + light[1] * frame[1] + light[2] * frame[2]) * denser
    down = -(light[0] * frame[3] + light[1] * frame[4] + light[2] * frame[5]) * denser / form[1]
    texels = reach * denser * f32(columns)
    if texels < f32(0.4):
        return ONE
    steps = min(np.int64(texels * HALF) + 3, MOST_SHADOW_STEPS)
    grain = f32(0.012) * thick + f32(0.25) / (denser * f32(columns))
    seen = ONE
    for k in range(1, steps + 1):
        share = f32(k) / f32(steps)
        s = reach * share * (f32(0.4) + f32(0.6) * share)
        ground = height_at(heights, start, rows, columns, u + across * s, v + down * s)
        above = here + outwards * s - (ground - HALF) * form[2]
        seen = min(seen, ONE + above / (s * light[6] * TWO + grain))
        if seen <= ZERO:
            return ZERO
    return seen * seen * (f32(3) - TWO * seen)
