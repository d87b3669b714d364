"""Patterns at given coordinates that begin anew in every region: noise, and spindles scattered in stretched cells.

A row of pixels is cut into runs that lie in one region; a run has one shift of its coordinates and one hash stream.
Lattices wrap once round the tile, so what is made at the tile's own coordinates tiles.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32, high16, low16
from nodes.kernels.lattice import corner, fade

LONGEST = f32(0.5)
"""How far a spindle may reach from its middle, in cells, so that four cells hold all that can touch a pixel."""


@kernel
def cut_runs(labels, begin, region):
    """Cut a row of labels into runs; return their number. Run i begins at `begin[i]` and lies in `region[i]`.

    What lies in no region goes on with the one to its left, round the tile.
    """
    known = np.int32(0)
    for x in range(labels.size):
        known = labels[x] if labels[x] else known
    count = 0
    for x in range(labels.size):
        label = labels[x] if labels[x] else known
        if x == 0 or label != known:
            begin[count], region[count] = x, label
            count += 1
        known = label
    begin[count] = labels.size
    return count


@inline
def cell_at(place, period):
    """Return the cell of a place from 0 to 1, the next cell, wrapped, and where in the cell it lies."""
    t = place * period
    cell = np.floor(t)
    share = t - cell
    cell = cell - period if cell >= period else cell
    after = cell + f32(1)
    after = f32(0) if after >= period else after
    return np.int32(cell), np.int32(after), share


@inline
def in_tile(place):
    """Return a place modulo the tile, 0 to 1; what is no number counts as 0."""
    place -= np.floor(place)
    return place if (place >= f32(0)) & (place <= f32(1)) else f32(0)


@inline
def along_row(place, row, across, y, seed):
    """Return the noise that one lattice row gives at a place along it, in cells, `y` below it.

    Every row has its own shift: cells much longer than high would otherwise show as columns.
    """
    t = place + low16(hash32(row, 77, seed)) * f32(1 / 65536)
    cell = np.floor(t)
    x = t - cell
    cell = cell - across if cell >= across else cell
    after = cell + f32(1)
    after = f32(0) if after >= across else after
    left = corner(hash32(np.int32(cell), row, seed), x, y, True)
    right = corner(hash32(np.int32(after), row, seed), x - f32(1), y, True)
    return left + fade(x) * (right - left)


@kernel
def add_octave(out, us, vs, shift_u, shift_v, across, down, amplitude, seed):
    """Add an octave of gradient noise, `across` by `down` cells to the tile, at the places (us, vs) + shift."""
    shift_v += low16(hash32(3, 5, seed)) * f32(1 / 65536)  # no two octaves have rows in one line
    for x in range(out.size):
        above, below, y = cell_at(in_tile(vs[x] + shift_v), down)
        place = in_tile(us[x] + shift_u) * across
        upper = along_row(place, above, across, y, seed)
        lower = along_row(place, below, across, y - f32(1), seed)
        out[x] += amplitude * (upper + fade(y) * (lower - upper))


@kernel
def places_of(coordinates, offset, top, row, height, us, vs):
    """Write the coordinates of a row: the given ones or else the tile's own, moved by `offset` if there is one.

    Given ones are in widths of the tile both ways; `us` are in widths, `vs` in heights.
    """
    if coordinates.size:
        given, higher = coordinates[row], f32(us.size) / height
        for x in range(us.size):
            us[x], vs[x] = given[x, 0], given[x, 1] * higher
    else:
        middle = (f32(top + row) + f32(0.5)) / height
        width = f32(us.size)
        for x in range(us.size):
            us[x] = (f32(np.int32(x)) + f32(0.5)) / width
            vs[x] = middle
    if offset.size:
        moved = offset[row]
        for x in range(us.size):
            us[x] += moved[x, 0]
            vs[x] += moved[x, 1]


@kernel
def noise_rows(out, coordinates, offset, labels, shifts, ids, top, height, periods, amplitudes, seeds, middle):
    """Write rows of noise; region k has row k of `shifts` and entry k of `ids`, 0 is what lies in no region."""
    width = out.shape[1]
    us, vs = np.empty(width, np.float32), np.empty(width, np.float32)
    begin, region = np.zeros(width + 1, np.int64), np.zeros(width, np.int64)
    begin[1] = width
    runs = 1
    for y in range(out.shape[0]):
        places_of(coordinates, offset, top, y, height, us, vs)
        if labels.size:
            runs = cut_runs(labels[y], begin, region)
        out[y, :] = middle
        for i in range(runs):
            a, b, k = begin[i], begin[i + 1], region[i]
            for o in range(seeds.size):
                seed = hash32(np.int32(ids[k]), 0, seeds[o]) if k else seeds[o]
                across, down = periods[o, 0], periods[o, 1]
                add_octave(out[y, a:b], us[a:b], vs[a:b], shifts[k, 0], shifts[k, 1], across, down, amplitudes[o], seed)


@inline
def covered(distance, half, pixel):
    """Return how much of a pixel's width lies within `half` of a line `distance` from its middle."""
    inside = min(half, distance + f32(0.5) * pixel) - max(-half, distance - f32(0.5) * pixel)
    return max(inside, f32(0)) / pixel


