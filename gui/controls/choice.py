"""One of a few words: all in sight where they are short and few, else from a list."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, QRectF, QSize, Qt
from PyQt6.QtGui import QAction, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PyQt6.QtWidgets import QHBoxLayout, QMenu

from gui.controls.control import Control, FieldControl, draw_driven, menu_of
from gui.drawing import rounded, text, text_width
from gui.parts import Segmented, draw_icon
from gui.theme import RADIUS, SIZE
from nodes.declare import sentence_case

WORDS = {
    "oklab": "OKLab",
    "udn": "UDN",
    "atan2": "atan2",
}
"""Options that are names, written as their makers write them."""


def words_of(option: str) -> str:
    """Return an option as it is read: `soft_light` is Soft light."""
    return WORDS.get(option) or sentence_case(option)


def choice_of(name: str, options: Sequence[str], tip: str = "", room: float = 184) -> Control:
    """Return the control for some options: segments if there are at most three that fit into `room`, else a list."""
    wide = sum(text_width(words_of(option)) + 18 for option in options)
    if len(options) <= 3 and wide <= room:
        return SegmentedChoice(name, options, tip)
    return ListChoice(name, options, tip)


class SegmentedChoice(Control):
    """A choice with all options in sight."""

    def __init__(self, name: str, options: Sequence[str], tip: str = "") -> None:
        super().__init__(name, tip)
        self.options = tuple(options)
        self.segments = Segmented(name, [words_of(option) for option in self.options], -1)
        self.segments.setToolTip(tip)
        self.segments.chosen.connect(self._chosen)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.segments)
        self.setFixedHeight(SIZE["field"])
        self.setFocusProxy(self.segments)

    def set_value(self, value: object) -> None:
        super().set_value(value)
        self._show()

    def set_mixed(self, mixed: bool) -> None:
        super().set_mixed(mixed)
        self._show()

    def set_driven(self, expression: str) -> None:
        super().set_driven(expression)
        self.segments.setEnabled(self.open_to_change)

    def set_read_only(self, read_only: bool) -> None:
        super().set_read_only(read_only)
        self.segments.setEnabled(self.open_to_change)

    def _show(self) -> None:
        known = self.value in self.options and not self.mixed
        self.segments.set_current(self.options.index(self.value) if known else -1)

    def _chosen(self, index: int) -> None:
        self.commit(self.options[index])
        self._show()  # the owner may have refused


class ListChoice(FieldControl):
    """A choice that opens a list; arrows and the wheel go through it while it has the focus."""

    def __init__(self, name: str, options: Sequence[str], tip: str = "") -> None:
        super().__init__(name, tip)
        self.options = tuple(options)
        self.value = self.options[0]
        self.words_shown = ""
        """What stands in the field instead of the option, where that is not all there is to say."""
        self.menu: QMenu | None = None
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, self.height())

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        rounded(painter, rect, RADIUS["field"], self.ground())
        words = "several" if self.mixed else self.words_shown or words_of(str(self.value))
        left = 8
        if self.driven:
            draw_driven(painter, rect)
            left = 28
        text(painter, rect.adjusted(left, 0, -24, 0), words, self.ink("text3" if self.mixed else "text1"))
        draw_icon(painter, QRectF(rect.right() - 18, rect.y() + 6, 12, 12), "caret-down", self.ink("text3"))

    def open_list(self) -> None:
        """Open the list under the field."""
        if not self.open_to_change:
            return
        menu = self.menu = menu_of(self)
        menu.setMinimumWidth(self.width())
        for option in self.options:
            action = QAction(option if self.words_shown else words_of(option), menu)
            action.setData(option)
            action.setCheckable(True)
            action.setChecked(option == self.value and not self.mixed)
            menu.addAction(action)
        menu.triggered.connect(self._chosen)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _chosen(self, action: QAction) -> None:
        if action.data() != self.value or self.mixed or self.words_shown:
            self.commit(action.data())

    def _step(self, step: int) -> None:
        if not self.open_to_change:
            return
        at = self.options.index(self.value) if self.value in self.options else 0
        option = self.options[min(max(at + step, 0), len(self.options) - 1)]
        if option != self.value:
            self.commit(option)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.open_list()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None:
            return
        if self.hasFocus():
            self._step(-1 if event.angleDelta().y() > 0 else 1)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}.get(
            Qt.Key(event.key())
        )
        if step is not None:
            self._step(step)
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_list()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)
