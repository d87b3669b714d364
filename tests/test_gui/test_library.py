"""The library shows all there is, and each thing in it can be added by mouse and keyboard."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PyQt6.QtGui import QImage, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication

from gui.panels import cells
from gui.panels.cells import Cell
from gui.panels.library import FILE_MIME, NODE_MIME, Library, file_mime, node_mime, picture_mime
from gui.panels.rail import Dot
from gui.shelves import Photograph, Shelves, licence_words
from gui.spheres import Spheres, cut_out
from materials import render
from materials.maps import Maps
from tests.test_gui.shipped import shipped

Key = Qt.Key


class NoSpheres(Spheres):
    """Pictures that never come, without a thread."""

    def picture(self, path: Path) -> QImage | None:
        return None


class Shelf(Shelves):
    """Two photographs, without a thread."""

    def photographs(self) -> list[Photograph]:
        image = QImage(8, 8, QImage.Format.Format_RGB32)
        return [
            Photograph(Path("/p/bark.png"), "Fir bark", ("wood",), "CC-BY-3.0", "Fir bark, by Ada. CC-BY-3.0.", image),
            Photograph(Path("/p/soil.png"), "Soil", ("ground",), "public domain", "Soil, by Bob.", image),
        ]


@pytest.fixture
def make(qtbot):
    def made(settings: QSettings | None = None) -> Library:
        library = Library(None, NoSpheres(), settings, Shelf())
        qtbot.addWidget(library)
        library.resize(248, 700)
        with qtbot.waitExposed(library):
            library.show()
        return library

    return made


@pytest.fixture
def library(make):
    return make()


def names(grid) -> list[str]:
    return [cell.text() for cell in grid.cells]


def test_every_node_is_in_one_section(library):
    keys = [key for section in library.sections.values() for key in section.keys]
    assert sorted(keys) == sorted(shipped())
    assert library.field.placeholderText() == f"Search {len(shipped())} nodes"


def test_three_cells_lie_in_a_row(library):
    assert library.sections["Noise"].grid.columns == 3


def test_a_double_click_adds_a_node(library):
    told = []
    library.add_asked.connect(told.append)
    cell = library.sections["Noise"].grid.cells[0]
    QTest.mouseDClick(cell, Qt.MouseButton.LeftButton)
    assert told == [library.sections["Noise"].keys[0]]


def test_arrows_walk_and_enter_adds(library, qtbot):
    told = []
    library.add_asked.connect(told.append)
    library.activateWindow()
    grid = library.sections["Noise"].grid
    grid.cells[0].setFocus()
    for key in (Key.Key_Right, Key.Key_Down):
        QTest.keyClick(QApplication.focusWidget(), key)
    assert grid.cells[4].hasFocus()
    QTest.keyClick(grid.cells[4], Key.Key_Return)
    assert told == [library.sections["Noise"].keys[4]]


def test_sections_open_by_click_and_by_keys(library):
    section = library.sections["Warp"]
    assert not section.grid.isVisible()
    QTest.mouseClick(section.header, Qt.MouseButton.LeftButton)
    assert section.grid.isVisible()
    assert len(section.grid.cells) == len(section.keys)
    QTest.keyClick(section.header, Key.Key_Left)
    assert not section.grid.isVisible()


def test_open_sections_are_remembered(make, tmp_path):
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    first = make(settings)
    first.sections["Warp"].header.click()
    again = make(settings)
    titles = [title for title, section in again.sections.items() if section.header.isChecked()]
    assert titles == ["Noise", "Pattern", "Warp"]
    for title in titles:
        again.sections[title].header.click()
    last = make(settings)
    assert not any(section.header.isChecked() for section in last.sections.values())


def test_typing_finds_nodes_and_enter_adds_the_best(library):
    told = []
    library.add_asked.connect(told.append)
    QTest.keyClicks(library.field, "color ramp")
    assert names(library.pages[0].found)[0] == "Gradient map"
    assert not library.sections["Noise"].isVisible()
    QTest.keyClick(library.field, Key.Key_Return)
    assert told == ["gradient_map"]
    QTest.keyClick(library.field, Key.Key_Escape)
    assert library.sections["Noise"].isVisible()


def test_down_goes_from_the_field_to_what_was_found_and_up_back(library):
    library.activateWindow()
    library.field.setFocus()
    QTest.keyClicks(library.field, "blur")
    QTest.keyClick(library.field, Key.Key_Down)
    assert library.pages[0].found.cells[0].hasFocus()
    QTest.keyClick(library.pages[0].found.cells[0], Key.Key_Up)
    assert library.field.hasFocus()


def test_nothing_found_says_what_is_meant(library):
    QTest.keyClicks(library.field, "wera")
    assert library.pages[0].note.text() == "No node called “wera”. Did you mean wear?"
    assert library.pages[0].note.isVisible()


def test_presets_open_and_are_found_by_tag(library):
    told = []
    library.open_asked.connect(told.append)
    library._show_page(1)
    assert len(library.presets.cells) == len(render.presets())
    QTest.keyClicks(library.field, "moss")
    assert names(library.pages[1].found)[0] == "Mossy cobblestone"
    QTest.mouseDClick(library.pages[1].found.cells[0], Qt.MouseButton.LeftButton)
    assert told == [render.presets()["mossy_cobblestone"]]


def test_photographs_show_their_licence_and_are_found(library):
    told = []
    library.picture_asked.connect(told.append)
    library._show_page(2)
    assert [cell.note for cell in library.photographs.cells] == ["CC-BY-3.0", "public domain"]
    QTest.keyClicks(library.field, "ground")
    assert names(library.pages[2].found) == ["Soil"]
    QTest.keyClick(library.field, Key.Key_Return)
    library.pages[2].found.cells[0].taken.emit()
    assert told[-1] == Path("/p/soil.png")


def test_what_a_drag_carries():
    assert bytes(node_mime("blur").data(NODE_MIME)) == b"blur"
    assert bytes(file_mime(Path("/m/wall.intarsia")).data(FILE_MIME)) == b"/m/wall.intarsia"
    assert picture_mime(Path("/p/a b.png")).urls()[0].toLocalFile() == "/p/a b.png"


def test_moving_with_the_button_held_starts_a_drag_and_no_click(library, monkeypatch):
    started = []

    class Drag:
        def __init__(self, source):
            self.source = source

        def setMimeData(self, mime):
            started.append(bytes(mime.data(NODE_MIME)).decode())

        def exec(self, action):
            return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(cells, "QDrag", Drag)
    cell = library.sections["Noise"].grid.cells[0]
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    QTest.mousePress(cell, left, pos=QPoint(20, 20))
    for step in range(1, 6):
        place = QPointF(20 + step * 6, 20)
        glob = QPointF(cell.mapToGlobal(place.toPoint()))
        move = QMouseEvent(QEvent.Type.MouseMove, place, glob, none, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(cell, move)
    QTest.mouseRelease(cell, left, pos=QPoint(50, 20))
    assert started == [library.sections["Noise"].keys[0]]


def test_the_rail_opens_a_section_beside_it(library, qtbot):
    told = []
    library.add_asked.connect(told.append)
    library.set_rail(True)
    assert library.maximumWidth() == 40
    dot = next(dot for dot in library.rail.findChildren(Dot) if dot.about.title == "Warp")
    QTest.mouseClick(dot, Qt.MouseButton.LeftButton)
    flyout = library.rail.flyout
    assert flyout.isVisible()
    assert len(flyout.grid.cells) == len(library.sections["Warp"].keys)
    QTest.mouseDClick(flyout.grid.cells[0], Qt.MouseButton.LeftButton)
    assert told == [library.sections["Warp"].keys[0]]
    assert not flyout.isVisible()
    library.set_rail(False)
    assert library.whole.isVisible()


def test_every_control_has_a_name(library):
    for page in range(3):
        library._show_page(page)
        for control in library.findChildren(QAbstractButton):
            assert control.accessibleName() or control.text() or control.toolTip(), control
    assert library.choice.accessibleName()
    assert library.field.accessibleName()


def test_cells_have_the_help_as_tooltip(library):
    assert all(cell.toolTip().endswith(".") for cell in library.sections["Noise"].grid.cells)
    assert isinstance(library.sections["Noise"].grid.cells[0], Cell)


@pytest.mark.parametrize(
    ("filed", "said"),
    [("LicenseRef-PublicDomain", "public domain"), ("", "licence not known"), ("CC-BY-4.0", "CC-BY-4.0")],
)
def test_licences_are_said_in_words(filed, said):
    assert licence_words(filed) == said


def test_a_sphere_is_cut_out_along_its_outline():
    flat = Maps(
        {"base_color": np.full((16, 16, 3), 0.5, np.float32), "roughness": np.full((16, 16), 0.8, np.float32)},
        width=16, height=16, size_cm=100.0, depth_cm=0.0, name="flat", seed=0, graph="",
    )  # fmt: skip
    cut = cut_out(flat, 64)
    assert cut.shape == (64, 64, 4)
    assert cut[32, 32, 3] == 255
    assert cut[0, 0, 3] == cut[63, 63, 3] == 0
    assert 0.5 < (cut[..., 3] / 255).mean() < 0.785


def test_spheres_are_made_beside_the_work_and_kept(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("INTARSIA_HOME", str(tmp_path))
    path = tmp_path / "m.intarsia"
    from materials import document
    from materials.graph import Document

    path.write_text(document.dumps(Document()))
    spheres = Spheres()
    with qtbot.waitSignal(spheres._background.done, timeout=20000):
        assert spheres.picture(path) is None
    spheres.stop()
    assert spheres.picture(path) is None  # an empty document has no picture, and is not tried again
