"""Materials in coats: layers one over the other, and paint that comes off what is below."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import MAPS, Material
from nodes.covering import APART, HOLDS, Cover, Ground, Spread, covered, noise, soft, torn
from nodes.declare import Band, Gray, Kind, Length, Range, Seed, Swatch, Weights, node
from nodes.kernels import f32
from nodes.kernels.distance import to_edge
from nodes.kernels.hash import stream
from nodes.kernels.pointwise import mix_in
from nodes.kernels.sampling import places, sample
from nodes.kernels.slopes import slopes_in, slopes_of
from nodes.kernels.worley import cells_of
from nodes.layers import filled, map_of
from nodes.procedural.material import material_blend, material_height_blend

Unit = Annotated[float, Range(0.0, 1.0)]


# ---- layers --------------------------------------------------------------------------------------

By = Literal["mask", "height"]

Layer = tuple[Material | None, np.ndarray | None, float, By]
"""A material, where it lies, how much of it, and what decides."""


def _stacked(
    band: Band, below: Material, above: Material, mask: np.ndarray | None, opacity: float, by: By
) -> tuple[Material, np.ndarray]:
    """Return a whole material over another, and how much it shows."""
    maps: dict[str, np.ndarray] = {}
    shows = np.empty((band.height, band.width), np.float32)
    names = set(below.maps) | set(above.maps)
    for name in (name for name in MAPS if name in names):
        gray = MAPS[name][0] is Kind.GRAY
        maps[name] = np.empty((band.height, band.width) if gray else (band.height, band.width, 3), np.float32)

    def work(top: int, bottom: int) -> None:
        rows = Band(band.height, band.width, top, bottom)
        if by == "height":
            found = material_height_blend(rows, below, above, mask, 0.5, 0.85, opacity)
            blend, weight = found.material, found.weight
        else:
            blend = material_blend(rows, below, above, mask, opacity)
            weight = opacity if mask is None else mask[top:bottom] * f32(opacity)
        shows[top:bottom] = weight
        for name, image in blend.maps.items():
            maps[name][top:bottom] = image

    band.each(work)
    return Material(maps, below.size_cm, max(below.depth_cm, above.depth_cm)), shows


def _stack_weights(
    band: Band,
    base: Material,
    layer_1: Material | None,
    mask_1: np.ndarray | None,
    layer_2: Material | None,
    mask_2: np.ndarray | None,
    layer_3: Material | None,
    mask_3: np.ndarray | None,
    layer_4: Material | None,
    mask_4: np.ndarray | None,
    opacity_1: float,
    opacity_2: float,
    opacity_3: float,
    opacity_4: float,
    by_1: By,
    by_2: By,
    by_3: By,
    by_4: By,
) -> Weights:
    layers: tuple[Layer, ...] = (
        (layer_1, mask_1, opacity_1, by_1),
        (layer_2, mask_2, opacity_2, by_2),
        (layer_3, mask_3, opacity_3, by_3),
        (layer_4, mask_4, opacity_4, by_4),
    )
    left: dict[str, float | np.ndarray] = {"base": 1.0}
    below = base
    for number, (layer, mask, opacity, by) in enumerate(layers, 1):
        if layer is None:
            continue
        below, shows = _stacked(band, below, layer, mask, opacity, by)
        shows: np.ndarray = np.clip(shows, 0, 1)
        for name in left:
            left[name] *= 1 - shows
        left[f"layer_{number}"] = shows
    return Weights(left, exact=False)


@node(
    reach="whole",
    carries="mix",
    weights=_stack_weights,
    apart={"": ("height",), "normal": ("height",)},
    steers=("mask_1", "mask_2", "mask_3", "mask_4"),
    scratch=100,
)
def layer_stack(
    band: Band,
    base: Material,
    layer_1: Material | None = None,
    mask_1: Gray | None = None,
    layer_2: Material | None = None,
    mask_2: Gray | None = None,
    layer_3: Material | None = None,
    mask_3: Gray | None = None,
    layer_4: Material | None = None,
    mask_4: Gray | None = None,
    opacity_1: Unit = 1.0,
    opacity_2: Unit = 1.0,
    opacity_3: Unit = 1.0,
    opacity_4: Unit = 1.0,
    by_1: By = "mask",
    by_2: By = "mask",
    by_3: By = "mask",
    by_4: By = "mask",
) -> Material:
    """Up to four materials laid over a base one after the other, each by its mask, its opacity and, if asked, height.

    The same as as many `material_blend` or `material_height_blend` in a row: normals are made of the stacked height and
    of what each material's normal shows beside its own. Layers that are not connected are passed over.

    Parameters
    ----------
    layer_1, layer_2, layer_3, layer_4 : the lowest first
    mask_1, mask_2, mask_3, mask_4 : where each shows; without one it shows all over
    opacity_1, opacity_2, opacity_3, opacity_4 : times the mask
    by_1, by_2, by_3, by_4 : mask fades a layer in; height lets the higher of it and what lies below win where it may be
    """
    layers: tuple[Layer, ...] = (
        (layer_1, mask_1, opacity_1, by_1),
        (layer_2, mask_2, opacity_2, by_2),
        (layer_3, mask_3, opacity_3, by_3),
        (layer_4, mask_4, opacity_4, by_4),
    )
    found = base
    for layer, mask, opacity, by in layers:
        if layer is not None:
            found, _ = _stacked(band, found, layer, mask, opacity, by)
    return found


# ---- peeling paint -------------------------------------------------------------------------------


class Peeled(NamedTuple):
    material: Material
    mask: Gray


def _flaked(band: Band, field: np.ndarray, flakes: float, cells: int, seed: int) -> np.ndarray:
    """Return a field drawn towards what it is at the middles of angular flakes."""
    if flakes == 0:
        return field
    out = np.empty_like(field)

    def work(top: int, bottom: int) -> None:
        point = np.empty((bottom - top, band.width, 2), np.float32)
        down = max(1, round(cells * band.height / band.width))
        streams = (stream(seed, 0), stream(seed, 1))
        cells_of({"point": point}, top, band.height, cells, down, streams, 1.0)
        ys, xs = places(band.height, band.width, top, bottom)
        xs += point[..., 0] * f32(band.width)
        ys += point[..., 1] * f32(band.height)
        middles = sample(field, ys, xs, np.empty((bottom - top, band.width), np.float32))
        out[top:bottom] = field[top:bottom] + (middles - field[top:bottom]) * f32(flakes)

    band.each(work)
    return out


def _paint(
    ground: Ground,
    mask: np.ndarray | None,
    source: np.ndarray | None,
    amount: float,
    edges: float,
    flakes: float,
    flake_size: float,
    breakup: float,
    seed: int,
) -> np.ndarray:
    """Return how many pixels within the paint's border each pixel lies, negative where it is gone."""
    band = ground.band
    bend = np.clip(ground.bends(0.004 * band.width), 0, 0.5)
    field = f32(5 * edges) * bend + torn(band, seed, 4, 22) * f32(0.3 + 0.7 * breakup)
    if source is not None:
        field += source * f32(4)
    cells = max(1, round(band.width / flake_size))
    field = _flaked(band, field, 0.8 * flakes, cells, stream(seed, 8))
    front = Spread.over(field, amount, mask)
    gone = front.within(-0.1, 0.1)
    return np.clip(-to_edge(band, gone, 0.5, 0.1 * band.width), -4096, 4096)


