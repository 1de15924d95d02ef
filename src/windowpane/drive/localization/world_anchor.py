"""Where ``odom`` lies in the world, by compass and GPS (the map -> odom transform, GPS alignment).

    anchor = WorldAnchor()
    anchor.update(T_odom_robot, moved, gps, imu)
    goal_odom = anchor.to_odom(goal)

It is known the better the longer the robot drives, so the goal may jump in ``odom``, but the map there does
not: that is why the two frames are kept apart.

Source: REP 105 (``map``, ``odom`` and ``base_link``); REP 103 (east, north, yaw).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, isfinite, sin

from windowpane.drive.geometry.transforms import Floats, rpy_from_rotation, wrapped
from windowpane.drive.senses import Imu

JUMP = 4.0
"""Metres by which GPS may be off against the odometry before it is not believed."""
DRIFT = 0.05
"""Metres by which odometry is off for each metre driven."""
LONGEST = 200
"""Fixes that count: GPS drifts, and so does the odometry, so old ones tell little."""


@dataclass(slots=True)
class WorldAnchor:
    """Where ``odom`` lies in the world: its origin (east, north) and the yaw of its x axis.

    Without GPS the world's origin is where the robot starts; without IMU east is where it looks then.

    Attributes
    ----------
    yaw
        Radians from east to the x axis of ``odom``, counter-clockwise.
    east, north
        Metres, the origin of ``odom``.
    yaws, fixes
        How many measures of the compass and of the GPS count, at most `LONGEST`.
    slack
        Metres that the odometry may have drifted since GPS was last believed.
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
        """Take what was measured at a pose (4, 4); return why it was not believed, or "".

        Parameters
        ----------
        T_odom_robot
            The pose.
        moved
            Metres driven since the last one.
        gps
            (east, north), metres; None = no fix.
        imu
            Its yaw, None = no compass.
        """
        if imu is not None and isfinite(imu.yaw):
            self.yaws = min(self.yaws + 1, LONGEST)
            off = wrapped(imu.yaw - rpy_from_rotation(T_odom_robot[:3, :3])[2] - self.yaw)
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
        """Return where a pose (4, 4) is, (east, north), metres."""
        x, y = float(T_odom_robot[0, 3]), float(T_odom_robot[1, 3])
        c, s = cos(self.yaw), sin(self.yaw)
        return self.east + c * x - s * y, self.north + s * x + c * y

    def to_odom(self, place: tuple[float, float]) -> tuple[float, float]:
        """Return where a place (east, north) is in ``odom``, (x, y), metres."""
        east, north = place[0] - self.east, place[1] - self.north
        c, s = cos(self.yaw), sin(self.yaw)
        return c * east + s * north, c * north - s * east
