"""Bricks, planks and shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nodes.kernels import f32
from nodes.procedural.pattern import bricks
from nodes.procedural.shape import gradient, shape
from nodes.procedural.wood import planks
from tests.references.calling import call

ROUGH = {
    "length_jitter": 1.0,
    "row_jitter": 1.0,
    "position_jitter": 1.0,
    "angle_jitter": 10.0,
    "taper": 0.5,
    "split": 0.5,
    "rounding_jitter": 1.0,
    "seed": 7,
}
FORMS = ("disc", "square", "polygon", "star", "capsule", "bell", "cone", "pyramid")


def same(one, other):
    for a, b in zip(one, other, strict=True):
        a, b = getattr(a, "labels", a), getattr(b, "labels", b)
        assert np.array_equal(a, b)


def test_the_mask_covers_what_the_mortar_leaves():
    mortar, rounding, size = 0.02, 0.01, 512
    mask = call(bricks, size, size, columns=4, rows=8, mortar=mortar, rounding=rounding).mask
    one = (1 / 4 - mortar) * (1 / 8 - mortar) - (4 - np.pi) * rounding**2
    assert mask.mean() == pytest.approx(32 * one, abs=2e-4)


def test_the_table_of_bricks_agrees_with_their_pixels():
    pattern = call(bricks, 300, 400, **ROUGH, mortar=0.01)
    labels, table = pattern.regions.labels, pattern.regions.table
    counts = np.bincount(labels.reshape(-1), minlength=len(table["id"]) + 1)[1:]
    assert np.allclose(counts / labels.size, table["area"], atol=3e-4)
    assert len(set(table["id"].tolist())) == len(table["id"])
    y, x = np.nonzero(labels == 5)
    left, top, wide, high = table["bbox"][4]
    assert ((((x + 0.5) / 400 - left) % 1) <= wide + 2 / 400).all()
    assert ((((y + 0.5) / 300 - top) % 1) <= high + 2 / 300).all()


def test_a_running_bond_shifts_every_second_row_by_half_a_brick():
    mask = call(bricks, 96, 96, columns=4, rows=4).mask
    assert np.allclose(mask[:24], mask[48:72], atol=1e-4)
    assert np.allclose(np.roll(mask[:24], 12, axis=1), mask[24:48], atol=1e-4)


def test_an_odd_number_of_rows_closes_without_two_rows_in_line():
    mask = call(bricks, 90, 480, columns=4, rows=5, bond="running", shift=0.5).mask
    rows = mask.reshape(5, 18, 480)
    steps = [
        np.argmax([np.sum(a * np.roll(b, -k, 1)) for k in range(120)])
        for a, b in zip(rows, np.roll(rows, -1, 0), strict=True)
    ]
    assert len(set(steps)) == 1
    assert steps[0] in (48, 72)


@pytest.mark.parametrize("function", [bricks, planks])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (7, 13), (64, 48)])
def test_patterns_in_bands_change_no_bit(function, size):
    parameters = ROUGH if function is bricks else {"length_jitter": 1.0, "row_jitter": 1.0, "seed": 7}
    offset = np.random.default_rng(0).normal(0, 0.1, (*size, 2)).astype(np.float32)
    for warp in (None, offset):
        whole = call(function, *size, offset=warp, **parameters)
        same(call(function, *size, bands=min(4, size[0]), offset=warp, **parameters), whole)
        assert all(np.isfinite(getattr(part, "labels", part)).all() for part in whole)
        assert whole.regions.labels.max() <= whole.regions.count


@pytest.mark.parametrize("function", [bricks, planks])
def test_a_constant_offset_of_whole_pixels_rolls_the_pattern(function):
    offset = np.zeros((64, 64, 2), np.float32)
    offset[:] = (11 / 64, -5 / 64)
    here, there = call(function, 64, 64), call(function, 64, 64, offset=offset)
    assert np.allclose(np.roll(here.mask, (5, -11), (0, 1)), there.mask, atol=1e-4)
    assert np.mean(np.roll(here.regions.labels, (5, -11), (0, 1)) != there.regions.labels) < 0.001


@pytest.mark.parametrize("function", [bricks, planks])
def test_a_pattern_at_half_the_size_is_the_same_picture(function):
    large, small = call(function, 512, 512, seed=2).mask, call(function, 256, 256, seed=2).mask
    assert np.abs(large.reshape(256, 2, 256, 2).mean((1, 3)) - small).mean() < 0.005


@given(st.fixed_dictionaries({field.name: st.sampled_from(field.parameter.ends()) for field in bricks.node.fields}))
@settings(max_examples=60, deadline=None)
def test_bricks_at_the_ends_of_their_ranges_stay_finite_and_in_range(parameters):
    parameters["angle_jitter"] = min(parameters["angle_jitter"], 30.0)
    pattern = call(bricks, 24, 36, **parameters)
    for image in (pattern.height, pattern.mask, pattern.uv, pattern.random):
        assert np.isfinite(image).all()
        assert image.min() >= 0
        assert image.max() <= 1
    assert all(np.isfinite(column).all() for column in pattern.regions.table.values())


def test_bricks_never_leave_their_cells_so_that_the_mask_is_cut_nowhere():
    mask = call(bricks, 512, 512, columns=3, rows=5, mortar=0.012, **ROUGH).mask
    assert np.abs(np.diff(mask, axis=0)).max() <= 1.0
    pattern = call(bricks, 512, 512, columns=3, rows=5, mortar=0.02, **{**ROUGH, "position_jitter": 0.0})
    labels = pattern.regions.labels
    for axis in (0, 1):
        beside = np.roll(labels, 1, axis)
        assert not ((labels > 0) & (beside > 0) & (labels != beside)).any()


def test_neighbours_of_a_brick_lie_beside_above_and_below_it():
    neighbours = call(bricks, 8, 8, columns=6, rows=12).regions.neighbours
    assert np.bincount(neighbours.reshape(-1))[1:].tolist() == [6] * 72


def test_turning_a_jitter_on_leaves_the_other_randomness_as_it_is():
    plain = call(bricks, 64, 64, length_jitter=0.5, seed=4)
    turned = call(bricks, 64, 64, length_jitter=0.5, angle_jitter=2.0, taper=0.2, seed=4)
    assert np.array_equal(plain.random, turned.random)


BONDS = ("running", "stack", "random", "flemish", "english", "herringbone", "basket")


@pytest.mark.parametrize("bond", BONDS)
@pytest.mark.parametrize("parameters", [{}, {**ROUGH, "angle_jitter": 0.0, "taper": 0.0, "position_jitter": 0.0}])
def test_every_pixel_lies_in_exactly_one_brick_of_any_bond(bond, parameters):
    pattern = call(bricks, 192, 240, bond=bond, columns=4, rows=8, mortar=0.0, rounding=0.0, **parameters)
    box = pattern.regions.table["bbox"].astype(np.float64)
    y, x = (np.mgrid[0:192, 0:240] + 0.5) / np.array([192, 240])[:, None, None]
    inside = ((x - box[:, 0, None, None]) % 1 < box[:, 2, None, None]) & (
        (y - box[:, 1, None, None]) % 1 < box[:, 3, None, None]
    )
    assert pattern.regions.table["area"].sum() == pytest.approx(1, abs=1e-5)
    # A pixel's middle may lie on a joint, and the last bit then says on which side.
    assert (inside.sum(0) == 1).mean() > 0.98
    right = np.argmax(inside, 0) + 1 == pattern.regions.labels
    assert right[inside.sum(0) == 1].mean() > 0.999


@pytest.mark.parametrize("bond", BONDS)
def test_any_bond_tiles_whatever_the_jitters(bond):
    offset = np.zeros((96, 80, 2), np.float32)
    offset[:] = (24 / 80, 60 / 96)
    for rows in (8, 7):
        rough = {**ROUGH, "bond": bond, "columns": 4, "rows": rows}
        here, there = call(bricks, 96, 80, **rough), call(bricks, 96, 80, offset=offset, **rough)
        for name in ("mask", "height", "depth", "local"):
            apart = np.abs(np.roll(getattr(here, name), (-60, -24), (0, 1)) - getattr(there, name))
            assert (apart > 1e-3).mean() < 2e-3, name


@pytest.mark.parametrize("bond", BONDS)
def test_the_place_in_a_brick_and_its_table_agree(bond):
    pattern = call(bricks, 240, 240, bond=bond, columns=4, rows=8)
    labels, table = pattern.regions.labels, pattern.regions.table
    rows, columns = np.nonzero(labels)
    place = np.stack([(columns + 0.5) / 240, (rows + 0.5) / 240], axis=1)
    away = (place - table["centroid"][labels[labels > 0] - 1] + 0.5) % 1 - 0.5
    assert np.allclose(np.hypot(*away.T), np.hypot(*pattern.local[labels > 0].T), atol=1e-5)
    assert (np.abs(pattern.local[..., 0]).max() > np.abs(pattern.local[..., 1]).max()) or bond == "stack"
    assert len(np.unique(table["id"])) == pattern.regions.count


@pytest.mark.parametrize(
    ("bond", "columns", "rows", "count", "beside"),
    [
        ("flemish", 4, 8, 64, {4, 8}),
        ("english", 4, 8, 48, {4, 6, 8}),
        ("herringbone", 4, 8, 32, {6}),
        ("basket", 4, 8, 32, {5}),
        ("herringbone", 3, 5, 32, {6}),
    ],
)
def test_a_bond_has_its_bricks_and_each_its_neighbours(bond, columns, rows, count, beside):
    regions = call(bricks, 16, 16, bond=bond, columns=columns, rows=rows).regions
    assert regions.count == count
    assert set(np.bincount(regions.neighbours.reshape(-1))[1:].tolist()) == beside


def test_depth_is_the_distance_to_the_edge_of_a_brick():
    pattern = call(bricks, 256, 256, columns=2, rows=4, mortar=0.02, rounding=0.0)
    assert pattern.depth.max() == pytest.approx((0.25 - 0.02) / 2, abs=1 / 256) or pattern.depth.max() == f32(0.1)
    assert np.array_equal(pattern.depth > 0, pattern.regions.labels > 0)
    assert pattern.depth.min() == pytest.approx(-0.01 * np.sqrt(2), abs=1 / 256)


def test_boards_of_one_row_fill_it_and_joints_avoid_those_of_the_row_beside():
    regions = call(planks, 64, 64, rows=6, fewest=2, most=4, gap=0.0, rounding=0.0).regions
    box = regions.table["bbox"]
    for row in np.unique(np.round(box[:, 1], 4)):
        assert box[np.isclose(box[:, 1], row, atol=1e-3), 2].sum() == pytest.approx(1, abs=1e-4)
    assert 12 <= regions.count <= 24


def test_a_disc_covers_its_area_and_is_round():
    disc = call(shape, 128, 128, scale=0.6)
    assert disc.mean() == pytest.approx(np.pi * 0.09, abs=1e-3)
    assert np.allclose(disc, disc.T, atol=1e-5)


@pytest.mark.parametrize(("sides", "thickness"), [(3, 1.0), (5, 1.0), (6, 1.0), (5, 0.5), (8, 0.7)])
def test_polygons_and_stars_cover_their_area(sides, thickness):
    half = np.pi / sides
    area = sides * 0.4 * (0.4 * np.cos(half) * thickness) * np.sin(half)
    form = "polygon" if thickness == 1 else "star"
    found = call(shape, 256, 256, form=form, sides=sides, thickness=thickness, rotation=13.0).mean()
    assert found == pytest.approx(area, rel=0.01)


@pytest.mark.parametrize("form", FORMS)
def test_shapes_go_on_across_the_border(form):
    parameters = {"form": form, "scale": 1.3, "rotation": 20.0, "softness": 0.4}
    middle = call(shape, 64, 64, **parameters)
    moved = call(shape, 64, 64, x=0.75, y=0.0, **parameters)
    assert np.allclose(np.roll(middle, (-32, 16), (0, 1)), moved, atol=1e-3)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 13)])
def test_shapes_in_bands_change_no_bit_and_stay_in_range(form, size):
    offset = np.random.default_rng(0).normal(0, 0.1, (*size, 2)).astype(np.float32)
    for parameters in ({}, {"scale": 0.0}, {"scale": 1.5, "thickness": 0.0, "columns": 64, "softness": 1.0}):
        whole = call(shape, *size, form=form, offset=offset, **parameters)
        assert np.array_equal(call(shape, *size, bands=min(3, size[0]), form=form, offset=offset, **parameters), whole)
        assert whole.min() >= 0
        assert whole.max() <= 1


def test_a_rotation_turns_counter_clockwise():
    capsule = call(shape, 64, 64, form="capsule", thickness=0.2, rotation=30.0)
    assert capsule[20, 52] > capsule[44, 52]


def test_a_linear_gradient_rises_from_left_to_right():
    found = call(gradient, 4, 64)
    assert np.allclose(found[:, 1:-1], (np.arange(1, 63) + 0.5) / 64, atol=1e-5)


@pytest.mark.parametrize(("form", "mirror"), [("linear", True), ("axial", False)])
@pytest.mark.parametrize(("angle", "repeat"), [(0.0, 1), (30.0, 1), (45.0, 1), (-70.0, 3)])
def test_a_mirrored_gradient_goes_on_across_the_border(form, mirror, angle, repeat):
    found = call(gradient, 96, 128, form=form, mirror=mirror, angle=angle, repeat=repeat)
    for axis in (0, 1):
        inside = np.abs(np.diff(found, axis=axis)).max()
        assert np.abs(np.take(found, 0, axis) - np.take(found, -1, axis)).max() <= inside + 1e-5


@pytest.mark.parametrize("form", ["linear", "axial", "radial", "angular"])
@pytest.mark.parametrize("mirror", [False, True])
def test_a_gradient_is_the_mean_of_a_fine_one(form, mirror):
    parameters = {"form": form, "mirror": mirror, "repeat": 3, "angle": 25.0, "x": 0.4}
    fine, coarse = call(gradient, 512, 512, **parameters), call(gradient, 64, 64, **parameters)
    apart = np.abs(fine.reshape(64, 8, 64, 8).mean((1, 3)) - coarse)
    assert apart.mean() < 0.01
    # Round the middle an angle changes within a pixel, and a fan has more of an edge there than a straight one.
    assert (apart > 0.2).mean() < 0.01


def test_a_radial_gradient_is_white_in_the_middle_and_black_at_half_the_tile():
    found = call(gradient, 64, 128, form="radial", x=0.25)
    y, x = (np.mgrid[0:64, 0:128] + 0.5) / 128
    far = np.hypot((x - 0.25 + 0.5) % 1 - 0.5, y - 0.25)
    assert np.allclose(found, np.maximum(1 - far / 0.25, 0), atol=1e-4)


def test_an_angular_gradient_rises_counter_clockwise_from_its_angle():
    found = call(gradient, 65, 65, form="angular", angle=90.0)
    assert found[10, 30] < 0.1
    assert found[32, 10] == pytest.approx(0.25, abs=1e-3)
    assert found[60, 32] == pytest.approx(0.5, abs=1e-3)
    assert found[32, 60] == pytest.approx(0.75, abs=1e-3)


def test_an_even_mirrored_angular_gradient_closes():
    found = call(gradient, 64, 64, form="angular", mirror=True, repeat=2)
    assert np.abs(found[0] - found[-1]).max() < 0.01
    assert np.abs(found[:, 0] - found[:, -1]).max() < 0.01
