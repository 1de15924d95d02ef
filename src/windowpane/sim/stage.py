"""A scene on the graphics library: its textures, shapes and shadows, and the canvases it is drawn on.

    stage = Stage(scene)
    stage.gather(planes, eye, time)                 # what of it may be seen
    canvas = stage.canvas((height, width), truth=False)
    canvas.draw(0, clip, eye, fan)
    canvas.read()

What stands still throws its shadow once, into a map seen from the sun; then the ground is painted from above.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.errors import MissingExtraError
from windowpane.sim import shaders, textures
from windowpane.sim.instances import COLUMNS, standing, walking
from windowpane.sim.meshes import LEVELS, SOLID, Shape, mesh
from windowpane.sim.scene import Scene
from windowpane.sim.terrain import Class

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
PAINTED, SHADOWS = 1536, 2048  # texels of a side
RINGS, SPOKES = 60, 30  # of the fan of ground
FARTHEST = 200.0  # metres of ground
WALKERS, SHADE = 4, 1.4  # how many people have shadows, and as if they were so many metres high
SEEN = {Shape.TUFT: 9.0, Shape.GRASS: 70.0}  # metres within which a shape is drawn, if not always
DETAILED = (5.0, 10.0)  # metres within which a shape has all its triangles, and many of them
EGL = "libEGL.so.1"
UNITS = {"painted": 0, "grain": 1, "layers": 2, "shadows": 3, "heights": 4, "clouds": 5, "kinds": 6}


@cache
def context() -> Any:
    """Return the process's context. Raises MissingExtraError where there is none to be had."""
    try:
        import moderngl
    except ImportError:
        raise MissingExtraError("drawing a world needs pip install 'windowpane[sim]'") from None
    try:
        # It looks for libGL too, which libegl1 does not bring and which EGL stands in for.
        return moderngl.create_standalone_context(backend="egl", libegl=EGL, libgl=EGL)
    except Exception as error:
        raise MissingExtraError(
            f"drawing a world needs EGL: apt-get install libegl1 libgl1-mesa-dri ({error})"
        ) from error


def _program(name: str, truth: bool = False, leafy: bool = False) -> Any:
    return _compiled(name, truth, leafy)


@cache
def _compiled(name: str, truth: bool, leafy: bool) -> Any:
    vertex, fragment = shaders.source(getattr(shaders, name), truth=truth, leafy=leafy)
    program = context().program(vertex_shader=vertex, fragment_shader=fragment)
    for texture, unit in UNITS.items():
        if texture in program:
            program[texture] = unit
    return program


@cache
def _corners(shape: Shape, level: int) -> tuple[Any, Any]:
    """Return a shape's corners, each once, and its triangles."""
    corners, triangles = np.unique(mesh(shape, level), axis=0, return_inverse=True)
    return context().buffer(corners.tobytes()), context().buffer(triangles.astype(np.int32).tobytes())


@cache
def _square() -> Any:
    return context().buffer(np.array([(-1, -1), (3, -1), (-1, 3)], np.float32).tobytes())


@cache
def _fan_buffers() -> tuple[Any, Any]:
    """Return corners and triangles of the fan of ground: rings the wider apart the farther."""
    radii = np.concatenate([[0], np.geomspace(0.5, FARTHEST, RINGS)])
    turns = np.linspace(-1, 1, SPOKES + 1)
    corners = np.stack(np.meshgrid(turns, radii), axis=-1)
    a = np.arange(RINGS)[:, None] * (SPOKES + 1) + np.arange(SPOKES)
    b, c, d = a + 1, a + SPOKES + 2, a + SPOKES + 1
    triangles = np.stack([a, b, c, a, c, d], axis=-1)
    buffer = context().buffer
    return buffer(corners.astype(np.float32).tobytes()), buffer(triangles.astype(np.int32).tobytes())


def _set(program: Any, **values: Any) -> None:
    """Give a program those of the values that it has a use for."""
    for name, value in values.items():
        if name in program and isinstance(value, bytes):
            program[name].write(value)
        elif name in program:
            program[name] = value


def _matrix(matrix: Floats) -> bytes:
    return matrix.T.astype(np.float32).tobytes()


