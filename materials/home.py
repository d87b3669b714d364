"""The user's own folders: what is kept between runs and is no cache."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """Return where journals, recent files and the window's layout are kept: INTARSIA_HOME, or the system's place."""
    home = os.environ.get("INTARSIA_HOME")
    if home:
        return Path(home).resolve() / "state"
    import platformdirs  # imported here: it costs 10 ms

    return Path(platformdirs.user_state_dir("intarsia", appauthor=False)).resolve()
