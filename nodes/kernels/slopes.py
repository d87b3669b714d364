"""Slopes of heights and of normals, and normals made of slopes.

A slope is how far a surface rises over the same length along x and along y, the latter down the picture. Slopes add up
where normals do not, so surfaces are combined as slopes.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel

STEEPEST = f32(0.02)
"""Smallest upward part of a normal whose slope is taken: one that points sideways has none."""


@kernel
def scharr_row(above, here, below, across, down):
    """Write 32 times the derivatives of a row, from it and the rows about it."""
    width = here.size
    for edge in range(2):
        x = 0 if edge == 0 else width - 1
        left, right = (x - 1) % width, (x + 1) % width
        across[x] = f32(3) * (above[right] - above[left] + below[right] - below[left]) + f32(10) * (
            here[right] - here[left]
        )
        down[x] = f32(3) * (below[left] - above[left] + below[right] - above[right]) + f32(10) * (below[x] - above[x])
    count = max(width - 2, 0)
    a, h, b = above[:count], here[:count], below[:count]
    am, bm = above[1 : 1 + count], below[1 : 1 + count]
    ar, hr, br = above[2 : 2 + count], here[2 : 2 + count], below[2 : 2 + count]
    ix, iy = across[1 : 1 + count], down[1 : 1 + count]
    for x in range(ix.size):
        ix[x] = f32(3) * (ar[x] - a[x] + br[x] - b[x]) + f32(10) * (hr[x] - h[x])
        iy[x] = f32(3) * (b[x] - a[x] + br[x] - ar[x]) + f32(10) * (bm[x] - am[x])


@kernel
def _scharr(image, top, scale, out):
    height = image.shape[0]
    for y in range(out.shape[1]):
        across, down = out[0, y], out[1, y]
        scharr_row(image[(top + y - 1) % height], image[top + y], image[(top + y + 1) % height], across, down)
        for x in range(across.size):
            across[x] *= scale
            down[x] *= scale


def slopes_of(height: np.ndarray, top: int, rows: int, scale: float) -> np.ndarray:
    """Return the slopes of rows of a height field, (2, rows, W), x first, by Scharr's 3x3 derivative on the torus.

    scale : pixels that height 1 rises above height 0.
    """
    out = np.empty((2, rows, height.shape[1]), np.float32)
    _scharr(height, top, f32(scale / 32), out)
    return out


@kernel
def _read_slopes(normals, across, down):
    for y in range(across.shape[0]):
        row, right, below = normals[y], across[y], down[y]
        for i in range(right.size):
            x, y_, z = row[3 * i] - f32(0.5), row[3 * i + 1] - f32(0.5), row[3 * i + 2] - f32(0.5)
            up = f32(1) / max(z, STEEPEST)
            right[i] = -x * up
            below[i] = y_ * up


def slopes_in(normals: np.ndarray) -> np.ndarray:
    """Return the slopes that encoded normals (h, W, 3) stand for, (2, h, W)."""
    rows, width = normals.shape[:2]
    out = np.empty((2, rows, width), np.float32)
    _read_slopes(np.ascontiguousarray(normals).reshape(rows, 3 * width), out[0], out[1])
    return out


@kernel
def _write_normals(across, down, out):
    for y in range(out.shape[0]):
        right, below, row = across[y], down[y], out[y]
        for i in range(right.size):
            length = f32(0.5) / np.sqrt(right[i] * right[i] + below[i] * below[i] + f32(1))
            row[3 * i] = f32(0.5) - right[i] * length
            row[3 * i + 1] = f32(0.5) + below[i] * length
            row[3 * i + 2] = f32(0.5) + length


def normals_of(slopes: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return encoded normals, +Y up, of slopes (2, h, W); `out` (h, W, 3) is written over."""
    _write_normals(slopes[0], slopes[1], out.reshape(len(out), 3 * out.shape[1]))
    return out


def integral(slopes: np.ndarray) -> np.ndarray:
    """Return the height in pixels, of mean 0, whose slopes come nearest to (2, H, W), by Fourier on the torus."""
    height, width = slopes.shape[1:]
    down, across = (
        2 * np.pi * np.fft.fftfreq(height)[:, None],
        2 * np.pi * np.fft.rfftfreq(width)[None],
    )
    # What Scharr's derivative makes of a wave.
    along_x = 1j * np.sin(across) * (10 + 6 * np.cos(down)) / 16
    along_y = 1j * np.sin(down) * (10 + 6 * np.cos(across)) / 16
    power = np.abs(along_x) ** 2 + np.abs(along_y) ** 2
    # Waves of two pixels have hardly a slope: divided by that, noise would rise from the ground.
    power = np.maximum(power, 0.05 * (across**2 + down**2))
    power[0, 0] = 1
    spectrum = np.conj(along_x) * np.fft.rfft2(slopes[0]) + np.conj(along_y) * np.fft.rfft2(slopes[1])
    return np.fft.irfft2(spectrum / power, s=(height, width)).astype(np.float32)


@inline
def _between(value, low, high):
    """Return 0 below `low`, 1 above `high`, and an even passage."""
    t = min(max((value - low) / max(high - low, f32(1e-6)), f32(0)), f32(1))
    return t * t * (f32(3) - f32(2) * t)


