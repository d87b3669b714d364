"""What someone does in the first minutes, with hands alone: a plate of rust from an empty graph, kept and exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QCursor
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QFileDialog

from gui.dialogs import Sheet
from gui.page import Page
from gui.panels.expose import ExposePopup
from gui.recents import RecentRow
from gui.window import Window
from materials import document as documents
from tests.test_gui.hands import drag
from tests.test_gui.still import Mouse

CLICK = Qt.MouseButton.LeftButton


class Artist:
    """Someone at the app: presses keys, drags wires, and reads the graph only to know where things lie."""

    def __init__(self, qtbot, window: Window) -> None:
        self.qtbot, self.window = qtbot, window

    @property
    def page(self) -> Page:
        assert self.window.page is not None
        return self.window.page

    def press_card(self, words: str) -> None:
        cards = self.window.start.findChildren(QAbstractButton)
        QTest.mouseClick(next(card for card in cards if card.accessibleName().startswith(words)), CLICK)
        self.page.canvas.restore_view({"centre": [-420, 180], "zoom": 0.6})

    def type_name(self, words: str) -> str:
        """Type into the search, take the first thing found, and return the new node."""
        self.qtbot.waitUntil(self.window.search.isVisible)
        before = set(self.page.session.graph.nodes)
        QTest.keyClicks(self.window.search.field, words)
        QTest.keyClick(self.window.search.field, Qt.Key.Key_Return)
        (new,) = set(self.page.session.graph.nodes) - before
        return new

    def tab(self, words: str, x: float, y: float) -> str:
        canvas = self.page.canvas
        view = canvas.viewport()
        assert view is not None
        canvas.setFocus()
        QCursor.setPos(view.mapToGlobal(canvas.mapFromScene(QPointF(x, y))))
        QTest.keyClick(canvas, Qt.Key.Key_Tab)
        return self.type_name(words)

    def port(self, id: str, name: str, is_output: bool) -> QPointF:
        spots = self.page.canvas.graph_scene.nodes[id].spots()
        return next(spot for port, out, spot in spots if port.name == name and out is is_output)

    def drop(self, id: str, x: float, y: float, words: str, output: str = "out") -> str:
        """Drop a wire where nothing is, and choose what it leads to."""
        mouse = Mouse(self.page.canvas)
        mouse.hold(self.port(id, output, True), QPointF(x, y))
        mouse.release(QPointF(x, y))
        return self.type_name(words)

    def join(self, source: str, target: str, socket: str, output: str = "out") -> None:
        Mouse(self.page.canvas).drag(self.port(source, output, True), self.port(target, socket, False))
        links = self.page.session.graph.links
        assert any((link.source, link.target, link.socket) == (source, target, socket) for link in links)

    def choose(self, id: str) -> None:
        mouse, item = Mouse(self.page.canvas), self.page.canvas.graph_scene.nodes[id]
        spot = item.pos() + QPointF(40, 12)
        mouse.press(spot)
        mouse.release(spot)
        assert self.page.session.current == id

    def drag_number(self, name: str, by: float) -> None:
        control = self.page.parameters.rows[name].control
        middle = QPointF(control.width() / 2, control.height() / 2)
        drag(control, middle, middle + QPointF(by, 0))

    def expose(self, name: str, label: str, group: str) -> None:
        """Expose a parameter of the chosen node by the mark behind it, under a label and in a group."""
        QTest.mouseClick(self.page.parameters.rows[name].mark, CLICK)
        popups = [each for each in QApplication.topLevelWidgets() if isinstance(each, ExposePopup)]
        popup = next(each for each in popups if each.isVisible())
        for field, words in (("label", label), ("group", group)):
            line = popup.fields[field].line
            line.setFocus()
            line.selectAll()
            QTest.keyClicks(line, words)
        QTest.keyClick(popup.fields["group"].line, Qt.Key.Key_Return)
        self.window.activateWindow()  # which the desktop does when a popup goes

    def press_row(self, words: str) -> None:
        rows = self.window.start.findChildren(RecentRow)
        QTest.mouseClick(next(row for row in rows if words in row.accessibleName()), CLICK)


@pytest.fixture
def artist(qtbot, window):
    window.begin([])
    return Artist(qtbot, window)


def plate(artist: Artist) -> dict[str, str]:
    """Build a rusted plate from nothing; return its nodes by what they are."""
    artist.press_card("Empty")
    made = {"grunge": artist.tab("grunge", -1050, -60)}
    made["rusty"] = artist.drop(made["grunge"], -820, -60, "histogram scan")
    made["noise"] = artist.tab("fbm", -1050, 180)
    made["hues"] = artist.drop(made["noise"], -820, 180, "gradient map")
    made["paint"] = artist.tab("uniform color", -820, 420)
    made["skin"] = artist.drop(made["paint"], -560, 180, "blend")
    artist.join(made["hues"], made["skin"], "b")
    artist.join(made["rusty"], made["skin"], "mask")
    artist.join(made["skin"], "material", "base_color")
    artist.join(made["rusty"], "material", "roughness")
    made["soft"] = artist.drop(made["rusty"], -320, 420, "blur")
    artist.join(made["soft"], "material", "height")
    return made


def test_a_rusted_plate_from_an_empty_graph(artist, tmp_path, monkeypatch):
    made = plate(artist)
    session = artist.page.session
    assert [node.key for node in session.graph.nodes.values()] == [
        "material_output",
        "grunge",
        "histogram_scan",
        "fbm",
        "gradient_map",
        "uniform_color",
        "blend",
        "blur",
    ]
    artist.choose(made["rusty"])
    before = session.graph
    artist.drag_number("position", 30)
    assert session.graph.nodes[made["rusty"]].parameters["position"] == pytest.approx(0.65)
    assert session.history.undo_text == "Position of Histogram scan"
    QTest.keyClick(artist.page.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.graph == before
    QTest.keyClick(
        artist.page.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert session.graph.nodes[made["rusty"]].parameters["position"] == pytest.approx(0.65)
    artist.qtbot.waitUntil(lambda: session.maps is not None and "base_color" in session.maps, timeout=60000)

    artist.expose("position", "Shine", "Rust")
    assert [(entry.label, entry.group) for entry in session.graph.exposed] == [("Shine", "Rust")]

    file = tmp_path / "rusted plate.intarsia"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments, **more: (str(file), ""))
    QTest.keyClick(artist.page.canvas, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert documents.load(file) == session.root
    assert not session.is_modified
    names = [each.text() for each in artist.page.canvas.levels.findChildren(QAbstractButton) if each.isVisible()]
    assert names == ["rusted plate"]
    artist.page.session.select([])
    assert artist.page.parameters.head.title.value == "rusted plate"

    kept = session.root
    QTest.keyClick(artist.page.canvas, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert artist.window.page is None
    artist.press_row("rusted plate")
    assert artist.page.session.root == kept

    artist.window.files.export()
    sheet = artist.window.findChild(Sheet)
    assert sheet is not None
    artist.qtbot.waitUntil(lambda: sheet.primary is not None and sheet.primary.isEnabled(), timeout=20000)
    sheet._change(size=512)
    artist.qtbot.waitUntil(lambda: sheet.primary is not None and sheet.primary.isEnabled(), timeout=20000)
    QTest.mouseClick(sheet.primary, CLICK)
    folder = tmp_path / "textures"
    artist.qtbot.waitUntil(lambda: (folder / "CREDITS.md").exists(), timeout=60000)
    names = {path.name for path in Path(folder).glob("*.png")}
    assert {f"rusted plate_{map}.png" for map in ("basecolor", "roughness", "height")} <= names
