"""The app is killed at work; at the next start everything is there again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from materials import document as documents
from materials.graph import same_work
from materials.home import state_folder
from tests.test_gui.windows import saved

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def start(path: Path, plan: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.test_gui.crashing", str(path), plan]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )


def killed(path: Path, plan: str) -> list[str]:
    """Run the app until it kills itself; return the documents after each of its edits, as text."""
    process = start(path, plan)
    out, err = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, err
    return [json.loads(line) for line in out.splitlines()]


def recover(window):
    """Restart, in effect: read what is left, and open the first of it."""
    window.files.start()
    QTest.mouseClick(window.start.rescued[0].recover, Qt.MouseButton.LeftButton)
    return window.page.session


@pytest.mark.parametrize(("plan", "edits"), [("session", 6), ("mouse", 3)])
def test_after_a_kill_every_edit_is_there_again(window, tmp_path, plan, edits):
    path = saved(tmp_path)
    before = path.read_bytes()
    states = killed(path, plan)
    assert len(states) == edits
    window.files.start()
    assert [row.words.words for row in window.start.rescued] == [f"kiln_wall has {edits} edits that were not saved"]
    session = recover(window)
    assert same_work(session.root, documents.loads(states[-1]))
    assert session.path == path
    assert session.is_modified
    assert path.read_bytes() == before
    window.files.save()
    assert same_work(documents.load(path), documents.loads(states[-1]))
    window.close_page(0)
    assert window.start.rescued == []


def test_a_kill_from_outside_loses_no_edit(window, tmp_path):
    path = saved(tmp_path)
    process = start(path, "endless")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(25)]
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate(timeout=60)
    states = [json.loads(line) for line in (*lines, *out.splitlines()) if line.endswith(('"', '"\n'))]
    session = recover(window)
    (found,) = (window.pages[0],)
    edits = found.session.journal._edits
    assert edits in (len(states), len(states) + 1)  # the last edit may have been made and not yet told
    if edits == len(states):
        assert same_work(session.root, documents.loads(states[-1]))


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_kill_during_saving_leaves_the_old_file_and_all_edits(window, tmp_path, call):
    path = saved(tmp_path)
    before = path.read_bytes()
    states = killed(path, call)
    assert path.read_bytes() == before
    session = recover(window)
    assert same_work(session.root, documents.loads(states[-1]))
    assert session.graph.nodes["noise"].parameters["octaves"] == 3
    window.files.save()
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [path.name]


def test_a_second_crash_after_a_recovery_loses_nothing(window, tmp_path):
    path = saved(tmp_path)
    killed(path, "session")
    (state,) = killed(path, "recover")
    window.files.start()
    assert [row.words.words for row in window.start.rescued] == ["kiln_wall has 7 edits that were not saved"]
    assert same_work(recover(window).root, documents.loads(state))


def test_what_is_discarded_is_gone(window, tmp_path):
    killed(saved(tmp_path), "session")
    window.files.start()
    QTest.mouseClick(window.start.rescued[0].discard, Qt.MouseButton.LeftButton)
    assert window.start.rescued == []
    assert not list((state_folder() / "journals").iterdir())
