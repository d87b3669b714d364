"""A picture from outside: what it looks like, its name and licence; a file dropped on it takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QPoint, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
)
from PyQt6.QtWidgets import QFileDialog, QMenu

from gui.controls.control import Control, menu_of
from gui.drawing import rounded, text
from gui.parts import draw_icon
from gui.theme import RADIUS, THEME

HEIGHT, PICTURE = 52, 44
ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".exr")
FILTER = f"Pictures ({' '.join('*' + ending for ending in ENDINGS)})"


@dataclass(frozen=True)
class PictureFacts:
    """What is shown of a source: its name in the document, title, licence, picture, and what is wrong with it."""

    name: str
    title: str = ""
    licence: str = ""
    image: QImage | None = None
    problem: str = ""


class PictureControl(Control):
    """A source of the document; `committed` tells the name of another one, `chosen` a file that is to become one."""

    chosen = pyqtSignal(object)

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__(name, tip)
        self.value = ""
        self.facts: dict[str, PictureFacts] = {}
        self.receiving = False
        self.menu: QMenu | None = None
        self.setAcceptDrops(True)
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(120)
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    def set_sources(self, sources: Sequence[PictureFacts]) -> None:
        """Show these as the sources of the document."""
        self.facts = {facts.name: facts for facts in sources}
        self.update()

    def words(self) -> tuple[str, str, str]:
        """Return the two lines that are read, and the token of the second."""
        if self.mixed:
            return "several", "", "text3"
        facts = self.facts.get(self.value)
        if not self.value:
            return "No picture", "Choose or drop one", "text3"
        if facts is None:
            return self.value, "Not in the document", "error"
        if facts.problem:
            return facts.title or facts.name, facts.problem, "error"
        return facts.title or facts.name, facts.licence or "Licence unknown", "text3" if facts.licence else "warning"

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        line = THEME.color("accent") if self.receiving else None
        rounded(painter, rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["field"], self.ground(), line)
        frame = QRectF(rect.x() + 4, rect.y() + 4, PICTURE, PICTURE)
        facts = self.facts.get(self.value)
        if facts is not None and facts.image is not None and not self.mixed:
            path = QPainterPath()
            path.addRoundedRect(frame, RADIUS["tick"], RADIUS["tick"])
            painter.save()
            painter.setClipPath(path)
            painter.drawImage(frame, facts.image)
            painter.restore()
        else:
            rounded(painter, frame, RADIUS["tick"], THEME.color("well"))
            draw_icon(painter, QRectF(frame.center().x() - 8, frame.center().y() - 8, 16, 16), "image", "text4")
        title, note, token = self.words()
        left = PICTURE + 12
        text(painter, rect.adjusted(left, 8, -24, -26), title, self.ink("text1" if self.value else "text2"))
        text(painter, rect.adjusted(left, 26, -8, -8), note, token, "caption")
        if self.open_to_change:
            draw_icon(painter, QRectF(rect.right() - 20, rect.y() + 10, 12, 12), "caret-down", "text3")
        self.setToolTip(f"{title}\n{note}".strip())

    # ---- choosing ----

    def open_list(self) -> None:
        """Open the list of what may stand here."""
        if not self.open_to_change:
            return
        menu = self.menu = menu_of(self)
        menu.setMinimumWidth(self.width())
        for name in self.facts:
            action = QAction(self.facts[name].title or name, menu)
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name == self.value)
            menu.addAction(action)
        if self.facts:
            menu.addSeparator()
        replace = QAction("Replace…" if self.value else "Choose a file…", menu)
        replace.triggered.connect(self.ask_file)
        menu.addAction(replace)
        if self.value:
            none = QAction("None", menu)
            none.setData("")
            menu.addAction(none)
        menu.triggered.connect(self._taken)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _taken(self, action: QAction) -> None:
        name = action.data()
        if isinstance(name, str) and name != self.value:
            self.commit(name)

    def ask_file(self) -> None:
        """Ask for a file with the system's own dialog."""
        path, _ = QFileDialog.getOpenFileName(self, f"Picture for {self.accessibleName()}", "", FILTER)
        if path:
            self.chosen.emit(Path(path))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.open_list()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_list()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)

    # ---- dropping ----

    def _dropped(self, event: QDropEvent) -> Path | None:
        data = event.mimeData()
        urls = data.urls() if data is not None else []
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        return next((path for path in paths if path.suffix.lower() in ENDINGS), None)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and self.open_to_change and self._dropped(event) is not None:
            event.acceptProposedAction()
            self.receiving = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        self.receiving = False
        self.update()

    def dropEvent(self, event: QDropEvent | None) -> None:
        self.receiving = False
        self.update()
        path = self._dropped(event) if event is not None else None
        if event is not None and path is not None and self.open_to_change:
            event.acceptProposedAction()
            self.chosen.emit(path)
