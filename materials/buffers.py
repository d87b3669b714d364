"""Memory that is used again: first touch of fresh memory costs more than most nodes."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from nodes.arrays import Value, planes


class BufferPool:
    """Arrays that are free to be used again; first touch of fresh memory costs more than most nodes.

    Parameters
    ----------
    limit : bytes of free arrays that are kept.
    """

    def __init__(self, limit: int = 512 * 2**20) -> None:
        self.limit = limit
        self._free: dict[tuple[tuple[int, ...], str], list[np.ndarray]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def take(self, shape: tuple[int, ...], dtype: Any = np.float32) -> np.ndarray:
        """Return an uninitialised C-contiguous array."""
        with self._lock:
            free = self._free.get((shape, np.dtype(dtype).str))
            if free:
                array = free.pop()
                self._bytes -= array.nbytes
                return array
        return np.empty(shape, dtype)

    def give(self, array: np.ndarray) -> None:
        """Take back an array that nobody reads any more."""
        with self._lock:
            if self._bytes + array.nbytes <= self.limit:
                self._free.setdefault((array.shape, array.dtype.str), []).append(array)
                self._bytes += array.nbytes

    def clear(self) -> None:
        with self._lock:
            self._free.clear()
            self._bytes = 0


BUFFERS = BufferPool()

LARGE = 32 * 2**20
"""Bytes from which a free full-size array is kept only if the same run needs it again."""


class Scratch:
    """The band-sized arrays of one band's work: taken from the pool, given back when no value uses them."""

    def __init__(self) -> None:
        self._owned: dict[int, np.ndarray] = {}
        self._uses: dict[int, int] = {}

    def take(self, shape: tuple[int, ...]) -> np.ndarray:
        array = BUFFERS.take(shape)
        self._owned[id(array)] = array
        return array

    def hold(self, value: Value) -> None:
        """Count a value as a user of the arrays it lies in."""
        for array in planes(value).values():
            root = root_of(array)
            if root in self._owned:
                self._uses[root] = self._uses.get(root, 0) + 1

    def drop(self, value: Value | None) -> None:
        """Uncount a value, and give back the arrays that it was the last user of."""
        if value is None:
            return
        for array in planes(value).values():
            root = root_of(array)
            if root in self._owned:
                self._uses[root] -= 1
                if self._uses[root] == 0:
                    BUFFERS.give(self._owned.pop(root))

    def end(self) -> None:
        """Give back the rest. Only after the last value of the band is handed on."""
        for array in self._owned.values():
            BUFFERS.give(array)
        self._owned.clear()


def root_of(array: np.ndarray) -> int:
    """Return the identity of the array that owns a view's memory."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return id(array)
