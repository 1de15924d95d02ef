"""Two loops that drive a robot to a goal (navigation): one sees far and plans, one is quick and avoids.

    navigator = Navigator(goal=(40.0, 5.0), near=rigs, far=rigs_of_large_pictures)
    step = navigator.step(Images(near, far), time, gps=(0.3, -0.1), wheels=Wheels(0.5, 0.5), imu=imu)
    step.command.speed, step.command.turn, step.reasons

    fast, each step       where it is -> what is near -> map -> the best arc along the route -> command
    far, once a second    labels to the horizon, and learning -> map -> route

The same object drives in the simulator and on a robot, and looks at a recording. Whatever the sensors give,
there is a step; with reasons, and a robot that goes slower or stands, where it knows too little to drive.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1; Hadsell et al., IROS 2008; Sermanet et al., IROS 2008.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from math import hypot, isfinite
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from windowpane.core import npz
from windowpane.core.last_layer import SoftmaxLearner
from windowpane.core.netfile import NetFile
from windowpane.core.timing import Stopwatch
from windowpane.core.windows import Window
from windowpane.drive.diagnostics import Diagnostics
from windowpane.drive.driver import Sight, as_rgb
from windowpane.drive.far_loop import FarAnswer, FarLoop
from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.localization.localizer import Localizer
from windowpane.drive.localization.world_anchor import WorldAnchor
from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.perception.far import Describer
from windowpane.drive.perception.near import ObstacleDetector, Obstacles
from windowpane.drive.planning.controller import Command, Controller
from windowpane.drive.planning.planner import Route, plan
from windowpane.drive.senses import Floats, Images, Imu, Pair, Picture, Wheels
from windowpane.drive.step import Step
from windowpane.drive.vehicle import Vehicle
from windowpane.errors import ArgumentError, DataError, renamed

__all__ = ["Command", "Images", "Imu", "Navigator", "Step", "Wheels"]

Vision = Literal["far", "near"]

ARRIVED, LINGER = 0.4, 1.0
"""Metres to the goal, as well as it is known, at which it is reached; seconds without coming nearer after
which `CLOSE` will do."""
CLOSE, NEARER = 1.5, 0.05
"""Metres to the goal, at which something may stand; and how much nearer counts as nearer."""
REPLAN = 0.5
"""Seconds after which the route is planned anew, and whenever far vision has answered."""
SILENT = 4.0
"""Seconds without an answer of far vision after which it counts as dead."""
CAREFUL = 0.6
"""Metres a second, at most, while far vision is dead."""


class Navigator:
    """Drives to a goal.

    Parameters
    ----------
    goal
        (east, north) metres in the frame of the GPS. Without GPS the robot starts at (0, 0); without IMU east
        is where it looks at the start.
    near, far
        The pairs of cameras for small and for large pictures, each with its T_robot_camera; no far ones is
        near vision only.
    vision
        "near" leaves far vision off.
    net
        Of far vision; so are learner, learn, trust, seed and threads: see `FarLoop`.
    far_latency
        None: far vision runs in a thread of its own, as on a robot. Seconds: its answers are held back for so
        long, as in a simulation.
    vehicle
        What the robot can do: its size, speed and brakes.

    Attributes
    ----------
    map, route
        What is known around the robot, and the way to the goal; no route before the first step.
    reached
        Whether the goal is reached.
    loop
        Far vision, None where there is none.
    window
        The window of its net, None likewise.

    Raises
    ------
    ArgumentError
        For a goal that is no place, a vision that there is not, without a near pair of cameras, and for one
        of which it is not known where it is on the robot.
    MissingExtraError
        Without the extra ``drive``.
    """

    whereabouts = renamed("whereabouts", "localizer")
    pilot = renamed("pilot", "controller")

    def __init__(
        self,
        goal: tuple[float, float],
        near: Sequence[StereoRig],
        far: Sequence[StereoRig] = (),
        *,
        vision: Vision = "far",
        net: NetFile | str | Path | bytes | Describer = "ground",
        learner: SoftmaxLearner | None = None,
        learn: bool = True,
        trust: float = 12.0,
        far_latency: float | None = None,
        vehicle: Vehicle | None = None,
        seed: int = 0,
        threads: int = 1,
    ) -> None:
        if len(goal) != 2 or not all(isfinite(one) for one in goal):
            raise ArgumentError(f"the goal is {goal}: give (east, north) in metres")
        if vision not in get_args(Vision):
            raise ArgumentError(f"the vision is {vision!r}: choose one of {', '.join(get_args(Vision))}")
        if not near:
            raise ArgumentError("a navigator sees nothing near: give it a pair of cameras or more")
        for rig in (*near, *far):
            if rig.T_robot_camera is None:
                raise ArgumentError("a navigator needs to know where its cameras are: give T_robot_camera")
        self.goal, self.near, self.vision = goal, tuple(near), vision
        self.far = tuple(far) if vision == "far" else ()
        self.map, self.anchor, self.controller = CostMap(vehicle=vehicle), WorldAnchor(), Controller()
        self.localizer = Localizer(self.near, track=self.map.vehicle.track)
        self._detector = ObstacleDetector(self.near)
        self.loop: FarLoop | None = None
        if self.far:
            self.loop = FarLoop(
                self.far,
                net,
                learn=learn,
                learner=learner,
                latency=far_latency,
                trust=trust,
                seed=seed,
                threads=threads,
            )
        self.route: Route | None = None
        self.sights: tuple[Sight, ...] = ()
        self.reached = False
        self._far_time: float | None = None
        self._begun: float | None = None
        self._planned = -np.inf
        self._nearest = np.inf, -np.inf
        self._moved_from: Floats = np.eye(4)

    def __repr__(self) -> str:
        return f"Navigator(goal={self.goal}, vision={self.vision!r}, {self.map!r}, {self.loop!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait until far vision, where it has a thread of its own, is done with its last pictures."""
        if self.loop is not None:
            self.loop.close()

    @property
    def window(self) -> Window | None:
        """The window of far vision's net, None where there is no far vision."""
        return None if self.loop is None else self.loop.window

    def step(
        self,
        images: Images,
        time: float,
        gps: tuple[float, float] | None = None,
        wheels: Wheels | None = None,
        imu: Imu | None = None,
        bumper: bool = False,
    ) -> Step:
        """Return what to do after a step; never raises for what the sensors give.

        Parameters
        ----------
        images
            What the cameras took.
        time
            Seconds, later than in the last step.
        gps
            (east, north) metres, None = no fix.
        wheels, imu
            None = there are none.
        bumper
            Whether it is pressed.
        """
        timing, why = Stopwatch(), Diagnostics()
        self._begun = time if self._begun is None else self._begun
        taken = time if images.taken is None else images.taken
        with timing("rectify"):
            pairs = [_rectified(*one) for one in zip(self.near, images.near, strict=False)]
        with timing("where"):
            pose = self._where(pairs, time, taken, gps, wheels, imu, why)
        with timing("near"):
            near = self._look(pairs, taken, why)
        if bumper:
            self.map.bump(pose, time)
            why.add("the bumper is pressed")
        with timing("far"):
            fresh = self._far(images, taken, time, why)
        goal = self.anchor.to_odom(self.goal)
        self.reached = self.reached or self._arrived(hypot(goal[0] - pose[0, 3], goal[1] - pose[1, 3]), time)
        if fresh or time - self._planned >= REPLAN or self.route is None:
            with timing("plan"):
                self.route = self._plan(goal, time, why)
        with timing("arcs"):
            command = self._command(time, wheels, bumper, why)
        return Step(
            time=time,
            command=command,
            route=self.route,
            map=self.map,
            pose=pose,
            place=self.anchor.to_world(pose),
            goal_odom=goal,
            reached=self.reached,
            sights=self.sights,
            far_time=self._far_time,
            near=near,
            ms={**timing.ms, "all": sum(timing.ms.values())},
            reasons=tuple(why.reasons),
        )

    def reset_odometry(self) -> None:
        """Forget what the cameras saw of the motion, as after a restart of them; map and pose stay."""
        self.localizer.reset_odometry()

    # -- To a file and back --------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write map, pose and what was learned, as NPZ."""
        npz.save(path, self.state())

    def load(self, path: str | Path) -> None:
        """Go on with what another one saved, which had the same cameras; raises DataError for other files.

        The robot is where that one ended. Times go on, by the same clock.
        """
        arrays = npz.load(path, "navigator's file")
        try:
            self.restore(arrays)
        except (KeyError, ValueError, TypeError) as error:
            raise DataError(f"{path} is no navigator's file ({error}): give one that it saved") from error

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that `restore` needs: map, pose, where odom is in the world, what was learned."""
        learned = {} if self.loop is None else self.loop.learner.arrays()
        return {
            "pose": self.localizer.T_odom_robot,
            "anchor": np.array(astuple(self.anchor), np.float64),
            **{f"map.{name}": one for name, one in self.map.state().items()},
            **{f"learner.{name}": one for name, one in learned.items()},
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on where `state` was returned; raises KeyError, ValueError or TypeError for other arrays."""
        anchor, pose = WorldAnchor(*arrays["anchor"].tolist()), arrays["pose"]
        learned = _part(arrays, "learner.")
        learner = SoftmaxLearner.from_arrays(learned) if learned else None
        self.map.restore(_part(arrays, "map."))
        self.localizer.go_on(pose)
        self.anchor = anchor
        if self.loop is not None and learner is not None:
            self.loop.learner = learner

    # -- The fast loop -------------------------------------------------------------------------------------

    def _where(
        self,
        pairs: list[Pair],
        time: float,
        taken: float,
        gps: tuple[float, float] | None,
        wheels: Wheels | None,
        imu: Imu | None,
        why: Diagnostics,
    ) -> Floats:
        """Return the pose now, and go there on the map."""
        pose = self.localizer.T_odom_robot
        with why.catching():
            pose = self.localizer.update(pairs, time, taken, wheels, imu)
        why.add(*self.localizer.reasons)
        moved = float(np.linalg.norm(pose[:2, 3] - self._moved_from[:2, 3]))
        self._moved_from = pose
        why.add(self.anchor.update(pose, moved, gps, imu))
        self.map.move(pose)
        return pose

    def _arrived(self, left: float, time: float) -> bool:
        """Return whether the goal is reached: so near, or near and no longer coming nearer. left: metres."""
        if left > CLOSE or left < self._nearest[0] - NEARER:
            self._nearest = left, time
        return left < ARRIVED or (left <= CLOSE and time - self._nearest[1] > LINGER)

    def _look(self, pairs: list[Pair], taken: float, why: Diagnostics) -> Obstacles:
        """Return what is near, and put it on the map."""
        found = Obstacles.none(self.localizer.T_then)
        with why.catching():
            found = self._detector.detect(pairs, self.localizer.T_then)
        why.add(*found.reasons)
        if len(found.points):
            self.map.add_near(found.points, found.obstacle, taken)
        return found

    def _command(self, time: float, wheels: Wheels | None, bumper: bool, why: Diagnostics) -> Command:
        """Return the best arc that is known to be free, or a stop with the reason."""
        route = self.route
        if self.reached:
            return Command(0.0, 0.0, "the goal is reached")
        if route is None:
            return Command(0.0, 0.0, "stops: there is no route")
        speed = None if wheels is None else (wheels.left + wheels.right) / 2
        limit = CAREFUL if self._dead(time) else None
        with why.catching():
            return self.controller.choose(
                self.map, route.field, time, speed=speed, limit=limit, bumper=bumper
            )
        return Command(0.0, 0.0, "stops: the arcs failed")

    # -- The far loop --------------------------------------------------------------------------------------

    def _far(self, images: Images, taken: float, time: float, why: Diagnostics) -> bool:
        """Give far vision its pictures, and put on the map what it has seen; return whether it answered."""
        if self.loop is None:
            return False
        answer = self.loop.answer(time)
        if images.far is not None:
            where = self.localizer
            self.loop.offer(images.far, where.T_then, taken, time, upright=where.upright)
        if answer is None:
            if self._dead(time):
                silent = time - (self._begun or 0.0 if self._far_time is None else self._far_time)
                why.add(f"far vision has not answered for {silent:.0f} s: slower, by what is near")
            return False
        return self._take_in(answer, time, why)

    def _take_in(self, answer: FarAnswer, time: float, why: Diagnostics) -> bool:
        why.add(answer.fault)
        for rig, sight in zip(self.far, answer.sights, strict=False):
            why.add(*sight.reasons)
            with why.catching():
                self.map.add_far(sight, rig, answer.T_odom_robot, time)
        if answer.stereo is not None:
            with why.catching():
                self.map.add_near(answer.stereo.points, answer.stereo.obstacle, answer.taken, late=True)
        if answer.sights:
            self.sights, self._far_time = answer.sights, answer.taken
        return bool(answer.sights)

    def _dead(self, time: float) -> bool:
        """Say whether far vision should have answered long ago."""
        last = self._begun if self._far_time is None else self._far_time
        return self.loop is not None and last is not None and time - last > SILENT

    def _plan(self, goal: tuple[float, float], time: float, why: Diagnostics) -> Route | None:
        """Return the way to the goal; the last one where none is found."""
        route, self._planned = self.route, time
        with why.catching():
            route = plan(self.map, np.array(goal), time, route)
        if route is not None:
            why.add(route.reason)
        return route


def _rectified(rig: StereoRig, pair: Pair) -> tuple[Picture | None, Picture | None]:
    """Return a pair rectified; without pictures where one is missing or is none."""
    left, right = map(as_rgb, pair)
    if left is None or right is None or not left.shape[:2] == right.shape[:2] == rig.raw_size:
        return None, None
    return rig.rectify(left, right)


def _part(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """Return the arrays whose names begin so, without that."""
    return {name.removeprefix(prefix): one for name, one in arrays.items() if name.startswith(prefix)}
