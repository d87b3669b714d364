"""Sheets are answered by keyboard, keep the window below out of reach, and give the focus back."""

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit, QMainWindow, QPushButton

from gui.dialogs import Sheet, ask, ask_words, tell
from gui.panels.keys import KeysPage
from gui.panels.problems import Problems
from gui.session import Problem, Session
from gui.theme import MOTION
from gui.toasts import Toasts

Key = Qt.Key


@pytest.fixture
def window(qtbot):
    window = QMainWindow()
    window.setCentralWidget(QLineEdit())
    window.resize(900, 640)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    window.centralWidget().setFocus()
    return window


SAVE = (("save", "Save"), ("discard", "Don't save"))


def buttons(sheet: Sheet) -> list[str]:
    return [each.text() for each in sheet.findChildren(QPushButton)]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [([Key.Key_Return], "save"), ([Key.Key_Escape], ""), ([Key.Key_Backtab] * 2 + [Key.Key_Return], "discard")],
    ids=["Enter saves", "Esc leaves", "Tab goes to the others"],
)
def test_a_question_is_answered_by_keyboard(window, keys, answer):
    told = []
    sheet = ask(window, "Save kiln_yard_wall?", "It has edits that are not saved.", SAVE, told.append)
    for key in keys:
        QTest.keyClick(QApplication.focusWidget(), key)
    assert told == [answer]
    assert not sheet.isVisible()
    assert window.centralWidget().hasFocus()


def test_a_question_names_what_the_buttons_do(window):
    sheet = ask(window, "Save kiln_yard_wall?", "It has edits that are not saved.", SAVE, print)
    assert sorted(buttons(sheet)) == ["Cancel", "Don't save", "Save"]
    primaries = [each.text() for each in sheet.findChildren(QPushButton) if each.property("role") == "primary"]
    assert primaries == ["Save"]
    sheet.finish()


def test_tab_stays_within_the_sheet(window):
    sheet = ask(window, "Save?", "Words", SAVE, print)
    for _ in range(9):
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Tab)
        assert sheet.isAncestorOf(QApplication.focusWidget())
    sheet.finish()


