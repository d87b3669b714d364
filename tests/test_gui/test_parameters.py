"""The panel of parameters, with a session that has no engine."""

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QFontMetricsF, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFrame, QLabel, QVBoxLayout, QWidget

from gui.controls.number import DragNumber
from gui.panels import reasons
from gui.panels.items import node_sections, same
from gui.panels.parameters import Parameters
from gui.panels.row import ParameterRow
from gui.parts import Elided
from gui.session import Look, Result
from gui.theme import SIZE, THEME
from materials.edits import Expose, SetMeta, SetParameter
from materials.graph import Document, Exposed, Node, Source
from nodes.catalogue import catalogue
from nodes.parameters import Formula, Knots, Picture, Stops
from tests.build import document
from tests.test_gui.hands import Heard, drag, move, press, release
from tests.test_gui.still import StillSession

MIDDLE = QPointF(90, 12)


def wall() -> Document:
    return document(
        {
            "bricks": "fbm",
            "edges": ("levels", {"gamma": 2.0}),
            "soft": "blur",
            "other": "blur",
            "look": "gradient_map",
            "out": "material_output",
        },
        "bricks.out -> edges.image",
        "edges.out -> soft.image",
        "soft.out -> look.image",
        "look.out -> out.base_color",
        title="Old wall",
    )


@pytest.fixture
def opened():
    """Opens documents, and closes them after the test."""
    made = []

    def open_document(document: Document) -> StillSession:
        made.append(StillSession(document))
        return made[-1]

    yield open_document
    for session in made:
        session.close()


@pytest.fixture
def session(opened):
    return opened(wall())


@pytest.fixture
def panel(session, qtbot):
    made = Parameters(session)
    qtbot.addWidget(made)
    made.resize(SIZE["parameters"], 900)
    made.show()
    return made


def row_of(panel, name) -> ParameterRow:
    return panel.rows[name]


def steps(session) -> list[str]:
    return [step.text for step in session.history._done]


# ---- one node ------------------------------------------------------------------------------------


def test_a_drag_is_one_undo_step_with_a_name(session, panel):
    session.select(["soft"])
    row = row_of(panel, "radius")
    drag(row.control, MIDDLE, MIDDLE + QPointF(50, 0))
    assert steps(session) == ["Radius of Blur"]
    assert session.graph.node("soft").parameters["radius"] == pytest.approx(0.009)
    assert row_of(panel, "radius") is row
    assert row.dot.on
    assert row.control.changed
    session.undo()
    assert session.graph.node("soft").parameters["radius"] == 0.004
    assert not row.dot.on


def test_a_drag_on_the_label_drags_the_number(session, panel):
    session.select(["soft"])
    label = row_of(panel, "radius").label
    drag(label, QPointF(20, 12), QPointF(120, 12))
    assert session.graph.node("soft").parameters["radius"] == pytest.approx(0.014)
    assert steps(session) == ["Radius of Blur"]


def test_escape_while_dragging_leaves_no_step(session, panel):
    session.select(["soft"])
    before, control = session.graph, row_of(panel, "radius").control
    control.setFocus()
    drag(control, MIDDLE, MIDDLE + QPointF(50, 0), drop=False)
    assert session.graph != before
    QTest.keyClick(control, Qt.Key.Key_Escape)
    release(control, MIDDLE)
    assert session.graph == before
    assert steps(session) == []


def test_a_typed_sum_is_one_step(session, panel):
    session.select(["soft"])
    control = row_of(panel, "radius").control
    control.start_typing("0.4 + 1/8")
    QTest.keyClick(control.editor, Qt.Key.Key_Return)
    assert session.graph.node("soft").parameters["radius"] == 0.00525
    assert steps(session) == ["Radius of Blur"]


def test_lengths_are_typed_in_centimetres_of_the_material(session, panel):
    session.do(SetParameter("out", "size_cm", 50), "Size")
    session.select(["soft"])
    control = row_of(panel, "radius").control
    control.start_typing("1 cm")
    QTest.keyClick(control.editor, Qt.Key.Key_Return)
    assert session.graph.node("soft").parameters["radius"] == 0.02


def test_a_click_on_the_dot_resets(session, panel):
    session.select(["edges"])
    row = row_of(panel, "gamma")
    assert row.dot.on
    QTest.mouseClick(row.dot, Qt.MouseButton.LeftButton)
    assert session.graph.node("edges").parameters["gamma"] == 1.0
    assert steps(session) == ["Reset Gamma of Levels"]
    assert not row.dot.on


