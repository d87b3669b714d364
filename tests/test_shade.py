"""The preview: light that adds up, geometry that can be computed by hand, and files that appear."""

from __future__ import annotations

import json
import math
import threading

import numpy as np
import pytest

import intarsia
from materials import (
    cameras,
    cli,
    embedded,
    environments,
    pictures,
    previews,
    shade,
    shape_kernels,
    sheet,
    texel_kernels,
    texels,
)
from materials.errors import BudgetError, Cancelled, UsageError
from materials.export import export_graph
from materials.maps import Maps
from nodes.arrays import MAPS
from nodes.declare import Kind, row_bands

BLACK = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
AS_IS = -math.log2(shade.METERED)
"""The exposure at which metered white is white."""


def plain(value, channels=1, side=8):
    shape = (side, side) if channels == 1 else (side, side, channels)
    return np.broadcast_to(np.asarray(value, np.float32), shape).copy()


def bumps(side=64, seed=5):
    height = intarsia.run("fbm", size=side, cells=4, seed=seed, spread=0.2)
    colour = np.stack([height, height * 0.8, height * 0.5], axis=2)
    return {"height": height, "base_color": colour, "roughness": 0.3 + 0.5 * height}


def uniform(level=1.0):
    return environments.make("uniform", lambda d: np.full((len(d), 3), level), backdrop=BLACK)


def only_key(direction, softness=0.0):
    return environments.make("key", np.zeros_like, (1.0, 1.0, 1.0), direction, softness, BLACK)


def disc(size, share=0.8):
    y, x = (np.mgrid[:size, :size] + 0.5) / size * 2 - 1
    return np.hypot(x, y) < share


# ---- light ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("roughness", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("metallic", [0.0, 1.0])
def test_a_white_ball_in_white_surroundings_cannot_be_seen(roughness, metallic):
    maps = {"base_color": plain(1, 3), "roughness": plain(roughness), "metallic": plain(metallic)}
    picture = shade.shade(maps, "sphere", 48, uniform(), exposure=AS_IS)
    assert np.abs(picture[disc(48)] - 1).max() < 0.02


def test_no_colour_sends_back_more_than_it_gets():
    for albedo in (0.0, 0.2, 0.8):
        for metallic in (0.0, 0.5, 1.0):
            maps = {"base_color": plain(albedo, 3), "metallic": plain(metallic), "roughness": plain(0.4)}
            picture = shade.shade(maps, "sphere", 32, uniform(), exposure=AS_IS)[disc(32)]
            assert picture.max() < 1.001
            assert picture.min() > 0.75 * albedo * (0.96 if metallic < 1 else 1)


def test_the_diffuse_light_is_the_integral_over_the_hemisphere():
    environment = environments.named("daylight")
    rng = np.random.default_rng(2)
    many = rng.normal(size=(200_000, 3))
    many /= np.linalg.norm(many, axis=1, keepdims=True)
    normal = np.array([0.3, 0.8, 0.52])
    normal /= np.linalg.norm(normal)
    cosine = np.maximum(many @ normal, 0)
    expected = 4 * (environments._daylight(many) * cosine[:, None]).mean(0)
    found = environments.harmonics_at(normal[None])[0] @ environment.diffuse
    np.testing.assert_allclose(found, expected, rtol=0.05)


def test_a_mirror_shows_a_lamp_where_the_law_of_reflection_has_it():
    lamp = np.array([0.5, 0.6, 0.62])
    lamp /= np.linalg.norm(lamp)
    around = environments.make("lamp", lambda d: np.repeat(np.maximum(d @ lamp, 0)[:, None] ** 200, 3, 1) * 9)
    maps = {"base_color": plain(1, 3), "metallic": plain(1), "roughness": plain(0)}
    size = 128
    picture = shade.shade(maps, "sphere", size, around, turn=-cameras.VIEWS["sphere"].turn)
    y, x = np.unravel_index(picture[..., 1].argmax(), (size, size))
    view = cameras.VIEWS["sphere"]
    ray = np.array([(2 * (x + 0.5) / size - 1) * view.field, (1 - 2 * (y + 0.5) / size) * view.field, -1.0])
    ray /= np.linalg.norm(ray)
    origin = np.array(view.origin)
    along = origin @ ray
    point = origin + ray * (-along - math.sqrt(along**2 - origin @ origin + 1))
    mirrored = ray - 2 * (ray @ point) * point
    assert math.degrees(math.acos(min(1, mirrored @ lamp))) < 4


