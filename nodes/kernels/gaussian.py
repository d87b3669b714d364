"""Colours as three independent Gaussian numbers and back; and waves whose phases are drawn by lot."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.elementary import cosine, sine
from nodes.kernels.hash import hash32, high16
from nodes.kernels.pointwise import place_in

TABLE = 4096
"""Entries of a table from Gaussian numbers to tones."""

FARTHEST = 4.5
"""Where the tables end, in standard deviations: beyond lie 7 in a million."""


@kernel
def moments(colours, sums, bounds):
    """Add up colours (n, 3) and their products, and find the least and the largest of each channel.

    sums : float64 (9,), three sums, then those of rr, rg, rb, gg, gb, bb. bounds : (2, 3), narrower than any at first.
    """
    for n in range(colours.shape[0]):
        r, g, b = np.float64(colours[n, 0]), np.float64(colours[n, 1]), np.float64(colours[n, 2])
        sums[0] += r
        sums[1] += g
        sums[2] += b
        sums[3] += r * r
        sums[4] += r * g
        sums[5] += r * b
        sums[6] += g * g
        sums[7] += g * b
        sums[8] += b * b
        for c in range(3):
            bounds[0, c] = min(bounds[0, c], colours[n, c])
            bounds[1, c] = max(bounds[1, c], colours[n, c])


@kernel
def project(colours, mean, axes, parts):
    """Write what colours (n, 3) less their mean measure along three axes, (3, n)."""
    for c in range(3):
        row, first, second, third = parts[c], axes[c, 0], axes[c, 1], axes[c, 2]
        for n in range(row.size):
            row[n] = (
                (colours[n, 0] - mean[0]) * first
                + (colours[n, 1] - mean[1]) * second
                + (colours[n, 2] - mean[2]) * third
            )


@kernel
def by_code(part, low, factor, table, out, channel):
    """Write what a table says of each number by which even part of a range it lies in, into a plane of (n, 3)."""
    last = f32(table.size - 1)
    for n in range(part.size):
        out[n, channel] = table[np.uint32(min(max(f32(0), (part[n] - low) * factor), last))]


@inline
def _tone(number, table):
    low, share = place_in((number + f32(FARTHEST)) * f32(0.5 / FARTHEST), TABLE)
    return table[low] + share * (table[low + np.uint32(1)] - table[low])


@inline
def coloured(a, b, c, tables, axes, bounds):
    """Return the colour of three Gaussian numbers.

    tables : (3, TABLE), what each is along its axis. axes : (4, 3), the axes and the mean colour, in square roots.
    bounds : (2, 3), the least and the largest colour.
    """
    a, b, c = _tone(a, tables[0]), _tone(b, tables[1]), _tone(c, tables[2])
    red = axes[3, 0] + (a * axes[0, 0] + b * axes[1, 0] + c * axes[2, 0])
    green = axes[3, 1] + (a * axes[0, 1] + b * axes[1, 1] + c * axes[2, 1])
    blue = axes[3, 2] + (a * axes[0, 2] + b * axes[1, 2] + c * axes[2, 2])
    red, green, blue = max(red, f32(0)), max(green, f32(0)), max(blue, f32(0))
    return (
        min(max(red * red, bounds[0, 0]), bounds[1, 0]),
        min(max(green * green, bounds[0, 1]), bounds[1, 1]),
        min(max(blue * blue, bounds[0, 2]), bounds[1, 2]),
    )


@kernel
def colour(numbers, tables, axes, bounds, out):
    """Write the colours of Gaussian numbers (n, 3)."""
    for n in range(out.shape[0]):
        out[n, 0], out[n, 1], out[n, 2] = coloured(numbers[n, 0], numbers[n, 1], numbers[n, 2], tables, axes, bounds)


@kernel
def draw_phases(spectrum, left, width, seed):
    """Turn each wave of a real picture by an angle of its own, drawn by its frequency; take its mean off.

    The same frequency gets the same angle at every size. Waves that are their own mirror image get 0 or half a turn.

    spectrum : complex64 (H, n), columns from `left` on of the half spectrum of a picture `width` wide.
    """
    height = spectrum.shape[0]
    for j in range(height):
        row = spectrum[j]
        for n in range(row.size):
            i = left + n
            mirrored = i == 0 or 2 * i == width
            back = mirrored and 2 * j > height
            own_y = j if 2 * j <= height else j - height
            bits = hash32(i, -own_y if back else own_y, seed)
            angle = high16(bits) * f32(2 * np.pi / 65536)
            if mirrored and (j == 0 or 2 * j == height):
                angle = f32(0) if angle < f32(np.pi) else f32(np.pi)
            if back:
                angle = -angle
            row[n] *= np.complex64(complex(cosine(angle), sine(angle)))
    if left == 0:
        spectrum[0, 0] = 0
