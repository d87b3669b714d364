"""Kernels that cost nothing until they are called.

Importing numba takes a quarter of a second and each kernel some milliseconds, so both wait for the
first call. Compiled code is kept in a folder of the user's own, with mode 0700: numba's index is a
pickle and must never come from elsewhere. A damaged cache is wiped and made again, and what a kernel was made of is
part of its name there, so that a newer version never meets the code of an older one. Code found there is loaded
without waking the compiler: neither its tables of known functions nor the kernel's helpers are built for it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

f32 = np.float32

# No `nnan`, no `reassoc`: with this subset all x86-64 processors with FMA give the same bits.
FASTMATH = {"contract", "nsz", "arcp"}


def user_folder() -> Path:
    """Return the user's folder for caches: INTARSIA_HOME, or the system's place for caches."""
    home = os.environ.get("INTARSIA_HOME")
    if home:
        return Path(home) / "cache"
    import platformdirs  # imported here: it costs 10 ms

    return Path(platformdirs.user_cache_dir("intarsia", appauthor=False))


def _numba() -> Any:
    """Import numba with its cache in the user's folder."""
    if "NUMBA_CACHE_DIR" not in os.environ:
        folder = user_folder() / "kernels"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            os.environ["NUMBA_CACHE_DIR"] = str(folder)
        except OSError:
            pass  # a read-only home: numba finds a place by itself or compiles each time
    import numba

    return numba


def _one_at_a_time() -> Any:
    """Return the lock under which kernels are made: numba's own, since of two locks each could wait for the other."""
    _numba()
    from numba.core.compiler_lock import global_compiler_lock

    return global_compiler_lock


@functools.cache
def _store() -> type:
    """Return numba's store of compiled functions, but one that wakes the compiler only for what is not there.

    numba refreshes its tables before it looks: 0.2 s of a process that compiles nothing.
    """
    from numba.core.caching import FunctionCache
    from numba.core.runtime.nrt import rtsys

    class Store(FunctionCache):  # type: ignore[misc]  # numba has no types
        def __init__(self, function: Callable[..., Any], complete: Callable[[], None]) -> None:
            super().__init__(function)
            self._complete = complete

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                found = self._load_overload(sig, target_context)
            if found is None:
                self._complete()
            return found

    return Store


class Lazy:
    """Something numba must build before use; built once, under a lock. `function` is what it is built from."""

    def __init__(self, build: Callable[[], Any], function: Callable[..., Any]) -> None:
        self._build = build
        self._built: Any = None
        self.function = function

    def build(self) -> Any:
        if self._built is None:
            with _one_at_a_time():
                if self._built is None:
                    self._built = self._build()
        return self._built


class Kernel(Lazy):
    """A compiled function; call it as the plain one."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        super().__init__(lambda: self._compile(cache=True), function)
        self.options = options
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self._seen: set[tuple[Any, ...]] = set()

    def _compile(self, cache: bool) -> Any:
        numba = _numba()
        source, inlined = self.function, self.options.get("inline") == "always"
        function = types.FunctionType(
            source.__code__, dict(source.__globals__), source.__name__, source.__defaults__, source.__closure__
        )
        function.__qualname__, function.__module__ = source.__qualname__, source.__module__
        made = numba.njit(**self.options)(function)

        def complete() -> None:
            """Put what numba can compile in the place of each helper that the kernel names."""
            for name in _names(source.__code__):
                if isinstance(value := source.__globals__.get(name), Lazy):
                    function.__globals__[name] = value.build()

        if inlined or not cache:
            complete()
            return made
        # numba looks for compiled code by this name, and for changes in the kernel's own file alone.
        function.__qualname__ += f"_{fingerprint(source)}"
        try:
            made._cache = _store()(function, complete)
        except RuntimeError:  # no place for a cache
            complete()
        return made

    def uncached(self) -> Any:
        """Return the kernel compiled afresh, so that its machine code can be looked at."""
        return self._compile(cache=False)

    def __call__(self, *arguments: Any) -> Any:
        if self._seen:
            return self._built(*arguments)
        # The first call loads or compiles: one thread at a time, since numba's cache files may race.
        with _one_at_a_time():
            dispatcher = self.build()
            try:
                result = dispatcher(*arguments)
            except Exception as error:
                if not _is_cache_damage(error):
                    raise
                wipe_kernels()
                self._built = dispatcher = self._compile(cache=False)
                result = dispatcher(*arguments)
            self._seen.add(())
            return result


def _names(code: types.CodeType) -> set[str]:
    return {name for each in _codes(code) for name in each.co_names}


def fingerprint(function: Callable[..., Any]) -> str:
    """Return a hash of a kernel, of all helpers it calls, in whatever file, and of the constants they name."""
    digest, seen, work = hashlib.blake2b(digest_size=8), set(), [function]
    while work:
        current = work.pop()
        if current in seen:
            continue
        seen.add(current)
        for code in _codes(current.__code__):
            plain = tuple(part for part in code.co_consts if not isinstance(part, types.CodeType))
            digest.update(repr((code.co_name, code.co_code, plain, code.co_names)).encode())
        for name in sorted(_names(current.__code__)):
            value = current.__globals__.get(name)
            if isinstance(value, Lazy):
                work.append(value.function)
            elif isinstance(value, np.ndarray):
                digest.update(name.encode() + value.tobytes())
            elif isinstance(value, int | float | str | tuple | np.generic):
                digest.update(repr((name, value)).encode())
    return digest.hexdigest()


def _codes(code: types.CodeType) -> list[types.CodeType]:
    """Return a function's code and that of the functions inside it."""
    inner = [part for part in code.co_consts if isinstance(part, types.CodeType)]
    return [code, *(each for part in inner for each in _codes(part))]


def _is_cache_damage(error: BaseException) -> bool:
    """Return whether an error came out of numba's cache files rather than out of the kernel."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(os.path.join("numba", "core", "caching.py")):
            return True
        trace = trace.tb_next
    return False


def wipe_kernels() -> None:
    """Delete all compiled kernels; they are made again when next called."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    if folder and Path(folder).is_dir():
        for child in Path(folder).iterdir():
            shutil.rmtree(child, ignore_errors=True) if child.is_dir() else child.unlink(missing_ok=True)


def kernel(function: Callable[..., Any]) -> Any:
    """Make a kernel: compiled at its first call, without the GIL, one thread."""
    return Kernel(function, {"nogil": True, "fastmath": FASTMATH, "error_model": "numpy", "boundscheck": False})


def inline(function: Callable[..., Any]) -> Any:
    """Make a helper that is pasted into the kernels that call it."""
    return Kernel(function, {"inline": "always", "fastmath": FASTMATH, "error_model": "numpy", "nogil": True})


def intrinsic(make: Callable[[Any, Any, Any], tuple[Any, Callable[..., Any]]]) -> Any:
    """Make a function of LLVM instructions: `make(numba, types, ir)` returns a numba intrinsic."""

    def build() -> Any:
        numba = _numba()
        import llvmlite.ir as ir

        return make(numba, numba.types, ir)

    return Lazy(build, make)
