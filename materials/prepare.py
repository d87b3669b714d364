"""From a photograph's file to an exemplar's: the prepared picture, and a record of whose it is and what was done.

The record lies beside the picture as `NAME.toml`, one `[[exemplar]]` as in a folder's CREDITS.toml.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from materials import files, pictures
from materials.errors import UsageError
from materials.quantise import quantise
from materials.sources import MAX_BYTES
from nodes.kernels.sampling import averaged
from nodes.patch import preparation
from nodes.patch.preparation import Box, Corners, Finding
from nodes.patch.shading import illumination

Crop = Literal["auto"] | Sequence[float]

DEEP = ("tiff", "exr")
"""Formats whose pictures may hold more than 8 bits, and are then written with 16."""


@dataclass(frozen=True)
class Facts:
    """What a picture's file does not say: whose it is, under which licence, from where, how wide in centimetres."""

    title: str = ""
    author: str = ""
    licence: str = ""
    source: str = ""
    width_cm: float | None = None


@dataclass(frozen=True)
class Prepared:
    """What was made and what to beware of.

    file, record : what was written. size : width and height in pixels; depth : bits a channel.
    box : the crop, in pixels of the straightened picture. width_cm : of what is left, if it was given.
    warnings : of the photograph; left : of the prepared picture.
    period : shifts at which the prepared picture repeats. missing : facts that nobody gave.
    """

    file: Path
    record: Path
    size: tuple[int, int]
    depth: int
    box: Box
    changes: str
    sha256: str
    width_cm: float | None
    warnings: tuple[Finding, ...]
    left: tuple[Finding, ...]
    period: tuple[preparation.Repeat, ...]
    missing: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "file": str(self.file),
            "record": str(self.record),
            "size": list(self.size),
            "depth": self.depth,
            "crop": list(self.box),
            "changes": self.changes,
            "sha256": self.sha256,
            "width_cm": self.width_cm,
            "warnings": [found._asdict() for found in self.warnings],
            "left": [found._asdict() for found in self.left],
            "period": [shift._asdict() for shift in self.period],
            "missing": list(self.missing),
        }


def prepare_photograph(
    path: str | Path,
    out: str | Path,
    *,
    corners: Corners | None = None,
    ratio: float | None = None,
    crop: Crop | None = None,
    flatten: float = 0.0,
    delight: float = 0.0,
    size: int | None = None,
    facts: Facts | None = None,
) -> Prepared:
    """Write a photograph made ready for synthesis as a PNG file, with a record beside it, and report on it.

    The picture keeps the depth of its source, 8 or 16 bit.

    Parameters
    ----------
    corners : of a true rectangle in it, clockwise from the top left, as shares of width and height; see `rectify`.
    ratio : width over height of that rectangle; None takes it from the perspective.
    crop : "auto" for what repeats best, or left, top, width, height as shares of the straightened picture.
    flatten, delight : 0 to 1; how far slow changes of light are taken out, and shadows lifted.
    size : pixels that the longer side has at most.

    Raises
    ------
    UsageError
        If the corners, the crop or a number make no sense, or `out` is the photograph itself.
    SourceError
        If the photograph cannot be read.
    ExportError
        If a file cannot be written; then neither is.
    """
    path, out = Path(path), Path(out)
    if out.suffix.lower() != ".png":
        raise UsageError(f"{out.name} is no PNG file", hint=f"exemplars are PNG: {out.stem}.png")
    if out.resolve() == path.resolve():
        raise UsageError(f"{out.name} is the photograph itself", hint="write the exemplar under another name")
    for name, value in (("flatten", flatten), ("delight", delight)):
        if not 0 <= value <= 1:
            raise UsageError(f"{name} is {value:g}", hint="0 changes nothing, 1 takes out all that was found")
    data = files.open_regular(path.resolve(), MAX_BYTES)
    head = pictures.header(data)
    depth = 16 if head.format in DEEP or (head.format == "png" and data[24] == 16) else 8
    picture = pictures.read(data, name=path.name)
    made = straightened(Work(picture), corners, ratio)
    made = lit(made, flatten, delight)
    made = cut(made, crop)
    made = shrunk(made, size)
    facts = facts or Facts()
    change = "re-encoded" if head.format == "png" else f"{head.format.upper()} to PNG"
    changes = "; ".join([*made.changes, f"{change}, {depth} bit"])
    changes = changes[0].upper() + changes[1:] + "."
    encoded = encode(made.picture, depth, facts, changes)
    report = Prepared(
        file=out,
        record=out.with_suffix(".toml"),
        size=(made.picture.shape[1], made.picture.shape[0]),
        depth=depth,
        box=made.box,
        changes=changes,
        sha256=hashlib.sha256(encoded).hexdigest(),
        width_cm=None if facts.width_cm is None else facts.width_cm * made.share,
        warnings=tuple(preparation.warnings_of(picture)),
        left=tuple(preparation.warnings_of(made.picture)),
        period=tuple(preparation.period(made.picture)),
        missing=tuple(name for name in ("title", "author", "licence", "source") if not getattr(facts, name)),
    )
    files.make_folder(out.parent)
    files.write_all({out: encoded, report.record: record_of(report, facts).encode()})
    return report


