"""What all tests of the app share: no display, and the app's own look."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyqt6")

import pytest
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication

from gui.theme import THEME, load_fonts
from nodes.kernels.compile import user_folder


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
