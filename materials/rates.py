"""How fast each node is on this machine: measured by every run, kept between them, and used to predict the next."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any

from materials import files
from materials.calls import is_given
from materials.errors import IntarsiaError
from materials.plan import Plan
from nodes.kernels.compile import user_folder

DEFAULT = 3e-9
"""Seconds a pixel for a node that has never run here."""

ENOUGH = 256 * 256
"""Pixels from which a run says something about speed."""

_rates: dict[str, float] | None = None
_lock = threading.Lock()


def _known() -> dict[str, float]:
    global _rates
    with _lock:
        if _rates is None:
            _rates = {}
            with contextlib.suppress(OSError, ValueError, TypeError):
                found = json.loads((user_folder() / "rates.json").read_text("utf-8"))
                if isinstance(found, dict):
                    _rates = {str(key): float(rate) for key, rate in found.items() if 0 < float(rate) < 1}
        return _rates


def predict(plan: Plan) -> float:
    """Return the processor seconds that a plan is expected to take on this machine."""
    rates = _known()
    pixels = plan.height * plan.width
    return sum(rates.get(call.type.key, DEFAULT) * pixels for call in plan.calls if not is_given(call))


def expected(key: str, pixels: int) -> float:
    """Return the processor seconds that a node of a kind is expected to take on this machine."""
    return _known().get(key, DEFAULT) * pixels


def learn(report: dict[str, Any]) -> None:
    """Take a run's report into account; each node's rate moves a third of the way, on a scale of ratios."""
    pixels = report["size"][0] * report["size"][1]
    if pixels < ENOUGH:
        return
    rates = _known()
    with _lock:
        for entry in report["nodes"]:
            rate = float(entry["cpu_seconds"]) / pixels
            if entry["calls"] and rate > 0:
                key = str(entry["kind"])
                rates[key] = rates.setdefault(key, rate) ** (2 / 3) * rate ** (1 / 3)


def save() -> None:
    """Keep what was learned for the next process; a full or read-only home only costs that."""
    rates = _known()
    with contextlib.suppress(OSError, IntarsiaError), _lock:
        folder = user_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write_bytes(folder / "rates.json", json.dumps(rates, sort_keys=True).encode())
