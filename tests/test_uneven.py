"""Patterns of rectangles of unlike size: stones in a wall, panels with bolts."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.procedural.pattern import panels, uneven_bricks
from tests.references.calling import call

RULES = ("ashlar", "coursed", "broken")


def once(pattern):
    """Return how many boxes of the table each pixel lies in."""
    height, width = pattern.regions.labels.shape
    box = pattern.regions.table["bbox"].astype(np.float64)[:, :, None, None]
    y, x = (np.mgrid[0:height, 0:width] + 0.5) / np.array([height, width])[:, None, None]
    return (((x - box[:, 0]) % 1 < box[:, 2]) & ((y - box[:, 1]) % 1 < box[:, 3])).sum(0)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("columns", "rows"), [(12, 10), (5, 7), (1, 1), (2, 9)])
def test_stones_of_every_rule_fill_the_tile_once(rule, seed, columns, rows):
    plain = {"mortar": 0.0, "rounding": 0.0, "length_jitter": 0.5, "row_jitter": 0.5}
    pattern = call(uneven_bricks, 150, 190, rule=rule, seed=seed, columns=columns, rows=rows, **plain)
    assert pattern.regions.table["area"].sum() == pytest.approx(1, abs=1e-5)
    assert (once(pattern) == 1).mean() > 0.98


@pytest.mark.parametrize("rule", RULES)
def test_no_stone_is_larger_than_it_may_be(rule):
    plain = {"mortar": 0.0, "rounding": 0.0, "length_jitter": 0.0, "row_jitter": 0.0, "rounding_jitter": 0.0}
    box = call(uneven_bricks, 16, 16, rule=rule, columns=16, rows=12, longest=3, tallest=2, **plain).regions.table[
        "bbox"
    ]
    wide, high = box[:, 2] * 16, box[:, 3] * 12
    assert wide.max() == pytest.approx(3, abs=1e-4)
    assert high.max() == pytest.approx(2, abs=1e-4)
    assert np.allclose(wide, np.rint(wide), atol=1e-3)


def test_joints_of_courses_seldom_meet_those_of_the_course_above():
    plain = {"mortar": 0.0, "rounding": 0.0, "length_jitter": 0.0, "row_jitter": 0.0, "rounding_jitter": 0.0}
    box = call(uneven_bricks, 8, 8, rule="coursed", columns=24, rows=16, longest=6, **plain).regions.table["bbox"]
    joints = {round(float(top), 3): set(np.rint(box[box[:, 1] == top, 0] * 24) % 24) for top in np.unique(box[:, 1])}
    courses = [joints[top] for top in sorted(joints)]
    shared = sum(len(a & b) for a, b in zip(courses, courses[1:] + courses[:1], strict=True))
    assert shared <= 0.1 * sum(map(len, courses))


@pytest.mark.parametrize("rule", RULES)
def test_no_joint_runs_all_along_the_border_of_the_tile(rule):
    found = [call(uneven_bricks, 64, 64, rule=rule, seed=seed, length_jitter=0, row_jitter=0).mask for seed in range(6)]
    assert min(mask[:, 0].mean() for mask in found) > 0.1
    assert rule == "coursed" or min(mask[0].mean() for mask in found) > 0.1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_panels_fill_the_tile_once_and_more_levels_make_more_of_them(seed):
    few, many = (
        call(panels, 128, 160, gap=0.0, rounding=0.0, levels=levels, split=0.8, seed=seed) for levels in (1, 5)
    )
    for pattern in (few, many):
        assert pattern.regions.table["area"].sum() == pytest.approx(1, abs=1e-5)
        assert (once(pattern) == 1).mean() > 0.97
        assert len(np.unique(pattern.regions.table["id"])) == pattern.regions.count
    assert many.regions.count > 2 * few.regions.count


def test_bolts_lie_on_panels_and_a_panel_has_one_in_each_corner():
    made = call(panels, 400, 400, columns=1, rows=1, largest=1, levels=0, bolted=1.0, bolt_inset=0.05, bolt_size=0.01)
    assert made.bolts.max() > 0.9
    assert (made.regions.labels[made.bolts > 0] > 0).all()
    box = made.regions.table["bbox"][0]
    for x in (box[0] + 0.05, box[0] + box[2] - 0.05):
        for y in (box[1] + 0.05, box[1] + box[3] - 0.05):
            assert made.bolts[int(y % 1 * 400), int(x % 1 * 400)] > 0.8


def test_bolts_cover_as_much_of_a_small_picture_as_of_a_large_one():
    large, small = (call(panels, size, size, bolted=1.0).bolts.mean() for size in (512, 128))
    assert small == pytest.approx(large, rel=0.35)
