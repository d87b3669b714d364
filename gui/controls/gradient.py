"""A gradient: its bar with the stops below, the chosen stop's colour and place, and the space it is mixed in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QImage, QMouseEvent, QPainter, QPainterPath, QPen
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout

from gui.controls.colours import SPACES, Colour, Stop, reversed_stops, rounded as in_range, spread_stops, stops_of_row
from gui.controls.control import Control, menu_of
from gui.controls.number import DragNumber
from gui.controls.points import Points
from gui.controls.quantity import Quantity
from gui.controls.swatch import SwatchControl, shown_colour
from gui.drawing import rounded
from gui.parts import Segmented, Tool, label
from gui.theme import RADIUS, SIZE, THEME
from materials.pictures import linear_to_srgb
from nodes.procedural.colour import gradient_table

BAR, HEIGHT, INSET, PULL = 28, 48, 6, 24

Stops = tuple[Stop, ...]


class GradientBar(Points):
    """The bar and its stops: click adds, drag moves, 24 px down removes, Alt drag copies, a double click opens it."""

    opened = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__(name, "Click adds a stop, drag moves it, pulling down removes it, double click is its colour")
        self.value: Stops = ((0.0, (0.0, 0.0, 0.0)), (1.0, (1.0, 1.0, 1.0)))
        self.space, self.interpolation = "oklab", "linear"
        self.setFixedHeight(HEIGHT)

    def bar(self) -> QRectF:
        return QRectF(INSET, 0, self.width() - 2 * INSET, BAR)

    def table(self) -> np.ndarray:
        """Return 4096 linear colours along the bar."""
        stops = tuple((float(place), tuple(map(float, colour))) for place, colour in self.value)
        return gradient_table(stops, self.space, self.interpolation)

    # ---- points ----

    def where(self, point: Stop) -> QPointF:
        bar = self.bar()
        return QPointF(bar.x() + bar.width() * point[0], BAR + 10)

    def _share(self, at: QPointF) -> float:
        bar = self.bar()
        return round(min(max((at.x() - bar.x()) / bar.width(), 0.0), 1.0), 4)

    def hit(self, at: QPointF) -> int | None:
        if at.y() < BAR - 4:
            return None
        near = [(abs(self.where(stop).x() - at.x()), index) for index, stop in enumerate(self.value)]
        # Of stops that lie on each other the chosen one is on top.
        near.sort(key=lambda found: (found[0], found[1] != self.current))
        return near[0][1] if near and near[0][0] <= 7 else None

    def made(self, at: QPointF) -> Stop | None:
        if len(self.value) >= 64:
            return None
        share, table = self._share(at), self.table()
        return share, in_range(table[round(share * (len(table) - 1))].tolist())

    def placed(self, others: Stops, held: Stop, at: QPointF) -> tuple[Stops, int]:
        return self._sorted(others, (self._share(at), held[1]))

    def _sorted(self, others: Stops, stop: Stop) -> tuple[Stops, int]:
        index = sum(other[0] <= stop[0] for other in others)
        return (*others[:index], stop, *others[index:]), index

    def nudged(self, index: int, across: float, up: float) -> tuple[Stops, int]:
        place, colour = self.value[index]
        others = self.value[:index] + self.value[index + 1 :]
        return self._sorted(others, (round(min(max(place + across + up, 0.0), 1.0), 4), colour))

    def away(self, at: QPointF) -> bool:
        return at.y() > HEIGHT + PULL

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.hit(event.position()) is not None:
            self.give_up()
            self.opened.emit()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        super().mouseMoveEvent(event)
        if event is not None and not self.dragging:
            over = self.hit(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.CrossCursor)

    # ---- drawing ----

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        bar, path = self.bar(), QPainterPath()
        path.addRoundedRect(bar, RADIUS["field"], RADIUS["field"])
        row = (linear_to_srgb(self.table()[::4]) * 255 + 0.5).astype(np.uint8)
        painter.save()
        painter.setClipPath(path)
        painter.drawImage(bar, QImage(row.tobytes(), len(row), 1, len(row) * 3, QImage.Format.Format_RGB888))
        painter.restore()
        rounded(painter, bar.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["field"], None, THEME.color("text1", 0.12))
        order = [*(i for i in range(len(self.value)) if i != self.current), self.current]
        for index in order:
            if index < len(self.value):
                self._draw_stop(painter, self.value[index], index == self.current and not self.removing)

    def _draw_stop(self, painter: QPainter, stop: Stop, on: bool) -> None:
        x = self.where(stop).x()
        tip = QPainterPath(QPointF(x, BAR - 2))
        for dx, y in ((6, BAR + 5), (6, BAR + 18), (-6, BAR + 18), (-6, BAR + 5)):
            tip.lineTo(x + dx, y)
        tip.closeSubpath()
        pen = QPen(THEME.color("accent" if on else "text2"), 2 if on else 1)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(shown_colour(stop[1]))
        painter.drawPath(tip)

    def line_at(self) -> QRectF:
        return self.bar()


class GradientControl(Control):
    """A gradient with all that changes it.

    space_chosen tells a space in which to mix, where the node has a say in it. `picking_line(True)` asks for a row of
    colours from a picture, which comes by `offer_line` and `take_line`.
    """

    space_chosen = pyqtSignal(str)
    picking_line = pyqtSignal(bool)
    picking = pyqtSignal(bool)

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__(name, tip)
        self.is_picking_line = False
        self.bar = GradientBar(name)
        self.value: Stops = self.bar.value
        self.spaces = Segmented(f"{name}, mixed in", ["OKLab", "Linear", "sRGB"])
        self.spaces.setToolTip("Where colours between two stops lie")
        self.count = label("", "hint")
        self.pick = Tool("image", f"{name}: pick from a picture", SIZE["field"], checkable=True)
        self.turn = Tool("arrows-left-right", f"{name}: reverse", SIZE["field"])
        self.more = Tool("dots-three", f"{name}: more", SIZE["field"])
        self.swatch = SwatchControl(f"{name}, colour of the stop")
        self.place = DragNumber(f"{name}, place of the stop", Quantity(0, 1, 0, 1, scale=100, unit="%", units={"%": 1}))
        self._lay_out()
        self._join()
        self.setFocusProxy(self.bar)
        self.set_space(None)

    def _lay_out(self) -> None:
        tools, stop = QHBoxLayout(), QHBoxLayout()
        tools.setSpacing(2)
        tools.addWidget(self.spaces)
        tools.addWidget(self.count)
        tools.addStretch(1)
        for tool in (self.pick, self.turn, self.more):
            tools.addWidget(tool)
        stop.setSpacing(4)
        stop.addWidget(self.swatch, 3)
        stop.addWidget(self.place, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(tools)
        layout.addWidget(self.bar)
        layout.addLayout(stop)

    def _join(self) -> None:
        for signal in ("began", "previewed", "committed", "abandoned"):
            getattr(self.bar, signal).connect(getattr(self, signal))
        self.bar.picked.connect(self._show_stop)
        self.bar.opened.connect(self.swatch.open_popup)
        for part, change in ((self.swatch, self._with_colour), (self.place, self._with_place)):
            part.began.connect(self._stop_began)
            part.abandoned.connect(self.abandoned)
            part.previewed.connect(lambda value, change=change: self.previewed.emit(change(value)))
            part.committed.connect(lambda value, change=change: self.committed.emit(change(value)))
        self.place.refused.connect(self.refused)
        self.swatch.picking.connect(self.picking)
        self.spaces.chosen.connect(lambda index: self.space_chosen.emit(SPACES[index]))
        self.turn.clicked.connect(self.reverse)
        self.more.clicked.connect(self._open_more)
        self.pick.clicked.connect(self._ask_line)
        self._from: Stops = self.value
        self._index = 0

    # ---- showing ----

    def set_value(self, value: Stops) -> None:
        super().set_value(value)
        self.bar.set_value(value)
        self._show_stop()

    def set_space(self, space: str | None) -> None:
        """Show the space it is mixed in; None: the node mixes in OKLab and nobody is asked."""
        self.spaces.setVisible(space is not None)
        self.count.setVisible(space is None)
        self.bar.space = space or "oklab"
        self.spaces.set_current(SPACES.index(self.bar.space))
        self.bar.update()

    def set_interpolation(self, interpolation: str) -> None:
        """Show how the node goes from stop to stop: "linear", "smooth" or "constant"."""
        self.bar.interpolation = interpolation
        self.bar.update()

    def set_driven(self, expression: str) -> None:
        super().set_driven(expression)
        self._open_parts()

    def set_read_only(self, read_only: bool) -> None:
        super().set_read_only(read_only)
        self._open_parts()

    def _open_parts(self) -> None:
        self.bar.set_read_only(not self.open_to_change)
        for part in (self.swatch, self.place, self.pick, self.turn, self.more, self.spaces):
            part.setEnabled(self.open_to_change)

    def _show_stop(self, index: int | None = None) -> None:
        stops = self.value
        self.count.setText(f"{len(stops)} stops" if len(stops) != 1 else "1 stop")
        if stops:
            place, colour = stops[min(self.bar.current, len(stops) - 1)]
            self.swatch.set_value(colour)
            self.place.set_value(place)

    # ---- the chosen stop ----

    def _stop_began(self) -> None:
        self._from, self._index = self.value, min(self.bar.current, len(self.value) - 1)
        self.began.emit()

    def _with_colour(self, colour: Colour) -> Stops:
        place = self._from[self._index][0]
        return (*self._from[: self._index], (place, in_range(colour)), *self._from[self._index + 1 :])

    def _with_place(self, place: float) -> Stops:
        held = self._from[self._index]
        others = self._from[: self._index] + self._from[self._index + 1 :]
        stops, index = self.bar._sorted(others, (place, held[1]))
        self.bar.current = index
        return stops

    # ---- the whole ----

    def reverse(self) -> None:
        """Ask for the gradient turned round."""
        self.commit(reversed_stops(self.value))

    def spread(self) -> None:
        """Ask for stops that are evenly apart."""
        self.commit(spread_stops(self.value))

    def _open_more(self) -> None:
        menu = self.menu = menu_of(self)
        for words, does in (
            ("Spread evenly", self.spread),
            ("Reverse", self.reverse),
            ("Remove stop", self.bar.remove),
        ):
            action = QAction(words, menu)
            action.triggered.connect(does)
            menu.addAction(action)
        menu.addSeparator()
        action = QAction("Reset", menu)
        action.triggered.connect(self.reset_asked)
        menu.addAction(action)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    # ---- from a picture ----

    def _ask_line(self) -> None:
        if self.is_picking_line:
            self.stop_line()
            return
        self.is_picking_line = True
        self.began.emit()
        self.picking_line.emit(True)

    def offer_line(self, colours: Sequence[Sequence[float]] | np.ndarray) -> None:
        """Show the gradient of a row of linear colours."""
        if self.is_picking_line:
            self.previewed.emit(stops_of_row(colours))

    def take_line(self, colours: Sequence[Sequence[float]] | np.ndarray) -> None:
        """Take the gradient of a row of linear colours."""
        if self.is_picking_line:
            self._end_line()
            self.committed.emit(stops_of_row(colours))

    def stop_line(self) -> None:
        """Keep the gradient as it was."""
        if self.is_picking_line:
            self._end_line()
            self.abandoned.emit()

    def _end_line(self) -> None:
        self.is_picking_line = False
        self.pick.setChecked(False)
        self.picking_line.emit(False)
