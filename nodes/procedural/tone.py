"""Changing the tones of a picture: levels, curves, thresholds."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from nodes.declare import Band, Gray, Image, Knots, Range, node
from nodes.kernels import f32, kernel
from nodes.kernels.pointwise import TABLE, look_up, mix_in

Share = Range(0.0, 1.0)


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
    return mix_in(image, look_up(image, _curve_table(points), band.like(image)), mask)


def _curve_table(points: tuple[tuple[float, float], ...]) -> np.ndarray:
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


def _extent(band: Band, image: np.ndarray, low_share: float, high_share: float) -> tuple[float, float]:
    """Return the tones below which the two shares of the pixels lie; exact minimum and maximum at 0 and 1."""
    ends = band.each(lambda top, bottom: (image[top:bottom].min(), image[top:bottom].max()))
    low, high = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
    if (low_share, high_share) == (0.0, 1.0) or high <= low:
        return low, high
    counts = band.each(lambda top, bottom: np.histogram(image[top:bottom], 4096, (low, high))[0])
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
    factor = 1 / (high - low) if high > low else 0.0
    _scale(image.reshape(-1), out.reshape(-1), f32(low), f32(factor), f32(0), True)
    return out
