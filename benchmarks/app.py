"""The desktop app: how soon a picture follows a hand, and whether the window stays alive meanwhile.

Each case is a process of its own with the whole window, offscreen, on warm kernels and with nothing kept of earlier
results. A number is dragged in the real panel. Wall times depend on what else the machine does, so the processor's
times stand beside them, and its load in the row. `python -m benchmarks.app CASE ...` runs one case.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.processes import module, process, say

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from gui.controls.number import DragNumber
    from gui.window import Window

PRESETS = ("brick_wall", "rusted_painted_metal")
STEPS = 40
EVERY = 40
"""Milliseconds between two steps of a hand that does not wait for pictures."""

TICK = 8
PICTURE_MS, GAP_MS = 100.0, 30.0
"""What we aim at: the first picture after an edit, and the 99th percentile of the window's gaps."""


def run(rounds: int) -> list[dict[str, Any]]:
    """Return a row for each case; the best of several rounds by wall time."""
    rows = []
    cases: list[tuple[str, ...]] = [("start", preset) for preset in PRESETS]
    cases += [(case, preset, which) for case in ("edit", "gaps") for preset in PRESETS for which in ("first", "last")]
    for case in (*cases, ("canvas",)):
        found = process(module("benchmarks.app", *case), rounds)
        row = {"case": " ".join(case), **(found or {"failed": True}), "load": round(os.getloadavg()[0], 1)}
        rows.append(row)
        say(f"app {row['case']}", row)
    return rows


# ---- in a process of its own -----------------------------------------------------------------------


def _window() -> tuple[QApplication, Window]:
    """Return the app with its window on the start page, in a home of its own but for compiled kernels."""
    from nodes.kernels.compile import user_folder

    kernels = user_folder() / "kernels"
    os.environ["NUMBA_CACHE_DIR"] = os.environ.get("NUMBA_CACHE_DIR", str(kernels))
    os.environ["INTARSIA_HOME"] = tempfile.mkdtemp(prefix="intarsia-benchmark-")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.setswitchinterval(0.002)  # as the app does
    from PyQt6.QtWidgets import QApplication

    from gui.desk import Desk
    from gui.theme import THEME, load_fonts
    from gui.window import Window
    from materials.cache import Cache

    app = QApplication([])
    load_fonts()
    window = Window(Desk(Cache(memory=1 << 30)), opengl=False)
    window.thumbnails.hold(True)
    THEME.apply(app)
    window.resize(1600, 1000)
    window.show()
    app.processEvents()
    return app, window


def _until(app: QApplication, met: Callable[[], bool], seconds: float = 60) -> None:
    """Wait as an idle app does: asleep between events, lest the waiting itself takes the engine's time."""
    from PyQt6.QtCore import QEventLoop, QTimer

    end, waker = time.monotonic() + seconds, QTimer()
    waker.start(50)
    while not met() and time.monotonic() < end:
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _number(window: Window, which: str) -> DragNumber:
    """Return the control of the first or last number that the material shows."""
    from gui.controls.number import DragNumber

    assert window.page is not None
    controls = [row.control for row in window.page.parameters.rows.values() if isinstance(row.control, DragNumber)]
    return controls[0 if which == "first" else -1]


def _values(control: DragNumber) -> list[float]:
    """Return what the number is dragged through: across its range and back, never the same twice in a row."""
    known = control.quantity
    soft = [known.moved(known.soft_low, 0.1 + 0.8 * step / STEPS) for step in range(STEPS)]
    there = soft[::2] + soft[1::2][::-1]
    return [value for value, before in zip(there, [control.value, *there], strict=False) if value != before]


def _start(preset: str) -> dict[str, Any]:
    """From the process's start to a window that is painted, to the first pictures, and to all."""
    born = time.time() - time.monotonic() + _born()
    app, window = _window()
    shown = time.time() - born
    window.begin([Path(preset)])
    assert window.page is not None
    session = window.page.session
    _until(app, lambda: session.maps is not None)
    app.processEvents()
    pictured, cpu = time.time() - born, time.process_time()
    memory = _memory()
    _until(app, lambda: session.is_done)
    row = {"wall_s": round(pictured, 2), "window_s": round(shown, 2), "picture_cpu_s": round(cpu, 2)}
    row |= {"done_s": round(time.time() - born, 2), "picture_mb": memory, "done_mb": _memory()}
    window.close()
    return row


def _born() -> float:
    """Return when this process began, on the monotonic clock."""
    ticks = float(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)


