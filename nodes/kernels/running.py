"""What runs along a direction and dies away: the maximum of all that lies before, each less the farther it is."""

from __future__ import annotations

import numpy as np

from nodes.declare import Band
from nodes.kernels.compile import f32, kernel

DIRECTIONS = ("down", "up", "right", "left")


def along(image: np.ndarray, direction: str) -> np.ndarray:
    """Return a picture whose columns run along a direction (or back from it): transposed for left and right."""
    return np.ascontiguousarray(image.T) if direction in ("right", "left") else np.ascontiguousarray(image)


@kernel
def _run(source, decay, start, stop, up, value, age):
    """Write columns `start` to `stop`, twice round, so that what leaves at the end comes in again at the start."""
    height, even = source.shape[0], decay.shape[0] == 1
    for lap in range(2):
        for k in range(height):
            y = height - 1 - k if up else k
            before = (y + 1 if y + 1 < height else 0) if up else (y - 1 if y > 0 else height - 1)
            row, to, old = source[y, start:stop], value[y, start:stop], age[y, start:stop]
            fall = decay[0 if even else y, start:stop]
            if lap == 0 and k == 0:
                for x in range(to.size):
                    to[x] = row[x]
                    old[x] = f32(0)
                continue
            last, steps = value[before, start:stop], age[before, start:stop]
            for x in range(to.size):
                rest = last[x] - fall[x]
                fresh = row[x] >= rest
                to[x] = row[x] if fresh else rest
                old[x] = f32(0) if fresh else steps[x] + f32(1)


@kernel
def _carried(image, drift, back, out):
    """Write rows of a picture read sideways off by `drift` pixels; or, with `back`, read where that came from."""
    width = image.shape[1]
    for y in range(out.shape[0]):
        row, shift, to = image[y], drift[y], out[y]
        for x in range(to.size):
            place = f32(x)
            if back:
                # The place whose drift leads here: three steps towards it.
                for _ in range(3):
                    low = np.floor(place)
                    i = np.int64(low) % width
                    j = i + 1 if i + 1 < width else 0
                    place = f32(x) - (shift[i] + (place - low) * (shift[j] - shift[i]))
            else:
                place += shift[x]
            low = np.floor(place)
            i = np.int64(low) % width
            j = i + 1 if i + 1 < width else 0
            to[x] = row[i] + (place - low) * (row[j] - row[i])


def carried(band: Band, image: np.ndarray, drift: np.ndarray | None, back: bool = False) -> np.ndarray:
    """Return a picture with what has drifted sideways put straight, or, with `back`, put where it has drifted to.

    drift : pixels to the right that what runs has been carried by, at each pixel; None for not at all.
    """
    if drift is None:
        return image
    out = np.empty_like(image)

    def work(top: int, bottom: int) -> None:
        here = parts(image.shape[0], band.height, top, bottom)
        _carried(image[here], drift[here], back, out[here])

    band.each(work)
    return out


def parts(size: int, height: int, top: int, bottom: int) -> slice:
    """Return the share of `size` rows or columns that a band of a picture's rows has."""
    return slice(top * size // height, bottom * size // height)


def running_maximum(band: Band, source: np.ndarray, decay: np.ndarray, up: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the running maximum down (or up) the columns of a picture, and how many pixels back it comes from.

    decay : what is lost at each pixel, above 0; one row for all, or as many as the source has.
    """
    value, age = np.empty_like(source), np.empty_like(source)

    def work(top: int, bottom: int) -> None:
        here = parts(source.shape[1], band.height, top, bottom)
        _run(source, decay, here.start, here.stop, up, value, age)

    band.each(work)
    return value, age
