"""Strict JSON: what a file of ours may hold, and nothing that other readers would understand differently."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from materials.errors import GraphError

MAX_DEPTH = 64
MAX_DIGITS = 40

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


def parse_json(text: str) -> Any:
    """Return the value of a JSON text, or raise `GraphError` for anything JSON does not allow.

    Refused on top of what Python refuses: NaN and infinity, numbers that overflow, keys that come
    twice, nesting over 64 levels, numbers of more than 40 digits.
    """
    _check_depth(text)
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_short
        )
    except json.JSONDecodeError as error:
        hint = f"line {error.lineno}, column {error.colno}"
        raise GraphError(f"this is no JSON: {error.msg}", hint=hint) from None
    except (RecursionError, ValueError) as error:
        raise GraphError(f"this is no JSON that can be read: {error}") from None


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > MAX_DEPTH:
            raise GraphError(f"the file nests deeper than {MAX_DEPTH} levels")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise GraphError(f"the key {short_text(twice)} comes twice")
    return found


def _no_constant(text: str) -> Any:
    raise GraphError(f"{text} is not a number that a graph may hold")


def _finite(text: str) -> float:
    value = float(text) if len(text) <= MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise GraphError(f"the number {short_text(text)} is too large or too long")
    return value


def _short(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise GraphError(f"the number {short_text(text)} is too long")
    return int(text)


def short_text(text: str) -> str:
    """Return a text as an error message quotes it."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
