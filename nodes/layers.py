"""Laying one material over another, map by map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nodes.arrays import MAPS, Material
from nodes.declare import Band
from nodes.kernels import f32
from nodes.kernels.pointwise import mix_in
from nodes.kernels.slopes import normals_of, slopes_in, slopes_of


def gathered(maps: Mapping[str, np.ndarray | None], size_cm: float, depth_cm: float) -> Material:
    """Return a material of the maps that are there, in the order of `MAPS`."""
    found = {name: image for name in MAPS if (image := maps.get(name)) is not None}
    return Material(found, size_cm, depth_cm)


def filled(band: Band, value: float | tuple[float, ...]) -> np.ndarray:
    """Return a band of one tone or colour."""
    shape = (band.rows, band.width, 3) if isinstance(value, tuple) else (band.rows, band.width)
    image = np.empty(shape, np.float32)
    image[:] = value
    return image


def map_of(band: Band, material: Material, name: str) -> np.ndarray:
    """Return a map of a material that holds a band's rows, or its neutral value where it has no such map."""
    return material.maps[name] if name in material.maps else filled(band, MAPS[name][1])


def framed(band: Band, mask: np.ndarray | None, opacity: float) -> np.ndarray:
    """Return a whole mask's rows of a band with one above and one below, times an opacity."""
    if mask is None:
        return np.full((band.rows + 2, band.width), opacity, np.float32)
    return mask[_rows(band)] * f32(opacity)


def _rows(band: Band) -> np.ndarray:
    return np.arange(band.top - 1, band.bottom + 1) % band.height


def heights_of(band: Band, materials: Sequence[Material], depth_cm: float) -> list[np.ndarray | None]:
    """Return the heights of whole materials as one depth has them, with a row above and one below the band.

    Height 0.5 stays where it is. A material without a height is level, unless none has one.
    """
    found: list[np.ndarray | None] = []
    for material in materials:
        height = material.maps.get("height")
        if height is None:
            height = np.full((band.rows + 2, band.width), 0.5, np.float32)
        else:
            share = material.depth_cm / depth_cm if depth_cm > 0 else 1.0
            height = height[_rows(band)]
            height = height if share == 1 else (height - f32(0.5)) * f32(share) + f32(0.5)
        found.append(height)
    return found if any("height" in material.maps for material in materials) else [None] * len(found)


def laid_over(
    band: Band,
    below: Material,
    above: Material,
    weight: np.ndarray,
    heights: Sequence[np.ndarray | None],
    depth_cm: float,
) -> Material:
    """Return a whole material over another, as wide as the one below, on a band's rows.

    weight : 0 shows the one below, 1 the one above, on the band's rows.
    heights : below, above and of the result, with a row above and one below the band; None where there is none.

    The slope of the result is that of its height and, by weight, what each normal has beside its own height.
    """
    here = [material.rows(band.top, band.bottom) for material in (below, above)]
    maps: dict[str, np.ndarray | None] = {}
    for name in MAPS:
        if name not in ("height", "normal") and any(name in material.maps for material in here):
            first, second = (map_of(band, material, name) for material in here)
            maps[name] = mix_in(first, second.copy(), weight)
    if heights[2] is not None:
        maps["height"] = np.ascontiguousarray(heights[2][1:-1])
    if any("normal" in material.maps for material in here):
        scale = depth_cm / below.size_cm * band.width
        slopes = [None if height is None else slopes_of(height, 1, band.rows, scale) for height in heights]
        first, second = (
            _detail(material, own, material.size_cm / below.size_cm)
            for material, own in zip(here, slopes[:2], strict=True)
        )
        total = first * (1 - weight) + second * weight
        if slopes[2] is not None:
            total += slopes[2]
        maps["normal"] = normals_of(total, np.empty((band.rows, band.width, 3), np.float32))
    return gathered(maps, below.size_cm, depth_cm)


def _detail(material: Material, slopes: np.ndarray | None, stretch: float) -> np.ndarray | np.float32:
    """Return the slopes that a material's normal has beside those of its height."""
    if "normal" not in material.maps:
        return f32(0)
    whole = slopes_in(material.maps["normal"])
    if stretch != 1:
        whole *= f32(stretch)
    return whole if slopes is None else whole - slopes
