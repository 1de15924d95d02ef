"""Where the robot is: by cameras, wheels and gyroscope, in odom; by compass and GPS, in the world."""

import numpy as np
import pytest

from windowpane.drive.localization.localizer import Anchor, Whereabouts
from windowpane.drive.senses import Imu, Wheels, angles, rotation
from windowpane.sim.planes import World, ground, wall

NOTHING = ((None, None),)
T_world_odom = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])


def turned(yaw, x=0.0, y=0.0):
    T = np.eye(4)
    T[:3, :3], T[:2, 3] = rotation(0, 0, yaw), (x, y)
    return T


def test_angles_are_those_of_the_rotation():
    given = 0.1, -0.2, 2.5
    assert angles(rotation(*given)) == pytest.approx(given)
    assert rotation(0, 0.1, 0)[2, 0] < 0  # nose down: what is ahead lies lower
    assert rotation(0.1, 0, 0)[2, 1] > 0  # right side down: what is on the left lies higher


def test_wheels_and_gyroscope_alone_lead_along_an_arc(rig):
    robot = Whereabouts([rig])
    for k in range(101):
        T = robot.update(NOTHING, 0.1 * k, wheels=Wheels(0.9, 1.1), imu=Imu(0, 0, 0, 0.1))
    assert T[:2, 3] == pytest.approx([10 * np.sin(1.0), 10 * (1 - np.cos(1.0))], abs=0.05)
    assert angles(T[:3, :3])[2] == pytest.approx(1.0, abs=0.02)
    assert "no left picture" in robot.reasons[0]


def test_cameras_correct_wheels_that_slip(mounted):
    world = World(mounted, (ground(0.0), wall(-3, 8, 6, -2, 0)))
    robot = Whereabouts([mounted])
    for k in range(16):
        T = T_world_odom @ turned(0, x=0.08 * k) @ mounted.T_robot_camera
        robot.update([world.see(T)], 0.1 * k, wheels=Wheels(1.0, 1.0), imu=Imu(0, 0, 0, 0))
    assert robot.T_odom_robot[0, 3] == pytest.approx(15 * 0.08, abs=0.03)  # and not 1.5


def test_late_pictures_are_put_where_they_were_taken(mounted):
    world = World(mounted, (ground(0.0), wall(-3, 8, 6, -2, 0)))
    robot = Whereabouts([mounted])
    for k in range(20):
        taken = max(0, k - 5)
        T = T_world_odom @ turned(0, x=0.1 * taken) @ mounted.T_robot_camera
        robot.update([world.see(T)], 0.1 * k, 0.1 * taken, Wheels(1.0, 1.0), Imu(0, 0, 0, 0))
    assert robot.T_odom_robot[0, 3] == pytest.approx(1.9, abs=0.05)
    assert robot.T_then[0, 3] == pytest.approx(1.4, abs=0.05)


def test_a_black_camera_makes_the_other_pair_followed(mounted):
    world = World(mounted, (ground(0.0), wall(-3, 8, 6, -2, 0)))
    robot = Whereabouts([mounted, mounted])
    for k in range(20):
        left, right = world.see(T_world_odom @ turned(0, x=0.08 * k) @ mounted.T_robot_camera)
        black = (0 * left, right) if k >= 5 else (left, right)
        robot.update([black, (left, right)], 0.1 * k, wheels=Wheels(1.0, 1.0), imu=Imu(0, 0, 0, 0))
    assert robot.seen
    assert robot.T_odom_robot[0, 3] == pytest.approx(19 * 0.08, abs=0.15)


def test_the_world_is_found_by_compass_and_gps_and_a_jump_is_not_believed():
    anchor, rng = Anchor(), np.random.default_rng(0)
    yaw, origin = 2.0, np.array([30.0, -10.0])
    for k in range(60):
        T = turned(0.01 * k, x=0.1 * k, y=0.02 * k)
        place = origin + rotation(0, 0, yaw)[:2, :2] @ T[:2, 3] + rng.normal(0, 0.5, 2)
        compass = Imu(0, 0, yaw + 0.01 * k + rng.normal(0, 0.02), 0)
        assert anchor.update(T, 0.1, tuple(place), compass) == ""
    assert anchor.to_world(T) == pytest.approx(
        tuple(origin + rotation(0, 0, yaw)[:2, :2] @ T[:2, 3]), abs=0.3
    )
    assert anchor.to_odom(anchor.to_world(T)) == pytest.approx(T[:2, 3])
    before = anchor.to_world(T)
    assert "not believed" in anchor.update(T, 0.1, (before[0] + 8, before[1] - 6), None)
    assert anchor.to_world(T) == before


def test_what_is_not_a_number_is_left_out(rig):
    nan = float("nan")
    robot, anchor = Whereabouts([rig]), Anchor()
    T = robot.update(NOTHING, 0.0, wheels=Wheels(nan, 1.0), imu=Imu(nan, 0, nan, nan))
    anchor.update(T, 0.0, (nan, 2.0), Imu(nan, 0, nan, nan))
    assert np.isfinite(robot.update(NOTHING, 0.1, wheels=Wheels(nan, 1.0))).all()
    assert anchor.to_world(T) == (0.0, 0.0)
