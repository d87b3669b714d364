"""Why a node's picture is what it is, in words: what it reads, where it goes, what it takes. No widget."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

from gui.panels.items import words_of
from gui.session import Look
from gui.titles import title_of
from materials.graph import GRAPH_OUTPUT, MATERIAL_OUTPUT, Document, Node
from nodes.declare import NodeType

READS = {
    "pixel": "It works pixel by pixel.",
    "whole": "It needs the whole picture at once.",
}


class Joined(NamedTuple):
    """A port with what is at the other end of its wire; `node` is None where nothing is."""

    port: str
    node: str | None
    words: str


def reads(document: Document, id: str, sockets: Sequence[tuple[str, bool]]) -> list[Joined]:
    """Return a node's inputs, given by name and whether they may stay empty, with what feeds them."""
    incoming = document.incoming().get(id, {})
    found = []
    for name, optional in sockets:
        link = incoming.get(name)
        if link is None:
            found.append(Joined(name, None, "nothing" if optional else "nothing yet; it must be connected"))
        else:
            source = document.nodes[link.source]
            found.append(Joined(name, link.source, _end(source, link.output)))
    return found


def gives(document: Document, id: str, outputs: Sequence[str]) -> list[Joined]:
    """Return a node's outputs, each as often as it is read."""
    found = []
    for output in outputs:
        links = [link for link in document.links if (link.source, link.output) == (id, output)]
        found += [Joined(output, link.target, _end(document.nodes[link.target], link.socket)) for link in links]
        if not links:
            found.append(Joined(output, None, "nothing reads it"))
    return found


def _end(node: Node, port: str) -> str:
    return title_of(node) if port == "out" else f"{title_of(node)}: {port.replace('_', ' ')}"


def reach(document: Document, id: str) -> str:
    """Return which maps a node can change, and how many nodes lie behind it."""
    after: dict[str, list[tuple[str, str]]] = {}
    before: dict[str, list[str]] = {}
    for link in document.links:
        after.setdefault(link.source, []).append((link.target, link.socket))
        before.setdefault(link.target, []).append(link.source)
    maps: dict[str, None] = {}
    waiting, seen = [id], {id}
    for step in waiting:  # grows while we walk it
        for target, socket in after.get(step, ()):
            node = document.nodes[target]
            if node.key == MATERIAL_OUTPUT:
                maps[words_of(socket).lower()] = None
            elif node.key == GRAPH_OUTPUT:
                maps[str(node.parameters.get("name", target))] = None
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    behind, walk = {id}, [id]
    for step in walk:
        for source in before.get(step, ()):
            if source not in behind:
                behind.add(source)
                walk.append(source)
    count = len(behind) - 1
    rest = (
        f"{count} node{'s' * (count != 1)} lie{'s' * (count == 1)} behind it." if count else "Nothing lies behind it."
    )
    if document.nodes[id].key in (MATERIAL_OUTPUT, GRAPH_OUTPUT):
        return f"It is what the document makes. {rest}".strip()
    if not maps:
        return f"It changes nothing that the document makes: no wire leads there. {rest}".strip()
    return f"It can change {listed(list(maps))}. {rest}".strip()


def listed(words: Sequence[str]) -> str:
    """Return words as people list them: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def cost(node: Node, look: Look) -> str:
    """Return what a node takes, and how it stands."""
    lines = []
    if look.state == "error" and look.words:
        lines.append(look.words)
    if node.bypass:
        lines.append("Bypassed: what comes in passes as it is, and it costs nothing.")
    elif look.frozen:
        lines.append("Frozen: its picture stays while you work. Renders compute it anew.")
    if look.seconds is None:
        lines.append("Its time is not measured yet.")
    elif not node.bypass:
        share = f", {100 * look.share:.0f}\u2009% of the whole graph" if look.share >= 0.005 else ""
        lines.append(f"{time_words(look.seconds)} of processor time at the size of thumbnails{share}.")
    if look.warning:
        lines.append(look.warning)
    kind = node.type
    if kind is not None and kind.outputs:
        lines.append(READS.get(str(kind.reach), "It reads around each pixel."))
    return "\n".join(lines)


def time_words(seconds: float) -> str:
    """Return a time as it is read: 4 ms, 0.35 ms, 1.2 s."""
    if seconds >= 1:
        return f"{seconds:.1f}\u2009s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f}\u2009ms" if milliseconds >= 10 else f"{milliseconds:.2g}\u2009ms"


# ---- help ----------------------------------------------------------------------------------------


def paragraphs(kind: NodeType) -> list[str]:
    """Return the prose of a node's help, a paragraph each."""
    prose = kind.help.split("\nParameters\n")[0].strip()
    return [" ".join(part.split()) for part in prose.split("\n\n") if part.strip()]


def terms(kind: NodeType) -> list[tuple[str, str]]:
    """Return what the help says of inputs and parameters: names and lines."""
    _, _, section = kind.help.partition("\nParameters\n")
    found = []
    for line in section.splitlines():
        head, colon, words = line.partition(" : ")
        if colon and not line.startswith(" "):
            found.append((head.strip(), words.strip()))
        elif found and line.startswith("    ") and line.strip():
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}".strip())
    return found


def marked(words: str, colour: str) -> str:
    """Return a line of help as rich text: what stands between backticks in a colour of its own."""
    return re.sub(r"`([^`]+)`", rf'<span style="color:{colour}">\1</span>', html.escape(words))
