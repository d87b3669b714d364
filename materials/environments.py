"""The light that a preview is seen in: what each direction sends, filtered for every roughness, and one key light.

An environment is a formula, not a photograph, so that there is no file and no licence. Directions are x right, y up,
z towards the viewer; the key light comes from the left at azimuth 0, and a shape turns the whole to suit itself.
Radiance is kept in an octahedral square (Cigolle et al., 2014), which has no poles, with a border of one texel, so that
it is read without a fold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from materials.errors import UsageError
from materials.light_kernels import convolve

SIZES = (128, 64, 32, 32, 16, 16, 16)
"""Sides of the levels; level k holds roughness k / 6."""

SOURCE = 64
"""Side of the square that the rougher levels and the diffuse light are summed from."""

Radiance = Callable[[np.ndarray], np.ndarray]
"""Takes unit directions (n, 3) and returns what comes from there, (n, 3), linear."""


@dataclass(frozen=True, eq=False)
class Environment:
    """Light from all around and from one key light.

    radiance : the filtered levels, one after the other, each (side + 2, side + 2, 3), flat.
    levels : int64 (n, 2), where each starts and its side.
    diffuse : (9, 3), spherical harmonics of the light that a white matt surface sends back.
    key : colour of the key light, as what a white matt surface facing it sends back.
    direction : of the key light; softness : tangent of half the angle that it fills.
    backdrop : display-linear colours behind the shape: in the middle, at the rim.
    """

    name: str
    radiance: np.ndarray
    levels: np.ndarray
    diffuse: np.ndarray
    key: tuple[float, float, float]
    direction: tuple[float, float, float]
    softness: float
    backdrop: tuple[tuple[float, float, float], tuple[float, float, float]]


def names() -> list[str]:
    """Return the names of the environments."""
    return list(_FORMULAS)


def named(name: str) -> Environment:
    """Return an environment by name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    if name not in _FORMULAS:
        raise UsageError(f"there is no environment {name!r}", hint=", ".join(_FORMULAS))
    return _built(name)


@lru_cache(maxsize=8)
def _built(name: str) -> Environment:
    formula, key, elevation, softness, backdrop = _FORMULAS[name]
    return make(name, formula, key, _direction(-90, elevation), softness, backdrop)


def make(
    name: str,
    radiance: Radiance,
    key: Iterable[float] = (0.0, 0.0, 0.0),
    direction: Iterable[float] = (-1.0, 0.0, 0.0),
    softness: float = 0.05,
    backdrop: tuple[tuple[float, float, float], tuple[float, float, float]] = ((0.05, 0.05, 0.05), (0.02, 0.02, 0.02)),
) -> Environment:
    """Return an environment of a formula and a key light; see `Environment` for the rest."""
    source, _ = _grid(SOURCE, 0)
    fine, fine_solid = _grid(2 * SOURCE, 0)
    values = (radiance(fine) * fine_solid[:, None]).reshape(SOURCE, 2, SOURCE, 2, 3).sum((1, 3)).reshape(-1, 3)
    weighted = np.ascontiguousarray(values, np.float32)  # radiance times solid angle
    weights = np.ascontiguousarray(fine_solid.reshape(SOURCE, 2, SOURCE, 2).sum((1, 3)).reshape(-1), np.float32)
    source32 = source.astype(np.float32)
    parts, levels, start = [], [], 0
    for level, side in enumerate(SIZES):
        directions, _ = _grid(side, 1)
        if level == 0:
            part = np.ascontiguousarray(radiance(directions), np.float32)
        else:
            width = np.float32((level / (len(SIZES) - 1)) ** 2)
            sums = np.empty((4, len(directions)), np.float32)
            convolve(*directions.T.astype(np.float32, order="C"), source32, weighted, weights, width, *sums)
            part = np.ascontiguousarray((sums[:3] / sums[3]).T)
        parts.append(part.reshape(-1))
        levels.append((start, side))
        start += part.size
    towards = np.asarray(tuple(direction), np.float64)
    towards = tuple(float(part) for part in towards / np.linalg.norm(towards))
    return Environment(
        name,
        np.concatenate(parts),
        np.array(levels, np.int64),
        _harmonics(source, weighted).astype(np.float32),
        tuple(float(part) for part in key),  # type: ignore[arg-type]  # three of them
        towards,  # type: ignore[arg-type]
        softness,
        backdrop,
    )