@inline
def spindle(i, j, dx, dy, seed, other, form, pixel_x, pixel_y, kept):
    """Return the strength at (dx, dy) from a cell's upper left corner of the spindle in that cell, in cells."""
    h, g = hash32(i, j, seed), hash32(i, j, other)
    length, spread, half, lean, soft, weakest = max(form[0], f32(1e-6)), form[1], form[2], form[3], form[4], form[5]
    x = dx - (f32(0.5) + form[6] * (low16(h) * f32(1 / 65536) - f32(0.5)))
    y = dy - (f32(0.5) + form[6] * (high16(h) * f32(1 / 65536) - f32(0.5)))
    chance = low16(g) * f32(1 / 65536)
    r = high16(g) * f32(1 / 65536)
    long = length * (f32(1) - spread * (f32(1) - r * r))
    # Shorter than a pixel: as long as one, and fainter.
    seen = max(long, f32(0.5) * pixel_x)
    t = x / seen
    taper = max(f32(1) - t * t, f32(0))
    # The short ones are thin too, or they would be blots.
    wide = max(half * taper * np.sqrt(long / length), f32(1e-6))
    # The tone of each is its own: its two numbers, folded together.
    tone = r * f32(7.31) + chance * f32(13.7)
    tone -= np.floor(tone)
    strength = weakest + (f32(1) - weakest) * tone
    strength *= long / seen
    sure = min(max((kept - chance) * f32(12) + f32(0.5), f32(0)), f32(1)) * min(kept * f32(1e6), f32(1))
    return strength * sure * covered(y + lean * x, wide, max(pixel_y, soft * wide)) * min(taper * f32(1e6), f32(1))


@kernel
def add_spindles(out, us, vs, shift_u, shift_v, across, down, kept, form, pixel_x, pixel_y, seed, other, turned, mean):
    """Write the cover of spindles at the places (us, vs) + shift; `turned` lays them across instead of along.

    Where cells are finer than pixels it fades to `mean`, the cover if every cell has one.
    """
    fine = min(max((max(pixel_x, pixel_y) - f32(0.6)) * f32(1 / 0.9), f32(0)), f32(1))
    blur = fine * fine * (f32(3) - f32(2) * fine)
    for x in range(out.size):
        tx, ty = in_tile(us[x] + shift_u) * across - f32(0.5), in_tile(vs[x] + shift_v) * down - f32(0.5)
        cell_x, cell_y = np.floor(tx), np.floor(ty)
        dx, dy = tx - cell_x + f32(0.5), ty - cell_y + f32(0.5)
        left = cell_x + across if cell_x < f32(0) else cell_x
        above = cell_y + down if cell_y < f32(0) else cell_y
        right, below = cell_x + f32(1), cell_y + f32(1)
        right = right - across if right >= across else right
        below = below - down if below >= down else below
        i, k, j, m = np.int32(left), np.int32(right), np.int32(above), np.int32(below)
        ex, ey = dx - f32(1), dy - f32(1)
        share = kept[x]
        if turned:
            a = spindle(i, j, dy, dx, seed, other, form, pixel_y, pixel_x, share)
            b = spindle(k, j, dy, ex, seed, other, form, pixel_y, pixel_x, share)
            c = spindle(i, m, ey, dx, seed, other, form, pixel_y, pixel_x, share)
            d = spindle(k, m, ey, ex, seed, other, form, pixel_y, pixel_x, share)
        else:
            a = spindle(i, j, dx, dy, seed, other, form, pixel_x, pixel_y, share)
            b = spindle(k, j, ex, dy, seed, other, form, pixel_x, pixel_y, share)
            c = spindle(i, m, dx, ey, seed, other, form, pixel_x, pixel_y, share)
            d = spindle(k, m, ex, ey, seed, other, form, pixel_x, pixel_y, share)
        # Strokes side by side in one pixel add up, and cover at most all of it.
        seen = f32(1) - (f32(1) - a) * (f32(1) - b) * (f32(1) - c) * (f32(1) - d)
        out[x] = seen + blur * (min(mean * share, f32(1)) - seen)


@kernel
def spindle_rows(
    out, coordinates, offset, labels, shifts, ids, density, top, height, across, down, form, seeds, turned, mean
):
    """Write rows of spindles, `across` by `down` cells to the tile; `density` scales how many are kept."""
    width = out.shape[1]
    us, vs = np.empty(width, np.float32), np.empty(width, np.float32)
    begin, region = np.zeros(width + 1, np.int64), np.zeros(width, np.int64)
    kept = np.empty(width, np.float32)
    begin[1] = width
    runs = 1
    pixel_x, pixel_y = across / f32(width), down / height
    for y in range(out.shape[0]):
        places_of(coordinates, offset, top, y, height, us, vs)
        if labels.size:
            runs = cut_runs(labels[y], begin, region)
        kept[:] = form[7]
        if density.size:
            kept *= density[y]
        for i in range(runs):
            a, b, k = begin[i], begin[i + 1], region[i]
            seed, other = seeds[0], seeds[1]
            if k:
                seed, other = hash32(np.int32(ids[k]), 0, seed), hash32(np.int32(ids[k]), 0, other)
            add_spindles(
                out[y, a:b],
                us[a:b],
                vs[a:b],
                shifts[k, 0],
                shifts[k, 1],
                across,
                down,
                kept[a:b],
                form,
                pixel_x,
                pixel_y,
                seed,
                other,
                turned,
                mean,
            )
