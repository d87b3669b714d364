"""A restless user: edits drawn at random, made by mouse and keys in a whole window, for as long as one likes."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QPixmapCache, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget

from gui.controls.number import DragNumber
from gui.dialogs import Sheet
from gui.page import Page
from gui.window import Window
from materials import document as documents
from materials.edits import SetParameter
from materials.graph import SUBGRAPH
from nodes.parameters import Choice, Range, SeedValue, Switch
from tests.test_gui.hands import drag
from tests.test_gui.still import Mouse, chain
from tests.test_gui.windows import small

KEYS, KEY = Qt.KeyboardModifier, Qt.Key
QUICK = ("fbm", "blur", "levels", "bricks", "mix", "warp", "gradient_map", "normal", "region_random", "edge_wear")
"""What is searched for; some of it is no node, and that is as well."""

MOST = 40
"""Nodes of a document from which it is cleared rather than filled."""

SETTLE = 12
"""Milliseconds between two acts."""


MALLINFO = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class _Malloc(ctypes.Structure):
    """What glibc says of its heap; see mallinfo2(3)."""

    _fields_ = [(name, ctypes.c_size_t) for name in MALLINFO]


@dataclass(frozen=True)
class Sample:
    """What a process holds while no document is open: after so many edits, in bytes and counts.

    used : bytes that are asked for and not given back. memory : what the system has given, gaps between them included.
    """

    edits: int
    used: int
    memory: int
    threads: tuple[str, ...]
    files: int
    widgets: int
    objects: int


class Soak:
    """Acts in a window; `sample` closes all documents and says what is still held."""

    def __init__(self, window: Window, folder: Path, seed: int = 0) -> None:
        self.window, self.folder = window, folder
        self.draw = random.Random(seed)
        self.edits = 0
        self.acts: Counter[str] = Counter()
        self.paths = [folder / f"{name}.intarsia" for name in ("small", "chain")]
        for path, document in zip(self.paths, (small(), chain()), strict=True):
            documents.save(document, path)
        self._table: tuple[tuple[int, Callable[[Page], object]], ...] = (
            (10, self.drag_number),
            (6, self.set_parameter),
            (4, self.search_and_add),
            (3, self.library_add),
            (6, self.link),
            (4, self.move),
            (6, self.undo_redo),
            (3, self.copy_and_paste),
            (2, self.delete),
            (2, self.level),
            (3, self.action),
            (3, self.look_2d),
            (3, self.look_3d),
            (3, self.look_at_canvas),
            (2, self.choose),
            (1, self.open_another),
            (1, self.close_one),
            (1, self.export_sheet),
            (1, self.command),
        )

    # ---- going on ----

    def act(self) -> None:
        """Do one thing."""
        if not self.window.pages:
            self.window.files.open_path(self.draw.choice(self.paths))
        page = self.window.page
        assert page is not None
        before = page.session.root
        weights, doings = zip(*self._table, strict=True)
        doing = self.draw.choices(doings, weights)[0]
        self.acts[doing.__name__] += 1
        doing(page)
        self.tidy_up()
        if page in self.window.pages and page.session.root is not before:
            self.edits += 1
        QTest.qWait(SETTLE)

    def tidy_up(self) -> None:
        """Leave menus, popups and sheets that an act has opened."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QMenu) and widget.isVisible():
                widget.close()
        for sheet in self.window.findChildren(Sheet):
            sheet.finish("")
        if self.window.search.isVisible():
            self.window.search.hide()

    # ---- acts ----

    def drag_number(self, page: Page) -> None:
        """Drag a number in the panel; now and then give up."""
        self.choose(page)
        rows = [row for row in page.parameters.rows.values() if row.isVisible() and isinstance(row.control, DragNumber)]
        if rows:
            control = self.draw.choice(rows).control
            drag(control, QPointF(60, 12), QPointF(60 + self.draw.uniform(-80, 80), 12), steps=8)

    def set_parameter(self, page: Page) -> None:
        node = self.some_node(page)
        kind = page.session.graph.nodes[node].type if node else None
        if node is None or kind is None or not kind.fields:
            return
        field = self.draw.choice(kind.fields)
        value = self.value(field.parameter)
        if value is not None:
            page.session.do(SetParameter(node, field.name, value), field.name)

    def value(self, parameter: object) -> object:
        match parameter:
            case Choice():
                return self.draw.choice(parameter.options)
            case SeedValue():
                return self.draw.randrange(1000)
            case Switch():
                return self.draw.random() < 0.5
            case Range():
                value = self.draw.uniform(parameter.low, min(parameter.high, parameter.low + 8))
                return round(value) if parameter.whole else value
        return None

    def search_and_add(self, page: Page) -> None:
        page.canvas.setFocus()
        page.canvas.search()
        QTest.keyClicks(self.window.search.field, self.draw.choice(QUICK))
        QTest.keyClick(self.window.search.field, KEY.Key_Return)

    def library_add(self, page: Page) -> None:
        if len(page.session.graph.nodes) < MOST:
            self.window.library.add_asked.emit(self.draw.choice(("fbm", "blur", "levels", "bricks")))

    def link(self, page: Page) -> None:
        """Draw a wire between two ports that are there, whether it fits or not; some end in the void."""
        items = list(page.canvas.graph_scene.nodes.values())
        page.canvas.home()
        starts = [spot for item in items for _, is_output, spot in item.spots() if is_output]
        ends = [spot for item in items for _, is_output, spot in item.spots() if not is_output]
        if starts and ends:
            end = self.draw.choice(ends) if self.draw.random() < 0.9 else QPointF(0, -300)
            Mouse(page.canvas).drag(self.draw.choice(starts), end)

    def move(self, page: Page) -> None:
        node = self.some_node(page)
        if node is not None:
            page.canvas.home()
            mouse = Mouse(page.canvas)
            by = QPointF(self.draw.uniform(-200, 200), self.draw.uniform(-200, 200))
            mouse.hold(mouse.body(node), mouse.body(node) + by)
            if self.draw.random() < 0.2:
                QTest.keyClick(page.canvas, KEY.Key_Escape)
            mouse.release(mouse.body(node))

    def undo_redo(self, page: Page) -> None:
        page.canvas.setFocus()
        for _ in range(self.draw.randrange(1, 5)):
            shift = KEYS.ShiftModifier if self.draw.random() < 0.4 else KEYS.NoModifier
            QTest.keyClick(page.canvas, KEY.Key_Z, KEYS.ControlModifier | shift)

    def copy_and_paste(self, page: Page) -> None:
        self.choose(page)
        for key in (KEY.Key_C, KEY.Key_V):
            if len(page.session.graph.nodes) < MOST:
                QTest.keyClick(page.canvas, key, KEYS.ControlModifier)

    def delete(self, page: Page) -> None:
        nodes = list(page.session.graph.nodes)
        count = len(nodes) // 2 if len(nodes) > MOST // 2 else 1
        page.session.select(self.draw.sample(nodes, min(count, len(nodes))))
        page.canvas.named_actions["delete"].trigger()

    def level(self, page: Page) -> None:
        """Make a subgraph, go in, or go out."""
        session = page.session
        inside = [id for id, node in session.graph.nodes.items() if node.key == SUBGRAPH]
        if session.level and self.draw.random() < 0.7:
            session.leave()
        elif inside:
            session.enter(self.draw.choice(inside))
        else:
            self.choose(page)
            page.canvas.named_actions["enclose"].trigger()

    def action(self, page: Page) -> None:
        self.choose(page)
        names = ("bypass", "freeze", "swap", "duplicate", "frame", "align", "tidy", "heal", "dot", "dissolve", "rename")
        action = page.canvas.named_actions[self.draw.choice(names)]
        if action.isEnabled() and len(page.session.graph.nodes) < MOST:
            action.trigger()
        page.canvas.setFocus()

    def look_2d(self, page: Page) -> None:
        node = self.some_node(page)
        if node is not None:
            page.session.show(node)
        self.turn(page.picture)

    def look_3d(self, page: Page) -> None:
        self.turn(page.solid)

    def look_at_canvas(self, page: Page) -> None:
        self.turn(page.canvas.viewport())

    def turn(self, widget: QWidget | None) -> None:
        """Turn the wheel over a view, and drag in it with the middle button or the left."""
        if widget is None or not widget.isVisible():
            return
        middle = widget.rect().center()
        under = widget.childAt(middle) or widget
        at = under.mapFrom(widget, middle) if under is not widget else middle
        step = QPoint(0, self.draw.choice((-120, 120)))
        where = QPointF(under.mapToGlobal(at))
        event = QWheelEvent(
            QPointF(at),
            where,
            QPoint(),
            step,
            Qt.MouseButton.NoButton,
            KEYS.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(under, event)
        drag(under, QPointF(at), QPointF(at) + QPointF(self.draw.uniform(-60, 60), self.draw.uniform(-40, 40)))

    def choose(self, page: Page) -> None:
        nodes = list(page.session.graph.nodes)
        page.session.select(self.draw.sample(nodes, min(len(nodes), self.draw.choice((0, 1, 1, 1, 2, 4)))))

    def open_another(self, page: Page) -> None:
        if len(self.window.pages) < 3:
            self.window.files.open_path(self.draw.choice(self.paths))

    def close_one(self, page: Page) -> None:
        page.session.history.mark_saved()
        self.window.files.close()

    def export_sheet(self, page: Page) -> None:
        self.window.files.export()
        QTest.qWait(30)

    def command(self, page: Page) -> None:
        self.window.commands[
            self.draw.choice(("light", "author", "look", "problems", "keys", "palette", "find"))
        ].trigger()

    def some_node(self, page: Page) -> str | None:
        return self.draw.choice(list(page.session.graph.nodes)) if page.session.graph.nodes else None

    # ---- what is held ----

    def close_all(self) -> None:
        """Close all documents; not in `sample`, whose own variables would hold the last of them."""
        for page in list(self.window.pages):
            page.session.history.mark_saved()
            self.window.close_page(0)

    def sample(self) -> Sample:
        """Close everything, and count what is there all the same."""
        self.tidy_up()
        self.close_all()
        self.window.desk.cache.clear()
        for _ in range(3):  # what is let go of lets go of more
            QTest.qWait(50)
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            QPixmapCache.clear()  # Qt keeps ten megabytes there, of whatever was drawn last
            gc.collect()
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        names = tuple(sorted(thread.name for thread in threading.enumerate()))
        widgets = len(QApplication.allWidgets())
        return Sample(self.edits, used(), resident(), names, handles(), widgets, len(gc.get_objects()))


def used() -> int:
    """Return the bytes that C code has asked for and not given back; Python's own small objects come in pools of it."""
    ask = ctypes.CDLL("libc.so.6").mallinfo2
    ask.restype = _Malloc
    found = ask()
    return found.uordblks + found.hblkhd


def resident() -> int:
    """Return the bytes of memory that the process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def handles() -> int:
    """Return how many files, sockets and pipes are open."""
    return len(os.listdir("/proc/self/fd"))


def slope(samples: list[Sample]) -> float:
    """Return by how many bytes more are used in 1,000 edits: the line of least squares, without the first tenth."""
    kept = [sample for sample in samples if sample.edits >= samples[-1].edits / 10]
    edits = np.array([sample.edits for sample in kept], float)
    memory = np.array([sample.used for sample in kept], float)
    return float(np.polyfit(edits, memory, 1)[0] * 1000)
