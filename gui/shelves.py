"""What lies on the library's shelves beside nodes: the shipped materials, and photographs with whose they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from gui.queued import Queue
from materials import library, render
from materials.errors import IntarsiaError
from materials.evaluate import Cancel
from materials.items import Item


@dataclass(frozen=True)
class Preset:
    """A material that comes with Intarsia."""

    path: Path
    title: str
    tags: tuple[str, ...]
    about: str
    nodes: int


@dataclass(frozen=True)
class Photograph:
    """A picture of a library, small, and what may be done with it."""

    path: Path
    title: str
    tags: tuple[str, ...]
    licence: str
    about: str
    image: QImage


class Shelves(QObject):
    """The shelves, read when they are first asked for; `changed` tells when photographs have come."""

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presets: list[Preset] | None = None
        self._photographs: list[Photograph] | None = None
        self._background = Queue("shelves", self)
        self._background.done.connect(self._take)
        self.waiting = "Looking at the pictures…"

    def presets(self) -> list[Preset]:
        """Return the shipped materials."""
        if self._presets is None:
            self._presets = [_preset(path) for path in render.presets().values()]
        return self._presets

    def photographs(self) -> list[Photograph]:
        """Return the photographs of the shipped library and the user's own, as far as they have been looked at."""
        if self._photographs is None:
            self._photographs = []
            self._background.ask("photographs", _photographs)
        return self._photographs

    def stop(self) -> None:
        """End what is under way."""
        self._background.stop()

    def _take(self, key: str, made: object) -> None:
        if isinstance(made, list):
            self._photographs = made
            self.waiting = "No pictures yet. `intarsia library add` enters photographs."
        else:
            self.waiting = f"The pictures cannot be read: {made}"
        self.changed.emit()


def _preset(path: Path) -> Preset:
    # Ours need no checking, which would take a tenth of a second each.
    data = json.loads(path.read_text())
    return Preset(path, data["title"], tuple(data["tags"]), data["description"], len(data["nodes"]))


def _photographs(cancel: Cancel) -> list[Photograph]:
    found: list[Photograph] = []
    for folder in (None, "shipped"):
        shelf = library.Library(folder)
        if folder is None and not shelf.folder.is_dir():
            continue
        for item in shelf.items():
            cancel.check()
            image = QImage.fromData(shelf.thumbnail(item.file))
            if not image.isNull():
                found.append(_photograph(item, image))
    return found


def _photograph(item: Item, image: QImage) -> Photograph:
    facts = item.facts
    licence = licence_words(facts.licence)
    width = f"{facts.width_cm:g} cm wide. " if facts.width_cm else ""
    about = f"{facts.title}, by {facts.author or 'an unknown author'}. {licence}. {width}{facts.source}".strip()
    try:
        path = item.path
    except IntarsiaError:
        path = item.folder / item.file
    return Photograph(path, facts.title or item.file, facts.tags, licence, about, image)


def licence_words(licence: str) -> str:
    """Return a licence as it is said, not as it is filed."""
    said = {"": "licence not known", "LicenseRef-PublicDomain": "public domain", "CC0-1.0": "CC0"}
    return said.get(licence, licence)
