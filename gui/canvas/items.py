"""The item of a node: its face at its place, and what of it has to be drawn again when something changes."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.faces import (
    STRUCTURE_ICONS,
    WIDTH,
    Face,
    names_width,
    paint_face,
    paint_over,
)
from gui.canvas.shots import Shots
from gui.sections import group_of
from gui.session import Look, Port
from gui.titles import title_of
from materials.graph import SUBGRAPH, Node

OVER = {"selected", "dimmed"}
"""States that are painted over a node's picture, not into it."""

Z_FRAME, Z_WIRE, Z_NODE, Z_RAISED, Z_HAND = -5, -1, 0, 1, 5


class NodeItem(QGraphicsItem):
    """A node on the canvas; it shows what it is told and decides nothing."""

    def __init__(self, node: Node, shots: Shots) -> None:
        super().__init__()
        self.id = node.id
        self._shots = shots
        self.face = Face()
        self._image_key: int | None = None
        self.setZValue(Z_NODE)
        self.set_node(node)

    # ---- being told ----

    def set_node(self, node: Node) -> None:
        """Show another state of the same node."""
        face, kind = self.face, node.type
        before = (face.title, face.section, face.icon, face.bypassed)
        face.title = title_of(node)
        face.section = kind.section if kind is not None else ""
        face.icon = group_of(face.section).icon if kind is not None else STRUCTURE_ICONS.get(node.key, "puzzle-piece")
        face.stacked = node.key == SUBGRAPH
        face.unknown = kind is None and node.key not in STRUCTURE_ICONS
        face.bypassed = node.bypass
        self.setPos(*node.position)
        if (face.title, face.section, face.icon, face.bypassed) != before:
            self.redraw()

    def set_ports(self, inputs: tuple[Port, ...], outputs: tuple[Port, ...]) -> bool:
        """Show other ports; whether they are other ones."""
        if (inputs, outputs) == (self.face.inputs, self.face.outputs):
            return False
        self.prepareGeometryChange()
        rows = self.face.rows
        self.face.inputs, self.face.outputs = inputs, outputs
        if rows != self.face.rows:
            self._image_key = None
            self.set_look(self.face.look)
        self.redraw()
        return True

    def set_look(self, look: Look) -> None:
        """Show another picture or state."""
        face = self.face
        face.look = look
        key = look.image.cacheKey() if look.image is not None and not look.image.isNull() else None
        if key != self._image_key:
            self._image_key = key
            face.forget_picture()
        self.redraw()

    def tell(self, **states: object) -> None:
        """Set states of the face by name: selected, hovered, viewed, named, dimmed, hot, linked, …"""
        face = self.face
        changed = [name for name, value in states.items() if getattr(face, name) != value]
        if not changed:
            return
        if "named" in changed:
            self.prepareGeometryChange()
        for name in changed:
            setattr(face, name, states[name])
        if "hovered" in changed or "selected" in changed:
            self.setZValue(Z_RAISED if face.hovered or face.selected else Z_NODE)
        if set(changed) <= OVER:
            self.update()
        else:
            self.redraw()

    def redraw(self) -> None:
        """Paint the node anew: it looks otherwise."""
        self._shots.forget(self.id)
        self.update()

    # ---- where things are ----

    def spot(self, name: str, is_output: bool) -> QPointF | None:
        """Return where a port is on the canvas, None for one that is not there."""
        ports = self.face.outputs if is_output else self.face.inputs
        for index, port in enumerate(ports):
            if port.name == name:
                return self.pos() + self.face.spot(is_output, index)
        return None

    def spots(self) -> list[tuple[Port, bool, QPointF]]:
        """Return all ports, whether each is an output, and where it is on the canvas."""
        face, pos = self.face, self.pos()
        found = [(port, False, pos + face.spot(False, index)) for index, port in enumerate(face.inputs)]
        return found + [(port, True, pos + face.spot(True, index)) for index, port in enumerate(face.outputs)]

    def body(self) -> QRectF:
        """Return the node's rectangle on the canvas, without ports and caption."""
        return QRectF(self.x(), self.y(), WIDTH, self.face.height)

    # ---- QGraphicsItem ----

    def boundingRect(self) -> QRectF:
        beside = names_width(self.face) if self.face.named else 14
        return QRectF(-beside, -14, WIDTH + 2 * beside, self.face.height + 14 + 28)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None, widget: QWidget | None = None
    ) -> None:
        if painter is not None:
            self._shots.draw(painter, self.id, self.boundingRect(), self._paint)
            if self.face.selected or self.face.dimmed:
                paint_over(painter, self.face, painter.worldTransform().m11())

    def _paint(self, painter: QPainter) -> None:
        paint_face(painter, self.face, painter.worldTransform().m11())
