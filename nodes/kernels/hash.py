"""A 32-bit integer hash on 32-bit lanes, and what is made of its bits.

Numba types uint32 arithmetic as uint64, which is half as fast and not reduced modulo 2**32, so these are
LLVM instructions. The mixing function is the "lowbias32" family of Chris Wellons' hash-prospector.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nodes.kernels.compile import intrinsic

X, Y, MIX_1, MIX_2 = 0x9E3779B1, 0x85EBCA77, 0x2C1B3C6D, 0x297A2D39
STREAM = 0x632BE5AB


@intrinsic
def hash32(numba: Any, types: Any, ir: Any) -> Any:
    """Hash (x, y, seed) to 32 bits; all three are taken modulo 2**32."""

    @numba.extending.intrinsic
    def hash32(typing_context, x, y, seed):  # numba's calling convention
        def generate(context, b, signature, arguments):
            word = ir.IntType(32)
            wide = [
                b.trunc(a, word) if a.type.width > 32 else a for a in arguments
            ]  # int64 arguments are cut, not checked
            c = lambda value: ir.Constant(word, value)  # noqa: E731
            h = b.xor(b.xor(b.mul(wide[0], c(X)), b.mul(wide[1], c(Y))), wide[2])
            h = b.mul(b.xor(h, b.lshr(h, c(15))), c(MIX_1))
            h = b.mul(b.xor(h, b.lshr(h, c(12))), c(MIX_2))
            return b.xor(h, b.lshr(h, c(15)))

        return types.uint32(x, y, seed), generate

    return hash32


@intrinsic
def low16(numba: Any, types: Any, ir: Any) -> Any:
    """Return the low 16 bits as float32, 0 to 65535."""

    @numba.extending.intrinsic
    def low16(typing_context, h):
        def generate(context, b, signature, arguments):
            return b.sitofp(b.and_(arguments[0], ir.Constant(ir.IntType(32), 0xFFFF)), ir.FloatType())

        return types.float32(types.uint32), generate

    return low16


@intrinsic
def high16(numba: Any, types: Any, ir: Any) -> Any:
    """Return the high 16 bits as float32, 0 to 65535."""

    @numba.extending.intrinsic
    def high16(typing_context, h):
        def generate(context, b, signature, arguments):
            return b.sitofp(b.lshr(arguments[0], ir.Constant(ir.IntType(32), 16)), ir.FloatType())

        return types.float32(types.uint32), generate

    return high16


@intrinsic
def add32(numba: Any, types: Any, ir: Any) -> Any:
    """Add two int32 and stay int32 (numba's own sum is int64)."""

    @numba.extending.intrinsic
    def add32(typing_context, a, b_):
        def generate(context, b, signature, arguments):
            return b.add(arguments[0], arguments[1])

        return types.int32(types.int32, types.int32), generate

    return add32


def hash_array(x: Any, y: Any, seed: int) -> np.ndarray:
    """Return the same hash for numpy arrays; for tables and tests."""
    x, y = np.asarray(x, np.int64).astype(np.uint32), np.asarray(y, np.int64).astype(np.uint32)
    with np.errstate(over="ignore"):
        h = (x * np.uint32(X)) ^ (y * np.uint32(Y)) ^ np.uint32(seed & 0xFFFFFFFF)
        h = (h ^ (h >> np.uint32(15))) * np.uint32(MIX_1)
        h = (h ^ (h >> np.uint32(12))) * np.uint32(MIX_2)
        return h ^ (h >> np.uint32(15))


def uniform_array(x: Any, y: Any, seed: int) -> np.ndarray:
    """Return float32 numbers in [0, 1) for integer pairs: one independent stream per seed."""
    return (hash_array(x, y, seed) >> np.uint32(8)).astype(np.float32) * np.float32(1 / 16777216)


def stream(seed: int, use: int) -> int:
    """Return the seed of an independent stream for one use of randomness."""
    return int(hash_array(use, 0x51ED, seed & 0xFFFFFFFF))
