"""A material seen in light: its maps on a sphere, a plane, a cube, a cylinder or a mesh, ray-traced on the processor.

Heights displace the surface (true silhouettes, parallax, shadows of one stone on the next), normals shade it, and a
filter as wide as a pixel's footprint reads the maps. The picture is a function of the maps and the arguments alone:
rows are worked in fixed bands, and any number of threads gives the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from materials import cameras, environments, light_kernels, shade_kernels, shape_kernels, texels as textures
from materials.cameras import VIEWS, Camera, View
from materials.environments import Environment
from materials.errors import UsageError
from materials.evaluate import default_threads
from materials.meshes import NONE, Mesh
from materials.quantise import quantise

Shape = Literal["sphere", "plane", "cube", "cylinder"]

SHAPES: tuple[str, ...] = get_args(Shape)
SIZES = (8, 8192)
BAND = 16
"""Rows that a thread takes at a time."""

MOST_EXPOSURE = 32
"""Stops; beyond them all is black or white."""

SOFT = 1.3
"""Pixels that a texel may be wide before a finer level of the maps is worth its time."""

SHOULDER = 0.62
"""Below this, tone mapping leaves light as it is."""

METERED = 1.25
"""What a white matt surface that faces the metered way comes out as: whites keep their drawing."""


def shade(
    maps: Mapping[str, np.ndarray] | textures.Textures,
    shape: str | Mesh = "sphere",
    size: int | tuple[int, int] = 512,
    environment: str | Environment = "studio",
    *,
    camera: Camera | None = None,
    tiles: float | None = None,
    depth: float = 1.0,
    turn: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    exposure: float = 0.0,
    threads: int | None = None,
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Return a picture of a material in light, float32, linear, `(height, width, 3)`; `tone` makes it displayable.

    Maps that are not there take their neutral values; without a normal map the height gives the normals. Opacity
    blends with the backdrop.

    Parameters
    ----------
    maps : as a render returns them, or `Textures` of them. A plain mapping is taken to be 1 cm deep and 100 cm wide.
    shape : sphere, plane, cube or cylinder, or a mesh of one's own, whose outline the heights leave as it is.
    size : of the square, or width and height; what a square would show lies in the middle.
    environment : studio, overcast, daylight or sunset, or one of your own.
    camera : from where it is seen; None as looks best.
    tiles : how often the tile is repeated across the shape, for a plane across the picture, and for a mesh over its
        texture coordinates; None as looks best.
    depth : times the material's own depth.
    turn : degrees by which all light is turned to the right.
    shift : of the tile, right and down, in tiles.
    exposure : in stops.
    threads : None for INTARSIA_THREADS or all processors.
    check : called between bands; what it raises ends the work.

    Raises
    ------
    UsageError
        If the shape, the environment, a number or a map is not what it should be.
    """
    if threads is not None and threads < 1:
        raise UsageError(f"{threads} threads do no work", hint="1 or more, or None for all processors")
    width, height = size if isinstance(size, tuple) else (size, size)
    scene = numbers(
        maps,
        shape,
        (width, height),
        environment,
        camera=camera,
        tiles=tiles,
        depth=depth,
        turn=turn,
        shift=shift,
        exposure=exposure,
    )
    first = np.empty((height, width, 3), np.float32)
    found = np.empty((height, width, 2), np.float32)
    out = np.empty_like(first)
    bands = [(top, min(top + BAND, height)) for top in range(0, height, BAND)]

    def start(top: int, bottom: int) -> None:
        check()
        shade_kernels.first_rows(*scene, top, first[top:bottom], found[top:bottom])

    def refine(top: int, bottom: int) -> None:
        check()
        shade_kernels.finer_rows(*scene, top, first, found, out[top:bottom])

    with ThreadPoolExecutor(min(threads or default_threads(), len(bands))) as pool:
        for work in (start, refine):
            waiting = [pool.submit(work, *band) for band in bands]
            try:
                for done in waiting:
                    done.result()
            except BaseException:
                for done in waiting:
                    done.cancel()
                raise
    return out


def preview(
    maps: Mapping[str, np.ndarray] | textures.Textures,
    shape: str | Mesh = "sphere",
    size: int | tuple[int, int] = 512,
    **options: Any,
) -> np.ndarray:
    """Return a picture of a material in light as uint8 sRGB, ready to be saved; see `shade` for the options."""
    return encoded(tone(shade(maps, shape, size, **options)))


