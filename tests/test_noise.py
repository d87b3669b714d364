"""The noises: they tile, have the spread they claim, and equal slow references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nodes.declare import Band
from nodes.kernels.grain import BELL
from nodes.kernels.hash import stream
from nodes.kernels.lattice import SIGMA, octave_sum, octaves_of
from nodes.procedural.noise import _moved, billow, blue_noise, fbm, ridged, voronoi, white_noise
from tests.references import noise as reference
from tests.references.calling import call

GENERATORS = [fbm, ridged, voronoi, billow]
BASES = ["perlin", "value", "simplex"]


def stacked(result):
    """Return a node's gray pictures one behind the other."""
    results = result if isinstance(result, tuple) else (result,)
    return np.stack([part for part in results if isinstance(part, np.ndarray) and part.ndim == 2])


def lattice_sum(height, width, cells, octaves, basis, offset=None, seed=3, bands=1):
    """Return the sum of octaves of equal amplitude, made in that many bands of rows."""
    periods, visible, seeds = octaves_of(height, width, cells, octaves, 2.0, seed, basis=basis)
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


@pytest.mark.parametrize(("height", "width", "rows"), [(48, 48, 6), (40, 56, 4), (31, 64, 2)])
def test_one_octave_of_simplex_is_the_slow_one(height, width, rows):
    slow = reference.simplex_octave(height, width, 5, rows, stream(3, 0))
    assert np.abs(lattice_sum(height, width, 5, 1, "simplex") - slow).max() < 4e-4


@pytest.mark.parametrize("basis", BASES)
def test_the_kernels_with_and_without_offset_agree_in_any_bands(basis):
    whole = lattice_sum(61, 75, 5, 4, basis)
    nothing = np.zeros((61, 75, 2), np.float32)
    assert np.array_equal(whole, lattice_sum(61, 75, 5, 4, basis, bands=7))
    assert np.abs(whole - lattice_sum(61, 75, 5, 4, basis, nothing, bands=3)).max() < 3e-6


@pytest.mark.parametrize("basis", ["perlin", "value"])
def test_the_stated_sigma_is_that_of_the_slow_octave(basis):
    squares = [np.mean(reference.octave(256, 256, 32, 32, seed, basis) ** 2) for seed in range(6)]
    assert math.sqrt(np.mean(squares)) == pytest.approx(SIGMA[basis], rel=0.02)


def test_the_stated_sigma_of_simplex_is_that_of_the_slow_octave():
    squares = [np.mean(reference.simplex_octave(128, 128, 16, 18, seed) ** 2) for seed in range(6)]
    assert math.sqrt(np.mean(squares)) == pytest.approx(SIGMA["simplex"], rel=0.03)


