"""Small things made beside the work: one after the other on a thread of their own, the results told by a signal."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from materials.errors import Cancelled, IntarsiaError
from materials.evaluate import Cancel

Work = Callable[[Cancel], object]
"""Makes something on the thread; ends early when it is cancelled."""


class Queue(QObject):
    """A thread that starts with the first thing asked for; `done` tells a key and what was made, or the error."""

    done = pyqtSignal(str, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self._cancel = Cancel()
        self._waiting: queue.SimpleQueue[tuple[str, Work] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, key: str, work: Work) -> None:
        """Do a work after all that were asked for before."""
        self._waiting.put((key, work))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End what is under way and forget what waits; returns when the thread has ended."""
        self._cancel.cancel()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (asked := self._waiting.get()) is not None:
            key, work = asked
            try:
                self._cancel.check()
                made = work(self._cancel)
            except Cancelled:
                return
            except (IntarsiaError, OSError) as error:
                made = error
            with contextlib.suppress(RuntimeError):  # the app has gone while this was made
                self.done.emit(key, made)
