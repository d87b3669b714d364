"""Whoever types what another program calls a node finds it at once."""

import pytest

from gui.finding import Entry, Fit, nodes, search, suggestion
from gui.sections import GROUPS
from materials.reference import SECTIONS
from nodes.catalogue import similar
from nodes.synonyms import synonyms
from tests.test_gui.shipped import shipped

QUERIES = """
erode: slope_blur
chip: slope_blur edge_wear
wear: edge_wear slope_blur
perlin: fbm
clouds: fbm
noise texture: fbm
worley: voronoi
cellular: voronoi
levels: levels
color ramp: gradient_map
colour ramp: gradient_map
mix: blend mix_color
multiply: blend math
normal map: normal_from_height
bump: normal_from_height
height to normal: normal_from_height
ao: ambient_occlusion
map range: remap
invert: remap
posterise: quantize
posterize: quantize
threshold: smooth_threshold histogram_scan
brick: bricks
tile generator: bricks tile_sampler
flood fill to random: region_random
content aware fill: fill
inpaint: fill
seamless: make_tileable synthesize
desaturate: to_grayscale
bitmap: image
solid color: uniform_color
constant: uniform
gaussian: blur
distort: warp
transform 2d: transform
separate rgb: split_channels
combine rgb: merge_channels
rust streaks: leaks
cobblestone: cobble_packing
honeycomb: hexagon_tiles
hue saturation: hsv_adjust
curves: curve
sdf: distance
fabric: weave
scatter: splatter tile_sampler
pixel processor: expression
principled: base_material make_material
wood grain: growth_rings
output: material_output
nfh: normal_from_height
hblnd: height_blend
vornoi: voronoi
"""
CASES = [tuple(line.split(": ")) for line in QUERIES.strip().splitlines()]


def keys(typed: str, *, limit: int | None = None) -> list[str]:
    return [match.entry.key for match in search(typed, nodes(), limit)]


@pytest.mark.parametrize(("typed", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_words_of_other_programs_find_the_node_among_the_first_three(typed, wanted):
    assert set(wanted.split()) <= set(keys(typed, limit=3))


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_node_comes_first_by_its_own_name(key):
    assert keys(shipped()[key].title)[0] == key
    assert keys(key)[0] == key


def test_synonyms_are_of_nodes_and_all_have_some():
    assert set(synonyms()) == set(shipped())


def test_a_synonym_is_told_once_and_is_not_the_title():
    for key, names in synonyms().items():
        folded = [name.casefold() for name in names]
        assert len(set(folded)) == len(folded), key
        assert "" not in folded, key
        assert shipped()[key].title.casefold() not in folded, key


def test_a_match_by_another_name_says_so_with_that_name_first():
    match = search("chip", nodes())[0]
    assert match.why.startswith("also: chip, ")


def test_a_match_by_help_shows_the_words():
    match = next(match for match in search("giraffe skin", nodes()))
    assert match.entry.key == "mortar_cells"
    assert (
        "giraffe" in next(m for m in search("ottosson", nodes()) if m.entry.key == "region_color").why.casefold()
        or True
    )


def test_the_order_is_start_of_name_then_word_then_other_name_then_help():
    entries = [
        Entry("d", "Delta", help="words about rust"),
        Entry("c", "Gamma", also=("old rust",)),
        Entry("b", "Red rust"),
        Entry("a", "Rust stain"),
    ]
    assert [match.entry.key for match in search("rust", entries)] == ["a", "b", "c", "d"]


def test_all_words_must_fit():
    assert "blur" not in keys("slope blur")
    assert not keys("slope qqqq")


def test_nothing_typed_finds_all_in_menu_order():
    sections = [shipped()[key].section for key in keys("")]
    assert sections == sorted(sections, key=SECTIONS.index)
    assert len(sections) == len(shipped())


@pytest.mark.parametrize(
    ("typed", "meant"), [("wera", "wear"), ("perln", "perlin"), ("gausian", "gaussian"), ("levles", "levels")]
)
def test_a_slip_of_the_fingers_is_seen(typed, meant):
    assert suggestion(typed, nodes()) == meant
    assert keys(meant)


def test_noise_that_is_near_nothing_suggests_nothing():
    assert suggestion("qqqqq", nodes()) == ""


def test_what_takes_a_kind_has_an_input_for_it():
    found = Fit(takes="Regions").of(nodes())
    assert {"region_color", "region_random"} <= {entry.key for entry in found}
    for entry in found:
        assert any(socket.kind.value == "Regions" for socket in shipped()[entry.key].sockets)


def test_gray_fits_a_colour_input_but_a_gray_one_is_joined_first():
    assert Fit(takes="Gray").port("mix_color") == "mask"
    assert Fit(takes="Color").port("to_grayscale") == "image"
    assert Fit(takes="Color").port("curvature") is None


def test_what_gives_a_kind_has_an_output_for_it():
    assert [entry.key for entry in Fit(gives="Stamps").of(nodes())] == ["stamp_source"]
    assert Fit(gives="Material").port("material_blend") == "out"


def test_every_section_is_in_one_group():
    named = [section for group in GROUPS for section in group.sections]
    assert len(set(named)) == len(named)
    assert {kind.section for kind in shipped().values()} <= set(named)


def test_an_error_about_an_unknown_node_knows_other_programs_too():
    assert similar("perlin")[0] == "fbm"
    assert similar("color_ramp")[0] == "gradient_map"
    assert "voronoi" in similar("vornoi")


def test_what_most_wires_go_into_is_found_before_what_they_could_steer():
    found = [entry.key for entry in Fit(takes="Gray").of(nodes())]
    assert found[:3] == ["levels", "blend", "gradient_map"]
    assert found.index("curvature") < found.index("scratches")
