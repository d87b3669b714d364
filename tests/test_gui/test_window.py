"""The whole window: documents in tabs, files, export, what is dropped, what is wrong, and its end."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog

from gui.canvas.wires import HandWire
from gui.desk import Desk
from gui.notice import Notice
from gui.panels.row import ParameterRow
from gui.theme import THEME
from gui.window import Window
from materials import document as documents, export, filing, recent
from materials.cache import Cache
from materials.edits import Connect, SetParameter
from materials.graph import Link, Source
from materials.home import state_folder
from materials.render import Graph
from materials.upgrades import SCHEMA
from nodes.opencv import cv2
from tests.test_gui.hands import drag
from tests.test_gui.still import Mouse, graph
from tests.test_gui.windows import (
    NoSpheres,
    NoThumbnails,
    answer,
    drop,
    evaluated,
    no_sheet,
    opened,
    saved,
    sheet,
    small,
)

KEYS, KEY = Qt.KeyboardModifier, Qt.Key


def press(window: Window, key: Qt.Key, keys: KEYS = KEYS.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, keys)


def row_of(window: Window, name: str) -> ParameterRow:
    assert window.page is not None
    return window.page.parameters.rows[name]


def picture(path: Path, tone: int = 120) -> Path:
    draw = np.random.default_rng(tone)
    cv2.imwrite(str(path), draw.integers(0, 255, (32, 32, 3), np.uint8))
    return path


def choose(monkeypatch: pytest.MonkeyPatch, which: str, path: Path | None) -> list[str]:
    """Answer the system's file chooser; return the list of what it was asked."""
    asked: list[str] = []

    def chosen(parent, caption, *more):
        asked.append(caption)
        name = str(path) if path is not None else ""
        return name if which == "getExistingDirectory" else ([name] if which == "getOpenFileNames" else name, "")

    monkeypatch.setattr(QFileDialog, which, staticmethod(chosen))
    return asked


# ---- documents -----------------------------------------------------------------------------------


def test_a_preset_opens_by_its_name_as_a_new_document(window):
    window.begin([Path("brick_wall")])
    page = window.page
    assert page.title == "Brick wall"
    assert page.session.path is None
    assert not page.session.is_modified
    assert window.top.tabs.titles == [("Brick wall", False)]
    assert page.canvas.graph_scene.nodes.keys() == page.session.graph.nodes.keys()


def test_a_drag_in_the_panel_is_one_step_that_keys_take_back_and_do_again(window, tmp_path):
    page = opened(window, saved(tmp_path))
    page.session.select(["levels"])
    row = row_of(window, "gamma")
    before = page.session.graph.nodes["levels"].parameters["gamma"]
    drag(row.control, QPointF(60, 12), QPointF(90, 12))
    changed = page.session.graph.nodes["levels"].parameters["gamma"]
    assert changed > before
    assert row.control.value == changed
    assert page.session.is_modified
    assert window.top.tabs.titles == [("Kiln wall", True)]
    assert "Gamma of Levels" in window.top.undo.toolTip()
    page.canvas.setFocus()
    press(window, KEY.Key_Z, KEYS.ControlModifier)
    assert page.session.graph.nodes["levels"].parameters["gamma"] == before
    assert row.control.value == before
    assert not page.session.is_modified
    assert not window.top.undo.isEnabled()
    press(window, KEY.Key_Z, KEYS.ControlModifier | KEYS.ShiftModifier)
    assert page.session.graph.nodes["levels"].parameters["gamma"] == changed


def test_the_first_picture_of_an_edit_is_of_that_edit(window, qtbot, tmp_path):
    page = opened(window, saved(tmp_path))
    evaluated(qtbot, page)
    before = page.session.look("levels").image.copy()
    page.session.do(SetParameter("levels", "invert", True), "Invert")
    evaluated(qtbot, page)
    assert page.session.look("levels").image != before
    assert page.session.maps is not None
    assert page.session.elapsed > 0


def test_tabs_show_their_own_document_in_every_panel(window, tmp_path):
    first, second = opened(window, saved(tmp_path)), opened(window, saved(tmp_path, graph(title="Empty"), "empty"))
    tabs = window.top.tabs
    assert window.page is second
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs._cell(0).center().toPoint())
    assert window.page is first
    assert window.middle.currentWidget() is first.middle
    assert [stack.currentWidget() for stack in window.stacks.values()] == [
        first.parameters,
        first.picture,
        first.solid,
        first.problems,
    ]
    assert window.status.session is first.session
    assert opened(window, first.session.path) is first
    assert len(window.pages) == 2


