"""Reading and writing files so that nothing is lost and nothing outside is touched."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from materials.errors import ExportError, SourceError

TEMPORARY = re.compile(r"\.intarsia-(\d+)-[0-9a-f]{8}\.tmp")

_RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$"}
_RESERVED |= {name + digit for name in ("com", "lpt") for digit in "123456789¹²³"}

PRESETS = Path(__file__).resolve().parent.parent / "presets"
"""What was installed with us. Installers such as uv and conda make hard links, so these may have several."""


def check_relative(name: str) -> None:
    """Raise `SourceError` unless `name` is a plain relative path that is safe on every system.

    Refused: absolute paths, `..`, drives and schemes, `~`, backslashes, control characters, names that Windows
    reserves, and parts that end in a dot or a space or are longer than 255 bytes.
    """
    reason = _reason(name)
    if reason:
        shown = name if len(name) <= 80 else name[:77] + "..."
        hint = "paths are relative, below the document's folder"
        raise SourceError(f"the path {shown!r} {reason}", path=name, hint=hint)


def _reason(name: str) -> str:
    if not name:
        return "is empty"
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        return "holds control characters"
    if any("\ud800" <= character <= "\udfff" for character in name):
        return "holds characters that are no text"
    if "\\" in name or ":" in name:
        return "holds a backslash or a colon"
    if name.startswith(("/", "~")):
        return "is not relative"
    if len(name.encode()) > 4096:
        return "is too long"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return "leaves its folder or has an empty part"
        if part.endswith((".", " ")) or part.startswith(" "):
            return "has a part that ends in a dot or a space"
        if part.split(".")[0].strip().lower() in _RESERVED:
            return "has a name that some systems reserve"
        if len(part.encode()) > 255:
            return "has a part that is too long"
    return ""


def inside(folder: Path, name: str) -> Path:
    """Return the path that `name` means below `folder`, links followed and found to stay inside.

    Raises
    ------
    SourceError
        If the name is unsafe or leads out of the folder.
    """
    check_relative(name)
    root = Path(folder).resolve()
    try:
        path = (root / name).resolve()
    except (OSError, RuntimeError) as error:
        raise SourceError(f"{name} cannot be followed: {error}", path=name) from error
    if not path.is_relative_to(root):
        raise SourceError(f"{name} leads out of the document's folder", path=name)
    return path


def open_regular(path: str | Path, limit: int) -> bytes:
    """Return the bytes of a regular file of at most `limit` bytes.

    The checks are made on the open file, so that it cannot be swapped between check and use. Symbolic links
    are not followed and files with several hard links are refused, as either may point out of a folder.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError as error:  # a NUL, or half of a surrogate pair
        raise SourceError(f"{str(path)!r} is no path", path=repr(path)) from error
    except OSError as error:
        known = {errno.ELOOP: "is a symbolic link", errno.ENOENT: "is not there"}
        reason = known.get(error.errno or 0, f"cannot be read: {error.strerror}")
        raise SourceError(f"{Path(path).name} {reason}", path=path) from error
    try:
        status = os.fstat(descriptor)
        _check_open(status, Path(path), limit)
        # `closefd=False`: one place closes, also where no handle can be made of the descriptor.
        with os.fdopen(descriptor, "rb", closefd=False) as handle:
            return handle.read(status.st_size)
    except OSError as error:
        raise SourceError(f"{Path(path).name} cannot be read: {error.strerror}", path=path) from error
    finally:
        os.close(descriptor)


def _check_open(status: os.stat_result, path: Path, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{path.name} is no regular file", path=path)
    if status.st_nlink > 1 and not path.resolve().is_relative_to(PRESETS):
        raise SourceError(f"{path.name} has several hard links", path=path, hint="use a copy")
    if status.st_size > limit:
        size = f"{status.st_size / 2**20:.0f} MB, more than {limit / 2**20:.0f} MB"
        raise SourceError(f"{path.name} has {size}", path=path)


@contextlib.contextmanager
def atomic(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name only when it is whole and on the disk.

    Raises
    ------
    ExportError
        If it cannot be written; then an old file of that name is as it was.
    """
    path = Path(path)
    temporary = _temporary(path.parent)
    written = 0
    try:
        with open(temporary, "xb") as handle:
            try:
                yield handle
            finally:
                written = handle.tell()
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise _export_error(error, path, written) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _temporary(folder: Path) -> Path:
    return folder / f".intarsia-{os.getpid()}-{os.urandom(4).hex()}.tmp"


def _sync_folder(folder: Path) -> None:
    """Make a rename last over a power cut. The new file is whole either way, so a failure here is none."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _export_error(error: OSError, path: Path, needed: int) -> ExportError:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            what = f"{path.name} was not written: the disk is full, {needed / 2**20:.1f} MB are needed"
            return ExportError(what, path=path, needed=needed, hint="free some space or choose another folder")
        case errno.EROFS | errno.EACCES | errno.EPERM:
            what = f"{path.name} was not written: {path.parent} may not be written to"
            return ExportError(what, path=path, hint="choose another folder")
        case errno.ENOENT | errno.ENOTDIR:
            return ExportError(f"{path.name} was not written: there is no folder {path.parent}", path=path)
        case _:
            return ExportError(f"{path.name} was not written: {error.strerror or error}", path=path)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    write_all({Path(path): data})


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write several files, all or none: every one is whole on the disk before the first gets its name.

    Raises
    ------
    ExportError
        If one cannot be written; then none appears and old files are as they were. Only a failure between two
        renames, which take no space, can leave some new beside some old; each is whole.
    """
    temporaries: dict[Path, Path] = {}
    current, needed = Path(), sum(len(data) for data in contents.values())
    try:
        for current, data in contents.items():
            if current.is_dir():  # found out now, not when some files have their names already
                raise IsADirectoryError(errno.EISDIR, "a folder has that name")
            temporaries[current] = _temporary(current.parent)
            with open(temporaries[current], "xb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
        for current, temporary in temporaries.items():
            os.replace(temporary, current)
    except OSError as error:
        raise _export_error(error, current, needed) from error
    finally:
        for temporary in temporaries.values():
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    for folder in {path.parent for path in contents}:
        _sync_folder(folder)


def make_folder(folder: str | Path) -> Path:
    """Return a folder, made if it is not there, with what dead processes left in it swept away."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"the folder {folder} cannot be made: {error.strerror}", path=folder) from error
    sweep(folder)
    return folder


def sweep(folder: Path) -> int:
    """Delete temporary files whose process is gone; return how many."""
    count = 0
    for path in folder.glob(".intarsia-*.tmp"):
        found = TEMPORARY.fullmatch(path.name)
        if found and not _alive(int(found.group(1)), path):
            with contextlib.suppress(OSError):
                path.unlink()
                count += 1
    return count


def _alive(process: int, path: Path) -> bool:
    """Return whether the process that wrote `path` may still be running."""
    if os.name == "nt":  # there, signal 0 is Ctrl+C and would be sent
        with contextlib.suppress(OSError):
            return time.time() - path.stat().st_mtime < 86_400
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
