"""The courses (scenarios): where a robot starts, where it has to go, and what is in between.

    course = make("barrier", seed=3)
    course.start, course.goal, course.shortest

A seed draws the layout (see `layouts`), the direction it lies in, the ground, what stands around, the
colours, the sun and where the robot looks at the start. Seeds from 2001 on are for measuring: nothing is
tuned on these.

Frame: world, x east, y north, z up, metres; yaw counter-clockwise from east.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, pi, radians, sin
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.senses import Floats
from windowpane.errors import DataError
from windowpane.sim.robot.vehicle import WIDTH, Pose, outline
from windowpane.sim.world.layouts import (
    LAYOUTS,
    Layout,
    Point,
    Random,
    bush,
    from_line,
    rock,
    tall_grass,
    tree,
)
from windowpane.sim.world.scene import Raster, Scene, Thing
from windowpane.sim.world.shortest import length, shortest
from windowpane.sim.world.terrain import Class, Footpath, Hill, Terrain
from windowpane.sim.world.walker import Walk

COURSES = tuple(LAYOUTS)
"""The names of the courses."""

CELL = 0.1  # metres of the true map
BESIDE = WIDTH / 2 + 0.05  # metres of room that the shortest way keeps: it just about fits
SLOWEST = 0.25  # m/s along the shortest way, below which a run takes too long
AROUND = 45.0  # metres to all sides of the middle, in which things stand by chance
WILD, BUILDINGS = 250, 6  # about so many, and buildings among them
ROOM, FAR_OFF = 1.6, 24.0  # metres between these and others; of buildings from the way
RELIEF = 0.08, 0.22  # metres, of swells: over higher ones, no camera 0.9 m high sees ground 20 m off
TRIES = 20


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What is to be driven.

    Attributes
    ----------
    start
        X, y, yaw.
    goal
        X, y.
    timeout
        Seconds.
    shortest
        Metres of the shortest way on the true map.
    line
        (N, 2), its corners.
    walk
        Of the person that steps into the way, None = there is none.
    map
        What must not be touched.
    free
        (rows, columns) metres from each cell of the map to what must not be touched.
    """

    name: str
    seed: int
    scene: Scene
    start: tuple[float, float, float]
    goal: Point
    timeout: float
    shortest: float
    line: Floats
    walk: Walk | None
    map: Raster
    free: NDArray[np.float32]

    def touches(self, pose: Pose) -> bool:
        """Say whether a robot at a pose touches what stands still and must not be touched."""
        return bool(self.map.at(*outline(pose).T).any())

    def room(self, x: float, y: float) -> float:
        """Return metres from a place to what must not be touched; 0 outside of the map."""
        row, column = (
            int((one - start) / CELL) for one, start in ((y, self.map.origin[1]), (x, self.map.origin[0]))
        )
        inside = 0 <= row < self.free.shape[0] and 0 <= column < self.free.shape[1]
        return float(self.free[row, column]) if inside else 0.0


def make(course: str, seed: int) -> Course:
    """Return a course: the same for the same name and seed.

    Raises
    ------
    DataError
        For a name that is none of `COURSES`.
    MissingExtraError
        Without scipy.
    """
    if course not in LAYOUTS:
        raise DataError(f"there is no course {course!r}: choose one of {', '.join(COURSES)}")
    for attempt in range(TRIES):
        made = _made(course, seed, np.random.default_rng([crc32(course.encode()), seed, attempt]))
        if made is not None:
            return made
    raise DataError(f"nothing fair came of seed {seed} for the course {course!r}: take another one")


