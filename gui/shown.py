"""How a value of each kind is seen: as sRGB codes, channel by channel, and as a histogram. Needs no Qt.

Gray is shown as it is, since heights and masks are numbers rather than light. Colours are light and are encoded as
sRGB, but for those that hold data (`is_data`), whose numbers are shown as they are: the way they lie in a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from materials.quantise import quantise
from nodes import opencv
from nodes.arrays import Material, Origin, Regions, Stamps, Value, kind_of
from nodes.catalogue import node_type
from nodes.declare import Kind
from nodes.kernels.oklab import from_oklab

DATA_NAMES = frozenset({"normal", "normals"})
DATA_NODES = frozenset({"linear_to_srgb"})
"""Nodes whose colours are codes already."""

FLOW_GAIN = 4.0
"""A shift of an eighth of the tile is a full colour."""

COORDINATES = frozenset({"uv", "region_uv"})
"""Outputs, and nodes, whose flows say where, 0 to 1, and not how far."""

CHECKER, NO_REGION = (30, 44), 26
"""Codes of the two squares behind stamps, and of pixels that lie in no region."""

STAMP_CELL = 128
GOLDEN = 0.6180339887498949


def is_data(name: str, node_key: str = "") -> bool:
    """Return whether the colours of an output or a map are data, which is shown unencoded.

    They are if it is called normal, or if it comes from a node whose colours are normals: those of section "surface".
    """
    kind = node_type(node_key)
    return name in DATA_NAMES or node_key in DATA_NODES or (kind is not None and kind.section == "surface")


def displayed(
    value: Value,
    name: str = "",
    node_key: str = "",
    *,
    exposure: float = 0.0,
    span: tuple[float, float] | None = None,
    gain: float | None = None,
) -> np.ndarray:
    """Return a value as it is seen, sRGB codes uint8 (H, W, 3). NaN is black.

    Parameters
    ----------
    name : of the output or the map. node_key : of the node that made it.
    exposure : stops by which pictures are brighter, before they are encoded.
    span : the two values of a picture that are shown black and white; 0 and 1 unless given.
    gain : of a part of a flow, the `flow_gain` of the whole.
    """
    if isinstance(value, Regions):
        return _by_index(_region_codes(value), value.labels)
    if isinstance(value, Origin):
        return _origin(value)
    if isinstance(value, Stamps):
        return _stamps(value)
    if isinstance(value, Material):
        name, value = face(value)
    value = _adjusted(value, exposure, span)
    kind = kind_of(value)
    if kind is Kind.GRAY:
        return opencv.cv2.cvtColor(_codes(value), opencv.cv2.COLOR_GRAY2RGB)
    if kind is Kind.FLOW:
        return _flow(value, None if are_coordinates(name, node_key) else flow_gain(value) if gain is None else gain)
    return _codes(value, srgb=not is_data(name, node_key))


def face(material: Material) -> tuple[str, np.ndarray]:
    """Return the map that stands for a material where one picture must: its colour, else its first map."""
    name = "base_color" if "base_color" in material.maps else next(iter(material.maps), "")
    return name, material.maps[name] if name else np.full((1, 1), 0.5, np.float32)


def channels(value: Value) -> tuple[str, ...]:
    """Return the names of the channels that can be seen one by one; none where there is one or none."""
    value = face(value)[1] if isinstance(value, Material) else value
    if not isinstance(value, np.ndarray) or value.ndim == 2:
        return ()
    return ("R", "G", "B") if value.shape[2] == 3 else ("X", "Y")


def channel(value: Value, number: int) -> np.ndarray:
    """Return one channel of a picture, a flow, or a material's colour, float32 (H, W).

    Raises
    ------
    ValueError
        If it has no such channel.
    """
    value = face(value)[1] if isinstance(value, Material) else value
    if not isinstance(value, np.ndarray) or not 0 <= number < max(1, len(channels(value))):
        raise ValueError(f"there is no channel {number}")
    return value if value.ndim == 2 else np.ascontiguousarray(value[..., number])


def single(value: Value, number: int, *, exposure: float = 0.0, span: tuple[float, float] | None = None) -> np.ndarray:
    """Return one channel as it is seen, codes uint8 (H, W, 3): a flow's zero is middle gray, all else as it is."""
    plane = channel(value, number)
    if isinstance(value, np.ndarray) and kind_of(value) is Kind.FLOW:
        plane = 0.5 + flow_gain(value) * plane
    return displayed(plane, exposure=exposure, span=span)


