"""Pictures of whole materials for shelves: each file as a sphere in studio light, made once and kept on disk."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from gui.queued import Queue
from materials import VERSION, files, render, shade
from materials.evaluate import Cancel
from materials.maps import Maps
from nodes import opencv
from nodes.kernels.compile import user_folder

SIDE = 256
"""Pixels of a picture: enough for 108 points on the finest screens."""

TILE = 512
"""Texels of the maps that it is made of."""

BRIGHTER = 0.4
"""Stops: a small sphere among grey panels looks darker than it is."""

LIMIT = 64 * 2**20


class Spheres(QObject):
    """Pictures by the path of a document; what is not there yet is made beside the work and told by `arrived`."""

    arrived = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[str, QImage | None] = {}
        self._background = Queue("spheres", self)
        self._background.done.connect(self._take)

    def picture(self, path: Path) -> QImage | None:
        """Return a file's picture, None until there is one; a file that cannot be rendered never has one."""
        key = str(path)
        if key not in self._pictures:
            self._pictures[key] = None
            self._background.ask(key, partial(_sphere, path))
        return self._pictures[key]

    def stop(self) -> None:
        """End what is under way."""
        self._background.stop()

    def _take(self, key: str, made: object) -> None:
        if isinstance(made, QImage) and not made.isNull():
            self._pictures[key] = made
            self.arrived.emit(key)


def _sphere(path: Path, cancel: Cancel) -> QImage:
    """Return a document's picture, from disk where it was made before."""
    kept = _kept_at(path)
    if not kept.is_file():
        maps = render.render(render.load(path), TILE, threads=1, cancel=cancel)
        pixels = cut_out(maps, SIDE, cancel)
        cv2 = opencv.cv2
        _, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA))
        files.make_folder(kept.parent)
        files.write_bytes(kept, data.tobytes())
    return QImage(str(kept))


def _kept_at(path: Path) -> Path:
    name = hashlib.sha256(files.open_regular(path, LIMIT))
    name.update(f"{VERSION} {SIDE} {TILE} {BRIGHTER}".encode())
    return user_folder() / "spheres" / f"{name.hexdigest()[:32]}.png"


def cut_out(maps: Maps, size: int, cancel: Cancel | None = None) -> np.ndarray:
    """Return a material on a sphere with nothing behind it, uint8 sRGB and opacity, `(size, size, 4)`.

    The relief breaks the sphere's outline, so what is material is asked of the light itself: how much more arrives
    where the surface glows. What of the backdrop shines into the pixels of the outline is taken out of them again.
    """
    check = (cancel or Cancel()).check
    like = next(iter(maps.values())).shape[:2]

    def lit(**others: np.ndarray) -> np.ndarray:
        made = replace(maps, pictures={**maps, **others})
        return shade.shade(made, "sphere", size, exposure=BRIGHTER, threads=1, check=check)

    clear = np.zeros(like, np.float32)
    black = np.zeros((*like, 3), np.float32)
    picture, backdrop = lit(), lit(opacity=clear)
    glow = (lit(emission=black + 1) - lit(emission=black)).mean(axis=2, keepdims=True)
    share = np.clip(glow / max(0.98 * float(glow.max()), 1e-6), 0, 1)
    surface = np.clip((picture - (1 - share) * backdrop) / np.maximum(share, 1e-3), 0, None)
    colour = shade.encoded(shade.tone(surface.astype(np.float32)))
    opacity = np.round(share * 255).astype(np.uint8)
    return np.concatenate([colour, opacity], axis=2)
