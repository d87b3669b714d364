"""Growth rings of sawn boards: each a plane cut through a log, which is a cone of rings, warped, with knots in it.

Lengths are in widths of the tile, both ways, and numbers that belong to a board or a knot are columns of a table:

logs : middle along, pith across, pith in depth, tilt across, tilt in depth, 1 / ring width, shift along, shift across
knots : x, y, radius, elongation, skew, reach of the parting grain
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, low16
from nodes.kernels.lattice import corner, fade
from nodes.kernels.local import add_octave, cut_runs

FAR = 8
"""Distance from a knot, in its radii, at which it is no longer told."""
PUSH, EASE, STRETCH = f32(0.9), f32(0.8), f32(2.0)
"""Strength of the parting of the grain, its easing at the middle, and how much longer than wide it is.

The grain folds where q < (PUSH - EASE) a**2, in the knot, which hides it: within 0.32 radii across and 0.63 along.
"""


@inline
def step(low, high, x):
    """Return 0 below `low` and 1 above `high`, smooth between; the other way round if low is above high."""
    t = min(max((x - low) / (high - low), f32(0)), f32(1))
    return t * t * (f32(3) - f32(2) * t)


@inline
def grain_at(u, v, seed):
    """Return gradient noise on an endless lattice."""
    a, b = np.floor(u), np.floor(v)
    x, y = u - a, v - b
    i, j = np.int32(a), np.int32(b)
    upper_left, upper_right = (
        corner(hash32(i, j, seed), x, y, True),
        corner(hash32(i + 1, j, seed), x - f32(1), y, True),
    )
    lower_left = corner(hash32(i, j + 1, seed), x, y - f32(1), True)
    lower_right = corner(hash32(i + 1, j + 1, seed), x - f32(1), y - f32(1), True)
    start, end = upper_left + fade(y) * (lower_left - upper_left), upper_right + fade(y) * (lower_right - upper_right)
    return start + fade(x) * (end - start)


@inline
def late_wood(f, share):
    """Return how much of a ring's late wood there is at a fraction of it: a slow rise, to 1 at the end."""
    t = step(f32(0.5) * share, f32(0.97), f)
    return t * np.sqrt(t)


@inline
def late_rest(f):
    """Return how much of the late wood of the ring before shows at a fraction of the ring: 1 at its start, soon 0."""
    return step(f32(0.08), f32(0), f)


@inline
def early_wood(f, share):
    """Return how much early wood there is at a fraction of the ring: all at its start, slowly less."""
    return step(f32(1.1) * share, f32(0.2) * share, f)


@inline
def tone_of(k, seed):
    """Return the random number of a ring, 0 to 1."""
    return low16(hash32(k, 7, seed)) * f32(1 / 65535)


@kernel
def board_places(local, corner, middle, begin, top, row, height, aspect, us, vs, ys):
    """Write places along and across a board from pixel `begin` of a row, `ys` in widths, `vs` in heights of the tile.

    They are the given ones, from the board's middle, or else the tile's own; `us` counts from the board's left end.
    """
    if local.size:
        given, higher = local[row, begin : begin + us.size], f32(1) / aspect
        for x in range(us.size):
            us[x], ys[x] = given[x, 0] + middle, given[x, 1]
            vs[x] = ys[x] * higher
        return
    v = (f32(top + row) + f32(0.5)) / height - corner[1]
    v -= np.floor(v + f32(0.5))
    width = height / aspect
    for x in range(us.size):
        u = (f32(begin + x) + f32(0.5)) / width - corner[0]
        us[x], vs[x], ys[x] = u - np.floor(u), v, v * aspect


@kernel
def bend(us, vs, across, depth, shift_u, shift_v, id, periods, amplitudes, seeds, inward):
    """Write how far the log is warped at each place, across and in depth."""
    across[:] = f32(0)
    depth[:] = f32(0)
    for o in range(seeds.size):
        to = depth if inward[o] else across
        seed = hash32(np.int32(id), 0, seeds[o])
        add_octave(to, us, vs, shift_u, shift_v, periods[o, 0], periods[o, 1], amplitudes[o], seed)


