"""The app itself, doing what a plan says until it dies, or is watched: `python -m tests.test_gui.crashing FILE PLAN`.

After each edit it prints the document as a line of JSON, so that whoever killed it knows what must be there again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PyQt6.QtCore import QPointF, Qt, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest

from gui import app, thumbnails
from gui.page import Page
from gui.window import Window
from materials import document as documents
from materials.edits import SetNode, SetParameter
from tests.test_gui.still import Mouse

Plan = Callable[[Window], Iterator[None]]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def tell(page: Page) -> None:
    print(json.dumps(documents.dumps(page.session.root)), flush=True)


def page_of(window: Window) -> Page:
    assert window.page is not None
    return window.page


def by_session(window: Window) -> Iterator[None]:
    """Six edits, of which one is taken back and done again."""
    page = page_of(window)
    session = page.session
    for edit in (
        lambda: session.do(SetParameter("noise", "octaves", 3), "Octaves"),
        lambda: session.do(SetNode("levels", "title", "Soot"), "Title"),
        lambda: page.add("blur", QPointF(10, 300), ("noise", "out", True)),
        session.undo,
        session.redo,
        lambda: session.do(SetParameter("blur", "radius", 0.01), "Radius"),
    ):
        edit()
        tell(page)
        yield
    die()


def by_mouse(window: Window) -> Iterator[None]:
    """Three gestures on the canvas: a node moved, one deleted, a wire drawn; a fourth is cut off in its middle."""
    page = page_of(window)
    page.canvas.restore_view({"centre": [200, 100], "zoom": 1})
    yield
    mouse = Mouse(page.canvas)
    mouse.drag(mouse.body("noise"), mouse.body("noise") + QPointF(-40, 120))
    tell(page)
    yield
    mouse.click(mouse.body("levels"))
    QTest.keyClick(page.canvas, Qt.Key.Key_Delete)
    tell(page)
    yield
    mouse.drag(mouse.output("noise"), mouse.input("material", "height"))
    tell(page)
    yield
    mouse.hold(mouse.body("noise"), mouse.body("noise") + QPointF(80, 40))
    yield
    die()


def without_end(window: Window) -> Iterator[None]:
    """Edits until someone kills us."""
    page, draw = page_of(window), random.Random(1)
    while True:
        page.session.do(SetParameter("levels", "gamma", draw.uniform(0.5, 2)), "Gamma")
        tell(page)
        yield


def while_saving(call: str) -> Plan:
    """An edit, and the end at a call to the system that saving makes."""

    def plan(window: Window) -> Iterator[None]:
        page = page_of(window)
        page.session.do(SetParameter("noise", "octaves", 3), "Octaves")
        tell(page)
        yield
        setattr(os, call, lambda *arguments, **more: die())
        window.files.save()

    return plan


def recovering(window: Window) -> Iterator[None]:
    """What a crash has left is opened, and another edit made."""
    window.start.rescued[0].recover.click()
    page = page_of(window)
    page.session.do(SetParameter("noise", "octaves", 5), "Octaves")
    tell(page)
    yield
    die()


def watched(window: Window) -> Iterator[None]:
    """Nothing of itself: it tells the graph, where its ports are on the screen, and how many colours that shows."""
    page, told = page_of(window), None
    page.canvas.restore_view({"centre": [200, 100], "zoom": 1})
    while True:
        settled = not window.search.isVisible() and not page.session.history.is_in_gesture
        if settled and page.session.root is not told and page.session.is_done:
            told = page.session.root
            print(json.dumps(seen(page)), flush=True)
        yield


def seen(page: Page) -> dict[str, object]:
    """Return what a watched app tells."""
    mouse, screen = Mouse(page.canvas), QGuiApplication.primaryScreen()
    assert screen is not None
    at = {name: mouse.view.mapToGlobal(mouse.at(spot)) for name, spot in (
        ("output", mouse.output("noise")), ("input", mouse.input("material", "height")), ("void", QPointF(100, 300)),
    )}  # fmt: skip
    image = screen.grabWindow().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)}
    graph = page.session.graph
    return {
        "nodes": sorted(graph.nodes),
        "links": sorted(map(str, graph.links)),
        "at": {name: (point.x(), point.y()) for name, point in at.items()},
        "colours": len(colours),
    }


PLANS: dict[str, Plan] = {
    "session": by_session,
    "mouse": by_mouse,
    "endless": without_end,
    "fsync": while_saving("fsync"),
    "replace": while_saving("replace"),
    "recover": recovering,
    "watch": watched,
}


def main() -> None:
    path, plan = sys.argv[1], PLANS[sys.argv[2]]
    thumbnails.Thumbnails.picture = lambda self, key: None  # type: ignore[method-assign]  # kernels would be compiled
    begin = Window.begin

    def begin_and_follow(self: Window, paths: list[Path]) -> None:
        begin(self, paths)
        steps, timer = plan(self), QTimer(self)
        timer.timeout.connect(lambda: next(steps))
        timer.start(1)

    Window.begin = begin_and_follow  # type: ignore[method-assign,assignment]
    app.main([] if plan is recovering else [path])


if __name__ == "__main__":
    main()
