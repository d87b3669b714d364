"""Which control shows which kind of parameter: the one table that a new kind is added to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gui.controls.choice import choice_of
from gui.controls.control import Control
from gui.controls.curve import CurveControl
from gui.controls.formula import FormulaControl
from gui.controls.gradient import GradientControl
from gui.controls.number import DragNumber
from gui.controls.picture import PictureControl
from gui.controls.quantity import quantity_of
from gui.controls.seed import SeedControl
from gui.controls.swatch import SwatchControl
from gui.controls.switch import SwitchControl
from gui.controls.text import TextControl
from gui.panels.items import Item, value_text
from nodes.parameters import (
    Choice,
    Formula,
    Knots,
    Parameter,
    Picture,
    Range,
    SeedValue,
    Stops,
    Swatch,
    Switch,
    Text,
)

TABLE: dict[type[Parameter], Callable[[str, str, Any], Control]] = {
    Range: lambda name, tip, kind: DragNumber(name, quantity_of(kind), tip),
    SeedValue: lambda name, tip, kind: SeedControl(name, tip),
    Switch: lambda name, tip, kind: SwitchControl(name, tip),
    Choice: lambda name, tip, kind: choice_of(name, kind.options, tip),
    Swatch: lambda name, tip, kind: SwatchControl(name, tip, kind.high),
    Stops: lambda name, tip, kind: GradientControl(name, tip),
    Knots: lambda name, tip, kind: CurveControl(name, tip),
    Text: lambda name, tip, kind: TextControl(name, tip, kind.longest),
    Formula: lambda name, tip, kind: FormulaControl(name, tip),
    Picture: lambda name, tip, kind: PictureControl(name, tip),
}
"""By kind of parameter: what makes its control of a name, a tooltip and the kind. Derived kinds take their base's."""

WIDE = (GradientControl, CurveControl, FormulaControl)
"""Controls that take the whole width, below their label."""


def control_of(item: Item) -> Control:
    """Return a new control for an item; what nothing is known of is shown and cannot be changed."""
    for kind in type(item.parameter).__mro__:
        if kind in TABLE:
            return TABLE[kind](item.label, tip_of(item), item.parameter)
    shown = TextControl(item.label, "Nothing is known of it here; it is kept as it is")
    shown.set_read_only(True)
    return shown


def tip_of(item: Item) -> str:
    """Return what is told of a parameter: its help, its range and its default."""
    lines = [item.help[:1].upper() + item.help[1:]] if item.help else []
    if isinstance(item.parameter, Range):
        default = item.default if isinstance(item.default, int | float) else 0.0
        quantity = quantity_of(item.parameter, default)
        low, high = (quantity.typed(end) for end in (quantity.low, quantity.high))
        unit = f"\u2009{quantity.unit}" if quantity.unit else ""
        at_first = f", at first {quantity.typed(default)}{unit}" if isinstance(item.default, int | float) else ""
        lines.append(f"{low} to {high}{unit}{at_first}")
    return "\n".join(lines)


def show(control: Control, item: Item, tile_cm: float | None) -> None:
    """Show an item's value and state in its control."""
    if isinstance(control, DragNumber) and isinstance(item.parameter, Range):
        default = item.default if isinstance(item.default, int | float) else 0.0
        control.set_quantity(quantity_of(item.parameter, default, item.low, item.high, tile_cm))
    known = item.parameter is not None
    control.set_driven(item.expression)
    control.set_mixed(item.mixed)
    control.set_value(item.value if known else value_text(item.value))
    control.set_changed(item.changed)
