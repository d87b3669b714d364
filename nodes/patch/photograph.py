"""Photographs on the tile: straightened, evenly lit, and read for height and roughness."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from nodes.arrays import widen
from nodes.declare import Angle, Band, Color, Flow, Gray, Image, Length, Picture, Range, node
from nodes.kernels import f32
from nodes.kernels.pointwise import mix_in
from nodes.kernels.sampling import averaged, laid
from nodes.patch import preparation, relief, shading

Share = Annotated[float, Range(0.0, 1.0)]
Place = Annotated[float, Range(-0.5, 1.5)]
Count = Annotated[int, Range(1, 32)]
Scale = Annotated[float, Range(-1.0, 2.0)]

FINER = 4
"""How much smaller a picture is made in one go through a perspective; more is averaged before."""


def _straightened(picture: np.ndarray, corners: preparation.Corners, height: int, width: int) -> np.ndarray:
    """Return what lies between the corners, with at most (height, width) pixels and no more than it has."""
    rows, columns = min(height, picture.shape[0]), min(width, picture.shape[1])
    if tuple(corners) == tuple(preparation.WHOLE):
        return averaged(picture, rows, columns)
    return preparation.rectify(averaged(picture, FINER * rows, FINER * columns), corners, size=(rows, columns))


def _prepared(
    band: Band,
    picture: np.ndarray | None,
    top_left_x: float,
    top_left_y: float,
    top_right_x: float,
    top_right_y: float,
    bottom_right_x: float,
    bottom_right_y: float,
    bottom_left_x: float,
    bottom_left_y: float,
    crop_left: float,
    crop_top: float,
    crop_width: float,
    crop_height: float,
    flatten: float,
    delight: float,
    columns: int,
    rows: int,
) -> np.ndarray | None:
    """Return the photograph as it will lie on the tile, no larger than it will be seen."""
    if picture is None:
        return None
    corners = (
        (top_left_x, top_left_y),
        (top_right_x, top_right_y),
        (bottom_right_x, bottom_right_y),
        (bottom_left_x, bottom_left_y),
    )
    left, top = min(crop_left, 0.98), min(crop_top, 0.98)
    wide, tall = min(crop_width, 1 - left), min(crop_height, 1 - top)
    seen = -(-band.height // rows), -(-band.width // columns)
    whole = _straightened(picture, corners, int(np.ceil(seen[0] / tall)), int(np.ceil(seen[1] / wide)))
    if flatten > 0:
        whole = shading.flatten_illumination(whole, amount=flatten)
    if delight > 0:
        whole = shading.delight(whole, delight, 0.5 * delight)
    height, width = whole.shape[:2]
    box = preparation.Box(
        min(round(left * width), width - 1),
        min(round(top * height), height - 1),
        max(1, round(wide * width)),
        max(1, round(tall * height)),
    )
    part = averaged(preparation.cropped(whole, box), *seen)
    return part if part.ndim == 3 else widen(part)


@node(prepare=_prepared, carries="mix", bound=0.05, scratch=140)
def photograph(
    band: Band,
    picture: Annotated[str, Picture()] = "",
    top_left_x: Place = 0.0,
    top_left_y: Place = 0.0,
    top_right_x: Place = 1.0,
    top_right_y: Place = 0.0,
    bottom_right_x: Place = 1.0,
    bottom_right_y: Place = 1.0,
    bottom_left_x: Place = 0.0,
    bottom_left_y: Place = 1.0,
    crop_left: Share = 0.0,
    crop_top: Share = 0.0,
    crop_width: Annotated[float, Range(0.02, 1.0)] = 1.0,
    crop_height: Annotated[float, Range(0.02, 1.0)] = 1.0,
    flatten: Share = 1.0,
    delight: Share = 0.0,
    columns: Count = 1,
    rows: Count = 1,
    wrap: Literal["wrap", "mirror"] = "wrap",
    offset: Flow | None = None,
    prepared: np.ndarray | None = None,
) -> Color:
    """A photograph made straight and evenly lit, cropped, and laid on the tile.

    First what lies between the four corners is seen straight on, then light is taken out, then the crop is cut. It is
    stretched over the tile or laid on it several times. Without a picture it is mid gray.

    Parameters
    ----------
    picture : a source of the document, which holds its path, author and licence
    top_left_x, top_left_y : where in the photograph the corner of a true rectangle is, 0 and 0 its own corner
    top_right_x, top_right_y : likewise
    bottom_right_x, bottom_right_y : likewise
    bottom_left_x, bottom_left_y : likewise
    crop_left, crop_top : where the crop begins in the straightened picture, as a share of it
    crop_width, crop_height : how much of it is kept
    flatten : how much of the slow change of light is divided out
    delight : how far shadows are lifted, and half as far lights taken down
    columns, rows : how many copies lie side by side
    wrap : mirror turns every second copy round, so that borders always meet
    """
    out = band.empty(channels=3)
    if prepared is None:
        out.fill(0.5)
        return out
    return laid(band, prepared, columns, rows, wrap, offset, out)


@node(reach="whole", here=("mask",), carries="tone", scratch=72)
def flatten_illumination(
    band: Band,
    image: Image,
    radius: Annotated[float, Length(0.02, 0.5)] = 0.15,
    amount: Share = 1.0,
    mask: Gray | None = None,
) -> Image:
    """The picture under even light: slow changes of brightness divided out, its mean colour kept.

    What colour explains is left alone, and so is what only the lesser part of a neighbourhood shares: a large motif is
    not taken for a shadow if it differs in colour or is smaller than the radius.

    Parameters
    ----------
    radius : how large a patch of light is at least, one deviation
    amount : 0 changes nothing, 1 takes out all that was found
    mask : 0 keeps the input, 1 takes the result
    """
    stops = shading.torus_illumination(band, image, radius)
    return mix_in(image, shading.relit(image, stops * f32(amount)), mask)


@node(reach="whole", here=("mask",), carries="tone", scratch=92)
def delight(
    band: Band,
    image: Image,
    radius: Annotated[float, Length(0.005, 0.3)] = 0.06,
    amount: Share = 0.7,
    lights: Share = 0.3,
    detail: Share = 0.15,
    mask: Gray | None = None,
) -> Image:
    """The picture with its shadows lifted: what is darker than its surroundings of the same colour.

    One photograph cannot tell a shadow from a dark spot of the same hue: on gray stone both are lifted. Skylight makes
    shadows blue, and what is explained so stays.

    Parameters
    ----------
    radius : of the surroundings, one deviation
    amount : how much of what is too dark is lifted
    lights : how much of what is too bright is taken down
    detail : what is smaller than this share of the radius keeps its contrast
    mask : 0 keeps the input, 1 takes the result
    """
    stops = shading.torus_shadow(band, image, radius, detail * radius)
    return mix_in(image, shading.relit(image, shading.lifted(stops, amount, lights)), mask)


@node(reach="whole", carries="tone", neutral=0.5, scratch=92, bound=0.03)
def photo_height(
    band: Band,
    image: Image,
    radius: Annotated[float, Length(0.01, 0.4)] = 0.08,
    light: Annotated[float, Angle()] = 90.0,
    shading: Share = 0.15,
    color: Annotated[float, Range(0.0, 2.0)] = 0.8,
    fine: Scale = 1.0,
    medium: Scale = 1.0,
    coarse: Scale = 0.7,
) -> Gray:
    """A height guessed from a photograph of a surface, 0 to 1: dark is deep, slopes towards the light are bright.

    Colours that lie about dark crevices are low too, so that mortar paler than its stones sinks. Every octave of
    scales gets the same slopes, so that grain is not embossed. It is a guess: paint and wet patches mislead it.

    Parameters
    ----------
    radius : of the largest shapes, one deviation
    light : where the light comes from; 90 is from above
    shading : 0 trusts darkness alone, 1 trusts slopes alone
    color : how much is told from colours
    fine, medium, coarse : how much shapes of each scale rise; below 0 bright is deep there
    """
    weights = relief.Weights(shading, color, fine, medium, coarse)
    return relief.ranged(relief.torus_height(band, image, radius, light, weights))


@node(reach="whole", carries="tone", neutral=0.5, scratch=92)
def photo_roughness(
    band: Band,
    image: Image,
    height: Gray | None = None,
    radius: Annotated[float, Length(0.01, 0.4)] = 0.08,
    level: Share = 0.7,
    amount: Annotated[float, Range(0.0, 0.5)] = 0.12,
) -> Gray:
    """A roughness guessed from a photograph: rough where its grain is strong and in hollows, smooth where it shines.

    Parameters
    ----------
    height : of the same surface; what stands out is worn smooth
    radius : of the surroundings that a place is compared with, one deviation
    level : the mean
    amount : how far it departs from the mean, one deviation
    """
    return relief.torus_roughness(band, image, height, radius, level, amount)
