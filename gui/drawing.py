"""What several widgets and the canvas paint alike: text, rounded boxes, ports and wires.

Each function sets the pen and the brush that it needs: painters come in any state.
"""

from __future__ import annotations

from functools import cache

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from gui.theme import KINDS, KINDS_DRAWN_AS, SIZE, THEME, mix

LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
CENTRE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignHCenter

DIMMED = 0.22
"""How much of a port's colour is left where the wire in hand does not fit."""

HOT = 1.4
"""How much larger a port is drawn while the wire in hand snaps to it."""


@cache
def _font(role: str) -> QFont:
    """Return the font of a role, made once: much is written at each step of a drag. Nobody changes it."""
    return THEME.font(role, tabular=True)


@cache
def _metrics(role: str) -> QFontMetricsF:
    return QFontMetricsF(_font(role))


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    token: str = "text1",
    role: str = "body",
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """Draw one line of text, elided where it does not fit."""
    painter.setFont(_font(role))
    painter.setPen(THEME.color(token))
    shown = _metrics(role).elidedText(words, Qt.TextElideMode.ElideRight, rect.width() + 1)
    painter.drawText(rect, int(align), shown)


def text_width(words: str, role: str = "body") -> float:
    """Return how wide a line of text is."""
    return _metrics(role).horizontalAdvance(words)


def rounded(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    line: QColor | None = None,
    width: float = 1,
) -> None:
    """Draw a box with round corners, filled, outlined or both."""
    painter.setPen(QPen(line, width) if line else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, radius, radius)


# ---- ports ---------------------------------------------------------------------------------------

_HEXAGON = ((1, 0), (0.5, 0.87), (-0.5, 0.87), (-1, 0), (-0.5, -0.87), (0.5, -0.87))
_TRIANGLE = ((-0.85, -1.12), (1.25, 0), (-0.85, 1.12))
_ARM, _END = 0.46, 1.15
_CROSS = (
    (-_ARM, -_END),
    (_ARM, -_END),
    (_ARM, -_ARM),
    (_END, -_ARM),
    (_END, _ARM),
    (_ARM, _ARM),
    (_ARM, _END),
    (-_ARM, _END),
    (-_ARM, _ARM),
    (-_END, _ARM),
    (-_END, -_ARM),
    (-_ARM, -_ARM),
)


def port_path(shape: str, centre: QPointF, size: float) -> QPainterPath:
    """Return the outline of a port; all shapes have about the same area, so that none shouts."""
    path, r = QPainterPath(), size / 2
    x, y = centre.x(), centre.y()
    if shape in ("circle", "ring"):
        path.addEllipse(centre, r, r)
    elif shape == "square":
        path.addRoundedRect(QRectF(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r), 1.5, 1.5)
    elif shape == "pill":
        path.addRoundedRect(QRectF(x - r * 0.8, y - r * 1.5, r * 1.6, r * 3), r * 0.8, r * 0.8)
    else:
        corners = {"triangle": _TRIANGLE, "hexagon": _HEXAGON, "cross": _CROSS}[shape]
        scale = r * 1.1 if shape == "hexagon" else r
        path.addPolygon(QPolygonF([QPointF(x + scale * dx, y + scale * dy) for dx, dy in corners]))
    path.closeSubpath()
    return path


def draw_port(
    painter: QPainter,
    kind: str,
    centre: QPointF,
    behind: QColor,
    linked: bool = True,
    size: float = SIZE["port"],
    dimmed: bool = False,
    hot: bool = False,
) -> None:
    """Draw a port: hollow while nothing is joined, cut out of what lies behind by a ring of that colour."""
    colour, shape = THEME.wire(kind), KINDS[KINDS_DRAWN_AS.get(kind, kind)].shape
    if dimmed:
        colour = mix(behind, colour, DIMMED)
    if hot:
        size *= HOT
        halo = QColor(colour)
        halo.setAlphaF(0.28)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(halo)
        painter.drawEllipse(centre, size * 1.05, size * 1.05)
    path = port_path(shape, centre, size)
    painter.setPen(QPen(behind, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(behind)
    painter.drawPath(path)
    painter.setPen(QPen(colour, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(colour if linked and shape != "ring" else behind)
    painter.drawPath(path)
    if shape == "ring" and linked:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(centre, size * 0.24, size * 0.24)


# ---- wires ---------------------------------------------------------------------------------------


def wire_path(start: QPointF, end: QPointF) -> QPainterPath:
    """Return a wire from an output to an input: level where it leaves and where it arrives."""
    reach = min(max(abs(end.x() - start.x()) * 0.5, 28), 150)
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
    return path


def wire_pen(kind: str, colour: QColor) -> QPen:
    """Return a pen of the width and dash of a wire kind."""
    look = KINDS[KINDS_DRAWN_AS.get(kind, kind)]
    pen = QPen(colour, look.width)
    if look.dash:
        round_ends = look.dash[0] < 1 or len(look.dash) > 2
        pen.setDashPattern(list(look.dash))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap if round_ends else Qt.PenCapStyle.FlatCap)
    return pen


def draw_plain_wire(painter: QPainter, kind: str, path: QPainterPath) -> None:
    """Draw a wire's line alone, not cut out of what lies behind: for while everything moves."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(wire_pen(kind, THEME.wire(kind)))
    painter.drawPath(path)


def draw_wire(
    painter: QPainter,
    kind: str,
    path: QPainterPath,
    behind: QColor,
    dimmed: bool = False,
    selected: bool = False,
    bad: bool = False,
) -> None:
    """Draw a wire in the colour, width and dash of its kind; a bad one in the colour of errors."""
    kind = KINDS_DRAWN_AS.get(kind, kind)
    look = KINDS[kind]
    colour = THEME.color("error") if bad else THEME.wire(kind)
    if dimmed:
        colour = mix(behind, colour, 0.25)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if selected:
        halo = QPen(THEME.color("accent", 0.45), look.width + 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(halo)
        painter.drawPath(path)
    painter.setPen(QPen(behind, look.width + 2.5))
    painter.drawPath(path)
    painter.setPen(QPen(colour, look.width) if bad else wire_pen(kind, colour))
    painter.drawPath(path)
    if kind == "Material":
        painter.setPen(QPen(behind, 1.25))
        painter.drawPath(path)


def draw_close(painter: QPainter, centre: QPointF, token: str = "text3") -> None:
    """Draw a cross that closes something."""
    painter.setPen(QPen(THEME.color(token), 1.25, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for sign in (1, -1):
        painter.drawLine(centre + QPointF(-3.5, -3.5 * sign), centre + QPointF(3.5, 3.5 * sign))
