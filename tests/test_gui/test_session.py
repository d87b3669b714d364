"""The session: edits, levels, pictures from the background, errors where they belong."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from gui.session import Session
from materials import edits, gestures
from materials.cache import Cache
from materials.enclosing import enclose
from materials.graph import MATERIAL_OUTPUT, Document, Link, Node
from materials.nested import Inside
from materials.pictures import encode_png
from tests.build import document

GRAPH = document(
    {"ramp": "t_ramp", "gain": "t_gain", "flip": "t_flip", "out": MATERIAL_OUTPUT},
    "ramp.out -> gain.image",
    "gain.out -> flip.image",
    "flip.out -> out.height",
    "gain.out -> out.roughness",
)


@pytest.fixture
def session(qtbot):
    made = Session(GRAPH, cache=Cache())
    made.finest = 512
    yield made
    made.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "intarsia evaluation"]


def settled(qtbot, session):
    """Wait until all that was asked for has come."""
    qtbot.waitUntil(lambda: session.is_fresh and session.maps is not None and session.maps.width == 512, timeout=20000)


def started(qtbot, session):
    session._results.stale |= set(session.graph.nodes)
    session.evaluate()
    settled(qtbot, session)


def test_every_node_gets_its_picture(qtbot, session):
    started(qtbot, session)
    for id in session.graph.nodes:
        look = session.look(id)
        assert look.state == "ready", id
        assert look.image is not None
        assert look.image.width() == look.image.height()
    result = session.result("gain", "out")
    assert result is not None
    assert result.fresh


def test_what_is_looked_at_is_refined(qtbot, session):
    session.show("flip")
    started(qtbot, session)
    qtbot.waitUntil(lambda: session.result("flip", "out").size == 512, timeout=20000)
    assert session.result("flip", "out").value.shape == (512, 512)
    assert session.result("gain", "out").size == 256


def test_an_edit_changes_what_depends_on_it_and_nothing_else(qtbot, session):
    started(qtbot, session)
    before = {id: session.result(id, "out").value for id in ("ramp", "gain", "flip")}
    heard = []
    session.pictured.connect(heard.append)
    assert session.do(edits.SetParameter("gain", "gain", 3.0), "Gain")
    assert not session.result("gain", "out").fresh
    assert session.result("ramp", "out").fresh
    settled(qtbot, session)
    after = {id: session.result(id, "out").value for id in before}
    assert after["ramp"] is before["ramp"]
    assert np.array_equal(after["gain"], before["ramp"] * np.float32(3))
    assert "ramp" not in set().union(*heard)


def test_undo_brings_back_the_very_pictures(qtbot, session):
    started(qtbot, session)
    before = session.result("flip", "out").value
    session.do(edits.SetParameter("gain", "gain", 3.0), "Gain")
    settled(qtbot, session)
    session.undo()
    assert session.graph == GRAPH
    settled(qtbot, session)
    assert np.array_equal(session.result("flip", "out").value, before)


def test_a_gesture_is_one_step_and_can_be_abandoned(session):
    session.begin("Drag")
    for value in (1.0, 2.5, 3.5):
        session.preview(edits.SetParameter("gain", "gain", value))
    session.commit()
    assert session.graph.nodes["gain"].parameters["gain"] == 3.5
    assert session.history.undo_text == "Drag"
    session.begin("Drag")
    session.preview(edits.SetParameter("gain", "gain", -1.0))
    session.abandon()
    assert session.graph.nodes["gain"].parameters["gain"] == 3.5
    session.undo()
    assert session.graph == GRAPH
    assert not session.history.can_undo


def test_a_change_that_makes_no_sense_is_refused_in_words(session):
    heard = []
    session.refused.connect(heard.append)
    assert not session.do(edits.SetParameter("gain", "gain", 99.0), "Gain")
    assert not session.do(edits.Connect(Link("flip", "out", "ramp", "offset")), "Join")
    assert session.graph == GRAPH
    assert "outside" in heard[0]
    assert "Flow" in heard[1]


def test_an_error_stays_where_it_is(qtbot, session):
    started(qtbot, session)
    session.do(gestures.add(session.graph, "t_broken", (0, 0))[0], "Add")
    broken = next(id for id, node in session.graph.nodes.items() if node.key == "t_broken")
    assert session.look(broken).words == "needs image"
    session.do(edits.Connect(Link("ramp", "out", broken, "image")), "Join")
    qtbot.waitUntil(lambda: session.look(broken).state == "error", timeout=20000)
    assert "no luck" in session.look(broken).words
    assert session.problems()[0].node == broken
    assert session.look("flip").state == "ready"


def test_a_material_that_nothing_is_joined_to_is_no_error(qtbot, session):
    started(qtbot, session)
    assert not session.look("out").image.isNull()
    for socket in ("height", "roughness"):
        session.do(edits.Disconnect("out", socket), "Cut")
    qtbot.waitUntil(lambda: session.is_fresh and session.is_done, timeout=20000)
    assert session.problems() == ()
    assert session.look("out").image.isNull()
    assert session.look("flip").state == "ready"


def test_old_pictures_stay_after_an_error_before_them(qtbot, session):
    started(qtbot, session)
    image = session.look("flip").image
    session.do(edits.Disconnect("gain", "image"), "Cut")
    qtbot.waitUntil(lambda: session.look("flip").state == "waiting", timeout=20000)
    assert session.look("flip").image is image
    assert session.look("gain").words == "needs image"


def test_a_frozen_node_keeps_its_picture(qtbot, session):
    started(qtbot, session)
    before = session.result("flip", "out").value
    session.freeze(["gain"], True)
    session.do(edits.SetParameter("ramp", "scale", 5.0), "Scale")
    settled(qtbot, session)
    assert session.look("gain").frozen
    assert np.array_equal(session.result("flip", "out").value, before)
    session.freeze(["gain"], False)
    settled(qtbot, session)
    assert not np.array_equal(session.result("flip", "out").value, before)


def nested() -> Document:
    edit, id = enclose(GRAPH, ["gain", "flip"], "Inner")
    made, _ = edit.apply(GRAPH)
    assert id in made.nodes
    return made


def test_levels_are_entered_and_left(qtbot):
    made = nested()
    inner = next(id for id, node in made.nodes.items() if node.graph is not None)
    other = Session(made, cache=Cache())
    try:
        assert other.outputs(inner)
        other.enter(inner)
        assert other.level == (inner,)
        gain = next(id for id, node in other.graph.nodes.items() if node.key == "t_gain")
        assert other.do(edits.SetParameter(gain, "gain", 1.5), "Gain")
        assert other.graph.nodes[gain].parameters["gain"] == 1.5
        qtbot.waitUntil(lambda: other.look(gain).image is not None, timeout=20000)
        other.leave()
        assert other.selection == {inner}
        assert isinstance(other._inside(edits.RemoveNode("x")), edits.RemoveNode)
        other.enter(inner)
        assert isinstance(other._inside(edits.RemoveNode("x")), Inside)
        other.undo()
        assert other.graph.nodes[gain].parameters["gain"] == 2.0
    finally:
        other.close()


def test_undo_of_the_level_that_is_shown_goes_out_of_it(session):
    edit, id = enclose(session.graph, ["gain", "flip"], "Inner")
    session.do(edit, "Make a subgraph")
    session.enter(id)
    session.undo()
    assert session.level == ()
    assert session.graph == GRAPH


def test_what_is_selected_and_shown_goes_with_its_node(session):
    session.select(["gain", "flip"], "flip")
    session.show("flip")
    session.do(edits.RemoveNode("flip"), "Delete")
    assert session.selection == {"gain"}
    assert session.current == "gain"
    assert session.shown is None


def test_saving_and_being_left_are_no_edits(tmp_path, session):
    session.do(edits.SetMeta("title", "Wall"), "Title")
    assert session.is_modified
    session.save(tmp_path / "wall.intarsia")
    assert not session.is_modified
    session.keep_view({"centre": [1.0, 2.0], "zoom": 0.5})
    assert not session.is_modified
    session.undo()
    assert session.is_modified


def test_a_locked_document_cannot_be_changed(qtbot):
    locked = Session(GRAPH, cache=Cache(), locked="Made by a newer version.")
    heard = []
    locked.refused.connect(heard.append)
    assert not locked.do(edits.RemoveNode("flip"), "Delete")
    assert "newer version" in heard[0]
    locked.close()


def test_the_newest_request_wins_and_all_are_answered(qtbot, session):
    started(qtbot, session)
    numbers = []
    session.worker.arrived.connect(lambda arrival: numbers.append(arrival.number))
    for step in range(30):
        session.do(edits.SetParameter("gain", "gain", step / 10), "Gain")
    settled(qtbot, session)
    qtbot.waitUntil(lambda: numbers[-1] == session._number, timeout=20000)
    assert numbers == sorted(numbers)
    assert np.array_equal(session.result("gain", "out").value, session.result("ramp", "out").value * np.float32(2.9))


def test_a_picture_is_taken_into_a_document_that_was_never_saved(tmp_path, session):
    photo = tmp_path / "my photo.png"
    photo.write_bytes(encode_png(np.full((32, 32, 3), 128, np.uint8), {}, colour=True))
    edit, name = session.take_picture(photo)
    add = edits.AddNode(Node("photo", "image", parameters={"picture": name}))
    assert session.do(edits.Group((edit, add)), "Add a picture")
    assert session.folder is not None
    assert (session.folder / session.graph.sources[name].path).read_bytes() == photo.read_bytes()
    (tmp_path / "work").mkdir()
    session.save(tmp_path / "work" / "mine.intarsia")
    assert (tmp_path / "work" / session.graph.sources[name].path).read_bytes() == photo.read_bytes()
