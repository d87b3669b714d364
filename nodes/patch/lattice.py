"""The lattice of a near-regular picture, walls, tiles, planks and weaves: found, made even, and fitted to a tile.

The autocorrelation proposes periods (`periods.py`), windows over the picture say how it bends away from them
(`bend.py`), and the picture is straightened and asked again: a lattice stands out more then, a chance peak does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nodes import opencv
from nodes.kernels.sampling import averaged
from nodes.patch.bend import bent_places, composed, follow, mean_basis, mean_slope, straight, transposed
from nodes.patch.periods import (
    Guess,
    alikeness,
    autocorrelation,
    bond,
    compared,
    courses,
    evenness,
    levelled_basis,
    oblique,
    ridge,
    tone_of,
)

Vector = tuple[float, float]

_LARGEST = 288  # side in pixels at which a picture is searched
_CONTRAST = 0.05  # how much more alike whole periods must be than halves; a perfect lattice is near 1
_COHERENCE = 0.2  # least share of the windows' energy that agrees with the lattice
_BONDS = (0.0, 1 / 2, 1 / 3, 2 / 3, 1 / 4, 3 / 4)
_ALONG = ((0, 1),)  # only edges met along a course


@dataclass(frozen=True, eq=False)
class Lattice:
    """Where a picture repeats, and how it bends away from that.

    shape : rows and columns of the picture.
    vectors : (dy, dx) in pixels to the next course and, where courses are regular too, to the next brick along one.
        Means over the picture.
    even : the same vectors as they were meant: courses level or upright, the bond a plain fraction where near one.
    strength : per vector, 0 to 1, how much more alike places are at whole periods than between.
    bend : (2, 10), a cubic: what to add to a straight place, row and column, to find it in the picture.
    """

    shape: tuple[int, int]
    vectors: tuple[Vector, ...]
    even: tuple[Vector, ...]
    strength: tuple[float, ...]
    bend: np.ndarray


def find_lattice(picture: np.ndarray) -> Lattice | None:
    """Return the lattice of a picture, or None where it has none that can be told from chance.

    picture : linear, (h, w) or (h, w, 3).
    """
    height, width = picture.shape[:2]
    shrink = max(1, -(-max(height, width) // _LARGEST))
    rows, columns = round(height / shrink), round(width / shrink)
    if min(rows, columns) < 32:
        return None
    found = _search(tone_of(averaged(np.ascontiguousarray(picture, np.float32), rows, columns)))
    if found is None:
        return None
    scale = np.array([[height / rows], [width / columns]])
    vectors, even = (_pairs(found_vectors * scale) for found_vectors in (found.vectors, found.even))
    return Lattice((height, width), vectors, even, found.strength, found.bend * scale)


def straight_places(lattice: Lattice, scale: tuple[float, float] = (1.0, 1.0)) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column in the picture of every pixel of `straightened`, float32 (h, w)."""
    ys, xs = bent_places(lattice.bend, lattice.shape, scale)
    height, width = lattice.shape
    inside = (ys >= -0.5) & (xs >= -0.5) & (ys <= height - 0.5) & (xs <= width - 0.5)
    top, bottom, left, right = 0, inside.shape[0], 0, inside.shape[1]
    while top < bottom and left < right:
        part = inside[top:bottom, left:right]
        outside = [1 - edge.mean() for edge in (part[0], part[-1], part[:, 0], part[:, -1])]
        worst = int(np.argmax(outside))
        if outside[worst] == 0:
            break
        top, bottom, left, right = top + (worst == 0), bottom - (worst == 1), left + (worst == 2), right - (worst == 3)
    part = np.s_[top:bottom, left:right]
    return np.ascontiguousarray(ys[part]), np.ascontiguousarray(xs[part])


