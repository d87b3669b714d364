"""Elementary functions of float32 numbers that vectorise and are always finite.

numba's own come from the system's library: one call a number, and other bits on another system. The errors stated
are the largest measured, relative to the result where nothing else is said.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nodes.kernels.compile import f32, inline, intrinsic

LIMIT = f32(1e30)
"""What is larger counts as this: squares of what is in use stay far below, and nothing is ever infinite."""

BELOW_ONE = f32(0.99999994)


@intrinsic
def power_of_two(numba: Any, types: Any, ir: Any) -> Any:
    """Return 2 to the power of a float32 that is a whole number from -126 to 127."""

    @numba.extending.intrinsic
    def power_of_two(typing_context, exponent):  # numba's calling convention
        def generate(context, b, signature, arguments):
            word = ir.IntType(32)
            whole = b.add(b.fptosi(arguments[0], word), ir.Constant(word, 127))
            return b.bitcast(b.shl(whole, ir.Constant(word, 23)), ir.FloatType())

        return types.float32(types.float32), generate

    return power_of_two


# The bits of sqrt(1/2): a number is split so that its mantissa lies between that and sqrt(2).
ROOT_OF_HALF, ONE = 0x3F3504F3, 0x3F800000


@intrinsic
def exponent_of(numba: Any, types: Any, ir: Any) -> Any:
    """Return k of x = 2**k * m with m from sqrt(1/2) to sqrt(2), for a normal float32 above 0."""

    @numba.extending.intrinsic
    def exponent_of(typing_context, x):
        def generate(context, b, signature, arguments):
            word = ir.IntType(32)
            bits = b.add(b.bitcast(arguments[0], word), ir.Constant(word, ONE - ROOT_OF_HALF))
            whole = b.sub(b.ashr(bits, ir.Constant(word, 23)), ir.Constant(word, 127))
            return b.sitofp(whole, ir.FloatType())

        return types.float32(types.float32), generate

    return exponent_of


@intrinsic
def mantissa_of(numba: Any, types: Any, ir: Any) -> Any:
    """Return m of x = 2**k * m with m from sqrt(1/2) to sqrt(2), for a normal float32 above 0."""

    @numba.extending.intrinsic
    def mantissa_of(typing_context, x):
        def generate(context, b, signature, arguments):
            word = ir.IntType(32)
            bits = b.add(b.bitcast(arguments[0], word), ir.Constant(word, ONE - ROOT_OF_HALF))
            bits = b.add(b.and_(bits, ir.Constant(word, 0x7FFFFF)), ir.Constant(word, ROOT_OF_HALF))
            return b.bitcast(bits, ir.FloatType())

        return types.float32(types.float32), generate

    return mantissa_of


@inline
def bounded(x):
    """Return x, or the limit where it is beyond."""
    return min(max(x, -LIMIT), LIMIT)


@inline
def divide(a, b):
    """Return a / b; 0 where b is 0."""
    quotient = min(max(a / b, -LIMIT), LIMIT)
    return quotient if b != f32(0) else f32(0)


@inline
def modulo(a, b):
    """Return what is left of a after whole b, of the sign of b; 0 where b is 0 or the quotient has no fraction."""
    quotient = a / b
    rest = a - np.floor(quotient) * b
    return rest if abs(quotient) < f32(8388608) else f32(0)


@inline
def fraction(x):
    """Return what is left of x above its floor, always below 1."""
    return min(x - np.floor(x), BELOW_ONE)


@inline
def nearest(x):
    """Return the nearest whole number, the upper one of two."""
    low = np.floor(x)
    return low + (f32(1) if x - low >= f32(0.5) else f32(0))


@inline
def exponential(x):
    """Return e to the x, to 2e-7; 0 below -87."""
    t = min(max(x, f32(-87)), f32(70))
    whole = np.floor(t * f32(1.4426950408889634) + f32(0.5))
    r = (t - whole * f32(0.693359375)) - whole * f32(-2.12194440e-4)
    series = f32(0.49999993) + r * (
        f32(0.1666652) + r * (f32(0.04166839) + r * (f32(0.00836874) + r * f32(0.00138146)))
    )
    value = min((f32(1) + r + r * r * series) * power_of_two(whole), LIMIT)
    return value if x >= f32(-87) else f32(0)


@inline
def logarithm(x):
    """Return the natural logarithm, to 1e-7 of it; 0 for what is not above 0. The series is that of FreeBSD's logf."""
    t = max(x, f32(1.1754944e-38))
    whole, f = exponent_of(t), mantissa_of(t) - f32(1)
    s = f / (f32(2) + f)
    z = s * s
    series = z * (f32(0.66666662693) + z * (f32(0.40000972152) + z * (f32(0.28498786688) + z * f32(0.24279078841))))
    half = f32(0.5) * f * f
    value = whole * f32(6.9313812256e-01) - ((half - (s * (half + series) + whole * f32(9.0580006145e-06))) - f)
    return value if x > f32(0) else f32(0)


