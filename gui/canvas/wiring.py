"""The gesture of drawing a wire: what fits stays bright, the end snaps, and where it does not fit it says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, Qt

from gui.canvas.gestures import Gesture, Keys, tried
from gui.canvas.hints import End, Fitting, converter
from gui.canvas.items import NodeItem
from gui.canvas.scene import Hit
from gui.canvas.wires import HandWire
from gui.session import Port
from materials.edits import AddNode, Connect, Disconnect, Edit, Group
from materials.graph import Link, Node
from nodes.catalogue import node_type

if TYPE_CHECKING:
    from gui.canvas.view import Canvas

SNAP = 24
"""How near to a port the end of a wire jumps on to it, in pixels of the view."""


def link_of(one: End, other: End) -> Link:
    """Return the link that joins two ends of different sides."""
    source, target = (one, other) if one.is_output else (other, one)
    return Link(source.node, source.port, target.node, target.port)


class DrawWire(Gesture):
    """Drag from a port. From a joined input the wire comes off and its other end stays in the hand."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: Canvas, start: QPointF, port: Hit) -> None:
        super().__init__(canvas, start)
        assert port.port is not None
        self.hand = End(port.node, port.port.name, port.is_output)
        self.taken: tuple[Link, ...] = ()
        self.pressed = port
        if not port.is_output and (link := self.scene.into(port.node, port.port.name)) is not None:
            self.taken = (link,)
            self.hand = End(link.source, link.output, True)
        elif port.is_output and canvas.held & Keys.ShiftModifier:
            self._take_all(port.node, port.port.name)

    def _take_all(self, node: str, output: str) -> None:
        """Take all wires of an output: what hangs on the pointer is their beginning."""
        links = tuple(link for link in self.scene.links_of(node) if (link.source, link.output) == (node, output))
        if links:
            self.taken = links
            self.hand = End(links[0].target, links[0].socket, False)

    def click(self, keys: Keys) -> None:
        self.session.select([self.pressed.node], self.pressed.node)
        if self.pressed.is_output and self.pressed.port is not None:
            self.session.show(self.pressed.node, self.pressed.port.name)

    def begin(self, keys: Keys) -> None:
        self.fitting = Fitting(self.session, self.hand)
        self.target: End | None = None
        self.wrong: tuple[End, Port] | None = None
        self.named: set[str] = set()
        self.wire = HandWire(self.fitting.kind)
        self.scene.addItem(self.wire)
        for link in self.taken:
            self.scene.wires[link].tell(lifted=True)
        for item in self.scene.nodes.values():
            dimmed = {
                (port.name, is_output)
                for port, is_output, _ in item.spots()
                if self.fitting.why_not(item.id, port, is_output) and End(item.id, port.name, is_output) != self.hand
            }
            item.tell(dimmed=frozenset(dimmed))

    # ---- while it moves ----

    def move(self, at: QPointF, keys: Keys) -> None:
        zoom = self.canvas.zoom
        self.target, self.wrong, words = None, None, ""
        hit, spot = self._nearest(at, SNAP / zoom)
        if hit is None and (over := self.scene.port_at(at, 14 / zoom)) is not None and over.port is not None:
            words = self._refusal(over)
        if hit is not None:
            self.target = hit
        elif not words and (item := self.scene.node_at(at)) is not None:
            words = self._on_body(item)
            spot = self._spot(self.target) if self.target else at
        if self.target is not None:
            words = self._welcome(self.target, keys)
        self._lay(spot or at)
        self._show_names(at)
        self.canvas.hint(words, bad=self.wrong is not None)

    def _nearest(self, at: QPointF, radius: float) -> tuple[End | None, QPointF | None]:
        """Return the nearest port that fits."""
        best, found, where = radius, None, None
        for item in self.scene.near(at, radius):
            if not isinstance(item, NodeItem):
                continue
            for port, is_output, spot in item.spots():
                away = ((spot.x() - at.x()) ** 2 + (spot.y() - at.y()) ** 2) ** 0.5
                if away < best and not self.fitting.why_not(item.id, port, is_output):
                    best, found, where = away, End(item.id, port.name, is_output), spot
        return found, where

    def _refusal(self, over: Hit) -> str:
        assert over.port is not None
        end = End(over.node, over.port.name, over.is_output)
        words = self.fitting.why_not(over.node, over.port, over.is_output)
        if end == self.hand or not words:
            return ""
        self.wrong = (end, over.port)
        return words

    def _on_body(self, item: NodeItem) -> str:
        """Aim at the first fitting free port of the node under the pointer; else return why there is none."""
        if item.id == self.hand.node:
            return ""
        port = self.fitting.first_fit(item.id, self._free(item))
        if port is not None:
            self.target = End(item.id, port.name, not self.hand.is_output)
            return ""
        ports = item.face.inputs if self.hand.is_output else item.face.outputs
        if not ports:
            return f"{item.face.title} has no {'inputs' if self.hand.is_output else 'outputs'}"
        return self.fitting.why_not(item.id, ports[0], not self.hand.is_output)

    def _free(self, item: NodeItem) -> set[str]:
        if not self.hand.is_output:
            return {port.name for port in item.face.outputs}
        return {port.name for port in item.face.inputs if self.scene.into(item.id, port.name) in (None, *self.taken)}

    def _welcome(self, target: End, keys: Keys) -> str:
        if self.fitting.kind == "Material" or self._many(target):
            if keys & Keys.AltModifier:
                return "Let go to join every channel"
            return "Fits: let go to join. Alt: join every channel"
        old = self.scene.into(target.node, target.port) if not target.is_output else None
        if old is not None and old not in self.taken:
            return f"Fits: takes the place of {self.scene.name(old.source)}"
        return "Fits: let go to join"

    def _many(self, target: End) -> bool:
        """Whether both nodes have several ports, so that joining them by name has a meaning."""
        one = self.scene.nodes[self.hand.node].face
        other = self.scene.nodes[target.node].face
        made, read = (one, other) if self.hand.is_output else (other, one)
        return len(made.outputs) > 1 and len(read.inputs) > 1

    def _spot(self, end: End) -> QPointF:
        spot = self.scene.nodes[end.node].spot(end.port, end.is_output)
        assert spot is not None
        return spot

    def _lay(self, loose: QPointF) -> None:
        fixed = self._spot(self.hand)
        start, end = (fixed, loose) if self.hand.is_output else (loose, fixed)
        self.wire.lay(start, end, bad=self.wrong is not None)

    def _show_names(self, at: QPointF) -> None:
        """Name the ports of the nodes near the pointer, and make the one that is aimed at hot."""
        near = {item.id for item in self.scene.near(at, 60) if isinstance(item, NodeItem)}
        for id in self.named | near:
            hot = (self.target.port, self.target.is_output) if self.target and self.target.node == id else None
            self.scene.nodes[id].tell(named=id in near, hot=hot)
        self.named = near

    # ---- at its end ----

    def _end(self, keep: bool = False) -> None:
        if not keep:
            self.scene.removeItem(self.wire)
        self.canvas.hint("")
        for link in self.taken:
            if link in self.scene.wires:
                self.scene.wires[link].tell(lifted=False)
        for item in self.scene.nodes.values():
            item.tell(dimmed=frozenset(), hot=None, named=False)

    def finish(self, at: QPointF, keys: Keys) -> None:
        self.move(at, keys)
        searching = self._is_in_the_void(at)
        self._end(keep=searching)
        if self.target is not None:
            self._join(self.target, keys)
        elif self.wrong is not None:
            self._convert(at, keys)
        elif self.taken:
            cuts = tuple(Disconnect(link.target, link.socket) for link in self.taken)
            self.session.do(Group(cuts), f"Take off {self.scene.name(self.taken[0].source)}")
        elif searching:
            self.canvas.keep_wire(self.wire)
            self.canvas.searching.emit(at, self.hand)

    def _is_in_the_void(self, at: QPointF) -> bool:
        nothing = self.target is None and self.wrong is None and not self.taken
        return nothing and self.scene.node_at(at) is None

    def _join(self, target: End, keys: Keys) -> None:
        one, other = self.scene.name(self.hand.node), self.scene.name(target.node)
        made, read = (one, other) if self.hand.is_output else (other, one)
        text = f"Join {made} to {read}"
        if keys & Keys.AltModifier and not self.taken:
            ids = (self.hand.node, target.node) if self.hand.is_output else (target.node, self.hand.node)
            if self.canvas.commands.join_all(*ids):
                return
        fresh = [link_of(self.hand, target)]
        if not self.hand.is_output and self.taken:
            fresh = [Link(target.node, target.port, link.target, link.socket) for link in self.taken]
        if set(fresh) == set(self.taken):
            return
        kept = {(link.target, link.socket) for link in fresh}
        gone = [link for link in self.taken if (link.target, link.socket) not in kept]
        edits = [*(Disconnect(link.target, link.socket) for link in gone), *(Connect(link) for link in fresh)]
        self.session.do(Group(tuple(edits)), text)

    def _convert(self, at: QPointF, keys: Keys) -> None:
        """Let go on a port of another kind: with Ctrl, what makes the one of the other is put in between."""
        assert self.wrong is not None
        (end, port), edit = self.wrong, None
        key = converter(*self.fitting.kinds(end.node, port))
        if keys & Keys.ControlModifier and key and end.is_output != self.hand.is_output:
            edit = self._between(key, end)
        kind = node_type(key) if key else None
        if edit is not None and kind is not None:
            self.session.do(edit, f"Insert {kind.title}")
        else:
            self.session.refused.emit(self.fitting.why_not(end.node, port, end.is_output))

    def _between(self, key: str, end: End) -> Edit | None:
        """Return the edit that adds a node half way to a port and joins it to both, None where that does not work."""
        source, target = (self.hand, end) if self.hand.is_output else (end, self.hand)
        kind, document = node_type(key), self.session.graph
        if kind is None:
            return None
        middle = (self._spot(source) + self._spot(target)) / 2
        node = Node(self.canvas.commands.fresh(key), key, position=(middle.x() - 60, middle.y() - 72))
        for socket in kind.sockets:
            for output in kind.outputs:
                first = Connect(Link(source.node, source.port, node.id, socket.name))
                second = Connect(Link(node.id, output.name, target.node, target.port))
                edit = Group((AddNode(node), first, second))
                if tried(document, edit) is not None:
                    return edit
        return None

    def abandon(self) -> None:
        self._end()
