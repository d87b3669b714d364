"""Bolts along the edges of boxes."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, kernel


@kernel
def add_bolts(local, cells, rows, radius, width, out):
    """Write how high each pixel lies on a bolt, 0 to 1, round in section.

    local : place from the box's middle in widths of the tile. rows : (n, 4) of each box: where its bolts lie from the
    middle, in pixels, across and down, and the distances from bolt to bolt; 0 across for none. radius : in pixels.
    """
    shown = max(radius, f32(0.5))
    faint = min(radius * radius * f32(4), f32(1))
    for y in range(out.shape[0]):
        row, place, cell = out[y], local[y], cells[y]
        for x in range(row.size):
            bolt = rows[cell[x]]
            high = f32(0)
            if bolt[0] > f32(0):
                px, py = abs(place[x, 0]) * width, abs(place[x, 1]) * width
                # The nearest bolt on the long edges, then that on the short ones; both hold the corner.
                ax = bolt[0] - max(np.rint((bolt[0] - px) / bolt[2]), f32(0)) * bolt[2]
                ay = bolt[1] - max(np.rint((bolt[1] - py) / bolt[3]), f32(0)) * bolt[3]
                dx, dy = px - ax, py - bolt[1]
                d = dx * dx + dy * dy
                dx, dy = px - bolt[0], py - ay
                d = min(d, dx * dx + dy * dy)
                far = np.sqrt(d)
                t = min(far / shown, f32(1))
                edge = min(max(shown + f32(0.5) - far, f32(0)), f32(1))
                high = faint * edge * np.sqrt(max(f32(1) - f32(0.9) * t * t, f32(0)))
            row[x] = high


__all__ = ["add_bolts"]
