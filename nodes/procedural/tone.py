"""Changing the tones of a picture: levels, curves, thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from nodes.declare import Band, Gray, Image, Knots, Range, node
from nodes.kernels import f32, kernel
from nodes.kernels.elementary import ramp
from nodes.kernels.pointwise import TABLE, count_tones, look_up, look_up_between, mix_in

Share = Range(0.0, 1.0)
Tone = Annotated[float, Range(-4.0, 4.0)]


@kernel
def _scale(image, out, low, factor, base, clamp):
    if clamp:
        for i in range(out.size):
            out[i] = min(max((image[i] - low) * factor, f32(0)), f32(1)) + base
    else:
        for i in range(out.size):
            out[i] = (image[i] - low) * factor + base


@node(carries="tone")
def levels(
    band: Band,
    image: Image,
    in_low: Annotated[float, Range(-1.0, 2.0)] = 0.0,
    in_high: Annotated[float, Range(-1.0, 2.0)] = 1.0,
    gamma: Annotated[float, Range(0.05, 20.0)] = 1.0,
    out_low: Annotated[float, Share] = 0.0,
    out_high: Annotated[float, Share] = 1.0,
    clamp: bool = True,
    invert: bool = False,
    mask: Gray | None = None,
) -> Image:
    """Stretch the tones from `in_low` to `in_high` over `out_low` to `out_high`.

    Where `in_low` and `in_high` meet the result is a hard threshold; where they change places it is inverted.

    Parameters
    ----------
    gamma : over 1 brightens the middle, under 1 darkens it; the ends stay
    clamp : whether tones beyond the ends are cut off; with a gamma other than 1 they always are
    mask : 0 keeps the input, 1 takes the result
    """
    span = in_high - in_low
    factor = 1.0 / (span if abs(span) > 1e-6 else 1e-6)
    out = band.like(image)
    _scale(image.reshape(-1), out.reshape(-1), f32(in_low), f32(factor), f32(0), clamp or gamma != 1)
    if gamma != 1:
        np.power(out, f32(1 / gamma), out=out)
    if invert:
        np.subtract(f32(1), out, out=out)
    if (out_low, out_high) != (0.0, 1.0):
        np.multiply(out, f32(out_high - out_low), out=out)
        out += f32(out_low)
    return mix_in(image, out, mask)


@node(carries="tone")
def curve(
    band: Band,
    image: Image,
    points: Annotated[tuple, Knots()] = ((0.0, 0.0), (1.0, 1.0)),
    mask: Gray | None = None,
) -> Image:
    """Send tones through a curve: smooth, through all points, and monotone wherever the points are.

    Tones outside the first and last point take their values. Monotone cubic interpolation after Fritsch and
    Carlson (1980), held in a table of 4096 entries.

    Parameters
    ----------
    points : x and y from 0 to 1, x rising
    mask : 0 keeps the input, 1 takes the result
    """
    return mix_in(image, look_up(image, curve_table(points), band.like(image)), mask)


def curve_table(points: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Return what a curve makes of 4096 tones from 0 to 1."""
    x, y = np.array(points, np.float64).T
    steps, slopes = np.diff(x), np.diff(y) / np.diff(x)
    tangents = np.concatenate([slopes[:1], (slopes[:-1] + slopes[1:]) / 2, slopes[-1:]])
    tangents[1:-1][slopes[:-1] * slopes[1:] <= 0] = 0
    for i, slope in enumerate(slopes):
        if slope == 0:
            tangents[i : i + 2] = 0
            continue
        length = np.hypot(tangents[i] / slope, tangents[i + 1] / slope)
        if length > 3:
            tangents[i : i + 2] *= 3 / length
    places = np.clip(np.linspace(0, 1, TABLE), x[0], x[-1])
    at = np.clip(np.searchsorted(x, places, side="right") - 1, 0, len(slopes) - 1)
    t = (places - x[at]) / steps[at]
    rise = steps[at]
    values = (
        (1 + 2 * t) * (1 - t) ** 2 * y[at]
        + t * (1 - t) ** 2 * rise * tangents[at]
        + t**2 * (3 - 2 * t) * y[at + 1]
        - t**2 * (1 - t) * rise * tangents[at + 1]
    )
    return values.astype(np.float32)


