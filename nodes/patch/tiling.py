"""A texture of any size from a photograph of something without order: gravel, plaster, rust, leaves, bark.

Nothing is searched, so it takes milliseconds; what has an order, such as bricks, needs a synthesis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from nodes.arrays import widen
from nodes.declare import Angle, Band, Color, Flow, Gray, Picture, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.gaussian import colour
from nodes.kernels.hash import stream
from nodes.kernels.sampling import places, sample
from nodes.kernels.slopes import normals_of, slopes_in
from nodes.kernels.windows import agreement, blend_windows, mix_windows
from nodes.patch.exemplar import fitted, perceptual
from nodes.patch.gaussianised import Gaussianised, gaussianised
from nodes.patch.phases import Each, shuffled, spot
from nodes.patch.windows import NO_OFFSET, Windows, no_larger, seen_size, windows

Columns = Annotated[float, Range(0.02, 64.0)]
Spacing = Annotated[float, Range(0.05, 0.75)]
Share = Annotated[float, Range(0.0, 1.0)]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


# ---- tile and blend ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Blend:
    exemplar: Gaussianised
    windows: Windows
    wraps: bool
    alike: np.ndarray


def _windows_to_blend(
    band: Band,
    picture: np.ndarray | None,
    columns: float,
    spacing: float,
    sharpness: float,
    picture_tiles: bool,
    seed: int,
) -> _Blend | None:
    if picture is None:
        return None
    placed = windows((band.height, band.width), picture, columns, spacing, 0.0, picture_tiles, seed, band.tell)
    exemplar = gaussianised(no_larger(picture, seen_size(picture, band.width, columns)))
    return _Blend(exemplar, placed, picture_tiles, _likeness(exemplar.planes, placed, picture_tiles, sharpness))


def _likeness(planes: np.ndarray, placed: Windows, wraps: bool, sharpness: float) -> np.ndarray:
    """Return how windows correlate where they overlap, in each plane: fitted ones vary together, and add up to more."""
    sums = np.zeros(4)
    steps = (placed.nailed, placed.steps, placed.size, placed.frame)
    every = max(1, int(placed.steps.min() / 16))
    agreement(planes, *steps, wraps, f32(sharpness), every, sums)
    return np.clip(sums[:3] / max(sums[3], 1e-9), -0.2, 1).astype(np.float32)


@node(prepare=_windows_to_blend, carries="mix", bound=0.05, scratch=36)
def tile_and_blend(
    band: Band,
    picture: Annotated[str, Picture()] = "",
    columns: Columns = 2.0,
    spacing: Spacing = 0.25,
    sharpness: Annotated[float, Range(1.0, 16.0)] = 2.0,
    picture_tiles: bool = False,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: _Blend | None = None,
) -> Color:
    """A texture as wide as you like from a photograph of fine, even, random matter, with its colours and contrast.

    Windows of the photograph at random places overlap on a triangle grid. They are blended in a space where each
    tone is Gaussian, so that neither the spread of tones nor their histogram suffers (Heitz and Neyret,
    High-Performance By-Example Noise, 2018; Deliot and Heitz, 2019, for tones along the principal axes of colour).
    Beside each other lie windows that meet in like tones. What has shapes shows ghosts of them where windows meet.

    Parameters
    ----------
    picture : a source of the document, which holds its path, author and licence
    columns : how many widths of the picture lie side by side on the tile
    spacing : how far apart the windows lie, in shorter sides of the picture; large ones keep shapes, small ones vary
    sharpness : 1 blends wide and soft, more keeps each window to itself and blends along narrow joints
    picture_tiles : the picture repeats without a seam, so that windows may lie across its border
    """
    out = band.empty(channels=3)
    if prepared is None:
        out.fill(0.5)
        return out
    _blend(prepared, sharpness, offset, band.top, out)
    return out


def _blend(made: _Blend, sharpness: float, offset: np.ndarray | None, top: int, out: np.ndarray) -> None:
    exemplar, placed = made.exemplar, made.windows
    blend_windows(
        exemplar.planes,
        placed.nailed,
        placed.steps,
        placed.size,
        placed.frame,
        made.wraps,
        f32(sharpness),
        made.alike,
        exemplar.tables,
        exemplar.axes,
        exemplar.bounds,
        NO_OFFSET if offset is None else offset,
        top,
        out,
    )


def tile_and_blend_picture(
    picture: np.ndarray,
    height: int,
    width: int,
    *,
    columns: float = 2.0,
    spacing: float = 0.25,
    sharpness: float = 2.0,
    picture_tiles: bool = False,
    seed: int = 0,
    each: Each | None = None,
) -> np.ndarray:
    """Return what `tile_and_blend` makes of a picture (h, w) or (h, w, 3), with as many channels as it has.

    each : calls a function of (top, bottom) for bands of rows, maybe on several threads; see `Band.each`.
    """
    whole = Band(height, width, 0, height)
    made = _windows_to_blend(whole, picture, columns, spacing, sharpness, picture_tiles, seed)
    assert made is not None
    out = np.empty((height, width, 3), np.float32)
    (each or whole.each)(lambda top, bottom: _blend(made, sharpness, None, top, out[top:bottom]))
    return out if picture.ndim == 3 else np.ascontiguousarray(out[..., 0])


# ---- hexagons ------------------------------------------------------------------------------------


class HexTiled(NamedTuple):
    color: Color
    height: Gray
    normal: Color


@dataclass(frozen=True)
class _Hexagons:
    planes: np.ndarray
    windows: Windows
    wraps: bool
    has: tuple[bool, bool, bool]


def _hexagons(
    band: Band,
    picture: np.ndarray | None,
    height_picture: np.ndarray | None,
    normal_picture: np.ndarray | None,
    columns: float,
    spacing: float,
    rotation: float,
    picture_tiles: bool,
    seed: int,
) -> _Hexagons | None:
    given = (picture, height_picture, normal_picture)
    first = next((each for each in given if each is not None), None)
    if first is None:
        return None
    seen = seen_size(first, band.width, columns)
    planes = _stacked(given, *np.minimum(first.shape[:2], seen))
    placed = windows((band.height, band.width), first, columns, spacing, rotation, picture_tiles, seed, band.tell)
    has = (picture is not None, height_picture is not None, normal_picture is not None)
    return _Hexagons(planes, placed, picture_tiles, has)


def _stacked(given: tuple[np.ndarray | None, ...], height: int, width: int) -> np.ndarray:
    """Return the maps that are there as planes of one size: colour, height, slopes, and which comes forward."""
    picture, relief, normals = given
    colour_ = np.full((height, width, 3), 0.5, np.float32) if picture is None else fitted(picture, height, width)
    colour_ = widen(colour_) if colour_.ndim == 2 else colour_
    planes, key = [*np.moveaxis(colour_, 2, 0)], perceptual(colour_) @ LUMINANCE
    if relief is not None:
        key = fitted(relief if relief.ndim == 2 else relief @ LUMINANCE, height, width)
        planes.append(key)
    if normals is not None:
        # As slopes, since they add up where normals do not.
        slopes = slopes_in(normals if normals.ndim == 3 else np.full((*normals.shape, 3), (0.5, 0.5, 1), np.float32))
        planes += [fitted(slope, height, width) for slope in slopes]
    planes.append(np.clip(key / max(float(key.max()), 1e-6), 0.001, 1))
    return np.ascontiguousarray(np.stack(planes, axis=2), np.float32)


@node(prepare=_hexagons, carries="mix", bound=0.05, scratch=56)
def hex_tile(
    band: Band,
    picture: Annotated[str, Picture()] = "",
    height_picture: Annotated[str, Picture()] = "",
    normal_picture: Annotated[str, Picture()] = "",
    columns: Columns = 2.0,
    spacing: Spacing = 0.3,
    rotation: Annotated[float, Angle(0.0, 180.0)] = 0.0,
    softness: Share = 0.15,
    contrast: Share = 0.6,
    picture_tiles: bool = False,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: _Hexagons | None = None,
) -> HexTiled:
    """A photograph laid out in hexagons from random places, each maybe turned; its height and normals go with it.

    The hexagons meet in narrow joints, where what is bright, or high if there is a height, comes forward (Mikkelsen,
    Practical Real-Time Hex-Tiling, JCGT 2022). Normals are mixed as slopes and turned with their hexagon.

    Parameters
    ----------
    picture : a source of the document, which holds its path, author and licence
    height_picture, normal_picture : maps of the same thing, brought to the picture's size; normals have green up
    columns : how many widths of the picture lie side by side on the tile
    spacing : how far apart the hexagons lie, in shorter sides of the picture
    rotation : up to how far a hexagon is turned either way; leave 0 if the photograph is lit from one side or has grain
    softness : how wide the joints are; 0 cuts, so that every pixel is a pixel of the photograph
    contrast : how much the brighter or the higher comes forward in a joint
    picture_tiles : the picture repeats without a seam, so that hexagons may lie across its border
    """
    out = HexTiled(band.empty("color", 3), band.empty("height"), band.empty("normal", 3))
    _lay(prepared, softness, contrast, offset, band.top, out)
    return out


def _lay(
    made: _Hexagons | None, softness: float, contrast: float, offset: np.ndarray | None, top: int, out: HexTiled
) -> None:
    """Write rows of hexagons, and what stands for the maps that are not there."""
    if made is not None:
        _mix(made, softness, contrast, offset, top, out)
    has = (False, False, False) if made is None else made.has
    for image, there, neutral in zip(out, has, (0.5, 0.5, (0.5, 0.5, 1)), strict=True):
        if not there:
            image[:] = neutral


def _mix(
    made: _Hexagons,
    softness: float,
    contrast: float,
    offset: np.ndarray | None,
    top: int,
    out: HexTiled,
) -> None:
    color, height, normal = out
    slopes = np.empty((2, *height.shape) if made.has[2] else (2, 0, 0), np.float32)
    placed = made.windows
    mix_windows(
        made.planes,
        placed.nailed,
        placed.steps,
        placed.size,
        placed.frame,
        made.wraps,
        f32(0 if softness < 1e-3 else 1 / softness),
        f32(contrast),
        NO_OFFSET if offset is None else offset,
        top,
        color,
        height if made.has[1] else np.empty((0, 0), np.float32),
        slopes,
    )
    if made.has[2]:
        normals_of(slopes, normal)


def hex_tile_picture(
    picture: np.ndarray,
    height: int,
    width: int,
    *,
    height_picture: np.ndarray | None = None,
    normal_picture: np.ndarray | None = None,
    columns: float = 2.0,
    spacing: float = 0.3,
    rotation: float = 0.0,
    softness: float = 0.15,
    contrast: float = 0.6,
    picture_tiles: bool = False,
    seed: int = 0,
    each: Each | None = None,
) -> HexTiled:
    """Return what `hex_tile` makes of a picture (h, w) or (h, w, 3) and of the maps that go with it.

    rotation : in radians. each : calls a function of (top, bottom) for bands of rows; see `Band.each`.
    """
    whole = Band(height, width, 0, height)
    prepared = _hexagons(
        whole, picture, height_picture, normal_picture, columns, spacing, rotation, picture_tiles, seed
    )
    out = HexTiled(*(np.empty((height, width, *last), np.float32) for last in ((3,), (), (3,))))

    def lay(top: int, bottom: int) -> None:
        _lay(prepared, softness, contrast, None, top, HexTiled(*(image[top:bottom] for image in out)))

    (each or whole.each)(lay)
    return out


# ---- phases --------------------------------------------------------------------------------------


@node(reach="whole", carries="mix", scratch=40)
def phase_noise(
    band: Band,
    picture: Annotated[str, Picture()] = "",
    columns: Columns = 2.0,
    match: bool = True,
    seed: Seed = 0,
    offset: Flow | None = None,
) -> Color:
    """Noise with the colours and the waves of a photograph, but none of its shapes: sand, plaster, cloth, grain.

    The waves of the photograph, less those that its borders would make (Moisan, 2011), get random phases (Galerne,
    Gousseau and Morel, Random Phase Textures, 2011), and tones are Gaussian on the way. A photograph smaller than the
    tile is faded out at its border and set in it, which keeps its spectrum; one larger gives its middle.

    Parameters
    ----------
    picture : a source of the document, which holds its path, author and licence
    columns : how many widths of the picture lie side by side on the tile
    match : give the noise the picture's own histograms; without, its tones are normally distributed
    """
    out = band.empty(channels=3)
    if not isinstance(picture, np.ndarray):  # a parameter is declared as it is saved: by name
        out.fill(0.5)
        return out
    _noise(band, picture, columns, match, seed, out)
    if offset is None:
        return out
    ys, xs = places(band.height, band.width, 0, band.height)
    size_y, size_x = f32(band.height), f32(band.width)
    for axis, size, way in ((ys, size_y, 1), (xs, size_x, 0)):
        axis += np.clip(np.nan_to_num(offset[..., way]), -1e4, 1e4) * size
        axis -= np.floor(axis / size) * size
    return sample(out, ys, xs, np.empty_like(out))


def _noise(band: Band, picture: np.ndarray, columns: float, match: bool, seed: int, out: np.ndarray) -> None:
    """Write the noise of a picture, (H, W, 3)."""
    exemplar = gaussianised(spot(picture, band.height, band.width, columns), "exemplar" if match else "normal")
    numbers, factors = np.empty_like(out), np.empty(3, np.float32)
    for channel in range(3):
        band.tell(channel / 4)
        factors[channel] = shuffled(exemplar.planes[..., channel], stream(seed, 0), numbers, channel, band.each)
    band.tell(0.75)

    def paint(top: int, bottom: int) -> None:
        rows = (numbers[top:bottom] * factors).reshape(-1, 3)
        colour(rows, exemplar.tables, exemplar.axes, exemplar.bounds, out[top:bottom].reshape(-1, 3))

    band.each(paint)


def phase_noise_picture(
    picture: np.ndarray, height: int, width: int, *, columns: float = 2.0, match: bool = True, seed: int = 0
) -> np.ndarray:
    """Return what `phase_noise` makes of a picture (h, w) or (h, w, 3), with as many channels as it has."""
    out = np.empty((height, width, 3), np.float32)
    _noise(Band(height, width, 0, height), picture, columns, match, seed, out)
    return out if picture.ndim == 3 else np.ascontiguousarray(out[..., 0])
