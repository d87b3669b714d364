"""Fields to search in: one to type in, and one that opens the search popup."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractButton, QLineEdit, QToolButton

from gui.drawing import LEFT, RIGHT, rounded, text
from gui.parts import draw_icon, icon
from gui.theme import RADIUS, SIZE, THEME


class SearchField(QLineEdit):
    """A field with a glass at its front and its key at its end; Esc empties it, Down asks for what was found."""

    left = pyqtSignal()
    """Down was pressed: the first thing found wants the focus."""

    def __init__(self, hint: str, key: str = "") -> None:
        super().__init__()
        self.key = key
        self.setMinimumHeight(SIZE["search"])
        self._glass = QAction(icon("magnifying-glass", "text3"), "Search", self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._clear = QAction(icon("x", "text3"), "Clear", self)
        self._clear.triggered.connect(self.clear)
        self._clear.setVisible(False)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        for action, made in zip((self._glass, self._clear), self.findChildren(QToolButton), strict=True):
            made.setAccessibleName(action.text())
        self.textChanged.connect(self._show_clear)
        self.set_hint(hint)

    def set_hint(self, hint: str) -> None:
        """Say what is searched; also to those who hear it."""
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)

    def _show_clear(self, typed: str) -> None:
        self._clear.setVisible(bool(typed))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        if self.key and not self.text():
            painter = QPainter(self)
            text(painter, QRectF(self.rect()).adjusted(0, 0, -8, 0), self.key, "text3", "caption", RIGHT)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event is not None and event.key() == Qt.Key.Key_Down:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._glass.setIcon(icon("magnifying-glass", "text3"))
            self._clear.setIcon(icon("x", "text3"))


class SearchButton(QAbstractButton):
    """What looks like a search field and opens the search when it is pressed."""

    def __init__(self, words: str, key: str) -> None:
        super().__init__()
        self.key = key
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(f"{words} ({key})")
        self.setFixedSize(SIZE["popup"], SIZE["search"])
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        ground = "field_hover" if self.underMouse() else "field"
        line = THEME.color("accent") if self.hasFocus() else None
        rounded(painter, rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["field"], THEME.color(ground), line)
        draw_icon(painter, QRectF(9, 7, 14, 14), "magnifying-glass", "text3")
        text(painter, rect.adjusted(32, 0, -96, 0), self.text(), "text3", "body", LEFT)
        text(painter, rect.adjusted(0, 0, -10, 0), self.key, "text3", "caption", RIGHT)
