"""Textures from a photograph without search: tiling and blending, hexagons, random phases."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

import presets
from materials.render import run
from nodes.declare import Band
from nodes.kernels.hash import uniform_array
from nodes.patch.gaussianised import gaussianised
from nodes.patch.phases import periodic, shuffled, spot
from nodes.patch.tiling import (
    hex_tile,
    hex_tile_picture,
    phase_noise,
    phase_noise_picture,
    tile_and_blend,
    tile_and_blend_picture,
)
from nodes.patch.windows import scattered, windows
from nodes.procedural.surface import normal_from_height
from tests.references.calling import call

EXEMPLAR = Path(presets.__file__).parent / "exemplars" / "soil.png"
RANDOM = np.random.default_rng(5)


def normals(height):
    return normal_from_height(Band(*height.shape, 0, height.shape[0]), height, depth=0.05)


MAKERS = {
    "blend": tile_and_blend_picture,
    "hex": lambda *args, **more: hex_tile_picture(*args, **more).color,
    "phase": phase_noise_picture,
}


def smoothed(image, times):
    for _ in range(times):
        for axis in (0, 1):
            image = (np.roll(image, 1, axis) + image + np.roll(image, -1, axis)) / 3
    return image


def photograph(height=96, width=128, seed=3):
    """Return a picture of grains in two colours, skewed tones and a border that does not close."""
    random = np.random.default_rng(seed)
    fine, grains = (smoothed(random.normal(size=(height + 40, width + 40)), n)[20:-20, 20:-20] for n in (1, 4))
    tone = np.exp(0.5 * fine / fine.std() + 0.4 * grains / grains.std())[..., None]
    colour = 0.08 * tone * np.array([1.2, 1.0, 0.7]) + 0.05 * np.maximum(grains / grains.std(), 0)[..., None]
    return np.clip(colour, 0, 1).astype(np.float32)


PHOTOGRAPH = photograph()


def quantile_distance(one, other):
    """Return the mean distance of two sets of tones, each sorted, in deviations of the first (Wasserstein's W1)."""
    shares = np.linspace(0, 1, 501)
    return np.abs(np.quantile(one, shares) - np.quantile(other, shares)).mean() / one.std()


# ---- all three ----


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


def test_the_same_seed_gives_the_same_bits_and_another_another_picture(make):
    one, again, other = (make(PHOTOGRAPH, 60, 90, columns=1, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert np.abs(one - other).mean() > 0.3 * PHOTOGRAPH.std()


def test_a_constant_picture_stays_that_constant(make):
    colour = np.array([0.2, 0.5, 0.031], np.float32)
    made = make(np.tile(colour, (40, 50, 1)), 64, 48, columns=0.8)
    assert np.allclose(made, colour, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("columns", "size"), [(1.0, (128, 128)), (2.5, (160, 320)), (0.6, (90, 70))])
def test_the_result_wraps(make, columns, size):
    """What crosses the border differs no more than what lies inside."""
    made = make(PHOTOGRAPH, *size, columns=columns, seed=4)
    for axis in (0, 1):
        steps = np.abs(np.diff(made, axis=axis, append=np.take(made, [0], axis=axis))).mean(axis=(1 - axis, 2))
        assert steps[-1] < 1.3 * np.quantile(steps[:-1], 0.98)


def test_colours_stay_in_the_range_of_the_picture(make):
    made = make(PHOTOGRAPH, 100, 100, columns=1.3)
    low, high = PHOTOGRAPH.min(axis=(0, 1)), PHOTOGRAPH.max(axis=(0, 1))
    assert (made >= low - 1e-6).all()
    assert (made <= high + 1e-6).all()


def test_a_gray_picture_gives_a_gray_one():
    gray = np.ascontiguousarray(PHOTOGRAPH[..., 1])
    for maker in (tile_and_blend_picture, phase_noise_picture):
        made = maker(gray, 64, 80, columns=1)
        assert made.shape == (64, 80)
        assert made.std() == pytest.approx(gray.std(), rel=0.2)
    color = hex_tile_picture(gray, 64, 80, columns=1).color
    assert np.array_equal(color[..., 0], color[..., 2])


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (50, 1), (3, 5)])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (32, 3), (40, 40)])
def test_tiny_pictures_and_tiles_do_no_harm(make, shape, size):
    picture = RANDOM.random((*shape, 3), dtype=np.float32)
    for columns in (0.25, 1.0, 16.0):
        made = make(picture, *size, columns=columns)
        assert made.shape == (*size, 3)
        assert np.isfinite(made).all()


