"""The ground around the robot as it is, which need not be flat (elevation map, ground by opening).

    surface, cells = surface_of(points, turn, reach)        # metres, in cells around the robot
    ground = mapper.refined(depth, ground)                  # heights are above that surface from then on

In every cell of a grid around the robot the lowest points, and of these what is left when everything that
rises out of its surroundings and is narrower than a window is taken away (a morphological opening). A
hillside passes unchanged, whatever its slope; a bush, a rock or a person does not.

Source: Zhang et al. 2003, "A progressive morphological filter" (ground by opening).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.perception.ground import Ground
from windowpane.drive.perception.stereo import Depth
from windowpane.drive.senses import Floats

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


@dataclass(frozen=True, slots=True, eq=False)
class ElevationMap(Ground):
    """Ground that is no plane: where stereo sees it, heights are above the ground that is there.

    Attributes
    ----------
    surface
        (side, side) float32, metres, of cells around the robot, level. Farther away the planes count.
    cell
        Their size, metres.
    T_level_camera
        (4, 4), from the camera to the frame of these cells.
    """

    surface: Grid = field(default_factory=lambda: np.zeros((1, 1), np.float32))
    cell: float = CELL
    T_level_camera: Floats = field(default_factory=lambda: np.eye(4))

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


@dataclass(frozen=True, slots=True, eq=False)
class ElevationMapper:
    """Makes an elevation map of the planes of a frame, by how the robot stands.

    Attributes
    ----------
    T_robot_camera, T_odom_robot
        (4, 4), where the camera is on the robot, and the robot's pose.
    reach
        Metres that stereo sees well enough.
    upright
        Whether the pose's roll and pitch were measured: then far ground is looked for level.
    """

    T_robot_camera: Floats
    T_odom_robot: Floats
    reach: float
    upright: bool = False

    def refined(self, depth: Depth, ground: Ground) -> Ground:
        """Return what stereo shows of the ground of a frame; without any, the ground as it was."""
        T_level_robot = self.T_odom_robot.copy()
        T_level_robot[:3, 3] = 0
        T_level_camera = T_level_robot @ self.T_robot_camera
        if self.upright:
            ground = ground.levelled(T_level_camera[2, :3])
        if not ground:
            return ground
        points = points_of(depth, T_level_camera, self.reach)
        points = points[np.hypot(points[:, 0], points[:, 1]) < self.reach]
        surface, _ = surface_of(points, self.T_odom_robot[:3, :3], self.reach)
        planes, cell = ground.planes, cell_of(self.reach)
        return ElevationMap(planes, ground.quality, ground.reason, surface, cell, T_level_camera)


def points_of(depth: Depth, T_robot_camera: Floats, reach: float) -> NDArray[np.float32]:
    """Return the points (N, 3) of a picture that are near enough, in the robot's frame."""
    good = depth.valid & (depth.points[..., 2] < reach)
    turn, shift = T_robot_camera[:3, :3].astype(np.float32), T_robot_camera[:3, 3].astype(np.float32)
    return np.asarray(depth.points[good] @ turn.T + shift, np.float32)


def cell_of(reach: float) -> float:
    """Return the metres of a cell of the grid for one who sees so far."""
    return CELL * reach / REACH


def surface_of(points: NDArray[np.float32], turn: Floats, reach: float) -> tuple[Grid, NDArray[np.intp]]:
    """Return the height of the ground in cells (side, side) around the robot, and the cell of each point."""
    cell = cell_of(reach)
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
