"""Single shapes, rows and columns of them, and gradients."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from nodes.declare import Angle, Band, Flow, Gray, Range, node
from nodes.kernels import f32, inline, kernel
from nodes.kernels.section import rise

Form = Literal["disc", "square", "polygon", "star", "capsule", "bell", "cone", "pyramid"]
Profile = Literal["linear", "round", "smooth"]
Count = Annotated[int, Range(1, 64)]

SOLIDS = {"cone": ("disc", "linear"), "bell": ("disc", "smooth"), "pyramid": ("square", "linear")}
"""Forms that are another one, sloping all the way to the middle: which one, and the profile of the slope."""


@kernel
def _place(offset, top, height, width, columns, rows, left, above, xs, ys):
    """Write where each pixel lies from the middle of its cell, in cells, -0.5 to 0.5."""
    for y in range(xs.shape[0]):
        to_x, to_y = xs[y], ys[y]
        down = (f32(top + y) + f32(0.5)) / height
        for x in range(to_x.size):
            to_x[x] = (f32(np.int32(x)) + f32(0.5)) / width
            to_y[x] = down
        if offset.size:
            warp = offset[y]
            for x in range(to_x.size):
                to_x[x] += warp[x, 0]
                to_y[x] += warp[x, 1]
        for x in range(to_x.size):
            across, along = to_x[x] * columns - left, to_y[x] * rows - above
            to_x[x] = across - np.floor(across) - f32(0.5)
            to_y[x] = along - np.floor(along) - f32(0.5)


@kernel
def _turn(xs, ys, right, down, wide, high, cosine, sine, out_x, out_y):
    """Write places from the middle of the copy `right` and `down` cells away, turned, in units of the shape's size."""
    for i in range(xs.size):
        x, y = (xs[i] - right) * wide, (ys[i] - down) * high
        out_x[i] = x * cosine - y * sine
        out_y[i] = x * sine + y * cosine


@kernel
def _disc(xs, ys, depth):
    for i in range(depth.size):
        depth[i] = max(depth[i], f32(0.5) - np.sqrt(xs[i] * xs[i] + ys[i] * ys[i]))


@kernel
def _square(xs, ys, depth):
    for i in range(depth.size):
        x, y = abs(xs[i]) - f32(0.5), abs(ys[i]) - f32(0.5)
        far_x, far_y = max(x, f32(0)), max(y, f32(0))
        depth[i] = max(depth[i], -np.sqrt(far_x * far_x + far_y * far_y) - min(max(x, y), f32(0)))


@kernel
def _capsule(xs, ys, radius, depth):
    for i in range(depth.size):
        x = max(abs(xs[i]) - (f32(0.5) - radius), f32(0))
        depth[i] = max(depth[i], radius - np.sqrt(x * x + ys[i] * ys[i]))


@inline
def _turns(x, y):
    """Return the direction of (x, y) in turns, -0.5 to 0.5, to 2e-6."""
    a, b = abs(x), abs(y)
    t = min(a, b) / max(max(a, b), f32(1e-20))
    s = t * t
    arc = t * (f32(0.159134) + s * (f32(-0.052569) + s * (f32(0.028670) + s * (f32(-0.013549) + s * f32(0.003316)))))
    arc = f32(0.25) - arc if b > a else arc
    arc = f32(0.5) - arc if x < f32(0) else arc
    return -arc if y < f32(0) else arc


@kernel
def _star(xs, ys, tips, edge_x, edge_y, depth):
    """Take the place into the sector of its tip, which lies at 0.5 along x, and measure to the edge there.

    tips : (n, 2) direction of each; (edge_x, edge_y) : normal of the edge that leaves the tip, outwards.
    """
    sides = tips.shape[0]
    for i in range(depth.size):
        turns = _turns(xs[i], ys[i])
        turns = turns + f32(1) if turns < f32(0) else turns
        tip = np.int32(turns * f32(sides) + f32(0.5))
        tip = np.int32(0) if tip >= sides or tip < 0 else tip  # below 0 where the place is no number
        x = xs[i] * tips[tip, 0] + ys[i] * tips[tip, 1]
        y = abs(ys[i] * tips[tip, 0] - xs[i] * tips[tip, 1])
        depth[i] = max(depth[i], (f32(0.5) - x) * edge_x - y * edge_y)


