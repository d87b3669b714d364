"""Whole materials on a wire: which maps they have is known beforehand, and they run in bands like any picture."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from materials import document as documents, evaluate as engine
from materials.cache import Cache
from materials.edits import Connect
from materials.errors import GraphError
from materials.export import export_graph
from materials.graph import Link
from materials.render import Graph, output_kinds, prepare, render
from nodes import declare
from nodes.catalogue import catalogue
from nodes.declare import Kind
from tests.build import document, planned, values

NODES = {
    "noise": ("fbm", {"cells": 3}),
    "grain": ("fbm", {"cells": 9, "seed": 2}),
    "bumps": "normal_from_height",
    "steel": ("base_material", {"substance": "steel"}),
    "paint": ("base_material", {"color": (0.4, 0.05, 0.04), "depth_cm": 1.0}),
    "layers": "material_height_blend",
    "wet": ("material_adjust", {"brightness": 0.5, "relief": 0.5}),
    "turned": ("material_transform", {"rotation": 90.0}),
    "out": ("material_output", {"size_cm": 50.0, "depth_cm": 3.0}),
}
LINKS = (
    "noise.out -> bumps.height",
    "noise.out -> steel.height",
    "bumps.out -> steel.normal",
    "grain.out -> paint.height",
    "steel.out -> layers.a",
    "paint.out -> layers.b",
    "layers.material -> wet.material",
    "wet.out -> turned.material",
    "turned.out -> out.material",
    "layers.weight -> out.opacity",
    "grain.out -> out.roughness",
)
MAPS = {"base_color", "metallic", "roughness", "normal", "height", "opacity"}


def graph(*more: str) -> Graph:
    return Graph(document(NODES, *LINKS, *more))


def test_a_wire_into_the_output_gives_its_maps_and_connected_ones_come_first():
    made = graph()
    maps = render(made, (48, 64))
    assert set(maps) == MAPS
    assert np.array_equal(maps["roughness"], render(made, (48, 64), outputs=["grain"])["grain"])
    assert np.array_equal(maps["opacity"], render(made, (48, 64), outputs=["layers.weight"])["layers.weight"])
    parts = render(made, (48, 64), outputs=["turned"])
    assert np.array_equal(maps["base_color"], parts["turned.base_color"])
    assert not np.array_equal(maps["roughness"], parts["turned.roughness"])
    assert (maps.size_cm, maps.depth_cm) == (50.0, 3.0)


def test_the_maps_of_a_wire_are_known_without_computing():
    kinds = output_kinds(graph(), 8)
    assert set(kinds) == MAPS
    assert kinds["normal"] is Kind.COLOR
    assert kinds["metallic"] is Kind.GRAY


def test_maps_are_asked_for_by_name_whether_they_come_alone_or_in_a_material():
    made, whole = graph(), render(graph(), 32)
    asked = render(made, 32, outputs=["normal", "opacity", "wet.height"])
    assert set(asked) == {"normal", "opacity", "wet.height"}
    assert np.array_equal(asked["normal"], whole["normal"])
    with pytest.raises(GraphError, match="emission"):
        render(made, 32, outputs=["emission"])
    with pytest.raises(GraphError, match="no output 'wet.colour'"):
        render(made, 32, outputs=["wet.colour"])


def test_a_material_that_nothing_reads_gives_its_maps():
    nodes = {"steel": ("base_material", {"substance": "steel"}), "blend": "material_blend", "b": "base_material"}
    made = Graph(document(nodes, "steel.out -> blend.a", "b.out -> blend.b"))
    assert set(render(made, 16)) == {"base_color", "metallic", "roughness"}


def test_two_materials_keep_their_maps_apart():
    maps = render(Graph(document({"a": "base_material", "b": "base_material"})), 16)
    assert set(maps) == {f"{node}.{map}" for node in "ab" for map in ("base_color", "metallic", "roughness")}


def test_a_material_leaves_a_subgraph_by_its_port():
    inner = document(
        {"steel": ("base_material", {"substance": "steel"}), "port": ("graph_output", {"name": "metal"})},
        "steel.out -> port.value",
    )
    outer = document({"part": "subgraph", "out": "material_output"})
    node = outer.nodes["part"]
    outer = replace(outer, nodes={**outer.nodes, "part": replace(node, graph=inner)})
    outer, _ = Connect(Link("part", "metal", "out", "material")).apply(outer)
    maps = render(Graph(outer), 16)
    assert np.all(maps["metallic"] == 1)
    assert set(render(Graph(inner), 16)) == {"base_color", "metallic", "roughness"}


# ---- bands, streams, caches ----


@pytest.mark.parametrize("threads", [1, 3])
def test_streamed_bands_of_a_material_are_the_whole_one(threads, monkeypatch):
    made = graph()
    whole = render(made, (70, 45), threads=1)
    got = {name: np.full_like(image, np.nan) for name, image in whole.items()}

    def sink(name, top, rows):
        got[name][top : top + len(rows)] = rows

    def thin(height: int, width: int) -> list[tuple[int, int]]:
        return [(top, min(top + 7, height)) for top in range(0, height, 7)]

    monkeypatch.setattr(engine, "row_bands", thin)
    monkeypatch.setattr(declare, "row_bands", thin)
    render(made, (70, 45), threads=threads, sink=sink)
    for name, image in whole.items():
        assert np.array_equal(got[name], image), name


def test_a_second_run_finds_the_material_in_the_cache_and_an_edit_runs_what_follows():
    cache, made = Cache(), graph()
    first = render(made, 40, cache=cache)
    second = render(made, 40, cache=cache)
    assert all(entry["cached"] or not entry["calls"] for entry in second.report["nodes"])
    edited = made.with_settings({"wet.brightness": 0.7})
    third = render(edited, 40, cache=cache)
    ran = {entry["node"] for entry in third.report["nodes"] if entry["calls"]}
    assert not {"noise", "bumps", "steel", "paint"} & ran
    assert {"wet", "turned"} <= ran
    plain = render(edited, 40)
    for name in MAPS:
        assert np.array_equal(first[name], second[name])
        assert np.array_equal(third[name], plain[name])


def test_a_material_survives_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("materials.cache.DISK_BYTES_PER_SECOND", 1e15)
    made = graph()
    first = render(made, 40, cache=Cache(folder=tmp_path))
    again = render(made, 40, cache=Cache(folder=tmp_path))
    assert any(entry["cached"] for entry in again.report["nodes"])
    for name in MAPS:
        assert np.array_equal(first[name], again[name])


def test_the_bytes_of_a_material_are_those_of_its_maps():
    made, _ = prepare(graph(), 64)
    steel = next(call for call in made.calls if call.path == "steel")
    assert set(steel.maps) == MAPS - {"opacity"}
    assert steel.bytes("out") == 12 + 4 + 4 + 12 + 4


def test_export_writes_the_maps_of_a_wire(tmp_path):
    _, files = export_graph(graph(), tmp_path, size=32, name="layers")
    names = {path.name for path in files}
    assert {"layers_basecolor.png", "layers_normal.png", "layers_height.png"} <= names
    assert not any("emission" in name for name in names)
    credit = json.loads((tmp_path / "layers.credits.json").read_text())
    assert credit["size_cm"] == 50.0


# ---- what nodes declare ----

MAKERS = sorted(
    key
    for key, kind in catalogue().items()
    if any(output.kind is Kind.MATERIAL for output in kind.outputs) and not key.startswith("t_")
)


@pytest.mark.parametrize("key", MAKERS)
@pytest.mark.parametrize("full", [True, False])
def test_a_material_has_exactly_the_maps_that_its_node_declares(key, full):
    kind = catalogue()[key]
    nodes: dict = {"x": key, "gray": "fbm", "normal": "normal_from_height", "rich": "make_material"}
    links = ["gray.out -> normal.height", "gray.out -> rich.height", "normal.out -> rich.normal"]
    links.append("normal.out -> rich.emission")
    plain = {Kind.GRAY: "gray.out", Kind.COLOR: "normal.out", Kind.MATERIAL: "rich.out"}
    for socket in kind.sockets:
        if socket.kind in plain and (full or not socket.optional):
            links.append(f"{plain[socket.kind]} -> x.{socket.name}")
    made = document(nodes, *links)
    output = next(output.name for output in kind.outputs if output.kind is Kind.MATERIAL)
    value = values(made, (16, 24), outputs=[f"x.{output}"])[0][f"x.{output}"]
    call = next(call for call in planned(made, outputs=[f"x.{output}"]).calls if call.path == "x")
    assert tuple(value.maps) == call.maps


def test_a_document_with_a_material_wire_is_saved_and_loaded():
    made = graph().document
    assert documents.loads(documents.dumps(made)) == made


# ---- bypass ----


def off(made: Graph, id: str) -> Graph:
    node = made.document.nodes[id]
    return Graph(replace(made.document, nodes={**made.document.nodes, id: replace(node, bypass=True)}))


def test_a_bypassed_layer_passes_the_material_below_and_its_weight_is_a_picture():
    maps = render(off(graph(), "layers"), 32)
    assert np.all(maps["metallic"] == 1)  # steel alone
    assert np.all(maps["opacity"] == 0.5)
    masked = Graph(document(NODES, *LINKS, "grain.out -> layers.mask"))
    assert np.array_equal(render(off(masked, "layers"), 32)["opacity"], render(masked, 32, outputs=["grain"])["grain"])


def test_an_output_that_no_input_fits_is_even_when_bypassed():
    nodes = {"a": "fbm", "far": "distance", "moved": "fbm", "flat": "region_random", "r": "flood_fill"}
    made = Graph(
        document(nodes, "a.out -> far.mask", "far.offset -> moved.offset", "a.out -> r.mask", "r.out -> flat.regions")
    )
    still = render(off(made, "far"), 32, outputs=["moved"])["moved"]
    assert np.allclose(still, render(made, 32, outputs=["a"])["a"], atol=1e-5)
    assert np.all(render(off(made, "flat"), 32, outputs=["flat"])["flat"] == 0.5)
    with pytest.raises(GraphError, match="cannot be bypassed: it makes Regions"):
        render(off(made, "r"), 32, outputs=["flat"])


def test_a_material_without_inputs_cannot_be_bypassed():
    with pytest.raises(GraphError, match="cannot be bypassed: it makes Material"):
        render(off(graph(), "paint"), 32)
