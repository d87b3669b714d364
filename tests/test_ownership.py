"""Ownership: what can reach a map, how much comes from whom, what licences ask, and whether an export is its own."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from materials import cli, credits as crediting, licences, ownership, pictures, png, shares, synthesis, taint, target
from materials.cache import Cache
from materials.errors import IntarsiaError, LicenceError, SourceError, UsageError
from materials.evaluate import evaluate
from materials.export import export, export_graph
from materials.flatten import bypassed, flatten
from materials.graph import Document, Link, Node, Source, fits
from materials.plan import plan
from materials.render import Graph, load, prepare, render
from materials.shares import PROCEDURAL, Grade
from materials.sources import Sources
from materials.verify import verify
from nodes.catalogue import catalogue
from nodes.declare import Picture
from tests import build
from tests.test_random_graphs import NODES, value_of

SIZE = 16
PHOTOS = ("ann", "ben", "cid", "dee")
CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


def photo(name: str, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, PHOTOS.index(name)]).random((SIZE, SIZE, 3), np.float32)


def opened(noise: frozenset[str] = frozenset(), values: dict[str, float] | None = None):
    """Return what opens photographs without files: some of them noise, or all of one tone each."""

    def open_one(path: str, name: str) -> tuple[np.ndarray, str]:
        if values is not None:
            return np.full((SIZE, SIZE), values[name], np.float32), f"{name} {values[name]}"
        return photo(name, int(name in noise)), f"{name} {name in noise}"

    return open_one


def planned(document: Document, outputs: list[str], pictures: Any = None):
    """Return a document's plan as a render makes it, and the flat graph."""
    flat = bypassed(flatten(document))
    return plan(flat, SIZE, SIZE, outputs=outputs, pictures=pictures or opened(), apart=True), flat


def rendered(document: Document, outputs: list[str], pictures: Any = None) -> dict[str, Any]:
    made, _ = planned(document, outputs, pictures)
    return evaluate(made, threads=1)[0]


def of(document: Document, outputs: list[str], pictures: Any = None) -> dict[str, shares.Shares]:
    return shares.of_plan(*planned(document, outputs, pictures))


def mean(found: shares.Shares, name: str) -> float:
    return float(np.mean(found.of.get(("", name) if name else PROCEDURAL, 0.0)))


def plane(found: shares.Shares, name: str) -> np.ndarray:
    return np.broadcast_to(found.of.get(("", name) if name else PROCEDURAL, 0.0), (SIZE, SIZE))


# ---- taint and shares of random graphs -----------------------------------------------------------

KEYS = [key for key in NODES if not any(isinstance(field.parameter, Picture) for field in catalogue()[key].fields)]
OPENING = ("image", "image_gray", "t_copy")


@st.composite
def graphs(draw: Any) -> Document:
    """Draw a graph that opens two to four photographs and wires them through nodes of every kind."""
    nodes: dict[str, Node] = {}
    links: list[Link] = []
    made: list[tuple[str, Any]] = []
    count = draw(st.integers(4, 10))
    for number in range(count):
        opens = number < 2 or draw(st.integers(0, 4)) == 0
        key, id = draw(st.sampled_from(OPENING if opens else KEYS)), f"n{number}"
        kind = catalogue()[key]
        for socket in kind.sockets:
            fitting = [(source, output.name) for source, output in made if fits(output.kind, socket.kind)]
            if fitting and not (socket.optional and draw(st.booleans())):
                links.append(Link(*draw(st.sampled_from(fitting)), id, socket.name))
        parameters = {
            field.name: draw(st.sampled_from(PHOTOS) if isinstance(field.parameter, Picture) else value_of(field))
            for field in kind.fields
        }
        bypass = draw(st.integers(0, 9)) == 9
        nodes[id] = Node(id=id, key=key, version=kind.version, parameters=parameters, bypass=bypass)
        made += [(id, output) for output in kind.outputs]
    return Document(nodes=nodes, links=tuple(links))


