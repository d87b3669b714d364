"""A folder of photographs that can be searched: whose they are in CREDITS.toml, what they look like in an index.

>>> shelf = Library("photographs")
>>> shelf.add(["wall.jpg"], {"author": "Ada", "licence": "CC0-1.0"})
>>> shelf.search("wall", colour="#8a5a3c", where=["coarseness>0.5"])

The folder and its CREDITS.toml are the library. The index is a cache, see `materials.index`.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from materials import descriptors, files, finding, index as indexes, intake, items, ledger as ledgers, pictures
from materials.cards import MAX_BYTES, Card, card_of
from materials.descriptors import Descriptors
from materials.errors import ExportError, IntarsiaError, SourceError, UsageError
from materials.finding import Query, Vectors
from materials.index import Absent, Damaged, Index, Stale
from materials.intake import Arrival
from materials.items import Item
from materials.ledger import Facts, Ledger
from nodes.kernels.compile import user_folder

SHIPPED = files.PRESETS / "exemplars"

NEAR_BITS = 8
"""Fingerprints that differ in as many bits belong to copies of one picture."""

COLOUR_WORTH = 4.0
"""What a step in Oklab counts beside unlikeness, where a colour and a picture are looked for at once."""

BATCH = 64
"""Pictures that are entered at a time; what is entered stays if the rest is interrupted."""

THREADS = 4
"""Pictures that are decoded at a time: each may take 0.8 GB."""

ATTEMPTS = 5

Progress = Callable[[float, str], None]
Ask = Callable[[Facts, tuple[str, ...]], Mapping[str, Any]]
"""Asks a person for the named facts of a picture; returns those that were told."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Found:
    """An item and how far it is from what was looked for; 0 where only words or axes were asked for."""

    item: Item
    distance: float

    def as_data(self) -> dict[str, Any]:
        return {"distance": round(self.distance, 4), **self.item.as_data()}


@dataclass(frozen=True)
class Added:
    """What became of a picture that was to be entered.

    file : its name in the library, or the path that was given where it was refused.
    status : added; known, with nothing new about it; told, where it was known and facts were new; refused.
    missing : facts that are needed and not known. near : items that seem to be the same picture.
    """

    file: str
    status: Literal["added", "known", "told", "refused"]
    missing: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Finding:
    """Something about a library that a person should look at."""

    file: str
    kind: Literal["incomplete", "licence", "missing", "changed", "new", "unreadable"]
    text: str


@dataclass(frozen=True)
class Update:
    """What was found in a folder: files that moved (old name to new), changed, are gone, or are not entered yet."""

    moved: Mapping[str, str]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]