@inline
def power(a, b):
    """Return a to the b, to 1e-6 between 1e-6 and 1e6 and 1e-5 elsewhere.

    To the 0 is 1. 0 gives 0, and a negative number 0 unless b is whole.
    """
    size = exponential(logarithm(abs(a)) * b)
    half = b * f32(0.5)
    odd = half != np.floor(half)
    value = -size if (a < f32(0) and odd) else size
    value = value if (a > f32(0) or (a < f32(0) and b == np.floor(b))) else f32(0)
    return value if b != f32(0) else f32(1)


@inline
def _sine_series(r):
    """Return the sine of an angle between -pi/2 and pi/2, to 3e-8."""
    z = r * r
    return r + r * z * (
        f32(-1.66666604e-01) + z * (f32(8.33308744e-03) + z * (f32(-1.98110535e-04) + z * f32(2.60878966e-06)))
    )


@inline
def _folded(x, turns):
    """Return x - turns * pi between -pi/2 and pi/2: pi in three parts, the first two exact times small numbers."""
    r = ((x - turns * f32(3.140625)) - turns * f32(9.67502593994140625e-4)) - turns * f32(1.509957990978376e-7)
    return min(max(r, f32(-1.5707964)), f32(1.5707964))


@inline
def sine(x):
    """Return the sine of an angle in radians, to 2e-7 absolute up to 1e4, between -1 and 1 everywhere."""
    turns = np.floor(x * f32(0.3183098861837907) + f32(0.5))
    half = turns * f32(0.5)
    value = _sine_series(_folded(x, turns))
    return -value if half != np.floor(half) else value


@inline
def cosine(x):
    """Return the cosine of an angle in radians, to 2e-7 absolute up to 1e4, between -1 and 1 everywhere."""
    turns = np.floor(x * f32(0.3183098861837907))
    half = turns * f32(0.5)
    value = _sine_series(_folded(x, turns + f32(0.5)))
    return value if half != np.floor(half) else -value


@inline
def arctangent(y, x):
    """Return the angle of the vector (x, y) in radians, -pi to pi, to 3e-7 absolute; 0 for (0, 0)."""
    wide, high = abs(x), abs(y)
    t = min(wide, high) / max(max(wide, high), f32(1e-36))
    z = t * t
    series = f32(-0.33333167) + z * (
        f32(0.19994137)
        + z
        * (
            f32(-0.14214209)
            + z
            * (
                f32(0.1067894)
                + z * (f32(-0.07580577) + z * (f32(0.04355353) + z * (f32(-0.01658118) + z * f32(0.00297459))))
            )
        )
    )
    angle = t + t * z * series
    angle = f32(1.5707963267948966) - angle if high > wide else angle
    angle = f32(3.141592653589793) - angle if x < f32(0) else angle
    return -angle if y < f32(0) else angle


@inline
def length(x, y):
    """Return the length of the vector (x, y), without overflow on the way."""
    wide, high = abs(x), abs(y)
    most = max(wide, high)
    share = min(wide, high) / max(most, f32(1e-36))
    return min(most * np.sqrt(f32(1) + share * share), LIMIT)


@inline
def ramp(low, high, x):
    """Return Hermite's smooth step from 0 at `low` to 1 at `high`, falling if low > high, a hard step if they meet."""
    span = high - low
    t = min(max((x - low) / span, f32(0)), f32(1))
    t = t * t * (f32(3) - f32(2) * t)
    return t if span != f32(0) else (f32(1) if x >= low else f32(0))


@inline
def smooth_minimum(a, b, width):
    """Return the least of two, rounded where they differ by less than `width` (Inigo Quilez's polynomial)."""
    wide = max(width, f32(1e-30))
    h = max(wide - abs(a - b), f32(0)) / wide
    return min(a, b) - h * h * wide * f32(0.25)
