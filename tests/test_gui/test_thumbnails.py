"""Pictures of nodes come when they are asked for, the newest wish first, and are kept."""

import threading

import numpy as np
import pytest

from gui import samples
from gui.thumbnails import Thumbnails
from materials.errors import UsageError
from nodes.catalogue import catalogue


class Maker:
    """Makes plain pictures, and notes of which nodes."""

    def __init__(self):
        self.made = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, key):
        assert self.gate.wait(10)
        self.made.append(key)
        if key == "warp":
            raise UsageError("it cannot be")
        return np.full((samples.SIZE, samples.SIZE, 3), 40 + len(self.made), np.uint8)


@pytest.fixture
def maker():
    return Maker()


@pytest.fixture
def thumbnails(qapp, tmp_path, maker):
    made = Thumbnails(tmp_path / "thumbnails", maker)
    yield made
    maker.gate.set()
    made.stop()


def test_a_picture_arrives_once_it_is_asked_for(qtbot, thumbnails, maker):
    with qtbot.waitSignal(thumbnails.arrived) as told:
        assert thumbnails.picture("fbm") is None
    assert told.args == ["fbm"]
    image = thumbnails.picture("fbm")
    assert image.width() == image.height() == samples.SIZE
    assert image.pixelColor(3, 3).red() == 41
    assert maker.made == ["fbm"]


def test_the_newest_wish_is_met_first(qtbot, thumbnails, maker):
    thumbnails.hold(True)
    for key in ("fbm", "bricks", "voronoi", "fbm"):
        thumbnails.picture(key)
    assert maker.made == []
    thumbnails.hold(False)
    qtbot.waitUntil(lambda: len(maker.made) == 3)
    assert maker.made == ["fbm", "voronoi", "bricks"]


def test_pictures_are_kept_for_the_next_time(qtbot, thumbnails, maker, tmp_path):
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.picture("fbm")
    again = Thumbnails(thumbnails.folder, maker)
    with qtbot.waitSignal(again.arrived):
        again.picture("fbm")
    assert again.picture("fbm").pixelColor(0, 0).red() == 41
    assert maker.made == ["fbm"]
    again.stop()


def test_a_damaged_file_is_made_again(qtbot, thumbnails, maker):
    thumbnails.folder.mkdir()
    thumbnails.path("fbm").write_bytes(b"no picture")
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.picture("fbm")
    assert thumbnails.picture("fbm") is not None
    assert maker.made == ["fbm"]


def test_what_cannot_be_made_is_tried_once(qtbot, thumbnails, maker):
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.picture("warp")
    assert thumbnails.picture("warp") is None
    assert thumbnails.picture("no such node") is None
    assert maker.made == ["warp"]


def test_stopping_leaves_no_thread(qtbot, thumbnails, maker):
    maker.gate.clear()
    thumbnails.picture("fbm")
    thumbnails.picture("bricks")
    thread = thumbnails._thread
    threading.Timer(0.05, maker.gate.set).start()
    thumbnails.stop()
    assert not thread.is_alive()
    assert len(maker.made) <= 1
    assert thumbnails.picture("voronoi") is None


@pytest.mark.parametrize("key", ["fbm", "bricks", "flood_fill", "to_flow"])
def test_nodes_are_shown_at_work(key):
    seen = samples.picture(key)
    assert seen.shape == (samples.SIZE, samples.SIZE, 3)
    assert seen.std() > samples.DULL


def test_every_node_is_given_what_it_needs():
    for kind in catalogue().values():
        if kind.key in samples.SUBJECTS:
            continue
        needed = {socket.name for socket in kind.sockets if not socket.optional}
        skipped = {s.name for s in kind.sockets if s.optional and s.name in ("mask", "offset")}
        assert not needed & skipped


def test_settings_and_subjects_name_nodes_that_there_are():
    for key, settings in samples.SETTINGS.items():
        fields = {field.name for field in catalogue()[key].fields}
        assert set(settings) <= fields, key
    assert set(samples.SUBJECTS) <= set(catalogue())
