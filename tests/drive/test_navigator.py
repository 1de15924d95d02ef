"""Both loops as one: drives around what is in the way, and stops with a reason where it cannot."""

import json

import numpy as np
import pytest

from windowpane.drive.geometry.transforms import rotation_from_rpy
from windowpane.drive.navigator import Images, Imu, Navigator, Wheels
from windowpane.drive.vehicle import Vehicle
from windowpane.errors import ArgumentError, DataError
from windowpane.sim.planes import World, ground, wall

pytest.importorskip("scipy")
threadpoolctl = pytest.importorskip("threadpoolctl")
T_world_odom = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])


class Robot:
    """Does as it is told, at once, in a world of planes."""

    def __init__(self, navigator, faces=()):
        self.navigator, self.faces = navigator, (ground(0.0), *faces)
        self.x = self.y = self.yaw = self.speed = self.turn = 0.0
        self.count, self.steps = 0, []

    def see(self, rigs):
        T = np.eye(4)
        T[:3, :3], T[:2, 3] = rotation_from_rpy(0, 0, self.yaw), (self.x, self.y)
        return [World(rig, self.faces).see(T_world_odom @ T @ rig.T_robot_camera) for rig in rigs]

    def drive(self, steps, *, near=True, far=True, gps=True, bumper=False):
        nav = self.navigator
        for _ in range(steps):
            images = Images(
                self.see(nav.near) if near else [(None, None)] * len(nav.near),
                self.see(nav.far) if far and nav.far and self.count % 10 == 0 else None,
            )
            told = Wheels(self.speed - 0.2 * self.turn, self.speed + 0.2 * self.turn)
            fix = (self.x, self.y) if gps else None
            step = nav.step(images, self.count / 10, fix, told, Imu(0, 0, self.yaw, self.turn), bumper)
            self.steps.append(step)
            self.speed, self.turn = step.command.speed, step.command.turn
            self.yaw += 0.1 * self.turn
            self.x += 0.1 * self.speed * np.cos(self.yaw)
            self.y += 0.1 * self.speed * np.sin(self.yaw)
            self.count += 1
            if step.reached:
                break
        return self.steps[-1]


def test_it_drives_around_a_wall_to_the_goal(mounted):
    robot = Robot(Navigator((9.0, 0.0), [mounted]), [wall(-1.5, 4.5, 2.5, -1.5, 0.0)])
    ways = []
    for _ in range(20):
        step = robot.drive(10)
        ways.append((robot.x, robot.y))
        if step.reached:
            break
    assert step.reached
    assert step.command.speed == 0
    assert np.hypot(9.0 - robot.x, robot.y) < 0.7
    beside = [abs(y) for x, y in ways if 3.5 < x < 5.5]
    assert min(beside) > 0.9


def test_where_something_stands_at_the_goal_it_comes_as_near_as_it_may(mounted):
    robot = Robot(Navigator((3.7, 0.0), [mounted]), [wall(-6.5, 4.5, 13.0, -1.5, 0.0)])
    step = robot.drive(300)
    assert step.reached
    assert 2.2 < robot.x < 3.5


def test_blind_it_stands_and_says_so(mounted):
    robot = Robot(Navigator((20.0, 0.0), [mounted]))
    robot.drive(15)
    assert robot.speed > 0.3
    step = robot.drive(15, near=False)
    assert step.command.speed == 0
    assert any("no left picture" in reason for reason in step.reasons)
    assert "seen" in step.command.reason


@pytest.mark.slow
def test_without_an_answer_of_far_vision_it_goes_on_slowly(mounted):
    robot = Robot(Navigator((40.0, 0.0), [mounted], [mounted.scaled(2.0)], far_latency=0.5))
    robot.drive(20)
    assert robot.steps[-1].far_time is not None
    assert len(robot.steps[-1].sights) == 1
    step = robot.drive(60, far=False)
    assert any("far vision has not answered" in reason for reason in step.reasons)
    assert 0 < step.command.speed <= 0.6


