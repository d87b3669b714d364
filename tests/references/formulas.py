"""Formulas worked out in float64 by walking Python's tree, with a small error after each operation.

The spread over several runs says how far float32 may be off; where a formula jumps (a floor, a comparison) the
spread is as large as the jump.
"""

from __future__ import annotations

import ast

import numpy as np

LIMIT = 1e30


def value_of(text, names, noise=None):
    """Return what a formula makes of `names`, numpy arrays by name, each step off by a share `noise()`."""
    names = dict(names)
    *lines, last = ast.parse(text).body
    for line in lines:
        names[line.targets[0].id] = _value(line.value, names, noise)
    return _value(last.value, names, noise)


def _value(tree, names, noise):
    with np.errstate(all="ignore"):
        result = np.asarray(_plain(tree, names, noise), np.float64)
    result = np.clip(np.nan_to_num(result, nan=0, posinf=LIMIT, neginf=-LIMIT), -LIMIT, LIMIT)
    return result if noise is None else np.clip(result * (1 + noise(result.shape)), -LIMIT, LIMIT)


def _plain(tree, names, noise):
    def of(part):
        return _value(part, names, noise)

    match tree:
        case ast.Constant():
            return np.full(names["u"].shape, float(tree.value))
        case ast.Name():
            return names[tree.id]
        case ast.UnaryOp(op=ast.USub()):
            return -of(tree.operand)
        case ast.UnaryOp(op=ast.Not()):
            return of(tree.operand) == 0
        case ast.BoolOp():
            parts = [of(value) != 0 for value in tree.values]
            return np.logical_and.reduce(parts) if isinstance(tree.op, ast.And) else np.logical_or.reduce(parts)
        case ast.IfExp():
            return np.where(of(tree.test) != 0, of(tree.body), of(tree.orelse))
        case ast.Compare(ops=[operator]):
            return COMPARISONS[type(operator)](of(tree.left), of(tree.comparators[0]))
        case ast.BinOp():
            return FUNCTIONS[type(tree.op).__name__](of(tree.left), of(tree.right))
        case ast.Call():
            return FUNCTIONS[tree.func.id](*map(of, tree.args))
    raise AssertionError(ast.dump(tree))


def divide(a, b):
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b))


def modulo(a, b):
    quotient = divide(a, b)
    return np.where((b == 0) | (abs(quotient) >= 2**23), 0, a - np.floor(quotient) * b)


def power(a, b):
    whole = b == np.floor(b)
    size = np.exp(np.minimum(np.log(np.maximum(abs(a), 1e-38)) * b, 80))
    odd = np.floor(b / 2) * 2 != b
    return np.where(b == 0, 1, np.where(a > 0, size, np.where((a < 0) & whole, np.where(odd, -size, size), 0)))


def smoothstep(low, high, x):
    t = np.clip((x - low) / np.where(high == low, 1, high - low), 0, 1)
    return np.where(high == low, x >= low, t * t * (3 - 2 * t))


def smin(a, b, width):
    wide = np.maximum(width, 1e-30)
    h = np.maximum(wide - abs(a - b), 0) / wide
    return np.minimum(a, b) - h * h * wide / 4


COMPARISONS = {ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal}
FUNCTIONS = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mult": np.multiply,
    "Div": divide,
    "Mod": modulo,
    "Pow": power,
    "pow": power,
    "mod": modulo,
    "abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": lambda x: np.floor(x + 0.5),
    "fract": lambda x: x - np.floor(x),
    "sqrt": lambda x: np.sqrt(np.maximum(x, 0)),
    "exp": lambda x: np.exp(np.minimum(x, 80)),
    "log": lambda x: np.where(x > 0, np.log(np.maximum(x, 1.1754944e-38)), 0),
    "sin": np.sin,
    "cos": np.cos,
    "tan": lambda x: divide(np.sin(x), np.cos(x)),
    "min": lambda *parts: np.min(parts, axis=0),
    "max": lambda *parts: np.max(parts, axis=0),
    "atan2": lambda y, x: np.arctan2(y + 0.0, x + 0.0),  # there is one zero: minus it is it
    "hypot": np.hypot,
    "step": lambda edge, x: x >= edge,
    "clamp": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "smoothstep": smoothstep,
    "mix": lambda a, b, t: a * (1 - t) + b * t,
    "smin": smin,
    "smax": lambda a, b, width: -smin(-a, -b, width),
}
