"""Edits drawn at random, some of which make no sense, for tests of what must hold after any edit."""

from __future__ import annotations

import random

from materials import edits
from materials.graph import Document, Exposed, Link, Node
from materials.layout import Route
from tests.build import document

START = document(
    {"a": "t_ramp", "g": ("t_gain", {"gain": 1.5}), "b": "t_below", "s": "t_same"},
    "a.out -> g.image",
    "g.out -> b.image",
    "b.out -> s.image",
    title="A chain",
    tags=("test",),
)

INNER = document(
    {"in": ("graph_input", {"name": "value"}), "g": "t_gain", "out": ("graph_output", {"name": "result"})},
    "in.out -> g.image",
    "g.out -> out.value",
    exposed=(Exposed("power", "g", "gain"),),
)


def some_edit(rng: random.Random, made: Document) -> edits.Edit:
    """Return an edit of a document, possibly one it refuses."""
    ids = list(made.nodes) or ["none"]
    links = list(made.links) or [Link("a", "out", "b", "image")]
    names = [entry.name for entry in made.exposed] or ["none"]
    embedded = [id for id, node in made.nodes.items() if node.graph is not None] or ["none"]
    pick = rng.choice
    x, y = rng.uniform(-500, 500), rng.uniform(-500, 500)
    return pick(
        [
            lambda: edits.AddNode(Node(f"n{rng.randrange(30)}", pick(["t_ramp", "t_gain", "t_add", "mystery"]))),
            lambda: edits.AddNode(Node(f"u{rng.randrange(3)}", "subgraph", graph=INNER)),
            lambda: edits.AddAll(
                (Node("p", "t_ramp"), Node("q", "t_gain")),
                (Link("p", "out", "q", "image"),),
                ({"title": "Two", "rect": [0, 0, 10, 10]},),
                routes={"p.out -> q.image": Route(((1.0, 2.0),))},
            ),
            lambda: edits.RemoveNode(pick(ids)),
            lambda: edits.RemoveAll(tuple(rng.sample(ids, min(2, len(ids))))),
            lambda: edits.SetParameter(pick(ids), pick(["gain", "scale", "x"]), rng.uniform(-5, 5)),
            lambda: edits.SetNode(pick(ids), "title", str(rng.random())),
            lambda: edits.SetNode(pick(ids), "bypass", rng.random() < 0.5),
            lambda: edits.SetNode(pick(ids), "position", (x, y)),
            lambda: edits.SetNode(pick(ids), "graph", pick([None, INNER])),
            lambda: edits.SetNode(pick(ids), "file", pick(["", "other.intarsia"])),
            lambda: edits.Connect(Link(pick(ids), "out", pick(ids), pick(["image", "a", "b", "value"]))),
            lambda: edits.Disconnect(pick(ids), pick(["image", "a"])),
            lambda: edits.SetRoute(pick(links), pick([None, Route(((x, y),)), Route(portal=True)])),
            lambda: edits.SetMeta("title", str(rng.random())),
            lambda: edits.SetMeta("frames", ({"title": "F", "rect": [x, y, 10.0, 10.0]},)),
            lambda: edits.SetMeta("view", {"centre": [x, y], "zoom": 2.0}),
            lambda: edits.SetMeta("presets", {"one": {"g.gain": x / 500}}),
            lambda: edits.Expose(Exposed(f"e{rng.randrange(5)}", pick(ids), "gain")),
            lambda: edits.SetExposed(pick(names), Exposed(f"e{rng.randrange(5)}", pick(ids), "gain", "Gain", low=x)),
            lambda: edits.Reorder(pick(names), pick([None, *names])),
            lambda: edits.Hide(f"e{rng.randrange(5)}"),
            lambda: edits.SetExpression(pick(ids), "gain", pick([None, "1 + 1", f"{pick(ids)}.gain / 2", "e1"])),
            lambda: edits.Inside((pick(embedded),), some_edit(rng, INNER)),
            lambda: edits.Group((edits.SetMeta("title", "T"), edits.SetNode(pick(ids), "title", "t"))),
        ]
    )()
