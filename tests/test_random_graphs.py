"""Small graphs wired at random from every kind of node: the same bits however they are worked, or a clear error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from materials import document as documents, evaluate as engine
from materials.errors import IntarsiaError
from materials.graph import Document, Link, Node, fits
from materials.render import Graph, render
from nodes import declare
from nodes.catalogue import catalogue
from nodes.declare import Choice, Field, Picture, Range, SeedValue, Swatch, Switch

NODES = sorted(key for key, kind in catalogue().items() if not key.startswith("t_") and kind.section != "source")
SIZE = 16


@st.composite
def value_of(draw: Any, field: Field) -> Any:
    """Draw a value from a parameter's own range, its ends and its default more often than the rest."""
    parameter = field.parameter
    match parameter:
        case Range() if parameter.whole:
            inside = st.integers(int(parameter.low), int(parameter.high))
        case Range():
            inside = st.floats(parameter.low, parameter.high)
        case SeedValue():
            inside = st.integers(parameter.low, parameter.high)
        case Choice():
            inside = st.sampled_from(parameter.options)
        case Switch():
            inside = st.booleans()
        case Swatch():
            inside = st.tuples(*[st.floats(0, parameter.high)] * 3)
        case Picture():
            return field.default
        case _:
            inside = st.just(field.default)
    ends = parameter.ends()
    return parameter.check(draw(st.one_of(st.just(field.default), st.sampled_from(ends), inside) if ends else inside))


@st.composite
def graphs(draw: Any) -> Document:
    """Draw a graph of 3 to 12 nodes whose wires fit; some inputs stay open and some nodes are bypassed."""
    nodes: dict[str, Node] = {}
    links: list[Link] = []
    made: list[tuple[str, declare.Output]] = []
    for number in range(draw(st.integers(3, 12))):
        key, id = draw(st.sampled_from(NODES)), f"n{number}"
        kind = catalogue()[key]
        for socket in kind.sockets:
            fitting = [(source, output.name) for source, output in made if fits(output.kind, socket.kind)]
            if fitting and not (socket.optional and draw(st.booleans())):
                links.append(Link(*draw(st.sampled_from(fitting)), id, socket.name))
        parameters = {field.name: draw(value_of(field)) for field in kind.fields}
        bypass = draw(st.integers(0, 9)) == 9
        nodes[id] = Node(id=id, key=key, version=kind.version, parameters=parameters, bypass=bypass)
        made += [(id, output) for output in kind.outputs]
    return Document(nodes=nodes, links=tuple(links))


def rendered(document: Document, threads: int = 1) -> dict[str, Any]:
    """Return the picture of each node, or the text of the typed error that it ends in."""
    found: dict[str, Any] = {}
    for id in document.nodes:
        try:
            found[id] = render(Graph(document), SIZE, outputs=[id], threads=threads).pictures
        except IntarsiaError as error:
            found[id] = str(error)
    return found


def alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    for id, pictures in one.items():
        if isinstance(pictures, str):
            assert pictures == other[id]
            assert "it failed" not in pictures  # what a node did not foresee
            continue
        for name, image in pictures.items():
            assert np.isfinite(image).all(), name
            np.testing.assert_array_equal(image, other[id][name], err_msg=name)


def thin(height: int, width: int) -> list[tuple[int, int]]:
    return [(top, min(top + 3, height)) for top in range(0, height, 3)]


def holds(document: Document) -> None:
    plain = rendered(document)
    alike(plain, rendered(document, threads=3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "row_bands", thin)
        patch.setattr(declare, "row_bands", thin)
        alike(plain, rendered(document))
    text = documents.dumps(document)
    again = documents.loads(text)
    assert documents.dumps(again) == text
    alike(plain, rendered(again))


CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


@settings(max_examples=60, derandomize=True, **CALM)
@given(document=graphs())
def test_a_random_graph_has_the_same_bits_by_any_threads_bands_and_saving(document):
    holds(document)


@pytest.mark.slow
@settings(max_examples=2000, **CALM)
@given(document=graphs())
def test_many_random_graphs_have_the_same_bits(document):
    holds(document)
