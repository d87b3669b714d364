"""Spots, scratches and fibres: they cover what they say, wrap, and equal slow references."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.declare import Band
from nodes.kernels.lattice import within_half
from nodes.procedural.marks import _spots, fibers, scratches, spots
from tests.references.calling import call

PLAIN = {"faintest": 1.0, "by_size": 0.0, "share": 1.0}
EVEN = {"thickness_jitter": 0.0, "depth_jitter": 0.0, "broken": 0.0, "taper": 0.0}


def still(height, width):
    return np.zeros((height, width, 2), np.float32)


def slow_spots(table, height, width, profile, softness):
    """Return height and mask by trying every spot and its copies at every pixel."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    tallest, covered = np.zeros((height, width)), np.zeros((height, width))
    for spot_x, spot_y, radius, _, strength in table.reshape(-1, 5).astype(np.float64):
        if radius <= 0:
            continue
        shown = np.sqrt(max(radius**2 - 1 / 12, 0.25))
        for over in (-1, 0, 1):
            for down in (-1, 0, 1):
                d = np.hypot(spot_x + over * width - x, spot_y + down * height - y)
                depth = shown + 0.5 - d
                inside = np.clip(np.minimum(depth, depth / max(softness * shown, 1)), 0, 1)
                inside = inside * min(1, 3 * radius**2) * strength
                t = np.minimum(d / shown, 1)
                form = {"disc": 1 + 0 * t, "dome": np.sqrt(1 - t * t), "cone": 1 - t, "bell": (1 - t * t) ** 2}[profile]
                tallest, covered = np.maximum(tallest, form * inside), np.maximum(covered, inside)
    return tallest, covered


@pytest.mark.parametrize("profile", ["disc", "dome", "cone", "bell"])
@pytest.mark.parametrize(("height", "width"), [(48, 48), (30, 60)])
@pytest.mark.parametrize(
    "settings", [{}, {"largest": 1.6, "softness": 0.5}, {"smallest": 0.0, "law": 1.0, "cells": 12}]
)
def test_spots_are_the_slow_ones(profile, height, width, settings):
    settings = {"cells": 6, **settings}
    values = {field.name: field.default for field in spots.node.fields} | settings
    names = ("cells", "smallest", "largest", "law", "share", "jitter", "faintest", "by_size", "seed")
    table = _spots(Band(height, width, 0, height), clusters=None, **{name: values[name] for name in names})
    slow = slow_spots(table, height, width, profile, values["softness"])
    fast = call(spots, height, width, profile=profile, **settings)
    assert np.abs(fast.height - slow[0]).max() < 2e-3
    assert np.abs(fast.mask - slow[1]).max() < 1e-4


@pytest.mark.parametrize("size", [16, 64, 512])
def test_discs_cover_their_area_at_every_size_even_below_a_pixel(size):
    cells, radius = 16, 0.3
    disc = call(spots, size, size, cells=cells, smallest=radius, largest=radius, jitter=0.0, profile="disc", **PLAIN)
    assert disc.mask.mean() == pytest.approx(np.pi * radius**2, rel=0.15 if size < 64 else 0.03)


def test_the_share_of_spots_kept_is_the_share_asked_for():
    settings = {"cells": 64, "smallest": 0.2, "largest": 0.2, "jitter": 0.0}
    every = call(spots, 512, 512, **settings, **PLAIN).mask.mean()
    some = call(spots, 512, 512, **settings, **{**PLAIN, "share": 0.3}).mask.mean()
    assert some / every == pytest.approx(0.3, abs=0.02)


def test_a_high_law_makes_large_spots_rare():
    band = Band(64, 64, 0, 64)
    common = (0.0, 1.0)
    low, high = (_spots(band, 64, *common, law, 1.0, 1.0, 1.0, 0.0, None, 3)[..., 2] for law in (1.0, 5.0))
    assert np.median(low) == pytest.approx(0.5, abs=0.03)
    assert np.median(high) == pytest.approx(0.5**5, abs=0.01)


def test_the_way_to_the_middle_of_a_spot_leads_there():
    picture = call(spots, 128, 128, cells=5, seed=2)
    inside = picture.mask > 0
    y, x = np.mgrid[0:128, 0:128]
    middle_x, middle_y = (x + 0.5) / 128 + picture.point[..., 0], (y + 0.5) / 128 + picture.point[..., 1]
    for tone in np.unique(picture.random[inside]):
        own = inside & (picture.random == tone)
        for middle in (middle_x, middle_y):
            spread = middle[own] - middle[own][0]
            assert np.abs(spread - np.rint(spread)).max() < 1e-4
    assert (picture.point[~inside] == 0).all()


@pytest.mark.parametrize("node", [spots, scratches, fibers])
def test_marks_keep_to_where_the_clusters_are(node):
    half = np.zeros((96, 96), np.float32)
    half[:, :48] = 1
    small = {spots: {"largest": 0.3}, scratches: {"longest": 0.06}, fibers: {"length": 0.06}}[node]
    every, some = call(node, 96, 96, **small), call(node, 96, 96, clusters=half, **small)
    assert some.mask[:, 56:88].max() == 0
    assert np.array_equal(some.mask[:, 8:40], every.mask[:, 8:40])
    assert call(node, 96, 96, clusters=np.zeros_like(half)).height.max() == 0


@pytest.mark.parametrize("node", [spots, scratches, fibers])
@pytest.mark.parametrize(("height", "width"), [(96, 96), (70, 130), (7, 13)])
def test_marks_drawn_and_marks_asked_for_are_the_same(node, height, width):
    drawn, asked = call(node, height, width), call(node, height, width, offset=still(height, width))
    for one, other in zip(drawn, asked, strict=True):
        assert np.mean(np.abs(one - other) > 1e-3) < 2e-3


