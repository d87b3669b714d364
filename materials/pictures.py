"""Picture files at the door: from bytes to linear float32 and back.

A file's own header is read first and judged before any decoder sees it, since decoders believe headers: a
picture of 1.5 MB made one use 3 GB. PNG, JPEG, TIFF and WebP go through OpenCV, EXR through OpenEXR.
"""

from __future__ import annotations

import contextlib
import re
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from materials import png
from materials.errors import ExportError, SourceError
from nodes import opencv

MAX_PIXELS = 64 * 10**6
MAX_SIDE = 65_500
MAX_CHANNELS = 4
"""Channels of a picture of MAX_PIXELS; smaller ones may have more, so that memory stays bounded."""

MAX_PARTS = 10_000
"""Markers, tags or attributes that are walked before a header is given up."""

ColourSpace = Literal["auto", "srgb", "linear"]


@dataclass(frozen=True)
class Header:
    """What a picture file says of itself before it is decoded."""

    format: str
    width: int
    height: int
    channels: int = MAX_CHANNELS


# ---- headers -------------------------------------------------------------------------------------


def header(data: bytes) -> Header:
    """Return format and size of a picture file, read from its first bytes alone.

    Raises
    ------
    SourceError
        If it is none of PNG, JPEG, TIFF, WebP and EXR, or its header is cut short.
    """
    try:
        for magic, format, read in _FORMATS:
            if data.startswith(magic):
                return Header(format, *read(data))
    except (struct.error, IndexError, ValueError) as error:
        raise SourceError(f"the picture's header is damaged: {error}") from None
    raise SourceError("the file is no picture that can be read", hint="PNG, JPEG, TIFF, WebP or EXR")


def _png_size(data: bytes) -> tuple[int, int, int]:
    width, height, _, colour, *_ = struct.unpack_from(">IIBBBBB", data, 16)
    return width, height, _PNG_CHANNELS.get(colour, MAX_CHANNELS)


_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Channels by PNG's colour type; a palette has one."""


_JPEG_MARKER = re.compile(rb"\xff{1,16}([\x01-\xfe])")
_JPEG_AFTER_SCAN = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])")
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Walk the markers of a JPEG file to its end: code and where the segment's length stands."""
    at = 2
    for _ in range(MAX_PARTS):
        found = _JPEG_MARKER.match(data, at)
        if not found:
            raise ValueError("a JPEG marker is missing")
        code, at = found[1][0], found.end()
        yield code, at
        if code == _JPEG_END:
            return
        if code != 0x01 and not 0xD0 <= code <= 0xD8:
            at += struct.unpack_from(">H", data, at)[0]
        if code == _JPEG_SCAN:
            after = _JPEG_AFTER_SCAN.search(data, at)
            if not after:
                raise ValueError("the JPEG file is cut short")
            at = after.start()
    raise ValueError("too many JPEG markers")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    for code, at in _jpeg_markers(data):
        if code in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 3)
            return width, height
        if code == _JPEG_SCAN:
            break
    raise ValueError("a JPEG size is missing")


def _tiff_size(data: bytes) -> tuple[int, int, int]:
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    found = {_TIFF_CHANNELS: 1}
    for entry in range(min(count, 200)):
        tag, kind = struct.unpack_from(order + "HH", data, at + 2 + 12 * entry)
        if tag in (_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_CHANNELS):
            found[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, at + 10 + 12 * entry)[0]
    if len(found) < 3:
        raise ValueError("a TIFF size is missing")
    return found[_TIFF_WIDTH], found[_TIFF_HEIGHT], found[_TIFF_CHANNELS]


