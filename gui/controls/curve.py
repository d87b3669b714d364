"""A curve of tones: monotone cubic as the nodes run it, before the histogram of what comes in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QMouseEvent, QPainter, QPainterPath, QPen
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout

from gui.controls.control import Control
from gui.controls.number import DragNumber
from gui.controls.points import Points
from gui.controls.quantity import Quantity
from gui.drawing import rounded
from gui.theme import RADIUS, THEME
from nodes.procedural.tone import curve_table

HEIGHT, INSET, PULL, APART = 112, 8, 24, 0.002
"""Two points are never nearer than `APART` across."""

Knot = tuple[float, float]
Knots = tuple[Knot, ...]


class CurvePlot(Points):
    """The curve with its points, in and out both 0 to 1."""

    fewest = 2

    def __init__(self, name: str) -> None:
        super().__init__(name, "Click adds a point, drag moves it, pull it out of the frame or Delete removes it")
        self.value: Knots = ((0.0, 0.0), (1.0, 1.0))
        self.histogram: np.ndarray | None = None
        self.setFixedHeight(HEIGHT)

    def set_histogram(self, counts: Sequence[float] | np.ndarray | None) -> None:
        """Show how often each tone comes in; None where nothing is known."""
        self.histogram = None if counts is None or not len(counts) else np.asarray(counts, np.float64)
        self.update()

    def inner(self) -> QRectF:
        return QRectF(self.rect()).adjusted(INSET, INSET, -INSET, -INSET)

    # ---- points ----

    def where(self, point: Knot) -> QPointF:
        inner = self.inner()
        return QPointF(inner.x() + inner.width() * point[0], inner.bottom() - inner.height() * point[1])

    def _knot(self, at: QPointF) -> Knot:
        inner = self.inner()
        x, y = (at.x() - inner.x()) / inner.width(), (inner.bottom() - at.y()) / inner.height()
        return round(min(max(x, 0.0), 1.0), 4), round(min(max(y, 0.0), 1.0), 4)

    def hit(self, at: QPointF) -> int | None:
        near = min(((self.where(knot) - at).manhattanLength(), index) for index, knot in enumerate(self.value))
        return near[1] if near[0] <= 12 else None

    def made(self, at: QPointF) -> Knot | None:
        knot = self._knot(at)
        too_near = any(abs(knot[0] - other[0]) < APART for other in self.value)
        return None if too_near or len(self.value) >= 64 else knot

    def placed(self, others: Knots, held: Knot, at: QPointF) -> tuple[Knots, int]:
        return _between(others, held, self._knot(at))

    def nudged(self, index: int, across: float, up: float) -> tuple[Knots, int]:
        x, y = self.value[index]
        others = self.value[:index] + self.value[index + 1 :]
        wanted = (round(min(max(x + across, 0.0), 1.0), 4), round(min(max(y + up, 0.0), 1.0), 4))
        return _between(others, self.value[index], wanted)

    def away(self, at: QPointF) -> bool:
        return not QRectF(self.rect()).adjusted(-PULL, -PULL, PULL, PULL).contains(at)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.hit(event.position()) is not None:
            self.remove()

    # ---- drawing ----

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        frame = rect.adjusted(0.5, 0.5, -0.5, -0.5)
        rounded(painter, frame, RADIUS["field"], THEME.color("well"), THEME.color("line"))
        painter.setPen(QPen(THEME.color("line"), 1))
        for part in (0.25, 0.5, 0.75):
            x, y = frame.x() + round(frame.width() * part), frame.y() + round(frame.height() * part)
            painter.drawLine(QPointF(x, frame.y()), QPointF(x, frame.bottom()))
            painter.drawLine(QPointF(frame.x(), y), QPointF(frame.right(), y))
        inner = self.inner()
        self._draw_histogram(painter, inner)
        values = curve_table(tuple((float(x), float(y)) for x, y in self.value))
        places = np.linspace(0, 1, 257)
        path = QPainterPath(self.where((0.0, float(values[0]))))
        for x, y in zip(places[1:], values[np.round(places[1:] * (len(values) - 1)).astype(int)], strict=True):
            path.lineTo(self.where((float(x), float(y))))
        painter.setPen(QPen(THEME.color("text1" if self.isEnabled() else "text4"), 1.75))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        for index, knot in enumerate(self.value):
            at, on = self.where(knot), index == self.current and not self.removing
            dot = QRectF(at.x() - 4, at.y() - 4, 8, 8)
            rounded(
                painter, dot, 4, THEME.color("accent" if on else "panel"), THEME.color("accent" if on else "text1"), 1.5
            )

    def _draw_histogram(self, painter: QPainter, inner: QRectF) -> None:
        if self.histogram is None or self.histogram.max() <= 0:
            return
        bars = np.sqrt(self.histogram / self.histogram.max())  # else one common tone hides all others
        width = inner.width() / len(bars)
        for index, bar in enumerate(bars):
            height = inner.height() * float(bar)
            painter.fillRect(
                QRectF(inner.x() + width * index, inner.bottom() - height, max(width - 1, 0.5), height),
                THEME.color("text3", 0.22),
            )


def _between(others: Knots, held: Knot, wanted: Knot) -> tuple[Knots, int]:
    """Return points with one added between the neighbours it had: a curve's points never change places."""
    index = sum(other[0] < held[0] for other in others)
    if held in others:  # a copy
        index = sum(other[0] < wanted[0] for other in others)
    low = others[index - 1][0] + APART if index else 0.0
    high = others[index][0] - APART if index < len(others) else 1.0
    x = min(max(wanted[0], min(low, high)), max(low, high))
    return (*others[:index], (round(x, 4), wanted[1]), *others[index:]), index


