"""The text inside a TIFF file, which OpenCV cannot write: tag 270, ImageDescription. Nothing of the pixels."""

from __future__ import annotations

import struct

from materials.errors import SourceError

DESCRIPTION, ASCII = 270, 2
MAX_TAGS = 1000


def _tags(data: bytes) -> tuple[str, list[bytes], bytes]:
    """Return the byte order, the first directory's entries of 12 bytes, and the link to the next directory."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4], "")
    try:
        if not order:
            raise ValueError
        (at,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, at)
        end = at + 2 + 12 * count
        if count > MAX_TAGS or end + 4 > len(data):
            raise ValueError
    except (struct.error, ValueError):
        raise SourceError("this is no TIFF file, or its header is damaged") from None
    return order, [data[start : start + 12] for start in range(at + 2, end, 12)], data[end : end + 4]


def described(data: bytes, text: str) -> bytes:
    """Return a TIFF file with an ASCII text: a new directory is put behind the old file, which stays as it is."""
    order, tags, following = _tags(data)
    body = text.encode("ascii") + b"\0"
    body = body.ljust(6, b"\0")  # four bytes or less would lie in the tag itself
    body += b"\0" * (len(body) % 2)
    data += b"\0" * (len(data) % 2)
    tags = [tag for tag in tags if struct.unpack_from(order + "H", tag)[0] != DESCRIPTION]
    tags.append(struct.pack(order + "HHII", DESCRIPTION, ASCII, len(body), len(data)))
    tags.sort(key=lambda tag: struct.unpack_from(order + "H", tag)[0])
    directory = struct.pack(order + "H", len(tags)) + b"".join(tags) + following
    return data[:4] + struct.pack(order + "I", len(data) + len(body)) + data[8:] + body + directory


def description(data: bytes) -> str:
    """Return the text of a TIFF file, empty if it has none.

    Raises
    ------
    SourceError
        If it is no TIFF file or is damaged.
    """
    order, tags, _ = _tags(data)
    for tag in tags:
        key, kind, length, at = struct.unpack(order + "HHII", tag)
        if key == DESCRIPTION and kind == ASCII:
            body = tag[8 : 8 + length] if length <= 4 else data[at : at + length]
            return body.split(b"\0")[0].decode("ascii", "replace")
    return ""