def _grid(side: int, border: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the directions of an octahedral square's texels, row by row, and their solid angles."""
    steps = (np.arange(-border, side + border) + 0.5) / side * 2 - 1
    x, y = (part.reshape(-1) for part in np.meshgrid(steps, steps))
    # Beyond an edge of the square lies the same edge, mirrored.
    folded_y = np.where(np.abs(x) > 1, -y, y)
    x, y = np.where(np.abs(y) > 1, -x, x), folded_y
    x = np.where(np.abs(x) > 1, np.sign(x) * (2 - np.abs(x)), x)
    y = np.where(np.abs(y) > 1, np.sign(y) * (2 - np.abs(y)), y)
    up = 1 - np.abs(x) - np.abs(y)
    fold = np.maximum(-up, 0)
    points = np.stack([x - np.copysign(fold, x), up, y - np.copysign(fold, y)], axis=1)
    length = np.linalg.norm(points, axis=1)
    solid = (2 / side) ** 2 / length**3
    return points / length[:, None], solid


def harmonics_at(directions: np.ndarray) -> np.ndarray:
    """Return the nine spherical harmonics of directions (n, 3), in the order that the kernels use."""
    x, y, z = np.asarray(directions, np.float64).T
    one = np.ones_like(x)
    return np.stack(
        [
            0.282095 * one,
            0.488603 * y,
            0.488603 * z,
            0.488603 * x,
            1.092548 * x * y,
            1.092548 * y * z,
            0.315392 * (3 * z * z - 1),
            1.092548 * x * z,
            0.546274 * (x * x - y * y),
        ],
        axis=1,
    )


def _harmonics(directions: np.ndarray, weighted: np.ndarray) -> np.ndarray:
    """Return coefficients of irradiance over pi (Ramamoorthi and Hanrahan, 2001), each with its constant."""
    bands = np.array([1, 2 / 3, 2 / 3, 2 / 3, 1 / 4, 1 / 4, 1 / 4, 1 / 4, 1 / 4])
    return (harmonics_at(directions).T @ weighted.astype(np.float64)) * bands[:, None]


def _direction(azimuth_deg: float, elevation_deg: float) -> tuple[float, float, float]:
    """Return a direction; azimuth 0 is towards the viewer, 90 to the right."""
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    flat = math.cos(elevation)
    return flat * math.sin(azimuth), math.sin(elevation), flat * math.cos(azimuth)


# ---- the formulas --------------------------------------------------------------------------------


def _smooth(low: float, high: float, value: np.ndarray) -> np.ndarray:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _mix(a: Iterable[float], b: Iterable[float], share: np.ndarray) -> np.ndarray:
    first, second = np.asarray(tuple(a)), np.asarray(tuple(b))
    return first + (second - first) * share[:, None]


def _panel(
    directions: np.ndarray, centre: tuple[float, float, float], half: tuple[float, float], edge: float
) -> np.ndarray:
    """Return how much of a direction a rectangular lamp fills, 0 to 1, soft towards its edge."""
    forward = np.asarray(centre) / np.linalg.norm(centre)
    right = np.cross((0.0, 1.0, 0.0) if abs(forward[1]) < 0.95 else (0.0, 0.0, 1.0), forward)
    right /= np.linalg.norm(right)
    up = np.cross(forward, right)
    ahead = directions @ forward
    safe = np.maximum(ahead, 1e-3)
    across, along = np.abs(directions @ right) / safe, np.abs(directions @ up) / safe
    inside = _smooth(half[0] + edge, half[0], across) * _smooth(half[1] + edge, half[1], along)
    return inside * (ahead > 0.05)


def _studio(d: np.ndarray) -> np.ndarray:
    up = d[:, 1]
    light = _mix((0.16, 0.165, 0.175), (0.34, 0.35, 0.365), _smooth(-0.2, 1.0, up))
    light = np.where((up < 0)[:, None], _mix((0.16, 0.165, 0.175), (0.17, 0.165, 0.16), _smooth(0.0, 0.9, -up)), light)
    for centre, half, edge, colour in (
        (_direction(-90, 38), (0.55, 0.55), 0.25, (2.3, 2.25, 2.15)),
        (_direction(78, 18), (0.22, 0.95), 0.12, (3.6, 3.8, 4.1)),
        (_direction(0, 82), (0.9, 0.45), 0.25, (1.9, 1.95, 2.0)),
        (_direction(170, 20), (0.5, 0.5), 0.30, (0.9, 0.9, 0.95)),
    ):
        light = light + _panel(d, centre, half, edge)[:, None] * np.asarray(colour)
    return light


def _ground(light: np.ndarray, up: np.ndarray, colour: tuple[float, float, float]) -> np.ndarray:
    """Return light with the ground below the horizon."""
    return light + (np.asarray(colour) - light) * _smooth(0.05, -0.11, up)[:, None]


def _overcast(d: np.ndarray) -> np.ndarray:
    """The CIE standard overcast sky, three times as bright overhead as at the horizon, brighter towards the key."""
    up = d[:, 1]
    facing = np.maximum(d @ np.asarray(_direction(-90, 55)), 0)
    light = _mix((0.42, 0.44, 0.46), (1.16, 1.2, 1.26), np.clip(up, 0, 1)) * (1 + 0.9 * facing**3)[:, None]
    return _ground(light, up, (0.17, 0.16, 0.145))


def _sky(
    d: np.ndarray,
    sun: tuple[float, float, float],
    zenith: tuple[float, float, float],
    horizon: tuple[float, float, float],
    glow: tuple[float, float, float],
    ground: tuple[float, float, float],
) -> np.ndarray:
    up = d[:, 1]
    facing = np.clip(d @ np.asarray(sun), 0, 1)
    light = _mix(horizon, zenith, np.clip(up, 0, 1) ** 0.45)
    wide, near = facing**5, facing**60
    light = light + (0.35 * wide + 1.6 * near)[:, None] * np.asarray(glow)
    return _ground(light, up, ground)


def _daylight(d: np.ndarray) -> np.ndarray:
    return _sky(d, _direction(-90, 42), (0.16, 0.27, 0.52), (0.62, 0.70, 0.80), (1.2, 1.1, 0.95), (0.20, 0.185, 0.16))


def _sunset(d: np.ndarray) -> np.ndarray:
    return _sky(d, _direction(-90, 20), (0.13, 0.17, 0.30), (0.50, 0.40, 0.38), (2.2, 1.3, 0.7), (0.11, 0.085, 0.075))


_DARK = ((0.066, 0.067, 0.071), (0.014, 0.0145, 0.016))

_FORMULAS: dict[str, tuple[Radiance, tuple[float, ...], float, float, tuple]] = {
    "studio": (_studio, (2.1, 2.04, 1.93), 38.0, 0.10, _DARK),
    "overcast": (_overcast, (0.30, 0.30, 0.30), 55.0, 0.35, _DARK),
    "daylight": (_daylight, (1.60, 1.50, 1.33), 42.0, 0.035, _DARK),
    "sunset": (_sunset, (1.62, 1.10, 0.66), 20.0, 0.045, _DARK),
}
"""Formula, key light, its elevation and softness, backdrop."""
