"""Sums that may be typed where a number is asked for: `0.4 + 1/8`, `45 deg`, `2 * pi`, `3 cm`.

The text is read token by token into a number; nothing of it ever reaches Python's own parser.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

LONGEST = 200

FUNCTIONS: dict[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "abs": lambda x: abs(x),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "floor": lambda x: math.floor(x),
    "ceil": lambda x: math.ceil(x),
    "round": lambda x: math.floor(x + 0.5),
    "min": lambda *x: min(x),
    "max": lambda *x: max(x),
}
CONSTANTS = {"pi": math.pi, "tau": math.tau}

_SPELLINGS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "^": "ↁ"})
_SPACES = dict.fromkeys(map(ord, "\u2009\u202f\u00a0"))
_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z]+|[%°])|(\*\*|[-+*/(),ↁ]))")


class SumError(ValueError):
    """A text that is no sum; says why."""


def value_of(text: str, units: Mapping[str, float] | None = None) -> float:
    """Return what a sum comes to.

    units : what each unit that may stand behind a number or a bracket multiplies it by.

    Raises
    ------
    SumError
        If the text cannot be read, or has no finite value.
    """
    if len(text) > LONGEST:
        raise SumError(f"has more than {LONGEST} characters")
    reader = _Reader(_tokens(text.translate(_SPACES).translate(_SPELLINGS)), units or {})
    try:
        value = float(reader.read())
    except ZeroDivisionError:
        raise SumError("divides by zero") from None
    except (OverflowError, TypeError, RecursionError):
        raise SumError("has no value that is a number") from None
    if not math.isfinite(value):
        raise SumError("has no value that is a number")
    return value


def _tokens(text: str) -> list[str]:
    tokens, place, text = [], 0, text.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            raise SumError(f"{text[place:].strip()[:1]} is no part of a sum")
        tokens.append(found.group().strip().replace("ↁ", "**"))
        place = found.end()
    if not tokens:
        raise SumError("is empty")
    return tokens


class _Reader:
    """Reads tokens by precedence: sums of terms of powers of what may have a unit."""

    def __init__(self, tokens: Sequence[str], units: Mapping[str, float]) -> None:
        self.tokens, self.units, self.place = tokens, units, 0

    @property
    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        token = self.next
        self.place += 1
        return token

    def read(self) -> float:
        value = self.sum()
        if self.next:
            raise SumError(f"{self.next} is not expected")
        return value

    def sum(self) -> float:
        value = self.term()
        while self.next in ("+", "-"):
            value = value + self.term() if self.take() == "+" else value - self.term()
        return value

    def term(self) -> float:
        value = self.measured(self.signed())
        while self.next in ("*", "/"):
            value = value * self.signed() if self.take() == "*" else value / self.signed()
            value = self.measured(value)  # of all so far: 1/4 turn is a quarter of a turn
        return value

    def measured(self, value: float) -> float:
        while self.next and (self.next[0].isalpha() or self.next in "%°"):
            unit = self.take()
            if unit not in self.units:
                known = ", ".join(self.units) or "none"
                raise SumError(f"{unit} is no unit here; there are {known}")
            value *= self.units[unit]
        return value

    def signed(self) -> float:
        if self.next in ("+", "-"):
            return self.signed() if self.take() == "+" else -self.signed()
        value = self.single()
        if self.next == "**":
            self.take()
            exponent = self.signed()
            try:
                return math.pow(value, exponent)
            except ValueError:
                raise SumError("has no value that is a number") from None
        return value

    def single(self) -> float:
        token = self.take()
        if token and (token[0].isdigit() or token[0] == "."):
            return float(token)
        if token in CONSTANTS:
            return CONSTANTS[token]
        if token in FUNCTIONS and self.next == "(":
            return self.call(token)
        if token == "(":
            value = self.sum()
            self.close()
            return value
        raise SumError(f"{token} is not known" if token else "ends too early")

    def call(self, name: str) -> float:
        self.take()
        arguments = [self.sum()]
        while self.next == ",":
            self.take()
            arguments.append(self.sum())
        self.close()
        if name not in ("min", "max") and len(arguments) != 1:
            raise SumError(f"{name} takes one number")
        try:
            return FUNCTIONS[name](*arguments)
        except ValueError:
            raise SumError("has no value that is a number") from None

    def close(self) -> None:
        if self.take() != ")":
            raise SumError("a bracket is not closed")