def test_a_flat_plane_equals_lambert_and_ggx_by_hand():
    direction = np.array([-math.cos(0.3), math.sin(0.3), 0.0])
    albedo, roughness, size = 0.4, 0.45, 64
    maps = {"base_color": plain(albedo, 3), "roughness": plain(roughness)}
    picture = shade.shade(maps, "plane", size, only_key(direction))[size // 2 :]
    view = cameras.VIEWS["plane"]
    angle = math.radians(view.turn)
    light = np.array([math.cos(angle) * direction[0], direction[1], -math.sin(angle) * direction[0]])
    forwards = np.array(view.target) - view.origin
    forwards /= np.linalg.norm(forwards)
    right = np.cross(forwards, (0, 1, 0))
    right /= np.linalg.norm(right)
    up = np.cross(right, forwards)
    y, x = (np.mgrid[size // 2 : size, :size] + 0.5) * 2 / size - 1
    rays = forwards + x[..., None] * view.field * right - y[..., None] * view.field * up
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    half = light - rays
    half /= np.linalg.norm(half, axis=2, keepdims=True)
    facing, seen, middle, tilt = light[1], -rays[..., 1], -(rays * half).sum(2), half[..., 1]
    alpha = roughness**2
    spread = alpha**2 / (tilt**2 * (alpha**2 - 1) + 1) ** 2  # pi of the lobe meets pi of the light
    k = alpha / 2
    masked = 1 / (4 * (seen * (1 - k) + k) * (facing * (1 - k) + k))
    fresnel = 0.04 + 0.96 * (1 - middle) ** 5
    bend = np.minimum((1 - roughness) ** 2, 2 ** (-9.28 * seen)) * (1 - roughness) + 0.0425 - 0.0275 * roughness
    scale, bias = -1.04 * bend + 1.04 - 0.572 * roughness, 1.04 * bend + 0.022 * roughness - 0.04
    more = 1 + 0.04 * (1 / (scale + bias) - 1)
    expected = albedo * (1 - (0.04 * scale + bias) * more) + spread * masked * fresnel * more
    np.testing.assert_allclose(picture[..., 1], expected * shade.METERED, rtol=0.01)


def test_gray_cards_come_out_as_photographers_expect():
    for shape in ("sphere", "plane"):
        for name in environments.names():
            means = [
                shade.preview({"base_color": plain(albedo, 3), "roughness": plain(0.9)}, shape, 48, environment=name)
                for albedo in (0.18, 0.5, 0.9)
            ]
            dark, middle, white = (picture[12:36, 12:36].mean() for picture in means)
            assert 85 < dark < 150, (shape, name)
            assert dark + 40 < middle < 215, (shape, name)
            assert middle < white < 250, (shape, name)


def test_tone_mapping_leaves_the_darker_half_and_keeps_hues():
    ramp = np.linspace(0, 6, 400, dtype=np.float32)
    colours = (ramp[:, None] * np.array([1.0, 0.5, 0.25], np.float32))[None]
    out = shade.tone(colours)
    low = colours[0, :, 0] < shade.SHOULDER
    np.testing.assert_array_equal(out[0, low], colours[0, low])
    assert np.all(np.diff(out[0, :, 0]) > 0)
    assert out.max() < 1
    red, green, blue = out[0, 1:].T
    np.testing.assert_allclose((green - blue) / (red - blue), 1 / 3, atol=1e-3)


# ---- geometry ------------------------------------------------------------------------------------


@pytest.mark.parametrize("height", [0.0, 0.5, 1.0])
def test_a_raised_ball_is_larger_by_the_displacement(height):
    view, size, depth = cameras.VIEWS["sphere"], 160, 8.0
    picture = shade.shade({"height": plain(height)}, "sphere", size, uniform(), depth=depth)
    radius = 1 + (height - 0.5) * 0.01 * depth * 2 / view.tiles
    distance = view.origin[2]
    expected = radius / math.sqrt(distance**2 - radius**2) / view.field * size / 2
    covered = (picture[..., 1] / picture[size // 2, size // 2, 1]).clip(0, 1).sum()
    assert math.sqrt(covered / math.pi) == pytest.approx(expected, rel=0.01)


def test_bumps_show_in_the_outline():
    stripes = plain(0.0, side=64)
    stripes[:, ::2] = 1
    stripes = np.repeat(np.repeat(stripes[:8, :8], 8, 0), 8, 1)
    picture = shade.shade({"height": stripes, "normal": plain((0.5, 0.5, 1), 3, 64)}, "sphere", 128, uniform(), depth=8)
    hit = picture[..., 1] > 0.1
    y, x = np.nonzero(hit)
    reach = np.hypot(x - 63.5, y - 63.5)
    inside = np.hypot(*np.mgrid[-63.5:64, -63.5:64]) < reach.max()
    assert 0.9 < hit.sum() / inside.sum() < 0.985


def test_the_sphere_wears_the_tile_evenly_wherever_it_is_seen():
    form = np.zeros(len(shape_kernels.FORM), np.float32)
    for name in ("tile", "aspect", "half", "across", "down"):
        form[shape_kernels.FORM.index(name)] = 1
    step = np.float32(2e-3)
    for angle in np.radians([0.0, 30.0, 55.0, 75.0]):
        for azimuth in np.radians([10.0, 100.0, 250.0]):
            normal = np.array(
                [math.sin(angle) * math.cos(azimuth), math.sin(angle) * math.sin(azimuth), math.cos(angle)]
            )
            frame = np.linalg.svd(normal[None])[2][1:]
            ends = [
                np.array(shape_kernels.locate(0, form, *(normal + sign * step * side).astype(np.float32))[:2])
                for side in frame
                for sign in (1, -1)
            ]
            jacobian = np.array([ends[0] - ends[1], ends[2] - ends[3]]) / (2 * step)
            large, small = np.linalg.svd(jacobian)[1]
            assert large / small < 1.5
            assert 0.9 < small <= large < 1.8


@pytest.mark.parametrize("channel", [0, 1])
def test_a_normal_that_leans_towards_the_light_is_brighter(channel):
    towards = (0.8, 0.1, 0.6) if channel == 0 else (0.0, 0.8, 0.6)
    means = []
    for lean in (0.25, 0.75):
        normal = [0.5, 0.5, 0.933]
        normal[channel] = lean
        picture = shade.shade(
            {"normal": plain(normal, 3)}, "sphere", 32, only_key(towards), turn=-cameras.VIEWS["sphere"].turn
        )
        means.append(picture[disc(32, 0.4)].mean())
    assert means[1] > 1.4 * means[0]


def test_heights_alone_give_the_normals_that_their_normal_map_gives():
    maps = bumps()
    normal = intarsia.run("normal_from_height", maps["height"], depth=0.01)
    for shape in ("sphere", "plane", "cube"):
        with_map = shade.shade({**maps, "normal": normal}, shape, 64, depth=3)
        without = shade.shade(maps, shape, 64, depth=3)
        assert np.abs(with_map - without).mean() < 0.01


def test_shadows_fall_on_the_far_side_of_a_wall():
    wall = plain(0.0, side=64)
    wall[28:36] = 1
    maps = {"height": wall, "normal": plain((0.5, 0.5, 1), 3, 64)}
    environment = only_key((-math.cos(0.35), math.sin(0.35), 0.0), 0.05)
    # Light from behind leaves what lies between the wall and the viewer dark, light from in front does not.
    behind, before = (
        shade.shade(maps, "plane", 96, environment, tiles=1, depth=5, turn=turn)[..., 1] for turn in (0.0, 180.0)
    )
    below_the_wall, beyond, well_below = (53, slice(40, 56)), (40, slice(40, 56)), (70, slice(40, 56))
    assert behind[below_the_wall].max() < 0.05 * behind[beyond].min()
    assert before[below_the_wall].min() > 0.9 * before[beyond].max()
    np.testing.assert_allclose(behind[well_below], behind[beyond], rtol=0.05)


def test_a_tiled_plane_repeats():
    maps = bumps()
    twice = {name: np.tile(image, (2, 2) + (1,) * (image.ndim - 2)) for name, image in maps.items()}
    once = shade.shade(maps, "plane", 64, tiles=4, depth=4, shift=(0.5, 0.5))
    again = shade.shade(twice, "plane", 64, tiles=2, depth=2)
    np.testing.assert_allclose(once, again, atol=0.02)
    assert np.abs(once - again).mean() < 1e-3


def test_a_shift_by_a_whole_tile_changes_nothing():
    maps = bumps()
    for shape in ("sphere", "plane"):
        a, b = shade.shade(maps, shape, 48), shade.shade(maps, shape, 48, shift=(1.0, -2.0))
        assert np.abs(a - b).mean() < 1e-3


def test_the_far_plane_does_not_glitter():
    rng = np.random.default_rng(1)
    maps = {"base_color": np.repeat(rng.integers(0, 2, (256, 256, 1)), 3, 2).astype(np.float32)}
    picture = shade.shade(maps, "plane", 96, uniform(), tiles=6, exposure=AS_IS)
    assert picture[:12, :, 1].std(1).max() < 0.05
    np.testing.assert_allclose(picture[20:90, :, 1].mean(), 0.5, atol=0.03)


# ---- maps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", shade.SHAPES)
def test_absent_maps_are_neutral_ones(shape):
    neutral = {name: plain(value, 1 if kind is Kind.GRAY else 3) for name, (kind, value) in MAPS.items()}
    explicit = shade.shade(neutral, shape, 40)
    np.testing.assert_allclose(shade.shade({"roughness": plain(0.5)}, shape, 40), explicit, atol=1e-6)
    assert np.isfinite(explicit).all()


def test_emission_is_added_and_opacity_lets_the_backdrop_through():
    dark = environments.make("dark", np.zeros_like, backdrop=((0.3, 0.3, 0.3),) * 2)
    glow = shade.shade({"base_color": plain(0, 3), "emission": plain((2, 1, 0), 3)}, "sphere", 32, dark)
    np.testing.assert_allclose(glow[16, 16], (2, 1, 0), atol=1e-5)
    clear = shade.shade({"opacity": plain(0), "emission": plain(1, 3)}, "sphere", 32, dark)
    np.testing.assert_allclose(clear, 0.3, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (32, 96), (100, 60)])
def test_any_size_of_maps_can_be_shown(shape):
    maps = {"height": np.random.default_rng(0).random(shape, np.float32)}
    for name in shade.SHAPES:
        assert np.isfinite(shade.shade(maps, name, 24)).all()


@pytest.mark.parametrize("shape", shade.SHAPES)
def test_a_relief_deeper_than_the_shape_is_a_picture_still(shape):
    maps = bumps(side=32)
    height = (maps["height"] - maps["height"].min()) / np.ptp(maps["height"])
    picture = shade.shade({**maps, "height": height}, shape, 32, depth=100)
    assert np.isfinite(picture).all()
    assert np.ptp(picture) > 0.05


def test_small_bumps_that_are_filtered_away_become_roughness():
    rng = np.random.default_rng(3)
    normal = np.concatenate([rng.uniform(0.3, 0.7, (64, 64, 2)), np.full((64, 64, 1), 0.95)], 2).astype(np.float32)
    found = texels.build({"normal": normal, "roughness": plain(0.1, side=64)}, 4096, 0.01)
    last = found.surface.reshape(-1, texel_kernels.TEXEL)[-1]
    assert last[7] - last[4] ** 2 - last[5] ** 2 > 0.05 > 0.1**4


@pytest.mark.parametrize("shape", ["sphere", "plane"])
def test_any_number_of_threads_gives_the_same_bits(shape):
    maps = bumps()
    one = shade.shade(maps, shape, 80, threads=1, depth=4)
    np.testing.assert_array_equal(one, shade.shade(maps, shape, 80, threads=3, depth=4))


def test_a_preview_can_be_cancelled():
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        shade.shade(bumps(), "sphere", 64, check=stop)


@pytest.mark.parametrize(
    ("maps", "options", "text"),
    [
        ({"height": plain(0.5)}, {"shape": "teapot"}, "no shape 'teapot' (sphere, plane"),
        ({"height": plain(0.5)}, {"environment": "moon"}, "no environment 'moon' (studio"),
        ({"height": plain(0.5)}, {"size": 4}, "4 pixels"),
        ({"height": plain(0.5)}, {"size": 100_000}, "100000 pixels"),
        ({"height": plain(0.5)}, {"tiles": 0.0}, "0.0 tiles"),
        ({"height": plain(0.5)}, {"turn": math.nan}, "finite"),
        ({"height": plain(0.5)}, {"depth": -1.0}, "depth"),
        ({}, {}, "no map to preview"),
        ({"height": plain(0.5), "roughness": plain(0.5, side=4)}, {}, "differ in size: roughness 4x4, height 8x8"),
        ({"height": plain(0.5, 3)}, {}, "height has the shape (8, 8, 3)"),
        ({"base_color": plain(0.5)}, {}, "base_color has the shape (8, 8)"),
        ({"roughness": plain(math.nan)}, {}, "NaN"),
        ({"height": plain(math.inf)}, {}, "NaN or infinity"),
    ],
)
def test_wrong_use_is_told(maps, options, text):
    with pytest.raises(UsageError) as caught:
        shade.shade(maps, **{"size": 16, **options})
    assert text in str(caught.value)


# ---- sheets and files ----------------------------------------------------------------------------


def test_a_sheet_shows_every_map():
    maps = {**bumps(), "mask": plain(0.25, side=64)}
    for count in (1, 3, 4):
        chosen = dict(list(maps.items())[:count])
        picture = sheet.contact_sheet(Maps(chosen, 64, 64, title="Ä very long title " * 9), width=480)
        layout = sheet._Layout(480, count)
        assert picture.shape == (layout.height, 480, 3)
        assert picture.dtype == np.uint8
        top = layout.head + layout.big + round(1.6 * layout.gap)
        for number, name in enumerate(name for name in [*MAPS, "mask"] if name in chosen):
            left = layout.left(number)
            shown = picture[top : top + layout.small, left : left + layout.small]
            np.testing.assert_array_equal(shown, sheet.thumbnail(name, chosen[name], layout.small))
        assert (picture[:, : layout.margin // 2] == sheet.PAPER).all()
        assert (picture[:, -layout.margin // 2 :] == sheet.PAPER).all()


def test_sheets_of_other_sizes_are_refused():
    with pytest.raises(UsageError, match="sheet 100 pixels"):
        sheet.contact_sheet(bumps(), width=100)


def test_kept_maps_are_means_in_any_order_of_bands():
    rng = np.random.default_rng(4)
    image = rng.random((512, 1024), np.float32)
    kept = previews.Kept({"height": Kind.GRAY}, 512, 1024, 256)
    assert kept.factor == 4
    bands = row_bands(512, 1024)
    workers = [threading.Thread(target=kept.band, args=("height", a, image[a:b])) for a, b in reversed(bands)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    kept.band("roughness", 0, image)
    np.testing.assert_allclose(kept.maps["height"], image.reshape(128, 4, 256, 4).mean((1, 3)), atol=1e-6)


def test_render_with_a_preview_writes_pictures_that_hold_their_graph(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sheet.contact_sheet, "__kwdefaults__", {**sheet.contact_sheet.__kwdefaults__, "width": 480})
    command = ["render", "granite_setts", "--size", "64", "--out", str(tmp_path), "--preview", "--json"]
    cli.commands.main([*command, "--preview-size", "48"], standalone_mode=False)
    report = json.loads(capsys.readouterr().out)
    names = {path.name for path in tmp_path.iterdir()}
    wanted = {f"granite_setts_{part}.png" for part in ("preview_sphere", "preview_plane", "sheet")}
    assert wanted < names
    assert {str(tmp_path / name) for name in names} == set(report["files"])
    credits = json.loads((tmp_path / "granite_setts.credits.json").read_text())
    assert wanted < set(credits["files"])
    sphere = tmp_path / "granite_setts_preview_sphere.png"
    head = pictures.header(sphere.read_bytes())
    assert (head.width, head.height) == (48, 48)
    assert embedded.embedded_graph(sphere) == embedded.embedded_graph(tmp_path / "granite_setts_basecolor.png")
    maps = intarsia.render("granite_setts", size=64)
    shown = (pictures.read(sphere.read_bytes(), colour_space="linear") * 255 + 0.5).astype(np.uint8)
    np.testing.assert_array_equal(shown, intarsia.preview(maps, size=48))


def test_asking_for_a_shape_is_asking_for_previews(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sheet.contact_sheet, "__kwdefaults__", {**sheet.contact_sheet.__kwdefaults__, "width": 480})
    command = ["render", "brick_wall", "--size", "32", "--out", str(tmp_path), "--target", "gltf"]
    options = [
        "--preview-shape",
        "cube",
        "--preview-shape",
        "cylinder",
        "--preview-size",
        "32",
        "--environment",
        "sunset",
    ]
    cli.commands.main([*command, *options], standalone_mode=False)
    assert "brick_wall_preview_cylinder.png" in capsys.readouterr().out
    found = {path.name for path in tmp_path.glob("*_preview_*")}
    assert found == {"brick_wall_preview_cube.png", "brick_wall_preview_cylinder.png"}
    cli.commands.main(command, standalone_mode=False)


def test_what_previews_take_counts_against_the_budget(tmp_path):
    graph = intarsia.load("brick_wall")
    with pytest.raises(BudgetError):
        export_graph(graph, tmp_path, size=256, budget=30 * 2**20, previews=previews.Previews(size=4096))
    assert not list(tmp_path.iterdir())
    export_graph(graph, tmp_path, size=256, budget=30 * 2**20)


@pytest.mark.parametrize(
    "options", [{"shapes": ("teapot",)}, {"size": 1}, {"environment": "moon"}], ids=lambda options: next(iter(options))
)
def test_impossible_previews_are_refused_before_anything_is_rendered(options):
    with pytest.raises(UsageError):
        previews.Previews(**options)
    with pytest.raises(UsageError):
        previews.Previews().wanted({"mask": Kind.GRAY})


def test_the_command_line_offers_what_there_is():
    assert cli.SHAPES == shade.SHAPES == shape_kernels.SHAPES
    assert tuple(environments.names()) == cli.ENVIRONMENTS


# ---- what is not foreseen ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", shade.SHAPES)
@pytest.mark.parametrize(
    "maps",
    [
        {"height": np.ones((1, 1), np.float32)},
        {"height": np.linspace(0, 1, 300, dtype=np.float32)[None]},
        {"height": plain(0.5) - np.float32(50)},
        {"height": np.linspace(-1e30, 1e30, 64, dtype=np.float32).reshape(8, 8)},
        {"normal": plain(0.5, 3)},
        {"normal": plain(-1e30, 3), "emission": plain(1e30, 3)},
    ],
)
def test_maps_beyond_all_measure_give_a_finite_picture(maps, shape):
    assert np.isfinite(shade.shade(maps, shape, 16, depth=100)).all()


@pytest.mark.parametrize(
    "options",
    [{"exposure": 1e4}, {"shift": (1.0,)}, {"threads": 0}, {"depth": "deep"}, {"tiles": math.nan}, {"turn": math.inf}],
)
def test_numbers_that_make_no_picture_are_refused(options):
    with pytest.raises(UsageError):
        shade.shade({"height": plain(0.5)}, "sphere", 16, **options)


def test_a_map_that_is_no_picture_is_refused():
    with pytest.raises(UsageError, match="height is no picture"):
        shade.shade({"height": "deep"}, "sphere", 16)
    with pytest.raises(UsageError, match="extra holds NaN"):
        sheet.contact_sheet({"height": plain(0.5), "extra": plain(math.nan)}, width=480)
