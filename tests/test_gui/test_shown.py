"""Values of every kind are seen as what they are, and read at a pixel in the artist's units."""

import numpy as np
import pytest

import intarsia
from gui.readings import Facts, at, hex_code, linear, verdict
from gui.shown import channel, channels, displayed, histogram, is_data, single, size, span_of, stamp_grid
from materials.pictures import linear_to_srgb
from nodes.arrays import Material, Origin, Regions, Stamps

rng = np.random.default_rng(3)
GRAY = rng.random((24, 40)).astype(np.float32)
COLOR = rng.random((24, 40, 3)).astype(np.float32)
FLOW = (rng.random((24, 40, 2)).astype(np.float32) - 0.5) * 0.1


def regions(ids) -> Regions:
    labels = np.arange(24 * 40, dtype=np.int32).reshape(24, 40) % (len(ids) + 1)
    return Regions(labels, {"id": np.array(ids, np.uint32), "area": np.full(len(ids), 0.25, np.float32)})


def origin() -> Origin:
    y, x = np.indices((24, 40), np.int32)
    return Origin(np.int32(0) * y, y, x, np.ones((24, 40), np.float32), ((24, 40),))


STAMPS = Stamps(tuple((np.full((20, 20, 2), 1.0, np.float32),) for _ in range(3)))
MATERIAL = Material({"height": GRAY, "base_color": COLOR, "roughness": GRAY}, 50.0, 2.0)
VALUES = {
    "gray": GRAY,
    "color": COLOR,
    "flow": FLOW,
    "regions": regions([5, 9, 70000]),
    "origin": origin(),
    "stamps": STAMPS,
    "material": MATERIAL,
}


@pytest.mark.parametrize("kind", VALUES)
def test_every_kind_is_seen_in_its_own_size(kind):
    seen = displayed(VALUES[kind])
    assert seen.dtype == np.uint8
    assert seen.shape == (*size(VALUES[kind]), 3)
    assert seen.std() > 1


def test_gray_is_shown_as_it_is():
    assert np.array_equal(displayed(GRAY), np.repeat(np.floor(GRAY * 255 + 0.5)[..., None], 3, 2).astype(np.uint8))


def test_colours_are_encoded_and_normals_are_not():
    assert np.abs(displayed(COLOR) - linear_to_srgb(COLOR) * 255).max() <= 0.6
    assert np.abs(displayed(COLOR, "normal") - COLOR * 255).max() <= 0.6
    assert is_data("out", "normal_from_height")
    assert is_data("out", "combine_normals")
    assert not is_data("out", "gradient_map")
    assert not is_data("base_color", "split_material")


def test_codes_of_colours_come_back_as_the_codes_they_were():
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, 2)
    shown = displayed(((codes / 255 + 0.055) / 1.055).astype(np.float32) ** 2.4)
    assert np.array_equal(shown[codes[..., 0] > 10], codes[codes[..., 0] > 10])


def test_no_number_is_black_and_what_is_out_of_range_is_clipped():
    odd = np.array([[np.nan, -3, 7, np.inf, -np.inf]], np.float32)
    assert displayed(odd)[0, :, 0].tolist() == [0, 0, 255, 255, 0]
    assert displayed(np.full((2, 2, 2), np.nan, np.float32)).shape == (2, 2, 3)


def test_exposure_and_stretch_make_a_picture_brighter():
    assert np.array_equal(displayed(GRAY, exposure=1), displayed(GRAY * 2))
    low, high = span_of(GRAY * 0.1 + 0.4)
    stretched = displayed(GRAY * 0.1 + 0.4, span=(low, high))
    assert stretched.min() == 0
    assert stretched.max() == 255
    assert span_of(np.full((4, 4), 0.5, np.float32)) is None


def test_no_shift_is_middle_gray_and_opposite_shifts_are_opposite_colours():
    assert (displayed(np.zeros((4, 4, 2), np.float32)) == 128).all()
    there, back = displayed(FLOW).astype(int), displayed(-FLOW).astype(int)
    assert np.abs(there[..., :2] + back[..., :2] - 255).max() <= 1


def test_a_region_keeps_its_colour_while_others_come_and_go():
    few, many = regions([7, 1234567]), regions([99, 7, 5, 1234567])
    assert np.array_equal(displayed(few)[few.labels == 1][0], displayed(many)[many.labels == 2][0])
    assert np.array_equal(displayed(few)[few.labels == 2][0], displayed(many)[many.labels == 4][0])
    assert len(np.unique(displayed(many).reshape(-1, 3), axis=0)) == 5


def test_pixels_copied_from_the_same_place_look_alike_and_from_elsewhere_do_not():
    plain = origin()
    moved = Origin(plain.source, plain.y[::-1], plain.x, plain.weight, plain.sizes)
    assert np.array_equal(displayed(moved), displayed(plain)[::-1])
    other = Origin(plain.source + 1, plain.y, plain.x, plain.weight, plain.sizes * 2)
    assert (displayed(other) != displayed(plain)).any(axis=2).mean() > 0.9


def test_a_material_is_seen_by_its_colour():
    assert np.array_equal(displayed(MATERIAL), displayed(COLOR, "base_color"))
    assert displayed(Material({})).shape == (1, 1, 3)


