"""The 2D view shows what is there: the right pixel under the pointer, its numbers beside it, nothing old as new."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu

from gui.readings import Facts
from gui.session import Result
from gui.shown import displayed
from gui.views.geometry import Geometry
from gui.views.mips import Mips
from gui.views.overlays import measured, seam_words
from gui.views.picture import PictureView
from gui.views.picture_menu import fill_menu
from materials.pictures import header
from nodes.arrays import Material, Regions

rng = np.random.default_rng(5)
GRAY = rng.random((40, 60)).astype(np.float32)
COLOR = rng.random((40, 60, 3)).astype(np.float32)


@pytest.fixture
def view(qtbot):
    made = PictureView()
    qtbot.addWidget(made)
    made.resize(520, 300)
    made.show()
    yield made
    made.stop()


def show(view, value, node="clay", output="out", fresh=True, **more):
    view.set_result(
        Result(value, value.shape[0] if isinstance(value, np.ndarray) else 64, fresh), node, node, output, **more
    )


def move(widget, point, button=Qt.MouseButton.NoButton):
    at = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, QPointF(widget.mapToGlobal(QPoint(*map(round, (at.x(), at.y()))))),
        Qt.MouseButton.NoButton, button, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def drag(widget, start, end, button=Qt.MouseButton.LeftButton):
    QTest.mousePress(widget, button, pos=start)
    for step in range(1, 6):
        move(widget, QPointF(start) + (QPointF(end) - QPointF(start)) * step / 5, button)
    QTest.mouseRelease(widget, button, pos=end)


def wheel(widget, point, notches):
    event = QWheelEvent(
        QPointF(point), QPointF(widget.mapToGlobal(point)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def pixel(view, point):
    """Return the codes that the pane shows at a point."""
    colour = view.pane.grab().toImage().pixelColor(point)
    return [colour.red(), colour.green(), colour.blue()]


# ---- where things lie ------------------------------------------------------------------------------

sides = st.integers(1, 4096)
points = st.floats(0, 700)


@settings(max_examples=60, deadline=None)
@given(sides, sides, st.integers(1, 3), st.lists(st.integers(-6, 6), max_size=6), points, points)
def test_zooming_keeps_what_is_under_the_pointer(rows, columns, tiles, notches, x, y):
    place = Geometry(rows, columns, tiles).fitted(700, 500, 12)
    for notch in notches:
        u, v = (x - place.left) / place.tile_width, (y - place.top) / place.tile_height
        place = place.zoomed(1.2**notch, x, y)
        assert place.left + u * place.tile_width == pytest.approx(x, abs=1e-6)
        assert place.top + v * place.tile_height == pytest.approx(y, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(sides, sides, st.integers(1, 3), st.integers(40, 1600), st.integers(40, 1200))
def test_a_fitted_picture_is_in_sight_and_as_large_as_it_goes(rows, columns, tiles, width, height):
    place = Geometry(rows, columns, tiles).fitted(width, height, 12)
    (left, top), (wide, high) = place.corner, place.extent
    assert wide <= max(width - 24, 0) + tiles  # the shorter side is rounded, within the margin
    assert high <= max(height - 24, 0) + tiles
    assert abs(left - (width - wide) / 2) <= 1
    assert abs(top - (height - high) / 2) <= 1
    larger = Geometry(rows, columns, tiles, scale=place.scale + 1 / max(rows, columns))
    assert larger.extent[0] > width - 24 - tiles or larger.extent[1] > height - 24 - tiles


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 80), st.integers(1, 80), st.integers(1, 3), st.floats(1, 40), st.data())
def test_the_pixel_under_the_middle_of_a_pixels_box_is_that_pixel(rows, columns, tiles, scale, data):
    place = Geometry(rows, columns, tiles, -13.4, 27.8, scale)
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    tile = data.draw(st.integers(0, tiles - 1)), data.draw(st.integers(0, tiles - 1))
    x, y, wide, high = place.box_of(row, column, tile)
    assert place.pixel_at(x + wide / 2, y + high / 2) == (row, column)
    assert place.tile_at(x + wide / 2, y + high / 2) == tile


def test_beside_the_picture_there_is_no_pixel():
    place = Geometry(10, 20, 2).fitted(300, 300, 12)
    left, top = place.corner
    wide, high = place.extent
    assert place.pixel_at(left - 1, top + 5) is None
    assert place.pixel_at(left + wide, top + 5) is None
    assert place.pixel_at(left + 5, top + high) is None
    assert place.pixel_at(left, top) == (0, 0)


def test_a_picture_cannot_be_lost_by_moving_it():
    place = Geometry(10, 10).fitted(300, 300, 12)
    for across, down in ((-9000, 0), (9000, 0), (0, -9000), (0, 9000)):
        left, top = place.moved(across, down, 300, 300).corner
        assert left < 300 - 16
        assert left + place.tile_width > 16
        assert top < 300 - 16
        assert top + place.tile_height > 16


@pytest.mark.parametrize("side", [1, 7, 33, 64, 100])
def test_a_smaller_copy_keeps_the_mean(side):
    codes = rng.integers(0, 256, (128, 192, 3), np.uint8)
    small = Mips(codes).fitted(side, side)
    assert small.shape == (side, side, 3)
    assert np.abs(small.mean((0, 1)) - codes.mean((0, 1))).max() < 6
    assert Mips(codes).fitted(128, 192) is not None


# ---- pictures on the screen ------------------------------------------------------------------------


def test_tiling_repeats_the_picture(view):
    show(view, COLOR)
    view.set_tiling(2)
    place = view.pane.place
    left, top = place.corner
    for y, x in ((3, 4), (20, 31), (39, 59)):
        seen = set()
        for row in (0, 1):
            for column in (0, 1):
                box = place.box_of(y, x, (row, column))
                seen.add(tuple(pixel(view, QPoint(int(box[0] + box[2] / 2), int(box[1] + box[3] / 2)))))
        assert len(seen) == 1
    assert place.extent[0] == 2 * place.tile_width


@pytest.mark.parametrize("notches", [0, 6, 14, -3])
@pytest.mark.parametrize("tiles", [1, 3])
def test_the_reading_is_the_value_under_the_pointer_at_every_zoom(view, tiles, notches):
    show(view, COLOR)
    view.set_tiling(tiles)
    wheel(view.pane, QPoint(130, 120), notches)
    for point in (QPoint(100, 120), QPoint(131, 140), QPoint(160, 131)):
        move(view.pane, point)
        place = view.pane.pixel_at(QPointF(point))
        if place is None:
            continue
        read = dict(view.facts.readings)
        assert read["x, y"] == f"{place[1]}, {place[0]}"
        assert read["linear"] == " ".join(f"{part:.3f}" for part in COLOR[place])
        assert view.facts.code == "#{:02X}{:02X}{:02X}".format(*displayed(COLOR)[place])


def test_a_magnified_pixel_is_its_own_colour_all_over(view):
    show(view, COLOR)
    for _ in range(4):
        wheel(view.pane, QPoint(120, 120), 4)
    assert view.pane.magnification > 20
    place = view.pane.pixel_at(QPointF(120, 120))
    x, y, wide, high = view.pane.place.box_of(*place)
    for dx, dy in ((2, 2), (wide - 2, 2), (2, high - 2), (wide / 2, high / 2)):
        assert pixel(view, QPoint(int(x + dx), int(y + dy))) == displayed(COLOR)[place].tolist()


def test_the_wheel_zooms_at_the_pointer_and_a_double_click_fits_again(view):
    show(view, COLOR)
    fitted, point = view.pane.place, QPoint(100, 90)
    before = view.pane.pixel_at(QPointF(point))
    wheel(view.pane, point, 5)
    assert view.pane.place.scale > 2 * fitted.scale
    assert view.pane.pixel_at(QPointF(point)) == before
    QTest.mouseDClick(view.pane, Qt.MouseButton.LeftButton, pos=point)
    assert view.pane.place == fitted


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
def test_dragging_moves_the_picture_with_the_pointer(view, button):
    show(view, COLOR)
    before = view.pane.place.corner
    drag(view.pane, QPoint(100, 100), QPoint(130, 85), button)
    after = view.pane.place.corner
    assert (after[0] - before[0], after[1] - before[1]) == (30, -15)


def test_a_channel_is_shown_alone(view):
    show(view, COLOR)
    QTest.mouseClick(view.head.colours, Qt.MouseButton.LeftButton, pos=view.head.colours._cells()[2].center().toPoint())
    assert np.array_equal(view.seen.codes, displayed(COLOR[..., 1]))
    assert len(view.facts.counts) == 1
    view.set_channel(None)
    assert np.array_equal(view.seen.codes, displayed(COLOR))


def test_segments_fit_the_kind_that_is_shown(view):
    show(view, COLOR)
    assert (view.head.colours.isVisible(), view.head.axes.isVisible()) == (True, False)
    show(view, np.zeros((8, 8, 2), np.float32), output="flow")
    assert (view.head.colours.isVisible(), view.head.axes.isVisible()) == (False, True)
    view.set_channel(0)
    show(view, GRAY, output="mask")
    assert (view.head.colours.isVisible(), view.head.axes.isVisible()) == (False, False)
    assert np.array_equal(view.seen.codes, displayed(GRAY))


def test_exposure_changes_the_picture_and_no_number(view):
    show(view, GRAY)
    view.pane.set_spot(3, 5)
    before = list(view.facts.readings), view.facts.code
    view.set_exposure(2)
    assert np.array_equal(view.seen.codes, displayed(GRAY, exposure=2))
    assert (list(view.facts.readings), view.facts.code) == before
    assert ("+2 stops", "text2") in view.pane.notes
    view.set_exposure(0, stretched=True)
    assert view.seen.codes.max() == 255
    assert any(words.startswith("stretched from") for words, _ in view.pane.notes)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (300, 2), (3, 3, 3), (2, 5, 2)])
def test_odd_shapes_are_shown_and_read(view, shape):
    value = rng.random(shape).astype(np.float32)
    show(view, value)
    for name in ("seam", "grid", "repetition"):
        view.set_overlay(name, True)
    for notches in (0, 9, -30):
        wheel(view.pane, QPoint(100, 100), notches)
        view.pane.grab()
        view.grab()
    view.pane.set_spot(shape[0] - 1, shape[1] - 1)
    assert dict(view.facts.readings)["x, y"] == f"{shape[1] - 1}, {shape[0] - 1}"


def test_pixels_that_are_no_numbers_are_told(view):
    value = GRAY.copy()
    value[3, 5] = np.nan
    show(view, value)
    for name in ("seam", "repetition"):
        view.set_overlay(name, True)
    view.set_exposure(0, stretched=True)
    view.pane.set_spot(3, 5)
    assert dict(view.facts.readings)["value"] == "no number"
    assert view.facts.verdict[1] == "error"
    view.grab()


def test_a_huge_picture_is_looked_at_in_the_background(qtbot, view):
    show(view, GRAY)
    huge = np.zeros((4096, 4096), np.float32)
    huge[100, 200] = 0.5
    show(view, huge, "other")
    assert view.seen.subject.value is GRAY
    assert view.pane.stale
    qtbot.waitUntil(lambda: view.seen.subject.value is huge)
    assert not view.pane.stale
    view.pane.set_spot(100, 200)
    assert dict(view.facts.readings)["value"] == "0.500"
    view.grab()
    wheel(view.pane, QPoint(100, 100), 30)
    view.grab()


def test_what_was_looked_at_for_another_output_is_not_shown(qtbot, view):
    huge = np.ones((1024, 1024), np.float32)
    show(view, huge, "slow")
    show(view, GRAY, "quick")
    qtbot.waitUntil(lambda: not view._work.busy)
    qtbot.wait(0)
    assert view.seen.subject.value is GRAY
    assert not view.pane.stale


def test_closing_leaves_no_thread(qtbot):
    made = PictureView()
    qtbot.addWidget(made)
    show(made, np.ones((1024, 1024), np.float32))
    assert any(thread.name == "picture" for thread in threading.enumerate())
    made.close()
    assert not any(thread.name == "picture" for thread in threading.enumerate())


# ---- what is stale, what is missing ----------------------------------------------------------------


def test_an_old_picture_is_faded_and_says_what_is_being_computed(view):
    show(view, GRAY)
    bright = pixel(view, QPoint(120, 120))
    view.set_stage("1024 px, stage 5 of 9")
    assert not view.pane.notes
    show(view, GRAY, fresh=False)
    assert view.pane.notes == [("1024 px, stage 5 of 9", "text2")]
    assert view.facts.stale
    assert sum(pixel(view, QPoint(120, 120))) < sum(bright)
    show(view, GRAY)
    assert not view.pane.notes
    assert pixel(view, QPoint(120, 120)) == bright


def test_a_result_that_is_gone_leaves_the_last_picture_faded(view):
    show(view, GRAY)
    view.set_result(None, "clay", "clay", "out")
    assert view.pane.stale
    assert view.pane.mips is not None
    view.set_result(None, "other", "other", "out")
    assert view.pane.mips is None
    assert view.pane.empty_words == "No picture yet"
    view.set_result(None)
    assert "Select a node" in view.pane.empty_words
    assert not view.facts.isVisible()
    view.grab()


def test_the_place_stays_while_finer_pictures_arrive(view):
    show(view, GRAY)
    wheel(view.pane, QPoint(120, 120), 5)
    view.pane.set_spot(10, 20)
    corner, extent = view.pane.place.corner, view.pane.place.extent
    show(view, np.kron(GRAY, np.ones((4, 4), np.float32)))
    assert view.pane.place.corner == corner
    assert view.pane.place.extent == extent
    assert view.pane.spot == (40, 80)
    assert dict(view.facts.readings)["value"] == f"{GRAY[10, 20]:.3f}"


def test_a_picture_of_other_proportions_is_fitted(view):
    show(view, GRAY)
    wheel(view.pane, QPoint(120, 120), 5)
    show(view, GRAY[:, :40], "other")
    assert view.pane.fits


# ---- comparing -------------------------------------------------------------------------------------


def test_a_kept_picture_is_shown_up_to_the_wipe_line(view):
    show(view, np.full((40, 40), 0.2, np.float32))
    view.keep()
    show(view, np.full((40, 40), 0.8, np.float32))
    left, right = QPoint(40, 200), QPoint(200, 200)
    assert pixel(view, left)[0] == 51
    assert pixel(view, right)[0] == 204
    middle = view.pane.width() // 2
    drag(view.pane, QPoint(middle, 150), QPoint(20, 150))
    assert view.pane.wipe == pytest.approx(20 / view.pane.width(), abs=0.01)
    assert pixel(view, left)[0] == 204
    view.stop_comparing()
    assert view.pane.before is None


@pytest.mark.parametrize("gain", [1, 4])
def test_a_difference_is_how_far_codes_are_apart(view, gain):
    show(view, np.full((40, 40), 0.2, np.float32))
    view.keep()
    show(view, np.full((80, 80), 0.3, np.float32))
    view.set_difference(gain)
    assert (view.seen.codes == (77 - 51) * gain).all()
    assert any("difference" in words for words, _ in view.pane.notes)
    view.set_difference(0)
    assert (view.seen.codes == 77).all()


# ---- picking ---------------------------------------------------------------------------------------


def test_picking_tells_linear_colours(qtbot, view):
    show(view, COLOR)
    view.set_picking(True)
    offered, picked, lines = [], [], []
    view.offered.connect(offered.append)
    view.picked.connect(picked.append)
    view.picked_line.connect(lines.append)
    point = QPoint(120, 130)
    move(view.pane, point)
    place = view.pane.pixel_at(QPointF(point))
    assert offered == [tuple(COLOR[place].astype(float))]
    QTest.mouseClick(view.pane, Qt.MouseButton.LeftButton, pos=point)
    assert picked == [tuple(COLOR[place].astype(float))]
    before = view.pane.place
    drag(view.pane, QPoint(90, 120), QPoint(150, 120))
    assert view.pane.place == before
    assert len(picked) == 1
    assert lines[0][0] == tuple(COLOR[view.pane.pixel_at(QPointF(90, 120))].astype(float))
    assert lines[0][-1] == tuple(COLOR[view.pane.pixel_at(QPointF(150, 120))].astype(float))
    view.set_picking(False)
    QTest.mouseClick(view.pane, Qt.MouseButton.LeftButton, pos=point)
    assert len(picked) == 1


def test_pixels_can_be_read_and_picked_by_keys(qtbot, view):
    show(view, COLOR)
    picked = []
    view.picked.connect(picked.append)
    view.pane.set_spot(0, 0)
    QTest.keyClick(view.pane, Qt.Key.Key_Right)
    QTest.keyClick(view.pane, Qt.Key.Key_Up)
    assert dict(view.facts.readings)["x, y"] == "1, 39"
    view.set_picking(True)
    QTest.keyClick(view.pane, Qt.Key.Key_Return)
    with qtbot.waitSignal(view.given_up):
        QTest.keyClick(view.pane, Qt.Key.Key_Escape)
    assert picked == [tuple(COLOR[39, 1].astype(float))]
    QTest.keyClick(view.pane, Qt.Key.Key_1)
    assert view.pane.magnification == 1
    QTest.keyClick(view.pane, Qt.Key.Key_F)
    assert view.pane.fits


# ---- other kinds, overlays, menu, state ------------------------------------------------------------


def test_of_a_material_any_map_can_be_shown(view):
    material = Material({"base_color": COLOR, "height": GRAY, "roughness": 1 - GRAY}, 40.0, 3.0)
    show(view, material, facts=Facts("material"))
    assert np.array_equal(view.seen.codes, displayed(COLOR))
    view.pane.set_spot(3, 5)
    assert dict(view.facts.readings)["height"] == f"{GRAY[3, 5] * 3:.2f} cm"
    view.show_map("roughness")
    assert np.array_equal(view.seen.codes, displayed(1 - GRAY))
    assert view.head.name.words.endswith("roughness")
    show(view, material, "other")
    assert np.array_equal(view.seen.codes, displayed(1 - GRAY))


def test_kinds_that_are_no_pictures_are_shown_too(view):
    regions = Regions(np.ones((8, 8), np.int32), {"id": np.array([7], np.uint32), "area": np.ones(1, np.float32)})
    show(view, regions, output="regions")
    view.set_overlay("seam", True)
    view.keep()
    view.set_channel(2)
    view.grab()
    assert view.facts.verdict[0] == "1 region"


def test_a_seam_is_measured_when_it_is_asked_for(view):
    y, x = np.indices((64, 64), np.float32)
    show(view, (x + y) / 128)
    assert view.seen.measures is None
    view.head.seam.click()
    assert view.seen.measures.seam > 5
    assert view.pane.notes[0][1] == "error"
    view.head.seam.click()
    assert not view.pane.notes
    assert seam_words(measured(np.sin(x * np.pi / 32) * 0.2 + 0.5))[0] == "no seam"


def test_repetition_is_found_where_a_tile_holds_copies_of_itself():
    found = measured(np.tile(rng.random((64, 64)).astype(np.float32), (2, 2)))
    assert found.repetition == pytest.approx(1, abs=1e-3)
    assert found.shift in ((64, 64), (0, 64), (64, 0))


def actions(menu):
    for action in menu.actions():
        if action.menu() is not None:
            yield from actions(action.menu())
        elif action.text():
            yield action


def test_every_action_of_the_menu_does_what_it_says(view, monkeypatch):
    monkeypatch.setattr("gui.views.picture_menu.save_as", lambda view: None)
    for value in (None, GRAY, COLOR):
        if value is not None:
            show(view, value)
        for words in [action.text() for action in actions(fill_menu(QMenu(), view))]:
            menu = fill_menu(QMenu(), view)
            next(action for action in actions(menu) if action.text() == words).trigger()
            view.grab()
    assert view.kept is None
    assert view.pane.place.tiles == 3


def test_state_comes_back(view, qtbot):
    show(view, COLOR)
    view.set_tiling(3)
    view.set_channel(1)
    view.set_exposure(-1, True)
    view.set_overlay("grid", True)
    view.head.pin.setChecked(True)
    other = PictureView()
    qtbot.addWidget(other)
    other.restore(view.state())
    assert other.state() == view.state()
    other.restore({"tiles": 9, "channel": "x", "exposure": None, "overlays": 4})
    assert other.state()["tiles"] == 3
    other.stop()


def test_pictures_leave_the_app_as_they_are_seen_or_as_numbers(view, tmp_path):
    show(view, COLOR)
    view.copy()
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) == (60, 40)
    view.save(tmp_path / "seen.png")
    view.save(tmp_path / "numbers.exr")
    assert header((tmp_path / "seen.png").read_bytes()).width == 60
    assert header((tmp_path / "numbers.exr").read_bytes()).format == "exr"


@pytest.mark.parametrize("width", [200, 300, 380, 419, 420, 900])
def test_facts_stand_beside_the_picture_or_below_it(view, width):
    show(view, COLOR)
    view.resize(width, 300)
    QApplication.processEvents()
    below = width < 420
    assert view.facts.in_line == below
    assert (view.facts.y() > 0) == below
    assert view.pane.width() == (width if below else view.facts.x())
    for widget in (view.head.more, view.head.pin):
        assert widget.geometry().right() <= width
    view.grab()


def test_every_control_has_a_name(view):
    show(view, COLOR, outputs=("out", "mask"))
    for widget in (
        view.pane,
        view.facts,
        view.head.pin,
        view.head.outputs,
        view.head.colours,
        view.head.tiling,
        view.head.seam,
        view.head.more,
    ):
        assert widget.accessibleName()
