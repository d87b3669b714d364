"""A brick material baked by Blender's Cycles, beside ours.

Blender's material has 30 nodes, five shaders and outputs among them, and the make-up of our graph of 25
(`benchmarks.graphs.material`): noises of 8, 6 and 5 octaves, two cellular noises (one of them the distance to
borders), a brick texture bent by a noise, colour ramps, map ranges, a curve, mixes, a bump. It is not ours pixel for
pixel: its noises do not tile, it has no blur, and it cannot take occlusion from a height, so that its occlusion map
is of the flat plane, one ray a texel, white. The preset `brick_wall` is timed beside it, three times as many nodes.

Blender has its best settings: Cycles on the processor with SVM shaders and a fixed number of threads, a plane of one
face, one sample, no adaptive sampling, no denoising, no bounces, no margin, images that are not cleared, noises in two
dimensions, scene data that stays between bakes. Everything but normal and occlusion is baked as emission, the one
kind that evaluates the material once and traces no ray, and only what leads to a map is wired up for it. Images are of
floats, as our maps. Nine maps take nine bakes; `packed` bakes the same in five, three gray maps in the channels of one
picture, which is the least that Blender can do.

Each program is a process of its own that prints wall and processor seconds of the second of two runs, without
start-up, and its peak memory: `python -m benchmarks.blender bpy 2048 2`, under a Python that has Blender's module bpy
(a wheel on PyPI and on download.blender.org). `python -m benchmarks` runs it under the interpreter that INTARSIA_BPY
names, or under its own. A fourth argument is a folder that the baked maps are saved in, to be looked at.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import peak_mb
from benchmarks.processes import module, process, say

THREADS = 2
TARGET = 20.0
"""How many times our processor seconds Blender takes at 2048²: at least this."""

OURS = ("material", "brick_wall")
PEERS = ("bpy", "packed")
MASKS = ("cracks", "wear", "worn_cracks", "pits.f1")
"""What is looked at inside the graph of 25 nodes, so that it gives nine maps too."""


def run(sizes: Sequence[int] = (2048,)) -> list[dict[str, Any]]:
    """Return a row for each size; `cpu_ratio` is Blender's processor seconds as times of ours."""
    python = os.environ.get("INTARSIA_BPY") or sys.executable
    if "INTARSIA_BPY" not in os.environ and importlib.util.find_spec("bpy") is None:
        print("blender is left out: no module bpy here, and INTARSIA_BPY names no Python that has it", flush=True)
        return []
    rows = []
    for size in sizes:
        row: dict[str, Any] = {"size": size}
        for name in (*OURS, *PEERS):
            command = module(
                "benchmarks.blender", name, size, THREADS, python=python if name in PEERS else sys.executable
            )
            row[name] = process(command, 2)
            if row[name] is None:
                print(f"blender is left out: {' '.join(command)} failed", flush=True)
                return rows
        row["cpu_ratio"] = {
            f"{peer} / {ours}": round(row[peer]["cpu_s"] / row[ours]["cpu_s"], 1) for peer in PEERS for ours in OURS
        }
        rows.append(row)
        say(f"blender {size}", row)
    return rows


# ---- ours ----------------------------------------------------------------------------------------


def intarsia(name: str, size: int, threads: int) -> Callable[[], Mapping[str, Any]]:
    """Return a function that renders all maps of a preset, or nine of the graph of 25 nodes."""
    from benchmarks.graphs import material
    from materials.render import Graph, load, render

    graph = Graph(material()) if name == "material" else load(name)
    outputs = (
        {"base_color", "normal", "height", "roughness", "ambient_occlusion", *MASKS} if name == "material" else None
    )

    return lambda: render(graph, size, threads=threads, outputs=outputs)


# ---- Blender's -----------------------------------------------------------------------------------


