"""Edges in section: what height lies how deep inside an outline, averaged over each pixel."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, inline, kernel

PROFILES = ("linear", "round", "smooth", "hollow")


@inline
def _height(depth, scale, base, profile):
    """Return the height at a depth: 0 straight, 1 round, 2 eased at both ends, 3 hollow."""
    t = min(max(depth * scale + base, f32(0)), f32(1))
    if profile == 1:
        t = np.sqrt(t * (f32(2) - t))
    elif profile == 2:
        t = t * t * (f32(3) - f32(2) * t)
    elif profile == 3:
        # Not 1 - t * t: fused or not, that would differ in the last bit between a loop and its remainder.
        t = f32(1) - np.sqrt((f32(1) - t) * (f32(1) + t))
    return t


@kernel
def _rise(depth, scale, base, third, profile, out):
    for i in range(out.size):
        here = _height(depth[i], scale, base, profile)
        before = _height(depth[i] - third, scale, base, profile)
        after = _height(depth[i] + third, scale, base, profile)
        out[i] = (here + before + after) * f32(1 / 3)


def rise(depth: np.ndarray, width: float, pixel: float, profile: str, out: np.ndarray) -> np.ndarray:
    """Return a height that rises from 0 at depth 0 to 1 at depth `width`.

    Three places across each pixel are averaged, since a narrow or a round edge changes much within one.

    depth : how deep each pixel lies inside an outline, negative outside; out : as many, written over.
    pixel : how wide a pixel is, in units of depth.
    """
    third = pixel / 3
    # An edge narrower than between two of the places would show as steps.
    wide = max(width, third)
    base = 0.5 * (wide - width) / wide
    _rise(depth.reshape(-1), f32(1 / wide), f32(base), f32(third), PROFILES.index(profile), out.reshape(-1))
    return out
