"""The 3D view: a material on a shape in light, with the head and foot that steer and tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from PyQt6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PyQt6.QtGui import QAction, QActionGroup, QCloseEvent, QFocusEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu, QVBoxLayout, QWidget, QWidgetAction

from gui.drawing import CENTRE, LEFT, RIGHT, rounded, text, text_width
from gui.parts import Elided, Segmented, Tool, draw_icon, label, panel_header
from gui.theme import RADIUS, SPACE, THEME
from gui.views.amount import Amount
from gui.views.orbit import Orbit
from gui.views.scene import DEPTHS, EXPOSURES, TILES, Scene, scene_of
from gui.views.solid_cpu import CpuPicture
from materials import environments, meshes, shade
from materials.errors import IntarsiaError, SourceError
from materials.maps import Maps

ICONS = ("circle", "square", "cube", "database", "polygon")
"""Of sphere, plane, cube, cylinder, and a mesh of one's own."""

TIPS = ("Sphere", "Plane", "Cube", "Cylinder", "A mesh of your own (OBJ)")
OWN = len(shade.SHAPES)
SMALL = 24
NARROW = 360
"""Width under which the physical size gives way."""

STALE = 0.55
PLATE = 0.78
NOTHING = "Select a material to see it here."


class Picture(Protocol):
    """What shows a scene: the processor's picture, or OpenGL's."""

    @property
    def side(self) -> int | None: ...
    @property
    def refining(self) -> bool: ...
    def set_maps(self, maps: Mapping[str, np.ndarray] | None) -> None: ...
    def set_scene(self, scene: Scene) -> None: ...
    def restart(self) -> None: ...
    def stop(self) -> None: ...


