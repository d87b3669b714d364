"""A group of rows under a title that opens and closes."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from gui.controls.control import Control
from gui.drawing import RIGHT, text
from gui.parts import draw_icon, rule

HEAD = 32


class GroupHead(Control):
    """The title of a group: a click, Space or Enter turns it, Right opens, Left closes."""

    turned = pyqtSignal(bool)

    def __init__(self, title: str, is_open: bool) -> None:
        super().__init__(title)
        self.title, self.is_open, self.note = title, is_open, ""
        self.setFixedHeight(HEAD)
        self._name()

    def _name(self) -> None:
        state = "open" if self.is_open else f"closed, {self.note}" if self.note else "closed"
        self.setAccessibleName(f"{self.title}, {state}")

    def set_note(self, note: str) -> None:
        """Say what is inside, at the right."""
        self.note = note
        self._name()
        self.update()

    def set_open(self, is_open: bool) -> None:
        """Open or close the group."""
        if is_open != self.is_open:
            self.is_open = is_open
            self._name()
            self.update()
            self.turned.emit(is_open)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        caret = "caret-down" if self.is_open else "caret-right"
        draw_icon(painter, QRectF(10, rect.center().y() - 6, 12, 12), caret, "text2" if self.hovered else "text3")
        text(painter, rect.adjusted(28, 0, -92, 0), self.title, "text1", "strong")
        text(painter, rect.adjusted(rect.width() - 92, 0, -12, 0), self.note, "text3", "caption", RIGHT)

    def line_at(self) -> QRectF:
        return QRectF(self.rect()).adjusted(4, 3, -4, -3)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.set_open(not self.is_open)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.set_open(not self.is_open)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.set_open(event.key() == Qt.Key.Key_Right)
        else:
            super().keyPressEvent(event)


class Group(QWidget):
    """A title with rows below it."""

    turned = pyqtSignal(str, bool)

    def __init__(self, title: str, is_open: bool = True) -> None:
        super().__init__()
        self.head = GroupHead(title, is_open)
        self.body = QWidget()
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(0, 0, 6, 10)
        self.rows.setSpacing(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(rule())
        layout.addWidget(self.head)
        layout.addWidget(self.body)
        self.body.setVisible(is_open)
        self.head.turned.connect(self._turned)

    def add(self, row: QWidget) -> None:
        """Add a row at the end."""
        self.rows.addWidget(row)

    def _turned(self, is_open: bool) -> None:
        self.body.setVisible(is_open)
        self.turned.emit(self.head.title, is_open)
