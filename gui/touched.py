"""Which pictures a change of a graph may change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from materials.graph import Document, Node


def after(graph: Document, ids: Iterable[str]) -> set[str]:
    """Return nodes and all that depends on them."""
    readers: dict[str, list[str]] = {}
    for link in graph.links:
        readers.setdefault(link.source, []).append(link.target)
    found = set(ids) & graph.nodes.keys()
    work = list(found)
    for id in work:  # grows while we walk it
        for reader in readers.get(id, ()):
            if reader not in found:
                found.add(reader)
                work.append(reader)
    return found


def _works_alike(old: Node | None, new: Node) -> bool:
    """Whether two states of a node make the same pictures: they may differ in title and place."""
    return old is not None and (old is new or replace(old, title=new.title, position=new.position) == new)


def touched(old: Document, new: Document) -> set[str]:
    """Return the nodes of `new` whose pictures may differ from those of `old`."""
    changed = {id for id, node in new.nodes.items() if not _works_alike(old.nodes.get(id), node)}
    changed |= {link.target for link in set(old.links) ^ set(new.links)}
    if old.sources != new.sources:
        changed |= set(new.nodes)
    return after(new, changed)


def needs_pictures(old: Document, new: Document) -> bool:
    """Whether a change may change a picture anywhere."""
    if old.links is not new.links or old.sources is not new.sources or old.nodes.keys() != new.nodes.keys():
        return True
    return any(not _works_alike(old.nodes[id], node) for id, node in new.nodes.items())
