"""What a number is to an artist: its unit, how it is written, how far a drag takes it, what may be typed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from gui.controls.sums import value_of
from nodes.parameters import Angle, Length, Range

DRAG = 200
"""Pixels of a drag from one end of the soft range to the other."""

THIN, MINUS = "\u2009", "−"
PARTS = ("of the tile", "of the picture", "of the room")


@dataclass(frozen=True)
class Quantity:
    """A number with a hard range, which typing may use up, and a soft one, which is drawn and dragged in.

    scale : from the value to what is written, 100 for fractions written in %.
    units : what each unit that may be typed multiplies by, in terms of what is written.
    """

    low: float
    high: float
    soft_low: float
    soft_high: float
    whole: bool = False
    scale: float = 1.0
    unit: str = ""
    snap: float = 0.0
    units: Mapping[str, float] = field(default_factory=dict)

    @property
    def span(self) -> float:
        """How long the soft range is, as it is written."""
        return (self.soft_high - self.soft_low) * self.scale

    @property
    def two_sided(self) -> bool:
        """Whether the soft range has as much below 0 as above."""
        return self.soft_low == -self.soft_high

    @property
    def decimals(self) -> int:
        """How many decimals tell a drag's pixels apart."""
        if self.whole or self.span <= 0:
            return 0
        return min(max(math.ceil(-math.log10(self.span / 100) - 1e-9), 1 if self.snap else 0), 5)

    @property
    def step(self) -> float:
        """How far an arrow goes, as it is written."""
        step = nice(self.span / 100)
        return max(step, 1.0) if self.whole else step

    @property
    def wide_step(self) -> float:
        """What Ctrl snaps to, as it is written."""
        step = self.snap or nice(self.span / 20)
        return max(step, 1.0) if self.whole else step

    def place(self, value: float) -> float:
        """Return where in the soft range a value lies, 0 to 1."""
        if self.soft_high <= self.soft_low:
            return 0.0
        return min(max((value - self.soft_low) / (self.soft_high - self.soft_low), 0.0), 1.0)

    def written(self, value: float) -> str:
        """Return the number as it is read: real minus, thin spaces between thousands, never 0 for what is not 0."""
        number, decimals = value * self.scale, self.decimals
        while decimals < 6 and not self.whole and abs(round(number, decimals) - number) > 0.01 * abs(number):
            decimals += 1
        text = f"{number:,.{decimals}f}".replace(",", THIN).replace("-", MINUS)
        return text[1:] if text.startswith(MINUS) and not text.strip(f"{MINUS}0.{THIN}") else text

    def typed(self, value: float) -> str:
        """Return the number as it stands in the field that is typed in: all its digits."""
        return f"{value * self.scale:.10g}".replace("-", MINUS)

    def read(self, text: str) -> float | int:
        """Return the value of what was typed; whether it is in range is for the parameter to say.

        Raises
        ------
        SumError
            If it is no sum, or has units that do not fit.
        """
        value = value_of(text, self.units) / self.scale
        # What is typed is decimal: 0.3 % shall be 0.003, not 0.0029999999999999996.
        return self._tidy(float(f"{value:.12g}"))

    def moved(self, start: float, share: float, fine: bool = False, snapped: bool = False) -> float | int:
        """Return where a drag over `share` of the soft range leads from `start`."""
        low, high = min(self.soft_low, start), max(self.soft_high, start)
        value = min(max(start + share * (self.soft_high - self.soft_low), low), high)
        grid = self.wide_step if snapped else 10.0 ** -(self.decimals + (1 if fine and not self.whole else 0))
        value = round(value * self.scale / grid) * grid / self.scale
        return self._tidy(float(f"{min(max(value, self.low), self.high):.12g}"))

    def stepped(self, value: float, steps: float) -> float | int:
        """Return the value some arrow steps further, inside the hard range."""
        further = value + steps * self.step / self.scale
        if self.whole:
            further = value + math.copysign(max(1, round(abs(steps) * self.step)), steps)
        return self._tidy(float(f"{min(max(further, self.low), self.high):.12g}"))

    def _tidy(self, value: float) -> float | int:
        return int(value) if self.whole and value == int(value) else value


def nice(number: float) -> float:
    """Return the next number of 1, 2 or 5 times a power of ten that is not below `number`."""
    if number <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(number))
    return float(f"{next(m for m in (1, 2, 5, 10) if m * power >= number * (1 - 1e-9)) * power:.12g}")


def quantity_of(
    parameter: Range,
    default: float = 0.0,
    low: float | None = None,
    high: float | None = None,
    tile_cm: float | None = None,
) -> Quantity:
    """Return how a parameter's numbers are shown.

    low, high : the soft range, where whoever exposed the parameter gave one.
    tile_cm : the width of what the tile depicts, with which lengths may be typed in cm.
    """
    default = min(max(default, parameter.low), parameter.high)
    soft_low, soft_high = _soft(parameter, default)
    soft_low, soft_high = min(soft_low, default), max(soft_high, default)
    soft_low, soft_high = (soft_low if low is None else low), (soft_high if high is None else high)
    if soft_high <= soft_low:
        soft_low, soft_high = parameter.low, parameter.high
    part = isinstance(parameter, Length) or parameter.unit in PARTS
    turn = isinstance(parameter, Angle)
    units: dict[str, float] = {"%": 0.01}
    if turn:
        units = {"°": 1.0, "deg": 1.0, "rad": math.degrees(1), "turn": 360.0}
    elif part:
        units = {"%": 1.0}
        if tile_cm and parameter.unit == "of the tile":
            units |= {"cm": 100 / tile_cm, "mm": 10 / tile_cm, "m": 10000 / tile_cm}
    elif parameter.unit == "cm":
        units = {"cm": 1.0, "mm": 0.1, "m": 100.0}
    elif parameter.unit:
        units = {parameter.unit: 1.0} if parameter.unit.isalpha() else {}
    return Quantity(
        low=parameter.low,
        high=parameter.high,
        soft_low=soft_low,
        soft_high=soft_high,
        whole=parameter.whole,
        scale=100.0 if part else 1.0,
        unit="°" if turn else "%" if part else parameter.unit,
        snap=15.0 if turn and soft_high - soft_low >= 90 else 0.0,
        units=units,
    )


def _soft(parameter: Range, default: float) -> tuple[float, float]:
    """Return the part of a wide range in which its default is not lost."""
    low, high = parameter.low, parameter.high
    if isinstance(parameter, Angle):
        return max(low, -180.0), min(high, 180.0) if low < 0 else high
    if not isinstance(parameter, Length) and low >= -1 and high <= 2:
        return low, high
    reach = nice(4 * abs(default)) if default else nice(high / 16) if parameter.whole else min(1.0, high)
    if high > 2.5 * reach:
        high = reach
    if low < -2.5 * reach:
        low = -reach
    return low, high
