"""The 3D picture as OpenGL draws it: at full size in every frame, where there is a graphics card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.util import find_spec

import numpy as np
from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext, QResizeEvent, QSurfaceFormat
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QWidget

from gui.background import Check, Latest
from gui.theme import THEME
from gui.views.gl_renderer import NEEDED, GlRenderer
from gui.views.scene import Scene
from gui.views.solid_cpu import backdrop
from materials import environments, shade
from materials.shade import Numbers
from materials.texels import Textures

SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "gdi generic")
"""Parts of the names of drivers that draw on the processor: our own renderer is quicker there, and refines."""


def surface_format() -> QSurfaceFormat:
    """Return what the picture asks of OpenGL: 3.3, core."""
    made = QSurfaceFormat()
    made.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    made.setVersion(NEEDED // 100, NEEDED // 10 % 10)
    made.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    return made


@cache
def driver() -> str:
    """Return the name of the graphics card's driver; empty where OpenGL 3.3 or the package moderngl is missing."""
    if find_spec("moderngl") is None:
        return ""
    import moderngl

    context, surface = QOpenGLContext(), QOffscreenSurface()
    context.setFormat(surface_format())
    surface.setFormat(surface_format())
    surface.create()
    if not context.create() or not surface.isValid() or not context.makeCurrent(surface):
        return ""
    try:
        found = moderngl.create_context()
        return str(found.info["GL_RENDERER"]) if found.version_code >= NEEDED else ""
    except Exception:  # a driver may fail in ways of its own; the processor is there
        return ""
    finally:
        context.doneCurrent()


def suits() -> bool:
    """Return whether OpenGL is there, and on a graphics card."""
    return bool(driver()) and not any(name in driver().lower() for name in SOFTWARE)


class GlPicture(QOpenGLWidget):
    """Shows a scene, all but meshes; `lost` tells that OpenGL refused, and the processor has to take over."""

    drawn = pyqtSignal()
    failed = pyqtSignal(Exception)
    lost = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(surface_format())
        self.setMinimumSize(120, 120)
        self.scene = Scene()
        self._maps: Textures | None = None
        self._renderer: GlRenderer | None = None
        self._shown: tuple[Numbers, tuple[int, int]] | None = None
        self._waiting = False
        # Texels take longer than a frame to make, so that numbers come from a thread.
        self._worker = Latest("3D view", self)
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self.failed)

    # ---- what is shown ----

    def set_maps(self, maps: Mapping[str, np.ndarray] | None) -> None:
        """Show other maps; None for nothing."""
        self._maps = None if maps is None else Textures(maps)
        if maps is None:
            self._worker.cancel()
            self._shown, self._waiting = None, False
            self.update()
        else:
            self.restart()

    def set_scene(self, scene: Scene) -> None:
        self.scene = scene
        self.restart()

    @property
    def side(self) -> int | None:
        """Pixels of the shorter side of what is on screen; None before the first picture."""
        return None if self._shown is None else min(self._shown[1])

    @property
    def refining(self) -> bool:
        return self._waiting

    def stop(self) -> None:
        """End the thread and give back what lies on the graphics card."""
        self._worker.stop()
        if self._renderer is not None:
            self.makeCurrent()
            self._renderer.release()
            self._renderer = None
            self.doneCurrent()

    def restart(self) -> None:
        """Draw the scene as it now is."""
        maps, scene, size = self._maps, self.scene, self._pixels()
        if maps is None or min(size) < shade.SIZES[0]:
            return
        ground = backdrop()
        self._waiting = True

        def work(check: Check) -> tuple[Numbers, tuple[int, int]]:
            light = replace(environments.named(scene.environment), backdrop=(ground, ground))
            return shade.numbers(maps, scene.shape, size, light, **scene.options()), size

        self._worker.submit(work)

    def _pixels(self) -> tuple[int, int]:
        scale = self.devicePixelRatioF()
        return round(self.width() * scale), round(self.height() * scale)

    def _take(self, found: tuple[Numbers, tuple[int, int]]) -> None:
        if self._maps is not None:
            self._shown, self._waiting = found, self._worker.busy
            self.update()
            self.drawn.emit()

    # ---- Qt ----

    def initializeGL(self) -> None:
        import moderngl

        try:
            context = moderngl.create_context()
            if context.version_code < NEEDED:
                raise RuntimeError("OpenGL is too old")
            self._renderer = GlRenderer(context)
        except Exception:  # a driver may fail in ways of its own; the processor is there
            self._renderer = None
            QTimer.singleShot(0, self.lost.emit)  # whoever hears of it throws this widget away, which is being painted

    def paintGL(self) -> None:
        if self._renderer is None:
            return
        context = self._renderer.context
        screen = context.detect_framebuffer(self.defaultFramebufferObject())
        if self._shown is None or self._shown[1] != self._pixels():
            ground = THEME.color("well")
            screen.use()
            screen.clear(ground.redF() or 0.0, ground.greenF() or 0.0, ground.blueF() or 0.0, 1.0)
            return
        self._renderer.draw(*self._shown, screen)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self.restart()
