"""Terms that compare distributions: of patches, of oriented filters, of colours, and of power over frequency."""

from __future__ import annotations

import numpy as np

from materials.likeness.patches import taken
from materials.likeness.picture import halved, lab, luma, smoothed
from nodes import opencv

QUANTILES = (np.arange(256) + 0.5) / 256
LEAST_OWN = 0.03
"""Distances of an exemplar's halves below this count as this: a picture may be perfectly even."""


def wasserstein(a: np.ndarray, b: np.ndarray) -> float:
    """Return the mean 1-D Wasserstein distance of the columns of two samples, by their quantiles."""
    return float(np.abs(_quantiles(a) - _quantiles(b)).mean())


def _quantiles(sample: np.ndarray) -> np.ndarray:
    ordered = np.sort(sample.T, axis=1)
    place = QUANTILES * (ordered.shape[1] - 1)
    below = place.astype(np.int64)
    share = (place - below).astype(np.float32)
    return ordered[:, below] * (1 - share) + ordered[:, below + 1] * share


def sliced(a: np.ndarray, b: np.ndarray, draw: np.random.Generator, count: int = 64) -> float:
    """Return the sliced Wasserstein distance of two samples of vectors (Rabin et al. 2011)."""
    directions = draw.normal(size=(a.shape[1], count)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=0)
    return wasserstein(a @ directions, b @ directions)


