"""Boards, the rings of their logs, and what follows their grain."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.arrays import Regions
from nodes.kernels.hash import hash_array, stream
from nodes.kernels.lattice import SIGMA
from nodes.procedural.grain import local_noise, spindles
from nodes.procedural.wood import TALLY, WIDTH, _years, growth_rings, planks, stratified
from tests.references.calling import call


def boards(size=256, **given):
    return call(planks, size, size, **{"rows": 4, "fewest": 1, "most": 2, "seed": 3, **given})


def halves(height, width, ids=(11, 12)):
    """Return two regions side by side, and places in them that are the same in both."""
    labels = np.ones((height, width), np.int32)
    labels[:, width // 2 :] = 2
    box = np.array([[0, 0, 0.5, 1], [0.5, 0, 0.5, 1]], np.float32)
    table = {"id": np.array(ids, np.uint32), "bbox": box, "centroid": box[:, :2], "area": box[:, 2], "angle": box[:, 0]}
    v, u = np.mgrid[0:height, 0:width]
    local = np.stack([(u % (width // 2) + 0.5) / width - 0.25, ((v + 0.5) / height - 0.5) * height / width], axis=2)
    return Regions(labels, table), np.ascontiguousarray(local, np.float32)


# ---- boards ----


def test_the_tones_of_boards_are_spread_evenly():
    pattern = boards(rows=6, most=3)
    tones = np.sort(np.unique(pattern.random))
    assert len(tones) == pattern.regions.count
    assert np.array_equal(np.floor(tones * len(tones)), np.arange(len(tones)))


def test_strata_hold_one_member_each_in_an_order_that_the_seed_shuffles():
    ids = hash_array(np.arange(9), 0, 5)
    one, other = stratified(ids, 1), stratified(ids, 2)
    assert sorted(np.floor(one * 9)) == list(range(9))
    assert list(np.argsort(one)) != list(np.argsort(other))


# ---- growth rings ----


def test_years_follow_one_another_outwards_and_are_as_broad_as_asked_in_the_mean():
    for jitter in (0.0, 0.4, 1.0):
        starts = _years(32, 400, jitter, 3)
        widths = np.diff(starts, axis=1)
        assert widths.min() > 0.05
        assert widths.mean() == pytest.approx(1, abs=0.03)
        assert widths.std() == pytest.approx(0.6 * jitter, abs=0.05)


@pytest.mark.parametrize("year_jitter", [0.0, 1.0])
def test_a_ring_is_the_place_of_the_radius_between_two_years(year_jitter):
    width, seed = 0.011, 4
    rings = call(growth_rings, 96, 96, ring_width=width, year_jitter=year_jitter, seed=seed)
    own = width * (0.72 + 0.56 * stratified(np.zeros(1, np.uint32), stream(seed, WIDTH))[0])
    starts = _years(1, 200, year_jitter, seed)[0]
    s = rings.radius.astype(np.float64) / own
    year = np.searchsorted(starts, s, side="right") - 1
    place = (s - starts[year]) / (starts[year + 1] - starts[year])
    assert np.quantile(np.abs((place - rings.ring + 0.5) % 1 - 0.5), 0.999) < 1e-3
    assert year.max() > 20


def test_one_tone_belongs_to_one_ring():
    rings = call(growth_rings, 128, 128, ring_width=0.02)
    order = np.argsort(rings.radius.reshape(-1))
    changes = np.count_nonzero(np.diff(rings.random.reshape(-1)[order]))
    ends = np.count_nonzero(np.diff(rings.ring.reshape(-1)[order]) < -0.3)
    assert abs(changes - ends) <= 2
    assert changes > 5


@pytest.mark.parametrize("waviness", [0.0, 1.0])
def test_the_grain_never_folds_outside_a_knot(waviness):
    pattern = boards(rows=3, most=1)
    for seed in range(6):
        rings = call(
            growth_rings, 256, 256, regions=pattern.regions, knots=6.0, quarter_sawn=0.0, waviness=waviness, seed=seed
        )
        labels, across = pattern.regions.labels, rings.flow[..., 1]
        inside = (
            (labels[1:] == labels[:-1]) & (labels[1:] > 0) & (rings.knot[1:] > 1.3 / 8) & (rings.knot[:-1] > 1.3 / 8)
        )
        assert inside.mean() > 0.5
        assert np.diff(across, axis=0)[inside].min() > 0


def test_knots_stand_in_flat_sawn_boards_only_and_their_number_is_the_one_asked_for():
    pattern = boards(rows=6, most=1)
    none = call(growth_rings, 256, 256, regions=pattern.regions, knots=4.0, quarter_sawn=1.0)
    assert (none.knot == 1).all()
    assert none.tangential.mean() < 0.3
    counts = []
    for seed in range(8):
        some = call(
            growth_rings, 256, 256, regions=pattern.regions, knots=3.0, knot_size=0.02, quarter_sawn=0.0, seed=seed
        )
        counts.append(len(np.unique(some.knot_size)) - 1)
        assert some.knot_size[some.knot_size > 0].min() > 0.14
        assert some.knot_size.max() <= 1
    assert np.mean(counts) == pytest.approx(3 * 6, rel=0.2)


def test_a_log_without_boards_closes_upon_itself():
    rings = call(growth_rings, 192, 128, knots=4.0, quarter_sawn=0.0, seed=2)
    for picture in (rings.radius, rings.late, rings.knot):
        for axis in (0, 1):
            steps = np.abs(np.diff(picture, axis=axis)).max()
            seam = np.abs(np.take(picture, 0, axis) - np.take(picture, -1, axis)).max()
            assert seam <= steps


def test_regions_of_one_id_hold_the_same_pattern_and_others_begin_anew():
    same, local = halves(48, 128, ids=(11, 11))
    apart, _ = halves(48, 128)
    for function in (local_noise, spindles):
        one = call(function, 48, 128, coordinates=local, regions=same)
        two = call(function, 48, 128, coordinates=local, regions=apart)
        assert np.array_equal(one[:, :64], one[:, 64:])
        assert not np.allclose(two[:, :64], two[:, 64:], atol=0.05)


def test_more_boards_than_tables_of_years_share_them():
    pattern = boards(rows=24, fewest=8, most=8, size=96)
    assert pattern.regions.count > TALLY
    rings = call(growth_rings, 96, 96, regions=pattern.regions)
    assert np.isfinite(rings.late).all()


def test_woods_keep_their_mean_at_every_size():
    pattern = {size: boards(size=size) for size in (96, 768)}
    small, large = (call(growth_rings, size, size, regions=pattern[size].regions, knots=0.0) for size in (96, 768))
    for name in ("late", "early"):
        one, other = getattr(small, name), getattr(large, name)
        assert one.mean() == pytest.approx(other.mean(), abs=0.015)
        assert one.std() < 0.8 * other.std()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (7, 13), (64, 48)])
def test_grain_in_bands_changes_no_bit(size):
    regions, local = halves(*size) if size[1] > 1 else (None, None)
    for function in (growth_rings, local_noise, spindles):
        name = "local" if function is growth_rings else "coordinates"
        for given in ({}, {"regions": regions, name: local}):
            whole, banded = call(function, *size, **given), call(function, *size, bands=min(4, size[0]), **given)
            parts = zip(whole, banded, strict=True) if isinstance(whole, tuple) else [(whole, banded)]
            assert all(np.array_equal(one, other) for one, other in parts)


# ---- what follows the grain ----


def slow_octave(size, across, down, seed):
    """Return one octave of noise whose lattice rows are shifted each by its own amount; `seed` is its own stream."""
    v, u = (np.mgrid[0:size, 0:size] + 0.5) / size
    v = (v + (hash_array(3, 5, seed) & 0xFFFF) / 65536) % 1 * down
    top = np.floor(v).astype(int)

    def fade(t):
        return t**3 * (6 * t**2 - 15 * t + 10)

    def row(number, below):
        t = u * across + (hash_array(number, 77, seed) & 0xFFFF) / 65536
        cell, x = np.floor(t).astype(int), t % 1
        ends = []
        for right in (0, 1):
            angle = np.pi * ((hash_array((cell + right) % across, number, seed) & 0xFFFF) / 32768 - 1)
            ends.append(np.cos(angle) * (x - right) + np.sin(angle) * (v - top - below))
        return ends[0] + fade(x) * (ends[1] - ends[0])

    upper, lower = row(top % down, 0), row((top + 1) % down, 1)
    return upper + fade(v - top) * (lower - upper)


def test_noise_is_the_sum_of_octaves_with_shifted_rows():
    found = call(local_noise, 64, 64, cells_x=2, cells_y=5, octaves=3, gain=0.6, spread=0.2, seed=5)
    slow = sum(0.6**k * slow_octave(64, 2 * 2**k, 5 * 2**k, stream(5, k)) for k in range(3))
    scale = 0.2 / (SIGMA["perlin"] * np.sqrt(sum(0.36**k for k in range(3))))
    assert np.allclose(found, 0.5 + scale * slow, atol=3e-3)


def test_noise_has_its_spread_at_any_stretch():
    for cells_x, cells_y, gain in ((40, 160, 0.6), (8, 200, 0.3), (120, 30, 0.9)):
        found = [
            call(local_noise, 512, 512, cells_x=cells_x, cells_y=cells_y, octaves=1, gain=gain, spread=0.2, seed=seed)
            for seed in range(3)
        ]
        assert np.mean(found) == pytest.approx(0.5, abs=0.005)
        assert np.std(found) == pytest.approx(0.2, rel=0.05)


def test_noise_tiles_where_its_coordinates_do():
    v, u = np.mgrid[0:64, 0:64] / 64
    once = np.stack([u, v], axis=2).astype(np.float32)
    again = once + np.float32(3) * np.array([1, -1], np.float32)
    assert np.allclose(
        call(local_noise, 64, 64, coordinates=once), call(local_noise, 64, 64, coordinates=again), atol=1e-3
    )


def slow_spindles(height, width, across, down, length, spread, thick, lean, soft, weakest, amount, seed, swapped):
    """Return spindles by asking all cells of the tile, and their copies, at every pixel."""
    one, other = stream(seed, 0), stream(seed, 1)
    j, i = np.mgrid[0:down, 0:across]
    h, g = hash_array(i, j, one), hash_array(i, j, other)
    x0, y0 = i + (h & 0xFFFF) / 65536, j + (h >> 16) / 65536
    if swapped:
        x0, y0 = i + (h >> 16) / 65536, j + (h & 0xFFFF) / 65536
    chance, r = (g & 0xFFFF) / 65536, (g >> 16) / 65536
    long = length * (1 - spread * (1 - r * r))
    half = thick * np.sqrt(long / length)
    strength = weakest + (1 - weakest) * ((r * np.float32(7.31) + chance * np.float32(13.7)) % 1)
    sure = np.clip((amount - chance) * 12 + 0.5, 0, 1)
    pixel = (across / width, down / height)
    out = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            dx = ((x + 0.5) / width * across - x0 + across / 2) % across - across / 2
            dy = ((y + 0.5) / height * down - y0 + down / 2) % down - down / 2
            px, py = pixel
            if swapped:
                dx, dy, px, py = dy, dx, py, px
            seen = np.maximum(long, px / 2)
            wide = half * np.maximum(1 - (dx / seen) ** 2, 0)
            p = np.maximum(py, soft * wide)
            d = dy + lean * dx
            cover = np.maximum(np.minimum(wide, d + p / 2) - np.maximum(-wide, d - p / 2), 0) / p
            out[y, x] = 1 - np.prod(1 - strength * long / seen * sure * cover)
    return out


@pytest.mark.parametrize("direction", ["along", "across"])
@pytest.mark.parametrize("size", [(40, 48), (10, 12)])
def test_four_cells_hold_all_spindles_that_touch_a_pixel(direction, size):
    made = call(
        spindles, *size, cells_x=4, cells_y=6, direction=direction, amount=0.8, length=1.0, length_jitter=0.5,
        thickness=0.6, lean=0.3, softness=0.4, strength_jitter=0.7, seed=3,
    )  # fmt: skip
    down = max(1, round(6 * size[0] / size[1]))
    slow = slow_spindles(*size, 4, down, 0.5, 0.5, 0.3, 0.3, 0.8, 0.3, 0.8, 3, direction == "across")
    assert np.abs(made - slow).max() < 2e-3
    assert made.std() > 0.05


def test_spindles_thinner_than_a_pixel_keep_their_cover():
    given = {"cells_x": 40, "cells_y": 300, "thickness": 0.35, "seed": 1}
    fine = call(spindles, 1024, 1024, **given)
    for size in (512, 256, 128):
        coarse = call(spindles, size, size, **given)
        assert coarse.mean() == pytest.approx(fine.mean(), rel=0.02)
        assert coarse.max() < 1


def test_density_thins_spindles_out_rather_than_dimming_them():
    given = {"cells_x": 12, "cells_y": 24, "amount": 1.0, "strength_jitter": 0.0}
    full = call(spindles, 256, 256, **given)
    half = call(spindles, 256, 256, density=np.full((256, 256), 0.5, np.float32), **given)
    assert half.mean() == pytest.approx(full.mean() / 2, rel=0.15)
    assert half.max() > 0.95 * full.max()
    assert not call(spindles, 64, 64, density=np.zeros((64, 64), np.float32)).any()
