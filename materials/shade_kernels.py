"""The inner loops of the preview: rays against a displaced shape, and the light that comes back.

A ray enters the shell between the lowest and the highest displaced surface, walks it in steps of about a texel, and
the place where it goes under is narrowed down (Policarpo et al., 2005). Helpers are plain functions, not pasted
ones: the compiler decides, and compiling stays short.

camera : origin, forwards, right, up, half the field's width at distance 1, a pixel's width at distance 1, where haze
begins and ends; 16 numbers. form : what `FORM` names. light : towards the key, its colour, its softness, the cosine and
sine of the turn of all light, exposure, backdrop in the middle and at the rim; 16 numbers.
"""

# ruff: noqa: ANN001, ANN201  # kernels take what numba types

from __future__ import annotations

import numpy as np

from nodes.kernels import f32, kernel

SHAPES = ("sphere", "plane", "cube", "cylinder")
FORM = ("tile", "aspect", "depth", "top", "bottom", "half", "tall", "shift_x", "shift_y", "across", "down")

MOST_STEPS = 44
MOST_SHADOW_STEPS = 12
MOST_PROBES = 6

TEXEL = 8
"""Numbers of a texel."""

STEEPEST = f32(4)
"""Slopes beyond this are cut: a few texels of a wall must not outweigh all the rest in the squares."""

THIN = f32(1e-6)
ZERO, ONE, HALF, TWO = f32(0), f32(1), f32(0.5), f32(2)


# ---- making texels -------------------------------------------------------------------------------


@kernel
def slopes_of_normals(normal, scale, out):
    """Give the slope to the right, the slope upwards, and the sum of their squares."""
    for y in range(normal.shape[0]):
        for x in range(normal.shape[1]):
            up = max(normal[y, x, 2] * f32(2) - f32(1), f32(0.05))
            right = (f32(1) - normal[y, x, 0] * f32(2)) / up
            top = (f32(1) - normal[y, x, 1] * f32(2)) / up
            right = min(max(right * scale, -STEEPEST), STEEPEST)
            top = min(max(top * scale, -STEEPEST), STEEPEST)
            out[y, x, 0] = right
            out[y, x, 1] = top
            out[y, x, 2] = right * right + top * top


@kernel
def slopes_of_height(height, across, down, out):
    rows, columns = height.shape
    for y in range(rows):
        above, below = (y - 1) % rows, (y + 1) % rows
        for x in range(columns):
            left, right = (x - 1) % columns, (x + 1) % columns
            a = (height[y, right] - height[y, left]) * across
            b = (height[above, x] - height[below, x]) * down
            a = min(max(a, -STEEPEST), STEEPEST)
            b = min(max(b, -STEEPEST), STEEPEST)
            out[y, x, 0] = a
            out[y, x, 1] = b
            out[y, x, 2] = a * a + b * b


@kernel
def pack(colour, metallic, roughness, slopes, occlusion, out):
    rows, columns = metallic.shape
    for y in range(rows):
        for x in range(columns):
            texel = out[y * columns + x]
            width = roughness[y, x] * roughness[y, x]
            texel[0] = colour[y, x, 0]
            texel[1] = colour[y, x, 1]
            texel[2] = colour[y, x, 2]
            texel[3] = metallic[y, x]
            texel[4] = slopes[y, x, 0]
            texel[5] = slopes[y, x, 1]
            texel[6] = occlusion[y, x]
            texel[7] = width * width + slopes[y, x, 2]


@kernel
def halve(values, start, rows, columns, next_start, next_rows, next_columns):
    """Average pairs of a level into the next; a side of 1 stays 1."""
    down, right = rows // next_rows, columns // next_columns
    for y in range(next_rows):
        for x in range(next_columns):
            a = start + y * down * columns + x * right
            b = a + right - 1
            c = a + (down - 1) * columns
            d = c + right - 1
            target = values[next_start + y * next_columns + x]
            for i in range(target.size):
                target[i] = (values[a, i] + values[b, i] + values[c, i] + values[d, i]) * f32(0.25)


# ---- reading -------------------------------------------------------------------------------------


