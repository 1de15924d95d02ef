"""Where odom lies in the world, by compass and GPS."""

import numpy as np
import pytest

from windowpane.drive.geometry.transforms import rotation_from_rpy, transform
from windowpane.drive.localization.world_anchor import WorldAnchor
from windowpane.drive.senses import Imu


def turned(yaw, x=0.0, y=0.0):
    return transform(rotation_from_rpy(0, 0, yaw), (x, y, 0))


def test_the_world_is_found_by_compass_and_gps_and_a_jump_is_not_believed():
    anchor, rng = WorldAnchor(), np.random.default_rng(0)
    yaw, origin = 2.0, np.array([30.0, -10.0])
    world = rotation_from_rpy(0, 0, yaw)[:2, :2]
    for k in range(60):
        T = turned(0.01 * k, x=0.1 * k, y=0.02 * k)
        place = origin + world @ T[:2, 3] + rng.normal(0, 0.5, 2)
        compass = Imu(0, 0, yaw + 0.01 * k + rng.normal(0, 0.02), 0)
        assert anchor.update(T, 0.1, tuple(place), compass) == ""
    assert anchor.to_world(T) == pytest.approx(tuple(origin + world @ T[:2, 3]), abs=0.3)
    assert anchor.to_odom(anchor.to_world(T)) == pytest.approx(T[:2, 3])
    before = anchor.to_world(T)
    assert "not believed" in anchor.update(T, 0.1, (before[0] + 8, before[1] - 6), None)
    assert anchor.to_world(T) == before


def test_without_either_the_world_begins_where_the_robot_does():
    anchor, T = WorldAnchor(), turned(0.3, 2.0, -1.0)
    assert anchor.update(T, 0.1, None, None) == ""
    assert anchor.to_world(T) == (2.0, -1.0)


def test_a_compass_turns_the_world_about_the_robot():
    anchor, T = WorldAnchor(), turned(0.0, 3.0, 0.0)
    anchor.update(T, 0.1, None, Imu(0, 0, np.pi / 2, 0))
    assert anchor.to_world(T) == pytest.approx((3.0, 0.0))  # it stays where it is
    assert anchor.to_world(turned(0.0, 4.0, 0.0)) == pytest.approx((3.0, 1.0))  # and goes on to the north


def test_what_is_not_a_number_is_left_out():
    nan, anchor = float("nan"), WorldAnchor()
    anchor.update(np.eye(4), 0.0, (nan, 2.0), Imu(nan, 0, nan, nan))
    assert anchor.to_world(np.eye(4)) == (0.0, 0.0)
