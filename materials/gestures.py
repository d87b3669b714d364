"""What an artist's gesture means as an edit: each takes a document and ids, and changes nothing itself.

Every function raises `GraphError` in the artist's terms where the gesture makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from materials import boxes
from materials.carrying import Names, chosen, free_name, reads, with_free_ports
from materials.driving import driven
from materials.edits import (
    AddAll,
    AddNode,
    Connect,
    Disconnect,
    Edit,
    Group,
    Hide,
    RemoveAll,
    SetExpression,
    SetNode,
    SetParameter,
)
from materials.errors import GraphError
from materials.expressions import renamed
from materials.graph import GRAPH_INPUT, GRAPH_OUTPUT, STRUCTURE, Document, Link, Node
from materials.ports import Port, inputs_of, joins, kinds, named, outputs_of
from nodes.catalogue import node_type, similar
from nodes.declare import Kind


def new_id(document: Document, key: str) -> str:
    """Return a free id that says what the node is: `blur`, then `blur_2`."""
    return free_name(key, document.nodes)


def add(document: Document, key: str, position: tuple[float, float]) -> tuple[Edit, str]:
    """Return the edit that adds a node at its defaults, and its id."""
    kind = node_type(key)
    if kind is None and key not in STRUCTURE:
        close = similar(key)
        raise GraphError(f"there is no node {key!r}", hint=f"did you mean {', '.join(close)}?" if close else "")
    id = new_id(document, kind.key if kind else key)
    parameters = {"name": id} if key in (GRAPH_INPUT, GRAPH_OUTPUT) else {}
    node = Node(id, kind.key if kind else key, parameters=parameters, position=position)
    return AddNode(with_free_ports(document, [node])[0]), id


# ---- copies ----------------------------------------------------------------------------------------


def duplicate(
    document: Document, ids: Collection[str], offset: tuple[float, float], with_inputs: bool = False
) -> tuple[Edit, list[str]]:
    """Return the edit that copies nodes with the links and frames among them, and the new ids.

    with_inputs : links from other nodes are copied too.
    """
    originals = chosen(document, ids)
    names = Names(set(document.nodes))
    new = names.give(originals)
    copies = with_free_ports(document, (boxes.moved(names.node(document.nodes[id]), *offset) for id in originals))
    links, routes = [], {}
    for link in document.links:
        if link.target in new and (link.source in new or with_inputs):
            copy = replace(link, source=new.get(link.source, link.source), target=new[link.target])
            links.append(copy)
            route = document.routes.get(str(link))
            if route is not None and link.source in new:
                via = tuple((x + offset[0], y + offset[1]) for x, y in route.via)
                routes[str(copy)] = replace(route, via=via)
    frames = tuple(boxes.shifted(frame, *offset) for frame in boxes.frames_of(document, originals))
    return AddAll(tuple(copies), tuple(links), frames, routes=routes), list(new.values())


# ---- taking away -----------------------------------------------------------------------------------


def remove(document: Document, ids: Collection[str]) -> Edit:
    """Return the edit that removes nodes; parameters that they drove stay at the value they have."""
    gone = chosen(document, ids)
    return _grouped([*_released(document, set(gone)), RemoveAll(tuple(gone))])


def _released(document: Document, gone: Collection[str]) -> list[Edit]:
    """Return edits that free parameters from expressions which read nodes that go."""
    try:
        now = driven(document)
    except GraphError:
        now = document
    found: list[Edit] = []
    for node in document.nodes.values():
        for name in node.expressions if node.id not in gone else ():
            if any(place[0] in gone for place in reads(document, node, name)):
                found.append(SetExpression(node.id, name, None))
                if name in now.nodes[node.id].parameters:
                    found.append(SetParameter(node.id, name, now.nodes[node.id].parameters[name]))
    return found


def remove_and_heal(document: Document, ids: Collection[str]) -> Edit:
    """Return the edit that removes nodes and joins what fed their first fitting input to what read them."""
    gone = set(chosen(document, ids))
    known, fed = kinds(document), document.incoming()

    def behind(link: Link) -> tuple[str, str] | None:
        """Follow a link upstream through the removed nodes; each passes its first input that fits."""
        read = named(inputs_of(document.nodes[link.target]), link.socket)
        source, output = link.source, link.output
        while source in gone:
            sockets = fed.get(source, {})
            feeds = [sockets[port.name] for port in inputs_of(document.nodes[source]) if port.name in sockets]
            fitting = (feed for feed in feeds if joins(known.get((feed.source, feed.output)), read and read.kind))
            first = next(fitting, None)
            if first is None:
                return None
            source, output = first.source, first.output
        return source, output

    healed: list[Edit] = []
    for link in document.links:
        if link.source in gone and link.target not in gone and (feed := behind(link)):
            healed.append(Connect(Link(*feed, link.target, link.socket)))
    return _grouped([remove(document, ids), *healed])


def cut(document: Document, links: Iterable[Link]) -> Edit:
    """Return the edit that takes links away."""
    return _grouped([Disconnect(link.target, link.socket) for link in links])


def bypass(document: Document, ids: Collection[str]) -> Edit:
    """Return the edit that bypasses nodes, or, if all of them are bypassed, works them again."""
    found = chosen(document, ids)
    wanted = not all(document.nodes[id].bypass for id in found)
    return _grouped([SetNode(id, "bypass", wanted) for id in found if document.nodes[id].bypass != wanted])


def hide(document: Document, name: str) -> Edit:
    """Return the edit that no longer exposes a parameter; expressions read it by its node instead."""
    entry = next((entry for entry in document.exposed if entry.name == name), None)
    if entry is None:
        raise GraphError(f"there is no exposed parameter {name!r}")
    other = {name: f"{entry.node}.{entry.parameter}"}
    texts = [(node.id, key, text) for node in document.nodes.values() for key, text in node.expressions.items()]
    changed = [(id, key, renamed(text, other)) for id, key, text in texts if renamed(text, other) != text]
    return _grouped([Hide(name), *(SetExpression(*parts) for parts in changed)])


# ---- joining ---------------------------------------------------------------------------------------


def first_fit(document: Document, source: str, output: str, target: str) -> str | None:
    """Return the input that an output dropped on a node joins: the first free one that fits, else the first that fits.

    None if no input fits, or the link would run in a circle.
    """
    if target == source or target in upstream(document, source):
        return None
    made = kinds(document).get((source, output))
    taken = document.incoming().get(target, {})
    fitting = [port.name for port in inputs_of(document.node(target)) if joins(made, port.kind)]
    return next((name for name in fitting if name not in taken), fitting[0] if fitting else None)


def first_output(document: Document, source: str, target: str, socket: str) -> str | None:
    """Return the output of a node that fits an input it is dropped on, or None."""
    if target == source or target in upstream(document, source):
        return None
    read = named(inputs_of(document.node(target)), socket)
    known = kinds(document)
    for port in outputs_of(document.node(source)):
        if joins(known.get((source, port.name)), read.kind if read else None):
            return port.name
    return None


def fitting_inputs(document: Document, source: str, output: str) -> dict[str, list[str]]:
    """Return all inputs that an output may be joined to, taken ones too, by node."""
    before, made = upstream(document, source) | {source}, kinds(document).get((source, output))
    return _fitting(document, before, lambda node: [port.name for port in inputs_of(node) if joins(made, port.kind)])


def fitting_outputs(document: Document, target: str, socket: str) -> dict[str, list[str]]:
    """Return all outputs that may be joined to an input, by node."""
    read, known = named(inputs_of(document.node(target)), socket), kinds(document)
    kind = read.kind if read else None

    def fit(node: Node) -> list[str]:
        return [port.name for port in outputs_of(node) if joins(known.get((node.id, port.name)), kind)]

    return _fitting(document, downstream(document, target) | {target}, fit)


def _fitting(document: Document, without: Collection[str], fit: Callable[[Node], list[str]]) -> dict[str, list[str]]:
    found = {id: fit(node) for id, node in document.nodes.items() if id not in without}
    return {id: names for id, names in found.items() if names}


def downstream(document: Document, id: str) -> set[str]:
    """Return the ids of all nodes that read a node, near or far."""
    return _reached(id, ((link.source, link.target) for link in document.links))


def upstream(document: Document, id: str) -> set[str]:
    """Return the ids of all nodes that a node reads, near or far."""
    return _reached(id, ((link.target, link.source) for link in document.links))


def _reached(id: str, steps: Iterable[tuple[str, str]]) -> set[str]:
    """Return all that can be reached by steps from an id."""
    following: dict[str, list[str]] = {}
    for start, end in steps:
        following.setdefault(start, []).append(end)
    found: set[str] = set()
    waiting = [id]
    while waiting:
        for end in following.get(waiting.pop(), ()):
            if end not in found:
                found.add(end)
                waiting.append(end)
    return found


def insert_on(document: Document, link: Link, id: str) -> Edit:
    """Return the edit that puts a node on a wire, by its first free input and its first output that fit."""
    if link not in document.links:
        raise GraphError(f"there is no link {link}")
    node = document.node(id)
    known, taken = kinds(document), document.incoming().get(id, {})
    made = known.get((link.source, link.output))
    read = named(inputs_of(document.nodes[link.target]), link.socket)
    entry = _first(port for port in inputs_of(node) if port.name not in taken and joins(made, port.kind))
    if entry is None:
        raise GraphError("no free input fits this wire", where=node.label)
    joined = Connect(Link(link.source, link.output, id, entry.name))
    cleared, _ = Disconnect(link.target, link.socket).apply(document)
    known = kinds(joined.apply(cleared)[0])  # what it makes may depend on what it is fed
    leaving = _first(
        port for port in outputs_of(node) if joins(known.get((id, port.name)), read.kind if read else None)
    )
    if leaving is None:
        raise GraphError(f"no output fits {link.socket} of {link.target}", where=node.label)
    last = Connect(Link(id, leaving.name, link.target, link.socket))
    return Group((Disconnect(link.target, link.socket), joined, last))


def _first(found: Iterable[Port]) -> Port | None:
    return next(iter(found), None)


def swap(document: Document, id: str, sockets: Sequence[str] = ()) -> Edit:
    """Return the edit that changes over what feeds two inputs of a node: those named, else the first two that may.

    One of the two may be open.
    """
    node = document.node(id)
    fed, known = document.incoming().get(id, {}), kinds(document)
    names = list(sockets) or [port.name for port in inputs_of(node)]
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    for one, other in pairs:
        moves = [(fed[name], end) for name, end in ((one, other), (other, one)) if name in fed]
        if moves and all(_may_feed(known, link, node, end) for link, end in moves):
            cuts = [Disconnect(id, link.socket) for link, _ in moves]
            return _grouped([*cuts, *(Connect(replace(link, socket=end)) for link, end in moves)])
    raise GraphError("no two inputs can change places", where=node.label)


def _may_feed(known: Mapping[tuple[str, str], Kind | None], link: Link, node: Node, socket: str) -> bool:
    read = named(inputs_of(node), socket)
    return read is not None and joins(known.get((link.source, link.output)), read.kind)


def join_all(document: Document, source: str, target: str) -> Edit:
    """Return the edit that joins every output of a node to an input of the same name, else to a free one that fits.

    Inputs that are fed already are only replaced by an output of their own name.
    """
    outputs, known = outputs_of(document.node(source)), kinds(document)
    if target == source or target in upstream(document, source):
        raise GraphError("this would run in a circle", where=document.node(target).label)
    open_inputs = {port.name: port.kind for port in inputs_of(document.node(target))}
    links: list[Link] = []
    for port in outputs:
        if port.name in open_inputs and joins(known.get((source, port.name)), open_inputs[port.name]):
            links.append(Link(source, port.name, target, port.name))
            del open_inputs[port.name]
    taken = document.incoming().get(target, {})
    free = {name: kind for name, kind in open_inputs.items() if name not in taken}
    for port in outputs:
        if any(link.output == port.name for link in links):
            continue
        name = next((name for name, kind in free.items() if joins(known.get((source, port.name)), kind)), None)
        if name is not None:
            links.append(Link(source, port.name, target, name))
            del free[name]
    if not links:
        raise GraphError(f"nothing that {source} makes fits", where=document.node(target).label)
    return _grouped([Connect(link) for link in links])


def _grouped(found: Sequence[Edit]) -> Edit:
    return found[0] if len(found) == 1 else Group(tuple(found))
