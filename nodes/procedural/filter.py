"""Filters: each pixel from its neighbours."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from nodes.declare import Band, Gray, Image, Length, Range, node
from nodes.kernels import f32, kernel
from nodes.kernels.pointwise import mix_in
from nodes.kernels.sampling import wrapped
from nodes.kernels.smooth import NARROW, Small, blur_rows, enlarged, shrunk, taps


def _shrunk_if_wide(band: Band, image: np.ndarray, radius: float) -> Small | None:
    return shrunk(band, image, radius) if radius > NARROW else None


@node(reach=lambda radius: 4 * radius, here=("mask",), prepare=_shrunk_if_wide)
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


@kernel
def _gradient(image, top, flow, scale):
    height, width = image.shape
    for y in range(flow.shape[0]):
        above, here, below = image[(top + y - 1) % height], image[top + y], image[(top + y + 1) % height]
        for x in range(width):
            left, right = here[x - 1 if x > 0 else width - 1], here[x + 1 if x + 1 < width else 0]
            flow[y, x, 0] = (right - left) * scale
            flow[y, x, 1] = (below[x] - above[x]) * scale


def _slope(band: Band, slope: np.ndarray) -> np.ndarray:
    return gradient(slope, band)


@kernel
def _slope_blur(image, flow, top, step, limit, samples, mode, out):
    height, width, channels = image.shape
    for y in range(out.shape[0]):
        for x in range(width):
            place_y, place_x = f32(top + y), f32(x)
            for c in range(channels):
                out[y, x, c] = image[top + y, x, c]
            for _ in range(samples):
                low_y, low_x = np.floor(place_y), np.floor(place_x)
                part_y, part_x = place_y - low_y, place_x - low_x
                y0, x0 = wrapped(np.int64(low_y), height), wrapped(np.int64(low_x), width)
                y1, x1 = y0 + 1 if y0 + 1 < height else 0, x0 + 1 if x0 + 1 < width else 0
                up = flow[y0, x0, 0] + part_x * (flow[y0, x1, 0] - flow[y0, x0, 0])
                down = flow[y1, x0, 0] + part_x * (flow[y1, x1, 0] - flow[y1, x0, 0])
                move_x = (up + part_y * (down - up)) * step
                up = flow[y0, x0, 1] + part_x * (flow[y0, x1, 1] - flow[y0, x0, 1])
                down = flow[y1, x0, 1] + part_x * (flow[y1, x1, 1] - flow[y1, x0, 1])
                move_y = (up + part_y * (down - up)) * step
                length = np.sqrt(move_x * move_x + move_y * move_y)
                if length > limit:
                    move_x, move_y = move_x * limit / length, move_y * limit / length
                place_y, place_x = place_y + move_y, place_x + move_x
                low_y, low_x = np.floor(place_y), np.floor(place_x)
                part_y, part_x = place_y - low_y, place_x - low_x
                y0, x0 = wrapped(np.int64(low_y), height), wrapped(np.int64(low_x), width)
                y1, x1 = y0 + 1 if y0 + 1 < height else 0, x0 + 1 if x0 + 1 < width else 0
                for c in range(channels):
                    up = image[y0, x0, c] + part_x * (image[y0, x1, c] - image[y0, x0, c])
                    down = image[y1, x0, c] + part_x * (image[y1, x1, c] - image[y1, x0, c])
                    value = up + part_y * (down - up)
                    if mode == 0:
                        out[y, x, c] += value
                    elif mode == 1:
                        out[y, x, c] = min(out[y, x, c], value)
                    else:
                        out[y, x, c] = max(out[y, x, c], value)
            if mode == 0:
                for c in range(channels):
                    out[y, x, c] /= f32(samples + 1)


SLOPE_SCALE = 1 / 256
SLOPE_MODES = ("average", "minimum", "maximum")


@node(reach=1, here=("mask",), prepare=_slope, carries="pick")
def slope_blur(
    band: Band,
    image: Image,
    slope: Gray,
    intensity: Annotated[float, Range(-32.0, 32.0)] = 4.0,
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
    limit = f32(width / 64)
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
    )
    return mix_in(image[band.top : band.bottom], out, mask)
