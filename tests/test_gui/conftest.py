"""What all tests of the app share: no display, and the app's own look."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyqt6")

import pytest
from PyQt6.QtWidgets import QApplication

from gui.theme import THEME, load_fonts


@pytest.fixture(autouse=True)
def look(qapp: QApplication):
    """Every test sees the dark theme with the bundled fonts."""
    load_fonts()
    THEME.switch("dark")
    THEME.apply(qapp)
