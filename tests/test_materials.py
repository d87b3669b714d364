"""Materials laid over each other, changed, and checked: identities, and normals against the heights they belong to."""

from __future__ import annotations

import numpy as np
import pytest

from materials.render import run
from nodes.arrays import MAPS, Material

SIZE = 64
RANDOM = np.random.default_rng(5)


def cloud(seed: int, cells: int = 4) -> np.ndarray:
    return run("fbm", size=SIZE, cells=cells, octaves=3, seed=seed)


def relief(height: np.ndarray, depth_cm: float = 2.0, size_cm: float = 100.0) -> np.ndarray:
    return run("normal_from_height", height, depth=depth_cm / size_cm)


def material(seed: int, depth_cm: float = 2.0, size_cm: float = 100.0, **maps) -> Material:
    height = cloud(seed)
    own = {
        "base_color": np.stack([cloud(seed + k) for k in range(3)], axis=2),
        "metallic": (cloud(seed + 3) > 0.5).astype(np.float32),
        "roughness": cloud(seed + 4),
        "normal": relief(height, depth_cm, size_cm),
        "height": height,
    }
    return Material({**own, **maps}, size_cm, depth_cm)


def close(one: Material, other: Material) -> None:
    assert tuple(one.maps) == tuple(other.maps)
    for name in one.maps:
        assert np.abs(one.maps[name] - other.maps[name]).max() < 3e-6, name


def full(value: float) -> np.ndarray:
    return np.full((SIZE, SIZE), value, np.float32)


# ---- blending ----


def test_a_mask_of_zero_keeps_the_lower_material_and_of_one_the_upper():
    a, b = material(1), material(11)
    close(run("material_blend", a, b, full(0)), a)
    close(run("material_blend", a, b, full(1)), b)
    close(run("material_blend", a, b), b)
    close(run("material_blend", a, b, full(1), opacity=0.0), a)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_normal_of_a_blend_is_that_of_the_blended_height(share):
    a, b, mask = material(1), material(11), cloud(21) * np.float32(share)
    blend = run("material_blend", a, b, mask)
    assert np.abs(blend.maps["normal"] - relief(blend.maps["height"])).max() < 3e-6


def test_detail_that_a_normal_has_beside_its_height_stays_by_the_mask():
    bumps = cloud(31, cells=16)
    a, b = material(1), material(11)
    rich = material(11, normal=relief(b.maps["height"] + bumps * np.float32(0.1)))
    mask = cloud(21)
    slopes = [n[..., :2] * 2 - 1 for n in (relief(bumps * np.float32(0.1)),)]
    plain, detailed = (run("material_blend", a, top, mask).maps["normal"] * 2 - 1 for top in (b, rich))
    steep = [n[..., :2] / n[..., 2:] for n in (plain, detailed)]
    detail = slopes[0] / np.sqrt(1 - (slopes[0] ** 2).sum(axis=2, keepdims=True))
    assert np.abs(steep[1] - steep[0] - detail * mask[..., None]).max() < 1e-4


def test_normals_of_a_blend_have_unit_length_also_without_heights():
    a, b = material(1), material(11)
    flat = [Material({name: m.maps[name] for name in ("base_color", "normal")}) for m in (a, b)]
    normal = run("material_blend", *flat, cloud(3)).maps["normal"] * 2 - 1
    assert np.abs(np.linalg.norm(normal, axis=2) - 1).max() < 1e-5


def test_heights_of_unlike_depth_keep_their_centimetres():
    a, b = material(1, depth_cm=4.0), material(11, depth_cm=1.0)
    blend = run("material_blend", a, b)
    assert blend.depth_cm == 4.0
    assert np.allclose((blend.maps["height"] - 0.5) * 4, b.maps["height"] - 0.5, atol=1e-6)
    assert np.abs(blend.maps["normal"] - b.maps["normal"]).max() < 3e-6


def test_a_missing_map_counts_with_its_neutral_value():
    a, b = Material({"height": cloud(1)}), Material({"emission": np.ones((SIZE, SIZE, 3), np.float32)})
    blend = run("material_blend", a, b, full(0.5))
    assert np.allclose(blend.maps["emission"], 0.5)
    assert np.allclose(blend.maps["height"], (a.maps["height"] + MAPS["height"][1]) / 2)


def test_metal_stays_metal_or_not_where_the_mask_is_hard():
    blend = run("material_blend", material(1), material(11), (cloud(21) > 0.5).astype(np.float32))
    assert set(np.unique(blend.maps["metallic"])) <= {0.0, 1.0}


@pytest.mark.parametrize("mode", ["balanced", "bottom"])
def test_a_height_blend_follows_the_heights_as_the_node_for_heights_does(mode):
    a, b, mask = material(1), material(11), cloud(21)
    blend = run("material_height_blend", a, b, mask, offset=0.6, contrast=0.7, mode=mode)
    alone = run(
        "height_blend", top=b.maps["height"], bottom=a.maps["height"], mask=mask, offset=0.6, contrast=0.7, mode=mode
    )
    assert np.array_equal(blend.weight, alone.weight)
    assert np.array_equal(blend.material.maps["height"], alone.height)
    assert np.abs(blend.material.maps["normal"] - relief(alone.height)).max() < 3e-6
    w = alone.weight
    expected = a.maps["roughness"] * (1 - w) + b.maps["roughness"] * w
    assert np.allclose(blend.material.maps["roughness"], expected, atol=1e-6)


