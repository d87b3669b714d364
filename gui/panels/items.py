"""What the panel of parameters lists: read from a document, plain data, no widget.

An `Item` is a row: a parameter, its value, and the places in the graph that it sets.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gui.controls.colours import SPACES
from gui.sections import group_of
from gui.titles import title_of
from materials.driving import Place, driven, parameter_of, value_at
from materials.edits import Edit, Group, SetExpression, SetParameter
from materials.errors import GraphError
from materials.graph import GRAPH_INPUT, GRAPH_OUTPUT, STRUCTURE, SUBGRAPH, Document, Exposed, Node
from nodes.declare import NodeType, sentence_case
from nodes.parameters import Choice, Parameter, Range, SeedValue, Stops, Text


class Nothing:
    """Stands for a default that is not known."""


NOTHING = Nothing()


@dataclass(frozen=True)
class Item:
    """A row: what it is called, what it may hold, what it holds, and where it is set.

    of : whose it is, for undo steps: "Hue of Clay hues". low, high : the soft range where someone gave one.
    parameter : None where nothing is known of it; it is then shown and not changed.
    """

    name: str
    label: str
    parameter: Parameter | None
    value: Any
    default: Any
    places: tuple[Place, ...]
    of: str
    help: str = ""
    low: float | None = None
    high: float | None = None
    expression: str = ""
    exposed: Exposed | None = None
    mixed: bool = False

    @property
    def changed(self) -> bool:
        """Whether it is another than the default."""
        return not isinstance(self.default, Nothing) and (self.mixed or not same(self.value, self.default))

    @property
    def title(self) -> str:
        """What a change of it is called."""
        return f"{self.label} of {self.of}"

    @property
    def shape(self) -> tuple[Any, ...]:
        """What must be the same for a row to be kept."""
        return self.name, self.label, self.parameter, self.places


@dataclass(frozen=True)
class Section:
    """A group of rows; `is_open` is how it is found at first."""

    title: str
    items: tuple[Item, ...]
    is_open: bool = True

    @property
    def note(self) -> str:
        """What a closed group hides."""
        changed = sum(item.changed for item in self.items)
        return f"{changed} changed" if changed else ""


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same to a node, lists and tuples alike."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float | int) and not isinstance(other, bool):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other


def words_of(name: str) -> str:
    """Return a parameter's name as it is read: `in_low` is In low; single letters stay small."""
    return name if len(name) == 1 else sentence_case(name)


def label_of(name: str) -> str:
    """Return what a parameter is called: without its unit, which stands behind the number."""
    return words_of(name.removesuffix("_cm").removesuffix("_deg"))


def kind_of(node: Node) -> str:
    """Return what kind of node it is, in words."""
    if node.type is not None:
        group = group_of(node.type.section).title
        return f"{node.type.title} · {group}" if node.title else group
    if node.key == SUBGRAPH:
        return f"Subgraph · {node.file}" if node.file else "Subgraph"
    return words_of(node.key) if node.key in STRUCTURE else f"{node.key} · unknown here"


def settled(document: Document) -> Document:
    """Return the document with driven parameters at what their expressions come to, as far as they make sense."""
    try:
        return driven(document)
    except GraphError:
        return document


# ---- edits ---------------------------------------------------------------------------------------


def setting(item: Item, value: Any) -> Edit:
    """Return the edit that sets an item."""
    return _one([SetParameter(id, name, value) for id, name in item.places])


def driving(document: Document, item: Item, text: str | None) -> Edit:
    """Return the edit that lets an expression drive an item, or, with no text, nothing."""
    places = [place for place in item.places if text or place[1] in document.nodes[place[0]].expressions]
    return _one([SetExpression(id, name, text or None) for id, name in places])


def resetting(items: Iterable[Item]) -> Edit:
    """Return the edit that sets items to their defaults."""
    return Group(tuple(setting(item, item.default) for item in items if item.changed))


def _one(edits: Sequence[Edit]) -> Edit:
    return edits[0] if len(edits) == 1 else Group(tuple(edits))


# ---- one node ------------------------------------------------------------------------------------

_FINE = frozenset((
    "octaves", "gain", "lacunarity", "basis", "metric", "distribution", "samples", "iterations", "attempts", "layouts",
    "directions", "wrap", "clamp", "normalise", "cells_y", "tear_octaves", "tear_gain", "evenness", "structure", "law",
    "taper", "profile", "threshold", "scales", "regular", "low_share", "high_share", "height_weight",
    "roughness_weight", "normal_weight", "motif", "draw", "skirt",
))  # fmt: skip
"""Parameters that few people need, in nodes that have many."""

