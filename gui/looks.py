"""What a session says of nodes, outputs and troubles, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtGui import QImage

from nodes.arrays import Value


@dataclass(frozen=True)
class Look:
    """How a node stands at the moment.

    image : its picture, square; None before the first.
    state : "ready", "waiting" (its picture is of an older graph, or it lacks an input), "computing", or "error".
    words : the error in a sentence, what it waits for, or what it is computing; else nothing.
    done : of what it is computing, 0 to 1.
    seconds : processor time at the size of thumbnails, None while unknown; share : of the whole graph's.
    """

    image: QImage | None = None
    state: str = "waiting"
    words: str = ""
    done: float = 0.0
    seconds: float | None = None
    share: float = 0.0
    frozen: bool = False
    warning: str = ""


@dataclass(frozen=True)
class Result:
    """An output as it was last computed: its value, its size in pixels, and whether it is of the present graph."""

    value: Value
    size: int
    fresh: bool


FIND = "Find…"
"""What mends a picture that is gone."""


@dataclass(frozen=True)
class Problem:
    """Something to be told: severity "error", "warning" or "note", what, where, and the node to go to.

    fix : the words of the button that mends it; nothing where none can.
    """

    severity: str
    what: str
    where: str
    level: tuple[str, ...]
    node: str
    fix: str = ""


@dataclass(frozen=True)
class Progress:
    """What is being computed: `stage` in words, `done` 0 to 1, `left` seconds as far as rates tell."""

    stage: str
    done: float
    left: float | None = None
