"""What the wire in hand fits, and in a sentence why it does not."""

from __future__ import annotations

from typing import NamedTuple

from gui.session import Port, Session
from gui.titles import title_of
from materials.graph import Document, fits
from nodes.catalogue import node_type
from nodes.declare import Kind


class End(NamedTuple):
    """A port by its node, its name and its side."""

    node: str
    port: str
    is_output: bool


CONVERTERS = {
    ("Regions", "Gray"): "region_random",
    ("Regions", "Color"): "region_color",
    ("Regions", "Flow"): "region_uv",
    ("Color", "Gray"): "to_grayscale",
    ("Gray", "Regions"): "flood_fill",
    ("Gray", "Stamps"): "stamp_source",
    ("Gray", "Flow"): "to_flow",
    ("Flow", "Gray"): "split_flow",
    ("Material", "Color"): "split_material",
    ("Material", "Gray"): "split_material",
    ("Origin", "Color"): "apply_origin",
}
"""The node that makes one kind of another, where one springs to mind."""


def converter(made: str, read: str) -> str:
    """Return the key of a node that makes `read` of `made`, or nothing."""
    key = CONVERTERS.get((made, "Color" if read == "Image" else read), "")
    kind = node_type(key) if key else None
    if kind is None:
        return ""
    takes = any(fits(Kind(made), socket.kind) for socket in kind.sockets)
    gives = any(fits(output.kind, Kind(read)) for output in kind.outputs)
    return key if takes and gives else ""


def reachable(document: Document, start: str, downstream: bool) -> set[str]:
    """Return a node and all that read it, or all that it reads, however far."""
    after: dict[str, list[str]] = {}
    for link in document.links:
        one, other = (link.source, link.target) if downstream else (link.target, link.source)
        after.setdefault(one, []).append(other)
    seen, waiting = {start}, [start]
    while waiting:
        for id in after.get(waiting.pop(), ()):
            if id not in seen:
                seen.add(id)
                waiting.append(id)
    return seen


class Fitting:
    """What can be joined to one port; asked for every port while a wire hangs on the pointer."""

    def __init__(self, session: Session, hand: End) -> None:
        self.session, self.hand = session, hand
        ports = session.outputs(hand.node) if hand.is_output else session.inputs(hand.node)
        self.kind = next((port.kind for port in ports if port.name == hand.port), "Image")
        self._taken = self.kind if hand.is_output else self._read(hand.node, hand.port, self.kind)
        self._circle = reachable(session.graph, hand.node, downstream=not hand.is_output)

    def _read(self, node: str, name: str, kind: str) -> str:
        """Return what an input takes, which may be more than the kind that is fed to it now."""
        declared = self.session.graph.nodes[node].type
        socket = declared.socket(name) if declared is not None else None
        return socket.kind.value if socket is not None else kind

    def kinds(self, node: str, other: Port) -> tuple[str, str]:
        """Return the kind that is made and the kind that is read."""
        if self.hand.is_output:
            return self.kind, self._read(node, other.name, other.kind)
        return other.kind, self._taken

    def why_not(self, node: str, port: Port, is_output: bool) -> str:
        """Return nothing where a port fits, else a sentence."""
        if node == self.hand.node:
            return "A node cannot feed itself"
        if is_output == self.hand.is_output:
            return "Outputs join inputs, not each other" if is_output else "Inputs join outputs, not each other"
        made, read = self.kinds(node, port)
        if not fits(Kind(made), Kind(read)):
            key = converter(made, read)
            kind = node_type(key) if key else None
            return f"{made} does not fit {read}" + (f". Ctrl inserts {kind.title}" if kind else "")
        if node in self._circle:
            first, last = (node, self.hand.node) if self.hand.is_output else (self.hand.node, node)
            nodes = self.session.graph.nodes
            return f"That would run in a circle: {title_of(nodes[last])} reads {title_of(nodes[first])}"
        return ""

    def first_fit(self, node: str, free: frozenset[str] | set[str]) -> Port | None:
        """Return the first port of a node that fits: one of the free ones if there is one."""
        ports = self.session.inputs(node) if self.hand.is_output else self.session.outputs(node)
        fitting = [port for port in ports if not self.why_not(node, port, not self.hand.is_output)]
        return next((port for port in fitting if port.name in free), fitting[0] if fitting else None)
