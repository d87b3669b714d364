"""Image quilting on the torus (Efros and Freeman 2001): blocks of exemplars laid so that their overlaps agree.

What we add: blocks close round the tile, a block pays for what earlier blocks near it have used already, and guide
planes that are known everywhere take part in the match. Planes are stored pixel by pixel, `(h, w, c)`, but for the
search through all places, which reads them one by one, `(c, h, w)`, at half the size.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32

FLOOR = f32(0.01)
"""Least cost of a match, in variances of the exemplar: among perfect matches the least used wins."""

HUGE = f32(1e30)
LATTICE = 4
"""Texels between the places at which use is counted."""


@inline
def below(count, a, b, seed):
    """Return a number from 0 to below `count`, of a place and a seed."""
    return np.int64(hash32(a, b, seed)) % np.int64(count)


@inline
def add_squares(total, row, value):
    for i in range(total.size):  # over slices: this is what vectorises
        apart = row[i] - value
        total[i] += apart * apart


@kernel
def distances(planes, dy, dx, values, count, first, total):
    """Add to total[y, x] the squared differences of planes at (y + dy, x + dx) from `count` values.

    planes : (c, h, w). values : (n, k), of planes `first` to `first + k`.
    """
    width = total.shape[1]
    for y in range(total.shape[0]):
        row = total[y]
        for k in range(count):
            for c in range(values.shape[1]):
                add_squares(row, planes[first + c, y + dy[k], dx[k] : dx[k] + width], values[k, c])


@kernel
def count_use(use, sources, places, count, y, x, height, width, tall, wide, nearness, reach):
    """Set use[i, j] to how much of a block at 4 (i, j) of the exemplar the first `count` blocks have used.

    A block at distance d of (y, x) on the torus counts 1 + nearness exp(-(d / reach)^2).
    """
    use[:] = f32(0)
    for b in range(count):
        dy, dx = abs(places[b, 0] - y), abs(places[b, 1] - x)
        dy, dx = min(dy, height - dy), min(dx, width - dx)
        weight = f32(1) + f32(nearness) * np.exp(-f32(dy * dy + dx * dx) / f32(reach * reach))
        top, left = sources[b, 0], sources[b, 1]
        for i in range(max(0, (top - tall) // LATTICE + 1), min(use.shape[0] - 1, (top + tall - 1) // LATTICE) + 1):
            share_y = f32(1) - f32(abs(LATTICE * i - top)) / f32(tall)
            last = min(use.shape[1] - 1, (left + wide - 1) // LATTICE)
            for j in range(max(0, (left - wide) // LATTICE + 1), last + 1):
                share_x = f32(1) - f32(abs(LATTICE * j - left)) / f32(wide)
                if share_y > f32(0) and share_x > f32(0):
                    use[i, j] += weight * share_y * share_x


@kernel
def cut(errors, mask, side, width):
    """Clear the mask outside the path of least error through an overlap.

    side : 0 left, 1 top, 2 right, 3 bottom; the overlap is `width` texels deep. Clear is what keeps the old picture.
    """
    upright = side % 2 == 0
    length, deepest = (errors.shape[0], errors.shape[1]) if upright else (errors.shape[1], errors.shape[0])
    least = np.empty((length, width), np.float32)
    step = np.zeros((length, width), np.int8)
    for a in range(length):
        for b in range(width):
            deep = b if side < 2 else deepest - 1 - b
            error = errors[a, deep] if upright else errors[deep, a]
            if a > 0:
                before = least[a - 1, b]
                if b > 0 and least[a - 1, b - 1] < before:
                    before = least[a - 1, b - 1]
                    step[a, b] = -1
                if b < width - 1 and least[a - 1, b + 1] < before:
                    before = least[a - 1, b + 1]
                    step[a, b] = 1
                error += before
            least[a, b] = error
    at = 0
    for b in range(width):
        if least[length - 1, b] < least[length - 1, at]:
            at = b
    for a in range(length - 1, -1, -1):
        for b in range(at):
            deep = b if side < 2 else deepest - 1 - b
            if upright:
                mask[a, deep] = False
            else:
                mask[deep, a] = False
        at += step[a, at]


@inline
def overlap_widths(known, y, x, tall, wide, overlap_y, overlap_x, widths):
    """Set how many known texels are met from each side along the middle lines of a block."""
    height, width = known.shape
    for a in range(wide):
        if a == widths[0] and known[(y + tall // 2) % height, (x + a) % width]:
            widths[0] += 1
        if a == widths[2] and known[(y + tall // 2) % height, (x + wide - 1 - a) % width]:
            widths[2] += 1
    for a in range(tall):
        if a == widths[1] and known[(y + a) % height, (x + wide // 2) % width]:
            widths[1] += 1
        if a == widths[3] and known[(y + tall - 1 - a) % height, (x + wide // 2) % width]:
            widths[3] += 1
    if widths[0] == wide:
        widths[0], widths[2] = overlap_x, 0
    if widths[1] == tall:
        widths[1], widths[3] = overlap_y, 0


@kernel
def halve(full, half, known, y, x, tall, wide):
    """Refresh the planar copy at half size under a block, wrapped; half[c, y, x] is a mean of 2 x 2 texels."""
    height, width = known.shape
    for i in range(y // 2, (y + tall + 1) // 2):
        for j in range(x // 2, (x + wide + 1) // 2):
            a, b = i % (height // 2), j % (width // 2)
            for c in range(full.shape[2]):
                total = full[2 * a, 2 * b, c] + full[2 * a + 1, 2 * b, c]
                total += full[2 * a, 2 * b + 1, c] + full[2 * a + 1, 2 * b + 1, c]
                half[c, a, b] = total * f32(0.25)


@kernel
def lay_block(
    index,
    exemplar,
    exemplar_half,
    allowed,
    picture,
    picture_half,
    known,
    held,
    field_y,
    field_x,
    sources,
    places,
    use,
    total,
    voted,
    tall,
    wide,
    overlap_y,
    overlap_x,
    even,
    penalty,
    nearness,
    reach,
    tolerance,
    lattice,
    placement,
    seed,
):
    """Find a place in the exemplar for one block, cut it out along the seams of least error and lay it.

    exemplar : (h, w, c), the first `voted` planes are copied, the others guide and are known everywhere.
    exemplar_half : (c, h / 2, w / 2). held : texels that stay as they are.
    allowed : (h / 2 - b + 1, w / 2 - b + 1), where a block may begin.
    picture, picture_half : the same planes of the output. use : places of blocks, every 4 texels.
    even : what `use` would be everywhere if use were even. penalty, nearness, reach : see `count_use`.
    lattice, placement : steps that offsets had better be, see `off_lattice` and `toll`.
    """
    height, width = known.shape
    y0, x0 = places[index, 0], places[index, 1]
    half_y, half_x = tall // 2, wide // 2
    planes = exemplar.shape[2]
    dy, dx = np.empty(half_y * half_x, np.int64), np.empty(half_y * half_x, np.int64)
    values = np.empty((half_y * half_x, voted), np.float32)
    guides = np.empty((half_y * half_x, planes - voted), np.float32)
    fresh = False
    for a in range(tall):
        for b in range(wide):
            fresh |= not known[(y0 + a) % height, (x0 + b) % width]
    if not fresh:
        return
    total[:] = f32(0)
    met = 0
    for a in range(half_y):
        for b in range(a & 1, half_x, 2):
            y, x = (y0 + 2 * a) % height, (x0 + 2 * b) % width
            if known[y, x] and known[(y + 1) % height, (x + 1) % width]:
                dy[met], dx[met] = a, b
                for c in range(voted):
                    values[met, c] = picture_half[c, y // 2, x // 2]
                met += 1
    if met > 0:
        distances(exemplar_half, dy, dx, values, met, 0, total)
        total /= f32(met)
    if planes > voted:
        led = 0
        for a in range(half_y):
            for b in range(a & 1, half_x, 2):
                y, x = (y0 + 2 * a) % height // 2, (x0 + 2 * b) % width // 2
                dy[led], dx[led] = a, b
                for c in range(planes - voted):
                    guides[led, c] = picture_half[voted + c, y, x]
                led += 1
        lead = np.zeros_like(total)
        distances(exemplar_half, dy, dx, guides, led, voted, lead)
        total += lead / f32(led)
    count_use(use, sources, places, index, y0, x0, height, width, tall, wide, nearness, reach)
    least = HUGE
    for i in range(total.shape[0]):
        for j in range(total.shape[1]):
            if not allowed[i, j]:
                total[i, j] = HUGE
                continue
            used = use[i // 2, j // 2] / f32(even)
            cost = (
                total[i, j] + FLOOR + toll(lattice, placement, 2 * i + half_y, 2 * j + half_x, y0 + half_y, x0 + half_x)
            ) * (f32(1) + f32(penalty) * used * used)
            total[i, j] = cost
            least = min(least, cost)
    count = 0
    best_y, best_x = 0, 0
    for i in range(total.shape[0]):
        for j in range(total.shape[1]):
            if total[i, j] <= least * f32(1 + tolerance):
                count += 1
                if below(count, index * 977 + i, j, seed) == 0:
                    best_y, best_x = i, j
    top, left = _refined(
        exemplar, picture, known, allowed, y0, x0, 2 * best_y, 2 * best_x, tall, wide, voted, lattice, placement
    )
    sources[index, 0], sources[index, 1] = top, left
    _lay(exemplar, picture, known, held, field_y, field_x, y0, x0, top, left, tall, wide, overlap_y, overlap_x, voted)
    halve(picture, picture_half, known, y0, x0, tall, wide)


@inline
def off_lattice(lattice, dy, dx):
    """Return row and column by which an offset misses the nearest step of a lattice.

    lattice : (n, 5), a row for each of its vectors: the reciprocal vector (y, x), whose product with an offset counts
        steps, the vector itself (y, x), and what a squared texel off costs.
    """
    away_y, away_x = f32(0), f32(0)
    for k in range(lattice.shape[0]):
        steps = lattice[k, 0] * f32(dy) + lattice[k, 1] * f32(dx)
        steps -= np.rint(steps)
        away_y += lattice[k, 2] * steps
        away_x += lattice[k, 3] * steps
    return away_y, away_x


@inline
def toll(lattice, places, sy, sx, y, x):
    """Return what it costs to copy texel (sy, sx) to (y, x) if that is no step of a lattice; nothing without one.

    places : float32 (h, w, 2), where each texel of the exemplar would lie if the exemplar were even.
    """
    if lattice.shape[0] == 0:
        return f32(0)
    away_y, away_x = off_lattice(lattice, places[sy, sx, 0] - f32(y), places[sy, sx, 1] - f32(x))
    return lattice[0, 4] * (away_y * away_y + away_x * away_x)


@kernel
def _refined(exemplar, picture, known, allowed, y0, x0, top, left, tall, wide, voted, lattice, placement):
    """Return the best place for a block among those a texel around one that was found at half size."""
    height, width = known.shape
    best_y, best_x, least = top, left, HUGE
    for i in range(max(0, top - 1), min(exemplar.shape[0] - tall, top + 1) + 1):
        for j in range(max(0, left - 1), min(exemplar.shape[1] - wide, left + 1) + 1):
            if not (
                allowed[i // 2, j // 2]
                and allowed[min((i + 1) // 2, allowed.shape[0] - 1), min((j + 1) // 2, allowed.shape[1] - 1)]
            ):
                continue
            off = toll(lattice, placement, i + tall // 2, j + wide // 2, y0 + tall // 2, x0 + wide // 2)
            total = off * f32(tall)
            for a in range(tall):
                for b in range(a & 1, wide, 2):
                    y, x = (y0 + a) % height, (x0 + b) % width
                    if known[y, x]:
                        total += off
                        for c in range(voted):
                            apart = exemplar[i + a, j + b, c] - picture[y, x, c]
                            total += apart * apart
            if total < least:
                least, best_y, best_x = total, i, j
    return best_y, best_x


@kernel
def _lay(exemplar, picture, known, held, field_y, field_x, y0, x0, top, left, tall, wide, overlap_y, overlap_x, voted):
    height, width = known.shape
    errors = np.zeros((tall, wide), np.float32)
    mask = np.ones((tall, wide), np.bool_)
    for a in range(tall):
        for b in range(wide):
            y, x = (y0 + a) % height, (x0 + b) % width
            if known[y, x]:
                errors[a, b] = FLOOR
                for c in range(voted):
                    apart = exemplar[top + a, left + b, c] - picture[y, x, c]
                    errors[a, b] += apart * apart
    widths = np.zeros(4, np.int64)
    overlap_widths(known, y0, x0, tall, wide, overlap_y, overlap_x, widths)
    for side in range(4):
        if widths[side] >= 2:
            cut(errors, mask, side, widths[side])
    for a in range(tall):
        for b in range(wide):
            y, x = (y0 + a) % height, (x0 + b) % width
            if not held[y, x] and (mask[a, b] or not known[y, x]):
                field_y[y, x], field_x[y, x], known[y, x] = top + a, left + b, True
                for c in range(voted):
                    picture[y, x, c] = exemplar[top + a, left + b, c]


@inline
def torn(exemplar, field_y, field_x, voted, y, x):
    """Return how far a texel and the two after it are from what each one's exemplar would have put beside it."""
    h, w, _ = exemplar.shape
    height, width = field_y.shape
    ay, ax = np.int64(field_y[y, x]), np.int64(field_x[y, x])
    total = f32(0)
    for axis in range(2):
        dy, dx = axis, 1 - axis
        by = np.int64(field_y[(y + dy) % height, (x + dx) % width])
        bx = np.int64(field_x[(y + dy) % height, (x + dx) % width])
        if by == ay + dy and bx == ax + dx:
            continue
        apart, count = f32(0), 0
        if ay + dy < h and ax + dx < w:
            count += 1
            for c in range(voted):
                step = exemplar[ay + dy, ax + dx, c] - exemplar[by, bx, c]
                apart += step * step
        if by >= dy and bx >= dx:
            count += 1
            for c in range(voted):
                step = exemplar[by - dy, bx - dx, c] - exemplar[ay, ax, c]
                apart += step * step
        total += f32(2) * apart / f32(count) if count else f32(8)
    return total


@kernel
def seam_energy(exemplar, field_y, field_x, voted):
    """Return the sum over neighbours with different offsets of what each one's exemplar would have put beside it."""
    total = 0.0
    for y in range(field_y.shape[0]):
        for x in range(field_y.shape[1]):
            total += torn(exemplar, field_y, field_x, voted, y, x)
    return total


@kernel
def seams_of(exemplar, field_y, field_x, voted, top, left, seams):
    """Set seams[a, b] to what is torn at texel (top + a, left + b), wrapped."""
    height, width = field_y.shape
    for a in range(seams.shape[0]):
        for b in range(seams.shape[1]):
            seams[a, b] = torn(exemplar, field_y, field_x, voted, (top + a) % height, (left + b) % width)
