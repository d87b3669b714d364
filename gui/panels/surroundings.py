"""What a control shows beside its value: a gradient's space, what comes into a curve, whether a seed is kept."""

from __future__ import annotations

from collections.abc import Collection

from gui.controls.curve import CurveControl
from gui.controls.gradient import GradientControl
from gui.controls.seed import SeedControl
from gui.panels.items import is_space
from gui.panels.row import ParameterRow
from gui.panels.sources import histogram
from gui.session import Session
from materials.driving import Place
from materials.graph import Node


def show_around(row: ParameterRow, session: Session, locked: Collection[Place]) -> None:
    """Show in a row's control what depends on more than its value."""
    control, (id, _) = row.control, row.item.places[0]
    node = session.graph.nodes.get(id)
    if node is None:
        return
    if isinstance(control, GradientControl):
        space = _space_of(node)
        control.set_space(str(node.parameters.get(space)) if space else None)
        if "interpolation" in node.parameters:
            control.set_interpolation(str(node.parameters["interpolation"]))
    if isinstance(control, CurveControl):
        control.set_histogram(histogram(session, id))
    if isinstance(control, SeedControl):
        control.set_locked(all(place in locked for place in row.item.places))


def _space_of(node: Node) -> str | None:
    fields = node.type.fields if node.type is not None else ()
    return next((field.name for field in fields if is_space(field.name, field.parameter)), None)
