"""The window: documents in tabs, their panels in docks, and everything that can be asked of the app as a whole."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from materials.journal import Recovery
from PyQt6.QtCore import QEvent, QPoint, QPointF, QSettings, QSize, Qt, QUrl
from PyQt6.QtGui import (
    QAction,
    QCloseEvent,
    QCursor,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
)
from PyQt6.QtWidgets import QApplication, QFileDialog, QMainWindow, QMenu, QStackedWidget

from gui.commands import COMMANDS, Actions
from gui.desk import Desk
from gui.dialogs import ask, tell
from gui.export_sheet import ExportSheet
from gui.exporting import Exporter, Order
from gui.finding import Fit
from gui.page import Page
from gui.panels.keys import KeysPage
from gui.panels.library import Library
from gui.panels.search import Search
from gui.session import Problem, Session
from gui.shortcuts import keys_of
from gui.start import StartPage
from gui.status import StatusBar
from gui.theme import SIZE, THEME
from gui.toasts import Toasts
from gui.topbar import TopBar
from gui.workspace import Dock, Stack, Workspaces
from materials import VERSION, filing
from materials.errors import Cancelled, IntarsiaError
from materials.home import state_folder

LEAST = QSize(960, 600)
NARROW, NARROWER = 1280, 1100
WORKSPACES = ("author", "look")
ROW = 184
"""How far below one another nodes go that are added in a row."""

_PANELS = {"parameters": "Parameters", "picture": "2D", "solid": "3D", "problems": "Problems"}
_NEED_PAGE = ("save", "save_as", "export", "export_again", "close", "find", "next_problem", "help", "another_view")
_OURS = "Materials (*.intarsia)"
_OPENABLE = "Materials, and pictures that hold one (*.intarsia *.png *.exr *.tif *.tiff)"
_PICTURES = "Pictures (*.png *.jpg *.jpeg *.tif *.tiff *.exr *.webp)"
ABOUT = (
    "Procedural materials from small, explainable parts. Our code is MIT; the app uses Qt through PyQt6, which is GPL 3.\n"
    "Typeface Inter, SIL Open Font License 1.1. Icons Phosphor, MIT."
)


class Window(QMainWindow):
    """The app's window."""

    def __init__(self, desk: Desk | None = None, opengl: bool | None = None) -> None:
        super().__init__()
        self.desk = desk or Desk()
        self.opengl = opengl
        self.pages: list[Page] = []
        self.settings = QSettings(str(state_folder() / "window.ini"), QSettings.Format.IniFormat)
        THEME.switch(str(self.settings.value("theme", "dark")))
        self.setWindowTitle("Intarsia")
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        self.actions_ = Actions(self, {name: getattr(self, f"do_{name}") for name in _names()})
        self._fill()
        self._connect()
        self.exporter = Exporter()
        self.exporter.progressed.connect(self._on_export_progress)
        self.exporter.finished.connect(self._on_exported)
        self.exporter.failed.connect(self._on_export_failed)
        self.extra: list[Dock] = []
        self.resize(self.settings.value("size", QSize(1600, 1000)))
        self._restore_panels()
        self._refresh()

    # ---- building ----

    def _fill(self) -> None:
        self.top = TopBar([name.capitalize() for name in WORKSPACES])
        self.setMenuWidget(self.top)
        self.middle = QStackedWidget()
        self.start = StartPage()
        self.middle.addWidget(self.start)
        self.setCentralWidget(self.middle)
        self.library = Library()
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
        self.search = Search(self)
        self.toasts = Toasts(self.middle)
        self._searching: tuple[QPointF, tuple[str, str, bool] | None] | None = None
        self.top.sign.setMenu(self._menu())

    def _connect(self) -> None:
        top, start = self.top, self.start
        top.tabs.chosen.connect(self.show_page)
        top.tabs.closing.connect(self.close_page)
        top.new.clicked.connect(self.do_new)
        top.search.asked.connect(self._on_top_search)
        top.undo.clicked.connect(self.do_undo)
        top.redo.clicked.connect(self.do_redo)
        top.export.clicked.connect(self.do_export)
        top.workspaces.chosen.connect(lambda index: self._go_workspace(WORKSPACES[index]))
        start.new_asked.connect(self._on_new)
        start.open_asked.connect(self.open)
        start.recover_asked.connect(self._on_recover)
        start.discard_asked.connect(self._on_discard)
        start.picture_asked.connect(self.do_import_picture)
        start.keys_asked.connect(self.do_keys)
        self.status.problems_asked.connect(self.do_problems)
        self.library.add_asked.connect(self._on_add)
        self.library.open_asked.connect(self._on_new)
        self.search.chosen.connect(self._on_chosen)

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
                    part.addAction(self.actions_[command.name])
            if title == "File":
                recent = QMenu("Open recent", self)
                recent.aboutToShow.connect(partial(self._fill_recent, recent))
                part.insertMenu(self.actions_["save"], recent)
        return menu

    def _fill_node_menu(self, menu: QMenu) -> None:
        menu.clear()
        if self.page is not None:
            menu.addActions(self.page.canvas.actions_registry())

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for entry in self.desk.recent.entries()[:12]:
            action = menu.addAction(entry.title or entry.path.stem)
            assert action is not None
            action.setToolTip(str(entry.path))
            action.setEnabled(not entry.missing)
            action.triggered.connect(partial(self._open_quietly, entry.path))

    def _open_quietly(self, path: Path, checked: bool = False) -> None:
        self.open(path)

    # ---- pages ----

    @property
    def page(self) -> Page | None:
        """The document that is shown; None for the start page."""
        index = self.middle.currentIndex() - 1
        return self.pages[index] if 0 <= index < len(self.pages) else None

    def begin(self, paths: Sequence[Path]) -> None:
        """Open files and presets by name, or else show the start page."""
        from materials.render import presets

        shipped = presets()
        for path in paths:
            if str(path) in shipped and not path.exists():
                self._on_new(shipped[str(path)])
            else:
                self.open(path)
        if not self.pages:
            self.do_start()

    def open(self, path: Path) -> bool:
        """Open a file in a tab; a word says why, if it cannot be."""
        try:
            session = self.desk.open(Path(path))
        except IntarsiaError as error:
            self.desk.recent.refresh()
            tell(self, f"{Path(path).name} was not opened", str(error))
            return False
        self._add(session)
        return True

    def _add(self, session: Session) -> None:
        known = next((index for index, page in enumerate(self.pages) if page.session is session), None)
        if known is not None:
            self.show_page(known)
            return
        page = Page(session, self.opengl)
        self.pages.append(page)
        self.middle.addWidget(page.canvas)
        for name, stack in self.stacks.items():
            stack.addWidget(getattr(page, name))
        self._connect_page(page)
        page.restore(self._view_state())
        self.show_page(len(self.pages) - 1)
        page.start()

    def _connect_page(self, page: Page) -> None:
        page.canvas.searching.connect(partial(self._on_searching, page))
        page.canvas.dropped.connect(partial(self._on_dropped, page))
        page.canvas.pinning.connect(self._on_pinning)
        page.session.titled.connect(self._refresh)
        page.session.refused.connect(self.toasts.show_words)
        page.session.told.connect(self.toasts.show_words)
        page.problems.chosen.connect(partial(self._on_problem, page))

    def show_page(self, index: int) -> None:
        """Show a document, or with -1 the start page."""
        self.middle.setCurrentIndex(index + 1)
        for stack in self.stacks.values():
            if index >= 0:
                stack.setCurrentIndex(index)
        page = self.page
        self.status.set_session(page.session if page else None)
        self.places.show_panels(page is not None)
        self._refresh()
        if page is not None:
            page.canvas.setFocus()

    def close_page(self, index: int) -> None:
        """Close a document; if it has edits that are not saved, ask what to do with them."""
        page = self.pages[index]
        if not page.session.is_modified or page.session.locked:
            self._drop(page)
            return
        self.show_page(index)
        self._ask_to_save(page, partial(self._drop, page))

    def _ask_to_save(self, page: Page, then: Callable[[], None]) -> None:
        """Ask whether to save a document; go on unless the user does not want to."""

        def answered(answer: str) -> None:
            if answer == "discard" or (answer == "save" and self._save(page)):
                then()

        choices = (("save", "Save"), ("discard", "Don't save"))
        ask(self, f"Save {page.title}?", "It has edits that are not saved.", choices, answered)

    def _drop(self, page: Page) -> None:
        if page not in self.pages:
            return
        self.settings.setValue("views", json.dumps(page.state()))
        index = self.pages.index(page)
        self.pages.remove(page)
        page.stop()
        for widget in (page.canvas, page.parameters, page.picture, page.solid, page.problems):
            widget.setParent(None)
            widget.deleteLater()
        self.desk.close(page.session)
        page.deleteLater()
        if self.pages:
            self.show_page(min(index, len(self.pages) - 1))
        else:
            self.do_start()

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
            action = self.actions_[name]
            action.setText(words)
            action.setEnabled(able)
            tool.setEnabled(able)
            tool.setToolTip(f"{words}  {keys_of(action)}")
        for name in _NEED_PAGE:
            self.actions_[name].setEnabled(page is not None)
        self.top.export.setEnabled(page is not None)
        self.setWindowTitle(f"{page.title} – Intarsia" if page else "Intarsia")
        self.setWindowModified(bool(page and page.session.is_modified))

    # ---- File ----

    def do_new(self) -> None:
        self._on_new(None)

    def _on_new(self, template: object) -> None:
        try:
            session = self.desk.new(Path(str(template)) if template else None)
        except IntarsiaError as error:
            tell(self, "The template was not opened", str(error))
            return
        self._add(session)

    def do_start(self) -> None:
        self.start.set_recent(self.desk.recent.entries(), self.desk.recoveries())
        self.show_page(-1)

    def do_open(self) -> None:
        """Choose files and open them."""
        names, _ = QFileDialog.getOpenFileNames(self, "Open", self._place(), _OPENABLE)
        for name in names:
            self._keep_place(Path(name).parent)
            self.open(Path(name))

    def do_save(self) -> None:
        if self.page is not None:
            self._save(self.page)

    def do_save_as(self) -> None:
        if self.page is not None:
            self._save_as(self.page)

    def _save(self, page: Page) -> bool:
        if page.session.path is None or page.session.locked:
            return self._save_as(page)
        return self._write(page, None)

    def _save_as(self, page: Page) -> bool:
        suggestion = Path(self._place()) / (_file_name(page.title) + ".intarsia")
        name, _ = QFileDialog.getSaveFileName(self, "Save", str(page.session.path or suggestion), _OURS)
        if not name:
            return False
        path = Path(name)
        path = path if path.suffix == ".intarsia" else path.with_name(path.name + ".intarsia")
        self._keep_place(path.parent)
        return self._write(page, path)

    def _write(self, page: Page, path: Path | None) -> bool:
        page.keep_view()
        try:
            missing = page.session.save(path)
        except IntarsiaError as error:
            tell(self, f"{page.title} was not saved", str(error))
            return False
        if missing:
            tell(self, "Saved without all of its parts", "\n".join(missing))
        else:
            self.toasts.show_words(f"Saved {page.session.path.name if page.session.path else page.title}")
        return True

    def do_import_picture(self) -> None:
        """Choose photographs and take them into the material, or into a new one."""
        names, _ = QFileDialog.getOpenFileNames(self, "Add a picture", self._place(), _PICTURES)
        if names:
            self._keep_place(Path(names[0]).parent)
            if self.page is None:
                self.do_new()
            assert self.page is not None
            self.page.take_pictures([Path(name) for name in names], self.page.canvas.place())

    def do_close(self) -> None:
        if self.page is not None:
            self.close_page(self.pages.index(self.page))

    def do_quit(self) -> None:
        self.close()

    # ---- export ----

    def do_export(self) -> None:
        if self.page is None:
            return
        sheet = ExportSheet(self, self.page.session, self._last_order())
        sheet.export_asked.connect(self._start_export)
        sheet.open()

    def do_export_again(self) -> None:
        order = self._last_order()
        if self.page is None:
            return
        if order is None:
            self.do_export()
            return
        session = self.page.session
        self._start_export(replace(order, document=session.root, source=session.folder))

    def _last_order(self) -> Order | None:
        return self.page.order if self.page is not None else None

    def _start_export(self, order: Order) -> None:
        if self.exporter.busy:
            self.toasts.show_words("An export is under way")
            return
        assert self.page is not None
        self.page.order = order
        self.exporter.start(order)

    def _on_export_progress(self, done: float, stage: str) -> None:
        self.status.show_stage(f"Export, {stage}" if stage else "Export", done)

    def _on_exported(self, paths: object) -> None:
        self.status.show_stage("", None)
        assert isinstance(paths, list)
        maps = [path for path in paths if path.suffix not in (".json", ".md")]
        folder = paths[0].parent
        words = f"Exported {len(maps)} map{'s' if len(maps) != 1 else ''}"
        self.toasts.show_words(words, "Open folder", partial(_open_folder, folder))

    def _on_export_failed(self, error: object) -> None:
        self.status.show_stage("", None)
        if not isinstance(error, Cancelled):
            tell(self, "The maps were not exported", str(error))

    # ---- Edit ----

    def do_undo(self) -> None:
        if self.page is not None:
            self.page.session.undo()

    def do_redo(self) -> None:
        if self.page is not None:
            self.page.session.redo()

    def do_find(self) -> None:
        """Search the nodes of the graph by name."""
        if self.page is not None:
            self.search.open_commands(self._over_canvas(), self.page.go_to_actions())

    def do_next_problem(self) -> None:
        if self.page is not None and not self.page.next_problem():
            self.toasts.show_words("There are no problems")

    def do_palette(self) -> None:
        below = self.top.search.mapToGlobal(QPoint(0, self.top.search.height() + 4))
        self._searching = None
        self.search.open_commands(below, self._commands(), with_nodes=self.page is not None)

    def _on_top_search(self, typed: str) -> None:
        below = self.top.search.mapToGlobal(QPoint(0, self.top.search.height() + 4))
        self._searching = None
        self.top.search.clear()
        self.search.open_commands(below, self._commands(), with_nodes=self.page is not None, typed=typed)

    def _commands(self) -> list[QAction]:
        return [*self.actions_.all(), *(self.page.canvas.actions_registry() if self.page else [])]

    def _over_canvas(self) -> QPoint:
        return self.middle.mapToGlobal(QPoint(self.middle.width() // 2 - SIZE["popup"] // 2, 64))

    # ---- adding nodes ----

    def _on_searching(self, page: Page, at: QPointF, port: object) -> None:
        """Open the search where a node is to go; dropped wires look for what fits them."""
        self._searching = (at, port if isinstance(port, tuple) else None)
        fit = page.fit_of(port) if isinstance(port, tuple) else Fit()
        view = page.canvas.viewport()
        assert view is not None
        self.search.open_nodes(view.mapToGlobal(page.canvas.mapFromScene(at)), fit)

    def _on_chosen(self, key: str, keep_open: bool) -> None:
        page = self.page
        if page is None:
            return
        at, port = self._searching or (page.canvas.place(), None)
        if page.add(key, at, port) and keep_open:
            self._searching = (at + QPointF(0, ROW), port)

    def _on_add(self, key: str) -> None:
        if self.page is None:
            self.do_new()
        assert self.page is not None
        self.page.add(key, self.page.canvas.place(), None)

    def _on_dropped(self, page: Page, paths: list[str], at: QPointF) -> None:
        self._take_files([Path(path) for path in paths], page, at)

    def _take_files(self, paths: Sequence[Path], page: Page | None, at: QPointF | None) -> None:
        """Open graphs, and take pictures into the material."""
        pictures = []
        for path in paths:
            if filing.holds_graph(path):
                self.open(path)
            elif path.suffix.lower() in filing.PICTURES:
                pictures.append(path)
            else:
                self.toasts.show_words(f"{path.name} is neither a material nor a picture")
        if pictures:
            if page is None:
                self.do_new()
                page = self.page
            assert page is not None
            page.take_pictures(pictures, at or page.canvas.place())

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and data.hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None:
            self._take_files([Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()], self.page, None)
            event.acceptProposedAction()

    # ---- View ----

    def do_author(self) -> None:
        self._go_workspace("author")

    def do_look(self) -> None:
        self._go_workspace("look")

    def _go_workspace(self, name: str) -> None:
        self.top.workspaces.set_current(WORKSPACES.index(name))
        self.places.go(name)

    def do_full(self) -> None:
        under = QApplication.widgetAt(QCursor.pos())
        while under is not None and not isinstance(under, Dock):
            under = under.parentWidget()
        self.places.toggle_full(under)

    def do_another_view(self) -> None:
        if self.page is not None:
            self._on_pinning("")

    def _on_pinning(self, id: str) -> None:
        """Show a node in a 2D view of its own, which stays on it."""
        page = self.page
        if page is None:
            return
        view = page.another_view(id)
        dock = Dock(f"view {len(self.extra)}", "2D", view, QSize(440, SIZE["views"]))
        dock.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.extra.append(dock)
        self.places.add(dock)

    def do_problems(self) -> None:
        self.places.toggle(self.places.problems)

    def do_library(self) -> None:
        self.places.toggle(self.places.library)

    def do_parameters(self) -> None:
        self.places.toggle(self.places.parameters)

    def do_reset_panels(self) -> None:
        self.places.lay_out()

    def do_light(self) -> None:
        THEME.switch("light" if THEME.mode == "dark" else "dark")
        self.settings.setValue("theme", THEME.mode)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        THEME.apply(app)
        self.actions_.refresh()
        for widget in app.allWidgets():
            widget.update()

    # ---- Help ----

    def do_help(self) -> None:
        if self.page is not None:
            self.page.parameters.show_help()

    def do_keys(self) -> None:
        KeysPage(self, self._commands_by_menu()).open()

    def _commands_by_menu(self) -> Mapping[str, Sequence[QAction]]:
        found: dict[str, Sequence[QAction]] = {
            title: [self.actions_[command.name] for command in commands if command is not None]
            for title, commands in COMMANDS.items()
        }
        if self.page is not None:
            found["Canvas"] = self.page.canvas.actions_registry()
        return found

    def do_about(self) -> None:
        tell(self, f"Intarsia {VERSION}", ABOUT)

    def _on_problem(self, page: Page, problem: Problem) -> None:
        page.go_to(problem)

    # ---- recovery ----

    def _on_recover(self, found: object) -> None:
        assert isinstance(found, Recovery)
        try:
            session = self.desk.recover(found)
        except IntarsiaError as error:
            tell(self, "The edits could not be recovered", str(error))
            return
        self._add(session)

    def _on_discard(self, found: object) -> None:
        assert isinstance(found, Recovery)
        found.discard()
        self.do_start()

    # ---- the window itself ----

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.library.set_rail(self.width() < NARROW)
        self.places.set_tabbed(self.width() < NARROWER)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.exporter.cancel()
            if self.page is not None:
                self.page.session.rest()
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Close all documents, one question each; the window goes when the last is answered."""
        if event is None:
            return
        open_ = [page for page in self.pages if page.session.is_modified and not page.session.locked]
        if open_:
            event.ignore()
            self.show_page(self.pages.index(open_[0]))
            self._ask_to_save(open_[0], partial(self._close_after, open_[0]))
            return
        self._keep_panels()
        self.exporter.stop()
        for page in list(self.pages):
            self._drop(page)
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
        if self.pages:
            self.settings.setValue("views", json.dumps(self.pages[-1].state()))
        self.settings.sync()

    def _restore_panels(self) -> None:
        kept = self.settings.value("panels")
        if kept is not None and self.settings.value("workspace", "author") == "author":
            self.restoreState(kept)

    def _view_state(self) -> dict[str, Any]:
        with contextlib.suppress(ValueError, TypeError):
            found = json.loads(str(self.settings.value("views", "{}")))
            return found if isinstance(found, dict) else {}
        return {}

    def _place(self) -> str:
        """Return the folder that files were last chosen in."""
        return str(self.settings.value("place", str(Path.home())))

    def _keep_place(self, folder: Path) -> None:
        self.settings.setValue("place", str(folder))


def _names() -> list[str]:
    return [command.name for commands in COMMANDS.values() for command in commands if command is not None]


def _file_name(title: str) -> str:
    return "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in title).strip() or "material"


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
