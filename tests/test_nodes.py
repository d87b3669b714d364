"""What every node promises, whatever it does: tried on all of them, from their declarations alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from materials import evaluate as engine
from materials.errors import GraphError
from materials.render import PRESETS, run
from nodes import declare
from nodes.arrays import Material, Origin, Regions, Stamps, Value, planes
from nodes.catalogue import catalogue
from nodes.declare import (
    CHANNELS,
    Choice,
    Field,
    Kind,
    Knots,
    NodeType,
    Picture,
    Range,
    SeedValue,
    Stops,
    Swatch,
    Switch,
)
from tests.references.calling import call

NODES = sorted(key for key in catalogue() if not key.startswith("t_"))
SIZES = [(1, 1), (1, 17), (19, 1), (7, 13), (64, 64), (48, 96)]


def picture(kind: Kind, height: int, width: int, seed: int = 1) -> Value | None:
    """Return a smooth picture of a kind that is the same at every size; None for kinds no node here reads."""
    y, x = np.mgrid[0:height, 0:width]
    u, v = (x + 0.5) / width * 2 * np.pi, (y + 0.5) / height * 2 * np.pi
    gray = 0.5 + 0.2 * np.sin(u + seed) * np.cos(2 * v) + 0.2 * np.sin(3 * v + 2 * u + seed)
    gray = gray.astype(np.float32)
    match kind:
        case Kind.GRAY | Kind.IMAGE:
            return gray
        case Kind.COLOR:
            return np.stack([gray, gray[::-1] * 0.8, 0.3 + 0.5 * gray[:, ::-1]], axis=2).astype(np.float32)
        case Kind.FLOW:
            return np.stack([gray - 0.5, 0.5 - gray], axis=2).astype(np.float32) * np.float32(0.1)
        case Kind.REGIONS:
            return run("flood_fill", gray, threshold=0.5)
        case Kind.MATERIAL:
            return Material({"base_color": np.stack([gray] * 3, axis=2), "height": gray})
        case Kind.ORIGIN:
            y, x = np.indices((height, width), np.int32)
            one = np.ones((height, width), np.float32)
            return Origin(np.zeros_like(y), y[::-1].copy(), x, one, ((height, width),))
        case Kind.STAMPS:
            return Stamps(((gray,),))
    return None


def arguments(kind: NodeType, height: int, width: int, full: bool = True, color: bool = False) -> dict[str, Any]:
    """Return pictures for a node's inputs, optional ones only if `full`, and a size where it has none."""
    given: dict[str, Any] = {}
    for number, socket in enumerate(kind.sockets):
        if full or not socket.optional:
            wanted = Kind.COLOR if socket.kind is Kind.IMAGE and color else socket.kind
            given[socket.name] = picture(wanted, height, width, number + 1)
    return given or {"size": (width, height)}


def results(kind: NodeType, result: Any) -> dict[str, Value]:
    return {"out": result} if len(kind.outputs) == 1 else result._asdict()


def arrays(kind: NodeType, result: Any) -> dict[str, np.ndarray]:
    return {
        f"{name} {plane}": array
        for name, value in results(kind, result).items()
        for plane, array in planes(value).items()
    }


def same(kind: NodeType, one: Any, other: Any) -> bool:
    first, second = arrays(kind, one), arrays(kind, other)
    return all(np.array_equal(first[name], second[name]) for name in first)


@pytest.fixture(params=NODES)
def kind(request) -> NodeType:
    return catalogue()[request.param]


# ---- shapes and numbers ----


@pytest.mark.parametrize("size", SIZES)
def test_results_have_their_kind_size_and_type_and_are_finite(kind, size):
    for full in (False, True):
        for color in (False, True):
            given = arguments(kind, *size, full=full, color=color)
            result = results(kind, run(kind.key, **given))
            for output in kind.outputs:
                value = result[output.name]
                if output.kind in (Kind.GRAY, Kind.COLOR, Kind.FLOW, Kind.IMAGE):
                    widened = output.kind is Kind.COLOR or (
                        output.kind is Kind.IMAGE and color and any(s.kind is Kind.IMAGE for s in kind.sockets)
                    )
                    channels = 3 if widened else CHANNELS.get(output.kind, 1)
                    assert value.shape == (size if channels == 1 else (*size, channels))
                    assert value.dtype == np.float32
                    assert np.isfinite(value).all()
                elif output.kind is Kind.REGIONS:
                    assert isinstance(value, Regions)
                    assert value.labels.shape == size
                    assert value.labels.dtype == np.int32
                    assert 0 <= value.labels.min() <= value.labels.max() <= value.count
                    assert all(len(column) == value.count for column in value.table.values())


def test_inputs_are_not_written_to(kind):
    given = arguments(kind, 40, 56)
    before = {name: {p: a.copy() for p, a in planes(value).items()} for name, value in given.items() if name != "size"}
    run(kind.key, **given)
    for name, arrays_ in before.items():
        assert all(np.array_equal(array, planes(given[name])[plane]) for plane, array in arrays_.items())


