"""A small robot with two driven sides and two stereo pairs (skid-steer kinematics): how it moves.

    vehicle = SkidSteer(terrain, x, y, yaw, seed=3)
    vehicle.advance(speed=1.0, turn=0.2, dt=0.02)
    T_world_robot = standing(terrain, vehicle.pose)

It is the `windowpane.drive.vehicle.Vehicle` that there is by default, about as large and as quick as the
original's robot. The wheels of a side turn together; they slip, the more the steeper the way, and a turn
slips most, since all skid sideways.

Frames: world x east, y north, z up; robot x forward, y left, z up, on the ground below its middle.

Source: Hadsell et al. 2008 (the robot, its cameras and its speed); Mandow et al. 2007, "Experimental
kinematics for wheeled skid-steer mobile robots" (a turn is less than the wheels say).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, radians, sin, sqrt, tan
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.geometry.transforms import rotation_from_rpy
from windowpane.drive.senses import Wheels
from windowpane.drive.vehicle import Vehicle

Floats = NDArray[np.float64]

BODY = Vehicle()
LENGTH, WIDTH = BODY.length, BODY.width  # metres, of the footprint
FASTEST = BODY.fastest  # m/s, of a wheel
TRACK, AXLES = 0.42, 0.44  # metres between the wheels' sides, and between the axles
ACCELERATION, BRAKING = 1.0, 2.0  # m/s^2, of a wheel
SKID = 0.9  # share of a turn that is left of what the wheels say
SLIP, SLIP_SIGMA, SLIP_SECONDS = 0.02, 0.02, 2.0  # mean, deviation, and for how long it stays much the same
CLIMB = 0.15  # slip more on a slope of 45 degrees
EYES = 0.9  # metres of the cameras above the ground
VIEW = radians(70)  # of a camera from left to right
ASIDE, DOWN = radians(25), radians(10)  # how a pair is turned
BASELINE = 0.2  # metres


class Rigs(NamedTuple):
    """The pairs of cameras, left one first: with small pictures, and the same with large ones."""

    near: tuple[StereoRig, StereoRig]
    far: tuple[StereoRig, StereoRig]


class Heights(Protocol):
    """What is asked of a terrain: metres above the sea at places (...) in metres."""

    def height(self, x: ArrayLike, y: ArrayLike) -> Floats: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a robot is on the map: metres east and north, radians counter-clockwise from east."""

    x: float
    y: float
    yaw: float


class SkidSteer:
    """Moves on a terrain as its wheels are told to.

    Parameters
    ----------
    terrain
        Gives heights.
    x, y, yaw
        Where it starts.
    seed
        Of the slip.

    Attributes
    ----------
    pose
        Where it is.
    wheels
        How fast each side turns.
    """

    def __init__(self, terrain: Heights, x: float, y: float, yaw: float, seed: int = 0) -> None:
        self.terrain, self.pose, self.wheels = terrain, Pose(x, y, yaw), Wheels(0.0, 0.0)
        self._rng = np.random.default_rng([seed, 1])
        self._slip = self._rng.normal(SLIP, SLIP_SIGMA, 2)

    @property
    def speed(self) -> float:
        """Metres a second forwards, as the wheels turn."""
        return (self.wheels.left + self.wheels.right) / 2

    def advance(self, speed: float, turn: float, dt: float) -> Pose:
        """Return the pose after ``dt`` seconds of a command, m/s and rad/s, and go there."""
        self.wheels = self._driven(speed, turn, dt)
        self._slip = _wandered(self._slip, dt, self._rng)
        steep = CLIMB * max(0.0, self._climb())
        left = self.wheels.left * (1 - float(self._slip[0]) - steep)
        right = self.wheels.right * (1 - float(self._slip[1]) - steep)
        turned = SKID * (right - left) / TRACK * dt
        middle = self.pose.yaw + turned / 2
        flat = (left + right) / 2 * dt / sqrt(1 + self._climb() ** 2)  # a metre up a hill is less on the map
        self.pose = Pose(
            self.pose.x + flat * cos(middle), self.pose.y + flat * sin(middle), self.pose.yaw + turned
        )
        return self.pose

    def halt(self, pose: Pose) -> None:
        """Stand still at a pose: it bumped, or somebody has put it there."""
        self.pose, self.wheels = pose, Wheels(0.0, 0.0)

    def _driven(self, speed: float, turn: float, dt: float) -> Wheels:
        """Return the wheels' speeds after dt: towards the command, as fast as the motors can."""
        half = turn * TRACK / 2
        wanted = np.array([speed - half, speed + half])
        wanted *= min(
            1.0, FASTEST / max(float(np.abs(wanted).max()), 1e-9)
        )  # keeps the curve, if not the speed
        now = np.array([self.wheels.left, self.wheels.right])
        limit = np.where(np.abs(wanted) < np.abs(now), BRAKING, ACCELERATION) * dt
        left, right = now + np.clip(wanted - now, -limit, limit)
        return Wheels(float(left), float(right))

    def _climb(self) -> float:
        """Return metres up a metre forwards."""
        ahead = np.array([-AXLES / 2, AXLES / 2])
        back, front = self.terrain.height(
            self.pose.x + ahead * cos(self.pose.yaw), self.pose.y + ahead * sin(self.pose.yaw)
        )
        return float(front - back) / AXLES


