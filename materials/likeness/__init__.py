"""How good a synthesis is: a picture made from an exemplar, measured against it.

Every term is set against what the exemplar says of itself, its patches left out, its halves compared, so that for
ratios 1 is as good as more of the same photograph. No term knows what it looks at, and copying is cheap fidelity:
read diversity beside it, and look.

fidelity    coherence        distance of patches to the exemplar's nearest, three scales: under 1, garbage is above
            seam_p99         the same for the worst patch of a hundred
            fault_area       share of patches that are worse than all but 0.5 % of the exemplar's own
            line_seam        the strongest straight step, a block grid: over 2 it is seen
            swd              distributions of 7x7 patches on four levels, sliced Wasserstein
            filter_swd       the same of oriented filters and their energies
            colour_w1        distributions of L, a, b, in their units
            hf_ratio         energy of the finest level: under 0.8 is blurred
            psd_db           radial power spectrum, decibels; drift: wide variations of colour (both only told)
diversity   completeness     distance of the exemplar's patches to the result's nearest: what is missing
            usage            share of the exemplar that is used, against an even draw
            copy_cells       size of what is copied in one piece, in exemplars; copy_px: its typical side
            repetition       the highest autocorrelation far from zero, beyond the exemplar's own
            dup_rate         share of patches with a twin elsewhere, beyond the exemplar's own
tiling      wrap_grad        step across the border, in deviations of those inside: under 2 is seamless
            wrap_patch       strangeness of patches across the border, against those inside
structure   line_continuity  how long and unbroken lines are; None where the exemplar has none
            lattice_regularity  how well the exemplar's lattice is kept; None where it has none

A result of any size is compared at the exemplar's own scale. Patches are taken from the middle 512 pixels of both.
"""

from __future__ import annotations

import numpy as np

from materials.errors import UsageError
from materials.likeness import statistics, steps, structure
from materials.likeness.correlation import repetition_peak
from materials.likeness.patches import copy_terms, neighbourhood_terms, twin_share, wrap_patch
from materials.likeness.picture import middle, opened, seen
from materials.likeness.verdict import Gate, Likeness, judged

WINDOW = 512
LEAST_SIDE = 64


def likeness(exemplar: np.ndarray, result: np.ndarray, *, tileable: bool = True, seed: int = 0) -> Likeness:
    """Return how good a result is that was made from an exemplar.

    Parameters
    ----------
    exemplar, result : linear, (h, w) or (h, w, 3), 64 pixels a side or more.
    tileable : whether the result is meant to tile, so that its border is judged.
    seed : of the patches that are drawn; the same seed gives the same figures.

    Raises
    ------
    UsageError
        If a picture is too small.
    """
    for name, picture in (("exemplar", exemplar), ("result", result)):
        if min(picture.shape[:2]) < LEAST_SIDE:
            size = f"{picture.shape[1]}x{picture.shape[0]}"
            raise UsageError(f"the {name} of {size} pixels is too small to judge by", hint=f"{LEAST_SIDE} a side")
    draw = np.random.default_rng(seed)
    exemplar, result = seen(exemplar), seen(result)
    known, made = middle(exemplar, WINDOW), middle(result, WINDOW)
    terms: dict[str, float | None] = {
        **neighbourhood_terms(known, made, draw),
        "swd": statistics.patch_distribution(known, made, draw),
        "filter_swd": statistics.filter_distribution(known, made, draw),
        "colour_w1": statistics.colour_distance(known, made, draw),
        "hf_ratio": statistics.finest_energy(known, made),
        "psd_db": statistics.spectrum_difference(known, made),
        **copy_terms(known, made, draw),
        "line_seam": steps.line_seam(known, made),
        "drift": statistics.drift(known, made),
        **_repeats(known, made, result, 0.25 * min(exemplar.shape[:2]), draw),
        "wrap_grad": steps.wrap_grad(result),
        "wrap_patch": wrap_patch(known, result, draw),
        **_structure(known, made),
    }
    return judged(terms, tileable)


def _repeats(
    known: np.ndarray, made: np.ndarray, result: np.ndarray, nearest: float, draw: np.random.Generator
) -> dict[str, float]:
    """Return repetition and dup_rate, both less what the exemplar has itself."""
    apart = max(24, min(known.shape[:2]) // 5)
    whole = result[: 2 * WINDOW, : 2 * WINDOW]
    return {
        "repetition": max(0.0, repetition_peak(whole, nearest) - repetition_peak(known, nearest)),
        "dup_rate": max(0.0, twin_share(made, apart, draw) - twin_share(known, apart, draw)),
    }


def _structure(known: np.ndarray, made: np.ndarray) -> dict[str, float | None]:
    continuity, strength = structure.line_continuity(known, made)
    terms: dict[str, float | None] = {"line_strength": strength, "line_continuity": continuity}
    lattice = structure.lattice(known)
    if lattice is None:
        return {**terms, "lattice_peaks": None, "lattice_phase": None, "lattice_regularity": None}
    return {**terms, **structure.lattice_regularity(known, made, lattice)}


__all__ = ["Gate", "Likeness", "likeness", "opened"]
