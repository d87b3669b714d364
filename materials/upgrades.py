"""Bringing saved node blocks up to today's nodes.

A node block is brought up by its node's own list of upgrade functions, one version at a time; the
functions of old versions are never edited. The whole document has a chain of its own in `DOCUMENT`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from materials.errors import GraphError
from materials.graph import Document, Exposed, Link, Node
from nodes.renamed import RENAMED

SCHEMA = 1
"""The version of the document's own layout, `"intarsia"` in a file."""

DOCUMENT: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
"""One function for each schema version but the newest: the parsed file of version n to n + 1."""


def upgrade_file(data: dict[str, Any], version: int) -> dict[str, Any]:
    """Bring a parsed file of an older schema up to today's."""
    for upgrade in DOCUMENT[version - 1 :]:
        data = upgrade(data)
    return data


def upgrade(document: Document) -> tuple[Document, list[str]]:
    """Return the document with every known node at its newest version, and what was changed.

    A node of a newer version than ours is left alone; evaluating it is refused.

    Raises
    ------
    GraphError
        If an upgrade function cannot make sense of the saved values.
    """
    nodes, notes = dict(document.nodes), []
    sockets: dict[tuple[str, str], str] = {}
    outputs: dict[tuple[str, str], str] = {}
    parameters: dict[tuple[str, str], str] = {}
    for id, node in document.nodes.items():
        kind = node.type
        if kind is None or (node.version >= kind.version and node.key == kind.key):
            continue
        block: dict[str, Any] = {"parameters": dict(node.parameters), "inputs": {}, "outputs": {}, "renamed": {}}
        for step in kind.upgrades[node.version - 1 :]:
            try:
                block = {"inputs": {}, "outputs": {}, "renamed": {}} | step(block)
            except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                raise GraphError(f"version {node.version} cannot be upgraded: {error}", where=node.label) from error
        sockets |= {(id, old): new for old, new in block["inputs"].items()}
        outputs |= {(id, old): new for old, new in block["outputs"].items()}
        parameters |= {(id, old): new for old, new in block["renamed"].items()}
        notes.append(f"{node.label}: {RENAMED.get(node.key, node.key)} version {node.version} to {kind.version}")
        nodes[id] = replace(node, key=kind.key, version=kind.version, parameters=block["parameters"])
    if not notes:
        return document, notes
    links = tuple(_renamed_link(link, sockets, outputs) for link in document.links)
    exposed = tuple(_renamed_exposed(entry, parameters) for entry in document.exposed)
    presets = {name: _renamed_settings(preset, parameters) for name, preset in document.presets.items()}
    return replace(document, nodes=nodes, links=links, exposed=exposed, presets=presets), notes


def _renamed_link(link: Link, sockets: Mapping[tuple[str, str], str], outputs: Mapping[tuple[str, str], str]) -> Link:
    return replace(
        link,
        socket=sockets.get((link.target, link.socket), link.socket),
        output=outputs.get((link.source, link.output), link.output),
    )


def _renamed_exposed(entry: Exposed, parameters: Mapping[tuple[str, str], str]) -> Exposed:
    return replace(entry, parameter=parameters.get((entry.node, entry.parameter), entry.parameter))


def _renamed_settings(preset: Mapping[str, Any], parameters: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    renamed = {}
    for name, value in preset.items():
        id, dot, parameter = name.rpartition(".")
        renamed[id + dot + parameters.get((id, parameter), parameter)] = value
    return renamed


def with_defaults(node: Node) -> Node:
    """Return the node with every parameter that its kind has, the missing ones at their defaults."""
    if node.type is None:
        return node
    return replace(node, parameters={**node.type.defaults(), **node.parameters})
