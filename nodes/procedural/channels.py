"""Taking pictures apart, putting them together, and choosing between them."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.declare import Band, Color, Gray, Image, Range, Weights, node
from nodes.kernels.colourspace import SPACES, merge, split

Space = Literal["linear", "srgb", "oklab", "oklch", "hsv"]
NONE = np.empty(0, np.float32)
SWITCHED = ("first", "second", "third", "fourth", "fifth", "sixth")


class Channels(NamedTuple):
    r: Gray
    g: Gray
    b: Gray


@node(carries="tone")
def split_channels(band: Band, image: Color, space: Space = "linear") -> Channels:
    """The three parts of a colour as pictures of their own: red, green and blue, or those of another space.

    In oklab `r`, `g`, `b` hold lightness and the two opponent axes, which are near 0 and of both signs; in oklch
    lightness, chroma and hue; in hsv hue, saturation and value of the sRGB code. Hues go from 0 to 1 once round.

    Parameters
    ----------
    space : linear are the picture's own numbers, srgb those of a colour picker
    """
    parts = Channels(*(band.empty(name) for name in Channels._fields))
    split(image.reshape(-1, 3), SPACES.index(space), *(part.reshape(-1) for part in parts))
    return parts


def _merge_weights(r: np.ndarray, g: np.ndarray | None, b: np.ndarray | None, space: Space) -> Weights:
    fed = [name for name, part in zip("rgb", (r, g, b), strict=True) if part is not None]
    return Weights(dict.fromkeys(fed, 1 / len(fed)), exact=space == "linear")


@node(carries="mix", weights=_merge_weights)
def merge_channels(band: Band, r: Gray, g: Gray | None = None, b: Gray | None = None, space: Space = "linear") -> Color:
    """A colour from three pictures: red, green and blue, or the parts of another space.

    The opposite of split_channels. What is not connected is 0. Colours outside the gamut keep what is above 0.

    Parameters
    ----------
    space : what the three hold: in oklab L, a, b, in oklch L, chroma and hue, in hsv hue, saturation and value
    """
    out = band.empty(channels=3)
    parts = (NONE if part is None else part.reshape(-1) for part in (r, g, b))
    merge(*parts, SPACES.index(space), out.reshape(-1, 3))
    return out


def _other_inputs(index: int, fed: frozenset[str]) -> list[str]:
    """Return the inputs that do not pass: all but the chosen one, or but the first where nothing is there."""
    chosen = SWITCHED[index - 1]
    return [name for name in SWITCHED if name != (chosen if chosen in fed else SWITCHED[0])]


@node(carries="pick", idle=_other_inputs)
def switch(
    band: Band,
    first: Image,
    second: Image | None = None,
    third: Image | None = None,
    fourth: Image | None = None,
    fifth: Image | None = None,
    sixth: Image | None = None,
    index: Annotated[int, Range(1, 6)] = 1,
) -> Image:
    """One of up to six pictures, chosen by number: for variants of a material behind one parameter.

    If one of them is in colour the result is. Where nothing is connected at the number, the first picture passes. The
    other pictures are made all the same, so that a switch saves no time.

    Parameters
    ----------
    index : 1 is the first picture
    """
    chosen = (first, second, third, fourth, fifth, sixth)[index - 1]
    out = band.like(first)
    np.copyto(out, first if chosen is None else chosen)
    return out
