"""Meshes of one's own for the preview: read from Wavefront OBJ files, and made ready to be met by rays.

Only geometry is read: materials and other files that an OBJ names are never opened, and what would run a command is
refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from materials import mesh_kernels
from materials.errors import SourceError

MOST_BYTES = 64 * 2**20
MOST_POINTS = 1_000_000
MOST_TRIANGLES = 1_000_000
MOST_CORNERS = 256
"""Corners of one polygon."""

LINES = 4096
"""Lines between two calls of `check`."""

_PASSED_OVER = frozenset(
    {"g", "o", "s", "mg", "usemtl", "mtllib", "l", "p", "vp", "bevel", "c_interp", "d_interp", "lod"}
)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles that fill a ball of radius 1 about the middle, in a tree; arrays as `materials.mesh_kernels` tells.

    scale : width of the square of texture coordinates on the mesh, on average.
    """

    name: str
    boxes: np.ndarray
    links: np.ndarray
    corners: np.ndarray
    worn: np.ndarray
    scale: float

    @property
    def triangles(self) -> int:
        return len(self.corners)

    def __repr__(self) -> str:
        return f"<Mesh {self.name}, {self.triangles} triangles>"


NONE = Mesh(
    "none",
    np.zeros((1, 6), np.float32),
    np.zeros((1, 2), np.int32),
    np.zeros((1, 9), np.float32),
    np.zeros((1, 26), np.float32),
    1.0,
)
"""What the kernels get where no mesh is asked for."""


def read(path: str | Path, check: Callable[[], None] = lambda: None) -> Mesh:
    """Return the mesh in an OBJ file.

    check : called now and then; what it raises ends the reading.

    Raises
    ------
    SourceError
        If it cannot be read, is too large, has no texture coordinates or is no OBJ, with the line where it is not.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise SourceError(f"{path.name} is no file", path=path, hint="choose an OBJ file")
        if size > MOST_BYTES:
            raise SourceError(
                f"{path.name} has {size / 2**20:.0f} MB", path=path, hint=f"{MOST_BYTES // 2**20} MB at most"
            )
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        raise SourceError(f"the mesh {path.name} is gone", path=path, hint="find it or choose another") from None
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}", path=path) from None
    try:
        return parse(text, path.stem, check)
    except SourceError as error:
        raise SourceError(f"{path.name}: {error.what}", path=path, hint=error.hint) from None


def parse(text: str, name: str = "mesh", check: Callable[[], None] = lambda: None) -> Mesh:
    """Return the mesh in the text of an OBJ; see `read`."""
    return _Reader(text, check).mesh(name)


class _Reader:
    """The lists of an OBJ while it is read."""

    def __init__(self, text: str, check: Callable[[], None]) -> None:
        self.points: list[tuple[float, ...]] = []
        self.places: list[tuple[float, ...]] = []
        self.normals: list[tuple[float, ...]] = []
        self.corners: list[tuple[int, int, int]] = []
        self.line = 0
        words: dict[str, Callable[[list[str]], None]] = {
            "v": lambda rest: self._numbers(self.points, rest, 3, (3, 4, 6, 7)),
            "vt": lambda rest: self._numbers(self.places, rest, 2, (2, 3)),
            "vn": lambda rest: self._numbers(self.normals, rest, 3, (3,)),
            "f": self._face,
        }
        for number, line in enumerate(text.replace("\\\n", " ").splitlines(), 1):
            self.line = number
            if number % LINES == 0:
                check()
            parts = line.split("#", 1)[0].split()
            if not parts or parts[0] in _PASSED_OVER:
                continue
            take = words.get(parts[0])
            if take is None:
                raise self._wrong(f"{parts[0][:20]!r} is not understood", "points and polygons only: v, vt, vn, f")
            take(parts[1:])

    def _wrong(self, what: str, hint: str = "") -> SourceError:
        return SourceError(f"line {self.line}: {what}", hint=hint)

    def _numbers(self, into: list[tuple[float, ...]], parts: list[str], wanted: int, counts: Sequence[int]) -> None:
        if len(parts) not in counts:
            raise self._wrong(f"{len(parts)} numbers where {wanted} belong")
        try:
            values = tuple(float(part) for part in parts[:wanted])
        except ValueError:
            raise self._wrong("this is no number") from None
        if not all(math.isfinite(value) and abs(value) < 1e9 for value in values):
            raise self._wrong("a number is beyond all measure")
        if len(into) >= MOST_POINTS:
            raise self._wrong("there are too many points", f"{MOST_POINTS} at most")
        into.append(values)

    def _face(self, parts: list[str]) -> None:
        if not 3 <= len(parts) <= MOST_CORNERS:
            raise self._wrong(f"a polygon of {len(parts)} corners", f"3 to {MOST_CORNERS}")
        found = [self._corner(part) for part in parts]
        if len({corner[2] >= 0 for corner in found}) > 1:
            raise self._wrong("some corners have normals and some have none")
        if len(self.corners) // 3 + len(found) - 2 > MOST_TRIANGLES:
            raise self._wrong("there are too many triangles", f"{MOST_TRIANGLES} at most")
        for second, third in zip(found[1:-1], found[2:], strict=True):
            self.corners += [found[0], second, third]

    def _corner(self, part: str) -> tuple[int, int, int]:
        fields = part.split("/")
        if len(fields) < 2 or not fields[1]:
            raise self._wrong("a corner has no texture coordinates", "unwrap the mesh and export it with UVs")
        if len(fields) > 3:
            raise self._wrong(f"{part[:20]!r} is no corner")
        point = self._index(fields[0], len(self.points), "point")
        place = self._index(fields[1], len(self.places), "texture coordinate")
        given = len(fields) == 3 and fields[2]
        return point, place, self._index(fields[2], len(self.normals), "normal") if given else -1

    def _index(self, text: str, count: int, what: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise self._wrong(f"{text[:20]!r} is no number of a {what}") from None
        index = number - 1 if number > 0 else count + number
        if number == 0 or not 0 <= index < count:
            raise self._wrong(f"there is no {what} {number}", f"{count} are listed before it")
        return index

    def mesh(self, name: str) -> Mesh:
        if not self.corners:
            raise SourceError("there are no polygons in it", hint="v, vt and f lines")
        index = np.array(self.corners, np.int64).reshape(-1, 3, 3)
        normals = np.array(self.normals or [(0.0, 0.0, 1.0)], np.float64)
        return build(np.array(self.points), np.array(self.places), normals, index, name)


def build(points: np.ndarray, places: np.ndarray, normals: np.ndarray, index: np.ndarray, name: str = "mesh") -> Mesh:
    """Return a mesh of points (n, 3), texture coordinates (n, 2), normals (n, 3) and triangles.

    index : (m, 3, 3), of each corner its point, texture coordinate and normal; -1 for a normal takes a smooth one.

    Raises
    ------
    SourceError
        If no triangle has an area.
    """
    least, most = points[index[..., 0]].min((0, 1)), points[index[..., 0]].max((0, 1))
    points = points - (least + most) / 2
    size = np.sqrt((points[index[..., 0]] ** 2).sum(-1).max())
    points = points / (size if size > 0 else 1)
    corner = points[index[..., 0]]
    across = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    kept = np.linalg.norm(across, axis=1) > 1e-12
    if not kept.any():
        raise SourceError("no polygon in it has an area", hint="export the mesh again")
    index, corner, across = index[kept], corner[kept], across[kept]
    place = places[index[..., 1]] * (1.0, -1.0) + (0.0, 1.0)  # row 0 is on top
    upright = _normals(points, normals, index, across)
    right, side, share = _directions(index, corner, place, upright)
    order, boxes, links = _tree(corner)
    corner, upright, right, place = corner[order], upright[order], right[order], place[order]
    count = len(order)
    edges = np.concatenate([corner[:, 0], corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]], axis=1)
    rest = np.stack([side[order], share[order]], axis=1)
    worn = [upright.reshape(count, 9), right.reshape(count, 9), place.reshape(count, 6), rest]
    area = np.linalg.norm(across, axis=1)
    flat = area * share**2
    scale = math.sqrt(area.sum() / flat.sum()) if flat.sum() > 0 else 1.0
    kept_worn = np.ascontiguousarray(np.concatenate(worn, axis=1), np.float32)
    return Mesh(name, boxes, links, np.ascontiguousarray(edges, np.float32), kept_worn, scale)


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 1e-20, length, 1.0)


def _normals(points: np.ndarray, normals: np.ndarray, index: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return the normal at each corner: the one given, or that of all faces about the point, by their areas."""
    smooth = np.zeros_like(points)
    for corner in range(3):
        np.add.at(smooth, index[:, corner, 0], across)
    own = np.where((index[..., 2] >= 0)[..., None], normals[index[..., 2]], smooth[index[..., 0]])
    length = np.linalg.norm(own, axis=-1, keepdims=True)
    return _unit(np.where(length > 1e-9, own, across[:, None]))


