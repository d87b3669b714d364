"""Connected components on the torus, by runs: each row is cut into runs, and runs that touch are joined.

Joining keeps how many tiles apart two runs lie, so that a region that crosses the border is measured in one piece.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import kernel


@kernel
def find_runs(mask, threshold):
    """Return each row's first run above a threshold, and every run's first pixel and the one past its last."""
    rows, width = mask.shape
    first = np.empty(rows + 1, np.int64)
    count = 0
    for y in range(rows):
        first[y] = count
        row = mask[y]
        count += np.int64(row[0] > threshold)
        for x in range(1, width):
            count += np.int64((row[x] > threshold) & (not (row[x - 1] > threshold)))
    first[rows] = count
    start, end = np.empty(count, np.int32), np.empty(count, np.int32)
    for y in range(rows):
        row, at, inside = mask[y], first[y], False
        for x in range(width):
            above = row[x] > threshold
            if above and not inside:
                start[at] = x
            elif inside and not above:
                end[at] = x
                at += 1
            inside = above
        if inside:
            end[at] = width
    return first, start, end


@kernel
def _find(parent, shift, run):
    """Return a run's root and how many tiles right and down of it the run lies; shortens the way."""
    right, down = 0, 0
    while parent[run] != run:
        above = parent[run]
        shift[run, 0] += shift[above, 0]
        shift[run, 1] += shift[above, 1]
        parent[run] = parent[above]
        right += shift[run, 0]
        down += shift[run, 1]
        run = parent[run]
    return run, right, down


@kernel
def _join(parent, shift, round, a, b, right, down):
    """Join run `b`, seen from `a` that many tiles to the right and down, to `a`."""
    root, ax, ay = _find(parent, shift, a)
    other, bx, by = _find(parent, shift, b)
    x, y = ax + right - bx, ay + down - by
    if root == other:
        # Met again, but a tile further: the region runs round the torus.
        round[root, 0] |= x != 0
        round[root, 1] |= y != 0
        return
    if other < root:
        root, other, x, y = other, root, -x, -y
    parent[other] = root
    shift[other, 0] = x
    shift[other, 1] = y
    round[root, 0] |= round[other, 0]
    round[root, 1] |= round[other, 1]


@kernel
def join_runs(first, start, end, width, diagonal):
    """Return each run's region, its tile relative to the region's first run, and which regions run round the torus."""
    count, height = start.size, first.size - 1
    parent = np.arange(count).astype(np.int32)
    shift = np.zeros((count, 2), np.int32)
    round = np.zeros((count, 2), np.bool_)
    reach = 1 if diagonal else 0
    for y in range(height):
        above, down = (y - 1, 0) if y else (height - 1, -1)
        i, last_i, j, last_j = first[above], first[above + 1] - 1, first[y], first[y + 1] - 1
        if last_j < j:
            continue
        if start[j] == 0 and end[last_j] == width:
            _join(parent, shift, round, last_j, j, 1, 0)
        if last_i < i:
            continue
        if diagonal and start[j] == 0 and end[last_i] == width:
            _join(parent, shift, round, j, last_i, -1, down)
        if diagonal and start[i] == 0 and end[last_j] == width:
            _join(parent, shift, round, last_j, i, 1, down)
        while i <= last_i and j <= last_j:
            if start[i] < end[j] + reach and start[j] < end[i] + reach:
                _join(parent, shift, round, j, i, 0, down)
            if end[i] < end[j]:
                i += 1
            else:
                j += 1
    region = np.empty(count, np.int32)
    found = 0
    for run in range(count):  # a root is its region's first run
        root, right, down = _find(parent, shift, run)
        if root == run:
            region[run] = found
            round[found] = round[run]
            found += 1
        else:
            region[run] = region[root]
        shift[run, 0], shift[run, 1] = right, down
    return region, shift, round[:found].copy()


@kernel
def measure(first, start, end, region, shift, regions, width):
    """Return what every region covers, in pixels, unwrapped; a pixel's place is its centre.

    Columns: number of pixels, sums of x, y, xx, yy, xy, then left, top, right, bottom.
    """
    height = first.size - 1
    moments = np.zeros((regions, 10))
    moments[:, 6:8] = np.inf
    moments[:, 8:10] = -np.inf
    for row in range(height):
        for run in range(first[row], first[row + 1]):
            of = moments[region[run]]
            n = float(end[run] - start[run])
            x = 0.5 * (start[run] + end[run]) + shift[run, 0] * width
            y = row + 0.5 + shift[run, 1] * height
            of[0] += n
            of[1] += n * x
            of[2] += n * y
            of[3] += n * x * x + n * (n * n - 1) / 12
            of[4] += n * y * y
            of[5] += n * x * y
            of[6] = min(of[6], x - 0.5 * n)
            of[7] = min(of[7], y - 0.5)
            of[8] = max(of[8], x + 0.5 * n)
            of[9] = max(of[9], y + 0.5)
    return moments


@kernel
def paint(first, start, end, labels_of_run, labels, top):
    """Write the labels of the runs of rows from `top` on; 0 elsewhere."""
    for y in range(labels.shape[0]):
        row = labels[y]
        row[:] = 0
        for run in range(first[top + y], first[top + y + 1]):
            row[start[run] : end[run]] = labels_of_run[run]


@kernel
def _note(pairs, count, label, other):
    """Append a pair of labels, as smaller * 2**32 + larger, unless it is the last one already; return both."""
    pair = (np.int64(min(label, other)) << 32) + max(label, other)
    if count and pairs[count - 1] == pair:
        return pairs, count
    if count == pairs.size:
        pairs = np.concatenate((pairs, np.empty(count, np.int64)))
    pairs[count] = pair
    return pairs, count + 1


@kernel
def facing(first, start, end, labels_of_run, labels, gap):
    """Return pairs of labels that face each other along a row or a column over at most `gap` pixels of background.

    Each pair as smaller * 2**32 + larger, some more than once.
    """
    height, width = labels.shape
    pairs, count = np.empty(1024, np.int64), 0
    for y in range(height):
        before, border = 0, -2 * width
        last = first[y + 1] - 1
        if last >= first[y]:
            before, border = labels_of_run[last], end[last] - width
        for run in range(first[y], last + 1):
            label = labels_of_run[run]
            if label and before and label != before and start[run] - border <= gap:
                pairs, count = _note(pairs, count, label, before)
            before, border = label, end[run]
    seen, seen_at = np.zeros(width, np.int32), np.zeros(width, np.int64)
    for step in range(-min(gap + 1, height), height):
        row = labels[step + height if step < 0 else step]
        for x in range(width):
            label = row[x]
            if label:
                other = seen[x]
                if other and other != label and step - seen_at[x] <= gap + 1:
                    pairs, count = _note(pairs, count, label, other)
                seen[x] = label
                seen_at[x] = step
    return pairs[:count]


__all__ = ["facing", "find_runs", "join_runs", "measure", "paint"]
