"""From photographs to exemplars: made warps, lights, lattices and reliefs are found again, and nothing else is."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from materials import pictures
from materials.cli import commands
from materials.errors import UsageError
from materials.prepare import Facts, prepare_photograph
from materials.render import PRESETS, run
from nodes.kernels.projection import project
from nodes.opencv import cv2
from nodes.patch import faults, preparation, relief, shading
from nodes.patch.photograph import photograph
from nodes.patch.preparation import Box
from nodes.procedural.source import image
from tests.references.calling import call

ROOT = Path(__file__).resolve().parent.parent


def grain(height: int, width: int, sigma: float = 1.0, seed: int = 5) -> np.ndarray:
    """Return noise of deviation 1 that tiles."""
    noise = np.random.default_rng(seed).standard_normal((height, width))
    wave = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.rfftfreq(width)[None] ** 2
    noise = np.fft.irfft2(np.fft.rfft2(noise) * np.exp(-2 * (np.pi * sigma) ** 2 * wave), s=noise.shape)
    return (noise / max(noise.std(), 1e-6)).astype(np.float32)


def surface(height: int = 160, width: int = 192, seed: int = 5) -> np.ndarray:
    """Return a picture like sand: brown, alike everywhere, sharp."""
    tone = 0.3 * np.exp2(0.3 * grain(height, width, 0.8, seed) + 0.2 * grain(height, width, 3, seed + 1))
    return np.minimum(tone[..., None] * np.array([1.2, 1.0, 0.7], np.float32), 0.95).astype(np.float32)


# ---- perspective ----


def seen_askew(
    picture: np.ndarray, height: int = 400, width: int = 560
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Return a picture as a camera sees it that looks from the side, and where its corners come to lie."""
    rows, columns = picture.shape[:2]
    tilt, turn, focal = 0.5, -0.4, 1.2 * width
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    about_y = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    flat = np.array([(-columns, -rows, 0), (columns, -rows, 0), (columns, rows, 0), (-columns, rows, 0)]) / 2
    solid = flat / max(rows, columns) @ (about_y @ about_x).T + [0.05, -0.02, 1.7]
    places = solid[:, :2] / solid[:, 2:] * focal + [width / 2, height / 2]
    world = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float64)
    out = np.empty((height, width, 3), np.float32)
    project(picture, preparation.homography(places, world), out)
    return out, [(float(x / width), float(y / height)) for x, y in places]


def test_a_picture_seen_from_the_side_is_made_straight_again():
    picture = cv2.GaussianBlur(surface(150, 240), (0, 0), 1.5)
    photo, corners = seen_askew(picture)
    straight = preparation.rectify(photo, corners, size=picture.shape[:2])
    inner = np.s_[3:-3, 3:-3]
    assert np.abs(straight - picture)[inner].mean() < 0.02 * picture.std()
    assert np.abs(straight - picture)[inner].max() < 0.3 * picture.std()


@pytest.mark.parametrize("size", [(100, 100), (90, 240), (200, 130)])
def test_the_perspective_tells_the_ratio_of_a_rectangle(size):
    photo, corners = seen_askew(surface(*size))
    straight = preparation.rectify(photo, corners)
    assert straight.shape[1] / straight.shape[0] == pytest.approx(size[1] / size[0], rel=0.02)


def test_corners_at_the_picture_s_own_change_nothing():
    picture = surface()
    assert np.array_equal(preparation.rectify(picture, preparation.WHOLE), picture)
    again = preparation.rectify(picture, preparation.WHOLE, size=(80, 96))
    halved = picture.reshape(80, 2, 96, 2, 3).mean(axis=(1, 3))
    assert np.abs(again - halved).mean() < 0.02


def test_what_becomes_smaller_through_a_perspective_does_not_alias():
    fine = ((np.indices((300, 300)).sum(axis=0) % 2) * np.ones((3, 1, 1))).transpose(1, 2, 0).astype(np.float32)
    made = preparation.rectify(fine, [(0.1, 0), (0.9, 0.1), (1, 1), (0, 0.9)], size=(60, 60))
    assert np.abs(made - 0.5).max() < 0.1