@pytest.mark.parametrize(("node", "name"), [(tile_and_blend, "out"), (hex_tile, "color"), (phase_noise, "out")])
def test_an_offset_moves_the_result_and_bands_do_not_show(node, name):
    size = (64, 80)
    offset = np.empty((*size, 2), np.float32)
    offset[:] = (20 / 80, 16 / 64)

    def made(**more):
        result = call(node, *size, picture=PHOTOGRAPH, columns=1.0, seed=2, **more)
        return getattr(result, name, result)

    plain = made()
    assert np.array_equal(plain, made(bands=5))
    assert np.array_equal(plain, made(offset=np.zeros_like(offset)))
    moved = made(offset=offset)
    assert np.allclose(np.roll(plain, (-16, -20), axis=(0, 1)), moved, atol=2e-3)
    for wrong in (np.nan, np.inf, 1e30):
        offset[3:5] = wrong
        spoilt = made(offset=offset)
        assert np.isfinite(spoilt).all()
        assert np.array_equal(np.delete(spoilt, (3, 4), 0), np.delete(moved, (3, 4), 0))


def test_the_functions_give_what_the_nodes_give():
    size = (64, 80)
    given = {"columns": 1.5, "seed": 9}
    assert np.array_equal(
        call(tile_and_blend, *size, picture=PHOTOGRAPH, **given), tile_and_blend_picture(PHOTOGRAPH, *size, **given)
    )
    assert np.array_equal(
        call(hex_tile, *size, picture=PHOTOGRAPH, **given).color, hex_tile_picture(PHOTOGRAPH, *size, **given).color
    )
    assert np.array_equal(
        call(phase_noise, *size, picture=PHOTOGRAPH, **given), phase_noise_picture(PHOTOGRAPH, *size, **given)
    )


@pytest.mark.parametrize("maker", MAKERS)
def test_a_large_result_made_small_is_the_small_one(maker):
    picture = smoothed(photograph(256, 256), 8)
    small, large = (MAKERS[maker](picture, size, size, columns=1, seed=6) for size in (128, 256))
    halved = large.reshape(128, 2, 128, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small).mean() < 0.2 * small.std()
    assert np.corrcoef(halved.ravel(), small.ravel())[0, 1] > 0.96


# ---- Gaussian planes ----


def test_planes_are_gaussian_and_independent():
    planes = gaussianised(photograph(200, 200)).planes.reshape(-1, 3)
    shares = np.linspace(0.005, 0.995, 199)
    wanted = [NormalDist().inv_cdf(share) for share in shares]
    for channel in range(3):
        assert np.allclose(np.quantile(planes[:, channel], shares), wanted, atol=0.05)
    assert abs(np.corrcoef(planes.T)[1, 2]) < 0.2


def test_equal_tones_share_a_number_and_few_tones_stay_apart():
    halves = np.zeros((16, 16), np.float32)
    halves[:, 8:] = 1
    made = gaussianised(halves)
    # The principal axis is the last.
    assert len(np.unique(made.planes[..., 2])) == 2
    assert not made.planes[..., :2].any() or np.abs(made.tables[:2]).max() < 1e-6
    blended = tile_and_blend_picture(halves, 64, 64, columns=2)
    assert ((blended < 1e-3) | (blended > 0.999)).mean() > 0.99


# ---- tile and blend ----


@pytest.mark.parametrize("sharpness", [1.0, 2.0, 5.0])
def test_blending_keeps_histograms_mean_and_variance(sharpness):
    picture = photograph(256, 256)
    made = tile_and_blend_picture(picture, 256, 256, columns=1, spacing=0.12, sharpness=sharpness)
    for channel in range(3):
        assert quantile_distance(picture[..., channel], made[..., channel]) < 0.05
        assert made[..., channel].mean() == pytest.approx(picture[..., channel].mean(), rel=0.03)
        assert made[..., channel].std() == pytest.approx(picture[..., channel].std(), rel=0.06)


def test_variance_has_no_holes_where_windows_overlap():
    picture, size, spacing = photograph(128, 128, seed=8), (384, 384), 0.15
    tones = np.sqrt(tile_and_blend_picture(picture, *size, columns=3, spacing=spacing)[..., 1])
    at_y, at_x = windows(size, picture, 3.0, spacing, 0.0, False, 0, print).nailed[:2].reshape(2, -1)
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    squares = np.full(size, np.inf)
    for row, column in zip(at_y, at_x, strict=True):
        np.minimum(squares, (y - row) ** 2 + (x - column) ** 2, out=squares)
    distance = np.sqrt(squares) / (spacing * 128)
    spreads = [tones[(distance >= low) & (distance < high)].std() for low, high in ((0, 0.25), (0.25, 0.45), (0.45, 1))]
    assert max(spreads) < 1.05 * min(spreads)


