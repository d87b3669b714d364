"""The ground of the canvas: dots every 24, drawn from one picture made once for a zoom."""

from __future__ import annotations

import math

from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPainterPath, QPixmap, QRegion

from gui.theme import SIZE, THEME

CLOSEST = 14
"""Dots are never nearer than this, in pixels: every second one goes instead."""


class Ground:
    """Dots for a view: a picture a little larger than it, laid where the canvas wants its dots."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._tile = QPixmap()
        self._step = 0.0

    def draw(self, painter: QPainter, rect: QRectF, size: QSize, ratio: float) -> None:
        """Fill a part of the view; the painter has the view's transformation."""
        world = painter.worldTransform()
        self._make(world.m11(), size, ratio)
        target = world.mapRect(rect).toAlignedRect()
        painter.save()
        painter.resetTransform()
        left = world.dx() % self._step - self._step
        top = world.dy() % self._step - self._step
        corner_x, corner_y = target.x() - math.floor(left), target.y() - math.floor(top)
        part = QRectF(corner_x * ratio, corner_y * ratio, target.width() * ratio, target.height() * ratio)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawPixmap(QRectF(target), self._tile, part)
        painter.restore()

    def _make(self, zoom: float, size: QSize, ratio: float) -> None:
        key = (zoom, size.width(), size.height(), ratio, THEME.mode)
        if key == self._key:
            return
        self._key = key
        step = SIZE["dots"] * zoom
        while step < CLOSEST:
            step *= 2
        self._step = step
        wide, high = size.width() + 2 * math.ceil(step) + 2, size.height() + 2 * math.ceil(step) + 2
        self._tile = QPixmap(math.ceil(wide * ratio), math.ceil(high * ratio))
        self._tile.fill(THEME.color("canvas"))
        painter = QPainter(self._tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(THEME.color("canvas_dot"))
        radius = 0.75 * ratio * min(max(zoom, 1), 1.5)
        dot = QPixmap(8 * math.ceil(ratio), 8 * math.ceil(ratio))
        dot.fill(Qt.GlobalColor.transparent)
        brush = QPainter(dot)
        brush.setRenderHint(QPainter.RenderHint.Antialiasing)
        brush.setPen(Qt.PenStyle.NoPen)
        brush.setBrush(THEME.color("canvas_dot"))
        brush.drawEllipse(QRectF(dot.width() / 2 - radius, dot.height() / 2 - radius, 2 * radius, 2 * radius))
        brush.end()
        half = dot.width() / 2
        for j in range(math.ceil(high / step)):
            y = round(j * step * ratio - half)
            for i in range(math.ceil(wide / step)):
                painter.drawPixmap(round(i * step * ratio - half), y, dot)
        painter.end()


NEARBY = 20_000
"""How many pixels more it may take to paint two parts in one go."""


def apart(region: QRegion) -> list[QRect]:
    """Return rectangles that cover a region, those that lie near each other as one."""
    if region.rectCount() < 2:
        return [region.boundingRect()]
    path = QPainterPath()  # the one way to a region's rectangles
    path.addRegion(region)
    found: list[QRect] = []
    for part in path.toSubpathPolygons():
        rect = part.boundingRect().toAlignedRect()
        for index, other in enumerate(found):
            both = rect.united(other)
            if _area(both) <= _area(rect) + _area(other) + NEARBY:
                found[index] = both
                break
        else:
            found.append(rect)
    return found


def _area(rect: QRect) -> int:
    return rect.width() * rect.height()
