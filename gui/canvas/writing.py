"""Names and comments written where they stand on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QEvent, QObject, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QGraphicsView, QLineEdit, QPlainTextEdit, QWidget

from gui.canvas.commands import Commands
from gui.canvas.faces import HEAD, WIDTH
from gui.canvas.scene import GraphScene

LEAST_WIDTH, LEAST_TITLE, LEAST_WORDS = 120, 28, 72


class TitleField(QLineEdit):
    """A name written where it stands: Enter takes it, so does leaving it; Escape does not."""

    written = pyqtSignal(str)
    ended = pyqtSignal()

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(words, parent)
        self.setAccessibleName("Name")
        self._over = False
        self.selectAll()
        self.returnPressed.connect(self.take)

    def event(self, event: QEvent | None) -> bool:
        return _keeps(event) or super().event(event)

    def take(self) -> None:
        self._end(True)

    def _end(self, keep: bool) -> None:
        if not self._over:
            self._over = True
            if keep:
                self.written.emit(self.text())
            self.ended.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self._end(False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._end(True)


class WordsField(QPlainTextEdit):
    """Words of several lines: Ctrl Enter or leaving it takes them, Escape does not."""

    written = pyqtSignal(str)
    ended = pyqtSignal()

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(words, parent)
        self.setAccessibleName("Comment")
        self.setPlaceholderText("Write a comment. Ctrl Enter when done.")
        self._over = False
        self.selectAll()

    def event(self, event: QEvent | None) -> bool:
        return _keeps(event) or super().event(event)

    def _end(self, keep: bool) -> None:
        if not self._over:
            self._over = True
            if keep:
                self.written.emit(self.toPlainText())
            self.ended.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self._end(False)
        elif enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._end(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._end(True)


def _keeps(event: QEvent | None) -> bool:
    """Whether a key would be an action of the canvas, which it is not while one writes."""
    if event is None or event.type() != QEvent.Type.ShortcutOverride:
        return False
    event.accept()
    return True


class Writer(QObject):
    """Opens fields over nodes and frames, one at a time, and hands on what was written."""

    def __init__(self, view: QGraphicsView, scene: GraphScene, commands: Commands) -> None:
        super().__init__(view)
        self._view, self._scene, self._commands = view, scene, commands
        self._field: TitleField | WordsField | None = None

    def title(self, id: str) -> None:
        """Write the title of a node."""
        item = self._scene.nodes.get(id)
        if item is not None:
            rect = QRectF(item.x(), item.y(), WIDTH, HEAD)
            self._open(TitleField(item.face.title, self._ground()), rect, partial(self._commands.name_node, id))

    def frame(self, index: int) -> None:
        """Write the title of a frame, or the words of a comment."""
        item = self._scene.frames[index]
        rect, take = item.mapRectToScene(item.rect), partial(self._commands.name_frame, index)
        if item.comment:
            self._open(WordsField(str(item.frame.get("text", "")), self._ground()), rect, take)
        else:
            rect = QRectF(rect.x() + 6, rect.y() + 2, min(rect.width() - 12, 320), 28)
            self._open(TitleField(str(item.frame.get("title", "")), self._ground()), rect, take)

    def _ground(self) -> QWidget:
        ground = self._view.viewport()
        assert ground is not None
        return ground

    def _open(self, field: TitleField | WordsField, rect: QRectF, take: Callable[[str], None]) -> None:
        place = self._view.mapFromScene(rect).boundingRect()
        least = LEAST_TITLE if isinstance(field, TitleField) else LEAST_WORDS
        field.setGeometry(place.x(), place.y(), max(place.width(), LEAST_WIDTH), max(place.height(), least))
        field.written.connect(take)
        field.ended.connect(self._ended)
        self._field = field
        field.show()
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ended(self) -> None:
        field, self._field = self._field, None
        if field is not None:
            field.hide()
            field.deleteLater()
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
