"""Materials from photographs: every pixel is copied from an example, and says from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from nodes import opencv
from nodes.arrays import Origin, Regions, take
from nodes.declare import Angle, Band, Color, Flow, Gray, Image, Picture, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.hash import hash_array, stream
from nodes.patch.cautions import caution
from nodes.patch.evened import evened
from nodes.patch.exemplar import as_color, as_gray, blank, fitted, perceptual, ranked, seen
from nodes.patch.field import Example, Style, synthesize as origin_of
from nodes.patch.lattice import find_lattice

Photo = Annotated[Any, Picture()]
Columns = Annotated[float, Range(0.02, 64.0)]
Motif = Annotated[float, Range(0.06, 0.5, "of the picture")]
Evenness = Annotated[float, Range(0.0, 4.0)]
Structure = Annotated[float, Range(0.0, 2.0)]
Weight = Annotated[float, Range(0.0, 4.0)]
Guidance = Annotated[float, Range(0.0, 4.0)]

SCRATCH = 120.0
"""Bytes a pixel that a synthesis takes beyond its results: planes, field and patches of the two finest levels."""

LATTICE_EVENNESS = 2.0
"""How much more evenly places are used where a lattice leaves few to choose from."""

ASTRAY_EVENNESS, ASTRAY_MENDING = 0.25, 1600
"""How much less evenly places are used, and how many blocks are laid anew, where courses keep to no lattice."""

FLAT_NORMAL = (0.5, 0.5, 1.0)


class Copied(NamedTuple):
    color: Color
    origin: Origin


class CopiedMaps(NamedTuple):
    color: Color
    height: Gray
    roughness: Gray
    normal: Color
    origin: Origin


class CopiedOf(NamedTuple):
    color: Color
    a: Gray
    b: Gray
    c: Gray
    d: Gray
    origin: Origin


class Carried(NamedTuple):
    color: Color
    gray: Gray


def _gray(band: Band, value: float = 0.5) -> np.ndarray:
    return np.full((band.height, band.width), value, np.float32)


def _plain(band: Band, color: tuple[float, ...] = (0.5, 0.5, 0.5)) -> np.ndarray:
    return np.full((band.height, band.width, 3), color, np.float32)


def _show(band: Band, pictures: Sequence[np.ndarray], laid: Origin) -> None:
    """Show a first layout of pictures, small."""
    band.show("color", lambda: take({k: fitted(pictures[k], *size) for k, size in enumerate(laid.sizes)}, laid))


@node(
    reach="whole",
    carries="origin",
    copies=("picture",),
    scratch=SCRATCH,
)
def synthesize(
    band: Band,
    picture: Photo = "",
    columns: Columns = 2.0,
    seed: Seed = 0,
    motif: Motif = 0.156,
    evenness: Evenness = 1.0,
    structure: Structure = 0.5,
    layouts: Annotated[int, Range(1, 32)] = 8,
    regular: Literal["auto", "straighten", "off"] = "auto",
    height_picture: Photo = "",
    height_weight: Weight = 0.5,
    roughness_picture: Photo = "",
    roughness_weight: Weight = 0.25,
    normal_picture: Photo = "",
    normal_weight: Weight = 0.5,
) -> CopiedMaps:
    """A photograph continued without end or seam: larger, varied, and every pixel copied from it.

    Further maps of the same photograph are matched together with its colour and cut along the same lines. Colours are
    compared in even steps, each map by its weight's share of the variance. Where no picture is given its map is mid
    gray, and the normal flat.

    Parameters
    ----------
    picture : a source of the document, which holds its path, author and licence
    columns : how many widths of the picture the tile is wide
    motif : what is smaller than this share of the picture's shorter side stays whole; larger repeats more
    evenness : how much places that were used already are avoided; 0 copies the best fit however often
    structure : how much tone and edges at the scale of motifs count, which carry courses and boards
    layouts : how many are tried on a tile of four times the picture's area, fewer on larger ones; the best is kept
    regular : auto lays courses, tiles and weaves in step; straighten makes them even first, by interpolated pixels
    height_picture, roughness_picture, normal_picture : other maps of the same photograph, of any size
    height_weight, roughness_weight, normal_weight : how much they count beside the colour, which counts 1
    """
    if picture is None:
        return CopiedMaps(_plain(band), _gray(band), _gray(band), _plain(band, FLAT_NORMAL), blank(band))
    color = as_color(seen(picture, band, columns))
    maps, weights = {"color": color}, [1.0]
    others = {
        "height": (height_picture, height_weight),
        "roughness": (roughness_picture, roughness_weight),
        "normal": (normal_picture, normal_weight),
    }
    for name, (map, weight) in others.items():
        if map is not None:
            shaped = as_color(map) if name == "normal" else as_gray(map)
            maps[name] = fitted(shaped, *color.shape[:2])
            weights.append(weight)
    lattice = find_lattice(color) if regular != "off" else None
    even = evened(lattice, band.height, band.width) if lattice else None
    caution(band, color, motif, in_step=lattice is not None)
    if even is not None and regular == "straighten":
        maps = {name: even.picture(map) for name, map in maps.items()}
    style = Style(
        motif=motif,
        layouts=layouts,
        evenness=evenness if even is None else LATTICE_EVENNESS * evenness,
        structure=structure,
        lattice=() if even is None else even.vectors,
    )
    if lattice is not None and even is None:  # courses in strong perspective: what fits is rare, and seams show
        style = replace(style, evenness=ASTRAY_EVENNESS * evenness, mending=ASTRAY_MENDING)
    places = even.places() if even is not None and regular == "auto" else None
    example = Example(tuple(maps.values()), tuple(weights), places=places)
    origin = origin_of([example], band, seed, style, show=partial(_show, band, [maps["color"]]))
    made = {name: take({0: map}, origin) for name, map in maps.items()}
    origin = even.origin(origin) if even is not None and regular == "straighten" else origin
    return CopiedMaps(
        made["color"],
        made["height"] if "height" in made else _gray(band),
        made["roughness"] if "roughness" in made else _gray(band),
        made["normal"] if "normal" in made else _plain(band, FLAT_NORMAL),
        origin,
    )


@node(reach="whole", carries="origin", copies=("picture",), scratch=80.0)
def quilt(
    band: Band,
    picture: Photo = "",
    columns: Columns = 2.0,
    seed: Seed = 0,
    motif: Motif = 0.156,
    evenness: Evenness = 1.0,
) -> Copied:
    """A photograph continued by blocks that are cut along the lines where they differ least; quick.

    Image quilting (Efros and Freeman 2001) on the torus, at half size. Synthesize begins with this and then mends.

    Parameters
    ----------
    picture : a source of the document
    columns : how many widths of the picture the tile is wide
    motif : side of the blocks as a share of the picture's shorter side
    evenness : how much places that were used already are avoided
    """
    if picture is None:
        return Copied(_plain(band), blank(band))
    example = Example((as_color(seen(picture, band, columns)),))
    style = Style(motif=motif, layouts=1, evenness=evenness, rounds=0, structure=0.0)
    origin = origin_of([example], band, seed, style)
    return Copied(take({0: example.maps[0]}, origin), origin)


# ---- guided ----------------------------------------------------------------------------------------


MEASURES = Literal["brightness", "warmth", "colourfulness", "detail"]


def measured(picture: np.ndarray, measure: str) -> np.ndarray:
    """Return what a photograph shows of a quality at each pixel, (h, w); only the order of values means anything."""
    color = perceptual(as_color(picture))
    side = min(color.shape[:2])
    match measure:
        case "warmth":
            image = color[..., 0] - color[..., 2]
        case "colourfulness":
            image = color.max(axis=2) - color.min(axis=2)
        case "detail":
            tone = color.mean(axis=2)
            image = np.abs(tone - opencv.cv2.GaussianBlur(tone, (0, 0), max(side / 64, 0.5)))
            image = opencv.cv2.GaussianBlur(image, (0, 0), max(side / 64, 0.5))
        case _:
            image = color.mean(axis=2)
    return opencv.cv2.GaussianBlur(np.ascontiguousarray(image), (0, 0), max(side / 128, 0.5))


def _as_guide(image: np.ndarray, even: bool) -> np.ndarray:
    """Return a guide as planes of about unit deviation, (h, w, g)."""
    if even:
        return (ranked(as_gray(image))[..., None] - f32(0.5)) * f32(12**0.5)
    planes = image.reshape(*image.shape[:2], -1)
    return planes * f32(12**0.5)


@node(reach="whole", carries="origin", copies=("picture",), scratch=SCRATCH)
def texture_by_numbers(
    band: Band,
    guide: Image,
    picture: Photo = "",
    guide_picture: Photo = "",
    measure: MEASURES = "brightness",
    even: bool = True,
    columns: Columns = 2.0,
    guidance: Guidance = 1.0,
    seed: Seed = 0,
    motif: Motif = 0.12,
    evenness: Evenness = 0.5,
    layouts: Annotated[int, Range(1, 32)] = 4,
) -> Copied:
    """A photograph grown by a plan: where the guide is high, what is copied is high in the photograph's own guide.

    Image analogies (Hertzmann 2001) over the patch field. Without a guide of its own the photograph is measured.

    Parameters
    ----------
    guide : what the tile is to show where: a mask, a height, labels as tones or colours
    picture : a source of the document
    guide_picture : the same plan drawn for the photograph, of any size
    measure : what stands for it where there is none
    even : compare ranks instead of values, so that half of the tile shows what half of the photograph does
    columns : how many widths of the picture the tile is wide
    guidance : how strictly the guide is followed; 0 ignores it
    motif : what is smaller than this share of the picture's shorter side stays whole
    evenness : how much places that were used already are avoided
    layouts : how many are tried on a tile of four times the picture's area, fewer on larger ones; the best is kept
    """
    if picture is None:
        return Copied(_plain(band), blank(band))
    color = as_color(seen(picture, band, columns))
    if guide_picture is not None:
        own = fitted(guide_picture, *color.shape[:2])
        own = as_gray(own) if guide.ndim == 2 else as_color(own)
    else:
        own, guide, even = measured(color, measure), as_gray(guide), True
    example = Example((color,), guide=_as_guide(own, even))
    style = Style(motif=motif, layouts=layouts, evenness=evenness, guidance=guidance)
    target = _as_guide(guide, even)
    origin = origin_of([example], band, seed, style, target, show=partial(_show, band, [color]))
    return Copied(take({0: color}, origin), origin)


@node(reach="whole", carries="origin", copies=("picture",), scratch=SCRATCH)
def remake(
    band: Band,
    image: Color,
    picture: Photo = "",
    columns: Columns = 2.0,
    guidance: Guidance = 1.0,
    detail: Annotated[float, Range(0.0, 1.0)] = 0.5,
    seed: Seed = 0,
    motif: Motif = 0.08,
    evenness: Evenness = 0.25,
) -> Copied:
    """A picture made again of another's pixels: its lights and darks, the photograph's substance.

    Parameters
    ----------
    image : what is made again
    picture : a source of the document, of which it is made
    columns : how many widths of the picture the tile is wide
    guidance : how strictly its lights and darks are followed
    detail : how fine these are: 0 broad masses alone, 1 every stroke
    motif : what is smaller than this share of the picture's shorter side stays whole
    evenness : how much places that were used already are avoided
    """
    if picture is None:
        return Copied(_plain(band), blank(band))
    color = as_color(seen(picture, band, columns))
    sigma = max(min(color.shape[:2]) / 16 * (1 - detail), 0.6)
    tones = [perceptual(one).mean(axis=2) for one in (color, image)]
    own = opencv.cv2.GaussianBlur(tones[0], (0, 0), sigma)
    wanted = _blurred_round(tones[1], sigma)
    example = Example((color,), guide=_as_guide(own, True))
    style = Style(motif=motif, layouts=4, evenness=evenness, guidance=guidance)
    target = _as_guide(wanted, True)
    origin = origin_of([example], band, seed, style, target, show=partial(_show, band, [color]))
    return Copied(take({0: color}, origin), origin)


def _blurred_round(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return a blurred picture on the torus."""
    reach = min(int(3 * sigma) + 1, *image.shape[:2])
    padded = np.pad(image, ((reach, reach), (reach, reach), *[(0, 0)] * (image.ndim - 2)), mode="wrap")
    return np.ascontiguousarray(opencv.cv2.GaussianBlur(padded, (0, 0), sigma)[reach:-reach, reach:-reach])


