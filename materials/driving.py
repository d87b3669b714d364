"""Setting parameters of a document, and working out those that expressions drive.

A driven parameter has an expression in its node; what it comes to takes the place of the value that the node holds.
Nothing here recurses but through embedded subgraphs, which nest no deeper than `MAX_NESTING`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from materials.errors import GraphError
from materials.expressions import Expression, ExpressionError, expression_of
from materials.graph import SUBGRAPH, Document, Exposed, Node, checked, similar
from nodes.declare import Parameter
from nodes.parameters import Range, SeedValue, Switch

Place = tuple[str, str]
"""The id of a node and the name of one of its parameters."""


def with_settings(document: Document, settings: Mapping[str, Any]) -> Document:
    """Return the document with parameters set by `node.parameter` or by the name of an exposed one.

    What is set is no longer driven by an expression; what depends on it is worked out anew.

    Raises
    ------
    GraphError
        If a name is unknown or a value outside its range.
    """
    exposed = {entry.name: entry for entry in document.exposed}
    nodes = dict(document.nodes)
    for name, value in settings.items():
        entry = exposed.get(name)
        id, _, parameter = (entry.node, "", entry.parameter) if entry else name.rpartition(".")
        if not id:
            hint = similar(name, [*exposed, *(f"{node}.{p}" for node in nodes for p in nodes[node].parameters)])
            raise GraphError(f"there is no parameter {name!r}", hint=hint or "write node.parameter=value")
        node = document.node(id) if id not in nodes else nodes[id]
        if entry is not None:
            _check_exposed(entry, value)
        parameters = {**node.parameters, parameter: checked(node, parameter, value)}
        kept = {other: text for other, text in node.expressions.items() if other != parameter}
        nodes[id] = replace(node, parameters=parameters, expressions=kept)
    return driven(replace(document, nodes=nodes))


def _check_exposed(entry: Exposed, value: Any) -> None:
    low = entry.low if entry.low is not None else float("-inf")
    high = entry.high if entry.high is not None else float("inf")
    if isinstance(value, int | float) and not low <= value <= high:
        raise GraphError(f"{value:g} is outside {low:g} to {high:g}", where=f'parameter "{entry.label or entry.name}"')


def driven(document: Document) -> Document:
    """Return the document with every driven parameter at what its expression comes to; the very same if none is.

    Raises
    ------
    GraphError
        If an expression names what is not there or is no number, if expressions run in a circle, or if a value is
        out of its parameter's range.
    """
    formulas = {
        (node.id, name): _expression(node, name, text)
        for node in document.nodes.values()
        if node.type is not None or node.key == SUBGRAPH  # what is not known here is kept, not worked out
        for name, text in node.expressions.items()
    }
    if not formulas:
        return document
    names = {place: {name: place_of(document, place, name) for name in made.names} for place, made in formulas.items()}
    nodes = dict(document.nodes)
    for place in _in_order(document, formulas, names):
        values = {name: _number_at(nodes, read, place) for name, read in names[place].items()}
        nodes[place[0]] = _driven_node(nodes[place[0]], place[1], formulas[place], values)
    return replace(document, nodes=nodes)


def place_of(document: Document, place: Place, name: str) -> Place:
    """Return the node and parameter that a name in the expression of `place` means, or raise `GraphError`."""
    id, dot, parameter = name.partition(".")
    if not dot:
        for entry in document.exposed:
            if entry.name == name:
                return entry.node, entry.parameter
        hint = similar(name, [entry.name for entry in document.exposed])
        what = f"there is no exposed parameter {name!r}"
        raise _refused(document.nodes[place[0]], place[1], what, hint or "a node's parameter is written node.parameter")
    if id not in document.nodes:
        raise _refused(document.nodes[place[0]], place[1], f"there is no node {id!r}", similar(id, document.nodes))
    return id, parameter


def _expression(node: Node, name: str, text: str) -> Expression:
    try:
        return expression_of(text)
    except ExpressionError as error:
        raise GraphError(f"the expression of {name} {error}", where=node.label) from None


def _refused(node: Node, name: str, what: str, hint: str = "") -> GraphError:
    return GraphError(f"{name} is driven by {node.expressions[name]!r}: {what}", where=node.label, hint=hint)


def _in_order(
    document: Document, formulas: Mapping[Place, Expression], names: Mapping[Place, Mapping[str, Place]]
) -> list[Place]:
    """Return the driven parameters, each after those it reads."""
    waiting = dict.fromkeys(formulas, 0)
    readers: dict[Place, list[Place]] = {}
    for place, reads in names.items():
        for read in set(reads.values()):
            for needed in [read] if read in formulas else _behind(document, formulas, read):
                waiting[place] += 1
                readers.setdefault(needed, []).append(place)
    ready = [place for place, count in waiting.items() if count == 0]
    for place in ready:  # grows while we walk it
        for reader in readers.get(place, ()):
            waiting[reader] -= 1
            if waiting[reader] == 0:
                ready.append(reader)
    if len(ready) < len(formulas):
        left = [place for place in formulas if waiting[place] > 0]
        circle = ", ".join(f"{id}.{name}" for id, name in left[:6])
        node = document.nodes[left[0][0]]
        raise GraphError(f"expressions run in a circle: {circle}", where=node.label, hint="clear one of them")
    return ready


def _behind(document: Document, formulas: Mapping[Place, Expression], read: Place) -> list[Place]:
    """Return what may drive a parameter inside a subgraph that the subgraph's node does not set itself."""
    node = document.nodes[read[0]]
    if node.key != SUBGRAPH or read[1] in node.parameters:
        return []
    return [(node.id, name) for name in node.expressions if (node.id, name) in formulas]


