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
