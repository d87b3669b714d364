"""The list of recent files: newest first, short, and begun anew when it is damaged."""

from __future__ import annotations

import pytest

from materials.home import state_folder
from materials.recent import MOST, NAME, forget, recent, remember


def test_the_newest_file_comes_first_and_only_once(tmp_path):
    there = tmp_path / "there.intarsia"
    there.write_text("{}")
    for number, path in enumerate([there, tmp_path / "gone.intarsia", there]):
        remember(tmp_path / "state", path, f"Title {number}", when=float(number))
    found = recent(tmp_path / "state")
    assert [(entry.path.name, entry.title, entry.missing) for entry in found] == [
        ("there.intarsia", "Title 2", False),
        ("gone.intarsia", "Title 1", True),
    ]
    assert [entry.path.name for entry in forget(tmp_path / "state", there)] == ["gone.intarsia"]
    assert len(recent(tmp_path / "state")) == 1


def test_the_list_stays_short(tmp_path):
    for number in range(MOST + 10):
        remember(tmp_path, tmp_path / f"{number}.intarsia", "", when=float(number))
    assert len(recent(tmp_path)) == MOST
    assert recent(tmp_path)[0].path.name == f"{MOST + 9}.intarsia"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"recent": 5}',
        '{"recent": [5]}',
        '{"recent": [{"path": 5, "title": "", "when": 1}]}',
        "\xff",
        "[" * 99999,
    ],
)
def test_a_damaged_list_is_put_aside(tmp_path, text):
    (tmp_path / NAME).write_bytes(text.encode("latin-1"))
    assert recent(tmp_path) == []
    assert (tmp_path / "recent.bad").read_bytes() == text.encode("latin-1")
    remember(tmp_path, tmp_path / "x", "X")
    assert len(recent(tmp_path)) == 1


def test_the_folder_is_below_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setenv("INTARSIA_HOME", str(tmp_path))
    assert state_folder() == tmp_path.resolve() / "state"