def test_the_far_cameras_see_a_wall_fourteen_metres_off_and_the_near_ones_do_not(mounted):
    blocked = {}
    for vision in ("far", "near"):
        rigs = [mounted], [mounted.scaled(2.0)]
        navigator = Navigator((30.0, 0.0), *rigs, vision=vision, far_latency=0.1)
        step = Robot(navigator, [wall(-6.5, 14.0, 13.0, -1.5, 0.0)]).drive(4)
        polar = step.map.polar
        x = np.hypot(*np.moveaxis(polar.places, -1, 0)) * np.cos(polar.bearings)[:, None]
        ahead = np.abs(polar.places[..., 1]) < 2
        blocked[vision] = x[np.isinf(step.map.costs(step.time)) & ahead & (x > 0)]
    assert len(blocked["near"]) == 0
    assert np.median(blocked["far"]) == pytest.approx(13.6, abs=1.2)  # and room for the robot


@pytest.mark.parametrize(("latency", "threads"), [(None, 1), (0.1, 2)])
def test_beside_a_far_loop_in_a_thread_of_its_own_blas_takes_no_more_threads(mounted, latency, threads):
    with threadpoolctl.threadpool_limits(2, "blas"):
        Navigator((20.0, 0.0), [mounted], [mounted.scaled(2.0)], far_latency=latency)
        pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
        assert {pool["num_threads"] for pool in pools} == {threads}


def test_the_bumper_makes_an_obstacle_of_what_nobody_saw(mounted):
    robot = Robot(Navigator((20.0, 0.0), [mounted]))
    robot.drive(15)
    step = robot.drive(1, bumper=True)
    assert "the bumper is pressed" in step.reasons
    assert not np.isfinite(step.map.costs(step.time)).all()
    assert robot.drive(3).command.speed <= 0


def test_a_jump_of_gps_does_not_move_the_goal(mounted):
    robot = Robot(Navigator((20.0, 0.0), [mounted]))
    step = robot.drive(30)
    before = np.array(step.goal_odom)
    robot.navigator.goal = (20.0, 0.0)
    jumped = robot.navigator.step(Images(robot.see([mounted])), 3.1, (robot.x + 8, robot.y - 6))
    assert any("GPS" in reason for reason in jumped.reasons)
    assert np.linalg.norm(np.array(jumped.goal_odom) - before) < 0.2


def test_a_step_is_plain_json(mounted):
    step = Robot(Navigator((9.0, 0.0), [mounted])).drive(2)
    told = json.loads(json.dumps(step.to_dict()))
    assert told["reached"] is False
    assert np.array(told["pose"]).shape == (3, 4)
    assert told["route"][-1] == pytest.approx([9.0, 0.0], abs=0.5)


def test_cameras_that_are_nowhere_are_refused(rig):
    with pytest.raises(ArgumentError, match="T_robot_camera"):
        Navigator((9.0, 0.0), [rig])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"goal": (9.0, np.nan)}, "goal"),
        ({"goal": (9.0,)}, "goal"),
        ({"vision": "farther"}, "choose one of far"),
    ],
)
def test_arguments_that_cannot_be_are_refused_at_once(mounted, given, said):
    with pytest.raises(ArgumentError, match=said):
        Navigator(**{"goal": (9.0, 0.0), "near": [mounted]} | given)


def test_a_wide_vehicle_goes_around_where_a_narrow_one_goes_through(mounted):
    """The same robot and the same walls; only what it is told of its width differs."""
    faces = wall(-6.0, 3.0, 5.2, -1.5, 0.0), wall(0.8, 3.0, 1.2, -1.5, 0.0)  # a gap of 1.6 m, and an end
    ways = []
    for width in (0.5, 1.2):
        robot = Robot(Navigator((6.0, 0.0), [mounted], vehicle=Vehicle(width=width)), faces)
        robot.drive(10)
        ways.append(robot.steps[-1].route.points)
    at_the_walls = [float(way[np.argmin(np.abs(way[:, 0] - 3.0)), 1]) for way in ways]
    assert abs(at_the_walls[0]) < 0.7
    assert abs(at_the_walls[1]) > 2.0


