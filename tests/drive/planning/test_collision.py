"""The body among what is near: how much room it has, and what moves before it."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.planning.collision import CollisionChecker
from windowpane.drive.vehicle import Vehicle


def beside_a_wall(vehicle: Vehicle | None = None) -> CostMap:
    """A robot at (0, 0) that looks along x, with a wall a metre to its left."""
    costmap = CostMap(vehicle=vehicle)
    x, y = np.meshgrid(np.arange(-0.2, 0.2, 0.05), np.arange(1.0, 1.2, 0.05))
    costmap.add_near(np.column_stack([x.ravel(), y.ravel(), 0 * x.ravel()]), np.ones(x.size, bool), 0.0)
    return costmap


def room(costmap: CostMap, yaw: float) -> float:
    return float(CollisionChecker(costmap, 0.3).room(np.array([0, 0, yaw])))


def test_the_footprint_has_its_size_in_every_direction() -> None:
    costmap = beside_a_wall()
    ahead, across = room(costmap, 0.0), room(costmap, np.pi / 2)
    assert ahead == pytest.approx(1.0 - 0.25, abs=0.06)
    assert 0.45 < across < 0.65  # the discs reach a hand's breadth before the front


def test_the_footprint_is_the_vehicles() -> None:
    wide = beside_a_wall(Vehicle(width=1.2))
    assert room(wide, 0.0) == pytest.approx(1.0 - 0.6, abs=0.06)


def test_what_was_seen_is_known_and_what_was_not_is_not() -> None:
    costmap = CostMap()
    costmap.add_near([[1.0, 0.0, 0.0]], [False], 0.0)
    known = CollisionChecker(costmap, 0.3).known(np.array([[1.0, 0.0, 0.0], [1.0, 2.0, 0.0]]))
    assert known.tolist() == [True, False]


def test_who_came_into_the_way_moves_ahead() -> None:
    costmap, ground = CostMap(), np.array([[x, 0.0, 0.0] for x in np.arange(1.0, 3.0, 0.1)])
    for frame in range(4):
        costmap.add_near(ground, np.zeros(len(ground), bool), 0.1 * frame)
    assert not CollisionChecker(costmap, 0.3).moves_ahead()
    person = np.repeat(np.array([[2.1, 0.0, 0.0], [2.3, 0.0, 0.0]]), 4, axis=0)
    costmap.add_near(person, np.ones(len(person), bool), 0.4)
    assert CollisionChecker(costmap, 0.4).moves_ahead()
