"""Workspaces, panels, the theme, and help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction, QCursor
from PyQt6.QtWidgets import QApplication

from gui.commands import COMMANDS
from gui.dialogs import tell
from gui.panels.keys import KeysPage
from gui.theme import SIZE, THEME
from gui.workspace import WORKSPACES, Dock
from materials import VERSION

if TYPE_CHECKING:
    from gui.window import Window

ABOUT = """\
Procedural materials from small, explainable parts.

Our code is under the MIT licence. The app uses Qt through PyQt6, which is under the GPL, version 3.
Typeface Inter, SIL Open Font License 1.1. Icons Phosphor, MIT."""


class Views:
    """The commands of the View and Help menus."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def author(self) -> None:
        self.go("author")

    def look(self) -> None:
        self.go("look")

    def go(self, name: str) -> None:
        """Show a workspace."""
        self.window.top.workspaces.set_current(WORKSPACES.index(name))
        self.window.places.go(name)

    def full(self) -> None:
        self.window.places.toggle_full(_dock_under_pointer())

    def float(self) -> None:
        dock = _dock_under_pointer()
        if dock is not None:
            dock.toggle_floating()

    def another_view(self) -> None:
        self.pin("")

    def pin(self, id: str) -> None:
        """Show a node in a 2D view of its own, which stays on it; with no id what the 2D view shows."""
        page = self.window.page
        if page is not None:
            dock = Dock(
                f"view {len(page.views) + 1}", "2D", page.another_view(id), QSize(440, SIZE["views"]), extra=True
            )
            dock.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.window.places.add(dock)
            page.docks.append(dock)

    def problems(self) -> None:
        self.window.places.toggle(self.window.places.problems)

    def library(self) -> None:
        self.window.places.toggle(self.window.places.library)

    def parameters(self) -> None:
        self.window.places.toggle(self.window.places.parameters)

    def reset_panels(self) -> None:
        self.window.places.lay_out()

    def light(self) -> None:
        THEME.switch("light" if THEME.mode == "dark" else "dark")
        self.window.settings.setValue("theme", THEME.mode)
        self.window.refresh_theme()

    # ---- Help ----

    def help(self) -> None:
        if self.window.page is not None:
            self.window.page.parameters.show_help()

    def keys(self) -> None:
        KeysPage(self.window, self.by_menu()).open()

    def by_menu(self) -> Mapping[str, Sequence[QAction]]:
        """Return all actions, those of the canvas too where there is one."""
        found: dict[str, Sequence[QAction]] = {
            title: [self.window.commands[command.name] for command in commands if command is not None]
            for title, commands in COMMANDS.items()
        }
        if self.window.page is not None:
            found["Canvas"] = self.window.page.canvas.actions_registry()
        return found

    def about(self) -> None:
        tell(self.window, f"Intarsia {VERSION}", ABOUT)


def _dock_under_pointer() -> Dock | None:
    under = QApplication.widgetAt(QCursor.pos())
    while under is not None and not isinstance(under, Dock):
        under = under.parentWidget()
    return under
