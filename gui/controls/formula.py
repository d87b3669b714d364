"""A formula of a few lines, with what is wrong with it in the line below."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PyQt6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAbstractTextDocumentLayout, QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QPlainTextEdit, QVBoxLayout

from gui.controls.control import Control, is_own_escape
from gui.parts import label
from gui.theme import THEME
from nodes.language import FUNCTIONS, NUMBERS, PICTURES, program_of

FEWEST, MOST = 3, 10
"""Lines that the field is high."""

PAUSE = 800
"""Milliseconds without a key after which what was typed is one step."""

NAMES = (
    f"{', '.join(PICTURES)} are the pictures, {', '.join(NUMBERS)} the numbers below, u and v the place, pi.\n"
    f"Functions: {', '.join(sorted(FUNCTIONS))}.\n"
    "Lines before the last give names: edge = smoothstep(0.4, 0.6, a)"
)


class Page(QPlainTextEdit):
    """The field of a formula: Tab goes on, Ctrl Enter takes it, Escape gives it up."""

    entered = pyqtSignal()
    left = pyqtSignal()
    taken = pyqtSignal()
    given_up = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setFont(THEME.mono())
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.installEventFilter(self)
        layout = self._layout()
        if layout is not None:
            layout.documentSizeChanged.connect(self._fit)
        self._fit()

    def _layout(self) -> QAbstractTextDocumentLayout | None:
        document = self.document()
        return document.documentLayout() if document is not None else None

    def _fit(self) -> None:
        """Be as high as the text, within bounds."""
        layout = self._layout()
        lines = round(layout.documentSize().height()) if layout is not None else FEWEST
        height = self.fontMetrics().lineSpacing() * min(max(lines, FEWEST), MOST) + 18
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        return is_own_escape(event, self.given_up.emit)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if ctrl and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class FormulaControl(Control):
    """A formula: shown in effect while it is typed and right, taken when the field is left."""

    def __init__(
        self, name: str, tip: str = "", check: Callable[[str], object] = program_of, names: Collection[str] = ()
    ) -> None:
        super().__init__(name, tip)
        self.value = ""
        self._check = check
        self._gesture = False
        self.pause = QTimer(self)
        """A pause in typing ends a step, so that undo is never held up."""
        self.pause.setSingleShot(True)
        self.pause.setInterval(PAUSE)
        self.pause.timeout.connect(self._end)
        self.page = Page()
        self.page.setAccessibleName(name)
        known = NAMES if not names else f"May be used: {', '.join(names)}"
        self.page.setToolTip(f"{tip}\n{known}".strip())
        self.line = label("", "error")
        self.line.setWordWrap(True)
        self.line.setAccessibleName(f"{name}, error")
        self.line.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.page)
        layout.addWidget(self.line)
        self.setFocusProxy(self.page)
        self.page.textChanged.connect(self._typed)
        self.page.left.connect(self._end)
        self.page.taken.connect(self._end)
        self.page.given_up.connect(self.give_up)

    def line_at(self) -> QRectF:
        return QRectF(self.page.geometry())  # not round the sentence below it

    def set_value(self, value: object) -> None:
        super().set_value(value)
        # What is being typed, or was left with an error in it, is not overwritten.
        if not self._gesture and not self.line.isVisibleTo(self):
            self._write(str(value))

    def set_read_only(self, read_only: bool) -> None:
        super().set_read_only(read_only)
        self.page.setReadOnly(read_only)

    def set_driven(self, expression: str) -> None:
        super().set_driven(expression)
        self.page.setReadOnly(not self.open_to_change)

    def _write(self, words: str) -> None:
        if self.page.toPlainText() != words:
            self.page.blockSignals(True)
            self.page.setPlainText(words)
            self.page.blockSignals(False)

    def _complain(self, sentence: str) -> None:
        self.line.setText(sentence)
        self.line.setVisible(bool(sentence))
        self.refused.emit(sentence)

    def _typed(self) -> None:
        words = self.page.toPlainText()
        try:
            self._check(words)
        except ValueError as error:
            self._complain(_sentence(str(error)))
            return
        self._complain("")
        if words == self.value and not self._gesture:
            return
        if not self._gesture:
            self._gesture = True
            self.began.emit()
        self.previewed.emit(words)
        self.pause.start()

    def _end(self) -> None:
        """Take what was last right; a text with an error stays to be mended."""
        self.pause.stop()
        if self._gesture:
            self._gesture = False
            self.committed.emit(self.value)

    def give_up(self) -> None:
        """Forget what was typed last."""
        self.pause.stop()
        self._complain("")
        if self._gesture:
            self._gesture = False
            self.abandoned.emit()
        self._write(str(self.value))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