_MANY = 6


def node_sections(document: Document, id: str) -> tuple[Section, ...]:
    """Return a node's rows by group."""
    node, shown = document.node(id), settled(document).node(id)
    if node.type is not None:
        return _grouped(_fields(document, node, shown, node.type))
    if node.key == SUBGRAPH and node.graph is not None:
        return _subgraph(document, node, shown)
    of = title_of(node)
    port = Text(128) if node.key in (GRAPH_INPUT, GRAPH_OUTPUT) else None
    items = tuple(
        Item(name, words_of(name), port if name == "name" else None, value, NOTHING, ((id, name),), of)
        for name, value in node.parameters.items()
    )
    return (Section("Kept as it is" if port is None else "Port", items),) if items else ()


def _fields(document: Document, node: Node, shown: Node, kind: NodeType) -> list[Item]:
    exposed = {(entry.node, entry.parameter): entry for entry in document.exposed}
    gradient = any(isinstance(field.parameter, Stops) for field in kind.fields)
    return [
        Item(
            name=field.name,
            label=label_of(field.name),
            parameter=field.parameter,
            value=shown.parameters.get(field.name, field.default),
            default=field.default,
            places=((node.id, field.name),),
            of=title_of(node),
            help=field.help,
            expression=node.expressions.get(field.name, ""),
            exposed=exposed.get((node.id, field.name)),
        )
        for field in kind.fields
        if not (gradient and is_space(field.name, field.parameter))
    ]


def is_space(name: str, parameter: Parameter) -> bool:
    """Return whether a parameter says in which space a gradient is mixed; the gradient's own control shows it."""
    return name == "space" and isinstance(parameter, Choice) and set(parameter.options) == set(SPACES)


def _grouped(items: list[Item]) -> tuple[Section, ...]:
    if not items:
        return ()
    seeds = [item for item in items if isinstance(item.parameter, SeedValue)]
    if len(items) <= _MANY:
        rest = [item for item in items if item not in seeds]
        return (Section("Basic", (*rest, *seeds)),)
    varied = [item for item in items if "jitter" in item.name or item.name in ("variety", "spread")]
    fine = [item for item in items if item.name in _FINE and item not in varied]
    basic = [item for item in items if item not in varied and item not in fine and item not in seeds]
    if not basic:
        basic, fine = fine, []
    if not varied:
        basic, seeds = [*basic, *seeds], []
    parts = (
        ("Basic", basic, True),
        ("Variation", [*varied, *seeds], True),
        ("Advanced", fine, len(items) <= 2 * _MANY),
    )
    return tuple(Section(title, tuple(found), is_open) for title, found, is_open in parts if found)


def _subgraph(document: Document, node: Node, shown: Node) -> tuple[Section, ...]:
    assert node.graph is not None
    outer = {(entry.node, entry.parameter): entry for entry in document.exposed}
    items = []
    for entry in node.graph.exposed:
        bare = replace(node, parameters={k: v for k, v in node.parameters.items() if k != entry.name})
        items.append(
            (
                entry.group,
                Item(
                    name=entry.name,
                    label=entry.label or words_of(entry.name),
                    parameter=parameter_of(node, entry.name),
                    value=value_at(shown, entry.name),
                    default=value_at(bare, entry.name),
                    places=((node.id, entry.name),),
                    of=title_of(node),
                    low=entry.low,
                    high=entry.high,
                    expression=node.expressions.get(entry.name, ""),
                    exposed=outer.get((node.id, entry.name)),
                ),
            )
        )
    return _by_group(items)


def _by_group(items: Iterable[tuple[str, Item]]) -> tuple[Section, ...]:
    groups: dict[str, list[Item]] = {}
    for group, item in items:
        groups.setdefault(group or "Basic", []).append(item)
    return tuple(Section(title, tuple(found)) for title, found in groups.items())


# ---- several nodes, and the whole material -------------------------------------------------------


