"""Where pictures begin: a constant, or a picture from outside."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from nodes.declare import Band, Color, Flow, Gray, Picture, Range, Swatch, node
from nodes.kernels.sampling import averaged, laid

Count = Annotated[int, Range(1, 32)]


@node(neutral=0.5)
def uniform(band: Band, value: Annotated[float, Range(0.0, 1.0)] = 0.5) -> Gray:
    """One tone everywhere."""
    out = band.empty()
    out.fill(value)
    return out


@node(neutral=0.5)
def uniform_color(band: Band, color: Annotated[tuple, Swatch()] = (0.5, 0.5, 0.5)) -> Color:
    """One colour everywhere."""
    out = band.empty(channels=3)
    out[:] = color
    return out


def _fitted(band: Band, picture: np.ndarray | None, columns: int, rows: int) -> np.ndarray | None:
    """Return the picture no larger than it will be seen, each pixel the mean of what it covers."""
    if picture is None:
        return None
    return averaged(picture, -(-band.height // rows), -(-band.width // columns))


@node(prepare=_fitted, carries="mix", bound=0.05)
def image(
    band: Band,
    picture: Annotated[str, Picture()] = "",
    columns: Count = 1,
    rows: Count = 1,
    wrap: Literal["wrap", "mirror"] = "wrap",
    offset: Flow | None = None,
    prepared: np.ndarray | None = None,
) -> Color:
    """A picture from outside, stretched over the tile or laid on it several times.

    Smaller copies are averaged over what each pixel covers, larger ones interpolated. Without a picture it is mid gray.

    Parameters
    ----------
    picture : a source of the document, which holds its path, author and licence
    columns, rows : how many copies lie side by side
    wrap : mirror turns every second copy round, so that borders always meet
    """
    out = band.empty(channels=3)
    if prepared is None:
        out.fill(0.5)
        return out
    source = prepared if prepared.ndim == 3 else np.repeat(prepared[..., None], 3, axis=2)
    return laid(band, source, columns, rows, wrap, offset, out)


CHANNEL_WEIGHTS = {
    "luminance": (0.2126, 0.7152, 0.0722),
    "red": (1.0, 0.0, 0.0),
    "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
}


def _fitted_gray(band: Band, picture: np.ndarray | None, columns: int, rows: int, channel: str) -> np.ndarray | None:
    if picture is not None and picture.ndim == 3:
        picture = (picture * np.array(CHANNEL_WEIGHTS[channel], np.float32)).sum(axis=2, dtype=np.float32)
    return _fitted(band, picture, columns, rows)


@node(prepare=_fitted_gray, carries="mix", bound=0.05)
def image_gray(
    band: Band,
    picture: Annotated[str, Picture()] = "",
    channel: Literal["luminance", "red", "green", "blue"] = "luminance",
    columns: Count = 1,
    rows: Count = 1,
    wrap: Literal["wrap", "mirror"] = "wrap",
    offset: Flow | None = None,
    prepared: np.ndarray | None = None,
) -> Gray:
    """One channel of a picture from outside, or its luminance, stretched or laid over the tile.

    Parameters
    ----------
    picture : a source of the document, which holds its path, author and licence
    columns, rows : how many copies lie side by side
    wrap : mirror turns every second copy round, so that borders always meet
    """
    out = band.empty()
    if prepared is None:
        out.fill(0.5)
        return out
    return laid(band, prepared, columns, rows, wrap, offset, out)
