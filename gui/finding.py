"""Fuzzy search by name, other names, place and help: of nodes, presets, pictures and commands alike.

What was typed is compared word by word. A match at the start of a name counts most, then a word of the name, another
name, letters in order, the place where a thing belongs, and last the words of its help.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from gui.sections import group_of
from materials.graph import fits
from materials.reference import SECTIONS, prose
from nodes.catalogue import catalogue
from nodes.declare import Kind, NodeType
from nodes.synonyms import synonyms

EXACT, PREFIX, ALIAS, WORD, SYNONYM, PLACE, INSIDE, LETTERS, HELP = range(9)
"""How well a word fits, the best first."""

USUAL = (
    "levels",
    "blend",
    "gradient_map",
    "blur",
    "warp",
    "histogram_scan",
    "curve",
    "transform",
    "normal_from_height",
)
"""What most wires go into next: found first while nothing is typed."""

_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Entry:
    """Something that can be found.

    key : what whoever asked gets back. place : where it belongs. also : its other names. help : sentences.
    """

    key: str
    title: str
    place: str = ""
    also: tuple[str, ...] = ()
    help: str = ""
    words: tuple[str, ...] = field(init=False, repr=False, compare=False)
    names: tuple[tuple[str, tuple[str, ...]], ...] = field(init=False, repr=False, compare=False)
    told: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(dict.fromkeys(plain(f"{self.title} {self.key}").split())))
        object.__setattr__(self, "names", tuple((plain(name), tuple(plain(name).split())) for name in self.also))
        object.__setattr__(self, "told", tuple(plain(self.help).split()))


@dataclass(frozen=True)
class Match:
    """An entry that fits what was typed; `why` says by what, empty where its name shows it."""

    entry: Entry
    rank: tuple[int, ...]
    why: str = ""


def plain(text: str) -> str:
    """Return words in small letters with single spaces, one spelling for American and British."""
    words = " ".join(_WORDS.findall(text.casefold()))
    return words.replace("color", "colour").replace("gray", "grey").replace("fiber", "fibre").replace("ize", "ise")


def search(typed: str, entries: Iterable[Entry], limit: int | None = None) -> list[Match]:
    """Return what fits all that was typed, the best first; all entries, as they stand, where nothing was."""
    query = plain(typed)
    if not query:
        return [Match(entry, ()) for entry in entries][:limit]
    found = [match for entry in entries if (match := _match(query, entry))]
    return sorted(found, key=lambda match: match.rank)[:limit]


def suggestion(typed: str, entries: Iterable[Entry]) -> str:
    """Return the word nearest to what was typed that finds something, empty if none is near."""
    words: dict[str, None] = {}
    for entry in entries:
        for name in (entry.title, *entry.also):
            words |= dict.fromkeys([name.casefold(), *_WORDS.findall(name.casefold())])
    query = typed.casefold().strip()
    letters = sorted(query)
    near = difflib.get_close_matches(query, [word for word in words if len(word) > 2], n=8, cutoff=0.66)
    # Letters that are all there but out of order are the commonest slip.
    return min(near, key=lambda word: (sorted(word) != letters, near.index(word)), default="")


def _match(query: str, entry: Entry) -> Match | None:
    title = plain(entry.title)
    if query in (title, plain(entry.key)):
        return Match(entry, (EXACT, 0, len(title)))
    if title.startswith(query):
        return Match(entry, (PREFIX, 0, len(title)))
    exact = [place for place, (name, _) in enumerate(entry.names) if name == query]
    if exact:
        return Match(entry, (ALIAS, exact[0], len(title)), _also(entry, query))
    fits = [_fit(word, entry) for word in query.split()]
    if any(fit is None for fit in fits):
        return None
    ranks = [fit for fit in fits if fit is not None]
    worst = max(rank for rank, _ in ranks)
    later = sum(rank + distance / 100 for rank, distance in ranks) / len(ranks)
    whole = 0 if any(query in name for name, _ in entry.names) or query in title else 1
    if worst in (SYNONYM, LETTERS, HELP) and whole == 0:
        worst = min(worst, SYNONYM)
    why = _also(entry, query) if worst == SYNONYM else _sentence(entry, query) if worst == HELP else ""
    return Match(entry, (worst, whole, round(later * 100), len(title)), why)


def _fit(word: str, entry: Entry) -> tuple[int, int] | None:
    """Return how well one word fits an entry, and how far down its list of names."""
    for place, own in enumerate(entry.words):
        if own.startswith(word):
            return WORD, place
    for place, (_, parts) in enumerate(entry.names):
        if any(part.startswith(word) for part in parts):
            return SYNONYM, place
    if any(part.startswith(word) for part in plain(entry.place).split()):
        return PLACE, 0
    if len(word) > 2 and any(word in own for own in entry.words):
        return INSIDE, 0
    if len(word) > 1 and (spread := _spread(word, "".join(plain(entry.title).split()))) is not None:
        return LETTERS, spread
    if len(word) > 2 and any(part.startswith(word) for part in entry.told):
        return HELP, 0
    return None


def _spread(letters: str, text: str) -> int | None:
    """Return how many letters lie between those of a word, in order from the first; None if they are not there."""
    if not text or letters[0] != text[0]:
        return None
    at, gaps = 0, 0
    for letter in letters[1:]:
        found = text.find(letter, at + 1)
        if found < 0:
            return None
        gaps, at = gaps + found - at - 1, found
    return gaps


def _also(entry: Entry, query: str) -> str:
    """Return the names that match, those nearest to the query first, then others for context."""
    words = query.split()

    def distance(place: int) -> tuple[int, int]:
        name, parts = entry.names[place]
        hit = sum(any(part.startswith(word) for part in parts) for word in words)
        return (0 if name == query else 1 if query in name else 2, -hit)

    order = sorted(range(len(entry.names)), key=distance)
    return "also: " + ", ".join(entry.also[place] for place in order[:3])


def _sentence(entry: Entry, query: str) -> str:
    """Return the part of the help around the first word that matches."""
    words = entry.help.replace("`", "").split()
    wanted = query.split()
    hit = next((at for at, word in enumerate(words) if any(plain(word).startswith(each) for each in wanted)), 0)
    start = max(0, hit - 3)
    end = start + 10
    return ("… " if start else "") + " ".join(words[start:end]) + (" …" if end < len(words) else "")


# ---- nodes ---------------------------------------------------------------------------------------


@cache
def nodes() -> tuple[Entry, ...]:
    """Return the nodes of the menu's sections as entries, in menu order."""
    kinds = sorted((kind for kind in catalogue().values() if kind.section in SECTIONS), key=_order)
    return tuple(
        Entry(
            kind.key,
            kind.title,
            f"{group_of(kind.section).title} {kind.section}",
            synonyms().get(kind.key, ()),
            " ".join([prose(kind), *(field.help for field in kind.fields)]),
        )
        for kind in kinds
    )