@pytest.mark.parametrize(
    "corners",
    [
        [(0, 0), (0, 1), (1, 1), (1, 0)],
        [(0, 0), (1, 0), (0, 1), (1, 1)],
        [(0, 0), (1, 0), (0.2, 0.2), (0, 1)],
        [(0, 0), (0, 0), (1, 1), (0, 1)],
        [(0, 0), (1, 0), (1, 1)],
        [(0, 0), (1, 0), (1, np.nan), (0, 1)],
    ],
)
def test_corners_that_are_no_convex_shape_are_refused(corners):
    with pytest.raises(ValueError, match="corners"):
        preparation.rectify(surface(32, 32), corners)


# ---- light ----


@pytest.mark.parametrize("shape", [(70, 90), (70, 90, 3)])
def test_a_flat_picture_stays_as_it_is(shape):
    flat = np.full(shape, 0.3, np.float32)
    for made in (preparation.flatten_illumination(flat), preparation.delight(flat)):
        assert np.abs(made - flat).max() < 1e-6
    for key in ("flatten_illumination", "delight"):
        assert np.abs(run(key, flat) - flat).max() < 1e-6


def uneven(height: int, width: int) -> np.ndarray:
    """Return light with a slope and dark corners, in stops about its mean."""
    y, x = np.mgrid[0:height, 0:width] / np.array([[[height]], [[width]]]) - 0.5
    stops = 0.9 * x - 0.6 * y - 1.2 * (x * x + y * y)
    return (stops - stops.mean()).astype(np.float32)


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_less_than_a_tenth_is_left_of_a_gradient(scale):
    picture = surface(180, 240)
    stops = uneven(180, 240)
    found = shading.illumination(picture * np.exp2(stops)[..., None], scale) - shading.illumination(picture, scale)
    assert np.abs(found - stops).mean() < 0.1 * np.abs(stops).mean()
    even = preparation.flatten_illumination(picture * np.exp2(stops)[..., None], scale)
    left = cv2.GaussianBlur(np.log2(even / picture)[..., 1], (0, 0), 12)
    assert left.std() < 0.15 * stops.std()


def test_flattening_keeps_the_mean_colour_and_half_an_amount_does_half():
    photo = surface() * np.exp2(uneven(160, 192))[..., None]
    even = preparation.flatten_illumination(photo)
    assert np.allclose(even.mean(axis=(0, 1)), photo.mean(axis=(0, 1)), rtol=1e-4)
    half = preparation.flatten_illumination(photo, amount=0.5)
    whole, part = (np.log2(each / photo)[..., 0] for each in (even, half))
    assert np.corrcoef(whole.ravel(), part.ravel())[0, 1] > 0.999
    assert part.std() == pytest.approx(whole.std() / 2, rel=0.02)


def test_a_large_motif_of_another_colour_is_no_shadow():
    picture = surface(200, 200)
    red = picture.copy()
    red[20:110, 30:130] *= (0.5, 0.12, 0.15)
    photo = red * np.exp2(uneven(200, 200))[..., None]
    even = preparation.flatten_illumination(photo)
    inside, outside = np.s_[30:100, 40:120], np.s_[120:190, 20:180]
    before = shading.luminance(red)
    after = shading.luminance(even)
    true = before[inside].mean() / before[outside].mean()
    assert after[inside].mean() / after[outside].mean() == pytest.approx(true, rel=0.15)


def test_a_shadow_is_lifted_and_what_colour_explains_stays():
    picture = surface(200, 200)
    picture[:, 100:] *= (0.3, 0.7, 1.0)
    soft = np.exp(-(((np.arange(200) - 60) / 9) ** 2))[:, None, None]
    shade = (1 - 0.55 * soft).astype(np.float32)
    made = preparation.delight(picture * shade, 1.0, 1.0, radius=0.12)
    before, after = (np.log2(each / picture).mean(axis=(1, 2)) for each in (picture * shade, made))
    dark, light = np.s_[55:66], np.s_[120:190]
    assert after[light].mean() - after[dark].mean() < 0.45 * (before[light].mean() - before[dark].mean())
    sides = [np.log2(each[:, 120:].mean() / each[:, :80].mean()) for each in (picture, made)]
    assert sides[1] == pytest.approx(sides[0], rel=0.15)


# ---- repetition ----