def size(value: Value) -> tuple[int, int]:
    """Return rows and columns of a value as it is seen."""
    if isinstance(value, Regions):
        height, width = value.labels.shape
    elif isinstance(value, Origin):
        height, width = value.y.shape
    elif isinstance(value, Stamps):
        layout = stamp_grid(value)
        height, width = layout.rows * layout.cell, layout.columns * layout.cell
    else:
        height, width = (face(value)[1] if isinstance(value, Material) else value).shape[:2]
    return int(height), int(width)


# ---- pictures ------------------------------------------------------------------------------------


def _adjusted(image: np.ndarray, exposure: float, span: tuple[float, float] | None) -> np.ndarray:
    if span is not None:
        low, high = span
        image = (image - np.float32(low)) * np.float32(1 / max(high - low, 1e-9))
    return image * np.float32(2.0**exposure) if exposure else image


def _codes(image: np.ndarray, srgb: bool = False) -> np.ndarray:
    out = np.empty(image.shape, np.uint8)
    for number in range(image.shape[2] if image.ndim == 3 else 1):
        quantise(image, number, out, number, srgb=srgb)
    return out


def are_coordinates(name: str, node_key: str = "") -> bool:
    """Return whether a flow of this name says where, 0 to 1, and not how far."""
    return name in COORDINATES or node_key in COORDINATES


def flow_gain(flow: np.ndarray) -> float:
    """Return what brings a flow's shifts into sight: `FLOW_GAIN`, halved until nearly all of them fit."""
    some = _sample(flow)
    longest = float(np.percentile(np.abs(np.nan_to_num(some)), 99)) if some.size else 0.0
    gain = FLOW_GAIN
    while gain * longest > 0.5 and gain > 1e-6:
        gain /= 2
    return gain


def _flow(flow: np.ndarray, gain: float | None) -> np.ndarray:
    """Return a flow as colours: the hue is its direction, gray is no shift; red is across, green is down."""
    shown = flow if gain is None else flow * np.float32(gain) + np.float32(0.5)
    codes = np.full((*flow.shape[:2], 3), 128, np.uint8)
    for number in range(2):
        quantise(shown, number, codes, number)
    return codes


# ---- kinds that are no pictures ------------------------------------------------------------------


