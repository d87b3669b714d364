"""What all controls have in common: they show a value, say how it is being changed, and know no document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QEvent, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QEnterEvent, QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QMenu, QWidget

from gui.drawing import CENTRE, rounded, text
from gui.theme import RADIUS, SIZE, THEME


class Control(QWidget):
    """A value and the gestures that change it.

    A gesture is `began`, any number of `previewed`, then `committed` or `abandoned`; a value that is typed or chosen
    is `committed` at once. The value shown is the one given by `set_value`: whoever owns it decides.
    """

    began = pyqtSignal()
    previewed = pyqtSignal(object)
    committed = pyqtSignal(object)
    abandoned = pyqtSignal()
    reset_asked = pyqtSignal()
    refused = pyqtSignal(str)
    """What was typed cannot be read: why. An empty text once it can, or was given up."""

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__()
        self.value: Any = None
        self.changed = self.mixed = self.hovered = self.read_only = False
        self.driven = self.error = ""
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def set_value(self, value: Any) -> None:
        """Show a value; nobody is told."""
        self.value = value
        self.update()

    def set_changed(self, changed: bool) -> None:
        """Show whether the value is another than the default."""
        self.changed = changed
        self.update()

    def set_mixed(self, mixed: bool) -> None:
        """Show that the value stands for several that differ."""
        self.mixed = mixed
        self.update()

    def set_driven(self, expression: str) -> None:
        """Show that an expression drives the value; no text: nothing does."""
        self.driven = expression
        self.update()

    def set_error(self, sentence: str) -> None:
        """Show that the value was refused; no text: it was not."""
        self.error = sentence
        self.update()

    def set_read_only(self, read_only: bool) -> None:
        """Show the value without letting it be changed."""
        self.read_only = read_only
        self.update()

    @property
    def open_to_change(self) -> bool:
        return self.isEnabled() and not self.read_only and not self.driven

    def commit(self, value: Any) -> None:
        """Say that a value was chosen, all at once."""
        self.began.emit()
        self.committed.emit(value)

    def ground(self) -> QColor:
        """Return the colour that the control stands on."""
        if not self.isEnabled() or self.read_only:
            return THEME.color("field_disabled")
        return THEME.color("error_soft" if self.error else "field_hover" if self.hovered else "field")

    def ink(self, token: str = "text1") -> str:
        """Return a token for words, dimmed while the control cannot be used."""
        return token if self.isEnabled() else "text4"

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw all but the line of focus or error."""

    def line_at(self) -> QRectF:
        """Return where the line of focus runs."""
        return QRectF(self.rect())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.draw(painter, QRectF(self.rect()))
        # A part that is a control too draws its own line: the whole would show another behind its parts.
        focused = self.hasFocus() and not isinstance(self.focusProxy(), Control)
        if self.error or focused:
            edge = self.line_at().adjusted(0.5, 0.5, -0.5, -0.5)
            rounded(painter, edge, RADIUS["field"], None, THEME.color("error" if self.error else "accent"))

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self.hovered = True
        self.update()

    def leaveEvent(self, event: QEvent | None) -> None:
        self.hovered = False
        self.update()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.update()


class FieldControl(Control):
    """A control of one field's height."""

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__(name, tip)
        self.setFixedHeight(SIZE["field"])
        self.setMinimumWidth(48)


def menu_of(owner: QWidget) -> QMenu:
    """Return a menu that goes away for good once it is closed."""
    menu = QMenu(owner)
    menu.setWindowFlags(menu.windowFlags() | Qt.WindowType.FramelessWindowHint | Qt.WindowType.NoDropShadowWindowHint)
    menu.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


class Popover(QFrame):
    """A frame that opens over all else until something beside it is pressed; its corners are round."""

    def __init__(self, name: str, parent: QWidget | None) -> None:
        window = Qt.WindowType
        super().__init__(parent, window.Popup | window.FramelessWindowHint | window.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(name)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        # Nothing is drawn behind a translucent window, the style sheet's ground included.
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        rounded(painter, edge, RADIUS["popover"], THEME.color("popover"), THEME.color("line_strong"))


def draw_driven(painter: QPainter, rect: QRectF) -> None:
    """Draw the mark of a value that an expression drives."""
    mark = QRectF(rect.x() + 4, rect.center().y() - 8, 18, 16)
    rounded(painter, mark, RADIUS["tick"], THEME.color("accent_soft"))
    text(painter, mark, "fx", "accent", "caption", CENTRE)


def is_own_escape(event: QEvent | None, give_up: Callable[[], object]) -> bool:
    """Whether an event is an Escape that gives typing up: it does so, and is none for whoever else waits for one."""
    if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
        return False
    if event.type() == QEvent.Type.ShortcutOverride:
        event.accept()
        return True
    if event.type() == QEvent.Type.KeyPress:
        give_up()
        return True
    return False
