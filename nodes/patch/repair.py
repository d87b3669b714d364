"""Repairs and remixes: a part of one picture set into another, with a cut and a blend that hide the seam."""

from __future__ import annotations

import math
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.arrays import Origin, Regions, widen
from nodes.declare import Angle, Band, Gray, Image, Length, Picture, Range, Seed, node
from nodes.kernels import f32, mincut
from nodes.kernels.components import find_runs, join_runs, paint
from nodes.kernels.distance import to_mask
from nodes.kernels.hash import stream, uniform_array
from nodes.kernels.placing import lay, rate, rims
from nodes.kernels.poisson import correction, differences
from nodes.kernels.sampling import places, sample
from nodes.patch.exemplar import fitted, perceptual

TOLERANCE = 1e-5
"""Largest error left in a blend, in steps of a picture from 0 to 1."""

Blend = Literal["gradient", "cut", "paste"]


class Transplant(NamedTuple):
    image: Image
    origin: Origin
    mask: Gray


# ---- what both nodes do ----


def _even(picture: np.ndarray) -> np.ndarray:
    """Return a picture in steps that are even to the eye; a gray one, which may be a height, as it is."""
    return picture if picture.ndim == 2 else perceptual(picture)


def _over(image: np.ndarray, donor: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the donor by its share over the image; exact where the share is 0 or 1 and where both are the same."""
    part = share if image.ndim == 2 else share[..., None]
    return np.where(part >= 1, donor, image + (donor - image) * part)


def _depth(band: Band, inside: np.ndarray) -> np.ndarray:
    """Return how many pixels deep each pixel lies within a mask, 0 outside, 0.5 along its rim."""
    deep, _, _ = to_mask(band, ~inside)
    return np.maximum(deep - f32(0.5), f32(0))


def _ramp(band: Band, inside: np.ndarray, feather: float, both: bool) -> np.ndarray:
    """Return a mask that rises over `feather` pixels: from its rim inwards, or `both` ways of it."""
    if feather < 1 or inside.all() or not inside.any():
        return inside.astype(np.float32)
    deep = _depth(band, inside)
    if both:
        deep -= _depth(band, ~inside)
    t = np.clip(deep / f32(feather) + f32(0.5 if both else 0), f32(0), f32(1))
    return t * t * (f32(3) - f32(2) * t)


def _blended(
    band: Band, image: np.ndarray, donor: np.ndarray, label: np.ndarray, share: np.ndarray, spread: float
) -> np.ndarray:
    """Return the image with the donor's differences between neighbours where `label` is not 0.

    Where labels differ the image's own step stays. Inside, the differences are the donor's by its share.
    """
    unknown = label != 0
    pasted = np.where(unknown if image.ndim == 2 else unknown[..., None], donor, image)
    start = _even(pasted)
    band.tell(0.0)
    wanted = []
    for axis, old, new in zip((1, 0), differences(_even(image)), differences(_even(donor)), strict=True):
        same = unknown & (label == np.roll(label, 1, axis=axis))
        part = np.where(same, np.minimum(share, np.roll(share, 1, axis=axis)), f32(0))
        wanted.append(_over(old, new, part))
        band.tell(0.0)
    pull = 0.0 if spread >= band.width else 1 / max(spread, 0.5) ** 2
    change = correction(start, unknown, *wanted, pull=pull, tolerance=TOLERANCE, tell=band.tell)
    if image.ndim == 2:
        return pasted + change
    change = np.maximum(change, -start)
    return pasted + change * (2 * start + change)  # the square of the sum, but exact where nothing changed


def _origin(
    number: int, rows: np.ndarray, columns: np.ndarray, share: np.ndarray, sizes: tuple[tuple[int, int], ...]
) -> Origin:
    """Return the origin of a picture that shows source `number` by its share over source 0, which lies as it is."""
    height, width = share.shape
    taken = share >= f32(0.5)
    y, x = np.mgrid[:height, :width]
    return Origin(
        np.where(taken, number, 0).astype(np.int32),
        np.where(taken, rows, y).astype(np.int32),
        np.where(taken, columns, x).astype(np.int32),
        np.maximum(share, 1 - share),
        sizes,
    )


# ---- transplant ----


def _middle(inside: np.ndarray) -> tuple[float, float]:
    """Return the middle of a mask on the torus, row and column."""
    middle = []
    for axis in (0, 1):
        size = inside.shape[axis]
        turn = 2 * np.pi * np.arange(size) / size
        counts = inside.sum(axis=1 - axis)
        angle = math.atan2(float(counts @ np.sin(turn)), float(counts @ np.cos(turn)))
        middle.append(angle / (2 * math.pi) * size)
    return middle[0], middle[1]


def _moved(
    band: Band, donor: np.ndarray, inside: np.ndarray, x: float, y: float, angle: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the donor shifted and turned about the middle of the region, and the row and column of each pixel."""
    height, width = inside.shape
    if angle == 0:
        rows, columns = (np.arange(height) - round(y)) % height, (np.arange(width) - round(x)) % width
        return donor[rows[:, None], columns], rows[:, None], columns
    middle_y, middle_x = _middle(inside)
    ys, xs = places(height, width, 0, height)
    # Round the torus from the middle, so that the cut in the turned plane lies far from the region.
    ys = (ys - f32(middle_y) + f32(height / 2)) % f32(height) - f32(height / 2)
    xs = (xs - f32(middle_x) + f32(width / 2)) % f32(width) - f32(width / 2)
    cosine, sine = f32(math.cos(angle)), f32(math.sin(angle))
    from_y = ys * cosine + xs * sine + f32(middle_y - y)
    from_x = xs * cosine - ys * sine + f32(middle_x - x)
    turned = sample(donor, from_y, from_x, np.empty(donor.shape, np.float32))
    return turned, np.rint(from_y).astype(np.int64) % height, np.rint(from_x).astype(np.int64) % width


def _islands(band: Band, inside: np.ndarray) -> np.ndarray:
    """Return a label for each pixel's island of a mask, pixels that touch at a corner taken together; 0 outside."""
    mask = inside.astype(np.float32)
    runs = band.each(lambda top, bottom: find_runs(mask[top:bottom], f32(0.5)))
    first = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part[0]) for part in runs]))]).astype(np.int64)
    start, end = (np.concatenate([part[i] for part in runs]) for i in (1, 2))
    island = join_runs(first, start, end, mask.shape[1], True)[0]
    labels = np.empty(mask.shape, np.int32)
    paint(first, start, end, (island + 1).astype(np.int32), labels, 0)
    return labels


