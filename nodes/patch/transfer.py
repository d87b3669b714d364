"""Statistics of an example carried over: its colours, its scales of detail, and what lies between two pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from nodes.arrays import widen
from nodes.declare import Band, Color, Gray, Image, Picture, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.colourspace import OKLAB, merge, split
from nodes.kernels.hash import stream, uniform_array
from nodes.kernels.pointwise import mix_in
from nodes.kernels.pyramid import levels_of, put_together, resized
from nodes.kernels.transport import (
    Turned,
    carry,
    carry_between,
    carry_colours,
    carry_linear,
    directions,
    line_map,
    linear_map,
    project,
    push,
    quantiles,
    turned_map,
    turns,
)
from nodes.patch.exemplar import fitted

SAMPLES = 1 << 16
"""Pixels that the directions of a sliced transport are laid through."""

SHARES = 9
"""Shares of a morph that are worked out where it differs from pixel to pixel."""

BLUR = 40.0
"""Blur of the maps along turned frames, in entries of a table."""

TURNS = 16
"""Turned frames that colours are carried along one after another."""

STEP = 0.7
"""Share of a step along a direction that is taken: neighbouring pixels are carried too, and would go too far."""

DIRECTIONS = 8
"""Directions among neighbouring pixels along which each level is carried, each iteration."""


# ---- colours as planes ----


def _planes(image: np.ndarray) -> np.ndarray:
    """Return a gray picture as one plane, a colour as three of OKLab; (c, h, w)."""
    if image.ndim == 2:
        return np.ascontiguousarray(image[None], np.float32).copy()
    planes = np.empty((3, *image.shape[:2]), np.float32)
    split(image.reshape(-1, 3), OKLAB, *planes.reshape(3, -1))
    return planes


def _picture(planes: np.ndarray, out: np.ndarray) -> np.ndarray:
    if out.ndim == 2:
        out[:] = planes[0]
    else:
        merge(*planes.reshape(3, -1), OKLAB, out.reshape(-1, 3))
    return out


def _levels(planes: np.ndarray, count: int) -> list[np.ndarray]:
    """Return the levels of all planes, each (c, h, w); see `levels_of`."""
    return [np.stack(level) for level in zip(*(levels_of(plane, count) for plane in planes), strict=True)]


def _joined(levels: list[np.ndarray]) -> np.ndarray:
    return np.stack([put_together(list(plane)) for plane in zip(*levels, strict=True)])


def _thinned(planes: np.ndarray, most: int = SAMPLES) -> np.ndarray:
    """Return no more than so many pixels, evenly drawn; (c, n)."""
    flat = planes.reshape(len(planes), -1)
    if flat.shape[1] <= most:
        return flat
    return np.ascontiguousarray(flat[:, (np.arange(most) * flat.shape[1]) // most])


def _example(
    image: np.ndarray, like: np.ndarray | None, picture: np.ndarray | None, width: float | None = None
) -> np.ndarray | None:
    """Return the example's planes, of as many channels as the image: the wire's, else the photograph's, fitted."""
    example = like if like is not None else picture
    if example is None:
        return None
    if image.ndim == 3 and example.ndim == 2:
        example = widen(example)
    elif image.ndim == 2 and example.ndim == 3:
        example = (example * np.array([0.2126, 0.7152, 0.0722], np.float32)).sum(axis=2)
    if like is None and width is not None:
        height = example.shape[0] * width / example.shape[1]
        example = fitted(example, max(1, round(height)), max(1, round(width)))
    return _planes(np.ascontiguousarray(example, np.float32))


# ---- colour transfer ----


class ColourMap(NamedTuple):
    """How colours are carried over: times a matrix, plus a shift, then along the axes of turned frames."""

    matrix: np.ndarray
    shift: np.ndarray
    turned: list[Turned]

    def carry(self, planes: np.ndarray) -> None:
        """Carry planes of colours (3, ...), in place."""
        carry_linear(planes, self.matrix, self.shift)
        for each in self.turned:
            carry_colours(planes, each)