def lattice(height: int, width: int, first: tuple[float, float], second: tuple[float, float]) -> np.ndarray:
    """Return sharp spots at all sums of two shifts (x, y), on grain that does not repeat."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    a, b = np.linalg.inv(np.array([first, second], np.float64).T) @ np.array([x.ravel(), y.ravel()])
    spots = np.exp(4 * (np.cos(2 * np.pi * a) + np.cos(2 * np.pi * b) - 2)).reshape(height, width)
    tone = 0.15 + 0.5 * spots + 0.02 * grain(height, width)
    return np.repeat(np.maximum(tone, 0.01)[..., None], 3, axis=2).astype(np.float32)


@pytest.mark.parametrize(
    ("first", "second"), [((32, 0), (0, 24)), ((37.5, 0), (18.75, 21)), ((30, 7), (-6, 26)), ((20, 0), (0, 60))]
)
def test_the_period_of_a_made_lattice_is_found(first, second):
    found = preparation.period(lattice(300, 340, first, second))
    assert len(found) == 2
    matrix = np.array([first, second], np.float64).T
    steps = np.array([np.linalg.solve(matrix, (shift.x, shift.y)) for shift in found])
    assert np.abs(steps - np.rint(steps)).max() < 0.02
    assert abs(np.linalg.det(np.rint(steps))) == 1  # together they make the lattice, not a coarser one
    assert all(shift.strength > 0.4 for shift in found)


def test_courses_of_bricks_of_any_colour_are_found_in_any_light():
    random = np.random.default_rng(4)
    y, x = np.mgrid[0:320, 0:420]
    row = y // 40
    column = (x + (row % 2) * 45) // 90
    tone = random.uniform(0.15, 0.5, (8, 6))[row, column] * np.exp2(0.35 * grain(320, 420, 1.2))
    joint = (y % 40 < 5) | ((x + (row % 2) * 45) % 90 < 5)
    photo = np.where(joint, 0.3 + 0.005 * grain(320, 420), tone) * np.exp2(uneven(320, 420))
    found = preparation.period(photo.astype(np.float32))
    steps = np.linalg.solve(np.array([(90, 0), (45, 40)], np.float64).T, (found[0].x, found[0].y))
    assert np.abs(steps - np.rint(steps)).max() < 0.02
    assert found[0].y == pytest.approx(40, abs=0.5)
    assert found[0].strength > 0.2


@pytest.mark.parametrize("seed", range(4))
def test_sand_has_no_period(seed):
    assert preparation.period(surface(seed=10 * seed)) == []


def test_pictures_too_small_to_tell_have_no_period():
    assert preparation.period(surface(5, 200)) == []


def test_the_best_crop_holds_whole_periods():
    picture = lattice(230, 290, (64, 0), (0, 48))
    box = preparation.best_crop(picture)
    assert min(box.width % 64, -box.width % 64) <= 1
    assert min(box.height % 48, -box.height % 48) <= 1
    assert box.width * box.height >= 0.5 * 230 * 290


def test_a_picture_that_tiles_is_not_cropped():
    assert preparation.best_crop(surface(192, 256)) == Box(0, 0, 256, 192)


def test_the_best_crop_leaves_out_what_is_unlike_the_rest():
    picture = surface(200, 300)
    picture[:, 220:] *= (0.2, 0.5, 1.5)
    box = preparation.best_crop(picture)
    assert box.left + box.width <= 225


def test_a_crop_of_a_wanted_size_has_it():
    box = preparation.best_crop(surface(200, 300), size=(77, 133))
    assert (box.height, box.width) == (77, 133)
    assert 0 <= box.left <= 300 - 133
    assert 0 <= box.top <= 200 - 77
    assert preparation.cropped(surface(200, 300), box).shape == (77, 133, 3)


# ---- relief ----


def bumps(size: int = 192) -> np.ndarray:
    return grain(size, size, 7, 3) + 0.3 * grain(size, size, 3, 4)


def lit_from(height: np.ndarray, angle: float) -> np.ndarray:
    """Return a gray relief in low light from a direction, counter-clockwise from the right, on the torus."""
    down = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) / 2
    across = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) / 2
    facing = -(across * np.cos(angle) - down * np.sin(angle))
    return (0.4 * np.exp2(2 * facing)).astype(np.float32)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize("light", [90, 0, 215])
def test_the_height_of_a_shaded_relief_is_found_along_the_light(light):
    true = bumps()
    # What varies across the light alone casts no shading, so a relief with waves along the light is asked for.
    angle = np.radians(light)
    wave = np.array(np.meshgrid(np.fft.fftfreq(192), np.fft.fftfreq(192)))
    along = np.abs(wave[0] * np.cos(angle) - wave[1] * np.sin(angle)) / np.maximum(np.hypot(*wave), 1e-9)
    true = np.fft.ifft2(np.fft.fft2(true) * (along > 0.5)).real.astype(np.float32)
    found = run("photo_height", lit_from(true, angle), light=light, shading=1.0, radius=0.2)
    assert correlation(found, true) > 0.9
    whole = preparation.photo_height(lit_from(true, angle), 0.2, angle, relief.Weights(shading=1.0))
    inner = np.s_[20:-20, 20:-20]
    assert correlation(whole[inner], true[inner]) > 0.9


def test_a_round_bump_lit_from_above_is_found():
    y, x = np.mgrid[0:192, 0:192] - 96.0
    true = 6 * np.exp(-(x * x + y * y) / (2 * 11**2)).astype(np.float32)
    found = run("photo_height", lit_from(true, np.pi / 2), shading=1.0, radius=0.4, coarse=1.0)
    assert correlation(found, true) > 0.9


def test_what_lies_in_the_dark_is_deep():
    true = bumps()
    photo = (0.4 * np.exp2(0.6 * np.minimum(true, 0.5))).astype(np.float32)
    assert correlation(run("photo_height", photo, shading=0.0, radius=0.1), true) > 0.75
    turned = run("photo_height", photo, shading=0.0, radius=0.1, fine=-1.0, medium=-1.0, coarse=-1.0)
    assert correlation(turned, true) < -0.7


def test_pale_mortar_between_shadowed_stones_is_low():
    cells = np.abs((np.indices((240, 240)) % 60) - 30).max(axis=0)  # 0 in the middle of a stone, 30 between two
    photo = surface(240, 240) * np.array([0.8, 1.0, 1.3], np.float32)
    mortar, edge = cells > 25, (cells > 22) & (cells <= 25)
    photo[mortar] = surface(240, 240, 9)[mortar] * np.array([1.9, 1.7, 1.4], np.float32)
    photo[edge] *= 0.35
    found = run("photo_height", photo)
    blind = run("photo_height", photo, color=0.0)
    stone = cells < 18
    assert found[mortar].mean() < found[stone].mean() - 0.15
    assert found[stone].mean() - found[mortar].mean() > blind[stone].mean() - blind[mortar].mean() + 0.1


def test_roughness_has_the_mean_asked_for_and_smooths_what_shines():
    photo, height = surface(192, 192), run("photo_height", surface(192, 192))
    y, x = np.mgrid[0:192, 0:192]
    shine = (np.hypot(x - 96, y - 96) < 14)[..., None]
    photo = np.where(shine, 0.9, photo).astype(np.float32)
    found = run("photo_roughness", photo, height, level=0.6)
    assert found.mean() == pytest.approx(0.6, abs=0.02)
    assert found[np.hypot(x - 96, y - 96) < 8].mean() < 0.45
    whole = preparation.photo_roughness(photo, height, level=0.6)
    assert whole.mean() == pytest.approx(0.6, abs=0.02)
    assert np.all(run("photo_roughness", photo, height, amount=0.0) == np.float32(0.7))


@pytest.mark.parametrize("key", ["flatten_illumination", "delight", "photo_height", "photo_roughness"])
def test_a_photograph_shifted_by_any_pixels_comes_out_shifted(key):
    photo = surface(150, 170)
    photo[40:80, 30:60] *= (0.5, 0.2, 0.2)
    plain = run(key, photo)
    for shift in ((17, 5), (1, 0), (-31, 83)):
        moved = run(key, np.roll(photo, shift, axis=(0, 1)))
        assert np.abs(np.roll(plain, shift, axis=(0, 1)) - moved).max() < 0.01
        assert np.abs(np.roll(plain, shift, axis=(0, 1)) - moved).mean() < 5e-4


# ---- what to beware of ----


def kinds(picture: np.ndarray) -> set[str]:
    return {found.what for found in preparation.warnings_of(picture)}


def as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    codes = np.round(pictures.linear_to_srgb(np.clip(picture, 0, 1)) * 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", codes, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return pictures.read(data.tobytes())[..., ::-1]


def half_shifted(picture: np.ndarray) -> np.ndarray:
    """Return the make-tileable trick of many a free texture: borders taken from the picture's own middle."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    inside = np.minimum(np.minimum(x, width - 1 - x) / width, np.minimum(y, height - 1 - y) / height)
    share = np.clip(5 * inside, 0, 1)[..., None].astype(np.float32)
    return picture * share + np.roll(picture, (height // 2, width // 2), (0, 1)) * (1 - share)


def test_a_sound_photograph_is_not_warned_of():
    assert kinds(surface(300, 400)) == set()
    assert kinds(lattice(300, 400, (40, 0), (0, 30))) == set()


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("repeats", half_shifted),
        ("repeats", lambda picture: np.tile(picture[:150, :200], (2, 2, 1))),
        ("repeats", lambda picture: np.concatenate([picture[:150], np.roll(picture[:150], 200, axis=1)])),
        ("uneven_light", lambda picture: 0.5 * picture * np.exp2(uneven(300, 400))[..., None]),
        ("small", lambda picture: picture[:200, :255]),
        ("blur", lambda picture: cv2.GaussianBlur(picture, (0, 0), 2)),
        ("clipped", lambda picture: np.minimum(2.2 * picture, 1)),
        ("blocks", lambda picture: as_jpeg(picture, 20)),
    ],
)
def test_a_made_fault_is_found_and_no_other(what, spoil):
    spoilt = np.ascontiguousarray(spoil(surface(300, 400)), np.float32)
    found = preparation.warnings_of(spoilt)
    assert {one.what for one in found} - {"blur" if what == "blocks" else ""} == {what}
    assert all(one.text and one.help for one in found)


