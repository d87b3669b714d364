"""What all tests share: a cache folder of their own, and small nodes for testing the engine by itself."""

from __future__ import annotations

import os
import tempfile

import pytest

# One folder for the whole run, so that each kernel is compiled once; nothing of the user's is touched.
os.environ.setdefault("INTARSIA_HOME", os.path.join(tempfile.gettempdir(), f"intarsia-tests-{os.getuid()}"))


@pytest.fixture(scope="session", autouse=True)
def _catalogue():
    from nodes.catalogue import catalogue

    catalogue()
    import tests.sample_nodes  # noqa: F401  # registers its nodes
