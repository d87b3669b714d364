"""What the mouse does while a button is held: one small class a gesture. Each becomes one edit, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPolygonF

from gui.canvas.frames import LEAST, FrameItem
from gui.canvas.scene import Hit, Picked
from gui.canvas.wires import Stroke, WireItem
from gui.theme import SIZE
from materials.edits import Disconnect, Edit, Group, SetMeta, SetNode, SetRoute
from materials.errors import GraphError
from materials.graph import Document, Link
from materials.layout import Route

if TYPE_CHECKING:
    from gui.canvas.view import Canvas

Keys = Qt.KeyboardModifier
GRID = SIZE["grid"]


def snapped(value: float) -> float:
    """Return a coordinate on the grid."""
    return round(value / GRID) * float(GRID)


class Gesture:
    """A press that may become a drag; the base of all gestures."""

    cursor = Qt.CursorShape.ArrowCursor
    previews = False
    """Whether the gesture shows its edit as it goes; a change by anyone else ends one that does not."""

    def __init__(self, canvas: Canvas, start: QPointF) -> None:
        self.canvas, self.scene, self.session = canvas, canvas.graph_scene, canvas.session
        self.start = start

    def click(self, keys: Keys) -> None:
        """The button was let go where it was pressed."""

    def begin(self, keys: Keys) -> None:
        """The pointer left the place where it was pressed."""

    def move(self, at: QPointF, keys: Keys) -> None:
        """The pointer is somewhere else, or other keys are held."""

    def finish(self, at: QPointF, keys: Keys) -> None:
        """The button was let go after a drag."""

    def abandon(self) -> None:
        """Escape: all is as it was before."""

    def settle(self, before: Document) -> None:
        """End a previewed gesture: as one step, or as none where nothing came of it."""
        if self.session.graph == before:
            self.session.abandon()
        else:
            self.session.commit()


# ---- moving --------------------------------------------------------------------------------------


def carried(scene_frames: list[FrameItem], bodies: Mapping[str, QRectF], frame: int) -> tuple[set[str], set[int]]:
    """Return the nodes and the frames that lie within a frame, itself among them."""
    outer = scene_frames[frame].mapRectToScene(scene_frames[frame].rect)
    nodes = {id for id, body in bodies.items() if outer.contains(body)}
    frames = {item.index for item in scene_frames if outer.contains(item.mapRectToScene(item.rect))}
    return nodes, frames | {frame}


def shifted(document: Document, ids: Iterable[str], frames: Iterable[int], by: QPointF) -> Group:
    """Return the edit that moves nodes and frames, and the dots of the wires between those nodes."""
    chosen, marked, edits = set(ids), set(frames), []
    edits: list[Edit] = []
    for id in chosen:
        x, y = document.nodes[id].position
        edits.append(SetNode(id, "position", (x + by.x(), y + by.y())))
    if marked:
        moved = [_frame_by(frame, by) if i in marked else frame for i, frame in enumerate(document.frames)]
        edits.append(SetMeta("frames", tuple(moved)))
    routes = dict(document.routes)
    for link in document.links:
        route = routes.get(str(link))
        if route is not None and route.via and link.source in chosen and link.target in chosen:
            via = tuple((x + by.x(), y + by.y()) for x, y in route.via)
            edits.append(SetRoute(link, replace(route, via=via)))
    return Group(tuple(edits))


def _frame_by(frame: Mapping[str, Any], by: QPointF) -> dict[str, Any]:
    left, top, width, height = frame["rect"]
    return {**frame, "rect": [left + by.x(), top + by.y(), width, height]}


class Move(Gesture):
    """Drag nodes, or a frame with what lies in it; a single node that is let go on a wire is put in between."""

    cursor = Qt.CursorShape.ClosedHandCursor
    previews = True

    def __init__(self, canvas: Canvas, start: QPointF, node: str = "", frame: int = -1) -> None:
        super().__init__(canvas, start)
        self.node, self.frame = node, frame
        self.over: WireItem | None = None
        self.ids: set[str] = set()
        self.frames: set[int] = set()
        self.selected_before = node in self.session.selection
        adding = canvas.held & (Keys.ControlModifier | Keys.ShiftModifier)
        if node and not self.selected_before and not adding:
            self.session.select([node], node)

    def click(self, keys: Keys) -> None:
        if self.frame >= 0:
            self.session.select([])
            self.scene.pick(Picked(frame=self.frame))
        elif keys & (Keys.ControlModifier | Keys.ShiftModifier):
            chosen = self.session.selection ^ {self.node}
            self.session.select(chosen, self.node if self.node in chosen else None)
        else:
            self.session.select([self.node], self.node)

    def begin(self, keys: Keys) -> None:
        document = self.session.graph
        if self.frame >= 0:
            bodies = {id: item.body() for id, item in self.scene.nodes.items()}
            self.ids, self.frames = carried(self.scene.frames, bodies, self.frame)
            left, top = document.frames[self.frame]["rect"][:2]
            self.anchor = QPointF(left, top)
        else:
            if self.node not in self.session.selection:
                self.session.select(self.session.selection | {self.node}, self.node)
            self.ids = set(self.session.selection) & set(document.nodes)
            self.anchor = QPointF(*document.nodes[self.node].position)
        self.before = document
        self.session.begin(self._text())

    def _text(self) -> str:
        if self.frame >= 0:
            return f"Move {self.before.frames[self.frame].get('title') or 'frame'}"
        return f"Move {self.scene.name(self.node)}" if len(self.ids) == 1 else f"Move {len(self.ids)} nodes"

    def _edit(self, at: QPointF, keys: Keys) -> Group:
        by = at - self.start
        if keys & Keys.ShiftModifier:
            by = QPointF(by.x(), 0) if abs(by.x()) > abs(by.y()) else QPointF(0, by.y())
        place = QPointF(snapped(self.anchor.x() + by.x()), snapped(self.anchor.y() + by.y()))
        return shifted(self.before, self.ids, self.frames, place - self.anchor)

    def move(self, at: QPointF, keys: Keys) -> None:
        self.session.preview(self._edit(at, keys))
        self._light(self._target())

    def _target(self) -> WireItem | None:
        if len(self.ids) != 1 or self.frames or self.scene.links_of(self.node):
            return None
        wire = self.canvas.wire_under(self.scene.nodes[self.node].body())
        return wire if wire is not None and self.canvas.commands.insertion(self.node, wire.link) else None

    def _light(self, wire: WireItem | None) -> None:
        if wire is self.over:
            return
        for item, lit in ((self.over, False), (wire, True)):
            if item is not None:
                item.tell(lit=lit)
        self.over = wire
        self.canvas.hint("Let go to put it into the wire" if wire is not None else "")

    def finish(self, at: QPointF, keys: Keys) -> None:
        over = self.over
        self._light(None)
        edit = self._edit(at, keys)
        if over is None:
            self.session.preview(edit)
            self.settle(self.before)
            return
        self.session.abandon()
        link, name = over.link, self.scene.name(self.node)
        insertion = self.canvas.commands.insertion(self.node, link)
        assert insertion is not None
        between = f"between {self.scene.name(link.source)} and {self.scene.name(link.target)}"
        self.session.do(Group((edit, insertion)), f"Put {name} {between}")

    def abandon(self) -> None:
        self._light(None)
        self.session.abandon()


class Resize(Gesture):
    """Drag the corner of a frame."""

    cursor = Qt.CursorShape.SizeFDiagCursor
    previews = True

    def __init__(self, canvas: Canvas, start: QPointF, frame: int) -> None:
        super().__init__(canvas, start)
        self.frame = frame

    def click(self, keys: Keys) -> None:
        self.session.select([])
        self.scene.pick(Picked(frame=self.frame))

    def begin(self, keys: Keys) -> None:
        self.before = self.session.graph
        self.frames = self.before.frames
        self.session.begin(f"Resize {self.frames[self.frame].get('title') or 'frame'}")

    def move(self, at: QPointF, keys: Keys) -> None:
        frame = self.frames[self.frame]
        left, top, width, height = frame["rect"]
        by = at - self.start
        size = (max(snapped(width + by.x()), LEAST[0]), max(snapped(height + by.y()), LEAST[1]))
        changed = {**frame, "rect": [left, top, *size]}
        self.session.preview(
            SetMeta("frames", tuple(changed if i == self.frame else f for i, f in enumerate(self.frames)))
        )

    def finish(self, at: QPointF, keys: Keys) -> None:
        self.move(at, keys)
        self.settle(self.before)

    def abandon(self) -> None:
        self.session.abandon()


class MoveDot(Gesture):
    """Drag a reroute dot."""

    cursor = Qt.CursorShape.ClosedHandCursor
    previews = True

    def __init__(self, canvas: Canvas, start: QPointF, link: Link, index: int) -> None:
        super().__init__(canvas, start)
        self.link, self.index = link, index

    def click(self, keys: Keys) -> None:
        self.session.select([])
        self.scene.pick(Picked(link=self.link, dot=self.index))

    def begin(self, keys: Keys) -> None:
        self.click(keys)
        self.before = self.session.graph
        self.route = self.before.routes.get(str(self.link), Route())
        self.session.begin("Move the wire's dot")

    def move(self, at: QPointF, keys: Keys) -> None:
        via = list(self.route.via)
        via[self.index] = (snapped(at.x()), snapped(at.y()))
        self.session.preview(SetRoute(self.link, replace(self.route, via=tuple(via))))

    def finish(self, at: QPointF, keys: Keys) -> None:
        self.move(at, keys)
        self.settle(self.before)

    def abandon(self) -> None:
        self.session.abandon()


class Bend(Gesture):
    """A press on a wire selects it, a drag bends it with a new dot; a press on a stub goes to the other end."""

    cursor = Qt.CursorShape.ClosedHandCursor
    previews = True

    def __init__(self, canvas: Canvas, start: QPointF, hit: Hit) -> None:
        super().__init__(canvas, start)
        assert hit.link is not None
        self.link, self.hit = hit.link, hit
        self.bends = hit.what == "wire"

    def click(self, keys: Keys) -> None:
        if self.bends:
            self.session.select([])
            self.scene.pick(Picked(link=self.link))
        else:
            self.canvas.commands.jump(self.link, to_target=self.hit.is_output)

    def begin(self, keys: Keys) -> None:
        if self.bends:
            self.click(keys)
            self.before = self.session.graph
            self.route = self.before.routes.get(str(self.link), Route())
            self.place = self.scene.wires[self.link].segment(self.start)
            self.session.begin("Bend a wire")

    def move(self, at: QPointF, keys: Keys) -> None:
        if self.bends:
            via = list(self.route.via)
            via.insert(self.place, (snapped(at.x()), snapped(at.y())))
            self.session.preview(SetRoute(self.link, replace(self.route, via=tuple(via))))

    def finish(self, at: QPointF, keys: Keys) -> None:
        if self.bends:
            self.move(at, keys)
            self.settle(self.before)

    def abandon(self) -> None:
        if self.bends:
            self.session.abandon()


# ---- choosing ------------------------------------------------------------------------------------


class Choose(Gesture):
    """Drag over the void: a rubber band, or with Ctrl a lasso; Shift adds to what is selected."""

    def __init__(self, canvas: Canvas, start: QPointF, lasso: bool, ground: int = -1) -> None:
        super().__init__(canvas, start)
        self.lasso, self.ground = lasso, ground
        self.before = self.session.selection
        self.current = self.session.current

    def click(self, keys: Keys) -> None:
        if not keys & (Keys.ControlModifier | Keys.ShiftModifier):
            self.session.select([])
            self.scene.pick(Picked(frame=self.ground))

    def begin(self, keys: Keys) -> None:
        self.kept = self.before if keys & Keys.ShiftModifier else frozenset()
        self.stroke = Stroke("accent", closed=True)
        self.points = QPolygonF([self.start])
        self.scene.addItem(self.stroke)

    def move(self, at: QPointF, keys: Keys) -> None:
        if self.lasso:
            self.points.append(at)
        else:
            self.points = QPolygonF(QRectF(self.start, at).normalized())
        self.stroke.draw(self.points)
        found = self.kept | {id for id, item in self.scene.nodes.items() if self._takes(item.body())}
        if found != self.session.selection:
            self.session.select(found)

    def _takes(self, body: QRectF) -> bool:
        if self.lasso:
            return self.points.containsPoint(body.center(), Qt.FillRule.OddEvenFill)
        return self.points.boundingRect().intersects(body)

    def finish(self, at: QPointF, keys: Keys) -> None:
        self.move(at, keys)
        self.scene.removeItem(self.stroke)

    def abandon(self) -> None:
        self.scene.removeItem(self.stroke)
        self.session.select(self.before, self.current)


class Knife(Gesture):
    """Alt drag: the wires that the stroke crosses are cut."""

    cursor = Qt.CursorShape.CrossCursor

    def begin(self, keys: Keys) -> None:
        self.stroke = Stroke("error", closed=False)
        self.points = QPolygonF([self.start])
        self.cut: dict[Link, WireItem] = {}
        self.scene.addItem(self.stroke)

    def move(self, at: QPointF, keys: Keys) -> None:
        last = self.points[self.points.count() - 1]
        self.points.append(at)
        self.stroke.draw(self.points)
        for item in self.scene.items(QRectF(last, at).normalized().adjusted(-1, -1, 1, 1)):
            if isinstance(item, WireItem) and item.link not in self.cut and item.crosses(last, at):
                self.cut[item.link] = item
                item.tell(cut=True)
        count = len(self.cut)
        self.canvas.hint(f"Cuts {count} wire{'s' if count > 1 else ''}" if count else "")

    def _end(self) -> None:
        self.scene.removeItem(self.stroke)
        self.canvas.hint("")
        for wire in self.cut.values():
            wire.tell(cut=False)

    def finish(self, at: QPointF, keys: Keys) -> None:
        self.move(at, keys)
        self._end()
        if self.cut:
            cuts = tuple(Disconnect(link.target, link.socket) for link in self.cut)
            self.session.do(Group(cuts), f"Cut {len(cuts)} wires" if len(cuts) > 1 else "Cut a wire")

    def abandon(self) -> None:
        self._end()


def tried(document: Document, edit: Edit) -> Document | None:
    """Return the document with an edit made, None if it makes no sense there."""
    try:
        return edit.apply(document)[0]
    except GraphError:
        return None
