"""A view of an endless plane: zoom at a point, panning that paints only what comes into sight, a dotted ground."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QCursor, QPainter, QPaintEvent, QRegion, QResizeEvent
from PyQt6.QtWidgets import QFrame, QGraphicsView, QWidget

from gui.canvas.ground import Ground, apart

LEAST, MOST = 0.05, 3.0
FREE_ABOVE = 48
REACH = 200_000.0


class Sight(QGraphicsView):
    """A view that knows where it looks; what is seen is its heirs' business."""

    viewed = pyqtSignal()
    """The canvas shows another part, or at another zoom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fitted = False
        """Whether it was said what to show."""
        self._still = False
        self._part = QRect()
        self._ground = Ground()
        self._set_up()

    def place_overlays(self) -> None:
        """Put what floats over the view back to its place."""

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        flags = QGraphicsView.OptimizationFlag
        self.setOptimizationFlags(flags.DontSavePainterState | flags.DontAdjustForAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        # The view is endless while the scene is as large as what lies in it, which keeps its index fine.
        self.setSceneRect(-REACH, -REACH, 2 * REACH, 2 * REACH)

    @property
    def zoom(self) -> float:
        return self.transform().m11()

    def centre(self) -> QPointF:
        """Return the point of the canvas in the middle of the view."""
        return self.mapToScene(self._view().rect().center())

    def pointer(self) -> QPointF:
        """Return the point of the canvas under the pointer, the middle where the pointer is elsewhere."""
        return self.mapToScene(self._view().mapFromGlobal(QCursor.pos())) if self._under_pointer() else self.centre()

    def _under_pointer(self) -> bool:
        view = self._view()
        return view.rect().contains(view.mapFromGlobal(QCursor.pos()))

    def _view(self) -> QWidget:
        view = self.viewport()
        assert view is not None
        return view

    def _set_zoom(self, zoom: float) -> None:
        factor = min(max(zoom, LEAST), MOST) / self.zoom
        self.scale(factor, factor)
        self.place_overlays()
        self.viewed.emit()

    def zoom_at(self, at: QPointF, factor: float) -> None:
        """Zoom and leave the point under a place of the view where it is."""
        before = self.mapToScene(at.toPoint())
        self._set_zoom(self.zoom * factor)
        gone = self.mapFromScene(before) - at.toPoint()
        self.pan_by(-gone.x(), -gone.y())

    def pan_by(self, x: int, y: int) -> None:
        """Move what is shown by pixels."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        assert across is not None
        assert down is not None
        self._still = True
        across.setValue(across.value() - x)
        down.setValue(down.value() - y)
        self._still = False
        self.place_overlays()

    def show_rect(self, rect: QRectF, most: float = 1.0) -> None:
        """Show a rectangle of the canvas as large as it goes, below what floats at the top."""
        if rect.isEmpty():
            self._set_zoom(1)
            self.centerOn(0, 0)
            return
        self.fitted = True
        size = self._view().size()
        wide, high = max(size.width() - 64, 64), max(size.height() - FREE_ABOVE - 48, 64)
        self._set_zoom(min(wide / rect.width(), high / (rect.height() + 20), most))
        lift = (FREE_ABOVE - 24) / 2 / self.zoom
        self.centerOn(rect.center() - QPointF(0, lift))

    def real_size(self) -> None:
        """Show the canvas pixel for pixel, its middle where it is."""
        middle = self.centre()
        self._set_zoom(1)
        self.centerOn(middle)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if not self._still:
            self.place_overlays()  # scrolling takes children of the viewport along
        self.viewed.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        middle = self.mapToScene(QRect(QPoint(), event.oldSize()).center()) if event is not None else self.centre()
        super().resizeEvent(event)
        if self.fitted:
            self.centerOn(middle)
        self.place_overlays()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint each part that needs it by itself: Qt would paint all items between two far corners."""
        if event is None:
            return
        for rect in apart(event.region()):
            self._part = rect
            super().paintEvent(QPaintEvent(QRegion(rect)))

    def drawBackground(self, painter: QPainter | None, rect: QRectF) -> None:
        if painter is not None:
            self._ground.draw(painter, rect, self._view().size(), self.devicePixelRatioF())
            # Clipped to one rectangle, lines are drawn five times faster than clipped to all that is exposed.
            world = painter.worldTransform()
            painter.resetTransform()
            painter.setClipRect(self._part)
            painter.setWorldTransform(world)
