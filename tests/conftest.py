"""What all tests share: a folder of their own for caches."""

from __future__ import annotations

import os
import tempfile

from hypothesis import settings

# One folder for the whole run, so that each kernel is compiled once; nothing of the user's is touched.
os.environ.setdefault("INTARSIA_HOME", os.path.join(tempfile.gettempdir(), f"intarsia-tests-{os.getuid()}"))

# A run that decides draws the same examples each time; new ones are looked for elsewhere.
settings.register_profile("same", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("same")
