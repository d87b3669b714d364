"""Building documents in a line or two, for tests."""

from __future__ import annotations

from typing import Any

import tests.sample_nodes  # noqa: F401  # registers its nodes
from materials import edits
from materials.evaluate import evaluate
from materials.flatten import bypassed, flatten
from materials.graph import Document, Link, Node
from materials.plan import plan
from nodes.catalogue import catalogue

catalogue()


def document(nodes: dict[str, Any], *links: str, **fields: Any) -> Document:
    """`document({"a": "fbm", "b": ("blur", {"radius": 0.1})}, "a.out -> b.image")`."""
    made = Document(**fields)
    for id, node in nodes.items():
        key, parameters = node if isinstance(node, tuple) else (node, {})
        made, _ = edits.AddNode(Node(id=id, key=key, parameters=parameters)).apply(made)
    for text in links:
        source, target = text.split(" -> ")
        made, _ = edits.Connect(Link(*source.split("."), *target.split("."))).apply(made)
    return made


def planned(made: Document, size=(64, 48), **options: Any):
    """Return the plan of a document at (height, width)."""
    return plan(bypassed(flatten(made)), *size, **options)


def values(made: Document, size=(64, 48), *, threads=2, cache=None, seed=0, outputs=None, **options: Any):
    """Return a document's outputs by name, and the report."""
    cached = {"cached": cache.__contains__} if cache else {}
    return evaluate(planned(made, size, seed=seed, outputs=outputs, **cached), threads=threads, cache=cache, **options)
