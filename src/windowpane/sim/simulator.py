"""A navigator drives a course, by a clock that goes in steps (closed-loop simulation).

    outcome = Simulator(make("barrier", seed=3)).run(navigator)

The world goes on 50 times a simulated second, the fast loop sees 10 times, the far loop once. What a loop
needs to think is charged by constants, not measured: a command takes effect FAST_LATENCY after its pictures,
and a navigator is to be given FAR_LATENCY. So the answer is the same on a slow machine and a busy one.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1 (both loops and their rates).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import cos, hypot, sin
from typing import Any, Protocol

import numpy as np

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.senses import Floats, Images, Imu, Pair, Wheels
from windowpane.sim.render.renderer import Renderer
from windowpane.sim.robot.faults import Fault, Tamper
from windowpane.sim.robot.sensors import Senses, Sensors
from windowpane.sim.robot.vehicle import RIGS, Pose, SkidSteer, standing
from windowpane.sim.world.courses import Course
from windowpane.sim.world.walker import Walker

PHYSICS = 0.02  # seconds
FAST, FAR = 0.1, 1.0  # seconds between the pictures of each loop
# Seconds from pictures to wheels, and from pictures to labels on the map and a new route. Measured over 273
# steps on one thread, processor time: fast 28 ms (median), 68 ms (9 of 10); far 293 and 430 ms. So a few are
# charged too little, and nearly all the others enough.
FAST_LATENCY = 0.06
FAR_LATENCY = 0.5
THERE = 3.0  # metres: nearer than that to the goal is there, for who knows it by GPS
STUCK, STUCK_WITHIN = 30.0, 0.7  # seconds within so many metres, after which somebody has to help
HELPED_BACK, HELPED_ROOM = 1.0, 0.6  # metres from there to where it is put, and around that place
HELPS = 3  # interventions after which a run is over
AGAIN = 1.0  # seconds without touching after which touching is another collision


class Drives(Protocol):
    """What is driven by: `Navigator`, or whatever does as it does."""

    def step(
        self,
        images: Images,
        time: float,
        gps: tuple[float, float] | None = None,
        wheels: Wheels | None = None,
        imu: Imu | None = None,
        bumper: bool = False,
    ) -> Any:
        """Return a `Step`: with a command, whether the goal is reached, and reasons."""

    def reset_odometry(self) -> None:
        """Forget what was seen of the motion."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How a run ended.

    Attributes
    ----------
    time_s
        Simulated seconds.
    distance_m
        Driven, with what is left to the goal.
    shortest_m
        Of the shortest way.
    collisions
        Times it touched what must not be touched.
    interventions
        Times somebody had to help.
    reaction_s
        Seconds from a person being in the robot's way until it was told to be slower, see `Walker`; None
        where nobody was.
    reason
        Why it is not at the goal.
    track
        (N, 3) x, y, yaw in the world at each fast frame.
    """

    course: str
    seed: int
    vision: str
    fault: str
    reached: bool
    time_s: float
    distance_m: float
    shortest_m: float
    collisions: int
    interventions: int
    reaction_s: float | None
    reason: str
    track: Floats

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON; the track is in steps of a second."""
        values = asdict(self)
        values["track"] = [[round(float(v), 3) for v in row] for row in self.track[::10]]
        return {key: round(one, 3) if isinstance(one, float) else one for key, one in values.items()}


