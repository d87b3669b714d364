"""Evaluation in the background: the coarse pictures of a whole level first, then finer ones of what is looked at.

The newest request wins. Its quick part is never stopped, so that a slider in motion always shows something; slow nodes
and finer sizes are stopped as soon as a newer request is there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from gui.background import give_way
from gui.shown import displayed
from gui.titles import title_of
from materials import rates, shade
from materials.cache import Cache
from materials.errors import Cancelled, IntarsiaError
from materials.evaluate import Cancel
from materials.flatten import Failed, Feed
from materials.graph import Document
from materials.maps import Maps
from materials.partial import Outcome, Workpiece, as_material
from materials.texels import USED
from nodes.arrays import Material, Value

COARSE = 256
"""Pixels of the pictures on nodes."""

COARSER = 128
"""Pixels of a first picture where those take too long for a hand in motion."""

SLOW = 0.12
"""Seconds from which a node, or a pass, is slow."""

BALL = 128
"""Pixels of the sphere that a material is shown on."""

TELL_EVERY = 0.05


@dataclass(frozen=True)
class Request:
    """What is wanted: pictures of some outputs of the nodes of one level, and finer ones of those that are looked at.

    prefix : the path of the level's nodes before their ids. outputs : of each node, by id.
    looked_at : nodes and outputs, by id. finest : pixels.
    """

    number: int
    document: Document
    folder: Path | None
    prefix: str
    outputs: Mapping[str, tuple[str, ...]]
    looked_at: frozenset[tuple[str, str]]
    finest: int = 1024
    frozen: Mapping[str, Workpiece] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """What a pass made. `results` and `images` hold what differs from the arrival before; paths are of the root."""

    number: int
    prefix: str
    size: int
    results: Mapping[tuple[str, str], Value]
    images: Mapping[str, QImage]
    failed: Failed
    warnings: Mapping[str, str]
    """What nodes warned of in any pass of the request, by path."""
    seconds: Mapping[str, float]
    material: Maps | None
    done: bool
    """Whether nothing more will come for this request."""
    elapsed: float
    """Seconds since the request was made."""


class Worker(QObject):
    """A thread that evaluates; the newest request wins."""

    arrived = pyqtSignal(object)
    """An `Arrival`."""
    computing = pyqtSignal(str, float)
    """The path of a slow node, and how much of it is done."""
    progressed = pyqtSignal(str, float)
    """A stage in words, and how much of the pass is done."""
    failed = pyqtSignal(int, object)
    """The number of a request that cannot be evaluated at all, and the error."""

    def __init__(self, cache: Cache) -> None:
        super().__init__()
        self.cache = cache
        self._news = threading.Condition()
        self._next: Request | None = None
        self._cancel = Cancel()
        self._ended = False
        self._asked_at = 0.0
        self._thread: threading.Thread | None = None
        self._sent: dict[tuple[str, str, int], Value] = {}
        """What was handed on last, by path, output and size."""
        self._pace = 0.0
        self._maps: Maps | None = None
        """The material that was handed on last."""

    def ask(self, request: Request) -> None:
        """Evaluate a request instead of any other."""
        with self._news:
            self._next = request
            self._asked_at = time.perf_counter()
            self._cancel.cancel()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="intarsia evaluation", daemon=True)
                self._thread.start()
            self._news.notify()

    @property
    def has_news(self) -> bool:
        """Whether a newer request waits."""
        return self._next is not None

    def rest(self) -> None:
        """Stop what is under way at once; what has arrived stays."""
        with self._news:
            self._next = None
            self._cancel.cancel()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        with self._news:
            self._ended = True
            self._next = None
            self._cancel.cancel()
            self._news.notify()
        if self._thread is not None:
            self._thread.join()

    # ---- in the thread ----

    def _run(self) -> None:
        give_way()
        while True:
            with self._news:
                while self._next is None and not self._ended:
                    self._news.wait()
                if self._ended:
                    return
                request, self._next = self._next, None
                self._cancel = cancel = Cancel()
                start = self._asked_at
            assert request is not None
            try:
                _Job(self, request, cancel, start).all()
            except Cancelled:
                continue
            except IntarsiaError as error:
                self.failed.emit(request.number, error)
            except Exception as error:  # the thread outlives what no one foresaw; the user is told
                wrapped = IntarsiaError(f"evaluation failed: {type(error).__name__}: {error}")
                self.failed.emit(request.number, wrapped)


class _Job:
    """One request at work."""

    def __init__(self, worker: Worker, request: Request, cancel: Cancel, start: float) -> None:
        self.worker, self.request, self.cancel, self.start = worker, request, cancel, start
        self.piece = Workpiece.of(request.document, request.folder, request.frozen)
        self.feeds: dict[tuple[str, str], Feed] = {}
        for id, outputs in request.outputs.items():
            for output in outputs:
                feed = self.piece.feed(request.prefix + id, output)
                if feed is not None:
                    self.feeds[id, output] = feed
        self.material = self.piece.material()
        self.told = 0.0
        self.titles = {node.label: title_of(node) for node in self.piece.flat.nodes.values()}
        self.warnings: dict[str, str] = {}

    def forget(self) -> None:
        """Let go of what was handed on for nodes that are gone, and of finer pictures that nobody looks at."""
        sent, looked_at = (
            self.worker._sent,
            {(self.request.prefix + id, output) for id, output in self.request.looked_at},
        )
        gone = [
            key
            for key in sent
            if (key[2] > COARSE and key[:2] not in looked_at)
            or (
                key[0].startswith(self.request.prefix)
                and key[0][len(self.request.prefix) :] not in self.request.outputs
            )
        ]
        for key in gone:
            del sent[key]

    def all(self) -> None:
        self.forget()
        first = COARSER if self.worker._pace > SLOW else COARSE
        slow = self._slow(first)
        waiting = self.piece.downstream(slow) if slow else set()
        quick = {key: feed for key, feed in self.feeds.items() if feed[0] not in waiting}
        begun = time.perf_counter()
        outcome = self._compute(quick.values(), first, Cancel())
        if outcome.seconds:
            self.worker._pace = (time.perf_counter() - begun) * (COARSE / first) ** 2
        sizes = [size for size in (512, 1024, 2048, 4096) if size <= self.request.finest]
        rest = bool(slow) or first < COARSE
        self._send(quick, outcome, first, done=not (rest or sizes))
        if rest:
            outcome = self._compute(self.feeds.values(), COARSE, self.cancel)
            self._send(self.feeds, outcome, COARSE, done=not sizes)
        looked_at = {key: self.feeds[key] for key in self.request.looked_at if key in self.feeds}
        for size in sizes:
            self.cancel.check()
            outcome = self._compute([*looked_at.values(), *self._material_feeds()], size, self.cancel)
            self._send(looked_at, outcome, size, done=size == sizes[-1])

    def _slow(self, size: int) -> set[str]:
        """Return nodes that are expected to take long and are not kept from before."""
        nodes = self.piece.flat.nodes
        slow = {path for path, node in nodes.items() if rates.expected(node.key, size * size) > SLOW}
        return {path for path in slow if path not in self.request.frozen}

    def _material_feeds(self) -> Iterable[Feed]:
        return [self.material] if self.material else self.piece.flat.outputs.values()

    def _compute(self, feeds: Iterable[Feed], size: int, cancel: Cancel) -> Outcome:
        outcome = self.piece.compute(
            feeds, size, cache=self.worker.cache, cancel=cancel, progress=self._progress(size), watch=self._watch
        )
        if outcome.report is not None:
            rates.learn(outcome.report.as_data())
            self.warnings |= {found.path: found.text for found in outcome.report.warnings}
        return outcome

    def _progress(self, size: int) -> Callable[[float, str], None]:
        def progress(share: float, name: str) -> None:
            label = self.titles.get(name, name)
            now = time.perf_counter()
            if now - self.told > TELL_EVERY:
                self.told = now
                self.worker.progressed.emit(f"{size} px, {label}" if label else f"{size} px", share)

        return progress

    def _watch(self, path: str, share: float) -> None:
        node = self.piece.flat.nodes.get(path)
        if node is not None and rates.expected(node.key, COARSE * COARSE) > SLOW:
            self.worker.computing.emit(path, share)

    def _send(self, feeds: Mapping[tuple[str, str], Feed], outcome: Outcome, size: int, done: bool) -> None:
        """Hand on what differs from what was handed on before."""
        sent = self.worker._sent
        results = {}
        for (id, output), feed in feeds.items():
            value, key = outcome.values.get(feed), (self.request.prefix + id, output, size)
            if value is not None and sent.get(key) is not value:
                results[id, output] = sent[key] = value
        shown = [(id, output) for id, output in results if size <= COARSE and output == self.request.outputs[id][0]]
        spheres = {id for id, output in shown if isinstance(results[id, output], Material)}
        balls = [id for id, output in shown if id in spheres and _has_maps(results[id, output])]
        images = {id: _image(results[id, output], output, self._key(id)) for id, output in shown if id not in spheres}
        images |= {id: QImage() for id in spheres.difference(balls)}  # an older sphere would lie
        maps = self._maps(outcome, size)
        self._emit(size, results, images, outcome, maps, done and not balls)
        if balls and not self.worker.has_news:  # spheres take as long as all else: a hand in motion does without
            images = {id: _image(results[id, output], output, "") for id, output in shown if id in balls}
            self._emit(size, {}, images, outcome, None, done)

    def _emit(
        self,
        size: int,
        results: Mapping[tuple[str, str], Value],
        images: Mapping[str, QImage],
        outcome: Outcome,
        maps: Maps | None,
        done: bool,
    ) -> None:
        elapsed = time.perf_counter() - self.start
        warnings, seconds = dict(self.warnings), outcome.seconds
        number, prefix = self.request.number, self.request.prefix
        self.worker.arrived.emit(
            Arrival(number, prefix, size, results, images, outcome.failed, warnings, seconds, maps, done, elapsed)
        )

    def _key(self, id: str) -> str:
        node = self.piece.flat.nodes.get(self.request.prefix + id)
        return node.key if node is not None else ""

    def _maps(self, outcome: Outcome, size: int) -> Maps | None:
        """Return the document's material, if all of it was computed."""
        if self.material:
            value = outcome.values.get(self.material)
        else:
            named = {
                name: outcome.values[feed] for name, feed in self.piece.flat.outputs.items() if feed in outcome.values
            }
            value = as_material(named)
        return self._same(material_maps(value, size)) if isinstance(value, Material) else None

    def _same(self, maps: Maps) -> Maps:
        """Return the maps that were handed on before, if these are the very same pictures."""
        last = self.worker._maps
        if last is not None and _alike(last, maps):
            return last
        self.worker._maps = maps
        return maps


def _alike(one: Maps, other: Maps) -> bool:
    """Return whether two materials are the same arrays at the same physical size."""
    sizes = (one.size_cm, one.depth_cm) == (other.size_cm, other.depth_cm)
    return sizes and one.keys() == other.keys() and all(one[name] is other[name] for name in one)


def material_maps(material: Material, size: int) -> Maps:
    """Return a material as maps, to be looked at."""
    pictures = {name: np.asarray(image) for name, image in material.maps.items()}
    return Maps(pictures, size, size, material.size_cm, material.depth_cm)


def _has_maps(value: Value) -> bool:
    """Return whether there is anything of a material to be seen: one that nothing is joined to yet has no maps."""
    return isinstance(value, Material) and any(name in value.maps for name in USED)


def _image(value: Value, output: str, node_key: str) -> QImage:
    """Return a square picture of a value: materials on a sphere, all else as it is seen."""
    if isinstance(value, Material):
        codes = shade.preview(material_maps(value, COARSE), "sphere", BALL)
    else:
        codes = displayed(value, output, node_key)
    codes = np.ascontiguousarray(codes)
    height, width = codes.shape[:2]
    return QImage(codes.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
