"""Where the robot is: followed by cameras, wheels and gyroscope, tied to the world by compass and GPS.

    T_odom_robot = whereabouts.update(pairs, time, taken, wheels, imu)
    goal_odom = anchor.to_odom(goal)

Two frames: ``odom`` begins where the robot begins, level, and never jumps, so that a map can be kept in it;
where it lies in the world is known the better the longer the robot drives.

Wheels and gyroscope tell at any time how the robot went on; the cameras tell it better, but only for when a
picture was taken. So a step goes from picture to picture by what is seen, and from the last picture to now by
the wheels: pictures may be late or missing.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1 (the fast loop's visual odometry); REP 105 (frames).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, isfinite, sin

import numpy as np

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.localization.motion import inverse
from windowpane.drive.localization.odometry import Motion, Odometry
from windowpane.drive.senses import Floats, Imu, Pair, Wheels, angles, rotation, wrapped

TRACK = 0.5
"""Metres between left and right wheels, for robots without a gyroscope."""
MEMORY = 50
"""Steps for which it is kept how the wheels went: pictures may be as late."""
MISSES = 2
"""Frames without a motion after which another pair of cameras is asked."""


class Whereabouts:
    """Follows the robot's pose in ``odom``.

    rigs: of the small pictures, with their T_robot_camera. T_odom_robot: (4, 4), the pose now. T_then: that
    of when the last picture was taken. reasons: what went wrong in the last step. seen: whether the last
    motion was seen by a camera, and not only told by wheels. upright: whether roll and pitch were measured.
    """

    def __init__(self, rigs: Sequence[StereoRig]) -> None:
        self.rigs = rigs
        self.mounts = [np.eye(4) if rig.T_robot_camera is None else rig.T_robot_camera for rig in rigs]
        self.T_odom_robot: Floats = np.eye(4)
        self.T_then: Floats = np.eye(4)
        self.reasons: tuple[str, ...] = ()
        self.seen = self.upright = False
        self._odometry = [Odometry(rig) for rig in rigs]
        self._active, self._missed = 0, 0
        self._rolled = _Rolled()
        self._taken: float | None = None

    def update(
        self,
        pairs: Sequence[Pair],
        time: float,
        taken: float | None = None,
        wheels: Wheels | None = None,
        imu: Imu | None = None,
    ) -> Floats:
        """Return T_odom_robot (4, 4) now; pairs: rectified, one for each rig; taken: when, seconds."""
        taken = time if taken is None else min(taken, time)
        self._rolled.update(time, wheels, imu)
        self.upright = imu is not None and isfinite(imu.roll + imu.pitch)
        if self._taken is None:
            self.T_then = _tilted(self.T_then, self._rolled.at(taken), imu)
        T_last_this = inverse(self._rolled.at(self._taken)) @ self._rolled.at(taken)
        known = wheels is not None and self._taken is not None
        motion = self._motion(pairs, taken, T_last_this if known else None)
        if motion is not None:
            mount = self.mounts[self._active]
            T_last_this = mount @ motion.T_last_this @ inverse(mount)
        self.T_then = _tilted(self.T_then @ T_last_this, self._rolled.at(taken), imu)
        self._taken = taken
        self.T_odom_robot = self.T_then @ inverse(self._rolled.at(taken)) @ self._rolled.at(time)
        return self.T_odom_robot

    def _motion(self, pairs: Sequence[Pair], taken: float, prior: Floats | None) -> Motion | None:
        """Return the motion that the cameras see; None without any. A pair that sees none is given up."""
        if not pairs:
            return None
        mount = self.mounts[self._active]
        moved = None if prior is None else inverse(mount) @ prior @ mount
        motion = self._odometry[self._active].update(*pairs[self._active], taken, moved)
        self.seen = motion.ok
        self.reasons = (motion.reason,) if motion.reason else ()
        self._missed = 0 if motion.ok else self._missed + 1
        if self._missed > MISSES and len(self.rigs) > 1:
            self._active, self._missed = (self._active + 1) % len(self.rigs), 0
            self._odometry[self._active].reset()
        return motion

    def go_on(self, T_odom_robot: Floats) -> None:
        """Begin at a pose (4, 4), where an earlier drive ended."""
        self.T_odom_robot = self.T_then = np.array(T_odom_robot, np.float64)
        self._taken = None
        self.reset_odometry()

    def reset_odometry(self) -> None:
        """Forget what the cameras saw last: the next picture begins anew."""
        for one in self._odometry:
            one.reset()


class _Rolled:
    """How the robot went by wheels and gyroscope alone: its pose at each of the last steps."""

    def __init__(self) -> None:
        self._poses: deque[tuple[float, Floats]] = deque(maxlen=MEMORY)
        self._yaw = 0.0

    def update(self, time: float, wheels: Wheels | None, imu: Imu | None) -> None:
        last_time, last = self._poses[-1] if self._poses else (time, np.eye(4))
        passed = max(0.0, time - last_time)
        speed, rate = 0.0, 0.0
        if wheels is not None and isfinite(wheels.left) and isfinite(wheels.right):
            speed, rate = (wheels.left + wheels.right) / 2, (wheels.right - wheels.left) / TRACK
        roll, pitch = 0.0, 0.0
        if imu is not None and isfinite(imu.roll + imu.pitch + imu.yaw_rate):
            roll, pitch, rate = imu.roll, imu.pitch, imu.yaw_rate
        self._yaw += rate * passed
        T = np.eye(4)
        T[:3, :3] = rotation(roll, pitch, self._yaw)
        T[:3, 3] = last[:3, 3] + (last[:3, 0] + T[:3, 0]) / 2 * speed * passed
        self._poses.append((time, T))

    def at(self, time: float | None) -> Floats:
        """Return the pose (4, 4) at about a time; the oldest that is known for times before."""
        if time is None:
            return self._poses[-1][1]
        return min(self._poses, key=lambda one: abs(one[0] - time))[1]


def _tilted(T: Floats, rolled: Floats, imu: Imu | None) -> Floats:
    """Return a pose with roll and pitch as the IMU measures them: these do not drift."""
    if imu is None:
        return T
    roll, pitch, _ = angles(rolled[:3, :3])
    T = T.copy()
    T[:3, :3] = rotation(roll, pitch, angles(T[:3, :3])[2])
    return T


# -- The world ---------------------------------------------------------------------------------------------

JUMP = 4.0
"""Metres by which GPS may be off against the odometry before it is not believed."""
DRIFT = 0.05
"""Metres by which odometry is off for each metre driven."""
LONGEST = 200
"""Fixes that count: GPS drifts, and so does the odometry, so old ones tell little."""


@dataclass(slots=True)
class Anchor:
    """Where ``odom`` lies in the world: its origin (east, north) and the yaw of its x axis.

    Without GPS the world's origin is where the robot starts; without IMU east is where it looks then.
    """

    yaw: float = 0.0
    east: float = 0.0
    north: float = 0.0
    yaws: float = 0
    fixes: float = 0
    slack: float = 0.0

    def update(
        self, T_odom_robot: Floats, moved: float, gps: tuple[float, float] | None, imu: Imu | None
    ) -> str:
        """Take what was measured at a pose; return why it was not believed, or "". moved: metres since."""
        if imu is not None and isfinite(imu.yaw):
            self.yaws = min(self.yaws + 1, LONGEST)
            off = wrapped(imu.yaw - angles(T_odom_robot[:3, :3])[2] - self.yaw)
            self._turn(off / self.yaws, T_odom_robot)
        if gps is None or not (isfinite(gps[0]) and isfinite(gps[1])):
            return ""
        self.slack = min(self.slack + DRIFT * moved, 20.0)
        east, north = self.to_world(T_odom_robot)
        off_east, off_north = gps[0] - east, gps[1] - north
        off = hypot(off_east, off_north)
        if self.fixes >= 10 and off > JUMP + self.slack:
            return f"GPS is {off:.0f} m off against the odometry: not believed"
        self.fixes = min(self.fixes + 1, LONGEST)
        self.slack *= 1 - 1 / self.fixes
        self.east += off_east / self.fixes
        self.north += off_north / self.fixes
        return ""

    def _turn(self, angle: float, T_odom_robot: Floats) -> None:
        """Turn odom about the robot, so that the robot stays where it is in the world."""
        before = self.to_world(T_odom_robot)
        self.yaw = wrapped(self.yaw + angle)
        after = self.to_world(T_odom_robot)
        self.east += before[0] - after[0]
        self.north += before[1] - after[1]

    def to_world(self, T_odom_robot: Floats) -> tuple[float, float]:
        """Return where a pose is, (east, north)."""
        x, y = float(T_odom_robot[0, 3]), float(T_odom_robot[1, 3])
        c, s = cos(self.yaw), sin(self.yaw)
        return self.east + c * x - s * y, self.north + s * x + c * y

    def to_odom(self, place: tuple[float, float]) -> tuple[float, float]:
        """Return where a place (east, north) is in odom, (x, y)."""
        east, north = place[0] - self.east, place[1] - self.north
        c, s = cos(self.yaw), sin(self.yaw)
        return c * east + s * north, c * north - s * east
