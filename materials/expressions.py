"""Expressions that drive parameters: arithmetic in numbers and the names of other parameters, and nothing else.

`width * 2` reads an exposed parameter of the document, `noise.scale / 2` the parameter of a node in it. A text is
cut off by size and its tree checked part by part before anything is worked out, as `nodes.language` does
for formulas of pictures; no part of it is ever run as Python. Angles of sin and cos are radians.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nodes.language import LARGEST, FormulaError, parsed, refuse

LONGEST = 1000

FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "min": (min, 2, 20), "max": (max, 2, 20), "round": (lambda x: math.floor(x + 0.5), 1, 1),
    "floor": (math.floor, 1, 1), "ceil": (math.ceil, 1, 1), "sqrt": (math.sqrt, 1, 1), "abs": (math.fabs, 1, 1),
    "sin": (math.sin, 1, 1), "cos": (math.cos, 1, 1),
}  # fmt: skip
"""Functions by name, with the fewest and the most arguments they take; halves are rounded up."""

_BINARY: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Mod: operator.mod, ast.Pow: math.pow,
}  # fmt: skip

_COMPARED: dict[type, Callable[[float, float], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip

ExpressionError = FormulaError
"""A text that is no expression, or one that has no value: says why."""


@dataclass(frozen=True)
class Expression:
    """An expression whose every part is known; names are as written, `width` or `noise.scale`."""

    text: str
    tree: ast.expr
    names: frozenset[str]

    def value(self, values: Mapping[str, float]) -> float:
        """Return what it comes to with a value for each of its names.

        Raises
        ------
        ExpressionError
            If it has no finite value, such as 1 / 0.
        """
        try:
            result = _value(self.tree, values)
        except ZeroDivisionError:
            raise ExpressionError("it divides by zero") from None
        except (ValueError, OverflowError):
            raise ExpressionError("it has no value that is a number") from None
        if not math.isfinite(result):
            raise ExpressionError("it has no value that is a number")
        return result


@lru_cache(maxsize=1024)
def expression_of(text: str) -> Expression:
    """Return the expression that a text stands for.

    Raises
    ------
    ExpressionError
        If it is none; the message names the line and column.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"has {len(text)} characters, more than {LONGEST}")
    statements = parsed(text)
    if len(statements) != 1 or not isinstance(statements[0], ast.Expr):
        raise ExpressionError("must be one expression, such as width * 2" if statements else "is empty")
    names: set[str] = set()
    waiting: list[ast.expr] = [statements[0].value]
    while waiting:
        waiting += _checked(waiting.pop(), names)
    return Expression(text, statements[0].value, frozenset(names))


def _checked(tree: ast.expr, names: set[str]) -> list[ast.expr]:
    """Return the parts of a part that is allowed, or refuse it; what it names is added to `names`."""
    match tree:
        case ast.Constant():
            if isinstance(tree.value, bool) or not isinstance(tree.value, int | float) or tree.value > LARGEST:
                refuse(tree, f"only plain numbers up to {LARGEST:g} can stand here")
            return []
        case ast.Name() | ast.Attribute(value=ast.Name()):
            names |= {name} if (name := _name(tree)) != "pi" else set()
            return []
        case ast.BinOp() if type(tree.op) in _BINARY:
            return [tree.left, tree.right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            return [tree.operand]
        case ast.Compare() if all(type(op) in _COMPARED for op in tree.ops):
            return [tree.left, *tree.comparators]
        case ast.IfExp():
            return [tree.test, tree.body, tree.orelse]
        case ast.Call(func=ast.Name(id=name)) if not tree.keywords:
            if name not in FUNCTIONS:
                refuse(tree, f"{name[:40]} is no function; there are {', '.join(FUNCTIONS)}")
            _, fewest, most = FUNCTIONS[name]
            if not fewest <= len(tree.args) <= most:
                refuse(tree, f"{name} takes {fewest} argument{'s or more' * (most > 1)}, not {len(tree.args)}")
            return tree.args
    refuse(tree, "this is not part of an expression; there are numbers, names, + - * / % **, comparisons, if else")
    return None


def _name(tree: ast.expr) -> str:
    if isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name):
        return f"{tree.value.id}.{tree.attr}"
    assert isinstance(tree, ast.Name)
    if tree.id in FUNCTIONS:
        refuse(tree, f"{tree.id} needs brackets with its arguments")
    return tree.id


def _value(tree: ast.expr, values: Mapping[str, float]) -> float:
    """Work out a checked tree; its depth is bounded by the parser."""
    match tree:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name() | ast.Attribute():
            return math.pi if (name := _name(tree)) == "pi" else float(values[name])
        case ast.BinOp():
            return float(_BINARY[type(tree.op)](_value(tree.left, values), _value(tree.right, values)))
        case ast.UnaryOp():
            return -_value(tree.operand, values) if isinstance(tree.op, ast.USub) else _value(tree.operand, values)
        case ast.Compare():
            parts = [_value(part, values) for part in (tree.left, *tree.comparators)]
            return float(all(_COMPARED[type(op)](a, b) for op, a, b in zip(tree.ops, parts, parts[1:], strict=False)))
        case ast.IfExp():
            return _value(tree.body if _value(tree.test, values) else tree.orelse, values)
        case ast.Call(func=ast.Name(id=name)):
            return float(FUNCTIONS[name][0](*[_value(argument, values) for argument in tree.args]))
    raise AssertionError(f"{type(tree).__name__} was let through")


_WRITTEN = re.compile(r"[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)?(?!\s*[\w(])", re.ASCII)


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return an expression's text with other names for what it reads; all else stays as it was written."""

    def other(found: re.Match[str]) -> str:
        name = re.sub(r"\s", "", found.group())
        return names.get(name, found.group())

    return _WRITTEN.sub(other, text)
