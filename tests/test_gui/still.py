"""What tests of the canvas share: a session that computes nothing, small graphs, and a mouse that holds its button."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QImage, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from gui.canvas import Canvas
from gui.session import Look, Session
from materials.edits import Connect
from materials.graph import Document, Link, Node
from nodes.catalogue import node_type

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


class StillSession(Session):
    """A session whose pictures are put in by hand."""

    def __init__(self, document: Document | None = None) -> None:
        super().__init__(document)
        self.looks: dict[str, Look] = {}
        self.refusals: list[str] = []
        self.refused.connect(self.refusals.append)

    def evaluate(self) -> None:
        """Pictures stay as they are."""

    def look(self, id: str) -> Look:
        return self.looks.get(id, Look())

    def put(self, id: str, look: Look) -> None:
        """Give a node a picture or a state."""
        self.looks[id] = look
        self.pictured.emit(frozenset({id}))

    @property
    def steps(self) -> int:
        """How many steps can be taken back."""
        return len(self.history._done)


def plain(colour: str = "#777777", size: int = 64) -> QImage:
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


def node(id: str, key: str, x: float, y: float, **more: object) -> Node:
    kind = node_type(key)
    parameters = kind.defaults() if kind is not None else {}
    return Node(id, key, kind.version if kind else 1, parameters=parameters, position=(x, y), **more)  # type: ignore[arg-type]


def graph(*nodes: Node, links: tuple[str, ...] = (), **more: object) -> Document:
    """Return a document of nodes and links written `a.out -> b.image`."""
    document = Document(nodes={each.id: each for each in nodes}, **more)  # type: ignore[arg-type]
    for text in links:
        source, _, target = text.partition(" -> ")
        link = Link(*source.split("."), *target.split("."))  # type: ignore[call-arg]
        document = Connect(link).apply(document)[0]
    return document


def chain() -> Document:
    """Return noise, blurred and levelled; cells beside them that nothing reads."""
    return graph(
        node("noise", "fbm", 0, 0),
        node("blur", "blur", 200, 0),
        node("levels", "levels", 400, 0),
        node("cells", "bricks", 0, 240),
        node("pick", "region_random", 400, 240),
        links=("noise.out -> blur.image", "blur.out -> levels.image"),
    )


class Mouse:
    """Presses, moves and releases on a canvas, at places of the scene."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        view = canvas.viewport()
        assert view is not None
        self.view = view

    def at(self, place: QPointF) -> QPoint:
        return self.canvas.mapFromScene(place)

    def press(self, place: QPointF, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.mousePress(self.view, LEFT, keys, self.at(place))

    def move(self, place: QPointF, keys: Qt.KeyboardModifier = NO_KEYS, held: Qt.MouseButton = LEFT) -> None:
        at = QPointF(self.at(place))
        where = QPointF(self.view.mapToGlobal(at.toPoint()))
        event = QMouseEvent(QMouseEvent.Type.MouseMove, at, where, Qt.MouseButton.NoButton, held, keys)
        QApplication.sendEvent(self.view, event)

    def release(self, place: QPointF, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.mouseRelease(self.view, LEFT, keys, self.at(place))

    def hold(self, start: QPointF, *places: QPointF, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        """Press and move in small steps, and keep the button down."""
        self.press(start, keys)
        last = start
        for place in places:
            for step in range(1, 6):
                self.move(last + (place - last) * (step / 5), keys)
            last = place

    def drag(self, start: QPointF, *places: QPointF, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.hold(start, *places, keys=keys)
        self.release(places[-1], keys)

    def click(self, place: QPointF, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.mouseClick(self.view, LEFT, keys, self.at(place))

    def double(self, place: QPointF) -> None:
        QTest.mouseDClick(self.view, LEFT, NO_KEYS, self.at(place))

    def output(self, id: str, name: str = "out") -> QPointF:
        spot = self.canvas.graph_scene.nodes[id].spot(name, True)
        assert spot is not None
        return spot

    def input(self, id: str, name: str = "image") -> QPointF:
        spot = self.canvas.graph_scene.nodes[id].spot(name, False)
        assert spot is not None
        return spot

    def body(self, id: str) -> QPointF:
        return self.canvas.graph_scene.nodes[id].body().center()
