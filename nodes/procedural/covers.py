"""What settles or grows on a material: dust, snow, moss. Each fills its height and hides what lies below."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np

from nodes.arrays import Material
from nodes.covering import APART, HOLDS, Cover, Ground, Spread, covered, eased, noise, pulled, soft, torn
from nodes.declare import Angle, Band, Gray, Length, Range, Seed, Swatch, Weights, node
from nodes.kernels import f32
from nodes.kernels.hash import stream

Unit = Annotated[float, Range(0.0, 1.0)]
Tilt = Annotated[float, Angle(0.0, 90.0)]


class Covered(NamedTuple):
    material: Material
    mask: Gray


def shown(mask: np.ndarray) -> Weights:
    """Return the credit of a covered material: what the cover hides is the node's own."""
    return Weights({"material": 1 - np.clip(mask, 0, 1)}, exact=False)


def _facing_up(ground: Ground, width: float, tilt: float, steepest: float, softness: float) -> np.ndarray:
    """Return where the ground is level enough for something to lie on it, 0 to 1, for a tile leaning back by `tilt`."""
    across, down = ground.slopes(width)
    # The normal is (-across, down, 1) with y up; what is up leans towards the top of the tile.
    up = (math.cos(tilt) + down * f32(math.sin(tilt))) / np.sqrt(1 + across * across + down * down)
    half = max(softness / 2, 0.01)
    return soft(up, math.cos(min(steepest + half, math.pi)), math.cos(max(steepest - half, 0.0)))


def _dust_weights(
    band: Band,
    material: Material,
    mask: np.ndarray | None,
    amount: float,
    steepest: float,
    softness: float,
    cavities: float,
    breakup: float,
    thickness: float,
    tilt: float,
    seed: int,
) -> Weights:
    ground = Ground.of(band, material)
    return shown(_dust(ground, mask, amount, steepest, softness, cavities, breakup, thickness, tilt, seed)[0])