def test_closing_with_unsaved_edits_asks_and_cancel_keeps_it_open(window, tmp_path):
    page = opened(window, saved(tmp_path))
    page.session.do(SetParameter("levels", "invert", True), "Invert")
    press(window, KEY.Key_W, KEYS.ControlModifier)
    answer(window, "Cancel")
    assert window.pages == [page]
    assert page.session.is_modified


def test_closing_without_saving_leaves_the_file_and_no_journal(window, tmp_path):
    path = saved(tmp_path)
    before = path.read_bytes()
    page = opened(window, path)
    page.session.do(SetParameter("levels", "invert", True), "Invert")
    window.close_page(0)
    answer(window, "Don't save")
    assert not window.pages
    assert window.middle.currentWidget() is window.start
    assert path.read_bytes() == before
    assert not list((state_folder() / "journals").iterdir())


def test_closing_with_save_saves(window, tmp_path):
    path = saved(tmp_path)
    page = opened(window, path)
    page.session.do(SetParameter("levels", "invert", True), "Invert")
    document = page.session.root
    window.close_page(0)
    answer(window, "Save")
    assert not window.pages
    assert documents.load(path).nodes == document.nodes


def test_the_window_closes_when_each_document_was_asked_for(window, tmp_path):
    pages = [opened(window, saved(tmp_path, name=name)) for name in ("one", "two")]
    for page in pages:
        page.session.do(SetParameter("levels", "invert", True), "Invert")
    window.close()
    answer(window, "Don't save")
    assert window.isVisible()
    answer(window, "Cancel")
    assert window.isVisible()
    assert window.pages == pages[1:]
    assert window.isActiveWindow()
    window.close()
    answer(window, "Don't save")
    assert not window.isVisible()


def test_save_as_writes_another_file_and_save_writes_it_again(window, tmp_path, monkeypatch):
    window.files.new()
    page = window.page
    page.add("fbm", QPointF(0, 0), None)
    target = tmp_path / "made" / "new wall"
    target.parent.mkdir()
    asked = choose(monkeypatch, "getSaveFileName", target)
    press(window, KEY.Key_S, KEYS.ControlModifier)
    path = target.with_name("new wall.intarsia")
    assert documents.load(path).nodes == page.session.root.nodes
    assert page.session.path == path
    assert not page.session.is_modified
    page.session.do(SetParameter("fbm", "octaves", 3), "Octaves")
    press(window, KEY.Key_S, KEYS.ControlModifier)
    assert documents.load(path).nodes["fbm"].parameters["octaves"] == 3
    assert asked == ["Save"]
    assert [entry.path for entry in window.desk.recent()] == [path]


def test_a_save_that_is_not_chosen_saves_nothing(window, tmp_path, monkeypatch):
    window.files.new()
    window.page.add("fbm", QPointF(0, 0), None)
    choose(monkeypatch, "getSaveFileName", None)
    window.files.save()
    assert window.page.session.is_modified
    assert window.page.session.path is None


def test_a_save_that_fails_says_so_and_leaves_the_document_unsaved(window, tmp_path, monkeypatch):
    window.files.new()
    window.page.add("fbm", QPointF(0, 0), None)
    blocked = tmp_path / "file"
    blocked.write_text("")
    choose(monkeypatch, "getSaveFileName", blocked / "wall.intarsia")
    window.files.save()
    assert "was not saved" in sheet(window).heading.text()
    answer(window, "Close")
    assert window.page.session.is_modified


def test_a_document_opens_where_it_was_left(window, qtbot, tmp_path):
    path = saved(tmp_path)
    page = opened(window, path)
    page.session.show("noise")
    page.canvas.restore_view({"centre": [321.0, 45.0], "zoom": 1.5})
    page.session.do(SetParameter("levels", "invert", True), "Invert")
    window.files.save()
    window.close_page(0)
    page = opened(window, path)
    assert page.session.shown == ("noise", "out")
    assert page.canvas.zoom == pytest.approx(1.5)
    assert (page.canvas.centre() - QPointF(321, 45)).manhattanLength() < 3
    assert not page.session.is_modified


