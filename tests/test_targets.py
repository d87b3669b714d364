"""Export: every file of every target unpacked again, credits, licences, and targets that make no sense."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from materials import (
    credits as crediting,
    document as documents,
    export as exporting,
    files,
    licences,
    pictures,
    png,
    target,
)
from materials.embedded import embedded_graph
from materials.errors import ExportError, IntarsiaError, LicenceError, SourceError, UsageError
from materials.export import Writer, export, info
from materials.graph import Document, Source
from materials.maps import Maps
from nodes.arrays import MAPS
from nodes.declare import Kind
from nodes.opencv import cv2
from tests.references.srgb import srgb_from_linear

HEIGHT, WIDTH = 33, 47
PICTURES = {
    name: np.random.default_rng(number).random((HEIGHT, WIDTH) + ((3,) if kind is Kind.COLOR else ()), np.float32)
    for number, (name, (kind, _)) in enumerate(MAPS.items())
}
PHOTO = Source("photo", "photo.png", "0" * 64, "Wall", "Ada", "CC-BY-4.0", "https://example.org", "cropped")
GRAPH = documents.dumps(Document(title="Wall", author="Bea", licence="CC0-1.0"))


def maps(names=tuple(MAPS), **fields) -> Maps:
    """Return random maps of those names."""
    known = {"title": "Wall", "author": "Bea", "licence": "CC0-1.0", "name": "wall", "seed": 3, "graph": GRAPH}
    return Maps({name: PICTURES[name] for name in names}, WIDTH, HEIGHT, **{**known, **fields})


def with_source(**changes) -> Maps:
    return maps(sources=(replace(PHOTO, **changes),))


# ---- what an engine finds ----

BASE, NORMAL, NORMAL_DX, EMISSION = (
    ["base_color.r", "base_color.g", "base_color.b"],
    ["normal.r", "normal.g", "normal.b"],
    ["normal.r", "1-normal.g", "normal.b"],
    ["emission.r", "emission.g", "emission.b"],
)
ORM = ["ambient_occlusion", "roughness", "metallic"]
EACH = {
    "wall_basecolor": ("srgb", 8, BASE),
    "wall_metallic": ("data", 8, ["metallic"]),
    "wall_roughness": ("data", 8, ["roughness"]),
    "wall_normal": ("data", 16, NORMAL),
    "wall_ao": ("data", 8, ["ambient_occlusion"]),
    "wall_emission": ("srgb", 8, EMISSION),
}
EXPECTED = {
    "generic": {**EACH, "wall_height": ("data", 16, ["height"]), "wall_opacity": ("data", 8, ["opacity"])},
    "blender": {**EACH, "wall_displacement": ("data", 16, ["height"]), "wall_alpha": ("data", 8, ["opacity"])},
    "unreal": {
        "T_wall_BC": ("srgb", 8, [*BASE, "opacity"]),
        "T_wall_ORM": ("data", 8, ORM),
        "T_wall_N": ("data", 8, NORMAL_DX),
        "T_wall_H": ("data", 16, ["height"]),
        "T_wall_E": ("srgb", 8, EMISSION),
    },
    "unity_hdrp": {
        "wall_BaseMap": ("srgb", 8, [*BASE, "opacity"]),
        "wall_MaskMap": ("data", 8, ["metallic", "ambient_occlusion", "1", "1-roughness"]),
        "wall_Normal": ("data", 8, NORMAL),
        "wall_Height": ("data", 16, ["height"]),
        "wall_Emissive": ("srgb", 8, EMISSION),
    },
    "unity_urp": {
        "wall_Albedo": ("srgb", 8, [*BASE, "opacity"]),
        "wall_MetallicSmoothness": ("data", 8, ["metallic"] * 3 + ["1-roughness"]),
        "wall_Occlusion": ("data", 8, ["ambient_occlusion"] * 3),
        "wall_Normal": ("data", 8, NORMAL),
        "wall_Height": ("data", 16, ["height"] * 3),
        "wall_Emission": ("srgb", 8, EMISSION),
    },
    "godot": {
        "wall_albedo": ("srgb", 8, [*BASE, "opacity"]),
        "wall_orm": ("data", 8, ORM),
        "wall_normal": ("data", 8, NORMAL),
        "wall_height": ("data", 16, ["height"]),
        "wall_emission": ("srgb", 8, EMISSION),
    },
    "gltf": {
        "wall_baseColor": ("srgb", 8, [*BASE, "opacity"]),
        "wall_occlusionRoughnessMetallic": ("data", 8, ORM),
        "wall_normal": ("data", 8, NORMAL),
        "wall_emissive": ("srgb", 8, EMISSION),
    },
}


def channel(text: str) -> np.ndarray:
    """Return what a channel should hold: "1", "roughness", "1-roughness" or "normal.g"."""
    if text == "1":
        return np.ones((HEIGHT, WIDTH))
    name, _, component = text.removeprefix("1-").partition(".")
    values = PICTURES[name].astype(np.float64)
    values = values[..., "rgb".index(component)] if component else values
    return 1 - values if text.startswith("1-") else values


encode = np.vectorize(srgb_from_linear)


def raw(path: Path) -> np.ndarray:
    """Return a file's pixels as an engine gets them, channels last, RGB order."""
    if path.suffix == ".exr":
        image = pictures.read(path.read_bytes())
    else:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
        image = image if image.ndim == 2 else image[..., [2, 1, 0, 3][: image.shape[2]]]
    return image[..., None] if image.ndim == 2 else image


