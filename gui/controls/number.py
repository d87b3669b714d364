"""A number that is dragged, stepped or typed."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QCursor,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QApplication, QLineEdit, QWidget

from gui.controls.control import FieldControl, draw_driven, is_own_escape
from gui.controls.quantity import DRAG, Quantity
from gui.controls.sums import SumError
from gui.drawing import RIGHT, text, text_width
from gui.parts import draw_icon
from gui.theme import RADIUS, THEME, mix

THRESHOLD = 3
ARROW = 16
"""How wide the place of a step arrow is."""

Modifier = Qt.KeyboardModifier


class DragNumber(FieldControl):
    """A number in its range: drag, arrows and wheel change it, a double click or Enter types it.

    Shift is ten times finer, Ctrl snaps, Escape gives a drag up. What is typed may be a sum with units, or, after
    `=`, an expression: then `expressed` tells it.
    """

    expressed = pyqtSignal(str)
    expression_asked = pyqtSignal()
    """The number is driven and was to be typed."""

    def __init__(self, name: str, quantity: Quantity, tip: str = "") -> None:
        super().__init__(name, tip)
        self.quantity = quantity
        self.value = quantity.soft_low
        self.filled = True
        """Whether a fill shows where in its range the number is; of a seed that says nothing."""
        self.caption = ""
        """A word in the field itself, where no label stands beside it."""
        self.dragging = self.moved = False
        self._start = self._shown = self.value
        self._travel = 0.0
        self._last, self._origin = QPointF(), QPoint()
        self.editor = Editor(self)
        self.editor.hide()
        self.editor.returnPressed.connect(self._typed)
        self.editor.given_up.connect(self.stop_typing)
        self.editor.left.connect(self._typed)
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, self.height())

    def set_quantity(self, quantity: Quantity) -> None:
        """Show the number in another range or unit."""
        if quantity != self.quantity:
            self.quantity = quantity
            self.update()

    def set_value(self, value: Any) -> None:
        super().set_value(value)
        self.setAccessibleDescription(f"{self.words()} {self.quantity.unit}".strip())

    def words(self) -> str:
        """Return what is written, without the unit."""
        return "several" if self.mixed else self.quantity.written(self.value)

    # ---- dragging: from the field or from the label beside it ----

    def press(self, at: QPointF) -> None:
        """Note where a drag may begin, on the screen."""
        if self.open_to_change and not self.typing:
            self.dragging, self.moved = True, False
            self._start = self._shown = self.value
            self._travel, self._last, self._origin = 0.0, at, at.toPoint()

    def drag(self, at: QPointF, modifiers: Modifier) -> None:
        """Follow the pointer."""
        if not self.dragging:
            return
        step = at.x() - self._last.x()
        self._last = at
        if not self.moved:
            if abs(at.x() - self._origin.x()) < THRESHOLD:
                return
            self.moved = True
            self.began.emit()
            QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
        self._travel += step / 10 if modifiers & Modifier.ShiftModifier else step
        value = self.quantity.moved(
            self._start,
            self._travel / DRAG,
            bool(modifiers & Modifier.ShiftModifier),
            bool(modifiers & Modifier.ControlModifier),
        )
        if value != self._shown:
            self._shown = value
            self.previewed.emit(value)
        self._wrap(at)
        self.update()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self.give_up()

    def _wrap(self, at: QPointF) -> None:
        """Bring the pointer to the other side when it comes to an edge of all screens together."""
        screen = self.screen()
        area = screen.virtualGeometry() if screen is not None else QRect()
        if not area.contains(self._origin):
            return
        if at.x() <= area.left() + 1:
            beyond = area.right() - 2
        elif at.x() >= area.right() - 1:
            beyond = area.left() + 2
        else:
            return
        QCursor.setPos(beyond, round(at.y()))
        self._last = QPointF(beyond, at.y())

    def release(self) -> None:
        """End a drag where it is."""
        moved = self.moved
        self._end()
        if moved:
            self.committed.emit(self._shown)

    def give_up(self) -> None:
        """End a drag and leave the number as it was."""
        moved = self.moved
        self._end()
        if moved:
            self.abandoned.emit()

    def _end(self) -> None:
        if self.moved:
            QApplication.restoreOverrideCursor()
            QCursor.setPos(self._origin)
        self.dragging = self.moved = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.press(event.globalPosition())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.drag(event.globalPosition(), event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is None or not self.dragging:
            return
        clicked, x = not self.moved, event.position().x()
        self.release()
        if clicked and x < ARROW:
            self._step(-1, event.modifiers())
        elif clicked and x > self.width() - ARROW:
            self._step(1, event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if ARROW <= event.position().x() <= self.width() - ARROW:
            self.start_typing()
        else:
            self.press(event.globalPosition())  # two quick steps are no wish to type

    # ---- steps ----

    def _step(self, steps: float, modifiers: Modifier) -> None:
        if self.open_to_change:
            fine = modifiers & Modifier.ShiftModifier
            value = self.quantity.stepped(self.value, steps / 10 if fine else steps)
            if value != self.value:
                self.commit(value)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None:
            return
        if self.hasFocus() and self.open_to_change:
            self._step(event.angleDelta().y() / 120, event.modifiers())
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        key, words = event.key(), event.text()
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1,
            Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10,
        }.get(Qt.Key(key))  # fmt: skip
        if key == Qt.Key.Key_Escape and self.dragging:
            self.give_up()
        elif steps is not None:
            self._step(steps, event.modifiers())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.start_typing()
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.reset_asked.emit()
        elif words and (words.isdigit() or words in ".-+(=") and not event.modifiers() & Modifier.ControlModifier:
            self.start_typing(words)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        if self.dragging:
            self.give_up()

    # ---- typing ----

    @property
    def typing(self) -> bool:
        return not self.editor.isHidden()

    def start_typing(self, words: str | None = None) -> None:
        """Open the field for typing, with the number chosen whole or with what was typed already."""
        if self.driven and self.isEnabled() and not self.read_only:
            self.expression_asked.emit()
        elif self.open_to_change:
            self.open_editor(self.quantity.typed(self.value) if words is None else words, words is None)

    def open_editor(self, words: str, choose: bool) -> None:
        """Open the field for typing over what is shown."""
        self.editor.setGeometry(self.rect())
        self.editor.setText(words)
        self.editor.show()
        self.editor.setFocus()
        if choose:
            self.editor.selectAll()

    def stop_typing(self) -> None:
        """Close the field that is typed in and forget its text."""
        focused = self.editor.hasFocus()
        self.editor.hide()
        self._complain("")
        if focused:
            self.setFocus()

    def _typed(self) -> None:
        """Take what was typed; what cannot be read stays and says why."""
        if not self.typing:
            return
        words = self.editor.text().strip()
        if words.startswith("="):
            self.stop_typing()
            self.expressed.emit(words[1:].strip())
            return
        if not words or (words == self.quantity.typed(self.value) and not self.mixed):
            self.stop_typing()
            return
        try:
            value = self.quantity.read(words)
            if not self.quantity.low <= value <= self.quantity.high:
                low, high = (self.quantity.written(end) for end in (self.quantity.low, self.quantity.high))
                raise SumError(f"is outside {low} to {high} {self.quantity.unit}".strip())
            if self.quantity.whole and value != int(value):
                raise SumError("must be a whole number")
        except SumError as error:
            self._complain(f"{words} {error}")
            return
        self.stop_typing()
        self.commit(value)

    def _complain(self, sentence: str) -> None:
        self.editor.setProperty("state", "error" if sentence else "")
        style = self.editor.style()
        if style is not None:
            style.polish(self.editor)
        self.refused.emit(sentence)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self.editor.setGeometry(self.rect())

    # ---- drawing ----

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(rect, RADIUS["field"], RADIUS["field"])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillPath(shape, self.ground())
        if self.filled and not self.mixed and not self.error:
            painter.save()
            painter.setClipPath(shape)
            self._draw_fill(painter, rect)
            painter.restore()
        if self.driven:
            draw_driven(painter, rect)
        arrows = self.hovered and self.open_to_change and not self.dragging
        if arrows:
            for x, mark in ((rect.x() + 4, "caret-left"), (rect.right() - 16, "caret-right")):
                draw_icon(painter, QRectF(x, rect.center().y() - 6, 12, 12), mark, "text2")
        self._draw_words(painter, rect, 20 if arrows else 8)

    def _draw_fill(self, painter: QPainter, rect: QRectF) -> None:
        tone = THEME.color("fill_set" if self.changed else "fill")
        if not self.isEnabled() or self.read_only:
            tone = THEME.color("field")
        elif self.hovered or self.dragging:
            tone = mix(tone, THEME.color("text1"), 0.08)
        x = rect.x() + rect.width() * self.quantity.place(self.value)
        if self.quantity.two_sided:
            middle = rect.center().x()
            painter.fillRect(QRectF(min(middle, x), rect.y(), abs(x - middle), rect.height()), tone)
            painter.fillRect(QRectF(middle - 0.5, rect.y() + 6, 1, rect.height() - 12), THEME.color("text3"))
        else:
            painter.fillRect(QRectF(rect.x(), rect.y(), x - rect.x(), rect.height()), tone)
        if self.moved:
            painter.fillRect(QRectF(x - 1, rect.y(), 2, rect.height()), THEME.color("accent"))

    def _draw_words(self, painter: QPainter, rect: QRectF, tail: int) -> None:
        if self.caption:
            text(painter, rect.adjusted(20 if tail > 8 else 8, 0, -tail, 0), self.caption, self.ink("text3"))
        unit = "" if self.mixed else self.quantity.unit
        room = text_width(unit) + 4 if unit else 0
        text(painter, rect.adjusted(8, 0, -tail, 0), unit, self.ink("text3"), "body", RIGHT)
        token = self.ink("text3" if self.mixed or self.read_only else "text1")
        text(painter, rect.adjusted(8, 0, -tail - room, 0), self.words(), token, "body", RIGHT)


class Editor(QLineEdit):
    """The field that is typed in over a control: Escape gives up, going elsewhere takes what was typed."""

    given_up = pyqtSignal()
    left = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(THEME.font("body", tabular=True))
        self.setAlignment(RIGHT)
        self.setAccessibleName(f"{parent.accessibleName()}, typing")
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        return is_own_escape(event, self.given_up.emit)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        super().keyPressEvent(a0)
        if a0 is not None and a0.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            a0.accept()  # else the control below would take it as a wish to type

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        if event is not None and event.reason() not in (Qt.FocusReason.PopupFocusReason,):
            self.left.emit()