def test_the_last_documents_are_offered_and_a_damaged_list_is_begun_anew(window, tmp_path):
    path = saved(tmp_path)
    opened(window, path)
    window.close_page(0)
    assert [row.entry.path for row in window.start.recent] == [path]
    (state_folder() / recent.NAME).write_bytes(b'{"recent": [{"path"')
    window.files.start()
    assert window.start.recent == []
    opened(window, path)
    window.close_page(0)
    assert [row.entry.path for row in window.start.recent] == [path]


def test_a_recent_file_that_is_gone_can_be_forgotten(window, tmp_path):
    path = saved(tmp_path)
    opened(window, path)
    window.close_page(0)
    path.unlink()
    window.files.start()
    QTest.mouseClick(window.start.recent[0].forget, Qt.MouseButton.LeftButton)
    assert window.start.recent == []
    assert window.desk.recent() == []


def test_rubbish_is_no_document_and_says_so(window, tmp_path):
    path = tmp_path / "wall.intarsia"
    path.write_text("{")
    assert not window.files.open_path(path)
    assert "was not opened" in sheet(window).heading.text()
    answer(window, "Close")
    assert not window.pages


def test_a_newer_file_opens_to_be_looked_at_and_says_so(window, qtbot, tmp_path):
    path = saved(tmp_path)
    data = json.loads(path.read_text("utf-8"))
    data["intarsia"] = SCHEMA + 1
    data["nodes"]["levels"]["node"] = "levels_of_tomorrow"
    path.write_text(json.dumps(data), "utf-8")
    before = path.read_bytes()
    page = opened(window, path)
    notice = page.middle.findChild(Notice)
    assert notice.isVisible()
    assert "newer version. 1 node is unknown here and kept as it is." in notice.words.words
    assert not page.session.do(SetParameter("noise", "octaves", 3), "Octaves")
    assert "Nothing can be changed" in window.toasts.words.text()
    assert not page.session.is_modified
    evaluated(qtbot, page)
    window.close_page(0)
    assert no_sheet(window)
    assert path.read_bytes() == before


# ---- export --------------------------------------------------------------------------------------


def test_export_writes_the_files_that_the_engine_writes(window, qtbot, tmp_path):
    page = opened(window, saved(tmp_path))
    press(window, KEY.Key_E, KEYS.ControlModifier)
    dialog = sheet(window)
    dialog.sizes.chosen.emit(0)
    dialog._change(folder=tmp_path / "ours")
    qtbot.waitUntil(dialog.primary.isEnabled)
    maps = int(dialog.primary.text().split()[1])
    with qtbot.waitSignal(window.files.exporter.finished, timeout=60_000):
        QTest.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: f"Exported {maps} map" in window.toasts.words.text())
    document = Graph(page.session.root, page.session.folder, "kiln_wall")
    export.export_graph(document, tmp_path / "theirs", size=512, name="kiln_wall")
    ours, theirs = ({path.name: path.read_bytes() for path in (tmp_path / who).iterdir()} for who in ("ours", "theirs"))
    pictures = {name for name in ours if name.endswith(".png")}
    assert len(pictures) == maps
    assert ours.keys() == theirs.keys()
    assert {name for name in pictures if ours[name] != theirs[name]} == set()
    assert not window.status.stage.words


def test_an_unlicensed_picture_is_refused_and_the_button_says_why(window, qtbot, tmp_path):
    page = opened(window, saved(tmp_path))
    page.take_pictures([picture(tmp_path / "found.png")], QPointF(0, 300))
    page.session.do(Connect(Link("image", "out", "material", "base_color")), "Connect")
    window.files.export()
    dialog = sheet(window)
    qtbot.waitUntil(lambda: bool(dialog.primary.toolTip()))
    assert not dialog.primary.isEnabled()
    assert "found" in dialog.primary.toolTip()
    assert "licence" in dialog.credits.words
    answer(window, "Cancel")


# ---- what is dropped -----------------------------------------------------------------------------


def test_a_picture_dropped_on_the_start_page_makes_a_document_of_it(window, tmp_path):
    drop(window, picture(tmp_path / "rust.png"))
    page = window.page
    assert [each.title for each in page.session.graph.nodes.values() if each.key == "image"] == ["rust"]
    assert page.session.history.undo_text == "Add the picture rust.png"


