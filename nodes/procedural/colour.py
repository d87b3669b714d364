"""Making and changing colours."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import numpy as np

from nodes.arrays import Regions
from nodes.declare import Angle, Band, Color, Gray, Image, Range, Seed, Stops, Swatch, Weights, node
from nodes.kernels import f32, kernel
from nodes.kernels.colourspace import (
    SPACES,
    adjust_hsv,
    decode_tones,
    encode_tones,
    mix,
    paint_flat,
    paint_shaded,
    vary,
)
from nodes.kernels.hash import stream, uniform_array
from nodes.kernels.oklab import from_oklab, to_oklab
from nodes.kernels.pointwise import TABLE, covered, look_up, mix_in
from nodes.procedural.mix import unseen

Stop = tuple[float, tuple[float, ...]]
NONE = np.empty(0, np.float32)


@kernel
def _place(image, shift, scale, base, amount, out):
    for i in range(out.size):
        out[i] = image[i] * scale + base
    for i in range(shift.size):
        out[i] += (shift[i] - f32(0.5)) * amount


@node(carries="tone", steers=("shift",))
def gradient_map(
    band: Band,
    image: Gray,
    shift: Gray | None = None,
    stops: Annotated[tuple, Stops()] = ((0.0, (0.02, 0.02, 0.02)), (1.0, (0.9, 0.9, 0.9))),
    space: Literal["oklab", "linear", "srgb"] = "oklab",
    interpolation: Literal["linear", "smooth", "constant"] = "linear",
    scale: Annotated[float, Range(-8.0, 8.0)] = 1.0,
    position: Annotated[float, Range(-1.0, 1.0)] = 0.0,
    shift_amount: Annotated[float, Range(-2.0, 2.0)] = 0.2,
) -> Color:
    """Colour a picture by its tones, through a gradient.

    Two stops at one place make a hard step. Held as 4096 float colours with interpolation, so that nothing bands.

    Parameters
    ----------
    shift : moves each pixel's place in the gradient; its middle tone 0.5 moves nothing
    stops : position 0 to 1 and linear colour, positions rising
    space : where colours between two stops lie; oklab is even to the eye, linear mixes as light does
    interpolation : straight from stop to stop, eased, or steps
    scale : how much of the gradient the tones run through, about its middle; below 0 it is turned round
    position : added to every place in the gradient
    shift_amount : how far apart the tones 0 and 1 of `shift` come to lie
    """
    if shift is not None or scale != 1 or position != 0:
        places = np.empty(image.shape, np.float32)
        moved = NONE if shift is None else shift.reshape(-1)
        base = f32(0.5 - 0.5 * scale + position)
        _place(image.reshape(-1), moved, f32(scale), base, f32(shift_amount), places.reshape(-1))
        image = places
    return look_up(image, gradient_table(stops, space, interpolation), band.empty(channels=3))


@lru_cache(maxsize=64)
def gradient_table(stops: tuple[Stop, ...], space: str, interpolation: str) -> np.ndarray:
    """Return (4096, 3) colours along a gradient."""
    _, from_space = _SPACES[space]
    mixed = _gradient(stops, space, interpolation, np.linspace(0, 1, TABLE))
    return np.maximum(from_space(mixed), 0).astype(np.float32)


def _gradient(stops: tuple[Stop, ...], space: str, interpolation: str, at: np.ndarray) -> np.ndarray:
    """Return the colours (n, 3) of a gradient at places from 0 to 1, in its space."""
    to_space, _ = _SPACES[space]
    positions = np.array([stop[0] for stop in stops])
    colours = to_space(np.array([stop[1] for stop in stops], np.float64))
    after = np.clip(np.searchsorted(positions, at, side="right"), 1, max(len(stops) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(stops) - 1)
    span = positions[after] - positions[before]
    t = np.clip(np.divide(at - positions[before], span, out=np.ones_like(at), where=span > 0), 0, 1)
    if interpolation == "smooth":
        t = t * t * (3 - 2 * t)
    elif interpolation == "constant":
        t = np.floor(t)
    return colours[before] + (colours[after] - colours[before]) * t[:, None]


def _decode(code: np.ndarray) -> np.ndarray:
    return np.where(code <= 0.04045, code / 12.92, ((np.maximum(code, 0) + 0.055) / 1.055) ** 2.4)


def _encode(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)


_SPACES = {
    "oklab": (to_oklab, from_oklab),
    "linear": (lambda colour: colour, lambda colour: colour),
    "srgb": (_encode, _decode),
}


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
    change = np.array([lightness, chroma, hue], np.float32)
    vary(image.reshape(-1, 3), NONE, NONE, NONE, change, np.zeros(3, np.float32), out.reshape(-1, 3))
    return mix_in(image, out, mask)


@node(carries="tone", steers=("lightness", "chroma", "hue"))
def oklch_vary(
    band: Band,
    image: Color,
    lightness: Gray | None = None,
    chroma: Gray | None = None,
    hue: Gray | None = None,
    lightness_amount: Annotated[float, Range(-1.0, 1.0)] = 0.1,
    chroma_amount: Annotated[float, Range(-2.0, 2.0)] = 0.3,
    hue_amount: Annotated[float, Angle(-360.0, 360.0)] = 15.0,
) -> Color:
    """Vary lightness, colourfulness and hue by pictures, in which the middle tone 0.5 changes nothing.

    For differences from place to place and from region to region. Colourfulness is changed by a factor, so that grays
    stay gray. In OKLCh (Ottosson 2020).

    Parameters
    ----------
    lightness, chroma, hue : what varies it; not connected, it stays
    lightness_amount : how far apart the tones 0 and 1 come to lie
    chroma_amount : the same as a share: at 0.3 from 0.85 to 1.15 times the colourfulness
    hue_amount : how far apart the hues of the tones 0 and 1 come to lie
    """
    out = band.like(image)
    maps = (NONE if part is None else part.reshape(-1) for part in (lightness, chroma, hue))
    spread = np.array([lightness_amount, chroma_amount, hue_amount], np.float32)
    vary(image.reshape(-1, 3), *maps, np.array([0, 1, 0], np.float32), spread, out.reshape(-1, 3))
    return out


@node(carries="tone")
def hsv_adjust(
    band: Band,
    image: Color,
    hue: Annotated[float, Angle(-180.0, 180.0)] = 0.0,
    saturation: Annotated[float, Range(0.0, 4.0)] = 1.0,
    value: Annotated[float, Range(0.0, 4.0)] = 1.0,
    mask: Gray | None = None,
) -> Color:
    """Change hue, saturation and value of the sRGB code, as colour pickers count them.

    Equal steps do not look equal: oklch_adjust is even to the eye. Saturation ends at 1.

    Parameters
    ----------
    hue : turned by this much
    saturation : times the saturation; 0 is gray
    value : times the value
    mask : 0 keeps the input, 1 takes the result
    """
    out = band.like(image)
    adjust_hsv(image.reshape(-1, 3), f32(hue / (2 * np.pi)), f32(saturation), f32(value), out.reshape(-1, 3))
    return mix_in(image, out, mask)


def _mix_weights(b: np.ndarray | None, mask: np.ndarray | None, opacity: float, space: str) -> Weights:
    """What lies over `a` is `b`, or a colour of the node's own."""
    shown, inside = covered(mask, opacity)
    over = {} if b is None else {"b": shown}
    return Weights({"a": 1 - shown, **over}, inside and space == "linear")


