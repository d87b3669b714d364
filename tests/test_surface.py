"""Normals, occlusion and distance against slow versions of themselves and against what geometry says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from materials.render import run
from tests.references import filters as slow

RANDOM = np.random.default_rng(3)


def cloud(height: int, width: int) -> np.ndarray:
    return run("fbm", size=(width, height), cells=4, octaves=5, seed=2, spread=0.2)


# ---- normals ----


@pytest.mark.parametrize("size", [(64, 64), (40, 90), (1, 5), (3, 1)])
def test_normals_are_those_of_the_written_out_derivative(size):
    height = RANDOM.random(size, dtype=np.float32)
    assert np.abs(run("normal_from_height", height, depth=0.05) - slow.normals(height, 0.05)).max() < 2e-6


@pytest.mark.parametrize("size", [256, 4096])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_ramp_of_known_slope_gets_its_exact_angle_at_every_size(size, axis):
    ramp = np.linspace(0, 1, size, endpoint=False, dtype=np.float32)
    shape = (64, size) if axis == 1 else (size, 64)
    height = np.broadcast_to(ramp if axis == 1 else ramp[:, None], shape).astype(np.float32)
    depth = 0.25 if axis == 1 else 0.25 * size / 64  # depth is a fraction of the width
    normal = run("normal_from_height", height, depth=min(depth, 4.0)) * 2 - 1
    middle = normal[shape[0] // 2, shape[1] // 2]
    slope = min(depth, 4.0) * (1 if axis == 1 else 64 / size)
    sideways = -middle[0] if axis == 1 else middle[1]
    assert math.degrees(math.atan2(sideways, middle[2])) == pytest.approx(math.degrees(math.atan(slope)), abs=0.02)


def test_normals_have_unit_length_and_flat_ground_points_straight_up():
    normal = run("normal_from_height", cloud(64, 64), depth=0.5) * 2 - 1
    assert np.abs(np.linalg.norm(normal, axis=2) - 1).max() < 1e-5
    flat = run("normal_from_height", np.full((9, 9), 0.3, np.float32))
    assert np.array_equal(flat, np.broadcast_to(np.float32([0.5, 0.5, 1]), flat.shape))


def test_a_negative_strength_turns_hills_into_hollows():
    height = cloud(32, 32)
    up, down = (run("normal_from_height", height, strength=s) for s in (1.0, -1.0))
    assert np.allclose(up[..., :2], 1 - down[..., :2], atol=1e-6)


# ---- occlusion ----


@pytest.mark.parametrize("directions", ["8", "16"])
@pytest.mark.parametrize("size", [(64, 64), (40, 90)])
def test_occlusion_is_the_written_out_horizon(directions, size):
    height = cloud(*size)
    found = run("ambient_occlusion", height, radius=0.1, depth=0.2, directions=directions, samples=5)
    expected = slow.occlusion(height, 0.1 * size[1], 0.2, int(directions), 5)
    assert np.abs(found - expected).max() < 2e-5


def test_level_ground_is_open_and_a_pit_is_not():
    assert np.all(run("ambient_occlusion", np.full((32, 32), 0.7, np.float32)) == 1)
    pit = np.ones((128, 128), np.float32)
    pit[60:68, 60:68] = 0
    openness = run("ambient_occlusion", pit, radius=0.1, depth=0.2)
    assert openness[64, 64] < 0.3
    assert openness[20, 20] == 1


def test_the_foot_of_an_endless_wall_sees_about_half_the_sky():
    wall = np.zeros((128, 128), np.float32)
    wall[:, 64:96] = 1
    openness = run("ambient_occlusion", wall, radius=0.2, depth=4.0, directions="16", samples=12)
    assert openness[64, 63] == pytest.approx(0.5, abs=0.1)


def test_occlusion_looks_alike_at_every_size():
    hills = [run("fbm", size=size, cells=4, octaves=2, spread=0.2) for size in (128, 256)]
    small, large = (run("ambient_occlusion", height, radius=0.05, depth=0.4) for height in hills)
    assert abs(float(small.mean() - large.mean())) < 0.01


# ---- distance ----


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (17, 1), (13, 31), (40, 40)])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_distance_is_exact_on_the_torus(size, share):
    mask = (RANDOM.random(size) < share).astype(np.float32)
    mask[0, -1] = 1
    found = run("distance", mask, radius=1.0)
    expected = slow.distance(mask > 0.5) / size[1]
    assert np.abs((1 - found.distance) - np.minimum(expected, 1)).max() < 1e-6
    inner = run("distance", mask, radius=1.0, mode="inside")
    if (mask < 0.5).any():
        assert np.abs(inner.distance - np.minimum(slow.distance(mask < 0.5) / size[1], 1)).max() < 1e-6


def test_the_offset_points_to_the_mask():
    mask = (RANDOM.random((37, 53)) < 0.05).astype(np.float32)
    found = run("distance", mask, radius=1.0)
    y, x = np.mgrid[0:37, 0:53]
    there_x = np.rint(x + found.offset[..., 0] * 53).astype(int) % 53
    there_y = np.rint(y + found.offset[..., 1] * 37).astype(int) % 37
    assert np.all(mask[there_y, there_x] == 1)
    length = np.hypot(found.offset[..., 0] * 53, found.offset[..., 1] * 37)
    assert np.abs(length - slow.distance(mask > 0.5)).max() < 1e-3


def test_an_empty_mask_is_far_everywhere_and_a_full_one_nowhere():
    assert np.all(run("distance", np.zeros((9, 12), np.float32)).distance == 0)
    assert np.all(run("distance", np.ones((9, 12), np.float32)).distance == 1)
    assert np.all(run("distance", np.zeros((9, 12), np.float32)).offset == 0)


def test_both_sides_meet_at_half():
    mask = np.zeros((64, 64), np.float32)
    mask[:, 16:48] = 1
    ramp = run("distance", mask, radius=0.25, mode="both").distance[0]
    assert ramp[15] < 0.5 < ramp[16]
    assert ramp[15] + ramp[16] == pytest.approx(1, abs=1e-6)
    assert np.all(np.diff(ramp[2:30]) >= 0)


# ---- combined normals ----


def bumpy(seed: int, depth: float = 0.05) -> np.ndarray:
    return run("normal_from_height", run("fbm", size=(90, 40), cells=5, seed=seed), depth=depth)


FLAT = np.broadcast_to(np.float32([0.5, 0.5, 1]), (40, 90, 3)).copy()


@pytest.mark.parametrize("method", ["reoriented", "whiteout", "udn"])
def test_a_flat_base_gives_the_detail_and_a_flat_detail_the_base(method):
    base, detail = bumpy(1), bumpy(2)
    assert np.abs(run("combine_normals", base, FLAT, method=method) - base).max() < 1e-6
    if method != "udn":  # which forgets how steep the detail is
        assert np.abs(run("combine_normals", FLAT, detail, method=method) - detail).max() < 1e-6


def test_reoriented_detail_is_turned_as_the_base_is():
    base, detail = bumpy(1, 0.3), bumpy(2, 0.1)
    expected = slow.reoriented(base.astype(np.float64) * 2 - 1, detail.astype(np.float64) * 2 - 1)
    assert np.abs(run("combine_normals", base, detail) * 2 - 1 - expected).max() < 1e-5


@pytest.mark.parametrize("method", ["reoriented", "whiteout", "udn"])
def test_combined_normals_have_unit_length_and_a_mask_of_zero_keeps_the_base(method):
    base, detail = bumpy(1, 0.3), bumpy(2, 0.1)
    found = run("combine_normals", base, detail, cloud(40, 90), method=method, strength=2.0) * 2 - 1
    assert np.abs(np.linalg.norm(found, axis=2) - 1).max() < 1e-5
    kept = run("combine_normals", base, detail, np.zeros((40, 90), np.float32), method=method)
    assert np.abs(kept - base).max() < 1e-6


def test_strength_makes_the_detail_that_much_steeper():
    detail, steep = bumpy(2, 0.05), bumpy(2, 0.1)
    assert np.abs(run("combine_normals", FLAT, detail, strength=2.0) - steep).max() < 1e-5


# ---- and back to heights ----


@pytest.mark.parametrize("size", [(64, 64), (40, 90)])
def test_the_height_of_the_normals_of_a_height_is_that_height(size):
    height = run("blur", cloud(*size), radius=0.02)
    normal = run("normal_from_height", height, depth=0.05)
    found = run("normal_to_height", normal, depth=0.05)
    assert np.abs((found - found.mean()) - (height - height.mean())).max() < 2e-3
    assert found.mean() == pytest.approx(0.5, abs=1e-4)
    fitted = run("normal_to_height", normal, scale="fit")
    assert (fitted.min(), fitted.max()) == (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-6))


def test_level_normals_are_level_ground():
    assert np.all(run("normal_to_height", FLAT) == 0.5)
    assert np.all(run("normal_to_height", FLAT, scale="fit") == 0.5)


# ---- curvature ----


@pytest.mark.parametrize("size", [(64, 64), (40, 90), (1, 5), (3, 1)])
def test_curvature_at_one_width_is_the_written_out_divergence(size):
    height = RANDOM.random(size, dtype=np.float32)
    width = 0.04 / size[1]  # below what is blurred
    found = run("curvature", height, width=width, depth=0.05, mode="single", strength=4.0)
    expected = 0.5 + np.clip(slow.curvature(height, 0.05) * 0.04 * 1.25 * 4, -0.5, 0.5)
    assert np.abs(found.curvature - expected).max() < 1e-5


def test_smooth_curvature_is_what_stands_out_of_blurs():
    height = cloud(48, 64)
    found = run("curvature", height, width=0.02, depth=0.05, scales=3, strength=0.5).curvature
    expected = 0.0
    for scale in range(3):
        sigma = 0.02 * 64 * 2**scale
        blurred = run("blur", height, radius=sigma / 64)
        expected = expected + (height - blurred) * (0.05 * 64 * 0.625 * 2 / 3 / math.hypot(sigma, 0.5)) * 0.5
    assert np.abs(found - 0.5 - np.clip(expected, -0.5, 0.5)).max() < 2e-5


@pytest.mark.parametrize("mode", ["smooth", "single"])
def test_level_ground_has_no_curvature_at_all(mode):
    found = run("curvature", np.full((40, 56), 0.7, np.float32), mode=mode)
    assert np.all(found.curvature == 0.5)
    assert np.all(found.convex == 0)
    assert np.all(found.concave == 0)


@pytest.mark.parametrize("mode", ["smooth", "single"])
def test_hills_are_convex_and_hollows_concave_by_the_same_amount(mode):
    height = cloud(64, 64)
    up, down = (run("curvature", h, mode=mode) for h in (height, 1 - height))
    assert np.abs(up.convex - down.concave).max() < 1e-4
    assert np.abs(up.curvature + down.curvature - 1).max() < 1e-4
    assert up.curvature[np.unravel_index(height.argmax(), height.shape)] > 0.5


@pytest.mark.parametrize("mode", ["smooth", "single"])
def test_an_edge_curves_alike_at_every_size(mode):
    peaks = []
    for size in (256, 1024):
        ridge = np.abs(np.linspace(-1, 1, size, endpoint=False, dtype=np.float32) + np.float32(1 / size))
        roof = np.repeat(1 - ridge[None], 16, axis=0)
        peaks.append(float(run("curvature", roof, mode=mode, depth=0.25, width=0.01, strength=0.5).curvature.max()))
    assert 0.55 < peaks[0] < 0.95
    assert peaks[0] == pytest.approx(peaks[1], abs=0.03)


# ---- slope ----


@pytest.mark.parametrize("degrees", [10.0, 35.0, 60.0])
def test_a_ramp_is_as_steep_as_it_is(degrees):
    size = 256
    ramp = np.repeat(np.linspace(0, 1, size, endpoint=False, dtype=np.float32)[None], 8, axis=0)
    depth = math.tan(math.radians(degrees))

    def mask(low, high, **more):
        return run("slope_mask", ramp, depth=depth, low=low, high=high, softness=1.0, **more)[4, size // 2]

    assert mask(degrees - 2, degrees + 2) == 1
    assert mask(0.0, degrees - 2) == 0
    assert mask(degrees + 2, 90.0) == 0
    assert mask(degrees, 90.0) == pytest.approx(0.5, abs=0.05)
    # It rises to the right, so it faces left.
    assert mask(0.0, 90.0, direction=180.0, spread=30.0) == 1
    assert mask(0.0, 90.0, direction=0.0, spread=30.0) == 0
    assert mask(0.0, 90.0, direction=90.0, spread=30.0) == 0


def test_every_slope_is_between_level_and_upright():
    assert np.all(run("slope_mask", cloud(32, 32), low=0.0, high=90.0, depth=2.0) == 1)
    level = np.full((8, 8), 0.5, np.float32)
    assert np.all(run("slope_mask", level, low=0.0, high=10.0) == 1)
    assert np.all(run("slope_mask", level, low=20.0, high=90.0) == 0)


# ---- bevel ----


def test_a_straight_bevel_is_the_depth_within_the_mask_to_a_fraction_of_a_pixel():
    size, width = 128, 0.125
    for edge in (32.0, 32.25, 32.5, 32.8):
        x = np.arange(size)
        row = np.clip(x + 1 - edge, 0, 1) * np.clip(96 - x, 0, 1)
        mask = np.repeat(row[None].astype(np.float32), 4, axis=0)
        found = run("bevel", mask, width=width, profile="linear")[2]
        expected = np.clip((np.minimum(x + 0.5 - edge, 96 - x - 0.5)) / (width * size), 0, 1)
        assert np.abs(found - expected).max() < 0.02, edge


@pytest.mark.parametrize(("side", "at"), [("inside", 0.0), ("outside", 1.0), ("centre", 0.5)])
def test_the_side_says_where_the_edge_lies(side, at):
    mask = np.zeros((8, 64), np.float32)
    mask[:, 16:48] = 1
    found = run("bevel", mask, width=0.125, profile="linear", side=side)[4]
    assert (found[15] + found[16]) / 2 == pytest.approx(at, abs=0.07)


def test_a_custom_profile_goes_through_its_points():
    mask = np.zeros((8, 256), np.float32)
    mask[:, 64:192] = 1
    line = run("bevel", mask, width=0.2, profile="linear")
    steps = ((0.0, 0.2), (0.5, 0.9), (1.0, 0.4))
    found = run("bevel", mask, width=0.2, profile="custom", points=steps)
    expected = np.interp(line, *zip(*steps, strict=True))
    assert np.abs(found - expected).max() < 1e-3


def test_a_mask_without_an_edge_is_one_height():
    assert np.all(run("bevel", np.ones((9, 12), np.float32)) == 1)
    assert np.all(run("bevel", np.zeros((9, 12), np.float32)) == 0)
