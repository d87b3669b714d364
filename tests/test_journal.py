"""The journal: what a killed process had done is there again, edit by edit."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from materials import document as documents, edits, journal as journals
from materials.deltas import apply_delta, delta
from materials.document import parse_document, to_data
from materials.errors import GraphError
from materials.graph import Document
from materials.history import History
from materials.journal import Journal, pending
from tests.random_edits import START, some_edit

ROOT = Path(__file__).parent.parent


def left(journal: Journal) -> None:
    """End a journal as a killed process does: nothing is tidied up."""
    journal._drop()
    journal._lock.close()


def walk(history: History, rng: random.Random, count: int) -> None:
    """Make random edits, some of them taken back and done again."""
    for _ in range(count):
        move = rng.random()
        if move < 0.2 and history.can_undo:
            history.undo()
        elif move < 0.3 and history.can_redo:
            history.redo()
        else:
            try:
                history.do(some_edit(rng, history.document), "an edit")
            except GraphError:
                continue


@pytest.mark.parametrize("seed", range(20))
def test_replayed_edits_give_the_very_same_document(tmp_path, seed):
    history = History(START)
    journal = Journal.start(tmp_path, START, tmp_path / "x.intarsia")
    history.on_change = journal.append
    walk(history, random.Random(seed), 80)
    assert journal.trouble == ""
    left(journal)
    (found,) = pending(tmp_path)
    assert found.document() == history.document
    assert documents.dumps(found.document()) == documents.dumps(history.document)
    assert found.title == history.document.title
    assert found.path == tmp_path / "x.intarsia"
    assert found.damage == ""
    found.discard()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", range(20))
def test_a_difference_leads_from_any_document_to_any_other(seed):
    one, other = History(START), History(START)
    walk(one, random.Random(seed), 40)
    walk(other, random.Random(seed + 1000), 40)
    data = to_data(one.document)
    change = delta(one.document, other.document)
    apply_delta(data, change)
    assert parse_document(data) == other.document
    assert list(data["nodes"]) == list(other.document.nodes)
    assert delta(one.document, one.document) == {}


def test_an_edit_inside_a_subgraph_is_told_by_what_changed_inside(tmp_path):
    made, _ = edits.AddNode(edits.Node("u", "subgraph", graph=START)).apply(START)
    changed, _ = edits.Inside(("u",), edits.SetParameter("g", "gain", 1.0)).apply(made)
    change = delta(made, changed)
    assert list(change["nodes"]) == ["u"]
    assert list(change["nodes"]["u"]["graph"]["nodes"]) == ["g"]
    assert "links" not in change


def test_a_journal_is_written_anew_now_and_then_and_counts_on(tmp_path):
    journal = Journal.start(tmp_path, START)
    now = 0.0
    journal.clock = lambda: now
    made = START
    for number in range(1200):
        now += 0.01
        before = made
        made, _ = edits.SetParameter("g", "gain", number / 1000).apply(made)
        journal.append(before, made, "Set gain")
    assert len(journal.file.read_bytes().split(b"\n")) < journals.SNAPSHOT_EDITS + 3
    now += 31
    journal.append(made, made, "nothing")
    journal.append(made, edits.SetMeta("title", "New").apply(made)[0], "Title")
    assert len(journal.file.read_bytes().split(b"\n")) == 2
    left(journal)
    (found,) = pending(tmp_path)
    assert (found.edits, found.title) == (1201, "New")


def written(tmp_path: Path, count: int = 10) -> tuple[Path, list[Document]]:
    journal, made = Journal.start(tmp_path, START), [START]
    for number in range(count):
        made.append(edits.SetMeta("title", f"Title {number}").apply(made[-1])[0])
        journal.append(made[-2], made[-1], "Title")
    left(journal)
    return journal.file, made


def test_a_journal_cut_anywhere_gives_the_edits_before_the_cut(tmp_path):
    file, made = written(tmp_path)
    whole = file.read_bytes()
    first = whole.index(b"\n") + 1
    for end in range(first, len(whole), 7):
        file.write_bytes(whole[:end])
        read = journals._read(file)
        assert read is not None
        assert parse_document(read.data) == made[whole[:end].count(b"\n") - 1]
        assert (read.damage == "") == (whole[end - 1 : end] == b"\n")


def test_a_damaged_line_ends_the_replay_and_says_so(tmp_path):
    file, made = written(tmp_path)
    lines = file.read_bytes().split(b"\n")
    for broken in (lines[5][:-3] + b"???", b"", lines[6]):
        file.write_bytes(b"\n".join([*lines[:5], broken, *lines[6:]]))
        (found,) = pending(tmp_path)
        assert found.document() == made[4]
        assert found.edits == 4
        assert "6 edits are lost" in found.damage
    file.write_bytes(b"garbage")
    assert pending(tmp_path) == []
    assert [path.suffix for path in tmp_path.iterdir()] == [".bad"]


def test_a_living_journal_and_one_without_edits_are_not_offered(tmp_path):
    journal = Journal.start(tmp_path, START)
    journal.append(START, edits.SetMeta("title", "New").apply(START)[0], "Title")
    assert pending(tmp_path) == []
    journal.saved(START, tmp_path / "x.intarsia")
    left(journal)
    assert pending(tmp_path) == []
    assert not list(tmp_path.iterdir())
    assert pending(tmp_path / "nowhere") == []


def test_closing_leaves_nothing_or_all(tmp_path):
    file, _ = written(tmp_path / "a")
    assert file.exists()
    journal = Journal.start(tmp_path / "b", START, edits=3)
    journal.close()
    assert not list((tmp_path / "b").iterdir())
    Journal.start(tmp_path / "b", START, edits=3).close(discard=False)
    assert [found.edits for found in pending(tmp_path / "b")] == [3]


def test_trouble_is_told_and_the_journal_goes_on(tmp_path):
    journal = Journal.start(tmp_path, START)
    made, _ = edits.SetMeta("title", "New").apply(START)
    journal._drop()
    journal._handle = open(journal.file, "rb", buffering=0)  # noqa: SIM115  # it takes no writing
    journal.append(START, made, "Title")
    assert journal.trouble
    again, _ = edits.SetMeta("author", "Ann").apply(made)
    journal.append(made, again, "Author")
    assert journal.trouble == ""
    left(journal)
    (found,) = pending(tmp_path)
    assert found.document() == again
    assert found.edits == 2


KILLED = """
import sys
from pathlib import Path
from materials import edits
from materials.journal import Journal
from tests.random_edits import START
journal, made, number = Journal.start(Path(sys.argv[1]), START), START, 0
while True:
    before, number = made, number + 1
    made, _ = edits.SetMeta("title", str(number)).apply(made)
    journal.append(before, made, "Title")
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_killed_process_loses_no_edit(tmp_path):
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(1700)]
    assert pending(tmp_path) == []  # it lives, so it is let alone
    child.send_signal(signal.SIGKILL)
    told += [int(line) for line in child.stdout.read().split("\n")[:-1]]
    child.wait()
    child.stdout.close()
    (found,) = pending(tmp_path)
    assert int(found.title) in (told[-1], told[-1] + 1)
    assert found.edits == int(found.title)
    assert found.document().title == found.title


def test_ten_thousand_edits_are_read_again_in_about_a_second(tmp_path, monkeypatch):
    monkeypatch.setattr(journals, "SNAPSHOT_EDITS", 10**9)
    monkeypatch.setattr(journals, "SNAPSHOT_SECONDS", 1e9)
    history = History(START)
    journal = Journal.start(tmp_path, START)
    history.on_change = journal.append
    rng = random.Random(1)
    for number in range(10_000):
        history.do(edits.SetNode(rng.choice("agbs"), "position", (number * 1.0, 8.0)), "Move")
    left(journal)
    start = time.process_time()
    (found,) = pending(tmp_path)
    assert found.document() == history.document
    assert time.process_time() - start < 4
    assert found.edits == 10_000
