"""Sheets over the window: a heading, a body, and a foot with one primary button. Questions and messages are small ones.

A sheet is a part of the window, not a window of its own. The window below is dimmed, and neither its keys nor its
controls can be reached until the sheet is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.overlay import Shadow, fade_in
from gui.parts import Elided, Part, Tool, box, button, label, rule, stretched
from gui.theme import SIZE, THEME

DIM = 0.55
MARGIN = 24
"""What stays free between a sheet and the borders of its window."""

Choice = tuple[str, str]
"""A button: what is answered when it is pressed, and its words."""


class Sheet(QWidget):
    """A sheet over a window; `finished` tells the answer, "" where it was left.

    Fill `set_body` and `set_buttons`, then `open` it. `figures` stand at the left of the foot. Enter presses the
    primary button, Esc leaves.
    """

    finished = pyqtSignal(str)

    def __init__(self, window: QWidget, title: str, width: int = SIZE["dialog"]) -> None:
        super().__init__(window)
        self.setAccessibleName(title)
        self.wished = width
        self.figures = Elided("", "hint")
        self.primary: QPushButton | None = None
        self.frame = QFrame(self)
        self.frame.setProperty("surface", "dialog")
        self.heading = label(title, "heading")
        self.leave = Tool("x", "Close  Esc")
        self.leave.clicked.connect(self._leave)
        self._body: QWidget = QFrame()
        self._foot = box([])
        self._before: QWidget | None = None
        head = box([self.heading, None, self.leave], margins=(24, 0, 14, 0), height=SIZE["dialog_head"])
        self._layout = QVBoxLayout(self.frame)
        self._layout.setContentsMargins(1, 1, 1, 1)
        self._layout.setSpacing(0)
        for part in (head, self._body, rule(), self._foot):
            self._layout.addWidget(part)
        self.shadow = Shadow(self.frame, "dialog")
        self.hide()

    # ---- filling ----

    def set_body(self, body: QWidget) -> None:
        """Put a widget between heading and foot."""
        self._replace(self._body, body)
        self._body = body
        self._layout.setStretch(1, 1)

    def set_buttons(self, choices: Sequence[Choice], cancel: str = "Cancel", aside: Choice | None = None) -> None:
        """Put buttons into the foot: the first choice is the primary one, at the right; `aside` stands far left."""
        made = [
            self._button(answer, words, "" if place else "primary") for place, (answer, words) in enumerate(choices)
        ]
        self.primary = made[0] if made else None
        parts: list[Part] = [self._button(*aside, "quiet")] if aside else []
        parts += [self.figures]
        if cancel:
            parts.append(self._button("", cancel, ""))
        foot = box(
            [*parts, *reversed(made)], margins=(16 if aside else 24, 0, 24, 0), gap=8, height=SIZE["dialog_foot"]
        )
        stretched(foot, parts.index(self.figures))
        self._replace(self._foot, foot)
        self._foot = foot

    def _replace(self, old: QWidget, new: QWidget) -> None:
        self._layout.replaceWidget(old, new)
        old.hide()
        old.deleteLater()

    def _button(self, answer: str, words: str, role: str) -> QPushButton:
        made = button(words, role)
        made.clicked.connect(lambda: self.finish(answer))
        return made

    # ---- opening and closing ----

    def open(self) -> None:
        """Show the sheet and give it the focus."""
        window = self.parentWidget()
        assert window is not None
        self._before = window.focusWidget()
        window.installEventFilter(self)
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)
        self._fit()
        self.show()
        self.raise_()
        (self.first() or self).setFocus(Qt.FocusReason.PopupFocusReason)
        fade_in(self)

    def first(self) -> QWidget | None:
        """Return what has the focus at first: a field of the body, else the primary button."""
        inside = [each for each in self._body.findChildren(QLineEdit) if each.isVisibleTo(self)]
        return inside[0] if inside else self.primary

    def finish(self, answer: str = "") -> None:
        """Close the sheet with an answer, and give the focus back."""
        if not self.isVisible():
            return
        window, app = self.parentWidget(), QApplication.instance()
        if window is not None and app is not None:
            window.removeEventFilter(self)
            app.removeEventFilter(self)
        self.hide()
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.deleteLater()
        self.finished.emit(answer)

    def _leave(self) -> None:
        self.finish("")

    def _fit(self) -> None:
        window = self.parentWidget()
        assert window is not None
        self.setGeometry(window.rect())
        width = min(self.wished, self.width() - 2 * MARGIN)
        self.frame.setFixedWidth(max(width, 200))
        least = self._layout.totalHeightForWidth(width) if self._layout.hasHeightForWidth() else 0
        height = min(max(self.frame.sizeHint().height(), least), self.height() - 2 * MARGIN)
        self.frame.resize(width, height)
        self.frame.move((self.width() - width) // 2, max(MARGIN, (self.height() - height) * 2 // 5))

    # ---- events ----

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is None or not self.isVisible():
            return False
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._fit()
        if event.type() == QEvent.Type.ShortcutOverride and self._is_ours(watched):
            # Accepted, it comes to the sheet as a plain key and never to the window's actions.
            event.accept()
            return True
        return False

    def _is_ours(self, watched: QObject | None) -> bool:
        """Whether something is of the sheet's window, and not of a file chooser above it."""
        window = self.window()
        of_window = isinstance(watched, QWidget) and watched.window() is window
        return of_window or (window is not None and watched is window.windowHandle())

    def focusNextPrevChild(self, next: bool) -> bool:
        """Go round among the sheet's own controls."""
        chain = [each for each in self.frame.findChildren(QWidget) if self._takes_focus(each)]
        if not chain:
            return False
        chain.sort(key=lambda each: (each.mapTo(self, each.rect().topLeft()).y(), each.mapTo(self, each.pos()).x()))
        now = QApplication.focusWidget()
        at = chain.index(now) if now in chain else -1 if next else 0
        step = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        chain[(at + (1 if next else -1)) % len(chain)].setFocus(step)
        return True

    def _takes_focus(self, widget: QWidget) -> bool:
        tab = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        return bool(tab) and widget.isVisible() and widget.isEnabled()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() == Qt.Key.Key_Escape:
            self.finish("")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = QApplication.focusWidget()
            wanted = focused if isinstance(focused, QPushButton) and self.isAncestorOf(focused) else self.primary
            if wanted is not None and wanted.isEnabled():
                wanted.click()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            event.accept()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        QPainter(self).fillRect(self.rect(), THEME.color("gutter", DIM))