def straightened(picture: np.ndarray, lattice: Lattice, scale: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    """Return a picture with its lattice even and level, a little smaller where the bend leads out of it; float32.

    picture : (h, w) or (h, w, c), of the lattice's shape: the one searched, or a further map of the same surface.
    scale : down and across, see `fitted_scale`; periods are then exactly that much longer.
    Bicubic, kept within the picture's own range.
    """
    cv2 = opencv.cv2
    ys, xs = straight_places(lattice, scale)
    picture = np.ascontiguousarray(picture, np.float32)
    out = cv2.remap(picture, xs, ys, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(out, picture.min((0, 1)), picture.max((0, 1)))


def fitted_scale(lattice: Lattice, height: int, width: int, most: float = 0.08) -> tuple[float, float] | None:
    """Return by how much to scale a straight picture, down and across, so that a tile holds whole periods.

    height, width : of the tile, in pixels of the picture. Courses alone scale both ways alike.
    None where more than `most` would be needed, or where the lattice is neither level nor upright.
    """
    is_upright = not _is_level(lattice.even)
    sizes = (width, height) if is_upright else (height, width)
    even = [vector[::-1] if is_upright else vector for vector in lattice.even]
    if not _is_level(even):
        return None
    period = even[1][1] if len(even) == 2 else None
    down = _scale(sizes[0], even[0][0], most, even[0][1] / period if period else 0.0)
    across = _scale(sizes[1], period, most) if period else down
    if down is None or across is None:
        return None
    return (across, down) if is_upright else (down, across)


def _is_level(even) -> bool:
    return even[1][0] == 0 if len(even) == 2 else even[0][1] == 0


def _scale(size: int, period: float, most: float, bond: float = 0.0) -> float | None:
    """Return the scale nearest to 1 at which whole periods fill a size, and whole bonds if courses are set off."""
    counts = np.arange(1, int(size / period * (1 + most)) + 2)
    scales = size / (counts * period)
    fits = (abs(np.log(scales)) <= np.log1p(most)) & (abs((counts * bond + 0.5) % 1 - 0.5) < 0.03)
    return float(min(scales[fits], key=lambda scale: abs(np.log(scale)))) if fits.any() else None


class _Found(NamedTuple):
    """A lattice at the size of the search; vectors are columns."""

    vectors: np.ndarray
    even: np.ndarray
    strength: tuple[float, ...]
    bend: np.ndarray


def _pairs(vectors: np.ndarray) -> tuple[Vector, ...]:
    return tuple((float(y), float(x)) for y, x in vectors.T)


def _search(tone: np.ndarray) -> _Found | None:
    lags = autocorrelation(compared(tone))
    upright = np.ascontiguousarray(lags.T)
    tries = [(courses(lags), False), (courses(upright), True)]
    for guess, is_upright in sorted(tries, key=lambda pair: -pair[0].contrast):
        if guess.contrast >= 0.5 * _CONTRAST:
            found = _walls(np.ascontiguousarray(tone.T) if is_upright else tone, guess)
            if found:
                return _turned(found) if is_upright else found
    # Lines all one way, and not even: whatever repeats along them is chance.
    return None if max(ridge(lags), ridge(upright)) > 0.2 else _tilted(tone, oblique(lags))


def _turned(found: _Found) -> _Found:
    """Return what was found in a transposed picture as it is in the picture itself."""
    return _Found(found.vectors[::-1], found.even[::-1], found.strength, transposed(found.bend))


def _least(period: float, size: int) -> float:
    """Return the contrast that periods must reach: few of them are easily found by chance."""
    return _CONTRAST * max(1.0, 12 * period / size)


def _warped(tone: np.ndarray, bend: np.ndarray) -> np.ndarray:
    cv2 = opencv.cv2
    ys, xs = bent_places(bend, tone.shape)
    return cv2.remap(tone, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def _walls(tone: np.ndarray, guess: Guess) -> _Found | None:
    """Return a lattice of courses along x, with the bricks in them if those are regular too."""
    shape = tone.shape
    fit = follow(compared(tone), guess)
    basis = mean_basis(fit, guess.basis, shape)
    even = np.diag([basis[0, 0], 1.0])
    bend = straight(fit, guess.basis, even, shape)
    level = _warped(tone, bend)
    lags = autocorrelation(compared(level))
    contrast = float(evenness(lags, 0.0, basis[:1, 0])[0])
    if fit.coherence < _COHERENCE or contrast < max(_least(basis[0, 0], shape[0]), 0.25 * ridge(lags)):
        return None
    course = _Found(basis[:, :1], even[:, :1], (contrast,), bend)
    return _bonded(level, course) or course


def _bonded(tone: np.ndarray, course: _Found) -> _Found | None:
    """Return the lattice of a picture with straight courses, if bricks repeat along them."""
    shape = tone.shape
    planes = compared(tone, _ALONG)
    guess = bond(autocorrelation(planes), course.even[0, 0])
    if guess.contrast < 0.4 * _CONTRAST:
        return None
    fit = follow(planes, guess)
    even = _meant(mean_basis(fit, guess.basis, shape))
    inner = straight(fit, guess.basis, even, shape)
    lags = autocorrelation(compared(_warped(tone, inner), _ALONG))
    contrast = float(alikeness(lags, even[0, 0], even[1:, 1:], even[1, :1] / even[1, 1])[0, 0])
    if fit.coherence < _COHERENCE or contrast < 2.2 * _CONTRAST:
        return None
    bend = composed(course.bend, inner, shape)
    return _Found(even + mean_slope(bend, shape) @ even, even, (*course.strength, contrast), bend)


def _tilted(tone: np.ndarray, guess: Guess | None) -> _Found | None:
    """Return a lattice that shows no courses, such as a diagonal weave."""
    if guess is None or guess.contrast < 1.4 * _least(abs(np.linalg.det(guess.basis)) ** 0.5, min(tone.shape)):
        return None
    fit = follow(compared(tone), guess)
    if fit.coherence < _COHERENCE:
        return None
    mean = mean_basis(fit, guess.basis, tone.shape)
    level = levelled_basis(mean)
    vectors = mean if level is None else level
    even = mean if level is None else _meant(level)
    same = guess.basis @ np.linalg.solve(mean, vectors)
    return _Found(vectors, even, (guess.contrast,) * 2, straight(fit, same, even, tone.shape))


def _meant(basis: np.ndarray) -> np.ndarray:
    """Return a levelled basis made exact: the course level, the bond a plain fraction where it is near one."""
    (down, slope), (offset, along) = basis
    period = float(np.hypot(slope, along))
    course = abs(down * along - slope * offset) / period
    share = (offset * along + down * slope) / period**2
    plain = min(_BONDS, key=lambda candidate: abs((share - candidate + 0.5) % 1 - 0.5))
    if abs((share - plain + 0.5) % 1 - 0.5) < 0.06:
        share = plain + round(share - plain)
    return np.array([[course, 0], [share * period, period]])
