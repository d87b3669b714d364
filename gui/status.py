"""The bar at the foot of the window: what is being computed, what the last edit took, what is wrong."""

from __future__ import annotations

import time

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from gui.parts import Elided, box, icon, label, rule
from gui.session import Progress, Session
from gui.theme import MOTION, SIZE, THEME
from materials.evaluate import default_threads

STAGE, EDIT = 260, 180
"""How wide the words are of what is being computed, and of what the last edit took."""


class StatusBar(QWidget):
    """Facts about the session that is shown; each is measured, or not there."""

    problems_asked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.session: Session | None = None
        self.bar = QProgressBar()
        self.bar.setFixedWidth(96)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Progress")
        self.stage, self.edit, self.saved = Elided("", "hint"), Elided("", "hint"), label("", "hint")
        for part, wide in ((self.stage, STAGE), (self.edit, EDIT)):
            part.setFixedSize(wide, 18)  # what changes many times a second must not lay the window out anew
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.memory, self.threads = label("", "hint"), label(_threads(default_threads()), "hint")
        self.problems = QToolButton()
        self.problems.setFixedHeight(20)
        self.problems.setAccessibleName("Problems")
        self.problems.setFont(THEME.font("caption"))
        self.problems.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.problems.clicked.connect(self.problems_asked)
        self.lines = (_line(), _line())
        parts = [
            self.edit,
            self.bar,
            self.stage,
            None,
            self.saved,
            self.lines[0],
            self.memory,
            self.lines[1],
            self.threads,
            self.problems,
        ]
        row = box(parts, gap=8, margins=(12, 0, 12, 0), surface="panel", height=SIZE["status_bar"])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(row)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(MOTION["progress_after"])
        self._wait.timeout.connect(self._show_progress)
        self._progress: Progress | None = None
        self._own: Progress | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._show_progress()

    def set_session(self, session: Session | None) -> None:
        """Show the facts of another session."""
        if self.session is not None:
            self.session.progressed.disconnect(self._on_progress)
            self.session.problems_changed.disconnect(self._on_problems)
            self.session.titled.disconnect(self._tick)
            self.session.pictured.disconnect(self._on_pictures)
        self.session = session
        if session is not None:
            session.progressed.connect(self._on_progress)
            session.problems_changed.connect(self._on_problems)
            session.titled.connect(self._tick)
            session.pictured.connect(self._on_pictures)
        else:
            self.edit.set_words("")
        self._on_progress(None)
        self._on_problems()
        self._tick()

    def show_stage(self, stage: str, done: float) -> None:
        """Show what the app as a whole is at, before what the session is at."""
        self._own = Progress(stage, done)
        self._show_progress()

    def end_stage(self) -> None:
        """Show what the session is at."""
        self._own = None
        self._show_progress()

    def _on_progress(self, progress: Progress | None) -> None:
        self._progress = progress
        if progress is None:
            self._wait.stop()
            self._show_progress()
        elif self.bar.isVisible():
            self._show_progress()
        elif not self._wait.isActive():
            self._wait.start()

    def _show_progress(self) -> None:
        progress = self._own or self._progress
        self.bar.setVisible(progress is not None)
        if progress is None:
            self.stage.set_words("")
        else:
            # By itself a bar paints at once, and with it all of the window that waits to be painted.
            self.bar.setUpdatesEnabled(False)
            self.bar.setValue(round(1000 * progress.done))
            self.bar.setUpdatesEnabled(True)
            left = f", {progress.left:.0f} s left" if progress.left and progress.left > 1 else ""
            self.stage.set_words(f"{progress.stage}{left}")

    def _on_pictures(self, ids: object) -> None:
        session = self.session
        if session is not None and session.elapsed:
            self.edit.set_words(f"{1000 * session.elapsed:.0f} ms to the first picture")

    def _on_problems(self) -> None:
        problems = self.session.problems() if self.session is not None else ()
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = sum(problem.severity == "warning" for problem in problems)
        words = [
            f"{count} {name}{'s' if count > 1 else ''}"
            for count, name in ((errors, "error"), (warnings, "warning"))
            if count
        ]
        self.problems.setVisible(bool(words))
        self.problems.setText(" " + ", ".join(words))
        self.problems.setIcon(
            icon("warning-circle-fill" if errors else "warning-fill", "error" if errors else "warning")
        )

        self.problems.setToolTip("Show problems  F8")

    def _tick(self) -> None:
        session = self.session
        self.saved.setText(session.saved_in_words(time.time()) if session is not None else "")
        kept = f"{session.cache.used / 2**20:.0f} MB of {_size(session.cache.memory)}" if session is not None else ""
        self.memory.setText(kept)
        self.lines[0].setVisible(bool(self.saved.text()))
        self.lines[1].setVisible(bool(kept))


def _line() -> QWidget:
    made = rule(vertical=True)
    made.setFixedHeight(10)
    return made


def _threads(count: int) -> str:
    return f"{count} thread{'s' if count > 1 else ''}"


def _size(count: int) -> str:
    return f"{count / 2**30:.0f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"
