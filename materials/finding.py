"""Which pictures of a library lie near words, a colour or a picture: brute force over a matrix."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from materials import descriptors
from materials.descriptors import AXES, LENGTH, MEASURED, Descriptors
from materials.errors import UsageError
from materials.index import Damaged
from materials.licences import FREE


@dataclass(frozen=True)
class Condition:
    """An axis and the ends between which it must lie. An angle whose low end is above its high one goes through 0."""

    axis: str
    low: float = -math.inf
    high: float = math.inf

    def holds(self, values: np.ndarray) -> np.ndarray:
        if self.axis == "angle" and self.low > self.high:
            return (values >= self.low) | (values <= self.high)
        return (values >= self.low) & (values <= self.high)


_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_COMPARED = re.compile(rf"\s*(\w+)\s*(<=?|>=?)\s*({_NUMBER})\s*")
_BETWEEN = re.compile(rf"\s*(\w+)\s*=\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*")


def condition(text: str) -> Condition:
    """Return the condition that `coarseness>0.6` or `angle=80..100` means. Ends belong to it.

    Raises
    ------
    UsageError
        If it is written otherwise, or there is no such axis.
    """
    if found := _BETWEEN.fullmatch(text):
        name, low, high = found[1], float(found[2]), float(found[3])
    elif found := _COMPARED.fullmatch(text):
        name, value = found[1], float(found[3])
        low, high = (value, math.inf) if found[2].startswith(">") else (-math.inf, value)
    else:
        raise UsageError(f"{text!r} is no condition", hint="write coarseness>0.6 or angle=80..100")
    if name not in AXES:
        raise UsageError(f"there is no axis {name!r}", hint=f"axes: {', '.join(AXES)}")
    return Condition(name, low, high)


def colour(text: str) -> np.ndarray:
    """Return the Oklab colour that `#8a5a3c` or the name of a basic colour means."""
    if text.lower() in descriptors.COLOURS:
        return descriptors.lab_of_code(descriptors.COLOURS[text.lower()])
    found = re.fullmatch("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", text)
    if not found:
        names = ", ".join(descriptors.COLOURS)
        raise UsageError(f"{text!r} is no colour", hint=f"write an sRGB code such as #8a5a3c, or one of {names}")
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return descriptors.lab_of_code(int(digits, 16))


BLOCK = 128
"""Items that are compared at a time. Larger products are shared out to threads, which on a busy machine wait 20 ms."""


@dataclass(frozen=True)
class Vectors:
    """The numbers of all described items of a library, in the order of `ids`.

    columns : features, an item a column; squares : of their lengths.
    """

    generation: int
    ids: np.ndarray
    columns: np.ndarray
    squares: np.ndarray
    palette: np.ndarray
    axes: Mapping[str, np.ndarray]

    def meets(self, conditions: Iterable[Condition]) -> np.ndarray:
        """Return which rows meet all conditions; a value that is not known meets none."""
        found = np.ones(len(self.ids), bool)
        for each in conditions:
            found &= each.holds(self.axes[each.axis])
        return found

    def from_colour(self, lab: np.ndarray) -> np.ndarray:
        """Return the distance in Oklab from a colour to the nearest of each palette; small shares lose 0.05."""
        apart = np.sqrt(((self.palette[..., :3] - lab.astype(np.float32)) ** 2).sum(-1))
        return (apart + 0.05 * (1 - np.sqrt(self.palette[..., 3]))).min(1)

    def from_picture(self, views: Mapping[float, Descriptors]) -> np.ndarray:
        """Return how unlike each item is to a picture, seen at some zooms and turned to six angles: the least."""
        queries = np.stack([descriptors.features(descriptors.turned(view)) for view in views.values()])
        flat = queries.reshape(-1, queries.shape[2])
        products = np.empty((len(flat), len(self.ids)), np.float32)
        for start in range(0, len(self.ids), BLOCK):
            products[:, start : start + BLOCK] = flat @ self.columns[:, start : start + BLOCK]
        squares = (flat**2).sum(1)[:, None] - 2 * products
        nearest = squares.reshape(*queries.shape[:2], -1).min(1) + self.squares
        apart = np.array([0.02 * abs(math.log2(zoom)) for zoom in views], np.float32)
        return (np.sqrt(np.maximum(nearest, 0)) + apart[:, None]).min(0)


def generation(db: sqlite3.Connection) -> int:
    """Return a number that every write to an index counts up."""
    return db.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()[0]


def load(db: sqlite3.Connection) -> Vectors:
    """Read the numbers of all described items."""
    found = db.execute("SELECT id, ratio, width_cm, row FROM numbers ORDER BY id").fetchall()
    ids, ratios, widths, blobs = zip(*found, strict=True) if found else ((), (), (), ())
    if any(len(blob) != 4 * LENGTH for blob in blobs):
        raise Damaged("numbers are missing")
    seen = Descriptors.of_rows(np.frombuffer(b"".join(blobs), np.float32).reshape(-1, LENGTH))
    features = descriptors.features(seen)
    axes = dict(zip(MEASURED, seen.axes.T, strict=True))
    axes["grain"] = grain_cm(axes["coarseness"], np.array(ratios, np.float32), np.array(widths, np.float32))
    return Vectors(
        generation(db),
        np.array(ids, np.int64),
        np.ascontiguousarray(features.T),
        (features**2).sum(1),
        seen.palette,
        axes,
    )


def grain_cm(coarseness: ArrayLike, ratio: ArrayLike, width_cm: ArrayLike) -> np.ndarray:
    """Return the size of the detail in centimetres, NaN where the width is not known (0).

    ratio : of the longer side to the width.
    """
    width = np.asarray(width_cm, np.float32)
    return np.where(width > 0, width, np.nan) * np.asarray(ratio) / 64 * np.power(8.0, coarseness)


def phrase(text: str) -> str:
    """Return the FTS5 query for what somebody typed: all of its words, each from its beginning, none a command."""
    words = re.findall(r"\w+", text)
    return " ".join(f'"{word}"*' for word in words)


WORTH = (10.0, 8.0, 5.0, 2.0, 1.0, 1.0, 1.0)
"""How much a word counts in title, tags, author, notes, source, file and colours."""


_COLUMNS = "title tags author notes source file colours"
_FREE = f"licence IN ({', '.join('?' * len(FREE))})"
_TAGGED = "EXISTS (SELECT 1 FROM json_each(facts, '$.tags') WHERE value = ? COLLATE NOCASE)"


@dataclass(frozen=True)
class Query:
    """The part of a search that words and facts answer."""

    text: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    licence: str = ""
    free: bool = False

    def ranks(self, db: sqlite3.Connection) -> dict[int, float] | None:
        """Return the items that meet it, with the rank of their words, the best the least; None where nothing is asked.

        Words without a letter or digit meet nothing.
        """
        filters = [*self._filters()]
        asked = [text for text in (self.text, self.author) if text.strip()]
        if not filters and not asked:
            return None
        within = " AND ".join(clause for clause, _ in filters)
        values = [value for _, values in filters for value in values]
        if not asked:
            return dict(db.execute(f"SELECT id, 0.0 FROM items WHERE {within}", values))
        if not all(phrase(text) for text in asked):
            return {}
        parts = [f"{{{_COLUMNS}}} : ({phrase(self.text)})"] if self.text.strip() else []
        parts += [f"author : ({phrase(self.author)})"] if self.author.strip() else []
        weights = ", ".join(map(str, WORTH))
        # The plus keeps SQLite from asking for the words of one item after the other.
        also = f"AND +rowid IN (SELECT id FROM items WHERE {within})" if within else ""
        query = f"SELECT rowid, bm25(words, {weights}) FROM words WHERE words MATCH ? {also}"
        return dict(db.execute(query, [" AND ".join(parts), *values]))

    def _filters(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        if self.licence:
            yield "licence = ? COLLATE NOCASE", (self.licence,)
        if self.free:
            yield _FREE, tuple(FREE)
        for tag in self.tags:
            yield _TAGGED, (tag,)