def _directions(
    index: np.ndarray, corner: np.ndarray, place: np.ndarray, upright: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return texture right at each corner, the side of texture up, and how dense the texture lies, of each triangle.

    Directions are averaged where point, texture coordinate and normal are shared, but never across a mirrored seam.
    """
    one, two = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    a, b = place[:, 1] - place[:, 0], place[:, 2] - place[:, 0]
    area = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    safe = np.where(np.abs(area) > 1e-20, area, 1.0)
    right = (one * b[:, 1:] - two * a[:, 1:]) / safe[:, None]
    down = (two * a[:, :1] - one * b[:, :1]) / safe[:, None]
    flat = np.abs(area) <= 1e-20
    right[flat], down[flat] = one[flat], -np.cross(upright[flat, 0], one[flat])
    up_by_hand = np.cross(upright.mean(1), right)
    side = np.where((up_by_hand * -down).sum(1) >= 0, 1.0, -1.0)
    # One number of each corner: `MOST_POINTS` is below 2 ** 20.
    keys = (index[..., 0] << 20 | index[..., 1]) << 22 | (index[..., 2] + 1) << 1 | (side > 0)[:, None]
    _, shared = np.unique(keys.reshape(-1), return_inverse=True)
    total = np.zeros((int(shared.max()) + 1, 3))
    np.add.at(total, shared, np.repeat(_unit(right), 3, axis=0))
    solid = np.linalg.norm(np.cross(one, two), axis=1)
    density = np.sqrt(np.abs(area) / solid)
    return _unit(total[shared].reshape(-1, 3, 3)), side, np.clip(density, 1e-4, 1e4)


def _tree(corner: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lows, highs = corner.min(1).astype(np.float32), corner.max(1).astype(np.float32)
    order = np.arange(len(corner))
    boxes, links = np.empty((2 * len(corner), 6), np.float32), np.empty((2 * len(corner), 2), np.int32)
    middles = ((lows + highs) * np.float32(0.5)).astype(np.float32)
    used = mesh_kernels.grow(middles, lows, highs, order, boxes, links)
    return order, np.ascontiguousarray(boxes[:used]), np.ascontiguousarray(links[:used])
