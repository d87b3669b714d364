"""What an export leaves inside its pictures: the graph and its credits."""

from __future__ import annotations

from pathlib import Path

from materials import files, pictures, png, tiff
from materials.document import parse_json
from materials.errors import SourceError

GRAPH_TEXT, CREDITS_TEXT = "intarsia.graph", "intarsia.credits"
MAX_PICTURE = 2**31


def texts(data: bytes) -> dict[str, str]:
    """Return what an export put into a picture, by name; nothing for formats that hold no texts."""
    match pictures.header(data).format:
        case "png":
            return png.texts(data)
        case "exr":
            return pictures.exr_attributes(data)
        case "tiff":
            text = tiff.description(data)
            found = parse_json(text) if text.startswith("{") else {}
            return {key: value for key, value in found.items() if isinstance(value, str)}
    return {}


def embedded_graph(path: str | Path) -> str:
    """Return the graph inside a PNG, EXR or TIFF file, as its text.

    Raises
    ------
    SourceError
        If there is none, or the file cannot be read.
    """
    text = texts(files.open_regular(path, MAX_PICTURE)).get(GRAPH_TEXT)
    if not text:
        hint = "only pictures that Intarsia exported do"
        raise SourceError(f"{Path(path).name} holds no graph", path=path, hint=hint)
    return text
