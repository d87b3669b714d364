"""What is let go over the canvas: nodes from the library go into the graph, files to the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QMimeData, QPointF, Qt
from PyQt6.QtGui import QDropEvent

from gui.canvas.faces import HEAD, WIDTH
from gui.canvas.wires import WireItem
from gui.mimes import FILE_MIME, NODE_MIME

if TYPE_CHECKING:
    from gui.canvas.view import Canvas

NEAR = 14
"""How near to a wire, in pixels, a node is put into it."""


def takes(event: QDropEvent) -> bool:
    """Whether the canvas has a use for what is dragged."""
    data = event.mimeData()
    return data is not None and (data.hasFormat(NODE_MIME) or bool(_files(data)))


def _files(data: QMimeData) -> list[str]:
    """Return the files that are dragged: a material of the library, or what a file manager gives."""
    if data.hasFormat(FILE_MIME):
        return [bytes(data.data(FILE_MIME).data()).decode("utf-8", "replace")]
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


class Drops:
    """A drag over the canvas: the wire that it would go into is lit."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.wire: WireItem | None = None

    def light(self, wire: WireItem | None) -> None:
        """Light the wire that a node would go into."""
        for item, lit in ((self.wire, False), (wire, True)):
            if item is not None:
                item.tell(lit=lit)
        self.wire = wire

    def move(self, event: QDropEvent) -> None:
        data = event.mimeData()
        if data is not None and data.hasFormat(NODE_MIME):
            self.light(self.canvas.graph_scene.wire_at(self._at(event), NEAR / self.canvas.zoom))

    def drop(self, event: QDropEvent) -> None:
        """Add the node, or hand on the files."""
        data, at = event.mimeData(), self._at(event)
        self.move(event)
        wire = self.wire
        self.light(None)
        if data is None:
            return
        if data.hasFormat(NODE_MIME):
            key = bytes(data.data(NODE_MIME).data()).decode("utf-8", "replace")
            corner = at - QPointF(WIDTH / 2, HEAD + WIDTH / 2)
            self.canvas.commands.add(key, corner, link=wire.link if wire is not None else None)
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.canvas.dropped.emit(_files(data), at)

    def _at(self, event: QDropEvent) -> QPointF:
        return self.canvas.mapToScene(event.position().toPoint())
