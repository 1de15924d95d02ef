"""What stands near the robot: the points of small stereo pairs, each ground or obstacle, in milliseconds.

    view = near.see(pairs, T_odom_robot)
    view.points[view.obstacle]          # (N, 3), metres in odom

Ground is found on a grid around the robot: in every cell the lowest points, and of these what is left when
everything that rises out of its surroundings and is narrower than a window is taken away (a morphological
opening). A hillside passes unchanged, whatever its slope; a bush, a rock or a person does not.

Sources: LeCun, NYU Deep Learning 2020, lecture 6.1 (the fast loop: no net, a few metres); Zhang et al. 2003,
"A progressive morphological filter" (ground by opening).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.mapping import near_map
from windowpane.drive.perception.ground import Ground
from windowpane.drive.perception.stereo import Depth, Matcher
from windowpane.drive.senses import Floats, Pair, Picture

Bools = NDArray[np.bool_]
Grid = NDArray[np.float32]

REACH = 6.0
"""Metres that a small pair sees well enough."""
CELL = 0.2
"""Metres of the grid for that reach; one who sees farther has larger cells, as points lie farther apart."""
ROOM = 1.2
"""Metres of the grid beyond: at the end of what is seen windows find room too."""
WINDOW = 2.2
"""Metres of the opening's window: what is narrower is no ground."""
SEEN = 0.35
"""Share of a window's cells that must be seen."""
STEEP = 0.45
"""Ground rises by no more than this for each metre away from where the robot stands."""
TALL = 0.24
"""Metres above the ground from which something is an obstacle, and a little more far away."""
OVERHEAD = 1.7
"""Metres; the robot drives below what is higher."""
LEAST = 3
"""Points of a cell that make an obstacle: one is a mistake of the matcher."""


@dataclass(frozen=True, slots=True, eq=False)
class NearView:
    """What is near.

    points: (N, 3) float32, metres in odom. obstacle: (N,) bool; the others are ground. T_odom_robot: (4, 4),
    from where. pictures: the left one of each pair, None = there is none. reasons: what went wrong.
    """

    points: NDArray[np.float32]
    obstacle: Bools
    T_odom_robot: Floats
    pictures: tuple[Picture | None, ...] = ()
    reasons: tuple[str, ...] = ()

    def thinned(self, cell: float) -> NearView:
        """Return as much of it as a `NearMap` with cells of so many metres can tell from all of it.

        That are few points: one of the ground in a cell, and so many of an obstacle as make it one.
        """
        if not len(self.points):
            return self
        cells = np.floor(self.points[:, :2].astype(np.float64) / cell).astype(np.intp)
        cells -= cells.min(axis=0)
        keys = 2 * (cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]) + self.obstacle
        left, kept = np.arange(len(keys)), np.zeros(len(keys), np.bool_)
        for _ in range(near_map.LEAST):
            last = np.full(keys.max() + 1, -1)
            last[keys[left]] = left
            kept[last[last >= 0]] = True
            left = left[self.obstacle[left] & ~kept[left]]
        return replace(self, points=self.points[kept], obstacle=self.obstacle[kept])


class NearSight:
    """Finds what is near by stereo pairs.

    rigs: of the pictures, rectified, with their T_robot_camera. nearest: metres that must still be seen.
    reach: metres that are seen well enough.
    """

    def __init__(self, rigs: Sequence[StereoRig], *, nearest: float = 0.5, reach: float = REACH) -> None:
        self.mounts = [rig.mount for rig in rigs]
        self.matchers = [strict_matcher(rig, nearest) for rig in rigs]
        self.reach = reach

    def see(self, pairs: Sequence[Pair], T_odom_robot: Floats) -> NearView:
        """Return what pairs (rectified, one for each rig) show of a robot's surroundings at a pose."""
        depths = [matcher.match(*pair) for pair, matcher in zip(pairs, self.matchers, strict=False)]
        return self.judge(depths, T_odom_robot, tuple(left for left, _ in pairs))

    def judge(
        self, depths: Sequence[Depth], T_odom_robot: Floats, pictures: tuple[Picture | None, ...] = ()
    ) -> NearView:
        """Return the same of what was matched already, one for each rig."""
        found, reasons = [np.zeros((0, 3), np.float32)], []
        for depth, mount in zip(depths, self.mounts, strict=False):
            found.append(_points(depth, mount, self.reach))
            reasons += [depth.reason] if depth.reason else []
        points = np.concatenate(found)
        inside = (np.hypot(points[:, 0], points[:, 1]) < self.reach) & (points[:, 2] > _lowest(points))
        points = points[inside]
        turned = points @ T_odom_robot[:3, :3].T.astype(np.float32)
        obstacle, kept = _judged(turned, T_odom_robot[:3, :3], self.reach)
        place = T_odom_robot[:3, 3].astype(np.float32)
        told = tuple(dict.fromkeys(reasons))
        return NearView(turned[kept] + place, obstacle[kept], T_odom_robot, pictures, told)