@node(carries="tone")
def histogram_scan(
    band: Band,
    image: Gray,
    position: Annotated[float, Share] = 0.5,
    contrast: Annotated[float, Share] = 0.5,
) -> Gray:
    """Turn a picture into a mask: how much of it is white, and how sharp its edge is.

    Parameters
    ----------
    position : 0 is all black, 1 all white
    contrast : 0 a soft ramp over all tones, 1 a hard edge
    """
    width = max(1 - contrast, 1 / 256)
    threshold = (1 - position) * (1 + width) - width / 2
    out = band.like(image)
    _scale(image.reshape(-1), out.reshape(-1), f32(threshold - width / 2), f32(1 / width), f32(0), True)
    return out


@kernel
def _ramp(image, low, high, out):
    for i in range(out.size):
        out[i] = ramp(low, high, image[i])


@node(carries="tone")
def smoothstep(band: Band, image: Image, low: Tone = 0.35, high: Tone = 0.65, mask: Gray | None = None) -> Image:
    """Rise smoothly from 0 at the tone `low` to 1 at the tone `high`; fall where `low` is above `high`.

    Hermite's 3t^2 - 2t^3; where the two meet it is a hard threshold. Noises lie close around 0.5, so that the two
    are often 0.1 to 0.2 apart: 0.06 makes the hard edge of moss, 0.15 that of chips, 0.3 dirt.

    Parameters
    ----------
    low, high : tones that become 0 and 1
    mask : 0 keeps the input, 1 takes the result
    """
    out = band.like(image)
    _ramp(image.reshape(-1), f32(low), f32(high), out.reshape(-1))
    return mix_in(image, out, mask)


@dataclass(frozen=True)
class Histogram:
    """What share of a picture's pixels lies below each of the tones from `low` to `high`, evenly spaced."""

    low: float
    high: float
    below: np.ndarray

    def tone_above(self, share: float) -> float:
        """Return the tone that `share` of the pixels lie above."""
        return float(np.interp(1 - share, self.below, np.linspace(self.low, self.high, len(self.below))))


BINS = 8192


def histogram_of(image: np.ndarray) -> Histogram:
    """Return the histogram of a whole picture."""
    height, width = image.shape
    return _histogram(Band(height, width, 0, height), image)


def _histogram(band: Band, image: np.ndarray) -> Histogram:
    ends = band.each(lambda top, bottom: (image[top:bottom].min(), image[top:bottom].max()))
    low, high = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
    if high <= low:
        return Histogram(low, high, np.array([0.0, 1.0]))
    counts = band.each(lambda top, bottom: count_tones(image[top:bottom], low, high, BINS))
    total = np.cumsum(np.sum(counts, axis=0))
    return Histogram(low, high, np.concatenate([[0.0], total / total[-1]]))


@node(carries="tone", prepare=_histogram, bound=0.05)
def smooth_threshold(
    band: Band,
    image: Gray,
    share: Annotated[float, Share] = 0.4,
    softness: Annotated[float, Share] = 0.1,
    prepared: Histogram | None = None,
) -> Gray:
    """A mask that covers a given share of the tile, the brightest part of a picture, with an edge of a given softness.

    The share holds whatever the picture's contrast, its seed and the noise it comes from. It depends on the whole
    picture, so that a change anywhere may shift the edge everywhere.

    Parameters
    ----------
    share : how much of the tile is above one half; at 0 all is black, at 1 all white
    softness : over how many tones the edge is spread; 0 is hard
    """
    assert prepared is not None
    out = band.empty()
    if share in (0, 1):
        out.fill(share)
        return out
    middle = prepared.tone_above(share)
    _ramp(image.reshape(-1), f32(middle - softness / 2), f32(middle + softness / 2), out.reshape(-1))
    return out


@node(carries="tone", prepare=_histogram, bound=0.05)
def equalize(
    band: Band,
    image: Gray,
    amount: Annotated[float, Share] = 1.0,
    prepared: Histogram | None = None,
) -> Gray:
    """Give all tones the same share of the tile: each pixel becomes the share of the pixels that are darker.

    After it a threshold of 0.3 covers 0.7 of the tile, whatever the picture was. It depends on the whole picture.

    Parameters
    ----------
    amount : 0 keeps the picture, 1 gives each tone its rank
    """
    assert prepared is not None
    out = look_up_between(image, prepared.low, prepared.high, prepared.below.astype(np.float32), band.empty())
    return mix_in(image, out, None, amount)


