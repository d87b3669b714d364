"""What the parameters of nodes may hold: ranges, lengths, angles, choices, colours, gradients, curves.

Each kind checks a value that comes from outside, says what it would accept, and turns it into what the node gets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

if TYPE_CHECKING:
    from nodes.language import Program


@dataclass(frozen=True)
class Parameter:
    """What a parameter may hold; the base of all parameter kinds.

    `check` returns the value in its canonical form or raises `ValueError` with a text
    that says what would be accepted; `resolve` turns it into what the node gets.
    """

    def check(self, value: Any) -> Any:
        raise NotImplementedError

    def resolve(self, value: Any, height: int, width: int) -> Any:
        return value

    def describe(self) -> str:
        return ""

    def ends(self) -> tuple[Any, ...]:
        """Return the extreme values, for tests and for a preview of the range."""
        return ()


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError("must be a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


def _text(number: float) -> str:
    return f"{number:g}"


@dataclass(frozen=True)
class Range(Parameter):
    """A number between `low` and `high`, both allowed; `step` 1 makes whole numbers of a slider only."""

    low: float
    high: float
    unit: str = ""
    whole: bool = False

    def check(self, value: Any) -> float | int:
        number = _number(value)
        if self.whole and number != int(number):
            raise ValueError(f"{value} must be a whole number")
        if not self.low <= number <= self.high:
            raise ValueError(f"{_text(number)} is outside {self.describe()}")
        return int(number) if self.whole else number

    def describe(self) -> str:
        return f"{_text(self.low)} to {_text(self.high)}" + (f" {self.unit}" if self.unit else "")

    def ends(self) -> tuple[Any, ...]:
        return (int(self.low), int(self.high)) if self.whole else (self.low, self.high)


@dataclass(frozen=True)
class Length(Range):
    """A length: a fraction of the tile's width in files, pixels inside the node."""

    unit: str = "of the tile"

    def resolve(self, value: Any, height: int, width: int) -> float:
        return float(value) * width


@dataclass(frozen=True)
class Angle(Range):
    """An angle: degrees in files, radians inside the node; counter-clockwise on screen is positive."""

    low: float = -360.0
    high: float = 360.0
    unit: str = "degrees"

    def resolve(self, value: Any, height: int, width: int) -> float:
        return math.radians(float(value))


@dataclass(frozen=True)
class SeedValue(Parameter):
    """The only source of randomness: a whole number from 0 to 2**31 - 1."""

    low: int = 0
    high: int = 2**31 - 1

    def check(self, value: Any) -> int:
        number = _number(value)
        if number != int(number) or not self.low <= number <= self.high:
            raise ValueError(f"{value} must be a whole number from 0 to {self.high}")
        return int(number)

    def describe(self) -> str:
        return "seed"

    def ends(self) -> tuple[Any, ...]:
        return (self.low, self.high)


Seed = Annotated[int, SeedValue()]


@dataclass(frozen=True)
class Switch(Parameter):
    """True or false."""

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool | np.bool_):
            raise ValueError("must be true or false")
        return bool(value)

    def describe(self) -> str:
        return "true or false"

    def ends(self) -> tuple[Any, ...]:
        return (False, True)


@dataclass(frozen=True)
class Choice(Parameter):
    """One of a few words."""

    options: tuple[str, ...]

    def check(self, value: Any) -> str:
        if value not in self.options:
            raise ValueError(f"{str(value)[:40]!r} is not one of {', '.join(self.options)}")
        return str(value)

    def describe(self) -> str:
        return " | ".join(self.options)

    def ends(self) -> tuple[Any, ...]:
        return self.options


def _numbers(value: Any, count: int, what: str) -> tuple[float, ...]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence | np.ndarray) or len(value) != count:
        raise ValueError(f"must be {what}")
    return tuple(_number(part) for part in value)