@pytest.mark.parametrize("node", [spots, scratches, fibers])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (7, 13), (64, 48)])
def test_marks_in_bands_change_no_bit(node, size):
    moved = np.random.default_rng(0).normal(0, 0.1, (*size, 2)).astype(np.float32)
    for offset in (None, moved):
        whole = call(node, *size, offset=offset)
        banded = call(node, *size, bands=min(4, size[0]), offset=offset)
        assert all(np.array_equal(one, other) for one, other in zip(whole, banded, strict=True))


@pytest.mark.parametrize("node", [spots, scratches, fibers])
def test_an_offset_of_whole_pixels_rolls_the_marks(node):
    offset = still(64, 64)
    offset[...] = (16 / 64, -8 / 64)
    plain, moved = call(node, 64, 64), call(node, 64, 64, offset=offset)
    for one, other in zip(plain, moved, strict=True):
        assert np.mean(np.abs(np.roll(one, (8, -16), (0, 1)) - other) > 1e-3) < 5e-3


# ---- strokes ----


@pytest.mark.parametrize("size", [96, 256, 512])
@pytest.mark.parametrize("thickness", [0.001, 0.004, 0.012])
@pytest.mark.parametrize("curvature", [0.0, 0.6])
def test_scratches_cover_count_times_length_times_width(size, thickness, curvature):
    count, length = 16, 0.15
    picture = [
        call(
            scratches,
            size,
            size,
            count=count,
            shortest=length,
            longest=length,
            thickness=thickness,
            curvature=curvature,
            seed=seed,
            spread=1.0,
            **EVEN,
        ).mask.mean(dtype=np.float64)
        for seed in range(6)
    ]
    # Round ends, drawn a pixel wide at least, come on top; where scratches cross they count once.
    drawn = max(thickness, 1 / size)
    ends = min(thickness * size, 1) * (np.pi / 4 * drawn**2 + 0.25 * drawn / size)
    assert np.mean(picture) == pytest.approx(count * (length * thickness + ends), rel=0.08)


@pytest.mark.parametrize("broken", [0.2, 0.5])
def test_broken_scratches_miss_about_as_much_as_asked(broken):
    settings = {**EVEN, "count": 60, "longest": 0.4, "shortest": 0.3}
    whole = [call(scratches, 256, 256, seed=seed, **settings).mask.mean() for seed in range(4)]
    torn = [call(scratches, 256, 256, seed=seed, **{**settings, "broken": broken}).mask.mean() for seed in range(4)]
    assert 1 - np.mean(torn) / np.mean(whole) == pytest.approx(broken, abs=0.13)
    assert call(scratches, 64, 64, broken=1.0).mask.max() == 0


def test_along_a_scratch_runs_from_0_to_1_the_way_it_is_drawn():
    settings = {**EVEN, "count": 1, "shortest": 0.5, "longest": 0.5, "spread": 0.0, "curvature": 0.0, "thickness": 0.01}
    for angle, axis, sign in ((0.0, 1, 1), (180.0, 1, -1), (90.0, 0, -1), (-90.0, 0, 1)):
        picture = call(scratches, 128, 128, angle=angle, **settings)
        on = picture.mask > 0.4
        assert picture.along[on].min() < 0.03
        assert picture.along[on].max() > 0.97
        step = (np.roll(picture.along, -1, axis) - picture.along)[on & np.roll(on, -1, axis)]
        assert np.median(step) == pytest.approx(sign * 1 / 64, rel=0.02)


def test_scratches_are_as_wide_and_as_long_as_they_vary():
    settings = {"count": 1, "shortest": 0.3, "longest": 0.3, "spread": 0.0, "curvature": 0.0, "angle": 0.0}
    areas = {
        jitter: [
            call(
                scratches, 128, 128, seed=seed, thickness=0.02, **settings, **{**EVEN, "thickness_jitter": jitter}
            ).mask.mean()
            for seed in range(12)
        ]
        for jitter in (0.0, 1.0)
    }
    assert np.std(areas[0.0]) < 0.03 * np.mean(areas[0.0])
    assert np.std(areas[1.0]) > 0.3 * np.mean(areas[1.0])
    assert max(areas[1.0]) <= max(areas[0.0]) * 1.01


def test_the_direction_of_fibers_is_theirs_and_as_long_as_they_cover():
    picture = call(fibers, 128, 128, count=30, thickness=0.02, spread=0.0, waviness=0.0, curl=0.0, angle=30.0)
    on = picture.height > 0
    length = np.hypot(picture.direction[..., 0], picture.direction[..., 1])
    assert (length <= picture.mask + 1e-4).all()
    assert (length[~on] == 0).all()
    assert np.allclose(picture.direction[on] / length[on][:, None], (np.cos(np.pi / 6), -np.sin(np.pi / 6)), atol=1e-3)


def test_straight_fibers_run_straight_and_curled_ones_do_not():
    def turned(**settings):
        way = call(fibers, 128, 128, count=40, spread=0.0, **settings).direction
        angles = np.arctan2(way[..., 1], way[..., 0])[np.hypot(way[..., 0], way[..., 1]) > 0.3]
        return angles.std()

    straight = turned(waviness=0.0, curl=0.0)
    assert straight < 1e-4
    assert turned(waviness=0.4, curl=0.0) > 0.15
    assert turned(waviness=0.0, curl=0.5) > 0.15


def test_offsets_beyond_the_tile_come_back_into_it():
    assert within_half.function(np.float32(1.25)) == pytest.approx(0.25)
