"""A colour: its swatch and hex, with an eyedropper; a click opens the popup where it is mixed."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter

from gui.controls.colour_popup import ColourPopup
from gui.controls.colours import Colour, bytes_of, hex_of, rounded as in_range
from gui.controls.control import FieldControl
from gui.drawing import rounded, text
from gui.parts import draw_icon
from gui.theme import RADIUS, THEME


def shown_colour(linear: Colour) -> QColor:
    """Return a document's colour as the screen shows it."""
    return QColor(*bytes_of(linear))


class SwatchControl(FieldControl):
    """A colour, linear as documents hold it.

    With the eyedropper `picking(True)` asks for colours from the views: they come by `offer` while the pointer
    moves, by `take` when it is pressed, or `give_up` ends it; then `picking(False)`.
    """

    picking = pyqtSignal(bool)

    def __init__(self, name: str, tip: str = "", high: float = 1.0) -> None:
        super().__init__(name, tip)
        self.value: Colour = (0.0, 0.0, 0.0)
        self.high, self.is_picking = high, False
        self.popup: ColourPopup | None = None
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, self.height())

    def set_value(self, value: Colour) -> None:
        super().set_value(value)
        if self.popup is not None and self.popup.isVisible():
            self.popup.set_colour(value)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        rounded(painter, rect, RADIUS["field"], self.ground())
        patch = QRectF(rect.x() + 3, rect.y() + 3, 42, rect.height() - 6)
        shown = THEME.color("line_strong") if self.mixed else shown_colour(self.value)
        rounded(painter, patch, RADIUS["tick"], shown)
        rounded(painter, patch.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["tick"], None, THEME.color("text1", 0.12))
        words = "several" if self.mixed else hex_of(self.value)
        text(painter, rect.adjusted(54, 0, -28, 0), words, self.ink("text3" if self.mixed else "text1"))
        if max(self.value) > 1 and not self.mixed:
            text(painter, rect.adjusted(114, 0, -24, 0), f"×{max(self.value):.3g}", "text3")
        if self.open_to_change:
            tone = "accent" if self.is_picking else "text2" if self.hovered else "text3"
            draw_icon(painter, QRectF(rect.right() - 20, rect.y() + 5, 14, 14), "eyedropper", tone)

    # ---- the popup ----

    def open_popup(self) -> None:
        """Open the popup under the field."""
        if not self.open_to_change:
            return
        popup = self.popup = self.popup or self._new_popup()
        popup.set_mode(ColourPopup.mode)
        popup.open_with(self.value)
        popup.show_at(self.mapToGlobal(QPoint(0, self.height() + 4)))

    def _new_popup(self) -> ColourPopup:
        popup = ColourPopup(self.accessibleName(), self.high, self)
        popup.began.connect(self.began)
        popup.previewed.connect(self.previewed)
        popup.committed.connect(self.committed)
        popup.abandoned.connect(self.abandoned)
        popup.picking_asked.connect(self.start_picking)
        return popup

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if event.position().x() > self.width() - 26:
            self.start_picking()
        else:
            self.open_popup()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_popup()
        elif event.key() == Qt.Key.Key_I:
            self.start_picking()
        elif event.key() == Qt.Key.Key_Escape and self.is_picking:
            self.give_up()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)

    # ---- the eyedropper ----

    def start_picking(self) -> None:
        """Ask the views for a colour; once more gives it up."""
        if self.is_picking:
            self.give_up()
        elif self.open_to_change:
            self.is_picking = True
            self.began.emit()
            self.picking.emit(True)
            self.update()

    def offer(self, colour: Colour) -> None:
        """Show what the colour under the pointer would do."""
        if self.is_picking:
            self.previewed.emit(in_range(colour, self.high))

    def take(self, colour: Colour) -> None:
        """Take the colour under the pointer."""
        if self.is_picking:
            self._stop()
            self.committed.emit(in_range(colour, self.high))

    def give_up(self) -> None:
        """Keep the colour as it was."""
        if self.is_picking:
            self._stop()
            self.abandoned.emit()

    def _stop(self) -> None:
        self.is_picking = False
        self.picking.emit(False)
        self.update()
