"""The language of formulas: what an artist may write, checked and turned into a short program.

A formula is arithmetic and nothing else. Its text is cut off by size before Python's own parser sees it; of the tree
that comes back every part must be on the list below, or the formula is refused, with the place named. No part of
the text is ever run as Python: the tree becomes a list of operations on registers, which one kernel
steps through (`nodes.kernels.program`).
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

LONGEST, MOST_PARTS, DEEPEST, DEEPEST_BRACKETS, LARGEST = 4000, 500, 100, 30, 1e9

OPERATIONS = (
    "load", "across", "down",  # what a pixel brings: a picture's tone, its place
    "add", "subtract", "multiply", "divide", "modulo", "power", "negate",
    "less", "less_equal", "equal", "both", "either", "not", "choose",
    "abs", "sign", "floor", "ceil", "round", "fract", "sqrt", "exp", "log", "sin", "cos", "tan",
    "min", "max", "atan2", "hypot", "step", "clamp", "smoothstep", "mix", "smin", "smax",
)  # fmt: skip
"""What the kernel can do, each with up to three registers read and one written; the number is the place here."""

FUNCTIONS: dict[str, tuple[str, int]] = {
    "abs": ("abs", 1), "sign": ("sign", 1), "floor": ("floor", 1), "ceil": ("ceil", 1), "round": ("round", 1),
    "fract": ("fract", 1), "sqrt": ("sqrt", 1), "exp": ("exp", 1), "log": ("log", 1), "sin": ("sin", 1),
    "cos": ("cos", 1), "tan": ("tan", 1), "pow": ("power", 2), "mod": ("modulo", 2), "atan2": ("atan2", 2),
    "hypot": ("hypot", 2), "step": ("step", 2), "clamp": ("clamp", 3), "smoothstep": ("smoothstep", 3),
    "mix": ("mix", 3), "smin": ("smin", 3), "smax": ("smax", 3), "min": ("min", 2), "max": ("max", 2),
}  # fmt: skip
"""Functions by name: the operation and how many arguments it takes; min and max take more."""

PICTURES, NUMBERS = "abcdefgh", "pqrs"
NAMES = frozenset([*PICTURES, *NUMBERS, "u", "v", "pi"])

BINARY: dict[type, str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Mod: "modulo", ast.Pow: "power",
}  # fmt: skip


class FormulaError(ValueError):
    """A formula that is refused: says why, and where."""


@dataclass(frozen=True)
class Program:
    """A formula as operations on registers, each row of code (operation, to, from, from, from).

    The first registers hold p, q, r, s, then the constants. `steady` is what is the same for all pixels and runs once,
    `moving` is run for each block of pixels; `result` is the register that then holds the tones.
    """

    constants: tuple[float, ...]
    steady: tuple[tuple[int, ...], ...]
    moving: tuple[tuple[int, ...], ...]
    registers: int
    result: int
    pictures: frozenset[str]


@lru_cache(maxsize=256)
def program_of(text: str) -> Program:
    """Return the program that a formula's text stands for.

    Raises
    ------
    FormulaError
        If the text is no formula; the message names the line and column.
    """
    reader = _Reader()
    return _program(reader.parts, reader.read(parsed(text)))


# ---- the text and its tree -----------------------------------------------------------------------


def parsed(text: str) -> list[ast.stmt]:
    """Return the statements of a text that is small enough to be parsed and has no more parts than allowed."""
    if len(text) > LONGEST:
        raise FormulaError(f"has {len(text)} characters, more than {LONGEST}")
    if found := re.search(r"[^\n\r\t -~]", text):
        raise FormulaError(f"{_place(text, found.start())}: {found.group()!a} is no character of a formula")
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth > DEEPEST_BRACKETS:
            raise FormulaError(f"{_place(text, place)}: brackets lie more than {DEEPEST_BRACKETS} deep")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            statements = ast.parse(text.strip(), mode="exec").body
    except SyntaxError as error:
        raise FormulaError(f"line {error.lineno or 1}, column {error.offset or 1}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise FormulaError("is nested too deep to be read") from None
    level: list[ast.AST] = list(statements)
    parts = depth = 0
    while level:
        depth += 1
        parts += sum(isinstance(part, ast.expr | ast.stmt) for part in level)
        if parts > MOST_PARTS or depth > DEEPEST:
            raise FormulaError(f"has more than {MOST_PARTS} parts, or parts more than {DEEPEST} deep")
        level = [child for part in level for child in ast.iter_child_nodes(part)]
    return statements


def _place(text: str, index: int) -> str:
    line = text.count("\n", 0, index)
    return f"line {line + 1}, column {index - text.rfind(chr(10), 0, index)}"


# ---- from the tree to parts that are each worked out once ------------------------------------------


@dataclass(frozen=True)
class _Part:
    """An operation with the places of what it reads, or a leaf: "number" (p to s), "constant", "load"."""

    operation: str
    reads: tuple[int, ...] = ()
    value: float = 0.0


@dataclass
class _Reader:
    """Turns a tree into parts, those that are alike only once."""

    parts: list[_Part] = field(default_factory=list)
    known: dict[_Part, int] = field(default_factory=dict)
    local: dict[str, int] = field(default_factory=dict)

    def read(self, statements: list[ast.stmt]) -> int:
        """Return the place of the part that is the result."""
        if not statements:
            raise FormulaError("is empty")
        for statement in statements[:-1]:
            self.assign(statement)
        last = statements[-1]
        if not isinstance(last, ast.Expr):
            refuse(last, "the last line must be the result, such as a * b")
        return self.expression(last.value)

    def assign(self, statement: ast.stmt) -> None:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            refuse(statement, "a line before the last must be: name = expression")
        target = statement.targets[0]
        if not isinstance(target, ast.Name):
            refuse(statement, "only a name can stand to the left of =")
        if target.id in NAMES or target.id in FUNCTIONS:
            refuse(target, f"{target.id} has a meaning already; take another name")
        self.local[target.id] = self.expression(statement.value)

    def part(self, operation: str, *reads: int, value: float = 0.0) -> int:
        part = _Part(operation, reads, value)
        if part not in self.known:
            self.known[part] = len(self.parts)
            self.parts.append(part)
        return self.known[part]

    def expression(self, tree: ast.expr) -> int:
        match tree:
            case ast.Constant():
                return self.part("constant", value=_number(tree))
            case ast.Name():
                return self.name(tree)
            case ast.BinOp() if type(tree.op) in BINARY:
                return self.binary(tree)
            case ast.UnaryOp(op=ast.USub()):
                return self.part("negate", self.expression(tree.operand))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.expression(tree.operand)
            case ast.UnaryOp(op=ast.Not()):
                return self.part("not", self.expression(tree.operand))
            case ast.BoolOp():
                word = "both" if isinstance(tree.op, ast.And) else "either"
                return self.folded(word, [self.expression(value) for value in tree.values])
            case ast.Compare():
                return self.comparison(tree)
            case ast.IfExp():
                return self.part("choose", *map(self.expression, (tree.test, tree.body, tree.orelse)))
            case ast.Call():
                return self.call(tree)
        refuse(tree, _reason(tree))
        return None

    def name(self, tree: ast.Name) -> int:
        name = tree.id
        if name in self.local:
            return self.local[name]
        if name in PICTURES:
            return self.part("load", value=PICTURES.index(name))
        if name in NUMBERS:
            return self.part("number", value=NUMBERS.index(name))
        if name == "pi":
            return self.part("constant", value=3.141592653589793)
        if name in ("u", "v"):
            return self.part("across" if name == "u" else "down")
        if name in FUNCTIONS:
            refuse(tree, f"{name} needs brackets with its arguments")
        refuse(tree, f"{name[:40]} is not known; there are a to h, p to s, u, v, pi and names given on lines before")
        return None

    def binary(self, tree: ast.BinOp) -> int:
        if isinstance(tree.op, ast.Pow) and (times := _small_power(tree.right)):
            base = self.expression(tree.left)
            return self.folded("multiply", [base] * times)
        return self.part(BINARY[type(tree.op)], self.expression(tree.left), self.expression(tree.right))

    def folded(self, operation: str, places: list[int]) -> int:
        result = places[0]
        for place in places[1:]:
            result = self.part(operation, result, place)
        return result

    def comparison(self, tree: ast.Compare) -> int:
        places = [self.expression(tree.left), *map(self.expression, tree.comparators)]
        found = []
        for operator, a, b in zip(tree.ops, places, places[1:], strict=False):
            match operator:
                case ast.Lt():
                    found.append(self.part("less", a, b))
                case ast.LtE():
                    found.append(self.part("less_equal", a, b))
                case ast.Gt():
                    found.append(self.part("less", b, a))
                case ast.GtE():
                    found.append(self.part("less_equal", b, a))
                case ast.Eq():
                    found.append(self.part("equal", a, b))
                case ast.NotEq():
                    found.append(self.part("not", self.part("equal", a, b)))
                case _:
                    refuse(tree, "comparisons are < <= > >= == and !=")
        return self.folded("both", found)

    def call(self, tree: ast.Call) -> int:
        if not isinstance(tree.func, ast.Name) or tree.func.id not in FUNCTIONS:
            name = tree.func.id[:40] if isinstance(tree.func, ast.Name) else "this"
            refuse(tree, f"{name} is no function; there are {', '.join(sorted(FUNCTIONS))}")
        if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
            refuse(tree, "arguments have no names and no stars")
        name = tree.func.id
        operation, count = FUNCTIONS[name]
        if name in ("min", "max"):
            if len(tree.args) < 2:
                refuse(tree, f"{name} takes 2 arguments or more, not {len(tree.args)}")
            return self.folded(operation, [self.expression(argument) for argument in tree.args])
        if len(tree.args) != count:
            refuse(tree, f"{name} takes {count} argument{'s' * (count > 1)}, not {len(tree.args)}")
        return self.part(operation, *[self.expression(argument) for argument in tree.args])


def _number(tree: ast.Constant) -> float:
    value = tree.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(tree, "only plain numbers can stand here")
    if not value <= LARGEST:  # never negative: a minus sign is an operation
        refuse(tree, f"numbers must not be over {LARGEST:g}")
    return float(value)


def _small_power(tree: ast.expr) -> int:
    """Return an exponent that is cheaper by multiplication, or 0."""
    value = tree.value if isinstance(tree, ast.Constant) else 0
    return int(value) if type(value) in (int, float) and value in (1, 2, 3, 4) else 0


def _reason(tree: ast.AST) -> str:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitXor):
        return "^ is not known; a power is written **"
    return f"{_WORDS.get(type(tree).__name__, 'this')} is not part of a formula"


_WORDS = {
    "Attribute": "a dot after a name", "Subscript": "a square bracket", "Lambda": "lambda", "NamedExpr": ":=",
    "Tuple": "a comma outside a function's brackets", "List": "a list", "Dict": "a dictionary", "JoinedStr": "a text",
    "BinOp": "this operator", "UnaryOp": "this operator",
}  # fmt: skip


def refuse(tree: ast.AST, reason: str) -> NoReturn:
    """Raise the error that names a part's place."""
    line, column = getattr(tree, "lineno", 1), getattr(tree, "col_offset", 0)
    raise FormulaError(f"line {line}, column {column + 1}: {reason}")


