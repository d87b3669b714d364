"""Reading and writing `*.intarsia` files: strict JSON, one line for each node's value, stable order.

Nothing in a file is believed: its size, depth, numbers, names and paths are checked before use, and no code of
its author runs. Parts that we do not know are kept and written back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from materials import files
from materials.errors import GraphError, SourceError
from materials.expressions import ExpressionError, expression_of
from materials.graph import (
    MAX_LINKS,
    MAX_NODES,
    NAME,
    SUBGRAPH,
    Document,
    Exposed,
    Link,
    Node,
    Source,
    checked,
    kept_routes,
    validate,
)
from materials.layout import frame_of, route_data, route_of, view_of
from materials.strict_json import parse_json as parse_json, short_text
from materials.upgrades import SCHEMA, upgrade, upgrade_file, with_defaults

SUFFIX = ".intarsia"
MAX_BYTES = 64 * 2**20

_LINK = re.compile(r"(\w{1,128})\.(\w{1,128}) -> (\w{1,128})\.(\w{1,128})", re.ASCII)


# ---- from JSON to a document -----------------------------------------------------------------------


def loads(text: str | bytes, as_saved: bool = False) -> Document:
    """Return the document that a file's text holds, brought up to today's nodes and checked.

    With `as_saved` nodes and parameters stay as they are in the file, unchecked, to be compared or shown.

    Raises
    ------
    GraphError
        If the text is no document; the message says what is wrong and where.
    """
    if len(text) > MAX_BYTES:
        raise GraphError(f"the file is larger than {MAX_BYTES // 2**20} MB")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise GraphError("the file is not UTF-8 text") from None
    return parse_document(parse_json(text), as_saved)


def parse_document(data: Any, as_saved: bool = False) -> Document:
    """Return the document of a parsed file; embedded subgraphs are read first, without recursion."""
    levels = _levels(data)
    made: dict[int, Document] = {}
    count = 0
    for block in reversed(levels):
        document = _one_document(block, made, as_saved)
        count += len(document.nodes)
        if count > MAX_NODES:
            raise GraphError(f"there are more than {MAX_NODES} nodes")
        made[id(block)] = document
    return made[id(data)]


def _levels(data: Any) -> list[dict[str, Any]]:
    """Return the file's document and all embedded ones, outer before inner."""
    found = [_mapping(data, "the file")]
    for block in found:  # grows while we walk it
        for node in _mapping(block.get("nodes", {}), "nodes").values():
            if isinstance(node, dict) and _embeds(node):
                found.append(_mapping(node["graph"], "graph"))
        if len(found) > MAX_NODES:
            raise GraphError(f"there are more than {MAX_NODES} nodes")
    return found


def _one_document(data: dict[str, Any], embedded: Mapping[int, Document], as_saved: bool) -> Document:
    schema = data.get("intarsia")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise GraphError('this is no Intarsia document: it has no "intarsia" version')
    if schema < SCHEMA:
        data = upgrade_file(data, schema)
    nodes = {name: _node(name, block, embedded) for name, block in _mapping(data.get("nodes", {}), "nodes").items()}
    links = tuple(_link(text) for text in _list(data.get("links", []), "links", MAX_LINKS))
    document = Document(
        title=_text(data.get("title", "Untitled"), "title"),
        author=_text(data.get("author", ""), "author"),
        licence=_text(data.get("licence", ""), "licence"),
        description=_text(data.get("description", ""), "description", 10_000),
        tags=tuple(_text(tag, "tag") for tag in _list(data.get("tags", []), "tags", 100)),
        nodes=nodes,
        links=links,
        exposed=tuple(_exposed(block) for block in _list(data.get("exposed", []), "exposed", 1000)),
        presets={
            _name(name, "preset", words=True): dict(_mapping(values, f"preset {name}"))
            for name, values in _mapping(data.get("presets", {}), "presets").items()
        },
        frames=tuple(frame_of(frame) for frame in _list(data.get("frames", []), "frames", 10_000)),
        checks=tuple(_text(check, "check") for check in _list(data.get("checks", []), "checks", 100)),
        sources={
            _name(name, "source"): _source(name, block)
            for name, block in _mapping(data.get("sources", {}), "sources").items()
        },
        routes={
            str(_link(text)): route_of(block, text)
            for text, block in _mapping(data.get("routes", {}), "routes").items()
        },
        view=view_of(data.get("view", {})),
        schema=schema,
        extra={name: value for name, value in data.items() if name not in _DOCUMENT_KEYS},
    )
    if as_saved:
        return document
    document, _ = upgrade(document)
    document = replace(document, nodes={node.id: _complete(node) for node in document.nodes.values()})
    if document.routes:
        document = replace(document, routes=kept_routes(document))
    validate(document)
    _check_exposed(document)
    return document


