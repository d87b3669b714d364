"""Tidying: nodes do not overlap, wires run from left to right and not behind nodes, and the work is the same."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings

from materials import boxes, document as documents
from materials.boxes import COLUMN, SNAP, WIDTH, Box, box_of, height_of
from materials.channels import runs_behind
from materials.graph import Document, Link, Node
from materials.layout import Route
from materials.render import presets
from materials.tidy import align, spread, tidy
from tests.build import document
from tests.test_random_graphs import graphs


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


def framed(made: Document, frames: int, seed: int) -> Document:
    """Return a graph with its nodes in frames side by side, some in a frame within one, some in none, and comments."""
    rng = random.Random(seed)
    nodes = dict(made.nodes)
    rects: list[dict[str, object]] = []
    for place in range(frames):
        left = place * 10_000.0
        rects.append({"title": f"Part {place}", "rect": [left, 0.0, 8000.0, 8000.0]})
        if place == 1:
            rects.append({"title": "Within", "rect": [left + 4000, 4000.0, 3000.0, 3000.0]})
            rects.append({"kind": "comment", "text": "why", "rect": [left + 100, 7000.0, 240.0, 80.0]})
    rects.append({"kind": "comment", "text": "elsewhere", "rect": [-900.0, -900.0, 203.0, 77.0]})
    for id, node in nodes.items():
        place = rng.randrange(frames + 1)
        at = (place * 10_000.0 + rng.uniform(0, 7000), rng.uniform(0, 7000)) if place < frames else (-5000.0, 0.0)
        nodes[id] = replace(node, position=at)
    return replace(made, nodes=nodes, frames=tuple(rects))


def held(made: Document) -> list[list[str]]:
    """Return the nodes in each frame; none in comments."""
    return [sorted(boxes.inside(made, frame)) if "kind" not in frame else [] for frame in made.frames]


def apart(one: Box, other: Box) -> bool:
    return one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top


def is_tidy(made: Document) -> None:
    places = [box_of(node) for node in made.nodes.values()]
    for place, one in enumerate(places):
        assert (one.left % SNAP, one.top % SNAP) == (0, 0)
        assert all(apart(one, other) for other in places[:place])
    for link in made.links:
        source, target = made.nodes[link.source], made.nodes[link.target]
        route = made.routes.get(str(link), Route())
        if not route.portal:
            assert target.position[0] - source.position[0] >= COLUMN
            assert route.via or runs_behind(made, link) == []
        for start, end in zip(route.via, route.via[1:], strict=False):
            assert start[1] == end[1]
            assert not any(
                box.left < end[0] and start[0] < box.right and box.top < start[1] < box.bottom for box in places
            )


def same_work(one: Document, other: Document) -> bool:
    """Return whether two documents differ in nothing but how they are laid out."""
    found = []
    for made in (one, other):
        nodes = {id: replace(node, position=(0.0, 0.0)) for id, node in made.nodes.items()}
        words = tuple({**frame, "rect": []} for frame in made.frames)
        found.append(replace(made, nodes=nodes, frames=words, routes={}))
    return found[0] == found[1]


@pytest.mark.parametrize("seed", range(8))
def test_any_graph_can_be_tidied(seed):
    before = scattered(3 + 7 * seed, seed)
    made, undo = tidy(before).apply(before)
    is_tidy(made)
    assert same_work(made, before)
    assert undo.apply(made)[0] == before
    assert documents.loads(documents.dumps(made)).routes == made.routes


@pytest.mark.parametrize("seed", range(8))
def test_frames_hold_what_they_held_and_do_not_overlap(seed):
    before = framed(scattered(5 + 9 * seed, seed), 2 + seed // 2, seed)
    made, undo = tidy(before).apply(before)
    is_tidy(made)
    assert held(made) == held(before)
    assert undo.apply(made)[0] == before
    rects = [boxes.frame_box(frame) for frame in made.frames]
    for place, one in enumerate(rects):
        for other in rects[:place]:
            assert apart(one, other) or boxes.around([one, other]) in (one, other)
        for node in made.nodes.values():
            body = box_of(node)
            assert apart(one, body) or boxes.around([one, body]) == one


@pytest.mark.parametrize("seed", range(8))
def test_what_is_tidy_stays_as_it_is(seed):
    before = framed(scattered(5 + 9 * seed, seed), 2 + seed // 2, seed)
    made, _ = tidy(before).apply(before)
    assert tidy(made).apply(made)[0] == made


@settings(max_examples=25, deadline=None)
@given(graphs())
def test_graphs_of_any_nodes_can_be_tidied(before):
    made, _ = tidy(before).apply(before)
    is_tidy(made)
    assert same_work(made, before)


@pytest.mark.parametrize("name", presets())
def test_shipped_graphs_are_tidy_and_fill_a_canvas(name):
    made = documents.load(presets()[name])
    is_tidy(made)
    assert tidy(made).apply(made)[0] == made
    whole = boxes.around([boxes.frame_box(frame) for frame in made.frames])
    assert 1.2 < (whole.right - whole.left) / (whole.bottom - whole.top) < 2.6
    assert sum(not route.portal for route in made.routes.values()) < len(made.links) / 2


def test_a_generator_that_is_read_all_over_is_read_through_portals():
    nodes = {"noise": Node("noise", "t_ramp")} | {f"n{place}": Node(f"n{place}", "t_gain") for place in range(12)}
    chain = [Link(f"n{place}", "out", f"n{place + 1}", "image") for place in range(11)]
    nodes |= {f"m{place}": Node(f"m{place}", "t_add") for place in range(12)}
    both = [Link(f"n{place}", "out", f"m{place}", "a") for place in range(12)]
    links = (Link("noise", "out", "n0", "image"), *chain, *both)
    links += tuple(Link("noise", "out", f"m{place}", "b") for place in range(12))
    before = Document(nodes=nodes, links=links)
    made, _ = tidy(before).apply(before)
    portals = {link for link, route in made.routes.items() if route.portal}
    assert "noise.out -> m11.b" in portals
    assert "noise.out -> m0.b" not in portals
    assert not {str(link) for link in chain} & portals


def test_only_what_is_chosen_is_moved_and_portals_stay():
    before = scattered(20, 3)
    portal = str(before.links[0])
    before = replace(before, routes={portal: Route(portal=True)})
    made, _ = tidy(before, ["n1", "n2", "n3"]).apply(before)
    moved = {id for id, node in made.nodes.items() if node is not before.nodes[id]}
    assert moved <= {"n1", "n2", "n3"}
    assert tidy(before).apply(before)[0].routes[portal].portal


def test_a_frame_moves_only_with_all_its_nodes():
    before = framed(scattered(20, 3), 2, 3)
    first = held(before)[0]
    made, _ = tidy(before, first[1:]).apply(before)
    assert made.frames == before.frames
    made, _ = tidy(before, first).apply(before)
    assert made.frames[0] != before.frames[0]
    assert made.frames[1:] == before.frames[1:]
    assert set(first) <= set(held(made)[0])


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
