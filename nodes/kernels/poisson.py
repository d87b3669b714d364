"""Gradient-domain pictures: the Poisson equation on the torus, with any pixels held as they are.

The unknown pixels are joined to their four neighbours by springs; a known neighbour is a wall. The system is solved by
conjugate gradients in float64, preconditioned by one multigrid cycle in float32. Coarse grids are made by adding up
two by two pixels whatever the mask and the size, with springs half as stiff as that sum (Braess, Computing 55, 1995),
so that any outline, hole, odd size and thin line converges alike: in 8 to 20 steps to 1e-5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nodes.kernels.compile import f32, inline, kernel

DAMPING = 0.8
"""Share of Jacobi's step that is taken: of the usual ones it wipes out the finest detail best."""

COARSEST = 4
"""Pixels along the longer side of a grid that is not made coarser."""

STEPS = 100
"""Steps after which solving stops in any case."""


class Box(NamedTuple):
    """A rectangle of the torus that holds all unknown pixels, with a known rim unless it runs round."""

    top: int
    left: int
    height: int
    width: int


class Grid(NamedTuple):
    """The springs of one grid, (h, w) pixels.

    across : (h, w + 1), between each pixel and its left neighbour; the last column repeats the first.
    down : (h + 1, w), the same for the upper neighbour.
    total : the sum of a pixel's springs, also to walls. step : DAMPING over that; both 0 where it is known.
    """

    across: np.ndarray
    down: np.ndarray
    total: np.ndarray
    step: np.ndarray


# ---- springs ----


def _span(used: np.ndarray) -> tuple[int, int]:
    """Return where the shortest stretch of a circle begins that holds all that is used, and its length, rims added."""
    size = len(used)
    at = np.flatnonzero(used)
    gaps = np.diff(np.append(at, at[0] + size))
    widest = int(np.argmax(gaps))
    length = size - int(gaps[widest]) + 3
    return (0, size) if length >= size else ((int(at[(widest + 1) % len(at)]) - 1) % size, length)


def box_of(unknown: np.ndarray) -> Box:
    """Return the smallest box of the torus that holds all unknown pixels; there is at least one."""
    top, height = _span(np.any(unknown, axis=1))
    left, width = _span(np.any(unknown, axis=0))
    return Box(top, left, height, width)


def cut_out(picture: np.ndarray, box: Box) -> np.ndarray:
    """Return a copy of the box's pixels."""
    rows = np.arange(box.top, box.top + box.height) % picture.shape[0]
    columns = np.arange(box.left, box.left + box.width) % picture.shape[1]
    return picture[rows[:, None], columns]


def _finest(unknown: np.ndarray, pull: float) -> Grid:
    """Return the springs of a picture, 1 between any two pixels of which one at least is unknown."""
    height, width = unknown.shape
    free = unknown.astype(np.float32)
    across = np.zeros((height, width + 1), np.float32)
    down = np.zeros((height + 1, width), np.float32)
    total = free * f32(pull)
    if width > 1:  # the only pixel of a row has no neighbour but itself
        across[:, :-1] = free * np.roll(free, 1, axis=1)
        total += 2 * free
    if height > 1:
        down[:-1] = free * np.roll(free, 1, axis=0)
        total += 2 * free
    return _closed(across, down, total)


def _closed(across: np.ndarray, down: np.ndarray, total: np.ndarray) -> Grid:
    across[:, -1], down[-1] = across[:, 0], down[0]
    step = np.divide(DAMPING, total, out=np.zeros_like(total), where=total > 0)
    return Grid(across, down, total, step)


