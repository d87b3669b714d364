"""One open document: what it is, what is selected, what it looks like; the only part of the app that calls the engine.

Widgets read from the session and ask it for changes. It tells them by signals, after which they read again.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QImage

from gui.ports import Port as Port, Ports, ports_of
from gui.worker import Arrival, Request, Worker
from materials import document as documents, files, filing
from materials.cache import Cache
from materials.edits import Edit, SetMeta
from materials.errors import IntarsiaError
from materials.flatten import Failed
from materials.graph import MATERIAL_OUTPUT, SUBGRAPH, Document, Node
from materials.history import History
from materials.home import state_folder
from materials.journal import Journal
from materials.maps import Maps
from materials.nested import Inside
from materials.partial import Workpiece
from nodes.arrays import Value

STALE_AFTER = 200
"""Milliseconds after which a picture of an older graph is shown as one."""

SIZES = (512, 1024, 2048, 4096)


@dataclass(frozen=True)
class Look:
    """How a node stands at the moment.

    image : its picture, square; None before the first.
    state : "ready", "waiting" (its picture is of an older graph, or it lacks an input), "computing", or "error".
    words : the error in a sentence, what it waits for, or what it is computing; else nothing.
    done : of what it is computing, 0 to 1.
    seconds : processor time at the size of thumbnails, None while unknown; share : of the whole graph's.
    """

    image: QImage | None = None
    state: str = "waiting"
    words: str = ""
    done: float = 0.0
    seconds: float | None = None
    share: float = 0.0
    frozen: bool = False
    warning: str = ""


@dataclass(frozen=True)
class Result:
    """An output as it was last computed: its value, its size in pixels, and whether it is of the present graph."""

    value: Value
    size: int
    fresh: bool


@dataclass(frozen=True)
class Problem:
    """Something to be told: severity "error", "warning" or "note", what, where, and the node to go to."""

    severity: str
    what: str
    where: str
    level: tuple[str, ...]
    node: str
    fix: str = ""


@dataclass(frozen=True)
class Progress:
    """What is being computed: `stage` in words, `done` 0 to 1, `left` seconds as far as rates tell."""

    stage: str
    done: float
    left: float | None = None


class Session(QObject):
    """A document at work.

    graph is the document of the level that is shown: the root, or the inside of a subgraph. All ids are of that level.
    """

    edited = pyqtSignal(object, object)
    """The level's graph before and after a change of any kind, undo and previews of a gesture among them."""
    entered = pyqtSignal()
    """Another level, or another document: everything is to be read again."""
    selection_changed = pyqtSignal()
    shown_changed = pyqtSignal()
    """The 2D view is to show another output."""
    pictured = pyqtSignal(object)
    """A frozenset of ids whose `look` or `result` changed."""
    material_changed = pyqtSignal()
    """`maps` or whether they are fresh."""
    progressed = pyqtSignal(object)
    """A `Progress`, or None when all is done."""
    problems_changed = pyqtSignal()
    titled = pyqtSignal()
    """Title, file, whether it is saved, or what undo and redo would do."""
    refused = pyqtSignal(str)
    """A change that made no sense: why, in a sentence."""
    told = pyqtSignal(str)
    """Something worth a toast."""

    saved = pyqtSignal()

    def __init__(
        self,
        document: Document | None = None,
        folder: Path | None = None,
        cache: Cache | None = None,
        path: Path | None = None,
        locked: str = "",
    ) -> None:
        """folder : where relative paths start. path : the file that saving writes. locked : why nothing may change."""
        super().__init__()
        self.history = History(document or Document(), self._changed)
        self.path = path
        self.locked = locked
        self.journal: Journal | None = None
        self.cache = cache or Cache()
        self.finest = 1024
        self.worker = Worker(self.cache)
        self.worker.arrived.connect(self._arrived)
        self.worker.computing.connect(self._computing)
        self.worker.progressed.connect(self._progressed)
        self.worker.failed.connect(self._failed)
        self.maps: Maps | None = None
        """The document's material as it was last computed."""
        self.elapsed = 0.0
        """Seconds from the last edit to its first pictures."""
        self._saved_at: float | None = None
        self._owns_folder = False
        self._folder = folder
        self._level: tuple[str, ...] = ()
        self._selection: frozenset[str] = frozenset()
        self._current: str | None = None
        self._shown: tuple[str, str] | None = None
        self._watched: frozenset[tuple[str, str]] = frozenset()
        self._number = 0
        self._ports: tuple[Document, dict[str, Ports]] | None = None
        self._linked: dict[Path, tuple[float, Document | None]] = {}
        self._results: dict[tuple[str, str], dict[int, Value]] = {}
        self._images: dict[str, QImage] = {}
        self._stale: set[str] = set()
        """Paths of nodes whose pictures are of an older graph."""
        self._seconds: dict[str, float] = {}
        self._errors: Failed = {}
        self._warnings: dict[str, str] = {}
        self._whole_error: IntarsiaError | None = None
        self._busy: dict[str, float] = {}
        self._frozen: dict[str, Workpiece] = {}
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(STALE_AFTER)
        self._late.timeout.connect(self._is_late)
        self._dim = False

    # ---- reading ----

    @property
    def root(self) -> Document:
        """The whole document."""
        return self.history.document

    @property
    def graph(self) -> Document:
        """The document of the level that is shown."""
        return self._at(self._level)

    @property
    def level(self) -> tuple[str, ...]:
        """Ids of the subgraphs that were entered, from the outermost in."""
        return self._level

    @property
    def prefix(self) -> str:
        """What the paths of the level's nodes begin with."""
        return "".join(f"{id}/" for id in self._level)

    @property
    def folder(self) -> Path | None:
        """Where relative paths start; None for a document never saved."""
        return self._folder

    @property
    def selection(self) -> frozenset[str]:
        return self._selection

    @property
    def current(self) -> str | None:
        """The node that panels show: the one selected last."""
        return self._current

    @property
    def shown(self) -> tuple[str, str] | None:
        """The node and output that the 2D view shows."""
        return self._shown

    @property
    def frozen(self) -> frozenset[str]:
        """The ids of the level's frozen nodes."""
        return frozenset(id for id in self.graph.nodes if self.prefix + id in self._frozen)

    @property
    def is_fresh(self) -> bool:
        """Whether all pictures are of the present graph."""
        return not self._stale

    def _at(self, level: tuple[str, ...]) -> Document:
        document = self.root
        for id in level:
            inner = self.inside(document.nodes[id])
            assert inner is not None
            document = inner
        return document

    def inside(self, node: Node) -> Document | None:
        """Return the document within a subgraph; None where it is not one, or its file cannot be read."""
        if node.key != SUBGRAPH or node.graph is not None:
            return node.graph
        if not node.file or self._folder is None:
            return None
        try:
            path = files.inside(self._folder, node.file)
            stamp = path.stat().st_mtime
            known = self._linked.get(path)
            if known is None or known[0] != stamp:
                self._linked[path] = known = (stamp, documents.load(path))
            return known[1]
        except (IntarsiaError, OSError):
            return None

    def _all_ports(self) -> dict[str, Ports]:
        graph = self.graph
        if self._ports is None or self._ports[0] is not graph:
            self._ports = graph, ports_of(graph, self.inside)
        return self._ports[1]

    def inputs(self, id: str) -> tuple[Port, ...]:
        """Return a node's inputs, whatever it is: declared, a subgraph, or of an unknown kind."""
        return self._all_ports()[id].inputs

    def outputs(self, id: str) -> tuple[Port, ...]:
        """Return a node's outputs; a gray-or-colour output has the kind that its inputs give it."""
        return self._all_ports()[id].outputs

    def look(self, id: str) -> Look:
        """Return how a node stands."""
        path = self.prefix + id
        image, seconds = self._images.get(path), self._seconds_of(path)
        total = sum(self._seconds.values())
        share = seconds / total if seconds is not None and total > 0 else 0.0
        warning = self._warnings.get(path, "")
        base = Look(image, "ready", "", 0.0, seconds, share, path in self._frozen, warning)
        error = self._error_of(path)
        missing = self._missing(id)
        if missing:
            return replace(base, state="waiting", words=f"needs {missing}")
        if error is not None:
            return replace(base, state="error", words=_sentence(error))
        if path in self._busy:
            return replace(base, state="computing", words=f"{self._busy[path]:.0%}", done=self._busy[path])
        if path in self._errors or (self._dim and path in self._stale) or image is None:
            return replace(base, state="waiting")
        return base

    def _seconds_of(self, path: str) -> float | None:
        inner = [seconds for other, seconds in self._seconds.items() if other == path or other.startswith(path + "/")]
        return sum(inner) if inner else None

    def _error_of(self, path: str) -> IntarsiaError | None:
        """Return the error of a node, or the first within a subgraph."""
        own = self._errors.get(path)
        if own is not None:
            return own
        return next((error for other, error in self._errors.items() if error and other.startswith(path + "/")), None)

    def _missing(self, id: str) -> str:
        """Return the inputs that a node needs and does not have, in words."""
        fed = self.graph.incoming().get(id, {})
        kind = self.graph.nodes[id].type
        names = (
            [socket.name for socket in kind.sockets if not socket.optional and socket.name not in fed] if kind else []
        )
        return " and ".join(name.replace("_", " ") for name in names)

    def result(self, id: str, output: str) -> Result | None:
        """Return an output at the finest size that is known of it."""
        path = self.prefix + id
        sizes = self._results.get((path, output))
        if not sizes:
            return None
        size = max(sizes)
        return Result(sizes[size], size, path not in self._stale)

    @property
    def title(self) -> str:
        """The document's title, or its file's name."""
        return self.root.title if self.root.title != "Untitled" or self.path is None else self.path.stem

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that are not saved."""
        return self.history.is_modified

    @property
    def is_late(self) -> bool:
        """Whether pictures are of an older graph, and have been for long enough to say so."""
        return self._dim

    def saved_in_words(self, now: float) -> str:
        """Return whether, and how long ago, the document was saved."""
        if self._saved_at is None:
            return "Not saved" if self.history.is_modified else ""
        if self.history.is_modified:
            return "Edits not saved"
        return f"Saved {_ago(now - self._saved_at)}"

    def problems(self) -> tuple[Problem, ...]:
        """Return all that is wrong, errors first."""
        found = []
        if self._whole_error is not None:
            found.append(
                Problem("error", self._whole_error.what, self._whole_error.where, (), "", self._whole_error.hint)
            )
        for path, error in self._errors.items():
            if error is not None:
                *level, id = path.split("/")
                missing = "is not connected" in error.what
                severity = "note" if missing else "error"
                found.append(Problem(severity, error.what, error.where, tuple(level), id, error.hint))
        for path, warning in self._warnings.items():
            *level, id = path.split("/")
            found.append(Problem("warning", warning, self._label(path), tuple(level), id))
        return tuple(sorted(found, key=lambda problem: ("error", "warning", "note").index(problem.severity)))

    def _label(self, path: str) -> str:
        """Return what a node is called, by its path."""
        *level, id = path.split("/")
        node = self._at(tuple(level)).nodes.get(id)
        return node.title or (node.type.title if node.type else node.key) if node else id

    # ---- asking for changes ----

    def do(self, edit: Edit, text: str) -> bool:
        """Edit the level's graph as one undo step named `text`; False, and `refused`, if that makes no sense."""
        self.commit()
        return self._try(self.history.do, self._inside(edit), text)

    def begin(self, text: str) -> None:
        """Start a gesture: what is previewed until `commit` is one undo step. One under way is ended as it is."""
        self.commit()
        self.history.begin(text)

    def preview(self, edit: Edit) -> bool:
        """Show the graph as it was at `begin` with an edit made; the gesture's earlier previews are gone."""
        return self._try(self.history.preview, self._inside(edit))

    def commit(self) -> None:
        """End a gesture; what it shows is one undo step."""
        if self.history.is_in_gesture:
            self.history.commit()
            self.titled.emit()

    def abandon(self) -> None:
        """End a gesture and leave all as it was before it."""
        if self.history.is_in_gesture:
            self.history.abandon()

    def undo(self) -> None:
        """Take back the last step, if there is one."""
        if self.history.can_undo:
            self.history.undo()

    def redo(self) -> None:
        """Do again what was taken back last, if anything was."""
        if self.history.can_redo:
            self.history.redo()

    def _inside(self, edit: Edit) -> Edit:
        return Inside(self._level, edit) if self._level else edit

    def _try(self, change: object, *arguments: object) -> bool:
        if self.locked:
            self.refused.emit(f"Nothing can be changed here. {self.locked}")
            return False
        try:
            change(*arguments)  # type: ignore[operator]  # one of history's methods
        except IntarsiaError as error:
            self.refused.emit(_sentence(error))
            return False
        return True

    def select(self, ids: Iterable[str], current: str | None = None) -> None:
        """Select nodes; panels show `current`, or the one that is selected alone or newly."""
        chosen = frozenset(id for id in ids if id in self.graph.nodes)
        if current is None:
            new = chosen - self._selection
            current = next(iter(new)) if len(new) == 1 else self._current if self._current in chosen else None
            current = current or next(iter(sorted(chosen)), None)
        if (chosen, current) != (self._selection, self._current):
            self._selection, self._current = chosen, current
            self.selection_changed.emit()

    def show(self, id: str, output: str | None = None) -> None:
        """Show a node's output in the 2D view; its first where none is named."""
        outputs = self.outputs(id)
        names = [port.name for port in outputs]
        if not names:
            return
        chosen = (id, output if output in names else names[0])
        if chosen != self._shown:
            self._shown = chosen
            self.shown_changed.emit()
            self.evaluate()

    def watch(self, outputs: Iterable[tuple[str, str]]) -> None:
        """Keep finer pictures of further outputs, as pinned views need them."""
        watched = frozenset(outputs)
        if watched != self._watched:
            self._watched = watched
            self.evaluate()

    def enter(self, id: str) -> None:
        """Go into a subgraph."""
        if self.inside(self.graph.nodes[id]) is not None:
            self._go((*self._level, id))

    def leave(self) -> None:
        """Go out of a subgraph."""
        if self._level:
            inner = self._level[-1]
            self._go(self._level[:-1])
            self.select([inner])

    def go(self, level: tuple[str, ...], node: str = "") -> None:
        """Go to a level, and select a node there."""
        if level != self._level:
            self._go(level)
        if node:
            self.select([node])

    def _go(self, level: tuple[str, ...]) -> None:
        self._level = level
        self._selection, self._current, self._shown = frozenset(), None, None
        self._watched = frozenset()
        self.entered.emit()
        self.selection_changed.emit()
        self.shown_changed.emit()
        self.evaluate()

    def freeze(self, ids: Iterable[str], frozen: bool) -> None:
        """Keep nodes' pictures as they are while working, whatever changes before them; renders compute them anew."""
        ids = [id for id in ids if id in self.graph.nodes]
        if frozen:
            piece = Workpiece.of(self.root, self._folder, dict(self._frozen))
            self._frozen |= {self.prefix + id: piece for id in ids}
        else:
            for id in ids:
                self._frozen.pop(self.prefix + id, None)
        self._stale |= self._downstream(ids)
        self.pictured.emit(frozenset(ids))
        self.evaluate()

    # ---- files ----

    def save(self, path: Path | None = None) -> list[str]:
        """Write the document to its file, or to another; return the parts that could not be brought along.

        Raises
        ------
        IntarsiaError
            If it cannot be written; the old file is as it was.
        """
        target = path or self.path
        assert target is not None
        document = self.root
        if document.title == "Untitled":
            document = replace(document, title=target.stem.replace("_", " "))
        missing = filing.save_document(document, self._folder, target)
        self.path, self._folder = target, target.parent
        self.history.mark_saved()
        self._saved_at = time.time()
        if self.journal is not None:
            self.journal.restart(self.root, target)
        self.titled.emit()
        self.saved.emit()
        return missing

    def take_picture(self, path: Path) -> tuple[Edit, str] | None:
        """Return the edit that enters a picture in the document's ledger, and its name there; None if it is refused.

        A document that was never saved gets a folder of its own for its parts, which go along when it is saved.
        """
        try:
            if self.path is None and not self._owns_folder:
                self._found_folder()
            assert self._folder is not None
            entry, new = filing.take_picture(self.graph, self._folder, path)
        except IntarsiaError as error:
            self.refused.emit(_sentence(error))
            return None
        sources = {**self.graph.sources, entry.name: entry} if new else dict(self.graph.sources)
        return SetMeta("sources", sources), entry.name

    def _found_folder(self) -> None:
        """Make a folder for the parts of a document that has no file, and bring there what it has."""
        folder = files.make_folder(state_folder() / "unsaved" / uuid.uuid4().hex)
        if self._folder is not None:
            filing.bring_parts(self.root, self._folder, folder)
        self._folder, self._owns_folder = folder, True

    def keep_view(self, view: Mapping[str, Any]) -> None:
        """Note where the graph is left; that is no edit."""
        shown = {"shown": ".".join(self._shown)} if self._shown and not self._level else {}
        self.history.look(replace(self.root, view={**view, **shown}))

    def restore_view(self, view: Mapping[str, Any]) -> None:
        """Show what was shown where the document was left, or else its material."""
        id, _, output = str(view.get("shown", "")).rpartition(".")
        if id in self.graph.nodes:
            self.show(id, output)
            return
        made = [node.id for node in self.graph.nodes.values() if node.key == MATERIAL_OUTPUT]
        if made:
            fed = self.graph.incoming().get(made[0], {}).get("base_color")
            self.show(*((fed.source, fed.output) if fed else (made[0], None)))
        elif self.graph.nodes:
            self.show(next(reversed(list(self.graph.nodes))))

    # ---- evaluation ----

    def evaluate(self) -> None:
        """Ask for pictures of everything that is seen."""
        ports = self._all_ports()
        outputs = {id: tuple(port.name for port in found.outputs) for id, found in ports.items() if found.outputs}
        looked_at = self._watched | ({self._shown} if self._shown else set())
        self._number += 1
        frozen = dict(self._frozen)
        self.worker.ask(
            Request(
                self._number, self.root, self._folder, self.prefix, outputs, frozenset(looked_at), self.finest, frozen
            )
        )
        self._late.start()

    def rest(self) -> None:
        """Stop evaluating; pictures stay as they are."""
        self.worker.rest()
        self._busy.clear()
        self.progressed.emit(None)

    def close(self) -> None:
        """End the session's thread; its journal stays as it is."""
        self._late.stop()
        self.worker.stop()

    def discard(self) -> None:
        """Forget edits that are not saved, and the parts of a document that has no file."""
        if self.journal is not None:
            self.journal.close(discard=True)
            self.journal = None
        if self._owns_folder and self.path is None and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _changed(self, old: Document, new: Document, text: str) -> None:
        """Follow a change of the root document, by whatever made it."""
        if self.journal is not None:
            self.journal.append(old, new, text)
        before = self._graph_in(old)
        after = self._graph_in(new)
        if before is None or after is None:  # the level is gone
            self._go(())
            self.titled.emit()
            return
        self._forget_gone(after)
        if before is not after:
            self._stale |= {self.prefix + id for id in _touched(before, after)}
        self.edited.emit(before, after)
        self.titled.emit()
        if _needs_pictures(old, new):
            self.elapsed = 0.0
            self.evaluate()

    def _graph_in(self, root: Document) -> Document | None:
        document: Document | None = root
        for id in self._level:
            node = document.nodes.get(id) if document is not None else None
            document = self.inside(node) if node is not None else None
        return document

    def _forget_gone(self, graph: Document) -> None:
        """Deselect and no longer show nodes that are gone."""
        chosen = frozenset(id for id in self._selection if id in graph.nodes)
        if chosen != self._selection:
            self._selection = chosen
            self._current = self._current if self._current in chosen else next(iter(sorted(chosen)), None)
            self.selection_changed.emit()
        if self._shown and self._shown[0] not in graph.nodes:
            self._shown = None
            self.shown_changed.emit()
        self._watched = frozenset(key for key in self._watched if key[0] in graph.nodes)

    def _downstream(self, ids: Iterable[str]) -> set[str]:
        return {self.prefix + id for id in _after(self.graph, ids)}

    def _is_late(self) -> None:
        """Show pictures of an older graph as such: the new ones are not there soon."""
        if self._stale:
            self._dim = True
            self.pictured.emit(self._ids(self._stale))
            self.material_changed.emit()

    def _ids(self, paths: Iterable[str]) -> frozenset[str]:
        """Return the ids of the level's nodes that paths are of, or lie within."""
        prefix = self.prefix
        ids = {path[len(prefix) :].split("/")[0] for path in paths if path.startswith(prefix)}
        return frozenset(ids & self.graph.nodes.keys())

    def _arrived(self, arrival: Arrival) -> None:
        """Take what a pass made: newer requests' first, older ones' only as long as nothing newer came."""
        prefix, changed = self.prefix, set()
        for (id, output), value in arrival.results.items():
            sizes = self._results.setdefault((prefix + id, output), {})
            if arrival.size <= min(sizes, default=arrival.size):
                sizes.clear()
            sizes[arrival.size] = value
            changed.add(id)
        for id, image in arrival.images.items():
            self._images[prefix + id] = image
            changed.add(id)
        if arrival.seconds and arrival.size <= 256:
            self._seconds |= arrival.seconds
        if arrival.number == self._number:
            changed |= self._settle(arrival)
        if arrival.material is not None:
            self.maps = arrival.material
            self.material_changed.emit()
        if changed:
            self.pictured.emit(frozenset(changed) & self.graph.nodes.keys())

    def _settle(self, arrival: Arrival) -> set[str]:
        """Note what an arrival for the present graph says of every node."""
        changed = set(self._ids(self._stale)) if self._dim else set()
        if self._errors != arrival.failed:
            changed |= self._ids(self._errors.keys() ^ arrival.failed.keys())
            self._errors = dict(arrival.failed)
            self.problems_changed.emit()
        if self._warnings.items() ^ arrival.warnings.items():
            changed |= self._ids(self._warnings.keys() | arrival.warnings.keys())
            self._warnings = dict(arrival.warnings)
            self.problems_changed.emit()
        if self._whole_error is not None:
            self._whole_error = None
            self.problems_changed.emit()
        if arrival.size >= 256 or arrival.done:
            self._stale.clear()
            self._late.stop()
            self._dim = False
            changed |= self._ids(self._busy)
            self._busy.clear()
        if arrival.results and self.elapsed == 0.0:
            self.elapsed = arrival.elapsed
        if arrival.done:
            self.progressed.emit(None)
        return changed

    def _computing(self, path: str, done: float) -> None:
        self._busy[path] = done
        self.pictured.emit(self._ids([path]))

    def _progressed(self, stage: str, done: float) -> None:
        self.progressed.emit(Progress(stage, done))

    def _failed(self, number: int, error: IntarsiaError) -> None:
        if number == self._number:
            self._whole_error = error
            self.problems_changed.emit()
            self.progressed.emit(None)


