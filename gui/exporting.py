"""Export from the app: in the background, with progress, and stopped when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from gui.background import Latest
from materials import export, target
from materials.errors import IntarsiaError
from materials.evaluate import Cancel
from materials.graph import Document
from materials.render import Graph, output_kinds


@dataclass(frozen=True)
class Order:
    """What is to be exported, how, and where to."""

    document: Document
    source: Path | None
    folder: Path
    name: str
    target: str = "generic"
    size: int = 2048

    @property
    def graph(self) -> Graph:
        return Graph(self.document, self.source, self.name)


def files_of(order: Order) -> list[tuple[str, str, str]]:
    """Return the files that an export writes: what each holds in words, its name, and its depth.

    Raises
    ------
    IntarsiaError
        If the graph makes nothing that the target has a place for, or cannot be rendered at all.
    """
    writer = export.Writer(target.load(order.target), output_kinds(order.graph), 8, 8, order.name)
    found = []
    for sheet in writer.sheets:
        maps = dict.fromkeys(channel.map.replace("_", " ") for channel in sheet.layout.channels)
        words = ", ".join(maps)
        found.append((words[:1].upper() + words[1:], f"{sheet.name}.{sheet.layout.format}", sheet.layout.depth))
    return found


class Exporter(QObject):
    """One export at a time, in a thread of its own."""

    progressed = pyqtSignal(float, str)
    finished = pyqtSignal(object)
    """The paths that were written."""
    failed = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._thread = Latest("intarsia export", self)
        self._thread.done.connect(self.finished)
        self._thread.failed.connect(self.failed)
        self._cancel = Cancel()

    @property
    def busy(self) -> bool:
        return self._thread.busy

    def start(self, order: Order) -> None:
        """Export; `finished` or `failed` tells how it ended."""
        self._cancel = Cancel()
        self._thread.submit(_work(order, self._cancel, self.progressed.emit))

    def cancel(self) -> None:
        """Stop; nothing is left behind."""
        self._cancel.cancel()

    def stop(self) -> None:
        """Stop, and end the thread."""
        self.cancel()
        self._thread.stop()


def _work(
    order: Order, cancel: Cancel, progress: Callable[[float, str], None]
) -> Callable[[Callable[[], None]], object]:
    def work(check: Callable[[], None]) -> object:
        try:
            _, paths = export.export_graph(
                order.graph,
                order.folder,
                order.target,
                size=order.size,
                name=order.name,
                progress=progress,
                cancel=cancel,
            )
        except OSError as error:
            raise IntarsiaError(f"the maps could not be written: {error.strerror or error}") from error
        return paths

    return work
