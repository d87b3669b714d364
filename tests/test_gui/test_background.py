"""Work of which only the newest matters: what is told, what is dropped, and that no thread stays."""

from __future__ import annotations

import threading

import pytest

from gui.background import Latest


@pytest.fixture
def latest(qtbot):
    made = Latest("test of background")
    yield made
    made.stop()
    assert not any(thread.name == "test of background" for thread in threading.enumerate())


def heard(latest):
    results = []
    latest.done.connect(results.append)
    return results


def test_what_comes_out_is_told_in_the_thread_that_asked(qtbot, latest):
    threads = []
    latest.done.connect(lambda result: threads.append((result, threading.current_thread())))
    latest.submit(lambda check: threading.current_thread().name)
    qtbot.waitUntil(lambda: bool(threads))
    assert threads == [("test of background", threading.main_thread())]
    assert not latest.busy


def test_of_what_waits_only_the_newest_is_done(qtbot, latest):
    results, begun, may_go = heard(latest), threading.Event(), threading.Event()

    def slow(check):
        begun.set()
        may_go.wait(5)
        return "slow"

    latest.submit(slow)
    assert begun.wait(5)
    for number in range(5):
        latest.submit(lambda check, number=number: number)
    may_go.set()
    qtbot.waitUntil(lambda: len(results) == 2)
    assert results == ["slow", 4]


def test_work_that_asks_is_ended_by_newer_work(qtbot, latest):
    results, begun = heard(latest), threading.Event()

    def endless(check):
        begun.set()
        while True:
            check()

    latest.submit(endless)
    assert begun.wait(5)
    latest.submit(lambda check: "newer")
    qtbot.waitUntil(lambda: bool(results))
    assert results == ["newer"]


def test_a_failure_is_told_unless_something_newer_was_asked_for(qtbot, latest):
    wrong = []
    latest.failed.connect(wrong.append)
    with qtbot.waitSignal(latest.failed):
        latest.submit(lambda check: 1 / 0)
    assert isinstance(wrong[0], ZeroDivisionError)
    begun, may_go = threading.Event(), threading.Event()

    def fails_late(check):
        begun.set()
        may_go.wait(5)
        raise ValueError

    results = heard(latest)
    latest.submit(fails_late)
    assert begun.wait(5)
    latest.submit(lambda check: "well")
    may_go.set()
    qtbot.waitUntil(lambda: bool(results))
    assert results == ["well"]
    assert len(wrong) == 1


def test_nothing_is_told_after_a_cancel_or_a_stop(qtbot, latest):
    results, begun = heard(latest), threading.Event()

    def endless(check):
        begun.set()
        while True:
            check()

    latest.submit(endless)
    assert begun.wait(5)
    latest.cancel()
    latest.submit(lambda check: "after")
    qtbot.waitUntil(lambda: bool(results))
    latest.stop()
    latest.submit(lambda check: "too late")
    latest.stop()
    assert results == ["after"]
