"""All that belongs to one open document: its session, and its panel in each dock."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject, QTimer

from gui.canvas.view import Canvas
from gui.panels.parameters import Parameters
from gui.panels.problems import Problems
from gui.session import Session
from gui.views.picture_source import SessionPicture
from gui.views.solid import SolidView

KEEP_VIEW_AFTER = 400
"""Milliseconds after which a place that the canvas was moved to is one worth keeping."""


class Page(QObject):
    """One open document in the window."""

    def __init__(self, session: Session, opengl: bool | None = None) -> None:
        super().__init__()
        self.session = session
        self.canvas = Canvas(session)
        self.parameters = Parameters(session)
        self.picture = SessionPicture(session)
        self.solid = SolidView(opengl=opengl)
        self.problems = Problems(session)
        session.material_changed.connect(self._show_material)
        session.progressed.connect(self._show_stage)
        session.titled.connect(self._show_material)
        self._place = QTimer(self)
        self._place.setSingleShot(True)
        self._place.setInterval(KEEP_VIEW_AFTER)
        self._place.timeout.connect(self.keep_view)
        self.canvas.viewed.connect(self._place.start)

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
        self.solid.set_maps(self.session.maps, self.session.title)
        self._show_stage(None)

    def _show_stage(self, progress: object) -> None:
        if self.session.is_late:
            self.solid.set_stale(getattr(progress, "stage", "") or "Waiting for the graph")

    def stop(self) -> None:
        """End all threads of the document."""
        self._place.stop()
        self.solid.stop()
        self.picture.stop()
        self.session.close()
