"""The node editor: a scene that shows a document, and gestures that become edits of it."""

from gui.canvas.view import NODE_MIME as NODE_MIME, Canvas as Canvas
