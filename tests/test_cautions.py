"""What a synthesis warns of: large figures, copies, uneven light; and of nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import intarsia
from materials import pictures
from materials.cli import commands
from nodes.declare import Band
from nodes.patch import faults
from nodes.patch.cautions import caution, figure, rare_motif
from nodes.patch.exemplar import fitted
from nodes.patch.lattice import find_lattice
from tests.test_photograph import half_shifted, surface

EXEMPLARS = sorted((Path(__file__).resolve().parent.parent / "presets" / "exemplars").glob("*.png"))


def said(picture: np.ndarray, motif: float = 0.156) -> list[str]:
    texts: list[str] = []
    picture = np.ascontiguousarray(picture, np.float32)
    caution(Band(64, 64, 0, 64, remark=texts.append), picture, motif, find_lattice(picture) is not None)
    return texts


def symmetrical() -> np.ndarray:
    """Return an ornament: blots of three sizes, and their mirror image."""
    half = np.mean([fitted(surface(12 * size, 6 * size, seed=size), 256, 128) for size in (1, 2, 3)], axis=0)
    return np.concatenate([half, half[:, ::-1]], axis=1)


def tiles(side: int, pitch: float) -> np.ndarray:
    """Return tiles between dark joints, no two alike, on a picture of `side` pixels."""
    y, x = np.mgrid[0:side, 0:side] + 0.5
    joint = (np.minimum(y % pitch, x % pitch) < pitch / 10)[..., None]
    tone = np.random.default_rng(4).uniform(0.3, 0.6, (99, 99, 3))[(y // pitch).astype(int), (x // pitch).astype(int)]
    return np.where(joint, 0.05, tone * (0.7 + 0.6 * surface(side, side))).astype(np.float32)


@pytest.mark.parametrize("path", EXEMPLARS, ids=lambda path: path.stem)
def test_the_photographs_that_come_along_are_not_warned_of(path):
    picture = pictures.read(path.read_bytes(), name=path.name)
    assert said(fitted(picture, 256, 256 * picture.shape[1] // picture.shape[0])) == []


def test_a_figure_about_an_upright_or_a_level_line_is_found():
    for picture in (symmetrical(), symmetrical().transpose(1, 0, 2)):
        assert len(said(picture)) == 1
        assert "one figure as large as itself" in said(picture)[0]
    assert figure(np.roll(symmetrical(), 30, axis=1)) is None or "upright" in str(figure(np.roll(symmetrical(), 30, 1)))


def test_courses_tiles_and_boards_are_no_figure():
    boards = np.repeat(surface(1, 256), 256, axis=0)
    for picture in (tiles(256, 32.0), boards, boards.transpose(1, 0, 2)):
        assert figure(picture) is None


def test_tiles_too_large_to_be_laid_in_step_are_told_and_smaller_ones_are_not():
    assert any("comes again after" in text for text in said(tiles(256, 95.0)))
    assert said(tiles(256, 32.0)) == []
    assert rare_motif(tiles(128, 16.0)) is None


def test_blocks_larger_than_the_motif_silence_the_warning():
    assert not any("comes again after" in text for text in said(tiles(256, 95.0), motif=0.5))


def test_a_copy_is_told_and_a_grain_is_none():
    assert "repeats itself" in said(half_shifted(surface(300, 400)))[0]
    grain = np.repeat(surface(30, 300), 10, axis=0) + 0.1 * surface(300, 300, seed=9)
    assert faults.repeats(grain.astype(np.float32)) is None


@pytest.mark.parametrize(("stops", "warned"), [(0.4, False), (1.2, True)])
def test_light_is_told_where_it_will_show_as_blotches(stops, warned):
    ramp = np.exp2(np.linspace(-stops / 2, stops / 2, 256, dtype=np.float32))[:, None]
    assert any("blotches" in text for text in said(surface(256, 256) * ramp)) == warned


def test_a_synthesis_says_what_it_cannot_do_and_the_command_line_says_it_once(tmp_path):
    path = tmp_path / "copied.png"
    codes = np.round(pictures.linear_to_srgb(np.clip(half_shifted(surface(96, 128)), 0, 1)) * 255).astype(np.uint8)
    path.write_bytes(pictures.encode_png(codes, {}, colour=True))
    made = intarsia.synthesize(path, 128, layouts=1)
    assert [text for text in made.report["warnings"] if "repeats itself" in text]
    words = ["synthesize", str(path), "--size", "128", "--out", str(tmp_path / "out.png"), "--licence", "CC0-1.0"]
    report = json.loads(CliRunner().invoke(commands, [*words, "--json"]).stdout)
    assert [text for text in report["synthesis"]["warnings"] if "repeats itself" in text]
    assert not [text for text in report["warnings"][str(path)] if "repeats itself" in text]
    again = ["render", str(tmp_path / "out.png"), "--size", "128", "--out", str(tmp_path)]
    assert 'synthesize "made": the picture: its detail repeats itself' in CliRunner().invoke(commands, again).stderr
    told = json.loads(CliRunner().invoke(commands, [*again, "--json"]).stdout)["render"]["warnings"]
    assert [found["node"] for found in told] == ["made"]


def test_two_photographs_in_a_mash_up_are_named():
    mixed = intarsia.synthesize([surface(64, 64), half_shifted(surface(96, 96))], 96, layouts=1)
    assert [text for text in mixed.report["warnings"] if text.startswith("picture_b: its detail repeats")]
