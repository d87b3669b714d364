"""Grunge: the share it covers is the share asked for, at every size; it tiles."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.procedural.grunge import RECIPES, grunge
from tests.references.calling import call

KINDS = list(RECIPES)


@pytest.mark.parametrize("recipe", KINDS)
@pytest.mark.parametrize(("balance", "scale"), [(0.15, 4), (0.4, 4), (0.8, 2), (0.3, 16)])
def test_the_share_above_the_middle_is_the_balance(recipe, balance, scale):
    covered = call(grunge, 256, 320, recipe=recipe, balance=balance, scale=scale, seed=11)
    assert np.mean(covered > 0.5) == pytest.approx(balance, abs=0.03)


@pytest.mark.parametrize("recipe", KINDS)
def test_contrast_changes_edges_and_not_the_share(recipe):
    soft, hard = (call(grunge, 128, 128, recipe=recipe, contrast=contrast) for contrast in (0.0, 0.9))
    assert np.mean((soft > 0.5) != (hard > 0.5)) < 1e-3
    assert np.mean(np.abs(hard - 0.5)) > np.mean(np.abs(soft - 0.5)) + 0.05


@pytest.mark.parametrize("recipe", KINDS)
def test_nothing_and_everything_are_exactly_that(recipe):
    assert call(grunge, 96, 96, recipe=recipe, balance=0.0).max() < 0.5
    assert call(grunge, 96, 96, recipe=recipe, balance=1.0).min() > 0.5


@pytest.mark.parametrize("recipe", KINDS)
def test_every_recipe_tiles(recipe):
    offset = np.zeros((128, 128, 2), np.float32)
    offset[...] = (40 / 128, -24 / 128)
    plain = call(grunge, 128, 128, recipe=recipe)
    moved = call(grunge, 128, 128, recipe=recipe, offset=offset)
    assert np.mean(np.abs(np.roll(plain, (24, -40), (0, 1)) - moved) > 0.01) < 0.01


@pytest.mark.parametrize("recipe", KINDS)
def test_every_recipe_is_the_same_texture_at_every_size(recipe):
    small, large = (call(grunge, size, size, recipe=recipe, scale=2) for size in (128, 256))
    halved = large.reshape(128, 2, 128, 2).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), halved.ravel())[0, 1] > 0.85


@pytest.mark.parametrize("recipe", KINDS)
def test_every_recipe_in_bands_changes_no_bit(recipe):
    whole = call(grunge, 61, 75, recipe=recipe)
    assert np.array_equal(whole, call(grunge, 61, 75, 5, recipe=recipe))


def test_no_two_recipes_are_alike_and_seeds_are_others():
    flat = [call(grunge, 96, 96, recipe=recipe).ravel() for recipe in KINDS]
    flat += [call(grunge, 96, 96, recipe=recipe, seed=1).ravel() for recipe in KINDS]
    related = np.abs(np.corrcoef(flat)) - np.eye(len(flat))
    assert related.max() < 0.8
    for k in range(len(KINDS)):
        assert related[k, k + len(KINDS)] < 0.5
