"""Documents: reading, refusing, upgrading, writing, editing, nesting."""

from __future__ import annotations

import contextlib
import json
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from materials import document as documents, edits
from materials.driving import with_settings
from materials.errors import GraphError, IntarsiaError
from materials.flatten import flatten
from materials.graph import Document, Exposed, Link, Node
from tests.build import document, values

CHAIN = document(
    {"a": "t_ramp", "g": ("t_gain", {"gain": 1.5}), "b": "t_below"},
    "a.out -> g.image",
    "g.out -> b.image",
    title="A chain",
    tags=("test",),
)


def refused(text: str, match: str) -> None:
    with pytest.raises(GraphError, match=match):
        documents.loads(text)


def graph_text(**fields) -> str:
    return json.dumps({"intarsia": 1, **fields})


# ---- round trips ----


def test_a_document_survives_saving_and_loading():
    assert documents.loads(documents.dumps(CHAIN)) == CHAIN


def test_saving_twice_gives_the_same_bytes():
    text = documents.dumps(CHAIN)
    assert documents.dumps(documents.loads(text)) == text


def test_a_changed_parameter_changes_one_line():
    before = documents.dumps(CHAIN).splitlines()
    after = documents.dumps(with_settings(CHAIN, {"g.gain": 1.75})).splitlines()
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_unknown_nodes_parameters_and_fields_survive():
    text = graph_text(
        future={"x": [1, 2]},
        nodes={
            "a": {"node": "t_ramp", "parameters": {"scale": 2, "from_the_future": 5}, "glow": True},
            "x": {"node": "not_invented_yet", "version": 3, "parameters": {"p": {"deep": [1]}}},
        },
        links=["x.anything -> a.offset"],
    )
    again = json.loads(documents.dumps(documents.loads(text)))
    assert again["future"] == {"x": [1, 2]}
    assert again["nodes"]["a"]["parameters"]["from_the_future"] == 5
    assert again["nodes"]["a"]["glow"] is True
    assert again["nodes"]["x"] == {
        "node": "not_invented_yet",
        "version": 3,
        "position": [0.0, 0.0],
        "parameters": {"p": {"deep": [1]}},
    }
    assert again["links"] == ["x.anything -> a.offset"]


def test_a_document_of_a_newer_schema_opens_but_is_not_saved_over(tmp_path):
    newer = documents.loads(graph_text(nodes={}).replace('"intarsia": 1', '"intarsia": 99'))
    with pytest.raises(GraphError, match="newer version"):
        documents.save(newer, tmp_path / "x.intarsia")
    assert not list(tmp_path.iterdir())


def test_missing_parameters_take_their_defaults():
    loaded = documents.loads(graph_text(nodes={"g": {"node": "t_gain"}}))
    assert loaded.nodes["g"].parameters == {"gain": 2.0}


# ---- what is refused, and in which words ----


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no JSON"),
        ("[]", "must be a JSON object"),
        ("{}", "no Intarsia document"),
        ('{"intarsia": true}', "no Intarsia document"),
        ('{"intarsia": 1, "x": NaN}', "NaN is not a number"),
        ('{"intarsia": 1, "x": -Infinity}', "Infinity is not a number"),
        ('{"intarsia": 1, "x": 1e999}', "too large"),
        ('{"intarsia": 1, "x": ' + "9" * 5000 + "}", "too long"),
        ('{"intarsia": 1, "intarsia": 1}', "comes twice"),
        ("[" * 100_000, "deeper than 64"),
        ('{"a":' * 65 + "1" + "}" * 65, "deeper than 64"),
        (graph_text(nodes=[]), "nodes must be a JSON object"),
        (graph_text(nodes={"a b": {"node": "t_ramp"}}), "is named 'a b'"),
        (graph_text(nodes={"a" * 129: {"node": "t_ramp"}}), "at most 128"),
        (graph_text(nodes={"a": {"node": 5}}), "kind of node a"),
        (graph_text(nodes={"a": {"node": "t_ramp", "version": 0}}), "node a: version"),
        (graph_text(nodes={"a": {"node": "t_ramp", "position": [1]}}), "node a: position"),
        (
            graph_text(nodes={"g": {"node": "t_gain", "parameters": {"gain": 9}}}),
            't_gain "g": gain 9 is outside -4 to 4',
        ),
        (graph_text(nodes={"g": {"node": "t_gain", "parameters": {"gain": "x"}}}), "gain must be a number"),
        (graph_text(links=["a -> b"]), "must read"),
        (graph_text(links=["a.out -> b.image"]), "there is no node 'a'"),
        (graph_text(exposed=[{"name": "x", "parameter": "gone.p"}]), "gone.p, which is not there"),
        (graph_text(sources={"p": {"path": "../secret.png", "sha256": "0" * 64}}), "secret.png"),
        (graph_text(sources={"p": {"path": "a.png", "sha256": "xyz"}}), "64 hexadecimal"),
        (graph_text(nodes={"s": {"node": "subgraph", "file": "/etc/passwd"}}), "passwd"),
    ],
)
def test_bad_files_are_refused_in_plain_words(text, match):
    start = time.perf_counter()
    refused(text, match)
    assert time.perf_counter() - start < 1.0


