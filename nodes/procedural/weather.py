"""What water and air do to a material: wet, rust, peeling paint."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import SMOOTHEST, Material
from nodes.covering import (
    APART,
    HOLDS,
    Cover,
    Ground,
    Spread,
    covered,
    eased,
    noise,
    pulled,
    soft,
    tone_above,
    torn,
)
from nodes.declare import Band, Gray, Length, Range, Seed, Swatch, Weights, node
from nodes.kernels import f32
from nodes.kernels.distance import to_edge
from nodes.kernels.hash import stream
from nodes.kernels.slopes import slopes_of
from nodes.layers import map_of

Unit = Annotated[float, Range(0.0, 1.0)]


# ---- wetness -------------------------------------------------------------------------------------


class Wet(NamedTuple):
    material: Material
    water: Gray
    damp: Gray


@node(
    reach="whole",
    carries="tone",
    holds=HOLDS,
    apart={**APART, "base_color": ("height", "roughness", "metallic")},
    scratch=100,
    bound=0.06,
)
def wetness(
    band: Band,
    material: Material,
    mask: Gray | None = None,
    water: Unit = 0.3,
    measure: Literal["share", "height"] = "share",
    damp: Unit = 0.4,
    darkening: Unit = 0.7,
    spread: Annotated[float, Range(0.0, 1.0)] = 0.25,
    ripples: Annotated[float, Range(0.0, 4.0)] = 0.2,
    ripple_size: Annotated[float, Length(0.002, 0.2)] = 0.03,
    murk: Unit = 0.3,
    color: Annotated[tuple, Swatch()] = (0.035, 0.03, 0.022),
    seed: Seed = 0,
) -> Wet:
    """A material in the rain: puddles up to a level of its height, a damp border about them, damp ground between.

    Damp ground is darker, more saturated and smoother, the more so the rougher and hence the more porous it is; metal
    gets no darker (Lagarde 2013). Water is level, smooth, rippled, and hides the ground the deeper it stands. The
    relief ends at the water.

    Parameters
    ----------
    mask : where it is wet at all
    water : where the water stands, as `measure` has it
    measure : share covers that share of the tile; height is a level of the height, 0 to 1
    damp : how wet the ground out of the water is
    darkening : 0 not at all, 1 as fully soaked
    spread : how far above the water the ground is soaked, as a share of the relief
    ripples : how steep waves on the water are; 0 is a mirror
    ripple_size : from wave to wave, as a fraction of the tile
    murk : 0 clear, 1 mud
    color : of muddy water
    """
    ground = Ground.of(band, material)
    relief = eased(band, ground.level, 0.002 * band.width)
    wide = max(float(np.ptp(relief[:: max(1, band.height // 256), :: max(1, band.width // 256)])), 1e-3)
    level = tone_above(-relief, water) * -1 if measure == "share" else water * ground.depth
    where = np.ones_like(relief) if mask is None else np.clip(mask, 0, 1)
    deep = f32(level) - ground.level
    shore = 0.012 * wide
    pool = soft(f32(level) - relief + f32(shore * 0.25) * noise(band, 30, 3, stream(seed, 1)), 0, shore) * where
    pool = pool if water > 0 else np.zeros_like(pool)
    patches = soft(noise(band, 3, 4, stream(seed, 2)), 1.2 - 2.6 * damp, 2.0 - 2.6 * damp)
    soaked = 1 - soft(relief - f32(level), 0, max(spread, 1e-3) * wide) if water > 0 and spread > 0 else 0
    damp_map = np.maximum(np.maximum(patches * f32(damp**0.5), soaked) * where, pool).astype(np.float32)
    lies = np.clip(deep, 0, None) * pool
    crests = _crests(band, ripple_size, seed) * f32(0.05 * ripples)
    slopes = slopes_of(crests * f32(ripple_size), 0, band.height, 1.0) * pool if ripples > 0 else None
    wetted = _damp(band, material, damp_map, darkening)
    # Beer and Lambert: what deep water leaves of the ground.
    clear = np.exp(-lies * f32(murk**1.5 * 60 / band.width))[..., None]
    clear = clear * (1 - f32(0.6 * murk**2) * pool[..., None])
    bottom = wetted.maps["base_color"] if "base_color" in wetted.maps else np.full(clear.shape[:2] + (3,), 0.5, "f4")
    colors = bottom * clear + np.array(color, np.float32) * (1 - clear)
    own = {"base_color": colors, "roughness": np.full_like(pool, SMOOTHEST * 1.5)}
    if "metallic" in material.maps:
        own["metallic"] = material.maps["metallic"] * clear[..., 0]
    found = covered(
        Ground.of(band, wetted),
        Cover(pool, lies.astype(np.float32), own, slopes=slopes, clear=True),
    )
    return Wet(found, pool, damp_map)


def _crests(band: Band, size: float, seed: int) -> np.ndarray:
    """Return waves on water of about unit height, `size` pixels apart."""
    cells = max(1, round(band.width / size))
    return noise(band, cells, 2, stream(seed, 3), 0.45) + f32(0.5) * noise(band, max(1, cells // 4), 1, stream(seed, 4))


def _damp(band: Band, material: Material, damp: np.ndarray, darkening: float) -> Material:
    """Return a material with colour and roughness as dampness leaves them."""
    maps = dict(material.maps)
    rough = map_of(Band(band.height, band.width, 0, band.height), material, "roughness")
    if "base_color" in maps:
        porous = np.clip(rough * f32(1.6) - f32(0.3), 0, 1) * f32(darkening)
        if "metallic" in maps:
            porous = porous * (1 - maps["metallic"])
        # A power above 1 darkens and saturates at once, as light that crosses the pores more often does.
        power = (1 + porous * damp * f32(0.75))[..., None]
        shade = (1 - porous * damp * f32(0.25))[..., None]
        maps["base_color"] = np.power(np.maximum(maps["base_color"], 0), power) * shade
    shine = rough * (1 - damp * f32(0.55))
    maps["roughness"] = np.maximum(shine, np.minimum(rough, f32(SMOOTHEST))).astype(np.float32)
    return Material(maps, material.size_cm, material.depth_cm)


# ---- rust ----------------------------------------------------------------------------------------


class Rusted(NamedTuple):
    material: Material
    mask: Gray
    stage: Gray


class _Front(NamedTuple):
    crust: np.ndarray
    halo: np.ndarray
    inner: np.ndarray


def _front(
    ground: Ground,
    mask: np.ndarray | None,
    source: np.ndarray | None,
    amount: float,
    edges: float,
    cavities: float,
    breakup: float,
    width: float,
    seed: int,
) -> _Front:
    """Return how much rust hides, the pale stain about it, and how old the rust is, 0 at its border to 1."""
    band = ground.band
    bend = ground.bends(0.004 * band.width)
    cause = f32(3.0 * edges) * np.clip(bend, 0, 0.5) + f32(2.4 * cavities) * np.clip(-bend, 0, 0.5)
    cause += f32(1.6 * cavities) * np.clip(ground.hidden(0.015 * band.width) * f32(2), 0, 1)
    field = cause * f32(2.4) + torn(band, seed, 4, 18) * f32(0.35 + 0.65 * breakup)
    if source is not None:
        field += source * f32(4)
    front, reach = Spread.over(field, amount, mask), max(width, 0.5)
    crust = front.within(-0.12, 0.12)
    deep = np.clip(to_edge(band, crust, 0.5, 4 * reach) * f32(1 / reach), -8, 8)
    rough = noise(band, 30, 4, stream(seed, 4), 0.7)
    halo = np.exp(np.minimum(deep + f32(0.25) * rough, 0) * f32(1.3)) * front.allowed
    inner = np.clip(deep * f32(0.33) + f32(0.16) * rough, 0, 1) * (crust > 0)
    return _Front(crust, np.maximum(halo * f32(crust.max()), crust).astype(np.float32), inner.astype(np.float32))


def _rust_weights(
    band: Band,
    material: Material,
    mask: np.ndarray | None,
    source: np.ndarray | None,
    amount: float,
    edges: float,
    cavities: float,
    breakup: float,
    width: float,
    seed: int,
) -> Weights:
    front = _front(Ground.of(band, material), mask, source, amount, edges, cavities, breakup, width, seed)
    return Weights({"material": 1 - np.clip(front.crust, 0, 1)}, exact=False)


OLD, ORANGE, PALE = (0.052, 0.020, 0.011), (0.235, 0.070, 0.017), (0.36, 0.17, 0.06)
"""Colours of rust: the dark scale in its middle, the crust, the bloom at its border."""


@node(reach="whole", carries="mix", weights=_rust_weights, holds=HOLDS, apart=APART, scratch=150, bound=0.1)
def rust(
    band: Band,
    material: Material,
    mask: Gray | None = None,
    source: Gray | None = None,
    amount: Unit = 0.25,
    edges: Unit = 0.6,
    cavities: Unit = 0.4,
    breakup: Unit = 0.6,
    width: Annotated[float, Length(0.0, 0.1)] = 0.014,
    bloom: Annotated[float, Length(0.0, 0.02)] = 0.0016,
    pits: Annotated[float, Length(0.0, 0.02)] = 0.0012,
    halo: Unit = 0.5,
    seed: Seed = 0,
) -> Rusted:
    """A material that rusts from its edges and hollows: a pale stain ahead, an orange crust, dark pitted scale within.

    Rust raises the surface as it grows and eats it where it is old: the crust blooms, the middle is pitted. It is no
    metal. How old it is follows the exact distance from its border, so that the three stages lie inside each other.
    `stage` is that age, 0 to 1. The result is deeper than the material by `bloom` and `pits`.

    Parameters
    ----------
    mask : where rust may come
    source : where it starts beside edges and hollows: scratches, drips, bolts
    amount : share of the tile that it covers
    edges, cavities : how much it starts there
    breakup : how patchy it is
    width : of the stain, and of the crust before it turns to scale, as a fraction of the tile
    bloom : how far the crust rises, as a fraction of the tile
    pits : how deep old rust eats
    halo : how strong the stain is
    """
    ground = Ground.of(band, material)
    crust, stain, inner = _front(ground, mask, source, amount, edges, cavities, breakup, width, seed)
    flakes, grain = noise(band, 44, 4, stream(seed, 5), 0.7), noise(band, 150, 3, stream(seed, 6), 0.75)
    place = np.clip(1 - inner * f32(1.25) + f32(0.13) * flakes + f32(0.07) * grain, 0, 1)
    colors = pulled([OLD, (0.115, 0.038, 0.014), ORANGE, PALE], place)
    colors *= (1 + f32(0.10) * grain + f32(0.08) * noise(band, 9, 3, stream(seed, 7)))[..., None]
    # Outside the crust only a stain: a thin layer of the palest.
    outside = (stain - crust) * f32(0.75 * halo)
    weight = np.clip(crust + outside, 0, 1)
    crisp = (crust / np.maximum(weight, f32(1e-6)))[..., None]
    colors = np.clip(colors * crisp + np.array(ORANGE, np.float32) * (1 - crisp), 0, 1).astype(np.float32)
    lifts = crust * (1 - inner) * np.clip(f32(0.55) + f32(0.22) * flakes + f32(0.16) * grain, 0, 1)
    eaten = soft(inner + f32(0.22) * flakes, 0.45, 0.95) * crust
    rise = lifts * f32(bloom) - eaten * np.clip(f32(0.6) + f32(0.3) * grain, 0, 1) * f32(pits)
    rough = np.clip(f32(0.88) + f32(0.06) * grain - f32(0.2) * eaten, 0, 1).astype(np.float32)
    own = {"base_color": colors, "roughness": rough}
    cover = Cover(weight, rise.astype(np.float32), own, bloom, pits, 1 - crust)
    return Rusted(covered(ground, cover), weight, (inner * crust).astype(np.float32))