def test_a_picture_that_tiles_may_be_read_across_its_border():
    x = np.arange(64) / 64 * 2 * np.pi
    picture = (0.5 + 0.4 * np.sin(x)[None] * np.ones((64, 1))).astype(np.float32)
    closed = hex_tile_picture(picture, 64, 64, columns=1, softness=0, picture_tiles=True, spacing=0.5, seed=1).color
    pairs = {(a, b) for row in closed[..., 0] for a, b in zip(row, row[1:], strict=False)}
    assert (picture[0, -1], picture[0, 0]) in pairs


# ---- windows ----


def test_windows_are_spread_evenly():
    y, x = scattered(12, 10, seed=7)
    counts = np.histogram2d(y.ravel(), x.ravel(), bins=(5, 4), range=((0, 1), (0, 1)))[0]
    assert counts.min() >= 4
    assert counts.max() <= 8


@pytest.mark.parametrize("rotation", [0.0, 3.0])
def test_where_a_window_is_the_nearest_it_lies_inside_the_exemplar(rotation):
    size, picture = (200, 300), PHOTOGRAPH
    made = windows(size, picture, 3.0, 0.4, rotation, False, 1, print)
    at_y, at_x, from_y, from_x, cosine, sine = made.nailed.reshape(6, -1)
    y, x = np.mgrid[0 : size[0] : 3, 0 : size[1] : 3].reshape(2, -1)
    nearest = np.argmin((y[:, None] - at_y) ** 2 + (x[:, None] - at_x) ** 2, axis=1)
    dy, dx = y - at_y[nearest], x - at_x[nearest]
    row = from_y[nearest] + sine[nearest] * dx + cosine[nearest] * dy
    column = from_x[nearest] + cosine[nearest] * dx - sine[nearest] * dy
    rows, columns = made.frame[2:4]
    assert row.min() > -2
    assert column.min() > -2
    assert row.max() < rows + 1
    assert column.max() < columns + 1


def test_neighbours_meet_in_like_tones(monkeypatch):
    """A ramp laid out in windows has smaller jumps at their joints than windows put anywhere."""
    ramp = np.repeat(np.linspace(0, 1, 128, dtype=np.float32)[None], 128, axis=0)

    def jumps():
        made = hex_tile_picture(ramp, 256, 256, columns=2, softness=0, spacing=0.15, seed=1).color[..., 0]
        return np.abs(np.diff(made, axis=0)).mean()

    fitted = jumps()
    monkeypatch.setattr("nodes.patch.windows.TRIALS", 0)
    assert fitted < 0.6 * jumps()


# ---- hexagons ----


def test_hexagons_that_are_cut_and_not_turned_hold_pixels_of_the_picture_only():
    made = hex_tile_picture(PHOTOGRAPH, 192, 256, columns=2, softness=0).color
    there = {pixel.tobytes() for pixel in PHOTOGRAPH.reshape(-1, 3)}
    assert all(pixel.tobytes() in there for pixel in made.reshape(-1, 3))
    # In runs, not one by one: most pixels have the neighbour that they have in the picture.
    pairs = {(a.tobytes(), b.tobytes()) for row in PHOTOGRAPH for a, b in zip(row, row[1:], strict=False)}
    kept = [(a.tobytes(), b.tobytes()) in pairs for row in made for a, b in zip(row, row[1:], strict=False)]
    assert np.mean(kept) > 0.9


def test_maps_are_cut_alike():
    height = np.ascontiguousarray(PHOTOGRAPH[..., 0])
    made = hex_tile_picture(PHOTOGRAPH, 96, 128, height_picture=height, columns=1, softness=0.2, contrast=0.5)
    assert np.allclose(made.color[..., 0], made.height, atol=1e-6)


@pytest.mark.parametrize("rotation", [0.0, np.pi])
def test_normals_go_with_the_height_and_turn_with_their_hexagon(rotation):
    height = smoothed(RANDOM.random((128, 128)), 12).astype(np.float32)
    height = (height - height.min()) / np.ptp(height)
    normal = normals(height)
    made = hex_tile_picture(
        np.full((128, 128, 3), 0.5, np.float32),
        128,
        128,
        height_picture=height,
        normal_picture=normal,
        columns=1,
        rotation=rotation,
        softness=0,
        picture_tiles=True,
    )
    own = normals(made.height)
    apart = np.abs(own - made.normal).max(axis=2)
    # Only at the joints does the height itself break.
    assert np.quantile(apart, 0.7) < 0.02
    length = np.linalg.norm(made.normal * 2 - 1, axis=2)
    assert np.allclose(length, 1, atol=1e-5)
    if rotation:
        still = hex_tile_picture(
            PHOTOGRAPH, 128, 128, normal_picture=normal, columns=1, softness=0, picture_tiles=True
        ).normal
        assert np.abs(still - made.normal).mean() > 0.01


