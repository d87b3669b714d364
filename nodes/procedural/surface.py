"""What follows from a height field or a mask: normals, occlusion, curvature, slope, distance, bevels."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.declare import Angle, Band, Color, Flow, Gray, Knots, Length, Range, Weights, node
from nodes.kernels import f32, kernel
from nodes.kernels.bend import bend_of, bends_of
from nodes.kernels.distance import to_edge, to_mask
from nodes.kernels.horizon import occlusion, offsets
from nodes.kernels.pointwise import TABLE, covered, look_up
from nodes.kernels.section import rise
from nodes.kernels.slopes import combine, facing, integral, scharr_row, slopes_in, slopes_of

Depth = Range(0.0, 4.0, "of the tile")


@kernel
def _scharr_normals(image, top, scale_x, scale_y, out, slopes):
    height, width = image.shape
    for y in range(out.shape[0]):
        here, across, down = image[top + y], slopes[0], slopes[1]
        scharr_row(image[(top + y - 1) % height], here, image[(top + y + 1) % height], across, down)
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


def _normal_weights(mask: np.ndarray | None, strength: float) -> Weights:
    """A detail at its full strength is half of the normal."""
    shown, _ = covered(mask, min(1.0, strength))
    return Weights({"base": 1 - shown / 2, "detail": shown / 2}, exact=False)


@node(carries="mix", weights=_normal_weights)
def combine_normals(
    band: Band,
    base: Color,
    detail: Color,
    mask: Gray | None = None,
    strength: Annotated[float, Range(0.0, 4.0)] = 1.0,
    method: Literal["reoriented", "whiteout", "udn"] = "reoriented",
) -> Color:
    """The normals of a detail laid over those of a base, of unit length.

    Reoriented turns the detail to stand on the base (Barré-Brisebois and Hill, 2012) and keeps all of both. Whiteout
    and UDN add the sideways parts: cheaper looks of games, of which UDN flattens the detail on slopes.

    Parameters
    ----------
    base, detail : encoded 0 to 1; whether green is up or down does not matter as long as it is in both
    mask : times the strength; 0 keeps the base
    strength : how steep the detail is; 0 none, 1 as it comes
    """
    return combine(base, detail, mask, strength, method, band.empty(channels=3))


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


@node(reach="whole", carries="opaque", scratch=68)
def normal_to_height(
    band: Band,
    normal: Color,
    depth: Annotated[float, Depth] = 0.02,
    scale: Literal["true", "fit"] = "true",
) -> Gray:
    """The height field whose normals come nearest to the given ones, around 0.5.

    By Fourier, as the least squares fit of its slopes (Frankot and Chellappa, 1988), with the derivative that
    `normal_from_height` takes, so that the two are each other's opposite up to the mean.

    Parameters
    ----------
    normal : encoded 0 to 1, +Y up
    depth : how far height 1 rises above height 0, as a fraction of the tile's width; must be that of the normals
    scale : true keeps to the depth, which may leave 0 to 1; fit stretches what comes out over 0 to 1
    """
    found = integral(slopes_in(normal))
    if scale == "true":
        return found * f32(1 / max(depth * band.width, 1e-6)) + f32(0.5)
    low, high = float(found.min()), float(found.max())
    return (found - f32(low)) * f32(1 / (high - low)) if high - low > 1e-6 else np.full_like(found, 0.5)


class Curvature(NamedTuple):
    curvature: Gray
    convex: Gray
    concave: Gray


@node(reach="whole", carries="tone", neutral=0.5, scratch=14)
def curvature(
    band: Band,
    height: Gray,
    width: Annotated[float, Length(0.0, 0.05)] = 0.003,
    depth: Annotated[float, Depth] = 0.02,
    strength: Annotated[float, Range(0.0, 16.0)] = 1.0,
    mode: Literal["smooth", "single"] = "smooth",
    scales: Annotated[int, Range(1, 6)] = 4,
) -> Curvature:
    """How much a height field bulges: edges bright, creases dark, even slopes and level ground exactly 0.5.

    `convex` and `concave` are the two halves, each from 0 to 1, 0 on level ground. Single is the mean curvature at one
    width. Smooth adds up what stands out of a Gaussian blur at `scales` widths, each twice the one before, so that
    it finds thin scratches and wide bulges at once.

    Parameters
    ----------
    width : standard deviation of the finest edges found, as a fraction of the tile
    depth : how far height 1 rises above height 0, as a fraction of the tile's width
    strength : contrast; at 1 an edge of a right angle is about white
    scales : how many widths the smooth mode looks at
    """
    level = height - height[0, 0]  # so that level ground is nothing but zeros
    level *= f32(depth * band.width)
    bend = bends_of(band, level, width, scales) if mode == "smooth" else bend_of(band, level, width)
    bend *= f32(strength)
    np.clip(bend, -0.5, 0.5, out=bend)
    middle = bend + f32(0.5)
    return Curvature(middle, np.maximum(bend, 0) * f32(2), np.maximum(-bend, 0) * f32(2))


@node(reach=1, carries="tone")
def slope_mask(
    band: Band,
    height: Gray,
    low: Annotated[float, Angle(0.0, 90.0)] = 20.0,
    high: Annotated[float, Angle(0.0, 90.0)] = 90.0,
    softness: Annotated[float, Angle(0.0, 90.0)] = 10.0,
    direction: Annotated[float, Angle()] = 90.0,
    spread: Annotated[float, Angle(0.0, 180.0)] = 180.0,
    depth: Annotated[float, Depth] = 0.05,
) -> Gray:
    """Where a height field is as steep as asked, and faces the way asked: for snow, dust, moss and rain.

    Parameters
    ----------
    low, high : between which steepness the mask is 1; 0 is level, 90 upright
    softness : over which the mask fades, half of it on either side of a bound
    direction : where a slope faces, downhill, counter-clockwise from the right; 90 is up
    spread : how far off the direction still counts; 180 is every way
    depth : how far height 1 rises above height 0, as a fraction of the tile's width
    """
    slopes = slopes_of(height, band.top, band.rows, depth * band.width)
    out = band.empty()
    facing(slopes, low, high, direction, spread, softness, out)
    return out


class Distance(NamedTuple):
    distance: Gray
    offset: Flow


@node(reach="whole", carries="opaque", scratch=40)
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


@node(reach="whole", carries="opaque", bound=0.03, scratch=32)
def bevel(
    band: Band,
    mask: Gray,
    width: Annotated[float, Length(0.0, 0.25)] = 0.03,
    profile: Literal["linear", "round", "smooth", "hollow", "custom"] = "round",
    points: Annotated[tuple, Knots()] = ((0.0, 0.0), (0.3, 0.7), (0.6, 0.8), (1.0, 1.0)),
    side: Literal["inside", "outside", "centre"] = "inside",
    threshold: Annotated[float, Range(0.0, 1.0)] = 0.5,
) -> Gray:
    """A mask made into a height with sloping edges: 0 outside, 1 inside, and a profile between.

    By the exact distance on the torus, from where the mask crosses the threshold between two pixels, so that
    antialiased masks give smooth edges.

    Parameters
    ----------
    width : how wide the edge is, as a fraction of the tile
    profile : the section of the edge; custom takes `points`
    points : from the foot of the edge to its head, straight between points
    side : where the edge lies: within the mask, about it, or half and half
    threshold : what lies above belongs to the mask
    """
    depth = to_edge(band, mask, threshold, width + 3)
    depth += f32({"inside": 0.0, "outside": width, "centre": width / 2}[side])
    shape = "linear" if profile == "custom" else profile
    out = rise(depth, width, 1.0, shape, np.empty_like(depth))
    if profile == "custom":
        x, y = np.array(points, np.float64).T
        out = look_up(out, np.interp(np.linspace(0, 1, TABLE), x, y).astype(np.float32), out)
    return out
