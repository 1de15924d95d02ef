"""A person who steps into the robot's way (pedestrian), and how soon the robot is told to be slower.

    walker = Walker(Walk((20.0, 2.0), (20.0, -6.0)))
    walker.go_on(pose, speed=1.2, told=1.2, dt=0.02)
    walker.place, walker.time, walker.reaction

The person stands until the robot's front is STEP_OUT metres from the way it will take, then walks it through
to its end. It does not walk into a robot that stands before it: it waits.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import cos, hypot, sin

from windowpane.sim.robot.vehicle import LENGTH, WIDTH, Pose

Point = tuple[float, float]
STEP_OUT = 2.5  # metres
WALK = 1.2  # m/s
ROUND = 0.25  # metres from a person's middle to its outside
STANDS = 0.02  # m/s; a robot slower than that stands
AHEAD = 3.0  # metres in front of the robot, in which a person is in its way
BEFORE = 1.0  # seconds before the first step: the robot may have seen the person stand there
SLOWER, SLOW = 0.7, 0.2  # a robot has noticed when it is told so much of its speed, or so many m/s


@dataclass(frozen=True, slots=True)
class Walk:
    """A person's way, from a point straight to another one, metres in the world."""

    start: Point
    end: Point

    @property
    def length(self) -> float:
        """Metres from start to end."""
        return hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])

    def at(self, time: float) -> Point:
        """Return where the person is, so many seconds after its first step."""
        share = min(1.0, WALK * time / self.length)
        (x0, y0), (x1, y1) = self.start, self.end
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)

    def away(self, place: Point) -> float:
        """Return metres from a place to the way."""
        (x0, y0), (x1, y1) = self.start, self.end
        along = ((place[0] - x0) * (x1 - x0) + (place[1] - y0) * (y1 - y0)) / self.length**2
        share = min(1.0, max(0.0, along))
        return hypot(place[0] - x0 - share * (x1 - x0), place[1] - y0 - share * (y1 - y0))


class Walker:
    """A person on its way.

    Attributes: time, seconds it has walked; reaction, seconds from when it was in the robot's way until the
    robot was told to be slower than at its fastest since a second before the first step; 0 = it was already;
    None while there was nothing to react to or it has not.

    Parameters
    ----------
    walk
        None = there is nobody.
    """

    def __init__(self, walk: Walk | None) -> None:
        self.walk, self.time = walk, 0.0
        self.reaction: float | None = None
        self._in_way: float | None = None  # seconds for which it has been there
        self._told: deque[tuple[float, float]] = deque()  # m/s, and for how many seconds

    @property
    def place(self) -> Point | None:
        """Where it is now, metres in the world."""
        return self.walk.at(self.time) if self.walk else None

    def touches(self, pose: Pose) -> bool:
        """Say whether a robot at a pose touches the person."""
        return self.place is not None and _touch(pose, self.place)

    def go_on(self, pose: Pose, speed: float, told: float, dt: float) -> None:
        """Go on for dt seconds, with a robot at a pose, m/s fast, that is told to be so fast."""
        if self.walk is None:
            return
        nose = pose.x + LENGTH / 2 * cos(pose.yaw), pose.y + LENGTH / 2 * sin(pose.yaw)
        self._told.append((told, dt))
        begun = self.time > 0 or self.walk.away(nose) <= STEP_OUT
        waits = abs(speed) < STANDS and _touch(pose, self.walk.at(self.time + dt))
        if begun and not waits:
            self.time += dt
        while self.time == 0 and sum(seconds for _, seconds in self._told) > BEFORE:
            self._told.popleft()
        if self.time > 0 and self.reaction is None:
            self._watch(pose, told, dt)

    def _watch(self, pose: Pose, told: float, dt: float) -> None:
        """Measure the reaction, from when the person is before the robot."""
        x, y = _seen_from(pose, self.walk.at(self.time)) if self.walk else (0.0, 0.0)
        if self._in_way is None:
            if not (LENGTH / 2 < x < AHEAD and abs(y) < WIDTH / 2 + ROUND):
                return
            self._in_way = -dt
        self._in_way += dt
        if told <= max(SLOW, SLOWER * max(fast for fast, _ in self._told)):
            self.reaction = self._in_way


def _touch(pose: Pose, place: Point) -> bool:
    x, y = _seen_from(pose, place)
    return hypot(max(0.0, abs(x) - LENGTH / 2), max(0.0, abs(y) - WIDTH / 2)) < ROUND


def _seen_from(pose: Pose, place: Point) -> Point:
    """Return a place of the world in the robot's frame, x forward and y left."""
    east, north = place[0] - pose.x, place[1] - pose.y
    return east * cos(pose.yaw) + north * sin(pose.yaw), north * cos(pose.yaw) - east * sin(pose.yaw)
