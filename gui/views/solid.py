"""The 3D view: a material on a shape in light, with the head and foot that steer and tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
from PyQt6.QtCore import QEvent, QObject, QPoint, Qt
from PyQt6.QtGui import QAction, QActionGroup, QCloseEvent, QFocusEvent, QResizeEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu, QVBoxLayout, QWidget, QWidgetAction

from gui.background import Check, Latest
from gui.controls.number import DragNumber
from gui.controls.quantity import Quantity
from gui.parts import Elided, Segmented, Tool, box, label, panel_header
from gui.theme import SIZE, SPACE
from gui.views.orbit import Orbit
from gui.views.scene import DEPTHS, EXPOSURES, TILES, Scene, scene_of
from gui.views.solid_cpu import CpuPicture
from gui.views.solid_gl import GlPicture, driver, suits
from gui.views.solid_over import Over
from materials import environments, meshes, shade
from materials.errors import IntarsiaError
from materials.maps import Maps

ICONS = ("circle", "square", "cube", "database", "polygon")
"""Of sphere, plane, cube, cylinder, and a mesh of one's own."""

TIPS = ("Sphere", "Plane", "Cube", "Cylinder", "A mesh of your own (OBJ)")
OWN = len(shade.SHAPES)
SMALL = 24

MENU = 300
"""Width of the menu with the numbers."""

AMOUNTS = {
    "exposure": ("Exposure", Quantity(*EXPOSURES, *EXPOSURES, unit="stops")),
    "depth": ("Displacement", Quantity(*DEPTHS, 0.0, 2.0, unit="×")),
    "tiles": ("Tiles", Quantity(*TILES, 0.0, 2.0, unit="×")),
}
"""Numbers of a scene: their words, hard and soft ranges."""


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


def amount(words: str, quantity: Quantity) -> DragNumber:
    """Return the field of one of the scene's numbers."""
    made = DragNumber(words, quantity, f"{words}: drag, or double click to type")
    made.set_value(1.0)
    return made


def draws_with_opengl(scene: Scene, opengl: bool | None) -> bool:
    """Return whether OpenGL shows a scene.

    opengl : None takes it where a graphics card is there, True even where OpenGL runs on the processor, False never.
    """
    return (suits() if opengl is None else opengl and bool(driver())) and scene.mesh is None


