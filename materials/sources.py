"""The pictures that a document names: found in its folder, checked against its ledger, decoded once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from materials import files, pictures
from materials.errors import GraphError, SourceError
from materials.flatten import Flat
from materials.graph import Source

MAX_BYTES = 512 * 2**20

_decoded: OrderedDict[str, np.ndarray] = OrderedDict()
_lock = threading.Lock()
DECODED_LIMIT = 256 * 2**20


class Sources:
    """Opens the sources of a flat document by the path of the node that asks and the name it gives."""

    def __init__(self, flat: Flat) -> None:
        self.flat = flat

    def __call__(self, path: str, name: str) -> tuple[np.ndarray, str]:
        """Return the pixels of a source and the hash of its file.

        Raises
        ------
        GraphError
            If the document lists no such source.
        SourceError
            If the file is missing, refused, unreadable, or no longer the one that is credited.
        """
        source, folder = self.listed(path, name)
        if folder is None:
            raise SourceError(f"{source.path} cannot be found: the document has no folder yet", path=source.path)
        return decode(read_source(source, folder), source), source.sha256

    def listed(self, path: str, name: str) -> tuple[Source, Path | None]:
        """Return a source's entry, and the folder its path starts from."""
        node = self.flat.nodes[path]
        prefix = path[: len(path) - len(node.id)]
        found = self.flat.sources.get((prefix, name))
        if found is None:
            names = [own for place, own in self.flat.sources if place == prefix]
            raise GraphError(
                f"there is no source {name!r}",
                where=node.label,
                hint=f"the document lists {', '.join(names) or 'none'}",
            )
        return found

    def named(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Source]:
        """Return entries by where they are listed, each name once.

        A source of a document within the document is named by its path, `wall/photo`, unless the same entry is listed
        elsewhere: then both have the name of the first.
        """
        found: dict[tuple[str, str], Source] = {}
        for key in sorted(keys):
            source, _ = self.flat.sources[key]
            alike = (one for other, one in found.items() if self.flat.sources[other][0] == source)
            found[key] = next(alike, replace(source, name="".join(key)))
        return found


def read_source(source: Source, folder: Path) -> bytes:
    """Return a source's bytes, checked against the hash in the ledger."""
    data = files.open_regular(files.inside(folder, source.path), MAX_BYTES)
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise SourceError(
            f"{source.path} is not the picture that {source.name} credits: its bytes have changed",
            path=source.path,
            hint="restore it, or enter the new picture's author, licence and SHA-256",
        )
    return data


def decode(data: bytes, source: Source) -> np.ndarray:
    """Return a source's pixels, from memory if the same bytes were decoded lately."""
    with _lock:
        if source.sha256 in _decoded:
            _decoded.move_to_end(source.sha256)
            return _decoded[source.sha256]
    image = pictures.read(data, name=source.path)
    image.flags.writeable = False
    with _lock:
        _decoded[source.sha256] = image
        while len(_decoded) > 1 and sum(kept.nbytes for kept in _decoded.values()) > DECODED_LIMIT:
            _decoded.popitem(last=False)
    return image
