"""The picture of the preview: one sample a pixel, and four more where something ends within it.

camera : origin, forwards, right, up, half the field's width at distance 1, a pixel's width at distance 1, where haze
begins and ends, the pixels of the shorter side, and how many of them lie left of the square in the middle and above
it; 19 numbers. form and light are told in `materials.shape_kernels` and `materials.light_kernels`.
"""

from __future__ import annotations

import numpy as np

from materials.light_kernels import reflect
from materials.mesh_kernels import STACK, meet, reached
from materials.shape_kernels import THIN, lit, locate, march, orient
from materials.texel_kernels import filtered
from nodes.kernels import f32, kernel

MOST_PROBES = 6
MESHED = 4
"""The number of a mesh among the shapes."""

ZERO, ONE, HALF, TWO = f32(0), f32(1), f32(0.5), f32(2)


@kernel
def trace(
    shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse, boxes, links, corners,
    worn, sx, sy, own, frame, texel, spare, stack,
):  # fmt: skip
    """Follow the ray through a place in the picture; write colour, distance (0 for none) and key light into `own`.

    frame, texel, spare, stack : room to work in, 9, 8, 8 and `STACK` numbers.
    """
    size = camera[16]
    px = (TWO * sx / size - ONE) * camera[12]
    py = (ONE - TWO * sy / size) * camera[12]
    dx = camera[3] + px * camera[6] + py * camera[9]
    dy = camera[4] + px * camera[7] + py * camera[10]
    dz = camera[5] + px * camera[8] + py * camera[11]
    inverse = ONE / np.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx * inverse, dy * inverse, dz * inverse
    u, v, denser = ZERO, ZERO, ONE
    if shape == MESHED:
        t, u, v, denser, level = meet(
            boxes, links, corners, worn, form, heights, levels, camera[13], camera[0], camera[1], camera[2], dx, dy, dz,
            frame, stack,
        )  # fmt: skip
    else:
        t, level = march(shape, form, heights, levels, camera[13], camera[0], camera[1], camera[2], dx, dy, dz)
    cx, cy = TWO * sx / size - ONE, TWO * sy / size - f32(0.92)
    away = min((cx * cx + cy * cy) * f32(0.62), ONE)
    away = away * (TWO - away)
    for c in range(3):
        own[c] = light[10 + c] + (light[13 + c] - light[10 + c]) * away
    own[3], own[4] = ZERO, ZERO
    if t <= ZERO:
        return
    x, y, z = camera[0] + dx * t, camera[1] + dy * t, camera[2] + dz * t
    if shape != MESHED:
        u, v, elevation = locate(shape, form, x, y, z)
        denser = orient(shape, form, x, y, z, frame) / form[0]
    slant = max(-(dx * frame[6] + dy * frame[7] + dz * frame[8]), f32(0.05))
    # The pixel's footprint: a streak along the line of sight, read with several probes.
    narrow = t * camera[13] * denser
    along = (dx * frame[0] + dy * frame[1] + dz * frame[2], dx * frame[3] + dy * frame[4] + dz * frame[5])
    flat = max(np.sqrt(along[0] * along[0] + along[1] * along[1]), THIN)
    longest = narrow / slant
    probes = min(max(np.int64(ONE / slant + f32(0.3)), 1), MOST_PROBES)
    lod = np.log2(max(narrow, f32(0.8) * longest / f32(probes)) * f32(levels[0, 2]) + THIN) - f32(0.25)
    across, down = along[0] / flat * longest, -along[1] / flat * longest / form[1]
    filtered(texels, levels, lod, u, v, across, down, probes, texel)
    seen = f32(0)
    facing = light[0] * frame[6] + light[1] * frame[7] + light[2] * frame[8]
    if facing > f32(-0.12) and light[3] + light[4] + light[5] > ZERO:
        seen = min(max((facing + f32(0.12)) * f32(5), ZERO), ONE)
        if shape == MESHED:
            seen *= reached(
                boxes, links, corners, form, heights, levels, level, light, x, y, z, u, v, denser, facing, frame, stack
            )
        elif form[3] - form[4] > THIN:
            seen *= lit(shape, form, heights, levels, level, light, x, y, z, facing)
    haze = min(max((t - camera[14]) / (camera[15] - camera[14]), ZERO), ONE)
    haze = haze * haze * (f32(3) - TWO * haze)
    b0, b1, b2 = own[0], own[1], own[2]
    reflect(texel, frame, light, radiance, sky_levels, diffuse, dx, dy, dz, seen, own)
    cover = f32(1)
    if extra.size > 8:
        filtered(extra, levels, lod, u, v, across, down, probes, spare)
        for c in range(3):
            own[c] += max(spare[c], ZERO)
        cover = min(max(spare[3], ZERO), ONE)
    cover *= ONE - haze
    own[0] = b0 + (own[0] * light[9] - b0) * cover
    own[1] = b1 + (own[1] * light[9] - b1) * cover
    own[2] = b2 + (own[2] * light[9] - b2) * cover
    own[3], own[4] = t, seen


