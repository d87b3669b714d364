"""Worn edges, dirt and streaks: the running maximum against a walk, and what masks must not do."""

from __future__ import annotations

import numpy as np
import pytest

from materials.render import run

RANDOM = np.random.default_rng(9)
TURNS = {"down": 0, "right": 1, "up": 2, "left": 3}
"""Quarter turns, counter-clockwise, that bring a direction from down to where it points."""


def walked(source: np.ndarray, decay: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the running maximum down the columns and how many pixels back it comes from, by trying every source."""
    height = source.shape[0]
    value, age = source.astype(np.float64), np.zeros(source.shape)
    for y in range(height):
        lost = np.zeros(source.shape[1])
        for back in range(1, height):
            lost = lost + decay[(y - back + 1) % height]
            there = source[(y - back) % height] - lost
            better = there > value[y] + 1e-9
            value[y] = np.where(better, there, value[y])
            age[y] = np.where(better, back, age[y])
    return value, age


def sources(height: int, width: int) -> np.ndarray:
    return (RANDOM.random((height, width)) * (RANDOM.random((height, width)) < 0.1)).astype(np.float32)


@pytest.mark.parametrize("direction", TURNS)
@pytest.mark.parametrize("size", [(40, 24), (17, 33), (1, 7), (7, 1)])
def test_the_running_maximum_is_what_a_walk_back_to_every_source_finds(direction, size):
    source, times = sources(*size), RANDOM.random(size, dtype=np.float32)
    found = run("running_max", source, times, length=0.8, direction=direction)
    turned = np.rot90(source, -TURNS[direction])
    decay = 1 / np.maximum(np.rot90(times, -TURNS[direction]) * 0.8 * size[1], 1e-3)
    value, age = walked(turned, decay)
    assert np.abs(found.value - np.rot90(value, TURNS[direction])).max() < 1e-4
    expected = np.rot90(age, TURNS[direction]) / turned.shape[0]
    assert (np.abs(found.distance - expected) > 1e-3).mean() < 0.01  # equal values may come from two sources


def test_a_streak_is_as_long_as_its_source_is_bright_and_runs_round_the_tile():
    source = np.zeros((100, 4), np.float32)
    source[80] = (1.0, 0.5, 0.25, 0.0)
    source = np.repeat(source, 25, axis=1)
    value = run("running_max", source, length=0.4).value
    lengths = (value > 1e-4).sum(axis=0)[::25]
    assert lengths.tolist() == [40, 20, 10, 0]
    assert value[5, 0] > 0


def test_drift_carries_streaks_sideways_and_leaves_sources_where_they_are():
    source = np.zeros((64, 64), np.float32)
    source[10, 30:34] = 1
    drift = np.zeros((64, 64, 2), np.float32)
    drift[..., 0] = (np.arange(64)[:, None] - 10) / 64 * 0.25
    value = run("running_max", source, drift=drift, length=0.9).value
    assert np.argmax(value[10]) in (30, 31, 32, 33)
    assert np.flatnonzero(value[50] > 0.1).mean() == pytest.approx(31.5 + 10, abs=1)


def test_nothing_leaks_without_a_source_nor_against_the_direction():
    assert np.all(run("leaks", np.zeros((32, 32), np.float32)).mask == 0)
    source = np.zeros((128, 128), np.float32)
    source[64] = 1
    for direction, empty in (("down", slice(40, 63)), ("up", slice(66, 90))):
        assert np.all(run("leaks", source, direction=direction, length=0.3).mask[empty] == 0)


def test_most_streaks_are_short():
    source = np.zeros((256, 256), np.float32)
    source[0] = 1
    mask = run("leaks", source, length=0.8, halo=0.0, breakup=0.0, drift=0.0).mask
    lengths = (mask > 1e-4).sum(axis=0) / (0.8 * 256)
    assert np.median(lengths) < 0.4
    assert lengths.max() > 0.6


def test_the_core_lies_within_the_mask_and_a_halo_widens_it():
    source = np.zeros((128, 128), np.float32)
    source[10, ::7] = 1
    plain, stained = (run("leaks", source, halo=halo) for halo in (0.0, 0.6))
    assert np.array_equal(plain.mask, plain.core)
    assert np.all(stained.mask >= stained.core)
    assert stained.mask.sum() > plain.mask.sum()


# ---- edges and hollows ----


def plateau() -> np.ndarray:
    height = np.zeros((128, 128), np.float32)
    height[32:96, 32:96] = 1
    return run("blur", height, radius=0.01)


def test_wear_lies_on_ridges_and_dirt_at_their_foot():
    height = plateau()
    worn, dirty = run("edge_wear", height, amount=0.8, depth=0.1), run("dirt", height, amount=0.8, depth=0.1)
    assert worn[height > 0.5].sum() > 20 * worn[height < 0.5].sum()
    assert dirty[height < 0.1].sum() > 200
    assert dirty[height > 0.99].max() < 0.01
    for mask in (worn, dirty):
        assert mask.max() == pytest.approx(1, abs=0.01)
        assert np.all(mask[60:68, 60:68] == 0)
        assert np.all(mask[:8, :8] == 0)


@pytest.mark.parametrize("key", ["edge_wear", "dirt"])
def test_level_ground_and_no_amount_leave_a_mask_empty(key):
    assert np.all(run(key, np.full((40, 40), 0.4, np.float32), amount=1.0) == 0)
    assert np.all(run(key, plateau(), amount=0.0) == 0)


@pytest.mark.parametrize("key", ["edge_wear", "dirt"])
def test_more_amount_covers_more(key):
    shares = [float(run(key, plateau(), amount=amount, depth=0.1).mean()) for amount in (0.2, 0.4, 0.6, 0.8, 1.0)]
    assert shares == sorted(shares)
    assert shares[0] < 0.7 * shares[-1]


@pytest.mark.parametrize("key", ["edge_wear", "dirt"])
def test_without_breakup_the_seed_does_not_matter_and_with_it_the_mask_is_torn(key):
    height = plateau()
    assert np.array_equal(run(key, height, breakup=0.0, seed=1), run(key, height, breakup=0.0, seed=2))
    assert not np.array_equal(
        run(key, height, breakup=1.0, depth=0.1, seed=1), run(key, height, breakup=1.0, depth=0.1, seed=2)
    )
    moved = run(key, np.roll(height, (5, 9), (0, 1)), breakup=0.0)
    assert np.abs(moved - np.roll(run(key, height, breakup=0.0), (5, 9), (0, 1))).max() < 1e-3


def test_a_noise_that_is_connected_tears_instead_of_the_own_one():
    height = plateau()
    low, high = (np.full_like(height, value) for value in (0.2, 0.8))
    worn = [run("edge_wear", height, noise, depth=0.1).sum() for noise in (low, high)]
    assert worn[1] > 1.5 * worn[0]
