"""Which sources can reach a picture at all, by any way, told from what nodes declare.

Duties follow from this and never from shares: a source counts however little of it is seen. Nothing is computed here.
A source is left out only where a declaration proves that its pixels change nothing: a branch that nothing reads, a
bypassed node, an input that the parameters leave idle, another map of a material.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from materials.calls import MAP, Call, Part, Read, argument_names
from materials.flatten import Flat
from nodes.arrays import MAPS
from nodes.declare import Kind, Picture

Key = tuple[str, str]
"""Where a source is listed, as the path of its document within the document, and its name there."""


@dataclass(frozen=True)
class Taint:
    """The sources that can reach a picture: those whose pixels may be in it, and those that can only steer it."""

    value: frozenset[Key] = frozenset()
    control: frozenset[Key] = frozenset()

    @property
    def all(self) -> frozenset[Key]:
        return self.value | self.control

    def __or__(self, other: Taint) -> Taint:
        value = self.value | other.value
        return Taint(value, (self.control | other.control) - value)

    def steering(self) -> Taint:
        """Return the same sources where they can only steer."""
        return Taint(control=self.all)


NONE = Taint()

Planes = Mapping[str, Taint]
"""By the names that `nodes.arrays.planes` gives: a picture has one, named "", a material one for each map."""


def together(taints: Iterable[Taint]) -> Taint:
    return reduce(Taint.__or__, taints, NONE)


def pictured(call: Call, flat: Flat) -> dict[str, Key]:
    """Return the sources that a call's parameters name, by parameter."""
    node = flat.nodes.get(call.path)
    if node is None or node.type is not call.type:
        return {}
    prefix = call.path[: len(call.path) - len(node.id)]
    fields = [field for field in call.type.fields if isinstance(field.parameter, Picture)]
    names = {field.name: str(node.parameters.get(field.name, field.default)) for field in fields}
    return {field: (prefix, name) for field, name in names.items() if name}


def live(call: Call) -> list[Read]:
    """Return what a call reads and does not leave idle."""
    if call.type.idle is None:
        return list(call.reads)
    names = argument_names(call.type.idle)
    known = {**call.arguments, "fed": frozenset(read.socket for read in call.reads)}
    idle = call.type.idle(**{name: known[name] for name in names})
    return [read for read in call.reads if read.socket not in idle]


def giving(call: Call, pictures: Mapping[str, Key]) -> tuple[list[Read], list[str]]:
    """Return the inputs and the picture parameters whose pixels may be in a call's results; the others only steer."""
    reads = [read for read in live(call) if read.socket not in call.type.steers]
    if call.type.carries == "tone":
        return reads[:1], [] if reads else list(pictures)
    return reads, list(pictures)


def taints(flat: Flat, calls: Sequence[Call], outputs: Mapping[str, Part]) -> dict[str, Taint]:
    """Return what can reach each output, by its name."""
    pictures = [pictured(call, flat) for call in calls]
    if not any(pictures):
        return dict.fromkeys(outputs, NONE)
    found: dict[Part, Planes] = {}
    for call, named in zip(calls, pictures, strict=True):
        for output, planes in _results(call, named, found).items():
            found[call.index, output] = planes
    return {name: together(found[part].values()) for name, part in outputs.items()}


def _results(call: Call, pictures: Mapping[str, Key], found: Mapping[Part, Planes]) -> dict[str, Planes]:
    """Return the taint of each output of a call."""
    if call.type is MAP:
        return {"out": {"": found[call.reads[0].part].get(call.arguments["map"], NONE)}}
    if call.type.apart is not None:
        return _apart(call, found)
    reads, own = giving(call, pictures)
    value = together(together(found[read.part].values()) for read in reads)
    value |= Taint(frozenset(pictures[name] for name in own))
    rest = together(together(found[read.part].values()) for read in live(call))
    steering = (rest | Taint(frozenset(pictures.values()))).steering()
    return {output: dict.fromkeys(_planes(call, output), value | steering) for output in call.kinds}


def _planes(call: Call, output: str) -> tuple[str, ...]:
    return call.maps if call.kinds[output] is Kind.MATERIAL else ("",)


def _apart(call: Call, found: Mapping[Part, Planes]) -> dict[str, Planes]:
    """Return the taint of a call that keeps the maps of materials apart."""
    return {
        output: {plane: _map(call, plane or output, found) for plane in _planes(call, output)} for output in call.kinds
    }


def _map(call: Call, map: str, found: Mapping[Part, Planes]) -> Taint:
    """Return the taint of one map, or of an output that is no map: it follows from the maps that all depend on."""
    named, materials = sources_of_map(call, map)
    further = call.type.apart or {}
    value = found[named.part][""] if named else together(found[read.part].get(map, NONE) for read in materials)
    others = [*further.get(map, ()), *(further.get("", ()) if map not in MAPS else ())]
    value |= together(found[read.part].get(other, NONE) for read in materials for other in others)
    steering = [found[read.part].get(other, NONE) for read in materials for other in further.get("", ())]
    steering += [together(found[read.part].values()) for read in call.reads if read.socket in call.type.steers]
    return value | together(steering).steering()


def sources_of_map(call: Call, map: str) -> tuple[Read | None, list[Read]]:
    """Return the input that is a map of a material, or else the materials that the map comes from."""
    named = next((read for read in call.reads if read.socket == map and map in MAPS), None)
    kinds = {socket.name: socket.kind for socket in call.type.sockets}
    return named, [] if named else [read for read in call.reads if kinds[read.socket] is Kind.MATERIAL]
