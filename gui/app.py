"""The app's start: fonts, theme, what is kept between runs, and the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app; with files or names of presets open those."""
    names = list(sys.argv[1:] if arguments is None else arguments)
    if _has_no_display():
        print(
            "intarsia: there is no display to open a window on\n"
            "  on a machine without one, render with: intarsia render GRAPH --out FOLDER",
            file=sys.stderr,
        )
        return 1
    try:
        from PyQt6.QtWidgets import QApplication
    except ImportError as error:
        print(f"intarsia: the app needs libraries of the system that are not there: {error}", file=sys.stderr)
        return 1
    from gui import crashes
    from gui.theme import THEME, load_fonts
    from gui.window import Window

    sys.setswitchinterval(0.002)  # the window's thread gets its turn between two steps of the engine's
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Intarsia")
    app.setDesktopFileName("intarsia")
    crashes.watch()
    load_fonts()
    window = Window()
    THEME.apply(app)
    window.show()
    window.begin([Path(name) for name in names])
    return app.exec()


def _has_no_display() -> bool:
    """Whether Qt would find no display and end the process at once, as it does without a word."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return False
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
