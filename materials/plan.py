"""What to compute, in which steps, and which results must exist in full.

A node that reads the pixel it writes can run on a band of rows as soon as its inputs have run on that
band. A node that reads around the pixel needs its input in full: there the graph is cut. So a plan is a short list
of steps, each a few barriers (whole-picture nodes, reductions) and then one pass over all bands for the nodes
between two cuts. Only what crosses a cut is stored in full, from its step to its last reader's.

Generators run as late as they can, since they keep nothing alive, and cheap ones run again in each step that
reads them rather than being stored.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from materials.errors import GraphError
from materials.flatten import Feed, Flat
from materials.graph import Node
from nodes.arrays import Value, kind_of, widen
from nodes.declare import CHANNELS, Band, Field, Kind, NodeType, Output, Picture, SeedValue, Socket
from nodes.kernels.hash import hash_array

ENGINE = "1"
"""Part of every result's key: raised when the engine's own arithmetic changes."""

BYTES = {
    Kind.GRAY: 4,
    Kind.COLOR: 12,
    Kind.FLOW: 8,
    Kind.REGIONS: 4,
    Kind.ORIGIN: 16,
    Kind.STAMPS: 0,
    Kind.MATERIAL: 36,
}

Part = tuple[int, str]
"""A call's number and the name of one of its outputs."""

Pictures = Callable[[str, str], tuple[np.ndarray, str]]
"""Path of a node and name of a source to its decoded pixels and their hash."""


@dataclass(frozen=True)
class Read:
    """One socket of a call: which part it reads, and whether it needs it in full."""

    socket: str
    part: Part
    around: bool
    prepared: bool
    """Whether the node's `prepare` reads it too, in full."""


@dataclass(frozen=True)
class Call:
    """One node at work: its function, its arguments, and the key of its results."""

    index: int
    path: str
    label: str
    type: NodeType
    arguments: Mapping[str, Any]
    reads: tuple[Read, ...]
    kinds: Mapping[str, Kind]
    key: str
    value: Value | None = None
    """The result, where it is given from outside and nothing is computed."""

    @property
    def sockets(self) -> tuple[str, ...]:
        return tuple(socket.name for socket in self.type.sockets)


