"""How a node is painted: header, picture, states, ports and the line below; one function a part.

A `Face` is all that painting needs to know. It holds no item and no session, so that a page of
states can be painted from made-up ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPixmap

from gui.drawing import LEFT, RIGHT, draw_port, draw_wire, rounded, text, text_width
from gui.parts import icon_pixmap
from gui.session import Look, Port
from gui.theme import RADIUS, SIZE, THEME, mix
from materials.graph import GRAPH_INPUT, GRAPH_OUTPUT, SUBGRAPH
from nodes.declare import spelled

WIDTH, HEAD, THUMB = SIZE["node"], SIZE["node_header"], SIZE["node_thumb"]
ROW = 20
FIRST_PORT, FIRST_ROW = 20, 14
NO_TEXT, NO_DETAIL = 0.45, 0.25
"""Zooms under which a node has no text, and only its picture."""
PLATE = 16
FADED, BYPASSED, FAINT = 0.55, 0.32, 0.2
"""How much is left of a picture that is not of the present graph, of a bypassed node's, and of an icon in its place."""
COSTLY, WORTH_A_BAR = 0.25, 0.1
"""Shares of the graph's time from which a node's stands out, and has a bar."""
NOTICED = 0.005
"""Seconds under which no share is worth a word: half of next to nothing is nothing."""

STRUCTURE_ICONS = {SUBGRAPH: "tree-structure", GRAPH_INPUT: "sign-in", GRAPH_OUTPUT: "sign-out"}


@dataclass
class Face:
    """What a node looks like: its name, ports and state; nothing of where it is."""

    title: str = ""
    section: str = ""
    icon: str = "puzzle-piece"
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    look: Look = field(default_factory=Look)
    linked: frozenset[str] = frozenset()
    """Inputs that are joined, by name, and outputs with a `>` before their name."""
    passing: tuple[str, str] | None = None
    """Of a bypassed node, the input and the output that it passes it to."""
    selected: bool = False
    hovered: bool = False
    bypassed: bool = False
    viewed: bool = False
    pinned: bool = False
    stacked: bool = False
    unknown: bool = False
    named: bool = False
    dimmed: frozenset[tuple[str, bool]] = frozenset()
    """Ports that the wire in hand does not fit: name, and whether it is an output."""
    hot: tuple[str, bool] | None = None
    _fine: QPixmap | None = None
    _small: QPixmap | None = None

    def forget_picture(self) -> None:
        """Make the picture anew when it is next painted: most that arrive are out of sight, or overtaken."""
        self._fine = self._small = None

    @property
    def picture(self) -> QPixmap | None:
        """The picture as it is painted, made when it is first asked for."""
        if self._fine is None and self.look.image is not None and not self.look.image.isNull():
            self._fine = picture_of(self.look.image, self.height)
        return self._fine

    @property
    def small(self) -> QPixmap | None:
        """The picture for zooms at which a node is the size of a thumb."""
        if self._small is None and self.look.image is not None and not self.look.image.isNull():
            self._small = small_of(self.look.image)
        return self._small

    @property
    def rows(self) -> bool:
        """Whether the inputs are named rows below the picture."""
        return self.section == "material" and len(self.inputs) > 3

    @property
    def height(self) -> float:
        return HEAD + THUMB + (8 + ROW * len(self.inputs) if self.rows else 0)

    def spot(self, is_output: bool, index: int) -> QPointF:
        """Return where a port is, from the node's top left corner."""
        if self.rows and not is_output:
            return QPointF(0, HEAD + THUMB + FIRST_ROW + ROW * index)
        count = len(self.outputs if is_output else self.inputs)
        # Five ports fit beside the picture at their usual distance; more of them move together.
        pitch = min(float(SIZE["port_pitch"]), (THUMB - 12) / max(count - 1, 1))
        first = FIRST_PORT if count <= 5 else 6
        return QPointF(WIDTH if is_output else 0, HEAD + first + pitch * index)


# ---- pictures, made once --------------------------------------------------------------------------


def picture_of(image: QImage, height: float) -> QPixmap:
    """Return a node's picture with the round lower corners of its node, so that painting needs no clip."""
    side = min(max(image.width(), 1), 2 * THUMB)
    scaled = image if image.width() == side else image.scaledToWidth(side, Qt.TransformationMode.SmoothTransformation)
    if height > HEAD + THUMB:  # rows follow below: the picture's corners are square
        return QPixmap.fromImage(scaled)
    made = QPixmap(scaled.size())
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius, rect = RADIUS["node"] * side / THUMB, QRectF(made.rect())
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(rect, radius, radius)
    path.addRect(QRectF(0, 0, rect.width(), rect.height() / 2))
    painter.setClipPath(path)
    painter.drawImage(0, 0, scaled)
    painter.end()
    return made