@kernel
def height_at(heights, start, rows, columns, u, v):
    x, y = u * f32(columns) - HALF, v * f32(rows) - HALF
    left, top = np.floor(x), np.floor(y)
    a, b = x - left, y - top
    i, j = np.int64(left) & (columns - 1), np.int64(top) & (rows - 1)
    i2, j2 = (i + 1) & (columns - 1), (j + 1) & (rows - 1)
    upper, lower = start + j * columns, start + j2 * columns
    p = heights[upper + i] + (heights[upper + i2] - heights[upper + i]) * a
    q = heights[lower + i] + (heights[lower + i2] - heights[lower + i]) * a
    return p + (q - p) * b


@kernel
def gather(texels, start, rows, columns, u, v, weight, out):
    """Add a bilinear sample of eight channels, times a weight.

    All are read before any is written: then they are read and written as one vector.
    """
    x, y = u * f32(columns) - HALF, v * f32(rows) - HALF
    left, top = np.floor(x), np.floor(y)
    a, b = x - left, y - top
    i, j = np.int64(left) & (columns - 1), np.int64(top) & (rows - 1)
    i2, j2 = (i + 1) & (columns - 1), (j + 1) & (rows - 1)
    w3, w2, w1 = weight * a * b, weight * (ONE - a) * b, weight * a * (ONE - b)
    w0 = weight - w1 - w2 - w3
    p, q = (start + j * columns + i) * 8, (start + j * columns + i2) * 8
    r, s = (start + j2 * columns + i) * 8, (start + j2 * columns + i2) * 8
    c0 = out[0] + w0 * texels[p] + w1 * texels[q] + w2 * texels[r] + w3 * texels[s]
    c1 = out[1] + w0 * texels[p + 1] + w1 * texels[q + 1] + w2 * texels[r + 1] + w3 * texels[s + 1]
    c2 = out[2] + w0 * texels[p + 2] + w1 * texels[q + 2] + w2 * texels[r + 2] + w3 * texels[s + 2]
    c3 = out[3] + w0 * texels[p + 3] + w1 * texels[q + 3] + w2 * texels[r + 3] + w3 * texels[s + 3]
    c4 = out[4] + w0 * texels[p + 4] + w1 * texels[q + 4] + w2 * texels[r + 4] + w3 * texels[s + 4]
    c5 = out[5] + w0 * texels[p + 5] + w1 * texels[q + 5] + w2 * texels[r + 5] + w3 * texels[s + 5]
    c6 = out[6] + w0 * texels[p + 6] + w1 * texels[q + 6] + w2 * texels[r + 6] + w3 * texels[s + 6]
    c7 = out[7] + w0 * texels[p + 7] + w1 * texels[q + 7] + w2 * texels[r + 7] + w3 * texels[s + 7]
    out[0], out[1], out[2], out[3], out[4], out[5], out[6], out[7] = c0, c1, c2, c3, c4, c5, c6, c7


@kernel
def filtered(texels, levels, lod, u, v, across, down, probes, out):
    """Write the mean of eight channels over a streak of texels, probe by probe, between two levels."""
    for c in range(8):
        out[c] = ZERO
    lod = min(max(lod, ZERO), f32(levels.shape[0] - 1))
    level = min(np.int64(lod), levels.shape[0] - 1)
    part = lod - f32(level)
    weight = ONE / f32(probes)
    for probe in range(probes):
        place = (f32(probe) + HALF) * weight - HALF
        x, y = u + across * place, v + down * place
        if part < f32(0.97) or level + 1 >= levels.shape[0]:
            share = weight * (ONE - part)
            gather(texels, levels[level, 0], levels[level, 1], levels[level, 2], x, y, share, out)
        if part > ZERO and level + 1 < levels.shape[0]:
            share = weight * part if part < f32(0.97) else weight
            level2 = level + 1
            gather(texels, levels[level2, 0], levels[level2, 1], levels[level2, 2], x, y, share, out)


@kernel
def sky_level(radiance, start, side, a, b):
    x, y = (a * HALF + HALF) * f32(side) + HALF, (b * HALF + HALF) * f32(side) + HALF
    i, j = min(np.int64(x), side), min(np.int64(y), side)
    fx, fy = x - f32(i), y - f32(j)
    p = start + (j * (side + 2) + i) * 3
    q = p + (side + 2) * 3
    w3, w2, w1 = fx * fy, (ONE - fx) * fy, fx * (ONE - fy)
    w0 = ONE - w1 - w2 - w3
    red = radiance[p] * w0 + radiance[p + 3] * w1 + radiance[q] * w2 + radiance[q + 3] * w3
    green = radiance[p + 1] * w0 + radiance[p + 4] * w1 + radiance[q + 1] * w2 + radiance[q + 4] * w3
    blue = radiance[p + 2] * w0 + radiance[p + 5] * w1 + radiance[q + 2] * w2 + radiance[q + 5] * w3
    return red, green, blue


