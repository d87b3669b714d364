"""What all tests of the app share: no display, and the app's own look."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyqt6")

import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.desk import Desk
from gui.theme import THEME, load_fonts
from gui.window import Window
from materials.cache import Cache
from nodes.kernels.compile import user_folder
from tests.test_gui import windows


@pytest.fixture(autouse=True)
def look(qapp: QApplication):
    """Every test sees the dark theme with the bundled fonts."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # else each test styles the widgets of all before
    load_fonts()
    THEME.switch("dark")
    THEME.apply(qapp)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Every test has a home of its own, with the compiled kernels of the user's in it."""
    own = tmp_path / "home"
    own.mkdir()
    kernels = user_folder()
    kernels.mkdir(parents=True, exist_ok=True)
    (own / "cache").symlink_to(kernels, target_is_directory=True)
    monkeypatch.setenv("INTARSIA_HOME", str(own))
    return own


@pytest.fixture
def window(home: Path, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """The app's window, with the start page; when it is closed none of its threads is left."""
    monkeypatch.setattr("gui.window.Thumbnails", windows.NoThumbnails)
    for user in ("gui.window.Spheres", "gui.panels.library.Spheres", "gui.start.Spheres"):
        monkeypatch.setattr(user, windows.NoSpheres)
    before = windows.threads()
    made = Window(Desk(Cache(memory=1 << 28)), opengl=False)
    strays = windows.Strays(made)
    qapp.installEventFilter(strays)
    made.resize(1600, 1000)
    made.show()
    made.begin([])
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    for page in made.pages:
        page.session.history.mark_saved()
    made.close()
    qapp.removeEventFilter(strays)
    assert strays.seen == []
    assert windows.threads() == before
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
