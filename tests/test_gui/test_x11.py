"""The app on a real display, by mouse and keys alone: `pytest -m x11 tests/test_gui/test_x11.py`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_gui.windows import saved

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.x11


@pytest.fixture
def display() -> Iterator[str]:
    """A display of the test's own, without a window manager."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    if not number:
        pytest.skip("Xvfb does not start here")
    yield f":{number}"
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture
def app(display: str, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The app on that display, with a small material open."""
    here = {**os.environ, "PYTHONPATH": str(ROOT), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    command = [sys.executable, "-m", "tests.test_gui.crashing", str(saved(tmp_path)), "watch"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=here, cwd=ROOT)
    yield process
    process.kill()
    process.communicate(timeout=20)


def told(process: subprocess.Popen[str], met: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until the app tells something that is so."""
    assert process.stdout is not None
    for line in process.stdout:
        found = json.loads(line)
        if met(found):
            return found
    assert process.stderr is not None
    pytest.fail(process.stderr.read())


def do(display: str, *words: object) -> None:
    command = ["xdotool", *map(str, words)]
    subprocess.run(command, check=True, env={**os.environ, "DISPLAY": display}, timeout=60)


def test_two_nodes_are_joined_by_mouse_a_third_is_added_by_keys_and_taken_back(display, app):
    first = told(app, lambda seen: True)
    assert first["colours"] > 50  # there is something to be seen
    output, into, void = (first["at"][name] for name in ("output", "input", "void"))
    do(display, "mousemove", *output, "mousedown", 1)
    for step in range(1, 7):
        x, y = (start + (end - start) * step / 6 for start, end in zip(output, into, strict=True))
        do(display, "mousemove", round(x), round(y))
    do(display, "mouseup", 1)
    joined = told(app, lambda seen: seen["links"] != first["links"])
    assert set(joined["links"]) - set(first["links"]) == {"noise.out -> material.height"}
    do(display, "mousemove", *void, "click", 1, "key", "Tab")
    do(display, "type", "--delay", 30, "blur")
    do(display, "key", "Return")
    added = told(app, lambda seen: seen["nodes"] != first["nodes"])
    assert set(added["nodes"]) - set(first["nodes"]) == {"blur"}
    do(display, "key", "ctrl+z")
    assert told(app, lambda seen: seen["nodes"] == first["nodes"])["links"] == joined["links"]
    do(display, "key", "ctrl+z")
    assert told(app, lambda seen: True)["links"] == first["links"]


def test_the_app_opens_a_preset_by_name_in_a_window_of_that_name(display):
    here = {**os.environ, "PYTHONPATH": str(ROOT), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    process = subprocess.Popen([sys.executable, "-m", "gui.app", "brick_wall"], env=here, cwd=ROOT)
    try:
        do(display, "search", "--sync", "--name", "Brick wall")
    finally:
        process.kill()
        process.wait(timeout=20)
