"""How the robot went by its wheels and gyroscope alone (dead reckoning), at each of the last steps.

    reckoning = DeadReckoning(track=0.5)
    reckoning.update(time, Wheels(0.9, 1.1), imu)
    inverse(reckoning.at(before)) @ reckoning.at(time)      # the motion between two times

It drifts, but it is there at any time and never jumps.

Source: Siegwart, Nourbakhsh & Scaramuzza 2011, "Introduction to autonomous mobile robots", section 5.2.4
(odometry of a differential drive).
"""

from __future__ import annotations

from collections import deque
from math import isfinite

import numpy as np

from windowpane.drive.geometry.transforms import Floats, rotation_from_rpy, transform
from windowpane.drive.senses import Imu, Wheels
from windowpane.errors import ArgumentError

MEMORY = 50
"""Steps for which it is kept how the robot went: pictures may be as late."""


class DeadReckoning:
    """Adds up what wheels and gyroscope tell; without either the robot is taken to stand.

    Parameters
    ----------
    track
        Metres between left and right wheels, for steps without a gyroscope.

    Raises
    ------
    ArgumentError
        For a track that is not above 0.
    """

    def __init__(self, track: float = 0.5) -> None:
        if not track > 0:
            raise ArgumentError(f"the track is {track} m: give the metres between left and right wheels")
        self.track = track
        self._poses: deque[tuple[float, Floats]] = deque(maxlen=MEMORY)
        self._yaw = 0.0

    def update(self, time: float, wheels: Wheels | None, imu: Imu | None) -> None:
        """Go on to a time, seconds, by what was measured there; None and NaN are left out."""
        last_time, last = self._poses[-1] if self._poses else (time, np.eye(4))
        passed = max(0.0, time - last_time)
        speed, rate = 0.0, 0.0
        if wheels is not None and isfinite(wheels.left) and isfinite(wheels.right):
            speed, rate = (wheels.left + wheels.right) / 2, (wheels.right - wheels.left) / self.track
        roll, pitch = 0.0, 0.0
        if imu is not None and isfinite(imu.roll + imu.pitch + imu.yaw_rate):
            roll, pitch, rate = imu.roll, imu.pitch, imu.yaw_rate
        self._yaw += rate * passed
        R = rotation_from_rpy(roll, pitch, self._yaw)
        place = last[:3, 3] + (last[:3, 0] + R[:, 0]) / 2 * speed * passed
        self._poses.append((time, transform(R, place)))

    def at(self, time: float | None) -> Floats:
        """Return the pose (4, 4) at about a time; the oldest that is known for times before. None = now."""
        if time is None:
            return self._poses[-1][1]
        return min(self._poses, key=lambda one: abs(one[0] - time))[1]
