"""How the robot went by wheels and gyroscope alone."""

import numpy as np
import pytest

from windowpane.drive.geometry.transforms import rpy_from_rotation
from windowpane.drive.localization.dead_reckoning import MEMORY, DeadReckoning
from windowpane.drive.senses import Imu, Wheels
from windowpane.errors import ArgumentError


def test_it_goes_along_an_arc():
    reckoning = DeadReckoning(track=0.4)
    for k in range(1001):
        reckoning.update(0.01 * k, Wheels(0.98, 1.02), None)
    T = reckoning.at(None)
    assert rpy_from_rotation(T[:3, :3])[2] == pytest.approx(1.0)
    assert T[:2, 3] == pytest.approx([10 * np.sin(1.0), 10 * (1 - np.cos(1.0))], abs=0.01)


def test_a_gyroscope_goes_before_the_wheels_and_the_nose_leads_down():
    reckoning = DeadReckoning()
    for time in (0.0, 1.0):
        reckoning.update(time, Wheels(0.5, 1.5), Imu(0, 0.1, 0, 0))
    T = reckoning.at(1.0)
    assert rpy_from_rotation(T[:3, :3]) == pytest.approx((0, 0.1, 0))
    assert T[:3, 3] == pytest.approx([np.cos(0.1), 0, -np.sin(0.1)])


def test_it_stands_where_nothing_is_measured_and_time_does_not_go_on():
    reckoning, nan = DeadReckoning(), float("nan")
    reckoning.update(1.0, Wheels(1, 1), None)
    reckoning.update(2.0, None, None)
    reckoning.update(3.0, Wheels(nan, 1), Imu(0, 0, 0, nan))
    reckoning.update(2.5, Wheels(1, 1), None)
    assert reckoning.at(None).tolist() == np.eye(4).tolist()


def test_the_last_steps_are_remembered():
    reckoning = DeadReckoning()
    for k in range(2 * MEMORY):
        reckoning.update(0.1 * k, Wheels(1, 1), None)
    assert reckoning.at(0.1 * (2 * MEMORY - 5) + 0.02)[0, 3] == pytest.approx(0.1 * (2 * MEMORY - 5))
    assert reckoning.at(0.0)[0, 3] == pytest.approx(0.1 * MEMORY)  # the oldest that is known


@pytest.mark.parametrize("track", [0, -1, float("nan")])
def test_a_track_is_above_nothing(track):
    with pytest.raises(ArgumentError, match="the metres between left and right wheels"):
        DeadReckoning(track)
