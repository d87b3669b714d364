"""A switch: on or off."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter

from gui.controls.control import FieldControl, draw_driven
from gui.drawing import rounded, text
from gui.theme import THEME

WIDTH, HEIGHT = 28, 16


class SwitchControl(FieldControl):
    """On or off; a click or Space turns it over."""

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__(name, tip)
        self.value = False

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, self.height())

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        top = rect.center().y() - HEIGHT / 2
        on = bool(self.value) and not self.mixed
        token = "field_disabled" if not self.isEnabled() else "accent_fill" if on else "line_strong"
        rounded(painter, QRectF(0, top, WIDTH, HEIGHT), HEIGHT / 2, THEME.color(token))
        x = 8 if self.mixed else 14 if on else 2
        knob = THEME.color("text4" if not self.isEnabled() else "on_accent")
        rounded(painter, QRectF(x, top + 2, 12, 12), 6, knob)
        if self.mixed:
            text(painter, rect.adjusted(WIDTH + 8, 0, 0, 0), "several", "text3")
        elif self.driven:
            draw_driven(painter, rect.adjusted(WIDTH + 4, 0, 0, 0))

    def line_at(self) -> QRectF:
        return QRectF(-2, self.height() / 2 - HEIGHT / 2 - 2, WIDTH + 4, HEIGHT + 4).intersected(QRectF(self.rect()))

    def turn(self) -> None:
        """Ask for the other of the two."""
        if self.open_to_change:
            self.commit(True if self.mixed else not self.value)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton and event.position().x() <= WIDTH + 8:
            self.turn()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.turn()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)
