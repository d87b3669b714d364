"""The graphs that are timed: a small one that other programs can build too, and one of 25 nodes with nine maps."""

from __future__ import annotations

from materials import edits
from materials.graph import Document, Link, Node


def _build(nodes: dict[str, tuple], links: list[str]) -> Document:
    document = Document()
    for name, (key, parameters) in nodes.items():
        document, _ = edits.AddNode(Node(id=name, key=key, parameters=parameters)).apply(document)
    for text in links:
        source, target = text.split(" -> ")
        document, _ = edits.Connect(Link(*source.split("."), *target.split("."))).apply(document)
    return document


def small() -> Document:
    """Noise, cells, mix, blur, levels, normal: what GEGL and libvips can do as well."""
    return _build(
        {
            "noise": ("fbm", {"cells": 8, "octaves": 4}),
            "cells": ("voronoi", {"cells": 24}),
            "mix": ("blend", {"opacity": 0.5}),
            "soft": ("blur", {"radius": 4 / 2048}),
            "levels": ("levels", {"in_low": 0.1, "in_high": 0.8}),
            "normal": ("normal_from_height", {}),
            "output": ("material_output", {}),
        },
        [
            "noise.out -> mix.a",
            "cells.f1 -> mix.b",
            "mix.out -> soft.image",
            "soft.out -> levels.image",
            "levels.out -> normal.height",
            "normal.out -> output.normal",
        ],
    )


def material() -> Document:
    """25 nodes: noises of 19 octaves, two cellular noises, bricks, a warp, a blur, occlusion, a normal, colours."""
    return _build(
        {
            "form": ("fbm", {"cells": 4, "octaves": 8, "seed": 7}),
            "bend": ("fbm", {"cells": 8, "octaves": 6, "seed": 8}),
            "fine": ("fbm", {"cells": 16, "octaves": 5, "seed": 9}),
            "stones": ("voronoi", {"cells": 24, "seed": 3}),
            "pits": ("voronoi", {"cells": 64, "seed": 5}),
            "bricks": ("bricks", {"columns": 8, "rows": 16}),
            "moved": ("directional_warp", {"intensity": 0.008}),
            "soft": ("blur", {"radius": 1 / 1024}),
            "wear": ("levels", {"in_low": 0.1, "in_high": 0.9}),
            "gap": ("math", {"operation": "subtract"}),
            "cracks": ("levels", {"in_low": 0.02, "in_high": 0.35, "invert": True}),
            "worn_cracks": ("blend", {"mode": "multiply"}),
            "worn": ("blend", {}),
            "grained": ("blend", {"mode": "add", "opacity": 0.3}),
            "pitted": ("math", {"operation": "maximum"}),
            "toned": ("levels", {"in_low": 0.05, "in_high": 0.95}),
            "shaped": ("curve", {"points": ((0, 0), (0.3, 0.2), (0.7, 0.8), (1, 1))}),
            "height": ("blend", {"opacity": 0.35}),
            "normal": ("normal_from_height", {"depth": 0.02}),
            "occlusion": ("ambient_occlusion", {"radius": 4 / 1024, "samples": 4}),
            "clay": ("gradient_map", {}),
            "dirt": ("gradient_map", {"stops": ((0, (0.05, 0.04, 0.03)), (1, (0.3, 0.25, 0.2)))}),
            "colour": ("blend", {}),
            "rough": ("levels", {"out_low": 0.4, "out_high": 0.9}),
            "output": ("material_output", {}),
        },
        [
            "bricks.height -> moved.image",
            "bend.out -> moved.intensity_map",
            "moved.out -> soft.image",
            "form.out -> wear.image",
            "stones.f2 -> gap.a",
            "stones.f1 -> gap.b",
            "gap.out -> cracks.image",
            "wear.out -> worn_cracks.a",
            "cracks.out -> worn_cracks.b",
            "moved.out -> worn.a",
            "soft.out -> worn.b",
            "wear.out -> worn.mask",
            "worn.out -> grained.a",
            "fine.out -> grained.b",
            "grained.out -> pitted.a",
            "pits.f1 -> pitted.b",
            "pitted.out -> toned.image",
            "toned.out -> shaped.image",
            "shaped.out -> height.a",
            "worn_cracks.out -> height.b",
            "height.out -> normal.height",
            "height.out -> occlusion.height",
            "height.out -> clay.image",
            "pits.f1 -> dirt.image",
            "clay.out -> colour.a",
            "dirt.out -> colour.b",
            "occlusion.out -> colour.mask",
            "fine.out -> rough.image",
            "colour.out -> output.base_color",
            "normal.out -> output.normal",
            "height.out -> output.height",
            "rough.out -> output.roughness",
            "occlusion.out -> output.ambient_occlusion",
        ],
    )
