"""Wet, rust and peeling paint: identities, what each may change, and that relief and normals go together."""

from __future__ import annotations

import numpy as np
import pytest

from materials.render import run
from nodes.arrays import Material

SIZE = 128


def full(value: float) -> np.ndarray:
    return np.full((SIZE, SIZE), value, np.float32)


def ground(metal: float = 0.0, rough: float = 0.8) -> Material:
    height = run("fbm", size=SIZE, cells=4, octaves=4, seed=3)
    return Material(
        {
            "base_color": np.stack([full(0.4), full(0.3), full(0.2)], axis=2),
            "metallic": full(metal),
            "roughness": full(rough),
            "normal": run("normal_from_height", height, depth=0.05),
            "height": height,
            "ambient_occlusion": run("ambient_occlusion", height, depth=0.05),
        },
        100.0,
        5.0,
    )


def unchanged(found: Material, was: Material) -> None:
    for name, image in was.maps.items():
        scale = found.depth_cm / was.depth_cm if name == "height" else 1.0
        apart = found.maps[name] * scale - image
        apart = apart - apart.mean() if name == "height" else apart  # room for what may lie below and above
        assert np.abs(apart).max() < 3e-4, name


def fits(found: Material) -> None:
    normal = run("normal_from_height", found.maps["height"], depth=found.depth_cm / found.size_cm)
    assert np.abs(found.maps["normal"] - normal).max() < 1e-3


# ---- wet ----


def test_dry_is_what_it_was():
    unchanged(run("wetness", ground(), water=0.0, damp=0.0).material, ground())
    unchanged(run("wetness", ground(), mask=full(0)).material, ground())


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_water_covers_the_share_that_is_asked_for_and_lies_level(share):
    found = run("wetness", ground(), water=share, ripples=0.0)
    assert found.water.mean() == pytest.approx(share, abs=0.06)
    height = found.material.maps["height"][found.water > 0.999]
    assert np.ptp(height) < 2e-3
    fits(found.material)


def test_a_level_of_height_is_where_the_water_stands():
    found = run("wetness", ground(), water=0.5, measure="height", ripples=0.0)
    assert found.material.maps["height"][found.water > 0.999] == pytest.approx(0.5, abs=2e-3)
    assert found.water[ground().maps["height"] > 0.53].max() == 0


def test_damp_darkens_saturates_and_smooths_and_metal_gets_no_darker():
    for metal in (0.0, 1.0):
        was = ground(metal)
        found = run("wetness", was, water=0.0, damp=1.0).material
        wet, dry = (m.maps["base_color"].reshape(-1, 3).min(axis=0) for m in (found, was))
        assert found.maps["roughness"].min() < 0.5
        if metal:
            assert np.allclose(wet, dry, atol=1e-5)
        else:
            assert (wet < 0.8 * dry).all()
            assert wet[0] / wet[2] > 1.2 * dry[0] / dry[2]


def test_ripples_tilt_the_water_and_nothing_else():
    still, rough = (run("wetness", ground(), water=0.4, ripples=r) for r in (0.0, 2.0))
    apart = np.abs(still.material.maps["normal"] - rough.material.maps["normal"]).max(axis=2)
    assert apart[still.water > 0.99].mean() > 0.01
    assert apart[still.water == 0].max() == 0
    assert np.array_equal(still.material.maps["height"], rough.material.maps["height"])


# ---- rust ----


def test_no_rust_is_what_it_was():
    unchanged(run("rust", ground(1.0), amount=0.0).material, ground(1.0))
    unchanged(run("rust", ground(1.0), mask=full(0)).material, ground(1.0))


def test_rust_covers_the_share_is_no_metal_and_raises_and_eats_within_bounds():
    was = ground(1.0)
    found = run("rust", was, amount=0.4, halo=0.0, bloom=0.004, pits=0.003)
    assert found.mask.mean() == pytest.approx(0.4, abs=0.04)
    assert np.abs(found.material.maps["metallic"] - (1 - found.mask)).max() < 1e-5
    change = found.material.maps["height"] * found.material.depth_cm - was.maps["height"] * was.depth_cm - 0.3
    assert -0.3 - 1e-3 < change.min() < -0.05
    assert 0.05 < change.max() < 0.4 + 1e-3
    assert np.abs(change[found.mask == 0]).max() < 1e-3
    fits(found.material)


