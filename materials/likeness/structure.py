"""Terms of what is longer than a patch: lines that run on, and a lattice that keeps its step.

Both say nothing (None) where the exemplar has none of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from materials.likeness.correlation import autocorrelation
from materials.likeness.picture import halved, luma, smoothed
from nodes import opencv

LINE_WIDTH = 1.5
"""Sigma across a line, in pixels of the halved picture."""

LINE_LENGTHS = (2.0, 9.0, 18.0)
"""Sigmas along a line: the first is as short as a dot, the others are about 60 and 130 pixels of the picture long."""

LEAST_LINES = 1.4
"""An exemplar has lines where long filters find this many times what they find in noise of its spectrum."""

LEAST_PERIOD, LONGEST_PERIOD = 4, 0.3
"""Periods that are looked for: pixels of the halved picture, and share of its short side."""

LEAST_PROMINENCE, LEAST_TWICE = 0.25, 0.1
"""How far a peak of a lattice rises above the valley before it, and what is found at twice its shift."""


# ---- lines ---------------------------------------------------------------------------------------


def line_continuity(exemplar: np.ndarray, result: np.ndarray) -> tuple[float | None, float]:
    """Return how long and unbroken lines are, result over exemplar, and how far the exemplar has lines at all.

    A filter as wide as a joint answers as much when it is made longer along a line, and less where the line ends, steps
    aside or bends. Each pixel takes its best direction; the energy of long filters over that of short ones is
    compared, less what noise without any direction gives that has the exemplar's radial spectrum.
    """
    known, made, strengths = [], [], []
    noise = _directionless(luma(exemplar))
    pictures = [halved(luma(exemplar)), halved(luma(result)), halved(noise)]
    for _ in range(2):
        if min(pictures[0].shape) < 48:
            break
        lined, found, floor = (_long_energy(picture) for picture in pictures)
        if not floor.all():  # an exemplar of one tone
            break
        known.append(lined - floor)
        made.append(found - floor)
        strengths.append(lined / floor)
        pictures = [halved(picture) for picture in pictures]
    strength = float(np.max(strengths, initial=0.0))
    if strength < LEAST_LINES:
        return None, strength
    # Scales without lines of their own have a small excess, and so little say.
    return float(max(0.0, np.sum(made) / np.sum(np.maximum(known, 1e-6)))), strength


def _long_energy(gray: np.ndarray) -> np.ndarray:
    short, *long = (float((_strongest(gray, length) ** 2).mean()) for length in LINE_LENGTHS)
    return np.array(long) / max(short, 1e-12)


def _strongest(gray: np.ndarray, length: float) -> np.ndarray:
    """Return each pixel's largest answer to a line filter of any direction: a Gaussian along, its curvature across."""
    cv2, (height, width) = opencv.cv2, gray.shape
    margin = int(2 * length) + 4
    size = [cv2.getOptimalDFTSize(side + 2 * margin) for side in (height, width)]
    below, right = size[0] - height - margin, size[1] - width - margin
    padded = cv2.copyMakeBorder(gray, margin, below, margin, right, cv2.BORDER_REFLECT_101)
    spectrum = np.fft.rfft2(padded)
    down = 2 * np.pi * np.fft.fftfreq(size[0])[:, None]
    across = 2 * np.pi * np.fft.rfftfreq(size[1])[None]
    best = np.zeros_like(gray)
    directions = 4 * int(np.clip(np.ceil(0.2 * np.pi * length / LINE_WIDTH), 2, 8))  # both axes are among them
    for angle in np.pi * np.arange(directions) / directions:
        along = (np.cos(angle) * across + np.sin(angle) * down) * length
        over = ((np.cos(angle) * down - np.sin(angle) * across) * LINE_WIDTH) ** 2
        answer = np.fft.irfft2(spectrum * (over * np.exp(-0.5 * (over + along**2))), size)
        answer = answer[margin : margin + height, margin : margin + width]
        best = np.maximum(best, np.abs(answer, dtype=np.float32))
    return best


def _directionless(gray: np.ndarray) -> np.ndarray:
    """Return noise of a picture's radial spectrum that has no direction and no lines."""
    side = min(gray.shape)
    gray = gray[:side, :side] - gray[:side, :side].mean()
    power = np.abs(np.fft.fft2(gray * np.outer(np.hanning(side), np.hanning(side)))) ** 2
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    ring = np.round(frequency * side).astype(np.int64)
    amplitude = np.sqrt(np.bincount(ring.ravel(), power.ravel()) / np.maximum(1, np.bincount(ring.ravel())))
    white = np.fft.fft2(np.random.default_rng(0).normal(size=(side, side)))
    return np.fft.ifft2(white / np.abs(white) * amplitude[ring]).real.astype(np.float32)


# ---- lattice -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lattice:
    """One or two shifts (rows, columns) by which a picture comes to lie on itself, in pixels of the picture."""

    shifts: tuple[tuple[int, int], ...]

    def frequencies(self) -> np.ndarray:
        """Return the lattice's own frequencies, cycles a pixel (rows, columns): one for each shift."""
        return np.linalg.pinv(np.array(self.shifts, np.float64)).T


