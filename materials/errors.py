"""What can go wrong, said to the artist: what, where in the graph, and what would work.

IntarsiaError
├── UsageError        the call itself makes no sense: no such preset, option or node
├── GraphError        a document cannot be read or makes no sense
├── NodeError         a node failed
├── SourceError       a picture or linked file is missing, refused or unreadable
├── LicenceError      a source's licence does not allow this
├── ExportError       a file could not be written
├── BudgetError       more memory is needed than is allowed
└── Cancelled         someone asked to stop
"""

from __future__ import annotations

from pathlib import Path


class IntarsiaError(Exception):
    """The root of all errors that are meant to be read by a user.

    what : what is wrong; where : the place in the user's graph, as `blur "Soften edges"`; hint : what would work.
    node : the path of the node that it came up in, where that is known.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        self.file: Path | None = None
        self.node = ""
        super().__init__(what)

    def in_file(self, path: Path) -> IntarsiaError:
        """Return the error with the file it came up in."""
        self.file = path
        return self

    def __str__(self) -> str:
        parts = [str(self.file.name)] if self.file else []
        parts += [part for part in (self.where, self.what) if part]
        return ": ".join(parts) + (f" ({self.hint})" if self.hint else "")


class UsageError(IntarsiaError):
    exit_code = 2


class GraphError(IntarsiaError):
    pass


class NodeError(IntarsiaError):
    pass


class SourceError(IntarsiaError):
    """path : the file, as the user named it."""

    def __init__(self, what: str, *, path: str | Path = "", where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.path = str(path)


class LicenceError(IntarsiaError):
    pass


class ExportError(IntarsiaError):
    """path : the file that could not be written; needed : its bytes, if a full disk was the reason."""

    def __init__(self, what: str, *, path: str | Path = "", needed: int | None = None, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.path, self.needed = str(path), needed


class BudgetError(IntarsiaError):
    """needed, allowed : bytes; allowed is None where the system itself had no more."""

    def __init__(self, *, needed: int, allowed: int | None) -> None:
        limit = "more than there is" if allowed is None else f"the limit is {_size(allowed)}"
        super().__init__(
            f"the render needs about {_size(needed)} of memory, {limit}",
            hint="render smaller, fewer outputs at a time, or raise --memory",
        )
        self.needed, self.allowed = needed, allowed


class Cancelled(IntarsiaError):  # noqa: N818  # it is a wish, not an error
    exit_code = 130

    def __init__(self) -> None:
        super().__init__("cancelled")


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"
