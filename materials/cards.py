"""What a picture file's own bytes tell: hash, size, what it looks like, and a thumbnail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from materials import descriptors, files, pictures
from materials.errors import SourceError
from nodes import opencv

MAX_BYTES = 512 * 2**20
THUMBNAIL, QUALITY = 160, 80
"""Longer side of a thumbnail in pixels, and its JPEG quality: some 6 kB."""

TOLD_SHARE = 0.2
"""How much of a picture a colour must have for its name to be found in a text search."""


@dataclass(frozen=True)
class Card:
    """What is known of a file without asking anyone; a file that cannot be read has the empty card.

    modified : nanoseconds, as the file system has it. numbers : see `Descriptors.rows`. thumbnail : a JPEG file.
    colours : names of colours that much of the picture has.
    """

    sha256: str = ""
    bytes: int = 0
    modified: int = 0
    width: int = 0
    height: int = 0
    fingerprint: int = 0
    numbers: bytes = b""
    thumbnail: bytes = b""
    colours: str = ""


def card_of(path: Path) -> Card:
    """Return what a picture's bytes tell.

    Raises
    ------
    SourceError
        If it is no regular file, or no picture that can be read.
    """
    modified = _modified(path)  # before reading: a change in between is found by the next look
    data = files.open_regular(path, MAX_BYTES)
    picture = pictures.read(data, name=path.name)
    seen = descriptors.describe(picture)
    shares = dict(zip(descriptors.COLOURS, seen.shares.tolist(), strict=True))
    return Card(
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        modified=modified,
        width=picture.shape[1],
        height=picture.shape[0],
        fingerprint=descriptors.fingerprint(picture),
        numbers=seen.rows().tobytes(),
        thumbnail=thumbnail(picture),
        colours=" ".join(name for name, share in shares.items() if share > TOLD_SHARE),
    )


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except (OSError, ValueError):
        return 0  # opening it says why


def thumbnail(picture: np.ndarray) -> bytes:
    """Return a small JPEG file of a linear picture."""
    small = descriptors.resized(picture, min(THUMBNAIL, max(picture.shape[:2])))
    codes = np.rint(255 * pictures.linear_to_srgb(small)).astype(np.uint8)
    bgr = codes if codes.ndim == 2 else np.ascontiguousarray(codes[..., ::-1])
    done, data = opencv.cv2.imencode(".jpg", bgr, [opencv.cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise SourceError("a thumbnail could not be made")
    return data.tobytes()
