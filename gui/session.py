"""One open document: what it is, what is selected, what it looks like; the only part of the app that calls the engine.

Widgets read from the session and ask it for changes. It tells them by signals, after which they read again.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gui.looks import FIND, Look as Look, Problem as Problem, Progress as Progress, Result as Result
from gui.ports import Port as Port, Ports, ports_of, same_ports
from gui.results import Results
from gui.titles import title_of
from gui.touched import after, needs_pictures, touched
from gui.worker import Arrival, Request, Worker
from materials import document as documents, files, filing
from materials.cache import Cache
from materials.edits import Edit, SetMeta
from materials.errors import IntarsiaError, SourceError
from materials.graph import MATERIAL_OUTPUT, SUBGRAPH, Document, Node, same_work
from materials.history import History
from materials.home import state_folder
from materials.journal import Journal
from materials.maps import Maps
from materials.nested import Inside
from materials.partial import Workpiece
from nodes.declare import spelled
from nodes.parameters import Picture

STALE_AFTER = 200
"""Milliseconds after which a picture of an older graph is shown as one."""

SYNC_EVERY = 2000
"""Milliseconds between two times that the journal reaches the disk."""

FINEST = 1024
"""Pixels of the views' pictures, unless set otherwise."""


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
    """`maps`, or whether they are of the present graph."""
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
        self.finest = FINEST
        self.maps: Maps | None = None
        """The document's material as it was last computed."""
        self.elapsed = 0.0
        """Seconds from the last edit to its first pictures."""
        self.is_late = False
        """Whether pictures are of an older graph, and have been for long enough to say so."""
        self._folder, self._owns_folder = folder, False
        self._saved_at: float | None = None
        self._level: tuple[str, ...] = ()
        self._selection: frozenset[str] = frozenset()
        self._current: str | None = None
        self._shown: tuple[str, str] | None = None
        self._watched: frozenset[tuple[str, str]] = frozenset()
        self._frozen: dict[str, Workpiece] = {}
        self._ports: tuple[Document, dict[str, Ports]] | None = None
        self._linked: dict[Path, tuple[float, Document]] = {}
        self._number = self._done = 0
        self._results = Results()
        self._refusal: IntarsiaError | None = None
        """Why the graph as a whole cannot be evaluated."""
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(STALE_AFTER)
        self._late.timeout.connect(self._is_late_now)
        self._sync = QTimer(self)
        self._sync.setInterval(SYNC_EVERY)
        self._sync.timeout.connect(self._sync_journal)
        self._sync.start()
        self.worker = Worker(self.cache)
        self.worker.arrived.connect(self._arrived)
        self.worker.computing.connect(self._computing)
        self.worker.progressed.connect(self._progressed)
        self.worker.failed.connect(self._failed)

    # ---- the document ----

    @property
    def root(self) -> Document:
        """The whole document."""
        return self.history.document

    @property
    def graph(self) -> Document:
        """The document of the level that is shown."""
        found = self._graph_in(self.root)
        assert found is not None
        return found

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
    def title(self) -> str:
        """The document's title, or its file's name."""
        return self.root.title if self.root.title != "Untitled" or self.path is None else self.path.stem

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that are not saved."""
        return self.history.is_modified

    def saved_in_words(self, now: float) -> str:
        """Return whether, and how long ago, the document was saved."""
        if self.is_modified:
            return "Edits not saved" if self.path else "Not saved"
        return f"Saved {_ago(now - self._saved_at)}" if self._saved_at is not None else ""

    def _graph_in(self, root: Document) -> Document | None:
        document: Document | None = root
        for id in self._level:
            node = document.nodes.get(id) if document is not None else None
            document = self.inside(node) if node is not None else None
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
            if path not in self._linked or self._linked[path][0] != stamp:
                self._linked[path] = stamp, documents.load(path)
            return self._linked[path][1]
        except (IntarsiaError, OSError):
            return None

    def _all_ports(self) -> dict[str, Ports]:
        graph = self.graph
        known = self._ports
        if known is None or known[0] is not graph:
            same = known is not None and same_ports(known[0], graph)
            known = self._ports = graph, known[1] if known is not None and same else ports_of(graph, self.inside)
        return known[1]

    def inputs(self, id: str) -> tuple[Port, ...]:
        """Return a node's inputs, whatever it is: declared, a subgraph, or of an unknown kind."""
        return self._all_ports()[id].inputs

    def outputs(self, id: str) -> tuple[Port, ...]:
        """Return a node's outputs; a gray-or-colour output has the kind that its inputs give it."""
        return self._all_ports()[id].outputs

    # ---- what is selected and shown ----

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
        names = [port.name for port in self.outputs(id)]
        chosen = (id, output if output in names else names[0]) if names else self._shown
        if chosen is not None and chosen != self._shown:
            self._shown = (chosen[0], str(chosen[1]))
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
        self.commit()
        self._level = level
        self._selection, self._current, self._shown = frozenset(), None, None
        self._watched = frozenset()
        self.entered.emit()
        self.selection_changed.emit()
        self.shown_changed.emit()
        self.evaluate()

    # ---- what things look like ----

    def look(self, id: str) -> Look:
        """Return how a node stands."""
        path, known = self.prefix + id, self._results
        image, (seconds, share) = known.images.get(path), known.cost(path)
        look = Look(image, "ready", "", 0.0, seconds, share, path in self._frozen, known.warnings.get(path, ""))
        error = known.error(path)
        if missing := self._all_ports()[id].missing:
            words = " and ".join(spelled(name) for name in missing)
            return replace(look, state="waiting", words=f"needs {words}")
        late = self.is_late and path in known.stale
        if error is not None and not late:  # an error of an older graph says nothing of what was mended since
            return replace(look, state="error", words=sentence(error))
        if path in known.busy:
            return replace(look, state="computing", words=f"{100 * known.busy[path]:.0f}\u2009%", done=known.busy[path])
        if path in known.failed or late or image is None:
            return replace(look, state="waiting")
        return look

    def result(self, id: str, output: str) -> Result | None:
        """Return an output at the finest size that is known of it."""
        path = self.prefix + id
        found = self._results.value(path, output)
        return Result(found[1], found[0], path not in self._results.stale) if found else None

    @property
    def frozen(self) -> frozenset[str]:
        """The ids of the level's frozen nodes."""
        return frozenset(id for id in self.graph.nodes if self.prefix + id in self._frozen)

    @property
    def is_fresh(self) -> bool:
        """Whether all pictures are of the present graph."""
        return not self._results.stale

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come for the present graph."""
        return self._done == self._number

    def problems(self) -> tuple[Problem, ...]:
        """Return all that is wrong, errors first."""
        found = []
        if self._refusal is not None:
            found.append(Problem("error", self._refusal.what, self._refusal.where, (), "", self._refusal.hint))
        for path, error in self._results.failed.items():
            if error is not None:
                *level, id = path.split("/")
                severity = "note" if "is not connected" in error.what else "error"
                fix = FIND if isinstance(error, SourceError) else ""
                found.append(Problem(severity, error.what, self._label(path), tuple(level), id, fix))
        for path, warning in self._results.warnings.items():
            *level, id = path.split("/")
            found.append(Problem("warning", warning, self._label(path), tuple(level), id))
        return tuple(sorted(found, key=lambda problem: ("error", "warning", "note").index(problem.severity)))

    def _label(self, path: str) -> str:
        """Return what a node is called, by its path."""
        node: Node | None = None
        graph: Document | None = self.root
        for id in path.split("/"):
            node = graph.nodes.get(id) if graph is not None else None
            graph = self.inside(node) if node is not None else None
        return title_of(node) if node is not None else path

    # ---- changes ----

    def do(self, edit: Edit, text: str) -> bool:
        """Edit the level's graph as one undo step named `text`; False, and `refused`, if that makes no sense."""
        self.commit()
        return self._try(lambda: self.history.do(self._inside(edit), text))

    def begin(self, text: str) -> None:
        """Start a gesture: what is previewed until `commit` is one undo step. One under way is ended as it is."""
        self.commit()
        self.history.begin(text)

    def preview(self, edit: Edit) -> bool:
        """Show the graph as it was at `begin` with an edit made; the gesture's earlier previews are gone."""
        return self._try(lambda: self.history.preview(self._inside(edit)))

    def commit(self) -> None:
        """End a gesture; what it shows is one undo step."""
        if self.history.is_in_gesture:
            if self.history.commit() and self.journal is not None:
                self.journal.append(self.root, self.root, self.history.undo_text)
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

    def _try(self, change: Callable[[], None]) -> bool:
        if self.locked:
            self.refused.emit(f"Nothing can be changed here. {self.locked}")
            return False
        try:
            change()
        except IntarsiaError as error:
            self.refused.emit(sentence(error))
            return False
        return True

    def freeze(self, ids: Iterable[str], frozen: bool) -> None:
        """Keep nodes' pictures as they are while working, whatever changes before them; renders compute them anew."""
        ids = [id for id in ids if id in self.graph.nodes]
        if frozen:
            piece = Workpiece.of(self.root, self._folder, dict(self._frozen))
            self._frozen |= {self.prefix + id: piece for id in ids}
        else:
            for id in ids:
                self._frozen.pop(self.prefix + id, None)
        self._results.stale |= {self.prefix + id for id in after(self.graph, ids)}
        self.pictured.emit(frozenset(ids))
        self.evaluate()

    def _changed(self, old: Document, new: Document, text: str) -> None:
        """Follow a change of the root document, by whatever made it."""
        if self.journal is not None and not self.history.is_in_gesture and not same_work(old, new):
            self.journal.append(old, new, text)  # a gesture is entered when it ends, as the one edit that it is
        before, now = self._graph_in(old), self._graph_in(new)
        if before is None or now is None:  # the level is gone
            self._go(())
        elif before is not now:
            self._forget_gone(now)
            self._results.stale |= {self.prefix + id for id in touched(before, now)}
            self.edited.emit(before, now)
        self.titled.emit()
        if needs_pictures(old, new):
            self.elapsed = 0.0
            self.evaluate()

    def _forget_gone(self, graph: Document) -> None:
        """Deselect and no longer show nodes that are gone."""
        self._results.keep_only((self.prefix + id for id in graph.nodes), self.prefix)
        chosen = self._selection & graph.nodes.keys()
        if chosen != self._selection:
            self._selection = chosen
            self._current = self._current if self._current in chosen else next(iter(sorted(chosen)), None)
            self.selection_changed.emit()
        if self._shown and self._shown[0] not in graph.nodes:
            self._shown = None
            self.shown_changed.emit()
        self._watched = frozenset(key for key in self._watched if key[0] in graph.nodes)

    # ---- files ----

    def _sync_journal(self) -> None:
        if self.journal is not None:
            self.journal.sync()

    def save(self, path: Path | None = None) -> list[str]:
        """Write the document to its file, or to another; return the parts that could not be brought along.

        Raises
        ------
        IntarsiaError
            If it cannot be written; the old file is as it was.
        """
        target = path or self.path
        assert target is not None
        self.commit()
        missing = filing.save_document(self.root, self._folder, target)
        self.path, self._folder = target, target.parent
        self.history.mark_saved()
        self._saved_at = time.time()
        if self.journal is not None:
            self.journal.saved(self.root, target)
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
            self.refused.emit(f"{path.name} was not taken: {error.what}" + (f" ({error.hint})" if error.hint else ""))
            return None
        sources = {**self.graph.sources, entry.name: entry} if new else dict(self.graph.sources)
        return SetMeta("sources", sources), entry.name

    def pictures(self, id: str) -> tuple[str, ...]:
        """Return the names of a node's parameters that are pictures."""
        kind = self.graph.node(id).type
        fields = kind.fields if kind is not None else ()
        return tuple(field.name for field in fields if isinstance(field.parameter, Picture))

    def put_back(self, id: str, path: Path) -> bool:
        """Copy the very picture that a node lacks to its place; False if it is another."""
        names = {str(self.graph.node(id).parameters.get(name)) for name in self.pictures(id)}
        sources = [self.graph.sources[name] for name in names if name in self.graph.sources]
        try:
            done = self._folder is not None and any(filing.put_back(each, self._folder, path) for each in sources)
        except IntarsiaError as error:
            self.refused.emit(sentence(error))
            return False
        if done:
            self.evaluate()
        return done

    def _found_folder(self) -> None:
        """Make a folder for the parts of a document that has no file, and bring there what it has."""
        folder = files.make_folder(state_folder() / "unsaved" / uuid.uuid4().hex)
        if self._folder is not None:
            filing.bring_parts(self.root, self._folder, folder)
        self._folder, self._owns_folder = folder, True

    def keep_view(self, view: Mapping[str, Any]) -> None:
        """Note where the graph is left; that is no edit."""
        shown = {"shown": ".".join(self._shown)} if self._shown and not self._level else {}
        if not self.history.is_in_gesture:
            self.history.look(replace(self.root, view={**view, **shown}))

    def restore_view(self, view: Mapping[str, Any]) -> None:
        """Show what was shown where the document was left, or else its material's colour."""
        id, _, output = str(view.get("shown", "")).rpartition(".")
        nodes = self.graph.nodes
        material = next((node.id for node in nodes.values() if node.key == MATERIAL_OUTPUT), None)
        if id in nodes:
            self.show(id, output)
        elif material is not None:
            fed = self.graph.incoming().get(material, {}).get("base_color")
            self.show(*((fed.source, fed.output) if fed else (material, None)))
        elif nodes:
            self.show(next(reversed(list(nodes))))

    def close(self) -> None:
        """End the session's thread; its journal stays as it is."""
        self._late.stop()
        self._sync.stop()
        self.worker.stop()

    def discard(self) -> None:
        """Forget edits that are not saved, and the parts of a document that has no file."""
        if self.journal is not None:
            self.journal.close(discard=True)
            self.journal = None
        if self._owns_folder and self.path is None and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    # ---- evaluation ----

    def evaluate(self) -> None:
        """Ask for pictures of everything that is seen."""
        ports = self._all_ports()
        outputs = {id: tuple(port.name for port in found.outputs) for id, found in ports.items() if found.outputs}
        looked_at = self._watched | ({self._shown} if self._shown else set())
        self._number += 1
        request = Request(self._number, self.root, self._folder, self.prefix, outputs, looked_at, self.finest)
        self.worker.ask(replace(request, frozen=dict(self._frozen)))
        self._late.start()

    def rest(self) -> None:
        """Stop evaluating; pictures stay as they are."""
        self.worker.rest()
        self._results.busy.clear()
        self.progressed.emit(None)

    def _is_late_now(self) -> None:
        """Show pictures of an older graph as such: the new ones are not there soon."""
        if self._results.stale:
            self.is_late = True
            self.pictured.emit(self._ids(self._results.stale))
            self.material_changed.emit()

    def _ids(self, paths: Iterable[str]) -> frozenset[str]:
        """Return the ids of the level's nodes that paths are of, or lie within."""
        prefix = self.prefix
        ids = {path[len(prefix) :].split("/")[0] for path in paths if path.startswith(prefix)}
        return frozenset(ids & self.graph.nodes.keys())

    def _arrived(self, arrival: Arrival) -> None:
        """Take what a pass made; one for an older graph is shown too, until there is one for the present."""
        changed = self._results.take(arrival, arrival.prefix)
        if arrival.number == self._number:
            if self.is_late and (arrival.size >= 256 or arrival.done):
                changed |= self._results.stale
                self.is_late = False
            also, news = self._results.settle(arrival)
            changed |= also
            if news or self._refusal is not None:
                self._refusal = None
                self.problems_changed.emit()
            if self.is_fresh:
                self._late.stop()
            if arrival.done:
                self._done = arrival.number
                self.progressed.emit(None)
            self.elapsed = self.elapsed or arrival.elapsed
        if arrival.material is not None:
            self.maps = arrival.material
        if arrival.material is not None or arrival.done:
            self.material_changed.emit()
        if changed := self._ids(changed):
            self.pictured.emit(changed)

    def _computing(self, path: str, done: float) -> None:
        self._results.busy[path] = done
        self.pictured.emit(self._ids([path]))

    def _progressed(self, stage: str, done: float) -> None:
        self.progressed.emit(Progress(stage, done))

    def _failed(self, number: int, error: IntarsiaError) -> None:
        if number == self._number:
            self._refusal, self._done = error, number
            self.problems_changed.emit()
            self.progressed.emit(None)


def sentence(error: IntarsiaError) -> str:
    """Return an error as a sentence."""
    first, _, _ = error.what.partition(" ")
    what = error.what if "." in first else error.what[:1].upper() + error.what[1:]  # a file keeps its name
    return what + (f" ({error.hint})" if error.hint else "")


def _ago(seconds: float) -> str:
    if seconds < 60:
        return f"{max(seconds, 0):.0f} s ago"
    return f"{seconds / 60:.0f} min ago" if seconds < 3600 else f"{seconds / 3600:.0f} h ago"