def small_of(image: QImage) -> QPixmap:
    """Return a picture for zooms at which a node is the size of a thumb."""
    return QPixmap.fromImage(image.scaledToWidth(40, Qt.TransformationMode.SmoothTransformation))


@lru_cache(maxsize=4)
def _shadow(mode: str) -> QPixmap:
    """Return the soft edge of all nodes: one picture whose middle stretches."""
    strength = 0.10 if mode == "dark" else 0.035
    made = QPixmap(64, 64)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    body = QRectF(8, 8, 48, 48)
    for step in range(4):
        ring = body.adjusted(-step, 1 - step * 0.4, step, 1.5 + step)
        rounded(painter, ring, 8 + step, None, THEME.color("shadow", strength * (1 - step / 5)), 1.5)
    painter.end()
    return made


def _draw_shadow(painter: QPainter, body: QRectF) -> None:
    """Draw the nine-patch; only its edges, as the middle is covered."""
    edge, outer = 20, body.adjusted(-8, -8, 8, 8)
    source, pixmap = 64, _shadow(THEME.mode)
    columns = ((outer.left(), edge, 0, edge), (outer.left() + edge, outer.width() - 2 * edge, edge, source - 2 * edge))
    columns += ((outer.right() - edge, edge, source - edge, edge),)
    rows = ((outer.top(), edge, 0, edge), (outer.top() + edge, outer.height() - 2 * edge, edge, source - 2 * edge))
    rows += ((outer.bottom() - edge, edge, source - edge, edge),)
    for j, (y, height, from_y, from_height) in enumerate(rows):
        for i, (x, width, from_x, from_width) in enumerate(columns):
            if i != 1 or j != 1:
                target, part = QRectF(x, y, width, height), QRectF(from_x, from_y, from_width, from_height)
                painter.drawPixmap(target, pixmap, part)


@lru_cache(maxsize=4)
def _head_path(square: bool) -> QPainterPath:
    path, radius = QPainterPath(), RADIUS["node"]
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(QRectF(0, 0, WIDTH, HEAD + 2 * radius if square else HEAD), radius, radius)
    path.addRect(QRectF(0, HEAD / 2, WIDTH, HEAD / 2))
    trimmed = QPainterPath()
    trimmed.addRect(QRectF(0, 0, WIDTH, HEAD))
    return path.intersected(trimmed)


# ---- painting ------------------------------------------------------------------------------------


def paint_face(painter: QPainter, face: Face, zoom: float) -> None:
    """Paint a node at a zoom: with all its detail, without text, or as its picture alone."""
    if zoom < NO_DETAIL:
        _paint_tiny(painter, face)
        return
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    body = QRectF(0, 0, WIDTH, face.height)
    if zoom >= NO_TEXT:
        _draw_shadow(painter, body)
    if face.stacked:
        _paint_stack(painter, body)
    _paint_body(painter, face, body)
    if zoom >= NO_TEXT:
        _paint_header(painter, face)
        _paint_foot(painter, face)
        if face.rows:
            _paint_rows(painter, face)
    _paint_line(painter, face, body)
    _paint_ports(painter, face, zoom)
    if face.named and zoom >= NO_TEXT:
        _paint_names(painter, face)