def test_what_is_typed_is_not_disturbed_by_other_changes(session, panel):
    session.select(["soft"])
    control = row_of(panel, "radius").control
    control.start_typing("1.")
    session.do(SetParameter("edges", "gamma", 3.0), "Elsewhere")
    session.do(SetParameter("soft", "radius", 0.05), "Here")
    assert row_of(panel, "radius").control is control
    assert control.typing
    assert control.editor.text() == "1."


def test_a_value_that_is_refused_says_why_and_changes_nothing(session, panel):
    session.select(["soft"])
    before, row = session.graph, row_of(panel, "radius")
    clipboard = QGuiApplication.clipboard()
    for words, reason in (("99", "outside"), ("nonsense", "no value")):
        clipboard.setText(words)
        row.paste()
        assert reason in row.said.text()
        assert row.control.error
    assert session.graph == before
    assert steps(session) == []
    clipboard.setText("0.02")
    row.paste()
    assert row.said.isHidden()
    assert session.graph.node("soft").parameters["radius"] == 0.02


def test_a_value_is_copied_as_text_that_can_be_pasted(session, panel):
    session.select(["look"])
    row = row_of(panel, "stops")
    row.copy()
    session.do(SetParameter("look", "stops", [[0, [0, 0, 0]], [1, [1, 0, 0]]]), "Red")
    row.paste()
    assert same(session.graph.node("look").parameters["stops"], row.item.default)


def test_the_space_of_a_gradient_is_the_nodes_own(session, panel):
    session.select(["look"])
    control = row_of(panel, "stops").control
    assert not control.spaces.isHidden()
    assert "space" not in panel.rows
    control.spaces.chosen.emit(2)
    assert session.graph.node("look").parameters["space"] == "srgb"
    assert control.bar.space == "srgb"


def test_a_drag_in_a_gradient_is_one_step(session, panel):
    session.select(["look"])
    bar = row_of(panel, "stops").control.bar
    QApplication.processEvents()
    drag(bar, QPointF(bar.width() / 2, 10), QPointF(bar.width() / 2 + 30, 10))
    assert steps(session) == ["Stops of Gradient map"]
    assert len(session.graph.node("look").parameters["stops"]) == 3


def test_title_and_bypass_are_steps(session, panel):
    session.select(["soft"])
    panel.head.title.start_typing()
    panel.head.title.editor.setText("Soften edges")
    QTest.keyClick(panel.head.title.editor, Qt.Key.Key_Return)
    panel.head.bypass.click()
    assert session.graph.node("soft").title == "Soften edges"
    assert session.graph.node("soft").bypass
    assert steps(session) == ["Title of Soften edges", "Bypass Soften edges"]


def test_a_pin_holds_the_panel_on_its_node(session, panel):
    session.select(["soft"])
    panel.head.pin.click()
    session.select(["edges"])
    assert panel.subject.ids == ("soft",)
    panel.head.pin.click()
    assert panel.subject.ids == ("edges",)


def test_a_closed_group_says_what_it_hides(session, panel):
    session.select(["bricks"])
    title = next(iter(panel.groups))
    name = next(item.name for section in panel.sections() if section.title == title for item in section.items)
    panel.groups[title].head.set_open(False)
    item = row_of(panel, name).item
    session.do(SetParameter("bricks", name, item.value + 1), "More")
    assert panel.groups[title].head.note == "1 changed"
    session.select([])
    session.select(["bricks"])
    assert not panel.groups[title].head.is_open


def test_a_node_with_nothing_to_set_shows_its_help(session, panel):
    from materials.edits import AddNode

    session.do(AddNode(Node("plain", "linear_to_srgb")), "Add")
    session.select(["plain"])
    assert panel.stack.currentIndex() == 2
    session.select(["soft"])
    assert panel.stack.currentIndex() == 0


def test_unknown_parameters_are_shown_and_not_changed(opened, qtbot):
    session = opened(Document(nodes={"new": Node("new", "from_the_future", parameters={"glow": 3.5, "on": True})}))
    panel = Parameters(session)
    qtbot.addWidget(panel)
    panel.show()
    session.select(["new"])
    row = row_of(panel, "glow")
    assert row.control.line.text() == "3.5"
    assert row.control.line.isReadOnly()
    assert not row.exposable
    assert "unknown here" in panel.head.kind.words