def test_a_document_that_is_dropped_opens(window, tmp_path):
    path = saved(tmp_path)
    drop(window, path)
    assert window.page.session.path == path


def test_a_picture_that_intarsia_exported_opens_the_graph_inside(window, tmp_path):
    _, paths = export.export_graph(Graph(small(), tmp_path, "wall"), tmp_path / "out", size=64)
    drop(window, next(path for path in paths if filing.holds_graph(path)))
    assert window.page.session.root.nodes == small().nodes
    assert window.page.session.path is None


def test_rubbish_that_is_dropped_is_refused_by_name(window, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("words")
    drop(window, path)
    assert window.toasts.words.text() == "notes.txt is neither a material nor a picture"
    assert not window.pages


def test_a_picture_that_is_none_is_refused_and_adds_nothing(window, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG and nothing more")
    page = opened(window, saved(tmp_path))
    drop(window, path)
    assert page.session.graph.nodes.keys() == small().nodes.keys()
    assert "broken.png" in window.toasts.words.text()


# ---- what is wrong -------------------------------------------------------------------------------


@pytest.fixture
def gone(window, tmp_path, qtbot):
    """A page whose picture is gone from its place."""
    found = picture(tmp_path / "elsewhere.png")
    page = opened(window, saved(tmp_path))
    page.take_pictures([found], QPointF(0, 300))
    window.files.save()
    path = page.session.path
    window.close_page(0)
    inside = next(iter(documents.load(path).sources.values())).path
    (tmp_path / inside).rename(tmp_path / "kept.png")
    if found.exists():
        found.unlink()
    page = opened(window, path)
    evaluated(qtbot, page)
    return page


def test_a_missing_picture_is_an_error_of_its_node_and_the_rest_renders(window, gone):
    assert gone.session.look("image").state == "error"
    assert gone.session.look("levels").state == "ready"
    assert gone.session.maps is not None
    assert window.status.problems.text().strip() == "1 error"
    assert [row.problem.node for row in gone.problems.rows] == ["image"]


def test_f8_goes_to_the_problem(window, gone):
    gone.session.select([])
    gone.canvas.setFocus()
    press(window, KEY.Key_F8)
    assert gone.session.selection == {"image"}


def test_a_missing_picture_that_is_found_is_put_back(window, gone, tmp_path, qtbot, monkeypatch):
    choose(monkeypatch, "getOpenFileName", tmp_path / "kept.png")
    window.views.problems()
    QTest.mouseClick(gone.problems.rows[0].fix, Qt.MouseButton.LeftButton)
    evaluated(qtbot, gone)
    assert gone.session.look("image").state == "ready"
    assert not gone.session.is_modified
    assert not gone.problems.rows


def test_another_picture_takes_the_place_of_a_missing_one(window, gone, tmp_path, qtbot, monkeypatch):
    choose(monkeypatch, "getOpenFileName", picture(tmp_path / "other.png", 7))
    window.views.problems()
    QTest.mouseClick(gone.problems.rows[0].fix, Qt.MouseButton.LeftButton)
    evaluated(qtbot, gone)
    assert gone.session.look("image").state == "ready"
    assert gone.session.graph.nodes["image"].parameters["picture"] == "other"
    gone.session.undo()
    assert isinstance(gone.session.graph.sources["elsewhere"], Source)


# ---- adding --------------------------------------------------------------------------------------


def test_the_library_adds_beside_the_current_node(window, tmp_path):
    page = opened(window, saved(tmp_path))
    page.session.select(["noise"])
    window.library.add_asked.emit("blur")
    assert page.session.graph.nodes["blur"].position[0] > 0
    assert page.session.selection == {"blur"}


def test_the_library_adds_to_a_new_document_where_none_is_open(window):
    window.library.add_asked.emit("blur")
    assert "blur" in window.page.session.graph.nodes


def hand_wires(page):
    return [item for item in page.canvas.graph_scene.items() if isinstance(item, HandWire)]


def test_a_wire_dropped_in_the_void_searches_what_fits_and_joins_it(window, qtbot, tmp_path):
    page = opened(window, saved(tmp_path))
    page.canvas.restore_view({"centre": [200, 100], "zoom": 1})
    mouse = Mouse(page.canvas)
    mouse.drag(mouse.output("noise", "out"), QPointF(200, 260))
    assert window.search.isVisible()
    assert hand_wires(page), "the wire stays while its other end is searched for"
    QTest.keyClicks(window.search.field, "blur")
    QTest.keyClick(window.search.field, KEY.Key_Return)
    assert not window.search.isVisible()
    assert not hand_wires(page)
    end = mouse.input("blur")
    assert max(abs(end.x() - 200), abs(end.y() - 260)) <= 4, "its input is where the wire was let go"
    assert all(part % 8 == 0 for part in page.session.graph.nodes["blur"].position)
    assert "noise.out -> blur.image" in {str(link) for link in page.session.graph.links}
    page.session.undo()
    assert page.session.graph.nodes == small().nodes


def test_tab_on_the_canvas_searches_and_enter_adds(window, tmp_path):
    page = opened(window, saved(tmp_path))
    page.canvas.setFocus()
    press(window, KEY.Key_Tab)
    assert window.search.isVisible()
    QTest.keyClicks(window.search.field, "blur")
    QTest.keyClick(window.search.field, KEY.Key_Return)
    assert page.session.graph.nodes["blur"].key == "blur"


# ---- the window ----------------------------------------------------------------------------------


def test_escape_rests_the_evaluation(window, qtbot, tmp_path):
    page = opened(window, saved(tmp_path))
    evaluated(qtbot, page)
    page.session.do(SetParameter("noise", "octaves", 3), "Octaves")
    page.canvas.setFocus()
    press(window, KEY.Key_Escape)
    assert not page.session.is_done
    assert page.session.worker._next is None
    page.session.do(SetParameter("noise", "octaves", 4), "Octaves")
    evaluated(qtbot, page)


def test_workspaces_change_and_come_back_as_they_were(window, qtbot, tmp_path):
    opened(window, saved(tmp_path))
    places = window.places
    window.resizeDocks([places.parameters], [400], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: places.parameters.width() == 400)
    wide, tall = places.parameters.width(), places.solid.height()
    press(window, KEY.Key_2, KEYS.ControlModifier)
    assert places.name == "look"
    qtbot.waitUntil(lambda: places.solid.height() > tall)
    press(window, KEY.Key_1, KEYS.ControlModifier)
    assert places.name == "author"
    qtbot.waitUntil(lambda: (places.parameters.width(), places.solid.height()) == (wide, tall))


def test_the_theme_changes_and_is_kept(window, tmp_path):
    opened(window, saved(tmp_path))
    before = window.grab().toImage()
    window.commands["light"].trigger()
    assert THEME.mode == "light"
    assert window.settings.value("theme") == "light"
    corner = (20, 10)
    assert window.grab().toImage().pixelColor(*corner).lightness() > before.pixelColor(*corner).lightness() + 50
    window.commands["light"].trigger()
    assert window.grab().toImage().pixelColor(*corner) == before.pixelColor(*corner)


def test_closing_while_it_computes_ends_all_threads(window, tmp_path):
    window.begin([Path("brick_wall")])
    assert any(thread.name == "intarsia evaluation" for thread in threading.enumerate())
    window.close()
    assert not window.isVisible()
    assert all(thread.name != "intarsia evaluation" for thread in threading.enumerate())


def test_export_needs_a_document(window, tmp_path):
    assert not window.top.export.isEnabled()
    opened(window, saved(tmp_path))
    assert window.top.export.isEnabled()


def test_views_left_behind_one_another_stand_apart_in_a_wider_window(home, qapp, monkeypatch):
    monkeypatch.setattr("gui.window.Thumbnails", NoThumbnails)
    for user in ("gui.window.Spheres", "gui.panels.library.Spheres", "gui.start.Spheres"):
        monkeypatch.setattr(user, NoSpheres)
    for width, tabbed in ((1000, True), (1600, False)):
        window = Window(Desk(Cache(memory=1 << 28)), opengl=False)
        window.resize(width, 800)
        window.show()
        window.begin([])
        window.files.new()
        assert bool(window.tabifiedDockWidgets(window.places.picture)) is tabbed
        window.close()
        window.deleteLater()
