"""What a 3D view shows besides its maps, as plain data: shape, camera and light."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from materials import cameras, environments, shade
from materials.cameras import Camera
from materials.meshes import Mesh

EXPOSURES = (-4.0, 4.0)
DEPTHS = (0.0, 8.0)
TILES = (0.1, 16.0)


@dataclass(frozen=True)
class Scene:
    """A shape in light. A camera's zoom of 1 fills nine tenths of the view's shorter side.

    tiles : times as many as look best on the shape. See `materials.shade.shade` for the rest.
    mesh : shown instead of the shape; mesh_path : the file that it came from.
    """

    shape: str = "sphere"
    environment: str = "studio"
    camera: Camera = Camera()
    turn: float = 0.0
    tiles: float = 1.0
    depth: float = 1.0
    exposure: float = 0.0
    mesh: Mesh | None = None
    mesh_path: str = ""

    @property
    def kind(self) -> str:
        return self.shape if self.mesh is None else "mesh"

    def options(self) -> dict[str, Any]:
        """Return the keyword arguments of `materials.shade.shade`, all but the environment."""
        kind = self.kind
        zoom = self.camera.zoom * cameras.fitting(kind)
        return {
            "camera": replace(self.camera, zoom=min(max(zoom, cameras.ZOOMS[0]), cameras.ZOOMS[1])),
            "turn": self.turn,
            "tiles": self.tiles * cameras.VIEWS[kind].tiles,
            "depth": self.depth,
            "exposure": self.exposure,
        }

    # ---- gestures: lengths are in shorter sides of the view, to the right and down ----

    def orbited(self, x: float, y: float) -> Scene:
        """Return the shape turned under the hand: a stroke across the view is half a turn."""
        least, most = cameras.reach(self.kind)
        tilt = min(max(self.camera.tilt + 180 * y, least), most)
        return replace(self, camera=replace(self.camera, turn=_wrapped(self.camera.turn - 180 * x), tilt=tilt))

    def lit_from(self, x: float) -> Scene:
        """Return all light turned."""
        return replace(self, turn=_wrapped(self.turn + 180 * x))

    def moved(self, x: float, y: float) -> Scene:
        left, up = self.camera.pan
        pan = (min(max(left + x, -4.0), 4.0), min(max(up - y, -4.0), 4.0))
        return replace(self, camera=replace(self.camera, pan=pan))

    def zoomed(self, times: float, x: float = 0.0, y: float = 0.0) -> Scene:
        """Return the shape larger or smaller about a place, which is told from the view's middle."""
        zoom = min(max(self.camera.zoom * times, 0.2), 24.0)
        grown = zoom / self.camera.zoom
        left, up = self.camera.pan
        pan = (x - (x - left) * grown, -y - (-y - up) * grown)
        return replace(self, camera=replace(self.camera, zoom=zoom, pan=pan))

    def fitted(self) -> Scene:
        """Return the shape in the middle and in full, seen from the side that it is seen from."""
        return replace(self, camera=replace(self.camera, zoom=1.0, pan=(0.0, 0.0)))

    # ---- saving ----

    def as_dict(self) -> dict[str, object]:
        """Return the scene as what JSON can hold."""
        return {
            "shape": self.shape,
            "mesh": self.mesh_path if self.mesh is not None else "",
            "environment": self.environment,
            "turn": self.turn,
            "tiles": self.tiles,
            "depth": self.depth,
            "exposure": self.exposure,
            "camera": [self.camera.turn, self.camera.tilt, self.camera.zoom, *self.camera.pan],
        }


def scene_of(saved: Mapping[str, object]) -> Scene:
    """Return a scene of what `as_dict` gave, without its mesh; what makes no sense there takes its default."""
    plain = Scene()
    shape, environment = saved.get("shape"), saved.get("environment")
    camera = saved.get("camera")
    values = [_number(value, math.nan) for value in camera] if isinstance(camera, list | tuple) else []
    usable = len(values) == 5 and all(map(math.isfinite, values)) and 0.2 <= values[2] <= 24
    return Scene(
        shape if isinstance(shape, str) and shape in shade.SHAPES else plain.shape,
        environment if isinstance(environment, str) and environment in environments.names() else plain.environment,
        Camera(values[0], values[1], values[2], (values[3], values[4])) if usable else plain.camera,
        _number(saved.get("turn"), plain.turn),
        _within(_number(saved.get("tiles"), plain.tiles), TILES),
        _within(_number(saved.get("depth"), plain.depth), DEPTHS),
        _within(_number(saved.get("exposure"), plain.exposure), EXPOSURES),
    )


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else otherwise


def _within(value: float, span: tuple[float, float]) -> float:
    return min(max(value, span[0]), span[1])


def _wrapped(degrees: float) -> float:
    return (degrees + 180.0) % 360.0 - 180.0