def draw_fine(painter: QPainter, rect: QRectF, pixmap: QPixmap) -> None:
    """Draw a picture into a rectangle; one much larger than that is first brought to its size without losing detail."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    side = max(round(rect.width() * painter.worldTransform().m11() * ratio), 1)
    if pixmap.width() > side * 1.25:
        pixmap = pixmap.scaledToWidth(side, Qt.TransformationMode.SmoothTransformation)
    painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))


def _paint_tiny(painter: QPainter, face: Face) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    body = QRectF(0, 0, WIDTH, face.height)
    painter.fillRect(body, _wash(face))
    small = face.small
    if small is not None:
        painter.setOpacity(_strength(face))
        painter.drawPixmap(QRectF(0, HEAD, WIDTH, THUMB), small, QRectF(small.rect()))
        painter.setOpacity(1)
    if face.look.state == "error":
        _outline(painter, body, "error")


def _outline(painter: QPainter, body: QRectF, token: str) -> None:
    """Draw two pixels round a node that is too small for anything else."""
    pen = QPen(THEME.color(token), 2)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(body)


def paint_over(painter: QPainter, face: Face, zoom: float) -> None:
    """Paint what changes for many nodes at once, over them: that they are selected, and ports that dim."""
    body = QRectF(0, 0, WIDTH, face.height)
    if face.selected and zoom < NO_DETAIL:
        _outline(painter, body, "accent")
    elif face.selected or face.dimmed:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if face.selected:
            ring = body.adjusted(-2.5, -2.5, 2.5, 2.5)
            rounded(painter, ring, RADIUS["node"] + 2.5, None, THEME.color("accent"), 2)
        if zoom >= NO_DETAIL:
            _paint_ports(painter, face, zoom, face.dimmed)


def _wash(face: Face) -> QColor:
    """Return the tint of a node's category, stronger than a header's, as there is nothing else to tell it by."""
    share = 0.1 if face.bypassed else 0.4
    return mix(THEME.color("raised"), THEME.category(face.section), share)


def _strength(face: Face) -> float:
    if face.bypassed:
        return BYPASSED
    return 1.0 if face.look.state == "ready" or face.look.frozen else FADED


def _paint_stack(painter: QPainter, body: QRectF) -> None:
    """Two edges below: there is more inside."""
    for step in (2, 1):
        card = body.adjusted(4 * step, body.height() / 2, -4 * step, 4 * step)
        rounded(painter, card, RADIUS["node"], THEME.color("field"), THEME.color("line_strong"))


def _paint_body(painter: QPainter, face: Face, body: QRectF) -> None:
    rounded(painter, body, RADIUS["node"], THEME.color("raised" if face.rows else "well"))
    head = THEME.color("raised") if face.bypassed else THEME.header(face.section)
    painter.fillPath(_head_path(True), mix(head, THEME.color("text1"), 0.08) if face.hovered else head)
    spot = QRectF(0, HEAD, WIDTH, THUMB)
    if face.unknown:
        painter.fillRect(spot.adjusted(1, 0, -1, -6), QBrush(THEME.color("line_strong"), Qt.BrushStyle.BDiagPattern))
    elif (picture := face.picture) is not None:
        painter.setOpacity(_strength(face))
        draw_fine(painter, spot, picture)
        painter.setOpacity(1)
    else:
        painter.setOpacity(FAINT)
        middle = QRectF(WIDTH / 2 - 20, HEAD + THUMB / 2 - 20, 40, 40)
        draw_fine(painter, middle, icon_pixmap(face.icon, "text1", 40))
        painter.setOpacity(1)
    painter.fillRect(QRectF(0, HEAD - 1, WIDTH, 1), THEME.color("shadow", 0.35))


def marks(face: Face) -> list[tuple[str, str]]:
    """Return the icons of a node's header and their tokens, the outermost first."""
    look = face.look
    pairs = (
        (look.frozen, "snowflake", "accent"),
        (face.bypassed, "prohibit", "text3"),
        (look.state == "error", "warning-circle-fill", "error"),
        (bool(look.warning) and look.state != "error", "warning-fill", "warning"),
        (face.viewed, "eye", "accent"),
        (face.pinned, "push-pin-fill", "accent"),
        (face.stacked, "stack", "text3"),
    )
    return [(name, token) for on, name, token in pairs if on]


def _paint_header(painter: QPainter, face: Face) -> None:
    dot = THEME.category(face.section)
    if face.bypassed:
        dot = mix(THEME.color("raised"), dot, 0.4)
    rounded(painter, QRectF(8, 8, 8, 8), 2.5, dot)
    x = float(WIDTH - 6)
    for name, token in marks(face):
        x -= 14
        draw_fine(painter, QRectF(x, 5, 14, 14), icon_pixmap(name, token, 14))
        x -= 2
    text(painter, QRectF(21, 0, x - 23, HEAD), face.title, "text3" if face.bypassed else "text1", "strong")
    if face.look.state == "computing":
        painter.fillRect(QRectF(0, HEAD - 2, WIDTH, 2), THEME.color("field"))
        painter.fillRect(QRectF(0, HEAD - 2, WIDTH * min(max(face.look.done, 0.03), 1), 2), THEME.color("accent"))


def _paint_foot(painter: QPainter, face: Face) -> None:
    """The error on the picture's foot, and the line below the node: what it costs or what it is at."""
    look = face.look
    if look.state == "error" and look.words:
        font, flags = THEME.font("caption"), int(LEFT | Qt.TextFlag.TextWordWrap)
        needed = QFontMetricsF(font).boundingRect(QRectF(0, 0, WIDTH - 14, THUMB), flags, look.words).height() + 6
        tall = min(max(needed, 35.0), THUMB - 1.0)
        foot = QRectF(1, HEAD + THUMB - 1 - tall, WIDTH - 2, tall)
        rounded(painter, foot, RADIUS["node"] - 1 if not face.rows else 0, THEME.color("error_soft"))
        painter.fillRect(foot.adjusted(0, 0, 0, -12), THEME.color("error_soft"))
        painter.setFont(font)
        painter.setPen(THEME.color("error"))
        painter.drawText(foot.adjusted(8, 1, -4, -1), flags, look.words)
    under = QRectF(0, face.height + (11 if face.stacked else 3), WIDTH, 14)
    words, token = caption(face)
    if words:
        text(painter, under, words, token, "caption", RIGHT)
    if share_of(look) >= WORTH_A_BAR and look.state == "ready" and not face.bypassed and not look.frozen:
        bar = QRectF(2, under.y() + 5.5, 48, 3)
        rounded(painter, bar, 1.5, THEME.color("line"))
        tone = "warning" if share_of(look) > COSTLY else "line_strong"
        rounded(painter, QRectF(bar.x(), bar.y(), max(3.0, 48 * min(look.share, 1)), 3), 1.5, THEME.color(tone))