@kernel
def sky(radiance, sky_levels, x, y, z, roughness):
    """Return the light from a direction as a surface of some roughness gathers it."""
    inverse = ONE / (abs(x) + abs(y) + abs(z))
    a, b = x * inverse, z * inverse
    if y < ZERO:
        a, b = (
            (ONE - abs(b)) if a >= ZERO else (abs(b) - ONE),
            (ONE - abs(a)) if b >= ZERO else (abs(a) - ONE),
        )
    lod = roughness * f32(sky_levels.shape[0] - 1)
    level = min(np.int64(lod), sky_levels.shape[0] - 2)
    part = lod - f32(level)
    red, green, blue = sky_level(radiance, sky_levels[level, 0], sky_levels[level, 1], a, b)
    red2, green2, blue2 = sky_level(radiance, sky_levels[level + 1, 0], sky_levels[level + 1, 1], a, b)
    return red + (red2 - red) * part, green + (green2 - green) * part, blue + (blue2 - blue) * part


@kernel
def convolve(x, y, z, source, weighted, solid, width, red, green, blue, total):
    """Write what a surface of a GGX width mirrors from each direction, seen straight on, as split sums take it.

    Directions are in the inner loop, so that sums keep their order and the loop is vectorised all the same.
    """
    squared = width * width
    for n in range(x.size):
        red[n], green[n], blue[n], total[n] = ZERO, ZERO, ZERO, ZERO
    for i in range(source.shape[0]):
        sx, sy, sz = source[i, 0], source[i, 1], source[i, 2]
        r, g, b, share = weighted[i, 0], weighted[i, 1], weighted[i, 2], solid[i]
        for n in range(x.size):
            cosine = max(x[n] * sx + y[n] * sy + z[n] * sz, ZERO)
            half = HALF + HALF * cosine
            spread = half * (squared - ONE) + ONE
            weight = cosine * squared / (spread * spread)
            red[n] += weight * r
            green[n] += weight * g
            blue[n] += weight * b
            total[n] += weight * share


# ---- shapes --------------------------------------------------------------------------------------


@kernel
def locate(shape, form, x, y, z):
    """Return the texture coordinates of a point and its elevation over the undisplaced shape.

    The sphere wears the tile as a cap that faces the viewer: between the equal-area and the conformal azimuthal
    maps, so that neither sizes nor angles change much where it is seen, and without a seam or a pole.
    """
    if shape == 0:
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
        inverse = ONE / np.sqrt(x * x + y * y + z * z)
        x, y, z = x * inverse, y * inverse, z * inverse
        turn = ONE / max(ONE + z, f32(1e-3))
        frame[0], frame[1], frame[2] = ONE - x * x * turn, -x * y * turn, -x
        frame[3], frame[4], frame[5] = -x * y * turn, ONE - y * y * turn, -y
        frame[6], frame[7], frame[8] = x, y, z
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


# ---- rays ----------------------------------------------------------------------------------------


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


@kernel
def harmonic(diffuse, c, x, y, z):
    light = (
        diffuse[0, c] * f32(0.282095)
        + f32(0.488603) * (diffuse[1, c] * y + diffuse[2, c] * z + diffuse[3, c] * x)
        + f32(1.092548) * (diffuse[4, c] * x * y + diffuse[5, c] * y * z + diffuse[7, c] * x * z)
        + f32(0.315392) * diffuse[6, c] * (f32(3) * z * z - ONE)
        + f32(0.546274) * diffuse[8, c] * (x * x - y * y)
    )
    return max(light, ZERO)


@kernel
def bounced(albedo, occlusion):
    """Return occlusion as light that bounces inside a bright hollow leaves it (Jimenez et al., 2016)."""
    a = f32(2.0404) * albedo - f32(0.3324)
    b = f32(-4.7951) * albedo + f32(0.6417)
    c = f32(2.7552) * albedo + f32(0.6903)
    return max(occlusion, ((occlusion * a + b) * occlusion + c) * occlusion)