@node(carries="tone")
def histogram_range(
    band: Band,
    image: Image,
    range: Annotated[float, Share] = 0.5,
    position: Annotated[float, Share] = 0.5,
) -> Image:
    """Squeeze the tones of a picture into a part of 0 to 1.

    Parameters
    ----------
    range : how much of 0 to 1 the tones take up; at 1 nothing changes, 0 is one flat tone
    position : 0 puts them at the dark end, 1 at the bright end
    """
    out = band.like(image)
    _scale(image.reshape(-1), out.reshape(-1), f32(0), f32(range), f32((1 - range) * position), False)
    return out


@node(carries="tone")
def remap(
    band: Band,
    image: Image,
    in_low: Tone = 0.3,
    in_high: Tone = 0.7,
    out_low: Tone = 0.0,
    out_high: Tone = 1.0,
    clamp: bool = True,
    mask: Gray | None = None,
) -> Image:
    """Move tones in a straight line: `in_low` becomes `out_low` and `in_high` becomes `out_high`.

    Parameters
    ----------
    in_low, in_high : two tones of the picture; a hard step where they meet
    out_low, out_high : what the two become; the greater may come first
    clamp : whether nothing leaves `out_low` to `out_high`
    mask : 0 keeps the input, 1 takes the result
    """
    span = in_high - in_low
    factor = f32(1 / (span if abs(span) > 1e-6 else 1e-6))
    out = band.like(image)
    _scale(image.reshape(-1), out.reshape(-1), f32(in_low), factor, f32(0), clamp)
    np.multiply(out, f32(out_high - out_low), out=out)
    out += f32(out_low)
    return mix_in(image, out, mask)


class Quantize(NamedTuple):
    steps: Gray
    riser: Gray


@kernel
def _terraces(image, levels, width, steps, riser):
    half = width * f32(0.5)
    for i in range(image.size):
        place = image[i] * levels + f32(0.5)
        border = np.floor(place + f32(0.5))
        rise = ramp(-half, half, place - border)
        steps[i] = (border - f32(1) + rise) / levels
        riser[i] = f32(4) * rise * (f32(1) - rise)


@node(carries="tone")
def quantize(
    band: Band,
    image: Gray,
    levels: Annotated[int, Range(2, 64)] = 6,
    riser: Annotated[float, Share] = 0.16,
) -> Quantize:
    """Break tones into even steps: terraces, posters, layers of scale; `riser` shows where one goes over into the next.

    Each tone goes to the nearest level; 0 and 1 are levels, and tones beyond them go on in the same steps.

    Parameters
    ----------
    levels : how many there are from 0 to 1, both included
    riser : share of a step over which it rises; 0 is a hard edge, 1 leaves no flat part
    """
    steps, between = band.empty("steps"), band.empty("riser")
    flat = (image.reshape(-1), f32(levels - 1), f32(riser), steps.reshape(-1), between.reshape(-1))
    _terraces(*flat)
    return Quantize(steps, between)


def _extent(band: Band, image: np.ndarray, low_share: float, high_share: float) -> tuple[float, float]:
    """Return the tones below which the two shares of the pixels lie; exact minimum and maximum at 0 and 1."""
    ends = band.each(lambda top, bottom: (image[top:bottom].min(), image[top:bottom].max()))
    low, high = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
    if (low_share, high_share) == (0.0, 1.0) or high <= low:
        return low, high
    counts = band.each(lambda top, bottom: count_tones(image[top:bottom], low, high, 4096))
    total = np.cumsum(np.sum(counts, axis=0))
    places = np.searchsorted(total, [low_share * total[-1], high_share * total[-1]])
    bins = np.minimum(places + np.array([0, 1]), 4096) / 4096
    return (
        low + (high - low) * float(bins[0]) if low_share > 0 else low,
        low + (high - low) * float(bins[1]) if high_share < 1 else high,
    )


@node(carries="tone", prepare=_extent, bound=0.05)
def auto_levels(
    band: Band,
    image: Gray,
    low_share: Annotated[float, Range(0.0, 0.45)] = 0.0,
    high_share: Annotated[float, Range(0.55, 1.0)] = 1.0,
    prepared: tuple[float, float] = (0.0, 1.0),
) -> Gray:
    """Stretch the tones of a picture over 0 to 1, whatever they are.

    The result depends on the whole picture, so that a change of seed may change it everywhere; where a noise has a
    known spread, levels is the better choice.

    Parameters
    ----------
    low_share : share of the pixels that may become black
    high_share : share of the pixels that stay below white
    """
    low, high = prepared
    out = band.like(image)
    factor = min(1 / (high - low), 1e30) if high > low else 0.0
    _scale(image.reshape(-1), out.reshape(-1), f32(low), f32(factor), f32(0), True)
    return out