# ---- from parts to registers -----------------------------------------------------------------------


def _program(parts: list[_Part], result: int) -> Program:
    """Return the parts that the result needs as code, with registers used again when last read."""
    needed = _needed(parts, result)
    varies = [False] * len(parts)
    for place, part in enumerate(parts):
        varies[place] = part.operation in ("load", "across", "down") or any(varies[read] for read in part.reads)
    register: dict[int, int] = {}
    constants: list[float] = []
    for place in needed:
        if parts[place].operation == "number":
            register[place] = int(parts[place].value)
        elif parts[place].operation == "constant":
            register[place] = len(NUMBERS) + len(constants)
            constants.append(parts[place].value)
    count = len(NUMBERS) + len(constants)
    steady, moving = [], []
    for place in needed:
        if place not in register and not varies[place]:
            register[place] = count
            count += 1
            steady.append(_row(parts[place], register, place))
    last = {read: place for place in needed for read in parts[place].reads}
    free: list[int] = []
    for place in needed:
        if not varies[place]:
            continue
        # A register is never read and written by one operation: that would keep its loop from being vectorised.
        if free:
            register[place] = free.pop()
        else:
            register[place] = count
            count += 1
        moving.append(_row(parts[place], register, place))
        free += [register[read] for read in set(parts[place].reads) if varies[read] and last[read] == place]
    pictures = frozenset(PICTURES[int(parts[place].value)] for place in needed if parts[place].operation == "load")
    return Program(tuple(constants), tuple(steady), tuple(moving), count, register[result], pictures)


def _needed(parts: list[_Part], result: int) -> list[int]:
    found, waiting = {result}, [result]
    while waiting:
        for read in parts[waiting.pop()].reads:
            if read not in found:
                found.add(read)
                waiting.append(read)
    return sorted(found)


def _row(part: _Part, register: dict[int, int], place: int) -> tuple[int, ...]:
    reads = [int(part.value)] if part.operation == "load" else [register[read] for read in part.reads]
    spare = reads[0] if reads else 0
    return (OPERATIONS.index(part.operation), register[place], *reads, *[spare] * (3 - len(reads)))
