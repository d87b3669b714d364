"""The shapes of the preview, and rays that meet their displaced surface.

A ray enters the shell between the lowest and the highest displaced surface, walks it in steps of about a texel, and
the place where it goes under is narrowed down (Policarpo et al., 2005). form : the numbers that `FORM` names.
"""

from __future__ import annotations

import numpy as np

from materials.texel_kernels import height_at
from nodes.kernels import f32, kernel

SHAPES = ("sphere", "plane", "cube", "cylinder")
FORM = ("tile", "aspect", "depth", "top", "bottom", "half", "tall", "shift_x", "shift_y", "across", "down", "round")
"""round : above 0 where the sphere is seen from all around."""

MOST_STEPS = 44
MOST_SHADOW_STEPS = 12

THIN = f32(1e-6)
ZERO, ONE, HALF, TWO = f32(0), f32(1), f32(0.5), f32(2)


@kernel
def locate(shape, form, x, y, z):
    """Return the texture coordinates of a point and its elevation over the undisplaced shape.

    The sphere wears the tile as a cap that faces the viewer: between the equal-area and the conformal azimuthal
    maps, so that neither sizes nor angles change much where it is seen, and without a seam or a pole. Seen from all
    around, the far half wears the cap's mirror image, so that there is no pole there either.
    """
    if shape == 0:
        if form[11] > ZERO:
            z = abs(z)
        length = np.sqrt(x * x + y * y + z * z)
        inverse = ONE / length
        spread = np.sqrt(TWO / max(ONE + z * inverse, f32(1e-3)))
        spread = spread * np.sqrt(spread) * inverse * form[5]
        u, v, elevation = x * spread, -y * spread, length - form[5]
    elif shape == 1:
        u, v, elevation = x, z, y
    elif shape == 2:
        if abs(y) >= abs(x) and abs(y) >= abs(z):
            u, v, elevation = x, (z if y > ZERO else -z), abs(y) - form[5]
        elif abs(x) >= abs(z):
            u, v, elevation = (-z if x > ZERO else z), -y, abs(x) - form[5]
        else:
            u, v, elevation = (x if z > ZERO else -x), -y, abs(z) - form[5]
    else:
        radius = np.sqrt(x * x + z * z)
        if abs(y) - form[6] > radius - form[5]:
            u, v, elevation = x, (z if y > ZERO else -z), abs(y) - form[6]
        else:
            u, v, elevation = np.arctan2(x, z) * form[5], -y, radius - form[5]
    return u * form[9] + form[7], v * form[10] + form[8], elevation


@kernel
def orient(shape, form, x, y, z, frame):
    """Write the directions of texture right, texture up and outwards; return how much denser texels lie here."""
    for i in range(9):
        frame[i] = ZERO
    if shape == 0:
        mirrored = form[11] > ZERO and z < ZERO
        if mirrored:
            z = -z
        inverse = ONE / np.sqrt(x * x + y * y + z * z)
        x, y, z = x * inverse, y * inverse, z * inverse
        turn = ONE / max(ONE + z, f32(1e-3))
        frame[0], frame[1], frame[2] = ONE - x * x * turn, -x * y * turn, -x
        frame[3], frame[4], frame[5] = -x * y * turn, ONE - y * y * turn, -y
        frame[6], frame[7], frame[8] = x, y, z
        if mirrored:
            frame[2], frame[5], frame[8] = -frame[2], -frame[5], -frame[8]
        spread = np.sqrt(TWO * turn)
        return spread * np.sqrt(spread)
    top = abs(y) >= abs(x) and abs(y) >= abs(z)
    radius = f32(1)
    if shape == 3:
        radius = np.sqrt(x * x + z * z)
        top = abs(y) - form[6] > radius - form[5]
    if shape == 1 or top:
        side = ONE if y > ZERO or shape == 1 else -ONE
        frame[0], frame[5], frame[7] = ONE, -side, side
    elif shape == 3:
        inverse = ONE / max(radius, THIN)
        frame[0], frame[2], frame[4] = z * inverse, -x * inverse, ONE
        frame[6], frame[8] = x * inverse, z * inverse
    elif abs(x) >= abs(z):
        side = ONE if x > ZERO else -ONE
        frame[2], frame[4], frame[6] = -side, ONE, side
    else:
        side = ONE if z > ZERO else -ONE
        frame[0], frame[4], frame[8] = side, ONE, side
    return f32(1)


@kernel
def slab(origin, towards, half):
    """Return where a ray is between two parallel planes."""
    if abs(towards) < THIN:
        return (f32(-1e9), f32(1e9)) if abs(origin) <= half else (f32(1), f32(0))
    a, b = (-half - origin) / towards, (half - origin) / towards
    return (a, b) if a < b else (b, a)


