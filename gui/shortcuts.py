"""How actions and their keys are written: "Ctrl Shift P", "Undo"."""

from __future__ import annotations

from PyQt6.QtGui import QAction, QKeySequence

_SHORT = {"Delete": "Del", "Return": "Enter", "Escape": "Esc"}


def spelled(sequence: QKeySequence) -> str:
    """Return a key sequence as it is written everywhere: "Ctrl Shift P"; several strokes with a comma."""
    strokes = sequence.toString(QKeySequence.SequenceFormat.PortableText).split(", ")
    return ", ".join(" ".join(_SHORT.get(key, key) for key in _keys(stroke)) for stroke in strokes)


def _keys(stroke: str) -> list[str]:
    if stroke.endswith("+"):  # the plus key itself
        return [*(key for key in stroke[:-1].split("+") if key), "+"]
    return stroke.split("+")


def keys_of(action: QAction) -> str:
    """Return all keys of an action, the first first: "Space or Tab"."""
    return " or ".join(dict.fromkeys(spelled(sequence) for sequence in action.shortcuts() if not sequence.isEmpty()))


def words_of(action: QAction) -> str:
    """Return what an action is called, without marks of menus."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
