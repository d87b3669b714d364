"""What a drag from the library carries, by its kind: the library writes it, the canvas reads it."""

NODE_MIME = "application/x-intarsia-node"
"""A node: its key."""

FILE_MIME = "application/x-intarsia-file"
"""A material: the path of its file."""