@dataclass(frozen=True, slots=True, eq=False)
class Relief(Ground):
    """Ground that is no plane: where stereo sees it, heights are above the ground that is there.

    surface: (side, side) float32, metres, of cells around the robot, level; cell: their size, metres.
    T_level_camera: (4, 4), from the camera to the frame of these cells. Farther away the planes count.
    """

    surface: Grid = field(default_factory=lambda: np.zeros((1, 1), np.float32))
    cell: float = CELL
    T_level_camera: Floats = field(default_factory=lambda: np.eye(4))

    @classmethod
    def under(
        cls, ground: Ground, depth: Depth, T_level_camera: Floats, turn: Floats, reach: float
    ) -> Ground:
        """Return what stereo shows of the ground of a frame; without any, the ground as it was.

        turn: (3, 3), from the robot's frame to the level one. reach: metres that stereo sees well enough.
        """
        if not ground:
            return ground
        points = _points(depth, T_level_camera, reach)
        points = points[np.hypot(points[:, 0], points[:, 1]) < reach]
        surface, _ = _surface(points, turn, reach)
        return cls(ground.planes, ground.quality, ground.reason, surface, _cell(reach), T_level_camera)

    def heights(self, points: ArrayLike) -> NDArray[np.floating]:
        """Return how high points (..., 3) of the camera's frame are above the ground, (...,) in metres."""
        xyz = np.asarray(points, np.float32)
        turn, shift = self.T_level_camera[:3, :3], self.T_level_camera[:3, 3]
        level = xyz @ turn.T.astype(np.float32) + shift.astype(np.float32)
        side = len(self.surface)
        x, y = np.moveaxis(np.floor(level[..., :2] / self.cell + side / 2).astype(np.intp), -1, 0)
        inside = (x >= 0) & (x < side) & (y >= 0) & (y < side)
        below = self.surface[np.where(inside, y, 0), np.where(inside, x, 0)]
        planes = Ground(self.planes, self.quality, self.reason).heights(xyz)
        return np.where(inside, level[..., 2] - below, planes)


def strict_matcher(rig: StereoRig, nearest: float) -> Matcher:
    """Return a matcher for a map: one false obstacle costs more than some points less."""
    disparities = min(rig.left.width // 2, int(rig.left.fx * rig.baseline / nearest))
    return Matcher(rig, disparities=disparities, block=7, uniqueness=30, speckle=0.004)


def _points(depth: Depth, T_robot_camera: Floats, reach: float) -> NDArray[np.float32]:
    """Return the points (N, 3) of a picture that are near enough, in the robot's frame."""
    good = depth.valid & (depth.points[..., 2] < reach)
    turn, shift = T_robot_camera[:3, :3].astype(np.float32), T_robot_camera[:3, 3].astype(np.float32)
    return np.asarray(depth.points[good] @ turn.T + shift, np.float32)


def _lowest(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the height below which a point (N, 3) cannot be: it would be under the ground."""
    return np.asarray(-0.25 - STEEP * np.hypot(points[:, 0], points[:, 1]), np.float32)


def _cell(reach: float) -> float:
    return CELL * reach / REACH


def _judged(points: NDArray[np.float32], turn: Floats, reach: float) -> tuple[Bools, Bools]:
    """Return which points (N, 3), level and relative to the robot, are obstacles, and which are known."""
    surface, cells = _surface(points, turn, reach)
    side, ground = len(surface), surface.ravel()
    above = points[:, 2] - ground[cells]
    tall = TALL + 0.015 * np.hypot(points[:, 0], points[:, 1])
    obstacle = (above > tall) & (above < OVERHEAD)
    counts = np.bincount(cells[obstacle], minlength=side * side)
    lonely = obstacle & (counts[cells] < LEAST * (_cell(reach) / CELL) ** 2)
    return obstacle, ~lonely & (above < OVERHEAD)


def _surface(points: NDArray[np.float32], turn: Floats, reach: float) -> tuple[Grid, NDArray[np.intp]]:
    """Return the height of the ground in cells (side, side) around the robot, and the cell of each point."""
    cell = _cell(reach)
    side = 2 * int((reach + ROOM) / cell) + 1
    x, y = np.floor(points[:, :2] / cell + side / 2).astype(np.intp).T
    cells = y * side + x
    low = np.full(side * side, np.inf, np.float32)
    np.minimum.at(low, cells, points[:, 2])
    return _ground(low.reshape(side, side), turn, cell), cells


def _ground(low: Grid, turn: Floats, cell: float) -> Grid:
    """Return the height of the ground in each cell (side, side) from the lowest points in it, inf = none."""
    y, x = ((np.mgrid[: len(low), : len(low)] + 0.5 - len(low) / 2) * cell).astype(np.float32)
    away = np.hypot(x, y)
    # Where the robot stands the ground is as the robot leans.
    normal = turn[:, 2]
    below = (-(normal[0] * x + normal[1] * y) / normal[2]).astype(np.float32)
    low = np.where(np.isfinite(low), np.minimum(low, below + 0.2 + STEEP * away), np.inf)
    low = np.where(away < 0.5, below, low)
    opened = _opened(low.astype(np.float32), 2 * int(WINDOW / cell / 2 + 1e-6) + 1)
    return np.where(np.isfinite(opened), opened, below)


def _opened(low: Grid, cells: int) -> Grid:
    """Return a surface without what is narrower than so many cells, however it slopes; -inf where unseen.

    A window that is mostly unseen says nothing: what is seen alone may be the top of something.
    """
    nothing: Any = None
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (cells, cells))
    edge: Any = cv2.BORDER_CONSTANT
    seen = cv2.blur(np.isfinite(low).astype(np.float32), (cells, cells), borderType=edge)
    eroded = cv2.erode(low, window, nothing, borderType=edge, borderValue=np.inf)
    eroded[(seen < SEEN) | ~np.isfinite(eroded)] = -np.inf
    opened = cv2.dilate(eroded, window, nothing, borderType=edge, borderValue=-np.inf)
    return np.asarray(opened, np.float32)
