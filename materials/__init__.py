"""The graph, its engine, and its output. No Qt."""

VERSION = "0.1.0"
"""Of the whole of Intarsia: the one place it is written."""
