"""From a photograph to an exemplar: straightened, evenly lit, cut to what repeats well.

Plain functions on pictures at their own size, linear float32 (h, w) or (h, w, 3), with borders. Light and shadow are
in `nodes.patch.shading`, height and roughness in `nodes.patch.relief`, periods in `nodes.patch.repetition`, what to
beware of in `nodes.patch.faults`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nodes import opencv
from nodes.kernels.projection import project
from nodes.patch.faults import Finding, warnings_of
from nodes.patch.relief import photo_height, photo_roughness
from nodes.patch.repetition import Repeat, axis_periods, period
from nodes.patch.shading import delight, flatten_illumination, reduced, tones

Corners = Sequence[tuple[float, float]]
"""Top left, top right, bottom right, bottom left: x and y as shares of the picture's width and height."""

WHOLE: Corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

# ---- perspective ---------------------------------------------------------------------------------


def rectify(
    picture: np.ndarray, corners: Corners, ratio: float | None = None, size: tuple[int, int] | None = None
) -> np.ndarray:
    """Return the part of a picture between four corners as if seen straight on; float32, C-contiguous.

    It gets as many pixels as it covered. Each is the mean of cubic samples over all that it covers, so that nothing
    aliases.

    Parameters
    ----------
    corners : of a rectangle in the real world.
    ratio : its width over its height; None takes it from the perspective (Zhang and He, 2007).
    size : rows and columns of the result, in place of what ratio and area give.

    Raises
    ------
    ValueError
        If the corners are not four that turn clockwise about a convex shape.
    """
    height, width = picture.shape[:2]
    places = np.array(corners, np.float64).reshape(-1, 2) * (width, height)
    area = checked_area(places)
    if ratio is None:
        ratio = ratio_of(places, width, height)
    if size is None:
        size = max(1, round(math.sqrt(area / ratio))), max(1, round(math.sqrt(area * ratio)))
    if size == (height, width) and np.array_equal(np.array(corners, np.float64), np.array(WHOLE)):
        return np.ascontiguousarray(picture, np.float32)
    target = np.array([(0, 0), (size[1], 0), (size[1], size[0]), (0, size[0])], np.float64)
    source = np.ascontiguousarray(picture, np.float32).reshape(height, width, -1)
    out = np.empty((*size, source.shape[2]), np.float32)
    project(source, homography(target, places), out)
    np.clip(out, source.min(), source.max(), out=out)
    return out.reshape(*size, *picture.shape[2:])


