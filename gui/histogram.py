"""How tones lie, drawn: as a widget under a picture, and as a ground behind a curve."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.theme import THEME

FILL, GROUND = 0.34, 0.22
"""How much of its colour an area has in a histogram, and as a ground behind a curve."""


def heights(counts: np.ndarray) -> np.ndarray:
    """Return how high each bin is drawn, 0 to 1, channels alike: roots, so that rare tones can be seen."""
    roots = np.sqrt(np.maximum(counts, 0).astype(np.float64))
    if not roots.size:
        return roots
    # A flat area, which is all in one bin, would flatten everything else, so it may run off the top.
    highest = float(roots.max())
    second = float(np.sort(roots, axis=1)[:, -2].max()) if roots.shape[1] > 1 else highest
    limit = max(second, highest / 3)
    return np.minimum(roots / limit, 1.0) if limit > 0 else roots


def draw_histogram(painter: QPainter, rect: QRectF, counts: np.ndarray, ground: bool = False) -> None:
    """Draw counts (channels, bins) into a box: red, green and blue areas, or one of gray.

    As a `ground` behind something else it is quieter and has no lines.
    """
    alone = len(counts) == 1
    for number, bins in enumerate(heights(counts)):
        colour = THEME.color("text2") if alone else THEME.channel(number)
        path = _area(rect, bins)
        tint = QColor(colour)
        tint.setAlphaF(GROUND if ground else FILL)
        painter.fillPath(path, tint)
        if not ground:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1))
            painter.drawPath(_line(rect, bins))


def _points(rect: QRectF, bins: np.ndarray) -> list[QPointF]:
    step = rect.width() / max(1, len(bins) - 1)
    return [QPointF(rect.x() + step * i, rect.bottom() - rect.height() * float(h)) for i, h in enumerate(bins)]


def _line(rect: QRectF, bins: np.ndarray) -> QPainterPath:
    points = _points(rect, bins)
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    return path


def _area(rect: QRectF, bins: np.ndarray) -> QPainterPath:
    path = QPainterPath(rect.bottomLeft())
    for point in _points(rect, bins):
        path.lineTo(point)
    path.lineTo(rect.bottomRight())
    path.closeSubpath()
    return path
