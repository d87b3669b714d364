"""The noises: they tile, have the spread they claim, and equal slow references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nodes.kernels.hash import stream
from nodes.kernels.lattice import SIGMA, octave_sum, octaves_of
from nodes.procedural.noise import fbm, ridged, voronoi
from tests.references import noise as reference
from tests.references.calling import call

GENERATORS = [fbm, ridged, voronoi]


def stacked(result):
    """Return a node's gray pictures one behind the other."""
    results = result if isinstance(result, tuple) else (result,)
    return np.stack([part for part in results if isinstance(part, np.ndarray) and part.ndim == 2])


def lattice_sum(height, width, cells, octaves, basis, offset=None, seed=3, bands=1):
    """Return the sum of octaves of equal amplitude, made in that many bands of rows."""
    periods, visible, seeds = octaves_of(height, width, cells, octaves, 2.0, seed)
    out, ones = np.empty((height, width), np.float32), np.ones(len(visible), np.float32)
    edges = [height * i // bands for i in range(bands + 1)]
    for top, bottom in zip(edges, edges[1:], strict=False):
        moved = None if offset is None else offset[top:bottom]
        octave_sum(out[top:bottom], top, height, periods, ones, seeds, basis, moved)
    return out


@pytest.mark.parametrize("basis", ["perlin", "value"])
@pytest.mark.parametrize(("height", "width"), [(48, 48), (40, 56), (31, 64)])
def test_one_octave_is_the_slow_one(basis, height, width):
    slow = reference.octave(height, width, 5, round(5 * height / width), stream(3, 0), basis)
    assert np.abs(lattice_sum(height, width, 5, 1, basis) - slow).max() < 2e-3  # unit gradients are good to 0.2 %


@pytest.mark.parametrize("basis", ["perlin", "value"])
def test_the_kernels_with_and_without_offset_agree_in_any_bands(basis):
    whole = lattice_sum(61, 75, 5, 4, basis)
    nothing = np.zeros((61, 75, 2), np.float32)
    assert np.array_equal(whole, lattice_sum(61, 75, 5, 4, basis, bands=7))
    assert np.abs(whole - lattice_sum(61, 75, 5, 4, basis, nothing, bands=3)).max() < 3e-6


@pytest.mark.parametrize("basis", ["perlin", "value"])
def test_the_stated_sigma_is_that_of_the_slow_octave(basis):
    squares = [np.mean(reference.octave(256, 256, 32, 32, seed, basis) ** 2) for seed in range(6)]
    assert math.sqrt(np.mean(squares)) == pytest.approx(SIGMA[basis], rel=0.02)


@pytest.mark.parametrize("gain", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("octaves", [1, 3])
@pytest.mark.parametrize("seed", [0, 7])
def test_fbm_has_the_spread_it_is_asked_for(gain, octaves, seed):
    noise = call(fbm, 512, 512, cells=32, octaves=octaves, gain=gain, seed=seed, spread=0.12)
    assert noise.std() == pytest.approx(0.12, rel=0.03)


def test_the_spread_of_few_cells_holds_over_seeds_though_single_seeds_differ():
    variances = [call(fbm, 128, 128, cells=4, seed=seed).var() for seed in range(64)]
    assert math.sqrt(np.mean(variances)) == pytest.approx(0.16, rel=0.03)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 40), st.integers(1, 12), st.floats(0, 1), st.floats(1.2, 4), st.integers(0, 2**31 - 1))
def test_the_mean_of_fbm_does_not_drift(cells, octaves, gain, lacunarity, seed):
    noise = call(fbm, 128, 128, cells=cells, octaves=octaves, gain=gain, lacunarity=lacunarity, seed=seed)
    assert abs(noise.mean(dtype=np.float64) - 0.5) < 0.01


@pytest.mark.parametrize("lacunarity", [1.37, 2.0, 2.9])
def test_fbm_goes_on_over_its_borders(lacunarity):
    noise = call(fbm, 256, 256, cells=3, octaves=3, lacunarity=lacunarity)
    for axis in (0, 1):
        steps = np.abs(np.diff(noise, axis=axis)).max()
        assert np.abs(np.take(noise, 0, axis) - np.take(noise, -1, axis)).max() <= steps * 1.05


@pytest.mark.parametrize("generator", [fbm, ridged])
def test_a_large_picture_made_small_is_the_small_one(generator):
    small = call(generator, 256, 256)
    large = call(generator, 1024, 1024).reshape(256, 4, 256, 4).mean(axis=(1, 3))
    assert np.abs(large - small).mean() < generator.node.bound


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("moved", [False, True])
def test_bands_have_the_same_bits_as_the_whole(generator, moved):
    offset = np.random.default_rng(0).normal(0, 0.1, (61, 75, 2)).astype(np.float32) if moved else None
    whole = stacked(call(generator, 61, 75, cells=5, offset=offset))
    for bands in (2, 7):
        assert np.array_equal(whole, stacked(call(generator, 61, 75, bands, cells=5, offset=offset)))


@pytest.mark.parametrize("generator", GENERATORS)
def test_an_offset_of_nothing_changes_nothing(generator):
    plain = stacked(call(generator, 64, 96, cells=6))
    moved = stacked(call(generator, 64, 96, cells=6, offset=np.zeros((64, 96, 2), np.float32)))
    # A pixel on the border of two regions may count to either.
    assert (np.abs(plain - moved) > 1e-6).mean() < 2e-4


@pytest.mark.parametrize("generator", GENERATORS)
def test_an_offset_of_whole_pixels_rolls_the_picture(generator):
    offset = np.zeros((64, 64, 2), np.float32)
    offset[...] = (16 / 64, -8 / 64)
    plain = stacked(call(generator, 64, 64, cells=5))
    moved = stacked(call(generator, 64, 64, cells=5, offset=offset))
    assert np.abs(np.roll(plain, (8, -16), (-2, -1)) - moved).max() < 1e-5


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (9, 1), (7, 13)])
@pytest.mark.parametrize("cells", [1, 256])
def test_any_size_is_finite(generator, height, width, cells):
    assert np.isfinite(stacked(call(generator, height, width, cells=cells))).all()


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize("cells", [1, 2, 3, 9])
@pytest.mark.parametrize("jitter", [0.6, 1.0])
def test_voronoi_is_brute_force_on_the_torus(metric, cells, jitter):
    fast = call(voronoi, 40, 40, cells=cells, jitter=jitter, metric=metric, seed=cells)
    slow = reference.voronoi(40, 40, cells, cells, jitter, metric, cells)
    assert np.abs(fast.f1 - slow[0]).max() < 1e-5
    assert np.abs(fast.f2 - slow[1]).max() < 1e-5
    clear = slow[1] - slow[0] > 1e-4  # on a border either cell is right
    if metric == "euclidean":
        assert np.abs(fast.edge - slow[2])[clear].max() < 1e-4
    assert np.array_equal(fast.id[clear], slow[3].astype(np.float32)[clear])


@pytest.mark.parametrize("seed", range(6))
def test_f1_f2_and_edge_are_exact_where_three_by_three_cells_do_not_reach(seed):
    fast = call(voronoi, 96, 96, cells=16, seed=seed)
    slow = reference.voronoi(96, 96, 16, 16, 1.0, "euclidean", seed)
    for mine, theirs in zip(fast[:3], slow[:3], strict=True):
        assert np.abs(mine - theirs).max() < 2e-5
