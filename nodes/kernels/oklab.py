"""OKLab (Björn Ottosson, 2020): colours as lightness and two opponent axes, even to the eye."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodes.kernels.compile import f32, inline, intrinsic

TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
FROM_ROOT = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
TO_ROOT, FROM_CONE = np.linalg.inv(FROM_ROOT), np.linalg.inv(TO_CONE)


def to_oklab(colour: Any) -> np.ndarray:
    """Return L, a, b of linear Rec. 709 colours (..., 3), in float64."""
    return np.cbrt(np.asarray(colour, np.float64) @ TO_CONE.T) @ FROM_ROOT.T


def from_oklab(lab: Any) -> np.ndarray:
    """Return linear Rec. 709 colours of L, a, b (..., 3), in float64."""
    return (np.asarray(lab, np.float64) @ TO_ROOT.T) ** 3 @ FROM_CONE.T


@intrinsic
def bits_of(numba: Any, types: Any, ir: Any) -> Any:
    """Return a float32's bits as int32."""

    @numba.extending.intrinsic
    def bits_of(typing_context, x):  # numba's calling convention
        return types.int32(types.float32), lambda context, b, signature, arguments: b.bitcast(
            arguments[0], ir.IntType(32)
        )

    return bits_of


@intrinsic
def third_of_bits(numba: Any, types: Any, ir: Any) -> Any:
    """Return the float32 whose bits are a third of the given ones: a cube root to 5 %."""

    @numba.extending.intrinsic
    def third_of_bits(typing_context, bits):
        def generate(context, b, signature, arguments):
            word = ir.IntType(32)
            third = b.udiv(arguments[0], ir.Constant(word, 3))
            return b.bitcast(b.add(third, ir.Constant(word, 0x2A514067)), ir.FloatType())

        return types.float32(types.int32), generate

    return third_of_bits


@inline
def cube_root(x):
    """Return the cube root of x >= 0, to 1e-7 of it: two steps of Halley from the bits' guess."""
    y = third_of_bits(bits_of(x))
    for _ in range(2):
        cube = y * y * y
        y = y * (cube + x + x) / (cube + cube + x)
    return y if x > f32(1e-20) else f32(0)
