"""A scene on the graphics library (frame buffers, shadow map): its textures, shapes, and canvases drawn on.

    stage = Stage(scene)
    stage.gather(planes, eye, focal, time)          # what of it may be seen
    canvas = stage.canvas((height, width), truth=False)
    stage.draw(canvas, clip, eye, fan)
    canvas.read()

What stands still throws its shadow once, into a map seen from the sun; then the ground is painted from above.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.sim.render import textures
from windowpane.sim.render.batches import InstanceBatch
from windowpane.sim.render.graphics import UNITS, Floats, context, fan, give, matrix, program, square
from windowpane.sim.render.instances import standing, walking
from windowpane.sim.render.meshes import SOLID, Shape
from windowpane.sim.world.scene import Scene
from windowpane.sim.world.terrain import Class

Bytes = NDArray[np.uint8]
PAINTED, SHADOWS = 1536, 2048  # texels of a side
WALKERS, SHADE = 4, 1.4  # how many people have shadows, and as if they were so many metres high


class Stage:
    """A scene's textures, shapes and shadows. Raises MissingExtraError; see `graphics.context`."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.ctx = scene, context()
        groups = standing(scene)
        self.batches = [InstanceBatch(shape, rows) for shape, rows in groups.items() if len(rows)]
        self.people = InstanceBatch(Shape.LIMB, walking(scene, 0.0))
        self.sun = np.array(scene.sun, np.float64) / np.linalg.norm(scene.sun)
        self.from_sun = _sun_matrix(self.sun, scene.terrain.size / 2)
        self._canvases: dict[tuple[int, int, bool], Canvas] = {}
        self._grounds = textures.grounds(scene.seed)
        self.textures = {**self._drawn(), "shadows": self._shadows()}
        self._bind()
        self._throw_shadows()
        self.textures["painted"] = self._painted()

    def gather(self, planes: Floats, eye: Floats, focal: float, time: float) -> None:
        """Choose what may be seen between planes from a place at a time.

        Parameters
        ----------
        focal
            Length in pixels.
        """
        for batch in self.batches:
            batch.gather(planes, eye, focal)
        if self.scene.persons:
            self.people.fill(walking(self.scene, time))
        self._walker = self._walkers(time)

    def canvas(self, size: tuple[int, int], *, truth: bool) -> Canvas:
        """Return the canvas of a size (height, width)."""
        key = (*size, truth)
        if key not in self._canvases:
            self._canvases[key] = Canvas(size, truth)
        return self._canvases[key]

    def draw(
        self, canvas: Canvas, camera: Floats, eye: Floats, sector: tuple[float, ...], columns: slice
    ) -> None:
        """Draw what was gathered.

        Parameters
        ----------
        camera
            (4, 4), from the world to the library's frame.
        eye
            (3,), of the left camera.
        sector
            Of the ground that may be seen; see `graphics.fan`.
        columns
            Of the canvas to draw on; the first ones begin it anew.
        """
        if columns.start == 0:
            canvas.clear()
            self._bind()
        told = {
            **self._light(),
            "camera": matrix(camera),
            "to_world": matrix(_directions(camera, eye)),
            "eye": tuple(eye),
            "fan": sector,
            "walkers": min(WALKERS, len(self.scene.persons)),
            "walker": self._walker,
        }
        for used in canvas.programs:
            give(used, **told)
        canvas.view(columns)
        for batch in (*self.batches, self.people):
            (self.ctx.enable if batch.shape in SOLID else self.ctx.disable)(self.ctx.CULL_FACE)
            batch.draw("THING", truth=canvas.truth)
        self.ctx.disable(self.ctx.CULL_FACE)
        canvas.surround()

    def _walkers(self, time: float) -> bytes:
        """Return where people stand, and where their shadows end from there."""
        found = np.zeros((WALKERS, 4), np.float32)
        for row, person in zip(found, self.scene.at(time), strict=False):
            row[:] = person.x, person.y, *(-SHADE * self.sun[:2] / self.sun[2])
        return found.tobytes()

    def _bind(self) -> None:
        """Put the textures where the programs look for them."""
        for name, texture in self.textures.items():
            texture.use(UNITS[name])

    def _light(self) -> dict[str, Any]:
        """Return what programs are told of the whole scene."""
        return {
            "sun": tuple(self.sun),
            "fog": self.scene.fog,
            "size": self.scene.terrain.size,
            "texels": float(len(self.scene.terrain.heights)),
            "from_sun": matrix(self.from_sun),
        }

    def _drawn(self) -> dict[str, Any]:
        """Return the textures that are drawn from the seed or are the terrain."""
        terrain, seed = self.scene.terrain, self.scene.seed
        heights = self.ctx.texture(terrain.heights.shape, 1, terrain.heights.tobytes(), dtype="f4")
        kinds = self.ctx.texture(terrain.surface.shape, 1, terrain.surface.tobytes(), alignment=1)
        kinds.filter = self.ctx.NEAREST, self.ctx.NEAREST
        for texture in (heights, kinds):
            texture.repeat_x = texture.repeat_y = False
        return {
            "heights": heights,
            "kinds": kinds,
            "layers": self._array(textures.layers(seed)),
            "grain": self._picture(np.dstack([self._grounds[0, ..., 3], self._grounds[1, ..., 3]])),
            "clouds": self._picture(textures.sky(seed)[..., None]),
        }

    def _picture(self, pixels: Bytes) -> Any:
        """Return a texture of pixels (H, W, N)."""
        return _mipped(self.ctx.texture(pixels.shape[1::-1], pixels.shape[2], pixels.tobytes(), alignment=1))

    def _array(self, layers: Bytes) -> Any:
        """Return a texture of layers (L, H, W, 4)."""
        count, height, width, _ = layers.shape
        return _mipped(self.ctx.texture_array((width, height, count), 4, layers.tobytes()))

    def _shadows(self) -> Any:
        depth = self.ctx.depth_texture((SHADOWS, SHADOWS))
        depth.compare_func = "<="
        depth.filter = self.ctx.LINEAR, self.ctx.LINEAR
        depth.repeat_x = depth.repeat_y = False
        return depth

    def _throw_shadows(self) -> None:
        """Draw how far everything that stands still is from the sun."""
        target = self.ctx.framebuffer(depth_attachment=self.textures["shadows"])
        target.use()
        target.clear(depth=1.0)
        self.ctx.enable_only(self.ctx.DEPTH_TEST)
        onto_map = np.diag([2, 2, 2, 1.0])
        onto_map[:3, 3] = -1
        give(program("CASTER"), from_sun=matrix(onto_map @ self.from_sun))
        for batch in self.batches:
            if batch.shape is not Shape.TUFT:
                batch.fill(batch.rows[:0], batch.rows)
                batch.draw("CASTER")
        target.release()

    def _painted(self) -> Any:
        """Return the ground seen from above, with the light on it."""
        painted = self.ctx.texture((PAINTED, PAINTED), 4)
        bare = [self.scene.terrain.surface == kind for kind in (Class.GROUND, Class.PATH)]
        soft = cv2.GaussianBlur(np.dstack(bare).astype(np.uint8) * 255, (0, 0), 1.0)
        cover = self._picture(np.asarray(soft, np.uint8))
        grounds = self._array(self._grounds)
        used = program("PAINT")
        cover.use(len(UNITS))
        grounds.use(len(UNITS) + 1)
        give(used, cover=len(UNITS), grounds=len(UNITS) + 1, **self._light())
        target = self.ctx.framebuffer([painted])
        target.use()
        self.ctx.enable_only(self.ctx.NOTHING)
        self.ctx.vertex_array(used, [(square(), "2f", "corner")]).render()
        for done in (target, cover, grounds):
            done.release()
        return _mipped(painted)


