"""Putting two pictures together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

import numpy as np

from nodes.declare import Band, Gray, Image, Range, Weights, node
from nodes.kernels import f32, kernel
from nodes.kernels.pointwise import covered, mix_in

Formula = Callable[[np.ndarray, np.ndarray, np.ndarray], object]
"""Writes what two arrays make into a third: `formula(base, top, out)`."""


def _screen(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    np.multiply(1 - a, 1 - b, out=out)
    np.subtract(1, out, out=out)


def _hard_light(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    np.copyto(out, np.where(b < 0.5, 2 * a * b, 1 - 2 * (1 - a) * (1 - b)))


def _soft_light(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Follow the W3C's Compositing and Blending Level 1."""
    root = np.sqrt(np.maximum(a, 0))
    lift = np.where(a <= 0.25, ((16 * a - 12) * a + 4) * a, root)
    np.copyto(out, np.where(b <= 0.5, a - (1 - 2 * b) * a * (1 - a), a + (2 * b - 1) * (lift - a)))


def _divide(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    out.fill(0)
    np.divide(a, b, out=out, where=np.abs(b) > 1e-6)


def _dodge(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    np.copyto(out, np.where(a <= 0, 0, np.minimum(1, a / np.maximum(1 - b, f32(1e-6)))))


def _burn(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    np.copyto(out, np.where(a >= 1, 1, 1 - np.minimum(1, (1 - a) / np.maximum(b, f32(1e-6)))))


def _difference(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    np.subtract(a, b, out=out)
    np.abs(out, out=out)


MODES: dict[str, Formula] = {
    "normal": lambda a, b, out: np.copyto(out, b),
    "multiply": lambda a, b, out: np.multiply(a, b, out=out),
    "add": lambda a, b, out: np.add(a, b, out=out),
    "subtract": lambda a, b, out: np.subtract(a, b, out=out),
    "screen": _screen,
    "overlay": lambda a, b, out: _hard_light(b, a, out),
    "soft_light": _soft_light,
    "hard_light": _hard_light,
    "darken": lambda a, b, out: np.minimum(a, b, out=out),
    "lighten": lambda a, b, out: np.maximum(a, b, out=out),
    "difference": _difference,
    "divide": _divide,
    "color_dodge": _dodge,
    "color_burn": _burn,
}

Mode = Literal[
    "normal", "multiply", "add", "subtract", "screen", "overlay", "soft_light", "hard_light", "darken", "lighten",
    "difference", "divide", "color_dodge", "color_burn",
]  # fmt: skip


def wins(over: np.ndarray) -> np.ndarray:
    """Return the share of channels in which a comparison holds."""
    return over.astype(np.float32) if over.ndim == 2 else over.mean(axis=2, dtype=np.float32)


def _blend_weights(a: np.ndarray, b: np.ndarray, mask: np.ndarray | None, mode: Mode, opacity: float) -> Weights:
    """The lighter and the darker win, a normal blend shows `b`; what the other modes make is half of each."""
    part: float | np.ndarray = {"normal": 1.0}.get(mode, 0.5)
    if mode in ("darken", "lighten"):
        part = wins(b < a if mode == "darken" else b > a)
    shown, inside = covered(mask, opacity)
    return Weights({"a": 1 - shown * part, "b": shown * part}, inside and mode in ("normal", "darken", "lighten"))


def unseen(opacity: float) -> tuple[str, ...]:
    """Return what does not show in a blend of no opacity."""
    return ("b", "mask") if opacity == 0 else ()


@node(carries="mix", weights=_blend_weights, idle=unseen)
def blend(
    band: Band,
    a: Image,
    b: Image,
    mask: Gray | None = None,
    mode: Mode = "normal",
    opacity: Annotated[float, Range(0.0, 1.0)] = 1.0,
) -> Image:
    """Lay picture `b` over picture `a`.

    Nothing is clipped: what lies outside 0 to 1 stays so. Dividing by zero gives 0. Linear values are
    blended, so that light adds as light does.

    Parameters
    ----------
    mask : 0 shows `a` alone, 1 the blend
    mode : how the two make one colour
    opacity : 0 shows `a` alone, 1 the blend
    """
    out = band.like(a)
    MODES[mode](a, b, out)
    return mix_in(a, out, mask, opacity)


def _smooth_minimum(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    """Return the polynomial smooth minimum (Inigo Quilez): `width` is where the two differ and still melt."""
    if f32(width) <= f32(1e-30):
        return np.minimum(a, b)
    h = np.maximum(f32(width) - np.abs(a - b), 0) / f32(width)
    return np.minimum(a, b) - h * h * f32(width / 4)


def _power(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.minimum(np.power(np.maximum(a, f32(1e-12)), b), f32(1e30)) * (a > 0)


def _quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros_like(a), where=np.abs(b) > 1e-12)


def _modulo(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a - np.floor(_quotient(a, b)) * b


Operation = Literal[
    "add", "subtract", "multiply", "divide", "power", "modulo", "minimum", "maximum", "smooth_minimum",
    "smooth_maximum", "difference", "step", "atan2", "absolute", "negate", "floor", "fract", "square_root", "sine",
    "cosine",
]  # fmt: skip

TWO: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": _quotient,
    "power": _power,
    "modulo": _modulo,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "difference": lambda a, b: np.abs(a - b),
    "step": lambda a, b: (a >= b).astype(np.float32),
    "atan2": lambda a, b: np.arctan2(a, b) * f32(0.5 / np.pi) + f32(0.5),
}

ONE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "absolute": np.abs,
    "negate": np.negative,
    "floor": np.floor,
    "fract": lambda a: a - np.floor(a),
    "square_root": lambda a: np.sqrt(np.maximum(a, 0)),
    "sine": lambda a: np.sin(a * f32(2 * np.pi)) * f32(0.5) + f32(0.5),
    "cosine": lambda a: np.cos(a * f32(2 * np.pi)) * f32(0.5) + f32(0.5),
}


def _math_weights(a: np.ndarray, b: np.ndarray | None, operation: Operation) -> Weights:
    """The lower and the higher win; other calculations with two pictures are half of each."""
    if b is None or operation in ONE:
        return Weights({"a": 1.0}, exact=operation not in ("minimum", "maximum"))
    if operation in ("minimum", "smooth_minimum", "maximum", "smooth_maximum"):
        part = wins(b < a if operation.endswith("minimum") else b > a)
        return Weights({"a": 1 - part, "b": part}, exact=not operation.startswith("smooth"))
    return Weights({"a": 0.5, "b": 0.5}, exact=False)


@node(carries="mix", weights=_math_weights)
def math(
    a: Gray,
    b: Gray | None = None,
    operation: Operation = "add",
    value: Annotated[float, Range(-1000.0, 1000.0)] = 0.5,
    smoothness: Annotated[float, Range(0.0, 1.0)] = 0.1,
) -> Gray:
    """Calculate with one or two pictures; the result is always finite.

    Dividing by zero gives 0, powers and roots of negative numbers give 0. Sine, cosine and atan2 count in turns and
    give 0 to 1: sine of 0.25 is 1, sine of 0 is 0.5.

    Parameters
    ----------
    value : stands for `b` where nothing is connected to it
    smoothness : for smooth minimum and maximum, the difference up to which the two melt into each other
    """
    if operation in ONE:
        return ONE[operation](a)
    other = np.full_like(a, value) if b is None else b
    if operation == "smooth_minimum":
        return _smooth_minimum(a, other, smoothness)
    if operation == "smooth_maximum":
        return -_smooth_minimum(-a, -other, smoothness)
    return TWO[operation](a, other)


class HeightBlend(NamedTuple):
    height: Gray
    weight: Gray


@kernel
def _height_blend(top, bottom, mask, offset, epsilon, opacity, keep, height, weight):
    for i in range(top.size):
        share = offset * (mask[i] if mask.size else f32(1))
        d = top[i] - bottom[i] - (f32(1) + epsilon) + f32(2) * (f32(1) + epsilon) * share
        t = min(max((d + epsilon) / (f32(2) * epsilon), f32(0)), f32(1))
        w = t * t * (f32(3) - f32(2) * t) * opacity
        mixed = bottom[i] + (top[i] - bottom[i]) * w
        height[i] = max(bottom[i], mixed) if keep else mixed
        weight[i] = w


def _height_weights(
    band: Band,
    top: np.ndarray,
    bottom: np.ndarray,
    mask: np.ndarray | None,
    offset: float,
    contrast: float,
    opacity: float,
    mode: str,
) -> Weights:
    height, weight = height_blend(band, top, bottom, mask, offset, contrast, opacity, mode)
    if mode == "bottom":
        weight = np.where(height > bottom, weight, f32(0))
    shown, inside = covered(weight, 1.0)
    return Weights({"top": shown, "bottom": 1 - shown}, inside)


@node(carries="pick", weights=_height_weights)
def height_blend(
    band: Band,
    top: Gray,
    bottom: Gray,
    mask: Gray | None = None,
    offset: Annotated[float, Range(0.0, 1.0)] = 0.5,
    contrast: Annotated[float, Range(0.0, 1.0)] = 0.8,
    opacity: Annotated[float, Range(0.0, 1.0)] = 1.0,
    mode: Literal["balanced", "bottom"] = "balanced",
) -> HeightBlend:
    """Let one height rise through another: sand between stones, snow on bricks.

    Whichever is higher shows. `weight` says where `top` does; use it to blend colour, roughness and the
    rest, and make the normal from the blended height.

    Parameters
    ----------
    mask : 0 keeps `bottom` alone there
    offset : 0 only `bottom`, 1 only `top`, whatever the heights
    contrast : 0 a wide soft border, 1 a hard one
    mode : bottom never lets the result sink below `bottom`
    """
    epsilon = 0.5 + (0.004 - 0.5) * contrast
    height, weight = band.empty("height"), band.empty("weight")
    none = np.empty(0, np.float32)
    _height_blend(
        top.reshape(-1),
        bottom.reshape(-1),
        none if mask is None else mask.reshape(-1),
        f32(offset),
        f32(epsilon),
        f32(opacity),
        mode == "bottom",
        height.reshape(-1),
        weight.reshape(-1),
    )
    return HeightBlend(height, weight)
