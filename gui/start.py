"""The start page: new materials, recent files, what a crash has left, and where to learn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRadialGradient, QShowEvent
from PyQt6.QtWidgets import QAbstractButton, QFileDialog, QFrame, QVBoxLayout, QWidget

from gui.dialogs import scrolled
from gui.drawing import rounded, text
from gui.panels.cells import Cell, Grid
from gui.panels.library import file_mime
from gui.parts import Painted, box, button, draw_icon, icon, label
from gui.recents import Lost, RecentFile, RecentRow, RescuedRow
from gui.shelves import Preset, Shelves
from gui.spheres import Spheres
from gui.theme import RADIUS, SIZE, THEME, mix
from gui.topbar import draw_sign

FIRST = ("brick_wall", "rusted_painted_metal", "mossy_cobblestone", "oak_planks", "concrete")
"""Templates that are shown at first, one of each kind of matter."""

MOST = 12
"""Recent files that are shown."""

GAP = 16
LEARN = 304


class Card(Cell):
    """A template: one click opens it."""

    def __init__(self, title: str, note: str, tip: str, path: Path | None, spheres: Spheres) -> None:
        picture = (lambda: None) if path is None else partial(spheres.picture, path)
        mime = partial(file_mime, path or Path())
        super().__init__(title, tip, SIZE["card"], picture, mime, "globe-hemisphere-west", note, inset=14)
        self.path = path

    def _draw_picture(self, painter: QPainter, place: QRectF) -> None:
        if self.path is not None:
            super()._draw_picture(painter, place)
            return
        rounded(painter, place, RADIUS["node"], THEME.color("raised"))
        ball = place.adjusted(20, 20, -20, -20)
        light = QRadialGradient(ball.center() - QPointF(18, 26), ball.width() * 0.9)
        grey = THEME.color("text4")
        light.setColorAt(0, mix(grey, THEME.color("on_accent"), 0.75))
        light.setColorAt(1, mix(grey, THEME.color("shadow"), 0.3))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(light)
        painter.drawEllipse(ball)

    def _drag(self) -> None:
        """A template is opened, not dragged."""

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """The first of the two clicks has opened it."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Lesson(QAbstractButton):
    """A thing to learn from: an icon, what it is, and a line about it."""

    def __init__(self, icon_name: str, title: str, note: str) -> None:
        super().__init__()
        self.icon_name, self.note = icon_name, note
        self.setText(title)
        self.setAccessibleName(f"{title}, {note}")
        self.setFixedHeight(48)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        line = THEME.color("accent") if self.hasFocus() else None
        ground = THEME.color("field_hover" if self.underMouse() else "raised")
        rounded(painter, rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["button"], ground, line)
        draw_icon(painter, QRectF(13, 15, 18, 18), self.icon_name, "text2")
        text(painter, QRectF(44, 6, rect.width() - 56, 18), self.text(), "text1")
        text(painter, QRectF(44, 25, rect.width() - 56, 16), self.note, "text3", "caption")

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class StartPage(QWidget):
    """What is shown while no document is.

    new_asked : the path of a template, None for an empty graph. open_asked : a path. browse_asked : files are to be
    chosen. recover_asked, discard_asked : what a crash has left. forget_asked : a path that is gone.
    """

    new_asked = pyqtSignal(object)
    open_asked = pyqtSignal(object)
    browse_asked = pyqtSignal()
    picture_asked = pyqtSignal()
    keys_asked = pyqtSignal()
    recover_asked = pyqtSignal(object)
    discard_asked = pyqtSignal(object)
    forget_asked = pyqtSignal(object)

    def __init__(self, spheres: Spheres | None = None, shelves: Shelves | None = None) -> None:
        super().__init__()
        self.spheres, self.shelves = spheres or Spheres(self), shelves or Shelves(self)
        self.spheres.arrived.connect(self._redraw)
        self.cards = Grid((0, 2, 0, 4), GAP)
        self.more = button("", "quiet")
        self.more.clicked.connect(self._show_all)
        self.recent: list[RecentRow] = []
        self.rescued: list[RescuedRow] = []
        self._files = QFrame()
        self._lines = QVBoxLayout(self._files)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        self._filled = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._page())
        self.set_recent((), ())

    def _page(self) -> QWidget:
        sign = Painted(lambda painter, rect: draw_sign(painter, rect.center(), 1.6), 40, 40)
        self.browse, self.photograph = button("Open…", "", "folder-open"), button("New from a picture…", "", "image")
        self.browse.clicked.connect(self.browse_asked)
        self.photograph.clicked.connect(self.picture_asked)
        head = box([sign, label("Intarsia", "display"), None, self.browse, self.photograph], gap=12, height=56)
        new = box([label("New", "title"), None, self.more], height=28)
        left = box([label("Recent", "title"), 6, self._files, None], True, gap=0)
        low = box([left, box(self._lessons(), True, gap=6, width=LEARN)], gap=48)
        low.layout().setStretch(0, 1)  # type: ignore[union-attr]  # a box has a layout
        inner = box([head, 24, new, 6, self.cards, 24, low, None], True, gap=0)
        inner.setMaximumWidth(SIZE["start"])
        body = box([inner], margins=(32, 40, 32, 24), surface="panel")
        return scrolled(body)

    def _lessons(self) -> list[QWidget | int | None]:
        photograph = Lesson("image", "From a photograph", "into a new material")
        keys = Lesson("keyboard", "Keys", "all on one page")
        photograph.clicked.connect(self.picture_asked)
        keys.clicked.connect(self.keys_asked)
        return [label("Learn", "title"), 2, photograph, keys, None]

    # ---- new ----

    def showEvent(self, event: QShowEvent | None) -> None:
        if not self._filled:
            self._filled = True
            self._fill(False)
            self.cards.cells[0].setFocus()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        if self.cards.cells:
            self.cards.cells[0].setFocus()

    def _fill(self, whole: bool) -> None:
        presets = sorted(self.shelves.presets(), key=lambda preset: _place(preset.path.stem))
        self.more.setText("Show fewer" if whole else f"Show all {len(presets)}")
        self.more.setAccessibleName(self.more.text())
        self.more.setVisible(len(presets) > len(FIRST))
        empty = Card("Empty", "an output, nothing else", "A new material: an output, nothing else", None, self.spheres)
        shown = presets if whole else presets[: len(FIRST)]
        cards = [empty, *(self._card(preset) for preset in shown)]
        for card in cards:
            card.clicked.connect(partial(self._new, card))
        self.cards.set_cells(cards)

    def _card(self, preset: Preset) -> Card:
        tip = f"{preset.title}. {preset.about}".strip()
        return Card(preset.title, f"{preset.nodes} nodes", tip, preset.path, self.spheres)

    def _new(self, card: Card, checked: bool = False) -> None:
        self.new_asked.emit(card.path)

    def _show_all(self) -> None:
        self._fill(len(self.cards.cells) == 1 + len(FIRST))

    # ---- recent ----

    def set_recent(self, entries: Sequence[RecentFile], lost: Sequence[Lost]) -> None:
        """Show files that were opened, the last first, below what a crash has left."""
        self._held = (entries, lost)
        while self._lines.count():
            item = self._lines.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rescued = [self._rescued(each, place == 0) for place, each in enumerate(lost)]
        broken = {each.path for each in lost}
        self.recent = [self._recent(entry, entry.path not in broken) for entry in entries[:MOST]]
        for row in (*self.rescued, *self.recent):
            self._lines.addWidget(row)
        if not self.rescued and not self.recent:
            self._lines.addWidget(label("Materials that you open or save will be here", "hint"))

    def _rescued(self, lost: Lost, primary: bool) -> RescuedRow:
        row = RescuedRow(lost, primary)
        row.recover_asked.connect(self.recover_asked)
        row.discard_asked.connect(self.discard_asked)
        return row

    def _recent(self, entry: RecentFile, pictured: bool) -> RecentRow:
        # A document that was open in a crash is not rendered just to be looked at: it might be the reason.
        row = RecentRow(entry, self.spheres.picture if pictured else _no_picture)
        row.opened.connect(self.open_asked)
        row.find_asked.connect(self._find)
        row.forget_asked.connect(self.forget_asked)
        return row

    def _find(self, path: object) -> None:
        """Let the user say where a file is now, and open it there."""
        assert isinstance(path, Path)
        folder = next((str(each) for each in path.parents if each.is_dir()), "")
        found, _ = QFileDialog.getOpenFileName(self, f"Find {path.name}", folder, f"*{path.suffix};;*")
        if found:
            self.forget_asked.emit(path)
            self.open_asked.emit(Path(found))

    def _redraw(self, key: str) -> None:
        for each in (*self.cards.cells, *self.recent):
            each.update()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and self._filled:
            self.browse.setIcon(icon("folder-open"))
            self.photograph.setIcon(icon("image"))
            self.set_recent(*self._held)

    def stop(self) -> None:
        """End what is made in the background."""
        self.spheres.stop()
        self.shelves.stop()


def _place(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def _no_picture(path: Path) -> QImage | None:
    return None
