"""The node editor: a scene that shows a document, and gestures that become edits of it."""

from gui.canvas.view import Canvas as Canvas
from gui.mimes import NODE_MIME as NODE_MIME