# ---- expressions ---------------------------------------------------------------------------------


def test_an_expression_is_typed_shown_and_removed(session, panel):
    session.select(["soft"])
    row = row_of(panel, "radius")
    row.control.start_typing("= edges.gamma / 100")
    QTest.keyClick(row.control.editor, Qt.Key.Key_Return)
    assert session.graph.node("soft").expressions == {"radius": "edges.gamma / 100"}
    assert row.control.driven
    assert row.control.value == pytest.approx(0.02)
    session.do(SetParameter("edges", "gamma", 4.0), "Gamma")
    assert row.control.value == pytest.approx(0.04)
    row.ask_expression()
    assert row.control.editor.text() == "= edges.gamma / 100"
    row.control.editor.setText("=")
    QTest.keyClick(row.control.editor, Qt.Key.Key_Return)
    assert session.graph.node("soft").expressions == {}
    row.control.start_typing("= edges.gamma / 100")
    QTest.keyClick(row.control.editor, Qt.Key.Key_Return)
    QTest.keyClick(row.control, Qt.Key.Key_Delete)
    assert session.graph.node("soft").expressions == {}
    assert session.graph.node("soft").parameters["radius"] == 0.004


def test_an_expression_that_makes_no_sense_says_why(session, panel):
    session.select(["soft"])
    row = row_of(panel, "radius")
    row.control.start_typing("= nowhere.gamma")
    QTest.keyClick(row.control.editor, Qt.Key.Key_Return)
    assert "nowhere" in row.said.text()
    assert session.graph.node("soft").expressions == {}


# ---- exposing ------------------------------------------------------------------------------------


def test_a_parameter_is_exposed_edited_and_hidden(session, panel):
    session.select(["soft"])
    row = row_of(panel, "radius")
    QTest.mouseClick(row.mark, Qt.MouseButton.LeftButton)
    popup = panel.exposing.popup
    popup.fields["label"].commit("Softness")
    popup.fields["group"].commit("Edges")
    popup.ends["high"].commit(0.05)
    popup.done.click()
    (entry,) = session.graph.exposed
    assert (entry.node, entry.parameter, entry.label, entry.group, entry.high) == (
        "soft", "radius", "Softness", "Edges", 0.05,
    )  # fmt: skip
    assert row.mark.exposed
    session.select([])
    assert list(panel.groups) == ["Edges", "About the material"]
    exposed = row_of(panel, entry.name)
    assert exposed.control.quantity.soft_high == 0.05
    drag(exposed.control, MIDDLE, MIDDLE + QPointF(40, 0))
    assert session.graph.node("soft").parameters["radius"] > 0.004
    assert steps(session)[-1] == "Softness of Old wall"
    QTest.mouseClick(exposed.mark, Qt.MouseButton.LeftButton)
    panel.exposing.popup.hide_it.click()
    assert session.graph.exposed == ()


def test_two_parameters_of_one_name_get_names_of_their_own(session, panel):
    for id in ("soft", "other"):
        session.select([id])
        panel.exposing.ask(row_of(panel, "radius"))
        panel.exposing.popup.done.click()
    assert [entry.name for entry in session.graph.exposed] == ["radius", "other_radius"]


# ---- several nodes -------------------------------------------------------------------------------


def test_several_nodes_are_changed_at_once(session, panel):
    session.do(SetParameter("other", "radius", 0.05), "Other")
    session.select(["soft", "other"])
    row = row_of(panel, "radius")
    assert panel.head.title.value == "2 nodes"
    assert row.control.mixed
    assert row.control.words() == "several"
    row.control.start_typing("1")
    QTest.keyClick(row.control.editor, Qt.Key.Key_Return)
    assert {session.graph.node(id).parameters["radius"] for id in ("soft", "other")} == {0.01}
    assert steps(session)[1:] == ["Radius of 2 nodes"]
    assert not row.control.mixed


def test_nodes_share_what_has_the_same_name_and_kind(session, panel):
    session.select(["soft", "edges"])
    assert panel.rows == {}
    session.select(["soft", "other"])
    assert list(panel.rows) == ["radius"]


# ---- the material --------------------------------------------------------------------------------