def lattice(exemplar: np.ndarray) -> Lattice | None:
    """Return the lattice of a near-regular picture, from peaks of its autocorrelation; None if it has none.

    A peak counts where a valley lies before it and another peak at twice the shift: neither a grain that runs on nor
    two places that happen to be alike have both.
    """
    gray = halved(luma(exemplar))
    found = autocorrelation(gray, min(gray.shape) / 8)
    peaks = sorted(_peaks(found, LONGEST_PERIOD * min(gray.shape)), reverse=True)
    if not peaks:
        return None
    strength, first = peaks[0]
    chosen = [first]
    for other, shift in peaks[1:]:
        sine = abs(first[0] * shift[1] - first[1] * shift[0]) / (np.hypot(*first) * np.hypot(*shift))
        if other > 0.5 * strength and sine > 0.5:
            chosen.append(shift)
            break
    return Lattice(tuple((2 * down, 2 * across) for down, across in chosen))


def _peaks(found: np.ndarray, longest: float) -> list[tuple[float, tuple[int, int]]]:
    middle = found.shape[0] // 2, found.shape[1] // 2
    tops = (found > 0.15) & (found == opencv.cv2.dilate(found, np.ones((5, 5), np.uint8)))
    peaks = []
    for row, column in np.argwhere(tops):
        shift = int(row - middle[0]), int(column - middle[1])
        length = np.hypot(*shift)
        if shift <= (0, 0) or not LEAST_PERIOD <= length <= longest:
            continue
        valley = min(_near(found, share * shift[0], share * shift[1], 0) for share in np.linspace(0.2, 0.8, 13))
        prominence = found[row, column] - valley
        twice = _near(found, 2 * shift[0], 2 * shift[1], 0.15 * length)
        if prominence >= LEAST_PROMINENCE and twice >= LEAST_TWICE:
            peaks.append((float(prominence + twice), shift))
    return peaks


def _near(found: np.ndarray, down: float, across: float, radius: float) -> float:
    """Return the highest autocorrelation within `radius` of a shift."""
    row, column, reach = round(found.shape[0] // 2 + down), round(found.shape[1] // 2 + across), round(radius)
    part = found[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
    return float(part.max()) if part.size else 0.0


def lattice_regularity(exemplar: np.ndarray, result: np.ndarray, known: Lattice) -> dict[str, float]:
    """Return how well a result keeps the exemplar's lattice, each over the exemplar's own.

    lattice_peaks : height of the autocorrelation at the lattice's shifts. lattice_phase : how far the lattice's phase
    keeps step over two periods. lattice_regularity : their geometric mean.
    """
    both = [halved(luma(image)) for image in (exemplar, result)]
    peaks, phases = [], []
    for gray in both:
        found = autocorrelation(gray, min(both[0].shape) / 8)
        shifts = [(down / 2, across / 2) for down, across in known.shifts]
        peaks.append([max(0.0, _near(found, *shift, 0.08 * np.hypot(*shift))) for shift in shifts])
        parts = _parts(gray, both[0].shape)
        phases.append([_in_step(part, 2 * frequency) for part in parts for frequency in known.frequencies()])
    height = float(np.mean(peaks[1]) / max(np.mean(peaks[0]), 1e-6))
    step = float(np.mean(phases[1]) / max(np.mean(phases[0]), 1e-6))
    return {"lattice_peaks": height, "lattice_phase": step, "lattice_regularity": float(np.sqrt(height * step))}


def _parts(image: np.ndarray, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Return a picture cut up as large as another, since fewer periods keep step more easily; what is over is left."""
    height, width = (min(own, other) for own, other in zip(image.shape, shape, strict=True))
    rows, columns = range(0, image.shape[0] - height + 1, height), range(0, image.shape[1] - width + 1, width)
    return [image[row : row + height, column : column + width] for row in rows for column in columns]


def _in_step(gray: np.ndarray, frequency: np.ndarray) -> float:
    """Return how alike the local wave of one frequency is in places two periods apart, along it and beside it; 0 to 1.

    The wave's local amplitude and phase are the picture times a complex wave, smoothed over half a period.
    """
    period = 1 / max(float(np.hypot(*frequency)), 1e-6)
    rows, columns = np.arange(gray.shape[0])[:, None], np.arange(gray.shape[1])[None]
    plane = gray - smoothed(gray, period)
    turn = 2 * np.pi * (frequency[0] * rows + frequency[1] * columns)
    real, imaginary = (smoothed((plane * wave(turn)).astype(np.float32), period / 2) for wave in (np.cos, np.sin))
    wave = real + 1j * imaginary
    total = []
    for along in (frequency * period, np.array((-frequency[1], frequency[0])) * period):
        down, across = (round(2 * period * share) for share in along)
        if abs(down) >= gray.shape[0] // 2 or abs(across) >= gray.shape[1] // 2:
            continue
        here, there = _shifted(wave, down, across), _shifted(wave, -down, -across)
        norm = np.sqrt((np.abs(here) ** 2).sum() * (np.abs(there) ** 2).sum())
        total.append(abs((here * there.conj()).sum()) / max(norm, 1e-12))
    return float(np.mean(total)) if total else 0.0


def _shifted(plane: np.ndarray, down: int, across: int) -> np.ndarray:
    """Return the part of a plane that another shift of it overlaps."""
    rows = slice(max(0, down), plane.shape[0] + min(0, down))
    columns = slice(max(0, across), plane.shape[1] + min(0, across))
    return plane[rows, columns]
