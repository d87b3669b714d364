"""The index of a library: an SQLite file that holds what takes long to find out, and words to search in.

It is a cache in the user's own folder. What people entered stands in CREDITS.toml, all else comes from the pictures, so
it may be deleted at any time and is made anew when it is damaged. The picture folder itself holds no database: one
from a stranger would have to be trusted, and one on a share could not be locked.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from materials import descriptors, files
from materials.cards import Card
from materials.errors import ExportError, SourceError
from materials.ledger import Facts

FORMAT = 1000 * descriptors.VERSION + 1
"""Counts up when the tables change; an index of another format is made anew."""

PATIENCE = 30.0
"""Seconds to wait for another process that writes."""

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value);
CREATE TABLE items (
    id INTEGER PRIMARY KEY, file TEXT UNIQUE NOT NULL, facts TEXT NOT NULL, licence TEXT NOT NULL COLLATE NOCASE,
    sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, modified INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, fingerprint INTEGER NOT NULL
);
CREATE INDEX by_sha256 ON items (sha256);
CREATE INDEX by_licence ON items (licence COLLATE NOCASE);
CREATE TABLE numbers (id INTEGER PRIMARY KEY, ratio REAL NOT NULL, width_cm REAL NOT NULL, row BLOB NOT NULL);
CREATE TABLE thumbnails (id INTEGER PRIMARY KEY, jpeg BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (
    title, tags, author, notes, source, file, colours, tokenize = "porter unicode61 remove_diacritics 2"
);
"""

_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "SQLITE_ERROR", "SQLITE_MISMATCH")


class Damaged(Exception):  # noqa: N818  # never leaves the library: it makes the index anew
    """The index is no longer whole, or of another format."""


class Absent(Damaged):
    """There is no index."""


class Stale(Damaged):
    """CREDITS.toml changed while the index was being used."""


class Index:
    """An index in a file. Each use opens it, so that threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def open(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """Give a connection that reads, or one that alone may write and whose changes are kept if nothing is raised.

        Raises
        ------
        Damaged
            If there is no index that can be read.
        """
        if not self.path.is_file():
            raise Absent("there is none")
        try:
            with contextlib.closing(self._connect()) as db:
                if db.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
                    raise Damaged("it was another version's")
                if not write:
                    db.execute("BEGIN")
                    yield db
                    return
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
                    db.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        db.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            raise self._error(error) from error

    def create(self) -> None:
        """Make an empty index in place of whatever is there."""
        files.make_folder(self.path.parent)
        try:
            for path in (self.path, self.path.with_name(self.path.name + "-journal")):
                path.unlink(missing_ok=True)
            with contextlib.closing(self._connect()) as db:
                db.execute("BEGIN IMMEDIATE")
                if db.execute("PRAGMA user_version").fetchone()[0] == FORMAT:
                    return  # another process was quicker
                for statement in _TABLES.split(";"):
                    db.execute(statement)
                db.execute("INSERT INTO meta VALUES ('generation', 0), ('ledger', '')")
                db.execute(f"PRAGMA user_version = {FORMAT}")
                db.execute("COMMIT")
        except OSError as error:
            raise ExportError(f"the index {self.path} cannot be made: {error.strerror}", path=self.path) from error
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    def _error(self, error: sqlite3.Error) -> Exception:
        name = getattr(error, "sqlite_errorname", "") or ""
        if "fts5" in str(error) and "module" in str(error):
            return SourceError("this Python's SQLite has no FTS5, which text search needs", hint="use another Python")
        if name.startswith(_DAMAGE) or isinstance(error, sqlite3.DataError):
            return Damaged(f"it was damaged: {error}")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return SourceError(f"another program has been writing to {self.path.name} for {PATIENCE:.0f} s")
        return ExportError(f"the index {self.path} cannot be used: {error}", path=self.path)


def ledger_digest(db: sqlite3.Connection) -> str:
    """Return the hash of the CREDITS.toml that the index was made from, empty where it is not made yet."""
    return db.execute("SELECT value FROM meta WHERE name = 'ledger'").fetchone()[0]


def set_ledger_digest(db: sqlite3.Connection, digest: str) -> None:
    db.execute("UPDATE meta SET value = ? WHERE name = 'ledger'", (digest,))


# ---- rows ----------------------------------------------------------------------------------------


def enter(db: sqlite3.Connection, facts: Facts, card: Card) -> None:
    """Write an item, in place of one of the same file."""
    drop(db, facts.file)
    values = (facts.file, _json(facts), facts.licence, card.sha256, card.bytes, card.modified)
    found = db.execute(
        "INSERT INTO items (file, facts, licence, sha256, bytes, modified, width, height, fingerprint) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, card.width, card.height, card.fingerprint),
    )
    id = found.lastrowid
    if card.numbers:
        ratio = max(card.width, card.height) / card.width
        db.execute("INSERT INTO numbers VALUES (?, ?, ?, ?)", (id, ratio, facts.width_cm, card.numbers))
        db.execute("INSERT INTO thumbnails VALUES (?, ?)", (id, card.thumbnail))
    _write_words(db, id, facts, card.colours)


def change(db: sqlite3.Connection, changes: Mapping[str, Facts]) -> None:
    """Write other facts, or other files' names, for items whose bytes are the same; names may change places."""
    found = {old: db.execute("SELECT id FROM items WHERE file = ?", (old,)).fetchone() for old in changes}
    for (id,) in filter(None, found.values()):
        db.execute("UPDATE items SET file = ? WHERE id = ?", (f"?{id}", id))
    for old, facts in changes.items():
        if found[old] is None:
            raise Damaged(f"{old} is missing")
        (id,) = found[old]
        told = (facts.file, _json(facts), facts.licence, id)
        db.execute("UPDATE items SET file = ?, facts = ?, licence = ? WHERE id = ?", told)
        db.execute("UPDATE numbers SET width_cm = ? WHERE id = ?", (facts.width_cm, id))
        (colours,) = db.execute("SELECT colours FROM words WHERE rowid = ?", (id,)).fetchone()
        db.execute("DELETE FROM words WHERE rowid = ?", (id,))
        _write_words(db, id, facts, colours)


def drop(db: sqlite3.Connection, file: str) -> None:
    """Remove an item, if there is one of that file."""
    found = db.execute("SELECT id FROM items WHERE file = ?", (file,)).fetchone()
    if found:
        for table, column in (("items", "id"), ("numbers", "id"), ("thumbnails", "id"), ("words", "rowid")):
            db.execute(f"DELETE FROM {table} WHERE {column} = ?", found)


def _write_words(db: sqlite3.Connection, id: int | None, facts: Facts, colours: str) -> None:
    words = (facts.title, " ".join(facts.tags), facts.author, facts.notes, facts.source, facts.file, colours)
    db.execute(
        "INSERT INTO words (rowid, title, tags, author, notes, source, file, colours) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (id, *words),
    )


def _json(facts: Facts) -> str:
    return json.dumps(asdict(facts), ensure_ascii=False, default=str)


def facts_of(text: str) -> Facts:
    """Return the facts of an item's row."""
    try:
        data: dict[str, Any] = json.loads(text)
        return Facts(**{**data, "tags": tuple(data["tags"])})
    except (ValueError, TypeError, KeyError) as error:
        raise Damaged(f"it was damaged: {error}") from None
