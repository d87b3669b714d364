"""Formulas: arithmetic of one's own, pixel by pixel."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from nodes.declare import Band, Gray, Range, Weights, node
from nodes.kernels.program import run_program
from nodes.language import PICTURES, Program
from nodes.parameters import Formula

Plane = np.ndarray | None
Number = Annotated[float, Range(-1000.0, 1000.0)]


def _formula_weights(
    formula: Program,
    a: Plane = None,
    b: Plane = None,
    c: Plane = None,
    d: Plane = None,
    e: Plane = None,
    f: Plane = None,
    g: Plane = None,
    h: Plane = None,
) -> Weights:
    """Return the same part for each connected picture that the formula names."""
    pictures = {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f, "g": g, "h": h}
    fed = [name for name in sorted(formula.pictures) if pictures[name] is not None]
    return Weights(dict.fromkeys(fed, 1 / max(1, len(fed))), exact=False)


def _unnamed(formula: Program) -> set[str]:
    return set(PICTURES) - formula.pictures


@node(carries="mix", neutral=0.0, weights=_formula_weights, idle=_unnamed)
def expression(
    band: Band,
    a: Gray | None = None,
    b: Gray | None = None,
    c: Gray | None = None,
    d: Gray | None = None,
    e: Gray | None = None,
    f: Gray | None = None,
    g: Gray | None = None,
    h: Gray | None = None,
    formula: Annotated[Program, Formula()] = "smoothstep(0.35, 0.65, a)",  # type: ignore[assignment]  # as in files
    p: Number = 0.0,
    q: Number = 0.0,
    r: Number = 0.0,
    s: Number = 0.0,
) -> Gray:
    """What a formula makes of up to eight pictures, pixel by pixel; the result is always finite.

    There are `+ - * / % **`, comparisons (1 true, 0 not), `and or not`, `x if test else y`, and the functions `abs
    sign floor ceil round fract sqrt exp log sin cos tan pow mod atan2 hypot min max clamp(x, low, high) step(edge, x)
    smoothstep(low, high, x) mix(a, b, t) smin(a, b, width) smax(a, b, width)`. A smoothstep whose low is above its high
    falls. Angles are in radians. Lines `name = expression` before the last give names; the last line is the result.

    Dividing by 0 gives 0, so do the logarithm and the root of what is not above 0 and a negative number to a power
    that is not whole; nothing grows beyond 1e30. All numbers are float32. No formula is ever run as Python.

    Parameters
    ----------
    formula : of the pictures a to h (0 where not connected), the numbers p, q, r, s, the place u, v (0 to 1) and pi
    p, q, r, s : numbers for the formula, to be turned or exposed
    """
    pictures = {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f, "g": g, "h": h}
    return run_program(formula, pictures, (p, q, r, s), band.top, band.height, band.width, band.empty())
