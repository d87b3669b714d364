"""The canvas: the view of the scene, which turns what mouse, wheel, keys and drops say into gestures and actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QHideEvent,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPixmap,
    QShowEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QToolTip, QWidget

from gui.canvas import actions, drops
from gui.canvas.commands import COLUMN, Commands
from gui.canvas.faces import HEAD, WIDTH
from gui.canvas.gestures import Bend, Choose, Gesture, Keys, Knife, Move, MoveDot, Resize, snapped
from gui.canvas.overlays import Corner, EmptyWords, Hint, Levels, is_bare
from gui.canvas.scene import NOTHING, GraphScene, Hit, Picked
from gui.canvas.sight import Sight
from gui.canvas.tips import tip_of
from gui.canvas.wires import HandWire, WireItem
from gui.canvas.wiring import DrawWire
from gui.canvas.writing import Writer
from gui.drawing import rounded
from gui.session import Session
from gui.theme import THEME
from materials.edits import Disconnect
from materials.graph import Link

DRAG = 4
"""How far the pointer goes, in pixels, before a press is a drag."""
EDGE, EDGE_STEP, EDGE_EVERY = 20, 14, 16
"""Nearer to the edge than this the canvas moves under a gesture: by so many pixels, every so many milliseconds."""


class Canvas(Sight):
    """The node editor of a session."""

    searching = pyqtSignal(QPointF, object)
    """A node is wanted at a place of the canvas: (id, port, is_output) that it shall fit, or None."""
    dropped = pyqtSignal(list, QPointF)
    """Files were dropped: their paths, and where."""
    pinning = pyqtSignal(str)
    """A node is to have a view of its own."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.gesture: Gesture | None = None
        self.held = self._keys = Keys.NoModifier
        self._last = QPoint()
        self._pressed: QPoint | None = None
        self.dragging = False
        self._panning: QPoint | None = None
        self._hovered = Hit()
        self._kept_wire: HandWire | None = None
        self._left: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self._level = session.level
        self.drops = drops.Drops(self)
        self._edge = QTimer(self)
        self._edge.setInterval(EDGE_EVERY)
        self.setAccessibleName("Node canvas")
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(320, 200)
        self.graph_scene = GraphScene(session, self)
        self.commands = Commands(self)
        self.writer = Writer(self, self.graph_scene, self.commands)
        view = self._view()
        view.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # else scrolling paints all anew
        self.levels, self.corner = Levels(self, view), Corner(self, view)
        self.words, self._hint = EmptyWords(view), Hint(view)
        self.named_actions = actions.actions(self)
        self.setScene(self.graph_scene)
        self._connect()
        self._edited()
        self.place_overlays()

    def _connect(self) -> None:
        session, scene = self.session, self.graph_scene
        session.edited.connect(self._edited)
        session.entered.connect(self._entered)
        session.selection_changed.connect(self._refresh_actions)
        session.titled.connect(self.levels.refresh)
        scene.shots.settled.connect(self._settled)
        scene.picked_changed.connect(self._refresh_actions)
        self._edge.timeout.connect(self._pan_at_edge)

    # ---- for the window ----

    def actions_registry(self) -> list[QAction]:
        """Return all actions of the canvas, in the order of its menus."""
        return list(self.named_actions.values())

    def place(self) -> QPointF:
        """Return where a node goes that is added by key: under the pointer, or to the right of the current node."""
        if self._under_pointer():
            at = self.pointer()
            return QPointF(snapped(at.x() - WIDTH / 2), snapped(at.y() - HEAD))
        node = self.session.graph.nodes.get(self.session.current or "")
        if node is not None:
            return QPointF(snapped(node.position[0] + COLUMN), snapped(node.position[1]))
        middle = self.centre()
        return QPointF(snapped(middle.x() - WIDTH / 2), snapped(middle.y() - 72))

    def view_state(self) -> dict[str, Any]:
        """Return where the canvas is left, as a document keeps it."""
        middle = self.centre()
        return {"centre": [round(middle.x(), 1), round(middle.y(), 1)], "zoom": round(self.zoom, 4)}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        """Go where the canvas was left; everything is shown where nothing is said."""
        if "centre" not in state:
            self.home()
            return
        self.fitted = True
        self._set_zoom(float(state.get("zoom", 1)))
        self.centerOn(QPointF(*state["centre"]))

    def set_pinned(self, ids: frozenset[str]) -> None:
        """Mark the nodes that views are pinned on."""
        self.graph_scene.set_pinned(ids)

    def keep_wire(self, wire: HandWire | None) -> None:
        """Keep a wire that was let go in the void in sight, until the search for its other end is over: then None."""
        if self._kept_wire is not None:
            self.graph_scene.removeItem(self._kept_wire)
        self._kept_wire = wire

    def search(self) -> None:
        """Ask for a search, at the place where a node goes."""
        self.searching.emit(self.place(), None)

    # ---- what is seen ----

    def home(self) -> None:
        """Show the whole graph."""
        self.show_rect(self.graph_scene.bounds())

    def fit(self) -> None:
        """Show the selected nodes, or all."""
        ids = self.session.selection
        self.show_rect(self.graph_scene.bounds(ids), 1.5 if ids else 1.0)

    # ---- following the session ----

    def _edited(self, old: object = None, new: object = None) -> None:
        if self.dragging and self.gesture is not None and not self.gesture.previews:
            self._drop_gesture()  # what it holds may be gone
        self.levels.refresh()
        self.words.setVisible(is_bare(self.session.graph))
        self._refresh_actions()

    def _refresh_actions(self) -> None:
        actions.refresh(self)

    def _entered(self) -> None:
        """Another level: the gesture is over, and the view is where it was left there."""
        self._drop_gesture()
        self._hovered = Hit()
        self._left[self._level] = self.view_state()
        self._level = self.session.level
        self._edited()
        state = self._left.get(self._level) or self.session.graph.view
        self.restore_view(state)

    def _settled(self) -> None:
        """Paint finely what was painted in haste."""
        self._view().update()

    # ---- overlays ----

    def hint(self, words: str, bad: bool = False) -> None:
        """Say something beside the pointer; nothing takes it away."""
        self._hint.say(words, bad, self._last)

    def swatch(self, section: str) -> QIcon:
        """Return a colour of frames as a menu shows it."""
        pixmap = QPixmap(QSize(32, 32))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, QRectF(4, 4, 24, 24), 6, THEME.category(section))
        painter.end()
        return QIcon(pixmap)

    def place_overlays(self) -> None:
        view = self._view()
        self.corner.set_zoom(self.zoom)
        self.levels.move(8, 8)
        self.corner.move(view.width() - self.corner.width() - 12, view.height() - self.corner.height() - 10)
        self.words.move((view.width() - self.words.width()) // 2, view.height() - self.words.height() - 14)

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if not self.fitted:
            self.restore_view(self.session.graph.view)
        self.place_overlays()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "named_actions"):
            actions.redraw(self)
            self._view().update()

    # ---- mouse ----

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() != Qt.MouseButton.MiddleButton:
            self._drop_gesture()  # its release went to another window, or it is no longer wanted
        self._last = event.position().toPoint()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = self._last
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.held = event.modifiers()
            self._pressed, self.dragging = self._last, False
            self.gesture = self._gesture(self.mapToScene(self._last), event.modifiers())

    def _gesture(self, at: QPointF, keys: Keys) -> Gesture:
        """Return the gesture that a press begins."""
        hit = self.graph_scene.hit(at, self.zoom)
        if hit.what == "port":
            return DrawWire(self, at, hit)
        if hit.on_node:
            return Move(self, at, node=hit.node)
        if keys & Keys.AltModifier:
            return Knife(self, at)
        if hit.what == "dot" and hit.link is not None:
            return MoveDot(self, at, hit.link, hit.index)
        if hit.what in ("wire", "stub") and hit.link is not None:
            return Bend(self, at, hit)
        if hit.what == "corner":
            return Resize(self, at, hit.index)
        if hit.what == "title":
            return Move(self, at, frame=hit.index)
        return Choose(self, at, bool(keys & Keys.ControlModifier), hit.index if hit.what == "ground" else -1)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        self._last = event.position().toPoint()
        if self._panning is not None:
            by, self._panning = self._last - self._panning, self._last
            self.graph_scene.shots.hurry()
            self.pan_by(by.x(), by.y())
        elif self.gesture is not None and self._pressed is not None:
            self._drag(event.modifiers())
        elif not event.buttons():
            self._hover(self.graph_scene.hit(self.mapToScene(self._last), self.zoom))

    def _drag(self, keys: Keys) -> None:
        assert self.gesture is not None
        assert self._pressed is not None
        if not self.dragging:
            if (self._last - self._pressed).manhattanLength() < DRAG:
                return
            self.dragging = True
            self._hover(Hit())
            self.setCursor(self.gesture.cursor)
            self.gesture.begin(keys)
        self.gesture.move(self.mapToScene(self._last), keys)
        self._keys = keys
        if self._beyond() != (0, 0):
            self._edge.start()
        else:
            self._edge.stop()

    def _beyond(self) -> tuple[int, int]:
        """Return to which edges the pointer is near: -1, 0 or 1 across and down."""
        inner = self._view().rect().adjusted(EDGE, EDGE, -EDGE, -EDGE)
        x, y = self._last.x(), self._last.y()
        return (x > inner.right()) - (x < inner.left()), (y > inner.bottom()) - (y < inner.top())

    def _pan_at_edge(self) -> None:
        """Move the canvas on while something is dragged to its edge."""
        if self.gesture is None or not self.dragging:
            self._edge.stop()
            return
        x, y = self._beyond()
        self.pan_by(-x * EDGE_STEP, -y * EDGE_STEP)
        self.gesture.move(self.mapToScene(self._last), self._keys)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        self._last = event.position().toPoint()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = None
            self.unsetCursor()
        elif event.button() == Qt.MouseButton.LeftButton and self.gesture is not None:
            gesture, dragging = self.gesture, self.dragging
            self.gesture, self._pressed, self.dragging = None, None, False
            self.unsetCursor()
            if dragging:
                gesture.finish(self.mapToScene(self._last), event.modifiers())
            else:
                gesture.click(event.modifiers())

    def _drop_gesture(self) -> bool:
        """Give up the gesture that is on; whether there was one."""
        gesture, dragging = self.gesture, self.dragging
        self.gesture, self._pressed, self.dragging = None, None, False
        self.unsetCursor()
        if gesture is not None and dragging:
            gesture.abandon()
            self.hint("")
        return gesture is not None

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        at = self.mapToScene(event.position().toPoint())
        hit = self.graph_scene.hit(at, self.zoom)
        if hit.what == "header":
            self.writer.title(hit.node)
        elif hit.what == "body":
            inner = self.session.inside(self.session.graph.nodes[hit.node])
            self.session.enter(hit.node) if inner is not None else self.session.show(hit.node)
        elif hit.what == "wire" and hit.link is not None:
            self.commands.add_dot(hit.link, at)
        elif hit.on_frame and hit.what != "ground":
            self.writer.frame(hit.index)
        else:
            self.mousePressEvent(event)

    def _hover(self, hit: Hit) -> None:
        """Light up what the pointer is over."""
        old, self._hovered = self._hovered, hit
        if old == hit:
            return
        if old.node != hit.node:
            for id, on in ((old.node, False), (hit.node, True)):
                if (item := self.graph_scene.nodes.get(id)) is not None:
                    item.tell(hovered=on, named=on)
        for frame in self.graph_scene.frames:
            frame.tell(hovered=hit.on_frame and hit.what != "ground" and frame.index == hit.index)
        shapes = {"port": Qt.CursorShape.CrossCursor, "corner": Qt.CursorShape.SizeFDiagCursor}
        shapes |= {"stub": Qt.CursorShape.PointingHandCursor, "dot": Qt.CursorShape.OpenHandCursor}
        self.setCursor(shapes[hit.what]) if hit.what in shapes else self.unsetCursor()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._drop_gesture()

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self._hover(Hit())

    def wire_under(self, body: QRectF) -> WireItem | None:
        """Return the wire that runs through the middle of a node's rectangle, if it is not one of its own."""
        inner = body.adjusted(12, 12, -12, -12)
        wires = [item for item in self.graph_scene.items(inner) if isinstance(item, WireItem) and not item.portal]
        near = [(wire.distance(body.center()), index) for index, wire in enumerate(wires)]
        away, index = min(near, default=(0.0, -1))
        return wires[index] if index >= 0 and away < body.height() / 2 - 12 else None

    # ---- wheel, keys, menus, tips ----

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is None:
            return
        pad = event.phase() != Qt.ScrollPhase.NoScrollPhase and not event.pixelDelta().isNull()
        if pad and not event.modifiers() & Keys.ControlModifier:
            self.graph_scene.shots.hurry()
            self.pan_by(event.pixelDelta().x(), event.pixelDelta().y())
        elif event.angleDelta().y():
            self.graph_scene.shots.hurry()
            self.zoom_at(event.position(), 1.0015 ** event.angleDelta().y())
        event.accept()

    def viewportEvent(self, event: QEvent | None) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.graph_scene.shots.hurry()
            self.zoom_at(event.position(), 1 + event.value())
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = tip_of(self.session, self.graph_scene.hit(self.mapToScene(event.pos()), self.zoom))
            QToolTip.showText(event.globalPos(), words, self._view())
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() == Qt.Key.Key_Escape and (self._drop_gesture() or self._clear()):
            return
        if self.gesture is not None and self.dragging and event.modifiers() != self.held:
            self._drag(event.modifiers())  # a key that changes what the gesture does, pressed on its way
        event.ignore()

    def _clear(self) -> bool:
        """Select nothing; whether anything was."""
        had = bool(self.session.selection) or self.graph_scene.picked != NOTHING
        self.session.select([])
        self.graph_scene.pick(NOTHING)
        return had

    def focusNextPrevChild(self, next: bool) -> bool:
        return False  # Tab adds a node here; F6 goes to the next panel

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is None:
            return
        self._drop_gesture()
        self._last = event.pos()
        hit = self.graph_scene.hit(self.mapToScene(event.pos()), self.zoom)
        self.take_hold(hit)
        actions.pop_up(self, hit, event.globalPos())

    def take_hold(self, hit: Hit) -> None:
        """Select what a menu is asked for, unless it is selected already."""
        if hit.on_node and hit.node not in self.session.selection:
            self.session.select([hit.node], hit.node)
        elif hit.link is not None:
            self.session.select([])
            self.graph_scene.pick(Picked(link=hit.link, dot=hit.index if hit.what == "dot" else -1))
        elif hit.on_frame and hit.what != "ground":
            self.session.select([])
            self.graph_scene.pick(Picked(frame=hit.index))

    def cut_link(self, link: Link) -> None:
        """Take one link away."""
        self.session.do(Disconnect(link.target, link.socket), f"Take off {self.graph_scene.name(link.source)}")

    # ---- drops ----

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and drops.takes(event):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:
        if event is not None and drops.takes(event):
            event.acceptProposedAction()
            self.drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        self.drops.light(None)

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None and drops.takes(event):
            self.drops.drop(event)
            event.acceptProposedAction()
