"""What is shown of a document's pictures: their names, licences and small pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage, QImageReader

from gui.controls.picture import PictureFacts
from gui.session import Session
from materials import files
from materials.errors import IntarsiaError
from materials.graph import Document, Source

SIDE = 88
"""Pixels of a small picture: 44 at two to a point."""


def facts_of(document: Document, folder: Path | None) -> list[PictureFacts]:
    """Return what is shown of each source."""
    return [_facts(source, folder) for source in document.sources.values()]


def _facts(source: Source, folder: Path | None) -> PictureFacts:
    title = source.title or Path(source.path).name
    if folder is None:
        return PictureFacts(source.name, title, source.licence, None, "Document not saved")
    try:
        path = files.inside(folder, source.path)
        stamp = path.stat().st_mtime_ns
    except (IntarsiaError, OSError):
        return PictureFacts(source.name, title, source.licence, None, f"{Path(source.path).name} is gone")
    return PictureFacts(source.name, title, source.licence, _small(str(path), stamp))


@lru_cache(maxsize=256)
def _small(path: str, stamp: int) -> QImage | None:
    """Return the middle of a picture file, small; None where Qt cannot read it. `stamp` tells files apart."""
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and min(size.width(), size.height()) > 0:
        scale = SIDE / min(size.width(), size.height())
        reader.setScaledSize(QSize(round(size.width() * scale), round(size.height() * scale)))
    image = reader.read()
    if image.isNull():
        return None
    side = min(image.width(), image.height())
    return image.copy((image.width() - side) // 2, (image.height() - side) // 2, side, side)


def histogram(session: Session, id: str) -> np.ndarray | None:
    """Return how often each of 60 tones comes into a node's first input; None while nothing is known."""
    inputs = session.inputs(id)
    link = session.graph.incoming().get(id, {}).get(inputs[0].name) if inputs else None
    result = session.result(link.source, link.output) if link is not None else None
    if result is None or not isinstance(result.value, np.ndarray):
        return None
    step = max(1, result.value.shape[0] // 256)
    return np.histogram(result.value[::step, ::step], 60, (0.0, 1.0))[0].astype(np.float64)
