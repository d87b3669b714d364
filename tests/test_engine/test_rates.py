"""What a run is expected to take."""

from __future__ import annotations

import pytest

from materials import rates
from tests.build import document, planned, values


@pytest.fixture(autouse=True)
def _empty(monkeypatch, tmp_path):
    monkeypatch.setattr(rates, "_rates", None)
    monkeypatch.setenv("INTARSIA_HOME", str(tmp_path))


MADE = document({"a": "t_ramp", "f": "t_flip"}, "a.out -> f.image")


def test_a_run_is_predicted_from_runs_before_it():
    plan = planned(MADE, (512, 512))
    for _ in range(12):
        _, report = values(MADE, (512, 512), threads=1)
        rates.learn(report.as_data())
    measured = sum(cost.seconds for cost in report.costs)
    assert measured / 4 < rates.predict(plan) < measured * 4


def test_small_runs_teach_nothing():
    plan = planned(MADE, (512, 512))
    before = rates.predict(plan)
    _, report = values(MADE, (16, 16))
    rates.learn(report.as_data())
    assert rates.predict(plan) == before


def test_what_was_learned_is_there_again_and_damage_is_forgotten(tmp_path, monkeypatch):
    _, report = values(MADE, (300, 300))
    rates.learn(report.as_data())
    expected = rates.predict(planned(MADE))
    rates.save()
    monkeypatch.setattr(rates, "_rates", None)
    assert rates.predict(planned(MADE)) == expected
    for damage in ("{", '{"t_ramp": "x"}', '{"t_ramp": 1e999}', "[]"):
        (tmp_path / "cache" / "rates.json").write_text(damage)
        monkeypatch.setattr(rates, "_rates", None)
        assert rates.predict(planned(MADE)) > 0
