"""Drawing stamps: small shapes or pictures, each at its own place, size and turn, laid over one another in order.

The tile is cut into buckets, and each bucket lists the stamps that touch it, first to last. So a pixel looks at the
few stamps near it, however large, small or deep they lie, and knows them all whatever rows are drawn with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nodes.kernels.compile import f32, inline, kernel
from nodes.kernels.sampling import in_tile

FORMS = ("disc", "square", "brick", "capsule", "dome", "paraboloid", "bell", "cone", "pyramid")
DISC, SQUARE, BRICK, CAPSULE, DOME, PARABOLOID, BELL, CONE, PYRAMID = range(len(FORMS))
PICTURE = len(FORMS)

MODES = ("max", "add", "subtract", "over", "height")
MAX, ADD, SUBTRACT, OVER, HEIGHT = range(len(MODES))

MOST_ENTRIES = 1 << 22


class Sheet(Protocol):
    """Stamps as they come: pictures, each with its mip levels, the largest first."""

    @property
    def pictures(self) -> tuple[tuple[np.ndarray, ...], ...]: ...


@dataclass(frozen=True)
class Placed:
    """Stamps on the torus, ready to draw: each copy that reaches into the tile, and the buckets that list them.

    geometry : float32 (n, 12), as `draw` reads it; which : int64 (n, 5), label, form, and where its mip level begins
    in `pixels`, its height and width. first : where each bucket's list begins in `items`, rows of `across` buckets.
    """

    geometry: np.ndarray
    which: np.ndarray
    first: np.ndarray
    items: np.ndarray
    across: int
    down: int
    pixels: np.ndarray


@dataclass(frozen=True)
class Sprites:
    """Where stamps lie, one entry of each array per stamp, the lowest first; lengths in pixels.

    x, y : the middle; length, breadth : sides of the stamp's box; angle : radians, counter-clockwise on screen;
    value : what the stamp's height is multiplied by; bend : sag of its middle line, as a share of its length;
    picture : which of the stamps, if there are pictures.
    """

    x: np.ndarray
    y: np.ndarray
    length: np.ndarray
    breadth: np.ndarray
    angle: np.ndarray
    value: np.ndarray
    bend: np.ndarray
    picture: np.ndarray

    def aside(self, length: np.ndarray, breadth: np.ndarray) -> np.ndarray:
        """Return how far stamps of these sides reach from their axis; bent ones slant and sag up to their soft ends."""
        bend, end = np.abs(self.bend), 0.5 + 0.5 / np.maximum(length, 1)
        return (breadth / 2 + 0.5) * np.hypot(1, 8 * bend * end) - 0.5 + bend * length * (4 * end**2 - 0.5)

    def box(self, oval: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return half the width and half the height of what each stamp covers, in pixels; oval if it has no corners."""
        along = self.length / 2
        aside = self.aside(self.length, self.breadth)
        c, s = np.abs(np.cos(self.angle)), np.abs(np.sin(self.angle))
        if oval and not self.bend.any():
            return np.hypot(along * c, aside * s), np.hypot(along * s, aside * c)
        return along * c + aside * s, along * s + aside * c


