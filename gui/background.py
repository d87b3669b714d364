"""Work off the GUI's thread of which only the newest matters."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from materials.errors import Cancelled

NICE = 10
"""How much lower than the window's the priority of work in the background is, in steps of nice."""

Check = Callable[[], None]
Work = Callable[[Check], object]


class Latest(QObject):
    """One worker thread that does the newest of what it is given.

    `submit` replaces what waits. The work under way is told to end through its `check`, which raises `Cancelled`;
    work that must be shown in any case, lest a stream of requests starve the screen, simply does not call it.
    What comes out is sent as `done` or `failed` in the thread that this object lives in, in the order of submission.
    The thread starts with the first work; call `stop` before the object goes.
    """

    done = pyqtSignal(object)
    failed = pyqtSignal(Exception)

    _out = pyqtSignal(int, object, object)

    def __init__(self, name: str = "background", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._wake = threading.Condition()
        self._waiting: Work | None = None
        self._newest = 0
        self._working = False
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._out.connect(self._tell)

    def submit(self, work: Work) -> None:
        """Do some work, called with a `check`, in the thread, instead of all that was submitted before."""
        with self._wake:
            if self._stopped:
                return
            self._newest += 1
            self._waiting = work
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._wake.notify()

    def cancel(self) -> None:
        """Drop what waits and what is under way."""
        with self._wake:
            self._newest += 1
            self._waiting = None

    @property
    def busy(self) -> bool:
        """Whether the newest work is still to be done."""
        with self._wake:
            return self._waiting is not None or self._working

    def stop(self) -> None:
        """End the thread, and wait for it; nothing is told afterwards."""
        with self._wake:
            self._stopped = True
            self._newest += 1
            self._waiting = None
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        give_way()
        while True:
            with self._wake:
                self._working = False
                while self._waiting is None and not self._stopped:
                    self._wake.wait()
                if self._stopped:
                    return
                work, self._waiting, number = self._waiting, None, self._newest
                self._working = True
            assert work is not None
            self._do(work, number)

    def _do(self, work: Work, number: int) -> None:
        def check() -> None:
            if number != self._newest:
                raise Cancelled

        found: object = None
        wrong: Exception | None = None
        try:
            found = work(check)
        except Cancelled:
            return
        except Exception as error:  # whatever it is, whoever asked for the work is told
            wrong = error
        with self._wake:
            if not self._stopped:
                self._out.emit(number, found, wrong)

    def _tell(self, number: int, found: object, error: Exception | None) -> None:
        if self._stopped:
            return
        if error is None:
            self.done.emit(found)
        elif number == self._newest:
            self.failed.emit(error)


def give_way() -> None:
    """Let the window's thread go first: this thread, and those it starts, take what it leaves of the processor."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
