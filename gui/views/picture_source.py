"""Where a 2D view gets its picture: the session's shown output, or the one it is pinned to."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from gui.readings import Facts
from gui.session import Progress, Session
from gui.views.picture import PictureView
from materials.graph import MATERIAL_OUTPUT
from materials.render import physical_size
from nodes.arrays import Regions, Value


class PictureSource(QObject):
    """Keeps a view at what its session shows. A pinned view stays at its output, whatever else is shown."""

    def __init__(self, view: PictureView, session: Session) -> None:
        super().__init__(view)
        self.view, self.session = view, session
        self.level = session.level
        self.target: tuple[str, str] | None = session.shown
        self._near: frozenset[str] = frozenset()
        session.shown_changed.connect(self._follow)
        session.pictured.connect(self._pictured)
        session.edited.connect(self._edited)
        session.entered.connect(self._enter)
        session.progressed.connect(self._progress)
        view.output_chosen.connect(self._choose)
        view.pin_changed.connect(self._follow)
        self.read()

    def release(self) -> None:
        """Let go of the session, before the view goes or looks at another document."""
        session = self.session
        session.shown_changed.disconnect(self._follow)
        session.pictured.disconnect(self._pictured)
        session.edited.disconnect(self._edited)
        session.entered.disconnect(self._enter)
        session.progressed.disconnect(self._progress)

    def pin_to(self, node: str, output: str) -> None:
        """Show an output and stay there."""
        self.level, self.target = self.session.level, (node, output)
        self.view.head.pin.setChecked(True)
        self.read()

    def read(self) -> None:
        """Show the target as the session has it now; a pinned one of another level stays as it was."""
        if self.view.pinned and self.level != self.session.level:
            return
        graph = self.session.graph
        if self.target is None or self.target[0] not in graph.nodes:
            self._near = frozenset()
            self.view.set_result(None)
            return
        id, output = self.target
        node = graph.nodes[id]
        title = node.title or (node.type.title if node.type is not None else node.key.replace("_", " ").capitalize())
        outputs = [port.name for port in self.session.outputs(id)]
        result = self.session.result(id, output)
        facts = Facts(output, node.key, self._depth(), self._beside(id, output))
        self.view.set_result(result, title, id, output, facts, outputs)

    def _depth(self) -> float | None:
        """Return what height 1 is, where the document makes a material and so says it."""
        root = self.session.root
        made = any(node.key == MATERIAL_OUTPUT for node in root.nodes.values())
        return physical_size(root)[1] if made else None

    def _beside(self, id: str, output: str) -> dict[str, Value]:
        """Return regions and height that lie pixel for pixel under an output.

        They are the node's own other outputs, and the inputs of a node that reads at the same pixel alone. What lies
        further off may have been moved, and would be read at the wrong place.
        """
        graph = self.session.graph
        kind = graph.nodes[id].type
        places = [(id, port.name, port.name) for port in self.session.outputs(id) if port.name != output]
        if kind is not None and kind.reach == "pixel":
            links = graph.incoming().get(id, {})
            places += [(link.source, link.output, socket) for socket, link in links.items()]
        self._near = frozenset(source for source, _, _ in places)
        found: dict[str, Value] = {}
        for source, name, called in places:
            result = self.session.result(source, name) if source in graph.nodes else None
            value = result.value if result is not None and result.fresh else None
            if isinstance(value, Regions):
                found.setdefault("regions", value)
            elif value is not None and "height" in (name, called):
                found.setdefault("height", value)
        return found

    # ---- what the session tells ----

    def _follow(self) -> None:
        if self.view.pinned and self.target is not None:
            return
        self.level, self.target = self.session.level, self.session.shown
        self.read()

    def _enter(self) -> None:
        if not self.view.pinned:
            self._follow()
        elif self.level == self.session.level:
            self.read()

    def _pictured(self, ids: frozenset[str]) -> None:
        if self.target is not None and (self.target[0] in ids or ids & self._near):
            self.read()

    def _edited(self, before: object, after: object) -> None:
        self.read()

    def _progress(self, progress: Progress | None) -> None:
        self.view.set_stage("" if progress is None else progress.stage)

    def _choose(self, output: str) -> None:
        if self.target is None:
            return
        if self.view.pinned:
            self.target = self.target[0], output
            self.read()
            self.view.pin_changed.emit(True)  # it is pinned to something else, which may have to be computed
        else:
            self.session.show(self.target[0], output)
