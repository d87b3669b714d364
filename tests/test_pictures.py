"""Pictures at the door: exact codes in and out, texts and tags, and files that are not to be trusted."""

from __future__ import annotations

import contextlib
import json
import random
import struct
import subprocess
import sys
import zlib
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from materials import pictures, png, tiff
from materials.errors import SourceError
from materials.quantise import quantise
from nodes.declare import row_bands
from nodes.opencv import cv2
from tests.references.srgb import srgb_from_linear

RANDOM = np.random.default_rng(5)
SMOOTH = cv2.GaussianBlur(RANDOM.random((37, 53, 3)).astype(np.float32), (0, 0), 2)
CODES8 = (SMOOTH * 255).astype(np.uint8)
CODES16 = (SMOOTH * 65535).astype(np.uint16)


def encoded(extension: str, image: np.ndarray, *options: int) -> bytes:
    """Return a file that OpenCV made, from RGB."""
    return cv2.imencode(extension, image[..., ::-1] if image.ndim == 3 else image, options)[1].tobytes()


FILES = {
    "png8": pictures.encode_png(CODES8, {"a": "text"}, colour=True),
    "png16": pictures.encode_png(CODES16, {}, colour=False),
    "tiff8": tiff.described(pictures.encode_tiff(CODES8), "text"),
    "tiff16": pictures.encode_tiff(CODES16),
    "tiff plain": encoded(".tiff", CODES8, cv2.IMWRITE_TIFF_COMPRESSION, 1),
    "jpeg": encoded(".jpg", CODES8),
    "jpeg progressive": encoded(".jpg", CODES8, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "webp": encoded(".webp", CODES8, cv2.IMWRITE_WEBP_QUALITY, 101),
    "exr": pictures.encode_exr(SMOOTH.astype(np.float16), {"a": "text"}, colour=True),
}


def is_refused(data: bytes, **options) -> bool:
    """Return whether a picture is refused; any error but ours passes on."""
    try:
        pictures.read(data, **options)
    except SourceError:
        return True
    return False


# ---- reading what was written ----


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4), (1, 1), (1, 9, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_codes_come_back_as_they_were(shape, dtype):
    codes = RANDOM.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)
    expected = (codes[..., :3] if codes.ndim == 3 else codes) / np.float64(np.iinfo(dtype).max)
    files = [pictures.encode_png(codes, {}, colour=False)]
    if len(shape) == 2 or shape[2] == 3:
        files.append(pictures.encode_tiff(codes))
    for data in files:
        found = pictures.read(data, colour_space="linear")
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected.astype(np.float32))


def test_floats_come_back_as_they_were():
    for dtype in (np.float16, np.float32):
        for image in (SMOOTH.astype(dtype), SMOOTH[..., 0].astype(dtype)):
            np.testing.assert_array_equal(pictures.read(pictures.encode_exr(image, {}, colour=True)), image)
    np.testing.assert_array_equal(pictures.read(pictures.encode_tiff(SMOOTH)), SMOOTH)


def test_every_code_of_an_srgb_picture_is_the_standard_s_value():
    for bits in (8, 16):
        codes = np.arange(2**bits).astype(np.uint8 if bits == 8 else np.uint16).reshape(16, -1)
        linear = pictures.read(pictures.encode_png(codes, {}, colour=True)).astype(np.float64)
        back = np.array([srgb_from_linear(value) for value in linear.flat]) * (2**bits - 1)
        np.testing.assert_allclose(back, codes.ravel(), atol=0.01)


def test_alpha_is_dropped_and_palettes_are_looked_up():
    rgba = np.dstack([CODES8, np.full(CODES8.shape[:2], 7, np.uint8)])
    np.testing.assert_array_equal(
        pictures.read(pictures.encode_png(rgba, {}, colour=True)), pictures.read(FILES["png8"])
    )
    rows = b"".join(b"\0" + bytes([0, 1]) for _ in range(2))
    palette = chunked((2, 2, 8, 3, 0, 0, 0), rows, (b"PLTE", bytes([255, 0, 0, 0, 0, 255])))
    np.testing.assert_array_equal(pictures.read(palette)[0], [[1, 0, 0], [0, 0, 1]])


