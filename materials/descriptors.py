"""What a photograph of a surface looks like, as numbers: its texture, its colours, and axes that have names.

Texture is told by 48 numbers after Manjunath and Ma (1996): Gabor filters of four scales and six directions, and of
each the mean and the deviation of its amplitude. A picture is first brought to `SIDE` pixels on its longer side, so
that numbers are relative to what it shows and not to how many pixels it has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from materials.pictures import linear_to_srgb, srgb_to_linear
from nodes import opencv
from nodes.kernels.oklab import from_oklab, to_oklab

VERSION = 1
"""Counts up when the same picture would get other numbers."""

SIDE = 256
SCALES, DIRECTIONS = 4, 6
_PAD = 32  # pixels of reflection around a picture, about the reach of the coarsest filter
_SMALL = 64  # side at which colours are counted
PALETTE = 6


class Axis(NamedTuple):
    """A number that an artist can name. Ends are what photographs of surfaces reach, not limits."""

    unit: str
    low: float
    high: float
    meaning: str


AXES = {
    "brightness": Axis("Oklab L", 0, 1, "mean lightness: 0 black, 1 white"),
    "contrast": Axis("Oklab L", 0, 0.3, "standard deviation of lightness"),
    "warmth": Axis("Oklab", -0.15, 0.15, "mean colour towards orange; below 0 towards blue"),
    "colourfulness": Axis("Oklab C", 0, 0.2, "mean chroma: 0 is gray"),
    "coarseness": Axis(
        "1", 0, 1, "size of the detail: 0 is 1/64 of the longer side, 1 is 1/8, even steps are even factors"
    ),
    "directedness": Axis("1", 0, 1, "how much the detail runs one way: 0 none, 1 nothing but parallel lines"),
    "angle": Axis(
        "degrees", 0, 180, "the way the lines run, counter-clockwise from the right; means little below 0.1 directed"
    ),
    "regularity": Axis("1", 0, 1, "how well it repeats itself: 0 chance, 1 an exact grid"),
    "unevenness": Axis(
        "Oklab L", 0, 0.2, "standard deviation of lightness in the large: shadows, falling light, stains"
    ),
    "grain": Axis("cm", 0, 20, "size of the detail; only where the width is known"),
}
"""What pictures can be looked for by, besides words, colours and likeness."""

MEASURED = tuple(name for name in AXES if name != "grain")
"""The axes that a picture alone tells; grain needs its width as well."""

COLOURS = {
    "black": 0x141414,
    "gray": 0x808080,
    "white": 0xEDEDED,
    "red": 0xA82820,
    "orange": 0xD8742C,
    "brown": 0x6B4630,
    "beige": 0xC4AE8E,
    "yellow": 0xD8BE38,
    "green": 0x4C7838,
    "blue": 0x3C64A8,
    "purple": 0x704890,
    "pink": 0xDC94A4,
}
"""Colours that everyone names alike, as sRGB codes."""

_TEXTURE = SCALES * DIRECTIONS * 2
_PARTS = {"texture": _TEXTURE, "colour": 6, "shares": len(COLOURS), "palette": 4 * PALETTE, "axes": len(MEASURED)}
LENGTH = sum(_PARTS.values())
_WARM = np.deg2rad(60.0)  # the hue of orange in Oklab


@dataclass(frozen=True)
class Descriptors:
    """The numbers of one or of many pictures: arrays with as many leading dimensions as were given.

    texture : (..., 4, 6, 2), scale from fine to coarse, direction of lines in steps of 30 degrees, mean, deviation.
    colour : (..., 6), the mean of Oklab's L, a, b, then their deviations.
    shares : (..., 12), how much of the picture has each of `COLOURS`; they sum to 1.
    palette : (..., 6, 4), Oklab L, a, b of a colour and its share; the largest share first.
    axes : (..., 9), by the names of `MEASURED`.
    """

    texture: np.ndarray
    colour: np.ndarray
    shares: np.ndarray
    palette: np.ndarray
    axes: np.ndarray

    def rows(self) -> np.ndarray:
        """Return all numbers side by side: float32 (..., LENGTH)."""
        parts = [getattr(self, name) for name in _PARTS]
        return np.concatenate([_flat(part, self.colour.ndim - 1) for part in parts], -1, dtype=np.float32)

    @classmethod
    def of_rows(cls, rows: np.ndarray) -> Descriptors:
        """Return the descriptors that `rows` made."""
        parts = np.split(rows, np.cumsum(list(_PARTS.values()))[:-1], axis=-1)
        found = dict(zip(_PARTS, parts, strict=True))
        found["texture"] = found["texture"].reshape(*rows.shape[:-1], SCALES, DIRECTIONS, 2)
        found["palette"] = found["palette"].reshape(*rows.shape[:-1], PALETTE, 4)
        return cls(**found)


def _flat(part: np.ndarray, leading: int) -> np.ndarray:
    return part.reshape(*part.shape[:leading], math.prod(part.shape[leading:]))


# ---- from a picture ------------------------------------------------------------------------------


def describe(picture: np.ndarray) -> Descriptors:
    """Return the descriptors of a picture.

    picture : float, linear Rec.709, (h, w) or (h, w, 3); what is outside 0 to 1 is clipped.
    """
    lab = _lab(resized(picture, SIDE))
    light = lab[..., 0].astype(np.float32)
    small = _lab(resized(picture, _SMALL)).reshape(-1, 3)
    texture = _gabor(light)
    measured = _measure(lab, light, texture)
    axes = np.array([measured[name] for name in MEASURED], np.float32)
    return Descriptors(texture, _moments(lab), _shares(small), _palette(small), axes)


ZOOMS = (0.5, 0.7, 1.0, 1.4, 2.0)


def zoomed(picture: np.ndarray) -> dict[float, Descriptors]:
    """Return the descriptors that a picture would have at other zooms, to find what shows more or less of a surface.

    Above 1 the middle of the picture is taken for all of it; below 1 it stands for a part of a larger one. Palette and
    axes are those of the whole picture.
    """
    whole = describe(picture)
    found = {}
    for zoom in ZOOMS:
        part = _middle(picture, zoom) if zoom > 1 else picture
        lab = _lab(resized(part, round(SIDE * min(zoom, 1))))
        found[zoom] = replace(whole, texture=_gabor(lab[..., 0].astype(np.float32)))
        if zoom > 1:
            shares = _shares(_lab(resized(part, _SMALL)).reshape(-1, 3))
            found[zoom] = replace(found[zoom], colour=_moments(lab), shares=shares)
    return found


def _middle(picture: np.ndarray, zoom: float) -> np.ndarray:
    height, width = picture.shape[:2]
    rows, columns = max(1, round(height / zoom)), max(1, round(width / zoom))
    top, left = (height - rows) // 2, (width - columns) // 2
    return picture[top : top + rows, left : left + columns]


def _moments(lab: np.ndarray) -> np.ndarray:
    return np.concatenate([lab.mean((0, 1)), lab.std((0, 1))], dtype=np.float32)


def resized(picture: np.ndarray, side: int) -> np.ndarray:
    """Return a picture, clipped to 0 to 1, with a longer side of `side` pixels: means where smaller, else linear."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    cv2 = opencv.cv2
    found = cv2.resize(
        np.asarray(picture, np.float32), size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    return np.clip(found, 0, 1)


def _lab(picture: np.ndarray) -> np.ndarray:
    return to_oklab(picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2))


