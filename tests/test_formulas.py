"""Formulas: what they calculate, and what they refuse."""

from __future__ import annotations

import platform
import re

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nodes.catalogue import catalogue
from nodes.kernels import f32, kernel, program
from nodes.kernels.elementary import arctangent, cosine, exponential, logarithm, power, sine
from nodes.language import FUNCTIONS, OPERATIONS, FormulaError, program_of
from nodes.parameters import Formula
from nodes.procedural.formula import expression
from tests.references.calling import call
from tests.references.formulas import value_of

RANDOM = np.random.default_rng(11)
SIZE = (5, 9)
A, B, C = ((RANDOM.random(SIZE) * 4 - 2).astype(np.float32) for _ in range(3))


def places(height, width):
    y, x = np.mgrid[:height, :width]
    return {"u": (x + 0.5) / width, "v": (y + 0.5) / height}


def result(formula, **given):
    return call(expression, *SIZE, formula=formula, **{"a": A, "b": B, "c": C, **given})


# ---- what they calculate ----

number = st.floats(0, 8, width=16).map(lambda x: f"{x:g}") | st.sampled_from(["0", "1", "2", "1000", "0.001"])
leaf = st.sampled_from(["a", "b", "c", "u", "v", "p", "q", "pi"]) | number
SIGNS = ["+", "-", "*", "/", "%", "**"]
several = {"min": 3, "max": 3}


def grown(part):
    called = [
        st.tuples(*[part] * several.get(name, count)).map(lambda parts, name=name: f"{name}({', '.join(parts)})")
        for name, (_, count) in FUNCTIONS.items()
    ]
    # What is true is what is not exactly 0, which 32 and 64 bits see differently: only comparisons are asked.
    asked = st.tuples(part, st.sampled_from(["<", "<=", ">", ">="]), part).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
    return st.one_of(
        st.tuples(part, st.sampled_from(SIGNS), part).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        asked,
        st.tuples(asked, st.sampled_from(["and", "or"]), asked).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        part.map(lambda t: f"(-{t})"),
        asked.map(lambda t: f"(not {t})"),
        st.tuples(part, asked, part).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        *called,
    )


formulas = st.recursive(leaf, grown, max_leaves=12)


@given(formulas, formulas, st.floats(-3, 3, width=16), st.floats(-3, 3, width=16))
@settings(max_examples=300, deadline=None, derandomize=True)  # a new draw may always find a new edge of rounding
def test_any_formula_is_what_a_walk_over_its_tree_gives_in_float64(first, second, p, q):
    text = f"k = {first}\nk * 0.5 + ({second})"
    names = {"a": A, "b": B, "c": C, "p": np.full(SIZE, p), "q": np.full(SIZE, q), "pi": np.pi, **places(*SIZE)}
    names = {name: np.broadcast_to(np.asarray(value, np.float64), SIZE) for name, value in names.items()}
    noises = np.random.default_rng(1)
    runs = np.array([value_of(text, names, lambda shape: noises.uniform(-6e-7, 6e-7, shape)) for _ in range(24)])
    expected = value_of(text, names)
    span = runs.max(axis=0) - runs.min(axis=0)
    found = result("\n".join(text.split("\n")), p=p, q=q)
    assert np.isfinite(found).all()
    steady = span < 1e-2 * (1 + np.abs(expected))
    apart = np.abs(found - expected) - 4 * span - 1e-5 * (1 + np.abs(expected))
    assert (apart[steady] <= 0).all(), text


def test_the_rules_where_mathematics_has_no_answer():
    for text in ("1 / 0", "a / (a - a)", "a % 0", "log(0)", "log(-1)", "sqrt(-4)", "(0 - 8) ** 0.5", "0 ** -1"):
        assert not result(text).any(), text
    for text in ("1e9 * 1e9 * 1e9 * 1e9", "exp(1e9)", "1e9 ** 9", "9**9**9**9"):
        assert np.allclose(result(text), 1e30), text
    assert np.allclose(result("-(1e9 ** 5)"), -1e30)
    assert np.allclose(result("(0 - 2) ** 3"), -8)
    assert np.allclose(result("0 ** 0"), 1)


def test_pictures_that_are_not_finite_do_no_harm():
    a = np.array([[np.nan, np.inf, -np.inf, 1e38, 0.5]], np.float32)
    found = call(expression, 1, 5, a=a, formula="a * 2")
    assert np.allclose(found, [[0, 1e30, -1e30, 1e30, 1]])


def test_what_is_not_connected_is_0_and_several_lines_have_names():
    assert not call(expression, *SIZE, formula="h").any()
    text = "n = a * 2; m = n + b  # a remark\nn = n - m\nmax(n, m, 0)"
    n, m = -B, A * 2 + B
    assert np.allclose(result(text), np.maximum(np.maximum(n, m), 0), atol=1e-6)


