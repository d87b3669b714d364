"""Rows of the start page: files that were opened, files that are gone, and what a crash has left."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout

from gui.drawing import RIGHT, rounded, text
from gui.parts import Elided, Tool, box, button, draw_icon, glyph, stretched
from gui.theme import RADIUS, THEME

ROW, RESCUED = 52, 52


class RecentFile(Protocol):
    """A file that was opened."""

    @property
    def path(self) -> Path: ...
    @property
    def title(self) -> str: ...
    @property
    def when(self) -> float: ...
    @property
    def missing(self) -> bool: ...


class Lost(Protocol):
    """A document with edits that were not saved when the app ended badly."""

    @property
    def title(self) -> str: ...
    @property
    def path(self) -> Path | None: ...
    @property
    def edits(self) -> int: ...
    @property
    def damage(self) -> str: ...


def when_words(when: float, now: datetime.datetime | None = None) -> str:
    """Return a moment as it is said: "today 14:02", "yesterday", "18 November", "3 May 2025"."""
    now = now or datetime.datetime.now()
    try:
        then = datetime.datetime.fromtimestamp(when)
    except (OverflowError, OSError, ValueError):
        return ""
    days = (now.date() - then.date()).days
    if days == 0:
        return f"today {then:%H:%M}"
    if days == 1:
        return "yesterday"
    return f"{then.day} {then:%B}" + (f" {then.year}" if then.year != now.year else "")


def where_words(path: Path) -> str:
    """Return a file's folder, short: the user's own begins with ~."""
    home = Path.home()
    folder = path.parent
    return f"~/{folder.relative_to(home)}".rstrip("/.") if folder.is_relative_to(home) else str(folder)


class RecentRow(QAbstractButton):
    """A file that was opened: its picture, name, folder and when. One that is gone can be found, or forgotten."""

    opened = pyqtSignal(object)
    find_asked = pyqtSignal(object)
    forget_asked = pyqtSignal(object)

    def __init__(self, entry: RecentFile, picture: Callable[[Path], QImage | None]) -> None:
        super().__init__()
        self.entry, self.picture = entry, picture
        self.note = where_words(entry.path)
        self.aside = when_words(entry.when)
        if entry.missing:
            self.note, self.aside = f"moved or deleted, last at {self.note}", ""
        self.setText(entry.path.stem)
        self.setToolTip(str(entry.path))
        self.setAccessibleName(f"{entry.path.stem}, {self.note}, {self.aside}".rstrip(", "))
        self.setFixedHeight(ROW)
        self.setMinimumWidth(240)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if entry.missing else Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._open)
        self.search, self.forget = button("Find", "link"), Tool("x", "Take it off this list")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(2)
        layout.addStretch(1)
        for made, signal in ((self.search, self.find_asked), (self.forget, self.forget_asked)):
            made.clicked.connect(lambda checked=False, told=signal: told.emit(entry.path))
            layout.addWidget(made)
            made.setVisible(entry.missing)  # not before it has a parent: it would be a window for a moment

    def _open(self) -> None:
        if not self.entry.missing:
            self.opened.emit(self.entry.path)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event is not None and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if not self.entry.missing:
            super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect, gone = QRectF(self.rect()), self.entry.missing
        if not gone and (self.underMouse() or self.hasFocus()):
            line = THEME.color("accent") if self.hasFocus() else None
            ground = rect.adjusted(0.5, 0.5, -0.5, -0.5)
            rounded(painter, ground, RADIUS["button"], THEME.color("raised"), line)
        place = QRectF(8, 8, 36, 36)
        image = None if gone else self.picture(self.entry.path)
        if image is not None and not image.isNull():
            painter.drawImage(place, image, QRectF(image.rect()))
        else:
            middle = place.center()
            square = QRectF(middle - QPointF(8, 8), middle + QPointF(8, 8))
            draw_icon(painter, square, "file-x" if gone else "file", "text3")
        wide = rect.width() - 56 - 150
        text(painter, QRectF(56, 8, wide, 18), self.text(), "text2" if gone else "text1")
        text(painter, QRectF(56, 27, wide, 16), self.note, "text3", "caption")
        text(painter, rect.adjusted(0, 0, -12, 0), self.aside, "text3", "caption", RIGHT)


class RescuedRow(QFrame):
    """What a crash has left of a document: to be opened with its edits, or given up."""

    recover_asked = pyqtSignal(object)
    discard_asked = pyqtSignal(object)

    def __init__(self, lost: Lost, primary: bool) -> None:
        super().__init__()
        self.lost = lost
        name = lost.path.stem if lost.path is not None else lost.title or "A new material"
        edits = "an edit that was" if lost.edits == 1 else f"{lost.edits} edits that were"
        self.words = Elided(f"{name} has {edits} not saved", "value")
        self.discard = button("Discard", "quiet")
        self.recover = button("Open with them", "primary" if primary else "")
        self.discard.clicked.connect(lambda: self.discard_asked.emit(lost))
        self.recover.clicked.connect(lambda: self.recover_asked.emit(lost))
        told = [self.words, Elided(lost.damage, "hint")] if lost.damage else [self.words]
        row = box(
            [
                glyph("clock-counter-clockwise", "accent", 16),
                box([None, *told, None], True, gap=1),
                self.discard,
                self.recover,
            ],
            margins=(12, 0, 10, 0),
            surface="raised",
            height=RESCUED,
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.addWidget(stretched(row, 1))
