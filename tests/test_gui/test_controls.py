"""Choices, switches, seeds, colours, gradients, curves, formulas and pictures."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from gui.controls.choice import ListChoice, SegmentedChoice, choice_of
from gui.controls.colour_popup import ColourPopup
from gui.controls.colours import (
    bytes_of,
    colour_of_hex,
    colour_of_hsv,
    colour_of_oklch,
    hex_of,
    hsv_of,
    oklch_of,
    reversed_stops,
    spread_stops,
    stops_of_row,
)
from gui.controls.curve import CurveControl
from gui.controls.formula import FormulaControl
from gui.controls.gradient import GradientControl
from gui.controls.picture import PictureControl, PictureFacts
from gui.controls.seed import SeedControl
from gui.controls.swatch import SwatchControl
from gui.controls.switch import SwitchControl
from gui.controls.text import TextControl
from nodes.parameters import Knots, Stops
from tests.test_gui.hands import ALT, CTRL, SHIFT, Heard, drag, move, owned, press, release

LIGHT = st.floats(0, 1)


# ---- colours without widgets ---------------------------------------------------------------------


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_hex_to_linear_and_back_is_the_same_hex(red, green, blue):
    text = f"#{red:02X}{green:02X}{blue:02X}"
    assert hex_of(colour_of_hex(text)) == text


@given(LIGHT, LIGHT, LIGHT)
def test_other_ways_to_write_a_colour_come_back(red, green, blue):
    colour = (red, green, blue)
    assert colour_of_hsv(*hsv_of(colour)) == pytest.approx(colour, abs=2e-6)
    assert colour_of_oklch(*oklch_of(colour)) == pytest.approx(colour, abs=2e-6)


@pytest.mark.parametrize("text", ["", "#12", "12345", "#GGGGGG", "red"])
def test_what_is_no_hex_is_refused(text):
    with pytest.raises(ValueError, match="no colour"):
        colour_of_hex(text)


def test_a_short_hex_is_a_long_one():
    assert bytes_of(colour_of_hex("#f80")) == (255, 136, 0)


def test_a_row_of_colours_becomes_few_stops_that_look_like_it():
    row = np.concatenate([np.linspace((0.1, 0, 0), (0.8, 0.7, 0), 50), np.linspace((0.8, 0.7, 0), (0, 0.1, 0.6), 80)])
    stops = Stops().check(stops_of_row(row))
    assert 3 <= len(stops) <= 8
    assert stops[0][1] == pytest.approx(tuple(row[0]), abs=1e-5)
    places, colours = np.array([stop[0] for stop in stops]), np.array([stop[1] for stop in stops])
    shown = np.stack([np.interp(np.linspace(0, 1, 130), places, colours[:, part]) for part in range(3)], 1)
    assert np.abs(shown - row).mean() < 0.03


def test_an_even_row_needs_two_stops():
    assert len(stops_of_row(np.full((40, 3), 0.3))) == 2


def test_reversing_twice_changes_nothing():
    stops = ((0.0, (0.0, 0.0, 0.0)), (0.3, (0.5, 0.1, 0.0)), (1.0, (1.0, 1.0, 1.0)))
    assert reversed_stops(reversed_stops(stops)) == stops
    assert [place for place, _ in spread_stops(stops)] == [0, 0.5, 1]


# ---- small controls ------------------------------------------------------------------------------


def test_few_short_options_are_all_in_sight_and_others_in_a_list(qtbot):
    assert isinstance(choice_of("Order", ("random", "area", "position")), SegmentedChoice)
    assert isinstance(choice_of("Mode", ("a", "b", "c", "d")), ListChoice)
    assert isinstance(choice_of("Way", ("mean_deviation", "covariance", "histogram")), ListChoice)


def test_a_segment_that_is_refused_is_not_shown(qtbot):
    control = choice_of("Order", ("random", "area"))
    qtbot.addWidget(control)
    control.set_value("random")
    heard = Heard(control)
    control.segments.chosen.emit(1)
    assert heard.committed() == ["area"]
    assert control.segments.current == 0


def test_a_list_is_walked_with_keys_and_opened_with_space(qtbot):
    control = owned(choice_of("Mode", ("one", "two", "three", "four")), qtbot)
    heard = Heard(control)
    QTest.keyClick(control, Qt.Key.Key_Down)
    assert heard.committed() == ["two"]
    QTest.keyClick(control, Qt.Key.Key_Space)
    assert [action.text() for action in control.menu.actions()] == ["One", "Two", "Three", "Four"]
    control.menu.actions()[3].trigger()
    assert heard.last == "four"
    control.menu.close()


def test_a_switch_turns_over(qtbot):
    control = owned(SwitchControl("Tiles"), qtbot)
    heard = Heard(control)
    QTest.mouseClick(control, Qt.MouseButton.LeftButton, pos=QPoint(10, 12))
    QTest.keyClick(control, Qt.Key.Key_Space)
    assert heard.committed() == [True, False]


def test_a_die_throws_another_seed(qtbot):
    control = owned(SeedControl("Seed"), qtbot)
    control.set_value(3)
    heard = Heard(control)
    control.dice.click()
    assert heard.last != 3
    assert heard.words == ["began", "committed"]


def test_a_text_is_taken_by_enter_and_given_up_by_escape(qtbot):
    control = owned(TextControl("Title"), qtbot)
    control.set_value("Old")
    heard = Heard(control)
    control.line.selectAll()
    QTest.keyClicks(control.line, "New")
    QTest.keyClick(control.line, Qt.Key.Key_Escape)
    assert control.line.text() == "Old"
    control.line.selectAll()
    QTest.keyClicks(control.line, "New")
    QTest.keyClick(control.line, Qt.Key.Key_Return)
    assert heard.committed() == ["New"]


# ---- colour --------------------------------------------------------------------------------------


@pytest.fixture
def popup(qtbot):
    made = ColourPopup("Brick")
    qtbot.addWidget(made)
    made.open_with(colour_of_hex("#A3583A"))
    made.show()
    yield made
    made.set_mode(0)


def test_the_hex_of_a_popup_sets_the_colour(popup):
    heard = Heard(popup)
    popup.hex.line.selectAll()
    QTest.keyClicks(popup.hex.line, "#336699")
    QTest.keyClick(popup.hex.line, Qt.Key.Key_Return)
    assert heard.last == colour_of_hex("#336699")
    assert popup.old == colour_of_hex("#A3583A")
    popup.hex.line.selectAll()
    QTest.keyClicks(popup.hex.line, "blue")
    QTest.keyClick(popup.hex.line, Qt.Key.Key_Return)
    assert "no colour" in popup.said.text()
    assert len(heard.committed()) == 1


def test_a_drag_in_the_square_is_one_gesture_and_keeps_the_hue(popup):
    heard, hue = Heard(popup), popup.hsv[0]
    plane = popup.square
    drag(plane, QPointF(20, 20), QPointF(0, 104))  # to black, which has no hue
    assert heard.words.count("began") == heard.words.count("committed") == 1
    assert heard.last == (0, 0, 0)
    assert popup.hsv[0] == hue
    drag(plane, QPointF(0, 104), QPointF(plane.width(), 0))
    assert hsv_of(popup.colour)[0] == pytest.approx(hue, abs=0.01)


@pytest.mark.parametrize("mode", range(3))
def test_numbers_of_each_mode_are_of_the_colour(popup, mode):
    popup.set_mode(mode)
    colour = colour_of_hex("#A3583A")
    wanted = (bytes_of(colour), colour, oklch_of(colour))[mode]
    assert [number.value for number in popup.numbers] == pytest.approx(list(wanted))
    heard = Heard(popup)
    popup.numbers[0].commit(popup.numbers[0].value / 2)
    assert popup.numbers[0].value == pytest.approx(wanted[0] / 2, rel=0.02)
    assert len(heard.committed()) == 1


def test_linear_numbers_are_kept_exactly(popup):
    popup.set_mode(1)
    heard = Heard(popup)
    popup.numbers[1].commit(0.123456)
    assert heard.last[1] == 0.123456


def test_a_click_on_a_swatch_opens_its_popup_and_an_eyedropper_takes_a_colour(qtbot):
    control = owned(SwatchControl("Mortar"), qtbot)
    heard, asked = Heard(control), []
    control.picking.connect(asked.append)
    QTest.mouseClick(control, Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    assert control.popup.isVisible()
    control.popup.dropper.click()
    assert not control.popup.isVisible()
    control.offer((0.1, 0.2, 0.3))
    control.take((0.4, 0.2, 3.0))
    control.offer((0, 0, 0))  # too late
    assert asked == [True, False]
    assert heard.said == [
        ("began", None), ("previewed", (0.1, 0.2, 0.3)), ("committed", (0.4, 0.2, 1.0)),
    ]  # fmt: skip


def test_an_eyedropper_that_is_given_up_changes_nothing(qtbot):
    control = owned(SwatchControl("Mortar"), qtbot)
    heard = Heard(control)
    QTest.keyClick(control, Qt.Key.Key_I)
    QTest.keyClick(control, Qt.Key.Key_Escape)
    assert heard.words == ["began", "abandoned"]


# ---- gradient ------------------------------------------------------------------------------------

THREE = ((0.0, (0.0, 0.0, 0.0)), (0.5, (0.2, 0.1, 0.05)), (1.0, (1.0, 1.0, 1.0)))


@pytest.fixture
def gradient(qtbot):
    made = owned(GradientControl("Clays"), qtbot)
    made.resize(212, 130)  # the bar is 200 wide
    made.set_value(THREE)
    QApplication.processEvents()
    return made


def stop_at(gradient, index):
    return gradient.bar.where(gradient.value[index])


def test_a_click_on_the_bar_adds_a_stop_that_changes_no_colour(gradient):
    heard, before = Heard(gradient), gradient.bar.table().copy()
    drag(gradient.bar, QPointF(56, 10), QPointF(56, 10))
    stops = Stops().check(heard.last)
    assert [place for place, _ in stops] == pytest.approx([0, 0.25, 0.5, 1], abs=0.01)
    assert gradient.bar.current == 1
    assert np.abs(gradient.bar.table() - before).max() < 0.01


def test_a_drag_moves_a_stop_past_another(gradient):
    heard = Heard(gradient)
    drag(gradient.bar, stop_at(gradient, 0), stop_at(gradient, 1) + QPointF(20, 0))
    stops = Stops().check(heard.last)
    assert [place for place, _ in stops] == pytest.approx([0.5, 0.6, 1], abs=0.01)
    assert gradient.bar.current == 1
    assert heard.words.count("began") == heard.words.count("committed") == 1


def test_a_stop_that_is_pulled_down_is_removed(gradient):
    heard = Heard(gradient)
    drag(gradient.bar, stop_at(gradient, 1), stop_at(gradient, 1) + QPointF(0, 60))
    assert heard.last == (THREE[0], THREE[2])


def test_the_last_stop_stays(gradient):
    gradient.set_value((THREE[1],))
    heard = Heard(gradient)
    drag(gradient.bar, stop_at(gradient, 0), stop_at(gradient, 0) + QPointF(0, 60))
    QTest.keyClick(gradient.bar, Qt.Key.Key_Delete)
    assert not heard.committed() or len(heard.last) == 1
    assert len(gradient.value) == 1


def test_alt_drag_copies_a_stop(gradient):
    heard = Heard(gradient)
    drag(gradient.bar, stop_at(gradient, 1), stop_at(gradient, 1) + QPointF(40, 0), ALT)
    assert [colour for _, colour in heard.last] == [THREE[0][1], THREE[1][1], THREE[1][1], THREE[2][1]]


def test_escape_puts_a_stop_back(gradient):
    heard = Heard(gradient)
    drag(gradient.bar, stop_at(gradient, 1), stop_at(gradient, 1) + QPointF(40, 0), drop=False)
    QTest.keyClick(gradient.bar, Qt.Key.Key_Escape)
    assert heard.words[-1] == "abandoned"


def test_arrows_move_the_chosen_stop(gradient):
    heard = Heard(gradient)
    QTest.keyClick(gradient.bar, Qt.Key.Key_Right, CTRL)
    QTest.keyClick(gradient.bar, Qt.Key.Key_Right)
    QTest.keyClick(gradient.bar, Qt.Key.Key_Left, SHIFT)
    assert gradient.value[1][0] == pytest.approx(0.509)
    assert len(heard.committed()) == 2


def test_the_place_and_colour_of_the_chosen_stop_can_be_set(gradient):
    gradient.bar.pick(1)
    heard = Heard(gradient)
    gradient.place.commit(0.75)
    gradient.swatch.commit((0.3, 0.3, 0.3))
    assert gradient.value[1] == (0.75, (0.3, 0.3, 0.3))
    assert heard.words == ["began", "committed"] * 2


def test_a_double_click_on_a_stop_opens_its_colour(gradient):
    QTest.mouseDClick(gradient.bar, Qt.MouseButton.LeftButton, pos=stop_at(gradient, 1).toPoint())
    assert gradient.swatch.popup.isVisible()
    gradient.swatch.popup.close()


def test_a_gradient_is_picked_from_a_line_over_a_picture(gradient):
    heard, asked = Heard(gradient), []
    gradient.picking_line.connect(asked.append)
    gradient.pick.click()
    gradient.offer_line(np.linspace((0, 0, 0), (1, 0, 0), 20))
    gradient.take_line(np.linspace((0, 0, 0), (0, 1, 0), 20))
    assert asked == [True, False]
    assert heard.words[0] == "began"
    assert heard.last[-1] == (1.0, (0.0, 1.0, 0.0))


def test_a_gradient_without_a_say_in_its_space_offers_none(gradient):
    assert gradient.spaces.isHidden()
    gradient.set_space("srgb")
    assert not gradient.spaces.isHidden()
    assert gradient.bar.space == "srgb"
    said = []
    gradient.space_chosen.connect(said.append)
    gradient.spaces.chosen.emit(1)
    assert said == ["linear"]


# ---- curve ---------------------------------------------------------------------------------------

KNOTS = ((0.0, 0.0), (0.5, 0.7), (1.0, 1.0))


@pytest.fixture
def curve(qtbot):
    made = owned(CurveControl("Spread"), qtbot)
    made.resize(216, 150)
    made.set_value(KNOTS)
    QApplication.processEvents()
    return made


def test_a_curve_gets_and_loses_a_point(curve):
    heard = Heard(curve)
    plot = curve.plot
    drag(plot, plot.where((0.25, 0.2)), plot.where((0.25, 0.6)))
    knots = Knots().check(heard.last)
    assert knots[1] == pytest.approx((0.25, 0.6), abs=0.02)
    drag(plot, plot.where(knots[1]), QPointF(-60, 40))
    assert heard.last == KNOTS
    assert heard.words.count("began") == heard.words.count("committed") == 2


def test_a_point_stays_between_its_neighbours(curve):
    heard, plot = Heard(curve), curve.plot
    drag(plot, plot.where(KNOTS[1]), plot.where((1.0, 0.7)))
    knots = Knots().check(heard.last)
    assert knots[0][0] < knots[1][0] < knots[2][0]
    assert len(knots) == 3


def test_the_two_last_points_stay(curve):
    curve.set_value(((0.0, 0.0), (1.0, 1.0)))
    heard, plot = Heard(curve), curve.plot
    drag(plot, plot.where((0, 0)), QPointF(-90, 400))
    QTest.keyClick(plot, Qt.Key.Key_Delete)
    assert len(curve.value) == 2
    assert all(len(value) == 2 for word, value in heard.said if value is not None)


def test_keys_move_a_point_and_numbers_set_it(curve):
    heard = Heard(curve)
    QTest.keyClick(curve.plot, Qt.Key.Key_Right, CTRL)
    QTest.keyClick(curve.plot, Qt.Key.Key_Up)
    assert curve.value[1] == (0.5, 0.71)
    curve.numbers[0].commit(0.4)
    assert curve.value[1] == (0.4, 0.71)
    assert len(heard.committed()) == 2


def test_no_gesture_makes_a_curve_or_gradient_that_is_refused(gradient, curve):
    @settings(max_examples=60)
    @given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 120)), min_size=1, max_size=12))
    def drags(places):
        for control, widget, kind in ((gradient, gradient.bar, Stops()), (curve, curve.plot, Knots())):
            control.set_value(kind.ends()[0])
            for start, end in zip(places, [*places[1:], places[0]], strict=True):
                press(widget, QPointF(*start))
                move(widget, QPointF(*end))
                release(widget, QPointF(*end))
                kind.check(control.value)

    drags()


# ---- formula and picture -------------------------------------------------------------------------


def test_a_formula_with_an_error_keeps_its_text_and_says_where(qtbot):
    control = owned(FormulaControl("Formula"), qtbot)
    control.set_value("a")
    heard = Heard(control)
    control.page.setPlainText("a * 2")
    control.page.setPlainText("a * foo")
    assert "foo is not known" in control.line.text()
    assert control.line.isVisible()
    control.page.left.emit()
    assert heard.last == "a * 2"  # the last that was right
    control.set_value("a * 2")
    assert control.page.toPlainText() == "a * foo"
    control.page.setPlainText("a * b")
    assert control.line.isHidden()
    control.page.taken.emit()
    assert heard.last == "a * b"


def test_escape_gives_a_formula_up(qtbot):
    control = owned(FormulaControl("Formula"), qtbot)
    control.set_value("a")
    control.abandoned.connect(lambda: control.set_value("a"))
    control.page.setPlainText("a + ")
    QTest.keyClick(control.page, Qt.Key.Key_Escape)
    assert control.page.toPlainText() == "a"
    assert control.line.isHidden()


def test_a_formula_says_which_names_may_be_used(qtbot):
    control = FormulaControl("Formula")
    qtbot.addWidget(control)
    assert "smoothstep" in control.page.toolTip()


def drop(control, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    control.dropEvent(event)
    return event.isAccepted()


def test_a_picture_that_is_dropped_is_told(qtbot, tmp_path):
    control = owned(PictureControl("Picture"), qtbot)
    chosen = []
    control.chosen.connect(chosen.append)
    assert drop(control, tmp_path / "clay.PNG")
    drop(control, tmp_path / "notes.txt")
    assert chosen == [Path(tmp_path / "clay.PNG")]


def test_a_picture_says_what_is_wrong_with_it(qtbot):
    control = owned(PictureControl("Picture"), qtbot)
    control.set_sources([PictureFacts("clay", "Clay", "CC0-1.0"), PictureFacts("rust", problem="rust.png is gone")])
    for value, line, token in (
        ("clay", "CC0-1.0", "text3"),
        ("rust", "rust.png is gone", "error"),
        ("other", "Not in the document", "error"),
    ):
        control.set_value(value)
        assert control.words()[1:] == (line, token)
    heard = Heard(control)
    QTest.keyClick(control, Qt.Key.Key_Space)
    next(action for action in control.menu.actions() if action.text() == "Clay").trigger()
    assert heard.committed() == ["clay"]
    control.menu.close()
