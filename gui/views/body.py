"""How a picture and its facts share a view: side by side where there is room, else one above the other."""

from __future__ import annotations

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QWidget

from gui.views.facts import LINE, FactsPanel
from gui.views.pane import Pane

WIDE = 420
"""Width from which the facts stand beside the picture."""

FACTS = (200, 280)
"""Least and most width of the facts; the picture gets what a square of the height leaves."""


class Body(QWidget):
    """The picture and its facts."""

    def __init__(self, pane: Pane, facts: FactsPanel) -> None:
        super().__init__()
        self.pane, self.facts = pane, facts
        self._has_facts = True
        pane.setParent(self)
        facts.setParent(self)
        self.setMinimumSize(160, 96)

    def show_facts(self, shown: bool) -> None:
        """Show the facts, or leave all the room to the pane where there is nothing to tell."""
        if shown != self._has_facts:
            self._has_facts = shown
            self.facts.setVisible(shown)
            self._arrange()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._arrange()

    def _arrange(self) -> None:
        width, height = self.width(), self.height()
        wide = width >= WIDE
        self.facts.set_in_line(not wide)
        if not self._has_facts:
            self.pane.setGeometry(QRect(0, 0, width, height))
        elif wide:
            beside = min(max(width - height, FACTS[0]), FACTS[1])
            self.pane.setGeometry(QRect(0, 0, width - beside, height))
            self.facts.setGeometry(QRect(width - beside, 0, beside, height))
        else:
            self.pane.setGeometry(QRect(0, 0, width, height - LINE))
            self.facts.setGeometry(QRect(0, height - LINE, width, LINE))
