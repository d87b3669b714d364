"""Gradient-domain solving, the cheapest cut, and what is set into a picture with them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from materials.render import run
from nodes.arrays import take
from nodes.kernels import mincut
from nodes.kernels.poisson import box_of, correction, cut_out, differences
from nodes.patch.repair import patch_transplant, region_replace
from tests.references.calling import call


def noise(height, width, seed=0, channels=3):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).random(shape, np.float32)


def disc(height=48, width=64, radius=14.0):
    y, x = np.mgrid[:height, :width]
    return np.clip(radius - np.hypot(y - 20, x - 30) + 0.5, 0, 1).astype(np.float32)


# ---- the Poisson equation ----


def dense(start, unknown, across, down, pull):
    """Solve the same system with a full matrix."""
    height, width = start.shape
    at = {place: i for i, place in enumerate(zip(*np.nonzero(unknown), strict=True))}
    matrix, right = np.zeros((len(at), len(at))), np.zeros(len(at))
    for (y, x), i in at.items():
        matrix[i, i] += pull
        right[i] += pull * float(start[y, x])
        left, up = (y, (x - 1) % width), ((y - 1) % height, x)
        after, below = (y, (x + 1) % width), ((y + 1) % height, x)
        for other, step in ((left, across[y, x]), (up, down[y, x]), (after, -across[after]), (below, -down[below])):
            if other == (y, x):
                continue
            matrix[i, i] += 1
            right[i] += float(step)
            if other in at:
                matrix[i, at[other]] -= 1
            else:
                right[i] += float(start[other])
    solution = start.astype(np.float64).copy()
    solution[np.nonzero(unknown)] = np.linalg.solve(matrix, right)
    return solution


sides = st.integers(1, 13)


@given(sides, sides, st.floats(0.05, 0.95), st.sampled_from([0.0, 0.01, 0.5]), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_the_solution_is_that_of_the_full_matrix_for_any_mask_and_size(height, width, share, pull, seed):
    random = np.random.default_rng(seed)
    unknown = random.random((height, width)) < share
    unknown[random.integers(height), random.integers(width)] = False
    start, donor = noise(height, width, seed, 1), noise(height, width, seed + 1, 1)
    across, down = differences(donor)
    # A row or a column of one pixel is its own neighbour, across which nothing can differ.
    found = start + correction(start, unknown, across, down, pull, tolerance=1e-7)
    assert np.abs(found - dense(start, unknown, across, down, pull)).max() < 2e-6
    assert np.array_equal(found[~unknown], start[~unknown])


def test_what_is_left_of_the_equation_is_as_small_as_stated():
    height, width = 97, 130
    unknown = np.hypot(*(np.mgrid[:height, :width] - 50)) < 40
    start, donor = noise(height, width, 1), noise(height, width, 2)
    across, down = differences(donor)
    found = start + correction(start, unknown, across, down, tolerance=1e-6)
    here = differences(found.astype(np.float64))
    x, y = across - here[0], down - here[1]
    rest = x - np.roll(x, -1, axis=1) + y - np.roll(y, -1, axis=0)
    assert np.abs(rest[unknown]).max() < 1e-5


def test_a_picture_is_found_again_from_its_differences():
    whole = noise(37, 50, 3)
    across, down = differences(whole)
    unknown = np.ones((37, 50), bool)
    guess = np.zeros_like(whole) + whole.mean(axis=(0, 1))
    assert np.abs(guess + correction(guess, unknown, across, down) - whole).max() < 1e-5
    unknown[5, 7] = False
    guess[5, 7] = whole[5, 7]
    assert np.abs(guess + correction(guess, unknown, across, down, tolerance=1e-6) - whole).max() < 1e-5


def test_differences_that_are_as_wanted_leave_every_bit():
    start = noise(40, 40, 4)
    unknown = noise(40, 40, 5, 1) < 0.7
    assert not correction(start, unknown, *differences(start)).any()


def test_a_rolled_equation_has_the_rolled_solution_bit_for_bit():
    unknown = disc() > 0.5
    start, donor = noise(48, 64, 6), noise(48, 64, 7)
    plain = correction(start, unknown, *differences(donor))
    shift = lambda array: np.roll(array, (31, 45), axis=(0, 1))  # noqa: E731
    moved = correction(shift(start), shift(unknown), *differences(shift(donor)))
    assert np.array_equal(shift(plain), moved)


def test_a_pull_lets_a_change_die_off():
    start = np.zeros((64, 64), np.float32)
    unknown = np.ones((64, 64), bool)
    unknown[:, 0] = False
    start[:, 0] = 1
    flat = np.zeros_like(start)
    found = start + correction(start, unknown, flat, flat, pull=1 / 4**2)
    # Between walls a change dies off like a cosh; its root is where the lattice's own law has it.
    rate = np.arccosh(1 + 0.5 / 16)
    expected = np.cosh(rate * (np.arange(64) - 32)) / np.cosh(rate * 32)
    assert np.abs(found - expected).max() < 1e-5


def test_the_box_of_a_mask_is_the_smallest_round_the_torus():
    unknown = np.zeros((20, 30), bool)
    unknown[[19, 0, 1], 28] = unknown[0, [28, 29, 0]] = True
    box = box_of(unknown)
    assert box == (18, 27, 5, 5)
    assert cut_out(unknown, box).sum() == unknown.sum()
    unknown[:, 5] = True
    assert box_of(unknown)[2] == 20


# ---- the cheapest cut ----


def cost_of(inside, across, down):
    steps = (inside != np.roll(inside, 1, axis=1)) * across + (inside != np.roll(inside, 1, axis=0)) * down
    return steps.sum()


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_no_other_cut_is_cheaper(seed):
    random = np.random.default_rng(seed)
    parts = np.full((5, 6), mincut.OUTSIDE, np.int8)
    parts[:3, 1:5] = mincut.FREE
    parts[1, random.integers(1, 5)] = mincut.INSIDE
    parts = np.roll(parts, random.integers(0, 6, 2), axis=(0, 1))
    across, down = random.integers(1, 9, (2, 5, 6)).astype(float)
    free = np.nonzero(parts == mincut.FREE)
    costs = []
    for choice in itertools.product((False, True), repeat=len(free[0])):
        inside = parts == mincut.INSIDE
        inside[free] = choice
        costs.append(cost_of(inside, across, down))
    found = mincut.cut(parts, across, down)
    assert found[parts == mincut.INSIDE].all()
    assert not found[parts == mincut.OUTSIDE].any()
    assert cost_of(found, across, down) <= min(costs) + 1e-9


def test_a_cut_follows_the_line_where_two_pictures_agree():
    image = noise(48, 64, 8, 1)
    donor = image + 1
    ring = np.abs(np.hypot(*(np.mgrid[:48, :64] - np.array([20, 30]).reshape(2, 1, 1))) - 10) < 1.5
    donor[ring] = image[ring]
    made = call(
        patch_transplant, 48, 64, image=image, donor=donor, region=disc(), blend="cut", margin=0.15, feather=0.0
    )
    edge = (made.mask != np.roll(made.mask, 1, axis=1)) | (made.mask != np.roll(made.mask, 1, axis=0))
    assert edge.any()
    assert (ring | np.roll(ring, 1, axis=0) | np.roll(ring, 1, axis=1))[edge].all()


# ---- transplants ----


@pytest.mark.parametrize("blend", ["gradient", "cut", "paste"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_set_into_itself_keeps_every_bit(blend, channels):
    image = noise(48, 64, 9, channels)
    assert np.array_equal(run("patch_transplant", image, image, disc(), blend=blend).image, image)


@pytest.mark.parametrize("blend", ["gradient", "cut", "paste"])
def test_what_lies_off_the_region_keeps_every_bit(blend):
    image, donor = noise(48, 64, 10), noise(48, 64, 11)
    made = run("patch_transplant", image, donor, disc(), blend=blend, feather=0.0)
    outside = made.mask == 0
    assert (disc() <= 0.5)[~outside].sum() == 0
    assert np.array_equal(made.image[outside], image[outside])
    assert not np.array_equal(made.image, image)


@pytest.mark.parametrize("blend", ["cut", "paste"])
def test_without_a_feather_every_pixel_is_the_one_its_origin_names(blend):
    image, donor = noise(48, 64, 12), noise(48, 64, 13)
    made = run("patch_transplant", image, donor, disc(), blend=blend, feather=0.0, x=0.25, y=-0.125)
    assert np.array_equal(take({0: image, 1: donor}, made.origin), made.image)
    assert np.array_equal(made.origin.source == 1, made.mask == 1)
    assert (made.origin.weight == 1).all()
    assert made.origin.sizes == ((48, 64), (48, 64))
    y, x = np.argwhere(made.mask == 1)[0]
    assert (made.origin.y[y, x], made.origin.x[y, x]) == ((y + 8) % 48, (x - 16) % 64)


def test_a_donor_that_is_only_brighter_leaves_no_trace_in_a_gradient_blend():
    image = noise(48, 64, 14, 1)
    made = run("patch_transplant", image, image + np.float32(0.25), disc(), feather=0.0)
    assert made.mask.any()
    assert np.abs(made.image - image).max() < 1e-5


def test_a_gradient_blend_has_the_donors_differences_within():
    image, donor = noise(48, 64, 15, 1), noise(48, 64, 16, 1)
    made = run("patch_transplant", image, donor, disc(), feather=0.0, margin=0.0)
    x, y = (a - b for a, b in zip(differences(made.image), differences(donor), strict=True))
    rest = x - np.roll(x, -1, axis=1) + y - np.roll(y, -1, axis=0)
    inner = made.mask == 1
    for axis in (0, 1):
        inner = inner & np.roll(inner, 1, axis) & np.roll(inner, -1, axis)
    assert np.abs(rest[inner]).max() < 2e-5


def test_a_transplant_of_rolled_pictures_is_the_rolled_transplant():
    image, donor, region = noise(48, 64, 17), noise(48, 64, 18), disc()
    plain = run("patch_transplant", image, donor, region, x=0.1)
    shift = lambda array: np.roll(array, (31, 45), axis=(0, 1))  # noqa: E731
    moved = run("patch_transplant", shift(image), shift(donor), shift(region), x=0.1)
    assert np.array_equal(shift(plain.mask), moved.mask)
    assert np.array_equal(shift(plain.image), moved.image)


def test_a_full_turn_of_the_donor_is_no_turn():
    image, donor, region = noise(48, 64, 19), noise(48, 64, 20), disc()
    plain = run("patch_transplant", image, donor, region, blend="paste")
    turned = run("patch_transplant", image, donor, region, blend="paste", angle=360)
    assert np.abs(plain.image - turned.image).max() < 1e-3


def test_a_quarter_turn_counter_clockwise_brings_the_donors_right_to_the_top():
    image, donor = np.zeros((64, 64), np.float32), np.zeros((64, 64), np.float32)
    y, x = np.mgrid[:64, :64]
    region = (np.hypot(y - 32, x - 32) < 20).astype(np.float32)
    donor[30:35, 42:47] = 1
    made = run("patch_transplant", image, donor, region, blend="paste", angle=90).image
    assert made[18:23, 30:35].mean() > 0.9
    assert made[33:].max() < 1e-4


def test_small_islands_are_not_lost_to_the_cut():
    region = np.zeros((64, 64), np.float32)
    region[10:40, 10:40] = region[50:53, 50:53] = 1
    made = run("patch_transplant", noise(64, 64, 21), noise(64, 64, 22), region, blend="cut", feather=0.0, margin=0.2)
    assert made.mask[50:53, 50:53].any()
    assert made.mask[20:30, 20:30].all()


def test_a_region_of_all_or_nothing_gives_the_donor_or_the_image():
    image, donor = noise(16, 24, 23), noise(16, 24, 24)
    for blend in ("gradient", "cut", "paste"):
        none = run("patch_transplant", image, donor, np.zeros((16, 24), np.float32), blend=blend)
        assert np.array_equal(none.image, image)
    everything = run("patch_transplant", image, donor, np.ones((16, 24), np.float32), blend="paste")
    assert np.array_equal(everything.image, donor)


# ---- regions ----


def tiles():
    mask = np.zeros((64, 96), np.float32)
    for y in range(0, 64, 16):
        for x in range(0, 96, 24):
            mask[y + 1 : y + 15, x + 1 : x + 23] = 1
    return run("flood_fill", np.roll(mask, (5, 7), axis=(0, 1)))


@pytest.mark.parametrize("blend", ["gradient", "paste"])
def test_the_share_of_regions_is_replaced_and_nothing_else(blend):
    regions, image, donor = tiles(), noise(64, 96, 25), noise(64, 96, 26)
    made = run("region_replace", regions, image, donor, share=0.5, blend=blend)
    changed = (made.image != image).any(axis=2)
    of_label = np.zeros(regions.count + 1, bool)
    of_label[np.unique(regions.labels[changed])] = True
    assert not of_label[0]
    assert 0 < of_label.sum() < regions.count
    assert np.array_equal(run("region_replace", regions, image, donor, share=0.0, blend=blend).image, image)
    every = run("region_replace", regions, image, donor, share=1.0, blend=blend)
    assert set(np.unique(regions.labels[every.mask > 0])) == set(range(1, regions.count + 1))


def test_each_region_comes_in_one_piece_from_the_place_its_origin_names():
    regions, image, donor = tiles(), noise(64, 96, 27), noise(64, 96, 28)
    made = run("region_replace", regions, image, donor, share=1.0, blend="paste", feather=0.0)
    assert np.array_equal(take({0: image, 1: donor}, made.origin), made.image)
    y, x = np.mgrid[:64, :96]
    shifts = np.stack([(made.origin.y - y) % 64, (made.origin.x - x) % 96], axis=2)
    found = [np.unique(shifts[regions.labels == label], axis=0) for label in range(1, regions.count + 1)]
    assert all(len(shift) == 1 for shift in found)
    assert len(np.unique(np.concatenate(found), axis=0)) > regions.count / 2


def test_material_from_a_photograph_is_copied_bit_for_bit_from_its_fitted_pixels():
    regions, image, photo = tiles(), noise(64, 96, 29), noise(40, 48, 30)
    pasted = {"share": 1.0, "blend": "paste", "feather": 0.0}
    made = call(region_replace, 64, 96, regions=regions, image=image, picture=photo, columns=2, **pasted)
    assert made.origin.sizes[2] == (40, 48)
    assert set(np.unique(made.origin.source)) == {0, 2}
    assert np.array_equal(take({0: image, 2: photo}, made.origin), made.image)


def test_a_region_larger_than_the_photograph_is_filled_back_and_forth():
    regions, image, photo = tiles(), noise(64, 96, 31), noise(5, 6, 32)
    pasted = {"share": 1.0, "blend": "paste", "feather": 0.0}
    made = call(region_replace, 64, 96, regions=regions, image=image, picture=photo, columns=16, **pasted)
    assert np.array_equal(take({0: image, 2: photo}, made.origin), made.image)
    inside = made.origin.source == 2
    for axis, plane in ((0, made.origin.y), (1, made.origin.x)):
        steps = np.abs(plane - np.roll(plane, 1, axis=axis))[inside & np.roll(inside, 1, axis=axis)]
        assert steps.max() <= 1


def test_tiles_that_change_places_come_from_tiles():
    regions = tiles()
    image = np.where(regions.labels[..., None] > 0, noise(64, 96, 33) * 0.1 + 0.7, 0.1).astype(np.float32)
    made = run("region_replace", regions, image, share=1.0, place="region", blend="paste", feather=0.0)
    assert (made.image[regions.labels > 0] > 0.5).all()
    assert not np.array_equal(made.image, image)


def test_another_seed_draws_other_regions_and_other_places():
    regions, image, donor = tiles(), noise(64, 96, 37), noise(64, 96, 38)
    one, other = (
        run("region_replace", regions, image, donor, seed=seed, blend="paste", feather=0.0) for seed in (1, 2)
    )
    assert not np.array_equal(one.mask, other.mask)
    both = (one.mask > 0) & (other.mask > 0)
    assert both.any()
    assert not np.array_equal(one.image[both], other.image[both])


def test_only_regions_in_the_mask_are_replaced():
    regions, image, donor = tiles(), noise(64, 96, 34), noise(64, 96, 35)
    choose = (regions.labels == 3).astype(np.float32)
    made = run("region_replace", regions, image, donor, choose=choose, share=1.0)
    assert (made.mask > 0).any()
    assert (regions.labels[made.mask > 0] == 3).all()


def test_more_attempts_fit_the_rim_no_worse():
    regions, donor = tiles(), run("fbm", size=(96, 64), cells=6)
    image = np.full((64, 96), 0.5, np.float32)

    def misfit(attempts):
        made = run("region_replace", regions, image, donor, share=1.0, blend="paste", feather=0.0, attempts=attempts)
        inside = regions.labels > 0
        rim = inside.copy()
        for axis, step in itertools.product((0, 1), (-1, 1)):
            rim &= np.roll(inside, step, axis)
        rim = inside & ~rim
        return ((made.image - image)[rim] ** 2).mean()

    assert misfit(32) < misfit(4) < misfit(1)


def test_a_gradient_blend_gives_regions_the_old_tones_of_their_rims():
    regions, donor = tiles(), noise(64, 96, 36, 1) * np.float32(0.1)
    image = np.where(regions.labels > 0, 0.6 + 0.02 * regions.labels, 0.2).astype(np.float32)
    made = run("region_replace", regions, image, donor, share=1.0, feather=0.0)
    for label in range(1, regions.count + 1):
        here = regions.labels == label
        assert made.image[here].mean() == pytest.approx(image[here].mean(), abs=0.06)
