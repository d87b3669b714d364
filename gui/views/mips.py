"""Smaller copies of a picture, so that drawing it costs what is seen of it, not what it holds. Needs no Qt."""

from __future__ import annotations

import numpy as np

from nodes import opencv


class Mips:
    """A picture of sRGB codes, uint8 (H, W, 3), with its copies of half the size each, made when first wanted."""

    def __init__(self, codes: np.ndarray) -> None:
        self._levels = [np.ascontiguousarray(codes)]
        self._fitted: dict[tuple[int, int], np.ndarray] = {}

    @property
    def codes(self) -> np.ndarray:
        return self._levels[0]

    @property
    def height(self) -> int:
        return self._levels[0].shape[0]

    @property
    def width(self) -> int:
        return self._levels[0].shape[1]

    def fitted(self, height: int, width: int) -> np.ndarray:
        """Return the picture made smaller to an exact size, each pixel the mean of what it covers."""
        wanted = (height, width)
        if wanted not in self._fitted:
            if len(self._fitted) > 2:  # the present size and what the wheel has just left
                self._fitted.pop(next(iter(self._fitted)))
            cv2, level = opencv.cv2, self._level_of(height, width)
            self._fitted[wanted] = (
                level if level.shape[:2] == wanted else cv2.resize(level, (width, height), interpolation=cv2.INTER_AREA)
            )
        return self._fitted[wanted]

    def _level_of(self, height: int, width: int) -> np.ndarray:
        """Return the smallest copy that is no smaller than a size."""
        at = 0
        while True:
            if at + 1 == len(self._levels):
                rows, columns = (max(1, side // 2) for side in self._levels[at].shape[:2])
                if rows < height or columns < width or (rows, columns) == self._levels[at].shape[:2]:
                    return self._levels[at]
                cv2 = opencv.cv2
                self._levels.append(cv2.resize(self._levels[at], (columns, rows), interpolation=cv2.INTER_AREA))
            if self._levels[at + 1].shape[0] < height or self._levels[at + 1].shape[1] < width:
                return self._levels[at]
            at += 1
