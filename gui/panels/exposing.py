"""Making a row's parameter the material's own, and hiding it again."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QWidget

from gui.panels.expose import ExposePopup, new_entry
from gui.panels.gestures import Gestures
from gui.panels.row import ParameterRow
from gui.session import Session
from materials.edits import Expose, Hide, SetExposed
from materials.graph import Exposed


class Exposing(QObject):
    """Asks for what an exposed parameter is called, and makes it so."""

    def __init__(self, session: Session, gestures: Gestures, panel: QWidget) -> None:
        super().__init__()
        self.session, self.gestures, self.panel = session, gestures, panel
        self.popup: ExposePopup | None = None
        gestures.exposing.connect(self.ask)
        gestures.hiding.connect(self.hide)

    def ask(self, row: ParameterRow) -> None:
        """Open the popup at a row."""
        graph, item = self.session.graph, row.item
        entry = item.exposed or new_entry(graph, item)
        popup = self.popup = ExposePopup(item, entry, {entry.group for entry in graph.exposed}, self.panel)
        popup.applied.connect(lambda made: self.expose(row, made))
        popup.hidden.connect(lambda: self.hide(row))
        popup.show_at(row.mark.mapToGlobal(QPoint(row.mark.width(), row.mark.height() + 2)))

    def expose(self, row: ParameterRow, entry: Exposed) -> None:
        """Show a row's parameter as the material's own, or change how."""
        old = row.item.exposed
        if old is None:
            self.gestures.do(Expose(entry), f"Expose {row.item.title}", row)
        elif old != entry:
            self.gestures.do(SetExposed(old.name, entry), f"Edit exposed {row.item.label}", row)

    def hide(self, row: ParameterRow) -> None:
        """No longer show a row's parameter as the material's own."""
        if row.item.exposed is not None:
            self.gestures.do(Hide(row.item.exposed.name), f"Hide {row.item.title}", row)
