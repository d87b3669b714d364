"""Undo and redo, search, and the adding of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QPointF
from PyQt6.QtGui import QAction

from gui.canvas.faces import FIRST_PORT, HEAD, WIDTH
from gui.canvas.gestures import snapped
from gui.canvas.hints import End
from gui.finding import Fit
from gui.page import Page
from gui.theme import SIZE

if TYPE_CHECKING:
    from gui.window import Window

ROW = 184
"""How far below one another nodes go that are added in a row."""


class Edits:
    """The commands of the Edit menu, and what the search finds."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._wanted: tuple[QPointF, End | None] | None = None
        """Where the node goes that is searched for, and what it is to be joined to."""

    def undo(self) -> None:
        if self.window.page is not None:
            self.window.page.session.undo()

    def redo(self) -> None:
        if self.window.page is not None:
            self.window.page.session.redo()

    def menu(self) -> None:
        self.window.top.sign.showMenu()

    def find(self) -> None:
        if self.window.page is not None:
            middle = self.window.middle
            at = middle.mapToGlobal(QPoint((middle.width() - SIZE["popup"]) // 2, 64))
            self.window.search.open_commands(at, self.window.page.go_to_actions())

    def next_problem(self) -> None:
        if self.window.page is not None and not self.window.page.next_problem():
            self.window.toasts.show_words("There are no problems")

    def palette(self) -> None:
        field = self.window.top.search
        self._wanted = None
        below = field.mapToGlobal(QPoint(0, 0))
        self.window.search.open_commands(below, self.commands(), with_nodes=self.window.page is not None)

    def commands(self) -> list[QAction]:
        """Return all that can be run: the window's commands and the canvas's."""
        page = self.window.page
        return [*self.window.commands.all(), *(page.canvas.actions_registry() if page else [])]

    # ---- adding nodes ----

    def search(self, page: Page, at: QPointF, port: End | None) -> None:
        """Open the search where a node is to go; for a wire that was dropped it finds what fits."""
        self._wanted = at, port
        view = page.canvas.viewport()
        assert view is not None
        fit = page.fit_of(port) if port is not None else Fit()
        self.window.search.open_nodes(view.mapToGlobal(page.canvas.mapFromScene(at)), fit)

    def end_search(self) -> None:
        """The search is closed: no wire waits for it any more."""
        for page in self.window.pages:
            page.canvas.keep_wire(None)

    def take_found(self, key: str, keep_open: bool) -> None:
        """Add the node that was found."""
        page = self.window.page
        if page is None:
            return
        at, port = self._wanted or (page.canvas.place(), None)
        if page.add(key, _place(at, port), port):
            self._wanted = (at + QPointF(0, ROW), port) if keep_open else None

    def add(self, key: str) -> None:
        """Add a node where one goes, to a new document if none is open."""
        if self.window.page is None:
            self.window.files.new()
        assert self.window.page is not None
        self.window.page.add(key, self.window.page.canvas.place())


def _place(at: QPointF, port: End | None) -> QPointF:
    """Return where a node goes, so that its first port is where a wire was let go, as near as the grid allows."""
    if port is None:
        return at
    return QPointF(snapped(at.x() - (0 if port.is_output else WIDTH)), snapped(at.y() - HEAD - FIRST_PORT))