def _order(kind: NodeType) -> tuple[int, str]:
    return SECTIONS.index(kind.section), kind.key


@dataclass(frozen=True)
class Fit:
    """What is looked for: nodes that take a kind of wire, or give one; "" where it does not matter."""

    takes: str = ""
    gives: str = ""

    def __bool__(self) -> bool:
        return bool(self.takes or self.gives)

    @property
    def kind(self) -> str:
        return self.takes or self.gives

    @property
    def words(self) -> str:
        return f"what takes {self.takes}" if self.takes else f"what gives {self.gives}" if self.gives else ""

    def port(self, key: str) -> str | None:
        """Return the first input that takes the kind, or the first output that gives it; None where none does."""
        kind = catalogue().get(key)
        if kind is None:
            return None
        if self.takes:
            made = Kind(self.takes)
            sockets = [socket for socket in kind.sockets if fits(made, socket.kind)]
            # A Gray wire may go into a Color input, but is nearer to one of its own kind.
            sockets.sort(key=lambda socket: (socket.kind not in (made, Kind.IMAGE), socket.optional))
            return sockets[0].name if sockets else None
        read = Kind(self.gives)
        return next((output.name for output in kind.outputs if fits(output.kind, read)), None)

    def of(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the nodes that fit: first those that are made to work on such a wire, then those it can steer."""
        if not self:
            return list(entries)
        return sorted((entry for entry in entries if self.port(entry.key) is not None), key=self._distance)

    def _distance(self, entry: Entry) -> tuple[int, int]:
        """Return how far a node is from what one does next with a wire."""
        if not self.takes:
            return 0, 0
        socket = catalogue()[entry.key].socket(self.port(entry.key) or "")
        usual = USUAL.index(entry.key) if entry.key in USUAL else len(USUAL)
        return usual, 1 if socket is None or socket.optional else 0
