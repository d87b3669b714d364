"""The items of frames and comments: a tinted ground with a title, or words without a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.faces import NO_DETAIL, NO_TEXT
from gui.canvas.items import Z_FRAME
from gui.drawing import rounded, text
from gui.theme import RADIUS, THEME, mix

TITLE, STRIP = 28, 56
"""How high a title is, and how high it may be on the canvas from afar."""
NO_TITLE = 0.12
"""Zoom under which a title is not read."""
CORNER = 16
LEAST = (96.0, 56.0)


def rect_of(frame: Mapping[str, Any]) -> QRectF:
    """Return a frame's rectangle."""
    return QRectF(*(float(part) for part in frame["rect"]))


class FrameItem(QGraphicsItem):
    """A frame or a comment, by its place in the document's frames."""

    def __init__(self, index: int, frame: Mapping[str, Any]) -> None:
        super().__init__()
        self.index = index
        self.frame = frame
        self.rect = rect_of(frame)
        self.selected = self.hovered = False
        self.set_frame(index, frame)

    def set_frame(self, index: int, frame: Mapping[str, Any]) -> None:
        """Show another state of the frame."""
        self.prepareGeometryChange()
        self.index, self.frame = index, frame
        rect = rect_of(frame)
        self.setPos(rect.topLeft())
        self.rect = QRectF(QPointF(0, 0), rect.size())
        # Smaller frames lie on larger ones, so that one within another can be taken hold of.
        self.setZValue(Z_FRAME + 3 / (1 + self.rect.width() * self.rect.height() / 1e4))
        self.update()

    @property
    def comment(self) -> bool:
        return self.frame.get("kind") == "comment"

    def tell(self, **states: bool) -> None:
        for name, value in states.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                self.update()

    def part_at(self, point: QPointF) -> str:
        """Return what of the frame is at a point of the canvas: "title", "corner", "body", or nothing."""
        spot = point - self.pos()
        if not self.rect.adjusted(0, 0, 4, 4).contains(spot):
            return ""
        if spot.x() > self.rect.width() - CORNER and spot.y() > self.rect.height() - CORNER:
            return "corner"
        return "title" if spot.y() < TITLE or self.comment else "body"

    def boundingRect(self) -> QRectF:
        return self.rect.adjusted(-4, -4, 4, 4)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None
    ) -> None:
        if painter is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        tone, canvas = THEME.category(str(self.frame.get("colour", ""))), THEME.color("canvas")
        line = THEME.color("accent") if self.selected else THEME.color("text3") if self.hovered else None
        if not self.comment:
            line = line or mix(canvas, tone, 0.28)
            rounded(painter, self.rect, RADIUS["frame"], mix(canvas, tone, 0.07), line, 2 if self.selected else 1)
        elif line is not None:
            rounded(painter, self.rect, RADIUS["frame"], None, line, 2 if self.selected else 1)
        if NO_TITLE <= zoom < NO_TEXT and not self.comment:
            self._paint_title(painter, zoom)
        elif zoom >= NO_DETAIL:
            self._paint_words(painter, zoom)
        if line is not None and (self.hovered or self.selected) and zoom >= NO_DETAIL:
            self._paint_corner(painter)

    def _paint_words(self, painter: QPainter, zoom: float) -> None:
        title, body = str(self.frame.get("title", "")), str(self.frame.get("text", ""))
        inner = self.rect.adjusted(14, 4, -14, -8)
        if title:
            text(painter, QRectF(inner.x(), inner.y(), inner.width(), 24), title, "text2", "title")
        if body and zoom >= NO_TEXT:
            painter.setFont(THEME.font("body"))
            painter.setPen(THEME.color("text2"))
            below = inner.adjusted(0, 24 if title else 6, 0, 0)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(below, int(flags), body)

    def _paint_title(self, painter: QPainter, zoom: float) -> None:
        """Paint the title as large on the screen as it is from near, as far as the strip above the nodes has room."""
        larger = min(1 / zoom, STRIP / TITLE)
        painter.save()
        painter.scale(larger, larger)
        width = self.rect.width() / larger
        text(painter, QRectF(8, 0, width - 16, TITLE), str(self.frame.get("title", "")), "text1", "title")
        painter.restore()

    def _paint_corner(self, painter: QPainter) -> None:
        painter.setPen(THEME.color("text3"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        corner = self.rect.bottomRight()
        for step in (6.0, 10.0):
            painter.drawLine(corner - QPointF(step + 1, 5), corner - QPointF(5, step + 1))


def comment_height(words: str, width: float) -> float:
    """Return how tall a comment has to be for its words."""
    metrics = QFontMetricsF(THEME.font("body"))
    flags = int(Qt.TextFlag.TextWordWrap)
    return max(LEAST[1], metrics.boundingRect(QRectF(0, 0, width - 28, 10_000), flags, words).height() + 22)
