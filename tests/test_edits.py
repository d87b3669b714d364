"""Edits: every one undoes to the very same document, and what hangs on nodes and links follows them."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from materials import document as documents, edits
from materials.errors import GraphError
from materials.graph import Document, Exposed, Link, Node, same_work
from materials.layout import Route
from tests.build import document
from tests.random_edits import INNER, START, some_edit

LINK = Link("a", "out", "g", "image")


@pytest.mark.parametrize("seed", range(30))
def test_any_edits_undo_to_the_very_same_document(seed):
    rng = random.Random(seed)
    made, history = START, []
    for _ in range(100):
        before = made
        try:
            made, undo = some_edit(rng, made).apply(made)
        except GraphError:
            assert made is before
            continue
        history.append((before, undo))
        text = documents.dumps(made)
        assert documents.loads(text) == made
        assert documents.dumps(documents.loads(text)) == text
    for before, undo in reversed(history):
        again, redo = undo.apply(made)
        assert again == before
        assert documents.dumps(again) == documents.dumps(before)
        assert redo.apply(again)[0] == made
        made = again
    assert len(history) > 20


def test_a_route_goes_with_its_link_and_comes_back_with_it():
    made, _ = edits.SetRoute(LINK, Route(((1.0, 2.0), (3.0, 4.0)))).apply(START)
    for edit in (edits.RemoveNode("a"), edits.Disconnect("g", "image"), edits.RemoveAll(("g", "b"))):
        cut, undo = edit.apply(made)
        assert cut.routes == {}
        assert undo.apply(cut)[0] == made
    with pytest.raises(GraphError, match="there is no link"):
        edits.SetRoute(Link("a", "out", "b", "image"), Route()).apply(START)


def test_layout_is_read_strictly_and_what_is_not_known_is_kept():
    def read(**fields) -> Document:
        return documents.loads(json.dumps({"intarsia": 1, "nodes": {"a": {"node": "t_ramp"}}, **fields}))

    frame = {"title": "T", "rect": [0, 0, 10, 10], "kind": "comment", "text": "why", "glow": 1}
    made = read(frames=[frame], view={"zoom": 2, "later": [1]})
    assert documents.to_data(made)["frames"] == [frame]
    assert documents.to_data(made)["view"] == {"zoom": 2, "later": [1]}
    assert read(routes={"a.out -> b.in": {"via": [[1, 2]]}}).routes == {}  # no such link
    for fields, match in [
        ({"frames": [{"title": "T"}]}, 'frame "T": rect must be four numbers'),
        ({"frames": [{"rect": [0, 0, -1, 1]}]}, "rect must be"),
        ({"frames": [{"rect": [0, 0, 1, 1], "kind": "cloud"}]}, "kind must be frame or comment"),
        ({"routes": {"a -> b": {}}}, "must read"),
        ({"routes": {"a.out -> b.in": {"via": [[1]]}}}, "a point must be two numbers"),
        ({"routes": {"a.out -> b.in": {"portal": 1}}}, "portal must be"),
        ({"view": {"zoom": 0}}, "zoom must be"),
        ({"view": {"selected": "a"}}, "selected must be"),
    ]:
        with pytest.raises(GraphError, match=match):
            read(**fields)


def test_where_a_graph_was_left_is_no_work():
    inner = replace(INNER, view={"zoom": 3})
    nested, _ = edits.AddNode(Node("u", "subgraph", graph=INNER)).apply(START)
    moved, _ = edits.SetNode("u", "graph", inner).apply(nested)
    moved, _ = edits.SetMeta("view", {"centre": [1, 2]}).apply(moved)
    assert moved != nested
    assert same_work(moved, nested)
    assert not same_work(moved, edits.SetMeta("title", "other").apply(moved)[0])


def test_an_exposed_parameter_changes_in_place_and_what_names_it_follows():
    made = replace(
        START, presets={"p": {"power": 1}}, exposed=(Exposed("power", "g", "gain"), Exposed("z", "a", "scale"))
    )
    made, _ = edits.SetExpression("a", "scale", "power * 2").apply(made)
    made, _ = edits.SetExposed("power", Exposed("strength", "g", "gain", "Strength", "Look", 0, 2)).apply(made)
    assert [entry.name for entry in made.exposed] == ["strength", "z"]
    assert made.presets == {"p": {"strength": 1}}
    assert made.nodes["a"].expressions == {"scale": "strength * 2"}
    made, _ = edits.Reorder("z", "strength").apply(made)
    assert [entry.name for entry in made.exposed] == ["z", "strength"]
    with pytest.raises(GraphError, match="exposed parameter 'z' already"):
        edits.SetExposed("strength", Exposed("z", "g", "gain")).apply(made)


def nested() -> Document:
    made = document({"a": "t_ramp", "last": "t_same"})
    node = Node("sub", "subgraph", graph=INNER, parameters={"power": 3.0})
    outer, _ = edits.AddNode(node).apply(made)
    for link in (Link("a", "out", "sub", "value"), Link("sub", "result", "last", "image")):
        outer, _ = edits.Connect(link).apply(outer)
    return outer


def test_an_edit_inside_is_followed_outside():
    made, undo = edits.Inside(("sub",), edits.SetParameter("in", "name", "picture")).apply(nested())
    assert Link("a", "out", "sub", "picture") in made.links
    assert undo.apply(made)[0] == nested()
    made, _ = edits.Inside(("sub",), edits.RemoveNode("out")).apply(made)
    assert [str(link) for link in made.links] == ["a.out -> sub.picture"]
    made, _ = edits.Inside(("sub",), edits.Hide("power")).apply(made)
    assert made.nodes["sub"].parameters == {}
    with pytest.raises(GraphError, match="no graph embedded"):
        edits.Inside(("a",), edits.Hide("power")).apply(made)


def test_an_edit_may_lie_several_subgraphs_deep():
    outer, _ = edits.AddNode(Node("deep", "subgraph", graph=nested())).apply(Document())
    made, undo = edits.Inside(("deep", "sub"), edits.SetParameter("g", "gain", 0.5)).apply(outer)
    assert made.nodes["deep"].graph.nodes["sub"].graph.nodes["g"].parameters["gain"] == 0.5
    assert undo.apply(made)[0] == outer


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5),
        ("position", (1,)),
        ("position", (float("nan"), 0)),
        ("bypass", "yes"),
        ("file", "../x"),
        ("graph", 5),
    ],
)
def test_a_field_of_a_node_takes_only_what_it_may_hold(field, value):
    with pytest.raises(GraphError):
        edits.SetNode("sub", field, value).apply(nested())
    with pytest.raises(GraphError):
        edits.SetNode("a", "graph", INNER).apply(nested())
