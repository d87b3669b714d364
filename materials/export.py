"""Maps to files: banded into the files' own codes, encoded side by side, and put in place together.

The same `Writer` takes maps that are whole and maps that come band by band from the engine, so that a large
export never holds its maps as floats.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from materials import credits as crediting, embedded, files, pictures, render as engine, target, tiff
from materials.credits import Grants
from materials.document import MAX_BYTES as MAX_GRAPH, SUFFIX, loads, parse_json
from materials.embedded import CREDITS_TEXT, GRAPH_TEXT, MAX_PICTURE
from materials.errors import BudgetError, GraphError, IntarsiaError, SourceError, UsageError
from materials.maps import Maps
from materials.previews import SHARPEST, Kept, Previews
from materials.quantise import quantise
from nodes.arrays import MAPS, kind_of
from nodes.declare import Kind, row_bands

MAX_CREDITS = 16 * 2**20

ENCODING = 3
"""Times a file's pixels that encoding takes: they, a copy in the encoder's order, and what comes out."""

_DTYPES = {"8": np.uint8, "16": np.uint16, "half": np.float16, "float": np.float32}


@dataclass
class _Sheet:
    """A file in the making: its layout and its pixels in the file's own depth."""

    layout: target.File
    name: str
    pixels: np.ndarray


class Writer:
    """Takes maps band by band and writes a target's files.

    Parameters
    ----------
    layout : the target.
    kinds : the maps that will come, by name; files none of whose maps come are left out.
    height, width : pixels.
    name : what the files are called.
    format : png8, png16, exr or tiff instead of what the target says, where it allows that.

    Raises
    ------
    UsageError
        If the target does not allow the format, or the name is no file name.
    """

    def __init__(
        self,
        layout: target.Target,
        kinds: Mapping[str, Kind],
        height: int,
        width: int,
        name: str,
        format: str | None = None,
    ) -> None:
        self.layout, self.height, self.width, self.name = layout, height, width, name
        self.format = format or ""
        try:
            files.check_relative(f"{name}_basecolor.png")
        except SourceError as error:
            raise UsageError(f"{name!r} cannot be part of a file name: {error.what}") from None
        if "/" in name:
            raise UsageError(f"{name!r} cannot be part of a file name", hint="choose the folder with --out")
        if format is not None and format not in layout.formats:
            raise UsageError(f"target {layout.key} is not written as {format}", hint=", ".join(layout.formats))
        self.given = set(kinds)
        present = (_present(file, kinds) for file in self._layouts(kinds))
        self.sheets = [self._sheet(_with_format(file, format), kinds) for file in present if file]
        names = [sheet.name.casefold() for sheet in self.sheets]
        if twice := [name for name in names if names.count(name) > 1]:
            raise UsageError(f"two pictures would both be written as {twice[0]}", hint="rename one of the outputs")

    def _layouts(self, kinds: Mapping[str, Kind]) -> Iterable[target.File]:
        """Return the target's files, and one for each picture that is no map of a material."""
        yield from self.layout.files
        for name, kind in kinds.items():
            if name not in MAPS:
                channels = target.map_channels(name, kind)
                file_name = "{name}_" + name.replace("/", "_").replace(".", "_")
                yield target.File(file_name, channels, kind is Kind.COLOR, "png", "16")

    def _sheet(self, file: target.File, kinds: Mapping[str, Kind]) -> _Sheet:
        """Return a file's buffer; channels whose map does not come hold the value that stands for it."""
        shape = (self.height, self.width) + ((len(file.channels),) if len(file.channels) > 1 else ())
        sheet = _Sheet(file, file.name.replace("{name}", self.name), np.empty(shape, _DTYPES[file.depth]))
        for number, channel in enumerate(file.channels):
            if channel.map not in kinds:
                _fill(sheet, number, _stand_in(channel))
        return sheet

    @property
    def maps(self) -> set[str]:
        """The maps that the files show."""
        return {channel.map for sheet in self.sheets for channel in sheet.layout.channels} & self.given

    @property
    def bytes(self) -> int:
        """Bytes of the files' pixels; encoding takes up to twice as many again for a moment."""
        return sum(sheet.pixels.nbytes for sheet in self.sheets)

    def band(self, name: str, top: int, rows: Any) -> None:
        """Take rows of a map; calls for different rows or maps may come from different threads."""
        for sheet in self.sheets:
            for number, channel in enumerate(sheet.layout.channels):
                if channel.map == name:
                    _quantise_band(sheet, number, channel, top, rows)

    def finish(
        self,
        maps: Maps,
        folder: str | Path,
        *,
        embed: bool = True,
        grants: Grants | None = None,
        profile: str | None = None,
        beside: Mapping[str, np.ndarray] | None = None,
        shown: Collection[str] = (),
    ) -> list[Path]:
        """Encode and write all files with credits; all of them appear or none.

        beside : more pictures by the names of their files without `.png`, uint8 sRGB.
        shown : the maps that these show.

        Raises
        ------
        LicenceError
            If a source's licence does not allow it.
        ExportError
            If the files cannot be written.
        """
        written = self.maps | set(shown)
        crediting.check_licences(maps.sources_of(written), grants, profile)
        folder = files.make_folder(folder)
        how = crediting.Export(self.layout.key, self.format, self.name, profile or "")
        inner = crediting.credits_data(maps, how, written, {}, grants)
        texts = {GRAPH_TEXT: maps.graph, CREDITS_TEXT: crediting.as_json(inner)} if embed else {}
        with ThreadPoolExecutor(max(1, len(self.sheets))) as pool:
            encoded = list(pool.map(lambda sheet: _encode(sheet, texts), self.sheets))
        contents: dict[Path, bytes] = {}
        for sheet, data in zip(self.sheets, encoded, strict=True):
            contents[folder / f"{sheet.name}.{sheet.layout.format}"] = data
        for name, picture in (beside or {}).items():
            contents[folder / f"{name}.png"] = pictures.encode_png(picture, texts, colour=True, level=4)
        hashes = {path.name: hashlib.sha256(data).hexdigest() for path, data in contents.items()}
        data = crediting.credits_data(maps, how, written, hashes, grants)
        contents[folder / f"{self.name}.credits.json"] = crediting.as_json(data).encode()
        contents[folder / "CREDITS.md"] = _all_credits(folder, f"{self.name}.credits.json", data).encode()
        files.write_all(contents)
        return list(contents)


