"""The graph as calls: every node with its function, its arguments, what its sockets read, and the key of its results.

Here everything about kinds and parameters is decided: which pictures are gray or colour, lengths in pixels, seeds
under the graph's, what a bypassed node stands for. What runs when is decided in `materials.plan`.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np

from materials.errors import GraphError
from materials.flatten import Feed, Flat
from materials.graph import Node
from nodes.arrays import MAPS, Material, Value, kind_of, widen
from nodes.declare import CHANNELS, Band, Field, Kind, NodeType, Output, Picture, SeedValue, Socket
from nodes.kernels.hash import hash_array

ENGINE = "1"
"""Part of every result's key: raised when the engine's own arithmetic changes."""

BYTES = {
    Kind.GRAY: 4,
    Kind.COLOR: 12,
    Kind.FLOW: 8,
    Kind.REGIONS: 4,
    Kind.ORIGIN: 16,
    Kind.STAMPS: 0,
}
"""Bytes of a pixel; a material has those of its maps."""

Part = tuple[int, str]
"""A call's number and the name of one of its outputs."""

Pictures = Callable[[str, str], tuple[np.ndarray, str]]
"""Path of a node and name of a source to its decoded pixels and their hash."""


@dataclass(frozen=True)
class Read:
    """One socket of a call: which part it reads, and whether it needs it in full."""

    socket: str
    part: Part
    around: bool
    prepared: bool
    """Whether the node's `prepare` reads it too, in full."""


@dataclass(frozen=True)
class Call:
    """One node at work: its function, its arguments, and the key of its results."""

    index: int
    path: str
    label: str
    type: NodeType
    arguments: Mapping[str, Any]
    reads: tuple[Read, ...]
    kinds: Mapping[str, Kind]
    key: str
    value: Value | None = None
    """The result, where it is given from outside and nothing is computed."""
    maps: tuple[str, ...] = ()
    """The maps of its materials, if it makes one."""

    def bytes(self, output: str) -> int:
        """Return the bytes of a pixel of one of its results."""
        kind = self.kinds[output]
        return sum(BYTES[MAPS[name][0]] for name in self.maps) if kind is Kind.MATERIAL else BYTES[kind]

    @property
    def sockets(self) -> tuple[str, ...]:
        return tuple(socket.name for socket in self.type.sockets)


# ---- the engine's own nodes ------------------------------------------------------------------------


def _widen(image: np.ndarray) -> np.ndarray:
    return widen(image)


def _constant(band: Band, value: float, channels: int) -> np.ndarray:
    image = band.empty(channels=channels)
    image.fill(value)
    return image


def _map_of(material: Material, map: str) -> np.ndarray:
    return material.maps[map]


def _internal(
    key: str, function: Callable[..., Any], sockets: tuple[Socket, ...], kind: Kind, band: str | None
) -> NodeType:
    return NodeType(
        key, "engine", function, sockets, (), (Output("out", kind),), "pixel", "tone", None, (), None, band, 0.0
    )


WIDEN = _internal("gray to color", _widen, (Socket("image", Kind.GRAY, False, False),), Kind.COLOR, None)
MAP = _internal("map of material", _map_of, (Socket("material", Kind.MATERIAL, False, False),), Kind.IMAGE, None)
CONSTANT = _internal("constant", _constant, (), Kind.GRAY, "band")
GIVEN = _internal("given", lambda: None, (), Kind.GRAY, None)


# ---- calls: the graph with everything about kinds and parameters decided ----------------------------


