"""The eyedropper: a control that waits for a colour is given those that a view passes over, and the one clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PyQt6.QtCore import QObject

from gui.panels.parameters import Parameters
from gui.views.picture import PictureView

Colour = tuple[float, float, float]


class TakesColour(Protocol):
    """What waits for one colour."""

    def offer(self, colour: Colour) -> None: ...
    def take(self, colour: Colour) -> None: ...
    def give_up(self) -> None: ...


class TakesColours(Protocol):
    """What waits for a row of colours."""

    def take_line(self, colours: Sequence[Sequence[float]]) -> None: ...
    def stop_line(self) -> None: ...


class Eyedropper(QObject):
    """Joins a document's parameters to its 2D views."""

    def __init__(self, parameters: Parameters, parent: QObject) -> None:
        super().__init__(parent)
        self._views: list[PictureView] = []
        self._one: TakesColour | None = None
        self._row: TakesColours | None = None
        parameters.picking.connect(self._pick)
        parameters.picking_line.connect(self._pick_row)

    def add(self, view: PictureView) -> None:
        """Let colours be taken from one more view."""
        self._views.append(view)
        view.offered.connect(self._offer)
        view.picked.connect(self._take)
        view.picked_line.connect(self._take_row)
        view.given_up.connect(self._give_up)

    def _pick(self, control: Any) -> None:
        self._one = control
        self._show()

    def _pick_row(self, control: Any) -> None:
        self._row = control
        self._show()

    def _show(self) -> None:
        picking = self._one is not None or self._row is not None
        for view in self._views:
            view.set_picking(picking)

    def _offer(self, colour: Colour) -> None:
        if self._one is not None:
            self._one.offer(colour)

    def _take(self, colour: Colour) -> None:
        if self._one is not None:
            control, self._one = self._one, None
            self._show()
            control.take(colour)

    def _give_up(self) -> None:
        control, row, self._one, self._row = self._one, self._row, None, None
        self._show()
        if control is not None:
            control.give_up()
        if row is not None:
            row.stop_line()

    def _take_row(self, colours: list[Colour]) -> None:
        if self._row is not None:
            control, self._row = self._row, None
            self._show()
            control.take_line(colours)
