"""What a value is at a pixel, and whether it is in range, in the artist's words and units. Needs no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gui.shown import are_coordinates, displayed, face, flow_gain, is_data, sample, size, stamp_grid
from materials.checks import pbr_findings
from materials.errors import UsageError
from materials.pictures import linear_to_srgb, srgb_to_linear
from materials.statistics import statistics
from nodes.arrays import Material, Origin, Regions, Stamps, Value, kind_of
from nodes.declare import Kind, spelled

Reading = tuple[str, str]
"""A name and its value, both as they are shown."""


@dataclass(frozen=True)
class Facts:
    """What is known of a picture beside its pixels.

    depth_cm : what height 1 rises above height 0 in the material, None where no depth is known.
    is_relief : whether a picture called height is the material's, and not of a scale of its own.
    beside : further values by name that lie pixel for pixel under the picture, to be read with it.
    """

    name: str = ""
    node_key: str = ""
    depth_cm: float | None = None
    beside: Mapping[str, Value] = field(default_factory=dict)
    is_relief: bool = True


def at(value: Value, y: int, x: int, facts: Facts = Facts()) -> list[Reading]:
    """Return what is to be said of a pixel, its place first, then itself, then what lies beside it."""
    depth = facts.depth_cm if facts.is_relief else None
    found = [("x, y", f"{x}, {y}"), *_of(value, y, x, facts.name, facts.node_key, depth)]
    height, width = size(value)
    for name, other in facts.beside.items():
        rows, columns = size(other)
        if rows * width == columns * height and other is not value:  # it may be known at another size
            found += _of(other, y * rows // height, x * columns // width, name, "", facts.depth_cm)[:1]
    return found


def linear(value: Value, y: int, x: int, facts: Facts = Facts()) -> tuple[float, float, float]:
    """Return the linear colour that is seen at a pixel: a picture's own where it is light, else of what is shown."""
    name = facts.name
    if isinstance(value, Material):
        name, value = face(value)
    if isinstance(value, np.ndarray) and kind_of(value) is Kind.COLOR and not is_data(name, facts.node_key):
        red, green, blue = (float(number) for number in value[y, x])
        return red, green, blue
    if isinstance(value, np.ndarray) and value.ndim == 2:
        gray = float(value[y, x])
        return gray, gray, gray
    codes = _pixel(value, y, x, facts).astype(np.float64) / 255
    red, green, blue = (float(part) for part in srgb_to_linear(codes))
    return red, green, blue


def hex_code(value: Value, y: int, x: int, facts: Facts = Facts()) -> str:
    """Return the sRGB code of a pixel as it is seen: #RRGGBB."""
    return "#{:02X}{:02X}{:02X}".format(*(int(code) for code in _pixel(value, y, x, facts)))


def _pixel(value: Value, y: int, x: int, facts: Facts) -> np.ndarray:
    if isinstance(value, Stamps):
        return displayed(value)[y, x]
    is_flow = isinstance(value, np.ndarray) and kind_of(value) is Kind.FLOW
    gain = flow_gain(value) if is_flow and isinstance(value, np.ndarray) else None
    return displayed(_cut(value, y, x), facts.name, facts.node_key, gain=gain)[0, 0]


def _cut(value: Value, y: int, x: int) -> Value:
    """Return one pixel of a value, seen as in the whole."""
    if isinstance(value, np.ndarray):
        return value[y : y + 1, x : x + 1]
    if isinstance(value, Regions):
        return value.with_labels(value.labels[y : y + 1, x : x + 1])
    if isinstance(value, Material):
        name, image = face(value)
        return Material({name: image[y : y + 1, x : x + 1]}, value.size_cm, value.depth_cm)
    if isinstance(value, Origin):
        cut = (plane[y : y + 1, x : x + 1] for plane in (value.source, value.y, value.x, value.weight))
        sizes = value.sizes or ((int(value.y.max()) + 1, int(value.x.max()) + 1),)
        return Origin(*cut, sizes=sizes)
    return value


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "−") if np.isfinite(value) else "no number"


def _numbers(pixel: np.ndarray) -> str:
    return " ".join(_number(float(part)) for part in pixel)


def _of(value: Value, y: int, x: int, name: str, node_key: str, depth_cm: float | None) -> list[Reading]:
    match value:
        case Regions():
            return _region(value, y, x)
        case Origin():
            return _origin(value, y, x)
        case Stamps():
            number = stamp_grid(value).at(y, x)
            return [("stamp", f"{number + 1} of {len(value.pictures)}" if number is not None else "none")]
        case Material():
            found: list[Reading] = []
            for map_name, image in value.maps.items():
                found += _of(image, y, x, map_name, "", value.depth_cm)
            return found
    return _picture(value, y, x, name, node_key, depth_cm)


