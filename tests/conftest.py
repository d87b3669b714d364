"""What all tests share: a folder of their own for caches."""

from __future__ import annotations

import os
import tempfile

# One folder for the whole run, so that each kernel is compiled once; nothing of the user's is touched.
os.environ.setdefault("INTARSIA_HOME", os.path.join(tempfile.gettempdir(), f"intarsia-tests-{os.getuid()}"))
