"""What is shipped, and what the house's own rules say about its code."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import intarsia
from materials import VERSION, document as documents
from materials.render import load

ROOT = Path(__file__).resolve().parent.parent
QT_FREE = [*ROOT.glob("nodes/**/*.py"), *ROOT.glob("materials/**/*.py"), ROOT / "intarsia.py"]
CODE = [*QT_FREE, *ROOT.glob("gui/**/*.py")]


def test_the_version_is_written_once():
    assert intarsia.__version__ == VERSION
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_runs_what_it_reads(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec", "compile", "__import__"}, node.lineno
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name.split(".")[0] for alias in node.names} | {
                (getattr(node, "module", "") or "").split(".")[0]
            }
            assert not names & {"pickle", "marshal", "shelve", "socket", "urllib", "http", "requests"}, node.lineno
            assert path not in QT_FREE or not names & {"PyQt6", "gui"}, node.lineno


@pytest.mark.parametrize("name", intarsia.presets())
def test_presets_are_saved_as_we_save_and_pass_their_checks(name):
    from materials import checks

    path = ROOT / "presets" / f"{name}.intarsia"
    graph = load(name)
    assert documents.dumps(graph.document) == path.read_text("utf-8")
    assert graph.document.author
    assert graph.document.licence
    findings = checks.all_findings(intarsia.render(graph, 256), graph.document.checks)
    assert not [str(finding) for finding in findings if finding.severity == "error"]


@pytest.mark.parametrize("name", intarsia.presets())
def test_both_ends_of_every_exposed_range_render(name):
    graph = load(name)
    for entry in graph.document.exposed:
        for value in (entry.low, entry.high):
            if value is not None:
                maps = intarsia.render(graph, 32, set={entry.name: value})
                assert all(image.shape[:2] == (32, 32) for image in maps.values())
    for preset in graph.document.presets:
        assert intarsia.render(graph.with_preset(preset), 32)


def test_every_shipped_picture_has_author_and_licence():
    credits = tomllib.loads((ROOT / "presets" / "exemplars" / "CREDITS.toml").read_text("utf-8"))["exemplar"]
    told = {entry["file"]: entry for entry in credits}
    assert {path.name for path in (ROOT / "presets" / "exemplars").glob("*.png")} == set(told)
    for entry in told.values():
        assert entry["author"]
        assert entry["licence"]
        assert entry["source"]
    for name in intarsia.presets():
        for source in load(name).document.sources.values():
            assert told[Path(source.path).name]["licence"] == source.licence


def test_the_wheel_holds_the_packages_and_their_data_and_nothing_else(tmp_path):
    # From a copy: a build folder left in the tree would put files into the wheel that are there no more.
    tree = tmp_path / "tree"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    for name in ("gui", "nodes", "materials", "presets"):
        shutil.copytree(ROOT / name, tree / name, ignore=ignored)
    for name in ("intarsia.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", "..", "."]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    folders = {name.split("/")[0] for name in names}
    assert folders == {"intarsia.py", "gui", "nodes", "materials", "presets"}
    assert {f"materials/targets/{path.name}" for path in (ROOT / "materials" / "targets").glob("*.toml")} <= names
    assert {f"presets/{path.name}" for path in (ROOT / "presets").glob("*.intarsia")} <= names
    assert "presets/exemplars/pink_rock.png" in names
    assert "presets/exemplars/CREDITS.toml" in names
    assert {"gui/style.qss", "gui/views/solid.frag", "gui/fonts/LICENSE.txt", "gui/fonts/Inter-Regular.otf"} <= names
    folders_of_code = ("gui", "nodes", "materials")
    python = {str(path.relative_to(ROOT)) for folder in folders_of_code for path in (ROOT / folder).rglob("*.py")}
    assert python <= names