def tone(picture: np.ndarray) -> np.ndarray:
    """Return display-linear colours, 0 to 1, of scene-linear ones; hues and the darker half stay as they are."""
    picture = np.ascontiguousarray(picture, np.float32)
    out = np.empty_like(picture)
    light_kernels.tone_rows(picture, np.float32(SHOULDER), out)
    return out


def untoned(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return the colour of which `tone` makes this one, so that a backdrop comes out as it was asked for."""
    most = max(colour)
    if most <= SHOULDER:
        return colour
    room = 1 - SHOULDER
    bright = room * room / (1 - min(most, 0.999)) - room + SHOULDER
    whiter = 1 - 1 / (0.12 * (bright - most) + 1)
    red, green, blue = (max((part - most * whiter) / (1 - whiter), 0.0) * bright / most for part in colour)
    return red, green, blue


def encoded(picture: np.ndarray) -> np.ndarray:
    """Return display-linear colours as uint8 sRGB, dithered, so that a dark gradient shows no steps."""
    out = np.empty(picture.shape, np.uint8)
    for channel in range(3):
        quantise(picture, channel, out, channel, srgb=True, dither=True)
    return out


def warm() -> None:
    """Compile everything that a preview needs."""
    gray, colour = np.full((8, 8), 0.5, np.float32), np.full((8, 8, 3), 0.5, np.float32)
    for maps in ({"height": gray}, {"normal": colour, "emission": colour}):
        preview(maps, "sphere", SIZES[0])


# ---- the scene as the kernels take it ------------------------------------------------------------


class Numbers(NamedTuple):
    """A scene as a renderer takes it; the modules of the kernels tell what the numbers are."""

    shape: int
    camera: np.ndarray
    form: np.ndarray
    light: np.ndarray
    surface: np.ndarray
    height: np.ndarray
    extra: np.ndarray
    levels: np.ndarray
    radiance: np.ndarray
    sky_levels: np.ndarray
    diffuse: np.ndarray
    boxes: np.ndarray
    links: np.ndarray
    corners: np.ndarray
    worn: np.ndarray


def numbers(
    maps: Mapping[str, np.ndarray] | textures.Textures,
    shape: str | Mesh,
    size: tuple[int, int],
    environment: str | Environment,
    *,
    camera: Camera | None = None,
    tiles: float | None = None,
    depth: float = 1.0,
    turn: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    exposure: float = 0.0,
) -> Numbers:
    """Return a scene in numbers, for this renderer or another; see `shade`."""
    mesh = shape if isinstance(shape, Mesh) else NONE
    kind = "mesh" if isinstance(shape, Mesh) else shape
    _check(kind, size, tiles, depth, turn, shift, exposure)
    camera = cameras.checked(camera)
    view = VIEWS[kind]
    surroundings = environment if isinstance(environment, Environment) else environments.named(environment)
    tile = _tile(view, kind, tiles or view.tiles, mesh)
    pixels = _pixels_per_tile(view, kind, tile, min(size)) * camera.zoom
    finest = 2 ** math.ceil(math.log2(max(1.0, pixels / SOFT)))
    kept = maps if isinstance(maps, textures.Textures) else textures.Textures(maps)
    surface = kept.built(finest, depth)
    form = _form(view, tile, surface, kept.share * depth, shift)
    if kind == "mesh":  # the tile begins at the corner of the texture coordinates, whatever its width on the mesh
        repeats = tiles or view.tiles
        form[7:11] = -shift[0], -shift[1], repeats, repeats / surface.aspect
    form[11] = kind == "sphere" and camera != Camera()
    return Numbers(
        shade_kernels.MESHED if kind == "mesh" else shape_kernels.SHAPES.index(kind),
        cameras.numbers(view, kind, camera, *size),
        form,
        _light(view, surroundings, turn, exposure),
        surface.surface,
        surface.height,
        surface.extra,
        surface.levels,
        surroundings.radiance,
        surroundings.levels,
        surroundings.diffuse,
        mesh.boxes,
        mesh.links,
        mesh.corners,
        mesh.worn,
    )


def _check(
    shape: str,
    size: tuple[int, int],
    tiles: float | None,
    depth: float,
    turn: float,
    shift: tuple[float, float],
    exposure: float,
) -> None:
    if shape not in VIEWS:
        raise UsageError(f"there is no shape {shape!r}", hint=", ".join(SHAPES))
    if not all(isinstance(number, int | float) for number in (tiles or 1, depth, turn, exposure, *shift)):
        raise UsageError("tiles, depth, turn, shift and exposure must be numbers")
    if len(shift) != 2:
        raise UsageError("shift must be two numbers", hint="to the right and down, in tiles")
    for side in size:
        if not (isinstance(side, int) and SIZES[0] <= side <= SIZES[1]):
            raise UsageError(f"a preview of {side} pixels cannot be made", hint=f"{SIZES[0]} to {SIZES[1]}")
    if tiles is not None and not 0.05 <= tiles <= 100:
        raise UsageError(f"{tiles} tiles across the shape cannot be shown", hint="0.05 to 100")
    if not 0 <= depth <= 100 or not all(map(math.isfinite, (turn, *shift))):
        raise UsageError("depth, turn and shift must be finite numbers, and depth 0 to 100")
    if not abs(exposure) <= MOST_EXPOSURE:
        raise UsageError(f"an exposure of {exposure} stops shows nothing", hint=f"-{MOST_EXPOSURE} to {MOST_EXPOSURE}")


def _tile(view: View, shape: str, tiles: float, mesh: Mesh = NONE) -> float:
    """Return the width of a tile in the scene's units."""
    if shape == "mesh":
        return mesh.scale / tiles
    if shape == "plane":
        return 2 * view.field * view.distance / tiles
    if shape == "cylinder":  # a whole number of tiles goes round, so that there is no seam
        return math.tau * view.half / max(1, round(math.pi * tiles))
    return 2 * view.half / tiles


def _pixels_per_tile(view: View, shape: str, tile: float, size: int) -> float:
    """Return how many pixels a tile is wide where it is nearest."""
    nearest = 0.55 * view.distance if shape == "plane" else view.distance - 1
    return tile * size / (2 * view.field * nearest)


def _form(view: View, tile: float, surface: textures.Texels, depth: float, shift: tuple[float, float]) -> np.ndarray:
    deep = depth * tile
    numbers = {
        "tile": tile,
        "aspect": surface.aspect,
        "depth": deep,
        "top": (surface.highest - 0.5) * deep,
        "bottom": (surface.lowest - 0.5) * deep,
        "half": view.half,
        "tall": view.tall,
        "shift_x": 0.5 - shift[0],
        "shift_y": 0.5 - shift[1],
        "across": 1 / tile,
        "down": 1 / (tile * surface.aspect),
        "round": 0.0,
    }
    return np.array([numbers[name] for name in shape_kernels.FORM], np.float32)


def _light(view: View, surroundings: Environment, turn: float, exposure: float) -> np.ndarray:
    angle = math.radians(view.turn + turn)
    cosine, sine = math.cos(angle), math.sin(angle)
    x, y, z = source = _lowered(surroundings.direction, view.highest)
    # Light that came from the left comes from the viewer's side after a positive turn.
    towards = (cosine * x + sine * z, y, cosine * z - sine * x)
    key = view.key * np.array(surroundings.key)
    metered = np.array(view.metered or source)
    diffuse = environments.harmonics_at(metered[None])[0] @ surroundings.diffuse
    bright = diffuse + key * max(0.0, float(metered @ np.array(source)))
    level = float(bright @ (0.2126, 0.7152, 0.0722))
    scale = METERED * 2.0**exposure / level if level > 0 else 1.0
    middle, rim = surroundings.backdrop
    return np.array([*towards, *key, surroundings.softness, cosine, sine, scale, *middle, *rim], np.float32)


def _lowered(direction: tuple[float, float, float], highest: float) -> tuple[float, float, float]:
    """Return a direction, brought down to an elevation if it is above it."""
    x, y, z = direction
    flat, up = math.hypot(x, z), math.sin(math.radians(highest))
    if y <= up or flat < 1e-9:
        return direction
    scale = math.cos(math.radians(highest)) / flat
    return x * scale, up, z * scale
