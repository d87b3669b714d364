"""The app's start where it cannot start: it says what is missing, and Qt never gets to end the process."""

import shutil
import subprocess
import sys

import pytest
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QLineEdit

from gui import app, displays
from tests.test_gui import windows

LACKS = "libxcb-cursor.so.0: cannot open shared object file: No such file or directory"


@pytest.fixture
def under_x(monkeypatch):
    """A display under X, whether there is one or not."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":77")


def test_without_a_display_the_app_says_so_and_ends(under_x, monkeypatch, capsys):
    monkeypatch.delenv("DISPLAY")
    assert app.main([]) == 1
    assert "no display" in capsys.readouterr().err


def test_a_library_that_windows_lack_is_named_with_its_package(under_x, monkeypatch, capsys):
    monkeypatch.setattr(displays, "xcb_plugin", lambda: "libqxcb.so")
    monkeypatch.setattr(displays, "missing", lambda plugin: displays.in_words(LACKS))
    assert app.main([]) == 1
    said = capsys.readouterr().err
    assert "libxcb-cursor.so.0" in said
    assert "install libxcb-cursor0\n" in said


def test_another_library_is_named_without_guessing_a_package():
    said = displays.in_words("libfuture.so.9: cannot open shared object file: No such file or directory")
    assert said.endswith("the system lacks libfuture.so.9")
    assert displays.in_words("invalid ELF header").endswith("invalid ELF header")


@pytest.mark.skipif(sys.platform != "linux", reason="the plugin of X is there under Linux only")
def test_the_loader_is_asked_what_the_plugin_lacks(tmp_path):
    plugin = displays.xcb_plugin()
    assert plugin is not None
    alone = tmp_path / "libqxcb.so"
    shutil.copy(plugin, alone)  # far from Qt's own libraries it finds none of them
    asked = f"from pathlib import Path; from gui import displays; print(displays.missing(Path({str(alone)!r})))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert "the system lacks libQt6" in said


@pytest.mark.parametrize("variable", ["QT_QPA_PLATFORM", "WAYLAND_DISPLAY"])
def test_nothing_is_asked_where_windows_are_not_opened_by_x(under_x, monkeypatch, variable):
    monkeypatch.setattr(displays, "missing", lambda plugin: "asked")
    assert displays.trouble() == "asked"
    monkeypatch.setenv(variable, "wayland-0")
    assert displays.trouble() == ""


def test_all_fields_have_the_app_s_own_font_from_the_start(qapp, home, monkeypatch):
    monkeypatch.setattr("gui.window.Thumbnails", windows.NoThumbnails)
    qapp.setStyleSheet("")
    qapp.setFont(QFont("Sans Serif"))
    window = app.make_window(qapp, opengl=False)
    assert {field.font().families()[0] for field in window.findChildren(QLineEdit)} == {"Inter"}
    window.close()
    window.deleteLater()
