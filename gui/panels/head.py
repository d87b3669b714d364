"""The head of the panel of parameters: picture, title to edit, kind, and what is done to the node as a whole."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from gui.controls.control import FieldControl
from gui.controls.number import Editor
from gui.drawing import LEFT, rounded, text
from gui.parts import Elided, Painted, Tool
from gui.theme import RADIUS, THEME

HEIGHT, PICTURE = 56, 40


class TitleControl(FieldControl):
    """A title that turns into a field when it is clicked."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "Click to change the title")
        self.value = ""
        self.setFixedHeight(20)
        self.editor = Editor(self)
        self.editor.setAlignment(LEFT)
        self.editor.setAccessibleName(f"{name}, typing")
        self.editor.hide()
        self.editor.returnPressed.connect(self._take)
        self.editor.left.connect(self._take)
        self.editor.given_up.connect(self._close)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, 20)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        if self.hovered and self.open_to_change:
            rounded(painter, rect, RADIUS["field"], THEME.color("field"))
        text(painter, rect.adjusted(4, 0, -4, 0), str(self.value), "text1", "title")

    def start_typing(self) -> None:
        """Turn into a field."""
        if self.open_to_change:
            self.editor.setGeometry(self.rect())
            self.editor.setText(str(self.value))
            self.editor.show()
            self.editor.setFocus()
            self.editor.selectAll()

    def _take(self) -> None:
        if not self.editor.isHidden():
            words = self.editor.text().strip()
            self._close()
            if words != self.value:
                self.commit(words)

    def _close(self) -> None:
        focused = self.editor.hasFocus()
        self.editor.hide()
        if focused:
            self.setFocus()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.start_typing()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2, Qt.Key.Key_Space):
            self.start_typing()
        else:
            super().keyPressEvent(event)


class Head(QFrame):
    """The head: 56 high."""

    def __init__(self) -> None:
        super().__init__()
        self.image: QImage | None = None
        self.picture = Painted(self._draw_picture, PICTURE, PICTURE)
        self.picture.setAccessibleName("Picture of the node")
        self.title = TitleControl("Title")
        self.kind = Elided("", "hint")
        self.bypass = Tool("prohibit", "Bypass  M", checkable=True)
        self.freeze = Tool("snowflake", "Freeze  Z", checkable=True)
        self.pin = Tool("push-pin", "Keep the panel on this node", checkable=True)
        self.more = Tool("dots-three", "More")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch(1)
        words.addWidget(self.title)
        kind = QHBoxLayout()
        kind.setContentsMargins(4, 0, 0, 0)
        kind.addWidget(self.kind)
        words.addLayout(kind)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(0)
        layout.addWidget(self.picture)
        layout.addSpacing(4)
        layout.addLayout(words, 1)
        layout.addSpacing(4)
        for tool in (self.bypass, self.freeze, self.pin, self.more):
            layout.addWidget(tool)
        self.setFixedHeight(HEIGHT)

    def set_image(self, image: QImage | None) -> None:
        """Show a picture, square."""
        self.image = image
        self.picture.update()

    def set_tools(self, node: bool) -> None:
        """Show the tools of a node, or those of the material."""
        for tool in (self.bypass, self.freeze, self.pin):
            tool.setVisible(node)

    def _draw_picture(self, painter: QPainter, rect: QRectF) -> None:
        path = QPainterPath()
        path.addRoundedRect(rect, RADIUS["field"], RADIUS["field"])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillPath(path, THEME.color("well"))
        if self.image is not None and not self.image.isNull():
            painter.setClipPath(path)
            painter.drawImage(rect, self.image)
