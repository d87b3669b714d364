"""A graph that is being worked on: what can be computed of it is computed, what cannot is told by node.

A render refuses a graph with a mistake in it; here a mistake costs only what depends on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from materials.cache import Cache
from materials.errors import Cancelled, IntarsiaError
from materials.evaluate import CacheLost, Report, evaluate
from materials.flatten import Failed, Feed, Flat, bypassed, flatten
from materials.graph import MATERIAL_OUTPUT, Document
from materials.plan import Plan, plan
from materials.sources import Sources
from nodes.arrays import MAPS, Material, Value
from nodes.declare import Kind


@dataclass(frozen=True)
class Outcome:
    """What was computed.

    failed : nodes that were not, by path: the error, or None where something before them failed.
    seconds : processor time of the nodes that were computed now, by path; those that the cache had are not among them.
    """

    values: Mapping[Feed, Value]
    failed: Failed
    seconds: Mapping[str, float]
    report: Report | None = None


@dataclass
class Workpiece:
    """A flat graph at work, and the mistakes found in it so far."""

    flat: Flat
    failed: Failed = field(default_factory=dict)
    frozen: Mapping[str, Workpiece] = field(default_factory=dict)
    """Nodes that are kept as an older graph makes them, by path."""

    @classmethod
    def of(
        cls, document: Document, folder: Path | None = None, frozen: Mapping[str, Workpiece] | None = None
    ) -> Workpiece:
        """Return a document as a workpiece.

        Raises
        ------
        GraphError
            Only if the graph as a whole makes no sense: it runs in a circle, or is too deep or too large.
        """
        failed: Failed = {}
        return cls(bypassed(flatten(document, folder, failed)), failed, frozen or {})

    def feed(self, path: str, output: str) -> Feed | None:
        """Return what computes an output of any node, subgraphs and their ports among them; None for nothing."""
        real = self.flat.real((path, output))
        if real is None or real[0] not in self.flat.nodes:
            return None
        node = self.flat.nodes[real[0]]
        return self._through(real) if node.bypass else real

    def _through(self, feed: Feed) -> Feed | None:
        """Return what passes through a bypassed node."""
        marker = "\0"
        probe = dataclasses.replace(self.flat, outputs={marker: feed})
        return bypassed(probe).outputs[marker]

    def material(self) -> Feed | None:
        """Return the output that makes the document's material as a whole, if one node does."""
        made = [path for path, node in self.flat.nodes.items() if node.key == MATERIAL_OUTPUT and "/" not in path]
        if made:
            return made[0], "out"
        feeds = [feed for name, feed in self.flat.outputs.items() if self._kind(feed) is Kind.MATERIAL]
        return feeds[0] if feeds else None

    def _kind(self, feed: Feed) -> Kind | None:
        node = self.flat.nodes.get(feed[0])
        output = node.type.output(feed[1]) if node is not None and node.type is not None else None
        return output.kind if output else None

    def downstream(self, paths: Iterable[str]) -> set[str]:
        """Return nodes and all that depends on them."""
        readers: dict[str, list[str]] = {}
        for path, sockets in self.flat.feeds.items():
            for source, _ in sockets.values():
                readers.setdefault(source, []).append(path)
        found = set(paths)
        work = list(found)
        for path in work:  # grows while we walk it
            for reader in readers.get(path, ()):
                if reader not in found:
                    found.add(reader)
                    work.append(reader)
        return found

    # ---- computing ----

    def planned(self, feeds: Iterable[Feed], size: int, seed: int, cache: Cache, **options: Any) -> Plan:
        """Return the plan of what can be computed of `feeds`; mistakes are noted in `failed`."""
        wanted = {f"{path}.{output}": (path, output) for path, output in feeds}
        flat = dataclasses.replace(self.flat, outputs=wanted)
        return plan(
            flat,
            size,
            size,
            seed=seed,
            outputs=list(wanted),
            pictures=Sources(self.flat),
            cached=cache.__contains__,
            failed=self.failed,
            **options,
        )

    def compute(
        self, feeds: Iterable[Feed], size: int, *, cache: Cache, seed: int = 0, threads: int | None = None, **told: Any
    ) -> Outcome:
        """Compute what can be computed of some outputs at a size.

        told : `progress`, `cancel`, `preview`, `watch` and `budget` as `materials.evaluate.evaluate` takes them.

        Raises
        ------
        Cancelled
            If that was asked for.
        BudgetError
            If there is not the memory for it.
        """
        feeds = [feed for feed in dict.fromkeys(feeds) if feed[0] in self.flat.nodes]
        given, keys = self._given(feeds, size, seed, cache, threads, told)
        while True:
            made = self.planned(feeds, size, seed, cache, given=given, keys=keys)
            if not made.outputs:
                return Outcome({}, dict(self.failed), {})
            try:
                values, report = evaluate(made, threads=threads, cache=cache, **told)
            except CacheLost:  # an entry left the cache between planning and running: plan again
                continue
            except Cancelled:
                raise
            except IntarsiaError as error:
                if not error.node or error.node in self.failed:
                    raise
                self.failed[error.node] = error
                continue
            seconds: dict[str, float] = {}
            for cost in report.costs:
                if cost.calls and not cost.hit:
                    seconds[cost.path] = seconds.get(cost.path, 0.0) + cost.seconds
            found = {_feed(name): value for name, value in values.items()}
            return Outcome(found, dict(self.failed), seconds, report)

    def _given(
        self,
        feeds: Iterable[Feed],
        size: int,
        seed: int,
        cache: Cache,
        threads: int | None,
        told: Mapping[str, Any],
    ) -> tuple[dict[Feed, Value], dict[Feed, str]]:
        """Return what frozen nodes give to others and to who looks, as the graphs they were frozen in make it."""
        given: dict[Feed, Value] = {}
        keys: dict[Feed, str] = {}
        if not self.frozen:
            return given, keys
        read = {feed for sockets in self.flat.feeds.values() for feed in sockets.values()} | set(feeds)
        for path, before in self.frozen.items():
            wanted = [feed for feed in sorted(read) if feed[0] == path and path in before.flat.nodes]
            if not wanted or path in before.failed:
                continue
            made = before.planned(wanted, size, seed, Cache(memory=0))
            names = {name: made.calls[index].key for name, (index, _) in made.outputs.items()}
            for feed, value in before.compute(
                wanted, size, seed=seed, cache=cache, threads=threads, **told
            ).values.items():
                given[feed] = value
                keys[feed] = f"frozen {names[f'{feed[0]}.{feed[1]}']}.{feed[1]}"
        return given, keys


def _feed(name: str) -> Feed:
    path, _, output = name.rpartition(".")
    return path, output


def as_material(values: Mapping[str, Value]) -> Material | None:
    """Return the maps among some named pictures as a material; None if there are none."""
    maps = {name: value for name, value in values.items() if name in MAPS and not isinstance(value, Material)}
    return Material(maps) if maps else None  # type: ignore[arg-type]  # maps are pictures
