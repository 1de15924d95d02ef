"""How much room the robot's body has at a pose (collision checking in a distance field).

    room = CollisionChecker(costmap, now).room(poses)

Source: three discs in a row cover a rectangle; Ziegler & Stiller 2010, "Fast collision checking for
intelligent vehicle motion planning".
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.mapping.costmap import CostMap

Floats = NDArray[np.float64]

REACH = 4.0  # metres around the robot: arcs are shorter
KEEP_OFF = 0.5  # metres more that are kept to what moves
AHEAD, ASIDE = 3.3, 1.2  # metres from the robot's middle: where what moves is about to be in the way


class CollisionChecker:
    """A window of the near map around the robot: how far each place is from the next obstacle.

    Parameters
    ----------
    costmap
        With the robot in its middle; its vehicle is the body that is checked.
    now
        Seconds.
    """

    def __init__(self, costmap: CostMap, now: float) -> None:
        self.vehicle = costmap.vehicle
        grid, side = costmap.near.grid, int(REACH / costmap.near.grid.cell)
        i, j = grid.cells_of(costmap.robot)[0].tolist()
        low = max(0, i - side), max(0, j - side)
        part = slice(low[0], i + side + 1), slice(low[1], j + side + 1)
        free = np.where(costmap.blocked(now)[part], 0, 1).astype(np.uint8)
        far = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        self._clearance: NDArray[Any] = (far - 0.5) * np.float32(grid.cell)
        moving = costmap.moving(now)[part]
        self._moving = np.argwhere(moving)
        if len(self._moving):
            far = cv2.distanceTransform(1 - moving.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            self._clearance = np.minimum(self._clearance, (far - 0.5) * np.float32(grid.cell) - KEEP_OFF)
        self._known: NDArray[Any] = grid["odds"][part] != 0
        self._cell, self._corner = grid.cell, (grid.corner + np.array(low)) * grid.cell
        self._T_odom_robot = costmap.T_odom_robot

    def room(self, poses: Floats) -> Floats:
        """Return how much room is around the footprint at poses (..., 3) of the robot's frame, metres.

        Below 0 something is within the discs that cover the footprint.
        """
        offset = self.vehicle.length / 3
        radius = np.hypot(self.vehicle.length / 6, self.vehicle.width / 2)
        ahead = np.stack([np.cos(poses[..., 2]), np.sin(poses[..., 2])], axis=-1)
        discs = poses[..., None, :2] + np.array([-offset, 0, offset])[:, None] * ahead[..., None, :]
        cells = self._cells(discs) - 0.5
        x, y = (np.ascontiguousarray(cells[..., k].reshape(-1, 1), np.float32) for k in (0, 1))
        clear = cv2.remap(self._clearance, y, x, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(clear.reshape(discs.shape[:-1]).min(axis=-1) - radius, np.float64)

    def known(self, poses: Floats) -> NDArray[np.bool_]:
        """Return whether stereo saw the ground at poses (..., 3)."""
        i, j = np.moveaxis(self._cells(poses[..., :2]).astype(np.intp), -1, 0)
        return np.asarray(self._known[i.clip(0, len(self._known) - 1), j.clip(0, self._known.shape[1] - 1)])

    def moves_ahead(self) -> bool:
        """Return whether something moves in front of the robot, or beside what is in front of it."""
        off = (self._moving + 0.5) * self._cell + self._corner - self._T_odom_robot[:2, 3]
        x, y = (off @ self._T_odom_robot[:2, :2]).T
        return int(((x > 0) & (x < AHEAD) & (np.abs(y) < ASIDE)).sum()) >= 2

    def _cells(self, places: Floats) -> Floats:
        """Return where places (..., 2) of the robot's frame are in the window, in cells, not rounded."""
        R, shift = self._T_odom_robot[:2, :2], self._T_odom_robot[:2, 3]
        return np.asarray((places @ R.T + shift - self._corner) / self._cell)
