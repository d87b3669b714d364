"""PNG chunks: what OpenCV cannot write or read. Colour tags and text, nothing of the pixels."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping

from materials.errors import SourceError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TEXT = 16 * 2**20

COLOUR_CHUNKS = ((b"sRGB", b"\0"), (b"cICP", bytes((1, 13, 0, 1))))
"""sRGB, perceptual intent; and the same said as BT.709 primaries, sRGB transfer, full range."""


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk the chunks of a PNG file: kind and contents.

    Raises
    ------
    SourceError
        If the file is no PNG, is cut short, or a checksum is wrong.
    """
    if not data.startswith(SIGNATURE):
        raise SourceError("this is no PNG file")
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        if at + 12 > len(data):
            raise SourceError("the PNG file is cut short")
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        if length > len(data) - at - 12:
            raise SourceError("the PNG file is cut short")
        contents = data[at + 8 : at + 8 + length]
        if struct.unpack_from(">I", data, at + 8 + length)[0] != zlib.crc32(kind + contents):
            raise SourceError("the PNG file is damaged: a checksum is wrong")
        yield kind, contents
        at += 12 + length


def _chunk(kind: bytes, contents: bytes) -> bytes:
    return struct.pack(">I", len(contents)) + kind + contents + struct.pack(">I", zlib.crc32(kind + contents))


def tagged(data: bytes, texts: Mapping[str, str], colour: bool) -> bytes:
    """Return an encoded PNG with texts, and with colour tags if it holds colours rather than data.

    texts : Latin-1 keywords of 1 to 79 characters to any text; stored as compressed iTXt.
    """
    added = b"".join(_chunk(kind, contents) for kind, contents in COLOUR_CHUNKS) if colour else b""
    for keyword, text in texts.items():
        added += _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(text.encode()))
    head = len(SIGNATURE) + 12 + 13  # IHDR comes first and holds 13 bytes
    return data[:head] + added + data[head:]


def texts(data: bytes) -> dict[str, str]:
    """Return the texts of a PNG file by keyword: tEXt, zTXt and iTXt; together at most 16 MB.

    Raises
    ------
    SourceError
        If the file is damaged or its texts are larger than that.
    """
    found: dict[str, str] = {}
    room = MAX_TEXT
    for kind, contents in chunks(data):
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        keyword, _, rest = contents.partition(b"\0")
        text = _text(kind, rest, room)
        room -= len(text)
        found[keyword.decode("latin-1")] = text.decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")
    return found


def _text(kind: bytes, rest: bytes, room: int) -> bytes:
    """Return the text of a chunk from what follows its keyword."""
    if kind == b"tEXt":
        body, packed = rest, False
    elif kind == b"zTXt":
        body, packed = rest[1:], True
    else:
        # Flag, method, language, translated keyword, text.
        body, packed = rest[2:].split(b"\0", 2)[-1], rest[:1] == b"\1"
    text = _inflated(body, room) if packed else body
    if len(text) > room:
        raise SourceError(f"the PNG file holds texts of more than {MAX_TEXT // 2**20} MB")
    return text


def _inflated(data: bytes, room: int) -> bytes:
    """Return inflated bytes, one more than `room` where there are more."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, room + 1)
    except zlib.error as error:
        raise SourceError(f"the PNG file is damaged: {error}") from None
    if not inflater.eof and len(text) <= room:
        raise SourceError("the PNG file is damaged: a text is cut short")
    return text
