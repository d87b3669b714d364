"""The presets of the document: which one it is as, whether it was changed since, and what can be done about it."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from gui.controls.choice import ListChoice
from gui.controls.control import Popover, menu_of
from gui.controls.text import TextControl
from gui.panels.items import applying, exposed_values, holds, place_of_setting, same
from gui.parts import Tool, button, label
from gui.session import Session
from gui.theme import SIZE
from materials.edits import Group, SetMeta, SetParameter
from materials.graph import Document

NONE = "No preset"


class PresetChoice(ListChoice):
    """The name of the preset, with a word if it was changed."""

    modified = False

    def set_modified(self, modified: bool) -> None:
        """Show whether the document is another than its preset says."""
        self.modified = modified
        self.update()


class NamePopup(Popover):
    """Asks for a name."""

    named = pyqtSignal(str)

    def __init__(self, title: str, word: str, name: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = TextControl("Name", "", 128)
        self.field.set_value(name)
        self.done = button(word, "primary")
        self.done.clicked.connect(self._done)
        self.field.line.returnPressed.connect(self._done)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.done)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(label(title, "strong"))
        layout.addWidget(self.field)
        layout.addLayout(foot)
        self.setFixedWidth(240)

    def _done(self) -> None:
        name = self.field.line.text().strip()
        self.close()
        if name:
            self.named.emit(name)


class PresetBar(QWidget):
    """The row of the document's presets; `applied` tells the name of one that was just applied."""

    applied = pyqtSignal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.current = ""
        """The preset that was applied or matched last."""
        self.snapshot: dict[str, Any] = {}
        """What all exposed parameters were then: a preset need not set them all."""
        self.choice = PresetChoice("Preset", (NONE,), "Presets of the document")
        self.more = Tool("dots-three", "Save, apply again or remove presets", SIZE["field"])
        self.popup: NamePopup | None = None
        self.menu: QMenu | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 2, 8, 8)
        layout.setSpacing(4)
        layout.addWidget(label("Preset", width=SIZE["label_column"] - 4 - 4))
        layout.addWidget(self.choice, 1)
        layout.addWidget(self.more)
        self.choice.committed.connect(self.apply)
        self.more.clicked.connect(self.open_menu)

    def refresh(self, document: Document) -> None:
        """Show how a document stands to its presets."""
        names = tuple(document.presets)
        if self.current not in names:
            self.current = ""
        matching = [name for name in names if holds(document, name)]
        if matching and not self.current:
            # Of several that fit, the one that says most.
            self._keep(max(matching, key=lambda name: len(document.presets[name])), document)
        values = exposed_values(document)
        moved = any(not same(value, values.get(name)) for name, value in self.snapshot.items())
        modified = bool(self.current) and (self.current not in matching or moved)
        shown = f"{self.current}, modified" if modified else self.current or NONE
        self.choice.options = (*names,) if names else (NONE,)
        self.choice.set_modified(modified)
        self.choice.set_changed(modified)
        self.choice.words_shown = shown
        self.choice.set_value(self.current or NONE)
        self.choice.setEnabled(bool(names))

    def forget(self) -> None:
        """Start anew with another document."""
        self.current, self.snapshot = "", {}

    def _keep(self, name: str, document: Document) -> None:
        self.current, self.snapshot = name, exposed_values(document)

    @property
    def words(self) -> str:
        """What the bar says."""
        return self.choice.words_shown

    def apply(self, name: str) -> None:
        """Set all that a preset sets."""
        graph = self.session.graph
        if name in graph.presets and self.session.do(applying(graph, name), f"Apply {name}"):
            self._keep(name, self.session.graph)
            self.applied.emit(name)
            self.refresh(self.session.graph)

    def save(self, name: str) -> None:
        """Keep the exposed parameters as they are under a name."""
        graph = self.session.graph
        presets = {**graph.presets, name: exposed_values(graph)}
        if self.session.do(SetMeta("presets", presets), f"Save preset {name}"):
            self._keep(name, self.session.graph)
            self.applied.emit(name)
            self.refresh(self.session.graph)

    def remove(self, name: str) -> None:
        """Forget a preset."""
        presets = {key: value for key, value in self.session.graph.presets.items() if key != name}
        self.session.do(SetMeta("presets", presets), f"Remove preset {name}")

    def open_menu(self) -> None:
        """Open the list of what can be done."""
        menu = self.menu = menu_of(self)
        exposed = bool(self.session.graph.exposed)
        entries = (
            ("Save as preset…", self.ask_name, exposed),
            (f"Save into {self.current}", self._save_again, exposed and self.choice.modified),
            (f"Reset to {self.current}", self._apply_again, self.choice.modified),
            (f"Remove {self.current}", self._remove_current, bool(self.current)),
        )
        for words, does, possible in entries:
            if self.current or does == self.ask_name:
                action = QAction(words, menu)
                action.triggered.connect(does)
                action.setEnabled(possible)
                menu.addAction(action)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    def ask_name(self) -> None:
        """Ask under which name to save."""
        popup = self.popup = NamePopup("Save as preset", "Save preset", self.current or "Preset", self)
        popup.named.connect(self.save)
        popup.move(self.mapToGlobal(QPoint(self.width() - popup.width() - 6, self.height())))
        popup.show()
        popup.field.line.setFocus()
        popup.field.line.selectAll()

    def _apply_again(self) -> None:
        graph = self.session.graph
        places = {name: place_of_setting(graph, name) for name in self.snapshot}
        back = [SetParameter(*place, self.snapshot[name]) for name, place in places.items() if place is not None]
        edit = Group((*back, applying(graph, self.current)))
        if self.session.do(edit, f"Reset to {self.current}"):
            self.refresh(self.session.graph)

    def _save_again(self) -> None:
        self.save(self.current)

    def _remove_current(self) -> None:
        self.remove(self.current)