def by_stem(paths: list[Path]) -> dict[str, Path]:
    return {path.stem: path for path in paths if path.suffix not in (".json", ".md")}


def assert_holds(path: Path, space: str, depth: int, channels: list[str]) -> None:
    image = raw(path)
    assert image.shape == (HEIGHT, WIDTH, len(channels))
    assert image.dtype == (np.uint8 if depth == 8 else np.uint16)
    top = 2**depth - 1
    for number, text in enumerate(channels):
        values = channel(text)
        if space == "srgb" and number < 3:
            values = encode(values)
        # Rounded to half a code; dithered, which 8 bits are, to within one.
        assert np.abs(image[..., number] - values * top).max() <= (0.999 if depth == 8 else 0.55), text


def test_every_shipped_target_is_tested():
    assert set(target.names()) == set(EXPECTED)


@pytest.mark.parametrize("key", EXPECTED)
def test_each_file_of_a_target_unpacks_to_the_maps(key, tmp_path):
    found = by_stem(export(maps(), tmp_path, key))
    assert set(found) == set(EXPECTED[key])
    for stem, (space, depth, channels) in EXPECTED[key].items():
        assert_holds(found[stem], space, depth, channels)


@pytest.mark.parametrize("key", EXPECTED)
def test_colours_are_tagged_and_data_carries_no_colour_chunk(key, tmp_path):
    tags = {b"sRGB", b"cICP", b"gAMA", b"cHRM", b"iCCP"}
    for stem, path in by_stem(export(maps(), tmp_path, key)).items():
        present = tags & {kind for kind, _ in png.chunks(path.read_bytes())}
        assert present == ({b"sRGB", b"cICP"} if EXPECTED[key][stem][0] == "srgb" else set())


def test_blender_s_node_wrangler_knows_the_names():
    words = {
        "basecolor",
        "metallic",
        "roughness",
        "normal",
        "displacement",
        "ao",
        "alpha",
        "emission",
        "height",
        "opacity",
    }
    for key in ("generic", "blender"):
        assert {file.name.removeprefix("{name}_") for file in target.load(key).files} <= words


def test_heights_never_fall_below_16_bits(tmp_path):
    for key in target.names():
        layout = target.load(key)
        for format in layout.formats:
            for stem, path in by_stem(export(maps(), tmp_path / key / format, key, format=format)).items():
                if EXPECTED[key][stem][2][0] == "height":
                    assert raw(path).dtype in (np.uint16, np.float32)


@pytest.mark.parametrize("format", ["png16", "tiff"])
def test_16_bits_hold_half_a_code(format, tmp_path):
    for stem, path in by_stem(export(maps(), tmp_path, format=format)).items():
        space, _, channels = EXPECTED["generic"][stem]
        assert_holds(path, space, 16, channels)


def test_exr_holds_linear_halves_and_heights_as_floats(tmp_path):
    for stem, path in by_stem(export(maps(), tmp_path, format="exr")).items():
        _, _, channels = EXPECTED["generic"][stem]
        expected = np.stack([channel(text) for text in channels], axis=2)
        tolerance = 1e-7 if channels == ["height"] else 2**-11
        np.testing.assert_allclose(raw(path), expected, rtol=tolerance, atol=1e-6)


# ---- maps that are not there ----


