"""Height and roughness guessed from one photograph, without a model.

Four cues are added up as spectra and integrated together:

- dark is deep: brightness that colour does not explain, its dark side counted more than its bright one;
- shading: a slope that faces the light is bright, so brightness is integrated along the light's direction (the linear
  shape from shading of Pentland, 1990, damped where waves run along the light);
- colour: colours that lie about dark crevices are taken to be deep. Mortar that is brighter than its stones comes out
  low by this alone;
- scale: every octave gets the same slopes, so heights grow with size and grain is not embossed.

The work is done on the torus; a photograph is first continued by its mirror image.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodes.declare import Band
from nodes.kernels import f32
from nodes.patch.shading import blurred, chroma_terms, fitted_terms, tones, total, unexplained, whole
from nodes.patch.waves import back, forward

OCTAVES = 6
"""From the largest shapes down: a 64th of them is the finest that is still given height."""

BRIGHT = 0.5
"""How much bright spots rise, where dark ones sink by 1: brightness is often paint or gloss."""

TRUST = 0.04
"""Share of the crevices' places that colour must explain to be believed fully."""


ACROSS = 0.08
"""Squared cosine between a wave and the light below which the wave's shading is mostly noise."""


class Weights(NamedTuple):
    """How much the cues and the scales count. Scales below 0 turn over: bright is deep there."""

    shading: float = 0.15
    colour: float = 0.8
    fine: float = 1.0
    medium: float = 1.0
    coarse: float = 0.7


SMOOTH_DOUBT = 0.0002
"""Variance of smoothed chroma below which it tells nothing of height."""


def torus_height(band: Band, image: np.ndarray, size: float, light: float, weights: Weights) -> np.ndarray:
    """Return the relief of a picture that tiles: float32 of mean 0, in units of its own.

    Parameters
    ----------
    size : of the largest shapes, in pixels.
    light : direction that the light comes from, radians, counter-clockwise from the right.
    """
    bright, chroma = tones(image, band)
    brightness = unexplained(band, bright, chroma, size)
    band.tell(0.3)
    deep = np.where(brightness > 0, brightness * f32(BRIGHT), brightness)
    if weights.colour > 0 and image.ndim == 3:
        deep += by_colour(band, brightness, chroma, size) * f32(weights.colour)
    band.tell(0.6)
    height, width = deep.shape
    y = (2 * np.pi * np.fft.fftfreq(height)).astype(np.float32)[:, None]
    x = (2 * np.pi * np.fft.rfftfreq(width)).astype(np.float32)[None]
    spectrum = forward(band, deep) * f32(1 - weights.shading)
    if weights.shading > 0:
        along = (x * f32(np.cos(light)) - y * f32(np.sin(light))) / np.sqrt(np.maximum(x * x + y * y, f32(1e-12)))
        along *= f32(weights.shading) / (along * along + f32(ACROSS))
        spectrum += forward(band, brightness) * (along * np.complex64(1j))
    spectrum *= gains(y, x, size, weights)
    spectrum[0, 0] = 0
    return back(band, spectrum)


def gains(y: np.ndarray, x: np.ndarray, size: float, weights: Weights) -> np.ndarray:
    """Return what each frequency is multiplied by: octave bands, each as high as it is wide.

    y, x : radians per pixel, (rows, 1) and (1, columns); size : of the largest shapes, in pixels.
    """

    def kept(sigma: float) -> np.ndarray:
        return np.exp(-0.5 * (y * f32(sigma)) ** 2) * np.exp(-0.5 * (x * f32(sigma)) ** 2)

    found = np.zeros(np.broadcast_shapes(y.shape, x.shape), np.float32)
    upper = kept(size)
    for octave in range(OCTAVES):
        lower, upper = upper, kept(size * 0.5 ** (octave + 1))
        place = 2 * octave / (OCTAVES - 1)  # 0 the largest, 2 the finest
        rise = np.interp(place, [0, 1, 2], [weights.coarse, weights.medium, weights.fine])
        found += f32(rise * 0.5**octave) * (upper - lower)
    return found


