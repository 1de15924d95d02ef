"""The robot's body: what it needs of room, and how it stops."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.vehicle import Vehicle
from windowpane.errors import ArgumentError


def test_a_way_keeps_half_its_width_and_some_room_free() -> None:
    assert Vehicle().radius == 0.4
    assert Vehicle(width=1.2).radius == pytest.approx(0.75)


def test_the_bumper_is_before_its_front() -> None:
    assert Vehicle().front == pytest.approx(0.45)
    assert Vehicle(length=2.0).front > 1.0


@pytest.mark.parametrize("speed", [0.3, 1.2, 3.0])
@pytest.mark.parametrize("braking", [0.5, 2.0])
def test_from_the_speed_that_stops_within_a_room_it_rolls_as_far(speed: float, braking: float) -> None:
    vehicle = Vehicle(braking=braking)
    room = vehicle.stopping_distance(speed, 0.2)
    assert room == pytest.approx(0.2 * speed + speed**2 / (2 * braking))
    assert vehicle.stopping_speed(room, 0.2) == pytest.approx(speed)


def test_who_stands_or_rolls_back_does_not_roll_on() -> None:
    assert Vehicle().stopping_distance(0.0, 0.2) == Vehicle().stopping_distance(-1.0, 0.2) == 0
    assert Vehicle().stopping_speed(-1.0, 0.2) == 0


@pytest.mark.parametrize(
    "wrong", [{"width": 0.0}, {"length": -1.0}, {"braking": np.nan}, {"fastest": np.inf}, {"margin": -0.1}]
)
def test_what_no_robot_has_is_refused_at_once(wrong: dict[str, float]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        Vehicle(**wrong)


def test_neither_latency_nor_margin_is_needed() -> None:
    assert Vehicle(latency=0.0, margin=0.0).margin == 0