def _best_cut(
    band: Band, image: np.ndarray, donor: np.ndarray, inside: np.ndarray, margin: float, even: bool
) -> np.ndarray:
    """Return the part of a region within the cheapest cut that runs no deeper than `margin`, in each of its islands.

    A cut costs how far the two pictures are apart on both its sides; if `even` (a blend takes away what they differ by
    all along) how far that is from their usual distance.
    """
    if margin < 1 or inside.all() or not inside.any():
        return inside
    deep = _depth(band, inside)
    islands = _islands(band, inside)
    deepest = np.zeros(islands.max() + 1, np.float32)
    np.maximum.at(deepest, islands[inside], deep[inside])
    core = inside & (deep >= np.minimum(f32(margin), deepest[islands] * f32(0.6)))
    free = inside & ~core
    apart = (_even(donor) - _even(image)).reshape(*inside.shape, -1)
    if even:
        apart = apart - np.median(apart[free], axis=0) if free.any() else apart
    cost = np.sqrt((apart * apart).sum(axis=2))
    band.tell(0.0)
    parts = np.where(core, mincut.INSIDE, np.where(free, mincut.FREE, mincut.OUTSIDE)).astype(np.int8)
    across, down = cost + np.roll(cost, 1, axis=1), cost + np.roll(cost, 1, axis=0)
    return mincut.cut(parts, across, down, lambda: band.tell(0.0))


@node(reach="whole", carries="origin", copies=("image", "donor"), bound=0.05, scratch=200)
def patch_transplant(
    band: Band,
    image: Image,
    donor: Image,
    region: Gray,
    x: Annotated[float, Length(-1.0, 1.0)] = 0.0,
    y: Annotated[float, Length(-1.0, 1.0)] = 0.0,
    angle: Annotated[float, Angle()] = 0.0,
    blend: Blend = "gradient",
    margin: Annotated[float, Length(0.0, 0.25)] = 0.04,
    feather: Annotated[float, Length(0.0, 0.1)] = 0.008,
    spread: Annotated[float, Length(0.002, 1.0)] = 1.0,
) -> Transplant:
    """A part of another picture set into this one, along the cut that shows least and with tones that fit around it.

    The cut is the cheapest there is (a minimum cut between pixels). The blend keeps the donor's differences between
    neighbouring pixels and the image's tones along the cut (Pérez, Poisson image editing, 2003), in steps even to the
    eye for colours, to 1e-5. What neither cut nor blend touches keeps its bits. `mask` is the part that was set in.

    Parameters
    ----------
    region : the part to replace, where it is over 0.5
    x, y : shift of the donor to the right and down, in whole pixels unless it is turned
    angle : turn of the donor about the middle of the region, counter-clockwise
    blend : gradient leads tones over, cut does not, paste takes the region's own outline and leads nothing over
    margin : how far into the region the cut may run
    feather : width over which the two pictures, for gradient their details, are mixed along the cut
    spread : how far into the part the tones around it reach; 1 through all of it
    """
    inside = region > f32(0.5)
    moved, rows, columns = _moved(band, donor, inside, x, y, angle)
    kept = inside if blend == "paste" else _best_cut(band, image, moved, inside, margin, blend == "gradient")
    share = _ramp(band, kept, feather, both=blend != "gradient")
    band.tell(0.0)
    if blend == "gradient":
        out = _blended(band, image, moved, kept.astype(np.int32), share, spread)
    else:
        out = _over(image, moved, share)
    origin = _origin(1, rows, columns, share, (image.shape[:2], donor.shape[:2]))
    return Transplant(out, origin, share)


