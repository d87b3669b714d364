"""The pictures that a document names: found in its folder, checked against its ledger, decoded once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
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
        self.used: dict[str, Source] = {}

    def __call__(self, path: str, name: str) -> tuple[np.ndarray, str]:
        """Return the pixels of a source and the hash of its file.

        Raises
        ------
        GraphError
            If the document lists no such source.
        SourceError
            If the file is missing, refused, unreadable, or no longer the one that is credited.
        """
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
        source, folder = found
        if folder is None:
            raise SourceError(f"{source.path} cannot be found: the document has no folder yet", path=source.path)
        data = read_source(source, folder)
        self.used[source.sha256] = source
        return decode(data, source), source.sha256


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
