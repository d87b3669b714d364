"""The history of a document: any edits, taken back and done again, give the very same documents."""

from __future__ import annotations

import random

import pytest

from materials import edits
from materials.errors import GraphError
from materials.history import History
from tests.random_edits import START, some_edit


def moved(x: float) -> edits.Edit:
    return edits.SetNode("a", "position", (x, 0.0))


@pytest.mark.parametrize("seed", range(10))
def test_any_walk_through_the_history_agrees_with_a_list_of_documents(seed):
    rng = random.Random(seed)
    history, documents, at = History(START, limit=40), [START], 0
    for _ in range(300):
        if (move := rng.random()) < 0.5:
            try:
                history.do(some_edit(rng, history.document), "an edit")
            except GraphError:
                continue
            documents, at = [*documents[: at + 1], history.document], at + 1
            if at > 40:
                documents, at = documents[1:], 40
        elif move < 0.8 and history.can_undo:
            history.undo()
            at -= 1
        elif history.can_redo:
            history.redo()
            at += 1
        assert history.document == documents[at]
        assert history.can_undo == (at > 0)
        assert history.can_redo == (at < len(documents) - 1)


def test_a_drag_is_one_step_and_each_preview_starts_from_its_beginning():
    seen = []
    history = History(START, lambda old, new, text: seen.append((old, new, text)))
    history.begin("Move")
    for x in range(5):
        history.preview(edits.Group((moved(x), edits.SetNode("g", "title", str(x)))))
    history.preview(moved(8.0))
    assert history.commit()
    assert history.document.nodes["g"].title == ""
    assert history.undo_text == "Move"
    history.undo()
    assert history.document == START
    assert history.redo_text == "Move"
    history.redo()
    assert history.document.nodes["a"].position == (8.0, 0.0)
    assert [text for _, _, text in seen][-2:] == ["Undo Move", "Redo Move"]
    assert all(one[1] is other[0] for one, other in zip(seen, seen[1:], strict=False))


def test_an_abandoned_gesture_never_was():
    history = History(START)
    history.do(moved(1.0), "Move")
    before = history.document
    history.begin("Drag")
    history.preview(moved(2.0))
    with pytest.raises(GraphError):
        history.preview(edits.RemoveNode("nobody"))
    assert history.document.nodes["a"].position == (2.0, 0.0)
    with pytest.raises(RuntimeError, match="'Drag' has not ended"):
        history.undo()
    history.abandon()
    assert history.document is before
    assert history.undo_text == "Move"
    history.begin("Drag")
    history.preview(moved(1.0))
    assert not history.commit()
    assert history.document is before


def test_a_document_is_modified_until_it_is_as_saved_again():
    history = History(START)
    assert not history.is_modified
    history.do(moved(1.0), "Move")
    assert history.is_modified
    history.mark_saved()
    history.do(edits.SetMeta("view", {"zoom": 2.0}), "Zoom")
    assert not history.is_modified
    history.undo()
    history.undo()
    assert history.is_modified
    history.redo()
    assert not history.is_modified
    history.mark_unsaved()
    assert history.is_modified


def test_a_refused_edit_changes_nothing():
    history = History(START)
    history.do(moved(1.0), "Move")
    history.undo()
    with pytest.raises(GraphError):
        history.do(edits.RemoveNode("nobody"), "Remove")
    assert history.document == START
    assert history.can_redo