def _all_credits(folder: Path, name: str, data: Mapping[str, Any]) -> str:
    """Return the credits of all materials in a folder for people to read, so that one export keeps another's."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in folder.glob("*.credits.json"):
        with contextlib.suppress(IntarsiaError, UnicodeDecodeError):
            other = parse_json(files.open_regular(path, MAX_CREDITS).decode())
            if crediting.is_credits(other):
                found[path.name] = other
    found[name] = data
    return "\n".join(crediting.as_markdown(found[key]) for key in sorted(found))


def _present(file: target.File, kinds: Mapping[str, Kind]) -> target.File | None:
    """Return a file without an alpha that nothing feeds, or None if no map of it comes."""
    if not file.maps & set(kinds):
        return None
    if len(file.channels) == 4 and file.channels[3].map == "opacity" and "opacity" not in kinds:
        return replace(file, channels=file.channels[:3])
    return file


def _with_format(file: target.File, format: str | None) -> target.File:
    """Return a file in another format; heights never fall below 16 bits, nor into halves of 11."""
    if format is None:
        return file
    container, depth = target.FORMATS[format]
    if file.maps == {"height"}:
        depth = {"8": "16", "half": "float"}.get(depth, depth)
    return replace(file, format=container, depth=depth)


def _stand_in(channel: target.Channel) -> float:
    if not channel.map:
        return channel.constant
    value = MAPS[channel.map][1]
    part = value[channel.component] if isinstance(value, tuple) else value
    return 1 - part if channel.invert else part


def _fill(sheet: _Sheet, number: int, value: float) -> None:
    code = value if sheet.pixels.dtype.kind == "f" else round(value * np.iinfo(sheet.pixels.dtype).max)
    sheet.pixels.reshape(sheet.pixels.shape[0], sheet.pixels.shape[1], -1)[..., number] = code


def _quantise_band(sheet: _Sheet, number: int, channel: target.Channel, top: int, rows: np.ndarray) -> None:
    flips = sheet.layout.directx and channel.map == "normal" and channel.component == 1
    whole_number = sheet.pixels.dtype.kind != "f"
    quantise(
        rows,
        channel.component if rows.ndim == 3 else 0,
        sheet.pixels[top : top + len(rows)],
        number,
        srgb=sheet.layout.srgb and number < 3 and whole_number,
        invert=channel.invert != flips,
        dither=sheet.layout.depth == "8",
        top=top,
    )


def _encode(sheet: _Sheet, texts: Mapping[str, str]) -> bytes:
    match sheet.layout.format:
        case "png":
            return pictures.encode_png(sheet.pixels, texts, sheet.layout.srgb)
        case "exr":
            return pictures.encode_exr(sheet.pixels, texts, sheet.layout.srgb)
        case _:
            data = pictures.encode_tiff(sheet.pixels)
            return tiff.described(data, json.dumps(texts)) if texts else data


# ---- the two ways in -----------------------------------------------------------------------------


def export(
    maps: Maps,
    folder: str | Path,
    target_name: str = "generic",
    *,
    format: str | None = None,
    name: str | None = None,
    embed: bool = True,
    grants: Grants | None = None,
    profile: str | None = None,
) -> list[Path]:
    """Write maps as a target's files, with credits; return the paths.

    Parameters
    ----------
    target_name : a target's key, or a TOML file.
    format : png8, png16, exr or tiff for all files, where the target allows it.
    name : what the files are called; the graph's name unless given.
    embed : whether graph and credits are put into the files as well.
    grants : permissions that the user holds, by name of a source: who gave what and when. They are recorded.
    profile : commercial or noncommercial, what the result is meant for; the first refuses what forbids that.
    """
    kinds = _kinds(maps)
    if not kinds:
        raise UsageError("there are no pictures to export")
    writer = Writer(target.load(target_name), kinds, maps.height, maps.width, name or maps.name, format)
    crediting.check_licences(maps.sources_of(writer.maps), grants, profile)
    for top, bottom in row_bands(maps.height, maps.width):
        for key in kinds:
            writer.band(key, top, maps[key][top:bottom])
    return writer.finish(maps, folder, embed=embed, grants=grants, profile=profile)


def _kinds(maps: Maps) -> dict[str, Kind]:
    """Return the maps that can be put into a file: gray and coloured ones."""
    kinds = {}
    for key, image in maps.items():
        if image.shape[:2] != (maps.height, maps.width):
            raise UsageError(f"map {key!r} is {image.shape[1]}x{image.shape[0]}, not {maps.width}x{maps.height}")
        kind = kind_of(image)
        if kind in (Kind.GRAY, Kind.COLOR):
            kinds[key] = kind
    return kinds


def export_graph(
    graph: engine.Graph,
    folder: str | Path,
    target_name: str = "generic",
    *,
    size: int | tuple[int, int] = 1024,
    seed: int = 0,
    format: str | None = None,
    name: str | None = None,
    grants: Grants | None = None,
    profile: str | None = None,
    budget: int | None = None,
    previews: Previews | None = None,
    **options: Any,
) -> tuple[Maps, list[Path]]:
    """Render a graph straight into a target's files, band by band; return what is known of it and the paths.

    Only the maps that the target's files or the previews hold are computed. `options` go to
    `materials.render.render`.

    Raises
    ------
    BudgetError
        Before anything is computed, if rendering and encoding need more than `budget` bytes.
    """
    layout = target.load(target_name)
    height, width = engine.size_of(size)
    made = engine.output_kinds(graph, size)
    used = {name for file in layout.files for name in file.maps}
    kinds = {output: kind for output, kind in made.items() if output in used or output not in MAPS}
    if not kinds:
        what = f"it makes none of the maps of target {layout.key}"
        raise GraphError(what, where=graph.name, hint=", ".join(sorted(used)))
    writer = Writer(layout, kinds, height, width, name or graph.name, format)
    kept = Kept(previews.wanted(made), height, width, SHARPEST * previews.size) if previews else None
    if budget is not None:
        held = writer.bytes + (kept.bytes if kept else 0)
        needed = max(ENCODING * writer.bytes, held + (previews.bytes(kept) if previews and kept else 0))
        if needed > budget:
            raise BudgetError(needed=needed, allowed=budget)
        budget -= held

    def take(output: str, top: int, rows: Any) -> None:
        writer.band(output, top, rows)
        if kept:
            kept.band(output, top, rows)

    outputs = list(dict.fromkeys([*kinds, *(kept.maps if kept else ())]))
    maps = engine.render(graph, size, seed=seed, outputs=outputs, sink=take, budget=budget, **options)
    beside = {}
    if previews and kept:
        crediting.check_licences(maps.sources_of(writer.maps | set(kept.maps)), grants, profile)
        cancel = options.get("cancel")
        check = cancel.check if cancel else lambda: None
        beside = previews.pictures(kept.as_maps(maps), writer.name, options.get("threads"), check)
    shown = kept.maps if kept else ()
    return maps, writer.finish(maps, folder, grants=grants, profile=profile, beside=beside, shown=shown)


# ---- and back --------------------------------------------------------------------------------------


def info(path: str | Path) -> dict[str, Any]:
    """Return what a file says of itself: a graph's contents, or a picture's size, credits and graph.

    Raises
    ------
    SourceError, GraphError
        If it cannot be read.
    """
    path = Path(path)
    if path.suffix == SUFFIX:
        return {"file": path.name, **_graph_info(files.open_regular(path, MAX_GRAPH).decode("utf-8", "replace"))}
    data = files.open_regular(path, MAX_PICTURE)
    head = pictures.header(data)
    found: dict[str, Any] = {"file": path.name, "format": head.format, "width": head.width, "height": head.height}
    texts = embedded.texts(data)
    if text := texts.get(CREDITS_TEXT):
        found["credits"] = parse_json(text)
        if not isinstance(found["credits"], dict):
            raise SourceError(f"the credits in {path.name} are damaged", path=path)
        for name in ("title", "author", "licence", "tool", "seed", "sources", "obligations"):
            if found["credits"].get(name) not in (None, "", []):
                found[name] = found["credits"][name]
    if text := texts.get(GRAPH_TEXT):
        found["graph"] = _graph_info(text)
        found["graph_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return found


def _graph_info(text: str) -> dict[str, Any]:
    document = loads(text)
    return {
        "title": document.title,
        "author": document.author,
        "licence": document.licence,
        "outputs": sorted(document.outputs()),
        "parameters": [f"{entry.name} ({entry.node}.{entry.parameter})" for entry in document.exposed],
        "presets": list(document.presets),
        "nodes": [f"{node.id}: {node.key}" for node in document.nodes.values()],
        "sources": [
            f"{source.title or source.name}, {source.author}, {source.licence}" for source in document.sources.values()
        ],
    }
