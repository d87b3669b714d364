"""Whole materials on one wire."""

from __future__ import annotations

from typing import Annotated

from nodes.arrays import Material
from nodes.declare import Color, Gray, Range, node


@node(carries="pick")
def material_output(
    base_color: Color | None = None,
    metallic: Gray | None = None,
    roughness: Gray | None = None,
    normal: Color | None = None,
    height: Gray | None = None,
    ambient_occlusion: Gray | None = None,
    opacity: Gray | None = None,
    emission: Color | None = None,
    size_cm: Annotated[float, Range(0.1, 100_000, "cm")] = 100.0,
    depth_cm: Annotated[float, Range(0.0, 10_000, "cm")] = 2.0,
) -> Material:
    """The texture maps of a material and the size of what they depict.

    Every map that is connected is rendered and exported; the others take their neutral value where a file
    needs them: no metal, half rough, flat, unoccluded, opaque, dark.

    Parameters
    ----------
    normal : encoded 0 to 1, +Y up (OpenGL); export flips it for engines that want -Y
    height : 0 to 1, the depth of the relief in `depth_cm`
    size_cm : width of the tile in the world
    depth_cm : how far height 1 rises above height 0
    """
    maps = {
        "base_color": base_color,
        "metallic": metallic,
        "roughness": roughness,
        "normal": normal,
        "height": height,
        "ambient_occlusion": ambient_occlusion,
        "opacity": opacity,
        "emission": emission,
    }
    return Material({name: image for name, image in maps.items() if image is not None}, size_cm, depth_cm)
