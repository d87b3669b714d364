"""Cameras that move and meshes of one's own: geometry known by hand, and files that are refused with a reason."""

from __future__ import annotations

import math

import numpy as np
import pytest

from materials import cameras, meshes, shade, shape_kernels, texels
from materials.cameras import Camera
from materials.errors import Cancelled, SourceError, UsageError
from tests.test_shade import AS_IS, bumps, disc, only_key, plain, uniform

SQUARE = "v -1 -1 0\nv 1 -1 0\nv 1 1 0\nv -1 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n"


def ball(rings=24, around=48):
    """An OBJ of a sphere of radius 5 far from the middle, with smooth normals and a seam."""
    lines = []
    for ring in range(rings + 1):
        for step in range(around + 1):
            polar, azimuth = math.pi * ring / rings, math.tau * step / around
            x, y, z = math.sin(polar) * math.sin(azimuth), math.cos(polar), math.sin(polar) * math.cos(azimuth)
            lines += [f"v {5 * x + 20} {5 * y} {5 * z}", f"vt {step / around} {1 - ring / rings}", f"vn {x} {y} {z}"]
    for ring in range(rings):
        for step in range(around):
            a = ring * (around + 1) + step + 1
            b = a + around + 1
            lines.append("f " + " ".join(f"{k}/{k}/{k}" for k in (a, b, b + 1, a + 1)))
    return "\n".join(lines)


# ---- the camera ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", shade.SHAPES)
def test_a_camera_of_defaults_is_the_shapes_own(shape):
    np.testing.assert_array_equal(shade.shade(bumps(), shape, 40), shade.shade(bumps(), shape, 40, camera=Camera()))


def test_a_cube_turned_by_a_quarter_shows_the_same_sides_under_even_light():
    once, quarter, less = (
        shade.shade(bumps(), "cube", 64, uniform(), depth=3, camera=Camera(turn=turn))[40:] for turn in (0, 90, 45)
    )
    assert np.abs(once - quarter).mean() < 4e-3
    assert np.abs(once - less).mean() > 0.02


def test_light_stays_where_it_is_when_the_camera_turns():
    plainly = {"base_color": plain(0.5, 3), "roughness": plain(1)}
    once = shade.shade(plainly, "sphere", 48, "sunset", turn=-30)
    np.testing.assert_allclose(once, shade.shade(plainly, "sphere", 48, "sunset", camera=Camera(turn=30)), atol=0.02)


def test_zoom_enlarges_and_pan_moves():
    def covered(**options):
        picture = shade.shade({"roughness": plain(1)}, "sphere", 120, uniform(), camera=Camera(**options))
        y, x = np.nonzero(picture[..., 1] > 0.5)
        return len(x), x.mean(), y.mean()

    count, x, y = covered()
    larger, _, _ = covered(zoom=1.1)
    assert larger == pytest.approx(1.21 * count, rel=0.03)
    _, right, above = covered(pan=(0.05, -0.1))
    assert (right - x, above - y) == (pytest.approx(6, abs=1.5), pytest.approx(12, abs=1.5))


def test_the_far_half_of_the_sphere_has_no_pole():
    form = np.zeros(len(shape_kernels.FORM), np.float32)
    for name in ("tile", "aspect", "half", "across", "down", "round"):
        form[shape_kernels.FORM.index(name)] = 1
    frame = np.empty(9, np.float32)
    for point in np.random.default_rng(1).normal(size=(40, 3)):
        normal = point / np.linalg.norm(point)
        density = shape_kernels.orient(0, form, *normal.astype(np.float32), frame)
        assert 0.9 < density < 1.8
        right, up, out = frame.reshape(3, 3)
        np.testing.assert_allclose(out, normal, atol=1e-5)
        step = np.float32(1e-2)
        here, there, above = (
            np.array(shape_kernels.locate(0, form, *(normal + step * way).astype(np.float32))[:2])
            for way in (np.zeros(3), right, up)
        )
        assert (there - here)[0] > 0.5 * step
        assert (above - here)[1] < -0.5 * step


