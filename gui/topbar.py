"""The bar on top of the window: the sign of the app, the open documents, search, undo, workspaces and Export."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from gui.drawing import draw_close, rounded, text, text_width
from gui.fields import SearchButton
from gui.parts import Segmented, Tool, box, button
from gui.theme import RADIUS, SIZE, THEME


def draw_sign(painter: QPainter, centre: QPointF, scale: float = 1.0) -> None:
    """Draw the sign of the app: four inlaid pieces, one of another wood."""
    side, gap = 9.5 * scale, 1.0 * scale
    for column, row, token in ((0, 0, "text1"), (1, 0, "text3"), (0, 1, "text3"), (1, 1, "accent")):
        x = centre.x() - side - gap / 2 + column * (side + gap)
        y = centre.y() - side - gap / 2 + row * (side + gap)
        path = QPainterPath()
        path.addRoundedRect(QRectF(x, y, side, side), 2 * scale, 2 * scale)
        painter.fillPath(path, THEME.color(token))


class Sign(QToolButton):
    """The sign of the app, which opens the full menu."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(32, 32)
        self.setToolTip("Menu  F10")
        self.setAccessibleName("Menu")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_sign(painter, QPointF(self.rect().center()) + QPointF(0.5, 0.5))


class Tabs(QWidget):
    """The open documents: click to show, a dot says unsaved, a cross closes."""

    chosen = pyqtSignal(int)
    closing = pyqtSignal(int)

    LONGEST = 180.0

    def __init__(self) -> None:
        super().__init__()
        self.titles: list[tuple[str, bool]] = []
        self.current = -1
        self._hot = -1
        self.setFixedHeight(SIZE["top_bar"])
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Open documents")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_tabs(self, titles: Sequence[tuple[str, bool]], current: int) -> None:
        """Show documents by title and whether they have edits that are not saved."""
        self.titles, self.current = list(titles), current
        self.updateGeometry()
        self.update()

    def _wide(self, index: int) -> float:
        return min(text_width(self.titles[index][0]), self.LONGEST) + 44

    def sizeHint(self) -> QSize:
        return QSize(round(sum(map(self._wide, range(len(self.titles))))), SIZE["top_bar"])

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 120), SIZE["top_bar"])

    def _cell(self, index: int) -> QRectF:
        return QRectF(sum(map(self._wide, range(index))), 0, self._wide(index), self.height())

    def _at(self, at: QPointF) -> int:
        return next((index for index in range(len(self.titles)) if self._cell(index).contains(at)), -1)

    def _cross(self, index: int) -> QRectF:
        cell = self._cell(index)
        return QRectF(cell.right() - 27, cell.center().y() - 10, 20, 20)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, (title, unsaved) in enumerate(self.titles):
            cell, on = self._cell(index), index == self.current
            if on:
                rounded(painter, cell.adjusted(0, 6, 0, -6), RADIUS["button"], THEME.color("raised"))
                if self.hasFocus():
                    box_ = cell.adjusted(0.5, 6.5, -0.5, -6.5)
                    rounded(painter, box_, RADIUS["button"], None, THEME.color("accent"))
            text(painter, cell.adjusted(12, 0, -28, 0), title, "text1" if on else "text2")
            if unsaved and index != self._hot:
                middle = self._cross(index).center()
                rounded(painter, QRectF(middle.x() - 3, middle.y() - 3, 6, 6), 3, THEME.color("text3"))
            elif on or index == self._hot:
                draw_close(painter, self._cross(index).center())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        index = self._at(event.position()) if event is not None else -1
        if event is None or index < 0:
            return
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or self._cross(index).contains(event.position()):
            self.closing.emit(index)
        elif index != self.current:
            self.chosen.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        hot = self._at(event.position()) if event is not None else -1
        if hot != self._hot:
            self._hot = hot
            self.setToolTip(self.titles[hot][0] + (", not saved" if self.titles[hot][1] else "") if hot >= 0 else "")
            self.update()

    def leaveEvent(self, event: QEvent | None) -> None:
        self._hot = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key())) if event is not None else None
        if step is not None and 0 <= self.current + step < len(self.titles):
            self.chosen.emit(self.current + step)
        else:
            super().keyPressEvent(event)


class TopBar(QWidget):
    """The bar as a whole; what it is asked it says by signals."""

    def __init__(self, workspaces: Sequence[str]) -> None:
        super().__init__()
        self.sign = Sign()
        self.tabs = Tabs()
        self.new = Tool("plus", "New material  Ctrl N")
        self.search = SearchButton("Search or run a command", "Ctrl Shift P")
        self.undo = Tool("arrow-u-up-left", "Undo  Ctrl Z")
        self.redo = Tool("arrow-u-up-right", "Redo  Ctrl Shift Z")
        self.workspaces = Segmented("Workspace", list(workspaces))
        self.workspaces.setFixedWidth(64 * len(workspaces))
        self.export = button("Export", "primary", "export")
        self.export.setToolTip("Export texture maps  Ctrl E")
        parts = [
            self.sign,
            4,
            self.tabs,
            self.new,
            None,
            self.search,
            None,
            self.undo,
            self.redo,
            8,
            self.workspaces,
            8,
        ]
        row = box([*parts, self.export], gap=4, margins=(8, 0, 12, 0), surface="panel", height=SIZE["top_bar"])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.addWidget(row)