@kernel
def span(shape, form, elevation, ox, oy, oz, dx, dy, dz):
    """Return where a ray is inside the shape grown by an elevation; the end lies before the start if nowhere."""
    if shape == 1:
        if dy > f32(-1e-4):
            return f32(1), f32(0)
        return (elevation - oy) / dy, f32(1e9)
    half = form[5] + elevation
    if half <= ZERO or form[6] + elevation <= ZERO:  # deeper than the shape is thick
        return f32(1), f32(0)
    if shape == 2:
        a, b = slab(ox, dx, half)
        c, d = slab(oy, dy, half)
        e, f = slab(oz, dz, half)
        return max(a, max(c, e)), min(b, min(d, f))
    flat = ONE if shape == 0 else ZERO
    qa = dx * dx + dz * dz + flat * dy * dy
    qb = ox * dx + oz * dz + flat * oy * dy
    qc = ox * ox + oz * oz + flat * oy * oy - half * half
    root = qb * qb - qa * qc
    if root <= ZERO or qa < THIN:
        return f32(1), f32(0)
    root = np.sqrt(root)
    a, b = (-qb - root) / qa, (-qb + root) / qa
    if shape == 3:
        c, d = slab(oy, dy, form[6] + elevation)
        a, b = max(a, c), min(b, d)
    return a, b


@kernel
def march(shape, form, heights, levels, pixel, ox, oy, oz, dx, dy, dz):
    """Return the distance at which a ray meets the displaced surface, or -1, and the level of heights that it used."""
    near, far = span(shape, form, form[3], ox, oy, oz, dx, dy, dz)
    if near >= far:
        return f32(-1), 0
    near = max(near, ZERO)
    inner, inner_end = span(shape, form, form[4], ox, oy, oz, dx, dy, dz)
    solid = inner < inner_end and inner > ZERO
    if solid:
        far = min(far, max(inner, near))
    thick = form[3] - form[4]
    path = far - near
    level, columns = 0, f32(levels[0, 2])
    across = np.sqrt(max(path * path - thick * thick, ZERO)) if solid else path
    oblique = np.sqrt(max(across / (f32(3) * thick + THIN), ONE))
    lod = np.log2(max(near * pixel * columns * form[9], ONE) * oblique)
    level = min(np.int64(lod + HALF), levels.shape[0] - 1)
    start, rows, wide = levels[level, 0], levels[level, 1], levels[level, 2]
    if thick < THIN:
        return (near if solid else f32(-1)), level
    steps = min(np.int64(f32(0.8) * across * f32(wide) * form[9]) + 3, MOST_STEPS)
    step = path / f32(steps)
    before, gap_before = near, f32(1)
    for k in range(steps + 1):
        t = near + step * f32(k)
        u, v, elevation = locate(shape, form, ox + dx * t, oy + dy * t, oz + dz * t)
        gap = elevation - (height_at(heights, start, rows, wide, u, v) - HALF) * form[2]
        if gap <= ZERO:
            if k == 0:
                return t, level
            after, gap_after = t, gap
            for _ in range(4):
                t = before + (after - before) * gap_before / (gap_before - gap_after)
                u, v, elevation = locate(shape, form, ox + dx * t, oy + dy * t, oz + dz * t)
                gap = elevation - (height_at(heights, start, rows, wide, u, v) - HALF) * form[2]
                if abs(gap) < f32(0.01) * thick:
                    break
                if gap > ZERO:
                    before, gap_before = t, gap
                else:
                    after, gap_after = t, gap
            return t, level
        before, gap_before = t, gap
    return (far if solid else f32(-1)), level


@kernel
def lit(shape, form, heights, levels, level, light, x, y, z, facing):
    """Return how much of the key light reaches a point past the heights around it, 0 to 1."""
    u, v, elevation = locate(shape, form, x, y, z)
    thick = form[3] - form[4]
    reach = min((form[3] - elevation) / max(facing, f32(0.07)), f32(10) * thick)
    texels = reach * f32(levels[level, 2]) / form[0]
    if texels < f32(0.4):
        return f32(1)
    steps = min(np.int64(texels * f32(0.5)) + 3, MOST_SHADOW_STEPS)
    blur, grain = light[6], f32(0.012) * thick + f32(0.25) * form[0] / f32(levels[level, 2])
    seen = f32(1)
    for k in range(1, steps + 1):
        share = f32(k) / f32(steps)
        t = reach * share * (f32(0.4) + f32(0.6) * share)
        u, v, elevation = locate(shape, form, x + light[0] * t, y + light[1] * t, z + light[2] * t)
        ground = (height_at(heights, levels[level, 0], levels[level, 1], levels[level, 2], u, v) - HALF) * form[2]
        seen = min(seen, ONE + (elevation - ground) / (t * blur * TWO + grain))
        if seen <= ZERO:
            return f32(0)
    return seen * seen * (f32(3) - TWO * seen)
