"""Picture files at the door: from bytes to linear float32 and back.

A file's own header is read first and judged before any decoder sees it, since decoders believe headers: a
picture of 1.5 MB made one use 3 GB. PNG, JPEG, TIFF and WebP go through OpenCV, EXR through OpenEXR.
"""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Mapping
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

ColourSpace = Literal["auto", "srgb", "linear"]


@dataclass(frozen=True)
class Header:
    """What a picture file says of itself before it is decoded."""

    format: str
    width: int
    height: int


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
                width, height = read(data)
                return Header(format, width, height)
    except (struct.error, IndexError, ValueError) as error:
        raise SourceError(f"the picture's header is damaged: {error}") from None
    raise SourceError("the file is no picture that can be read", hint="PNG, JPEG, TIFF, WebP or EXR")


def _png_size(data: bytes) -> tuple[int, int]:
    return struct.unpack_from(">II", data, 16)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError("a JPEG marker is missing")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + (0 if marker in (0x01, *range(0xD0, 0xD9)) else struct.unpack_from(">H", data, at + 2)[0])


def _tiff_size(data: bytes) -> tuple[int, int]:
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    found = {}
    for entry in range(min(count, 200)):
        tag, kind = struct.unpack_from(order + "HH", data, at + 2 + 12 * entry)
        if tag in (256, 257):
            found[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, at + 10 + 12 * entry)[0]
    if len(found) < 2:
        raise ValueError("a TIFF size is missing")
    return found[256], found[257]


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


def _exr_size(data: bytes) -> tuple[int, int]:
    at = 8
    while data[at]:
        name_end = data.index(b"\0", at, at + 256)
        kind_end = data.index(b"\0", name_end + 1, name_end + 256)
        (length,) = struct.unpack_from("<I", data, kind_end + 1)
        if data[at:name_end] == b"dataWindow":
            left, top, right, bottom = struct.unpack_from("<iiii", data, kind_end + 5)
            return right - left + 1, bottom - top + 1
        at = kind_end + 5 + length
    raise ValueError("an EXR size is missing")


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
        limit = f"at most {max_pixels / 1e6:.0f} million pixels"
        raise SourceError(f"the picture says it is {head.width}x{head.height}", hint=limit)
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
        body = b"".join(contents for kind, contents in png.chunks(data) if kind == b"IDAT")
        _check_inflates(body, head, data)
    elif head.format == "jpeg" and b"\xff\xd9" not in data[-64:]:
        raise SourceError("the JPEG file is cut short")
    elif head.format == "webp" and struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise SourceError("the WebP file is cut short")


def _check_inflates(body: bytes, head: Header, data: bytes) -> None:
    """Refuse PNG pixels that inflate to more or less than the header says (interlaced files only to more)."""
    depth, colour, _, _, interlaced = data[24:29]
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 4)
    expected = (1 + -(-head.width * channels * depth // 8)) * head.height
    inflater = zlib.decompressobj()
    count = 0
    try:
        while chunk := inflater.decompress(body, 2**20):
            count += len(chunk)
            body = inflater.unconsumed_tail
            if count > 2 * expected + 2**16:
                raise SourceError("the PNG file is damaged: it inflates to more than its size")
    except zlib.error as error:
        raise SourceError(f"the PNG file is damaged: {error}") from None
    if count < expected and not interlaced:
        raise SourceError("the PNG file is cut short")


def _read_exr(data: bytes, head: Header) -> np.ndarray:
    import OpenEXR

    # OpenEXR reads files only.
    with tempfile.TemporaryDirectory(prefix="intarsia-") as folder:
        path = Path(folder) / "picture.exr"
        path.write_bytes(data)
        try:
            with OpenEXR.File(str(path), separate_channels=True) as file:
                parts = {name: channel.pixels for name, channel in file.channels().items()}
        except (RuntimeError, ValueError, TypeError, KeyError, UnicodeDecodeError, MemoryError) as error:
            raise SourceError(f"the EXR file cannot be read: {str(error)[:200]}") from None
    names = ("R", "G", "B") if {"R", "G", "B"} <= set(parts) else ("Y",) if "Y" in parts else tuple(parts)[:1]
    planes = [parts.get(name) for name in names]
    if not planes or any(plane is None or plane.shape != (head.height, head.width) for plane in planes):
        raise SourceError("the EXR file is damaged or has no channels of full size")
    return np.stack(planes, axis=2) if len(planes) == 3 else planes[0]


def exr_attributes(data: bytes) -> dict[str, str]:
    """Return the text attributes of an EXR file by name."""
    import OpenEXR

    head = header(data)
    if head.format != "exr":
        raise SourceError("this is no EXR file")
    with tempfile.TemporaryDirectory(prefix="intarsia-") as folder:
        path = Path(folder) / "picture.exr"
        path.write_bytes(data)
        try:
            with OpenEXR.File(str(path), header_only=True) as file:
                return {name: value for name, value in file.header().items() if isinstance(value, str)}
        except (RuntimeError, ValueError, TypeError, UnicodeDecodeError, MemoryError) as error:
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
    return np.where(image <= 0.04045, image / 12.92, ((np.maximum(image, 0) + 0.055) / 1.055) ** 2.4).astype(image.dtype)


def linear_to_srgb(image: np.ndarray) -> np.ndarray:
    """Return sRGB-encoded values of linear ones, both 0 to 1."""
    return np.where(image <= 0.0031308, image * 12.92, 1.055 * np.maximum(image, 0) ** (1 / 2.4) - 0.055).astype(image.dtype)


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
        channels = {name: np.ascontiguousarray(image[..., i]) for i, name in zip(range(image.shape[2]), "RGBA", strict=False)}
    with tempfile.TemporaryDirectory(prefix="intarsia-") as folder:
        path = Path(folder) / "picture.exr"
        try:
            with OpenEXR.File(head, channels) as file:
                file.write(str(path))
            return path.read_bytes()
        except (RuntimeError, OSError) as error:
            raise ExportError(f"an EXR file could not be encoded: {error}") from error


__all__ = ["Header", "encode_exr", "encode_png", "encode_tiff", "exr_attributes", "header", "linear_to_srgb", "read"]