@pytest.fixture
def material(opened, qtbot):
    made = wall()
    softness = Exposed("softness", "soft", "radius", "Softness", "Edges", 0.0, 0.05)
    for entry in (softness, Exposed("gamma", "edges", "gamma")):
        made, _ = Expose(entry).apply(made)
    made = Document(**{**vars(made), "presets": {"Worn": {"softness": 0.03}, "Sharp": {"softness": 0.0, "gamma": 1.0}}})
    session = opened(made)
    panel = Parameters(session)
    qtbot.addWidget(panel)
    panel.resize(SIZE["parameters"], 900)
    panel.show()
    return session, panel


def test_presets_say_when_they_are_modified(material):
    session, panel = material
    assert panel.presets.words == "No preset"
    panel.presets.apply("Worn")
    assert steps(session) == ["Apply Worn"]
    assert panel.presets.words == "Worn"
    assert not row_of(panel, "softness").dot.on
    session.do(SetParameter("soft", "radius", 0.01), "Less")
    assert panel.presets.words == "Worn, modified"
    assert row_of(panel, "softness").dot.on
    QTest.mouseClick(row_of(panel, "softness").dot, Qt.MouseButton.LeftButton)
    assert panel.presets.words == "Worn"
    session.do(SetParameter("edges", "gamma", 5.0), "Not of the preset, but of the material")
    assert panel.presets.words == "Worn, modified"
    panel.presets._apply_again()
    assert session.graph.node("edges").parameters["gamma"] == 2.0
    assert panel.presets.words == "Worn"


def test_a_preset_is_saved_and_removed(material):
    session, panel = material
    session.do(SetParameter("soft", "radius", 0.02), "Soft")
    panel.presets.save("Mine")
    assert session.graph.presets["Mine"] == {"softness": 0.02, "gamma": 2.0}
    assert panel.presets.words == "Mine"
    panel.presets.remove("Mine")
    assert panel.presets.words == "No preset"


def test_what_is_said_of_the_material_can_be_set(material):
    session, panel = material
    panel.about.texts["author"].commit("Ada")
    drag(panel.about.sizes["size_cm"], MIDDLE, MIDDLE + QPointF(30, 0))
    assert session.graph.author == "Ada"
    assert session.graph.node("out").parameters["size_cm"] > 100
    assert steps(session) == ["Author of the material", "Width of the material"]


def test_new_seeds_leave_locked_ones(session, panel):
    session.select(["bricks"])
    seed = row_of(panel, "seed")
    seed.control.lock.click()
    session.select([])
    panel.throw_seeds()
    assert session.graph.node("bricks").parameters["seed"] == 0
    panel.locked.clear()
    panel._throw = type("Throw", (), {"randint": staticmethod(lambda low, high: 77)})()
    panel.throw_seeds()
    assert session.graph.node("bricks").parameters["seed"] == 77
    assert steps(session)[-1] == "New seeds"


def test_a_subgraph_shows_what_it_exposes_inside(opened, qtbot):
    inner, _ = Expose(Exposed("softness", "blur", "radius", "Softness", "Edges", 0.0, 0.05)).apply(
        document({"blur": ("blur", {"radius": 0.02})})
    )
    session = opened(Document(nodes={"sub": Node("sub", "subgraph", graph=inner)}))
    panel = Parameters(session)
    qtbot.addWidget(panel)
    panel.show()
    session.select(["sub"])
    row = row_of(panel, "softness")
    assert list(panel.groups) == ["Edges"]
    assert row.control.value == 0.02
    assert not row.dot.on
    drag(row.control, MIDDLE, MIDDLE + QPointF(40, 0))
    assert session.graph.node("sub").parameters["softness"] == pytest.approx(0.03)
    assert row.dot.on


# ---- why and help --------------------------------------------------------------------------------


def test_why_says_what_a_node_reads_and_where_it_goes(session, panel):
    session.looks["soft"] = Look(seconds=0.0041, share=0.12)
    session.select(["soft"])
    panel.tabs.set_current(1)
    panel._turn(1)
    words = [label.text() for label in panel.why.findChildren(QLabel)]
    assert any("4.1\u2009ms" in word and "12\u2009%" in word for word in words)
    assert any("base colour" in word and "2 nodes lie behind it" in word for word in words)
    lines = [line for line in panel.why.findChildren(QWidget) if hasattr(line, "joined")]
    assert [(line.joined.port, line.joined.node) for line in lines] == [
        ("image", "edges"), ("mask", None), ("out", "look"),
    ]  # fmt: skip
    QTest.mouseClick(lines[0], Qt.MouseButton.LeftButton)
    assert session.selection == {"edges"}


