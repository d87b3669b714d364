"""How much of each pixel comes from whom: the calls of a plan walked a second time, with shares for pictures.

A share is a weight of mixing, not of brightness or worth. What moves and mixes pixels moves and mixes their shares
alike; where a node does more than that its declaration gives the rule. Duties never follow from shares, see
`materials.taint`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from materials.calls import MAP, Call, Part, Read, is_given
from materials.evaluate import arguments_of
from materials.flatten import Flat
from materials.plan import Plan
from materials.taint import Key, giving, live, pictured, sources_of_map
from nodes.arrays import MAPS, Material, Origin, Value
from nodes.declare import Band, Kind, Weights

Plane = np.ndarray | float

PROCEDURAL: Key = ("", "")
"""Stands for what the graph itself computes, among the sources."""

STRAY = 1e-3
"""How far a pixel's shares may be from 1 in all before they are called a rule and not exact."""


class Grade(enum.IntEnum):
    """How shares were found; of a chain of nodes the least certain counts."""

    EXACT = 0
    RULE = 1
    APPROXIMATE = 2


@dataclass(frozen=True)
class Shares:
    """Contributors to planes (or one number for all pixels) that sum to 1 at each pixel."""

    of: Mapping[Key, Plane]
    grade: Grade = Grade.EXACT

    def graded(self, grade: Grade) -> Shares:
        return Shares(self.of, max(self.grade, grade))


OWN = Shares({PROCEDURAL: 1.0})

Planes = Mapping[str, Shares]
"""By the names that `nodes.arrays.planes` gives: a picture has one, named "", a material one for each map."""


def of_plan(plan: Plan, flat: Flat, check: Callable[[], None] = lambda: None) -> dict[str, Shares]:
    """Return the shares of each output of a plan that computes everything, by name.

    check : called before each node; what it raises ends the work.
    """
    walk = _Walk(plan, flat)
    for call in plan.calls:
        check()
        walk.call(call)
    return {name: _average(walk.shares[part].values()) for name, part in plan.outputs.items()}


# ---- arithmetic ------------------------------------------------------------------------------------


def mixed(parts: Iterable[tuple[Shares, Plane]]) -> Shares:
    """Return shares times weights, summed; what the weights leave of 1 is procedural."""
    found: dict[Key, Plane] = {}
    rest: Plane = 1.0
    grade = Grade.EXACT
    for shares, weight in parts:
        if np.ndim(weight) == 0 and weight == 0:
            continue
        grade = max(grade, shares.grade)
        rest = rest - weight
        for key, plane in shares.of.items():
            found[key] = found.get(key, 0.0) + plane * weight
    if np.ndim(rest) or rest > 1e-6:
        found[PROCEDURAL] = np.maximum(found.get(PROCEDURAL, 0.0) + rest, 0)
    return Shares(found, grade)


def _average(parts: Iterable[Shares]) -> Shares:
    parts = list(parts)
    return parts[0] if len(parts) == 1 else mixed((shares, 1 / len(parts)) for shares in parts)


def _normalised(planes: Mapping[Key, np.ndarray]) -> Shares:
    """Return planes as shares: nothing below 0, 1 in all; a pixel that nothing reached is procedural."""
    total = np.sum(list(planes.values()), axis=0)
    stray = np.abs(total - 1) > STRAY
    below = min(float(plane.min()) for plane in planes.values()) < -STRAY
    exact = not below and not (stray & (np.abs(total) > STRAY)).any()
    clipped = {key: np.maximum(plane, 0) for key, plane in planes.items()}
    total = np.sum(list(clipped.values()), axis=0)
    empty = total <= STRAY
    scale = 1 / np.where(empty, 1, total)
    shares = {key: np.where(empty, np.float32(key == PROCEDURAL), plane * scale) for key, plane in clipped.items()}
    return Shares(shares, Grade.EXACT if exact else Grade.RULE)


def _is_own(planes: Planes) -> bool:
    return all(set(shares.of) == {PROCEDURAL} for shares in planes.values())


# ---- the walk --------------------------------------------------------------------------------------


