"""How much of the sky a height field hides from each of its points."""

from __future__ import annotations

import math

import numpy as np

from nodes.kernels.compile import f32, kernel

COMPASS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
KNIGHT = ((2, 1), (1, 2), (-1, 2), (-2, 1), (-2, -1), (-1, -2), (1, -2), (2, -1))


def offsets(radius: float, directions: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where to look: offsets (directions, samples, 2) as y, x in pixels, and their lengths.

    Distances grow geometrically from a thirty-second of `radius` to it, so that they are the same at every size, but
    for those that fall below a pixel.
    """
    ways = COMPASS if directions == 8 else COMPASS + KNIGHT
    found = np.zeros((len(ways), samples, 2), np.int64)
    lengths = np.zeros((len(ways), samples), np.float32)
    for d, (x, y) in enumerate(ways):
        unit = math.hypot(x, y)
        for s in range(samples):
            distance = max(1.0, radius * 32 ** ((s + 1) / samples - 1))
            at = (round(y / unit * distance), round(x / unit * distance))
            found[d, s] = at
            lengths[d, s] = math.hypot(*at)
    return found, lengths


@kernel
def occlusion(image, offset, rise, weight, top, out, steepest):
    """Write the openness of rows `top`... : 1 less the mean over directions of the squared sine of the horizon.

    rise : height units to pixels over the offset's length, (directions, samples); weight : falloff, same shape.
    steepest : scratch, a row.
    """
    height, width = image.shape
    directions, samples = rise.shape
    share = f32(1) / f32(directions)
    for y in range(out.shape[0]):
        here, row = image[top + y], out[y]
        for x in range(row.size):
            row[x] = f32(1)
        for d in range(directions):
            for x in range(steepest.size):
                steepest[x] = f32(0)
            for s in range(samples):
                there = image[(top + y + offset[d, s, 0]) % height]
                shift = offset[d, s, 1] % width
                factor, falloff = rise[d, s], weight[d, s]
                for part in range(2):
                    # Two runs of columns, up to where the row wraps and from there on.
                    start, stop = (0, width - shift) if part == 0 else (width - shift, width)
                    base, peak = here[start:stop], steepest[start:stop]
                    ahead = there[shift:] if part == 0 else there[:shift]
                    for x in range(base.size):
                        slope = max((ahead[x] - base[x]) * factor, f32(0))
                        peak[x] = max(peak[x], slope * slope * falloff)
            for x in range(row.size):
                row[x] -= share * (steepest[x] / (f32(1) + steepest[x]))