def test_the_shift_of_a_copy_is_told():
    found = faults.repeats(half_shifted(surface(300, 400)))
    assert found is not None
    assert "200 and 150" in found.text


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 3)])
def test_the_tiniest_pictures_are_prepared_too(size):
    for picture in (surface(*size), surface(*size)[..., 0]):
        assert {"small"} <= kinds(picture)
        box = preparation.best_crop(picture)
        assert preparation.cropped(picture, box).size
        height = preparation.photo_height(picture)
        for made in (
            preparation.flatten_illumination(picture),
            preparation.delight(picture),
            preparation.photo_roughness(picture, height),
            preparation.rectify(picture, preparation.WHOLE),
        ):
            assert made.shape[:2] == size
            assert np.isfinite(made).all()


# ---- on the tile ----


def test_a_photograph_left_alone_is_the_picture_that_image_lays():
    picture = surface(90, 120)
    for settings in ({}, {"columns": 2, "rows": 3}, {"wrap": "mirror", "columns": 2}):
        made = call(photograph, 64, 96, bands=3, picture=picture, flatten=0.0, **settings)
        assert np.allclose(made, call(image, 64, 96, picture=picture, **settings), atol=1e-6)


def test_a_cropped_photograph_is_its_part():
    picture = surface(96, 96)
    made = call(photograph, 48, 48, picture=picture, flatten=0.0, crop_left=0.5, crop_width=0.5, crop_height=0.5)
    assert np.allclose(made, picture[:48, 48:], atol=1e-6)


