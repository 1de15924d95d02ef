"""From what is remembered to what a metre costs around the robot (traversal cost, inflation of obstacles).

    grid = Inflation(polar, near, far, radius=0.4).costs(robot, now)
    grid.cost                       (angles, rings): 1 on free ground, inf where it is blocked

The labels have their costs, by how much of each was seen; ground that nobody saw has one too. What stereo saw
near goes above that: it is free, or blocked with as much room around it as the robot needs (inflation), and
right beside that it costs more. At last costs are smoothed over neighbours.

Source: Sermanet et al., IROS 2008, "Mapping and planning under uncertainty in mobile robots with long-range
perception", section IV.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.mapping.far_map import LEAST, FarMap
from windowpane.drive.mapping.near_map import NearMap
from windowpane.drive.mapping.polar import HyperbolicPolar

Floats = NDArray[np.float64]
Costs = NDArray[np.float32]
Bytes = NDArray[np.uint8]

COSTS = np.array([1.0, 1.3, 7.0, 12.0, 16.0], np.float32)
"""What a metre costs where the net sees nothing but each label."""
UNSEEN = 2.0
"""What a metre costs where nothing is known."""
DOUBT = 0.15  # the weight of that, beside the labels' weights
TIGHT = 4.0  # what a metre costs more right beside an obstacle
CLEAR = 0.6  # metres from which an obstacle beside the way does not matter
FREE_SHARE, LETHAL_SHARE = 128, 102  # of 255 parts of a cell, that make it free, or blocked


@dataclass(frozen=True, slots=True, eq=False)
class CostGrid:
    """The cost map proper at a moment.

    Attributes
    ----------
    cost
        (angles, rings) float32, per metre; inf where it is blocked.
    known
        (angles, rings) bool, whether anything was seen there.
    origin
        (2,), the middle in odom, metres.
    """

    cost: Costs
    known: NDArray[np.bool_]
    origin: Floats


class Inflation:
    """Makes the costs of both maps in the cells of ``polar``.

    Parameters
    ----------
    polar, near, far
        The cells, and what is remembered.
    radius
        Metres by which obstacles are inflated, see `Vehicle.radius`.
    """

    def __init__(self, polar: HyperbolicPolar, near: NearMap, far: FarMap, radius: float) -> None:
        self.polar, self.near, self.far, self.radius = polar, near, far, radius
        self.robot = np.zeros(2)
        size = np.sqrt(np.diff(self.polar.edges) * self.polar.widths)
        # How often the near map is halved for cells as large as those of each ring.
        self._levels = np.clip(np.round(np.log2(size / self.polar.cell)), 0, 4).astype(np.intp)

    def costs(self, robot: Floats, now: float) -> CostGrid:
        """Return what a metre costs around a robot (2,) in odom, at a time as the maps have it."""
        self.robot = robot.copy()
        cost, known = self._far_costs()
        lethal, free, extra = self._near_costs(now)
        is_free, blocked = free > FREE_SHARE, lethal > LETHAL_SHARE
        cost[is_free] = 1.0
        cost += extra * np.float32(0.1)
        cost += lethal * np.float32(COSTS[-1] / 255)
        cost = _smoothed(cost)
        cost[blocked] = np.inf
        return CostGrid(cost, known | is_free | blocked, self.robot)

    def _far_costs(self) -> tuple[Costs, NDArray[np.bool_]]:
        """Return the costs (angles, rings) by the net's labels and whether there are any."""
        cost, known = np.full(self.polar.shape, UNSEEN, np.float32), np.zeros(self.polar.shape, np.bool_)
        for square in reversed(self.far.squares):  # the finer on top
            rings = int(np.searchsorted(self.polar.edges, (square.size // 2 - 1) * square.cell))
            planes = of_labels(square["labels"])
            looked = self._looked_up(planes, square.corner * square.cell, square.cell, 0, rings)
            seen = looked[..., 1] > 0
            np.copyto(cost[:, :rings], looked[..., 0], where=seen)
            known[:, :rings] |= seen
        return cost, known

    def _near_costs(self, now: float) -> tuple[Bytes, Bytes, Bytes]:
        """Return, (angles, rings) uint8 each: the shares, of 255, that are lethal and that are free, and what
        is added to the cost, in tenths."""
        grid = self.near.grid
        # The arcs keep off whoever walks into the way; the way itself waits for them to walk on.
        stands = self.near.blocked(now) & ~self.near.passing(now)
        blocked = stands.view(np.uint8) * np.uint8(255)
        lethal = cv2.dilate(blocked, disc(self.radius / grid.cell))
        close = cv2.blur(cv2.dilate(blocked, disc(CLEAR / grid.cell)), (5, 5))
        free = self.near.free().view(np.uint8) * np.uint8(255)
        planes: NDArray[Any] = np.asarray(cv2.merge([lethal, free, _added(close, grid["tried"])]))
        looked = []
        for level in range(self._levels[-1] + 1):
            if level:
                side = grid.size >> level
                planes = cv2.resize(planes, (side, side), interpolation=cv2.INTER_AREA)
            first, end = np.searchsorted(self._levels, [level, level + 1]).tolist()
            cell = grid.cell * 2**level
            looked.append(self._looked_up(planes, grid.corner * grid.cell, cell, first, end))
        shares: tuple[Any, ...] = tuple(cv2.split(np.concatenate(looked, axis=1)))
        return shares[0], shares[1], shares[2]

    def _looked_up(
        self, layer: NDArray[Any], corner: NDArray[Any], cell: float, first: int, end: int
    ) -> NDArray[Any]:
        """Return what a square's layer (n, n, values) has at the cells of some rings; 0 outside of it."""
        shift = (self.robot - corner) / cell - 0.5
        x, y = (
            places + np.float32(off)
            for places, off in zip(_in_cells(self.polar, first, end, cell), shift, strict=True)
        )
        return np.asarray(cv2.remap(layer, y, x, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT))


def of_labels(labels: Costs) -> Costs:
    """Return what a metre costs by histograms of labels (5, n, m), and 1 where there are any: (n, m, 2)."""
    flat = labels.reshape(len(labels), -1)
    total = np.ones(len(labels), np.float32) @ flat
    cost = (COSTS @ flat + np.float32(UNSEEN * DOUBT)) / (total + np.float32(DOUBT))
    return np.stack([cost, total > LEAST], axis=-1).astype(np.float32).reshape(*labels.shape[1:], 2)


def disc(radius: float) -> NDArray[np.uint8]:
    """Return a disc of cells, for dilating by a radius in cells."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(np.hypot(x, y) <= radius + 0.3).astype(np.uint8)


def _added(close: NDArray[Any], tried: Costs) -> NDArray[np.uint8]:
    """Return what is added to a cost, in tenths: beside obstacles, and where the robot got stuck."""
    beside = cv2.convertScaleAbs(close, alpha=10 * TIGHT / 255)
    return np.asarray(cv2.add(beside, cv2.convertScaleAbs(tried, alpha=10)), np.uint8)


@cache
def _in_cells(polar: HyperbolicPolar, first: int, end: int, cell: float) -> tuple[Costs, Costs]:
    """Return x and y of the middles of some rings' cells, in cells of a square: (angles, rings) each."""
    places = polar.places[:, first:end] / cell
    x, y = (np.ascontiguousarray(places[..., k], np.float32) for k in (0, 1))
    return x, y


def _smoothed(cost: Costs) -> Costs:
    """Return costs (angles, rings) smoothed over neighbours, all the way around."""
    around = np.concatenate([cost[-2:], cost, cost[:2]])
    return np.asarray(cv2.blur(around, (3, 3))[2:-2], np.float32)
