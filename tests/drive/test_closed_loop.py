"""Map, route, arcs in a flat world that answers: the robot arrives, touches nothing and does not dither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.planning.controller import Controller
from windowpane.drive.planning.planner import plan
from windowpane.drive.vehicle import Vehicle

Boxes = list[tuple[float, float, float, float]]
DT, REACH = 0.2, 5.0
GOAL = (14.0, 0.0)


@dataclass
class Flatland:
    """Boxes (x0, y0, x1, y1) on flat ground, perhaps a person, and a robot that starts at (0, 0)."""

    boxes: Boxes
    person: Callable[[float], tuple[float, float]] | None = None
    pose: np.ndarray = field(default_factory=lambda: np.zeros(3))
    speed: float = 0.0
    time: float = 0.0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    vehicle: Vehicle = field(default_factory=Vehicle)

    def hard(self, places: np.ndarray) -> np.ndarray:
        x, y = np.moveaxis(places, -1, 0)
        hit = np.zeros(x.shape, bool)
        for x0, y0, x1, y1 in self.boxes:
            hit |= (x > x0) & (x < x1) & (y > y0) & (y < y1)
        if self.person:
            hit |= np.hypot(*np.moveaxis(places - self.person(self.time), -1, 0)) < 0.3
        return hit

    def touched(self) -> bool:
        length, width = self.vehicle.length / 2, self.vehicle.width / 2
        along, across = np.meshgrid(np.linspace(-length, length, 8), np.linspace(-width, width, 6))
        return bool(self.hard(self._placed(along.ravel(), across.ravel())).any())

    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the points of ground and obstacles that stereo sees, 120 degrees wide, with its noise."""
        bearing = np.radians(np.linspace(-60, 60, 120))[:, None]
        distance = np.arange(0.8, REACH, 0.1) + self.rng.normal(0, 0.02, (120, 42))
        xy = self._placed(distance * np.cos(bearing), distance * np.sin(bearing))
        hard = self.hard(xy)
        before = np.cumsum(hard, axis=1)
        ground, foot = before == 0, hard & (before == 1)
        points = np.concatenate([xy[ground], np.repeat(xy[foot], 4, axis=0)])
        obstacle = np.arange(len(points)) >= ground.sum()
        return np.column_stack([points, 0 * points[:, 0]]), obstacle

    def drive(self, speed: float, turn: float) -> None:
        for _ in range(4):
            self.speed += float(np.clip(speed - self.speed, -0.1, 0.05))
            x, y, yaw = self.pose
            step = self.speed * DT / 4
            self.pose = np.array([x + np.cos(yaw) * step, y + np.sin(yaw) * step, yaw + turn * DT / 4])
            self.time += DT / 4

    def at(self) -> np.ndarray:
        x, y, yaw = self.pose
        T = np.eye(4)
        T[:2] = [[np.cos(yaw), -np.sin(yaw), 0, x], [np.sin(yaw), np.cos(yaw), 0, y]]
        return T

    def _placed(self, ahead: np.ndarray, left: np.ndarray) -> np.ndarray:
        x, y, yaw = self.pose
        c, s = np.cos(yaw), np.sin(yaw)
        return np.stack([x + c * ahead - s * left, y + s * ahead + c * left], axis=-1)


@dataclass
class Run:
    """What came of it: whether it arrived, touched anything, how far it drove, and the speeds it was told."""

    arrived: bool
    touched: bool
    metres: float
    turns: list[float]
    track: np.ndarray


def run(world: Flatland, seconds: float = 60.0) -> Run:
    costmap, controller, route = CostMap(vehicle=world.vehicle), Controller(), None
    track, turns, touched = [world.pose[:2]], [], False
    while world.time < seconds and np.hypot(*(world.pose[:2] - GOAL)) > 0.8:
        now = world.time
        costmap.move(world.at())
        costmap.add_near(*world.seen(), now)
        if route is None or len(turns) % 3 == 0:
            route = plan(costmap, GOAL, now, route)
        command = controller.choose(costmap, route.field, now, speed=world.speed)
        world.drive(command.speed, command.turn)
        touched |= world.touched()
        track.append(world.pose[:2])
        turns.append(command.turn)
    way = np.array(track)
    metres = float(np.hypot(*np.diff(way, axis=0).T).sum())
    arrived = float(np.hypot(*(way[-1] - GOAL))) <= 0.8
    return Run(arrived, touched, metres, turns, way)


@pytest.mark.parametrize(
    ("boxes", "longest"),
    [
        ([], 14.2),
        ([(6, -9, 6.4, 3)], 19.0),  # a barrier with its end to the left
        ([(6, -1.2, 6.4, 9), (10, -9, 10.4, 0.8)], 19.0),  # one way around, then the other
        ([(7, -2, 7.4, 2.4), (3, -2.4, 7.4, -2), (3, 2, 7.4, 2.4)], 30.0),  # a dead end
        ([(4, 0.6, 10, 1.0), (4, -1.0, 10, -0.6)], 16.5),  # a passage of 1.2 m
    ],
    ids=["open", "barrier", "slalom", "dead end", "passage"],
)
def test_it_arrives_and_touches_nothing(boxes: Boxes, longest: float) -> None:
    result = run(Flatland(boxes))
    assert result.arrived
    assert not result.touched
    assert result.metres < longest


@pytest.mark.parametrize(("width", "wide_gap"), [(0.5, False), (1.2, True)])
def test_a_wide_robot_takes_the_wide_gap_and_a_narrow_one_the_near(width: float, wide_gap: bool) -> None:
    """A barrier with a gap of 1.6 m straight ahead, and one of 3 m to the left."""
    barrier = [(6, -9, 6.4, -0.8), (6, 0.8, 6.4, 3), (6, 6, 6.4, 9)]
    result = run(Flatland(barrier, vehicle=Vehicle(width=width)))
    assert result.arrived
    assert not result.touched
    through = float(np.interp(6.2, result.track[:, 0], result.track[:, 1]))
    assert (through > 3) == wide_gap
    assert abs(through) < 0.6 or wide_gap


def test_it_waits_for_a_person_who_walks_through_its_way() -> None:
    result = run(Flatland([], person=lambda time: (6.0, 5.0 - 1.2 * time)))
    assert result.arrived
    assert not result.touched


def test_it_goes_around_a_person_who_stays() -> None:
    result = run(Flatland([], person=lambda time: (6.0, max(0.0, 5.0 - 1.2 * time))))
    assert result.arrived
    assert not result.touched


def test_it_does_not_dither_before_a_wall_that_is_as_long_to_both_sides() -> None:
    result = run(Flatland([(6, -4, 6.4, 4)]))
    assert result.arrived
    assert not result.touched
    assert result.metres < 20
    # Once it has turned to a side it stays on that side.
    sides = np.sign(result.track[np.abs(result.track[:, 1]) > 1.0, 1])
    assert len(np.unique(sides)) == 1
