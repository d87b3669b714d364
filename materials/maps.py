"""The texture maps of a material, and what is known about them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from materials.graph import Source


@dataclass(frozen=True, eq=False)
class Maps(Mapping[str, np.ndarray]):
    """Pictures by name, float32, linear, `(height, width)` or `(height, width, 3)`, and where they come from.

    pictures is empty where the maps were handed on band by band.
    uses tells of each map which sources reach it, by name: "value" where their pixels may be in it, "control" where
    they can only steer it. Every source counts for a map that is not told of.
    size_cm is the width of what the tile depicts, depth_cm the height of height 1 over height 0.
    """

    pictures: Mapping[str, np.ndarray]
    width: int
    height: int
    size_cm: float = 100.0
    depth_cm: float = 1.0
    name: str = "material"
    seed: int = 0
    graph: str = ""
    title: str = ""
    author: str = ""
    licence: str = ""
    sources: tuple[Source, ...] = ()
    uses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)

    def sources_of(self, maps: Collection[str]) -> tuple[Source, ...]:
        """Return the sources that can reach any of some maps."""
        return tuple(source for source in self.sources if any(self.use(source.name, map) for map in maps))

    def use(self, source: str, map: str) -> str:
        """Return "value", "control" or, where a source cannot reach a map, nothing; all reach a map that is foreign."""
        return self.uses[map].get(source, "") if map in self.uses else "value"

    def __getitem__(self, name: str) -> np.ndarray:
        try:
            return self.pictures[name]
        except KeyError:
            raise KeyError(f"there is no map {name!r}; there are {', '.join(self.pictures)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.pictures)

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def graph_sha256(self) -> str:
        return hashlib.sha256(self.graph.encode()).hexdigest()

    def __repr__(self) -> str:
        return f"<Maps of {self.title or self.name}, {self.width}x{self.height}: {', '.join(self.pictures)}>"
