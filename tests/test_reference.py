"""What is said of nodes and materials, for the command line and the pages."""

from __future__ import annotations

import pytest

from materials import reference
from materials.render import load, presets


@pytest.mark.parametrize("name", presets())
def test_every_preset_says_what_can_be_set_in_words_and_units(name):
    entry = reference.one_material(load(name))
    assert 4 <= len(entry["parameters"]) <= 12
    for row in entry["parameters"]:
        assert row["label"]
        assert row["group"]
        assert row["accepts"]
        if row["unit"] == "of the tile" and "cm" in row:
            assert row["cm"][0] == pytest.approx(row["low"] * entry["size_cm"], abs=1e-3)
    text = reference.material_as_text(entry)
    assert all(row["label"] in text for row in entry["parameters"])
    assert all(title in text for title in entry["presets"])
    assert all(source["author"] in text for source in entry["sources"])


def test_every_section_of_the_menu_has_its_place():
    sections = {entry["section"] for entry in reference.all_nodes()}
    assert sections == set(reference.SECTIONS)
