"""Fourier transforms of whole pictures by bands: on the engine's threads, and where a user's cancelling stops them.

Rows and columns are transformed one by one, so the bands change no bit.
"""

from __future__ import annotations

import numpy as np

from nodes.declare import Band


def forward(band: Band, image: np.ndarray) -> np.ndarray:
    """Return the spectrum of a real picture, (h, w // 2 + 1) complex64, as `numpy.fft.rfft2` does."""
    out = np.empty((band.height, band.width // 2 + 1), np.complex64)

    def rows(top: int, bottom: int) -> None:
        out[top:bottom] = np.fft.rfft(image[top:bottom], axis=1)

    band.each(rows)

    def columns(top: int, bottom: int) -> None:
        here = _columns(band, top, bottom)
        out[:, here] = np.fft.fft(out[:, here], axis=0)

    band.each(columns)
    return out


def back(band: Band, spectrum: np.ndarray) -> np.ndarray:
    """Return the real picture of a spectrum, float32; the spectrum is written over."""
    out = np.empty((band.height, band.width), np.float32)

    def columns(top: int, bottom: int) -> None:
        here = _columns(band, top, bottom)
        spectrum[:, here] = np.fft.ifft(spectrum[:, here], axis=0)

    band.each(columns)

    def rows(top: int, bottom: int) -> None:
        out[top:bottom] = np.fft.irfft(spectrum[top:bottom], n=band.width, axis=1)

    band.each(rows)
    return out


def _columns(band: Band, top: int, bottom: int) -> slice:
    """Return the columns of a spectrum that fall to a band of rows; each falls to just one."""
    count = band.width // 2 + 1
    return slice(top * count // band.height, bottom * count // band.height)
