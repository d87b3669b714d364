"""What nodes warn of: gathered while they run, kept with the results that it is true of, and told by node.

A result in the cache stands for all that it was made of, and those nodes do not run again. So what is kept with it are
the warnings of everything before it, by the keys of the calls; the plan says which nodes have those keys now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from materials.plan import Plan

Heard = Mapping[str, tuple[str, ...]]
"""Keys of calls, and what each of them warned of."""


class Warned(NamedTuple):
    """A node's path, its label, and one thing it warned of."""

    path: str
    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


class Warnings:
    """What is warned of in one run."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._said: dict[int, dict[int, list[str]]] = {}
        self._kept: dict[str, tuple[str, ...]] = {}

    def of(self, call: int, top: int) -> Callable[[str], None]:
        """Return what takes the warnings of a call for the rows from `top` on."""
        return lambda text: self._said.setdefault(call, {}).setdefault(top, []).append(text)

    def recall(self, kept: Heard) -> None:
        """Enter what was kept with a result that need not be computed."""
        self._kept.update(kept)

    def so_far(self) -> Heard:
        """Return what was warned of until now; to be kept with a result that is made of nothing later.

        A key stands for all that a node is made from, so what is kept beyond a result's own nodes is no less true.
        """
        found = dict(self._kept)
        for index, by_row in self._said.items():
            texts = [text for top in sorted(by_row) for text in by_row[top]]  # the same for any number of threads
            key = self.plan.calls[index].key
            found[key] = tuple(dict.fromkeys([*found.get(key, ()), *texts]))
        return found

    def all(self) -> tuple[Warned, ...]:
        """Return all warnings, in the order of the plan's nodes."""
        heard = self.so_far()
        return tuple(Warned(path, label, text) for key, path, label in self.plan.named for text in heard.get(key, ()))
