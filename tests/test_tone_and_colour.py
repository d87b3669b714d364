"""Tones, mixing, colours and sources against their formulas in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nodes.kernels.oklab import from_oklab, to_oklab
from nodes.procedural.colour import gradient_map, oklch_adjust, to_grayscale
from nodes.procedural.mix import blend, height_blend, math
from nodes.procedural.source import image, image_gray, uniform, uniform_color
from nodes.procedural.tone import (
    auto_levels,
    curve,
    equalize,
    histogram_range,
    histogram_scan,
    levels,
    quantize,
    remap,
    smooth_threshold,
    smoothstep,
)
from tests.references.calling import call

SIZE = (16, 24)
RANDOM = np.random.default_rng(5)
GRAY, OTHER, MASK = (RANDOM.random(SIZE, np.float32) for _ in range(3))
COLOR, TINT = (RANDOM.random((*SIZE, 3), np.float32) for _ in range(2))
unit = st.floats(0, 1, width=32)


@given(unit, unit, st.floats(0.1, 8), unit, unit, st.booleans())
@settings(max_examples=40, deadline=None)
def test_levels_is_its_formula(low, high, gamma, out_low, out_high, invert):
    if abs(high - low) < 0.01:
        high = low + 0.5
    t = np.clip((GRAY.astype(np.float64) - low) / (high - low), 0, 1) ** (1 / gamma)
    t = 1 - t if invert else t
    found = call(
        levels,
        *SIZE,
        image=GRAY,
        in_low=low,
        in_high=high,
        gamma=gamma,
        out_low=out_low,
        out_high=out_high,
        invert=invert,
    )
    # A root is steep at 0, where float32 tones are coarse.
    assert np.abs(found - (out_low + t * (out_high - out_low))).max() < (1e-4 if gamma <= 1 else 2e-2)


def test_levels_without_clamping_keep_what_lies_outside():
    found = call(levels, *SIZE, image=GRAY, in_low=0.4, in_high=0.6, clamp=False)
    assert np.allclose(found, (GRAY - 0.4) / 0.2, atol=1e-5)


@pytest.mark.parametrize("picture", [GRAY, COLOR])
def test_a_mask_of_0_keeps_the_input_and_one_of_1_takes_the_effect(picture):
    effect = call(levels, *SIZE, image=picture, in_low=0.2, in_high=0.7)
    for mask, expected in ((np.zeros_like(MASK), picture), (np.ones_like(MASK), effect)):
        assert np.allclose(call(levels, *SIZE, image=picture, in_low=0.2, in_high=0.7, mask=mask), expected, atol=2e-7)
    weight = MASK if picture.ndim == 2 else MASK[..., None]
    found = call(levels, *SIZE, image=picture, in_low=0.2, in_high=0.7, mask=MASK)
    assert np.allclose(found, picture + weight * (effect - picture), atol=1e-6)


def test_a_straight_curve_changes_nothing_and_any_curve_goes_through_its_points():
    assert np.allclose(call(curve, *SIZE, image=GRAY), GRAY, atol=1e-6)
    points = ((0.0, 0.2), (0.25, 0.9), (0.5, 0.9), (0.75, 0.1), (1.0, 0.6))
    at = np.array([[x for x, _ in points]], np.float32)
    assert np.allclose(call(curve, 1, 5, image=at, points=points), [[y for _, y in points]], atol=2e-3)


@given(st.lists(unit, min_size=3, max_size=8))
@settings(max_examples=50, deadline=None)
def test_a_curve_through_rising_points_rises(values):
    values = sorted(values)
    points = tuple((i / (len(values) - 1), float(y)) for i, y in enumerate(values))
    ramp = np.linspace(0, 1, 500, dtype=np.float32)[None]
    found = call(curve, 1, 500, image=ramp, points=points)
    assert np.diff(found).min() > -1e-5
    assert values[0] - 1e-6 <= found.min()
    assert found.max() <= values[-1] + 1e-6


def test_histogram_scan_is_black_at_0_and_white_at_1():
    for contrast in (0.0, 0.5, 1.0):
        assert np.allclose(call(histogram_scan, *SIZE, image=GRAY, position=0.0, contrast=contrast), 0, atol=1e-5)
        assert np.allclose(call(histogram_scan, *SIZE, image=GRAY, position=1.0, contrast=contrast), 1, atol=1e-5)
    width, threshold = 0.5, 0.5
    found = call(histogram_scan, *SIZE, image=GRAY, position=0.5, contrast=0.5)
    assert np.allclose(found, np.clip((GRAY - threshold) / width + 0.5, 0, 1), atol=1e-5)


def test_auto_levels_reaches_exactly_0_and_1_and_cuts_the_shares_asked_for():
    dim = GRAY * 0.2 + 0.3
    found = call(auto_levels, *SIZE, image=dim)
    assert (found.min(), found.max()) == (0, pytest.approx(1, abs=1e-6))
    picture = RANDOM.random((100, 100), np.float32)
    cut = call(auto_levels, 100, 100, image=picture, low_share=0.1, high_share=0.8)
    assert np.mean(cut == 0) == pytest.approx(0.1, abs=0.003)
    assert np.mean(cut == 1) == pytest.approx(0.2, abs=0.003)
    assert np.isfinite(call(auto_levels, 4, 4, image=np.full((4, 4), 0.3, np.float32))).all()


wide = st.floats(-4, 4, width=16)


@given(wide, wide)
@settings(max_examples=60, deadline=None)
def test_smoothstep_rises_between_its_ends_and_falls_when_they_change_places(low, high):
    found = call(smoothstep, *SIZE, image=GRAY, low=low, high=high)
    if low == high:
        assert np.array_equal(found, (np.float32(low) <= GRAY).astype(np.float32))
        return
    t = np.clip((GRAY.astype(np.float64) - low) / (high - low), 0, 1)
    assert np.allclose(found, t * t * (3 - 2 * t), atol=2e-5 + 2e-7 / abs(high - low))
    assert np.allclose(found + call(smoothstep, *SIZE, image=GRAY, low=high, high=low), 1, atol=1e-5)


BULK = np.cbrt(RANDOM.normal(0.3, 0.2, (120, 100))).astype(np.float32) ** 2  # tones far from evenly spread


@pytest.mark.parametrize("share", [0.001, 0.1, 0.37, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("softness", [0.0, 0.05, 0.4])
def test_a_smooth_threshold_covers_the_share_asked_for(share, softness):
    found = call(smooth_threshold, 120, 100, image=BULK, share=share, softness=softness)
    assert np.mean(found > 0.5) == pytest.approx(share, abs=5e-4)
    assert call(smooth_threshold, 120, 100, image=BULK, share=0.0, softness=softness).max() == 0
    assert call(smooth_threshold, 120, 100, image=BULK, share=1.0, softness=softness).min() == 1


def test_equalised_tones_are_evenly_spread_and_in_their_old_order():
    found = call(equalize, 120, 100, image=BULK)
    counts, _ = np.histogram(found, 20, (0, 1))
    assert np.abs(counts / found.size - 0.05).max() < 1e-3
    assert (np.diff(found.ravel()[np.argsort(BULK, axis=None)]) >= 0).all()
    ranks = np.argsort(np.argsort(BULK, axis=None)) / BULK.size
    assert np.abs(found.ravel() - ranks).max() < 2e-3
    assert np.allclose(call(equalize, 120, 100, image=BULK, amount=0.0), BULK)


@pytest.mark.parametrize("function", [equalize, smooth_threshold, auto_levels])
@pytest.mark.parametrize("tone", [0.0, 0.3, -1e-40, 1e30])
def test_a_flat_picture_and_one_of_tones_hardly_apart_stay_finite(function, tone):
    flat = np.full((6, 8), tone, np.float32)
    assert np.isfinite(call(function, 6, 8, image=flat)).all()
    flat[2, 3] = np.nextafter(np.float32(tone), np.float32(2))
    assert np.isfinite(call(function, 6, 8, image=flat)).all()


@given(wide, wide, wide, wide, st.booleans())
@settings(max_examples=60, deadline=None)
def test_remap_sends_its_two_tones_to_where_it_says(in_low, in_high, out_low, out_high, clamp):
    if abs(in_high - in_low) < 0.01:
        return
    ends = np.array([[in_low, in_high, (in_low + in_high) / 2, in_low - (in_high - in_low)]], np.float32)
    ranges = {"in_low": in_low, "in_high": in_high, "out_low": out_low, "out_high": out_high}
    found = call(remap, 1, 4, image=ends, clamp=clamp, **ranges)
    beyond = out_low if clamp else out_low - (out_high - out_low)
    assert np.allclose(found, [[out_low, out_high, (out_low + out_high) / 2, beyond]], atol=1e-3)


def test_histogram_range_takes_up_its_share_at_its_place():
    found = call(histogram_range, *SIZE, image=GRAY, range=0.5, position=0.25)
    assert np.allclose(found, 0.125 + 0.5 * GRAY, atol=1e-6)
    assert np.allclose(call(histogram_range, *SIZE, image=GRAY, range=1.0, position=0.8), GRAY, atol=1e-6)


@pytest.mark.parametrize("levels", [2, 3, 7, 64])
def test_quantised_tones_are_levels_with_risers_halfway_between(levels):
    ramp = np.linspace(-0.4, 1.4, 4001, dtype=np.float32)[None]
    hard = call(quantize, 1, 4001, image=ramp, levels=levels, riser=0.0)
    assert np.allclose(hard.steps * (levels - 1), np.round(hard.steps * (levels - 1)), atol=1e-4)
    assert np.abs(hard.steps - ramp).max() <= 0.5 / (levels - 1) + 1e-5
    assert not hard.riser.any()
    soft = call(quantize, 1, 4001, image=ramp, levels=levels, riser=0.3)
    assert (np.diff(soft.steps) > -1e-6).all()
    assert np.mean(soft.riser > 0) == pytest.approx(0.3, abs=0.15 / levels + 0.06)
    assert soft.riser.max() == pytest.approx(1, abs=0.05)
    assert np.allclose(soft.steps[soft.riser == 0], hard.steps[soft.riser == 0], atol=1e-5)


def soft_light(a, b):
    lift = np.where(a <= 0.25, ((16 * a - 12) * a + 4) * a, np.sqrt(a))
    return np.where(b <= 0.5, a - (1 - 2 * b) * a * (1 - a), a + (2 * b - 1) * (lift - a))


def hard_light(a, b):
    return np.where(b <= 0.5, 2 * a * b, 1 - 2 * (1 - a) * (1 - b))


BLENDS = {
    "normal": lambda a, b: b,
    "multiply": lambda a, b: a * b,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "screen": lambda a, b: 1 - (1 - a) * (1 - b),
    "overlay": lambda a, b: hard_light(b, a),
    "soft_light": soft_light,
    "hard_light": hard_light,
    "darken": np.minimum,
    "lighten": np.maximum,
    "difference": lambda a, b: np.abs(a - b),
    "divide": lambda a, b: a / b,
    "color_dodge": lambda a, b: np.minimum(1, a / (1 - b)),
    "color_burn": lambda a, b: 1 - np.minimum(1, (1 - a) / b),
}


def test_the_reference_knows_every_mode():
    assert set(blend.node.field("mode").parameter.options) == set(BLENDS)


@pytest.mark.parametrize("mode", BLENDS)
@pytest.mark.parametrize(("a", "b"), [(GRAY, OTHER), (COLOR, TINT)])
def test_blend_is_its_formula_at_any_opacity(mode, a, b):
    full = BLENDS[mode](a.astype(np.float64), b.astype(np.float64))
    weight = MASK if a.ndim == 2 else MASK[..., None]
    for opacity in (0.0, 0.3, 1.0):
        found = call(blend, *SIZE, a=a, b=b, mode=mode, opacity=opacity)
        assert np.allclose(found, a + opacity * (full - a), rtol=1e-4, atol=1e-5)
        found = call(blend, *SIZE, a=a, b=b, mode=mode, opacity=opacity, mask=MASK)
        assert np.allclose(found, a + opacity * weight * (full - a), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("mode", BLENDS)
def test_blend_is_finite_for_the_extreme_tones(mode):
    a, b = (part.astype(np.float32) for part in np.meshgrid([-1, 0, 1e-30, 0.5, 1, 2], [-1, 0, 1e-30, 0.5, 1, 2]))
    assert np.isfinite(call(blend, 6, 6, a=a, b=b, mode=mode)).all()


@pytest.mark.parametrize("operation", math.node.field("operation").parameter.options)
def test_math_is_finite_whatever_meets(operation):
    tones = [-1e3, -1, -0.5, -1e-30, 0, 1e-30, 0.5, 1, 1e3]
    a, b = (part.astype(np.float32) for part in np.meshgrid(tones, tones))
    assert np.isfinite(call(math, 9, 9, a=a, b=b, operation=operation)).all()
    for value in math.node.field("value").parameter.ends():
        assert np.isfinite(call(math, 9, 9, a=a, operation=operation, value=value)).all()


def test_math_uses_the_number_where_nothing_is_connected_and_dividing_by_0_gives_0():
    assert np.allclose(call(math, *SIZE, a=GRAY, operation="multiply", value=3.0), GRAY * 3)
    assert not call(math, *SIZE, a=GRAY, operation="divide", value=0.0).any()
    assert not call(math, *SIZE, a=-GRAY - 1, operation="power", value=0.5).any()


def test_a_smooth_minimum_is_below_both_and_the_minimum_where_they_are_far_apart():
    found = call(math, *SIZE, a=GRAY, b=OTHER, operation="smooth_minimum", smoothness=0.2)
    least = np.minimum(GRAY, OTHER)
    assert (found <= least + 1e-7).all()
    apart = np.abs(GRAY - OTHER) > 0.2
    assert np.allclose(found[apart], least[apart], atol=1e-6)


@given(unit, unit, unit, st.sampled_from(["balanced", "bottom"]))
@settings(max_examples=40, deadline=None)
def test_height_blend_is_its_formula(offset, contrast, opacity, mode):
    top, bottom, mask = (part.astype(np.float64) for part in (GRAY, OTHER, MASK))
    epsilon = 0.5 + contrast * (0.004 - 0.5)
    d = top - bottom - (1 + epsilon) + 2 * (1 + epsilon) * offset * mask
    t = np.clip((d + epsilon) / (2 * epsilon), 0, 1)
    weight = t * t * (3 - 2 * t) * opacity
    height = bottom + weight * (top - bottom)
    found = call(
        height_blend,
        *SIZE,
        top=GRAY,
        bottom=OTHER,
        mask=MASK,
        offset=offset,
        contrast=contrast,
        opacity=opacity,
        mode=mode,
    )
    assert np.allclose(found.weight, weight, atol=2e-4)
    assert np.allclose(found.height, np.maximum(bottom, height) if mode == "bottom" else height, atol=2e-4)


def test_height_blend_at_the_ends_of_its_offset_shows_one_side_alone():
    low = call(height_blend, *SIZE, top=GRAY, bottom=OTHER, offset=0.0)
    high = call(height_blend, *SIZE, top=GRAY, bottom=OTHER, offset=1.0)
    assert not low.weight.any()
    assert np.allclose(high.weight, 1)
    assert np.allclose(high.height, GRAY, atol=1e-6)


def test_oklab_there_and_back_is_the_colour():
    assert np.allclose(from_oklab(to_oklab(COLOR)), COLOR, atol=1e-12)
    assert np.allclose(to_oklab((1.0, 1.0, 1.0)), (1, 0, 0), atol=1e-6)


def test_oklch_adjust_by_nothing_is_the_colour_and_otherwise_its_formula():
    assert np.abs(call(oklch_adjust, *SIZE, image=COLOR) - COLOR).max() < 1e-5
    lab = to_oklab(COLOR)
    hue = np.arctan2(lab[..., 2], lab[..., 1]) + np.radians(40)
    chroma = 0.6 * np.hypot(lab[..., 1], lab[..., 2])
    lab = np.stack([np.maximum(lab[..., 0] + 0.1, 0), chroma * np.cos(hue), chroma * np.sin(hue)], axis=2)
    found = call(oklch_adjust, *SIZE, image=COLOR, lightness=0.1, chroma=0.6, hue=40.0)
    assert np.allclose(found, np.maximum(from_oklab(lab), 0), atol=2e-5)


STOPS = ((0.0, (0.1, 0.0, 0.0)), (0.25, (0.0, 0.5, 0.2)), (0.5, (0.9, 0.9, 0.1)), (1.0, (0.2, 0.3, 0.8)))


@pytest.mark.parametrize("space", ["oklab", "linear", "srgb"])
@pytest.mark.parametrize("interpolation", ["linear", "smooth", "constant"])
def test_a_gradient_has_its_colours_at_its_stops(space, interpolation):
    at = np.array([[position for position, _ in STOPS]], np.float32)
    at = np.minimum(at + 1 / 4096, 1) if interpolation == "constant" else at
    found = call(gradient_map, 1, 4, image=at, stops=STOPS, space=space, interpolation=interpolation)
    assert np.allclose(found[0], [colour for _, colour in STOPS], atol=2e-3)


def test_a_linear_gradient_between_two_stops_is_straight_and_goes_on_level_outside():
    ramp = np.linspace(-0.5, 1.5, 101, dtype=np.float32)[None]
    stops = ((0.2, (0.0, 0.2, 1.0)), (0.8, (1.0, 0.4, 0.0)))
    found = call(gradient_map, 1, 101, image=ramp, stops=stops, space="linear")
    t = np.clip((ramp[0] - 0.2) / 0.6, 0, 1)[:, None]
    assert np.allclose(found[0], np.array(stops[0][1]) * (1 - t) + np.array(stops[1][1]) * t, atol=1e-3)


def test_two_stops_at_one_place_make_a_step_no_wider_than_an_entry_of_the_table():
    stops = ((0.0, (0.0,) * 3), (0.5, (0.0,) * 3), (0.5, (1.0,) * 3), (1.0, (1.0,) * 3))
    ramp = np.array([[0.0, 0.5 - 1 / 4000, 0.5 + 1 / 4000, 1.0]], np.float32)
    assert call(gradient_map, 1, 4, image=ramp, stops=stops)[0, :, 0] == pytest.approx([0, 0, 1, 1], abs=1e-5)


def test_a_gray_of_a_colour_is_its_luminance():
    assert np.allclose(call(to_grayscale, *SIZE, image=COLOR), COLOR @ [0.2126, 0.7152, 0.0722], atol=1e-6)


def test_a_uniform_is_its_value():
    assert (call(uniform, 3, 5, value=0.25) == 0.25).all()
    assert np.allclose(call(uniform_color, 3, 5, color=(0.1, 0.2, 0.3)), (0.1, 0.2, 0.3))


def test_a_picture_at_its_own_size_is_itself_and_none_is_mid_gray():
    assert np.allclose(call(image, *SIZE, picture=COLOR), COLOR, atol=1e-5)
    assert np.allclose(call(image_gray, *SIZE, picture=GRAY), GRAY, atol=1e-5)
    assert (call(image, *SIZE, picture=None) == 0.5).all()
    assert (call(image_gray, *SIZE, picture=None) == 0.5).all()


def test_a_picture_made_smaller_is_averaged_exactly():
    picture = RANDOM.random((60, 42), np.float32)
    assert np.allclose(call(image_gray, 20, 14, picture=picture), picture.reshape(20, 3, 14, 3).mean((1, 3)), atol=1e-5)
    assert call(image_gray, 17, 11, picture=picture).mean() == pytest.approx(picture.mean(), abs=1e-5)


def test_a_picture_made_larger_is_interpolated_across_the_border():
    picture = np.array([[0.0, 1.0]], np.float32)
    assert np.allclose(call(image_gray, 1, 4, picture=picture), [[0.25, 0.25, 0.75, 0.75]], atol=1e-5)


def test_copies_of_a_picture_are_alike_and_mirrored_ones_turned_round():
    picture = RANDOM.random((8, 8), np.float32)
    twice = call(image_gray, 16, 16, picture=picture, columns=2, rows=2)
    assert np.allclose(twice, np.tile(picture, (2, 2)), atol=1e-5)
    mirrored = call(image_gray, 16, 16, picture=picture, columns=2, rows=2, wrap="mirror")
    assert np.allclose(mirrored[:8, 8:], picture[:, ::-1], atol=1e-5)


EFFECTS = [
    (levels, {"image": COLOR, "gamma": 2.0, "mask": MASK}),
    (curve, {"image": COLOR, "mask": MASK}),
    (histogram_scan, {"image": GRAY}),
    (auto_levels, {"image": GRAY}),
    (smooth_threshold, {"image": GRAY}),
    (equalize, {"image": GRAY}),
    (quantize, {"image": GRAY}),
    (blend, {"a": COLOR, "b": TINT, "mode": "soft_light", "mask": MASK}),
    (math, {"a": GRAY, "b": OTHER, "operation": "power"}),
    (height_blend, {"top": GRAY, "bottom": OTHER, "mask": MASK}),
    (gradient_map, {"image": GRAY, "stops": STOPS}),
    (oklch_adjust, {"image": COLOR, "hue": 30.0, "mask": MASK}),
    (image, {"picture": COLOR, "columns": 3, "offset": COLOR[..., :2].copy()}),
]


@pytest.mark.parametrize(("function", "given"), EFFECTS, ids=lambda part: getattr(part, "__name__", ""))
def test_a_picture_in_bands_has_the_bits_of_the_whole(function, given):
    whole, parts = call(function, *SIZE, **given), call(function, *SIZE, bands=3, **given)
    for one, other in zip(whole, parts, strict=True) if isinstance(whole, tuple) else [(whole, parts)]:
        assert np.isfinite(one).all()
        assert np.array_equal(one, other)
