"""The library: all nodes, the materials that come with Intarsia, and photographs, to be dragged on to the canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QMimeData, QSettings, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from gui import finding
from gui.drawing import text_width
from gui.fields import SearchField
from gui.finding import Entry
from gui.mimes import FILE_MIME as FILE_MIME, NODE_MIME as NODE_MIME
from gui.panels.cells import Cell, Grid
from gui.panels.rail import Rail
from gui.panels.section import Header, Section
from gui.parts import Segmented, box, label
from gui.sections import GROUPS, group_of
from gui.shelves import Photograph, Preset, Shelves
from gui.spheres import Spheres
from gui.theme import SIZE
from nodes.catalogue import catalogue

PAGES = ("Nodes", "Presets", "Pictures")
NODE_SIDE, SHELF_SIDE = 68, 108
RAIL = 40
OPEN_AT_FIRST = ("Noise", "Pattern")

Pictures = Callable[[str], QImage | None]


def node_mime(key: str) -> QMimeData:
    """Return what a drag of a node carries: its key."""
    mime = QMimeData()
    mime.setData(NODE_MIME, key.encode())
    return mime


def file_mime(path: Path) -> QMimeData:
    """Return what a drag of a material carries: its path."""
    mime = QMimeData()
    mime.setData(FILE_MIME, str(path).encode())
    return mime


def picture_mime(path: Path) -> QMimeData:
    """Return what a drag of a photograph carries, as if it came from a file manager."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    return mime


def node_cell(key: str, pictures: Pictures) -> Cell:
    """Return a node's cell."""
    kind = catalogue()[key]
    return Cell(
        kind.title,
        f"{kind.title}: {kind.summary}",
        NODE_SIDE,
        partial(pictures, key),
        partial(node_mime, key),
        group_of(kind.section).icon,
    )


def _that_fit(tags: tuple[str, ...]) -> str:
    """Return as many tags as stand under a cell, whole ones only."""
    lines = [", ".join(tags[:count]) for count in range(len(tags) + 1)]
    return [line for line in lines if text_width(line, "caption") <= SHELF_SIDE][-1]