def _pairs(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the sums of every two neighbours along an axis; one is left alone at the end of an odd length."""
    return np.add.reduceat(values, np.arange(0, values.shape[axis], 2), axis=axis)


def _coarser(grid: Grid) -> Grid:
    height, width = grid.total.shape
    # What a pixel is tied to walls by, and pulled to 0 by: its springs less those to unknown neighbours.
    inner = grid.across[:, :-1] + grid.across[:, 1:] + grid.down[:-1] + grid.down[1:]
    walls = _pairs(_pairs(grid.total - inner, 0), 1)
    across = np.zeros((-(-height // 2), -(-width // 2) + 1), np.float32)
    down = np.zeros((-(-height // 2) + 1, -(-width // 2)), np.float32)
    if width > 2:
        across[:, :-1] = _pairs(grid.across[:, :-1:2], 0) * f32(0.5)
    if height > 2:
        down[:-1] = _pairs(grid.down[:-1:2], 1) * f32(0.5)
    across[:, -1], down[-1] = across[:, 0], down[0]
    total = walls * f32(0.5) + across[:, :-1] + across[:, 1:] + down[:-1] + down[1:]
    total[total < 1e-6] = 0  # what rounding leaves of a pixel without springs
    return _closed(across, down, total)


def _grids(unknown: np.ndarray, pull: float) -> list[Grid]:
    grids = [_finest(unknown, pull)]
    while max(grids[-1].total.shape) > COARSEST:
        grids.append(_coarser(grids[-1]))
    return grids


# ---- one multigrid cycle, float32 ----


@inline
def _close(picture):
    """Write the frame of a picture (h + 2, w + 2): the pixels from the other side of the torus."""
    height, width = picture.shape
    for y in range(1, height - 1):
        picture[y, 0] = picture[y, width - 2]
        picture[y, width - 1] = picture[y, 1]
    top, bottom, first, last = picture[0], picture[height - 1], picture[1], picture[height - 2]
    for x in range(width):
        top[x] = last[x]
        bottom[x] = first[x]


@kernel
def _smooth(u, across, down, total, step, right, out):
    """Take one damped Jacobi step from `u` to `out`, both (h + 2, w + 2); `u` is closed first."""
    _close(u)
    for y in range(total.shape[0]):
        here, left, after, above, below = u[y + 1][1:-1], u[y + 1][:-2], u[y + 1][2:], u[y][1:-1], u[y + 2][1:-1]
        w, e, n, s = across[y][:-1], across[y][1:], down[y], down[y + 1]
        b, t, share, to = right[y], total[y], step[y], out[y + 1][1:-1]
        for x in range(to.size):
            pulled = w[x] * left[x] + e[x] * after[x] + n[x] * above[x] + s[x] * below[x]
            to[x] = here[x] + share[x] * (b[x] + pulled - t[x] * here[x])


@kernel
def _restrict(u, across, down, total, right, line, coarse):
    """Write what is left of `right` after `u`, added up two by two, to the coarse grid's right side."""
    _close(u)
    for r in range(coarse.shape[0]):
        to = coarse[r]
        for x in range(to.size):
            to[x] = f32(0)
        for y in range(2 * r, min(2 * r + 2, total.shape[0])):
            here, left, after, above, below = u[y + 1][1:-1], u[y + 1][:-2], u[y + 1][2:], u[y][1:-1], u[y + 2][1:-1]
            w, e, n, s = across[y][:-1], across[y][1:], down[y], down[y + 1]
            b, t = right[y], total[y]
            for x in range(line.size):
                pulled = w[x] * left[x] + e[x] * after[x] + n[x] * above[x] + s[x] * below[x]
                line[x] = b[x] + pulled - t[x] * here[x]
            for x in range(line.size // 2):
                to[x] += line[2 * x] + line[2 * x + 1]
            if line.size % 2:
                to[to.size - 1] += line[line.size - 1]


@kernel
def _prolong(coarse, total, u):
    """Add a coarse grid's solution (framed) to the pixels it stands for, unknown ones only."""
    for y in range(total.shape[0]):
        from_, to, t = coarse[y // 2 + 1][1:-1], u[y + 1][1:-1], total[y]
        for x in range(to.size):
            to[x] += from_[x // 2] if t[x] > f32(0) else f32(0)


class _Cycle:
    """A multigrid V-cycle and the arrays it works in. After each step it tells the share of the solving done so far."""

    def __init__(self, grids: list[Grid], tell: Callable[[float], None] | None = None) -> None:
        self.grids, self.tell, self.share = grids, tell, 0.0
        shapes = [(len(grid.total), grid.total.shape[1]) for grid in grids]
        self.right = [np.zeros(shape, np.float32) for shape in shapes]
        self.u = [np.zeros((h + 2, w + 2), np.float32) for h, w in shapes]
        self.other = [np.zeros((h + 2, w + 2), np.float32) for h, w in shapes]

    def __call__(self, level: int = 0) -> np.ndarray:
        """Return an estimate of the solution for the right side in `right[level]`, framed."""
        grid, right = self.grids[level], self.right[level]
        u, other = self.u[level], self.other[level]
        np.multiply(grid.step, right, out=u[1:-1, 1:-1])
        last = level + 1 == len(self.grids)
        for _ in range(2 * COARSEST**2 if last else 1):
            _smooth(u, *grid, right, other)
            u, other = other, u
        if not last:
            line = np.empty(right.shape[1], np.float32)
            _restrict(u, grid.across, grid.down, grid.total, right, line, self.right[level + 1])
            _prolong(self(level + 1), grid.total, u)
            for _ in range(2):
                _smooth(u, *grid, right, other)
                u, other = other, u
                if self.tell is not None:
                    self.tell(self.share)
        self.u[level], self.other[level] = u, other
        return u


# ---- conjugate gradients, float64 ----


@kernel
def _spread(p, across, down, total, out, sums):
    """Write the springs' forces at places `p` (h + 2, w + 2) to `out`, and its product with `p` by rows to `sums`."""
    _close(p)
    for y in range(total.shape[0]):
        here, left, after, above, below = p[y + 1][1:-1], p[y + 1][:-2], p[y + 1][2:], p[y][1:-1], p[y + 2][1:-1]
        w, e, n, s = across[y][:-1], across[y][1:], down[y], down[y + 1]
        t, to = total[y], out[y]
        for x in range(to.size):
            to[x] = t[x] * here[x] - (w[x] * left[x] + e[x] * after[x] + n[x] * above[x] + s[x] * below[x])
        sum_ = 0.0
        for x in range(to.size):
            sum_ += to[x] * here[x]
        sums[y] = sum_


@kernel
def _advance(share, p, force, solution, rest, right):
    """Step along `p`: the solution grows, the rest shrinks; `right` gets the rest in float32."""
    for y in range(rest.shape[0]):
        along, f, u, r, b = p[y + 1][1:-1], force[y], solution[y], rest[y], right[y]
        for x in range(r.size):
            u[x] += share * along[x]
            r[x] -= share * f[x]
            b[x] = f32(r[x])


@kernel
def _turn(share, z, p):
    """Take the next direction: the estimate `z` plus a share of the last direction."""
    for y in range(1, p.shape[0] - 1):
        estimate, along = z[y], p[y]
        for x in range(along.size):
            along[x] = estimate[x] + share * along[x]


@kernel
def _estimate(rest, z, sums):
    """Write `rest` times `z` by rows to `sums`; return the largest of |z|."""
    largest = f32(0)
    for y in range(rest.shape[0]):
        r, estimate = rest[y], z[y + 1][1:-1]
        sum_ = 0.0
        for x in range(r.size):
            sum_ += r[x] * np.float64(estimate[x])
            largest = max(largest, abs(estimate[x]))
        sums[y] = sum_
    return largest


def _conjugate(cycle: _Cycle, right: np.ndarray, tolerance: float, part: tuple[float, float]) -> np.ndarray:
    """Return the solution, float64 (h, w), for a right side that is 0 at known pixels.

    part : shares of the whole work that are done before and after.
    """
    grid = cycle.grids[0]
    solution, rest, force = np.zeros_like(right), right.copy(), np.empty_like(right)
    p = np.zeros((right.shape[0] + 2, right.shape[1] + 2))
    sums = np.empty(len(right))
    before, first = np.inf, 0.0
    cycle.right[0][:] = rest
    for _ in range(STEPS):
        z = cycle()
        error = float(_estimate(rest, z, sums))
        now = float(sums.sum())
        if error <= tolerance or not now > 0:
            break
        first = first or error
        done = np.log(first / error) / max(np.log(first / tolerance), 1e-9)
        cycle.share = part[0] + (part[1] - part[0]) * float(np.clip(done, 0, 1))
        _turn(now / before, z, p)
        before = now
        _spread(p, grid.across, grid.down, grid.total, force, sums)
        _advance(now / float(sums.sum()), p, force, solution, rest, cycle.right[0])
    return solution


# ---- pictures ----


def differences(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much each pixel is more than its left and than its upper neighbour, on the torus."""
    return picture - np.roll(picture, 1, axis=1), picture - np.roll(picture, 1, axis=0)


def _lack(start: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Return how far each pixel's differences to its neighbours are from those wanted, added up; float64 (h, w).

    Both are rounded alike, so that nothing is left where they are the same. At the rim of a box, which is known, it
    says nothing.
    """
    x, y = differences(start)
    x, y = (across - x).astype(np.float64), (down - y).astype(np.float64)
    return x - np.roll(x, -1, axis=1) + y - np.roll(y, -1, axis=0)


def _everywhere(lack: np.ndarray, pull: float) -> np.ndarray:
    """Return the correction where no pixel is known, of mean 0 unless pulled: the equation is a division of waves."""
    height, width = lack.shape
    rows = 2 - 2 * np.cos(2 * np.pi * np.fft.fftfreq(height))
    columns = 2 - 2 * np.cos(2 * np.pi * np.fft.rfftfreq(width))
    stiffness = rows[:, None] + columns + pull
    stiffness[0, 0] = stiffness[0, 0] or np.inf
    return np.fft.irfft2(np.fft.rfft2(lack) / stiffness, s=(height, width))


def correction(
    start: np.ndarray,
    unknown: np.ndarray,
    across: np.ndarray,
    down: np.ndarray,
    pull: float = 0.0,
    tolerance: float = 1e-5,
    tell: Callable[[float], None] | None = None,
) -> np.ndarray:
    """Return what must be added to a picture so that its differences come nearest to those wanted; float32.

    It is 0 where nothing is unknown, and exactly 0 everywhere if the differences are as wanted already. If all of the
    torus is unknown the picture's mean is kept.

    Parameters
    ----------
    start : (h, w) or (h, w, c), the known pixels, and a guess of the others
    unknown : bool (h, w), pixels that may change
    across, down : like `start`, wanted differences to the left and to the upper neighbour, see `differences`; between
        two known pixels they do not matter
    pull : strength of a spring that holds each pixel to `start`; a change dies off over 1 / sqrt(pull) pixels
    tolerance : the largest error left, as the last multigrid cycle estimates it
    tell : called with the share done, several times each step
    """
    result = np.zeros(start.shape, np.float32)
    if not unknown.any():
        return result
    box = Box(0, 0, *unknown.shape) if unknown.all() else box_of(unknown)
    rows = (np.arange(box.top, box.top + box.height) % len(unknown))[:, None]
    columns = np.arange(box.left, box.left + box.width) % unknown.shape[1]
    free = unknown[rows, columns]
    cycle = None if unknown.all() else _Cycle(_grids(free, pull), tell)
    planes = [array.reshape(*unknown.shape, -1) for array in (start, across, down, result)]
    channels = planes[0].shape[2]
    for c in range(channels):
        lack = _lack(*(plane[rows, columns, c] for plane in planes[:3]))
        part = (c / channels, (c + 1) / channels)
        if tell is not None:
            tell(part[0])
        solved = _everywhere(lack, pull) if cycle is None else _conjugate(cycle, lack * free, tolerance, part)
        planes[3][rows, columns, c] = solved
    return result