# ---- the same bits ----


def test_the_same_call_gives_the_same_bits_on_any_number_of_threads(kind):
    given = arguments(kind, 96, 130, color=True)
    assert same(kind, run(kind.key, threads=1, **given), run(kind.key, threads=3, **given))


def test_bands_of_any_height_give_the_whole_picture(kind, monkeypatch):
    given = arguments(kind, 45, 70, color=True)
    whole = run(kind.key, threads=1, **given)

    def thin(height: int, width: int) -> list[tuple[int, int]]:
        return [(top, min(top + 7, height)) for top in range(0, height, 7)]

    monkeypatch.setattr(engine, "row_bands", thin)
    monkeypatch.setattr(declare, "row_bands", thin)
    banded = run(kind.key, threads=1, **given)
    for name, array in arrays(kind, whole).items():
        assert np.array_equal(array, arrays(kind, banded)[name]), name


def test_another_seed_gives_another_picture(kind):
    seeds = [field.name for field in kind.fields if isinstance(field.parameter, SeedValue)]
    if not seeds:
        pytest.skip("it has no seed")
    if kind.key in ("edge_wear", "dirt"):
        pytest.skip("a smooth picture has no edges to break: tested by itself")
    if kind.key == "statistics_match":
        pytest.skip("without an example it changes nothing: tested by itself")
    if kind.key in ("region_select", "region_replace"):
        pytest.skip("of a single region two seeds may both take it: tested by itself")
    given = arguments(kind, 64, 64, full=False)
    if photographs := [field.name for field in kind.fields if isinstance(field.parameter, Picture)]:
        given |= {photographs[0]: str(PRESETS / "exemplars" / "soil.png")}
    assert not same(kind, run(kind.key, **given, **{seeds[0]: 1}), run(kind.key, **given, **{seeds[0]: 2}))


# ---- the torus ----


def rolled(value: Value, rows: int, columns: int) -> Value:
    if isinstance(value, np.ndarray):
        return np.roll(value, (rows, columns), axis=(0, 1))
    return value.with_labels(np.roll(value.labels, (rows, columns), axis=(0, 1)))


def test_what_is_shifted_round_the_tile_comes_out_shifted(kind):
    wired = [socket for socket in kind.sockets if not (socket.name == "offset" and kind.generator)]
    if not wired or any(socket.kind not in (Kind.GRAY, Kind.COLOR, Kind.IMAGE, Kind.FLOW) for socket in wired):
        pytest.skip("it reads no plain pictures")
    if kind.key in ("transform", "flood_fill", "material_output", "cones", "mask_builder"):
        pytest.skip("its result moves otherwise: tested by itself")
    if kind.key in ("spots", "scratches", "fibers"):
        pytest.skip("marks stay where the seed throws them, the picture picks which are kept: tested by itself")
    if kind.carries == "origin":
        pytest.skip("patches lie where the seed throws them: tested by itself")
    if kind.key in ("edge_wear", "dirt", "leaks", "statistics_match"):
        pytest.skip("its own noise stays where it is: tested by itself without it")
    height, width = 64, 96
    given = {name: value for name, value in arguments(kind, height, width).items() if name in {s.name for s in wired}}
    shift = (16, 24)
    plain = arrays(kind, run(kind.key, **given))
    moved = arrays(kind, run(kind.key, **{name: rolled(value, *shift) for name, value in given.items()}))
    for name, array in plain.items():
        assert np.allclose(np.roll(array, shift, axis=(0, 1)), moved[name], atol=2e-5), name


def test_an_even_offset_shifts_a_generator_round_the_tile(kind):
    if kind.socket("offset") is None or not kind.generator:
        pytest.skip("it takes no offset")
    size, shift = 128, (32, 16)
    offset = np.empty((size, size, 2), np.float32)
    offset[:] = (shift[1] / size, shift[0] / size)
    plain = arrays(kind, run(kind.key, offset=np.zeros_like(offset)))
    moved = arrays(kind, run(kind.key, offset=offset))
    for name, array in plain.items():
        if array.dtype == np.float32:
            apart = np.abs(np.roll(array, (-shift[0], -shift[1]), axis=(0, 1)) - moved[name])
            if name.split()[0] == "uv":
                apart = np.minimum(apart, 1 - np.minimum(apart, 1))
            # A hard edge may fall to the other side of a pixel in the last bit.
            assert (apart > 1e-3).mean() < 2e-3, name


