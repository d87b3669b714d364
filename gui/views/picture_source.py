"""Where a 2D view gets its picture: the session's shown output, or the one it is pinned to."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from gui.readings import Facts
from gui.session import Progress, Session
from gui.titles import title_of
from gui.views.picture import PictureView
from materials.graph import MATERIAL_OUTPUT, Document, Link
from materials.render import physical_size
from nodes.arrays import Material, Regions, Value


def aligned(graph: Document, id: str) -> list[str]:
    """Return the nodes whose pictures lie pixel for pixel under a node's, the node itself first, then the nearest.

    They are joined to it by nodes that read at the same pixel alone; all others may move what they read.
    """
    ends: dict[str, list[str]] = {}
    for link in graph.links:
        kind = graph.nodes[link.target].type
        if kind is not None and kind.reach == "pixel":
            ends.setdefault(link.source, []).append(link.target)
            ends.setdefault(link.target, []).append(link.source)
    found = [id]
    for at in found:  # it grows while it is walked
        found += [end for end in dict.fromkeys(ends.get(at, ())) if end not in found]
    return found


class PictureSource(QObject):
    """Keeps a view at what its session shows. A pinned view stays at its output, whatever else is shown."""

    def __init__(self, view: PictureView, session: Session) -> None:
        super().__init__(view)
        self.view, self.session = view, session
        self.level = session.level
        self.target: tuple[str, str] | None = session.shown
        self._near: frozenset[str] = frozenset()
        self._aligned: tuple[str, tuple[Link, ...], list[str]] = "", (), []
        """What is aligned with a node, as long as the same links are there."""
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
        title = title_of(node)
        outputs = [port.name for port in self.session.outputs(id)]
        self.view.set_result(self.session.result(id, output), title, id, output, self._facts(id, output), outputs)

    def _facts(self, id: str, output: str) -> Facts:
        """Return what is known of an output beside its pixels: its material's height and regions, where they lie there.

        Centimetres are told of the material's own height alone: another node's has a scale of its own.
        """
        graph, session = self.session.graph, self.session
        if self._aligned[:2] != (id, graph.links):
            self._aligned = id, graph.links, aligned(graph, id)
        near = self._aligned[2]
        self._near = frozenset(near)
        beside: dict[str, Value] = {}
        depth, own = None, False
        for other in near:
            if graph.nodes[other].key == MATERIAL_OUTPUT:
                link = graph.incoming().get(other, {}).get("height")
                own = link is not None and (link.source, link.output) == (id, output)
                depth = physical_size(graph)[1]
            for port in session.outputs(other):
                result = session.result(other, port.name) if port.kind in ("Regions", "Material") else None
                if result is None or not result.fresh or (other, port.name) == (id, output):
                    continue
                if isinstance(result.value, Regions):
                    beside.setdefault("regions", result.value)
                elif isinstance(result.value, Material) and "height" in result.value.maps and not own:
                    beside.setdefault("height", result.value.maps["height"])
        return Facts(output, graph.nodes[id].key, depth, dict(sorted(beside.items())), own)

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