def _picture(image: np.ndarray, y: int, x: int, name: str, node_key: str, depth_cm: float | None) -> list[Reading]:
    pixel, words = image[y, x], spelled(name)
    if image.ndim == 2:
        called = words if words not in ("", "out") else "value"
        if name == "height" and depth_cm is not None and np.isfinite(pixel):
            return [("height", f"{float(pixel) * depth_cm:.2f} cm".replace("-", "−"))]
        return [(called, _number(float(pixel)))]
    if image.shape[2] == 2:
        if are_coordinates(name, node_key):
            return [("u, v", _numbers(pixel))]
        across, down = float(pixel[0]), float(pixel[1])
        turn = float(np.degrees(np.arctan2(down, across))) % 360 if np.isfinite(across + down) else 0.0
        return [("shift", _numbers(pixel)), ("angle", f"{turn:.0f}°")]
    if is_data(name, node_key):
        return [("normal", _numbers(pixel * 2 - 1))]
    return [(words if words in ("emission",) else "linear", _numbers(pixel))]


def _region(regions: Regions, y: int, x: int) -> list[Reading]:
    label = int(regions.labels[y, x])
    if not 0 < label <= regions.count:
        return [("region", "none")]
    found = [("region", f"{label} of {regions.count}")]
    if "area" in regions.table:
        found.append(("area", f"{float(regions.table['area'][label - 1]):.2%}".replace("%", " %")))
    return found


def _origin(origin: Origin, y: int, x: int) -> list[Reading]:
    found = [("from x, y", f"{int(origin.x[y, x])}, {int(origin.y[y, x])}")]
    if len(origin.sizes) > 1 or int(origin.source[y, x]):
        found.append(("picture", str(int(origin.source[y, x]) + 1)))
    found.append(("weight", _number(float(origin.weight[y, x]))))
    return found


# ---- whether it is in range ----------------------------------------------------------------------


def verdict(value: Value, facts: Facts = Facts()) -> tuple[str, str]:
    """Return a line on a picture's range and its token: ok, warning, error, or text3 where nothing can be wrong.

    Measured on sampled pixels, which is quick and shares of pixels hardly see.
    """
    if isinstance(value, Regions):
        return f"{value.count} region{'' if value.count == 1 else 's'}", "text3"
    if isinstance(value, Material):
        maps = {name: part for name, image in value.maps.items() if (part := sample(image)) is not None}
        return _material(maps)
    some = sample(value)
    if some is None or not some.size:
        return "", "text3"
    if not np.isfinite(some).all():
        return "holds pixels that are no numbers", "error"
    if some.ndim == 3 and some.shape[2] == 3:
        if is_data(facts.name, facts.node_key):
            return _judged("normals of unit length", {"normal": some})
        if facts.name != "emission":
            metal = facts.beside.get("metallic") if facts.name == "base_color" else None
            metal = sample(metal) if isinstance(metal, np.ndarray) else None
            beside = {"metallic": metal} if metal is not None and metal.shape == some.shape[:2] else {}
            words, token = _material({"base_color": some, **beside})
            return words, "warning" if token == "error" else token  # it may be no material's colour in the end
        return f"{some.min():.2f}–{some.max():.2f}", "text3"
    return _tones(some)


def _material(maps: Mapping[str, np.ndarray]) -> tuple[str, str]:
    if "base_color" not in maps or not np.isfinite(maps["base_color"]).all():
        return _judged("in range", maps)
    return _judged(f"{_albedo(maps['base_color'])}, in range", maps)


def _albedo(colour: np.ndarray) -> str:
    """Return between which 8-bit sRGB codes the brightest channels lie, but for one pixel in a hundred at each end."""
    codes = linear_to_srgb(np.clip(colour.max(axis=2), 0, 1)) * 255
    low, high = np.percentile(codes, (1, 99))
    return f"albedo {low:.0f}–{high:.0f}"


def _judged(praise: str, maps: Mapping[str, np.ndarray]) -> tuple[str, str]:
    rank = {"error": 0, "warning": 1}
    found = sorted((f for f in pbr_findings(maps) if f.severity in rank), key=lambda f: rank[f.severity])
    if not found:
        return praise, "ok"
    worst = found[0]
    number = _share(worst.value) if worst.what.startswith("share") else f"{worst.value:.3g}"
    words = worst.what.removeprefix("share ").removeprefix("that ")
    called = "albedo" if worst.map == "base_color" else spelled(worst.map)
    return f"{called}: {number} {words}", worst.severity


def _share(value: float) -> str:
    """Return a share of pixels in words; one that is small is not nothing."""
    return "under 1\u2009%" if value < 0.01 else f"{value:.0%}".replace("%", "\u2009%")


def _tones(some: np.ndarray) -> tuple[str, str]:
    try:
        found = statistics("", some)
    except UsageError as error:
        return str(error).strip(), "error"
    low, high = min(one.minimum for one in found), max(one.maximum for one in found)
    words = f"{low:.2f}–{high:.2f}".replace("-", "−")
    warned = next((one.warnings[0] for one in found if one.warnings), "")
    if warned:
        return f"{words}, {warned.replace('%', ' %')}", "text3" if warned.startswith("constant") else "warning"
    vectors = some.ndim == 3
    return (f"{words}, in range", "ok") if not vectors and low >= 0 and high <= 1 else (words, "text3")
