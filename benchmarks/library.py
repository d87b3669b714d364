"""Search in a library of many pictures: what a question takes when the index is open, and in a new process.

The pictures are made up: descriptors are drawn around those of a few real surfaces, so that the index has its true
size without thousands of files. What does not depend on them is timed on a picture: looking at one, and entering it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import say
from materials import descriptors, index as indexes, ledger
from materials.cards import Card, card_of
from materials.ledger import Facts
from materials.library import SHIPPED, Library
from materials.pictures import encode_png

TARGET_MS = 50.0
"""What we aim at for a question to 10,000 pictures."""

WORDS = ("brick", "oak", "granite", "moss", "soil", "rust", "linen", "gravel", "bark", "plaster", "tile", "asphalt")


def run(counts: list[int], rounds: int = 9) -> list[dict[str, Any]]:
    """Return a row for each number of pictures."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            shelf = made_up(Path(folder), count)
            row = {"pictures": count, "index_mb": round(shelf.index.path.stat().st_size / 2**20, 1)}
            row |= {f"{name}_ms": taken for name, taken in questions(shelf, rounds).items()}
            row |= looking(shelf, rounds)
        rows.append(row)
        say(f"library of {count}", row)
    return rows


def made_up(folder: Path, count: int) -> Library:
    """Return a library of pictures that are only said to be there."""
    pictures = folder / "pictures"
    pictures.mkdir()
    cards = [card_of(path) for path in sorted(SHIPPED.glob("*.png"))]
    random = np.random.default_rng(1)
    entries = [_facts(random, number) for number in range(count)]
    book = ledger.Ledger().with_entries(entries)
    (pictures / ledger.NAME).write_text(book.text, "utf-8")
    shelf = Library(pictures, index=folder / "index.sqlite")
    shelf.index.create()
    with shelf.index.open(write=True) as db:
        for number, facts in enumerate(entries):
            indexes.enter(db, facts, _card(random, cards[number % len(cards)], facts))
        indexes.set_ledger_digest(db, shelf._read_ledger()[0])
    return shelf


def _facts(random: np.random.Generator, number: int) -> Facts:
    first, second = random.choice(WORDS, 2)
    sha256 = f"{number:064x}"
    told = {"title": f"{first} and {second} {number}", "author": f"Author {number % 40}", "source": "made up"}
    return Facts(f"{first}/{number}.png", **told, licence="CC0-1.0", width_cm=80.0, tags=(first, second), sha256=sha256)


def _card(random: np.random.Generator, card: Card, facts: Facts) -> Card:
    numbers = np.frombuffer(card.numbers, np.float32)
    drawn = numbers * np.exp(random.normal(0, 0.3, numbers.shape)).astype(np.float32)
    bits = int(random.integers(1, 2**62))
    return replace(card, sha256=facts.sha256, fingerprint=bits, numbers=drawn.tobytes())


def questions(shelf: Library, rounds: int) -> dict[str, float]:
    """Return the least wall milliseconds of each kind of question, and of the first one after opening."""
    picture = np.random.default_rng(2).random((256, 256, 3), np.float32)
    views = descriptors.zoomed(picture)
    shelf._views = lambda picture: views  # type: ignore[method-assign]  # looking at the picture is timed by itself
    asked: dict[str, Callable[[], Any]] = {
        "words": lambda: shelf.search("oak"),
        "colour": lambda: shelf.search(colour="#8a5a3c"),
        "picture": lambda: shelf.search(picture=picture),
        "axes": lambda: shelf.search(where=["coarseness>0.3", "angle=20..120"]),
        "all": lambda: shelf.search("oak", colour="#8a5a3c", picture=picture, where=["coarseness>0.3"], free=True),
        "first": lambda: Library(shelf.folder, index=shelf.index.path).search("oak", colour="#8a5a3c"),
    }
    return {name: _best_ms(ask, rounds) for name, ask in asked.items()}


def looking(shelf: Library, rounds: int) -> dict[str, float]:
    """Return what a picture takes: to be described, to be described as a question, to be entered."""
    random = np.random.default_rng(3)
    picture = random.random((1024, 1024, 3), np.float32)
    places = iter(range(1000))

    def enter() -> None:
        path = shelf.folder / f"new_{next(places)}.png"
        path.write_bytes(encode_png((255 * random.random((64, 64, 3))).astype(np.uint8), {}, True))
        shelf.add([path])

    return {
        "describe_ms": _best_ms(lambda: descriptors.describe(picture), rounds),
        "describe_question_ms": _best_ms(lambda: descriptors.zoomed(picture), rounds),
        "enter_ms": _best_ms(enter, rounds),
    }


def _best_ms(work: Callable[[], Any], rounds: int) -> float:
    work()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return round(1000 * min(taken), 2)
