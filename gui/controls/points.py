"""Points that are chosen and dragged in a picture: what the bars of gradients and curves have in common."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

from gui.controls.control import Control
from gui.controls.number import THRESHOLD

Modifier = Qt.KeyboardModifier


class Points(Control):
    """Points of which one is chosen. Click adds, drag moves, pulling away or Delete removes, Alt drag copies.

    Arrows move the chosen one, with Shift ten times finer; Ctrl and arrows choose another. Points are plain values,
    whatever they are: who derives from this says where they lie and what a list with one moved, added or removed is.
    """

    picked = pyqtSignal(int)
    fewest = 1

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__(name, tip)
        self.value: tuple[Any, ...] = ()
        self.current = 0
        self.dragging = self.removing = False
        self._moved = False
        self._others: tuple[Any, ...] = ()
        self._held: Any = None
        self._origin, self._grip = QPointF(), QPointF()
        self._shown: tuple[Any, ...] = ()
        self._before: tuple[Any, ...] = ()

    # ---- for who derives ----

    def where(self, point: Any) -> QPointF:
        """Return where a point is drawn."""
        raise NotImplementedError

    def hit(self, at: QPointF) -> int | None:
        """Return the point under the pointer."""
        raise NotImplementedError

    def made(self, at: QPointF) -> Any:
        """Return the point that a click makes, or None where a click makes none."""
        raise NotImplementedError

    def placed(self, others: tuple[Any, ...], held: Any, at: QPointF) -> tuple[tuple[Any, ...], int]:
        """Return all points with the held one where the pointer is, and its index."""
        raise NotImplementedError

    def nudged(self, index: int, across: float, up: float) -> tuple[tuple[Any, ...], int]:
        """Return all points with one moved by shares of the whole, and its index."""
        raise NotImplementedError

    def away(self, at: QPointF) -> bool:
        """Return whether letting go here removes the held point."""
        raise NotImplementedError

    # ---- showing ----

    def set_value(self, value: tuple[Any, ...]) -> None:
        super().set_value(value)
        if self.current >= len(value):
            self.pick(len(value) - 1)

    def pick(self, index: int) -> None:
        """Choose a point."""
        if index != self.current:
            self.current = index
            self.picked.emit(index)
        self.update()

    # ---- gestures ----

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton or not self.open_to_change:
            return
        at = event.position()
        found = self.hit(at)
        self._moved = self.removing = False
        self._origin, self._before, self._shown = at, self.value, self.value
        if found is None:
            point = self.made(at)
            if point is None:
                return
            self.dragging, self._others, self._held, self._grip = True, self.value, point, QPointF()
            self.began.emit()
            self._moved = True
            self._follow(at)
        else:
            self.pick(found)
            copies = bool(event.modifiers() & Modifier.AltModifier)
            self._held = self.value[found]
            self._others = self.value if copies else self.value[:found] + self.value[found + 1 :]
            self._grip = self.where(self._held) - at
            self.dragging = True

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or not self.dragging:
            return
        at = event.position()
        if not self._moved:
            if (at - self._origin).manhattanLength() < THRESHOLD:
                return
            self._moved = True
            self.began.emit()
        self._follow(at)

    def _follow(self, at: QPointF) -> None:
        self.removing = self.away(at) and len(self._others) >= self.fewest
        if self.removing:
            points, index = self._others, min(self.current, len(self._others) - 1)
        else:
            points, index = self.placed(self._others, self._held, at + self._grip)
        self._shown = points
        self.current = index
        self.previewed.emit(points)
        self.picked.emit(index)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if not self.dragging:
            return
        self.dragging = self.removing = False
        if self._moved and self._shown == self._before:
            self.abandoned.emit()
        elif self._moved:
            self.committed.emit(self._shown)
        self.update()

    def give_up(self) -> None:
        """End a drag and leave all as it was."""
        if self.dragging:
            self.dragging = self.removing = False
            if self._moved:
                self.abandoned.emit()
            self.update()

    def remove(self) -> None:
        """Remove the chosen point."""
        if self.open_to_change and len(self.value) > self.fewest:
            left = self.value[: self.current] + self.value[self.current + 1 :]
            self.commit(left)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        step = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }.get(Qt.Key(event.key()))  # fmt: skip
        if event.key() == Qt.Key.Key_Escape and self.dragging:
            self.give_up()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.remove()
        elif step is not None and event.modifiers() & Modifier.ControlModifier:
            self.pick(min(max(self.current + step[0] + step[1], 0), len(self.value) - 1))
        elif step is not None and self.open_to_change:
            size = 0.001 if event.modifiers() & Modifier.ShiftModifier else 0.01
            points, index = self.nudged(self.current, step[0] * size, step[1] * size)
            if points != self.value:
                self.pick(index)
                self.commit(points)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.give_up()
