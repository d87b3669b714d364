"""Results kept in memory and on disk: never a wrong pixel, whatever happens to the files."""

from __future__ import annotations

import random

import numpy as np
import pytest

from materials.cache import Cache
from nodes.arrays import Material, Origin, Regions, Stamps, planes
from tests.build import document, values

IMAGE = np.arange(600, dtype=np.float32).reshape(20, 30)
LABELS = np.arange(600, dtype=np.int32).reshape(20, 30)
VALUES = {
    "gray": IMAGE,
    "regions": Regions(LABELS, {"id": np.array([1, 2], np.uint32)}, np.array([[1, 2]], np.int32)),
    "origin": Origin(LABELS, LABELS + 1, LABELS + 2, IMAGE),
    "material": Material({"height": IMAGE, "base_color": np.zeros((20, 30, 3), np.float32)}, 50.0, 3.0),
    "stamps": Stamps(((IMAGE, IMAGE[::2]), (IMAGE,))),
}


def equal(one, other) -> bool:
    if isinstance(one, Stamps):
        return all(
            np.array_equal(a, b)
            for x, y in zip(one.pictures, other.pictures, strict=True)
            for a, b in zip(x, y, strict=True)
        )
    return type(one) is type(other) and all(np.array_equal(a, planes(other)[name]) for name, a in planes(one).items())


@pytest.mark.parametrize("name", VALUES)
def test_every_kind_comes_back_from_disk_as_it_was(name, tmp_path):
    Cache(folder=tmp_path).put("k." + name, VALUES[name], seconds=1e9)
    again = Cache(folder=tmp_path).get("k." + name)
    assert equal(VALUES[name], again)


def test_what_is_cheap_to_make_is_not_written(tmp_path):
    Cache(folder=tmp_path).put("k", np.zeros((4000, 400), np.float32), seconds=1e-6)
    assert not list(tmp_path.iterdir())


def test_damaged_files_are_never_believed_and_vanish(tmp_path):
    rng = random.Random(3)
    cache = Cache(folder=tmp_path)
    for round_ in range(300):
        cache.put("k", IMAGE, seconds=1e9)
        path = next(tmp_path.glob("*.result"))
        data = bytearray(path.read_bytes())
        match round_ % 4:
            case 0:
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            case 1:
                del data[rng.randrange(len(data)) :]
            case 2:
                data = bytearray(rng.randbytes(rng.randrange(200)))
            case 3:
                data += b"x"
        path.write_bytes(data)
        assert Cache(folder=tmp_path).get("k") is None
        assert not path.exists()
        cache.clear()


def test_memory_is_bounded_and_the_oldest_goes_first():
    cache = Cache(memory=3 * IMAGE.nbytes)
    for name in "abc":
        cache.put(name, IMAGE.copy())
    cache.get("a")
    cache.put("d", IMAGE.copy())
    assert "a" in cache
    assert "b" not in cache
    assert cache.used <= cache.memory


def test_disk_is_bounded(tmp_path):
    cache = Cache(folder=tmp_path, disk=3 * IMAGE.nbytes)
    for name in "abcdefgh":
        cache.put(name, IMAGE.copy(), seconds=1e9)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3 * IMAGE.nbytes


def test_a_full_or_read_only_disk_only_costs_the_cache(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache = Cache(folder=blocked / "below")
    cache.put("k", IMAGE, seconds=1e9)
    assert np.array_equal(cache.get("k"), IMAGE)


def test_a_second_process_continues_where_the_first_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("materials.cache.DISK_BYTES_PER_SECOND", 1e15)
    made = document({"a": "t_ramp", "f": "t_flip", "g": "t_gain"}, "a.out -> f.image", "f.out -> g.image")
    first, _ = values(made, cache=Cache(folder=tmp_path))
    again, report = values(made, cache=Cache(folder=tmp_path))
    assert np.array_equal(first["g"], again["g"])
    assert not any(cost.calls for cost in report.costs)


def test_keys_change_with_size_seed_parameter_and_upstream():
    from tests.build import planned

    base = document({"a": "t_ramp", "g": "t_gain"}, "a.out -> g.image")
    other = document({"a": ("t_ramp", {"scale": 2}), "g": "t_gain"}, "a.out -> g.image")
    plans = [planned(base), planned(base, (64, 64)), planned(base, seed=1), planned(other)]
    keys = [plan.calls[plan.outputs["g"][0]].key for plan in plans]
    assert len(set(keys)) == 4
    assert keys[0] == planned(base).calls[1].key
