"""A parameter in its row: a dot when it was changed, a label to drag on, the control, a mark to expose it."""

from __future__ import annotations

import json
from typing import Any

from PyQt6.QtCore import QEvent, QPoint, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QContextMenuEvent, QEnterEvent, QGuiApplication, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls.colours import colour_of_hex
from gui.controls.control import menu_of
from gui.controls.gradient import GradientControl
from gui.controls.number import DragNumber
from gui.controls.seed import SeedControl
from gui.controls.swatch import SwatchControl
from gui.controls.switch import SwitchControl
from gui.drawing import rounded
from gui.panels import widgets
from gui.panels.items import Item
from gui.parts import Elided, draw_icon, label
from gui.theme import SIZE, THEME
from materials.errors import GraphError
from materials.strict_json import parse_json
from nodes.parameters import Swatch

DOT, LABEL, MARK, ROOM = 12, 100, 20, 600


class Dot(QWidget):
    """The mark of a changed value; a click resets it."""

    clicked = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.on = False
        self.name = name
        self.setFixedSize(DOT, SIZE["field"])
        self.setAccessibleName(f"Reset {name}")

    def set_on(self, on: bool) -> None:
        """Show whether the value was changed."""
        self.on = on
        self.setToolTip(f"{self.name} was changed; click to reset" if on else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if on else Qt.CursorShape.ArrowCursor)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self.on:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rounded(painter, QRectF(4, self.height() / 2 - 2.5, 5, 5), 2.5, THEME.color("accent"))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if self.on and event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()


class RowLabel(Elided):
    """The name of a parameter; a drag on it drags the number beside it, a click turns the switch."""

    def __init__(self, words: str, control: DragNumber | SwitchControl | None, tip: str) -> None:
        self.number = control if isinstance(control, DragNumber) else None
        self.switch = control if isinstance(control, SwitchControl) else None
        self.tip = tip
        super().__init__(words)
        self.setFixedSize(LABEL, SIZE["field"])
        if self.number is not None:
            self.setCursor(Qt.CursorShape.SizeHorCursor)

    def _hint(self) -> None:
        super()._hint()
        self.setToolTip("\n".join(part for part in (self.toolTip(), self.tip) if part))

    def mousePressEvent(self, ev: QMouseEvent | None) -> None:
        if self.number is not None and ev is not None and ev.button() == Qt.MouseButton.LeftButton:
            self.number.setFocus()
            self.number.press(ev.globalPosition())
        elif self.switch is not None and ev is not None and ev.button() == Qt.MouseButton.LeftButton:
            self.switch.setFocus()
            self.switch.turn()

    def mouseMoveEvent(self, ev: QMouseEvent | None) -> None:
        if self.number is not None and ev is not None:
            self.number.drag(ev.globalPosition(), ev.modifiers())

    def mouseReleaseEvent(self, ev: QMouseEvent | None) -> None:
        if self.number is not None and self.number.dragging:
            self.number.release()


class Mark(QWidget):
    """The mark of an exposed parameter; of others it appears while the pointer is in the row."""

    clicked = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.exposed, self.near = name, False, False
        self.setFixedSize(MARK, SIZE["field"])
        self.set_exposed(False)

    def set_exposed(self, exposed: bool) -> None:
        """Show whether the material shows the parameter as its own."""
        self.exposed = exposed
        words = f"{self.name} is exposed; click to edit" if exposed else f"Expose {self.name}"
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.update()

    def set_near(self, near: bool) -> None:
        """Show the mark as something that can be clicked."""
        self.near = near
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self.exposed or self.near:
            painter = QPainter(self)
            at = QRectF(3, self.height() / 2 - 7, 14, 14)
            draw_icon(painter, at, "arrow-square-out", "accent" if self.exposed else "text3")

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()


