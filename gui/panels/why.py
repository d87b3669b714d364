"""The pages Why and Help of the panel of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.controls.control import Control
from gui.drawing import draw_port, rounded, text
from gui.panels.reasons import Joined, cost, gives, marked, paragraphs, reach, reads, terms
from gui.parts import box, label, rule
from gui.session import Session
from gui.theme import RADIUS, SIZE, THEME
from nodes.declare import NodeType, spelled


def prose(words: str, role: str = "body") -> QLabel:
    """Return words of several lines."""
    made = label(words, role)
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setText(words.replace("\n", "<br>"))
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made


class WireLine(Control):
    """A port and what is at the other end; a click goes there."""

    gone_to = pyqtSignal(str)

    def __init__(self, joined: Joined, kind: str, inward: bool, again: bool = False) -> None:
        """again : whether the line above is of the same port, which is then not drawn twice."""
        way = "reads" if inward else "goes to"
        super().__init__(f"{joined.port.replace('_', ' ')} {way} {joined.words}")
        self.joined, self.kind, self.again = joined, kind, again
        self.setFixedHeight(SIZE["field"])
        self.setToolTip(f"{kind}: {joined.port.replace('_', ' ')} {way} {joined.words}")
        if joined.node is None:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        linked = self.joined.node is not None
        ground = THEME.color("panel")
        if self.hovered and linked:
            ground = THEME.color("field_hover")
            rounded(painter, rect, RADIUS["field"], ground)
        if not self.again:
            draw_port(painter, self.kind, QPointF(16, rect.center().y()), ground, linked)
            text(painter, QRectF(30, 0, 90, rect.height()), spelled(self.joined.port), "text2")
        text(painter, rect.adjusted(124, 0, -8, 0), self.joined.words, "text1" if linked else "text3")

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if self.joined.node is not None:
            self.gone_to.emit(self.joined.node)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.joined.node is not None:
                self.gone_to.emit(self.joined.node)
        else:
            super().keyPressEvent(event)


class Page(QWidget):
    """A column of parts that is built anew when it shows something else."""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 12)
        self.column.setSpacing(0)
        self.shown: object = None

    def clear(self) -> None:
        """Remove all parts."""
        while (part := self.column.takeAt(0)) is not None:
            if (widget := part.widget()) is not None:
                widget.hide()  # and keep its parent: what Python alone owns may go at any time
                widget.deleteLater()

    def part(self, title: str, *parts: QWidget) -> None:
        """Add a titled part."""
        self.column.addWidget(rule())
        head = box([label(title, "strong"), None], margins=(12, 0, 12, 0), height=32)
        self.column.addWidget(head)
        self.column.addWidget(box(parts, True, (4, 0, 8, 10), gap=2))


def inset(widget: QWidget) -> QWidget:
    """Return a widget where the titles of parts begin."""
    return box([widget], margins=(8, 0, 4, 0))


class WhyPage(Page):
    """What a node reads, where it goes, and what it takes."""

    gone_to = pyqtSignal(str)

    def show_node(self, session: Session, id: str) -> None:
        """Show a node of the session's level."""
        graph = session.graph
        node, inputs, outputs = graph.node(id), session.inputs(id), session.outputs(id)
        read = reads(graph, id, [(port.name, port.optional) for port in inputs])
        given = gives(graph, id, [port.name for port in outputs])
        words, reached = cost(node, session.look(id)), reach(graph, id)
        expressions = dict(node.expressions)
        now = (id, read, given, words, reached, expressions, THEME.mode)
        if now == self.shown:
            return
        self.clear()
        self.shown = now
        kinds = {port.name: port.kind for port in inputs}
        made = {port.name: port.kind for port in outputs}
        self.part("Cost", inset(prose(words)))
        if read:
            self.part("Reads", *self._lines(read, kinds, True))
        if given:
            self.part("Goes to", *self._lines(given, made, False))
        self.part("Reaches", inset(prose(reached)))
        if expressions:
            lines = [f"{name.replace('_', ' ')} = {expression}" for name, expression in expressions.items()]
            self.part("Driven", *[inset(prose(marked(line, THEME.color("text1").name()))) for line in lines])
        self.column.addStretch(1)

    def _lines(self, joined: Sequence[Joined], kinds: Mapping[str, str], inward: bool) -> list[WireLine]:
        lines, last = [], ""
        for one in joined:
            line = WireLine(one, kinds[one.port], inward, one.port == last)
            line.gone_to.connect(self.gone_to)
            lines.append(line)
            last = one.port
        return lines


class HelpPage(Page):
    """What a kind of node does."""

    def show_kind(self, kind: NodeType | None, unknown: str = "") -> None:
        """Show a kind's help; `unknown` says what is known where there is none."""
        now = (kind.key if kind else unknown, THEME.mode)
        if now == self.shown:
            return
        self.clear()
        self.shown = now
        if kind is None:
            self.part("Help", inset(prose(unknown)))
            self.column.addStretch(1)
            return
        colour = THEME.color("text1").name()
        self.part(kind.title, *[inset(_spaced(prose(marked(words, colour)))) for words in paragraphs(kind)])
        rows = [
            inset(prose(f'<span style="color:{colour}">{spelled(name)}</span><br>{marked(words, colour)}'))
            for name, words in terms(kind)
        ]
        if rows:
            self.part("Inputs and parameters", *[_spaced(row) for row in rows])
        self.column.addStretch(1)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.shown = None


def _spaced(widget: QWidget) -> QWidget:
    return box([widget], True, (0, 0, 0, 4))