def test_what_is_absent_is_neutral():
    made = call(hex_tile, 32, 48)
    assert (made.color == 0.5).all()
    assert (made.height == 0.5).all()
    assert (made.normal == np.array([0.5, 0.5, 1], np.float32)).all()
    only = call(hex_tile, 32, 48, height_picture=np.ascontiguousarray(PHOTOGRAPH[..., 0]))
    assert (only.color == 0.5).all()
    assert only.height.std() > 0.01


# ---- phases ----


def test_the_noise_keeps_mean_variance_and_waves_of_a_picture_that_fills_the_tile():
    picture = photograph(64, 64)
    closed = periodic(picture[..., 0] - picture[..., 0].mean())
    out = np.empty((64, 64, 1), np.float32)
    factor = shuffled(picture[..., 0], 11, out, 0, Band(64, 64, 0, 64).each)
    assert factor * out.std() == pytest.approx(picture[..., 0].std(), rel=1e-4)
    power, wanted = np.abs(np.fft.fft2(out[..., 0])), np.abs(np.fft.fft2(closed))
    assert np.allclose(power * wanted.std() / power.std(), wanted, atol=2e-3 * wanted.max())


@pytest.mark.parametrize("size", [(90, 120), (128, 64), (33, 47), (200, 300)])
def test_the_noise_is_real_and_keeps_histograms_at_any_size(size):
    made = phase_noise_picture(PHOTOGRAPH, *size, columns=1.5)
    for channel in range(3):
        own = PHOTOGRAPH[..., channel]
        assert quantile_distance(own, made[..., channel]) < 0.3
        assert made[..., channel].mean() == pytest.approx(own.mean(), rel=0.1)


def test_without_matching_tones_are_normally_distributed():
    made = np.sqrt(phase_noise_picture(photograph(128, 128), 256, 256, columns=2, match=False)[..., 1])
    tones = (made - made.mean()) / made.std()
    assert abs((tones**3).mean()) < 0.15
    assert abs((tones**4).mean() - 3) < 0.3


def test_a_spectrum_set_in_a_larger_tile_keeps_its_shape():
    """Stripes stay stripes of the same width and direction."""
    x = np.arange(96)
    stripes = (0.3 + 0.1 * np.sin(2 * np.pi * x / 8)[None] * np.ones((96, 1))).astype(np.float32)
    made = phase_noise_picture(stripes, 288, 288, columns=3, match=False)
    power = np.abs(np.fft.fft2(made - made.mean()))
    ky, kx = np.unravel_index(power.argmax(), power.shape)
    assert ky in (0, 1, 2, 286, 287)
    assert min(kx, 288 - kx) in (35, 36, 37)


def test_the_periodic_component_closes_and_leaves_what_is_periodic():
    x = np.arange(192) * 2 * np.pi / 192
    closed = (np.sin(2 * x)[None] + np.cos(3 * x)[:, None]).astype(np.float32)
    ramp = (np.arange(192) / 32)[None] * np.ones((192, 1))
    made = periodic((closed + ramp).astype(np.float32))
    assert np.abs(made[:, 0] - made[:, -1]).max() < 0.4
    # Nothing jumps at the border of waves but the waves themselves.
    assert np.abs(periodic(closed) - closed).max() < 0.08


def test_a_picture_larger_than_the_tile_gives_its_middle():
    picture = uniform_array(*np.mgrid[0:40, 0:60], 3)
    assert np.array_equal(spot(picture, 20, 30, 0.5), picture[10:30, 15:45])


def test_a_long_noise_can_be_stopped_and_tells_how_far_it_is():
    told = []
    band = Band(64, 64, 0, 64, report=told.append)
    phase_noise(band, PHOTOGRAPH, columns=1.0)
    assert told == sorted(told)
    assert len(told) >= 4


# ---- in the engine ----


@pytest.mark.parametrize("key", ["tile_and_blend", "hex_tile", "phase_noise"])
def test_a_photograph_gives_the_same_bits_on_any_number_of_threads(key):
    given = {"picture": str(EXEMPLAR), "size": (96, 160), "columns": 1.0}
    one, three = (run(key, **given, threads=threads) for threads in (1, 3))
    one, three = getattr(one, "color", one), getattr(three, "color", three)
    assert np.array_equal(one, three)
    assert one.std() > 0.01