# ---- regions ----


def _corners(regions: Regions) -> np.ndarray:
    """Return the top row and left column of each label's box, the background's first."""
    height, width = regions.labels.shape
    corners = np.zeros((regions.count + 1, 2), np.int64)
    box = regions.table["bbox"]
    corners[1:, 0] = np.floor(box[:, 1] * height + 0.01).astype(np.int64) % height
    corners[1:, 1] = np.floor(box[:, 0] * width + 0.01).astype(np.int64) % width
    return corners


def _chosen(regions: Regions, choose: np.ndarray | None, share: float, seed: int) -> np.ndarray:
    """Return which labels get new material, the background's first: those drawn that also lie mostly in a mask."""
    chosen = np.zeros(regions.count + 1, bool)
    chosen[1:] = uniform_array(regions.table["id"], 0, stream(seed, 0)) < share
    if choose is not None:
        labels = regions.labels.reshape(-1)
        total = np.bincount(labels, minlength=len(chosen))
        marked = np.bincount(labels, choose.reshape(-1) > f32(0.5), minlength=len(chosen))
        chosen &= marked * 2 > total
    return chosen


def _starts(regions: Regions, seed: int, attempt: int, size: tuple[int, int], wraps: bool, place: str) -> np.ndarray:
    """Return, for each label, the row and column of the exemplar at its box's corner, at random for one attempt."""
    height, width = regions.labels.shape
    ids, box = regions.table["id"], regions.table["bbox"]
    starts = np.zeros((regions.count + 1, 2), np.int64)
    draws = [uniform_array(ids, attempt, stream(seed, 1 + axis)).astype(np.float64) for axis in (0, 1)]
    if place == "region" and wraps and regions.count:
        # Middle on middle, so that regions of like form exchange what they hold.
        other = np.minimum((draws[0] * regions.count).astype(int), regions.count - 1)
        middle = box[:, 1::-1] + box[:, :1:-1] / 2
        starts[1:] = _corners(regions)[1:] + np.rint((middle[other] - middle) * (height, width)).astype(np.int64)
        return starts
    for axis, whole in ((0, height), (1, width)):
        room = size[axis] if wraps else np.maximum(size[axis] - np.ceil(box[:, 3 - axis] * whole) + 1, 1)
        starts[1:, axis] = (draws[axis] * room).astype(np.int64)
    return starts


def _best_starts(
    regions: Regions,
    image: np.ndarray,
    donor: np.ndarray,
    corners: np.ndarray,
    attempts: int,
    seed: int,
    wraps: bool,
    place: str,
    even: bool,
    band: Band,
) -> np.ndarray:
    """Return for each label the best of some random places in the donor: that which fits the image along the rim."""
    labels = regions.labels
    rim = np.empty(labels.shape, np.bool_)
    rims(labels, rim)
    rim &= corners[labels, 0] >= 0
    ys, xs = np.nonzero(rim)
    pictures = [np.ascontiguousarray(_even(p).reshape(*p.shape[:2], -1)) for p in (image, donor)]
    best, least = np.zeros((regions.count + 1, 2), np.int64), np.full(regions.count + 1, np.inf)
    for attempt in range(attempts):
        starts = _starts(regions, seed, attempt, donor.shape[:2], wraps, place)
        sums = np.zeros((regions.count + 1, 2 + pictures[0].shape[2]))
        rate(*pictures, ys, xs, labels[rim], corners, starts, wraps, sums)
        count = np.maximum(sums[:, 0], 1)
        cost = sums[:, 1] / count
        if even:  # a blend takes away what they differ by all along
            cost -= ((sums[:, 2:] / count[:, None]) ** 2).sum(axis=1)
        better = cost < least
        best[better], least[better] = starts[better], cost[better]
        band.tell(0.1 * attempt / attempts)
    return best