@kernel
def reflect(texel, frame, light, radiance, sky_levels, diffuse, dx, dy, dz, seen, out):
    """Write the light that a texel sends back along a ray: GGX and Lambert under the surroundings and the key."""
    right, up = texel[4], texel[5]
    nx = frame[6] - right * frame[0] - up * frame[3]
    ny = frame[7] - right * frame[1] - up * frame[4]
    nz = frame[8] - right * frame[2] - up * frame[5]
    inverse = ONE / np.sqrt(nx * nx + ny * ny + nz * nz)
    nx, ny, nz = nx * inverse, ny * inverse, nz * inverse
    metal, occlusion = min(max(texel[3], ZERO), ONE), min(max(texel[6], ZERO), ONE)
    width = min(np.sqrt(max(texel[7] - right * right - up * up, f32(4e-4))), ONE)
    roughness = np.sqrt(width)
    view = max(-(nx * dx + ny * dy + nz * dz), f32(0.03))
    # How much a white mirror of this roughness returns: Karis's fit of the environment BRDF.
    rest = ONE - roughness
    bend = min(rest * rest, np.exp2(f32(-9.28) * view)) * rest + f32(0.0425) - f32(0.0275) * roughness
    scale = f32(-1.04) * bend + f32(1.04) - f32(0.572) * roughness
    bias = f32(1.04) * bend + f32(0.022) * roughness - f32(0.04)
    lost = ONE / (scale + bias) - ONE
    matt = (ONE - metal) * (ONE - (f32(0.04) * scale + bias) * (ONE + f32(0.04) * lost))
    # Mirrored direction, and how much of it the surface itself hides (Lagarde and de Rousiers, 2014).
    mx, my, mz = dx + TWO * view * nx, dy + TWO * view * ny, dz + TWO * view * nz
    hidden = f32(1)
    if occlusion < f32(0.995):
        hidden = min(max((view + occlusion) ** np.exp2(f32(-16) * roughness - ONE) - ONE + occlusion, ZERO), ONE)
    horizon = min(max(ONE + f32(1.3) * (mx * frame[6] + my * frame[7] + mz * frame[8]), ZERO), ONE)
    hidden *= horizon * horizon
    cosine, sine = light[7], light[8]
    ex, ez = cosine * mx - sine * mz, sine * mx + cosine * mz
    red, green, blue = sky(radiance, sky_levels, ex, my, ez, roughness)
    ex, ez = cosine * nx - sine * nz, sine * nx + cosine * nz
    # The key light.
    facing = max(nx * light[0] + ny * light[1] + nz * light[2], ZERO) * seen
    shine, edge = ZERO, ZERO
    if facing > ZERO:
        hx, hy, hz = light[0] - dx, light[1] - dy, light[2] - dz
        inverse = ONE / np.sqrt(hx * hx + hy * hy + hz * hz)
        half = max((nx * hx + ny * hy + nz * hz) * inverse, ZERO)
        middle = max(-(dx * hx + dy * hy + dz * hz) * inverse, ZERO)
        lobe = min(width + HALF * light[6], ONE)
        squared = lobe * lobe
        spread = half * half * (squared - ONE) + ONE
        k = HALF * lobe
        toward = facing / max(seen, f32(1e-3))
        masked = f32(0.25) / ((view * (ONE - k) + k) * (toward * (ONE - k) + k))
        shine = squared / (spread * spread) * masked * facing
        flat = ONE - middle
        edge = flat * flat * flat * flat * flat
    for c in range(3):
        albedo = min(max(texel[c], ZERO), ONE)
        mirror = f32(0.04) + (albedo - f32(0.04)) * metal
        around = red if c == 0 else (green if c == 1 else blue)
        more = ONE + mirror * lost
        key = matt * albedo * facing + shine * (mirror + (ONE - mirror) * edge) * more
        fill = matt * albedo * harmonic(diffuse, c, ex, ny, ez) * bounced(albedo, occlusion)
        out[c] = fill + around * (mirror * scale + bias) * more * hidden + key * light[3 + c]