TURNS = 12

RAREST = 0.04
"""Directions that are rarer than this share of the commonest one are shown by their neighbours."""


@node(reach="whole", carries="origin", copies=("picture",), scratch=SCRATCH + 60)
def follow_flow(
    band: Band,
    flow: Flow,
    picture: Photo = "",
    grain: Annotated[float, Angle(-180.0, 180.0)] = 90.0,
    columns: Columns = 2.0,
    guidance: Guidance = 1.5,
    seed: Seed = 0,
    motif: Motif = 0.12,
    evenness: Evenness = 0.5,
    layouts: Annotated[int, Range(1, 32)] = 1,
) -> Copied:
    """A photograph with a grain, laid along a flow: bark round a knot, fur along a spine.

    The photograph is turned to twelve directions, but for those that hardly any place asks for, and each place takes
    from those that run its way. Turned pixels are interpolated, and their origin is the nearest pixel of the
    photograph. What is lit from one side will show it.

    Parameters
    ----------
    flow : where the grain is to run; only its direction counts, forwards as backwards
    picture : a source of the document
    grain : the direction of the grain in the photograph; 90 is upright
    columns : how many widths of the picture the tile is wide
    guidance : how strictly the flow is followed
    motif : what is smaller than this share of the picture's shorter side stays whole
    evenness : how much places that were used already are avoided
    layouts : how many are tried; the best is kept
    """
    if picture is None:
        return Copied(_plain(band), blank(band))
    color = as_color(seen(picture, band, columns))
    caution(band, color, motif)
    examples, back = [], []
    for turn in _asked(flow, grain):
        turned, usable, inverse = _turned(color, turn)
        guide = np.empty((*turned.shape[:2], 2), np.float32)
        guide[:] = (np.cos(2 * (grain + turn)), np.sin(2 * (grain + turn)))
        examples.append(Example((turned,), guide=guide, usable=usable))
        back.append(inverse)
    angle = 2 * np.arctan2(-flow[..., 1], flow[..., 0])  # rows run down, angles up
    target = np.stack([np.cos(angle), np.sin(angle)], axis=2).astype(np.float32)
    style = Style(motif=motif, layouts=layouts, evenness=evenness, guidance=guidance)
    pictures = [example.maps[0] for example in examples]
    turned_origin = origin_of(examples, band, seed, style, target, show=partial(_show, band, pictures))
    result = take(dict(enumerate(pictures)), turned_origin)
    return Copied(result, _turned_back(turned_origin, back, color.shape[:2]))


