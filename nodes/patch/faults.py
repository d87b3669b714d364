"""What an artist should know of a photograph before a material is made of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodes import opencv
from nodes.kernels.sampling import averaged
from nodes.patch.shading import illumination, luminance, tones


class Finding(NamedTuple):
    """One thing to beware of.

    what : "repeats", "uneven_light", "blur", "small", "clipped" or "blocks", and those of `nodes.patch.cautions`.
    number : how much of it, as `text` says. help : what would mend it.
    """

    what: str
    number: float
    text: str
    help: str

    @property
    def opening(self) -> str:
        """What it is about, in the text's first two words: "its light"."""
        return " ".join(self.text.split()[:2]).rstrip(",")

    def __str__(self) -> str:
        return f"{self.text}: {self.help}"


REPEATED = 0.25
"""Correlation of fine detail with itself, shifted, above which a part is taken to be a copy."""

RIDGE = 0.25
"""By how much of its height a peak may fall off less than that of no shift."""

UNEVEN = 0.35
"""Stops between the bright and the dark end of the light, above which it shows as a pattern of the tile."""

SOFT = 0.07
"""Least share of the two finest octaves' contrast that a sharp picture has in its finest."""

FEW_PIXELS = 256
CLIPPED = 0.005
BLOCKY = 1.3


def warnings_of(picture: np.ndarray) -> list[Finding]:
    """Return what may spoil a material made of a linear photograph, the worst kind first; empty where all is well."""
    checks = (repeats, uneven_light, small, blur, clipped, blocks)
    return [found for check in checks if (found := check(picture)) is not None]


def _detail(picture: np.ndarray, sigma: float = 1.5) -> np.ndarray:
    """Return fine detail, outliers cut, float64 of mean 0."""
    light = tones(picture).light.astype(np.float64)
    fine = light - opencv.cv2.GaussianBlur(light, (0, 0), sigma, borderType=opencv.cv2.BORDER_REFLECT)
    limit = 4 * float(np.abs(fine).mean())
    fine = np.clip(fine, -limit, limit)
    return fine - fine.mean()


