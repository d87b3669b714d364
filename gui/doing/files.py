"""Files: new, open, save, recover, pictures, and export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QMenu

from gui.dialogs import ask, tell
from gui.export_sheet import ExportSheet
from gui.exporting import Exporter, Order
from gui.page import Page
from gui.session import Problem
from materials import filing
from materials.errors import Cancelled, IntarsiaError
from materials.journal import Recovery

if TYPE_CHECKING:
    from gui.window import Window

_OURS = "Materials (*.intarsia)"
_OPENABLE = "Materials, and pictures that hold one (*.intarsia *.png *.exr *.tif *.tiff)"
_PICTURES = "Pictures (*.png *.jpg *.jpeg *.tif *.tiff *.exr *.webp)"


class Files:
    """The commands of the File menu."""

    def __init__(self, window: Window) -> None:
        self.window, self.desk = window, window.desk
        self.exporter = Exporter()
        self.exporter.progressed.connect(self._export_is_at)
        self.exporter.finished.connect(self._exported)
        self.exporter.failed.connect(self._export_failed)

    # ---- opening ----

    def new(self) -> None:
        self.new_from(None)

    def new_from(self, template: Path | None) -> None:
        """Open a new document, empty or like a template."""
        try:
            session = self.desk.new(template)
        except IntarsiaError as error:
            tell(self.window, "The template was not opened", str(error))
            return
        self.window.add(session)

    def start(self) -> None:
        self.window.start.set_recent(self.desk.recent(), self.desk.recoveries())
        self.window.show_page(-1)

    def open(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self.window, "Open", self._place(), _OPENABLE)
        for name in names:
            self._keep_place(Path(name).parent)
            self.open_path(Path(name))

    def open_path(self, path: Path) -> bool:
        """Open a file in a tab; a word says why, if it cannot be."""
        try:
            session = self.desk.open(Path(path))
        except IntarsiaError as error:
            tell(self.window, f"{Path(path).name} was not opened", str(error))
            return False
        self.window.add(session)
        return True

    def take(self, paths: Sequence[Path], page: Page | None, at: QPointF | None) -> None:
        """Open graphs, and take pictures into the material."""
        pictures = []
        for path in paths:
            if filing.holds_graph(path):
                self.open_path(path)
            elif path.suffix.lower() in filing.PICTURES:
                pictures.append(path)
            else:
                self.window.toasts.show_words(f"{path.name} is neither a material nor a picture")
        if pictures:
            if page is None:
                self.new()
                page = self.window.page
            assert page is not None
            page.take_pictures(pictures, at or page.canvas.place())

    def import_picture(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self.window, "Add a picture", self._place(), _PICTURES)
        if names:
            self._keep_place(Path(names[0]).parent)
            self.take([Path(name) for name in names], self.window.page, None)

    def find_picture(self, page: Page, problem: Problem) -> None:
        """Let the user say where a picture is now."""
        name, _ = QFileDialog.getOpenFileName(
            self.window, f"Find the picture of {problem.where}", self._place(), _PICTURES
        )
        if name:
            self._keep_place(Path(name).parent)
            page.find_picture(problem, Path(name))

    def forget_recent(self, path: Path) -> None:
        """Take a file off the list of recent ones."""
        self.desk.forget(path)
        if self.window.page is None:
            self.start()

    def fill_recent(self, menu: QMenu) -> None:
        """Fill the menu of recent files."""
        menu.clear()
        for entry in self.desk.recent()[:12]:
            action = menu.addAction(entry.title or entry.path.stem)
            assert action is not None
            action.setToolTip(str(entry.path))
            action.setEnabled(not entry.missing)
            action.triggered.connect(partial(self._open_recent, entry.path))

    def _open_recent(self, path: Path, checked: bool = False) -> None:
        self.open_path(path)

    # ---- recovery ----

    def recover(self, found: Recovery) -> None:
        """Open a document with the edits that were not saved."""
        try:
            session = self.desk.recover(found)
        except IntarsiaError as error:
            tell(self.window, "The edits could not be recovered", str(error))
            return
        self.window.add(session)

    def forget(self, found: Recovery) -> None:
        """Give up edits that were not saved."""
        found.discard()
        self.start()

    # ---- saving and closing ----

    def save(self) -> None:
        if self.window.page is not None:
            self._save(self.window.page)

    def save_as(self) -> None:
        if self.window.page is not None:
            self._save_as(self.window.page)

    def _save(self, page: Page) -> bool:
        if page.session.path is None or page.session.locked:
            return self._save_as(page)
        return self.write(page, None)

    def _save_as(self, page: Page) -> bool:
        suggestion = Path(self._place()) / f"{file_name(page.title)}.intarsia"
        name, _ = QFileDialog.getSaveFileName(self.window, "Save", str(page.session.path or suggestion), _OURS)
        if not name:
            return False
        path = Path(name)
        path = path if path.suffix == ".intarsia" else path.with_name(f"{path.name}.intarsia")
        self._keep_place(path.parent)
        return self.write(page, path)

    def write(self, page: Page, path: Path | None) -> bool:
        """Save a document to its file or another; a word says why, if it cannot be."""
        page.keep_view()
        try:
            missing = page.session.save(path)
        except IntarsiaError as error:
            tell(self.window, f"{page.title} was not saved", str(error))
            return False
        if missing:
            tell(self.window, "Saved without all of its parts", "\n".join(missing))
        else:
            self.window.toasts.show_words(f"Saved {page.session.path.name if page.session.path else page.title}")
        return True

    def close(self) -> None:
        if self.window.page is not None:
            self.window.close_page(self.window.pages.index(self.window.page))

    def quit(self) -> None:
        self.window.close()

    def ask_to_save(self, page: Page, then: Callable[[], None]) -> None:
        """Ask whether to save a document; go on unless the user would rather not."""

        def answered(answer: str) -> None:
            if answer == "discard" or (answer == "save" and self._save(page)):
                then()

        words = "It has edits that are not saved."
        ask(self.window, f"Save {page.title}?", words, (("save", "Save"), ("discard", "Don't save")), answered)

    # ---- export ----

    def export(self) -> None:
        page = self.window.page
        if page is not None:
            name = file_name(page.session.path.stem if page.session.path else page.title)
            folder = (page.session.path.parent if page.session.path else Path(self._place())) / "textures"
            sheet = ExportSheet(self.window, page.session, page.order, name, folder)
            sheet.export_asked.connect(self.start_export)
            sheet.open()

    def export_again(self) -> None:
        page = self.window.page
        if page is None or page.order is None:
            self.export()
            return
        self.start_export(page.order.of(page.session.root, page.session.folder))

    def start_export(self, order: Order) -> None:
        """Export in the background."""
        if self.exporter.busy:
            self.window.toasts.show_words("An export is under way")
            return
        if self.window.page is not None:
            self.window.page.order = order
        self.exporter.start(order)

    def _export_is_at(self, done: float, stage: str) -> None:
        self.window.status.show_stage(f"Export, {stage}" if stage else "Export", done)

    def _exported(self, paths: list[Path]) -> None:
        self.window.status.end_stage()
        maps = [path for path in paths if path.suffix not in (".json", ".md")]
        words = f"Exported {len(maps)} map{'s' if len(maps) != 1 else ''}"
        self.window.toasts.show_words(words, "Open folder", partial(_open_folder, paths[0].parent))

    def _export_failed(self, error: Exception) -> None:
        self.window.status.end_stage()
        if not isinstance(error, Cancelled):
            tell(self.window, "The maps were not exported", str(error))

    # ---- where files were chosen last ----

    def _place(self) -> str:
        return str(self.window.settings.value("place", str(Path.home())))

    def _keep_place(self, folder: Path) -> None:
        self.window.settings.setValue("place", str(folder))


def file_name(title: str) -> str:
    """Return a title as the stem of a file's name."""
    return "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in title).strip() or "material"


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
