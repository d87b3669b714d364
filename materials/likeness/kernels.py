"""The loops of the metric that numpy cannot express: the nearest patch of a sorted bank, runs of one offset."""

from __future__ import annotations

import numpy as np

from nodes.kernels import f32, kernel

LANES = 64
"""Patches of a block of the bank, which are compared at once."""

FIRST = 8
"""Coordinates after which a block with no patch near enough is given up."""


@kernel
def nearest_patches(queries, starts, blocks, low, high, rows, columns, query_rows, query_columns, radius, found):
    """Write into `found` which bank patch is nearest to each query, exactly, in the bank's coordinates.

    The bank is sorted by its first coordinate, in blocks of `LANES`: from the query's own block both ways, until
    the first coordinate alone is farther than the best so far.

    queries : float32 (n, d). starts : the block that each query would lie in. blocks : float32 (b, d, LANES), what
    fills up the last one is far away. low, high : each block's range of the first coordinate. rows, columns : int32,
    a patch's place in its picture. query_rows, query_columns : the queries' places in that picture; patches nearer than
    `radius` in both are passed over.
    """
    count, depth = blocks.shape[0], queries.shape[1]
    sums = np.empty(LANES, np.float32)
    for number in range(queries.shape[0]):
        query = queries[number]
        best, chosen = f32(3e38), 0
        left, right = starts[number], starts[number] + 1
        while left >= 0 or right < count:
            left_gap = max(f32(0), query[0] - high[left]) if left >= 0 else f32(3e18)
            right_gap = max(f32(0), low[right] - query[0]) if right < count else f32(3e18)
            if left_gap <= right_gap:
                block, gap, left = left, left_gap, left - 1
            else:
                block, gap, right = right, right_gap, right + 1
            if gap * gap >= best:
                break
            sums[:] = f32(0)
            for d in range(depth):
                if d == FIRST and sums.min() >= best:
                    break
                value, row = query[d], blocks[block, d]
                for lane in range(LANES):
                    step = row[lane] - value
                    sums[lane] += step * step
            for lane in range(LANES):
                if sums[lane] < best:
                    place = block * LANES + lane
                    near_row = abs(rows[place] - query_rows[number]) < radius
                    if not (near_row and abs(columns[place] - query_columns[number]) < radius):
                        best, chosen = sums[lane], place
        found[number] = chosen


@kernel
def runs(down, across, labels):
    """Write into `labels` which cells of a grid hang together: neighbours whose offsets differ by one pixel at most.

    down, across : int32 (h, w), each cell's offset to what it copies. labels : int32 (h, w), the first cell of its run.
    """
    height, width = down.shape
    parent = np.arange(height * width)
    for y in range(height):
        for x in range(width):
            for k in range(2):
                v, u = y - k, x - 1 + k
                if v < 0 or u < 0 or abs(down[y, x] - down[v, u]) > 1 or abs(across[y, x] - across[v, u]) > 1:
                    continue
                a, b = y * width + x, v * width + u
                while parent[a] != a:
                    a = parent[a]
                while parent[b] != b:
                    b = parent[b]
                low, high = min(a, b), max(a, b)
                parent[high] = low
    for cell in range(height * width):  # a parent never lies behind its child, so one pass is enough
        parent[cell] = parent[parent[cell]]
        labels[cell // width, cell % width] = parent[cell]