def test_stages_lie_inside_each_other_old_is_darker():
    found = run("rust", ground(1.0), amount=0.5)
    tone = found.material.maps["base_color"].mean(axis=2)
    young, old = (found.mask > 0.95) & (found.stage < 0.2), found.stage > 0.7
    assert tone[old].mean() < 0.5 * tone[young].mean()
    deep = run("distance", (found.mask > 0.95).astype(np.float32), mode="inside", radius=0.2).distance
    assert deep[old].mean() > deep[young].mean()


def test_rust_starts_at_its_source():
    source = full(0)
    source[40:60, 40:60] = 1
    mask = run("rust", ground(1.0), source=source, amount=0.1, halo=0.0).mask
    assert mask[40:60, 40:60].mean() > 0.9


# ---- paint ----


def paint() -> Material:
    return Material({"base_color": np.stack([full(0.1), full(0.2), full(0.6)], axis=2), "roughness": full(0.3)})


def test_whole_paint_shows_no_base_and_paint_all_gone_no_paint():
    base = ground(1.0)
    whole = run("paint_peel", base, paint(), amount=0.0)
    assert np.all(whole.mask == 1)
    assert np.allclose(whole.material.maps["base_color"], paint().maps["base_color"])
    assert np.all(whole.material.maps["metallic"] == 0)
    gone = run("paint_peel", base, paint(), amount=1.0)
    assert np.all(gone.mask == 0)
    unchanged(gone.material, base)


def test_paint_is_gone_from_the_share_that_is_asked_for_and_its_edge_is_a_step():
    base = ground(1.0)
    found = run("paint_peel", base, paint(), amount=0.4, curl=0.0, primer=0.0, thickness=0.01)
    assert 1 - found.mask.mean() == pytest.approx(0.4, abs=0.04)
    step = found.material.maps["height"] * found.material.depth_cm - base.maps["height"] * base.depth_cm
    assert np.abs(step - found.mask).max() < 1e-3  # 0.01 of a metre
    assert np.mean((found.mask > 0.01) & (found.mask < 0.99)) < 0.2


def test_only_the_border_curls_and_by_no_more_than_asked():
    base = ground(1.0)
    flat, curled = (run("paint_peel", base, paint(), amount=0.3, curl=c, curl_width=0.03) for c in (0.0, 0.01))
    lift = (
        curled.material.maps["height"] * curled.material.depth_cm
        - flat.material.maps["height"] * flat.material.depth_cm
    )
    assert 0.3 < lift.max() < 1.001
    assert np.abs(lift[flat.mask == 0]).max() < 1e-3
    inside = run("distance", (flat.mask > 0.5).astype(np.float32), mode="inside", radius=0.06).distance
    assert np.abs(lift[inside > 0.6]).max() < 1e-3


# ---- layers ----


def test_a_stack_is_as_many_blends_in_a_row():
    base, snow = ground(), run("snow_cover", ground(), amount=0.8).material
    mask = run("fbm", size=SIZE, seed=8)
    stacked = run(
        "layer_stack", base, layer_1=paint(), mask_1=mask, layer_3=snow, mask_3=mask, opacity_3=0.6, by_3="height"
    )
    first = run("material_blend", base, paint(), mask)
    second = run("material_height_blend", first, snow, mask, opacity=0.6, contrast=0.85).material
    assert tuple(stacked.maps) == tuple(second.maps)
    for name, image in second.maps.items():
        assert np.array_equal(stacked.maps[name], image), name


def test_a_stack_of_nothing_is_its_base():
    base = ground()
    found = run("layer_stack", base)
    assert all(np.array_equal(found.maps[name], image) for name, image in base.maps.items())
