"""The panel of parameters: what is selected, to be changed; with nothing selected, the material itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from gui.controls.choice import words_of as option_words
from gui.controls.control import menu_of
from gui.controls.curve import CurveControl
from gui.controls.gradient import GradientControl
from gui.controls.picture import PictureControl
from gui.controls.seed import THROWN, SeedControl
from gui.controls.swatch import SwatchControl
from gui.panels.about import About
from gui.panels.exposing import Exposing
from gui.panels.gestures import Gestures
from gui.panels.group import Group
from gui.panels.head import Head
from gui.panels.items import (
    Item,
    Section,
    exposed_values,
    resetting,
    seed_places,
    setting,
)
from gui.panels.outside import TITLE, OutsideGroup
from gui.panels.presets import PresetBar
from gui.panels.row import ParameterRow
from gui.panels.sources import facts_of
from gui.panels.subject import Subject, sections_of, show_head, subject_of
from gui.panels.surroundings import show_around
from gui.panels.why import HelpPage, WhyPage, inset, prose
from gui.parts import Segmented, box, label
from gui.session import Session
from gui.titles import title_of
from materials.driving import Place
from materials.edits import Group as EditGroup, SetMeta, SetNode, SetParameter
from materials.graph import SUBGRAPH
from materials.render import physical_size

PAGES = ("Parameters", "Why", "Help")


class Parameters(QWidget):
    """Shows and changes parameters.

    picking tells the control that waits for a colour from a view, or None when none does any more: the window gives
    it colours by `offer`, `take` and `give_up`; picking_line the same for a row of colours (`offer_line`, `take_line`,
    `stop_line`).
    """

    picking = pyqtSignal(object)
    picking_line = pyqtSignal(object)
    pin_changed = pyqtSignal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.pinned: str | None = None
        self.locked: set[Place] = set()
        """Seeds that stay when all are thrown."""
        self.baseline: dict[str, Any] = exposed_values(session.graph)
        """What exposed parameters were when the document was opened or a preset applied: others count as changed."""
        self.subject = Subject()
        self.rows: dict[str, ParameterRow] = {}
        self.groups: dict[str, Group] = {}
        self.outside: OutsideGroup | None = None
        self.opened: dict[str, bool] = {}
        """Groups that were opened or closed by hand."""
        self._shape: object = None
        self._throw = SystemRandom()
        self.gestures = Gestures(session)
        self.exposing = Exposing(session, self.gestures, self)
        self.head = Head()
        self.tabs = Segmented("Page", PAGES)
        self.presets = PresetBar(session)
        self.about = About(session)
        self.why, self.help = WhyPage(), HelpPage()
        self.page = QWidget()
        self.column = QVBoxLayout(self.page)
        self.stack = QStackedWidget()
        self._lay_out()
        self._join()
        self.refresh()

    def _lay_out(self) -> None:
        self.setAccessibleName("Parameters")
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        for page in (self.page, self.why, self.help):
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(page)
            self.stack.addWidget(area)
        self.tab_row = box([self.tabs], margins=(12, 0, 12, 8))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.wrong = label("", "error")
        self.wrong.setWordWrap(True)
        self.wrong.setContentsMargins(12, 0, 12, 8)
        self.wrong.hide()
        for part in (self.head, self.tab_row, self.wrong, self.presets):
            layout.addWidget(part)
        layout.addWidget(self.stack, 1)

    def _join(self) -> None:
        session, head = self.session, self.head
        session.edited.connect(self._edited)
        session.titled.connect(self._show_head)
        session.entered.connect(self._entered)
        session.selection_changed.connect(self.refresh)
        session.pictured.connect(self._pictured)
        head.title.committed.connect(self._retitle)
        head.bypass.clicked.connect(self._bypass)
        head.freeze.clicked.connect(self._freeze)
        head.pin.clicked.connect(self._pin)
        head.more.clicked.connect(self.open_more)
        self.tabs.chosen.connect(self._turn)
        self.presets.applied.connect(self._preset_applied)
        self.why.gone_to.connect(self._go)

    # ---- what is shown ----

    def _entered(self) -> None:
        self.gestures.active = None
        self.pinned = None
        self.locked.clear()
        self.presets.forget()
        self.baseline = exposed_values(self.session.graph)
        self._shape = None
        self.refresh()

    def _edited(self, before: object, after: object) -> None:
        self.refresh()

    def sections(self) -> tuple[Section, ...]:
        """Return the rows of what is shown, by group."""
        return sections_of(self.session, self.subject, self.baseline)

    def refresh(self) -> None:
        """Read everything again; rows that still fit stay as they are, with what is being done in them."""
        self.subject = subject_of(self.session, self.pinned)
        sections = self.sections()
        shape = (self.subject, [(section.title, [item.shape for item in section.items]) for section in sections])
        if shape != self._shape:
            if self._is_busy:
                self._leave()
                self.refresh()
                return
            self._shape = shape
            self._rebuild(sections)
        self._show_head()
        tile_cm, _ = physical_size(self.session.root)
        sources = self._sources(sections)
        for section in sections:
            for item in section.items:
                row = self.rows[item.name]
                if isinstance(row.control, PictureControl):
                    row.control.set_sources(sources)
                row.show_item(item, tile_cm)
                show_around(row, self.session, self.locked)
            if section.title in self.groups:
                self.groups[section.title].head.set_note(section.note)
        if self.subject.node is not None and self.outside is not None:
            self.outside.show_sections(sections)
        if not self.subject.ids:
            self.presets.refresh(self.session.graph)
            self.about.refresh()
        self._show_page()

    @property
    def _is_busy(self) -> bool:
        return self.gestures.active is not None or any(row.is_picking for row in self.rows.values())

    def _leave(self) -> None:
        """End what is being done in rows that go away."""
        for row in self.rows.values():
            row.stop_picking()
        self.gestures.end()

    def _sources(self, sections: tuple[Section, ...]) -> list[Any]:
        controls = (self.rows[item.name].control for section in sections for item in section.items)
        if any(isinstance(control, PictureControl) for control in controls):
            return facts_of(self.session.graph, self.session.folder)
        return []

    def _rebuild(self, sections: tuple[Section, ...]) -> None:
        for row in self.rows.values():
            row.blockSignals(True)  # what it loses now, such as the focus, is no wish of anyone
        self.rows, self.groups = {}, {}
        self.about.hide()
        self.about.setParent(self)  # never without a parent: what Python alone owns may go at any time
        while (part := self.column.takeAt(0)) is not None:
            if (widget := part.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for section in sections:
            group = self._group(section.title, section.is_open)
            for item in section.items:
                row = self.rows[item.name] = ParameterRow(item, exposable=len(self.subject.ids) <= 1)
                self._join_row(row)
                group.add(row)
            self.column.addWidget(group)
        if self.subject.node is not None:
            self.outside = OutsideGroup(self.opened.get(TITLE, False))
            self.outside.turned.connect(self._turned)
            self.outside.asked.connect(self._ask_exposed)
            self.column.addWidget(self.outside)
        if not sections and self.subject.ids:
            self.column.addWidget(box([inset(prose(self._nothing()))], margins=(4, 8, 8, 8)))
        if not self.subject.ids:
            group = self._group(f"About the {'subgraph' if self.session.level else 'material'}", not sections)
            group.add(self.about)
            self.about.show()
            self.column.addWidget(group)
        self.column.addStretch(1)
        if self.subject.node is not None:
            # A node with nothing to set shows its help instead of an empty page.
            page = 2 if not sections and self.tabs.current == 0 else self.tabs.current
            self.stack.setCurrentIndex(page)
        else:
            self.stack.setCurrentIndex(0)
        self.tab_row.setVisible(self.subject.node is not None)
        self.presets.setVisible(not self.subject.ids)

    def _ask_exposed(self, name: str) -> None:
        self.exposing.ask(self.rows[name])

    def _group(self, title: str, is_open: bool) -> Group:
        group = self.groups[title] = Group(title, self.opened.get(title, is_open))
        group.turned.connect(self._turned)
        return group

    def _turned(self, title: str, is_open: bool) -> None:
        self.opened[title] = is_open

    def _nothing(self) -> str:
        return "Nothing to set here." if self.subject.node else "These nodes have no parameter in common."

    def _join_row(self, row: ParameterRow) -> None:
        self.gestures.join(row)
        control = row.control
        if isinstance(control, SwatchControl | GradientControl):
            control.picking.connect(self._picking(control))
        if isinstance(control, GradientControl):
            control.picking_line.connect(self._picking_line(control))
            control.space_chosen.connect(self._space_setter(row))
        if isinstance(control, PictureControl):
            control.chosen.connect(self._picture_setter(row))
        if isinstance(control, SeedControl):
            control.locked.connect(self._locker(row))

    # ---- what rows ask for beside values ----

    def _space_setter(self, row: ParameterRow) -> Callable[[str], None]:
        def put(space: str) -> None:
            edits = tuple(SetParameter(id, "space", space) for id, _ in row.item.places)
            self.gestures.do(EditGroup(edits), f"Space of {row.item.of}: {option_words(space)}", row)

        return put

    def _picking(self, control: SwatchControl | GradientControl) -> Callable[[bool], None]:
        def tell(on: bool) -> None:
            asking = control.swatch if isinstance(control, GradientControl) else control
            self.picking.emit(asking if on else None)

        return tell

    def _picking_line(self, control: GradientControl) -> Callable[[bool], None]:
        return lambda on: self.picking_line.emit(control if on else None)

    def _picture_setter(self, row: ParameterRow) -> Callable[[Path], None]:
        return lambda path: self.take_picture(row, path)

    def take_picture(self, row: ParameterRow, path: Path) -> None:
        """Enter a file in the document's ledger and make it a row's picture, as one step."""
        taken = self.session.take_picture(path)
        if taken is not None:
            edit, name = taken
            self.gestures.do(EditGroup((edit, setting(row.item, name))), row.item.title, row)

    def _locker(self, row: ParameterRow) -> Callable[[bool], None]:
        def lock(locked: bool) -> None:
            places = set(row.item.places)
            self.locked = self.locked | places if locked else self.locked - places

        return lock

    # ---- the head ----

    def _show_head(self) -> None:
        show_head(self.head, self.session, self.subject, self.pinned is not None)
        look = self.session.look(self.subject.node) if self.subject.node else None
        words = look.words if look is not None and look.state == "error" else ""
        self.wrong.setText(words)
        self.wrong.setVisible(bool(words))

    def _show_page(self) -> None:
        node = self.subject.node
        if node is None:
            return
        if self.stack.currentIndex() == 1:
            self.why.show_node(self.session, node)
        elif self.stack.currentIndex() == 2:
            known = self.session.graph.node(node)
            words = "This kind of node is unknown here. It is kept and saved as it is."
            if known.key == SUBGRAPH:
                inner = self.session.inside(known)
                words = f"{inner.description if inner else ''}\nA graph of its own; Enter goes inside.".strip()
            self.help.show_kind(known.type, words)

    def _pictured(self, ids: frozenset[str]) -> None:
        if not self.subject.ids or set(self.subject.ids) & ids:
            self._show_head()
            self._show_page()
        for row in self.rows.values():
            if isinstance(row.control, CurveControl):
                show_around(row, self.session, self.locked)

    def show_help(self) -> None:
        """Turn to the page Help."""
        if self.subject.node is not None:
            self.tabs.set_current(2)
            self._turn(2)

    def _turn(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        self._show_page()

    def _retitle(self, words: str) -> None:
        node = self.subject.node
        if node is not None:
            self.gestures.do(SetNode(node, "title", words), f"Title of {words or node}")
        elif not self.subject.ids:
            self.gestures.do(SetMeta("title", words), "Title of the material")
        self._show_head()

    def _bypass(self, on: bool) -> None:
        if (node := self.subject.node) is not None:
            verb = "Bypass" if on else "Do not bypass"
            self.gestures.do(SetNode(node, "bypass", on), f"{verb} {title_of(self.session.graph.node(node))}")
            self._show_head()

    def _freeze(self, on: bool) -> None:
        self.session.freeze(self.subject.ids, on)
        self._show_head()

    def _pin(self, on: bool) -> None:
        self.pinned = self.subject.node if on else None
        self.pin_changed.emit(self.pinned)
        self.refresh()

    def _go(self, id: str) -> None:
        self.session.select([id], id)

    # ---- the menu ----

    def open_more(self) -> None:
        """Open the menu of what can be done with all that is shown."""
        menu = self.menu = menu_of(self)
        changed = any(item.changed for section in self.sections() for item in section.items)
        entries: list[tuple[str, Callable[[], None], bool]] = [("Reset all", self.reset_all, changed)]
        node = self.subject.node
        if node is not None:
            entries.append(("Show in 2D", lambda: self.session.show(node), True))
            if self.session.graph.node(node).key == SUBGRAPH:
                entries.append(("Go inside", lambda: self.session.enter(node), True))
        elif not self.subject.ids:
            entries.append(("New seeds", self.throw_seeds, bool(self._free_seeds())))
        for words, does, possible in entries:
            action = QAction(words, menu)
            action.triggered.connect(lambda checked=False, does=does: does())
            action.setEnabled(possible)
            menu.addAction(action)
        menu.popup(self.head.more.mapToGlobal(QPoint(0, self.head.more.height())))

    def reset_all(self) -> None:
        """Set all that is shown to its defaults."""
        items: list[Item] = [item for section in self.sections() for item in section.items]
        self.gestures.do(resetting(items), f"Reset {items[0].of}" if items else "Reset")

    def _free_seeds(self) -> list[Place]:
        return [place for place in seed_places(self.session.graph) if place not in self.locked]

    def throw_seeds(self) -> None:
        """Give every seed that is not locked another number."""
        edits = [SetParameter(id, name, self._throw.randint(0, THROWN)) for id, name in self._free_seeds()]
        self.gestures.do(EditGroup(tuple(edits)), "New seeds")

    def _preset_applied(self, name: str) -> None:
        self.baseline = exposed_values(self.session.graph)
        self.refresh()
