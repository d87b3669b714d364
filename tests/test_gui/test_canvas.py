"""The canvas: choosing, moving, copying, frames, levels, keys, drops, and what it paints."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QGuiApplication, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QToolButton

from gui.canvas import NODE_MIME, Canvas, actions
from gui.canvas.faces import Face, caption, duration
from gui.canvas.hints import End
from gui.canvas.scene import Hit
from gui.canvas.tips import LETTERS, tip_of
from gui.canvas.writing import TitleField, WordsField
from gui.panels.library import file_mime
from gui.session import Look
from gui.shortcuts import keys_of
from gui.theme import THEME
from materials import boxes
from materials.edits import SetMeta, SetNode, SetParameter
from materials.graph import Link
from tests.test_gui.still import chain, graph, node, plain
from tests.test_gui.test_canvas_wires import Bench

KEYS = Qt.KeyboardModifier


@pytest.fixture
def bench(qtbot):
    return Bench(qtbot, chain())


def press(bench: Bench, key: Qt.Key, keys: Qt.KeyboardModifier = KEYS.NoModifier) -> None:
    QTest.keyClick(bench.canvas, key, keys)


# ---- choosing ------------------------------------------------------------------------------------


def test_a_click_selects_and_control_click_adds(bench):
    bench.mouse.click(bench.mouse.body("noise"))
    assert bench.session.selection == {"noise"}
    bench.mouse.click(bench.mouse.body("blur"), KEYS.ControlModifier)
    assert bench.session.selection == {"noise", "blur"}
    bench.mouse.click(bench.mouse.body("noise"), KEYS.ShiftModifier)
    assert bench.session.selection == {"blur"}
    bench.mouse.click(QPointF(250, 430))
    assert not bench.session.selection


def test_a_rubber_band_selects_what_it_touches_and_escape_takes_it_back(bench):
    bench.mouse.drag(QPointF(-40, -40), QPointF(260, 60))
    assert bench.session.selection == {"noise", "blur"}
    bench.mouse.hold(QPointF(330, 430), QPointF(450, 300))
    assert bench.session.selection == {"pick"}
    press(bench, Qt.Key.Key_Escape)
    assert bench.session.selection == {"noise", "blur"}
    bench.mouse.release(QPointF(450, 300))
    assert bench.session.selection == {"noise", "blur"}


def test_shift_band_adds(bench):
    bench.mouse.click(bench.mouse.body("noise"))
    bench.mouse.drag(QPointF(330, 430), QPointF(450, 300), keys=KEYS.ShiftModifier)
    assert bench.session.selection == {"noise", "pick"}


def test_a_lasso_selects_what_it_goes_round(bench):
    corners = [QPointF(-30, -30), QPointF(340, -30), QPointF(340, 190), QPointF(180, 190), QPointF(180, 205)]
    corners += [QPointF(-30, 205), QPointF(-30, -20)]
    bench.mouse.drag(*corners, keys=KEYS.ControlModifier)
    assert bench.session.selection == {"noise", "blur"}


# ---- moving --------------------------------------------------------------------------------------


def test_a_drag_moves_all_selected_nodes_on_the_grid_as_one_step(bench):
    before = bench.session.graph
    bench.session.select(["noise", "blur"], "noise")
    bench.mouse.drag(bench.mouse.body("noise"), bench.mouse.body("noise") + QPointF(-43, 61))
    nodes = bench.session.graph.nodes
    assert nodes["noise"].position == (-40, 64)
    assert nodes["blur"].position == (160, 64)
    assert nodes["levels"].position == (400, 0)
    assert bench.canvas.graph_scene.nodes["blur"].pos() == QPointF(160, 64)
    bench.one_step_back_to(before)


def test_escape_in_the_middle_of_a_move_leaves_all_as_it_was(bench):
    before = bench.session.graph
    bench.mouse.hold(bench.mouse.body("noise"), bench.mouse.body("noise") + QPointF(60, 300))
    assert bench.session.graph != before
    press(bench, Qt.Key.Key_Escape)
    assert bench.session.graph == before
    assert bench.session.steps == 0
    assert bench.canvas.graph_scene.nodes["noise"].pos() == QPointF(0, 0)


def test_a_move_back_to_where_it_was_is_no_step(bench):
    body = bench.mouse.body("cells")
    bench.mouse.drag(body, body + QPointF(80, 0), body)
    assert bench.session.steps == 0


def test_wires_follow_a_moved_node(bench):
    wire = bench.canvas.graph_scene.wires[Link("noise", "out", "blur", "image")]
    bench.mouse.drag(bench.mouse.body("noise"), bench.mouse.body("noise") + QPointF(0, 200))
    assert wire.path.pointAtPercent(0) == bench.mouse.output("noise")
    assert wire.path.pointAtPercent(1) == bench.mouse.input("blur")


def test_a_node_dragged_over_a_wire_is_put_into_it(qtbot):
    document = graph(
        node("noise", "fbm", 0, 0),
        node("levels", "levels", 400, 0),
        node("blur", "blur", 200, 260),
        links=("noise.out -> levels.image",),
    )
    bench = Bench(qtbot, document)
    end = bench.mouse.body("blur") + QPointF(0, -264)
    bench.mouse.hold(bench.mouse.body("blur"), end)
    assert bench.canvas.graph_scene.wires[Link("noise", "out", "levels", "image")].lit
    bench.mouse.release(end)
    assert bench.links == {"noise.out -> blur.image", "blur.out -> levels.image"}
    bench.one_step_back_to(document)


def test_a_frame_carries_what_is_within(qtbot):
    frames = ({"title": "Noise", "rect": [-24, -48, 168, 240]}, {"title": "Other", "rect": [-600, 0, 100, 100]})
    bench = Bench(qtbot, graph(node("noise", "fbm", 0, 0), node("blur", "blur", 200, 0), frames=frames))
    before = bench.session.graph
    bench.mouse.drag(QPointF(60, -36), QPointF(60, 44))
    after = bench.session.graph
    assert after.nodes["noise"].position == (0, 80)
    assert after.nodes["blur"].position == (200, 0)
    assert [list(frame["rect"]) for frame in after.frames] == [[-24, 32, 168, 240], [-600, 0, 100, 100]]
    bench.one_step_back_to(before)


def test_a_frames_corner_resizes_it(qtbot):
    frames = ({"title": "Noise", "rect": [-24, -48, 168, 240]},)
    bench = Bench(qtbot, graph(node("noise", "fbm", 0, 0), frames=frames))
    before = bench.session.graph
    bench.mouse.drag(QPointF(139, 187), QPointF(219, 227))
    assert list(bench.session.graph.frames[0]["rect"]) == [-24, -48, 248, 280]
    bench.one_step_back_to(before)


def test_dots_between_moved_nodes_move_along(bench):
    link = Link("noise", "out", "blur", "image")
    bench.canvas.commands.add_dot(link, bench.canvas.graph_scene.wires[link].path.pointAtPercent(0.5))
    (x, y), *_ = bench.session.graph.routes[str(link)].via
    bench.session.select(["noise", "blur"], "noise")
    bench.mouse.drag(bench.mouse.body("noise"), bench.mouse.body("noise") + QPointF(0, 160))
    assert bench.session.graph.routes[str(link)].via == ((x, y + 160),)


# ---- actions -------------------------------------------------------------------------------------


def test_delete_and_heal_closes_the_gap(bench):
    before = bench.session.graph
    bench.session.select(["blur"], "blur")
    press(bench, Qt.Key.Key_Delete, KEYS.ControlModifier)
    assert bench.links == {"noise.out -> levels.image"}
    bench.one_step_back_to(before)


def test_duplicate_copies_and_with_inputs_keeps_them_fed(bench):
    before = bench.session.graph
    bench.session.select(["blur"], "blur")
    press(bench, Qt.Key.Key_D, KEYS.ControlModifier)
    assert len(bench.session.graph.nodes) == 6
    assert len(bench.links) == 2
    assert bench.session.selection == {"blur_2"}
    bench.one_step_back_to(before)
    bench.session.select(["blur"], "blur")
    press(bench, Qt.Key.Key_D, KEYS.ControlModifier | KEYS.ShiftModifier)
    assert "noise.out -> blur_3.image" in bench.links


def test_text_on_the_clipboard_goes_from_one_canvas_to_another(qtbot, bench):
    bench.session.select(["noise", "blur"])
    press(bench, Qt.Key.Key_C, KEYS.ControlModifier)
    board = QGuiApplication.clipboard()
    assert board is not None
    assert "fbm" in board.text()
    other = Bench(qtbot, graph(node("blur", "blur", 0, 0)))
    empty = other.session.graph
    press(other, Qt.Key.Key_V, KEYS.ControlModifier)
    assert set(other.session.graph.nodes) == {"blur", "noise", "blur_2"}
    assert other.links == {"noise.out -> blur_2.image"}
    assert other.session.selection == {"noise", "blur_2"}
    other.one_step_back_to(empty)


def test_text_that_is_no_graph_is_refused(bench):
    board = QGuiApplication.clipboard()
    assert board is not None
    board.setText("a shopping list")
    press(bench, Qt.Key.Key_V, KEYS.ControlModifier)
    assert bench.session.refusals
    assert bench.session.steps == 0


@pytest.mark.parametrize("key", [Qt.Key.Key_M, Qt.Key.Key_D])
def test_bypass_shows_the_wire_that_goes_through(bench, key):
    bench.session.select(["blur"], "blur")
    press(bench, key)
    assert bench.session.graph.nodes["blur"].bypass
    assert bench.canvas.graph_scene.nodes["blur"].face.passing == ("image", "out")
    press(bench, key)
    assert not bench.session.graph.nodes["blur"].bypass


def test_g_frames_the_selection_and_its_name_is_written_at_once(bench):
    bench.session.select(["noise", "blur"])
    press(bench, Qt.Key.Key_G)
    (frame,) = bench.session.graph.frames
    assert (
        bench.canvas.graph_scene.frames[0]
        .mapRectToScene(bench.canvas.graph_scene.frames[0].rect)
        .contains(bench.canvas.graph_scene.bounds(["noise", "blur"]))
    )
    field = bench.canvas.findChild(TitleField)
    assert field is not None
    QTest.keyClicks(field, "Fog")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.session.graph.frames[0]["title"] == "Fog"
    assert frame["title"] == ""


def test_c_writes_a_comment_that_grows_with_its_words(bench):
    press(bench, Qt.Key.Key_C)
    field = bench.canvas.findChild(WordsField)
    assert field is not None
    QTest.keyClicks(field, "Wear comes from the height. " * 12)
    QTest.keyClick(field, Qt.Key.Key_Return, KEYS.ControlModifier)
    (comment,) = bench.session.graph.frames
    assert comment["kind"] == "comment"
    assert comment["text"].startswith("Wear")
    assert comment["rect"][3] > 100


def test_a_frame_takes_a_colour_from_its_menu_and_goes_with_delete(qtbot):
    bench = Bench(qtbot, graph(frames=({"title": "A", "rect": [0, 0, 200, 200]},)))
    bench.mouse.click(QPointF(40, 12))
    assert bench.canvas.graph_scene.picked.frame == 0
    bench.canvas.commands.colour_frame("wear")
    assert bench.session.graph.frames[0]["colour"] == "wear"
    press(bench, Qt.Key.Key_Delete)
    assert bench.session.graph.frames == ()


def test_a_double_click_on_the_header_renames(bench):
    before = bench.session.graph
    item = bench.canvas.graph_scene.nodes["noise"]
    bench.mouse.double(item.pos() + QPointF(60, 10))
    field = bench.canvas.findChild(TitleField)
    assert field is not None
    QTest.keyClicks(field, "Clay grain")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.session.graph.nodes["noise"].title == "Clay grain"
    assert item.face.title == "Clay grain"
    bench.one_step_back_to(before)


def test_escape_leaves_a_name_as_it_was(bench):
    bench.session.select(["noise"], "noise")
    press(bench, Qt.Key.Key_F2)
    field = bench.canvas.findChild(TitleField)
    assert field is not None
    QTest.keyClicks(field, "wrong")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert bench.session.steps == 0


def test_a_double_click_on_the_picture_shows_it_in_2d(bench):
    bench.mouse.double(bench.mouse.body("blur"))
    assert bench.session.shown == ("blur", "out")
    assert bench.canvas.graph_scene.nodes["blur"].face.viewed


def test_arrows_walk_along_wires_and_shift_nudges(bench):
    bench.session.select(["noise"], "noise")
    press(bench, Qt.Key.Key_Right)
    assert bench.session.current == "blur"
    press(bench, Qt.Key.Key_Right)
    assert bench.session.current == "levels"
    press(bench, Qt.Key.Key_Down)
    assert bench.session.current == "pick"
    press(bench, Qt.Key.Key_Up)
    press(bench, Qt.Key.Key_Left)
    assert bench.session.current == "blur"
    before = bench.session.graph
    press(bench, Qt.Key.Key_Down, KEYS.ShiftModifier)
    assert bench.session.graph.nodes["blur"].position == (200, 8)
    bench.one_step_back_to(before)


def test_space_and_tab_ask_for_a_search(bench):
    press(bench, Qt.Key.Key_Space)
    press(bench, Qt.Key.Key_Tab)
    assert [port for _, port in bench.asked] == [None, None]


def test_every_action_has_words_a_tooltip_and_an_icon(bench):
    registry = bench.canvas.actions_registry()
    keys = [keys.toString() for action in registry for keys in action.shortcuts()]
    assert len(keys) == len(set(keys))
    for action in registry:
        assert action.text()
        assert action.toolTip().startswith(action.text())
        assert all(key in action.toolTip() for key in keys_of(action).split(" or "))
        assert not action.icon().isNull()


# ---- levels --------------------------------------------------------------------------------------


def test_a_subgraph_is_made_entered_left_and_dissolved(bench):
    before = bench.session.graph
    bench.session.select(["noise", "blur"])
    press(bench, Qt.Key.Key_G, KEYS.ControlModifier)
    (made,) = bench.session.selection
    assert bench.canvas.graph_scene.nodes[made].face.stacked
    assert len(bench.session.graph.nodes) == 4
    bench.one_step_back_to(before)
    bench.session.select([made], made)
    press(bench, Qt.Key.Key_Return)
    assert bench.session.level == (made,)
    assert {"noise", "blur"} <= set(bench.canvas.graph_scene.nodes)
    assert len(bench.canvas.levels._shown) == 3
    press(bench, Qt.Key.Key_Backspace)
    assert bench.session.level == ()
    assert set(bench.canvas.graph_scene.nodes) == set(bench.session.graph.nodes)
    bench.session.select([made], made)
    press(bench, Qt.Key.Key_G, KEYS.ControlModifier | KEYS.ShiftModifier)
    assert {"noise", "blur"} <= set(bench.session.graph.nodes)


def test_an_edit_within_a_subgraph_shows_there(bench):
    bench.session.select(["noise", "blur"])
    press(bench, Qt.Key.Key_G, KEYS.ControlModifier)
    (made,) = bench.session.selection
    bench.session.enter(made)
    bench.mouse.drag(bench.mouse.body("noise"), bench.mouse.body("noise") + QPointF(0, 80))
    assert bench.session.graph.nodes["noise"].position[1] == bench.canvas.graph_scene.nodes["noise"].y()
    bench.session.undo()
    assert bench.session.graph.nodes["noise"].position[1] == bench.canvas.graph_scene.nodes["noise"].y()


# ---- the view ------------------------------------------------------------------------------------


def test_the_wheel_zooms_at_the_pointer_between_its_ends(bench):
    view = bench.canvas.viewport()
    at = QPoint(200, 150)
    before = bench.canvas.mapToScene(at)
    for turn in (120, 240, -360, -120):
        spot = QPointF(at)
        event = QWheelEvent(
            spot,
            QPointF(view.mapToGlobal(at)),
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            KEYS.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view, event)
        assert (bench.canvas.mapToScene(at) - before).manhattanLength() < 4 / bench.canvas.zoom
    bench.canvas.zoom_at(QPointF(at), 1e6)
    assert bench.canvas.zoom == pytest.approx(3)
    bench.canvas.zoom_at(QPointF(at), 1e-6)
    assert bench.canvas.zoom == pytest.approx(0.05)


def test_home_shows_all_and_leaves_room_at_the_top(bench):
    press(bench, Qt.Key.Key_Home)
    view = bench.canvas
    shown = view.mapFromScene(view.graph_scene.bounds()).boundingRect()
    assert view.viewport().rect().contains(shown)
    assert shown.top() >= 48
    bench.session.select(["blur"])
    press(bench, Qt.Key.Key_F)
    middle = view.mapFromScene(bench.mouse.body("blur")) - view.viewport().rect().center()
    assert abs(middle.x()) < 4
    press(bench, Qt.Key.Key_1)
    assert view.zoom == pytest.approx(1)


def test_where_it_was_left_is_kept_and_found_again(bench):
    bench.canvas.restore_view({"centre": [70, -20], "zoom": 0.5})
    state = bench.canvas.view_state()
    bench.canvas.home()
    bench.canvas.restore_view(state)
    assert bench.canvas.zoom == pytest.approx(0.5)
    assert bench.canvas.centre().x() == pytest.approx(70, abs=4)
    assert SetMeta("view", state).apply(bench.session.graph)[0].view["zoom"] == 0.5


def test_the_empty_canvas_says_what_to_do(qtbot):
    bench = Bench(qtbot, graph(node("out", "material_output", 0, 0)))  # as a new material begins
    assert bench.canvas.words.isVisible()
    bench.canvas.commands.add("fbm", QPointF(0, 0))
    assert not bench.canvas.words.isVisible()


def drop(canvas: Canvas, data: QMimeData, at: QPointF) -> None:
    place = QPointF(canvas.mapFromScene(at))
    moved = QDropEvent(place, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, KEYS.NoModifier)
    canvas.dropEvent(moved)


def test_a_node_dropped_on_a_wire_is_put_into_it(bench):
    before = bench.session.graph
    data = QMimeData()
    data.setData(NODE_MIME, b"levels")
    middle = bench.canvas.graph_scene.wires[Link("noise", "out", "blur", "image")].path.pointAtPercent(0.5)
    drop(bench.canvas, data, middle)
    assert {"noise.out -> levels_2.image", "levels_2.out -> blur.image"} <= bench.links
    bench.one_step_back_to(before)


def test_a_node_dropped_in_the_void_is_added_and_files_are_handed_on(bench):
    data = QMimeData()
    data.setData(NODE_MIME, b"fbm")
    drop(bench.canvas, data, QPointF(250, 430))
    assert bench.session.selection == {"fbm"}
    got: list[list[str]] = []
    bench.canvas.dropped.connect(lambda paths, at: got.append(paths))
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/pictures/rust.png")])
    drop(bench.canvas, files, QPointF(250, 430))
    assert got == [["/pictures/rust.png"]]


def test_a_material_dropped_from_the_library_is_handed_on_as_its_file(bench):
    before, got = bench.session.graph, []
    bench.canvas.dropped.connect(lambda paths, at: got.append(paths))
    drop(bench.canvas, file_mime(Path("/materials/wall.intarsia")), QPointF(250, 430))
    assert got == [["/materials/wall.intarsia"]]
    assert bench.session.graph is before


def test_add_joins_the_port_that_was_searched_for(bench):
    before = bench.session.graph
    id = bench.canvas.commands.add("blur", QPointF(200, 400), port=End("cells", "height", True))
    assert f"cells.height -> {id}.image" in bench.links
    bench.one_step_back_to(before)


# ---- painting ------------------------------------------------------------------------------------


def states(bench: Bench) -> None:
    """Give the nodes all states that there are."""
    bench.session.put("noise", Look(plain(), "computing", "band 5 of 8", 0.6))
    bench.session.put("blur", Look(plain(), "error", "The picture is gone"))
    bench.session.put("levels", Look(plain(), "ready", seconds=0.4, share=0.5, frozen=True))
    bench.session.put("cells", Look(None, "waiting", "needs mask"))
    bench.session.put("pick", Look(plain(), "ready", seconds=2, share=0.4, warning="Few regions"))
    bench.session.select(["pick"])
    bench.canvas.set_pinned(frozenset({"levels"}))
    bench.session.do(SetNode("levels", "bypass", True), "Bypass")


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("zoom", [0.05, 0.2, 0.3, 0.6, 1, 3])
def test_every_state_paints_at_every_zoom(bench, mode, zoom):
    THEME.switch(mode)
    frames = ({"title": "A", "rect": [-20, -40, 300, 300]}, {"kind": "comment", "text": "B", "rect": [0, 300, 90, 90]})
    bench.session.do(SetMeta("frames", frames), "Frames")
    states(bench)
    bench.canvas.restore_view({"centre": [260, 180], "zoom": zoom})
    image = bench.canvas.grab().toImage()
    colours = {image.pixelColor(x, y).rgb() for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert THEME.color("canvas").rgb() in colours
    assert len(colours) > 3


def test_a_picture_that_arrives_repaints_its_node_alone(qtbot, bench):
    painted: list[str] = []
    for item in bench.canvas.graph_scene.nodes.values():
        item.paint = lambda *args, id=item.id: painted.append(id)  # type: ignore[method-assign]
    QApplication.processEvents()
    painted.clear()
    bench.session.put("pick", Look(plain("#3366aa"), "ready"))
    qtbot.waitUntil(lambda: bool(painted))
    assert set(painted) == {"pick"}


def test_an_edit_of_a_parameter_keeps_all_items(bench):
    items = dict(bench.canvas.graph_scene.nodes)
    wires = dict(bench.canvas.graph_scene.wires)
    bench.session.do(SetParameter("blur", "radius", 0.02), "Radius")
    assert all(bench.canvas.graph_scene.nodes[id] is item for id, item in items.items())
    assert all(bench.canvas.graph_scene.wires[link] is wire for link, wire in wires.items())


def test_200_random_edits_and_their_undo_leave_no_item_behind(qtbot):
    bench = Bench(qtbot, chain())
    draw = random.Random(4)
    before = bench.session.graph
    count = len(bench.canvas.graph_scene.items())
    while bench.session.steps < 200:
        ids = list(bench.session.graph.nodes)
        bench.session.select(draw.sample(ids, min(len(ids), 2)))
        does = draw.choice(["duplicate", "duplicate_inputs", "delete", "heal", "bypass", "enclose", "dissolve", "swap"])
        if len(ids) < 4:
            does = "duplicate_inputs"
        if not ids:
            bench.canvas.commands.add("fbm", QPointF(0, 0))
        bench.canvas.named_actions[does].trigger()
        if bench.session.graph.links and draw.random() < 0.3:
            link = draw.choice(bench.session.graph.links)
            bench.canvas.commands.add_dot(link, QPointF(0, 0))
            bench.canvas.commands.portal()
        mirror = bench.canvas.graph_scene
        assert set(mirror.nodes) == set(bench.session.graph.nodes)
        assert set(mirror.wires) == set(bench.session.graph.links)
    while bench.session.history.can_undo:
        bench.session.undo()
    assert bench.session.graph == before
    assert len(bench.canvas.graph_scene.items()) == count
    qtbot.waitUntil(lambda: not bench.canvas.graph_scene._retired)
    gc.collect()


def test_menus_offer_what_makes_sense_there(bench):
    scene = bench.canvas.graph_scene
    bench.session.select(["blur"], "blur")
    words = {
        action.text() for action in actions.menu_for(bench.canvas, scene.hit(bench.mouse.body("blur"), 1)).actions()
    }
    assert {"Bypass", "Delete", "Duplicate with inputs"} <= words
    assert "Dissolve the subgraph" not in words
    port = actions.menu_for(bench.canvas, scene.hit(bench.mouse.input("blur"), 1)).actions()
    assert [action.text() for action in port] == ["Add what makes Gray", "Take off fBm noise"]
    port[1].trigger()
    assert bench.links == {"blur.out -> levels.image"}


def test_align_spread_and_tidy_are_one_step_each(bench):
    before = bench.session.graph
    bench.session.select(["noise", "blur", "levels"])
    bench.session.do(SetNode("blur", "position", (240, 90)), "Move")
    press(bench, Qt.Key.Key_L)
    assert len({bench.session.graph.nodes[id].position[1] for id in ("noise", "blur", "levels")}) == 1
    press(bench, Qt.Key.Key_L, KEYS.ShiftModifier)
    xs = [bench.session.graph.nodes[id].position[0] for id in ("noise", "blur", "levels")]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=8)
    press(bench, Qt.Key.Key_T)
    assert bench.session.steps == 4
    for _ in range(4):
        bench.session.undo()
    assert bench.session.graph == before


def test_the_levels_name_where_we_are_and_lead_back(qtbot, bench):
    bench.session.select(["noise", "blur"])
    press(bench, Qt.Key.Key_G, KEYS.ControlModifier)
    (made,) = bench.session.selection
    bench.session.enter(made)
    buttons = bench.canvas.levels.findChildren(QToolButton)
    shown = [button for button in buttons if button.isVisible()]
    assert [button.text() for button in shown] == ["Untitled", "Subgraph"]
    assert bench.canvas.levels.width() > 80
    QTest.mouseClick(shown[0], Qt.MouseButton.LeftButton)
    assert bench.session.level == ()
    assert bench.session.selection == {made}


def test_a_drag_to_the_edge_moves_the_canvas_on(qtbot, bench):
    before = bench.canvas.centre().x()
    edge = bench.canvas.mapToScene(bench.canvas.viewport().rect().center() + QPoint(440, 0))
    bench.mouse.hold(bench.mouse.output("cells", "height"), edge)
    qtbot.waitUntil(lambda: bench.canvas.centre().x() > before + 40)
    press(bench, Qt.Key.Key_Escape)
    assert bench.session.steps == 0


def test_the_middle_button_pans(bench):
    view = bench.canvas.viewport()
    before = bench.canvas.centre()
    QTest.mousePress(view, Qt.MouseButton.MiddleButton, KEYS.NoModifier, QPoint(300, 300))
    bench.mouse.move(bench.canvas.mapToScene(QPoint(340, 280)), held=Qt.MouseButton.MiddleButton)
    QTest.mouseRelease(view, Qt.MouseButton.MiddleButton, KEYS.NoModifier, QPoint(340, 280))
    assert bench.canvas.centre() - before == QPointF(-40, 20)
    assert bench.session.steps == 0


def test_while_one_writes_no_key_is_an_action(bench):
    bench.session.select(["noise", "blur"])
    press(bench, Qt.Key.Key_G, KEYS.ControlModifier)
    press(bench, Qt.Key.Key_F2)
    field = bench.canvas.findChild(TitleField)
    assert field is not None
    QTest.keyClicks(field, "Fog m d")
    QTest.keyClick(field, Qt.Key.Key_Left)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert bench.session.level == ()
    (made,) = bench.session.selection
    assert bench.session.graph.nodes[made].title == "Fog m d"
    assert not bench.session.graph.nodes[made].bypass


def test_a_change_of_theme_draws_the_icons_again(qapp, bench):
    action = bench.canvas.named_actions["delete"]
    before = action.icon().pixmap(16).toImage()
    THEME.switch("light")
    THEME.apply(qapp)
    QApplication.processEvents()
    assert action.icon().pixmap(16).toImage() != before


@pytest.mark.parametrize("key", ["fbm", "bricks", "make_material", "blend", "growth_rings", "expression"])
def test_a_node_is_drawn_as_tidying_takes_it_to_be(qtbot, key):
    made = node("one", key, 0, 0)
    bench = Bench(qtbot, graph(made))
    item = bench.canvas.graph_scene.nodes["one"]
    assert boxes.height_of(made) == item.face.height + boxes.FOOT
    for port, is_output, spot in item.spots():
        assert spot.y() == pytest.approx(boxes.port_height(made, port.name, not is_output))


def test_keys_wait_while_something_is_dragged(bench):
    bench.session.do(SetNode("blur", "title", "Soft"), "Rename")
    body = bench.mouse.body("noise")
    bench.mouse.hold(body, body + QPointF(0, 80))
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_M, Qt.Key.Key_Home):
        press(bench, key)
    bench.mouse.release(body + QPointF(0, 80))
    assert bench.session.steps == 2
    assert bench.session.graph.nodes["noise"].position == (0, 80)
    assert not bench.session.graph.nodes["noise"].bypass


def test_a_press_ends_a_drag_whose_release_was_lost(bench):
    before = bench.session.graph
    body = bench.mouse.body("noise")
    bench.mouse.hold(body, body + QPointF(0, 80))
    bench.mouse.hold(bench.mouse.body("cells"), bench.mouse.body("cells") + QPointF(80, 0))
    bench.mouse.release(bench.mouse.body("cells"))
    assert bench.session.graph.nodes["noise"].position == (0, 0)
    bench.one_step_back_to(before)


def test_a_node_tells_what_it_does_where_the_pointer_rests(bench):
    words = tip_of(bench.session, Hit("body", "blur"))
    assert words.startswith("Blur\nGaussian blur on the torus")
    assert max(map(len, words.splitlines())) <= LETTERS


def test_only_a_node_whose_time_is_noticed_is_costly():
    assert caption(Face(look=Look(plain(), "ready", seconds=0.0004, share=0.9))) == (duration(0.0004), "text3")
    assert caption(Face(look=Look(plain(), "ready", seconds=0.04, share=0.9))) == (duration(0.04), "warning")
