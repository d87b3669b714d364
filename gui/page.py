"""All that belongs to one open document: its session, and its panel in each dock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, QPointF, QTimer
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDockWidget, QWidget

from gui.canvas.hints import End
from gui.canvas.view import Canvas
from gui.exporting import Order
from gui.eyedropper import Eyedropper
from gui.finding import Fit
from gui.notice import Notice
from gui.panels.parameters import Parameters
from gui.panels.problems import Problems
from gui.parts import box
from gui.session import Problem, Session
from gui.titles import title_of, title_of_kind
from gui.views.picture import PictureView
from gui.views.picture_source import PictureSource
from gui.views.solid import SolidView
from materials import gestures
from materials.edits import AddNode, Group, SetParameter
from materials.graph import Node
from materials.maps import Maps

KEEP_VIEW_AFTER = 400
"""Milliseconds after which a place that the canvas was moved to is one worth keeping."""


class Page(QObject):
    """One open document in the window."""

    def __init__(self, session: Session, opengl: bool | None = None) -> None:
        super().__init__()
        self.session = session
        self.canvas = Canvas(session)
        self.middle = self._middle()
        """The canvas, below what is to be said of the document."""
        self.parameters = Parameters(session)
        self.picture = PictureView()
        self.source = PictureSource(self.picture, session)
        self.solid = SolidView(opengl=opengl)
        self.problems = Problems(session)
        self.views: list[PictureSource] = []
        """Further 2D views, each on a node of its own."""
        self.docks: list[QDockWidget] = []
        """The docks that hold them."""
        self.order: Order | None = None
        """The last export."""
        self._problem = -1
        self._shown: Maps | None = None
        """The material in the 3D view."""
        self.picture.pin_changed.connect(self._watch)
        self.picture.refused.connect(session.told)
        self.eyedropper = Eyedropper(self.parameters, self)
        self.eyedropper.add(self.picture)
        session.material_changed.connect(self._show_material)
        session.progressed.connect(self._show_stage)
        session.titled.connect(self._show_title)
        self._place = QTimer(self)
        self._place.setSingleShot(True)
        self._place.setInterval(KEEP_VIEW_AFTER)
        self._place.timeout.connect(self.keep_view)
        self.canvas.viewed.connect(self._place.start)

    def _middle(self) -> QWidget:
        locked = self.session.locked
        return (
            box([Notice(f"{locked} It can be looked at and exported, not changed."), self.canvas], True, gap=0)
            if locked
            else self.canvas
        )

    # ---- adding ----

    def add(self, key: str, at: QPointF, port: tuple[str, str, bool] | None = None) -> str | None:
        """Add a node at a place, joined to a port's wire if there is one in hand; return its id."""
        return self.canvas.commands.add(key, at, End(*port) if port is not None else None)

    def fit_of(self, port: End) -> Fit:
        """Return what a search is to find for a wire from a port."""
        ports = self.session.outputs(port.node) if port.is_output else self.session.inputs(port.node)
        kind = next((each.kind for each in ports if each.name == port.port), "")
        return Fit(takes=kind) if port.is_output else Fit(gives=kind)

    def take_pictures(self, paths: Sequence[Path], at: QPointF) -> None:
        """Take photographs into the document, a node each, as one step."""
        session = self.session
        ids = []
        for number, path in enumerate(paths):
            taken = session.take_picture(path)
            if taken is None:
                continue
            sources, name = taken
            place = (at.x() + 24 * number, at.y() + 184 * number)
            node = Node(gestures.new_id(session.graph, "image"), "image", title=path.stem, position=place)
            node = replace(node, parameters={"picture": name})
            if session.do(Group((sources, AddNode(node))), f"Add the picture {path.name}"):
                ids.append(node.id)
        session.select(ids)

    def find_picture(self, problem: Problem, path: Path) -> None:
        """Give a node the picture that it lacks: put back where it was if it is the same, or else in its place."""
        session = self.session
        session.go(problem.level, problem.node)
        if session.put_back(problem.node, path):
            return
        taken = session.take_picture(path)
        if taken is not None:
            sources, name = taken
            edit = Group(
                (sources, *(SetParameter(problem.node, field, name) for field in session.pictures(problem.node)))
            )
            session.do(edit, f"Picture of {problem.where}")

    # ---- going ----

    def go_to(self, problem: Problem) -> None:
        """Show the node that a problem is of."""
        self.session.go(problem.level, problem.node)
        self.canvas.fit()

    def next_problem(self) -> bool:
        """Go to the problem after the one gone to last; False if there is none."""
        found = [problem for problem in self.session.problems() if problem.node]
        if not found:
            return False
        self._problem = (self._problem + 1) % len(found)
        self.go_to(found[self._problem])
        return True

    def go_to_actions(self) -> list[QAction]:
        """Return an action for each node of the level, which goes there."""
        actions = []
        for id, node in self.session.graph.nodes.items():
            action = QAction(title_of(node), self)
            action.setToolTip(title_of_kind(node.key))
            action.triggered.connect(partial(self._go_to_node, id))
            actions.append(action)
        return actions

    def _go_to_node(self, id: str, checked: bool = False) -> None:
        self.session.select([id])
        self.canvas.fit()

    # ---- views ----

    def another_view(self, id: str = "") -> PictureView:
        """Return a further 2D view, pinned on a node, or on what the first shows."""
        view = PictureView()
        source = PictureSource(view, self.session)
        self.views.append(source)
        self.eyedropper.add(view)
        shown = (id, self.session.outputs(id)[0].name) if id else self.session.shown
        if shown is not None:
            source.pin_to(*shown)
        view.pin_changed.connect(self._watch)
        self._watch()
        return view

    def _watch(self) -> None:
        """Have the session keep finer pictures of what views are pinned on."""
        sources = [self.source, *self.views]
        pinned = [source.target for source in sources if source.view.pinned and source.level == self.session.level]
        self.session.watch(target for target in pinned if target is not None)
        self.canvas.set_pinned(frozenset(target[0] for target in pinned if target is not None))

    @property
    def title(self) -> str:
        return self.session.title

    def start(self) -> None:
        """Show the document where it was left, and evaluate it."""
        view = self.session.root.view
        self.session.restore_view(view)
        self.canvas.restore_view(view)
        self.session.evaluate()

    def keep_view(self) -> None:
        """Note in the document where it is left; that is no edit."""
        if not self.session.level:
            self.session.keep_view(self.canvas.view_state())

    def state(self) -> dict[str, Any]:
        """Return how the views stand, to be kept with the window."""
        return {"picture": self.picture.state(), "solid": self.solid.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Set up the views as they stood."""
        if isinstance(state.get("picture"), dict):
            self.picture.restore(state["picture"])
        if isinstance(state.get("solid"), dict):
            self.solid.restore(state["solid"])

    def _show_material(self) -> None:
        """Show the material, if it is another than is shown: each time it is rendered anew."""
        maps = self.session.maps
        if maps is not self._shown:
            self._shown = maps
            self.solid.set_maps(maps if maps else None, self.session.title)
        elif not self.session.is_late:
            self.solid.set_stale("")
        self._show_stage(None)

    def _show_title(self) -> None:
        self.solid.set_name(self.session.title)

    def _show_stage(self, progress: object) -> None:
        if self.session.is_late:
            self.solid.set_stale(getattr(progress, "stage", "") or "Waiting for the graph")

    def stop(self) -> None:
        """End all threads of the document."""
        self._place.stop()
        self.solid.stop()
        for source in (self.source, *self.views):
            source.release()
            source.view.stop()
        self.session.close()
