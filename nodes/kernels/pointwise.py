"""Pixel by pixel: mixing by a mask, looking up in a table."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, kernel

TABLE = 4096
"""Entries of a table that a float picture is looked up in, with interpolation between them."""


@kernel
def _mix(before, after, mask, amount, channels):
    for i in range(mask.size):
        weight = mask[i] * amount
        for c in range(channels):
            at = i * channels + c
            after[at] = before[at] + (after[at] - before[at]) * weight


@kernel
def _mix_evenly(before, after, amount):
    for i in range(after.size):
        after[i] = before[i] + (after[i] - before[i]) * amount


def mix_in(before: np.ndarray, after: np.ndarray, mask: np.ndarray | None, amount: float = 1.0) -> np.ndarray:
    """Return `after` where `mask` times `amount` is 1, `before` where it is 0; `after` is written over.

    before, after : (h, w) or (h, w, c); mask : (h, w) or None for 1 everywhere.
    """
    if mask is not None:
        channels = after.size // max(mask.size, 1)
        _mix(before.reshape(-1), after.reshape(-1), mask.reshape(-1), f32(amount), channels)
    elif amount != 1:
        _mix_evenly(before.reshape(-1), after.reshape(-1), f32(amount))
    return after


@kernel
def _look_up(image, table, out):
    last = f32(table.shape[0] - 1)
    end = np.int32(table.shape[0] - 2)
    channels = table.shape[1]
    for i in range(image.size):
        place = min(max(image[i], f32(0)), f32(1)) * last
        low = min(np.int32(place), end)
        share = place - f32(low)
        for c in range(channels):
            out[i * channels + c] = table[low, c] + share * (table[low + 1, c] - table[low, c])


def look_up(image: np.ndarray, table: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return the table's values at a picture's, 0 the first entry and 1 the last, interpolated linearly.

    image : (h, w) or (h, w, c); table : (n, k) float32; out : as many values as image times k, written over.
    """
    _look_up(image.reshape(-1), table, out.reshape(-1))
    return out