_DOCUMENT_KEYS = {
    "intarsia",
    "title",
    "author",
    "licence",
    "description",
    "tags",
    "nodes",
    "links",
    "exposed",
    "presets",
}
_DOCUMENT_KEYS |= {"frames", "checks", "sources", "routes", "view"}
_NODE_KEYS = {"node", "version", "title", "parameters", "position", "bypass", "graph", "file", "expressions"}
_SOURCE_KEYS = {"path", "sha256", "title", "author", "licence", "source", "changes"}
_EXPOSED_KEYS = {"name", "parameter", "label", "group", "low", "high"}


def _node(name: str, data: Any, embedded: Mapping[int, Document]) -> Node:
    where = f"node {_name(name, 'node')}"
    block = _mapping(data, where)
    version = block.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise GraphError("version must be a whole number from 1", where=where)
    position = block.get("position", [0, 0])
    if not isinstance(position, list) or len(position) != 2 or not all(_is_number(part) for part in position):
        raise GraphError("position must be two numbers", where=where)
    if not isinstance(block.get("bypass", False), bool):
        raise GraphError("bypass must be true or false", where=where)
    file = _text(block.get("file", ""), f"file of {where}", 4096)
    if file:
        _check_path(file, where)
    return Node(
        id=name,
        key=_name(block.get("node", ""), f"kind of {where}"),
        version=version,
        title=_text(block.get("title", ""), f"title of {where}"),
        parameters=dict(_mapping(block.get("parameters", {}), f"parameters of {where}")),
        position=(float(position[0]), float(position[1])),
        bypass=block.get("bypass", False),
        graph=embedded[id(block["graph"])] if _embeds(block) else None,
        file=file,
        expressions=_expressions(block.get("expressions", {}), where),
        extra={key: value for key, value in block.items() if key not in _NODE_KEYS},
    )


def _expressions(data: Any, where: str) -> dict[str, str]:
    found = {
        name: _text(text, f"expression of {name}") for name, text in _mapping(data, f"expressions of {where}").items()
    }
    for name, text in found.items():
        try:
            expression_of(text)
        except ExpressionError as error:
            raise GraphError(f"the expression of {short_text(name)} {error}", where=where) from None
    return found


def _embeds(block: Mapping[str, Any]) -> bool:
    return block.get("node") == SUBGRAPH and block.get("graph") is not None


def _complete(node: Node) -> Node:
    """Return the node with all parameters, those that its kind knows in canonical form."""
    kind = node.type
    if kind is None or node.version > kind.version:
        return node
    node = with_defaults(node)
    known = {field.name for field in kind.fields}
    values = {name: checked(node, name, value) if name in known else value for name, value in node.parameters.items()}
    return replace(node, parameters=values)


def _link(text: Any) -> Link:
    found = _LINK.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise GraphError(f'the link {short_text(str(text))} must read "node.output -> node.input"')
    return Link(*found.groups())


def _exposed(data: Any) -> Exposed:
    block = _mapping(data, "exposed parameter")
    name = _name(block.get("name", ""), "exposed parameter")
    node, _, parameter = _text(block.get("parameter", ""), f"exposed parameter {name}").rpartition(".")
    ends = [block.get("low"), block.get("high")]
    if not all(end is None or _is_number(end) for end in ends):
        raise GraphError("low and high must be numbers", where=f"exposed parameter {name}")
    return Exposed(
        name=name,
        node=node,
        parameter=parameter,
        label=_text(block.get("label", ""), f"label of {name}"),
        group=_text(block.get("group", ""), f"group of {name}"),
        low=ends[0],
        high=ends[1],
        extra={key: value for key, value in block.items() if key not in _EXPOSED_KEYS},
    )


def _check_exposed(document: Document) -> None:
    for entry in document.exposed:
        if entry.node not in document.nodes:
            raise GraphError(
                f"it shows {entry.node}.{entry.parameter}, which is not there", where=f"exposed parameter {entry.name}"
            )


def _source(name: str, data: Any) -> Source:
    block = _mapping(data, f"source {name}")
    texts = {key: _text(block.get(key, ""), f"{key} of source {name}", 4096) for key in _SOURCE_KEYS}
    _check_path(texts["path"], f"source {name}")
    if not re.fullmatch(r"[0-9a-f]{64}", texts["sha256"]):
        raise GraphError("sha256 must be 64 hexadecimal digits", where=f"source {name}")
    return Source(name=name, **texts, extra={key: value for key, value in block.items() if key not in _SOURCE_KEYS})