def _dust(
    ground: Ground,
    mask: np.ndarray | None,
    amount: float,
    steepest: float,
    softness: float,
    cavities: float,
    breakup: float,
    thickness: float,
    tilt: float,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how much dust hides and how thick it lies, in pixels."""
    band = ground.band
    level = _facing_up(ground, 0.002 * band.width, tilt, steepest, softness)
    hollow = np.clip(ground.hidden(0.02 * band.width) * f32(2.2), 0, 1)
    hollow = np.maximum(hollow, np.clip(ground.bends(0.004 * band.width) * f32(-2.5), 0, 1))
    cause = level * ((1 - f32(cavities)) + f32(cavities) * (hollow * f32(1.6) + f32(0.08)))
    grain = np.exp(torn(band, seed, 3, 40) * f32(0.75 * breakup))
    dense = cause * grain * f32(3.2 * amount**1.6)
    if mask is not None:
        dense = dense * np.clip(mask, 0, None)
    weight = 1 - np.exp(-np.minimum(dense, f32(20)))
    return weight, eased(band, weight * (f32(0.5) + f32(0.5) * hollow), 0.0015 * band.width) * f32(thickness)


@node(reach="whole", carries="mix", weights=_dust_weights, holds=HOLDS, apart=APART, scratch=110, bound=0.05)
def dust_cover(
    band: Band,
    material: Material,
    mask: Gray | None = None,
    amount: Unit = 0.5,
    steepest: Annotated[float, Angle(0.0, 90.0)] = 40.0,
    softness: Annotated[float, Angle(0.0, 90.0)] = 30.0,
    cavities: Unit = 0.6,
    breakup: Unit = 0.5,
    thickness: Annotated[float, Length(0.0, 0.05)] = 0.002,
    tilt: Tilt = 0.0,
    color: Annotated[tuple, Swatch()] = (0.36, 0.31, 0.25),
    roughness: Unit = 0.95,
    seed: Seed = 0,
) -> Covered:
    """A material that has stood still: dust on what is level and thicker in hollows, thinning out to a veil.

    Dust hides as fog does, by how much of it lies in the way, so that thin dust lets the colour below through. It
    dulls, hides metal and fills fine relief. The result is deeper than the material by `thickness`.

    Parameters
    ----------
    mask : times how much lies there
    amount : 0 clean, 1 deep
    steepest : slope on which dust still lies
    softness : over which it gets too steep
    cavities : 0 everywhere alike, 1 in hollows alone
    breakup : how patchy it is
    thickness : of the deepest dust, as a fraction of the tile
    tilt : how far the tile leans back from lying flat; 90 stands upright, with its top up
    """
    ground = Ground.of(band, material)
    weight, rise = _dust(ground, mask, amount, steepest, softness, cavities, breakup, thickness, tilt, seed)
    tones = 1 + noise(band, 6, 5, stream(seed, 7)) * f32(0.06)
    colors = np.clip(np.array(color, np.float32) * tones[..., None], 0, 1).astype(np.float32)
    rough = np.full_like(weight, roughness)
    return Covered(covered(ground, Cover(weight, rise, {"base_color": colors, "roughness": rough}, thickness)), weight)


# ---- snow ----------------------------------------------------------------------------------------

DRIFTED = 2.0
"""How many times deeper than on level ground snow may lie where it fills a hollow."""


def _snow_weights(
    band: Band,
    material: Material,
    mask: np.ndarray | None,
    amount: float,
    steepest: float,
    softness: float,
    smoothing: float,
    breakup: float,
    thickness: float,
    tilt: float,
    seed: int,
) -> Weights:
    ground = Ground.of(band, material)
    return shown(_snow(ground, mask, amount, steepest, softness, smoothing, breakup, thickness, tilt, seed)[0])


def _snow(
    ground: Ground,
    mask: np.ndarray | None,
    amount: float,
    steepest: float,
    softness: float,
    smoothing: float,
    breakup: float,
    thickness: float,
    tilt: float,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how much snow hides and how thick it lies, in pixels."""
    band = ground.band
    level = _facing_up(ground, 0.004 * band.width, tilt, steepest, softness)
    # Snow fills up to a smoother surface; what stands out of that stays bare longest.
    out_of = ground.level - eased(band, ground.level, max(smoothing, 0.5))
    deep = max(thickness, 1e-3)
    drift = torn(band, seed, 3, 20) * f32(0.35 * breakup)
    room = f32(amount * 2 - 1 if amount > 0.02 else -9) + drift - out_of * f32(1 / deep)
    if mask is not None:
        room += (np.clip(mask, 0, 1) - 1) * f32(3)
        level = level * np.clip(mask * f32(8), 0, 1)
    # Between nothing and all a soft corner, so that the edge is a rounded cushion.
    lies = f32(0.2) * np.logaddexp(0, np.clip(room, -20, 20) * f32(5)).astype(np.float32) - f32(0.05)
    lies = np.clip(lies, 0, f32(DRIFTED)) * level
    lies = eased(band, lies, 0.002 * band.width)
    crystals = noise(band, 130, 3, stream(seed, 8), 0.8)
    weight = soft(lies + crystals * f32(0.02), 0.06, 0.15) * soft(lies, 0, 0.04)
    return weight, lies * f32(thickness)


@node(reach="whole", carries="mix", weights=_snow_weights, holds=HOLDS, apart=APART, scratch=110, bound=0.06)
def snow_cover(
    band: Band,
    material: Material,
    mask: Gray | None = None,
    amount: Unit = 0.5,
    steepest: Annotated[float, Angle(0.0, 90.0)] = 50.0,
    softness: Annotated[float, Angle(0.0, 90.0)] = 25.0,
    smoothing: Annotated[float, Length(0.0, 0.2)] = 0.03,
    breakup: Unit = 0.5,
    thickness: Annotated[float, Length(0.0, 0.1)] = 0.015,
    tilt: Tilt = 0.0,
    color: Annotated[tuple, Swatch()] = (0.83, 0.85, 0.87),
    sparkle: Unit = 0.4,
    seed: Seed = 0,
) -> Covered:
    """A material snowed on: hollows fill first, then ledges, last the tops, with rounded edges and steep faces bare.

    Snow lies up to a smoother surface than the ground's and raises the height by as much. Its own relief is soft drifts
    under fine crystals, some of which glint. The result is deeper than the material by twice the `thickness`.

    Parameters
    ----------
    mask : where snow may lie
    amount : 0 none, 0.5 in hollows and on ledges, 1 over everything
    steepest : slope on which snow still lies
    softness : over which it gets too steep
    smoothing : how much of the ground's form the snow evens out, as a fraction of the tile
    breakup : how uneven it fell
    thickness : of the snow on level ground at amount 1, as a fraction of the tile; hollows hold up to twice as much
    tilt : how far the tile leans back from lying flat; 90 stands upright, with its top up
    sparkle : how many crystals glint
    """
    ground = Ground.of(band, material)
    weight, rise = _snow(ground, mask, amount, steepest, softness, smoothing, breakup, thickness, tilt, seed)
    drifts, crystals = noise(band, 7, 3, stream(seed, 5)), noise(band, 160, 3, stream(seed, 6), 0.8)
    lumps = (drifts * f32(0.10) + noise(band, 48, 3, stream(seed, 9)) * f32(0.03)) * f32(thickness)
    rise = np.clip(rise + (lumps + crystals * f32(0.00025 * band.width)) * weight, 0, f32(DRIFTED * thickness))
    # Light that comes out of deep snow has lost its red.
    bluish = np.clip(0.6 - 0.25 * drifts, 0, 1)[..., None] * np.array([0.05, 0.025, 0.0], np.float32)
    colors = np.clip(np.array(color, np.float32) - bluish, 0, 1).astype(np.float32)
    glint = soft(crystals, 2.0 - 0.4 * sparkle, 2.6) * f32(sparkle)
    rough = np.clip(0.72 + 0.05 * drifts - 0.45 * glint, 0.1, 1).astype(np.float32)
    return Covered(
        covered(ground, Cover(weight, rise, {"base_color": colors, "roughness": rough}, DRIFTED * thickness)), weight
    )


# ---- moss ----------------------------------------------------------------------------------------


def _moss_weights(
    band: Band,
    material: Material,
    mask: np.ndarray | None,
    moisture: np.ndarray | None,
    amount: float,
    cavities: float,
    breakup: float,
    softness: float,
    seed: int,
) -> Weights:
    return shown(_moss(Ground.of(band, material), mask, moisture, amount, cavities, breakup, softness, seed)[0])


def _moss(
    ground: Ground,
    mask: np.ndarray | None,
    moisture: np.ndarray | None,
    amount: float,
    cavities: float,
    breakup: float,
    softness: float,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how much moss hides, and how far within its border each pixel lies, 0 to 1."""
    band = ground.band
    damp = np.clip(ground.hidden(0.03 * band.width) * f32(2), 0, 1)
    bend = eased(band, ground.bends(0.005 * band.width, 4), 0.002 * band.width)
    cause = f32(2.0 * cavities) * (damp + np.clip(bend * f32(-3), -1, 1))
    field = cause + torn(band, seed, 4, 22) * f32(0.25 + 0.75 * breakup)
    field += noise(band, 110, 3, stream(seed, 3)) * f32(0.22)
    if moisture is not None:
        field += (moisture - f32(0.5)) * f32(4)
    front, edge = Spread.over(field, amount, mask), 0.12 + 1.2 * softness
    return front.within(-edge / 2, edge / 2), front.within(-edge / 2, edge / 2 + 1.6)


@node(reach="whole", carries="mix", weights=_moss_weights, holds=HOLDS, apart=APART, scratch=120, bound=0.12)
def moss_cover(
    band: Band,
    material: Material,
    mask: Gray | None = None,
    moisture: Gray | None = None,
    amount: Unit = 0.35,
    cavities: Unit = 0.7,
    breakup: Unit = 0.5,
    softness: Unit = 0.25,
    thickness: Annotated[float, Length(0.0, 0.1)] = 0.012,
    color: Annotated[tuple, Swatch()] = (0.065, 0.095, 0.016),
    dryness: Unit = 0.35,
    seed: Seed = 0,
) -> Covered:
    """A material that moss grows on: out of damp hollows, in patches with torn borders, thick in the middle.

    Moss has a height of its own: cushions that swell from their border inwards, of small tufts. Young growth at the
    border is lighter, dry patches yellow, what lies deep between tufts dark. The result is deeper than the material
    by `thickness`.

    Parameters
    ----------
    mask : where moss may grow
    moisture : 0 dry, 1 wet, 0.5 as the node finds by itself
    amount : share of the tile that it covers
    cavities : 0 anywhere, 1 in hollows and on the shaded side of edges alone
    breakup : how patchy it is
    softness : of the border
    thickness : of the thickest cushions, as a fraction of the tile
    color : of healthy moss
    dryness : how much of it is yellow and brown
    """
    ground = Ground.of(band, material)
    weight, inner = _moss(ground, mask, moisture, amount, cavities, breakup, softness, seed)
    lumps, tufts = noise(band, 26, 3, stream(seed, 4)), noise(band, 120, 3, stream(seed, 5), 0.75)
    cushion = eased(band, np.sqrt(inner), 0.002 * band.width)
    # Billows: tufts are round on top and sharp between.
    fuzz = 0.62 - 0.22 * np.abs(lumps) + 0.30 * (0.5 - np.abs(tufts) * f32(0.55))
    rise = np.clip(cushion * fuzz, 0, 1) * weight * f32(thickness)
    base = np.array(color, np.float32)
    dark, fresh = base * np.array([0.35, 0.38, 0.5], np.float32), base * np.array([1.75, 1.65, 1.5], np.float32)
    place = np.clip(0.45 - 0.30 * (np.abs(tufts) - 0.6) - 0.12 * np.abs(lumps) + 0.35 * (1 - inner), 0, 1)
    green = pulled([tuple(dark), tuple(base), tuple(fresh)], place)
    dry = soft(noise(band, 5, 4, stream(seed, 6)) - f32(0.4) * inner, 1.5 - 3.0 * dryness, 2.6 - 3.0 * dryness)
    straw = green * 0.35 + place[..., None] * np.array([0.19, 0.145, 0.045], np.float32)
    colors = np.clip(green + (straw - green) * (dry * f32(0.8))[..., None], 0.004, 1).astype(np.float32)
    rough = np.clip(0.92 + 0.04 * tufts, 0, 1).astype(np.float32)
    return Covered(covered(ground, Cover(weight, rise, {"base_color": colors, "roughness": rough}, thickness)), weight)