@pytest.mark.parametrize("gain", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("octaves", [1, 3])
@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("generator", [fbm, billow])
def test_fbm_and_billow_have_the_spread_they_are_asked_for(generator, basis, gain, octaves, seed):
    noise = call(generator, 512, 512, cells=32, octaves=octaves, gain=gain, seed=seed, spread=0.12, basis=basis)
    assert noise.std() == pytest.approx(0.12, rel=0.04)
    assert noise.mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("generator", [fbm, billow])
@pytest.mark.parametrize("shape", [{"cells": 70, "cells_y": 12}, {"cells": 40, "warp": 0.5}])
def test_stretching_and_warping_keep_the_spread(generator, shape):
    noise = [call(generator, 512, 512, octaves=2, seed=seed, spread=0.12, **shape) for seed in range(3)]
    assert np.std(noise) == pytest.approx(0.12, rel=0.05)


@pytest.mark.parametrize("gain", [0.3, 0.8])
@pytest.mark.parametrize("sharpness", [0.0, 2.0, 6.0])
@pytest.mark.parametrize("ridge", [0.4, 1.0, 2.0])
def test_normalised_ridges_have_their_mean_and_spread_for_every_setting(gain, sharpness, ridge):
    settings = {"gain": gain, "sharpness": sharpness, "ridge": ridge, "octaves": 3, "cells": 30}
    noise = [call(ridged, 512, 512, normalise=True, seed=seed, **settings) for seed in range(3)]
    assert np.mean(noise) == pytest.approx(0.5, abs=0.012)
    assert np.std(noise) == pytest.approx(0.16, rel=0.06)


@pytest.mark.parametrize("basis", BASES)
def test_billow_of_one_octave_is_the_fold_of_the_slow_one(basis):
    rows = {"perlin": 5, "value": 5, "simplex": 6}[basis]
    seed = stream(4, 0)
    slow = reference.simplex_octave(80, 80, 5, rows, seed) if basis == "simplex" else None
    slow = reference.octave(80, 80, 5, rows, seed, basis) if slow is None else slow
    fast = call(billow, 80, 80, cells=5, octaves=1, seed=4, basis=basis).astype(np.float64)
    # The fold up to a factor and a level, which the tests of the spread cover.
    assert np.corrcoef(np.abs(slow).ravel(), fast.ravel())[0, 1] > 1 - 1e-5


def test_a_stretched_noise_changes_faster_across_than_down():
    noise = call(fbm, 256, 256, cells=48, cells_y=4, octaves=1)
    assert np.abs(np.diff(noise, axis=1)).mean() > 8 * np.abs(np.diff(noise, axis=0)).mean()


@pytest.mark.parametrize("generator", [fbm, ridged, billow])
@pytest.mark.parametrize("shape", [{"cells": 6, "cells_y": 13}, {"cells": 5, "warp": 0.7}])
def test_stretched_and_warped_noise_tiles(generator, shape):
    offset = np.zeros((64, 64, 2), np.float32)
    offset[...] = (16 / 64, -8 / 64)
    plain = call(generator, 64, 64, **shape)
    moved = call(generator, 64, 64, offset=offset, **shape)
    assert np.abs(np.roll(plain, (8, -16), (0, 1)) - moved).max() < 1e-4


def test_a_warp_moves_by_as_many_cells_as_it_says():
    band = Band(512, 512, 0, 512)
    moves = _moved(band, 24, 12, 0.5, 3, 0.4, None)
    assert moves[..., 0].std() == pytest.approx(0.4 / 24, rel=0.05)
    assert moves[..., 1].std() == pytest.approx(0.4 / 12, rel=0.05)
    assert abs(np.corrcoef(moves[..., 0].ravel(), moves[..., 1].ravel())[0, 1]) < 0.1


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


# ---- white and blue noise ----


@pytest.mark.parametrize("pixels", [0.0, 0.5, 0.85, 1.0, 1.4, 2.0, 3.3, 8.0])
@pytest.mark.parametrize("distribution", ["normal", "uniform"])
@pytest.mark.parametrize("size", [256, 384])
def test_white_noise_has_its_spread_at_every_grain_and_size(pixels, distribution, size):
    noise = [
        call(white_noise, size, size, grain=pixels / size, distribution=distribution, spread=0.1, seed=seed)
        for seed in range(3)
    ]
    assert np.mean(noise) == pytest.approx(0.5, abs=0.01)
    assert np.std(noise) == pytest.approx(0.1, rel=0.03)


def test_white_noise_is_as_strong_on_its_lattice_as_between():
    noise = np.array([call(white_noise, 128, 128, grain=2.7 / 128, seed=seed) for seed in range(40)])
    by_column = noise.std(axis=(0, 1))
    assert by_column.std() / by_column.mean() < 0.03


@pytest.mark.parametrize("pixels", [1.0, 2.5, 6.0])
def test_white_noise_is_the_slow_one(pixels):
    across, down = round(2 * BELL * 72 / pixels), round(2 * BELL * 60 / pixels)
    slow = reference.white(60, 72, across, down, stream(5, 1))
    fast = call(white_noise, 60, 72, grain=pixels / 72, spread=0.2, seed=5)
    assert np.abs(0.5 + 0.2 * slow - fast).max() < 1e-4
    still = np.zeros((60, 72, 2), np.float32)
    assert np.abs(call(white_noise, 60, 72, grain=pixels / 72, spread=0.2, seed=5, offset=still) - fast).max() < 1e-4


@pytest.mark.parametrize("pixels", [0.0, 2.0])
def test_uniform_tones_are_all_equally_often_and_normal_ones_have_their_tails(pixels):
    tones = np.array(
        [call(white_noise, 256, 256, grain=pixels / 256, distribution="uniform", seed=s, spread=0.2) for s in range(4)]
    )
    shares = np.histogram(tones, 10, (0.5 - 0.2 * 3**0.5, 0.5 + 0.2 * 3**0.5))[0] / tones.size
    assert np.abs(shares - 0.1).max() < 0.006
    tones = np.array([call(white_noise, 256, 256, grain=pixels / 256, seed=seed, spread=0.2) for seed in range(4)])
    assert np.mean(np.abs(tones - 0.5) > 0.4) == pytest.approx(0.0455, abs=0.004)


def test_pixels_of_the_finest_white_noise_know_nothing_of_each_other_and_coarse_grain_does():
    fine = call(white_noise, 256, 256, grain=0.0) - 0.5
    coarse = call(white_noise, 256, 256, grain=4 / 256) - 0.5
    for axis in (0, 1):
        assert abs(np.mean(fine * np.roll(fine, 1, axis)) / fine.var()) < 0.02
        assert np.mean(coarse * np.roll(coarse, 1, axis)) / coarse.var() > 0.7
        assert abs(np.mean(coarse * np.roll(coarse, 9, axis)) / coarse.var()) < 0.05


def test_coarse_grain_is_the_same_picture_at_every_size():
    small, large = (call(white_noise, size, size, grain=0.03) for size in (128, 256))
    halved = large.reshape(128, 2, 128, 2).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), halved.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("size", [64, 192, 250])
def test_blue_noise_has_every_tone_equally_often(size):
    tones = np.sort(call(blue_noise, size, size, seed=3).ravel())
    assert np.abs(tones - (np.arange(tones.size) + 0.5) / tones.size).max() < 1e-3


def test_blue_noise_has_next_to_no_low_frequencies():
    tones = call(blue_noise, 128, 128, seed=1) - 0.5
    power = np.abs(np.fft.fft2(tones)) ** 2 / tones.size
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128)))
    assert power[(frequency > 0) & (frequency < 0.15)].mean() < 0.02 * tones.var()
    assert power[frequency > 0.4].mean() > 1.3 * tones.var()


def test_the_darkest_pixels_of_blue_noise_keep_apart():
    y, x = np.nonzero(call(blue_noise, 64, 64) < 0.02)
    dy, dx = np.abs(y - y[:, None]), np.abs(x - x[:, None])
    apart = np.hypot(np.minimum(dy, 64 - dy), np.minimum(dx, 64 - dx)) + np.eye(len(y)) * 99
    assert apart.min() > 0.6 * math.sqrt(1 / 0.02)


@pytest.mark.parametrize("generator", [white_noise, blue_noise])
def test_grain_in_bands_changes_no_bit(generator):
    offset = np.random.default_rng(0).normal(0, 0.1, (61, 75, 2)).astype(np.float32)
    for moved in (None, offset):
        whole = call(generator, 61, 75, offset=moved)
        assert np.array_equal(whole, call(generator, 61, 75, 7, offset=moved))