def repeats(picture: np.ndarray) -> Finding | None:
    """Look for fine detail that comes twice: half-shift blends, two by two repeats, cloned parts.

    Bricks come again too, but not their grain. A weave or a print, whose very detail repeats at many shifts, is left
    to be what it is.
    """
    height, width = picture.shape[:2]
    if min(height, width) < 32:
        return None
    fine = _detail(picture)
    spectrum = np.fft.rfft2(fine)
    circular = np.fft.irfft2(spectrum * spectrum.conj(), s=fine.shape)
    if circular[0, 0] <= 1e-9 * fine.size:
        return None
    circular /= circular[0, 0]
    # A copy in a part of the picture counts by the share that it covers, so the noise of the measure is told too.
    near = max(8, min(height, width) // 16)
    unmasked = circular.copy()
    for rows in (slice(None, near), slice(-near, None)):
        circular[rows, :near] = circular[rows, -near:] = 0
    peak = float(circular.max())
    others = int((circular > 0.7 * peak).sum())
    y, x = (int(place) for place in np.unravel_index(np.argmax(circular), circular.shape))
    y, x = (y if y <= height // 2 else y - height), (x if x <= width // 2 else x - width)
    if peak < max(REPEATED, 8 * float(circular.std())) or others > 40 or _on_ridge(unmasked, y, x, near // 2):
        return None
    text = f"its detail repeats itself, shifted by {x} and {y} pixels (correlation {peak:.2f})"
    return Finding("repeats", peak, text, f"crop it to {_once(x, y, width, height)} pixels, so that it holds all once")


def _on_ridge(correlation: np.ndarray, y: int, x: int, step: int) -> bool:
    """Return whether a peak falls off less to a side than that of shift 0: grain and joints are like themselves along.

    correlation : 1 at shift 0. Of a copy, the peak is a lower image of that at 0.
    """
    rows, columns = correlation.shape
    sides = [(step * dy, step * dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
    here = float(correlation[y, x])
    excess = [correlation[(y + dy) % rows, (x + dx) % columns] / here - correlation[dy, dx] for dy, dx in sides]
    return float(max(excess)) > RIDGE


def _once(x: int, y: int, width: int, height: int) -> str:
    """Return the size of a part of a picture in which a shift leads from no place to another."""
    return f"{width}x{abs(y)}" if abs(y) / height >= abs(x) / width else f"{abs(x)}x{height}"


def uneven_light(picture: np.ndarray) -> Finding | None:
    """Look for light that changes slowly over the picture."""
    field = illumination(picture, 1.0)
    low, high = np.percentile(field, [2, 98])
    stops = float(high - low)
    if stops < UNEVEN:
        return None
    return Finding(
        "uneven_light", stops, f"its light, or what looks like it, changes by {stops:.1f} stops", "flatten it"
    )


def small(picture: np.ndarray) -> Finding | None:
    """Look at the number of pixels."""
    height, width = picture.shape[:2]
    if min(height, width) >= FEW_PIXELS:
        return None
    text = f"it is {width}x{height} pixels"
    return Finding("small", float(min(height, width)), text, f"a larger one, {FEW_PIXELS} pixels a side at least")


def blur(picture: np.ndarray) -> Finding | None:
    """Look for a picture that could be halved and lose nothing."""
    height, width = picture.shape[:2]
    if min(height, width) < 32:
        return None
    light = np.sqrt(np.maximum(luminance(picture), 0), dtype=np.float32)
    energy = []
    for _ in range(2):
        rows, columns = light.shape[0] // 2, light.shape[1] // 2
        light = light[: 2 * rows, : 2 * columns]
        half = averaged(light, rows, columns)
        again = opencv.cv2.resize(half, (2 * columns, 2 * rows), interpolation=opencv.cv2.INTER_CUBIC)
        energy.append(float(((light - again) ** 2).mean(dtype=np.float64)))
        light = half
    share = energy[0] / max(energy[0] + energy[1], 1e-12)
    if energy[1] < 1e-9 or share >= SOFT:
        return None
    text = f"it is not sharp: its finest octave holds {100 * share:.1f} % of the contrast of its finest two"
    return Finding("blur", share, text, f"a sharper one; at {width // 2}x{height // 2} it shows as much")


def clipped(picture: np.ndarray) -> Finding | None:
    """Look for highlights beyond what the file can hold."""
    brightest = picture if picture.ndim == 2 else picture.max(axis=2)
    share = float((brightest >= 0.99).mean())
    if share < CLIPPED:
        return None
    text = f"{100 * share:.1f} % of its pixels are as bright as can be, so that colour and relief are lost there"
    return Finding("clipped", share, text, "a shorter exposure, a raw file, or a duller light")


def blocks(picture: np.ndarray) -> Finding | None:
    """Look for the eight-pixel blocks of strong JPEG compression."""
    if min(picture.shape[:2]) < 64:
        return None
    light = np.sqrt(np.maximum(luminance(picture), 0), dtype=np.float32)
    found = min(_steps(light), _steps(light.T))  # planks and courses step too, but one way only
    if found < BLOCKY:
        return None
    text = f"JPEG blocks show: steps between them are {found:.2f} times those inside"
    return Finding("blocks", found, text, "the camera's own file, or a higher quality; else make it smaller by half")


def _steps(light: np.ndarray) -> float:
    """Return how much rougher a picture is at every eighth column than at the others, wherever the blocks begin."""
    steps = np.diff(light, axis=1)
    # Less what the slopes on either side explain: a block's inside is smooth, its border is not.
    step = np.abs(steps[:, 1:-1] - 0.5 * (steps[:, :-2] + steps[:, 2:]))
    mean = np.array([float(np.median(step[:, phase::8].mean(axis=0))) for phase in range(8)])
    return float(mean.max() / max(np.median(mean), 1e-9))