def _ago(seconds: float) -> str:
    if seconds < 60:
        return f"{max(seconds, 0):.0f} s ago"
    return f"{seconds / 60:.0f} min ago" if seconds < 3600 else f"{seconds / 3600:.0f} h ago"


# ---- what a change touches -----------------------------------------------------------------------


def _sentence(error: IntarsiaError) -> str:
    return error.what[:1].upper() + error.what[1:] + (f" ({error.hint})" if error.hint else "")


def _after(graph: Document, ids: Iterable[str]) -> set[str]:
    """Return nodes and all that depends on them."""
    readers: dict[str, list[str]] = {}
    for link in graph.links:
        readers.setdefault(link.source, []).append(link.target)
    found = set(ids) & graph.nodes.keys()
    work = list(found)
    for id in work:  # grows while we walk it
        for reader in readers.get(id, ()):
            if reader not in found:
                found.add(reader)
                work.append(reader)
    return found


def _works_alike(old: Node | None, new: Node) -> bool:
    """Whether two states of a node make the same pictures: they may differ in title and place."""
    return old is not None and (old is new or replace(old, title=new.title, position=new.position) == new)


def _touched(old: Document, new: Document) -> set[str]:
    """Return the nodes of `new` whose pictures may differ from those of `old`."""
    changed = {id for id, node in new.nodes.items() if not _works_alike(old.nodes.get(id), node)}
    changed |= {link.target for link in set(old.links) ^ set(new.links)}
    if old.sources != new.sources:
        changed |= set(new.nodes)
    return _after(new, changed)


def _needs_pictures(old: Document, new: Document) -> bool:
    """Whether a change may change a picture anywhere."""
    if old.links is not new.links or old.sources is not new.sources or old.nodes.keys() != new.nodes.keys():
        return True
    return any(not _works_alike(old.nodes[id], node) for id, node in new.nodes.items())