def nothing_from_outside_its_taint(document: Document) -> int:
    """Assert that no source outside an output's taint changes a pixel of it; return how many were tried."""
    tried = 0
    for id in document.nodes:
        try:
            made, _ = planned(document, [id])
            before = evaluate(made, threads=1)[0]
        except IntarsiaError:
            continue
        for name, reached in made.taint.items():
            outside = frozenset(PHOTOS) - {source for _, source in reached.all}
            if not outside or not isinstance(before[name], np.ndarray):
                continue
            after = rendered(document, [id], opened(outside))
            np.testing.assert_array_equal(before[name], after[name], err_msg=f"{name}: {outside}")
            tried += 1
    return tried


def shares_are_whole_and_tainted(document: Document) -> None:
    for id in document.nodes:
        try:
            made, flat = planned(document, [id])
            found = shares.of_plan(made, flat)
        except IntarsiaError:
            continue
        for name, own in found.items():
            total = np.sum([np.broadcast_to(part, (SIZE, SIZE)) for part in own.of.values()], axis=0)
            np.testing.assert_allclose(total, 1, atol=1e-5, err_msg=name)
            assert all(np.min(part) >= 0 for part in own.of.values()), name
            seen = {key for key, part in own.of.items() if np.max(part) > 0} - {PROCEDURAL}
            assert seen <= made.taint[name].value, name


@settings(max_examples=40, derandomize=True, **CALM)
@given(document=graphs())
def test_a_source_outside_the_taint_changes_no_pixel(document):
    assert nothing_from_outside_its_taint(document)


@settings(max_examples=40, derandomize=True, **CALM)
@given(document=graphs())
def test_shares_sum_to_1_and_whoever_has_one_is_in_the_taint(document):
    shares_are_whole_and_tainted(document)


@pytest.mark.slow
@settings(max_examples=1000, **CALM)
@given(document=graphs())
def test_many_graphs_own_what_they_should(document):
    nothing_from_outside_its_taint(document)
    shares_are_whole_and_tainted(document)


# ---- taint, case by case -------------------------------------------------------------------------


def uses(document: Document, output: str) -> tuple[set[str], set[str]]:
    found, _ = planned(document, [output])
    reached = found.taint[output]
    return {name for _, name in reached.value}, {name for _, name in reached.control}


def two(**more: Any) -> dict[str, Any]:
    photos = {name: ("image_gray", {"picture": name}) for name in PHOTOS[:2]}
    return {**photos, **more}


def test_a_mask_steers_and_what_it_mixes_is_in_the_value():
    mixed = build.document(two(c=("image_gray", {"picture": "cid"}), m="blend"), "ann.out -> m.a", "ben.out -> m.b")
    masked, _ = build.edits.Connect(Link("c", "out", "m", "mask")).apply(mixed)
    assert uses(mixed, "m") == ({"ann", "ben"}, set())
    assert uses(masked, "m") == ({"ann", "ben"}, {"cid"})


def test_what_both_steers_and_is_seen_is_seen():
    document = build.document(two(w="warp"), "ann.out -> w.image", "ann.out -> w.slope")
    assert uses(document, "w") == ({"ann"}, set())


@pytest.mark.parametrize("idle", ["opacity", "switch", "formula", "bypass", "unread"])
def test_only_a_proof_takes_a_source_out(idle):
    made = {
        "opacity": two(m=("blend", {"opacity": 0.0})),
        "switch": two(m=("switch", {"index": 1})),
        "formula": two(m=("expression", {"formula": "a * 2"})),
        "bypass": two(m="blend"),
        "unread": two(m="blend"),
    }[idle]
    sockets = {"switch": ("first", "second")}.get(idle, ("a", "b"))
    document = build.document(made, f"ann.out -> m.{sockets[0]}", f"ben.out -> m.{sockets[1]}")
    if idle == "bypass":
        document = replace(document, nodes={**document.nodes, "m": replace(document.nodes["m"], bypass=True)})
    assert uses(document, "ann" if idle == "unread" else "m") == ({"ann"}, set())


def test_a_faint_trace_is_a_trace():
    document = build.document(two(m=("blend", {"opacity": 1e-6})), "ann.out -> m.a", "ben.out -> m.b")
    assert uses(document, "m") == ({"ann", "ben"}, set())