def shared_sections(document: Document, ids: Collection[str]) -> tuple[Section, ...]:
    """Return the rows that several nodes have in common by name and kind; each sets them all."""
    lists = [
        {item.name: item for section in node_sections(document, id) for item in section.items} for id in sorted(ids)
    ]
    if not lists:
        return ()
    items = []
    for name, first in lists[0].items():
        alike = [found[name] for found in lists if name in found and _alike(first, found[name])]
        if len(alike) == len(lists) and first.parameter is not None:
            items.append(_joined(first, alike))
    return (Section("In common", tuple(items)),) if items else ()


def _alike(one: Item, other: Item) -> bool:
    if isinstance(one.parameter, Choice) and isinstance(other.parameter, Choice):
        return one.parameter.options == other.parameter.options
    if isinstance(one.parameter, Range) and isinstance(other.parameter, Range):
        return (one.parameter.unit, one.parameter.whole) == (other.parameter.unit, other.parameter.whole)
    return one.parameter is not None and type(one.parameter) is type(other.parameter)


def _joined(first: Item, alike: Sequence[Item]) -> Item:
    """Return one row for several: the range is what all of them take."""
    parameter = first.parameter
    if isinstance(parameter, Range):
        ranges = [item.parameter for item in alike if isinstance(item.parameter, Range)]
        parameter = replace(parameter, low=max(r.low for r in ranges), high=min(r.high for r in ranges))
    return replace(
        first,
        parameter=parameter,
        places=tuple(place for item in alike for place in item.places),
        of=f"{len(alike)} nodes",
        expression=next((item.expression for item in alike if item.expression), ""),
        exposed=None,
        mixed=not all(same(item.value, first.value) for item in alike),
        default=first.default if all(same(item.default, first.default) for item in alike) else NOTHING,
    )


def material_sections(document: Document, baseline: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return the exposed parameters by group.

    baseline : what each was when the document was opened or its preset applied; others count as changed.
    """
    shown, items = settled(document), []
    for entry in document.exposed:
        node = document.nodes.get(entry.node)
        if node is None:
            continue
        field = node.type.field(entry.parameter) if node.type is not None else None
        items.append(
            (
                entry.group,
                Item(
                    name=entry.name,
                    label=entry.label or words_of(entry.name),
                    parameter=parameter_of(node, entry.parameter),
                    value=value_at(shown.nodes[entry.node], entry.parameter),
                    default=baseline.get(entry.name, NOTHING),
                    places=((entry.node, entry.parameter),),
                    of=document.title if document.title != Document().title else "the material",
                    help=field.help if field else "",
                    low=entry.low,
                    high=entry.high,
                    expression=node.expressions.get(entry.parameter, ""),
                    exposed=entry,
                ),
            )
        )
    return _by_group(items)


def exposed_values(document: Document) -> dict[str, Any]:
    """Return what each exposed parameter is."""
    found = {}
    for entry in document.exposed:
        if entry.node in document.nodes:
            found[entry.name] = value_at(document.nodes[entry.node], entry.parameter)
    return found


# ---- presets and seeds ---------------------------------------------------------------------------


def place_of_setting(document: Document, name: str) -> Place | None:
    """Return where a preset's setting goes: an exposed name, or `node.parameter`; None if there is no such place."""
    entry = next((entry for entry in document.exposed if entry.name == name), None)
    id, _, parameter = (entry.node, "", entry.parameter) if entry else name.rpartition(".")
    return (id, parameter) if id in document.nodes else None


def applying(document: Document, preset: str) -> Edit:
    """Return the edit that applies a preset."""
    edits = []
    for name, value in document.presets[preset].items():
        place = place_of_setting(document, name)
        if place is None:
            raise GraphError(f'the preset "{preset}" sets {name}, which is not there')
        edits.append(SetParameter(*place, value))
    return Group(tuple(edits))


def holds(document: Document, preset: str) -> bool:
    """Return whether the document is as a preset says."""
    for name, value in document.presets.get(preset, {}).items():
        place = place_of_setting(document, name)
        if place is None or not same(value_at(document.nodes[place[0]], place[1]), value):
            return False
    return preset in document.presets


def seed_places(document: Document) -> list[Place]:
    """Return all seeds of a graph that nothing drives."""
    return [
        (node.id, field.name)
        for node in document.nodes.values()
        if node.type is not None
        for field in node.type.fields
        if isinstance(field.parameter, SeedValue) and field.name not in node.expressions
    ]


def value_text(value: Any) -> str:
    """Return a value in a line, for rows that only show it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
