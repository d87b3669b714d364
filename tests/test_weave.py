"""Cloth: the matrix is what one sees, and it closes on the torus."""

from __future__ import annotations

import numpy as np
import pytest

from intarsia import run
from materials.errors import GraphError
from nodes.procedural.weave import MATRICES, read_matrix, weave
from tests.references.calling import call

PLAIN = {"thickness_jitter": 0.0, "twist": 0.0}


@pytest.mark.parametrize("matrix", MATRICES)
def test_the_strand_on_top_in_the_middle_of_a_crossing_is_the_one_the_matrix_says(matrix):
    unit = read_matrix(MATRICES[matrix])
    down, across = 2 * unit.shape[0], 3 * unit.shape[1]
    cloth = call(weave, 9 * down, 9 * across, matrix=matrix, across=across, down=down, **PLAIN)
    assert np.array_equal(cloth.warp[4::9, 4::9], np.tile(unit, (2, 3)))


def test_a_custom_matrix_is_read_as_rows_of_wefts():
    cloth = call(weave, 54, 54, matrix="custom", pattern="110/ 011", across=6, down=6, **PLAIN)
    assert np.array_equal(cloth.warp[4::9, 4::9], np.tile([[1, 1, 0], [0, 1, 1]], (3, 2)))


def test_numbers_of_strands_are_rounded_up_to_whole_repeats():
    rounded = call(weave, 64, 64, matrix="satin", across=11, down=7)
    exact = call(weave, 64, 64, matrix="satin", across=15, down=10)
    assert np.array_equal(rounded.height, exact.height)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [("", "rows of 0 and 1"), ("12/01", "rows of 0"), ("110/01", "one length"), ("1" * 17, "at most")],
)
def test_a_matrix_that_cannot_be_read_is_refused_in_words(pattern, words):
    with pytest.raises(GraphError, match=words):
        run("weave", size=8, matrix="custom", pattern=pattern)


@pytest.mark.parametrize(("matrix", "each"), [("plain", 1), ("twill_2_2", 2), ("basket", 2), ("twill_3_1", None)])
def test_there_is_a_region_for_each_float(matrix, each):
    regions = call(weave, 96, 96, matrix=matrix, across=12, down=12, **PLAIN).regions
    crossings = 12 * 12
    # In twill 3/1 warps float over three and wefts over one.
    assert regions.count == (crossings // each if each else crossings * 3 // 4 // 3 + crossings // 4)
    assert len(np.unique(regions.table["id"])) == regions.count
    assert np.ptp(regions.table["area"]) < 1.2 * regions.table["area"].mean()


def test_each_float_of_plain_weave_has_four_neighbours():
    regions = call(weave, 96, 96, matrix="plain", across=8, down=8, **PLAIN).regions
    assert np.bincount(regions.neighbours.reshape(-1))[1:].tolist() == [4] * 64


def test_the_table_of_floats_agrees_with_their_pixels():
    cloth = call(weave, 240, 300, across=12, down=8, gap=0.2, seed=3)
    labels, table = cloth.regions.labels, cloth.regions.table
    counts = np.bincount(labels.reshape(-1), minlength=cloth.regions.count + 1)[1:]
    assert np.allclose(counts / labels.size, table["area"], atol=2e-3)
    for label in (1, 7, cloth.regions.count):
        y, x = np.nonzero(labels == label)
        left, top, wide, high = table["bbox"][label - 1]
        assert ((((x + 0.5) / 300 - left + 0.01) % 1) <= wide + 0.02).all()
        assert ((((y + 0.5) / 240 - top + 0.01) % 1) <= high + 0.02).all()
    # Of a float over all, one region goes round the tile.
    assert call(weave, 32, 32, matrix="custom", pattern="1", across=4, down=4).regions.count == 4


def test_direction_and_place_run_along_the_strand_on_top():
    cloth = call(weave, 90, 90, across=9, down=9, matrix="plain", **PLAIN)
    warp = cloth.warp == 1
    assert (cloth.direction[warp] == (0, 1)).all()
    assert (cloth.direction[~warp] == (1, 0)).all()
    y, x = (np.mgrid[0:90, 0:90] + 0.5) / 90
    assert np.allclose(cloth.uv[..., 0], np.where(warp, y, x), atol=1e-5)


def test_the_holes_between_strands_are_what_the_mask_leaves():
    cloth = call(weave, 240, 240, across=8, down=8, gap=0.5, matrix="plain", **PLAIN)
    assert cloth.mask.mean() == pytest.approx(0.75, abs=1e-3)
    assert (cloth.height[cloth.mask == 0] == 0).all()


def test_cloth_goes_on_across_the_border():
    offset = np.zeros((64, 96, 2), np.float32)
    offset[:] = (1 / 3, 1 / 4)
    here, there = call(weave, 64, 96, seed=2), call(weave, 64, 96, seed=2, offset=offset)
    for name in ("height", "mask", "random"):
        apart = np.abs(np.roll(getattr(here, name), (-16, -32), (0, 1)) - getattr(there, name))
        assert (apart > 1e-3).mean() < 2e-3, name
