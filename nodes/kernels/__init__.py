"""Compiled inner loops: when they are compiled, where they are kept, and how they are written.

A kernel is a plain function on C-contiguous arrays and float32 or integer scalars. Five silent traps, all
met and measured: index rows through a slice (`row = out[y]`, `for x in range(row.size)`), never by an
absolute range, or the loop is not vectorised; keep arrays C-contiguous; write literals as `f32(0.5)`,
since one float64 widens the line; do 32-bit integer arithmetic with the functions of
`kernels.hash`, since numba widens uint32 to 64 bits and the hash comes out wrong; unroll short loops
inside the pixel loop, since only the innermost loop is vectorised.
"""

from __future__ import annotations

from nodes.kernels.compile import f32, inline, intrinsic, kernel

__all__ = ["f32", "inline", "intrinsic", "kernel"]
