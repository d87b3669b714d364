"""Synthesis by example: what is copied, from where, and that it closes, covers and repeats itself to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import intarsia
from materials import pictures
from materials.errors import Cancelled, LicenceError, UsageError
from materials.evaluate import Cancel
from materials.render import load, run
from materials.synthesis import METHODS, save
from nodes.arrays import Origin
from nodes.declare import Band
from nodes.patch.exemplar import fitted, ranked
from nodes.patch.field import Example, Held, Style, synthesize

EXEMPLARS = Path(__file__).resolve().parent.parent / "presets" / "exemplars"
SOIL = pictures.read((EXEMPLARS / "soil.png").read_bytes(), name="soil.png")[:96, :80].copy()


def band(height: int, width: int) -> Band:
    return Band(height, width, 0, height)


def made(height: int = 128, width: int = 112, seed: int = 1, example: np.ndarray = SOIL, **style) -> Origin:
    return synthesize([Example((example,))], band(height, width), seed, Style(**{"layouts": 2, **style}))


# ---- the field -------------------------------------------------------------------------------------


def test_every_pixel_is_one_of_the_example_at_the_place_it_names():
    result = intarsia.synthesize(SOIL, (112, 128), seed=1)
    origin = result.origin
    assert origin.sizes == (SOIL.shape[:2],)
    assert np.array_equal(result.picture, SOIL[origin.y, origin.x])
    assert (origin.weight == 1).all()


@pytest.mark.parametrize("size", [(64, 64), (65, 67), (100, 37), (33, 150), (16, 16), (17, 300)])
def test_any_size_is_filled_with_places_in_the_example(size):
    origin = made(*size)
    assert origin.y.shape == size
    assert 0 <= origin.y.min() <= origin.y.max() < SOIL.shape[0]
    assert 0 <= origin.x.min() <= origin.x.max() < SOIL.shape[1]


def test_what_is_too_small_is_repeated():
    origin = made(8, 40)
    assert np.array_equal(origin.x[0], np.arange(40))


def test_another_seed_gives_another_field():
    assert not np.array_equal(made(seed=1).y, made(seed=2).y)


def test_threads_change_no_bit():
    one, two, four = (intarsia.synthesize(SOIL, 200, seed=3, threads=threads) for threads in (1, 2, 4))
    for other in (two, four):
        assert np.array_equal(one.picture, other.picture)
        assert np.array_equal(one.origin.x, other.origin.x)


def test_blocks_laid_anew_never_tear_more_and_are_laid_only_where_asked_for(monkeypatch):
    from nodes.patch import layout

    torn, own = [], layout.mended

    def watched(atlas, laid, *more):
        found = own(atlas, laid, *more)
        torn.append([layout.seam_energy(atlas.planes, one.y, one.x, atlas.voted) for one in (laid, found)])
        return found

    monkeypatch.setattr(layout, "mended", watched)
    monkeypatch.setattr(layout, "RARE", 0.0)
    made()
    assert torn == []
    made(mending=60)
    assert torn[0][1] < torn[0][0]


def step_across(image: np.ndarray, axis: int) -> tuple[float, float]:
    """Return the mean step over the border of a tile, and that between all its rows."""
    rows = np.abs(np.diff(image, axis=axis)).mean(axis=(1 - axis, 2))
    border = np.abs(np.take(image, 0, axis) - np.take(image, -1, axis)).mean()
    return float(border), float(rows.mean())


@pytest.mark.parametrize("method", ["patches", "quilt"])
def test_borders_meet_as_neighbours_do(method):
    image = intarsia.synthesize(SOIL, 160, seed=2, method=method).picture
    for axis in (0, 1):
        border, inside = step_across(image, axis)
        assert border < 1.25 * inside
    naive = np.tile(SOIL, (2, 2, 1))
    assert step_across(naive, 0)[0] > 1.25 * step_across(naive, 0)[1]


def uses(origin: Origin, cell: int = 8) -> np.ndarray:
    """Return how often texels of each cell of the example are used."""
    rows, columns = -(-SOIL.shape[0] // cell), -(-SOIL.shape[1] // cell)
    return np.bincount((origin.y // cell * columns + origin.x // cell).ravel(), minlength=rows * columns)


def test_places_are_used_evenly():
    even, free = (np.mean([uses(made(192, 192, s, evenness=e)).std() for s in (1, 2)]) for e in (1.0, 0.0))
    assert even < 0.7 * free
    assert np.mean([(uses(made(192, 192, s)) > 0).mean() for s in (1, 2)]) > 0.9


def test_a_constant_example_gives_that_constant():
    flat = np.full((64, 64, 3), 0.25, np.float32)
    assert np.array_equal(intarsia.synthesize(flat, 96).picture, np.full((96, 96, 3), 0.25, np.float32))


def test_several_maps_are_cut_alike():
    height = SOIL.mean(axis=2)
    result = intarsia.synthesize(SOIL, 128, seed=1, maps={"height": height, "glow": SOIL[..., 0]}, layouts=1)
    assert np.array_equal(result.maps["height"], height[result.origin.y, result.origin.x])
    assert np.array_equal(result.maps["glow"], SOIL[..., 0][result.origin.y, result.origin.x])


def test_a_map_that_tells_more_than_the_colour_keeps_its_seams_smaller_when_matched():
    rng = np.random.default_rng(5)
    flat = (0.5 + 0.002 * rng.standard_normal((96, 96, 3))).astype(np.float32)
    y, x = np.mgrid[0:96, 0:96]
    height = (0.5 + 0.4 * np.sin(x / 5) * np.sin(y / 5)).astype(np.float32)
    apart = made(128, 128, example=flat)
    joint = synthesize([Example((flat, height), (1.0, 2.0))], band(128, 128), 1, Style(layouts=2))

    def roughness(origin: Origin) -> float:
        image = height[origin.y, origin.x]
        return float(np.abs(np.diff(image, axis=0)).mean() + np.abs(np.diff(image, axis=1)).mean())

    assert roughness(joint) < 0.9 * roughness(apart)


def test_held_texels_stay_where_they_are():
    mask = np.zeros((96, 80), bool)
    mask[20:60, 10:50] = True
    origin = synthesize([Example((SOIL,))], band(96, 80), 1, Style(layouts=1), held=Held.in_place(mask))
    y, x = np.indices(mask.shape)
    assert np.array_equal(origin.y[mask], y[mask])
    assert np.array_equal(origin.x[mask], x[mask])


def test_unusable_texels_are_never_copied():
    usable = np.ones(SOIL.shape[:2], bool)
    usable[30:50, 20:45] = False
    origin = synthesize([Example((SOIL,), usable=usable)], band(128, 128), 1, Style(layouts=1))
    assert usable[origin.y, origin.x].all()


def test_an_example_without_a_whole_block_is_refused():
    usable = np.zeros(SOIL.shape[:2], bool)
    usable[::7] = True
    with pytest.raises(ValueError, match="usable"):
        synthesize([Example((SOIL,), usable=usable)], band(64, 64), 1)


def test_the_target_leads_what_is_copied():
    y, x = np.mgrid[0:96, 0:96].astype(np.float32) / 96
    noise = np.random.default_rng(1).random((96, 96, 3)).astype(np.float32) * 0.2
    ramp = (noise + 0.5 * x[..., None]).astype(np.float32)
    wanted = (y > 0.5).astype(np.float32)
    led = run("texture_by_numbers", wanted, seed=1)  # without a picture: gray
    assert (led.color == 0.5).all()
    example = Example((ramp,), guide=(x[..., None] * 3 - 1.5).astype(np.float32))
    origin = synthesize([example], band(96, 96), 1, Style(layouts=1, evenness=0.5), target=wanted[..., None] * 3 - 1.5)
    dark, bright = origin.x[8:40].mean(), origin.x[56:88].mean()
    assert bright - dark > 40


def test_cancelling_stops_a_synthesis():
    cancel = Cancel()
    seen: list[float] = []

    def progress(share: float, label: str) -> None:
        seen.append(share)
        if len(seen) == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        intarsia.synthesize(SOIL, 256, cancel=cancel, progress=progress)


def test_a_first_picture_comes_before_the_result():
    seen: list[np.ndarray] = []
    result = intarsia.synthesize(fitted(SOIL, 256, 256), 256, layouts=1, preview=seen.append)
    assert len(seen) == 1
    assert seen[0].shape == (128, 128, 3)
    small = fitted(np.ascontiguousarray(result.picture), 128, 128)
    assert np.abs(seen[0].mean() - small.mean()) < 0.05


# ---- the nodes -------------------------------------------------------------------------------------


def test_make_tileable_keeps_the_middle_and_closes_the_borders():
    image = np.ascontiguousarray(fitted(SOIL, 128, 128))
    result = run("make_tileable", image, border=0.1)
    assert np.array_equal(result.image[16:112, 16:112], image[16:112, 16:112])
    assert np.array_equal(result.image, image[result.origin.y, result.origin.x])
    for axis in (0, 1):
        border, inside = step_across(result.image, axis)
        assert border < 1.3 * inside
    across = run("make_tileable", image, border=0.1, axes="across")
    assert np.array_equal(across.image[:, 16:112], image[:, 16:112])


def test_the_same_cut_serves_every_map():
    image = np.ascontiguousarray(fitted(SOIL, 96, 96))
    result = run("make_tileable", image)
    moved = run("apply_origin_to_image", result.origin, image)
    assert np.array_equal(moved, result.image)


def test_fill_changes_the_hole_alone_and_copies_from_outside_it():
    image = np.ascontiguousarray(fitted(SOIL, 96, 112))
    hole = np.zeros((96, 112), np.float32)
    hole[30:60, 40:80] = 1
    spoilt = image.copy()
    spoilt[hole > 0.5] = 0
    result = run("fill", spoilt, hole)
    assert np.array_equal(result.image[hole <= 0.5], spoilt[hole <= 0.5])
    assert not hole[result.origin.y, result.origin.x].any()
    assert abs(result.image[hole > 0.5].mean() - image.mean()) < 0.5 * image.std()


def test_expand_keeps_the_photograph_whole():
    origin = run("expand", picture=str(EXEMPLARS / "soil.png"), columns=2.0, size=128).origin
    kept = (origin.y[32:96, 32:96], origin.x[32:96, 32:96])
    assert np.array_equal(kept[0], np.broadcast_to(np.arange(64)[:, None], (64, 64)))
    assert np.array_equal(kept[1], np.broadcast_to(np.arange(64), (64, 64)))


def test_regions_show_whole_pieces_of_one_substance():
    regions = run("bricks", size=128, columns=2, rows=4).regions
    result = run("synthesize_regions", regions, picture=str(EXEMPLARS / "soil.png"), columns=1.0)
    picture = pictures.read((EXEMPLARS / "soil.png").read_bytes(), name="soil.png")
    assert np.array_equal(result.color, fitted(picture, 128, 128)[result.origin.y, result.origin.x])
    whole = run("synthesize", picture=str(EXEMPLARS / "soil.png"), columns=1.0, size=128, layouts=4).origin
    for label in (1, 2, 3):
        y, x = np.nonzero(regions.labels == label)
        places = [
            (dy, dx)
            for dy in range(128)
            for dx in range(128)
            if whole.y[(y[0] + dy) % 128, (x[0] + dx) % 128] == result.origin.y[y[0], x[0]]
            and whole.x[(y[0] + dy) % 128, (x[0] + dx) % 128] == result.origin.x[y[0], x[0]]
        ]
        assert any(np.array_equal(whole.y[(y + dy) % 128, (x + dx) % 128], result.origin.y[y, x]) for dy, dx in places)


def test_a_mash_up_says_which_photograph_each_pixel_is_from():
    mask = np.zeros((96, 96), np.float32)
    mask[:, 48:] = 1
    soil, rock = str(EXEMPLARS / "soil.png"), str(EXEMPLARS / "pink_rock.png")
    result = run("mash_up", mask, picture_a=soil, picture_b=rock, columns_a=1, columns_b=1)
    assert np.array_equal(result.a + result.b, np.ones((96, 96), np.float32))
    assert result.b[8:-8, 56:-8].mean() > 0.9
    assert result.b[8:-8, 8:40].mean() < 0.1
    carried = run("apply_origin", result.origin, picture_a=soil, picture_b=rock)
    assert np.array_equal(carried.color, result.color)


def test_a_flow_turns_the_grain():
    size = 96
    y, x = np.mgrid[0:size, 0:size]
    stripes = np.repeat((0.5 + 0.4 * np.sin(x * 0.9))[..., None], 3, axis=2).astype(np.float32)
    path = EXEMPLARS / "soil.png"
    assert path.is_file()
    upright = np.zeros((size, size, 2), np.float32)
    upright[..., 1] = -0.01
    level = np.zeros_like(upright)
    level[..., 0] = 0.01
    results = []
    for flow in (upright, level):
        color = _follow(flow, stripes)
        results.append(np.abs(np.diff(color, axis=0)).mean() / np.abs(np.diff(color, axis=1)).mean())
    assert results[0] < 0.5
    assert results[1] > 2


def _follow(flow: np.ndarray, picture: np.ndarray) -> np.ndarray:
    from nodes.patch.synthesis import follow_flow

    return follow_flow(band(*flow.shape[:2]), flow, picture=picture, grain=np.pi / 2, columns=1.0).color


def wall(side: int = 160, course: int = 16, length: int = 40) -> np.ndarray:
    """Return a wall of bricks of uneven tone with pale joints, in half bond."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:side, 0:side]
    row = y // course
    along = x + (row % 2) * length // 2
    tone = rng.uniform(0.15, 0.35, (side, side))[row, along // length]
    joint = (y % course < 2) | (along % length < 2)
    image = np.where(joint, 0.7, tone) + 0.03 * rng.standard_normal((side, side))
    return np.repeat(image[..., None], 3, axis=2).clip(0, 1).astype(np.float32)


def test_courses_are_laid_in_step_and_their_pixels_are_the_photographs_own():
    picture = wall()
    result = intarsia.synthesize(picture, 320, seed=2, layouts=2)
    assert np.array_equal(result.picture, picture[result.origin.y, result.origin.x])
    assert result.picture.mean(axis=(1, 2)).std() > 0.9 * picture.mean(axis=(1, 2)).std()
    straight = intarsia.synthesize(picture, 320, seed=2, regular="straighten", layouts=2)
    assert straight.picture.mean(axis=(1, 2)).std() > 0.8 * picture.mean(axis=(1, 2)).std()
    assert straight.origin.y.max() < 160


def test_ranks_are_even():
    image = np.random.default_rng(2).random((20, 30)).astype(np.float32) ** 3
    ranks = ranked(image)
    assert np.allclose(np.sort(ranks.ravel()), (np.arange(600) + 0.5) / 600, atol=1e-6)
    assert np.array_equal(np.argsort(image.ravel()), np.argsort(ranks.ravel()))


def test_remake_puts_light_where_light_is_wanted():
    image = np.zeros((96, 96, 3), np.float32)
    image[:, 48:] = 1
    result = run("remake", image, picture=str(EXEMPLARS / "soil.png"), columns=2.0)
    assert result.color[8:-8, 56:-8].mean() > 1.15 * result.color[8:-8, 8:40].mean()


# ---- facade and files ------------------------------------------------------------------------------


def test_a_saved_synthesis_has_the_photographs_own_codes_and_opens_as_a_graph(tmp_path):
    for name in ("soil.png", "CREDITS.toml"):
        (tmp_path / name).write_bytes((EXEMPLARS / name).read_bytes())
    result = intarsia.synthesize(tmp_path / "soil.png", 544, seed=4, layouts=1, motif=0.3)
    paths = save(result, tmp_path / "ground.png")
    assert [path.name for path in paths] == ["ground.png", "ground.credits.json"]
    from nodes.opencv import cv2

    source, copy = (cv2.imread(str(tmp_path / name)) for name in ("soil.png", "ground.png"))
    assert np.array_equal(copy, source[result.origin.y, result.origin.x])
    again = load(tmp_path / "ground.png")
    assert again.document.sources["soil"].author == "FWishbringer"
    assert np.array_equal(intarsia.render(again, 544, outputs=["made.color"])["made.color"], result.picture)


def test_a_photograph_of_unknown_licence_is_not_published_without_a_grant(tmp_path):
    (tmp_path / "mine.png").write_bytes((EXEMPLARS / "soil.png").read_bytes())
    result = intarsia.synthesize(tmp_path / "mine.png", 64, method="quilt")
    with pytest.raises(LicenceError, match="mine"):
        save(result, tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()
    save(result, tmp_path / "out.png", grants={"mine": "my own photograph"})
    assert "my own photograph" in (tmp_path / "out.credits.json").read_text()
    known = intarsia.synthesize(tmp_path / "mine.png", 64, facts={"licence": "CC0-1.0", "author": "Ann Lee"})
    assert "Ann Lee" in save(known, tmp_path / "out.png")[1].read_text()


@pytest.mark.parametrize("method", [name for name in METHODS if name != "fill"])
def test_every_method_makes_the_size_that_is_asked_for(method):
    size = None if method == "tileable" else (120, 100)
    result = intarsia.synthesize(SOIL, size, method=method)
    assert result.picture.shape == ((96, 80, 3) if size is None else (100, 120, 3))
    assert np.isfinite(result.picture).all()
    assert sum(source["share"] for source in result.report["sources"]) == pytest.approx(1)


def test_a_mask_fills_and_a_guide_leads():
    mask = np.zeros((96, 80), np.float32)
    mask[20:40, 20:40] = 1
    result = intarsia.synthesize(SOIL, mask=mask)
    assert np.array_equal(result.picture[mask == 0], SOIL[mask == 0])
    guide = np.tile(np.linspace(0, 1, 96, dtype=np.float32), (96, 1))
    led = intarsia.synthesize(SOIL, 96, guide=guide, measure="brightness", guidance=3.0)
    assert led.picture[:, 60:80].mean() > led.picture[:, 16:36].mean()


def test_what_does_not_go_together_is_said():
    for options, words in [
        ({"method": "quilts"}, "no method"),
        ({"tileable": False}, "tiles"),
        ({"method": "fill"}, "mask"),
        ({"method": "tileable", "size": 32}, "own size"),
        ({"method": "quilt", "guide": SOIL}, "guide"),
        ({"size": 64, "shininess": 2}, "shininess"),
        ({"size": 64, "maps": {"height": SOIL[..., 0]}, "method": "phase"}, "maps"),
    ]:
        with pytest.raises(UsageError, match=words):
            intarsia.synthesize(SOIL, **options)
    with pytest.raises(UsageError, match="shape"):
        intarsia.synthesize(np.zeros((4, 4, 2), np.float32), 32)
    with pytest.raises(UsageError, match="four"):
        intarsia.synthesize([SOIL] * 5, 32)
