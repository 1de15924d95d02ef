"""What lies between start and goal on each kind of course, drawn by a seed (procedural generation).

A layout is drawn along the way: u metres from the start towards the goal, v metres to the left of the
straight line between them. `courses.make` turns it, puts it on a terrain and adds what does not matter.

The courses ask what the lecture claims. A barrier and a cul-de-sac are seen from the start by who sees 25 m
far; who sees 5 m learns of them when it stands before them, and gets to the goal as well, by a longer way. A
few pieces of what the barrier is made of stand near the start: so its look can be learned from what is near.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1; Hadsell et al. 2008 (the two courses they drove).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import atan2, hypot, pi, radians, sin, tan

import numpy as np

from windowpane.sim.world.scene import Thing
from windowpane.sim.world.terrain import Class, Hill
from windowpane.sim.world.walker import Walk

Point = tuple[float, float]
Random = np.random.Generator
Draw = Callable[[Random], "Layout"]


@dataclass(slots=True)
class Layout:
    """What lies where on a course, u and v in metres.

    Attributes
    ----------
    goal
        Where to.
    things
        That stand there.
    lanes
        Lines that chance must leave free, with how far (metres) to both sides.
    path
        A line of trodden ground.
    hill, walk
        See their classes.
    """

    goal: Point
    things: list[Thing] = field(default_factory=list)
    lanes: list[tuple[list[Point], float]] = field(default_factory=list)
    path: list[Point] = field(default_factory=list)
    hill: Hill | None = None
    walk: Walk | None = None


def barrier(rng: Random) -> Layout:
    """A long barrier across the way, with a gap far to one side.

    It stands askew: along it, the way that seems to lead to the goal leads away from the gap, into a corner.
    """
    layout = Layout((rng.uniform(42, 47), 0.0))
    side, lean = _side(rng), tan(radians(rng.uniform(12, 20)))
    middle, gap, wide = rng.uniform(18, 20), rng.uniform(9, 11), rng.uniform(4.0, 5.0)

    def at(v: float) -> Point:
        return middle - lean * v, side * v

    closed = rng.uniform(19, 22)
    corner, made = at(-closed), _material(rng)
    layout.things += made(rng, at(gap), corner)
    layout.things += made(rng, corner, (corner[0] - rng.uniform(5, 7), corner[1]))
    layout.things += made(rng, at(gap + wide), at(gap + wide + rng.uniform(6, 9)))
    layout.things += _samples(rng, made, -side)
    hole = at(gap + wide / 2)
    layout.lanes += [([(0, 0), hole, layout.goal], 2.0), ([(0, 0), at(0)], 2.0)]
    return layout


def culdesac(rng: Random) -> Layout:
    """Two long walls that lead straight towards the goal, and a third one between their ends."""
    layout = Layout((rng.uniform(44, 48), 0.0))
    half, mouth, made = rng.uniform(3.2, 4.0), rng.uniform(9, 11), _material(rng)
    end, shift = mouth + rng.uniform(14.5, 16.5), rng.uniform(-1, 1)
    for side in (-1, 1):
        edge = shift + side * half
        layout.things += made(rng, (mouth, edge), (end, edge))
        layout.things += made(rng, (mouth, edge), (mouth - 1.5, edge + side * 2.0))
        layout.lanes.append(
            ([(0, 0), (mouth - 1.5, edge + side * 4), (end, edge + side * 2), layout.goal], 2.0)
        )
    layout.things += made(rng, (end, shift - half), (end, shift + half))
    layout.lanes.append(([(0, 0), (end, shift)], half))
    return layout


def path(rng: Random) -> Layout:
    """A narrow path that winds through scrub."""
    layout = Layout((rng.uniform(38, 42), 0.0))
    length, (wide, waves, phase) = (
        layout.goal[0],
        (rng.uniform(2.5, 3.5), rng.uniform(17, 22), rng.uniform(0, 2 * pi)),
    )

    def line(u: float) -> float:
        ends = min(1.0, u / 6, (length - u) / 6)
        return wide * max(0.0, ends) * sin(2 * pi * u / waves + phase)

    layout.path = [(float(u), line(u)) for u in np.arange(0, length + 0.1, 0.5)]
    layout.lanes.append((layout.path, 1.1))
    for u in np.arange(4.5, length - 3, 1.35):
        for v in np.arange(-11, 11, 1.35):
            place = float(u + rng.uniform(-0.4, 0.4)), float(v + rng.uniform(-0.4, 0.4))
            across = rng.uniform(0.9, 1.5)
            if from_line(layout.path, place) > 1.1 + across / 2:
                layout.things.append(bush(rng, place, across))
    return layout


def grass(rng: Random) -> Layout:
    """A strip of bushes across the way, closed in one place by nothing but tall grass."""
    layout = Layout((rng.uniform(38, 42), 0.0))
    side, first, deep = _side(rng), rng.uniform(14, 17), rng.uniform(3.5, 5)
    gate, half = side * rng.uniform(1.5, 4), rng.uniform(2.0, 2.8)
    for u in np.arange(first, first + deep, 1.1):
        for v in np.arange(-10, 10, 1.1):
            place = float(u + rng.uniform(-0.3, 0.3)), float(v + rng.uniform(-0.3, 0.3))
            closed = abs(v - gate) > half + 0.6
            layout.things.append(
                bush(rng, place, rng.uniform(1.1, 1.5)) if closed else tall_grass(rng, place)
            )
    for _ in range(60):  # the same grass on both sides of the strip
        place = float(rng.uniform(5, first + deep + 8)), float(rng.uniform(-9, 9))
        if not first - 1 < place[0] < first + deep + 1:
            layout.things.append(tall_grass(rng, place))
    layout.things += [bush(rng, (rng.uniform(4, 7), -side * rng.uniform(3, 5)), 1.3) for _ in range(2)]
    layout.lanes.append(([(0, 0), (first, gate), (first + deep, gate), layout.goal], 1.8))
    return layout


def hillside(rng: Random) -> Layout:
    """Over the shoulder of a hill, between a few rocks and trees: steep ground is no obstacle."""
    layout = Layout((rng.uniform(38, 44), 0.0))
    top = layout.goal[0] * rng.uniform(0.45, 0.65), _side(rng) * rng.uniform(5, 12)
    layout.hill = Hill(rng.uniform(4.5, 6.0), top, rng.uniform(10, 12))
    for _ in range(14):
        place = float(rng.uniform(6, layout.goal[0] - 4)), float(rng.uniform(-9, 9))
        layout.things.append(rock(rng, place) if rng.random() < 0.6 else tree(rng, place))
    return layout


def person(rng: Random) -> Layout:
    """A lane between hedges, with a gap on both sides out of which a person walks into the way."""
    layout = Layout((rng.uniform(36, 40), 0.0))
    half, first, last = rng.uniform(1.7, 2.0), rng.uniform(6, 8), layout.goal[0] - 8
    cross, side = rng.uniform(first + 6, last - 5), _side(rng)
    for edge in (-half - 0.5, half + 0.5):
        layout.things += hedge(rng, (first, edge), (cross - 1.0, edge))
        layout.things += hedge(rng, (cross + 1.0, edge), (last, edge))
        beyond = 2.0 if edge > 0 else -2.0  # so that nobody takes the way behind the hedge
        layout.things += hedge(rng, (first, edge + beyond / 4), (first - 2, edge + 3 * beyond))
    layout.walk = Walk((cross, side * (half + 0.1)), (cross, -side * (half + 4)))
    layout.path = [(0.0, 0.0), (first, 0.0), (last, 0.0), layout.goal]
    layout.lanes.append(([(0, 0), layout.goal], half + 0.3))
    layout.lanes.append(([layout.walk.start, layout.walk.end], 0.8))
    return layout


LAYOUTS: dict[str, Draw] = {
    "barrier": barrier,
    "culdesac": culdesac,
    "path": path,
    "grass": grass,
    "hillside": hillside,
    "person": person,
}


def wall(rng: Random, start: Point, end: Point) -> list[Thing]:
    """A wall higher than the robot's eyes."""
    return _row(rng, Class.WALL, start, end, piece=4.0, thick=0.35, height=rng.uniform(1.4, 2.0))


