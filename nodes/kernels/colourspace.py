"""Colours in other spaces, a block of pixels at a time.

Three numbers a pixel lie in a row in a picture, which keeps a loop over pixels from being vectorised; so a block
is taken apart into three planes that fit the first cache, worked on, and put together again.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.elementary import arctangent, cosine, exponential, fraction, logarithm, sine
from nodes.kernels.oklab import lab_of, rgb_of

BLOCK = 256
SPACES = ("linear", "srgb", "oklab", "oklch", "hsv")
LINEAR, SRGB, OKLAB, OKLCH, HSV = range(len(SPACES))

TURN = f32(2 * np.pi)


@inline
def encode(light):
    """Return the sRGB code of a linear tone; what is below 0 or above 1 goes on."""
    root = f32(1.055) * exponential(logarithm(light) * f32(1 / 2.4)) - f32(0.055)
    return root if light > f32(0.0031308) else light * f32(12.92)


@inline
def decode(code):
    """Return the linear tone of an sRGB code; what is below 0 or above 1 goes on."""
    raised = exponential(logarithm((code + f32(0.055)) * f32(1 / 1.055)) * f32(2.4))
    return raised if code > f32(0.04045) else code * f32(1 / 12.92)


@kernel
def encode_tones(image, out):
    """Write the sRGB codes of linear tones."""
    for i in range(out.size):
        out[i] = encode(image[i])


@kernel
def decode_tones(image, out):
    """Write the linear tones of sRGB codes."""
    for i in range(out.size):
        out[i] = decode(image[i])


@kernel
def take_apart(colour, x, y, z):
    """Copy a block of colours (n, 3) into three planes, the rest of which becomes 0."""
    for i in range(colour.shape[0]):
        x[i], y[i], z[i] = colour[i, 0], colour[i, 1], colour[i, 2]
    for i in range(colour.shape[0], BLOCK):
        x[i], y[i], z[i] = f32(0), f32(0), f32(0)


@kernel
def put_together(x, y, z, colour):
    """Copy three planes into a block of colours (n, 3)."""
    for i in range(colour.shape[0]):
        colour[i, 0], colour[i, 1], colour[i, 2] = x[i], y[i], z[i]


@kernel
def enter(space, x, y, z):
    """Turn a block of linear colours into another space, in place: hues in turns, 0 to 1; HSV is of the sRGB codes."""
    if space in (OKLAB, OKLCH):
        for i in range(BLOCK):
            x[i], y[i], z[i] = lab_of(x[i], y[i], z[i])
    if space == OKLCH:
        for i in range(BLOCK):
            a, b = y[i], z[i]
            y[i] = np.sqrt(a * a + b * b)
            z[i] = fraction(arctangent(b, a) / TURN)
    if space == SRGB:
        for i in range(BLOCK):
            x[i], y[i], z[i] = encode(x[i]), encode(y[i]), encode(z[i])
    if space == HSV:
        for i in range(BLOCK):
            r, g, b = encode(max(x[i], f32(0))), encode(max(y[i], f32(0))), encode(max(z[i], f32(0)))
            most, least = max(max(r, g), b), min(min(r, g), b)
            span = max(most - least, f32(1e-20))
            hue = (g - b) / span
            hue = (b - r) / span + f32(2) if most == g else hue
            hue = (r - g) / span + f32(4) if most == b and most != g else hue
            hue = (g - b) / span if most == r else hue
            x[i] = fraction(hue * f32(1 / 6)) if most > least else f32(0)
            y[i] = (most - least) / max(most, f32(1e-20))
            z[i] = most


@kernel
def leave(space, x, y, z):
    """Turn a block of colours of a space into linear ones, in place; negative parts become 0."""
    if space == OKLCH:
        for i in range(BLOCK):
            chroma, hue = y[i], fraction(z[i]) * TURN
            y[i], z[i] = chroma * cosine(hue), chroma * sine(hue)
    if space in (OKLAB, OKLCH):
        for i in range(BLOCK):
            x[i], y[i], z[i] = rgb_of(max(x[i], f32(0)), y[i], z[i])
    if space == HSV:
        for i in range(BLOCK):
            hue, value = fraction(x[i]) * f32(6), z[i]
            span = value * min(max(y[i], f32(0)), f32(1))
            red = min(max(abs(hue - f32(3)) - f32(1), f32(0)), f32(1))
            green = min(max(f32(2) - abs(hue - f32(2)), f32(0)), f32(1))
            blue = min(max(f32(2) - abs(hue - f32(4)), f32(0)), f32(1))
            x[i], y[i], z[i] = (
                value + span * (red - f32(1)),
                value + span * (green - f32(1)),
                value + span * (blue - f32(1)),
            )
    if space in (SRGB, HSV):
        for i in range(BLOCK):
            x[i], y[i], z[i] = decode(x[i]), decode(y[i]), decode(z[i])
    for i in range(BLOCK):
        x[i], y[i], z[i] = max(x[i], f32(0)), max(y[i], f32(0)), max(z[i], f32(0))


@kernel
def split(image, space, first, second, third):
    """Write the three parts of colours (n, 3) in a space."""
    x, y, z = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    for start in range(0, image.shape[0], BLOCK):
        here = image[start : start + BLOCK]
        take_apart(here, x, y, z)
        enter(space, x, y, z)
        first[start : start + BLOCK] = x[: here.shape[0]]
        second[start : start + BLOCK] = y[: here.shape[0]]
        third[start : start + BLOCK] = z[: here.shape[0]]


@kernel
def _fill(plane, picture, start):
    """Copy a block of a picture, 0 where it is missing or ends."""
    here = picture[start : start + BLOCK]
    plane[: here.size] = here
    plane[here.size :] = f32(0)


@kernel
def merge(first, second, third, space, out):
    """Write the colours (n, 3) of three parts in a space; a part of no size is 0."""
    x, y, z = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    for start in range(0, out.shape[0], BLOCK):
        _fill(x, first, start)
        _fill(y, second, start)
        _fill(z, third, start)
        leave(space, x, y, z)
        put_together(x, y, z, out[start : start + BLOCK])


@kernel
def mix(below, above, flat, mask, opacity, space, out):
    """Write colours (n, 3) mixed in a space: `above`, or the colour `flat` if that has no size, by `mask`."""
    x, y, z = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    p, q, s = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    weight = np.empty(BLOCK, np.float32)
    if not above.size:
        p[:], q[:], s[:] = flat[0], flat[1], flat[2]
        enter(space, p, q, s)
    for start in range(0, below.shape[0], BLOCK):
        here, to = below[start : start + BLOCK], out[start : start + BLOCK]
        if mask.size:
            _fill(weight, mask, start)
        else:
            weight[:] = f32(1)
        most = f32(0)
        for i in range(BLOCK):
            weight[i] = min(max(weight[i] * opacity, f32(0)), f32(1))
            most = max(most, weight[i])
        if most == f32(0):
            to[:, :] = here
            continue
        take_apart(here, x, y, z)
        if space != LINEAR:
            enter(space, x, y, z)
        if above.size:
            take_apart(above[start : start + BLOCK], p, q, s)
            enter(space, p, q, s)
        for i in range(BLOCK):
            share = weight[i]
            x[i] = x[i] + (p[i] - x[i]) * share
            y[i] = y[i] + (q[i] - y[i]) * share
            z[i] = z[i] + (s[i] - z[i]) * share
        leave(space, x, y, z)
        put_together(x, y, z, to)
        for i in range(here.shape[0]):
            if weight[i] == f32(0):
                to[i, 0], to[i, 1], to[i, 2] = here[i, 0], here[i, 1], here[i, 2]


@kernel
def vary(image, lights, chromas, hues, change, spread, out):
    """Write colours (n, 3) with lightness, chroma and hue changed, evenly by `change` and by maps times `spread`."""
    x, y, z = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    light, chroma, hue = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    light[:], chroma[:], hue[:] = change[0], change[1], change[2]
    turns = hues.size or change[2] != f32(0)
    for start in range(0, image.shape[0], BLOCK):
        here = image[start : start + BLOCK]
        take_apart(here, x, y, z)
        enter(OKLAB, x, y, z)
        if lights.size:
            _fill(light, lights, start)
            for i in range(BLOCK):
                light[i] = change[0] + spread[0] * (light[i] - f32(0.5))
        if chromas.size:
            _fill(chroma, chromas, start)
            for i in range(BLOCK):
                chroma[i] = change[1] * max(f32(1) + spread[1] * (chroma[i] - f32(0.5)), f32(0))
        if hues.size:
            _fill(hue, hues, start)
            for i in range(BLOCK):
                hue[i] = change[2] + spread[2] * (hue[i] - f32(0.5))
        if turns:
            for i in range(BLOCK):
                right, up = cosine(hue[i]), sine(hue[i])
                u, v = y[i], z[i]
                y[i], z[i] = right * u - up * v, up * u + right * v
        for i in range(BLOCK):
            x[i] += light[i]
            y[i] *= chroma[i]
            z[i] *= chroma[i]
        leave(OKLAB, x, y, z)
        put_together(x, y, z, out[start : start + BLOCK])


@kernel
def adjust_hsv(image, hue, saturation, value, out):
    """Write colours (n, 3) with the hue turned (in turns) and saturation and value times factors."""
    x, y, z = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    for start in range(0, image.shape[0], BLOCK):
        here = image[start : start + BLOCK]
        take_apart(here, x, y, z)
        enter(HSV, x, y, z)
        for i in range(BLOCK):
            x[i] += hue
            y[i] *= saturation
            z[i] *= value
        leave(HSV, x, y, z)
        put_together(x, y, z, out[start : start + BLOCK])


@kernel
def paint_shaded(labels, dark, light, shade, out):
    """Write colours (n, 3) between two OKLab colours of each label, by `shade`."""
    x, y, z = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    for start in range(0, labels.size, BLOCK):
        here, tones = labels[start : start + BLOCK], shade[start : start + BLOCK]
        for i in range(here.size):
            low, high = dark[here[i]], light[here[i]]
            share = min(max(tones[i], f32(0)), f32(1))
            x[i] = low[0] + (high[0] - low[0]) * share
            y[i] = low[1] + (high[1] - low[1]) * share
            z[i] = low[2] + (high[2] - low[2]) * share
        leave(OKLAB, x, y, z)
        put_together(x, y, z, out[start : start + BLOCK])


@kernel
def paint_flat(labels, colours, out):
    """Write the colour (n, 3) of each label."""
    for i in range(labels.size):
        colour = colours[labels[i]]
        out[i, 0], out[i, 1], out[i, 2] = colour[0], colour[1], colour[2]