# ---- the steps -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """A picture on its way: what was done to it, its crop, and the share of the width that the crop left."""

    picture: np.ndarray
    changes: tuple[str, ...] = ()
    box: Box = field(default=Box(0, 0, 0, 0))
    share: float = 1.0

    def after(self, picture: np.ndarray, change: str) -> Work:
        return replace(self, picture=picture, changes=(*self.changes, change))


def straightened(work: Work, corners: Corners | None, ratio: float | None) -> Work:
    """Return the picture between the corners seen straight on."""
    if corners is None:
        return work
    try:
        picture = preparation.rectify(work.picture, corners, ratio)
    except ValueError as error:
        raise UsageError(str(error), hint="x and y of four corners, as shares of width and height") from None
    if 8 * min(picture.shape[:2]) < max(picture.shape[:2]):
        height, width = picture.shape[:2]
        raise UsageError(f"the rectangle would be {width}x{height}", hint="state its ratio of width to height")
    places = ", ".join(f"{x:g} {y:g}" for x, y in corners)
    height, width = picture.shape[:2]
    return work.after(picture, f"perspective made straight (corners {places}) to {width}x{height}")


def lit(work: Work, flatten: float, delight: float) -> Work:
    """Return the picture under even light."""
    if flatten > 0:
        low, high = np.percentile(illumination(work.picture), [1, 99])
        change = f"light evened by {100 * flatten:.0f} % of {high - low:.2f} stops"
        work = work.after(preparation.flatten_illumination(work.picture, amount=flatten), change)
    if delight > 0:
        picture = preparation.delight(work.picture, delight, 0.5 * delight)
        work = work.after(picture, f"shadows lifted by {100 * delight:.0f} %, lights lowered by {50 * delight:.0f} %")
    return work


def cut(work: Work, crop: Crop | None) -> Work:
    """Return a part of the picture."""
    height, width = work.picture.shape[:2]
    whole = Box(0, 0, width, height)
    box = whole if crop is None else preparation.best_crop(work.picture) if crop == "auto" else box_of(crop, whole)
    if box == whole:
        return replace(work, box=box)
    change = f"cropped to {box.width}x{box.height} (left {box.left}, top {box.top}) of {width}x{height}"
    found = work.after(preparation.cropped(work.picture, box), change)
    return replace(found, box=box, share=box.width / width)


def box_of(crop: Sequence[float], whole: Box) -> Box:
    """Return shares of a picture as pixels."""
    hint = "left, top, width, height as shares of the picture: 0.1,0.1,0.8,0.8"
    if isinstance(crop, str) or len(crop) != 4:
        raise UsageError(f"{crop!r} is no crop", hint=hint)
    left, top, wide, tall = (float(part) for part in crop)
    if not (0 <= left < 1 and 0 <= top < 1 and 0 < wide <= 1 - left + 1e-6 and 0 < tall <= 1 - top + 1e-6):
        raise UsageError(f"the crop {', '.join(f'{part:g}' for part in crop)} leaves the picture", hint=hint)
    x, y = min(round(left * whole.width), whole.width - 1), min(round(top * whole.height), whole.height - 1)
    right, bottom = round((left + wide) * whole.width), round((top + tall) * whole.height)
    return Box(x, y, max(1, min(right, whole.width) - x), max(1, min(bottom, whole.height) - y))


def shrunk(work: Work, size: int | None) -> Work:
    """Return the picture with its longer side at most `size` pixels, each the mean of what it covers."""
    height, width = work.picture.shape[:2]
    if size is None or max(height, width) <= size:
        return work
    if size < 1:
        raise UsageError(f"a picture of {size} pixels is none")
    scale = size / max(height, width)
    picture = averaged(work.picture, max(1, round(height * scale)), max(1, round(width * scale)))
    return work.after(picture, f"reduced to {picture.shape[1]}x{picture.shape[0]}")


# ---- files ---------------------------------------------------------------------------------------


def encode(picture: np.ndarray, depth: int, facts: Facts, changes: str) -> bytes:
    """Return a linear picture as an sRGB PNG file that says whose it is."""
    codes = np.empty(picture.shape, np.uint16 if depth == 16 else np.uint8)
    for channel in range(1 if picture.ndim == 2 else 3):
        quantise(picture, channel, codes, channel, srgb=True)
    texts = {"Title": facts.title, "Author": facts.author, "Copyright": facts.licence, "Source": facts.source}
    texts = {name: text for name, text in {**texts, "Comment": changes}.items() if text}
    return pictures.encode_png(codes, texts, colour=True, level=6)


def record_of(report: Prepared, facts: Facts) -> str:
    """Return an exemplar's entry for CREDITS.toml."""
    entries: dict[str, Any] = {
        "file": report.file.name,
        "title": facts.title or report.file.stem.replace("_", " ").capitalize(),
        "author": facts.author,
        "licence": facts.licence,
        "source": facts.source,
        "changes": report.changes,
        "sha256": report.sha256,
        "size_px": list(report.size),
    }
    if report.width_cm is not None:
        entries["width_cm"] = round(report.width_cm, 3)
    # What JSON writes for texts, numbers and lists of them is TOML too, but for the one sign that JSON leaves bare.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in entries.items()]
    return "\n".join(["[[exemplar]]", *lines]).replace("\x7f", "\\u007f") + "\n"
