"""Pictures of nodes at work, for lists of them: made in the background when first asked for, then kept on disk."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from gui import samples
from materials import VERSION, files
from materials.errors import IntarsiaError
from materials.pictures import encode_png
from nodes.catalogue import node_type
from nodes.kernels.compile import user_folder


class Thumbnails(QObject):
    """What each kind of node makes, as a square picture of `samples.SIZE` pixels.

    Nothing is made that was not asked for, and what was asked for last comes first: a list asks for what is in sight.
    Kernels that were never used have to be compiled, which can take seconds a node; `hold` keeps that from getting in
    the way of a render. Call `stop` before the object goes.
    """

    arrived = pyqtSignal(str)
    """The picture of this key can be had now."""

    _made = pyqtSignal(str, object)

    def __init__(
        self,
        folder: Path | None = None,
        make: Callable[[str], np.ndarray] = samples.picture,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.folder = user_folder() / "thumbnails" if folder is None else folder
        self._make = make
        self._pictures: dict[str, QImage | None] = {}
        self._asked: dict[str, None] = {}
        self._wake = threading.Condition()
        self._held = self._stopped = False
        self._thread: threading.Thread | None = None
        self._made.connect(self._take)

    def picture(self, key: str) -> QImage | None:
        """Return a node's picture, or None: then it is asked for, and `arrived` will tell."""
        if key in self._pictures:
            return self._pictures[key]
        if node_type(key) is None:  # subgraphs, and nodes that are unknown here
            return None
        with self._wake:
            self._asked.pop(key, None)
            self._asked[key] = None
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._run, name="thumbnails", daemon=True)
                self._thread.start()
            self._wake.notify()
        return None

    def hold(self, held: bool) -> None:
        """Begin no picture while something more urgent is computed."""
        with self._wake:
            self._held = held
            self._wake.notify()

    def stop(self) -> None:
        """End the thread after the picture in hand; nothing is told afterwards."""
        with self._wake:
            self._stopped = True
            self._asked.clear()
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    # ---- in the thread ----

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stopped or (self._asked and not self._held))
                if self._stopped:
                    return
                key = next(reversed(self._asked))
            picture = self._load_or_make(key)
            with self._wake:
                self._asked.pop(key, None)
                if self._stopped:
                    return
            self._made.emit(key, picture)

    def _load_or_make(self, key: str) -> QImage | None:
        path = self.path(key)
        with contextlib.suppress(OSError):
            kept = QImage.fromData(path.read_bytes())
            if not kept.isNull():
                return kept
        try:
            codes = np.ascontiguousarray(self._make(key))
        except IntarsiaError:  # an exemplar that is gone, say: the list shows the node's icon instead
            return None
        with contextlib.suppress(IntarsiaError, OSError):  # a full or read-only disk: then it is not kept
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.write_bytes(path, encode_png(codes, {}, colour=True))
        height, width = codes.shape[:2]
        return QImage(codes.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()

    def path(self, key: str) -> Path:
        """Return where a node's picture is kept; another version of the node, or of this program, makes another."""
        kind = node_type(key)
        assert kind is not None
        return self.folder / f"{key}-{kind.version}-{VERSION}-{samples.SIZE}.png"

    # ---- in the thread that this object lives in ----

    def _take(self, key: str, picture: QImage | None) -> None:
        if not self._stopped:
            self._pictures[key] = picture
            self.arrived.emit(key)
