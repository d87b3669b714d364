"""Pixel by pixel: mixing by a mask, looking up in a table."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel

TABLE = 4096
"""Entries of a table that a float picture is looked up in, with interpolation between them."""


@kernel
def _mix(before, after, mask, amount):
    for i in range(mask.size):
        weight = mask[i] * amount
        after[i] = before[i] * (f32(1) - weight) + after[i] * weight  # exact at 0 and at 1


@kernel
def _mix_color(before, after, mask, amount):
    for i in range(mask.size):
        weight = mask[i] * amount
        rest = f32(1) - weight
        after[i, 0] = before[i, 0] * rest + after[i, 0] * weight
        after[i, 1] = before[i, 1] * rest + after[i, 1] * weight
        after[i, 2] = before[i, 2] * rest + after[i, 2] * weight


@kernel
def _mix_evenly(before, after, amount):
    for i in range(after.size):
        after[i] = before[i] + (after[i] - before[i]) * amount


def mix_in(before: np.ndarray, after: np.ndarray, mask: np.ndarray | None, amount: float = 1.0) -> np.ndarray:
    """Return `after` where `mask` times `amount` is 1, `before` where it is 0; `after` is written over.

    before, after : (h, w) or (h, w, 3); mask : (h, w) or None for 1 everywhere.
    """
    if amount == 0:
        np.copyto(after, before)
    elif mask is not None and after.ndim == 3:
        _mix_color(before.reshape(-1, 3), after.reshape(-1, 3), mask.reshape(-1), f32(amount))
    elif mask is not None:
        _mix(before.reshape(-1), after.reshape(-1), mask.reshape(-1), f32(amount))
    elif amount != 1:
        _mix_evenly(before.reshape(-1), after.reshape(-1), f32(amount))
    return after


def covered(mask: np.ndarray | None, amount: float = 1.0) -> tuple[np.ndarray | float, bool]:
    """Return how much of each pixel `mix_in` takes from `after`, within 0 to 1, and whether it was so unclipped."""
    weight = f32(amount) if mask is None else mask * f32(amount)
    shown = np.clip(weight, f32(0), f32(1))
    return shown, bool(np.all(shown == weight))


@inline
def place_in(value, entries):
    """Return the entry at or below a value from 0 to 1, unsigned so that reads are vectorised, and the rest."""
    place = min(max(f32(0), value), f32(1)) * f32(entries - 1)  # in this order no number is 0
    low = min(np.int32(place), np.int32(entries - 2))
    return np.uint32(low), place - f32(low)


@kernel
def _look_up(image, table, out):
    for i in range(image.size):
        low, share = place_in(image[i], TABLE)
        first = table[low]
        out[i] = first + share * (table[low + np.uint32(1)] - first)


@kernel
def _look_up_color(image, red, green, blue, out):
    for i in range(image.size):
        low, share = place_in(image[i], TABLE)
        high = low + np.uint32(1)
        out[i, 0] = red[low] + share * (red[high] - red[low])
        out[i, 1] = green[low] + share * (green[high] - green[low])
        out[i, 2] = blue[low] + share * (blue[high] - blue[low])


def look_up(image: np.ndarray, table: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return the table's values at a picture's, 0 the first entry and 1 the last, interpolated linearly.

    image : (h, w) or (h, w, c); table : (TABLE,) float32, or (TABLE, 3) for a gray picture; out : written over.
    """
    if table.ndim == 1:
        _look_up(image.reshape(-1), table, out.reshape(-1))
    else:
        columns = np.ascontiguousarray(table.T)
        _look_up_color(image.reshape(-1), columns[0], columns[1], columns[2], out.reshape(-1, 3))
    return out


@kernel
def _look_up_between(image, low, factor, table, out):
    for i in range(image.size):
        place, share = place_in((image[i] - low) * factor, np.int32(table.size))
        first = table[place]
        out[i] = first + share * (table[place + np.uint32(1)] - first)


def look_up_between(image: np.ndarray, low: float, high: float, table: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return the table's values at a picture's, `low` the first entry and `high` the last, interpolated linearly.

    image : (h, w); table : float32, at least two entries; out : (h, w), written over.
    """
    factor = min(1 / (high - low), 1e30) if high > low else 0.0
    _look_up_between(image.reshape(-1), f32(low), f32(factor), table, out.reshape(-1))
    return out


@kernel
def _count(image, low, factor, counts):
    last = f32(counts.size - 1)
    for i in range(image.size):
        # The 0 comes first, so that what is no number counts as 0 and not as a place outside the table.
        place = np.int32(min(max(f32(0), (image[i] - low) * factor), last))
        counts[np.uint32(place)] += np.uint32(1)


def count_tones(image: np.ndarray, low: float, high: float, bins: int) -> np.ndarray:
    """Return how many pixels lie in each of `bins` even parts of the tones from `low` to `high`."""
    counts = np.zeros(bins, np.uint32)
    _count(image.reshape(-1), f32(low), f32(min(bins / (high - low), 1e30)), counts)
    return counts
