"""What the canvas's actions do: each asks the session for one edit, worked out by the gestures of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtWidgets import QApplication

from gui.canvas.frames import comment_height
from gui.canvas.gestures import shifted, snapped, tried
from gui.canvas.hints import End
from gui.canvas.items import NodeItem
from gui.canvas.scene import Picked
from gui.theme import SIZE
from gui.titles import title_of_kind
from materials import clipboard, enclosing, gestures, tidy
from materials.edits import Connect, Disconnect, Edit, Group, SetMeta, SetNode, SetRoute
from materials.errors import IntarsiaError
from materials.graph import SUBGRAPH, Document, Link
from materials.layout import Route

if TYPE_CHECKING:
    from gui.canvas.view import Canvas

COLUMN = 176
MARGIN = (24, 44, 24, 32)
"""Room around nodes in a new frame: left, top, right, bottom."""


class Commands:
    """The canvas's actions on what is selected."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas, self.session = canvas, canvas.session

    # ---- asking ----

    def chosen(self) -> list[str]:
        """Return the selected nodes in the document's order."""
        return [id for id in self.session.graph.nodes if id in self.session.selection]

    def _say(self, verb: str, ids: Sequence[str]) -> str:
        return f"{verb} {self.canvas.graph_scene.name(ids[0])}" if len(ids) == 1 else f"{verb} {len(ids)} nodes"

    def _do(self, make: Callable[[], Edit], text: str) -> bool:
        """Do what the model makes of a gesture; where that makes no sense, say why."""
        try:
            edit = make()
        except IntarsiaError as error:
            self.session.refused.emit(str(error))
            return False
        return self.session.do(edit, text)

    def fresh(self, key: str) -> str:
        """Return a free id for a node."""
        return gestures.new_id(self.session.graph, key)

    def insertion(self, id: str, link: Link) -> Edit | None:
        """Return the edit that puts a node into a wire, None where it does not fit."""
        document = self.session.graph
        if link not in document.links or id not in document.nodes or id in (link.source, link.target):
            return None
        try:
            edit = gestures.insert_on(document, link, id)
        except IntarsiaError:
            return None
        return edit if tried(document, edit) is not None else None

    # ---- adding ----

    def add(self, key: str, at: QPointF, port: End | None = None, link: Link | None = None) -> str | None:
        """Add a node as one step, joined to a port or put into a wire; return its id."""
        document = self.session.graph
        try:
            edit, id = gestures.add(document, key, (snapped(at.x()), snapped(at.y())))
            made = edit.apply(document)[0]
            edits = [edit]
            if link is not None:
                edits.append(gestures.insert_on(made, link, id))
            if port is not None and (joined := self._joined(made, id, port)) is not None:
                edits.append(joined)
        except IntarsiaError as error:
            self.session.refused.emit(str(error))
            return None
        if not self.session.do(Group(tuple(edits)), f"Add {title_of_kind(key)}"):
            return None
        self.session.select([id], id)
        return id

    def _joined(self, document: Document, id: str, port: End) -> Edit | None:
        """Return the edit that joins a new node to the port that a wire was drawn from."""
        if port.is_output:
            socket = gestures.first_fit(document, port.node, port.port, id)
            return Connect(Link(port.node, port.port, id, socket)) if socket else None
        output = gestures.first_output(document, id, port.node, port.port)
        return Connect(Link(id, output, port.node, port.port)) if output else None

    def join_all(self, source: str, target: str) -> bool:
        """Join every output of a node to the inputs of another that fit."""
        scene = self.canvas.graph_scene
        text = f"Join all of {scene.name(source)} to {scene.name(target)}"
        return self._do(lambda: gestures.join_all(self.session.graph, source, target), text)

    def join_selected(self) -> None:
        """Join every channel of the left one of two selected nodes to the right one."""
        ids = sorted(self.chosen(), key=lambda id: self.session.graph.nodes[id].position)
        if len(ids) == 2:
            self.join_all(*ids)

    # ---- taking away ----

    def delete(self) -> None:
        """Delete the selected nodes, or what else is selected: a wire, a dot, a frame."""
        ids, picked, document = self.chosen(), self.canvas.graph_scene.picked, self.session.graph
        if ids:
            self._do(lambda: gestures.remove(document, ids), self._say("Delete", ids))
        elif picked.link is not None and picked.dot >= 0:
            self._drop_dot(picked.link, picked.dot)
        elif picked.link is not None:
            self.session.do(Disconnect(picked.link.target, picked.link.socket), "Delete a wire")
        elif picked.frame >= 0:
            frames = tuple(frame for index, frame in enumerate(document.frames) if index != picked.frame)
            name = document.frames[picked.frame].get("title") or document.frames[picked.frame].get("kind", "frame")
            self.session.do(SetMeta("frames", frames), f"Delete {name}")

    def heal(self) -> None:
        """Delete the selected nodes and join what fed them to what read them."""
        if ids := self.chosen():
            self._do(lambda: gestures.remove_and_heal(self.session.graph, ids), self._say("Delete and heal", ids))

    # ---- copies ----

    def duplicate(self, with_inputs: bool = False) -> None:
        if not (ids := self.chosen()):
            return
        self._put(
            lambda: gestures.duplicate(self.session.graph, ids, (32, 32), with_inputs), self._say("Duplicate", ids)
        )

    def _put(self, make: Callable[[], tuple[Edit, list[str]]], text: str) -> None:
        """Do an edit that makes new nodes, and select them."""
        try:
            edit, new = make()
        except IntarsiaError as error:
            self.session.refused.emit(str(error))
            return
        if self.session.do(edit, text):
            self.session.select(new, new[-1] if new else None)

    def copy(self) -> bool:
        """Put the selected nodes as text on the clipboard."""
        board, ids = QApplication.clipboard(), self.chosen()
        if board is None or not ids:
            return False
        board.setText(clipboard.copied(self.session.graph, ids))
        return True

    def cut(self) -> None:
        if self.copy():
            ids = self.chosen()
            self._do(lambda: gestures.remove(self.session.graph, ids), self._say("Cut", ids))

    def paste(self) -> None:
        """Put nodes from the clipboard's text where the pointer is."""
        board = QApplication.clipboard()
        words = board.text() if board is not None else ""
        if words.strip():
            at = self.canvas.pointer()
            self._put(lambda: clipboard.pasted(self.session.graph, words, (at.x(), at.y())), "Paste")

    # ---- states ----

    def bypass(self) -> None:
        if ids := self.chosen():
            off = all(self.session.graph.nodes[id].bypass for id in ids)
            self._do(lambda: gestures.bypass(self.session.graph, ids), self._say("Use" if off else "Bypass", ids))

    def freeze(self) -> None:
        if ids := self.chosen():
            self.session.freeze(ids, not all(self.session.look(id).frozen for id in ids))

    def show(self) -> None:
        if self.session.current is not None:
            self.session.show(self.session.current)

    def pin(self) -> None:
        if self.session.current is not None:
            self.canvas.pinning.emit(self.session.current)

    def swap(self) -> None:
        """Change over two inputs: of the selected node, or of what two selected nodes feed."""
        ids, document = self.chosen(), self.session.graph
        if len(ids) == 1:
            self._do(lambda: gestures.swap(document, ids[0]), f"Swap inputs of {self.canvas.graph_scene.name(ids[0])}")
        elif len(ids) == 2:
            into = [{link.target: link.socket for link in document.links if link.source == id} for id in ids]
            both = next((target for target in into[0] if target in into[1]), None)
            if both is None:
                self.session.refused.emit("These two feed no node together, so there is nothing to swap")
                return
            sockets = (into[0][both], into[1][both])
            text = f"Swap inputs of {self.canvas.graph_scene.name(both)}"
            self._do(lambda: gestures.swap(document, both, sockets), text)

    def rename(self) -> None:
        """Write the name of the selected node or frame in its place."""
        picked = self.canvas.graph_scene.picked
        if self.session.current is not None and self.session.selection:
            self.canvas.writer.title(self.session.current)
        elif picked.frame >= 0:
            self.canvas.writer.frame(picked.frame)

    def name_node(self, id: str, title: str) -> None:
        node = self.session.graph.nodes.get(id)
        if node is not None and title.strip() != self.canvas.graph_scene.name(id):
            old = self.canvas.graph_scene.name(id)
            self.session.do(SetNode(id, "title", title.strip()), f"Rename {old}")

    # ---- wires ----

    def add_dot(self, link: Link, at: QPointF) -> None:
        """Put a dot on a wire."""
        wire = self.canvas.graph_scene.wires.get(link)
        if wire is None or wire.portal:
            return
        index = wire.segment(at)
        route = self.session.graph.routes.get(str(link), Route())
        via = [*route.via]
        via.insert(index, (snapped(at.x()), snapped(at.y())))
        if self.session.do(SetRoute(link, replace(route, via=tuple(via))), "Add a dot to a wire"):
            self.session.select([])
            self.canvas.graph_scene.pick(Picked(link=link, dot=index))

    def dot(self) -> None:
        """Put a dot on the selected wire or the one under the pointer."""
        scene, at = self.canvas.graph_scene, self.canvas.pointer()
        under = scene.wire_at(at, 12 / self.canvas.zoom)
        if under is not None:
            self.add_dot(under.link, at)
        elif scene.picked.link is not None:
            self.add_dot(scene.picked.link, scene.wires[scene.picked.link].path.pointAtPercent(0.5))

    def _drop_dot(self, link: Link, index: int) -> None:
        route = self.session.graph.routes.get(str(link), Route())
        via = tuple(point for place, point in enumerate(route.via) if place != index)
        kept = replace(route, via=via) if via or route.portal else None
        self.session.do(SetRoute(link, kept), "Delete a dot")

    def straighten(self) -> None:
        """Take all dots off the selected wire."""
        link = self.canvas.graph_scene.picked.link
        if link is not None and str(link) in self.session.graph.routes:
            self.session.do(SetRoute(link, None), "Straighten a wire")

    def portal(self) -> None:
        """Make a portal of the selected wire, or a wire again."""
        link = self.canvas.graph_scene.picked.link
        if link is None:
            return
        route = self.session.graph.routes.get(str(link), Route())
        made = replace(route, portal=not route.portal)
        self.session.do(
            SetRoute(link, made if made.portal or made.via else None),
            "Make a portal" if made.portal else "Make a wire of a portal",
        )

    # ---- frames ----

    def frame(self) -> None:
        """Put a frame around the selected nodes, or an empty one where the pointer is; then its name is written."""
        ids = self.chosen()
        if ids:
            left, top, right, bottom = MARGIN
            rect = self.canvas.graph_scene.bounds(ids).adjusted(-left, -top, right, bottom)
        else:
            rect = QRectF(self.canvas.pointer(), self.canvas.pointer() + QPointF(320, 240))
        self._add_frame(rect, "frame", "Frame")

    def comment(self) -> None:
        """Put a comment where the pointer is, and write it."""
        at = self.canvas.pointer()
        self._add_frame(QRectF(at.x(), at.y(), 240, 72), "comment", "Comment")

    def _add_frame(self, rect: QRectF, kind: str, text: str) -> None:
        place = [snapped(part) for part in (rect.x(), rect.y(), rect.width(), rect.height())]
        frame = {"title": "", "rect": place, "kind": kind}
        if self.session.do(SetMeta("frames", (*self.session.graph.frames, frame)), text):
            index = len(self.session.graph.frames) - 1
            self.session.select([])
            self.canvas.graph_scene.pick(Picked(frame=index))
            self.canvas.writer.frame(index)

    def set_frame(self, index: int, step: str, **values: Any) -> None:
        """Change parts of a frame by name."""
        frames: list[Mapping[str, Any]] = list(self.session.graph.frames)
        if index < len(frames) and any(frames[index].get(name, "") != value for name, value in values.items()):
            frames[index] = {**frames[index], **values}
            self.session.do(SetMeta("frames", tuple(frames)), step)

    def name_frame(self, index: int, words: str) -> None:
        """Set the title of a frame, or the words of a comment, which grows to hold them."""
        frame = self.session.graph.frames[index]
        if frame.get("kind") == "comment":
            left, top, width, height = frame["rect"]
            tall = max(height, snapped(comment_height(words, width) + 4))
            self.set_frame(index, "Write a comment", text=words, rect=[left, top, width, tall])
        else:
            self.set_frame(index, "Rename the frame", title=words)

    def colour_frame(self, section: str) -> None:
        if (index := self.canvas.graph_scene.picked.frame) >= 0:
            self.set_frame(index, "Colour of the frame", colour=section)

    # ---- order ----

    def align(self, edge: tidy.Edge | None = None) -> None:
        """Bring the selected nodes to one line; to which is told by how they lie, unless it is said."""
        if len(ids := self.chosen()) > 1:
            line: tidy.Edge = edge or ("left" if self._upright(ids) else "top")
            self._do(lambda: tidy.align(self.session.graph, ids, line), f"Align {len(ids)} nodes")

    def spread(self) -> None:
        """Make the gaps between the selected nodes alike."""
        if len(ids := self.chosen()) > 2:
            axis: tidy.Axis = "down" if self._upright(ids) else "across"
            self._do(lambda: tidy.spread(self.session.graph, ids, axis), f"Spread {len(ids)} nodes")

    def _upright(self, ids: Sequence[str]) -> bool:
        """Whether nodes stand above each other rather than side by side."""
        rect = self.canvas.graph_scene.bounds(ids)
        return rect.height() > rect.width()

    def tidy(self) -> None:
        """Lay out the selected nodes, or all, in columns along the wires."""
        ids = self.chosen()
        chosen = ids if len(ids) > 1 else list(self.session.graph.nodes)
        if chosen:
            self._do(lambda: tidy.tidy(self.session.graph, chosen), self._say("Tidy", chosen))

    def nudge(self, x: int, y: int) -> None:
        if ids := self.chosen():
            step = float(SIZE["grid"])
            self.session.do(shifted(self.session.graph, ids, (), QPointF(x * step, y * step)), self._say("Nudge", ids))

    # ---- levels ----

    def enclose(self) -> None:
        if not (ids := self.chosen()):
            return
        try:
            edit, new = enclosing.enclose(self.session.graph, ids)
        except IntarsiaError as error:
            self.session.refused.emit(str(error))
            return
        if self.session.do(edit, "Make a subgraph"):
            self.session.select([new], new)

    def dissolve(self) -> None:
        ids = [id for id in self.chosen() if self.session.graph.nodes[id].key == SUBGRAPH]
        for id in ids:
            name = self.canvas.graph_scene.name(id)
            self._do(lambda id=id: enclosing.dissolve(self.session.graph, id), f"Dissolve {name}")

    def enter(self) -> None:
        """Go into the selected subgraph."""
        id = self.session.current
        if id is not None and id in self.session.graph.nodes:
            self.session.enter(id)

    def leave(self) -> None:
        if self.session.level:
            self.session.leave()

    # ---- going about ----

    def select_all(self) -> None:
        self.session.select(self.session.graph.nodes)

    def walk(self, x: int, y: int) -> None:
        """Select the next node: left and right along the wires, up and down in sight."""
        nodes = self.canvas.graph_scene.nodes
        here = nodes.get(self.session.current or "")
        if here is None:
            middle = self.canvas.centre()
            best = min(nodes.values(), key=lambda item: _apart(item.body().center(), middle), default=None)
        else:
            best = self._along(here, x) if x else self._in_sight(here, y)
        if best is not None:
            self.session.select([best.id], best.id)
            self.canvas.ensureVisible(best.body(), 48, 64)

    def _along(self, here: NodeItem, x: int) -> NodeItem | None:
        scene = self.canvas.graph_scene
        links = [link for link in scene.links_of(here.id) if (link.source if x > 0 else link.target) == here.id]
        ports = [port.name for port in (here.face.outputs if x > 0 else here.face.inputs)]

        def place(link: Link) -> tuple[int, float]:
            name, other = (link.output, link.target) if x > 0 else (link.socket, link.source)
            return ports.index(name) if name in ports else 99, abs(scene.nodes[other].y() - here.y())

        link = min(links, key=place, default=None)
        return scene.nodes[link.target if x > 0 else link.source] if link is not None else None

    def _in_sight(self, here: NodeItem, y: int) -> NodeItem | None:
        def cost(item: NodeItem) -> float:
            return abs(item.y() - here.y()) + 3 * abs(item.x() - here.x())

        items = self.canvas.graph_scene.nodes.values()
        return min((item for item in items if (item.y() - here.y()) * y > 0), key=cost, default=None)

    def jump(self, link: Link, to_target: bool) -> None:
        """Go to the other end of a portal."""
        id = link.target if to_target else link.source
        self.session.select([id], id)
        self.canvas.centerOn(self.canvas.graph_scene.nodes[id].body().center())


def _apart(one: QPointF, other: QPointF) -> float:
    return (one.x() - other.x()) ** 2 + (one.y() - other.y()) ** 2
