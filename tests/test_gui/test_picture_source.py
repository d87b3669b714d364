"""A 2D view follows its session, a pinned one does not, and what lies beside a picture lies at the same pixel."""

import numpy as np
import pytest

from gui.session import Port, Progress, Result, Session
from gui.views.picture import PictureView
from gui.views.picture_source import PictureSource, aligned
from materials.graph import Document, Link, Node
from nodes.arrays import Material, Regions

GRAY = np.random.default_rng(1).random((16, 16)).astype(np.float32)


def regions() -> Regions:
    return Regions(np.ones((16, 16), np.int32), {"id": np.array([3], np.uint32), "area": np.ones(1, np.float32)})


class Fake(Session):
    """A session whose results are put there by hand."""

    def __init__(self):
        super().__init__()
        self.nodes = {
            "wall": Node("wall", "bricks"),
            "tone": Node("tone", "levels", title="Harder"),
            "soft": Node("soft", "blur"),
        }
        self.links = (Link("wall", "height", "tone", "image"), Link("tone", "out", "soft", "image"))
        self.results = {}
        self._shown = None
        self._level = ()

    graph = property(lambda self: Document(nodes=self.nodes, links=self.links))
    root = graph
    level = property(lambda self: self._level)
    shown = property(lambda self: self._shown)

    def outputs(self, id):
        return tuple(Port(output.name, output.kind.value) for output in self.nodes[id].type.outputs)

    def result(self, id, output):
        return self.results.get((id, output))

    def show(self, id, output=None):
        self._shown = (id, output or self.outputs(id)[0].name)
        self.shown_changed.emit()

    def put(self, id, output, value, fresh=True):
        self.results[id, output] = Result(value, 16, fresh)
        self.pictured.emit(frozenset({id}))


@pytest.fixture
def session(qapp):
    return Fake()


@pytest.fixture
def view(qtbot, session):
    made = PictureView()
    qtbot.addWidget(made)
    made.source = PictureSource(made, session)
    yield made
    made.stop()


def test_a_view_shows_what_the_session_shows(view, session):
    assert view.seen is None
    session.show("wall", "mask")
    assert view.pane.empty_words == "No picture yet"
    session.put("wall", "mask", GRAY)
    assert view.seen.subject.value is GRAY
    assert view.head.name.words == "Bricks · mask"
    session.show("tone")
    assert view.head.name.words == "Harder"
    assert view.pane.mips is None


def test_a_picture_of_an_older_graph_looks_old(view, session):
    session.show("tone")
    session.put("tone", "out", GRAY)
    session.put("tone", "out", GRAY, fresh=False)
    session.progressed.emit(Progress("1024 px, stage 5 of 9", 0.5))
    assert view.pane.stale
    assert view.pane.notes == [("1024 px, stage 5 of 9", "text2")]
    session.progressed.emit(None)
    session.put("tone", "out", GRAY + 0)
    assert not view.pane.stale


def test_a_pinned_view_keeps_its_output_and_stays_up_to_date(view, session):
    session.show("tone")
    session.put("tone", "out", GRAY)
    view.head.pin.click()
    session.show("wall")
    assert view.node == "tone"
    newer = GRAY * 0.5
    session.put("tone", "out", newer)
    assert view.seen.subject.value is newer
    view.head.pin.click()
    assert view.node == "wall"


def test_a_pinned_view_keeps_its_picture_in_other_levels(view, session):
    session.show("tone")
    session.put("tone", "out", GRAY)
    view.head.pin.click()
    session._level, session.nodes, session.links = ("sub",), {}, ()
    session.entered.emit()
    assert view.seen.subject.value is GRAY
    view.head.pin.click()
    assert view.node == ""


def test_another_output_is_asked_of_the_session_or_of_the_pinned_view_alone(qtbot, view, session):
    session.show("wall", "height")
    view.output_chosen.emit("mask")
    assert session.shown == ("wall", "mask")
    view.head.pin.click()
    with qtbot.waitSignal(view.pin_changed):
        view.output_chosen.emit("random")
    assert session.shown == ("wall", "mask")
    assert view.output == "random"


def test_a_node_that_is_gone_leaves_nothing(view, session):
    session.show("tone")
    session.put("tone", "out", GRAY)
    before = session.graph
    del session.nodes["tone"]
    session.links = ()
    session.edited.emit(before, session.graph)
    assert view.seen is None


def test_regions_and_height_are_read_beside_what_has_the_same_pixels(view, session):
    session.nodes["made"] = Node("made", "material_output", parameters={"size_cm": 50.0, "depth_cm": 4.0})
    session.links = (
        Link("wall", "height", "tone", "image"),
        Link("tone", "out", "made", "height"),
        Link("wall", "height", "soft", "image"),
    )
    material = Material({"height": GRAY[::2, ::2]}, 50.0, 4.0)
    for id, output, value in (
        ("wall", "regions", regions()),
        ("wall", "height", GRAY),
        ("wall", "mask", GRAY),
        ("tone", "out", GRAY),
        ("soft", "out", GRAY),
        ("made", session.outputs("made")[0].name, material),
    ):
        session.put(id, output, value)
    session.show("wall", "height")
    view.pane.set_spot(4, 6)
    read = dict(view.facts.readings)
    assert read["region"] == "1 of 1"
    assert read["height"] == f"{GRAY[4, 6] * 4:.2f} cm"
    assert view.facts.readings[1] == ("height", f"{GRAY[4, 6]:.3f}")
    session.show("tone")
    assert set(view.seen.subject.facts.beside) == {"regions"}
    assert view.seen.subject.facts.is_relief
    session.show("soft")
    assert not view.seen.subject.facts.beside
    assert view.seen.subject.facts.depth_cm is None
    session.put("wall", "regions", regions(), fresh=False)
    session.show("wall", "mask")
    assert set(view.seen.subject.facts.beside) == {"height"}


def test_what_is_aligned_is_joined_by_nodes_that_read_at_the_same_pixel():
    kinds = {"a": "fbm", "b": "levels", "c": "blur", "d": "levels", "e": "levels"}
    nodes = {id: Node(id, key) for id, key in kinds.items()}
    links = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "e")]
    graph = Document(nodes=nodes, links=tuple(Link(s, "out", t, "image") for s, t in links))
    assert aligned(graph, "b") == ["b", "a", "e"]
    assert aligned(graph, "d") == ["d", "c"]


def test_a_released_view_hears_nothing_more(view, session):
    session.show("tone")
    view.source.release()
    session.put("tone", "out", GRAY)
    assert view.seen is None
