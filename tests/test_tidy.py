"""Tidying: nodes do not overlap, wires run from left to right and not behind nodes, and the work is the same."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from materials import boxes, document as documents
from materials.boxes import COLUMN, SNAP, WIDTH, box_of, height_of
from materials.graph import Document, Link, Node
from materials.layout import Route
from materials.render import presets
from materials.tidy import align, runs_behind, spread, tidy
from tests.build import document


def scattered(count: int, seed: int) -> Document:
    """Return a graph with nodes here and there and links that skip up to many of them."""
    rng = random.Random(seed)
    nodes, links = {}, []
    for number in range(count):
        key = rng.choice(["t_add", "t_gain", "t_same", "t_two"]) if number else "t_ramp"
        place = (rng.uniform(-900, 900), rng.uniform(-900, 900))
        nodes[f"n{number}"] = Node(f"n{number}", key, position=place)
        for socket in {"t_add": ["a", "b"]}.get(key, ["image"] if number else []):
            source = f"n{rng.randrange(number)}"
            output = "first" if nodes[source].key == "t_two" else "out"
            links.append(Link(source, output, f"n{number}", socket))
    return Document(nodes=nodes, links=tuple(links))


def is_tidy(made: Document) -> None:
    places = [box_of(node) for node in made.nodes.values()]
    for place, one in enumerate(places):
        assert (one.left % SNAP, one.top % SNAP) == (0, 0)
        for other in places[:place]:
            apart = (
                one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top
            )
            assert apart
    for link in made.links:
        source, target = made.nodes[link.source], made.nodes[link.target]
        assert target.position[0] - source.position[0] >= COLUMN
        if str(link) not in made.routes:
            assert runs_behind(made, link) == []
    for route in made.routes.values():
        for start, end in zip(route.via, route.via[1:], strict=False):
            if start[1] == end[1]:
                assert not any(
                    box.left < end[0] and start[0] < box.right and box.top < start[1] < box.bottom for box in places
                )


@pytest.mark.parametrize("seed", range(8))
def test_any_graph_can_be_tidied(seed):
    before = scattered(3 + 7 * seed, seed)
    made, undo = tidy(before).apply(before)
    is_tidy(made)
    assert undo.apply(made)[0] == before
    assert documents.loads(documents.dumps(made)).routes == made.routes
    again, _ = tidy(before).apply(before)
    assert again == made


@pytest.mark.parametrize("name", presets())
def test_shipped_graphs_can_be_tidied(name):
    before = documents.load(presets()[name])
    made, _ = tidy(before).apply(before)
    is_tidy(made)
    held = [sorted(boxes.inside(before, frame)) for frame in before.frames]
    for frame, ids in zip(made.frames, held, strict=True):
        assert set(ids) <= set(boxes.inside(made, frame))


def test_only_what_is_chosen_is_moved_and_portals_stay():
    before = scattered(20, 3)
    portal = str(before.links[0])
    before = replace(before, routes={portal: Route(portal=True)})
    made, _ = tidy(before, ["n1", "n2", "n3"]).apply(before)
    moved = {id for id, node in made.nodes.items() if node is not before.nodes[id]}
    assert moved <= {"n1", "n2", "n3"}
    assert tidy(before).apply(before)[0].routes[portal].portal


def three() -> Document:
    made = document({"a": "t_ramp", "b": "t_add", "c": "t_gain"})
    places = {"a": (0.0, 0.0), "b": (40.0, 400.0), "c": (600.0, 80.0)}
    return replace(made, nodes={id: replace(node, position=places[id]) for id, node in made.nodes.items()})


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom", "centre", "middle"])
def test_nodes_are_brought_to_one_line(edge):
    made, _ = align(three(), ["a", "b", "c"], edge).apply(three())
    side = 0 if edge in ("left", "right", "centre") else 1
    assert len({node.position[side] for node in made.nodes.values()}) == 1
    assert [node.position[1 - side] for node in made.nodes.values()] == [
        node.position[1 - side] for node in three().nodes.values()
    ]


def test_gaps_between_nodes_are_made_alike():
    made, _ = spread(three(), ["a", "b", "c"], "across").apply(three())
    assert [made.nodes[id].position[0] for id in "abc"] == [0.0, 304.0, 600.0]
    close = replace(three(), nodes={id: replace(node, position=(0.0, 0.0)) for id, node in three().nodes.items()})
    made, _ = spread(close, ["a", "b", "c"], "down").apply(close)
    tops = sorted(node.position[1] for node in made.nodes.values())
    assert all(below - above >= height_of(three().nodes["a"]) for above, below in zip(tops, tops[1:], strict=False))
    assert WIDTH == 120
