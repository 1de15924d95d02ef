"""The fast layer: which way, how fast, and when not at all."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.planning.controller import Command, Controller
from windowpane.drive.planning.planner import Field, plan
from windowpane.drive.vehicle import Vehicle


def area(x0: float, y0: float, x1: float, y1: float, step: float = 0.05) -> np.ndarray:
    x, y = np.meshgrid(np.arange(x0, x1, step), np.arange(y0, y1, step))
    return np.column_stack([x.ravel(), y.ravel(), 0 * x.ravel()])


def pose(x: float, y: float, yaw: float) -> np.ndarray:
    T = np.eye(4)
    T[:2, :2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    T[:2, 3] = x, y
    return T


def around(*walls: tuple[float, float, float, float], vehicle: Vehicle | None = None) -> CostMap:
    """What has been seen of free ground all around a robot, but for walls (x0, y0, x1, y1)."""
    costmap = CostMap(vehicle=vehicle)
    for wall in walls:
        costmap.add_near(area(*wall), np.ones(len(area(*wall)), bool), 0.0)
    ground = area(-8, -8, 8, 8, 0.1)
    for x0, y0, x1, y1 in walls:
        x, y = ground[:, 0], ground[:, 1]
        ground = ground[(x < x0 - 0.2) | (x > x1 + 0.2) | (y < y0 - 0.2) | (y > y1 + 0.2)]
    for frame in range(4):
        costmap.add_near(ground, np.zeros(len(ground), bool), 0.1 * frame)
    return costmap


def choose(costmap: CostMap, field: Field, *, now: float) -> Command:
    """What a controller does first."""
    return Controller().choose(costmap, field, now)


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
    costmap, controller = around(), Controller()
    field = field_to(costmap, (-7, 0.0))
    turns = []
    for frame in range(20):
        costmap.move(pose(0, 0, 0.1 * sum(turns)))
        costmap.add_near(area(-8, -8, 8, 8, 0.4), np.zeros(40 * 40, bool), 0.4 + 0.1 * frame)
        command = controller.choose(costmap, field, 0.4 + 0.1 * frame)
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
    costmap, controller = around(), Controller()
    field = field_to(costmap, (7, 0))
    assert controller.choose(costmap, field, 0.3).speed == pytest.approx(1.2)
    person = area(2.4, 0.5, 2.8, 0.9)
    costmap.add_near(person, np.ones(len(person), bool), 0.4)
    command = controller.choose(costmap, field, 0.4)
    assert command.speed <= 0.3
    assert "moves" in command.reason


def test_the_bumper_makes_it_back_up_and_try_another_way() -> None:
    costmap, controller = around(), Controller()
    field = field_to(costmap, (7, 0))
    costmap.bump(pose(0, 0, 0), 0.3)
    x, command = 0.0, Command(0, 0, "")
    for frame in range(40):
        time = 0.3 + 0.1 * frame
        costmap.add_near(area(-8, -8, 8, 8, 0.4), np.zeros(40 * 40, bool), time)
        command = controller.choose(costmap, field, time, bumper=frame == 0)
        if frame and command.speed >= 0:
            break
        assert command.reason == "backs up"
        x += 0.1 * command.speed
        costmap.move(pose(x, 0, 0))
    assert -1.0 < x < -0.5
    route = plan(costmap, (7, 0), 4.0)
    assert route.reached
    assert np.abs(route.points[:, 1]).max() > 0.5  # not where it was hit


def test_it_does_not_back_into_what_is_behind_and_finds_another_way() -> None:
    costmap, controller = around((-1.0, -3, -0.75, 3)), Controller()
    field, time, speeds = field_to(costmap, (7, 0)), 0.3, []
    for frame in range(10):
        speeds.append(controller.choose(costmap, field, time + 0.1 * frame, bumper=frame == 0).speed)
    assert min(speeds) >= 0
    assert max(speeds) > 0.5


def test_who_is_stuck_backs_up_after_a_while_and_remembers_where() -> None:
    """It stands between two walls, too near to both to turn, and cannot go on."""
    walls = (0.6, -8, 0.9, 8), (-8, 0.35, 0.4, 0.65), (-8, -0.65, 0.4, -0.35)
    costmap, controller = around(*walls), Controller()
    field = field_to(costmap, (7, 0))
    commands, x = [], 0.0
    for frame in range(160):
        time = 0.3 + 0.1 * frame
        costmap.add_near(area(-8, -0.1, 0.4, 0.1, 0.2), np.zeros(42, bool), time)
        commands.append(controller.choose(costmap, field, time))
        x += 0.1 * commands[-1].speed
        costmap.move(pose(x, 0, 0))
    backing = [frame for frame, command in enumerate(commands) if command.speed < 0]
    assert 55 < backing[0] < 100
    assert all(command.speed == 0 for command in commands[: backing[0]])
    assert commands[backing[0]].reason == "backs up"
    assert x < -0.5
    assert costmap.near.grid.at("tried", (0.8, 0.0)) > 0


@pytest.mark.parametrize(("measured", "goes_on"), [(None, True), (0.6, True), (2.0, False), (np.nan, True)])
def test_a_robot_that_rolls_faster_than_told_stops_for_what_it_cannot_avoid(
    measured: float | None, goes_on: bool
) -> None:
    costmap = around((2.2, -8, 2.5, 8))
    command = Controller().choose(costmap, field_to(costmap, (1.6, 0)), 0.3, speed=measured)
    assert (command.speed > 0) == goes_on
    assert ("too fast" in command.reason) != goes_on


def test_a_robot_that_rolls_too_fast_takes_a_way_on_which_it_can_still_stop() -> None:
    """A post stands where the shortest way is just beside it; past its other side there is more room."""
    costmap = around((1.3, -0.5, 1.6, 0.1))
    field = field_to(costmap, (7, 0))
    slow, fast = (Controller().choose(costmap, field, 0.3, speed=speed) for speed in (0.3, 1.9))
    needed = Vehicle().stopping_distance(1.9, Vehicle().latency)
    assert slow.speed > 0
    assert fast.speed > 0
    assert fast.rooms[fast.chosen] + 0.1 >= needed


def test_who_is_still_getting_faster_counts_with_it() -> None:
    costmap, controller = around((1.6, -8, 1.9, 8), vehicle=Vehicle(acceleration=8.0)), Controller()
    field = field_to(costmap, (1.0, 0))
    controller.last = Command(2.0, 0.0, "drives")
    assert "too fast" in controller.choose(costmap, field, 0.3, speed=0.5).reason
    gentle = around((1.6, -8, 1.9, 8), vehicle=Vehicle(acceleration=0.1))
    controller.last = Command(2.0, 0.0, "drives")
    assert controller.choose(gentle, field, 0.3, speed=0.5).speed > 0


def test_it_goes_no_faster_than_it_is_told() -> None:
    costmap = around()
    command = Controller().choose(costmap, field_to(costmap, (7, 0)), 0.3, limit=0.6)
    assert command.speed == 0.6


def test_a_wide_robot_lays_no_arc_through_a_gap_that_is_too_narrow_for_it() -> None:
    gap = (1.4, 0.7, 1.7, 8), (1.4, -8, 1.7, -0.7)
    commands = []
    for width in (0.5, 1.2):
        costmap = around(*gap, vehicle=Vehicle(width=width))
        commands.append(choose(costmap, field_to(costmap, (1.5, 0)), now=0.3))
    straight = len(commands[0].rooms) // 2
    assert commands[0].rooms[straight] > 2.0
    assert commands[1].rooms[straight] < 1.4


def test_after_a_time_without_pictures_it_goes_on_as_if_nothing_were() -> None:
    costmap, controller = around(), Controller()
    field = field_to(costmap, (7, 0))
    for second in range(1, 20):
        assert controller.choose(costmap, field, 1.5 + second).speed == 0
    ground = area(-8, -8, 8, 8, 0.1)
    costmap.add_near(ground, np.zeros(len(ground), bool), 21.0)
    assert controller.choose(costmap, field, 21.0).speed > 1
