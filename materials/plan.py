"""What to compute, in which steps, and which results must exist in full.

A node that reads the pixel it writes can run on a band of rows as soon as its inputs have run on that
band. A node that reads around the pixel needs its input in full: there the graph is cut. So a plan is a short list
of steps, each a few barriers (whole-picture nodes, reductions) and then one pass over all bands for the nodes
between two cuts. Only what crosses a cut is stored in full, from its step to its last reader's.

Generators run as late as they can, since they keep nothing alive, and cheap ones run again in each step that
reads them rather than being stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from materials.calls import GIVEN, Call, Calls, Part, Pictures, is_given
from materials.errors import GraphError, IntarsiaError
from materials.flatten import Failed, Feed, Flat
from materials.taint import Taint, taints
from nodes.arrays import MAPS, Value
from nodes.declare import Kind


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
    taint: Mapping[str, Taint] = field(default_factory=dict)
    """The sources that can reach each output."""
    named: tuple[tuple[str, str, str], ...] = ()
    """Key, path and label of every node that the outputs are made of, also of those that need not run."""

    def bytes_at(self, step: int) -> int:
        """Return the bytes of full-size results alive while a step runs."""
        return sum(self.part_bytes(part) for part, (made, last) in self.stored.items() if made <= step <= last)

    def part_bytes(self, part: Part) -> int:
        call, output = part
        return self.calls[call].bytes(output) * self.height * self.width

    def peak_bytes(self, threads: int) -> int:
        """Return an upper estimate of the memory that the run takes beyond what is there before."""
        rows = max(8, min(131072 // max(self.width, 1), -(-self.height // 4)))
        pixels = self.height * self.width
        peak = pooled = 0.0
        for number, step in enumerate(self.steps):
            band = sum(self.calls[index].bytes(name) for index in step.banded for name in self.wanted[index])
            # Nodes at a barrier run one after another; what a preparation has made stays until the bands have run.
            taken = {index: self.calls[index].type.scratch * pixels for index in step.barriers}
            whole = {index for index in step.barriers if self.calls[index].type.whole}
            kept = sum(taken[index] for index in step.barriers if index not in whole)
            # What earlier steps no longer need is used again for bands; whole nodes make arrays of their own.
            own = sum(self.calls[index].bytes(name) for index in whole for name in self.wanted[index]) * pixels
            alive = max(self.bytes_at(number), pooled + own)
            peak = max(peak, alive + kept + max(band * rows * self.width * threads, *taken.values(), 0))
            pooled = max(pooled, self.bytes_at(number))
        return round(peak)


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
    keys: Mapping[Feed, str] | None = None,
    cached: Callable[[str], bool] = lambda key: False,
    streamed: bool = False,
    apart: bool = False,
    cheap: Callable[[Call], bool] | None = None,
    failed: Failed | None = None,
) -> Plan:
    """Return what computes `outputs` (None for all) of a flat graph at a size.

    given : pictures that stand for feeds, instead of nodes. keys : what made them, where it is known.
    cached : whether the result `key.output` need not be computed.
    streamed : whether outputs are handed on band by band, so that they need not exist in full.
    apart : whether materials come as their maps, each a picture of its own.
    cheap : whether a generator's call is better repeated than stored.
    failed : nodes that are known to fail; takes those that cannot be called, instead of their errors being raised.
        Outputs that depend on them are left out of the plan.

    Raises
    ------
    GraphError
        If an output is unknown, an input is missing, a kind is unknown, or a parameter out of range.
    """
    wanted = _outputs(flat, outputs)
    asked = frozenset(wanted.values())
    builder = Calls(flat, height, width, seed, pictures or _no_pictures, given or {}, asked=asked)
    for feed, value in builder.given.items():
        builder.give(feed, value, (keys or {}).get(feed))
    for path in _needed(flat, wanted.values(), set(builder.given)):
        _enter(builder, path, failed)
    parts = {name: builder.parts[feed] for name, feed in wanted.items() if failed is None or feed in builder.parts}
    if apart:
        parts = _apart(builder, parts, flat)
    taint = taints(flat, builder.calls, parts)
    named = tuple((call.key, call.path, call.label) for call in builder.calls if call.type.section != "engine")
    calls, parts = _without_cached(builder.calls, parts, cached)
    made = schedule(calls, parts, height, width, streamed, cheap or _is_trivial)
    return replace(made, taint=taint, named=named)


def _enter(builder: Calls, path: str, failed: Failed | None) -> None:
    """Enter a node's call; with `failed` note there what goes wrong, and what lies after it."""
    if failed is None:
        builder.node(path, builder.flat.nodes[path])
        return
    if path in failed or path not in builder.flat.nodes:
        return
    if any(feed not in builder.parts for feed in builder.flat.feeds.get(path, {}).values()):
        failed[path] = None
        return
    try:
        builder.node(path, builder.flat.nodes[path])
    except IntarsiaError as error:
        failed[path] = error


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
        elif (bundle := _bundle(flat, name)) is not None:
            found[name] = bundle
        elif name in flat.nodes:
            own = flat.nodes[name].type
            found[name] = (name, own.outputs[0].name if own else "out")
        else:
            raise GraphError(f"there is no output {name!r}", hint=f"it has {', '.join(flat.outputs) or 'none'}")
    return found


def _material(flat: Flat, feed: Feed) -> bool:
    kind = flat.nodes[feed[0]].type if feed[0] in flat.nodes else None
    output = kind.output(feed[1]) if kind else None
    return output is not None and output.kind is Kind.MATERIAL


def _bundle(flat: Flat, name: str) -> Feed | None:
    """Return the material that a map is part of: `map` of the graph's own, or `output.map` or `node.map`."""
    owner, _, map = name.rpartition(".")
    if map not in MAPS:
        return None
    own = [feed for output, feed in flat.outputs.items() if owner in ("", output) and _material(flat, feed)]
    if own:
        return own[0]
    kind = flat.nodes[owner].type if owner in flat.nodes else None
    return next(((owner, one.name) for one in kind.outputs if one.kind is Kind.MATERIAL), None) if kind else None


def _apart(builder: Calls, parts: Mapping[str, Part], flat: Flat) -> dict[str, Part]:
    """Return outputs with each material as its maps: by the map's name alone where the graph makes one material.

    Maps that the graph gives by themselves come before those of a material.
    """
    materials = {name: part for name, part in parts.items() if builder.kind(part) is Kind.MATERIAL}
    found = {name: part for name, part in parts.items() if name not in materials}
    for name, part in materials.items():
        map = name.rpartition(".")[2]
        if map in MAPS and name not in flat.outputs and name not in flat.nodes:
            found[name] = builder.map_of(part, map)
            continue
        for map in builder.calls[part[0]].maps:
            plain = name in flat.outputs and len(materials) == 1
            found.setdefault(map if plain else f"{name}.{map}", builder.map_of(part, map))
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
            calls[part[0]].bytes(part[1])
            for part in {read.part for read in call.reads}
            if waits_until(part, call) < target
        )
        if longer <= sum(call.bytes(name) for _, name in own):
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