class Batch:
    """All things of one shape, those of them that may be seen, and how they are drawn."""

    def __init__(self, shape: Shape, rows: NDArray[np.float32]) -> None:
        self.shape, self.rows = shape, rows[np.argsort(rows[:, 0], kind="stable")]  # from west to east
        self.reach = (
            np.linalg.norm(self.rows[:, 4:7], axis=1) * 0.75 + 0.1
        )  # metres from the middle to all of it
        self.middle = self.rows[:, :3] + [0, 0, 0.5] * self.rows[:, 4:7]
        self.counts = [0] * LEVELS
        size = 4 * COLUMNS * max(1, len(rows))
        self._buffers = [context().buffer(reserve=size) for _ in range(LEVELS)]
        self._arrays: dict[tuple[str, bool, int], Any] = {}

    def gather(self, planes: Floats, eye: Floats) -> None:
        """Put what may be seen from a place into the buffers, the nearest first."""
        far = SEEN.get(self.shape, FARTHEST)
        first, last = np.searchsorted(self.rows[:, 0], [eye[0] - far, eye[0] + far])
        middle, reach = self.middle[first:last], self.reach[first:last]
        away = np.linalg.norm(middle - eye, axis=1)
        seen = (middle @ planes[:, :3].T + planes[:, 3] > -reach[:, None]).all(axis=1) & (away < far)
        order = np.flatnonzero(seen)
        order = order[np.argsort(away[order], kind="stable")]
        cuts = np.searchsorted(away[order], DETAILED)
        self.fill(*np.split(self.rows[first:last][order], cuts))

    def fill(self, *levels: NDArray[np.float32]) -> None:
        """Put rows into the buffers of the levels."""
        self.counts = [0] * LEVELS
        for level, rows in enumerate(levels):
            self.counts[level] = len(rows)
            if len(rows):
                self._buffers[level].write(rows.tobytes())

    def draw(self, name: str, *, truth: bool = False) -> None:
        """Draw what was gathered."""
        for level, count in enumerate(self.counts):
            if count:
                self._array(name, truth, level).render(instances=count)

    def _array(self, name: str, truth: bool, level: int) -> Any:
        key = (name, truth, level)
        if key not in self._arrays:
            program = _program(name, truth, self.shape not in SOLID and name == "THING")
            fields = (("corner", 3), ("normal", 3), ("texel", 2), ("axes", 2), ("layer", 1))
            own = (("at", 4), ("sized", 4), ("tint", 4), ("bent", 2))
            corners, triangles = _corners(self.shape, level)
            content = [
                _attributes(program, corners, fields, ""),
                _attributes(program, self._buffers[level], own, "/i"),
            ]
            self._arrays[key] = context().vertex_array(program, content, triangles)
        return self._arrays[key]


def _attributes(program: Any, buffer: Any, fields: tuple[tuple[str, int], ...], each: str) -> tuple[Any, ...]:
    """Return a buffer with those of its fields that a program has a use for."""
    used = [(f"{count}f" if name in program else f"{4 * count}x", name) for name, count in fields]
    names = [name for _, name in used if name in program]
    return (buffer, " ".join(kind for kind, _ in used) + each, *names)