def test_what_a_packed_file_lacks_takes_the_value_that_stands_for_it(tmp_path):
    found = by_stem(export(maps(["roughness"]), tmp_path, "unity_hdrp"))
    assert set(found) == {"wall_MaskMap"}
    image = raw(found["wall_MaskMap"])
    assert (image[..., :3] == [0, 255, 255]).all()
    assert np.abs(image[..., 3] - (1 - PICTURES["roughness"]) * 255.0).max() < 1


def test_colours_have_an_alpha_only_if_there_is_an_opacity(tmp_path):
    names = [name for name in MAPS if name != "opacity"]
    assert raw(by_stem(export(maps(names), tmp_path, "godot"))["wall_albedo"]).shape[2] == 3


def test_nothing_to_write_is_said(tmp_path):
    with pytest.raises(UsageError, match="no pictures"):
        export(maps([]), tmp_path)


def test_a_vector_field_is_left_out(tmp_path):
    flow = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    both = replace(maps(["height"]), pictures={"height": PICTURES["height"], "warp.out": flow})
    assert set(by_stem(export(both, tmp_path))) == {"wall_height"}


def test_pictures_of_nodes_are_written_beside_the_maps(tmp_path):
    both = replace(maps(["height"]), pictures={"height": PICTURES["height"], "cells.edge": PICTURES["roughness"]})
    found = by_stem(export(both, tmp_path))
    assert_holds(found["wall_cells_edge"], "data", 16, ["roughness"])


def test_two_pictures_of_one_file_name_are_refused(tmp_path):
    twice = replace(maps(), pictures={"a.b": PICTURES["height"], "a_b": PICTURES["height"]})
    with pytest.raises(UsageError, match="two pictures"):
        export(twice, tmp_path)


def test_maps_that_differ_in_size_are_refused(tmp_path):
    for shape in ((HEIGHT, WIDTH + 90), (HEIGHT + 1, WIDTH), (1, 1)):
        odd = replace(maps(), pictures={"height": np.zeros(shape, np.float32)})
        with pytest.raises(UsageError, match="height"):
            export(odd, tmp_path)


def test_no_numbers_in_a_map_do_no_harm(tmp_path):
    bad = replace(maps(), pictures={"base_color": np.full((HEIGHT, WIDTH, 3), np.nan, np.float32)})
    assert (raw(by_stem(export(bad, tmp_path))["wall_basecolor"]) == 0).all()


# ---- names and files ----


@pytest.mark.parametrize("name", ["../a", "a/b", "/a", "a\\b", "C:a", "../..", "a\0", "con/..", "\ud800", "~/a"])
def test_a_name_cannot_lead_out_of_the_folder(name, tmp_path):
    folder = tmp_path / "out"
    with pytest.raises(UsageError, match="file name"):
        export(maps(), folder, name=name)
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_braces_is_taken_as_it_is(tmp_path):
    found = by_stem(export(maps(["height"]), tmp_path, name="{x}{name}"))
    assert set(found) == {"{x}{name}_height"}


def test_an_export_that_fails_leaves_what_was_there(tmp_path):
    export(maps(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / "wall_ao.png").unlink()
    (tmp_path / "wall_ao.png").mkdir()
    with pytest.raises(ExportError, match=r"wall_ao\.png"):
        export(maps(seed=4), tmp_path)
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert after == {name: data for name, data in before.items() if name != "wall_ao.png"}


def test_a_disk_that_fills_up_leaves_nothing(tmp_path, monkeypatch):
    import errno

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(ExportError, match="the disk is full") as caught:
        export(maps(), tmp_path)
    assert caught.value.needed is not None
    assert caught.value.needed > 10_000
    assert list(tmp_path.iterdir()) == []


def test_bands_in_any_order_and_from_many_threads_give_the_same_files(tmp_path):
    whole = export(maps(), tmp_path / "whole", "unreal")
    kinds = {name: kind for name, (kind, _) in MAPS.items()}
    writer = Writer(target.load("unreal"), kinds, HEIGHT, WIDTH, "wall")
    bands = [(name, top) for name in MAPS for top in range(0, HEIGHT, 5)]
    np.random.default_rng(1).shuffle(bands)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda band: writer.band(band[0], int(band[1]), PICTURES[band[0]][int(band[1]) :][:5]), bands))
    banded = writer.finish(replace(maps(), pictures={}), tmp_path / "banded")
    assert [path.read_bytes() for path in banded] == [path.read_bytes() for path in whole]


