"""A line of text."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout

from gui.controls.control import Control
from gui.controls.number import Editor
from gui.drawing import LEFT
from gui.theme import SIZE


class TextControl(Control):
    """A line of text: Enter or going elsewhere takes it, Escape gives it up."""

    def __init__(self, name: str, tip: str = "", longest: int = 200, hint: str = "") -> None:
        super().__init__(name, tip)
        self.value = ""
        self.line = Editor(self)
        self.line.setAlignment(LEFT)
        self.line.setAccessibleName(name)
        self.line.setToolTip(tip)
        self.line.setMaxLength(longest)
        self.line.setPlaceholderText(hint)
        self.line.setFixedHeight(SIZE["field"])
        self.line.returnPressed.connect(self._take)
        self.line.left.connect(self._take)
        self.line.given_up.connect(self._give_up)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        self.setFixedHeight(SIZE["field"])
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(self.line)

    def set_value(self, value: object) -> None:
        if value != self.value or not self.line.hasFocus():
            super().set_value(value)
            if not self.line.isModified() or not self.line.hasFocus():
                self.line.setText("" if self.mixed else str(value))
                self.line.setCursorPosition(0)

    def set_mixed(self, mixed: bool) -> None:
        super().set_mixed(mixed)
        if mixed and not self.line.isModified():
            self.line.setText("")
            self.line.setPlaceholderText("several")

    def set_read_only(self, read_only: bool) -> None:
        super().set_read_only(read_only)
        self.line.setReadOnly(read_only)

    def set_error(self, sentence: str) -> None:
        super().set_error(sentence)
        self.line.setProperty("state", "error" if sentence else "")
        if (style := self.line.style()) is not None:
            style.polish(self.line)

    def _take(self) -> None:
        if self.line.isModified() and self.open_to_change:
            words = self.line.text()
            self.line.setModified(False)
            if words != self.value or self.mixed:
                self.commit(words)

    def _give_up(self) -> None:
        self.line.setModified(False)
        self.line.setText("" if self.mixed else str(self.value))
        self.refused.emit("")
