"""Running a plan: bands of rows on a pool of threads, over buffers that are used again.

The result is a function of the plan alone. Bands depend on the size, a reduction combines them in the order of
rows, and no kernel looks at the clock or at its thread, so any number of threads gives the same bits.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from materials.buffers import BUFFERS, LARGE, Scratch, root_of
from materials.cache import Cache, value_bytes
from materials.calls import Call, Part, argument_names, is_given
from materials.errors import BudgetError, Cancelled, IntarsiaError, NodeError
from materials.plan import Plan, Step
from materials.warned import Warned, Warnings
from nodes.arrays import Material, Value, crop_rows, planes, with_planes
from nodes.declare import CHANNELS, Band, row_bands

Sink = Callable[[str, int, Value], None]
"""Takes an output's name, the top row of a band, and the band; called from several threads."""

Progress = Callable[[float, str], None]
"""Takes the share done, 0 to 1, and the title of what is being worked on."""

Preview = Callable[[str, str, Value], None]
"""Takes a node's path, an output's name, and a coarse picture of it, of any size; may come from several threads."""

Watch = Callable[[str, float], None]
"""Takes the path of a node that is called for the whole picture, and how much of it is done, 0 to 1."""


def default_threads() -> int:
    """Return INTARSIA_THREADS, or the number of processors this process may use."""
    text = os.environ.get("INTARSIA_THREADS", "")
    if text.isdigit() and int(text) > 0:
        return int(text)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Cancel:
    """A flag that stops a run between two bands; any thread may raise it."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    def check(self) -> None:
        """Raise `Cancelled` if the flag is up."""
        if self._event.is_set():
            raise Cancelled


_pools: dict[int, ThreadPoolExecutor] = {}
_pools_lock = threading.Lock()


def _pool(threads: int) -> ThreadPoolExecutor:
    with _pools_lock:
        if threads not in _pools:
            _pools[threads] = ThreadPoolExecutor(threads, thread_name_prefix="intarsia")
        return _pools[threads]


@dataclass
class Cost:
    """What one node took: processor seconds over all threads, calls, bytes made, whether it was kept from before."""

    path: str
    label: str
    key: str
    seconds: float = 0.0
    calls: int = 0
    bytes: int = 0
    hit: bool = False


@dataclass(frozen=True)
class Report:
    """What a run took, and what its nodes warned of."""

    seconds: float
    cpu_seconds: float
    height: int
    width: int
    threads: int
    predicted_bytes: int
    costs: tuple[Cost, ...] = field(repr=False)
    warnings: tuple[Warned, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the report as plain data, the dearest node first."""
        costs = sorted(self.costs, key=lambda cost: -cost.seconds)
        return {
            "seconds": round(self.seconds, 6),
            "cpu_seconds": round(self.cpu_seconds, 6),
            "size": [self.width, self.height],
            "threads": self.threads,
            "predicted_bytes": self.predicted_bytes,
            "nodes": [
                {
                    "node": cost.path,
                    "kind": cost.key,
                    "cpu_seconds": round(cost.seconds, 6),
                    "calls": cost.calls,
                    "bytes": cost.bytes,
                    "cached": cost.hit,
                }
                for cost in costs
            ],
            "warnings": [{"node": found.path, "label": found.label, "text": found.text} for found in self.warnings],
        }


def evaluate(
    plan: Plan,
    *,
    threads: int | None = None,
    cache: Cache | None = None,
    sink: Sink | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    budget: int | None = None,
    preview: Preview | None = None,
    watch: Watch | None = None,
) -> tuple[dict[str, Value], Report]:
    """Run a plan; return its outputs by name and what it took.

    With a `sink` the outputs go there band by band and the returned mapping is empty. A plan made with
    `streamed=True` needs one.

    Raises
    ------
    BudgetError
        Before anything is computed, if the run needs more than `budget` bytes.
    Cancelled
        If `cancel` was raised; nothing is left running.
    NodeError
        If a node fails; it names the node.
    """
    threads = threads or default_threads()
    predicted = plan.peak_bytes(threads)
    if budget is not None and predicted > budget:
        raise BudgetError(needed=predicted, allowed=budget)
    run = _Run(plan, threads, cache, sink, progress, cancel or Cancel(), preview, watch)
    wall, cpu = time.perf_counter(), time.process_time()
    values = run.all()
    report = Report(
        time.perf_counter() - wall,
        time.process_time() - cpu,
        plan.height,
        plan.width,
        threads,
        predicted,
        tuple(run.costs),
        run.warnings.all(),
    )
    return values, report