def _check_path(path: str, where: str) -> None:
    try:
        files.check_relative(path)
    except SourceError as error:
        raise GraphError(error.what, where=where, hint=error.hint) from None


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GraphError(f"{what} must be a JSON object")
    return value


def _list(value: Any, what: str, longest: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > longest:
        raise GraphError(f"{what} must be a list of at most {longest}")
    return value


def _text(value: Any, what: str, longest: int = 1000) -> str:
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise GraphError(f"{what} must be a text of at most {longest} characters")
    return value


def _name(value: Any, what: str, words: bool = False) -> str:
    if words and isinstance(value, str) and 0 < len(value) <= 128 and value.isprintable():
        return value
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise GraphError(f"the {what} is named {short_text(str(value))}", hint="letters, digits and _, at most 128")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# ---- from a document to JSON -----------------------------------------------------------------------


def to_data(document: Document) -> dict[str, Any]:
    """Return the document as it is saved, as plain JSON values in a stable order."""
    data: dict[str, Any] = {"intarsia": max(document.schema, SCHEMA), "title": document.title}
    for name in ("author", "licence", "description"):
        if value := getattr(document, name):
            data[name] = value
    data["tags"] = list(document.tags)
    data["exposed"] = [_exposed_data(entry) for entry in document.exposed]
    data["presets"] = {name: dict(values) for name, values in document.presets.items()}
    data["checks"] = list(document.checks)
    data["sources"] = {name: _source_data(source) for name, source in document.sources.items()}
    data["nodes"] = {node.id: node_data(node) for node in document.nodes.values()}
    data["links"] = [str(link) for link in document.links]
    data["frames"] = [dict(frame) for frame in document.frames]
    if document.routes:
        data["routes"] = {link: route_data(route) for link, route in document.routes.items()}
    if document.view:
        data["view"] = dict(document.view)
    return data | dict(document.extra)


def node_data(node: Node) -> dict[str, Any]:
    """Return a node as it is saved, without its id."""
    data: dict[str, Any] = {"node": node.key, "version": node.version}
    if node.title:
        data["title"] = node.title
    data["position"] = list(node.position)
    if node.bypass:
        data["bypass"] = True
    if node.file:
        data["file"] = node.file
    data["parameters"] = dict(node.parameters)
    if node.expressions:
        data["expressions"] = dict(node.expressions)
    if node.graph is not None:
        data["graph"] = to_data(node.graph)
    return data | dict(node.extra)


def _exposed_data(entry: Exposed) -> dict[str, Any]:
    data: dict[str, Any] = {"name": entry.name, "parameter": f"{entry.node}.{entry.parameter}"}
    for name in ("label", "group", "low", "high"):
        value = getattr(entry, name)
        if value not in ("", None):
            data[name] = value
    return data | dict(entry.extra)


def _source_data(source: Source) -> dict[str, Any]:
    data = {
        name: getattr(source, name) for name in ("path", "sha256", "title", "author", "licence", "source", "changes")
    }
    return {name: value for name, value in data.items() if value} | dict(source.extra)


def dumps(document: Document) -> str:
    """Return the document as text: objects over several lines, each parameter on one, so that it diffs well."""
    return _block(to_data(document), 0) + "\n"


def _block(value: Any, depth: int) -> str:
    """Return JSON that breaks lines down to the parameters of a node and keeps lists of numbers on one."""
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict) and value:
        rows = [
            f"{inner}{json.dumps(name, ensure_ascii=False)}: {_block(part, depth + 1)}" for name, part in value.items()
        ]
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    if isinstance(value, list) and value and all(isinstance(part, dict | str) for part in value):
        rows = [inner + (_flat(part) if depth else _block(part, depth + 1)) for part in value]
        return "[\n" + ",\n".join(rows) + f"\n{outer}]"
    return _flat(value)


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def load(path: str | Path) -> Document:
    """Read a document from a file.

    Raises
    ------
    SourceError
        If the file is not there or cannot be read.
    GraphError
        If it holds no document; the message names the file.
    """
    path = Path(path)
    data = files.open_regular(path, MAX_BYTES)
    try:
        return loads(data)
    except GraphError as error:
        raise error.in_file(path) from error


def save(document: Document, path: str | Path) -> None:
    """Write a document; the old file stays until the new one is whole.

    Raises
    ------
    GraphError
        If the document was made by a newer version: saving it here might lose what we do not know.
    ExportError
        If it cannot be written; the old file is as it was.
    """
    if document.schema > SCHEMA:
        raise GraphError("the document was made by a newer version", hint="save a copy with a newer Intarsia")
    files.write_bytes(Path(path), dumps(document).encode())
