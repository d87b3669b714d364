"""Half an hour of restless work leaves nothing behind: `pytest -m slow tests/test_gui/test_soak.py`."""

from __future__ import annotations

import os
import sys
import time

import pytest

from tests.test_gui.soaking import Sample, Soak, slope

MINUTES = float(os.environ.get("INTARSIA_SOAK_MINUTES", "30"))
PER_SAMPLE = 150
GROWTH = 50_000
"""Bytes that memory may grow by in 1,000 edits."""

HARMLESS = ("propagateSizeHints", "does not support raise()")
"""Of the offscreen platform alone."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory and handles are read from /proc")
@pytest.mark.qt_no_exception_capture
def test_memory_threads_and_handles_stay_as_they_are(window, tmp_path, qtlog, monkeypatch):
    failures: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, stack: failures.append(_told(error)))
    soak = Soak(window, tmp_path)
    end = time.monotonic() + 60 * MINUTES
    samples: list[Sample] = []
    while time.monotonic() < end and not failures:
        for _ in range(PER_SAMPLE):
            soak.act()
            if failures:
                break
        samples.append(soak.sample())
        last = samples[-1]
        words = f"{last.used / 2**20:.1f} MB used of {last.memory / 2**20:.1f}"
        words += f", {len(last.threads)} threads, {last.files} files"
        print(f"{last.edits} edits: {words}, {last.widgets} widgets, {last.objects} objects", flush=True)
    assert failures == []
    complaints = [record.message for record in qtlog.records if not any(word in record.message for word in HARMLESS)]
    assert complaints == []
    warm = samples[max(1, len(samples) // 10) :]
    assert {sample.threads for sample in warm} == {warm[0].threads}
    assert {sample.files for sample in warm} == {warm[0].files}
    assert warm[-1].widgets <= warm[0].widgets
    growth = slope(samples)
    print(f"{growth / 1000:.1f} KB per 1,000 edits, {samples[-1].edits} edits: {dict(soak.acts)}")
    assert growth < GROWTH


def _told(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))
