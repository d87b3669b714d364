"""Light on its way: from the sky, off a surface, and onto a display.

light : towards the key, its colour, its softness, the cosine and sine of the turn of all light, exposure, backdrop in
the middle and at the rim; 16 numbers. The sky's squares and harmonics are those of `materials.environments`.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels import f32, kernel

ZERO, ONE, HALF, TWO = f32(0), f32(1), f32(0.5), f32(2)


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
