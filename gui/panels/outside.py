"""Which of a node's parameters the material shows as its own: a line each."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter

from gui.controls.control import Control
from gui.drawing import RIGHT, rounded, text
from gui.panels.group import Group
from gui.panels.items import Item, Section
from gui.parts import draw_icon
from gui.theme import RADIUS, SIZE, THEME

TITLE = "Exposed in the material"


class ExposedLine(Control):
    """An exposed parameter as the material calls it; a click edits that."""

    asked = pyqtSignal(str)

    def __init__(self, item: Item) -> None:
        super().__init__("", "Click to edit")
        self.setFixedHeight(SIZE["field"])
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_item(item)

    def show_item(self, item: Item) -> None:
        """Show another state of the same parameter."""
        self.item = item
        entry = item.exposed
        self.words = entry.label or entry.name if entry is not None else item.label
        self.group = entry.group if entry is not None else ""
        self.setAccessibleName(f"{item.label} is {self.words} in {self.group or 'the material'}")
        self.update()

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        if self.hovered:
            rounded(painter, rect.adjusted(8, 0, 0, 0), RADIUS["field"], THEME.color("field"))
        draw_icon(painter, QRectF(12, rect.center().y() - 7, 14, 14), "arrow-square-out", "accent")
        text(painter, rect.adjusted(34, 0, -110, 0), self.words, "text1")
        text(painter, rect.adjusted(rect.width() - 106, 0, -8, 0), self.group, "text3", "caption", RIGHT)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.asked.emit(self.item.name)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit(self.item.name)
        else:
            super().keyPressEvent(event)


class OutsideGroup(Group):
    """The group of a node's exposed parameters; it is there only while there are any."""

    asked = pyqtSignal(str)

    def __init__(self, is_open: bool) -> None:
        super().__init__(TITLE, is_open)
        self._lines: list[ExposedLine] = []
        self.hide()

    def show_sections(self, sections: tuple[Section, ...]) -> None:
        """Show which of a node's rows are exposed."""
        items = [item for section in sections for item in section.items]
        found = [item for item in items if item.exposed is not None]
        while len(self._lines) > len(found):
            line = self._lines.pop()
            line.hide()
            line.deleteLater()
        for index, item in enumerate(found):
            if index == len(self._lines):
                self._lines.append(ExposedLine(item))
                self._lines[-1].asked.connect(self.asked)
                self.add(self._lines[-1])
            self._lines[index].show_item(item)
        self.head.set_note(f"{len(found)} of {len(items)}")
        self.setVisible(bool(found))
