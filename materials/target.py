"""Export targets: which files an engine loads, what is in their channels, what they are called. All of it is data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from materials.errors import UsageError
from nodes.arrays import MAPS
from nodes.declare import Kind

FOLDER = Path(__file__).resolve().parent / "targets"

FORMATS = {"png8": ("png", "8"), "png16": ("png", "16"), "exr": ("exr", "half"), "tiff": ("tiff", "16")}
DEPTHS = {"png": ("8", "16"), "tiff": ("8", "16", "float"), "exr": ("half", "float")}

_CHANNEL = re.compile(r"(1-)?([a-z_]+)(?:\.([rgb]))?|([01](?:\.\d+)?)")


@dataclass(frozen=True)
class Channel:
    """One channel of a file: a component of a map, perhaps inverted, or a constant where map is empty."""

    map: str
    component: int = 0
    invert: bool = False
    constant: float = 0.0


@dataclass(frozen=True)
class File:
    """One file of a target; `name` holds `{name}` for the material's."""

    name: str
    channels: tuple[Channel, ...]
    srgb: bool
    format: str
    depth: str
    directx: bool = False

    @property
    def maps(self) -> set[str]:
        return {channel.map for channel in self.channels if channel.map}


@dataclass(frozen=True)
class Target:
    """An engine's layout. `formats` are those that a user may ask for instead."""

    key: str
    title: str
    files: tuple[File, ...]
    formats: tuple[str, ...] = tuple(FORMATS)
    note: str = ""


def names() -> list[str]:
    """Return the keys of the targets that come with Intarsia."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str | Path) -> Target:
    """Return a target by key, or from a TOML file of the user's own.

    Raises
    ------
    UsageError
        If there is none, or the file says something that cannot be done; the message says where.
    """
    return _shipped(str(name)) if str(name) in names() else _read(Path(name))


@lru_cache(maxsize=32)
def _shipped(name: str) -> Target:
    return _read(FOLDER / f"{name}.toml")


def _read(path: Path) -> Target:
    if path.suffix != ".toml" or not path.is_file():
        raise UsageError(f"there is no target {str(path)!r}", hint=f"targets: {', '.join(names())}, or a TOML file")
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path.name}: {error}") from error
    return _target(path.stem, data)


def _target(key: str, data: Mapping[str, Any]) -> Target:
    where = f"target {key}"
    unknown = set(data) - {"title", "note", "formats", "file"}
    if unknown:
        raise UsageError(f"it has unknown entries {', '.join(sorted(unknown))}", where=where)
    files = data.get("file")
    if not isinstance(files, list) or not files or not all(isinstance(entry, dict) for entry in files):
        raise UsageError("it needs at least one [[file]]", where=where)
    formats = data.get("formats", list(FORMATS))
    if not isinstance(formats, list) or any(format not in list(FORMATS) for format in formats):
        raise UsageError(f"formats must be among {', '.join(FORMATS)}", where=where)
    made = tuple(_file(entry, where) for entry in files)
    if len({file.name.casefold() for file in made}) < len(made):
        raise UsageError("two files have the same name", where=where)
    return Target(key, str(data.get("title", key)), made, tuple(formats), str(data.get("note", "")))


def _file(data: Mapping[str, Any], where: str) -> File:
    name = data.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[\w.-]*\{name\}[\w.-]*", name):
        raise UsageError("a file's name holds {name} once, letters, digits, _ - and .", where=where)
    where = f"{where}, file {name}"
    unknown = set(data) - {"name", "channels", "space", "format", "depth", "normal"}
    if unknown:
        raise UsageError(f"it has unknown entries {', '.join(sorted(unknown))}", where=where)
    format, depth = data.get("format", "png"), str(data.get("depth", 8))
    if not isinstance(format, str) or depth not in DEPTHS.get(format, ()):
        raise UsageError(f"{format} of depth {depth} cannot be written", where=where)
    if data.get("space", "data") not in ("srgb", "data") or data.get("normal", "gl") not in ("gl", "dx"):
        raise UsageError("space is srgb or data, normal is gl or dx", where=where)
    channels = _channels(data.get("channels"), where)
    if "normal" in data and not any(channel.map == "normal" for channel in channels):
        raise UsageError("it says which way normals point and holds none", where=where)
    return File(name, channels, data.get("space") == "srgb", format, depth, data.get("normal") == "dx")


def _channels(value: Any, where: str) -> tuple[Channel, ...]:
    if isinstance(value, str):
        return map_channels(value, MAPS[value][0]) if value in MAPS else (_channel(value, where),)
    if not isinstance(value, list) or len(value) not in (1, 3, 4):
        raise UsageError("channels are a map, or a list of 1, 3 or 4", where=where)
    return tuple(_channel(entry, where) for entry in value)


def map_channels(name: str, kind: Kind) -> tuple[Channel, ...]:
    """Return the channels of a file that holds just one map."""
    return tuple(Channel(name, component) for component in range(3 if kind is Kind.COLOR else 1))


def _channel(text: Any, where: str) -> Channel:
    found = _CHANNEL.fullmatch(text) if isinstance(text, str) else None
    if not found or (found[2] and found[2] not in MAPS):
        raise UsageError(
            f"{text!r} is no channel", where=where, hint=f"map, map.r, 1-map, or 0 to 1; maps: {', '.join(MAPS)}"
        )
    if found[4]:
        return Channel("", constant=min(1.0, float(found[4])))
    if (MAPS[found[2]][0] is Kind.COLOR) != bool(found[3]):
        raise UsageError(f"{text!r}: colour maps need .r, .g or .b, gray ones take none", where=where)
    return Channel(found[2], "rgb".index(found[3] or "r"), bool(found[1]))


def as_data(target: Target) -> dict[str, Any]:
    """Return a target as plain data."""
    return {
        "key": target.key,
        "title": target.title,
        "note": target.note,
        "formats": list(target.formats),
        "files": [
            {
                "name": file.name,
                "format": file.format,
                "depth": file.depth,
                "space": "srgb" if file.srgb else "data",
                "normal": "dx" if file.directx else "gl",
                "channels": [_channel_text(channel) for channel in file.channels],
            }
            for file in target.files
        ],
    }


def _channel_text(channel: Channel) -> str:
    if not channel.map:
        return f"{channel.constant:g}"
    component = "." + "rgb"[channel.component] if MAPS[channel.map][0] is Kind.COLOR else ""
    return ("1-" if channel.invert else "") + channel.map + component
