"""What the panel of parameters shows: the material, a node, or several nodes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gui.panels.about import output_of
from gui.panels.head import Head
from gui.panels.items import Section, kind_of, material_sections, node_sections, shared_sections
from gui.session import Session
from gui.titles import title_of
from materials.graph import SUBGRAPH, Document


@dataclass(frozen=True)
class Subject:
    """No id for the material, one for a node, several for nodes together."""

    ids: tuple[str, ...] = ()

    @property
    def node(self) -> str | None:
        """The one node, if it is one."""
        return self.ids[0] if len(self.ids) == 1 else None


def subject_of(session: Session, pinned: str | None) -> Subject:
    """Return what is to be shown: the pinned node, else what is selected, else the material."""
    nodes = session.graph.nodes
    if pinned is not None and pinned in nodes:
        return Subject((pinned,))
    return Subject(tuple(sorted(id for id in session.selection if id in nodes)))


def sections_of(session: Session, subject: Subject, baseline: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return the rows of a subject, by group."""
    if not subject.ids:
        return material_sections(session.graph, baseline)
    graph = _with_linked(session, subject)
    return node_sections(graph, subject.ids[0]) if subject.node else shared_sections(graph, subject.ids)


def _with_linked(session: Session, subject: Subject) -> Document:
    """Return the graph with linked subgraphs as if they were embedded."""
    nodes = dict(session.graph.nodes)
    for id in subject.ids:
        node = nodes[id]
        if node.key == SUBGRAPH and node.graph is None and (inner := session.inside(node)) is not None:
            nodes[id] = replace(node, graph=inner)
    return replace(session.graph, nodes=nodes)


def show_head(head: Head, session: Session, subject: Subject, pinned: bool) -> None:
    """Show a subject in the head of the panel."""
    graph, ids = session.graph, subject.ids
    head.set_tools(subject.node is not None)
    head.title.set_read_only(len(ids) > 1)
    if subject.node is not None:
        node, look = graph.node(subject.node), session.look(subject.node)
        head.title.set_value(title_of(node))
        head.kind.set_words(kind_of(node))
        head.bypass.setChecked(node.bypass)
        head.freeze.setChecked(look.frozen)
        head.pin.setChecked(pinned)
        head.set_image(look.image)
    elif ids:
        head.title.set_value(f"{len(ids)} nodes")
        head.kind.set_words(", ".join(title_of(graph.node(id)) for id in ids))
        head.set_image(session.look(ids[-1]).image)
    else:
        output, count = output_of(graph), len(graph.nodes)
        head.title.set_value(graph.title if session.level else session.title)
        what = "Subgraph" if session.level else "Material"
        head.kind.set_words(f"{what} · {count} node{'s' * (count != 1)}")
        head.set_image(session.look(output).image if output else None)
