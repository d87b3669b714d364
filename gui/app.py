"""The app's start: fonts, theme, what is kept between runs, and the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gui import displays

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from gui.desk import Desk
    from gui.window import Window


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the app; with files or names of presets open those."""
    names = list(sys.argv[1:] if arguments is None else arguments)
    if trouble := displays.trouble():
        print(f"intarsia: {trouble}", file=sys.stderr)
        return 1
    try:
        from PyQt6.QtWidgets import QApplication
    except ImportError as error:
        print(f"intarsia: the app needs libraries of the system that are not there: {error}", file=sys.stderr)
        return 1
    from gui import crashes

    app = QApplication(sys.argv[:1])
    app.setApplicationName("Intarsia")
    app.setDesktopFileName("intarsia")
    crashes.watch()
    window = make_window(app)
    window.show()
    window.begin([Path(name) for name in names])
    return app.exec()


def make_window(app: QApplication, desk: Desk | None = None, opengl: bool | None = None) -> Window:
    """Return the window in the app's own look, not shown yet."""
    from gui.theme import THEME, load_fonts
    from gui.window import Window

    load_fonts()
    THEME.apply(app)  # fields that are made before the app has its font keep the system's
    window = Window(desk, opengl)
    THEME.apply(app)  # in the theme that the window remembers
    return window


if __name__ == "__main__":
    sys.exit(main())