# ---- credits ----


@pytest.mark.parametrize("format", [None, "exr", "tiff"])
def test_each_file_tells_its_graph_and_its_credits(format, tmp_path):
    for path in by_stem(export(with_source(), tmp_path, format=format)).values():
        assert embedded_graph(path) == GRAPH
        said = info(path)
        assert (said["width"], said["height"], said["title"], said["seed"]) == (WIDTH, HEIGHT, "Wall", 3)
        assert said["graph"]["title"] == "Wall"
        assert said["graph_sha256"] == hashlib.sha256(GRAPH.encode()).hexdigest()
        assert [source["author"] for source in said["sources"]] == ["Ada"]


def test_texts_may_be_left_out_but_the_sidecar_stays(tmp_path):
    paths = export(with_source(), tmp_path, embed=False)
    for path in by_stem(paths).values():
        assert b"Ada" not in path.read_bytes()
        assert "credits" not in info(path)
        with pytest.raises(SourceError, match="holds no graph"):
            embedded_graph(path)
    assert "Ada" in (tmp_path / "wall.credits.json").read_text()


def test_the_sidecar_lists_the_files_by_hash_and_the_sources_in_full(tmp_path):
    paths = export(with_source(), tmp_path, "unreal")
    data = json.loads((tmp_path / "wall.credits.json").read_text())
    written = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in by_stem(paths).values()}
    assert data["files"] == written
    assert data["target"] == "unreal"
    assert data["size"] == [WIDTH, HEIGHT]
    assert data["sources"] == [
        {
            "name": "photo",
            "title": "Wall",
            "author": "Ada",
            "licence": "CC-BY-4.0",
            "source": "https://example.org",
            "changes": "cropped",
            "sha256": "0" * 64,
            "use": "value",
            "maps": sorted(maps()),
        }
    ]
    text = (tmp_path / "CREDITS.md").read_text()
    assert "**Wall** by Ada, CC-BY-4.0" in text
    assert 'Name "Wall" by Ada' in text


def test_the_same_export_has_the_same_bytes(tmp_path):
    for format in (None, "exr", "tiff"):
        one = export(with_source(), tmp_path / f"one {format}", format=format)
        two = export(with_source(), tmp_path / f"two {format}", format=format)
        assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_damaged_texts_in_a_picture_end_in_our_errors(tmp_path):
    path = tmp_path / "a.png"
    credit, graph = exporting.CREDITS_TEXT, exporting.GRAPH_TEXT
    bad = ["{", "[]", "5", "null", '"text"', "[" * 90_000, "NaN", "1e999", "9" * 5000, '{"a":1,"a":2}', "\x00"]
    for texts in [{name: text} for text in bad for name in (credit, graph)]:
        path.write_bytes(pictures.encode_png(np.zeros((2, 2), np.uint8), texts, colour=False))
        with pytest.raises(IntarsiaError):
            info(path)
    path.write_bytes(b"")
    with pytest.raises(SourceError):
        info(path)


def test_credits_of_the_wrong_shape_are_passed_on_or_refused(tmp_path):
    path = tmp_path / "a.png"
    for text in ('{"sources": 5}', '{"sources": [5]}', '{"seed": []}', '{"title": {"a": 1}}', "{}"):
        texts = {exporting.CREDITS_TEXT: text}
        path.write_bytes(pictures.encode_png(np.zeros((2, 2), np.uint8), texts, colour=False))
        assert info(path)["credits"] == json.loads(text)


# ---- licences ----


def allowed(*licences: str) -> bool:
    try:
        crediting.check_licences([replace(PHOTO, name=f"s{i}", licence=text) for i, text in enumerate(licences)])
    except LicenceError:
        return False
    return True