class _Walk:
    """Values and shares of all calls so far; what nobody reads any more is dropped."""

    def __init__(self, plan: Plan, flat: Flat) -> None:
        self.plan, self.flat = plan, flat
        self.values: dict[Part, Value] = {}
        self.shares: dict[Part, Planes] = {}
        self.last: dict[Part, int] = {read.part: call.index for call in plan.calls for read in call.reads}
        self.kept = set(plan.outputs.values())
        self.band = Band(plan.height, plan.width, 0, plan.height)

    def call(self, call: Call) -> None:
        """Compute a call's values and shares."""
        if is_given(call):
            assert call.value is not None
            results = {"out": call.value}
            shares: dict[str, Planes] = {"out": self.own(call, "out")}
        else:
            results = self.run(call, {read.socket: self.values[read.part] for read in call.reads})
            shares = self.shared(call, results)
        for output in call.kinds:
            self.values[call.index, output] = results[output]
            self.shares[call.index, output] = shares[output]
        for read in call.reads:
            if self.last[read.part] == call.index and read.part not in self.kept:
                self.values.pop(read.part, None)
                self.shares.pop(read.part, None)

    def run(self, call: Call, pictures: Mapping[str, Any], **changed: Any) -> dict[str, Value]:
        """Return the results of a node's function on whole pictures."""
        pictures = {**pictures, **changed}
        if call.type.prepare:
            prepared = call.type.prepare(**arguments_of(call, call.type.prepare, self.band, pictures))
            pictures["prepared"] = prepared
        result = call.type.function(**arguments_of(call, call.type.function, self.band, pictures))
        parts = (result,) if len(call.type.outputs) == 1 else result
        return {output.name: _contiguous(part) for output, part in zip(call.type.outputs, parts, strict=True)}

    def own(self, call: Call, output: str) -> Planes:
        return dict.fromkeys(call.maps if call.kinds[output] is Kind.MATERIAL else ("",), OWN)

    def planes(self, read: Read) -> Planes:
        return self.shares[read.part]

    def shared(self, call: Call, results: Mapping[str, Value]) -> dict[str, Planes]:
        """Return the shares of each output of a call, by the rule that its node declares."""
        pictures = pictured(call, self.flat)
        reads, names = giving(call, pictures)
        if not names and all(_is_own(self.planes(read)) for read in reads):
            return {output: self.own(call, output) for output in call.kinds}
        if call.type is MAP:
            return {"out": {"": self.planes(reads[0]).get(call.arguments["map"], OWN)}}
        if call.type.apart is not None:
            return self.apart(call)
        if call.type.weights is not None:
            return self.everywhere(call, self.weighed(call, {read.socket: self.all(read) for read in reads}))
        match call.type.carries:
            case "origin":
                return self.copied(call, results, pictures)
            case "tone" if reads:
                return self.everywhere(call, _toned(reads[0], self.all(reads[0])))
            case "pick" if reads:
                return self.everywhere(call, self.picked(call, reads, results))
            case "mix" if reads and not names:
                return self.repeated(call, reads)
        found: dict[str, Planes] = {}
        for output in call.kinds:
            shares = self.equally(call, reads, _pictures_of(call, output, names), pictures)
            found[output] = self.everywhere(call, shares)[output]
        return found

    def all(self, read: Read) -> Shares:
        """Return the shares of a whole value: of a material, the mean of its maps'."""
        return _average(self.planes(read).values()) if self.planes(read) else OWN

    def everywhere(self, call: Call, shares: Shares) -> dict[str, Planes]:
        """Return the same shares for every output; stamps have no pixels, only a mean."""
        found: dict[str, Planes] = {}
        for output, planes in ((output, self.own(call, output)) for output in call.kinds):
            own = shares
            if call.kinds[output] is Kind.STAMPS:
                means = {key: float(np.mean(plane)) for key, plane in shares.of.items()}
                own = Shares(means, Grade.APPROXIMATE)
            found[output] = dict.fromkeys(planes, own)
        return found

    # ---- the rules ----

    def weighed(self, call: Call, shares: Mapping[str, Shares]) -> Shares:
        """Return shares by the weights that a node tells of its sockets."""
        weights = self.weights(call)
        parts = [(shares[socket], weight) for socket, weight in weights.of.items() if socket in shares]
        return mixed(parts).graded(Grade.EXACT if weights.exact else Grade.RULE)

    def weights(self, call: Call) -> Weights:
        assert call.type.weights is not None
        pictures = {read.socket: self.values[read.part] for read in call.reads}
        return call.type.weights(**arguments_of(call, call.type.weights, self.band, pictures))

    def equally(self, call: Call, reads: Sequence[Read], names: Sequence[str], pictures: Mapping[str, Key]) -> Shares:
        """Return the same part for every input and picture, and for the node where it could do without inputs."""
        parts = [self.all(read) for read in reads] + [Shares({pictures[name]: 1.0}) for name in names]
        if not parts or (call.type.carries == "mix" and not reads and len(parts) == 1):
            return parts[0] if parts else OWN  # nothing else can be in it
        if call.type.generator and not names:
            parts.append(OWN)
        return _average(parts).graded(Grade.APPROXIMATE)

    def repeated(self, call: Call, reads: Sequence[Read]) -> dict[str, Planes]:
        """Run a linear node on the shares of each contributor in the place of pictures."""
        given = {read.socket: self.all(read) for read in reads}
        steering = {read.socket: self.values[read.part] for read in call.reads if read.socket not in given}
        made: dict[Key, dict[str, Value]] = {}
        for key in sorted({PROCEDURAL} | {key for shares in given.values() for key in shares.of}):
            planes = {socket: self.picture(call, socket, shares.of.get(key, 0.0)) for socket, shares in given.items()}
            made[key] = self.run(call, {**steering, **planes}, **call.type.linear)
        grade = max(shares.grade for shares in given.values())
        if any(call.arguments[name] != value for name, value in call.type.linear.items()):
            grade = max(grade, Grade.RULE)
        found: dict[str, Planes] = {}
        for output in call.kinds:
            shares = _normalised({key: _flat(results[output]) for key, results in made.items()})
            found[output] = dict.fromkeys(self.own(call, output), shares.graded(grade))
        return found

    def picture(self, call: Call, socket: str, plane: Plane) -> Value:
        """Return a share plane as what a socket takes."""
        found = call.type.socket(socket)
        gray = np.ascontiguousarray(np.broadcast_to(plane, (self.plan.height, self.plan.width)), np.float32)
        match found.kind if found else Kind.GRAY:
            case Kind.COLOR:
                return np.repeat(gray[..., None], 3, axis=2)
            case Kind.FLOW:
                return np.repeat(gray[..., None], 2, axis=2)
            case Kind.MATERIAL:
                return Material({"height": gray})
        return gray

    def picked(self, call: Call, reads: Sequence[Read], results: Mapping[str, Value]) -> Shares:
        """Give each pixel to the input that is nearest to the result, the first among equals."""
        if len(reads) == 1:
            return self.all(reads[0])
        result = results[call.type.outputs[0].name]
        near = [(read, _distance(self.values[read.part], result)) for read in reads]
        near = [(read, distance) for read, distance in near if distance is not None]
        if not near:
            return self.equally(call, reads, (), {})
        distances = np.stack([distance for _, distance in near])
        winner = distances.argmin(axis=0)
        parts = [(self.all(read), (winner == place).astype(np.float32)) for place, (read, _) in enumerate(near)]
        return mixed(parts).graded(Grade.EXACT if not distances.min(axis=0).any() else Grade.RULE)

    def apart(self, call: Call) -> dict[str, Planes]:
        """Return the shares of a node that keeps the maps of materials apart, map by map."""
        return {
            output: {plane: self.map(call, plane or output) for plane in self.own(call, output)}
            for output in call.kinds
        }

    def map(self, call: Call, map: str) -> Shares:
        named, materials = sources_of_map(call, map)
        if named is not None:
            return self.all(named)
        apart = call.type.apart or {}
        further = apart.get(map, ()) if map in MAPS else apart.get("", ())
        found = {}
        for read in materials:
            planes = self.planes(read)
            found[read.socket] = next((planes[name] for name in (map, *further) if name in planes), OWN)
        if call.type.weights is not None:
            return self.weighed(call, found)
        if not found or not live(call):
            return OWN
        if call.type.carries == "mix":
            return self.moved(call, materials[0], next(iter(found.values())))
        return next(iter(found.values()))

    def moved(self, call: Call, material: Read, shares: Shares) -> Shares:
        """Run a node that moves all maps alike on the shares of one of them."""
        steering = {read.socket: self.values[read.part] for read in call.reads if read is not material}
        made = {}
        for key in {PROCEDURAL, *shares.of}:
            plane = self.picture(call, material.socket, shares.of.get(key, 0.0))
            result = next(iter(self.run(call, {**steering, material.socket: plane}).values()))
            made[key] = _flat(result)
        return _normalised(made).graded(shares.grade)

    def copied(self, call: Call, results: Mapping[str, Value], pictures: Mapping[str, Key]) -> dict[str, Planes]:
        """Follow an origin: each pixel's shares are those of the place it was copied from."""
        origins = [*results.values(), *(self.values[read.part] for read in call.reads)]
        origin = next((value for value in origins if isinstance(value, Origin)), None)
        if origin is None:
            reads, names = giving(call, pictures)
            return self.everywhere(call, self.equally(call, reads, names, pictures))
        found: dict[str, Planes] = {}
        for output in call.kinds:
            map = f"{output}_picture"
            copies = (map,) * len(call.type.copies) if call.type.field(map) else call.type.copies
            parts = [self.taken(call, origin, place, name, pictures) for place, name in enumerate(copies)]
            found[output] = dict.fromkeys(self.own(call, output), mixed(parts))
        return found

    def taken(
        self, call: Call, origin: Origin, place: int, name: str, pictures: Mapping[str, Key]
    ) -> tuple[Shares, Plane]:
        """Return what is copied from one of a node's pictures or sockets, and where that is."""
        weight = np.where(origin.source == place, np.clip(origin.weight, 0, 1), np.float32(0))
        if name in pictures:
            return Shares({pictures[name]: 1.0}), weight
        read = next((read for read in call.reads if read.socket == name), None)
        if read is None:
            return OWN, weight
        shares = self.all(read)
        height, width = self.plan.height, self.plan.width
        rows, columns = origin.sizes[place] if place < len(origin.sizes) else (height, width)
        y = np.clip(origin.y * height // max(rows, 1), 0, height - 1)
        x = np.clip(origin.x * width // max(columns, 1), 0, width - 1)
        return Shares({key: _at(plane, y, x) for key, plane in shares.of.items()}, shares.grade), weight


def _pictures_of(call: Call, output: str, names: Sequence[str]) -> list[str]:
    """Return the picture parameters that an output is made from.

    `height_picture` is the height of what the others show, given by itself: an output `height` is made from it alone,
    and no other output is.
    """
    if call.type.field(f"{output}_picture"):
        return [name for name in names if name == f"{output}_picture"]
    others = {f"{other}_picture" for other in call.kinds}
    return [name for name in names if name not in others]


def _toned(read: Read, shares: Shares) -> Shares:
    """Return unchanged shares; what a node reads around a pixel, or of the whole, is not told apart."""
    return shares.graded(Grade.APPROXIMATE if read.around or read.prepared else Grade.EXACT)


def _at(plane: Plane, y: np.ndarray, x: np.ndarray) -> Plane:
    return plane[y, x] if isinstance(plane, np.ndarray) and plane.ndim == 2 else plane


def _flat(value: Value) -> np.ndarray:
    """Return the mean over the channels of what a node made of a share plane."""
    if isinstance(value, Material):
        value = next(iter(value.maps.values()))
    assert isinstance(value, np.ndarray)
    return value if value.ndim == 2 else value.mean(axis=2, dtype=np.float32)


def _distance(value: Value, result: Value) -> np.ndarray | None:
    """Return how far two pictures of one kind are from each other at each pixel."""
    if not isinstance(value, np.ndarray) or not isinstance(result, np.ndarray) or value.shape != result.shape:
        return None
    apart = np.abs(value - result)
    return apart if apart.ndim == 2 else apart.sum(axis=2)


def _contiguous(value: Value) -> Value:
    return np.ascontiguousarray(value, np.float32) if isinstance(value, np.ndarray) else value
