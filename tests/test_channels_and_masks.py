"""Colours in other spaces, palettes for regions, and masks that are built."""

from __future__ import annotations

import colorsys
import platform
import re

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nodes.kernels import colourspace
from nodes.kernels.oklab import from_oklab, to_oklab
from nodes.procedural import mask as mask_module
from nodes.procedural.channels import Channels, merge_channels, split_channels, switch
from nodes.procedural.colour import (
    gradient_map,
    hsv_adjust,
    linear_to_srgb,
    mix_color,
    oklch_adjust,
    oklch_vary,
    region_palette,
    srgb_to_linear,
)
from nodes.procedural.mask import mask_builder
from nodes.procedural.region import flood_fill
from nodes.procedural.tone import smoothstep
from tests.references.calling import call

SIZE = (18, 30)  # more than two blocks of pixels, and not a whole number of them
RANDOM = np.random.default_rng(8)
COLOR, OTHER = (RANDOM.random((*SIZE, 3), np.float32) for _ in range(2))
COLOR[0, :8] = np.array([[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]])
GRAY, MASK = (RANDOM.random(SIZE, np.float32) for _ in range(2))
SPACES = split_channels.node.field("space").parameter.options


def encoded(light):
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-12) ** (1 / 2.4) - 0.055)


def decoded(code):
    return np.where(code <= 0.04045, code / 12.92, (np.maximum(code + 0.055, 0) / 1.055) ** 2.4)


def hsv(colour):
    return np.array([colorsys.rgb_to_hsv(*encoded(c)) for c in colour.reshape(-1, 3).astype(np.float64)])


# ---- spaces ----

VECTOR = re.compile(r"\bv(?:mul|f(?:n?m(?:add|sub))\d+|div)ps\b[^\n]*%[yz]mm")


@pytest.mark.parametrize("name", ["enter", "leave"])
def test_the_way_into_and_out_of_spaces_is_vectorised(name):
    import llvmlite.binding as llvm

    if platform.machine().lower() not in ("x86_64", "amd64") or not llvm.get_host_cpu_features().get("avx2"):
        pytest.skip("looks for instructions of x86-64 with AVX2, which this processor is not")
    dispatcher = getattr(colourspace, name).uncached()
    dispatcher(0, *np.zeros((3, colourspace.BLOCK), np.float32))
    (assembly,) = dispatcher.inspect_asm().values()
    assert len(VECTOR.findall(assembly)) > 60  # about a hundred, from OKLab, sRGB and the two that turn a hue


@pytest.mark.parametrize("space", SPACES)
def test_a_colour_taken_apart_and_put_together_is_the_colour(space):
    parts = call(split_channels, *SIZE, image=COLOR, space=space)
    back = call(merge_channels, *SIZE, **parts._asdict(), space=space)
    assert np.abs(back - COLOR).max() < 2e-5


def test_the_parts_of_a_colour_are_those_of_the_formulas_in_float64():
    for space, formula in (("linear", np.asarray), ("srgb", encoded), ("oklab", to_oklab)):
        parts = call(split_channels, *SIZE, image=COLOR, space=space)
        assert np.allclose(np.stack(parts, axis=2), formula(COLOR.astype(np.float64)), atol=2e-6), space
    found = call(split_channels, *SIZE, image=COLOR, space="hsv")
    expected = hsv(COLOR).reshape(*SIZE, 3)
    turn = np.abs(found.r - expected[..., 0])
    assert (np.minimum(turn, 1 - turn) * expected[..., 1]).max() < 1e-5
    assert np.allclose(found.g, expected[..., 1], atol=1e-5)
    assert np.allclose(found.b, expected[..., 2], atol=1e-5)
    lab, lch = to_oklab(COLOR), call(split_channels, *SIZE, image=COLOR, space="oklch")
    assert np.allclose(lch.g, np.hypot(lab[..., 1], lab[..., 2]), atol=2e-6)
    assert np.allclose(lch.g * np.cos(2 * np.pi * lch.b), lab[..., 1], atol=3e-6)
    assert np.allclose(lch.g * np.sin(2 * np.pi * lch.b), lab[..., 2], atol=3e-6)


def test_what_is_not_connected_is_0_in_a_merged_colour():
    assert np.allclose(call(merge_channels, *SIZE, r=GRAY)[..., 1:], 0)
    gray = call(merge_channels, *SIZE, r=GRAY, space="oklab")
    assert np.allclose(gray, (GRAY.astype(np.float64) ** 3)[..., None], atol=2e-5)


