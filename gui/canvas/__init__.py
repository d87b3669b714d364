"""The node editor: a scene that shows a document, and gestures that become edits of it."""
