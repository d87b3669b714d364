"""The start page opens what is there, says what is not, and offers what a crash has left."""

import datetime
import time
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetricsF, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QPushButton

from gui.dialogs import ask
from gui.panels.library import Library
from gui.panels.search import Search
from gui.recents import when_words, where_words
from gui.shelves import Shelves
from gui.spheres import Spheres
from gui.start import FIRST, StartPage
from gui.theme import THEME
from materials import recent, render
from materials.journal import Recovery

Key = Qt.Key


class NoSpheres(Spheres):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Path] = []

    def picture(self, path: Path) -> QImage | None:
        self.asked.append(path)
        return None


@pytest.fixture
def page(qtbot):
    page = StartPage(NoSpheres(), Shelves())
    qtbot.addWidget(page)
    page.resize(1200, 800)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    return page


def told(signal) -> list:
    found: list = []
    signal.connect(found.append)
    return found


def entry(path: Path, missing: bool = False) -> recent.Recent:
    return recent.Recent(path, path.stem, time.time(), missing)


def test_the_empty_graph_has_the_focus_and_enter_opens_it(page):
    asked = told(page.new_asked)
    page.cards.cells[0].setFocus()
    QTest.keyClick(page.cards.cells[0], Key.Key_Return)
    assert asked == [None]


def test_a_template_opens_once_even_by_double_click(page):
    asked = told(page.new_asked)
    card = page.cards.cells[1]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(card, Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.cards.cells[2], Qt.MouseButton.LeftButton)
    assert asked[0] == render.presets()[FIRST[0]]
    assert asked[-1] == render.presets()[FIRST[1]]


def test_all_templates_can_be_seen(page):
    assert len(page.cards.cells) == 1 + len(FIRST)
    QTest.mouseClick(page.more, Qt.MouseButton.LeftButton)
    assert len(page.cards.cells) == 1 + len(render.presets())
    assert {card.path for card in page.cards.cells} == {None, *render.presets().values()}


def test_a_recent_file_opens(page, tmp_path):
    asked = told(page.open_asked)
    path = tmp_path / "kiln.intarsia"
    page.set_recent([entry(path)], [])
    row = page.recent[0]
    assert row.text() == "kiln"
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    QTest.keyClick(row, Key.Key_Return)
    assert asked == [path, path]


def test_a_file_that_is_gone_says_so_and_can_be_found_or_forgotten(page, tmp_path, monkeypatch):
    asked, forgotten = told(page.open_asked), told(page.forget_asked)
    path, now = tmp_path / "old_gate.intarsia", tmp_path / "new" / "old_gate.intarsia"
    page.set_recent([entry(path, missing=True)], [])
    row = page.recent[0]
    assert row.note.startswith("moved or deleted, last at ")
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert asked == []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(now), ""))
    QTest.mouseClick(row.search, Qt.MouseButton.LeftButton)
    assert (asked, forgotten) == ([now], [path])
    QTest.mouseClick(row.forget, Qt.MouseButton.LeftButton)
    assert forgotten == [path, path]


def test_a_corrupt_list_of_recent_files_is_an_empty_one(page, tmp_path, qtbot):
    (tmp_path / recent.NAME).write_bytes(b'{"recent": [{"path": 7')
    page.set_recent(recent.recent(tmp_path), [])
    assert page.recent == []
    words = "Materials that you open or save will be here"
    qtbot.waitUntil(lambda: any(each.text() == words and each.isVisible() for each in page.findChildren(QLabel)))


def test_what_a_crash_has_left_stands_first_and_is_not_rendered(page, tmp_path):
    recovered, discarded = told(page.recover_asked), told(page.discard_asked)
    path = tmp_path / "kiln_yard_wall.intarsia"
    lost = [
        Recovery(tmp_path / "j", "Kiln", path, 6, 0.0),
        Recovery(tmp_path / "k", "Shed", None, 1, 0.0, "some is lost"),
    ]
    page.set_recent([entry(path)], lost)
    first, second = page.rescued
    assert first.words.words == "kiln_yard_wall has 6 edits that were not saved"
    assert second.words.words == "Shed has an edit that was not saved"
    assert [row.recover.property("role") for row in page.rescued] == ["primary", ""]
    page.grab()
    assert path not in page.spheres.asked
    QTest.mouseClick(first.recover, Qt.MouseButton.LeftButton)
    QTest.mouseClick(second.discard, Qt.MouseButton.LeftButton)
    assert (recovered, discarded) == ([lost[0]], [lost[1]])


def test_the_other_ways_in_are_told(page):
    keys, pictures = [], []
    page.keys_asked.connect(lambda: keys.append(1))
    page.picture_asked.connect(lambda: pictures.append(1))
    for each in page.findChildren(QAbstractButton):
        if each.text() in ("Keys", "From a photograph", "New from a picture…"):
            QTest.mouseClick(each, Qt.MouseButton.LeftButton)
    assert (len(keys), len(pictures)) == (1, 2)


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ((2026, 11, 25, 9, 5), "today 09:05"),
        ((2026, 11, 24, 23, 59), "yesterday"),
        ((2026, 11, 18, 1, 0), "18 November"),
        ((2025, 5, 3, 1, 0), "3 May 2025"),
    ],
)
def test_moments_are_said_as_people_say_them(then, words):
    assert when_words(datetime.datetime(*then).timestamp(), datetime.datetime(2026, 11, 25, 14, 2)) == words


def test_a_moment_that_is_none_is_not_said():
    assert when_words(1e300) == ""


def test_the_users_own_folder_is_short(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ada"))
    assert where_words(Path("/home/ada/work/kiln/wall.intarsia")) == "~/work/kiln"
    assert where_words(Path("/home/ada/wall.intarsia")) == "~"
    assert where_words(Path("/mnt/wall.intarsia")) == "/mnt"


# ---- all of it -----------------------------------------------------------------------------------


def _clipped(root) -> list[str]:
    """Return the words of labels and buttons that do not fit where they stand."""
    found = []
    for each in [*root.findChildren(QLabel), *root.findChildren(QPushButton)]:
        if not each.isVisible() or not each.text() or (isinstance(each, QLabel) and each.wordWrap()):
            continue
        wide = QFontMetricsF(each.font()).horizontalAdvance(each.text())
        if wide > each.width() + 1:
            found.append(each.text())
    return found


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_no_text_is_clipped_and_every_control_has_a_name(page, qtbot, tmp_path, mode):
    THEME.switch(mode)
    THEME.apply(QApplication.instance())
    path = tmp_path / "kiln_yard_wall.intarsia"
    page.set_recent([entry(path), entry(tmp_path / "x.intarsia", True)], [Recovery(path, "Kiln", path, 6, 0.0)])
    library = Library(None, NoSpheres(), None, Shelves())
    qtbot.addWidget(library)
    library.resize(248, 600)
    library.show()
    search = Search(page)
    search.open_nodes(page.mapToGlobal(page.rect().center()))
    sheet = ask(
        page, "Save kiln_yard_wall?", "It has edits that are not saved.", (("s", "Save"), ("d", "Don't save")), print
    )
    for root in (page, library, search, sheet):
        root.grab()
        assert _clipped(root) == []
        for control in root.findChildren(QAbstractButton):
            name = control.accessibleName() or control.text()
            assert name, control
            assert control.text() or control.toolTip(), control
    sheet.finish()