@given(st.sampled_from(SPACES), st.tuples(*[st.floats(-8, 8, width=16)] * 3))
@settings(max_examples=60, deadline=None)
def test_any_three_numbers_make_a_finite_colour_without_negative_parts(space, parts):
    flat = {name: np.full((1, 1), part, np.float32) for name, part in zip("rgb", parts, strict=True)}
    found = call(merge_channels, 1, 1, **flat, space=space)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    wild = np.array([[parts]], np.float32)
    assert np.isfinite(np.stack(call(split_channels, 1, 1, image=wild, space=space))).all()


@pytest.mark.parametrize("picture", [COLOR, GRAY])
def test_srgb_codes_are_the_standards_and_lead_back(picture):
    codes = call(linear_to_srgb, *SIZE, image=picture)
    assert np.allclose(codes, encoded(picture.astype(np.float64)), atol=5e-7)
    assert np.allclose(call(srgb_to_linear, *SIZE, image=codes), picture, atol=2e-6)
    outside = np.array([[-1, 0, 4]], np.float32)
    assert np.allclose(call(srgb_to_linear, 1, 3, image=call(linear_to_srgb, 1, 3, image=outside)), outside, atol=1e-5)


# ---- changing and mixing ----

IN_AND_OUT = {"linear": (np.asarray, np.asarray), "srgb": (encoded, decoded), "oklab": (to_oklab, from_oklab)}


@pytest.mark.parametrize("space", IN_AND_OUT)
@pytest.mark.parametrize("b", [OTHER, None])
def test_a_mix_of_colours_is_its_formula_in_its_space(space, b):
    into, back = IN_AND_OUT[space]
    over = np.array([0.3, 0.1, 0.6]) if b is None else OTHER.astype(np.float64)
    weight = (MASK * np.float32(0.7)).astype(np.float64)[..., None]
    below = into(COLOR.astype(np.float64))
    expected = np.maximum(back(below + weight * (into(over) - below)), 0)
    found = call(mix_color, *SIZE, a=COLOR, b=b, mask=MASK, color=(0.3, 0.1, 0.6), opacity=0.7, space=space)
    assert np.allclose(found, expected, atol=3e-5)


def test_a_mix_is_exact_where_the_mask_is_0():
    holes = MASK * (MASK > 0.5)
    found = call(mix_color, *SIZE, a=COLOR, mask=holes)
    assert np.array_equal(found[holes == 0], COLOR[holes == 0])
    assert np.array_equal(call(mix_color, *SIZE, a=COLOR, opacity=0.0), COLOR)
    assert np.allclose(call(mix_color, *SIZE, a=COLOR, b=OTHER), OTHER, atol=1e-5)


def test_a_colour_is_varied_by_maps_about_their_middle_tone():
    middle = np.full(SIZE, 0.5, np.float32)
    same = call(oklch_vary, *SIZE, image=COLOR, lightness=middle, chroma=middle, hue=middle)
    assert np.allclose(same, COLOR, atol=1e-5)
    amounts = {"lightness_amount": 0.2, "chroma_amount": 0.8, "hue_amount": 60.0}
    found = call(oklch_vary, *SIZE, image=COLOR, lightness=GRAY, chroma=MASK, hue=GRAY, **amounts)
    light, u, v = np.moveaxis(to_oklab(COLOR), 2, 0)
    factor, turn = 1 + 0.8 * (MASK - 0.5), np.radians(60) * (GRAY - 0.5)
    chroma, hue = np.hypot(u, v) * factor, np.arctan2(v, u) + turn
    lab = np.stack([np.maximum(light + 0.2 * (GRAY - 0.5), 0), chroma * np.cos(hue), chroma * np.sin(hue)], axis=2)
    assert np.allclose(found, np.maximum(from_oklab(lab), 0), atol=3e-5)
    evenly = call(oklch_vary, *SIZE, image=COLOR, hue=np.full(SIZE, 1, np.float32), hue_amount=80.0)
    assert np.allclose(evenly, call(oklch_adjust, *SIZE, image=COLOR, hue=40.0), atol=1e-5)


def test_hsv_adjusted_by_nothing_is_the_colour_and_otherwise_its_formula():
    assert np.allclose(call(hsv_adjust, *SIZE, image=COLOR), COLOR, atol=1e-5)
    changed = hsv(COLOR) * [1, 0.6, 0.9] + [0.25, 0, 0]
    expected = decoded(np.array([colorsys.hsv_to_rgb(h % 1, s, v) for h, s, v in changed])).reshape(COLOR.shape)
    found = call(hsv_adjust, *SIZE, image=COLOR, hue=90.0, saturation=0.6, value=0.9)
    assert np.allclose(found, expected, atol=2e-5)


