"""A session without an engine: a real document, real edits, a list of undo steps, and made-up pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtGui import QColor, QImage

from gui.session import Look, Port, Problem, Result, Session
from materials.edits import Edit, Inside
from materials.errors import IntarsiaError
from materials.graph import Document
from materials.nested import document_at
from materials.ports import inputs_of, kinds, outputs_of


class FakeSession(Session):
    """What the canvas needs of a session."""

    def __init__(self, document: Document | None = None) -> None:
        super().__init__()
        self._root = document or Document()
        self._level: tuple[str, ...] = ()
        self._selection: frozenset[str] = frozenset()
        self._current: str | None = None
        self._shown: tuple[str, str] | None = None
        self._looks: dict[str, Look] = {}
        self._kinds: tuple[Document | None, dict] = (None, {})
        self.undos: list[tuple[str, Document, Document]] = []
        self.redos: list[tuple[str, Document, Document]] = []
        self._gesture: tuple[str, Document] | None = None
        self.refusals: list[str] = []
        self.refused.connect(self.refusals.append)

    # ---- reading ----

    @property
    def graph(self) -> Document:
        return document_at(self._root, self._level)

    @property
    def root(self) -> Document:
        return self._root

    @property
    def level(self) -> tuple[str, ...]:
        return self._level

    @property
    def folder(self) -> Path | None:
        return None

    @property
    def selection(self) -> frozenset[str]:
        return self._selection

    @property
    def current(self) -> str | None:
        return self._current

    @property
    def shown(self) -> tuple[str, str] | None:
        return self._shown

    def _kind(self, id: str, output: str) -> str:
        graph = self.graph
        if self._kinds[0] is not graph:
            self._kinds = (graph, kinds(graph))
        found = self._kinds[1].get((id, output))
        return found.value if found else "Image"

    def inputs(self, id: str) -> tuple[Port, ...]:
        ports = inputs_of(self.graph.nodes[id])
        return tuple(Port(port.name, port.kind.value if port.kind else "Image", port.optional) for port in ports)

    def outputs(self, id: str) -> tuple[Port, ...]:
        return tuple(Port(port.name, self._kind(id, port.name)) for port in outputs_of(self.graph.nodes[id]))

    def look(self, id: str) -> Look:
        return self._looks.get(id, Look())

    def result(self, id: str, output: str) -> Result | None:
        return None

    def problems(self) -> tuple[Problem, ...]:
        return ()

    # ---- changes ----

    def _show(self, root: Document) -> None:
        old, self._root = self.graph, root
        new = self.graph
        self._selection &= frozenset(new.nodes)
        if self._current not in new.nodes:
            self._current = None
        self.edited.emit(old, new)

    def _made(self, root: Document, edit: Edit) -> Document | None:
        try:
            return (Inside(self._level, edit) if self._level else edit).apply(root)[0]
        except IntarsiaError as error:
            self.refused.emit(str(error))
            return None

    def do(self, edit: Edit, text: str) -> bool:
        before = self._root
        after = self._made(before, edit)
        if after is None:
            return False
        back = edit.apply(self.graph)[1]
        if not self._level:
            assert back.apply(after)[0] == before, f"the undo of {text!r} is not exact"
        self.undos.append((text, before, after))
        self.redos.clear()
        self._show(after)
        return True

    def begin(self, text: str) -> None:
        assert self._gesture is None
        self._gesture = (text, self._root)

    def preview(self, edit: Edit) -> bool:
        assert self._gesture is not None
        after = self._made(self._gesture[1], edit)
        if after is None:
            return False
        self._show(after)
        return True

    def commit(self) -> None:
        assert self._gesture is not None
        text, before = self._gesture
        self._gesture = None
        if self._root != before:
            self.undos.append((text, before, self._root))
            self.redos.clear()

    def abandon(self) -> None:
        assert self._gesture is not None
        before, self._gesture = self._gesture[1], None
        self._show(before)

    def undo(self) -> None:
        if self.undos:
            step = self.undos.pop()
            self.redos.append(step)
            self._show(step[1])

    def redo(self) -> None:
        if self.redos:
            step = self.redos.pop()
            self.undos.append(step)
            self._show(step[2])

    def select(self, ids: Iterable[str], current: str | None = None) -> None:
        self._selection = frozenset(ids) & frozenset(self.graph.nodes)
        self._current = current or (min(self._selection) if self._selection else None)
        self.selection_changed.emit()

    def show(self, id: str, output: str | None = None) -> None:
        self._shown = (id, output or self.outputs(id)[0].name)
        self.shown_changed.emit()

    def enter(self, id: str) -> None:
        self._go((*self._level, id))

    def leave(self) -> None:
        self._go(self._level[:-1])

    def _go(self, level: tuple[str, ...]) -> None:
        self._level, self._selection, self._current, self._shown = level, frozenset(), None, None
        self.entered.emit()

    def freeze(self, ids: Iterable[str], frozen: bool) -> None:
        for id in ids:
            self._looks[id] = replace(self.look(id), frozen=frozen)
        self.pictured.emit(frozenset(ids))

    # ---- for tests ----

    def put(self, id: str, look: Look) -> None:
        """Give a node a look."""
        self._looks[id] = look
        self.pictured.emit(frozenset({id}))


def plain(colour: str = "#777777", size: int = 128) -> QImage:
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image
