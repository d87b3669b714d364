"""Filters: each pixel from its neighbours."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from nodes.declare import Band, Gray, Image, Length, Range, node
from nodes.kernels import f32, inline, kernel
from nodes.kernels.pointwise import mix_in
from nodes.kernels.smooth import NARROW, Small, blur_rows, enlarged, shrunk, taps


def _shrunk_if_wide(band: Band, image: np.ndarray, radius: float) -> Small | None:
    return shrunk(band, image, radius) if radius > NARROW else None


@node(reach=lambda radius: 4 * radius, here=("mask",), prepare=_shrunk_if_wide, carries="mix")
def blur(
    band: Band,
    image: Image,
    radius: Annotated[float, Length(0.0, 0.1)] = 0.004,
    mask: Gray | None = None,
    prepared: Small | None = None,
) -> Image:
    """Gaussian blur on the torus, at a cost per pixel that does not grow with the radius.

    Parameters
    ----------
    radius : its standard deviation, as a fraction of the tile
    mask : 0 keeps the input, 1 takes the blur
    """
    out = band.like(image)
    sharp = image[band.top : band.bottom]
    if prepared is not None:
        enlarged(prepared, band.height, band.width, band.top, out)
    elif radius < 0.05:  # of a pixel: nothing to be seen
        np.copyto(out, sharp)
    else:
        weights = taps(radius)
        blur_rows(image, weights, weights, band.top, out)
    return mix_in(sharp, out, mask)


def gradient(image: np.ndarray, band: Band) -> np.ndarray:
    """Return the slope of a picture, (H, W, 2): x and y, per tile width, by central differences on the torus."""
    height, width = image.shape
    flow = np.empty((height, width, 2), np.float32)

    def work(top: int, bottom: int) -> None:
        _gradient(image, top, flow[top:bottom], f32(width / 2))

    band.each(work)
    return flow


STEEPEST = f32(1e9)


@kernel
def _gradient(image, top, flow, scale):
    height, width = image.shape
    for y in range(flow.shape[0]):
        above, here, below = image[(top + y - 1) % height], image[top + y], image[(top + y + 1) % height]
        for x in range(width):
            left, right = here[x - 1 if x > 0 else width - 1], here[x + 1 if x + 1 < width else 0]
            # In this order no number is a slope too, and whoever walks along it stays on the tile.
            flow[y, x, 0] = min(max(-STEEPEST, (right - left) * scale), STEEPEST)
            flow[y, x, 1] = min(max(-STEEPEST, (below[x] - above[x]) * scale), STEEPEST)


def _slope(band: Band, slope: np.ndarray) -> np.ndarray:
    return gradient(slope, band)


@inline
def corners(place_y, place_x, height, width):
    """Return the four pixels about a place at most a tile away, and the place's share of the lower right ones."""
    low_y, low_x = np.floor(place_y), np.floor(place_x)
    y0, x0 = np.int32(low_y), np.int32(low_x)
    y0 = y0 + height if y0 < 0 else (y0 - height if y0 >= height else y0)
    x0 = x0 + width if x0 < 0 else (x0 - width if x0 >= width else x0)
    y1, x1 = y0 + 1 if y0 + 1 < height else 0, x0 + 1 if x0 + 1 < width else 0
    return np.uint32(y0), np.uint32(y1), np.uint32(x0), np.uint32(x1), place_y - low_y, place_x - low_x


@kernel
def _walk(flow, ys, xs, step, limit):
    """Move the places of a row one step along the slope; places stay on the tile."""
    height, width = flow.shape[0], flow.shape[1]
    for x in range(xs.size):
        y0, y1, x0, x1, part_y, part_x = corners(ys[x], xs[x], height, width)
        up = flow[y0, x0, 0] + part_x * (flow[y0, x1, 0] - flow[y0, x0, 0])
        down = flow[y1, x0, 0] + part_x * (flow[y1, x1, 0] - flow[y1, x0, 0])
        move_x = (up + part_y * (down - up)) * step
        up = flow[y0, x0, 1] + part_x * (flow[y0, x1, 1] - flow[y0, x0, 1])
        down = flow[y1, x0, 1] + part_x * (flow[y1, x1, 1] - flow[y1, x0, 1])
        move_y = (up + part_y * (down - up)) * step
        scale = limit / max(np.sqrt(move_x * move_x + move_y * move_y), limit)
        place_y, place_x = ys[x] + move_y * scale, xs[x] + move_x * scale
        place_y = place_y + height if place_y < 0 else (place_y - height if place_y >= height else place_y)
        place_x = place_x + width if place_x < 0 else (place_x - width if place_x >= width else place_x)
        ys[x], xs[x] = place_y, place_x


