"""The look keeps its promises: text can be read, wire kinds told apart, and every number is a token."""

import re
from pathlib import Path

import pytest
import qtawesome
from PyQt6.QtGui import QColor

from gui.parts import icon
from gui.theme import CATEGORIES, COLORS, FONTS, KINDS, THEME, TYPE, WIRES, load_fonts
from materials.reference import SECTIONS

GUI = Path(__file__).parents[2] / "gui"

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> list[float]:
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(linear, (a, b))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def oklab(rgb) -> tuple[float, float, float]:
    r, g, b = rgb
    long, medium, short = (
        x ** (1 / 3)
        for x in (
            0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
            0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
            0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
        )
    )
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


SURFACES = ("panel", "raised", "popover", "canvas", "well")
READ_ON = {
    **dict.fromkeys(("accent", "error", "warning", "ok"), SURFACES),
    "text1": (*SURFACES, "field", "field_hover", "fill", "fill_set", "accent_soft"),
    "text2": (*SURFACES, "field"),
    "text3": (*SURFACES, "field"),
    "on_accent": ("accent_fill", "accent_hover", "accent_pressed"),
}


@pytest.mark.parametrize("mode", COLORS)
def test_text_can_be_read_on_every_surface_that_it_stands_on(mode):
    tokens = COLORS[mode]
    pairs = [(text, surface) for text, surfaces in READ_ON.items() for surface in surfaces]
    pairs += [(token, f"{token}_soft") for token in ("error", "warning", "ok")]
    poor = {pair: round(found, 2) for pair in pairs if (found := contrast(tokens[pair[0]], tokens[pair[1]])) < 4.5}
    assert not poor


@pytest.mark.parametrize("mode", COLORS)
def test_surfaces_are_neutral(mode):
    for token in (*SURFACES, "gutter", "field", "field_hover", "fill"):
        channels = QColor(COLORS[mode][token]).getRgb()[:3]
        assert max(channels) - min(channels) <= 5, token


@pytest.mark.parametrize("mode", WIRES)
def test_wires_stand_out_from_the_canvas(mode):
    assert all(contrast(colour, COLORS[mode]["canvas"]) >= 3 for colour in WIRES[mode].values())


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("mode", WIRES)
def test_wire_kinds_are_apart_for_all_eyes(mode, vision):
    def seen(colour):
        rgb = linear(colour)
        return oklab([min(max(sum(m * c for m, c in zip(row, rgb, strict=True)), 0), 1) for row in VISION[vision]])

    colours = {kind: seen(colour) for kind, colour in WIRES[mode].items()}
    nearest = min(
        sum((x - y) ** 2 for x, y in zip(colours[a], colours[b], strict=True)) ** 0.5
        for a in colours
        for b in colours
        if a < b
    )
    assert nearest >= (0.075 if vision == "tritan" else 0.09)  # shape and dash help the rare tritan eye too


def test_wire_kinds_are_apart_without_colour():
    assert len({(look.shape, look.width, look.dash) for look in KINDS.values()}) == len(KINDS)


def test_every_menu_section_has_a_colour():
    assert set(SECTIONS) <= set(CATEGORIES)


def test_both_modes_have_the_same_tokens():
    assert COLORS["dark"].keys() == COLORS["light"].keys()
    assert WIRES["dark"].keys() == WIRES["light"].keys() == KINDS.keys()


def test_the_bundled_font_is_used(qapp):
    assert FONTS[0] in load_fonts()
    assert (GUI / "fonts" / "LICENSE.txt").read_text().count("SIL OPEN FONT LICENSE")
    assert THEME.font("title").pixelSize() == TYPE["title"][0]


def test_colours_and_style_sheets_are_written_in_the_theme_alone():
    for file in GUI.rglob("*.py"):
        if file.name != "theme.py":
            source = file.read_text()
            assert not re.search(r'"#[0-9a-fA-F]{3,8}"', source), file
            assert "setStyleSheet" not in source, file
            assert "setPixelSize" not in source, file
            assert "setPointSize" not in source, file


def test_an_icon_is_kept_once_however_often_it_is_asked_for(qapp):
    kept = qtawesome._instance().icon_cache
    icon("plus")
    before = len(kept)
    for _ in range(3):
        icon("plus")
    assert len(kept) == before
