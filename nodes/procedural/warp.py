"""Moving pixels about: each asks elsewhere for its value."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np

from nodes.declare import Angle, Band, Flow, Gray, Image, Length, Range, Weights, node
from nodes.kernels import f32, inline, kernel
from nodes.kernels.pointwise import mix_in
from nodes.kernels.sampling import averaged, places, sample


@kernel
def _along_slope(slope, top, ys, xs, strength_y, strength_x):
    height, width = slope.shape
    for y in range(ys.shape[0]):
        above, here, below = slope[(top + y - 1) % height], slope[top + y], slope[(top + y + 1) % height]
        for x in range(width):
            left, right = here[x - 1 if x > 0 else width - 1], here[x + 1 if x + 1 < width else 0]
            xs[y, x] += strength_x * (right - left)
            ys[y, x] += strength_y * (below[x] - above[x])


@node(carries="mix", weights=lambda: Weights({"x": 0.5, "y": 0.5}, exact=False))
def to_flow(
    x: Gray,
    y: Gray,
    amount: Annotated[float, Range(-1.0, 1.0, "of the tile")] = 0.05,
) -> Flow:
    """Two pictures as a field of offsets: 0.5 stays, 0 and 1 move by half of `amount` either way.

    Connected to the offset of a noise or a pattern it bends that before it is made, so that lines stay sharp.
    """
    return np.stack([(x - f32(0.5)) * f32(amount), (y - f32(0.5)) * f32(amount)], axis=2)


class FlowParts(NamedTuple):
    x: Gray
    y: Gray


@node(carries="tone")
def split_flow(flow: Flow) -> FlowParts:
    """The two parts of a field of offsets as pictures of their own: to the right and down, in fractions of the tile.

    Of the `uv` of bricks or regions they are how far across and how far down in its brick a pixel lies.
    """
    return FlowParts(np.ascontiguousarray(flow[..., 0]), np.ascontiguousarray(flow[..., 1]))


WARP_SCALE = 1 / 256


@node(reach=lambda intensity: 64 * abs(intensity), here=("mask",), carries="mix", steers=("slope",))
def warp(
    band: Band,
    image: Image,
    slope: Gray,
    intensity: Annotated[float, Range(-64.0, 64.0)] = 0.5,
    mask: Gray | None = None,
) -> Image:
    """Push a picture along the slope of another, as if seen through uneven glass.

    Parameters
    ----------
    intensity : shift in 1/256 of the tile where the slope rises by 1 over the tile
    mask : scales the result from 0, the input, to 1
    """
    ys, xs = places(band.height, band.width, band.top, band.bottom)
    # A central difference over two pixels, per tile of `width` pixels, into pixels.
    strength = intensity * WARP_SCALE * band.width * band.width / 2
    _along_slope(slope, band.top, ys, xs, f32(strength), f32(strength))
    out = sample(image, ys, xs, band.like(image))
    return mix_in(image[band.top : band.bottom], out, mask)


@inline
def on_torus(place, size):
    """Return the pixel at or below a place, the next one, and the share of that, on the torus."""
    low = np.floor(place)
    at = np.int32(low)
    if at < 0 or at >= size:
        at = at % size
    after = at + 1 if at + 1 < size else 0
    return np.uint32(at), np.uint32(after), place - low


@kernel
def _push(image, amount, base, top, move_x, move_y, out):
    """Write each pixel from where `amount` times the move leads; image is (H, W * c)."""
    height = image.shape[0]
    width, channels = out.shape[1], out.shape[2]
    for y in range(out.shape[0]):
        row = amount[y]
        for c in range(channels):
            for x in range(width):
                push = row[x] - base
                left, right, part_x = on_torus(f32(np.int32(x)) + push * move_x, width)
                left, right = left * np.uint32(channels) + np.uint32(c), right * np.uint32(channels) + np.uint32(c)
                if move_y == 0:
                    here = image[top + y]
                    out[y, x, c] = here[left] + part_x * (here[right] - here[left])
                else:
                    above, below, part_y = on_torus(f32(np.int32(top + y)) + push * move_y, height)
                    upper = image[above, left] + part_x * (image[above, right] - image[above, left])
                    lower = image[below, left] + part_x * (image[below, right] - image[below, left])
                    out[y, x, c] = upper + part_y * (lower - upper)


@node(reach=lambda intensity: abs(intensity) + 1, here=("intensity_map",), carries="mix", steers=("intensity_map",))
def directional_warp(
    band: Band,
    image: Image,
    intensity_map: Gray | None = None,
    intensity: Annotated[float, Length(-1.0, 1.0)] = 0.02,
    angle: Annotated[float, Angle()] = 0.0,
    centred: bool = False,
) -> Image:
    """Push a picture in one direction, by as much as a map says.

    Parameters
    ----------
    intensity : the shift where the map is 1, as a fraction of the tile
    angle : where the picture's content comes from: 0 from the right, 90 from below
    centred : whether 0.5 in the map stays and 0 pushes the other way
    """
    amount = np.ones((band.rows, band.width), np.float32) if intensity_map is None else intensity_map
    base = f32(0.5 if centred and intensity_map is not None else 0.0)
    move_x, move_y = f32(_snapped(intensity * math.cos(angle))), f32(_snapped(intensity * math.sin(angle)))
    out = band.like(image)
    channels = image.size // (band.height * band.width)
    source = image.reshape(band.height, -1)
    _push(source, amount, base, band.top, move_x, move_y, out.reshape(band.rows, band.width, channels))
    return out


def _snapped(shift: float) -> float:
    """Return a shift without the last digits of a cosine: 90 degrees moves nothing sideways."""
    return round(shift, 5)


@node(reach=lambda amount: abs(amount) * 4096, here=("flow",), carries="mix", steers=("flow",))
def vector_warp(
    band: Band,
    image: Image,
    flow: Flow,
    amount: Annotated[float, Range(-4.0, 4.0)] = 1.0,
) -> Image:
    """Push a picture along a field of offsets.

    Parameters
    ----------
    flow : where each pixel asks, from itself, in fractions of the tile
    amount : times the field
    """
    ys, xs = places(band.height, band.width, band.top, band.bottom)
    xs += flow[..., 0] * f32(amount * band.width)
    ys += flow[..., 1] * f32(amount * band.height)
    return sample(image, ys, xs, band.like(image))


def closing_matrix(columns: int, rows: int, rotation: float, tile_safe: bool) -> np.ndarray:
    """Return the matrix from places in the result to places in the picture, both in tiles."""
    cosine, sine = math.cos(rotation), math.sin(rotation)
    matrix = np.array([[columns * cosine, -columns * sine], [rows * sine, rows * cosine]])
    return np.round(matrix) if tile_safe and _rank(np.round(matrix)) else matrix


def _rank(matrix: np.ndarray) -> bool:
    return abs(float(np.linalg.det(matrix))) > 1e-6


def shrunk(
    band: Band, image: np.ndarray, columns: int, rows: int, rotation: float, tile_safe: bool
) -> np.ndarray | None:
    """Return the picture averaged to the size it will be seen at, None where it is not made smaller."""
    matrix = closing_matrix(columns, rows, rotation, tile_safe)
    shrink = np.hypot(matrix[:, 0], matrix[:, 1])
    if max(shrink) <= 1 + 1e-6:
        return None
    height, width = image.shape[:2]
    return averaged(image, max(1, round(height / max(1.0, shrink[1]))), max(1, round(width / max(1.0, shrink[0]))))


@node(reach=lambda: 1 << 20, prepare=shrunk, carries="mix", bound=0.05)
def transform(
    band: Band,
    image: Image,
    columns: Annotated[int, Range(1, 32)] = 1,
    rows: Annotated[int, Range(1, 32)] = 1,
    rotation: Annotated[float, Angle()] = 0.0,
    x: Annotated[float, Range(-1.0, 1.0, "of the tile")] = 0.0,
    y: Annotated[float, Range(-1.0, 1.0, "of the tile")] = 0.0,
    mirror_x: bool = False,
    mirror_y: bool = False,
    tile_safe: bool = True,
    prepared: np.ndarray | None = None,
) -> Image:
    """Repeat, turn, mirror and shift a picture.

    A turned tile meets its own border only for some combinations of angle and size. With `tile_safe` the nearest such
    combination is taken: the matrix is rounded to whole numbers, so that with one copy a quarter turn stays a
    quarter turn and 45 degrees come with a little scaling. Smaller copies are averaged, not skipped over.

    Parameters
    ----------
    columns, rows : copies side by side
    rotation : counter-clockwise
    x, y : shift to the right and down
    tile_safe : whether the result must meet its own border
    """
    ys, xs = places(band.height, band.width, band.top, band.bottom)
    source = image if prepared is None else prepared
    matrix = closing_matrix(columns, rows, rotation, tile_safe)
    signs = np.array([-1.0 if mirror_x else 1.0, -1.0 if mirror_y else 1.0])
    matrix = matrix * signs[:, None]
    # Turns and mirrors are about the middle of the tile; plain copies start at its corner.
    plain = bool((matrix == np.abs(np.diag(np.diag(matrix)))).all())
    middle = np.array([0.0, 0.0] if plain else [0.5, 0.5])
    start = middle - matrix @ (middle + np.array([x, y]))
    size = np.array([source.shape[1], source.shape[0]])
    scale = (matrix * size[:, None]) / np.array([band.width, band.height])
    shift = start * size + scale @ np.array([0.5, 0.5]) - 0.5
    source_x = xs * f32(scale[0, 0]) + ys * f32(scale[0, 1]) + f32(_snapped(shift[0]))
    source_y = xs * f32(scale[1, 0]) + ys * f32(scale[1, 1]) + f32(_snapped(shift[1]))
    return sample(source, source_y, source_x, band.like(image))