def test_a_smoothstep_with_its_ends_changed_falls_and_one_without_width_is_a_step():
    assert np.allclose(result("smoothstep(1, 0, a)"), 1 - result("smoothstep(0, 1, a)"), atol=1e-6)
    assert np.array_equal(result("smoothstep(0.5, 0.5, a)"), (A >= 0.5).astype(np.float32))
    assert np.array_equal(result("0 < a <= 1"), ((A > 0) & (A <= 1)).astype(np.float32))


def test_a_power_written_out_is_the_power():
    for exponent in (1, 2, 3, 4, 5):
        assert np.allclose(result(f"a ** {exponent}"), A.astype(np.float64) ** exponent, rtol=3e-6, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 1500), (700, 1), (3, 511), (40, 129)])
def test_pictures_of_any_size_and_in_any_bands_have_the_same_bits(size):
    a = RANDOM.random(size, np.float32)
    text = "smoothstep(0.2, 0.8, fract(a * 3 + u) * exp(-v)) + sin(9 * a)"
    whole = call(expression, *size, a=a, formula=text)
    at = places(*size)
    exact = np.clip((np.mod(a.astype(np.float64) * 3 + at["u"], 1) * np.exp(-at["v"]) - 0.2) / 0.6, 0, 1)
    assert np.median(np.abs(whole - exact * exact * (3 - 2 * exact) - np.sin(9 * a.astype(np.float64)))) < 1e-5
    assert np.array_equal(whole, call(expression, *size, bands=min(5, size[0]), a=a, formula=text))
    alone = call(expression, 1, 1, a=a[-1:, -1:].copy(), formula="exp(a) * sin(9 * a)")
    assert alone[0, 0] == call(expression, *size, a=a, formula="exp(a) * sin(9 * a)")[-1, -1]


def test_a_picture_that_may_not_be_written_is_read():
    a = A.copy()
    a.flags.writeable = False
    assert np.array_equal(call(expression, *SIZE, a=a, formula="a"), A)


def test_what_is_the_same_for_all_pixels_is_calculated_once():
    program_ = program_of("k = sin(p) * exp(2)\na * k + b * k + k")
    assert len(program_.steady) == 3
    assert len(program_.moving) == 2 + 2 + 2
    deep = program_of("+".join(f"sin(a * {i})" for i in range(40)))
    assert deep.registers < 4 + 40 + 6  # the registers of a sum are used again


# ---- elementary functions ----


@kernel
def _all(x, y, out):
    for i in range(x.size):
        out[0, i] = exponential(x[i])
        out[1, i] = logarithm(y[i])
        out[2, i] = sine(x[i])
        out[3, i] = cosine(x[i])
        out[4, i] = arctangent(x[i], y[i] - f32(20))
        out[5, i] = power(y[i], x[i] * f32(0.05))


def test_elementary_functions_are_as_near_as_they_say():
    x = np.linspace(-69, 69, 400_001).astype(np.float32)
    y = np.exp(np.linspace(-20, 20, x.size)).astype(np.float32)
    out = np.empty((6, x.size), np.float32)
    _all(x, y, out)
    x, y = x.astype(np.float64), y.astype(np.float64)
    assert np.abs(out[0] / np.exp(x) - 1).max() < 2e-7
    assert (np.abs(out[1] - np.log(y)) / np.maximum(np.abs(np.log(y)), 1e-6)).max() < 1.3e-7
    assert np.abs(out[2] - np.sin(x)).max() < 2e-7
    assert np.abs(out[3] - np.cos(x)).max() < 2e-7
    assert np.abs(out[4] - np.arctan2(x, (y.astype(np.float32) - np.float32(20)).astype(np.float64))).max() < 3e-7
    exponent = (x.astype(np.float32) * np.float32(0.05)).astype(np.float64)
    assert np.abs(out[5] / y**exponent - 1).max() < 1e-5


VECTOR = re.compile(r"\bv(?:mul|f(?:n?m(?:add|sub))\d+|min|max|add|and|cmp\w*|blendv|round|sqrt|div)ps\b[^\n]*%[yz]mm")


@pytest.mark.parametrize("name", ["arithmetic", "logic", "curves"])
def test_the_loops_of_formulas_are_vectorised(name):
    import llvmlite.binding as llvm

    if platform.machine().lower() not in ("x86_64", "amd64") or not llvm.get_host_cpu_features().get("avx2"):
        pytest.skip("looks for instructions of x86-64 with AVX2, which this processor is not")
    block = np.zeros((4, program.BLOCK), np.float32)
    arguments = [0, *block[: 3 if name == "curves" else 4]]
    dispatcher = getattr(program, name).uncached()
    dispatcher(*arguments)
    (assembly,) = dispatcher.inspect_asm().values()
    loops = {"arithmetic": 14, "logic": 14, "curves": 8}[name]
    assert len(VECTOR.findall(assembly)) > 2 * loops