def chunked(head: tuple[int, ...], pixels: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """Return a PNG file of raw rows."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", *head)), *more, (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return png.SIGNATURE + b"".join(png._chunk(kind, contents) for kind, contents in parts)


def test_interlaced_pictures_are_read_and_refused_when_cut_short():
    codes = CODES8[:11, :13, 0]
    passes = [codes[top::down, left::right] for top, left, down, right in pictures._ADAM7]
    rows = b"".join(b"\0" + row.tobytes() for part in passes if part.size for row in part)
    head = (13, 11, 8, 0, 0, 0, 1)
    np.testing.assert_array_equal(pictures.read(chunked(head, rows), colour_space="linear"), codes / np.float32(255))
    assert is_refused(chunked(head, rows[:-1]))


def test_what_phones_put_behind_a_jpeg_is_no_damage():
    np.testing.assert_array_equal(pictures.read(FILES["jpeg"] + b"motion photo" * 99), pictures.read(FILES["jpeg"]))


def test_pixels_that_are_no_numbers_are_refused_with_the_file_s_name():
    for bad in (np.nan, np.inf):
        image = SMOOTH.copy()
        image[3, 4, 1] = bad
        for data in (pictures.encode_exr(image, {}, colour=True), pictures.encode_tiff(image)):
            with pytest.raises(SourceError, match=r"wall\.exr: some pixels are NaN or infinite"):
                pictures.read(data, name="wall.exr")


def test_several_parts_in_an_exr_file_are_refused():
    import OpenEXR

    head = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    parts = [OpenEXR.Part({**head, "name": name}, {"Y": SMOOTH[..., 0].copy()}, name) for name in "ab"]
    assert is_refused(written(parts))


def written(parts) -> bytes:
    import tempfile
    from pathlib import Path

    import OpenEXR

    with tempfile.TemporaryDirectory() as folder:
        OpenEXR.File(parts).write(str(Path(folder) / "a.exr"))
        return (Path(folder) / "a.exr").read_bytes()


# ---- texts and colour tags ----

KEYWORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=79)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYWORD, TEXT, max_size=5), st.booleans())
def test_png_texts_come_back_and_touch_no_pixel(texts, colour):
    data = pictures.encode_png(CODES8, texts, colour)
    assert png.texts(data) == texts
    np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), -1)[..., ::-1], CODES8)


def test_colours_are_tagged_and_data_is_not():
    tags = {b"sRGB", b"cICP", b"gAMA", b"cHRM", b"iCCP"}
    colour = dict(png.chunks(pictures.encode_png(CODES8, {}, colour=True)))
    assert colour[b"sRGB"] == b"\0"
    assert colour[b"cICP"] == bytes([1, 13, 0, 1])
    for image in (CODES8, CODES16, CODES8[..., 0]):
        assert not tags & set(dict(png.chunks(pictures.encode_png(image.copy(), {"a": "b"}, colour=False))))


def test_tags_and_texts_stand_before_the_pixels():
    kinds = [kind for kind, _ in png.chunks(pictures.encode_png(CODES8, {"a": "b"}, colour=True))]
    assert kinds[:4] == [b"IHDR", b"sRGB", b"cICP", b"iTXt"]
    assert kinds[-1] == b"IEND"


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=200))
def test_a_tiff_s_text_comes_back_and_touches_no_pixel(text):
    data = tiff.described(pictures.encode_tiff(CODES16), text)
    assert tiff.description(data) == text
    assert tiff.description(tiff.described(data, "again")) == "again"
    np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), -1)[..., ::-1], CODES16)


def test_exr_texts_come_back_and_colours_carry_their_primaries():
    texts = {"intarsia.graph": '{"title": "Mörtel ✓"}' * 500, "intarsia.credits": "short"}
    data = pictures.encode_exr(SMOOTH, texts, colour=True)
    assert texts.items() <= pictures.exr_attributes(data).items()
    assert b"chromaticities" in data[:4096]
    assert b"chromaticities" not in pictures.encode_exr(SMOOTH, {}, colour=False)[:4096]


def test_a_wrong_checksum_is_found():
    data = bytearray(FILES["png8"])
    data[60] ^= 1
    with pytest.raises(SourceError, match="checksum"):
        png.texts(bytes(data))


def test_texts_that_inflate_without_end_are_refused():
    bomb = b"key\0\0" + zlib.compress(bytes(300 * 2**20), 9)
    whole = chunked((1, 1, 8, 0, 0, 0, 0), b"\0\0", (b"zTXt", bomb))
    with pytest.raises(SourceError, match="more than 16 MB"):
        png.texts(whole)
    half = zlib.compress(bytes(9 * 2**20), 9)
    several = [(b"zTXt", b"key%d\0\0" % number + half) for number in range(9)]
    with pytest.raises(SourceError, match="more than 16 MB"):
        png.texts(chunked((1, 1, 8, 0, 0, 0, 0), b"\0\0", *several))


# ---- files that are not to be trusted ----


@pytest.mark.parametrize("kind", FILES)
def test_a_picture_cut_short_is_refused_or_is_the_same_picture(kind, capfd):
    data = FILES[kind]
    whole = pictures.read(data)
    cuts = {*range(0, len(data), max(1, len(data) // 120)), *range(len(data) - 30, len(data))}
    for cut in sorted(cuts):
        if not is_refused(data[:cut]):
            np.testing.assert_array_equal(pictures.read(data[:cut]), whole)
    assert capfd.readouterr().out == ""


def exr_header(width: int, height: int, channels: int = 1) -> bytes:
    def attribute(name: bytes, kind: bytes, value: bytes) -> bytes:
        return name + b"\0" + kind + b"\0" + struct.pack("<I", len(value)) + value

    listed = b"".join(b"c%d\0" % number + struct.pack("<IIII", 2, 0, 1, 1) for number in range(channels))
    window = attribute(b"dataWindow", b"box2i", struct.pack("<iiii", 0, 0, width - 1, height - 1))
    return b"\x76\x2f\x31\x01\2\0\0\0" + attribute(b"channels", b"chlist", listed + b"\0") + window + b"\0"


def tiff_header(width: int, height: int, channels: int = 3) -> bytes:
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (277, 3, channels)]
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(struct.pack("<HHII", a, b, 1, c) for a, b, c in tags)


BOMBS = {
    "png": chunked((100_000, 100_000, 8, 2, 0, 0, 0), b""),
    "png of zeros": chunked((20_000, 20_000, 8, 2, 0, 0, 0), bytes(10**6)),
    "png that inflates on": chunked((16, 16, 8, 0, 0, 0, 0), bytes(200 * 2**20)),
    "exr": exr_header(100_000, 100_000),
    "exr of one channel": exr_header(15_000, 15_000),
    "exr of 30000 channels": exr_header(4000, 4000, 30_000),
    "exr of negative size": exr_header(-5, 10),
    "tiff": tiff_header(100_000, 100_000),
    "tiff of 60000 channels": tiff_header(4000, 4000, 60_000),
    "hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 100000 +X 100000\n",
    "bmp": b"BM" + struct.pack("<IIIIiiHH", 0, 0, 54, 40, 100_000, 100_000, 1, 24) + bytes(24),
    "jpeg": b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 65_500, 65_500, 3) + bytes(9) + b"\xff\xd9",
    "webp": b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff",
    "jpeg of fill bytes": b"\xff\xd8" + b"\xff" * 5_000_000,
    "jpeg of empty segments": b"\xff\xd8" + b"\xff\xe0\0\2" * 2_000_000,
    "exr of empty attributes": b"\x76\x2f\x31\x01\2\0\0\0" + b"a\0b\0\0\0\0\0" * 1_000_000,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_are_refused_before_a_decoder_sees_them_and_in_little_memory(kind, monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(cv2, "imdecode", lambda *arguments: pytest.fail("decoded"))
    monkeypatch.setattr(pictures, "_open_exr", lambda *arguments, **options: pytest.fail("decoded"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert is_refused(BOMBS[kind])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([entry[0] for entry in pictures._FORMATS]), st.binary(max_size=400))
def test_no_bytes_behind_a_known_start_end_in_any_other_error(magic, rest):
    for data in (magic + rest, rest):
        try:
            pictures.header(data)
        except SourceError:
            continue


def damaged(data: bytes, numbers: random.Random) -> bytes:
    """Return bytes changed in up to six places, mostly without moving what follows; often near the start."""
    changed = bytearray(data)
    for _ in range(numbers.randint(1, 6)):
        if not changed:
            break
        at = numbers.randrange(min(len(changed), 200) if numbers.random() < 0.3 else len(changed))
        match numbers.randrange(10):
            case 0:
                del changed[at : at + numbers.randint(1, 9)]
            case 1:
                changed[at:at] = changed[at : at + numbers.randint(1, 40)]
            case 2:
                changed[at : at + 4] = numbers.choice([bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\1\0"])
            case _:
                changed[at] = numbers.randrange(256)
    return bytes(changed)


def damaged_png(data: bytes, numbers: random.Random) -> bytes:
    """Return a PNG file with a damaged chunk whose checksum is right, so that the damage gets to the decoder."""
    parts = [part for part in png.chunks(data) if part[0] not in (b"IDAT", b"IEND")]
    pixels = b"".join(contents for kind, contents in png.chunks(data) if kind == b"IDAT")
    parts += [(b"IDAT", pixels), (b"IEND", b"")]
    if numbers.random() < 0.3:
        kind = numbers.choice(
            [b"PLTE", b"tRNS", b"gAMA", b"iCCP", b"cHRM", b"bKGD", b"eXIf", b"acTL", b"fdAT", b"sBIT"]
        )
        parts.insert(numbers.randrange(1, len(parts)), (kind, numbers.randbytes(numbers.randrange(40))))
    at = numbers.randrange(len(parts))
    kind, contents = parts[at]
    if kind == b"IDAT":
        rows = zlib.decompress(contents)
        contents = zlib.compress(damaged(rows, numbers).ljust(len(rows), b"\0"))
    elif numbers.random() < 0.5:
        contents = damaged(contents, numbers)
    parts[at] = (kind, contents)
    return png.SIGNATURE + b"".join(png._chunk(kind, contents) for kind, contents in parts)


def read_mutants(count: int) -> dict[str, float]:
    """Read damaged pictures of every kind; return the share that a decoder saw. What is taken must be sound."""
    seen = {}
    for kind, data in FILES.items():
        numbers = random.Random(kind)
        with (
            mock.patch.object(cv2, "imdecode", wraps=cv2.imdecode) as decoder,
            mock.patch.object(pictures, "_read_exr", wraps=pictures._read_exr) as exr_decoder,
        ):
            for _ in range(count):
                wild = not kind.startswith("png") or numbers.random() < 0.2
                broken = damaged(data, numbers) if wild else damaged_png(data, numbers)
                for read in (png.texts, tiff.description, pictures.exr_attributes):
                    with contextlib.suppress(SourceError):
                        read(broken)
                with contextlib.suppress(SourceError):
                    image = pictures.read(broken, max_pixels=10**6)
                    assert image.dtype == np.float32
                    assert np.isfinite(image).all()
            seen[kind] = (decoder.call_count + exr_decoder.call_count) / count
    return seen


def test_damaged_pictures_never_crash_in_bounded_memory():
    pytest.importorskip("resource")
    # In a process of its own: a decoder that crashes must not take the tests along.
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30));"
        "import json; from tests.test_pictures import read_mutants; print(json.dumps(read_mutants(150)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)  # nothing but this line: decoders print nothing there
    # If decoders saw hardly any of them, the test would say little.
    assert min(seen.values()) > 0.25, seen


# ---- codes ----


def codes_of(image: np.ndarray, dtype, **options) -> np.ndarray:
    target = np.empty(image.shape, dtype)
    for channel in range(1 if image.ndim == 2 else image.shape[2]):
        quantise(image, channel, target, channel, **options)
    return target


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("srgb", [False, True])
def test_codes_are_the_nearest_to_the_exact_value(dtype, srgb):
    values = np.concatenate([np.linspace(0, 1, 20_001), np.linspace(0, 0.01, 5000)]).astype(np.float32)
    exact = np.array([srgb_from_linear(value) if srgb else float(value) for value in values]) * np.iinfo(dtype).max
    codes = codes_of(values[None], dtype, srgb=srgb)[0].astype(np.float64)
    assert np.abs(codes - exact).max() < 0.5 + 0.05


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("srgb", [False, True])
def test_what_is_a_code_stays_that_code_dithered_or_not(dtype, srgb):
    top = np.iinfo(dtype).max
    codes = np.tile(np.arange(top + 1).astype(dtype).reshape(16, -1), (3, 3))
    data = pictures.encode_png(codes, {}, colour=True)
    image = pictures.read(data, colour_space="auto" if srgb else "linear")
    for dither in (False, dtype == np.uint8):
        np.testing.assert_array_equal(codes_of(image, dtype, srgb=srgb, dither=dither), codes)


def test_dither_keeps_the_mean_and_stays_within_a_code():
    for value in (0.1, 0.5003, 0.777):
        codes = codes_of(np.full((128, 128, 3), value, np.float32), np.uint8, dither=True).astype(np.float64)
        assert np.abs(codes - value * 255).max() < 1
        np.testing.assert_allclose(codes.mean(axis=(0, 1)), value * 255, atol=0.02)
        assert not np.array_equal(codes[..., 0], codes[..., 1])


def test_bands_have_the_bits_of_the_whole():
    image = RANDOM.random((301, 517, 3)).astype(np.float32)
    whole = codes_of(image, np.uint8, srgb=True, dither=True)
    for bands in (row_bands(301, 517), [(0, 1), (1, 200), (200, 301)]):
        parts = [codes_of(image[top:bottom], np.uint8, srgb=True, dither=True, top=top) for top, bottom in bands]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_inverting_is_one_minus_the_value():
    image = RANDOM.random((9, 11)).astype(np.float32)
    for dtype in (np.uint8, np.uint16, np.float32):
        np.testing.assert_array_equal(codes_of(image, dtype, invert=True), codes_of(1 - image, dtype))


def test_values_outside_the_range_and_no_numbers_have_codes_too():
    image = np.array([[-1, 2, np.inf, -np.inf, np.nan]], np.float32)
    for srgb in (False, True):
        np.testing.assert_array_equal(codes_of(image, np.uint8, srgb=srgb, dither=True), [[0, 255, 255, 0, 0]])
    np.testing.assert_array_equal(codes_of(np.float32([[1e9, -1e9]]), np.float16), [[65504, -65504]])


def test_any_layout_of_memory_and_any_float_is_taken():
    image = RANDOM.random((6, 8)).astype(np.float32)
    wide = np.zeros((6, 16), np.float64)
    wide[:, ::2] = image
    np.testing.assert_array_equal(codes_of(wide[:, ::2], np.uint16), codes_of(image, np.uint16))


def test_what_does_not_fit_is_refused_before_the_kernel_runs():
    image = np.zeros((4, 4, 2), np.float32)
    for source, component, target, channel in (
        (image[:3], 0, np.zeros((4, 4), np.uint8), 0),
        (np.zeros((4, 9), np.float32), 0, np.zeros((4, 4), np.uint8), 0),
        (image, 2, np.zeros((4, 4, 3), np.uint8), 2),
        (image, 0, np.zeros((4, 4), np.uint8), 1),
        (image, -1, np.zeros((4, 4), np.uint8), 0),
    ):
        with pytest.raises(ValueError):
            quantise(source, component, target, channel)
