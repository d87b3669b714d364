"""How kernels are compiled, kept and found again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nodes.kernels import f32, inline, kernel
from nodes.kernels.hash import hash32, hash_array, high16, low16, stream, uniform_array
from nodes.kernels.section import PROFILES, rise

ROOT = Path(__file__).resolve().parent.parent


@inline
def halved(h):
    return low16(h) + high16(h) * f32(2)


@kernel
def fill(out, seed):
    for y in range(out.shape[0]):
        row = out[y]
        for x in range(row.size):
            row[x] = halved(hash32(np.int32(x - 3), np.int32(y), seed))


def test_the_compiled_hash_is_the_one_of_numpy():
    out = np.empty((20, 30), np.float32)
    fill(out, np.uint32(0xDEADBEEF))
    bits = hash_array(np.arange(30)[None] - 3, np.arange(20)[:, None], 0xDEADBEEF)
    assert np.array_equal(out, (bits & 0xFFFF) + (bits >> 16) * np.float32(2))


def test_hashed_numbers_are_even_and_streams_differ():
    numbers = uniform_array(np.arange(300)[None], np.arange(300)[:, None], 5)
    counts, _ = np.histogram(numbers, 20, (0, 1))
    assert abs(numbers.mean() - 0.5) < 0.005
    assert counts.std() / counts.mean() < 0.03
    neighbours = np.corrcoef(numbers[:, 1:].ravel(), numbers[:, :-1].ravel())[0, 1]
    assert abs(neighbours) < 0.02
    assert len({stream(seed, use) for seed in range(50) for use in range(20)}) == 1000


RUN = "import intarsia; print(repr(float(intarsia.run('fbm', size=32, cells=4).sum(dtype='f8'))))"


def run(home: Path) -> str:
    environment = {**os.environ, "INTARSIA_HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_damaged_kernel_files_are_made_again_and_never_end_a_run(tmp_path):
    expected = run(tmp_path)
    rng = random.Random(4)
    kept = [path for path in (tmp_path / "cache" / "kernels").rglob("*") if path.suffix in (".nbi", ".nbc")]
    assert kept
    assert (tmp_path / "cache" / "kernels").stat().st_mode & 0o777 == 0o700
    for damage in ("cut", "empty", "noise"):
        for path in (tmp_path / "cache" / "kernels").rglob("*.nb?"):
            data = path.read_bytes()
            path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "noise": rng.randbytes(200)}[damage])
        assert run(tmp_path) == expected


def test_a_home_that_cannot_be_written_to_only_costs_time(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert run(tmp_path / "file") == run(tmp_path / "good")


def test_a_helper_changed_in_another_file_is_compiled_anew(tmp_path):
    """Numba itself looks at the kernel's own file alone."""
    found = []
    for factor in (2, 7):
        (tmp_path / "inner.py").write_text(
            f"from nodes.kernels import f32, inline\n@inline\ndef scaled(x):\n    return x * f32({factor})\n"
        )
        (tmp_path / "outer.py").write_text(
            "from inner import scaled\nfrom nodes.kernels import f32, kernel\n"
            "@kernel\ndef fill(out):\n    for i in range(out.size):\n        out[i] = scaled(f32(i))\n"
        )
        code = "import numpy as np, outer; out = np.zeros(4, np.float32); outer.fill(out); print(out.tolist())"
        path = os.pathsep.join([str(tmp_path), str(ROOT)])
        environment = {**os.environ, "INTARSIA_HOME": str(tmp_path / "home"), "PYTHONPATH": path}
        environment.pop("NUMBA_CACHE_DIR", None)
        command = [sys.executable, "-B", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        found.append(done.stdout.strip())
    assert found == ["[0.0, 2.0, 4.0, 6.0]", "[0.0, 7.0, 14.0, 21.0]"]


def test_kept_kernels_are_loaded_without_their_helpers_and_compile_for_new_types_after_that(tmp_path):
    (tmp_path / "grow.py").write_text(
        "from nodes.kernels import f32, inline, kernel\n@inline\ndef scaled(x):\n    return x * f32(3)\n"
        "@kernel\ndef fill(out):\n    for i in range(out.size):\n        out[i] = scaled(f32(i))\n"
    )
    code = (
        "import numpy as np, grow\n"
        "for kind in (np.float32, np.float64):\n"
        "    out = np.zeros(3, kind); grow.fill(out); print(out.tolist(), grow.scaled._built is not None)\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = {**os.environ, "INTARSIA_HOME": str(tmp_path / "home"), "PYTHONPATH": path}
    environment.pop("NUMBA_CACHE_DIR", None)
    first = code.replace("np.float32, np.float64", "np.float32,")
    found = []
    for each in (first, code):
        command = [sys.executable, "-B", "-c", each]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        found += done.stdout.splitlines()
    assert found == ["[0.0, 3.0, 6.0] True", "[0.0, 3.0, 6.0] False", "[0.0, 3.0, 6.0] True"]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_has_the_same_bits_in_a_loop_and_in_its_remainder(profile):
    depth = np.random.default_rng(1).uniform(-0.5, 3, 301).astype(np.float32)
    whole = rise(depth, 2.3, 0.4, profile, np.empty_like(depth))
    for count in range(1, 70):
        assert np.array_equal(rise(depth[:count], 2.3, 0.4, profile, np.empty(count, np.float32)), whole[:count])