ALONE = {
    True: ["CC0-1.0", "CC-BY-4.0", "CC-BY-3.0", "cc-by-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "MIT"],
    False: [
        *("", "none", "unknown", "LicenseRef-mine", "licenseref-mine", "CC-BY-4.0 AND LicenseRef-mine", "CC-BY"),
        *("CC-BY-ND-4.0", "cc-by-nd-4.0", "Cc-By-Nc-Nd-4.0", "MIT AND CC-BY-ND-4.0", "CC-BY-4.0-extra", "all mine"),
    ],
}


@pytest.mark.parametrize(("licence", "expected"), [(text, good) for good in ALONE for text in ALONE[good]])
def test_a_licence_alone_is_allowed_or_not(licence, expected):
    assert allowed(licence) is expected


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        (("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0"), True),
        (("CC-BY-SA-3.0", "CC-BY-SA-4.0"), True),
        (("CC-BY-NC-4.0", "CC-BY-4.0"), True),
        (("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0", "CC-BY-4.0"), True),
        (("CC-BY-SA-4.0", "CC-BY-NC-4.0"), False),
        (("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"), False),
        (("cc-by-sa-4.0", "cc-by-nc-4.0"), False),
    ],
)
def test_licences_together_are_allowed_if_one_licence_meets_all(licences, expected):
    assert allowed(*licences) is expected
    assert allowed(*licences[::-1]) is expected


LICENCES = [text for texts in ALONE.values() for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(LICENCES), max_size=4), st.sampled_from(LICENCES))
def test_adding_a_source_never_relaxes(licences, more):
    assert allowed(*licences) or not allowed(*licences, more)


