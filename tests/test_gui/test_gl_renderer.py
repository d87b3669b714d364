"""OpenGL's picture is the processor's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gui.views.gl_renderer import GlRenderer
from materials import environments, meshes, shade
from materials.cameras import Camera
from materials.errors import UsageError
from tests.test_shade import bumps, plain

moderngl = pytest.importorskip("moderngl", reason="moderngl is not installed")

SIZE = (144, 112)
NEAR = 3e-3
"""Root mean square difference of display-linear colours; llvmpipe stays below 1.2e-3, and mostly below 1e-4."""


@pytest.fixture(scope="module")
def renderer():
    try:
        context = moderngl.create_context(standalone=True, backend="egl", require=330)
    except Exception as error:
        pytest.skip(f"no OpenGL context without a window: {error}")
    made = GlRenderer(context)
    yield made
    made.release()
    context.release()


def difference(renderer, maps, shape, environment="studio", **options):
    numbers = shade.numbers(maps, shape, SIZE, environment, **options)
    ours = shade.tone(shade.shade(maps, shape, SIZE, environment, **options))
    theirs = shade.tone(renderer.picture(numbers, SIZE))
    assert np.ptp(ours) > 0.1
    return float(np.sqrt(np.square(ours - theirs).mean()))


@pytest.mark.parametrize("camera", [None, Camera(turn=150, tilt=20, zoom=1.4, pan=(0.1, -0.05))])
@pytest.mark.parametrize("shape", shade.SHAPES)
def test_both_renderers_show_the_same(renderer, shape, camera):
    assert difference(renderer, bumps(), shape, camera=camera, depth=4, turn=20) < NEAR


@pytest.mark.parametrize("environment", environments.names())
def test_both_renderers_see_the_same_light(renderer, environment):
    maps = {**bumps(), "metallic": plain(1, side=64), "roughness": plain(0.25, side=64)}
    assert difference(renderer, maps, "sphere", environment, exposure=0.5) < NEAR


def test_both_renderers_read_every_map(renderer):
    maps = bumps()
    rng = np.random.default_rng(2)
    maps |= {
        "ambient_occlusion": 0.4 + 0.6 * maps["height"],
        "opacity": maps["height"],
        "emission": 0.3 * maps["base_color"],
        "normal": np.concatenate([rng.uniform(0.4, 0.6, (64, 64, 2)), np.full((64, 64, 1), 0.98)], 2),
    }
    assert difference(renderer, maps, "cube", tiles=2.5) < NEAR


@pytest.mark.parametrize("shape", [(1, 1), (16, 64)])
def test_maps_of_any_shape_are_sent_whole(renderer, shape):
    height = np.random.default_rng(0).random(shape, np.float32)
    colour = np.repeat(height[..., None], 3, 2)
    assert difference(renderer, {"height": height, "base_color": colour}, "plane") < NEAR


def test_maps_are_sent_again_only_when_they_change(renderer):
    numbers = shade.numbers(bumps(), "sphere", SIZE, "studio")
    renderer.picture(numbers, SIZE)
    sent = renderer._textures["texels_a"]
    first = renderer.picture(numbers._replace(camera=numbers.camera), SIZE)
    assert renderer._textures["texels_a"] is sent
    other = shade.numbers({"base_color": plain((1, 0, 0), 3)}, "sphere", SIZE, "studio")
    assert np.abs(renderer.picture(other, SIZE) - first).mean() > 0.01


def test_the_screen_gets_what_a_display_takes(renderer):
    light = replace(environments.named("studio"), backdrop=((0.25, 0.25, 0.25),) * 2)
    numbers = shade.numbers(bumps(), "sphere", SIZE, light)
    target = renderer.context.simple_framebuffer(SIZE, 3)
    renderer.draw(numbers, SIZE, target)
    shown = np.frombuffer(target.read(components=3, alignment=1), np.uint8).reshape(SIZE[1], SIZE[0], 3)[::-1]
    expected = shade.preview(bumps(), "sphere", SIZE, environment=light)
    assert np.abs(shown.astype(int) - expected).mean() < 0.6
    assert np.abs(shown[2, 2].astype(int) - 137).max() <= 1


def test_a_mesh_is_left_to_the_processor(renderer):
    numbers = shade.numbers(bumps(), meshes.NONE, SIZE, "studio")
    with pytest.raises(UsageError, match="meshes"):
        renderer.picture(numbers, SIZE)