class CurveControl(Control):
    """A curve, and its chosen point in numbers."""

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__(name, tip)
        self.plot = CurvePlot(name)
        self.value: Knots = self.plot.value
        unit = Quantity(0, 1, 0, 1, units={"%": 0.01})
        self.numbers = (DragNumber(f"{name}, tone in", unit), DragNumber(f"{name}, tone out", unit))
        self.numbers[0].caption, self.numbers[1].caption = "in", "out"
        self._from, self._index = self.value, 0
        row = QHBoxLayout()
        row.setSpacing(4)
        for number in self.numbers:
            row.addWidget(number)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.plot)
        layout.addLayout(row)
        self.setFocusProxy(self.plot)
        for signal in ("began", "previewed", "committed", "abandoned"):
            getattr(self.plot, signal).connect(getattr(self, signal))
        self.plot.picked.connect(self._show_point)
        for place, number in enumerate(self.numbers):
            number.began.connect(self._point_began)
            number.abandoned.connect(self.abandoned)
            number.refused.connect(self.refused)
            number.previewed.connect(lambda value, at=place: self.previewed.emit(self._with(at, value)))
            number.committed.connect(lambda value, at=place: self.committed.emit(self._with(at, value)))
        self._show_point()

    def set_value(self, value: Knots) -> None:
        super().set_value(value)
        self.plot.set_value(value)
        self._show_point()

    def set_histogram(self, counts: Sequence[float] | np.ndarray | None) -> None:
        """Show how often each tone comes in."""
        self.plot.set_histogram(counts)

    def set_read_only(self, read_only: bool) -> None:
        super().set_read_only(read_only)
        for part in (self.plot, *self.numbers):
            part.set_read_only(read_only)

    def _show_point(self, index: int | None = None) -> None:
        knot = self.value[min(self.plot.current, len(self.value) - 1)]
        for number, part in zip(self.numbers, knot, strict=True):
            number.set_value(part)

    def _point_began(self) -> None:
        self._from, self._index = self.value, min(self.plot.current, len(self.value) - 1)
        self.began.emit()

    def _with(self, place: int, value: float) -> Knots:
        held = self._from[self._index]
        others = self._from[: self._index] + self._from[self._index + 1 :]
        wanted = (value, held[1]) if place == 0 else (held[0], value)
        return _between(others, held, wanted)[0]
