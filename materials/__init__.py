"""The graph, its engine, and its output. No Qt."""
