"""Two loops that drive a robot to a goal: one that sees far and plans, one that is quick and does not bump.

    navigator = Navigator(goal=(40.0, 5.0), near=rigs, far=rigs_of_large_pictures)
    while not step.reached:
        step = navigator.step(Images(near, far), time, gps=..., wheels=..., imu=...)
        robot.drive(step.command.speed, step.command.turn)

Source: LeCun, NYU Deep Learning 2020, lecture 6.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import atan2, cos, hypot, sin
from typing import Any, Literal

import numpy as np

from windowpane.drive.camera import StereoRig
from windowpane.drive.senses import Floats, Images, Imu, Wheels, rotation, wrapped

__all__ = ["Command", "Images", "Imu", "Navigator", "Step", "Wheels"]

Vision = Literal["far", "near"]
ARRIVED = 1.5
"""Metres to the goal at which it is reached."""


@dataclass(frozen=True, slots=True)
class Command:
    """What the robot is to do. speed: m/s, below 0 backwards. turn: rad/s, above 0 to the left."""

    speed: float
    turn: float
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What is known and to be done after a step.

    command: what to do. pose: T_odom_robot (4, 4). goal_odom: (x, y), where the goal is thought to be.
    reached: whether the robot is there. ms: milliseconds of each part. reasons: what went wrong.
    """

    time: float
    command: Command
    pose: Floats
    goal_odom: tuple[float, float]
    reached: bool = False
    ms: dict[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {"time": self.time, "speed": self.command.speed, "turn": self.command.turn}


class Navigator:
    """Drives to a goal."""

    def __init__(
        self,
        goal: tuple[float, float],
        near: Sequence[StereoRig],
        far: Sequence[StereoRig] = (),
        *,
        vision: Vision = "far",
        far_latency: float | None = None,
        learn: bool = True,
        seed: int = 0,
    ) -> None:
        self.goal, self.near, self.far, self.vision = goal, tuple(near), tuple(far), vision
        self._place: tuple[float, float] | None = None
        self._yaw = 0.0
        self._start: tuple[float, float, float] | None = None

    def step(
        self,
        images: Images,
        time: float,
        gps: tuple[float, float] | None = None,
        wheels: Wheels | None = None,
        imu: Imu | None = None,
        bumper: bool = False,
    ) -> Step:
        """Return what to do."""
        if gps is not None:
            self._place = gps
        if imu is not None:
            self._yaw = imu.yaw
        x, y = self._place or (0.0, 0.0)
        east, north = self.goal[0] - x, self.goal[1] - y
        away = hypot(east, north)
        off = wrapped(atan2(north, east) - self._yaw)
        reached = away < ARRIVED
        command = Command(
            0.0 if reached else max(0.0, cos(off)), 0.0 if reached else float(np.clip(off, -1, 1))
        )
        T = np.eye(4)
        T[:3, :3] = rotation(0, 0, 0)
        return Step(time, command, T, (away * cos(off), away * sin(off)), reached)
