"""Nodes as pictures of themselves: painted once for a zoom and a state, then only laid down.

Painting a node takes about a millisecond, laying down its picture a fiftieth of that. While the wheel turns, pictures
of the zoom before are stretched; afterwards a few are made anew each frame.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from PyQt6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter, QPixmap

from gui.theme import THEME

MOST_BYTES = 128 * 2**20
SETTLE = 140
"""Milliseconds after the last turn of the wheel before pictures are made anew."""
EACH_FRAME = 0.008
"""Seconds that a frame may spend on making them."""


class Shot:
    """A picture of an item: what it shows, and for which zoom, density and theme."""

    def __init__(self, key: tuple[float, float, str], pixmap: QPixmap, rect: QRectF) -> None:
        self.key, self.pixmap, self.rect = key, pixmap, rect

    @property
    def bytes(self) -> int:
        return self.pixmap.width() * self.pixmap.height() * 4


class Shots(QObject):
    """The pictures of all nodes of a canvas, the ones used last."""

    settled = pyqtSignal(object)
    """Ids of nodes whose pictures were stretched and can be made anew now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[str, Shot] = OrderedDict()
        self._bytes = 0
        self._stretched: set[str] = set()
        self._late = False
        self._spent = 0.0
        self.hurried = False
        """Whether the wheel is turning: then what is quick goes before what is fine."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._settle)

    def hurry(self) -> None:
        """The wheel turned: stretch pictures for a while."""
        self.hurried = True
        self._timer.start(SETTLE)

    def _settle(self) -> None:
        self.hurried, self._late, self._spent = False, True, 0.0
        ids, self._stretched = frozenset(self._stretched), set()
        self.settled.emit(ids)

    def forget(self, id: str) -> None:
        """The node looks otherwise, or is gone."""
        shot = self._kept.pop(id, None)
        if shot is not None:
            self._bytes -= shot.bytes

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def draw(self, painter: QPainter, id: str, rect: QRectF, paint: Callable[[QPainter], None]) -> None:
        """Lay down a node's picture; `paint` makes it where there is none for this zoom."""
        world = painter.worldTransform()
        device = painter.device()
        zoom, ratio = world.m11(), device.devicePixelRatioF() if device is not None else 1.0
        key = (zoom, ratio, THEME.mode)
        shot = self._kept.get(id)
        if shot is not None and shot.key != key and shot.key[2] == THEME.mode and self._may_stretch():
            self._stretch(painter, id, shot)
            return
        if shot is None or shot.key != key:
            shot = self._made(id, key, rect, paint)
        self._kept.move_to_end(id)
        corner = world.map(rect.topLeft())
        at = QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio)
        painter.resetTransform()
        painter.drawPixmap(at, shot.pixmap)
        painter.setWorldTransform(world)

    def _may_stretch(self) -> bool:
        return self.hurried or (self._late and self._spent > EACH_FRAME)

    def _stretch(self, painter: QPainter, id: str, shot: Shot) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawPixmap(shot.rect, shot.pixmap, QRectF(shot.pixmap.rect()))
        self._stretched.add(id)
        if not self._timer.isActive():
            self._timer.start(0)

    def _made(self, id: str, key: tuple[float, float, str], rect: QRectF, paint: Callable[[QPainter], None]) -> Shot:
        start = time.perf_counter()
        zoom, ratio, _ = key
        wide, high = math.ceil(rect.width() * zoom * ratio), math.ceil(rect.height() * zoom * ratio)
        pixmap = QPixmap(max(wide, 1), max(high, 1))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.scale(zoom, zoom)
        painter.translate(-rect.topLeft())
        paint(painter)
        painter.end()
        size = QRectF(0, 0, pixmap.width() / ratio / zoom, pixmap.height() / ratio / zoom)
        shot = Shot(key, pixmap, size.translated(rect.topLeft()))
        self.forget(id)
        self._kept[id] = shot
        self._bytes += shot.bytes
        while self._bytes > MOST_BYTES and len(self._kept) > 1:
            self.forget(next(iter(self._kept)))
        self._spent += time.perf_counter() - start
        return shot
