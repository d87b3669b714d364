"""Dust, snow and moss: where they lie, what they hide, and that relief, normals and depth go together."""

from __future__ import annotations

import numpy as np
import pytest

from materials.render import run
from nodes.arrays import Material

SIZE = 128
COVERS = ("dust_cover", "snow_cover", "moss_cover")


def setts(**maps: np.ndarray) -> Material:
    """Return level stones with steep sides in joints, of metal, so that what hides it shows."""
    edge = run("voronoi", size=SIZE, cells=4, jitter=0.5, seed=3).edge
    height = run("blur", run("levels", edge, in_low=0.05, in_high=0.15), radius=0.006)
    own = {
        "base_color": np.full((SIZE, SIZE, 3), 0.5, np.float32),
        "metallic": np.ones((SIZE, SIZE), np.float32),
        "roughness": np.full((SIZE, SIZE), 0.3, np.float32),
        "normal": run("normal_from_height", height, depth=0.04),
        "height": height,
        "ambient_occlusion": run("ambient_occlusion", height, depth=0.04),
        "emission": np.ones((SIZE, SIZE, 3), np.float32),
        "opacity": np.full((SIZE, SIZE), 0.5, np.float32),
    }
    return Material({**own, **maps}, 100.0, 4.0)


@pytest.mark.parametrize("key", COVERS)
def test_no_amount_and_a_mask_of_zero_leave_the_material_as_it_is(key):
    ground, nothing = setts(), np.zeros((SIZE, SIZE), np.float32)
    for found in (run(key, ground, amount=0.0), run(key, ground, mask=nothing)):
        assert np.all(found.mask == 0)
        for name, image in ground.maps.items():
            if name == "height":
                centimetres = found.material.maps["height"] * found.material.depth_cm
                assert np.abs(centimetres - image * ground.depth_cm).max() < 1e-4
            else:
                assert np.abs(found.material.maps[name] - image).max() < 2e-4, name


@pytest.mark.parametrize("key", COVERS)
def test_the_normal_is_that_of_the_new_height(key):
    found = run(key, setts(), amount=0.7).material
    normal = run("normal_from_height", found.maps["height"], depth=found.depth_cm / found.size_cm)
    assert np.abs(found.maps["normal"] - normal).max() < 1e-3


@pytest.mark.parametrize("key", COVERS)
def test_what_is_hidden_is_no_metal_does_not_shine_and_is_not_seen_through(key):
    found = run(key, setts(), amount=0.8)
    maps, mask = found.material.maps, found.mask
    assert np.abs(maps["metallic"] - (1 - mask)).max() < 1e-5
    assert np.abs(maps["emission"][..., 0] - (1 - mask)).max() < 1e-5
    assert np.abs(maps["opacity"] - (0.5 + 0.5 * mask)).max() < 1e-5
    assert mask.max() > 0.9


@pytest.mark.parametrize("key", COVERS)
def test_a_cover_only_ever_raises_the_ground_and_stays_within_the_depth(key):
    ground = setts()
    found = run(key, ground, amount=0.8).material
    raised = found.maps["height"] * found.depth_cm - ground.maps["height"] * ground.depth_cm
    assert raised.min() > -1e-4
    assert raised.max() > 0.05
    assert found.maps["height"].min() >= -1e-5
    assert found.maps["height"].max() <= 1 + 1e-5


@pytest.mark.parametrize("key", COVERS)
def test_more_amount_covers_more(key):
    shares = [float(run(key, setts(), amount=amount).mask.mean()) for amount in (0.1, 0.4, 0.7, 1.0)]
    assert shares == sorted(shares)
    assert shares[0] < 0.3 < 0.5 < shares[-1]


@pytest.mark.parametrize("key", COVERS)
def test_hollows_are_covered_first(key):
    ground = setts()
    mask = run(key, ground, amount=0.3, breakup=0.0).mask
    low, high = ground.maps["height"] < 0.1, ground.maps["height"] > 0.9
    assert mask[low].mean() > 1.5 * mask[high].mean()


@pytest.mark.parametrize("key", ["dust_cover", "snow_cover"])
def test_an_upright_tile_is_covered_on_what_faces_up(key):
    ledge = np.zeros((SIZE, SIZE), np.float32)
    ledge[40:88] = 1
    height = run("blur", ledge, radius=0.01)
    mask = run(key, Material({"height": height}, 100.0, 10.0), amount=0.9, tilt=90.0, breakup=0.0).mask
    assert mask[36:44].mean() > 0.3
    assert mask[84:92].max() < 0.05


def test_moss_covers_the_share_that_is_asked_for():
    for amount in (0.2, 0.5, 0.8):
        assert run("moss_cover", setts(), amount=amount).mask.mean() == pytest.approx(amount, abs=0.05)


def test_moss_grows_where_it_is_moist():
    moisture = np.zeros((SIZE, SIZE), np.float32)
    moisture[:, 64:] = 1
    mask = run("moss_cover", setts(), moisture=moisture, amount=0.3).mask
    assert mask[:, 64:].mean() > 10 * mask[:, :64].mean()


@pytest.mark.parametrize("key", COVERS)
def test_a_shifted_material_without_the_own_noise_is_covered_alike(key):
    ground = setts()
    moved = Material({n: np.roll(m, (16, 40), (0, 1)) for n, m in ground.maps.items()}, 100.0, 4.0)
    one, other = (run(key, each, breakup=0.0).mask for each in (ground, moved))
    allowed = 0.08 if key != "dust_cover" else 1e-5  # crystals and tufts tear their borders whatever the breakup
    assert np.abs(np.roll(one, (16, 40), (0, 1)) - other).mean() < allowed
