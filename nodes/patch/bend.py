"""How a picture bends away from its lattice: the phase of the lattice's harmonics, window by window.

Where a region lies a little off its ideal place, the Fourier coefficients of the lattice's harmonics turn by a known
phase. The shift that brings all of them into step is found in each window, and one cubic is fitted to the shifts,
grown from the middle of the picture, where the guessed periods hold best.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodes.patch.periods import Guess

_WINDOWS = 9
_MOST = 24  # harmonics
_POWERS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))
_STIFFNESS = 0.02 * np.array([0, 0, 0, 1, 1, 1, 3, 3, 3, 3])
_GROWTH = ((0.4, 3), (0.6, 3), (0.8, 6), (1.1, 6), (2.0, 10), (2.0, 10))  # reach from the middle, powers


class Fit(NamedTuple):
    """A bend known at places of the picture, and the share of the windows' energy that agrees with it."""

    bend: np.ndarray
    coherence: float


def terms_of(y, x, shape: tuple[int, int]) -> np.ndarray:
    """Return the ten monomials of a cubic, -1 to 1 across the picture, on a new first axis."""
    v, u = 2 * y / max(shape[0] - 1, 1) - 1, 2 * x / max(shape[1] - 1, 1) - 1
    down, across = (np.ones_like(v), v, v * v, v**3), (np.ones_like(u), u, u * u, u**3)
    return np.stack([down[i] * across[j] for i, j in _POWERS])


def _harmonics(guess: Guess) -> tuple[np.ndarray, np.ndarray]:
    """Return the harmonics (count, 2) that a picture can hold, whole cycles per period, and as cycles per pixel."""
    first, second = np.mgrid[0:6, -5:6]
    cycles = np.stack([first.ravel(), second.ravel()], 1)
    keep = (cycles[:, 0] > 0) | (cycles[:, 1] > 0)
    if guess.periods == 1:
        keep &= cycles[:, 1] == 0
    cycles = cycles[keep]
    waves = cycles @ np.linalg.inv(guess.basis)
    fine = np.hypot(*waves.T) < 0.25
    cycles, waves = cycles[fine], waves[fine]
    order = np.argsort(np.hypot(*waves.T), kind="stable")[:_MOST]
    return cycles[order], waves[order]


def _coefficients(planes: np.ndarray, waves: np.ndarray, centres: tuple[np.ndarray, np.ndarray], sigma: float):
    """Return Fourier coefficients (windows, harmonics, planes) under a Gaussian at each place of a grid."""
    height, width = planes.shape[1:]

    def waved(centre: np.ndarray, size: int, frequency: np.ndarray) -> np.ndarray:
        place = np.arange(size)
        window = np.exp(-0.5 * ((place - centre[:, None]) / sigma) ** 2)
        wave = np.exp(-2j * np.pi * frequency[:, None] * place)
        return (window * wave[:, None, :]).astype(np.complex64)

    down, across = waved(centres[0], height, waves[:, 0]), waved(centres[1], width, waves[:, 1])
    out = [down @ (plane.astype(np.complex64) @ across.transpose(0, 2, 1)) for plane in planes]
    return np.stack(out, -1).transpose(1, 2, 0, 3).reshape(-1, len(waves), len(planes))


def follow(planes: np.ndarray, guess: Guess) -> Fit:
    """Return the bend that brings the windows' harmonics into phase, grown from the middle, and how well it does."""
    shape = planes.shape[1:]
    cycles, waves = _harmonics(guess)
    longest = float(np.hypot(*guess.basis[:, : guess.periods]).max())
    centres = tuple(np.linspace(0.08, 0.92, _WINDOWS) * (size - 1) for size in shape)
    seen = _coefficients(planes, waves, centres, max(0.5 * longest, min(shape) / 14))
    y, x = (place.ravel() for place in np.meshgrid(*centres, indexing="ij"))
    terms = terms_of(y, x, shape)
    distance = np.hypot(terms[1], terms[2])
    cycles = cycles[:, : guess.periods]
    away = np.zeros((guess.periods, len(_POWERS)))
    allowed = _freedom(guess, shape)
    for reach, count in _GROWTH:
        near = np.exp(-((distance / reach) ** 2))
        turned = seen * np.exp(2j * np.pi * (cycles @ (away @ terms))).T[..., None]
        mean = np.average(turned, axis=0, weights=near)
        match = (turned * mean.conj()).sum(-1)
        step, height = _best_shift(match, cycles)
        alike = height / np.sqrt((abs(mean) ** 2).sum() * (abs(seen) ** 2).sum((1, 2)) + 1e-9)
        values, weight = away @ terms + step.T, near * np.maximum(alike, 0) ** 2
        for n, most in enumerate(allowed):
            away[n] = _fitted(terms[: min(count, most)], values[n], weight)
    turned = seen * np.exp(2j * np.pi * (cycles @ (away @ terms))).T[..., None]
    coherence = (abs(turned.mean(0)) ** 2).sum() / ((abs(seen) ** 2).sum((1, 2)).mean() + 1e-9)
    return Fit(guess.basis[:, : guess.periods] @ away, float(coherence))


