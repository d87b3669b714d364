"""Whether a material is sound: physical ranges, seams, repetition, and what its document asks of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from materials.pictures import linear_to_srgb
from nodes.arrays import SMOOTHEST

REPETITION_SIZE = 256


@dataclass(frozen=True)
class Finding:
    """One thing found: how bad, in which map, what, where (row, column), the value and its limit."""

    severity: str
    map: str
    what: str
    value: float
    limit: str = ""
    where: tuple[int, int] | None = None

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        place = f" at row {self.where[0]}, column {self.where[1]}" if self.where else ""
        limit = f" (limit {self.limit})" if self.limit else ""
        return f"{self.severity:<7} {self.map}: {self.what} {self.value:.4g}{limit}{place}"


def all_findings(maps: Mapping[str, np.ndarray], checks: Iterable[str] = ()) -> list[Finding]:
    """Return the findings on a material's maps and on its document's own checks, the worst first."""
    found = [*pbr_findings(maps), *seam_findings(maps), *repetition_findings(maps)]
    found += [document_finding(check, maps) for check in checks]
    rank = {"error": 0, "warning": 1, "note": 2, "ok": 3}
    return sorted(found, key=lambda finding: rank[finding.severity])


# ---- physical ranges ---------------------------------------------------------------------------------


def pbr_findings(maps: Mapping[str, np.ndarray]) -> list[Finding]:
    """Return where maps leave what real surfaces can be.

    Albedo of non-metals lies within 30 to 240 in 8-bit sRGB, metal is 0 or 1 but for thin edges, normals
    are of unit length and face outwards, nothing leaves 0 to 1.
    """
    found: list[Finding] = []
    for name, image in maps.items():
        if not np.isfinite(image).all():
            found.append(Finding("error", name, "pixels that are no numbers", float((~np.isfinite(image)).mean()), "0"))
        elif name != "emission" and ((image < -1e-4) | (image > 1 + 1e-4)).any():
            found.append(_outside(name, image))
    if "base_color" in maps:
        found += _albedo(maps["base_color"], maps.get("metallic"))
    if "normal" in maps:
        found += _normals(maps["normal"])
    if "metallic" in maps:
        between = float(((maps["metallic"] > 0.1) & (maps["metallic"] < 0.9)).mean())
        if between > 0.2:
            found.append(Finding("warning", "metallic", "share that is neither metal nor not", between, "0.2"))
    if "roughness" in maps:
        found += _roughness(maps["roughness"])
    if "height" in maps:
        found += _height(maps["height"])
    return found


def _outside(name: str, image: np.ndarray) -> Finding:
    outside = (image < -1e-4) | (image > 1 + 1e-4)
    what = "share outside 0 to 1, which export clips"
    return Finding("warning", name, what, float(outside.mean()), "0", _first(outside))


def _first(chosen: np.ndarray) -> tuple[int, int]:
    flat = chosen.any(axis=2) if chosen.ndim == 3 else chosen
    row, column = np.unravel_index(int(np.argmax(flat)), flat.shape)
    return int(row), int(column)


def _albedo(colour: np.ndarray, metallic: np.ndarray | None) -> list[Finding]:
    brightness, dielectric = _brightness(colour), _dielectric(colour, metallic)
    found = []
    for what, outside in (("darker than 30 sRGB", brightness < 30), ("brighter than 240 sRGB", brightness > 240)):
        outside = outside & dielectric
        share = float(outside.mean())
        if share > 0.001:
            severity = "warning" if share < 0.05 else "error"
            found.append(Finding(severity, "base_color", f"share {what}", share, "0.05", _first(outside)))
    return found


def _brightness(colour: np.ndarray) -> np.ndarray:
    """Return the brightest channel of each pixel as an 8-bit sRGB code."""
    return linear_to_srgb(np.clip(colour, 0, 1)).max(axis=2) * 255


def _dielectric(colour: np.ndarray, metallic: np.ndarray | None) -> np.ndarray:
    """Return where a surface is no metal; the base colour of metals is not an albedo."""
    return np.ones(colour.shape[:2], bool) if metallic is None else metallic < 0.5


def _normals(image: np.ndarray) -> list[Finding]:
    vectors = image * 2 - 1
    off = np.abs(np.sqrt((vectors**2).sum(axis=2)) - 1)
    found = []
    if float(off.max()) > 1e-2:
        found.append(Finding("error", "normal", "length is off by", float(off.max()), "0.01", _first(off > 1e-2)))
    inwards = vectors[..., 2] < 0
    if inwards.any():
        share = float(inwards.mean())
        found.append(Finding("error", "normal", "share that faces inwards", share, "0", _first(inwards)))
    return found


def _roughness(image: np.ndarray) -> list[Finding]:
    smooth = image < SMOOTHEST
    share = float(smooth.mean())
    what = "share smoother than any mirror"
    return [Finding("note", "roughness", what, share, "0.01", _first(smooth))] if share > 0.01 else []


def _height(image: np.ndarray) -> list[Finding]:
    ends = (image <= 0) | (image >= 1)
    share = float(ends.mean())
    what = "share at 0 or 1, perhaps clipped"
    return [Finding("note", "height", what, share, "0.05", _first(ends))] if share > 0.05 else []


# ---- seams and repetition ------------------------------------------------------------------------------


def seam(image: np.ndarray) -> tuple[float, tuple[int, int]]:
    """Return how visible the border is when the picture is tiled, and where it is worst.

    The score is the mean step across the border over the largest mean step between any two neighbouring rows or
    columns inside; up to 1 nothing sets the border apart. The place is the largest step on the worse border.
    """
    best, place = 0.0, (0, 0)
    for axis in (0, 1):
        if image.shape[axis] < 3:
            continue
        steps = np.abs(np.diff(image, axis=axis, append=np.take(image, [0], axis=axis)))
        steps = steps.reshape(*steps.shape[:2], -1).max(axis=2)
        means = steps.mean(axis=1 - axis)
        border, inside = float(means[-1]), float(means[:-1].max())
        score = border / max(inside, 1e-6) if border > 1e-6 else 0.0
        if score > best:
            worst = int(np.argmax(np.take(steps, -1, axis=axis)))
            best, place = score, ((image.shape[0] - 1, worst) if axis == 0 else (worst, image.shape[1] - 1))
    return best, place


def seam_findings(maps: Mapping[str, np.ndarray]) -> list[Finding]:
    """Return the maps whose border shows when tiled."""
    found = []
    for name, image in maps.items():
        score, place = seam(image)
        if score > 1.05:
            found.append(Finding("error" if score > 1.5 else "warning", name, "seam", score, "1", place))
    return found


def repetition(image: np.ndarray) -> tuple[float, tuple[int, int]]:
    """Return how strongly a picture repeats inside its tile, 0 to 1, and the shift (rows, columns) it repeats by.

    The highest peak of the circular autocorrelation away from zero, with shifts nearer than an eighth of
    the tile left out; 1 is an exact copy. Measured at 256 pixels.
    """
    gray = image if image.ndim == 2 else image @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    step = [max(1, side // REPETITION_SIZE) for side in gray.shape]
    height, width = gray.shape[0] // step[0], gray.shape[1] // step[1]
    small = gray[: height * step[0], : width * step[1]].reshape(height, step[0], width, step[1]).mean(axis=(1, 3))
    small = small - small.mean()
    power = float((small**2).sum())
    if power < 1e-9 or min(height, width) < 8:
        return 0.0, (0, 0)
    spectrum = np.fft.rfft2(small)
    correlation = np.fft.irfft2(np.abs(spectrum) ** 2, s=small.shape) / power
    rows = np.minimum(np.arange(height), height - np.arange(height))[:, None] / height
    columns = np.minimum(np.arange(width), width - np.arange(width))[None] / width
    correlation[rows**2 + columns**2 < (1 / 8) ** 2] = -1
    at = np.unravel_index(int(np.argmax(correlation)), correlation.shape)
    return float(max(0.0, correlation[at])), (int(at[0]) * step[0], int(at[1]) * step[1])


def repetition_findings(maps: Mapping[str, np.ndarray]) -> list[Finding]:
    """Return a note on each map that all but copies itself inside its tile."""
    found = []
    for name in ("base_color", "height"):
        if name in maps:
            score, shift = repetition(maps[name])
            if score > 0.9:
                found.append(Finding("note", name, f"repeats after {shift[0]} rows, {shift[1]} columns:", score, "0.9"))
    return found


# ---- what a document asks ----------------------------------------------------------------------------


_ALBEDO = re.compile(r"albedo\s+(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*sRGB", re.IGNORECASE)
_METER = re.compile(r"(?:(\w+)\s+)?(seam|repetition|mean|minimum|maximum|spread)\s*(<|>)\s*(-?\d+(?:\.\d+)?)")


def document_finding(check: str, maps: Mapping[str, np.ndarray]) -> Finding:
    """Return how a document's check came out.

    Checks are `albedo 30-240 sRGB` (at most 1 % of the pixels outside) or `[MAP] METER < NUMBER` with seam,
    repetition, mean, minimum, maximum or spread (the standard deviation), `<` or `>`. Without a map all are meant.
    """
    if albedo := _ALBEDO.fullmatch(check.strip()):
        return _albedo_check(check, float(albedo[1]), float(albedo[2]), maps)
    found = _METER.fullmatch(check.strip())
    if not found or (found[1] and found[1] not in maps):
        return Finding("error", found[1] if found else "document", f"the check {check!r} cannot be made", 0.0)
    name, meter, sign, limit = found[1], found[2], found[3], float(found[4])
    scores = {key: _measure(meter, image) for key, image in maps.items() if name in (None, key)}
    if not scores:
        return Finding("error", "document", f"the check {check!r} cannot be made: there are no maps", 0.0)
    worst = (max if sign == "<" else min)(scores, key=lambda key: scores[key])
    good = scores[worst] < limit if sign == "<" else scores[worst] > limit
    return Finding("ok" if good else "error", worst, meter, scores[worst], f"{sign} {limit:g}")


def _albedo_check(check: str, low: float, high: float, maps: Mapping[str, np.ndarray]) -> Finding:
    if "base_color" not in maps:
        return Finding("error", "base_color", f"the check {check!r} cannot be made", 0.0)
    colour = maps["base_color"]
    brightness = _brightness(colour)
    outside = ((brightness < low) | (brightness > high)) & _dielectric(colour, maps.get("metallic"))
    share = float(outside.mean())
    what, place = f"share outside {low:g} to {high:g} sRGB", _first(outside) if share else None
    return Finding("ok" if share <= 0.01 else "error", "base_color", what, share, "0.01", place)


def _measure(meter: str, image: np.ndarray) -> float:
    match meter:
        case "seam":
            return seam(image)[0]
        case "repetition":
            return repetition(image)[0]
        case "spread":
            return float(image.std())
        case "mean":
            return float(image.mean())
        case "minimum":
            return float(image.min())
        case _:
            return float(image.max())