@kernel
def _gather(image, channel, ys, xs, mode, out):
    """Take what the places of a row meet into its running sum, minimum or maximum."""
    height, width = image.shape[0], image.shape[1]
    for x in range(xs.size):
        y0, y1, x0, x1, part_y, part_x = corners(ys[x], xs[x], height, width)
        up = image[y0, x0, channel] + part_x * (image[y0, x1, channel] - image[y0, x0, channel])
        down = image[y1, x0, channel] + part_x * (image[y1, x1, channel] - image[y1, x0, channel])
        value = up + part_y * (down - up)
        if mode == 0:
            out[x, channel] += value
        elif mode == 1:
            out[x, channel] = min(out[x, channel], value)
        else:
            out[x, channel] = max(out[x, channel], value)


@kernel
def _slope_blur(image, flow, top, step, limit, samples, mode, out, ys, xs):
    """Walk all pixels of a row side by side: one step is independent of its neighbours, the next of it is not."""
    channels = image.shape[2]
    for y in range(out.shape[0]):
        row, here = out[y], image[top + y]
        for x in range(xs.size):
            ys[x], xs[x] = f32(top + y), f32(np.int32(x))
            for c in range(channels):
                row[x, c] = here[x, c]
        for _ in range(samples):
            _walk(flow, ys, xs, step, limit)
            for c in range(channels):
                _gather(image, c, ys, xs, mode, row)
        if mode == 0:
            share = f32(1) / f32(samples + 1)
            for x in range(xs.size):
                for c in range(channels):
                    row[x, c] *= share


SLOPE_SCALE = 1 / 256
SLOPE_MODES = ("average", "minimum", "maximum")


@node(
    reach=1,
    here=("mask",),
    prepare=_slope,
    carries="mix",
    steers=("slope",),
    linear={"mode": "average"},
    scratch=8.5,
)
def slope_blur(
    band: Band,
    image: Image,
    slope: Gray,
    intensity: Annotated[float, Range(-32.0, 32.0)] = 0.5,
    samples: Annotated[int, Range(1, 32)] = 8,
    mode: Literal["average", "minimum", "maximum"] = "average",
    mask: Gray | None = None,
    prepared: np.ndarray | None = None,
) -> Image:
    """Smear a picture up or down the slope of another: chipped edges, worn paint, running dirt.

    Each pixel walks `samples` steps along the gradient of `slope` and takes the mean, the lowest or the highest of
    what it meets. Minimum eats into edges, maximum swells them. Flat slope changes nothing.

    Parameters
    ----------
    intensity : length of the walk, in 1/256 of the tile for a slope that rises by 1 over the tile; below 0 downhill
    samples : steps of the walk
    mask : 0 keeps the input, 1 takes the result
    """
    assert prepared is not None
    out = band.like(image)
    height, width = image.shape[:2]
    # Slope per tile, times the scale, is in tiles; a step of more than 1/64 of the tile would streak at edges.
    step = f32(intensity / samples * SLOPE_SCALE * width)
    # No step may be longer than the tile is high either: places are brought back by one tile.
    limit = f32(min(width / 64, height))
    channels = image.size // (height * width)
    _slope_blur(
        image.reshape(height, width, channels),
        prepared,
        band.top,
        step,
        limit,
        samples,
        SLOPE_MODES.index(mode),
        out.reshape(band.rows, width, channels),
        np.empty(width, np.float32),
        np.empty(width, np.float32),
    )
    return mix_in(image[band.top : band.bottom], out, mask)