def _best_shift(match: np.ndarray, cycles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each window, the shift in periods (windows, 1 or 2) that suits its harmonics best, and how well."""
    periods = cycles.shape[1]
    line = np.linspace(-0.4, 0.4, 17)
    tried = np.stack(np.meshgrid(*[line] * periods, indexing="ij"), -1).reshape(-1, periods)
    step = tried[np.real(match @ np.exp(2j * np.pi * (cycles @ tried.T))).argmax(1)]
    for _ in range(2):
        turned = match * np.exp(2j * np.pi * (step @ cycles.T))
        slope = -2 * np.pi * np.imag(turned) @ cycles
        curve = np.einsum("nk,ki,kj->nij", -4 * np.pi**2 * np.real(turned), cycles, cycles)
        curve -= 1e-3 * abs(curve).max() * np.eye(periods)
        step = step + np.clip(-np.linalg.solve(curve, slope[..., None])[..., 0], -0.04, 0.04)
    return step, np.real(match * np.exp(2j * np.pi * (step @ cycles.T))).sum(1)


def _fitted(terms: np.ndarray, values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return ten coefficients of a weighted least-squares polynomial; higher powers cost a little."""
    stiff = weight.sum() * _STIFFNESS[: len(terms)]
    out = np.zeros(len(_POWERS))
    out[: len(terms)] = np.linalg.solve((terms * weight) @ terms.T + np.diag(stiff + 1e-9), (terms * weight) @ values)
    return out


def _freedom(guess: Guess, shape: tuple[int, int]) -> list[int]:
    """Return how many powers each period may bend by: few periods fit any bend."""
    counts = abs(np.linalg.inv(guess.basis)) @ np.array(shape)
    return [3 if count < 4 else 6 if count < 7 else 10 for count in counts[: guess.periods]]


def _grid(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.meshgrid(*(np.linspace(0, size - 1, 16) for size in shape), indexing="ij")
    return y.ravel(), x.ravel()


def straight(fit: Fit, basis: np.ndarray, even: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return a fit, which is known at places of the picture, as a bend of straight places, with an even basis."""
    y, x = _grid(shape)
    at = np.stack([y, x])
    middle = (np.array([shape]).T - 1) / 2
    to = middle + even @ np.linalg.solve(basis, at - fit.bend @ terms_of(y, x, shape) - middle)
    return _fitted_exactly(terms_of(to[0], to[1], shape), at - to)


def _fitted_exactly(terms: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(terms.T, values.T)[0].T


def mean_slope(bend: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return by how much a bend grows per pixel, (2, 2): rows of the bend, then down and across; a mean."""
    terms = terms_of(*_grid(shape), shape)
    return _fitted_exactly(terms[:3], bend @ terms)[:, 1:] * 2 / (np.array(shape) - 1)


def mean_basis(fit: Fit, basis: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the basis as the picture shows it on average: a bend that grows evenly is a change of period."""
    return np.linalg.solve(np.eye(2) - mean_slope(fit.bend, shape), basis)


def composed(outer: np.ndarray, inner: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the cubic nearest to one bend after another."""
    y, x = _grid(shape)
    first = inner @ terms_of(y, x, shape)
    second = outer @ terms_of(y + first[0], x + first[1], shape)
    return _fitted_exactly(terms_of(y, x, shape), first + second)


def transposed(bend: np.ndarray) -> np.ndarray:
    """Return the bend of a picture whose rows and columns are exchanged."""
    return bend[::-1][:, [_POWERS.index((j, i)) for i, j in _POWERS]]


def bent_places(
    bend: np.ndarray, shape: tuple[int, int], scale: tuple[float, float] = (1.0, 1.0)
) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column in the picture of every pixel of the straight picture, scaled down and across; float32."""
    y, x = (
        ((np.arange(round(size * by)) + 0.5) / by - 0.5).astype(np.float32)
        for size, by in zip(shape, scale, strict=True)
    )
    y, x = y[:, None], x[None]
    away = np.tensordot(bend.astype(np.float32), terms_of(y, x, shape), 1)
    return y + away[0], x + away[1]