def checked_area(places: np.ndarray) -> float:
    """Return the area of a convex shape of four corners that turn clockwise, in pixels."""
    if places.shape != (4, 2) or not np.isfinite(places).all():
        raise ValueError("four corners are needed, each x and y")
    sides = np.roll(places, -1, axis=0) - places
    after = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    if turns.min() <= 1e-6:
        raise ValueError("the corners must go round clockwise from the top left and make a convex shape")
    x, y = places[:, 0], places[:, 1]
    return 0.5 * float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def homography(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return the 3 by 3 matrix that takes four places to four others."""
    rows, right = [], []
    for (x, y), (u, v) in zip(old, new, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows, np.float64), np.array(right)), 1.0).reshape(3, 3)


def ratio_of(places: np.ndarray, width: int, height: int) -> float:
    """Return width over height of the rectangle whose corners are seen at four places.

    The lens is taken to look at the middle of the picture. Where the perspective is too slight to tell its focal
    length, that is taken to be that of a telephone.
    """
    centred = np.column_stack([places - (width / 2, height / 2), np.ones(4)])
    first, second, fourth, third = centred  # top left, top right, bottom right, bottom left
    across = np.dot(np.cross(first, fourth), third) / np.dot(np.cross(second, fourth), third) * second - first
    down = np.dot(np.cross(first, fourth), second) / np.dot(np.cross(third, fourth), second) * third - first
    longer = max(width, height)
    focal = 1.0 * longer
    vanishing = across[2] * down[2]
    if abs(vanishing) > 1e-4:
        squared = -(across[0] * down[0] + across[1] * down[1]) / vanishing
        if 0.4 * longer < math.sqrt(max(squared, 0.0)) < 8 * longer:
            focal = math.sqrt(squared)
    scale = (1 / focal, 1 / focal, 1)
    return float(np.linalg.norm(across * scale) / np.linalg.norm(down * scale))


# ---- cropping ------------------------------------------------------------------------------------


class Box(NamedTuple):
    """A part of a picture, in whole pixels."""

    left: int
    top: int
    width: int
    height: int


CROP_SIDE = 128
MARGIN = 24
"""Lines on either side of a border by which it is moved to where it meets its opposite."""

STEPS = 14
AREA_COUNTS = 0.5
"""What halving the area must gain in evenness or in how borders meet, each 1 where it is left to chance."""


def cropped(picture: np.ndarray, box: Box) -> np.ndarray:
    """Return a part of a picture, C-contiguous."""
    return np.ascontiguousarray(picture[box.top : box.top + box.height, box.left : box.left + box.width])


def best_crop(picture: np.ndarray, size: tuple[int, int] | None = None) -> Box:
    """Return the part of a picture that repeats best: alike all over, and with borders that meet.

    Alike is told by the spread of local brightness, colour and contrast; large parts are preferred.

    size : rows and columns that the part must have, in pixels; None tries all down to half of each side.
    """
    height, width = picture.shape[:2]
    small = reduced(picture, CROP_SIDE)
    rows, columns = small.shape[:2]
    sums = [_summed(field) for field in _traits(small)]
    joints_y, joints_x = _joints(small, 0), _joints(small, 1)
    best, chosen = math.inf, (0, 0, rows, columns)
    across, down = axis_periods(period(picture)) if size is None else (None, None)
    for tall in _lengths(rows, height, size and size[0], down):
        for wide in _lengths(columns, width, size and size[1], across):
            tops = np.unique(np.linspace(0, rows - tall, min(STEPS, rows - tall + 1)).astype(int))
            lefts = np.unique(np.linspace(0, columns - wide, min(STEPS, columns - wide + 1)).astype(int))
            y, x = tops[:, None], lefts[None]
            cost = sum(_spread_in(total, y, x, tall, wide) for total in sums) / len(sums)
            cost = cost + (_joint(joints_y, tops, lefts, tall, wide) + _joint(joints_x, lefts, tops, wide, tall).T) / 2
            cost = cost - AREA_COUNTS * math.log2(tall * wide / (rows * columns))
            place = np.unravel_index(np.argmin(cost), cost.shape)
            if cost[place] < best - 1e-9:
                best, chosen = float(cost[place]), (int(tops[place[0]]), int(lefts[place[1]]), tall, wide)
    return _sharpened(picture, chosen, (rows, columns), size)


def _lengths(small: int, full: int, wanted: int | None, step: float | None) -> list[int]:
    """Return the lengths to try along a side of the reduced picture: whole periods where it has some."""
    if wanted is not None:
        return [min(small, max(1, round(wanted * small / full)))]
    least = max(1, -(-small // 2))
    if step is not None:
        counts = range(1, int(full / step) + 1)
        if whole := sorted({min(small, round(n * step * small / full)) for n in counts if n * step >= full / 2}):
            return whole
    return sorted({int(length) for length in np.linspace(least, small, STEPS)})


def _traits(small: np.ndarray) -> list[np.ndarray]:
    """Return smooth fields of what a place looks like, each of deviation 1 over the picture."""
    light, chroma = tones(small)
    sigma = max(1.0, 0.04 * max(light.shape))
    contrast = np.abs(light - opencv.cv2.GaussianBlur(light, (0, 0), sigma / 2, borderType=opencv.cv2.BORDER_REFLECT))
    fields = [light, chroma[..., 0], chroma[..., 1], np.log2(contrast + 0.02)]
    smooth = [opencv.cv2.GaussianBlur(field, (0, 0), sigma, borderType=opencv.cv2.BORDER_REFLECT) for field in fields]
    return [(field - field.mean()) / (field.std() + 0.03) for field in smooth]


def _summed(field: np.ndarray) -> np.ndarray:
    """Return sums of a field and of its squares from the corner, (rows + 1, columns + 1, 2)."""
    both = np.stack([field, field * field], axis=2).astype(np.float64)
    return np.pad(both.cumsum(axis=0).cumsum(axis=1), [(1, 0), (1, 0), (0, 0)])


def _spread_in(total: np.ndarray, y: np.ndarray, x: np.ndarray, tall: int, wide: int) -> np.ndarray:
    """Return the variance of a summed field inside boxes."""
    inside = total[y + tall, x + wide] - total[y, x + wide] - total[y + tall, x] + total[y, x]
    mean = inside / (tall * wide)
    return np.maximum(mean[..., 1] - mean[..., 0] ** 2, 0)


def _joints(small: np.ndarray, axis: int) -> tuple[np.ndarray, float, float]:
    """Return lines to be compared (lines, along, c), how unlike neighbours are, and how unlike any two are."""
    light, chroma = tones(small)
    lines = np.concatenate([light[..., None], chroma], axis=2).astype(np.float64)
    lines = lines if axis == 0 else np.ascontiguousarray(lines.transpose(1, 0, 2))
    near = float(((lines[1:] - lines[:-1]) ** 2).sum(axis=2).mean()) if len(lines) > 1 else 0.0
    return lines, near, 2 * float(lines.var(axis=(0, 1)).sum())


def _joint(
    joints: tuple[np.ndarray, float, float], starts: np.ndarray, places: np.ndarray, length: int, extent: int
) -> np.ndarray:
    """Return how badly opposite borders of boxes meet, (starts, places): 0 as neighbours do, 1 as any two lines."""
    lines, near, far = joints
    unlike = ((lines[starts] - lines[starts + length - 1]) ** 2).sum(axis=2).cumsum(axis=1)
    unlike = np.pad(unlike, [(0, 0), (1, 0)])
    mean = (unlike[:, places + extent] - unlike[:, places]) / extent
    return np.clip((mean - near) / max(far - near, 1e-3), 0, 2)


def _sharpened(
    picture: np.ndarray, chosen: tuple[int, int, int, int], grid: tuple[int, int], size: tuple[int, int] | None
) -> Box:
    """Return a box found on the reduced picture, its far borders moved by some pixels to where they meet best."""
    height, width = picture.shape[:2]
    down, across = height / grid[0], width / grid[1]
    top, left = round(chosen[0] * down), round(chosen[1] * across)
    if size is not None:
        tall, wide = min(size[0], height), min(size[1], width)
        return Box(min(left, width - wide), min(top, height - tall), wide, tall)
    tall, wide = min(round(chosen[2] * down), height - top), min(round(chosen[3] * across), width - left)
    light = tones(picture).light
    tall = _met(light[:, left : left + wide], top, tall, max(2, round(2 * down)))
    wide = _met(light[top : top + tall].T, left, wide, max(2, round(2 * across)))
    return Box(left, top, wide, tall)


def _met(lines: np.ndarray, start: int, length: int, reach: int) -> int:
    """Return the length near a given one at which a part's first line continues its last one best."""
    near = float(((lines[1:] - lines[:-1]) ** 2).mean()) if len(lines) > 1 else 0.0
    best, chosen = math.inf, length
    for tried in range(max(2, length - reach), min(len(lines) - start, length + reach) + 1):
        # What lies beyond a border must be like what lies within the other; a whole picture has nothing beyond.
        first, last = max(0, start - MARGIN), min(start + MARGIN, len(lines) - tried)
        if last > first:
            cost = float(((lines[first:last] - lines[first + tried : last + tried]) ** 2).mean())
        else:
            cost = max(0.0, float(((lines[start] - lines[start + tried - 1]) ** 2).mean()) - near)
        if cost < best:
            best, chosen = cost, tried
    return chosen


__all__ = [
    "WHOLE",
    "Box",
    "Corners",
    "Finding",
    "Repeat",
    "best_crop",
    "cropped",
    "delight",
    "flatten_illumination",
    "period",
    "photo_height",
    "photo_roughness",
    "rectify",
    "warnings_of",
]
