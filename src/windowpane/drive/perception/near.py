"""What stands near the robot (obstacle detection): points of small stereo pairs, each ground or obstacle.

    obstacles = ObstacleDetector(rigs).detect(pairs, T_odom_robot)
    obstacles.points[obstacles.obstacle]          # (N, 3), metres in odom

What rises above the ground around it, see `windowpane.drive.perception.elevation_map`, is an obstacle. No net
is needed, and a few milliseconds do.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1 (the fast loop: no net, a few metres).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.perception.elevation_map import CELL, REACH, STEEP, cell_of, points_of, surface_of
from windowpane.drive.perception.stereo import Depth, Matcher
from windowpane.drive.senses import Floats, Pair, Picture

Bools = NDArray[np.bool_]

TALL = 0.24
"""Metres above the ground from which something is an obstacle, and a little more far away."""
OVERHEAD = 1.7
"""Metres; the robot drives below what is higher."""
LEAST = 3
"""Points of a cell that make an obstacle: one is a mistake of the matcher."""
NEAREST = 0.5
"""Metres that must still be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Obstacles:
    """What is near: points, and which of them are of obstacles.

    Attributes
    ----------
    points
        (N, 3) float32, metres in odom.
    obstacle
        (N,) bool; the others are ground.
    T_odom_robot
        (4, 4), from where.
    pictures
        The left one of each pair, None = there is none.
    reasons
        What went wrong.
    """

    points: NDArray[np.float32]
    obstacle: Bools
    T_odom_robot: Floats
    pictures: tuple[Picture | None, ...] = ()
    reasons: tuple[str, ...] = ()

    def __repr__(self) -> str:
        count = int(self.obstacle.sum())
        return f"Obstacles({len(self.points)} points, {count} of obstacles, reasons={self.reasons})"

    @classmethod
    def none(cls, T_odom_robot: Floats) -> Obstacles:
        """Return what one knows who sees nothing."""
        return cls(np.zeros((0, 3), np.float32), np.zeros(0, np.bool_), T_odom_robot)

    def thinned(self, cell: float) -> Obstacles:
        """Return as much of it as a `NearMap` with cells of so many metres can tell from all of it.

        That are few points: one of the ground in a cell, and so many of an obstacle as make it one.
        """
        if not len(self.points):
            return self
        cells = np.floor(self.points[:, :2].astype(np.float64) / cell).astype(np.intp)
        cells -= cells.min(axis=0)
        keys = 2 * (cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]) + self.obstacle
        left, kept = np.arange(len(keys)), np.zeros(len(keys), np.bool_)
        for _ in range(LEAST):
            last = np.full(keys.max() + 1, -1)
            last[keys[left]] = left
            kept[last[last >= 0]] = True
            left = left[self.obstacle[left] & ~kept[left]]
        return replace(self, points=self.points[kept], obstacle=self.obstacle[kept])


class ObstacleDetector:
    """Finds what is near by stereo pairs.

    Parameters
    ----------
    rigs
        Of the pictures, rectified, with their T_robot_camera.
    reach
        Metres that are seen well enough.
    """

    def __init__(self, rigs: Sequence[StereoRig], *, reach: float = REACH) -> None:
        self.mounts = [rig.mount for rig in rigs]
        self.matchers = [strict_matcher(rig, NEAREST) for rig in rigs]
        self.reach = reach

    def detect(self, pairs: Sequence[Pair], T_odom_robot: Floats) -> Obstacles:
        """Return what pairs (rectified, one for each rig) show of a robot's surroundings at a pose."""
        depths = [matcher.match(*pair) for pair, matcher in zip(pairs, self.matchers, strict=False)]
        return self.judge(depths, T_odom_robot, tuple(left for left, _ in pairs))

    def judge(
        self, depths: Sequence[Depth], T_odom_robot: Floats, pictures: tuple[Picture | None, ...] = ()
    ) -> Obstacles:
        """Return the same of distances that were found already, one for each rig."""
        found, reasons = [np.zeros((0, 3), np.float32)], []
        for depth, mount in zip(depths, self.mounts, strict=False):
            found.append(points_of(depth, mount, self.reach))
            reasons += [depth.reason] if depth.reason else []
        points = np.concatenate(found)
        inside = (np.hypot(points[:, 0], points[:, 1]) < self.reach) & (points[:, 2] > _lowest(points))
        points = points[inside]
        turned = points @ T_odom_robot[:3, :3].T.astype(np.float32)
        obstacle, kept = _judged(turned, T_odom_robot[:3, :3], self.reach)
        place = T_odom_robot[:3, 3].astype(np.float32)
        told = tuple(dict.fromkeys(reasons))
        return Obstacles(turned[kept] + place, obstacle[kept], T_odom_robot, pictures, told)


def strict_matcher(rig: StereoRig, nearest: float) -> Matcher:
    """Return a matcher for a map: one false obstacle costs more than some points less."""
    disparities = min(rig.left.width // 2, int(rig.left.fx * rig.baseline / nearest))
    return Matcher(rig, disparities=disparities, block=7, uniqueness=30, speckle=0.004)


def _lowest(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the height below which a point (N, 3) cannot be: it would be under the ground."""
    return np.asarray(-0.25 - STEEP * np.hypot(points[:, 0], points[:, 1]), np.float32)


def _judged(points: NDArray[np.float32], turn: Floats, reach: float) -> tuple[Bools, Bools]:
    """Return which points (N, 3), level and relative to the robot, are obstacles, and which are known."""
    surface, cells = surface_of(points, turn, reach)
    side, ground = len(surface), surface.ravel()
    above = points[:, 2] - ground[cells]
    tall = TALL + 0.015 * np.hypot(points[:, 0], points[:, 1])
    obstacle = (above > tall) & (above < OVERHEAD)
    counts = np.bincount(cells[obstacle], minlength=side * side)
    lonely = obstacle & (counts[cells] < LEAST * (cell_of(reach) / CELL) ** 2)
    return obstacle, ~lonely & (above < OVERHEAD)
