"""What belongs to the document as a whole: title, author, licence, what it is, and how large it is in the world."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtWidgets import QVBoxLayout, QWidget

from gui.controls.control import Control
from gui.controls.number import DragNumber
from gui.controls.quantity import quantity_of
from gui.controls.text import TextControl
from gui.parts import box, label
from gui.session import Session
from materials.edits import SetMeta, SetParameter
from materials.graph import MATERIAL_OUTPUT, Document
from nodes.parameters import Range

FIELDS = {
    "title": ("Title", ""),
    "author": ("Author", "who made it"),
    "licence": ("Licence", "such as CC0-1.0"),
    "description": ("Description", "what it shows"),
}
SIZES = {"size_cm": ("Width", "Width of what the tile shows"), "depth_cm": ("Depth", "Height of white over black")}


def output_of(document: Document) -> str | None:
    """Return the material output that tells the physical size; None if there is none."""
    return next((node.id for node in document.nodes.values() if node.key == MATERIAL_OUTPUT), None)


class About(QWidget):
    """Rows of what is said of a document."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.texts = {name: TextControl(words, "", 1000, hint) for name, (words, hint) in FIELDS.items()}
        self.sizes: dict[str, DragNumber] = {}
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(4, 0, 20, 0)
        self.rows.setSpacing(4)
        for name, control in self.texts.items():
            control.committed.connect(self._text_setter(name))
            self._row(FIELDS[name][0], control)
        for name, (words, tip) in SIZES.items():
            control = self.sizes[name] = DragNumber(words, quantity_of(Range(0, 1, "cm")), tip)
            control.began.connect(self._begin(words))
            control.previewed.connect(self._size_setter(name, False))
            control.committed.connect(self._size_setter(name, True))
            control.abandoned.connect(session.abandon)
            self._row(words, control)

    def _row(self, words: str, control: Control) -> None:
        row = box([12, label(words, width=100), control], gap=0)
        row.layout().setStretch(2, 1)  # type: ignore[union-attr]  # a box has a layout
        self.rows.addWidget(row)

    def refresh(self) -> None:
        """Show the document of the level."""
        graph = self.session.graph
        for name, control in self.texts.items():
            control.set_value(getattr(graph, name))
        id = output_of(graph)
        for name, control in self.sizes.items():
            parent = control.parentWidget()
            if parent is not None:
                parent.setVisible(id is not None)
            if id is None:
                continue
            node = graph.nodes[id]
            field = node.type.field(name) if node.type is not None else None
            if field is not None and isinstance(field.parameter, Range):
                control.set_quantity(quantity_of(field.parameter, field.default))
                control.set_value(node.parameters.get(name, field.default))
                control.set_changed(False)

    def _text_setter(self, name: str) -> Callable[[object], None]:
        def put(words: object) -> None:
            self.session.do(SetMeta(name, words), f"{FIELDS[name][0]} of the material")

        return put

    def _begin(self, words: str) -> Callable[[], None]:
        return lambda: self.session.begin(f"{words} of the material")

    def _size_setter(self, name: str, done: bool) -> Callable[[object], None]:
        def put(value: object) -> None:
            id = output_of(self.session.graph)
            shown = id is not None and self.session.preview(SetParameter(id, name, value))
            if done:
                (self.session.commit if shown else self.session.abandon)()

        return put
