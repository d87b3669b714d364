"""The command line as a stranger uses it: in a process of its own, by what it prints and returns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import intarsia
from materials import cli, pictures

ROOT = Path(__file__).resolve().parent.parent


def call(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "materials.cli", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("DISPLAY", None)
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False, **options)


def test_render_writes_the_files_it_names(tmp_path):
    done = call(
        "render", "brick_wall", "--size", 64, "--out", tmp_path / "out", "--seed", 3, "--set", "bricks.columns=4"
    )
    assert done.returncode == 0, done.stderr
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert {path.name for path in paths} == {path.name for path in (tmp_path / "out").iterdir()}
    assert "64x64" in done.stderr
    maps = intarsia.render("brick_wall", size=64, seed=3, set={"bricks.columns": 4})
    height = pictures.read((tmp_path / "out" / "brick_wall_height.png").read_bytes(), colour_space="linear")
    assert np.abs(height - maps["height"]).max() <= 0.5 / 65535 + 1e-7


def test_the_same_render_gives_the_same_bytes_on_any_number_of_threads(tmp_path):
    for threads in (1, 3):
        call("render", "granite_setts", "--size", "96x64", "--out", tmp_path / str(threads), "--threads", threads)
    for path in (tmp_path / "1").iterdir():
        assert path.read_bytes() == (tmp_path / "3" / path.name).read_bytes()


def test_a_grant_given_on_the_command_line_must_have_words(tmp_path):
    done = call("render", "granite_setts", "--size", 16, "--out", tmp_path / "out", "--grant", "rock")
    assert done.returncode == 2
    assert "who gave what" in done.stderr
    done = call("render", "granite_setts", "--size", 16, "--out", tmp_path / "out", "--grant", "rock=by Ann, 2024")
    assert done.returncode == 0, done.stderr


def test_json_reports_are_one_document_on_standard_output(tmp_path):
    done = call("render", "granite_setts", "--size", 32, "--out", tmp_path, "--target", "unreal", "--json")
    report = json.loads(done.stdout)
    assert report["render"]["size"] == [32, 32]
    assert all(Path(path).is_file() for path in report["files"])
    for verb in (["nodes"], ["nodes", "fbm"], ["presets"], ["targets"], ["check", "brick_wall", "--size", "64"]):
        assert json.loads(call(*verb, "--json").stdout)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["render", "nothing", "--out", "x"], 2, "neither a file nor a preset"),
        (["render", "brick_wall"], 2, "--out"),
        (["render", "brick_wall", "--out", "x", "--size", "0"], 2, "outside 1x1"),
        (["render", "brick_wall", "--out", "x", "--size", "big"], 2, "is no size"),
        (["render", "brick_wall", "--out", "x", "--set", "bricks.colums=3"], 1, "did you mean columns"),
        (
            ["render", "brick_wall", "--out", "x", "--set", "bricks.columns=99"],
            1,
            'bricks "Courses": columns 99 is outside 1 to 64',
        ),
        (["render", "brick_wall", "--out", "x", "--set", "columns=99"], 1, "outside 2 to 8"),
        (["render", "brick_wall", "--out", "x", "--target", "quake"], 2, "no target 'quake'"),
        (["render", "brick_wall", "--out", "x", "--size", "8192", "--memory", "100MB"], 1, "limit is 95 MB"),
        (["render", "brick_wall", "--out", "x", "--preset", "none"], 1, "Yellow stock"),
        (["render", "brick_wall", "--out", "x", "--target", "gltf", "--format", "exr"], 2, "not written as exr"),
        (["nodes", "fmb"], 2, "did you mean fbm"),
        (["info", "nothing.png"], 1, "nothing.png"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_wrong_use_is_told_in_a_line_and_writes_nothing(arguments, code, text, tmp_path):
    done = call(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.rglob("*.png"))


def test_a_picture_can_be_opened_as_the_graph_it_came_from(tmp_path):
    call("render", "brick_wall", "--size", 48, "--out", tmp_path, "--set", "columns=3")
    picture = tmp_path / "brick_wall_basecolor.png"
    graph = tmp_path / "again.intarsia"
    graph.write_text(call("info", "--graph", picture).stdout)
    assert call("diff", picture, graph).returncode == 0
    assert "columns 4 -> 3" in call("diff", "brick_wall", picture).stdout
    assert np.array_equal(
        intarsia.render(picture, 48)["height"], intarsia.render("brick_wall", 48, set={"columns": 3})["height"]
    )
    told = call("info", picture).stdout
    assert "Brick wall" in told
    assert "CC0-1.0" in told


def test_check_fails_where_a_material_does(tmp_path):
    text = (ROOT / "presets" / "brick_wall.intarsia").read_text()
    broken = tmp_path / "broken.intarsia"
    broken.write_text(text.replace('"checks": [', '"checks": [\n    "height mean > 0.99",'))
    done = call("check", broken, "--size", 64)
    assert done.returncode == 1
    assert "height: mean" in done.stdout
    assert call("check", "brick_wall", "--size", 128).returncode == 0


def test_upgrade_writes_what_it_says_and_only_then(tmp_path):
    path = tmp_path / "old.intarsia"
    path.write_text('{"intarsia": 1, "nodes": {"a": {"node": "fbm", "parameters": {"cells": 3}}}}')
    before = path.read_bytes()
    assert "would be rewritten" in call("upgrade", path, "--dry-run").stdout
    assert path.read_bytes() == before
    assert "rewritten" in call("upgrade", path).stdout
    assert b'"octaves": 6' in path.read_bytes()
    assert "up to date" in call("upgrade", path).stdout


def test_an_interrupt_ends_a_render_with_130_and_leaves_nothing(tmp_path):
    command = [
        sys.executable,
        "-m",
        "materials.cli",
        "render",
        "brick_wall",
        "--size",
        "8192",
        "--out",
        str(tmp_path / "out"),
    ]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True)
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_importing_the_packages_imports_neither_qt_nor_numba_nor_opencv():
    code = (
        "import sys, intarsia, materials.cli, nodes; nodes.catalogue(); "
        "print([name for name in ('PyQt6', 'numba', 'cv2', 'scipy', 'rich', 'OpenEXR') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_what_a_foreign_file_says_cannot_command_the_terminal(tmp_path):
    path = tmp_path / "strange.intarsia"
    path.write_text(json.dumps({"intarsia": 1, "title": "a\x1b[31mb", "nodes": {"a": {"node": "fbm"}}}))
    done = call("info", path)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout


def test_the_environment_sets_the_number_of_threads(tmp_path, monkeypatch):
    from materials.evaluate import default_threads

    monkeypatch.setenv("INTARSIA_THREADS", "3")
    assert default_threads() == 3
    for nonsense in ("0", "-1", "many", ""):
        monkeypatch.setenv("INTARSIA_THREADS", nonsense)
        assert default_threads() >= 1


@pytest.mark.parametrize("verb", sorted(set(cli.commands.commands)))
def test_the_help_of_every_verb_shows_how_it_is_called(verb):
    assert f"intarsia {verb}" in cli.commands.commands[verb].help
