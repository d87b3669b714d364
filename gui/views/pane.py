"""The picture itself: drawn as large as it goes, zoomed, moved, tiled, compared, and read at the pointer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QWidget

from gui.drawing import CENTRE, text
from gui.theme import SPACE, THEME
from gui.views import overlays
from gui.views.geometry import Geometry
from gui.views.mips import Mips
from gui.views.overlays import Measures

STALE = 0.55
"""How much of a picture is left that is of an older graph."""

NEAREST = 2.0
"""Magnification from which pixels keep their edges."""

WIPE_HIT = 6
SPOT = 6.0
"""Least side of the mark round the pixel that is read, inside its frame."""

LINE_SAMPLES = 48


def image_of(codes: np.ndarray) -> QImage:
    """Return codes uint8 (H, W, 3) as an image that owns its pixels."""
    height, width = codes.shape[:2]
    return QImage(np.ascontiguousarray(codes).tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class Pane(QWidget):
    """A picture that can be looked at closely. It knows codes and places, not values."""

    pointed = pyqtSignal(object)
    """Row and column under the pointer, or None beside the picture."""
    picked = pyqtSignal(int, int)
    line_picked = pyqtSignal(list)
    """Rows and columns along a line that was drawn while picking."""
    given_up = pyqtSignal()
    """Escape was pressed while picking."""
    zoomed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Picture")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.place = Geometry()
        self.fits = True
        self.mips: Mips | None = None
        self.before: Mips | None = None
        self.wipe = 0.5
        self.stale = False
        self.empty_words = ""
        self.shown: frozenset[str] = frozenset()
        self.measures: Measures | None = None
        self.notes: list[tuple[str, str]] = []
        self.spot: tuple[int, int] | None = None
        self.picking = False
        self._spot_tile = (0, 0)
        self._drag: str = ""
        self._from = QPointF()
        self._line: QLineF | None = None
        self._by_keys = False

    # ---- what is shown ----

    def set_picture(self, mips: Mips | None) -> None:
        """Show another picture, or none; the place stays if it has the same size."""
        before, self.mips = self.place, mips
        if mips is not None and (mips.height, mips.width) != (before.rows, before.columns):
            self._resize_picture(mips.height, mips.width)
        if self.spot is not None and mips is not None:
            self.spot = min(self.spot[0], mips.height - 1), min(self.spot[1], mips.width - 1)
        self.update()

    def _resize_picture(self, rows: int, columns: int) -> None:
        """Keep what is seen where it is while its resolution changes; begin anew if its proportions do."""
        old = self.place
        same = rows * old.columns == columns * old.rows and old.columns > 1
        spot, self.spot = self.spot, None
        self.place = replace(old, rows=rows, columns=columns, scale=old.scale * old.columns / columns)
        if same and spot is not None:
            self.spot = spot[0] * rows // old.rows, spot[1] * columns // old.columns
        if self.fits or not same:
            self.fit()

    def set_tiles(self, tiles: int) -> None:
        """Repeat the picture so many times each way."""
        self.place = replace(self.place, tiles=tiles)
        self._spot_tile = min(self._spot_tile[0], tiles - 1), min(self._spot_tile[1], tiles - 1)
        self.fit()

    def fit(self) -> None:
        """Show all tiles as large as they go."""
        self.fits = True
        self.place = self.place.fitted(*self._device_size(), SPACE["l"] * self._ratio())
        self._settle()

    def real_size(self) -> None:
        """Show a pixel of the picture on each of the screen, about the middle."""
        wide, high = self._device_size()
        self.fits = False
        self.place = self.place.scaled(1.0, wide / 2, high / 2).moved(0, 0, wide, high)
        self._settle()

    def zoom(self, factor: float, at: QPointF) -> None:
        """Magnify; what is under a point of the widget stays there."""
        ratio = self._ratio()
        self.fits = False
        self.place = self.place.zoomed(factor, at.x() * ratio, at.y() * ratio).moved(0, 0, *self._device_size())
        self._settle()

    @property
    def magnification(self) -> float:
        """Pixels of the screen that a pixel of the picture takes."""
        return self.place.tile_width / self.place.columns

    def pixel_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return row and column of the picture under a point of the widget."""
        ratio = self._ratio()
        return None if self.mips is None else self.place.pixel_at(point.x() * ratio, point.y() * ratio)

    def set_spot(self, row: int, column: int) -> None:
        """Move the mark to a pixel, and tell."""
        rows, columns = self.place.rows, self.place.columns
        self.spot = row % rows, column % columns
        self.pointed.emit(self.spot)
        self.update()

    def set_picking(self, picking: bool) -> None:
        self.picking = picking
        self._line = None
        self.setCursor(Qt.CursorShape.CrossCursor if picking else Qt.CursorShape.ArrowCursor)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(248, 248)

    def minimumSizeHint(self) -> QSize:
        return QSize(64, 64)

    def _ratio(self) -> float:
        return self.devicePixelRatioF()

    def _device_size(self) -> tuple[float, float]:
        return self.width() * self._ratio(), self.height() * self._ratio()

    def _settle(self) -> None:
        self.zoomed.emit()
        self.update()

    # ---- drawing ----

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), THEME.color("well"))
        if self.mips is None:
            text(painter, QRectF(self.rect()).adjusted(12, 0, -12, 0), self.empty_words, "text3", "body", CENTRE)
            self._draw_focus(painter)
            return
        ratio = self._ratio()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        pane = QRectF(0, 0, *self._device_size())
        painter.setOpacity(STALE if self.stale else 1.0)
        self._draw_tiles(painter, self.mips, pane)
        if self.before is not None:
            self._draw_tiles(painter, self.before, QRectF(0, 0, round(pane.width() * self.wipe), pane.height()))
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_overlays(painter, pane, ratio)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_wipe(painter)
        self._draw_notes(painter)
        self._draw_focus(painter)

    def _draw_tiles(self, painter: QPainter, mips: Mips, clip: QRectF) -> None:
        """Draw the tiles within a box; the painter counts device pixels."""
        place = self.place
        left, top = place.corner
        wide, high = place.tile_width, place.tile_height
        painter.save()
        painter.setClipRect(clip)
        smaller = wide <= mips.width and high <= mips.height
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not smaller and wide < NEAREST * mips.width)
        small = image_of(mips.fitted(high, wide)) if smaller else None
        for row in range(place.tiles):
            for column in range(place.tiles):
                tile = QRectF(left + column * wide, top + row * high, wide, high)
                if not tile.intersects(clip):
                    continue
                if small is not None:
                    painter.drawImage(tile.topLeft(), small)
                else:
                    self._draw_part(painter, mips, tile, clip)
        painter.restore()

    @staticmethod
    def _draw_part(painter: QPainter, mips: Mips, tile: QRectF, clip: QRectF) -> None:
        """Draw the part of a magnified tile that is in sight: of a large picture that is little."""
        wide, high = tile.width() / mips.width, tile.height() / mips.height
        seen = tile.intersected(clip)
        first = max(0, int((seen.left() - tile.left()) / wide) - 1), max(0, int((seen.top() - tile.top()) / high) - 1)
        last = (
            min(mips.width, int((seen.right() - tile.left()) / wide) + 2),
            min(mips.height, int((seen.bottom() - tile.top()) / high) + 2),
        )
        part = image_of(mips.codes[first[1] : last[1], first[0] : last[0]])
        target = QRectF(
            tile.left() + first[0] * wide, tile.top() + first[1] * high, part.width() * wide, part.height() * high
        )
        painter.drawImage(target, part, QRectF(part.rect()))

    def _draw_overlays(self, painter: QPainter, pane: QRectF, ratio: float) -> None:
        if "grid" in self.shown:
            overlays.draw_grid(painter, self.place, ratio, pane)
        if "seam" in self.shown:
            overlays.draw_seams(painter, self.place, ratio, self.measures)
        if "repetition" in self.shown:
            overlays.draw_repetition(painter, self.place, ratio, self.measures)
        if self._line is not None:
            line = QLineF(self._line.p1() * ratio, self._line.p2() * ratio)
            overlays.outlined(painter, [line], ratio)
        if self.spot is not None:
            overlays.frame(painter, self._spot_box(ratio), ratio)

    def _spot_box(self, ratio: float) -> QRect:
        """Return the mark round the pixel that is read: the pixel itself where it is large enough to be seen."""
        assert self.spot is not None
        x, y, wide, high = self.place.box_of(*self.spot, self._spot_tile)
        grow_x, grow_y = (max(0.0, SPOT * ratio - side) / 2 for side in (wide, high))
        return QRect(round(x - grow_x), round(y - grow_y), round(wide + 2 * grow_x), round(high + 2 * grow_y))

    def _draw_wipe(self, painter: QPainter) -> None:
        if self.before is None:
            return
        x = round(self.width() * self.wipe)
        overlays.outlined(painter, [QLineF(x, 0, x, self.height())], 1)
        painter.setPen(QPen(THEME.over_picture(True, 0.62), 1))
        painter.setBrush(THEME.over_picture())
        painter.drawRoundedRect(QRectF(x - 3, self.height() / 2 - 14, 6, 28), 3, 3)
        overlays.plate(painter, QPointF(max(4, x - 26), 28), "A", "text1")
        overlays.plate(painter, QPointF(min(x + 8, self.width() - 24), 28), "B", "text1")

    def _draw_notes(self, painter: QPainter) -> None:
        """Draw what is to be known of the picture at its foot: that it is old, brightened, or has a seam."""
        bottom = self.height() - 8.0
        for words, token in reversed(self.notes):
            bottom = overlays.plate(painter, QPointF(8, bottom), words, token).top() - 4

    def _draw_focus(self, painter: QPainter) -> None:
        if self.hasFocus() and self._by_keys:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(THEME.color("accent"), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    # ---- pointer and keys ----

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        if self.fits:
            self.fit()
        elif event is not None:
            ratio = self._ratio()
            grown = (event.size() - event.oldSize()) / 2
            self.place = self.place.moved(grown.width() * ratio, grown.height() * ratio, *self._device_size())

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None or self.mips is None:
            return
        self.zoom(1.2 ** (event.angleDelta().y() / 120), event.position())
        self._point(event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self.mips is None:
            return
        self._from = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._on_wipe(event.position()):
            self._drag = "wipe"
        elif left and self.picking:
            self._drag = "pick"
        elif left or event.button() == Qt.MouseButton.MiddleButton:
            self._drag = "pan"

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        point = event.position()
        if self._drag == "wipe":
            self.wipe = min(max(point.x() / max(1, self.width()), 0.0), 1.0)
            self.update()
        elif self._drag == "pan":
            ratio = self._ratio()
            by, self._from = (point - self._from) * ratio, point
            if by.manhattanLength():
                self.fits = False
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.place = self.place.moved(by.x(), by.y(), *self._device_size())
                self._settle()
        elif self._drag == "pick" and (self._line is not None or QLineF(self._from, point).length() > 4):
            self._line = QLineF(self._from, point)
        if not self._drag and not self.picking:
            on_wipe = self._on_wipe(point)
            self.setCursor(Qt.CursorShape.SplitHCursor if on_wipe else Qt.CursorShape.ArrowCursor)
        self._point(point)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        drag, line = self._drag, self._line
        self._drag, self._line = "", None
        if event is not None and drag == "pick":
            if line is not None:
                places = (self.pixel_at(line.pointAt(n / (LINE_SAMPLES - 1))) for n in range(LINE_SAMPLES))
                self.line_picked.emit([place for place in places if place is not None])
            elif (place := self.pixel_at(event.position())) is not None:
                self.picked.emit(*place)
        self.setCursor(Qt.CursorShape.CrossCursor if self.picking else Qt.CursorShape.ArrowCursor)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton and not self.picking:
            self.fit()

    def leaveEvent(self, event: QEvent | None) -> None:
        self.pointed.emit(None)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        if event is not None:
            self._point(event.position())

    def _point(self, point: QPointF) -> None:
        ratio = self._ratio()
        place = self.pixel_at(point)
        if place is not None:
            self.spot = place
            self._spot_tile = self.place.tile_at(point.x() * ratio, point.y() * ratio)
        self.pointed.emit(place)
        self.update()

    def _on_wipe(self, point: QPointF) -> bool:
        return self.before is not None and abs(point.x() - self.width() * self.wipe) <= WIPE_HIT

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None or self.mips is None:
            super().keyPressEvent(event)
            return
        key, far = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        middle = QPointF(self.rect().center())
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if key in steps:
            row, column = self.spot or (self.place.rows // 2, self.place.columns // 2)
            down, across = steps[Qt.Key(key)]
            self.set_spot(row + down * (10 if far else 1), column + across * (10 if far else 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.picking and self.spot is not None:
            self.picked.emit(*self.spot)
        elif key == Qt.Key.Key_Escape and self.picking:
            self.given_up.emit()
        elif key in (Qt.Key.Key_F, Qt.Key.Key_Home):
            self.fit()
        elif key == Qt.Key.Key_1:
            self.real_size()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1 / 1.2 if key == Qt.Key.Key_Minus else 1.2, middle)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
        self._by_keys = event is not None and event.reason() in reasons
        super().focusInEvent(event)