def test_a_wide_picture_holds_the_square_one_in_its_middle():
    square = shade.shade(bumps(), "plane", 48, depth=2, camera=Camera(turn=20))
    for size in ((80, 48), (48, 80)):
        picture = shade.shade(bumps(), "plane", size, depth=2, camera=Camera(turn=20))
        assert picture.shape == (size[1], size[0], 3)
        top, left = (size[1] - 48) // 2, (size[0] - 48) // 2
        middle = picture[top : top + 48, left : left + 48]
        np.testing.assert_allclose(middle[1:-1, 1:-1], square[1:-1, 1:-1], atol=1e-5)


@pytest.mark.parametrize("shape", [*shade.SHAPES, "mesh"])
def test_every_tilt_gives_a_picture(shape):
    worn = meshes.parse(ball(6, 8)) if shape == "mesh" else shape
    least, most = cameras.reach(shape)
    for tilt in (-400, least, most, 1e6):
        picture = shade.shade(bumps(), worn, 16, depth=2, camera=Camera(turn=1e5, tilt=tilt))
        assert np.isfinite(picture).all()
        assert np.ptp(picture) > 0.01


@pytest.mark.parametrize("camera", [Camera(turn=math.nan), Camera(zoom=0), Camera(zoom=1e9), Camera(pan=(math.inf, 0))])
def test_cameras_that_see_nothing_are_refused(camera):
    with pytest.raises(UsageError):
        shade.shade(bumps(), "sphere", 16, camera=camera)


def test_remembered_texels_give_the_same_bits():
    kept = texels.Textures(bumps())
    for size in (24, 96, 24):
        np.testing.assert_array_equal(shade.shade(kept, "sphere", size), shade.shade(bumps(), "sphere", size))
    assert kept.built(32) is kept.built(32)


# ---- meshes --------------------------------------------------------------------------------------


def test_a_meshed_ball_looks_like_the_ball():
    mesh = meshes.parse(ball())
    maps = {"base_color": plain(0.6, 3), "roughness": plain(0.5)}
    own = cameras.VIEWS["mesh"]
    picture = shade.shade(maps, mesh, 96, uniform(), exposure=AS_IS)
    round_one = shade.shade(maps, "sphere", 96, uniform(), exposure=AS_IS)
    np.testing.assert_allclose(picture[disc(96, 0.7)], round_one[disc(96, 0.7)], atol=0.01)
    radius = 1 / math.sqrt(own.distance**2 - 1) / own.field * 48
    assert math.sqrt((picture[..., 1] > 0.1).sum() / math.pi) == pytest.approx(radius, rel=0.02)
    lit = shade.shade(maps, mesh, 64, "daylight", camera=Camera(turn=10))
    assert np.isfinite(lit).all()


def test_no_ray_slips_between_triangles():
    mesh = meshes.parse(ball(40, 80))
    picture = shade.shade({"emission": plain(1, 3)}, mesh, 128, uniform(0.0))
    assert picture[disc(128, 0.7)].min() > 0.99


def test_a_mesh_wears_the_tile_where_its_texture_coordinates_say():
    colour = plain((1, 0, 0), 3, 64)
    colour[:32, 32:] = (0, 1, 0)  # top right
    colour[32:] = (0, 0, 1)
    front = Camera(
        turn=-math.degrees(math.atan2(1.1, 4.3)), tilt=-math.degrees(math.asin(1.2 / cameras.VIEWS["mesh"].distance))
    )
    picture = shade.shade(
        {"emission": colour, "base_color": plain(0, 3, 64)}, meshes.parse(SQUARE), 64, uniform(0.0), camera=front
    )
    for (y, x), channel in {(22, 22): 0, (22, 42): 1, (42, 22): 2, (42, 42): 2}.items():
        assert picture[y, x].argmax() == channel


@pytest.mark.parametrize("channel", [0, 1])
def test_bumps_of_a_mesh_lean_the_way_they_do_on_a_sphere(channel):
    normal = [0.5, 0.5, 0.9]
    normal[channel] = 0.75
    maps = {"normal": plain(normal, 3), "roughness": plain(1)}
    level = {"roughness": plain(1)}
    ways = []
    for shape in ("sphere", meshes.parse(ball())):
        change = shade.shade(maps, shape, 48, "daylight") - shade.shade(level, shape, 48, "daylight")
        ways.append(change[20:28, 20:28, 1].mean())
    assert ways[0] * ways[1] > 0
    assert abs(ways[1]) > 0.01