def _deepen(form: str, xs: np.ndarray, ys: np.ndarray, sides: int, thickness: float, depth: np.ndarray) -> float:
    """Raise `depth` to how deep each place lies in a form of size 1, negative outside; return the deepest there is."""
    if form == "disc":
        _disc(xs, ys, depth)
        return 0.5
    if form == "square":
        _square(xs, ys, depth)
        return 0.5
    if form == "capsule":
        radius = 0.5 * max(thickness, 0.01)
        _capsule(xs, ys, f32(radius), depth)
        return radius
    half = np.pi / sides
    notch = 0.5 * np.cos(half) * (max(thickness, 0.05) if form == "star" else 1.0)
    edge = np.array([notch * np.sin(half), 0.5 - notch * np.cos(half)])
    edge /= np.hypot(*edge)
    angles = 2 * half * np.arange(sides)
    tips = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    _star(xs, ys, tips, f32(edge[0]), f32(edge[1]), depth)
    return 0.5 * edge[0]


@node(carries="opaque")
def shape(
    band: Band,
    form: Form = "disc",
    scale: Annotated[float, Range(0.0, 1.5)] = 0.8,
    sides: Annotated[int, Range(3, 32)] = 5,
    thickness: Annotated[float, Range(0.0, 1.0)] = 0.5,
    softness: Annotated[float, Range(0.0, 1.0)] = 0.0,
    profile: Profile = "smooth",
    rotation: Annotated[float, Angle()] = 0.0,
    x: Annotated[float, Range(0.0, 1.0)] = 0.5,
    y: Annotated[float, Range(0.0, 1.0)] = 0.5,
    columns: Count = 1,
    rows: Count = 1,
    offset: Flow | None = None,
) -> Gray:
    """A shape, white on black, once or in columns and rows; it goes on across the tile's borders.

    Cone, bell and pyramid slope from their edge to the middle; the others are flat, with an edge as soft as wanted.

    Parameters
    ----------
    scale : across, as a share of the shorter side of a cell
    sides : of a polygon, or tips of a star
    thickness : of a capsule, as a share of its length; of a star, 1 for a polygon, less for deeper notches
    softness : how far inside the edge white is reached; 1 only in the middle
    profile : the section of a soft edge
    rotation : counter-clockwise; at 0 the first corner and the length of a capsule lie to the right
    x, y : where in its cell the middle lies
    offset : added to the coordinates, in fractions of the tile
    """
    outline, slope = SOLIDS.get(form, (form, profile))
    softness = 1.0 if form in SOLIDS else softness
    cell_width, cell_height = band.width / columns, band.height / rows
    across = max(scale * min(cell_width, cell_height), 1e-3)
    xs, ys = np.empty((band.rows, band.width), np.float32), np.empty((band.rows, band.width), np.float32)
    none = np.empty((0, 0, 2), np.float32)
    extent = (f32(band.height), f32(band.width), f32(columns), f32(rows))
    _place(none if offset is None else offset, band.top, *extent, f32(x - 0.5), f32(y - 0.5), xs, ys)
    xs, ys = xs.reshape(-1), ys.reshape(-1)
    turned_x, turned_y = np.empty_like(xs), np.empty_like(ys)
    depth = np.full_like(xs, -1e6)
    stretch = (f32(cell_width / across), f32(cell_height / across))
    turn = (f32(np.cos(rotation)), f32(np.sin(rotation)))
    # Only a shape wider than its cell reaches into the cells beside it.
    around = 1 if (np.sqrt(2) if outline == "square" else 1.0) * across > min(cell_width, cell_height) else 0
    deepest = 0.5
    for down in range(-around, around + 1):
        for right in range(-around, around + 1):
            _turn(xs, ys, f32(right), f32(down), *stretch, *turn, turned_x, turned_y)
            deepest = _deepen(outline, turned_x, turned_y, sides, thickness, depth)
    return rise(depth, softness * deepest, 1 / across, slope, band.empty())


