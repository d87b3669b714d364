"""A named number as a filled bar, for the menus of the views."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from gui.drawing import RIGHT, rounded, text
from gui.theme import RADIUS, SIZE, SPACE, THEME

LABEL = 104
FIELD = 132


class Amount(QWidget):
    """Shows a number in a span; dragging, the wheel and arrows ask for another, double click for the default.

    The number is the model's: `asked` tells what is wished, and `set_value` shows what became of it.
    """

    asked = pyqtSignal(float)
    let_go = pyqtSignal()

    def __init__(
        self, name: str, span: tuple[float, float], default: float, shown: Callable[[float], str], step: float = 0.1
    ) -> None:
        super().__init__()
        self.name, self.span, self.default, self.value, self.step = name, span, default, default, step
        self._shown = shown
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: drag, or double click to take it back")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(SIZE["row"])
        self.set_value(default)

    def set_value(self, value: float) -> None:
        self.value = value
        self.setAccessibleDescription(self._shown(value))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(LABEL + FIELD + 2 * SPACE["m"], SIZE["row"])

    def _field(self) -> QRectF:
        height = SIZE["field"]
        left = LABEL + SPACE["m"]
        return QRectF(left, (self.height() - height) / 2, self.width() - left - SPACE["m"], height)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field, changed = self._field(), self.value != self.default
        text(painter, QRectF(SPACE["l"], 0, LABEL - SPACE["l"], self.height()), self.name, "text2")
        rounded(painter, field, RADIUS["field"], THEME.color("field_hover" if self.underMouse() else "field"))
        least, most = self.span
        zero = (min(max(0.0, least), most) - least) / (most - least)
        place = (self.value - least) / (most - least)
        clip = QPainterPath()
        clip.addRoundedRect(field, RADIUS["field"], RADIUS["field"])
        painter.save()
        painter.setClipPath(clip)
        low, high = min(zero, place), max(zero, place)
        filled = QRectF(field.x() + low * field.width(), field.y(), (high - low) * field.width(), field.height())
        painter.fillRect(filled, THEME.color("fill_set" if changed else "fill"))
        painter.restore()
        text(painter, field.adjusted(0, 0, -SPACE["m"], 0), self._shown(self.value), "text1", "body", RIGHT)
        if self.hasFocus():
            rounded(painter, field.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["field"], None, THEME.color("accent"))

    def _ask(self, value: float) -> None:
        self.asked.emit(min(max(value, self.span[0]), self.span[1]))

    def _drag(self, event: QMouseEvent) -> None:
        field = self._field()
        share = (event.position().x() - field.x()) / field.width()
        value = self.span[0] + share * (self.span[1] - self.span[0])
        near = abs(value - self.default) < 0.02 * (self.span[1] - self.span[0])
        self._ask(self.default if near else round(value, 2))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self.let_go.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        self._ask(self.default)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None and self.hasFocus():
            self._ask(round(self.value + self.step * event.angleDelta().y() / 120, 2))
            self.let_go.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}
        step = steps.get(Qt.Key(event.key())) if event is not None else None
        if step is None:
            super().keyPressEvent(event)
        else:
            self._ask(round(self.value + step * self.step, 2))
            self.let_go.emit()
