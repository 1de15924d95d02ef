"""A course as a `gymnasium.Env`: for those who let a policy learn to drive it.

    env = CourseEnv("barrier")
    observation, info = env.reset(seed=3)
    observation, reward, terminated, truncated, info = env.step(np.array([1.0, 0.2], np.float32))

A step is a fast frame, 0.1 s. The observation is a dictionary:

    pictures  (2, 2, 120, 160, 3) uint8 RGB: pair (left, right), eye (left, right), rows, columns
    goal      (2,) float32: metres to the goal in the robot's frame, x forward and y left, as GPS and IMU tell
    motion    (5,) float32: speeds of the left and right wheels m/s, roll, pitch rad, rate of yaw rad/s
    bumper    (1,) float32: 1 where it was touched

The action is (speed m/s, turn rad/s), float32. The reward of a step is the metres that it came nearer to the
goal, less 5 for each collision, and 10 when it is there, which ends the episode; so does no progress for half
a minute. A frame's command takes effect after the fast loop's latency, as it does for `Simulator.run`.

Source: Towers et al. 2024, "Gymnasium: a standard interface for reinforcement learning environments".
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, sin
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import MissingExtraError, install
from windowpane.sim.robot.faults import Fault
from windowpane.sim.robot.sensors import Senses
from windowpane.sim.robot.vehicle import FASTEST, RIGS
from windowpane.sim.simulator import FAST, FAST_LATENCY, Simulator
from windowpane.sim.world.courses import make

try:
    import gymnasium
except ImportError:
    raise MissingExtraError(f"an environment to learn in needs {install('sim')}") from None

Observation = dict[str, NDArray[Any]]
Action = NDArray[np.float32]
if TYPE_CHECKING:
    Base = gymnasium.Env[Observation, Action]
else:
    Base = gymnasium.Env
FASTEST_TURN = 2.0  # rad/s
COLLISION, GOAL, NEAR_GOAL = -5.0, 10.0, 1.5


class CourseEnv(Base):
    """Drives a course.

    ``reset(seed=)`` draws another course of the kind; without a seed, the next one.

    Parameters
    ----------
    course
        Its name.
    fault
        What goes wrong, None = nothing: see the module's text.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": round(1 / FAST)}  # noqa: RUF012

    def __init__(
        self, course: str = "barrier", *, fault: Fault | None = None, render_mode: str | None = None
    ) -> None:
        self.course, self.fault, self.render_mode = course, fault, render_mode
        height, width = RIGS.near[0].left.size
        box = gymnasium.spaces.Box
        spaces: dict[str, gymnasium.Space[Any]] = {
            "pictures": box(0, 255, (len(RIGS.near), 2, height, width, 3), np.uint8),
            "goal": box(-np.inf, np.inf, (2,), np.float32),
            "motion": box(-np.inf, np.inf, (5,), np.float32),
            "bumper": box(0, 1, (1,), np.float32),
        }
        self.observation_space = gymnasium.spaces.Dict(spaces)  # type: ignore[assignment]
        self._limit = np.array([FASTEST, FASTEST_TURN], np.float32)
        self.action_space = box(-self._limit, self._limit, dtype=np.float32)
        self._simulator: Simulator | None = None
        self._seed = -1
        self._command = 0.0, 0.0
        self._gps = (0.0, 0.0)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Return the first observation of a course."""
        super().reset(seed=seed)
        self._seed = self._seed + 1 if seed is None else seed
        if self._simulator is None or self._simulator.course.seed != self._seed:
            self._simulator = Simulator(make(self.course, self._seed), fault=self.fault)
        self._simulator.reset()
        self._command = 0.0, 0.0
        return self._observed(), self._info()

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Drive for a fast frame, m/s and rad/s; return what `gymnasium.Env` does."""
        world = self._world()
        left, collisions = world.left, world.collisions
        world.act(*self._command, FAST_LATENCY)
        speed, turn = np.clip(action, -self._limit, self._limit)
        self._command = float(speed), float(turn)
        world.act(*self._command, FAST - FAST_LATENCY)
        there = world.left < NEAR_GOAL
        reward = left - world.left + COLLISION * (world.collisions - collisions) + GOAL * there
        stuck = world.stuck()
        return (
            self._observed(),
            float(reward),
            there or stuck,
            world.time >= world.course.timeout,
            self._info(),
        )

    def render(self) -> NDArray[np.uint8] | None:
        """Return what both left cameras see, side by side, (H, W, 3) uint8 RGB."""
        if self.render_mode is None:
            return None
        pictures = [pair[0] for pair in self._world().look(far=True).far or ()]
        return np.concatenate([one for one in pictures if one is not None], axis=1)

    def _world(self) -> Simulator:
        if self._simulator is None:
            raise gymnasium.error.ResetNeeded("reset the environment before the first step")
        return self._simulator

    def _observed(self) -> Observation:
        world = self._world()
        images, senses = world.sense(far=False)
        self._gps = senses.gps or self._gps
        bumped = world.bumped()
        return {
            "pictures": np.array([[_seen(one) for one in pair] for pair in images.near], np.uint8),
            "goal": self._goal(world.course.goal, senses),
            "motion": np.array(
                [
                    senses.wheels.left,
                    senses.wheels.right,
                    senses.imu.roll,
                    senses.imu.pitch,
                    senses.imu.yaw_rate,
                ],
                np.float32,
            ),
            "bumper": np.array([bumped], np.float32),
        }

    def _goal(self, goal: Sequence[float], senses: Senses) -> NDArray[np.float32]:
        east, north, yaw = goal[0] - self._gps[0], goal[1] - self._gps[1], senses.imu.yaw
        return np.array([east * cos(yaw) + north * sin(yaw), north * cos(yaw) - east * sin(yaw)], np.float32)

    def _info(self) -> dict[str, Any]:
        world = self._world()
        return {"time": world.time, "left_m": world.left, "collisions": world.collisions}


def _seen(picture: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Return a picture; a black one where none came."""
    return np.zeros((*RIGS.near[0].left.size, 3), np.uint8) if picture is None else picture
