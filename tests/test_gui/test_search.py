"""The search popup is worked by keyboard and pointer alike, and tells what was chosen."""

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from gui.finding import Fit
from gui.panels.search import MOST, ROW, Search
from gui.shortcuts import spelled

Key = Qt.Key


@pytest.fixture
def window(qtbot):
    window = QWidget()
    window.resize(700, 560)
    QVBoxLayout(window).addWidget(QLineEdit())
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


@pytest.fixture
def popup(window):
    search = Search(window)
    search.told = []
    search.chosen.connect(lambda key, stays: search.told.append((key, stays)))
    return search


def opened(popup: Search, fit: Fit | None = None, typed: str = "") -> Search:
    popup.open_nodes(popup.parentWidget().mapToGlobal(QPoint(40, 40)), fit, typed)
    return popup


def titles(popup: Search) -> list[str]:
    return [row.title for row in popup.rows.rows]


def test_typing_and_enter_choose_a_node_and_close(popup):
    opened(popup)
    QTest.keyClicks(popup.field, "slope b")
    assert titles(popup)[0] == "Slope blur"
    QTest.keyClick(popup.field, Key.Key_Return)
    assert popup.told == [("slope_blur", False)]
    assert not popup.isVisible()


def test_ctrl_enter_chooses_and_stays_open(popup):
    opened(popup, typed="perlin")
    QTest.keyClick(popup.field, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(popup.field, Key.Key_Down)
    QTest.keyClick(popup.field, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert popup.told == [("fbm", True), ("billow", True)]
    assert popup.isVisible()


def test_escape_closes_and_gives_the_focus_back(window, popup):
    before = window.findChild(QLineEdit)
    window.activateWindow()
    before.setFocus()
    opened(popup)
    assert popup.field.hasFocus()
    QTest.keyClick(popup.field, Key.Key_Escape)
    assert not popup.isVisible()
    assert before.hasFocus()
    assert popup.told == []


def test_up_from_the_first_is_the_last_and_the_rows_follow(popup):
    opened(popup)
    QTest.keyClick(popup.field, Key.Key_Up)
    assert popup.rows.current == len(popup.rows.rows) - 1
    assert popup.rows.first == len(popup.rows.rows) - MOST
    QTest.keyClick(popup.field, Key.Key_Tab)
    assert (popup.rows.current, popup.rows.first) == (0, 0)
    assert popup.field.hasFocus()


def test_at_most_eight_rows_are_in_sight(popup):
    opened(popup)
    assert popup.rows.height() == MOST * ROW
    assert len(popup.rows.rows) > 100


def test_only_what_fits_the_wire_is_shown_and_says_what_it_joins(popup):
    opened(popup, Fit(takes="Regions"))
    assert popup.filter.isVisible()
    assert "Blur" not in titles(popup)
    row = next(row for row in popup.rows.rows if row.key == "region_random")
    assert row.why == "Region, joins regions"


def test_nothing_found_offers_what_is_meant(popup):
    opened(popup, typed="wera")
    assert titles(popup) == ["No node called “wera”", "Did you mean wear?"]
    QTest.keyClick(popup.field, Key.Key_Return)
    assert popup.field.text() == "wear"
    assert popup.rows.row.key == "edge_wear"
    assert popup.told == []


def test_nothing_that_fits_offers_all_nodes(popup):
    opened(popup, Fit(gives="Regions"), typed="gaussian blur")
    assert titles(popup)[:2] == ["No “gaussian blur” that gives Regions", "Search all nodes"]
    QTest.keyClick(popup.field, Key.Key_Return)
    assert titles(popup)[0] == "Blur"
    assert not popup.filter.isVisible()


def test_backspace_in_an_empty_field_lifts_the_filter(popup):
    opened(popup, Fit(takes="Regions"))
    QTest.keyClick(popup.field, Key.Key_Backspace)
    assert not popup.fit
    assert "Blur" in titles(popup)


def test_nodes_chosen_before_come_first(popup):
    opened(popup, typed="weave")
    QTest.keyClick(popup.field, Key.Key_Return)
    assert titles(opened(popup))[0] == "Weave"


def test_a_click_chooses_the_row_under_the_pointer(popup):
    opened(popup, typed="perlin")
    QTest.mouseClick(popup.rows, Qt.MouseButton.LeftButton, pos=QPoint(100, ROW + 10))
    assert popup.told == [("billow", False)]


def test_a_resting_pointer_chooses_nothing_and_a_moved_one_does(popup):
    opened(popup, typed="noise")

    def move(x: float) -> None:
        place = QPointF(x, 3 * ROW + 5)
        held = Qt.MouseButton.NoButton
        event = QMouseEvent(QMouseEvent.Type.MouseMove, place, place, held, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(popup.rows, event)

    move(50)
    assert popup.rows.current == 3
    QTest.keyClick(popup.field, Key.Key_Up)
    move(50)
    assert popup.rows.current == 2


def test_a_press_elsewhere_closes_it(window, popup):
    opened(popup)
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=QPoint(690, 550))
    assert not popup.isVisible()


def test_it_stays_inside_its_window(window, popup):
    popup.open_nodes(window.mapToGlobal(QPoint(690, 550)))
    assert window.rect().contains(popup.geometry())


def test_commands_show_their_keys_and_run(window, popup):
    ran = []
    actions = [QAction(words, window) for words in ("&Undo", "Redo", "Export…")]
    for action, keys in zip(actions, ("Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+E"), strict=True):
        action.setShortcut(keys)
    actions[2].triggered.connect(ran.append)
    actions[1].setEnabled(False)
    popup.open_commands(window.mapToGlobal(QPoint(40, 40)), actions)
    assert [(row.title, row.keys) for row in popup.rows.rows] == [("Undo", "Ctrl Z"), ("Export…", "Ctrl E")]
    QTest.keyClicks(popup.field, "exp")
    QTest.keyClick(popup.field, Key.Key_Return)
    assert ran == [False]
    assert not popup.isVisible()


def test_commands_and_nodes_are_found_together(window, popup):
    fit = QAction("Fit all", window)
    popup.open_commands(window.mapToGlobal(QPoint(40, 40)), [fit], with_nodes=True)
    assert titles(popup) == ["Fit all"]
    QTest.keyClicks(popup.field, "fi")
    assert {"Fit all", "Fill"} <= set(titles(popup))


def test_what_is_chosen_is_said_aloud(popup):
    opened(popup, typed="chip")
    assert popup.field.accessibleName() == "Add a node"
    assert popup.field.accessibleDescription().startswith("Slope blur, also: chip")
    assert "gives" in popup.field.accessibleDescription()


@pytest.mark.parametrize(
    ("keys", "words"), [("Ctrl+Shift+P", "Ctrl Shift P"), ("Ctrl++", "Ctrl +"), ("Del", "Del"), ("Return", "Enter")]
)
def test_keys_are_written_with_spaces(keys, words):
    assert spelled(QAction("a").shortcut().fromString(keys)) == words
