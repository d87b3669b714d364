"""Blurs and warps against slow versions of themselves, and what must hold whatever the picture."""

from __future__ import annotations

import numpy as np
import pytest

from materials.render import run
from tests.references import filters as slow

RANDOM = np.random.default_rng(7)


def smooth(height: int, width: int, seed: int = 1) -> np.ndarray:
    return run("fbm", size=(width, height), cells=3, octaves=4, seed=seed)


@pytest.mark.parametrize("size", [(128, 128), (90, 131), (61, 200)])
@pytest.mark.parametrize("sigma", [0.5, 1.7, 5.0, 5.9])
def test_a_narrow_blur_is_the_gaussian(size, sigma):
    image = RANDOM.random(size, dtype=np.float32)
    assert np.abs(run("blur", image, radius=sigma / size[1]) - slow.gaussian(image, sigma)).max() < 3e-4


@pytest.mark.parametrize("size", [(128, 128), (200, 131), (97, 256)])
@pytest.mark.parametrize("share", [0.05, 0.07, 0.085, 0.1])
def test_a_wide_blur_is_the_gaussian_to_a_ten_thousandth(size, share):
    sigma = share * size[1]
    image = RANDOM.random(size, dtype=np.float32)
    assert np.abs(run("blur", image, radius=share) - slow.gaussian(image, sigma)).max() < 1e-4
    cloud = smooth(*size)
    assert np.abs(run("blur", cloud, radius=share) - slow.gaussian(cloud, sigma)).max() < 1e-4


def test_narrow_and_wide_meet():
    image = smooth(256, 256)
    apart = run("blur", image, radius=5.999 / 256) - run("blur", image, radius=6.001 / 256)
    assert np.abs(apart).max() < 2e-4


@pytest.mark.parametrize("radius", [0.0, 0.01, 0.1])
def test_a_blur_of_a_constant_is_that_constant(radius):
    image = np.full((40, 60, 3), 0.37, np.float32)
    assert np.abs(run("blur", image, radius=radius) - 0.37).max() < 1e-6


def test_channels_are_blurred_alike():
    gray = RANDOM.random((64, 80), dtype=np.float32)
    colour = np.stack([gray, gray, gray], axis=2)
    for radius in (0.02, 0.1):
        blurred = run("blur", colour, radius=radius)
        assert np.allclose(blurred[..., 1], run("blur", gray, radius=radius), atol=1e-6)


@pytest.mark.parametrize("mode", ["average", "minimum", "maximum"])
@pytest.mark.parametrize("intensity", [0.4, -1.0, 6.0])
def test_slope_blur_is_the_walk(mode, intensity):
    image, guide = RANDOM.random((48, 64), dtype=np.float32), smooth(48, 64, 3)
    found = run("slope_blur", image, guide, intensity=intensity, samples=5, mode=mode)
    assert np.abs(found - slow.slope_blur(image, guide, intensity, 5, mode)).max() < 2e-3


def test_flat_slope_changes_nothing_and_more_samples_converge():
    image, flat = smooth(96, 96, 2), np.full((96, 96), 0.4, np.float32)
    assert np.abs(run("slope_blur", image, flat, intensity=16.0) - image).max() < 1e-6
    guide = smooth(96, 96, 5)
    few, many, most = (run("slope_blur", image, guide, intensity=1.0, samples=n) for n in (8, 16, 32))
    assert np.abs(most - many).mean() < np.abs(many - few).mean()


def test_warp_follows_the_slope():
    image, guide = smooth(64, 96, 2), smooth(64, 96, 4)
    ys, xs = np.mgrid[0:64, 0:96].astype(float)
    xs += slow.slope(guide, 1, 96) * 0.5 / 256 * 96
    ys += slow.slope(guide, 0, 96) * 0.5 / 256 * 96
    assert np.abs(run("warp", image, guide, intensity=0.5) - slow.bilinear(image, ys, xs)).max() < 1e-4


@pytest.mark.parametrize(("angle", "shift"), [(0.0, (0, -12)), (90.0, (-12, 0)), (180.0, (0, 12)), (-90.0, (12, 0))])
def test_a_directional_warp_by_whole_pixels_is_a_roll(angle, shift):
    image = RANDOM.random((64, 96), dtype=np.float32)
    moved = run("directional_warp", image, intensity=12 / 96, angle=angle)
    assert np.array_equal(moved, np.roll(image, shift, axis=(0, 1)))


def test_a_directional_warp_scales_with_its_map():
    image, amount = smooth(64, 64, 2), smooth(64, 64, 8)
    ys, xs = np.mgrid[0:64, 0:64].astype(float)
    for centred, base in ((False, 0.0), (True, 0.5)):
        found = run("directional_warp", image, amount, intensity=0.1, angle=30.0, centred=centred)
        move = (amount.astype(float) - base) * 6.4
        expected = slow.bilinear(image, ys + move * np.sin(np.pi / 6), xs + move * np.cos(np.pi / 6))
        assert np.abs(found - expected).max() < 1e-3


def test_a_vector_warp_asks_where_the_field_points():
    image = RANDOM.random((32, 48), dtype=np.float32)
    flow = np.zeros((32, 48, 2), np.float32)
    flow[...] = (6 / 48, 4 / 32)
    assert np.allclose(run("vector_warp", image, flow), np.roll(image, (-4, -6), axis=(0, 1)), atol=1e-4)


def test_transforms_that_are_whole_move_pixels_and_change_none():
    image = RANDOM.random((64, 64), dtype=np.float32)
    assert np.array_equal(run("transform", image), image)
    assert np.allclose(run("transform", image, x=0.25), np.roll(image, 16, axis=1), atol=1e-6)
    assert np.allclose(run("transform", image, y=0.125), np.roll(image, 8, axis=0), atol=1e-6)
    assert np.allclose(run("transform", image, mirror_x=True), image[:, ::-1], atol=1e-6)
    assert np.allclose(run("transform", image, mirror_y=True), image[::-1], atol=1e-6)
    turned = run("transform", image, rotation=90.0)
    assert np.allclose(turned, np.rot90(image), atol=1e-6)


def test_copies_are_averaged_and_tile():
    image = RANDOM.random((64, 64), dtype=np.float32)
    many = run("transform", image, columns=4, rows=4)
    assert np.allclose(many, np.roll(many, 16, axis=1), atol=1e-5)
    assert abs(many.std() - image.std() / 4) < 0.02  # sixteen pixels make one
    assert abs(float(many.mean() - image.mean())) < 1e-3


@pytest.mark.parametrize("rotation", [30.0, 45.0, 77.0])
def test_a_tile_safe_turn_meets_its_border(rotation):
    image = smooth(96, 96)
    turned = run("transform", image, rotation=rotation, columns=2, rows=2)
    across = np.abs(turned[:, 0] - turned[:, -1]).mean()
    assert across <= np.abs(np.diff(turned, axis=1)).mean() * 2
