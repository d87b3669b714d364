"""What is drawn over a picture: marks in two tones, which stand out from anything, and words on plates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from gui.drawing import CENTRE, rounded, text, text_width
from gui.theme import RADIUS, THEME
from gui.views.geometry import Geometry
from materials.checks import repetition, seam

CELLS = 8
"""Grid cells along a side of the tile."""

FINEST = 12
"""Device pixels that a pixel must have before each gets a grid cell."""


@dataclass(frozen=True)
class Measures:
    """How visible a picture's border is and where most, and how strongly it repeats inside itself and after what."""

    seam: float
    seam_at: tuple[int, int]
    repetition: float
    shift: tuple[int, int]


def measured(image: np.ndarray) -> Measures:
    """Return what the overlays of a picture show; values that are no numbers count as 0."""
    image = np.nan_to_num(image)
    score, place = seam(image)
    if image.ndim == 3 and image.shape[2] != 3:
        image = np.ascontiguousarray(image.mean(axis=2))
    again, shift = repetition(image)
    return Measures(score, place, again, shift)


def outlined(painter: QPainter, draw: list[QLineF], ratio: float, dashed: bool = False) -> None:
    """Draw lines in white on black, one device-independent pixel wide, at a ratio of device pixels."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for dark, alpha, width in ((True, 0.62, 3.0), (False, 1.0, 1.25)):
        pen = QPen(THEME.over_picture(dark, alpha), width * ratio)
        if dashed and not dark:
            pen.setDashPattern([4, 4])
        painter.setPen(pen)
        for line in draw:
            painter.drawLine(line)


def frame(painter: QPainter, box: QRect, ratio: float) -> None:
    """Draw a frame round a box of device pixels, white between black, sharp at any size and on any ground."""
    width = max(1, round(ratio))
    for step, dark in enumerate((True, False, True)):
        grow = (2 - step) * width
        outer = box.adjusted(-grow, -grow, grow, grow)
        inner = outer.adjusted(width, width, -width, -width)
        colour = THEME.over_picture(dark, 0.7 if dark else 1.0)
        painter.fillRect(outer.x(), outer.y(), outer.width(), width, colour)
        painter.fillRect(outer.x(), inner.bottom() + 1, outer.width(), width, colour)
        painter.fillRect(outer.x(), inner.y(), width, inner.height(), colour)
        painter.fillRect(inner.right() + 1, inner.y(), width, inner.height(), colour)


def plate(painter: QPainter, at: QPointF, words: str, token: str = "text1") -> QRectF:
    """Draw words on a plate whose bottom left is at a point; the painter counts device-independent pixels."""
    box = QRectF(at.x(), at.y() - 20, text_width(words, "caption") + 12, 20)
    rounded(painter, box, RADIUS["field"], THEME.color("popover", 0.88))
    text(painter, box, words, token, "caption", CENTRE)
    return box


def draw_grid(painter: QPainter, place: Geometry, ratio: float, pane: QRectF) -> None:
    """Draw eighths of the tile, or each pixel where they are large enough to be counted."""
    left, top = place.corner
    wide, high = place.extent
    fine = place.tile_width / place.columns >= FINEST * ratio
    step_x = place.tile_width / (place.columns if fine else CELLS)
    step_y = place.tile_height / (place.rows if fine else CELLS)
    lines = []
    for n in range(max(0, int((pane.left() - left) / step_x)), round(wide / step_x) + 1):
        x = left + n * step_x
        if x > pane.right():
            break
        lines.append(QLineF(x, max(top, pane.top()), x, min(top + high, pane.bottom())))
    for n in range(max(0, int((pane.top() - top) / step_y)), round(high / step_y) + 1):
        y = top + n * step_y
        if y > pane.bottom():
            break
        lines.append(QLineF(max(left, pane.left()), y, min(left + wide, pane.right()), y))
    for dark, alpha in ((True, 0.35), (False, 0.45)):
        painter.setPen(QPen(THEME.over_picture(dark, alpha), ratio * (2 if dark else 1)))
        for line in lines:
            painter.drawLine(line)


def draw_seams(painter: QPainter, place: Geometry, ratio: float, found: Measures | None) -> None:
    """Draw where tiles meet, and a ring where the step across is largest, if it can be seen at all."""
    left, top = place.corner
    wide, high = place.extent
    xs = [left + n * place.tile_width for n in range(place.tiles + 1)]
    ys = [top + n * place.tile_height for n in range(place.tiles + 1)]
    lines = [QLineF(x, top, x, top + high) for x in xs] + [QLineF(left, y, left + wide, y) for y in ys]
    outlined(painter, lines, ratio, dashed=True)
    if found is None or found.seam <= SEEN:
        return
    x, y, width, height = place.box_of(*found.seam_at)
    radius = max(10 * ratio, width)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for dark, weight in ((True, 4.0), (False, 2.0)):
        painter.setPen(QPen(THEME.over_picture() if not dark else THEME.over_picture(True, 0.62), weight * ratio))
        painter.drawEllipse(QPointF(x + width, y + height), radius, radius)


SEEN = 1.05
"""The seam's score from which a border can be seen."""


def seam_words(found: Measures) -> tuple[str, str]:
    """Return a line on a picture's border, and its token."""
    if found.seam <= SEEN:
        return "no seam", "ok"
    return f"seam {found.seam:.2f} times the steps inside", "error" if found.seam > 1.5 else "warning"


def draw_repetition(painter: QPainter, place: Geometry, ratio: float, found: Measures | None) -> None:
    """Draw an arrow, from the middle of the tile in sight, to where the picture most looks like there."""
    if found is None or found.repetition <= 0:
        return
    rows, columns = _shortest(found.shift, place.rows, place.columns)
    x, y, _, _ = place.box_of(place.rows // 2, place.columns // 2)
    end = QPointF(x + columns * place.tile_width / place.columns, y + rows * place.tile_height / place.rows)
    start = QPointF(x, y)
    outlined(painter, [QLineF(start, end)], ratio)
    for point in (start, end):
        half = round(4 * ratio)
        frame(painter, QRect(round(point.x()) - half, round(point.y()) - half, 2 * half, 2 * half), ratio)
    line = QLineF(end, start)
    if line.length() < 1:
        return
    head = []
    for turn in (-25.0, 25.0):
        arm = QLineF(line)
        arm.setLength(9 * ratio)
        arm.setAngle(line.angle() + turn)
        head.append(arm.p2())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(THEME.over_picture())
    painter.drawPolygon(QPolygonF([end, *head]))


def _shortest(shift: tuple[int, int], rows: int, columns: int) -> tuple[int, int]:
    """Return a shift the shorter way round the tile."""
    down, across = shift
    return down - rows if down > rows / 2 else down, across - columns if across > columns / 2 else across


def repetition_words(found: Measures, place: Geometry) -> tuple[str, str]:
    """Return a line on how a picture repeats inside itself, and its token."""
    down, across = _shortest(found.shift, place.rows, place.columns)
    words = f"{found.repetition:.0%} alike after {across}, {down}".replace("%", " %").replace("-", "−")
    return words, "warning" if found.repetition > REPEATS else "text2"


REPEATS = 0.9
"""The share from which a picture all but copies itself."""
