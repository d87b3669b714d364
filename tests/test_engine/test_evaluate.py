"""The engine: steps, bands, buffers, threads, cancel, cost. With the plainest nodes there are."""

from __future__ import annotations

import numpy as np
import pytest

from materials.cache import Cache
from materials.errors import BudgetError, Cancelled, GraphError, NodeError
from materials.evaluate import BUFFERS, Cancel, evaluate
from tests.build import document, planned, values

DIAMOND = document(
    {"ramp": "t_ramp", "gain": "t_gain", "below": "t_below", "sum": "t_add", "flip": "t_flip", "last": "t_add"},
    "ramp.out -> gain.image",
    "gain.out -> below.image",
    "below.out -> sum.a",
    "ramp.out -> sum.b",
    "sum.out -> flip.image",
    "flip.out -> last.a",
    "gain.out -> last.b",
)


def diamond(height: int, width: int) -> np.ndarray:
    """Return what DIAMOND computes, by plain numpy on whole pictures."""
    ramp = values(document({"ramp": "t_ramp"}), (height, width))[0]["ramp"]
    below = np.roll(ramp * np.float32(2), -1, axis=0)
    return (below + ramp)[::-1] + ramp * np.float32(2)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 1), (64, 48), (333, 257), (40, 5000)])
def test_a_graph_with_every_kind_of_cut_equals_plain_numpy(size):
    result, _ = values(DIAMOND, size)
    assert np.array_equal(result["last"], diamond(*size))


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_any_number_of_threads_gives_the_same_bits(threads):
    expected, _ = values(DIAMOND, (300, 1000), threads=1)
    result, _ = values(DIAMOND, (300, 1000), threads=threads)
    assert np.array_equal(result["last"], expected["last"])


def test_the_graph_is_cut_only_where_a_node_reads_around_or_whole():
    plan = planned(DIAMOND)
    assert len(plan.steps) == 3
    made = {plan.calls[index].path: step for (index, _), (step, _) in plan.stored.items()}
    assert made == {"gain": 0, "sum": 1, "flip": 2, "last": 2, "ramp": 0}


def test_a_generator_waits_for_its_reader():
    late = document(
        {"a": "t_ramp", "below": "t_below", "b": "t_ramp", "sum": "t_add"},
        "a.out -> below.image",
        "below.out -> sum.a",
        "b.out -> sum.b",
    )
    plan = planned(late)
    assert [plan.calls[index].path for index in plan.steps[1].banded] == ["below", "b", "sum"]
    assert not [part for part in plan.stored if plan.calls[part[0]].path == "b"]


def test_a_cheap_generator_is_repeated_rather_than_stored():
    repeated = planned(DIAMOND, cheap=lambda call: call.type.key == "t_ramp")
    assert "ramp" not in {repeated.calls[index].path for index, _ in repeated.stored}
    result, _ = evaluate(repeated, threads=2)
    assert np.array_equal(result["last"], diamond(64, 48))


def test_gray_widens_to_color_by_itself():
    mixed = document(
        {"a": "t_ramp", "two": "t_two", "sum": "t_add"}, "a.out -> two.image", "two.second -> sum.a", "a.out -> sum.b"
    )
    result, _ = values(mixed)
    assert result["sum"].shape == (64, 48, 3)
    assert np.array_equal(result["sum"][..., 0], result["sum"][..., 2])


def test_a_node_that_returns_its_input_does_not_share_a_buffer_with_it():
    chain = document(
        {"a": "t_ramp", "s1": "t_same", "b": "t_below", "s2": "t_same", "g": "t_gain", "sum": "t_add", "f": "t_flip"},
        "a.out -> s1.image",
        "s1.out -> b.image",
        "a.out -> s2.image",
        "s2.out -> g.image",
        "b.out -> sum.a",
        "g.out -> sum.b",
        "sum.out -> f.image",
    )
    ramp = values(document({"a": "t_ramp"}), (200, 300))[0]["a"]
    for _ in range(3):
        result, _ = values(chain, (200, 300))
        assert np.array_equal(result["f"], (np.roll(ramp, -1, 0) + ramp * 2)[::-1])


def test_a_reduction_sees_the_whole_picture_and_keeps_its_bits():
    centred = document({"a": "t_ramp", "c": "t_centred"}, "a.out -> c.image")
    one, _ = values(centred, (500, 700), threads=1)
    many, _ = values(centred, (500, 700), threads=5)
    assert abs(float(one["c"].mean())) < 1e-5
    assert np.array_equal(one["c"], many["c"])


def test_every_kind_of_wire_crosses_a_cut():
    everything = document(
        {
            "a": "t_ramp",
            "below": "t_below",
            "stripes": "t_stripes",
            "paint": "t_paint",
            "origin": "t_origin",
            "rows": "t_rows_of",
            "stamps": "t_stamps",
            "mean": "t_stamp_mean",
            "flow": "t_flow",
            "moved": "t_ramp",
            "two": "t_two",
            "material": "t_as_material",
            "height": "t_height_of",
            "around": "t_height_around",
        },
        "a.out -> below.image",
        "stripes.out -> paint.regions",
        "origin.out -> rows.origin",
        "below.out -> stamps.image",
        "stamps.out -> mean.stamps",
        "below.out -> flow.image",
        "flow.out -> moved.offset",
        "a.out -> two.image",
        "two.second -> material.base_color",
        "two.first -> material.height",
        "material.out -> height.material",
        "material.out -> around.material",
    )
    result, _ = values(everything, (64, 48))
    ramp = result["height"]
    assert np.array_equal(result["around"], np.roll(ramp, -3, axis=0))
    assert np.array_equal(result["rows"][:, 0], np.arange(64))
    assert set(np.unique(result["paint"])) == {7, 9}
    assert np.allclose(result["moved"], ramp + np.roll(ramp, -1, 0))
    assert np.isclose(result["mean"][0, 0], ramp.mean())