@pytest.mark.parametrize("track", [0.5, 1.0])
def test_without_a_gyroscope_the_track_of_the_vehicle_tells_how_wheels_turn_it(mounted, track):
    navigator = Navigator((20.0, 0.0), [mounted], vehicle=Vehicle(track=track))
    for frame in range(11):
        step = navigator.step(Images([(None, None)]), 0.1 * frame, wheels=Wheels(-0.1, 0.1))
    assert np.arctan2(step.pose[1, 0], step.pose[0, 0]) == pytest.approx(0.2 / track)


def test_it_closes_and_tells_in_a_line_what_it_is(mounted):
    with Navigator((20.0, 0.0), [mounted], [mounted.scaled(2.0)]) as navigator:
        robot = Robot(navigator)
        step = robot.drive(1)
    assert not navigator.loop._thread.is_alive()
    assert navigator.window == navigator.loop.window
    assert repr(navigator).startswith("Navigator(goal=(20.0, 0.0), vision='far', CostMap(")
    assert "FarLoop(1 x Driver(" in repr(navigator)
    assert "Route(" in repr(step.route)
    assert max(map(len, map(repr, (navigator, step, step.route, step.map)))) < 300
    assert Navigator((20.0, 0.0), [mounted]).window is None


def test_the_controller_by_its_old_name_is_there_with_a_warning(mounted):
    navigator = Navigator((20.0, 0.0), [mounted])
    with pytest.warns(DeprecationWarning, match="controller"):
        assert navigator.pilot is navigator.controller


def test_what_was_saved_goes_on_where_it_was(mounted, tmp_path):
    rigs = [mounted], [mounted.scaled(2.0)]
    first = Robot(Navigator((20.0, 0.0), *rigs, far_latency=0.1), [wall(-1.5, 5.0, 3.0, -1.5, 0.0)])
    first.drive(25)
    first.navigator.save(tmp_path / "drive.npz")
    second = Navigator((20.0, 0.0), *rigs, far_latency=0.1)
    second.load(tmp_path / "drive.npz")
    last = first.steps[-1]
    assert np.array_equal(second.map.costs(last.time), last.map.costs(last.time))
    assert second.anchor.to_odom((20.0, 0.0)) == pytest.approx(last.goal_odom)
    ours, theirs = (one.loop.learner.layer.weights for one in (first.navigator, second))
    assert np.array_equal(ours, theirs)
    step = second.step(Images(first.see([mounted])), last.time + 0.1)
    assert step.pose[:2, 3] == pytest.approx(last.pose[:2, 3], abs=0.05)


def test_another_file_is_refused_in_a_sentence(mounted, tmp_path):
    np.savez(tmp_path / "other.npz", pose=np.eye(4))
    with pytest.raises(DataError, match=r"other\.npz is no navigator's file"):
        Navigator((9.0, 0.0), [mounted]).load(tmp_path / "other.npz")


def test_its_state_is_arrays_by_name_and_its_old_name_of_the_localizer_warns(mounted):
    one, other = Navigator((9.0, 0.0), [mounted]), Navigator((9.0, 0.0), [mounted])
    one.anchor.east = 3.0
    arrays = one.state()
    assert {"pose", "anchor"} < set(arrays)
    assert all(isinstance(array, np.ndarray) for array in arrays.values())
    other.restore(arrays)
    assert other.anchor == one.anchor
    with pytest.raises(ValueError, match="the shape"):
        other.restore({**arrays, "pose": np.eye(3)})
    with pytest.warns(DeprecationWarning, match="Navigator.whereabouts is now called localizer"):
        assert one.whereabouts is one.localizer
