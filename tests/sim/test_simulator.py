"""The clock goes in steps, touching stops the robot and is counted, and who is stuck is helped.

The world is not drawn here, but for one drive: what a navigator would see does not matter to the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

from windowpane.drive.senses import Images
from windowpane.errors import MissingExtraError
from windowpane.sim import simulator
from windowpane.sim.render.renderer import Renderer
from windowpane.sim.robot.faults import Fault
from windowpane.sim.robot.vehicle import Pose
from windowpane.sim.simulator import FAST_LATENCY, STUCK, Simulator
from windowpane.sim.world.courses import make

made = cache(make)


class Blind:
    """A renderer that draws nothing."""

    def __init__(self, scene: Any, camera: Any) -> None:
        self.size = camera.size

    def pair(self, rig: Any, T: Any, time: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        return (np.zeros((*self.size, 3), np.uint8),) * 2


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "Renderer", Blind)


class Told:
    """A navigator that does what a function of the simulator says."""

    vision = "told"

    def __init__(self, world: Simulator, what: Callable[[Simulator], tuple[float, float]]) -> None:
        self.world, self.what, self.given, self.resets = world, what, [], 0

    def step(self, *given: Any) -> SimpleNamespace:
        self.given.append(given)
        speed, turn = self.what(self.world)
        command = SimpleNamespace(speed=speed, turn=turn)
        return SimpleNamespace(command=command, reached=self.world.left < 1, reasons=("as it is told",))

    def reset_odometry(self) -> None:
        self.resets += 1


def towards_the_goal(world: Simulator) -> tuple[float, float]:
    pose, goal = world.vehicle.pose, world.course.goal
    off = np.arctan2(goal[1] - pose.y, goal[0] - pose.x) - pose.yaw
    return 1.2, float(np.clip(2 * np.arctan2(np.sin(off), np.cos(off)), -1, 1))


def test_pictures_come_ten_times_a_second_and_large_ones_once(blind: None) -> None:
    world = Simulator(replace(made("culdesac", 0), timeout=2.05))
    navigator = Told(world, lambda _: (0.0, 0.0))
    world.run(navigator)
    times = [given[1] for given in navigator.given]
    assert times == pytest.approx(np.arange(21) / 10)
    assert [k for k, given in enumerate(navigator.given) if given[0].far is not None] == [0, 10, 20]
    images: Images = navigator.given[0][0]
    assert [len(images.near), images.near[0][0].shape, images.far[0][0].shape] == [
        2,
        (120, 160, 3),
        (384, 512, 3),
    ]


def test_a_command_takes_effect_after_the_latency(blind: None) -> None:
    world = Simulator(replace(made("culdesac", 0), timeout=0.05))
    outcome = world.run(Told(world, lambda _: (1.0, 0.0)))
    assert outcome.time_s == pytest.approx(0.1)
    assert world.vehicle.speed == pytest.approx(0.1 - FAST_LATENCY)  # at 1 m/s^2


def test_it_reaches_a_goal_that_nothing_is_in_front_of(blind: None) -> None:
    course = made("culdesac", 0)
    x, y = course.line[0] * 0.8 + course.line[-1] * 0.2
    world = Simulator(replace(course, goal=(float(x), float(y)), shortest=8.0))
    outcome = world.run(Told(world, towards_the_goal))
    assert outcome.reached
    assert (outcome.collisions, outcome.interventions, outcome.reason) == (0, 0, "")
    assert outcome.distance_m == pytest.approx(np.hypot(*(course.line[0] - (x, y))), rel=0.1)
    assert len(outcome.track) == round(outcome.time_s * 10) + 1


def test_who_drives_into_a_wall_stops_there_and_is_helped(blind: None) -> None:
    world = Simulator(made("culdesac", 0))
    navigator = Told(world, towards_the_goal)
    outcome = world.run(navigator)
    assert not outcome.reached
    assert outcome.interventions == 3
    assert outcome.collisions >= 3
    assert "help" in outcome.reason
    assert any(given[5] for given in navigator.given)  # the bumper told
    assert not any(world.course.touches(Pose(*pose)) for pose in outcome.track)


def test_whoever_backs_into_something_is_not_told_by_the_bumper(blind: None) -> None:
    course = made("culdesac", 0)
    x, y, yaw = course.start
    world = Simulator(replace(course, start=(x, y, yaw + np.pi), timeout=40.0))
    navigator = Told(world, lambda _: (-1.0, 0.0))
    outcome = world.run(navigator)
    assert outcome.collisions > 0
    assert not any(given[5] for given in navigator.given)


def test_the_same_drive_is_the_same_whenever_it_is_driven(blind: None) -> None:
    tracks = []
    for _ in range(2):
        world = Simulator(replace(made("grass", 0), timeout=10.0))
        tracks.append(world.run(Told(world, towards_the_goal)).track)
    assert np.array_equal(*tracks)


def test_who_stops_for_a_person_does_not_touch_it_and_has_reacted(blind: None) -> None:
    def careful(world: Simulator) -> tuple[float, float]:
        walks = 0 < world.walker.time < 3
        return (0.0, 0.0) if walks else towards_the_goal(world)

    def drive(what: Callable[[Simulator], tuple[float, float]]) -> Any:
        world = Simulator(made("person", 0))
        return world.run(Told(world, what))

    carefully, blindly = drive(careful), drive(towards_the_goal)
    assert carefully.collisions == 0
    assert carefully.reaction_s is not None
    assert carefully.reaction_s < 0.2
    assert blindly.reaction_s is None


def test_with_a_fault_it_may_stop_and_say_why(blind: None) -> None:
    world = Simulator(made("hillside", 0), fault=Fault.BLACK_CAMERA)
    outcome = world.run(Told(world, lambda _: (0.0, 0.0)))
    assert outcome.interventions == 0
    assert outcome.reason == "it stopped: as it is told"
    assert outcome.time_s == pytest.approx(STUCK, abs=0.3)


@pytest.mark.parametrize(("fault", "resets"), [(None, 0), (Fault.ODOMETRY_RESET, 2)])
def test_odometry_begins_anew_every_ten_seconds_if_that_goes_wrong(
    blind: None, fault: Fault | None, resets: int
) -> None:
    world = Simulator(replace(made("grass", 0), timeout=17.0), fault=fault)
    navigator = Told(world, lambda _: (0.0, 0.3))
    world.run(navigator)
    assert navigator.resets == resets


def test_an_outcome_is_ready_for_json(blind: None) -> None:
    world = Simulator(replace(made("grass", 0), timeout=3.0))
    values = world.run(Told(world, towards_the_goal)).to_dict()
    assert values["course"] == "grass"
    assert values["vision"] == "told"
    assert values["reason"].startswith("after 3 s it is ")
    assert len(values["track"]) == 4
    assert isinstance(values["track"][0][0], float)


def test_what_the_cameras_see_is_drawn() -> None:
    course = made("culdesac", 0)
    try:
        Renderer(course.scene, simulator.RIGS.near[0].left)
    except MissingExtraError as missing:
        pytest.skip(str(missing))
    world = Simulator(course)
    images = world.look(far=False)
    assert images.far is None
    (left, right), (other, _) = images.near
    assert left is not None
    assert left.std() > 10
    assert not np.array_equal(left, right)
    assert not np.array_equal(left, other)
