"""The window: documents in tabs, their panels in docks, and the commands that work on them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QPointF, QSettings, QSize, Qt
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QApplication, QMainWindow, QMenu, QStackedWidget

from gui.commands import COMMANDS, Actions
from gui.desk import Desk
from gui.dialogs import Sheet
from gui.doing.edits import Edits
from gui.doing.files import Files
from gui.doing.views import Views
from gui.page import Page
from gui.panels.library import Library
from gui.panels.search import Search
from gui.session import Session
from gui.shelves import Shelves
from gui.shortcuts import keys_of
from gui.spheres import Spheres
from gui.start import StartPage
from gui.status import StatusBar
from gui.theme import SIZE, THEME
from gui.thumbnails import Thumbnails
from gui.toasts import Toasts
from gui.topbar import TopBar
from gui.workspace import WORKSPACES, Dock, Stack, Workspaces
from materials import render
from materials.home import state_folder

LEAST = QSize(960, 600)
NARROW, NARROWER = 1280, 1100

_PANELS = {"parameters": "Parameters", "picture": "2D", "solid": "3D", "problems": "Problems"}
_NEED_PAGE = ("save", "save_as", "export", "export_again", "close", "find", "next_problem", "help", "another_view")


class Window(QMainWindow):
    """The app's window."""

    def __init__(self, desk: Desk | None = None, opengl: bool | None = None) -> None:
        super().__init__()
        self.desk = desk or Desk()
        self.opengl = opengl
        self.pages: list[Page] = []
        self.settings = QSettings(str(state_folder() / "window.ini"), QSettings.Format.IniFormat)
        THEME.switch(str(self.settings.value("theme", "dark")))
        self.setWindowTitle("Intarsia[*]")
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        self.files, self.edits, self.views = Files(self), Edits(self), Views(self)
        self.commands = Actions(self, self._doing())
        self._fill()
        self._connect()
        self.resize(self.settings.value("size", QSize(1600, 1000)))
        self._restore_panels()
        self._refresh()

    def _doing(self) -> dict[str, Callable[[], None]]:
        """Return what each command does: the method of its name."""
        names = [command.name for commands in COMMANDS.values() for command in commands if command is not None]
        doers = (self.files, self.edits, self.views)
        return {name: next(getattr(doer, name) for doer in doers if hasattr(doer, name)) for name in names}

    # ---- building ----

    def _fill(self) -> None:
        self.top = TopBar([name.capitalize() for name in WORKSPACES])
        self.setMenuWidget(self.top)
        self.middle = QStackedWidget()
        self.spheres = Spheres(self)
        self.shelves = Shelves(self)
        self.start = StartPage(self.spheres, self.shelves)
        self.middle.addWidget(self.start)
        self.setCentralWidget(self.middle)
        self.thumbnails = Thumbnails(parent=self)
        self.library = Library(self.thumbnails.picture, self.spheres, self.settings, self.shelves)
        self.thumbnails.arrived.connect(self.library.show_picture)
        self.stacks = {
            "parameters": Stack(QSize(SIZE["parameters"], 600), QSize(288, 240)),
            "picture": Stack(QSize(440, SIZE["views"]), QSize(280, 180)),
            "solid": Stack(QSize(440, SIZE["views"]), QSize(240, 180)),
            "problems": Stack(QSize(440, SIZE["views"]), QSize(280, 120)),
        }
        dock = {
            "library": Dock("library", "Library", self.library, QSize(SIZE["library"], 600)),
            **{name: Dock(name, words, self.stacks[name], self.stacks[name].wished) for name, words in _PANELS.items()},
        }
        self.places = Workspaces(self, **dock)
        self.status = StatusBar()
        bar = self.statusBar()
        assert bar is not None
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.status, 1)
        self.search = Search(self, self.thumbnails.picture)
        self.thumbnails.arrived.connect(self.search.show_picture)
        self.toasts = Toasts(self.middle)
        self.top.sign.setMenu(self._menu())

    def _connect(self) -> None:
        top, start, files = self.top, self.start, self.files
        top.tabs.chosen.connect(self.show_page)
        top.tabs.closing.connect(self.close_page)
        top.new.clicked.connect(files.new)
        top.search.clicked.connect(self.edits.palette)
        top.undo.clicked.connect(self.edits.undo)
        top.redo.clicked.connect(self.edits.redo)
        top.export.clicked.connect(files.export)
        top.workspaces.chosen.connect(self._go_workspace)
        start.new_asked.connect(files.new_from)
        start.open_asked.connect(files.open_path)
        start.browse_asked.connect(files.open)
        start.forget_asked.connect(files.forget_recent)
        start.recover_asked.connect(files.recover)
        start.discard_asked.connect(files.forget)
        start.picture_asked.connect(files.import_picture)
        start.keys_asked.connect(self.views.keys)
        self.status.problems_asked.connect(self.views.problems)
        self.library.add_asked.connect(self.edits.add)
        self.library.open_asked.connect(files.new_from)
        self.library.picture_asked.connect(self._on_picture)
        self.search.chosen.connect(self.edits.take_found)
        self.search.closed.connect(self.edits.end_search)

    def _on_picture(self, path: object) -> None:
        self.files.take([Path(str(path))], self.page, None)

    def _go_workspace(self, index: int) -> None:
        self.views.go(WORKSPACES[index])

    def _menu(self) -> QMenu:
        """Return the full menu; the canvas's own actions are in it."""
        menu = QMenu(self)
        for title, commands in COMMANDS.items():
            if title == "Help":
                node = menu.addMenu("Node")
                assert node is not None
                node.aboutToShow.connect(partial(self._fill_node_menu, node))
            part = menu.addMenu(title)
            assert part is not None
            for command in commands:
                if command is None:
                    part.addSeparator()
                else:
                    part.addAction(self.commands[command.name])
            if title == "File":
                recent = QMenu("Open recent", self)
                recent.aboutToShow.connect(partial(self.files.fill_recent, recent))
                part.insertMenu(self.commands["save"], recent)
        return menu

    def _fill_node_menu(self, menu: QMenu) -> None:
        menu.clear()
        if self.page is not None:
            menu.addActions(self.page.canvas.actions_registry())

    # ---- pages ----

    @property
    def page(self) -> Page | None:
        """The document that is shown; None for the start page."""
        index = self.middle.currentIndex() - 1
        return self.pages[index] if 0 <= index < len(self.pages) else None

    def begin(self, paths: Sequence[Path]) -> None:
        """Open files and presets by name, or else show the start page."""
        shipped = render.presets()
        for path in paths:
            if str(path) in shipped and not path.exists():
                self.files.new_from(shipped[str(path)])
            else:
                self.files.open_path(path)
        if not self.pages:
            self.files.start()

    def add(self, session: Session) -> None:
        """Show a document in a tab, its own if it has one already."""
        known = next((index for index, page in enumerate(self.pages) if page.session is session), None)
        if known is not None:
            self.show_page(known)
            return
        page = Page(session, self.opengl)
        self.pages.append(page)
        self.middle.addWidget(page.middle)
        for name, stack in self.stacks.items():
            stack.addWidget(getattr(page, name))
        self._connect_page(page)
        page.restore(self._view_state())
        self.show_page(len(self.pages) - 1)
        page.start()

    def _connect_page(self, page: Page) -> None:
        files = self.files
        page.canvas.searching.connect(partial(self.edits.search, page))
        page.canvas.dropped.connect(partial(self._on_dropped, page))
        page.canvas.pinning.connect(self.views.pin)
        page.session.titled.connect(self._refresh)
        page.session.refused.connect(self.toasts.show_words)
        page.session.told.connect(self.toasts.show_words)
        page.problems.chosen.connect(page.go_to)
        page.problems.fixed.connect(partial(files.find_picture, page))

    def show_page(self, index: int) -> None:
        """Show a document, or with -1 the start page."""
        self.middle.setCurrentIndex(index + 1)
        for stack in self.stacks.values():
            if index >= 0:
                stack.setCurrentIndex(index)
        page = self.page
        self.status.set_session(page.session if page else None)
        self.places.show_panels(page is not None)
        self.places.set_tabbed(self.width() < NARROWER)
        self._refresh()
        (page.canvas if page is not None else self.start).setFocus()

    def close_page(self, index: int) -> None:
        """Close a document; if it has edits that are not saved, ask what to do with them."""
        page = self.pages[index]
        if not page.session.is_modified or page.session.locked:
            self._drop(page)
            return
        self.show_page(index)
        self.files.ask_to_save(page, partial(self._drop, page))

    def _drop(self, page: Page) -> None:
        if page not in self.pages:
            return
        self.settings.setValue("views", json.dumps(page.state()))
        index = self.pages.index(page)
        self.pages.remove(page)
        page.stop()
        for dock in page.docks:
            dock.close()
        # Taken out of its parent, a widget with the focus would leave the window without any.
        for stack, widget in (
            (self.middle, page.middle),
            *((stack, getattr(page, name)) for name, stack in self.stacks.items()),
        ):
            stack.removeWidget(widget)
            widget.deleteLater()
        self.desk.close(page.session)
        page.deleteLater()
        if self.pages:
            self.show_page(min(index, len(self.pages) - 1))
        else:
            self.files.start()

    def _refresh(self) -> None:
        """Show titles, and what undo and redo would do."""
        page = self.page
        titles = [(each.title, each.session.is_modified) for each in self.pages]
        self.top.tabs.set_tabs(titles, self.pages.index(page) if page else -1)
        history = page.session.history if page else None
        for name, tool, able, text in (
            ("undo", self.top.undo, history is not None and history.can_undo, history.undo_text if history else ""),
            ("redo", self.top.redo, history is not None and history.can_redo, history.redo_text if history else ""),
        ):
            words = f"{name.capitalize()}: {text}" if text else name.capitalize()
            action = self.commands[name]
            action.setText(words)
            action.setEnabled(able)
            tool.setEnabled(able)
            tool.setToolTip(f"{words}  {keys_of(action)}")
        for name in _NEED_PAGE:
            self.commands[name].setEnabled(page is not None)
        self.top.export.setEnabled(page is not None)
        self.setWindowTitle(f"{page.title}[*] – Intarsia" if page else "Intarsia[*]")
        self.setWindowModified(bool(page and page.session.is_modified))

    # ---- the window itself ----

    def refresh_theme(self) -> None:
        """Show the theme that was switched to."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        THEME.apply(app)
        self.commands.refresh()
        for widget in app.allWidgets():
            widget.update()

    def _on_dropped(self, page: Page, paths: list[str], at: QPointF) -> None:
        self.files.take([Path(path) for path in paths], page, at)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and data.hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None:
            self.files.take([Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()], self.page, None)
            event.acceptProposedAction()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.library.set_rail(self.width() < NARROW)
        self.places.set_tabbed(self.width() < NARROWER)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.files.exporter.cancel()
            if self.page is not None:
                self.page.session.rest()
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Close all documents, one question each; the window goes when the last is answered."""
        if event is None:
            return
        for each in self.findChildren(Sheet):
            each.finish("")
        open_ = [page for page in self.pages if page.session.is_modified and not page.session.locked]
        if open_:
            event.ignore()
            self.show_page(self.pages.index(open_[0]))
            self.files.ask_to_save(open_[0], partial(self._close_after, open_[0]))
            return
        self._keep_panels()
        self.files.exporter.stop()
        for page in list(self.pages):
            self._drop(page)
        self.thumbnails.stop()
        self.library.stop()
        self.start.stop()
        event.accept()

    def _close_after(self, page: Page) -> None:
        self._drop(page)
        self.close()

    def _keep_panels(self) -> None:
        self.places.end_full()
        self.settings.setValue("size", self.size())
        self.settings.setValue("panels", self.saveState())
        self.settings.setValue("workspace", self.places.name)
        self.settings.setValue("tabbed", self.places.tabbed)
        if self.pages:
            self.settings.setValue("views", json.dumps(self.pages[-1].state()))
        self.settings.sync()

    def _restore_panels(self) -> None:
        kept = self.settings.value("panels")
        if kept is not None and self.settings.value("workspace", "author") == "author":
            self.restoreState(kept)
            self.places.tabbed = self.settings.value("tabbed", False, bool)

    def _view_state(self) -> dict[str, Any]:
        with contextlib.suppress(ValueError, TypeError):
            found = json.loads(str(self.settings.value("views", "{}")))
            return found if isinstance(found, dict) else {}
        return {}