# ---- what they refuse ----

HOSTILE = [
    "", "   ", "\n\n", "#", "a +", "(a", "a)", "a b", ";", "a\n b", "=", "a =", "x = a", "a == ", "1 2",
    "__import__('os').system('id')", "().__class__.__bases__[0].__subclasses__()", "a.b", "a.__class__", "a[0]",
    "[a]", "{a}", "{}", "a, b", "()", "lambda: a", "(lambda: a)()", "[x for x in a]", "(x for x in a)", "x := a",
    "(x := a)", "'text'", "b'1'", "f'{a}'", "'a' * 999999999", "True", "None", "...", "1j", "1e999", "1e10", "9" * 3000,
    "eval(a)", "exec(a)", "open(a)", "print(a)", "abs", "abs()", "abs(a, b)", "min(a)", "clamp(a, 0)", "pow(a)",
    "pow(a, b, c)", "max(*a)", "max(a, *b)", "clamp(x=a, lo=0, hi=1)", "clamp(a, 0, hi=1)", "max(**a)", "abs(a)(b)",
    "a @ b", "a // b", "a << b", "a >> b", "a & b", "a | b", "a ^ b", "~a", "a is b", "a in b", "a not in b",
    "import os", "import os; a", "from os import system", "def f(): pass", "class A: pass", "del a", "global a",
    "return a", "yield a", "await a", "raise a", "assert a", "pass", "while 1: pass", "for x in a: x", "if a: b",
    "with a: b", "try: a\nexcept: b", "a = 1; a", "pi = 3; pi", "sin = a; a", "x = y = a; x", "x, y = a; x",
    "x.y = a; a", "x[0] = a; a", "x: int = 3; x", "x += a; x", "z", "x; x = a", "x = x; x", "A", "α", "ａ", "a\0b",
    "a\x0bb", "a\u2028b", "“a”", "a" * 5000, "(" * 31 + "a" + ")" * 31, "-" * 3000 + "a", "not " * 900 + "a",
    "+".join(["a"] * 400), "**".join(["a"] * 400), "a if " * 200 + "a", "[" * 3000, "a\\", "\\", "'", '"""', "`a`",
    "a$b", "a?b:c", "a && b", "!a", "1if", "0x", "1__0", "01", "@a\ndef b(): pass", "match a:\n case 1: 2", "async",
    "*a", "**a", "a if b", "print a", "type X = int", "\tif a:\n\tb", "self", "__builtins__", "u()", "a(b)",
    "smoothstep(0, 1)", "mix(a, b)", "x = ; a", "x == a; a", "(x = a); a",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_formula_is_refused_by_one_error(text):
    with pytest.raises(FormulaError):
        program_of(text)


@pytest.mark.parametrize("value", [None, True, float("nan"), float("inf"), b"a", ["a"], {"a": 1}])
def test_a_formula_is_a_text_or_a_number(value):
    with pytest.raises(ValueError, match="text|not known"):
        Formula().check(value)


def test_the_error_names_the_place():
    for text, place in (
        ("a + z", "line 1, column 5"),
        ("k = a\nk * abs(a, b)", "line 2, column 5"),
        ("a +* b", "line 1"),
    ):
        with pytest.raises(FormulaError, match=place):
            program_of(text)


words = st.sampled_from(
    [*FUNCTIONS, *"abcdefghpqrsuvxyz", "pi", *"+-*/%<>=()[]{},.:;@^&|~!'\"\n\t #\\", "**", "==", "if", "else", "and",
     "or", "not", "lambda", "for", "in", "import", "__class__", "1", "0.5", "1e9", "1e99", "None", "await", "is", ":="]
)  # fmt: skip


@given(st.lists(words, max_size=40).map(" ".join) | st.lists(words, max_size=40).map("".join) | st.text(max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_a_program_or_is_refused_by_one_error(text):
    try:
        found = program_of(text)
    except FormulaError:
        return
    assert 0 <= found.result < found.registers
    assert all(0 <= row[0] < len(OPERATIONS) and max(row[1:]) < max(found.registers, 8) for row in found.moving)
    assert np.isfinite(result(text)).all()


def test_a_number_alone_is_a_formula_and_what_is_no_text_is_refused():
    assert catalogue()["expression"].field("formula").parameter.check(0.5) == "0.5"
    for wrong in (True, [1], None, 1e12, float("nan")):
        with pytest.raises(ValueError):
            catalogue()["expression"].field("formula").parameter.check(wrong)


def test_what_is_not_zero_is_true():
    assert np.allclose(result("not a"), 0)
    assert np.allclose(result("not 0"), 1)
    assert np.allclose(result("(a - a) or 0.25"), result("0.25 or 0"))
    assert np.allclose(result("0.5 if p else 0.25", p=0.0), 0.25)
    assert np.allclose(result("0.5 if p else 0.25", p=-2.0), 0.5)
