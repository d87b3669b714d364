"""Slopes of heights and of normals, and normals made of slopes.

A slope is how far a surface rises over the same length along x and along y, the latter down the picture. Slopes add up
where normals do not, so surfaces are combined as slopes.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, kernel

STEEPEST = f32(0.02)
"""Smallest upward part of a normal whose slope is taken: one that points sideways has none."""


@kernel
def _scharr(image, top, scale, out):
    height, width = image.shape
    for y in range(out.shape[1]):
        above, here, below = image[(top + y - 1) % height], image[top + y], image[(top + y + 1) % height]
        across, down = out[0, y], out[1, y]
        for edge in range(2):
            x = 0 if edge == 0 else width - 1
            left, right = (x - 1) % width, (x + 1) % width
            side = above[right] - above[left] + below[right] - below[left]
            across[x] = (f32(3) * side + f32(10) * (here[right] - here[left])) * scale
            side = below[left] - above[left] + below[right] - above[right]
            down[x] = (f32(3) * side + f32(10) * (below[x] - above[x])) * scale
        count = max(width - 2, 0)
        a, h, b = above[:count], here[:count], below[:count]
        am, bm = above[1 : 1 + count], below[1 : 1 + count]
        ar, hr, br = above[2 : 2 + count], here[2 : 2 + count], below[2 : 2 + count]
        ix, iy = across[1 : 1 + count], down[1 : 1 + count]
        for x in range(ix.size):
            ix[x] = (f32(3) * (ar[x] - a[x] + br[x] - b[x]) + f32(10) * (hr[x] - h[x])) * scale
            iy[x] = (f32(3) * (b[x] - a[x] + br[x] - ar[x]) + f32(10) * (bm[x] - am[x])) * scale


def slopes_of(height: np.ndarray, top: int, rows: int, scale: float) -> np.ndarray:
    """Return the slopes of rows of a height field, (2, rows, W), x first, by Scharr's 3x3 derivative on the torus.

    scale : pixels that height 1 rises above height 0.
    """
    out = np.empty((2, rows, height.shape[1]), np.float32)
    _scharr(height, top, f32(scale / 32), out)
    return out


@kernel
def _read_slopes(normals, across, down):
    for i in range(across.size):
        x, y, z = normals[i, 0] - f32(0.5), normals[i, 1] - f32(0.5), normals[i, 2] - f32(0.5)
        up = f32(1) / max(z, STEEPEST)
        across[i] = -x * up
        down[i] = y * up


def slopes_in(normals: np.ndarray) -> np.ndarray:
    """Return the slopes that encoded normals (h, W, 3) stand for, (2, h, W)."""
    out = np.empty((2, *normals.shape[:2]), np.float32)
    _read_slopes(np.ascontiguousarray(normals).reshape(-1, 3), out[0].reshape(-1), out[1].reshape(-1))
    return out


@kernel
def _write_normals(across, down, out):
    for i in range(across.size):
        length = f32(0.5) / np.sqrt(across[i] * across[i] + down[i] * down[i] + f32(1))
        out[i, 0] = f32(0.5) - across[i] * length
        out[i, 1] = f32(0.5) + down[i] * length
        out[i, 2] = f32(0.5) + length


def normals_of(slopes: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Return encoded normals, +Y up, of slopes (2, h, W); `out` (h, W, 3) is written over."""
    _write_normals(slopes[0].reshape(-1), slopes[1].reshape(-1), out.reshape(-1, 3))
    return out


# ---- combining normals ---------------------------------------------------------------------------

METHODS = ("reoriented", "whiteout", "udn")


@kernel
def _combine(base, detail, weight, masked, strength, method, out):
    for i in range(base.shape[0]):
        bx, by, bz = base[i, 0] * f32(2) - f32(1), base[i, 1] * f32(2) - f32(1), base[i, 2] * f32(2) - f32(1)
        dx, dy, dz = detail[i, 0] * f32(2) - f32(1), detail[i, 1] * f32(2) - f32(1), detail[i, 2] * f32(2) - f32(1)
        share = strength * weight[i] if masked else strength
        # Weaker detail is the detail less steep: its sideways parts shrink, and it is made a unit again.
        dx, dy = dx * share, dy * share
        unit = f32(1) / np.sqrt(max(dx * dx + dy * dy + dz * dz, f32(1e-12)))
        dx, dy, dz = dx * unit, dy * unit, dz * unit
        if method == 0:
            # The shortest turn that brings straight up to the base, applied to the detail.
            lift = max(bz + f32(1), f32(1e-6))
            dot = (bx * -dx + by * -dy + lift * dz) / lift
            x, y, z = bx * dot + dx, by * dot + dy, lift * dot - dz
        elif method == 1:
            x, y, z = bx + dx, by + dy, bz * dz
        else:
            x, y, z = bx + dx, by + dy, bz
        unit = f32(0.5) / np.sqrt(max(x * x + y * y + z * z, f32(1e-12)))
        out[i, 0] = f32(0.5) + x * unit
        out[i, 1] = f32(0.5) + y * unit
        out[i, 2] = f32(0.5) + z * unit


def combine(
    base: np.ndarray, detail: np.ndarray, weight: np.ndarray | None, strength: float, method: str, out: np.ndarray
) -> np.ndarray:
    """Return encoded normals with those of a detail laid over them; `out` is written over.

    weight : (h, W), times the slope of the detail, or None.
    """
    masked = weight is not None
    weights = weight.reshape(-1) if weight is not None else np.empty(0, np.float32)
    flat = (image.reshape(-1, 3) for image in (base, detail))
    _combine(*flat, weights, masked, f32(strength), METHODS.index(method), out.reshape(-1, 3))
    return out


__all__ = ["METHODS", "combine", "normals_of", "slopes_in", "slopes_of"]