@kernel
def part_round(us, ys, knots, first, last, seed, aspect, closed, psi, away, which, along, across):
    """Write where the grain runs at each place, and the nearest knot: distance in radii, number, place in radii."""
    for x in range(us.size):
        psi[x], away[x], which[x], along[x], across[x] = ys[x], f32(FAR), -1, f32(0), f32(0)
    for n in range(first, last):
        knot = knots[n]
        a, own = knot[2], hash32(np.int32(n), 2, seed)
        shorter, small = f32(1) / knot[3], f32(1) / a
        far = max(knot[5] * STRETCH, f32(FAR) * a) * knot[3]
        for x in range(us.size):
            dx, dy = us[x] - knot[0], ys[x] - knot[1]
            if closed:
                dx, dy = dx - np.floor(dx + f32(0.5)), dy - aspect * np.floor(dy / aspect + f32(0.5))
            if abs(dx) > far:
                continue
            dy += knot[4] * dx
            dx *= shorter
            q = dx * dx * f32(1 / (STRETCH * STRETCH)) + dy * dy
            if q < knot[5] * knot[5]:
                psi[x] -= dy * PUSH * a * a / (q + EASE * a * a) * step(knot[5], f32(0.2) * knot[5], np.sqrt(q))
            dx *= small
            dy *= small
            distance = np.sqrt(dx * dx + dy * dy)
            if distance < f32(3):
                u, v = dx * f32(0.45), dy * f32(0.45)
                rough = grain_at(u, v, own) + f32(0.4) * grain_at(u * f32(2) + f32(0.3), v * f32(2) + f32(0.6), own)
                rough += f32(0.16) * grain_at(u * f32(4) + f32(0.7), v * f32(4) + f32(0.1), own)
                distance = max(distance + f32(0.4) * rough * step(f32(3), f32(1.5), distance), f32(0))
            if distance < away[x]:
                away[x], which[x], along[x], across[x] = distance, n, dx, dy


@kernel
def cut_log(us, psi, across, depth, log, aspect, closed, radius, inside, steep):
    """Write each place's distance from the pith, how much of it is depth, and how steeply it rises across the board."""
    turn = f32(1 / (2 * np.pi))
    for x in range(us.size):
        along = us[x] - log[0]
        if closed:
            along = f32(np.sin(f32(2 * np.pi) * along)) * turn
        beside = psi[x] - log[1] + across[x] - log[3] * along
        if closed:
            beside = f32(np.sin(f32(np.pi) / aspect * beside)) * aspect * f32(1 / np.pi)
        down = log[2] + log[4] * along + depth[x]
        away = np.sqrt(beside * beside + down * down + f32(1e-7))
        radius[x] = away
        inside[x] = min(abs(down) / away, f32(1))
        steep[x] = abs(beside) / away + f32(0.15)


@kernel
def count_years(radius, rate, table, years, share, broad):
    """Write each place's year, how much of its ring lies inside it, and how broad that ring is, in mean rings.

    The rings lie one after the other outwards, so they never close into islands.
    """
    k, last = 0, table.size - 2
    for x in range(radius.size):
        s = radius[x] * rate
        while k > 0 and s < table[k]:
            k -= 1
        while k < last and s >= table[k + 1]:
            k += 1
        wide = table[k + 1] - table[k]
        years[x], broad[x] = k, wide
        share[x] = min(max((s - table[k]) / wide, f32(0)), f32(1))


@inline
def ring_sample(g, inner, here, outer, share):
    """Return late and early wood at a place in a ring that may lie in the one before or after."""
    own = inner if g < f32(0) else here
    own = outer if g >= f32(1) else own
    before = here if g >= f32(1) else inner
    g -= np.floor(g)
    return own * late_wood(g, share) + before * late_rest(g), early_wood(g, share)