def _by_index(palette: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    return np.take(palette, numbers, axis=0, mode="clip")


def _oklch_codes(lightness: np.ndarray, chroma: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Return the sRGB codes of colours as the eye orders them, (n, 3); hue is in turns."""
    angle = turns * (2 * np.pi)
    lab = np.stack([lightness, chroma * np.cos(angle), chroma * np.sin(angle)], axis=-1)
    return _codes(np.clip(from_oklab(lab), 0, 1).astype(np.float32)[None], srgb=True)[0]


def _region_codes(regions: Regions) -> np.ndarray:
    """Return a colour for each label, from the region's id alone: it stays while others come and go."""
    ids = regions.table["id"].astype(np.uint64)
    mixed = (ids * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(16)
    one, two, three = (((mixed >> np.uint64(shift)) & np.uint64(0xFFFF)) / 65536 for shift in (0, 16, 32))
    codes = np.empty((len(ids) + 1, 3), np.uint8)
    codes[0] = NO_REGION
    if len(ids):
        codes[1:] = _oklch_codes(0.48 + 0.32 * two, 0.07 + 0.07 * three, one)
    return codes


WHERE_STEPS = 64


@lru_cache(maxsize=8)
def _where_codes(sources: int) -> np.ndarray:
    """Return a colour for each place in each exemplar, (sources * steps * steps, 3).

    Columns run through the hues and rows through lightness and colourfulness, both coming round to where they began,
    so that neighbours in the exemplar look alike over its borders too. Each source begins at another hue.
    """
    source, row, column = np.meshgrid(
        np.arange(sources), np.arange(WHERE_STEPS) / WHERE_STEPS, np.arange(WHERE_STEPS) / WHERE_STEPS, indexing="ij"
    )
    lightness = 0.64 + 0.16 * np.sin(2 * np.pi * row)
    chroma = 0.095 + 0.035 * np.cos(2 * np.pi * row)
    return _oklch_codes(lightness.ravel(), chroma.ravel(), (column + GOLDEN * source).ravel())


def _steps(places: np.ndarray, extent: int, factor: int) -> np.ndarray:
    """Return each row or column of an exemplar as its step in the palette, times a factor."""
    extent = max(1, extent)
    table = np.arange(extent, dtype=np.int64) * WHERE_STEPS // extent * factor
    return np.take(table.astype(np.int32), places, mode="clip")


def _origin(origin: Origin) -> np.ndarray:
    if not origin.y.size:
        return np.zeros((*origin.y.shape, 3), np.uint8)
    rows, columns = origin.sizes[0] if origin.sizes else (int(origin.y.max()) + 1, int(origin.x.max()) + 1)
    sources = max(len(origin.sizes), int(origin.source.max()) + 1, 1)
    number = _steps(origin.y, rows, WHERE_STEPS) + _steps(origin.x, columns, 1)
    if sources > 1:
        number += np.clip(origin.source, 0, None).astype(np.int32) * (WHERE_STEPS * WHERE_STEPS)
    return _by_index(_where_codes(min(sources, 64)), number)


@dataclass(frozen=True)
class StampGrid:
    """How stamps are laid out to be seen: squares of `cell` pixels, row by row."""

    count: int
    columns: int
    cell: int

    @property
    def rows(self) -> int:
        return max(1, -(-self.count // self.columns))

    def at(self, y: int, x: int) -> int | None:
        """Return the number of the stamp at a pixel."""
        number = y // self.cell * self.columns + x // self.cell
        return number if number < self.count else None


def stamp_grid(stamps: Stamps) -> StampGrid:
    count = len(stamps.pictures)
    columns = max(1, int(np.ceil(np.sqrt(count))))
    return StampGrid(count, columns, max(16, STAMP_CELL * 2 // max(2, columns)))


def _stamps(stamps: Stamps) -> np.ndarray:
    """Return stamps side by side, each on a checker that shows through its holes."""
    cv2, grid = opencv.cv2, stamp_grid(stamps)
    height, width = size(stamps)
    y, x = np.indices((height, width)) // max(4, grid.cell // 12)
    shown = np.where((y + x) % 2 == 0, *map(np.float32, CHECKER)).astype(np.float32) / 255
    for number, levels in enumerate(stamps.pictures):
        finest = levels[0] if levels[0].ndim == 3 else levels[0][..., None]
        smaller = max(finest.shape[:2]) > grid.cell
        part = cv2.resize(
            np.ascontiguousarray(finest, np.float32),
            (grid.cell, grid.cell),
            interpolation=cv2.INTER_AREA if smaller else cv2.INTER_NEAREST,
        ).reshape(grid.cell, grid.cell, -1)
        top, left = number // grid.columns * grid.cell, number % grid.columns * grid.cell
        below = shown[top : top + grid.cell, left : left + grid.cell]
        cover = np.clip(part[..., -1], 0, 1) if part.shape[2] > 1 else np.float32(1)
        below += cover * (part[..., 0] - below)
    return cv2.cvtColor(_codes(shown), cv2.COLOR_GRAY2RGB)


# ---- how tones lie -------------------------------------------------------------------------------

BINS = 64
SAMPLES = 256
"""Rows and columns that are looked at, so that a histogram takes as long for any size."""


def _sample(image: np.ndarray) -> np.ndarray:
    """Return every so many rows and columns, from the middle of each step: the same of the same size always."""
    steps = [max(1, side // SAMPLES) for side in image.shape[:2]]
    return image[steps[0] // 2 :: steps[0], steps[1] // 2 :: steps[1]]


def sample(value: Value) -> np.ndarray | None:
    """Return some pixels of a picture, a flow, or a material's colour; None of other kinds."""
    value = face(value)[1] if isinstance(value, Material) else value
    return _sample(value) if isinstance(value, np.ndarray) else None


def histogram(value: Value, name: str = "", node_key: str = "", bins: int = BINS) -> np.ndarray:
    """Return how many of the sampled pixels lie in each of `bins` tones from 0 to 1, int (channels, bins).

    Colours are counted as they are encoded, which is how they are seen; flows from -0.5 to 0.5. Pixels outside are
    counted at the ends, NaN nowhere; kinds that are no pictures have no channels.
    """
    some = sample(value)
    if some is None:
        return np.zeros((0, bins), np.int64)
    name = face(value)[0] if isinstance(value, Material) else name
    some = some[..., None] if some.ndim == 2 else some
    if some.shape[2] == 2 and name not in COORDINATES:
        some = some + 0.5
    if some.shape[2] == 3 and not is_data(name, node_key):
        some = _codes(np.ascontiguousarray(some), srgb=True) / np.float32(255)
    counts = np.zeros((some.shape[2], bins), np.int64)
    for number in range(some.shape[2]):
        plane = some[..., number]
        places = np.clip(plane[np.isfinite(plane)] * bins, 0, bins - 1).astype(np.int64)
        counts[number] = np.bincount(places, minlength=bins)
    return counts


def span_of(value: Value) -> tuple[float, float] | None:
    """Return the least and the most of a picture's sampled values, to stretch it by; None where it is even."""
    some = sample(value)
    some = some[np.isfinite(some)] if some is not None else None
    if some is None or not some.size or float(some.max()) - float(some.min()) < 1e-9:
        return None
    return float(some.min()), float(some.max())
