"""What is wrong in a document, and where: a list from which one goes to the node, and which knows the way out."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.dialogs import scrolled
from gui.drawing import rounded, text
from gui.parts import Segmented, box, button, draw_icon, label
from gui.session import Problem, Session
from gui.theme import RADIUS, THEME

ROW = 52
MARKS = {"error": ("warning-circle-fill", "error"), "warning": ("warning-fill", "warning"), "note": ("info", "text3")}
_ORDER = tuple(MARKS)


class ProblemRow(QAbstractButton):
    """A problem: its mark, what it is, where, and a button that mends it where one can."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem
        self.setText(problem.what)
        self.setAccessibleName(f"{problem.severity}: {problem.what}. {problem.where}")
        self.setToolTip(f"{problem.what}\n{problem.where}".strip())
        self.setFixedHeight(ROW)
        self.setMinimumWidth(120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.addStretch(1)
        self.fix = button(problem.fix, "link")
        layout.addWidget(self.fix)
        self.fix.setVisible(bool(problem.fix))  # not before it has a parent: it would be a window for a moment

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event is not None and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.underMouse() or self.hasFocus():
            line = THEME.color("accent") if self.hasFocus() else None
            ground = rect.adjusted(0.5, 0.5, -0.5, -0.5)
            rounded(painter, ground, RADIUS["button"], THEME.color("raised"), line)
        mark, token = MARKS[self.problem.severity]
        draw_icon(painter, QRectF(12, rect.center().y() - 8, 16, 16), mark, token)
        wide = rect.width() - 44 - (self.fix.width() + 8 if self.problem.fix else 8)
        text(painter, QRectF(38, 8, wide, 18), self.problem.what, "text1")
        text(painter, QRectF(38, 27, wide, 16), self.problem.where, "text3", "caption")


class Problems(QWidget):
    """The problems of a session; `chosen` and `fixed` tell the problem that is to be gone to, or mended."""

    chosen = pyqtSignal(object)
    fixed = pyqtSignal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.severity = ""
        self.rows: list[ProblemRow] = []
        self._choice: Segmented | None = None
        self._head = box([label("Problems", "title"), None], margins=(12, 0, 8, 0), height=44)
        self._list = QFrame()
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(4, 0, 4, 4)
        self._lines.setSpacing(2)
        self.empty: QLabel = label("No problems", "hint")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside = box([self._head, scrolled(self._list), self.empty], True, gap=0, surface="panel")
        self._area = inside.children()[2]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(inside)
        session.problems_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read the problems again, the gravest first."""
        problems = sorted(self.session.problems(), key=lambda problem: _ORDER.index(problem.severity))
        held = {problem.severity for problem in problems}
        if self.severity not in held:
            self.severity = ""
        self._offer(problems)
        shown = [problem for problem in problems if self.severity in ("", problem.severity)]
        while self._lines.count():
            item = self._lines.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = [self._row(problem) for problem in shown]
        for row in self.rows:
            self._lines.addWidget(row)
        self._lines.addStretch(1)
        self.empty.setVisible(not shown)
        if isinstance(self._area, QWidget):
            self._area.setVisible(bool(shown))

    def _row(self, problem: Problem) -> ProblemRow:
        row = ProblemRow(problem)
        row.clicked.connect(lambda: self.chosen.emit(problem))
        row.fix.clicked.connect(lambda: self.fixed.emit(problem))
        return row

    def _offer(self, problems: list[Problem]) -> None:
        """Offer to see one kind of problem only, where there are several kinds."""
        counts = {severity: sum(problem.severity == severity for problem in problems) for severity in MARKS}
        kinds = [severity for severity, count in counts.items() if count]
        if self._choice is not None:
            self._choice.hide()
            self._choice.deleteLater()
            self._choice = None
        layout = self._head.layout()
        if len(kinds) < 2 or layout is None:
            return
        words = [f"{counts[kind]} {kind}{'s' if counts[kind] > 1 else ''}" for kind in kinds]
        severities = ["", *kinds]
        self._choice = Segmented("Which problems are shown", ["All", *words], severities.index(self.severity))
        self._choice.chosen.connect(lambda index: self._show(severities[index]))
        layout.addWidget(self._choice)

    def _show(self, severity: str) -> None:
        self.severity = severity
        self.refresh()
        if self._choice is not None:
            self._choice.setFocus()
