"""The periods of a picture, from its autocorrelation: courses, bricks in courses, oblique lattices.

Two planes are compared, tone and edges, each levelled so that light and shade across the picture do not count. Lines
of the autocorrelation that stay high show courses. Bricks along them are looked for once the courses are straight.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodes import opencv

_SHORTEST = 6.0  # pixels; shorter periods are grain
_FEWEST = 3.5  # periods in a picture; fewer are no evidence
_STEEPEST = 0.12  # tilt of a course, pixels per pixel
_SHARES = np.arange(24) / 24  # by how much of a brick one course may be set off from the next


class Guess(NamedTuple):
    """Periods as the columns of a basis in pixels, rows before columns.

    periods : 1 where the second column is not a period but the direction in which courses run.
    contrast : how much more alike places are at whole periods than between, 0 to 1.
    """

    basis: np.ndarray
    periods: int
    contrast: float


def _blur(image: np.ndarray, sigma: float) -> np.ndarray:
    return opencv.cv2.GaussianBlur(image, (0, 0), sigma, borderType=opencv.cv2.BORDER_REFLECT_101)


def _trend(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return a wide blur, made on a smaller picture."""
    cv2, factor = opencv.cv2, max(1, int(sigma / 3))
    height, width = image.shape
    small = cv2.resize(image, (-(-width // factor), -(-height // factor)), interpolation=cv2.INTER_AREA)
    return cv2.resize(_blur(small, sigma / factor), (width, height), interpolation=cv2.INTER_LINEAR)


def _levelled(plane: np.ndarray) -> np.ndarray:
    """Return a plane of mean 0 and deviation 1, its slow changes of level and of contrast taken out."""
    side = min(plane.shape)
    plane = plane - _trend(plane, side / 8)
    spread = np.sqrt(np.maximum(_trend(plane * plane, side / 6), 0))
    plane = np.clip(plane / (spread + 0.3 * plane.std() + 1e-6), -2.5, 2.5)
    return (plane - plane.mean()) / (plane.std() + 1e-6)


def tone_of(picture: np.ndarray) -> np.ndarray:
    """Return the brightness of a linear picture in about even steps, its finest grain smoothed."""
    gray = picture if picture.ndim == 2 else picture @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return _blur(np.sqrt(np.maximum(gray, 0), dtype=np.float32), 1.0)


def _edges(tone: np.ndarray, directions: tuple[tuple[int, int], ...]) -> np.ndarray:
    cv2 = opencv.cv2
    down, across = cv2.Sobel(tone, cv2.CV_32F, 0, 1), cv2.Sobel(tone, cv2.CV_32F, 1, 0)
    return _blur(np.sqrt(sum((a * down + b * across) ** 2 for a, b in directions)), 1.0)


def compared(tone: np.ndarray, directions: tuple[tuple[int, int], ...] = ((1, 0), (0, 1))) -> np.ndarray:
    """Return the planes in which a picture is compared with itself: tone, and its edges across `directions`."""
    return np.stack([_levelled(tone), _levelled(_edges(tone, directions))])


def _overlap(energy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the energy that a picture and its shifted self have in common, for lags down right and down left."""
    height, width = energy.shape
    corner = np.zeros((height + 1, width + 1))
    corner[1:, 1:] = energy.cumsum(0).cumsum(1)
    rest = corner[-1, -1] - corner[:-1, -1:] - corner[-1:, :-1] + corner[:-1, :-1]
    right = np.sqrt(corner[:0:-1, :0:-1] * rest)
    upper, lower = corner[:0:-1, -1:] - corner[:0:-1, :-1], corner[-1:, :0:-1] - corner[:-1, :0:-1]
    return right, np.sqrt(np.maximum(upper * lower, 0))


def autocorrelation(planes: np.ndarray) -> np.ndarray:
    """Return the normalised autocorrelation, lag 0 at (height, width), over pixels that overlap.

    Lags that leave little overlap are damped rather than divided by next to nothing.
    """
    height, width = planes.shape[1:]
    shape = (2 * height, 2 * width)
    power = sum(np.square(f.real) + np.square(f.imag) for f in (np.fft.rfft2(plane, shape) for plane in planes))
    sums = np.fft.fftshift(np.fft.irfft2(power, shape)).astype(np.float32)
    right, left = _overlap(np.square(planes).sum(0, dtype=np.float64))
    scale = np.full(shape, right[0, 0], np.float32)
    scale[height:, width:], scale[height:, width:0:-1] = right, left
    scale[height:0:-1, width:0:-1], scale[height:0:-1, width:] = right, left
    return sums / np.hypot(scale, np.float32(0.05 * right[0, 0]))


def _at(lags: np.ndarray, y, x) -> np.ndarray:
    """Return the autocorrelation at lags between pixels, bilinear; `y` and `x` broadcast."""
    y, x = np.broadcast_arrays(y, x)
    shape = y.shape
    rows = y.reshape(len(y), -1).astype(np.float32) + lags.shape[0] // 2
    columns = x.reshape(len(x), -1).astype(np.float32) + lags.shape[1] // 2
    return opencv.cv2.remap(lags, columns, rows, opencv.cv2.INTER_LINEAR).reshape(shape)


def _smallest(score: np.ndarray, share: float) -> int:
    """Return the first local maximum that is nearly as high as the highest: the rest are its multiples."""
    inner = score[1:-1]
    peaks = np.flatnonzero((inner >= score[:-2]) & (inner >= score[2:]) & (inner >= share * score.max())) + 1
    return int(peaks[0]) if len(peaks) else int(score.argmax())


def _periods(longest: float) -> np.ndarray:
    return np.exp(np.linspace(np.log(_SHORTEST), np.log(max(longest, _SHORTEST + 1)), 500)).astype(np.float32)


def _ridges(lags: np.ndarray, tilts: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Return the mean of the autocorrelation along lines near x: tilts and lags down broadcast to the lines."""
    width = lags.shape[1] // 2
    across = np.arange(0.1 * width, 0.35 * width, 2, dtype=np.float32)
    across = np.concatenate([-across, across])
    return _at(lags, down[:, None] + tilts[:, None] * across, across[None]).mean(1)


def evenness(lags: np.ndarray, tilt: float, periods: np.ndarray) -> np.ndarray:
    """Return how much more alike courses are at whole periods than between."""
    down = np.arange(int(0.7 * lags.shape[0] / 2), dtype=np.float32)
    line = _ridges(lags, np.full(1, tilt, np.float32), down)
    times = np.arange(1, 4)
    weight = (periods[:, None] * times < down[-1]) / times

    def at(lag: np.ndarray) -> np.ndarray:
        return np.interp(lag, down, line)

    def mean(share: float) -> np.ndarray:
        return (at(periods[:, None] * (times - share)) * weight).sum(1) / weight.sum(1)

    return (np.minimum(mean(0), at(periods)) - np.maximum(mean(0.5), at(periods / 2))) / 2


def courses(lags: np.ndarray) -> Guess:
    """Return the courses that run along x: the lags at which whole lines of the autocorrelation are high."""
    tilts = np.linspace(-_STEEPEST, _STEEPEST, 49, dtype=np.float32)
    tilt = float(tilts[_ridges(lags, tilts, np.zeros(1, np.float32)).argmax()])
    periods = _periods(lags.shape[0] / 2 / _FEWEST)
    contrast = evenness(lags, tilt, periods)
    best = _smallest(contrast, 0.45)
    return Guess(np.array([[periods[best], tilt], [0, 1]], np.float64), 1, float(contrast[best]))


def alikeness(lags: np.ndarray, course: float, periods: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return how much more alike places are at whole periods along level courses than half way, (periods, shares).

    shares : by how much of a period each course is set off from the one above.
    What is alike all along a course says nothing here, so its mean is taken out.
    """
    height, width = lags.shape[0] // 2, lags.shape[1] // 2
    reach, count = int(0.6 * width), int(np.clip(0.6 * height / course, 1, 4))
    along = np.arange(-reach, reach + 1, dtype=np.float32)
    rows = _at(lags, course * np.arange(count + 1)[:, None], along[None])
    rows = rows - rows[:, np.abs(along) > 0.1 * width].mean(1, keepdims=True)
    rows /= max(float(rows[0, reach]), 0.2)
    half = periods / 2
    total, weights = (np.zeros((len(periods), shares.size)) for _ in range(2))
    for n, m in np.ndindex(count + 1, 13):
        if n == 0 and m <= 6:
            continue
        lag = ((n * shares + 0.5) % 1 - 0.5 + m - 6) * periods
        near = np.hypot(n * course, lag) / np.minimum(periods, 2 * course)
        weight = (np.abs(lag) < reach - half) / np.maximum(near, 0.5)
        on, left, right = (np.interp(lag + by, along, rows[n]) for by in (0, -half, half))
        total += weight * (on - np.maximum(left, right))
        weights += weight
    return total / np.maximum(weights, 1e-9) / 2


def bond(lags: np.ndarray, course: float) -> Guess:
    """Return the periods of bricks in straight, level courses.

    What looks like a course may be a strand of one: up to four are taken as a course where that says clearly more.
    """
    periods = _periods(lags.shape[1] / 2 / _FEWEST)[::3, None]
    best, basis = 0.0, np.eye(2)
    for strands in range(1, min(4, int(lags.shape[0] / 2 / _FEWEST / course)) + 1):
        contrast = alikeness(lags, strands * course, periods, _SHARES)
        row = _smallest(contrast.max(1), 0.65)
        column = int(contrast[row].argmax())
        if contrast[row, column] > 1.4 * best:
            best, period = float(contrast[row, column]), float(periods[row, 0])
            basis = np.array([[strands * course, 0], [_SHARES[column] * period, period]])
    return Guess(basis, 2, best)


def _peaks(lags: np.ndarray, most: int) -> np.ndarray:
    """Return the highest local maxima of the half of the lags that says all, as (dy, dx) rows."""
    height, width = lags.shape[0] // 2, lags.shape[1] // 2
    down, across = int(height / _FEWEST), int(width / _FEWEST)
    part = lags[height : height + down + 1, width - across : width + across + 1]
    top = part >= opencv.cv2.dilate(part, np.ones((5, 5), np.uint8))
    y, x = np.nonzero(top)
    x = x - across
    keep = ((y > 0) | (x > 0)) & (np.hypot(y, x) >= _SHORTEST)
    y, x = y[keep], x[keep]
    order = np.argsort(-lags[y + height, x + width], kind="stable")[:most]
    return np.stack([y[order], x[order]], 1).astype(np.float64)


def oblique(lags: np.ndarray) -> Guess | None:
    """Return the smallest lattice whose points are peaks of the autocorrelation and whose half points are not."""
    height, width = lags.shape[0] // 2, lags.shape[1] // 2
    lags = _blur(lags, 1.0)
    lags = lags - _blur(lags, min(height, width) / 8)
    peaks = _peaks(lags, 28)
    i, j = np.triu_indices(len(peaks), 1)
    u, v = peaks[i], peaks[j]
    extent = np.hypot(*u.T) * np.hypot(*v.T)
    wide = np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) > 0.35 * extent
    u, v, extent = u[wide], v[wide], extent[wide]
    if not len(u):
        return None
    a, b = (n.ravel() for n in np.mgrid[-4:5, -4:5])
    half = (a > 0) | ((a == 0) & (b > 0))
    a, b = a[half], b[half]

    def mean(da: float, db: float) -> np.ndarray:
        y = (a + da) * u[:, :1] + (b + db) * v[:, :1]
        x = (a + da) * u[:, 1:] + (b + db) * v[:, 1:]
        weight = ((np.abs(y) < 0.55 * height) & (np.abs(x) < 0.55 * width)) / np.hypot(a, b)
        return (weight * _at(lags, y, x)).sum(1) / (weight.sum(1) + 1e-9)

    between = np.stack([mean(0.5, 0), mean(0, 0.5), mean(0.5, 0.5)])
    contrast = (mean(0, 0) - (between.max(0) + between.mean(0)) / 2) / 2
    good = np.flatnonzero(contrast >= 0.8 * contrast.max())
    best = good[extent[good].argmin()]
    return Guess(np.stack([u[best], v[best]], 1), 2, float(contrast[best]))


def ridge(lags: np.ndarray) -> float:
    """Return how alike the places of a level course are; 0 where there are none."""
    return float(_ridges(lags, np.zeros(1, np.float32), np.zeros(1, np.float32))[0])


def levelled_basis(basis: np.ndarray) -> np.ndarray | None:
    """Return a basis of the same lattice: to the next course, and along the course near x; None if it has none."""
    a, b = (n.ravel() for n in np.mgrid[-4:5, -4:5])
    whole = np.gcd(a, b) == 1
    steps = np.stack([a[whole], b[whole]])
    y, x = basis @ steps
    flat = (x > 0) & (abs(y) <= _STEEPEST * x)
    if not flat.any():
        return None
    first = np.flatnonzero(flat)[x[flat].argmin()]
    completes = (abs(steps[0] * steps[1, first] - steps[1] * steps[0, first]) == 1) & (y > 0)
    after = np.flatnonzero(completes)[abs(x - 0.25 * x[first])[completes].argmin()]
    return np.array([[y[after], y[first]], [x[after], x[first]]])
