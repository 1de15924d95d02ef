"""Where the robot is, by cameras, wheels and gyroscope (localization).

    localizer = Localizer(rigs, track=0.5)
    T_odom_robot = localizer.update(pairs, time, taken, wheels, imu)

The frame ``odom`` begins where the robot begins, level, and never jumps, so that a map can be kept in it.
Where it lies in the world is another matter: `windowpane.drive.localization.world_anchor`.

Wheels and gyroscope tell at any time how the robot went on; the cameras tell it better, but only for when a
picture was taken. So a step goes from picture to picture by what is seen, and from the last picture to now by
the wheels: pictures may be late or missing.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1 (the fast loop's visual odometry); REP 105 (frames).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import degrees, isfinite

import numpy as np

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.geometry.transforms import Floats, inverse, rotation_from_rpy, rpy_from_rotation
from windowpane.drive.localization.dead_reckoning import DeadReckoning
from windowpane.drive.localization.odometry import Odometry
from windowpane.drive.senses import Imu, Pair, Wheels
from windowpane.errors import ArgumentError

MISSES = 2
"""Frames without a motion after which another pair of cameras is asked."""


class Localizer:
    """Follows the robot's pose in ``odom``.

    Parameters
    ----------
    rigs
        Of the small pictures, with their T_robot_camera.
    track
        Metres between left and right wheels, for robots without a gyroscope.

    Attributes
    ----------
    T_odom_robot
        (4, 4), the pose now.
    T_then
        (4, 4), the pose when the last picture was taken.
    reasons
        What went wrong in the last step.
    seen
        Whether the last motion was seen by a camera, and not only told by wheels.
    upright
        Whether roll and pitch were measured.
    """

    def __init__(self, rigs: Sequence[StereoRig], track: float = 0.5) -> None:
        self.rigs = rigs
        self.T_odom_robot: Floats = np.eye(4)
        self.T_then: Floats = np.eye(4)
        self.reasons: tuple[str, ...] = ()
        self.seen = self.upright = False
        self._odometry = [Odometry(rig) for rig in rigs]
        self._active, self._missed = 0, 0
        self._reckoning = DeadReckoning(track)
        self._taken: float | None = None

    def __repr__(self) -> str:
        x, y = self.T_odom_robot[:2, 3]
        yaw = degrees(rpy_from_rotation(self.T_odom_robot[:3, :3])[2])
        how = "seen" if self.seen else "by wheels"
        return f"Localizer({len(self.rigs)} rigs, at x {x:.2f} m, y {y:.2f} m, yaw {yaw:.1f} degrees, {how})"

    def update(
        self,
        pairs: Sequence[Pair],
        time: float,
        taken: float | None = None,
        wheels: Wheels | None = None,
        imu: Imu | None = None,
    ) -> Floats:
        """Return T_odom_robot (4, 4) now.

        Parameters
        ----------
        pairs
            Rectified, one for each rig; a picture that is missing is None. Without any, wheels tell alone.
        time, taken
            Seconds: now, and when the pictures were taken; None = now.
        wheels, imu
            What they measure now; None = there are none.
        """
        taken = time if taken is None else min(taken, time)
        self._reckoning.update(time, wheels, imu)
        self.upright = imu is not None and isfinite(imu.roll + imu.pitch)
        if self._taken is None:
            self.T_then = _tilted(self.T_then, self._reckoning.at(taken), imu)
        T_last_this = inverse(self._reckoning.at(self._taken)) @ self._reckoning.at(taken)
        known = wheels is not None and self._taken is not None
        seen = self._motion(pairs, taken, T_last_this if known else None)
        if seen is not None:
            T_last_this = seen
        self.T_then = _tilted(self.T_then @ T_last_this, self._reckoning.at(taken), imu)
        self._taken = taken
        self.T_odom_robot = self.T_then @ inverse(self._reckoning.at(taken)) @ self._reckoning.at(time)
        return self.T_odom_robot

    def _motion(self, pairs: Sequence[Pair], taken: float, prior: Floats | None) -> Floats | None:
        """Return the robot's motion as the cameras see it, T_last_this (4, 4); None without any cameras.

        prior: what the wheels say. A pair of cameras that sees no motion for long is given up for the next.
        """
        if not pairs:
            return None
        mount = self.rigs[self._active].mount
        T_prior = None if prior is None else inverse(mount) @ prior @ mount
        motion = self._odometry[self._active].update(*pairs[self._active], taken, T_prior)
        self.seen = motion.ok
        self.reasons = (motion.reason,) if motion.reason else ()
        self._missed = 0 if motion.ok else self._missed + 1
        if self._missed > MISSES and len(self.rigs) > 1:
            self._active, self._missed = (self._active + 1) % len(self.rigs), 0
            self._odometry[self._active].reset()
        return np.asarray(mount @ motion.T_last_this @ inverse(mount))

    def go_on(self, T_odom_robot: Floats) -> None:
        """Begin at a pose (4, 4), where an earlier drive ended."""
        if np.shape(T_odom_robot) != (4, 4):
            raise ArgumentError(f"T_odom_robot has the shape {np.shape(T_odom_robot)}: give a pose, (4, 4)")
        self.T_odom_robot = self.T_then = np.array(T_odom_robot, np.float64)
        self._taken = None
        self.reset_odometry()

    def reset_odometry(self) -> None:
        """Forget what the cameras saw last: the next picture begins anew."""
        for one in self._odometry:
            one.reset()


def _tilted(T: Floats, reckoned: Floats, imu: Imu | None) -> Floats:
    """Return a pose with roll and pitch as the IMU measures them: these do not drift."""
    if imu is None:
        return T
    roll, pitch, _ = rpy_from_rotation(reckoned[:3, :3])
    T = T.copy()
    T[:3, :3] = rotation_from_rpy(roll, pitch, rpy_from_rotation(T[:3, :3])[2])
    return T
