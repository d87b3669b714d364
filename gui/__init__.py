"""The desktop app: the graph at the artist's fingertips. The only package that imports Qt."""
