"""What of a photograph is light rather than surface: slow changes of illumination, and shadows.

Both rest on one thought: what the colour of a pixel explains is the surface's own, what it does not explain may be
light. Brightness is counted in stops above a floor of a few hundredths of the mean, so that near-black is not blown
up; light is taken out by multiplying linear colours. The work is done on the torus. A photograph, which has borders,
is mirrored at them first, at a reduced size, since what is sought is smooth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nodes import opencv
from nodes.arrays import widen
from nodes.declare import Band
from nodes.kernels import f32, regression
from nodes.kernels.pointwise import count_tones
from nodes.kernels.sampling import averaged
from nodes.kernels.smooth import NARROW, blur_rows, enlarged, shrunk, taps

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)

FLOOR = 0.04
"""What is added to colours before their logarithm, times the mean luminance."""

SMALL_SIDE = 192
"""Pixels of the longer side at which slow changes of light are sought."""

MIDDLE_SIDE = 512
"""The same for shadows."""

HUE_DOUBT = 0.02
"""Variance of chroma, in stops squared, below which brightness is hardly explained by it."""


SHADOW = 0.3
"""Stops below its surroundings at which a place is as likely in shadow as not."""

SHADOW_ROUNDS = 2


class Tones(NamedTuple):
    """Brightness (h, w) in stops above the floor, and chroma (h, w, 2): red and blue over green, in stops."""

    light: np.ndarray
    chroma: np.ndarray


def luminance(picture: np.ndarray) -> np.ndarray:
    """Return the luminance of a picture, gray or colour."""
    if picture.ndim == 2:
        return picture
    return picture[..., 0] * LUMINANCE[0] + picture[..., 1] * LUMINANCE[1] + picture[..., 2] * LUMINANCE[2]


def whole(image: np.ndarray) -> Band:
    """Return the band that is all of a picture."""
    return Band(image.shape[0], image.shape[1], 0, image.shape[0])


def tones(picture: np.ndarray, band: Band | None = None) -> Tones:
    """Return brightness and chroma of a linear picture.

    The floor has the picture's mean colour, so that one hue has one chroma, however dark it is.
    """
    height, width = picture.shape[:2]
    light, chroma = np.empty((height, width), np.float32), np.zeros((height, width, 2), np.float32)
    colour = np.atleast_1d(picture.mean(axis=(0, 1), dtype=np.float64))
    floors = np.maximum(FLOOR * colour, 1e-6).astype(np.float32)
    floor = f32(max(FLOOR * float(luminance(colour[None, None])[0, 0] if picture.ndim == 3 else colour[0]), 1e-6))

    def work(top: int, bottom: int) -> None:
        part = np.maximum(picture[top:bottom], f32(0))
        np.log2(luminance(part) + floor, out=light[top:bottom])
        if picture.ndim == 3:
            stops = np.log2(part + floors)
            np.subtract(stops[..., 0], stops[..., 1], out=chroma[top:bottom, :, 0])
            np.subtract(stops[..., 2], stops[..., 1], out=chroma[top:bottom, :, 1])

    (band or whole(picture)).each(work)
    return Tones(light, chroma)


def blurred(band: Band, image: np.ndarray, sigma: float) -> np.ndarray:
    """Return a whole picture blurred on the torus; sigma in pixels."""
    image = np.ascontiguousarray(image, np.float32)
    out = np.empty_like(image)
    small = shrunk(band, image, sigma) if sigma > NARROW else None
    weights = taps(max(sigma, 0.05))

    def work(top: int, bottom: int) -> None:
        if small is not None:
            enlarged(small, band.height, band.width, top, out[top:bottom].reshape(bottom - top, band.width, -1))
        else:
            blur_rows(image, weights, weights, top, out[top:bottom])

    band.each(work)
    return out


# ---- illumination --------------------------------------------------------------------------------


BINS = 8192
"""Parts that sizes of residuals are counted in."""


def doubts(residual: np.ndarray, scale: float) -> np.ndarray:
    """Return how far each residual is believed: 1 for small ones, little for outliers (Cauchy's weights)."""
    return 1 / (1 + (residual * f32(1 / max(scale, 1e-6))) ** 2)


def spread(band: Band, residual: np.ndarray) -> float:
    """Return the deviation of residuals, that outliers do not move: from their median size, to a thousandth."""
    sizes = np.abs(residual)
    largest = 8 * float(sizes.mean(dtype=np.float64))
    if largest <= 0:
        return 0.0
    parts = band.each(lambda top, bottom: count_tones(sizes[top:bottom], 0.0, largest, BINS))
    counts = np.cumsum(np.sum(parts, axis=0, dtype=np.int64))
    return 1.4826 * largest * (int(np.searchsorted(counts, counts[-1] / 2)) + 0.5) / BINS


def fitted_terms(
    band: Band,
    light: np.ndarray,
    places: list[np.ndarray],
    colours: list[np.ndarray],
    rounds: int = 6,
    doubt: float = 0.005,
) -> np.ndarray:
    """Return a constant and the weights of terms that add up to `light` best, robustly; all arrays are (h, w).

    Colour terms whose variance is below `doubt` are hardly believed.
    """
    terms = np.stack([np.ones_like(light), *places, *colours])
    count, weights = len(terms), np.ones_like(light)
    matrices, rights = np.empty((len(light), count, count)), np.empty((len(light), count))
    ridge = np.full(count, 1e-6)
    ridge[count - len(colours) :] = doubt

    def work(top: int, bottom: int) -> None:
        here = slice(top, bottom)
        # Sums by rows: the same bits for any bands.
        regression.moments(
            np.ascontiguousarray(terms[:, here]), light[here], weights[here], matrices[here], rights[here]
        )

    for left in range(rounds - 1, -1, -1):
        band.each(work)
        matrix, right = matrices.sum(axis=0) / light.size, rights.sum(axis=0) / light.size
        found = np.linalg.solve(matrix + np.diag(ridge), right)
        if left:
            residual = light - total(found, terms)
            weights = doubts(residual, 1.5 * spread(band, residual) + 1e-4)
    return found


def total(shares: np.ndarray, terms: np.ndarray | list[np.ndarray]) -> np.ndarray:
    """Return the sum of terms, each times its share."""
    found = np.zeros_like(terms[0])
    for share, term in zip(shares, terms, strict=True):
        found += f32(share) * term
    return found


def chroma_terms(chroma: np.ndarray) -> list[np.ndarray]:
    """Return what brightness may depend on by colour: chroma and its squares, centred."""
    red, blue = (np.ascontiguousarray(chroma[..., k]) for k in range(2))
    terms = [red, blue, red * red, blue * blue, red * blue]
    return [term - f32(term.mean(dtype=np.float64)) for term in terms]


def place_terms(height: int, width: int) -> list[np.ndarray]:
    """Return slow changes over a picture: slopes, bowls and the fall of a lens towards its corners."""
    v, u = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = (2 * u + 1) / width - 1, (2 * v + 1) / height - 1
    square = u * u + v * v
    terms = [u, v, u * u, v * v, u * v, square * square]
    return [(term - term.mean()).astype(np.float32) for term in terms]


def slow_light(band: Band, light: np.ndarray, sigma: float, rounds: int = 3) -> np.ndarray:
    """Return the robust local mean of brightness on the torus: what most of a neighbourhood shares."""
    found = blurred(band, light, sigma)
    for _ in range(rounds):
        residual = light - found
        weights = doubts(residual, 1.5 * spread(band, residual) + 1e-4)
        both = blurred(band, np.stack([weights, weights * residual], axis=2), sigma)
        found = found + both[..., 1] / np.maximum(both[..., 0], f32(1e-6))
    return found


def torus_illumination(band: Band, image: np.ndarray, sigma: float) -> np.ndarray:
    """Return the slow light of a picture that tiles, in stops about its mean."""
    light, chroma = tones(image, band)
    terms = chroma_terms(chroma)
    own = total(fitted_terms(band, light, [], terms, rounds=3)[1:], terms)
    band.tell(0.3)
    slow = slow_light(band, light - own, sigma)
    return slow - f32(slow.mean(dtype=np.float64))


def illumination(picture: np.ndarray, scale: float = 0.25) -> np.ndarray:
    """Return the slow light of a photograph, in stops about its mean, float32 (h, w).

    First slopes, bowls and corners over the whole picture, then what varies over less, down to `scale`.

    scale : standard deviation of the neighbourhood whose light is one, of the shorter side; 1 keeps to the first part.
    """
    small = reduced(picture, SMALL_SIDE)
    light, chroma = tones(small)
    height, width = light.shape
    places, colours = place_terms(height, width), chroma_terms(chroma)
    found = fitted_terms(whole(light), light, places, colours)
    slow = total(found[1 : 1 + len(places)], places)
    own = total(found[1 + len(places) :], colours)
    if scale < 1:
        rest = mirrored(light - slow - own)
        slow = slow + slow_light(whole(rest), rest, scale * min(height, width))[:height, :width]
    slow = resized(slow, *picture.shape[:2])
    return slow - f32(slow.mean(dtype=np.float64))


def reduced(picture: np.ndarray, side: int) -> np.ndarray:
    """Return a picture whose longer side is at most `side`, by exact means."""
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    return averaged(picture, max(1, round(height * scale)), max(1, round(width * scale)))


def resized(field: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a smooth field at a larger size."""
    if field.shape[:2] == (height, width):
        return field
    return opencv.cv2.resize(field, (width, height), interpolation=opencv.cv2.INTER_CUBIC)


def mirrored(image: np.ndarray) -> np.ndarray:
    """Return a picture with its mirror images beside and below it: what then wraps is reflected."""
    wide = np.concatenate([image, image[:, ::-1]], axis=1)
    return np.concatenate([wide, wide[::-1]], axis=0)


def relit(picture: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return a picture made darker by `stops` where they are positive, its mean colour kept; float32."""
    gain = np.exp2(-stops)
    out = picture * (gain if picture.ndim == 2 else gain[..., None])
    before, after = (image.mean(axis=(0, 1), dtype=np.float64) for image in (picture, out))
    out *= np.where(after > 0, before / np.maximum(after, 1e-12), 1).astype(np.float32)
    return out


def flatten_illumination(picture: np.ndarray, scale: float = 0.25, amount: float = 1.0) -> np.ndarray:
    """Return a photograph under even light: slow changes of brightness divided out, the mean colour kept.

    What colour explains is left alone, and so is what only the lesser part of a neighbourhood shares, so that a large
    motif is not taken for a shadow if it differs in colour or is smaller than `scale`.

    Parameters
    ----------
    picture : linear, (h, w) or (h, w, 3).
    scale : how large a patch of light is at least, as a share of the shorter side; 1 takes out only slopes and
        corners that run over the whole picture.
    amount : 0 changes nothing, 1 takes out all that was found.
    """
    return relit(picture, illumination(picture, scale) * f32(amount))


# ---- shadows -------------------------------------------------------------------------------------


def unexplained(
    band: Band, light: np.ndarray, chroma: np.ndarray, sigma: float, weights: np.ndarray | None = None
) -> np.ndarray:
    """Return brightness less what colour explains, negative in shadow: what a local regression on chroma leaves.

    sigma : of the Gaussian window about each pixel, on the torus. weights : how much each pixel counts in it.
    """
    if weights is None:
        weights = np.ones_like(light)
    terms, out = np.empty((*light.shape, 9), np.float32), np.empty_like(light)

    def multiply(top: int, bottom: int) -> None:
        here = slice(top, bottom)
        regression.products(light[here], chroma[here], weights[here], terms[here])

    band.each(multiply)
    means = blurred(band, terms, sigma)

    def solve(top: int, bottom: int) -> None:
        here = slice(top, bottom)
        regression.unexplained(light[here], chroma[here], means[here], f32(HUE_DOUBT), out[here])

    band.each(solve)
    return out


def torus_shadow(band: Band, image: np.ndarray, sigma: float, detail: float) -> np.ndarray:
    """Return how much darker than its like each place of a tiling picture is, in stops; `detail` is left out.

    What turns out to be in shadow counts little when the light of its surroundings is told again.
    """
    light, chroma = tones(image, band)
    found = unexplained(band, light, chroma, sigma)
    for number in range(SHADOW_ROUNDS):
        smooth = blurred(band, found, max(detail, sigma / 8))
        lit = 1 / (1 + (np.minimum(smooth, f32(0)) * f32(1 / SHADOW)) ** 2)
        found = unexplained(band, light, chroma, sigma, lit)
        band.tell(0.3 * (number + 2))
    return blurred(band, found, detail) if detail > 0.05 else found


def lifted(stops: np.ndarray, amount: float, lights: float) -> np.ndarray:
    """Return the change that lifts shadows by `amount` and takes lights down by `lights`."""
    return np.minimum(stops, f32(0)) * f32(amount) + np.maximum(stops, f32(0)) * f32(lights)


def delight(
    picture: np.ndarray, amount: float = 0.7, lights: float = 0.3, radius: float = 0.08, detail: float = 0.15
) -> np.ndarray:
    """Return a photograph with its shadows lifted: what is darker than its surroundings of the same colour.

    One photograph cannot tell a shadow from a dark spot of the same hue: on gray stone both are lifted. Skylight makes
    shadows blue, and what is explained so stays.

    Parameters
    ----------
    picture : linear, (h, w) or (h, w, 3).
    amount, lights : how much of the dark and of the bright is taken out, 0 to 1.
    radius : of the surroundings, as a share of the shorter side.
    detail : what is smaller than this share of the radius keeps its contrast.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, MIDDLE_SIDE / max(height, width))
    small = averaged(picture, max(1, round(height * scale)), max(1, round(width * scale)))
    rows, columns = small.shape[:2]
    sigma, wide = radius * min(rows, columns), mirrored(small)
    found = torus_shadow(whole(wide), wide, sigma, detail * sigma)[:rows, :columns]
    return relit(picture, lifted(resized(np.ascontiguousarray(found), height, width), amount, lights))


__all__ = ["Tones", "delight", "flatten_illumination", "illumination", "luminance", "tones", "widen"]
