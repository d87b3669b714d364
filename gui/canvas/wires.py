"""The items of wires: one for each link, one for the wire in hand, and the two stubs of a portal."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPainterPath, QPen, QPolygonF
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.faces import NO_DETAIL, NO_TEXT
from gui.canvas.items import Z_HAND, Z_RAISED, Z_WIRE
from gui.canvas.shots import Shots
from gui.drawing import draw_plain_wire, draw_wire, rounded, text, text_width, wire_path
from gui.theme import SIZE, THEME, mix
from materials.graph import Link

DOT = 6
STUB, STUB_HEIGHT, STUB_WIDEST = 14, 18, 96


def route_path(stops: Sequence[QPointF]) -> QPainterPath:
    """Return a wire through points, level at each of them."""
    path = QPainterPath(stops[0])
    for start, end in zip(stops, stops[1:], strict=False):
        path.connectPath(wire_path(start, end))
    return path


class WireItem(QGraphicsItem):
    """A link: a curve through its dots, or nothing where its two stubs stand for it."""

    def __init__(self, link: Link, kind: str, shots: Shots) -> None:
        super().__init__()
        self.link, self.kind = link, kind
        self._shots = shots
        self.via: list[QPointF] = []
        self.path = QPainterPath()
        self.line = QPolygonF()
        self.selected = self.lit = self.cut = self.lifted = False
        self.portal = False
        self.stubs: list[Stub] = []
        self._boxes: list[QRectF] = []
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # to be told what is exposed
        self.setZValue(Z_WIRE)

    def lay(self, start: QPointF, end: QPointF, via: Sequence[tuple[float, float]]) -> None:
        """Draw the wire between two ports, through its dots."""
        self.prepareGeometryChange()
        self.via = [QPointF(*point) for point in via]
        self.path = QPainterPath() if self.portal else route_path([start, *self.via, end])
        self.line = self.path.toFillPolygon() if self.portal else _flat(self.path)
        self._boxes = _boxes(self.line)
        for stub, spot in zip(self.stubs, (start, end), strict=False):
            stub.setPos(spot)

    def set_portal(self, names: tuple[str, str] | None) -> None:
        """Become a portal whose stubs name the other ends, or a wire again."""
        self.prepareGeometryChange()
        self.portal = names is not None
        for stub in self.stubs:
            if (scene := stub.scene()) is not None:
                scene.removeItem(stub)
        self.stubs = []
        scene = self.scene()
        if names is not None and scene is not None:
            self.stubs = [Stub(self, True, names[0]), Stub(self, False, names[1])]
            for stub in self.stubs:
                scene.addItem(stub)

    def set_kind(self, kind: str) -> None:
        if kind != self.kind:
            self.kind = kind
            self.redraw()

    def tell(self, **states: bool) -> None:
        """Set states by name: selected, lit (a node may be let go on it), cut (by the knife), lifted (in the hand)."""
        for name, value in states.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                self.redraw()

    def redraw(self) -> None:
        self.update()
        for stub in self.stubs:
            stub.update()

    def distance(self, point: QPointF) -> float:
        """Return how far a point is from the wire."""
        return _distance(self.line, point)

    def crosses(self, start: QPointF, end: QPointF) -> bool:
        """Return whether a stroke from `start` to `end` cuts the wire."""
        points = self.line
        return any(_meet(points[i], points[i + 1], start, end) for i in range(points.count() - 1))

    def segment(self, point: QPointF) -> int:
        """Return between which stops a point lies: the place of a new dot there in `via`."""
        stops = [self.path.pointAtPercent(0), *self.via, self.path.pointAtPercent(1)]
        parts = [_flat(wire_path(a, b)) for a, b in zip(stops, stops[1:], strict=False)]
        return min(range(len(parts)), key=lambda index: _distance(parts[index], point))

    def boundingRect(self) -> QRectF:
        return self.path.controlPointRect().adjusted(-8, -8, 8, 8) if not self.portal else QRectF()

    def paint(
        self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None
    ) -> None:
        if painter is None or option is None or self.portal or self.lifted:
            return
        # The rectangle around a long wire holds much that the wire does not touch.
        exposed = option.exposedRect
        if not any(box.intersects(exposed) for box in self._boxes):
            return
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        if zoom < NO_DETAIL:
            self._paint_thin(painter)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = self.selected or self.lit
        if (zoom < NO_TEXT or self._shots.hurried) and not (selected or self.cut):
            self._paint_plain(painter, zoom)
            return
        if self.cut:
            painter.setPen(QPen(THEME.color("error"), 2, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(self.path)
        else:
            draw_wire(painter, self.kind, self.path, THEME.color("canvas"), selected=selected)
        if zoom >= NO_TEXT:
            for dot in self.via:
                rounded(painter, QRectF(dot.x() - DOT / 2, dot.y() - DOT / 2, DOT, DOT), DOT / 2, THEME.wire(self.kind))

    def _paint_plain(self, painter: QPainter, zoom: float) -> None:
        """The line alone: a hairline from afar, which takes a fifth of the time, else as wide as it is."""
        if zoom >= NO_TEXT:
            draw_plain_wire(painter, self.kind, self.path)
            return
        painter.setPen(QPen(mix(THEME.color("canvas"), THEME.wire(self.kind), 0.8), 0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(self.line)

    def _paint_thin(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        token = "error" if self.cut else "accent" if self.selected or self.lit else ""
        # Many thin wires are brighter than the pictures that they join, so they step back.
        line = THEME.color(token) if token else mix(THEME.color("canvas"), THEME.wire(self.kind), 0.55)
        painter.setPen(QPen(line, 0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(self.line)


class Stub(QGraphicsItem):
    """One end of a portal: a short wire and a plate with the name of the other end."""

    def __init__(self, wire: WireItem, at_output: bool, words: str) -> None:
        super().__init__()
        self.wire, self.at_output, self.words = wire, at_output, words
        self.setZValue(Z_RAISED)  # neighbours may stand close: a stub lies on them
        self.width = min(text_width(words, "caption") + 28, STUB_WIDEST)

    def plate(self) -> QRectF:
        """Return the plate's rectangle, from the port."""
        left = STUB if self.at_output else -STUB - self.width
        return QRectF(left, -STUB_HEIGHT / 2, self.width, STUB_HEIGHT)

    def boundingRect(self) -> QRectF:
        return self.plate().united(QRectF(-8, -8, 16, 16)).adjusted(-4, -4, 4, 4)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None
    ) -> None:
        if painter is None or self.wire.lifted:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        zoom = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        wire, canvas, plate = self.wire, THEME.color("canvas"), self.plate()
        path = QPainterPath(QPointF(0, 0) if self.at_output else QPointF(-STUB, 0))
        path.lineTo(QPointF(STUB, 0) if self.at_output else QPointF(0, 0))
        draw_wire(painter, wire.kind, path, canvas, selected=wire.selected, bad=wire.cut)
        colour = THEME.color("accent") if wire.selected else mix(canvas, THEME.wire(wire.kind), 0.6)
        if zoom < NO_TEXT:
            end = QPointF(STUB if self.at_output else -STUB, 0)
            rounded(painter, QRectF(end.x() - DOT, end.y() - DOT, 2 * DOT, 2 * DOT), DOT, colour)
            return
        rounded(painter, plate, STUB_HEIGHT / 2, mix(canvas, THEME.wire(wire.kind), 0.16), colour)
        arrow = "→" if self.at_output else "←"
        text(painter, plate.adjusted(8, 0, -6, 0), f"{arrow} {self.words}", "text2", "caption")