class Canvas:
    """What is drawn on: one picture or several side by side, and where asked for the range of its pixels.

    Parameters
    ----------
    size
        (height, width).
    truth
        Whether ranges and classes are drawn.
    """

    def __init__(self, size: tuple[int, int], truth: bool) -> None:
        self.size, self.truth = size, truth
        shape, ctx = size[::-1], context()
        colours = [ctx.renderbuffer(shape, 4)]
        if truth:
            colours.append(ctx.renderbuffer(shape, 1, dtype="f4"))
        self._target = ctx.framebuffer(colours, ctx.depth_renderbuffer(shape))
        ground, sky = (program(name, truth=truth) for name in ("GROUND", "SKY"))
        self.programs = *(program("THING", truth=truth, leafy=leafy) for leafy in (False, True)), ground, sky
        corners, triangles = fan()
        self._ground = ctx.vertex_array(ground, [(corners, "2f", "corner")], triangles)
        self._sky = ctx.vertex_array(sky, [(square(), "2f", "corner")])

    def clear(self) -> None:
        """Begin a new picture."""
        ctx = context()
        ctx.enable_only(ctx.DEPTH_TEST)
        ctx.depth_func, ctx.front_face = "<=", "cw"  # row 0 is the top: what is upside down turns round
        self._target.use()
        self._target.viewport = (0, 0, *self.size[::-1])
        self._target.clear(depth=1.0)

    def view(self, columns: slice) -> None:
        """Draw on these columns from now on."""
        self._target.viewport = (columns.start, 0, columns.stop - columns.start, self.size[0])

    def surround(self) -> None:
        """Draw ground and sky where nothing stands before them: last, since most of them is hidden."""
        self._ground.render()
        self._sky.render()

    def read(self) -> Bytes:
        """Return the pixels (H, W, 4) uint8: RGB and the class."""
        return np.frombuffer(self._target.read(components=4), np.uint8).reshape(*self.size, 4)

    def read_range(self) -> NDArray[np.float32]:
        """Return the ranges (H, W) float32 in metres."""
        read = self._target.read(components=1, attachment=1, dtype="f4")
        return np.frombuffer(read, np.float32).reshape(self.size).copy()


def _mipped(texture: Any) -> Any:
    texture.build_mipmaps()
    return texture


def _sun_matrix(sun: Floats, half: float) -> Floats:
    """Return the matrix (4, 4) from the world to the shadow map, 0..1 along all axes."""
    side = np.cross(sun, [0.0, 0.0, 1.0] if abs(sun[2]) < 0.99 else [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    turn = np.stack([side, np.cross(sun, side), -sun])
    reach = np.array([half * 1.42, half * 1.42, half * 1.42 + 20])
    T = np.eye(4)
    T[:3, :3] = turn / (2 * reach[:, None])
    T[:3, 3] = 0.5
    return T


def _directions(camera: Floats, eye: Floats) -> Floats:
    """Return the matrix from a corner of the picture, at depth 1, to the direction that is seen there."""
    found = np.linalg.inv(camera)
    found[:3] -= eye[:, None] * found[3]
    return np.asarray(found, np.float64)
