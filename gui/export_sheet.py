"""The export sheet: what will be written, where to, and whether it may be."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QFrame, QVBoxLayout, QWidget

from gui.background import Check, Latest
from gui.controls.choice import ListChoice
from gui.controls.text import TextControl
from gui.dialogs import Sheet, scrolled
from gui.exporting import FileToCome, Order, Outlook, outlook
from gui.parts import Elided, Segmented, Tool, box, glyph, label, rule, stretched, two
from gui.session import Session
from gui.theme import SIZE
from materials import target

SIZES = (512, 1024, 2048, 4096, 8192)
LABEL = 72


class ExportSheet(Sheet):
    """Asks how to export a document; `export_asked` tells the order."""

    export_asked = pyqtSignal(object)

    def __init__(self, window: QWidget, session: Session, last: Order | None, name: str, folder: Path) -> None:
        super().__init__(window, f"Export {session.title}")
        self.order = last or Order(session.root, session.folder, folder, name)
        self.order = self.order.of(session.root, session.folder)
        self.targets = {target.load(key).title: key for key in target.names()}
        self._looking = Latest("export outlook", self)
        self._looking.done.connect(self._show_outlook)
        self._looking.failed.connect(self._show_refusal)
        self._build()
        self.finished.connect(self._finished)
        self._look()

    def _build(self) -> None:
        titles = {key: title for title, key in self.targets.items()}
        self.target = ListChoice("Target", list(self.targets), "What the maps are made for")
        self.target.set_value(titles[self.order.target])
        self.target.committed.connect(lambda title: self._change(target=self.targets[str(title)]))
        self.sizes = Segmented("Size", [str(size) for size in SIZES], SIZES.index(self.order.size))
        self.sizes.chosen.connect(lambda index: self._change(size=SIZES[index]))
        self.name = TextControl("Name", "What the files' names begin with")
        self.name.set_value(self.order.name)
        self.name.committed.connect(lambda text: self._change(name=str(text)))
        self.folder = Elided(str(self.order.folder), "value")
        choose = Tool("folder", "Choose a folder", SIZE["field"])
        choose.clicked.connect(self._choose_folder)
        self.credits, self._icon = Elided("", "hint"), glyph("copyright", "text2", 14)
        fields = [
            _row("Target", self.target),
            _row("Size", self.sizes),
            _row("Name", self.name),
            _row("Folder", stretched(box([self.folder, choose], gap=4), 0)),
            rule(),
            stretched(box([self._icon, self.credits], gap=8, height=SIZE["row"]), 1),
            None,
        ]
        self._files = QFrame()
        self._rows = QVBoxLayout(self._files)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._count = label("", "hint")
        head = box([label("Will be written", "strong"), None, self._count], margins=(12, 0, 12, 0), height=36)
        left = box(fields, True, gap=8, width=380)
        right = stretched(box([head, scrolled(self._files)], True, gap=0, surface="well"), 1)
        body = stretched(box([left, right], gap=24, margins=(24, 0, 24, 20)), 1)
        body.setMinimumHeight(300)
        self.set_body(body)
        self.set_buttons([("export", "Export")])

    # ---- changes ----

    def _change(self, **fields: object) -> None:
        self.order = self.order.with_(**fields)
        self._look()

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Export into", str(self.order.folder))
        if name:
            self.folder.set_words(name)
            self._change(folder=Path(name))

    def _look(self) -> None:
        """Find out, beside the window, what the order would write."""
        order = self.order

        def work(check: Check) -> Outlook:
            return outlook(order)

        if self.primary is not None:
            self.primary.setEnabled(False)
        self._looking.submit(work)

    def _show_outlook(self, found: Outlook) -> None:
        self._set_rows(found.files)
        maps = len(found.files)
        words = f"{maps} map{'s' if maps != 1 else ''}"
        self._count.setText(words)
        self.figures.set_words(found.figures)
        self.credits.set_words(found.licences, "error" if found.refusal else "hint")
        if self.primary is not None:
            self.primary.setText(f"Export {words}")
            self.primary.setAccessibleName(f"Export {words}")
            self.primary.setEnabled(not found.refusal and maps > 0)
            self.primary.setToolTip(found.refusal)

    def _show_refusal(self, error: Exception) -> None:
        self._set_rows(())
        self._count.setText("")
        self.figures.set_words("")
        self.credits.set_words(str(error), "error")
        if self.primary is not None:
            self.primary.setToolTip(str(error))

    def _set_rows(self, files: tuple[FileToCome, ...]) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for file in files:
            words = two(file.holds, file.name)
            row = box([words, label(file.depth, "hint"), label(file.size, "hint", 64)], gap=12, margins=(12, 0, 12, 0))
            row.setFixedHeight(SIZE["list_row"])
            self._rows.addWidget(stretched(row, 0))
            self._rows.addWidget(rule())
        self._rows.addStretch(1)

    def _finished(self, answer: str) -> None:
        self._looking.stop()
        if answer == "export":
            self.export_asked.emit(self.order)


def _row(words: str, control: QWidget) -> QFrame:
    return stretched(box([label(words, "body", LABEL), control], gap=8, height=SIZE["row"]), 1)
