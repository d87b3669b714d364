"""Making and changing colours."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import numpy as np

from nodes.declare import Angle, Band, Color, Gray, Range, Stops, node
from nodes.kernels import f32, kernel
from nodes.kernels.oklab import FROM_CONE, FROM_ROOT, TO_CONE, TO_ROOT, cube_root, from_oklab, to_oklab
from nodes.kernels.pointwise import TABLE, look_up, mix_in

Stop = tuple[float, tuple[float, ...]]


@node(carries="tone")
def gradient_map(
    band: Band,
    image: Gray,
    stops: Annotated[tuple, Stops()] = ((0.0, (0.02, 0.02, 0.02)), (1.0, (0.9, 0.9, 0.9))),
    space: Literal["oklab", "linear", "srgb"] = "oklab",
    interpolation: Literal["linear", "smooth", "constant"] = "linear",
) -> Color:
    """Colour a picture by its tones, through a gradient.

    Two stops at one place make a hard step. Held as 4096 float colours with interpolation, so that nothing bands.

    Parameters
    ----------
    stops : position 0 to 1 and linear colour, positions rising
    space : where colours between two stops lie; oklab is even to the eye, linear mixes as light does
    interpolation : straight from stop to stop, eased, or steps
    """
    return look_up(image, _gradient_table(stops, space, interpolation), band.empty(channels=3))


@lru_cache(maxsize=64)
def _gradient_table(stops: tuple[Stop, ...], space: str, interpolation: str) -> np.ndarray:
    """Return (4096, 3) colours along a gradient."""
    to_space, from_space = _SPACES[space]
    positions = np.array([stop[0] for stop in stops])
    colours = to_space(np.array([stop[1] for stop in stops], np.float64))
    at = np.linspace(0, 1, TABLE)
    after = np.clip(np.searchsorted(positions, at, side="right"), 1, max(len(stops) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(stops) - 1)
    span = positions[after] - positions[before]
    t = np.clip(np.divide(at - positions[before], span, out=np.ones_like(at), where=span > 0), 0, 1)
    if interpolation == "smooth":
        t = t * t * (3 - 2 * t)
    elif interpolation == "constant":
        t = np.floor(t)
    mixed = colours[before] + (colours[after] - colours[before]) * t[:, None]
    return np.maximum(from_space(mixed), 0).astype(np.float32)


def _decode(code: np.ndarray) -> np.ndarray:
    return np.where(code <= 0.04045, code / 12.92, ((np.maximum(code, 0) + 0.055) / 1.055) ** 2.4)


def _encode(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)


_SPACES = {
    "oklab": (to_oklab, from_oklab),
    "linear": (lambda colour: colour, lambda colour: colour),
    "srgb": (_encode, _decode),
}


@kernel
def _adjust(image, out, lightness, chroma, cosine, sine, to_cone, from_root, to_root, from_cone):
    for i in range(image.shape[0]):
        r, g, b = image[i, 0], image[i, 1], image[i, 2]
        p = cube_root(max(to_cone[0, 0] * r + to_cone[0, 1] * g + to_cone[0, 2] * b, f32(0)))
        q = cube_root(max(to_cone[1, 0] * r + to_cone[1, 1] * g + to_cone[1, 2] * b, f32(0)))
        s = cube_root(max(to_cone[2, 0] * r + to_cone[2, 1] * g + to_cone[2, 2] * b, f32(0)))
        light = from_root[0, 0] * p + from_root[0, 1] * q + from_root[0, 2] * s + lightness
        u = (from_root[1, 0] * p + from_root[1, 1] * q + from_root[1, 2] * s) * chroma
        v = (from_root[2, 0] * p + from_root[2, 1] * q + from_root[2, 2] * s) * chroma
        light = max(light, f32(0))
        a, c = cosine * u - sine * v, sine * u + cosine * v
        p = to_root[0, 0] * light + to_root[0, 1] * a + to_root[0, 2] * c
        q = to_root[1, 0] * light + to_root[1, 1] * a + to_root[1, 2] * c
        s = to_root[2, 0] * light + to_root[2, 1] * a + to_root[2, 2] * c
        p, q, s = p * p * p, q * q * q, s * s * s
        out[i, 0] = max(from_cone[0, 0] * p + from_cone[0, 1] * q + from_cone[0, 2] * s, f32(0))
        out[i, 1] = max(from_cone[1, 0] * p + from_cone[1, 1] * q + from_cone[1, 2] * s, f32(0))
        out[i, 2] = max(from_cone[2, 0] * p + from_cone[2, 1] * q + from_cone[2, 2] * s, f32(0))


_MATRICES = tuple(matrix.astype(np.float32) for matrix in (TO_CONE, FROM_ROOT, TO_ROOT, FROM_CONE))


@node(carries="tone")
def oklch_adjust(
    band: Band,
    image: Color,
    lightness: Annotated[float, Range(-1.0, 1.0)] = 0.0,
    chroma: Annotated[float, Range(0.0, 4.0)] = 1.0,
    hue: Annotated[float, Angle(-180.0, 180.0)] = 0.0,
    mask: Gray | None = None,
) -> Color:
    """Change lightness, colourfulness and hue as the eye counts them, each without the others.

    In OKLCh (Ottosson 2020). Colours that leave the gamut keep what is above 0; negative parts become 0.

    Parameters
    ----------
    lightness : added to the lightness, which is 0 for black and 1 for white
    chroma : times the colourfulness; 0 is gray
    hue : turned by this much
    mask : 0 keeps the input, 1 takes the result
    """
    out = band.like(image)
    turn = (f32(np.cos(hue)), f32(np.sin(hue)))
    _adjust(image.reshape(-1, 3), out.reshape(-1, 3), f32(lightness), f32(chroma), *turn, *_MATRICES)
    return mix_in(image, out, mask)


@kernel
def _weigh(image, red, green, blue, out):
    for i in range(out.size):
        out[i] = image[i, 0] * red + image[i, 1] * green + image[i, 2] * blue


@node(carries="tone")
def to_grayscale(
    band: Band,
    image: Color,
    red: Annotated[float, Range(-2.0, 2.0)] = 0.2126,
    green: Annotated[float, Range(-2.0, 2.0)] = 0.7152,
    blue: Annotated[float, Range(-2.0, 2.0)] = 0.0722,
) -> Gray:
    """A weighted sum of the channels; as it stands, the luminance of linear Rec. 709."""
    out = band.empty()
    _weigh(image.reshape(-1, 3), f32(red), f32(green), f32(blue), out.reshape(-1))
    return out