def test_a_link_that_does_not_fit_is_refused_with_a_way_out():
    nodes = {"a": {"node": "t_ramp"}, "two": {"node": "t_two"}, "c": {"node": "t_centred"}}
    refused(graph_text(nodes=nodes, links=["a.out -> two.image", "two.second -> c.image"]), "takes Gray.*gives Color")
    refused(graph_text(nodes=nodes, links=["a.nothing -> two.image"]), "no output 'nothing'.*it has out")
    refused(graph_text(nodes=nodes, links=["a.out -> two.nothing"]), "no input 'nothing'.*image")
    refused(graph_text(nodes=nodes, links=["a.out -> two.image", "a.out -> two.image"]), "two links")


def test_a_cycle_is_named():
    nodes = {name: {"node": "t_same"} for name in "abc"}
    links = ["a.out -> b.image", "b.out -> c.image", "c.out -> a.image"]
    refused(graph_text(nodes=nodes, links=links), "circle: .*a -> b")


def test_a_long_chain_loads_and_renders_without_recursion():
    count = 10_000
    nodes = {"n0": {"node": "t_ramp"}} | {f"n{i}": {"node": "t_same"} for i in range(1, count)}
    text = graph_text(nodes=nodes, links=[f"n{i}.out -> n{i + 1}.image" for i in range(count - 1)])
    start = time.process_time()
    loaded = documents.loads(text)
    assert time.process_time() - start < 5
    result, _ = values(loaded, (4, 4))
    assert np.array_equal(result[f"n{count - 1}"], values(document({"n0": "t_ramp"}), (4, 4))[0]["n0"])


def test_ten_thousand_readers_of_one_node_load():
    nodes = {"a": {"node": "t_ramp"}} | {f"n{i}": {"node": "t_same"} for i in range(10_000)}
    loaded = documents.loads(graph_text(nodes=nodes, links=[f"a.out -> n{i}.image" for i in range(10_000)]))
    assert len(loaded.links) == 10_000


def _mutants(text: str, count: int, seed: int):
    rng = random.Random(seed)
    pieces = ["", "{", "}", "[", "]", '"', ",", ":", "null", "true", "-1", "1e308", '"a"', "\\", "\x00", "é", " "]
    for _ in range(count):
        mutant = list(text)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(mutant))
            end = min(len(mutant), at + rng.choice([0, 1, 1, 2, 8, 40]))
            mutant[at:end] = rng.choice(pieces) * rng.choice([1, 1, 1, 2, 30])
        yield "".join(mutant)


def test_blind_mutants_of_a_file_load_or_are_refused_and_nothing_else():
    made = replace(CHAIN, exposed=(Exposed("power", "g", "gain", "Power", "", 0, 2),), presets={"p": {"g.gain": 1}})
    for mutant in _mutants(documents.dumps(made), 3000, seed=1):
        with contextlib.suppress(GraphError):
            documents.dumps(documents.loads(mutant))


@pytest.mark.slow
def test_a_million_blind_mutants_load_or_are_refused():
    for mutant in _mutants(documents.dumps(CHAIN), 1_000_000, seed=2):
        with contextlib.suppress(GraphError):
            documents.loads(mutant)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    data=st.fixed_dictionaries(
        {"intarsia": st.integers(0, 3)},
        optional={
            "nodes": st.dictionaries(
                st.sampled_from(["a", "b", "c", "1", ""]),
                st.fixed_dictionaries(
                    {"node": st.sampled_from(["t_ramp", "t_gain", "t_flip", "subgraph", "graph_input", "?"])},
                    optional={"parameters": _JSON, "version": _JSON, "graph": _JSON, "file": st.text(max_size=5)},
                ),
                max_size=4,
            ),
            "links": st.lists(st.sampled_from(["a.out -> b.image", "b.out -> a.image", "c.out -> c.image", "x"])),
            "exposed": _JSON,
            "presets": _JSON,
            "sources": _JSON,
            "title": _JSON,
        },
    )
)
@settings(max_examples=400, deadline=None)
def test_any_json_loads_and_renders_or_is_refused(data):
    try:
        made = documents.loads(json.dumps(data))
        result, _ = values(made, (4, 4), threads=1)
    except IntarsiaError:
        return
    assert all(np.isfinite(image).all() for image in result.values() if isinstance(image, np.ndarray))