def test_keys_of_the_window_do_nothing_under_a_sheet(window):
    ran = []
    action = QAction("Save", window)
    action.setShortcut("Ctrl+S")
    action.triggered.connect(ran.append)
    window.addAction(action)
    sheet = tell(window, "Saved without all of its parts", "rust.png")
    QTest.keyClick(QApplication.focusWidget(), Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert not ran
    sheet.finish()
    QTest.keyClick(window.centralWidget(), Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert len(ran) == 1


def test_a_press_beside_the_sheet_reaches_nothing(window):
    sheet = tell(window, "Title", "Words")
    below = window.centralWidget()
    assert window.childAt(QPoint(5, 5)) is sheet
    assert sheet.geometry() == window.rect()
    QTest.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert sheet.isVisible()
    assert not below.hasFocus()
    sheet.finish()


def test_a_sheet_stays_over_its_window_when_that_is_resized(window, qtbot):
    sheet = tell(window, "Title", "Words")
    window.resize(700, 500)
    qtbot.waitUntil(lambda: sheet.geometry() == window.rect())
    assert sheet.rect().contains(sheet.frame.geometry())
    sheet.finish()


def test_a_long_message_is_shown_whole(window):
    words = "The folder /mnt/jobs/kiln is full: 84 MB are needed, and 12 MB are free. " * 4
    sheet = tell(window, "The maps were not exported", words)
    made = next(each for each in sheet.findChildren(type(sheet.heading)) if each.text() == words)
    assert made.height() >= made.heightForWidth(made.width())
    assert sheet.frame.height() > 180
    sheet.finish()


def test_a_line_of_text_is_asked_for(window):
    told = []
    sheet = ask_words(window, "Name the subgraph", "Name", "", "Make subgraph", told.append)
    field = sheet.findChild(QLineEdit)
    assert field.hasFocus()
    assert not sheet.primary.isEnabled()
    QTest.keyClick(field, Key.Key_Return)
    assert told == []
    QTest.keyClicks(field, " Worn bricks ")
    QTest.keyClick(field, Key.Key_Return)
    assert told == ["Worn bricks"]


def test_a_toast_has_one_action_and_goes(window, qtbot):
    ran = []
    toasts = Toasts(window.centralWidget())
    toasts.show_words("Exported 4 maps", "Open folder", lambda: ran.append(1))
    assert toasts.isVisible()
    assert toasts.timer.interval() == MOTION["toast"]
    assert toasts.geometry().bottom() < window.centralWidget().height()
    QTest.mouseClick(toasts.action, Qt.MouseButton.LeftButton)
    assert ran == [1]
    assert not toasts.isVisible()


def test_the_next_toast_takes_the_place_of_the_last(window):
    toasts = Toasts(window.centralWidget())
    toasts.show_words("Exported 4 maps", "Open folder", print)
    toasts.show_words("A much longer sentence " * 8)
    assert not toasts.action.isVisible()
    assert toasts.words.height() >= toasts.words.heightForWidth(toasts.words.width())
    toasts.timer.timeout.emit()
    assert not toasts.isVisible()


def test_the_page_of_keys_lists_actions_with_keys_and_can_be_searched(window):
    save, plain, undo = (QAction(words, window) for words in ("&Save as…", "Start page", "Undo: Move Blur"))
    save.setShortcut("Ctrl+Shift+S")
    undo.setShortcut("Ctrl+Z")
    page = KeysPage(window, {"File": [save, plain, undo]})
    page.open()
    assert ("Undo", "Ctrl Z") in page.shown
    assert ("Save as", "Ctrl Shift S") in page.shown
    assert "Start page" not in dict(page.shown)
    QTest.keyClicks(page.field, "shift s")
    assert ("Save as", "Ctrl Shift S") in page.shown
    QTest.keyClicks(page.field, "zzz")
    assert page.shown == []
    QTest.keyClick(page.field, Key.Key_Escape)
    assert page.isVisible()
    QTest.keyClick(page.field, Key.Key_Escape)
    assert not page.isVisible()


class Troubled(Session):
    """A session with problems and nothing else."""

    def __init__(self, *problems: Problem) -> None:
        from PyQt6.QtCore import QObject

        QObject.__init__(self)
        self.held = problems

    def problems(self) -> tuple[Problem, ...]:
        return self.held


NOTE = Problem("note", "Roughness is bypassed", "so it is the mask", (), "d")
ERROR = Problem("error", "The picture rust.png is gone", "Edge wear", ("wall",), "a", "Find…")


def test_problems_are_listed_gravest_first_and_gone_to(qtbot):
    panel = Problems(Troubled(NOTE, ERROR))
    qtbot.addWidget(panel)
    told, mended = [], []
    panel.chosen.connect(told.append)
    panel.fixed.connect(mended.append)
    assert [row.problem for row in panel.rows] == [ERROR, NOTE]
    QTest.mouseClick(panel.rows[0], Qt.MouseButton.LeftButton, pos=QPoint(40, 20))
    QTest.keyClick(panel.rows[1], Key.Key_Return)
    QTest.mouseClick(panel.rows[0].fix, Qt.MouseButton.LeftButton)
    assert told == [ERROR, NOTE]
    assert mended == [ERROR]
    assert panel.rows[1].fix.isHidden()
    assert panel.rows[0].accessibleName().startswith("error: The picture rust.png is gone")


def test_one_kind_of_problem_can_be_seen_alone_until_there_is_none(qtbot):
    session = Troubled(NOTE, ERROR)
    panel = Problems(session)
    qtbot.addWidget(panel)
    assert panel._choice.options == ("All", "1 error", "1 note")
    panel._choice.chosen.emit(2)
    assert [row.problem for row in panel.rows] == [NOTE]
    session.held = (ERROR,)
    session.problems_changed.emit()
    assert [row.problem for row in panel.rows] == [ERROR]
    session.held = ()
    session.problems_changed.emit()
    assert panel.rows == []
    assert not panel.empty.isHidden()
