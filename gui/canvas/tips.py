"""What a tooltip on the canvas says."""

from __future__ import annotations

from textwrap import wrap

from gui.canvas.faces import duration, words_of
from gui.canvas.scene import Hit
from gui.session import Session
from gui.theme import KINDS, KINDS_DRAWN_AS
from gui.titles import title_of

LETTERS = 64
"""How long a line of a tooltip is at most."""


def tip_of(session: Session, hit: Hit) -> str:
    """Return the words for what lies under the pointer; nothing where there is nothing to say."""
    node = session.graph.nodes.get(hit.node)
    if hit.port is not None:
        about = KINDS[KINDS_DRAWN_AS.get(hit.port.kind, hit.port.kind)].about
        end = ", may stay open" if hit.port.optional and not hit.is_output else ""
        kind = "Gray or Color" if hit.port.kind == "Image" else hit.port.kind
        return f"{words_of(hit.port.name)}: {kind}{end}\n{about}"
    if node is not None:
        return _node_tip(session, hit.node)
    if hit.link is not None:
        nodes = session.graph.nodes
        ends = [title_of(nodes[id]) for id in (hit.link.source, hit.link.target) if id in nodes]
        return " → ".join(ends)
    return ""


def _node_tip(session: Session, id: str) -> str:
    node, look = session.graph.nodes[id], session.look(id)
    lines = [title_of(node)]
    if node.type is not None and node.type.title != lines[0]:
        lines.append(node.type.title)
    if node.type is not None and look.state != "error":
        lines += wrap(node.type.summary.replace("`", ""), LETTERS)
    if look.state == "error":
        lines.append(look.words)
    elif look.warning:
        lines.append(look.warning)
    if look.seconds is not None:
        share = f", {round(look.share * 100)} % of the graph" if look.share >= 0.01 else ""
        lines.append(f"{duration(look.seconds)}{share}")
    return "\n".join(lines)
