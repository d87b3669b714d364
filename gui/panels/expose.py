"""Where a parameter is made the material's own: its label, group and range."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls.control import Popover
from gui.controls.number import DragNumber
from gui.controls.quantity import quantity_of
from gui.controls.text import TextControl
from gui.panels.items import Item
from gui.parts import button, label
from materials.graph import Document, Exposed
from nodes.parameters import Range

WIDTH, LABEL = 280, 60


def new_entry(document: Document, item: Item) -> Exposed:
    """Return an entry for an item that is not exposed yet, under a name that is free."""
    id, parameter = item.places[0]
    taken = {entry.name for entry in document.exposed}
    stem = re.sub(r"\W+", "_", parameter, flags=re.ASCII).strip("_") or "value"
    names = [stem, f"{id}_{stem}", *(f"{stem}_{count}" for count in range(2, len(taken) + 4))]
    name = next(name for name in names if name not in taken)
    low = high = None
    if isinstance(item.parameter, Range):
        default = item.default if isinstance(item.default, int | float) else 0.0
        quantity = quantity_of(item.parameter, default, item.low, item.high)
        low, high = min(quantity.soft_low, item.value), max(quantity.soft_high, item.value)
    return Exposed(name, id, parameter, item.label, document.exposed[-1].group if document.exposed else "", low, high)


class ExposePopup(Popover):
    """Asks for label, group and range of an exposed parameter."""

    applied = pyqtSignal(object)
    hidden = pyqtSignal()

    def __init__(self, item: Item, entry: Exposed, groups: Collection[str], parent: QWidget | None = None) -> None:
        super().__init__(f"Expose {item.label}", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.entry = entry
        self.fields = {
            "label": TextControl("Label", "What the material calls it", 128),
            "group": TextControl("Group", _groups(groups), 128, "none"),
        }
        for name, field in self.fields.items():
            field.set_value(getattr(entry, name))
            field.committed.connect(self._setter(name))
            field.line.returnPressed.connect(self._apply)
        self.ends: dict[str, DragNumber] = {}
        if isinstance(item.parameter, Range):
            quantity = quantity_of(replace(item.parameter), 0.0, item.parameter.low, item.parameter.high)
            shown = quantity_of(item.parameter, 0.0, entry.low, entry.high)
            quantity = replace(quantity, soft_low=min(shown.soft_low, 0), soft_high=2 * shown.soft_high or 1)
            for name in ("low", "high"):
                end = self.ends[name] = DragNumber(f"{name.capitalize()} end", quantity)
                value = getattr(entry, name)
                end.set_value(value if value is not None else getattr(item.parameter, name))
                end.previewed.connect(self._setter(name))
                end.committed.connect(self._setter(name))
        self.done = button("Apply" if item.exposed else "Expose", "primary")
        self.hide_it = button("Hide", "quiet")
        self.hide_it.setVisible(item.exposed is not None)
        self.done.clicked.connect(self._apply)
        self.hide_it.clicked.connect(self._hide)
        self._lay_out(item)

    def _lay_out(self, item: Item) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(6)
        layout.addWidget(label(f"{item.label} in the material", "strong"))
        for words, part in (("Label", self.fields["label"]), ("Group", self.fields["group"])):
            row = QHBoxLayout()
            row.addWidget(label(words, width=LABEL))
            row.addWidget(part, 1)
            layout.addLayout(row)
        if self.ends:
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addWidget(label("Range", width=LABEL + 2))
            for end in self.ends.values():
                row.addWidget(end, 1)
            layout.addLayout(row)
        foot = QHBoxLayout()
        foot.addWidget(self.hide_it)
        foot.addStretch(1)
        foot.addWidget(self.done)
        layout.addSpacing(2)
        layout.addLayout(foot)
        self.setFixedWidth(WIDTH)

    def _setter(self, name: str) -> Callable[[object], None]:
        def put(value: object) -> None:
            self.entry = replace(self.entry, **{name: value})
            part = self.ends.get(name) or self.fields[name]
            part.set_value(value)

        return put

    def show_at(self, at: QPoint) -> None:
        """Open with its right end at a place, kept on the screen."""
        self.adjustSize()
        at = QPoint(at.x() - self.width(), at.y())
        if (screen := self.screen()) is not None:
            area = screen.availableGeometry()
            at = QPoint(max(at.x(), area.left()), max(min(at.y(), area.bottom() - self.height()), area.top()))
        self.move(at)
        self.show()
        self.fields["label"].line.setFocus()
        self.fields["label"].line.selectAll()

    def _apply(self) -> None:
        self.done.setFocus()  # what is being typed is taken first
        self.close()
        self.applied.emit(self.entry)

    def _hide(self) -> None:
        self.close()
        self.hidden.emit()


def _groups(groups: Collection[str]) -> str:
    known = ", ".join(sorted(group for group in groups if group))
    return f"Groups so far: {known}" if known else "Under which title it stands"