def test_a_node_that_leads_nowhere_is_told_so(session):
    assert "changes nothing" in reasons.reach(session.graph, "other")


def test_the_help_of_every_node_has_words():
    for kind in catalogue().values():
        if kind.help:
            assert reasons.paragraphs(kind), kind.key


# ---- all nodes -----------------------------------------------------------------------------------

KINDS = sorted(key for key in catalogue() if not key.startswith("t_"))


def named(widget: QWidget) -> bool:
    return bool(widget.accessibleName())


def clipped(root: QWidget) -> list[str]:
    """Return the words of labels that are cut off without a tooltip that has them."""
    found = []
    for label in root.findChildren(QLabel):
        if not label.isVisible():
            continue
        if isinstance(label, Elided):
            words, font = label.words, THEME.font(label._type(), tabular=True)
        else:
            words, font = label.text(), label.font()
            if label.wordWrap() or not words or words.startswith("<"):
                continue
        if QFontMetricsF(font).horizontalAdvance(words) > label.width() + 1 and words not in label.toolTip():
            found.append(words)
    return found


def panel_of(session, qtbot) -> Parameters:
    panel = Parameters(session)
    frame = QFrame()
    qtbot.addWidget(frame)
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(panel)
    frame.resize(SIZE["parameters"], 1000)
    frame.show()
    panel.frame = frame
    return panel


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_every_parameter_of_every_node_is_shown_at_its_default(mode, opened, qtbot, qapp):
    THEME.switch(mode)
    THEME.apply(qapp)
    session = opened(document(dict(zip(KINDS, KINDS, strict=True))))
    panel = panel_of(session, qtbot)
    panel.opened = dict.fromkeys(("Basic", "Variation", "Advanced"), True)
    for key in KINDS if mode == "dark" else KINDS[3::6]:
        session.select([key])
        items = [item for section in node_sections(session.graph, key) for item in section.items]
        assert set(panel.rows) == {item.name for item in items}
        for item in items:
            row = panel.rows[item.name]
            assert same(row.control.value, item.default), (key, item.name)
            assert not row.dot.on, (key, item.name)
            assert row.control.accessibleName(), (key, item.name)
        if mode == "dark" and KINDS.index(key) % 6:
            continue  # the look of rows is the same for all
        QApplication.processEvents()
        assert not clipped(panel), key
        assert panel.width() == SIZE["parameters"], key
        for area in (panel.stack.currentWidget(),):
            assert area.widget().minimumSizeHint().width() <= area.viewport().width(), key
        silent = [
            widget
            for widget in panel.findChildren(QWidget)
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible() and not named(widget)
        ]
        assert not silent, (key, silent)


@pytest.mark.parametrize("key", ["gradient_map", "curve", "expression", "image"])
def test_wide_kinds_have_their_own_controls(key, opened, qtbot):
    session = opened(document({"one": key}))
    panel = panel_of(session, qtbot)
    session.select(["one"])
    wide = [row for row in panel.rows.values() if isinstance(row.item.parameter, Stops | Knots | Formula | Picture)]
    assert wide
    assert not any(isinstance(row.control, DragNumber) for row in wide)


def test_a_gesture_under_way_ends_when_its_row_goes(session, panel):
    session.select(["soft"])
    QApplication.processEvents()
    control = row_of(panel, "radius").control
    heard = Heard(control)
    press(control, MIDDLE)
    move(control, MIDDLE + QPointF(40, 0))
    assert heard.words[0] == "began"
    session.select(["edges"])
    assert steps(session) == ["Radius of Blur"]
    session.select(["soft"])
    assert QApplication.overrideCursor() is None


def test_picking_from_a_view_is_one_step_and_ends_with_its_row(session, panel):
    asked = []
    panel.picking.connect(asked.append)
    panel.picking_line.connect(asked.append)
    session.select(["look"])
    control = row_of(panel, "stops").control
    control.swatch.start_picking()
    control.swatch.offer((0.1, 0.2, 0.3))
    control.swatch.take((0.4, 0.2, 0.3))
    assert session.graph.node("look").parameters["stops"][0][1] == (0.4, 0.2, 0.3)
    assert steps(session) == ["Stops of Gradient map"]
    control.pick.click()
    control.offer_line([(0, 0, 0), (1, 0, 0)])
    before = session.history._begun
    session.select(["soft"])
    assert session.graph == before
    assert asked == [control.swatch, None, control, None]
    assert steps(session) == ["Stops of Gradient map"]


