"""Where a shape is looked at from: the place that suits each, and a free camera that starts out there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from materials.errors import UsageError

ZOOMS = (0.05, 100.0)
STEEPEST = 89.0
"""Degrees above or below the middle; straight down there would be no telling left from right."""

LOWEST_OVER_A_PLANE = 6.0


@dataclass(frozen=True)
class Camera:
    """A free camera; one of nothing but defaults is the shape's own.

    turn, tilt : degrees that it has gone to the right about the vertical, and up; `reach` tells how far up is.
    zoom : times as large as by itself; the lens changes, not the distance, so that it never enters the shape.
    pan : how far the shape lies to the right of the middle and above it, in shorter sides of the picture.
    """

    turn: float = 0.0
    tilt: float = 0.0
    zoom: float = 1.0
    pan: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class View:
    """How a shape is looked at. Lengths are half the shape's height; angles are degrees.

    field : half of the shorter side's width at distance 1.
    tiles : across the shape; for the plane, across the middle of the picture.
    turn : of all light about the vertical, from where the key comes from the left.
    metered : the direction whose light sets the exposure, before the turn of light; None for towards the key.
    key : times the environment's key light. highest : its greatest elevation, since low light shows relief.
    haze : where the distance begins to fade into the backdrop, and where it has.
    """

    origin: tuple[float, float, float]
    target: tuple[float, float, float]
    field: float
    tiles: float
    turn: float
    half: float = 1.0
    tall: float = 1.0
    metered: tuple[float, float, float] | None = None
    key: float = 1.0
    highest: float = 90.0
    haze: tuple[float, float] = (1e6, 2e6)

    @property
    def distance(self) -> float:
        return math.dist(self.origin, self.target)


VIEWS = {
    "sphere": View((0.0, 0.0, 4.6), (0.0, 0.0, 0.0), 0.262, 0.85, 38.0),
    "plane": View(
        (0.0, 1.45, 2.3),
        (0.0, 0.0, 0.0),
        0.36,
        1.5,
        -36.0,
        metered=(0.0, 1.0, 0.0),
        key=2.4,
        highest=26.0,
        haze=(4.0, 8.5),
    ),
    "cube": View((2.35, 1.75, 3.55), (0.0, -0.06, 0.0), 0.3, 1.0, 62.0, half=0.72),
    "cylinder": View((0.0, 1.75, 4.25), (0.0, -0.04, 0.0), 0.285, 1.0, 42.0, half=0.74, tall=0.82),
    "mesh": View((1.1, 1.2, 4.3), (0.0, 0.0, 0.0), 0.262, 1.0, 38.0),
}


def checked(camera: Camera | None) -> Camera:
    """Return a camera, or the one of defaults for none.

    Raises
    ------
    UsageError
        If it is not made of finite numbers, or magnifies beyond measure.
    """
    if camera is None:
        return Camera()
    numbers = (camera.turn, camera.tilt, camera.zoom, *camera.pan)
    if len(camera.pan) != 2 or not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
        raise UsageError("a camera's turn, tilt, zoom and pan must be finite numbers", hint="pan is two of them")
    if not ZOOMS[0] <= camera.zoom <= ZOOMS[1]:
        raise UsageError(f"a zoom of {camera.zoom} shows nothing", hint=f"{ZOOMS[0]} to {ZOOMS[1]:g}")
    return camera


def reach(shape: str) -> tuple[float, float]:
    """Return the least and the greatest tilt at which a shape is seen; what is beyond is brought back."""
    view = VIEWS[shape]
    own = math.degrees(math.asin((view.origin[1] - view.target[1]) / view.distance))
    return (LOWEST_OVER_A_PLANE if shape == "plane" else -STEEPEST) - own, STEEPEST - own


def numbers(view: View, shape: str, camera: Camera, width: int, height: int) -> np.ndarray:
    """Return a camera as the kernels take it, see `materials.shade_kernels`."""
    short = min(width, height)
    field = view.field / camera.zoom
    origin, target = np.array(view.origin), np.array(view.target)
    if camera.turn or camera.tilt:
        origin = target + _orbited(origin - target, shape, camera)
    forwards = (target - origin) / np.linalg.norm(target - origin)
    right = np.cross(forwards, (0.0, 1.0, 0.0))
    right /= np.linalg.norm(right)
    up = np.cross(right, forwards)
    if camera.pan != (0.0, 0.0):
        origin = origin - (camera.pan[0] * right + camera.pan[1] * up) * (2 * field * view.distance)
    rest = (field, 2 * field / short, *view.haze, short, (width - short) / 2, (height - short) / 2)
    return np.concatenate([origin, forwards, right, up, rest]).astype(np.float32)


def _orbited(arm: np.ndarray, shape: str, camera: Camera) -> np.ndarray:
    least, most = reach(shape)
    length = float(np.linalg.norm(arm))
    azimuth = math.atan2(arm[0], arm[2]) + math.radians(math.fmod(camera.turn, 360.0))
    elevation = math.asin(arm[1] / length) + math.radians(min(max(camera.tilt, least), most))
    flat = math.cos(elevation)
    return length * np.array([flat * math.sin(azimuth), math.sin(elevation), flat * math.cos(azimuth)])


def fitting(shape: str, share: float = 0.9) -> float:
    """Return the zoom at which a shape by itself fills a share of the picture's shorter side; 1 for the plane."""
    view = VIEWS[shape]
    if shape == "plane":
        return 1.0
    if shape in ("sphere", "mesh"):
        return share * view.field * math.sqrt(view.distance**2 - 1)
    angles = np.linspace(0, math.tau, 48, endpoint=False)
    rim = np.stack([np.sin(angles), 0 * angles, np.cos(angles)], axis=1) * view.half
    if shape == "cube":
        rim = np.array([(x, 0.0, z) for x in (-1, 1) for z in (-1, 1)]) * view.half
    tall = view.half if shape == "cube" else view.tall
    points = np.concatenate([rim + (0, tall, 0), rim - (0, tall, 0)])
    eye = numbers(view, shape, Camera(), 2, 2).astype(np.float64)
    rays = points - eye[:3]
    places = (rays @ eye[6:12].reshape(2, 3).T) / (rays @ eye[3:6])[:, None]
    return share * view.field / float(np.abs(places).max())