def scrolled(inside: QWidget) -> QScrollArea:
    """Return a body that scrolls where the window is too low for it."""
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


# ---- questions and messages ----------------------------------------------------------------------


def _words(text: str) -> QLabel:
    made = label(text)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setFixedWidth(SIZE["question"] - 50)
    # Without this the layout gives a wrapped label the height of one that is as narrow as it likes.
    made.setMinimumHeight(made.heightForWidth(SIZE["question"] - 50))
    return made


def _small(window: QWidget, title: str, body: Sequence[QWidget]) -> Sheet:
    sheet = Sheet(window, title, SIZE["question"])
    sheet.set_body(box(list(body), True, margins=(24, 0, 24, 20), gap=8))
    return sheet


def ask(
    window: QWidget,
    title: str,
    words: str,
    choices: Sequence[Choice],
    answered: Callable[[str], None],
    cancel: str = "Cancel",
) -> Sheet:
    """Ask something with the buttons of `choices`, the first the primary one, and tell the answer; "" for Cancel.

    With two choices the second stands apart at the left: it is the one that gives something up.
    """
    sheet = _small(window, title, [_words(words)])
    apart = choices[1] if len(choices) == 2 else None
    sheet.set_buttons(choices[:1] if apart else choices, cancel, apart)
    sheet.finished.connect(answered)
    sheet.open()
    return sheet


def tell(window: QWidget, title: str, words: str) -> Sheet:
    """Say something that is to be read before work goes on."""
    sheet = _small(window, title, [_words(words)])
    sheet.set_buttons([("close", "Close")], cancel="")
    sheet.open()
    return sheet


def ask_words(
    window: QWidget, title: str, name: str, words: str, primary: str, answered: Callable[[str], None]
) -> Sheet:
    """Ask for a line of text, such as a title, and tell it; nothing is told when it is empty or the sheet is left."""
    field = QLineEdit(words)
    field.setAccessibleName(name)
    field.selectAll()
    sheet = _small(window, title, [label(name, "hint"), field])
    sheet.set_buttons([("ok", primary)])
    assert sheet.primary is not None
    sheet.primary.setEnabled(bool(words.strip()))
    field.textChanged.connect(lambda typed: sheet.primary.setEnabled(bool(typed.strip())) if sheet.primary else None)
    sheet.finished.connect(lambda answer: answered(field.text().strip()) if answer else None)
    sheet.open()
    return sheet