def test_a_node_gets_pixels_and_radians():
    result, _ = values(document({"l": "t_lengths"}), (32, 64))
    assert np.allclose(result["l"], 32 + np.pi)


def test_a_seed_of_the_graph_varies_every_node_and_zero_varies_none():
    plain, _ = values(document({"a": "t_ramp"}))
    varied, _ = values(document({"a": "t_ramp"}), seed=1)
    again, _ = values(document({"a": "t_ramp"}), seed=1)
    assert np.array_equal(plain["a"], values(document({"a": "t_ramp"}), seed=0)[0]["a"])
    assert not np.array_equal(plain["a"], varied["a"])
    assert np.array_equal(varied["a"], again["a"])


def test_bypass_passes_the_picture_or_the_mean():
    from dataclasses import replace

    made = document({"a": "t_ramp", "g": "t_gain"}, "a.out -> g.image")
    off = replace(made, nodes={**made.nodes, "g": replace(made.nodes["g"], bypass=True)})
    assert np.array_equal(values(off, outputs=["g"])[0]["g"], values(made, outputs=["a"])[0]["a"])
    silent = replace(made, nodes={**made.nodes, "a": replace(made.nodes["a"], bypass=True)})
    assert np.all(values(silent)[0]["g"] == 0.5)


def test_an_edit_runs_only_what_lies_downstream():
    from materials.edits import SetParameter

    cache = Cache()
    values(DIAMOND, cache=cache)
    changed, _ = SetParameter("gain", "gain", 3.0).apply(DIAMOND)
    _, report = values(changed, cache=cache)
    ran = {cost.path for cost in report.costs if cost.calls}
    assert "ramp" not in ran
    assert {"gain", "sum", "last"} <= ran
    again, report = values(changed, cache=cache)
    assert not any(cost.calls for cost in report.costs)
    assert np.array_equal(again["last"], values(changed)[0]["last"])


def test_cached_results_survive_later_runs_over_the_same_buffers():
    cache = Cache()
    first = {name: value.copy() for name, value in values(DIAMOND, cache=cache)[0].items()}
    for gain in (0.5, 1.5, -1.0):
        from materials.edits import SetParameter

        values(SetParameter("gain", "gain", gain).apply(DIAMOND)[0], cache=cache)
    assert np.array_equal(values(DIAMOND, cache=cache)[0]["last"], first["last"])


def test_a_sink_gets_every_row_of_every_output_once():
    plan = planned(DIAMOND, (100, 900), outputs=["last", "ramp", "flip"], streamed=True)
    got = {name: np.full((100, 900), np.nan, np.float32) for name in plan.outputs}
    rows = []

    def sink(name, top, band):
        got[name][top : top + len(band)] = band
        rows.append((name, top))

    evaluate(plan, threads=2, sink=sink)
    expected, _ = values(DIAMOND, (100, 900), outputs=["last", "ramp", "flip"])
    assert all(np.array_equal(got[name], expected[name]) for name in got)
    assert len(rows) == len(set(rows))


def test_a_run_is_refused_before_it_starts_if_it_needs_too_much():
    with pytest.raises(BudgetError) as error:
        values(DIAMOND, (4096, 4096), budget=10_000_000)
    assert error.value.needed > error.value.allowed == 10_000_000


def test_cancel_stops_a_run_and_the_next_one_is_whole():
    flag = Cancel()
    with pytest.raises(Cancelled):
        values(DIAMOND, (2000, 1000), cancel=flag, progress=lambda share, label: flag.cancel())
    assert np.array_equal(values(DIAMOND, (300, 200))[0]["last"], diamond(300, 200))


def test_progress_rises_to_one():
    shares = []
    values(DIAMOND, (500, 400), threads=1, progress=lambda share, label: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_error_names_the_node():
    broken = document({"a": "t_ramp", "x": "t_broken"}, "a.out -> x.image")
    with pytest.raises(NodeError, match='t_broken "x": it failed: no luck'):
        values(broken)


def test_a_missing_input_and_an_unknown_kind_are_named():
    with pytest.raises(GraphError, match='t_gain "g": its input image is not connected'):
        values(document({"g": "t_gain"}))
    with pytest.raises(GraphError, match="'fmb' is not known here"):
        values(document({"x": "fmb"}), outputs=["x"])


def test_the_report_says_who_took_what():
    _, report = values(DIAMOND, (512, 512))
    data = report.as_data()
    assert {entry["node"] for entry in data["nodes"]} == set(DIAMOND.nodes)
    assert sum(entry["cpu_seconds"] for entry in data["nodes"]) <= report.cpu_seconds * 1.5 + 0.05
    assert all(entry["bytes"] >= 512 * 512 * 4 for entry in data["nodes"])


def test_buffers_are_used_again():
    BUFFERS.clear()
    values(DIAMOND, (256, 256))
    before = BUFFERS._bytes
    values(DIAMOND, (256, 256))
    assert 0 < BUFFERS._bytes <= before + 256 * 256 * 4


def test_a_colour_that_comes_by_a_wire_of_either_kind_is_no_mask():
    made = document(
        {"c": "uniform_color", "b": "blur", "m": "blend"},
        *("c.out -> b.image", "c.out -> m.a", "c.out -> m.b", "b.out -> m.mask"),
    )
    with pytest.raises(GraphError, match='mask takes Gray, blur "b" gives Color here'):
        planned(made, outputs=["m"])
