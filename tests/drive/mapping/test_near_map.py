"""The occupancy grid of what is near: who walked on, who stays, what the bumper felt."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.mapping.near_map import NearMap
from windowpane.drive.perception.near import LEAST

HERE = np.zeros(2)
PLACE = np.array([[3.1, 0.1]])


def seen(*frames: bool, first: float = 0.0) -> NearMap:
    """A map that saw one place, frame by frame: whether an obstacle was there, or else ground."""
    near = NearMap()
    for number, stands in enumerate(frames):
        add(near, stands, first + 0.1 * number)
    return near


def add(near: NearMap, stands: bool, time: float, late: bool = False) -> None:
    near.add(np.repeat(PLACE, 5, axis=0), np.full(5, stands), HERE, time, late=late)


def blocked(near: NearMap, now: float) -> bool:
    cells, _ = near.grid.cells_of(PLACE[0])
    return bool(near.blocked(now)[tuple(cells)])


def test_an_obstacle_blocks_at_once_and_ground_frees_after_some_frames() -> None:
    near = seen(True)
    assert blocked(near, 0.0)
    add(near, False, 0.1)
    assert blocked(near, 0.1)
    for number in range(2, 6):
        add(near, False, 0.1 * number)
    assert not blocked(near, 0.5)


@pytest.mark.parametrize("points", [LEAST - 1, LEAST])
def test_few_points_are_mistakes_of_the_matcher(points: int) -> None:
    near = NearMap()
    near.add(np.repeat(PLACE, points, axis=0), np.ones(points, bool), HERE, 0.0)
    assert blocked(near, 0.0) == (points >= LEAST)


@pytest.mark.parametrize(("frames", "stays"), [(6, False), (40, True)])
def test_who_walked_on_leaves_the_way_free_and_what_stood_does_not(frames: int, stays: bool) -> None:
    near = seen(*[False] * 5, *[True] * frames)
    end = 0.5 + 0.1 * frames
    assert blocked(near, end + 1.0)
    assert blocked(near, end + 4.0) == stays


def test_what_comes_late_does_not_overrule_what_was_seen_since() -> None:
    near = seen(*[False] * 5)
    add(near, True, 0.2, late=True)
    assert not blocked(near, 0.5)
    assert near.time == pytest.approx(0.4)
    add(near, True, 0.6, late=True)
    assert blocked(near, 0.6)


def test_what_the_bumper_felt_stereo_cannot_take_back() -> None:
    near = NearMap()
    near.bump(PLACE, 0.0)
    for number in range(20):
        add(near, False, 0.1 * number)
    assert blocked(near, 2.0)
    assert not blocked(near, 200.0)  # but time does


def test_where_it_got_stuck_a_metre_costs_more() -> None:
    near = NearMap()
    near.avoid(PLACE[0])
    assert near.grid.at("tried", PLACE[0]) > 0
    assert near.grid.at("tried", PLACE[0] + 2) == 0
