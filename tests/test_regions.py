"""Islands of a mask, and what is painted on them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from materials.render import run
from nodes.arrays import REGION_COLUMNS
from nodes.declare import Band
from nodes.procedural.region import (
    RegionData,
    flood_fill,
    region_color,
    region_data,
    region_gradient,
    region_offset,
    region_random,
    region_sample,
    region_select,
    region_uv,
)
from tests.references.calling import call
from tests.references.regions import components

masks = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(lambda size: arrays(np.bool_, size))


def filled(mask, **parameters):
    return call(flood_fill, *mask.shape, mask=np.asarray(mask, np.float32), **parameters)


def blobs(height=64, width=48):
    y, x = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    return np.sin(2 * np.pi * (3 * x + y)) * np.sin(2 * np.pi * (2 * y - x)) > 0.2


@given(masks, st.booleans())
@settings(max_examples=200, deadline=None)
def test_flood_fill_finds_the_regions_that_a_walk_from_pixel_to_pixel_finds(mask, corners):
    height, width = mask.shape
    regions = filled(mask, connectivity="8" if corners else "4")
    expected = components(mask, corners)
    assert regions.count == len(expected)
    assert np.array_equal(regions.labels > 0, mask)
    for pixels, round_tile in expected:
        wrapped = {(y % height, x % width) for y, x in pixels}
        label = regions.labels[next(iter(wrapped))]
        assert set(zip(*np.nonzero(regions.labels == label), strict=True)) == wrapped
        left, top, wide, high = regions.table["bbox"][label - 1]
        ys, xs = np.array(pixels).T
        assert regions.table["area"][label - 1] == pytest.approx(len(wrapped) / mask.size)
        assert wide == pytest.approx(1 if round_tile[1] else (np.ptp(xs) + 1) / width)
        assert high == pytest.approx(1 if round_tile[0] else (np.ptp(ys) + 1) / height)
        if not any(round_tile):
            x, y = regions.table["centroid"][label - 1]
            assert (x - (xs.mean() + 0.5) / width + 0.5) % 1 == pytest.approx(0.5, abs=1e-5)
            assert (y - (ys.mean() + 0.5) / height + 0.5) % 1 == pytest.approx(0.5, abs=1e-5)
            assert left <= x <= left + wide
            assert top <= y <= top + high


def test_the_table_has_its_columns_with_a_row_for_each_label():
    regions = filled(blobs())
    assert regions.count == regions.labels.max() > 3
    for name, column in REGION_COLUMNS.items():
        dtype, width = column if isinstance(column, tuple) else (column, None)
        assert regions.table[name].dtype == dtype
        assert regions.table[name].shape == ((regions.count,) if width is None else (regions.count, width))
    assert len(set(regions.table["id"].tolist())) == regions.count


def test_flood_fill_of_a_rolled_mask_is_the_rolled_flood_fill():
    mask = blobs()
    here = filled(mask)
    there = filled(np.roll(mask, (13, 29), (0, 1)))
    back = np.roll(there.labels, (-13, -29), (0, 1))
    pairs = np.unique(np.stack([here.labels, back]).reshape(2, -1), axis=1)
    assert pairs.shape[1] == here.count + 1
    one, other = pairs[:, 1:] - 1
    assert np.allclose(here.table["bbox"][one, 2:], there.table["bbox"][other, 2:])
    assert np.allclose(here.table["angle"][one], there.table["angle"][other], atol=1e-4)


def test_the_angle_of_a_region_is_that_of_its_longer_axis():
    y, x = np.mgrid[:128, :128] - 64
    for degrees in (0, 30, -45, 80):
        turn = np.radians(degrees)
        along, across = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
        regions = filled((along / 40) ** 2 + (across / 10) ** 2 < 1)
        assert np.degrees(regions.table["angle"][0]) == pytest.approx(degrees, abs=1)


def test_small_regions_become_background():
    mask = np.zeros((32, 32), bool)
    mask[3:13, 3:13] = mask[20, 20] = True
    regions = filled(mask, minimum_area=0.01)
    assert regions.count == 1
    assert regions.labels[20, 20] == 0
    assert filled(np.zeros((7, 13), bool)).count == 0


def test_an_edit_elsewhere_leaves_the_other_regions_their_identity():
    mask = blobs()
    before = filled(mask)
    edited = mask.copy()
    edited[before.labels == 1] = False
    after = filled(edited)
    assert set(after.table["id"].tolist()) == set(before.table["id"][1:].tolist())


def test_regions_in_one_cell_of_the_grid_are_told_apart():
    mask = np.zeros((512, 512), bool)
    mask[1:3, 1:3] = mask[5, 5] = True
    assert len(set(filled(mask).table["id"].tolist())) == 2


def test_neighbours_face_each_other_over_a_narrow_gap_also_across_the_border():
    mask = np.ones((40, 40), bool)
    mask[:, 0] = mask[:, 20] = mask[5:8] = mask[28:31] = False
    narrow, wide = filled(mask, gap=0.025), filled(mask, gap=0.05)
    left_upper, right_upper, left, right = (narrow.labels[y, x] for y, x in ((2, 5), (2, 30), (15, 5), (15, 30)))
    beside = [sorted((left_upper, right_upper)), sorted((left, right))]
    above = [sorted((left_upper, left)), sorted((right_upper, right))]
    assert narrow.neighbours.tolist() == sorted(beside)
    assert wide.neighbours.tolist() == sorted(beside)
    assert filled(np.delete(mask, [7, 30], axis=0), gap=0.05).neighbours.tolist() == sorted(beside + above)


def test_random_tones_are_one_for_each_region_and_independent_of_seeded_colours():
    regions = filled(blobs())
    tones = call(region_random, *regions.labels.shape, regions=regions, low=0.2, high=0.8, background=0.1, seed=3)
    assert np.all(tones[regions.labels == 0] == np.float32(0.1))
    values = [np.unique(tones[regions.labels == label]) for label in range(1, regions.count + 1)]
    assert all(len(value) == 1 and 0.2 <= value[0] <= 0.8 for value in values)
    assert len({float(value[0]) for value in values}) == regions.count


def test_colours_without_spread_are_the_base():
    regions = filled(blobs())
    base, ground = (0.4, 0.2, 0.1), (0.0, 0.5, 1.0)
    size = regions.labels.shape
    flat = {"lightness": 0.0, "chroma": 0.0, "hue": 0.0}
    colours = call(region_color, *size, regions=regions, color=base, background=ground, **flat)
    assert np.allclose(colours[regions.labels > 0], base, atol=1e-5)
    assert np.allclose(colours[regions.labels == 0], ground)


def test_a_gradient_rises_from_one_end_of_a_region_to_the_other_across_the_border():
    mask = np.zeros((20, 40), bool)
    mask[4:14, 30:] = mask[4:14, :10] = True
    ramp = call(region_gradient, 20, 40, regions=filled(mask), angle=0.0, spread=0.0)
    assert np.allclose(np.roll(ramp, 10, axis=1)[6, :20], (np.arange(20) + 0.5) / 20, atol=1e-5)
    ramp = call(region_gradient, 20, 40, regions=filled(mask), angle=90.0, spread=0.0)
    assert np.allclose(ramp[4:14, 35], 1 - (np.arange(10) + 0.5) / 10, atol=1e-5)
    assert ramp[0, 0] == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (7, 13)])
def test_painting_regions_in_bands_changes_no_bit(size):
    for mask in (blobs(*size), np.ones(size, bool)):
        regions = filled(mask)
        for function in (region_random, region_color, region_gradient):
            whole = call(function, *size, regions=regions, seed=5)
            assert np.isfinite(whole).all()
            assert np.array_equal(call(function, *size, bands=min(3, size[0]), regions=regions, seed=5), whole)


# ---- what is known of regions ----


def flat_over(regions, picture, label):
    """Return the one value that a picture has over a region."""
    values = np.unique(picture[regions.labels == label], axis=0)
    assert len(values) == 1
    return values[0]


def test_region_data_is_the_table_painted():
    regions = filled(blobs())
    data = call(region_data, *regions.labels.shape, regions=regions, background=0.25)
    largest = regions.table["area"].max()
    for label in range(1, regions.count + 1):
        row = {name: column[label - 1] for name, column in regions.table.items()}
        expected = {
            "x": row["centroid"][0] % 1,
            "y": row["centroid"][1] % 1,
            "width": row["bbox"][2],
            "height": row["bbox"][3],
            "area": row["area"] / largest,
            "angle": row["angle"] / np.pi % 1,
        }
        for name, value in expected.items():
            assert flat_over(regions, getattr(data, name), label) == pytest.approx(value, abs=1e-6), name
    for name in RegionData._fields:
        assert np.all(getattr(data, name)[regions.labels == 0] == 0.25)


def test_the_index_counts_in_reading_order_from_0_to_1():
    mask = np.zeros((60, 90), bool)
    for row in range(3):
        for column in range(4):
            mask[row * 20 + 2 : row * 20 + 14, column * 22 + 3 : column * 22 + 18] = True
    regions = filled(mask)
    index = call(region_data, 60, 90, regions=regions).index
    expected = [index[row * 20 + 5, column * 22 + 9] for row in range(3) for column in range(4)]
    assert np.allclose(expected, np.arange(12) / 11)


def test_unread_data_is_not_computed():
    regions = filled(blobs())
    height, width = regions.labels.shape
    found = region_data(Band(height, width, 0, height, frozenset({"area"})), regions)
    assert found.area.max() == 1
    assert found.angle is found.index is found.x


def test_places_run_from_0_to_1_over_each_box_also_across_the_border():
    mask = np.zeros((20, 40), bool)
    mask[4:14, 30:] = mask[4:14, :10] = True
    uv = np.roll(call(region_uv, 20, 40, regions=filled(mask)), 10, axis=1)
    assert np.allclose(uv[6, :20, 0], (np.arange(20) + 0.5) / 20, atol=1e-5)
    assert np.allclose(uv[4:14, 3, 1], (np.arange(10) + 0.5) / 10, atol=1e-5)
    assert np.all(uv[0] == 0)


def test_offsets_are_one_for_each_region_within_their_amount_and_independent_along_the_axes():
    regions = filled(blobs())
    size = regions.labels.shape
    shifts = call(region_offset, *size, regions=regions, x=0.5, y=1.0, seed=2)
    values = np.array([flat_over(regions, shifts, label) for label in range(1, regions.count + 1)])
    assert np.abs(values[:, 0]).max() <= 0.25
    assert np.abs(values[:, 1]).max() > 0.25
    assert len(np.unique(values, axis=0)) == regions.count
    assert np.all(shifts[regions.labels == 0] == 0)
    still = call(region_offset, *size, regions=regions, x=0.5, y=0.0, seed=2)
    assert np.array_equal(still[..., 0], shifts[..., 0])
    assert np.all(still[..., 1] == 0)


def test_a_pattern_does_not_run_over_a_joint():
    regions = run("flood_fill", blobs(96, 96).astype(np.float32))
    grain = run("fbm", offset=run("region_offset", regions, seed=3), cells=3)
    plain = run("fbm", size=96, cells=3)
    inside = regions.labels == 1
    shift = run("region_offset", regions, seed=3)[inside][0] * 96
    y, x = np.nonzero(inside)
    source = plain[np.rint(y + shift[1]).astype(int) % 96, np.rint(x + shift[0]).astype(int) % 96]
    assert np.corrcoef(source, grain[inside])[0, 1] > 0.98


def test_selection_keeps_whole_regions_and_the_background_black():
    mask = np.zeros((128, 128), bool)
    for i in range(64):
        y, x = divmod(i, 8)
        mask[y * 16 + 1 : y * 16 + 4 + y, x * 16 + 1 : x * 16 + 9] = True
    regions = filled(mask)

    def chosen(**conditions):
        picture = call(region_select, 128, 128, regions=regions, **conditions)
        assert np.all(picture[regions.labels == 0] == 0)
        return np.array([flat_over(regions, picture, label) for label in range(1, regions.count + 1)])

    assert chosen(share=1.0).all()
    assert not chosen(share=0.0).any()
    assert 16 <= chosen(share=0.5, seed=1).sum() <= 48
    assert not np.array_equal(chosen(share=0.5, seed=1), chosen(share=0.5, seed=2))
    assert np.array_equal(chosen(share=0.3, seed=1), 1 - chosen(share=0.3, seed=1, invert=True))
    assert np.all(chosen(share=0.5, seed=1) >= chosen(share=0.3, seed=1))
    area = regions.table["area"] / regions.table["area"].max()
    assert np.array_equal(chosen(share=1.0, smallest=0.4, largest=0.8), (area >= 0.4 - 1e-6) & (area <= 0.8 + 1e-6))
    assert chosen(share=1.0, first=0.0, last=7.5 / 63).sum() == 8


@pytest.mark.parametrize("color", [False, True])
def test_a_sample_is_the_mean_over_the_region_or_what_lies_at_its_centre(color):
    regions = filled(blobs())
    size = regions.labels.shape
    image = np.random.default_rng(1).random((*size, 3) if color else size, dtype=np.float32)
    mean = call(region_sample, *size, image=image, regions=regions)
    centre = call(region_sample, *size, image=image, regions=regions, mode="centre")
    for label in range(1, regions.count + 1):
        expected = image[regions.labels == label].astype(np.float64).mean(axis=0)
        assert np.allclose(flat_over(regions, mean, label), expected, atol=1e-5)
        x, y = regions.table["centroid"][label - 1] % 1 * (size[1], size[0])
        assert np.array_equal(flat_over(regions, centre, label), image[int(y), int(x)])
    assert np.all(mean[regions.labels == 0] == 0)