class Simulator:
    """A robot on a course.

    Attributes: vehicle; walker, the person; collisions and interventions so far; track, poses so far.

    Parameters
    ----------
    fault
        What goes wrong on it; None = nothing.
    """

    def __init__(self, course: Course, *, fault: Fault | None = None) -> None:
        self.course, self.fault = course, fault
        self._near = Renderer(course.scene, RIGS.near[0].left)
        self._far = Renderer(course.scene, RIGS.far[0].left)
        self.reset()

    def reset(self) -> None:
        """Put the robot at the start, at time 0."""
        seed = self.course.seed
        self.vehicle = SkidSteer(self.course.scene.terrain, *self.course.start, seed=seed)
        self.sensors, self.tamper = Sensors(seed), Tamper(self.fault, seed)
        self.walker = Walker(self.course.walk)
        self.collisions = self.interventions = self._ticks = 0
        self._touched, self._bumped = -AGAIN, False  # when it last did; whether that was not told yet
        self._anchor = self.vehicle.pose, 0.0  # where and since when it has been thereabouts
        self.track = [self.vehicle.pose]

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self._ticks * PHYSICS

    @property
    def left(self) -> float:
        """Metres to the goal in a straight line."""
        return _apart(self.vehicle.pose, self.course.goal)

    @property
    def driven(self) -> float:
        """Metres driven so far."""
        places = np.array([(pose.x, pose.y) for pose in self.track])
        return float(np.hypot(*np.diff(places, axis=0).T).sum())

    def look(self, *, far: bool) -> Images:
        """Return what the cameras see, with the large pictures or without them."""
        return Images(self._seen(self._near, RIGS.near), self._seen(self._far, RIGS.far) if far else None)

    def sense(self, *, far: bool) -> tuple[Images, Senses]:
        """Return the pictures and what the other sensors tell, as far as both reach the navigator."""
        return self.tamper(self.look(far=far), self.sensors.read(self.vehicle, self.time), self.time)

    def bumped(self) -> bool:
        """Say whether the bumper was touched since it was last asked."""
        bumped, self._bumped = self._bumped, False
        return bumped

    def act(self, speed: float, turn: float, seconds: float) -> None:
        """Go on for so many seconds with a command, m/s and rad/s."""
        for _ in range(round(seconds / PHYSICS)):
            self._ticks += 1
            before = self.vehicle.pose
            self.walker.go_on(before, self.vehicle.speed, speed, PHYSICS)
            after = self.vehicle.advance(speed, turn, PHYSICS)
            if self.course.touches(after) or self.walker.touches(after):
                self._touch(before, after)

    def run(self, navigator: Drives, on_step: Callable[[Any], None] | None = None) -> Outcome:
        """Return how a navigator drives the course, from the start.

        Parameters
        ----------
        on_step
            Called with each of its steps.
        """
        self.reset()
        speed = turn = 0.0
        step: Any = None
        while self.time < self.course.timeout and self.interventions < HELPS:
            if self.tamper.resets(self.time):
                navigator.reset_odometry()
            images, senses = self.sense(far=round(self.time / FAST) % round(FAR / FAST) == 0)
            step = navigator.step(images, self.time, senses.gps, senses.wheels, senses.imu, self.bumped())
            if on_step is not None:
                on_step(step)
            if step.reached:
                break
            self.act(speed, turn, FAST_LATENCY)
            speed, turn = step.command.speed, step.command.turn
            self.act(speed, turn, FAST - FAST_LATENCY)
            self.track.append(self.vehicle.pose)
            if self.stuck():
                if self.fault and step.reasons and not (speed or turn):
                    break  # it has stopped, and says why: nobody need help
                self._help()
        return self._outcome(navigator, step)

    def _seen(self, renderer: Renderer, rigs: Sequence[StereoRig]) -> list[Pair]:
        T, time = standing(self.course.scene.terrain, self.vehicle.pose), self.walker.time
        return [renderer.pair(rig, T @ np.asarray(rig.T_robot_camera), time) for rig in rigs]

    def _touch(self, before: Pose, after: Pose) -> None:
        """Stand still where it touched; the bumper tells if that was in front."""
        self.collisions += self.time - self._touched > AGAIN
        self._touched = self.time
        ahead = (after.x - before.x) * cos(before.yaw) + (after.y - before.y) * sin(before.yaw)
        self._bumped |= ahead > 0
        self.vehicle.halt(before)

    def stuck(self) -> bool:
        """Say whether it has been in much the same place for too long."""
        pose, since = self._anchor
        if _apart(self.vehicle.pose, (pose.x, pose.y)) > STUCK_WITHIN:
            self._anchor = self.vehicle.pose, self.time
        return self.time - since > STUCK

    def _help(self) -> None:
        """Put it back to where it last had room around it."""
        here = self.vehicle.pose
        self.interventions += 1
        for pose in reversed(self.track):
            room = self.course.room(pose.x, pose.y)
            if _apart(pose, (here.x, here.y)) > HELPED_BACK and room > HELPED_ROOM:
                self.vehicle.halt(pose)
                break
        self._anchor = self.vehicle.pose, self.time

    def _outcome(self, navigator: Drives, step: Any) -> Outcome:
        told = bool(step is not None and step.reached)
        reached = told and self.left < THERE
        return Outcome(
            self.course.name,
            self.course.seed,
            str(getattr(navigator, "vision", "")),
            str(self.fault or ""),
            reached,
            self.time,
            self.driven + self.left,
            self.course.shortest,
            self.collisions,
            self.interventions,
            self.walker.reaction,
            "" if reached else self._why(told, step),
            np.array([(pose.x, pose.y, pose.yaw) for pose in self.track]),
        )

    def _why(self, told: bool, step: Any) -> str:
        """Return why the robot is not at the goal."""
        if told:
            return f"it thinks that it is at the goal, which is {self.left:.1f} m away"
        if self.interventions >= HELPS:
            return f"somebody had to help {self.interventions} times"
        if self.time >= self.course.timeout:
            return f"after {self.time:.0f} s it is {self.left:.1f} m from the goal"
        return "it stopped: " + "; ".join(step.reasons)


def _apart(pose: Pose, place: tuple[float, float]) -> float:
    return hypot(pose.x - place[0], pose.y - place[1])
