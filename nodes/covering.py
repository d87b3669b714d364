"""What lies on a material, eats into it or peels off: its relief measured, and all its maps changed together.

Everything here is in pixels, of which a tile has `band.width`: slopes are then plain differences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nodes.arrays import MAPS, Material
from nodes.declare import Band, Kind
from nodes.kernels import f32
from nodes.kernels.bend import bends_of, blurred
from nodes.kernels.hash import stream
from nodes.kernels.horizon import occlusion, offsets
from nodes.kernels.lattice import SIGMA, octave_sum, octaves_of
from nodes.kernels.pointwise import mix_in
from nodes.kernels.slopes import normals_of, slopes_in, slopes_of
from nodes.layers import gathered, map_of

HOLDS = ("base_color", "roughness", "normal", "height")
"""Maps that a material has once something lies on it."""

APART = {"": ("height",), "normal": ("height",)}
"""What the maps of a covered material hang on beside themselves: where the cover lies follows the height."""

SHADE = 0.02
"""How far occlusion is searched, in tiles, when a relief has changed."""


@dataclass(frozen=True)
class Ground:
    """The relief that something lies on.

    level : (H, W), how high each pixel lies, in pixels. depth : how far height 1 rises above height 0, in pixels.
    """

    band: Band
    material: Material
    level: np.ndarray
    depth: float

    @classmethod
    def of(cls, band: Band, material: Material) -> Ground:
        depth = material.depth_cm / material.size_cm * band.width
        height = material.maps.get("height")
        if height is None:
            height = np.full((band.height, band.width), MAPS["height"][1], np.float32)
        return cls(band, material, height * f32(depth), depth)

    def slopes(self, width: float) -> np.ndarray:
        """Return the slopes (2, H, W) of the ground, smoothed over a width in pixels."""
        smooth = self.level if width < 0.3 else blurred(self.band, self.level, width)
        return slopes_of(smooth, 0, self.band.height, 1.0)

    def hidden(self, radius: float) -> np.ndarray:
        """Return how much of the sky each pixel does not see, 0 to 1, within a radius in pixels."""
        return 1 - openness(self.band, self.level, radius)

    def bends(self, width: float, scales: int = 3) -> np.ndarray:
        """Return how much the ground bulges, about 0.5 at right angles; hollows are negative."""
        return bends_of(self.band, self.level - self.level[0, 0], max(width, 0.25), scales)


def openness(band: Band, level: np.ndarray, radius: float) -> np.ndarray:
    """Return the share of the sky that each pixel of a relief in pixels sees."""
    way, lengths = offsets(radius, 8, 6)
    share = np.clip(lengths / max(radius, 1.0), 0, 1)
    weight = (1 - share * share * f32(0.75)).astype(np.float32)
    rise = (1 / np.maximum(lengths, 1)).astype(np.float32)
    out = np.empty_like(level)

    def work(top: int, bottom: int) -> None:
        occlusion(level, way, rise, weight, top, out[top:bottom], np.empty(band.width, np.float32))

    band.each(work)
    return out


def noise(band: Band, cells: int, octaves: int, seed: int, gain: float = 0.6) -> np.ndarray:
    """Return fractal noise of mean 0 and deviation 1, `cells` across the tile."""
    periods, visible, seeds = octaves_of(band.height, band.width, cells, octaves, 2.2, seed)
    weights = gain ** np.arange(octaves)
    weights = weights / (SIGMA["perlin"] * math.sqrt(float((weights**2).sum())))
    amplitudes = (weights[: len(visible)] * visible).astype(np.float32)
    out = np.empty((band.height, band.width), np.float32)
    band.each(
        lambda top, bottom: octave_sum(out[top:bottom], top, band.height, periods, amplitudes, seeds, "perlin", None)
    )
    return out


def torn(band: Band, seed: int, patches: int = 4, tears: int = 24) -> np.ndarray:
    """Return what breaks a border up, of mean 0 and deviation about 1: wide patches and fine tears."""
    return noise(band, patches, 2, stream(seed, 0)) * f32(0.75) + noise(band, tears, 4, stream(seed, 1)) * f32(0.65)


def soft(value: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return 0 below `low`, 1 above `high`, and an even passage between; `high` may be the lower one."""
    width = high - low if abs(high - low) > 1e-6 else 1e-6
    t = np.clip((value - f32(low)) * f32(1 / width), 0, 1)
    return t * t * (3 - 2 * t)


