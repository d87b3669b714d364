"""A document without subgraphs: every node that computes, and what feeds each of its sockets.

Nothing here recurses, so that depth is bounded by a number and not by the stack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from materials import document as documents, files
from materials.driving import driven, with_settings
from materials.errors import GraphError, IntarsiaError
from materials.graph import (
    GRAPH_OUTPUT,
    MAX_NESTING,
    MAX_NODES,
    STRUCTURE,
    SUBGRAPH,
    Document,
    Node,
    Source,
    fits,
)

Feed = tuple[str, str]
"""A node's path and the name of one of its outputs."""

Failed = dict[str, IntarsiaError | None]
"""Nodes that cannot be computed, by path: the error, or None where something before them failed."""


@dataclass(frozen=True)
class Flat:
    """Nodes by path (`outer/inner`), what feeds their sockets, and the parts from outside they name."""

    nodes: Mapping[str, Node]
    feeds: Mapping[str, Mapping[str, Feed]]
    sources: Mapping[tuple[str, str], tuple[Source, Path | None]]
    """By path of the document within the document and name: the entry, and the folder its path starts from."""
    outputs: Mapping[str, Feed]
    real: Callable[[Feed], Feed | None] = field(default=lambda feed: feed, compare=False, repr=False)
    """Follows a wire through the walls of subgraphs to what computes it; None where nothing is plugged in."""


def flatten(document: Document, folder: Path | None = None, failed: Failed | None = None) -> Flat:
    """Return the document with all its subgraphs, embedded and linked, put in their places.

    folder : where linked files and sources are looked for; None for a document never saved.
    failed : takes the errors of subgraphs that cannot be entered, by path, instead of their being raised.

    Raises
    ------
    GraphError
        If linked files run in a circle, cannot be read, or nest too deep.
    """
    nodes: dict[str, Node] = {}
    incoming: dict[Feed, Feed] = {}
    sources: dict[tuple[str, str], tuple[Source, Path | None]] = {}
    work: list[tuple[str, Document, Path | None, tuple[Path, ...]]] = [("", driven(document), folder, ())]
    for prefix, current, place, chain in work:  # grows while we walk it
        if prefix.count("/") > MAX_NESTING:
            raise GraphError(f"subgraphs nest deeper than {MAX_NESTING} levels")
        sources |= {(prefix, name): (source, place) for name, source in current.sources.items()}
        for node in current.nodes.values():
            nodes[prefix + node.id] = node
            if node.key == SUBGRAPH:
                try:
                    work.append(_inner(prefix, node, place, chain))
                except IntarsiaError as error:
                    if failed is None:
                        raise
                    failed[prefix + node.id] = error
        for link in current.links:
            incoming[prefix + link.target, link.socket] = (prefix + link.source, link.output)
        if len(nodes) > MAX_NODES:
            raise GraphError(f"there are more than {MAX_NODES} nodes, subgraphs counted")
    real = partial(_real, nodes=nodes, incoming=incoming, ports=_ports(nodes), failed=failed)
    feeds: dict[str, dict[str, Feed]] = {}
    for (target, socket), feed in incoming.items():
        if nodes[target].key not in STRUCTURE and (found := real(feed)):
            feeds.setdefault(target, {})[socket] = found
    outputs: dict[str, Feed] = {}
    for name, (id, output) in document.outputs().items():
        kind = nodes[id].type
        # A map of a material output is what feeds that input; its input for a whole material is one too.
        feed = feeds.get(id, {}).get(output) if kind and kind.socket(output) else (id, output)
        if feed and (found := real(feed)):
            outputs[name] = found
    computing = {path: node for path, node in nodes.items() if node.key not in STRUCTURE}
    return Flat(computing, feeds, sources, outputs, real)


def _inner(
    prefix: str, node: Node, folder: Path | None, chain: tuple[Path, ...]
) -> tuple[str, Document, Path | None, tuple[Path, ...]]:
    """Return the work entry of a subgraph node: its document with the node's parameters set in it."""
    inner = node.graph
    if node.file:
        if folder is None:
            raise GraphError(
                f"it links to {node.file}, and the document has no folder yet", where=node.label, hint="save it first"
            )
        path = files.inside(folder, node.file)
        if path in chain:
            walk = " -> ".join(step.name for step in (*chain[chain.index(path) :], path))
            raise GraphError(f"subgraphs run in a circle: {walk}", where=node.label)
        try:
            inner, folder, chain = documents.load(path), path.parent, (*chain, path)
        except IntarsiaError as error:
            raise GraphError(str(error), where=node.label) from error
    if inner is None:
        raise GraphError("the subgraph is empty", where=node.label, hint="embed a graph or link a file")
    return prefix + node.id + "/", with_settings(inner, node.parameters), folder, chain


def _ports(nodes: Mapping[str, Node]) -> dict[Feed, str]:
    """Return the path of each graph output by its document's path and its name."""
    found: dict[Feed, str] = {}
    for path, node in nodes.items():
        if node.key == GRAPH_OUTPUT:
            prefix = path[: len(path) - len(node.id)]
            found[prefix, str(node.parameters.get("name", node.id))] = path
    return found


def _real(
    feed: Feed,
    nodes: Mapping[str, Node],
    incoming: Mapping[Feed, Feed],
    ports: Mapping[Feed, str],
    failed: Failed | None,
) -> Feed | None:
    """Follow a wire through the walls of subgraphs; one that ends at a subgraph that failed ends there."""
    seen: set[Feed] = set()
    step: Feed | None = feed
    while step is not None and nodes[step[0]].key in STRUCTURE:
        if step in seen:
            raise GraphError("the links run in a circle through a subgraph", where=nodes[step[0]].label)
        seen.add(step)
        path, output = step
        node = nodes[path]
        if node.key == SUBGRAPH:
            if failed is not None and path in failed:
                return step
            port = ports.get((path + "/", output))
            if port is None:
                raise GraphError(f"the subgraph has no output {output!r}", where=node.label)
            step = incoming.get((port, "value"))
        elif node.key == GRAPH_OUTPUT:
            step = incoming.get((path, "value"))
        else:
            outer = path[: len(path) - len(node.id)].removesuffix("/")
            step = incoming.get((outer, str(node.parameters.get("name", node.id)))) if outer else None
    return step


def bypassed(flat: Flat) -> Flat:
    """Return the graph without bypassed nodes: each output passes the first input that fits it.

    Outputs that no input fits are left to the plan.
    """
    feeds = {path: dict(sockets) for path, sockets in flat.feeds.items()}
    through: dict[Feed, Feed] = {}
    for path, node in flat.nodes.items():
        if node.bypass and node.type is not None and node.type.neutral is None:
            fed = [socket for socket in node.type.sockets if socket.name in feeds.get(path, {})]
            for output in node.type.outputs:
                first = next((socket.name for socket in fed if fits(socket.kind, output.kind)), None)
                if first:
                    through[path, output.name] = feeds[path][first]
    if not through:
        return flat

    def follow(feed: Feed) -> Feed:
        passed = 0
        while (inner := through.get(feed)) is not None and passed <= len(through):
            feed, passed = inner, passed + 1
        return feed

    return replace(
        flat,
        feeds={path: {name: follow(feed) for name, feed in sockets.items()} for path, sockets in feeds.items()},
        outputs={name: follow(feed) for name, feed in flat.outputs.items()},
    )