def layered() -> Document:
    """Two materials of other photographs for colour and height, one over the other."""
    return build.document(
        {name: ("image_gray", {"picture": name}) for name in PHOTOS}
        | {"low": "make_material", "high": "make_material", "m": "material_height_blend"},
        *("ann.out -> low.base_color", "ben.out -> low.height"),
        *("cid.out -> high.base_color", "dee.out -> high.roughness"),
        *("low.out -> m.a", "high.out -> m.b"),
    )


def test_the_maps_of_a_material_are_told_apart():
    document = layered()
    assert uses(document, "low.base_color") == ({"ann"}, set())
    assert uses(document, "m.base_color") == ({"ann", "cid"}, {"ben"})
    assert uses(document, "m.height") == ({"ben"}, set())
    assert uses(document, "m.roughness") == ({"dee"}, {"ben"})


def test_an_embedded_documents_source_is_named_by_its_path_unless_both_list_the_same_entry():
    inner = Source("photo", "a.png", "0" * 64, licence="CC-BY-NC-4.0")
    outer = replace(inner, licence="CC0-1.0")
    flat = flatten(Document())
    keys = [("", "photo"), ("wall/", "photo")]
    for entry, names in ((outer, ["photo", "wall/photo"]), (inner, ["photo", "photo"])):
        listed = {keys[0]: (entry, None), keys[1]: (inner, None)}
        named = Sources(replace(flat, sources=listed)).named(keys)
        assert [named[key].name for key in keys] == names
        assert named[keys[1]].licence == "CC-BY-NC-4.0"


# ---- shares, node by node ------------------------------------------------------------------------


def test_a_blend_shares_by_its_mask_exactly():
    nodes = two(mask="fbm", m=("blend", {"opacity": 0.75}))
    document = build.document(nodes, "ann.out -> m.a", "ben.out -> m.b", "mask.out -> m.mask")
    found = of(document, ["m"])["m"]
    mask = rendered(document, ["mask"])["mask"]
    assert found.grade is Grade.EXACT
    np.testing.assert_allclose(plane(found, "ben"), np.clip(mask * 0.75, 0, 1), atol=1e-6)


@pytest.mark.parametrize("mode", ["multiply", "overlay", "divide", "add", "difference"])
def test_a_blend_that_calculates_is_half_of_each_by_rule(mode):
    document = build.document(two(m=("blend", {"mode": mode})), "ann.out -> m.a", "ben.out -> m.b")
    found = of(document, ["m"])["m"]
    assert found.grade is Grade.RULE
    assert mean(found, "ann") == mean(found, "ben") == 0.5


@pytest.mark.parametrize("node", [("blend", {"mode": "lighten"}), ("math", {"operation": "maximum"})])
def test_the_higher_wins_all_of_a_pixel(node):
    document = build.document(two(m=node), "ann.out -> m.a", "ben.out -> m.b")
    found = of(document, ["m"])["m"]
    both = rendered(document, ["ann", "ben"])
    assert found.grade is Grade.EXACT
    np.testing.assert_array_equal(plane(found, "ben"), both["ben"] > both["ann"])


def test_a_gradient_map_a_switch_and_levels_pass_shares_on():
    document = build.document(
        two(l="levels", s=("switch", {"index": 2}), g="gradient_map"),
        *("ann.out -> s.first", "ben.out -> s.second", "s.out -> l.image", "l.out -> g.image"),
    )
    found = of(document, ["g"])["g"]
    assert mean(found, "ben") == 1.0
    assert found.grade is Grade.EXACT