def _edit(preset: str, which: str) -> dict[str, Any]:
    """From a step of a drag to the first picture of it in the window; the hand waits for each."""
    app, window = _window()
    window.begin([Path(preset)])
    assert window.page is not None
    session = window.page.session
    _until(app, lambda: session.is_done)
    control = _number(window, which)
    walls, cpus, hands = [], [], []
    control.began.emit()
    for value in _values(control):
        wall, cpu, hand = time.perf_counter(), time.process_time(), time.thread_time()
        control.previewed.emit(value)
        _until(app, lambda: session.is_fresh)
        app.processEvents()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        hands.append(time.thread_time() - hand)
    control.committed.emit(value)
    row = {"wall_s": round(statistics.median(walls), 4), "ms": _ms(statistics.median(walls)), "aim_ms": PICTURE_MS}
    row |= {"p90_ms": _ms(_share(walls, 0.9)), "cpu_ms": _ms(statistics.median(cpus))}
    row |= {"window_cpu_ms": _ms(statistics.median(hands)), "parameter": control.accessibleName()}
    session.history.mark_saved()
    window.close()
    return row


def _gaps(preset: str, which: str) -> dict[str, Any]:
    """How long the window does not answer while a hand drags on and everything is computed again."""
    from PyQt6.QtCore import Qt, QTimer

    app, window = _window()
    window.begin([Path(preset)])
    assert window.page is not None
    session = window.page.session
    _until(app, lambda: session.is_done)
    control = _number(window, which)
    ticks: list[tuple[float, float]] = []
    shown: list[int] = []
    session.worker.arrived.connect(lambda arrival: shown.append(arrival.number))
    tick = QTimer()
    tick.setTimerType(Qt.TimerType.PreciseTimer)
    tick.timeout.connect(lambda: ticks.append((time.perf_counter(), time.thread_time())))
    values = iter(_values(control) * 2)
    steps = QTimer()
    over: list[bool] = []

    def step() -> None:
        value = next(values, None)
        if value is None:
            over.append(True)
            steps.stop()
        else:
            control.previewed.emit(value)

    steps.timeout.connect(step)
    control.began.emit()
    tick.start(TICK)
    steps.start(EVERY)
    _until(app, lambda: bool(over))
    tick.stop()
    gaps = [after[0] - before[0] for before, after in zip(ticks, ticks[1:], strict=False)]
    work = [after[1] - before[1] for before, after in zip(ticks, ticks[1:], strict=False)]
    row = {"wall_s": round(_share(gaps, 0.99), 4), "p50_ms": _ms(_share(gaps, 0.5)), "p99_ms": _ms(_share(gaps, 0.99))}
    row |= {"max_ms": _ms(max(gaps)), "aim_ms": GAP_MS, "window_cpu_p99_ms": _ms(_share(work, 0.99))}
    row |= {"window_cpu_max_ms": _ms(max(work)), "pictures": len(set(shown)), "of": 2 * STEPS}
    session.abandon()
    session.history.mark_saved()
    window.close()
    return row


def _share(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _canvas() -> dict[str, Any]:
    """Processor milliseconds of a frame with 500 nodes, panned; see `benchmarks.canvas` for more."""
    from PyQt6.QtWidgets import QApplication

    from benchmarks.canvas import SIZE, Still, large_graph, timed
    from gui.canvas import Canvas
    from gui.theme import THEME, load_fonts

    app = QApplication([])
    load_fonts()
    THEME.apply(app)
    session = Still(large_graph(500))
    canvas = Canvas(session)
    canvas.resize(*SIZE)
    canvas.show()
    app.processEvents()
    row: dict[str, Any] = {"nodes": 500}
    for name, place in (("all", None), ("real_size", {"centre": [1500, 1000], "zoom": 1.0})):
        canvas.home() if place is None else canvas.restore_view(place)
        app.processEvents()
        middle, most = timed(lambda step: canvas.pan_by(7 if step % 40 < 20 else -7, 5), app)
        row |= {f"pan_{name}_cpu_ms": round(middle, 1), f"pan_{name}_cpu_p95_ms": round(most, 1)}
    session.close()
    return {"wall_s": row["pan_all_cpu_ms"] / 1000, **row}


CASES: dict[str, Callable[..., dict[str, Any]]] = {"start": _start, "edit": _edit, "gaps": _gaps, "canvas": _canvas}

if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[1]](*sys.argv[2:])), flush=True)
