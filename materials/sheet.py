"""A contact sheet: one picture of all that a material is, to be judged at a glance or pinned to a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from materials import shade as shading
from materials.errors import UsageError
from materials.maps import Maps
from materials.texels import checked
from nodes import opencv
from nodes.arrays import MAPS, kind_of
from nodes.declare import Kind

WIDTHS = (480, 8192)
MOST_MAPS = 24
LONGEST = 72
"""Letters of a title or a name that are drawn; the rest of a longer one is left out."""

PAPER, INK, QUIET, FRAME = (24, 25, 27), (236, 236, 234), (150, 152, 156), (44, 45, 48)


@dataclass(frozen=True)
class _Layout:
    """Pixels of everything, from the sheet's width."""

    width: int
    count: int

    @property
    def unit(self) -> float:
        return self.width / 1600

    @property
    def margin(self) -> int:
        return round(56 * self.unit)

    @property
    def gap(self) -> int:
        return round(20 * self.unit)

    @property
    def head(self) -> int:
        return round(150 * self.unit)

    @property
    def label(self) -> int:
        return round(58 * self.unit)

    @property
    def big(self) -> int:
        return (self.width - 2 * self.margin - self.gap) // 2

    @property
    def columns(self) -> int:
        """As many maps in a row as make full rows of squares that are neither tiny nor few."""
        if self.count <= 6:
            return max(4, self.count)
        return min((4, 5, 6), key=lambda columns: (-self.count % columns, -columns))

    @property
    def small(self) -> int:
        return (self.width - 2 * self.margin - (self.columns - 1) * self.gap) // self.columns

    def left(self, column: int) -> int:
        """Return where a map's square begins: the last one ends where the big pictures end."""
        spare = 2 * self.big + self.gap - self.small
        return self.margin + round(column * spare / max(1, self.columns - 1))

    @property
    def row(self) -> int:
        return self.small + self.label + self.gap

    @property
    def height(self) -> int:
        rows = -(-self.count // self.columns)
        return self.head + self.big + round(1.6 * self.gap) + rows * self.row - self.gap + self.margin // 2


def contact_sheet(
    maps: Mapping[str, np.ndarray],
    *,
    width: int = 1600,
    environment: str = "studio",
    threads: int | None = None,
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Return a sheet with the lit sphere, the lit plane and every map with its name and range; uint8 sRGB (h, w, 3).

    Parameters
    ----------
    maps : as a render returns them; their title, author and licence head the sheet.
    check : called now and then; what it raises ends the work.

    Raises
    ------
    UsageError
        If the width or a map is not what it should be.
    """
    if not WIDTHS[0] <= width <= WIDTHS[1]:
        raise UsageError(f"a sheet {width} pixels wide cannot be made", hint=f"{WIDTHS[0]} to {WIDTHS[1]}")
    checked(maps)
    shown = [name for name in [*MAPS, *maps] if name in maps and kind_of(maps[name]) in (Kind.GRAY, Kind.COLOR)]
    shown = list(dict.fromkeys(shown))[:MOST_MAPS]
    if lost := [name for name in shown if not np.isfinite(maps[name]).all()]:
        raise UsageError(f"map {lost[0]} holds NaN or infinity")
    layout = _Layout(width, len(shown))
    sheet = np.empty((layout.height, width, 3), np.uint8)
    sheet[:] = PAPER
    _head(sheet, layout, maps)
    for number, shape in enumerate(("sphere", "plane")):
        left = layout.margin + number * (layout.big + layout.gap)
        picture = shading.preview(maps, shape, layout.big, environment=environment, threads=threads, check=check)
        _place(sheet, picture, layout.head, left)
    top = layout.head + layout.big + round(1.6 * layout.gap)
    for number, name in enumerate(shown):
        row, column = divmod(number, layout.columns)
        y, x = top + row * layout.row, layout.left(column)
        _place(sheet, thumbnail(name, maps[name], layout.small), y, x)
        _label(sheet, layout, y + layout.small, x, name, maps[name])
    return sheet


def thumbnail(name: str, image: np.ndarray, side: int) -> np.ndarray:
    """Return a square of a map as it is seen in its file, uint8; what is not square is cut, not squeezed."""
    short = min(image.shape[:2])
    image = np.ascontiguousarray(image[:short, :short], np.float32)
    cv2 = opencv.cv2
    smaller = side <= short
    image = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=2)
    if name in ("base_color", "emission"):
        return shading.encoded(image)
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def _place(sheet: np.ndarray, picture: np.ndarray, top: int, left: int) -> None:
    """Put a picture onto the sheet with a hairline round it, so that a dark map has an edge."""
    height, width = picture.shape[:2]
    sheet[top - 1 : top + height + 1, left - 1 : left + width + 1] = FRAME
    sheet[top : top + height, left : left + width] = picture


def _head(sheet: np.ndarray, layout: _Layout, maps: Mapping[str, np.ndarray]) -> None:
    unit, margin = layout.unit, layout.margin
    known = maps if isinstance(maps, Maps) else None
    title = (known.title or known.name) if known else "Material"
    facts = [_size(known)] if known else []
    owner = [part for part in (known.author, known.licence) if part] if known else []
    write(sheet, title, margin, round(74 * unit), 40 * unit, INK, 500)
    write(sheet, "   ".join(facts), margin, round(114 * unit), 19 * unit, QUIET)
    if owner:
        text = ", ".join(owner)
        left = layout.width - margin - extent(text, 19 * unit)
        write(sheet, text, max(left, layout.width // 2), round(114 * unit), 19 * unit, QUIET)


def _size(maps: Maps) -> str:
    tall = maps.size_cm * maps.height / maps.width
    return f"{maps.width} × {maps.height} pixels,  {maps.size_cm:g} × {tall:g} cm,  {maps.depth_cm:g} cm deep"


def _label(sheet: np.ndarray, layout: _Layout, top: int, left: int, name: str, image: np.ndarray) -> None:
    unit = layout.unit
    scale = unit * min(1.0, layout.small / (250 * unit))
    write(sheet, name.replace("_", " ").capitalize(), left, top + round(27 * scale), 18 * scale, INK)
    low, high = float(image.min()), float(image.max())
    text = f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} – {high:.2f}"
    write(sheet, text, left, top + round(49 * scale), 15 * scale, QUIET)


# ---- letters -------------------------------------------------------------------------------------


def write(
    sheet: np.ndarray,
    text: str,
    left: int,
    baseline: int,
    size: float,
    colour: tuple[int, int, int],
    weight: int = 400,
) -> None:
    """Draw a line of text, its letters `size` pixels high; OpenCV before 5 has drawn letters of lines only."""
    cv2 = opencv.cv2
    text = _drawable(text)
    if hasattr(cv2, "FontFace"):
        cv2.putText(sheet, text, (left, baseline), colour, cv2.FontFace("sans"), max(6, round(size)), weight)
        return
    plain = text.replace("×", "x").replace("–", "-").encode("ascii", "replace").decode()
    scale, thick = size / 34, 2 if weight > 400 else 1
    cv2.putText(sheet, plain, (left, baseline), cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thick, cv2.LINE_AA)


def extent(text: str, size: float) -> int:
    """Return how many pixels wide a line of text is."""
    cv2 = opencv.cv2
    text = _drawable(text)
    if hasattr(cv2, "FontFace"):
        return int(cv2.getTextSize((8192, 256), text, (0, 0), cv2.FontFace("sans"), max(6, round(size)), 400)[2])
    return int(cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size / 34, 1)[0][0])


def _drawable(text: str) -> str:
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
