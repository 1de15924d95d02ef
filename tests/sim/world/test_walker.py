"""A person steps out when the robot is near, walks on, and waits before a robot that stands."""

from __future__ import annotations

import pytest

from windowpane.sim.robot.vehicle import Pose
from windowpane.sim.world.walker import STEP_OUT, Walk, Walker

WALK = Walk((10.0, 2.0), (10.0, -6.0))


def test_it_steps_out_when_the_robots_front_is_two_and_a_half_metres_away() -> None:
    walker = Walker(WALK)
    walker.go_on(Pose(10 - STEP_OUT - 0.36, 0, 0), 1.0, 1.0, 0.1)
    assert walker.place == (10, 2)
    walker.go_on(Pose(10 - STEP_OUT - 0.34, 0, 0), 1.0, 1.0, 0.1)
    assert walker.place == (10, pytest.approx(2 - 0.12))


def test_it_walks_to_the_end_and_stands_there() -> None:
    walker = Walker(WALK)
    for _ in range(100):
        walker.go_on(Pose(8, 0, 0), 1.0, 1.0, 0.1)
    assert walker.place == (10, -6)
    assert walker.touches(Pose(10.1, -6, 0))
    assert not walker.touches(Pose(11, -6, 0))


def test_it_does_not_walk_into_a_robot_that_stands() -> None:
    walker, pose = Walker(WALK), Pose(10, 0, 0)
    for _ in range(100):
        walker.go_on(pose, 0.0, 0.0, 0.02)
        assert not walker.touches(pose)
    assert walker.place is not None
    assert walker.place[1] < 1  # it came up to it


@pytest.mark.parametrize(("after", "seconds"), [(0.0, 0.0), (0.14, 0.14), (9.0, None)])
def test_the_reaction_is_from_stepping_before_the_robot_to_being_told_to_slow(
    after: float, seconds: float | None
) -> None:
    walker, x, before = Walker(WALK), 7.2, None
    for tick in range(150):
        seen = walker.place is not None and walker.place[1] < 0.5
        before = tick * 0.02 if seen and before is None else before
        told = 1.0 if before is None or tick * 0.02 - before < after else 0.0
        walker.go_on(Pose(x, 0, 0), 1.0, told, 0.02)
        x += 0.001
    assert walker.reaction == (None if seconds is None else pytest.approx(seconds, abs=0.041))


def test_who_was_slowed_by_its_first_step_has_reacted_when_it_comes_into_the_way() -> None:
    walker = Walker(WALK)
    for tick in range(150):
        walker.go_on(Pose(7.2, 0, 0), 1.0, 1.0 if tick < 10 else 0.25, 0.02)
    assert walker.reaction == 0


@pytest.mark.parametrize(("seconds", "reaction"), [(0.5, 0), (2.0, None)])
def test_who_was_slowed_by_the_person_that_stood_there_has_reacted(
    seconds: float, reaction: float | None
) -> None:
    """Just before its first step, that is: what was slow for longer has other reasons."""
    walker = Walker(WALK)
    for told in [1.0] * 100 + [0.25] * round(seconds / 0.02):
        walker.go_on(Pose(6, 0, 0), 1.0, told, 0.02)
    assert walker.time == 0
    for _ in range(150):
        walker.go_on(Pose(7.2, 0, 0), 0.25, 0.25, 0.02)
    assert walker.reaction == reaction


def test_who_was_slow_all_the_time_has_not_reacted_by_that() -> None:
    walker = Walker(WALK)
    for _ in range(150):
        walker.go_on(Pose(7.2, 0, 0), 0.4, 0.4, 0.02)
    assert walker.reaction is None


def test_without_a_person_nothing_happens() -> None:
    walker = Walker(None)
    walker.go_on(Pose(0, 0, 0), 1.0, 1.0, 1.0)
    assert walker.place is None
    assert walker.time == 0
    assert not walker.touches(Pose(0, 0, 0))