@inline
def _saw(t, wide, ends_open, repeat):
    """Return a ramp from 0 to 1 over each whole number, its mean over `wide`, since its edge would show as steps.

    ends_open : whether there is an edge at 0 and at `repeat` too.
    """
    number = np.floor(t)
    part, half = t - number, f32(0.5) * wide
    over, under = max(part + half - f32(1), f32(0)), max(half - part, f32(0))
    over = over if ends_open or number < repeat - f32(1) else f32(0)
    under = under if ends_open or number > f32(0) else f32(0)
    return part + (under - over) / wide


@kernel
def _ramp(form, mirror, offset, top, height, width, across, down, middle_x, middle_y, turn, repeat, out):
    """Write a gradient: form 0 linear, 1 axial, 2 radial, 3 angular; across, down : repeats along each axis."""
    ratio = height / width
    reach = f32(0.5) * min(ratio, f32(1))
    pixel = abs(across) / width + abs(down) / height if form < 2 else repeat / (reach * width)
    for y in range(out.shape[0]):
        row, middle = out[y], (f32(top + y) + f32(0.5)) / height
        for x in range(row.size):
            u, v = (f32(np.int32(x)) + f32(0.5)) / width - middle_x, middle - middle_y
            if offset.size:
                u += offset[y, x, 0]
                v += offset[y, x, 1]
            wide = pixel
            if form < 2:
                t = across * (u - np.floor(u)) + down * (v - np.floor(v))
            else:
                u, v = u - np.floor(u + f32(0.5)), (v - np.floor(v + f32(0.5))) * ratio
                far = np.sqrt(u * u + v * v)
                if form == 2:
                    # What lies beyond is the end of the last repeat.
                    t = min(far / reach, f32(1) - f32(1e-6)) * repeat
                else:
                    t = (_turns(u, -v) - turn) * repeat
                    wide = f32(0.5 / np.pi) * repeat / (max(far, f32(1e-6)) * width)
            if mirror:
                part = t - np.floor(t)
                row[x] = f32(1) - abs(f32(2) * part - f32(1))
            else:
                row[x] = _saw(t, min(max(wide, f32(1e-6)), f32(1)), form != 2, repeat)
            if form == 1 or (form == 2 and not mirror):
                row[x] = f32(1) - row[x]


@node(carries="opaque")
def gradient(
    band: Band,
    form: Literal["linear", "axial", "radial", "angular"] = "linear",
    angle: Annotated[float, Angle()] = 0.0,
    repeat: Count = 1,
    mirror: bool = False,
    x: Annotated[float, Range(0.0, 1.0)] = 0.5,
    y: Annotated[float, Range(0.0, 1.0)] = 0.5,
    offset: Flow | None = None,
) -> Gray:
    """A gradient from black to white: along a direction, away from a line, away from a point, or round it.

    Linear and axial close on the tile: their repeats along each axis are rounded to whole numbers, so at 30 degrees one
    repeat becomes the nearest direction that closes. Mirrored, nothing but its slope jumps. Radial is white in the
    middle and black from half the tile's shorter side on. Angular jumps half a tile from its middle, unless it is
    mirrored, at angle 0, with an even `repeat`.

    Parameters
    ----------
    form : linear rises along the angle, axial is white on a line across it, angular rises counter-clockwise
    angle : counter-clockwise from the right
    repeat : how often it runs from black to white
    mirror : up and down again in each repeat; axial always does
    x, y : the middle, of all but the linear form
    offset : added to the coordinates, in fractions of the tile
    """
    number = ("linear", "axial", "radial", "angular").index(form)
    across, down = (float(np.rint(repeat * part)) for part in (np.cos(angle), -np.sin(angle)))
    out = band.empty()
    _ramp(
        number,
        mirror or form == "axial",
        np.empty((0, 0, 2), np.float32) if offset is None else offset,
        band.top,
        f32(band.height),
        f32(band.width),
        f32(across),
        f32(down),
        f32(0 if form == "linear" else x),
        f32(0 if form == "linear" else y),
        f32(angle / (2 * np.pi)),
        f32(repeat),
        out,
    )
    return out