@dataclass(frozen=True)
class Swatch(Parameter):
    """A colour: three linear Rec. 709 numbers from 0 to `high`."""

    high: float = 1.0

    def check(self, value: Any) -> tuple[float, ...]:
        colour = _numbers(value, 3, "three numbers, linear red, green and blue")
        if min(colour) < 0 or max(colour) > self.high:
            raise ValueError(f"each part must be 0 to {_text(self.high)}")
        return colour

    def describe(self) -> str:
        return "linear red, green, blue"

    def ends(self) -> tuple[Any, ...]:
        return ((0.0, 0.0, 0.0), (self.high,) * 3)


@dataclass(frozen=True)
class Stops(Parameter):
    """A gradient: up to 64 stops `[position, [r, g, b]]`, positions rising from 0 to 1, colours linear.

    Two stops at one position make a hard step.
    """

    def check(self, value: Any) -> tuple[tuple[float, tuple[float, ...]], ...]:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence) or not 1 <= len(value) <= 64:
            raise ValueError("must be 1 to 64 stops, each [position, [r, g, b]]")
        stops = []
        for stop in value:
            if isinstance(stop, str | bytes) or not isinstance(stop, Sequence) or len(stop) != 2:
                raise ValueError("each stop must be [position, [r, g, b]]")
            position, colour = _number(stop[0]), Swatch().check(stop[1])
            if not 0 <= position <= 1 or (stops and position < stops[-1][0]):
                raise ValueError("positions must rise from 0 to 1")
            stops.append((position, colour))
        return tuple(stops)

    def describe(self) -> str:
        return "stops of position and linear colour"

    def ends(self) -> tuple[Any, ...]:
        return (((0.0, (0.0, 0.0, 0.0)), (1.0, (1.0, 1.0, 1.0))), ((0.5, (0.2, 0.4, 0.6)),))


@dataclass(frozen=True)
class Knots(Parameter):
    """A curve: 2 to 64 points `[x, y]` in the unit square, x strictly rising."""

    def check(self, value: Any) -> tuple[tuple[float, float], ...]:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence) or not 2 <= len(value) <= 64:
            raise ValueError("must be 2 to 64 points [x, y]")
        points = [_numbers(point, 2, "points [x, y]") for point in value]
        if any(not 0 <= part <= 1 for point in points for part in point):
            raise ValueError("points must lie in the unit square")
        if any(after[0] <= before[0] for before, after in zip(points, points[1:], strict=False)):
            raise ValueError("x must rise strictly from point to point")
        return tuple((x, y) for x, y in points)

    def describe(self) -> str:
        return "points of x and y"

    def ends(self) -> tuple[Any, ...]:
        return (((0.0, 0.0), (1.0, 1.0)), ((0.0, 1.0), (0.5, 0.1), (1.0, 0.0)))


@dataclass(frozen=True)
class Text(Parameter):
    """A text of at most `longest` characters."""

    longest: int = 200

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest or "\0" in value:
            raise ValueError(f"must be a text of at most {self.longest} characters")
        return value

    def describe(self) -> str:
        return "text"

    def ends(self) -> tuple[Any, ...]:
        return ("",)


@dataclass(frozen=True)
class Formula(Parameter):
    """A formula in the language of `nodes.language`; the node gets the program it stands for."""

    def check(self, value: Any) -> str:
        from nodes.language import program_of  # imported here: Python's parser costs some milliseconds

        if isinstance(value, int | float) and not isinstance(value, bool):  # what `--set node.formula=0.5` brings
            value = repr(value)
        if not isinstance(value, str):
            raise ValueError("must be a text, such as a * b")
        program_of(value)
        return value

    def resolve(self, value: Any, height: int, width: int) -> Program:
        from nodes.language import program_of

        return program_of(value)

    def describe(self) -> str:
        return "formula of a to h, p to s, u, v and pi"

    def ends(self) -> tuple[Any, ...]:
        return ("0.5", "k = sin(2 * pi * u) * q\nmix(a, b, 0.5) if c > p else fract(k + v)")


@dataclass(frozen=True)
class Picture(Parameter):
    """The name of an entry in the document's list of sources; the node gets its pixels.

    The pixels come as float32, linear, `(h, w)` or `(h, w, 3)`, at the picture's own size.
    """

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > 4096:
            raise ValueError("must be the name of a source of the document")
        return value

    def describe(self) -> str:
        return "name of a source"
