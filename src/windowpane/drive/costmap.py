"""The map by which the robot drives: what stereo saw near and the net far, and what a metre costs there.

    costs = CostMap()
    costs.move(T_odom_robot)
    costs.add_near(points, obstacle, time)                each fast frame
    costs.add_far(sight, rig, T_odom_robot, time)         each far frame
    costs.costs(time)                                     (angles, rings): 1 on free ground, inf on obstacles
    costs.explain(x, y)                                   why

The map has the axes of ``odom`` and the robot in its middle. What is remembered lies in squares of cells that
are fixed to the ground (`windowpane.drive.scroll`), so driving smears nothing; the cost map proper, in
hyperbolic-polar cells around the robot, is made of them when it is asked for. Near stereo overrules labels,
what is seen finely what is seen coarsely, and ground that nobody saw has a price but can be driven.

Source: Sermanet et al., IROS 2008; LeCun, NYU Deep Learning 2020, lecture 6.1 (the vehicle map).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.camera import StereoRig
from windowpane.drive.far_map import FarMap, Sighted
from windowpane.drive.labels import NAMES
from windowpane.drive.near_map import NearMap
from windowpane.drive.polar import HyperbolicPolar

Floats = NDArray[np.float64]
Costs = NDArray[np.float32]

PRICES = np.array([1.0, 1.3, 7.0, 12.0, 16.0], np.float32)
"""What a metre costs where the net sees nothing but each label."""
UNSEEN = 2.0
"""What a metre costs where nothing is known."""
DOUBT = 0.15  # the weight of that, beside the labels' weights
TIGHT = 4.0  # what a metre costs more right beside an obstacle
CLEAR = 0.6  # metres from which an obstacle beside the way does not matter


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a place costs what it costs.

    cost: per metre; inf where it is blocked. labels: weight of each label by name. seen: time of the last
    look in seconds, by stereo or by the net, None = never. nearest: metres, the shortest distance from which the
    net saw it, None = never. text: all of that in a sentence.
    """

    cost: float
    labels: dict[str, float]
    seen: float | None
    nearest: float | None
    text: str

    def __str__(self) -> str:
        return self.text


