"""Whole materials on one wire: made, laid over each other, changed, taken apart, checked.

A material's normal is the whole normal of its surface. Where heights change, it is made again from the new height and
from what the old normal had beside its height; normals are never mixed as colours.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import ALBEDO, METAL, SMOOTHEST, Material
from nodes.declare import Angle, Band, Color, Gray, Range, Swatch, Weights, node
from nodes.kernels import f32
from nodes.kernels.pointwise import covered, mix_in
from nodes.kernels.slopes import normals_of, slopes_in
from nodes.layers import filled, framed, gathered, heights_of, laid_over, map_of
from nodes.procedural import warp
from nodes.procedural.mix import height_blend

SizeCm = Annotated[float, Range(0.1, 100_000, "cm")]
DepthCm = Annotated[float, Range(0.0, 10_000, "cm")]


@node(carries="pick", apart={})
def material_output(
    base_color: Color | None = None,
    metallic: Gray | None = None,
    roughness: Gray | None = None,
    normal: Color | None = None,
    height: Gray | None = None,
    ambient_occlusion: Gray | None = None,
    opacity: Gray | None = None,
    emission: Color | None = None,
    material: Material | None = None,
    size_cm: SizeCm = 100.0,
    depth_cm: DepthCm = 2.0,
) -> Material:
    """The texture maps of a material and the size of what they depict.

    Every map that is connected is rendered and exported; the others come from `material`, and those that it
    has not take their neutral value where a file needs them: no metal, half rough, flat, unoccluded, opaque, dark.

    Parameters
    ----------
    normal : encoded 0 to 1, +Y up (OpenGL); export flips it for engines that want -Y
    height : 0 to 1, the depth of the relief in `depth_cm`
    material : a whole material; maps connected by themselves come before its own
    size_cm : width of the tile in the world
    depth_cm : how far height 1 rises above height 0
    """
    own = {
        "base_color": base_color,
        "metallic": metallic,
        "roughness": roughness,
        "normal": normal,
        "height": height,
        "ambient_occlusion": ambient_occlusion,
        "opacity": opacity,
        "emission": emission,
    }
    own = {name: image for name, image in own.items() if image is not None}
    return gathered({**(material.maps if material else {}), **own}, size_cm, depth_cm)


@node(carries="pick", apart={})
def make_material(
    base_color: Color | None = None,
    metallic: Gray | None = None,
    roughness: Gray | None = None,
    normal: Color | None = None,
    height: Gray | None = None,
    ambient_occlusion: Gray | None = None,
    opacity: Gray | None = None,
    emission: Color | None = None,
    material: Material | None = None,
    size_cm: SizeCm = 100.0,
    depth_cm: DepthCm = 2.0,
) -> Material:
    """Maps as one material on one wire, for blending with others.

    Parameters
    ----------
    material : where the maps that are not connected come from
    size_cm : width of the tile in the world
    depth_cm : how far height 1 rises above height 0
    """
    own = (base_color, metallic, roughness, normal, height, ambient_occlusion, opacity, emission)
    return material_output(*own, material, size_cm, depth_cm)


class Split(NamedTuple):
    base_color: Color
    metallic: Gray
    roughness: Gray
    normal: Color
    height: Gray
    ambient_occlusion: Gray
    opacity: Gray
    emission: Color


@node(carries="pick", apart={})
def split_material(band: Band, material: Material) -> Split:
    """The maps of a material, each on its own wire; one that it has not is filled with its neutral value."""
    return Split(*(map_of(band, material, name) for name in Split._fields))


# ---- base material -------------------------------------------------------------------------------

SUBSTANCES: dict[str, tuple[tuple[float, float, float], float, float]] = {
    "plastic": ((0.18, 0.18, 0.18), 0.0, 0.35),
    "rubber": ((0.025, 0.025, 0.026), 0.0, 0.85),
    "plaster": ((0.72, 0.70, 0.66), 0.0, 0.9),
    "concrete": ((0.33, 0.32, 0.30), 0.0, 0.8),
    "clay": ((0.38, 0.14, 0.075), 0.0, 0.8),
    "wood": ((0.30, 0.16, 0.075), 0.0, 0.6),
    "iron": ((0.531, 0.512, 0.496), 1.0, 0.4),
    "steel": ((0.669, 0.639, 0.598), 1.0, 0.3),
    "aluminium": ((0.912, 0.914, 0.920), 1.0, 0.25),
    "copper": ((0.955, 0.638, 0.538), 1.0, 0.3),
    "brass": ((0.887, 0.789, 0.434), 1.0, 0.3),
    "gold": ((1.0, 0.782, 0.344), 1.0, 0.2),
    "silver": ((0.972, 0.960, 0.915), 1.0, 0.2),
    "chromium": ((0.550, 0.556, 0.554), 1.0, 0.1),
    "titanium": ((0.542, 0.497, 0.449), 1.0, 0.35),
    "zinc": ((0.664, 0.824, 0.850), 1.0, 0.45),
}
"""Linear colour, metallic and roughness; colours of metals are reflectances at normal incidence (physicallybased.info).
"""

Substance = Literal[
    "custom", "plastic", "rubber", "plaster", "concrete", "clay", "wood", "iron", "steel", "aluminium", "copper",
    "brass", "gold", "silver", "chromium", "titanium", "zinc",
]  # fmt: skip


@node(carries="pick", holds=("base_color", "metallic", "roughness"), apart={})
def base_material(
    band: Band,
    substance: Substance = "custom",
    color: Annotated[tuple, Swatch()] = (0.25, 0.22, 0.19),
    metallic: Annotated[float, Range(0.0, 1.0)] = 0.0,
    roughness: Annotated[float, Range(0.0, 1.0)] = 0.5,
    height: Gray | None = None,
    normal: Color | None = None,
    ambient_occlusion: Gray | None = None,
    size_cm: SizeCm = 100.0,
    depth_cm: DepthCm = 2.0,
) -> Material:
    """An even material: one colour, one roughness, metal or not; with the relief that is connected.

    Parameters
    ----------
    substance : measured colour, metal and roughness of a known substance; custom takes the three below
    color : base colour; of a metal, what it reflects straight on
    metallic : 0 is no metal, 1 bare metal
    roughness : 0 a mirror, 1 chalk
    size_cm : width of the tile in the world
    depth_cm : how far height 1 rises above height 0
    """
    if substance != "custom":
        color, metallic, roughness = SUBSTANCES[substance]
    maps = {
        "base_color": filled(band, tuple(color)),
        "metallic": filled(band, metallic),
        "roughness": filled(band, roughness),
        "normal": normal,
        "height": height,
        "ambient_occlusion": ambient_occlusion,
    }
    return gathered(maps, size_cm, depth_cm)


# ---- layers --------------------------------------------------------------------------------------


def _blend_weights(mask: np.ndarray | None, opacity: float) -> Weights:
    shown, inside = covered(mask, opacity)
    return Weights({"a": 1 - shown, "b": shown}, inside)


@node(reach=1, carries="mix", weights=_blend_weights, apart={"normal": ("height",)})
def material_blend(
    band: Band,
    a: Material,
    b: Material,
    mask: Gray | None = None,
    opacity: Annotated[float, Range(0.0, 1.0)] = 1.0,
) -> Material:
    """One material over another by a mask: all maps at once, with a normal that fits the blended height.

    The normal is made of the slope of the blended height and of what each material's own normal shows beside its
    height, so that the border gets the slope of its step. A map that one of them has not counts with its neutral
    value. The result is as wide as `a` and as deep as the deeper; heights of another depth keep their centimetres
    about the middle.

    Parameters
    ----------
    a, b : below and above
    mask : 0 keeps `a`, 1 shows `b`
    opacity : times the mask
    """
    depth_cm = max(a.depth_cm, b.depth_cm)
    weight = framed(band, mask, opacity)
    first, second = heights_of(band, (a, b), depth_cm)
    blended = None if first is None or second is None else mix_in(first, second.copy(), weight)
    return laid_over(band, a, b, weight[1:-1], (first, second, blended), depth_cm)


class Layered(NamedTuple):
    material: Material
    weight: Gray


def _layer_weights(
    band: Band,
    a: Material,
    b: Material,
    mask: np.ndarray | None,
    offset: float,
    contrast: float,
    opacity: float,
    mode: Literal["balanced", "bottom"],
) -> Weights:
    weight = material_height_blend(band, a, b, mask, offset, contrast, opacity, mode).weight
    shown, inside = covered(weight)
    return Weights({"a": 1 - shown, "b": shown}, inside)


@node(reach=1, carries="mix", weights=_layer_weights, apart={"": ("height",), "normal": ("height",)})
def material_height_blend(
    band: Band,
    a: Material,
    b: Material,
    mask: Gray | None = None,
    offset: Annotated[float, Range(0.0, 1.0)] = 0.5,
    contrast: Annotated[float, Range(0.0, 1.0)] = 0.8,
    opacity: Annotated[float, Range(0.0, 1.0)] = 1.0,
    mode: Literal["balanced", "bottom"] = "balanced",
) -> Layered:
    """One material rising through another by their heights: sand between stones, snow on bricks.

    `weight` says where `b` shows. Normals and depths are treated as in `material_blend`; a material without a
    height is level.

    Parameters
    ----------
    a, b : below and above
    mask : 0 keeps `a` alone there
    offset : 0 only `a`, 1 only `b`, whatever the heights
    contrast : 0 a wide soft border, 1 a hard one
    mode : bottom never lets the result sink below `a`
    """
    depth_cm = max(a.depth_cm, b.depth_cm)
    first, second = heights_of(band, (a, b), depth_cm)
    level = np.full((band.rows + 2, band.width), 0.5, np.float32)
    low, high = (level, level) if first is None or second is None else (first, second)
    frame = Band(band.rows + 2, band.width, 0, band.rows + 2)
    rows = None if mask is None else framed(band, mask, 1.0)
    blended = height_blend(frame, high, low, rows, offset, contrast, opacity, mode)
    weight = band.empty("weight")
    np.copyto(weight, blended.weight[1:-1])
    height = None if first is None else blended.height
    return Layered(laid_over(band, a, b, weight, (first, second, height), depth_cm), weight)


# ---- changed -------------------------------------------------------------------------------------

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


@node(carries="tone", apart={})
def material_adjust(
    material: Material,
    mask: Gray | None = None,
    brightness: Annotated[float, Range(0.0, 4.0)] = 1.0,
    saturation: Annotated[float, Range(0.0, 4.0)] = 1.0,
    roughness: Annotated[float, Range(-1.0, 1.0)] = 0.0,
    relief: Annotated[float, Range(0.0, 8.0)] = 1.0,
) -> Material:
    """A material lighter or darker, more or less colourful, rougher or smoother, flatter or deeper.

    Wet is darker, more colourful and smoother, all at once: brightness 0.5, saturation 1.2, roughness -0.4 by a mask.

    Parameters
    ----------
    mask : where colour and roughness change; relief changes everywhere
    brightness : times the base colour
    saturation : 0 leaves gray of the same luminance, 1 changes nothing
    roughness : added; the result stays within 0 to 1
    relief : times the depth of the height and the slope of the normal
    """
    maps = dict(material.maps)
    if "base_color" in maps and (brightness != 1 or saturation != 1):
        gray = (maps["base_color"] @ LUMINANCE)[..., None]
        changed = np.maximum(gray + (maps["base_color"] - gray) * f32(saturation), 0) * f32(brightness)
        maps["base_color"] = mix_in(maps["base_color"], changed, mask)
    if "roughness" in maps and roughness != 0:
        changed = np.clip(maps["roughness"] + f32(roughness), 0, 1)
        maps["roughness"] = mix_in(maps["roughness"], changed, mask)
    if "normal" in maps and relief != 1:
        maps["normal"] = normals_of(slopes_in(maps["normal"]) * f32(relief), np.empty_like(maps["normal"]))
    return Material(maps, material.size_cm, material.depth_cm * relief)


@node(reach="whole", carries="mix", apart={}, scratch=24)
def material_transform(
    band: Band,
    material: Material,
    copies: Annotated[int, Range(1, 32)] = 1,
    rotation: Annotated[float, Angle()] = 0.0,
    x: Annotated[float, Range(-1.0, 1.0, "of the tile")] = 0.0,
    y: Annotated[float, Range(-1.0, 1.0, "of the tile")] = 0.0,
    mirror_x: bool = False,
    mirror_y: bool = False,
) -> Material:
    """A material repeated, turned, mirrored and shifted, its normals turned with it.

    Several copies are seen from farther away: the tile grows in centimetres, and slopes stay as steep as they are. Only
    turns that let the tile meet its own border are made, as in `transform`.

    Parameters
    ----------
    copies : side by side and one above the other
    rotation : counter-clockwise
    x, y : shift to the right and down
    """
    matrix = warp.closing_matrix(copies, copies, rotation, True)
    grown = math.sqrt(abs(float(np.linalg.det(matrix))))
    signs = np.array([-1.0 if mirror_x else 1.0, -1.0 if mirror_y else 1.0])
    size = np.array([band.width, band.height])
    turn = ((matrix * signs[:, None]).T * size[None] / size[:, None] / grown).astype(np.float32)
    maps = {}
    for name, image in material.maps.items():
        smaller = warp.shrunk(band, image, copies, copies, rotation, True)
        maps[name] = out = np.empty_like(image)

        def work(top: int, bottom: int, image=image, smaller=smaller, out=out, turns=name == "normal") -> None:  # type: ignore[no-untyped-def]  # bound early
            rows = Band(band.height, band.width, top, bottom)
            moved = warp.transform(rows, image, copies, copies, rotation, x, y, mirror_x, mirror_y, True, smaller)
            if turns:
                across, down = slopes_in(moved)
                slopes = np.stack([turn[0, 0] * across + turn[0, 1] * down, turn[1, 0] * across + turn[1, 1] * down])
                normals_of(slopes, moved)
            out[top:bottom] = moved

        band.each(work)
    return Material(maps, material.size_cm * grown, material.depth_cm)


# ---- checked -------------------------------------------------------------------------------------


class Faults(NamedTuple):
    mask: Gray
    albedo: Gray
    metallic: Gray
    roughness: Gray


@node(carries="opaque")
def pbr_validate(
    band: Band,
    material: Material | None = None,
    base_color: Color | None = None,
    metallic: Gray | None = None,
    roughness: Gray | None = None,
) -> Faults:
    """Where a material leaves what real surfaces can be: 1 at the pixels at fault, 0 elsewhere.

    `albedo` marks non-metals darker than 30 or brighter than 240 in 8-bit sRGB and metals that reflect less than any
    real one, `metallic` what is neither metal nor not, `roughness` what is smoother than any mirror; `mask` is
    all of them. Thin edges of antialiased metal masks are marked as well.

    Parameters
    ----------
    base_color, metallic, roughness : come before the material's own maps
    """
    own = {"base_color": base_color, "metallic": metallic, "roughness": roughness}
    given = {name: image for name, image in own.items() if image is not None}
    whole = Material({**(material.maps if material else {}), **given})
    metal = map_of(band, whole, "metallic")
    red, green, blue = np.moveaxis(map_of(band, whole, "base_color"), 2, 0)
    brightest = np.maximum(np.maximum(red, green), blue)
    darkest_allowed = np.where(metal < 0.5, f32(ALBEDO[0]), f32(METAL))
    albedo = (brightest < darkest_allowed) | ((brightest > f32(ALBEDO[1])) & (metal < 0.5))
    between = (metal > 0.1) & (metal < 0.9)
    smooth = map_of(band, whole, "roughness") < f32(SMOOTHEST)
    faults = (albedo | between | smooth, albedo, between, smooth)
    return Faults(*(fault.astype(np.float32) for fault in faults))
