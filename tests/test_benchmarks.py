"""That what is timed can be run; no figure is asserted."""

from __future__ import annotations

import importlib

import pytest

import intarsia
from benchmarks import presets
from materials.render import load

MODULES = (
    "__main__", "blender", "graphs", "library", "likeness", "noise", "peers", "presets", "processes", "quilting",
    "synthesis",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_a_module_of_the_benchmarks_needs_no_peer_to_be_imported(name):
    importlib.import_module(f"benchmarks.{name}")


def test_edits_of_all_exposed_parameters_are_timed():
    graph = load("oak_planks")
    seconds = presets.edit_seconds(graph, 32, rounds=1)
    assert list(seconds) == [entry.name for entry in graph.document.exposed]
    assert all(spent > 0 for spent in seconds.values())


@pytest.mark.parametrize("name", intarsia.presets())
def test_an_edit_takes_a_value_that_the_parameter_may_have_and_has_not(name):
    graph = load(name)
    for entry in graph.document.exposed:
        edited = graph.with_settings({entry.name: presets.another_value(graph, entry)})
        old, new = (found.document.node(entry.node).parameters[entry.parameter] for found in (graph, edited))
        assert new != old, entry.name