def _asked(flow: np.ndarray, grain: float) -> np.ndarray:
    """Return the turns, in radians, that bring the grain near the flow anywhere but in the rarest places."""
    turns = np.arctan2(-flow[..., 1], flow[..., 0]) - grain
    nearest = np.rint(turns * (TURNS / np.pi)).astype(np.int64) % TURNS
    count = np.bincount(nearest.ravel(), minlength=TURNS)
    return np.flatnonzero(count > max(count.max() * RAREST, 0)) * (np.pi / TURNS)


def _turned(color: np.ndarray, turn: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a picture turned counter-clockwise, where it covers its new frame, and the matrix that leads back."""
    height, width = color.shape[:2]
    if turn == 0:
        return color, np.ones((height, width), bool), np.array([[1, 0, 0], [0, 1, 0]], np.float64)
    cos, sin = np.cos(turn), np.sin(turn)
    side_y = max(1, round(abs(width * sin) + abs(height * cos)))
    side_x = max(1, round(abs(width * cos) + abs(height * sin)))
    turning = np.array([[cos, sin], [-sin, cos]])  # x right, y down
    shift = np.array([(side_x - 1) / 2, (side_y - 1) / 2]) - turning @ [(width - 1) / 2, (height - 1) / 2]
    forwards = np.hstack([turning, shift[:, None]])
    back = np.hstack([turning.T, -(turning.T @ shift)[:, None]])
    turned = opencv.cv2.warpAffine(
        color, forwards, (side_x, side_y), flags=opencv.cv2.INTER_CUBIC, borderMode=opencv.cv2.BORDER_REFLECT
    )
    whole = opencv.cv2.warpAffine(
        np.full((height, width), 255, np.uint8), forwards, (side_x, side_y), flags=opencv.cv2.INTER_LINEAR
    )
    return np.clip(turned, 0, color.max()), whole == 255, back


def _turned_back(origin: Origin, back: list[np.ndarray], size: tuple[int, int]) -> Origin:
    """Return an origin in turned pictures as one in the picture itself."""
    matrices = np.stack(back).astype(np.float32)[origin.source]
    there = np.stack([origin.x, origin.y, np.ones_like(origin.y)], axis=2).astype(np.float32)
    x = np.rint((matrices[:, :, 0] * there).sum(axis=2)).astype(np.int32)
    y = np.rint((matrices[:, :, 1] * there).sum(axis=2)).astype(np.int32)
    y, x = np.clip(y, 0, size[0] - 1), np.clip(x, 0, size[1] - 1)
    return Origin(np.zeros_like(y), y, x, origin.weight, (size,))


@node(reach="whole", carries="origin", copies=("picture",), scratch=SCRATCH)
def synthesize_regions(
    band: Band,
    regions: Regions,
    picture: Photo = "",
    columns: Columns = 2.0,
    seed: Seed = 0,
    turn: Literal["none", "half"] = "none",
    motif: Motif = 0.156,
    evenness: Evenness = 1.0,
) -> Copied:
    """A photographed substance in pieces: each region shows another part of it, whole and without a seam.

    The photograph is continued over the tile once, and every region takes its part from another place of that; what
    is no region shows it as it is.

    Parameters
    ----------
    regions : bricks, stones, boards or cells
    picture : a source of the document
    columns : how many widths of the picture the tile is wide
    turn : half turns every second region round by 180 degrees; what is lit from one side will show it
    motif : what is smaller than this share of the picture's shorter side stays whole
    evenness : how much places that were used already are avoided
    """
    if picture is None:
        return Copied(_plain(band), blank(band))
    color = as_color(seen(picture, band, columns))
    caution(band, color, motif)
    style = Style(motif=motif, evenness=evenness, layouts=4)
    whole = origin_of([Example((color,))], band, seed, style)
    ids = np.concatenate([[0], regions.table["id"]]).astype(np.int64)
    shifts = [hash_array(ids, k, stream(seed, 11)).astype(np.int64) % n for k, n in ((0, band.height), (1, band.width))]
    signs = np.where(hash_array(ids, 2, stream(seed, 11)) & 1, -1, 1) if turn == "half" else np.ones(len(ids), np.int64)
    for per_region in (*shifts, signs):
        per_region[0] = per_region[0] if per_region is signs else 0
    signs[0] = 1
    labels = regions.labels
    y = (np.arange(band.height)[:, None] * signs[labels] + shifts[0][labels]) % band.height
    x = (np.arange(band.width) * signs[labels] + shifts[1][labels]) % band.width
    origin = Origin(whole.source[y, x], whole.y[y, x], whole.x[y, x], whole.weight, whole.sizes)
    return Copied(take({0: color}, origin), origin)


# ---- several ---------------------------------------------------------------------------------------


@node(
    reach="whole", carries="origin", copies=("picture_a", "picture_b", "picture_c", "picture_d"), scratch=SCRATCH + 40
)
def mash_up(
    band: Band,
    b: Gray | None = None,
    c: Gray | None = None,
    d: Gray | None = None,
    picture_a: Photo = "",
    picture_b: Photo = "",
    picture_c: Photo = "",
    picture_d: Photo = "",
    columns_a: Columns = 2.0,
    columns_b: Columns = 2.0,
    columns_c: Columns = 2.0,
    columns_d: Columns = 2.0,
    guidance: Guidance = 1.0,
    seed: Seed = 0,
    motif: Motif = 0.12,
    evenness: Evenness = 0.7,
    layouts: Annotated[int, Range(1, 32)] = 4,
) -> CopiedOf:
    """Up to four photographs grown into one ground: masks say where each is wanted, cuts follow what they show.

    The first fills what the masks leave. The outputs a to d are 1 where a pixel was copied from that photograph.

    Parameters
    ----------
    b, c, d : where the second, third and fourth photograph are wanted; where they overlap, by their shares
    picture_a, picture_b, picture_c, picture_d : sources of the document; one that is not given is left out
    columns_a, columns_b, columns_c, columns_d : how many widths of each picture the tile is wide
    guidance : how strictly the masks are followed; less lets the cuts wander along what fits
    motif : what is smaller than this share of the smallest picture's shorter side stays whole
    evenness : how much places that were used already are avoided
    layouts : how many are tried on a tile of four times the picture's area, fewer on larger ones; the best is kept
    """
    pictures = {"a": (picture_a, columns_a), "b": (picture_b, columns_b), "c": (picture_c, columns_c)}
    pictures["d"] = (picture_d, columns_d)
    there = [name for name, (picture, _) in pictures.items() if picture is not None]
    if not there:
        none = [_gray(band, 0.0) for _ in pictures]
        return CopiedOf(_plain(band), none[0], none[1], none[2], none[3], blank(band))
    masks = {"a": None, "b": b, "c": c, "d": d}
    wanted = {name: _gray(band, 0.0) if (mask := masks[name]) is None else mask for name in there}
    if "a" in there:
        others = sum((wanted[name] for name in there if name != "a"), _gray(band, 0.0))
        wanted["a"] = np.maximum(1 - others, f32(0))
    target = np.stack([wanted[name] for name in there], axis=2)
    target = target / np.maximum(target.sum(axis=2, keepdims=True), f32(1e-6))
    colors = [as_color(seen(pictures[name][0], band, pictures[name][1])) for name in there]
    examples = []
    for name, color in zip(there, colors, strict=True):
        caution(band, color, motif, name=f"picture_{name}")
    for k, color in enumerate(colors):
        guide = np.zeros((*color.shape[:2], len(there)), np.float32)
        guide[..., k] = 2.0
        examples.append(Example((color,), guide=guide))
    style = Style(motif=motif, layouts=layouts, evenness=evenness, guidance=guidance)
    target = (target * f32(2)).astype(np.float32)
    origin = origin_of(examples, band, seed, style, target, show=partial(_show, band, colors))
    result = take(dict(enumerate(colors)), origin)
    numbers = np.array(["abcd".index(name) for name in there], np.int32)
    source = numbers[origin.source]
    sizes = {name: color.shape[:2] for name, color in zip(there, colors, strict=True)}
    named = Origin(source, origin.y, origin.x, origin.weight, tuple(sizes.get(name, (0, 0)) for name in "abcd"))
    where = [(source == k).astype(np.float32) for k in range(4)]
    return CopiedOf(result, where[0], where[1], where[2], where[3], named)


# ---- carrying along --------------------------------------------------------------------------------


@node(reach="whole", carries="origin", copies=("picture_a", "picture_b", "picture_c", "picture_d"), scratch=16.0)
def apply_origin(
    band: Band,
    origin: Origin,
    picture_a: Photo = "",
    picture_b: Photo = "",
    picture_c: Photo = "",
    picture_d: Photo = "",
) -> Carried:
    """Another map of the same photographs, copied from the same places as the first was.

    Where nothing was copied, or the map is not given, it is mid gray.

    Parameters
    ----------
    origin : from where, as the first map's node says
    picture_a, picture_b, picture_c, picture_d : the other map of each photograph, of any size
    """
    pictures = (picture_a, picture_b, picture_c, picture_d)
    maps = {}
    for source, (picture, size) in enumerate(zip(pictures, origin.sizes, strict=False)):
        if picture is not None and size[0] > 0:
            maps[source] = as_color(fitted(picture, *size))
    if not maps or not origin.sizes:
        return Carried(_plain(band), _gray(band))
    color = take(maps, origin)
    missing = ~np.isin(origin.source, list(maps)) | (origin.weight <= 0)
    color[missing] = 0.5
    gray = as_gray(color)
    single = all(picture is None or picture.ndim == 2 for picture in pictures)
    return Carried(color, np.ascontiguousarray(color[..., 0]) if single else gray)


@node(reach="whole", carries="mix", steers=("origin",), scratch=8.0)
def apply_origin_to_image(origin: Origin, image: Image) -> Image:
    """Another map on a wire, moved as the first was when it was made tileable, filled or expanded.

    Parameters
    ----------
    origin : from where, as the first map's node says
    image : the other map, of the tile's size
    """
    rows, columns = image.shape[:2]
    moved = image[np.clip(origin.y, 0, rows - 1), np.clip(origin.x, 0, columns - 1)]
    kept = origin.weight <= 0
    moved[kept] = image[kept]
    return moved
