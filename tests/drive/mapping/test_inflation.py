"""What a metre costs: by labels, and beside what stands."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.mapping.far_map import FarMap
from windowpane.drive.mapping.inflation import COSTS, UNSEEN, CostGrid, Inflation, disc, of_labels
from windowpane.drive.mapping.near_map import NearMap
from windowpane.drive.mapping.polar import HyperbolicPolar
from windowpane.drive.perception.labels import Label

POLAR = HyperbolicPolar()


def around_a_post(radius: float) -> CostGrid:
    """Costs around a post 4 m ahead."""
    near = NearMap()
    near.add(np.tile([4.1, 0.1], (9, 1)), np.ones(9, bool), np.zeros(2), 0.0)
    return Inflation(POLAR, near, FarMap(), radius).costs(np.zeros(2), 0.0)


def test_what_nobody_saw_has_its_cost_and_is_not_known() -> None:
    grid = Inflation(POLAR, NearMap(), FarMap(), 0.4).costs(np.zeros(2), 0.0)
    assert (grid.cost == UNSEEN).all()
    assert not grid.known.any()


@pytest.mark.parametrize("radius", [0.4, 1.0])
def test_an_obstacle_blocks_as_far_around_as_the_robot_needs(radius: float) -> None:
    grid = around_a_post(radius)
    blocked = POLAR.places[np.isinf(grid.cost)]
    reach = np.abs(blocked - [4.1, 0.1]).max()
    assert radius - 0.1 < reach < radius + 0.35


def test_right_beside_an_obstacle_it_costs_more() -> None:
    grid = around_a_post(0.4)
    costs = []
    for y in (0.8, 3.0):
        angle, ring, _ = POLAR.cells_of(np.array([4.1, y]))
        costs.append(float(grid.cost[angle, ring]))
    assert UNSEEN == costs[1] < costs[0] < np.inf


def test_costs_are_around_where_the_robot_is() -> None:
    near = NearMap()
    near.add(np.tile([4.1, 0.1], (9, 1)), np.ones(9, bool), np.zeros(2), 0.0)
    grid = Inflation(POLAR, near, FarMap(), 0.4).costs(np.array([2.0, 0.0]), 0.0)
    blocked = POLAR.places[np.isinf(grid.cost)] + grid.origin
    np.testing.assert_allclose(blocked.mean(axis=0), [4.1, 0.1], atol=0.15)


@pytest.mark.parametrize("label", list(Label))
def test_a_place_of_one_label_costs_what_that_label_does(label: Label) -> None:
    labels = np.zeros((5, 1, 1), np.float32)
    labels[label] = 100.0
    cost, seen = of_labels(labels)[0, 0]
    assert cost == pytest.approx(float(COSTS[label]), rel=0.02)
    assert seen == 1


def test_the_less_was_seen_the_more_it_costs_what_unseen_ground_does() -> None:
    labels = np.zeros((5, 1, 3), np.float32)
    labels[Label.SUPER_OBSTACLE] = [[0.0, 0.1, 1.0]]
    looked = of_labels(labels)[0]
    assert looked[0].tolist() == [UNSEEN, 0]
    assert UNSEEN < looked[1, 0] < looked[2, 0] < COSTS[-1]


def test_a_disc_is_as_large_as_its_radius() -> None:
    assert disc(2.0).sum() == 13 + 8
    assert disc(0.5).shape == (3, 3)