def test_the_ends_of_a_height_blend_are_the_two_materials():
    a, b = material(1), material(11)
    close(run("material_height_blend", a, b, offset=0.0).material, a)
    close(run("material_height_blend", a, b, offset=1.0).material, b)


# ---- making and taking apart ----


def test_split_and_make_are_each_others_opposite():
    a = material(1)
    parts = run("split_material", a)._asdict()
    again = run("make_material", **{name: parts[name] for name in a.maps})
    close(again, a)
    assert np.all(parts["opacity"] == 1)
    assert np.all(parts["emission"] == 0)


def test_a_known_substance_overrules_the_sliders():
    gold = run("base_material", substance="gold", color=(0, 0, 1), metallic=0.0, size=8)
    assert np.all(gold.maps["metallic"] == 1)
    assert np.allclose(gold.maps["base_color"], (1.0, 0.782, 0.344))
    plain = run("base_material", color=(0, 0, 1), roughness=0.25, size=8)
    assert np.allclose(plain.maps["base_color"], (0, 0, 1))
    assert np.all(plain.maps["roughness"] == 0.25)


def test_every_substance_passes_the_check():
    from nodes.procedural.material import SUBSTANCES

    for name in SUBSTANCES:
        made = run("base_material", substance=name, size=4)
        assert np.all(run("pbr_validate", made).mask == 0), name


# ---- changing ----


def test_adjusting_by_nothing_changes_nothing_and_a_mask_of_zero_neither():
    a = material(1)
    close(run("material_adjust", a), a)
    close(run("material_adjust", a, full(0), brightness=0.3, saturation=2.0, roughness=0.4), a)


def test_relief_deepens_height_and_normal_alike():
    a = material(1)
    deep = run("material_adjust", a, relief=3.0)
    assert deep.depth_cm == 6.0
    assert np.abs(deep.maps["normal"] - relief(a.maps["height"], 6.0)).max() < 3e-6


def test_saturation_keeps_luminance():
    a = material(1)
    gray = run("material_adjust", a, saturation=0.0).maps["base_color"]
    assert np.abs(gray - gray[..., :1]).max() < 1e-6
    assert np.allclose(gray[..., 0], a.maps["base_color"] @ np.float32([0.2126, 0.7152, 0.0722]), atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"rotation": 90.0},
        {"rotation": 180.0},
        {"rotation": -90.0},
        {"mirror_x": True},
        {"mirror_y": True},
        {"rotation": 90.0, "mirror_x": True},
        {"x": 0.25, "y": 0.5},
    ],
)
def test_turned_normals_are_those_of_the_turned_height(change):
    a = material(1)
    turned = run("material_transform", a, **change)
    assert np.abs(turned.maps["normal"] - relief(turned.maps["height"])).max() < 5e-6
    for name in ("height", "roughness", "base_color"):
        assert np.array_equal(turned.maps[name], run("transform", a.maps[name], **change))


def test_copies_keep_the_slope_and_grow_the_tile():
    ramp = run("blur", run("fbm", size=256, cells=1, octaves=1), radius=0.05)
    a = Material({"height": ramp, "normal": run("normal_from_height", ramp, depth=0.02)}, 100.0, 2.0)
    many = run("material_transform", a, copies=2)
    assert many.size_cm == pytest.approx(200.0)
    assert np.abs(many.maps["normal"] - run("normal_from_height", many.maps["height"], depth=2.0 / 200.0)).max() < 1e-3


# ---- checking ----


def test_faults_are_marked_where_they_are():
    color, metal, rough = np.full((4, 4, 3), 0.2, np.float32), np.zeros((4, 4), np.float32), full(0.5)[:4, :4].copy()
    color[0, 0] = 0.001
    color[0, 1] = 0.95
    metal[1, :2] = 1
    color[1, 0] = 0.6
    metal[2, 2] = 0.5
    rough[3, 3] = 0.0
    faults = run("pbr_validate", base_color=color, metallic=metal, roughness=rough)
    assert set(zip(*np.nonzero(faults.albedo), strict=True)) == {(0, 0), (0, 1), (1, 1), (2, 2)}
    assert set(zip(*np.nonzero(faults.metallic), strict=True)) == {(2, 2)}
    assert set(zip(*np.nonzero(faults.roughness), strict=True)) == {(3, 3)}
    assert np.array_equal(faults.mask, np.maximum(np.maximum(faults.albedo, faults.metallic), faults.roughness))


def test_the_bounds_of_albedo_are_the_codes_that_the_checks_name():
    from materials.pictures import linear_to_srgb
    from nodes.arrays import ALBEDO

    assert np.allclose(linear_to_srgb(np.array(ALBEDO)) * 255, [30, 240], atol=0.01)
