"""Stamps in rows and at random, and cones that grow from points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nodes.kernels import f32
from nodes.kernels.hash import stream, uniform_array
from nodes.kernels.points import sizes, strew
from nodes.kernels.scattering import ASPECT, SIZE, TURN
from nodes.kernels.stamps import FORMS, MODES, Sprites, draw, levels, place
from nodes.procedural.scatter import cones, splatter, stamp_source, tile_sampler
from tests.references.calling import call
from tests.references.stamps import highest_cone, laid

SIZES = [(1, 1), (1, 9), (9, 1), (7, 13), (48, 32)]
PLAIN = {"position_jitter": 0.0, "scale_jitter": 0.0, "rotation_jitter": 0.0, "value_jitter": 0.0, "scale": 1.0}


def strewn(count, height, width, largest=20.0, seed=0):
    """Return sprites of all sizes, some larger than the tile, some thinner than a pixel."""
    random = np.random.default_rng(seed)
    return Sprites(
        random.uniform(-2 * width, 2 * width, count),
        random.uniform(-2 * height, 2 * height, count),
        largest * random.random(count) ** 2,
        largest * random.random(count) ** 2,
        random.uniform(-4, 4, count),
        random.random(count),
        random.uniform(-0.4, 0.4, count) * (random.random(count) < 0.5),
        np.zeros(count, int),
    )


def drawn(placed, height, width, mode, background, softness=0.1):
    here, mask = background.copy(), np.empty((height, width), np.float32)
    labels, uv = np.empty((height, width), np.int32), np.empty((height, width, 2), np.float32)
    none = np.empty((0, 0, 2), np.float32)
    draw(
        placed.geometry, placed.which, placed.first, placed.items, placed.across, placed.down, placed.pixels, none, 0,
        f32(height), f32(width), MODES.index(mode), f32(softness), here, mask, labels, uv,
    )  # fmt: skip
    return here, mask, labels, uv


def on_the_torus(x, y, height, width):
    """Return the distance of every two points."""
    dx, dy = np.abs(x[:, None] - x), np.abs(y[:, None] - y)
    return np.hypot(np.minimum(dx, width - dx), np.minimum(dy, height - dy))


# ---- drawing ----


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", FORMS)
def test_stamps_lie_as_laying_every_copy_of_each_in_turn_says(form, mode):
    height, width = 40, 56
    sprites = strewn(30, height, width, largest=40.0, seed=FORMS.index(form))
    background = np.random.default_rng(1).random((height, width)).astype(np.float32)
    here, mask, labels, uv = drawn(place(sprites, form, None, height, width), height, width, mode, background)
    expected = laid(sprites, form, height, width, mode, background, 0.1)
    assert np.allclose(here, expected[0], atol=2e-3)
    assert np.allclose(mask, expected[1], atol=2e-3)
    other = labels != expected[2]  # where two are as high, or an edge runs through the middle of a pixel
    assert other.mean() < 0.01
    assert np.allclose(uv[~other], expected[3][~other], atol=1e-3)
    assert len(np.unique(labels)) > 8


def test_a_picture_laid_pixel_on_pixel_is_that_picture():
    picture = np.random.default_rng(0).uniform(0.1, 1, (12, 18)).astype(np.float32)
    stamps = call(stamp_source, 12, 18, a=picture)
    one = Sprites(*(np.array([value]) for value in (9.0, 10.0, 18.0, 12.0, 0.0, 1.0, 0.0, 0)))
    here, mask, labels, _ = drawn(place(one, "disc", stamps, 30, 40), 30, 40, "max", np.zeros((30, 40), np.float32))
    assert np.allclose(here[4:16, :18], picture, atol=1e-6)
    assert mask.sum() == labels.sum() == 12 * 18


def test_a_picture_made_small_keeps_its_mean_and_turns_counter_clockwise():
    picture = np.zeros((64, 64), np.float32)
    picture[:, 32:] = 0.8
    stamps = call(stamp_source, 64, 64, a=picture, cutoff=0.0)
    for angle, (x, y) in ((0.0, (24, 16)), (np.pi / 2, (16, 8)), (np.pi, (8, 16))):
        one = Sprites(*(np.array([value]) for value in (16.0, 16.0, 16.0, 16.0, angle, 1.0, 0.0, 0)))
        here, *_ = drawn(place(one, "disc", stamps, 32, 32), 32, 32, "max", np.zeros((32, 32), np.float32))
        assert here.sum() == pytest.approx(0.8 * 128, rel=0.02)
        row, column = np.mgrid[:32, :32] + 0.5
        assert np.sum(here * column) / here.sum() == pytest.approx(16 + (x - 16) / 2, abs=0.1)
        assert np.sum(here * row) / here.sum() == pytest.approx(16 + (y - 16) / 2, abs=0.1)


@given(st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_mip_levels_keep_the_mean_down_to_one_pixel(height, width):
    picture = np.random.default_rng(height + 41 * width).random((height, width, 2)).astype(np.float32)
    found = levels(picture)
    assert found[-1].shape == (1, 1, 2)
    for level in found:
        assert np.allclose(level.mean((0, 1)), picture.mean((0, 1)), atol=1e-6)


def test_stamps_thinner_than_a_pixel_fade_by_what_they_cover():
    count, size = 4000, 64
    random = np.random.default_rng(3)
    x, y, angle = random.random((3, count)) * size
    thin = Sprites(x, y, np.full(count, 9.0), np.full(count, 0.2), angle, *np.ones((1, count)), np.zeros(count), x * 0)
    here, *_ = drawn(place(thin, "square", None, size, size), size, size, "add", np.zeros((size, size), np.float32))
    assert here.mean() == pytest.approx(count * 9 * 0.2 / size**2, rel=0.01)


def test_moving_all_stamps_across_the_border_rolls_the_picture():
    height, width = 48, 64
    sprites = strewn(40, height, width, largest=90.0)
    moved = Sprites(sprites.x + 24, sprites.y + 31, *list(vars(sprites).values())[2:])
    flat = np.zeros((height, width), np.float32)
    one = drawn(place(sprites, "dome", None, height, width), height, width, "over", flat)
    other = drawn(place(moved, "dome", None, height, width), height, width, "over", flat)
    assert np.allclose(np.roll(one[0], (31, 24), (0, 1)), other[0], atol=2e-3)


# ---- sources ----


def test_a_sheet_is_cut_into_its_parts_across_the_border():
    picture = np.arange(1, 49, dtype=np.float32).reshape(6, 8) / 48
    stamps = call(stamp_source, 6, 8, a=picture, b=picture[::-1].copy(), x=0.5, y=0.5, columns=2, rows=3)
    assert len(stamps.pictures) == 12
    assert np.array_equal(stamps.pictures[1][0][..., 0], picture[3:5, 0:4])
    assert np.array_equal(stamps.pictures[4][0][..., 0], picture[[1, 2], 4:])
    assert np.array_equal(stamps.pictures[6][0][..., 0], picture[::-1][3:5, 4:])


def test_what_is_not_above_the_cutoff_is_a_hole():
    ring = np.zeros((16, 16), np.float32)
    ring[2:14, 2:14] = 1
    ring[6:10, 6:10] = 0.3
    stamps = call(stamp_source, 16, 16, a=ring, cutoff=0.3)
    found = call(
        tile_sampler, 32, 32, stamps=stamps, columns=2, rows=2, shift=0.0, breadth=1.0, blend="over",
        background=np.full((32, 32), 0.5, np.float32), **PLAIN,
    )  # fmt: skip
    assert np.allclose(found.height[8, 8], 0.5)
    assert np.allclose(found.height[4, 4], 1)
    assert found.mask.sum() == 4 * (144 - 16)


# ---- in rows ----


def test_every_cell_has_its_stamp_and_drops_leave_out_their_share():
    full = call(tile_sampler, 8, 8, columns=40, rows=30)
    assert full.regions.count == 1200
    assert len(set(full.regions.table["id"].tolist())) == 1200
    some = call(tile_sampler, 8, 8, columns=40, rows=30, drop=0.3).regions
    assert some.count == pytest.approx(840, abs=60)
    assert set(some.table["id"].tolist()) < set(full.regions.table["id"].tolist())


def test_stamps_stand_only_where_the_mask_is_high():
    mask = np.zeros((64, 64), np.float32)
    mask[:, :32] = 1
    found = call(tile_sampler, 64, 64, columns=8, rows=8, shift=0.0, mask=mask, **PLAIN).regions
    assert found.count == 32
    assert found.table["centroid"][:, 0].max() < 0.5


def test_stamps_lie_in_the_middles_of_their_cells_shifted_in_every_second_row():
    found = call(tile_sampler, 8, 8, columns=4, rows=6, shift=0.5, **PLAIN).regions.table["centroid"] % 1
    row, column = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    assert np.allclose(found[:, 1], (row + 0.5) / 6)
    assert np.allclose(found[:, 0], ((column + 0.5 + 0.5 * (row % 2)) / 4) % 1, atol=1e-6)


def test_an_odd_number_of_rows_closes_without_two_rows_in_line():
    found = call(tile_sampler, 8, 8, columns=4, rows=5, shift=0.5, **PLAIN).regions.table["centroid"]
    start = (found[:, 0].reshape(5, 4)[:, 0] * 4) % 1
    steps = (np.append(start[1:], start[0]) - start) % 1
    assert np.allclose(steps, steps[0], atol=1e-5)
    assert min(abs(steps[0] - 0.4), abs(steps[0] - 0.6)) < 1e-5


def test_maps_are_read_at_the_middle_of_each_stamp():
    ramp = np.tile((np.arange(64, dtype=np.float32) + 0.5) / 64, (64, 1))
    base = {"columns": 4, "rows": 4, "shift": 0.0, "form": "square", "breadth": 1.0, **PLAIN}
    middles = (np.arange(4) + 0.5) / 4
    scaled = call(tile_sampler, 64, 64, scale_map=ramp, **base).regions.table["bbox"][:4, 2]
    assert np.allclose(scaled, middles / 4, atol=1e-5)
    turned = call(tile_sampler, 64, 64, rotation_map=ramp, rotation_map_amount=90.0, **base).regions.table["angle"][:4]
    assert np.allclose(np.degrees(turned), 90 * middles, atol=1e-3)
    tall = call(tile_sampler, 64, 64, value_map=ramp, **base).height[8, 8::16]
    assert np.allclose(tall, middles, atol=1e-5)
    moved = call(
        tile_sampler, 64, 64, displacement_map=ramp, displacement=0.1, displacement_angle=90.0, **base
    ).regions.table["centroid"][:4]
    assert np.allclose(moved[:, 1] % 1, (0.125 - 0.1 * middles) % 1, atol=1e-5)
    sheet = call(stamp_source, 64, 64, a=(1 - np.floor(ramp * 4) / 8).astype(np.float32), columns=4)
    chosen = call(tile_sampler, 64, 64, stamps=sheet, picture_map=ramp, picture="map", **base).height[8, 8::16]
    assert np.allclose(chosen, [1, 0.875, 0.75, 0.625], atol=1e-5)


def test_the_later_stamp_lies_on_top_unless_the_order_is_reversed():
    base = {"columns": 3, "rows": 1, "form": "square", "length": 2.0, "breadth": 1.0, "blend": "over", **PLAIN}
    base |= {"relative_to": "cell", "value_by": "index", "shift": 0.0}
    plain = call(tile_sampler, 9, 36, **base).height[4]
    assert np.allclose(plain[[13, 22]], [0.5, 1])
    assert np.allclose(call(tile_sampler, 9, 36, reverse=True, **base).height[4][[13, 22]], [0, 0.5])


def test_pictures_follow_each_other_in_sequence():
    sheet = call(stamp_source, 8, 8, a=np.full((8, 8), 0.4, np.float32), b=np.full((8, 8), 0.8, np.float32))
    base = {"columns": 4, "rows": 1, "shift": 0.0, "breadth": 1.0, "relative_to": "cell", **PLAIN}
    assert np.allclose(
        call(tile_sampler, 32, 32, stamps=sheet, picture="sequence", **base).height[16, 4::8], [0.4, 0.8, 0.4, 0.8]
    )


def test_turning_one_randomness_on_leaves_the_others_as_they_are():
    plain = call(tile_sampler, 64, 64, seed=4, drop=0.3).regions.table
    turned = call(tile_sampler, 64, 64, seed=4, drop=0.3, rotation_jitter=300.0, value_jitter=1.0).regions.table
    assert np.array_equal(plain["id"], turned["id"])
    assert np.allclose((plain["centroid"] - turned["centroid"] + 0.5) % 1, 0.5, atol=1e-6)
    assert not np.array_equal(plain["angle"], turned["angle"])


# ---- at random ----


@given(st.integers(1, 300), st.sampled_from([(64.0, 64.0), (40.0, 90.0), (7.0, 200.0)]), st.floats(0, 30))
@settings(max_examples=60, deadline=None)
def test_no_two_points_lie_nearer_than_the_spacing_also_across_the_border(count, size, spacing):
    height, width = size
    x, y, number = strew(count, width, height, spacing, None, 5, 8)
    apart = on_the_torus(x.astype(float), y.astype(float), height, width) + 1e9 * np.eye(len(x))
    assert apart.min() >= spacing - 1e-4
    assert 1 <= len(x) <= count
    assert (np.diff(number) > 0).all()
    if spacing == 0:
        assert len(x) == count


def test_points_fall_where_the_mask_is_high_in_its_proportion():
    mask = np.zeros((10, 10), np.float32)
    mask[:, 2:4], mask[:, 7:9] = 1.0, 0.25
    x, y, _ = strew(4000, 10.0, 10.0, 0.0, mask, 1, 8)
    column = np.floor(x).astype(int)
    assert set(column.tolist()) == {2, 3, 7, 8}
    assert np.mean(column < 5) == pytest.approx(0.8, abs=0.03)
    assert np.histogram(y, bins=5, range=(0, 10))[0].min() > 600


@pytest.mark.parametrize("law", [0.0, 1.0, 2.5])
def test_the_number_above_a_size_falls_with_the_power_of_it(law):
    number = np.arange(5000)
    for seed in (1, 2):
        found = sizes(number, 5000, 2.0, 64.0, law, seed)
        assert (np.diff(found) < 1e-9).all()
        assert 2 <= found.min() <= found.max() <= 64
        for bound in (4, 8, 32):
            share = np.log(64 / bound) / np.log(32) if law == 0 else (bound**-law - 64**-law) / (2**-law - 64**-law)
            assert np.sum(found > bound) == pytest.approx(5000 * share, abs=2)


def test_a_splatter_has_as_many_stamps_as_are_thrown_where_there_is_room():
    assert call(splatter, 32, 32, count=700, spacing=0.0).regions.count == 700
    packed = call(splatter, 32, 32, count=700, spacing=0.1).regions
    assert 60 < packed.count < 125  # between loose and the closest packing of circles
    nothing = call(splatter, 32, 32, mask=np.zeros((32, 32), np.float32))
    assert nothing.regions.count == nothing.height.max() == nothing.mask.max() == 0


def test_a_bent_capsule_is_as_broad_as_a_straight_one_and_longer():
    areas = []
    for bend in (0.0, 0.3):
        one = Sprites(*(np.array([value]) for value in (100.0, 100.0, 120.0, 10.0, 0.7, 1.0, bend, 0)))
        flat = np.zeros((200, 200), np.float32)
        areas.append(drawn(place(one, "square", None, 200, 200), 200, 200, "max", flat)[1].sum())
    t = np.linspace(-0.5, 0.5, 2001)
    assert areas[0] == pytest.approx(1200, abs=2)
    assert areas[1] == pytest.approx(1200 * np.mean(np.hypot(1, 8 * 0.3 * t)), rel=0.05)


# ---- cones ----


def test_cones_are_the_highest_of_all_cones_and_end_at_their_skirt():
    height, width, count, seed, skirt = 60, 80, 40, 6, 0.2
    values = {"count": count, "smallest": 0.01, "largest": 0.2, "law": 1.0, "aspect_jitter": 1.5}
    found = call(cones, height, width, skirt=skirt, seed=seed, **values)
    x, y, number = strew(count, width, height, 0.0, None, seed, 8)
    radius = sizes(number, count, 0.01 * width, 0.2 * width, 1.0, stream(seed, SIZE))
    turn, stretch = (uniform_array(number, 1, stream(seed, use)) for use in (TURN, ASPECT))
    expected = highest_cone(x, y, radius, np.pi * turn, 1 + 1.5 * stretch, height, width, skirt * width)
    assert np.allclose(found.field * width, expected, atol=2e-3)
    assert found.field.min() >= -skirt - 1e-6
    assert np.array_equal(found.regions.labels > 0, found.field > 0)


def test_the_point_of_a_cone_is_the_way_to_its_middle():
    found = call(cones, 48, 64, count=9, smallest=0.05, largest=0.3, skirt=0.25, aspect_jitter=0.0)
    row, column = np.mgrid[:48, :64] + 0.5
    labels = found.regions.labels
    there = labels > 0
    x, y = (column / 64 + found.point[..., 0]) % 1, (row / 48 + found.point[..., 1]) % 1
    middle = found.regions.table["centroid"][labels[there] - 1] % 1
    assert np.allclose((np.stack([x, y], axis=2)[there] - middle + 0.5) % 1, 0.5, atol=1e-5)
    far = np.hypot(found.point[..., 0], found.point[..., 1] * 48 / 64)
    assert np.allclose(found.field[there] + far[there], sizes_of(found)[labels[there] - 1], atol=1e-5)


def sizes_of(found):
    return found.regions.table["bbox"][:, 2] / 2


def test_fewer_cones_never_raise_the_field_where_none_stands_near():
    low = np.zeros((32, 32), np.float32)
    assert np.all(call(cones, 32, 32, mask=low, skirt=0.1).field == f32(-0.1))


# ---- the same bits ----


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("function", [tile_sampler, splatter, cones])
def test_scatters_in_bands_change_no_bit(function, size):
    random = np.random.default_rng(0)
    maps = {socket.name for socket in function.node.sockets} - {"stamps", "offset"}
    pictures = {name: random.random(size).astype(np.float32) for name in maps}
    if function is not cones:
        pictures["stamps"] = call(stamp_source, 16, 16, a=random.random((16, 16)).astype(np.float32))
    for given_ in ({}, pictures, {"offset": random.normal(0, 0.1, (*size, 2)).astype(np.float32)}):
        whole = call(function, *size, seed=3, **given_)
        other = call(function, *size, bands=min(4, size[0]), seed=3, **given_)
        for a, b in zip(whole, other, strict=True):
            a, b = getattr(a, "labels", a), getattr(b, "labels", b)
            assert np.isfinite(a).all()
            assert np.array_equal(a, b)


@pytest.mark.parametrize("function", [tile_sampler, splatter, cones])
def test_the_table_of_regions_has_a_row_for_each_label_that_shows(function):
    found = call(function, 96, 128, seed=1)
    labels, table = found.regions.labels, found.regions.table
    assert len(np.unique(labels)) > 30
    assert labels.max() <= found.regions.count
    y, x = np.nonzero(labels)
    left, top, wide, high = table["bbox"][labels[y, x] - 1].T
    assert ((((x + 0.5) / 128 - left + 1 / 128) % 1) <= wide + 2 / 128).all()
    assert ((((y + 0.5) / 96 - top + 1 / 96) % 1) <= high + 2 / 96).all()
