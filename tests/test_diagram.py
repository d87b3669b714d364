"""The Voronoi diagram behind cellular noise: its regions tile the torus, and its neighbours are all there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nodes.kernels.diagram import CORNERS, diagram
from nodes.procedural.noise import voronoi
from tests.references import noise as reference
from tests.references.calling import call

LATTICES = [(1, 1), (1, 3), (2, 2), (5, 3), (8, 8), (40, 17)]


@pytest.mark.parametrize("lattice", LATTICES)
@pytest.mark.parametrize("jitter", [0.0, 0.3, 1.0])
def test_the_regions_fill_the_torus_once(lattice, jitter):
    made = diagram(*lattice, (5, 6), jitter)
    assert made.measures[:, 0].sum() == pytest.approx(lattice[0] * lattice[1], rel=1e-6)
    assert (made.measures[:, 0] > 0).all()


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**31), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_neighbours_are_mutual_and_six_on_average(across, down, seed, jitter):
    made = diagram(across, down, (seed, 1), jitter)
    owner = np.repeat(np.arange(across * down), np.diff(made.first))
    forth = sorted(zip(owner, made.target, made.right, made.below, strict=True))
    back = sorted(zip(made.target, owner, -made.right, -made.below, strict=True))
    assert forth == back
    # Six by Euler's formula; in regular lattices four regions may meet in a corner.
    regular = jitter < 0.01 or min(across, down) < 3
    assert made.first[-1] <= (8 if regular else 6) * across * down
    assert np.diff(made.first).max() < CORNERS // 2


def test_every_pair_of_regions_that_touch_in_a_fine_picture_is_a_pair_of_neighbours():
    regions = call(voronoi, 400, 400, cells=7, seed=9).regions
    labels = regions.labels
    seen = set()
    for axis in (0, 1):
        one, other = labels, np.roll(labels, -1, axis)
        apart = one != other
        seen |= {tuple(sorted(pair)) for pair in zip(one[apart].tolist(), other[apart].tolist(), strict=True)}
    named = {tuple(pair) for pair in regions.neighbours.tolist()}
    assert seen <= named
    assert len(named - seen) <= 3  # borders shorter than a pixel


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("size", [(48, 48), (40, 72)])
def test_labels_points_and_tones_belong_to_the_nearest_point(size, moved):
    height, width = size
    across, down = 6, max(1, round(6 * height / width))
    offset = np.zeros((height, width, 2), np.float32) if moved else None
    cells = call(voronoi, height, width, cells=6, seed=2, offset=offset)
    f1, f2, edge, tone = reference.voronoi(height, width, across, down, 1.0, "euclidean", 2)
    clear = f2 - f1 > 1e-4
    assert np.allclose(np.hypot(cells.point[..., 0] * across, cells.point[..., 1] * down), f1, atol=2e-6)
    assert np.allclose(cells.id[clear], tone[clear], atol=1e-6)
    assert np.allclose(cells.edge, edge, atol=2e-6)
    assert np.allclose(cells.f2, f2, atol=4e-6)
    tones = {}
    for label, value in zip(cells.regions.labels[clear].tolist(), cells.id[clear].tolist(), strict=True):
        assert tones.setdefault(label, value) == value


def test_coordinates_far_outside_the_tile_find_the_same_regions():
    places = np.random.default_rng(3).uniform(-0.5, 0.5, (64, 64, 2)).astype(np.float32)
    near, far = (call(voronoi, 64, 64, cells=5, offset=places + np.float32(shift)) for shift in (0, 3))
    assert np.mean(np.abs(near.f1 - far.f1) > 1e-4) == 0
    assert np.mean(near.regions.labels != far.regions.labels) < 1e-3


def test_the_table_is_what_the_labels_show():
    regions = call(voronoi, 512, 512, cells=6, seed=4).regions
    counts = np.bincount(regions.labels.reshape(-1), minlength=regions.count + 1)[1:]
    assert np.allclose(counts / 512**2, regions.table["area"], atol=1e-3)
    y, x = np.mgrid[0:512, 0:512]
    for label in range(1, regions.count + 1):
        here = regions.labels == label
        angle = np.angle(np.exp(2j * np.pi * (x[here] + 0.5) / 512).mean()) / (2 * np.pi) % 1
        apart = abs(angle - regions.table["centroid"][label - 1, 0] % 1)
        assert min(apart, 1 - apart) < 0.01