def levels(picture: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return a stamp's mip levels: float32 (h, w, 2), height and coverage, each level half of the one before.

    A pixel of a smaller level is the mean of those it covers; an odd row or column is shared out.
    """
    found = [np.ascontiguousarray(picture, np.float32)]
    while max(found[-1].shape[:2]) > 1:
        image = found[-1]
        for axis in (0, 1):
            image = _halved(image, axis)
        found.append(np.ascontiguousarray(image, np.float32))
    return tuple(found)


def _halved(image: np.ndarray, axis: int) -> np.ndarray:
    size = image.shape[axis]
    if size == 1:
        return image
    half = size // 2
    image = np.moveaxis(image, axis, 0)
    if size % 2 == 0:
        made = (image[0::2] + image[1::2]) * f32(0.5)
    else:
        i = np.arange(half, dtype=np.float32).reshape(-1, *[1] * (image.ndim - 1))
        parts = ((half - i) * image[0:-1:2], half * image[1::2], (i + 1) * image[2::2])
        made = (parts[0] + parts[1] + parts[2]) / f32(size)
    return np.moveaxis(made, 0, axis)


def _packed(stamps: Sheet) -> tuple[np.ndarray, list[list[tuple[int, int, int]]]]:
    """Return all levels of all stamps in one array of (pixels, 2), and where each begins, its height and width."""
    parts, where, at = [], [], 0
    for picture in stamps.pictures:
        where.append([])
        whole = picture[0] if picture[0].ndim == 3 else np.stack([picture[0], (picture[0] > 0).astype(f32)], axis=2)
        for level in picture if picture[0].ndim == 3 else levels(whole):
            where[-1].append((at, *level.shape[:2]))
            parts.append(level.reshape(-1, 2))
            at += len(parts[-1])
    return np.concatenate(parts).astype(np.float32), where


def place(sprites: Sprites, form: str, stamps: Sheet | None, height: int, width: int) -> Placed:
    """Return stamps ready to draw on a tile of (height, width) pixels."""
    half_x, half_y = sprites.box()
    x, y = sprites.x % width, sprites.y % height
    reach_x, reach_y = half_x + 1, half_y + 1
    # Every copy of a stamp that reaches into the tile, in the order of the stamps.
    first_x, last_x = np.ceil((-reach_x - x) / width), np.floor((width + reach_x - x) / width)
    first_y, last_y = np.ceil((-reach_y - y) / height), np.floor((height + reach_y - y) / height)
    wide = (last_x - first_x + 1).astype(np.int64)
    copies = wide * (last_y - first_y + 1).astype(np.int64)
    label = np.repeat(np.arange(len(x)), copies)
    number = np.arange(len(label)) - np.repeat(np.cumsum(copies) - copies, copies)
    shift_x = first_x[label] + number % wide[label]
    shift_y = first_y[label] + number // wide[label]
    # A stamp thinner than a pixel is drawn a pixel wide and fainter.
    length, breadth = np.maximum(sprites.length, 1), np.maximum(sprites.breadth, 1)
    fade = np.minimum(sprites.length, 1) * np.minimum(sprites.breadth, 1)
    c, s = np.cos(sprites.angle), np.sin(sprites.angle)
    columns = (c / length, -s / length, s / breadth, c / breadth, length, breadth, sprites.value, fade, sprites.bend)
    geometry = np.empty((len(label), 12), np.float32)
    geometry[:, 0], geometry[:, 1] = x[label] + shift_x * width, y[label] + shift_y * height
    for i, column in enumerate(columns):
        geometry[:, 2 + i] = column[label]
    geometry[:, 11] = sprites.aside(length, breadth)[label]
    which = np.zeros((len(label), 5), np.int64)
    which[:, 0] = label
    which[:, 1] = FORMS.index(form)
    pixels = np.zeros((1, 2), np.float32)
    if stamps is not None and stamps.pictures:
        pixels, where = _packed(stamps)
        which[:, 1] = PICTURE
        which[:, 2:] = np.array(
            [_level(where[p], a, b) for p, a, b in zip(sprites.picture, length, breadth, strict=True)], np.int64
        ).reshape(-1, 3)[label]
    # Buckets about as large as a stamp, but not so many that listing takes longer than drawing.
    extent = float(np.mean((reach_x + reach_y)[label])) if len(label) else float(width)
    bucket = max(6.0, 0.5 * extent)
    listed = float(np.sum((2 * reach_x[label] / bucket + 1) * (2 * reach_y[label] / bucket + 1)))
    bucket *= max(1.0, np.sqrt(listed / MOST_ENTRIES))
    across, down = (int(min(max(round(size / bucket), 1), 512)) for size in (width, height))
    first = np.zeros(across * down + 1, np.int64)
    side = (f32(width / across), f32(height / down))
    _list(geometry, *side, across, down, first, np.empty(0, np.int32))
    counts = first[1:].copy()
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    items = np.empty(int(first[-1]), np.int32)
    _list(geometry, *side, across, down, first[:-1].copy(), items)
    return Placed(geometry, which, first, items, across, down, pixels)


def _level(where: list[tuple[int, int, int]], length: float, breadth: float) -> tuple[int, int, int]:
    """Return the level whose pixels are nearest to the tile's in size, the smaller side deciding."""
    ratio = max(where[0][2] / length, where[0][1] / breadth, 1.0)
    return where[min(int(np.log2(ratio) + 0.5), len(where) - 1)]


@kernel
def _list(geometry, bucket_width, bucket_height, across, down, counts, items):
    """Count the stamps that touch each bucket, or, given `items`, write them where `counts` says, moving it on."""
    for n in range(geometry.shape[0]):
        g = geometry[n]
        length, breadth, aside = g[6], g[7], g[11]
        c, s = g[2] * length, g[4] * breadth
        along = length * f32(0.5)
        reach_x = along * abs(c) + aside * abs(s) + f32(1)
        reach_y = along * abs(s) + aside * abs(c) + f32(1)
        # What a bucket adds to both reaches when it is measured at its middle.
        more_u = f32(0.5) * (bucket_width * abs(c) + bucket_height * abs(s)) + f32(1) + along
        more_v = f32(0.5) * (bucket_width * abs(s) + bucket_height * abs(c)) + f32(1) + aside
        low_x = max(np.int64(np.floor((g[0] - reach_x) / bucket_width)), 0)
        high_x = min(np.int64(np.floor((g[0] + reach_x) / bucket_width)), across - 1)
        low_y = max(np.int64(np.floor((g[1] - reach_y) / bucket_height)), 0)
        high_y = min(np.int64(np.floor((g[1] + reach_y) / bucket_height)), down - 1)
        for by in range(low_y, high_y + 1):
            dy = (f32(by) + f32(0.5)) * bucket_height - g[1]
            for bx in range(low_x, high_x + 1):
                dx = (f32(bx) + f32(0.5)) * bucket_width - g[0]
                if abs(dx * c - dy * s) > more_u or abs(dx * s + dy * c) > more_v:
                    continue
                at = by * across + bx
                if items.size:
                    items[counts[at]] = n
                    counts[at] += 1
                else:
                    counts[at + 1] += 1


@inline
def _outline(form, u, v, length, breadth):
    """Return how deep in pixels a place lies inside a form's outline; exact where it matters, at the edge."""
    depth = min((f32(0.5) - abs(u)) * length, (f32(0.5) - abs(v)) * breadth)
    if form == DISC or (form >= DOME and form <= CONE):
        r = f32(2) * np.sqrt(u * u + v * v)
        a, b = u / length, v / breadth
        depth = f32(0.5) * min(length, breadth)
        if r > f32(1e-6):
            depth = (f32(1) - r) * r / (f32(4) * np.sqrt(a * a + b * b))
    elif form in (BRICK, CAPSULE):
        radius = min(length, breadth) * (f32(0.5) if form == CAPSULE else f32(0.15))
        qx = abs(u) * length - f32(0.5) * length + radius
        qy = abs(v) * breadth - f32(0.5) * breadth + radius
        ox, oy = max(qx, f32(0)), max(qy, f32(0))
        depth = radius - np.sqrt(ox * ox + oy * oy) - min(max(qx, qy), f32(0))
    return depth


@inline
def _relief(form, u, v, depth, length, breadth):
    """Return a form's height, 0 to 1."""
    r2 = min(f32(4) * (u * u + v * v), f32(1))
    height = f32(1)
    if form == DOME:
        height = np.sqrt(f32(1) - r2)
    elif form == PARABOLOID:
        height = f32(1) - r2
    elif form == CONE:
        height = f32(1) - np.sqrt(r2)
    elif form == BELL:
        t = f32(1) - np.sqrt(r2)
        height = t * t * (f32(3) - f32(2) * t)
    elif form == PYRAMID:
        height = max(f32(1) - f32(2) * max(abs(u), abs(v)), f32(0))
    elif form in (BRICK, CAPSULE):
        wide = min(length, breadth) * (f32(0.5) if form == CAPSULE else f32(0.2))
        t = min(max(depth / wide, f32(0)), f32(1))
        height = np.sqrt(t * (f32(2) - t))
    return height


@inline
def _between(pixels, begin, high, wide, u, v, channel):
    """Return a stamp's picture between its pixels, its border continued."""
    x = min(max((u + f32(0.5)) * f32(wide) - f32(0.5), f32(0)), f32(wide - 1))
    y = min(max((v + f32(0.5)) * f32(high) - f32(0.5), f32(0)), f32(high - 1))
    x0, y0 = min(np.int64(x), max(wide - 2, 0)), min(np.int64(y), max(high - 2, 0))
    x1, y1 = min(x0 + 1, wide - 1), min(y0 + 1, high - 1)
    px, py = x - f32(x0), y - f32(y0)
    a, b = pixels[begin + y0 * wide + x0, channel], pixels[begin + y0 * wide + x1, channel]
    c, d = pixels[begin + y1 * wide + x0, channel], pixels[begin + y1 * wide + x1, channel]
    upper, lower = a + px * (b - a), c + px * (d - c)
    return upper + py * (lower - upper)


@kernel
def draw(
    geometry, which, first, items, across, down, pixels, offset, top, height, width, mode, softness, relief, mask,
    labels, uv,
):  # fmt: skip
    """Lay stamps over `relief`, and write what they cover, the label of the one that shows and the place in it.

    geometry : x and y of the middle; what a step right and a step down are in u and in v, the stamp's own units;
    length, breadth, value, fade, bend, half of what it covers across. offset : (rows, W, 2) or (0, 0, 2) for none.
    relief : (rows, W), what lies below; labels : stamp + 1, 0 where none shows; uv : (0, 0, 2) where it is not wanted.
    """
    per_x, per_y = f32(across) / width, f32(down) / height
    for y in range(relief.shape[0]):
        for x in range(relief.shape[1]):
            at_x, at_y = f32(x) + f32(0.5), f32(top + y) + f32(0.5)
            if offset.size:
                at_x = in_tile(at_x + offset[y, x, 0] * width, width)
                at_y = in_tile(at_y + offset[y, x, 1] * height, height)
            bucket_x, bucket_y = min(np.int64(at_x * per_x), across - 1), min(np.int64(at_y * per_y), down - 1)
            bucket = bucket_y * across + bucket_x
            here, covered, shown, tallest = relief[y, x], f32(0), 0, f32(-1e30)
            shown_u, shown_v = f32(0), f32(0)
            for i in range(first[bucket], first[bucket + 1]):
                n = items[i]
                dx, dy = at_x - geometry[n, 0], at_y - geometry[n, 1]
                length, breadth, bend = geometry[n, 6], geometry[n, 7], geometry[n, 10]
                u = dx * geometry[n, 2] + dy * geometry[n, 3]
                v = dx * geometry[n, 4] + dy * geometry[n, 5]
                if bend != f32(0):
                    # Its middle line is a parabola; the breadth is kept square to it.
                    slope = f32(8) * bend * u
                    sag = bend * (f32(4) * u * u - f32(0.5)) * length / breadth
                    v = (v - sag) / np.sqrt(f32(1) + slope * slope)
                ends = min(f32(0.5) + (f32(0.5) - abs(u)) * length, f32(1))
                sides = min(f32(0.5) + (f32(0.5) - abs(v)) * breadth, f32(1))
                if ends <= f32(0) or sides <= f32(0):
                    continue
                form = which[n, 1]
                depth = _outline(form, u, v, length, breadth)
                if form in (SQUARE, PYRAMID, PICTURE):
                    cover = ends * sides * geometry[n, 9]
                else:
                    cover = min(max(f32(0.5) + depth, f32(0)), f32(1)) * geometry[n, 9]
                if cover <= f32(0):
                    continue
                if form == PICTURE:
                    begin, high, wide = which[n, 2], which[n, 3], which[n, 4]
                    tall = _between(pixels, begin, high, wide, u, v, 0)
                    # Mip levels and interpolation mix the picture with nothing; the height is that of what is there.
                    share = _between(pixels, begin, high, wide, u, v, 1)
                    tall = tall / share if share > f32(1e-4) else f32(0)
                    cover *= share
                else:
                    tall = _relief(form, u, v, depth, length, breadth)
                tall *= geometry[n, 8]
                shows = cover >= f32(0.5)
                if mode == MAX:
                    here = max(here, tall * cover)
                    shows = shows and tall > tallest
                elif mode in (ADD, SUBTRACT):
                    here += tall * cover if mode == ADD else -tall * cover
                    shows = shows and tall > tallest
                elif mode == OVER:
                    here += (tall - here) * cover
                else:
                    rise = tall - here
                    part = min(max(f32(0.5) + f32(0.5) * rise / softness, f32(0)), f32(1))
                    here += cover * rise * part * part * (f32(3) - f32(2) * part)
                    shows = shows and tall > tallest
                covered += cover * (f32(1) - covered)
                if shows:
                    shown, tallest, shown_u, shown_v = which[n, 0] + 1, tall, u, v
            relief[y, x], mask[y, x], labels[y, x] = here, covered, shown
            if uv.size:
                uv[y, x, 0] = min(max(shown_u + f32(0.5), f32(0)), f32(1)) if shown else f32(0)
                uv[y, x, 1] = min(max(shown_v + f32(0.5), f32(0)), f32(1)) if shown else f32(0)


@kernel
def look_up_labels(labels, values, out):
    """Write the value of each pixel's label, 0 where it has none."""
    for i in range(out.size):
        out[i] = values[labels[i] - 1] if labels[i] > 0 else f32(0)
