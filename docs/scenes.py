"""What each picture of the app shows: a function a picture, which sets the stage and returns it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QImage, QPixmap
from PyQt6.QtTest import QTest

from docs.stage import Stage, Still, beside, move, with_popup
from gui import samples
from gui.canvas import Canvas
from gui.controls.gradient import GradientControl
from gui.desk import JOURNALS
from gui.export_sheet import ExportSheet
from gui.page import Page
from gui.session import Look
from materials import document as documents, edits, journal, recent, shade
from materials.graph import Document, Link, Node, Source
from materials.home import state_folder
from nodes.catalogue import catalogue

MAIN, ITS_FRAME, ITS_NODE = "oak_planks", "Colour of the wood", "wood"
PANEL = 760
"""Pixels of the height of panels that stand side by side."""

FOLDER = Path("/home/ada/materials")
"""Where the documents of the pictures are said to lie."""

WHEN = datetime.datetime(2025, 11, 18, 14, 2)


def graph(*nodes: Node, links: tuple[str, ...] = (), **more: Any) -> Document:
    """Return a document of nodes and links written `a.out -> b.image`."""
    document = Document(nodes={each.id: each for each in nodes}, **more)
    for text in links:
        source, _, target = text.partition(" -> ")
        (one, output), (other, socket) = source.split("."), target.split(".")
        document, _ = edits.Connect(Link(one, output, other, socket)).apply(document)
    return document


def node(id: str, key: str, x: float, y: float, title: str = "", **parameters: Any) -> Node:
    """Return a node at a place, with some settings."""
    kind = catalogue()[key]
    return Node(id, key, kind.version, title, {**kind.defaults(), **parameters}, (x, y))


def pebbles(title: str = "Pebbled clay") -> Document:
    """Return a small material."""
    clay = ((0.0, (0.07, 0.04, 0.03)), (0.5, (0.24, 0.11, 0.06)), (1.0, (0.42, 0.23, 0.13)))
    return graph(
        node("stones", "voronoi", 0, 0, cells=12),
        node("height", "levels", 200, 0, in_low=0.02, in_high=0.3),
        node("clay", "gradient_map", 400, -120, stops=clay),
        node("normal", "normal_from_height", 400, 104, depth=0.03),
        node("output", "material_output", 624, -56, size_cm=50.0),
        links=(
            "stones.edge -> height.image",
            "height.out -> clay.image",
            "height.out -> normal.height",
            "clay.out -> output.base_color",
            "normal.out -> output.normal",
            "height.out -> output.height",
        ),
        title=title,
    )


# ---- the window ----------------------------------------------------------------------------------


def _main(stage: Stage) -> Page:
    """Show a part of a shipped material, its gradient selected."""
    page = stage.preset(MAIN)
    frame = next(each for each in page.session.graph.frames if each.get("title") == ITS_FRAME)
    page.session.select([ITS_NODE])
    page.session.show("base_color")
    left, top, wide, high = frame["rect"]
    page.canvas.show_rect(QRectF(left + wide * 0.38, top - 24, wide * 0.66, high + 48), 1.0)
    stage.settle()
    return page


def main(stage: Stage) -> QPixmap:
    """The window."""
    _main(stage)
    return stage.window.grab()


def light(stage: Stage) -> QPixmap:
    """The window in the light theme."""
    _main(stage)
    stage.window.views.light()
    stage.settle()
    made = stage.window.grab()
    stage.window.views.light()
    return made


def look(stage: Stage) -> QPixmap:
    """The workspace in which the material is in the middle."""
    page = _main(stage)
    stage.window.views.look()
    page.solid.set_scene(replace(page.solid.scene, shape="plane"))
    stage.settle()
    made = stage.window.grab()
    stage.window.views.author()
    return made


def start(stage: Stage) -> QPixmap:
    """The start page, with files that were opened and edits that were not saved."""
    clay = stage.home / "pebbled_clay.intarsia"
    documents.save(pebbles(), clay)
    for days, (path, title) in enumerate(
        ((FOLDER / "kiln_yard_wall.intarsia", "Kiln yard wall"), (clay, "Pebbled clay"))
    ):
        recent.remember(state_folder(), path, title, (WHEN + datetime.timedelta(days)).timestamp())
    lost = pebbles("Courtyard")
    kept = journal.Journal.start(state_folder() / JOURNALS, lost)
    for step in range(6):
        after, _ = edits.SetParameter("stones", "cells", 13.0 + step).apply(lost)
        kept.append(lost, after, "Cells of stones")
        lost = after
    kept.close(discard=False)
    stage.window.files.start()
    stage.settle()
    stage.until(lambda: stage.window.spheres.picture(clay) is not None)
    stage.wait()
    made = stage.window.grab()
    for found in stage.window.desk.recoveries():
        found.discard()
    return made


# ---- the canvas ----------------------------------------------------------------------------------


def _clay(stage: Stage) -> Page:
    page = stage.document(pebbles())
    page.canvas.home()
    stage.settle()
    return page


def wire(stage: Stage) -> QPixmap:
    """A wire in hand over a port that it fits."""
    page = _clay(stage)
    scene = page.canvas.graph_scene
    begin, end = scene.nodes["height"].spot("out", True), scene.nodes["output"].spot("roughness", False)
    assert begin is not None
    assert end is not None
    stage.drag(page, begin, end + QPointF(-12, 6), drop=False)
    stage.wait()
    made = page.canvas.grab()
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    return made


def search(stage: Stage) -> QPixmap:
    """The search after a wire was dropped in the void: only what fits."""
    page = _clay(stage)
    begin = page.canvas.graph_scene.nodes["height"].spot("out", True)
    assert begin is not None
    stage.drag(page, begin, begin + QPointF(120, 250), drop=True)
    stage.window.search.field.setText("bl")
    stage.settle()
    stage.until(
        lambda: all(stage.window.thumbnails.picture(row.key) for row in stage.window.search.rows.rows if row.key)
    )
    stage.wait()
    popup = stage.window.search
    corner = page.canvas.mapTo(stage.window, QPoint())
    whole = stage.window.grab()
    canvas = QRect(corner, page.canvas.size())
    return whole.copy(canvas.united(popup.geometry().adjusted(-12, -12, 12, 12)))


_STATES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Ready", "voronoi", {"seconds": 0.004}),
    ("Hovered", "bricks", {"seconds": 0.006}),
    ("Selected", "fbm", {"seconds": 0.005}),
    ("Shown in 2D", "weave", {"seconds": 0.009}),
    ("Computing", "grunge", {"state": "computing", "words": "42%", "done": 0.42}),
    ("Lacks an input", "levels", {"state": "waiting", "words": "needs image", "image": None}),
    ("Error", "image", {"state": "error", "words": "The picture is gone"}),
    ("Warns", "synthesize", {"warning": "The motif comes again too seldom", "seconds": 0.021}),
    ("Out of date", "billow", {"state": "waiting"}),
    ("Bypassed", "blur", {}),
    ("Frozen", "scratches", {"frozen": True, "seconds": 0.64}),
    ("Costly", "cobble_packing", {"seconds": 0.42, "share": 0.41}),
)


def nodes(stage: Stage) -> QPixmap:
    """Every state that a node can be in."""
    places = {title: (float(index % 6 * 208), float(index // 6 * 208)) for index, (title, _, _) in enumerate(_STATES)}
    made = [node(title, key, *places[title], title=title) for title, key, _ in _STATES]
    made = [replace(each, bypass=each.id == "Bypassed") for each in made]
    joined = "Out of date.out -> Bypassed.image"
    session = _States(graph(*made, links=(joined,)), {title: _look(key, more) for title, key, more in _STATES})
    canvas = Canvas(session)
    canvas.resize(1280, 440)
    canvas.show()
    scene = canvas.graph_scene
    session.select(["Selected"])
    session.show("Shown in 2D")
    session.pictured.emit(frozenset(session.looks))
    canvas.show_rect(QRectF(-40, -24, 5 * 208 + 200, 208 + 200), 1.0)
    canvas.levels.hide()
    scene.nodes["Hovered"].tell(hovered=True, named=True)
    stage.wait()
    picture = canvas.grab()
    canvas.close()
    session.close()
    return picture


class _States(Still):
    """A session whose nodes are in the states that they are given."""

    def __init__(self, document: Document, looks: Mapping[str, Look]) -> None:
        self.looks = looks
        super().__init__(document)

    def look(self, id: str) -> Look:
        return self.looks[id]


def _look(key: str, more: Mapping[str, Any]) -> Look:
    codes = samples.picture(key)
    high, wide = codes.shape[:2]
    image = QImage(codes.tobytes(), wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()
    return Look(**{"image": image, "state": "ready", **more})


# ---- panels --------------------------------------------------------------------------------------


def library(stage: Stage) -> QPixmap:
    """The three shelves of the library."""
    shown = stage.window.library
    stage.document(pebbles())
    stage.settle()
    made = []
    for page in range(3):
        shown.choice.chosen.emit(page)
        stage.settle()
        if page == 1:
            stage.until(lambda: all(cell.picture() is not None for cell in shown.presets.cells))
            stage.wait()
        if page == 2:
            stage.until(lambda: bool(shown.photographs.cells))
            stage.wait()
        made.append(shown.grab(QRect(0, 0, shown.width(), PANEL)))
    shown.choice.chosen.emit(0)
    return beside(made)


def _controls() -> Document:
    """Return a document whose nodes have parameters of every kind."""
    formula = (
        "edge = smoothstep(0.02, 0.10, a)\nwear = smoothstep(0.45, 0.60, b + 0.3 * (a - 0.5))\nmix(edge, 0.2, wear)"
    )
    return graph(
        node("noise", "fbm", 0, 0),
        node("colours", "gradient_map", 200, 0),
        node("curve", "curve", 200, 200, points=((0.0, 0.0), (0.3, 0.12), (0.6, 0.8), (1.0, 1.0))),
        node("formula", "expression", 400, 200, formula=formula),
        replace(
            node("bricks", "bricks", 0, 400, angle_jitter=1.5), expressions={"rows": "colours.shift_amount * 9 + 9"}
        ),
        node("cloth", "weave", 400, 0),
        node("palette", "region_color", 200, 400),
        node("ridges", "ridged", 600, 0),
        node("photograph", "image", 0, 600),
        links=(
            "noise.out -> colours.image",
            "noise.out -> curve.image",
            "noise.out -> formula.a",
            "curve.out -> formula.b",
            "bricks.regions -> palette.regions",
        ),
        title="Controls",
    )


def parameters(stage: Stage) -> QPixmap:
    """Parameters of every kind."""
    page = stage.document(_controls())
    taken = page.session.take_picture(Path(samples.PHOTOGRAPH))
    if taken is not None:
        sources, name = taken
        page.session.do(edits.Group((sources, edits.SetParameter("photograph", "picture", name))), "Picture")
    made = []
    for id in ("bricks", "colours", "curve", "formula", "cloth", "palette", "ridges", "photograph"):
        page.session.select([id])
        stage.settle()
        made.append(page.parameters.grab(QRect(0, 0, page.parameters.width(), 656)))
    return beside(made, 4)


def colour(stage: Stage) -> QPixmap:
    """The popup in which a colour is mixed."""
    page = _main(stage)
    control = next(row.control for row in page.parameters.rows.values() if isinstance(row.control, GradientControl))
    control.swatch.open_popup()
    stage.wait()
    popup = control.swatch.popup
    assert popup is not None
    made = with_popup(stage.window, popup, control.swatch.mapTo(stage.window, QPoint(0, control.swatch.height() + 4)))
    popup.hide()
    corner = page.parameters.mapTo(stage.window, QPoint())
    return made.copy(QRect(corner.x() - 40, corner.y(), page.parameters.width() + 40, PANEL))


def problems(stage: Stage) -> QPixmap:
    """The list of what is wrong in a graph."""
    document = pebbles("Yard wall")
    gone = Source("rust_edge", "pictures/rust_edge.png", "0" * 64, author="Ada", licence="CC0-1.0")
    document = replace(document, sources={"rust_edge": gone})
    for added in (
        node("rust", "image", 0, 240, "Rust", picture="rust_edge"),
        node("soft", "blur", 200, 240, "Soft edge"),
    ):
        document, _ = edits.AddNode(added).apply(document)
    page = stage.document(document)
    stage.window.views.problems()
    stage.settle()
    stage.until(lambda: bool(page.problems.rows))
    page.canvas.home()
    page.session.select(["rust"])
    stage.settle()
    return stage.window.grab()


def picture(stage: Stage) -> QPixmap:
    """The 2D view: two tiles each way, with what repeats and how the seam is."""
    page = _main(stage)
    stage.window.places.toggle_full(stage.window.places.picture)
    stage.window.resize(1120, 640)
    view = page.picture
    view.set_tiling(2)
    for name in ("seam", "repetition"):
        view.set_overlay(name, True)
    stage.settle()
    stage.until(lambda: view.seen is not None and view.seen.measures is not None)
    move(view.pane, QPoint(view.pane.width() // 2 - 90, view.pane.height() // 2 - 60))
    stage.wait()
    made = view.grab()
    stage.window.places.end_full()
    stage.window.resize(1600, 1000)
    return made


def solid(stage: Stage) -> QPixmap:
    """The 3D view's shapes."""
    page = _main(stage)
    made = []
    for shape in shade.SHAPES:
        page.solid.set_scene(replace(page.solid.scene, shape=shape))
        stage.settle()
        made.append(page.solid.grab())
    return beside(made, 2)


# ---- sheets --------------------------------------------------------------------------------------


def export(stage: Stage) -> QPixmap:
    """The export sheet."""
    page = _main(stage)
    sheet = ExportSheet(stage.window, page.session, None, MAIN, FOLDER / "textures")
    sheet.open()
    stage.until(lambda: sheet.primary is not None and sheet.primary.isEnabled())
    stage.settle()
    return stage.window.grab()


def keys(stage: Stage) -> QPixmap:
    """The page of keys."""
    _clay(stage)
    stage.window.views.keys()
    stage.settle()
    return stage.window.grab()


SCENES: Mapping[str, Callable[[Stage], QPixmap]] = {
    each.__name__: each
    for each in (
        start,
        main,
        light,
        look,
        wire,
        search,
        nodes,
        library,
        parameters,
        colour,
        problems,
        picture,
        solid,
        export,
        keys,
    )
}
"""The pictures by name. The start page comes first: each document that is opened later would be on it."""
