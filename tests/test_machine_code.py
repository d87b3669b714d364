"""The hot kernels use vector instructions: what blocks them is silent, and costs a factor of four or more.

To watch another kernel, add a line to `HOT`: the kernel and arguments of the types it is called with.
"""

from __future__ import annotations

import platform
import re

import numpy as np
import pytest

from nodes.kernels import diagram, horizon, lattice, pointwise, smooth
from nodes.procedural import surface, tone

VECTOR = re.compile(r"\b(vf(?:n?m(?:add|sub))\d+ps|vmulps)\b[^\n]*%[yz]mm")


def floats(*shape):
    return np.zeros(shape, np.float32)


ONE, SEED = np.float32(1), np.uint32(1)
RUNS = (floats(64), np.array([0, 24, 48]), floats(3), ONE, floats(3), floats(3))
POINTS = (floats(64), floats(64), floats(64), ONE, floats(64), ONE, ONE, ONE, SEED, True)

OFFSETS = np.zeros((2, 1, 2), np.int64)

FACES = diagram.diagram(2, 2, (1, 2), 1.0)
SITES = (FACES.x, FACES.y, FACES.tone, FACES.first, FACES.right, FACES.below, FACES.target, FACES.lines)
NO_LABELS = np.zeros((0, 0), np.int32)
CELLS = (floats(2, 32), floats(2, 32), floats(2, 32), floats(0, 0), floats(0, 0, 2), NO_LABELS, 0, 2, 2, 2)

HOT = {
    "diagram.read_rows": (diagram.read_rows, (*CELLS, *SITES)),
    "lattice.fill_runs": (lattice.fill_runs, RUNS),
    "lattice.blend_down": (lattice.blend_down, (floats(9), floats(9), floats(2, 9), floats(2, 9), ONE, False)),
    "lattice._points": (lattice._points, POINTS),
    "smooth._blur_rows": (
        smooth._blur_rows,
        (floats(9, 32), floats(6), floats(6), 0, floats(2, 32, 1), floats(32), floats(42)),
    ),
    "horizon.occlusion": (
        horizon.occlusion,
        (floats(9, 32), OFFSETS, floats(2, 1), floats(2, 1), 0, floats(2, 32), floats(32)),
    ),
    "surface._scharr_normals": (surface._scharr_normals, (floats(9, 32), 0, ONE, ONE, floats(2, 32, 3), floats(3, 32))),
    "pointwise._mix": (pointwise._mix, (floats(64), floats(64), floats(64), ONE)),
    "tone._scale": (tone._scale, (floats(64), floats(64), ONE, ONE, ONE, True)),
}


def has_avx2():
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    import llvmlite.binding as llvm

    return bool(llvm.get_host_cpu_features().get("avx2"))


@pytest.mark.parametrize("name", HOT)
def test_a_hot_kernel_is_vectorised(name):
    if not has_avx2():
        pytest.skip("looks for instructions of x86-64 with AVX2, which this processor is not")
    kernel, arguments = HOT[name]
    dispatcher = kernel.uncached()  # machine code loaded from the cache cannot be read
    dispatcher(*arguments)
    (assembly,) = dispatcher.inspect_asm().values()
    assert VECTOR.search(assembly), f"{name} has no vector multiplication on ymm or zmm registers"
