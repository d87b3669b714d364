"""A strip over the canvas that says what holds for the document as a whole."""

from __future__ import annotations

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QWidget

from gui.parts import Elided, Painted, box, draw_icon, stretched
from gui.theme import SIZE


class Notice(QFrame):
    """A sentence with its mark, as high as a panel's head; it stays as long as it is true."""

    def __init__(self, words: str, icon_name: str = "lock-simple", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Elided(words, "value")
        self.setAccessibleName(words)
        mark = Painted(lambda painter, rect: draw_icon(painter, rect, icon_name, "warning"), 16, 16)
        row = stretched(box([mark, self.words], gap=8, margins=(12, 0, 12, 0), height=SIZE["panel_header"]), 1)
        row.setProperty("surface", "raised")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.addWidget(row)