@dataclass
class Step:
    """Barriers, in order, then one pass over the bands for `banded`."""

    barriers: list[int] = field(default_factory=list)
    banded: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """All of a run, known before it starts."""

    height: int
    width: int
    calls: tuple[Call, ...]
    steps: tuple[Step, ...]
    wanted: Mapping[int, frozenset[str]]
    stored: Mapping[Part, tuple[int, int]]
    """Parts that exist in full: the step that makes them and the last that reads them."""
    outputs: Mapping[str, Part]

    def bytes_at(self, step: int) -> int:
        """Return the bytes of full-size results alive while a step runs."""
        return sum(self.part_bytes(part) for part, (made, last) in self.stored.items() if made <= step <= last)

    def part_bytes(self, part: Part) -> int:
        call, output = part
        return BYTES[self.calls[call].kinds[output]] * self.height * self.width

    def peak_bytes(self, threads: int) -> int:
        """Return an upper estimate of the memory that the run takes beyond what is there before."""
        rows = max(8, min(131072 // max(self.width, 1), -(-self.height // 4)))
        peak = 0
        for number, step in enumerate(self.steps):
            band = sum(
                BYTES[self.calls[index].kinds[name]] * rows * self.width
                for index in step.banded
                for name in self.wanted[index]
            )
            # Whole-picture nodes work on labels, distances and queues of their own: two more planes.
            extra = 8 * self.height * self.width if step.barriers else 0
            peak = max(peak, self.bytes_at(number) + max(band * threads, extra))
        return peak


# ---- the engine's own nodes ------------------------------------------------------------------------


def _widen(image: np.ndarray) -> np.ndarray:
    return widen(image)


def _constant(band: Band, value: float, channels: int) -> np.ndarray:
    image = band.empty(channels=channels)
    image.fill(value)
    return image


def _internal(
    key: str, function: Callable[..., Any], sockets: tuple[Socket, ...], kind: Kind, band: str | None
) -> NodeType:
    return NodeType(
        key, "engine", function, sockets, (), (Output("out", kind),), "pixel", "mix", None, (), None, band, 0.0
    )


WIDEN = _internal("gray to color", _widen, (Socket("image", Kind.GRAY, False, False),), Kind.COLOR, None)
CONSTANT = _internal("constant", _constant, (), Kind.GRAY, "band")
GIVEN = _internal("given", lambda: None, (), Kind.GRAY, None)


# ---- calls: the graph with everything about kinds and parameters decided ----------------------------


@dataclass
class _Builder:
    flat: Flat
    height: int
    width: int
    seed: int
    pictures: Pictures
    given: Mapping[Feed, Value]
    calls: list[Call] = field(default_factory=list)
    parts: dict[Feed, Part] = field(default_factory=dict)
    widened: dict[Part, Part] = field(default_factory=dict)

    def kind(self, part: Part) -> Kind:
        return self.calls[part[0]].kinds[part[1]]

    def add(self, path: str, label: str, kind: NodeType, arguments: Mapping[str, Any], **more: Any) -> int:
        index = len(self.calls)
        self.calls.append(Call(index, path, label, kind, arguments, **more))
        return index

    def give(self, feed: Feed, value: Value) -> None:
        """Enter a picture that comes from outside as the result of a call that is done.

        Its key is its own: what is made from it is not found again by content.
        """
        kinds = {"out": kind_of(value)}
        index = self.add(
            feed[0], feed[0], GIVEN, {}, reads=(), kinds=kinds, key=f"given {uuid.uuid4().hex}", value=value
        )
        self.parts[feed] = (index, "out")

    def as_color(self, part: Part) -> Part:
        """Return a part as colour; gray ones get a call that widens them, once."""
        if self.kind(part) is not Kind.GRAY:
            return part
        if part not in self.widened:
            source = self.calls[part[0]]
            index = self.add(
                source.path,
                source.label,
                WIDEN,
                {},
                reads=(Read("image", part, False, False),),
                kinds={"out": Kind.COLOR},
                key=_key("gray to color", source.key, part[1]),
            )
            self.widened[part] = (index, "out")
        return self.widened[part]

    def node(self, path: str, node: Node) -> None:
        """Enter the call of a node whose inputs are entered already."""
        kind = node.type
        if kind is None:
            raise GraphError(f"the kind {node.key!r} is not known here", where=node.label, hint=_spelling(node.key))
        if node.version > kind.version:
            raise GraphError(f"it was saved by a newer version ({node.version}, here {kind.version})", where=node.label)
        feeds = {name: self.parts[feed] for name, feed in self.flat.feeds.get(path, {}).items() if feed in self.parts}
        if node.bypass:
            self.constant(path, node, kind)
            return
        for socket in kind.sockets:
            if socket.name not in feeds and not socket.optional:
                raise GraphError(f"its input {socket.name} is not connected", where=node.label)
        colour = any(
            self.kind(feeds[socket.name]) is Kind.COLOR
            for socket in kind.sockets
            if socket.kind is Kind.IMAGE and socket.name in feeds
        )
        in_prepare = argument_names(kind.prepare) if kind.prepare else frozenset()
        reads = []
        for socket in kind.sockets:
            if socket.name not in feeds:
                continue
            part = feeds[socket.name]
            if socket.kind is Kind.COLOR or (socket.kind is Kind.IMAGE and colour):
                part = self.as_color(part)
            reads.append(Read(socket.name, part, socket.around, socket.name in in_prepare))
        arguments, hashed = self.arguments(path, node, kind)
        image = Kind.COLOR if colour else Kind.GRAY
        kinds = {output.name: image if output.kind is Kind.IMAGE else output.kind for output in kind.outputs}
        inputs = [[read.socket, self.calls[read.part[0]].key, read.part[1]] for read in reads]
        key = _key(kind.key, kind.version, hashed, inputs, self.height, self.width)
        index = self.add(path, node.label, kind, arguments, reads=tuple(reads), kinds=kinds, key=key)
        for output in kind.outputs:
            self.parts[path, output.name] = (index, output.name)

    def constant(self, path: str, node: Node, kind: NodeType) -> None:
        """Enter what a bypassed node stands for where no picture passes through it."""
        value = 0.5 if kind.neutral is None else float(kind.neutral)
        for output in kind.outputs:
            channels = CHANNELS.get(output.kind, 1)
            if output.kind not in {Kind.GRAY, Kind.COLOR, Kind.FLOW, Kind.IMAGE}:
                raise GraphError(f"it cannot be bypassed: it makes {output.kind.value}", where=node.label)
            image = Kind.GRAY if output.kind is Kind.IMAGE else output.kind
            filled = 0.0 if image is Kind.FLOW else value
            index = self.add(
                path,
                node.label,
                CONSTANT,
                {"value": filled, "channels": channels},
                reads=(),
                kinds={"out": image},
                key=_key("constant", filled, channels, self.height, self.width),
            )
            self.parts[path, output.name] = (index, "out")

    def arguments(self, path: str, node: Node, kind: NodeType) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a node's parameters as its function gets them, and as they enter its key."""
        resolved: dict[str, Any] = {}
        hashed: dict[str, Any] = {}
        for entry in kind.fields:
            value = _checked(node, entry)
            if isinstance(entry.parameter, SeedValue):
                value = mix_seed(value, self.seed)
            hashed[entry.name] = value
            resolved[entry.name] = entry.parameter.resolve(value, self.height, self.width)
            if isinstance(entry.parameter, Picture):
                resolved[entry.name], hashed[entry.name] = self.pictures(path, str(value)) if value else (None, "")
        return resolved, hashed


def _checked(node: Node, entry: Field) -> Any:
    try:
        return entry.parameter.check(node.parameters.get(entry.name, entry.default))
    except ValueError as error:
        raise GraphError(f"{entry.name} {error}", where=node.label) from None


def _spelling(key: str) -> str:
    from nodes.catalogue import similar

    close = similar(key)
    return f"did you mean {' or '.join(close)}?" if close else "it may come from a newer version or a pack"


@cache
def argument_names(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of a function's arguments."""
    return frozenset(inspect.signature(function).parameters)


def _key(*parts: Any) -> str:
    text = json.dumps([ENGINE, *parts], sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def mix_seed(seed: int, variation: int) -> int:
    """Return a node's seed under the graph's: variation 0 changes nothing."""
    return seed if variation == 0 else int(hash_array(seed, 0x5EED, variation)) & 0x7FFFFFFF


# ---- from calls to steps ---------------------------------------------------------------------------


def plan(
    flat: Flat,
    height: int,
    width: int,
    *,
    seed: int = 0,
    outputs: Collection[str] | None = None,
    pictures: Pictures | None = None,
    given: Mapping[Feed, Value] | None = None,
    cached: Callable[[str], bool] = lambda key: False,
    streamed: bool = False,
    cheap: Callable[[Call], bool] | None = None,
) -> Plan:
    """Return what computes `outputs` (None for all) of a flat graph at a size.

    given : pictures that stand for feeds, instead of nodes.
    cached : whether the result `key.output` need not be computed.
    streamed : whether outputs are handed on band by band, so that they need not exist in full.
    cheap : whether a generator's call is better repeated than stored.

    Raises
    ------
    GraphError
        If an output is unknown, an input is missing, a kind is unknown, or a parameter out of range.
    """
    wanted = _outputs(flat, outputs)
    builder = _Builder(flat, height, width, seed, pictures or _no_pictures, given or {})
    for feed, value in builder.given.items():
        builder.give(feed, value)
    for path in _needed(flat, wanted.values(), set(builder.given)):
        builder.node(path, flat.nodes[path])
    parts = {name: builder.parts[feed] for name, feed in wanted.items()}
    calls, parts = _without_cached(builder.calls, parts, cached)
    return schedule(calls, parts, height, width, streamed, cheap or _is_trivial)


def _no_pictures(path: str, name: str) -> tuple[np.ndarray, str]:
    raise GraphError(f"there is no source {name!r}", where=path)


def _outputs(flat: Flat, names: Collection[str] | None) -> dict[str, Feed]:
    if names is None:
        if not flat.outputs:
            raise GraphError("the graph has no output", hint="add a material_output and connect its maps")
        return dict(flat.outputs)
    found = {}
    for name in names:
        path, _, output = name.rpartition(".")
        kind = flat.nodes[path].type if path in flat.nodes else None
        if name in flat.outputs:
            found[name] = flat.outputs[name]
        elif kind is not None and kind.output(output):
            found[name] = (path, output)
        elif name in flat.nodes:
            own = flat.nodes[name].type
            found[name] = (name, own.outputs[0].name if own else "out")
        else:
            raise GraphError(f"there is no output {name!r}", hint=f"it has {', '.join(flat.outputs) or 'none'}")
    return found


def _needed(flat: Flat, feeds: Collection[Feed], given: set[Feed]) -> list[str]:
    """Return the nodes that `feeds` depend on, each after what it reads."""
    order: list[str] = []
    state: dict[str, int] = {}
    stack = [feed[0] for feed in reversed(list(feeds)) if feed not in given]
    while stack:
        path = stack[-1]
        if state.get(path) == 2:
            stack.pop()
            continue
        before = [feed[0] for feed in flat.feeds.get(path, {}).values() if feed not in given and feed[0] in flat.nodes]
        if state.get(path) == 1:
            state[path] = 2
            order.append(path)
            stack.pop()
            continue
        state[path] = 1
        for source in reversed(before):
            if state.get(source) == 1:
                raise GraphError("the links run in a circle", where=flat.nodes[path].label)
            if source not in state:
                stack.append(source)
    return order


def _without_cached(
    calls: list[Call], parts: dict[str, Part], cached: Callable[[str], bool]
) -> tuple[list[Call], dict[str, Part]]:
    """Drop calls that nobody needs; a call whose read outputs are all cached becomes a given one."""
    reads: dict[int, set[str]] = {}
    for index, output in parts.values():
        reads.setdefault(index, set()).add(output)
    keep: dict[int, Call] = {}
    for call in reversed(calls):
        names = reads.get(call.index)
        if names is None:
            continue
        if call.value is None and all(cached(f"{call.key}.{name}") for name in names):
            call = replace(call, type=replace(GIVEN, key=call.type.key), reads=(), arguments={})
        keep[call.index] = call
        for read in call.reads:
            reads.setdefault(read.part[0], set()).add(read.part[1])
    number = {index: place for place, index in enumerate(sorted(keep))}
    moved = [
        replace(
            call,
            index=number[call.index],
            reads=tuple(replace(read, part=(number[read.part[0]], read.part[1])) for read in call.reads),
        )
        for index, call in sorted(keep.items())
    ]
    return moved, {name: (number[index], output) for name, (index, output) in parts.items()}


def is_given(call: Call) -> bool:
    """Return whether a call's results come from outside or from the cache."""
    return call.type.section == "engine" and call.type.function is GIVEN.function


def _is_trivial(call: Call) -> bool:
    """Whether a generator only fills in a constant."""
    return call.type.key in {"constant", "uniform", "uniform_color"}


def schedule(
    calls: list[Call],
    outputs: dict[str, Part],
    height: int,
    width: int,
    streamed: bool,
    cheap: Callable[[Call], bool],
) -> Plan:
    """Put calls into steps and decide what is stored, from when to when."""
    step_of = _earliest(calls)
    shown = {part[0] for part in outputs.values()}
    _later(calls, step_of, set(outputs.values()), streamed)
    repeated = {
        call.index
        for call in calls
        if not (call.reads or is_given(call) or call.type.whole or call.index in shown) and cheap(call)
    }
    steps = [Step() for _ in range(max(step_of, default=0) + 1)]
    readers: dict[Part, list[tuple[int, bool]]] = {}
    for call in calls:
        for read in call.reads:
            full = read.around or read.prepared or call.type.whole
            readers.setdefault(read.part, []).append((step_of[call.index], full))
    last = len(steps) - 1
    results = set(outputs.values())
    stored: dict[Part, tuple[int, int]] = {}
    wanted: dict[int, set[str]] = {}
    for part in {*readers, *results}:
        index, output = part
        wanted.setdefault(index, set()).add(output)
        made = 0 if is_given(calls[index]) else step_of[index]
        reads = readers.get(part, [])
        again = index in repeated and not any(full for _, full in reads)
        in_full = any(full or (step > made and not again) for step, full in reads)
        whole = calls[index].type.whole or is_given(calls[index])
        if in_full or whole or (part in results and not streamed):
            end = last if part in results and not streamed else max([made, *(step for step, _ in reads)])
            stored[part] = (made, end)
    for call in calls:
        if is_given(call):
            continue
        step = steps[step_of[call.index]]
        if call.type.whole:
            step.barriers.append(call.index)
            continue
        if call.type.prepare:
            step.barriers.append(call.index)
        places = {step_of[call.index]}
        if call.index in repeated:
            places |= {at for part, reads in readers.items() if part[0] == call.index for at, _ in reads}
        for place in places:
            steps[place].banded.append(call.index)
    for step in steps:
        step.banded.sort()
    return Plan(
        height,
        width,
        tuple(calls),
        tuple(steps),
        {index: frozenset(names) for index, names in wanted.items()},
        stored,
        outputs,
    )


def _earliest(calls: list[Call]) -> list[int]:
    """Return the first step each call can run in."""
    step_of: list[int] = []
    for call in calls:
        step = 0
        for read in call.reads:
            source = calls[read.part[0]]
            cut = (read.around or read.prepared or call.type.whole) and not source.type.whole and not is_given(source)
            step = max(step, step_of[source.index] + (1 if cut else 0))
        step_of.append(step)
    return step_of


def _later(calls: list[Call], step_of: list[int], results: set[Part], streamed: bool) -> None:
    """Move calls to just before their first reader, where that keeps fewer bytes waiting.

    A generator keeps nothing alive, so it always moves. Another call moves if what its inputs need to wait longer is
    less than what its own results need not wait.
    """
    readers: dict[Part, list[Call]] = {}
    for call in calls:
        for read in call.reads:
            readers.setdefault(read.part, []).append(call)

    def waits_until(part: Part, without: Call) -> int:
        """Return the last step at which a part is there in full, whether `without` reads it or not."""
        made = step_of[part[0]]
        if part in results and not streamed:
            return len(calls)
        return max((step_of[reader.index] for reader in readers[part] if reader is not without), default=made)

    for call in reversed(calls):
        if call.type.whole or call.type.prepare or is_given(call):
            continue
        own = [(call.index, name) for name in call.kinds if (call.index, name) in readers]
        target = min(
            (step_of[reader.index] - (1 if _cuts(reader, part) else 0) for part in own for reader in readers[part]),
            default=step_of[call.index],
        )
        shown = [(call.index, name) for name in call.kinds if (call.index, name) in results]
        if shown and not own:  # only looked at: wait for whoever else reads its inputs
            target = min((waits_until(read.part, call) for read in call.reads), default=target)
            target = min(target, max(step_of))
        if target <= step_of[call.index]:
            continue
        longer = sum(
            BYTES[calls[part[0]].kinds[part[1]]]
            for part in {read.part for read in call.reads}
            if waits_until(part, call) < target
        )
        if longer <= sum(BYTES[call.kinds[name]] for _, name in own):
            step_of[call.index] = target


def _cuts(reader: Call, part: Part) -> bool:
    """Return whether a call needs a part in full, so that the part is made a step before."""
    full = reader.type.whole
    return full or any(read.part == part and (read.around or read.prepared) for read in reader.reads)


def describe(plan: Plan) -> list[dict[str, Any]]:
    """Return the plan as plain data: for each step what runs at its barrier and in its bands."""
    return [
        {
            "barriers": [plan.calls[index].path for index in step.barriers],
            "bands": [plan.calls[index].path for index in step.banded],
            "bytes": plan.bytes_at(number),
        }
        for number, step in enumerate(plan.steps)
    ]