@kernel
def tell_woods(years, f, broad, steep, rate, pixel, seed, share, uneven, means, late, early):
    """Write late and early wood, the mean of four places across each pixel: a ring's end must not show as stairs."""
    for x in range(f.size):
        k = np.int32(years[x])
        inner = f32(1) - uneven * tone_of(k - np.int32(1), seed)
        here = f32(1) - uneven * tone_of(k, seed)
        outer = f32(1) - uneven * tone_of(k + np.int32(1), seed)
        wide = pixel * steep[x] * rate / broad[x]
        t = min(wide, f32(1)) * f32(0.125)
        dark, light = ring_sample(f[x] - f32(3) * t, inner, here, outer, share)
        a, b = ring_sample(f[x] - t, inner, here, outer, share)
        c, d = ring_sample(f[x] + t, inner, here, outer, share)
        e, g = ring_sample(f[x] + f32(3) * t, inner, here, outer, share)
        faint = step(f32(0.5), f32(1.2), wide)
        late[x] = min(f32(0.25) * (dark + a + c + e) * (f32(1) - faint) + faint * means[0], f32(1))
        early[x] = f32(0.25) * (light + b + d + g) * (f32(1) - faint) + faint * means[1]


@kernel
def board_rows(
    local,
    labels,
    corners,
    ids,
    logs,
    tables,
    first,
    knots,
    years,
    periods,
    amplitudes,
    seeds,
    inward,
    ring_seed,
    knot_seed,
    share,
    uneven,
    means,
    closed,
    top,
    height,
    aspect,
    largest,
    radius,
    ring,
    random,
    late,
    early,
    tangential,
    flow,
    knot,
    knot_angle,
    knot_size,
):
    """Write the wanted rows; those that are not wanted have none."""
    rows, width = labels.shape
    lines = np.empty((16, width), np.float32)
    us, vs, ys, across, depth, psi = lines[0], lines[1], lines[2], lines[3], lines[4], lines[5]
    near, kx, ky, away, inside, steep = lines[6], lines[7], lines[8], lines[9], lines[10], lines[11]
    part, broad, dark, light = lines[12], lines[13], lines[14], lines[15]
    which, year = np.empty(width, np.int32), np.empty(width, np.int32)
    begin, region = np.empty(width + 1, np.int64), np.empty(width, np.int64)
    pixel, turn = f32(1) / f32(width), f32(1 / (2 * np.pi))
    for r in range(rows):
        runs = cut_runs(labels[r], begin, region)
        for i in range(runs):
            a, b, number = begin[i], begin[i + 1], region[i]
            log, id = logs[number], ids[number]
            own = slice(a, b)
            board_places(local, corners[number], log[0], a, top, r, height, aspect, us[own], vs[own], ys[own])
            part_round(
                us[own], ys[own], knots, first[number], first[number + 1], knot_seed, aspect, closed,
                psi[own], near[own], which[own], kx[own], ky[own],
            )  # fmt: skip
            # Bent along the grain already parted, so that no wave folds it near a knot, where it is pressed together.
            for x in range(a, b):
                vs[x] += (psi[x] - ys[x]) / aspect
            bend(us[own], vs[own], across[own], depth[own], log[6], log[7], id, periods, amplitudes, seeds, inward)
            cut_log(
                us[own], psi[own], across[own], depth[own], log, aspect, closed, away[own], inside[own], steep[own]
            )  # fmt: skip
            count_years(away[own], log[5], years[tables[number]], year[own], part[own], broad[own])
            ring_own = hash32(np.int32(id), 1, ring_seed)
            if random.shape[0]:
                for x in range(a, b):
                    random[r, x] = tone_of(year[x], ring_own)
            if late.shape[0] or early.shape[0]:
                tell_woods(
                    year[own], part[own], broad[own], steep[own], log[5], pixel, ring_own, share, uneven, means,
                    dark[own], light[own],
                )  # fmt: skip
        if radius.shape[0]:
            radius[r, :] = away
        if ring.shape[0]:
            ring[r, :] = part
        if late.shape[0]:
            late[r, :] = dark
        if early.shape[0]:
            early[r, :] = light
        if tangential.shape[0]:
            tangential[r, :] = inside
        if flow.shape[0]:
            for x in range(width):
                flow[r, x, 0], flow[r, x, 1] = us[x], psi[x] + across[x]
        if knot.shape[0]:
            for x in range(width):
                knot[r, x] = near[x] * f32(1 / FAR)
        if knot_size.shape[0]:
            for x in range(width):
                knot_size[r, x] = knots[which[x], 2] / largest if which[x] >= 0 else f32(0)
        if knot_angle.shape[0]:
            for x in range(width):
                angle = f32(np.arctan2(ky[x], kx[x])) * turn if which[x] >= 0 else f32(0)
                knot_angle[r, x] = angle - np.floor(angle)
