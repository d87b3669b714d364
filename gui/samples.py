"""Every node at work: what it is given, and with which settings, to show what it does. Needs no Qt.

The library, the search and the pages in docs/nodes show the same pictures of nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from gui.shown import displayed
from materials import shade
from materials.render import run
from nodes import opencv
from nodes.arrays import Material, Value
from nodes.catalogue import catalogue
from nodes.declare import Kind, NodeType

_EXEMPLARS = resources.files("presets").joinpath("exemplars")
PHOTOGRAPH, SOIL, BARK = (str(_EXEMPLARS.joinpath(f"{name}.png")) for name in ("pink_rock", "soil", "fir_bark"))

SIZE = 192
"""Pixels of the pictures: those of a list are half as large, but sharp on fine screens."""

SETTINGS: dict[str, dict[str, Any]] = {
    "ambient_occlusion": {"depth": 0.15, "radius": 0.05},
    "base_material": {"substance": "copper"},
    "blur": {"radius": 0.02},
    "bricks": {"length_jitter": 0.2, "angle_jitter": 2.0, "bevel": 0.02, "rounding": 0.01},
    "curvature": {"depth": 0.1},
    "curve": {"points": ((0.0, 0.0), (0.4, 1.0), (0.6, 0.3), (1.0, 1.0))},
    "dirt": {"depth": 0.12},
    "edge_wear": {"depth": 0.12, "amount": 0.6},
    "expand": {"picture": PHOTOGRAPH, "columns": 2.0},
    "apply_origin": {"picture_a": SOIL},
    "color_transfer": {"picture": PHOTOGRAPH},
    "expression": {"formula": "n = a + 0.1 * sin(40 * hypot(u - 0.5, v - 0.5))\nsmin(b, smoothstep(0.3, 0.7, n), 0.3)"},
    "follow_flow": {"picture": BARK, "columns": 1.5},
    "hex_tile": {"picture": SOIL},
    "mash_up": {"picture_a": SOIL, "picture_b": PHOTOGRAPH, "columns_a": 1.0, "columns_b": 1.0},
    "morph": {"sharpness": 1.0},
    "patch_transplant": {"x": 0.2, "spread": 0.05},
    "phase_noise": {"picture": SOIL},
    "photograph": {"picture": PHOTOGRAPH, "crop_width": 0.5},
    "quilt": {"picture": SOIL},
    "region_replace": {"share": 0.6, "spread": 0.05},
    "remake": {"picture": SOIL, "columns": 3.0},
    "statistics_match": {"picture": SOIL},
    "synthesize": {"picture": SOIL, "columns": 1.5},
    "synthesize_regions": {"picture": PHOTOGRAPH, "columns": 1.0},
    "texture_by_numbers": {"picture": PHOTOGRAPH, "columns": 1.5},
    "tile_and_blend": {"picture": PHOTOGRAPH},
    "fibers": {"count": 700, "thickness": 0.006},
    "gradient": {"form": "radial"},
    "gradient_map": {"shift_amount": 0.4},
    "growth_rings": {"ring_width": 0.02, "pith": 0.12, "knots": 2.0, "knot_size": 0.06, "quarter_sawn": 0.0},
    "grunge": {"recipe": "rust_bloom"},
    "hsv_adjust": {"hue": 120.0},
    "image": {"picture": PHOTOGRAPH, "rows": 2, "wrap": "mirror"},
    "image_gray": {"picture": PHOTOGRAPH, "rows": 2, "wrap": "mirror"},
    "leaks": {"length": 0.3},
    "levels": {"in_low": 0.3, "in_high": 0.7, "out_low": 0.2},
    "mask_builder": {"cause_weight": 0.8},
    "material_adjust": {"brightness": 0.5, "saturation": 1.3},
    "material_transform": {"rotation": 90.0, "copies": 2},
    "normal_from_height": {"depth": 0.06},
    "oklch_adjust": {"hue": 120.0},
    "oklch_vary": {"lightness_amount": 0.4, "hue_amount": 120.0},
    "running_max": {"length": 0.2},
    "scratches": {"thickness": 0.006, "count": 120},
    "shape": {"form": "star", "scale": 0.8},
    "slope_mask": {"depth": 0.2, "direction": 90.0, "spread": 60.0},
    "spindles": {"cells_x": 8, "cells_y": 24},
    "split_channels": {"space": "hsv"},
    "spots": {"cells": 10},
    "switch": {"index": 2},
    "transform": {"columns": 2, "rows": 2, "rotation": 45.0},
    "weave": {"across": 12, "down": 12},
    "white_noise": {"grain": 0.01},
}
"""What a picture is made with where the defaults show too little."""

# ---- what nodes are given ------------------------------------------------------------------------


@lru_cache(maxsize=16)
def subject(kind: Kind, number: int) -> Any:
    """Return a value that shows what a node does: stones, cloud, clay, regions, a stamp, one of two materials."""
    stones = run("voronoi", size=SIZE, cells=5, seed=2)
    form = run("levels", stones.edge, in_low=0.03, in_high=0.3)
    cloud = run("fbm", size=SIZE, cells=5, seed=4, spread=0.2)
    match kind:
        case Kind.COLOR:
            stops = ((0.0, (0.05, 0.03, 0.02)), (0.4, (0.36, 0.13, 0.06)), (1.0, (0.8, 0.55, 0.36)))
            return run("gradient_map", run("blend", form, cloud, opacity=0.5), stops=stops)
        case Kind.FLOW:
            return run("to_flow", cloud, run("fbm", size=SIZE, cells=5, seed=9, spread=0.2), amount=0.1)
        case Kind.REGIONS:
            return run("flood_fill", form, threshold=0.3)
        case Kind.STAMPS:
            return run("stamp_source", run("shape", size=SIZE, form="bell"))
        case Kind.MATERIAL:
            height = form if number == 0 else cloud
            base = subject(Kind.COLOR, 0) if number == 0 else run("uniform_color", size=SIZE, color=(0.05, 0.12, 0.03))
            normal = run("normal_from_height", height, depth=0.06)
            return run("make_material", base, normal=normal, height=height, size_cm=30.0)
    return form if number == 0 else cloud


def _normals() -> dict[str, Any]:
    return {
        "base": run("normal_from_height", subject(Kind.GRAY, 0), depth=0.06),
        "detail": run("normal_from_height", run("fbm", size=SIZE, cells=24, seed=5), depth=0.02),
    }


def _boards() -> Any:
    return run("planks", size=SIZE, rows=3, fewest=1, most=2, seed=3)


def _nails() -> dict[str, Any]:
    return {"source": run("spots", size=SIZE, cells=5, smallest=0.04, largest=0.1, share=0.7, seed=2).mask}


def _photograph(path: str = PHOTOGRAPH) -> Any:
    """Return a photograph on the tile, the left half of a wide one."""
    return run("photograph", size=SIZE, picture=path, crop_width=0.5 if path == PHOTOGRAPH else 1.0)


def _hole() -> Any:
    return run("smoothstep", run("shape", size=SIZE, form="disc", scale=0.4), low=0.4, high=0.6)


SUBJECTS: dict[str, Callable[[], dict[str, Any]]] = {
    **dict.fromkeys(
        ("synthesize", "quilt", "expand", "tile_and_blend", "hex_tile", "phase_noise", "photograph"), lambda: {}
    ),
    "apply_origin": lambda: {"origin": run("synthesize", size=SIZE, picture=SOIL, columns=1.5).origin},
    "apply_origin_to_image": lambda: {
        "origin": run("make_tileable", _photograph()).origin,
        "image": run("photo_height", _photograph()),
    },
    "color_transfer": lambda: {"image": subject(Kind.COLOR, 0)},
    "delight": lambda: {"image": _photograph()},
    "fill": lambda: {"image": _photograph(), "hole": _hole()},
    "flatten_illumination": lambda: {"image": _photograph()},
    "make_tileable": lambda: {"image": _photograph()},
    "mash_up": lambda: {"b": run("smoothstep", subject(Kind.GRAY, 1), low=0.45, high=0.55)},
    "patch_transplant": lambda: {"image": _photograph(SOIL), "donor": _photograph(), "region": _hole()},
    "photo_height": lambda: {"image": _photograph()},
    "photo_roughness": lambda: {"image": _photograph()},
    "region_replace": lambda: {
        "regions": subject(Kind.REGIONS, 0),
        "image": _photograph(SOIL),
        "donor": _photograph(),
    },
    "statistics_match": lambda: {"image": subject(Kind.COLOR, 0)},
    "combine_normals": _normals,
    "normal_to_height": lambda: {"normal": _normals()["base"]},
    "leaks": _nails,
    "running_max": _nails,
    "growth_rings": lambda: {"regions": _boards().regions, "local": _boards().local},
    "local_noise": lambda: {"coordinates": _boards().local, "regions": _boards().regions},
    "spindles": lambda: {"coordinates": _boards().local, "regions": _boards().regions},
    "material_blend": lambda: {
        "a": subject(Kind.MATERIAL, 0),
        "b": subject(Kind.MATERIAL, 1),
        "mask": run("smoothstep", subject(Kind.GRAY, 1)),
    },
    "image": dict,
    "image_gray": dict,
    "tile_sampler": dict,
    "splatter": dict,
    "cones": dict,
}
"""What nodes are shown with that the plain subjects say too little of."""


# ---- what comes out ------------------------------------------------------------------------------


def given(kind: NodeType) -> dict[str, Value]:
    """Return what a node is shown with, by socket."""
    if kind.key in SUBJECTS:
        return SUBJECTS[kind.key]()
    return {
        socket.name: subject(socket.kind, number)
        for number, socket in enumerate(kind.sockets)
        if not (socket.optional and socket.name in ("mask", "offset"))
    }


def outputs(kind: NodeType) -> dict[str, Value]:
    """Return what a node makes of what it is shown with, by output."""
    values = given(kind)
    named: dict[str, Any] = {**values, **SETTINGS.get(kind.key, {}), **({} if values else {"size": SIZE})}
    result = run(kind.key, **named)
    parts = [result] if len(kind.outputs) == 1 else list(result)
    return dict(zip((output.name for output in kind.outputs), parts, strict=True))


DULL = 8.0
"""Deviation of codes under which an output says too little of its node."""


def picture(key: str) -> np.ndarray:
    """Return a picture of a node at work, sRGB codes (SIZE, SIZE, 3): its first output that is not nearly even."""
    found = [_seen(key, name, value) for name, value in outputs(catalogue()[key]).items()]
    return next((seen for seen in found if seen.std() > DULL), found[0])


def _seen(key: str, name: str, value: Value) -> np.ndarray:
    if isinstance(value, Material):
        return shade.preview(value.maps, "sphere", SIZE, threads=1)
    seen, cv2 = displayed(value, name, key), opencv.cv2
    return seen if seen.shape[:2] == (SIZE, SIZE) else cv2.resize(seen, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
