"""A graph at work: mistakes cost what depends on them and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from materials import edits
from materials.cache import Cache
from materials.errors import Cancelled, GraphError
from materials.evaluate import Cancel
from materials.graph import GRAPH_INPUT, GRAPH_OUTPUT, SUBGRAPH, Link, Node
from materials.partial import Workpiece
from materials.render import Graph, render
from tests.build import document

BRANCHES = document(
    {"ramp": "t_ramp", "good": "t_gain", "bad": "t_gain", "after": "t_flip", "both": "t_add", "alone": "t_gain"},
    "ramp.out -> good.image",
    "ramp.out -> bad.image",
    "bad.out -> after.image",
    "good.out -> both.a",
    "after.out -> both.b",
)
ALL = [(id, "out") for id in BRANCHES.nodes]


def computed(made, feeds=ALL, size=32, **options):
    return Workpiece.of(made).compute(feeds, size, cache=options.pop("cache", None) or Cache(), **options)


def test_what_is_computed_is_what_a_render_gives():
    outcome = computed(BRANCHES)
    expected = render(Graph(BRANCHES), 32, outputs=["good", "both"])
    assert np.array_equal(outcome.values["good", "out"], expected["good"])
    assert np.array_equal(outcome.values["both", "out"], expected["both"])


def test_a_node_without_its_input_fails_alone():
    outcome = computed(BRANCHES)
    assert set(outcome.failed) == {"alone"}
    assert "not connected" in str(outcome.failed["alone"])
    assert set(outcome.values) == {feed for feed in ALL if feed[0] != "alone"}


def test_what_depends_on_an_unknown_node_is_left_out():
    nodes = dict(BRANCHES.nodes)
    nodes["bad"] = replace(nodes["bad"], key="of_tomorrow")
    outcome = computed(replace(BRANCHES, nodes=nodes))
    assert isinstance(outcome.failed["bad"], GraphError)
    assert outcome.failed["after"] is None
    assert outcome.failed["both"] is None
    assert ("good", "out") in outcome.values
    assert ("both", "out") not in outcome.values


def test_a_node_that_fails_at_work_is_found_and_the_rest_goes_on():
    failing = document(
        {"ramp": "t_ramp", "break": "t_broken", "after": "t_gain", "good": "t_gain"},
        "ramp.out -> break.image",
        "break.out -> after.image",
        "ramp.out -> good.image",
    )
    outcome = computed(failing, [(id, "out") for id in failing.nodes])
    assert "break" in outcome.failed
    assert outcome.failed["after"] is None
    assert set(outcome.values) == {("ramp", "out"), ("good", "out")}


def test_a_missing_picture_fails_where_it_is_named():
    made = document({"photo": ("image", {"picture": "gone"}), "ramp": "t_ramp"})
    outcome = computed(made, [("photo", "out"), ("ramp", "out")])
    assert "gone" in str(outcome.failed["photo"])
    assert ("ramp", "out") in outcome.values


INSIDE = document(
    {"in": (GRAPH_INPUT, {"name": "value"}), "gain": "t_gain", "out": (GRAPH_OUTPUT, {"name": "result"})},
    "in.out -> gain.image",
    "gain.out -> out.value",
)


def nested():
    made, _ = edits.AddNode(Node("sub", SUBGRAPH, graph=INSIDE)).apply(document({"ramp": "t_ramp"}))
    return edits.Connect(Link("ramp", "out", "sub", "value")).apply(made)[0]


def test_ports_of_subgraphs_are_followed_to_what_computes_them():
    piece = Workpiece.of(nested())
    assert piece.feed("sub", "result") == ("sub/gain", "out")
    assert piece.feed("sub/in", "out") == ("ramp", "out")
    outcome = piece.compute([("sub/gain", "out"), ("ramp", "out")], 32, cache=Cache())
    assert np.array_equal(outcome.values["sub/gain", "out"], outcome.values["ramp", "out"] * 2)


def test_a_subgraph_whose_file_is_gone_fails_alone():
    made, _ = edits.AddNode(Node("sub", SUBGRAPH, file="gone.intarsia")).apply(document({"ramp": "t_ramp"}))
    piece = Workpiece.of(made)
    assert "sub" in piece.failed
    assert piece.feed("sub", "result") is None
    assert ("ramp", "out") in piece.compute([("ramp", "out")], 32, cache=Cache()).values


def test_a_bypassed_node_shows_what_passes_through_it():
    made, _ = edits.SetNode("good", "bypass", True).apply(BRANCHES)
    assert Workpiece.of(made).feed("good", "out") == ("ramp", "out")


def test_a_frozen_node_gives_what_the_older_graph_made():
    before = Workpiece.of(BRANCHES)
    changed, _ = edits.SetParameter("ramp", "scale", 3.0).apply(BRANCHES)
    cache = Cache()
    frozen = Workpiece.of(changed, frozen={"good": before}).compute([("both", "out"), ("ramp", "out")], 32, cache=cache)
    old, new = computed(BRANCHES), computed(changed)
    flipped = new.values["after", "out"]
    assert np.array_equal(frozen.values["ramp", "out"], new.values["ramp", "out"])
    assert np.array_equal(frozen.values["both", "out"], old.values["good", "out"] + flipped)


def test_what_follows_a_frozen_node_is_kept_from_pass_to_pass():
    before, cache = Workpiece.of(BRANCHES), Cache()
    changed, _ = edits.SetParameter("ramp", "scale", 3.0).apply(BRANCHES)
    first = Workpiece.of(changed, frozen={"good": before}).compute([("both", "out")], 32, cache=cache)
    again = Workpiece.of(changed, frozen={"good": before}).compute([("both", "out")], 32, cache=cache)
    assert "both" in first.seconds
    assert not again.seconds
    assert again.values["both", "out"] is first.values["both", "out"]


def test_cancelling_is_not_taken_for_a_mistake():
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(Cancelled):
        computed(BRANCHES, cancel=cancel)


def test_whole_nodes_are_watched_by_path():
    seen = []
    computed(BRANCHES, watch=lambda path, share: seen.append((path, share)))
    assert ("after", 0.0) in seen
