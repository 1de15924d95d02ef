"""Where the robot is in odom, by cameras, wheels and gyroscope."""

from dataclasses import replace

import numpy as np
import pytest

from windowpane.drive.geometry.transforms import rotation_from_rpy, rpy_from_rotation, transform
from windowpane.drive.localization.localizer import Localizer
from windowpane.drive.senses import Imu, Wheels
from windowpane.errors import ArgumentError
from windowpane.sim.planes import World, ground, wall

NOTHING = ((None, None),)
T_world_odom = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])


def turned(yaw, x=0.0, y=0.0):
    return transform(rotation_from_rpy(0, 0, yaw), (x, y, 0))


def test_wheels_and_gyroscope_alone_lead_along_an_arc(rig):
    robot = Localizer([rig])
    for k in range(101):
        T = robot.update(NOTHING, 0.1 * k, wheels=Wheels(0.9, 1.1), imu=Imu(0, 0, 0, 0.1))
    assert T[:2, 3] == pytest.approx([10 * np.sin(1.0), 10 * (1 - np.cos(1.0))], abs=0.05)
    assert rpy_from_rotation(T[:3, :3])[2] == pytest.approx(1.0, abs=0.02)
    assert "no left picture" in robot.reasons[0]


def test_cameras_correct_wheels_that_slip(mounted):
    world = World(mounted, (ground(0.0), wall(-3, 8, 6, -2, 0)))
    robot = Localizer([mounted])
    for k in range(16):
        T = T_world_odom @ turned(0, x=0.08 * k) @ mounted.T_robot_camera
        robot.update([world.see(T)], 0.1 * k, wheels=Wheels(1.0, 1.0), imu=Imu(0, 0, 0, 0))
    assert robot.T_odom_robot[0, 3] == pytest.approx(15 * 0.08, abs=0.03)  # and not 1.5


def test_late_pictures_are_put_where_they_were_taken(mounted):
    world = World(mounted, (ground(0.0), wall(-3, 8, 6, -2, 0)))
    robot = Localizer([mounted])
    for k in range(20):
        taken = max(0, k - 5)
        T = T_world_odom @ turned(0, x=0.1 * taken) @ mounted.T_robot_camera
        robot.update([world.see(T)], 0.1 * k, 0.1 * taken, Wheels(1.0, 1.0), Imu(0, 0, 0, 0))
    assert robot.T_odom_robot[0, 3] == pytest.approx(1.9, abs=0.05)
    assert robot.T_then[0, 3] == pytest.approx(1.4, abs=0.05)


def test_a_black_camera_makes_the_other_pair_followed(mounted):
    world = World(mounted, (ground(0.0), wall(-3, 8, 6, -2, 0)))
    robot = Localizer([mounted, mounted])
    for k in range(20):
        left, right = world.see(T_world_odom @ turned(0, x=0.08 * k) @ mounted.T_robot_camera)
        black = (0 * left, right) if k >= 5 else (left, right)
        robot.update([black, (left, right)], 0.1 * k, wheels=Wheels(1.0, 1.0), imu=Imu(0, 0, 0, 0))
    assert robot.seen
    assert robot.T_odom_robot[0, 3] == pytest.approx(19 * 0.08, abs=0.15)


def test_a_camera_that_is_given_up_still_goes_as_the_wheels_say(mounted):
    """The next pair looks back: a motion of the one must not be taken for one of the other."""
    back = replace(mounted, T_robot_camera=turned(np.pi) @ mounted.T_robot_camera)
    robot = Localizer([mounted, back])
    ways = []
    for k in range(8):
        ways.append(robot.update([(None, None)] * 2, 0.1 * k, wheels=Wheels(1.0, 1.0))[0, 3])
    assert ways == pytest.approx([0.1 * k for k in range(8)], abs=1e-9)


def test_what_is_not_a_number_is_left_out(rig):
    nan = float("nan")
    robot = Localizer([rig])
    robot.update(NOTHING, 0.0, wheels=Wheels(nan, 1.0), imu=Imu(nan, 0, nan, nan))
    assert np.isfinite(robot.update(NOTHING, 0.1, wheels=Wheels(nan, 1.0))).all()


def test_without_a_gyroscope_the_track_tells_how_far_it_turns(rig):
    yaws = []
    for track in (0.5, 1.0):
        robot = Localizer([rig], track)
        for k in range(11):
            T = robot.update(NOTHING, 0.1 * k, wheels=Wheels(0.95, 1.05))
        yaws.append(rpy_from_rotation(T[:3, :3])[2])
    assert yaws == pytest.approx([0.2, 0.1])
    with pytest.raises(ArgumentError, match="the track is 0 m"):
        Localizer([rig], 0)


def test_it_is_told_in_a_line(rig):
    robot = Localizer([rig])
    robot.go_on(turned(0.5, 1, -2))
    assert repr(robot) == "Localizer(1 rigs, at x 1.00 m, y -2.00 m, yaw 28.6 degrees, by wheels)"