def test_a_gradient_is_moved_by_its_position_scale_and_shift():
    stops = ((0.0, (0.0, 0.0, 0.0)), (1.0, (1.0, 1.0, 1.0)))
    moved = {"scale": 0.5, "position": 0.1, "shift_amount": 0.4}
    found = call(gradient_map, *SIZE, image=GRAY, shift=MASK, stops=stops, space="linear", **moved)
    expected = np.clip((GRAY - 0.5) * 0.5 + 0.6 + 0.4 * (MASK - 0.5), 0, 1)
    assert np.allclose(found, expected[..., None], atol=1e-6)


# ---- palettes ----


def islands(count):
    """Return `count` squared regions of 2 by 2 pixels between lines of background."""
    mask = np.zeros((3 * count, 3 * count), np.float32)
    mask.reshape(count, 3, count, 3)[:, :2, :, :2] = 1
    return call(flood_fill, *mask.shape, mask=mask)


FAMILIES = ((0.0, (0.5, 0.1, 0.1)), (0.4, (0.1, 0.5, 0.1)), (0.9, (0.1, 0.1, 0.5)))
PLAIN = {"palette": FAMILIES, "lightness": 0.0, "chroma": 0.0, "hue": 0.0}


def shares(regions, **parameters):
    found = call(region_palette, *regions.labels.shape, regions=regions, **{**PLAIN, **parameters})
    inside = regions.labels > 0
    colours = np.array([colour for _, colour in FAMILIES])
    near = np.abs(found[inside][:, None] - colours).max(axis=2) < 1e-4
    assert near.any(axis=1).all()
    return near.mean(axis=0)


def test_a_palette_keeps_its_shares():
    assert np.allclose(shares(islands(10)), [0.4, 0.5, 0.1], atol=1e-6)
    few = shares(islands(3), seed=4)
    assert np.abs(few - [0.4, 0.5, 0.1]).max() < 1 / 9
    free = shares(islands(24), draw="free")
    assert np.abs(free - [0.4, 0.5, 0.1]).max() < 3 * np.sqrt(0.25 / 576)
    assert not np.allclose(free, [0.4, 0.5, 0.1], atol=1e-6)


def test_seeds_deal_the_families_to_other_regions():
    regions = islands(8)
    first, second = (call(region_palette, 24, 24, regions=regions, seed=seed, **PLAIN) for seed in (1, 2))
    changed = np.abs(first - second).max(axis=2)[regions.labels > 0] > 0.05
    assert 0.3 < changed.mean() < 0.8


def test_jitters_are_independent_and_leave_the_family():
    regions = islands(12)
    size = regions.labels.shape
    one = {**PLAIN, "palette": ((0.0, (0.3, 0.15, 0.1)),)}
    lab = to_oklab(call(region_palette, *size, regions=regions, **{**one, "lightness": 0.2}))[regions.labels > 0]
    middle = to_oklab((0.3, 0.15, 0.1))
    assert np.allclose(lab[:, 1:], middle[1:], atol=1e-4)
    assert np.abs(lab[:, 0] - middle[0]).max() < 0.1 + 1e-4
    assert lab[:, 0].std() == pytest.approx(0.2 / np.sqrt(12), rel=0.2)
    both = to_oklab(call(region_palette, *size, regions=regions, **{**one, "lightness": 0.2, "hue": 30.0}))
    both = both[regions.labels > 0]
    assert np.allclose(both[:, 0], lab[:, 0], atol=1e-4)
    hues = np.arctan2(both[:, 2], both[:, 1])
    assert abs(np.corrcoef(both[:, 0], hues)[0, 1]) < 0.3


def test_a_shade_leads_from_the_palette_to_the_light_colours():
    regions = islands(6)
    size = regions.labels.shape
    light = tuple((place, tuple(1.6 * part for part in colour)) for place, colour in FAMILIES)
    given = {"regions": regions, "light": light, "background": (0.2, 0.2, 0.2), **PLAIN}
    plain = call(region_palette, *size, **given)
    dark = call(region_palette, *size, shade=np.zeros(size, np.float32), **given)
    bright = call(region_palette, *size, shade=np.ones(size, np.float32), **given)
    half = call(region_palette, *size, shade=np.full(size, 0.5, np.float32), **given)
    inside = regions.labels > 0
    assert np.allclose(dark, plain, atol=1e-5)
    assert np.allclose(bright[inside], plain[inside] * 1.6, atol=1e-4)
    assert np.allclose(bright[~inside], 0.2, atol=1e-5)
    assert np.allclose(to_oklab(half), (to_oklab(dark) + to_oklab(bright)) / 2, atol=1e-4)


def test_a_palette_without_regions_is_the_background():
    empty = call(flood_fill, 6, 6, mask=np.zeros((6, 6), np.float32))
    assert np.allclose(call(region_palette, 6, 6, regions=empty, background=(0.1, 0.2, 0.3)), (0.1, 0.2, 0.3))


# ---- choosing ----


