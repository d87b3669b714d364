"""Keys that nodes had before: old key to today's. Keys are never reused."""

from __future__ import annotations

RENAMED: dict[str, str] = {}
