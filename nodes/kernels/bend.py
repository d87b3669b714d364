"""How much a height field bulges, in numbers that do not depend on its size.

Both measures are multiplied by the width they are taken at, so that an edge between two slopes gives the same at every
width and every size. A right angle gives about 0.5.
"""

from __future__ import annotations

import math

import numpy as np

from nodes.declare import Band
from nodes.kernels.compile import f32, kernel
from nodes.kernels.smooth import NARROW, blur_rows, enlarged, shrunk, taps

SINGLE, SMOOTH = 1.25, 0.625
"""What makes a right angle, a change of slope by 2, about 0.5: it bends by 0.4 of that, halved where it is a mean."""


def blurred(band: Band, image: np.ndarray, sigma: float) -> np.ndarray:
    """Return a whole picture blurred by a Gaussian of some pixels."""
    out = np.empty_like(image)
    small = shrunk(band, image, sigma) if sigma > NARROW else None
    weights = taps(sigma)

    def work(top: int, bottom: int) -> None:
        if small is not None:
            enlarged(small, band.height, band.width, top, out[top:bottom])
        else:
            blur_rows(image, weights, weights, top, out[top:bottom])

    band.each(work)
    return out


@kernel
def _stand_out(height, blurred, share, out):
    for i in range(out.size):
        out[i] += (height[i] - blurred[i]) * share


def bends_of(band: Band, height: np.ndarray, width: float, scales: int) -> np.ndarray:
    """Return the mean over some widths, each twice the one before, of what stands out of a Gaussian blur.

    height, width : in pixels.
    """
    total = np.zeros_like(height)
    for scale in range(scales):
        sigma = max(width, 1e-3) * 2**scale
        if sigma < 0.05:
            continue
        smooth = blurred(band, height, sigma)
        # What is finer than a pixel shows only in part: the pixel blurs it as well.
        seen = math.hypot(sigma, 0.5)
        share = f32(SMOOTH * 2 / (scales * seen))
        band.each(
            lambda top, bottom, blur=smooth, by=share: _stand_out(
                _line(height, top, bottom), _line(blur, top, bottom), by, _line(total, top, bottom)
            )
        )
    return total


def _line(image: np.ndarray, top: int, bottom: int) -> np.ndarray:
    return image[top:bottom].reshape(-1)


@kernel
def _mean_curvature(height, top, scale, out, flux):
    """Write half the divergence of the unit slope, through the sides between pixels."""
    rows, width = height.shape
    for y in range(out.shape[0]):
        above, here, below = height[(top + y - 1) % rows], height[top + y], height[(top + y + 1) % rows]
        row, across = out[y], flux
        for x in range(width):
            right = x + 1 if x + 1 < width else 0
            ahead = here[right] - here[x]
            side = f32(0.25) * (below[x] - above[x] + below[right] - above[right])
            across[x] = ahead / np.sqrt(f32(1) + ahead * ahead + side * side)
        for x in range(width):
            left, right = x - 1 if x > 0 else width - 1, x + 1 if x + 1 < width else 0
            down, up = below[x] - here[x], here[x] - above[x]
            side = f32(0.25) * (here[right] - here[left] + below[right] - below[left])
            other = f32(0.25) * (here[right] - here[left] + above[right] - above[left])
            down /= np.sqrt(f32(1) + down * down + side * side)
            up /= np.sqrt(f32(1) + up * up + other * other)
            row[x] = (across[x] - across[left] + down - up) * scale


def bend_of(band: Band, height: np.ndarray, width: float) -> np.ndarray:
    """Return the mean curvature of a height field blurred to a width, times that width; convex is positive.

    height, width : in pixels.
    """
    smooth = height if width < 0.05 else blurred(band, height, width)
    out = np.empty_like(height)
    scale = f32(-0.5 * SINGLE * width)

    def work(top: int, bottom: int) -> None:
        _mean_curvature(smooth, top, scale, out[top:bottom], np.empty(band.width, np.float32))

    band.each(work)
    return out
