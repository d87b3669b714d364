"""Export from the app: what would be written, and the writing itself, beside the window and stopped when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from gui.background import Check, Latest
from materials import credits, export, rates, target
from materials.errors import IntarsiaError, LicenceError
from materials.evaluate import Cancel, default_threads
from materials.graph import Document, Source
from materials.render import Graph, output_kinds, prepare
from nodes.declare import spelled

Work = Callable[[Check], object]

DEPTHS = {"8": "8 bit", "16": "16 bit", "half": "16 bit half", "float": "32 bit float", "32": "32 bit float"}


@dataclass(frozen=True)
class Order:
    """What is to be exported, how, and where to. source : where the document's relative paths start."""

    document: Document
    source: Path | None
    folder: Path
    name: str
    target: str = "generic"
    size: int = 2048

    @property
    def graph(self) -> Graph:
        return Graph(self.document, self.source, self.name)

    def of(self, document: Document, source: Path | None) -> Order:
        """Return the same order for a document as it is now."""
        return replace(self, document=document, source=source)

    def with_(self, **fields: object) -> Order:
        """Return the order with some fields changed."""
        return replace(self, **fields)  # type: ignore[arg-type]  # fields of this class


@dataclass(frozen=True)
class FileToCome:
    """A file that an export would write: what it holds in words, its name, depth, and size before packing."""

    holds: str
    name: str
    depth: str
    size: str


@dataclass(frozen=True)
class Outlook:
    """What an order would do: its files, time and memory, and whether licences let it."""

    files: tuple[FileToCome, ...]
    figures: str
    licences: str
    refusal: str = ""


def outlook(order: Order) -> Outlook:
    """Return what an order would do, without computing a picture.

    Raises
    ------
    IntarsiaError
        If the graph makes nothing that the target has a place for, or cannot be rendered.
    """
    writer = export.Writer(target.load(order.target), output_kinds(order.graph), order.size, order.size, order.name)
    found = []
    for sheet in writer.sheets:
        maps = dict.fromkeys(spelled(channel.map) for channel in sheet.layout.channels)
        words = ", ".join(maps)
        name = f"{sheet.name}.{sheet.layout.format}"
        depth = DEPTHS.get(sheet.layout.depth, sheet.layout.depth)
        found.append(FileToCome(words[:1].upper() + words[1:], name, depth, bytes_in_words(sheet.pixels.nbytes)))
    plan, sources = prepare(order.graph, order.size, outputs=sorted(writer.maps), streamed=True)
    seconds = rates.predict(plan) / default_threads()
    memory = plan.peak_bytes(default_threads()) + writer.bytes
    named = sources.named({key for taint in plan.taint.values() for key in taint.all})
    used = tuple({source.name: source for source in named.values()}.values())
    figures = f"About {seconds:.1f} s and {bytes_in_words(memory)} of memory"
    return Outlook(tuple(found), figures, *_licences(used))


def _licences(sources: tuple[Source, ...]) -> tuple[str, str]:
    """Return what the licences of the parts used ask, and why they do not allow an export, if they do not."""
    try:
        credits.check_licences(sources)
    except LicenceError as error:
        return str(error), str(error)
    if not sources:
        return "All of it is made by the graph", ""
    licences = ", ".join(sorted({source.licence for source in sources}))
    authors = len({source.author for source in sources})
    return f"{authors} author{'s' if authors != 1 else ''} of pictures: {licences}. CREDITS.md is written", ""


def bytes_in_words(count: int) -> str:
    """Return a number of bytes as people say it."""
    for unit, size in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{count} bytes"


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


def _work(order: Order, cancel: Cancel, progress: Callable[[float, str], None]) -> Work:
    def work(check: Check) -> object:
        options = {"size": order.size, "name": order.name, "progress": progress, "cancel": cancel}
        try:
            _, paths = export.export_graph(order.graph, order.folder, order.target, **options)
        except OSError as error:
            raise IntarsiaError(f"the maps could not be written: {error.strerror or error}") from error
        return paths

    return work