class Stage:
    """A scene's textures, shapes and shadows. Raises MissingExtraError; see `context`."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.ctx = scene, context()
        groups = standing(scene)
        self.batches = [Batch(shape, rows) for shape, rows in groups.items() if len(rows)]
        self.people = Batch(Shape.LIMB, walking(scene, 0.0))
        self.sun = np.array(scene.sun, np.float64) / np.linalg.norm(scene.sun)
        self._canvases: dict[tuple[int, int, bool], Canvas] = {}
        self._textures()
        self._shadows()
        self._paint()

    def gather(self, planes: Floats, eye: Floats, time: float) -> None:
        """Choose what may be seen between planes from a place at a time."""
        for batch in self.batches:
            batch.gather(planes, eye)
        if self.scene.persons:
            self.people.fill(walking(self.scene, time))
        away = -SHADE * self.sun[:2] / self.sun[2]
        feet = [(one.x, one.y, *away) for one in self.scene.at(time)[:WALKERS]]
        self.walker = np.array(feet + [(0, 0, 0, 1)] * (WALKERS - len(feet)), np.float32)

    def canvas(self, size: tuple[int, int], *, truth: bool) -> Canvas:
        """Return the canvas of a size (height, width)."""
        key = (*size, truth)
        if key not in self._canvases:
            self._canvases[key] = Canvas(self, size, truth)
        return self._canvases[key]

    def use(self) -> None:
        """Bind the textures to where the programs look for them."""
        for name, unit in UNITS.items():
            self.textures[name].use(unit)

    def light(self) -> dict[str, Any]:
        """Return what programs are told of the whole scene."""
        return {
            "sun": tuple(self.sun),
            "fog": self.scene.fog,
            "size": self.scene.terrain.size,
            "texels": float(len(self.scene.terrain.heights)),
            "from_sun": _matrix(self.from_sun),
        }

    def _textures(self) -> None:
        ctx, terrain, seed = self.ctx, self.scene.terrain, self.scene.seed
        things = textures.layers(seed)
        self.textures = {
            "layers": _mipped(
                ctx.texture_array((textures.SIDE, textures.SIDE, len(things)), 4, things.tobytes())
            ),
            "heights": ctx.texture(terrain.heights.shape[::-1], 1, terrain.heights.tobytes(), dtype="f4"),
            "kinds": ctx.texture(terrain.surface.shape[::-1], 1, terrain.surface.tobytes(), alignment=1),
        }
        self.textures["kinds"].filter = (ctx.NEAREST, ctx.NEAREST)
        self.grounds = textures.grounds(seed)
        grain = np.dstack(
            [
                *(ground[..., 3] for ground in self.grounds[:2]),
                self.grounds[2][..., 3],
                self.grounds[0][..., 3],
            ]
        )
        self.textures["grain"] = _mipped(ctx.texture((textures.SIDE, textures.SIDE), 4, grain.tobytes()))
        clouds = textures.sky(seed)
        self.textures["clouds"] = _mipped(ctx.texture((textures.SIDE, textures.SIDE), 1, clouds.tobytes()))
        for name in ("heights", "kinds"):
            self.textures[name].repeat_x = self.textures[name].repeat_y = False

    def _shadows(self) -> None:
        """Draw how far everything is from the sun."""
        ctx, half = self.ctx, self.scene.terrain.size / 2
        self.from_sun = _sun_matrix(self.sun, half)
        depth = ctx.depth_texture((SHADOWS, SHADOWS))
        depth.compare_func = "<="
        depth.filter = (ctx.LINEAR, ctx.LINEAR)
        depth.repeat_x = depth.repeat_y = False
        self.textures["shadows"] = depth
        target = ctx.framebuffer(depth_attachment=depth)
        target.use()
        target.clear(depth=1.0)
        ctx.enable_only(ctx.DEPTH_TEST)
        self.textures["layers"].use(UNITS["layers"])
        onto_map = np.diag([2, 2, 2, 1.0])
        onto_map[:3, 3] = -1
        _set(_program("CASTER"), **{**self.light(), "from_sun": _matrix(onto_map @ self.from_sun)})
        for batch in self.batches:
            if batch.shape is not Shape.TUFT:
                batch.fill(batch.rows[:0], batch.rows)
                batch.draw("CASTER")
                batch.counts = [0] * LEVELS
        target.release()

    def _paint(self) -> None:
        """Paint the ground from above, with the light on it."""
        ctx, terrain = self.ctx, self.scene.terrain
        painted = ctx.texture((PAINTED, PAINTED), 4)
        cover = (
            np.dstack([terrain.surface == kind for kind in (Class.GROUND, Class.PATH)]).astype(np.uint8) * 255
        )
        cover = cv2.GaussianBlur(cover, (0, 0), 1.0)
        kinds = ctx.texture(cover.shape[1::-1], 2, cover.tobytes(), alignment=1)
        grounds = _mipped(ctx.texture_array((textures.SIDE, textures.SIDE, 3), 4, self.grounds.tobytes()))
        program = _program("PAINT")
        program["cover"], program["grounds"] = 7, 8
        kinds.use(7)
        grounds.use(8)
        self.textures["heights"].use(UNITS["heights"])
        self.textures["shadows"].use(UNITS["shadows"])
        _set(program, **self.light())
        target = ctx.framebuffer([painted])
        target.use()
        ctx.enable_only(ctx.NOTHING)
        ctx.vertex_array(program, [(_square(), "2f", "corner")]).render()
        self.textures["painted"] = _mipped(painted)
        for used in (target, kinds, grounds):
            used.release()


class Canvas:
    """What is drawn on: a picture, and where asked for the range of its pixels."""

    def __init__(self, stage: Stage, size: tuple[int, int], truth: bool) -> None:
        self.stage, self.size, self.truth = stage, size, truth
        shape, ctx = size[::-1], stage.ctx
        colours = [ctx.renderbuffer(shape, 4)]
        if truth:
            colours.append(ctx.renderbuffer(shape, 1, dtype="f4"))
        self._target = ctx.framebuffer(colours, ctx.depth_renderbuffer(shape))
        corners, triangles = _fan_buffers()
        self._ground = ctx.vertex_array(_program("GROUND", truth), [(corners, "2f", "corner")], triangles)
        self._sky = ctx.vertex_array(_program("SKY", truth), [(_square(), "2f", "corner")])

    def draw(
        self, x: int, camera: Floats, eye: Floats, fan: tuple[float, ...], width: int | None = None
    ) -> None:
        """Draw what was gathered onto the columns from x on.

        camera: (4, 4), from the world to the library's frame. eye: (3,), of the left camera. fan: of ground.
        """
        stage, ctx = self.stage, self.stage.ctx
        self._target.use()
        self._target.viewport = (x, 0, width or self.size[1], self.size[0])
        if x == 0:
            self._target.clear(depth=1.0)
            ctx.enable_only(ctx.DEPTH_TEST)
            ctx.depth_func, ctx.front_face = "<=", "cw"  # row 0 is the top: what is upside down turns round
            stage.use()
        told = {
            **stage.light(),
            "camera": _matrix(camera),
            "to_world": _matrix(_directions(camera, eye)),
            "eye": tuple(eye),
            "fan": fan,
            "walkers": min(WALKERS, len(stage.scene.persons)),
            "walker": stage.walker.tobytes(),
        }
        for program in (
            _program("THING", self.truth),
            _program("THING", self.truth, True),
            _program("GROUND", self.truth),
            _program("SKY", self.truth),
        ):
            _set(program, **told)
        for batch in (*stage.batches, stage.people):
            (ctx.enable if batch.shape in SOLID else ctx.disable)(ctx.CULL_FACE)
            batch.draw("THING", truth=self.truth)
        ctx.disable(ctx.CULL_FACE)
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
    return found