def test_an_unknown_licence_stops_the_export_and_a_grant_lets_it_through(tmp_path):
    unknown = with_source(licence="LicenseRef-mine")
    with pytest.raises(LicenceError, match="photo"):
        export(unknown, tmp_path / "out")
    writer = Writer(target.load("generic"), {"height": Kind.GRAY}, HEIGHT, WIDTH, "wall")
    writer.band("height", 0, PICTURES["height"])
    with pytest.raises(LicenceError, match="photo"):
        writer.finish(unknown, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    assert writer.finish(unknown, tmp_path / "out", grants={"photo": "by Ann, for this game, 2024-05-01"})
    assert export(unknown, tmp_path / "out", grants={"photo": "by Ann, for this game, 2024-05-01"})


def test_a_grant_is_recorded_in_the_credits_and_stands_for_the_licence(tmp_path):
    words = 'by "Ann" of Studio A, for this game only, 2024-05-01'
    export(with_source(licence="CC-BY-NC-4.0"), tmp_path, name="wall", grants={"photo": words, "other": "unused"})
    data = json.loads((tmp_path / "wall.credits.json").read_text())
    assert [source["grant"] for source in data["sources"]] == [words]
    assert any(words in duty for duty in data["obligations"])
    assert not any("commercially" in duty for duty in data["obligations"])
    assert words in (tmp_path / "CREDITS.md").read_text()
    picture = next(tmp_path.glob("wall_basecolor.*"))
    assert info(picture)["credits"]["sources"][0]["grant"] == words
    export(with_source(), tmp_path / "plain", name="wall")
    assert "grant" not in (tmp_path / "plain" / "wall.credits.json").read_text()


def test_a_grant_must_say_something(tmp_path):
    with pytest.raises(UsageError, match="photo says nothing"):
        export(with_source(licence=""), tmp_path, grants={"photo": " "})


def test_every_licence_but_the_free_ones_asks_for_something():
    for licence in ALONE[True]:
        said = crediting.obligations([replace(PHOTO, licence=licence)])
        assert bool(said) is (licence not in licences.FREE)
        assert all("Wall" in text or "Share" in text for text in said)


# ---- targets ----


def test_a_new_target_is_one_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\n[[file]]\nname = "{name}_rm"\nchannels = ["roughness", "1-metallic", "0.5"]\n')
    found = by_stem(export(maps(), tmp_path / "out", str(path)))
    image = raw(found["wall_rm"])
    assert np.abs(image[..., 1] - channel("1-metallic") * 255).max() < 1
    assert (image[..., 2] == 128).all()
    path.write_text(path.read_text().replace("_rm", "_changed"))
    assert target.load(str(path)).files[0].name == "{name}_changed"


FINE = "[[file]]\nname = '{name}'\nchannels = 'height'\n"
WRONG = {
    "no file": ("title = 'a'", "at least one"),
    "a file that is no table": ("file = [1]", "at least one"),
    "no name": ("[[file]]\nchannels = 'height'", "file's name"),
    "a name without {name}": (FINE.replace("{name}", "a"), "file's name"),
    "another brace": (FINE.replace("{name}", "{name}_{x}"), "file's name"),
    "an attribute": (FINE.replace("{name}", "{name.__class__}{name}"), "file's name"),
    "a folder": (FINE.replace("{name}", "../{name}"), "file's name"),
    "two of a name": (FINE * 2, "two files"),
    "two of a name but for case": (FINE.replace("{name}", "A{name}") + FINE.replace("{name}", "a{name}"), "two files"),
    "no such map": (FINE.replace("height", "hieght"), "'hieght' is no channel"),
    "a colour without a component": (FINE.replace("'height'", "['base_color', '0', '0']"), "colour maps need"),
    "a component of gray": (FINE.replace("'height'", "['height.r']"), "gray ones take none"),
    "two channels": (FINE.replace("'height'", "['0', '0']"), "list of 1, 3 or 4"),
    "five channels": (FINE.replace("'height'", "['0', '0', '0', '0', '0']"), "list of 1, 3 or 4"),
    "a number for a channel": (FINE.replace("'height'", "[1]"), "1 is no channel"),
    "a depth that PNG has not": (FINE + "depth = 'half'", "png of depth half"),
    "a format that is a list": (FINE + "format = ['png']", "cannot be written"),
    "a wrong space": (FINE + "space = 'linear'", "space is srgb or data"),
    "a wrong normal": (FINE.replace("height", "normal") + "normal = 'y'", "gl or dx"),
    "normals where none are": (FINE + "normal = 'dx'", "holds none"),
    "an unknown entry": (FINE + "depht = 16", "unknown entries depht"),
    "an unknown heading": ("titel = 'a'\n" + FINE, "unknown entries titel"),
    "formats of lists": ("formats = [[1]]\n" + FINE, "formats must be"),
    "formats that is a number": ("formats = 5\n" + FINE, "formats must be"),
    "no TOML": ("[[file", "a.toml"),
}


def test_the_target_that_the_wrong_ones_were_made_of_is_fine(tmp_path):
    (tmp_path / "a.toml").write_text(FINE)
    assert target.load(str(tmp_path / "a.toml")).files[0].maps == {"height"}


@pytest.mark.parametrize("case", WRONG)
def test_a_target_that_makes_no_sense_is_refused_with_the_reason(case, tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(WRONG[case][0])
    with pytest.raises(UsageError, match=WRONG[case][1]):
        target.load(str(path))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["{name}", "height"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FILE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("name", "channels", "space", "format", "depth", "normal"), VALUES)
)
TARGET = st.fixed_dictionaries(
    {}, optional={"title": VALUES, "formats": VALUES, "file": VALUES | st.lists(FILE, max_size=3)}
)


@settings(max_examples=300, deadline=None)
@given(TARGET)
def test_no_values_in_a_target_end_in_any_other_error(data):
    try:
        made = target._target("a", data)
    except UsageError:
        return
    assert made.files


def test_a_target_that_is_not_there_is_named_with_those_that_are(tmp_path):
    for name in ("unrael", "../targets/unreal", str(tmp_path), "/etc/passwd", ""):
        with pytest.raises(UsageError, match="unreal, |unity"):
            target.load(name)


def test_a_format_that_a_target_does_not_take_is_refused(tmp_path):
    with pytest.raises(UsageError, match="png8, png16"):
        export(maps(), tmp_path, "gltf", format="exr")


@pytest.mark.parametrize("key", EXPECTED)
def test_a_target_as_data_says_what_its_files_hold(key):
    data = {file["name"].replace("{name}", "wall"): file for file in target.as_data(target.load(key))["files"]}
    for stem, (space, depth, channels) in EXPECTED[key].items():
        flips = data[stem]["normal"] == "dx"
        assert (data[stem]["space"], data[stem]["depth"]) == (space, str(depth))
        assert data[stem]["channels"] == ([text.removeprefix("1-") for text in channels] if flips else channels)


def test_a_second_material_in_a_folder_keeps_the_credits_of_the_first(tmp_path):
    first = with_source(title="Photograph of a wall")
    export(first, tmp_path, name="first")
    (tmp_path / "stranger.credits.json").write_text('{"tool": 5}')
    (tmp_path / "broken.credits.json").write_text("{")
    export(maps(), tmp_path, name="second")
    text = (tmp_path / "CREDITS.md").read_text()
    assert "Photograph of a wall" in text
    assert text.count("# Credits of") == 2


def test_a_budget_counts_the_files_too(tmp_path):
    from materials.errors import BudgetError
    from materials.export import export_graph
    from materials.render import load

    with pytest.raises(BudgetError):
        export_graph(load("brick_wall"), tmp_path, size=256, budget=2**20)
    assert not list(tmp_path.iterdir())
