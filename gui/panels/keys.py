"""The page of keys: read from the actions themselves, so that it cannot be wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QAction, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from gui.dialogs import Sheet, scrolled
from gui.drawing import CENTRE, rounded, text, text_width
from gui.fields import SearchField
from gui.finding import Entry, search
from gui.parts import Elided, box, label, stretched
from gui.shortcuts import keys_of, words_of
from gui.theme import RADIUS, THEME

MOUSE = (
    ("Pan the canvas", "middle drag"),
    ("Zoom at the pointer", "wheel"),
    ("Cut wires", "Alt drag"),
    ("Show a node in 2D", "double click"),
    ("Change a number finely", "Shift drag"),
    ("Change a number in steps", "Ctrl drag"),
    ("Type a number", "double click"),
)
"""What the mouse does where no action is behind it."""

TALLEST = 720

TAKEN_BACK = re.compile(r"(?<=^Undo|^Redo): .*")
"""What undo and redo would do just now, which is no part of what their keys are for."""

Line = tuple[str, str]


class Caps(QWidget):
    """Keys drawn as caps: "Ctrl Shift P", and "or" between those that do the same."""

    def __init__(self, keys: str) -> None:
        super().__init__()
        self.keys = keys.split()
        self.setAccessibleName(keys)
        self.setFixedSize(self.sizeHint())

    def _wide(self, key: str) -> float:
        return text_width(key, "caption") + (0 if key == "or" else 12)

    def sizeHint(self) -> QSize:
        return QSize(round(sum(self._wide(key) + 4 for key in self.keys)) + 2, 20)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = 0.5
        for key in self.keys:
            cap = QRectF(x, 1.5, self._wide(key), 17)
            if key != "or":
                rounded(painter, cap, RADIUS["tick"], THEME.color("field"), THEME.color("line_strong"))
            text(painter, cap, key, "text3" if key == "or" else "text1", "caption", CENTRE)
            x += cap.width() + 4


class KeysPage(Sheet):
    """All keys over the window, by menu, with a field to search them."""

    def __init__(self, window: QWidget, groups: Mapping[str, Sequence[QAction]]) -> None:
        super().__init__(window, "Keys")
        self.groups = {title: _lines(actions) for title, actions in groups.items()} | {"Mouse": list(MOUSE)}
        self.field = SearchField("Search keys")
        self.field.textChanged.connect(self._fill)
        self._columns = QFrame()
        QGridLayout(self._columns)
        self.shown: list[Line] = []
        body = box([self.field, 8, scrolled(self._columns)], True, margins=(24, 0, 14, 12), gap=0)
        body.setMinimumHeight(min(TALLEST, max(window.height() - 220, 240)))
        self.set_body(stretched(body, 2))
        self.set_buttons([("", "Close")], cancel="")
        self._fill("")

    def _fill(self, typed: str) -> None:
        layout = self._columns.layout()
        assert isinstance(layout, QGridLayout)
        while layout.count():
            item = layout.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        found = {title: _found(lines, typed) for title, lines in self.groups.items()}
        self.shown = [line for lines in found.values() for line in lines]
        columns: tuple[list[QWidget], list[QWidget]] = ([], [])
        heights = [0, 0]
        for title, lines in found.items():
            if lines:
                shorter = heights.index(min(heights))
                columns[shorter].append(_group(title, lines))
                heights[shorter] += len(lines) + 2
        for place, parts in enumerate(columns):
            layout.addWidget(_column(parts), 0, place, Qt.AlignmentFlag.AlignTop)
            layout.setColumnStretch(place, 1)
        layout.setHorizontalSpacing(40)
        layout.setContentsMargins(0, 0, 10, 0)


def _lines(actions: Sequence[QAction]) -> list[Line]:
    named = [(words_of(action), keys_of(action)) for action in actions if not action.isSeparator()]
    return [(TAKEN_BACK.sub("", words).removesuffix("…"), keys) for words, keys in named if keys]


def _found(lines: list[Line], typed: str) -> list[Line]:
    entries = [Entry(str(place), words, also=(keys,)) for place, (words, keys) in enumerate(lines)]
    return [lines[int(match.entry.key)] for match in search(typed, entries)]


def _group(title: str, lines: list[Line]) -> QFrame:
    rows: list[QWidget] = [stretched(box([Elided(words), Caps(keys)], height=26), 0) for words, keys in lines]
    return box([label(title, "title"), 2, *rows, 14], True, gap=0)


def _column(parts: list[QWidget]) -> QFrame:
    frame = QFrame()
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for part in parts:
        layout.addWidget(part)
    return frame
