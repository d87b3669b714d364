"""Formulas run: one kernel that steps through a program's operations, a block of pixels at a time.

A block is small enough that all registers stay in the processor's first cache, and long enough that choosing
the operation costs little: a program costs about what its loops would if they were compiled together, and
nothing is compiled for it. Every register is a number no larger than `LIMIT`, whatever a formula does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nodes.kernels.compile import f32, kernel
from nodes.kernels.elementary import (
    arctangent,
    bounded,
    cosine,
    divide,
    exponential,
    fraction,
    length,
    logarithm,
    modulo,
    nearest,
    power,
    ramp,
    sine,
    smooth_minimum,
)
from nodes.language import OPERATIONS, PICTURES, Program

BLOCK = 512

(
    LOAD, ACROSS, DOWN, ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO, POWER, NEGATE,
    LESS, LESS_EQUAL, EQUAL, BOTH, EITHER, NOT, CHOOSE,
    ABS, SIGN, FLOOR, CEIL, ROUND, FRACT, SQRT, EXP, LOG, SIN, COS, TAN,
    MIN, MAX, ATAN2, HYPOT, STEP, CLAMP, SMOOTHSTEP, MIX, SMIN, SMAX,
) = range(len(OPERATIONS))  # fmt: skip


@kernel
def arithmetic(operation, a, b, c, to):
    """Work out one operation of plain arithmetic for a block."""
    if operation == ADD:
        for i in range(BLOCK):
            to[i] = bounded(a[i] + b[i])
    elif operation == SUBTRACT:
        for i in range(BLOCK):
            to[i] = bounded(a[i] - b[i])
    elif operation == MULTIPLY:
        for i in range(BLOCK):
            to[i] = bounded(a[i] * b[i])
    elif operation == DIVIDE:
        for i in range(BLOCK):
            to[i] = divide(a[i], b[i])
    elif operation == MODULO:
        for i in range(BLOCK):
            to[i] = modulo(a[i], b[i])
    elif operation == POWER:
        for i in range(BLOCK):
            to[i] = power(a[i], b[i])
    elif operation == NEGATE:
        for i in range(BLOCK):
            to[i] = -a[i]
    elif operation == MIN:
        for i in range(BLOCK):
            to[i] = min(a[i], b[i])
    elif operation == MAX:
        for i in range(BLOCK):
            to[i] = max(a[i], b[i])
    elif operation == CLAMP:
        for i in range(BLOCK):
            to[i] = min(max(a[i], b[i]), c[i])
    elif operation == SMOOTHSTEP:
        for i in range(BLOCK):
            to[i] = ramp(a[i], b[i], c[i])
    elif operation == MIX:
        for i in range(BLOCK):
            to[i] = bounded(bounded(a[i] * (f32(1) - c[i])) + bounded(b[i] * c[i]))
    elif operation == SMIN:
        for i in range(BLOCK):
            to[i] = bounded(smooth_minimum(a[i], b[i], c[i]))
    elif operation == SMAX:
        for i in range(BLOCK):
            to[i] = -bounded(smooth_minimum(-a[i], -b[i], c[i]))


@kernel
def logic(operation, a, b, c, to):
    """Work out one comparison, choice or rounding for a block; truth is 1, untruth 0, and all but 0 is true."""
    one, zero = f32(1), f32(0)
    if operation == LESS:
        for i in range(BLOCK):
            to[i] = one if a[i] < b[i] else zero
    elif operation == LESS_EQUAL:
        for i in range(BLOCK):
            to[i] = one if a[i] <= b[i] else zero
    elif operation == EQUAL:
        for i in range(BLOCK):
            to[i] = one if a[i] == b[i] else zero
    elif operation == STEP:
        for i in range(BLOCK):
            to[i] = one if b[i] >= a[i] else zero
    elif operation == BOTH:
        for i in range(BLOCK):
            to[i] = (one if a[i] != zero else zero) * (one if b[i] != zero else zero)
    elif operation == EITHER:
        for i in range(BLOCK):
            to[i] = max(one if a[i] != zero else zero, one if b[i] != zero else zero)
    elif operation == NOT:
        for i in range(BLOCK):
            to[i] = one if a[i] == zero else zero
    elif operation == CHOOSE:
        for i in range(BLOCK):
            yes, no = b[i], c[i]
            to[i] = yes if a[i] != zero else no
    elif operation == ABS:
        for i in range(BLOCK):
            to[i] = abs(a[i])
    elif operation == SIGN:
        for i in range(BLOCK):
            to[i] = (one if a[i] > zero else zero) - (one if a[i] < zero else zero)
    elif operation == FLOOR:
        for i in range(BLOCK):
            to[i] = np.floor(a[i])
    elif operation == CEIL:
        for i in range(BLOCK):
            to[i] = -np.floor(-a[i])
    elif operation == ROUND:
        for i in range(BLOCK):
            to[i] = nearest(a[i])
    elif operation == FRACT:
        for i in range(BLOCK):
            to[i] = fraction(a[i])


@kernel
def curves(operation, a, b, to):
    """Work out one root, logarithm or function of an angle for a block."""
    if operation == SQRT:
        for i in range(BLOCK):
            to[i] = np.sqrt(max(a[i], f32(0)))
    elif operation == EXP:
        for i in range(BLOCK):
            to[i] = exponential(a[i])
    elif operation == LOG:
        for i in range(BLOCK):
            to[i] = logarithm(a[i])
    elif operation == SIN:
        for i in range(BLOCK):
            to[i] = sine(a[i])
    elif operation == COS:
        for i in range(BLOCK):
            to[i] = cosine(a[i])
    elif operation == TAN:
        for i in range(BLOCK):
            to[i] = divide(sine(a[i]), cosine(a[i]))
    elif operation == ATAN2:
        for i in range(BLOCK):
            to[i] = arctangent(a[i], b[i])
    elif operation == HYPOT:
        for i in range(BLOCK):
            to[i] = length(a[i], b[i])


@kernel
def load(picture, start, count, to):
    """Copy a block of a picture; where it is missing or ends, and what is no number, is 0."""
    here = picture[start : start + count]
    for i in range(here.size):
        tone = bounded(here[i])
        to[i] = tone if here[i] == here[i] else f32(0)
    to[here.size :] = f32(0)


@kernel
def place(operation, start, top, height, width, to):
    """Fill a block with where its pixels lie in the tile: u across or v down, pixel centres, 0 to 1."""
    y = start // width
    x = start - y * width
    for i in range(BLOCK):
        if operation == ACROSS:
            to[i] = (f32(x) + f32(0.5)) / f32(width)
        else:
            to[i] = (f32(top + y) + f32(0.5)) / f32(height)
        x += 1
        if x == width:
            x = 0
            y += 1


@kernel
def _step(row, registers):
    operation, to = row[0], registers[row[1]]
    a, b, c = registers[row[2]], registers[row[3]], registers[row[4]]
    if operation < LESS or (MIN <= operation <= MAX) or operation >= CLAMP:
        arithmetic(operation, a, b, c, to)
    elif operation < SQRT or operation == STEP:
        logic(operation, a, b, c, to)
    else:
        curves(operation, a, b, to)


@kernel
def _run(first, steady, moving, registers, result, pictures, top, height, width, out):
    for k in range(first.size):
        registers[k, :] = first[k]
    for k in range(steady.shape[0]):
        _step(steady[k], registers)
    for start in range(0, out.size, BLOCK):
        count = min(BLOCK, out.size - start)
        for k in range(moving.shape[0]):
            operation = moving[k, 0]
            if operation == LOAD:
                load(pictures[moving[k, 2]], start, count, registers[moving[k, 1]])
            elif operation <= DOWN:
                place(operation, start, top, height, width, registers[moving[k, 1]])
            else:
                _step(moving[k], registers)
        out[start : start + count] = registers[result, :count]


def run_program(
    program: Program,
    pictures: Mapping[str, np.ndarray | None],
    numbers: Sequence[float],
    top: int,
    height: int,
    width: int,
    out: np.ndarray,
) -> np.ndarray:
    """Return `out` (h, w) filled with what a program makes of rows `top`... of a picture of `height` by `width`.

    pictures : by letter, (h, w) or None for 0 everywhere; numbers : what p, q, r and s stand for.
    """
    none = np.empty(0, np.float32)
    flat = []
    for name in PICTURES:
        picture = pictures.get(name) if name in program.pictures else None
        # One that is not to be written is copied: it has a type of its own, and the kernel would be compiled again.
        flat.append(none if picture is None else np.require(picture, np.float32, ["C", "W"]).reshape(-1))
    _run(
        np.array([*numbers, *program.constants], np.float32),
        _code(program.steady),
        _code(program.moving),
        np.empty((program.registers, BLOCK), np.float32),
        program.result,
        tuple(flat),
        top,
        height,
        width,
        out.reshape(-1),
    )
    return out


def _code(rows: tuple[tuple[int, ...], ...]) -> np.ndarray:
    return np.array(rows, np.int64).reshape(-1, 5)
