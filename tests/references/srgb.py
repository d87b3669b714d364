"""The sRGB curve of IEC 61966-2-1 for one number, in the words of the standard."""

from __future__ import annotations


def srgb_from_linear(value: float) -> float:
    value = float(value)
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
