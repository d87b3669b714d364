"""Checks: known faults are found where they are, and sound materials pass."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from materials import checks
from materials.checks import all_findings, document_finding, pbr_findings, repetition, seam
from nodes.arrays import MAPS
from nodes.declare import Kind

SIZE = 96


def noise(seed: int = 0, channels: int = 1, cells: int = 6) -> np.ndarray:
    """Return smooth noise that tiles, from a few sine waves."""
    numbers = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE * 2 * np.pi
    planes = []
    for _ in range(channels):
        plane = np.zeros((SIZE, SIZE))
        for _ in range(24):
            down, across = numbers.integers(-cells, cells + 1, 2)
            plane += np.sin(down * rows + across * columns + numbers.random() * 2 * np.pi)
        planes.append(0.5 + 0.06 * plane)
    return np.clip(np.stack(planes, axis=2) if channels > 1 else planes[0], 0, 1).astype(np.float32)


def sound() -> dict[str, np.ndarray]:
    flat = np.zeros((SIZE, SIZE, 3), np.float32)
    return {
        "base_color": 0.1 + 0.3 * noise(1, 3),
        "metallic": np.zeros((SIZE, SIZE), np.float32),
        "roughness": 0.3 + 0.4 * noise(2),
        "normal": flat + np.float32([0.5, 0.5, 1.0]),
        "height": 0.1 + 0.8 * noise(3),
    }


def wrong(findings, severity="error") -> set[tuple[str, str]]:
    return {(finding.map, finding.what) for finding in findings if finding.severity == severity}


# ---- physical ranges ----


def test_a_sound_material_has_no_findings():
    assert all_findings(sound()) == []


@pytest.mark.parametrize(("value", "word"), [(0.002, "darker"), (0.97, "brighter")])
def test_an_albedo_out_of_range_is_found_where_it_starts(value, word):
    maps = sound()
    maps["base_color"][40:, 10:] = value
    (finding,) = [found for found in pbr_findings(maps) if word in found.what]
    assert finding.severity == "error"
    assert finding.where == (40, 10)
    np.testing.assert_allclose(finding.value, 56 * 86 / SIZE**2, rtol=1e-6)


def test_the_base_colour_of_metal_is_no_albedo():
    maps = sound()
    maps["base_color"][:] = 0.98
    assert wrong(pbr_findings(maps))
    assert document_finding("albedo 30-240 sRGB", maps).severity == "error"
    maps["metallic"][:] = 1
    assert pbr_findings(maps) == []
    assert document_finding("albedo 30-240 sRGB", maps).severity == "ok"


def test_metal_that_is_neither_is_warned_of_and_thin_edges_are_not():
    maps = sound()
    maps["metallic"][:, ::10] = 0.5
    assert pbr_findings(maps) == []
    maps["metallic"][:, :48] = 0.5
    assert [found.map for found in pbr_findings(maps)] == ["metallic"]


def test_a_normal_too_short_and_one_that_faces_inwards_are_found():
    maps = sound()
    maps["normal"][5, 7] = [0.5, 0.5, 0.9]
    maps["normal"][9, 3] = [0.5, 0.5, 0.0]
    found = {finding.what: finding.where for finding in pbr_findings(maps)}
    assert found == {"length is off by": (5, 7), "share that faces inwards": (9, 3)}


def test_no_numbers_and_values_that_export_clips_are_found():
    maps = sound()
    maps["height"][2, 3] = np.nan
    maps["roughness"][4, 5] = 1.5
    findings = all_findings(maps, ["albedo 30-240 sRGB", "seam < 1", "repetition < 0.6", "height mean > 0"])
    assert ("height", "pixels that are no numbers") in wrong(findings)
    assert ("roughness", "share outside 0 to 1, which export clips") in wrong(findings, "warning")
    assert ("height", "mean") in wrong(findings)


def test_light_may_exceed_one():
    maps = sound()
    maps["emission"] = np.full((SIZE, SIZE, 3), 20, np.float32)
    assert pbr_findings(maps) == []


def test_a_clipped_height_and_a_mirror_are_noted():
    maps = sound()
    maps["height"][:20] = 0
    maps["roughness"][:20] = 0
    assert {finding.map for finding in pbr_findings(maps) if finding.severity == "note"} == {"height", "roughness"}


# ---- seams ----


def test_what_tiles_has_no_seam_wherever_it_is_rolled():
    for channels in (1, 3):
        image = noise(4, channels)
        for shift in ((0, 0), (17, 0), (0, 51), (30, 70)):
            assert seam(np.roll(image, shift, (0, 1)))[0] <= 1


def test_steps_inside_a_pattern_do_not_count_as_seams():
    stripes = np.zeros((SIZE, SIZE), np.float32)
    stripes[np.arange(SIZE) % 16 < 8] = 1
    assert seam(stripes)[0] <= 1
    assert seam(stripes.T)[0] <= 1


@pytest.mark.parametrize("axis", [0, 1])
def test_a_picture_cut_out_of_a_larger_one_has_a_seam_on_that_border(axis):
    image = np.take(noise(5), np.arange(60), axis=axis)
    score, place = seam(image)
    assert score > 1.5
    assert place[axis] == 59


def test_a_seam_is_found_at_its_worst_place():
    image = np.full((SIZE, SIZE), 0.5, np.float32) + 0.01 * noise(6)
    image[20:30, -1] += 0.4
    image[25, -1] += 0.1
    score, place = seam(image)
    assert place == (25, SIZE - 1)
    assert score > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (7, 13, 3)])
def test_small_and_plain_pictures_have_no_seam_and_do_not_repeat(shape):
    assert seam(np.full(shape, 0.3, np.float32)) == (0.0, (0, 0))
    assert repetition(np.full(shape, 0.3, np.float32))[0] == 0


# ---- repetition ----


def test_copies_are_found_with_their_shift():
    tile = np.random.default_rng(0).random((32, 48), np.float32)
    score, shift = repetition(np.tile(tile, (3, 2)))
    np.testing.assert_allclose(score, 1, atol=1e-4)
    assert (shift[0] % 32, shift[1] % 48) == (0, 0)
    assert shift != (0, 0)


def test_what_does_not_repeat_scores_low():
    assert repetition(np.random.default_rng(1).random((SIZE, SIZE, 3), np.float32))[0] < 0.2


def test_a_copy_with_differences_scores_between():
    tile = np.random.default_rng(2).random((48, 48), np.float32)
    image = np.tile(tile, (2, 2)) + np.random.default_rng(3).random((96, 96), np.float32)
    assert 0.4 < repetition(image)[0] < 0.6


def test_the_shift_is_given_in_pixels_of_the_full_picture():
    tile = np.kron(np.random.default_rng(4).random((64, 64), np.float32), np.ones((4, 4), np.float32))
    score, shift = repetition(np.tile(tile, (2, 2)))
    assert score > 0.99
    assert (shift[0] % 256, shift[1] % 256) == (0, 0)


# ---- what a document asks ----


@pytest.mark.parametrize(
    ("check", "severity"),
    [
        ("albedo 30-240 sRGB", "ok"),
        ("albedo 150-160 sRGB", "error"),
        ("Albedo 30 - 240 srgb", "ok"),
        ("seam < 1.001", "ok"),
        ("repetition < 0.95", "ok"),
        ("height repetition > 2", "error"),
        ("roughness mean > 0.4", "ok"),
        ("roughness mean < 0.4", "error"),
        ("roughness minimum > 0.29", "ok"),
        ("roughness maximum < 0.71", "ok"),
        ("height spread > 0.01", "ok"),
        ("height spread > 0.9", "error"),
        ("metallic maximum > -1", "ok"),
    ],
)
def test_a_document_s_check_is_measured(check, severity):
    assert document_finding(check, sound()).severity == severity


@pytest.mark.parametrize(
    "check", ["", "seam", "seam < x", "glow mean < 1", "seam <= 1", "__import__('os')", "seam < 1e9"]
)
def test_a_check_that_cannot_be_made_is_an_error(check):
    finding = document_finding(check, sound())
    assert finding.severity == "error"
    assert "cannot be made" in finding.what


def test_without_maps_nothing_can_be_checked():
    assert document_finding("seam < 1", {}).severity == "error"
    assert document_finding("albedo 30-240 sRGB", {}).severity == "error"
    assert all_findings({}) == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_for_a_check_is_answered(text):
    assert document_finding(text, {"height": np.zeros((4, 4), np.float32)}).severity in ("ok", "error")


def test_the_worst_comes_first_and_reads_as_a_line():
    maps = sound()
    maps["height"][:20] = 0
    maps["base_color"][:] = 0.001
    findings = all_findings(maps, ["roughness mean > 0"])
    assert [found.severity for found in findings] == ["error", "note", "ok"]
    assert str(findings[0]) == "error   base_color: share darker than 30 sRGB 1 (limit 0.05) at row 0, column 0"
    assert findings[0].as_data()["where"] == (0, 0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 13)])
def test_pictures_of_any_size_are_checked(shape):
    for fill in (0.0, 1.0, np.nan, np.inf):
        maps = {
            name: np.full(shape + ((3,) if kind is Kind.COLOR else ()), fill, np.float32)
            for name, (kind, _) in MAPS.items()
        }
        with np.errstate(invalid="ignore"):
            assert all_findings(maps, ["albedo 30-240 sRGB", "seam < 1", "mean > 0.5"])


def test_repetition_is_measured_at_a_bounded_size():
    assert checks.REPETITION_SIZE <= 512
