"""Connected components on the torus, by walking from pixel to pixel."""

from __future__ import annotations

from collections import deque

import numpy as np

CROSS = ((0, 1), (1, 0), (0, -1), (-1, 0))
DIAGONALS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def components(mask, corners=False):
    """Return, for each region, its pixels as a list of unwrapped (y, x), and whether it runs round (down, across)."""
    height, width = mask.shape
    found: dict[tuple[int, int], tuple[int, int]] = {}
    regions = []
    for start in zip(*np.nonzero(mask), strict=True):
        if start in found:
            continue
        found[start] = start
        pixels, queue, round_tile = [], deque([start]), [False, False]
        while queue:
            y, x = queue.popleft()
            pixels.append((y, x))
            for down, right in CROSS + (DIAGONALS if corners else ()):
                beside = (y + down, x + right)
                here = (beside[0] % height, beside[1] % width)
                if not mask[here]:
                    continue
                if here not in found:
                    found[here] = beside
                    queue.append(beside)
                round_tile[0] |= found[here][0] != beside[0]
                round_tile[1] |= found[here][1] != beside[1]
        regions.append((pixels, tuple(round_tile)))
    return regions
