"""What a synthesis cannot make of a photograph: large figures kept whole, copies undone, light evened."""

from __future__ import annotations

import numpy as np

from nodes.declare import Band
from nodes.patch.exemplar import fitted
from nodes.patch.faults import Finding, repeats
from nodes.patch.periods import compared, tone_of
from nodes.patch.repetition import period
from nodes.patch.shading import illumination

SIDE = 128
"""Pixels to a side at which figures, motifs and light are looked for."""

SYMMETRY = 0.45
"""Least correlation with its mirror image of a picture that shows one symmetrical figure."""

ALONE = 0.5
"""Most that another axis may have of it, or the same one with its halves shifted: courses and boards have all."""

SELDOM = 0.286
"""Share of the picture's side above which its period is too long to be laid in step: fewer than 3.5 fit."""

PLAIN = 0.2
"""Least strength of such a period."""

BLOTCHES = 0.8
"""Stops between the bright and the dark end of the light, above which a result is blotched.

Photographs under even light reach 0.73 by what they show."""


def caution(band: Band, picture: np.ndarray, motif: float, in_step: bool = False, name: str = "the picture") -> None:
    """Warn of what will be missed in what is made of a picture.

    picture : linear, at the size at which it is seen. motif : share of its shorter side that stays whole.
    in_step : whether a lattice was found, by which courses, tiles and weaves are laid.
    """
    small = fitted(picture, *(min(SIDE, length) for length in picture.shape[:2]))
    if min(small.shape[:2]) < 32:
        return
    large = None if in_step else figure(small) or rare_motif(small)
    found = [one for one in (large,) if one is not None and one.number > motif]
    for one in (*found, repeats(picture), blotches(small)):
        if one is not None:
            band.warn(f"{name}: {one}")


def figure(picture: np.ndarray) -> Finding | None:
    """Look for one figure about an axis, as carpets, wallpapers and ornaments have: nature has none.

    The measure is the correlation of tone and edges with their mirror image. Courses, boards and weaves are like theirs
    about many axes, or about one but shifted along it, and are left out by that.
    """
    planes = compared(tone_of(picture))
    for line, turned in (("an upright", planes), ("a level", planes.transpose(0, 2, 1))):
        likeness, another = mirrored(turned)
        if likeness > SYMMETRY and another < ALONE * likeness:
            text = f"it shows one figure as large as itself, symmetrical about {line} line, and here it is cut up"
            return Finding("figure", 1.0, text, "make_tileable keeps it whole")
    return None


def mirrored(planes: np.ndarray) -> tuple[float, float]:
    """Return how like planes are to their mirror image about the best upright axis, and how like otherwise at most."""
    height, width = planes.shape[1:]
    shape = (2 * height, 2 * width)
    own, other = (np.fft.rfft2(each, shape) for each in (planes, planes[:, :, ::-1]))
    products = np.fft.irfft2((own * other.conj()).sum(axis=0), shape) / max(float((planes**2).sum()), 1e-12)
    down, across = np.fft.fftfreq(shape[0], 1 / shape[0]), np.fft.fftfreq(shape[1], 1 / shape[1])
    share = (1 - np.abs(down) / height)[:, None] * (1 - np.abs(across) / width)
    likeness = np.where(share > 0.4, products / np.maximum(share, 0.4), 0)
    level = likeness[np.abs(down) <= 2].max(axis=0)
    best = int(level.argmax())
    apart = np.abs((across - across[best] + width) % shape[1] - width) > 0.1 * width
    return float(level[best]), float(max(level[apart].max(), likeness[np.abs(down) > 0.08 * height].max()))


def rare_motif(picture: np.ndarray) -> Finding | None:
    """Look for what comes again, but too seldom to be laid in step."""
    height, width = picture.shape[:2]
    found = period(picture)
    if not found or found[0].strength < PLAIN:
        return None
    share = max(abs(found[0].x) / width, abs(found[0].y) / height)
    if share <= SELDOM:
        return None
    text = f"what it shows comes again after {100 * share:.0f} % of its side only, too seldom not to be cut up here"
    return Finding("motif", share, text, "a picture that shows it four times or more each way")


def blotches(picture: np.ndarray) -> Finding | None:
    """Look for light that changes so much over the picture that bright and dark parts show side by side."""
    low, high = np.percentile(illumination(picture, 1.0), [2, 98])
    stops = float(high - low)
    if stops < BLOTCHES:
        return None
    text = f"its light, or what looks like it, changes by {stops:.1f} stops over it, which shows as blotches here"
    return Finding("blotches", stops, text, "even the light first, by flatten_illumination or intarsia exemplar")
