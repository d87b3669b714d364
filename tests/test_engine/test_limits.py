"""Memory, threads and the ends of both."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import intarsia
from materials import evaluate
from materials.calls import BYTES
from materials.errors import BudgetError
from nodes.catalogue import catalogue
from nodes.declare import Kind
from tests.test_nodes import arguments

ROOT = Path(__file__).resolve().parent.parent.parent

PEAK = """
import json, sys
import intarsia
def memory(name):  # getrusage would count the parent's memory before the program was loaded
    return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith(name))
intarsia.render("brick_wall", 512, threads=2)  # all kernels are there before, those of wide blurs too
before = memory("VmRSS")
maps = intarsia.render("brick_wall", int(sys.argv[1]), threads=2)
print(json.dumps([memory("VmHWM") - before, maps.report["predicted_bytes"]]))
"""


def python(code: str, *arguments: object, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False, **options)


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's own count of memory")
def test_a_render_takes_no_more_memory_than_was_predicted():
    python(PEAK, 2048)  # compiles the kernels, which takes memory of its own; some are used at large sizes only
    done = python(PEAK, 2048)
    taken, predicted = json.loads(done.stdout)
    assert taken <= predicted * 1.1 + 16 * 2**20
    assert predicted <= taken * 1.6 + 32 * 2**20  # nor is the prediction a wild guess


def test_a_budget_is_kept_or_the_run_is_refused_before_it_starts():
    needed = intarsia.render("brick_wall", 256).report["predicted_bytes"]
    assert intarsia.render("brick_wall", 256, memory=needed)
    with pytest.raises(BudgetError, match="limit is"):
        intarsia.render("brick_wall", 256, memory=needed - 1)


@pytest.mark.skipif(sys.platform != "linux", reason="address space limits are Linux's")
def test_running_out_of_memory_is_told_in_a_line(tmp_path):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1500 * 2**20, 1500 * 2**20))

    code = "import sys; from materials.cli import main; sys.argv = ['intarsia', *sys.argv[1:]]; main()"
    done = python(code, "render", "brick_wall", "--size", 16384, "--out", tmp_path / "out", preexec_fn=limit)
    assert done.returncode == 1, done.stderr
    assert "memory" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_renders_side_by_side_give_the_same_bits():
    expected = intarsia.render("brick_wall", 128, threads=1)
    found = []

    def work(number: int) -> None:
        for _ in range(3):
            found.append(intarsia.render("brick_wall", 128, threads=1 + number % 3))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 12
    assert all(np.array_equal(maps[name], expected[name]) for maps in found for name in expected)


AT_BARRIERS = sorted(
    kind.key
    for kind in catalogue().values()
    if (kind.whole or kind.prepare)
    and not kind.key.startswith("t_")
    and all(socket.kind in (Kind.GRAY, Kind.COLOR, Kind.FLOW) for socket in kind.sockets)
)


@pytest.mark.parametrize("key", AT_BARRIERS)
def test_a_node_takes_no_more_scratch_than_it_declares(key, monkeypatch):
    size, kind = 512, catalogue()[key]
    taken = []

    def measured(self, call):
        tracemalloc.start()
        barrier(self, call)
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    given = arguments(kind, size, size)
    intarsia.run(key, **given)  # compiles, and makes the tables that are made once
    barrier = evaluate._Run._barrier
    monkeypatch.setattr(evaluate._Run, "_barrier", measured)
    intarsia.run(key, **given)
    results = sum(BYTES[output.kind] for output in kind.outputs) if kind.whole else 0
    assert max(taken) <= (results + kind.scratch) * size**2 + 5 * 2**20  # tables of a size of their own