def _exemplar(
    band: Band, image: np.ndarray, donor: np.ndarray | None, picture: np.ndarray | None, columns: float
) -> tuple[int, np.ndarray]:
    """Return the number of the source that material comes from, and its pixels, as gray or coloured as the image."""
    if donor is not None:
        return 1, donor
    if picture is None:
        return 0, image
    pixels: np.ndarray = picture
    if image.ndim == 2 and picture.ndim == 3:
        pixels = (picture * np.array([0.2126, 0.7152, 0.0722], np.float32)).sum(axis=2)
    elif image.ndim == 3 and picture.ndim == 2:
        pixels = widen(picture)
    width = max(1, round(band.width / columns))
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return 2, fitted(pixels, height, width)


@node(reach="whole", carries="origin", copies=("image", "donor", "picture"), scratch=200)
def region_replace(
    band: Band,
    regions: Regions,
    image: Image,
    donor: Image | None = None,
    choose: Gray | None = None,
    picture: Annotated[str, Picture()] = "",
    columns: Annotated[float, Range(0.25, 16.0)] = 2.0,
    share: Annotated[float, Range(0.0, 1.0)] = 0.5,
    place: Literal["anywhere", "region"] = "anywhere",
    attempts: Annotated[int, Range(1, 64)] = 8,
    blend: Literal["gradient", "paste"] = "gradient",
    feather: Annotated[float, Length(0.0, 0.1)] = 0.004,
    spread: Annotated[float, Length(0.002, 1.0)] = 1.0,
    seed: Seed = 0,
) -> Transplant:
    """Some regions, such as bricks or tiles, filled with material from another picture, each from a place of its own.

    Material comes from `donor`, else from `picture`, else from the image itself. Of some random places each region
    takes the one that fits best along its rim. The gradient blend keeps the material's differences between neighbouring
    pixels and the image's tones along the rim, so that a replaced brick keeps its shade. `mask` is what was replaced.

    Parameters
    ----------
    choose : regions that lie for more than half where it is over 0.5 may be replaced; all without it
    picture : a source of the document to take material from
    columns : how many widths of the picture lie side by side on the tile
    share : how many regions are drawn at random; 1 takes all
    place : anywhere in the picture; or region, which lays the middle of a region on that of another (donor and image)
    attempts : random places tried for each region
    blend : gradient gives the old tones of the rim to the new material, paste leaves it its own
    feather : width of the rim over which the old details go over into the new
    spread : how far into a region the old tones reach; 1 through all of it
    """
    number, source = _exemplar(band, image, donor, picture, columns)  # type: ignore[arg-type]  # pixels by now
    chosen = _chosen(regions, choose, share, seed)
    label = np.where(chosen[regions.labels], regions.labels, 0)
    corners = _corners(regions)
    corners[~chosen] = -1
    wraps, even = number < 2, blend == "gradient"
    starts = _best_starts(regions, image, source, corners, attempts, seed, wraps, place, even, band)
    y, x = (np.ascontiguousarray(a) for a in np.mgrid[: band.height, : band.width])
    lay(regions.labels, corners, starts, np.array(source.shape[:2]), wraps, y, x)
    band.tell(0.1)
    replaced = label != 0
    laid = np.where(replaced if image.ndim == 2 else replaced[..., None], source[y * replaced, x * replaced], image)
    mask = _rim_ramp(band, label, feather)
    out = _blended(band, image, laid, label, mask, spread) if even else _over(image, laid, mask)
    sizes = [image.shape[:2], (1, 1), (1, 1)]
    sizes[number] = source.shape[:2]
    return Transplant(out, _origin(number, y, x, mask, tuple(sizes)), mask)


def _rim_ramp(band: Band, label: np.ndarray, feather: float) -> np.ndarray:
    """Return a mask of all labels that rises from 0 outside over `feather` pixels inwards, for each label by itself."""
    rim = np.empty(label.shape, np.bool_)
    rims(label, rim)
    if feather < 1 or not rim.any():
        return (label != 0).astype(np.float32)
    far, _, _ = to_mask(band, rim)
    t = np.clip((far + f32(0.5)) / f32(feather), f32(0), f32(1))
    return np.where(label != 0, t * t * (f32(3) - f32(2) * t), f32(0))
