"""What lies over a 3D picture: its foot, how stale it is, and words where there is no picture."""

from __future__ import annotations

from typing import Protocol

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from gui.drawing import CENTRE, LEFT, RIGHT, rounded, text, text_width
from gui.parts import draw_icon
from gui.theme import RADIUS, SPACE, THEME

NARROW = 360
"""Width under which the physical size gives way."""
STALE = 0.55
PLATE = 0.9
NOTHING = "Join a map to the material output to see it here."


class Told(Protocol):
    """What there is to tell, see `gui.views.solid.SolidView`."""

    stage: str
    problem: str

    @property
    def picture_side(self) -> int | None: ...
    @property
    def has_maps(self) -> bool: ...
    @property
    def shape_icon(self) -> str: ...
    @property
    def told(self) -> str: ...
    @property
    def physical_size(self) -> str: ...


class Over(QWidget):
    """What lies over the picture: foot, staleness, and what there is to say where there is no picture."""

    def __init__(self, view: Told, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self.underlined = False
        """Whether the picture has the focus by the keyboard."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view, rect = self._view, QRectF(self.rect())
        shown = view.picture_side is not None
        if shown and view.stage:
            painter.fillRect(rect, THEME.color("well", 1 - STALE))
        if not shown:
            self._empty(painter, rect)
        inset, tall = SPACE["l"], 18
        foot = QRectF(inset, rect.height() - tall - SPACE["m"], rect.width() - 2 * inset, tall)
        if self.underlined:
            rounded(painter, rect.adjusted(0.5, 0.5, -0.5, -0.5), 0, None, THEME.color("accent"))
        if view.problem:
            words = foot.adjusted(20, 0, 0, 0)
            _plate(painter, words.adjusted(-20, 0, 0, 0), text_width(view.problem, "caption") + 20)
            draw_icon(painter, QRectF(foot.x(), foot.y() + 2, 14, 14), "warning-circle", "error")
            text(painter, words, view.problem, "error", "caption")
            return
        size = view.physical_size if rect.width() >= NARROW else ""
        wide = text_width(size, "caption")
        room = foot.adjusted(0, 0, -wide - SPACE["xl"] if size else 0, 0)
        for place, words, align in ((foot, size, RIGHT), (room, view.told, LEFT)):
            if words:
                _plate(painter, place, text_width(words, "caption"), align == RIGHT)
                text(painter, place, words, "text3", "caption", align)

    def _empty(self, painter: QPainter, rect: QRectF) -> None:
        if self._view.has_maps or self._view.stage:
            side = min(64.0, rect.height() / 3)
            place = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
            painter.setOpacity(0.2)
            draw_icon(painter, place, self._view.shape_icon, "text1")
            painter.setOpacity(1.0)
        else:
            text(painter, rect, NOTHING, "text3", "body", CENTRE)


def _plate(painter: QPainter, place: QRectF, width: float, at_right: bool = False) -> None:
    """Draw the ground that keeps words readable on a picture; on the bare ground it cannot be seen."""
    width = min(width, place.width())
    left = place.right() - width if at_right else place.x()
    plate = QRectF(left - SPACE["s"], place.y(), width + 2 * SPACE["s"], place.height())
    rounded(painter, plate, RADIUS["tick"], THEME.color("well", PLATE))
