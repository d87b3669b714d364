"""The search popup: nodes by name, other names, help or port, and commands by name; all of it by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QHideEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from gui import finding
from gui.drawing import RIGHT, draw_port, rounded, text, text_width
from gui.finding import Entry, Fit, Match
from gui.overlay import Outside, Shadow, fade_in, placed
from gui.parts import Elided, Painted, box, draw_icon, rule, stretched
from gui.sections import group_of
from gui.shortcuts import keys_of, words_of
from gui.theme import RADIUS, SIZE, THEME
from nodes.catalogue import catalogue
from nodes.declare import spelled

ROW = 40
MOST = 8
"""Rows in sight; further ones are reached by going down."""

PORTS = 4
"""Port shapes that a row shows at most."""

RECENT = 6

Pictures = Callable[[str], QImage | None]


@dataclass(frozen=True)
class Row:
    """One line of what was found.

    key : of a node, empty for others. action : a command. offer : called when it is chosen, as after a slip of the
    fingers; the popup then stays.
    """

    title: str
    why: str = ""
    key: str = ""
    icon: str = ""
    kinds: tuple[str, ...] = ()
    keys: str = ""
    action: QAction | None = field(default=None, compare=False)
    offer: Callable[[], None] | None = field(default=None, compare=False)

    @property
    def said(self) -> str:
        """The row in words, for those who hear it."""
        gives = ", ".join(self.kinds)
        return ", ".join(part for part in (self.title, self.why, f"gives {gives}" if gives else "", self.keys) if part)


class Search(QFrame):
    """A popup over its parent window; `chosen` tells a node's key, and whether the popup stays open for more."""

    chosen = pyqtSignal(str, bool)
    closed = pyqtSignal()

    def __init__(self, parent: QWidget, pictures: Pictures | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "popover")
        self.setFixedWidth(SIZE["popup"])
        self.fit = Fit()
        self.commands: tuple[QAction, ...] = ()
        self.with_nodes = True
        self.recent: list[str] = []
        self._before: QWidget | None = None
        self.field = QLineEdit()
        self.field.setMinimumHeight(SIZE["search"])
        self.field.textChanged.connect(self.refresh)
        self.field.installEventFilter(self)
        self.filter = Painted(self._draw_filter, height=22)
        self.filter.installEventFilter(self)
        self.rows = Rows(pictures or (lambda key: None))
        self.rows.picked.connect(self._picked)
        self.rows.moved.connect(self._say)
        self.hints = [Elided("", "hint") for _ in range(3)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        foot = stretched(box(self.hints[:2] + [None] + self.hints[2:], margins=(12, 0, 12, 0), gap=12, height=28), 2)
        for part in (box([self.field], margins=(8, 8, 8, 4)), self.filter, self.rows, rule(), foot):
            layout.addWidget(part)
        self.shadow = Shadow(self)
        self._outside = Outside(self)
        self.hide()

    # ---- opening and closing ----

    def open_nodes(self, at: QPoint, fit: Fit | None = None, typed: str = "") -> None:
        """Open at a point of the screen to choose a node, of those that fit a wire where one is in hand."""
        self.fit, self.commands, self.with_nodes = fit or Fit(), (), True
        add = "Enter add and join" if self.fit else "Enter add"
        self._open(at, "Add a node", "Search nodes", ("↑↓ choose", add, "Ctrl Enter keep open"), typed)

    def open_commands(self, at: QPoint, commands: Sequence[QAction], with_nodes: bool = False, typed: str = "") -> None:
        """Open at a point of the screen to run one of the actions that can be run now, or else to add a node."""
        able = (action for action in commands if action.isEnabled() and action.isVisible() and not action.isSeparator())
        self.fit, self.commands, self.with_nodes = Fit(), tuple(able), with_nodes
        hint = "Search or run a command" if with_nodes else "Run a command"
        self._open(at, hint, hint, ("↑↓ choose", "Enter run", "Esc close"), typed)

    def _open(self, at: QPoint, name: str, hint: str, foot: tuple[str, str, str], typed: str) -> None:
        parent = self.parentWidget()
        assert parent is not None
        window = parent.window()
        self._before = window.focusWidget() if window is not None else None
        for words, each in zip(foot, self.hints, strict=True):
            each.set_words(words)
        self.setAccessibleName(name)
        self.field.setAccessibleName(name)
        self.field.setPlaceholderText(hint)
        self.field.blockSignals(True)
        self.field.setText(typed)
        self.field.blockSignals(False)
        self.refresh()
        self.setGeometry(placed(parent, at, self.width(), self._tallest()))
        self.resize(self.width(), self.sizeHint().height())
        self.show()
        self.raise_()
        self.shadow.stackUnder(self)
        self._outside.watch(True)
        self.field.setFocus()
        fade_in(self)

    def _tallest(self) -> int:
        """Return the height with all rows: the place must do for whatever is typed next."""
        return self.sizeHint().height() - self.rows.height() + ROW * MOST

    def hideEvent(self, event: QHideEvent | None) -> None:
        self._outside.watch(False)
        if self._before is not None and self.field.hasFocus():
            self._before.setFocus()
        self._before = None
        self.closed.emit()

    # ---- what is found ----

    def refresh(self) -> None:
        """Look again for what is typed."""
        typed = self.field.text()
        rows = [*self._commands(typed), *self._nodes(typed)]
        self.filter.setVisible(bool(self.fit))
        self.rows.set_rows(rows or self._offers(typed))
        if self.isVisible():
            self.resize(self.width(), self.sizeHint().height())
        self._say()

    def _commands(self, typed: str) -> list[Row]:
        actions = {str(place): action for place, action in enumerate(self.commands)}
        entries = [Entry(key, words_of(action), help=action.toolTip()) for key, action in actions.items()]
        found = []
        for match in finding.search(typed, entries):
            action = actions[match.entry.key]
            found.append(Row(match.entry.title, match.why, icon="terminal-window", keys=keys_of(action), action=action))
        return found

    def _nodes(self, typed: str) -> list[Row]:
        if not self.with_nodes or (self.commands and not typed):
            return []
        entries = self.fit.of(finding.nodes())
        if not typed.strip():
            entries.sort(key=lambda entry: self.recent.index(entry.key) if entry.key in self.recent else RECENT)
        return [self._node(match) for match in finding.search(typed, entries)]

    def _node(self, match: Match) -> Row:
        kind = catalogue()[match.entry.key]
        why = match.why or group_of(kind.section).title
        if self.fit and not match.why:
            verb = "joins" if self.fit.takes else "gives"
            why += f", {verb} {spelled(str(self.fit.port(kind.key)))}"
        elif self.commands and not match.why:
            why = f"add a node, {why}"
        kinds = tuple(dict.fromkeys(output.kind.value for output in kind.outputs))
        return Row(kind.title, why, kind.key, group_of(kind.section).icon, kinds[:PORTS])

    def _offers(self, typed: str) -> list[Row]:
        """Return what may be done where nothing was found."""
        thing = "command" if self.commands else "node"
        what = f"No {thing} called “{typed.strip()}”"
        if self.fit:
            what = f"No “{typed.strip()}” {self.fit.words.replace('what', 'that')}"
        offers = [Row(what, icon="magnifying-glass")]
        entries = self.fit.of(finding.nodes()) if self.with_nodes else []
        entries += [Entry(words_of(action), words_of(action)) for action in self.commands]
        if self.fit and finding.search(typed, finding.nodes()):
            offers.append(
                Row("Search all nodes", "also those that do not join", icon="arrow-right", offer=self._unfilter)
            )
        if near := finding.suggestion(typed, entries):
            offers.append(Row(f"Did you mean {near}?", icon="arrow-right", offer=lambda: self.field.setText(near)))
        return offers

    def _unfilter(self) -> None:
        self.fit = Fit()
        self.refresh()

    def show_picture(self, key: str) -> None:
        """Draw again where a node's picture has come; connect it to what makes them."""
        if self.isVisible():
            self.rows.update()

    def _say(self) -> None:
        row = self.rows.row
        place = f", {self.rows.current + 1} of {len(self.rows.rows)}" if row else ""
        self.field.setAccessibleDescription(row.said + place if row else "nothing found")

    # ---- choosing ----

    def _picked(self, keep_open: bool) -> None:
        row = self.rows.row
        if row is None:
            return
        if row.offer is not None:
            row.offer()
        elif row.action is not None:
            self.hide()
            row.action.trigger()
        elif row.key:
            self.recent = [row.key, *(key for key in self.recent if key != row.key)][:RECENT]
            if not keep_open:
                self.hide()
            self.chosen.emit(row.key, keep_open)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if watched is self.filter and event is not None and event.type() == QEvent.Type.MouseButtonPress:
            self._unfilter()
            return True
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1,
            Qt.Key.Key_PageDown: MOST, Qt.Key.Key_PageUp: -MOST,
        }  # fmt: skip
        if key in steps:
            self.rows.step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._picked(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key == Qt.Key.Key_Escape:
            self.hide()
        elif key == Qt.Key.Key_Backspace and not self.field.text() and self.fit:
            self._unfilter()
        else:
            return False
        return True

    def _draw_filter(self, painter: QPainter, rect: QRectF) -> None:
        middle = rect.center().y()
        draw_port(painter, self.fit.kind or "Gray", QPointF(17, middle), THEME.color("popover"), True, 8)
        text(painter, rect.adjusted(31, 0, -32, 0), self.fit.words, "text3", "caption")
        draw_icon(painter, QRectF(rect.right() - 26, middle - 6, 12, 12), "x", "text3")


class Rows(QWidget):
    """What was found, as many rows as fit; the pointer or `step` moves the choice."""

    picked = pyqtSignal(bool)
    moved = pyqtSignal()

    def __init__(self, pictures: Pictures) -> None:
        super().__init__()
        self.pictures = pictures
        self.rows: list[Row] = []
        self.current = self.first = 0
        self._pointer = QPointF()
        self.setMouseTracking(True)

    @property
    def row(self) -> Row | None:
        return self.rows[self.current] if self.rows else None

    def set_rows(self, rows: list[Row]) -> None:
        """Show other rows, the first of them chosen that can be."""
        self.rows, self.first = rows, 0
        choosable = (place for place, row in enumerate(rows) if row.key or row.action or row.offer)
        self.current = next(choosable, 0)
        self.setFixedHeight(ROW * min(len(rows), MOST))
        self.update()

    def step(self, by: int) -> None:
        """Move the choice; past the last it starts again."""
        if not self.rows:
            return
        last = len(self.rows) - 1
        at = self.current + by
        if abs(by) == 1:
            at %= last + 1
        self._choose(min(max(at, 0), last))

    def _choose(self, place: int) -> None:
        self.current = place
        self.first = min(max(self.first, place - MOST + 1), place)
        self.update()
        self.moved.emit()

    def sizeHint(self) -> QSize:
        return QSize(SIZE["popup"], self.height())

    # ---- pointer ----

    def _at(self, y: float) -> int | None:
        place = self.first + int(y // ROW)
        return place if 0 <= place < len(self.rows) else None

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        # A popup that opens under a resting pointer must not choose what happens to lie there.
        if event is not None and event.globalPosition() != self._pointer:
            self._pointer = event.globalPosition()
            place = self._at(event.position().y())
            if place is not None and place != self.current:
                self._choose(place)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            place = self._at(event.position().y())
            if place is not None:
                self._choose(place)
                self.picked.emit(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            by = -1 if event.angleDelta().y() > 0 else 1
            self.first = max(0, min(self.first + by, len(self.rows) - MOST))
            self.current = min(max(self.current, self.first), self.first + MOST - 1)
            self.update()
            self.moved.emit()
            event.accept()

    # ---- painting ----

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for line, row in enumerate(self.rows[self.first : self.first + MOST]):
            chosen = self.first + line == self.current and bool(row.key or row.action or row.offer)
            painter.save()
            painter.translate(0, line * ROW)
            self._draw(painter, QRectF(0, 0, self.width(), ROW), row, chosen)
            painter.restore()
        if len(self.rows) > MOST:
            self._draw_place(painter)

    def _draw(self, painter: QPainter, rect: QRectF, row: Row, chosen: bool) -> None:
        behind = THEME.color("accent_soft" if chosen else "popover")
        if chosen:
            rounded(painter, rect.adjusted(4, 0, -4, 0), RADIUS["field"], behind)
        self._draw_picture(painter, QRectF(12, 4, 32, 32), row)
        right = rect.right() - 20
        for place, kind in enumerate(reversed(row.kinds)):
            draw_port(painter, kind, QPointF(right - place * 18, rect.center().y()), behind, True, 8)
        if row.keys:
            text(painter, QRectF(rect.right() - 132, 0, 120, ROW), row.keys, "text3", "caption", RIGHT)
        taken = 18 * len(row.kinds) if row.kinds else text_width(row.keys, "caption") if row.keys else 0
        wide = right - taken - 54
        role, tone = ("strong" if chosen else "body"), ("text1" if row.key or row.action or row.offer else "text3")
        if row.why:
            text(painter, QRectF(54, 3, wide, 18), row.title, tone, role)
            text(painter, QRectF(54, 20, wide, 16), row.why, "text3", "caption")
        else:
            text(painter, QRectF(54, 0, wide, ROW), row.title, tone, role)

    def _draw_picture(self, painter: QPainter, place: QRectF, row: Row) -> None:
        image = self.pictures(row.key) if row.key else None
        if image is not None and not image.isNull():
            painter.drawImage(place, image, QRectF(image.rect()))
            rounded(painter, place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["tick"], None, THEME.color("text1", 0.12))
            return
        if row.key:
            rounded(painter, place, RADIUS["tick"], THEME.color("well"))
        draw_icon(painter, place.adjusted(8, 8, -8, -8), row.icon, "text3")

    def _draw_place(self, painter: QPainter) -> None:
        """Draw how far down the rows in sight are."""
        whole = self.height() - 8
        length = max(24.0, whole * MOST / len(self.rows))
        top = 4 + (whole - length) * self.first / (len(self.rows) - MOST)
        rounded(painter, QRectF(self.width() - 4, top, 3, length), 1.5, THEME.color("line_strong"))
