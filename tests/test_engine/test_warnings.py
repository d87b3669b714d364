"""What nodes warn of: told by node, once, and told again when a result comes from a cache."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from materials.cache import Cache
from materials.edits import SetParameter
from tests.build import document, values

CHAIN = document(
    {"a": "t_ramp", "w": "t_warner", "g": "t_gain", "f": "t_flip"},
    "a.out -> w.image",
    "w.out -> g.image",
    "g.out -> f.image",
)
SAID = [{"node": "w", "label": 't_warner "w"', "text": "it is gray"}]


def said(report) -> list[dict[str, str]]:
    return report.as_data()["warnings"]


def test_a_warning_names_its_node_and_changes_no_pixel():
    result, report = values(CHAIN)
    silent, quiet = values(replace(CHAIN, nodes={**CHAIN.nodes, "w": replace(CHAIN.nodes["w"], bypass=True)}))
    assert said(report) == SAID
    assert str(report.warnings[0]) == 't_warner "w": it is gray'
    assert said(quiet) == []
    assert np.array_equal(np.asarray(result["f"]), np.asarray(silent["f"]))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_what_several_bands_say_is_told_once_and_in_their_order(threads):
    made = document({"a": "t_ramp", "w": "t_warner_by_rows"}, "a.out -> w.image")
    _, report = values(made, (400, 900), threads=threads)
    assert [found.text for found in report.warnings] == ["it has rows", "it ends"]


def test_two_nodes_that_do_the_same_both_warn():
    made = document(
        {"a": "t_ramp", "w": "t_warner", "v": "t_warner", "sum": "t_add"},
        "a.out -> w.image",
        "a.out -> v.image",
        "w.out -> sum.a",
        "v.out -> sum.b",
    )
    assert {found.path for found in values(made)[1].warnings} == {"w", "v"}


def test_a_result_from_the_cache_warns_again_whatever_hides_the_node():
    cache = Cache()
    values(CHAIN, cache=cache)
    for made in (CHAIN, SetParameter("g", "gain", 3.0).apply(CHAIN)[0]):
        _, report = values(made, cache=cache)
        assert not next((cost.calls for cost in report.costs if cost.path == "w"), 0)
        assert said(report) == SAID


def test_a_warning_comes_back_from_disk_with_its_result(tmp_path, monkeypatch):
    monkeypatch.setattr("materials.cache.DISK_BYTES_PER_SECOND", 1e15)
    values(CHAIN, cache=Cache(folder=tmp_path))
    _, report = values(CHAIN, cache=Cache(folder=tmp_path))
    assert not any(cost.calls for cost in report.costs)
    assert said(report) == SAID


def test_a_node_that_warns_no_more_is_not_held_to_what_it_said(tmp_path):
    cache = Cache()
    values(CHAIN, cache=cache)
    _, report = values(SetParameter("w", "text", "it is grey").apply(CHAIN)[0], cache=cache)
    assert [found.text for found in report.warnings] == ["it is grey"]


def test_a_renamed_node_warns_by_its_new_name():
    cache = Cache()
    values(CHAIN, cache=cache)
    renamed = replace(CHAIN, nodes={**CHAIN.nodes, "w": replace(CHAIN.nodes["w"], title="Fog")})
    assert [found.label for found in values(renamed, cache=cache)[1].warnings] == ['t_warner "Fog"']