def test_a_node_in_error_says_what_is_wrong_above_its_rows(session, panel):
    session.select(["soft"])
    session.put("soft", Look(state="error", words="The picture rust.png is gone"))
    assert panel.wrong.text() == "The picture rust.png is gone"
    assert not panel.wrong.isHidden()
    session.put("soft", Look(state="ready"))
    assert panel.wrong.isHidden()


def test_a_curve_stands_before_the_histogram_of_what_comes_in(opened, qtbot, monkeypatch):
    session = opened(document({"noise": "fbm", "tones": "curve"}, "noise.out -> tones.image"))
    ramp = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    found = {("noise", "out"): Result(ramp, 8, True)}
    monkeypatch.setattr(session, "result", lambda id, output: found.get((id, output)))
    panel = panel_of(session, qtbot)
    session.select(["tones"])
    plot = panel.rows["points"].control.plot
    assert plot.histogram.sum() == 64
    found.clear()
    session.pictured.emit(frozenset({"noise"}))
    assert plot.histogram is None


def test_a_file_becomes_a_source_and_the_picture_in_one_step(opened, qtbot, tmp_path, monkeypatch):
    session = opened(document({"photo": "image"}))
    entry = Source("clay", "clay.png", "0" * 64, title="Clay", licence="CC0-1.0")
    monkeypatch.setattr(session, "take_picture", lambda path: (SetMeta("sources", {"clay": entry}), "clay"))
    panel = panel_of(session, qtbot)
    session.select(["photo"])
    row = panel.rows["picture"]
    row.control.chosen.emit(tmp_path / "clay.png")
    assert session.graph.node("photo").parameters["picture"] == "clay"
    assert row.control.words()[0] == "Clay"
    assert steps(session) == ["Picture of Image"]
    session.undo()
    assert session.graph.sources == {}


def test_a_document_that_is_locked_says_so_at_the_row(session, panel):
    session.locked = "It was made by a newer version."
    session.select(["soft"])
    row, before = row_of(panel, "radius"), session.graph
    row.control.commit(0.05)
    assert "newer version" in row.said.text()
    assert row.control.value == before.node("soft").parameters["radius"]


def test_inside_a_subgraph_the_panel_shows_and_changes_the_inside(opened, qtbot):
    inner = document({"blur": ("blur", {"radius": 0.02})}, title="Edges")
    session = opened(Document(nodes={"sub": Node("sub", "subgraph", graph=inner)}))
    panel = panel_of(session, qtbot)
    session.enter("sub")
    assert panel.head.title.value == "Edges"
    session.select(["blur"])
    panel.rows["radius"].control.commit(0.03)
    assert session.root.node("sub").graph.node("blur").parameters["radius"] == 0.03
    session.leave()
    assert panel.subject.ids == () or panel.subject.ids == ("sub",)


def test_tab_takes_what_is_typed_and_goes_to_the_next_row(session, panel, qtbot):
    session.select(["edges"])
    panel.activateWindow()
    QApplication.processEvents()
    first, second = list(panel.rows.values())[:2]
    first.control.setFocus()
    qtbot.waitUntil(first.control.hasFocus)
    QTest.keyClicks(first.control, "0")
    QTest.keyClicks(first.control.editor, ".25")
    QTest.keyClick(first.control.editor, Qt.Key.Key_Tab)
    assert session.graph.node("edges").parameters["in_low"] == 0.25
    assert second.control.hasFocus()
    QTest.keyClick(second.control, Qt.Key.Key_Backtab)
    assert first.control.hasFocus()


def test_nothing_is_left_behind_when_the_selection_goes_round(session, panel):
    def round_trip() -> int:
        for id in ("look", "bricks", "edges"):
            session.select([id])
            row = next(iter(panel.rows.values()))
            row.open_menu(row.mapToGlobal(row.rect().center()))
            row.menu.close()
            panel.tabs.chosen.emit(1)
            panel.tabs.chosen.emit(0)
        session.select([])
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        return len(panel.findChildren(QWidget))

    round_trip()
    counts = [round_trip() for _ in range(4)]
    assert len(set(counts)) == 1
