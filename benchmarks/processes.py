"""What all benchmarks share: runs in a process of their own, and a line for each result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def process(command: list[str], rounds: int = 3) -> dict[str, Any] | None:
    """Return the best of several runs of a process that prints its figures, None where it cannot run."""
    best: dict[str, Any] | None = None
    for _ in range(rounds):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
        if done.returncode or not done.stdout.strip():
            return None
        found = json.loads(done.stdout.strip().splitlines()[-1])
        if best is None or found["wall_s"] < best["wall_s"]:
            best = found
    return best


def module(name: str, *arguments: object, python: str = sys.executable) -> list[str]:
    """Return the command that runs a module of ours with arguments."""
    return [python, "-m", name, *map(str, arguments)]


def say(title: str, row: dict[str, Any]) -> None:
    print(f"{title:<32} {json.dumps(row)}", flush=True)