def standing(terrain: Heights, pose: Pose) -> Floats:
    """Return T_world_robot (4, 4) of a robot that stands on four wheels: the plane that fits them best."""
    ahead = AXLES / 2 * np.array([1, 1, -1, -1])
    aside = TRACK / 2 * np.array([1, -1, 1, -1])
    east, north = cos(pose.yaw), sin(pose.yaw)
    heights = terrain.height(pose.x + ahead * east - aside * north, pose.y + ahead * north + aside * east)
    climb, tilt = float(heights @ ahead / (ahead @ ahead)), float(heights @ aside / (aside @ aside))
    forward = np.array([east, north, climb])
    left = np.array([-north, east, tilt])
    up = np.cross(forward, left)
    T = np.eye(4)
    T[:3, 0] = forward / np.linalg.norm(forward)
    T[:3, 2] = up / np.linalg.norm(up)
    T[:3, 1] = np.cross(T[:3, 2], T[:3, 0])
    T[:3, 3] = pose.x, pose.y, float(heights.mean())
    return T


def outline(pose: Pose, spacing: float = 0.1) -> Floats:
    """Return points (N, 2) of the footprint's edge, metres on the map."""
    x, y = np.arange(0, LENGTH, spacing) - LENGTH / 2, np.arange(0, WIDTH, spacing) - WIDTH / 2
    edge = np.concatenate(
        [
            np.stack([x, np.full_like(x, -WIDTH / 2)], axis=1),
            np.stack([-x, np.full_like(x, WIDTH / 2)], axis=1),
            np.stack([np.full_like(y, LENGTH / 2), y], axis=1),
            np.stack([np.full_like(y, -LENGTH / 2), -y], axis=1),
        ]
    )
    (east, north) = cos(pose.yaw), sin(pose.yaw)
    return np.asarray(edge @ np.array([[east, north], [-north, east]]) + [pose.x, pose.y])


def _wandered(slip: Floats, dt: float, rng: np.random.Generator) -> Floats:
    """Return a slip that goes on wandering about its mean (Ornstein & Uhlenbeck)."""
    stays = exp(-dt / SLIP_SECONDS)
    return SLIP + (slip - SLIP) * stays + rng.normal(0, SLIP_SIGMA * sqrt(1 - stays**2), 2)


def _rig(width: int, height: int, side: int) -> StereoRig:
    """Return a pair with pictures of a size on the left (1) or right (-1) of the robot."""
    focal = width / 2 / tan(VIEW / 2)
    turned = rotation_from_rpy(0.0, DOWN, side * ASIDE)
    T = np.eye(4)
    T[:3, :3] = turned @ np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])  # z forward, x right, y down
    middle = np.array([0.2, side * 0.12, EYES])
    T[:3, 3] = middle - T[:3, 0] * BASELINE / 2
    return StereoRig(Pinhole(focal, focal, width / 2, height / 2, width, height), BASELINE, T)


RIGS = Rigs(
    near=(_rig(160, 120, 1), _rig(160, 120, -1)),
    far=(_rig(512, 384, 1), _rig(512, 384, -1)),
)
"""The robot's eyes: what is `Navigator`'s near and far."""
