"""Brightness told from chroma: over the whole picture, and about each pixel."""

from __future__ import annotations

import numpy as np

from nodes.kernels.compile import f32, kernel


@kernel
def moments(terms, light, weights, matrices, rights):
    """Write, for each row, the weighted sums of the products of all pairs of terms, and of each term and `light`.

    terms : (k, h, w); light, weights : (h, w); matrices : (h, k, k); rights : (h, k), float64.
    """
    width = np.int64(light.shape[1])
    for y in range(light.shape[0]):
        level, weight = light[y], weights[y]
        for i in range(terms.shape[0]):
            one = terms[i, y]
            total = 0.0
            for x in range(width):
                total += np.float64(weight[x] * one[x]) * np.float64(level[x])
            rights[y, i] = total
            for j in range(i + 1):
                other = terms[j, y]
                even, odd = 0.0, 0.0
                for half in range(width // 2):
                    x = 2 * half
                    even += np.float64(weight[x] * one[x]) * np.float64(other[x])
                    odd += np.float64(weight[x + 1] * one[x + 1]) * np.float64(other[x + 1])
                if width % 2:
                    even += np.float64(weight[width - 1] * one[width - 1]) * np.float64(other[width - 1])
                matrices[y, i, j] = even + odd
                matrices[y, j, i] = even + odd


@kernel
def products(light, chroma, weights, out):
    """Write what a local regression of brightness on chroma needs the means of, (h, w, 9), the weight last."""
    for y in range(light.shape[0]):
        for x in range(light.shape[1]):
            level, red, blue, weight = light[y, x], chroma[y, x, 0], chroma[y, x, 1], weights[y, x]
            out[y, x, 0] = weight * level
            out[y, x, 1] = weight * red
            out[y, x, 2] = weight * blue
            out[y, x, 3] = weight * red * red
            out[y, x, 4] = weight * blue * blue
            out[y, x, 5] = weight * red * blue
            out[y, x, 6] = weight * red * level
            out[y, x, 7] = weight * blue * level
            out[y, x, 8] = weight


@kernel
def unexplained(light, chroma, means, doubt, out):
    """Write brightness less what the regression whose means are given tells from a pixel's chroma."""
    for y in range(light.shape[0]):
        for x in range(light.shape[1]):
            share = f32(1) / max(means[y, x, 8], f32(1e-6))
            level, red, blue = means[y, x, 0] * share, means[y, x, 1] * share, means[y, x, 2] * share
            red_red = means[y, x, 3] * share - red * red + doubt
            blue_blue = means[y, x, 4] * share - blue * blue + doubt
            red_blue = means[y, x, 5] * share - red * blue
            red_level = means[y, x, 6] * share - red * level
            blue_level = means[y, x, 7] * share - blue * level
            inverse = f32(1) / max(red_red * blue_blue - red_blue * red_blue, f32(1e-9))
            by_red = (blue_blue * red_level - red_blue * blue_level) * inverse
            by_blue = (red_red * blue_level - red_blue * red_level) * inverse
            out[y, x] = light[y, x] - level - (chroma[y, x, 0] - red) * by_red - (chroma[y, x, 1] - blue) * by_blue