def caption(face: Face) -> tuple[str, str]:
    """Return what the line below a node says, and its token."""
    look = face.look
    if look.state == "computing":
        return look.words, "text3"
    if look.state == "waiting" and look.words:
        return look.words, "text3"
    if face.bypassed or look.seconds is None:
        return "", "text3"
    if look.frozen:
        return f"frozen, saves {duration(look.seconds)}", "text3"
    return duration(look.seconds), "warning" if share_of(look) > COSTLY else "text3"


def share_of(look: Look) -> float:
    """Return a node's share of the time that the graph takes, 0 where that is too little to notice."""
    return look.share if (look.seconds or 0) >= NOTICED else 0.0


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds >= 1:
        return f"{seconds:.1f}\N{NO-BREAK SPACE}s"
    milliseconds = seconds * 1000
    return (
        f"{milliseconds:.0f}\N{NO-BREAK SPACE}ms" if milliseconds >= 0.95 else f"{milliseconds:.1f}\N{NO-BREAK SPACE}ms"
    )


def _paint_rows(painter: QPainter, face: Face) -> None:
    for index, port in enumerate(face.inputs):
        y = face.spot(False, index).y()
        text(painter, QRectF(12, y - 10, WIDTH - 16, ROW), words_of(port.name), "text2", "caption")


def words_of(name: str) -> str:
    """Return a port's name as it is read."""
    return spelled(name)


def _paint_line(painter: QPainter, face: Face, body: QRectF) -> None:
    inner = body.adjusted(0.5, 0.5, -0.5, -0.5)
    if face.bypassed:
        painter.setPen(QPen(THEME.color("text3"), 1.25, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(inner, RADIUS["node"], RADIUS["node"])
        _paint_passing(painter, face)
    else:
        error = face.look.state == "error"
        line = THEME.color("error") if error else THEME.color("text3") if face.hovered else THEME.color("text1", 0.09)
        rounded(painter, inner, RADIUS["node"], None, line)


def _paint_passing(painter: QPainter, face: Face) -> None:
    """The wire that goes straight through a bypassed node."""
    if face.passing is None:
        return
    read, made = face.passing
    ins, outs = [port.name for port in face.inputs], [port.name for port in face.outputs]
    if read in ins and made in outs:
        path = QPainterPath(face.spot(False, ins.index(read)))
        path.lineTo(face.spot(True, outs.index(made)))
        draw_wire(painter, face.outputs[outs.index(made)].kind, path, THEME.color("raised"))


def _paint_ports(painter: QPainter, face: Face, zoom: float, dims: frozenset[tuple[str, bool]] = frozenset()) -> None:
    behind = THEME.color("canvas")
    size = SIZE["port"] if zoom >= NO_TEXT else 6 / zoom * NO_TEXT
    for is_output, ports in ((False, face.inputs), (True, face.outputs)):
        crowded = len(ports) > 7 and not (face.rows and not is_output)
        for index, port in enumerate(ports):
            key = (port.name, is_output)
            linked = (">" + port.name if is_output else port.name) in face.linked
            dimmed, hot = key in dims, face.hot == key
            spot = face.spot(is_output, index)
            draw_port(painter, port.kind, spot, behind, linked, size * (0.8 if crowded else 1), dimmed, hot)


def _paint_names(painter: QPainter, face: Face) -> None:
    """Names beside the ports, on plates of the canvas's colour, so that wires do not strike them."""
    for is_output, ports in ((False, face.inputs), (True, face.outputs)):
        if face.rows and not is_output:
            continue
        for index, port in enumerate(ports):
            key, words = (port.name, is_output), words_of(port.name)
            spot, width = face.spot(is_output, index), text_width(words, "caption")
            left = spot.x() + 12 if is_output else spot.x() - 12 - width
            plate = QRectF(left - 4, spot.y() - PLATE / 2, width + 8, PLATE)
            rounded(painter, plate, RADIUS["field"], THEME.color("canvas", 0.85))
            token = "text4" if key in face.dimmed else "text1" if face.hot == key else "text2"
            text(painter, plate.adjusted(4, 0, -4, 0), words, token, "caption")


def names_width(face: Face) -> float:
    """Return how far names of ports reach out of a node."""
    return max((text_width(words_of(port.name), "caption") for port in (*face.inputs, *face.outputs)), default=0) + 20
