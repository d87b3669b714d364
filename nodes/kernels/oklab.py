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
            # Through float32, since vectors have no division of whole numbers.
            word, real = ir.IntType(32), ir.FloatType()
            third = b.fptosi(b.fmul(b.sitofp(arguments[0], real), ir.Constant(real, 1 / 3)), word)
            return b.bitcast(b.add(third, ir.Constant(word, 0x2A514067)), real)

        return types.float32(types.int32), generate

    return third_of_bits


@inline
def cube_root(x):
    """Return the cube root of x >= 0, to 2e-7 of it: two steps of Halley from the bits' guess."""
    y = third_of_bits(bits_of(x))
    cube = y * y * y
    y = y * (cube + x + x) / (cube + cube + x)
    cube = y * y * y
    y = y * (cube + x + x) / (cube + cube + x)
    return y if x > f32(1e-20) else f32(0)


def _names(matrix: np.ndarray) -> list[np.float32]:
    return [np.float32(value) for value in matrix.ravel()]


C00, C01, C02, C10, C11, C12, C20, C21, C22 = _names(TO_CONE)
L00, L01, L02, L10, L11, L12, L20, L21, L22 = _names(FROM_ROOT)
P00, P01, P02, P10, P11, P12, P20, P21, P22 = _names(TO_ROOT)
R00, R01, R02, R10, R11, R12, R20, R21, R22 = _names(FROM_CONE)


@inline
def lab_of(r, g, b):
    """Return L, a, b of a linear colour; what lies outside the visible counts as its border."""
    p = cube_root(max(C00 * r + C01 * g + C02 * b, f32(0)))
    q = cube_root(max(C10 * r + C11 * g + C12 * b, f32(0)))
    s = cube_root(max(C20 * r + C21 * g + C22 * b, f32(0)))
    return L00 * p + L01 * q + L02 * s, L10 * p + L11 * q + L12 * s, L20 * p + L21 * q + L22 * s


@inline
def rgb_of(light, u, v):
    """Return the linear colour of L, a, b, with negative parts 0."""
    p = P00 * light + P01 * u + P02 * v
    q = P10 * light + P11 * u + P12 * v
    s = P20 * light + P21 * u + P22 * v
    p, q, s = p * p * p, q * q * q, s * s * s
    return (
        max(R00 * p + R01 * q + R02 * s, f32(0)),
        max(R10 * p + R11 * q + R12 * s, f32(0)),
        max(R20 * p + R21 * q + R22 * s, f32(0)),
    )
