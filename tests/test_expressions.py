"""Expressions that drive parameters: what may be written, what it comes to, and what is said when it makes no sense."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from materials import document as documents, edits
from materials.differences import difference
from materials.driving import driven, with_settings
from materials.errors import GraphError
from materials.expressions import ExpressionError, expression_of, renamed
from materials.graph import Document, Exposed, Link, Node
from tests.build import document, values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7), ("-2 ** 2", -4), ("7 % 4", 3), ("width / 4", 2), ("a.b - width", -5), ("2 * pi", math.tau),
        ("min(3, width, 1)", 1), ("max(1, a.b)", 3), ("round(2.5)", 3), ("round(-2.5)", -2), ("floor(-0.5)", -1),
        ("ceil(0.1)", 1), ("sqrt(16)", 4), ("abs(-3)", 3), ("sin(pi / 2)", 1), ("cos(0)", 1), ("width > 3", 1),
        ("1 < 2 < 2", 0), ("5 if width == 8 else 6", 5), ("+1", 1), ("1e3", 1000),
    ],
)  # fmt: skip
def test_an_expression_comes_to_a_number(text, value):
    assert expression_of(text).value({"width": 8.0, "a.b": 3.0}) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "a b", "1 +", "a.b.c", "x[0]", "lambda: 1", "(lambda: 1)()", "'a'", "True", "f(1)", "sqrt", "sqrt(1, 2)",
        "min(1)", "__import__('os')", "a.b()", "x = 1", "1; 2", "1\n2", "[1]", "{}", "x := 1", "(x := 1)", "a @ b",
        "a // b", "a & b", "~a", "not a", "min(*a)", "round(x=1)", "1j", "9" * 20, "x" * 2000, "(" * 40 + ")" * 40,
        "f'{a}'", "await x", "a.b.__class__", "é", "a in b", "a is b", "1 " + "+ 1" * 400,
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(ExpressionError):
        expression_of(text)


@pytest.mark.parametrize("text", ["1 / 0", "1 % 0", "sqrt(-1)", "(-8) ** 0.5", "9 ** 9 ** 9", "0 ** -1", "1e8 ** 40"])
def test_what_has_no_value_is_refused(text):
    with pytest.raises(ExpressionError):
        expression_of(text).value({})


def test_random_texts_are_expressions_or_are_refused():
    rng = random.Random(1)
    pieces = [
        *"0123456789.+-*/%()<>=,abxy \n\"'[]{}:@#\\",
        "**",
        "if",
        "else",
        "min(",
        "sqrt(",
        "pi",
        "a.b",
        "__",
        "lambda",
    ]
    for _ in range(5000):
        text = "".join(rng.choice(pieces) for _ in range(rng.randint(1, 12)))
        try:
            made = expression_of(text)
            assert math.isfinite(made.value(dict.fromkeys(made.names, 2.0)))
        except ExpressionError:
            continue


def test_names_are_changed_and_nothing_else():
    assert renamed("width*2+ a.width - width_2 + min(width, a . x)", {"width": "w", "a.x": "b.y"}) == (
        "w*2+ a.width - width_2 + min(w, b.y)"
    )


def graph() -> Document:
    """Return a ramp times a gain; an exposed `size` drives the ramp, and that the gain."""
    made = document(
        {"a": ("t_ramp", {"scale": 2.0}), "g": "t_gain", "u": ("t_ramp", {"scale": 1.0})},
        "a.out -> g.image",
        exposed=(Exposed("size", "u", "scale", "Size", low=0, high=4), Exposed("power", "g", "gain")),
    )
    for parts in (("a", "scale", "size * 2"), ("g", "gain", "a.scale - 1")):
        made, _ = edits.SetExpression(*parts).apply(made)
    return documents.loads(documents.dumps(made))


def gain(made: Document) -> float:
    return driven(made).nodes["g"].parameters["gain"]


def test_one_exposed_parameter_drives_all_that_depend_on_it():
    assert gain(graph()) == 1.0
    made = with_settings(graph(), {"size": 2})
    assert (made.nodes["a"].parameters["scale"], made.nodes["g"].parameters["gain"]) == (4.0, 3.0)
    plain = document({"a": ("t_ramp", {"scale": 4.0}), "g": ("t_gain", {"gain": 3.0})}, "a.out -> g.image")
    assert np.array_equal(values(made, outputs=["g"])[0]["g"], values(plain, outputs=["g"])[0]["g"])
    moved, _ = edits.SetParameter("u", "scale", 2.0).apply(graph())
    assert np.array_equal(values(moved, outputs=["g"])[0]["g"], values(plain, outputs=["g"])[0]["g"])


def test_what_is_set_is_no_longer_driven():
    made = with_settings(graph(), {"power": 0.5, "size": 2})
    assert gain(made) == 0.5
    assert made.nodes["g"].expressions == {}
    assert made.nodes["a"].expressions == {"scale": "size * 2"}


def test_a_document_without_expressions_is_the_very_same():
    made = document({"a": "t_ramp"})
    assert driven(made) is made
    assert "expressions" not in documents.dumps(made)


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        (("g", "gain", "sizes"), "there is no exposed parameter 'sizes'.*did you mean size"),
        (("g", "gain", "b.scale"), "there is no node 'b'"),
        (("g", "gain", "a.scal"), "there is no a.scal .*did you mean scale"),
        (("g", "gain", "size * 9"), 't_gain "g": gain 9 is outside -4 to 4 .*driven by'),
        (("g", "gain", "1 / (size - 1)"), "divides by zero"),
        (("a", "scale", "g.gain"), "circle: a.scale, g.gain"),
        (("a", "scale", "a.scale"), "circle: a.scale"),
        (("g", "nothing", "1"), "there is no parameter 'nothing'"),
        (("g", "gain", "1 +"), "expression of gain line 1"),
    ],
)
def test_an_expression_that_makes_no_sense_is_refused_in_plain_words(parts, match):
    made = graph()
    with pytest.raises(GraphError, match=match):
        edits.SetExpression(*parts).apply(made)
    node = replace(made.nodes[parts[0]], expressions={**made.nodes[parts[0]].expressions, parts[1]: parts[2]})
    with pytest.raises(GraphError, match=match):
        driven(replace(made, nodes={**made.nodes, parts[0]: node}))


def test_whole_numbers_round_and_only_numbers_are_driven():
    made, _ = edits.SetExpression("a", "seed", "size + 1.6").apply(graph())
    assert driven(made).nodes["a"].parameters["seed"] == 3
    made = document({"i": "image"})
    with pytest.raises(GraphError, match="only numbers and switches"):
        edits.SetExpression("i", "picture", "1").apply(made)
    made, _ = edits.SetExpression("l", "clamp", "2 > 3").apply(document({"l": "levels"}))
    assert driven(made).nodes["l"].parameters["clamp"] is False


def test_an_expression_in_a_file_must_be_one():
    block = {"node": "t_gain", "expressions": {"gain": "import os"}}
    with pytest.raises(GraphError, match="node g: the expression of 'gain'"):
        documents.loads(json.dumps({"intarsia": 1, "nodes": {"g": block}}))
    block["expressions"] = {"gain": 5}
    with pytest.raises(GraphError, match="must be a text"):
        documents.loads(json.dumps({"intarsia": 1, "nodes": {"g": block}}))


def test_a_subgraph_drives_and_is_driven():
    inner = document(
        {
            "in": ("graph_input", {"name": "value"}),
            "g": "t_gain",
            "h": "t_gain",
            "out": ("graph_output", {"name": "result"}),
        },
        "in.out -> g.image",
        "g.out -> h.image",
        "h.out -> out.value",
        exposed=(Exposed("power", "g", "gain"),),
    )
    inner, _ = edits.SetExpression("h", "gain", "power / 2").apply(inner)
    made = document({"a": ("t_ramp", {"scale": 1.5}), "last": "t_same"})
    made, _ = edits.AddNode(Node("sub", "subgraph", graph=inner)).apply(made)
    for link in (Link("a", "out", "sub", "value"), Link("sub", "result", "last", "image")):
        made, _ = edits.Connect(link).apply(made)
    made, _ = edits.SetExpression("sub", "power", "a.scale * 2").apply(made)
    ramp = values(document({"a": ("t_ramp", {"scale": 1.5})}))[0]["a"]
    np.testing.assert_allclose(values(made)[0]["last"], ramp * 3 * 1.5, rtol=1e-6)
    made, _ = edits.AddNode(Node("read", "t_gain")).apply(made)
    made, _ = edits.SetExpression("read", "gain", "sub.power - 1").apply(made)
    assert driven(made).nodes["read"].parameters["gain"] == 2.0


def test_the_difference_tells_what_is_driven():
    changed, _ = edits.SetExpression("g", "gain", None).apply(graph())
    assert difference(graph(), changed) == ['~ t_gain "g": gain driven by a.scale - 1 -> not driven']
    with pytest.raises(GraphError, match="nothing drives gain"):
        edits.SetExpression("g", "gain", None).apply(changed)
