"""Where a colour is mixed: a square of saturation and value, a strip of hues, numbers, hex, the old beside the new."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls.colours import (
    Colour,
    bytes_of,
    colour_of_hex,
    colour_of_hsv,
    colour_of_oklch,
    decoded,
    encoded,
    hex_of,
    hsv_of,
    oklch_of,
    rounded as in_range,
)
from gui.controls.control import Control, Popover
from gui.controls.number import DragNumber
from gui.controls.quantity import Quantity
from gui.controls.text import TextControl
from gui.drawing import rounded
from gui.parts import Painted, Segmented, Tool, label
from gui.theme import RADIUS, SIZE, THEME

SQUARE, STRIP, WIDTH = 104, 16, 280


@lru_cache(maxsize=8)
def _square(hue: float) -> QImage:
    """Return saturation across and value up, at a hue."""
    across, up = np.meshgrid(np.linspace(0, 1, 128), np.linspace(1, 0, 64))
    full = np.array(QColor.fromHsvF(hue, 1, 1).getRgbF()[:3])
    rgb = up[..., None] * (1 - across[..., None] * (1 - full))
    return _image(rgb)


@lru_cache(maxsize=1)
def _hues() -> QImage:
    return _image(np.array([[QColor.fromHsvF(place / 359, 0.85, 0.95).getRgbF()[:3]] for place in range(360)]))


def _image(rgb: np.ndarray) -> QImage:
    data = np.ascontiguousarray((rgb * 255 + 0.5).astype(np.uint8))
    height, width = data.shape[:2]
    return QImage(data.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888).copy()


def _pictured(painter: QPainter, rect: QRectF, picture: QImage) -> None:
    path = QPainterPath()
    path.addRoundedRect(rect, RADIUS["field"], RADIUS["field"])
    painter.save()
    painter.setClipPath(path)
    painter.drawImage(rect, picture)
    painter.restore()


class Plane(Control):
    """A picture in which a place is chosen; value: across and down, each 0 to 1."""

    def __init__(self, name: str, tip: str, across: bool) -> None:
        super().__init__(name, tip)
        self.value: tuple[float, float] = (0.0, 0.0)
        self.across, self.dragging, self.hue = across, False, 0.0
        self.setFixedHeight(SQUARE)
        self.setCursor(Qt.CursorShape.CrossCursor)
        if not across:
            self.setFixedWidth(STRIP)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        _pictured(painter, rect, _square(round(self.hue, 3) % 1) if self.across else _hues())
        across, down = self.value
        light, dark = THEME.color("on_accent"), THEME.color("shadow", 0.5)
        if self.across:
            at = QPointF(rect.x() + across * rect.width(), rect.y() + down * rect.height())
            for pen, radius in ((QPen(dark, 1), 7.5), (QPen(light, 2), 6)):
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(at, radius, radius)
            return
        y = min(max(down * rect.height(), 3), rect.height() - 3)
        rounded(painter, QRectF(0.5, y - 3, rect.width() - 1, 6), 2, None, dark, 1)
        rounded(painter, QRectF(1, y - 2, rect.width() - 2, 4), 1.5, None, light, 2)

    def _place(self, at: QPointF) -> tuple[float, float]:
        across = min(max(at.x() / self.width(), 0.0), 1.0) if self.across else 0.0
        return across, min(max(at.y() / self.height(), 0.0), 1.0)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.dragging = True
            self.began.emit()
            self.previewed.emit(self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.dragging:
            self.previewed.emit(self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.dragging:
            self.dragging = False
            self.committed.emit(self._place(event.position()))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() == Qt.Key.Key_Escape and self.dragging:
            self.dragging = False
            self.abandoned.emit()
            return
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        size = 0.001 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.01
        across, down = (min(max(v + d * size, 0.0), 1.0) for v, d in zip(self.value, step, strict=True))
        self.commit((across if self.across else 0.0, down))


MODES: tuple[tuple[str, tuple[str, str, str]], ...] = (
    ("sRGB", ("Red", "Green", "Blue")),
    ("Linear", ("Red", "Green", "Blue")),
    ("OKLCh", ("Lightness", "Chroma", "Hue")),
)
"""Ways to write a colour, and what its three numbers are."""


def _quantities(mode: int, high: float) -> list[Quantity]:
    if mode == 0:
        return [Quantity(0, 255, 0, 255, whole=True)] * 3
    if mode == 1:
        return [Quantity(0, high, 0, high)] * 3
    return [Quantity(0, 1, 0, 1), Quantity(0, 0.5, 0, 0.4), Quantity(0, 360, 0, 360, unit="°", snap=15)]


class ColourPopup(Popover):
    """Mixes one colour; each drag in it is one gesture."""

    began = pyqtSignal()
    previewed = pyqtSignal(object)
    committed = pyqtSignal(object)
    abandoned = pyqtSignal()
    picking_asked = pyqtSignal()
    mode = 0
    """How colours were last written; kept from popup to popup."""

    def __init__(self, name: str, high: float = 1.0, parent: QWidget | None = None) -> None:
        super().__init__(f"{name}, colour", parent)
        self.high = high
        self.colour: Colour = (0.0, 0.0, 0.0)
        self.old = self.colour
        self.hsv: Colour = (0.0, 0.0, 0.0)
        self.square = Plane(f"{name}, saturation and value", "Saturation across, value up", True)
        self.strip = Plane(f"{name}, hue", "Hue", False)
        self.modes = Segmented(f"{name}, written as", [words for words, _ in MODES], ColourPopup.mode)
        self.numbers = [
            DragNumber(f"{name}, {part}", quantity)
            for part, quantity in zip(MODES[ColourPopup.mode][1], _quantities(ColourPopup.mode, high), strict=True)
        ]
        self.hex = TextControl(f"{name}, hex", "#RRGGBB or #RGB", 8)
        self.pair = Painted(self._draw_pair, 56, SIZE["field"])
        self.pair.setAccessibleName(f"{name}, old and new")
        self.pair.setToolTip("The old colour, the new one")
        self.dropper = Tool("eyedropper", "Pick from a view", SIZE["field"])
        self._lay_out()
        self._join()

    def _lay_out(self) -> None:
        planes, writing, numbers = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row, parts in (
            (planes, (self.square, self.strip)),
            (numbers, self.numbers),
            (writing, (self.pair, self.hex, self.dropper)),
        ):
            row.setSpacing(8 if row is planes else 4)
            for part in parts:
                row.addWidget(part)
        self.said = label("", "error")
        self.said.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(planes)
        layout.addWidget(self.modes)
        layout.addLayout(numbers)
        layout.addLayout(writing)
        layout.addWidget(self.said)
        self.setFixedWidth(WIDTH)

    def _join(self) -> None:
        for control, reader in (
            (self.square, self._of_square),
            (self.strip, self._of_strip),
            *((number, self._reader(place)) for place, number in enumerate(self.numbers)),
        ):
            control.began.connect(self.began)
            control.abandoned.connect(self._given_up)
            control.previewed.connect(lambda value, read=reader: self._changed(read(value), False))
            control.committed.connect(lambda value, read=reader: self._changed(read(value), True))
        self.hex.committed.connect(self._typed_hex)
        self.modes.chosen.connect(self.set_mode)
        self.dropper.clicked.connect(self._pick)

    # ---- showing ----

    def open_with(self, colour: Colour) -> None:
        """Show a colour, and keep it beside what is mixed."""
        self.old = colour
        self.set_colour(colour)

    def show_at(self, at: QPoint) -> None:
        """Open, kept on the screen."""
        self.adjustSize()
        screen = self.screen()
        if screen is not None:
            area = screen.availableGeometry()
            at = QPoint(
                max(min(at.x(), area.right() - self.width()), area.left()),
                max(min(at.y(), area.bottom() - self.height()), area.top()),
            )
        self.move(at)
        self.show()
        self.square.setFocus()

    def set_colour(self, colour: Colour) -> None:
        """Show another colour as the new one; nobody is told."""
        if colour == self.colour and self.hex.value:
            return
        self.colour = colour
        if colour_of_hsv(*self.hsv) != in_range(colour, self.high):
            hue, saturation, value = hsv_of(colour)
            # A grey has no hue of its own: keep the one that was being mixed.
            self.hsv = (hue if saturation else self.hsv[0], saturation if value else self.hsv[1], value)
        self._show()

    def set_mode(self, mode: int) -> None:
        """Write the numbers in another way."""
        ColourPopup.mode = mode
        self.modes.set_current(mode)
        for number, part, quantity in zip(self.numbers, MODES[mode][1], _quantities(mode, self.high), strict=True):
            number.set_quantity(quantity)
            number.setAccessibleName(part)
            number.setToolTip(part)
        self._show()

    def _show(self) -> None:
        hue, saturation, value = self.hsv
        self.square.hue = hue
        self.square.set_value((saturation, 1 - value))
        self.strip.set_value((0.0, hue))
        for number, part in zip(self.numbers, self._parts(), strict=True):
            number.set_value(part)
        self.hex.set_value(hex_of(self.colour))
        self.pair.update()

    def _parts(self) -> Colour:
        if ColourPopup.mode == 0:
            return tuple(float(part) for part in bytes_of(self.colour))
        return self.colour if ColourPopup.mode == 1 else oklch_of(self.colour)

    def _draw_pair(self, painter: QPainter, rect: QRectF) -> None:
        path = QPainterPath()
        path.addRoundedRect(rect, RADIUS["field"], RADIUS["field"])
        painter.setClipPath(path)
        half = rect.width() / 2
        painter.fillRect(QRectF(0, 0, half, rect.height()), QColor(*bytes_of(self.old)))
        painter.fillRect(QRectF(half, 0, half, rect.height()), QColor(*bytes_of(self.colour)))
        painter.setClipping(False)
        rounded(painter, rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["field"], None, THEME.color("text1", 0.12))

    # ---- mixing ----

    def _of_square(self, place: tuple[float, float]) -> Colour:
        self.hsv = (self.hsv[0], place[0], 1 - place[1])
        return colour_of_hsv(*self.hsv)

    def _of_strip(self, place: tuple[float, float]) -> Colour:
        self.hsv = (place[1], *self.hsv[1:])
        return colour_of_hsv(*self.hsv)

    def _reader(self, place: int) -> Callable[[float], Colour]:
        def read(number: float) -> Colour:
            parts = [*self._parts()]
            parts[place] = number
            if ColourPopup.mode == 0:
                # The parts that were not touched keep what 8 bits cannot hold.
                light = list(encoded(self.colour))
                light[place] = number / 255
                return in_range(decoded(light), self.high)
            return in_range(parts, self.high) if ColourPopup.mode == 1 else colour_of_oklch(*parts, high=self.high)

        return read

    def _changed(self, colour: Colour, done: bool) -> None:
        self.set_colour(colour)
        (self.committed if done else self.previewed).emit(colour)

    def _given_up(self) -> None:
        self.abandoned.emit()
        self._show()

    def _typed_hex(self, words: str) -> None:
        try:
            colour = colour_of_hex(words)
        except ValueError as error:
            self.said.setText(str(error))
            self.said.show()
            self.hex.set_error(str(error))
            return
        self.said.hide()
        self.hex.set_error("")
        self.began.emit()
        self._changed(colour, True)

    def _pick(self) -> None:
        self.close()
        self.picking_asked.emit()
