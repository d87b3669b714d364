"""Painting regions: what a region's row of the table says, written to its pixels.

Labels come in runs, so what is costly is worked out where the label changes.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.hash import hash32

FIXED = 1 << 20
"""Steps of a whole that sums are counted in: sums of whole numbers do not depend on the order of adding."""


@inline
def _random_of(id, seed):
    """Return a region's number in [0, 1) in a stream."""
    return f32(np.float64(hash32(id, 0, seed) >> 8) * (1.0 / 16777216.0))


@kernel
def paint_random(labels, ids, seed, low, high, background, out):
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        last, value = 0, background
        for x in range(row.size):
            label = row[x]
            if label != last:
                last = label
                value = low + _random_of(ids[label - 1], seed) * (high - low) if label else background
            to[x] = value


@kernel
def paint_color(labels, ids, seeds, base, spread, to_root, from_cone, background, out):
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        last, r, g, b = 0, background[0], background[1], background[2]
        for x in range(row.size):
            label = row[x]
            if label != last:
                last = label
                r, g, b = background[0], background[1], background[2]
                if label:
                    id = ids[label - 1]
                    light = max(base[0] + spread[0] * (_random_of(id, seeds[0]) - f32(0.5)), f32(0))
                    chroma = base[1] * max(f32(1) + spread[1] * (_random_of(id, seeds[1]) - f32(0.5)), f32(0))
                    hue = base[2] + spread[2] * (_random_of(id, seeds[2]) - f32(0.5))
                    u, v = chroma * f32(np.cos(np.float64(hue))), chroma * f32(np.sin(np.float64(hue)))
                    p = (to_root[0, 0] * light + to_root[0, 1] * u + to_root[0, 2] * v) ** 3
                    q = (to_root[1, 0] * light + to_root[1, 1] * u + to_root[1, 2] * v) ** 3
                    s = (to_root[2, 0] * light + to_root[2, 1] * u + to_root[2, 2] * v) ** 3
                    r = max(from_cone[0, 0] * p + from_cone[0, 1] * q + from_cone[0, 2] * s, f32(0))
                    g = max(from_cone[1, 0] * p + from_cone[1, 1] * q + from_cone[1, 2] * s, f32(0))
                    b = max(from_cone[2, 0] * p + from_cone[2, 1] * q + from_cone[2, 2] * s, f32(0))
            to[x, 0], to[x, 1], to[x, 2] = r, g, b


@kernel
def paint_gradient(labels, ids, boxes, seed, angle, spread, top, height, width, out):
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        last, right, down, middle, away = 0, f32(0), f32(0), f32(0), f32(0)
        for x in range(row.size):
            label = row[x]
            if label == 0:
                to[x] = f32(0)
                continue
            if label != last:
                last = label
                box = boxes[label - 1]
                turn = angle + spread * (_random_of(ids[label - 1], seed) - f32(0.5))
                cosine, sine = f32(np.cos(np.float64(turn))), f32(-np.sin(np.float64(turn)))
                extent = max(abs(cosine) * box[2] * width + abs(sine) * box[3] * height, f32(1))
                right, down = cosine * width / extent, sine * height / extent
                middle = box[0] + f32(0.5) * box[2]
                away = (f32(top + y) + f32(0.5)) / height - (box[1] + f32(0.5) * box[3])
                away -= np.floor(away + f32(0.5))
            across = (f32(x) + f32(0.5)) / width - middle
            across -= np.floor(across + f32(0.5))
            to[x] = min(max(f32(0.5) + across * right + away * down, f32(0)), f32(1))


@kernel
def paint_values(labels, values, out):
    """Write each label's value; `values` (count + 1,) starts with that of the background."""
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        for x in range(row.size):
            to[x] = values[row[x]]


@kernel
def paint_vectors(labels, values, out):
    """Write each label's vector; `values` (count + 1, c) starts with that of the background."""
    channels = values.shape[1]
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        for x in range(row.size):
            label = row[x]
            for c in range(channels):
                to[x, c] = values[label, c]


@kernel
def paint_places(labels, boxes, top, height, width, out):
    """Write where in its region's box each pixel lies, x and y from 0 to 1."""
    for y in range(labels.shape[0]):
        row, to = labels[y], out[y]
        v = (f32(top + y) + f32(0.5)) / height
        last, left, scale, down = 0, f32(0), f32(0), f32(0)
        for x in range(row.size):
            label = row[x]
            if label == 0:
                to[x, 0] = f32(0)
                to[x, 1] = f32(0)
                continue
            if label != last:
                last = label
                box = boxes[label - 1]
                left, scale = box[0], f32(1) / box[2]
                down = v - box[1]
                down = min((down - np.floor(down)) / box[3], f32(1))
            across = (f32(x) + f32(0.5)) / width - left
            to[x, 0] = min((across - np.floor(across)) * scale, f32(1))
            to[x, 1] = down


@kernel
def add_up(labels, image, sums):
    """Add a picture's values (h, W, c), in steps of 1 / FIXED, to its labels' sums (count + 1, c), int64."""
    channels = image.shape[2]
    for y in range(labels.shape[0]):
        row, values = labels[y], image[y]
        for x in range(row.size):
            label = row[x]
            for c in range(channels):
                value = min(max(values[x, c], f32(-65504)), f32(65504))
                sums[label, c] += np.int64(np.rint(np.float64(value) * FIXED))


__all__ = [
    "FIXED",
    "add_up",
    "paint_color",
    "paint_gradient",
    "paint_places",
    "paint_random",
    "paint_values",
    "paint_vectors",
]
