"""What follows from a height field or a mask: normals, occlusion, distance."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.declare import Band, Color, Flow, Gray, Length, Range, node
from nodes.kernels import f32, kernel
from nodes.kernels.distance import to_mask
from nodes.kernels.horizon import occlusion, offsets

Depth = Range(0.0, 4.0, "of the tile")


@kernel
def _scharr_normals(image, top, scale_x, scale_y, out, slopes):
    height, width = image.shape
    for y in range(out.shape[0]):
        above, here, below = image[(top + y - 1) % height], image[top + y], image[(top + y + 1) % height]
        across, down = slopes[0], slopes[1]
        for edge in range(2):
            x = 0 if edge == 0 else width - 1
            left, right = (x - 1) % width, (x + 1) % width
            across[x] = f32(3) * (above[right] - above[left] + below[right] - below[left]) + f32(10) * (
                here[right] - here[left]
            )
            down[x] = f32(3) * (below[left] - above[left] + below[right] - above[right]) + f32(10) * (
                below[x] - above[x]
            )
        count = max(width - 2, 0)
        a, h, b = above[:count], here[:count], below[:count]
        am, bm = above[1 : 1 + count], below[1 : 1 + count]
        ar, hr, br = above[2 : 2 + count], here[2 : 2 + count], below[2 : 2 + count]
        ix, iy = across[1 : 1 + count], down[1 : 1 + count]
        for x in range(ix.size):
            ix[x] = f32(3) * (ar[x] - a[x] + br[x] - b[x]) + f32(10) * (hr[x] - h[x])
            iy[x] = f32(3) * (b[x] - a[x] + br[x] - ar[x]) + f32(10) * (bm[x] - am[x])
        nx, ny, nz = slopes[0], slopes[1], slopes[2]
        for x in range(nx.size):
            gx, gy = nx[x] * scale_x, ny[x] * scale_y
            length = f32(0.5) / np.sqrt(gx * gx + gy * gy + f32(1))
            nx[x] = f32(0.5) - gx * length
            ny[x] = f32(0.5) + gy * length
            nz[x] = f32(0.5) + length
        row = out[y].reshape(width * 3)
        for x in range(width):
            row[3 * x], row[3 * x + 1], row[3 * x + 2] = nx[x], ny[x], nz[x]


@node(reach=1, carries="tone")
def normal_from_height(
    band: Band,
    height: Gray,
    depth: Annotated[float, Depth] = 0.02,
    strength: Annotated[float, Range(-16.0, 16.0)] = 1.0,
) -> Color:
    """The normals of a height field, encoded 0 to 1, green up (OpenGL).

    True to scale: with `depth` the depth over the width of the tile, a slope gets its real angle at every size.
    By Scharr's 3x3 derivative.

    Parameters
    ----------
    depth : how far height 1 rises above height 0, as a fraction of the tile's width
    strength : times the slope; below 0 turns hills into hollows
    """
    slope = depth * strength / 32 * band.width
    out = band.empty(channels=3)
    _scharr_normals(height, band.top, f32(slope), f32(slope), out, np.empty((3, band.width), np.float32))
    return out


@node(reach=lambda radius: max(1, radius) + 1, carries="tone")
def ambient_occlusion(
    band: Band,
    height: Gray,
    radius: Annotated[float, Length(0.0, 0.2)] = 0.02,
    depth: Annotated[float, Depth] = 0.02,
    strength: Annotated[float, Range(0.0, 8.0)] = 1.0,
    directions: Literal["8", "16"] = "8",
    samples: Annotated[int, Range(1, 24)] = 6,
) -> Gray:
    """How much of the sky each point of a height field sees: 1 in the open, 0 at the bottom of a shaft.

    The horizon is searched along 8 or 16 directions at geometrically growing distances, and the squared sine of
    its angle taken off, which is exact for a level receiver under an even sky (Bavoil and others 2008).
    What is farther counts less, down to a quarter at `radius`, and beyond nothing counts. Level ground is exactly 1.

    Parameters
    ----------
    radius : how far the horizon is searched, as a fraction of the tile
    depth : how far height 1 rises above height 0, as a fraction of the tile's width
    strength : exponent on the result
    samples : distances looked at in each direction
    """
    offset, lengths = offsets(radius, int(directions), samples)
    rise = np.float32(depth * band.width) / np.maximum(lengths, 1)
    share = np.clip(lengths / max(radius, 1.0), 0, 1)
    weight = 1 - share * share * np.float32(0.75)
    out = band.empty()
    occlusion(height, offset, rise, weight, band.top, out, np.empty(band.width, np.float32))
    if strength != 1:
        np.power(np.maximum(out, 0), f32(strength), out=out)
    return out


class Distance(NamedTuple):
    distance: Gray
    offset: Flow


@node(reach="whole", carries="opaque")
def distance(
    band: Band,
    mask: Gray,
    threshold: Annotated[float, Range(0.0, 1.0)] = 0.5,
    radius: Annotated[float, Length(0.0, 1.0)] = 0.1,
    mode: Literal["outside", "inside", "both"] = "outside",
) -> Distance:
    """The exact distance to the edge of a mask, on the torus, as a ramp.

    `offset` points from each pixel to the nearest pixel of the mask (with inside: of what is not the mask), in
    fractions of the tile.

    Parameters
    ----------
    threshold : what lies above belongs to the mask
    radius : length of the ramp, as a fraction of the tile
    mode : outside is 1 on the mask and falls to 0 at `radius` from it; inside is 0 off the mask and rises to 1 at
        `radius` within; both is 0.5 on the edge
    """
    inside = mask > f32(threshold)
    length = f32(max(radius, 1e-6))
    field, columns, rows = to_mask(band, ~inside if mode == "inside" else inside)
    if mode == "inside":
        ramp = np.minimum(field / length, 1)
    elif mode == "outside":
        ramp = 1 - np.minimum(field / length, 1)
    else:
        within, _, _ = to_mask(band, ~inside)
        signed = np.where(inside, within - f32(0.5), f32(0.5) - field)
        ramp = np.clip(f32(0.5) + f32(0.5) * signed / length, 0, 1)
    if not band.wants("offset"):
        return Distance(ramp, ramp)
    offset = np.stack([columns / f32(band.width), rows / f32(band.height)], axis=2)
    return Distance(ramp, offset.astype(np.float32))
