"""Pictures of whole materials for shelves: each file as a sphere in studio light, made once and kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from gui.queued import Queue
from materials import VERSION, files, render, shade, strict_json
from materials.errors import GraphError
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

_PLACES = ("frames", "routes", "view")

SHIPPED = render.PRESETS / "spheres"
"""Pictures of the presets as they are; `python -m gui.spheres` makes them anew."""


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
            self._pictures[key] = _shipped(path)
            if self._pictures[key] is None:
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
    kept = user_folder() / "spheres" / f"{name_of(path, VERSION)}.png"
    if not kept.is_file():
        pixels = cut_out(render.render(render.load(path), TILE, threads=1, cancel=cancel), SIDE, cancel)
        files.make_folder(kept.parent)
        files.write_bytes(kept, _encoded(pixels, ".png"))
    return _image(kept)


def _shipped(path: Path) -> QImage | None:
    """Return the picture that comes with a preset, None for other files, and where the preset has been changed."""
    if path.parent != render.PRESETS:
        return None
    shipped = _shipped_at(path)
    return _image(shipped) if shipped.is_file() else None


def _shipped_at(path: Path) -> Path:
    return SHIPPED / f"{path.stem}-{name_of(path)}.webp"


def name_of(path: Path, version: str = "") -> str:
    """Return a name for the picture of what a file describes at present."""
    name = hashlib.sha256(_described(files.open_regular(path, LIMIT)))
    name.update(f"{version} {SIDE} {TILE} {BRIGHTER}".encode())
    return name.hexdigest()[:16]


def _described(data: bytes) -> bytes:
    """Return what of a file makes its picture: where nodes stand and what frames them does not."""
    try:
        document = strict_json.parse_json(data.decode())
        return json.dumps(_unplaced(document), sort_keys=True).encode()
    except (
        GraphError,
        ValueError,
        AttributeError,
        KeyError,
        TypeError,
    ):  # a picture with its graph inside, or a damaged file
        return data


def _unplaced(document: Mapping[str, Any]) -> dict[str, Any]:
    nodes = {}
    for id, node in document["nodes"].items():
        kept = {name: value for name, value in node.items() if name != "position"}
        nodes[id] = kept | ({"graph": _unplaced(node["graph"])} if "graph" in node else {})
    return {name: value for name, value in document.items() if name not in _PLACES} | {"nodes": nodes}


def _encoded(pixels: np.ndarray, ending: str) -> bytes:
    cv2 = opencv.cv2
    quality = [cv2.IMWRITE_WEBP_QUALITY, 90] if ending == ".webp" else []
    _, data = cv2.imencode(ending, cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA), quality)
    return data.tobytes()


def _image(path: Path) -> QImage:
    """Return the picture in a file of ours; none if it is damaged."""
    cv2 = opencv.cv2
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape[2:] != (4,):
        path.unlink()  # one of the cache is made again the next time
        return QImage()
    height, width = pixels.shape[:2]
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_ARGB32).copy()


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


def ship() -> None:
    """Make the pictures that come with the presets, those that are missing; remove those of older presets."""
    files.make_folder(SHIPPED)
    wanted = {_shipped_at(path): path for path in render.presets().values()}
    for old in set(SHIPPED.glob("*.webp")) - set(wanted):
        old.unlink()
    for file, path in wanted.items():
        if not file.is_file():
            print(file.name)
            files.write_bytes(file, _encoded(cut_out(render.render(render.load(path), TILE), SIDE), ".webp"))


if __name__ == "__main__":
    ship()