def halves(image: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return top and bottom, left and right: different places of the same texture."""
    down, across = image.shape[0] // 2, image.shape[1] // 2
    return [(image[:down], image[down:]), (image[:, :across], image[:, across:])]


def laplacian_levels(image: np.ndarray, count: int = 4) -> list[np.ndarray]:
    """Return what each halving of a picture loses, and what is left at the end."""
    levels = []
    for _ in range(count - 1):
        levels.append(image - smoothed(image, 1.2))
        if min(image.shape[:2]) < 32:
            return levels
        image = halved(image)
    return [*levels, image]


def patch_distribution(
    exemplar: np.ndarray, result: np.ndarray, draw: np.random.Generator, count: int = 4000, side: int = 7
) -> float:
    """Return `swd`: the distance of the patches' distributions over that of the exemplar's halves, mean of levels."""

    def some(level: np.ndarray, number: int) -> np.ndarray:
        rows, columns = (draw.integers(0, length - side + 1, number) for length in level.shape[:2])
        return taken(level, rows, columns, side)

    ratios = []
    for known, made in zip(laplacian_levels(exemplar), laplacian_levels(result), strict=False):
        if min(known.shape[:2]) < 2 * side + 2 or min(made.shape[:2]) < side:
            break
        patches = some(known, count)
        unit = patches.std() + 1e-4
        distance = sliced(patches / unit, some(made, count) / unit, draw)
        own = np.mean([sliced(some(a, count // 2) / unit, some(b, count // 2) / unit, draw) for a, b in halves(known)])
        ratios.append(distance / max(own, LEAST_OWN))
    return float(np.mean(ratios))


def filter_distribution(
    exemplar: np.ndarray, result: np.ndarray, draw: np.random.Generator, count: int = 8000
) -> float:
    """Return `filter_swd`: the same of an even oriented filter bank, four scales and directions, and its energies."""
    known, made = _oriented(exemplar), _oriented(result)
    planes = min(len(known), len(made))
    whole = _sampled(known[:planes], exemplar.shape, (0, 0), exemplar.shape, count, draw)
    mean, unit = whole.mean(axis=0), whole.std(axis=0) + 1e-5

    def some(bank: list[np.ndarray], shape: tuple[int, ...], first: tuple[int, int], last: tuple) -> np.ndarray:
        return (_sampled(bank[:planes], shape, first, last, count, draw) - mean) / unit

    distance = sliced((whole - mean) / unit, some(made, result.shape, (0, 0), result.shape), draw)
    (height, width), shape = exemplar.shape[:2], exemplar.shape
    own = [
        sliced(some(known, shape, (0, 0), end), some(known, shape, start, shape), draw)
        for end, start in (((height // 2, width), (height // 2, 0)), ((height, width // 2), (0, width // 2)))
    ]
    return float(distance / max(float(np.mean(own)), LEAST_OWN))


def _oriented(image: np.ndarray, scales: int = 4) -> list[np.ndarray]:
    """Return for each scale its planes (h, w, 8): second derivatives in four directions and their local energies."""
    cv2, gray, bank = opencv.cv2, luma(image), []
    for _ in range(scales):
        if min(gray.shape) < 24:
            break
        smooth = smoothed(gray, 1.0)
        xx, yy, xy = (cv2.Sobel(smooth, cv2.CV_32F, *order, ksize=3) for order in ((2, 0), (0, 2), (1, 1)))
        planes = []
        for turn in np.arange(4) * np.pi / 4:
            cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
            even = cosine**2 * xx + 2 * cosine * sine * xy + sine**2 * yy
            planes += [even, np.sqrt(smoothed(even * even, 3.0))]
        bank.append(np.stack(planes, axis=2))
        gray = halved(gray)
    return bank


def _sampled(
    bank: list[np.ndarray],
    shape: tuple[int, ...],
    first: tuple[int, ...],
    last: tuple[int, ...],
    count: int,
    draw: np.random.Generator,
) -> np.ndarray:
    """Return all planes of all scales at random places of a part of the picture, bilinear; float32 (count, planes)."""
    rows, columns = (draw.integers(first[axis], last[axis], count) + 0.5 for axis in (0, 1))
    parts = []
    for planes in bank:
        y, x = rows * planes.shape[0] / shape[0] - 0.5, columns * planes.shape[1] / shape[1] - 0.5
        top, left = (
            np.clip(part.astype(np.int64), 0, length - 2) for part, length in zip((y, x), planes.shape[:2], strict=True)
        )
        v = np.clip(y - top, 0, 1)[:, None].astype(np.float32)
        u = np.clip(x - left, 0, 1)[:, None].astype(np.float32)
        upper = planes[top, left] * (1 - u) + planes[top, left + 1] * u
        lower = planes[top + 1, left] * (1 - u) + planes[top + 1, left + 1] * u
        parts.append(upper * (1 - v) + lower * v)
    return np.concatenate(parts, axis=1)


def colour_distance(exemplar: np.ndarray, result: np.ndarray, draw: np.random.Generator, count: int = 20000) -> float:
    """Return the mean distance of the distributions of L, a and b, in their units."""
    samples = [lab(image).reshape(-1, 3) for image in (exemplar, result)]
    return wasserstein(*(sample[draw.integers(0, len(sample), count)] for sample in samples))


def finest_energy(exemplar: np.ndarray, result: np.ndarray) -> float:
    """Return the deviation of the finest level, result over exemplar; a blurred one has less."""
    fine = [image - smoothed(image, 1.2) for image in (exemplar, result)]
    return float(np.sqrt((fine[1] ** 2).mean() / ((fine[0] ** 2).mean() + 1e-9)))


def spectrum_difference(exemplar: np.ndarray, result: np.ndarray) -> float:
    """Return the rms difference of the radial power spectra from 0.02 to 0.5 cycles a pixel, in decibels."""
    known, made = _radial_power(exemplar), _radial_power(result)
    both = np.isfinite(known) & np.isfinite(made)
    floor = np.nanmax(known) * 1e-7 + 1e-12
    decibels = 10 * np.log10((made[both] + floor) / (known[both] + floor))
    return float(np.sqrt((decibels**2).mean()))


def _radial_power(image: np.ndarray, bins: int = 24) -> np.ndarray:
    gray = luma(image)
    side = min(gray.shape)
    window = np.outer(np.hanning(side), np.hanning(side)).astype(np.float32)
    spectrum = np.fft.rfft2((gray[:side, :side] - gray[:side, :side].mean()) * window)
    power = np.abs(spectrum) ** 2 / (window**2).sum()
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    at = np.digitize(frequency.ravel(), np.geomspace(0.02, 0.5, bins + 1)) - 1
    inside = (at >= 0) & (at < bins)
    sums = np.bincount(at[inside], power.ravel()[inside], minlength=bins)
    counts = np.bincount(at[inside], minlength=bins)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def drift(exemplar: np.ndarray, result: np.ndarray) -> float:
    """Return the spread of colour over lengths of a tenth of the exemplar, result over exemplar."""
    sigma = min(exemplar.shape[:2]) / 10

    def spread(image: np.ndarray) -> float:
        left = sigma
        while left > 8:  # a wide blur of a small picture costs less and is the same
            image, left = halved(image), left / 2
        return float(smoothed(lab(image), left).std(axis=(0, 1)).sum())

    return spread(result) / (spread(exemplar) + 0.2)
