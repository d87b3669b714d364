"""The 3D picture as the processor renders it: coarse at once, finer while nothing moves."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from PyQt6.QtCore import QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QWidget

from gui.background import Check, Latest
from gui.theme import THEME
from gui.views.scene import Scene
from materials import environments, pictures, shade
from materials.texels import Textures

COARSE = 192
"""Shorter side of the first picture, in pixels; `SMOOTH` where the machine is quick."""

SMOOTH = 256
QUICK = 0.018
"""Seconds within which a coarse picture leaves time for a better one."""

FINER = (384, 512, 1024, 2048, 4096)
REST = 150
"""Milliseconds without a gesture after which the picture is refined."""


def backdrop(token: str = "well") -> tuple[float, float, float]:
    """Return the colour that a picture has to be given behind the shape for it to lie on a token's ground."""
    colour = THEME.color(token)
    shown = np.array([colour.redF() or 0.0, colour.greenF() or 0.0, colour.blueF() or 0.0])
    red, green, blue = (float(part) for part in pictures.srgb_to_linear(shown))
    return shade.untoned((red, green, blue))


@dataclass(frozen=True)
class Frame:
    """A rendered picture, the shorter side that it was made at, and how long that took."""

    image: QImage
    side: int
    seconds: float
    number: int


class CpuPicture(QWidget):
    """Shows a scene; `drawn` tells that another picture is on screen, `failed` what went wrong instead."""

    drawn = pyqtSignal()
    failed = pyqtSignal(Exception)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene()
        self.frame: Frame | None = None
        self._maps: Textures | None = None
        self._coarse = COARSE
        self._number = 0
        self._next: int | None = None
        self._worker = Latest("3D view", self)
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self.failed)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._refine)
        self.setMinimumSize(120, 120)

    # ---- what is shown ----

    def set_maps(self, maps: Mapping[str, np.ndarray] | None) -> None:
        """Show other maps; None for nothing."""
        self._maps = None if maps is None else Textures(maps)
        if maps is None:
            self._worker.cancel()
            self._rest.stop()
            self.frame, self._next = None, None
            self.update()
        else:
            self.restart()

    def set_scene(self, scene: Scene) -> None:
        self.scene = scene
        self.restart()

    @property
    def side(self) -> int | None:
        """Pixels of the shorter side of what is on screen; None before the first picture."""
        return None if self.frame is None else self.frame.side

    @property
    def refining(self) -> bool:
        """Whether a finer picture, or one of the present scene, is still to come."""
        return self._next is not None

    def stop(self) -> None:
        """End the thread; the last picture stays."""
        self._rest.stop()
        self._worker.stop()

    # ---- rendering ----

    def restart(self) -> None:
        """Render the scene anew, coarse first."""
        if self._maps is not None and self._pixels()[0] >= shade.SIZES[0]:
            self._number += 1
            self._render(min(self._coarse, self._full()))
            self._rest.start()

    def _refine(self) -> None:
        if self._next is not None and self.frame is not None and self.frame.number == self._number:
            self._render(self._next)

    def _pixels(self) -> tuple[int, int]:
        scale = self.devicePixelRatioF()
        return round(self.width() * scale), round(self.height() * scale)

    def _full(self) -> int:
        return min(*self._pixels(), FINER[-1])

    def _render(self, side: int) -> None:
        maps, scene, number = self._maps, self.scene, self._number
        assert maps is not None
        width, height = self._pixels()
        scale = side / min(width, height)
        size = (max(round(width * scale), shade.SIZES[0]), max(round(height * scale), shade.SIZES[0]))
        size = (min(size[0], shade.SIZES[1]), min(size[1], shade.SIZES[1]))
        self._next = side
        ground = backdrop()

        def work(check: Check) -> Frame:
            # The coarse picture is never cancelled: a steady stream of gestures would leave the screen empty.
            watch = check if side > SMOOTH else _never
            begun = time.perf_counter()
            light = replace(environments.named(scene.environment), backdrop=(ground, ground))
            shape = scene.shape if scene.mesh is None else scene.mesh
            picture = shade.preview(maps, shape, size, environment=light, check=watch, **scene.options())
            rows, columns = picture.shape[:2]
            image = QImage(picture.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()
            return Frame(image, side, time.perf_counter() - begun, number)

        self._worker.submit(work)

    def _take(self, frame: object) -> None:
        assert isinstance(frame, Frame)
        if self._maps is None or (self.frame is not None and frame.number < self.frame.number):
            return
        self.frame = frame
        if frame.side == COARSE:
            self._coarse = SMOOTH if frame.seconds < QUICK else COARSE
        if frame.number == self._number:
            full = self._full()
            self._next = next((side for side in FINER if frame.side < side < 0.8 * full), full)
            if frame.side >= full:
                self._next = None
            elif not self._rest.isActive():
                self._refine()
        self.update()
        self.drawn.emit()

    # ---- Qt ----

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.restart()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), THEME.color("well"))
        if self.frame is None:
            return
        image = self.frame.image
        scale = min(self.width(), self.height()) / min(image.width(), image.height())
        shown = QRectF(0, 0, image.width() * scale, image.height() * scale)
        shown.moveCenter(self.rect().toRectF().center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawImage(shown, image)


def _never() -> None:
    """Let the work go on."""