# ---- upgrades ----


def test_an_old_node_is_brought_up_with_its_links_and_exposed_parameters(monkeypatch):
    from nodes.declare import REGISTRY

    def first(block):
        block["parameters"]["gain"] = block["parameters"].pop("factor") * 2
        return {**block, "inputs": {"picture": "image"}, "outputs": {"result": "out"}, "renamed": {"factor": "gain"}}

    monkeypatch.setitem(REGISTRY, "t_gain", replace(REGISTRY["t_gain"], upgrades=(first,)))
    text = graph_text(
        nodes={
            "a": {"node": "t_ramp"},
            "g": {"node": "t_gain", "version": 1, "parameters": {"factor": 1.5}},
            "s": {"node": "t_same"},
        },
        links=["a.out -> g.picture", "g.result -> s.image"],
        exposed=[{"name": "power", "parameter": "g.factor"}],
        presets={"p": {"g.factor": 1}},
    )
    loaded = documents.loads(text)
    assert loaded.nodes["g"].version == 2
    assert loaded.nodes["g"].parameters == {"gain": 3.0}
    assert loaded.links == (Link("a", "out", "g", "image"), Link("g", "out", "s", "image"))
    assert loaded.exposed[0].parameter == "gain"
    assert loaded.presets == {"p": {"g.gain": 1}}
    assert documents.loads(documents.dumps(loaded)) == loaded


def test_a_node_of_a_newer_version_is_kept_and_not_run():
    loaded = documents.loads(graph_text(nodes={"g": {"node": "t_ramp", "version": 7, "parameters": {"scale": 99}}}))
    assert loaded.nodes["g"].parameters["scale"] == 99
    with pytest.raises(GraphError, match="saved by a newer version"):
        values(loaded)


# ---- subgraphs ----


def doubled() -> Document:
    """Return a subgraph: input `value`, times an exposed gain, output `result`."""
    return document(
        {
            "in": ("graph_input", {"name": "value"}),
            "g": "t_gain",
            "out": ("graph_output", {"name": "result"}),
        },
        "in.out -> g.image",
        "g.out -> out.value",
        exposed=(Exposed("power", "g", "gain"),),
    )


def with_subgraph(inner: Document | None, file: str = "", power: float = 3.0) -> Document:
    made = document({"a": "t_ramp", "last": "t_same"})
    node = Node("sub", "subgraph", graph=inner, file=file, parameters={"power": power})
    made, _ = edits.AddNode(node).apply(made)
    for link in (Link("a", "out", "sub", "value"), Link("sub", "result", "last", "image")):
        made, _ = edits.Connect(link).apply(made)
    return made


def test_an_embedded_subgraph_works_as_a_node():
    ramp = values(document({"a": "t_ramp"}))[0]["a"]
    made = documents.loads(documents.dumps(with_subgraph(doubled())))
    assert np.array_equal(values(made)[0]["last"], ramp * 3)


def test_a_linked_subgraph_equals_the_embedded_one(tmp_path):
    documents.save(doubled(), tmp_path / "inner.intarsia")
    linked = with_subgraph(None, "inner.intarsia")
    flat = flatten(linked, tmp_path)
    assert set(flat.nodes) == {"a", "last", "sub/g"}
    assert flat.nodes["sub/g"].parameters["gain"] == 3.0


def test_subgraphs_may_nest():
    inner = doubled()
    for _ in range(5):
        outer = document({"in": ("graph_input", {"name": "value"}), "out": ("graph_output", {"name": "result"})})
        outer, _ = edits.AddNode(Node("deeper", "subgraph", graph=inner)).apply(outer)
        for link in (Link("in", "out", "deeper", "value"), Link("deeper", "result", "out", "value")):
            outer, _ = edits.Connect(link).apply(outer)
        inner = outer
    made = with_subgraph(inner, power=2.0)
    made = replace(made, nodes={**made.nodes, "sub": replace(made.nodes["sub"], parameters={})})
    ramp = values(document({"a": "t_ramp"}))[0]["a"]
    assert np.array_equal(values(made)[0]["last"], ramp * 2)


def test_files_that_link_to_each_other_are_refused_by_name(tmp_path):
    documents.save(with_subgraph(None, "b.intarsia"), tmp_path / "a.intarsia")
    documents.save(with_subgraph(None, "a.intarsia"), tmp_path / "b.intarsia")
    for path in tmp_path.glob("*.intarsia"):
        text = path.read_text().replace('"power": 3.0', "")
        path.write_text(text)
    with pytest.raises(GraphError, match="circle: b.intarsia -> a.intarsia -> b.intarsia"):
        flatten(documents.load(tmp_path / "a.intarsia"), tmp_path)