class ParameterRow(QWidget):
    """A row of the panel. It asks for changes; the panel makes them and shows what became of them."""

    began = pyqtSignal(object)
    previewed = pyqtSignal(object, object)
    committed = pyqtSignal(object, object)
    abandoned = pyqtSignal(object)
    reset_asked = pyqtSignal(object)
    expressed = pyqtSignal(object, str)
    expose_asked = pyqtSignal(object)
    hide_asked = pyqtSignal(object)

    def __init__(self, item: Item, exposable: bool = True) -> None:
        super().__init__()
        self.item = item
        self.exposable = exposable and item.parameter is not None and len(item.places) == 1
        self.control = widgets.control_of(item)
        self.dot = Dot(item.label)
        self.label = RowLabel(item.label, self.number or self._switch, widgets.tip_of(item))
        self.mark = Mark(item.label)
        self.said = label("", "error")
        self.said.setWordWrap(True)
        self.said.setAccessibleName(f"{item.label}, error")
        self.said.hide()
        self._lay_out()
        self._join()

    @property
    def number(self) -> DragNumber | None:
        """The number that a drag on the label drags."""
        if isinstance(self.control, SeedControl):
            return self.control.number
        return self.control if isinstance(self.control, DragNumber) else None

    @property
    def _switch(self) -> SwitchControl | None:
        return self.control if isinstance(self.control, SwitchControl) else None

    @property
    def wide(self) -> bool:
        return isinstance(self.control, widgets.WIDE)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addWidget(self.dot)
        line.addWidget(self.label, 1 if self.wide else 0)
        if self.wide:
            self.label.setMaximumWidth(ROOM)
            self.label.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)
        else:
            line.addWidget(self.control, 1)
            if self.control.sizePolicy().horizontalPolicy() == self.control.sizePolicy().Policy.Preferred:
                self.control.setMinimumWidth(0)
        line.addSpacing(6)
        line.addWidget(self.mark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 0, 2)
        layout.setSpacing(4)
        layout.addLayout(line)
        if self.wide:
            inset = QHBoxLayout()
            inset.setContentsMargins(DOT, 0, MARK + 6, 4)
            inset.addWidget(self.control)
            layout.addLayout(inset)
        wrong = QHBoxLayout()
        wrong.setContentsMargins(DOT + (0 if self.wide else LABEL), 0, MARK, 0)
        wrong.addWidget(self.said)
        layout.addLayout(wrong)

    def _join(self) -> None:
        control = self.control
        control.began.connect(self._began)
        control.previewed.connect(self._previewed)
        control.committed.connect(self._committed)
        control.abandoned.connect(self._abandoned)
        control.reset_asked.connect(self._reset)
        if not isinstance(control, widgets.FormulaControl):  # it says itself what is wrong
            control.refused.connect(self.complain)
        if (number := self.number) is not None:
            number.expressed.connect(self._expressed)
            number.expression_asked.connect(self.ask_expression)
        self.dot.clicked.connect(self._reset)
        self.mark.clicked.connect(self._expose)

    # ---- showing ----

    def show_item(self, item: Item, tile_cm: float | None = None) -> None:
        """Show an item of the same shape."""
        self.item = item
        widgets.show(self.control, item, tile_cm)
        self.dot.set_on(item.changed)
        self.label.set_words(item.label, "value" if item.changed else "body")
        self.mark.set_exposed(item.exposed is not None)
        self.mark.setEnabled(self.exposable)

    def complain(self, sentence: str) -> None:
        """Say why a value was refused; an empty text takes it back."""
        self.said.setText(sentence[:1].upper() + sentence[1:])
        self.said.setVisible(bool(sentence))
        self.control.set_error(sentence)

    @property
    def is_picking(self) -> bool:
        """Whether it waits for colours from a view."""
        control = self.control
        if isinstance(control, GradientControl):
            return control.is_picking_line or control.swatch.is_picking
        return isinstance(control, SwatchControl) and control.is_picking

    def stop_picking(self) -> None:
        """Give up waiting for colours from a view."""
        control = self.control
        if isinstance(control, GradientControl):
            control.stop_line()
            control.swatch.give_up()
        elif isinstance(control, SwatchControl):
            control.give_up()

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self.mark.set_near(self.exposable)

    def leaveEvent(self, event: QEvent | None) -> None:
        self.mark.set_near(False)

    # ---- passing on ----

    def _began(self) -> None:
        self.began.emit(self)

    def _previewed(self, value: Any) -> None:
        self.previewed.emit(self, value)

    def _committed(self, value: Any) -> None:
        self.committed.emit(self, value)

    def _abandoned(self) -> None:
        self.abandoned.emit(self)

    def _reset(self) -> None:
        self.reset_asked.emit(self)

    def _expose(self) -> None:
        if self.exposable:
            self.expose_asked.emit(self)

    def _expressed(self, words: str) -> None:
        self.expressed.emit(self, words)

    def _hide(self) -> None:
        self.hide_asked.emit(self)

    # ---- the menu ----

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is not None:
            self.open_menu(event.globalPos())

    def open_menu(self, at: QPoint) -> None:
        """Open the menu of what can be done with the parameter."""
        menu = self.menu = menu_of(self)
        item, number = self.item, self.number
        entries = [
            ("Reset", self._reset, item.changed or bool(item.expression)),
            ("Copy value", self.copy, not item.mixed),
            ("Paste value", self.paste, item.parameter is not None),
            None,
            ("Expression…", self.ask_expression, number is not None),
            ("Remove expression", self._undrive, bool(item.expression)),
            None,
            ("Edit what is exposed…" if item.exposed else "Expose…", self._expose, self.exposable),
            ("Hide from the material", self._hide, item.exposed is not None),
        ]
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            action = QAction(entry[0], menu)
            action.triggered.connect(entry[1])
            action.setEnabled(entry[2])
            menu.addAction(action)
        menu.popup(at)

    def ask_expression(self) -> None:
        """Open the number's field with its expression, to be typed after the `=`."""
        if (number := self.number) is not None:
            number.open_editor(f"= {self.item.expression or number.quantity.typed(number.value)}", False)

    def _undrive(self) -> None:
        self.expressed.emit(self, "")

    def copy(self) -> None:
        """Put the value on the clipboard as text."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(json.dumps(self.item.value))

    def paste(self) -> None:
        """Take the value on the clipboard; text that is none is refused."""
        clipboard = QGuiApplication.clipboard()
        words = clipboard.text().strip() if clipboard is not None else ""
        try:
            value = colour_of_hex(words) if isinstance(self.item.parameter, Swatch) and words[:1] == "#" else None
            value = parse_json(words) if value is None else value
        except (GraphError, ValueError):
            self.complain("what is on the clipboard is no value")
            return
        self.began.emit(self)
        self.committed.emit(self, value)