def fence(rng: Random, start: Point, end: Point) -> list[Thing]:
    """A fence of boards."""
    return _row(rng, Class.FENCE, start, end, piece=2.5, thick=0.12, height=rng.uniform(1.3, 1.7))


def hedge(rng: Random, start: Point, end: Point) -> list[Thing]:
    """Bushes so close that nothing gets through."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    count = max(2, round(length / 0.75))
    places = [
        (start[0] + s * (end[0] - start[0]), start[1] + s * (end[1] - start[1]))
        for s in np.linspace(0, 1, count)
    ]
    return [bush(rng, place, rng.uniform(1.05, 1.3), rng.uniform(1.2, 1.7)) for place in places]


def bush(rng: Random, place: Point, across: float, height: float | None = None) -> Thing:
    """A bush so many metres across."""
    return _thing(rng, Class.BUSH, place, (across, across, height or across * rng.uniform(0.7, 1.1)))


def tall_grass(rng: Random, place: Point) -> Thing:
    """A tuft of grass that gives way."""
    across = rng.uniform(0.9, 1.4)
    return _thing(rng, Class.TALL_GRASS, place, (across, across, rng.uniform(0.35, 0.6)))


def rock(rng: Random, place: Point) -> Thing:
    """A rock."""
    across = rng.uniform(0.5, 1.3)
    return _thing(
        rng, Class.ROCK, place, (across, across * rng.uniform(0.7, 1), across * rng.uniform(0.6, 0.9))
    )


def tree(rng: Random, place: Point) -> Thing:
    """A tree; its size is that of its crown, and of all its height."""
    across = rng.uniform(2.0, 4.0)
    return _thing(rng, Class.TREE, place, (across, across, rng.uniform(4, 8)))


Build = Callable[[Random, Point, Point], list[Thing]]


def _material(rng: Random) -> Build:
    made: tuple[Build, ...] = (wall, fence, hedge)
    return made[int(rng.integers(len(made)))]


def _samples(rng: Random, made: Build, side: int) -> list[Thing]:
    """Return short pieces of a material near the start, on one side of the way."""
    pieces: list[Thing] = []
    for u, v in ((rng.uniform(5, 6.5), rng.uniform(3, 4)), (rng.uniform(8, 9.5), rng.uniform(6, 7.5))):
        pieces += made(rng, (u, side * v), (u + rng.uniform(-1, 1), side * (v + 1.8)))
    return pieces


def _row(
    rng: Random, kind: Class, start: Point, end: Point, *, piece: float, thick: float, height: float
) -> list[Thing]:
    """Return pieces of one kind in a line without a gap."""
    east, north = end[0] - start[0], end[1] - start[1]
    length = hypot(east, north)
    count, yaw = max(1, round(length / piece)), atan2(north, east)
    return [
        Thing(
            kind,
            start[0] + (one + 0.5) / count * east,
            start[1] + (one + 0.5) / count * north,
            yaw,
            (length / count + 0.1, thick, height),
            int(rng.integers(1 << 31)),
        )
        for one in range(count)
    ]


def _thing(rng: Random, kind: Class, place: Point, size: tuple[float, float, float]) -> Thing:
    return Thing(kind, *place, rng.uniform(-pi, pi), size, int(rng.integers(1 << 31)))


def _side(rng: Random) -> int:
    return 1 if rng.random() < 0.5 else -1


def from_line(line: list[Point], place: Point) -> float:
    """Return metres from a place to a line."""
    corners, here = np.array(line, np.float64), np.array(place)
    starts, ways = corners[:-1], np.diff(corners, axis=0)
    along = ((here - starts) * ways).sum(axis=1) / np.maximum((ways**2).sum(axis=1), 1e-9)
    feet = starts + np.clip(along, 0, 1)[:, None] * ways
    return float(np.hypot(*(feet - here).T).min())