def by_colour(band: Band, brightness: np.ndarray, chroma: np.ndarray, size: float) -> np.ndarray:
    """Return how high each pixel's colour tends to lie: colours near dark crevices are low. As wide as `brightness`."""
    near, wide = size / 4, 1.5 * size
    dark = np.maximum(-brightness, f32(0))
    crevices = blurred(band, np.minimum(dark, f32(np.quantile(dark, 0.98))), near)
    crevices -= blurred(band, crevices, wide)
    smooth = blurred(band, chroma, near / 6)
    smooth -= blurred(band, smooth, wide)
    terms = chroma_terms(smooth)
    found = total(fitted_terms(band, crevices, [], terms, rounds=1, doubt=SMOOTH_DOUBT)[1:], terms)
    told, all_ = float(found.var(dtype=np.float64)), float(crevices.var(dtype=np.float64))
    if told <= 1e-12 or all_ <= 1e-12:
        return np.zeros_like(brightness)
    limit = 2.5 * told**0.5
    trust = min(1.0, told / all_ / TRUST) * float(brightness.std(dtype=np.float64)) / told**0.5
    return (-np.clip(found, -limit, limit) * trust).astype(np.float32)


def ranged(relief: np.ndarray) -> np.ndarray:
    """Return a relief from 0 to 1; the lowest and the highest thousandth of its pixels are cut."""
    low, high = np.percentile(relief, [0.1, 99.9])
    if high - low < 1e-5:
        return np.full_like(relief, 0.5)
    return np.clip((relief - f32(low)) * f32(1 / (high - low)), 0, 1).astype(np.float32, copy=False)


def continued(picture: np.ndarray, margin: int) -> np.ndarray:
    """Return a picture with its mirror image about it, `margin` pixels wide."""
    edges = [(margin, margin), (margin, margin), *[(0, 0)] * (picture.ndim - 2)]
    return np.pad(picture, edges, mode="symmetric")


def photo_height(
    picture: np.ndarray, size: float = 0.1, light: float = np.pi / 2, weights: Weights | None = None
) -> np.ndarray:
    """Return a guess of a photograph's relief, 0 to 1, float32 (h, w).

    Parameters
    ----------
    picture : linear, (h, w) or (h, w, 3), under even light; see `flatten_illumination`.
    size : of the largest shapes, as a share of the shorter side.
    light : direction that the light comes from, radians, counter-clockwise from the right: from above unless given.
    """
    pixels = size * min(picture.shape[:2])
    margin = max(1, round(3 * pixels))
    wide = np.ascontiguousarray(continued(picture, margin))
    relief = torus_height(whole(wide), wide, pixels, light, weights or Weights())
    return ranged(np.ascontiguousarray(relief[margin:-margin, margin:-margin]))


# ---- roughness -----------------------------------------------------------------------------------


def torus_roughness(
    band: Band, image: np.ndarray, height: np.ndarray | None, size: float, level: float, amount: float
) -> np.ndarray:
    """Return a guess of roughness where the picture tiles: float32, 0.05 to 1.

    Rough is where fine grain is strong and what lies low; smooth is what stands out and what shines, that is
    brighter than its surroundings of the same colour.

    Parameters
    ----------
    size : of the surroundings, in pixels.
    level : the mean roughness. amount : how far it departs from the mean, one deviation.
    """
    bright, chroma = tones(image, band)
    shine = unexplained(band, bright, chroma, size)
    band.tell(0.5)
    fine = np.abs(shine - blurred(band, shine, size / 12))
    grain = np.log2(blurred(band, fine, size / 4) + f32(0.01))
    gloss = blurred(band, np.maximum(shine, f32(0)), size / 40)
    total = standard(grain) * f32(0.6) - standard(gloss) * f32(0.5)
    if height is not None:
        total -= standard(height - blurred(band, height, size)) * f32(0.5)
    return np.clip(f32(level) + standard(total) * f32(amount), f32(0.05), f32(1))


def standard(image: np.ndarray) -> np.ndarray:
    """Return a picture of mean 0 and deviation 1; one that is all but constant becomes 0."""
    deviation = float(image.std(dtype=np.float64))
    if deviation < 1e-5:
        return np.zeros_like(image)
    return (image - f32(image.mean(dtype=np.float64))) * f32(1 / deviation)


def photo_roughness(
    picture: np.ndarray, height: np.ndarray, size: float = 0.1, level: float = 0.7, amount: float = 0.12
) -> np.ndarray:
    """Return a guess of a photograph's roughness, 0.05 to 1, float32 (h, w); see `torus_roughness`.

    height : as `photo_height` gives it, at the picture's size.
    """
    pixels = size * min(picture.shape[:2])
    margin = max(1, round(3 * pixels))
    wide, high = (np.ascontiguousarray(continued(each, margin)) for each in (picture, height))
    found = torus_roughness(whole(wide), wide, high, pixels, level, amount)
    return np.ascontiguousarray(found[margin:-margin, margin:-margin])
