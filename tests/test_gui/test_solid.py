"""The 3D view: gestures, pictures that follow, states that come back, and meshes that cannot be read."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QMouseEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog

from gui.theme import THEME
from gui.views import solid
from gui.views.scene import Scene, scene_of
from gui.views.solid import SolidView
from materials import cameras, shade
from materials.maps import Maps
from tests.test_shade import plain, uniform

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
SQUARE = "v -1 -1 0\nv 1 -1 0\nv 1 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nf 1/1 2/2 3/3\n"


def maps(seed=1):
    rng = np.random.default_rng(seed)
    height = rng.random((32, 32), np.float32)
    colour = rng.random((32, 32, 3), np.float32)
    return Maps({"height": height, "base_color": colour}, 32, 32, size_cm=90, depth_cm=2.6)


@pytest.fixture
def view(qtbot):
    made = SolidView(opengl=False)
    qtbot.addWidget(made)
    made.resize(420, 260)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    assert not any(thread.name.startswith("3D") for thread in threading.enumerate())


def settle(qtbot, view):
    qtbot.waitUntil(lambda: view.picture_side is not None and not view.picture.refining, timeout=10_000)


def pixels(view):
    image = view.picture.frame.image.convertToFormat(QImage.Format.Format_RGB888)
    data = image.constBits().asarray(image.sizeInBytes())
    rows = np.frombuffer(data, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def open_mesh(qtbot, view, path):
    view.open_mesh(path)
    qtbot.waitUntil(lambda: not view.reading)


def drag(view, by, button=LEFT, modifiers=NONE, let_go=True):
    picture = view.picture
    start = picture.rect().center()
    QTest.mousePress(picture, button, modifiers, start)
    for step in range(1, 6):
        place = QPointF(start) + QPointF(*by) * step / 5
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            place,
            picture.mapToGlobal(place),
            Qt.MouseButton.NoButton,
            button,
            modifiers,
        )
        QApplication.sendEvent(picture, move)
    if let_go:
        QTest.mouseRelease(picture, button, modifiers, start + QPoint(*by))


def wheel(view, place, angle=120):
    at = QPointF(place)
    event = QWheelEvent(
        at,
        view.picture.mapToGlobal(at),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.picture, event)


# ---- the picture ---------------------------------------------------------------------------------


def test_the_picture_comes_coarse_and_is_refined_to_the_size_of_the_view(qtbot, view):
    sides = []
    view.picture.drawn.connect(lambda: sides.append((view.picture_side, view.told)))
    view.set_maps(maps(), "Brick wall")
    settle(qtbot, view)
    full = min(view.picture.width(), view.picture.height())
    assert sides[0] == (192, "192 px, refining")
    assert sides[-1] == (full, f"{full} px")
    frame = view.picture.frame.image
    assert frame.width() / frame.height() == pytest.approx(view.picture.width() / view.picture.height(), rel=0.02)


def test_the_sphere_fills_nine_tenths_of_the_shorter_side(qtbot, view):
    flat = {"base_color": np.ones((8, 8, 3), np.float32), "height": np.full((8, 8), 0.5, np.float32)}
    view.set_maps(Maps(flat, 8, 8), "White")
    settle(qtbot, view)
    shown = np.abs(pixels(view) - pixels(view)[2, 2]).sum(2) > 30
    rows, columns = shown.any(1), shown.any(0)
    assert rows.sum() == pytest.approx(0.9 * len(rows), abs=3)
    assert columns.sum() == pytest.approx(rows.sum(), abs=3)


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_ground_behind_the_shape_is_the_themes(qtbot, view, mode):
    view.set_maps(maps(), "Brick wall")
    THEME.switch(mode)
    THEME.apply(QApplication.instance())
    settle(qtbot, view)
    well = THEME.color("well")
    corner = pixels(view)[2, 2]
    assert np.abs(corner - (well.red(), well.green(), well.blue())).max() <= 1


def test_orbiting_shows_another_picture(qtbot, view):
    view.set_maps(maps(), "Brick wall")
    settle(qtbot, view)
    before = pixels(view)
    drag(view, (60, 0))
    settle(qtbot, view)
    assert np.abs(pixels(view) - before).mean() > 1


def test_while_the_hand_holds_on_the_picture_stays_coarse_until_it_rests(qtbot, view):
    view.set_maps(maps(), "Brick wall")
    settle(qtbot, view)
    number = view.picture.frame.number
    drag(view, (60, 20), let_go=False)
    qtbot.waitUntil(lambda: view.picture.frame.number > number)
    settle(qtbot, view)
    assert view.picture.frame.number == view.picture._number
    QTest.mouseRelease(view.picture, LEFT)


def test_of_many_maps_the_newest_is_shown_in_the_end(qtbot, view):
    for seed in range(6):
        view.set_maps(maps(seed), f"Wall {seed}")
    settle(qtbot, view)
    qtbot.waitUntil(lambda: view.picture.frame.number == view.picture._number)
    size = view.picture.frame.image.width(), view.picture.frame.image.height()
    options = view.scene.options()
    expected = shade.preview(maps(5), "sphere", size, **options).astype(int)
    middle = (slice(size[1] // 2 - 30, size[1] // 2 + 30), slice(size[0] // 2 - 30, size[0] // 2 + 30))
    assert np.abs(pixels(view)[middle] - expected[middle]).max() <= 1


def test_closing_while_rendering_leaves_no_thread(qtbot):
    view = SolidView(opengl=False)
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    view.set_maps(maps(), "Brick wall")
    view.close()
    assert not any(thread.name == "3D view" for thread in threading.enumerate())


def test_a_failure_is_told_in_the_foot(qtbot, view):
    broken = Maps({"height": np.full((8, 8), np.nan, np.float32)}, 8, 8)
    view.set_maps(broken, "Broken")
    qtbot.waitUntil(lambda: bool(view.problem))
    assert "NaN" in view.problem
    view.set_maps(maps(), "Whole")
    assert view.problem == ""


# ---- head and foot -------------------------------------------------------------------------------


def test_a_stale_picture_is_dimmed_and_its_stage_stands_where_its_size_stood(qtbot, view):
    view.set_maps(maps(), "Brick wall")
    settle(qtbot, view)
    holder = view.picture.parentWidget()
    bright = holder.grab().toImage().pixelColor(view.picture.rect().center()).lightnessF()
    view.set_stale("Computing Clay hues")
    dim = holder.grab().toImage().pixelColor(view.picture.rect().center()).lightnessF()
    assert dim < bright
    assert view.told == "Computing Clay hues"
    view.set_maps(maps(2), "Brick wall")
    assert "px" in view.told


def test_nothing_to_show_says_so_and_shows_no_old_figures(qtbot, view):
    assert view.told == view.physical_size == ""
    view.set_maps(maps(), "Brick wall")
    settle(qtbot, view)
    assert view.physical_size == "90 × 90 × 2.6 cm"
    view.set_maps(None, "")
    assert view.picture_side is None
    assert view.told == view.physical_size == ""


def test_a_narrow_view_drops_the_physical_size_and_keeps_its_state(qtbot, view):
    view.set_maps(maps(), "Brick wall")
    settle(qtbot, view)
    for width, shown in ((400, True), (320, False)):
        view.resize(width, 260)
        settle(qtbot, view)
        picture = view._over.grab().toImage()
        foot = range(picture.height() - 26, picture.height() - 8)
        # Words are the only thing in the foot's right corner.
        inked = {picture.pixel(x, y) for x in range(width - 60, width - 14) for y in foot}
        assert (len(inked) > 2) is shown


def test_head_controls_change_the_scene(qtbot, view):
    shapes = view._shapes
    for index, name in enumerate(shade.SHAPES):
        shapes.setFocus()
        while shapes.current != index:
            QTest.keyClick(shapes, Qt.Key.Key_Right)
        assert view.scene.shape == name
    for action in view._environments.actions():
        action.trigger()
        assert view.scene.environment == action.data()
        assert action.isChecked()
    for field, number in view._amounts.items():
        before = getattr(view.scene, field)
        QTest.keyClick(number, Qt.Key.Key_Up)
        assert getattr(view.scene, field) == number.value > before
        assert number.changed
        QTest.keyClick(number, Qt.Key.Key_Backspace)
        assert view.scene == Scene("cylinder", view.scene.environment)
    view._set("exposure", 2.0)
    view._take_back()
    assert view.scene == Scene("cylinder", view.scene.environment)


def test_every_control_has_a_name_and_icons_a_tooltip(view):
    for control in (view._shapes, view._light, view._surroundings, view._more, view.picture, *view._amounts.values()):
        assert control.accessibleName()
    for tool in (view._light, view._surroundings, view._more):
        assert tool.toolTip()


def test_a_number_that_is_given_up_while_it_is_dragged_goes_back(view):
    depth = view._amounts["depth"]
    depth.began.emit()
    depth.previewed.emit(1.7)
    assert view.scene.depth == 1.7
    depth.abandoned.emit()
    assert view.scene.depth == 1.0


# ---- gestures ------------------------------------------------------------------------------------


def test_drags_turn_the_shape_the_light_and_the_place(view):
    side = min(view.picture.width(), view.picture.height())
    drag(view, (side // 4, side // 8))
    camera = view.scene.camera
    assert (camera.turn, camera.tilt) == (pytest.approx(-45, abs=2), pytest.approx(22.5, abs=2))
    drag(view, (side // 4, 0), LEFT, SHIFT)
    assert view.scene.turn == pytest.approx(45, abs=2)
    assert view.scene.camera == camera
    drag(view, (20, 10), MIDDLE)
    assert view.scene.camera.pan == (pytest.approx(20 / side, abs=0.01), pytest.approx(-10 / side, abs=0.01))
    QTest.mouseDClick(view.picture, LEFT)
    assert view.scene == Scene(turn=view.scene.turn)


def test_the_light_button_makes_a_plain_drag_turn_the_light(view):
    view._light.setChecked(True)
    drag(view, (40, 0))
    assert view.scene.camera == Scene().camera
    assert view.scene.turn > 0


def test_the_wheel_keeps_what_is_under_the_pointer_there(view):
    side = min(view.picture.width(), view.picture.height())
    middle = view.picture.rect().center()
    wheel(view, middle + QPoint(50, -30))
    camera = view.scene.camera
    assert camera.zoom > 1
    # What lay 50 to the right and 30 above the middle of the shape still lies there.
    assert camera.zoom * 50 / side + camera.pan[0] == pytest.approx(50 / side, abs=0.01)
    assert camera.zoom * 30 / side + camera.pan[1] == pytest.approx(30 / side, abs=0.01)
    QTest.keyClick(view.picture, Qt.Key.Key_F)
    assert view.scene.camera == Scene().camera


def test_tilting_ends_where_the_shape_is_no_longer_seen(view):
    view.set_scene(Scene("plane"))
    for _ in range(5):
        drag(view, (0, -100))
    assert view.scene.camera.tilt == pytest.approx(cameras.reach("plane")[0])


def test_arrow_keys_turn_too(view):
    QTest.keyClick(view.picture, Qt.Key.Key_Right)
    assert view.scene.camera.turn == pytest.approx(-15)
    QTest.keyClick(view.picture, Qt.Key.Key_Right, SHIFT)
    assert view.scene.turn == pytest.approx(15)


@pytest.mark.parametrize("shape", ["sphere", "cube", "cylinder"])
def test_fitting_fills_the_share_it_says(shape):
    camera = cameras.Camera(zoom=cameras.fitting(shape))
    picture = shade.shade({"emission": plain(1, 3)}, shape, 200, uniform(0.0), camera=camera)
    y, x = np.nonzero(picture[..., 1] > 0.5)
    reach = max(np.abs(x - 99.5).max(), np.abs(y - 99.5).max())
    assert reach == pytest.approx(90, abs=2)


# ---- states and meshes ---------------------------------------------------------------------------


def test_a_state_comes_back_from_json(qtbot, view, tmp_path):
    path = tmp_path / "own.obj"
    path.write_text(SQUARE)
    view.set_scene(Scene("cube", "sunset", Scene().orbited(0.2, 0.1).zoomed(2, 0.1, 0.2).camera, 30, 2, 0.5, -1))
    open_mesh(qtbot, view, path)
    kept = json.loads(json.dumps(view.state()))
    other = SolidView(opengl=False)
    qtbot.addWidget(other)
    other.restore(kept)
    assert other.told == "Reading own.obj"
    qtbot.waitUntil(lambda: not other.reading)
    assert other.state() == view.state()
    assert other.scene.mesh.triangles == 1
    assert other.chosen == solid.OWN
    other.stop()


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"shape": "teapot", "environment": 3, "camera": [1, 2], "turn": "far", "tiles": None, "exposure": float("nan")},
        {"camera": [0, 0, 1e9, 0, 0]},
    ],
)
def test_states_that_make_no_sense_take_their_defaults(saved):
    assert scene_of(saved) == Scene()


def test_a_missing_or_damaged_mesh_says_what_and_the_shape_stays(qtbot, view, tmp_path):
    view.restore({"shape": "cube", "mesh": str(tmp_path / "gone.obj")})
    qtbot.waitUntil(lambda: not view.reading)
    assert "the mesh gone.obj is gone" in view.problem
    assert view.chosen == shade.SHAPES.index("cube")
    path = tmp_path / "torn.obj"
    path.write_text(SQUARE + "f 1/1 2/2 99/1\n")
    open_mesh(qtbot, view, path)
    assert view.scene.mesh is None
    assert "torn.obj: line 8: there is no point 99" in view.problem
    view._choose(0)
    assert view.problem == ""


def test_the_last_segment_asks_for_a_mesh(qtbot, view, tmp_path, monkeypatch):
    answers = ["", str(tmp_path / "own.obj")]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given: (answers.pop(0), ""))
    (tmp_path / "own.obj").write_text(SQUARE)
    view._shapes.setFocus()
    for _ in range(4):
        QTest.keyClick(view._shapes, Qt.Key.Key_Right)
    assert (view.chosen, view._shapes.current) == (3, 3)
    QTest.keyClick(view._shapes, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: not view.reading)
    assert (view.chosen, view._shapes.current) == (solid.OWN, solid.OWN)
    view.set_maps(maps(), "Brick wall")
    settle(qtbot, view)
    assert view.picture_side


def test_without_a_graphics_card_the_processor_draws(qtbot):
    from gui.views.solid_cpu import CpuPicture

    view = SolidView()
    qtbot.addWidget(view)
    assert isinstance(view.picture, CpuPicture)  # offscreen there is no OpenGL
    view.stop()