def _sliced(source: np.ndarray, target: np.ndarray, count: int, seed: int) -> ColourMap:
    """Return the map that gives colours (3, n) the target's moments, then its quantiles along frame after frame."""
    by = ColourMap(*linear_map(source, target, True), [])
    source = source.copy()
    by.carry(source)
    for turn in turns(count, seed):
        by.turned.append(turned_map(source, target, turn, BLUR))
        carry_colours(source, by.turned[-1])
    return by


def _colour_map(
    image: np.ndarray,
    like: np.ndarray | None,
    picture: np.ndarray | None,
    method: str,
) -> ColourMap | None:
    """Return how colours are carried over, None without an example."""
    target = _example(image, like, picture)
    if target is None:
        return None
    source, target = _planes(image).reshape(3, -1), _thinned(target, 4 * SAMPLES)
    if method == "sliced":
        return _sliced(_thinned(source), _thinned(target), TURNS, 0)
    if method == "histogram":
        return ColourMap(np.eye(3), np.zeros(3), [turned_map(source, target, np.eye(3, dtype=np.float32), BLUR / 5)])
    return ColourMap(*linear_map(source, target, method == "covariance"), [])


@node(carries="tone", prepare=_colour_map, scratch=44)
def color_transfer(
    band: Band,
    image: Color,
    like: Color | None = None,
    mask: Gray | None = None,
    picture: Annotated[str, Picture()] = "",
    method: Literal["mean_deviation", "covariance", "histogram", "sliced"] = "covariance",
    amount: Annotated[float, Range(0.0, 1.0)] = 1.0,
    prepared: ColourMap | None = None,
) -> Color:
    """The picture in the colours of an example: a wire, else a photograph; unchanged without either.

    Colours are carried over in OKLab, whose lightness and two hue axes hardly depend on each other.

    Parameters
    ----------
    mask : where it is 0 nothing changes
    picture : a source of the document, read where `like` is not connected
    method : mean_deviation gives each axis the example's mean and spread (Reinhard 2001); covariance also how the axes
        go together, by the linear map that moves colours least (Pitié and Kokaram 2007); histogram the distribution
        along each axis; sliced the whole distribution of colours
    amount : 0 keeps the picture, 1 takes the example's colours
    """
    out = band.like(image)
    if prepared is None:
        out[:] = image
        return out
    planes = _planes(image)
    prepared.carry(planes)
    return mix_in(image, _picture(planes, out), mask, amount)


# ---- statistics match ----


