"""The scene: an item for every node, link and frame of the level that is shown, kept so by differences.

The scene is never the model. It reads the session, it asks nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtCore import QObject, QPointF, QRectF, QTimer, pyqtSignal
from PyQt6.QtWidgets import QGraphicsItem, QGraphicsScene

from gui.canvas.faces import HEAD, NO_DETAIL
from gui.canvas.frames import FrameItem
from gui.canvas.items import NodeItem
from gui.canvas.shots import Shots
from gui.canvas.wires import Stub, WireItem, hit_radius
from gui.session import Port, Session
from gui.titles import title_of
from materials.graph import Document, Link, Node, fits
from materials.layout import Route
from nodes.declare import Kind

What = Literal["void", "port", "header", "body", "wire", "dot", "stub", "title", "corner", "ground"]


@dataclass(frozen=True)
class Hit:
    """What lies at a point: of a node its id, of a wire its link, of a frame its place, of a dot its place in `via`."""

    what: What = "void"
    node: str = ""
    port: Port | None = None
    is_output: bool = False
    link: Link | None = None
    index: int = -1

    @property
    def on_node(self) -> bool:
        return self.what in ("header", "body")

    @property
    def on_frame(self) -> bool:
        return self.what in ("title", "corner", "ground")


@dataclass(frozen=True)
class Picked:
    """What is selected beside nodes: a link, a dot of one, or a frame."""

    link: Link | None = None
    dot: int = -1
    frame: int = -1


NOTHING = Picked()


class GraphScene(QGraphicsScene):
    """A mirror of the session's graph."""

    picked_changed = pyqtSignal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.BspTreeIndex)
        self.shots = Shots(self)
        self.shots.settled.connect(self._settled)
        self.nodes: dict[str, NodeItem] = {}
        self.wires: dict[Link, WireItem] = {}
        self.frames: list[FrameItem] = []
        self.picked = NOTHING
        self.pinned: frozenset[str] = frozenset()
        self.drawn = Document()
        self._ends: dict[str, set[Link]] = {}
        self._selected: frozenset[str] = frozenset()
        self._viewed = ""
        self._retired: list[QGraphicsItem] = []
        session.edited.connect(self._edited)
        session.entered.connect(self.rebuild)
        session.pictured.connect(self._pictured)
        session.selection_changed.connect(self._mark_selected)
        session.shown_changed.connect(self._mark_viewed)
        self.rebuild()

    # ---- following the graph ----

    def rebuild(self) -> None:
        """Show another graph from the start."""
        for item in [*self.wires.values(), *self.nodes.values(), *self.frames]:
            self._retire(item)
        self.nodes, self.wires, self.frames, self._ends = {}, {}, [], {}
        self.picked, self._selected, self._viewed = NOTHING, frozenset(), ""
        self.drawn = Document()
        self._follow(self.session.graph)
        self._mark_selected()
        self._mark_viewed()

    def _edited(self, old: object, new: object) -> None:
        self._follow(self.session.graph)

    def _follow(self, new: Document) -> None:
        """Make the items those of another document; what is the same in both is left alone."""
        old, self.drawn = self.drawn, new
        stale, moved = self._follow_nodes(old, new)
        if new.links is not old.links:
            stale |= self._follow_links(old, new)
        changed = {link for id in self._refresh_ports(stale) | moved for link in self._ends.get(id, ())}
        if new.routes is not old.routes:
            changed |= {link for link in self.wires if new.routes.get(str(link)) != old.routes.get(str(link))}
        # What a stub says of an output depends on all that leaves it.
        changed |= {other for link in changed for other in self._ends.get(link.source, ()) if self.wires[other].portal}
        for link in changed:
            if link in self.wires:
                self._lay(link, new.routes.get(str(link), Route()))
        if new.frames is not old.frames:
            self._follow_frames(new)
        self._keep_picked()

    def _follow_nodes(self, old: Document, new: Document) -> tuple[set[str], set[str]]:
        """Return the nodes whose ports may be others now, and those that lie or are named otherwise."""
        stale: set[str] = set()
        moved: set[str] = set()
        for id in [id for id in self.nodes if id not in new.nodes]:
            self._retire(self.nodes.pop(id))
        for id, node in new.nodes.items():
            before = old.nodes.get(id)
            if before is node:
                continue
            item = self.nodes.get(id)
            if item is None:
                item = self.nodes[id] = NodeItem(node, self.shots)
                item.set_look(self.session.look(id))
                item.tell(selected=id in self._selected, viewed=id == self._viewed, pinned=id in self.pinned)
                self.addItem(item)
                stale.add(id)
            else:
                item.set_node(node)
                moved.add(id)
                if before is None or _ports_may_differ(before, node):
                    stale.add(id)
        return stale, moved

    def _follow_links(self, old: Document, new: Document) -> set[str]:
        """Add and remove wires; return the nodes at their ends."""
        present = set(new.links)
        gone = [link for link in self.wires if link not in present]
        fresh = [link for link in new.links if link not in self.wires]
        for link in gone:
            self._retire(self.wires.pop(link))
            for id in (link.source, link.target):
                self._ends.get(id, set()).discard(link)
        for link in fresh:
            wire = self.wires[link] = WireItem(link, "Gray", self.shots)
            self.addItem(wire)
            for id in (link.source, link.target):
                self._ends.setdefault(id, set()).add(link)
        return {id for link in (*gone, *fresh) for id in (link.source, link.target) if id in self.nodes}

    def _follow_frames(self, new: Document) -> None:
        while len(self.frames) > len(new.frames):
            self._retire(self.frames.pop())
        for index, frame in enumerate(new.frames):
            if index == len(self.frames):
                item = FrameItem(index, frame)
                self.frames.append(item)
                self.addItem(item)
            elif self.frames[index].frame != frame:
                self.frames[index].set_frame(index, frame)

    def _refresh_ports(self, stale: Iterable[str]) -> set[str]:
        """Ask anew for ports of nodes, and of those after them whose kinds follow; return all that were asked for."""
        waiting, done = list(stale), set()
        while waiting:
            id = waiting.pop()
            item = self.nodes.get(id)
            if item is None or id in done:
                continue
            done.add(id)
            if item.set_ports(self.session.inputs(id), self.session.outputs(id)):
                waiting += [link.target for link in self._ends.get(id, ()) if link.source == id]
            self._mark_linked(item)
        return done

    def _mark_linked(self, item: NodeItem) -> None:
        links = self._ends.get(item.id, set())
        names = {link.socket for link in links if link.target == item.id}
        names |= {">" + link.output for link in links if link.source == item.id}
        item.tell(linked=frozenset(names), passing=_passing(item) if item.face.bypassed else None)

    def _lay(self, link: Link, route: Route) -> None:
        """Put a wire where its ports and its route are."""
        wire, source, target = self.wires[link], self.nodes[link.source], self.nodes[link.target]
        start, end = source.spot(link.output, True), target.spot(link.socket, False)
        # A port that is not there, of a node of an unknown kind, still shows its wire.
        start = start if start is not None else source.pos() + source.face.spot(True, 0)
        end = end if end is not None else target.pos() + target.face.spot(False, 0)
        names = (self._readers(link, target), source.face.title) if route.portal else None
        if names != (tuple(stub.words for stub in wire.stubs) or None):
            wire.set_portal(names)
        wire.set_kind(next((port.kind for port in source.face.outputs if port.name == link.output), wire.kind))
        wire.lay(start, end, route.via)

    def _settled(self, ids: object) -> None:
        """Paint finely again what was stretched while the wheel turned."""
        assert isinstance(ids, frozenset)
        for id in ids:
            if (item := self.nodes.get(id)) is not None:
                item.update()

    def _readers(self, link: Link, target: NodeItem) -> str:
        """Return what a stub at an output says: where it leads, or how many portals leave among other wires."""
        leaving = [other for other in self._ends.get(link.source, ()) if _output(other) == _output(link)]
        portals = [other for other in leaving if self.drawn.routes.get(str(other), Route()).portal]
        return target.face.title if len(leaving) == 1 else str(len(portals))

    def _retire(self, item: QGraphicsItem) -> None:
        """Remove an item; a reference is kept until Qt has forgotten it."""
        if isinstance(item, NodeItem):
            self.shots.forget(item.id)
        if isinstance(item, WireItem):
            self._retired += item.stubs  # Qt still knows them until it has painted
            item.set_portal(None)
        self.removeItem(item)
        self._retired.append(item)
        QTimer.singleShot(0, self._forget)

    def _forget(self) -> None:
        self._retired.clear()

    # ---- following the rest ----

    def _pictured(self, ids: object) -> None:
        assert isinstance(ids, frozenset)
        for id in ids:
            if (item := self.nodes.get(id)) is not None:
                item.set_look(self.session.look(id))

    def _mark_selected(self) -> None:
        now = self.session.selection
        for id in now ^ self._selected:
            if (item := self.nodes.get(id)) is not None:
                item.tell(selected=id in now)
        self._selected = now
        if now:
            self.pick(NOTHING)

    def _mark_viewed(self) -> None:
        now = self.session.shown[0] if self.session.shown else ""
        for id in {now, self._viewed}:
            if (item := self.nodes.get(id)) is not None:
                item.tell(viewed=id == now)
        self._viewed = now

    def set_pinned(self, ids: frozenset[str]) -> None:
        """Mark the nodes that a view is pinned on."""
        for id in ids ^ self.pinned:
            if (item := self.nodes.get(id)) is not None:
                item.tell(pinned=id in ids)
        self.pinned = ids

    def pick(self, picked: Picked) -> None:
        """Select a link, a dot or a frame, or nothing; nodes are the session's to select."""
        if picked == self.picked:
            return
        self.picked = picked
        for link, wire in self.wires.items():
            wire.tell(selected=link == picked.link)
        for frame in self.frames:
            frame.tell(selected=frame.index == picked.frame)
        self.picked_changed.emit()

    def _keep_picked(self) -> None:
        picked = self.picked
        if (picked.link is not None and picked.link not in self.wires) or picked.frame >= len(self.frames):
            self.picked = NOTHING
        for index, frame in enumerate(self.frames):
            frame.tell(selected=index == self.picked.frame)

    # ---- asking what is where ----

    def links_of(self, id: str) -> set[Link]:
        """Return the links that begin or end at a node."""
        return self._ends.get(id, set())

    def into(self, id: str, socket: str) -> Link | None:
        """Return the link that ends in an input."""
        return next((link for link in self._ends.get(id, ()) if (link.target, link.socket) == (id, socket)), None)

    def name(self, id: str) -> str:
        """Return what a node is called."""
        node = self.drawn.nodes.get(id)
        return title_of(node) if node is not None else id

    def near(self, point: QPointF, radius: float) -> list[QGraphicsItem]:
        return self.items(QRectF(point.x() - radius, point.y() - radius, 2 * radius, 2 * radius))

    def port_at(self, point: QPointF, radius: float) -> Hit | None:
        """Return the nearest port within a radius."""
        best, found = radius, None
        for item in self.near(point, radius):
            if isinstance(item, NodeItem):
                for port, is_output, spot in item.spots():
                    away = ((spot.x() - point.x()) ** 2 + (spot.y() - point.y()) ** 2) ** 0.5
                    if away <= best:
                        best, found = away, Hit("port", item.id, port, is_output)
        return found

    def node_at(self, point: QPointF) -> NodeItem | None:
        return next((i for i in self.near(point, 1) if isinstance(i, NodeItem) and i.body().contains(point)), None)

    def wire_at(self, point: QPointF, radius: float) -> WireItem | None:
        """Return the nearest wire within a radius."""
        wires = [item for item in self.near(point, radius) if isinstance(item, WireItem) and not item.portal]
        near = [(wire.distance(point), index) for index, wire in enumerate(wires)]
        away, index = min(near, default=(radius, -1))
        return wires[index] if index >= 0 and away < radius else None

    def frame_at(self, point: QPointF) -> FrameItem | None:
        return next((i for i in self.near(point, 1) if isinstance(i, FrameItem) and i.part_at(point)), None)

    def hit(self, point: QPointF, zoom: float) -> Hit:
        """Return what the pointer takes hold of at a point."""
        if zoom >= NO_DETAIL and (port := self.port_at(point, hit_radius(zoom))) is not None:
            return port
        if (item := self.node_at(point)) is not None:
            return Hit("header" if point.y() - item.y() < HEAD else "body", item.id)
        stub = next((i for i in self.near(point, 1) if isinstance(i, Stub)), None)
        if stub is not None and stub.plate().contains(point - stub.scenePos()):
            return Hit("stub", link=stub.wire.link, is_output=stub.at_output)
        if (wire := self.wire_at(point, 7 / zoom)) is not None:
            for index, dot in enumerate(wire.via):
                if (dot - point).manhattanLength() < 12 / zoom:
                    return Hit("dot", link=wire.link, index=index)
            return Hit("wire", link=wire.link)
        if (frame := self.frame_at(point)) is not None:
            part: What = {"title": "title", "corner": "corner"}.get(frame.part_at(point), "ground")  # type: ignore[assignment]  # of a literal
            return Hit(part, index=frame.index)
        return Hit()

    def bounds(self, ids: Iterable[str] = ()) -> QRectF:
        """Return the rectangle of nodes; without ids of all nodes and frames."""
        chosen = [self.nodes[id] for id in ids if id in self.nodes]
        rect = QRectF()
        for item in chosen or self.nodes.values():
            rect = rect.united(item.body())
        if not chosen:
            for frame in self.frames:
                rect = rect.united(frame.mapRectToScene(frame.rect))
        return rect


def _output(link: Link) -> tuple[str, str]:
    return link.source, link.output


def _ports_may_differ(old: Node, new: Node) -> bool:
    return (
        old.key != new.key
        or old.bypass != new.bypass
        or old.parameters is not new.parameters
        or old.graph is not new.graph
        or old.file != new.file
    )


def _passing(item: NodeItem) -> tuple[str, str] | None:
    """Return which input a bypassed node hands on to which output."""
    for output in item.face.outputs[:1]:
        for port in item.face.inputs:
            if fits(Kind(port.kind), Kind(output.kind)):
                return port.name, output.name
    return None
