"""From float pictures to a file's own codes: once, at the door."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nodes.kernels import f32, inline, kernel

LARGEST_HALF = 65504.0


@inline
def _encoded(value: np.float32) -> np.float32:
    """Return the sRGB encoding of a number from 0 to 1, exact to a thirtieth of a 16-bit code.

    The power 5/12 is a polynomial in the fourth root, since square roots are exact and quick on every processor.
    """
    root = np.sqrt(np.sqrt(value))
    power = f32(0.35894638) - f32(0.06799226) * root
    power = f32(-0.83378655) + power * root
    power = f32(1.1465150) + power * root
    power = f32(-1.1208492) + power * root
    power = f32(1.4502420) + power * root
    power = f32(0.12550609) + power * root
    power = f32(-0.05858168) + power * root
    return value * f32(12.92) if value <= f32(0.0031308) else power


@kernel
def _quantise(
    source: np.ndarray,
    component: int,
    target: np.ndarray,
    channel: int,
    encode: bool,
    scale: float,
    sign: float,
    offset: float,
    biases: np.ndarray,
) -> None:
    """Write one component of `source` (h, w, c) as codes into one channel of `target` (h, w, k).

    biases (h or 1, w) are added before the fraction is cut off: 0.5 everywhere rounds.
    """
    rows, columns, components = source.shape
    channels = target.shape[2]
    values, numbers = np.empty(columns, np.float32), np.empty(columns, np.int32)
    # Strides keep a loop from being vectorised, so those that have some do nothing else.
    for y in range(rows):
        line = source[y].reshape(columns * components)
        codes = target[y].reshape(columns * channels)
        bias = biases[y % biases.shape[0]]
        at = np.uint64(component)
        for x in range(values.size):
            values[x] = line[at]
            at += np.uint64(components)
        for x in range(values.size):
            value = sign * values[x] + offset
            value = value if value > f32(0) else f32(0)  # NaN becomes 0 here
            values[x] = value if value < f32(1) else f32(1)
        if encode:
            for x in range(values.size):
                values[x] = _encoded(values[x])
        for x in range(values.size):
            numbers[x] = np.int32(values[x] * scale + bias[x])
        at = np.uint64(channel)
        for x in range(numbers.size):
            codes[at] = numbers[x]
            at += np.uint64(channels)


@kernel
def _dither_rows(biases: np.ndarray, top: int, stream: float) -> None:
    """Fill rows with interleaved gradient noise (Jimenez 2014): neighbours differ as much as they can."""
    for y in range(biases.shape[0]):
        line = biases[y]
        down = f32(0.00583715) * f32(y + top) + stream
        for x in range(line.size):
            inner = f32(0.06711056) * f32(x) + down
            noise = f32(52.9829189) * (inner - np.floor(inner))
            # Kept off 0 and 1, so that a value that is a code stays that code.
            line[x] = f32(0.02) + f32(0.96) * (noise - np.floor(noise))


@lru_cache(maxsize=4)
def _rounding(width: int) -> np.ndarray:
    return np.full((1, width), 0.5, np.float32)


def quantise(
    source: np.ndarray,
    component: int,
    target: np.ndarray,
    channel: int,
    *,
    srgb: bool = False,
    invert: bool = False,
    dither: bool = False,
    top: int = 0,
) -> None:
    """Write one component of a band into one channel of a file's buffer.

    Parameters
    ----------
    source : float32 `(h, w)` or `(h, w, c)`; values outside 0 to 1 are clipped for whole-number targets, NaN is 0.
    target : `(h, w)` or `(h, w, k)` of uint8, uint16, float16 or float32; the same rows, C-contiguous.
    srgb : encode as sRGB first. invert : one minus the value.
    dither : spread the rounding error over neighbours, for 8 bit; a value that is a code stays exact.
    top : row of the band in the picture, which the dither pattern depends on.

    Raises
    ------
    ValueError
        If the two differ in size or lack the component or channel; the kernel itself checks nothing.
    """
    source = source[..., None] if source.ndim == 2 else source
    target = target[..., None] if target.ndim == 2 else target
    if source.shape[:2] != target.shape[:2]:
        raise ValueError(f"a band of {source.shape[:2]} does not fit a file's {target.shape[:2]}")
    if not (0 <= component < source.shape[2] and 0 <= channel < target.shape[2]):
        raise ValueError(f"there is no component {component} or no channel {channel}")
    if target.dtype.kind == "f":
        values = source[..., component]
        values = 1 - values if invert else values
        target[..., channel] = np.clip(values, -LARGEST_HALF, LARGEST_HALF) if target.dtype == np.float16 else values
        return
    biases = _rounding(target.shape[1])
    if dither:
        biases = np.empty(target.shape[:2], np.float32)
        _dither_rows(biases, top, f32(0.376 * channel))
    sign, offset = (f32(-1), f32(1)) if invert else (f32(1), f32(0))
    scale = f32(np.iinfo(target.dtype).max)
    source = np.ascontiguousarray(source, np.float32)
    _quantise(source, component, target, channel, srgb, scale, sign, offset, biases)
