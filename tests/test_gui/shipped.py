"""The nodes that Intarsia comes with, without those of other tests."""

from __future__ import annotations

from collections.abc import Mapping

from materials.reference import SECTIONS
from nodes.catalogue import catalogue
from nodes.declare import NodeType


def shipped() -> Mapping[str, NodeType]:
    """Return the shipped nodes by key."""
    return {key: kind for key, kind in catalogue().items() if kind.section in SECTIONS}
