"""A whole window for tests: opened on small documents, waited for, and asked for the sheet that lies over it."""

from __future__ import annotations

import threading
from pathlib import Path

from PyQt6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPushButton, QWidget

from gui.dialogs import Sheet
from gui.page import Page
from gui.spheres import Spheres
from gui.thumbnails import Thumbnails
from gui.window import Window
from materials import document as documents
from materials.graph import Document
from tests.test_gui.still import graph, node

ENGINE = "intarsia_"
"""What the names of the engine's threads begin with: they stay for the next render."""


class NoThumbnails(Thumbnails):
    """No pictures of nodes: their kernels would have to be compiled."""

    def picture(self, key: str) -> QImage | None:
        return None


class NoSpheres(Spheres):
    """No pictures of materials."""

    def picture(self, path: Path) -> QImage | None:
        return None


class Strays(QObject):
    """Notes every widget that is shown as a window of its own without being one: it flashes and takes the focus."""

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self.window = window
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
            kind = watched.windowType()
            if watched is not self.window and kind == Qt.WindowType.Window and watched.isWindow():
                self.seen.append(repr(watched))
        return False


def small() -> Document:
    """Return a material of three nodes that is computed in a blink."""
    return graph(
        node("noise", "fbm", 0, 0),
        node("levels", "levels", 200, 0),
        node("material", "material_output", 400, 0),
        links=("noise.out -> levels.image", "levels.out -> material.roughness"),
        title="Kiln wall",
    )


def saved(folder: Path, document: Document | None = None, name: str = "kiln_wall") -> Path:
    """Return the path of a document in a file."""
    path = folder / f"{name}.intarsia"
    documents.save(document or small(), path)
    return path


def threads() -> list[str]:
    """Return the names of threads that are not the engine's own."""
    return sorted(thread.name for thread in threading.enumerate() if not thread.name.startswith(ENGINE))


def opened(window: Window, path: Path) -> Page:
    """Return the page of a document that the window opens."""
    assert window.files.open_path(path)
    page = window.page
    assert page is not None
    return page


def evaluated(qtbot, page: Page) -> None:
    """Wait until all pictures of the present graph are there."""
    qtbot.waitUntil(lambda: page.session.is_done, timeout=60_000)


def sheet(window: Window) -> Sheet:
    """Return the sheet that lies over the window."""
    found = [each for each in window.findChildren(Sheet) if each.isVisible()]
    assert found, "no sheet is open"
    return found[-1]


def no_sheet(window: Window) -> bool:
    return not any(each.isVisible() for each in window.findChildren(Sheet))


def answer(window: Window, words: str) -> None:
    """Press a button of the sheet that lies over the window."""
    found = {each.text(): each for each in sheet(window).findChildren(QPushButton)}
    QTest.mouseClick(found[words], Qt.MouseButton.LeftButton)


def drop(window: Window, *paths: Path) -> None:
    """Drop files on the window's frame."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)  # Qt delivers a drop only within a drag of its own