class Page(QScrollArea):
    """A page of the library: what lies there, or what was found of it, or why nothing was."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.content, self.found, self.note = content, Grid(), label("", "hint")
        self.note.setWordWrap(True)
        self.note.setContentsMargins(12, 8, 12, 8)
        self.found.hide()
        self.note.hide()
        body = QFrame()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (content, self.note, self.found):
            layout.addWidget(part)
        layout.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_all(self) -> None:
        """Show what lies here."""
        self.content.show()
        self.found.hide()
        self.note.hide()

    def show_found(self, cells: list[Cell], note: str) -> None:
        """Show what was found, and a note above it where there is something to say."""
        self.content.hide()
        self.found.set_cells(cells)
        self.found.setVisible(bool(cells))
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def first(self) -> QWidget | None:
        """Return what gets the focus when one comes from the search field."""
        inside = self.found if self.found.isVisible() else self.content
        wanted = [inside, *inside.findChildren(QWidget)]
        return next((each for each in wanted if isinstance(each, Cell | Header) and each.isVisible()), None)


class Library(QWidget):
    """Three shelves with one search field.

    add_asked : a node's key. open_asked : the path of a material. picture_asked : the path of a photograph.
    """

    add_asked = pyqtSignal(str)
    open_asked = pyqtSignal(object)
    picture_asked = pyqtSignal(object)

    def __init__(
        self,
        pictures: Pictures | None = None,
        spheres: Spheres | None = None,
        settings: QSettings | None = None,
        shelves: Shelves | None = None,
    ) -> None:
        super().__init__()
        self.pictures, self.settings = pictures or (lambda key: None), settings
        self.spheres = spheres or Spheres(self)
        self.shelves = shelves or Shelves(self)
        self.choice = Segmented("What the library shows", PAGES)
        self.field = SearchField("", "Tab")
        self.presets, self.photographs = Grid(), Grid()
        self.sections = self._sections()
        nodes = box(list(self.sections.values()), True, gap=0)
        self.pages = [Page(nodes), Page(self.presets), Page(self.photographs)]
        self.stack = QStackedWidget()
        for page in self.pages:
            self.stack.addWidget(page)
        self.rail = Rail(self.sections.values())
        self.whole = box(
            [box([self.choice, self.field], True, (12, 10, 12, 8)), self.stack], True, gap=0, surface="panel"
        )
        self._connect()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.rail)
        layout.addWidget(self.whole)
        self.set_rail(False)
        self._show_page(0)

    def _connect(self) -> None:
        self.choice.chosen.connect(self._show_page)
        self.field.textChanged.connect(self._search)
        self.field.left.connect(self._enter_page)
        self.field.returnPressed.connect(self._take_first)
        self.spheres.arrived.connect(self._redraw)
        self.shelves.changed.connect(self._fill_shelves)
        for page in self.pages:
            page.found.left.connect(self._leave_page)

    # ---- nodes ----

    def _sections(self) -> dict[str, Section]:
        held: dict[str, list[str]] = {}
        for entry in finding.nodes():
            held.setdefault(group_of(catalogue()[entry.key].section).title, []).append(entry.key)
        made = {group.title: Section(group, held[group.title], self._node) for group in GROUPS if group.title in held}
        for title, section in made.items():
            section.header.setChecked(title in self._opened())
            section.header.toggled.connect(self._remember)
        return made

    def _opened(self) -> list[str]:
        first = ",".join(OPEN_AT_FIRST)
        stored = self.settings.value("library/open", first) if self.settings is not None else first
        return str(stored or "").split(",")

    def _remember(self) -> None:
        if self.settings is not None:
            is_open = [title for title, section in self.sections.items() if section.header.isChecked()]
            self.settings.setValue("library/open", ",".join(is_open))

    def _node(self, key: str) -> Cell:
        cell = node_cell(key, self.pictures)
        cell.taken.connect(partial(self.add_asked.emit, key))
        return cell

    def show_picture(self, key: str) -> None:
        """Draw again where a node's picture has come; connect it to what makes them."""
        self._redraw(key)

    def _redraw(self, key: str) -> None:
        for cell in self.findChildren(Cell):
            if cell.isVisible():
                cell.update()

    # ---- presets and photographs ----

    def _preset(self, preset: Preset) -> Cell:
        tip = f"{preset.title}. {preset.about}".strip()
        cell = Cell(
            preset.title,
            tip,
            SHELF_SIDE,
            partial(self.spheres.picture, preset.path),
            partial(file_mime, preset.path),
            "globe-hemisphere-west",
            _that_fit(preset.tags),
            inset=6,
        )
        cell.taken.connect(partial(self.open_asked.emit, preset.path))
        return cell

    def _photograph(self, photograph: Photograph) -> Cell:
        cell = Cell(
            photograph.title,
            photograph.about,
            SHELF_SIDE,
            lambda: photograph.image,
            partial(picture_mime, photograph.path),
            "image",
            photograph.licence,
        )
        cell.taken.connect(partial(self.picture_asked.emit, photograph.path))
        return cell

    def _fill_shelves(self) -> None:
        if self.stack.currentIndex() == 1:
            self.presets.set_cells([self._preset(preset) for preset in self.shelves.presets()])
        elif self.stack.currentIndex() == 2:
            self.photographs.set_cells([self._photograph(each) for each in self.shelves.photographs()])
        self._search(self.field.text())

    # ---- pages and searching ----

    def _show_page(self, index: int) -> None:
        self.choice.set_current(index)
        self.stack.setCurrentIndex(index)
        self._fill_shelves()

    def _counted(self) -> str:
        index = self.stack.currentIndex()
        count = (len(finding.nodes()), len(self.presets.cells), len(self.photographs.cells))[index]
        return f"Search {count} {PAGES[index].lower()}"

    def _entries(self) -> tuple[Entry, ...] | list[Entry]:
        index = self.stack.currentIndex()
        if index == 0:
            return finding.nodes()
        if index == 1:
            return [Entry(str(one.path), one.title, also=one.tags, help=one.about) for one in self.shelves.presets()]
        return [Entry(str(one.path), one.title, also=one.tags, help=one.about) for one in self.shelves.photographs()]

    def _search(self, typed: str) -> None:
        index = self.stack.currentIndex()
        page = self.pages[index]
        self.field.set_hint(self._counted())
        self.field.key = "Tab" if index == 0 else ""
        if not typed.strip():
            page.show_all()
            if index == 2 and not self.photographs.cells:
                page.show_found([], self.shelves.waiting)
            return
        entries = self._entries()
        keys = [match.entry.key for match in finding.search(typed, entries)]
        near = "" if keys else finding.suggestion(typed, entries)
        note = "" if keys else f"No {PAGES[index].lower()[:-1]} called “{typed.strip()}”."
        page.show_found(self._cells(keys), note + (f" Did you mean {near}?" if near else ""))

    def _cells(self, keys: list[str]) -> list[Cell]:
        index = self.stack.currentIndex()
        if index == 0:
            return [self._node(key) for key in keys]
        if index == 1:
            presets = {str(preset.path): preset for preset in self.shelves.presets()}
            return [self._preset(presets[key]) for key in keys]
        photographs = {str(each.path): each for each in self.shelves.photographs()}
        return [self._photograph(photographs[key]) for key in keys]

    def _enter_page(self) -> None:
        first = self.pages[self.stack.currentIndex()].first()
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _leave_page(self, direction: int) -> None:
        if direction < 0:
            self.field.setFocus(Qt.FocusReason.TabFocusReason)

    def _take_first(self) -> None:
        found = self.pages[self.stack.currentIndex()].found
        if found.isVisible() and found.cells:
            found.cells[0].taken.emit()

    def stop(self) -> None:
        """End all that is made in the background."""
        self.spheres.stop()
        self.shelves.stop()

    # ---- the rail ----

    def set_rail(self, narrow: bool) -> None:
        """Show a rail of sections instead of the whole library, or the other way round."""
        self.rail.setVisible(narrow)
        self.whole.setVisible(not narrow)
        self.setMinimumWidth(RAIL if narrow else SIZE["library"])
        self.setMaximumWidth(RAIL if narrow else 16777215)