def test_too_deep_a_nest_is_refused():
    inner = doubled()
    for _ in range(70):
        outer = document({})
        outer, _ = edits.AddNode(Node("deeper", "subgraph", graph=inner)).apply(outer)
        inner = outer
    with pytest.raises(GraphError, match="deeper than 64"):
        flatten(inner)


def test_an_empty_or_missing_subgraph_is_named(tmp_path):
    with pytest.raises(GraphError, match='subgraph "sub": the subgraph is empty'):
        flatten(with_subgraph(None))
    with pytest.raises(GraphError, match='subgraph "sub": .*gone.intarsia'):
        flatten(with_subgraph(None, "gone.intarsia"), tmp_path)


# ---- settings and edits ----


def test_settings_go_by_node_or_by_exposed_name():
    shown = replace(CHAIN, exposed=(Exposed("power", "g", "gain", "Power", low=0, high=2),))
    assert with_settings(shown, {"g.gain": 3}).nodes["g"].parameters["gain"] == 3
    assert with_settings(shown, {"power": 1}).nodes["g"].parameters["gain"] == 1
    with pytest.raises(GraphError, match='"Power": 3 is outside 0 to 2'):
        with_settings(shown, {"power": 3})
    with pytest.raises(GraphError, match="did you mean g.gain"):
        with_settings(shown, {"gain": 1})
    with pytest.raises(GraphError, match="no parameter 'gian'.*did you mean gain"):
        with_settings(shown, {"g.gian": 1})


def _some_edits(rng: random.Random, made: Document) -> edits.Edit:
    ids = list(made.nodes) or ["none"]
    pick = rng.choice
    return pick(
        [
            lambda: edits.AddNode(Node(f"n{rng.randrange(30)}", pick(["t_ramp", "t_gain", "t_add", "mystery"]))),
            lambda: edits.RemoveNode(pick(ids)),
            lambda: edits.SetParameter(pick(ids), pick(["gain", "scale", "x"]), rng.uniform(-5, 5)),
            lambda: edits.SetNode(pick(ids), "title", str(rng.random())),
            lambda: edits.SetNode(pick(ids), "bypass", True),
            lambda: edits.Connect(Link(pick(ids), "out", pick(ids), pick(["image", "a", "b"]))),
            lambda: edits.Disconnect(pick(ids), pick(["image", "a"])),
            lambda: edits.SetMeta("title", str(rng.random())),
            lambda: edits.Expose(Exposed(f"e{rng.randrange(5)}", pick(ids), "gain")),
            lambda: edits.Hide(f"e{rng.randrange(5)}"),
        ]
    )()


@pytest.mark.parametrize("seed", range(20))
def test_any_edits_undo_to_the_very_same_document(seed):
    rng = random.Random(seed)
    made, history = CHAIN, []
    for _ in range(80):
        before = made
        try:
            made, undo = _some_edits(rng, made).apply(made)
        except GraphError:
            assert made is before
            continue
        history.append((before, undo))
        assert documents.loads(documents.dumps(made)) == documents.loads(documents.dumps(made))
    for before, undo in reversed(history):
        made, _ = undo.apply(made)
        assert made == before
        assert documents.dumps(made) == documents.dumps(before)
    assert len(history) > 10


def test_a_group_of_edits_is_all_or_nothing():
    group = edits.Group((edits.SetParameter("g", "gain", 1.0), edits.RemoveNode("nobody")))
    with pytest.raises(GraphError):
        group.apply(CHAIN)
    made, undo = edits.Group((edits.SetParameter("g", "gain", 1.0), edits.RemoveNode("b"))).apply(CHAIN)
    assert undo.apply(made)[0] == CHAIN


def test_connecting_into_a_circle_is_refused():
    with pytest.raises(GraphError, match="circle"):
        edits.Connect(Link("b", "out", "g", "image")).apply(CHAIN)


def test_the_difference_of_two_documents_is_told_in_their_own_terms():
    changed = with_settings(CHAIN, {"g.gain": 1.0})
    changed, _ = edits.RemoveNode("b").apply(changed)
    changed, _ = edits.AddNode(Node("n", "t_ramp")).apply(changed)
    assert edits.difference(CHAIN, CHAIN) == []
    assert edits.difference(CHAIN, changed) == [
        '- t_below "b"',
        '~ t_gain "g": gain 1.5 -> 1.0',
        '+ t_ramp "n"',
        "- g.out -> b.image",
    ]


def test_a_saved_file_is_found_again(tmp_path: Path):
    documents.save(CHAIN, tmp_path / "x.intarsia")
    assert documents.load(tmp_path / "x.intarsia") == CHAIN
    (tmp_path / "x.intarsia").write_text("{")
    with pytest.raises(GraphError, match="x.intarsia: this is no JSON"):
        documents.load(tmp_path / "x.intarsia")
