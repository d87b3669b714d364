"""Wires by mouse: drawn, refused, moved, cut, put through dots and portals."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest

from gui.canvas import Canvas
from gui.session import Look
from materials import boxes
from materials.edits import Disconnect, SetRoute
from materials.graph import Document, Link
from materials.layout import Route
from nodes.catalogue import catalogue
from tests.test_gui.still import Mouse, StillSession, chain, graph, node, plain

KEYS = Qt.KeyboardModifier


class Bench:
    """A canvas on a graph, with a mouse."""

    def __init__(self, qtbot, document: Document) -> None:
        self.session = StillSession(document)
        for id in document.nodes:
            self.session.looks[id] = Look(plain(), "ready", seconds=0.01, share=0.2)
        self.canvas = Canvas(self.session)
        self.canvas.resize(900, 640)
        qtbot.addWidget(self.canvas)
        self.canvas.show()
        self.canvas.activateWindow()
        self.canvas.setFocus()
        qtbot.waitUntil(self.canvas.hasFocus)
        self.canvas.restore_view({"centre": [260, 180], "zoom": 1})
        self.mouse = Mouse(self.canvas)
        self.asked: list[tuple[QPointF, object]] = []
        self.canvas.searching.connect(lambda at, port: self.asked.append((at, port)))

    @property
    def links(self) -> set[str]:
        return {str(link) for link in self.session.graph.links}

    def one_step_back_to(self, document: Document, steps: int = 0) -> None:
        """Check that what was done is one step, and that undo restores the document exactly."""
        assert self.session.steps == steps + 1
        done = self.session.graph
        self.session.undo()
        assert self.session.graph == document
        assert set(self.canvas.graph_scene.wires) == set(document.links)
        self.session.redo()
        assert self.session.graph == done


@pytest.fixture
def bench(qtbot):
    return Bench(qtbot, chain())


def test_a_drag_from_an_output_to_an_input_joins_them(bench):
    before = bench.session.graph
    bench.mouse.drag(bench.mouse.output("cells", "regions"), bench.mouse.input("pick", "regions"))
    assert "cells.regions -> pick.regions" in bench.links
    bench.one_step_back_to(before)


def test_a_drag_from_an_open_input_to_an_output_joins_them(bench):
    bench.mouse.drag(bench.mouse.input("pick", "regions"), bench.mouse.output("cells", "regions"))
    assert "cells.regions -> pick.regions" in bench.links


def test_the_end_snaps_to_a_port_within_24_pixels(bench):
    near = bench.mouse.input("pick", "regions") - QPointF(20, 6)
    bench.mouse.hold(bench.mouse.output("cells", "regions"), near)
    assert bench.canvas.graph_scene.nodes["pick"].face.hot == ("regions", False)
    bench.mouse.release(near)
    assert "cells.regions -> pick.regions" in bench.links


def test_ports_that_cannot_take_the_wire_dim_at_once_and_light_up_after(bench):
    start = bench.mouse.output("cells", "regions")
    bench.mouse.press(start)
    bench.mouse.move(start + QPointF(12, 0))
    scene = bench.canvas.graph_scene
    assert ("image", False) in scene.nodes["blur"].face.dimmed
    assert ("regions", False) not in scene.nodes["pick"].face.dimmed
    bench.mouse.release(start + QPointF(12, 0))
    assert not any(item.face.dimmed for item in scene.nodes.values())


def test_a_wrong_kind_is_refused_and_the_hint_says_why(bench):
    before = bench.session.graph
    bench.mouse.hold(bench.mouse.output("cells", "regions"), bench.mouse.input("levels", "mask"))
    words = bench.canvas._hint.words
    assert words == "Regions does not fit Gray. Ctrl inserts Region random"
    bench.mouse.release(bench.mouse.input("levels", "mask"))
    assert bench.session.graph is before
    assert bench.session.steps == 0
    assert bench.session.refusals == [words]


def test_control_on_a_wrong_kind_inserts_what_makes_it_fit(bench):
    before = bench.session.graph
    bench.mouse.drag(
        bench.mouse.output("cells", "regions"), bench.mouse.input("levels", "mask"), keys=KEYS.ControlModifier
    )
    assert {"cells.regions -> region_random.regions", "region_random.out -> levels.mask"} <= bench.links
    bench.one_step_back_to(before)


def test_a_circle_is_refused_in_words(bench):
    bench.mouse.hold(bench.mouse.output("levels"), bench.mouse.input("blur", "mask"))
    assert bench.canvas._hint.words.startswith("That would run in a circle")
    bench.mouse.release(bench.mouse.input("blur", "mask"))
    assert bench.session.steps == 0


def test_a_drop_on_a_nodes_body_joins_its_first_free_fitting_input(bench):
    bench.mouse.drag(bench.mouse.output("cells", "mask"), bench.mouse.body("levels") + QPointF(10, 40))
    assert "cells.mask -> levels.mask" in bench.links
    assert "blur.out -> levels.image" in bench.links


def test_a_drop_in_the_void_asks_for_a_search_with_the_port(bench):
    end = QPointF(250, 420)
    bench.mouse.drag(bench.mouse.output("cells", "height"), end)
    ((at, port),) = bench.asked
    assert port == ("cells", "height", True)
    assert (at - end).manhattanLength() < 3
    assert bench.session.steps == 0


def test_a_drag_from_a_joined_input_takes_the_wire_along(bench):
    before = bench.session.graph
    bench.mouse.drag(bench.mouse.input("levels"), bench.mouse.input("levels", "mask"))
    assert bench.links == {"noise.out -> blur.image", "blur.out -> levels.mask"}
    bench.one_step_back_to(before)


def test_a_joined_wire_dropped_in_the_void_comes_off(bench):
    before = bench.session.graph
    bench.mouse.drag(bench.mouse.input("levels"), QPointF(330, 200), keys=KEYS.ShiftModifier)
    assert bench.links == {"noise.out -> blur.image"}
    assert not bench.asked
    bench.one_step_back_to(before)


def test_shift_from_an_output_moves_all_its_wires(bench):
    before = bench.session.graph
    bench.mouse.drag(bench.mouse.output("blur"), bench.mouse.output("cells", "height"), keys=KEYS.ShiftModifier)
    assert bench.links == {"noise.out -> blur.image", "cells.height -> levels.image"}
    bench.one_step_back_to(before)


def test_escape_abandons_a_wire(bench):
    bench.mouse.hold(bench.mouse.input("levels"), QPointF(330, 200))
    assert bench.canvas.graph_scene.wires[Link("blur", "out", "levels", "image")].lifted
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    bench.mouse.release(QPointF(330, 200))
    assert bench.session.steps == 0
    assert not bench.asked
    assert not any(wire.lifted for wire in bench.canvas.graph_scene.wires.values())


def test_alt_while_dropping_joins_every_channel(qtbot):
    document = graph(node("split", "split_material", 0, 0), node("make", "make_material", 300, 0))
    bench = Bench(qtbot, document)
    start, end = bench.mouse.output("split", "base_color"), bench.mouse.input("make", "base_color")
    bench.mouse.drag(start, end, keys=KEYS.AltModifier)
    assert len(bench.links) == 8
    assert "split.height -> make.height" in bench.links
    bench.one_step_back_to(document)


def test_the_knife_cuts_the_wires_it_crosses(bench):
    before = bench.session.graph
    start = QPointF(160, -30)
    bench.mouse.hold(start, QPointF(160, 90), keys=KEYS.AltModifier)
    wires = bench.canvas.graph_scene.wires
    assert [str(link) for link, wire in wires.items() if wire.cut] == ["noise.out -> blur.image"]
    bench.mouse.release(QPointF(160, 90), KEYS.AltModifier)
    assert bench.links == {"blur.out -> levels.image"}
    bench.one_step_back_to(before)


def test_a_double_click_on_a_wire_makes_a_dot_that_drags_and_goes(bench):
    link = Link("noise", "out", "blur", "image")
    middle = bench.canvas.graph_scene.wires[link].path.pointAtPercent(0.5)
    bench.mouse.double(middle)
    assert len(bench.session.graph.routes[str(link)].via) == 1
    with_dot = bench.session.graph
    dot = bench.canvas.graph_scene.wires[link].via[0]
    bench.mouse.drag(dot, dot + QPointF(3, 104))
    assert bench.session.graph.routes[str(link)].via == ((160.0, 152.0),)
    bench.one_step_back_to(with_dot, 1)
    bench.canvas.named_actions["delete"].trigger()
    assert str(link) not in bench.session.graph.routes
    assert link in bench.session.graph.links


def test_r_makes_a_dot_on_the_selected_wire(bench):
    link = Link("noise", "out", "blur", "image")
    bench.mouse.click(bench.canvas.graph_scene.wires[link].path.pointAtPercent(0.3))
    assert bench.canvas.graph_scene.picked.link == link
    QTest.keyClick(bench.canvas, Qt.Key.Key_R)
    assert len(bench.session.graph.routes[str(link)].via) == 1


def test_a_portal_is_two_stubs_and_a_click_goes_to_the_other_end(qtbot):
    link = Link("noise", "out", "blur", "image")
    far = graph(node("noise", "fbm", 0, 0), node("blur", "blur", 400, 0), links=("noise.out -> blur.image",))
    bench = Bench(qtbot, far)
    before = bench.session.graph
    bench.mouse.click(bench.canvas.graph_scene.wires[link].path.pointAtPercent(0.5))
    bench.canvas.named_actions["portal"].trigger()
    wire = bench.canvas.graph_scene.wires[link]
    assert bench.session.graph.routes[str(link)] == Route(portal=True)
    assert [stub.words for stub in wire.stubs] == ["Blur", "fBm noise"]
    bench.one_step_back_to(before)
    wire = bench.canvas.graph_scene.wires[link]
    stub = wire.stubs[0]
    bench.mouse.click(stub.scenePos() + stub.plate().center())
    assert bench.session.current == "blur"


def test_delete_takes_the_selected_wire(bench):
    before = bench.session.graph
    bench.mouse.click(bench.canvas.graph_scene.wires[Link("noise", "out", "blur", "image")].path.pointAtPercent(0.5))
    QTest.keyClick(bench.canvas, Qt.Key.Key_Delete)
    assert bench.links == {"blur.out -> levels.image"}
    bench.one_step_back_to(before)


def test_s_swaps_the_inputs_of_a_node(qtbot):
    document = graph(
        node("one", "fbm", 0, 0),
        node("two", "bricks", 0, 200),
        node("mix", "blend", 300, 0),
        links=("one.out -> mix.a", "two.height -> mix.b"),
    )
    bench = Bench(qtbot, document)
    bench.mouse.click(bench.mouse.body("mix"))
    QTest.keyClick(bench.canvas, Qt.Key.Key_S)
    assert bench.links == {"one.out -> mix.b", "two.height -> mix.a"}
    bench.one_step_back_to(document)


def test_wires_follow_the_kind_of_what_flows(qtbot):
    document = graph(
        node("hue", "region_color", 0, 200),
        node("noise", "fbm", 0, 0),
        node("blur", "blur", 200, 0),
        node("levels", "levels", 400, 0),
        links=("noise.out -> blur.image", "blur.out -> levels.image"),
    )
    bench = Bench(qtbot, document)
    last = bench.canvas.graph_scene.wires[Link("blur", "out", "levels", "image")]
    assert last.kind == "Gray"
    bench.mouse.drag(bench.mouse.output("hue"), bench.mouse.input("blur"))
    assert last.kind == "Color"


def test_a_drag_on_a_wire_bends_it_and_escape_straightens_it(bench):
    link = Link("noise", "out", "blur", "image")
    before = bench.session.graph
    middle = bench.canvas.graph_scene.wires[link].path.pointAtPercent(0.5)
    bench.mouse.drag(middle, middle + QPointF(0, 120))
    assert len(bench.session.graph.routes[str(link)].via) == 1
    bench.one_step_back_to(before)
    bench.session.undo()
    bench.mouse.hold(middle, middle + QPointF(0, 120))
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    assert bench.session.graph == before


def test_an_undo_in_the_middle_of_a_wire_drops_it(bench):
    id = bench.canvas.commands.add("levels", QPointF(200, 300))
    bench.mouse.hold(bench.mouse.output(id), QPointF(500, 120))
    bench.session.undo()
    assert bench.canvas.gesture is None
    bench.mouse.move(QPointF(520, 130))
    bench.mouse.release(QPointF(520, 130))
    assert not bench.asked


def test_stubs_at_an_output_that_more_leaves_say_how_many_portals_there_are(qtbot):
    nodes = (node("noise", "fbm", 0, 0), node("one", "blur", 400, 0), node("other", "blur", 400, 300))
    links = ("noise.out -> one.image", "noise.out -> other.image")
    bench = Bench(qtbot, graph(*nodes, links=links))
    wires = bench.canvas.graph_scene.wires
    one, other = (Link("noise", "out", id, "image") for id in ("one", "other"))
    bench.session.do(SetRoute(one, Route(portal=True)), "Make a portal")
    assert [stub.words for stub in wires[one].stubs] == ["1", "fBm noise"]
    bench.session.do(SetRoute(other, Route(portal=True)), "Make a portal")
    assert [stub.words for wire in wires.values() for stub in wire.stubs] == ["2", "fBm noise"] * 2
    bench.session.do(Disconnect("other", "image"), "Disconnect")
    assert [stub.words for stub in wires[one].stubs] == ["Blur", "fBm noise"]


def test_nodes_are_as_large_as_the_layout_takes_them_to_be(qtbot):
    kinds = [key for key, kind in catalogue().items() if kind.sockets and not key.startswith("t_")]
    session = StillSession(graph(*(node(key, key, 0, 0) for key in kinds)))
    canvas = Canvas(session)
    qtbot.addWidget(canvas)
    for key in kinds:
        item, made = canvas.graph_scene.nodes[key], session.graph.nodes[key]
        assert item.body().height() + boxes.FOOT == boxes.height_of(made)
        for port, is_output, spot in item.spots():
            assert spot.y() == pytest.approx(boxes.port_height(made, port.name, not is_output))
