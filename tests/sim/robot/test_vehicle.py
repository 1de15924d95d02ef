"""A robot moves as its wheels are told to, stands on its wheels, and its eyes look where they should."""

from __future__ import annotations

from math import atan, cos, hypot, pi, radians, sin

import numpy as np
import pytest

from windowpane.drive.geometry.transforms import rpy_from_rotation
from windowpane.sim.robot.vehicle import FASTEST, LENGTH, RIGS, WIDTH, Pose, SkidSteer, outline, standing


class Slope:
    """Ground that rises towards the east."""

    def __init__(self, rise: float = 0.0) -> None:
        self.rise = rise

    def height(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return self.rise * np.asarray(x) + 0.0 * np.asarray(y)


def driven(speed: float, turn: float, seconds: float, rise: float = 0.0) -> SkidSteer:
    vehicle = SkidSteer(Slope(rise), 0, 0, 0, seed=1)
    for _ in range(round(seconds / 0.02)):
        vehicle.advance(speed, turn, 0.02)
    return vehicle


def test_it_drives_straight_on_and_slips_a_little() -> None:
    pose = driven(1.0, 0.0, 10).pose
    assert 9.0 < pose.x < 9.6  # half a metre is lost by getting up speed, and 2 % by slipping
    assert abs(pose.y) < 0.6


def test_it_is_never_faster_than_its_wheels() -> None:
    vehicle = driven(9.0, 3.0, 4)
    assert max(abs(vehicle.wheels.left), abs(vehicle.wheels.right)) == pytest.approx(FASTEST)
    assert vehicle.wheels.left < vehicle.wheels.right  # the curve is kept


def test_a_turn_above_zero_is_to_the_left() -> None:
    assert 1.5 < driven(0.0, 1.0, 2).pose.yaw < 2.0


def test_it_needs_some_way_to_brake() -> None:
    vehicle = driven(1.2, 0.0, 3)
    before = vehicle.pose.x
    while vehicle.speed:
        vehicle.advance(0.0, 0.0, 0.02)
    assert 0.25 < vehicle.pose.x - before < 0.45  # v^2 / 2a at 2 m/s^2


def test_a_steep_way_is_slower_on_the_map() -> None:
    assert driven(1.0, 0.0, 5, rise=0.3).pose.x < 0.95 * driven(1.0, 0.0, 5).pose.x


def test_on_a_slope_its_nose_is_up_or_its_side_is_down() -> None:
    up = rpy_from_rotation(standing(Slope(0.2), Pose(0, 0, 0))[:3, :3])
    along = rpy_from_rotation(standing(Slope(0.2), Pose(0, 0, pi / 2))[:3, :3])
    assert np.allclose(up, [0, -atan(0.2), 0], atol=1e-6)
    assert np.allclose(along, [-atan(0.2), 0, pi / 2], atol=1e-6)  # east, its right side, is higher
    T = standing(Slope(0.2), Pose(3, 1, 0.7))
    assert np.allclose(T[:3, :3] @ T[:3, :3].T, np.eye(3))
    assert np.allclose(T[:3, 3], [3, 1, 0.6])


def test_the_outline_is_the_footprint() -> None:
    points = outline(Pose(5, -2, 0.3)) - [5, -2]
    own = points @ np.array([[cos(0.3), -sin(0.3)], [sin(0.3), cos(0.3)]])
    assert np.allclose(np.abs(own).max(axis=0), [LENGTH / 2, WIDTH / 2])


@pytest.mark.parametrize("rigs", [RIGS.near, RIGS.far])
def test_eyes_look_ahead_to_both_sides_and_down(rigs: tuple) -> None:
    for side, rig in zip((1, -1), rigs, strict=True):
        T = rig.T_robot_camera
        assert np.linalg.det(T[:3, :3]) == pytest.approx(1)
        forward = T[:3, 2]
        assert np.arctan2(forward[1], forward[0]) == pytest.approx(side * radians(25))
        assert np.arcsin(-forward[2]) == pytest.approx(radians(10))
        assert T[2, 0] == pytest.approx(0)  # both cameras of a pair are level
        assert hypot(*(T[:2, 3] + T[:2, 0] * rig.baseline / 2)) < LENGTH / 2  # on the robot
        assert rig.left.rays([[0, 0], [rig.left.width, 0]])[:, 0] == pytest.approx(
            [-np.tan(radians(35)), np.tan(radians(35))]
        )
