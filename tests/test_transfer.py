"""Colours and statistics carried over from an example, and what lies between two pictures."""

from __future__ import annotations

import numpy as np
import pytest

from materials.render import run
from nodes.kernels.hash import stream
from nodes.kernels.oklab import to_oklab
from nodes.kernels.pyramid import levels_of, put_together
from nodes.kernels.transport import carry, line_map, project, push, quantiles, turns
from nodes.patch.transfer import _roughen, _spot_noise, color_transfer, statistics_match
from tests.references.calling import call

METHODS = ("mean_deviation", "covariance", "histogram", "sliced")


def colours(height, width, seed, mean=(0.4, 0.3, 0.2), mixing=None):
    """Return a tileable picture of unlike colours with some skew in each channel."""
    gray = [run("fbm", size=(width, height), cells=5, octaves=5, seed=seed + k) for k in range(3)]
    mixing = np.eye(3) if mixing is None else np.asarray(mixing)
    spread = np.stack(gray, axis=2) - 0.5
    return np.clip(np.asarray(mean) + (spread + 2 * spread**2) @ mixing.T * 0.5, 0.01, 1).astype(np.float32)


MIXING = [[0.9, 0.1, 0.0], [0.4, 0.3, 0.1], [-0.2, 0.3, 0.5]]


def lab(picture):
    return to_oklab(picture.reshape(-1, 3)).T


# ---- levels ----


@pytest.mark.parametrize("size", [(1, 1), (1, 17), (64, 96), (45, 70), (33, 130)])
def test_levels_add_up_to_the_picture_at_any_size(size):
    plane = np.random.default_rng(0).random(size, np.float32)
    levels = levels_of(plane, 5)
    assert np.abs(put_together(levels) - plane).max() < 2e-6
    assert len(levels) == (1 if min(size) < 16 else 1 + int(np.log2(min(size) / 8)))


def test_levels_of_a_rolled_picture_are_the_rolled_levels():
    plane = np.random.default_rng(1).random((64, 96), np.float32)
    moved = levels_of(np.roll(plane, (16, 24), axis=(0, 1)), 3)
    for number, level in enumerate(levels_of(plane, 3)):
        shift = (16 >> number, 24 >> number)
        assert np.abs(np.roll(level, shift, axis=(0, 1)) - moved[number]).max() < 1e-6


def test_a_constant_has_no_detail():
    *details, rest = levels_of(np.full((50, 70), 0.3, np.float32), 4)
    assert all(np.abs(level).max() < 1e-6 for level in details)
    assert np.allclose(rest, 0.3, atol=1e-6)


# ---- transport ----


def test_a_line_map_takes_each_value_to_the_one_of_its_rank():
    random = np.random.default_rng(2)
    values, target = random.normal(size=20000).astype(np.float32), random.gamma(2, size=30000).astype(np.float32)
    carried = carry(values, line_map(quantiles(values), quantiles(target)), np.empty_like(values))
    assert (np.diff(carried[np.argsort(values)]) >= 0).all()
    share = np.linspace(0.01, 0.99, 99)
    assert np.abs(np.quantile(carried, share) - np.quantile(target, share)).max() < 0.02
    same = carry(values, line_map(quantiles(values), quantiles(values)), np.empty_like(values))
    assert np.abs(same - values).max() < 1e-5


def test_one_value_goes_to_the_examples_mean():
    values = np.full(100, 0.2, np.float32)
    target = np.linspace(0, 1, 512)
    assert np.allclose(carry(values, line_map(quantiles(values), target), np.empty_like(values)), 0.5)


def test_turns_are_rotations_or_reflections_and_differ():
    found = turns(16, 0).astype(np.float64)
    assert np.allclose(found @ found.transpose(0, 2, 1), np.eye(3), atol=1e-6)
    assert len(np.unique(np.round(found, 3), axis=0)) == 16