# ---- texture -------------------------------------------------------------------------------------


def _gabor(light: np.ndarray) -> np.ndarray:
    """Return mean and deviation of the amplitude of every filter: float32 (4, 6, 2), in the units of `light`.

    A coarse filter lets no high frequency pass, so its answer is computed on a grid as coarse as it is.
    """
    height, width = light.shape
    below, right = _PAD + -height % _PAD, _PAD + -width % _PAD
    padded = opencv.cv2.copyMakeBorder(light - light.mean(), _PAD, below, _PAD, right, opencv.cv2.BORDER_REFLECT)
    spectrum = np.fft.fft2(padded)
    out = np.empty((SCALES, DIRECTIONS, 2), np.float32)
    for scale in range(SCALES):
        rows, columns = padded.shape[0] >> scale, padded.shape[1] >> scale
        kept = _lowest(spectrum, rows, columns) * np.float32(2 / 4**scale)
        amplitudes = np.abs(np.fft.ifft2(kept * _filters(rows, columns), axes=(1, 2)))
        start = _PAD >> scale
        inner = amplitudes[:, start : start + max(1, height >> scale), start : start + max(1, width >> scale)]
        out[scale, :, 0], out[scale, :, 1] = inner.mean((1, 2)), inner.std((1, 2))
    return out


