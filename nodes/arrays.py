"""What flows on the wires besides plain pictures, and the shapes all of it has.

Gray is float32 `(H, W)`, Color float32 `(H, W, 3)` linear Rec. 709, Flow float32 `(H, W, 2)`
in fractions of the tile, x first. The other four kinds are the classes below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from nodes.declare import CHANNELS, Kind

REGION_COLUMNS = {
    "id": np.uint32,  # stable: a hash of where the region is or of its row and column
    "bbox": (np.float32, 4),  # left, top, width, height; fractions of the tile, unwrapped
    "centroid": (np.float32, 2),  # x, y; fractions of the tile
    "area": np.float32,  # fraction of the tile
    "angle": np.float32,  # principal axis, radians
}


@dataclass(frozen=True)
class Regions:
    """A division of the tile: a label at each pixel and a table with a row for each label.

    labels : int32 (H, W), 0 is background, label k is row k - 1 of the table.
    table : columns by name, see `REGION_COLUMNS`.
    neighbours : int32 (n, 2), pairs of labels that touch, each once, smaller first; sorted.
    """

    kind: ClassVar[Kind] = Kind.REGIONS
    labels: np.ndarray
    table: Mapping[str, np.ndarray]
    neighbours: np.ndarray = field(default_factory=lambda: np.empty((0, 2), np.int32))

    @property
    def count(self) -> int:
        return len(self.table["id"])

    def with_labels(self, labels: np.ndarray) -> Regions:
        return replace(self, labels=labels)


@dataclass(frozen=True)
class Origin:
    """Where each pixel was copied from.

    source : int32 (H, W), which exemplar: its place in the node's `copies`; y, x : int32 (H, W), its row and
    column; weight : float32 (H, W), 0 to 1, how much of the pixel was copied from there.
    sizes : rows and columns that each exemplar had when it was copied from. A map of another size is brought to it
    first (`nodes.patch.exemplar.fitted`).
    """

    kind: ClassVar[Kind] = Kind.ORIGIN
    source: np.ndarray
    y: np.ndarray
    x: np.ndarray
    weight: np.ndarray
    sizes: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Stamps:
    """Pictures for scattering, each a tuple of float32 mip levels, the largest first."""

    kind: ClassVar[Kind] = Kind.STAMPS
    pictures: tuple[tuple[np.ndarray, ...], ...]


MAPS: dict[str, tuple[Kind, Any]] = {
    "base_color": (Kind.COLOR, (0.5, 0.5, 0.5)),
    "metallic": (Kind.GRAY, 0.0),
    "roughness": (Kind.GRAY, 0.5),
    "normal": (Kind.COLOR, (0.5, 0.5, 1.0)),
    "height": (Kind.GRAY, 0.5),
    "ambient_occlusion": (Kind.GRAY, 1.0),
    "opacity": (Kind.GRAY, 1.0),
    "emission": (Kind.COLOR, (0.0, 0.0, 0.0)),
}
"""The maps a material may have: kind and the value that stands for an absent map."""

ALBEDO = (0.012983, 0.871367)
"""The least and the most that the brightest channel of a non-metal reflects: 30 and 240 in 8-bit sRGB."""

METAL = 0.4
"""The least that the brightest channel of a metal reflects straight on."""

SMOOTHEST = 0.02
"""The roughness below which nothing real lies."""


@dataclass(frozen=True)
class Material:
    """A whole material on one wire: maps by name and the physical size they depict.

    maps : names of `MAPS` to pictures of one size; normals are encoded 0 to 1, +Y up.
    size_cm : width of the tile. depth_cm : what height 1 rises above height 0.
    """

    kind: ClassVar[Kind] = Kind.MATERIAL
    maps: Mapping[str, np.ndarray]
    size_cm: float = 100.0
    depth_cm: float = 1.0

    def rows(self, top: int, bottom: int) -> Material:
        """Return rows `top` to `bottom`, as views."""
        return replace(self, maps={name: image[top:bottom] for name, image in self.maps.items()})


Value = np.ndarray | Regions | Origin | Stamps | Material


def take(exemplars: Mapping[int, np.ndarray], origin: Origin) -> np.ndarray:
    """Return the picture that `origin` describes: each pixel copied from its exemplar.

    exemplars : source number to an array (h, w) or (h, w, 3); all of one kind.
    """
    first = next(iter(exemplars.values()))
    if len(exemplars) == 1 and not origin.source.any() and 0 in exemplars:
        return first[origin.y, origin.x]
    result = np.zeros(origin.y.shape + first.shape[2:], first.dtype)
    for source, exemplar in exemplars.items():
        chosen = origin.source == source
        result[chosen] = exemplar[origin.y[chosen], origin.x[chosen]]
    return result


def widen(image: np.ndarray) -> np.ndarray:
    """Return a gray picture as colour, the same value in all three channels."""
    return np.repeat(image[..., None], 3, axis=2)


def kind_of(value: Value) -> Kind:
    """Return the kind that a value has by its class and shape, or raise `ValueError`."""
    if not isinstance(value, np.ndarray):
        return value.kind
    if value.ndim == 2:
        return Kind.GRAY
    for kind, channels in CHANNELS.items():
        if value.ndim == 3 and value.shape[2] == channels and channels > 1:
            return kind
    raise ValueError(f"an array of shape {value.shape} is no picture: (H, W), (H, W, 3) or (H, W, 2)")


def crop_rows(value: Value, top: int, bottom: int) -> Value:
    """Return rows `top` to `bottom` of a value, as views."""
    if isinstance(value, np.ndarray):
        return value[top:bottom]
    if isinstance(value, Regions):
        return value.with_labels(value.labels[top:bottom])
    if isinstance(value, Origin):
        return with_planes(value, {name: plane[top:bottom] for name, plane in planes(value).items()})
    if isinstance(value, Material):
        return value.rows(top, bottom)
    return value


def planes(value: Value) -> dict[str, np.ndarray]:
    """Return the full-size arrays inside a value by name (a plain picture is its own only plane)."""
    if isinstance(value, np.ndarray):
        return {"": value}
    if isinstance(value, Regions):
        return {"labels": value.labels}
    if isinstance(value, Origin):
        return {"source": value.source, "y": value.y, "x": value.x, "weight": value.weight}
    if isinstance(value, Material):
        return dict(value.maps)
    return {}


def with_planes(value: Value, arrays: Mapping[str, np.ndarray]) -> Value:
    """Return `value` with its full-size arrays replaced; the opposite of `planes`."""
    if isinstance(value, np.ndarray):
        return arrays[""]
    if isinstance(value, Regions):
        return value.with_labels(arrays["labels"])
    if isinstance(value, Origin):
        return replace(value, **arrays)
    if isinstance(value, Material):
        return replace(value, maps=dict(arrays))
    return value
