"""The app without a display, to be pictured: a window, a home of its own, and waiting until all is at rest."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QEvent, QEventLoop, QPoint, QPointF, QSize, Qt, QTimer
from PyQt6.QtGui import QImage, QMouseEvent, QPainter, QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from gui.app import make_window
from gui.desk import Desk
from gui.dialogs import Sheet
from gui.page import Page
from gui.session import Session
from gui.theme import THEME
from materials import document as documents, render
from materials.cache import Cache
from materials.graph import Document
from nodes import opencv
from nodes.kernels.compile import user_folder

SIZE = QSize(1600, 1000)
LONGEST = 600.0
"""Seconds that a picture may take to come to rest: where nothing is compiled yet that takes minutes."""

REST = 400
"""Milliseconds that fades and late repaints take."""

QUALITIES = (90, 84, 76, 66)
LARGEST = 300_000
GAP = 16


@contextlib.contextmanager
def own_home() -> Iterator[Path]:
    """Give the app a home that is thrown away afterwards; what is compiled and rendered is kept where it always is."""
    kept = user_folder().absolute()
    before = os.environ.get("INTARSIA_HOME")
    with tempfile.TemporaryDirectory(prefix="intarsia") as folder:
        kept.mkdir(parents=True, exist_ok=True)
        (Path(folder) / "cache").symlink_to(kept, target_is_directory=True)
        os.environ["INTARSIA_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["INTARSIA_HOME"]
            else:
                os.environ["INTARSIA_HOME"] = before


class Stage:
    """A window to take pictures of."""

    def __init__(self, home: Path, shown: bool = True) -> None:
        """shown : whether anything is to be seen, which takes time where nothing is compiled yet."""
        self.home = home
        app = QApplication.instance() or QApplication([])
        assert isinstance(app, QApplication)
        self.app = app
        desk = Desk(Cache(memory=1 << 30, folder=user_folder() / "results"))
        self.window = make_window(app, desk, opengl=False)
        self.window.status.edit.hide()  # what an edit took is of this machine, and of this moment
        self.window.resize(SIZE)
        self.window.setVisible(shown)
        self.window.begin([])

    def close(self) -> None:
        """Close all documents and end their threads."""
        self.clear()
        self.window.close()
        # Gone now, not whenever Python gets to it: the style of the next window is given to all that is still there.
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def clear(self) -> None:
        """Close the documents and sheets of the picture before."""
        for sheet in self.window.findChildren(Sheet):
            sheet.finish("")
        self.window.search.hide()
        for page in self.window.pages:
            page.session.history.mark_saved()
        while self.window.pages:
            self.window.close_page(0)
        self.window.settings.remove("views")
        self.window.places.lay_out()

    # ---- documents ----

    def preset(self, name: str) -> Page:
        """Return the page of a shipped material."""
        self.window.files.new_from(render.presets()[name])
        return self._page()

    def document(self, document: Document) -> Page:
        """Return the page of a document that is given."""
        path = self.home / f"{document.title.lower().replace(' ', '_')}.intarsia"
        documents.save(document, path)
        self.window.files.open_path(path)
        return self._page()

    def _page(self) -> Page:
        page = self.window.page
        assert page is not None
        return page

    # ---- waiting ----

    def wait(self, milliseconds: int = REST) -> None:
        """Let the app work for a while."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def until(self, holds: Callable[[], bool], seconds: float = LONGEST) -> None:
        """Let the app work until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"the app did not come to rest within {seconds:.0f} s")
            self.wait(50)

    def settle(self) -> None:
        """Wait until the graph, the views and the library have no more to show."""
        self.wait(50)
        page = self.window.page
        if page is not None:
            self.until(lambda: page.session.is_done)
            self.until(lambda: page.session.maps is None or self._is_lit(page))
        self.until(self._is_pictured)
        self.wait()
        if page is not None:  # a view that changed its size begins anew
            self.until(lambda: page.session.maps is None or self._is_lit(page))
            self.wait(50)

    def _is_lit(self, page: Page) -> bool:
        return not page.solid.isVisible() or (page.solid.picture_side is not None and not page.solid.picture.refining)

    def _is_pictured(self) -> bool:
        """Whether the nodes have pictures that the library shows."""
        if not self.window.library.isVisible():
            return True
        opened = [each for each in self.window.library.sections.values() if each.header.isChecked()]
        return all(self.window.thumbnails.picture(key) is not None for section in opened for key in section.keys)

    # ---- the mouse ----

    def drag(self, page: Page, start: QPointF, end: QPointF, drop: bool) -> None:
        """Drag from one place of the canvas to another, and let go there if `drop`."""
        view = page.canvas.viewport()
        assert view is not None
        points = [page.canvas.mapFromScene(start + (end - start) * (step / 8)) for step in range(9)]
        left, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(view, left, keys, points[0])
        for point in points[1:]:
            move(view, point, left)
        if drop:
            QTest.mouseRelease(view, left, keys, points[-1])


def move(widget: QWidget, at: QPoint, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the pointer over a widget."""
    place, world = QPointF(at), QPointF(widget.mapToGlobal(at))
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        widget, QMouseEvent(QMouseEvent.Type.MouseMove, place, world, Qt.MouseButton.NoButton, held, keys)
    )


class Still(Session):
    """A session whose pictures are put in by hand: states that in life last a blink stay as they are."""

    def evaluate(self) -> None:
        """Nothing is computed."""


# ---- pictures ------------------------------------------------------------------------------------


def beside(pictures: Sequence[QPixmap], columns: int = 0, gap: int = GAP) -> QPixmap:
    """Return pictures side by side, or in several rows."""
    columns = columns or len(pictures)
    wide = max(each.width() for each in pictures)
    high = max(each.height() for each in pictures)
    rows = -(-len(pictures) // columns)
    made = QPixmap(columns * (wide + gap) + gap, rows * (high + gap) + gap)
    made.fill(THEME.color("gutter"))
    painter = QPainter(made)
    for place, each in enumerate(pictures):
        painter.drawPixmap(gap + place % columns * (wide + gap), gap + place // columns * (high + gap), each)
    painter.end()
    return made


def with_popup(widget: QWidget, popup: QWidget, at: QPoint) -> QPixmap:
    """Return a picture of a widget with a popup over it: at a place, since the screen may be too small for its own."""
    made = widget.grab()
    painter = QPainter(made)
    painter.drawPixmap(at, popup.grab())
    painter.end()
    return made


def as_webp(picture: QPixmap) -> bytes:
    """Return a WebP file below the limit, at the best quality that keeps it there."""
    cv2 = opencv.cv2
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits = image.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    data = b""
    for quality in QUALITIES:
        data = cv2.imencode(".webp", pixels[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
        if len(data) <= LARGEST:
            break
    return data
