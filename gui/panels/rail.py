"""The library where there is no room for it: a rail of dots, each of which opens its section beside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PyQt6.QtCore import QPoint, QRectF, Qt
from PyQt6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from gui.drawing import rounded
from gui.overlay import Outside, Shadow, fade_in, placed
from gui.panels.cells import Cell, Grid
from gui.panels.section import Section
from gui.parts import box, draw_icon, label
from gui.sections import Group
from gui.theme import SIZE, THEME


class Dot(QAbstractButton):
    """A section in the rail: its icon with the dot of its colour."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.about = group
        self.setFixedSize(SIZE["icon_button"], SIZE["icon_button"])
        self.setToolTip(group.title)
        self.setAccessibleName(group.title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.underMouse() or self.hasFocus():
            line = THEME.color("accent") if self.hasFocus() else None
            rounded(painter, rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, THEME.color("field_hover"), line)
        draw_icon(painter, QRectF(6, 6, 16, 16), self.about.icon, "text2")
        rounded(painter, QRectF(19, 19, 6, 6), 2, THEME.category(self.about.colour))


class Rail(QFrame):
    """The library 40 px wide: one dot for each section, which opens it beside."""

    def __init__(self, sections: Iterable[Section]) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.flyout: Flyout | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 8, 6, 8)
        layout.setSpacing(2)
        for section in sections:
            dot = Dot(section.group)
            dot.clicked.connect(partial(self._open, section, dot))
            layout.addWidget(dot)
        layout.addStretch(1)

    def _open(self, section: Section, dot: Dot) -> None:
        window = self.window()
        if window is None:
            return
        if self.flyout is None or self.flyout.parentWidget() is not window:
            self.flyout = Flyout(window)
        self.flyout.open_at(dot.mapToGlobal(QPoint(dot.width() + 10, -6)), section.group.title, section.cells())


class Flyout(QFrame):
    """A section's cells over the window, until something else is pressed."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("surface", "popover")
        self.setFixedWidth(SIZE["library"])
        self.title, self.grid = label("", "title"), Grid((12, 4, 2, 12))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(box([self.title], margins=(12, 8, 12, 4)))
        layout.addWidget(self.grid)
        self.shadow, self._outside = Shadow(self), Outside(self)
        self.hide()

    def open_at(self, at: QPoint, title: str, cells: list[Cell]) -> None:
        """Show cells at a point of the screen; the first gets the focus."""
        self.title.setText(title)
        self.setAccessibleName(title)
        self.grid.resize(self.width() - 2, 10)
        self.grid.set_cells(cells)
        for cell in cells:
            cell.taken.connect(self.hide)
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(placed(parent, at, self.width(), self.sizeHint().height()))
        self.show()
        self.raise_()
        self.shadow.stackUnder(self)
        self._outside.watch(True)
        if cells:
            cells[0].setFocus(Qt.FocusReason.PopupFocusReason)
        fade_in(self)

    def hideEvent(self, event: QHideEvent | None) -> None:
        self._outside.watch(False)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
