"""Small widgets that all panels are built of: labels, buttons, icons, rows, segments, panel headers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache

os.environ.setdefault("QT_API", "pyqt6")  # qtawesome asks qtpy, which would take any binding that is installed

import qtawesome
from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.drawing import CENTRE, rounded, text, text_width
from gui.theme import RADIUS, SIZE, THEME

Part = QWidget | int | None
"""What a row or column is built of: a widget, a fixed space, or None for a stretch."""


# ---- icons ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _icon_pixmap(name: str, token: str, size: int, mode: str) -> QPixmap:
    scale = 4
    icon = qtawesome.icon(f"ph.{name}", color=THEME.color(token).name())
    pixmap = icon.pixmap(QSize(size * scale, size * scale))
    pixmap.setDevicePixelRatio(pixmap.width() / size)
    return pixmap


def icon_pixmap(name: str, token: str = "text2", size: int = SIZE["icon"]) -> QPixmap:
    """Return a Phosphor icon in a token's colour, sharp up to four pixels a point."""
    return _icon_pixmap(name, token, size, THEME.mode)


def icon(name: str, token: str = "text2") -> QIcon:
    """Return a Phosphor icon for a button or a menu."""
    # qtawesome keeps every icon for good, by the words of its arguments: those of a QColor are never the same twice.
    colour, disabled = THEME.color(token).name(), THEME.color("text4").name()
    return qtawesome.icon(f"ph.{name}", color=colour, color_disabled=disabled)


def draw_icon(painter: QPainter, rect: QRectF, name: str, token: str = "text2") -> None:
    """Draw an icon into a square."""
    pixmap = icon_pixmap(name, token, round(rect.width()))
    painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))


# ---- plain widgets -------------------------------------------------------------------------------


def label(words: str, role: str = "body", width: int | None = None) -> QLabel:
    """Return a label in a role: body, value, strong, title, heading, display, hint, error, warning, ok, accent."""
    made = QLabel(words)
    made.setProperty("role", role)
    made.setFont(
        THEME.font(
            {"hint": "caption"}.get(role, role if role in ("strong", "title", "heading", "display") else "body"), True
        )
    )
    if width:
        made.setFixedWidth(width)
    return made


class Elided(QLabel):
    """A label of one line that ends in an ellipsis where it does not fit, and then has its words as a tooltip."""

    def __init__(self, words: str = "", role: str = "body") -> None:
        super().__init__()
        self.role = role
        self.words, self._said = "", False
        self.setMinimumWidth(16)
        self.set_words(words)

    def set_words(self, words: str, role: str | None = None) -> None:
        """Show other words, perhaps in another role."""
        if self._said and (words, role or self.role) == (self.words, self.role):
            return
        self._said = True
        self.words, self.role = words, role or self.role
        self.setAccessibleName(words)
        self._hint()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(text_width(self.words, self._type())) + 2, 18)

    def minimumSizeHint(self) -> QSize:
        return QSize(16, 18)

    def resizeEvent(self, event: QEvent) -> None:  # type: ignore[override]  # any event with a size
        self._hint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        token = {"value": "text1", "strong": "text1", "title": "text1", "hint": "text3", "body": "text2"}
        text(painter, QRectF(self.rect()), self.words, token.get(self.role, self.role), self._type())

    def _type(self) -> str:
        return {"hint": "caption"}.get(self.role, self.role if self.role in ("strong", "title") else "body")

    def _hint(self) -> None:
        self.setToolTip(self.words if text_width(self.words, self._type()) > self.width() else "")


def glyph(name: str, token: str = "text2", size: int = SIZE["icon"]) -> QLabel:
    """Return an icon that does nothing."""
    made = QLabel()
    made.setPixmap(icon_pixmap(name, token, size))
    made.setFixedSize(size, size)
    return made


def button(words: str, role: str = "", icon_name: str = "") -> QPushButton:
    """Return a button; a window has one of role "primary" at most, "quiet" ones have no ground."""
    made = QPushButton(words)
    made.setProperty("role", role)
    made.setFont(THEME.font("strong" if role == "primary" else "body"))
    made.setAccessibleName(words)
    if icon_name:
        made.setIcon(icon(icon_name, "on_accent" if role == "primary" else "text2"))
    return made


class Tool(QToolButton):
    """A button of one icon: with a tooltip, which ends with its key, and an accent while it is on."""

    def __init__(self, name: str, tip: str, size: int = SIZE["icon_button"], checkable: bool = False) -> None:
        super().__init__()
        self.icon_name = name
        self.setFixedSize(size, size)
        self.setIconSize(QSize(SIZE["icon"], SIZE["icon"]))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCheckable(checkable)
        self.toggled.connect(self.refresh)
        self.refresh()

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self.icon_name = name
        self.refresh()

    def refresh(self) -> None:
        """Draw the icon again, as the theme and the state want it."""
        self.setIcon(icon(self.icon_name, "accent" if self.isChecked() else "text2"))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.refresh()


