"""What someone does first, by mouse and keys alone: build, set, expose, save, open again, export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QCursor
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QPushButton, QWidget

from gui.controls.number import DragNumber
from gui.export_sheet import ExportSheet
from gui.page import Page
from gui.panels.expose import ExposePopup
from gui.panels.row import ParameterRow
from gui.recents import RecentRow
from gui.window import Window
from materials import document as documents
from materials.graph import Document
from tests.test_gui import hands
from tests.test_gui.still import Mouse
from tests.test_gui.windows import evaluated, sheet

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


def found(page: Page, typed: str, at: QPointF) -> str:
    """Add a node by searching at a place of the canvas; return its id."""
    view = page.canvas.viewport()
    assert view is not None
    QCursor.setPos(view.mapToGlobal(page.canvas.mapFromScene(at)))
    QTest.keyClick(page.canvas, KEY.Key_Space)
    return chosen(page, typed)


def chosen(page: Page, typed: str) -> str:
    """Type into the search that is open and take the first; return the new node's id."""
    window = page.canvas.window()
    assert isinstance(window, Window)
    assert window.search.isVisible()
    QTest.keyClicks(window.search.field, typed)
    QTest.keyClick(window.search.field, KEY.Key_Return)
    current = page.session.current
    assert current is not None
    return current


def place(page: Page, id: str, x: float, y: float) -> None:
    """Drag a node to a place."""
    mouse, node = Mouse(page.canvas), page.session.graph.nodes[id]
    body = mouse.body(id)
    mouse.drag(body, body + QPointF(x - node.position[0], y - node.position[1]))


def join(page: Page, source: str, output: str, target: str, socket: str) -> None:
    mouse = Mouse(page.canvas)
    mouse.drag(mouse.output(source, output), mouse.input(target, socket))


def row(page: Page, label: str) -> ParameterRow:
    return next(each for each in page.parameters.findChildren(ParameterRow) if each.item.label == label)


def expose(page: Page, label: str, title: str, group: str) -> None:
    """Expose a parameter of the selected node by the mark behind it."""
    QTest.mouseClick(row(page, label).mark, Qt.MouseButton.LeftButton)
    popup = next(each for each in QApplication.topLevelWidgets() if isinstance(each, ExposePopup) and each.isVisible())
    for name, words in (("label", title), ("group", group)):
        line = popup.fields[name].line
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, words)
    QTest.mouseClick(popup.done, Qt.MouseButton.LeftButton)
    window = page.canvas.window()
    assert window is not None
    window.activateWindow()  # which the desktop does when a popup goes


def rust(page: Page) -> None:
    """Build a mask, a colour and a roughness of six nodes, and join them to the output that is there."""
    page.canvas.restore_view({"centre": [0, 0], "zoom": 0.6})
    place(page, "material", 480, -120)
    noise = found(page, "fbm", QPointF(-500, -200))
    place(page, noise, -600, -240)
    mouse = Mouse(page.canvas)
    mouse.drag(mouse.output(noise), QPointF(-380, -160))
    levels = chosen(page, "levels")
    grunge = found(page, "grunge", QPointF(-500, 120))
    blend = found(page, "blend", QPointF(-160, 0))
    colours = found(page, "gradient map", QPointF(80, -200))
    rough = found(page, "histogram scan", QPointF(80, 120))
    join(page, levels, "out", blend, "a")
    join(page, grunge, "out", blend, "b")
    join(page, blend, "out", colours, "image")
    join(page, blend, "out", rough, "image")
    join(page, colours, "out", "material", "base_color")
    join(page, rough, "out", "material", "roughness")


def without_view(document: Document) -> str:
    return documents.dumps(replace(document, view={}))


def button(parent: QWidget, begins: str) -> QPushButton:
    return next(each for each in parent.findChildren(QPushButton) if each.text().startswith(begins))


@pytest.fixture
def saved_as(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one thing that is not the app's own: the system's window that asks where to."""
    path = tmp_path / "rusted_plate.intarsia"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments, **more: (str(path), ""))
    return path


def test_a_material_is_built_set_exposed_saved_opened_and_exported(window, qtbot, saved_as):
    QTest.keyClick(window, KEY.Key_N, CTRL)
    page = window.page
    rust(page)
    assert len(page.session.graph.nodes) == 7
    assert len(page.session.graph.links) == 7

    Mouse(page.canvas).click(Mouse(page.canvas).body("histogram_scan"))
    number = row(page, "Position").control
    assert isinstance(number, DragNumber)
    before = number.value
    hands.drag(number, QPointF(60, 12), QPointF(100, 12))
    assert page.session.graph.nodes["histogram_scan"].parameters["position"] > before
    assert page.session.history.undo_text == "Position of Histogram scan"
    expose(page, "Position", "Shine", "Rust")
    entry = page.session.graph.exposed[0]
    assert (entry.label, entry.group) == ("Shine", "Rust")

    QTest.keyClick(page.canvas, KEY.Key_S, CTRL)
    assert not page.session.is_modified
    names = [each.text() for each in page.canvas.levels.findChildren(QAbstractButton) if each.isVisible()]
    assert names == ["rusted_plate"]
    page.session.select([])
    assert page.parameters.head.title.value == "rusted_plate"
    evaluated(qtbot, page)
    assert page.session.problems() == ()
    made = without_view(page.session.root)

    QTest.keyClick(page.canvas, KEY.Key_W, CTRL)
    assert window.page is None
    QTest.mouseClick(window.start.findChild(RecentRow), Qt.MouseButton.LeftButton)
    page = window.page
    assert without_view(page.session.root) == made

    QTest.keyClick(page.canvas, KEY.Key_E, CTRL)
    over = sheet(window)
    assert isinstance(over, ExportSheet)
    go = button(over, "Export")
    qtbot.waitUntil(go.isEnabled, timeout=30_000)
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.files.exporter.busy, timeout=60_000)
    maps = {path.name for path in (saved_as.parent / "textures").glob("*.png")}
    assert {"rusted_plate_basecolor.png", "rusted_plate_roughness.png"} <= maps