def test_push_is_the_transpose_of_project():
    random = np.random.default_rng(3)
    planes, change = random.random((3, 7, 9), np.float32), random.random((7, 9), np.float32)
    weights = random.normal(size=(3, 3, 3)).astype(np.float32)
    projected = np.empty((7, 9), np.float32)
    project(planes, weights, 0, 1, projected)
    expected = sum(
        weights[c, y, x] * np.roll(planes[c], (1 - y, 1 - x), axis=(0, 1))
        for c in range(3)
        for y in range(3)
        for x in range(3)
    )
    assert np.allclose(projected, expected, atol=1e-5)
    pushed = np.zeros_like(planes)
    for top, bottom in ((0, 3), (3, 7)):
        push(change, weights, top, bottom, pushed)
    assert float((pushed * planes).sum()) == pytest.approx(float((change * projected).sum()), rel=1e-4)
    some = np.empty((3, 9), np.float32)
    project(planes, weights, 1, 2, some)
    assert np.array_equal(some, projected[1::2])


# ---- colour transfer ----


@pytest.mark.parametrize("method", METHODS)
def test_a_picture_in_its_own_colours_is_itself(method):
    image = colours(48, 64, 1, mixing=MIXING)
    assert np.abs(run("color_transfer", image, image, method=method) - image).max() < 2e-3


@pytest.mark.parametrize("method", METHODS)
def test_an_amount_of_zero_and_no_example_keep_every_bit(method):
    image, like = colours(48, 64, 1), colours(48, 64, 5, (0.2, 0.4, 0.5))
    assert np.array_equal(run("color_transfer", image, like, method=method, amount=0.0), image)
    assert np.array_equal(run("color_transfer", image, method=method), image)


def test_mean_and_deviation_of_each_axis_become_the_examples():
    image, like = colours(64, 64, 1), colours(64, 64, 5, (0.5, 0.45, 0.35), MIXING)
    made, wanted = lab(run("color_transfer", image, like, method="mean_deviation")), lab(like)
    assert np.allclose(made.mean(axis=1), wanted.mean(axis=1), atol=1e-4)
    assert np.allclose(made.std(axis=1), wanted.std(axis=1), atol=1e-4)


def test_the_covariance_becomes_the_examples_by_a_symmetric_map():
    image, like = colours(64, 64, 1), colours(64, 64, 5, (0.5, 0.45, 0.35), MIXING)
    made, wanted = lab(run("color_transfer", image, like)), lab(like)
    assert np.allclose(np.cov(made), np.cov(wanted), atol=1e-5)
    before = lab(image) - lab(image).mean(axis=1, keepdims=True)
    after = made - made.mean(axis=1, keepdims=True)
    matrix = after @ np.linalg.pinv(before)
    # Of all maps with these moments the symmetric positive one moves colours least.
    assert np.allclose(matrix, matrix.T, atol=2e-3)
    assert (np.linalg.eigvalsh((matrix + matrix.T) / 2) > 0).all()


def test_the_histogram_of_each_axis_becomes_the_examples():
    image, like = colours(96, 96, 1), colours(96, 96, 5, (0.5, 0.45, 0.35), MIXING)
    made, wanted = lab(run("color_transfer", image, like, method="histogram")), lab(like)
    share = np.linspace(0.01, 0.99, 99)
    for axis in range(3):
        apart = np.abs(np.quantile(made[axis], share) - np.quantile(wanted[axis], share)).max()
        assert apart < 0.02 * np.ptp(wanted[axis])


def distance(one, other, count=40):
    """Return how far two sets of as many colours are apart: along random directions, by quantiles."""
    random = np.random.default_rng(4).normal(size=(count, 3))
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    return np.mean([np.abs(np.sort(axis @ one) - np.sort(axis @ other)).mean() for axis in random])


def test_each_method_comes_closer_to_the_examples_colours_than_the_plainer_one():
    image, like = colours(96, 96, 1), colours(96, 96, 5, (0.5, 0.45, 0.35), MIXING)
    apart = {method: distance(lab(run("color_transfer", image, like, method=method)), lab(like)) for method in METHODS}
    assert apart["covariance"] < apart["mean_deviation"] < distance(lab(image), lab(like))
    assert apart["sliced"] < 0.3 * min(apart["covariance"], apart["histogram"])