class Library:
    """A folder of pictures and what is known of them. Safe to use from several threads, and processes of one user.

    Parameters
    ----------
    folder : None for the user's own, in INTARSIA_HOME or the system's place for data; "shipped" for the pictures that
        come with Intarsia.
    index : where the index is kept; None for a place in the user's folder for caches.
    progress : told of the share that is done, where pictures must be looked at.

    `messages` holds what a person may want to know, such as that a damaged index was made anew.
    """

    def __init__(
        self, folder: str | Path | None = None, *, index: Path | None = None, progress: Progress | None = None
    ) -> None:
        self.folder, self._named = _folder(folder), folder is not None
        self.read_only = self.folder.is_relative_to(files.PRESETS) or not os.access(_existing(self.folder), os.W_OK)
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        self.index = Index(index or user_folder() / "libraries" / f"{name}.sqlite")
        self.progress = progress or (lambda share, label: None)
        self.messages: list[str] = []
        self._stamp: tuple[int, ...] | None = None
        self._ledger: tuple[str, Ledger] | None = None
        self._vectors: Vectors | None = None

    # ---- looking ---------------------------------------------------------------------------------

    def __len__(self) -> int:
        return self._read(lambda db: db.execute("SELECT count(*) FROM items").fetchone()[0])

    def items(self) -> list[Item]:
        """Return all items by the names of their files."""
        return self._read(lambda db: items.read(db, self.folder, "ORDER BY file"))

    def item(self, file: str) -> Item:
        """Return the item of a file, named relative to the folder."""
        found = self._read(lambda db: items.read(db, self.folder, "WHERE file = ?", (file,)))
        if not found:
            raise UsageError(f"the library has no {file!r}", hint="`intarsia library list` names what it has")
        return found[0]

    def thumbnail(self, file: str) -> bytes:
        """Return a small JPEG file of an item, empty where the picture could not be read."""
        query = "SELECT jpeg FROM thumbnails JOIN items USING (id) WHERE file = ?"
        found = self._read(lambda db: db.execute(query, (file,)).fetchone())
        return found[0] if found else b""

    def search(
        self,
        text: str = "",
        *,
        colour: str | None = None,
        picture: str | Path | np.ndarray | None = None,
        where: Iterable[str] = (),
        tags: Collection[str] = (),
        author: str = "",
        licence: str = "",
        free: bool = False,
        limit: int = 20,
    ) -> list[Found]:
        """Return the items that meet all that is asked, the nearest first.

        Parameters
        ----------
        text : words in title, tags, author, notes, source or file, or names of colours; each may be cut short.
        colour : an sRGB code such as `#8a5a3c`, or the name of a basic colour.
        picture : a file, linear pixels, or an item's file; parts, turned and scaled views of a picture find it.
        where : axes and their ends, `coarseness>0.6` or `angle=80..100`.
        tags : all of these. author : words of the name. licence : this SPDX identifier.
        free : only licences that ask for nothing.
        """
        conditions = [finding.condition(each) for each in where]
        lab = None if colour is None else finding.colour(colour)
        views = None if picture is None else self._views(picture)
        query = Query(text, tuple(tags), author, licence, free)

        def work(db: sqlite3.Connection) -> list[Found]:
            ranks = query.ranks(db)
            if lab is None and views is None and not conditions:
                return self._by_rank(db, ranks, limit)
            seen = self._seen(db)
            kept = seen.meets(conditions)
            if ranks is not None:
                kept &= np.isin(seen.ids, np.fromiter(ranks, np.int64, len(ranks)))
            distances = np.zeros(len(seen.ids), np.float32)
            if lab is not None:
                distances += COLOUR_WORTH * seen.from_colour(lab)
            if views is not None:
                distances += seen.from_picture(views)
            order = distances
            if lab is None and views is None and ranks:
                order = np.array([ranks.get(id, 0.0) for id in seen.ids.tolist()])
            chosen = np.flatnonzero(kept)
            chosen = chosen[np.argsort(order[chosen], kind="stable")[:limit]]
            return self._found(db, [(int(seen.ids[at]), float(distances[at])) for at in chosen])

        return self._read(work)

    def _by_rank(self, db: sqlite3.Connection, ranks: Mapping[int, float] | None, limit: int) -> list[Found]:
        if ranks is None:
            return [Found(item, 0.0) for item in items.read(db, self.folder, "ORDER BY file LIMIT ?", (limit,))]
        best = sorted(ranks, key=lambda id: (ranks[id], id))[:limit]
        return self._found(db, [(id, 0.0) for id in best])

    def _found(self, db: sqlite3.Connection, places: Sequence[tuple[int, float]]) -> list[Found]:
        return [
            Found(item, distance)
            for id, distance in places
            for item in items.read(db, self.folder, "WHERE items.id = ?", (id,))
        ]

    def _views(self, picture: str | Path | np.ndarray) -> dict[float, Descriptors]:
        if isinstance(picture, np.ndarray):
            if picture.ndim not in (2, 3) or picture.size == 0 or (picture.ndim == 3 and picture.shape[2] != 3):
                raise UsageError("a picture is (height, width) or (height, width, 3)")
            if not np.isfinite(picture).all():
                raise UsageError("some pixels of the picture are NaN or infinite")
            return descriptors.zoomed(picture)
        path = Path(picture)
        if not path.is_file():
            path = self.item(str(picture)).path
        return descriptors.zoomed(pictures.read(files.open_regular(path, MAX_BYTES), name=path.name))

    def _seen(self, db: sqlite3.Connection) -> Vectors:
        """Return the numbers of all items, from memory if no one has written since."""
        seen = self._vectors
        if seen is None or seen.generation != finding.generation(db):
            seen = self._vectors = finding.load(db)
        return seen

    # ---- entering --------------------------------------------------------------------------------

    def add(
        self,
        paths: Iterable[str | Path] | None = None,
        facts: Mapping[str, Any] | None = None,
        *,
        ask: Ask | None = None,
    ) -> list[Added]:
        """Enter pictures, or tell more of those that are entered, and return what became of each.

        What lies outside the folder is copied into it. A CREDITS.toml beside the pictures fills in their facts.

        Parameters
        ----------
        paths : files, and folders with all that is in them; None for what lies in the library's folder unentered.
        facts : true of all these pictures: title, author, licence, source, notes, width_cm, tags. They go first.
        ask : called for each picture of which needed facts are missing. Without it, it is entered incomplete.

        Raises
        ------
        SourceError
            If a CREDITS.toml beside the pictures is damaged or names paths that leave its folder.
        """
        self._check_writable()
        files.make_folder(self.folder)
        facts = facts or {}
        if "file" in facts or "sha256" in facts:
            raise UsageError("file and sha256 are not told: they come from the picture")
        Facts("picture").with_values(facts)  # found wrong now, not after a thousand pictures
        wanted = [self.folder / name for name in self._unentered()] if paths is None else [Path(path) for path in paths]
        found = [arrival for path in wanted for arrival in intake.arrivals(path, self.folder, self._said)]
        done: list[Added] = []
        with ThreadPoolExecutor(_threads()) as pool:
            for start in range(0, len(found), BATCH):
                self.progress(start / len(found), "looking at pictures")
                batch = found[start : start + BATCH]
                done += self._enter(list(zip(batch, pool.map(_card_or_reason, batch), strict=True)), facts, ask)
        return done

    def tell(self, file: str, facts: Mapping[str, Any]) -> Item:
        """Enter or replace facts of an item and return it."""
        self._check_writable()
        told = self.item(file).facts.with_values({**facts, "file": file})

        def work(db: sqlite3.Connection, ledger: Ledger) -> Ledger:
            indexes.change(db, {file: told})
            return ledger.with_entries([told])

        self._write(work)
        return self.item(file)

    def remove(self, names: Iterable[str], *, delete: bool = False) -> None:
        """Take items out of the library; their files stay, or are deleted as well."""
        self._check_writable()
        gone = [self.item(name) for name in names]

        def work(db: sqlite3.Connection, ledger: Ledger) -> Ledger:
            for item in gone:
                indexes.drop(db, item.file)
            return ledger.without(item.file for item in gone)

        self._write(work)
        for item in gone if delete else ():
            try:
                item.path.unlink(missing_ok=True)
            except OSError as error:
                raise ExportError(f"{item.file} cannot be deleted: {error.strerror}", path=item.path) from error

    def _enter(self, batch: list[tuple[Arrival, Card | str]], facts: Mapping[str, Any], ask: Ask | None) -> list[Added]:
        done: list[Added] = []
        entries: dict[str, tuple[Facts, Card]] = {}
        for arrival, card in batch:
            try:
                if isinstance(card, str):
                    raise SourceError(card)
                same = [name for name, (_, other) in entries.items() if other.sha256 == card.sha256]
                if same:
                    done.append(Added(same[0], "known"))
                elif known := self._file_of(card.sha256):
                    done.append(self._told(known, arrival.facts, facts, ask))
                else:
                    told = self._placed(arrival, card, facts, ask)
                    near = self._near(card, entries)
                    entries[told.file] = told, card
                    done.append(Added(told.file, "added", ledgers.lacking(told), near))
            except IntarsiaError as error:
                done.append(Added(str(arrival.path), "refused", reason=error.what))

        def work(db: sqlite3.Connection, ledger: Ledger) -> Ledger:
            for told, card in entries.values():
                indexes.enter(db, told, card)
            return ledger.with_entries(told for told, _ in entries.values())

        if entries:
            self._write(work)
        return done

    def _said(self, folder: Path) -> Mapping[str, Facts]:
        """Return what the CREDITS.toml of a folder says, by file."""
        return self._read_ledger()[1].entries if folder == self.folder else intake.said(folder)

    def _told(self, file: str, beside: Facts, facts: Mapping[str, Any], ask: Ask | None) -> Added:
        """Return what became of a picture that is entered already: what is new about it is added."""
        before = self.item(file).facts
        told = _asked(before.filled(beside).with_values(facts), file, ask)
        if told == before:
            return Added(file, "known", ledgers.lacking(told))
        self.tell(file, told.values())
        return Added(file, "told", ledgers.lacking(told))

    def _placed(self, arrival: Arrival, card: Card, facts: Mapping[str, Any], ask: Ask | None) -> Facts:
        """Bring a picture into the folder and return its facts."""
        told = _asked(replace(arrival.facts, file="picture", sha256=card.sha256).with_values(facts), arrival.name, ask)
        if arrival.path.is_relative_to(self.folder):
            name = arrival.path.relative_to(self.folder).as_posix()
            intake.check_walked(name)
            files.inside(self.folder, name)
        else:
            name = intake.copied(files.open_regular(arrival.path, MAX_BYTES), self.folder, arrival.name)
        return replace(told, file=name)

    def _file_of(self, sha256: str) -> str | None:
        query = "SELECT file FROM items WHERE sha256 = ? ORDER BY id"
        found = self._read(lambda db: db.execute(query, (sha256,)).fetchone())
        return found[0] if found else None

    def _near(self, card: Card, entries: Mapping[str, tuple[Facts, Card]]) -> tuple[str, ...]:
        """Return the items, and entries that are on their way, that seem to be the same picture in other bytes."""
        rows = self._read(lambda db: db.execute("SELECT fingerprint, file FROM items ORDER BY id").fetchall())
        rows += [(other.fingerprint, name) for name, (_, other) in entries.items()]
        apart = descriptors.bits_apart(card.fingerprint, np.array([bits for bits, _ in rows], np.int64))
        return tuple(rows[at][1] for at in np.flatnonzero(apart <= NEAR_BITS))

    # ---- keeping ---------------------------------------------------------------------------------

    def check(self) -> list[Finding]:
        """Return what a person should look at: facts and files that are missing, licences, changes, new pictures."""
        return [
            *(finding for item in self.items() for finding in self._about(item)),
            *(Finding(name, "new", "not entered yet") for name in self._unentered()),
        ]

    def _about(self, item: Item) -> list[Finding]:
        found = []
        facts = item.facts
        if missing := [name for name in facts.missing if name != "licence"]:
            found.append(Finding(item.file, "incomplete", f"not known: {', '.join(missing)}"))
        if problem := ledgers.licence_problem(facts):
            found.append(Finding(item.file, "licence", problem))
        if not (self.folder / item.file).exists():
            found.append(Finding(item.file, "missing", "the file is gone; `update` looks for it"))
        elif not item.sha256:
            found.append(Finding(item.file, "unreadable", "the file cannot be read as a picture, or leads elsewhere"))
        elif facts.sha256 not in ("", self._hash(item.file, item)):
            found.append(Finding(item.file, "changed", "these are not the bytes that the facts were entered for"))
        return found

    def update(self) -> Update:
        """Find moved and changed files again by their hashes, look at what changed, and return what was found.

        The facts of a changed file stay and should be looked at: they were entered for other bytes. An item whose
        place another picture has taken, and that is nowhere else, is taken out; it is among the missing.
        """
        self._check_writable()
        known = {item.file: item for item in self.items()}
        names = {*intake.walk(self.folder), *known}
        hashes = {name: found for name in names if (found := self._hash(name, known.get(name)))}
        wanted = {name: item.facts.sha256 or item.sha256 for name, item in known.items()}
        stays = {name for name in known if name in hashes and hashes[name] == wanted[name]}
        free: dict[str, list[str]] = {}
        for name in sorted(set(hashes) - stays):
            free.setdefault(hashes[name], []).append(name)
        moved = {
            name: free[wanted[name]].pop(0)
            for name in known
            if name not in stays and wanted[name] and free.get(wanted[name])
        }
        taken = stays | set(moved.values())
        changed = tuple(name for name in known if name in hashes and name not in taken and name not in moved)
        missing = tuple(name for name in known if name not in stays and name not in moved and name not in changed)
        self._write_update(known, moved, changed, [name for name in missing if name in taken], stays)
        return Update(moved, changed, missing, tuple(sorted(set(hashes) - taken - set(changed))))

    def _write_update(
        self,
        known: Mapping[str, Item],
        moved: Mapping[str, str],
        changed: Collection[str],
        lost: Collection[str],
        stays: Collection[str],
    ) -> None:
        unread = [name for name in stays if not known[name].sha256]
        cards = {name: self._card(name) for name in [*changed, *unread]}

        def work(db: sqlite3.Connection, ledger: Ledger) -> Ledger:
            for name in lost:
                indexes.drop(db, name)
            ledger = ledger.without(lost).moved(moved)
            indexes.change(db, {old: ledger.entries[new] for old, new in moved.items()})
            for name, card in cards.items():
                told = ledger.entries[name]
                told = replace(told, sha256=card.sha256 or told.sha256)
                ledger = ledger.with_entries([told])
                indexes.enter(db, told, card)
            for name in [*stays, *moved.values()]:
                db.execute("UPDATE items SET modified = ? WHERE file = ?", (_modified(self.folder / name), name))
            return self._with_hashes(db, ledger)

        self._write(work)

    @staticmethod
    def _with_hashes(db: sqlite3.Connection, ledger: Ledger) -> Ledger:
        """Return the ledger with the hashes that people left out, by which files are found again."""
        seen = dict(db.execute("SELECT file, sha256 FROM items WHERE sha256 != ''"))
        told = [replace(facts, sha256=seen[name]) for name, facts in ledger.entries.items() if name in seen]
        told = [facts for facts in told if not ledger.entries[facts.file].sha256]
        indexes.change(db, {facts.file: facts for facts in told})
        return ledger.with_entries(told)

    def rebuild(self) -> None:
        """Make the index anew from the folder and its CREDITS.toml."""
        self.index.create()
        self._stamp = self._vectors = None
        self._refresh()

    def _card(self, name: str) -> Card:
        """Return what a file of the folder tells, nothing where it cannot be read or leads out of it."""
        try:
            return card_of(files.inside(self.folder, name))
        except IntarsiaError:
            return Card()

    def _hash(self, name: str, item: Item | None) -> str:
        """Return a file's hash: the one that is known if its size and time are the same; empty if it cannot be read."""
        try:
            path = files.inside(self.folder, name)
            status = path.stat()
        except (OSError, SourceError):
            return ""
        if item is not None and item.sha256 and (status.st_size, status.st_mtime_ns) == (item.bytes, item.modified):
            return item.sha256
        return intake.hash_of(path)

    def _unentered(self) -> list[str]:
        known = self._read(lambda db: {file for (file,) in db.execute("SELECT file FROM items")})
        return sorted(set(intake.walk(self.folder)) - known)

    def _check_writable(self) -> None:
        if self.read_only:
            raise UsageError(f"the library {self.folder} is read only", hint="use one of your own: --library DIR")

    # ---- the index -------------------------------------------------------------------------------

    def _read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Return what `work` reads from an index that is whole and agrees with CREDITS.toml."""

        def attempt() -> Result:
            self._refresh()
            with self.index.open() as db:
                return work(db)

        return self._mending(attempt)

    def _write(self, work: Callable[[sqlite3.Connection, Ledger], Ledger]) -> None:
        """Change the index and CREDITS.toml together. Should one fail between the two, the next look mends it."""

        def attempt() -> None:
            self._refresh()
            with self.index.open(write=True) as db:
                digest, ledger = self._read_ledger()
                if digest != indexes.ledger_digest(db):
                    raise Stale("CREDITS.toml has just been changed")
                changed = work(db, ledger)
                if changed.text != ledger.text:
                    data = changed.text.encode()
                    files.write_bytes(self.folder / ledgers.NAME, data)
                    self._ledger = hashlib.sha256(data).hexdigest(), changed
                    indexes.set_ledger_digest(db, self._ledger[0])

        self._mending(attempt)

    def _mending(self, attempt: Callable[[], Result]) -> Result:
        """Return what `attempt` does, made again after the index was mended."""
        for tries in range(ATTEMPTS):
            try:
                return attempt()
            except Damaged as damage:
                self._stamp = None
                if tries == ATTEMPTS - 1:
                    what = f"the index {self.index.path} cannot be used: {damage}"
                    raise ExportError(what, path=self.index.path) from damage
                if not isinstance(damage, Stale):
                    self._start_anew(damage)
        raise AssertionError("unreachable")

    def _start_anew(self, damage: Damaged) -> None:
        if not isinstance(damage, Absent):
            self.messages.append(f"the index of {self.folder} is made anew: {damage}")
        self.index.create()
        self._vectors = None

    def _read_ledger(self) -> tuple[str, Ledger]:
        """Return the hash of CREDITS.toml and what it says, read again only where its bytes are others."""
        digest, data = self._ledger_bytes()
        if self._ledger is None or self._ledger[0] != digest:
            self._ledger = digest, ledgers.parse(data)
        return self._ledger

    def _ledger_bytes(self) -> tuple[str, bytes]:
        path = self.folder / ledgers.NAME
        data = files.open_regular(path, ledgers.MAX_BYTES) if os.path.lexists(path) else b""
        return hashlib.sha256(data).hexdigest(), data

    def _refresh(self) -> None:
        """Bring the index up to CREDITS.toml if that changed since it was last read."""
        if self._named and not self.folder.is_dir():
            raise UsageError(f"there is no folder {self.folder}", hint="`intarsia library add` makes it")
        stamp = _stamp(self.folder / ledgers.NAME)
        if stamp == self._stamp and self.index.path.is_file():
            return
        digest, _ = self._ledger_bytes()
        with self.index.open() as db:
            current = indexes.ledger_digest(db) == digest
        if not current:
            self._follow(*self._read_ledger())
        self._stamp = stamp

    def _follow(self, digest: str, ledger: Ledger) -> None:
        """Bring the index up to a CREDITS.toml with other entries."""
        with self.index.open() as db:
            known = dict(db.execute("SELECT file, facts FROM items"))
        self._describe([facts for name, facts in ledger.entries.items() if name not in known])
        with self.index.open(write=True) as db:
            if self._ledger_bytes()[0] != digest:
                raise Stale("CREDITS.toml has just been changed")
            for name in set(known) - set(ledger.entries):
                indexes.drop(db, name)
            kept = {name: ledger.entries[name] for name in known if name in ledger.entries}
            old = {name: indexes.facts_of(known[name]) for name in kept}
            indexes.change(db, {name: facts for name, facts in kept.items() if facts != old[name]})
            indexes.set_ledger_digest(db, digest)

    def _describe(self, entries: Sequence[Facts]) -> None:
        """Look at pictures that the index does not know yet; what is done stays if this is interrupted."""
        with ThreadPoolExecutor(_threads()) as pool:
            for start in range(0, len(entries), BATCH):
                self.progress(start / len(entries), "looking at pictures")
                batch = entries[start : start + BATCH]
                cards = list(pool.map(self._card, [facts.file for facts in batch]))
                with self.index.open(write=True) as db:
                    for facts, card in zip(batch, cards, strict=True):
                        indexes.enter(db, facts, card)


def _asked(facts: Facts, name: str, ask: Ask | None) -> Facts:
    """Return facts with what a person tells when asked for those that are missing."""
    lacking = ledgers.lacking(facts)
    if ask is None or not lacking:
        return facts
    return facts.with_values(ask(replace(facts, file=name), lacking))


def _card_or_reason(arrival: Arrival) -> Card | str:
    try:
        return card_of(arrival.path)
    except IntarsiaError as error:
        return error.what


def _folder(folder: str | Path | None) -> Path:
    if folder is None:
        home = os.environ.get("INTARSIA_HOME")
        if home:
            return Path(home).resolve() / "exemplars"
        import platformdirs  # imported here: it costs 10 ms

        return Path(platformdirs.user_data_dir("intarsia", appauthor=False)).resolve() / "exemplars"
    if folder == "shipped":
        return SHIPPED
    path = Path(folder).resolve()
    if path.exists() and not path.is_dir():
        raise UsageError(f"{folder} is no folder")
    return path


def _existing(folder: Path) -> Path:
    return next((path for path in (folder, *folder.parents) if path.exists()), folder)


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what tells that a file is another one or was written to; nothing where there is none."""
    try:
        status = os.stat(path, follow_symlinks=False)
    except OSError:
        return ()
    return status.st_ino, status.st_mtime_ns, status.st_size


def _modified(path: Path) -> int:
    return (_stamp(path) or (0, 0, 0))[1]


def _threads() -> int:
    return min(THREADS, os.cpu_count() or 1)