class CostMap:
    """What is known around the robot.

    Parameters
    ----------
    polar:
        The cells of the cost map.
    robot_radius:
        Metres from the robot's middle that must be free of obstacles: half its width and some room.
    """

    def __init__(self, polar: HyperbolicPolar | None = None, *, robot_radius: float = 0.4) -> None:
        self.polar, self.robot_radius = polar or HyperbolicPolar(), robot_radius
        self.near, self.far = NearMap(cell=self.polar.cell), FarMap(cell=2 * self.polar.cell)
        self.T_odom_robot: Floats = np.eye(4)
        self._start: float | None = None
        self._made: tuple[tuple[float, int, bytes], View] | None = None
        self._changes = 0

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

    def add_near(self, points: ArrayLike, obstacle: ArrayLike, time: float) -> None:
        """Take in points (N, 3) of odom that stereo sees, and which (N,) of them are of obstacles.

        The others are of the ground, and what is there is free. Points that are not finite are left out.
        """
        xy, hard = np.asarray(points, np.float64).reshape(-1, 3)[:, :2], np.asarray(obstacle, np.bool_)
        known = np.isfinite(xy).all(axis=1)
        self.near.add(xy[known], hard.reshape(-1)[known], self.robot, self._clock(time))
        self._changes += 1

    def add_far(self, sight: Sighted, rig: StereoRig, T_odom_robot: ArrayLike, time: float) -> None:
        """Take in the labels of a frame that was taken at a pose (4, 4), now or some time ago."""
        self.far.add(sight, rig, np.asarray(T_odom_robot, np.float64), self._clock(time))
        self._changes += 1

    def bump(self, T_odom_robot: ArrayLike, time: float, *, ahead: float = 0.45, width: float = 0.5) -> None:
        """Take in that the bumper was hit at a pose: something is there, metres ahead, that nobody saw."""
        T = np.asarray(T_odom_robot, np.float64)
        across = np.arange(-width / 2, width / 2 + 1e-6, self.polar.cell / 2)
        places = T[:2, 3] + ahead * T[:2, 0] + across[:, None] * T[:2, 1]
        self.near.bump(places, self._clock(time))
        self._changes += 1

    def avoid(self, place: ArrayLike, radius: float = 1.0, price: float = 5.0) -> None:
        """Make it dearer to go within metres of a place (2,) of odom, where the robot got stuck."""
        self.near.avoid(np.asarray(place, np.float64), radius, price)
        self._changes += 1

    def blocked(self, now: float) -> NDArray[np.bool_]:
        """Return which cells of the near map must not be touched now."""
        return self.near.blocked(self._clock(now))

    def near_age(self, now: float) -> float:
        """Return how many seconds ago stereo last saw anything; inf if never."""
        return self._clock(now) - self.near.time

    def clear(self) -> None:
        """Forget everything, as when odometry begins anew."""
        for grid in (self.near.grid, *self.far.squares):
            grid.clear()
        self._changes += 1

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

    def view(self, now: float) -> View:
        """Return the costs, what of them is known, and where: what `costs` is a part of."""
        now = self._clock(now)
        key = now, self._changes, self.T_odom_robot.tobytes()
        if self._made is None or self._made[0] != key:
            self._made = key, self._view(now)
        return self._made[1]

    def _view(self, now: float) -> View:
        places = (self.polar.places + self.robot).astype(np.float32)
        cost, known = self._far_costs(places)
        lethal, free, extra = self._near_costs(places, now)
        cost = cost * (1 - free) + free + extra
        cost = _smoothed(cost)
        blocked = lethal > LETHAL_SHARE
        cost += lethal * PRICES[-1]
        cost[blocked] = np.inf
        return View(cost, known | (free > 0) | blocked, self.robot.copy())

    def _far_costs(self, places: Costs) -> tuple[Costs, NDArray[np.bool_]]:
        """Return the price (angles, rings) by the net's labels and whether there are any."""
        cost, known = np.full(self.polar.shape, UNSEEN, np.float32), np.zeros(self.polar.shape, np.bool_)
        finest = self.far.squares[0]
        cells = np.floor(places * np.float32(1 / finest.cell)).astype(np.int32)
        for level in range(len(self.far.squares) - 1, -1, -1):
            square = self.far.squares[level]
            price, seen = prices(square["labels"])
            rings = int(np.searchsorted(self.polar.edges, (square.size // 2 - 1) * square.cell))
            i, j = np.moveaxis((cells[:, :rings] >> level) - square.corner.astype(np.int32), -1, 0)
            flat = (i * square.size + j).clip(0, square.size**2 - 1)
            here = seen.ravel()[flat]
            np.copyto(cost[:, :rings], price.ravel()[flat], where=here)
            known[:, :rings] |= here
        return cost, known

    def _near_costs(self, places: Costs, now: float) -> tuple[Costs, Costs, Costs]:
        """Return, (angles, rings) each: the shares that are lethal and that are free, and what is added."""
        grid = self.near.grid
        blocked = self.near.blocked(now).view(np.uint8) * np.uint8(255)
        lethal = cv2.dilate(blocked, disc(self.robot_radius / grid.cell))
        close = cv2.blur(cv2.dilate(blocked, disc(CLEAR / grid.cell)), (5, 5))
        extra = close * np.float32(TIGHT / 255) + grid["tried"]
        free = self.near.free().view(np.uint8) * np.uint8(255)
        planes = cv2.merge([lethal, free, np.minimum(extra * 10, 255).astype(np.uint8)])
        size = np.sqrt(np.diff(self.polar.edges) * self.polar.widths)
        levels = np.clip(np.round(np.log2(size / grid.cell)), 0, 4).astype(int)
        cells = np.floor(places * np.float32(1 / grid.cell)).astype(np.int32) - grid.corner.astype(np.int32)
        result = np.zeros((*self.polar.shape, 3), np.uint8)
        for level in range(levels.max() + 1):
            side = grid.size >> level
            pooled = planes if not level else cv2.resize(planes, (side, side), interpolation=cv2.INTER_AREA)
            rings = slice(*np.searchsorted(levels, [level, level + 1]))
            part = cells[:, rings] >> level
            inside = ((part >= 0) & (part < side)).all(axis=-1)
            i, j = np.moveaxis(part.clip(0, side - 1), -1, 0)
            result[:, rings] = pooled[i, j] * inside[..., None]
        shares = result.astype(np.float32) * np.array([1 / 255, 1 / 255, 0.1], np.float32)
        return shares[..., 0], shares[..., 1], shares[..., 2]

    def explain(self, x: float, y: float) -> Explanation:
        """Return why a place of odom costs what it costs."""
        place = np.array([x, y])
        angle, ring, _ = self.polar.cells_of(place - self.robot)
        cost = UNSEEN if self._made is None else float(self._made[1].cost[angle, ring])
        labels, seen, nearest = dict.fromkeys(NAMES, 0.0), None, None
        for square in self.far.squares:
            weights = square.at("labels", place)
            if weights.sum() > 0.02:
                labels = dict(zip(NAMES, weights.tolist(), strict=True))
                seen, nearest = float(square.at("seen", place)), float(square.at("nearest", place))
                break
        return Explanation(cost, labels, seen, nearest, f"it costs {cost:.1f} per metre")

    def picture(self, size: int = 420, route: ArrayLike | None = None) -> NDArray[np.uint8]:
        """Draw the map, (size, size, 3) uint8 RGB."""
        return np.zeros((size, size, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The cost map proper at a moment.

    cost: (angles, rings) float32, per metre; inf where it is blocked. known: (angles, rings) bool, whether
    anything was seen there. origin: (2,), the middle in odom, metres.
    """

    cost: Costs
    known: NDArray[np.bool_]
    origin: Floats


LETHAL_SHARE = 0.4  # of a cell, that makes it blocked


def prices(labels: Costs) -> tuple[Costs, NDArray[np.bool_]]:
    """Return what a metre costs by histograms of labels (5, ...), and whether there are any, (...)."""
    total = labels.sum(axis=0)
    cost = (np.tensordot(PRICES, labels, 1) + UNSEEN * DOUBT) / (total + DOUBT)
    return np.asarray(cost, np.float32), total > 0.02


def disc(radius: float) -> NDArray[np.uint8]:
    """Return a disc of cells, for dilating by a radius in cells."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(np.hypot(x, y) <= radius + 0.3).astype(np.uint8)


def _smoothed(cost: Costs) -> Costs:
    """Return costs (angles, rings) smoothed over neighbours, all the way around."""
    around = np.concatenate([cost[-2:], cost, cost[:2]])
    return np.asarray(cv2.blur(around, (3, 3))[2:-2], np.float32)