class _Over(QWidget):
    """What lies over the picture: foot, staleness, and what there is to say where there is no picture."""

    def __init__(self, view: SolidView, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self.underlined = False
        """Whether the picture has the focus by the keyboard."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view, rect = self._view, QRectF(self.rect())
        shown = view.picture_side is not None
        if shown and view.stage:
            painter.fillRect(rect, THEME.color("well", 1 - STALE))
        if not shown:
            self._empty(painter, rect)
        inset, tall = SPACE["l"], 18
        foot = QRectF(inset, rect.height() - tall - SPACE["m"], rect.width() - 2 * inset, tall)
        if self.underlined:
            rounded(painter, rect.adjusted(0.5, 0.5, -0.5, -0.5), 0, None, THEME.color("accent"))
        if view.problem:
            words = foot.adjusted(20, 0, 0, 0)
            _plate(painter, words.adjusted(-20, 0, 0, 0), text_width(view.problem, "caption") + 20)
            draw_icon(painter, QRectF(foot.x(), foot.y() + 2, 14, 14), "warning-circle", "error")
            text(painter, words, view.problem, "error", "caption")
            return
        size = view.physical_size if rect.width() >= NARROW else ""
        wide = text_width(size, "caption")
        room = foot.adjusted(0, 0, -wide - SPACE["xl"] if size else 0, 0)
        for place, words, align in ((foot, size, RIGHT), (room, view.told, LEFT)):
            if words:
                _plate(painter, place, text_width(words, "caption"), align == RIGHT)
                text(painter, place, words, "text3", "caption", align)

    def _empty(self, painter: QPainter, rect: QRectF) -> None:
        if self._view.has_maps or self._view.stage:
            side = min(64.0, rect.height() / 3)
            place = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
            painter.setOpacity(0.2)
            draw_icon(painter, place, ICONS[self._view.chosen], "text1")
            painter.setOpacity(1.0)
        else:
            text(painter, rect, NOTHING, "text3", "body", CENTRE)


def _plate(painter: QPainter, place: QRectF, width: float, at_right: bool = False) -> None:
    """Draw the ground that keeps words readable on a picture; on the bare ground it cannot be seen."""
    width = min(width, place.width())
    left = place.right() - width if at_right else place.x()
    plate = QRectF(left - SPACE["s"], place.y(), width + 2 * SPACE["s"], place.height())
    rounded(painter, plate, RADIUS["tick"], THEME.color("well", PLATE))


class SolidView(QWidget):
    """Shows a material's maps in three dimensions.

    `set_maps` and `set_stale` say what there is to show; `state` and `restore` keep shape, camera and light with the
    window; `stop` must be called before the view goes, if it is not closed.
    """

    def __init__(self, parent: QWidget | None = None, opengl: bool | None = None) -> None:
        """opengl : None takes it where it is there, False the processor in any case."""
        super().__init__(parent)
        self._scene = Scene()
        self._maps: Maps | None = None
        self.stage = ""
        self.problem = ""
        self._opengl = opengl
        self.picture: Picture
        self._widget: QWidget
        self._title = Elided("", "body")
        self._shapes = Segmented("Shape", ICONS, icons=True, tips=TIPS)
        self._light = Tool("sun", "Turn the light  Shift drag", SMALL, checkable=True)
        self._surroundings = Tool("image", "Environment", SMALL)
        self._more = Tool("dots-three", "Exposure, displacement, tiles", SMALL)
        self._amounts = (
            Amount("Exposure", EXPOSURES, 0.0, lambda value: f"{value:+.1f} stops"),
            Amount("Displacement", DEPTHS, 1.0, lambda value: f"{value:.2f} ×"),
            Amount("Tiles", TILES, 1.0, lambda value: f"{value:.2f} ×"),
        )
        self._fill()
        self._environments = self._environment_menu()
        self._menu = self._more_menu()
        self._connect()
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    # ---- what is shown ----

    def set_maps(self, maps: Maps | None, name: str) -> None:
        """Show the maps of a node; None where there is nothing to show."""
        self._maps, self.stage, self.problem = maps, "", ""
        self._title.set_words(name)
        self.picture.set_maps(maps)
        self._over.update()

    def set_stale(self, stage: str) -> None:
        """Dim the picture and tell the stage of what replaces it; nothing makes it fresh again."""
        self.stage = stage
        self._over.update()

    @property
    def scene(self) -> Scene:
        return self._scene

    @property
    def picture_side(self) -> int | None:
        """Pixels of the shorter side of what is on screen."""
        return self.picture.side

    @property
    def has_maps(self) -> bool:
        return self._maps is not None

    @property
    def chosen(self) -> int:
        """The number of the shape among the segments."""
        return OWN if self._scene.mesh is not None else shade.SHAPES.index(self._scene.shape)

    @property
    def told(self) -> str:
        """What the foot says at its left."""
        if self.stage:
            return self.stage
        side = self.picture.side
        if side is None:
            return "Rendering" if self.has_maps else ""
        return f"{side} px, refining" if self.picture.refining else f"{side} px"

    @property
    def physical_size(self) -> str:
        """Width, height and depth of what the tile depicts."""
        if self._maps is None:
            return ""
        wide = self._maps.size_cm
        tall = wide * self._maps.height / max(1, self._maps.width)
        return " × ".join(f"{round(part, 1):g}" for part in (wide, tall, self._maps.depth_cm)) + " cm"

    # ---- state ----

    def state(self) -> dict[str, object]:
        """Return shape, camera and light as what JSON can hold."""
        return self._scene.as_dict()

    def restore(self, state: Mapping[str, object]) -> None:
        """Take what `state` gave; a mesh that is no longer there is told of, and the shape stands in for it."""
        self.set_scene(scene_of(state))
        mesh = state.get("mesh")
        if isinstance(mesh, str) and mesh:
            self.open_mesh(mesh)

    def set_scene(self, scene: Scene) -> None:
        """Show the maps in another way."""
        self._scene = scene
        if not self._suits(scene):
            self._fill_picture()
        self._shapes.set_current(self.chosen)
        for amount, value in zip(self._amounts, (scene.exposure, scene.depth, scene.tiles), strict=True):
            amount.set_value(value)
        for action in self._environments.actions():
            action.setChecked(action.data() == scene.environment)
        self.picture.set_scene(scene)
        self._over.update()

    def open_mesh(self, path: str | Path) -> bool:
        """Show an OBJ file as the shape; False, and the reason in the foot, if it is none."""
        try:
            mesh = meshes.read(path)
        except SourceError as error:
            self.problem = str(error)
            self._shapes.set_current(self.chosen)
            self._over.update()
            return False
        self.problem = ""
        self.set_scene(replace(self._scene, mesh=mesh, mesh_path=str(path)))
        return True

    def choose_mesh(self) -> None:
        """Ask for an OBJ file."""
        path, _ = QFileDialog.getOpenFileName(self, "Choose a mesh", self._scene.mesh_path, "Wavefront OBJ (*.obj)")
        if path:
            self.open_mesh(path)
        self._shapes.set_current(self.chosen)

    def stop(self) -> None:
        """End all work."""
        self.picture.stop()

    # ---- building ----

    def _fill(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = panel_header(
            [label("3D", "strong"), self._title, None, self._shapes, 4, self._light, self._surroundings, self._more]
        )
        layout.addWidget(head)
        self._holder = QWidget()
        QVBoxLayout(self._holder).setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._holder, 1)
        self._over = _Over(self, self._holder)
        self._holder.installEventFilter(self)
        self._fill_picture()

    def _suits(self, scene: Scene) -> bool:
        """Return whether the present picture can show a scene: OpenGL's knows no meshes."""
        return isinstance(self._widget, CpuPicture) or scene.mesh is None

    def _fill_picture(self) -> None:
        layout = self._holder.layout()
        assert layout is not None
        if hasattr(self, "_widget"):
            self.picture.stop()
            layout.removeWidget(self._widget)
            self._widget.deleteLater()
        made = CpuPicture()
        self.picture, self._widget = made, made
        layout.addWidget(made)
        made.setAccessibleName("3D picture")
        self._orbit = Orbit(made, lambda: self._scene)
        self._orbit.light = self._light.isChecked()
        self._orbit.changed.connect(self.set_scene)
        made.drawn.connect(self._over.update)
        made.failed.connect(self._fail)
        made.installEventFilter(self)
        self.setFocusProxy(made)
        made.set_scene(self._scene)
        made.set_maps(self._maps)
        self._over.raise_()

    def _connect(self) -> None:
        self._shapes.chosen.connect(self._choose)
        self._light.toggled.connect(self._turn_light)
        self._surroundings.clicked.connect(self._show_environments)
        self._more.clicked.connect(self._show_more)
        for amount, field in zip(self._amounts, ("exposure", "depth", "tiles"), strict=True):
            amount.asked.connect(lambda value, field=field: self.set_scene(replace(self._scene, **{field: value})))

    def _environment_menu(self) -> QMenu:
        menu, group = QMenu(self), QActionGroup(self)
        for name in environments.names():
            action = QAction(name.capitalize(), menu)
            action.setCheckable(True)
            action.setData(name)
            action.setToolTip(f"Light it as in {name}")
            action.setChecked(name == self._scene.environment)
            group.addAction(action)
            menu.addAction(action)
        menu.triggered.connect(lambda action: self.set_scene(replace(self._scene, environment=action.data())))
        return menu

    def _more_menu(self) -> QMenu:
        menu = QMenu(self)
        for amount in self._amounts:
            action = QWidgetAction(menu)
            action.setDefaultWidget(amount)
            menu.addAction(action)
        menu.addSeparator()
        for words, run in (
            ("Fit\tF", lambda: self.set_scene(self._scene.fitted())),
            ("Take all back", self._take_back),
            ("Choose a mesh…", self.choose_mesh),
        ):
            action = QAction(words, menu)
            action.triggered.connect(run)
            menu.addAction(action)
        return menu

    # ---- what the user asks ----

    def _choose(self, index: int) -> None:
        self.problem = ""
        if index == OWN:
            self.choose_mesh()
        else:
            self.set_scene(replace(self._scene, shape=shade.SHAPES[index], mesh=None, mesh_path=""))

    def _turn_light(self, on: bool) -> None:
        self._orbit.light = on

    def _take_back(self) -> None:
        scene = self._scene
        self.set_scene(Scene(scene.shape, scene.environment, mesh=scene.mesh, mesh_path=scene.mesh_path))

    def _show_environments(self) -> None:
        self._environments.popup(self._surroundings.mapToGlobal(QPoint(0, self._surroundings.height())))

    def _show_more(self) -> None:
        self._menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def _fail(self, error: Exception) -> None:
        self.problem = str(error) if isinstance(error, IntarsiaError) else f"The picture failed: {error}"
        self._over.update()

    # ---- Qt ----

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self._holder and isinstance(event, QResizeEvent):
            self._over.setGeometry(self._holder.rect())
        if isinstance(event, QFocusEvent):
            by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
            self._over.underlined = event.gotFocus() and by_key
            self._over.update()
        return False

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "picture"):
            self.picture.restart()  # the ground behind the shape is the theme's

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.stop()
        super().closeEvent(event)
