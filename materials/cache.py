"""Results kept by the hash of what made them: in memory first, on disk where recomputing is slower.

A key names a node's kind, version, parameters, the keys of its inputs, the size and the bytes of pictures, so an
entry can be wrong in no way but by damage, and files carry a checksum. Anything here may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from materials import files
from materials.errors import IntarsiaError
from nodes.arrays import Material, Origin, Regions, Stamps, Value, planes

MAGIC = b"INTARSIA-RESULT-2\n"
DISK_BYTES_PER_SECOND = 300e6
"""How fast a result is read back and checked; what is computed faster than that is not written."""


def value_bytes(value: Value) -> int:
    """Return the bytes of a value's full-size arrays."""
    return sum(array.nbytes for array in planes(value).values())


class Entry(NamedTuple):
    """A result, and what was warned of while it was made; see `materials.warned`."""

    value: Value
    warnings: Mapping[str, tuple[str, ...]]


class Cache:
    """Results by key. Safe to use from several threads; entries are read-only arrays.

    Parameters
    ----------
    memory : bytes kept in memory; the least recently used goes first.
    folder : where results are kept on disk as well, None for nowhere.
    disk : bytes kept on disk.
    least : seconds under which a result is not written to disk, whatever its size.
    """

    def __init__(
        self, memory: int = 512 * 2**20, folder: Path | None = None, disk: int = 4 * 2**30, least: float = 0.0
    ) -> None:
        self.memory = memory
        self.folder = folder
        self.disk = disk
        self.least = least
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes held in memory."""
        return self._used

    def __contains__(self, key: object) -> bool:
        return key in self._entries or (self.folder is not None and self._path(str(key)).exists())

    def get(self, key: str) -> Value | None:
        """Return a result, or None if it is not kept or its file is damaged (which then is deleted)."""
        entry = self.entry(key)
        return entry.value if entry else None

    def entry(self, key: str) -> Entry | None:
        """Return a result with its warnings, or None; see `get`."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]
        entry = self._read(key)
        if entry is not None:
            self._remember(key, entry)
        return entry

    def put(
        self, key: str, value: Value, seconds: float = 0.0, warnings: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        """Keep a result that took `seconds` of processor time to make, and what was warned of."""
        for array in planes(value).values():
            array.flags.writeable = False
        entry = Entry(value, dict(warnings or {}))
        self._remember(key, entry)
        if self.folder is not None and seconds > max(self.least, value_bytes(value) / DISK_BYTES_PER_SECOND):
            self._write(key, entry)

    def clear(self) -> None:
        """Forget what is in memory."""
        with self._lock:
            self._entries.clear()
            self._used = 0

    def _remember(self, key: str, entry: Entry) -> None:
        size = value_bytes(entry.value)
        with self._lock:
            if key in self._entries or size > self.memory:
                return
            self._entries[key] = entry
            self._used += size
            while self._used > self.memory:
                _, dropped = self._entries.popitem(last=False)
                self._used -= value_bytes(dropped.value)

    # ---- on disk: a line of JSON, a checksum, the arrays ----

    def _path(self, key: str) -> Path:
        assert self.folder is not None
        return self.folder / (hashlib.blake2b(key.encode(), digest_size=16).hexdigest() + ".result")

    def _write(self, key: str, entry: Entry) -> None:
        head, arrays = _take_apart(entry.value)
        head["key"] = key
        head["warnings"] = entry.warnings
        body = json.dumps(head).encode() + b"\n" + b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
        check = hashlib.blake2b(body, digest_size=16).digest()
        with contextlib.suppress(IntarsiaError, OSError):  # a full or read-only disk: then it is not kept
            path = self._path(key)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.write_bytes(path, MAGIC + check + body)
            self._trim()

    def _read(self, key: str) -> Entry | None:
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        entry = _put_together(data, key)
        with contextlib.suppress(OSError):
            if entry is None:
                path.unlink()
            else:
                os.utime(path)
        return entry

    def _trim(self) -> None:
        """Delete the files that were read longest ago, until the rest fits."""
        assert self.folder is not None
        found = []
        for path in self.folder.glob("*.result"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self.disk:
                return
            path.unlink(missing_ok=True)
            total -= size


def _take_apart(value: Value) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Return a value as a description in JSON and the arrays it names, in order."""
    named: dict[str, np.ndarray] = {}
    head: dict[str, Any] = {"class": type(value).__name__}
    if isinstance(value, np.ndarray):
        named[""] = value
    elif isinstance(value, Regions):
        named = {"labels": value.labels, "neighbours": value.neighbours}
        named |= {f"table.{name}": column for name, column in value.table.items()}
    elif isinstance(value, Origin):
        named = planes(value)
        head["sizes"] = value.sizes
    elif isinstance(value, Material):
        named = dict(value.maps)
        head |= {"size_cm": value.size_cm, "depth_cm": value.depth_cm}
    elif isinstance(value, Stamps):
        named = {f"{i}.{j}": level for i, levels in enumerate(value.pictures) for j, level in enumerate(levels)}
    head["arrays"] = [[name, array.dtype.str, list(array.shape)] for name, array in named.items()]
    return head, list(named.values())


def _put_together(data: bytes, key: str) -> Entry | None:
    """Return the result of a file, None if any byte of it is not as written."""
    start = len(MAGIC) + 16
    if not data.startswith(MAGIC) or hashlib.blake2b(data[start:], digest_size=16).digest() != data[len(MAGIC) : start]:
        return None
    line, _, body = data[start:].partition(b"\n")
    head = json.loads(line)
    if head["key"] != key:
        return None
    named, at = {}, 0
    for name, dtype, shape in head["arrays"]:
        count = int(np.prod(shape, dtype=np.int64))
        named[name] = np.frombuffer(body, dtype, count, at).reshape(shape)
        at += named[name].nbytes
    return Entry(_made(head, named), {key: tuple(texts) for key, texts in head["warnings"].items()})


def _made(head: dict[str, Any], named: dict[str, np.ndarray]) -> Value:
    match head["class"]:
        case "Regions":
            table = {name.removeprefix("table."): named[name] for name in named if name.startswith("table.")}
            return Regions(named["labels"], table, named["neighbours"])
        case "Origin":
            return Origin(**named, sizes=tuple((rows, columns) for rows, columns in head["sizes"]))
        case "Material":
            return Material(named, head["size_cm"], head["depth_cm"])
        case "Stamps":
            pictures: dict[str, list[np.ndarray]] = {}
            for name, level in named.items():
                pictures.setdefault(name.partition(".")[0], []).append(level)
            return Stamps(tuple(tuple(levels) for levels in pictures.values()))
        case _:
            return named[""]