def _peel_weights(
    band: Band,
    base: Material,
    mask: np.ndarray | None,
    source: np.ndarray | None,
    amount: float,
    edges: float,
    flakes: float,
    flake_size: float,
    breakup: float,
    seed: int,
) -> Weights:
    deep = _paint(Ground.of(band, base), mask, source, amount, edges, flakes, flake_size, breakup, seed)
    left = np.clip(deep + f32(0.5), 0, 1)
    return Weights({"base": 1 - left, "paint": left}, exact=False)


@node(
    reach="whole",
    carries="mix",
    weights=_peel_weights,
    holds=HOLDS,
    apart=APART,
    steers=("source",),
    scratch=170,
    bound=0.1,
)
def paint_peel(
    band: Band,
    base: Material,
    paint: Material,
    mask: Gray | None = None,
    source: Gray | None = None,
    amount: Unit = 0.3,
    edges: Unit = 0.6,
    flakes: Unit = 0.6,
    flake_size: Annotated[float, Length(0.005, 0.5)] = 0.035,
    breakup: Unit = 0.6,
    thickness: Annotated[float, Length(0.0, 0.02)] = 0.0015,
    curl: Annotated[float, Length(0.0, 0.05)] = 0.003,
    curl_width: Annotated[float, Length(0.0, 0.1)] = 0.016,
    primer: Annotated[float, Length(0.0, 0.05)] = 0.003,
    primer_color: Annotated[tuple, Swatch()] = (0.42, 0.38, 0.32),
    seed: Seed = 0,
) -> Peeled:
    """Paint coming off what it was put on: angular flakes gone, their edges thick and, here and there, curled up.

    The paint follows the relief below; its own height is its unevenness about 0.5. Along its border it lifts, by
    places, over the width of the curl, and a rim of primer may stay. `mask` of the result is 1 where paint is left. The
    result is deeper than the base by `thickness` and `curl` and the paint's own depth.

    Parameters
    ----------
    base, paint : below and above
    mask : where paint may come off
    source : where it starts to beside edges: scratches, rust, damp
    amount : share of the tile where it is gone
    edges : how much it comes off along the edges of the base
    flakes : 0 in rounded patches, 1 in angular flakes
    flake_size : from flake to flake, as a fraction of the tile
    breakup : how patchy it comes off
    thickness : of the paint, as a fraction of the tile
    curl : how far its border lifts at most
    curl_width : how far within the border the lifting starts
    primer : how wide the rim of primer is
    """
    ground = Ground.of(band, base)
    deep = _paint(ground, mask, source, amount, edges, flakes, flake_size, breakup, seed)
    left = np.clip(deep + f32(0.5), 0, 1)
    lifts = soft(noise(band, 12, 3, stream(seed, 9)), -0.4, 1.2)
    near = np.clip(1 - deep * f32(1 / max(curl_width, 0.5)), 0, 1) * left
    worn = np.clip(1 + f32(0.8) * noise(band, 40, 3, stream(seed, 10)), 0, 3) * f32(primer)
    rim = np.clip(deep + worn + f32(0.5), 0, 1) if primer > 0 else left
    coat = np.maximum(left, rim)
    shared = (left / np.maximum(coat, f32(1e-6))).astype(np.float32)
    film = Ground.of(band, Material(paint.maps, base.size_cm, paint.depth_cm))
    own_depth = film.depth if "height" in paint.maps else 0.0
    uneven = (film.level - f32(0.5 * film.depth)) * left
    rise = left * f32(thickness) + (coat - left) * f32(0.4 * thickness) + near * near * lifts * f32(curl) + uneven
    whole = Band(band.height, band.width, 0, band.height)
    first = {"base_color": primer_color, "roughness": 0.85}
    maps = {}
    for name in (n for n in MAPS if n in paint.maps or n in ("base_color", "roughness")):
        if name in ("height", "normal", "ambient_occlusion"):
            continue
        ground_coat = filled(whole, first.get(name, MAPS[name][1] if name != "metallic" else 0.0))
        maps[name] = mix_in(ground_coat, map_of(whole, paint, name).copy(), shared)
    slopes = None
    if "normal" in paint.maps:
        slopes = (slopes_in(paint.maps["normal"]) - slopes_of(film.level, 0, band.height, 1.0)) * left
    raised = thickness + curl + own_depth / 2
    cover = Cover(coat, rise.astype(np.float32), maps, raised, own_depth / 2, 1 - f32(0.5) * coat, slopes)
    return Peeled(covered(ground, cover), left)