class _Full:
    """A part that exists in full: its arrays are made by the first band that has something to put in."""

    def __init__(self) -> None:
        self.value: Value | None = None
        self.lock = threading.Lock()


class _Run:
    def __init__(
        self,
        plan: Plan,
        threads: int,
        cache: Cache | None,
        sink: Sink | None,
        progress: Progress | None,
        cancel: Cancel,
        preview: Preview | None,
        watch: Watch | None,
    ) -> None:
        self.plan = plan
        self.threads = threads
        self.cache = cache
        self.sink = sink
        self.progress = progress
        self.cancel = cancel
        self.preview = preview
        self.watch = watch
        self.full: dict[Part, _Full] = {part: _Full() for part in plan.stored}
        self.prepared: dict[int, Any] = {}
        self.costs = [Cost(call.path, call.label, call.type.key) for call in plan.calls]
        self.lock = threading.Lock()
        self.bands = row_bands(plan.height, plan.width)
        self.named: dict[Part, list[str]] = {}
        for name, part in plan.outputs.items():
            self.named.setdefault(part, []).append(name)
        self.work = sum(len(step.banded) * len(self.bands) + 4 * len(step.barriers) for step in plan.steps) or 1
        self.done = 0
        self.warnings = Warnings(plan)
        self.kept: set[int] = set()
        """Identities of arrays that the cache or the caller owns, so that they are not used again."""

    def all(self) -> dict[str, Value]:
        for call in self.plan.calls:
            if is_given(call):
                self._given(call)
        for number, step in enumerate(self.plan.steps):
            for index in step.barriers:
                self._barrier(self.plan.calls[index])
            self._band_pass(step)
            self._after(number)
        values = {}
        if self.sink is None:
            for name, part in self.plan.outputs.items():
                values[name] = self._value(part)
        if self.progress:
            self.progress(1.0, "")
        return values

    # ---- values ----

    def _given(self, call: Call) -> None:
        """Enter results that need not be computed: pictures from outside, and what the cache has."""
        for name in self.plan.wanted[call.index]:
            value = call.value
            if value is None:
                assert self.cache is not None
                entry = self.cache.entry(f"{call.key}.{name}")
                if entry is None:
                    raise CacheLost
                value = entry.value
                self.warnings.recall(entry.warnings)
                self.costs[call.index].hit = True
            self.full[call.index, name].value = value
            self.kept.update(id(array) for array in planes(value).values())
            self._hand_on((call.index, name))

    def _value(self, part: Part) -> Value:
        value = self.full[part].value
        assert value is not None
        return value

    def _hand_on(self, part: Part) -> None:
        """Give a part that exists in full to the sink, band by band."""
        if self.sink is None:
            return
        for name in self.named.get(part, ()):
            for top, bottom in self.bands:
                self.sink(name, top, crop_rows(self._value(part), top, bottom))

    def _place(self, part: Part, top: int, bottom: int, rows: Value) -> Value:
        """Copy a band into the full part, unless it was made there; return the band in its place."""
        full = self.full[part]
        if full.value is None:
            with full.lock:
                if full.value is None:
                    arrays = {
                        name: BUFFERS.take((self.plan.height, *array.shape[1:]), array.dtype)
                        for name, array in planes(rows).items()
                    }
                    full.value = with_planes(rows, arrays)
        there = crop_rows(full.value, top, bottom)
        for target, source in zip(planes(there).values(), planes(rows).values(), strict=True):
            if target.__array_interface__["data"] != source.__array_interface__["data"]:
                np.copyto(target, source)
        return there

    # ---- barriers ----

    def _spread(self, work: Callable[[int, int], Any], parts: Sequence[tuple[int, int]]) -> list[Any]:
        """Call `work` for all parts on the pool; results in their order."""

        def one(top: int, bottom: int) -> tuple[Any, float]:
            self.cancel.check()
            start = time.thread_time()
            return work(top, bottom), time.thread_time() - start

        results = self._on_pool(one, parts)
        if self.threads > 1 and len(parts) > 1:
            self.spread_seconds += sum(seconds for _, seconds in results)
        return [result for result, _ in results]

    def _on_pool(self, work: Callable[[int, int], Any], bands: Iterable[tuple[int, int]]) -> list[Any]:
        bands = list(bands)
        if self.threads == 1 or len(bands) == 1:
            return [work(top, bottom) for top, bottom in bands]
        futures = [_pool(self.threads).submit(work, top, bottom) for top, bottom in bands]
        done, waiting = wait(futures, return_when=FIRST_EXCEPTION)
        if waiting:
            for future in waiting:
                future.cancel()
            wait(futures)
        return [future.result() for future in sorted_by_failure(futures)]

    def _report(self, call: Call) -> Callable[[float], None]:
        """Return what a long call tells its share to: it passes it on, and stops the call if that was asked for."""

        def report(share: float) -> None:
            self.cancel.check()
            if self.progress:
                self.progress(min(1.0, (self.done + 4 * share) / self.work), call.label)
            if self.watch:
                self.watch(call.path, share)

        return report

    def _barrier(self, call: Call) -> None:
        """Run a whole-picture node, or the preparation of a banded one."""
        self.cancel.check()
        self._tell(call.label)
        if self.watch:
            self.watch(call.path, 0.0)
        wanted = self.plan.wanted[call.index]
        sketch = partial(self.preview, call.path) if self.preview else None
        size = self.plan.height, self.plan.width
        remark = self.warnings.of(call.index, 0)
        band = Band(*size, 0, self.plan.height, wanted, None, self._spread, self._report(call), sketch, remark)
        pictures = {read.socket: self._value(read.part) for read in call.reads if call.type.whole or read.prepared}
        cost = self.costs[call.index]
        self.spread_seconds = 0.0
        start = time.thread_time()
        if call.type.prepare:
            self.prepared[call.index] = self._call(call, call.type.prepare, band, pictures)
        if call.type.whole:
            if call.type.prepare:
                pictures["prepared"] = self.prepared.pop(call.index)
            result = self._call(call, call.type.function, band, pictures)
            for name, value in self._results(call, result):
                self.full[call.index, name].value = value
                cost.bytes += value_bytes(value)
                self._hand_on((call.index, name))
        cost.seconds += time.thread_time() - start + self.spread_seconds
        cost.calls += 1
        self._advance(4)

    def _call(self, call: Call, function: Callable[..., Any], band: Band, pictures: Mapping[str, Any]) -> Any:
        """Call a node's function or preparation with what it names; inputs that are not connected are None."""
        try:
            return function(**arguments_of(call, function, band, pictures))
        except IntarsiaError as error:
            error.node = call.path
            raise
        except MemoryError as error:
            raise BudgetError(needed=self.plan.peak_bytes(self.threads), allowed=None) from error
        except Exception as error:
            failure = NodeError(f"it failed: {error or type(error).__name__}", where=call.label)
            failure.node = call.path
            raise failure from error

    def _results(self, call: Call, result: Any) -> list[tuple[str, Value]]:
        """Return the wanted outputs of a call by name, pictures as contiguous float32."""
        wanted = self.plan.wanted[call.index]
        outputs = call.type.outputs
        parts = (result,) if len(outputs) == 1 else result
        found = []
        for output, value in zip(outputs, parts, strict=True):
            if output.name in wanted:
                if isinstance(value, np.ndarray):
                    value = np.ascontiguousarray(value, np.float32)
                elif isinstance(value, Material):
                    arrays = planes(value)
                    value = with_planes(value, {map: np.ascontiguousarray(arrays[map], np.float32) for map in arrays})
                found.append((output.name, value))
        return found

    # ---- bands ----

    def _band_pass(self, step: Step) -> None:
        if not step.banded:
            return
        for index in step.banded:
            self._allocate(self.plan.calls[index])
        last = self._last_reads(step)
        labels = {index: self.plan.calls[index].label for index in step.banded}

        def work(top: int, bottom: int) -> None:
            scratch = Scratch()
            local: dict[Part, Value] = {}
            for index in step.banded:
                self.cancel.check()
                self._banded(self.plan.calls[index], top, bottom, local, scratch)
                for part in last.get(index, ()):
                    scratch.drop(local.pop(part, None))
            scratch.end()
            self._advance(len(step.banded))
            self._tell(labels[step.banded[-1]])

        self._on_pool(work, self.bands)

    def _allocate(self, call: Call) -> None:
        """Make the full arrays of plain pictures before the bands start, so that nodes can write in place."""
        for name in self.plan.wanted[call.index]:
            channels = CHANNELS.get(call.kinds[name])
            full = self.full.get((call.index, name))
            if full is not None and channels and full.value is None:
                size = (self.plan.height, self.plan.width)
                full.value = BUFFERS.take(size if channels == 1 else (*size, channels))

    def _last_reads(self, step: Step) -> dict[int, list[Part]]:
        """Return, for each call of a step, the band-sized parts that nothing in the step reads after it."""
        last: dict[Part, int] = {}
        for index in step.banded:
            for name in self.plan.wanted[index]:
                last[index, name] = index
            for read in self.plan.calls[index].reads:
                last[read.part] = index
        found: dict[int, list[Part]] = {}
        for part, index in last.items():
            found.setdefault(index, []).append(part)
        return found

    def _banded(self, call: Call, top: int, bottom: int, local: dict[Part, Value], scratch: Scratch) -> None:
        start = time.thread_time()
        pictures: dict[str, Any] = {}
        for read in call.reads:
            if read.around:
                pictures[read.socket] = self._value(read.part)
            else:
                here = local.get(read.part)
                pictures[read.socket] = here if here is not None else crop_rows(self._value(read.part), top, bottom)
        if call.type.prepare:
            pictures["prepared"] = self.prepared[call.index]

        def provide(output: str, shape: tuple[int, ...]) -> np.ndarray:
            full = self.full.get((call.index, output))
            if full is not None and isinstance(full.value, np.ndarray) and full.value.shape[1:] == shape[1:]:
                return full.value[top:bottom]
            return scratch.take(shape)

        size, remark = (self.plan.height, self.plan.width), self.warnings.of(call.index, top)
        band = Band(*size, top, bottom, self.plan.wanted[call.index], provide, remark=remark)
        made = 0
        for name, value in self._results(call, self._call(call, call.type.function, band, pictures)):
            part = (call.index, name)
            if part in self.full:
                value = self._place(part, top, bottom, value)
            local[part] = value
            scratch.hold(value)
            made += value_bytes(value)
            if self.sink is not None:
                for output in self.named.get(part, ()):
                    self.sink(output, top, value)
        cost = self.costs[call.index]
        spent = time.thread_time() - start
        with self.lock:
            cost.seconds += spent
            cost.calls += 1
            cost.bytes += made

    # ---- between steps ----

    def _after(self, number: int) -> None:
        """Keep what was made in the cache and free what nothing reads any more."""
        results = set(self.plan.outputs.values()) if self.sink is None else set()
        for index in self.plan.steps[number].banded:
            self.prepared.pop(index, None)
        for part, (made, end) in self.plan.stored.items():
            call = self.plan.calls[part[0]]
            value = self.full[part].value
            if value is None:
                continue
            if made == number and self.cache is not None and call.value is None and not self.costs[call.index].hit:
                seconds, heard = self.costs[call.index].seconds, self.warnings.so_far()
                self.cache.put(f"{call.key}.{part[1]}", value, seconds, heard)
                self.kept.update(id(array) for array in planes(value).values())
            if end == number and part not in results:
                self.full[part].value = None
                self._free(value, number)

    def _free(self, value: Value, number: int) -> None:
        """Give a part's arrays back to the pool, unless the cache, the caller or another part has them."""
        values = [full.value for full in self.full.values() if full.value is not None]
        held = self.kept | {root_of(array) for other in values for array in planes(other).values()}
        for array in planes(value).values():
            if array.base is None and id(array) not in held and self._used_again(array, number):
                BUFFERS.give(array)

    def _used_again(self, array: np.ndarray, number: int) -> bool:
        """Return whether keeping an array is worth its memory: it is small, or a later step needs its like."""
        if array.nbytes <= LARGE:
            return True
        channels = 1 if array.ndim == 2 else array.shape[2]
        return any(
            made > number and CHANNELS.get(self.plan.calls[part[0]].kinds[part[1]]) == channels
            for part, (made, _) in self.plan.stored.items()
        )

    def _advance(self, amount: int) -> None:
        with self.lock:
            self.done += amount

    def _tell(self, label: str) -> None:
        if self.progress:
            self.progress(min(1.0, self.done / self.work), label)


def arguments_of(call: Call, function: Callable[..., Any], band: Band, pictures: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a node's function gets, or of that what its preparation or another helper of it names."""
    arguments = {**dict.fromkeys(call.sockets), **call.arguments, **pictures}
    if call.type.band_argument or function is not call.type.function:
        arguments[call.type.band_argument or "band"] = band
    if function is not call.type.function:
        names = argument_names(function)
        arguments = {name: value for name, value in arguments.items() if name in names}
    return arguments


class CacheLost(Exception):  # noqa: N818  # a signal to plan again, seen by no user
    """A result that the plan counted on has left the cache since."""


def sorted_by_failure(futures: list[Any]) -> list[Any]:
    """Return futures with a real error before those that only were cancelled with it."""
    for future in futures:
        if not future.cancelled() and future.exception() is not None:
            return [future, *futures]
    return futures
