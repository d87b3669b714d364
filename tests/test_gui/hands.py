"""What a hand does: press, move with a button held, let go, press keys."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


def press(widget: QWidget, at: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
    """Press the left button."""
    QTest.mousePress(widget, LEFT, keys, at.toPoint())


def move(widget: QWidget, at: QPointF, keys: Qt.KeyboardModifier = NONE, held: bool = True) -> None:
    """Move to a place of the widget, or beyond it."""
    button = LEFT if held else Qt.MouseButton.NoButton
    world = QPointF(widget.mapToGlobal(QPoint(0, 0))) + at
    event = QMouseEvent(QEvent.Type.MouseMove, at, world, Qt.MouseButton.NoButton, button, keys)
    QApplication.sendEvent(widget, event)


def release(widget: QWidget, at: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
    """Let go of the left button."""
    QTest.mouseRelease(widget, LEFT, keys, at.toPoint())


def drag(
    widget: QWidget, start: QPointF, end: QPointF, keys: Qt.KeyboardModifier = NONE, steps: int = 5, drop: bool = True
) -> None:
    """Press, move in steps, and let go if `drop`."""
    press(widget, start, keys)
    for step in range(1, steps + 1):
        move(widget, start + (end - start) * step / steps, keys)
    if drop:
        release(widget, end, keys)


class Heard:
    """What a control said, in order."""

    def __init__(self, control) -> None:
        self.said: list[tuple[str, object]] = []
        control.began.connect(lambda: self.said.append(("began", None)))
        control.previewed.connect(lambda value: self.said.append(("previewed", value)))
        control.committed.connect(lambda value: self.said.append(("committed", value)))
        control.abandoned.connect(lambda: self.said.append(("abandoned", None)))

    @property
    def words(self) -> list[str]:
        return [word for word, _ in self.said]

    @property
    def last(self) -> object:
        return self.said[-1][1]

    def committed(self) -> list[object]:
        return [value for word, value in self.said if word == "committed"]


def owned(control, qtbot):
    """Show a control whose owner takes every value, as a panel does."""
    qtbot.addWidget(control)
    control.previewed.connect(control.set_value)
    control.committed.connect(control.set_value)
    control.show()
    return control
