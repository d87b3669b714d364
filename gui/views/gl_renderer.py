"""A material in light, drawn by OpenGL 3.3: the formulas of `materials.shade` in one fragment program.

Knows nothing of windows: it is given a context, and draws into whatever framebuffer there is.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from materials import shade, shape_kernels
from materials.errors import UsageError
from materials.shade import Numbers

if TYPE_CHECKING:
    import moderngl

NEEDED = 330
"""The version of OpenGL, times a hundred."""

_VERTICES = """
#version 330
void main() {
    vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
    gl_Position = vec4(corner, 0.0, 1.0);
}
"""

_SKY_WIDTH = 256
_UNITS = ("texels_a", "texels_b", "heights", "extra", "sky_texels", "first", "found")


class GlRenderer:
    """Draws scenes in one context; maps and sky are sent once, for as long as they stay the same arrays.

    Raises
    ------
    moderngl.Error
        If the context cannot compile the program.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self.context = context
        source = resources.files("gui.views").joinpath("solid.frag").read_text(encoding="utf-8")
        self._program = context.program(vertex_shader=_VERTICES, fragment_shader=source)
        self._triangle = context.vertex_array(self._program, [])
        self._textures: dict[str, moderngl.Texture] = {}
        self._sent: dict[str, np.ndarray] = {}
        self._passes: moderngl.Framebuffer | None = None
        for unit, name in enumerate(_UNITS):
            self._set(name, unit)
        self._set("shoulder", shade.SHOULDER)
        self._set("sky_width", _SKY_WIDTH)

    def draw(self, numbers: Numbers, size: tuple[int, int], target: moderngl.Framebuffer, linear: bool = False) -> None:
        """Draw a scene of `materials.shade.numbers` into a framebuffer.

        size : width and height that the numbers were made for. linear : leave colours as `materials.shade.shade` does.

        Raises
        ------
        UsageError
            If the shape is a mesh.
        """
        if numbers.shape >= len(shape_kernels.SHAPES):
            raise UsageError("OpenGL draws no meshes of one's own", hint="the processor does")
        self._send(numbers)
        self._send_sky(numbers)
        self._aim(numbers, size)
        passes = self._two_passes(size)
        self._set("stage", 0)
        self._run(passes, size)
        self._set("stage", 1 if linear else 2)
        self._run(target, size)

    def picture(self, numbers: Numbers, size: tuple[int, int]) -> np.ndarray:
        """Return a scene as `materials.shade.shade` does, float32, linear, row 0 on top."""
        buffer = self.context.texture(size, 4, dtype="f4")
        target = self.context.framebuffer([buffer])
        try:
            self.draw(numbers, size, target, linear=True)
            pixels = np.frombuffer(buffer.read(), np.float32).reshape(size[1], size[0], 4)
        finally:
            target.release()
            buffer.release()
        return np.ascontiguousarray(pixels[::-1, :, :3])

    def release(self) -> None:
        """Give back what the context holds."""
        for texture in self._textures.values():
            texture.release()
        self._textures.clear()
        self._sent.clear()
        if self._passes is not None:
            self._passes.release()
            self._passes = None
        self._triangle.release()
        self._program.release()

    # ---- sending ----

    def _set(self, name: str, value: object) -> None:
        member: Any = self._program.get(name, None)  # the compiler may have dropped what it found no use for
        if member is not None:
            member.value = value

    def _changed(self, name: str, array: np.ndarray) -> bool:
        if self._sent.get(name) is array:
            return False
        self._sent[name] = array
        return True

    def _put(self, name: str, texture: moderngl.Texture) -> None:
        old = self._textures.pop(name, None)
        if old is not None:
            old.release()
        self._textures[name] = texture

    def _send(self, numbers: Numbers) -> None:
        levels = numbers.levels
        self._set("most_level", len(levels) - 1)
        self._set("has_extra", numbers.extra.size > 8)
        if self._changed("surface", numbers.surface):
            surface = numbers.surface.reshape(-1, 8)
            self._put("texels_a", self._pyramid(np.ascontiguousarray(surface[:, :4]), levels))
            self._put("texels_b", self._pyramid(np.ascontiguousarray(surface[:, 4:]), levels))
        if self._changed("height", numbers.height):
            self._put("heights", self._pyramid(numbers.height.reshape(-1, 1), levels))
        if self._changed("extra", numbers.extra):
            extra = np.ascontiguousarray(numbers.extra.reshape(-1, 8)[:, :4])
            self._put("extra", self._pyramid(extra, levels if len(extra) > 1 else np.array([[0, 1, 1]])))

    def _pyramid(self, values: np.ndarray, levels: np.ndarray) -> moderngl.Texture:
        """Return a texture of the same levels as the processor reads, each as it is."""
        _, rows, columns = map(int, levels[0])
        texture = self.context.texture((columns, rows), values.shape[1], dtype="f4")
        if len(levels) > 1:
            texture.build_mipmaps(0, len(levels) - 1)  # makes the room
        for level, (start, rows, columns) in enumerate(levels):
            texture.write(np.ascontiguousarray(values[start : start + rows * columns]).tobytes(), level=level)
        linear, between = 0x2601, 0x2703
        texture.filter = (between if len(levels) > 1 else linear), linear
        texture.repeat_x = texture.repeat_y = True
        return texture

    def _send_sky(self, numbers: Numbers) -> None:
        if not self._changed("sky", numbers.radiance):
            return
        values = numbers.radiance.reshape(-1, 3)
        rows = -(-len(values) // _SKY_WIDTH)
        room = np.zeros((rows * _SKY_WIDTH, 4), np.float32)
        room[: len(values), :3] = values
        texture = self.context.texture((_SKY_WIDTH, rows), 4, room.tobytes(), dtype="f4")
        texture.filter = 0x2600, 0x2600
        self._put("sky_texels", texture)
        self._set("sky_levels", [(int(start) // 3, int(side)) for start, side in numbers.sky_levels])
        self._set("diffuse", [tuple(map(float, row)) for row in numbers.diffuse])

    def _aim(self, numbers: Numbers, size: tuple[int, int]) -> None:
        self._set("shape", int(numbers.shape))
        self._set("size", tuple(map(float, size)))
        for name, values in (("camera", numbers.camera), ("form", numbers.form), ("light", numbers.light)):
            self._set(name, [float(value) for value in values])

    # ---- drawing ----

    def _two_passes(self, size: tuple[int, int]) -> moderngl.Framebuffer:
        """Return the framebuffer of the first pass, whose pictures the second reads."""
        if self._passes is None or self._passes.size != size:
            if self._passes is not None:
                self._passes.release()
            self._put("first", self.context.texture(size, 4, dtype="f4"))
            self._put("found", self.context.texture(size, 2, dtype="f4"))
            self._passes = self.context.framebuffer([self._textures["first"], self._textures["found"]])
        return self._passes

    def _run(self, target: moderngl.Framebuffer, size: tuple[int, int]) -> None:
        target.use()
        target.viewport = 0, 0, *size
        self.context.disable(self.context.BLEND | self.context.DEPTH_TEST | self.context.CULL_FACE)
        for unit, name in enumerate(_UNITS):
            # Nothing may be read while it is drawn into.
            if target is not self._passes or name not in ("first", "found"):
                self._textures[name].use(unit)
        self._triangle.render(vertices=3)
