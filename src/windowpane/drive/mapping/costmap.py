"""The map by which the robot drives (cost map): what stereo saw near and the net far, and a metre's cost.

    costs = CostMap()
    costs.move(T_odom_robot)
    costs.add_near(points, obstacle, time)                each fast frame
    costs.add_far(sight, rig, T_odom_robot, time)         each far frame
    costs.costs(time)                                     (angles, rings): 1 on free ground, inf on obstacles
    explained(costs, x, y)                                why, see `windowpane.drive.mapping.cell_report`

The map has the axes of ``odom`` and the robot in its middle. What is remembered lies in squares of cells that
are fixed to the ground (`windowpane.drive.mapping.rolling_grid`), so driving smears nothing; the cost map
proper, in hyperbolic-polar cells around the robot, is made of them when it is asked for. Near stereo
overrules labels, what is seen finely what is seen coarsely, and ground that nobody saw has its cost but can
be driven.

Source: Sermanet et al., IROS 2008; LeCun, NYU Deep Learning 2020, lecture 6.1 (the vehicle map).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.mapping.far_map import FarMap, Sighted
from windowpane.drive.mapping.inflation import CostGrid, Inflation
from windowpane.drive.mapping.near_map import NearMap
from windowpane.drive.mapping.polar import HyperbolicPolar
from windowpane.drive.vehicle import Vehicle
from windowpane.errors import taken

Floats = NDArray[np.float64]
Costs = NDArray[np.float32]


class CostMap:
    """What is known around the robot.

    Parameters
    ----------
    vehicle
        The robot that is to be driven: obstacles are as much larger as it needs room (`Vehicle.radius`).

    Attributes
    ----------
    polar
        The cells of the cost map.
    near, far
        What is remembered: by stereo, and by the net.
    T_odom_robot
        (4, 4), where the robot is.
    now
        Seconds: when costs were last asked for.
    """

    def __init__(
        self,
        *,
        vehicle: Vehicle | None = None,
        robot_radius: float | None = None,
    ) -> None:
        self.polar, self.vehicle = HyperbolicPolar(), vehicle or Vehicle()
        self.near, self.far = NearMap(cell=self.polar.cell), FarMap(cell=2 * self.polar.cell)
        self.T_odom_robot: Floats = np.eye(4)
        radius = taken("robot_radius", robot_radius, "vehicle", self.vehicle.radius)
        self._inflation = Inflation(self.polar, self.near, self.far, radius)
        self.now = 0.0
        self._start: float | None = None
        self._made: tuple[tuple[float, int, bytes], CostGrid] | None = None
        self._changes = 0

    def __repr__(self) -> str:
        x, y = self.robot
        return f"CostMap({self.polar.radius:g} m around ({x:.1f}, {y:.1f}), {self.nbytes / 2**20:.0f} MiB)"

    @property
    def nbytes(self) -> int:
        """Bytes of all that is remembered."""
        return self.near.grid.nbytes + sum(square.nbytes for square in self.far.squares)

    @property
    def robot(self) -> Floats:
        """The robot's place (2,) in odom, metres."""
        return self.T_odom_robot[:2, 3]

    # -- What comes in -------------------------------------------------------------------------------------

    def move(self, T_odom_robot: ArrayLike) -> None:
        """Go along with the robot to a pose (4, 4); a pose that is none is ignored."""
        T = np.array(T_odom_robot, np.float64)
        if T.shape != (4, 4) or not np.isfinite(T).all():
            return
        self.T_odom_robot = T
        for grid in (self.near.grid, *self.far.squares):
            grid.centre(self.robot)

    def add_near(self, points: ArrayLike, obstacle: ArrayLike, time: float, *, late: bool = False) -> None:
        """Take in points (N, 3) of odom that stereo sees, and which (N,) of them are of obstacles.

        The others are of the ground, and what is there is free. Points that are not finite are left out.

        Parameters
        ----------
        late
            They come from the far loop, and what was seen since then is known better.
        """
        xy, hard = np.asarray(points, np.float64).reshape(-1, 3)[:, :2], np.asarray(obstacle, np.bool_)
        known = np.isfinite(xy).all(axis=1)
        self.near.add(xy[known], hard.reshape(-1)[known], self.robot, self._clock(time), late=late)
        self._changes += 1

    def add_far(self, sight: Sighted, rig: StereoRig, T_odom_robot: ArrayLike, time: float) -> None:
        """Take in the labels of a frame that was taken at a pose (4, 4), now or some time ago."""
        self.far.add(sight, rig, np.asarray(T_odom_robot, np.float64), self._clock(time))
        self._changes += 1

    def bump(self, T_odom_robot: ArrayLike, time: float) -> None:
        """Take in that the bumper was hit at a pose: before the robot is something that nobody saw."""
        T, half = np.asarray(T_odom_robot, np.float64), self.vehicle.width / 2
        across = np.arange(-half, half + 1e-6, self.polar.cell / 2)
        places = T[:2, 3] + self.vehicle.front * T[:2, 0] + across[:, None] * T[:2, 1]
        self.near.bump(places, self._clock(time))
        self._changes += 1

    def avoid(self, place: ArrayLike) -> None:
        """Make it cost more to go near a place (2,) of odom, where the robot got stuck."""
        self.near.avoid(np.asarray(place, np.float64))
        self._changes += 1

    def blocked(self, now: float) -> NDArray[np.bool_]:
        """Return which cells of the near map must not be touched now."""
        return self.near.blocked(self._clock(now))

    def moving(self, now: float) -> NDArray[np.bool_]:
        """Return in which cells of the near map something came up not long ago that may move on."""
        return self.near.moving(self._clock(now))

    def bumped(self, now: float, places: Floats) -> NDArray[np.bool_]:
        """Return whether at places (N, 2) the bumper was hit not long ago."""
        cells, inside = self.near.grid.cells_of(places)
        i, j = cells.clip(0, self.near.grid.size - 1).T
        return np.asarray(inside & self.near.felt(self._clock(now))[i, j])

    def near_age(self, now: float) -> float:
        """Return how many seconds ago stereo last saw anything; inf if never."""
        return self._clock(now) - self.near.time

    def clear(self) -> None:
        """Forget everything, as when odometry begins anew."""
        for grid in (self.near.grid, *self.far.squares):
            grid.clear()
        self._changes += 1

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that is remembered, by name, as `restore` takes it; ready for ``np.savez``."""
        grids = {"near": self.near.grid, **{f"far{k}": one for k, one in enumerate(self.far.squares)}}
        state = {
            f"{name}.{layer}": grid[layer].copy() for name, grid in grids.items() for layer in grid.layers
        }
        corners = {f"{name}.corner": grid.corner.copy() for name, grid in grids.items()}
        start = np.nan if self._start is None else self._start
        times = np.array([start, self.near.time, self.now], np.float64)
        return {**state, **corners, "pose": self.T_odom_robot.copy(), "times": times}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on with what `state` returned; raises KeyError or ValueError for what is none of such a map."""
        grids = {"near": self.near.grid, **{f"far{k}": one for k, one in enumerate(self.far.squares)}}
        for name, grid in grids.items():
            for layer, values in grid.layers.items():
                values[...] = state[f"{name}.{layer}"]
            grid.corner = np.array(state[f"{name}.corner"], np.int64)
        self.T_odom_robot = np.array(state["pose"], np.float64)
        start, self.near.time, self.now = map(float, state["times"])
        self._start = None if np.isnan(start) else start
        self._changes += 1

    def absolute_time(self, time: float) -> float:
        """Return the seconds that were told for a time as the layers have it."""
        return time + (self._start or 0.0)

    def _clock(self, time: float) -> float:
        """Return seconds since the first time that was told: small numbers, which float32 can hold."""
        if self._start is None:
            self._start = float(time)
        return float(time) - self._start

    # -- What it costs -------------------------------------------------------------------------------------

    def costs(self, now: float) -> Costs:
        """Return what a metre costs in each cell of `polar`, (angles, rings) float32; inf where blocked.

        The axes are those of odom, so angle 0 is its x, and the middle is where the robot is.
        """
        return self.view(now).cost

    def view(self, now: float) -> CostGrid:
        """Return the costs, what of them is known, and where: what `costs` is a part of."""
        self.now, now = now, self._clock(now)
        key = now, self._changes, self.T_odom_robot.tobytes()
        if self._made is None or self._made[0] != key:
            self._made = key, self._inflation.costs(self.robot, now)
        return self._made[1]