def _lowest(spectrum: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the part of a spectrum that a grid of fewer rows and columns can hold."""
    if spectrum.shape == (rows, columns):
        return spectrum
    y = np.fft.fftfreq(rows, 1 / rows).astype(int)
    x = np.fft.fftfreq(columns, 1 / columns).astype(int)
    return spectrum[np.ix_(y, x)]


@lru_cache(maxsize=16)
def _filters(rows: int, columns: int) -> np.ndarray:
    """Return the Gabor filters of one scale, float32 (6, rows, columns), for a wave of 4 pixels of this grid.

    Neighbours in scale, which are twice as long, and in direction meet at half of their peaks. Direction k belongs to
    lines that run at 30 k degrees counter-clockwise from the right; their waves run across.
    """
    peak, half = 0.25, np.sqrt(2 * np.log(2))
    along = peak / 3 / half
    across = np.tan(np.pi / (2 * DIRECTIONS)) * np.sqrt(peak**2 / half**2 - along**2)
    y, x = np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(columns)[None, :]
    turn = np.pi / DIRECTIONS * np.arange(DIRECTIONS)[:, None, None]
    u = -x * np.sin(turn) - y * np.cos(turn)  # rows run down
    v = x * np.cos(turn) - y * np.sin(turn)
    bank = np.exp(-0.5 * (((u - peak) / along) ** 2 + (v / across) ** 2))
    bank[:, 0, 0] = 0
    return bank.astype(np.float32)


# ---- colour --------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _anchors() -> np.ndarray:
    return np.array([lab_of_code(code) for code in COLOURS.values()])


def lab_of_code(code: int) -> np.ndarray:
    """Return Oklab L, a, b of an sRGB code such as 0xA82820."""
    tones = np.array([code >> 16 & 255, code >> 8 & 255, code & 255]) / 255
    return to_oklab(srgb_to_linear(tones))


def code_of_lab(lab: Sequence[float]) -> str:
    """Return the sRGB code of an Oklab colour, as `#a82820`; what no screen shows is clipped."""
    tones = np.clip(linear_to_srgb(np.clip(from_oklab(lab), 0, 1)), 0, 1)
    return "#" + "".join(f"{round(255 * float(tone)):02x}" for tone in tones)


def _shares(lab: np.ndarray) -> np.ndarray:
    """Return how much of some pixels has each named colour; a pixel between two counts for both."""
    squares = ((lab[:, None, :] - _anchors()) ** 2).sum(2)
    near = np.exp(-(squares - squares.min(1, keepdims=True)) / (2 * 0.06**2))
    return (near / near.sum(1, keepdims=True)).mean(0).astype(np.float32)


def _palette(lab: np.ndarray) -> np.ndarray:
    """Return the colours that pixels gather around, and their shares: cuts where the spread is largest, then means."""
    groups = np.zeros(len(lab), int)
    for count in range(1, PALETTE):
        spreads = [((lab[groups == group] - lab[groups == group].mean(0)) ** 2).sum() for group in range(count)]
        if max(spreads) < _ONE_COLOUR**2:
            break
        widest = np.flatnonzero(groups == int(np.argmax(spreads)))
        pixels = lab[widest] - lab[widest].mean(0)
        axis = np.linalg.eigh(pixels.T @ pixels)[1][:, -1]
        groups[widest[pixels @ axis > 0]] = count
    for _ in range(4):
        centres = np.array([lab[groups == group].mean(0) for group in np.unique(groups)])
        groups = ((lab[:, None, :] - centres) ** 2).sum(2).argmin(1)
    return _merged(centres, np.bincount(groups, minlength=len(centres)) / len(lab))


_ONE_COLOUR = 0.02
"""Colours that are nearer in Oklab are taken for one."""


def _merged(centres: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return colours and shares, the largest first, with those that look alike made one; the rest has no share."""
    out = np.zeros((PALETTE, 4), np.float32)
    count = 0
    for at in np.argsort(-shares, kind="stable"):
        apart = np.linalg.norm(out[:count, :3] - centres[at], axis=1)
        if count and apart.min() < _ONE_COLOUR:
            out[apart.argmin(), 3] += shares[at]
        else:
            out[count] = (*centres[at], shares[at])
            count += 1
    out = out[np.argsort(-out[:, 3], kind="stable")]
    out[count:, :3] = out[0, :3]
    return out


# ---- axes ----------------------------------------------------------------------------------------


def _measure(lab: np.ndarray, light: np.ndarray, texture: np.ndarray) -> dict[str, float]:
    mean = lab.mean((0, 1))
    energy = (texture**2).sum((1, 2))
    coarse = float(energy @ np.arange(SCALES) / (energy.sum() + 1e-9)) / (SCALES - 1)
    broad = _blurred(light, max(light.shape) / 8)
    directedness, angle = _direction(light)
    return {
        "brightness": float(mean[0]),
        "contrast": float(lab[..., 0].std()),
        "warmth": float(mean[1] * np.cos(_WARM) + mean[2] * np.sin(_WARM)),
        "colourfulness": float(np.hypot(lab[..., 1], lab[..., 2]).mean()),
        "coarseness": coarse,
        "directedness": directedness,
        "angle": angle,
        "regularity": _regularity(light - broad),
        "unevenness": float(broad.std()),
    }


def _blurred(light: np.ndarray, sigma: float) -> np.ndarray:
    return opencv.cv2.GaussianBlur(light, (0, 0), sigma, borderType=opencv.cv2.BORDER_REFLECT)


def _direction(light: np.ndarray) -> tuple[float, float]:
    """Return how one-sided the structure tensor of the whole picture is, and the angle of its lines in degrees."""
    smooth = _blurred(light, 1.0)
    down, right = (
        np.gradient(smooth, axis=axis) if smooth.shape[axis] > 1 else np.zeros_like(smooth) for axis in (0, 1)
    )
    xx, yy, xy = float((right**2).mean()), float((down**2).mean()), float((right * down).mean())
    if xx + yy < 1e-10:
        return 0.0, 0.0
    across = 0.5 * np.arctan2(-2 * xy, xx - yy)  # rows run down
    return float(np.hypot(xx - yy, 2 * xy) / (xx + yy)), float(np.rad2deg(across) + 90) % 180


def _regularity(detail: np.ndarray) -> float:
    """Return the height of the clearest peak of the autocorrelation apart from its middle, 0 to 1.

    A peak counts as far as it stands above the lowest point on the way to it: along lines the autocorrelation is
    high without any repetition. Shifts are up to half the picture.
    """
    small = _resized_signed(detail, SIDE // 2)
    height, width = small.shape
    small = small - small.mean()
    if small.std() < 1e-4 or min(height, width) < 8:
        return 0.0
    shape = (2 * height, 2 * width)
    sums = np.fft.irfft2(np.abs(np.fft.rfft2(small, shape)) ** 2, shape)
    counts = np.fft.irfft2(np.abs(np.fft.rfft2(np.ones_like(small), shape)) ** 2, shape)
    down, across = height // 2, width // 2
    rows, columns = np.arange(0, down + 1), np.arange(-across, across + 1)
    surface = (sums[np.ix_(rows, columns)] / counts[np.ix_(rows, columns)] / small.var()).astype(np.float32)
    highest = opencv.cv2.dilate(surface, np.ones((7, 7), np.uint8))
    ys, xs = np.nonzero((surface == highest) & (surface > 0.02))
    order = np.argsort(-surface[ys, xs], kind="stable")[:32]
    way = np.linspace(0, 1, 33)[None, :]
    y, x = ys[order, None], xs[order, None] - across
    lowest = surface[np.rint(y * way).astype(int), np.rint(x * way).astype(int) + across].min(1)
    heights = surface[ys[order], xs[order]]
    return float(np.clip(np.minimum(heights, heights - lowest), 0, 1).max(initial=0.0))


def _resized_signed(light: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(light.shape)
    size = max(1, round(light.shape[1] * scale)), max(1, round(light.shape[0] * scale))
    return opencv.cv2.resize(light, size, interpolation=opencv.cv2.INTER_AREA)


# ---- likeness ------------------------------------------------------------------------------------

_WEIGHTS = {"form": 1.0, "level": 0.5, "spread": 0.5, "light": 1.5, "hue": 6.0, "deviation": 3.0, "shares": 0.5}


def features(found: Descriptors) -> np.ndarray:
    """Return vectors whose distance is how unlike two pictures are, float32 (n, 67): 1 is about another surface.

    Amplitudes are compared by their logarithms: their common level apart, as it follows the light.
    """
    means = np.log2(found.texture[..., 0] + 1e-3)
    spreads = np.log2(found.texture[..., 1] / (found.texture[..., 0] + 1e-3) + 0.1)
    level = means.mean((-2, -1), keepdims=True)
    parts = {
        "form": (means - level) / 24**0.5,
        "level": level,
        "spread": spreads / 24**0.5,
        "light": found.colour[..., :1],
        "hue": found.colour[..., 1:3],
        "deviation": found.colour[..., 3:],
        "shares": found.shares,
    }
    flat = [_flat(part * _WEIGHTS[name], found.colour.ndim - 1) for name, part in parts.items()]
    return np.concatenate(flat, -1, dtype=np.float32)


def turned(found: Descriptors) -> Descriptors:
    """Return a picture's descriptors as if it were turned by 0, 30, ... 150 degrees: a new first dimension of 6."""
    texture = np.stack([np.roll(found.texture, step, axis=-2) for step in range(DIRECTIONS)])
    same = {name: np.stack([getattr(found, name)] * DIRECTIONS) for name in ("colour", "shares", "palette", "axes")}
    return Descriptors(texture, **same)


# ---- the same picture again ----------------------------------------------------------------------


def fingerprint(picture: np.ndarray) -> int:
    """Return 63 bits that stay nearly the same when a picture is scaled, compressed or made brighter.

    They tell which of its 63 lowest waves, 8 by 8 without the mean, are above the middle one (Zauner 2010).
    A picture without contrast has the fingerprint 0.
    """
    light = _lab(resized(picture, 4 * _SMALL))[..., 0]
    small = opencv.cv2.resize(light.astype(np.float32), (32, 32), interpolation=opencv.cv2.INTER_AREA)
    if small.std() < 2e-3:
        return 0
    waves = opencv.cv2.dct(small - small.mean())[:8, :8].ravel()[1:]
    return int("".join("1" if above else "0" for above in waves > np.median(waves)), 2)


def bits_apart(fingerprint: int, others: np.ndarray) -> np.ndarray:
    """Return how many bits of fingerprints (int64) differ from one; all of them where there is none to compare."""
    apart = np.bitwise_count(np.bitwise_xor(others, np.int64(fingerprint)))
    return np.where((others == 0) | (fingerprint == 0), 63, apart)