def test_a_photograph_seen_askew_lies_straight_on_the_tile():
    picture = cv2.GaussianBlur(surface(160, 160), (0, 0), 2)
    photo, corners = seen_askew(picture)
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    places = {
        f"{name}_{axis}": corner[k] for name, corner in zip(names, corners, strict=True) for k, axis in enumerate("xy")
    }
    made = call(photograph, 160, 160, picture=photo, flatten=0.0, **places)
    assert np.abs(made - picture)[4:-4, 4:-4].mean() < 0.05 * picture.std()


def test_a_gray_photograph_comes_out_gray_and_evenly_lit():
    photo = (surface(128, 128)[..., 1] * np.exp2(uneven(128, 128))).astype(np.float32)
    made = call(photograph, 128, 128, picture=photo)
    assert np.array_equal(made[..., 0], made[..., 2])
    halves = [np.log2(each[:, :64].mean() / each[:, 64:].mean()) for each in (photo, made[..., 0])]
    assert abs(halves[1]) < 0.2 * abs(halves[0])


# ---- files ----


def written(path: Path, picture: np.ndarray, dtype: type = np.uint8) -> Path:
    codes = pictures.linear_to_srgb(picture.astype(np.float64)) * np.iinfo(dtype).max
    path.write_bytes(pictures.encode_png(np.round(codes).astype(dtype), {}, colour=True))
    return path


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_photograph_that_needs_nothing_keeps_its_pixels_and_its_depth(tmp_path, dtype):
    source = written(tmp_path / "sand.png", surface(), dtype)
    report = prepare_photograph(source, tmp_path / "out" / "made.png")
    assert report.depth == 8 * np.dtype(dtype).itemsize
    assert report.changes == f"Re-encoded, {report.depth} bit."
    assert np.array_equal(pictures.read(report.file.read_bytes()), pictures.read(source.read_bytes()))