def _sampled(planes: np.ndarray, weights: np.ndarray, rim: int) -> np.ndarray:
    """Return the quantiles of a projection, from no more rows than needed and none of the rim."""
    _, height, width = planes.shape
    rim = min(rim, (min(height, width) - 1) // 4)
    rows = height - 2 * rim
    step = max(1, rows * width // SAMPLES)
    out = np.empty((-(-rows // step), width), np.float32)
    project(planes, weights, rim, step, out)
    return quantiles(out[:, rim : width - rim])


def _by_rows(band: Band, height: int, work: Callable[[int, int], Any]) -> None:
    """Call `work` for all rows of a level: for the finest, which takes most of the time, on several threads."""
    if height == band.height:
        band.each(work)
    else:
        work(0, height)


def _match_level(band: Band, planes: np.ndarray, example: np.ndarray, rim: int, seed: int) -> None:
    """Carry a level (c, h, w) over to the example's along some random directions, in place."""
    values = np.empty(planes.shape[1:], np.float32)
    for weights in directions(len(planes), DIRECTIONS, seed):
        by = line_map(_sampled(planes, weights, 0), _sampled(example, weights, rim))

        def work(top: int, bottom: int, weights=weights, by=by) -> None:  # type: ignore[no-untyped-def]  # bound early
            here = values[top:bottom]
            project(planes, weights, top, 1, here)
            change = carry(here, by, np.empty_like(here))
            np.subtract(change, here, out=here)
            here *= f32(STEP)

        _by_rows(band, len(values), work)
        _by_rows(band, len(values), lambda top, bottom, weights=weights: push(values, weights, top, bottom, planes))


def _match_tones(planes: np.ndarray, example: np.ndarray, count: int, seed: int, band: Band) -> None:
    """Carry the tones or colours of planes over to the example's, in place."""
    if len(planes) == 1:
        carry(planes[0], line_map(quantiles(planes[0]), quantiles(example[0])), planes[0])
        return
    by = _sliced(_thinned(planes), _thinned(example), count, seed)

    def work(top: int, bottom: int) -> None:
        by.carry(planes[:, top:bottom])

    band.each(work)


def _spot_noise(example: np.ndarray, height: int, width: int, seed: int) -> np.ndarray:
    """Return noise with the variance, the direction and the colours of a level, (c, height, width).

    The level is laid at every pixel, times a random number (Galerne, Gousseau and Morel, Random phase textures, 2011).
    """
    part = example[:, :height, :width]
    part = part - part.mean(axis=(1, 2), keepdims=True)
    window = np.multiply.outer(*(np.minimum(1, 8 * np.sin(np.pi * (np.arange(n) + 0.5) / n)) for n in part.shape[1:]))
    spot = np.zeros((len(part), height, width), np.float32)
    spot[:, : part.shape[1], : part.shape[2]] = part * (window / np.sqrt((window**2).sum()))
    y, x = np.arange(height)[:, None], np.arange(width)
    numbers = (uniform_array(x, y, seed) - f32(0.5)) * f32(np.sqrt(12))
    return np.fft.irfft2(np.fft.rfft2(spot) * np.fft.rfft2(numbers), s=(height, width)).astype(np.float32)


def _roughen(planes: np.ndarray, example: np.ndarray, amount: float, seed: int) -> None:
    """Add to a level (c, h, w) the variance that it has less than the example's, as noise, in place.

    Stretched instead, the little detail of a smooth picture would show as contour lines.
    """
    theirs, ours = (float(level.var(axis=(1, 2), dtype=np.float64).sum()) for level in (example, planes))
    if amount > 0 and theirs > ours:
        planes += f32(amount * np.sqrt(1 - ours / theirs)) * _spot_noise(
            example, planes.shape[1], planes.shape[2], seed
        )


@node(reach="whole", carries="tone", bound=0.05, scratch=165)
def statistics_match(
    band: Band,
    image: Image,
    like: Image | None = None,
    mask: Gray | None = None,
    picture: Annotated[str, Picture()] = "",
    columns: Annotated[float, Range(0.25, 16.0)] = 2.0,
    levels: Annotated[int, Range(0, 8)] = 5,
    iterations: Annotated[int, Range(1, 8)] = 3,
    grain: Annotated[float, Range(0.0, 1.0)] = 1.0,
    amount: Annotated[float, Range(0.0, 1.0)] = 1.0,
    seed: Seed = 0,
) -> Image:
    """The picture with the colours of an example, and with its contrast, grain and direction at each scale of detail.

    Colours in OKLab and each level of a Laplacian pyramid are carried over along random directions, in a level those
    among 3 by 3 pixels (sliced Wasserstein; Heeger and Bergen 1995 did it along the axes alone). What lies where stays:
    noise becomes like the photograph, a synthesis gets back what it lost. Unchanged without an example.

    Parameters
    ----------
    mask : where it is 0 nothing changes
    picture : a source of the document, read where `like` is not connected
    columns : how many widths of the photograph lie side by side on the tile, that is how large its details are
    levels : scales of detail, each twice as coarse as the one before; 0 only colours
    iterations : more come closer to the example
    grain : share of the detail which the picture lacks that is added as noise; at 0 its own is stretched
    amount : 0 keeps the picture
    """
    example = _example(image, like, picture, band.width / columns)  # type: ignore[arg-type]  # pixels by now
    if example is None:
        return image.copy()
    planes, rim = _planes(image), 0 if like is not None else 3
    theirs = _levels(example, levels)
    for iteration in range(iterations):
        _match_tones(planes, example, 4, stream(seed, 64 + iteration), band)
        ours = _levels(planes, len(theirs) - 1)
        for number, (level, other) in enumerate(zip(ours[:-1], theirs, strict=False)):
            if iteration == 0:
                _roughen(level, other, grain, stream(seed, 96 + number))
            _match_level(band, level, other, rim, stream(seed, 8 * iteration + number))
            band.tell((iteration + number / len(ours)) / iterations)
        planes = _joined(ours)
    _match_tones(planes, example, TURNS, stream(seed, 63), band)
    return mix_in(image, _picture(planes, np.empty_like(image)), mask, amount)


# ---- morph ----


def _strength(level: np.ndarray) -> np.ndarray:
    """Return how much goes on around each pixel of a level (c, h, w): its size, averaged over some pixels."""
    size = np.sqrt((level * level).sum(axis=0))
    for axis in (0, 1):
        for hole in (1, 2):
            size = size * f32(0.5) + (np.roll(size, hole, axis) + np.roll(size, -hole, axis)) * f32(0.25)
    return size + f32(1e-9)


def _odds(first: np.ndarray, second: np.ndarray, sharpness: float) -> np.ndarray:
    """Return how much stronger the second level is than the first at each pixel, to a power."""
    return np.clip(_strength(second) / _strength(first), f32(1e-3), f32(1e3)) ** f32(4 * sharpness)


def _between(share: np.ndarray, first: np.ndarray, second: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Return a level between two, (c, h, w), with the quantiles that lie between theirs, each pixel by its own share.

    Shares of a grid are worked out as if they held for all pixels; between those lies a mixture.
    """

    def mixed(part: np.ndarray, at: np.ndarray, of: slice = slice(None)) -> np.ndarray:
        weight = part * at / (part * at + (1 - part))
        return first[:, of] + weight * (second[:, of] - first[:, of])

    shape, (first, second) = first.shape, (level.reshape(len(level), -1) for level in (first, second))
    share, odds = share.reshape(-1), odds.reshape(-1)
    some = slice(None, None, max(1, share.size // SAMPLES))
    even = float(np.ptp(share)) == 0
    places = share[:1] if even else np.linspace(0, 1, SHARES, dtype=np.float32)
    held = [mixed(place, odds[some], some) for place in places]
    out = mixed(share, odds)
    for channel, plane in enumerate(out):
        ends = [quantiles(level[channel, some]) for level in (first, second)]
        pairs = [
            (quantiles(level[channel]), (1 - place) * ends[0] + place * ends[1])
            for place, level in zip(places, held, strict=True)
        ]
        carry_between(plane, share, pairs, plane)
    return out.reshape(shape)


@node(reach="whole", carries="opaque", bound=0.05, scratch=100)
def morph(
    band: Band,
    a: Image,
    b: Image,
    mask: Gray | None = None,
    amount: Annotated[float, Range(0.0, 1.0)] = 0.5,
    levels: Annotated[int, Range(0, 8)] = 5,
    sharpness: Annotated[float, Range(0.0, 1.0)] = 0.5,
) -> Image:
    """A picture between two others that has a contrast and colours between theirs at every scale of detail.

    A cross-fade of unlike pictures is flat and shows both as ghosts. Here each level of a Laplacian pyramid (in OKLab)
    takes at each place more of the picture in which more goes on there, and then the quantiles between those of the
    two (their Wasserstein barycentre).

    Parameters
    ----------
    mask : amount at each pixel, times `amount`
    amount : 0 is a, 1 is b, both bit for bit
    levels : scales of detail, each twice as coarse as the one before; 0 mixes tones only
    sharpness : how decidedly the stronger detail is taken; 0 mixes evenly
    """
    share = np.full(a.shape[:2], amount, np.float32)
    if mask is not None:
        share *= np.clip(mask, f32(0), f32(1))
    pictures = [_levels(_planes(image), levels) for image in (a, b)]
    parts = []
    for number, (first, second) in enumerate(zip(*pictures, strict=True)):
        here = resized(share, first.shape[1], first.shape[2])
        detail = number + 1 < len(pictures[0])
        odds = _odds(first, second, sharpness) if detail else np.ones_like(here)
        parts.append(_between(here, first, second, odds))
        band.tell((number + 1) / len(pictures[0]))
    out = _picture(_joined(parts), np.empty_like(a))
    place = share if a.ndim == 2 else share[..., None]
    return np.where(place <= 0, a, np.where(place >= 1, b, out))
