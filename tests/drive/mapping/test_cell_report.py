"""Why a place costs what it costs."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.mapping.cell_report import explained
from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.perception.labels import Label

AWAY = np.array([22.0, 0.0])


def labelled(time: float) -> CostMap:
    """A map on which the net saw an obstacle 22 m ahead."""
    costmap = CostMap()
    costmap.near_age(time)  # the first time that it is told
    square = next(one for one in costmap.far.squares if one.cells_of(AWAY)[1])
    i, j = (slice(cell - 3, cell + 4) for cell in square.cells_of(AWAY)[0])
    square["labels"][Label.SUPER_OBSTACLE, i, j] = 0.9
    square["labels"][Label.GROUND, i, j] = 0.05
    square["seen"][i, j] = 0.0
    square["nearest"][i, j] = 21.7
    return costmap


def test_a_report_tells_labels_age_and_distance() -> None:
    told = explained(labelled(1000.0), *AWAY, 1003.0)
    assert max(told.labels, key=lambda name: told.labels[name]) == "super-obstacle"
    assert told.seen == pytest.approx(1000.0)
    assert told.nearest == pytest.approx(21.7)
    assert told.cost > 2
    assert str(told) == told.text
    assert "95 % super-obstacle 3.0 s ago, from 22 m" in told.text


def test_where_nobody_looked_it_says_so() -> None:
    told = explained(labelled(1000.0), -30.0, 0.0, 1003.0)
    assert told.text == "2.0 per metre: nobody saw it yet"
    assert told.seen is None
    assert told.nearest is None
    assert "beyond the rim" in explained(CostMap(), 500.0, 0.0).text


def test_it_tells_of_the_bumper_of_stereo_and_of_what_is_beside() -> None:
    costmap, thing = CostMap(), np.tile([4.1, 1.1, 0.5], (9, 1))
    costmap.bump(np.eye(4), 0.0)
    costmap.add_near(thing, np.ones(9, bool), 0.0)
    costmap.add_near([[4.1, 0.9, 0.0]], [False], 0.1)
    costmap.avoid((8.1, 0.1))
    assert explained(costmap, 0.45, 0.0, 0.2).text == "blocked: the bumper was hit here"
    assert explained(costmap, 4.1, 1.1, 0.3).text == "blocked: stereo saw an obstacle here 0.3 s ago"
    beside = explained(costmap, 4.1, 0.9, 0.1).text
    assert beside == (
        "blocked: stereo saw free ground here just now, but an obstacle is within the robot's radius"
    )
    assert explained(costmap, 4.1, 1.3, 0.1).text == "blocked: an obstacle is within the robot's radius"
    assert "the robot got stuck near here" in explained(costmap, 8.1, 0.1, 0.1).text


def test_without_a_time_it_is_as_of_when_costs_were_last_asked_for() -> None:
    costmap = CostMap()
    costmap.add_near(np.tile([4.1, 1.1, 0.5], (9, 1)), np.ones(9, bool), 0.0)
    costmap.costs(2.5)
    assert "2.5 s ago" in explained(costmap, 4.1, 1.1).text
