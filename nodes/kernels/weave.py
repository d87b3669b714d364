"""Cloth: two systems of strands, each diving under the other as a matrix says."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.sampling import in_tile

SECTION = 512


@inline
def _bulge(away, half, section):
    """Return a strand's height across, 1 in its middle and 0 at its edge, from a table of it."""
    place = min(abs(away) / half, f32(1)) * f32(SECTION)
    low = min(np.int32(place), np.int32(SECTION - 1))
    return section[low] + (section[low + 1] - section[low]) * (place - f32(low))


@inline
def _bend(before, after, part):
    """Return the height along a strand between two crossings, eased at both."""
    return before + (after - before) * part * part * (f32(3) - f32(2) * part)


@inline
def _groove(along, across, turns):
    """Return how deep a place lies between a strand's twisted fibres: 0 on a fibre, 1 between two."""
    t = along * turns + across * f32(0.5)
    t -= np.floor(t)
    t = f32(2) * t - f32(1)
    return t * t


@kernel
def draw_strands(
    over, middles, halves, tones, labels, phases, section, counts, shape, offset, top, size,
    height, mask, warp, uv, direction, random, regions,
):  # fmt: skip
    """Write the strand on top at each pixel and what it looks like there; outputs of size 0 are not wanted.

    over : (down, across) int8, 1 where the warp is on top. middles, halves, tones, phases : of all strands, warps
    first; middle and half width in strand spacings, from the spacing's beginning.
    labels : (2, down, across, 2) the float seen at a crossing of warps and of wefts, in its first and second half.
    section : (SECTION + 1) height of a strand from its middle to its edge.
    shape : crimp, twist, turns to a spacing; size : height and width of the whole picture.
    """
    down, across = counts
    crimp, twist, turns = f32(shape[0]), f32(shape[1]), f32(shape[2])
    tall, wide = f32(size[0]), f32(size[1])
    pixel_x, pixel_y = f32(across) / wide, f32(down) / tall
    scale = f32(1) / (f32(1) + f32(2) * crimp)
    # Fibres thinner than two pixels fade out.
    visible = min(max(f32(0.5) / (turns * max(pixel_x, pixel_y)) - f32(1), f32(0)), f32(1))
    deep = twist * visible * f32(0.5)
    level = twist * (f32(1) - visible) * f32(1 / 6)
    for y in range(warp.shape[0]):
        for x in range(warp.shape[1]):
            u, v = (f32(np.int32(x)) + f32(0.5)) / wide, (f32(top + y) + f32(0.5)) / tall
            if offset.size:
                u += offset[y, x, 0]
                v += offset[y, x, 1]
                u, v = in_tile(u, f32(1)), in_tile(v, f32(1))
            u, v = u * f32(across), v * f32(down)
            i, j = min(np.int32(u), np.int32(across - 1)), min(np.int32(v), np.int32(down - 1))
            fx, fy = u - f32(i), v - f32(j)
            # The crossings before and after this place, along the warp and along the weft.
            second_y, second_x = fy >= f32(0.5), fx >= f32(0.5)
            j0 = j if second_y else (j - 1 if j else down - 1)
            j1 = (j + 1 if j + 1 < down else 0) if second_y else j
            i0 = i if second_x else (i - 1 if i else across - 1)
            i1 = (i + 1 if i + 1 < across else 0) if second_x else i
            part_y = fy - f32(0.5) if second_y else fy + f32(0.5)
            part_x = fx - f32(0.5) if second_x else fx + f32(0.5)
            warp_level = _bend(f32(over[j0, i]), f32(over[j1, i]), part_y)
            weft_level = f32(1) - _bend(f32(over[j, i0]), f32(over[j, i1]), part_x)
            away_x, away_y = fx - middles[i], fy - middles[across + j]
            half_x, half_y = halves[i], halves[across + j]
            cover_x = min(max((half_x - abs(away_x)) / pixel_x + f32(0.5), f32(0)), f32(1))
            cover_y = min(max((half_y - abs(away_y)) / pixel_y + f32(0.5), f32(0)), f32(1))
            side_x, side_y = away_x / half_x, away_y / half_y
            groove_x = _groove(v + phases[i], side_x, turns) * deep + level
            groove_y = _groove(u + phases[across + j], -side_y, turns) * deep + level
            warp_high = crimp * f32(2) * warp_level + _bulge(away_x, half_x, section) * (f32(1) - groove_x)
            weft_high = crimp * f32(2) * weft_level + _bulge(away_y, half_y, section) * (f32(1) - groove_y)
            warp_high, weft_high = warp_high * cover_x * scale, weft_high * cover_y * scale
            of_warp = warp_high >= weft_high
            if height.size:
                height[y, x] = max(warp_high, weft_high)
            covered = cover_x + cover_y - cover_x * cover_y
            if mask.size:
                mask[y, x] = covered
            warp[y, x] = f32(1) if of_warp else f32(0)
            if random.size:
                random[y, x] = tones[i] if of_warp else tones[across + j]
            if uv.size:
                uv[y, x, 0] = v / f32(down) if of_warp else u / f32(across)
                uv[y, x, 1] = min(max(f32(0.5) + f32(0.5) * (side_x if of_warp else side_y), f32(0)), f32(1))
            if direction.size:
                direction[y, x, 0] = f32(0) if of_warp else f32(1)
                direction[y, x, 1] = f32(1) if of_warp else f32(0)
            if regions.size:
                seen = labels[0, j, i, 1 if second_y else 0] if of_warp else labels[1, j, i, 1 if second_x else 0]
                regions[y, x] = seen if covered > f32(0.5) else np.int32(0)