def blender(size: int, threads: int, packed: bool) -> Callable[[], Mapping[str, Any]]:
    """Return a function that bakes the material's maps with Cycles into images."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    _settle(bpy.context.scene, threads)
    bpy.ops.mesh.primitive_plane_add(size=1, calc_uvs=True)
    made = bpy.data.materials.new("bricks")
    bpy.context.object.data.materials.append(made)
    if made.node_tree is None:  # before Blender 5
        made.use_nodes = True
    tree = made.node_tree
    tree.nodes.clear()
    sockets = _bricks(tree)
    if packed:
        sockets["roughness metallic height"] = _combined(tree, sockets, "roughness", "metallic", "height")
        sockets["masks"] = _combined(tree, sockets, "mortar", "cracks", "wear")
        sockets = {name: sockets[name] for name in ("base_color", "roughness metallic height", "masks", "normal", "ao")}
    targets = {name: _target(tree, name, size) for name in sockets}

    def work() -> dict[str, Any]:
        for name, socket in sockets.items():
            _bake(tree, name, socket, targets[name])
        return {name: target.image for name, target in targets.items()}

    return work


def _settle(scene: Any, threads: int) -> None:
    """Set Cycles to the least work that a bake can do."""
    scene.render.engine = "CYCLES"
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.use_persistent_data = True
    cycles = scene.cycles
    cycles.device, cycles.shading_system = "CPU", False
    cycles.samples = 1
    cycles.use_adaptive_sampling = cycles.use_denoising = cycles.use_light_tree = cycles.use_guiding = False
    cycles.max_bounces = cycles.diffuse_bounces = cycles.glossy_bounces = 0
    scene.render.bake.margin, scene.render.bake.use_clear = 0, False


def _target(tree: Any, name: str, size: int) -> Any:
    """Return the node that a bake finds its image by, one of floats."""
    import bpy

    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.new(name, size, size, float_buffer=True, is_data=name != "base_color")
    return node


def _bake(tree: Any, name: str, socket: Any, target: Any) -> None:
    import bpy

    surface = tree.nodes["output"].inputs["Surface"]
    if name in ("normal", "ao"):
        tree.links.new(socket, surface)
    else:
        tree.links.new(socket, tree.nodes["emission"].inputs["Color"])
        tree.links.new(tree.nodes["emission"].outputs[0], surface)
    tree.nodes.active = target
    bpy.ops.object.bake(type={"normal": "NORMAL", "ao": "AO"}.get(name, "EMIT"), margin=0, use_clear=False)


def _bricks(tree: Any) -> dict[str, Any]:
    """Build the material; return, by the names of its nine maps, the sockets that they are baked from."""

    def node(kind: str, *inputs: Any, output: int = 0, name: str = "", **settings: Any) -> Any:
        """Make a node; inputs are sockets, numbers or None by position; return one of its outputs."""
        made = tree.nodes.new("ShaderNode" + kind)
        made.name = name or made.name
        for key, value in settings.items():
            setattr(made, key, value)
        for place, value in zip(made.inputs, inputs, strict=False):
            if isinstance(value, int | float | tuple):
                place.default_value = value
            elif value is not None:
                tree.links.new(value, place)
        return made.outputs[output] if made.outputs else made

    def ramp(value: Any, low: tuple[float, float, float], high: tuple[float, float, float]) -> Any:
        made = node("ValToRGB", value)
        for element, colour in zip(made.node.color_ramp.elements, (low, high), strict=True):
            element.color = (*colour, 1.0)
        return made

    def levels(value: Any, low: float, high: float, to_low: float = 0.0, to_high: float = 1.0) -> Any:
        return node("MapRange", value, low, high, to_low, to_high)

    def mixed(a: Any, b: Any, share: Any, mode: str = "MIX") -> Any:
        """Mix colours or, where both are gray, numbers; the one node has sockets for every kind."""
        kind = "RGBA" if "RGBA" in (a.type, b.type) else "FLOAT"
        at = {"FLOAT": (2, 3, 0), "RGBA": (6, 7, 2)}[kind]
        made = tree.nodes.new("ShaderNodeMix")
        made.data_type, made.blend_type = kind, mode
        tree.links.new(a, made.inputs[at[0]])
        tree.links.new(b, made.inputs[at[1]])
        if isinstance(share, float):
            made.inputs[0].default_value = share
        else:
            tree.links.new(share, made.inputs[0])
        return made.outputs[at[2]]

    flat: dict[str, Any] = {"noise_dimensions": "2D"}
    uv = node("TexCoord", output=2)
    form = node("TexNoise", uv, None, 4.0, 7.0, **flat)
    bend = node("TexNoise", uv, None, 8.0, 5.0, **flat)
    fine = node("TexNoise", uv, None, 16.0, 4.0, **flat)
    stones = node("TexVoronoi", uv, None, 24.0, voronoi_dimensions="2D", feature="DISTANCE_TO_EDGE")
    pits = node("TexVoronoi", uv, None, 64.0, voronoi_dimensions="2D", feature="F1")
    bent = node("VectorMath", bend, (0.008, 0.008, 0.0), uv, operation="MULTIPLY_ADD")
    light, dark, joint = (0.62, 0.24, 0.16, 1.0), (0.35, 0.12, 0.09, 1.0), (0.35, 0.33, 0.3, 1.0)
    tones = node("TexBrick", bent, dark, light, joint, 4.0, 0.02, 0.3, 0.0, 0.5, 0.25)
    mortar = tones.node.outputs["Factor"]

    wear = levels(form, 0.35, 0.75)
    cracks = levels(stones, 0.06, 0.0)
    worn_cracks = node("Math", wear, cracks, operation="MULTIPLY")
    face = node("Math", 1.0, mortar, operation="SUBTRACT")
    worn = node("Math", face, form, operation="MULTIPLY")
    soft = mixed(face, worn, wear)
    grained = node("Math", fine, 0.3, soft, operation="MULTIPLY_ADD")
    pitted = node("Math", grained, pits, operation="MAXIMUM")
    shaped = node("FloatCurve", 1.0, levels(pitted, 0.05, 1.3))
    height = mixed(shaped, worn_cracks, 0.35)
    bump = node("Bump", 1.0, 0.02, None, height)

    dirt = ramp(pits, (0.05, 0.04, 0.03), (0.3, 0.25, 0.2))
    clay = mixed(tones, ramp(height, (0.3, 0.3, 0.3), (1.0, 1.0, 1.0)), 0.7, "MULTIPLY")
    colour = mixed(clay, dirt, worn_cracks)
    lit = node("BsdfDiffuse", None, None, bump)
    node("Emission", name="emission")
    node("OutputMaterial", name="output")
    return {
        "base_color": colour,
        "roughness": levels(fine, 0.0, 1.0, 0.4, 0.9),
        "metallic": node("Value"),
        "height": height,
        "normal": lit,
        "ao": node("BsdfDiffuse"),  # without the bump, which occlusion would evaluate and not show
        "mortar": mortar,
        "cracks": cracks,
        "wear": wear,
    }


def _combined(tree: Any, sockets: dict[str, Any], *names: str) -> Any:
    made = tree.nodes.new("ShaderNodeCombineColor")
    for name, place in zip(names, made.inputs, strict=True):
        tree.links.new(sockets[name], place)
    return made.outputs[0]


def main(arguments: Sequence[str]) -> None:
    name, size, threads = arguments[0], int(arguments[1]), int(arguments[2])
    work = blender(size, threads, name == "packed") if name in PEERS else intarsia(name, size, threads)
    work()
    wall, cpu = time.perf_counter(), time.process_time()
    maps = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    figures = {"wall_s": round(wall, 4), "cpu_s": round(cpu, 4), "peak_mb": peak_mb(), "pictures": len(maps)}
    for picture, image in maps.items() if name in PEERS and len(arguments) > 3 else ():
        image.file_format = "PNG"
        image.save(filepath=str(Path(arguments[3]) / f"{picture}.png"))
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
