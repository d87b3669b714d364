"""Colours as people write them: sRGB, hex, HSV, OKLCh; and gradients made of a row of colours."""

from __future__ import annotations

import colorsys
import math
import re
from collections.abc import Sequence

import numpy as np

from nodes.kernels.oklab import from_oklab, to_oklab

Colour = tuple[float, ...]
"""Linear red, green and blue, as documents hold them."""

Stop = tuple[float, Colour]

SPACES = ("oklab", "linear", "srgb")
"""Where colours between two stops may lie."""

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def encoded(linear: Sequence[float]) -> Colour:
    """Return the sRGB parts of a linear colour."""
    return tuple(c * 12.92 if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear)


def decoded(srgb: Sequence[float]) -> Colour:
    """Return the linear colour of sRGB parts."""
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in srgb)


def bytes_of(linear: Sequence[float]) -> tuple[int, int, int]:
    """Return the nearest 8-bit sRGB colour, what a screen shows."""
    red, green, blue = (round(min(max(c, 0.0), 1.0) * 255) for c in encoded(linear))
    return red, green, blue


def hex_of(linear: Sequence[float]) -> str:
    """Return #RRGGBB of the nearest 8-bit sRGB colour."""
    return "#{:02X}{:02X}{:02X}".format(*bytes_of(linear))


def colour_of_hex(text: str) -> Colour:
    """Return the linear colour of #RRGGBB or #RGB.

    Raises
    ------
    ValueError
        If the text is neither.
    """
    found = _HEX.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text.strip()[:20]} is no colour; write #RRGGBB or #RGB")
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
    return rounded(decoded([int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]))


def rounded(colour: Sequence[float], high: float = 1.0) -> Colour:
    """Return a colour with six decimals, as files hold it, inside its range."""
    return tuple(round(min(max(float(c), 0.0), high), 6) for c in colour)


def hsv_of(linear: Sequence[float]) -> Colour:
    """Return hue, saturation and value, each 0 to 1, of the sRGB colour."""
    return colorsys.rgb_to_hsv(*[min(max(c, 0.0), 1.0) for c in encoded(linear)])


def colour_of_hsv(hue: float, saturation: float, value: float) -> Colour:
    """Return the linear colour of hue, saturation and value."""
    return rounded(decoded(colorsys.hsv_to_rgb(hue, saturation, value)))


def oklch_of(linear: Sequence[float]) -> Colour:
    """Return lightness 0 to 1, chroma, and hue in degrees."""
    light, a, b = to_oklab(list(linear)).tolist()
    return light, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def colour_of_oklch(light: float, chroma: float, hue: float, high: float = 1.0) -> Colour:
    """Return the linear colour of lightness, chroma and hue; what lies outside its range is cut off."""
    angle = math.radians(hue)
    return rounded(from_oklab([light, chroma * math.cos(angle), chroma * math.sin(angle)]).tolist(), high)


# ---- gradients -----------------------------------------------------------------------------------


def stops_of_row(colours: Sequence[Sequence[float]] | np.ndarray, most: int = 8) -> tuple[Stop, ...]:
    """Return up to `most` stops that together look like a row of linear colours.

    Begins with the two ends and adds the place that is furthest from the gradient so far, as the eye counts it, until
    no place is off by more than can be seen.
    """
    row = np.asarray(colours, np.float64).reshape(-1, 3)
    if len(row) == 0:
        raise ValueError("there are no colours in the row")
    if len(row) == 1:
        return ((0.0, rounded(row[0])),)
    lab, places = to_oklab(np.maximum(row, 0)), np.arange(len(row))
    chosen = [0, len(row) - 1]
    while len(chosen) < min(most, len(row)):
        shown = np.stack([np.interp(places, chosen, lab[chosen, part]) for part in range(3)], axis=1)
        off = np.linalg.norm(lab - shown, axis=1)
        if off.max() < 0.02:
            break
        chosen = sorted({*chosen, int(off.argmax())})
    return tuple((round(place / (len(row) - 1), 4), rounded(row[place])) for place in chosen)


def reversed_stops(stops: Sequence[Stop]) -> tuple[Stop, ...]:
    """Return a gradient turned round."""
    return tuple((round(1 - place, 6), colour) for place, colour in reversed(stops))


def spread_stops(stops: Sequence[Stop]) -> tuple[Stop, ...]:
    """Return a gradient with the same distance between all stops, from end to end."""
    last = len(stops) - 1
    return tuple((round(index / last, 6) if last else place, colour) for index, (place, colour) in enumerate(stops))