def _made(course: str, seed: int, rng: Random) -> Course | None:
    """Return a course; None for a layout in which there is no way or no room."""
    layout = LAYOUTS[course](rng)
    turn, shift = rng.uniform(-pi, pi), rng.uniform(-3, 3, 2)
    yaw = turn + radians(rng.uniform(-10, 10))
    layout.things += _wild(rng, layout)
    place = _Place(turn, (float(shift[0]), float(shift[1])), layout.goal[0] / 2)
    scene = _scene(rng, layout, place)
    start, goal = place.of((0.0, 0.0)), place.of(layout.goal)
    map_ = scene.blocked(CELL)
    free = cv2.distanceTransform((~map_.mask).astype(np.uint8), cv2.DIST_L2, 5) * CELL
    line = shortest(free > BESIDE, CELL, map_.origin, start, goal)
    if line is None:
        return None
    metres, walk = length(line), scene.persons[0] if scene.persons else None
    made = Course(
        course,
        seed,
        scene,
        (*start, yaw),
        goal,
        round(metres / SLOWEST, 1),
        metres,
        np.array(line),
        walk if isinstance(walk, Walk) else None,
        map_,
        np.asarray(free, np.float32),
    )
    return made if min(made.room(*start), made.room(*goal)) > 1.5 else None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the world a layout lies: turned about the middle of its way, which is put somewhere."""

    turn: float
    shift: Point
    middle: float

    def of(self, point: Point) -> Point:
        """Return where a point (u, v) is in the world."""
        u, v = point[0] - self.middle, point[1]
        east, north = cos(self.turn), sin(self.turn)
        return self.shift[0] + u * east - v * north, self.shift[1] + u * north + v * east

    def thing(self, thing: Thing) -> Thing:
        """Return a thing in the world."""
        x, y = self.of((thing.x, thing.y))
        return replace(thing, x=x, y=y, yaw=thing.yaw + self.turn)


def _scene(rng: Random, layout: Layout, place: _Place) -> Scene:
    hills = [
        Hill(one.height, place.of(one.top), one.radius) for one in ([layout.hill] if layout.hill else [])
    ]
    paths = (
        [Footpath([place.of(point) for point in layout.path], rng.uniform(1.4, 2.0))] if layout.path else []
    )
    walks = [Walk(place.of(layout.walk.start), place.of(layout.walk.end))] if layout.walk else []
    look = int(rng.integers(1 << 31))
    terrain = Terrain.grown(look, relief=rng.uniform(*RELIEF), hills=hills, paths=paths)
    height, bearing = radians(rng.uniform(25, 60)), rng.uniform(-pi, pi)
    sun = cos(height) * cos(bearing), cos(height) * sin(bearing), sin(height)
    things = [place.thing(thing) for thing in layout.things]
    return Scene(terrain, things, sun, rng.uniform(90, 200), look, walks)


def _wild(rng: Random, layout: Layout) -> list[Thing]:
    """Return what stands around by chance: not on the lanes, and not against another thing."""
    taken = [(thing.x, thing.y, _radius(thing)) for thing in layout.things]
    around: list[Thing] = []
    for count in range(WILD):
        u, v = rng.uniform(-AROUND, AROUND, 2)
        place = float(u + layout.goal[0] / 2), float(v)
        thing = _building(rng, place) if count < BUILDINGS else _plant(rng, place)
        others, radius = np.array([*taken, (0, 0, 0.5), (*layout.goal, 0.5)]), _radius(thing)
        apart = np.hypot(others[:, 0] - thing.x, others[:, 1] - thing.y) - others[:, 2] - radius
        in_lane = any(from_line(line, place) < aside + radius for line, aside in layout.lanes)
        if apart.min() > ROOM and not in_lane and not (thing.kind is Class.BUILDING and abs(v) < FAR_OFF):
            around.append(thing)
            taken.append((thing.x, thing.y, radius))
    return around


def _building(rng: Random, place: Point) -> Thing:
    size = rng.uniform(6, 12), rng.uniform(5, 8), rng.uniform(3, 5)
    return Thing(Class.BUILDING, *place, rng.uniform(-pi, pi), size, int(rng.integers(1 << 31)))


def _plant(rng: Random, place: Point) -> Thing:
    """Return a tree, a bush, a rock or tall grass."""
    what = rng.random()
    if what < 0.3:
        return tree(rng, place)
    if what < 0.55:
        return bush(rng, place, rng.uniform(0.8, 2.0))
    return rock(rng, place) if what < 0.65 else tall_grass(rng, place)


def _radius(thing: Thing) -> float:
    """Return metres around a thing's middle that it takes up at most."""
    return thing.trunk if thing.kind is Class.TREE else max(thing.size[:2]) / 2
