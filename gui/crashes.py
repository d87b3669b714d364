"""What is left of a crash: the threads' stacks in a file, to be found at the next start."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import IO

from PyQt6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from materials.home import state_folder

_file: IO[str] | None = None
log = logging.getLogger("intarsia.gui")


def report_path() -> Path:
    """Return where the stacks of the last crash are."""
    return state_folder() / "crash.txt"


def watch() -> None:
    """Write the stacks of a crash into the report; what Python or Qt complain of goes to the log, not into nothing."""
    global _file
    with contextlib.suppress(OSError):
        report_path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _file = report_path().open("w", encoding="utf-8")
        faulthandler.enable(_file)
    sys.excepthook = _excepthook
    qInstallMessageHandler(_qt_message)


def _excepthook(kind: type[BaseException], error: BaseException, stack: TracebackType | None) -> None:
    """Note an error that nobody caught and go on: the graph is worth more than the widget that failed."""
    text = "".join(traceback.format_exception(kind, error, stack))
    log.error("%s", text)
    sys.stderr.write(text)
    if _file is not None:
        _file.write(text)
        _file.flush()


def _qt_message(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    if kind is not QtMsgType.QtDebugMsg and "propagateSizeHints" not in (message or ""):
        log.warning("Qt: %s", message)