class SolidView(QWidget):
    """Shows a material's maps in three dimensions.

    `set_maps` and `set_stale` say what there is to show; `state` and `restore` keep shape, camera and light with the
    window; `stop` must be called before the view goes, if it is not closed.
    """

    def __init__(self, parent: QWidget | None = None, opengl: bool | None = None) -> None:
        """opengl : as `draws_with_opengl` takes it."""
        super().__init__(parent)
        self._scene = Scene()
        self._maps: Maps | None = None
        self.stage = ""
        self.problem = ""
        self.reading = ""
        """The mesh that is being read."""
        self._reader = Latest("3D mesh", self)
        self._reader.done.connect(self._have_mesh)
        self._reader.failed.connect(self._have_no_mesh)
        self._opengl = opengl
        self.picture: Picture
        self._widget: QWidget
        self._title = Elided("", "body")
        self._shapes = Segmented("Shape", ICONS, icons=True, tips=TIPS)
        self._light = Tool("sun", "Turn the light  Shift drag", SMALL, checkable=True)
        self._surroundings = Tool("image", "Environment", SMALL)
        self._more = Tool("dots-three", "Exposure, displacement, tiles", SMALL)
        self._amounts = {field: amount(words, quantity) for field, (words, quantity) in AMOUNTS.items()}
        self._before = self._scene
        self._fill()
        self._environments = self._environment_menu()
        self._menu = self._more_menu()
        self._connect()
        self.set_scene(self._scene)
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

    def set_name(self, name: str) -> None:
        """Show another name of the same maps."""
        self._title.set_words(name)

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
    def shape_icon(self) -> str:
        return ICONS[self.chosen]

    @property
    def told(self) -> str:
        """What the foot says at its left."""
        if self.stage or self.reading:
            return self.stage or f"Reading {self.reading}"
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
        """Take what `state` gave; a mesh comes when it is read, and if it is gone the shape stands in for it."""
        self._reader.cancel()
        self.reading = ""
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
        for field, number in self._amounts.items():
            number.set_value(getattr(scene, field))
            number.set_changed(getattr(scene, field) != getattr(Scene(), field))
        for action in self._environments.actions():
            action.setChecked(action.data() == scene.environment)
        self.picture.set_scene(scene)
        self._over.update()

    def open_mesh(self, path: str | Path) -> None:
        """Read an OBJ file and show it as the shape; if it is none, the foot says why and the shape stays."""
        self.problem, self.reading = "", Path(path).name

        def work(check: Check) -> tuple[str, meshes.Mesh]:
            return str(path), meshes.read(path, check)

        self._reader.submit(work)
        self._over.update()

    def _have_mesh(self, found: tuple[str, meshes.Mesh]) -> None:
        self.reading = ""
        path, mesh = found
        self.set_scene(replace(self._scene, mesh=mesh, mesh_path=path))

    def _have_no_mesh(self, error: Exception) -> None:
        self.reading = ""
        self._shapes.set_current(self.chosen)
        self._fail(error)

    def choose_mesh(self) -> None:
        """Ask for an OBJ file."""
        path, _ = QFileDialog.getOpenFileName(self, "Choose a mesh", self._scene.mesh_path, "Wavefront OBJ (*.obj)")
        if path:
            self.open_mesh(path)
        self._shapes.set_current(self.chosen)

    def stop(self) -> None:
        """End all work."""
        self._reader.stop()
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
        self._over = Over(self, self._holder)
        self._holder.installEventFilter(self)
        self._fill_picture()

    def _suits(self, scene: Scene) -> bool:
        """Return whether the present picture is the best for a scene: OpenGL's knows no meshes."""
        return isinstance(self._widget, GlPicture) == draws_with_opengl(scene, self._opengl)

    def _fill_picture(self) -> None:
        layout = self._holder.layout()
        assert layout is not None
        if hasattr(self, "_widget"):
            self.picture.stop()
            layout.removeWidget(self._widget)
            self._widget.deleteLater()
        made = GlPicture() if draws_with_opengl(self._scene, self._opengl) else CpuPicture()
        self.picture, self._widget = made, made
        layout.addWidget(made)
        made.setAccessibleName("3D picture")
        self._orbit = Orbit(made, lambda: self._scene)
        self._orbit.light = self._light.isChecked()
        self._orbit.changed.connect(self.set_scene)
        made.drawn.connect(self._over.update)
        made.failed.connect(self._fail)
        if isinstance(made, GlPicture):
            made.lost.connect(self._lose)
        made.installEventFilter(self)
        self.setFocusProxy(made)
        made.set_scene(self._scene)
        made.set_maps(self._maps)
        self._over.raise_()

    def _lose(self) -> None:
        self._opengl = False
        self._fill_picture()

    def _connect(self) -> None:
        self._shapes.chosen.connect(self._choose)
        self._light.toggled.connect(self._turn_light)
        self._surroundings.clicked.connect(self._show_environments)
        self._more.clicked.connect(self._show_more)
        for field, number in self._amounts.items():
            number.began.connect(self._note)
            number.abandoned.connect(self._back)
            for told in (number.previewed, number.committed):
                told.connect(lambda value, field=field: self._set(field, value))
            number.reset_asked.connect(lambda field=field: self._set(field, getattr(Scene(), field)))

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
        for number in self._amounts.values():
            action = QWidgetAction(menu)
            named = label(number.accessibleName(), "body", SIZE["label_column"])
            action.setDefaultWidget(box([named, number], margins=(SPACE["l"], 2, SPACE["m"], 2), gap=0, width=MENU))
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
        self.problem = self.reading = ""
        self._reader.cancel()
        if index == OWN:
            self.choose_mesh()
        else:
            self.set_scene(replace(self._scene, shape=shade.SHAPES[index], mesh=None, mesh_path=""))

    def _set(self, field: str, value: object) -> None:
        self.set_scene(replace(self._scene, **{field: value}))  # type: ignore[arg-type]  # the field's own kind

    def _note(self) -> None:
        self._before = self._scene

    def _back(self) -> None:
        self.set_scene(self._before)

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
