"""One open document: what it is, what is selected, what it looks like; the only part of the app that calls the engine.

Widgets read from the session and ask it for changes. It tells them by signals, after which they read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from materials.edits import Edit
from materials.graph import Document
from nodes.arrays import Value


@dataclass(frozen=True)
class Port:
    """A place on a node where a wire ends; `kind` is "Gray", "Color", … as far as the graph tells, else "Image"."""

    name: str
    kind: str
    optional: bool = False


@dataclass(frozen=True)
class Look:
    """How a node stands at the moment.

    image : its picture, square; None before the first.
    state : "ready", "waiting" (its picture is of an older graph), "computing", or "error".
    words : the error in a sentence, or what it is computing; else nothing.
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
    progressed = pyqtSignal(object)
    """A `Progress`, or None when all is done."""
    problems_changed = pyqtSignal()
    titled = pyqtSignal()
    """Title, file, whether it is saved, or what undo and redo would do."""
    refused = pyqtSignal(str)
    """A change that made no sense: why, in a sentence."""
    told = pyqtSignal(str)
    """Something worth a toast."""

    # ---- reading ----

    @property
    def graph(self) -> Document:
        """The document of the level that is shown."""
        raise NotImplementedError

    @property
    def root(self) -> Document:
        """The whole document."""
        raise NotImplementedError

    @property
    def level(self) -> tuple[str, ...]:
        """Ids of the subgraphs that were entered, from the outermost in."""
        raise NotImplementedError

    @property
    def folder(self) -> Path | None:
        """Where relative paths start; None for a document never saved."""
        raise NotImplementedError

    @property
    def selection(self) -> frozenset[str]:
        raise NotImplementedError

    @property
    def current(self) -> str | None:
        """The node that panels show: the one selected last."""
        raise NotImplementedError

    @property
    def shown(self) -> tuple[str, str] | None:
        """The node and output that the 2D view shows."""
        raise NotImplementedError

    def inputs(self, id: str) -> tuple[Port, ...]:
        """Return a node's inputs, whatever it is: declared, a subgraph, or of an unknown kind."""
        raise NotImplementedError

    def outputs(self, id: str) -> tuple[Port, ...]:
        """Return a node's outputs; a gray-or-colour output has the kind that its inputs give it."""
        raise NotImplementedError

    def look(self, id: str) -> Look:
        raise NotImplementedError

    def result(self, id: str, output: str) -> Result | None:
        raise NotImplementedError

    def problems(self) -> tuple[Problem, ...]:
        raise NotImplementedError

    # ---- asking for changes ----

    def do(self, edit: Edit, text: str) -> bool:
        """Edit the level's graph as one undo step named `text`; False, and `refused`, if that makes no sense."""
        raise NotImplementedError

    def begin(self, text: str) -> None:
        """Start a gesture: what is previewed until `commit` is one undo step."""
        raise NotImplementedError

    def preview(self, edit: Edit) -> bool:
        """Show the graph as it was at `begin` with an edit made; the gesture's earlier previews are gone."""
        raise NotImplementedError

    def commit(self) -> None:
        raise NotImplementedError

    def abandon(self) -> None:
        """End a gesture and leave all as it was before it."""
        raise NotImplementedError

    def undo(self) -> None:
        raise NotImplementedError

    def redo(self) -> None:
        raise NotImplementedError

    def select(self, ids: Iterable[str], current: str | None = None) -> None:
        raise NotImplementedError

    def show(self, id: str, output: str | None = None) -> None:
        """Show a node's output in the 2D view; its first where none is named."""
        raise NotImplementedError

    def enter(self, id: str) -> None:
        """Go into a subgraph."""
        raise NotImplementedError

    def leave(self) -> None:
        """Go out of a subgraph."""
        raise NotImplementedError

    def freeze(self, ids: Iterable[str], frozen: bool) -> None:
        """Keep nodes' pictures as they are while working, whatever changes before them; renders compute them anew."""
        raise NotImplementedError