@kernel
def first_rows(
    shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse, boxes, links, corners,
    worn, top, out, found,
):  # fmt: skip
    """Write one sample a pixel, and what `uneven` looks at."""
    own, frame = np.empty(5, np.float32), np.empty(9, np.float32)
    texel, spare = np.empty(8, np.float32), np.empty(8, np.float32)
    stack = np.empty(STACK, np.int32)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            trace(
                shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse, boxes, links,
                corners, worn, f32(x) + HALF - camera[17], f32(top + y) + HALF - camera[18], own, frame, texel, spare,
                stack,
            )  # fmt: skip
            for c in range(3):
                out[y, x, c] = own[c]
            found[y, x, 0], found[y, x, 1] = own[3], own[4]


@kernel
def uneven(found, pixel, y, x):
    """Return whether a surface or a shadow ends inside a pixel or next to it; what is inside is filtered already."""
    rows, columns = found.shape[:2]
    here, light = found[y, x, 0], found[y, x, 1]
    for axis in range(2):
        y0, x0 = max(y - axis, 0), max(x - 1 + axis, 0)
        y1, x1 = min(y + axis, rows - 1), min(x + 1 - axis, columns - 1)
        a, b = found[y0, x0, 0], found[y1, x1, 0]
        if (a > ZERO) != (here > ZERO) or (b > ZERO) != (here > ZERO):
            return True
        if here > ZERO:
            if abs(a + b - TWO * here) > f32(9) * pixel * here:
                return True
            if max(abs(found[y0, x0, 1] - light), abs(found[y1, x1, 1] - light)) > f32(0.6):
                return True
    return False


@kernel
def finer_rows(
    shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse, boxes, links, corners,
    worn, top, first, found, out,
):  # fmt: skip
    """Write rows again, with four samples more where something ends within a pixel; return how many pixels those are.

    Samples are averaged as x / (1 + x), so that a lamp's reflection does not make a bright stair of an edge.
    """
    own, frame = np.empty(5, np.float32), np.empty(9, np.float32)
    texel, spare = np.empty(8, np.float32), np.empty(8, np.float32)
    stack = np.empty(STACK, np.int32)
    count = 0
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            for c in range(3):
                out[y, x, c] = first[top + y, x, c]
            if not uneven(found, camera[13], top + y, x):
                continue
            count += 1
            most = max(out[y, x, 0], max(out[y, x, 1], out[y, x, 2]))
            total = ONE / (ONE + most)
            for c in range(3):
                out[y, x, c] *= total
            for k in range(4):
                ox = f32(-0.125) if k == 0 else (f32(0.375) if k == 1 else (f32(0.125) if k == 2 else f32(-0.375)))
                oy = f32(-0.375) if k == 0 else (f32(-0.125) if k == 1 else (f32(0.375) if k == 2 else f32(0.125)))
                trace(
                    shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse, boxes,
                    links, corners, worn, f32(x) + HALF + ox - camera[17], f32(top + y) + HALF + oy - camera[18], own,
                    frame, texel, spare, stack,
                )  # fmt: skip
                weight = ONE / (ONE + max(own[0], max(own[1], own[2])))
                for c in range(3):
                    out[y, x, c] += own[c] * weight
                total += weight
            for c in range(3):
                out[y, x, c] /= total
    return count
