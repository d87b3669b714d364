"""Gestures on a graph: what each means as an edit, and that the pictures stay what they should be."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from materials import document as documents, gestures
from materials.clipboard import copied, pasted
from materials.edits import Connect, Edit, Inside, RemoveNode, SetExpression, SetNode, SetRoute
from materials.enclosing import dissolve, enclose
from materials.errors import GraphError
from materials.flatten import flatten
from materials.graph import Document, Exposed, Link, Source
from materials.layout import Route
from materials.render import Graph
from tests.build import document, values
from tests.test_random_graphs import CALM, graphs

FORK = document(
    {"a": "t_ramp", "b": ("t_ramp", {"seed": 3}), "sum": "t_add", "g": "t_gain", "two": "t_two", "c": "t_centred"},
    "a.out -> sum.a",
    "b.out -> sum.b",
    "sum.out -> g.image",
    "g.out -> two.image",
    "two.first -> c.image",
)


def after(made: Document, edit: Edit) -> Document:
    """Return the document after an edit, once it is sure that it undoes."""
    changed, undo = edit.apply(made)
    again, _ = undo.apply(changed)
    assert again == made
    assert documents.dumps(again) == documents.dumps(made)
    return documents.loads(documents.dumps(changed))


def links(made: Document) -> set[str]:
    return {str(link) for link in made.links}


def test_ids_are_readable_and_free():
    edit, id = gestures.add(FORK, "t_gain", (8, 16))
    assert id == "t_gain"
    made = after(FORK, edit)
    edit, id = gestures.add(made, "t_gain", (8, 16))
    assert id == "t_gain_2"
    assert after(made, edit).nodes[id].position == (8, 16)
    with pytest.raises(GraphError, match="no node 't_gian'.*t_gain"):
        gestures.add(made, "t_gian", (0, 0))


@pytest.mark.parametrize("with_inputs", [False, True])
def test_copies_have_the_links_among_them(with_inputs):
    edit, new = gestures.duplicate(FORK, ["sum", "g"], (40, 40), with_inputs)
    made = after(FORK, edit)
    assert new == ["sum_2", "g_2"]
    outside = {"a.out -> sum_2.a", "b.out -> sum_2.b"} if with_inputs else set()
    assert links(made) - links(FORK) == {"sum_2.out -> g_2.image"} | outside
    assert made.nodes["g_2"].position == (40, 40)


def test_a_selection_goes_through_text_with_its_sources_frames_and_routes():
    source = Source("photo", "photo.png", "0" * 64, licence="CC0-1.0")
    made = document(
        {"i": ("image", {"picture": "photo"}), "g": ("t_gain", {"gain": 3}), "h": "t_gain"},
        "i.out -> g.image",
        "g.out -> h.image",
        sources={"photo": source},
        frames=({"title": "All", "rect": [-10, -10, 400, 400]}, {"title": "Far", "rect": [900, 900, 10, 10]}),
    )
    made = after(made, SetRoute(Link("i", "out", "g", "image"), Route(((16.0, 8.0),))))
    made = after(made, SetExpression("g", "gain", "h.gain"))
    text = copied(made, ["i", "g"])
    edit, new = pasted(made, text, (1000, 1000))
    twice = after(made, edit)
    assert new == ["i_2", "g_2"]
    assert twice.sources == made.sources
    assert twice.nodes["g_2"].parameters["gain"] == 2.0  # what drove it was not copied
    assert twice.nodes["g_2"].expressions == {}
    assert "i_2.out -> g_2.image" in twice.routes
    there = Document(sources={"photo": replace(source, sha256="1" * 64)})
    other = after(there, pasted(there, text, (0, 0))[0])
    assert other.nodes["i"].parameters["picture"] == "photo_2"
    assert other.sources["photo_2"].sha256 == "0" * 64
    assert [frame["title"] for frame in after(made, pasted(made, copied(made, made.nodes), (0, 0))[0]).frames] == [
        "All",
        "Far",
        "All",
    ]


@pytest.mark.parametrize(
    "text", ["", "hello", "{}", '{"intarsia": 1}', json.dumps({"intarsia": 1, "nodes": {"a b": {}}})]
)
def test_foreign_text_is_refused_like_a_foreign_file(text):
    with pytest.raises(GraphError):
        pasted(FORK, text, (0, 0))


def test_a_wire_heals_where_the_kinds_allow():
    assert links(after(FORK, gestures.remove_and_heal(FORK, ["sum", "g"]))) == {
        "a.out -> two.image",
        "two.first -> c.image",
    }
    colour = document(
        {"a": "t_ramp", "two": "t_two", "g": "t_gain", "c": "t_centred"}, "a.out -> two.image", "two.second -> g.image"
    )
    colour = replace(colour, links=(*colour.links, Link("g", "out", "c", "image")))
    assert links(after(colour, gestures.remove_and_heal(colour, ["g"]))) == {"a.out -> two.image"}
    assert links(after(FORK, gestures.remove(FORK, ["sum"]))) == {"g.out -> two.image", "two.first -> c.image"}


def test_what_a_removed_node_drove_keeps_its_value():
    made = after(FORK, SetExpression("g", "gain", "a.scale + 2"))
    made = after(made, gestures.remove(made, ["a"]))
    assert made.nodes["g"].expressions == {}
    assert made.nodes["g"].parameters["gain"] == 3.0


def test_a_node_is_dropped_on_a_wire():
    made = after(FORK, gestures.add(FORK, "t_gain", (0, 0))[0])
    made = after(made, gestures.insert_on(made, Link("two", "first", "c", "image"), "t_gain"))
    assert {"two.first -> t_gain.image", "t_gain.out -> c.image"} <= links(made)
    made = after(FORK, gestures.add(FORK, "t_stripes", (0, 0))[0])
    with pytest.raises(GraphError, match="no free input fits"):
        gestures.insert_on(made, Link("two", "first", "c", "image"), "t_stripes")
    later = after(FORK, gestures.add(FORK, "t_add", (0, 0))[0])
    later = after(later, Connect(Link("c", "out", "t_add", "a")))
    with pytest.raises(GraphError, match="circle"):
        gestures.insert_on(later, Link("a", "out", "sum", "a"), "t_add").apply(later)


def test_inputs_change_places():
    assert {"b.out -> sum.a", "a.out -> sum.b"} <= links(after(FORK, gestures.swap(FORK, "sum")))
    one = after(FORK, gestures.cut(FORK, [Link("b", "out", "sum", "b")]))
    assert "a.out -> sum.b" in links(after(one, gestures.swap(one, "sum", ["a", "b"])))
    with pytest.raises(GraphError, match="no two inputs"):
        gestures.swap(FORK, "c")


def test_the_first_fit_is_free_fits_and_makes_no_circle():
    made = document(
        {"a": "t_ramp", "s": "t_stripes", "sum": "t_add", "two": "t_two", "c": "t_centred"}, "a.out -> sum.a"
    )
    assert gestures.first_fit(made, "a", "out", "sum") == "b"
    assert gestures.first_fit(made, "s", "out", "sum") is None
    assert gestures.first_fit(made, "sum", "out", "a") is None
    assert gestures.first_fit(FORK, "c", "out", "sum") is None
    assert gestures.first_output(made, "two", "c", "image") == "first"
    assert gestures.first_output(made, "s", "c", "image") is None


def test_all_that_a_wire_may_join_is_found_at_once():
    assert gestures.fitting_inputs(FORK, "two", "second") == {}
    assert gestures.fitting_inputs(FORK, "sum", "out") == {"g": ["image", "mask"], "two": ["image"], "c": ["image"]}
    assert gestures.fitting_outputs(FORK, "g", "image") == {"a": ["out"], "b": ["out"], "sum": ["out"]}
    for id in FORK.nodes:
        for target, sockets in gestures.fitting_inputs(FORK, id, "out").items():
            for socket in sockets:
                Connect(Link(id, "first" if id == "two" else "out", target, socket)).apply(FORK)


def test_a_port_that_is_copied_has_a_name_of_its_own():
    made = document({"in": ("graph_input", {"name": "value"}), "g": "t_gain"}, "in.out -> g.image")
    for edit in (gestures.duplicate(made, made.nodes, (8, 8))[0], pasted(made, copied(made, made.nodes), (0, 0))[0]):
        twice = after(made, edit)
        assert twice.nodes["in_2"].parameters["name"] == "value_2"
    assert (
        after(made, gestures.add(made, "graph_input", (0, 0))[0]).nodes["graph_input"].parameters["name"]
        == "graph_input"
    )


def test_all_that_fits_is_joined_at_once():
    made = after(FORK, gestures.add(FORK, "t_add", (0, 0))[0])
    assert {"two.first -> t_add.a", "two.second -> t_add.b"} <= links(
        after(made, gestures.join_all(made, "two", "t_add"))
    )
    with pytest.raises(GraphError, match="circle"):
        gestures.join_all(FORK, "c", "sum")


def test_bypass_goes_on_for_all_and_off_for_all():
    made = after(FORK, SetNode("g", "bypass", True))
    made = after(made, gestures.bypass(made, ["g", "sum"]))
    assert made.nodes["g"].bypass
    assert made.nodes["sum"].bypass
    made = after(made, gestures.bypass(made, ["g", "sum"]))
    assert not made.nodes["g"].bypass


def test_a_parameter_that_is_hidden_is_still_read():
    made = replace(FORK, exposed=(Exposed("power", "g", "gain"),))
    made = after(made, SetExpression("a", "scale", "power * power"))
    made = after(made, gestures.hide(made, "power"))
    assert made.nodes["a"].expressions == {"scale": "g.gain * g.gain"}


# ---- subgraphs ----


def test_a_selection_becomes_a_subgraph_and_back():
    made = replace(
        FORK,
        exposed=(Exposed("power", "g", "gain", "Power", low=0, high=3),),
        presets={"p": {"power": 1, "sum.x": 1, "b.seed": 4}},
        frames=({"title": "Sum", "rect": [-20, -20, 300, 300]},),
    )
    for number, id in enumerate(made.nodes):
        made = after(made, SetNode(id, "position", (number * 200.0, 0.0)))
    made = replace(made, presets={"p": {"power": 1, "b.seed": 4}})
    edit, id = enclose(made, ["b", "sum", "g"], "Sum of two")
    closed = after(made, edit)
    assert id == "sum_of_two"
    assert links(closed) == {"a.out -> sum_of_two.a", "sum_of_two.g -> two.image", "two.first -> c.image"}
    assert closed.exposed[0].node == id
    assert closed.presets == {"p": {"power": 1, "sum_of_two.seed": 4}}
    whole = values(made)[0]["c"]
    assert np.array_equal(values(closed)[0]["c"], whole)
    for name in ({"power": 2.5}, made.presets["p"]):
        changed = Graph(made).with_settings(name).document
        names = {key.replace("b.seed", "sum_of_two.seed"): value for key, value in name.items()}
        assert np.array_equal(values(Graph(closed).with_settings(names).document)[0]["c"], values(changed)[0]["c"])
    back = after(closed, dissolve(closed, id))
    assert back.nodes == made.nodes
    assert links(back) == links(made)
    assert (back.exposed, back.presets) == (made.exposed, made.presets)


def test_expressions_cross_the_wall_of_a_subgraph():
    made = replace(FORK, exposed=(Exposed("size", "a", "scale"), Exposed("power", "g", "gain")))
    made = after(made, SetExpression("b", "scale", "size * 3"))
    made = after(made, SetExpression("g", "gain", "b.scale / 2"))
    made = after(made, SetExpression("a", "seed", "g.gain * 10"))
    for wanted in (["b", "sum", "g"], ["g", "sum"], ["a", "sum"], list(made.nodes)):
        closed = after(made, enclose(made, wanted)[0])
        opened = after(closed, dissolve(closed, "subgraph"))
        for name in ({}, {"size": 1.2}, {"power": 0.5}):
            plain = values(Graph(made).with_settings(name).document, outputs=["c"])[0]["c"]
            changed = Graph(closed).with_settings(name).document
            output = "subgraph.c" if "c" in wanted else "c"
            assert np.array_equal(next(iter(values(changed)[0].values())), plain), (wanted, name, output)
            assert np.array_equal(values(Graph(opened).with_settings(name).document)[0]["c"], plain), (wanted, name)


def test_what_lies_between_must_come_along():
    with pytest.raises(GraphError, match="g, sum lies between"):
        enclose(FORK, ["a", "two"])
    with pytest.raises(GraphError, match="nothing is selected"):
        enclose(FORK, [])


def test_a_port_inside_may_go():
    closed = after(FORK, enclose(FORK, ["sum", "g"])[0])
    port = next(id for id, node in closed.nodes["subgraph"].graph.nodes.items() if node.key == "graph_input")
    after(closed, Inside(("subgraph",), RemoveNode(port)))


def _wired(made: Document, wall: str = "") -> tuple[dict, dict]:
    """Return all that computes and what feeds it, with the subgraph's wall taken out of every path."""
    flat = flatten(made)

    def bare(path: str) -> str:
        return path.removeprefix(wall + "/")

    nodes = {bare(path): node for path, node in flat.nodes.items()}
    feeds = {
        bare(path): {socket: (bare(feed[0]), feed[1]) for socket, feed in sockets.items()}
        for path, sockets in flat.feeds.items()
    }
    return nodes, feeds


def _convex(made: Document, wanted: set[str]) -> set[str]:
    """Return a selection with all that lies between its nodes."""
    return wanted | {
        id
        for id in made.nodes
        if gestures.upstream(made, id) & wanted and any(id in gestures.upstream(made, other) for other in wanted)
    }


@settings(max_examples=60, derandomize=True, **CALM)
@given(made=graphs(), data=st.data())
def test_a_random_subgraph_gives_the_same_pictures_and_dissolves_into_the_same_graph(made, data):
    wanted = _convex(made, data.draw(st.sets(st.sampled_from(sorted(made.nodes)), min_size=1)))
    outputs = {id for id in wanted if made.nodes[id].key == "material_output"}
    if outputs == wanted or any(link.source in outputs and link.target in wanted for link in made.links):
        return  # an output stays outside, so that it must not lie between what goes in
    edit, id = enclose(made, wanted)
    closed = after(made, edit)
    back = after(closed, dissolve(closed, id))
    assert back.nodes == made.nodes
    assert links(back) == links(made)
    assert _wired(closed, id) == _wired(made)  # the same calls on the same things: the same pictures
