"""What is known of a picture and of its pixel under the cursor: a column beside it, or a line below it."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from gui.drawing import LEFT, RIGHT, rounded, text, text_width
from gui.histogram import draw_histogram
from gui.readings import Reading
from gui.theme import RADIUS, THEME

LINE = 28
"""Height of the facts as one line."""

NAMES = (56, 96)
"""Least and most width of the column of names."""

INSET = 8
"""Left of the column, where a magnified picture ends."""

FADED = 0.55
"""How much of a histogram is left that is of an older graph."""
ROW = 18
LEAST_HISTOGRAM, TALLEST_HISTOGRAM = 44, 120


class FactsPanel(QWidget):
    """Readings of a pixel, a histogram and a verdict; `in_line` puts what fits of them into one line."""

    def __init__(self) -> None:
        super().__init__()
        self.readings: list[Reading] = []
        self.code = ""
        self.counts = np.zeros((0, 1), np.int64)
        self.verdict = ("", "text3")
        self.in_line = False
        self.stale = False
        self.setAccessibleName("Facts of the picture")

    def set_in_line(self, in_line: bool) -> None:
        self.in_line = in_line
        self.setMinimumHeight(LINE if in_line else 0)
        self.setMaximumHeight(LINE if in_line else 16777215)
        self.updateGeometry()
        self.update()

    def set_pixel(self, code: str, readings: list[Reading]) -> None:
        """Show what a pixel is; nothing where none has been pointed at."""
        self.code, self.readings = code, readings
        self.setAccessibleDescription(", ".join(f"{name} {value}" for name, value in readings))
        self._hint()
        self.update()

    def set_picture(self, counts: np.ndarray, verdict: tuple[str, str]) -> None:
        """Show how a picture's tones lie, and whether they are in range."""
        self.counts, self.verdict = counts, verdict
        self._hint()
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Say by fading whether the numbers are of an older graph."""
        self.stale = stale
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(206, LINE if self.in_line else 200)

    def _hint(self) -> None:
        rows = [f"{name}: {value}" for name, value in self.readings]
        self.setToolTip("\n".join([*rows, self.verdict[0]]) if self.in_line else self.verdict[0])

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), THEME.color("well"))
        if self.in_line:
            self._draw_line(painter)
        else:
            self._draw_column(painter)

    def _tone(self, token: str) -> str:
        return "text3" if self.stale else token

    def _draw_column(self, painter: QPainter) -> None:
        width, height = self.width() - INSET - 12.0, float(self.height())
        painter.translate(INSET, 0)
        text(painter, QRectF(0, 10, width, 18), self._head(), "text3", "caption")
        top = 34.0
        if self.code:
            rounded(painter, QRectF(0, 32, 24, 24), RADIUS["field"], QColor(self.code), THEME.color("text1", 0.12))
            text(painter, QRectF(34, 32, width - 34, 24), self.code, self._tone("text1"))
            top = 64.0
        foot = height - 30 if self.verdict[0] else height - 12
        space = foot - top - (LEAST_HISTOGRAM + 12 if len(self.counts) else 0)
        rows = self.readings[: max(0, int(space // ROW))]
        names = max((text_width(name, "caption") + 12 for name, _ in rows), default=0)
        names = min(max(names, NAMES[0]), NAMES[1])
        for name, value in rows:
            text(painter, QRectF(0, top, names - 4, ROW), name, "text3", "caption")
            text(painter, QRectF(names, top, width - names, ROW), value, self._tone("text1"), "caption")
            top += ROW
        well = QRectF(0, top + 12, width, max(0.0, foot - top - 12))
        if len(self.counts) and well.height() >= LEAST_HISTOGRAM / 2:
            self._draw_histogram(painter, well)
        words, token = self.verdict
        text(painter, QRectF(0, height - 26, width, 16), words, self._tone(token), "caption", RIGHT)

    def _draw_histogram(self, painter: QPainter, well: QRectF) -> None:
        well.setTop(max(well.top(), well.bottom() - TALLEST_HISTOGRAM))
        painter.setOpacity(FADED if self.stale else 1.0)
        rounded(painter, well, RADIUS["field"], THEME.color("panel"))
        draw_histogram(painter, well.adjusted(4, 6, -4, -1), self.counts)
        painter.setOpacity(1.0)

    def _head(self) -> str:
        return "Under the cursor" if self.readings else "Point at the picture to read it"

    def _draw_line(self, painter: QPainter) -> None:
        x, width = 12.0, self.width() - 12.0
        words, token = self.verdict
        long = text_width(words, "caption")
        if not self.readings:
            text(painter, QRectF(x, 0, width - x, LINE), words, self._tone(token), "caption", LEFT)
            return
        if self.code:
            rounded(painter, QRectF(x, 7, 14, 14), RADIUS["tick"], QColor(self.code), THEME.color("text1", 0.12))
            text(painter, QRectF(x + 20, 0, 60, LINE), self.code, self._tone("text1"), "caption")
            x += 20 + text_width(self.code, "caption") + 14
        pressing = token in ("warning", "error")
        end = width - long - 14 if pressing else width
        for name, value in self.readings:
            wide = text_width(name, "caption") + 6, text_width(value, "caption")
            if x + sum(wide) > end:
                break
            text(painter, QRectF(x, 0, wide[0], LINE), name, "text3", "caption")
            text(painter, QRectF(x + wide[0], 0, wide[1] + 2, LINE), value, self._tone("text1"), "caption")
            x += sum(wide) + 14
        if x + long < width:
            text(painter, QRectF(width - long - 1, 0, long + 1, LINE), words, self._tone(token), "caption", RIGHT)
