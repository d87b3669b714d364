"""Gestures on a 3D picture: they turn, light, move and magnify a scene."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from gui.views.scene import Scene

STEP = 1 / 12
"""Of half a turn, by an arrow key."""

WHEEL = 1.0015
"""Times the size, for each eighth of a degree of the wheel."""


class Orbit(QObject):
    """Listens to a picture's mouse and keys and asks for another scene.

    Left drag turns the shape, with Shift the light; middle drag moves it; the wheel magnifies at the pointer; double
    click takes all of it back. `resting` tells that the hand has let go.
    """

    changed = pyqtSignal(object)
    resting = pyqtSignal()

    def __init__(self, picture: QWidget, scene: Callable[[], Scene]) -> None:
        super().__init__(picture)
        self._picture, self._scene = picture, scene
        self._from: QPointF | None = None
        self.light = False
        """Whether a plain drag turns the light."""
        picture.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        picture.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        if isinstance(event, QWheelEvent):
            return self._wheel(event)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    @property
    def held(self) -> bool:
        """Whether a drag is under way."""
        return self._from is not None

    def _side(self) -> float:
        return max(1.0, float(min(self._picture.width(), self._picture.height())))

    def _mouse(self, event: QMouseEvent) -> bool:
        kind, buttons = event.type(), event.buttons()
        left, middle = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
        if kind == QEvent.Type.MouseButtonDblClick and event.button() == left:
            self._reset(event)
            return True
        if kind == QEvent.Type.MouseButtonPress and event.button() in (left, middle):
            self._from = event.position()
            return True
        if kind == QEvent.Type.MouseButtonRelease and self._from is not None and not buttons & (left | middle):
            self._from = None
            self.resting.emit()
            return True
        if kind != QEvent.Type.MouseMove or self._from is None:
            return False
        step = (event.position() - self._from) / self._side()
        self._from = event.position()
        scene = self._scene()
        if buttons & middle:
            scene = scene.moved(step.x(), step.y())
        elif bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) != self.light:
            scene = scene.lit_from(step.x())
        else:
            scene = scene.orbited(step.x(), step.y())
        self.changed.emit(scene)
        return True

    def _reset(self, event: QMouseEvent) -> None:
        plain, scene = Scene(), self._scene()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.changed.emit(scene.lit_from(-scene.turn / 180))
        else:
            self.changed.emit(Scene(**{**vars(scene), "camera": plain.camera}))
        self.resting.emit()

    def _wheel(self, event: QWheelEvent) -> bool:
        middle = QPointF(self._picture.rect().toRectF().center())
        place = (event.position() - middle) / self._side()
        self.changed.emit(self._scene().zoomed(WHEEL ** event.angleDelta().y(), place.x(), place.y()))
        self.resting.emit()
        return True

    def _key(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        scene, key = self._scene(), event.key()
        arrows = {
            Qt.Key.Key_Left: (-STEP, 0.0),
            Qt.Key.Key_Right: (STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -STEP),
            Qt.Key.Key_Down: (0.0, STEP),
        }
        if key in arrows:
            shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            scene = scene.lit_from(arrows[Qt.Key(key)][0]) if shifted else scene.orbited(*arrows[Qt.Key(key)])
        elif key == Qt.Key.Key_F:
            scene = scene.fitted()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            scene = scene.zoomed(0.8 if key == Qt.Key.Key_Minus else 1.25)
        else:
            return False
        self.changed.emit(scene)
        self.resting.emit()
        return True