@node(carries="mix", weights=_mix_weights, idle=unseen)
def mix_color(
    band: Band,
    a: Color,
    b: Color | None = None,
    mask: Gray | None = None,
    color: Annotated[tuple, Swatch()] = (0.33, 0.21, 0.1),
    opacity: Annotated[float, Range(0.0, 1.0)] = 1.0,
    space: Literal["oklab", "linear", "srgb"] = "oklab",
) -> Color:
    """Lay a colour, or the picture `b`, over the picture `a` through a mask, mixed as the eye mixes.

    Parameters
    ----------
    mask : 0 shows `a` alone, exactly, 1 what lies over it
    color : what lies over `a` where `b` is not connected
    opacity : times the mask
    space : where the mix lies; oklab is even to the eye, linear mixes as light does
    """
    out = band.like(a)
    flat = np.array(color, np.float32)
    over = NONE.reshape(0, 3) if b is None else b.reshape(-1, 3)
    weight = NONE if mask is None else mask.reshape(-1)
    mix(a.reshape(-1, 3), over, flat, weight, f32(opacity), SPACES.index(space), out.reshape(-1, 3))
    return out


@node(carries="tone")
def linear_to_srgb(band: Band, image: Image) -> Image:
    """The sRGB codes of a linear picture, so that tones can be worked on as they look: 0.2 becomes 0.48."""
    out = band.like(image)
    encode_tones(image.reshape(-1), out.reshape(-1))
    return out