def test_channels_are_the_planes_of_a_picture():
    assert channels(GRAY) == channels(regions([1])) == ()
    assert channels(COLOR) == channels(MATERIAL) == ("R", "G", "B")
    assert channels(FLOW) == ("X", "Y")
    for number in range(3):
        assert np.array_equal(channel(COLOR, number), COLOR[..., number])
        assert np.array_equal(single(COLOR, number), displayed(COLOR[..., number]))
    with pytest.raises(ValueError, match="no channel 3"):
        channel(COLOR, 3)


@pytest.mark.parametrize("kind", ["gray", "color", "flow", "material"])
def test_a_histogram_counts_each_pixel_once_in_each_channel(kind):
    counts = histogram(VALUES[kind])
    assert len(counts) == {"gray": 1, "flow": 2}.get(kind, 3)
    assert counts.sum(axis=1).tolist() == [24 * 40] * len(counts)


def test_a_histogram_of_a_large_picture_is_that_of_some_of_its_pixels():
    large = np.tile(np.linspace(0, 1, 2048, dtype=np.float32), (2048, 1))
    counts = histogram(large)
    assert counts.sum() == 256**2
    assert np.abs(counts / counts.sum() - 1 / 64).max() < 0.005
    assert np.array_equal(counts, histogram(large.copy()))


@pytest.mark.parametrize("kind", VALUES)
def test_the_code_that_is_read_is_the_colour_that_is_seen(kind):
    value = VALUES[kind]
    shown = displayed(value)
    for y, x in ((0, 0), (5, 7), (23, 39)):
        assert hex_code(value, y, x) == "#{:02X}{:02X}{:02X}".format(*shown[y, x])


def test_readings_tell_a_pixel_in_its_own_units():
    assert at(GRAY, 3, 5, Facts("mask")) == [("x, y", "5, 3"), ("mask", f"{GRAY[3, 5]:.3f}")]
    assert at(GRAY, 3, 5, Facts("height", depth_cm=2.0))[1] == ("height", f"{GRAY[3, 5] * 2:.2f} cm")
    assert dict(at(COLOR, 3, 5))["linear"] == " ".join(f"{part:.3f}" for part in COLOR[3, 5])
    assert dict(at(regions([5, 9]), 0, 2)) == {"x, y": "2, 0", "region": "2 of 2", "area": "25.00 %"}
    assert dict(at(regions([5, 9]), 0, 0))["region"] == "none"
    assert dict(at(origin(), 4, 9))["from x, y"] == "9, 4"
    assert dict(at(MATERIAL, 3, 5))["height"] == f"{GRAY[3, 5] * 2:.2f} cm"
    assert dict(at(np.full((1, 1), np.nan, np.float32), 0, 0))["value"] == "no number"
    assert dict(at(FLOW, 0, 0))["shift"] == " ".join(f"{part:.3f}".replace("-", "−") for part in FLOW[0, 0])


def test_what_lies_beside_is_read_with_a_picture_of_the_same_size_alone():
    beside = {"height": GRAY, "regions": regions([5, 9]), "other": np.zeros((3, 3), np.float32)}
    found = dict(at(COLOR, 0, 1, Facts("out", depth_cm=1.0, beside=beside)))
    assert found["height"] == f"{GRAY[0, 1]:.2f} cm"
    assert found["region"] == "1 of 2"
    assert "other" not in found


def test_picked_colours_are_linear():
    assert linear(COLOR, 3, 5) == tuple(COLOR[3, 5].astype(float))
    assert linear(GRAY, 3, 5) == (float(GRAY[3, 5]),) * 3
    assert linear(MATERIAL, 3, 5) == tuple(COLOR[3, 5].astype(float))
    code = displayed(FLOW)[3, 5] / 255
    assert np.abs(linear_to_srgb(np.array(linear(FLOW, 3, 5))) - code).max() < 1e-6


def test_a_verdict_praises_what_is_in_range_and_names_what_is_not():
    assert verdict(np.full((8, 8, 3), 0.2, np.float32))[1] == "ok"
    words, token = verdict(np.full((8, 8, 3), 0.001, np.float32))
    assert token == "warning"
    assert "darker than 30" in words
    assert verdict(np.full((8, 8, 3), 0.001, np.float32), Facts("emission"))[1] == "text3"
    assert verdict(Material({"base_color": np.full((8, 8, 3), 0.001, np.float32)}))[1] == "error"
    assert verdict(np.full((8, 8), np.nan, np.float32)) == ("holds pixels that are no numbers", "error")
    assert verdict(np.linspace(0.1, 0.9, 64, dtype=np.float32).reshape(8, 8)) == ("0.10–0.90, in range", "ok")
    assert verdict(regions([4])) == ("1 region", "text3")
    normals = intarsia.run("normal_from_height", intarsia.run("fbm", size=64), depth=0.05)
    assert verdict(normals, Facts("out", "normal_from_height")) == ("normals of unit length", "ok")
    assert verdict(normals * 0.5, Facts("normal"))[1] == "error"


def test_stamps_lie_side_by_side():
    grid = stamp_grid(STAMPS)
    assert (grid.columns, grid.rows) == (2, 2)
    assert grid.at(grid.cell, grid.cell - 1) == 2
    assert grid.at(grid.cell, grid.cell) is None
    seen = displayed(STAMPS)
    assert (seen[: grid.cell] == 255).all()
    assert (seen[grid.cell :, grid.cell :] < 64).all()
