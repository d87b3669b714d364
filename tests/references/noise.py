"""Slow and obvious float64 versions of the noises, on the torus."""

from __future__ import annotations

import numpy as np

from nodes.kernels.hash import hash_array, stream


def places(size, cells):
    """Return the pixel centres along one side, in cells."""
    return (np.arange(size) + 0.5) / size * cells


def fade(t):
    return t**3 * (6 * t**2 - 15 * t + 10)


def octave(height, width, across, down, seed, basis):
    """Return one octave of gradient or value noise, unscaled; `seed` is the octave's own stream."""
    x, y = np.meshgrid(places(width, across), places(height, down))
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = x - left, y - top

    def corner(right, below):
        bits = hash_array((left + right) % across, (top + below) % down, seed)
        if basis == "value":
            return (bits >> 16) / 32767.5 - 1
        angle = np.pi * ((bits & 0xFFFF) / 32768 - 1)
        return np.cos(angle) * (fx - right) + np.sin(angle) * (fy - below)

    upper = corner(0, 0) + fade(fx) * (corner(1, 0) - corner(0, 0))
    lower = corner(0, 1) + fade(fx) * (corner(1, 1) - corner(0, 1))
    return upper + fade(fy) * (lower - upper)


def points(across, down, jitter, seed, rings):
    """Return x, y and tone of every cell's point, with every wrapped copy up to `rings` cells outside."""
    i, j = np.meshgrid(np.arange(-rings, across + rings), np.arange(-rings, down + rings))
    bits = hash_array(i % across, j % down, stream(seed, 0))
    tone = (hash_array(i % across, j % down, stream(seed, 1)) >> 16) / 65536
    x = i + 0.5 + jitter * ((bits & 0xFFFF) / 65536 + 0.5 / 65536 - 0.5)
    y = j + 0.5 + jitter * ((bits >> 16) / 65536 + 0.5 / 65536 - 0.5)
    return x.ravel(), y.ravel(), tone.ravel()


def voronoi(height, width, across, down, jitter, metric, seed, rings=6):
    """Return f1, f2, edge and tone by trying every point of the torus, copies included, at every pixel."""
    px, py, tone = points(across, down, jitter, seed, rings)
    pictures = np.empty((4, height, width))
    for row, y in enumerate(places(height, down)):
        dx, dy = px - places(width, across)[:, None], np.broadcast_to(py - y, (width, py.size))
        lengths = {
            "euclidean": np.hypot(dx, dy),
            "manhattan": abs(dx) + abs(dy),
            "chebyshev": np.maximum(abs(dx), abs(dy)),
        }[metric]
        near = lengths.argmin(axis=1)[:, None]
        pictures[0, row], pictures[1, row] = np.sort(lengths, axis=1)[:, :2].T
        near_x, near_y = np.take_along_axis(dx, near, 1), np.take_along_axis(dy, near, 1)
        apart = np.hypot(dx - near_x, dy - near_y)
        with np.errstate(divide="ignore", invalid="ignore"):
            border = ((dx + near_x) * (dx - near_x) + (dy + near_y) * (dy - near_y)) / (2 * apart)
        pictures[2, row] = np.where(apart > 1e-9, border, np.inf).min(axis=1)
        pictures[3, row] = tone[near[:, 0]]
    return pictures


def simplex_octave(height, width, across, down, seed):
    """Return one octave of simplex noise by adding up every corner of the torus, copies included, at every pixel."""
    total = np.zeros((height, width))
    x, y = np.meshgrid(places(width, across), places(height, down))
    for j in range(-1, down + 1):
        for i in range(-2, across + 2):
            angle = np.pi * ((int(hash_array(i % across, j % down, seed)) & 0xFFFF) / 32768 - 1)
            dx, dy = x - i - (j % 2) / 2, (y - j) * np.sqrt(0.75)
            total += np.maximum(0.75 - dx**2 - dy**2, 0) ** 4 * (np.cos(angle) * dx + np.sin(angle) * dy)
    return total


def white(height, width, across, down, seed):
    """Return grain of mean 0 and deviation 1: at every pixel the tones of a lattice weighted by a bell."""

    def weights(size, period):
        apart = places(size, period)[:, None] - np.arange(-3, period + 3)
        bell = np.maximum(1 - (apart / 3) ** 2, 0) ** 4
        return bell / np.sqrt((bell**2).sum(axis=1, keepdims=True))

    i, j = np.meshgrid(np.arange(-3, across + 3) % across, np.arange(-3, down + 3) % down)
    bits = hash_array(i, j, seed).astype(np.int64)
    tones = ((bits & 0xFFFF) + (bits >> 16) - 65535) / 65536 * np.sqrt(6)
    return weights(height, down) @ tones @ weights(width, across).T
