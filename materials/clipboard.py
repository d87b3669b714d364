"""A selection as text, and text put into a document; the text is a document and believed no more than a file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from materials import boxes, document as documents
from materials.carrying import Names, chosen, on_their_own, sources_of, with_free_ports, with_sources
from materials.edits import AddAll, Edit
from materials.errors import GraphError
from materials.graph import Document


def copied(document: Document, ids: Collection[str]) -> str:
    """Return a selection as the text of a document: nodes, links among them, frames around them, sources they name."""
    found = chosen(document, ids)
    nodes = on_their_own(document, found)
    links = tuple(link for link in document.links if link.source in ids and link.target in ids)
    texts = {str(link) for link in links}
    part = Document(
        title=document.title,
        nodes={node.id: node for node in nodes},
        links=links,
        frames=tuple(boxes.frames_of(document, found)),
        sources=sources_of(document, nodes),
        routes={text: route for text, route in document.routes.items() if text in texts},
    )
    return documents.dumps(part)


def pasted(document: Document, text: str, at: tuple[float, float]) -> tuple[Edit, list[str]]:
    """Return the edit that puts a copied text into a document with its middle at a point, and the new ids.

    Sources whose files are not here are kept as entries; rendering will say which file is missing.

    Raises
    ------
    GraphError
        If the text is no document, or an empty one.
    """
    part = documents.loads(text)
    if not part.nodes:
        raise GraphError("there is nothing to paste")
    names = Names(set(document.nodes))
    new = names.give(part.nodes)
    x, y = boxes.centre_of(part.nodes.values())
    x, y = boxes.snapped(at[0] - x), boxes.snapped(at[1] - y)
    own, sources = with_sources(on_their_own(part, part.nodes.keys()), part.sources, document.sources)
    nodes = with_free_ports(document, (boxes.moved(names.node(node), x, y) for node in own))
    links, routes = [], {}
    for link in part.links:
        links.append(replace(link, source=new[link.source], target=new[link.target]))
        if route := part.routes.get(str(link)):
            routes[str(links[-1])] = replace(route, via=tuple((left + x, top + y) for left, top in route.via))
    frames = tuple(boxes.shifted(frame, x, y) for frame in part.frames)
    return AddAll(tuple(nodes), tuple(links), frames, sources, routes), list(new.values())
