"""Numbers that are typed, dragged and stepped."""

import contextlib
import math

import pytest
from hypothesis import given, strategies as st
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from gui.controls.number import DragNumber
from gui.controls.quantity import quantity_of
from gui.controls.sums import SumError, value_of
from nodes.catalogue import catalogue
from nodes.parameters import Angle, Length, Range
from tests.test_gui.hands import CTRL, SHIFT, Heard, drag, move, owned, press, release

SHARE = quantity_of(Range(0.0, 1.0))
RADIUS = quantity_of(Length(0.0, 0.1), 0.004, tile_cm=50)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.4 + 1/8", 0.525),
        ("2*pi", 2 * math.pi),
        ("-2**2", -4),
        ("−3 × 2", -6),
        ("4\u2009217", 4217),
        ("max(1, 2) * (3 + 1)", 8),
        (".5e1", 5),
        ("2^-1", 0.5),
        ("sqrt(2)**2", 2),
    ],
)
def test_sums_come_to_what_they_say(text, value):
    assert value_of(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1/0",
        "1 +",
        "(1",
        "1 2",
        "__import__('os')",
        "x",
        "5 px",
        "0**-1",
        "9**9**9**9",
        "sqrt(-1)",
        "(" * 150,
        "a.b",
    ],
)
def test_what_is_no_sum_is_refused_in_words(text):
    with pytest.raises(SumError) as refusal:
        value_of(text)
    assert str(refusal.value)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_refused(text):
    with contextlib.suppress(SumError):
        assert math.isfinite(value_of(text, {"%": 0.01}))


def test_units_are_understood():
    assert RADIUS.read("0.4") == 0.004  # what is written is per cent of the tile
    assert RADIUS.read("1 cm") == 0.02
    assert RADIUS.read("5 mm + 1 %") == 0.02
    turn = quantity_of(Angle(), 0)
    assert turn.read("45deg") == 45
    assert turn.read("pi rad / 2") == 90
    assert turn.read("1/4 turn") == 90
    with pytest.raises(SumError, match="px is no unit here"):
        RADIUS.read("3 px")


def test_numbers_are_written_as_they_are_read():
    assert SHARE.written(-0.04) == "−0.04"
    assert quantity_of(Range(0, 20000, whole=True), 1500).written(4217) == "4\u2009217"
    assert RADIUS.written(0.00004) == "0.004"  # never 0 for what is not 0
    assert SHARE.written(-0.0) == "0.00"


def test_the_soft_range_of_every_parameter_holds_its_default():
    for kind in catalogue().values():
        for field in kind.fields:
            if isinstance(field.parameter, Range):
                found = quantity_of(field.parameter, field.default)
                assert found.low <= found.soft_low < found.soft_high <= found.high, (kind.key, field.name)
                assert found.soft_low <= field.default <= found.soft_high, (kind.key, field.name)
                assert found.read(found.typed(field.default)) == pytest.approx(field.default)


@pytest.fixture
def number(qtbot):
    made = owned(DragNumber("Amount", SHARE), qtbot)
    made.resize(160, 24)
    made.set_value(0.2)
    return made


MIDDLE = QPointF(80, 12)


def test_a_drag_over_200_pixels_is_the_soft_range(number):
    heard = Heard(number)
    drag(number, MIDDLE, MIDDLE + QPointF(100, 0))
    assert heard.words[0] == "began"
    assert heard.words[-1] == "committed"
    assert heard.words.count("began") == 1
    assert heard.last == pytest.approx(0.7)


def test_two_pixels_are_no_drag(number):
    heard = Heard(number)
    drag(number, MIDDLE, MIDDLE + QPointF(2, 0))
    assert heard.said == []


def test_shift_is_ten_times_finer(number):
    heard = Heard(number)
    drag(number, MIDDLE, MIDDLE + QPointF(100, 0), SHIFT)
    assert heard.last == pytest.approx(0.25)


def test_control_snaps_to_the_step(number):
    heard = Heard(number)
    drag(number, MIDDLE, MIDDLE + QPointF(43, 0), CTRL)
    assert heard.last == pytest.approx(0.4)


