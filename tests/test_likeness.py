"""The metric of syntheses: known good pictures above known bad ones, on textures made here."""

from __future__ import annotations

import functools
import json

import click.testing
import numpy as np
import pytest

from benchmarks import likeness as spoil
from benchmarks.quilting import beyond_cut, quilt
from materials.cli import commands
from materials.errors import UsageError
from materials.likeness import likeness, structure
from materials.likeness.kernels import runs
from materials.likeness.patches import Bank, taken
from materials.likeness.picture import seen
from materials.likeness.verdict import GATES, GROUPS, TILING_GATES, score
from materials.pictures import encode_png, srgb_to_linear
from nodes.opencv import cv2

SIDE, LARGE = 144, 192


def smooth_noise(height: int, width: int, sigma: float, seed: int) -> np.ndarray:
    """Return noise that tiles, of deviation 1."""
    white = np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)
    margin = int(4 * sigma) + 1
    soft = cv2.GaussianBlur(np.pad(white, margin, mode="wrap"), (0, 0), sigma)[margin:-margin, margin:-margin]
    return soft / soft.std()


@functools.cache
def bricks(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Return a running bond of 48 x 24 pixels with grain and a tone for each brick, encoded."""
    rows, columns = np.mgrid[0:height, 0:width]
    course = rows // 24
    along = columns + 24 * (course % 2)
    tone = np.random.default_rng(seed).normal(0.45, 0.06, (64, 64))[course, along // 48 % (width // 48)]
    joint = (rows % 24 < 4) | (along % 48 < 4)
    gray = np.where(joint, 0.75, tone) + 0.04 * smooth_noise(height, width, 1.0, seed + 1)
    return np.clip(gray[..., None] * [1.0, 0.8, 0.7], 0, 1).astype(np.float32)


@functools.cache
def stones(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Return Voronoi cells of many tones with dark joints, encoded; not a lattice, no long lines."""
    draw = np.random.default_rng(seed)
    points = draw.uniform(0, 1, (height * width // 300, 2)) * (height, width)
    rows, columns = np.mgrid[0:height, 0:width]
    first, second = np.full((height, width), np.inf), np.full((height, width), np.inf)
    tone, tones = np.zeros((height, width)), draw.normal(0.5, 0.12, len(points))
    for (y, x), own in zip(points, tones, strict=True):
        down, across = np.abs(rows - y), np.abs(columns - x)
        away = np.hypot(np.minimum(down, height - down), np.minimum(across, width - across))
        second = np.minimum(second, np.maximum(first, away))
        tone = np.where(away < first, own, tone)
        first = np.minimum(first, away)
    gray = np.where(second - first < 2.5, 0.15, tone) + 0.03 * smooth_noise(height, width, 1.0, seed + 1)
    return np.clip(np.repeat(gray[..., None], 3, axis=2), 0, 1).astype(np.float32)


def grain(height: int, width: int, seed: int = 0) -> np.ndarray:
    gray = 0.5 + 0.12 * smooth_noise(height, width, 2.0, seed)
    return np.clip(np.repeat(gray[..., None], 3, axis=2), 0, 1).astype(np.float32)


def judge(exemplar: np.ndarray, result: np.ndarray, **options):
    return likeness(srgb_to_linear(exemplar), srgb_to_linear(np.clip(result, 0, 1)), **options)


@functools.cache
def pictures(texture: str):
    """Return more of a texture, and spoiled pictures by name."""
    make = {"bricks": bricks, "stones": stones}[texture]
    more = make(LARGE, LARGE, 5)
    return {"more": more, **spoil.spoiled(make(SIDE, SIDE), more)}


@functools.cache
def found(texture: str, name: str):
    exemplar = {"bricks": bricks, "stones": stones}[texture](SIDE, SIDE)
    return judge(exemplar, pictures(texture)[name])


# ---- identities ----


@pytest.mark.parametrize("make", [bricks, stones, grain])
def test_a_picture_is_all_that_it_is(make):
    picture = make(SIDE, SIDE)
    same = judge(picture, picture)
    assert same["score_fidelity"] > 99
    assert same["coherence"] < 0.3  # of its patches, half are kept to compare with
    assert same["copy_cells"] > 0.7
    assert same["hf_ratio"] == pytest.approx(1)
    assert same["repetition"] == 0
    assert same["dup_rate"] < 0.05  # of other patches than those the exemplar is asked for
    for term in ("line_continuity", "lattice_regularity"):
        assert same[term] is None or same[term] == pytest.approx(1)


def test_the_same_seed_gives_the_same_figures():
    exemplar, result = stones(SIDE, SIDE), stones(SIDE, SIDE, 5)
    assert judge(exemplar, result).as_data() == judge(exemplar, result).as_data()
    assert judge(exemplar, result).as_data() != judge(exemplar, result, seed=1).as_data()


def test_what_is_turned_is_judged_alike():
    exemplar, result = bricks(SIDE, SIDE), spoil.broken(bricks(SIDE, SIDE, 5))
    upright = judge(exemplar, result)
    turned = judge(exemplar.swapaxes(0, 1).copy(), result.swapaxes(0, 1).copy())
    for term in ("line_continuity", "lattice_regularity", "hf_ratio", "repetition", "line_seam"):
        assert turned[term] == pytest.approx(upright[term], rel=0.02), term


def test_a_gray_picture_is_the_same_as_its_three_channels():
    exemplar, result = stones(SIDE, SIDE), stones(SIDE, SIDE, 5)
    assert judge(exemplar[..., 0], result[..., 0]).as_data() == judge(exemplar, result).as_data()


def test_too_small_a_picture_is_refused():
    with pytest.raises(UsageError, match="63x64"):
        likeness(np.zeros((128, 128)), np.zeros((64, 63)))


def test_flat_pictures_are_judged_without_a_word():
    flat = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    numbers = judge(flat, flat).as_data()
    assert all(np.isfinite(value) for value in numbers.values() if isinstance(value, float))
    assert json.dumps(numbers, allow_nan=False)


# ---- orders ----


@pytest.mark.parametrize(
    ("texture", "bad", "term", "over"),
    [
        ("stones", "random blocks", "line_seam", True),
        ("stones", "naive tiling", "repetition", True),
        ("stones", "naive tiling", "dup_rate", True),
        ("stones", "blur", "hf_ratio", False),
        ("stones", "blur", "swd", True),
        ("stones", "phase noise", "coherence", True),
        ("stones", "bent", "hf_ratio", False),
        ("bricks", "quilting, wrong offsets", "coherence", True),
        ("bricks", "quilting, wrong offsets", "line_continuity", False),
        ("bricks", "random blocks", "line_continuity", False),
        ("bricks", "random blocks", "lattice_regularity", False),
        ("bricks", "broken", "line_continuity", False),
        ("bricks", "broken", "lattice_regularity", False),
        ("bricks", "bent", "line_continuity", False),
        ("bricks", "bent", "lattice_regularity", False),
    ],
)
def test_a_fault_moves_the_term_that_is_meant_for_it(texture, bad, term, over):
    good, spoiled = found(texture, "more")[term], found(texture, bad)[term]
    assert (spoiled > 1.1 * good + 0.05) if over else (spoiled < 0.9 * good), (good, spoiled)


def test_more_of_a_wall_keeps_its_lines_and_lattice_and_every_spoiled_one_fails():
    walls = {name: found("bricks", name) for name in pictures("bricks")}
    good = walls["more"]
    assert good["line_continuity"] > 0.9
    assert good["lattice_regularity"] > 0.9
    for name, one in walls.items():
        assert name == "more" or not one.passes, name
        if name in ("random blocks", "quilting, wrong offsets", "broken", "bent"):
            assert one["score_structure"] < good["score_structure"] - 20, name


def test_courses_that_step_aside_lower_continuity_the_more_there_are():
    wall, continuity = bricks(LARGE, LARGE), []
    for strips in (1, 3, 9):
        width = LARGE // strips
        stepped = wall.copy()
        for number in range(1, strips, 2):
            part = slice(number * width, (number + 1) * width)
            stepped[:, part] = np.roll(wall, 12, axis=0)[:, part]
        continuity.append(judge(bricks(SIDE, SIDE), stepped)["line_continuity"])
    assert continuity[0] > continuity[1] + 0.05 > continuity[2] + 0.1


@pytest.mark.parametrize("make", [stones, grain])
def test_lines_and_lattice_do_not_apply_where_there_are_none(make):
    one = judge(make(SIDE, SIDE), make(SIDE, SIDE, 5))
    assert one["line_continuity"] is None
    assert one["lattice_regularity"] is None
    assert one["score_structure"] is None


def test_a_lattice_is_found_where_it_was_put():
    (first, second) = structure.lattice(bricks(SIDE, SIDE)).shifts
    known = {(0, 48), (24, 24), (24, -24), (48, 0)}
    assert {first, second} <= known


def test_a_border_that_meets_is_told_from_one_that_does_not():
    exemplar, tile = stones(SIDE, SIDE), stones(LARGE, LARGE, 5)
    cut = np.roll(tile, 40, axis=1)[:, 7:].copy()
    cut[:, -60:] = stones(LARGE, LARGE, 6)[:, :60]
    assert judge(exemplar, tile)["wrap_patch"] < judge(exemplar, cut)["wrap_patch"]
    assert "wrap_patch" not in {gate.term for gate in judge(exemplar, cut, tileable=False).failed}


# ---- parts ----


def test_the_nearest_patch_is_the_nearest_of_all():
    picture, draw = seen(srgb_to_linear(stones(64, 64))), np.random.default_rng(0)
    side = 5
    bank = Bank(picture, side, draw, dims=75)  # all components, so that nothing is lost
    rows, columns = np.mgrid[0 : 64 - side + 1, 0 : 64 - side + 1].reshape(2, -1)
    every = taken(picture, rows, columns, side)
    queries = draw.uniform(0, 1, (20, every.shape[1])).astype(np.float32)
    distance, _ = bank.nearest(queries)
    np.testing.assert_allclose(distance, np.sqrt(((queries[:, None] - every) ** 2).sum(2)).min(1), rtol=1e-4)
    some = draw.choice(len(rows), 20)
    places = rows[some], columns[some]
    apart = (np.abs(rows[some, None] - rows) >= side) | (np.abs(columns[some, None] - columns) >= side)
    own = np.where(apart, np.sqrt(((every[some, None] - every) ** 2).sum(2)), np.inf).min(1)
    np.testing.assert_allclose(bank.nearest(every[some], places, side)[0], own, rtol=1e-3)


def test_runs_hang_together_where_offsets_agree():
    across = np.zeros((6, 8), np.int32)
    across[:, 4:] = 5
    across[3:, 4:] = 9
    across[0, 1] = 1  # within one pixel
    labels = np.full((6, 8), -1, np.int32)
    runs(np.zeros((6, 8), np.int32), across, labels)
    assert (labels[:, :4] == 0).all()
    assert (labels[:3, 4:] == 4).all()
    assert (labels[3:, 4:] == 28).all()


def test_scores_fall_from_good_to_bad():
    values = [score(value, 0.75, 1.3) for value in (0.1, 0.75, 0.9, 1.1, 1.3, 9.0)]
    assert values[:2] == [100, 100]
    assert values[-2:] == [0, 0]
    assert values == sorted(values, reverse=True)


def test_every_gate_is_of_a_term_that_is_measured_and_told():
    told = {name for names in GROUPS.values() for name in names}
    terms = set(judge(bricks(SIDE, SIDE), bricks(SIDE, SIDE, 5)).terms)
    assert told == terms
    assert {gate.term for gate in (*GATES, *TILING_GATES)} <= terms


# ---- quilting, the peer ----


def test_a_cut_is_the_cheapest_path():
    difference = np.ones((6, 5), np.float32)
    path = [2, 3, 3, 2, 1, 1]
    difference[range(6), path] = 0
    np.testing.assert_array_equal(beyond_cut(difference), np.arange(5)[None] >= np.array(path)[:, None])


def test_quilting_joins_better_than_blocks_from_anywhere():
    exemplar = stones(SIDE, SIDE)
    assert quilt(exemplar, SIDE, 1).shape == (SIDE, SIDE, 3)
    fitting, astray = (
        judge(exemplar, quilt(exemplar, SIDE, 1, astray=astray), tileable=False) for astray in (False, True)
    )
    assert fitting["coherence"] < astray["coherence"]


# ---- the command ----


@pytest.fixture
def files(tmp_path):
    paths = {}
    for name, picture in (("wall", bricks(SIDE, SIDE)), ("broken", spoil.broken(bricks(LARGE, LARGE, 5)))):
        paths[name] = tmp_path / f"{name}.png"
        paths[name].write_bytes(encode_png(np.round(picture * 255).astype(np.uint8), {}, colour=True))
    return paths


def test_check_says_what_is_wrong_with_a_synthesis(files):
    run = click.testing.CliRunner().invoke(commands, ["check", str(files["broken"]), "--exemplar", str(files["wall"])])
    assert run.exit_code == 1
    assert "fails line_continuity" in run.output
    assert "courses" in run.output


def test_check_tells_a_machine_the_same(files):
    arguments = ["check", str(files["broken"]), "--exemplar", str(files["wall"]), "--json"]
    run = click.testing.CliRunner().invoke(commands, arguments)
    told = json.loads(run.output)
    assert run.exit_code == 1
    assert not told["passes"]
    assert "line_continuity" in {gate["term"] for gate in told["failed"]}