# ---- rows and columns ----------------------------------------------------------------------------


def box(
    parts: Sequence[Part],
    vertical: bool = False,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    gap: int = 8,
    surface: str = "",
    height: int | None = None,
    width: int | None = None,
) -> QFrame:
    """Return a row or column of parts on a surface token."""
    frame = QFrame()
    if surface:
        frame.setProperty("surface", surface)
    layout: QBoxLayout = QVBoxLayout(frame) if vertical else QHBoxLayout(frame)
    layout.setContentsMargins(*margins)
    layout.setSpacing(gap)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        else:
            layout.addWidget(part)
    if height:
        frame.setFixedHeight(height)
    if width:
        frame.setFixedWidth(width)
    return frame


def stretched(frame: QFrame, index: int) -> QFrame:
    """Return a box whose part at `index` takes what room is left."""
    layout = frame.layout()
    assert isinstance(layout, QBoxLayout)
    layout.setStretch(index, 1)
    return frame


def two(title: str, note: str, role: str = "value") -> QFrame:
    """Return a title over a hint, kept together in the middle of a tall row."""
    return box([None, Elided(title, role), Elided(note, "hint"), None], True, gap=1)


def rule(vertical: bool = False) -> QFrame:
    """Return a line of one pixel."""
    made = box([], surface="line")
    (made.setFixedWidth if vertical else made.setFixedHeight)(1)
    return made


class Painted(QWidget):
    """A widget drawn by one function of (painter, rect)."""

    def __init__(
        self, draw: Callable[[QPainter, QRectF], None], width: int | None = None, height: int | None = None
    ) -> None:
        super().__init__()
        self._draw = draw
        if width:
            self.setFixedWidth(width)
        if height:
            self.setFixedHeight(height)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._draw(painter, QRectF(self.rect()))


# ---- a choice of few -----------------------------------------------------------------------------


class Segmented(QWidget):
    """A choice among few words or icons, all in sight; arrows move it, `chosen` tells the new index."""

    chosen = pyqtSignal(int)

    def __init__(
        self, name: str, options: Sequence[str], current: int = 0, icons: bool = False, tips: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.options, self.icons, self.tips = tuple(options), icons, tuple(tips)
        self.current = current
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(SIZE["field"])
        self.setMinimumWidth(round(sum(self._width(option) for option in self.options)))

    def _width(self, option: str) -> float:
        return 28.0 if self.icons else text_width(option) + 18

    def set_current(self, index: int) -> None:
        """Show another choice; nobody is told."""
        self.current = index
        self.update()

    def _cells(self) -> list[QRectF]:
        wide = [self._width(option) for option in self.options]
        extra = (self.width() - sum(wide)) / len(wide)
        cells, x = [], 0.0
        for width in wide:
            cells.append(QRectF(x, 0, width + extra, self.height()))
            x += width + extra
        return cells

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, QRectF(self.rect()), RADIUS["field"], THEME.color("field"))
        for index, (option, cell) in enumerate(zip(self.options, self._cells(), strict=True)):
            on = index == self.current
            if on:
                token = "line_strong" if THEME.mode == "dark" else "raised"
                rounded(painter, cell.adjusted(2, 2, -2, -2), RADIUS["tick"], THEME.color(token))
            elif index and index != self.current + 1:
                painter.fillRect(QRectF(cell.x(), cell.y() + 7, 1, 10), THEME.color("line_strong"))
            tone = "text4" if not self.isEnabled() else "text1" if on else "text2"
            if self.icons:
                draw_icon(painter, QRectF(cell.center().x() - 7, cell.center().y() - 7, 14, 14), option, tone)
            else:
                text(painter, cell, option, tone, "body", CENTRE)
        if self.hasFocus():
            rounded(
                painter,
                QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5),
                RADIUS["field"],
                None,
                THEME.color("accent"),
            )

    def _at(self, x: float) -> int | None:
        return next((i for i, cell in enumerate(self._cells()) if cell.left() <= x < cell.right()), None)

    def _choose(self, index: int) -> None:
        if index != self.current:
            self.set_current(index)
            self.chosen.emit(index)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            index = self._at(event.position().x())
            if index is not None:
                self._choose(index)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        index = self._at(event.position().x()) if event is not None else None
        self.setToolTip(self.tips[index] if index is not None and index < len(self.tips) else "")

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key())) if event is not None else None
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(min(max(self.current + step, 0), len(self.options) - 1))


def panel_header(parts: Sequence[Part]) -> QFrame:
    """Return the 36 px head of a panel."""
    return box(parts, margins=(12, 0, 8, 0), gap=6, height=SIZE["panel_header"], surface="panel")