def test_the_record_says_whose_it_is_and_what_was_done(tmp_path):
    photo, corners = seen_askew(surface(150, 240))
    source = written(tmp_path / "photo.png", photo)
    facts = Facts("Sand", 'Ann "A" Lee\n\x7f', "CC-BY-4.0", "https://example.org/sand", width_cm=80)
    report = prepare_photograph(
        source,
        tmp_path / "made.png",
        corners=corners,
        crop=(0.25, 0, 0.5, 1),
        flatten=1,
        delight=0.5,
        size=100,
        facts=facts,
    )
    (record,) = tomllib.loads(report.record.read_text("utf-8"))["exemplar"]
    assert record["author"] == facts.author
    assert record["licence"] == "CC-BY-4.0"
    assert record["width_cm"] == pytest.approx(40, rel=0.02)
    assert record["size_px"] == list(report.size)
    assert max(report.size) == 100
    for word in ("perspective", "light evened", "shadows lifted by 50 %", "cropped to", "reduced to"):
        assert word in record["changes"].lower()
    assert record["sha256"] == hashlib.sha256(report.file.read_bytes()).hexdigest()
    assert report.missing == ()
    json.dumps(report.as_data())


@pytest.mark.parametrize(
    "wrong",
    [
        {"corners": [(0, 0), (0, 1), (1, 1), (1, 0)]},
        {"corners": [(0, 0), (1, 0), (1, 0.02), (0, 0.02)]},
        {"crop": (0.5, 0.5, 0.6, 0.5)},
        {"crop": "best"},
        {"crop": (0.1, 0.1)},
        {"flatten": 1.5},
        {"size": 0},
    ],
)
def test_wishes_that_make_no_sense_are_refused_and_nothing_is_written(tmp_path, wrong):
    source = written(tmp_path / "photo.png", surface())
    with pytest.raises(UsageError):
        prepare_photograph(source, tmp_path / "made.png", **wrong)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_the_photograph_itself_is_never_written_over(tmp_path):
    source = written(tmp_path / "photo.png", surface())
    with pytest.raises(UsageError, match="itself"):
        prepare_photograph(source, source)
    with pytest.raises(UsageError, match="PNG"):
        prepare_photograph(source, tmp_path / "made.jpg")


def test_the_command_line_prepares_warns_and_reports(tmp_path):
    source = written(tmp_path / "photo.png", half_shifted(surface(300, 400)))
    command = [sys.executable, "-m", "materials.cli", "exemplar", source, "--out", tmp_path / "made.png"]
    done = subprocess.run(
        [*command, "--crop", "auto"], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / "made.png"), str(tmp_path / "made.toml")]
    assert "repeats itself" in done.stderr
    assert "licence" in done.stderr
    asked = [*command, "--crop", "0,0,.5,1", "--licence", "CC0-1.0", "--json"]
    report = json.loads(subprocess.run(asked, capture_output=True, cwd=ROOT, timeout=120, check=True).stdout)
    assert report["size"] == [200, 300]
    assert "repeats" in {found["what"] for found in report["warnings"]}
    wrong = subprocess.run(
        [*command, "--corners", "1,2,3"], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    assert wrong.returncode == 2


def test_the_command_line_takes_facts_from_the_ledger_beside_a_photograph(tmp_path):
    for name in ("soil.png", "CREDITS.toml"):
        (tmp_path / name).write_bytes((PRESETS / "exemplars" / name).read_bytes())
    arguments = ["exemplar", str(tmp_path / "soil.png"), "--out", str(tmp_path / "ready.png"), "--title", "Garden"]
    result = CliRunner().invoke(commands, arguments)
    assert result.exit_code == 0
    record = (tmp_path / "ready.toml").read_text()
    assert "FWishbringer" in record
    assert "Garden" in record
    assert "Crumbly" not in record