def test_a_switch_passes_the_picture_of_its_number_or_the_first():
    pictures = {"first": COLOR, "second": OTHER}
    assert np.array_equal(call(switch, *SIZE, **pictures), COLOR)
    assert np.array_equal(call(switch, *SIZE, **pictures, index=2), OTHER)
    assert np.array_equal(call(switch, *SIZE, **pictures, index=5), COLOR)


# ---- masks ----


@pytest.mark.parametrize("coverage", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_built_mask_covers_the_share_asked_for(coverage, seed):
    found = call(mask_builder, 96, 128, coverage=coverage, seed=seed, tear_octaves=2)
    assert np.mean(found.mask > 0.5) == pytest.approx(coverage, abs=2e-3)
    assert not call(mask_builder, 9, 9, coverage=0.0).mask.any()
    assert call(mask_builder, 9, 9, coverage=1.0).mask.all()


def test_the_share_of_a_large_mask_is_found_from_a_part_of_its_pixels(monkeypatch):
    monkeypatch.setattr(mask_module, "SAMPLE", 64)
    cause = np.tile(np.linspace(0, 1, 250, dtype=np.float32), (200, 1))
    found = call(mask_builder, 200, 250, cause=cause, coverage=0.3, tear_octaves=1, tear_cells=8)
    assert np.mean(found.mask > 0.5) == pytest.approx(0.3, abs=0.01)


def test_a_mask_of_its_cause_alone_is_a_threshold_of_it():
    found = call(mask_builder, *SIZE, cause=GRAY, cause_weight=1.0, patch_weight=0.0, tear_weight=0.0, coverage=0.5)
    assert np.array_equal(found.mask > 0.5, np.median(GRAY) < GRAY)
    assert np.ptp(found.field - GRAY) < 1e-6


def test_a_mask_is_cut_from_its_field_at_one_half():
    found = call(mask_builder, 64, 64, softness=0.2, seed=3)
    assert np.allclose(found.mask, call(smoothstep, 64, 64, image=found.field, low=0.4, high=0.6), atol=1e-5)
    brighter = call(mask_builder, 64, 64, cause=np.full((64, 64), 0.9, np.float32), softness=0.2, seed=3)
    assert np.allclose(brighter.mask, found.mask, atol=1e-4)  # the cause is even, and the share is held


def test_a_mask_cut_at_a_level_grows_with_its_cause_and_keeps_its_place():
    causes = [np.full((64, 64), tone, np.float32) for tone in (0.3, 0.5, 0.7)]
    low, middle, high = (call(mask_builder, 64, 64, cause=cause, cut="level") for cause in causes)
    assert low.mask.mean() < middle.mask.mean() - 0.05 < high.mask.mean() - 0.1
    assert (low.mask <= middle.mask).all()
    assert np.allclose(high.field - low.field, 0.6 * 0.4, atol=1e-5)
    alone = call(mask_builder, 64, 64, cut="level", level=0.55)
    assert np.allclose(alone.field, middle.field, atol=1e-6)  # an absent cause counts as its middle tone


def test_a_cause_draws_the_mask_to_it():
    cause = np.zeros((128, 128), np.float32)
    cause[:, 64:] = 1
    found = call(mask_builder, 128, 128, cause=cause, coverage=0.4).mask
    assert found[:, 64:].mean() > 0.6 > 0.3 > found[:, :64].mean()
    away = call(mask_builder, 128, 128, cause=cause, coverage=0.4, cause_weight=-0.6).mask
    assert away[:, 64:].mean() < 0.3 < 0.6 < away[:, :64].mean()


BANDED = [
    (split_channels, {"image": COLOR, "space": "oklch"}),
    (merge_channels, {**Channels(GRAY, MASK, GRAY)._asdict(), "space": "oklch"}),
    (mix_color, {"a": COLOR, "b": OTHER, "mask": MASK}),
    (oklch_vary, {"image": COLOR, "lightness": GRAY, "chroma": MASK, "hue": GRAY}),
    (hsv_adjust, {"image": COLOR, "hue": 20.0}),
    (linear_to_srgb, {"image": COLOR}),
    (srgb_to_linear, {"image": GRAY}),
    (gradient_map, {"image": GRAY, "shift": MASK}),
    (mask_builder, {"cause": GRAY, "offset": COLOR[..., :2].copy()}),
]


@pytest.mark.parametrize(("function", "given"), BANDED, ids=lambda part: getattr(part, "__name__", ""))
def test_a_picture_in_bands_has_the_bits_of_the_whole(function, given):
    whole, parts = call(function, *SIZE, **given), call(function, *SIZE, bands=5, **given)
    for one, other in zip(whole, parts, strict=True) if isinstance(whole, tuple) else [(whole, parts)]:
        assert np.isfinite(one).all()
        assert np.array_equal(one, other)