def _webp_size(data: bytes) -> tuple[int, int]:
    if data[8:12] != b"WEBP":
        raise ValueError("no WebP")
    match data[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    raise ValueError("an unknown kind of WebP")


def _exr_size(data: bytes) -> tuple[int, int, int]:
    if data[5] & 0x18:  # bits 11 and 12 of the version; each part has a header of its own, and only ours is judged
        raise ValueError("EXR files of several parts or with deep pixels are not read")
    at, channels, size = 8, 0, None
    for _ in range(MAX_PARTS):
        if not data[at]:
            break
        name_end = data.index(b"\0", at, at + 256)
        kind_end = data.index(b"\0", name_end + 1, name_end + 256)
        (length,) = struct.unpack_from("<I", data, kind_end + 1)
        name, value = data[at:name_end], kind_end + 5
        if name == b"dataWindow":
            left, top, right, bottom = struct.unpack_from("<iiii", data, value)
            size = right - left + 1, bottom - top + 1
        elif name == b"channels":
            channels = len(_EXR_CHANNEL.findall(data, value, value + length))
        at = value + length
    if size is None or not channels:
        raise ValueError("an EXR size is missing")
    return *size, channels


_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_CHANNELS = 256, 257, 277
_EXR_CHANNEL = re.compile(rb"[^\0]{1,255}\0.{16}", re.DOTALL)  # a name, then type, linearity and sampling

_FORMATS = (
    (png.SIGNATURE, "png", _png_size),
    (b"\xff\xd8\xff", "jpeg", _jpeg_size),
    (b"II*\0", "tiff", _tiff_size),
    (b"MM\0*", "tiff", _tiff_size),
    (b"RIFF", "webp", _webp_size),
    (b"\x76\x2f\x31\x01", "exr", _exr_size),
)


# ---- reading -------------------------------------------------------------------------------------


def read(
    data: bytes, *, name: str = "picture", colour_space: ColourSpace = "auto", max_pixels: int = MAX_PIXELS
) -> np.ndarray:
    """Return a picture as float32, linear, `(H, W)` or `(H, W, 3)`; alpha is dropped.

    Parameters
    ----------
    colour_space : what integer pixels mean: "auto" takes sRGB for whole-number formats and linear for float ones.

    Raises
    ------
    SourceError
        If it is no picture, too large, cut short, damaged, or holds NaN or infinity.
    """
    try:
        image = _decoded(data, max_pixels)
        linear = _to_linear(image, colour_space)
    except SourceError as error:
        raise SourceError(f"{name}: {error.what}", path=name, hint=error.hint) from None
    if not np.isfinite(linear).all():
        raise SourceError(f"{name}: some pixels are NaN or infinite", path=name, hint="mend them in an editor")
    return linear


def _decoded(data: bytes, max_pixels: int) -> np.ndarray:
    """Return the pixels as they are in the file, RGB order, alpha dropped."""
    head = header(data)
    if not (0 < head.width <= MAX_SIDE and 0 < head.height <= MAX_SIDE and head.width * head.height <= max_pixels):
        limit = f"at most {max_pixels / 1e6:.0f} million pixels, {MAX_SIDE} a side"
        raise SourceError(f"the picture says it is {head.width}x{head.height}", hint=limit)
    if head.width * head.height * head.channels > MAX_CHANNELS * max_pixels:
        raise SourceError(f"the picture says it has {head.channels} channels of {head.width}x{head.height}")
    if head.format == "exr":
        return _read_exr(data, head)
    _check_whole(data, head)
    cv2 = opencv.cv2
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    except (cv2.error, MemoryError) as error:
        raise SourceError(f"the picture cannot be decoded: {str(error)[:200]}") from None
    if image is None or image.shape[:2] != (head.height, head.width):
        raise SourceError("the picture is damaged: it cannot be decoded")
    if image.ndim == 3:
        image = image[..., 0] if image.shape[2] in (1, 2) else image[..., 2::-1]
    return np.ascontiguousarray(image)


def _check_whole(data: bytes, head: Header) -> None:
    """Refuse files that end early: decoders fill what is missing with gray."""
    if head.format == "png":
        _check_inflates(data, _png_bytes(data, head))
    elif head.format == "jpeg":
        try:
            for _ in _jpeg_markers(data):
                pass  # the walk is the check; what follows the end, as phones write it, is no matter
        except (ValueError, struct.error, IndexError) as error:
            raise SourceError(f"the JPEG file is damaged or cut short: {error}") from None
    elif head.format == "webp" and struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise SourceError("the WebP file is cut short")


_ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""First row and column, steps of rows and columns, of the seven passes of an interlaced PNG."""


def _png_bytes(data: bytes, head: Header) -> int:
    """Return how many bytes the pixels of a PNG file inflate to, by its header."""
    depth, interlaced = data[24], data[28]
    bits = depth * head.channels
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    count = 0
    for top, left, down, right in passes:
        rows, columns = -(-(head.height - top) // down), -(-(head.width - left) // right)
        if rows > 0 and columns > 0:
            count += rows * (1 + -(-columns * bits // 8))
    return count


def _check_inflates(data: bytes, expected: int) -> None:
    """Refuse PNG pixels that inflate to much more or any less than `expected` bytes, holding few at a time."""
    inflater = zlib.decompressobj()
    count = 0
    for kind, contents in png.chunks(data):
        if kind != b"IDAT":
            continue
        for at in range(0, len(contents), 2**16):
            piece = contents[at : at + 2**16]
            while piece and not inflater.eof:
                try:
                    count += len(inflater.decompress(piece, 2**20))
                except zlib.error as error:
                    raise SourceError(f"the PNG file is damaged: {error}") from None
                piece = inflater.unconsumed_tail
                if count > expected + 2**16:
                    raise SourceError("the PNG file is damaged: it inflates to more than its size")
    if count < expected or not inflater.eof:
        raise SourceError("the PNG file is cut short")


def _read_exr(data: bytes, head: Header) -> np.ndarray:
    with _open_exr(data, separate_channels=True) as file:
        parts = {name: channel.pixels for name, channel in file.channels().items()}
    names = ("R", "G", "B") if {"R", "G", "B"} <= set(parts) else ("Y",) if "Y" in parts else tuple(parts)[:1]
    size = (head.height, head.width)
    planes = [plane for name in names if (plane := parts[name]) is not None and plane.shape == size]
    if not planes or len(planes) < len(names):
        raise SourceError("the EXR file is damaged or has no channels of full size")
    return np.stack(planes, axis=2) if len(planes) == 3 else planes[0]


def exr_attributes(data: bytes) -> dict[str, str]:
    """Return the text attributes of an EXR file by name."""
    if header(data).format != "exr":
        raise SourceError("this is no EXR file")
    with _open_exr(data, header_only=True) as file:
        return {name: value for name, value in file.header().items() if isinstance(value, str)}


@contextlib.contextmanager
def _open_exr(data: bytes, **options: bool) -> Iterator[Any]:
    """Open an EXR file held in memory; whatever goes wrong while it is open is the file's fault.

    OpenEXR reads files only, and prints warnings on standard output, where only results belong.
    """
    import OpenEXR

    with tempfile.TemporaryDirectory(prefix="intarsia-") as folder:
        path = Path(folder) / "picture.exr"
        path.write_bytes(data)
        try:
            with contextlib.redirect_stdout(sys.stderr), OpenEXR.File(str(path), **options) as file:
                yield file
        except (RuntimeError, ValueError, TypeError, KeyError, MemoryError) as error:
            raise SourceError(f"the EXR file cannot be read: {str(error)[:200]}") from None


def _to_linear(image: np.ndarray, colour_space: ColourSpace) -> np.ndarray:
    if image.dtype.kind == "f":
        linear = image.astype(np.float32)
        return srgb_to_linear(linear) if colour_space == "srgb" else linear
    if image.dtype == np.uint8 or image.dtype == np.uint16:
        return _table(image.dtype.itemsize * 8, colour_space != "linear")[image]
    raise SourceError(f"pixels of type {image.dtype} cannot be read", hint="8 or 16 bit, or float")


@lru_cache(maxsize=4)
def _table(depth: int, srgb: bool) -> np.ndarray:
    """Return the linear value of every code of a depth."""
    codes = np.arange(2**depth, dtype=np.float64) / (2**depth - 1)
    return (srgb_to_linear(codes) if srgb else codes).astype(np.float32)


def srgb_to_linear(image: np.ndarray) -> np.ndarray:
    """Return linear values of sRGB-encoded ones (IEC 61966-2-1, exact piecewise curve)."""
    curve = ((np.maximum(image, 0) + 0.055) / 1.055) ** 2.4
    return np.where(image <= 0.04045, image / 12.92, curve).astype(image.dtype)


def linear_to_srgb(image: np.ndarray) -> np.ndarray:
    """Return sRGB-encoded values of linear ones, both 0 to 1."""
    curve = 1.055 * np.maximum(image, 0) ** (1 / 2.4) - 0.055
    return np.where(image <= 0.0031308, image * 12.92, curve).astype(image.dtype)


# ---- writing -------------------------------------------------------------------------------------


def encode_png(image: np.ndarray, texts: Mapping[str, str], colour: bool, level: int = 1) -> bytes:
    """Return a PNG file of a uint8 or uint16 array `(H, W)`, `(H, W, 3)` or `(H, W, 4)`."""
    cv2 = opencv.cv2
    done, data = cv2.imencode(".png", _to_bgr(image), [cv2.IMWRITE_PNG_COMPRESSION, level])
    if not done:
        raise ExportError("a PNG file could not be encoded")
    return png.tagged(data.tobytes(), texts, colour)


def encode_tiff(image: np.ndarray) -> bytes:
    """Return a TIFF file of a uint8, uint16 or float32 array, deflated."""
    cv2 = opencv.cv2
    done, data = cv2.imencode(".tiff", _to_bgr(image), [cv2.IMWRITE_TIFF_COMPRESSION, 8])
    if not done:
        raise ExportError("a TIFF file could not be encoded")
    return data.tobytes()


def _to_bgr(image: np.ndarray) -> np.ndarray:
    cv2 = opencv.cv2
    if image.ndim == 2:
        return image
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR if image.shape[2] == 3 else cv2.COLOR_RGBA2BGRA)


REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)


def encode_exr(image: np.ndarray, texts: Mapping[str, str], colour: bool) -> bytes:
    """Return an EXR file of a float16 or float32 array; ZIP, text attributes, chromaticities for colours."""
    import OpenEXR

    head: dict[str, Any] = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **texts}
    if colour:
        head["chromaticities"] = REC709
    if image.ndim == 2:
        channels = {"Y": np.ascontiguousarray(image)}
    else:
        names = "RGBA"[: image.shape[2]]
        channels = {name: np.ascontiguousarray(image[..., number]) for number, name in enumerate(names)}
    with tempfile.TemporaryDirectory(prefix="intarsia-") as folder:
        path = Path(folder) / "picture.exr"
        try:
            with OpenEXR.File(head, channels) as file:
                file.write(str(path))
            return path.read_bytes()
        except (RuntimeError, OSError) as error:
            raise ExportError(f"an EXR file could not be encoded: {error}") from error


__all__ = ["Header", "encode_exr", "encode_png", "encode_tiff", "exr_attributes", "header", "linear_to_srgb", "read"]
