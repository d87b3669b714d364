"""Whether Qt can open a window here: it ends the process where it cannot, so it is asked before Qt is."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

NO_DISPLAY = """\
there is no display to open a window on
  on a machine without one, render with: intarsia render GRAPH --out FOLDER"""

PACKAGES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
}
"""The packages of Debian and Ubuntu that hold the libraries which Qt's windows under X need."""

OF_X = """\
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0
  libxcb-xkb1 libx11-xcb1 libxkbcommon-x11-0"""
"""What is missing together where one of them is."""

NOT_FOUND = re.compile(r"^(\S+?): cannot open shared object file")


def trouble() -> str:
    """Return why no window can be opened, and what would help; nothing where all is well."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return ""  # Qt takes that, or X where it cannot
    if not os.environ.get("DISPLAY"):
        return NO_DISPLAY
    plugin = xcb_plugin()
    return missing(plugin) if plugin is not None else ""


def xcb_plugin() -> Path | None:
    """Return the part of Qt that opens windows under X, None where it is not in its usual place."""
    found = find_spec("PyQt6")
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        plugin = Path(folder) / "Qt6" / "plugins" / "platforms" / "libqxcb.so"
        if plugin.is_file():
            return plugin
    return None


def missing(plugin: Path) -> str:
    """Return which library a plugin lacks, and the package it is in; nothing if the plugin can be loaded."""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return in_words(str(error))
    return ""


def in_words(error: str) -> str:
    """Return what the loader says, in words that help."""
    found = NOT_FOUND.match(error)
    if found is None:
        return f"the app cannot open a window: {error}"
    library = found[1]
    package = PACKAGES.get(library)
    if package is None:
        return f"the app cannot open a window: the system lacks {library}"
    others = f"\n  what it needs under X in all: {OF_X}" if package in OF_X else ""
    return f"the app cannot open a window: the system lacks {library}\n  install {package}{others}"