def test_a_photograph_serves_as_example_at_any_size():
    image, photo = colours(40, 56, 1), colours(31, 23, 5, (0.5, 0.45, 0.35))
    made = call(color_transfer, 40, 56, image=image, picture=photo, method="mean_deviation")
    assert np.allclose(lab(made).mean(axis=1), lab(photo).mean(axis=1), atol=1e-4)
    gray = call(color_transfer, 40, 56, image=image, picture=photo[..., 0].copy(), method="mean_deviation")
    assert np.abs(lab(gray)[1:]).max() < 1e-3


# ---- statistics match ----


def stripes(height, width):
    y, x = np.mgrid[:height, :width]
    return (0.5 + 0.3 * np.sin(2 * np.pi * x * 8 / width)).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_matched_with_itself_is_itself(channels):
    image = colours(64, 64, 1, mixing=MIXING)
    image = image if channels == 3 else image[..., 0].copy()
    assert np.abs(run("statistics_match", image, image) - image).max() < 0.02
    assert np.abs(run("statistics_match", image, image) - image).mean() < 1e-3


def test_a_match_of_no_amount_or_without_example_keeps_every_bit():
    image, like = colours(64, 64, 1), colours(64, 64, 5)
    assert np.array_equal(run("statistics_match", image, like, amount=0.0), image)
    assert np.array_equal(run("statistics_match", image), image)


def test_every_level_gets_the_spread_and_the_tails_of_the_examples():
    image, like = run("fbm", size=128, cells=4), run("voronoi", size=128, cells=9).edge
    made = run("statistics_match", image, like, iterations=4)
    share = np.linspace(0.02, 0.98, 25)
    assert np.abs(np.quantile(made, share) - np.quantile(like, share)).max() < 0.02 * np.ptp(like)
    for ours, theirs, before in zip(*(levels_of(p, 3)[:-1] for p in (made, like, image)), strict=True):
        assert ours.std() == pytest.approx(theirs.std(), rel=0.25)
        spread = np.abs(np.quantile(ours, share) - np.quantile(theirs, share)).mean()
        assert spread < 0.5 * np.abs(np.quantile(before, share) - np.quantile(theirs, share)).mean()


def test_noise_takes_the_direction_of_the_example():
    noise, like = np.random.default_rng(5).random((128, 128), np.float32), stripes(128, 128)
    made = run("statistics_match", noise, like)
    across, along = (np.abs(np.diff(made, axis=axis)).mean() for axis in (1, 0))
    assert across > 1.5 * along


def test_noise_laid_from_an_example_has_its_variance_its_direction_and_its_colours():
    # The same down each column, at random from one to the next.
    level = np.tile(np.random.default_rng(9).normal(size=96), (96, 1))
    level = np.stack([level, 2 * level]).astype(np.float32)
    made = _spot_noise(level, 128, 160, seed=1)
    assert made.shape == (2, 128, 160)
    assert np.allclose(np.cov(made.reshape(2, -1)), np.cov(level.reshape(2, -1)), rtol=0.3)
    assert np.abs(np.diff(made[1], axis=1)).mean() > 5 * np.abs(np.diff(made[1], axis=0)).mean()


def test_grain_fills_up_the_variance_that_a_level_lacks_and_no_more():
    random = np.random.default_rng(6)
    example, weak = random.normal(size=(2, 3, 64, 64)).astype(np.float32)
    weak *= np.float32(0.3)
    strong, filled = 2 * example, weak.copy()
    _roughen(filled, example, 1.0, seed=1)
    assert filled.var() == pytest.approx(example.var(), rel=0.1)
    _roughen(strong, example, 1.0, seed=1)
    assert np.array_equal(strong, 2 * example)


