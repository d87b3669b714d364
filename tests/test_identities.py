"""Nodes that undo each other, or do nothing at some setting."""

from __future__ import annotations

import numpy as np
import pytest

from materials.render import run
from nodes.arrays import MAPS
from nodes.declare import Kind

RANDOM = np.random.default_rng(5)
GRAY, OTHER = (RANDOM.random((40, 56), np.float32) for _ in range(2))
COLOR = RANDOM.random((40, 56, 3), np.float32)


@pytest.mark.parametrize("amount", [-1.0, 0.25, 1.0])
def test_a_flow_of_two_pictures_has_them_as_its_parts(amount):
    x, y = run("split_flow", run("to_flow", GRAY, OTHER, amount=amount))
    assert np.allclose(x, (GRAY - 0.5) * amount, atol=1e-6)
    assert np.allclose(y, (OTHER - 0.5) * amount, atol=1e-6)


@pytest.mark.parametrize("image", [GRAY, COLOR])
@pytest.mark.parametrize("amount", [1.0, -2.0])
def test_a_warp_by_whole_pixels_rolls_the_picture(image, amount):
    flow = np.empty((40, 56, 2), np.float32)
    flow[:] = (3 / 56, -5 / 40)
    moved = run("vector_warp", image, flow, amount=amount)
    assert np.allclose(moved, np.roll(image, (round(5 * amount), round(-3 * amount)), (0, 1)), atol=2e-4)


def test_a_warp_to_the_points_of_cells_gives_each_cell_one_value():
    cells = run("voronoi", size=(96, 96), cells=5, seed=3)
    found = run("vector_warp", run("fbm", size=(96, 96), cells=3), cells.point)
    spread = [np.ptp(found[cells.regions.labels == label]) for label in range(1, 26)]
    assert max(spread) < 1e-3
    assert len({round(float(found[cells.regions.labels == label][0]), 3) for label in range(1, 26)}) > 15


def test_a_material_made_of_maps_has_them_as_its_parts():
    maps = {name: COLOR if kind is Kind.COLOR else GRAY for name, (kind, _) in MAPS.items()}
    parts = run("split_material", run("make_material", **maps))._asdict()
    assert all(np.array_equal(parts[name], image) for name, image in maps.items())


def test_a_material_without_a_map_gives_its_neutral_value():
    parts = run("split_material", run("make_material", height=GRAY))._asdict()
    assert np.array_equal(parts["height"], GRAY)
    for name, (_, neutral) in MAPS.items():
        if name != "height":
            assert np.allclose(parts[name], neutral)


def test_the_gray_of_a_gray_colour_is_that_gray():
    assert np.allclose(run("to_grayscale", np.repeat(GRAY[..., None], 3, axis=2)), GRAY, atol=1e-6)


def test_one_colour_is_everywhere():
    assert np.allclose(run("uniform_color", size=(7, 5), color=(0.1, 0.2, 0.3)), (0.1, 0.2, 0.3))


def test_places_in_a_region_run_from_0_to_1_over_its_box():
    cells = run("voronoi", size=(128, 128), cells=4, seed=1)
    places = run("region_uv", cells.regions)
    for label in range(1, cells.regions.count + 1):
        here = places[cells.regions.labels == label]
        assert (np.abs(here.min(axis=0)) < 0.06).all()
        assert (np.abs(here.max(axis=0) - 1) < 0.06).all()


def test_a_range_onto_itself_changes_nothing():
    assert np.allclose(run("remap", GRAY, in_low=0.0, in_high=1.0, out_low=0.0, out_high=1.0), GRAY, atol=1e-6)
    turned = run("remap", GRAY, in_low=0.0, in_high=1.0, out_low=1.0, out_high=0.0)
    assert np.allclose(turned, 1 - GRAY, atol=1e-6)
