"""The robot's body among what is near: what it can do, and how much room it has at a pose.

    room = Surroundings(costmap, now).room(poses, Vehicle())

Source: three discs in a row cover a rectangle; Ziegler & Stiller 2010, "Fast collision checking for
intelligent vehicle motion planning".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.mapping.costmap import CostMap

Floats = NDArray[np.float64]


KEEP_OFF = 0.5  # metres more that are kept to what moves
AHEAD, ASIDE = 3.3, 1.2  # metres from the robot's middle: where what moves is about to be in the way


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What the robot can do. Metres, seconds, radians; it turns about its middle.

    length, width: of its footprint. fastest, acceleration, braking, turning: limits, all above 0. latency:
    from a picture until the wheels obey. margin: room that is kept to what is hard.
    """

    length: float = 0.7
    width: float = 0.5
    fastest: float = 1.2
    acceleration: float = 1.0
    braking: float = 1.0
    turning: float = 1.2
    latency: float = 0.2
    margin: float = 0.06

    def stopping_speed(self, room: float, delay: float) -> float:
        """Return the speed, m/s, from which it stops within metres of room, after a delay in seconds."""
        a, room = self.braking, max(room, 0.0)
        return float(a * (np.sqrt(delay * delay + 2 * room / a) - delay))


class Surroundings:
    """A window of the near map around the robot: how far each place is from the next obstacle."""

    def __init__(self, costmap: CostMap, now: float, reach: float = 4.0) -> None:
        grid, side = costmap.near.grid, int(reach / costmap.near.grid.cell)
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

    def room(self, poses: Floats, vehicle: Vehicle) -> Floats:
        """Return how much room is around the footprint at poses (..., 3) of the robot's frame, metres.

        Below 0 something is within the discs that cover the footprint.
        """
        offset = vehicle.length / 3
        radius = np.hypot(vehicle.length / 6, vehicle.width / 2)
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