@kernel
def _facing(across, down, bounds, way_x, way_y, every, out):
    for y in range(out.shape[0]):
        right, below, row = across[y], down[y], out[y]
        for i in range(row.size):
            gx, gy = right[i], below[i]
            steep = gx * gx + gy * gy
            up = f32(1) / np.sqrt(f32(1) + steep)
            value = _between(-up, bounds[0], bounds[1]) * (f32(1) - _between(-up, bounds[2], bounds[3]))
            # The normal leans downhill: against the slope, and rows go down.
            ahead = (gy * way_y - gx * way_x) / np.sqrt(steep + f32(1e-12))
            row[i] = value * max(_between(ahead, bounds[4], bounds[5]), every)


def facing(
    slopes: np.ndarray, low: float, high: float, direction: float, spread: float, softness: float, out: np.ndarray
) -> None:
    """Write where slopes (2, h, W) are as steep as between two angles and face a direction; angles in radians."""
    half = softness / 2
    sides = []
    # Steepness by the cosine that the normal rises with, negative so that it grows; bounds beyond the ends let all in.
    for angle in (low, high):
        start, end = angle - half, angle + half
        if angle <= 0:
            start, end = -2.0, -1.5
        elif angle >= np.pi / 2 - 1e-6:
            start, end = 1.5, 2.0
        else:
            start, end = -np.cos(max(start, 0.0)), -np.cos(min(end, np.pi / 2))
        sides += [start, end]
    every = spread >= np.pi - 1e-6
    sides += [np.cos(min(spread + half, np.pi)), np.cos(max(spread - half, 0.0))]
    bounds = np.array(sides, np.float32)
    way = (f32(np.cos(direction)), f32(np.sin(direction)))
    _facing(slopes[0], slopes[1], bounds, *way, f32(every), out)


# ---- combining normals ---------------------------------------------------------------------------

METHODS = ("reoriented", "whiteout", "udn")


@kernel
def _combine(base, detail, weight, strength, method, out, rows):
    """Combine a row at a time, its parts drawn out into rows of their own so that they are vectorised."""
    width = weight.shape[1]
    bx, by, bz, dx, dy, dz = rows[0], rows[1], rows[2], rows[3], rows[4], rows[5]
    for y in range(weight.shape[0]):
        low, high, row, share = base[y], detail[y], out[y], weight[y]
        for x in range(width):
            bx[x], by[x], bz[x] = low[3 * x], low[3 * x + 1], low[3 * x + 2]
            dx[x], dy[x], dz[x] = high[3 * x], high[3 * x + 1], high[3 * x + 2]
        for x in range(bx.size):
            # Weaker detail is the detail less steep: its sideways parts shrink, and it is made a unit again.
            u, v, w = dx[x] - f32(0.5), dy[x] - f32(0.5), dz[x] - f32(0.5)
            u *= share[x] * strength
            v *= share[x] * strength
            unit = f32(1) / np.sqrt(max(u * u + v * v + w * w, f32(1e-12)))
            dx[x], dy[x], dz[x] = u * unit, v * unit, w * unit
            bx[x], by[x], bz[x] = bx[x] * f32(2) - f32(1), by[x] * f32(2) - f32(1), bz[x] * f32(2) - f32(1)
        if method == 0:
            for x in range(bx.size):
                # The shortest turn that brings straight up to the base, applied to the detail.
                lift = max(bz[x] + f32(1), f32(1e-6))
                dot = (lift * dz[x] - bx[x] * dx[x] - by[x] * dy[x]) / lift
                bx[x], by[x], bz[x] = bx[x] * dot + dx[x], by[x] * dot + dy[x], lift * dot - dz[x]
        else:
            for x in range(bx.size):
                bx[x] += dx[x]
                by[x] += dy[x]
            if method == 1:
                for x in range(bx.size):
                    bz[x] *= dz[x]
        for x in range(bx.size):
            unit = f32(0.5) / np.sqrt(max(bx[x] * bx[x] + by[x] * by[x] + bz[x] * bz[x], f32(1e-12)))
            bx[x], by[x], bz[x] = f32(0.5) + bx[x] * unit, f32(0.5) + by[x] * unit, f32(0.5) + bz[x] * unit
        for x in range(width):
            row[3 * x], row[3 * x + 1], row[3 * x + 2] = bx[x], by[x], bz[x]


def combine(
    base: np.ndarray, detail: np.ndarray, weight: np.ndarray | None, strength: float, method: str, out: np.ndarray
) -> np.ndarray:
    """Return encoded normals with those of a detail laid over them; `out` is written over.

    weight : (h, W), times the slope of the detail, or None.
    """
    height, width = base.shape[:2]
    weights = np.ones((height, width), np.float32) if weight is None else weight
    flat = (image.reshape(height, 3 * width) for image in (base, detail))
    rows = np.empty((6, width), np.float32)
    _combine(*flat, weights, f32(strength), METHODS.index(method), out.reshape(height, 3 * width), rows)
    return out


__all__ = ["METHODS", "combine", "facing", "integral", "normals_of", "scharr_row", "slopes_in", "slopes_of"]
