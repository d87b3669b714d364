"""The node library: functions on arrays. No Qt, no graph, no files of the user."""

from __future__ import annotations

from nodes.catalogue import catalogue, node_type

__all__ = ["catalogue", "node_type"]