def test_a_zero_offset_changes_nothing(kind):
    if kind.socket("offset") is None or not kind.generator:
        pytest.skip("it takes no offset")
    plain = arrays(kind, run(kind.key, size=96))
    moved = arrays(kind, run(kind.key, offset=np.zeros((96, 96, 2), np.float32)))
    for name, array in plain.items():
        if array.dtype == np.float32:
            assert (np.abs(array - moved[name]) > 1e-3).mean() < 2e-3, name


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e30])
def test_an_offset_that_is_no_number_harms_no_pixel_but_its_own(kind, wrong):
    if kind.socket("offset") is None or not kind.generator or kind.section in ("source", "photograph"):
        pytest.skip("it takes no offset, or needs a picture")
    if kind.key == "mask_builder":
        pytest.skip("it reads all of the offset to find a share")
    size = 32
    offset = np.zeros((size, size, 2), np.float32)
    plain = arrays(kind, call(kind.function, size, size, offset=offset))
    offset[5:9, 3:30], own = wrong, np.s_[5:9, 3:30]
    spoilt = arrays(kind, call(kind.function, size, size, offset=offset))
    for name, array in plain.items():
        if array.shape[:2] == (size, size):
            spoilt[name][own] = array[own]
            assert np.array_equal(array, spoilt[name]), name


# ---- sizes ----


def test_a_large_picture_made_small_is_the_small_picture(kind):
    if any(socket.kind in (Kind.REGIONS, Kind.STAMPS, Kind.ORIGIN) for socket in kind.sockets):
        pytest.skip("labels and places are not averaged")
    if kind.carries == "origin":
        pytest.skip("patches of one size need not lie where those of another do")
    small = arrays(kind, run(kind.key, **arguments(kind, 256, 256, full=False)))
    large = arrays(kind, run(kind.key, **arguments(kind, 512, 512, full=False)))
    for name, array in small.items():
        if array.dtype != np.float32 or name.split()[0] in ("uv", "offset"):
            continue
        other = large[name]
        halved = (other[::2, ::2] + other[1::2, ::2] + other[::2, 1::2] + other[1::2, 1::2]) / 4
        assert float(np.abs(halved - array).mean()) <= kind.bound, name


# ---- parameters ----


def test_the_ends_of_every_range_work(kind):
    given = arguments(kind, 24, 40)
    for field in kind.fields:
        for value in field.parameter.ends():
            result = arrays(kind, run(kind.key, **given, **{field.name: value}))
            assert all(np.isfinite(array).all() for array in result.values()), (field.name, value)


def drawn(field: Field) -> st.SearchStrategy:
    """Return values from a parameter's own range."""
    parameter = field.parameter
    unit = st.floats(0, 1, width=32)
    match parameter:
        case Range(whole=True):
            return st.integers(int(parameter.low), min(int(parameter.high), int(parameter.low) + 40))
        case Range():
            return st.floats(parameter.low, parameter.high)
        case SeedValue():
            return st.integers(0, 2**31 - 1)
        case Switch():
            return st.booleans()
        case Choice():
            return st.sampled_from(parameter.options)
        case Swatch():
            return st.tuples(unit, unit, unit)
        case Stops():
            colour = st.tuples(unit, unit, unit)
            return st.lists(st.tuples(unit, colour), min_size=1, max_size=5).map(lambda s: tuple(sorted(s)))
        case Knots():
            xs = st.lists(st.integers(0, 20), min_size=2, max_size=5, unique=True).map(sorted)
            return xs.flatmap(lambda x: st.tuples(*[st.tuples(st.just(i / 20), unit) for i in x]))
    return st.just(field.default)


@pytest.mark.parametrize("key", NODES)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_parameters_give_finite_pictures_or_a_clear_error(key, data):
    kind = catalogue()[key]
    size = data.draw(st.sampled_from([(1, 1), (1, 9), (16, 16), (13, 31)]))
    values = {field.name: data.draw(drawn(field), label=field.name) for field in kind.fields}
    given = arguments(kind, *size, full=data.draw(st.booleans(), label="full"))
    result = arrays(kind, run(kind.key, **given, **values))
    assert all(np.isfinite(array).all() for array in result.values())


def test_values_outside_their_range_are_refused_in_words(kind):
    given = arguments(kind, 8, 8)
    for field in kind.fields:
        if type(field.parameter).__name__ in ("Range", "Length", "Angle"):
            for value in (field.parameter.high * 2 + 1, math.nan, math.inf, "x", None, True):
                with pytest.raises(GraphError, match=field.name):
                    run(kind.key, **given, **{field.name: value})


def test_a_mask_of_zero_keeps_the_input(kind):
    names = [socket.name for socket in kind.sockets]
    if "mask" not in names or "image" not in names:
        pytest.skip("it has no image and mask")
    given = arguments(kind, 32, 48)
    given["mask"] = np.zeros_like(given["mask"])
    assert np.array_equal(run(kind.key, **given), given["image"])


# ---- what is said of it ----


def test_it_says_what_it_does_and_what_its_parameters_mean(kind):
    assert kind.summary.endswith(".")
    assert len(kind.summary) < 200
    for field in kind.fields:
        assert isinstance(field.parameter, Picture | SeedValue | Swatch | Stops | Knots) or field.parameter.describe()