def test_a_drag_stops_at_the_soft_range(number):
    heard = Heard(number)
    drag(number, MIDDLE, MIDDLE + QPointF(600, 0))
    assert heard.last == 1.0


def test_escape_gives_a_drag_up(number):
    heard = Heard(number)
    number.setFocus()
    drag(number, MIDDLE, MIDDLE + QPointF(60, 0), drop=False)
    assert QApplication.overrideCursor() is not None
    QTest.keyClick(number, Qt.Key.Key_Escape)
    assert heard.words[-1] == "abandoned"
    assert QApplication.overrideCursor() is None
    move(number, MIDDLE + QPointF(90, 0))
    release(number, MIDDLE)
    assert heard.words.count("committed") == 0


def test_a_click_on_an_arrow_is_a_step(number):
    heard = Heard(number)
    press(number, QPointF(152, 12))
    release(number, QPointF(152, 12))
    assert heard.committed() == [pytest.approx(0.21)]
    press(number, QPointF(5, 12))
    release(number, QPointF(5, 12))
    assert heard.committed()[-1] == pytest.approx(0.2)


def test_keys_step_and_type(number, qtbot):
    heard = Heard(number)
    QTest.keyClick(number, Qt.Key.Key_Right)
    QTest.keyClick(number, Qt.Key.Key_PageUp)
    assert heard.committed() == [pytest.approx(0.21), pytest.approx(0.31)]
    QTest.keyClicks(number, "0")
    assert number.editor.isVisible()
    QTest.keyClicks(number.editor, ".4 + 1/8")
    QTest.keyClick(number.editor, Qt.Key.Key_Return)
    assert heard.last == 0.525
    assert not number.editor.isVisible()


def test_what_cannot_be_read_stays_and_says_why(number):
    heard, said = Heard(number), []
    number.refused.connect(said.append)
    QTest.mouseDClick(number, Qt.MouseButton.LeftButton, pos=MIDDLE.toPoint())
    number.editor.setText("0.4 +")
    QTest.keyClick(number.editor, Qt.Key.Key_Return)
    assert number.editor.isVisible()
    assert number.editor.text() == "0.4 +"
    assert "ends too early" in said[-1]
    number.editor.setText("7")
    QTest.keyClick(number.editor, Qt.Key.Key_Return)
    assert "outside 0.00 to 1.00" in said[-1]
    QTest.keyClick(number.editor, Qt.Key.Key_Escape)
    assert not number.editor.isVisible()
    assert said[-1] == ""
    assert heard.said == []


def test_typing_goes_beyond_the_soft_range_and_the_fill_stops(qtbot):
    number = owned(DragNumber("Radius", RADIUS), qtbot)
    heard = Heard(number)
    number.start_typing("9")
    QTest.keyClick(number.editor, Qt.Key.Key_Return)
    assert heard.last == 0.09
    assert number.quantity.place(number.value) == 1.0
    assert number.words() == "9.00"


def test_a_wheel_without_focus_is_for_who_scrolls(number, qtbot):
    from PyQt6.QtCore import QPoint
    from PyQt6.QtGui import QWheelEvent

    def turn() -> QWheelEvent:
        event = QWheelEvent(
            MIDDLE, MIDDLE, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(number, event)
        return event

    heard = Heard(number)
    number.clearFocus()
    turn()
    assert heard.said == []
    number.activateWindow()
    number.setFocus()
    qtbot.waitUntil(number.hasFocus)
    turn()
    assert heard.committed() == [pytest.approx(0.21)]


def test_an_expression_is_typed_after_an_equals_sign(number):
    said = []
    number.expressed.connect(said.append)
    number.start_typing("=")
    QTest.keyClicks(number.editor, " width * 2")
    QTest.keyClick(number.editor, Qt.Key.Key_Return)
    assert said == ["width * 2"]


def test_a_driven_number_is_not_dragged(number):
    number.set_driven("width * 2")
    heard, asked = Heard(number), []
    number.expression_asked.connect(lambda: asked.append(True))
    drag(number, MIDDLE, MIDDLE + QPointF(80, 0))
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert heard.said == []
    assert asked == [True]