def test_another_seed_gives_another_match():
    image, like = colours(64, 64, 1), colours(64, 64, 5)
    assert not np.array_equal(*(run("statistics_match", image, like, seed=seed) for seed in (1, 2)))


def test_a_match_of_rolled_pictures_is_the_rolled_match():
    image, like = colours(64, 96, 1), colours(64, 96, 5)
    plain = run("statistics_match", image, like, grain=0.0)
    shift = lambda picture: np.roll(picture, (16, 24), axis=(0, 1))  # noqa: E731
    assert np.allclose(shift(plain), run("statistics_match", shift(image), shift(like), grain=0.0), atol=1e-4)


def test_a_tileable_picture_stays_tileable():
    image, photo = colours(64, 64, 1), np.random.default_rng(7).random((40, 50, 3), np.float32)
    made = call(statistics_match, 64, 64, image=image, picture=photo)
    border = np.abs(made[0] - made[-1]).mean()
    inner = np.abs(np.diff(made, axis=0)).mean(axis=(1, 2))
    assert border < inner.max()


# ---- morph ----


@pytest.mark.parametrize("channels", [1, 3])
def test_the_ends_of_a_morph_are_its_pictures_bit_for_bit(channels):
    a, b = colours(64, 96, 1), colours(64, 96, 5, (0.5, 0.45, 0.35), MIXING)
    a, b = (a, b) if channels == 3 else (a[..., 0].copy(), b[..., 1].copy())
    assert np.array_equal(run("morph", a, b, amount=0.0), a)
    assert np.array_equal(run("morph", a, b, amount=1.0), b)
    mask = np.zeros((64, 96), np.float32)
    mask[:, 48:] = 1
    made = run("morph", a, b, mask, amount=1.0)
    assert np.array_equal(made[:, :48], a[:, :48])
    assert np.array_equal(made[:, 48:], b[:, 48:])


def test_a_morph_of_a_picture_with_itself_is_itself():
    a = colours(64, 96, 1)
    for sharpness in (0.0, 1.0):
        assert np.abs(run("morph", a, a, amount=0.37, sharpness=sharpness) - a).max() < 2e-3


@pytest.mark.parametrize("amount", [0.25, 0.5, 0.75])
def test_a_morph_keeps_the_contrast_that_a_cross_fade_loses(amount):
    random = np.random.default_rng(8)
    a, b = (random.random((96, 96), np.float32) for _ in range(2))
    made, faded = run("morph", a, b, amount=amount), a + amount * (b - a)
    assert made.std() == pytest.approx(a.std(), rel=0.08)
    assert faded.std() < 0.82 * a.std()


def test_tones_of_a_morph_lie_between_those_of_its_pictures():
    a, b = np.full((32, 32), 0.2, np.float32), np.full((32, 32), 0.6, np.float32)
    assert np.allclose(run("morph", a, b, amount=0.25), 0.3, atol=1e-5)
    ramp = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (32, 1))
    made = run("morph", a, b, ramp, amount=1.0, levels=0)
    assert np.allclose(made, 0.2 + 0.4 * ramp, atol=1e-3)


def test_a_sharp_morph_shows_a_mark_of_either_picture_whole():
    a, b = np.full((64, 64), 0.5, np.float32), np.full((64, 64), 0.5, np.float32)
    a[20:24, 20:24], b[40:44, 40:44] = 1, 1
    even, sharp = (run("morph", a, b, sharpness=sharpness) for sharpness in (0.0, 1.0))
    mixed = 0.5 * (a + b)
    for rows in (slice(20, 24), slice(40, 44)):
        assert sharp[rows, rows].mean() > mixed[rows, rows].mean() + 0.1
        assert sharp[rows, rows].mean() >= even[rows, rows].mean() - 0.02


def test_streams_of_a_match_are_all_different():
    uses = [8 * i + n for i in range(8) for n in range(8)] + [63, *range(64, 72), *range(96, 104)]
    assert len({stream(5, use) for use in uses}) == len(set(uses))
