"""Numbers about the pictures on a graph's wires, and the warnings that go with them."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from materials.errors import UsageError
from materials.render import Graph, load, run
from materials.statistics import of_graph, statistics
from tests.build import document

RANDOM = np.random.default_rng(2)


def one(image: np.ndarray, **more):
    return statistics("x", np.asarray(image, np.float32), **more)[0]


def test_the_numbers_are_those_of_the_picture():
    image = RANDOM.random((40, 50), dtype=np.float32)
    image[:4] = 0
    found = one(image)
    assert found.mean == pytest.approx(image.mean(dtype=np.float64))
    assert found.sigma == pytest.approx(image.std(dtype=np.float64))
    assert (found.minimum, found.maximum) == (image.min(), image.max())
    assert found.percentiles[50] == pytest.approx(np.median(image))
    assert found.at_zero == pytest.approx(0.1)
    assert found.at_one == 0


def test_colours_and_fields_are_told_by_channel():
    assert [s.channel for s in statistics("c", RANDOM.random((8, 8, 3), dtype=np.float32))] == ["r", "g", "b"]
    assert [s.channel for s in statistics("f", RANDOM.random((8, 8, 2), dtype=np.float32))] == ["x", "y"]


@pytest.mark.parametrize(
    ("image", "warning"),
    [
        (np.full((32, 32), 0.3), "constant, 0.3"),
        (np.full((32, 32), 0.3) + np.linspace(0, 1e-3, 32), "nearly constant"),
        (np.eye(256)[:, :256] * (np.arange(256) < 3), "all but empty"),
        (1 - np.eye(256) * (np.arange(256) < 3), "all but full"),
        (np.clip(RANDOM.normal(0.1, 0.2, (64, 64)), 0, 1), "lie at 0"),
        (np.clip(RANDOM.normal(0.9, 0.2, (64, 64)), 0, 1), "lie at 1"),
        (RANDOM.normal(0.5, 0.5, (64, 64)), "outside 0 to 1"),
    ],
)
def test_what_is_constant_or_clipped_is_warned_of(image, warning):
    assert any(warning in text for text in one(image).warnings)


def test_sound_pictures_and_hard_masks_are_not_warned_of():
    noise = run("fbm", size=128)
    assert one(noise).warnings == ()
    assert one(noise > 0.5).warnings == ()
    assert one(run("bricks", size=128).mask).warnings == ()


def test_tones_by_region_differ_between_and_not_within():
    bricks = run("bricks", size=128)
    tones = run("region_random", bricks.regions, background=0.5)
    found = one(tones, regions=bricks.regions).regions
    values = [tones[bricks.regions.labels == label].mean() for label in range(1, bricks.regions.count + 1)]
    assert found.count == len(values)
    assert found.between == pytest.approx(np.std(values), abs=1e-6)
    assert found.within == pytest.approx(0, abs=1e-4)
    assert (found.lowest, found.highest) == (pytest.approx(min(values)), pytest.approx(max(values)))


def test_a_graph_tells_its_maps_or_what_is_asked_or_everything():
    made = Graph(document({"a": "fbm", "b": "voronoi", "c": "blur", "d": "blur"}, "a.out -> c.image"))
    assert {s.name for s in of_graph(made, ["a", "b.edge"], 32)} == {"a", "b.edge"}
    every = {s.name for s in of_graph(made, size=32, every=True)}
    assert every == {"a.out", "b.f1", "b.f2", "b.edge", "b.id", "b.point", "c.out"}  # d is fed by nothing
    wall = of_graph(load("brick_wall"), size=64)
    assert {"base_color", "roughness", "height"} <= {s.name for s in wall}


def test_regions_must_be_regions():
    with pytest.raises(UsageError, match="makes no regions"):
        of_graph(load("brick_wall"), ["height"], 32, regions="roughness")


def test_the_command_line_prints_a_table_or_json():
    command = [sys.executable, "-m", "materials.cli", "inspect", "brick_wall", "height", "-s", "64"]
    command += ["--regions", "bricks.regions"]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert table[0].split()[:2] == ["mean", "sigma"]
    assert table[1].startswith("height")
    data = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    assert data[0]["name"] == "height"
    assert data[0]["regions"]["count"] > 10
    assert float(table[1].split()[1]) == pytest.approx(data[0]["mean"], rel=0.01)


@pytest.mark.parametrize("image", [np.zeros((0, 4), np.float32), np.full((4, 4), np.inf, np.float32)])
def test_what_has_no_numbers_has_no_statistics(image):
    with pytest.raises(UsageError, match="x "):
        statistics("x", image)