@kernel
def trace(
    shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse, sx, sy, size, own, frame,
    texel, spare,
):  # fmt: skip
    """Follow the ray through a place in the picture; write colour, distance (0 for none) and key light into `own`.

    frame, texel, spare : room to work in, 9, 8 and 8 numbers.
    """
    px = (TWO * sx / f32(size) - ONE) * camera[12]
    py = (ONE - TWO * sy / f32(size)) * camera[12]
    dx = camera[3] + px * camera[6] + py * camera[9]
    dy = camera[4] + px * camera[7] + py * camera[10]
    dz = camera[5] + px * camera[8] + py * camera[11]
    inverse = ONE / np.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx * inverse, dy * inverse, dz * inverse
    t, level = march(shape, form, heights, levels, camera[13], camera[0], camera[1], camera[2], dx, dy, dz)
    cx, cy = TWO * sx / f32(size) - ONE, TWO * sy / f32(size) - f32(0.92)
    away = min((cx * cx + cy * cy) * f32(0.62), ONE)
    away = away * (TWO - away)
    for c in range(3):
        own[c] = light[10 + c] + (light[13 + c] - light[10 + c]) * away
    own[3], own[4] = ZERO, ZERO
    if t <= ZERO:
        return
    x, y, z = camera[0] + dx * t, camera[1] + dy * t, camera[2] + dz * t
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
        if form[3] - form[4] > THIN:
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
    shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse, top, out, found
):
    """Write one sample a pixel, and what `uneven_rows` looks at."""
    size = out.shape[1]
    own, frame = np.empty(5, np.float32), np.empty(9, np.float32)
    texel, spare = np.empty(8, np.float32), np.empty(8, np.float32)
    for y in range(out.shape[0]):
        for x in range(size):
            trace(
                shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse,
                f32(x) + HALF, f32(top + y) + HALF, size, own, frame, texel, spare,
            )  # fmt: skip
            for c in range(3):
                out[y, x, c] = own[c]
            found[y, x, 0], found[y, x, 1] = own[3], own[4]


@kernel
def uneven(found, pixel, y, x):
    """Return whether a surface or a shadow ends inside a pixel or next to it; what is inside is filtered already."""
    size = found.shape[0]
    here, light = found[y, x, 0], found[y, x, 1]
    for axis in range(2):
        y0, x0 = max(y - axis, 0), max(x - 1 + axis, 0)
        y1, x1 = min(y + axis, size - 1), min(x + 1 - axis, size - 1)
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
    shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse, top, first, found, out
):
    """Write rows again, with four samples more where something ends within a pixel; return how many pixels those are.

    Samples are averaged as x / (1 + x), so that a lamp's reflection does not make a bright stair of an edge.
    """
    size = out.shape[1]
    own, frame = np.empty(5, np.float32), np.empty(9, np.float32)
    texel, spare = np.empty(8, np.float32), np.empty(8, np.float32)
    count = 0
    for y in range(out.shape[0]):
        for x in range(size):
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
                    shape, camera, form, light, texels, heights, extra, levels, radiance, sky_levels, diffuse,
                    f32(x) + HALF + ox, f32(top + y) + HALF + oy, size, own, frame, texel, spare,
                )  # fmt: skip
                weight = ONE / (ONE + max(own[0], max(own[1], own[2])))
                for c in range(3):
                    out[y, x, c] += own[c] * weight
                total += weight
            for c in range(3):
                out[y, x, c] /= total
    return count


@kernel
def tone_rows(rows, shoulder, out):
    """Write display-linear colours: as they are up to a shoulder, then bent towards 1 with their hue kept.

    After Khronos' PBR Neutral tone mapper, with an earlier shoulder and no toe.
    """
    room = ONE - shoulder
    for y in range(rows.shape[0]):
        for x in range(rows.shape[1]):
            r, g, b = max(rows[y, x, 0], ZERO), max(rows[y, x, 1], ZERO), max(rows[y, x, 2], ZERO)
            most = max(r, max(g, b))
            if most > shoulder:
                bent = ONE - room * room / (most + room - shoulder)
                scale = bent / most
                whiter = ONE - ONE / (f32(0.12) * (most - bent) + ONE)
                r = r * scale + (bent - r * scale) * whiter
                g = g * scale + (bent - g * scale) * whiter
                b = b * scale + (bent - b * scale) * whiter
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = r, g, b
