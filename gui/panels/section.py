"""A section of the library: its head, and its cells while it is open."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from gui.drawing import LEFT, RIGHT, rounded, text
from gui.panels.cells import Cell, Grid
from gui.parts import draw_icon
from gui.sections import Group
from gui.theme import SIZE, THEME


class Header(QAbstractButton):
    """The head of a section: a caret, its dot, its title, and how many nodes it holds; Left closes, Right opens."""

    def __init__(self, group: Group, count: int) -> None:
        super().__init__()
        self.about = group
        self.count = count
        self.setCheckable(True)
        self.setText(group.title)
        self.setFixedHeight(SIZE["row"])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(f"{group.title}, {count} nodes")

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, lit = QRectF(self.rect()), self.isChecked() or self.underMouse()
        if self.hasFocus():
            rounded(painter, rect.adjusted(4.5, 1.5, -4.5, -1.5), 4, None, THEME.color("accent"))
        middle = rect.center().y()
        draw_icon(painter, QRectF(10, middle - 6, 12, 12), "caret-down" if self.isChecked() else "caret-right", "text3")
        rounded(painter, QRectF(28, middle - 4, 8, 8), 2.5, THEME.category(self.about.colour))
        text(painter, rect.adjusted(42, 0, -44, 0), self.text(), "text1" if lit else "text2", "body", LEFT)
        text(painter, rect.adjusted(0, 0, -14, 0), str(self.count), "text3", "caption", RIGHT)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        wanted = {Qt.Key.Key_Left: False, Qt.Key.Key_Right: True}.get(Qt.Key(event.key())) if event else None
        if wanted is not None:
            self.setChecked(wanted)
        elif event is not None and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Section(QWidget):
    """A section with its cells, which are made when it is opened for the first time."""

    def __init__(self, group: Group, keys: list[str], cell_of: Callable[[str], Cell]) -> None:
        super().__init__()
        self.group, self.keys, self._cell_of = group, keys, cell_of
        self.header, self.grid = Header(group, len(keys)), Grid()
        self.grid.hide()
        self.header.toggled.connect(self._toggle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.grid)

    def cells(self) -> list[Cell]:
        """Return new cells of all that the section holds."""
        return [self._cell_of(key) for key in self.keys]

    def _toggle(self, is_open: bool) -> None:
        if is_open and not self.grid.cells:
            self.grid.set_cells(self.cells())
        self.grid.setVisible(is_open)