def test_a_mesh_throws_its_shadow_on_itself():
    floor = "v -1 -1 -1\nv 1 -1 -1\nv 1 -1 1\nv -1 -1 1\nvt 0 0\nvt 1 0\nvt 1 1\nf 4/1 3/2 2/3 1/1\n"
    roof = "v -1 1 -1\nv 1 1 -1\nv 1 1 1\nv -1 1 1\nf 5/1 8/1 7/2 6/3\n"
    speck = roof.replace("f 5/1 8/1 7/2 6/3", "v -1 1 -0.99\nv -0.99 1 -1\nf 5/1 9/2 10/3")
    overhead = only_key((0.0, 1.0, 0.001))
    shaded, open_sky = (
        shade.shade({"roughness": plain(1)}, meshes.parse(floor + above), 64, overhead)[44:, :, 1]
        for above in (roof, speck)
    )
    inside = open_sky > 0.2
    assert inside.sum() > 100
    assert np.median(shaded[inside]) < 1e-3


def test_a_mesh_gives_the_same_bits_for_any_number_of_threads_and_can_be_cancelled():
    mesh = meshes.parse(ball(12, 16))
    one = shade.shade(bumps(), mesh, 64, threads=1, depth=4)
    np.testing.assert_array_equal(one, shade.shade(bumps(), mesh, 64, threads=3, depth=4))

    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        shade.shade(bumps(), mesh, 64, check=stop)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no polygons"),
        ("v 1 2\n", "line 1: 2 numbers where 3 belong"),
        ("v 1 2 x\n", "line 1: this is no number"),
        ("v 1 2 nan\n", "beyond all measure"),
        ("\n# no\nf 1/1 2/2 3/3\n", "line 3: there is no point 1"),
        (SQUARE + "f 1 2 3\n", "no texture coordinates (unwrap"),
        (SQUARE + "f 1/1 2/2 0/1\n", "there is no point 0"),
        (SQUARE + "f 1/1 2/2 -5/1\n", "there is no point -5"),
        (SQUARE + "f 1/1 2/2 3/3/1\n", "there is no normal 1"),
        (SQUARE + "vn 0 0 1\nf 1/1 2/2 3/3/1\n", "some corners have normals"),
        (SQUARE + "f 1/1 2/2\n", "a polygon of 2 corners"),
        (SQUARE + "call evil.obj\n", "line 10: 'call' is not understood"),
        (SQUARE + "csh rm\n", "'csh' is not understood"),
        ("v 0 0 0\nvt 0 0\nf 1/1 1/1 1/1\n", "no polygon in it has an area"),
        ("\x89PNG\x00", "is not understood"),
    ],
)
def test_what_is_no_mesh_is_refused_with_the_place(text, told, tmp_path):
    path = tmp_path / "own.obj"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        meshes.read(path)
    assert told in str(caught.value)
    assert "own.obj" in str(caught.value)


def test_a_missing_or_huge_mesh_says_so(tmp_path, monkeypatch):
    with pytest.raises(SourceError, match=r"the mesh gone\.obj is gone"):
        meshes.read(tmp_path / "gone.obj")
    path = tmp_path / "huge.obj"
    path.write_text(SQUARE)
    monkeypatch.setattr(meshes, "MOST_BYTES", 20)
    with pytest.raises(SourceError, match=r"huge\.obj has 0 MB"):
        meshes.read(path)
    monkeypatch.setattr(meshes, "MOST_TRIANGLES", 1)
    with pytest.raises(SourceError, match="too many triangles"):
        meshes.parse(SQUARE)


def test_other_files_that_an_obj_names_are_never_opened():
    mesh = meshes.parse("mtllib /etc/passwd\nusemtl red\no thing\ng a\ns off\n" + SQUARE)
    assert mesh.triangles == 2


def test_every_triangle_is_in_the_tree_once():
    mesh = meshes.parse(ball(10, 20))
    leaves = mesh.links[mesh.links[:, 1] > 0]
    found = np.concatenate([np.arange(first, first + count) for first, count in leaves])
    np.testing.assert_array_equal(np.sort(found), np.arange(mesh.triangles))
