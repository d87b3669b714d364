"""All nodes by key. Importing this imports every node module, and nothing that compiles."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from nodes.declare import REGISTRY, NodeType
from nodes.renamed import RENAMED
from nodes.synonyms import synonyms

PACKAGES = ("nodes.procedural", "nodes.patch")

_loaded = False


def catalogue() -> Mapping[str, NodeType]:
    """Return all declared nodes, by key."""
    global _loaded
    if not _loaded:
        for name in PACKAGES:
            package = importlib.import_module(name)
            for module in pkgutil.iter_modules(package.__path__):
                importlib.import_module(f"{name}.{module.name}")
        _loaded = True
    return MappingProxyType(REGISTRY)


def node_type(key: str) -> NodeType | None:
    """Return the node that a key, today's or an older one, names; None if there is none."""
    return catalogue().get(RENAMED.get(key, key))


def similar(key: str) -> list[str]:
    """Return up to three keys that other programs call `key`, or that are spelled like it, for error messages."""
    word = key.replace("_", " ").casefold()
    called = [own for own, names in synonyms().items() if word in (name.casefold() for name in names)]
    return list(dict.fromkeys([*called, *difflib.get_close_matches(key, catalogue(), n=3)]))[:3]
