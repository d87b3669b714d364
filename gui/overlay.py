"""What lies over a window: soft shadows, a fade, a place inside the window, and when to go away.

Popups and sheets are children of the window, not windows of their own: they open at once, and every window system
shows them alike.
"""

from __future__ import annotations

from functools import lru_cache

from PyQt6.QtCore import QEvent, QObject, QPoint, QPropertyAnimation, QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPixmap
from PyQt6.QtWidgets import QApplication, QGraphicsOpacityEffect, QWidget

from gui.theme import MOTION, RADIUS, SHADOW, SPACE, THEME

ON_LIGHT = 0.4
"""Of a shadow, what is left on a light ground, where it would look like dirt."""

SHARP = 2
"""Pixels a point of a shadow's picture: it is soft, and more would not be seen."""


@lru_cache(maxsize=16)
def _patch(blur: int, opacity: float, radius: int, mode: str) -> QPixmap:
    """Return a soft box just large enough for its corners; its middle may be stretched."""
    opacity *= 0.8 if mode == "dark" else ON_LIGHT
    inside = blur // 2  # it is half as dark where the box ends, and grows below the box, which hides that
    side = 2 * (blur + max(radius, inside)) + 1
    pixmap = QPixmap(side * SHARP, side * SHARP)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(SHARP, SHARP)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    for step in range(blur + inside + 1):  # from the outside in, each ring over the one before
        share = step / (blur + inside)
        painter.setBrush(THEME.color("shadow", opacity * share * share * (3 - 2 * share)))
        rect = QRectF(step, step, side - 2 * step, side - 2 * step)
        corner = max(radius + blur - step, 2)
        painter.drawRoundedRect(rect, corner, corner)
    painter.end()
    return pixmap


def draw_shadow(painter: QPainter, box: QRectF, kind: str, radius: int) -> None:
    """Draw the shadow that a box with round corners throws; `kind` is a token of `SHADOW`."""
    blur, offset, opacity = SHADOW[kind]
    pixmap = _patch(int(blur), float(opacity), radius, THEME.mode)
    outer = box.adjusted(-blur, -blur + offset, blur, blur + offset)
    corner = float(blur + max(radius, blur // 2))
    xs = (outer.left(), outer.left() + corner, outer.right() - corner, outer.right())
    ys = (outer.top(), outer.top() + corner, outer.bottom() - corner, outer.bottom())
    own = (0.0, corner * SHARP, (corner + 1) * SHARP, (2 * corner + 1) * SHARP)
    for row in range(3):
        for column in range(3):
            target = QRectF(xs[column], ys[row], xs[column + 1] - xs[column], ys[row + 1] - ys[row])
            source = QRectF(own[column], own[row], own[column + 1] - own[column], own[row + 1] - own[row])
            painter.drawPixmap(target, pixmap, source)


class Shadow(QWidget):
    """The shadow of a widget beside it, which it follows wherever that goes."""

    def __init__(self, target: QWidget, kind: str = "popover") -> None:
        super().__init__(target.parentWidget())
        self.target, self.kind = target, kind
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        target.installEventFilter(self)
        self._follow()

    def _follow(self) -> None:
        blur, offset, _ = SHADOW[self.kind]
        margin = int(blur + offset)
        self.setGeometry(self.target.geometry().adjusted(-margin, -margin, margin, margin))
        self.setVisible(self.target.isVisible())
        self.stackUnder(self.target)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        kinds = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ZOrderChange)
        if event is not None and event.type() in kinds:
            self._follow()
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        blur, offset, _ = SHADOW[self.kind]
        margin = int(blur + offset)
        box = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        draw_shadow(painter, box, self.kind, RADIUS["dialog" if self.kind == "dialog" else "popover"])


def moves() -> bool:
    """Return whether the system wants things to move; some people are made ill by it."""
    return QApplication.isEffectEnabled(Qt.UIEffect.UI_General)


def fade_in(widget: QWidget) -> QPropertyAnimation | None:
    """Let a widget appear over the time of popups, at once where nothing is to move."""
    if not moves():
        return None
    effect = QGraphicsOpacityEffect(widget)
    effect.setOpacity(0.0)
    widget.setGraphicsEffect(effect)
    animation = QPropertyAnimation(effect, b"opacity", widget)
    animation.setDuration(MOTION["popup"])
    animation.setStartValue(0.0)
    animation.setEndValue(1.0)
    # The effect goes with the fade: text drawn through one is blurred on some screens.
    animation.finished.connect(lambda: widget.setGraphicsEffect(None))
    animation.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)
    return animation


def placed(parent: QWidget, at: QPoint, width: int, height: int) -> QRect:
    """Return where a popup goes: at a point of the screen, moved until it is inside its parent."""
    margin = SPACE["m"]
    corner = parent.mapFromGlobal(at)
    x = max(margin, min(corner.x(), parent.width() - width - margin))
    y = max(margin, min(corner.y(), parent.height() - height - margin))
    return QRect(x, y, width, height)


class Outside(QObject):
    """Closes a popup as soon as something else is pressed, or its window is left."""

    def __init__(self, popup: QWidget) -> None:
        super().__init__(popup)
        self.popup = popup

    def watch(self, on: bool) -> None:
        """Start or stop looking."""
        app = QApplication.instance()
        if app is not None:
            (app.installEventFilter if on else app.removeEventFilter)(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is None or not isinstance(watched, QWidget):
            return False
        inside = watched is self.popup or self.popup.isAncestorOf(watched)
        pressed = event.type() == QEvent.Type.MouseButtonPress and not inside
        left = event.type() == QEvent.Type.WindowDeactivate and watched is self.popup.window()
        changed = event.type() == QEvent.Type.Resize and watched is self.popup.parentWidget()
        if pressed or left or changed:
            self.popup.hide()
        return False
