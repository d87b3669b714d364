"""At which shifts a picture comes again: courses of bricks, boards, weaves."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from nodes import opencv
from nodes.patch.shading import reduced, tones


class Repeat(NamedTuple):
    """A shift that brings a picture onto itself: pixels to the right and down, and how well, 0 to 1."""

    x: float
    y: float
    strength: float


PERIOD_SIDE = 512
WEAKEST = 0.15
"""Strength below which a picture repeats by chance alone."""

NEARLY = 0.7
"""Share of the strongest peak's strength that a shorter shift must have to be taken instead."""

OPPOSITE = 0.15
"""Correlation of brightness below 0 by which a shift is surely none at which the picture repeats."""

CERTAIN = 0.35
"""Strength above which whole periods are cut."""

UNTOLD = 0.6
"""What is left of a peak's strength where the picture is too small to show twice its shift."""


def period(picture: np.ndarray) -> list[Repeat]:
    """Return the shortest strong shift at which a picture repeats, and a second one in another direction.

    None, one or two. The measure is the normalised correlation of the parts that overlap, less that half-way there, so
    that slow changes and mere blur do not count; of brightness and of contrast, since bricks of many colours are still
    rougher than their joints. Shifts go to half the picture. Of courses of stones of any length, one shift is told.
    """
    small = reduced(picture, PERIOD_SIDE)
    height, width = small.shape[:2]
    if min(height, width) < 8:
        return []
    correlation = likeness(small)
    found = _peaks(correlation)
    if not found or found[0].strength < WEAKEST:
        return []
    scale = picture.shape[1] / width, picture.shape[0] / height
    first = _shortest([peak for peak in found if peak.strength >= NEARLY * found[0].strength])
    other = [peak for peak in found if _apart(first, peak) and not _on_one_ridge(correlation, first, peak)]
    chosen = [first]
    if other and other[0].strength >= WEAKEST:
        chosen.append(_shortest([peak for peak in other if peak.strength >= NEARLY * other[0].strength]))
    return [Repeat(peak.x * scale[0], peak.y * scale[1], peak.strength) for peak in chosen]


def _shortest(peaks: list[Repeat]) -> Repeat:
    return min(peaks, key=lambda peak: math.hypot(peak.x, peak.y))


def _apart(one: Repeat, other: Repeat) -> bool:
    """Return whether two shifts differ in direction by 20 degrees or more."""
    return abs(one.x * other.y - other.x * one.y) > 0.35 * math.hypot(one.x, one.y) * math.hypot(other.x, other.y)


def _on_one_ridge(correlation: np.ndarray, one: Repeat, other: Repeat) -> bool:
    """Return whether no valley lies between two peaks or their opposites: any shift along such a ridge does as well."""
    rows, columns = correlation.shape
    for sign in (1, -1):
        steps = np.linspace(0, 1, 64)
        y = np.rint(one.y + steps * (sign * other.y - one.y)).astype(int) % rows
        x = np.rint(one.x + steps * (sign * other.x - one.x)).astype(int) % columns
        line = correlation[y, x]
        if line.min() > 0.5 * min(line[0], line[-1]):
            return True
    return False


def likeness(small: np.ndarray) -> np.ndarray:
    """Return how like a picture is to itself, shifted: see `autocorrelation`.

    The mean for brightness and for contrast along rows and along columns. Where brightness is the opposite, contrast
    has no say, since it is the same on both sides of a wave.
    """
    light = tones(small).light
    side = min(light.shape)

    def smooth(image: np.ndarray, down: float, across: float) -> np.ndarray:
        sigmas = max(down * side, 0.3), max(across * side, 0.3)
        return opencv.cv2.GaussianBlur(image, (0, 0), sigmas[1], sigmaY=sigmas[0], borderType=opencv.cv2.BORDER_REFLECT)

    def evened(image: np.ndarray) -> np.ndarray:
        return image - smooth(image, 0.12, 0.12)

    found = autocorrelation(evened(light))
    fine = smooth(light, 0.003, 0.003)
    total = found.copy()
    for down, across in ((0.012, 0.003), (0.003, 0.012)):
        contrast = np.sqrt(np.abs(fine - smooth(light, down, across)))
        total += autocorrelation(evened(smooth(contrast, 0.003, 0.003)))
    return np.where(found < -OPPOSITE, found, total / 3)


