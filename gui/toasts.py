"""Short news over the canvas: one at a time, four seconds, with one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer
from PyQt6.QtGui import QEnterEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui.drawing import text_width
from gui.overlay import Shadow, fade_in
from gui.parts import button, label
from gui.theme import MOTION, SIZE, SPACE


class Toasts(QFrame):
    """The place for news at the bottom left of a widget."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setProperty("surface", "popover")
        self._run: Callable[[], object] | None = None
        self.words = label("", "value")
        self.words.setWordWrap(True)
        self.action: QPushButton = button("", "link")
        self.action.clicked.connect(self._do)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.action, 0, Qt.AlignmentFlag.AlignTop)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(MOTION["toast"])
        self.timer.timeout.connect(self.hide)
        self.shadow = Shadow(self)
        over.installEventFilter(self)
        self.hide()

    def show_words(self, words: str, action: str = "", run: Callable[[], object] | None = None) -> None:
        """Show news instead of what is shown; `action` is the button that calls `run`."""
        self._run = run
        self.words.setText(words)
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))
        self.setAccessibleName(words)
        was_shown = self.isVisible()
        self._fit()
        self.show()
        self.raise_()
        self.shadow.stackUnder(self)
        self.timer.start()
        if not was_shown:
            fade_in(self)

    def _fit(self) -> None:
        over = self.parentWidget()
        assert over is not None
        beside = text_width(self.action.text()) + 32 if self.action.text() else 0
        room = min(SIZE["toast"], over.width() - 2 * SPACE["l"]) - beside - 22
        wide = round(min(text_width(self.words.text()) + 4, max(room, 80)))
        self.words.setFixedWidth(wide)
        self.words.setFixedHeight(max(28, self.words.heightForWidth(wide)))
        self.adjustSize()
        self.move(SPACE["l"], over.height() - self.height() - SPACE["l"])

    def _do(self) -> None:
        self.hide()
        if self._run is not None:
            self._run()

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self.timer.stop()  # whoever reads it or goes for its button has all the time in the world

    def leaveEvent(self, event: QEvent | None) -> None:
        if self.isVisible():
            self.timer.start()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize and self.isVisible():
            self._fit()
        return False
