"""What floats over the canvas: levels, the way about, the hint beside the pointer, words on an empty one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from gui.drawing import CENTRE, rounded, text, text_width
from gui.parts import Tool, label
from gui.theme import RADIUS, THEME
from gui.titles import title_of
from materials.graph import MATERIAL_OUTPUT, Document

if TYPE_CHECKING:
    from gui.canvas.view import Canvas

EMPTY = "Tab adds a node. Or drop a photograph here."


class Plate(QWidget):
    """A row of widgets on a piece of canvas, so that wires below do not strike them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(8, 2, 8, 2)
        self.row.setSpacing(6)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, QRectF(self.rect()), RADIUS["button"], THEME.color("canvas", 0.85))


class Levels(Plate):
    """Where we are: the document, the subgraphs that were entered, and how many nodes there are."""

    def __init__(self, canvas: Canvas, parent: QWidget) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self.setAccessibleName("Levels of the graph")
        self._shown: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Name the levels as they are now."""
        session = self.canvas.session
        names, document = [session.title], session.root
        for id in session.level:
            node = document.nodes.get(id)
            inner = session.inside(node) if node is not None else None
            if node is None or inner is None:
                break
            names.append(title_of(node))
            document = inner
        count = len(session.graph.nodes)
        shown = (*names, f"{count} node{'s' if count != 1 else ''}")
        if shown != self._shown:
            self._shown = shown
            self._build(shown)

    def _build(self, shown: tuple[str, ...]) -> None:
        while (item := self.row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        depth = len(shown) - 2
        for index, words in enumerate(shown):
            if index:
                self._add(label("›", "hint"))
            self._add(self._button(words, depth - index) if index <= depth else label(words, "body"))
        self.adjustSize()

    def _add(self, widget: QWidget) -> None:
        self.row.addWidget(widget)
        widget.show()  # the plate may be in sight already, and then has no size for what is not

    def _button(self, words: str, levels_up: int) -> QToolButton:
        made = QToolButton()
        made.setText(words)
        made.setFont(THEME.font("strong"))
        made.setAutoRaise(True)
        made.setAccessibleName(words)
        made.setToolTip(f"Go to {words}" if levels_up else words)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.clicked.connect(partial(self._go, levels_up))
        return made

    def _go(self, levels_up: int, checked: bool = False) -> None:
        session = self.canvas.session
        if levels_up:
            session.go(session.level[:-levels_up], session.level[-levels_up])
        else:
            self.canvas.home()


class Corner(Plate):
    """Add, fit, and how large everything is."""

    def __init__(self, canvas: Canvas, parent: QWidget) -> None:
        super().__init__(parent)
        self.row.setSpacing(2)
        self.setAccessibleName("Zoom of the canvas")
        add, fit = Tool("plus", "Add a node  Space"), Tool("corners-out", "Show all  Home")
        self.percent = QToolButton()
        self.percent.setAutoRaise(True)
        self.percent.setFont(THEME.font("body", tabular=True))
        self.percent.setToolTip("Real size  1")
        self.percent.setAccessibleName("Zoom")
        self.percent.setMinimumWidth(48)
        for button, does in ((add, canvas.search), (fit, canvas.home), (self.percent, canvas.real_size)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(partial(_ignoring, does))
            self.row.addWidget(button)

    def set_zoom(self, zoom: float) -> None:
        self.percent.setText(f"{round(zoom * 100)}\N{NO-BREAK SPACE}%")
        self.adjustSize()


def _ignoring(does, checked: bool = False) -> None:  # noqa: ANN001  # any function without arguments
    does()


class Hint(QWidget):
    """A sentence beside the pointer while a gesture is on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words, self.bad = "", False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, words: str, bad: bool, at: QPoint) -> None:
        """Show a sentence above a point of the view, inside it; nothing hides it."""
        self.words, self.bad = words, bad
        self.setVisible(bool(words))
        parent = self.parentWidget()
        if not words or parent is None:
            return
        self.setAccessibleName(words)
        self.resize(self.sizeHint())
        x = min(max(at.x() - self.width() // 2, 8), max(parent.width() - self.width() - 8, 8))
        y = at.y() - self.height() - 34
        self.move(x, y if y > 8 else at.y() + 26)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(text_width(self.words, "caption")) + 20, 22)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = THEME.color("error_soft" if self.bad else "popover", 0.94)
        rounded(painter, QRectF(self.rect()), RADIUS["button"], ground)
        text(painter, QRectF(self.rect()), self.words, "error" if self.bad else "text2", "caption", CENTRE)


class EmptyWords(QLabel):
    """What an empty canvas says."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(EMPTY, parent)
        self.setProperty("role", "hint")
        self.setFont(THEME.font("body"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.adjustSize()


def is_bare(document: Document) -> bool:
    """Return whether nothing was made yet: there is at most the output that a new material begins with."""
    made = {node.key for node in document.nodes.values()} - {MATERIAL_OUTPUT}
    return not made and not document.links and not document.frames