def autocorrelation(image: np.ndarray) -> np.ndarray:
    """Return the correlation of a picture with itself over what overlaps, for shifts up to half of it.

    Row and column 0 hold shifts of 0, the last ones negative shifts, as in a Fourier transform; (2 * rows, 2 * columns)
    with 0 for shifts that are larger.
    """
    height, width = image.shape
    shape = (2 * height, 2 * width)
    values = np.fft.rfft2(image.astype(np.float64), s=shape)
    squares = np.fft.rfft2(image.astype(np.float64) ** 2, s=shape)
    places = np.fft.rfft2(np.ones_like(image, np.float64), s=shape)
    products = np.fft.irfft2(values * values.conj(), s=shape)
    here = np.maximum(np.fft.irfft2(squares * places.conj(), s=shape), 0)
    there = np.maximum(np.fft.irfft2(squares.conj() * places, s=shape), 0)
    y, x = np.fft.fftfreq(2 * height, 1 / (2 * height)), np.fft.fftfreq(2 * width, 1 / (2 * width))
    near = (np.abs(y)[:, None] <= 0.55 * height) & (np.abs(x)[None] <= 0.55 * width)
    energy = np.sqrt(here * there)
    return np.where(near & (energy > 1e-9 * energy.max() + 1e-12), products / np.maximum(energy, 1e-12), 0)


def _peaks(correlation: np.ndarray) -> list[Repeat]:
    """Return the shifts at which a correlation has a peak, the strongest first; of two opposite ones, one.

    A peak's strength is that of a comb: high at the shift and, where the picture is large enough to tell, at twice the
    shift; low half-way there.
    """
    rows, columns = correlation.shape
    centred = opencv.cv2.GaussianBlur(np.fft.fftshift(correlation).astype(np.float32), (0, 0), 0.8)
    crests = opencv.cv2.dilate(centred, np.ones((7, 7), np.uint8))
    highest = centred == opencv.cv2.dilate(centred, np.ones((5, 5), np.uint8))
    middle_y, middle_x = rows // 2, columns // 2
    # Straight down and straight across are tried too where they lie on a ridge.
    line, row = centred[:, middle_x], centred[middle_y]
    highest[1:-1, middle_x] |= (line[1:-1] > line[:-2]) & (line[1:-1] >= line[2:])
    highest[middle_y, 1:-1] |= (row[1:-1] > row[:-2]) & (row[1:-1] >= row[2:])
    ys, xs = np.nonzero(highest & (centred > WEAKEST / 3))
    found = []
    for y, x in zip(ys - middle_y, xs - middle_x, strict=True):
        inside = abs(y) <= rows // 4 and abs(x) <= columns // 4  # further out, too little overlaps
        if not inside or y < 0 or (y == 0 and x <= 0) or math.hypot(y, x) < 4:
            continue
        here = float(centred[middle_y + y, middle_x + x])
        half = float(centred[middle_y + round(y / 2), middle_x + round(x / 2)])
        if max(abs(y) / rows, abs(x) / columns) <= 0.125:
            twice = float(crests[middle_y + 2 * y, middle_x + 2 * x])
            between = float(centred[middle_y + round(1.5 * y), middle_x + round(1.5 * x)])
            here, half = 0.5 * (here + twice), 0.5 * (half + between)
        else:
            here, half = UNTOLD * here, UNTOLD * half
        about = centred[middle_y + y - 1 : middle_y + y + 2, middle_x + x - 1 : middle_x + x + 2]
        shift_y, shift_x = (_summit(line) if len(line) == 3 else 0.0 for line in (about[:, 1], about[1]))
        strength = min(here - max(half, -here), 1.0)
        found.append(Repeat(float(x + shift_x), float(y + shift_y), strength))
    return sorted(found, key=lambda peak: -peak.strength)


def _summit(line: np.ndarray) -> float:
    """Return how far from the middle of three values the parabola through them is highest."""
    before, here, after = (float(value) for value in line)
    bend = before - 2 * here + after
    return 0.5 * (before - after) / bend if bend < -1e-12 else 0.0


def axis_periods(shifts: list[Repeat]) -> tuple[float | None, float | None]:
    """Return the shortest shifts straight across and straight down that shifts add up to, where they are strong."""
    if len(shifts) < 2 or min(shift.strength for shift in shifts) < CERTAIN:
        return None, None
    one, other = (np.array(shift[:2]) for shift in shifts)
    sums = [i * one + j * other for i in range(-6, 7) for j in range(-6, 7) if (i, j) != (0, 0)]
    across = [abs(x) for x, y in sums if abs(y) < 1 + 0.01 * abs(x) and abs(x) > 1]
    down = [abs(y) for x, y in sums if abs(x) < 1 + 0.01 * abs(y) and abs(y) > 1]
    return (float(min(across)) if across else None), (float(min(down)) if down else None)