def _number_at(nodes: Mapping[str, Node], read: Place, place: Place) -> float:
    value = value_at(nodes[read[0]], read[1])
    if isinstance(value, int | float):
        return float(value)
    what = f"{read[0]}.{read[1]} is no number" if value is not None else f"there is no {read[0]}.{read[1]}"
    node = nodes[read[0]]
    raise _refused(nodes[place[0]], place[1], what, similar(read[1], node.parameters) if value is None else "")


def value_at(node: Node, name: str) -> Any:
    """Return a parameter's value; for one of an embedded subgraph what it has inside. None if there is none."""
    if name in node.parameters or node.graph is None:
        return node.parameters.get(name)
    entry = next((entry for entry in node.graph.exposed if entry.name == name), None)
    if entry is None or entry.node not in node.graph.nodes:
        return None
    inner = with_settings(node.graph, node.parameters)
    return value_at(inner.nodes[entry.node], entry.parameter)


def parameter_of(node: Node, name: str) -> Parameter | None:
    """Return what a node's parameter may hold, for one of an embedded subgraph what it shows; None if not known."""
    while node.key == SUBGRAPH and node.graph is not None:
        entry = next((entry for entry in node.graph.exposed if entry.name == name), None)
        if entry is None or entry.node not in node.graph.nodes:
            return None
        node, name = node.graph.nodes[entry.node], entry.parameter
    field = node.type.field(name) if node.type is not None else None
    return field.parameter if field else None


def _driven_node(node: Node, name: str, expression: Expression, values: Mapping[str, float]) -> Node:
    parameter = parameter_of(node, name)
    if parameter is not None and not isinstance(parameter, Range | SeedValue | Switch):
        raise _refused(node, name, "only numbers and switches can be driven")
    try:
        number: Any = expression.value(values)
    except ExpressionError as error:
        raise _refused(node, name, str(error)) from None
    if isinstance(parameter, Switch):
        number = number != 0
    elif isinstance(parameter, SeedValue) or (isinstance(parameter, Range) and parameter.whole):
        number = math.floor(number + 0.5)
    try:
        value = checked(node, name, number)
    except GraphError as error:
        hint = f"it is driven by {expression.text!r}"
        raise GraphError(error.what, where=error.where, hint=hint) from None
    return replace(node, parameters={**node.parameters, name: value})
