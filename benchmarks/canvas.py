"""What a frame of the canvas costs: `python -m benchmarks.canvas [--nodes 500]` prints processor milliseconds.

Offscreen and without a graphics card, as everything is painted by the processor anyway.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication

from gui.canvas import Canvas
from gui.session import Look, Session
from gui.theme import THEME, load_fonts
from materials import boxes
from materials.edits import AddAll, SetNode
from materials.graph import Document, Link, Node
from materials.ports import inputs_of, joins, outputs_of
from nodes.catalogue import catalogue

SIZE = (1600, 1000)


class Still(Session):
    """A session whose nodes have a picture each, and which computes nothing."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.looks = {id: Look(speckled(index), "ready", seconds=0.01) for index, id in enumerate(document.nodes)}

    def evaluate(self) -> None:
        pass

    def look(self, id: str) -> Look:
        return self.looks[id]


def speckled(seed: int) -> QImage:
    """Return a picture of 256 pixels that no two nodes share."""
    draw = random.Random(seed)
    image = QImage(32, 32, QImage.Format.Format_RGB32)
    for y in range(32):
        for x in range(32):
            image.setPixelColor(x, y, QColor.fromHsv(seed * 7 % 360, draw.randrange(90), draw.randrange(256)))
    return image.scaled(256, 256)


def large_graph(count: int) -> Document:
    """Return nodes of all kinds in a grid, most of their inputs joined to nodes a few columns back."""
    draw = random.Random(1)
    kinds = [kind for kind in catalogue().values() if kind.key != "material_output"]
    rows = round((count / 1.6) ** 0.5)
    nodes: list[Node] = []
    links: list[Link] = []
    for index in range(count):
        kind = draw.choice(kinds)
        column, row = divmod(index, rows)
        place = (float(column * boxes.COLUMN), float(row * boxes.ROW))
        made = Node(f"n{index}", kind.key, kind.version, parameters=kind.defaults(), position=place)
        before = nodes[max(0, index - 3 * rows) : max(0, column * rows)]
        for socket in inputs_of(made)[:3]:
            fitting = [
                Link(other.id, output.name, made.id, socket.name)
                for other in draw.sample(before, min(len(before), 4))
                for output in outputs_of(other)
                if joins(output.kind, socket.kind)
            ]
            if fitting:
                links.append(draw.choice(fitting))
        nodes.append(made)
    return AddAll(tuple(nodes), tuple(links)).apply(Document(title="Large"))[0]


def timed(does: Callable[[int], object], app: QApplication, frames: int = 40) -> tuple[float, float]:
    """Return the median and the 95th percentile of the processor milliseconds of a frame."""
    taken = []
    for step in range(frames):
        start = time.process_time()
        does(step)
        app.processEvents()
        taken.append((time.process_time() - start) * 1000)
    taken.sort()
    return statistics.median(taken), taken[int(len(taken) * 0.95)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=500)
    count = parser.parse_args().nodes
    app = QApplication([])
    load_fonts()
    THEME.apply(app)
    document = large_graph(count)
    session = Still(document)
    start = time.process_time()
    canvas = Canvas(session)
    built = (time.process_time() - start) * 1000
    canvas.resize(*SIZE)
    canvas.show()
    app.processEvents()
    view = canvas.viewport()
    assert view is not None
    ids = list(document.nodes)

    def pan(step: int) -> None:
        canvas.graph_scene.shots.hurry()
        canvas.pan_by(7 if step % 40 < 20 else -7, 5)

    def repaint(step: int) -> None:
        view.repaint()

    def zoom(step: int) -> None:
        canvas.graph_scene.shots.hurry()
        canvas.zoom_at(QPointF(800, 500), 1.05 if step % 2 else 1 / 1.05)

    def drag(step: int) -> None:
        session.preview(SetNode(ids[count // 2], "position", (1000.0 + 8 * step, 1000.0 + 8 * step)))

    def picture(step: int) -> None:
        session.pictured.emit(frozenset({ids[count // 2]}))

    print(f"{len(document.nodes)} nodes, {len(document.links)} wires, {SIZE[0]} x {SIZE[1]}; built in {built:.0f} ms")
    for words, zoomed in (("all in sight", None), ("at 1:1", 1.0)):
        canvas.home() if zoomed is None else canvas.restore_view({"centre": [1500, 1000], "zoom": zoomed})
        app.processEvents()
        session.begin("Move")
        for name, does in (
            ("pan", pan),
            ("repaint", repaint),
            ("zoom", zoom),
            ("drag a node", drag),
            ("one picture", picture),
        ):
            middle, most = timed(does, app)
            print(f"{words:14} {name:12} {middle:6.1f} ms, 95 % under {most:6.1f} ms  (zoom {canvas.zoom:.2f})")
        session.abandon()
    session.close()


if __name__ == "__main__":
    main()