def test_warps_and_blurs_carry_shares_as_they_carry_pixels():
    nodes = two(c=("t_copy", {"picture": "ann"}), w="warp", s="fbm", b=("blur", {"radius": 0.05}))
    document = build.document(nodes, "ben.out -> c.image", "c.out -> w.image", "s.out -> w.slope", "w.out -> b.image")
    found = of(document, ["b"])["b"]
    half = np.repeat([[1.0] * (SIZE // 2) + [0.0] * (SIZE // 2)], SIZE, axis=0).astype(np.float32)
    given = {("<i>", "out"): half, ("<s>", "out"): rendered(document, ["s"])["s"]}
    moved = build.document({"w": "warp", "b": ("blur", {"radius": 0.05})}, "w.out -> b.image")
    flat = flatten(moved)
    flat = replace(flat, feeds={**flat.feeds, "w": {"image": ("<i>", "out"), "slope": ("<s>", "out")}})
    same = evaluate(plan(flat, SIZE, SIZE, outputs=["b"], given=given))[0]["b"]
    np.testing.assert_allclose(plane(found, "ann"), same, atol=1e-5)
    assert found.grade is Grade.EXACT


def test_an_origin_gives_its_pixels_to_the_place_they_came_from():
    nodes = two(inner=("t_copy", {"picture": "ann"}), m=("t_copy", {"picture": "cid", "weight": 0.75}))
    document = build.document(nodes, "ben.out -> inner.image", "inner.out -> m.image")
    found = of(document, ["m"])["m"]
    columns = np.arange(SIZE)
    assert found.grade is Grade.EXACT
    np.testing.assert_allclose(plane(found, "cid")[0], (columns < SIZE // 2) * 0.75)
    # The right half comes from three columns further on, where ann's half begins again at the border.
    np.testing.assert_allclose(plane(found, "ann")[0], (columns >= SIZE - 3) * 0.75)
    np.testing.assert_allclose(plane(found, ""), 0.25)


def test_an_applied_origin_credits_the_map_that_it_carries_along():
    nodes = {"c": ("t_copy", {"picture": "ann"}), "m": ("apply_origin", {"picture_a": "ben"})}
    document = build.document(nodes, "c.origin -> m.origin")
    found = of(document, ["m.color"])["m.color"]
    np.testing.assert_array_equal(plane(found, "ben")[0], np.arange(SIZE) < SIZE // 2)
    assert uses(document, "m.color") == ({"ben"}, {"ann"})


def test_a_map_that_a_node_opens_beside_its_picture_is_credited_to_that():
    document = build.document({"h": ("hex_tile", {"picture": "ann", "height_picture": "ben"})})
    colour, height, normal = (of(document, [f"h.{name}"])[f"h.{name}"] for name in ("color", "height", "normal"))
    assert mean(colour, "ann") == mean(height, "ben") == mean(normal, "") == 1.0
    assert colour.grade is Grade.EXACT


def test_normals_and_occlusion_are_approximate():
    document = build.document(two(n="normal_from_height"), "ann.out -> n.height")
    found = of(document, ["n"])["n"]
    assert mean(found, "ann") == 1.0
    assert found.grade is Grade.APPROXIMATE


def test_a_layered_material_shares_each_map_by_the_heights():
    document = layered()
    found = of(document, ["m.base_color", "m.roughness"])
    weight = rendered(document, ["m.weight"])["m.weight"]
    colour, rough = found["m.base_color"], found["m.roughness"]
    np.testing.assert_allclose(plane(colour, "cid"), weight, atol=1e-6)
    np.testing.assert_allclose(plane(colour, "ann"), 1 - weight, atol=1e-6)
    np.testing.assert_allclose(plane(rough, ""), 1 - weight, atol=1e-6)  # the lower one has no roughness of its own


LINEAR: dict[str, tuple[str, ...]] = {
    "blur": ("image",),
    "transform": ("image",),
    "warp": ("image", "slope"),
    "directional_warp": ("image",),
    "slope_blur": ("image", "slope"),
    "blend": ("a", "b", "mask"),
    "t_copy": ("image",),
}
"""Nodes that are linear in their pictures, with the sockets that are wired; slopes and masks come from a noise."""


@st.composite
def chains(draw: Any) -> Document:
    nodes: dict[str, Any] = {"noise": ("fbm", {"cells": 3}), "ann": ("image_gray", {"picture": "ann"})}
    nodes |= {name: ("t_copy", {"picture": name}) for name in PHOTOS[1:3]}
    links = ["ann.out -> ben.image", "ben.out -> cid.image"]
    for number in range(draw(st.integers(1, 6))):
        key, id = draw(st.sampled_from(sorted(LINEAR))), f"n{number}"
        made = [name for name in nodes if name != "noise"]
        nodes[id] = (key, {"picture": draw(st.sampled_from(PHOTOS[:3]))} if key == "t_copy" else {})
        for socket in LINEAR[key]:
            source = "noise" if socket in ("slope", "mask") else draw(st.sampled_from(made))
            links.append(f"{source}.out -> {id}.{socket}")
    return build.document(nodes, *links)


@settings(max_examples=40, derandomize=True, **CALM)
@given(document=chains(), changed=st.sampled_from(PHOTOS[:3]))
def test_in_a_linear_chain_a_photographs_change_is_its_share_times_the_change(document, changed):
    last = list(document.nodes)[-1]
    tones = {"ann": 0.2, "ben": 0.5, "cid": 0.7}
    found = of(document, [last], opened(values=tones))[last]
    assume(found.grade is Grade.EXACT)  # a mask of noise may leave 0 to 1
    before = rendered(document, [last], opened(values=tones))[last]
    after = rendered(document, [last], opened(values={**tones, changed: tones[changed] + 0.25}))[last]
    np.testing.assert_allclose(after - before, plane(found, changed) * 0.25, atol=1e-4)


# ---- licences ------------------------------------------------------------------------------------

CLASSES = {
    "free": "CC0-1.0",
    "by": "CC-BY-4.0",
    "sa": "CC-BY-SA-4.0",
    "nc": "CC-BY-NC-4.0",
    "ncsa": "CC-BY-NC-SA-4.0",
    "nd": "CC-BY-ND-4.0",
    "unknown": "LicenseRef-mine",
}


def golden(kinds: set[str]) -> str:
    """Return what the table says of a set: a refusal's reason, or the licence and whether commerce is forbidden."""
    if "unknown" in kinds:
        return "unknown"
    if "nd" in kinds:
        return "no derivatives"
    if "sa" in kinds and kinds & {"nc", "ncsa"}:
        return "no common licence"
    if "ncsa" in kinds:
        return "CC-BY-NC-SA-4.0, not commercial, named"
    if "sa" in kinds:
        return "CC-BY-SA-4.0, named"
    if "nc" in kinds:
        return "any, not commercial, named"
    return "any, named" if "by" in kinds else "any"


def told(terms: licences.Terms) -> str:
    if terms.reason:
        return terms.reason
    words = [terms.alike or "any", *(["not commercial"] if terms.noncommercial else [])]
    return ", ".join([*words, *(["named"] if terms.attribution else [])])


@pytest.mark.parametrize("pair", list(itertools.product(CLASSES, repeat=2)), ids="+".join)
def test_every_pair_of_licences_is_as_in_the_table(pair):
    assert told(licences.together(CLASSES[kind] for kind in pair)) == golden(set(pair))


def test_every_triple_is_as_in_the_table_and_as_its_parts_joined_two_by_two_in_any_order():
    for triple in itertools.product(CLASSES, repeat=3):
        whole = licences.together(CLASSES[kind] for kind in triple)
        assert told(whole) == golden(set(triple))
        terms = [licences.together([CLASSES[kind]]) for kind in triple]
        assert all(reduce(licences.join, some) == whole for some in itertools.permutations(terms))


def test_one_more_source_never_relaxes_what_a_pair_asks():
    def strictness(terms: licences.Terms) -> tuple[bool, ...]:
        refused = bool(terms.reason)
        return refused, refused or terms.noncommercial, refused or bool(terms.alike), refused or terms.attribution

    for triple in itertools.product(CLASSES.values(), repeat=3):
        more, less = licences.together(triple), licences.together(triple[:2])
        assert all(one >= other for one, other in zip(strictness(more), strictness(less), strict=True))


def test_share_alike_goes_up_a_version_and_never_down():
    def alike(*versions: str) -> str:
        return told(licences.together(f"CC-BY-SA-{version}" for version in versions))

    assert alike("3.0", "4.0") == alike("4.0", "3.0") == "CC-BY-SA-4.0, named"
    assert alike("2.0", "3.0") == "CC-BY-SA-3.0, named"
    assert alike("1.0", "4.0") == "no common licence"  # 1.0 says nothing of later versions
    assert told(licences.together(["CC-BY-SA-4.0", "GPL-3.0-only"])) == "no common licence"


def test_an_or_is_a_choice_of_the_mildest_and_an_and_keeps_both():
    assert told(licences.together(["CC-BY-4.0 OR CC-BY-NC-ND-4.0"])) == "any, named"
    assert told(licences.together(["CC-BY-4.0 AND CC-BY-NC-SA-4.0"])) == "CC-BY-NC-SA-4.0, not commercial, named"
    assert told(licences.together(["CC-BY-SA-4.0 OR CC-BY-NC-4.0", "CC-BY-NC-4.0"])) == "any, not commercial, named"


# ---- what an export asks ---------------------------------------------------------------------------


def on_disk(folder: Any, **terms: str) -> Graph:
    """Write photographs into a folder and return a graph whose base colour, height and mask come from them."""
    sources = {}
    for name in PHOTOS[:3]:
        codes = (photo(name) * 255).astype(np.uint8)
        data = pictures.encode_png(codes, {}, colour=True)
        (folder / f"{name}.png").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        sources[name] = Source(name, f"{name}.png", digest, name.title(), "Ada", terms.get(name, "CC-BY-4.0"))
    document = build.document(
        {
            "ann": ("image", {"picture": "ann"}),
            "ben": ("image_gray", {"picture": "ben"}),
            "cid": ("image_gray", {"picture": "cid"}),
            "soft": "fbm",
            "mix": "blend",
            "out": "material_output",
        },
        *("soft.out -> mix.a", "ben.out -> mix.b", "cid.out -> mix.mask"),
        *("ann.out -> out.base_color", "mix.out -> out.height"),
        title="Test",
        sources=sources,
    )
    return Graph(document, folder, "test")


def test_credits_tell_of_each_source_which_maps_it_reaches_and_how(tmp_path):
    graph = on_disk(tmp_path, ann="CC-BY-NC-4.0")
    export_graph(graph, tmp_path / "out", size=SIZE)
    data = json.loads((tmp_path / "out" / "test.credits.json").read_text())
    found = {source["name"]: (source["use"], source["maps"]) for source in data["sources"]}
    assert found == {
        "ann": ("value", ["base_color"]),
        "ben": ("value", ["height"]),
        "cid": ("control", ["height"]),
    }
    assert data["terms"] == {"licence": "", "noncommercial": True, "attribution": True}
    assert "Only steers height" in (tmp_path / "out" / "CREDITS.md").read_text()


def test_an_export_of_some_maps_is_judged_by_what_reaches_them(tmp_path):
    graph = on_disk(tmp_path, ann="LicenseRef-mine")
    with pytest.raises(LicenceError, match="ann"):
        export(render(graph, SIZE), tmp_path / "out")
    export(render(graph, SIZE, outputs=["height"]), tmp_path / "out")
    data = json.loads((tmp_path / "out" / "test.credits.json").read_text())
    assert [source["name"] for source in data["sources"]] == ["ben", "cid"]


def test_what_only_steers_is_judged_like_what_is_seen(tmp_path):
    with pytest.raises(LicenceError, match="cid"):
        export_graph(on_disk(tmp_path, cid="CC-BY-ND-4.0"), tmp_path / "out", size=SIZE)


def test_a_commercial_profile_refuses_what_forbids_commerce(tmp_path):
    graph = on_disk(tmp_path, ben="CC-BY-NC-4.0")
    with pytest.raises(LicenceError, match="ben CC-BY-NC-4.0"):
        export_graph(graph, tmp_path / "out", size=SIZE, profile="commercial")
    export_graph(graph, tmp_path / "out", size=SIZE, profile="noncommercial")
    with pytest.raises(UsageError, match="profile"):
        export_graph(graph, tmp_path / "out", size=SIZE, profile="free")
    assert cli.PROFILES == crediting.PROFILES


def test_a_map_made_by_hand_counts_as_made_from_everything(tmp_path):
    maps = render(on_disk(tmp_path, ann="LicenseRef-mine"), SIZE, outputs=["height"])
    mine = replace(maps, pictures={"roughness": maps["height"]})
    assert {source.name for source in mine.sources_of(["roughness"])} == {"ben", "cid"}
    assert mine.use("ben", "roughness") == "value"


# ---- the report ------------------------------------------------------------------------------------


def report(graph: Graph) -> str:
    return json.dumps(ownership.of_graph(graph, 64).as_data())


def test_a_report_and_a_map_of_shares_are_the_same_bytes_twice(tmp_path):
    graph = on_disk(tmp_path)
    assert report(graph) == report(graph)
    owned = [ownership.of_graph(graph, 64) for _ in range(2)]
    np.testing.assert_array_equal(*(ownership.share_map(one, "height") for one in owned))


def test_a_report_lists_who_only_steers_and_why_nothing_may_be_shared(tmp_path):
    data = ownership.of_graph(on_disk(tmp_path, cid="LicenseRef-mine"), 32).as_data()
    entries = {one["name"]: one for one in data["maps"]["height"]["contributors"]}
    assert entries["cid"] == {"name": "cid", "kind": "source", "use": "control", "share": 0.0}
    assert sum(one["share"] for one in entries.values()) == pytest.approx(1, abs=1e-5)
    assert "cid" in data["refused"]
    granted = ownership.of_graph(on_disk(tmp_path, cid="LicenseRef-mine"), 32).as_data({"cid": "by Cid, 2026"})
    assert "refused" not in granted
    assert any("only steers" in line for line in ownership.as_text(data))


def test_a_map_of_shares_is_drawn_in_the_contributors_colours(tmp_path):
    owned = ownership.of_graph(on_disk(tmp_path), 64)
    image = ownership.share_map(owned, "base_color")
    assert image[0, 0].tolist() == list(ownership.COLOURS[0])
    assert image.shape[1] == 384
    assert image.shape[0] > 384


def test_shares_of_a_shipped_preset_hold_its_photographs():
    found = ownership.of_graph(load("granite_setts"), 64)
    named = {found.name(key): share for key, share in found.ranked("base_color")}
    assert named["rock"] > 0.05
    assert named["soil"] > 0.05
    with pytest.raises(UsageError, match="512"):
        ownership.of_graph(load("granite_setts"), 1024)


# ---- verify ----------------------------------------------------------------------------------------


@pytest.fixture
def exported(tmp_path):
    """An export beside its sources."""
    graph = on_disk(tmp_path)
    _, paths = export_graph(graph, tmp_path, size=(24, 16), seed=3)
    return tmp_path, {path.name: path for path in paths}


@pytest.mark.parametrize("format", ["png8", "exr", "tiff"])
def test_an_export_verifies_as_the_same_bytes(tmp_path, format):
    graph = on_disk(tmp_path)
    _, paths = export_graph(graph.with_settings({"soft.cells": 3}), tmp_path, size=SIZE, seed=5, format=format)
    verdict = verify(tmp_path / "test.credits.json")
    assert verdict.ok
    assert {finding.what for finding in verdict.findings} == {"the same bytes"}
    assert verify(paths[0]).ok


@pytest.mark.parametrize("method", ["quilt", "hex", "tileable"])
def test_a_synthesis_verifies_by_its_pixels(tmp_path, method):
    on_disk(tmp_path)
    size = None if method == "tileable" else 48
    made = synthesis.synthesize(tmp_path / "ann.png", size, method=method, facts={"licence": "CC0-1.0"})
    synthesis.save(made, tmp_path / "grown.png")
    verdict = verify(tmp_path / "grown.credits.json")
    assert verdict.ok
    assert [finding.what for finding in verdict.findings] == ["the same pixels"]
    codes = rendered_codes((tmp_path / "grown.png").read_bytes()).copy()
    codes[0, 0] ^= 1
    texts = png.texts((tmp_path / "grown.png").read_bytes())
    (tmp_path / "grown.png").write_bytes(pictures.encode_png(codes[..., ::-1], texts, colour=True))
    assert not verify(tmp_path / "grown.credits.json").ok


def test_one_changed_byte_anywhere_fails(exported):
    folder, paths = exported
    path = paths["test_height.png"]
    data = bytearray(path.read_bytes())
    for place in (len(data) // 2, len(data) - 20, 60):
        changed = bytearray(data)
        changed[place] ^= 1
        path.write_bytes(changed)
        verdict = verify(folder / "test.credits.json")
        assert not verdict.ok
        assert [one.file for one in verdict.findings if not one.ok] == ["test_height.png"]
    path.write_bytes(data)
    assert verify(folder / "test.credits.json").ok


def test_a_changed_pixel_is_measured(exported):
    folder, paths = exported
    path = paths["test_height.png"]
    data = path.read_bytes()
    texts = png.texts(data)
    height = (rendered_codes(data)).copy()
    height[3, 5] ^= 8
    path.write_bytes(pictures.encode_png(height, texts, colour=False))
    for what in (path, folder / "test.credits.json"):
        verdict = verify(what)
        assert not verdict.ok
        assert any("1 of 384 pixels differ, by 8" in finding.what for finding in verdict.findings)


def rendered_codes(data: bytes) -> np.ndarray:
    from nodes import opencv

    return opencv.cv2.imdecode(np.frombuffer(data, np.uint8), opencv.cv2.IMREAD_UNCHANGED)


def test_verify_says_when_a_source_is_missing_or_changed(exported, tmp_path_factory):
    folder, paths = exported
    sidecar = folder / "test.credits.json"
    ann = (folder / "ann.png").read_bytes()
    (folder / "ann.png").unlink()
    assert "ann.png" in verify(sidecar).problem
    (folder / "ann.png").write_bytes((folder / "ben.png").read_bytes())
    assert "bytes have changed" in verify(sidecar).problem
    (folder / "ann.png").unlink()
    elsewhere = tmp_path_factory.mktemp("sources")
    for name in PHOTOS[1:3]:
        (elsewhere / f"{name}.png").write_bytes((folder / f"{name}.png").read_bytes())
    (elsewhere / "ann.png").write_bytes(ann)
    assert verify(sidecar, elsewhere).ok
    assert verify(paths["test_basecolor.png"], elsewhere).ok


def test_verify_says_when_a_file_is_gone_or_the_graph_is_not_inside(exported):
    folder, paths = exported
    paths["test_height.png"].unlink()
    verdict = verify(folder / "test.credits.json")
    assert [one.file for one in verdict.findings if not one.ok] == ["test_height.png"]
    paths["test_basecolor.png"].write_bytes(pictures.encode_png(np.zeros((16, 24, 3), np.uint8), {}, colour=True))
    assert "graph inside" in verify(folder / "test.credits.json").problem
    with pytest.raises(SourceError, match="no credits"):
        verify(paths["test_basecolor.png"])


def test_verify_reads_nothing_outside_its_folder(exported):
    folder, _ = exported
    sidecar = folder / "test.credits.json"
    data = json.loads(sidecar.read_text())
    secret = folder.parent / "secret.png"
    secret.write_bytes(b"secret")
    data["files"] = {"../secret.png": "0" * 64, "/etc/passwd": "0" * 64}
    sidecar.write_text(json.dumps(data))
    verdict = verify(sidecar)
    assert not verdict.ok
    assert all("secret" not in one.what.replace("../secret.png", "") for one in verdict.findings)
    assert len(verdict.findings) == 2


def test_verify_takes_no_target_from_a_path_in_the_credits(exported, monkeypatch):
    folder, _ = exported
    sidecar = folder / "test.credits.json"
    own = folder.parent / "own.toml"
    own.write_text((target.FOLDER / "generic.toml").read_text())
    sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), "target": str(own)}))
    assert "no target" in verify(sidecar).problem
    assert not verify(sidecar, target=str(own)).problem


def test_damaged_credits_end_in_our_errors(exported):
    folder, _ = exported
    sidecar = folder / "test.credits.json"
    good = json.loads(sidecar.read_text())
    wrong = [
        {"files": 5},
        {"sources": 5},
        {"size": [1]},
        {"size": "big"},
        {"seed": None},
        {"name": ""},
        {"target": "x"},
    ]
    wrong += [{"name": "../a"}, {"format": "gif"}, {"graph_sha256": "0" * 64}, {"size": [10**9, 10**9]}]
    for change in wrong:
        sidecar.write_text(json.dumps({**good, **change}))
        with contextlib.suppress(SourceError):
            assert not verify(sidecar).ok, change


def test_taint_costs_nothing_where_no_source_is_opened():
    made, sources = prepare(load("brick_wall"), 16)
    assert set(made.taint.values()) == {taint.NONE}
    assert not sources.named([])


def test_what_comes_from_the_cache_is_credited_as_what_is_computed(tmp_path):
    graph, cache = on_disk(tmp_path), Cache()
    first, second = (render(graph, SIZE, cache=cache) for _ in range(2))
    assert any(entry["cached"] for entry in second.report["nodes"])
    assert first.uses == second.uses
    assert {source.name for source in second.sources} == {"ann", "ben", "cid"}