class HandWire(QGraphicsItem):
    """The wire that hangs on the pointer."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind, self.bad = kind, False
        self.path = QPainterPath()
        self.setZValue(Z_HAND)

    def lay(self, start: QPointF, end: QPointF, bad: bool) -> None:
        self.prepareGeometryChange()
        self.path, self.bad = wire_path(start, end), bad

    def boundingRect(self) -> QRectF:
        return self.path.controlPointRect().adjusted(-10, -10, 10, 10)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None
    ) -> None:
        if painter is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_wire(painter, self.kind, self.path, THEME.color("canvas"), bad=self.bad)


class Stroke(QGraphicsItem):
    """A line drawn by hand: the knife's, a lasso's, or the edge of a rubber band."""

    def __init__(self, token: str, closed: bool) -> None:
        super().__init__()
        self.token, self.closed = token, closed
        self.points = QPolygonF()
        self.setZValue(Z_HAND)

    def draw(self, points: QPolygonF) -> None:
        self.prepareGeometryChange()
        self.points = points

    def boundingRect(self) -> QRectF:
        return self.points.boundingRect().adjusted(-40, -40, 40, 40)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None
    ) -> None:
        if painter is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(THEME.color(self.token), 1 if self.closed else 2)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(THEME.color(self.token, 0.08) if self.closed else Qt.BrushStyle.NoBrush)
        if self.closed:
            painter.drawPolygon(self.points)
        else:
            painter.drawPolyline(self.points)


# ---- plain geometry --------------------------------------------------------------------------------


def _flat(path: QPainterPath) -> QPolygonF:
    polygons = path.toSubpathPolygons()
    return polygons[0] if polygons else QPolygonF()


def _boxes(points: QPolygonF, pieces: int = 6) -> list[QRectF]:
    """Return rectangles around pieces of a line, with room for its width and its halo."""
    count = points.count()
    step = max(-(-count // pieces), 1)
    parts = [QPolygonF([points[i] for i in range(at, min(at + step + 1, count))]) for at in range(0, count, step)]
    return [part.boundingRect().adjusted(-8, -8, 8, 8) for part in parts]


def _distance(points: QPolygonF, point: QPointF) -> float:
    best = float("inf")
    for i in range(points.count() - 1):
        a, b = points[i], points[i + 1]
        dx, dy = b.x() - a.x(), b.y() - a.y()
        length = dx * dx + dy * dy
        along = ((point.x() - a.x()) * dx + (point.y() - a.y()) * dy) / length if length else 0.0
        along = min(max(along, 0.0), 1.0)
        ex, ey = a.x() + along * dx - point.x(), a.y() + along * dy - point.y()
        best = min(best, ex * ex + ey * ey)
    return best**0.5


def _meet(a: QPointF, b: QPointF, c: QPointF, d: QPointF) -> bool:
    """Return whether two stretches cross."""

    def side(p: QPointF, q: QPointF, r: QPointF) -> float:
        return (q.x() - p.x()) * (r.y() - p.y()) - (q.y() - p.y()) * (r.x() - p.x())

    return side(a, b, c) * side(a, b, d) <= 0 and side(c, d, a) * side(c, d, b) <= 0 and (a != b) and (c != d)


def hit_radius(zoom: float) -> float:
    """Return how near to a port the pointer has to be, on the canvas."""
    return min(SIZE["port_hit"] / 2 / zoom, SIZE["port_pitch"] * 0.9)
