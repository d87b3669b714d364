"""Stones, mortared cells and hexagons: packings of weighted points."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.packing import SOFT_REACH, draw_packing, measure_packing, neighbours_of, pack, relax
from nodes.procedural.noise import voronoi
from nodes.procedural.packing import cobble_packing, hexagon_tiles, mortar_cells
from tests.references.calling import call

NODES = [cobble_packing, mortar_cells, hexagon_tiles]


def scattered(count, ratio, spread, seed=0):
    random = np.random.default_rng(seed)
    points = (random.random((count, 2)) * (1, ratio)).astype(np.float32)
    return points, ((random.random(count) - 0.5) * spread * ratio / count).astype(np.float32)


def reference(points, weights, ratio, softness, height, width):
    """Return depth and owner at every pixel, from all the borders between the points of 49 tiles."""
    y, x = (np.mgrid[0:height, 0:width] + 0.5) / np.array([height / ratio, width])[:, None, None]
    shifts = [(i, j * ratio) for j in range(-3, 4) for i in range(-3, 4)]
    sites = np.concatenate([points.astype(np.float64) + shift for shift in shifts])
    heavy = np.tile(weights.astype(np.float64), len(shifts))
    power = (x[..., None] - sites[:, 0]) ** 2 + (y[..., None] - sites[:, 1]) ** 2 - heavy
    owner = power.argmin(-1)
    depth = np.empty((height, width))
    for row in range(height):
        for column in range(width):
            best = owner[row, column]
            away = np.delete(np.hypot(*(sites - sites[best]).T), best)
            t = (np.delete(power[row, column], best) - power[row, column, best]) / (2 * away)
            depth[row, column] = t.min()
            if softness:
                total = np.maximum(1 - (t - t.min()) / softness / SOFT_REACH, 0) ** 8
                depth[row, column] -= softness * np.log(total.sum())
    return depth, owner % len(points)


@pytest.mark.parametrize(("count", "ratio"), [(1, 1.0), (2, 1.0), (3, 0.5), (7, 2.0), (40, 1.0), (60, 0.25)])
@pytest.mark.parametrize(("spread", "softness"), [(0.0, 0.0), (0.8, 0.1), (1.6, 0.0)])
def test_a_packing_is_the_power_diagram_of_its_points_in_all_tiles(count, ratio, spread, softness):
    points, weights = scattered(count, ratio, spread, seed=count)
    softness *= np.sqrt(ratio / count)
    packing = pack(points, weights, ratio, softness)
    height, width = max(1, round(32 * ratio)), 32
    depth, cell = draw_packing(packing, 0, height, height, width)
    expected, owner = reference(points, weights, ratio, softness, height, width)
    assert np.abs(depth - expected).max() < 1e-5
    assert (cell == owner).all()


def test_neighbours_are_the_cells_that_share_a_border():
    points, weights = scattered(30, 1.0, 0.4, seed=5)
    packing = pack(points, weights, 1.0)
    _, cell = draw_packing(packing, 0, 1024, 1024, 1024)
    found = set()
    for axis in (0, 1):
        pairs = np.sort(np.stack([cell.reshape(-1), np.roll(cell, 1, axis).reshape(-1)], axis=1) + 1, axis=1)
        found |= {tuple(pair) for pair in pairs[pairs[:, 0] != pairs[:, 1]].tolist()}
    exact = {tuple(pair) for pair in neighbours_of(packing).tolist()}
    # A side shorter than a pixel has no pixels on both its sides; where four cells nearly meet, two touch by a corner.
    assert len(exact ^ found) <= 3
    # Euler: on a torus cells that meet by threes have six sides on average. A light point's cell may be empty.
    assert len(exact) == 3 * len(np.unique(cell))


def test_relaxing_makes_cells_more_alike():
    points, weights = scattered(60, 1.0, 0.0)
    xs, ys = points.astype(np.float64).T.copy()
    before = measure_packing(pack(points, weights, 1.0), 0.0)["area"].std()
    for _ in range(8):
        relax(xs, ys, weights.astype(np.float64), 1.0, 96, 96, 0.9)
    after = measure_packing(pack(np.stack([xs, ys], axis=1), weights, 1.0), 0.0)["area"].std()
    assert after < 0.4 * before


@pytest.mark.parametrize("function", NODES)
@pytest.mark.parametrize("size", [(200, 200), (96, 240), (240, 60)])
def test_the_table_of_stones_agrees_with_their_pixels(function, size):
    stones = call(function, *size, seed=3)
    labels, table = stones.regions.labels, stones.regions.table
    counts = np.bincount(labels.reshape(-1), minlength=stones.regions.count + 1)[1:]
    assert np.allclose(counts / labels.size, table["area"], atol=2e-3)
    assert table["area"].sum() == pytest.approx(stones.mask.mean(), abs=0.015)
    largest = int(np.argmax(counts))
    y, x = np.nonzero(labels == largest + 1)
    left, top, wide, high = table["bbox"][largest]
    slack = 2 / np.array(size) + 0.01
    assert ((((x + 0.5) / size[1] - left + slack[1]) % 1) <= wide + 2 * slack[1]).all()
    assert ((((y + 0.5) / size[0] - top + slack[0]) % 1) <= high + 2 * slack[0]).all()
    assert len(np.unique(table["id"])) == stones.regions.count


@pytest.mark.parametrize("function", NODES)
def test_stones_without_gap_fill_the_tile(function):
    stones = call(function, 128, 128, gap=0.0, rounding=0.0)
    assert (stones.regions.labels > 0).mean() > 0.999
    assert stones.regions.table["area"].sum() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("function", NODES)
def test_stones_moved_by_an_offset_go_on_across_the_border(function):
    offset = np.zeros((80, 120, 2), np.float32)
    offset[:] = (33 / 120, 51 / 80)
    here, there = call(function, 80, 120), call(function, 80, 120, offset=offset)
    for name in ("height", "edge", "mask"):
        assert np.abs(np.roll(getattr(here, name), (-51, -33), (0, 1)) - getattr(there, name)).max() < 2e-3, name


def test_mortar_cells_are_those_of_voronoi():
    cells = call(mortar_cells, 120, 120, cells=6, jitter=0.9, rounding=0.0, seed=4)
    noise = call(voronoi, 120, 120, cells=6, jitter=0.9, seed=4)
    # Squares, as deep in cells as in sixths of the width.
    assert np.allclose(cells.edge * 6, noise.edge, atol=2e-3)
    assert np.allclose(np.hypot(*np.moveaxis(cells.local, 2, 0)) * 6, noise.f1, atol=2e-3)


@pytest.mark.parametrize("size", [(90, 90), (60, 120)])
def test_hexagons_are_alike_and_each_has_six_neighbours(size):
    regions = call(hexagon_tiles, *size, columns=6).regions
    assert np.bincount(regions.neighbours.reshape(-1))[1:].tolist() == [6] * regions.count
    assert np.ptp(regions.table["area"]) < 0.05 * regions.table["area"].mean()


def test_facets_only_cut_and_leave_joints_alone():
    plain, cut = call(cobble_packing, 128, 128, facets=0), call(cobble_packing, 128, 128, facets=4, facet_depth=0.6)
    assert (cut.height <= plain.height + 1e-6).all()
    assert np.array_equal(plain.mask, cut.mask)
    assert 0.02 < np.mean(plain.height - cut.height) < 0.3


def test_turning_rounding_or_facets_on_leaves_stones_where_they_are():
    plain = call(cobble_packing, 64, 64, rounding=0.0, facets=0)
    other = call(cobble_packing, 64, 64, rounding=1.0, facets=6)
    assert np.array_equal(plain.random, other.random)
    assert np.array_equal(plain.local, other.local)


@pytest.mark.parametrize("size", [(1, 1), (1, 64), (64, 1), (3, 200)])
@pytest.mark.parametrize("function", NODES)
def test_stones_on_odd_tiles_stay_finite(function, size):
    stones = call(function, *size, seed=2)
    assert all(np.isfinite(part).all() for part in (stones.height, stones.mask, stones.edge, stones.local))
    assert all(np.isfinite(column).all() for column in stones.regions.table.values())


@pytest.mark.parametrize("gap", [0.0, 0.001, 0.004])
def test_joints_thinner_than_a_pixel_fade_by_how_much_they_cover(gap):
    fine, coarse = (call(hexagon_tiles, size, size, columns=4, gap=gap).mask for size in (2048, 128))
    assert coarse.mean() == pytest.approx(fine.mean(), abs=1e-3)
    assert coarse.min() > 1 - 128 * gap * 2 - 1e-3


def test_rounded_corners_are_no_stone_even_without_a_gap():
    stones = call(cobble_packing, 256, 256, gap=0.0, rounding=1.0)
    assert stones.mask[stones.edge < -1 / 256].max() < 1e-6
    assert stones.mask.min() < 1e-6
