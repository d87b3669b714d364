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
    """Return the texts of a PNG file by keyword: tEXt, zTXt and iTXt; each inflated to 16 MB at most.

    Raises
    ------
    SourceError
        If the file is damaged or a text is larger than that.
    """
    found: dict[str, str] = {}
    for kind, contents in chunks(data):
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        keyword, _, rest = contents.partition(b"\0")
        name = keyword.decode("latin-1")
        if kind == b"tEXt":
            found[name] = rest[:MAX_TEXT].decode("latin-1")
        elif kind == b"zTXt":
            found[name] = _inflated(rest[1:]).decode("latin-1")
        elif len(rest) >= 2:
            body = rest[2:].split(b"\0", 2)[-1]
            found[name] = (_inflated(body) if rest[0] else body[:MAX_TEXT]).decode("utf-8", "replace")
    return found


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, MAX_TEXT)
    except zlib.error as error:
        raise SourceError(f"the PNG file is damaged: {error}") from None
    if inflater.unconsumed_tail:
        raise SourceError(f"the PNG file holds a text of more than {MAX_TEXT // 2**20} MB")
    return text
