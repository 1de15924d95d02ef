"""The fast layer: which way, how fast, and when not at all."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.planning.controller import Command, Pilot, Vehicle, choose
from windowpane.drive.planning.footprint import Surroundings
from windowpane.drive.planning.planner import Field, plan


def area(x0: float, y0: float, x1: float, y1: float, step: float = 0.05) -> np.ndarray:
    x, y = np.meshgrid(np.arange(x0, x1, step), np.arange(y0, y1, step))
    return np.column_stack([x.ravel(), y.ravel(), 0 * x.ravel()])


def pose(x: float, y: float, yaw: float) -> np.ndarray:
    T = np.eye(4)
    T[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    T[:2, 3] = x, y
    return T


def around(*walls: tuple[float, float, float, float], yaw: float = 0.0) -> CostMap:
    """What has been seen of free ground all around a robot, but for walls (x0, y0, x1, y1)."""
    costmap = CostMap()
    costmap.move(pose(0, 0, yaw))
    for wall in walls:
        costmap.add_near(area(*wall), np.ones(len(area(*wall)), bool), 0.0)
    ground = area(-8, -8, 8, 8, 0.1)
    for x0, y0, x1, y1 in walls:
        x, y = ground[:, 0], ground[:, 1]
        ground = ground[(x < x0 - 0.2) | (x > x1 + 0.2) | (y < y0 - 0.2) | (y > y1 + 0.2)]
    for frame in range(4):
        costmap.add_near(ground, np.zeros(len(ground), bool), 0.1 * frame)
    return costmap


def field_to(costmap: CostMap, goal: tuple[float, float]) -> Field:
    return plan(costmap, goal, 0.3).field


def test_over_free_ground_it_drives_fast_and_straight_to_the_goal() -> None:
    costmap = around()
    command = choose(costmap, field_to(costmap, (7, 0)), now=0.3)
    assert command.speed == pytest.approx(1.2)
    assert abs(command.turn) < 0.2
    assert command.arcs.shape[0] == len(command.rooms)


@pytest.mark.parametrize("side", [1, -1])
def test_it_bends_to_where_the_way_goes(side: int) -> None:
    costmap = around()
    command = choose(costmap, field_to(costmap, (5, 3 * side)), now=0.3)
    assert command.speed > 0.5
    assert command.turn * side > 0.2


def test_the_goal_behind_it_turns_on_the_spot_and_does_not_dither() -> None:
    costmap, pilot = around(), Pilot()
    field = field_to(costmap, (-7, 0.0))
    turns = []
    for frame in range(20):
        costmap.move(pose(0, 0, 0.1 * sum(turns)))
        costmap.add_near(area(-8, -8, 8, 8, 0.4), np.zeros(40 * 40, bool), 0.4 + 0.1 * frame)
        command = pilot.choose(costmap, field, 0.4 + 0.1 * frame)
        turns.append(command.turn)
        assert command.speed == 0
    assert min(turns) > 0.5 or max(turns) < -0.5


def test_it_takes_no_arc_that_its_sides_would_not_survive() -> None:
    costmap = around((1.5, -0.6, 1.8, 8))  # a wall ahead and to the left, whose end is to the right
    command = choose(costmap, field_to(costmap, (7, 0)), now=0.3)
    assert command.turn < 0
    chosen = command.arcs[command.chosen][: round(command.rooms[command.chosen] / 0.1)]
    clear = np.hypot(chosen[:, 0] - 1.5, chosen[:, 1] + 0.6)
    assert clear.min() > 0.25


def test_before_a_wall_it_can_stop() -> None:
    vehicle = Vehicle()
    for x in (0.8, 1.2, 1.8):
        costmap = around((x, -8, x + 0.3, 8))
        command = choose(costmap, field_to(costmap, (7, 0)), now=0.3)
        driven = command.speed * vehicle.latency + command.speed**2 / (2 * vehicle.braking)
        assert driven < x - vehicle.length / 2


def test_the_longer_nothing_was_seen_the_slower_it_is_until_it_stands() -> None:
    costmap = around()
    field = field_to(costmap, (1, 0))
    speeds = [choose(costmap, field, now=0.3 + age).speed for age in (0.0, 0.4, 0.8, 1.5)]
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[0] > speeds[2] > 0
    assert speeds[3] == 0
    assert "nothing near was seen for 1.5 s" in choose(costmap, field, now=1.8).reason


def test_over_unseen_ground_it_is_slow() -> None:
    costmap = CostMap()
    costmap.add_near(area(-1, -1, 0.6, 1), np.zeros(len(area(-1, -1, 0.6, 1)), bool), 0.3)
    command = choose(costmap, field_to(costmap, (7, 0)), now=0.3)
    assert 0 < command.speed <= 0.6


def test_who_steps_into_the_way_makes_it_slow_at_once() -> None:
    costmap, pilot = around(), Pilot()
    field = field_to(costmap, (7, 0))
    assert pilot.choose(costmap, field, 0.3).speed == pytest.approx(1.2)
    person = area(2.4, 0.5, 2.8, 0.9)
    costmap.add_near(person, np.ones(len(person), bool), 0.4)
    command = pilot.choose(costmap, field, 0.4)
    assert command.speed <= 0.3
    assert "moves" in command.reason


def test_the_bumper_makes_it_back_up_and_try_another_way() -> None:
    costmap, pilot = around(), Pilot()
    field = field_to(costmap, (7, 0))
    costmap.bump(pose(0, 0, 0), 0.3)
    x, command = 0.0, Command(0, 0, "")
    for frame in range(40):
        time = 0.3 + 0.1 * frame
        costmap.add_near(area(-8, -8, 8, 8, 0.4), np.zeros(40 * 40, bool), time)
        command = pilot.choose(costmap, field, time, bumper=frame == 0)
        if frame and command.speed >= 0:
            break
        assert command.reason == "backs up"
        x += 0.1 * command.speed
        costmap.move(pose(x, 0, 0))
    assert -1.0 < x < -0.5
    route = plan(costmap, (7, 0), 4.0)
    assert route.reached
    assert np.abs(route.points[:, 1]).max() > 0.5  # not where it was hit


def test_it_does_not_back_into_what_is_behind() -> None:
    costmap, pilot = around((-1.0, -3, -0.75, 3)), Pilot()
    command = pilot.choose(costmap, field_to(costmap, (7, 0)), 0.3, bumper=True)
    assert command.speed >= 0


def test_who_is_stuck_backs_up_after_a_while() -> None:
    costmap, pilot = around((0.6, -8, 0.9, 8)), Pilot()
    field = field_to(costmap, (7, 0))
    reasons = []
    for frame in range(120):
        time = 0.3 + 0.1 * frame
        costmap.add_near(area(0.6, -8, 0.9, 8, 0.1), np.ones(len(area(0.6, -8, 0.9, 8, 0.1)), bool), time)
        reasons.append(pilot.choose(costmap, field, time).reason)
    assert "backs up" in reasons or any("turns" in reason for reason in reasons)


def test_it_goes_no_faster_than_it_is_told() -> None:
    costmap = around()
    command = Pilot().choose(costmap, field_to(costmap, (7, 0)), 0.3, limit=0.6)
    assert command.speed == 0.6


def test_the_footprint_has_its_size_in_every_direction() -> None:
    costmap = around((-0.2, 1.0, 0.2, 1.2))
    beside = Surroundings(costmap, 0.3)
    ahead, across = (float(beside.room(np.array([0, 0, yaw]), Vehicle())) for yaw in (0.0, np.pi / 2))
    assert ahead == pytest.approx(1.0 - 0.25, abs=0.06)
    assert 0.45 < across < 0.65  # the discs reach a hand's breadth before the front


def test_after_a_time_without_pictures_it_goes_on_as_if_nothing_were() -> None:
    costmap, pilot = around(), Pilot()
    field = field_to(costmap, (7, 0))
    for second in range(1, 20):
        assert pilot.choose(costmap, field, 1.5 + second).speed == 0
    ground = area(-8, -8, 8, 8, 0.1)
    costmap.add_near(ground, np.zeros(len(ground), bool), 21.0)
    assert pilot.choose(costmap, field, 21.0).speed > 1