@node(carries="tone")
def srgb_to_linear(band: Band, image: Image) -> Image:
    """The linear tones of a picture of sRGB codes: 0.5 becomes 0.21; the opposite of linear_to_srgb."""
    out = band.like(image)
    decode_tones(image.reshape(-1), out.reshape(-1))
    return out


BRICKS = (
    (0.0, (0.1946, 0.0887, 0.0578)),
    (0.38, (0.2384, 0.1221, 0.0704)),
    (0.6, (0.1274, 0.0561, 0.0409)),
    (0.82, (0.1070, 0.0750, 0.0561)),
    (0.91, (0.2961, 0.1779, 0.0976)),
    (0.96, (0.0685, 0.0595, 0.0513)),
)
LIGHT_BRICKS = tuple((place, tuple(min(1.5 * part, 1.0) for part in colour)) for place, colour in BRICKS)


@node(carries="opaque", steers=("regions", "shade"))
def region_palette(
    band: Band,
    regions: Regions,
    shade: Gray | None = None,
    palette: Annotated[tuple, Stops()] = BRICKS,
    light: Annotated[tuple, Stops()] = LIGHT_BRICKS,
    interpolation: Literal["constant", "linear", "smooth"] = "constant",
    draw: Literal["even", "free"] = "even",
    lightness: Annotated[float, Range(0.0, 1.0)] = 0.05,
    chroma: Annotated[float, Range(0.0, 2.0)] = 0.15,
    hue: Annotated[float, Angle(0.0, 360.0)] = 4.0,
    background: Annotated[tuple, Swatch()] = (0.0, 0.0, 0.0),
    seed: Seed = 0,
) -> Color:
    """A colour of a palette for each region: families in given shares, each a little different from the next.

    Each region draws a number from 0 to 1; the stop at or below it is its family, so that stops at 0, 0.4 and 0.9 are
    seen on 40, 50 and 10 of a hundred regions. With `shade`, each region goes from its colour in `palette` to the one
    that its number finds in `light`, mixed in OKLab. Jitter of lightness, chroma and hue are independent of each other.

    Parameters
    ----------
    shade : 0 shows the palette, 1 the light colours; not connected is 0
    palette : where a family's share begins, and its colour
    light : the same for bright places; one stop alone is one colour for all
    interpolation : constant for families, or a gradient that the regions are spread along
    draw : even keeps the shares also among few regions, free draws for each region by itself
    lightness : how far apart the lightest and the darkest of a family may lie
    chroma : how much colourfulness differs within a family, as a share
    hue : how far apart hues of a family may lie
    background : the colour where no region is
    """
    out = band.empty(channels=3)
    ids = regions.table["id"]
    place = _drawn(ids, stream(seed, 0), draw == "even")
    light_by, chroma_by, turn = (uniform_array(ids, 0, stream(seed, use)) - 0.5 for use in (1, 2, 3))
    jitter = (lightness * light_by, np.maximum(1 + chroma * chroma_by, 0), hue * turn)
    ends = []
    for stops in (palette, light) if shade is not None else (palette,):
        colours = _varied(_gradient(stops, "oklab", interpolation, place), *jitter)
        ends.append(np.concatenate([to_oklab(background)[None], colours]))
    labels = regions.labels.reshape(-1)
    if shade is None:
        paint_flat(labels, np.maximum(from_oklab(ends[0]), 0).astype(np.float32), out.reshape(-1, 3))
    else:
        dark, bright = (end.astype(np.float32) for end in ends)
        paint_shaded(labels, dark, bright, shade.reshape(-1), out.reshape(-1, 3))
    return out


def _drawn(ids: np.ndarray, seed: int, even: bool) -> np.ndarray:
    """Return a number in [0, 1) for each region: each by itself, or all spread evenly in a random order."""
    free = uniform_array(ids, 0, seed)
    if not even:
        return free.astype(np.float64)
    ranks = np.empty(len(ids))
    ranks[np.argsort(free, kind="stable")] = np.arange(len(ids))
    return (ranks + 0.5) / max(len(ids), 1)


def _varied(lab: np.ndarray, light: np.ndarray, factor: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Return OKLab colours (n, 3) made lighter, more colourful and turned in hue, each by its own numbers."""
    u, v = lab[:, 1] * factor, lab[:, 2] * factor
    return np.stack(
        [
            np.maximum(lab[:, 0] + light, 0),
            u * np.cos(turn) - v * np.sin(turn),
            u * np.sin(turn) + v * np.cos(turn),
        ],
        axis=1,
    )


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