def tone_above(field: np.ndarray, share: float) -> float:
    """Return the tone that a share of some numbers lie above; at the ends, all or none with room."""
    low, high = (float(field.min()), float(field.max())) if field.size else (0.0, 0.0)
    room = 0.5 * (high - low) + 1
    if share <= 0 or share >= 1 or not field.size:
        return low - room if share >= 1 else high + room
    if field.ndim == 2:
        step = max(1, math.isqrt(field.size // 65536))
        field = field[::step, ::step]
    return float(np.quantile(field, 1 - share))


@dataclass(frozen=True)
class Spread:
    """How far something has spread: a field that is higher the sooner it comes there, and the level it has reached.

    allowed : times the result, 0 where a mask keeps it away.
    """

    field: np.ndarray
    level: float
    allowed: np.ndarray | np.float32

    @classmethod
    def over(cls, field: np.ndarray, share: float, mask: np.ndarray | None) -> Spread:
        """Return what has spread over a share of a tile, or over what the mask leaves of it."""
        if mask is None:
            return cls(field, tone_above(field, share), f32(1))
        field = field + (np.clip(mask, 0, 1) - 1) * f32(3)
        return cls(field, tone_above(field[mask > 0], share), np.clip(mask * f32(8), 0, 1))

    def within(self, low: float, high: float) -> np.ndarray:
        """Return 0 where the field is `low` above the level, 1 where it is `high` above it."""
        return soft(self.field, self.level + low, self.level + high) * self.allowed


def pulled(colours: list[tuple[float, float, float]], place: np.ndarray) -> np.ndarray:
    """Return colours (H, W, 3) along evenly spaced stops, at places from 0 to 1."""
    stops = np.array(colours, np.float32)
    along = np.clip(place, 0, 1) * f32(len(stops) - 1)
    low = np.minimum(along.astype(np.int32), len(stops) - 2)
    part = (along - low)[..., None]
    return stops[low] * (1 - part) + stops[low + 1] * part


@dataclass(frozen=True)
class Cover:
    """What lies on a ground: how much of each pixel it hides, and what it looks like there.

    weight : (H, W), 0 to 1. rise : pixels by which the surface is raised, from -`sunk` to `raised`.
    maps : its maps by name; what it has not is no metal, dark and opaque, or, if the cover is clear, the ground's.
    detail : how much is left of what the ground's normal shows beside its height; 1 - weight unless told.
    slopes : (2, H, W), what its own normal shows beside the height.
    """

    weight: np.ndarray
    rise: np.ndarray
    maps: Mapping[str, np.ndarray]
    raised: float = 0.0
    sunk: float = 0.0
    detail: np.ndarray | None = None
    slopes: np.ndarray | None = None
    clear: bool = False


def covered(ground: Ground, cover: Cover) -> Material:
    """Return the material with a cover: every map by its own rule, normals of the new relief.

    Colour, roughness and metal are those of the cover by its weight, since a pixel half hidden is half of each. The
    height grows by what lies on it, and the depth by the most that may lie there, so that 0 to 1 still holds it. The
    normal is the slope of the new height and what the old one showed beside its height where that is not hidden.
    Occlusion changes by as much as that of the relief does.
    """
    band, material = ground.band, ground.material
    names = [name for name in MAPS if name in HOLDS or name in material.maps or name in cover.maps]
    size = (band.height, band.width)
    maps = {name: np.empty(size if MAPS[name][0] is Kind.GRAY else (*size, 3), np.float32) for name in names}
    level = ground.level + cover.rise
    grown = cover.raised + cover.sunk
    shaded = None
    if "ambient_occlusion" in material.maps:
        radius = SHADE * band.width
        shaded = openness(band, ground.level, radius), openness(band, level, radius)

    def work(top: int, bottom: int) -> None:
        rows = Band(band.height, band.width, top, bottom)
        here, part = material.rows(top, bottom), slice(top, bottom)
        weight = np.ascontiguousarray(cover.weight[part])
        for name in maps:
            if name in ("height", "normal", "ambient_occlusion"):
                continue
            below, above = map_of(rows, here, name), cover.maps.get(name)
            if above is None and cover.clear:
                maps[name][part] = below
                continue
            above = np.full_like(below, name == "opacity") if above is None else above[part]
            maps[name][part] = mix_in(below, np.array(above, np.float32, order="C"), weight)
        if ground.depth + grown > 0:
            maps["height"][part] = (level[part] + f32(cover.sunk)) * f32(1 / (ground.depth + grown))
        else:
            maps["height"][part] = map_of(rows, here, "height")
        slopes = slopes_of(level, top, bottom - top, 1.0)
        if "normal" in material.maps:
            own = slopes_in(here.maps["normal"]) - slopes_of(ground.level, top, bottom - top, 1.0)
            slopes += own * (1 - weight if cover.detail is None else cover.detail[part])
        if cover.slopes is not None:
            slopes += cover.slopes[:, part]
        normals_of(slopes, maps["normal"][part])
        if shaded is not None:
            old, new = shaded[0][part], shaded[1][part]
            lit = np.clip(here.maps["ambient_occlusion"] * (new / np.maximum(old, f32(0.05))), 0, 1)
            maps["ambient_occlusion"][part] = mix_in(lit, new.copy(), weight)

    band.each(work)
    depth_cm = material.depth_cm + grown / band.width * material.size_cm
    if "ambient_occlusion" in maps and shaded is None:
        maps["ambient_occlusion"] = openness(band, level, SHADE * band.width)
    return gathered(maps, material.size_cm, depth_cm)


def eased(band: Band, image: np.ndarray, width: float) -> np.ndarray:
    """Return a picture smoothed over a width in pixels, itself where that is nothing."""
    return image if width < 0.3 else blurred(band, image, width)
