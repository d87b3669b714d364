"""What the window can be told to do: one table that menus, keys, tooltips, the palette and the keys page read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from gui.parts import icon
from gui.shortcuts import keys_of


@dataclass(frozen=True)
class Command:
    """An action of the window: its name in code, its words, keys, icon, and what it does in a sentence."""

    name: str
    words: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""


COMMANDS: Mapping[str, tuple[Command | None, ...]] = {
    "File": (
        Command("new", "New material", ("Ctrl+N",), "file-plus", "Start from an empty graph"),
        Command("start", "Start page", (), "house", "Templates, recent files, and what can be recovered"),
        Command("open", "Open…", ("Ctrl+O",), "folder-open", "Open a material, or a picture that Intarsia exported"),
        None,
        Command("save", "Save", ("Ctrl+S",), "floppy-disk", "Save the material"),
        Command("save_as", "Save as…", ("Ctrl+Shift+S",), "", "Save the material and its parts in another place"),
        None,
        Command("import_picture", "Add a picture…", ("Ctrl+Shift+I",), "image", "Take a photograph into the material"),
        Command("export", "Export…", ("Ctrl+E",), "export", "Write texture maps"),
        Command("export_again", "Export again", ("Ctrl+Shift+E",), "", "Write the same maps to the same place"),
        None,
        Command("close", "Close", ("Ctrl+W",), "x", "Close the material"),
        Command("quit", "Quit", ("Ctrl+Q",), "", "Close all materials and end"),
    ),
    "Edit": (
        Command("undo", "Undo", ("Ctrl+Z",), "arrow-u-up-left", "Take back the last change"),
        Command("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "arrow-u-up-right", "Make the change again"),
        None,
        Command("menu", "Open the menu", ("F10",), "", "All that can be done, by menu"),
        Command("find", "Find a node in the graph…", ("Ctrl+F",), "magnifying-glass", "Go to a node by its name"),
        Command("next_problem", "Next problem", ("F8",), "warning", "Go to the next node with a problem"),
        Command("palette", "Run a command…", ("Ctrl+Shift+P",), "terminal", "Search all commands and nodes"),
    ),
    "View": (
        Command("author", "Workspace: Author", ("Ctrl+1",), "", "The graph in the middle"),
        Command("look", "Workspace: Look", ("Ctrl+2",), "", "The material in the middle"),
        None,
        Command("full", "Panel under the pointer, full window", ("Ctrl+Space",), "arrows-out", "And back"),
        Command("float", "Panel under the pointer, a window of its own", ("Ctrl+Shift+Space",), "", "And back"),
        Command("another_view", "Another 2D view", (), "copy", "Pin what the 2D view shows in a view of its own"),
        Command("problems", "Problems", (), "warning", "Show or hide the list of problems"),
        Command("library", "Library", (), "", "Show or hide the library"),
        Command("parameters", "Parameters", (), "", "Show or hide the parameters"),
        Command("reset_panels", "Put panels back", (), "", "Lay out the workspace as it was at first"),
        None,
        Command("light", "Light or dark", (), "sun", "Change between the dark and the light theme"),
    ),
    "Help": (
        Command("help", "Help for the node", ("F1",), "question", "What the selected node does"),
        Command("keys", "Keys", (), "keyboard", "All keys on one page"),
        Command("about", "About Intarsia", (), "info", "Version, licence and credits"),
    ),
}


class Actions:
    """The window's actions by name."""

    def __init__(self, window: QWidget, run: Mapping[str, Callable[[], None]]) -> None:
        self.by_name: dict[str, QAction] = {}
        self.icons: dict[str, str] = {}
        for commands in COMMANDS.values():
            for command in commands:
                if command is not None:
                    self.by_name[command.name] = self._made(command, window, run[command.name])

    def _made(self, command: Command, window: QWidget, run: Callable[[], None]) -> QAction:
        action = QAction(command.words, window)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(f"{command.tip}  {keys_of(action)}".strip())
        action.setStatusTip(command.tip)
        action.triggered.connect(lambda checked=False, run=run: run())
        if command.icon:
            self.icons[command.name] = command.icon
            action.setIcon(icon(command.icon))
        window.addAction(action)
        return action

    def __getitem__(self, name: str) -> QAction:
        return self.by_name[name]

    def all(self) -> list[QAction]:
        return list(self.by_name.values())

    def refresh(self) -> None:
        """Draw the icons again, as the theme wants them."""
        for name, picture in self.icons.items():
            self.by_name[name].setIcon(icon(picture))