@dataclass
class Calls:
    """Collects the calls of a flat graph at a size, each after what it reads."""

    flat: Flat
    height: int
    width: int
    seed: int
    pictures: Pictures
    given: Mapping[Feed, Value]
    calls: list[Call] = field(default_factory=list)
    parts: dict[Feed, Part] = field(default_factory=dict)
    widened: dict[Part, Part] = field(default_factory=dict)
    asked: frozenset[Feed] = frozenset()
    """What is wanted of the graph as a whole."""

    @cached_property
    def read(self) -> set[Feed]:
        """What anyone reads."""
        return {feed for sockets in self.flat.feeds.values() for feed in sockets.values()} | self.asked

    def kind(self, part: Part) -> Kind:
        return self.calls[part[0]].kinds[part[1]]

    def add(self, path: str, label: str, kind: NodeType, arguments: Mapping[str, Any], **more: Any) -> int:
        index = len(self.calls)
        self.calls.append(Call(index, path, label, kind, arguments, **more))
        return index

    def give(self, feed: Feed, value: Value, key: str | None = None) -> None:
        """Enter a picture that comes from outside as the result of a call that is done.

        Without the `key` of what made it, nothing that is made from it is found again by content.
        """
        kinds = {"out": kind_of(value)}
        key = key or f"given {uuid.uuid4().hex}"
        maps = tuple(value.maps) if isinstance(value, Material) else ()
        index = self.add(feed[0], feed[0], GIVEN, {}, reads=(), kinds=kinds, key=key, value=value, maps=maps)
        self.parts[feed] = (index, "out")

    def as_color(self, part: Part) -> Part:
        """Return a part as colour; gray ones get a call that widens them, once."""
        if self.kind(part) is not Kind.GRAY:
            return part
        if part not in self.widened:
            source = self.calls[part[0]]
            index = self.add(
                source.path,
                source.label,
                WIDEN,
                {},
                reads=(Read("image", part, False, False),),
                kinds={"out": Kind.COLOR},
                key=_key("gray to color", source.key, part[1]),
            )
            self.widened[part] = (index, "out")
        return self.widened[part]

    def map_of(self, part: Part, name: str) -> Part:
        """Return a map of a material as a picture, by a call that takes it out."""
        source = self.calls[part[0]]
        if name not in source.maps:
            raise GraphError(f"its material has no {name}", where=source.label, hint=f"it has {', '.join(source.maps)}")
        index = self.add(
            source.path,
            source.label,
            MAP,
            {"map": name},
            reads=(Read("material", part, False, False),),
            kinds={"out": MAPS[name][0]},
            key=_key("map of material", source.key, part[1], name),
        )
        return index, "out"

    def maps(self, kind: NodeType, feeds: Mapping[str, Part]) -> tuple[str, ...]:
        """Return the maps of the materials that a node makes of what it is fed; see `nodes.declare.node`."""
        if not any(output.kind is Kind.MATERIAL for output in kind.outputs):
            return ()
        own = {name for name in feeds if name in MAPS}
        read = {
            name for part in feeds.values() for name in self.calls[part[0]].maps if self.kind(part) is Kind.MATERIAL
        }
        return tuple(name for name in MAPS if name in own | read | set(kind.holds))

    def node(self, path: str, node: Node) -> None:
        """Enter the call of a node whose inputs are entered already."""
        kind = node.type
        if kind is None:
            raise GraphError(f"the kind {node.key!r} is not known here", where=node.label, hint=_spelling(node.key))
        if node.version > kind.version:
            raise GraphError(f"it was saved by a newer version ({node.version}, here {kind.version})", where=node.label)
        feeds = {name: self.parts[feed] for name, feed in self.flat.feeds.get(path, {}).items() if feed in self.parts}
        if node.bypass:
            self.constant(path, node, kind)
            return
        for socket in kind.sockets:
            if socket.name not in feeds and not socket.optional:
                raise GraphError(f"its input {socket.name} is not connected", where=node.label)
        colour = any(
            self.kind(feeds[socket.name]) is Kind.COLOR
            for socket in kind.sockets
            if socket.kind is Kind.IMAGE and socket.name in feeds
        )
        in_prepare = argument_names(kind.prepare) if kind.prepare else frozenset()
        reads = []
        for socket in kind.sockets:
            if socket.name not in feeds:
                continue
            part = feeds[socket.name]
            if socket.kind is Kind.COLOR or (socket.kind is Kind.IMAGE and colour):
                part = self.as_color(part)
            elif socket.kind is Kind.GRAY and self.kind(part) is Kind.COLOR:  # what a wire of either kind carries
                what = f"{socket.name} takes Gray, {self.calls[part[0]].label} gives Color here"
                raise GraphError(what, where=node.label, hint="to_grayscale makes Gray of Color")
            reads.append(Read(socket.name, part, socket.around, socket.name in in_prepare))
        arguments, hashed = self.arguments(path, node, kind)
        image = Kind.COLOR if colour else Kind.GRAY
        kinds = {output.name: image if output.kind is Kind.IMAGE else output.kind for output in kind.outputs}
        inputs = [[read.socket, self.calls[read.part[0]].key, read.part[1]] for read in reads]
        key = _key(kind.key, kind.version, hashed, inputs, self.height, self.width)
        maps = self.maps(kind, feeds)
        index = self.add(path, node.label, kind, arguments, reads=tuple(reads), kinds=kinds, key=key, maps=maps)
        for output in kind.outputs:
            self.parts[path, output.name] = (index, output.name)

    def constant(self, path: str, node: Node, kind: NodeType) -> None:
        """Enter what a bypassed node stands for where no picture passes through it."""
        value = 0.5 if kind.neutral is None else float(kind.neutral)
        for output in kind.outputs:
            channels = CHANNELS.get(output.kind, 1)
            if output.kind not in {Kind.GRAY, Kind.COLOR, Kind.FLOW, Kind.IMAGE}:
                if (path, output.name) in self.read:
                    raise GraphError(f"it cannot be bypassed: it makes {output.kind.value}", where=node.label)
                continue
            image = Kind.GRAY if output.kind is Kind.IMAGE else output.kind
            filled = 0.0 if image is Kind.FLOW else value
            index = self.add(
                path,
                node.label,
                CONSTANT,
                {"value": filled, "channels": channels},
                reads=(),
                kinds={"out": image},
                key=_key("constant", filled, channels, self.height, self.width),
            )
            self.parts[path, output.name] = (index, "out")

    def arguments(self, path: str, node: Node, kind: NodeType) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a node's parameters as its function gets them, and as they enter its key."""
        resolved: dict[str, Any] = {}
        hashed: dict[str, Any] = {}
        for entry in kind.fields:
            value = _checked(node, entry)
            if isinstance(entry.parameter, SeedValue):
                value = mix_seed(value, self.seed)
            hashed[entry.name] = value
            resolved[entry.name] = entry.parameter.resolve(value, self.height, self.width)
            if isinstance(entry.parameter, Picture):
                resolved[entry.name], hashed[entry.name] = self.pictures(path, str(value)) if value else (None, "")
        return resolved, hashed


def _checked(node: Node, entry: Field) -> Any:
    try:
        return entry.parameter.check(node.parameters.get(entry.name, entry.default))
    except ValueError as error:
        raise GraphError(f"{entry.name} {error}", where=node.label) from None


def _spelling(key: str) -> str:
    from nodes.catalogue import similar

    close = similar(key)
    return f"did you mean {' or '.join(close)}?" if close else "it may come from a newer version or a pack"


@cache
def argument_names(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of a function's arguments."""
    return frozenset(inspect.signature(function).parameters)


def _key(*parts: Any) -> str:
    text = json.dumps([ENGINE, *parts], sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def mix_seed(seed: int, variation: int) -> int:
    """Return a node's seed under the graph's: variation 0 changes nothing."""
    return seed if variation == 0 else int(hash_array(seed, 0x5EED, variation)) & 0x7FFFFFFF


def is_given(call: Call) -> bool:
    """Return whether a call's results come from outside or from the cache."""
    return call.type.section == "engine" and call.type.function is GIVEN.function
