"""Cells of a shelf: a picture and its name, to be looked at, dragged and double-clicked; and how they lie in rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QMimeData, QPoint, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QDrag,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PyQt6.QtWidgets import QAbstractButton, QApplication, QWidget

from gui.drawing import CENTRE, LEFT, rounded, text
from gui.parts import draw_icon
from gui.theme import RADIUS, SPACE, THEME

NAME_LINE = 16
GAP = 8


class Cell(QAbstractButton):
    """A picture over its name.

    `taken` is told on a double click or Enter. `mime` makes what a drag carries. A `note` stands below the name; a
    picture that is a sphere has room around it.
    """

    taken = pyqtSignal()

    def __init__(
        self,
        title: str,
        tip: str,
        side: int,
        picture: Callable[[], QImage | None],
        mime: Callable[[], QMimeData],
        icon_name: str,
        note: str = "",
        inset: int = 0,
    ) -> None:
        super().__init__()
        self.side, self.picture, self.mime, self.icon_name = side, picture, mime, icon_name
        self.note, self.inset = note, inset
        self._pressed: QPoint | None = None
        self.setText(title)
        self.setToolTip(tip)
        self.setAccessibleName(f"{title}, {note}" if note else title)
        self.setAccessibleDescription(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(side + GAP, side + 3 + NAME_LINE * (2 if note else 1))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    # ---- painting ----

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        place = QRectF(GAP / 2, 0, self.side, self.side)
        self._draw_picture(painter, place)
        token = "accent" if self.hasFocus() else "text3" if self.underMouse() else None
        line = THEME.color(token) if token else THEME.color("text1", 0.10)
        if token or not self.inset:
            rounded(painter, place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["button"], None, line)
        below = QRectF(place.x(), self.side + 3, self.side, NAME_LINE)
        if self.note:
            text(painter, below, self.text(), "text1", "body", LEFT)
            text(painter, below.translated(0, NAME_LINE - 1), self.note, "text3", "caption", LEFT)
        else:
            wide = below.adjusted(-GAP / 2, 0, GAP / 2, 0)  # a centred name may use the gap
            text(painter, wide, self.text(), "text1" if token else "text3", "caption", CENTRE)

    def _draw_picture(self, painter: QPainter, place: QRectF) -> None:
        image = self.picture()
        ground = "raised" if self.inset else "well"
        if image is None or self.inset:
            rounded(painter, place, RADIUS["button"], THEME.color(ground))
        if image is None:
            size = 24.0
            square = QRectF(place.center() - QPointF(size / 2, size / 2), place.center() + QPointF(size / 2, size / 2))
            painter.setOpacity(0.2)
            draw_icon(painter, square, self.icon_name, "text1")
            painter.setOpacity(1.0)
            return
        painter.save()
        path = QPainterPath()
        path.addRoundedRect(place, RADIUS["button"], RADIUS["button"])
        painter.setClipPath(path)
        inset = float(self.inset)
        painter.drawImage(place.adjusted(inset, inset, -inset, -inset), image, _square(image))
        painter.restore()

    # ---- pointer and keys ----

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        super().mousePressEvent(event)
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        far = (event.position().toPoint() - self._pressed).manhattanLength()
        if far >= QApplication.startDragDistance():
            self._pressed = None
            self.setDown(False)
            self._drag()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._pressed = None
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.taken.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        elif event is None or not self._walk(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def _walk(self, key: Qt.Key) -> bool:
        grid = self.parentWidget()
        return isinstance(grid, Grid) and grid.walk(self, key)

    def _drag(self) -> None:
        drag = QDrag(self)
        drag.setMimeData(self.mime())
        image = self.picture()
        if image is not None and not image.isNull():
            side = round(self.side * self.devicePixelRatioF())
            pixmap = QPixmap.fromImage(image.copy(_square(image).toRect())).scaled(
                side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            drag.setPixmap(pixmap)
            drag.setHotSpot(QPoint(self.side // 2, self.side // 2))
        drag.exec(Qt.DropAction.CopyAction)


def _square(image: QImage) -> QRectF:
    """Return the square in the middle of a picture."""
    side = min(image.width(), image.height())
    return QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)


class Grid(QWidget):
    """Cells in rows, as many beside each other as there is room for; arrows walk among them."""

    left = pyqtSignal(int)
    """An arrow led out: -1 above the first row, 1 below the last."""

    def __init__(self, margins: tuple[int, int, int, int] = (SPACE["l"], 2, 2, 10), gap: int = GAP) -> None:
        super().__init__()
        self.cells: list[Cell] = []
        self.margins, self.gap = margins, gap

    def set_cells(self, cells: Sequence[Cell]) -> None:
        """Show other cells."""
        for cell in self.cells:
            cell.hide()
            cell.setParent(None)
            cell.deleteLater()
        self.cells = list(cells)
        for cell in self.cells:
            cell.setParent(self)
            cell.show()
        self._lay()

    @property
    def columns(self) -> int:
        """How many cells lie beside each other."""
        if not self.cells:
            return 1
        room = self.width() - self.margins[0] - self.margins[2] + self.gap
        return max(1, room // (self.cells[0].side + self.gap))

    def walk(self, cell: Cell, key: Qt.Key) -> bool:
        """Give the focus to the cell that lies where an arrow points; False for other keys."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_Down: self.columns,
        }
        if key not in steps or cell not in self.cells:
            return False
        at = self.cells.index(cell) + steps[key]
        if 0 <= at < len(self.cells):
            self.cells[at].setFocus(Qt.FocusReason.TabFocusReason)
        elif abs(steps[key]) > 1 or self.columns == 1:
            self.left.emit(-1 if at < 0 else 1)
        return True

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._lay()

    def _lay(self) -> None:
        left, top, _, bottom = self.margins
        columns, height = self.columns, 0
        for place, cell in enumerate(self.cells):
            row, column = divmod(place, columns)
            corner = QPoint(left - GAP // 2 + column * (cell.side + self.gap), top + row * (cell.height() + self.gap))
            cell.setGeometry(QRect(corner, cell.size()))
            height = corner.y() + cell.height()
        self.setFixedHeight(height + bottom if self.cells else 0)

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())
