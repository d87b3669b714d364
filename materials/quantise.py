"""From float pictures to a file's own codes: once, at the door."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from materials.pictures import linear_to_srgb
from nodes.kernels import f32, kernel

TABLE = 16384
"""Entries of the sRGB table: with interpolation it is exact to 2e-6, an eighth of a 16-bit code."""


@lru_cache(maxsize=1)
def _srgb_table() -> np.ndarray:
    return linear_to_srgb(np.linspace(0, 1, TABLE + 1)).astype(np.float32)


@kernel
def _quantise(source, component, target, channel, table, encode, scale, sign, offset, dither, top, stream):
    """Write one component of `source` (h, w, c) as codes into one channel of `target` (h, w, k)."""
    rows, columns, components = source.shape
    channels = target.shape[2]
    for y in range(rows):
        line = source[y].reshape(columns * components)
        codes = target[y].reshape(columns * channels)
        for x in range(columns):
            value = min(max(sign * line[x * components + component] + offset, f32(0)), f32(1))
            if encode:
                place = value * f32(16384)
                low = min(np.int32(place), np.int32(16383))
                value = table[low] + (place - f32(low)) * (table[low + 1] - table[low])
            bias = f32(0.5)
            if dither:
                # Interleaved gradient noise (Jimenez 2014): neighbours differ as much as they can. Kept off 0 and 1,
                # so that a value that is a code stays that code.
                inner = f32(0.06711056) * f32(x) + f32(0.00583715) * f32(y + top) + stream
                noise = f32(52.9829189) * (inner - np.floor(inner))
                bias = f32(0.02) + f32(0.96) * (noise - np.floor(noise))
            codes[x * channels + channel] = np.int32(value * scale + bias)


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
    source : float32 `(h, w)` or `(h, w, c)`; values outside 0 to 1 are clipped for whole-number targets.
    target : `(h, w)` or `(h, w, k)` of uint8, uint16, float16 or float32; the same rows.
    srgb : encode as sRGB first. invert : one minus the value.
    dither : spread the rounding error over neighbours, for 8 bit; a value that is a code stays exact.
    top : row of the band in the picture, which the dither pattern depends on.
    """
    if source.ndim == 2:
        source = source[..., None]
    if target.ndim == 2:
        target = target[..., None]
    if target.dtype.kind == "f":
        values = source[..., component]
        target[..., channel] = 1 - values if invert else values
        return
    sign, offset = (f32(-1), f32(1)) if invert else (f32(1), f32(0))
    _quantise(
        source,
        component,
        target,
        channel,
        _srgb_table(),
        srgb,
        f32(np.iinfo(target.dtype).max),
        sign,
        offset,
        dither,
        top,
        f32(0.376 * channel),
    )
