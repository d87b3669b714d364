"""What is known of the pictures of a document: values by size, images, costs, errors, and what is out of date."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtGui import QImage

from gui.worker import COARSE, Arrival
from materials.errors import IntarsiaError
from materials.flatten import Failed
from nodes.arrays import Value


class Results:
    """All by the paths of nodes in the root document."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], dict[int, Value]] = {}
        """By path and output: the value at each size it was made at."""
        self.images: dict[str, QImage] = {}
        self.seconds: dict[str, float] = {}
        self.failed: Failed = {}
        self.warnings: dict[str, str] = {}
        self.busy: dict[str, float] = {}
        """Slow nodes that are being computed, and how much of them is done."""
        self.stale: set[str] = set()
        """Nodes whose pictures are of an older graph."""
        self._sums: dict[str, float] | None = None
        self._errors: dict[str, IntarsiaError] | None = None
        """Of nodes, and of subgraphs what is within them; None until someone asks."""

    def take(self, arrival: Arrival, prefix: str) -> set[str]:
        """Take what a pass made of the nodes of a level; return their paths."""
        changed = set()
        for (id, output), value in arrival.results.items():
            sizes = self.values.setdefault((prefix + id, output), {})
            if arrival.size <= min(sizes, default=arrival.size):
                sizes.clear()  # finer ones are of what was before
            sizes[arrival.size] = value
            changed.add(prefix + id)
        for id, image in arrival.images.items():
            self.images[prefix + id] = image
            changed.add(prefix + id)
        if arrival.seconds and arrival.size <= COARSE:
            self.seconds |= arrival.seconds
            self._sums = None
        return changed

    def settle(self, arrival: Arrival) -> tuple[set[str], bool]:
        """Note what a pass for the present graph says of every node: paths that changed, and whether problems did."""
        changed: set[str] = set()
        news = self.failed != arrival.failed or self.warnings != arrival.warnings
        if news:
            changed |= self.failed.keys() ^ arrival.failed.keys()
            changed |= {
                path for path in self.failed.keys() & arrival.failed if self.failed[path] != arrival.failed[path]
            }
            changed |= self.warnings.keys() | arrival.warnings.keys()
            self.failed, self.warnings = dict(arrival.failed), dict(arrival.warnings)
            self._errors = None
        if arrival.size >= COARSE or arrival.done:
            changed |= self.busy.keys()
            self.stale.clear()
            self.busy.clear()
        return changed, news

    def value(self, path: str, output: str) -> tuple[int, Value] | None:
        """Return the finest value that is known of an output, and its size."""
        sizes = self.values.get((path, output))
        return (max(sizes), sizes[max(sizes)]) if sizes else None

    def cost(self, path: str) -> tuple[float | None, float]:
        """Return the processor seconds of a node, or of all within a subgraph, and their share of all."""
        if self._sums is None:
            self._sums = {"": 0.0}
            for other, seconds in self.seconds.items():
                for outer in ("", *_outwards(other)):
                    self._sums[outer] = self._sums.get(outer, 0.0) + seconds
        seconds, total = self._sums.get(path), self._sums[""]
        return seconds, seconds / total if seconds is not None and total > 0 else 0.0

    def error(self, path: str) -> IntarsiaError | None:
        """Return the error of a node, or the first within a subgraph."""
        if self._errors is None:
            self._errors = {}
            for other, error in self.failed.items():
                if error is not None:
                    self._errors |= {outer: error for outer in _outwards(other) if outer not in self._errors}
        return self._errors.get(path)

    def keep_only(self, paths: Iterable[str], prefix: str) -> None:
        """Let go of nodes of a level that are gone, and of all within them."""
        kept = set(paths)

        def gone(path: str) -> bool:
            return path.startswith(prefix) and prefix + path[len(prefix) :].split("/")[0] not in kept

        for key in [key for key in self.values if gone(key[0])]:
            del self.values[key]
        for known in (self.images, self.seconds, self.busy, self.warnings, self.failed):
            for path in [path for path in known if gone(path)]:
                del known[path]
        self.stale = {path for path in self.stale if not gone(path)}
        self._sums = self._errors = None


def _words(failed: Failed) -> dict[str, str]:
    return {path: str(error or "") for path, error in failed.items()}


def _outwards(path: str) -> list[str]:
    """Return a node's path and those of the subgraphs it lies in: "a/b/c", "a/b", "a"."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
