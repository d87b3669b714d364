"""Material for regions: where each pixel of a region is copied from, and how well a place fits a region's rim."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import inline, kernel


@inline
def _there(place, size, wraps):
    """Return a place in a picture that goes on beyond its end: again from the start, or back and forth."""
    if wraps:
        return place % size
    place = place % (2 * size)
    return place if place < size else 2 * size - 1 - place


@kernel
def lay(labels, corners, starts, size, wraps, rows, columns):
    """Write the row and column that each pixel of a chosen region is copied from; others keep what they have.

    corners : (count + 1, 2), top row and left column of each label's box, -1 where it is not chosen.
    starts : (count + 1, 2), the row and column of the exemplar that lie at that corner. size : of the exemplar.
    """
    height, width = labels.shape
    for y in range(height):
        for x in range(width):
            label = labels[y, x]
            if corners[label, 0] >= 0:
                rows[y, x] = _there((y - corners[label, 0]) % height + starts[label, 0], size[0], wraps)
                columns[y, x] = _there((x - corners[label, 1]) % width + starts[label, 1], size[1], wraps)


@kernel
def rate(image, donor, ys, xs, labels, corners, starts, wraps, sums):
    """Add, over the pixels of the regions' rims, how far donor and image are apart.

    ys, xs, labels : the rims' pixels. sums : (count + 1, 2 + c), pixels, squared distance, difference in each channel.
    """
    height, width, channels = image.shape
    for i in range(ys.size):
        label = labels[i]
        y = _there((ys[i] - corners[label, 0]) % height + starts[label, 0], donor.shape[0], wraps)
        x = _there((xs[i] - corners[label, 1]) % width + starts[label, 1], donor.shape[1], wraps)
        sums[label, 0] += 1.0
        for c in range(channels):
            apart = np.float64(donor[y, x, c] - image[ys[i], xs[i], c])
            sums[label, 1] += apart * apart
            sums[label, 2 + c] += apart


@kernel
def rims(labels, out):
    """Write 1 where a region's pixel has a neighbour of another label, on the torus; 0 elsewhere and off regions."""
    height, width = labels.shape
    for y in range(height):
        above, here, below = labels[y - 1 if y > 0 else height - 1], labels[y], labels[y + 1 if y + 1 < height else 0]
        for x in range(width):
            label = here[x]
            left, right = here[x - 1 if x > 0 else width - 1], here[x + 1 if x + 1 < width else 0]
            other = above[x] != label or below[x] != label or left != label or right != label
            out[y, x] = label != 0 and other


__all__ = ["lay", "rate", "rims"]
